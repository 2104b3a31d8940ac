"""Whatever is done to the names and the dialect of a year's files: the right year, or an error."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.reading import read_instance
from fordela.instances.writing import write_instance
from fordela.models.errors import InputError
from fordela.models.instance import Instance
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_unsilent import EVERYTHING, HEAD

REQUIRED = {
    "municipalities.csv": {"code", "name", "county_code", "county", "share"},
    "children.csv": {"child", "case", "arrival"},
    "transfers.csv": {"from_code", "to_code", "share"},
    "transfers_last_year.csv": {"from_code", "to_code", "share"},
    "pairs.csv": {"from_code", "to_code"},
    "wishes.csv": {"municipality", "direction", "share"},
    "availability.csv": {"municipality", "places"},
    "places.csv": {"place", "municipality", "form", "places"},
    "agreements.csv": {"responsible_code", "placing_code"},
}
#: What a blank means, as docs/using.md says.
BLANK = {
    "population": None, "assigned_before": 0, "capacity": None, "wants_more": None,
    "wants_less": None, "willing": 0, "kin_weight": None, "lat": None, "lon": None,
}  # fmt: skip
FIELD = {"lat": "latitude", "lon": "longitude"}
TABLE = {
    "transfers.csv": "transfers", "transfers_last_year.csv": "transfers_last_year",
    "pairs.csv": "pairs", "wishes.csv": "wishes", "availability.csv": "availability",
    "places.csv": "homes", "agreements.csv": "agreements",
}  # fmt: skip
files = st.sampled_from(sorted(EVERYTHING))
Rows = list[list[str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that every example fills anew."""
    return tmp_path_factory.mktemp("mangled") / "year"


def fresh(place: Path) -> Instance:
    """Write the year with everything, and read it."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (place / "instance.toml").write_text(HEAD, encoding="utf-8")
    for name, text in EVERYTHING.items():
        (place / name).write_text(text.replace("Ask", "Åsk"), encoding="utf-8")
    return read_instance(place)


def loaded(place: Path) -> Instance | None:
    """Read the year; None where it is refused."""
    try:
        return read_instance(place)
    except InputError:
        return None


def validated(place: Path) -> bool:
    """Whether the command finds the year valid; nothing but a plain message says that it is not."""
    run = CliRunner().invoke(main, ["instances", "validate", str(place), "-q"])
    assert run.exit_code in (0, 2), run.output
    assert "a fault in Fordela" not in run.output
    return run.exit_code == 0


def rows_of(place: Path, name: str) -> Rows:
    return list(csv.reader((place / name).read_text(encoding="utf-8").splitlines()))


def write(place: Path, name: str, rows: Rows) -> None:
    with (place / name).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


@st.composite
def slips(draw: st.DrawFn, word: str) -> str:
    """The word with one slip: a letter too many, too few, another, two exchanged, or capitals."""
    k = draw(st.integers(0, len(word) - 1))
    letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyzåäö_"))
    return draw(
        st.sampled_from([
            word[:k] + letter + word[k:], word[:k] + word[k + 1:], word[:k] + letter + word[k + 1:],
            word[:k] + word[k + 1: k + 2] + word[k] + word[k + 2:], word.title(), word.upper(),
            word.replace("_", " "), word.replace("_", ""),
        ])
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_column_with_a_slip_is_refused(place: Path, data: st.DataObject) -> None:
    year = fresh(place)
    name = data.draw(files)
    rows = rows_of(place, name)
    k = data.draw(st.integers(0, len(rows[0]) - 1))
    right = rows[0][k]
    rows[0][k] = data.draw(slips(right))
    write(place, name, rows)
    found = loaded(place)
    assert found is None or found == year
    if rows[0][k] != right:
        assert found is None or rows[0][k] == "", rows[0][k]


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_file_with_a_slip_is_refused(place: Path, data: st.DataObject) -> None:
    year = fresh(place)
    name = data.draw(st.sampled_from(["instance.toml", *sorted(EVERYTHING)]))
    stem, _, ending = name.partition(".")
    wrong = (
        data.draw(slips(stem)) + "." + data.draw(st.sampled_from([ending, ending, "txt", "csv.txt"]))
    )
    (place / name).rename(place / wrong)
    found = loaded(place)
    assert (found == year) if wrong == name else (found is None), wrong


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_deleted_column_is_its_documented_blank(place: Path, data: st.DataObject) -> None:
    year = fresh(place)
    name = data.draw(files)
    rows = rows_of(place, name)
    column = data.draw(st.sampled_from(rows[0]))
    k = rows[0].index(column)
    write(place, name, [[c for j, c in enumerate(row) if j != k] for row in rows])
    found = loaded(place)
    if column in REQUIRED[name]:
        assert found is None
        return
    write(place, name, [rows[0], *([*row[:k], "", *row[k + 1 :]] for row in rows[1:])])
    assert found == loaded(place)
    if name == "municipalities.csv" and column in BLANK:
        assert found is not None
        for before, after in zip(year.municipalities, found.municipalities, strict=True):
            assert getattr(after, FIELD.get(column, column)) == BLANK[column]
            assert (after.code, after.share) == (before.code, before.share)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_deleted_and_exchanged_files(place: Path, data: st.DataObject) -> None:
    year = fresh(place)
    one = data.draw(files)
    other = data.draw(st.none() | files)
    if other is None:
        (place / one).unlink()
        found = loaded(place)
        assert found == (year.with_changes(**{TABLE[one]: ()}) if one in TABLE else None)
        return
    (place / one).rename(place / "between")
    if other != one:
        (place / other).rename(place / one)
    (place / "between").rename(place / other)
    found = loaded(place)
    same_columns = {one, other} <= {"transfers.csv", "transfers_last_year.csv"}
    assert found is None or found == year or same_columns


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_doubled_and_reordered_columns(place: Path, data: st.DataObject) -> None:
    year = fresh(place)
    name = data.draw(files)
    rows = rows_of(place, name)
    order = data.draw(st.permutations(range(len(rows[0]))))
    write(place, name, [[row[k] for k in order] for row in rows])
    assert loaded(place) == year
    k = data.draw(st.sampled_from(order))
    write(place, name, [[*(row[j] for j in order), row[k] or "x"] for row in rows])
    assert loaded(place) is None


def commas(text: str) -> str:
    return text.replace(".", ",")


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": str.encode,
    "utf-8 with mark": lambda t: t.encode("utf-8-sig"),
    "cp1252": lambda t: t.encode("cp1252"),
    "utf-16": lambda t: t.encode("utf-16"),
    "utf-16 without mark": lambda t: t.encode("utf-16-le"),
    "utf-32": lambda t: t.encode("utf-32"),
    "twice": lambda t: t.encode().decode("cp1252").encode(),
}
RIGHT = {"utf-8", "utf-8 with mark", "cp1252", "utf-16"}


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_dialects_are_read_right_or_refused(place: Path, data: st.DataObject) -> None:
    year = fresh(place)
    name = data.draw(files)
    rows = rows_of(place, name)
    delimiter = data.draw(st.sampled_from([",", ";", "\t", "|"]))
    quoted = data.draw(st.booleans())
    with_commas = data.draw(st.booleans())
    blanks = data.draw(st.sampled_from(["no", "all", "rows"]))
    encoding = data.draw(st.sampled_from(sorted(ENCODINGS)))
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    if with_commas:
        rows = [rows[0], *([commas(c) for c in row] for row in rows[1:])]
    if blanks != "no":
        rows = [row if blanks == "rows" and not k else [*row, ""] for k, row in enumerate(rows)]
    stream = io.StringIO()
    if quoted:
        csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
        text = stream.getvalue()
    else:
        text = "".join(delimiter.join(row) + end for row in rows)
    (place / name).write_bytes(ENCODINGS[encoding](text))
    found = loaded(place)
    assert found is None or found == year
    clear = quoted or delimiter != "," or text.count(",") == sum(len(r) - 1 for r in rows)
    if delimiter != "|" and blanks != "rows" and clear and encoding in RIGHT:
        assert found == year


def test_a_year_of_sweden_that_is_mangled(tmp_path: Path) -> None:
    year = load_instance("sweden-2026")
    for name, column in (
        ("municipalities.csv", "assigned_before"),
        ("children.csv", "kin_municipality"),
        ("transfers.csv", "share"),
    ):
        shutil.rmtree(tmp_path / "year", ignore_errors=True)
        write_instance(year, tmp_path / "year")
        rows = rows_of(tmp_path / "year", name)
        write(tmp_path / "year", name, [[c.replace(column, column[:-1]) for c in rows[0]], *rows[1:]])
        assert loaded(tmp_path / "year") is None
        assert not validated(tmp_path / "year")


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_validate_says_the_same(place: Path, data: st.DataObject) -> None:
    fresh(place)
    name = data.draw(files)
    text = (place / name).read_text(encoding="utf-8")
    k = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from('x0,;"\n\x00ä'))
    (place / name).write_text(text[:k] + letter + text[k + 1 :], encoding="utf-8")
    assert validated(place) == (loaded(place) is not None)
