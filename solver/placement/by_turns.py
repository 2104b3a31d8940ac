"""A joint placement that is too large for one program, in turns, with bounds that hold for all of it.

1. What the year costs at least: its fullest day (`fullest_day`).
2. Municipalities for the cases without a tie, by the homes that suit them (`sending`).
3. Homes for everybody on all days, some municipalities at a time (`exchanges`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fordela.models.instance import Case
from fordela.models.placement.kinds import Kinds
from fordela.models.placement.problem import Reach, placement_problem
from fordela.solver.placement.exchanges import place_with_exchanges
from fordela.solver.placement.fullest_day import fullest, least, relaxed, tied_alone
from fordela.solver.placement.housed import Choice, floor_of
from fordela.solver.placement.sending import crowds_of, sent
from fordela.solver.placement.stage import JointYear, Stage

#: Pairs of a case without a tie and a group of homes above which there is no one program for all.
MOST_PAIRS = 2_000_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a level costs at least: with all levels before at their bounds, and whatever they are."""

    held: int
    always: int


@dataclass(frozen=True)
class Turns:
    """Homes for all, the counts of section 5 that go with them, and what is proven of each level."""

    choices: Mapping[str, Choice]
    stage: Stage
    bounds: Mapping[str, Bounds]


def is_large(reach: Reach, cases: Sequence[Case]) -> bool:
    """Whether one program for municipalities and homes would be too large."""
    free = sum(case.tie is None for case in cases)
    return free * len(reach.groups) > MOST_PAIRS


def place_by_turns(year: JointYear, stage: Stage) -> Turns:
    """Place a year whose levels of section 5 are held.

    Raises
    ------
    StuckError
        If everybody must have a home and somebody cannot, or not everybody was given one.
    """
    reach, cases, engine = year.reach, year.instance.cases, year.engine
    kinds, date = Kinds.of(reach), fullest(cases)
    where = {case.case: reach.index[case.tie] for case in cases if case.tie is not None}
    tied = placement_problem(reach, [c for c in cases if c.case in where], where, day=date)
    crowds = crowds_of(kinds, [c for c in cases if c.tie is None], date)
    alone = tied_alone(year, where)
    engine.report("bounds: the fullest day")
    known = relaxed(year, stage, tied, crowds, kinds, alone)
    empty = replace(tied, types=(), soft=True)
    going, stage = sent(year, stage, empty, kinds, known.rooms, date)
    choices = place_with_exchanges(reach, cases, where | going, year.home_levels, engine)
    bounds = {}
    for number, level in enumerate(year.home_levels):
        by_itself = floor_of(tied, (level,))[0]
        if not number:  # nothing is held yet
            by_itself = max(by_itself, sum(part.bounds.get(level, 0) for part in alone))
        always = by_itself + least(crowds, level, soft=tied.soft)
        bounds[level] = Bounds(max(always, known.bounds.get(level, 0)), always)
    return Turns(choices, stage, bounds)
