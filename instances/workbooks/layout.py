"""Finding municipalities and their values in sheets of any layout, and saying what is in the way.

A row with a mapped heading opens a block; the rows below it are municipalities (by code or name),
totals (by their label, or by being the sum of what is above), county headings, remarks or blanks.
Totals are checked against what they sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from fordela.instances.workbooks.grid import Book, Sheet, column_name, filled, is_error
from fordela.instances.workbooks.headings import (
    BY_KEY,
    CODE_HEADINGS,
    KEEPS,
    NAME_HEADINGS,
    OWN_KEYS,
    PER_MILLE,
    WISH_KEYS,
    is_in_percent,
    plain,
    years_in,
)
from fordela.instances.workbooks.mapping import HeadingMap, heading_rows
from fordela.instances.workbooks.written import TOTAL, Names, parted, read_number
from fordela.models.errors import Problem
from fordela.models.instance import Instance

_DASHES = frozenset({"-", "–", "—"})
_PERCENT = "is in per cent"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and where it stands."""

    sheet: Sheet
    row: int
    column: int
    text: str

    @property
    def place(self) -> str:
        """Name of the cell, with its sheet."""
        return self.sheet.place(self.row, self.column)

    @property
    def address(self) -> str:
        """Name of the cell in its sheet."""
        return f"{column_name(self.column)}{self.row}"

    def problem(self, message: str) -> Problem:
        """Return a problem with the cell."""
        return Problem(self.place, message, value=self.text)


@dataclass(frozen=True, slots=True)
class Loose:
    """A number that nothing reads: of a municipality or none, and the heading that it stands under."""

    cell: Cell
    code: str
    heading: str


@dataclass(frozen=True, slots=True)
class Total:
    """A total, and the rows that it may be of."""

    cell: Cell
    key: str
    label: str
    block: tuple[str, ...]
    county: str | None


@dataclass
class Found:
    """What a workbook says.

    Attributes
    ----------
    keys
        Columns that were looked for.
    values
        Cell by municipality and column.
    totals
        Totals that stand in it.
    seen
        Codes in order of first appearance.
    notes, problems
        What is worth knowing, and what is wrong.
    sheets
        Names of the sheets that held municipalities.
    percent
        Cells of shares and wishes that are in per cent.
    blank
        First empty cell of a wish, by municipality.
    titles
        Years in the name of each sheet with municipalities and in what stands above its headings.
    loose, texts
        Numbers that nothing reads, and cells of municipalities with other texts that nothing reads.
    tables
        Sheets that held municipalities, with the row of their last headings and what was read there.
    """

    keys: frozenset[str] = frozenset()
    values: dict[str, dict[str, Cell]] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    percent: list[Cell] = field(default_factory=list)
    blank: dict[str, Cell] = field(default_factory=dict)
    titles: dict[str, set[int]] = field(default_factory=dict)
    loose: list[Loose] = field(default_factory=list)
    texts: list[Cell] = field(default_factory=list)
    tables: list[tuple[Sheet, int, frozenset[str]]] = field(default_factory=list)

    def number(self, code: str, key: str) -> Decimal | None:
        """Value of a municipality, None if blank or unreadable."""
        cell = self.values.get(code, {}).get(key)
        return None if cell is None else read_number(cell.text)


def find(book: Book, base: Instance, mapping: HeadingMap) -> Found:
    """Find the municipalities of an instance in a workbook, with every problem on the way."""
    found, names = Found(mapping.keys), Names(base)
    for sheet in book.read:
        _Scan(sheet, names, mapping, found).run(whole=book.to_fill_in)
    return found


class _Scan:
    """One pass over a sheet."""

    def __init__(self, sheet: Sheet, names: Names, mapping: HeadingMap, found: Found) -> None:
        self.sheet, self.names, self.mapping, self.found = sheet, names, mapping, found
        self.columns: dict[int, str] = {}
        self.identifiers = _identifier_columns(sheet, names)
        self.headings = heading_rows(sheet, names)
        self.headed: set[tuple[int, int]] = set()
        self.block: list[str] = []
        self.here: list[str] = []
        self.first = self.last = self.top = 0
        self.ignored: set[int] = set()

    def run(self, *, whole: bool) -> None:
        """Go through the rows, then look at merged cells and sheets that say nothing.

        Of other people's sheets only what stands in rows of municipalities is kept, not ``whole``.
        """
        for number, row in enumerate(self.sheet.rows, 1):
            mapped = {k: key for k, text in filled(row) if (key := self.mapping.column(text))}
            if mapped and number in self.headings:
                self._heading(number, mapped)
                continue
            code, read = self._row(number) if self.columns and any(row) else ("", set())
            for k, text in filled(row) if code or whole else ():
                cell = Cell(self.sheet, number, k, text)
                if k not in read and read_number(text) is not None:
                    self.found.loose.append(Loose(cell, code, self._heading_of(k)))
                elif k not in read and code:
                    self.found.texts.append(cell)
        self._merged()
        self._nothing()

    def _heading(self, number: int, mapped: dict[int, str]) -> None:
        columns = {k: key for k, key in mapped.items() if key != "-"}
        beside = self.columns if number - 1 in {row for row, _ in self.headed} else {}
        self.columns = beside | columns
        self.ignored = set(mapped) - set(columns)
        self.top = number
        self.headed |= {(number, k) for k in columns}
        self.block = []
        for k, key in columns.items():
            if key in PER_MILLE and is_in_percent(self.sheet.at(number, k)):
                message = "is in per cent; shares are in ‰ (per mille), ten times as much"
                self.found.problems.append(self.sheet.problem(number, k, message))

    def _heading_of(self, column: int) -> str:
        """Heading of a column that nothing reads, as it stands above what is read."""
        return self.sheet.at(self.top, column) if self.top else ""

    def _row(self, number: int) -> tuple[str, set[int]]:
        """Take in a row; return whose it is and the columns of it that are read or told."""
        known = len(self.found.problems)
        label, codes = self._who(number)
        columns = {*self.columns, *self.identifiers, *self.ignored}
        if len(self.found.problems) > known:  # told already whose row it cannot be
            return "", columns
        cells = [
            Cell(self.sheet, number, k, text) for k in self.columns
            if (text := self.sheet.at(number, k)) and text not in _DASHES
        ]  # fmt: skip
        if len(codes) == 1:
            self._municipality(number, codes[0], cells)
            return codes[0], columns
        if len(codes) > 1:
            self._problem(number, f"could be {' or '.join(codes)}; write the code beside the name")
        elif TOTAL.match(label) or self.names.county(label):
            return "", self._total(label, cells)
        elif cells and not label:
            self._unlabelled(cells)
        elif any(
            read_number(c.text) is not None for c in cells if BY_KEY[self.columns[c.column]].number
        ):
            self._problem(number, f"is no municipality of the base{self.names.nearest(label)}", label)
        else:
            return "", set()
        return "", {c.column for c in cells}

    def _who(self, number: int) -> tuple[str, list[str]]:
        """Label of a row, and the codes it may stand for; where code and name disagree, none."""
        said = [
            (kind, t) for k, kind in self.identifiers.items()
            if k not in self.columns and (t := self.sheet.at(number, k))
        ]  # fmt: skip
        if not said:
            row = self.sheet.rows[number - 1]
            said = [("", t) for k, t in filled(row) if k not in self.columns][:1]
        texts = [t for _, t in said]
        totals = [t for t in texts if TOTAL.match(t) or self.names.county(t)]
        label = next(iter([*totals, *texts]), "")
        found = [self._codes(kind, text) for kind, text in said]
        sure = [codes for codes in found if codes]
        if not sure:
            return label, []
        agreed = [c for c in sure[0] if all(c in codes for codes in sure)]
        if not agreed:
            both = " but ".join(f"{t!r} is {c[0]}" for t, c in zip(texts, found, strict=True) if c)
            self._problem(number, f"code and name disagree: {both}", label)
            return "", []
        strangers = [
            text for (kind, text), codes in zip(said, found, strict=True)
            if not self._fits(agreed, kind, text, resolved=bool(codes))
        ]  # fmt: skip
        if strangers:
            code = agreed[0]
            message = (
                f"code and name disagree: {strangers[0]!r} is not {code} {self.names.names[code]}"
                f"{self.names.nearest(strangers[0])}"
            )
            self._problem(number, message, label)
            return "", []
        return label, agreed

    def _codes(self, kind: str, text: str) -> list[str]:
        code = self.names.code(text) if kind == "code" else None
        return self.names.codes(text) if code is None else [code]

    def _fits(self, codes: Sequence[str], kind: str, text: str, *, resolved: bool) -> bool:
        """Whether a text beside others can stand for one of the codes, spelling aside."""
        digits, name = parted(text)
        if digits and name:
            return resolved and self._spells(codes, name)
        if resolved:
            return True
        if kind == "code":
            return not any(c.isdigit() for c in text)
        return kind != "name" or self._spells(codes, text)

    def _spells(self, codes: Sequence[str], name: str) -> bool:
        named = self.names.codes(name)
        if named:
            return bool(set(named) & set(codes))
        return any(self.names.is_named(code, name) for code in codes)

    def _municipality(self, number: int, code: str, cells: Sequence[Cell]) -> None:
        self.first, self.last = self.first or number, number
        self.block.append(code)
        self.here.append(code)
        kept = self.found.values.setdefault(code, {})
        for cell in cells:
            key = self.columns[cell.column]
            what = _unreadable(key, cell.text)
            if what == _PERCENT:
                self.found.percent.append(cell)
            elif what:
                self.found.problems.append(cell.problem(f"{what}; {code} needs {BY_KEY[key].means}"))
            elif key in kept and _differ(kept[key].text, cell.text):
                message = f"{code} {self.names.names[code]} has {kept[key].text!r} in {kept[key].place}"
                self.found.problems.append(cell.problem(message))
            kept.setdefault(key, cell)
        filled_in = {cell.column for cell in cells}
        for k, key in self.columns.items():
            if key in WISH_KEYS and k not in filled_in:
                self.found.blank.setdefault(code, Cell(self.sheet, number, k, ""))
            if (number, k) in self.sheet.unstored:
                message = (
                    "is a formula whose value is not stored; open and save the workbook "
                    f"({key} of {code})"
                )
                self.found.problems.append(self.sheet.problem(number, k, message))

    def _total(self, label: str, cells: Sequence[Cell]) -> set[int]:
        """Keep the totals of a row to be checked; return their columns."""
        county, kept = self.names.county(label), set()
        for cell in cells:
            key = self.columns[cell.column]
            # What municipalities answer is summed by formulas that skip numbers written as text.
            if key in OWN_KEYS and read_number(cell.text) is not None:
                block = tuple(self.block)
                self.found.totals.append(Total(cell, key, label, block, county))
                kept.add(cell.column)
        if cells and county is None:
            self.block = []
        return kept

    def _unlabelled(self, cells: Sequence[Cell]) -> None:
        for cell in cells:
            key = self.columns[cell.column]
            number = read_number(cell.text) if BY_KEY[key].number else None
            if number is None:
                message = "stands in a row without a municipality"
            elif number == _sum(self.found, self.block, key) or number == _sum(
                self.found, self.here, key
            ):
                self.found.notes.append(("taken_total", {"place": cell.place, "value": cell.text}))
                continue
            else:
                message = "stands in a row without a municipality and is not the sum of the rows above"
            self.found.problems.append(cell.problem(f"{message}; name the municipality or 'Summa'"))

    def _merged(self) -> None:
        for top, bottom, left, right in self.sheet.merged:
            touched = [k for k in (*self.columns, *self.identifiers) if left <= k <= right]
            over = [k for row, k in self.headed if top <= row <= bottom and left <= k <= right]
            if over and right > left:
                message = "merged heading: it cannot be told which column it means; unmerge it"
                self.found.problems.append(self.sheet.problem(top, left, message))
            elif self.first and touched and bottom > top and top <= self.last and bottom >= self.first:
                message = (
                    "merged cells: it cannot be told whose the value is; unmerge them and fill each"
                )
                self.found.problems.append(self.sheet.problem(top, left, message))
            elif top == bottom and self.first <= top <= self.last and len(touched) > 1 and (
                any(self.names.codes(self.sheet.at(top, k)) for k in self.identifiers)
            ):  # fmt: skip
                message = "merged cells hide a value; unmerge them"
                self.found.problems.append(self.sheet.problem(top, left, message))

    def _nothing(self) -> None:
        if self.here:
            self.found.sheets.append(self.sheet.name or self.sheet.file)
            bare = set(range(1, self.first)) - {row for row, _ in self.headed}
            above = [t for n in sorted(bare) for _, t in filled(self.sheet.rows[n - 1])]
            self.found.titles[self.sheet.where] = years_in(" ".join([self.sheet.name, *above]))
            self.found.tables.append((self.sheet, self.top, frozenset(self.columns.values())))
            return
        rows = sum(
            any(self.names.codes(t) for _, t in filled(row)) for row in self.sheet.rows
        )  # fmt: skip
        if rows > 1:
            wanted = ", ".join(repr(h) for h in self.mapping.columns)
            message = f"has {rows} rows of municipalities, but none of the headings {wanted}"
            self.found.problems.append(Problem(self.sheet.where, message))

    def _problem(self, number: int, message: str, value: str | None = None) -> None:
        column = next(iter(self.identifiers), 1)
        self.found.problems.append(Problem(self.sheet.place(number, column), message, value=value))


def _unreadable(key: str, text: str) -> str:
    """Why a cell is not what its column holds; empty where it is."""
    if is_error(text):
        return "is a spreadsheet error"
    if not BY_KEY[key].number or read_number(text) is not None:
        return ""
    if key in WISH_KEYS and text.casefold() in KEEPS:
        return ""
    if key in PER_MILLE and text.endswith("%") and read_number(text[:-1]) is not None:
        return _PERCENT
    return "is not a number"


def _differ(one: str, other: str) -> bool:
    a, b = read_number(one), read_number(other)
    return one != other if a is None or b is None else a != b


def _identifier_columns(sheet: Sheet, names: Names) -> dict[int, str]:
    """Columns with codes or names: by their headings, and the one that holds most of them."""
    kinds: dict[int, str] = {}
    counts: dict[int, list[str]] = {}
    for row in sheet.rows:
        for k, text in filled(row):
            if plain(text) in CODE_HEADINGS:
                kinds.setdefault(k, "code")
            elif plain(text) in NAME_HEADINGS:
                kinds.setdefault(k, "name")
            if names.codes(text):
                counts.setdefault(k, []).append("code" if text.isdigit() else "name")
    if counts:
        best = min(counts, key=lambda k: (-len(counts[k]), k))
        kinds.setdefault(best, max(("code", "name"), key=counts[best].count))
    return kinds


def _sum(found: Found, codes: Sequence[str], key: str) -> Decimal:
    return sum((found.number(c, key) or Decimal(0) for c in dict.fromkeys(codes)), Decimal(0))


def total_problems(found: Found, county_of: dict[str, str]) -> Iterator[Problem]:
    """Totals that are the sum of nothing they could be the sum of."""
    everything = list(found.values)
    for total in found.totals:
        says = read_number(total.cell.text)
        assert says is not None
        if total.county is not None:
            scopes = [[c for c in everything if county_of[c] == total.county]]
        else:
            sheet = total.cell.sheet
            beside = [
                code for code in everything
                if any(cell.sheet is sheet for cell in found.values[code].values())
            ]  # fmt: skip
            scopes = [list(total.block), beside, everything]
        sums = [_sum(found, scope, total.key) for scope in scopes if scope]
        decimals = max(0, -int(says.as_tuple().exponent))
        half = Decimal(5).scaleb(-decimals - 1)
        if sums and all(abs(s - says) > half for s in sums):
            message = f"({total.label}) is not the sum of its rows, which is {sums[0]}"
            yield total.cell.problem(message)
