"""Finding municipalities and their values in sheets of any layout, and saying what is in the way.

A row with a mapped heading opens a block; the rows below it are municipalities (by code or name),
totals (by their label, or by being the sum of what is above), county headings, remarks or blanks.
Totals are checked against what they sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from fordela.instances.workbooks.grid import Book, Sheet, filled, is_error
from fordela.instances.workbooks.headings import BY_KEY, CODE_HEADINGS, NAME_HEADINGS, OWN_KEYS, plain
from fordela.instances.workbooks.mapping import HeadingMap
from fordela.models.errors import Problem
from fordela.models.instance import Instance

_TOTAL = re.compile(
    r"^(?:del)?(?:summa|totalt?|totalsumma|s:a|sum|subtotal|grand total|riket|hela riket|hela landet|"
    r"sverige|sweden|whole country|country total|county total|länet)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"^(\d{3,4})(?:\s*[-–,]?\s+(.*))?$")
_CODE_LAST = re.compile(r"^.*\((\d{3,4})\)$")
_SUFFIX = re.compile(r"\s+(?:kommun|stad|municipality)$", re.IGNORECASE)
_NUMBER = re.compile(r"^[+−-]?(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:[.,]\d*)?$")
_DASHES = frozenset({"-", "–", "—"})
_LARGEST = 10**9
#: Municipalities that are named in a list.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and where it stands."""

    sheet: Sheet
    row: int
    column: int
    text: str

    @property
    def place(self) -> str:
        """Name of the cell."""
        return self.sheet.place(self.row, self.column)

    def problem(self, message: str) -> Problem:
        """Return a problem with the cell."""
        return Problem(self.place, message, value=self.text)


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
    """

    values: dict[str, dict[str, Cell]] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)

    def number(self, code: str, key: str) -> Decimal | None:
        """Value of a municipality, None if blank or unreadable."""
        cell = self.values.get(code, {}).get(key)
        return None if cell is None else read_number(cell.text)


def read_number(text: str) -> Decimal | None:
    """Read a number as people write it: decimal comma or point, spaces between thousands, ``‰``."""
    bare = text.replace("‰", "").strip()
    if not _NUMBER.match(bare):
        return None
    bare = re.sub(r"[ \u00a0\u202f]", "", bare).replace("−", "-").replace(",", ".")
    number = Decimal(bare)
    return number if abs(number) <= _LARGEST else None


class Names:
    """Municipalities by code and by name, as people write them."""

    def __init__(self, base: Instance) -> None:
        self.names = {m.code: m.name for m in base.municipalities}
        self.counties = {m.county.casefold(): m.county_code for m in base.municipalities}
        for m in base.municipalities:
            self.counties.setdefault(m.county.casefold().removesuffix(" län"), m.county_code)
        self._by_name: dict[str, list[str]] = {}
        for m in base.municipalities:
            self._by_name.setdefault(_bare(m.name), []).append(m.code)
        for name in list(self._by_name):  # "Stockholms stad", "Kalmars kommun"
            self._by_name.setdefault(f"{name}s", self._by_name[name])
        self._width = max((len(c) for c in self.names), default=4)

    def codes(self, text: str) -> list[str]:
        """Codes that a text may stand for."""
        match = _CODE.match(text) or _CODE_LAST.match(text)
        if match and (code := match[1].zfill(self._width)) in self.names:
            return [code]
        return self._by_name.get(_bare(text), [])

    def county(self, text: str) -> str | None:
        """County that a text names as a whole, with or without a word for its sum."""
        words = re.sub(r"\b(?:summa|totalt?|total|sum|s:a)\b", "", text.casefold()).strip(" ,:-–")
        code = self.counties.get(words)
        if code is None or (
            words in self._by_name and not _TOTAL.match(text) and words == text.casefold()
        ):
            return None
        return code

    def nearest(self, text: str) -> str:
        """Name that was probably meant."""
        from difflib import get_close_matches

        near = get_close_matches(_bare(text), list(self._by_name), n=1)
        if not near:
            return ""
        code = self._by_name[near[0]][0]
        return f"; did you mean {code} {self.names[code]}?"


def _bare(name: str) -> str:
    return _SUFFIX.sub("", re.sub(r"\s+", " ", name).strip()).casefold()


def find(book: Book, base: Instance, mapping: HeadingMap) -> Found:
    """Find the municipalities of an instance in a workbook, with every problem on the way."""
    found, names = Found(), Names(base)
    for sheet in book.read:
        _Scan(sheet, names, mapping, found).run()
    for sheet in book.unseen:
        _look_behind(sheet, names, found)
    return found


def _look_behind(sheet: Sheet, names: Names, found: Found) -> None:
    """A hidden sheet is not read; but if only it has some municipalities, that is no accident."""
    inside = {c[0] for row in sheet.rows for _, t in filled(row) if len(c := names.codes(t)) == 1}
    missing = sorted(inside - set(found.values))
    if len(inside) > 1 and missing:
        named = ", ".join(f"{code} {names.names[code]}" for code in missing[:_NAMED])
        more = f" (+{len(missing) - _NAMED})" if len(missing) > _NAMED else ""
        message = f"is hidden, but no other sheet has {named}{more}; show the sheet, or delete it"
        found.problems.append(Problem(sheet.where, message))
    else:
        found.notes.append(("hidden_sheet", {"sheet": sheet.name}))


class _Scan:
    """One pass over a sheet."""

    def __init__(self, sheet: Sheet, names: Names, mapping: HeadingMap, found: Found) -> None:
        self.sheet, self.names, self.mapping, self.found = sheet, names, mapping, found
        self.columns: dict[int, str] = {}
        self.identifiers = _identifier_columns(sheet, names)
        self.block: list[str] = []
        self.here: list[str] = []
        self.first = self.last = 0

    def run(self) -> None:
        """Go through the rows, then look at merged cells and sheets that say nothing."""
        for number, row in enumerate(self.sheet.rows, 1):
            headings = {k: key for k, text in filled(row) if (key := self.mapping.column(text))}
            if headings and not self._who(number)[1]:
                self.columns = {k: key for k, key in headings.items() if key != "-"}
                self.block = []
            elif self.columns and any(row):
                self._row(number)
        self._merged()
        self._nothing()

    def _row(self, number: int) -> None:
        label, codes = self._who(number)
        cells = [
            Cell(self.sheet, number, k, text) for k in self.columns
            if (text := self.sheet.at(number, k)) and text not in _DASHES
        ]  # fmt: skip
        if len(codes) == 1:
            self._municipality(number, codes[0], cells)
        elif len(codes) > 1:
            self._problem(number, f"could be {' or '.join(codes)}; write the code beside the name")
        elif _TOTAL.match(label) or self.names.county(label):
            self._total(label, cells)
        elif cells and not label:
            self._unlabelled(cells)
        elif any(
            read_number(c.text) is not None for c in cells if BY_KEY[self.columns[c.column]].number
        ):
            self._problem(number, f"is no municipality of the base{self.names.nearest(label)}", label)

    def _who(self, number: int) -> tuple[str, list[str]]:
        """Label of a row, and the codes it may stand for; a code that disagrees with a name is none."""
        texts = [
            t for k in self.identifiers if k not in self.columns and (t := self.sheet.at(number, k))
        ]
        if not texts:
            taken = set(self.columns)
            texts = [t for k, t in filled(self.sheet.rows[number - 1]) if k not in taken][:1]
        label = texts[0] if texts else ""
        found = [c for c in (self.names.codes(t) for t in texts) if c]
        if len(found) > 1 and not set(found[0]) & set(found[1]):
            both = " but ".join(f"{t!r} is {c[0]}" for t, c in zip(texts, found, strict=False))
            self._problem(number, f"code and name disagree: {both}", label)
            return "", []
        if len(found) > 1:
            return label, [c for c in found[0] if c in found[1]]
        return label, found[0] if found else []

    def _municipality(self, number: int, code: str, cells: Sequence[Cell]) -> None:
        self.first, self.last = self.first or number, number
        self.block.append(code)
        self.here.append(code)
        kept = self.found.values.setdefault(code, {})
        for cell in cells:
            key = self.columns[cell.column]
            if BY_KEY[key].number and read_number(cell.text) is None:
                what = "is a spreadsheet error" if is_error(cell.text) else "is not a number"
                self.found.problems.append(cell.problem(f"{what}; {code} needs {BY_KEY[key].means}"))
            elif key in kept and _differ(kept[key].text, cell.text):
                message = f"{code} {self.names.names[code]} has {kept[key].text!r} in {kept[key].place}"
                self.found.problems.append(cell.problem(message))
            kept.setdefault(key, cell)
        for k, key in self.columns.items():
            if (number, k) in self.sheet.formulas:
                message = (
                    "is a formula whose value is not stored; open and save the workbook "
                    f"({key} of {code})"
                )
                self.found.problems.append(self.sheet.problem(number, k, message))

    def _total(self, label: str, cells: Sequence[Cell]) -> None:
        county = self.names.county(label)
        for cell in cells:
            key = self.columns[cell.column]
            # What municipalities answer is summed by formulas that skip numbers written as text.
            if key in OWN_KEYS and read_number(cell.text) is not None:
                block = tuple(self.block)
                self.found.totals.append(Total(cell, key, label, block, county))
        if cells and county is None:
            self.block = []

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
            if self.first and touched and bottom > top and top <= self.last and bottom >= self.first:
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
            return
        rows = sum(
            any(self.names.codes(t) for _, t in filled(row)) for row in self.sheet.rows
        )  # fmt: skip
        if rows > 1:
            wanted = ", ".join(repr(h) for h in self.mapping.columns)
            message = f"has {rows} rows of municipalities, but none of the headings {wanted}"
            self.found.problems.append(Problem(self.sheet.where, message))

    def _problem(self, number: int, message: str, value: str | None = None) -> None:
        column = self.identifiers[0] if self.identifiers else 1
        self.found.problems.append(Problem(self.sheet.place(number, column), message, value=value))


def _differ(one: str, other: str) -> bool:
    a, b = read_number(one), read_number(other)
    return one != other if a is None or b is None else a != b


def _identifier_columns(sheet: Sheet, names: Names) -> list[int]:
    """Columns with codes or names: by their headings, and the one that holds most of them."""
    headed: list[int] = []
    counts: dict[int, int] = {}
    for row in sheet.rows:
        for k, text in filled(row):
            if plain(text) in CODE_HEADINGS or plain(text) in NAME_HEADINGS:
                headed.append(k)
            if names.codes(text):
                counts[k] = counts.get(k, 0) + 1
    best = min(counts, key=lambda k: (-counts[k], k)) if counts else None
    ordered = [*headed, *([best] if best else [])]
    return list(dict.fromkeys(ordered))


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
