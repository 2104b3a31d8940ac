"""From which day to which a case needs its places, and the days on which a home can be fullest.

Days are ordinals of the calendar. A stay is half open: a place is free again on the day on which
the stay ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from heapq import heappop, heappush

from fordela.models.homes import Home
from fordela.models.instance import Case

#: End of a stay that goes beyond the year.
BEYOND = date.max.toordinal()

Stay = tuple[int, int]


def stay_of(case: Case) -> Stay:
    """First day of a case, and the day on which its places are free again.

    Siblings have one home, so all their places are held from the first one's arrival to the last
    one's leaving.
    """
    ends = [
        BEYOND if child.stay is None else child.arrival.toordinal() + child.stay
        for child in case.children
    ]
    return case.arrival.toordinal(), max(ends)


def is_open(home: Home, stay: Stay) -> bool:
    """Whether a home is open throughout a stay."""
    first, end = stay
    if home.first is not None and first < home.first.toordinal():
        return False
    return home.last is None or end <= home.last.toordinal() + 1


def fullest_days(stays: Iterable[Stay]) -> list[int]:
    """Days on which it is enough to count: on any other day no other stays overlap.

    Stays that meet at all meet on one of these days, so they are the maximal cliques of the overlap.
    """
    days: list[int] = []
    ends: list[int] = []
    latest = None
    for first, end in sorted(set(stays)):
        if latest is not None and ends[0] <= first:
            # Somebody leaves before this one comes, so nobody after sees all who are there now.
            days.append(latest)
            while ends and ends[0] <= first:
                heappop(ends)
        heappush(ends, end)
        latest = first
    return days if latest is None else [*days, latest]


def present(stay: Stay, day: int) -> bool:
    """Whether a case lives in its home on a day."""
    return stay[0] <= day < stay[1]


def is_free(stays: Sequence[tuple[Stay, int]], stay: Stay, size: int, places: int) -> bool:
    """Whether a home has room for a case throughout its stay.

    Parameters
    ----------
    stays
        Stay and size of the cases that live there.
    size, places
        Children of the case, and places of the home.
    """
    taken = [(other, n) for other, n in stays if other[0] < stay[1] and stay[0] < other[1]]
    if sum(n for _, n in taken) + size <= places:
        return True
    # The load rises only where somebody moves in.
    starts = {max(other[0], stay[0]) for other, _ in taken} | {stay[0]}
    return all(sum(n for o, n in taken if present(o, d)) + size <= places for d in starts)
