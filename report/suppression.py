"""What may be published: counts from 1 to 4 are hidden, and so is what would reveal them.

A municipality with any count from 1 to 4, under any of the policies shown together, is hidden whole:
all its counts and every figure that is computed from them. Then no row can be solved for one unknown.
Sums over a county or the country are shown, so a county with one hidden municipality hides another
one. A county whose own sums are from 1 to 4, or that is known by its only municipality, is hidden as a
sum, with another one.
Hidden rows look the same whether they were small or chosen to protect, so an unknown in a column is
any number from 0 to what the hidden rows sum to. As zeros are mostly shown, hidden rows that each have
one child would follow from their sum; then one more is hidden.

Not protected against: knowing other counts, comparing two publications, or running this program on
every table that there could have been.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fordela.models.allocation import Counts
from fordela.models.instance import Instance
from fordela.models.tables import Row

#: Counts that are not published.
SMALL = range(1, 5)
_COUNTS = (
    "kinship", "equalising", "willing", "valve", "on_transferred_share", "total", "owned", "credited",
)  # fmt: skip


@dataclass(frozen=True)
class Suppression:
    """What is hidden.

    Attributes
    ----------
    municipalities
        Codes of municipalities whose counts are hidden.
    counties
        Codes of counties whose sums are hidden.
    """

    municipalities: frozenset[str] = frozenset()
    counties: frozenset[str] = frozenset()

    def __contains__(self, code: str) -> bool:
        return code in self.municipalities


#: Nothing is hidden.
OPEN = Suppression()


def suppression(instance: Instance, counts: Sequence[Counts]) -> Suppression:
    """Decide what to hide of an instance in results that are shown together.

    Parameters
    ----------
    instance
        The year.
    counts
        Of each result that is shown.
    """
    columns = [
        [getattr(c, name)[k] for c in counts for name in _COUNTS] + [m.assigned_before]
        for k, m in enumerate(instance.municipalities)
    ]
    totals = {m.code: [c.total[k] for c in counts] for k, m in enumerate(instance.municipalities)}
    county_of = {m.code: m.county_code for m in instance.municipalities}
    by_county: dict[str, list[str]] = defaultdict(list)
    sums: dict[str, list[int]] = {}
    for m, values in zip(instance.municipalities, columns, strict=True):
        by_county[m.county_code].append(m.code)
        before = sums.get(m.county_code, [0] * len(values))
        sums[m.county_code] = [a + b for a, b in zip(before, values, strict=True)]
    hidden = {
        m.code
        for m, values in zip(instance.municipalities, columns, strict=True)
        if any(map(small, values))
    }
    counties = {county for county, values in sums.items() if any(map(small, values))}
    for county, codes in by_county.items():
        if not _protect(hidden, codes, totals):
            counties.add(county)
    county_totals = {
        county: [sum(totals[c][r] for c in codes) for r in range(len(counts))]
        for county, codes in by_county.items()
    }
    if counties:
        _protect(counties, list(by_county), county_totals)
    for county in counties:  # or its sum would follow from its municipalities
        if not hidden & set(by_county[county]):
            hidden.add(_smallest(by_county[county], totals))
    while counties and _exposed({c for c in hidden if county_of[c] in counties}, totals):
        others = [c for c in totals if c not in hidden and county_of[c] in counties]
        if not others:
            more = set(by_county) - counties
            if not more:
                break
            counties.add(_smallest(more, county_totals))
            others = [c for c in totals if c not in hidden and county_of[c] in counties]
        if others:
            hidden.add(_smallest(others, totals))
    return Suppression(frozenset(hidden), frozenset(counties))


def _protect(hidden: set[str], members: Sequence[str], totals: Mapping[str, Sequence[int]]) -> bool:
    """Hide further members of a group with a known sum until nobody follows from it; False if not."""
    while _exposed(hidden & set(members), totals):
        others = set(members) - hidden
        if not others:
            return False
        hidden.add(_smallest(others, totals))
    return True


def _exposed(hidden: set[str], totals: Mapping[str, Sequence[int]]) -> bool:
    """Whether the sum of what is hidden gives away one of them.

    It does where there is only one; and where all have one child, as zeros are mostly shown: a sum
    as large as their number leaves no other way.
    """
    if len(hidden) == 1:
        return True
    results = range(len(next(iter(totals.values()), ())))
    return bool(hidden) and any(all(totals[c][r] == 1 for c in hidden) for r in results)


def _smallest(codes: Iterable[str], totals: Mapping[str, Sequence[int]]) -> str:
    """Return the one with the fewest children, preferably some, then by code."""
    return min(codes, key=lambda code: (not any(totals[code]), sum(totals[code]), code))


def small(value: int | None) -> bool:
    """Whether a count is too small to be published."""
    return value in SMALL


#: Columns of a municipality that are known without counting its children.
_OPEN_COLUMNS = frozenset({
    "code", "name", "county_code", "county", "share", "share_after_transfers", "synthetic", "target",
    "target_exact",
})  # fmt: skip


def published_rows(rows: Iterable[Row], hidden: Suppression) -> list[Row]:
    """Rows of municipalities, those that are hidden without anything that counts their children."""
    return [
        {k: v if k in _OPEN_COLUMNS else None for k, v in row.items()}
        if str(row["code"]) in hidden
        else row
        for row in rows
    ]
