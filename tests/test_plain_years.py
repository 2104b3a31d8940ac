"""Lowest fulfilment over many years at once against the engine, case by case."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.random_years import ArrivalModel, Drawer, Years
from fordela.models.allocation import count
from fordela.models.instance import Instance
from fordela.models.policy import IN_FORCE, Policy
from fordela.solver.engine import run_rule
from fordela.solver.simulation.plain import PlainRule, is_plain
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import instances, scaled

RULES = st.builds(
    lambda **changes: IN_FORCE.with_changes(name="rule", **changes),
    basis=st.sampled_from(["history", "year"]),
    mechanism=st.sampled_from(["owner-bearer", "effective-share"]),
    signpost=st.sampled_from(["before", "midpoint", "after"]),
    tie=st.sampled_from(["code", "largest-share"]),
)


def as_years(years: list[Instance]) -> Years:
    """Several years of the same municipalities as one block."""
    index = {m.code: k for k, m in enumerate(years[0].municipalities)}
    cases = [(c.size, -1 if c.tie is None else index[c.tie]) for y in years for c in y.cases]
    start = np.cumsum([0, *(len(y.cases) for y in years)])
    size = np.array([s for s, _ in cases], np.int64)
    tie = np.array([t for _, t in cases], np.int64)
    numbers = tuple(range(len(years)))
    return Years(numbers, start, size, tie, np.zeros_like(size), np.zeros(len(years), bool))


def same_as_the_engine(years: list[Instance], policy: Policy) -> None:
    base = years[0]
    block = as_years(years)
    found = PlainRule(base, policy, base.transfers).run(block)
    codes = [m.code for m in base.municipalities]
    for row, year in enumerate(years):
        run = run_rule(year, policy, base.transfers)
        first = {a.case: a for a in run.allocation.assignments}
        span = slice(block.start[row], block.start[row + 1])
        assert [first[c.case].bearer for c in year.cases] == [codes[k] for k in found.bearer[span]]
        if policy.counting.mechanism == "owner-bearer":
            assert [first[c.case].owner for c in year.cases] == [codes[k] for k in found.owner[span]]
        assert run.tied_decisions == found.tied_decisions[row]
        counts = count(year, policy, run.allocation.assignments)
        for kind in ("kinship", "equalising", "on_transferred_share", "total"):
            assert list(getattr(counts, kind)) == getattr(found, kind)[row].tolist()


@settings(max_examples=scaled(600))
@given(st.lists(instances(capacities=False), min_size=1, max_size=4), RULES, st.randoms())
def test_every_decision_is_the_engines(years: list[Instance], policy: Policy, random: Random) -> None:
    base = years[0]
    if not any(m.share for m in base.municipalities):
        return
    known = [m.code for m in base.municipalities]
    played = [base]
    for year in years[1:]:  # other children, the same municipalities
        children = tuple(
            replace(c, tie=None if c.tie is None else random.choice(known)) for c in year.children
        )
        ties = {c.case: c.tie for c in children}
        children = tuple(replace(c, tie=ties[c.case]) for c in children)
        played.append(base.with_changes(children=children))
    same_as_the_engine(played, policy)


@pytest.mark.parametrize("name", ["sweden-2025", "sweden-2026-national"])
@pytest.mark.parametrize("mechanism", ["owner-bearer", "effective-share"])
@pytest.mark.parametrize("signpost", ["before", "midpoint"])
def test_sweden(name: str, mechanism: str, signpost: str) -> None:
    base = load_instance(name)
    policy = IN_FORCE.with_changes(mechanism=mechanism, signpost=signpost)
    years = Drawer(base, ArrivalModel(), "plain").instances(range(8))
    same_as_the_engine([base, *years], policy)


def test_what_is_not_plain() -> None:
    year = load_instance("sweden-2025")
    assert is_plain(year, IN_FORCE)
    for changes in ({"valve": Fraction(1)}, {"tie": "lot"}, {"rule": "willing-first"}):
        assert not is_plain(year, IN_FORCE.with_changes(**changes))
    first = replace(year.municipalities[0], capacity=3)
    capped = year.with_changes(municipalities=(first, *year.municipalities[1:]))
    assert not is_plain(capped, IN_FORCE)
