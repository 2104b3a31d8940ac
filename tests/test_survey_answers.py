"""Our own survey, sent back: what stands as it was sent out is no answer; what is wrong is named."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.writing import write_instance
from fordela.models.instance import Instance
from fordela.models.wishes import Wish
from fordela.report.terminal import notices
from fordela.report.texts import Words
from fordela.report.workbooks.instance_book import write_instance_book
from openpyxl import load_workbook

from tests.test_importing import DAY, problems, take_in

COUNTY = "Kalmar län"


@pytest.fixture(scope="module")
def drawn() -> Instance:
    """Four municipalities; the first two have drawn wishes, in their columns."""
    year = load_instance("textbook").with_changes(transfers=(), wishes=(), name="drawn")
    one, two, *others = year.municipalities
    places = (
        replace(one, wants_more=50, wants_less=None),
        replace(two, wants_more=None, wants_less=20),
        *(replace(m, wants_more=None, wants_less=None) for m in others),
    )
    return year.with_changes(municipalities=places, synthetic=("wishes",))


def survey(base: Instance, path: Path, fill: dict[str, object] | None = None, lang: str = "sv") -> Path:
    """The base's survey with some cells, named by code and letter, filled in."""
    write_instance_book(base, path, language=lang)
    book = load_workbook(path)
    for where, value in (fill or {}).items():
        code, column = where.split()
        for sheet in book.worksheets:
            for row in range(6, sheet.max_row + 1):
                if sheet.cell(row, 1).value == code and sheet["A5"].value in ("Kod", "Code"):
                    sheet[f"{column}{row}"] = value
    book.save(path)
    return path


def notes(made: object) -> dict[str, dict[str, object]]:
    return dict(made.notes)  # type: ignore[attr-defined]


@pytest.mark.parametrize("grey", [True, False])
def test_wishes_as_they_were_sent_out_are_no_answers(
    grey: bool, tmp_path: Path, drawn: Instance
) -> None:
    path = survey(drawn, tmp_path / "a.xlsx")
    if not grey:
        book = load_workbook(path)
        for name in ("instance", "municipalities"):
            del book[name]
        book.save(path)
    made = take_in(path, drawn, new_dialogue=True)
    assert (made.new_wishes, made.instance.wishes) == ((), ())
    assert all(m.wants_more is m.wants_less is None for m in made.instance.municipalities)
    one, two = drawn.municipalities[:2]
    named = f"{one.code} {one.name}, {two.code} {two.name}"
    assert notes(made)["as_sent"] == {"n": 2, "named": named}


def test_an_answer_among_wishes_as_they_were_sent_out(tmp_path: Path, drawn: Instance) -> None:
    one, two, three, four = (m.code for m in drawn.municipalities)
    fill: dict[str, object] = {f"{two} G": "föreslaget", f"{three} D": 0.3}
    made = take_in(survey(drawn, tmp_path / "a.xlsx", fill), drawn, new_dialogue=True)
    assert made.instance.wishes == (  # the second says its wish of −0.20 with a status
        Wish(two, "less", 20, date=DAY), Wish(three, "more", 30, date=DAY),
    )  # fmt: skip
    assert made.instance.synthetic == ()
    changed = take_in(survey(drawn, tmp_path / "b.xlsx", {f"{one} D": 0.4}), drawn, new_dialogue=True)
    assert changed.instance.wishes == (Wish(one, "more", 40, date=DAY),)
    assert four not in {w.municipality for w in changed.instance.wishes}


def test_a_survey_sent_out_before_does_not_undo_answers(tmp_path: Path, drawn: Instance) -> None:
    """Two copies of one survey come back, each with one answer: the second keeps the first's."""
    one, _, three, _ = (m.code for m in drawn.municipalities)
    first = take_in(survey(drawn, tmp_path / "a.xlsx", {f"{one} D": 0.1}), drawn).instance
    second = take_in(survey(drawn, tmp_path / "b.xlsx", {f"{three} D": 0.3}), first)
    assert second.new_wishes == (Wish(three, "more", 30, date=DAY),)
    assert second.instance.wanted.more[one].share == 10
    assert notes(second)["as_sent"]["n"] == 1


def test_a_synthetic_wish_that_stands_keeps_its_mark(tmp_path: Path, drawn: Instance) -> None:
    one, two, *_ = (m.code for m in drawn.municipalities)
    half = take_in(survey(drawn, tmp_path / "a.xlsx", {f"{one} D": 0.1}), drawn)
    assert half.instance.synthetic == ("wishes",)
    assert notes(half)["drawn_left"] == {"n": 1}
    source = half.instance.provenance["synthetic wishes"]
    assert source == "wishes of drawn that nobody has answered since are synthetic"
    sentence = "Av önskemålen är de som ingen har besvarat än syntetiska; de andra är svar."
    assert sentence in list(notices(half.instance, Words("sv")))
    write_instance(half.instance, tmp_path / "half")
    with (tmp_path / "half" / "wishes.csv").open(encoding="utf-8-sig", newline="") as file:
        marks = {(r["municipality"], r["date"]): r["synthetic"] for r in csv.DictReader(file)}
    assert marks == {(one, ""): "wishes", (two, ""): "wishes", (one, str(DAY)): ""}
    again = take_in(survey(half.instance, tmp_path / "b.xlsx", {f"{two} D": 0}), half.instance)
    assert again.instance.synthetic == ()
    assert "synthetic wishes" not in again.instance.provenance
    assert "drawn_left" not in notes(again)


def test_synthetic_wishes_with_dates_cannot_be_told_from_answers(
    tmp_path: Path, drawn: Instance
) -> None:
    one, two, *_ = (m.code for m in drawn.municipalities)
    places = tuple(replace(m, wants_more=None, wants_less=None) for m in drawn.municipalities)
    dated = drawn.with_changes(
        municipalities=places,
        wishes=(Wish(one, "more", 50, date=DAY.replace(month=1)),),
    )
    made = take_in(survey(dated, tmp_path / "a.xlsx", {f"{two} D": 0.1}), dated)
    again = take_in(survey(made.instance, tmp_path / "b.xlsx", {f"{one} D": 0}), made.instance)
    assert made.instance.synthetic == again.instance.synthetic == ("wishes",)


def test_a_survey_of_another_year_is_told_once(tmp_path: Path) -> None:
    year = load_instance("sweden-2026").with_changes(children=())
    before = year.with_changes(name="before", year=2025)
    path = survey(year, tmp_path / "a.xlsx", {"0880 D": 1.67})
    (found,) = problems(path, before)
    assert "name and titles are of 2026, and not of 2025" in found
    assert found.endswith("--accept other-year:2026")
    made = take_in(path, before, accepted=["other-year:2026"])
    assert [w.municipality for w in made.new_wishes] == ["0880"]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, object]], Path]:
    """A survey of 2026 with other cells in the sheet of Kalmar län."""
    folder = tmp_path_factory.mktemp("sent")
    write_instance_book(load_instance("sweden-2026"), folder / "a.xlsx", language="sv")

    def with_cells(cells: dict[str, object]) -> Path:
        book = load_workbook(folder / "a.xlsx")
        for address, value in cells.items():
            book[COUNTY][address] = value
        book.save(folder / "b.xlsx")
        return folder / "b.xlsx"

    return with_cells


def test_a_column_left_out_by_hand_is_not_missing(sent: Callable[..., Path]) -> None:
    path, base = sent({"D12": 1.67, "I10": "Vi återkommer"}), load_instance("sweden-2026")
    (found,) = problems(path, base)
    assert "I10 is 'Vi återkommer': 0861 has a remark and no wish" in found
    assert len(take_in(path, base, "Kommentar=-").new_wishes) == 1


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"I5": "Anteckning"}, "I5 is 'Anteckning': is not the heading of the column 'Kommentar'"),
        ({"D10": -0.3, "F10": "Mönsterås"},
         "sheet Kalmar län, cell F10 is 'Mönsterås': 0861 is its own partner"),
        ({"E5": "Motpart", "F5": "Status", "G5": "Med önskemålet", "H5": "Kommentar", "I5": None},
         "cell E5: the column 'Minst ‰' ('Least ‰') is missing here; put it back in"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_cell(
    cells: dict[str, object], message: str, sent: Callable[..., Path]
) -> None:
    found = problems(sent(cells), load_instance("sweden-2026"))
    assert any(message in p for p in found), found
    assert not any("--map" in p or "--new-dialogue" in p for p in found)


def test_shares_that_are_typed_over_are_named(sent: Callable[..., Path], tmp_path: Path) -> None:
    base = {m.code: m for m in load_instance("sweden-2026").municipalities}
    kalmar, nybro = base["0880"].share + 10, base["0881"].share - 10
    book = load_workbook(sent({}))
    rows = {book[COUNTY].cell(r, 1).value: r for r in range(6, 19)}
    path = sent({f"C{rows['0880']}": kalmar / 100, f"C{rows['0881']}": nybro / 100, "D12": 1.67})
    words = ["instances", "import", str(path), "--base", "sweden-2026", "--out", str(tmp_path / "o")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    for code, now in (("0880", kalmar), ("0881", nybro)):
        was = base[code].share
        change = f"{code} {base[code].name} {was // 100}.{was % 100:02} → {now // 100}.{now % 100:02}"
        assert change in " ".join(done.output.split())
