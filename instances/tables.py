"""Reading tables as people send them: UTF-8 or Windows-1252, commas, semicolons or tabs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fordela.models.errors import InputError, Problem

_DELIMITERS = (",", ";", "\t")
#: What a spreadsheet would run as a formula, and the numbers that begin in the same way.
_RUN = re.compile(r"^'*[=+\-@\t\r]")
_NUMBER = re.compile(r"^[+-]?(?:\d+(?:[.,/]\d+)?(?:[eE][+-]?\d+)?)?$")
#: UTF-8 read as Windows-1252 by an earlier program: "VÃ¤xjÃ¶".
_MOJIBAKE = re.compile(r"Ã[\u0080-\u00bf¤¥¶…„–]|Â[\u00a0-\u00bf]")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text.

    Attributes
    ----------
    file
        Name for messages.
    header
        Column names, stripped.
    rows
        Cells as text, one list per row, as long as the header.
    numbers
        Line of each row in the file, the header being line 1.
    """

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]


def decode(data: bytes, file: str) -> str:
    """Decode a text file: UTF-8 with or without mark, UTF-16 with mark, else Windows-1252.

    Raises
    ------
    InputError
        If it is none of them, or was damaged by an earlier conversion.
    """
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        else:
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise InputError(
            [Problem(file, "wrong encoding: save it as UTF-8 (in Excel: 'CSV UTF-8')")]
        ) from error
    if "\x00" in text:
        raise InputError([Problem(file, "wrong encoding or not text: save it as CSV in UTF-8")])
    problems = [
        Problem(
            file,
            "the encoding was damaged before: letters were replaced; export it again as UTF-8",
            row=number,
            value=line.strip()[:60],
        )
        for number, line in enumerate(text.splitlines(), 1)
        if "\ufffd" in line or _MOJIBAKE.search(line)
    ]
    if problems:
        raise InputError(problems[:5])
    return text


def read_bytes(path: Path) -> bytes:
    """Return what a file holds.

    Raises
    ------
    InputError
        If it cannot be read, such as a folder or a link to nothing.
    """
    if path.is_dir():
        raise InputError([Problem(path.name, "is a folder, not a file")])
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise InputError([Problem(path.name, message)]) from error


def read_table(path: Path, columns: Sequence[str], problems: list[Problem] | None = None) -> Table:
    """Read a CSV file.

    Parameters
    ----------
    path
        The file.
    columns
        Known column names, which tell the delimiter.
    problems
        Filled with columns that occur twice and rows that are too long, so that the other rows can be
        looked at; by default these are raised.

    Raises
    ------
    InputError
        If it cannot be read as a table; one problem for each broken row.
    """
    return parse_table(decode(read_bytes(path), path.name), path.name, columns, problems)


def parse_table(
    text: str, file: str, columns: Sequence[str], problems: list[Problem] | None = None
) -> Table:
    """Parse the text of a CSV file; see `read_table`."""
    skipped = 0
    if text.lower().startswith("sep="):  # Excel's hint line
        _, _, text = text.partition("\n")
        skipped = 1
    if not text.strip():
        raise InputError([Problem(file, f"is empty; a header row is needed: {', '.join(columns)}")])
    first = text.lstrip("\r\n").splitlines()[0]
    delimiter = max(_DELIMITERS, key=lambda d: _known(first.split(d), columns))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((reader.line_num + skipped, [bare_cell(cell) for cell in cells]))
    except csv.Error as error:
        message = f"is not a readable table: {error}"
        raise InputError([Problem(file, message, row=reader.line_num + skipped)]) from error
    return table_of(file, lines[0][1], lines[1:], problems)


def parse_rows(text: str, file: str, delimiter: str | None = None) -> list[list[str]]:
    """Cells of a CSV text of any layout, row by row.

    Parameters
    ----------
    delimiter
        None: a semicolon or tab where every line has one, as commas are decimal marks then.

    Raises
    ------
    InputError
        If it is not a readable table.
    """
    bare = [line for line in re.sub(r'"[^"]*"', "", text).splitlines() if line.strip()]
    if delimiter is None:
        delimiter = next((d for d in (";", "\t") if bare and all(d in line for line in bare)), ",")
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [[bare_cell(cell) for cell in cells] for cells in lines]
    except csv.Error as error:
        raise InputError([Problem(file, f"is not a readable table: {error}")]) from error


def _known(cells: Iterable[str], columns: Sequence[str]) -> int:
    wanted = set(columns)
    return sum(cell.strip().strip('"') in wanted for cell in cells)


def table_of(
    file: str,
    header: Sequence[str],
    lines: Iterable[tuple[int, Sequence[str]]],
    told: list[Problem] | None = None,
) -> Table:
    """Build a table, padding short rows (spreadsheets drop trailing blanks).

    Raises
    ------
    InputError
        If a column name occurs twice or a row is longer than the header, where they are not told.
    """
    width = len(header)
    while header and not header[-1]:
        header = header[:-1]
    problems = [
        Problem(file, "this column name occurs more than once", row=1, column=name)
        for name in sorted({h for h in header if header.count(h) > 1})
    ]
    rows, numbers = [], []
    for number, cells in lines:
        extra = [c for c in cells[len(header) :] if c]
        if extra or len(cells) > width:  # also blank ones: a decimal comma moves cells to the right
            message = f"has {len(cells)} cells, but the header has {len(header)}"
            shown = extra[0] if extra else None
            problems.append(Problem(file, message, row=number, value=shown))
            continue
        rows.append(tuple([*cells, *[""] * (len(header) - len(cells))][: len(header)]))
        numbers.append(number)
    if problems and told is None:
        raise InputError(problems)
    if told is not None:
        told += problems
    return Table(file, tuple(header), tuple(rows), tuple(numbers))


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write UTF-8, comma separated, None as blank; texts like formulas so that none is run."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([safe_cell(v) for v in row] for row in rows)


def safe_cell(value: object) -> object:
    """Return what is written for a value: an apostrophe first where a spreadsheet would run it."""
    if not isinstance(value, str):
        return "" if value is None else value
    return f"'{value}" if _RUN.match(value) and not _NUMBER.match(value) else value


def bare_cell(text: str) -> str:
    """Return what `safe_cell` was given."""
    text = text.strip()
    return text[1:] if text.startswith("'") and _RUN.match(text) else text
