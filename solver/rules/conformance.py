"""A test that any rule can be run through: does it keep to what a rule may see and do?"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from fordela.instances.arrivals import Siblings
from fordela.instances.generator import Parameters, generate
from fordela.models.check import check
from fordela.models.errors import FordelaError
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import Policy
from fordela.solver.engine import Run, run_rule
from fordela.solver.groups import MECHANISMS
from fordela.solver.rules.foresight import require_no_foresight
from fordela.solver.solve import solve

#: Seed of the years.
_SEED = 20_260


@dataclass(frozen=True, slots=True)
class Finding:
    """One demand on a rule, and whether it was met.

    Attributes
    ----------
    demand
        Name.
    years
        In how many years it was tried.
    problem
        The first violation, or nothing.
    """

    demand: str
    years: int
    problem: str = ""


def conformance(policy: Policy, tell: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """Run a policy's rule through small years of every kind and report on each demand.

    The years have capacities, siblings, ties, transfers, municipalities without a share, dates, a
    valve; under both mechanisms.

    Parameters
    ----------
    policy
        With the rule.
    tell
        Called with the demand that is tried.

    Returns
    -------
    list
        One finding for every demand that was tried; the rule conforms if none has a problem. A rule
        that does not answer is not tried further.

    Raises
    ------
    InputError
        If there is no such rule.
    """
    demands: dict[str, Callable[[Instance, Policy], str]] = {
        "answers every case with a municipality that can be chosen": _answers,
        "ties, siblings, capacities and figures hold up to the checker": _checked,
        "sees no child who has not come": _no_future,
        "gives the same answers under the same seed": _deterministic,
        "is not changed by the years it was asked before": _forgets,
    }
    findings = []
    for demand, test in demands.items():
        tell(demand)
        problem, number = "", 0
        for year, changed in _years(policy):
            number += 1
            try:
                problem = test(year, changed)
            except FordelaError as error:
                problem = str(error)
            if problem:
                problem = f"{year.name}, {changed.counting.mechanism}: {problem}"
                break
        findings.append(Finding(demand, number, problem))
        if problem and test is _answers:
            break  # the other demands would only say the same
    return findings


def _years(policy: Policy) -> Iterator[tuple[Instance, Policy]]:
    base = Parameters("base", 2026, municipalities=14, children=60, history=300, seed=_SEED)
    plain = generate(base)
    first, second, third = (m.code for m in plain.municipalities[:3])
    share = {m.code: m.share for m in plain.municipalities}
    given = (Transfer(first, third, share[first]), Transfer(second, third, share[second] // 2))
    empty = tuple(replace(m, share=0 if m.code == first else m.share) for m in plain.municipalities)
    rest = replace(empty[1], share=empty[1].share + share[first])
    years = [
        plain,
        generate(replace(base, name="siblings", siblings=Siblings((2, 3, 3, 1)), kinship=0.4)),
        generate(replace(base, name="capacities", capacity=1.0)),
        generate(replace(base, name="nobody-has-room", capacity=0.0, kinship=0.3)),
        plain.with_changes(name="transfers", transfers=given),
        plain.with_changes(name="no-share", municipalities=(empty[0], rest, *empty[2:])),
        generate(replace(base, name="nobody-tied", kinship=0.0)),
        generate(replace(base, name="all-tied", kinship=1.0)),
        generate(replace(base, name="no-children", children=0)).with_changes(forecast=60),
        generate(replace(base, name="one-municipality", municipalities=1)),
    ]
    for year in years:
        for mechanism in MECHANISMS:
            yield year, policy.with_changes(mechanism=mechanism, scope="decided")
    yield plain.with_changes(name="valve", forecast=30), policy.with_changes(valve=1, scope="decided")


def _run(year: Instance, policy: Policy) -> Run:
    return run_rule(year, policy, year.transfers, _SEED)


def _answers(year: Instance, policy: Policy) -> str:
    _run(year, policy)
    return ""


def _checked(year: Instance, policy: Policy) -> str:
    violations = check(year, solve(year, policy, seed=_SEED))
    return str(violations[0]) if violations else ""


def _no_future(year: Instance, policy: Policy) -> str:
    run = _run(year, policy)
    for cut in range(1, len(year.cases) + 1, 5):
        require_no_foresight(year, policy, year.transfers, _SEED, run, cut=cut)
    return ""


def _deterministic(year: Instance, policy: Policy) -> str:
    first = _run(year, policy)
    # What is drawn from the generators that all programs share must have no influence.
    random.seed(_SEED + 1)
    np.random.seed(_SEED + 1)
    return _difference(first, _run(year, policy), "asked twice with the same seed")


def _forgets(year: Instance, policy: Policy) -> str:
    first = _run(year, policy)
    other = generate(Parameters("other", 2026, municipalities=5, children=30, seed=_SEED + 1))
    _run(other, policy)
    return _difference(first, _run(year, policy), "asked again after another year")


def _difference(first: Run, second: Run, when: str) -> str:
    pairs = zip(first.allocation.assignments, second.allocation.assignments, strict=True)
    for before, after in pairs:
        if before != after:
            return f"case {before.case}: {before.bearer}, but {after.bearer} when {when}"
    return ""
