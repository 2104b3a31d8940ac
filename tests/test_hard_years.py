"""Tiny years in which nothing is round, against brute force; the checker looks at every answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import load_policy
from fordela.models.check import check
from fordela.models.errors import FordelaError, InconsistencyError, InfeasibleError
from fordela.models.instance import Instance, Transfer
from fordela.models.levels import stack
from fordela.models.placement.outcome import PlacementResult
from fordela.models.placement.stack import joint_stack
from fordela.models.policy import IN_FORCE, Policy
from fordela.models.program import Linear, Program
from fordela.models.result import LevelResult, Result, Status
from fordela.solver.backends import Answer, Limits
from fordela.solver.backends.highs import Highs
from fordela.solver.brute_force import best_of, prices_of, stack_values
from fordela.solver.optimal import optimal_allocation, rule_bearers
from fordela.solver.placement.brute_force import joint_values
from fordela.solver.placement.place import place
from fordela.solver.redistribution.decide import redistribute
from fordela.solver.solve import solve

from tests.hard_years import hard_joint, hard_stack, hard_year

DATA = Path(__file__).parent / "data" / "defects"
BACKENDS = ("highs", "cp-sat", "cbc")


def faults_of_stack(number: int, backend: str) -> list[str]:
    """What is wrong with the optimum of a year; nothing where it is too large for brute force."""
    year, policy = hard_year(number), hard_stack(number)
    transfers = redistribute(year, policy).transfers
    try:
        seen = stack_values(year, policy, transfers, rule_bearers(year), 3_000)
    except FordelaError:
        return []
    try:
        made = solve(year, policy, backend=backend, workers=1)
    except InfeasibleError:
        return ["called infeasible"] if seen else []
    faults = [] if seen else ["is infeasible"]
    return faults + _faults(stack(policy, transfers), seen, made.objective) + _refused(made)


def faults_of_joint(number: int, backend: str) -> list[str]:
    """What is wrong with the joint placement of a year, as above."""
    year, policy = hard_year(number, homes=True), hard_joint(number)
    transfers = redistribute(year, policy).transfers
    try:
        seen = joint_values(year, policy, transfers)
    except ValueError:
        return []
    try:
        made = place(year, policy, "joint", backend=backend, workers=1)
    except InfeasibleError:
        return ["called infeasible"] if seen else []
    faults = [] if seen else ["is infeasible"]
    return faults + _faults(joint_stack(policy, transfers), seen, made.objective) + _refused(made)


def _faults(levels: tuple[str, ...], seen: set, objective: tuple[LevelResult, ...]) -> list[str]:  # type: ignore[type-arg]
    faults = []
    best = best_of(levels, seen)
    if tuple(o.value for o in objective) != best:
        faults.append(f"{[(o.level, str(o.value)) for o in objective]}, not {best}")
    # Where values lie nearer to each other than an engine can tell, no proof is claimed.
    unproven = [o.level for o in objective if o.status is not Status.OPTIMAL]
    if unproven:
        faults.append(f"not proven: {unproven[0]}")
    for here, price in zip(objective, prices_of(levels, seen), strict=False):
        if here.price != price and not (here.price is None and unproven):
            faults.append(f"price of {here.level}: {here.price}, not {price}")
    return faults


def _refused(made: Result | PlacementResult) -> list[str]:
    instance = made.instance
    return [str(violation) for violation in check(instance, made)]


@pytest.mark.parametrize("backend", ["highs", "cp-sat"])
def test_hard_years(backend: str) -> None:
    """The first ones, and some that went wrong: prices, and steps too fine for CP-SAT's presolve."""
    for number in (*range(12), 1133):
        assert faults_of_stack(number, backend) == [], number
    for number in (*range(12), 170, 253, 258, 273, 361):
        assert faults_of_joint(number, backend) == [], number


@pytest.mark.thorough
@pytest.mark.parametrize(("backend", "years"), [("highs", 1500), ("cp-sat", 1500), ("cbc", 150)])
def test_many_hard_years(backend: str, years: int) -> None:
    for number in range(years):
        assert faults_of_stack(number, backend) == [], number
        assert faults_of_joint(number, backend) == [], number


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["hang", "tol-22003145", "cbc-12001331"])
def test_years_that_went_wrong(name: str, backend: str) -> None:
    """An endless search, and tolerances that were too large or not kept."""
    year, policy = _defect(name)
    made = solve(year, policy, backend=backend, workers=1)
    transfers = redistribute(year, policy).transfers
    seen = stack_values(year, policy, transfers)
    assert _faults(stack(policy, transfers), seen, made.objective) + _refused(made) == []


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["inf-2002223", "price"])
def test_joint_years_that_went_wrong(name: str, backend: str) -> None:
    """Called infeasible though nobody must have a home, and a price of what costs nothing."""
    for policy in {_defect(name)[1], IN_FORCE}:
        year = _defect(name)[0]
        made = place(year, policy, "joint", backend=backend, workers=1)
        transfers = redistribute(year, policy).transfers
        seen = joint_values(year, policy, transfers)
        assert _faults(joint_stack(policy, transfers), seen, made.objective) + _refused(made) == []


def _defect(name: str) -> tuple[Instance, Policy]:
    folder = DATA / name
    own = folder / "policy.toml"
    shipped = load_policy("optimal" if name.startswith("cbc") else "in-force")
    return load_instance(str(folder)), load_policy(str(own)) if own.exists() else shipped


def test_continuity_where_nobody_wishes() -> None:
    year = load_instance("textbook").with_changes(
        transfers=(), transfers_last_year=(Transfer("0003", "0004", 100),)
    )
    policy = IN_FORCE.with_changes(scope="national")
    levels = ("granted", "continuity")
    policy = replace(policy, redistribution=replace(policy.redistribution, levels=levels))
    made = redistribute(year, policy)
    (continuity,) = [o for o in made.objective if o.level == "continuity"]
    assert continuity.value == continuity.bound == Fraction(1)
    assert continuity.status is Status.OPTIMAL
    assert check(year, made) == []


class Stubborn(Highs):
    """An engine that gives its first answer again, whatever it is asked, and calls it optimal."""

    def __init__(self) -> None:
        self.first: list[int] = []

    def solve(self, program: Program, limits: Limits, start: Sequence[int] | None = None) -> Answer:
        if not self.first:
            dearest = Linear({v: -1 for v in range(len(program.lowers)) if v % 2})
            self.first = super().solve(replace(program, objective=dearest), limits).values or []
        more = [0] * (len(program.lowers) - len(self.first))
        return Answer(Status.OPTIMAL, [*self.first, *more], 0.0, 0.0)


@pytest.mark.parametrize("norm", ["linf", "min-fulfilment", "max-fulfilment"])
def test_a_search_without_progress_says_so(norm: str) -> None:
    year = load_instance("textbook")
    policy = IN_FORCE.with_changes(rule="optimal", levels=(f"deviation:{norm}", "unplaced"))
    with pytest.raises(InconsistencyError, match="makes no progress"):
        optimal_allocation(year, policy, year.transfers, Stubborn(), Limits(workers=1))
