"""Answers that do not come back: a sheet, a row or a wish that is gone from a workbook is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fordela.instances.catalogue import load_instance
from fordela.models.instance import Instance
from fordela.report.texts.problems import in_swedish
from fordela.report.workbooks.instance_book import write_instance_book
from openpyxl import load_workbook

from tests.test_importing import Row, make, problems, take_in


@pytest.fixture(scope="module")
def sweden() -> Instance:
    year = load_instance("sweden-2026").with_changes(transfers=(), children=(), name="base")
    places = tuple(replace(m, wants_less=None, wants_more=None) for m in year.municipalities)
    return year.with_changes(municipalities=places)


def survey(target: Path, base: Instance, change: Callable[[Any], object]) -> Path:
    """The workbook that is sent out, as somebody sends it back."""
    write_instance_book(base, target, language="sv")
    book = load_workbook(target)
    change(book)
    book.save(target)
    return target


def cell(book: Any, code: str, heading: str) -> Any:
    """Cell of a municipality in the sheet of its county."""
    for sheet in book.worksheets:
        if sheet.title.endswith(("län", "Nordlän", "Sydlän")):
            heads = [str(c.value) for c in sheet[5]]
            for row in sheet.iter_rows(min_row=6):
                if row[0].value == code:
                    return row[next(k for k, h in enumerate(heads) if h.startswith(heading))]
    raise AssertionError(code)


# --- sheets and rows ----------------------------------------------------------------------------


def without_kalmar(book: Any) -> None:
    book.remove(book["Kalmar län"])
    sheet = book["Hallands län"]
    gone = next(r for r in range(6, 13) if sheet.cell(r, 1).value == "1315")
    for k in range(1, 10):
        sheet.cell(gone, k).value = None
    cell(book, "1380", "Önskemål").value = -1


def test_a_deleted_sheet_or_row_of_our_own_workbook_is_told(tmp_path: Path, sweden: Instance) -> None:
    path = survey(tmp_path / "a.xlsx", sweden, without_kalmar)
    found = problems(path, sweden)
    assert found == [
        "a.xlsx: Hallands län has no row of 1315 Hylte; if it is right, say so with --accept "
        "missing:1315",
        "a.xlsx: has no row of 08 Kalmar län; if it is right, say so with --accept missing-county:08",
    ]
    assert in_swedish(found[0][8:]).startswith("Hallands län har ingen rad för 1315 Hylte; om det")
    assert problems(path, sweden, accepted=["missing:1315"]) == found[1:]
    made = take_in(path, sweden, accepted=["missing:1315", "missing-county:08"])
    assert [(w.municipality, w.share) for w in made.new_wishes] == [("1380", 100)]


def wish_rows(base: Instance, *counties: str) -> list[Row]:
    rows: list[Row] = [["Kod", "Önskemål"]]
    return rows + [[m.code, 0] for m in base.municipalities if m.county_code in counties]


def test_a_list_of_wishes_alone_misses_a_county_or_a_municipality(
    tmp_path: Path, sweden: Instance
) -> None:
    every = sorted({m.county_code for m in sweden.municipalities})
    rows = wish_rows(sweden, *(c for c in every if c != "08"))
    rows = [r for r in rows if r[0] != "1315"]
    found = problems(make(tmp_path / "a.xlsx", {"S": rows}), sweden)
    assert [p.rpartition(" ")[2] for p in found] == ["missing:1315", "missing-county:08"]


def test_shares_of_the_base_beside_wishes_hide_no_missing_county(
    tmp_path: Path, sweden: Instance
) -> None:
    rows: list[Row] = [["Kod", "Andel", "Önskemål"]]
    rows += [[m.code, m.share / 100, 0] for m in sweden.municipalities if m.county_code != "08"]
    (found,) = problems(make(tmp_path / "a.xlsx", {"S": rows}), sweden)
    assert found.endswith("has no share of 08 Kalmar län; if it is right, say so with --accept "
                          "missing-county:08")  # fmt: skip


def test_a_county_board_sends_its_own(tmp_path: Path, sweden: Instance) -> None:
    """One or a few counties and a list of a few answers need no name; a row less in a county does."""
    for counties in (("08",), ("08", "13", "25")):
        path = make(tmp_path / "a.xlsx", {"S": wish_rows(sweden, *counties)})
        assert take_in(path, sweden).new_wishes
    few = make(
        tmp_path / "b.xlsx", {"S": [["Kod", "Önskemål"], ["0880", -1], ["1315", 0], ["2584", 1]]}
    )
    assert len(take_in(few, sweden).new_wishes) == 3
    path = make(tmp_path / "c.xlsx", {"S": wish_rows(sweden, "08")[:-1]})
    (found,) = problems(path, sweden)
    assert found.endswith("Kalmar län has no row of 0885 Borgholm; if it is right, say so with "
                          "--accept missing:0885")  # fmt: skip


def test_of_many_that_are_missing_their_number_is_the_name(tmp_path: Path, sweden: Instance) -> None:
    """A list of the 150 that have answered: the exact number is confirmed, and no other."""
    rows: list[Row] = [["Kod", "Önskemål"], *([m.code, 0] for m in sweden.municipalities[:300:2])]
    rows += [[m.code, 0] for m in sweden.municipalities[1:300:2]][: 150 - 145]
    path = make(tmp_path / "a.xlsx", {"S": rows})
    (found,) = problems(path, sweden)
    assert "has 150 of 290 municipalities, without " in found
    assert found.endswith(" and others; if it is right, say so with --accept rows:150")
    assert problems(path, sweden, accepted=["rows:149"]) == [found]
    assert len(take_in(path, sweden, accepted=["rows:150"]).new_wishes) == 150
