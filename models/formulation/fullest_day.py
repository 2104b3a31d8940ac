"""A year on its fullest day: municipalities and homes for the whole country, in one program.

Everybody who is there on that day needs a home that is free then; who comes or goes on other days takes
no room. So whatever the program cannot avoid, no placement of the year can. Cases without a tie go
through kinds of homes to the municipalities that have such homes, for a home of a kind costs them the
same wherever it lies: the program grows with kinds, not with pairs of a case and a home.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fordela.models.formulation.assignment import require_each
from fordela.models.formulation.placement import (
    Borne,
    Living,
    PlacementModel,
    build_placement,
)
from fordela.models.instance import Case
from fordela.models.placement.kinds import Kinds, Supply
from fordela.models.placement.problem import POSITION, Cost, PlacementProblem
from fordela.models.program import Linear, ProgramBuilder

#: The day that types of cases are present on.
_TODAY = (0, 0)


@dataclass(frozen=True)
class Crowd:
    """Cases without a tie that want the same.

    Attributes
    ----------
    costs
        What a home costs by its kind; where they are not present, one of those that cost the same.
    is_present
        Whether they are there on the fullest day.
    """

    cases: tuple[Case, ...]
    costs: Mapping[int, Cost]
    is_present: bool

    @property
    def size(self) -> int:
        """Children of each case."""
        return self.cases[0].size


@dataclass
class FullestDay:
    """The program with the meaning of its variables.

    Attributes
    ----------
    homes
        Cases with a tie, and the levels for all.
    rooms
        Places by group of homes, where some are taken already.
    chosen
        Cases by crowd and kind of home.
    taken
        Cases by size and homes, of those who are present.
    later
        By size and municipality: cases that it bears and that are not present.
    adrift
        The same for cases without a home, where somebody may have none.
    """

    homes: PlacementModel
    rooms: Mapping[int, int] = field(default_factory=dict)
    chosen: dict[tuple[int, int], Linear] = field(default_factory=dict)
    taken: dict[tuple[int, Supply], Linear] = field(default_factory=dict)
    later: dict[tuple[int, int], Linear] = field(default_factory=dict)
    adrift: dict[tuple[int, int], Linear] = field(default_factory=dict)


def build_fullest_day(
    builder: ProgramBuilder,
    borne: Borne,
    tied: PlacementProblem,
    crowds: Sequence[Crowd],
    kinds: Kinds,
    rooms: Mapping[int, int] | None = None,
) -> FullestDay:
    """Declare the program.

    Parameters
    ----------
    builder, borne
        The program of section 5 and what its municipalities bear.
    tied
        Cases with a tie, posed for the day.
    crowds
        The others.
    rooms
        Places by group of homes, where some are taken already.
    """
    day = FullestDay(PlacementModel(tied, builder), rooms or {})
    costs: list[tuple[Cost, Linear]] = []
    homeless = _want(day, crowds, costs)
    living = _supply(day, borne, crowds, kinds, costs)
    _bear(day, borne, crowds, kinds, homeless, costs)
    left = {k: Linear({}, room) for k, room in day.rooms.items()}
    day.homes = build_placement(tied, builder, rooms=left, others=living)
    for level, k in POSITION.items():
        more = [(cost[k], x) for cost, x in costs if cost[k]]
        day.homes.levels[level] = Linear.of((1, day.homes.levels[level]), *more)
    return day


def _want(
    day: FullestDay, crowds: Sequence[Crowd], costs: list[tuple[Cost, Linear]]
) -> dict[int, list[Linear]]:
    """Let every crowd choose kinds of homes; return those without one, by size."""
    builder = day.homes.builder
    homeless: dict[int, list[Linear]] = defaultdict(list)
    for number, crowd in enumerate(crowds):
        many, ways = len(crowd.cases), []
        for kind, cost in crowd.costs.items():
            count = builder.variable(0, many)
            day.chosen[number, kind] = count
            costs.append((cost, count))
            ways.append(count)
        builder.choose(ways)
        if day.homes.problem.soft:
            ways.append(builder.variable(0, many))
            homeless[crowd.size].append(ways[-1])
            costs.append(((crowd.size, 0, 0, 0, 0), ways[-1]))
        require_each(builder, ways, many)
    return homeless


def _supply(
    day: FullestDay,
    borne: Borne,
    crowds: Sequence[Crowd],
    kinds: Kinds,
    costs: list[tuple[Cost, Linear]],
) -> dict[int, list[Living]]:
    """Take as many homes of every kind as are chosen; return who lives in each group."""
    builder = day.homes.builder
    chosen: dict[tuple[int, int], list[tuple[int, Linear]]] = defaultdict(list)
    for (number, kind), count in day.chosen.items():
        if crowds[number].is_present:
            chosen[crowds[number].size, kind].append((1, count))
    most = _numbers(crowds)
    living: dict[int, list[Living]] = defaultdict(list)
    for size in sorted({size for size, _ in chosen}):
        for (kind, placing), k in kinds.groups.items():
            if (size, kind) not in chosen:
                continue
            group = day.homes.problem.groups[k]
            fitting = min(group.places // size * len(group.homes), day.rooms.get(k, group.room) // size)
            for j in kinds.givers[placing]:
                if fitting and (size, j) in borne:
                    count = builder.variable(0, min(fitting, most[size]))
                    day.taken[size, Supply(kind, placing, j)] = count
                    costs.append((kinds.away(j, placing, size), count))
                    chosen[size, kind].append((-1, count))
                    living[k].append((size, _TODAY, count))
    for parts in chosen.values():
        builder.require(Linear.of(*parts), 0, 0)
    return living


def _bear(
    day: FullestDay,
    borne: Borne,
    crowds: Sequence[Crowd],
    kinds: Kinds,
    homeless: Mapping[int, Sequence[Linear]],
    costs: list[tuple[Cost, Linear]],
) -> None:
    """Tie the homes of a municipality's cases to what it bears."""
    builder, most = day.homes.builder, _numbers(crowds)
    parts: dict[tuple[int, int], list[tuple[int, Linear]]] = defaultdict(list)
    for (size, supply), count in day.taken.items():
        parts[size, supply.responsible].append((1, count))
    absent: dict[int, list[tuple[int, Linear]]] = defaultdict(list)
    for (number, _), count in day.chosen.items():
        if not crowds[number].is_present:
            absent[crowds[number].size].append((1, count))
    missing = {size: [(1, x) for x in without] for size, without in homeless.items()}
    for (size, j), number_borne in borne.items():
        cost = kinds.nearest(j, size) if size in absent else None
        if cost is not None:
            count = builder.variable(0, most[size])
            day.later[size, j] = count
            costs.append((cost, count))
            absent[size].append((-1, count))
            parts[size, j].append((1, count))
        if size in missing:
            count = builder.variable(0, most[size])
            day.adrift[size, j] = count
            missing[size].append((-1, count))
            parts[size, j].append((1, count))
        builder.require(Linear.of(*parts[size, j], (-1, number_borne)), 0, 0)
    for pairs in (*absent.values(), *missing.values()):
        builder.require(Linear.of(*pairs), 0, 0)


def _numbers(crowds: Sequence[Crowd]) -> dict[int, int]:
    """Cases by size."""
    found: dict[int, int] = defaultdict(int)
    for crowd in crowds:
        found[crowd.size] += len(crowd.cases)
    return found
