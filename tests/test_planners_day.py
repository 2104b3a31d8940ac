"""A planner's working day, from another program's workbook to the finished one.

Preliminary shares come in as LibreOffice saved them, go out as a workbook to fill in, come back as
wishes in two rounds (filled in and saved by LibreOffice too), are tried, decided, explained, taken on
during the year, and sent back as a workbook, a page, and a page for publication.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.writing import write_instance
from fordela.models.instance import Instance
from openpyxl import load_workbook

from tests.libreoffice import convert, make_workbook, soffice


def run(*words: str, code: int = 0) -> Any:
    done = CliRunner().invoke(main, list(words))
    assert "Traceback" not in done.output
    assert done.exit_code == code, f"{words}\n{done.output}\n{done.exception}"
    return done


def preliminary(base: Instance) -> Mapping[str, int]:
    """New shares: the two largest of each county give 0.10 ‰ to its two smallest."""
    shares = {m.code: m.share for m in base.municipalities}
    for county in {m.county_code for m in base.municipalities}:
        members = sorted(
            (m for m in base.municipalities if m.county_code == county), key=lambda m: m.share
        )
        if len(members) >= 4:
            for small, large in zip(members[:2], members[-2:], strict=True):
                shares[small.code] += 10
                shares[large.code] -= 10
    return shares


def agencys_workbook(base: Instance, shares: Mapping[str, int], target: Path) -> Path:
    """One sheet per county as an agency would send it: titles, formulas for sums, decimal commas."""
    sheets: dict[str, list[list[object]]] = {}
    for number, county in enumerate(sorted({m.county for m in base.municipalities})):
        members = [m for m in base.municipalities if m.county == county]
        rows: list[list[object]] = [
            [(f"Preliminära andelstal 2026, {county}", 1, 4)],
            [],
            ["Kommunkod", "Kommun", "Folkmängd", "Preliminär andel"],
        ]
        for m in members:
            share: object = shares[m.code] / 100
            if number % 3 == 0:
                share = f"{shares[m.code] / 100:.2f}".replace(".", ",")
            code: object = m.code if number % 2 else int(m.code)
            rows.append([code, f"{m.name} kommun", m.population, share])
        total: object = f"=SUM([.D4:.D{len(rows)}])"
        if number % 3 == 0:
            total = f"{sum(shares[m.code] for m in members) / 100:.2f}".replace(".", ",")
        rows += [[None, "Summa", f"=SUM([.C4:.C{len(rows)}])", total], [], ["Källa: Migrationsverket"]]
        sheets[county] = rows
    return make_workbook(sheets, target)


def fill_in(path: Path, wishes: Mapping[str, tuple[object, ...]]) -> None:
    """Answer in the yellow cells as municipalities would."""
    book = load_workbook(path)
    left = dict(wishes)
    for sheet in book.worksheets:
        for row in sheet.iter_rows(min_row=6):
            if row[0].value in left and not row[3].protection.locked:
                for cell, value in zip(row[3:], left.pop(row[0].value), strict=False):
                    cell.value = value
    assert left == {}
    book.save(path)


def test_the_whole_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soffice()
    monkeypatch.chdir(tmp_path)
    base = load_instance("sweden-2026")
    shares = preliminary(base)

    # Morning: the Agency's workbook comes in.
    agencys_workbook(base, shares, Path("andelar-2026.xlsx"))
    said = run("instances", "import", "andelar-2026.xlsx", "--base", "sweden-2026",
               "--map", "Preliminär andel=share", "--new-dialogue", "--lang", "sv")  # fmt: skip
    changed = sum(shares[m.code] != m.share for m in base.municipalities)
    assert f"share: ändrat för {changed} av 290 kommuner" in said.stdout
    assert "hittade 290 av 290 kommuner; antal blad: 21" in said.stdout
    mine = load_instance("andelar-2026")
    assert {m.code: m.share for m in mine.municipalities} == shares
    assert mine.shares_are == "preliminary"
    assert mine.by_code["2260"].assigned_before == base.by_code["2260"].assigned_before

    # It goes out to be filled in, and comes back twice, saved by another program.
    run("instances", "export", "andelar-2026", "eget.xlsx", "--with-cases")
    assert load_instance("eget.xlsx").sha256 == mine.sha256
    run("instances", "export", "andelar-2026", "enkat.xlsx", "--lang", "sv")
    fill_in(Path("enkat.xlsx"), {
        "0880": (4, None, None, None), "0821": (-1.0, 0.5, "0880 Kalmar", "föreslaget"),
        "0834": ("-0,9", None, None, None), "0860": (0, None, None, None),
    })  # fmt: skip
    Path("svar").mkdir()
    convert(Path("enkat.xlsx"), "xlsx:Calc MS Excel 2007 XML", Path("svar"))
    first = run("instances", "import", "svar/enkat.xlsx", "--base", "andelar-2026", "--yes",
                "--out", "omgang-1", "--date", "2026-10-01", "--lang", "sv")  # fmt: skip
    assert "önskemål: nya rader i loggen: 4" in first.stdout  # Hultsfred keeps its share
    one = load_instance("omgang-1")
    assert one.wanted.more["0880"].share == 400
    assert one.wanted.less["0821"].partners == (("0880", 100, 50),)
    assert one.wanted.less["0834"].share == 90
    assert "0860" not in one.wanted.less
    assert [w.share for w in one.wishes if w.municipality == "0860"] == [0]
    assert {m.code: m.share for m in one.municipalities} == shares
    run("instances", "export", "omgang-1", "enkat-2.xlsx", "--lang", "sv")
    fill_in(Path("enkat-2.xlsx"), {"0834": (-1.0, None, None, "överenskommet")})
    run("instances", "import", "enkat-2.xlsx", "--base", "omgang-1", "--yes", "--out", "omgang-2",
        "--date", "2026-10-15")  # fmt: skip
    two = load_instance("omgang-2")
    assert two.wanted.less["0834"].share == 100
    assert two.wanted.less["0821"] == one.wanted.less["0821"]
    diff = run("diff", "omgang-1", "omgang-2", "--county", "08").stdout
    assert "0834" in diff

    # Noon: deals are tried and compared, and the page for the meeting is made.
    run("redistribute", "omgang-2", "--policy", "county", "--county", "08")
    run("compare", "omgang-2", "--policy", "in-force", "--policy", "county", "--out", "forslag", "-q")
    run("report", "forslag", "--out", "forslag.html", "--lang", "sv", "-q")
    assert "Kalmar" in Path("forslag.html").read_text(encoding="utf-8")

    # The year: half of it has been decided; the rest follows from it, holdings included.
    kept = {c.child for case in two.cases[:150] for c in case.children}
    june = two.with_changes(children=tuple(c for c in two.children if c.child in kept))
    write_instance(june, Path("juni"))
    run("solve", "juni", "--policy", "county", "--out", "beslut-juni", "-q")
    line = run(
        "queue", "omgang-2", "--continue", "beslut-juni", "--county", "08", "--lang", "sv"
    ).stdout
    assert "Kalmar" in line
    run("solve", "omgang-2", "--continue", "beslut-juni", "--out", "beslut-aret", "-q")
    run("check", "omgang-2", "beslut-aret")

    # Afternoon: every number is justified, in both languages.
    for language, word in (("sv", "Tar emot 1,00 ‰ från Torsås (0834)"),
                           ("en", "Receives 1.00 ‰ from Torsås (0834)")):  # fmt: skip
        said = run("explain", "beslut-aret", "--municipality", "Kalmar", "--lang", language)
        assert word in said.stdout
    with Path("beslut-aret/allocation.csv").open(encoding="utf-8") as stream:
        case = next(line.split(",")[0] for line in list(stream)[250:] if ",equalising," in line)
    why = run("explain", "beslut-aret", "--case", case, "--lang", "sv").stdout
    assert "Först i tur" in why

    # Evening: the finished workbook, opened by another program, and the page for everybody.
    run("report", "beslut-aret", "--out", "beslut.xlsx", "--lang", "sv", "--cases", "-q")
    run("check", "omgang-2", "beslut.xlsx")
    Path("sparad").mkdir()
    saved = convert(Path("beslut.xlsx"), "xlsx:Calc MS Excel 2007 XML", Path("sparad"))
    run("check", "omgang-2", str(saved))  # nothing is lost when it is saved by another program
    sheet = load_workbook(saved, data_only=True)["Riket"]
    heads = [c.value for c in sheet[5]]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=6, values_only=True) if row[0]}
    children = heads.index("Barn")
    assert rows["Hela riket"][children] == len(two.children)
    counties = [row[children] for name, row in rows.items() if name != "Hela riket"]
    assert sum(counties) == len(two.children)  # sums as LibreOffice computed them
    data = json.loads(Path("beslut-aret/result.json").read_text(encoding="utf-8"))
    assert data["decided_cases"] == 150
    run("report", "beslut-aret", "--out", "alla.html", "--publish", "--lang", "sv", "-q")
    assert "2026-0001" not in Path("alla.html").read_text(encoding="utf-8")


def test_a_mangled_answer_is_named_by_sheet_and_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    base = load_instance("sweden-2026")
    shares = {m.code: m.share for m in base.municipalities}
    rows: list[list[object]] = [["Kommun", "Andel"]]
    for m in base.municipalities:
        rows.append([m.name, shares[m.code] / 100])
    rows[10][1] = ("cirka 3", 2, 1)  # a text over two rows
    rows[11] = [rows[11][0]]
    rows[20][0] = "Växsjö"
    rows.insert(30, ["Summa", 12.5])
    rows.append(["Växjö igen?", 4.4])
    make_workbook({"Blad 7": rows}, Path("a.xlsx"))
    wrong = run("instances", "import", "a.xlsx", "--base", "sweden-2026", "--yes", code=2)
    for message in (
        "sheet Blad 7, cell B11 is 'cirka 3': is not a number",
        "sheet Blad 7, cell B11 is 'cirka 3': merged cells",
        "sheet Blad 7, cell A21 is 'Växsjö': is no municipality of the base; did you mean 0780 Växjö?",
        "sheet Blad 7, cell B31 is '12.5': (Summa) is not the sum of its rows",
        "sheet Blad 7, cell A293 is 'Växjö igen?'",
    ):
        assert message in wrong.stderr, wrong.stderr
    assert not Path("a").exists()


def test_shares_that_do_not_sum_are_refused_with_the_counties(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    base = load_instance("sweden-2026").with_changes(transfers=())
    places = tuple(replace(m, wants_less=0, wants_more=0) for m in base.municipalities)
    write_instance(base.with_changes(municipalities=places), Path("base"))
    rows: list[list[object]] = [["Kod", "Andel"]]
    rows += [[m.code, (m.share + (300 if m.county == "Skåne län" else 0)) / 100] for m in places]
    make_workbook({"S": rows}, Path("a.xlsx"))
    wrong = run("instances", "import", "a.xlsx", "--base", "base", "--yes", code=2)
    assert "the shares sum to 1099.00 ‰ instead of 1000.00 ‰" in wrong.stderr
    assert "Skåne län" in wrong.stderr
