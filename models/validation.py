"""What makes an instance valid: relations between rows, whatever format they came in.

Rows are named as an editor would number them: the header is row 1, so item ``k`` is row ``k + 2``.
A reader whose rows are numbered otherwise passes its own numbers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from fordela.models.confirmation import line_that_confirms
from fordela.models.errors import Problem
from fordela.models.names import FOLDER_NAME, names_folder
from fordela.models.units import UNITS_PER_MILLE, WHOLE, per_mille_text
from fordela.models.wishes import MOST_RECEIVED, is_unusual

if TYPE_CHECKING:
    from fordela.models.instance import Child, Instance, Municipality, Transfer

MUNICIPALITIES = "municipalities.csv"
CHILDREN = "children.csv"
TRANSFERS = "transfers.csv"
INSTANCE = "instance.toml"
LAST_YEAR = "transfers_last_year.csv"
PAIRS = "pairs.csv"
WISHES = "wishes.csv"
#: Source that tells drawn wishes, which have no date, from answers, which have one.
SYNTHETIC_WISHES = "synthetic wishes"
AVAILABILITY = "availability.csv"
PLACES = "places.csv"
AGREEMENTS = "agreements.csv"
PROGRAMMES = ("unaccompanied-children",)
#: Larger counts are mistakes, and would not fit what engines can compute with.
LARGEST = 10**9
#: Days; a stay of a childhood is shorter.
LONGEST_STAY = 10_000
#: Confirms that children of other years than the instance's are meant to be in it.
OTHER_YEARS = "other-years-arrivals"
SHARE_STATES = ("computed", "preliminary", "decided")


class RowNumbers:
    """Row number of each item of a table, for messages."""

    def __init__(self, numbers: Mapping[str, Sequence[int]] | None = None) -> None:
        self._numbers = numbers or {}

    def __call__(self, table: str, index: int) -> int:
        """Row of the item at ``index``."""
        numbers = self._numbers.get(table)
        return index + 2 if numbers is None else numbers[index]


def instance_problems(instance: Instance, rows: RowNumbers | None = None) -> list[Problem]:
    """Every problem with the relations inside an instance; empty if it is valid."""
    from fordela.models.home_problems import instance_placement_problems
    from fordela.models.wish_problems import dialogue_problems

    rows = rows or RowNumbers()
    known = {m.code for m in instance.municipalities}
    return [
        *_head_problems(instance),
        *municipality_problems(instance.municipalities, rows),
        *children_problems(instance.children, known, rows),
        *date_problems(
            instance.year, instance.counting_since, instance.children, instance.confirmed, rows
        ),
        *transfer_problems(instance.transfers, instance.municipalities, rows),
        *dialogue_problems(
            instance.municipalities, instance.wishes, instance.pairs, instance.availability,
            instance.transfers_last_year, rows,
        ),
        *instance_placement_problems(instance, rows),
    ]  # fmt: skip


def _head_problems(instance: Instance) -> Iterable[Problem]:
    if not names_folder(instance.name):
        message = f"cannot name a folder; allowed is {FOLDER_NAME}"
        yield Problem(INSTANCE, message, column="name", value=instance.name)
    if instance.programme not in PROGRAMMES:
        yield Problem(
            INSTANCE,
            f"this version allocates only {', '.join(PROGRAMMES)}",
            column="programme",
            value=instance.programme,
        )
    if instance.shares_are not in SHARE_STATES:
        yield Problem(
            INSTANCE,
            f"allowed are {', '.join(SHARE_STATES)}",
            column="shares_are",
            value=instance.shares_are,
        )
    for name in ("forecast", "forecast_asylum"):
        value = getattr(instance, name)
        if value is not None and value < 0:
            yield Problem(INSTANCE, "must be 0 or more", column=name, value=str(value))


def municipality_problems(
    municipalities: Sequence[Municipality],
    rows: RowNumbers,
    *,
    sums: bool = True,
    decimals: int | None = None,
) -> Iterable[Problem]:
    """Problems with the table of municipalities.

    Parameters
    ----------
    sums
        Off when rows of it were unreadable.
    decimals
        Of the shares as they are written; None is as many as their values need.
    """
    if not municipalities:
        yield Problem(MUNICIPALITIES, "has no municipalities; at least one row is needed")
        return
    first: dict[str, int] = {}
    for index, m in enumerate(municipalities):
        row = rows(MUNICIPALITIES, index)
        if m.code in first:
            message = f"is already in row {first[m.code]}; each municipality has one row"
            yield Problem(MUNICIPALITIES, message, row, "code", m.code)
        first.setdefault(m.code, row)
        for column in ("code", "name", "county_code", "county"):
            if not getattr(m, column).strip():
                yield Problem(MUNICIPALITIES, "must not be blank", row, column, "")
        for column in (
            "share", "assigned_before", "capacity", "population", "wants_more", "wants_less",
            "willing", "kin_weight", "stock",
        ):  # fmt: skip
            value = getattr(m, column)
            if value is not None and not 0 <= value <= LARGEST:
                shown = per_mille_text(value) if column == "share" else str(value)
                yield Problem(MUNICIPALITIES, f"must be from 0 to {LARGEST:,}", row, column, shown)
        for column, value, limit in (("lat", m.latitude, 90), ("lon", m.longitude, 180)):
            if value is not None and not -limit <= value <= limit:
                message = f"must be degrees between -{limit} and {limit}"
                yield Problem(MUNICIPALITIES, message, row, column, str(value))
        if m.wants_more and m.wants_less:
            message = "a municipality wants either more or less, not both"
            yield Problem(MUNICIPALITIES, message, row, "wants_less", per_mille_text(m.wants_less))
        elif (m.wants_less or 0) > m.share:
            message = f"wants to hand away more than its share of {per_mille_text(m.share)} ‰"
            shown = per_mille_text(m.wants_less or 0)
            yield Problem(MUNICIPALITIES, message, row, "wants_less", shown)
    names: dict[str, str] = {}
    for index, m in enumerate(municipalities):
        if names.setdefault(m.county_code, m.county) != m.county:
            message = f"county {m.county_code} is called {names[m.county_code]!r} in an earlier row"
            row = rows(MUNICIPALITIES, index)
            yield Problem(MUNICIPALITIES, message, row, "county", m.county)
    if sums:
        yield from _share_sum_problems(municipalities, decimals)


def decimals_of(municipalities: Sequence[Municipality]) -> int:
    """Decimals that the finest share needs when it is written in ‰."""
    return next((d for d in (0, 1) if all(m.share % 10 ** (2 - d) == 0 for m in municipalities)), 2)


def _share_sum_problems(
    municipalities: Sequence[Municipality], decimals: int | None
) -> Iterable[Problem]:
    total = sum(m.share for m in municipalities)
    places = decimals_of(municipalities) if decimals is None else decimals
    # Half a unit of the last decimal per municipality is what honest rounding can cost.
    rounding = len(municipalities) * 10 ** (2 - places)
    if 2 * abs(total - WHOLE) > rounding:
        counties: dict[str, int] = defaultdict(int)
        for m in municipalities:
            counties[f"{m.county_code} {m.county}"] += m.share
        parts = "; ".join(f"{name} {per_mille_text(s)}" for name, s in sorted(counties.items()))
        message = (
            f"the shares sum to {per_mille_text(total)} ‰ instead of 1000.00 ‰; by county: {parts}; "
            f"with {places} decimals rounding explains at most {per_mille_text(rounding // 2)} ‰"
        )
        yield Problem(MUNICIPALITIES, message, column="share")


def children_problems(
    children: Sequence[Child], known: set[str], rows: RowNumbers
) -> Iterable[Problem]:
    """Problems with the table of children."""
    seen: dict[str, int] = {}
    tie_of: dict[str, tuple[str | None, int]] = {}
    latest = None
    for index, c in enumerate(children):
        row = rows(CHILDREN, index)
        if not c.child.strip() or not c.case.strip():
            column = "case" if c.child.strip() else "child"
            yield Problem(CHILDREN, "must not be blank", row, column, "")
        if c.child in seen:
            message = f"is already in row {seen[c.child]}; each child has one row"
            yield Problem(CHILDREN, message, row, "child", c.child)
        seen.setdefault(c.child, row)
        if latest is not None and c.arrival < latest:
            message = f"is earlier than {latest}, the row before; rows go in order of arrival"
            yield Problem(CHILDREN, message, row, "arrival", c.arrival.isoformat())
        latest = c.arrival
        if c.tie is not None and c.tie not in known:
            message = f"no such municipality in {MUNICIPALITIES}{near_codes(c.tie, known)}"
            yield Problem(CHILDREN, message, row, "kin_municipality", c.tie)
        tie, tie_row = tie_of.setdefault(c.case, (c.tie, row))
        if tie != c.tie:
            message = (
                f"siblings must have the same tie: case {c.case} has {tie or 'none'} in row "
                f"{tie_row}; give them separate cases, or one tie"
            )
            yield Problem(CHILDREN, message, row, "kin_municipality", c.tie or "")
        if c.sex not in (None, "f", "m"):
            yield Problem(CHILDREN, "must be f, m or blank", row, "sex", c.sex)
        if c.age is not None and not 0 <= c.age <= 21:
            yield Problem(CHILDREN, "must be between 0 and 21 years", row, "age", str(c.age))
        if c.stay is not None and not 1 <= c.stay <= LONGEST_STAY:
            message = f"must be from 1 to {LONGEST_STAY:,} days, or blank for beyond the year"
            yield Problem(CHILDREN, message, row, "stay", str(c.stay))


def date_problems(
    year: int,
    counting_since: date,
    children: Sequence[Child],
    confirmed: Collection[str],
    rows: RowNumbers,
) -> Iterable[Problem]:
    """Problems with dates that do not belong to the year; all arrivals of other years are one.

    Confirmed by ``other-years-arrivals``.
    """
    if counting_since.year > year:
        message = f"is after the end of {year}; counting begins in the year or before it"
        yield Problem(INSTANCE, message, column="counting_since", value=str(counting_since))
    others = [k for k, c in enumerate(children) if c.arrival.year != year]
    if others and OTHER_YEARS not in confirmed:
        message = (
            f"is not in {year}, the year of {INSTANCE}; children who arrived in other years: "
            f"{len(others)} of {len(children)}; correct the dates or the year; if they are right, "
            f"write into {INSTANCE}: {line_that_confirms([OTHER_YEARS], confirmed)}"
        )
        k = others[0]
        yield Problem(CHILDREN, message, rows(CHILDREN, k), "arrival", str(children[k].arrival))


def near_codes(code: str, known: set[str]) -> str:
    """Say which code was probably meant, or nothing."""
    padded = code.zfill(4)
    if padded != code and padded in known:
        return f"; codes are text with leading zeros, did a spreadsheet drop them from {padded}?"
    from difflib import get_close_matches

    near = get_close_matches(code, sorted(known), n=1)
    return f"; the nearest is {near[0]}" if near else ""


def transfer_problems(
    transfers: Sequence[Transfer],
    municipalities: Sequence[Municipality],
    rows: RowNumbers,
    table: str = TRANSFERS,
) -> Iterable[Problem]:
    """Problems with decided transfers ([O] 2.3.2)."""
    share = {m.code: m.share for m in municipalities}
    received = {t.receiver for t in transfers}
    given: Counter[str] = Counter()
    pairs: dict[tuple[str, str], int] = {}
    for index, t in enumerate(transfers):
        row = rows(table, index)
        shown = per_mille_text(t.share)
        unknown = False
        for column, code in (("from_code", t.giver), ("to_code", t.receiver)):
            if code not in share:
                unknown = True
                message = f"no such municipality in {MUNICIPALITIES}{near_codes(code, set(share))}"
                yield Problem(table, message, row, column, code)
        if t.share <= 0:
            yield Problem(table, "must be above 0 ‰", row, "share", shown)
        if t.giver == t.receiver:
            yield Problem(table, "hands its share to itself", row, "to_code", t.receiver)
        elif t.giver in received:
            message = "has received shares, so it cannot hand any away in the same year"
            yield Problem(table, message, row, "from_code", t.giver)
        if (t.giver, t.receiver) in pairs:
            message = f"the pair is already in row {pairs[t.giver, t.receiver]}"
            yield Problem(table, message, row, "to_code", t.receiver)
        pairs.setdefault((t.giver, t.receiver), row)
        given[t.giver] += max(t.share, 0)
        if not unknown and given[t.giver] > share[t.giver]:
            message = (
                f"{t.giver} hands away {per_mille_text(given[t.giver])} ‰ of a share of "
                f"{per_mille_text(share[t.giver])} ‰"
            )
            yield Problem(table, message, row, "share", shown)


def _first_named(places: Sequence[Municipality]) -> str:
    """Five of them, and how many there are besides."""
    named = ", ".join(f"{m.code} {m.name}" for m in places[:5])
    return f"{named} and {len(places) - 5} more" if len(places) > 5 else named


def instance_warnings(instance: Instance) -> list[str]:
    """What is unusual but accepted."""
    warnings = []
    if instance.units != WHOLE:
        warnings.append(
            f"the shares sum to {per_mille_text(instance.units)} ‰, within rounding of 1000 ‰; "
            "they are normalised by their sum"
        )
    small = [m for m in instance.municipalities if m.share < UNITS_PER_MILLE]
    if small:
        warnings.append(f"shares below 1 ‰ ([O] 2.3): {_first_named(small)}")
    large = [
        m for m in instance.municipalities
        if (w := instance.wanted.more.get(m.code)) and is_unusual(m.share, w.share)
    ]  # fmt: skip
    if large:
        warnings.append(
            f"wishes for more than {per_mille_text(MOST_RECEIVED)} ‰, the most that anybody has taken "
            f"over, and for more than the share: {_first_named(large)}"
        )
    counties = {m.code: m.county_code for m in instance.municipalities}
    crossing = [t for t in instance.transfers if counties[t.giver] != counties[t.receiver]]
    if crossing:
        pairs = ", ".join(f"{t.giver}→{t.receiver}" for t in crossing[:5])
        warnings.append(f"transfers that cross a county border ([O] 2.3.2 keeps them inside): {pairs}")
    receivers = Counter(t.giver for t in instance.transfers)
    several = sorted(code for code, count in receivers.items() if count > 1)
    if several:
        warnings.append(
            f"handed to more than one receiver ([O] 2.3.2 allows one): {', '.join(several[:5])}"
        )
    return warnings
