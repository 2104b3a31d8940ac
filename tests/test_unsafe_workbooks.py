"""Workbooks and tables that would do harm: as files, and as what a spreadsheet would run."""

from __future__ import annotations

import random
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.tables import bare_cell, parse_rows, safe_cell, write_table
from fordela.instances.workbooks import grid, parts
from fordela.instances.workbooks.grid import read_book
from fordela.instances.writing import write_instance
from fordela.models.errors import InputError
from fordela.models.wishes import Wish
from fordela.report.workbooks.instance_book import write_instance_book
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

SHEET = "xl/worksheets/sheet1.xml"
_XMLNS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def plain(path: Path) -> Path:
    book = Workbook()
    for row in (["Kod", "Kommun", "Andel"], ["0001", "Ask", 400], ["0002", "Bok", 300],
                ["0003", "Ceder", 200], ["0004", "Ek", 100]):  # fmt: skip
        book.active.append(row)
    book.save(path)
    return path


def rewritten(
    path: Path, change: Callable[[str, bytes], bytes], more: Mapping[str, bytes] = {}
) -> Path:
    """Write the parts of a workbook again, changed."""
    with zipfile.ZipFile(path) as old:
        held = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in held.items():
            new.writestr(name, change(name, data))
        for name, data in more.items():
            new.writestr(name, data)
    return path


def sheet_with(path: Path, rows: str, behind: str = "") -> Path:
    xml = f"<worksheet {_XMLNS}><sheetData>{rows}</sheetData>{behind}</worksheet>".encode()
    return rewritten(plain(path), lambda name, data: xml if name == SHEET else data)


def refused(path: Path) -> str:
    """Read a file with the command; the one message that it gives."""
    done = CliRunner().invoke(main, ["instances", "import", str(path), "--base", "textbook", "--yes"])
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    return done.stderr


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_workbook_that_unpacks_to_much_is_not_unpacked(tmp_path: Path) -> None:
    path = rewritten(
        plain(tmp_path / "a.xlsx"), lambda _, d: d, {"xl/media/x.bin": b"\0" * 150_000_000}
    )
    assert path.stat().st_size < 200_000
    assert "a.xlsx: would unpack to 150 MB; no more than 128 MB are read" in refused(path)


def test_a_directory_that_lies_about_sizes_gives_no_more_than_it_says(tmp_path: Path) -> None:
    """The sizes in the zip's directory are set to 1,000 bytes each; 60 MB are behind one of them."""
    path = rewritten(plain(tmp_path / "a.xlsx"), lambda _, d: d, {"xl/x.xml": b" " * 60_000_000})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02", data.rindex(b"xl/x.xml") - 46)
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    path.write_bytes(bytes(data))
    assert "is damaged or encrypted" in refused(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_never_expanded(encoding: str, tmp_path: Path) -> None:
    names = "abcdefghij"
    levels = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    xml = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "ha">{levels}]>'
        f'<worksheet {_XMLNS}><sheetData><row><c t="inlineStr"><is><t>&j;</t></is></c></row>'
        "</sheetData></worksheet>"
    ).encode(encoding)
    path = rewritten(plain(tmp_path / "a.xlsx"), lambda name, data: xml if name == SHEET else data)
    assert "has XML with a document type, which no spreadsheet writes" in refused(path)


@pytest.mark.parametrize(
    ("rows", "behind", "message"),
    [
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>' * 200, "", "more than 2000000 cells"),
        ('<row r="2000000000"><c><v>1</v></c></row>', "", "is damaged"),
        ('<row r="1"><c r="ZZZ1"><v>1</v></c></row>', "", "is damaged"),
        ('<row r="1"><c r="1A"><v>1</v></c></row>', "", "is damaged"),
        ('<row r="1"><c r="A1"><v>1</v></c>', "", "is damaged"),
        ("", '<mergeCells><mergeCell ref="A1"/><mergeCell ref="?"/></mergeCells>', "is damaged"),
    ],
)
def test_sheets_that_span_everything_are_refused(
    rows: str, behind: str, message: str, tmp_path: Path
) -> None:
    assert message in refused(sheet_with(tmp_path / "a.xlsx", rows, behind))


def test_damaged_parts_are_said_to_be_damaged(tmp_path: Path) -> None:
    """Bytes of the parts are changed, cut out or made absurd: read rightly, or one message."""
    path = plain(tmp_path / "a.xlsx")
    right, good = read_book(path), path.read_bytes()
    for seed in range(80):
        draw = random.Random(seed)
        path.write_bytes(good)
        with zipfile.ZipFile(path) as held:
            hit = draw.choice(held.namelist())

        def damage(name: str, data: bytes, hit: str = hit, draw: random.Random = draw) -> bytes:
            at = draw.randrange(len(data))
            cut = draw.choice([0, 1, 30, len(data)])
            return (
                data
                if name != hit
                else data[:at] + draw.choice([b"", b"<", b"99999999999"]) + data[at + cut :]
            )

        grid._read.cache_clear()
        try:
            sheets = read_book(rewritten(path, damage)).sheets
        except InputError as error:
            assert len(error.problems) == 1  # noqa: PT017
        else:
            assert len(sheets) <= len(right.sheets)


def test_a_merged_sheet_and_a_last_row_cost_nothing(tmp_path: Path) -> None:
    """Merged over 17 billion cells, and a styled cell in the last row: read in no time, as one row."""
    path = sheet_with(
        tmp_path / "a.xlsx",
        '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'
        '<row r="1048576"><c s="0"/></row>',
        '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
    )
    sheet = read_book(path).sheets[0]
    assert sheet.rows == (("x",),)
    assert sheet.merged == ((1, 1_048_576, 1, 16_384),)


def test_one_long_text_in_many_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Workbook()
    for _ in range(50):
        book.active.append(["x" * 30_000])
    book.save(tmp_path / "a.xlsx")
    assert read_book(tmp_path / "a.xlsx").sheets[0].rows[49] == ("x" * 30_000,)
    monkeypatch.setattr(grid, "MOST_BYTES", 1_000_000)
    grid._read.cache_clear()
    with pytest.raises(InputError, match="has texts of more than 1000000 letters"):
        read_book(tmp_path / "a.xlsx")


def test_a_workbook_of_many_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_PARTS", 5)
    assert "no more than 5 are read" in refused(plain(tmp_path / "a.xlsx"))


@pytest.mark.parametrize(
    ("formula", "value", "stored"),
    [("1+1", "<v>2</v>", True), ("1+1", "<v></v>", False), ("1+1", "", False), ("A2", "<v/>", False)],
)
def test_formulas_give_their_value_or_are_named(
    formula: str, value: str, stored: bool, tmp_path: Path
) -> None:
    path = sheet_with(tmp_path / "a.xlsx", f'<row r="3"><c r="B3"><f>{formula}</f>{value}</c></row>')
    sheet = read_book(path).sheets[0]
    assert sheet.at(3, 2) == ("2" if stored else "")
    assert sheet.formulas == {(3, 2)}
    assert sheet.unstored == (set() if stored else {(3, 2)})


def test_an_empty_text_is_a_value_of_a_formula(tmp_path: Path) -> None:
    """What IF(…; "") gives is stored as a text without letters."""
    row = '<row r="1"><c r="A1" t="str"><f>IF(TRUE,"")</f><v></v></c></row>'
    assert read_book(sheet_with(tmp_path / "a.xlsx", row)).sheets[0].unstored == set()


# --- what a spreadsheet would run ---------------------------------------------------------------

WILD = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "'=1", "''@x", "=cmd|' /C calc'!A0", "-5 kommun")


@given(st.one_of(st.sampled_from(WILD), st.text("=+-@'19 ax,", max_size=6)))
def test_cells_come_back_and_none_begins_like_a_formula(text: str) -> None:
    text = text.strip()
    written = str(safe_cell(text))
    assert bare_cell(written) == text
    if written[:1] in "=@" and written:
        raise AssertionError(written)
    if written[:1] in ("+", "-"):  # a number, or a dash alone
        assert set(written[1:]) <= set("0123456789.,/")


def test_names_and_notes_like_formulas_come_back_from_folders_and_workbooks(tmp_path: Path) -> None:
    base = load_instance("textbook").with_changes(transfers=())
    named = tuple(
        replace(m, name=name, wants_more=0, wants_less=0)
        for m, name in zip(base.municipalities, ("=1+1", "+46", "@x", "-Ek"), strict=True)
    )
    year = base.with_changes(
        municipalities=named, wishes=(Wish("0001", "less", 100, note='=HYPERLINK("x")'),)
    )
    write_instance(year, tmp_path / "f")
    for file in ("municipalities.csv", "wishes.csv"):
        for row in parse_rows((tmp_path / "f" / file).read_text(encoding="utf-8"), file, ";"):
            assert not any(cell.startswith(("=", "@")) or ",=" in cell or ",@" in cell for cell in row)
    assert load_instance(tmp_path / "f").sha256 == year.sha256
    write_instance_book(year, tmp_path / "a.xlsx", language="sv", cases=True)
    assert load_instance(tmp_path / "a.xlsx").sha256 == year.sha256
    for sheet in load_workbook(tmp_path / "a.xlsx").worksheets:
        for cells in sheet.iter_rows():
            for cell in cells:
                if cell.data_type == "f":  # our own formulas only
                    assert "HYPERLINK" not in str(cell.value)
                    assert cell.value != "=1+1"


def test_a_number_stays_a_number(tmp_path: Path) -> None:
    write_table(tmp_path / "a.csv", ["a", "b", "c"], [["-5", -0.5, "-1/3"], ["+46", "-", "1e-9"]])
    assert (tmp_path / "a.csv").read_text() == "a,b,c\n-5,-0.5,-1/3\n+46,-,1e-9\n"
