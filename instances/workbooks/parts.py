"""The parts of a workbook's file, looked at before anything opens it.

A workbook is a zip of XML. Its directory says how large the parts are unpacked, and no more than that
is unpacked; what is read further is this copy. XML that declares a document type is refused, as
entities can make it grow without end and no spreadsheet writes one. The cells of the sheets are
counted by a parser that keeps nothing but what is merged, hidden, a formula or has a comment.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree
from xml.parsers import expat

from fordela.models.errors import InputError, Problem

#: Bytes of a workbook unpacked; a year of 40,000 children has some 30 million.
MOST_BYTES = 128_000_000
#: Cells of all sheets, with the blank ones before the last of each row.
MOST_CELLS = 2_000_000
MOST_PARTS = 5_000
#: Parts that hold cells and what is said of them; pictures, drawings and macros are left aside.
_READ = re.compile(r".*\.(?:xml|rels)$")
_UNREAD = re.compile(
    r"^xl/(?:media|drawings|charts|chartsheets|theme|calcChain|persons|threadedComments"
    r"|printerSettings|externalLinks|tables|pivot|queryTables|connections|customXml|ctrlProps|activeX)"
)
#: Of a sheet, in every spreadsheet of today.
_ROWS, _COLUMNS = 1_048_576, 16_384
_TRUE = frozenset({"1", "true"})
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_CHUNK = 1 << 20
DAMAGED = "is damaged or encrypted; open it, remove any password and save it as .xlsx again"
_ADDRESS = re.compile(r"^\$?([A-Z]{1,3})\$?([1-9]\d{0,6})$")


@dataclass
class Marks:
    """What is known of a sheet before its cells are read.

    Attributes
    ----------
    merged
        First row, last row, first column, last column of each merged range, from 1.
    formulas, unstored
        Row and column of the formulas, and of those whose value is not stored.
    rows, columns
        Rows and columns that are hidden.
    comments
        Addresses of the cells with a comment.
    """

    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    unstored: set[tuple[int, int]] = field(default_factory=set)
    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    comments: tuple[str, ...] = ()


def refuse(name: str, message: str, cause: Exception | None = None) -> NoReturn:
    """Say why a file is not read.

    Raises
    ------
    InputError
        Always.
    """
    raise InputError([Problem(name, message)]) from cause


def unpack(path: Path) -> io.BytesIO:
    """Return a workbook's parts unpacked, as a zip in memory.

    Raises
    ------
    InputError
        If it is no workbook, too large unpacked, or has XML that declares a document type.
    """
    copy = io.BytesIO()
    try:
        with zipfile.ZipFile(path) as parts, zipfile.ZipFile(copy, "w") as kept:
            wanted = _wanted(parts, path.name)
            for part in wanted:
                kept.writestr(part.filename, _bytes(parts, part, path.name))
    except OSError as error:
        refuse(path.name, f"cannot be read: {error.strerror or error}")
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, RuntimeError) as error:
        refuse(path.name, DAMAGED, error)
    copy.seek(0)
    return copy


def _wanted(parts: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    every = parts.infolist()
    size = sum(part.file_size for part in every)
    if len(every) > MOST_PARTS:
        refuse(name, f"has {len(every)} parts; no more than {MOST_PARTS} are read")
    if size > MOST_BYTES:
        message = (
            f"would unpack to {size // 1_000_000} MB; "
            f"no more than {MOST_BYTES // 1_000_000} MB are read; "
            "copy the tables into a new workbook"
        )
        refuse(name, message)
    wanted = [p for p in every if _READ.match(p.filename) and not _UNREAD.match(p.filename)]
    if len({p.filename for p in wanted}) < len(wanted) or any(
        p.compress_type not in _METHODS or p.flag_bits & 1 for p in wanted
    ):
        refuse(name, DAMAGED)
    return wanted


def _bytes(parts: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> bytes:
    """Read a part, no more of it than the directory says."""
    chunks = []
    with parts.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            chunks.append(chunk)
    data = b"".join(chunks)
    # Also in UTF-16, where a letter is two bytes.
    if b"<!DOCTYPE" in data or "<!DOCTYPE".encode("utf-16-le")[:-1] in data:
        refuse(name, "has XML with a document type, which no spreadsheet writes; it is not read")
    return data


def marks(copy: io.BytesIO, name: str) -> dict[str, Marks]:
    """Go through the sheets: what is merged, hidden, a formula or has a comment; by name of the sheet.

    Raises
    ------
    InputError
        If the sheets have more cells than are read, or span more.
    """
    found, seen = {}, 0
    try:
        with zipfile.ZipFile(copy) as parts:
            for title, part in _sheets(parts).items():
                scan = _Scan(f"{name}, sheet {title}", seen)
                if part in parts.namelist():
                    scan.run(parts.read(part))
                    scan.marks.comments = _comments(parts, part)
                seen = scan.cells
                found[title] = scan.marks
    except (expat.ExpatError, ElementTree.ParseError, KeyError, ValueError) as error:
        refuse(name, DAMAGED, error)
    copy.seek(0)
    return found


def _sheets(parts: zipfile.ZipFile) -> Mapping[str, str]:
    """Part by name of the sheet, from wherever the workbook's own part is."""
    book = "xl/workbook.xml"
    for link in ElementTree.fromstring(parts.read("_rels/.rels")):
        if link.get("Type", "").endswith("/officeDocument"):
            book = link.get("Target", book).lstrip("/")
    links = {link.get("Id"): target for link, target in _links(parts, book)}
    found = {}
    for element in ElementTree.fromstring(parts.read(book)).iter():
        if _local(element.tag) == "sheet":
            key = next((v for k, v in element.attrib.items() if k.endswith("}id")), None)
            found[element.get("name", "")] = links.get(key, "")
    return found


def _links(parts: zipfile.ZipFile, part: str) -> Iterator[tuple[ElementTree.Element, str]]:
    """Links of a part to others, and the parts that they lead to."""
    folder, file = posixpath.split(part)
    for link in ElementTree.fromstring(parts.read(f"{folder}/_rels/{file}.rels")):
        path = link.get("Target", "")
        full = path.lstrip("/") if path.startswith("/") else posixpath.join(folder, path)
        yield link, posixpath.normpath(full)


def _comments(parts: zipfile.ZipFile, part: str) -> tuple[str, ...]:
    """Addresses of the cells of a sheet that have a comment."""
    folder, file = posixpath.split(part)
    names = set(parts.namelist())
    if f"{folder}/_rels/{file}.rels" not in names:
        return ()
    return tuple(
        element.get("ref", "")
        for link, target in _links(parts, part)
        if link.get("Type", "").endswith("/comments") and target in names
        for element in ElementTree.fromstring(parts.read(target)).iter()
        if _local(element.tag) == "comment"
    )


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2].rpartition(":")[2]


class _Scan:
    """One pass over a sheet's XML."""

    def __init__(self, where: str, cells: int) -> None:
        self.where, self.cells = where, cells
        self.marks = Marks()
        self.row = self.column = self.width = 0
        self.formula = self.value = self.text = False
        self.inside = ""

    def run(self, data: bytes) -> None:
        """Go through all of it."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._said
        parser.Parse(data, True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.inside = tag = _local(tag)
        if tag == "row":
            self._move(int(attributes.get("r", self.row + 1)), 0)
            self.width = 0
            if attributes.get("hidden") in _TRUE:
                self.marks.rows.add(self.row)
        elif tag == "col":
            if attributes.get("hidden") in _TRUE:
                first, last = int(attributes["min"]), int(attributes["max"])
                self.marks.columns |= set(range(first, min(last, _COLUMNS) + 1))
        elif tag == "c":
            address = attributes.get("r")
            self._move(*((self.row, self.column + 1) if address is None else _position(address)))
            self.cells += max(0, self.column - self.width)
            self.width = max(self.width, self.column)
            self.formula = self.value = False
            self.text = attributes.get("t") == "str"
        elif tag == "mergeCell":
            begin, _, end = attributes.get("ref", "").partition(":")
            (top, left), (bottom, right) = _position(begin), _position(end or begin)
            self.marks.merged.append((top, bottom, left, right))
            self.cells += 1
        elif tag == "f":
            self.formula = True
            self.marks.formulas.add((self.row, self.column))
        elif tag == "v" and self.text:  # a text that is empty is a value too
            self.value = True
        if self.cells > MOST_CELLS:
            message = f"more than {MOST_CELLS} cells; delete empty rows and columns behind the tables"
            refuse(self.where, message)

    def _move(self, row: int, column: int) -> None:
        if not 0 < row <= _ROWS or not 0 <= column <= _COLUMNS:
            raise ValueError(row, column)
        self.row, self.column = row, column

    def _said(self, text: str) -> None:
        if self.inside in ("v", "t") and text.strip():
            self.value = True

    def _end(self, tag: str) -> None:
        if _local(tag) == "c" and self.formula and not self.value:
            self.marks.unstored.add((self.row, self.column))
        self.inside = ""


def _position(address: str) -> tuple[int, int]:
    match = _ADDRESS.match(address)
    if match is None:
        raise ValueError(address)
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(match[2]), column
