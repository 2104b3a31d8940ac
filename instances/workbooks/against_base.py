"""What a workbook's shares say beside those of its base: units, gaps, sums of counties, last year's.

What is wrong for certain is a problem; what is probably wrong is one until it is confirmed by name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fordela.instances.workbooks.layout import Cell, Found
from fordela.models.confirmation import unless_confirmed
from fordela.models.errors import Problem
from fordela.models.instance import Instance, Municipality
from fordela.models.units import UNITS_PER_MILLE, per_mille_text

#: The sum of shares by the base's where it is in another unit, with room around it.
_UNITS = (
    (Decimal("0.1"), "are in per cent; shares are in ‰ (per mille), ten times as much"),
    (Decimal("0.001"), "are parts of one; shares are in ‰ (per mille), a thousand times as much"),
    (Decimal(10), "are in parts of ten thousand; shares are in ‰ (per mille), a tenth of that"),
)
_ROOM = 2
#: Units that many municipalities have every year: as few as the rule allows.
_FLOOR = UNITS_PER_MILLE
#: Municipalities with last year's share from which it is no accident.
_FEW = 3
#: Missing municipalities that are named one by one; of more, the number of those that are there.
_LISTED = 20


def percent_problems(found: Found) -> Iterator[Problem]:
    """Numbers that are shown in per cent: one problem for a column of a sheet."""
    first: dict[tuple[str, int], list[Cell]] = {}
    for cell in found.percent:
        first.setdefault((cell.sheet.name, cell.column), []).append(cell)
    for cells in first.values():
        n, unit = len(cells), "shares are in ‰ (per mille), ten times as much"
        message = (
            f"is in per cent, in 1 cell; {unit}" if n == 1 else f"is in per cent, in {n} cells; {unit}"
        )
        yield cells[0].problem(message)


def unit_problems(found: Found, base: Instance) -> Iterator[Problem]:
    """Columns in another unit than ‰, by their sum: a tenth of the base's, for instance."""
    for key in ("share", "resulting"):
        told = {c: n for c in found.values if (n := found.number(c, key)) is not None}
        before = sum(base.by_code[code].share for code in told)
        if len(told) < 2 or not before:
            continue
        ratio = sum(told.values(), Decimal(0)) * UNITS_PER_MILLE / before
        for unit, what in _UNITS:
            if unit / _ROOM < ratio < unit * _ROOM:
                cell = found.values[next(iter(told))][key]
                sums = f"sum to {sum(told.values())} instead of {per_mille_text(before)}"
                yield Problem(cell.place, f"the column's numbers {what}; they {sums}", value=cell.text)


@dataclass(frozen=True)
class _County:
    """A county in the base, and its shares in the workbook."""

    code: str
    name: str
    members: tuple[Municipality, ...]
    shares: Mapping[str, int]

    @property
    def absent(self) -> list[Municipality]:
        return [m for m in self.members if m.code not in self.shares]

    @property
    def same(self) -> int:
        """Municipalities with the base's share, those at the least share left aside."""
        return sum(self.shares.get(m.code) == m.share != _FLOOR for m in self.members)

    @property
    def other(self) -> int:
        return sum(self.shares.get(m.code, m.share) != m.share for m in self.members)


def comparison_problems(
    file: str, base: Instance, shares: Mapping[str, int], accepted: Collection[str], year: int
) -> Iterator[Problem]:
    """What is missing of the base, sums of counties that changed, last year's shares among new ones.

    Parameters
    ----------
    file
        Name of the workbook, for messages.
    base
        What the shares are compared with.
    shares
        Units by code, of the municipalities that the workbook has.
    accepted
        Names that were confirmed.
    year
        Of the shares.
    """
    counties = _counties(base, shares)
    present = [c for c in counties if c.shares]
    same = not any(c.other for c in present)
    whole = not same or year != base.year or _is_most(shares, base)
    yield from _gaps(file, _told(counties, whole), accepted, whole=whole, of_shares=True)
    if same:
        if year != base.year and present:
            message = f"every share is that of {base.year}; these are no shares of {year}"
            problem = Problem(file, message, column="share")
            yield from unless_confirmed("last-years-shares", accepted, problem, kept=False)
        return
    for c in present:
        before = sum(m.share for m in c.members)
        now = sum(c.shares.get(m.code, m.share) for m in c.members)
        if before != now and "county-sums" not in accepted:
            message = (
                f"{c.code} {c.name} has {per_mille_text(now)} ‰ instead of the base's "
                f"{per_mille_text(before)} ‰"
            )
            problem = Problem(file, message, column="share")
            yield from unless_confirmed(f"county-sum:{c.code}", accepted, problem, kept=False)
    yield from _mixed(file, present, accepted, new_year=year != base.year)


def _counties(base: Instance, shares: Mapping[str, int]) -> list[_County]:
    members: dict[str, list[Municipality]] = {}
    for m in base.municipalities:
        members.setdefault(m.county_code, []).append(m)
    return [
        _County(code, ms[0].county, tuple(ms), {m.code: shares[m.code] for m in ms if m.code in shares})
        for code, ms in members.items()
    ]


def row_problems(
    file: str, base: Instance, there: Collection[str], accepted: Collection[str]
) -> Iterator[Problem]:
    """Municipalities and counties without a row, in a workbook that says nothing new of shares.

    A deleted row or sheet is an answer that would be lost. A workbook of a few counties, or a list of
    the few that have answered, need not have the others.
    """
    whole = _is_most(there, base)
    counties = _told(_counties(base, dict.fromkeys(there, 0)), whole)
    yield from _gaps(file, counties, accepted, whole=whole, of_shares=False)


def _told(counties: Sequence[_County], whole: bool) -> list[_County]:
    """Counties whose gaps are told: all, or of a list of some those that it has most of."""
    return [c for c in counties if whole or 2 * len(c.shares) > len(c.members)]


def _is_most(there: Collection[str], base: Instance) -> bool:
    return 2 * len(there) > len(base.municipalities)


def _gaps(
    file: str, counties: Sequence[_County], accepted: Collection[str], *, whole: bool, of_shares: bool
) -> Iterator[Problem]:
    """Municipalities of a county that is there in part, and counties that are not there.

    A county board's workbook with the base's own shares beside its wishes need not have the others.
    Where many are missing, one name stands for all, with the number of those that are there.
    """
    gone = [c for c in counties if whole and not c.shares]
    there = [c for c in counties if c.shares]
    missing = [m for c in there for m in c.absent]
    column = "share" if of_shares else None
    found = sum(len(c.shares) for c in there)
    if f"rows:{found}" in accepted:
        return
    if len(missing) > _LISTED:
        every = [m for c in counties for m in c.absent if whole or c.shares]
        named = ", ".join(f"{m.code} {m.name}" for m in every[:_FEW])
        message = f"has {found} of {found + len(every)} municipalities, without {named} and others"
        problem = Problem(file, message, column=column)
        yield from unless_confirmed(f"rows:{found}", accepted, problem, kept=False)
        return
    county_of = {m.code: c.name for c in there for m in c.members}
    for m in missing:
        county, who = county_of[m.code], f"{m.code} {m.name}"
        message = f"{county} has no share for {who}" if of_shares else f"{county} has no row of {who}"
        problem = Problem(file, message, column=column)
        yield from unless_confirmed(f"missing:{m.code}", accepted, problem, kept=False)
    if there and len(gone) > len(there):  # a part of the country, on purpose
        name = "only:" + "+".join(c.code for c in there)
        listed = ", ".join(f"{c.code} {c.name}" for c in there)
        message = f"has shares of {listed} only" if of_shares else f"has rows of {listed} only"
        problem = Problem(file, message, column=column)
        yield from unless_confirmed(name, accepted, problem, kept=False)
        return
    for c in gone if there else ():
        who = f"{c.code} {c.name}"
        message = f"has no share of {who}" if of_shares else f"has no row of {who}"
        problem = Problem(file, message, column=column)
        yield from unless_confirmed(f"missing-county:{c.code}", accepted, problem, kept=False)


def _mixed(
    file: str, counties: Sequence[_County], accepted: Collection[str], *, new_year: bool
) -> Iterator[Problem]:
    """Counties with the base's shares where the others have new ones.

    Within a year a county or two may change; then those that did not are as they should be. In a new
    year, or where most have changed, they are not. A county of one or two is told in a new year only.
    """
    same, other = sum(c.same for c in counties), sum(c.other for c in counties)
    if not new_year and same > other:
        return
    told = False
    for c in counties:
        whole = new_year and c.same and not c.other
        if whole or (c.same >= _FEW and c.same > c.other):
            told = True
            equal = sum(c.shares.get(m.code) == m.share for m in c.members)
            message = f"{c.code} {c.name}: {equal} of {len(c.shares)} shares are the base's, unchanged"
            problem = Problem(file, message, column="share")
            yield from unless_confirmed(f"last-years-shares:{c.code}", accepted, problem, kept=False)
    if not told and same > max(2 * _FEW, (same + other) // 10):
        message = f"{same} of {same + other} shares are the base's, unchanged, the others are not"
        problem = Problem(file, message, column="share")
        yield from unless_confirmed("last-years-shares", accepted, problem, kept=False)
