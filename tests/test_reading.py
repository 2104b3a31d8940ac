"""Bad input: one message per problem, all at once. Good input in every dialect of a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.reading import read_instance
from fordela.instances.writing import write_instance
from fordela.models.errors import InputError

HEAD = """format = 1
name = "small"
title = "Small"
year = 2025
forecast = 10
"""
PLACES = """code,name,county_code,county,share,assigned_before,capacity
0114,Väsby,01,Stockholms län,600.50,3,
0180,Åmål,01,Stockholms län,399.50,0,5
"""
CHILDREN = """child,case,arrival,kin_municipality
a,1,2025-01-02,
b,1,2025-01-02,
c,2,2025-02-01,0180
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a valid instance folder."""
    (tmp_path / "instance.toml").write_text(HEAD, encoding="utf-8")
    (tmp_path / "municipalities.csv").write_text(PLACES, encoding="utf-8")
    (tmp_path / "children.csv").write_text(CHILDREN, encoding="utf-8")
    return tmp_path


def problems(folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_instance(folder)
    return [str(p) for p in caught.value.problems]


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_valid(folder: Path) -> None:
    instance = read_instance(folder)
    assert [m.share for m in instance.municipalities] == [60050, 39950]
    assert instance.municipalities[0].capacity is None
    assert [c.size for c in instance.cases] == [2, 1]


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("children.csv", "0180", "9999",
         "children.csv, row 4, kin_municipality is '9999': no such municipality"),
        ("children.csv", "0180", "180", "did a spreadsheet drop them from 0180?"),
        ("municipalities.csv", "399.50", "380.00",
         "the shares sum to 980.50 ‰ instead of 1000.00 ‰; by county: 01 Stockholms län 980.50"),
        ("children.csv", "b,1", "a,1",
         "children.csv, row 3, child is 'a': is already in row 2; each child has one row"),
        ("children.csv", "b,1,2025-01-02,", "b,1,2025-01-02,0114",
         "siblings must have the same tie: case 1 has none in row 2"),
        ("municipalities.csv", ",3,", ",-3,",
         "municipalities.csv, row 2, assigned_before is '-3': is negative; allowed is a whole number"),
        ("municipalities.csv", ",3,", ",2.5,",
         "municipalities.csv, row 2, assigned_before is '2.5': is a fraction; allowed is a whole"),
        ("municipalities.csv", "600.50", "abc",
         "row 2, share is 'abc': is not a number; allowed is a share"),
        ("municipalities.csv", "600.50", "600.505", "has more than two decimals"),
        ("municipalities.csv", "600.50", "-600.50", "is negative"),
        ("municipalities.csv", "600.50", "", "row 2, share is '': must not be blank"),
        ("municipalities.csv", "600.50", '"1.600,5"', "has both a point and a comma"),
        ("municipalities.csv", "0180", "0114",
         "row 3, code is '0114': is already in row 2; each municipality has one row"),
        ("municipalities.csv", "0180", "180", "a spreadsheet drops leading zeros"),
        ("municipalities.csv", "share", "shares",
         "row 1, shares: is no known column; did you mean share?"),
        ("municipalities.csv", "county,share", "name,share", "this column name occurs more than once"),
        ("children.csv", "2025-02-01", "2025-13-01",
         "row 4, arrival is '2025-13-01': is not a date; allowed is a date, YYYY-MM-DD"),
        ("children.csv", "2025-02-01", "2024-02-01", "is earlier than 2025-01-02"),
        ("children.csv", "c,2", ",2", "row 4, child is '': must not be blank"),
        ("children.csv", "0180", "0180,1,2,3", "has 7 cells, but the header has 4"),
        ("instance.toml", "forecast", "forcast", "forcast: no such key; did you mean forecast?"),
        ("instance.toml", "format = 1", "format = 2",
         "format is '2': is not allowed here; allowed is 1"),
        ("instance.toml", "year = 2025\n", "", "instance.toml, year: is missing"),
        ("instance.toml", "2025", "'2025'", "year is '2025': is not allowed here; allowed is a year"),
        ("instance.toml", "= 10", "= -1", "forecast is '-1': is negative"),
        ("instance.toml", "year = 2025", "year =", "is not valid TOML"),
        ("instance.toml", "year = 2025", "year = 2025\nprogramme = 'kommuntal'",
         "this version allocates only unaccompanied-children"),
    ],
)  # fmt: skip
def test_one_message_per_problem(folder: Path, name: str, old: str, new: str, expected: str) -> None:
    edit(folder, name, old, new)
    found = problems(folder)
    assert any(expected in message for message in found), found


def test_all_problems_of_all_files_at_once(folder: Path) -> None:
    edit(folder, "municipalities.csv", "600.50,3", "600.50,x")
    edit(folder, "municipalities.csv", "399.50,0,5", "399.50,-1,1.5")
    edit(folder, "children.csv", "2025-02-01", "soon")
    edit(folder, "instance.toml", "forecast", "forcast")
    found = problems(folder)
    assert len(found) == 5
    assert [m.split(",")[0] for m in found] == [
        "instance.toml", "municipalities.csv", "municipalities.csv", "municipalities.csv",
        "children.csv",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["instance.toml", "municipalities.csv", "children.csv"])
def test_missing_and_empty_files(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    assert any(name in m for m in problems(folder))
    (folder / name).unlink()
    assert any(f"{name}: this file is missing from the folder" in m for m in problems(folder))


def test_only_a_header_is_a_year_without_children(folder: Path) -> None:
    (folder / "children.csv").write_text(CHILDREN.splitlines()[0], encoding="utf-8")
    assert read_instance(folder).children == ()
    (folder / "municipalities.csv").write_text(PLACES.splitlines()[0], encoding="utf-8")
    assert "has no municipalities" in problems(folder)[0]


def swedish(text: str) -> str:
    return text.replace(",", ";").replace(".50", ",50")


DIALECTS: list[Callable[[str], bytes]] = [
    lambda t: t.encode("utf-8-sig"),
    lambda t: swedish(t).encode("cp1252"),
    lambda t: swedish(t).replace("\n", "\r\n").encode("utf-8-sig"),
    lambda t: ("sep=;\n" + swedish(t)).encode("utf-8"),
    lambda t: t.replace(",", "\t").encode("utf-16"),
    lambda t: (swedish(t).replace("\n", ";;\r\n") + ";;;;\r\n;;;\r\n").encode("cp1252"),
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_files_as_spreadsheets_write_them(folder: Path, dialect: Callable[[str], bytes]) -> None:
    plain = read_instance(folder)
    (folder / "municipalities.csv").write_bytes(dialect(PLACES))
    (folder / "children.csv").write_bytes(dialect(CHILDREN))
    assert read_instance(folder).sha256 == plain.sha256


@pytest.mark.parametrize(
    "broken",
    [
        "Väsby".encode().decode("cp1252").join(PLACES.split("Väsby")).encode(),
        PLACES.replace("Väsby", "V\ufffdsby").encode(),
        PLACES.encode("utf-16-le"),
        PLACES.replace("ä", "\x81").encode("latin-1"),
    ],
)
def test_wrong_encodings(folder: Path, broken: bytes) -> None:
    (folder / "municipalities.csv").write_bytes(broken)
    assert any("encoding" in m for m in problems(folder))


def test_an_unclosed_quote(folder: Path) -> None:
    edit(folder, "municipalities.csv", "0114,Väsby", '0114,"Väsby')
    assert "is not a readable table" in problems(folder)[0]


def test_within_rounding_is_accepted_with_a_note(folder: Path) -> None:
    edit(folder, "municipalities.csv", "399.50", "399.51")
    notes: list[str] = []
    assert read_instance(folder, notes).units == 100_001
    assert any("normalised" in note for note in notes)


def test_small_shares_are_noted(folder: Path) -> None:
    edit(folder, "municipalities.csv", "600.50", "999.50")
    edit(folder, "municipalities.csv", "399.50", "0.50")
    notes: list[str] = []
    read_instance(folder, notes)
    assert any("below 1 ‰" in note for note in notes)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("0114,0180,700.00\n", "0114 hands away 700.00 ‰ of a share of 600.50 ‰"),
        ("0114,0114,1.00\n", "hands its share to itself"),
        ("0114,0180,1.00\n0180,0114,1.00\n", "cannot hand any away in the same year"),
        ("0114,0180,1.00\n0114,0180,1.00\n", "the pair is already in row 2"),
        ("0114,0199,1.00\n", "to_code is '0199': no such municipality"),
        ("0114,0180,0\n", "must be above 0 ‰"),
    ],
)
def test_transfers(folder: Path, rows: str, expected: str) -> None:
    (folder / "transfers.csv").write_text("from_code,to_code,share\n" + rows, encoding="utf-8")
    assert any(expected in m for m in problems(folder))


def test_a_round_trip_loses_nothing(folder: Path, tmp_path: Path) -> None:
    (folder / "pairs.csv").write_text("from_code;to_code\n0114;0180\n", encoding="utf-8")
    (folder / "transfers.csv").write_text("from_code,to_code,share\n0114,0180,1.25\n", encoding="utf-8")
    first = read_instance(folder)
    write_instance(first, tmp_path / "copy")
    second = read_instance(tmp_path / "copy")
    assert second == first
    assert second.sha256 == first.sha256


def test_nothing_is_overwritten_or_half_written(folder: Path, tmp_path: Path) -> None:
    instance = read_instance(folder)
    target = tmp_path / "taken"
    target.mkdir()
    (target / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not an empty folder"):
        write_instance(instance, target)
    with pytest.raises(InputError, match="holds other files"):
        write_instance(instance, target, force=True)
    assert [p.name for p in target.iterdir()] == ["mine.txt"]
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_unknown_instances() -> None:
    with pytest.raises(InputError, match="did you mean sweden-2025"):
        load_instance("sweden-2205")
    with pytest.raises(InputError, match="no such folder and no shipped instance"):
        load_instance("year.xlsx")


@pytest.mark.parametrize("text", ["1e999999999", "1" * 30, "∞", "NaN", "0x10", "१२"])
def test_numbers_that_are_not_meant(folder: Path, text: str) -> None:
    edit(folder, "municipalities.csv", ",3,", f",{text},")
    assert any("row 2, assigned_before" in m for m in problems(folder))


def test_force_never_removes_what_is_not_ours(folder: Path, tmp_path: Path) -> None:
    instance = read_instance(folder)
    target = tmp_path / "data"
    target.mkdir()
    (target / "my-own.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="holds other files"):
        write_instance(instance, target, force=True)
    write_instance(instance, tmp_path / "twice")
    write_instance(instance, tmp_path / "twice", force=True)
    assert read_instance(tmp_path / "twice") == instance
    assert {p.name for p in tmp_path.iterdir() if p.name.startswith(".")} == set()
