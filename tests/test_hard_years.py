"""Tiny years in which nothing is round, against brute force; the checker looks at every answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import load_policy
from fordela.models.allocation import Allocation
from fordela.models.check import check
from fordela.models.errors import FordelaError, InconsistencyError, InfeasibleError
from fordela.models.instance import Instance, Transfer
from fordela.models.levels import Outcome, level_value, stack
from fordela.models.norms import Value, is_better, precedes
from fordela.models.placement.outcome import Placement, PlacementResult, placement_levels
from fordela.models.placement.stack import (
    is_allocation_level,
    joint_stack,
    optimal_twin,
    placement_stack,
)
from fordela.models.policy import IN_FORCE, Policy
from fordela.models.program import Linear, Program
from fordela.models.result import LevelResult, Result, Status
from fordela.report.placement_tables import placement_tables
from fordela.report.texts import Words
from fordela.solver.backends import Answer, Limits
from fordela.solver.backends.highs import Highs
from fordela.solver.brute_force import best_of, prices_of, stack_values
from fordela.solver.optimal import optimal_allocation, rule_bearers
from fordela.solver.placement.brute_force import best_placement, joint_values
from fordela.solver.placement.comparison import figures_of, placements
from fordela.solver.placement.given import Engine
from fordela.solver.placement.joint import place_jointly
from fordela.solver.placement.place import place
from fordela.solver.placement.relaxations import relaxed
from fordela.solver.redistribution.brute_force import best_redistributions
from fordela.solver.redistribution.decide import redistribute
from fordela.solver.solve import solve

from tests.hard_years import hard_joint, hard_market, hard_stack, hard_year
from tests.test_placement import enough

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


def faults_of_market(number: int, backend: str) -> list[str]:
    """What is wrong with the redistribution of a year."""
    year, policy = hard_market(number)
    best, _ = best_redistributions(year, policy)
    made = redistribute(year, policy, backend=backend, workers=1)
    found = tuple(o.value for o in made.objective)
    faults = [] if found == best else [f"{found}, not {best}"]
    faults += [f"not proven: {o.level}" for o in made.objective if o.status is not Status.OPTIMAL]
    return faults + [str(violation) for violation in check(year, made)]


def faults_of_stopped(number: int, solved: int) -> list[str]:
    """What is wrong with a joint placement whose engine gives nothing after some programs."""
    year, policy = hard_year(number, homes=True), hard_joint(number)
    transfers = redistribute(year, policy).transfers
    levels = joint_stack(policy, transfers)
    try:
        seen = joint_values(year, policy, transfers)
        start = place(year, policy, workers=1, prices=False)
    except (ValueError, InfeasibleError):
        return []
    known = _worth(levels, year, policy, transfers, start.result.allocation, start.placements)
    if known not in seen:
        return []  # the rule may do what a joint placement may not
    engine = Engine(Stopping(solved), Limits(workers=1))
    made = place_jointly(year, policy, transfers, engine, start=start)
    homes = [Placement(c.child, c.case, None, made.choices[c.case].place) for c in year.children]
    bearers = {a.child: a.bearer for a in made.allocation.assignments}
    homes = [replace(home, responsible=bearers[home.child]) for home in homes]
    values = tuple(o.value for o in made.objective)
    faults = [] if values in seen else [f"not allowed: {values}"]
    if values != _worth(levels, year, policy, transfers, made.allocation, homes):
        faults.append("not what the decisions are worth")
    if precedes(levels, known, values):
        faults.append(f"{values} is worse than {known}")
    for k, (level, claim) in enumerate(zip(levels, made.objective, strict=True)):
        here = {v[k : k + 1] for v in seen if v[:k] == values[:k]}
        least = best_of((level,), here)
        assert least is not None
        optimal = claim.status is Status.OPTIMAL
        if (optimal and claim.value != least[0]) or _exceeds(level, claim.bound, least[0]):
            faults.append(f"{level}: {claim}, not {least[0]}")
    return faults


def _exceeds(level: str, bound: Value | None, least: Value) -> bool:
    """Whether a bound is better for what it bounds than the least value is."""
    if isinstance(bound, tuple) and isinstance(least, tuple):
        return is_better(level, least[: len(bound)], bound)
    if bound is None or isinstance(bound, tuple) or isinstance(least, tuple):
        return False
    return least < bound


def _worth(
    levels: Sequence[str],
    year: Instance,
    policy: Policy,
    transfers: tuple[Transfer, ...],
    allocation: Allocation,
    homes: Sequence[Placement],
) -> tuple[Value, ...]:
    outcome = Outcome.of(year, optimal_twin(policy, transfers), transfers, allocation.assignments)
    at_homes = placement_levels(year, policy, homes)
    return tuple(level_value(x, outcome) if is_allocation_level(x) else at_homes[x] for x in levels)


class Stopping(Highs):
    """An engine whose time is up after some programs."""

    def __init__(self, left: int) -> None:
        self.left = left

    def solve(self, program: Program, limits: Limits, start: Sequence[int] | None = None) -> Answer:
        self.left -= 1
        if self.left < 0:
            return Answer(Status.UNKNOWN, None, None, 0.0)
        return super().solve(program, limits, start)


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
    """The first ones, and some that went wrong.

    Prices; steps too fine for CP-SAT's presolve (1133, 1350), or so coarse that nothing was proven
    (3919); an infeasible program that ends HiGHS's presolve in an error (3485).
    """
    for number in (*range(12), 1133, 1350):
        assert faults_of_stack(number, backend) == [], number
    for number in (*range(12), 170, 253, 258, 273, 361, 3485, 3919, 4112):
        assert faults_of_joint(number, backend) == [], number
    for number in range(15):
        assert faults_of_market(number, backend) == [], number


@pytest.mark.parametrize("solved", [0, 1, 2, 4, 7])
def test_stopped_it_is_never_worse_than_sequential(solved: int) -> None:
    for number in (*range(16), 185, 6271):
        assert faults_of_stopped(number, solved) == [], number


@pytest.mark.thorough
def test_many_that_are_stopped() -> None:
    for number in range(600):
        for solved in range(16):
            assert faults_of_stopped(number, solved) == [], (number, solved)


@pytest.mark.thorough
@pytest.mark.parametrize(("backend", "years"), [("highs", 1500), ("cp-sat", 1500), ("cbc", 150)])
def test_many_hard_years(backend: str, years: int) -> None:
    for number in range(years):
        assert faults_of_stack(number, backend) == [], number
        assert faults_of_joint(number, backend) == [], number
        assert faults_of_market(number, backend) == [], number


def test_the_smallest_change_where_other_levels_come_first() -> None:
    """Everybody can have a home after it, and no fewer places are enough."""
    sizes: list[int] = []
    for number in range(80):
        year, policy = hard_year(number, homes=True), hard_joint(number)
        levels = placement_stack(policy)
        if "unplaced" not in levels or levels[0] == "unplaced":
            continue
        made = place(year, policy, workers=1)
        first = ("unplaced", *(x for x in levels if x != "unplaced"))
        by_homes = replace(policy, placement=replace(policy.placement, levels=first))
        responsible = {p.case: str(p.responsible) for p in made.placements}
        for found in made.relaxations:
            best = best_placement(relaxed(year, found), by_homes, responsible)
            assert best is not None
            assert best[0] == found.left, number
            if found.places or not found.agreements:
                sizes.append(found.size)
                reordered = replace(made, policy=by_homes)
                assert not found.proven or not found.size or not enough(reordered, found.size - 1)
        table = " ".join(
            str(x) for x in placement_tables([figures_of(made)], "sequential", Words("en"))
        )
        assert ("levels before 'unplaced'" in table) == bool(made.unplaced)
    assert len(sizes) > 5
    assert max(sizes) > 1


@pytest.mark.parametrize("language", ["en", "sv"])
def test_no_change_where_only_the_order_of_levels_leaves_somebody(language: str) -> None:
    year, policy = _defect("price")
    levels = ("outside-own-municipality", "unplaced")
    policy = replace(policy, placement=replace(policy.placement, levels=levels))
    made = place(year, policy, workers=1)
    (change,) = made.relaxations
    assert (made.unplaced, change.size) == (1, 0)
    shown = [str(x) for x in placement_tables([figures_of(made)], "sequential", Words(language))]
    assert Words(language)("no_change_needed") in shown


@pytest.mark.parametrize("language", ["en", "sv"])
def test_what_is_not_proven_is_no_finding(language: str) -> None:
    """Neither in the sentence on joint and sequential nor in the row of what is known."""
    words, year = Words(language), hard_year(8, homes=True)
    found = placements(year, IN_FORCE, "joint", workers=1)
    open_now = [
        replace(f, made=replace(f.made, status=Status.FEASIBLE)) if f.made.mode == "joint" else f
        for f in found
    ]
    for modes, so_far in ((found, False), (open_now, True)):
        shown = list(placement_tables(modes, "joint", words))
        text = " ".join(x for x in shown if isinstance(x, str))
        table = next(x for x in shown if not isinstance(x, str))
        cells = [str(cell) for column in table.columns for cell in column.cells]
        assert (words("found_so_far") in cells) == so_far
        start = words("joint_gain_so_far").split(":")[0]
        assert (start in text) == so_far


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
@pytest.mark.parametrize("name", ["inf-2002223", "price", "joint-cbc"])
def test_joint_years_that_went_wrong(name: str, backend: str) -> None:
    """Called infeasible though nobody must have a home, a price of what costs nothing, no proof."""
    for policy in {_defect(name)[1], IN_FORCE}:
        year = _defect(name)[0]
        made = place(year, policy, "joint", backend=backend, workers=1)
        assert made.status is Status.OPTIMAL
        transfers = redistribute(year, policy).transfers
        seen = joint_values(year, policy, transfers)
        assert _faults(joint_stack(policy, transfers), seen, made.objective) + _refused(made) == []


def _defect(name: str) -> tuple[Instance, Policy]:
    folder = DATA / name
    own = folder / "policy.toml"
    shipped = load_policy("optimal" if name.startswith("cbc") else "in-force")
    return load_instance(str(folder)), load_policy(str(own)) if own.exists() else shipped


def test_the_year_ly() -> None:
    """Nobody wishes, so a transfer of last year cannot go on: 1 by hand, and by trying all."""
    year, policy = _defect("ly")
    made = redistribute(year, policy)
    (continuity,) = made.objective
    assert made.transfers == ()
    assert (continuity.value, continuity.bound) == (Fraction(1), Fraction(1))
    assert continuity.status is Status.OPTIMAL
    assert check(year, made) == []
    worth, _ = best_redistributions(year, policy)
    assert worth == (continuity.value,)


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
