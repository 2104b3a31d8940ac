"""What may be published: counts from 1 to 4 are hidden, and so is what would reveal them.

A municipality with any count from 1 to 4, under any of the results shown together, is hidden whole.
What is credited to a giver or receiver of shares, less what came before and what it bears, is what
others bear on its share. So where a row is hidden, figures by owner (credited, and what follows:
deviation, fulfilment) are hidden of all givers and receivers; of others they say no more than the row.

Besides rows that are not hidden, exactly these figures that are computed from counts are shown: the
children of a county, the children of the country, and, where that is safe, those of each kind in the
country. So every count from 1 to 4 that is hidden could be at least `LEAST` numbers, for whoever knows
all that is shown, what came before, the shares and the transfers, and that kinship is the same under
all rules (`exposure`). Rows are hidden besides, the smallest first, then sums of counties, then kinds,
until that holds; if nothing helps, the year cannot be published.

Hidden rows look the same whether they were small or chosen to protect. As zeros are mostly shown,
hidden rows that each have one child would follow from their sum; then one more is hidden.

Not protected against: knowing other counts, comparing two publications, or running this program on
every table that there could have been.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fordela.models.allocation import Counts
from fordela.models.errors import InputError, Problem
from fordela.models.holdings import holdings
from fordela.models.instance import Instance, Transfer
from fordela.models.result import Result
from fordela.models.tables import Row
from fordela.report.exposure import HiddenTable

#: Counts that are not published.
SMALL = range(1, 5)
#: Numbers that a hidden count from 1 to 4 could be, at least.
LEAST = 5
_UNTIED = ("equalising", "willing", "valve")
_COUNTS = (
    "kinship", *_UNTIED, "on_transferred_share", "total", "tie_not_followed", "owned", "credited",
)  # fmt: skip
#: How much is shown of the kinds in the country: nothing, kinship, all; "without tie" follows.
_NOTHING, _KINSHIP, _ALL = range(3)
_REFUSED = (
    "cannot be published: there are so few children or municipalities that counts from 1 to 4 would "
    "follow from the sums"
)


@dataclass(frozen=True)
class Suppression:
    """What is hidden.

    Attributes
    ----------
    municipalities
        Codes of municipalities whose counts are hidden.
    owners
        Codes of municipalities whose figures by owner (credited, deviation, fulfilment) are hidden:
        those above, and all that hand over or receive shares where any is hidden.
    counties
        Codes of counties whose sums are hidden.
    kinds
        Kinds of assignment whose numbers in the country are shown, the same under all results.
    """

    municipalities: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    counties: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset({"kinship", *_UNTIED, "unplaced"})

    def __contains__(self, code: str) -> bool:
        return code in self.municipalities


#: Nothing is hidden.
OPEN = Suppression()


def suppression_of(results: Sequence[Result]) -> Suppression:
    """Decide what to hide of results that are shown together.

    Raises
    ------
    InputError
        As `suppression`.
    """
    return suppression(results[0].instance, [r.counts for r in results], [r.transfers for r in results])


def suppression(
    instance: Instance, counts: Sequence[Counts], transfers: Sequence[Sequence[Transfer]] = ()
) -> Suppression:
    """Decide what to hide of an instance in results that are shown together.

    Parameters
    ----------
    instance
        The year.
    counts, transfers
        Of each result that is shown.

    Raises
    ------
    InputError
        If hidden counts would follow from the sums whatever is hidden.
    """
    made = _Decision(instance, counts, transfers or [()] * len(counts))
    made.decide()
    shown = {_NOTHING: (), _KINSHIP: ("kinship", "unplaced")}.get(made.level)
    kinds = OPEN.kinds if shown is None else frozenset(shown)
    owners = made.hidden | made.trading if made.hidden else set()
    return Suppression(frozenset(made.hidden), frozenset(owners), frozenset(made.counties), kinds)


class _Decision:
    """What is hidden so far, and what that leaves exposed."""

    def __init__(
        self, instance: Instance, counts: Sequence[Counts], transfers: Sequence[Sequence[Transfer]]
    ) -> None:
        self._counts = counts
        self._codes = [m.code for m in instance.municipalities]
        self._county = {m.code: m.county_code for m in instance.municipalities}
        self._before = [[m.assigned_before, m.stock or 0] for m in instance.municipalities]
        self._row = {code: k for k, code in enumerate(self._codes)}
        self._totals = {code: [c.total[k] for c in counts] for k, code in enumerate(self._codes)}
        self._members: dict[str, list[str]] = {}
        for code, county in self._county.items():
            self._members.setdefault(county, []).append(code)
        self._allowed = [_allowed(instance, made) for made in transfers]
        self._transfers = [t for made in transfers for t in made]
        self.trading = {code for t in self._transfers for code in (t.giver, t.receiver)} | {
            code
            for k, code in enumerate(self._codes)
            if any(c.owned[k] != c.total[k] for c in counts)  # decided earlier, without a transfer
        }
        self.hidden = {
            code
            for k, code in enumerate(self._codes)
            if any(map(small, self._before[k]))
            or any(small(column[k]) for c in counts for n in _COUNTS if (column := getattr(c, n)))
        }
        self.counties = {
            county
            for county, sums in self._county_sums().items()
            if any(map(small, sums)) and self.hidden
        }
        self.level = _ALL
        unplaced = [max(0, len(instance.children) - sum(c.total)) for c in counts]
        if any(map(small, unplaced)):
            self.counties, self.level = set(self._members), _NOTHING
        if any(any(c.tie_not_followed) for c in counts):  # two rules' kinship would tell how many
            self.level = _NOTHING
        for c, left in zip(counts, unplaced, strict=True):
            untied = [sum(getattr(c, kind)) for kind in _UNTIED]
            if small(sum(c.kinship)) or small(sum(untied)) or small(left):
                self.level = _NOTHING
            elif any(map(small, untied)):
                self.level = min(self.level, _KINSHIP)

    def decide(self) -> None:
        """Hide until nothing is exposed: rows first, then sums of counties, then kinds."""
        self._complete()
        while exposed := self._exposed():
            if self.level == _ALL and {k for _, k in exposed} & set(_UNTIED) and self._several_kinds():
                self.level = _KINSHIP
                continue
            counties = {self._county[code] for code, _ in exposed}
            changed = False
            if counties & self.counties:
                changed = self._hide_in(self.counties) or self._pool_another()
            for county in sorted(counties - self.counties):
                if not self._hide_in({county}):
                    self.counties.add(county)
                changed = True
            if not changed:
                if self.level == _NOTHING:
                    raise InputError([Problem("--publish", _REFUSED)])
                self.level = _NOTHING
            self._complete()

    def _complete(self) -> None:
        """Sums that are hidden follow neither from the rows of the county nor from each other."""
        sums = self._county_sums()
        if len(self.counties) == 1 and any(map(small, sums[next(iter(self.counties))])):
            self._pool_another()
        for county in self.counties:
            if not self.hidden & set(self._members[county]):
                self._hide_in({county})
        # What a giver bears less with redistribution than without it, its receiver bears.
        while len(self._counts) > 1 and (
            givers := {t.giver for t in self._transfers if t.receiver in self.hidden} - self.hidden
        ):
            self.hidden |= givers

    def _hide_in(self, counties: set[str]) -> bool:
        """Hide the smallest row of some counties that is not hidden; False if there is none."""
        others = [c for county in counties for c in self._members[county] if c not in self.hidden]
        if others:
            self.hidden.add(_smallest(others, self._totals))
        return bool(others)

    def _pool_another(self) -> bool:
        """Hide another county's sum; False if there is none."""
        sums = {c: s for c, s in self._county_sums().items() if c not in self.counties}
        if sums:
            self.counties.add(_smallest(sums, sums))
        return bool(sums)

    def _county_sums(self) -> dict[str, list[int]]:
        results = range(len(self._counts))
        return {
            county: [sum(self._totals[c][r] for c in codes) for r in results]
            for county, codes in self._members.items()
        }

    def _several_kinds(self) -> bool:
        return any(any(c.willing) or any(c.valve) for c in self._counts)

    def _exposed(self) -> set[tuple[str, str]]:
        """Hidden rows with a count that could be too few numbers, and the kind of count."""
        found = set(self._exposed_sums())
        rows = sorted(self.hidden, key=self._row.__getitem__)
        groups = [self._group(code) for code in rows]
        for kind, ways, watched in self._tables(rows, groups):
            for row, code in enumerate(rows):
                if watched[row] and all(t.numbers(row, c, LEAST) < LEAST for t, c in ways):
                    found.add((code, kind))
        return found

    def _group(self, code: str) -> int:
        county = self._county[code]
        return -1 if county in self.counties else sorted(self._members).index(county)

    def _exposed_sums(self) -> Iterator[tuple[str, str]]:
        """Rows of groups whose sum gives them away, of counties that do, and of small histories."""
        groups: dict[int, list[str]] = {}
        for code in self.hidden:
            groups.setdefault(self._group(code), []).append(code)
        for group in groups.values():
            ones = any(all(self._totals[c][r] == 1 for c in group) for r in range(len(self._counts)))
            if len(group) == 1 or ones:
                yield from ((code, "total") for code in group)
        for before in zip(*(self._before[self._row[code]] for code in self.hidden), strict=True):
            if any(map(small, before)) and sum(before) < LEAST - 1:
                yield min(self.hidden), "total"
        for c in self._counts:
            if any(c.tie_not_followed) and self.hidden and self._room_for_ties(c) < 2 * LEAST:
                yield min(self.hidden), "total"

    def _room_for_ties(self, counts: Counts) -> int:
        """Children who could be of hidden rows' ties that were not followed: they are borne untied."""
        open_rows = [k for k, code in enumerate(self._codes) if code not in self.hidden]
        return sum(counts.total) - sum(
            counts.kinship[k] + counts.tie_not_followed[k] for k in open_rows
        )

    def _tables(
        self, rows: Sequence[str], groups: Sequence[int]
    ) -> Iterator[tuple[str, list[tuple[HiddenTable, int | None]], list[bool]]]:
        """Kind, tables and columns by which its counts can move, and which rows have a small one."""
        at = [self._row[code] for code in rows]
        kinship = [[c.kinship[k] for k in at] for c in self._counts]
        untied = [[[getattr(c, kind)[k] for kind in _UNTIED] for k in at] for c in self._counts]
        # Children on transferred share are among the equalising ones: that many, or fewer.
        few = [[[small(n) for n in u] for u in result] for result in untied]
        for c, result in zip(self._counts, few, strict=True):
            for k, row in zip(at, result, strict=True):
                row[0] |= small(c.on_transferred_share[k])
        may = [[allowed[k] for k in at] for allowed in self._allowed]
        totals = [self._totals[code] for code in rows]
        any_small = [
            any(small(k[i]) or any(f[i]) for k, f in zip(kinship, few, strict=True))
            or any(map(small, totals[i]))
            for i in range(len(rows))
        ]
        if self.level == _NOTHING:
            for r in range(len(self._counts)):
                sums = HiddenTable([[t[r]] for t in totals], groups, [[True]] * len(rows))
                yield "total", [(sums, 0)], any_small
            return
        # What moves, moves in all results at once: kinship is the same, or nearly, under all rules.
        both = [[min(k[i] for k in kinship), min(u[i][0] for u in untied)] for i in range(len(rows))]
        ok = [[True, all(m[i][0] for m in may)] for i in range(len(rows))]
        common = HiddenTable(both, groups, ok)
        for r in range(len(self._counts)):
            yield "kinship", [(common, 0)], [small(k) for k in kinship[r]]
            yield "total", [(common, None)], [small(t[r]) for t in totals]
            if self.level == _KINSHIP:
                summed = [[sum(u)] for u in untied[r]]
                alone = HiddenTable(summed, groups, [[any(m)] for m in may[r]])
                yield "untied", [(common, 1), (alone, 0)], [any(row) for row in few[r]]
                continue
            apart = HiddenTable(untied[r], groups, may[r])
            for column, kind in enumerate(_UNTIED):
                ways: list[tuple[HiddenTable, int | None]] = [(apart, column)]
                if not column:
                    ways.insert(0, (common, 1))
                yield kind, ways, [row[column] for row in few[r]]


def _allowed(instance: Instance, transfers: Sequence[Transfer]) -> list[tuple[bool, bool, bool]]:
    """Whether a municipality can have equalising, willing and valve children, as everybody knows."""
    effective = holdings(instance, transfers).effective
    return [
        (held > 0, places > 0, m.share > 0)
        for held, places, m in zip(
            effective, instance.willing_places, instance.municipalities, strict=True
        )
    ]


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


#: Columns of a municipality that count children by owner.
_OWNER_COLUMNS = frozenset({"credited", "deviation", "fulfilment"})


def published_rows(rows: Iterable[Row], hidden: Suppression) -> list[Row]:
    """Rows of municipalities, those that are hidden without anything that counts their children."""
    return [
        {k: None if _is_hidden(str(row["code"]), k, hidden) else v for k, v in row.items()}
        for row in rows
    ]


def _is_hidden(code: str, column: str, hidden: Suppression) -> bool:
    if column in _OWNER_COLUMNS:
        return code in hidden.owners
    return code in hidden and column not in _OPEN_COLUMNS


#: What the JSON of a result may hold besides its rows: nothing of it is computed from counts.
_OPEN_KEYS = (
    "format", "status", "proof", "termination", "backend", "backend_version", "fordela_version", "seed",
    "instance", "policy", "policy_sha256", "synthetic", "shares_are",
)  # fmt: skip


def published_json(data: Row) -> Row:
    """``result.json`` without levels, cases, ties and the hash of the year."""
    return {key: data[key] for key in _OPEN_KEYS if key in data}
