"""What somebody wrote into a workbook is taken in, or told: never dropped without a word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.workbooks.grid import read_book
from fordela.instances.workbooks.headings import AFTER, SURVEY, plain
from fordela.instances.writing import write_instance
from fordela.models.instance import Instance
from fordela.models.wishes import Wish
from fordela.report.commands import importing
from fordela.report.texts.problems import in_swedish
from fordela.report.texts.workbook import TEXTS
from fordela.report.workbooks.instance_book import write_instance_book
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from tests.test_answers_that_are_missing import survey
from tests.test_importing import DAY, SHARES, Row, make, problems, take_in

READS = "is a number that nothing reads"


@pytest.fixture
def four() -> Instance:
    """0001 Ask and 0002 Bok in Nordlän, 0003 Ceder and 0004 Ek in Sydlän; 400, 300, 200, 100 ‰."""
    return load_instance("textbook").with_changes(transfers=(), name="four")


def put(*cells: tuple[str, str, object]) -> Callable[[Any], object]:
    """Write some cells: sheet, address, value."""

    def change(book: Any) -> None:
        for sheet, address, value in cells:
            book[sheet][address] = value

    return change


def told(path: Path, base: Instance, change: Callable[[Any], object], **how: Any) -> list[str]:
    (path / "a.xlsx").unlink(missing_ok=True)
    return [p.partition(", ")[2] for p in problems(survey(path / "a.xlsx", base, change), base, **how)]


# --- our own survey -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "number", "lost"),
    [
        ("D8", 2, True),  # as many municipalities as there are
        ("D8", 700, True),  # the sum of their shares
        ("D8", 0, False),  # the sum of their wishes
        ("C8", 700, False), ("H8", 700, False), ("C8", 2, True), ("H9", 0, False),
        ("J8", 2, True),
    ],
)  # fmt: skip
def test_a_row_of_sums_holds_what_its_formulas_give_and_nothing_else(
    tmp_path: Path, four: Instance, address: str, number: int, *, lost: bool
) -> None:
    """Nordlän: rows 6 and 7, sums in row 8, what they change by in row 9."""
    change = put(("Nordlän", address, number))
    if lost:
        assert any(f"cell {address} " in line for line in told(tmp_path, four, change))
    else:
        take_in(survey(tmp_path / "a.xlsx", four, change), four)


def test_a_number_beside_words_is_no_sum(tmp_path: Path, four: Instance) -> None:
    words = ("Nordlän", "A12", "Ask och Bok vill tillsammans ta över")
    said = told(tmp_path, four, put(words, ("Nordlän", "J12", 2)))
    assert any(READS in line and "J12" in line for line in said)


def test_the_columns_of_the_survey_are_those_that_are_written() -> None:
    keys = {"change": "wish", "note": "note"}
    for key, (_, english, swedish) in SURVEY.items():
        if key != "share":
            assert TEXTS[f"{keys.get(key, key)}_column"] == (english, swedish)
    assert {plain(text) for text in TEXTS["after_column"]} == AFTER


def test_a_renamed_column_is_told(tmp_path: Path, four: Instance) -> None:
    found = told(tmp_path, four, put(("Nordlän", "D5", "Vad vi vill"), ("Nordlän", "D6", 3)))
    assert len(found) == 2
    assert found[0].startswith(
        "sheet Nordlän, cell D5 is 'Vad vi vill': is not the heading of the column 'Önskemål ±‰' "
        "('Wish ±‰'), which is missing"
    )
    assert found[1].startswith(f"sheet Nordlän, cell D6 is '3': {READS}")


def test_without_its_grey_sheets_it_is_our_survey_still(tmp_path: Path, four: Instance) -> None:
    def change(book: Any) -> None:
        for name in ("instance", "municipalities", "lists"):
            del book[name]
        book["Nordlän"]["D5"], book["Nordlän"]["D6"] = "Vad vi vill", 3

    assert "cell D5 is 'Vad vi vill': is not the heading" in told(tmp_path, four, change)[0]


@pytest.mark.parametrize("letter", [letter for letter, _, _ in SURVEY.values()])
def test_any_deleted_or_renamed_column_is_told(letter: str, tmp_path: Path, four: Instance) -> None:
    def delete(book: Any) -> None:
        book["Nordlän"].delete_cols(ord(letter) - ord("A") + 1)

    def rename(book: Any) -> None:
        for county in ("Nordlän", "Sydlän"):
            book[county][f"{letter}5"] = "Xyz"

    assert f"sheet Nordlän, cell {letter}5" in told(tmp_path, four, delete)[0]
    found = told(tmp_path, four, rename)
    assert [p for p in found if f"cell {letter}5" in p and "Nordlän" in p]
    assert [p for p in found if f"cell {letter}5" in p and "Sydlän" in p]


@pytest.mark.parametrize(
    ("sheet", "address"),
    [("Nordlän", "J6"), ("Nordlän", "J2"), ("Nordlän", "D12"), ("Nordlän", "D8"), ("Nordlän", "H9"),
     ("Riket", "D6"), ("Riket", "B7"), ("Riket", "H20"), ("Läs mig", "B3")],
)  # fmt: skip
def test_a_number_where_nothing_is_read_is_told(
    sheet: str, address: str, tmp_path: Path, four: Instance
) -> None:
    """Beside the table, above and below it, over its sums and over those of the country."""
    (found,) = told(tmp_path, four, put((sheet, address, 5)))
    assert found.startswith(f"sheet {sheet}, cell {address} is '5': ")
    assert READS in found or "stands in a row without a municipality" in found


def test_a_share_afterwards_that_is_typed_over_is_told(tmp_path: Path, four: Instance) -> None:
    (found,) = told(tmp_path, four, put(("Nordlän", "H6", 410)))
    assert found == (
        "sheet Nordlän, cell H6 is '410': is typed over the formula, and the share with the wish in D6 "
        "is 400; write the wish in D6, and clear this cell"
    )
    (found,) = told(tmp_path, four, put(("Nordlän", "D6", 5), ("Nordlän", "H6", 410)))
    assert "the share with the wish in D6 is 405; write" in found
    # What agrees with the wish, as where somebody has pasted values, says nothing new.
    agreed = put(("Nordlän", "D6", 5), ("Nordlän", "H6", 405), ("Nordlän", "D8", 5))
    made = take_in(survey(tmp_path / "b.xlsx", four, agreed), four)
    assert made.new_wishes == (Wish("0001", "more", 500, 0, None, "proposed", DAY),)


def test_pasted_values_of_the_whole_survey_are_no_answers(tmp_path: Path, four: Instance) -> None:
    """Formulas replaced by what they give, in a year with wishes: nothing is typed."""
    day = date(2026, 9, 1)
    log = (Wish("0001", "less", 325, date=day), Wish("0004", "more", 175, date=day))
    base = four.with_changes(wishes=log)
    write_instance_book(base, tmp_path / "a.xlsx", language="sv")
    load_workbook(tmp_path / "a.xlsx", data_only=True).save(tmp_path / "a.xlsx")
    assert take_in(tmp_path / "a.xlsx", base).new_wishes == ()


@pytest.mark.parametrize("address", ["I2", "F3", "E4", "A5", "B9", "AA1"])
def test_a_grey_sheet_that_was_changed_is_told(address: str, tmp_path: Path, four: Instance) -> None:
    change = put(("municipalities", address, 5))
    (found,) = told(tmp_path, four, change)
    row = address.lstrip("ABCDEFGHI")
    assert found.startswith(f"sheet municipalities, row {row}: was changed after Fordela wrote it")
    assert found.endswith("--accept grey:municipalities")
    assert take_in(tmp_path / "a.xlsx", four, accepted=["grey:municipalities"]).new_wishes == ()


def test_grey_sheets_with_children_are_as_they_were(tmp_path: Path) -> None:
    year = load_instance("textbook")
    write_instance_book(year, tmp_path / "a.xlsx", cases=True)
    load_workbook(tmp_path / "a.xlsx").save(tmp_path / "a.xlsx")
    assert take_in(tmp_path / "a.xlsx", year).new_wishes == ()


# --- what is hardly seen ------------------------------------------------------------------------


def hide(book: Any) -> None:
    book["Nordlän"]["D6"] = 3
    book["Nordlän"].sheet_state = "hidden"


def hide_row(book: Any) -> None:
    book["Nordlän"]["D6"] = 3
    book["Nordlän"].row_dimensions[6].hidden = True


def hide_column(book: Any) -> None:
    book["Nordlän"]["D6"] = book["Nordlän"]["D7"] = 3
    book["Nordlän"].column_dimensions["D"].hidden = True


def strike(book: Any) -> None:
    book["Nordlän"]["D6"] = 3
    book["Nordlän"]["D6"].font = Font(strike=True)


@pytest.mark.parametrize(
    ("change", "message", "name"),
    [(hide, "sheet Nordlän: is hidden and not read, and has 0001 Ask, 0002 Bok;", "hidden:Nordlän"),
     (hide_row, "cell D6 is '3': stands in a hidden row or column; show it", "hidden:Nordlän"),
     (hide_column, "cell D6 is '3': stands in a hidden row or column, as do D7;", "hidden:Nordlän"),
     (strike, "cell D6 is '3': is struck through; clear the cell of 0001", "struck:0001")],
)  # fmt: skip
def test_what_is_hidden_or_struck_through_is_confirmed_by_name(
    change: Callable[[Any], None], message: str, name: str, tmp_path: Path, four: Instance
) -> None:
    (found,) = told(tmp_path, four, change)
    assert message in found
    assert name in found
    accepted = [name, "missing-county:01"]
    said = take_in(tmp_path / "a.xlsx", four, accepted=accepted).new_wishes
    assert [w.municipality for w in said][:1] == ([] if change is hide else ["0001"])


def test_hidden_rows_of_other_peoples_lists(tmp_path: Path, four: Instance) -> None:
    path = make(tmp_path / "a.xlsx", {"S": SHARES})
    book = load_workbook(path)
    book["S"].row_dimensions[3].hidden = True
    book.save(path)
    (found,) = problems(path, four)
    assert found.startswith("a.xlsx, sheet S, cell C3 is '290,00': stands in a hidden row or column;")
    assert take_in(path, four, accepted=["hidden:S"]).changed["share"] == 2


def test_texts_beside_the_survey_are_noted(tmp_path: Path, four: Instance) -> None:
    path = survey(tmp_path / "a.xlsx", four, put(("Nordlän", "J6", "vill ha 3 till")))
    assert ("unread_cells", {"sheet": "Nordlän", "cells": "J6"}) in take_in(path, four).notes


def test_comments_on_cells_are_noted(tmp_path: Path, four: Instance) -> None:
    def remark(book: Any) -> None:
        book["Nordlän"]["D6"] = 3
        book["Nordlän"]["D6"].comment = Comment("not decided", "x")

    made = take_in(survey(tmp_path / "a.xlsx", four, remark), four)
    assert ("cell_comments", {"sheet": "Nordlän", "cells": "D6"}) in made.notes
    assert read_book(tmp_path / "a.xlsx").sheets[-1].comments == ()


# --- other people's lists -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "key"),
    [("Önskar ta emot", "wants_more"), ("Vill ha", "wants_more"), ("Vi lämnar gärna", "wants_less"),
     ("Begärd andel", "resulting"), ("Antal vi önskar avstå", "wants_less")],
)  # fmt: skip
@pytest.mark.parametrize("shares", [True, False])
def test_a_wish_in_plain_words_is_asked_for(
    heading: str, key: str, shares: bool, tmp_path: Path, four: Instance
) -> None:
    rows: list[Row] = [["Kommun", *(["Preliminär andel"] if shares else []), heading],
                       *([n, *([s] if shares else []), 2] for _, n, s in SHARES[1:])]  # fmt: skip
    path = make(tmp_path / "a.xlsx", {"S": rows})
    (found,) = problems(path, four)
    assert (
        f"{heading}: may be a wish and is not read; say what it is: --map '{heading}={key}' (" in found
    )
    assert f"or nothing: --map '{heading}=-'" in found
    assert "kan vara ett önskemål och läses inte; ange vad det är: --map" in in_swedish(
        found.partition(f"{heading}: ")[2]
    )
    maps = [f"{heading}=change", *(["Preliminär andel=share"] if shares else [])]
    assert len(take_in(path, four, *maps).new_wishes) == 4


def test_columns_that_nothing_reads_are_named(tmp_path: Path, four: Instance) -> None:
    head: Row = ["Kommun", "Preliminär andel", "Yta", None, "Kommentar"]
    rows: list[Row] = [head, *([n, s, 7, 8, "x"] for _, n, s in SHARES[1:])]
    path = make(tmp_path / "a.xlsx", {"S": rows})
    names = [f"no-wish:000{k}" for k in range(1, 5)]
    made = take_in(path, four, accepted=names)
    assert ("unread_columns", {"columns": "'Yta', D"}) in made.notes
    columns = "'Preliminär andel' → share, 'Kommentar' → note"
    assert ("read_columns", {"columns": columns}) in made.notes


def test_a_wish_of_one_municipality_beside_its_share_misses_nobody(tmp_path: Path) -> None:
    """A list of a few is no county that has lost its rows, with the base's shares in it or not."""
    base = load_instance("sweden-2026").with_changes(children=(), transfers=())
    rows: list[Row] = [["Kommun", "Preliminär andel", "Vill ta över"], ["Kalmar", 6.67, 2]]
    made = take_in(make(tmp_path / "a.xlsx", {"S": rows}), base)
    assert [(w.municipality, w.direction, w.share) for w in made.new_wishes] == [("0880", "more", 200)]


def test_where_nothing_is_new_the_unread_columns_are_asked_for(tmp_path: Path, four: Instance) -> None:
    shares = [m.share / 100 for m in four.municipalities]
    rows: list[Row] = [["Kommun", "Andel", "Vad vi tycker"], *(
        [r[1], s, 2] for r, s in zip(SHARES[1:], shares, strict=True))]  # fmt: skip
    path = make(tmp_path / "a.xlsx", {"S": rows})
    (found,) = problems(path, four)
    assert "nothing in it is new, and these columns are not read: 'Vad vi tycker'; if one is" in found
    assert len(take_in(path, four, "Andel=share", "Vad vi tycker=change").new_wishes) == 4
    assert take_in(path, four, "Vad vi tycker=-").new_wishes == ()


# --- headings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("above", [True, False])
@pytest.mark.parametrize(
    "remark",
    [
        ["Källa", None, "Kapacitet enligt enkät"],
        ["Utkast", "Andel och önskemål fastställs i december", None],
    ],
)
def test_a_remark_beside_the_headings_is_no_heading(
    remark: Row, above: bool, tmp_path: Path, four: Instance
) -> None:
    """Directly above or below the row of headings, in a column that has none or another one."""
    rows: list[Row] = [["Kommun", "Andel", "Sålt"], *([n, s, 100] for _, n, s in SHARES[1:])]
    rows.insert(0 if above else 1, remark)
    made = take_in(make(tmp_path / "a.xlsx", {"S": rows}), four)
    assert [m.share for m in made.instance.municipalities] == [41_000, 29_000, 20_000, 10_000]
    assert [m.capacity for m in made.instance.municipalities] == [
        m.capacity for m in four.municipalities
    ]
    assert made.mapping.columns == {"Andel": "share"}


def test_a_sentence_is_no_heading_where_no_row_names_a_municipality(
    tmp_path: Path, four: Instance
) -> None:
    rows: list[Row] = [["Utkast", "Andel och önskemål fastställs i december"], ["", "Andel"]]
    rows = [*rows, ["Ort", "Andel"], *([n, s] for _, n, s in SHARES[1:])]
    made = take_in(make(tmp_path / "a.xlsx", {"S": rows}), four)
    assert made.mapping.columns == {"Andel": "share"}


def test_a_heading_of_two_rows(tmp_path: Path, four: Instance) -> None:
    """Cells merged over both rows, or a group over headings, make two rows one heading."""
    rows: list[Row] = [["Kod", "Kommun", "Tal", None], [None, None, "Andel", "Folkmängd"],
                       *([c, n, s, 9] for c, n, s in SHARES[1:])]  # fmt: skip
    path = make(tmp_path / "a.xlsx", {"S": rows})
    book = load_workbook(path)
    for merged in ("A1:A2", "B1:B2", "C1:D1"):
        book["S"].merge_cells(merged)
    book.save(path)
    assert take_in(path, four).changed == {"share": 2, "population": 4}


# --- wishes that are slips ----------------------------------------------------------------------


def test_a_wish_for_more_than_anybody_has_had_is_confirmed(tmp_path: Path) -> None:
    """300 for 3.00: more than the 24 ‰ of Ånge, and more than the share."""
    base = load_instance("sweden-2026").with_changes(children=(), transfers=())
    rows: list[Row] = [["Kod", "Önskemål"], ["0880", 300], ["0180", 30], ["2260", 23]]
    path = make(tmp_path / "a.xlsx", {"S": rows})
    (found,) = problems(path, base)
    assert found == (
        "a.xlsx, sheet S, cell B2 is '300': 0880 wishes for more than 24.00 ‰, the most that anybody "
        "has taken over, and for more than its share of 6.67 ‰; if it is right, say so with --accept "
        "wish:0880"
    )
    made = take_in(path, base, accepted=["wish:0880"])
    assert take_in(path, made.instance).new_wishes  # said again, it needs no name
    assert made.instance.wanted.more["0880"].share == 30_000
    write_instance(made.instance, tmp_path / "year")
    warnings: list[str] = []
    load_instance(tmp_path / "year", warnings)
    assert [w for w in warnings if "0880" in w] == [
        "wishes for more than 24.00 ‰, the most that anybody has taken over, and for more than the "
        "share: 0880 Kalmar"
    ]


# --- what is printed ----------------------------------------------------------------------------


def run(*words: str) -> str:
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout


def test_what_was_taken_in_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wishes by county, over the base that was named, which the survey names too."""
    monkeypatch.chdir(tmp_path)
    run("instances", "export", "textbook", "my 2026", "-q")
    run("instances", "export", str(tmp_path / "my 2026"), "enkat.xlsx", "--lang", "sv", "-q")
    book = load_workbook("enkat.xlsx")
    lines = [str(row[0].value) for row in book["Läs mig"].iter_rows()]
    assert "Läs in svaren: fordela instances import DENNA.xlsx --base 'my 2026' --out svar" in lines
    book["Nordlän"]["D6"], book["Nordlän"]["D7"] = 3, 0
    book["Sydlän"]["D6"], book["Sydlän"]["F6"] = -0.5, "0004 Ek"
    book.save("enkat.xlsx")
    words = ("instances", "import", "enkat.xlsx", "--base", "my 2026", "--date", "2025-10-01",
             "--new-dialogue")  # fmt: skip
    lines = run(*words, "--out", "x", "--lang", "sv").splitlines()
    assert lines[0] == "x: inläst över my 2026"
    at = lines.index("önskemål: nya rader i loggen: 3")
    assert lines[at + 1 : at + 4] == [
        "  01 Nordlän: 0001 Ask +3,00 ‰, 0002 Bok behåller sin andel",
        "  02 Sydlän: 0003 Ceder −0,50 ‰ (med Ek)",
        "  sagt 2025-10-01",
    ]
    assert not any("textbook" in line for line in lines)
    monkeypatch.setattr(importing, "_WISHES", 1)
    assert "  and 2 more, in wishes.csv" in run(*words, "--out", "y").splitlines()
