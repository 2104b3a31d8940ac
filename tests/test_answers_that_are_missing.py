"""Answers that do not come back: a sheet, a row or a wish that is gone from a workbook is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.workbooks.mapping import parse_maps
from fordela.models.errors import InputError
from fordela.models.instance import Instance
from fordela.models.wishes import Wish
from fordela.report.texts.problems import in_swedish, problem_in
from fordela.report.workbooks.instance_book import write_instance_book
from openpyxl import load_workbook

from tests.test_importing import Row, make, problems, take_in

FIRST = date(2026, 9, 1)


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


# --- wishes that are gone from their cells ------------------------------------------------------


@pytest.fixture
def four() -> Instance:
    """0001 wishes to hand away 3 ‰, 0002 to take over 1 ‰, 0003 keeps its share, 0004 says nothing."""
    log = (
        Wish("0001", "less", 300, 100, "0002", date=FIRST), Wish("0002", "more", 100, date=FIRST),
        Wish("0003", "more", 0, date=FIRST),
    )  # fmt: skip
    return load_instance("textbook").with_changes(transfers=(), name="four", wishes=log)


def clear(*codes: str, **other: str) -> Callable[[Any], object]:
    """Clear the wishes of some, and write what else stands in their rows."""

    def change(book: Any) -> None:
        for code in codes:
            cell(book, code, "Önskemål").value = None
            for heading, text in other.items():
                cell(book, code, heading).value = text or None

    return change


def test_a_wish_cleared_to_blank_is_told(tmp_path: Path, four: Instance) -> None:
    """By cell and amount; also an answer of 0, and not what stands with the partner left in its row."""
    bare = clear("0001", "0003", Minst="", Motpart="")
    found = problems(survey(tmp_path / "a.xlsx", four, bare), four)
    assert found == [
        "a.xlsx, sheet Nordlän, cell D6: is empty now, and the wish of 0001 of −3.00 ‰ still stands; "
        "write återtaget (withdrawn) as its status to take it back, or a number; if it is right, say "
        "so with --accept cleared:0001",
        "a.xlsx, sheet Sydlän, cell D6: is empty now, and the wish of 0003 of 0 ‰ still stands; "
        "write återtaget (withdrawn) as its status to take it back, or a number; if it is right, say "
        "so with --accept cleared:0003",
    ]
    assert "tomt nu, och önskemålet från 0001 på −3,00 ‰ står kvar; skriv återtaget" in in_swedish(
        found[0].partition(": ")[2].replace("3.00", "3,00")
    )
    made = take_in(tmp_path / "a.xlsx", four, accepted=["cleared:0001", "cleared:0003"])
    assert made.instance.wishes == four.wishes
    assert ("still_stands", {"wishes": "0001 −3.00 ‰, 0003 0 ‰"}) in made.notes
    gone = take_in(tmp_path / "a.xlsx", four, new_dialogue=True)  # nothing stands that could be cleared
    assert gone.instance.wanted.less == {}


def test_a_cell_that_was_never_filled_in_is_no_cleared_one(tmp_path: Path, four: Instance) -> None:
    """Answers come one after the other: the base knows of wishes that the workbook did not show."""
    path = survey(tmp_path / "a.xlsx", four, lambda book: None)
    later = (*four.wishes, Wish("0004", "less", 500, date=date(2026, 9, 2)))
    assert take_in(path, four.with_changes(wishes=later)).new_wishes == ()
    # And whoever has taken a wish back since has nothing left to take back.
    path = survey(tmp_path / "b.xlsx", four, clear("0002"))
    later = (*four.wishes, Wish("0002", "more", 0, status="withdrawn", date=date(2026, 9, 2)))
    assert take_in(path, four.with_changes(wishes=later)).new_wishes == ()


def test_a_cell_cleared_in_the_columns_of_the_municipalities(tmp_path: Path) -> None:
    """Without a log, wishes are columns of the sheet of municipalities."""
    base = load_instance("textbook").with_changes(transfers=())
    first, *others = base.municipalities
    base = base.with_changes(municipalities=(replace(first, wants_less=250), *others))
    (found,) = problems(survey(tmp_path / "a.xlsx", base, clear("0001")), base)
    assert "the wish of 0001 of −2.50 ‰ still stands" in found


def test_a_blank_in_a_list_of_others_is_a_note(tmp_path: Path, four: Instance) -> None:
    """Such a list does not say what was in it before; what stands is said."""
    rows: list[Row] = [["Kod", "Önskemål"], ["0001"], ["0002", 1], ["0003", 0], ["0004", 1]]
    made = take_in(make(tmp_path / "a.xlsx", {"S": rows}), four)
    assert ("still_stands", {"wishes": "0001 −3.00 ‰"}) in made.notes
    assert [w.municipality for w in made.new_wishes] == ["0004"]


@pytest.mark.parametrize("word", ["återtaget", "withdrawn"])
def test_taken_back_beside_a_cleared_cell(word: str, tmp_path: Path, four: Instance) -> None:
    """Also with the partner and the least left in the row, and an answer of 0 in either direction."""
    path = survey(tmp_path / "a.xlsx", four, clear("0001", "0003", Status=word))
    made = take_in(path, four)
    day = date(2026, 10, 1)
    assert made.new_wishes == (
        Wish("0001", "less", 0, status="withdrawn", date=day),
        Wish("0003", "more", 0, status="withdrawn", date=day),
    )
    assert made.instance.wanted.less == {}
    assert made.instance.wanted.kept == frozenset()
    again = take_in(path, made.instance)
    assert again.instance.wishes == made.instance.wishes


def test_taking_back_takes_earlier_answers_back_too(tmp_path: Path, four: Instance) -> None:
    """0 said before the wish does not come up again."""
    log = (*four.wishes, Wish("0003", "less", 50, date=date(2026, 9, 2)))
    base = four.with_changes(wishes=log)
    made = take_in(survey(tmp_path / "a.xlsx", base, clear("0003", Status="återtaget")), base)
    assert [(w.direction, w.status) for w in made.new_wishes] == [
        ("more", "withdrawn"), ("less", "withdrawn")
    ]  # fmt: skip
    assert "0003" not in {*made.instance.wanted.kept, *made.instance.wanted.less}


# --- what is said of it -------------------------------------------------------------------------


def test_what_comes_from_the_base_is_what_the_workbook_lacks(tmp_path: Path, four: Instance) -> None:
    """Our own workbook has the shares, though nobody changed them; a list of wishes has none."""
    made = take_in(survey(tmp_path / "a.xlsx", four, lambda book: None), four)
    lacks = "population, assigned_before, capacity"
    assert ("from_base", {"base": "four", "columns": lacks}) in made.notes
    assert made.instance.provenance["not in the workbook"].startswith(f"{lacks}, names")
    rows: list[Row] = [["Kod", "Önskemål"], ["0001", -1]]
    other = take_in(make(tmp_path / "b.xlsx", {"S": rows}), four)
    assert ("from_base", {"base": "four", "columns": f"share, {lacks}"}) in other.notes


def test_the_columns_for_a_wrong_map_in_swedish() -> None:
    with pytest.raises(InputError) as raised:
        parse_maps(["Önskemål=chnge"])
    (told,) = raised.value.problems
    assert str(told).endswith("willing (children asked for before the even distribution); - (not used)")
    swedish = problem_in(told, "sv")
    assert "kolumnen finns inte; menade du change?; kolumner: share (andel i ‰); change (öns" in swedish
    assert "note (önskemål: en kommentar); population (invånare); " in swedish
    assert swedish.endswith("; - (används inte)")


def test_one_of_something(tmp_path: Path) -> None:
    """Numbers stand where 1 reads as any other."""
    path = make(tmp_path / "a.xlsx", {"S": [["Kod", "Önskemål"], ["0001", 0]]})
    words = ["instances", "import", str(path), "--base", "textbook", "-y", "--out", str(tmp_path / "o")]
    said = CliRunner().invoke(main, [*words, "--lang", "sv"]).stdout.splitlines()
    assert said[1:3] == ["önskemål: nya rader i loggen: 1", "  01 Nordlän: 0001 Ask behåller sin andel"]
    assert said[4] == "hittade 1 av 4 kommuner; antal blad: 1"
    rows: list[Row] = [["Kod", "Andel"], ["0001", 400]]
    path = make(tmp_path / "b.xlsx", {"S": rows})
    english = CliRunner().invoke(main, ["instances", "import", str(path), *words[3:-1],
                                        str(tmp_path / "p"), "--accept", "missing:0002"])  # fmt: skip
    assert english.stdout.splitlines()[1:4] == [
        "share: changed for 0 of 4 municipalities",
        "found: 1 of 4 municipalities; sheets: 1",
        "share: not given for 3 of 4 municipalities, which keep the base's value",
    ]
