"""Which case without a tie goes to which municipality, so that homes that are free suit it.

First those who are there on the fullest day, in the homes that cases with a tie leave then. Then the
others, in the homes that are free while they are there, and in the numbers that are left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import floor

from fordela.models.formulation.fullest_day import Crowd, FullestDay, build_fullest_day
from fordela.models.instance import Case
from fordela.models.placement.kinds import Kinds
from fordela.models.placement.problem import Cost, PlacementProblem
from fordela.models.placement.stack import weighed
from fordela.models.placement.stays import present, stay_of
from fordela.models.program import ProgramBuilder
from fordela.solver.placement.lexicographic import climb
from fordela.solver.placement.stage import JointYear, Stage, borne_of

#: Parts of the time left for those who are there on the fullest day, and for the others.
_THERE, _LATER = 0.3, 0.2
#: Cases that are not there on the fullest day are put together by when they leave, into so many parts.
_PARTS = 6


def crowds_of(kinds: Kinds, cases: Iterable[Case], date: int | None) -> list[Crowd]:
    """Put cases together that want the same, those who are there on a day apart from the others.

    Parameters
    ----------
    date
        The day; None looks on all as if they were there.
    """
    alike: dict[tuple[object, ...], list[Case]] = defaultdict(list)
    wanted: dict[tuple[object, ...], Mapping[int, Cost]] = {}
    for case in cases:
        costs = kinds.costs(case)
        here = date is None or present(stay_of(case), date)
        if not here:
            costs = {kind: cost for cost, kind in {c: k for k, c in costs.items()}.items()}
        key = (case.size, here, *costs.items())
        alike[key].append(case)
        wanted[key] = costs
    return [Crowd(tuple(same), wanted[key], bool(key[1])) for key, same in alike.items()]


def sent(
    year: JointYear,
    stage: Stage,
    empty: PlacementProblem,
    kinds: Kinds,
    rooms: Mapping[int, int],
    date: int,
) -> tuple[dict[str, int], Stage]:
    """Send all cases without a tie.

    Parameters
    ----------
    stage
        The levels of section 5, held.
    empty
        The homes, without any cases.
    rooms
        Places by group of homes that cases with a tie leave on the fullest day.
    date
        That day.

    Returns
    -------
    tuple
        Municipality by case, and the stage with the counts of section 5 that go with them.
    """
    loose = [case for case in year.instance.cases if case.tie is None]
    crowds = crowds_of(kinds, loose, date)
    allocation = stage.allocation.fork()
    builder, borne = allocation.builder, borne_of(allocation)
    day = build_fullest_day(builder, borne, empty, crowds, kinds, rooms)
    year.engine.report("municipalities for those who are there on the fullest day")
    values = _found(year, day, _THERE)
    if values is None:
        assert stage.values is not None
        known = {pair: count.whole(stage.values) for pair, count in borne_of(stage.allocation).items()}
        return _dealt(known, loose), stage
    where, later = _sent(day, crowds, values)
    year.engine.report("municipalities for the others")
    where |= _sent_later(year, day, kinds, values, date, later)
    return where, replace(stage, allocation=allocation, values=values)


def _found(year: JointYear, day: FullestDay, part: float) -> list[int] | None:
    """Solve level by level; nobody is left without a home to save anything, whatever the levels."""
    levels = weighed(year.home_levels)
    if "unplaced" not in levels:
        levels.insert(0, "unplaced")
    engine = year.engine
    return climb(day.homes, levels, (), engine.backend, engine.limits.share(part))[1]


def _sent(
    day: FullestDay, crowds: Sequence[Crowd], values: Sequence[int]
) -> tuple[dict[str, int], list[Case]]:
    """Municipalities of those who have a home on the day, and who has none."""
    going: dict[tuple[int, int], list[Case]] = defaultdict(list)
    left = [list(crowd.cases) for crowd in crowds]
    for (number, kind), chosen in day.chosen.items():
        crowd = crowds[number]
        if crowd.is_present:
            for _ in range(chosen.whole(values)):
                going[crowd.size, kind].append(left[number].pop())
    where = {}
    for (size, supply), taken in day.taken.items():
        for _ in range(taken.whole(values)):
            where[going[size, supply.kind].pop().case] = supply.responsible
    return where, [case for waiting in left for case in waiting]


def _sent_later(
    year: JointYear,
    day: FullestDay,
    kinds: Kinds,
    values: Sequence[int],
    date: int,
    cases: Sequence[Case],
) -> dict[str, int]:
    """Send the others, in one program.

    Those who leave at about the same time choose among homes of their own: of what is used on the
    fullest day, the part is taken away that children of that day make up whom they can meet.
    """
    slots: dict[tuple[int, int], int] = defaultdict(int)
    for counts in (day.later, day.adrift):
        for pair, count in counts.items():
            slots[pair] += count.whole(values)
    if not cases or not kinds.groups:
        return _dealt(slots, cases)
    groups = day.homes.problem.groups
    used = {k: groups[k].room - day.rooms.get(k, groups[k].room) for k in range(len(groups))}
    for (size, supply), count in day.taken.items():
        used[kinds.groups[supply.kind, supply.placing]] += size * count.whole(values)
    there = [c for c in year.instance.cases if present(stay_of(c), date)]
    rooms: dict[int, int] = {}
    copies: dict[tuple[int, int], int] = {}
    waiting: list[Crowd] = []
    queues = list(_by_end(cases))
    for number, together in enumerate(queues):
        part = _met(there, together)
        kind, group = number * len(kinds.examples), number * len(groups)
        rooms |= {group + k: groups[k].room - floor(part * load) for k, load in used.items()}
        copies |= {(kind + own, j): group + k for (own, j), k in kinds.groups.items()}
        waiting += [
            replace(crowd, costs={kind + own: cost for own, cost in crowd.costs.items()})
            for crowd in crowds_of(kinds, together, None)
        ]
    empty = replace(day.homes.problem, groups=groups * len(queues))
    builder = ProgramBuilder()
    borne = {pair: builder.variable(0, number) for pair, number in slots.items() if number}
    then = build_fullest_day(builder, borne, empty, waiting, replace(kinds, groups=copies), rooms)
    found = _found(year, then, _LATER)
    where: dict[str, int] = {}
    if found is not None:
        where = _sent(then, waiting, found)[0]
        for (size, supply), count in then.taken.items():
            slots[size, supply.responsible] -= count.whole(found)
    return where | _dealt(slots, [case for case in cases if case.case not in where])


def _dealt(slots: Mapping[tuple[int, int], int], cases: Iterable[Case]) -> dict[str, int]:
    """Deal cases to municipalities that have so many of their size."""
    open_slots: dict[int, list[int]] = defaultdict(list)
    for (size, j), number in slots.items():
        open_slots[size] += [j] * number
    return {case.case: open_slots[case.size].pop() for case in cases}


def _by_end(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """Cases that leave at about the same time."""
    queue = sorted(cases, key=lambda case: stay_of(case)[1])
    many = -(-len(queue) // _PARTS)
    for k in range(0, len(queue), many):
        yield queue[k : k + many]


def _met(there: Sequence[Case], cases: Sequence[Case]) -> Fraction:
    """Part of the children who are there on the fullest day that some of the cases can meet."""
    first = min(stay_of(case)[0] for case in cases)
    end = max(stay_of(case)[1] for case in cases)
    met = sum(c.size for c in there if stay_of(c)[0] < end and first < stay_of(c)[1])
    return Fraction(met, max(1, sum(c.size for c in there)))
