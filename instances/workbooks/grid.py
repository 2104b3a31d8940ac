"""The cells of a workbook as text, with addresses: what a person sees, and where."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from fordela.instances.seals import kind_of_book
from fordela.instances.tables import decode, parse_rows
from fordela.instances.workbooks.names import FILE_SHEETS, LISTS
from fordela.instances.workbooks.parts import DAMAGED, MOST_BYTES, Marks, marks, refuse, unpack
from fordela.models.errors import InputError, Problem

#: A workbook that Fordela wrote names itself by this property.
MARK = "Fordela"
_ERRORS = ("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#N/A", "#NUM!", "#NULL!")


@dataclass(frozen=True)
class Sheet:
    """A sheet.

    Attributes
    ----------
    file, name
        Of the workbook and the sheet.
    rows
        Cells as text, row by row from row 1; blank cells are empty.
    merged
        First row, last row, first column, last column of each merged range, from 1.
    formulas, unstored
        Row and column, from 1, of cells with a formula, and of those whose value is not stored.
    struck
        Row and column of cells whose text is struck through.
    hidden_rows, hidden_columns
        What is hidden in it.
    comments
        Addresses of cells with a comment.
    hidden
        Whether a person does not see it.
    """

    file: str
    name: str
    rows: tuple[tuple[str, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    formulas: frozenset[tuple[int, int]] = frozenset()
    unstored: frozenset[tuple[int, int]] = frozenset()
    struck: frozenset[tuple[int, int]] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    comments: tuple[str, ...] = ()
    hidden: bool = False

    def at(self, row: int, column: int) -> str:
        """Text of a cell, counted from 1."""
        cells = self.rows[row - 1] if row <= len(self.rows) else ()
        return cells[column - 1] if column <= len(cells) else ""

    def place(self, row: int, column: int) -> str:
        """Name of a cell, for messages."""
        return f"{self.where}, cell {column_name(column)}{row}"

    def is_unseen(self, row: int, column: int) -> bool:
        """Whether a cell stands in a hidden row or column."""
        return row in self.hidden_rows or column in self.hidden_columns

    @property
    def where(self) -> str:
        """Name of the sheet, for messages."""
        return f"{self.file}, sheet {self.name}" if self.name else self.file

    def problem(self, row: int, column: int, message: str) -> Problem:
        """Return a problem with a cell."""
        value = self.at(row, column)
        return Problem(self.place(row, column), message, value=value or None)


@dataclass(frozen=True)
class Book:
    """A workbook.

    Attributes
    ----------
    sheets
        All sheets, in order.
    ours
        Whether Fordela wrote it.
    kind
        What it wrote, where the workbook says so.
    """

    sheets: tuple[Sheet, ...]
    ours: bool = False
    kind: str = ""

    @property
    def read(self) -> tuple[Sheet, ...]:
        """Sheets that people see; in our own workbooks not those that stand for files."""
        return tuple(
            s for s in self.sheets if not s.hidden and not (self.ours and s.name in FILE_SHEETS)
        )

    @property
    def to_fill_in(self) -> bool:
        """Whether it is our own workbook of an instance, whose headings are known.

        Also where somebody has deleted its grey sheets.
        """
        names = {s.name for s in self.sheets}
        return self.ours and (self.kind == "instance-book" or "instance" in names)

    @property
    def unseen(self) -> tuple[Sheet, ...]:
        """Sheets that are hidden; in our own workbooks not the lists to choose from."""
        own = {*FILE_SHEETS, LISTS} if self.ours else set()
        return tuple(s for s in self.sheets if s.hidden and s.name not in own)


def column_name(column: int) -> str:
    """Letters of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_book(path: Path) -> Book:
    """Read a workbook (.xlsx, .xlsm) or one table (.csv).

    Raises
    ------
    InputError
        If it cannot be read; of other spreadsheet formats it says how to save them.
    """
    if not path.exists():
        raise InputError([Problem(str(path), "no such file")])
    if path.suffix.lower() == ".csv":
        if path.stat().st_size > MOST_BYTES:
            refuse(path.name, f"is larger than {MOST_BYTES // 1_000_000} MB")
        text = decode(path.read_bytes(), path.name)
        rows = tuple(tuple(cells) for cells in parse_rows(text, path.name))
        return Book((Sheet(path.name, "", rows),))
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        message = "is not an .xlsx workbook; open it and save it as 'Excel workbook (.xlsx)'"
        raise InputError([Problem(path.name, message)])
    stat = path.stat()
    return _read(path.resolve(), path.name, (stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=1)
def _read(path: Path, name: str, stamp: tuple[int, int]) -> Book:
    """Read a workbook; the last one is kept, as a large one takes seconds."""
    import warnings

    from openpyxl import load_workbook

    parts = unpack(path)
    known = marks(parts, name)
    try:
        with warnings.catch_warnings():  # openpyxl tells of what it does not keep; nothing is kept
            warnings.simplefilter("ignore")
            values = load_workbook(parts, read_only=True, data_only=True, keep_links=False)
            # Asking each cell for its font takes long, and hardly any workbook strikes anything.
            strikes = any(font.strike for font in values._fonts)
            letters, sheets = 0, []
            for sheet in values.worksheets:
                made = _sheet(
                    name, sheet, known.get(sheet.title, Marks()), MOST_BYTES - letters, strikes
                )
                letters += sum(len(text) for row in made.rows for text in row)
                sheets.append(made)
            properties = {p.name: str(p.value) for p in values.custom_doc_props}
            return Book(tuple(sheets), MARK in properties, kind_of_book(properties))
    except (zipfile.BadZipFile, OSError, SyntaxError, LookupError, ValueError, TypeError, EOFError,
            AttributeError) as error:  # fmt: skip
        refuse(name, DAMAGED, error)


def _sheet(file: str, sheet: Any, known: Marks, room: int, strikes: bool) -> Sheet:
    """Cells of a sheet as text, without blank ones at the end of rows and blank rows at the end."""
    rows: list[tuple[str, ...]] = []
    struck: set[tuple[int, int]] = set()
    sheet.reset_dimensions()  # a file may say anything of its size
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if strikes:
            struck |= {
                (number, k) for k, c in enumerate(cells, 1) if c.value is not None and c.font.strike
            }
        texts = ["" if c.value is None else cell_text(c.value, c.number_format) for c in cells]
        while texts and not texts[-1]:
            texts.pop()
        room -= sum(map(len, texts))
        if room < 0:  # one long text in many cells
            refuse(file, f"has texts of more than {MOST_BYTES} letters; shorten them")
        rows.append(tuple(texts))
    while rows and not rows[-1]:
        rows.pop()
    hidden = sheet.sheet_state != "visible"
    return Sheet(
        file, sheet.title, tuple(rows), tuple(known.merged), frozenset(known.formulas),
        frozenset(known.unstored), frozenset(struck), frozenset(known.rows),
        frozenset(known.columns), known.comments, hidden,
    )  # fmt: skip


def cell_text(value: object, number_format: str = "") -> str:
    """Write a cell's value as text: numbers with the 15 digits that a spreadsheet keeps.

    A number that is shown in per cent is written so: 0.00945 as ``0.945%``.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float) and "%" in re.sub(r'"[^"]*"|\\.', "", number_format):
        return f"{Decimal(f'{value:.15g}').scaleb(2).normalize():f}%"
    if isinstance(value, float):
        text = f"{value:.15g}"
        return f"{float(text):.0f}" if "e" in text and float(text).is_integer() else text
    if isinstance(value, datetime) and value.hour == value.minute == value.second == 0:
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def is_error(text: str) -> bool:
    """Whether a cell holds a spreadsheet's error."""
    return text in _ERRORS


def filled(row: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Column, from 1, and text of the cells that are not blank."""
    return ((k, text) for k, text in enumerate(row, 1) if text)


def by_name(book: Book) -> Mapping[str, Sheet]:
    """Sheets by name."""
    return {sheet.name: sheet for sheet in book.sheets}
