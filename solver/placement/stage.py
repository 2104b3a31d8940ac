"""A joint placement on its way: models in which some levels are held, and the next level taken.

The counts of section 5 and those of section 8 are variables of one program. Parts of the year in
which no municipality is to be chosen stand apart: their levels only add to those of the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from fordela.models.formulation.evaluate import evaluate
from fordela.models.formulation.model import AllocationModel
from fordela.models.formulation.placement import Borne, PlacementModel, build_placement
from fordela.models.instance import Instance, Transfer
from fordela.models.norms import Value, is_better
from fordela.models.placement.problem import PlacementProblem, Reach, placement_problem
from fordela.models.placement.stack import is_allocation_level
from fordela.models.policy import Policy
from fordela.models.program import Linear
from fordela.models.result import LevelResult, Status
from fordela.solver.bounds import is_settled
from fordela.solver.placement.components import components
from fordela.solver.placement.given import Engine, place_parts
from fordela.solver.placement.housed import total
from fordela.solver.placement.lexicographic import Placed, Reached, hold, one_level
from fordela.solver.search import Search, hold_linear


class StuckError(Exception):
    """No solution of a level: none exists, or none was found in time."""

    def __init__(self, *, infeasible: bool) -> None:
        super().__init__("infeasible" if infeasible else "out of time")
        self.infeasible = infeasible


@dataclass(frozen=True)
class JointYear:
    """What does not change while levels are taken.

    Attributes
    ----------
    policy, twin
        The policy that was asked for, and the one whose optimum the municipalities are.
    levels
        Levels of section 5 and of section 8, in their order.
    split
        Groups of homes that must be told apart, because siblings do not fit into each of them.
    floors
        Values that a level cannot be below: of ``unplaced`` whatever is held, of a level of section 5
        while those before it are at theirs.
    """

    instance: Instance
    policy: Policy
    twin: Policy
    transfers: tuple[Transfer, ...]
    levels: tuple[str, ...]
    reach: Reach
    engine: Engine
    split: frozenset[int] = frozenset()
    floors: Mapping[str, Value] = field(default_factory=dict)

    @property
    def home_levels(self) -> tuple[str, ...]:
        """Levels of section 8."""
        return tuple(x for x in self.levels if not is_allocation_level(x))

    @property
    def search(self) -> Search:
        """Search for the levels of section 5."""
        return Search(self.engine.backend, self.engine.limits, self.engine.report)


@dataclass(frozen=True)
class Apart:
    """Parts of a year without any municipality to choose."""

    parts: tuple[PlacementProblem, ...]
    engine: Engine
    _known: dict[tuple[str, ...], Placed] = field(default_factory=dict)

    def placed(self, levels: Sequence[str]) -> Placed:
        """Place them, level by level; equal questions are asked once.

        Raises
        ------
        StuckError
            If they cannot be placed.
        """
        key = tuple(levels)
        for known, placed in self._known.items():
            if known[: len(key)] == key:
                return replace(placed, reached=placed.reached[: len(key)])
        placed = place_parts(self.parts, key, self.engine)
        fewer = [known for known in self._known if key[: len(known)] == known]
        if fewer and self.parts:
            before = self._known[max(fewer, key=len)]
            worth = [r.value for r in before.reached]
            # With less time left it may come out worse at the levels that were taken before.
            if not placed.reached or [r.value for r in placed.reached[: len(worth)]] > worth:
                placed = _extended(before, key)
        if self.parts and not placed.reached:
            raise StuckError(infeasible=placed.infeasible)
        self._known[key] = placed
        return placed


def _extended(placed: Placed, levels: Sequence[str]) -> Placed:
    """Return the same homes, with what they are worth at more levels; nothing is proven of these."""
    values = total(placed.choices, levels)
    more = [
        Reached(level, value, 0, Status.FEASIBLE) for level, value in zip(levels, values, strict=True)
    ]
    return replace(placed, reached=(*placed.reached, *more[len(placed.reached) :]))


@dataclass(frozen=True)
class Stage:
    """Models in which some levels are held.

    Attributes
    ----------
    homes
        The homes on the same variables, None while no level needed them.
    values
        The last solution; one that was found before there were homes has no value for them.
    done
        Levels taken, in the order in which they were.
    at_homes
        Levels of section 8 that are held, in that order: the parts that stand apart hold them too.
    """

    allocation: AllocationModel
    homes: PlacementModel | None = None
    apart: Apart | None = None
    values: list[int] | None = None
    done: tuple[LevelResult, ...] = ()
    at_homes: tuple[str, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether every level so far is."""
        return all(r.status is Status.OPTIMAL for r in self.done)

    @property
    def is_housed(self) -> bool:
        """Whether the last solution has homes in it."""
        if self.homes is None or self.values is None:
            return False
        counts = (self.homes.placed, self.homes.homeless, self.homes.adrift)
        last = max((v for kind in counts for x in kind.values() for v in x.terms), default=-1)
        return len(self.values) > last


@dataclass(frozen=True)
class Climb:
    """The stack as far as it came.

    Attributes
    ----------
    before
        The stage before each level.
    first
        Whether the levels of section 5 were taken first, without homes.
    """

    stage: Stage
    before: Mapping[str, Stage]
    first: bool


def worth(stage: Stage) -> dict[str, Value]:
    """Value by level taken."""
    return {r.level: r.value for r in stage.done}


def joint_problem(instance: Instance, reach: Reach, candidates: Sequence[int]) -> PlacementProblem:
    """Pose a year in which cases without a tie may go to any of the candidates."""
    tied = {c.case: reach.index[c.tie] for c in instance.cases if c.tie is not None}
    return placement_problem(reach, instance.cases, tied, candidates)


def with_homes(year: JointYear, stage: Stage) -> Stage:
    """Add the homes to the program, but for the parts of the year that have nothing to choose."""
    if stage.homes is not None:
        return stage
    allocation = stage.allocation.fork()
    problem = joint_problem(year.instance, year.reach, allocation.possible_bearers).split(year.split)
    parts = components(problem)
    apart = tuple(p for p in parts if all(kind.responsible >= 0 for kind in p.types))
    away = {case.case for part in apart for case in part.cases}
    kinds = tuple(kind for kind in problem.types if kind.cases[0].case not in away)
    homes = build_placement(replace(problem, types=kinds), allocation.builder, borne_of(allocation))
    return replace(stage, allocation=allocation, homes=homes, apart=Apart(apart, year.engine))


def borne_of(model: AllocationModel) -> Borne:
    """Cases without a tie that each municipality bears, by size."""
    parts: dict[tuple[int, int], list[tuple[int, Linear]]] = defaultdict(list)
    for (size, _, j), count in model.borne_parts.items():
        parts[size, j].append((1, count))
    return {key: Linear.of(*counts) for key, counts in parts.items()}


def take_level(year: JointYear, stage: Stage, level: str) -> Stage:
    """Optimise a level given what is held, and hold it.

    Raises
    ------
    StuckError
        If there is no solution, and was none before.
    """
    year.engine.report(level)
    if is_allocation_level(level):
        return _allocation_level(year, stage, level)
    return _home_level(year, with_homes(year, stage), level)


def _allocation_level(year: JointYear, stage: Stage, level: str) -> Stage:
    if stage.is_housed and stage.values is not None and _has_floor(year, stage, level):
        reached = evaluate(stage.allocation, level, stage.values)
        if reached == year.floors[level] and isinstance(reached, Fraction):
            return _already(stage, level, reached)
    found = replace(year.search, start=stage.values).level(stage.allocation, level)
    values, value, bound, status = found.values, found.value, found.bound, found.status
    # Found before there were homes, the last solution may not be one of what is held with them.
    if stage.values is None or (stage.homes is not None and not stage.is_housed):
        if values is None or value is None:
            raise StuckError(infeasible=found.status is Status.INFEASIBLE)
    elif values is None or value is None or not _is_kept(stage, level, values):
        # The last solution stays where none was found, or one that is worse.
        values = stage.values
        value = evaluate(stage.allocation, level, values)
        if bound is not None and is_better(level, value, bound):
            bound = value
        if isinstance(value, tuple) or isinstance(bound, tuple):
            status = Status.FEASIBLE
        else:
            settled = is_settled(value, bound, found.tolerance)
            status = Status.OPTIMAL if settled else Status.FEASIBLE
    proven = stage.is_proven and status is Status.OPTIMAL
    result = LevelResult(
        level, value, bound, Status.OPTIMAL if proven else Status.FEASIBLE, None,
        found.exact, found.tolerance, found.certificate,
    )  # fmt: skip
    homes = None if stage.homes is None else replace(stage.homes, builder=found.held.builder)
    done = (*stage.done, result)
    return replace(stage, allocation=found.held, homes=homes, values=values, done=done)


def _is_kept(stage: Stage, level: str, values: Sequence[int]) -> bool:
    """Whether a solution is as good at a level as the last one, and keeps all levels before."""
    if any(is_better(r.level, r.value, _value(stage, r.level, values)) for r in stage.done):
        return False
    if stage.values is None or (not is_allocation_level(level) and not stage.is_housed):
        return True
    last, now = _value(stage, level, stage.values), _value(stage, level, values)
    return not is_better(level, last, now)


def _value(stage: Stage, level: str, values: Sequence[int]) -> Value:
    """Value of a level at a solution, with the parts that stand apart."""
    if is_allocation_level(level):
        return evaluate(stage.allocation, level, values)
    assert stage.homes is not None
    assert stage.apart is not None
    here = stage.homes.levels[level].whole(values)
    held = stage.at_homes
    if level in held:
        apart = stage.apart.placed(held[: held.index(level) + 1]).reached
        here += apart[-1].value if apart else 0
    return Fraction(here)


def _has_floor(year: JointYear, stage: Stage, level: str) -> bool:
    """Whether the level's value without homes is a bound here: the levels before it are at theirs."""
    if level not in year.floors or level.startswith("deviation:"):
        return False
    taken = {r.level: r.value for r in stage.done if is_allocation_level(r.level)}
    before = year.twin.optimal.levels[: year.twin.optimal.levels.index(level)]
    return taken == {x: year.floors.get(x) for x in before}


def _already(stage: Stage, level: str, value: Fraction) -> Stage:
    """Hold a level that the last solution has at its bound: nothing is left to search for."""
    status = Status.OPTIMAL if stage.is_proven else Status.FEASIBLE
    result = LevelResult(level, value, value, status)  # not exact: the bound may be an engine's
    allocation = hold_linear(stage.allocation, level, value)
    homes = None if stage.homes is None else replace(stage.homes, builder=allocation.builder)
    return replace(stage, allocation=allocation, homes=homes, done=(*stage.done, result))


def _home_level(year: JointYear, stage: Stage, level: str) -> Stage:
    assert stage.homes is not None
    assert stage.apart is not None
    objective = stage.homes.levels[level]
    floor = year.floors.get(level)
    apart = stage.apart.placed((*stage.at_homes, level)).reached
    more = apart[-1] if apart else None
    if isinstance(floor, Fraction) and objective.terms:
        # Told what cannot be beaten, an engine stops as soon as it is there.
        allocation = stage.allocation.fork()
        least = max(0, int(floor) - (more.value if more else 0))
        allocation.builder.require(objective, lower=least)
        homes = replace(stage.homes, builder=allocation.builder)
        stage = replace(stage, allocation=allocation, homes=homes)
    assert stage.homes is not None
    engine = year.engine
    found = one_level(stage.homes, objective, engine.backend, engine.limits, stage.values)
    if found.values is None and (found.infeasible or not stage.is_housed):
        raise StuckError(infeasible=found.infeasible)
    values = found.values
    if values is None or not _is_kept(stage, level, values):
        if not stage.is_housed:
            raise StuckError(infeasible=False)
        values = stage.values
    assert values is not None
    value = objective.whole(values)
    optimal = stage.is_proven and found.bound >= value
    if more is not None:
        optimal = optimal and more.status is Status.OPTIMAL
    result = LevelResult(
        level,
        Fraction(value + (more.value if more else 0)),
        Fraction(min(found.bound, value) + (more.bound if more else 0)),
        Status.OPTIMAL if optimal else Status.FEASIBLE,
        exact=found.exact and (more is None or more.exact),
    )
    held = held_at(stage, level, value)
    return replace(held, values=values, done=(*stage.done, result))


def held_at(stage: Stage, level: str, value: int) -> Stage:
    """Hold a level of section 8, its value that of the part of the program that is not apart."""
    assert stage.homes is not None
    allocation = stage.allocation.fork()
    homes = replace(stage.homes, builder=allocation.builder)
    hold(homes, homes.levels[level], value)
    return replace(stage, allocation=allocation, homes=homes, at_homes=(*stage.at_homes, level))
