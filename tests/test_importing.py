"""Every layout of a workbook comes in, or says by sheet and cell why not; wishes join the log."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.workbooks.grid import read_book
from fordela.instances.workbooks.headings import COLUMNS, guess
from fordela.instances.workbooks.importing import Imported, Settings, import_book
from fordela.instances.workbooks.mapping import choose_mapping, guess_mapping, parse_maps
from fordela.instances.workbooks.written import Names, read_number
from fordela.models.errors import InputError
from fordela.models.instance import Instance
from fordela.models.units import UNITS_PER_MILLE
from fordela.models.wishes import Wish
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell

DAY = date(2026, 10, 1)
Row = Sequence[object]


# --- layouts ------------------------------------------------------------------------------------


def make(path: Path, sheets: Mapping[str, Sequence[Row]]) -> Path:
    """Write sheets with openpyxl."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def take_in(path: Path, base: Instance, *maps: str, **changes: Any) -> Imported:
    book = read_book(path)
    year = changes.get("year") or base.year
    mapping, _ = choose_mapping(book, parse_maps(maps), {}, base, year)
    return import_book(path, book, base, mapping, Settings("new", DAY, **changes))


def problems(path: Path, base: Instance, *maps: str, **changes: Any) -> list[str]:
    with pytest.raises(InputError) as raised:
        take_in(path, base, *maps, **changes)
    return [str(p) for p in raised.value.problems]


def shuffled_shares(base: Instance, seed: int) -> dict[str, int]:
    """Other shares with the same sum: each county's dealt around inside it."""
    random_ = random.Random(seed)
    shares: dict[str, int] = {}
    for county in sorted({m.county_code for m in base.municipalities}):
        members = [m for m in base.municipalities if m.county_code == county]
        units = [m.share for m in members]
        for _ in range(100):  # most have another one, as in a new year
            random_.shuffle(units)
            if sum(u != m.share for u, m in zip(units, members, strict=True)) * 2 > len(units):
                break
        shares |= dict(zip([m.code for m in members], units, strict=True))
    return shares


def layout(base: Instance, shares: dict[str, int], seed: int) -> dict[str, Sequence[Row]]:
    """A workbook as somebody could lay it out, every choice drawn."""
    draw = random.Random(seed)
    one_sheet = draw.random() < 0.4
    with_codes = draw.random() < 0.7
    numeric_codes = draw.random() < 0.5
    comma = draw.random() < 0.5
    heading = draw.choice(
        ["Preliminär andel", "Andel (‰)", "Preliminär\nandel 2026", "Andelstal", "Share"]
    )
    suffix = draw.choice(["", " kommun"])
    extra = draw.random() < 0.5
    total_label = draw.choice(["Summa", "Totalt", "Länet totalt", "county"])

    def number(units: int) -> object:
        value = units / UNITS_PER_MILLE
        return f"{value:.2f}".replace(".", ",") if comma else value

    sheets: dict[str, Sequence[Row]] = {}
    everything: list[Row] = [["Migrationsverket"], ["Preliminära andelar 2026"], []]
    counties = sorted({(m.county_code, m.county) for m in base.municipalities})
    for code, county in counties:
        members = [m for m in base.municipalities if m.county_code == code]
        rows: list[Row] = [] if one_sheet else [[f"Länsstyrelsen, {county}"], []]
        head: list[object] = ["Kommunkod"] if with_codes else []
        head += ["Kommun", *(["Folkmängd"] if extra else []), heading]
        if not one_sheet or draw.random() < 0.5 or code == counties[0][0]:
            rows.append(head)
        if one_sheet:
            rows.append([None] * (len(head) - 1))
        for m in members:
            row: list[object] = []
            if with_codes:
                row.append(int(m.code) if numeric_codes else m.code)
            row += [m.name + suffix, *([m.population] if extra else []), number(shares[m.code])]
            rows.append(row)
        total = sum(shares[m.code] for m in members)
        label = county if total_label == "county" else total_label
        blank: list[object] = [None] if with_codes else []
        rows.append([*blank, label, *([None] if extra else []), number(total)])
        rows += [[], ["Källa: Migrationsverket, preliminärt"]] if not one_sheet else [[]]
        sheets[county] = rows
        everything += rows
    everything.append(
        [*([None] if with_codes else []), "Hela riket", *([None] if extra else []), number(100_000)]
    )
    return {"Andelar": everything} if one_sheet else sheets


@pytest.mark.parametrize("seed", range(12))
def test_any_layout_gives_exactly_the_shares(seed: int, tmp_path: Path) -> None:
    base = load_instance("sweden-2026").with_changes(transfers=(), name="base")
    base = base.with_changes(
        municipalities=tuple(replace(m, wants_less=0, wants_more=0) for m in base.municipalities)
    )
    shares = shuffled_shares(base, seed)
    path = make(tmp_path / "andelar.xlsx", layout(base, shares, seed))
    made = take_in(path, base)
    assert {m.code: m.share for m in made.instance.municipalities} == shares
    assert made.changed["share"] == sum(shares[m.code] != m.share for m in base.municipalities) > 0
    assert made.instance.shares_are == "preliminary"
    assert "imported from andelar.xlsx" in made.instance.provenance["share"]
    assert "from base" in made.instance.provenance["not in the workbook"]


@pytest.fixture
def four() -> Instance:
    return load_instance("textbook").with_changes(transfers=(), name="four")


SHARES: list[Row] = [
    ["Kod", "Kommun", "Andel"],
    ["0001", "Ask", 410],
    ["0002", "Bok", "290,00"],
    ["0003", "Ceder", "200,00 ‰"],
    ["0004", "Ek", 100],
]


def changed(*edits: tuple[int, int, object]) -> list[Row]:
    rows = [[*row] for row in SHARES]
    for row, column, value in edits:
        rows[row - 1][column - 1] = value
    return [*rows]


def test_the_plain_table_comes_in(tmp_path: Path, four: Instance) -> None:
    made = take_in(make(tmp_path / "a.xlsx", {"S": SHARES}), four)
    assert [m.share for m in made.instance.municipalities] == [41_000, 29_000, 20_000, 10_000]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (changed((3, 3, "cirka 290")), "sheet S, cell C3 is 'cirka 290': is not a number; 0002 needs"),
        (changed((3, 3, "#REF!")), "cell C3 is '#REF!': is a spreadsheet error"),
        (changed((3, 3, -290)), "cell C3 is '-290': is negative"),
        (changed((3, 3, 290.005)), "cell C3 is '290.005': has more than two decimals"),
        (
            changed((3, 2, "Book"), (3, 1, None)),
            "cell A3 is 'Book': is no municipality of the base; did you",
        ),
        (changed((3, 2, "Ask")), "code and name disagree: '0002' is 0002 but 'Ask' is 0001"),
        (
            changed((3, 1, "0001"), (3, 2, "Ask")),
            "cell C3 is '290,00': 0001 Ask has '410' in a.xlsx, sheet S",
        ),
        (
            changed((3, 1, None), (3, 2, None)),
            "cell C3 is '290,00': stands in a row without a municipality",
        ),
        (changed((3, 3, None)), "Nordlän has no share for 0002 Bok"),
        ([*SHARES, [None, "Summa", 990]], "cell C6 is '990': (Summa) is not the sum of its rows"),
        ([*SHARES[:3], [None, "Delsumma", 710], *SHARES[3:]], "cell C4 is '710': (Delsumma) is"),
        ([["Kod", "Kommun", "Tal"], *SHARES[1:]], "no heading is recognised"),
        ([*SHARES, ["0099", "Lind", 3]], "cell A6 is '0099': is no municipality of the base"),
    ],
)  # fmt: skip
def test_what_is_wrong_has_sheet_and_cell(
    rows: Sequence[Row], message: str, tmp_path: Path, four: Instance
) -> None:
    found = problems(make(tmp_path / "a.xlsx", {"S": rows}), four)
    assert any(message in p for p in found), found


def test_everything_wrong_is_said_at_once(tmp_path: Path, four: Instance) -> None:
    rows = changed((2, 3, "x"), (4, 3, "y"))
    found = problems(make(tmp_path / "a.xlsx", {"S": rows}), four)
    assert [p.split(" is ")[0] for p in found[:2]] == [
        "a.xlsx, sheet S, cell C2",
        "a.xlsx, sheet S, cell C4",
    ]


def test_totals_in_the_middle_and_at_the_end_are_checked_and_left_out(
    tmp_path: Path, four: Instance
) -> None:
    rows = [
        *SHARES[:3],
        [None, "Delsumma", 700],
        *SHARES[3:],
        [None, "Summa", "1 000,0"],
        [None, None, 1000],
    ]
    made = take_in(make(tmp_path / "a.xlsx", {"S": rows}), four)
    assert [m.share for m in made.instance.municipalities] == [41_000, 29_000, 20_000, 10_000]
    assert ("taken_total", {"place": "a.xlsx, sheet S, cell C8", "value": "1000"}) in made.notes


def test_merged_cells_are_named(tmp_path: Path, four: Instance) -> None:
    path = make(tmp_path / "a.xlsx", {"S": SHARES})
    book = load_workbook(path)
    book["S"].merge_cells("C3:C4")
    book.save(path)
    assert any("sheet S, cell C3 is '290,00': merged cells" in p for p in problems(path, four))


def test_a_renamed_sheet_is_read_and_one_without_headings_is_named(
    tmp_path: Path, four: Instance
) -> None:
    halves = {"Blad1 (2)": SHARES[:3], "xyz": [SHARES[0], *SHARES[3:]]}
    assert take_in(make(tmp_path / "a.xlsx", halves), four).changed["share"] == 2
    halves = {"Blad1": SHARES[:3], "xyz": SHARES[3:]}
    found = problems(make(tmp_path / "b.xlsx", halves), four)
    assert any("sheet xyz: has 2 rows of municipalities, but none of the headings" in p for p in found)


def test_a_hidden_sheet_is_said_not_to_be_read(tmp_path: Path, four: Instance) -> None:
    path = make(tmp_path / "a.xlsx", {"S": SHARES, "gammalt": SHARES})
    book = load_workbook(path)
    book["gammalt"].sheet_state = "hidden"
    book.save(path)
    assert ("hidden_sheet", {"sheet": "gammalt"}) in take_in(path, four).notes


def test_a_hidden_sheet_with_municipalities_of_its_own_is_no_accident(
    tmp_path: Path, four: Instance
) -> None:
    path = make(tmp_path / "a.xlsx", {"S": SHARES[:3], "H": [SHARES[0], *SHARES[3:]]})
    book = load_workbook(path)
    book["H"].sheet_state = "hidden"
    book.save(path)
    assert problems(path, four)[0] == (
        "a.xlsx, sheet H: is hidden and not read, and has 0003 Ceder, 0004 Ek; show the sheet, or "
        "delete it; if it is right, say so with --accept hidden:H"
    )


def test_formulas_without_values_are_named(tmp_path: Path, four: Instance) -> None:
    path = make(tmp_path / "a.xlsx", {"S": changed((3, 3, "=290"))})
    assert any(
        "cell C3" in p and "is a formula whose value is not stored" in p for p in problems(path, four)
    )


def test_two_headings_for_one_column_must_be_told_apart(tmp_path: Path, four: Instance) -> None:
    rows: list[Row] = [
        ["Kod", "Preliminär andel", "Beslutad andel"],
        *([r[0], r[2], 1] for r in SHARES[1:]),
    ]
    path = make(tmp_path / "a.xlsx", {"S": rows})
    assert "'Preliminär andel' and 'Beslutad andel' would both be share" in problems(path, four)[0]
    made = take_in(path, four, "Preliminär andel=share")
    assert [m.share for m in made.instance.municipalities] == [41_000, 29_000, 20_000, 10_000]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("Andel", "must be 'Heading=column'"),
        ("Andel=shares", "no such column; did you mean share?"),
        ("Andelen=share", "no such heading in S; did you mean Andel?"),
    ],
)
def test_a_wrong_map_says_what_is_right(
    entry: str, message: str, tmp_path: Path, four: Instance
) -> None:
    assert message in problems(make(tmp_path / "a.xlsx", {"S": SHARES}), four, entry)[0]


def test_new_shares_under_old_wishes_say_what_to_do(tmp_path: Path) -> None:
    """Ceder has handed 100 ‰ to Ek; with a share of 50 ‰ that no longer fits."""
    base = load_instance("textbook")
    rows = changed((2, 3, 560), (4, 3, 50))
    sums = ["county-sum:01", "county-sum:02"]
    found = problems(make(tmp_path / "a.xlsx", {"S": rows}), base, accepted=sums)
    assert any("transfers.csv" in p and "--new-dialogue" in p for p in found), found
    made = take_in(tmp_path / "a.xlsx", base, new_dialogue=True, accepted=sums)
    assert made.instance.transfers == ()
    assert len(made.instance.children) == len(base.children)


def test_files_that_are_no_workbooks(tmp_path: Path, four: Instance) -> None:
    for name, data, message in (
        ("a.xls", b"", "save it as 'Excel workbook (.xlsx)'"),
        ("a.xlsx", b"PK\x03\x04 broken", "is damaged or encrypted"),
        ("b.xlsx", b"", "is damaged or encrypted"),
    ):
        (tmp_path / name).write_bytes(data)
        assert message in problems(tmp_path / name, four)[0]
    assert "no such file" in problems(tmp_path / "none.xlsx", four)[0]


def test_a_csv_of_any_layout_comes_in_too(tmp_path: Path, four: Instance) -> None:
    text = "Titel;;\nKod;Kommun;Andel\n1;Ask;410,00\n2;Bok;290,00\n3;Ceder;200\n4;Ek;100\n;Summa;1000\n"
    (tmp_path / "a.csv").write_bytes(text.encode("cp1252"))
    made = take_in(tmp_path / "a.csv", four)
    assert [m.share for m in made.instance.municipalities] == [41_000, 29_000, 20_000, 10_000]


def test_another_year_begins_from_the_base(tmp_path: Path) -> None:
    base = load_instance("textbook")
    rows: list[Row] = [SHARES[0], *([r[0], r[1], m.share / 100] for r, m in
                         zip(SHARES[1:], base.municipalities, strict=True))]  # fmt: skip
    made = take_in(
        make(tmp_path / "a.xlsx", {"S": rows}), base, year=base.year + 1, accepted=["last-years-shares"]
    )
    assert made.instance.year == base.year + 1
    assert made.instance.transfers == ()
    assert made.instance.transfers_last_year == base.transfers
    assert made.instance.children == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [("3,45", "3.45"), ("3.45 ‰", "3.45"), ("1 234", "1234"), ("1\u00a0234,5", "1234.5"),
     ("−2,5", "-2.5"), ("+2", "2"), ("3,4,5", None), ("1e3", None), ("cirka 3", None), ("", None),
     ("9" * 12, None)],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, value: str | None) -> None:
    assert read_number(text) == (None if value is None else Decimal(value))


def test_municipalities_as_people_write_them() -> None:
    names = Names(load_instance("sweden-2026"))
    for m in load_instance("sweden-2026").municipalities:
        for written in (m.code, m.code.lstrip("0"), m.name, m.name.upper(), f"{m.name} kommun",
                        f"{m.name}s kommun", f"{m.code} {m.name}", f"{m.name} ({m.code})"):  # fmt: skip
            assert names.codes(written) == [m.code], written
    for written, code in (
        ("Stockholms stad", "0180"),
        ("Göteborgs Stad", "1480"),
        ("Malmö stad", "1280"),
    ):
        assert names.codes(written) == [code]
    counties = {
        "Kalmar län": "08",
        "Summa Kalmar län": "08",
        "Gotlands län totalt": "09",
        "Kalmar": None,
    }
    for written, county in counties.items():
        assert names.county(written) == county


def test_every_heading_is_guessed_as_its_own_column() -> None:
    for column in COLUMNS:
        for heading in column.headings:
            assert guess(f"{heading.capitalize()} (‰)") == column.key


# --- wishes -------------------------------------------------------------------------------------


def wishes_in(tmp_path: Path, base: Instance, rows: Sequence[Row], day: date = DAY) -> Imported:
    path = make(tmp_path / f"w{day}.xlsx", {"S": [["Kod", "Önskemål ±‰", "Minst", "Motpart"], *rows]})
    book = read_book(path)
    return import_book(path, book, base, guess_mapping(book), Settings("new", day))


def test_rounds_of_a_dialogue_add_up(tmp_path: Path, four: Instance) -> None:
    first = wishes_in(tmp_path, four, [["0001", -30, 10, None], ["0004", 20, None, "Ask"]])
    assert first.new_wishes == (
        Wish("0001", "less", 3000, 1000, None, "proposed", DAY),
        Wish("0004", "more", 2000, 0, "0001", "proposed", DAY),
    )
    later = date(2026, 10, 15)
    second = wishes_in(tmp_path, first.instance, [["0001", 0, None, None], ["0004", 20, None, "Ask"],
                                                  ["0002", 5], ["0003"]], later)  # fmt: skip
    assert second.new_wishes == (
        Wish("0001", "less", 0, 0, None, "proposed", later),
        Wish("0002", "more", 500, 0, None, "proposed", later),
    )
    wanted = second.instance.wanted
    assert set(wanted.more) == {"0002", "0004"}
    assert wanted.less == {}
    # The partner changes: the earlier one is withdrawn by name.
    third = wishes_in(tmp_path, second.instance, [["0004", 20, None, "Bok"]], date(2026, 10, 20))
    assert third.instance.wanted.more["0004"].partners == (("0002", 2000, 0),)


def test_partners_come_and_go(tmp_path: Path, four: Instance) -> None:
    """Named, then any, then named again, then taken back: each round stands as it was said."""
    made = four
    for month, (row, partners, share) in enumerate((
        (["0004", 20, None, "Ask"], ("0001",), 2000), (["0004", 20, None, None], (), 2000),
        (["0004", 15, None, "Bok"], ("0002",), 1500), (["0004", 10, None, "Ask"], ("0001",), 1000),
        (["0004", 0, None, None], None, 0),
    ), 1):  # fmt: skip
        made = wishes_in(tmp_path, made, [row], date(2026, month, 1)).instance
        wanted = made.wanted.more.get("0004")
        if partners is None:
            assert wanted is None
        else:
            assert wanted is not None
            assert wanted.share == share
            assert tuple(code for code, _, _ in wanted.partners) == partners


def test_wishes_of_the_columns_are_kept_as_the_log_begins(tmp_path: Path) -> None:
    base = load_instance("sweden-2026")
    made = wishes_in(tmp_path, base, [["2260", 20, None, None]])
    before, after = base.wanted, made.instance.wanted
    assert dict(after.less) == dict(before.less)
    assert {k: v for k, v in after.more.items() if k != "2260"} == {
        k: v for k, v in before.more.items() if k != "2260"
    }
    assert after.more["2260"].share == 2000


def test_said_again_the_same_day_replaces(tmp_path: Path, four: Instance) -> None:
    first = wishes_in(tmp_path, four, [["0001", -30, None, None]])
    second = wishes_in(tmp_path, first.instance, [["0001", 10, None, None]])
    assert second.instance.wanted.less == {}
    assert second.instance.wanted.more["0001"].share == 1000


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["0001", -500, None, None], "0001 wants to hand away more than its share of 400.00 ‰"),
        (["0001", 10, 20, None], "cell C2 is '20': is more than the wish of 10.00 ‰"),
        (["0001", 10, None, "Lind"], "cell D2 is 'Lind': is no municipality of the base"),
        (["0001", 1.234, None, None], "cell B2 is '1.234': has more than two decimals"),
    ],
)
def test_wishes_that_cannot_be(row: Row, message: str, tmp_path: Path, four: Instance) -> None:
    with pytest.raises(InputError) as raised:
        wishes_in(tmp_path, four, [row])
    assert message in str(raised.value)


def test_a_wish_after_a_later_one_is_refused(tmp_path: Path, four: Instance) -> None:
    first = wishes_in(tmp_path, four, [["0001", -30, None, None]])
    with pytest.raises(InputError, match="0001 said something on 2026-10-01"):
        wishes_in(tmp_path, first.instance, [["0001", -20, None, None]], date(2026, 9, 1))


def test_a_wished_share_afterwards_is_a_change(tmp_path: Path, four: Instance) -> None:
    rows: list[Row] = [["Kod", "Önskad andel"], ["0001", 380], ["0004", "120,00"], ["0002", 300],
                       ["0003"]]  # fmt: skip
    path = make(tmp_path / "a.xlsx", {"S": rows})
    book = read_book(path)
    made = import_book(path, book, four, guess_mapping(book), Settings("new", DAY))
    assert made.instance.wanted.less["0001"].share == 2000
    assert made.instance.wanted.more["0004"].share == 2000
    assert made.new_wishes[2] == Wish("0002", "less", 0, 0, None, "proposed", DAY)  # keeps its share


# --- the command --------------------------------------------------------------------------------


def run(*words: str, code: int = 0, answer: str | None = None) -> Any:
    done = CliRunner().invoke(main, list(words), input=answer)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_guessed_columns_are_confirmed_and_kept(folder: Path) -> None:
    base = load_instance("sweden-2026")
    shares = {m.code: m.share for m in base.municipalities}
    make(folder / "andelar.xlsx", layout(base, shares, 3))
    refused = run("instances", "import", "andelar.xlsx", "--base", "sweden-2026", code=2, answer="n\n")
    assert "not confirmed" in refused.stderr
    assert not (folder / "andelar").exists()
    said = run("instances", "import", "andelar.xlsx", "--base", "sweden-2026", answer="y\n")
    assert "Written to andelar" in said.stdout
    kept = (folder / "andelar" / "import.toml").read_text(encoding="utf-8")
    assert '= "share"' in kept
    run("instances", "import", "andelar.xlsx", "--base", "sweden-2026", "--out", "again",
        "--mapping", "andelar/import.toml")  # fmt: skip
    assert (
        load_instance(folder / "again").municipalities
        == load_instance(folder / "andelar").municipalities
    )
    run("instances", "validate", "again")


def test_nothing_is_written_where_something_is_wrong(folder: Path) -> None:
    make(folder / "a.xlsx", {"S": changed((3, 3, "x"))})
    wrong = run("instances", "import", "a.xlsx", "--base", "textbook", "--yes", code=2)
    assert "cell C3" in wrong.stderr
    assert sorted(p.name for p in folder.iterdir()) == ["a.xlsx"]


@pytest.mark.parametrize("name", ["a.xlsx", "b"])
def test_an_export_is_never_written_over_other_files(folder: Path, name: str) -> None:
    (folder / "a.xlsx").write_text("mine")
    (folder / "b").mkdir()
    (folder / "b" / "mine.txt").write_text("mine")
    wrong = run("instances", "export", "textbook", name, code=2)
    assert "--force" in wrong.stderr
    assert (folder / "a.xlsx").read_text() == "mine"


def test_a_workbook_of_other_sheets_says_what_to_do(folder: Path) -> None:
    make(folder / "a.xlsx", {"S": SHARES})
    wrong = run("instances", "validate", "a.xlsx", code=2)
    assert "'fordela instances import'" in wrong.stderr


def test_a_broken_value_in_a_workbook_instance_names_the_sheet(folder: Path) -> None:
    run("instances", "export", "textbook", "a.xlsx", "--with-cases")
    book = load_workbook(folder / "a.xlsx")
    book["municipalities"]["F3"] = "x"
    book.save(folder / "a.xlsx")
    wrong = run("instances", "validate", "a.xlsx", code=2)
    assert "a.xlsx, sheet municipalities, row 3, share is 'x'" in wrong.stderr


def test_answers_that_are_not_taken_in_are_told(folder: Path) -> None:
    run("instances", "export", "sweden-2026", "a.xlsx", "--with-cases")
    assert run("instances", "validate", "a.xlsx").stderr.count("answers in its county sheets") == 0
    book = load_workbook(folder / "a.xlsx")
    book["Kalmar län"]["D6"] = 1.5
    book.save(folder / "a.xlsx")
    said = run("instances", "validate", "a.xlsx").stderr
    assert "answers in its county sheets are not part of the instance: Kalmar län" in said


def test_a_workbook_somebody_made_with_keys_and_values(folder: Path) -> None:
    """The format's sheets, typed by hand: numbers as numbers, a date as a date."""
    make(folder / "a.xlsx", {
        "instance": [["key", "value"], ["format", 1], ["name", "mine"], ["year", 2026],
                     ["counting_since", date(2016, 1, 1)], ["forecast", 8],
                     ["synthetic", "cases; assigned_before"], ["provenance.share", "by \"hand\""]],
        "municipalities": [["code", "name", "county_code", "county", "share", "assigned_before"],
                           ["01", "A", "1", "X", 600.5, 3], ["02", "B", "1", "X", 399.5, None]],
        "children": [["child", "case", "arrival", "kin_municipality"],
                     ["c1", "g1", date(2026, 1, 5), None], ["c2", "g2", date(2026, 2, 1), "02"]],
    })  # fmt: skip
    year = load_instance(folder / "a.xlsx")
    assert [m.share for m in year.municipalities] == [60_050, 39_950]
    assert year.synthetic == ("cases", "assigned_before")
    assert year.provenance == {"share": 'by "hand"'}
    assert [c.tie for c in year.children] == [None, "02"]
    assert year.children[0].arrival == date(2026, 1, 5)


# --- whatever a person can do to a workbook -----------------------------------------------------


def mangle(path: Path, random_: random.Random) -> None:
    """Do one or two things to a workbook that a person could do by accident."""
    book = load_workbook(path)
    for _ in range(random_.choice([1, 1, 2])):
        sheet = random_.choice(book.worksheets)
        row, column = random_.randint(1, sheet.max_row), random_.randint(1, sheet.max_column)
        what = random_.choice(["value", "value", "value", "delete", "insert", "merge", "hide", "move"])
        if what == "delete":
            sheet.delete_rows(row)
        elif what == "insert":
            sheet.insert_rows(row)
            sheet.cell(row, 1).value = random_.choice(["Kalmar", "Summa", None])
            sheet.cell(row, sheet.max_column).value = 5
        elif what == "merge":
            sheet.merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)
        elif what == "hide" and len(book.worksheets) > 1:
            sheet.sheet_state = "hidden"
        elif what == "move":
            sheet.move_range(f"A1:A{sheet.max_row}", cols=sheet.max_column + 1)
        elif not isinstance(sheet.cell(row, column), MergedCell):
            sheet.cell(row, column).value = random_.choice(
                [None, "?", "ca 4", "Ask", "#REF!", "=1+1", "Summa", "0114", "Kalmar", 3, 0.5, -1, 1e20,
                 12.345, 0, True, datetime(2026, 3, 4)]
            )  # fmt: skip
    book.save(path)


@pytest.mark.parametrize("seed", range(24))
def test_a_mangled_workbook_gives_the_right_shares_or_none(seed: int, tmp_path: Path) -> None:
    base = load_instance("sweden-2026").with_changes(transfers=(), name="base")
    base = base.with_changes(
        municipalities=tuple(replace(m, wants_less=0, wants_more=0) for m in base.municipalities)
    )
    shares = shuffled_shares(base, seed)
    path = make(tmp_path / "andelar.xlsx", layout(base, shares, seed))
    mangle(path, random.Random(1000 + seed))
    try:
        made = take_in(path, base)
    except InputError:
        return  # said, not guessed
    assert {m.code: m.share for m in made.instance.municipalities} == shares
