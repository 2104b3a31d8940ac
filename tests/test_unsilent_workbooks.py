"""No silent wrong input from workbooks: units, headings, names, wishes, and what the base has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.workbooks.grid import read_book
from fordela.instances.workbooks.mapping import choose_mapping
from fordela.models.instance import Instance
from fordela.models.wishes import Wish
from fordela.report.workbooks.instance_book import write_instance_book
from fordela.report.workbooks.result_book import write_result_book
from fordela.solver.solve import solve
from openpyxl import load_workbook

from tests.test_importing import DAY, SHARES, Row, changed, make, problems, take_in


@pytest.fixture
def four() -> Instance:
    return load_instance("textbook").with_changes(transfers=(), name="four")


@pytest.fixture(scope="module")
def sweden() -> Instance:
    year = load_instance("sweden-2026").with_changes(transfers=(), children=(), name="base")
    places = tuple(replace(m, wants_less=0, wants_more=0) for m in year.municipalities)
    return year.with_changes(municipalities=places)


def table(base: Instance, units: dict[str, int] | None = None) -> dict[str, list[Row]]:
    """A sheet for each county, with new shares for some."""
    new = units or {}
    sheets: dict[str, list[Row]] = {}
    for m in base.municipalities:
        rows = sheets.setdefault(m.county, [["Kod", "Kommun", "Andel"]])
        rows.append([m.code, m.name, new.get(m.code, m.share) / 100])
    return sheets


def turned(base: Instance) -> dict[str, int]:
    """New shares for everybody: each county's turned by the first place that changes most of them."""
    new: dict[str, int] = {}
    for county in {m.county_code for m in base.municipalities}:
        members = [m for m in base.municipalities if m.county_code == county]
        if len(members) == 1:
            continue
        for m, other in zip(members, [*members[1:], members[0]], strict=True):
            new[m.code] = other.share
    return new


def shares(made: Any) -> list[int]:
    return [m.share for m in made.instance.municipalities]


# --- beside the base ----------------------------------------------------------------------------


def test_a_county_whose_sum_changed_is_confirmed_by_name(tmp_path: Path, sweden: Instance) -> None:
    new = turned(sweden)
    new["0880"] += 150
    new["0180"] -= 150
    path = make(tmp_path / "a.xlsx", table(sweden, new))
    found = problems(path, sweden)
    assert len(found) == 2  # the sum of all is right
    assert "08 Kalmar län has 25.16 ‰ instead of the base's 23.66 ‰; if it is right" in found[1]
    assert found[1].endswith("--accept county-sum:08")
    with_one = problems(path, sweden, accepted=["county-sum:08"])
    assert [p[-13:] for p in with_one] == ["county-sum:01"]
    made = take_in(path, sweden, accepted=["county-sum:08", "county-sum:01"])
    assert {m.code: m.share for m in made.instance.municipalities}["0880"] == new["0880"]
    assert made.instance.provenance["confirmed when imported"] == "county-sum:01, county-sum:08"
    assert take_in(path, sweden, accepted=["county-sums"]).changed["share"] > 200


def test_a_missing_sheet_or_row_is_confirmed_by_name(tmp_path: Path, sweden: Instance) -> None:
    sheets = table(sweden, turned(sweden))
    del sheets["Kalmar län"]
    sheets["Hallands län"] = [r for r in sheets["Hallands län"] if r[1] != "Hylte"]
    path = make(tmp_path / "a.xlsx", sheets)
    found = [p for p in problems(path, sweden) if "county-sum" not in p]
    assert "Hallands län has no share for 1315 Hylte; if it is right" in found[0]
    assert (
        "has no share of 08 Kalmar län; if it is right, say so with --accept missing-county:08"
        in found[1]
    )
    accepted = ["missing:1315", "missing-county:08"]
    rest = problems(path, sweden, accepted=accepted)  # Hylte's new share is another one's old one
    assert rest[0].endswith("county-sum:13")
    assert "the shares sum to" in rest[1]


def test_a_part_of_the_country_is_one_confirmation(tmp_path: Path, sweden: Instance) -> None:
    sheets = table(sweden, turned(sweden))
    path = make(tmp_path / "a.xlsx", {"Kalmar län": sheets["Kalmar län"]})
    (found,) = problems(path, sweden)
    assert "has shares of 08 Kalmar län only" in found
    made = take_in(path, sweden, accepted=["only:08"])
    assert made.changed["share"] >= 9
    same = make(tmp_path / "b.xlsx", {"Kalmar län": table(sweden)["Kalmar län"]})
    assert take_in(same, sweden).changed["share"] == 0  # the base's own shares: nothing is missing


def test_last_years_shares_among_new_ones(tmp_path: Path, sweden: Instance) -> None:
    new = turned(sweden)
    kept = {m.code for m in sweden.municipalities if m.county_code == "08"}
    mixed = {c: u for c, u in new.items() if c not in kept}
    path = make(tmp_path / "a.xlsx", table(sweden, mixed))
    (found,) = problems(path, sweden)
    assert "08 Kalmar län: 12 of 12 shares are the base's, unchanged" in found
    assert found.endswith("--accept last-years-shares:08")
    assert shares(take_in(path, sweden, accepted=["last-years-shares:08"]))
    path = make(tmp_path / "b.xlsx", table(sweden))
    (found,) = problems(path, sweden, year=2027)
    assert "every share is that of 2026; these are no shares of 2027" in found
    assert take_in(path, sweden).changed["share"] == 0  # the same year again: nothing is new


def test_two_columns_mixed_all_over_the_country(tmp_path: Path, sweden: Instance) -> None:
    new = turned(sweden)
    mixed = {c: u for k, (c, u) in enumerate(sorted(new.items())) if k % 4}
    path = make(tmp_path / "a.xlsx", table(sweden, mixed))
    told = problems(path, sweden, accepted=["county-sums"])
    assert any("shares are the base's, unchanged" in p for p in told)


def test_the_command_takes_names_and_says_nothing_away(tmp_path: Path, sweden: Instance) -> None:
    new = turned(sweden)
    new["0880"] += 150
    new["0180"] -= 150
    path = make(tmp_path / "a.xlsx", table(sweden, new))
    words = ["instances", "import", str(path), "--base", "sweden-2026", "-y", "-q", "--new-dialogue",
             "--out", str(tmp_path / "o")]  # fmt: skip
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert "--accept county-sum:08" in done.stderr
    assert not (tmp_path / "o").exists()
    names = ["--accept", "county-sum:08", "--accept", "county-sum:01"]
    done = CliRunner().invoke(main, [*words, *names])
    assert done.exit_code == 0, done.output
    swedish = CliRunner().invoke(main, [*words[:-1], str(tmp_path / "p"), "--lang", "sv"])
    assert "om det är rätt, bekräfta med --accept county-sum:08" in swedish.stderr


def test_titles_of_another_year(tmp_path: Path, four: Instance) -> None:
    path = make(tmp_path / "a.xlsx", {"S": [["Preliminära andelar 2024"], [], *SHARES]})
    (found,) = problems(path, four)
    assert found == (
        "a.xlsx, sheet S: name and titles are of 2024, and not of 2025; --year takes another year; "
        "if it is right, say so with --accept other-year:2024"
    )
    assert take_in(path, four, accepted=["other-year:2024"]).changed["share"] == 2
    both = make(tmp_path / "b.xlsx", {"S": [["Andelar 2025, beslut 2024-12-05"], [], *SHARES]})
    assert take_in(both, four).changed["share"] == 2
    halves = {"Norr 2025": SHARES[:3], "Söder 2024": [SHARES[0], *SHARES[3:]]}
    (found,) = problems(make(tmp_path / "c.xlsx", halves), four)
    assert "sheet Söder 2024: name and titles are of 2024" in found


# --- rows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name"),
    [("0880", "Kalmar kommun"), ("0880", "KALMAR"),
     ("880", "Kalmars kommun"), ("0114", "Upplands-Väsby"),
     ("0114", "Upplands Vasby"), (None, "Upplands-Väsby"), (None, "upplands  väsby kommun"),
     (None, "Upplands Vasby"), ("0114", "Uplands Väsby"), ("0180", "Stockholms stad"),
     ("0980", "Region Gotland"), ("2080", "Falu kommun"), ("0880", None)],
)  # fmt: skip
def test_spellings_pass(code: str | None, name: str | None, tmp_path: Path, sweden: Instance) -> None:
    path = make(tmp_path / "a.xlsx", {"S": [["Kod", "Kommun", "Folkmängd"], [code, name, 7]]})
    made = take_in(path, sweden)
    named = code.zfill(4) if code else "0114"
    assert made.instance.by_code[named].population == 7


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("0880", "Xyz", "code and name disagree: 'Xyz' is not 0880 Kalmar"),
        ("0880", "Nybro", "code and name disagree: '0880' is 0880 but 'Nybro' is 0881"),
        ("0880", "Nybbro", "'Nybbro' is not 0880 Kalmar; did you mean 0881 Nybro?"),
        ("9999", "Kalmar", "code and name disagree: '9999' is not 0880 Kalmar"),
        ("0880 Xyz", None, "code and name disagree: '0880 Xyz' is not 0880 Kalmar"),
        ("0643", "Håbo", "code and name disagree: '0643' is 0643 but 'Håbo' is 0305"),
        (None, "Xyz", "is no municipality of the base"),
    ],
)
def test_codes_and_names_that_disagree(
    code: str | None, name: str | None, message: str, tmp_path: Path, sweden: Instance
) -> None:
    rows: list[Row] = [["Kod", "Kommun", "Folkmängd"], [code, name, 7], ["0882", "Oskarshamn", 9]]
    found = problems(make(tmp_path / "a.xlsx", {"S": rows}), sweden)
    assert len(found) == 1
    assert message in found[0]
    assert "sheet S, cell A2" in found[0]


# --- units --------------------------------------------------------------------------------------


def test_units_are_called_that(tmp_path: Path, four: Instance) -> None:
    for values, message in (
        (
            [41, 29, 20, 10],
            "the column's numbers are in per cent; shares are in ‰ (per mille), ten times",
        ),
        (
            [0.41, 0.29, 0.2, 0.1],
            "are parts of one; shares are in ‰ (per mille), a thousand times as much",
        ),
        ([0.40945, 0.29055, 0.2, 0.1], "are parts of one"),
        ([4100, 2900, 2000, 1000], "are in parts of ten thousand"),
        (["41 %", "29 %", "20,0 %", "10%"], "is in per cent, in 4 cells"),
        ([410, 290, 200, "10%"], "is '10%': is in per cent, in 1 cell; shares are in"),
    ):
        rows = [SHARES[0], *([*row[:2], v] for row, v in zip(SHARES[1:], values, strict=True))]
        found = problems(make(tmp_path / "a.xlsx", {"S": rows}), four)
        assert len(found) == 1, found
        assert message in found[0]
        assert f"sheet S, cell C{5 if '1 cell' in message else 2}" in found[0]


def test_cells_that_excel_shows_in_per_cent(tmp_path: Path, four: Instance) -> None:
    path = make(tmp_path / "a.xlsx", {"S": [SHARES[0], *([*r[:2], 0.25] for r in SHARES[1:])]})
    book = load_workbook(path)
    for row in range(2, 6):
        book["S"].cell(row, 3).number_format = "0.0%"
    book.save(path)
    (found,) = problems(path, four)
    assert "cell C2 is '25%': is in per cent, in 4 cells" in found


def test_a_cell_in_per_cent_hides_no_other_problem(tmp_path: Path, four: Instance) -> None:
    found = problems(make(tmp_path / "a.xlsx", {"S": changed((2, 3, "41 %"), (3, 3, -290))}), four)
    assert [p.split(",")[2].split(":")[0] for p in found] == [
        " cell C2 is '41 %'",
        " cell C3 is '-290'",
    ]


@pytest.mark.parametrize("heading", ["Andel (%)", "Andel i procent", "Preliminär andel, procent"])
def test_a_heading_in_per_cent(heading: str, tmp_path: Path, four: Instance) -> None:
    found = problems(
        make(tmp_path / "a.xlsx", {"S": changed((1, 3, heading))}), four, f"{heading}=share"
    )
    assert "sheet S, cell C1" in found[0]
    assert "is in per cent; shares are in ‰" in found[0]


# --- headings -----------------------------------------------------------------------------------


def beside(heading: str, value: object, head: str = "Andel") -> list[Row]:
    rows: list[Row] = [[*SHARES[0][:2], head, heading]]
    return [*rows, *([*row, value] for row in SHARES[1:])]


@pytest.mark.parametrize(
    "heading",
    ["Förändring", "Ändring mot 2024", "Differens", "Diff", "Förändring jmf 2024", "Ökning"],
)
def test_a_column_of_change_is_no_wish(heading: str, tmp_path: Path, four: Instance) -> None:
    """It is the difference to the base's shares, or says that it compares."""
    rows = beside(heading, None)
    for row, change in zip(rows[1:], (10, -10, 0, 0), strict=True):
        row[3] = change  # type: ignore[index]
    made = take_in(make(tmp_path / "a.xlsx", {"S": rows}), four)
    assert made.new_wishes == ()
    assert made.changed == {"share": 2}
    told = [values["heading"] for key, values in made.notes if key == "left_out_change"]
    assert told == ([] if heading.startswith("Diff") else [heading])
    assert ("unread_columns", {"columns": repr(heading)}) in made.notes


@pytest.mark.parametrize("head", ["Andel", None])
@pytest.mark.parametrize(("heading", "key"), [("Ändring", "change"), ("Minskning", "wants_less")])
def test_a_change_that_is_no_difference_is_asked_for(
    head: str | None, heading: str, key: str, tmp_path: Path, four: Instance
) -> None:
    """A wish, or how the share changed: neither is taken for granted, with shares beside it or not."""
    alone: list[Row] = [["Kod", heading], ["0001", 1.5], ["0002", 1.5]]
    rows = beside(heading, 1.5) if head else alone
    path = make(tmp_path / "a.xlsx", {"S": rows})
    (found,) = problems(path, four)
    assert found.endswith(
        f"{heading}: is a wish, or how the share changed; say which: --map '{heading}={key}' or "
        f"--map '{heading}=-'"
    )
    if head:
        assert take_in(path, four, f"{heading}=-").new_wishes == ()
    assert len(take_in(path, four, f"{heading}={key}").new_wishes) == (4 if head else 2)


def test_a_change_compared_with_another_year_is_never_a_wish(tmp_path: Path, four: Instance) -> None:
    rows: list[Row] = [["Kod", "Ändring mot 2024"], ["0001", -5]]
    assert "no heading is recognised" in problems(make(tmp_path / "c.xlsx", {"S": rows}), four)[0]


def test_a_heading_taken_away_leaves_the_others_to_be_guessed(tmp_path: Path, four: Instance) -> None:
    path = make(tmp_path / "a.xlsx", {"S": beside("Önskemål", -1)})
    made = take_in(path, four, "Önskemål=-")
    assert made.new_wishes == ()
    assert made.changed["share"] == 2
    words = ["instances", "import", str(path), "--base", "textbook", "--map", "Önskemål=-",
             "--new-dialogue", "--out", str(tmp_path / "o")]  # fmt: skip
    asked = CliRunner().invoke(main, words, input="y\n")
    assert asked.exit_code == 0, asked.output
    assert [m.share for m in load_instance(tmp_path / "o").municipalities] == [
        41000,
        29000,
        20000,
        10000,
    ]


def test_remarks_are_no_headings(tmp_path: Path, four: Instance) -> None:
    remarks: list[Row] = [
        ["Kommentar", "Andel 2025", "Ändring"],
        ["Andel", "Preliminär andel"],
        *beside("Kommentar", "Förändring begärd"),
        ["Not", "Andel", "Önskemål"],
    ]
    made = take_in(make(tmp_path / "a.xlsx", {"S": [remarks[0], [], *remarks[2:]]}), four)
    assert shares(made) == [41_000, 29_000, 20_000, 10_000]
    assert made.mapping.columns == {"Andel": "share", "Kommentar": "note"}


@pytest.mark.parametrize(
    ("head", "heading", "share"),
    [("Andel 2024", "Andel 2025", 999), ("Andel 2025", "Andel 2024", None),
     ("Andel 2025", "Andelstal 2024", None)],
)  # fmt: skip
def test_of_two_years_the_right_one(
    head: str, heading: str, share: int | None, tmp_path: Path, four: Instance
) -> None:
    path = make(tmp_path / "a.xlsx", {"S": beside(heading, 250, head)})
    made = take_in(path, four, accepted=["county-sums"])
    assert made.instance.municipalities[0].share == (25_000 if share else 41_000)


def test_headings_of_another_year_and_misspelt_ones_are_asked_for(
    tmp_path: Path, four: Instance
) -> None:
    path = make(tmp_path / "a.xlsx", {"S": changed((1, 3, "Andel 2024"))})
    assert (
        "--map is 'Andel 2024': is of another year than 2025; if it is right: --map 'Andel 2024=share'"
        in (problems(path, four)[0])
    )
    assert take_in(path, four, "Andel 2024=share").changed["share"] == 2
    halves = {"N": [["Kod", "Kommun", "Andel (2025)"], *SHARES[1:3]],
              "S": [["Kod", "Kommun", "Andel (2024)"], *SHARES[3:]]}  # fmt: skip
    found = problems(make(tmp_path / "d.xlsx", halves), four)
    assert "sheet S: has 2 rows of municipalities, but none of the headings 'Andel (2025)'" in found[0]
    path = make(tmp_path / "b.xlsx", {"S": beside("Preliminär andl", 250, "Beslutad andel")})
    assert "is nearly 'preliminär andel'; say --map 'Preliminär andl=share'" in problems(path, four)[0]
    path = make(tmp_path / "c.xlsx", {"S": changed((1, 3, "Andel av befolkningen"))})
    assert "--map 'Andel av befolkningen=column'" in problems(path, four)[0]


def test_a_kept_heading_goes_on_to_the_next_year(tmp_path: Path, four: Instance) -> None:
    book = read_book(make(tmp_path / "a.xlsx", {"S": beside("Andel 2025", 250, "Andel 2026")}))
    kept, _ = choose_mapping(book, {}, {"Andel 2025": "share"}, four, 2026)
    assert kept.columns == {"Andel 2026": "share"}


def test_a_map_suggests_the_nearest_heading_whatever_it_is(tmp_path: Path, four: Instance) -> None:
    path = make(
        tmp_path / "a.xlsx", {"S": [["Title", "PREL. TAL"], *beside("Anmärkning", "Andelen", "TAL")]}
    )
    assert "no such heading in S; did you mean TAL?" in problems(path, four, "Tall=share")[0]
    path = make(tmp_path / "b.xlsx", {"S": beside("Noter", "Andelen", "Preliminär andel 2025")})
    assert "did you mean Preliminär andel 2025?" in problems(path, four, "Prel andel=share")[0]


def test_a_merged_heading_is_named(tmp_path: Path, four: Instance) -> None:
    rows: list[Row] = [[*SHARES[0], None], [None, None, "år 2024", "år 2025"]]
    rows += [[*row, 250] for row in SHARES[1:]]
    path = make(tmp_path / "a.xlsx", {"S": rows})
    book = load_workbook(path)
    book["S"].merge_cells("C1:D1")
    book.save(path)
    assert any("sheet S, cell C1 is 'Andel': merged heading" in p for p in problems(path, four))


def test_our_own_workbook_needs_no_confirmation(tmp_path: Path) -> None:
    for run in (
        ["instances", "export", "textbook", str(tmp_path / "a.xlsx"), "--lang", "sv"],
        [
            "instances",
            "import",
            str(tmp_path / "a.xlsx"),
            "--base",
            "textbook",
            "--out",
            str(tmp_path / "o"),
        ],
    ):
        done = CliRunner().invoke(main, run, input="")
        assert done.exit_code == 0, done.output


def test_a_workbook_of_a_result_is_not_made_to_be_filled_in(tmp_path: Path) -> None:
    result = solve(load_instance("textbook"))
    write_result_book(result, tmp_path / "r.xlsx", language="sv")
    assert read_book(tmp_path / "r.xlsx").ours
    assert not read_book(tmp_path / "r.xlsx").to_fill_in


# --- wishes -------------------------------------------------------------------------------------

HEAD: Row = [
    "Kod", "Önskemål", "Önskad andel", "Vill ta över", "Vill lämna", "Minst", "Motpart", "Status",
             "Kommentar"]  # fmt: skip


def said(**cells: object) -> Row:
    keys = ("change", "resulting", "more", "less", "least", "partner", "status", "note")
    return ["0001", *(cells.get(k) for k in keys)]


@pytest.mark.parametrize(
    ("row", "messages"),
    [
        (
            said(change=-500),
            ["cell B2 is '-500': 0001 wants to hand away more than its share of 400.00 ‰"],
        ),
        (said(less=400.01), ["cell E2 is '400.01': 0001 wants to hand away more than its share"]),
        (said(change=600.01), ["0001 would have more than all of the 1000 ‰"]),
        (said(status="överenskommet"), ["cell H2 is 'överenskommet': 0001 has no wish beside it"]),
        (said(partner="Bok", least=3), ["cell F2", "cell G2 is 'Bok': 0001 has no wish beside it"]),
        (said(note="vill lämna allt"), ["cell I2 is 'vill lämna allt': 0001 has a remark and no wish"]),
        (
            said(change="allt", status="kanske"),
            ["cell B2 is 'allt': is not a number", "cell H2 is 'kanske'"],
        ),
        (said(resulting=-5), ["cell C2 is '-5': is negative"]),
        (said(more=-5), ["cell D2 is '-5': is negative"]),
        (said(change=5, least=-5), ["cell F2 is '-5': is negative"]),
        (said(change="5 %"), ["cell B2 is '5 %': is in per cent"]),
        (said(change="#N/A"), ["cell B2 is '#N/A': is a spreadsheet error"]),
        (said(change=1, note="#N/A"), ["cell I2 is '#N/A': is a spreadsheet error"]),
        (said(change=0, resulting=380), ["0001 says different things: change 0, resulting 380"]),
        (said(change=5, status="behåller"), ["says different things: change 5, status behåller"]),
        (said(more=5, less=5), ["says different things"]),
    ],
)
def test_what_is_no_wish_is_said(
    row: Row, messages: Sequence[str], tmp_path: Path, four: Instance
) -> None:
    found = problems(make(tmp_path / "a.xlsx", {"S": [HEAD, row]}), four)
    assert len(found) == len(messages), found
    for message, problem in zip(messages, found, strict=True):
        assert message in problem


def test_a_remark_alone_is_confirmed_or_left_out(tmp_path: Path, four: Instance) -> None:
    rows = [HEAD, said(note="ny nämnd"), ["0002", 5]]
    path = make(tmp_path / "a.xlsx", {"S": rows})
    assert problems(path, four)[0].endswith("--accept no-wish:0001")
    for made in (take_in(path, four, accepted=["no-wish:0001"]), take_in(path, four, "Kommentar=-")):
        assert made.new_wishes == (Wish("0002", "more", 500, 0, None, "proposed", DAY),)


@pytest.mark.parametrize(
    "row", [said(change="oförändrat"), said(status="behåller"), said(change=0, status="oförändrat"),
            said(resulting="behåller"), said(more=0, less=0), said(resulting=400)]
)  # fmt: skip
def test_keeping_ones_share_is_an_answer(row: Row, tmp_path: Path, four: Instance) -> None:
    path = make(tmp_path / "a.xlsx", {"S": [HEAD, row]})
    if row == said(resulting=400):  # beside other columns of wishes, it may be a formula's
        path = make(tmp_path / "a.xlsx", {"S": [["Kod", "Önskad andel"], ["0001", 400]]})
    before = four.with_changes(wishes=(Wish("0001", "more", 100), Wish("0002", "more", 50)))
    for base, direction in ((four, "less"), (before, "more")):
        made = take_in(path, base)
        assert made.new_wishes == (Wish("0001", direction, 0, 0, None, "proposed", DAY),)
        assert "0001" not in {**made.instance.wanted.more, **made.instance.wanted.less}
        again = take_in(path, made.instance)
        assert again.instance.wishes == made.instance.wishes


def test_an_answer_of_0_goes_out_and_comes_back(tmp_path: Path, four: Instance) -> None:
    """0 that stands is shown as 0; who has not answered or has taken back is blank."""
    log = (
        Wish("0001", "less", 0, date=date(2026, 9, 1)),
        Wish("0002", "more", 100, date=date(2026, 9, 1)),
        Wish("0002", "more", 0, status="withdrawn", date=date(2026, 9, 2)),
        Wish("0003", "more", 0, date=date(2026, 9, 1)),
        Wish("0003", "less", 50, date=date(2026, 9, 2)),
    )
    year = four.with_changes(wishes=log)
    write_instance_book(year, tmp_path / "a.xlsx", language="sv")
    book = load_workbook(tmp_path / "a.xlsx")
    shown = {
        str(row[0].value): row[3].value
        for sheet in book.worksheets if sheet.title.endswith("län")
        for row in sheet.iter_rows(min_row=6) if str(row[0].value) in year.by_code
    }  # fmt: skip
    assert shown == {"0001": 0, "0002": None, "0003": -0.5, "0004": None}
    made = take_in(tmp_path / "a.xlsx", year)
    assert made.new_wishes == ()
    assert made.instance.wishes == log


def test_what_a_formula_gives_for_nobody_is_no_answer(tmp_path: Path, four: Instance) -> None:
    """A share afterwards is there for everybody; only who changed something has answered."""
    rows: list[Row] = [["Kod", "Önskemål", "Ny andel"], ["0001", None, 400], ["0002", 5, 305],
                       ["0003", 0, 200], ["0004", None, 100]]  # fmt: skip
    made = take_in(make(tmp_path / "a.xlsx", {"S": rows}), four)
    assert [(w.municipality, w.share) for w in made.new_wishes] == [("0002", 500), ("0003", 0)]
