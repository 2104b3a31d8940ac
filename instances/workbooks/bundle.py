"""A folder's files as sheets of a workbook, and back: nothing is lost on the way.

A table is a sheet of its name, a cell a cell; a text (TOML, JSON) is a sheet with a line in each row.
A file of a folder inside the folder has both names in its sheet's: ``instance_children``.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from fordela.instances.reading import MISSING
from fordela.instances.spelling import meant, not_read
from fordela.instances.tables import decode, parse_rows, write_table
from fordela.instances.workbooks.grid import Sheet, by_name, read_book
from fordela.instances.workbooks.names import sheet_name
from fordela.models.errors import InputError, Problem
from fordela.models.validation import CHILDREN

#: Numbers and dates, which TOML writes as a spreadsheet does.
_PLAIN = re.compile(r"^(?:\d{4}-\d\d-\d\d|-?\d+(?:\.\d+)?)$")
#: What to do about a workbook that was made to be sent out.
_NO_CHILDREN = (
    "; workbooks for others hold no children; use the year that it was made from, take its answers in "
    "with 'fordela instances import', or export it with --with-cases; a sheet children with only a "
    "header is a year without any"
)
#: Columns that a spreadsheet may show as numbers; all others are text, so that codes keep their zeros.
NUMERIC = frozenset({
    "population", "share", "assigned_before", "capacity", "wants_more", "wants_less", "willing",
    "stock", "tie_not_followed",
    "kin_weight", "lat", "lon", "age", "least", "places", "order", "share_after_transfers", "kinship",
    "equalising", "valve", "on_transferred_share", "total", "credited", "target", "deviation",
    "fulfilment", "compensation", "compensation_fixed", "compensation_variable",
    "compensation_children", "compensation_days",
})  # fmt: skip


def files_of(folder: Path) -> Mapping[str, list[list[str]]]:
    """Cells of the sheet of every file in a folder, by sheet name."""
    sheets = {}
    for path in sorted(folder.rglob("*")):
        file = path.relative_to(folder).as_posix()
        if not path.is_file():
            continue
        text = decode(path.read_bytes(), path.name)
        table = path.suffix == ".csv"
        sheets[sheet_name(file)] = (
            parse_rows(text, path.name, ",") if table else [[line] for line in text.splitlines()]
        )
    return sheets


def as_number(column: str, text: str) -> float | None:
    """Return a cell as a number, where a spreadsheet keeps all of its digits."""
    if column not in NUMERIC or not text:
        return None
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return None
    return float(exact) if Decimal(f"{float(exact):.15g}") == exact else None


@contextmanager
def as_folder(path: Path, files: tuple[str, ...]) -> Iterator[Path]:
    """Unpack a workbook's sheets into a folder for the readers of folders; problems name the sheet.

    Parameters
    ----------
    files
        Names that the folder may have.

    Raises
    ------
    InputError
        If it cannot be read, or has none of the sheets.
    """
    if path.is_dir():
        yield path
        return
    book = read_book(path)
    sheets = by_name(book)
    wanted = {sheet_name(file): file for file in files}
    if not set(sheets) & set(wanted):
        message = (
            f"has no sheet named {', '.join(wanted)}; a table in a layout of its own is taken "
            "in with 'fordela instances import'"
        )
        raise InputError(
            [Problem(path.name, message, value=", ".join(s.name for s in book.sheets) or None)]
        )
    known = {name: set(wanted) & set(sheets) for name in sheets if name not in wanted}
    misspelt = {name: near for name, there in known.items() if (near := meant(name, wanted, there))}
    if misspelt:
        raise InputError(
            Problem(path.name, not_read(near), column=name) for name, near in misspelt.items()
        )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, file in wanted.items():
            if name in sheets:
                _unpack(sheets[name], folder / file)
        try:
            yield folder
        except InputError as error:
            raise InputError(_relabelled(p, path, wanted) for p in error.problems) from error


def _unpack(sheet: Sheet, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    message = "is a formula whose value is not stored; open and save the workbook"
    unstored = [sheet.problem(row, column, message) for row, column in sorted(sheet.unstored)]
    if unstored:
        raise InputError(unstored)
    if target.suffix == ".csv":
        rows: list[Any] = [list(row) for row in sheet.rows]
        while rows and not any(rows[-1]):
            rows.pop()
        write_table(target, rows[0] if rows else (), rows[1:])
        return
    lines = [row[0] if row else "" for row in sheet.rows]
    if target.suffix == ".toml" and any(len(row) > 1 and row[1] for row in sheet.rows):
        lines = list(_toml_lines(sheet))
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _toml_lines(sheet: Sheet) -> Iterator[str]:
    """Write TOML for a sheet that somebody made with keys in one column and values in the next.

    Lists have semicolons between their items; ``provenance.share`` is a key of a table.
    """
    tables: dict[str, list[str]] = {"": []}
    for row in sheet.rows:
        key, value = (row[0], row[1]) if len(row) > 1 else ("", "")
        if not key or not value or key.casefold() in ("key", "nyckel"):
            continue
        table, _, name = key.rpartition(".")
        written = _toml_value(name, value)
        tables.setdefault(table, []).append(f"{json.dumps(name, ensure_ascii=False)} = {written}")
    for table, lines in tables.items():
        yield from ([f"[{table}]"] if table else [])
        yield from lines


def _toml_value(key: str, value: str) -> str:
    if key in ("synthetic", "confirmed"):
        items = [item.strip() for item in value.split(";") if item.strip()]
        return json.dumps(items, ensure_ascii=False)
    if _PLAIN.match(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _relabelled(problem: Problem, path: Path, wanted: Mapping[str, str]) -> Problem:
    for name, file in wanted.items():
        if problem.file in (file, Path(file).name):
            where = f"{path.name}, sheet {name}"
            if problem.message != MISSING:
                return replace(problem, file=where)
            message = "this sheet is missing from the workbook"
            return Problem(where, f"{message}{_NO_CHILDREN if file == CHILDREN else ''}")
    return problem
