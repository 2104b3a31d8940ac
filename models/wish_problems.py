"""What makes wishes, pairs, windows of places and last year's transfers valid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from fordela.models.errors import Problem
from fordela.models.home_problems import permit_problems
from fordela.models.units import per_mille_text
from fordela.models.validation import (
    AVAILABILITY,
    LARGEST,
    LAST_YEAR,
    MUNICIPALITIES,
    PAIRS,
    WISHES,
    RowNumbers,
    near_codes,
)
from fordela.models.wishes import (
    DIRECTIONS,
    STATUSES,
    Availability,
    Wish,
    contradictions,
    standing_wishes,
)

if TYPE_CHECKING:
    from fordela.models.instance import Municipality, Transfer


def dialogue_problems(
    municipalities: Sequence[Municipality],
    wishes: Sequence[Wish],
    pairs: Sequence[tuple[str, str]],
    windows: Sequence[Availability],
    last_year: Sequence[Transfer],
    rows: RowNumbers,
) -> Iterable[Problem]:
    """Problems with all tables that prepare a redistribution."""
    known = {m.code for m in municipalities}
    yield from wish_problems(wishes, municipalities, rows)
    yield from pair_problems(pairs, known, rows)
    yield from availability_problems(windows, known, rows)
    yield from last_year_problems(last_year, known, rows)


def _unknown(
    table: str, row: int, columns: Mapping[str, str | None], known: set[str]
) -> Iterable[Problem]:
    for column, code in columns.items():
        if code is not None and code not in known:
            message = f"no such municipality in {MUNICIPALITIES}{near_codes(code, known)}"
            yield Problem(table, message, row, column, code)


def wish_problems(
    wishes: Sequence[Wish], municipalities: Sequence[Municipality], rows: RowNumbers
) -> Iterable[Problem]:
    """Problems with the log of wishes, row by row and as it stands after them."""
    share = {m.code: m.share for m in municipalities}
    last: dict[str, int] = {}
    for index, wish in enumerate(wishes):
        row = rows(WISHES, index)
        last[wish.municipality] = row
        columns = {"municipality": wish.municipality, "partner": wish.partner}
        yield from _unknown(WISHES, row, columns, set(share))
        if wish.direction not in DIRECTIONS:
            yield Problem(
                WISHES, f"allowed are {', '.join(DIRECTIONS)}", row, "direction", wish.direction
            )
        if wish.status not in STATUSES:
            yield Problem(WISHES, f"allowed are {', '.join(STATUSES)}", row, "status", wish.status)
        if not 0 <= wish.share <= LARGEST:
            yield Problem(WISHES, "must be 0 ‰ or more", row, "share", per_mille_text(wish.share))
        if not 0 <= wish.least <= max(wish.share, 0):
            message = f"must be from 0 to the share wished for, {per_mille_text(wish.share)} ‰"
            yield Problem(WISHES, message, row, "least", per_mille_text(wish.least))
        if wish.partner == wish.municipality:
            message = "is the municipality itself; leave blank for any partner"
            yield Problem(WISHES, message, row, "partner", wish.partner)
    for index, message in contradictions(wishes):
        other = message.format(*(rows(WISHES, k) for k in range(len(wishes))))
        row = rows(WISHES, index)
        yield Problem(WISHES, other, row, "municipality", wishes[index].municipality)
    standing = standing_wishes(municipalities, wishes) if wishes else None
    for code in sorted(standing.less if standing else ()):
        assert standing is not None
        less = standing.less[code].share
        if code in standing.more:
            message = "wishes for both more and less after the whole log; withdraw one of them"
            yield Problem(WISHES, message, last[code], "direction", code)
        if code in share and less > share[code]:
            message = f"wants to hand away more than its share of {per_mille_text(share[code])} ‰"
            yield Problem(WISHES, message, last[code], "share", per_mille_text(less))


def pair_problems(
    pairs: Sequence[tuple[str, str]], known: set[str], rows: RowNumbers
) -> Iterable[Problem]:
    """Problems with the pairs of scope ``listed``."""
    first: dict[tuple[str, str], int] = {}
    for index, (giver, receiver) in enumerate(pairs):
        row = rows(PAIRS, index)
        yield from _unknown(PAIRS, row, {"from_code": giver, "to_code": receiver}, known)
        if giver == receiver:
            yield Problem(PAIRS, "is the giver itself", row, "to_code", receiver)
        if (giver, receiver) in first:
            message = f"the pair is already in row {first[giver, receiver]}"
            yield Problem(PAIRS, message, row, "to_code", receiver)
        first.setdefault((giver, receiver), row)


def availability_problems(
    windows: Sequence[Availability], known: set[str], rows: RowNumbers
) -> Iterable[Problem]:
    """Problems with willing places by date."""
    for index, window in enumerate(windows):
        row = rows(AVAILABILITY, index)
        yield from _unknown(AVAILABILITY, row, {"municipality": window.municipality}, known)
        if not 0 <= window.places <= LARGEST:
            message = f"must be from 0 to {LARGEST:,}"
            yield Problem(AVAILABILITY, message, row, "places", str(window.places))
        if window.first is not None and window.last is not None and window.last < window.first:
            message = f"is before {window.first}, the day they open"
            yield Problem(AVAILABILITY, message, row, "to", window.last.isoformat())
        yield from permit_problems(AVAILABILITY, row, window.min_age, window.max_age, window.sexes)


def last_year_problems(
    transfers: Sequence[Transfer], known: set[str], rows: RowNumbers
) -> Iterable[Problem]:
    """Problems with last year's transfers; its shares may have been others."""
    for index, t in enumerate(transfers):
        row = rows(LAST_YEAR, index)
        yield from _unknown(LAST_YEAR, row, {"from_code": t.giver, "to_code": t.receiver}, known)
        if t.giver == t.receiver:
            yield Problem(LAST_YEAR, "hands its share to itself", row, "to_code", t.receiver)
