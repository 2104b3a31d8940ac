"""What municipalities wish for: the log of a dialogue, and the wishes that stand after it.

A row of the log replaces what the same municipality said earlier in the same direction: a row without
a partner replaces everything, a row with one what was said without a partner or to the same one.
Rows are ordered by date alone, so the order of rows in a file never matters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fordela.models.instance import Case, Municipality

#: Units of the largest share that a municipality has taken over in a year.
MOST_RECEIVED = 2400
DIRECTIONS = ("more", "less")
#: How a wish is written beside its amount.
SIGNS = {"more": "+", "less": "−"}
STATUSES = ("proposed", "agreed", "withdrawn")


@dataclass(frozen=True, slots=True)
class Wish:
    """One row of the log of a dialogue.

    Attributes
    ----------
    municipality
        Who wishes.
    direction
        ``more`` to take over share, ``less`` to hand it away.
    share, least
        Units wished for, and the least that is of use.
    partner
        The only municipality that the wish concerns, or None for any.
    status
        ``proposed``, ``agreed`` or ``withdrawn``.
    date
        When it was said; None is before all dates.
    note
        Free text.
    """

    municipality: str
    direction: str
    share: int
    least: int = 0
    partner: str | None = None
    status: str = "proposed"
    date: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Availability:
    """Willing places: on which days they are open, and for whom ([O] 4.2, 5.4).

    Attributes
    ----------
    municipality
        Who offers them.
    first, last
        Days, both included; None for the beginning and the end of the year.
    places
        Children.
    sexes
        What the homes' permits allow, of ``f`` and ``m``; empty is both.
    min_age, max_age
        Whole years, both included; None is no limit.
    """

    municipality: str
    first: date | None
    last: date | None
    places: int
    sexes: tuple[str, ...] = ()
    min_age: int | None = None
    max_age: int | None = None

    def takes(self, case: Case) -> bool:
        """Whether the places can be used for a case: open on its day, and every child of it fits.

        A child of unknown sex or age does not fit where a permit names one.
        """
        day = case.arrival
        if (self.first and day < self.first) or (self.last and day > self.last):
            return False
        youngest, oldest = self.min_age, self.max_age
        for child in case.children:
            if self.sexes and child.sex not in self.sexes:
                return False
            if youngest is not None and (child.age is None or child.age < youngest):
                return False
            if oldest is not None and (child.age is None or child.age > oldest):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Wanted:
    """A municipality's wish as it stands.

    Attributes
    ----------
    share, least
        Units in all, and the least that is of use (0 where partners are named: then by partner).
    partners
        Partner, units and least for each; empty for any partner.
    """

    share: int
    least: int = 0
    partners: tuple[tuple[str, int, int], ...] = ()

    def with_partner(self, code: str) -> tuple[int, int] | None:
        """Units and least that the wish allows with a partner; None if it is not for that one."""
        if not self.partners:
            return self.share, 0
        return next(
            ((share, least) for partner, share, least in self.partners if partner == code), None
        )


@dataclass(frozen=True)
class Wishes:
    """All wishes as they stand, by code; municipalities without one are left out.

    Attributes
    ----------
    more, less
        What is wished for.
    kept
        Who answered that they keep their share: 0, which is not the same as no answer.
    """

    more: Mapping[str, Wanted]
    less: Mapping[str, Wanted]
    kept: frozenset[str] = frozenset()

    @property
    def answered(self) -> frozenset[str]:
        """Who has said something that stands; empty where nobody was asked."""
        return self.kept | frozenset(self.more) | frozenset(self.less)

    def of(self, code: str) -> tuple[str, int] | None:
        """Answer of a municipality: ``more``, ``less`` or ``keeps``, and units; None without one."""
        for direction, standing in (("more", self.more), ("less", self.less)):
            if code in standing:
                return direction, standing[code].share
        return ("keeps", 0) if code in self.kept else None


def is_unusual(share: int, more: int) -> bool:
    """Whether a wish for more is larger than any that was met, and more than doubles the share.

    Received shares are of 1 to 24 ‰ (Ånge): 300 is a slip for 3.00, and it may be meant.
    """
    return more > max(MOST_RECEIVED, share)


def standing_wishes(municipalities: Sequence[Municipality], log: Sequence[Wish]) -> Wishes:
    """Wishes after the whole log; the columns of the municipalities where there is no log."""
    if not log:
        return Wishes(
            {m.code: Wanted(m.wants_more) for m in municipalities if m.wants_more},
            {m.code: Wanted(m.wants_less) for m in municipalities if m.wants_less},
            frozenset(
                m.code for m in municipalities
                if 0 in (m.wants_more, m.wants_less) and not m.wants_more and not m.wants_less
            ),
        )  # fmt: skip
    answered: set[str] = set()
    standing: dict[str, dict[str, Wanted]] = {direction: {} for direction in DIRECTIONS}
    for (code, direction), rows in sorted(_by_voice(log).items()):
        said = [row for row in _latest(rows) if row.status != "withdrawn"]
        live = [row for row in said if row.share > 0]
        answered |= {code} if said else set()
        if live and direction in standing:
            partners = tuple((row.partner, row.share, row.least) for row in live if row.partner)
            least = 0 if partners else live[0].least
            total = sum(row.share for row in live)
            standing[direction][code] = Wanted(total, least, partners)
    kept = frozenset(answered - set(standing["more"]) - set(standing["less"]))
    return Wishes(standing["more"], standing["less"], kept)


def as_log(wishes: Wishes) -> list[Wish]:
    """Rows without a date that say what stands in the columns of the municipalities."""
    log = []
    for direction, standing in (("less", wishes.less), ("more", wishes.more)):
        log += [Wish(code, direction, w.share) for code, w in sorted(standing.items())]
    return log + [Wish(code, "less", 0) for code in sorted(wishes.kept)]


def in_one_row(wishes: Wishes, code: str) -> tuple[int, int, str | None] | None:
    """Wish that fits in a row of a workbook: units more or less, least, partner; None for no such wish.

    One for several partners does not fit. 0 is the answer that the share is kept.
    """
    for sign, standing in ((1, wishes.more), (-1, wishes.less)):
        wanted = standing.get(code)
        if wanted is not None and len(wanted.partners) == 1:
            partner, share, least = wanted.partners[0]
            return sign * share, least, partner
        if wanted is not None and not wanted.partners:
            return sign * wanted.share, wanted.least, None
    return (0, 0, None) if code in wishes.kept else None


def _by_voice(log: Iterable[Wish]) -> dict[tuple[str, str], list[Wish]]:
    voices: dict[tuple[str, str], list[Wish]] = defaultdict(list)
    for row in log:
        voices[row.municipality, row.direction].append(row)
    return voices


def _latest(rows: Sequence[Wish]) -> list[Wish]:
    """Rows that no later one replaces, by partner."""
    standing: dict[str | None, Wish] = {}
    for row in sorted(rows, key=lambda row: (row.date or date.min, row.partner or "")):
        if row.partner is None:
            standing = {}
        else:
            standing.pop(None, None)
        standing[row.partner] = row
    return sorted(standing.values(), key=lambda row: row.partner or "")


def contradictions(log: Sequence[Wish]) -> Iterator[tuple[int, str]]:
    """Position and message of rows that say something else than another row of the same day."""
    first: dict[tuple[str, str, date | None], list[tuple[int, Wish]]] = defaultdict(list)
    for index, row in enumerate(log):
        earlier = first[row.municipality, row.direction, row.date]
        for number, other in earlier:
            same_partner = row.partner == other.partner
            if row == other or (not same_partner and row.partner and other.partner):
                continue
            day = "without a date" if row.date is None else f"of {row.date}"
            yield index, f"contradicts row {{{number}}} {day}; give the later one a later date"
            break
        earlier.append((index, row))
