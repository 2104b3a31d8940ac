"""The rules' engine against the checker's step-by-step replay, and what must be true of rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from fordela.models.allocation import targets
from fordela.models.check import check
from fordela.models.errors import InputError
from fordela.models.holdings import holdings, largest_remainder, unwind
from fordela.models.instance import Instance
from fordela.models.norms import is_better, norm_value
from fordela.models.policy import IN_FORCE, NORMS, Policy
from fordela.solver.comparison import compare
from fordela.solver.queue import Line, shift_for
from fordela.solver.solve import solve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import instances, rules, scaled


@settings(max_examples=scaled(2500))
@given(instances(), rules(), st.integers(0, 3))
def test_engine_follows_the_rule(instance: Instance, policy: Policy, seed: int) -> None:
    result = solve(instance, policy, seed=seed)
    assert check(instance, result) == []


@settings(max_examples=scaled(300))
@given(instances(), rules())
def test_every_child_is_assigned_and_kinds_sum(instance: Instance, policy: Policy) -> None:
    counts = solve(instance, policy).counts
    kinds = zip(counts.kinship, counts.equalising, counts.willing, counts.valve, strict=True)
    assert [sum(k) for k in kinds] == list(counts.total)
    assert sum(counts.total) == sum(counts.owned) == len(instance.children)


@settings(max_examples=scaled(300))
@given(instances(capacities=False))
def test_nobody_outside_a_redistribution_notices_it(instance: Instance) -> None:
    """[O] 2.3.2: owners are as if nothing was handed over, and so are outsiders' children."""
    with_transfers = solve(instance, IN_FORCE).counts
    without = solve(instance, IN_FORCE.with_changes(scope="none")).counts
    assert with_transfers.credited == without.credited
    taking_part = {t.giver for t in instance.transfers} | {t.receiver for t in instance.transfers}
    for k, m in enumerate(instance.municipalities):
        if m.code not in taking_part:
            assert with_transfers.total[k] == without.total[k]


@settings(max_examples=60)
@given(instances(), st.permutations(range(5)))
def test_names_change_nothing_but_names(instance: Instance, names: list[int]) -> None:
    """Optimal values do not depend on which code a municipality has."""
    new = {m.code: f"9{names[k]:03d}" for k, m in enumerate(instance.municipalities)}
    renamed = replace(
        instance,
        municipalities=tuple(replace(m, code=new[m.code]) for m in instance.municipalities),
        children=tuple(
            replace(c, tie=None if c.tie is None else new[c.tie]) for c in instance.children
        ),
        transfers=tuple(
            replace(t, giver=new[t.giver], receiver=new[t.receiver]) for t in instance.transfers
        ),
        availability=tuple(replace(w, municipality=new[w.municipality]) for w in instance.availability),
    )
    policy = IN_FORCE.with_changes(name="o", rule="optimal")
    here = [o.value for o in solve(instance, policy, workers=1).objective]
    assert [o.value for o in solve(renamed, policy, workers=1).objective] == here


@settings(max_examples=scaled(120))
@given(instances(), rules())
def test_no_rule_beats_hindsight_at_equal_over_capacity(instance: Instance, policy: Policy) -> None:
    figures = compare(instance, [policy], workers=1).policies[0]
    for norm in NORMS:
        own, free = figures.own[norm], figures.unrestricted[norm]
        assert own.difference is not None
        assert free.difference is not None
        assert free.difference >= own.difference >= 0


def test_some_rule_is_beaten_by_hindsight() -> None:
    """So that the property above could fail."""
    beaten = 0

    @settings(max_examples=60)
    @given(instances())
    def run(instance: Instance) -> None:
        nonlocal beaten
        gap = compare(instance, [IN_FORCE], norms=("chi2",)).policies[0].own["chi2"]
        beaten += bool(gap.difference)

    run()
    assert beaten


@settings(max_examples=scaled(200))
@given(instances(siblings=False, capacities=False))
def test_midpoint_with_single_children_is_chi2_optimal(instance: Instance) -> None:
    """The theorem of section 3: also with a history; here without ties."""
    untied = replace(instance, children=tuple(replace(c, tie=None) for c in instance.children))
    rule = IN_FORCE.with_changes(signpost="midpoint", scope="none")
    value = norm_value("chi2", solve(untied, rule).counts.credited, targets(untied, rule))
    best = solve(untied, rule.with_changes(rule="optimal", levels=("deviation:chi2",)), workers=1)
    assert value == best.objective[0].value
    assert not is_better("deviation:chi2", best.objective[0].value, value)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**5)), min_size=2, max_size=30))
def test_keys_of_ratios_are_exact(ratios: list[tuple[int, int]]) -> None:
    shift = shift_for(10**5)
    keys = [(top << shift) // bottom for top, bottom in ratios]
    exact = [Fraction(top, bottom) for top, bottom in ratios]
    for a, x in zip(keys, exact, strict=True):
        for b, y in zip(keys, exact, strict=True):
            assert (a < b) == (x < y)
            assert (a == b) == (x == y)


def test_a_line_sees_ties_and_room() -> None:
    line = Line([5, 3, 3, None], [0, 2, 1, 3])
    pick = line.pick(lambda _: True)
    assert pick is not None
    assert (pick.member, pick.tied) == (2, True)
    pick = line.pick(lambda m: m != 2)
    assert pick is not None
    assert (pick.member, pick.tied) == (1, False)
    line.change(1, 9)
    pick = line.pick(lambda _: True)
    assert pick is not None
    assert (pick.member, pick.tied) == (0, False)


def test_largest_remainder_by_hand() -> None:
    # 7 seats for 5 : 3 : 1 → quotas 35/9, 21/9, 7/9 → 3, 2, 0 and remainders 8/9, 3/9, 7/9.
    assert largest_remainder([5, 3, 1], 7) == [4, 2, 1]
    assert largest_remainder([1, 1], 1) == [1, 0]
    assert largest_remainder([0, 0], 0) == [0, 0]


@given(instances(), st.integers(0, 50))
def test_unwinding_attributes_every_child(instance: Instance, children: int) -> None:
    ledger = holdings(instance, instance.transfers)
    for j, units in enumerate(ledger.effective):
        if units:
            assert sum(unwind(ledger, j, children).values()) == children


def test_lots_are_seeded_and_spread() -> None:
    from tests.test_textbook import textbook

    year = replace(textbook(), transfers=())
    policy = IN_FORCE.with_changes(tie="lot")
    third = Counter(
        solve(year, policy, seed=seed).allocation.assignments[4].owner for seed in range(60)
    )
    assert set(third) == {"0001", "0003", "0004"}
    assert min(third.values()) >= 8
    assert solve(year, policy, seed=5).allocation == solve(year, policy, seed=5).allocation


def test_a_valve_needs_a_forecast() -> None:
    from tests.test_textbook import textbook

    policy = IN_FORCE.with_changes(valve=Fraction(1))
    with pytest.raises(InputError, match="forecast"):
        solve(replace(textbook(), forecast=None), policy)
