"""The program of section 8: how many cases of each type live in which group of homes.

Where the municipality is to be chosen too, the same counts are tied to those of section 5: as many
cases of each size are placed under a municipality as it bears.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fordela.models.formulation.assignment import require_each, require_within
from fordela.models.placement.problem import CaseType, Option, PlacementProblem
from fordela.models.placement.stays import fullest_days
from fordela.models.policy import PLACEMENT_LEVELS
from fordela.models.program import Domain, Linear, ProgramBuilder

#: By size and municipality: cases without a tie that it bears.
Borne = Mapping[tuple[int, int], Linear]
#: Cases in a home: children of each, first and last of the problem's days, and their number.
Living = tuple[int, tuple[int, int], Linear]


@dataclass
class PlacementModel:
    """The program under construction, with the meaning of its variables.

    Attributes
    ----------
    placed
        Number of cases by type and option.
    homeless
        Number of cases by type that have no home.
    adrift
        The same by size and municipality, where the municipality is chosen too.
    levels
        The levels of section 8.
    """

    problem: PlacementProblem
    builder: ProgramBuilder
    placed: dict[tuple[int, Option], Linear] = field(default_factory=dict)
    homeless: dict[int, Linear] = field(default_factory=dict)
    adrift: dict[tuple[int, int], Linear] = field(default_factory=dict)
    levels: dict[str, Linear] = field(default_factory=dict)


def build_placement(
    problem: PlacementProblem,
    builder: ProgramBuilder | None = None,
    borne: Borne | None = None,
    rooms: Mapping[int, Linear] | None = None,
    others: Mapping[int, Sequence[Living]] | None = None,
) -> PlacementModel:
    """Declare the program of section 8.

    Parameters
    ----------
    builder, borne
        The program of section 5 and what its municipalities bear, for a joint placement.
    rooms
        Places of a group where they are not its own: fewer, or variables of a relaxation.
    others
        Who lives in a group besides the problem's cases.
    """
    model = PlacementModel(problem, builder or ProgramBuilder())
    for number, kind in enumerate(problem.types):
        _place_type(model, number, kind)
    _keep_within_homes(model, rooms or {}, others or {})
    if borne is not None:
        _tie_to_bearers(model, borne)
    for position, level in enumerate(PLACEMENT_LEVELS):
        parts = [(o.cost[position], x) for (_, o), x in model.placed.items() if o.cost[position]]
        if not position:
            parts += [(problem.types[t].size, x) for t, x in model.homeless.items()]
        model.levels[level] = Linear.of(*parts)
    return model


def _place_type(model: PlacementModel, number: int, kind: CaseType) -> None:
    count, builder = len(kind.cases), model.builder
    ways = []
    for option in kind.options:
        group, most = model.problem.groups[option.group], count
        if kind.is_present:
            most = group.places // kind.size * len(group.homes)
        model.placed[number, option] = builder.variable(0, min(count, most))
        ways.append(model.placed[number, option])
    builder.choose(ways)
    if model.problem.soft:
        model.homeless[number] = builder.variable(0, count)
        ways.append(model.homeless[number])
    require_each(builder, ways, count)


def _keep_within_homes(
    model: PlacementModel, rooms: Mapping[int, Linear], others: Mapping[int, Sequence[Living]]
) -> None:
    """Keep every group within its places on each of the fullest days."""
    living: dict[int, list[Living]] = defaultdict(list)
    for (number, option), count in model.placed.items():
        kind = model.problem.types[number]
        if kind.is_present:
            living[option.group].append((kind.size, kind.days, count))
    for k, more in others.items():
        living[k] += more
    for k, here in living.items():
        group = model.problem.groups[k]
        room = rooms.get(k, Linear({}, group.room))
        _keep_within(model.builder, here, room)
        if room.terms:
            continue
        for size in sorted({s for s, _, _ in here} - {1}):
            # Of cases this large, so many fit into the homes.
            most = Linear({}, group.places // size * len(group.homes))
            _keep_within(model.builder, [(1, days, x) for s, days, x in here if s >= size], most)


def _keep_within(builder: ProgramBuilder, here: Sequence[Living], room: Linear) -> None:
    """Keep what lives somewhere within its room on each of the fullest days.

    A day's load is the load of the fullest day before, with who has come since and without who has
    left: so every count stands in two rows, not in one for each day of a stay.
    """
    most = sum(size * builder.uppers[v] for size, _, x in here for v in x.terms)
    if not room.terms and most <= room.constant:
        return
    days = fullest_days((first, last + 1) for _, (first, last), _ in here)
    if len(days) == 1:
        require_within(builder, [(size, x) for size, _, x in here], room)
        return
    changes: dict[int, list[tuple[int, Linear]]] = defaultdict(list)
    for size, (first, last), x in here:
        changes[bisect_left(days, first)].append((size, x))
        changes[bisect_right(days, last)].append((-size, x))
    before = Linear()
    for k in range(len(days)):
        there = builder.variable(0, most if room.terms else int(room.constant), Domain.IMPLIED)
        builder.require(Linear.of((1, before), *changes[k], (-1, there)), 0, 0)
        if room.terms:
            builder.require(Linear.of((1, there), (-1, room)), upper=0)
        before = there


def _tie_to_bearers(model: PlacementModel, borne: Borne) -> None:
    """Place under each municipality as many cases of each size as it bears."""
    builder = model.builder
    parts: dict[tuple[int, int], list[tuple[int, Linear]]] = defaultdict(list)
    for (number, option), count in model.placed.items():
        kind = model.problem.types[number]
        if kind.responsible < 0:
            parts[kind.size, option.responsible].append((1, count))
    homeless: dict[int, list[tuple[int, Linear]]] = defaultdict(list)
    for number, count in model.homeless.items():
        kind = model.problem.types[number]
        if kind.responsible < 0:
            homeless[kind.size].append((1, count))
    for (size, j), number_borne in borne.items():
        if homeless[size]:
            most = sum(builder.uppers[v] for _, x in homeless[size] for v in x.terms)
            model.adrift[size, j] = builder.variable(0, most)
            parts[size, j].append((1, model.adrift[size, j]))
        builder.require(Linear.of(*parts[size, j], (-1, number_borne)), 0, 0)
    for size, without in homeless.items():
        where = [(-1, x) for (s, _), x in model.adrift.items() if s == size]
        builder.require(Linear.of(*without, *where), 0, 0)
