"""Workbooks: nothing is lost on the way out and back, and every layout comes in or says why not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.claims import read_solution
from fordela.instances.workbooks.grid import read_book
from fordela.instances.workbooks.importing import Settings, import_book, import_workbook
from fordela.instances.workbooks.mapping import guess_mapping
from fordela.models.check import check
from fordela.models.instance import Instance
from fordela.models.units import UNITS_PER_MILLE
from fordela.report.suppression import suppression
from fordela.report.workbooks.instance_book import write_instance_book
from fordela.report.workbooks.result_book import write_result_book
from fordela.solver.solve import solve
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.strategies import instances, markets

DAY = date(2026, 10, 1)


# --- out and back -------------------------------------------------------------------------------


@settings(max_examples=80)
@given(st.one_of(instances(), markets()), st.sampled_from(["sv", "en"]))
def test_an_instance_comes_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, instance: Instance, language: str
) -> None:
    target = tmp_path_factory.mktemp("book") / "a.xlsx"
    write_instance_book(instance, target, language=language, cases=True)
    assert load_instance(target).sha256 == instance.sha256


@settings(max_examples=40)
@given(markets())
def test_a_workbook_sent_back_untouched_says_nothing_new(
    tmp_path_factory: pytest.TempPathFactory, instance: Instance
) -> None:
    target = tmp_path_factory.mktemp("book") / "a.xlsx"
    write_instance_book(instance, target, language="sv")
    book = read_book(target)
    made = import_book(target, book, instance, guess_mapping(book), Settings("b", DAY))
    assert made.new_wishes == ()
    assert made.instance.wanted == instance.wanted
    assert [m.share for m in made.instance.municipalities] == [m.share for m in instance.municipalities]
    assert made.instance.shares_are == instance.shares_are


@pytest.mark.parametrize("name", ["sweden-2026", "sweden-2026-national", "textbook"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_shipped_instances_come_back_the_same(name: str, language: str, tmp_path: Path) -> None:
    year = load_instance(name)
    write_instance_book(year, tmp_path / "a.xlsx", language=language, cases=True)
    assert load_instance(tmp_path / "a.xlsx").sha256 == year.sha256


def test_a_result_with_its_cases_checks_from_the_workbook(tmp_path: Path) -> None:
    year = load_instance("sweden-2026")
    from fordela.instances.policy_files import load_policy

    result = solve(year, load_policy("optimal"))
    for language in ("sv", "en"):
        write_result_book(result, tmp_path / "r.xlsx", language=language, cases=True)
        assert check(year, read_solution(tmp_path / "r.xlsx")) == []
    run = CliRunner().invoke(main, ["check", "sweden-2026", str(tmp_path / "r.xlsx")])
    assert run.exit_code == 0, run.output


def test_without_being_asked_no_case_is_in_a_workbook(tmp_path: Path) -> None:
    year = load_instance("textbook")
    write_result_book(solve(year), tmp_path / "r.xlsx", language="en")
    names = {c.child for c in year.children}
    for sheet in load_workbook(tmp_path / "r.xlsx").worksheets:
        for row in sheet.iter_rows(values_only=True):
            assert not names & {str(v) for v in row}


def test_a_county_sheet_has_sums_locks_and_validation(tmp_path: Path) -> None:
    year = load_instance("sweden-2026")
    write_instance_book(year, tmp_path / "a.xlsx", language="sv")
    sheet = load_workbook(tmp_path / "a.xlsx")["Kalmar län"]
    assert [c.value for c in sheet[5]][:4] == ["Kod", "Kommun", "Beräknad andel ‰", "Önskemål ±‰"]
    assert sheet.protection.sheet
    assert sheet["C6"].protection.locked
    assert not sheet["D6"].protection.locked
    assert sheet.freeze_panes == "C6"
    assert sheet["H6"].value == "=C6+N(D6)"
    members = [m for m in year.municipalities if m.county == "Kalmar län"]
    total = sheet.cell(6 + len(members), 3)
    assert total.value == f"=SUM(C6:C{5 + len(members)})"
    kinds = {v.type for v in sheet.data_validations.dataValidation}
    assert kinds == {"decimal", "list"}
    stored = load_workbook(tmp_path / "a.xlsx", data_only=True)["Kalmar län"]
    share = sum(m.share for m in members) / UNITS_PER_MILLE
    assert stored.cell(6 + len(members), 3).value == pytest.approx(share)


def test_published_workbooks_hold_no_small_count(tmp_path: Path) -> None:
    year = load_instance("sweden-2025")
    result = solve(year)
    hidden = suppression(year, [result.counts])
    write_result_book(result, tmp_path / "p.xlsx", language="en", hidden=hidden)
    book = load_workbook(tmp_path / "p.xlsx", data_only=True)
    for sheet in book.worksheets[1:22]:
        heads = [c.value for c in sheet[5]]
        columns = [k for k, h in enumerate(heads) if h and ("hildren" in str(h) or "assign" in str(h))]
        columns = [k for k in columns if "Deviation" not in str(heads[k])]
        assert len(columns) >= 3
        for row in sheet.iter_rows(min_row=6, values_only=True):
            for k in columns:
                assert row[k] not in (1, 2, 3, 4), (sheet.title, row)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_survey_nobody_answered_says_nothing_in_either_language(
    language: str, tmp_path: Path
) -> None:
    year = load_instance("sweden-2026")
    write_instance_book(year, tmp_path / "a.xlsx", language=language)
    made = import_workbook(tmp_path / "a.xlsx", year)
    assert made.new_wishes == ()
    assert made.changed["share"] == 0
    assert made.instance.shares_are == year.shares_are
