"""What a year costs at least: its fullest day, and those with a tie alone on all days.

The linear relaxation of the fullest day bounds every level. It does not see that homes are full on
other days too; so each part of the country must cost its cases with a tie at least what it does alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from math import ceil, floor

import numpy as np
from fordela.models.formulation.fullest_day import Crowd, FullestDay, build_fullest_day
from fordela.models.instance import Case
from fordela.models.placement.kinds import Kinds
from fordela.models.placement.problem import POSITION, PlacementProblem, placement_problem
from fordela.models.placement.stack import weighed
from fordela.models.placement.stays import fullest_days, present, stay_of
from fordela.models.program import Linear
from fordela.solver.backends.prices import price
from fordela.solver.placement.components import components
from fordela.solver.placement.given import each_part
from fordela.solver.placement.lexicographic import hold
from fordela.solver.placement.stage import JointYear, Stage, StuckError, borne_of
from numpy.typing import NDArray

#: Part of the time left for those with a tie, and for the relaxation.
_ALONE, _DAY = 0.2, 0.4
#: Levels that are soon settled where municipalities are given.
_SIMPLE = ("unplaced", "outside-own-municipality")
#: Less than this is nothing, in a solution of a relaxation.
_NONE = 1e-6


def fullest(cases: Sequence[Case]) -> int:
    """The day on which most children are present; 0 without children."""
    stays = [(stay_of(case), case.size) for case in cases]
    days = fullest_days(stay for stay, _ in stays)
    there = {day: sum(size for stay, size in stays if present(stay, day)) for day in days}
    return max(days, key=there.__getitem__, default=0)


@dataclass(frozen=True, slots=True)
class Alone:
    """What a part of the country costs its cases with a tie, if they are alone there.

    Attributes
    ----------
    bounds
        Of the first levels, each with those before it at theirs.
    """

    cases: frozenset[str]
    bounds: Mapping[str, int]


def tied_alone(year: JointYear, where: Mapping[str, int]) -> list[Alone]:
    """Bound what those with a tie cost on all days, at the first levels while these are simple.

    Raises
    ------
    StuckError
        If everybody must have a home, and they cannot.
    """
    cases = [case for case in year.instance.cases if case.case in where]
    levels = list(takewhile(_SIMPLE.__contains__, year.home_levels))
    if not levels:
        return []
    engine = replace(year.engine, limits=year.engine.limits.share(_ALONE))
    found = []
    parts = components(placement_problem(year.reach, cases, where))
    for part, placed in each_part(parts, levels, engine):
        if placed.infeasible:
            raise StuckError(infeasible=True)
        inside = frozenset(case.case for case in part.cases)
        found.append(Alone(inside, {r.level: r.bound for r in placed.reached}))
    return found


@dataclass(frozen=True)
class Relaxed:
    """What the linear relaxation of the fullest day says.

    Attributes
    ----------
    bounds
        Of the levels, each with those before it at theirs.
    rooms
        Places by group of homes that cases with a tie leave.
    """

    bounds: Mapping[str, int]
    rooms: Mapping[int, int]


def relaxed(
    year: JointYear,
    stage: Stage,
    tied: PlacementProblem,
    crowds: Sequence[Crowd],
    kinds: Kinds,
    alone: Sequence[Alone],
) -> Relaxed:
    """Solve the relaxation level by level, until a bound is not whole: it will hardly ever be met.

    Parameters
    ----------
    stage
        The levels of section 5, held.
    tied, crowds
        Cases with a tie and without, posed for the day.
    """
    allocation, limits = stage.allocation.fork(), year.engine.limits.share(_DAY)
    day = build_fullest_day(allocation.builder, borne_of(allocation), tied, crowds, kinds)
    weights: NDArray[np.float64] | None = None
    bounds: dict[str, int] = {}
    is_apart = True
    for level in weighed(year.home_levels):
        objective = day.homes.levels[level]
        if is_apart:
            _require_at_least(day, level, alone)
        prices = price(allocation.builder.program(objective), limits)
        if prices is None:
            break
        weights, bounds[level] = prices.weights, max(0, ceil(prices.bound))
        if bounds[level] - _at(objective, weights) > _NONE:
            break
        hold(day.homes, objective, bounds[level])
        # Only if the others add nothing but their least is every part at what it costs alone.
        by_itself = sum(part.bounds.get(level, 0) for part in alone)
        by_itself += least(crowds, level, soft=tied.soft)
        is_apart = is_apart and bounds[level] == by_itself
    return Relaxed(bounds, _left(day, weights))


def _left(day: FullestDay, weights: NDArray[np.float64] | None) -> dict[int, int]:
    """Places that cases with a tie leave in a solution of the relaxation."""
    problem = day.homes.problem
    used: dict[int, float] = defaultdict(float)
    for (number, option), count in day.homes.placed.items():
        if weights is not None and problem.types[number].is_present:
            used[option.group] += problem.types[number].size * _at(count, weights)
    return {k: group.room - floor(used[k] + _NONE) for k, group in enumerate(problem.groups)}


def _require_at_least(day: FullestDay, level: str, alone: Sequence[Alone]) -> None:
    """Require of those with a tie what they cost at least on all days, part by part."""
    part_of = {case: k for k, part in enumerate(alone) for case in part.cases}
    costs: list[list[tuple[int, Linear]]] = [[] for _ in alone]
    types, position = day.homes.problem.types, POSITION[level]
    pairs = [(number, option.cost, x) for (number, option), x in day.homes.placed.items()]
    pairs += [(number, types[number].unplaced, x) for number, x in day.homes.homeless.items()]
    for number, cost, count in pairs:
        part = part_of.get(types[number].cases[0].case)
        if part is not None and cost[position]:
            costs[part].append((cost[position], count))
    for part_alone, here in zip(alone, costs, strict=True):
        if part_alone.bounds.get(level, 0) > 0:
            day.homes.builder.require(Linear.of(*here), lower=part_alone.bounds[level])


def _at(expression: Linear, weights: NDArray[np.float64]) -> float:
    """Value in a solution of a relaxation."""
    return sum((float(c) * weights[v] for v, c in expression.terms.items()), float(expression.constant))


def least(crowds: Sequence[Crowd], level: str, *, soft: bool) -> int:
    """What cases without a tie cost at least, each in a home of its own choice."""
    found = 0
    for crowd in crowds:
        costs = list(crowd.costs.values())
        if soft or not costs:
            costs.append((crowd.size, 0, 0, 0, 0))
        found += len(crowd.cases) * min(cost[POSITION[level]] for cost in costs)
    return found
