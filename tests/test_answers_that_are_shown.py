"""An answer of 0 and no answer differ in what is shown of a result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import load_policy
from fordela.models.instance import Instance
from fordela.report.comparison_tables import group_tables
from fordela.report.explaining import explain
from fordela.report.summary import group_heads
from fordela.report.texts import Words
from fordela.report.workbooks.result_book import write_result_book
from fordela.solver.comparison import compare
from fordela.solver.solve import solve
from openpyxl import load_workbook

KEEPS = ("Has answered that it keeps its share.", "Har svarat att den behåller sin andel.")
SILENT = (
    "Has not answered whether it wishes for more or less.",
    "Har inte svarat om den önskar mer eller mindre.",
)


@pytest.fixture(scope="module")
def year() -> Instance:
    """Ask keeps its share, Bok has not answered, Ceder wishes for 3 ‰ less, Ek for 1.5 ‰ more."""
    base = load_instance("textbook").with_changes(transfers=())
    less, more = (0, None, 300, None), (None, None, None, 150)
    places = tuple(
        replace(m, wants_less=hands, wants_more=takes)
        for m, hands, takes in zip(base.municipalities, less, more, strict=True)
    )
    return base.with_changes(municipalities=places)


@pytest.mark.parametrize("policy", ["in-force", "optimal"])
def test_explain_says_who_keeps_and_who_has_not_answered(policy: str, year: Instance) -> None:
    result = solve(year, load_policy(policy))
    for k, language in enumerate(("en", "sv")):
        said = {
            code: explain(result, municipality=code, language=language).sentences
            for code in ("0001", "0002")
        }
        assert KEEPS[k] in said["0001"]
        assert SILENT[k] not in said["0001"]
        assert SILENT[k] in said["0002"]
        assert KEEPS[k] not in said["0002"]
    assert "Wishes to hand away 3.00 ‰." in explain(result, municipality="0003").sentences
    assert "Önskar ta över 1,50 ‰." in explain(result, municipality="0004", language="sv").sentences


def test_where_nobody_was_asked_nobody_has_not_answered(year: Instance) -> None:
    silent = tuple(replace(m, wants_less=None, wants_more=None) for m in year.municipalities)
    nobody = year.with_changes(municipalities=silent)
    said = explain(solve(nobody), municipality="0002").sentences
    assert not {*SILENT, *KEEPS} & set(said)
    comparison = compare(nobody, [load_policy("in-force")])
    assert group_heads(comparison, Words())[2] == "Keep (4)"


@pytest.mark.parametrize(
    ("language", "heading", "cells"),
    [("en", "Wish", ["keeps its share", "has not answered", "−3.00 ‰", "+1.50 ‰"]),
     ("sv", "Önskemål", ["behåller sin andel", "har inte svarat", "−3,00 ‰", "+1,50 ‰"])],
)  # fmt: skip
def test_the_workbook_of_a_result_has_a_column_of_answers(
    language: str, heading: str, cells: list[str], tmp_path: Path, year: Instance
) -> None:
    write_result_book(solve(year), tmp_path / "r.xlsx", language=language)
    book = load_workbook(tmp_path / "r.xlsx")
    shown = []
    for county in ("Nordlän", "Sydlän"):
        rows = list(book[county].iter_rows(min_row=5, values_only=True))
        column = rows[0].index(heading)
        shown += [row[column] for row in rows[1:3]]
    assert shown == cells


def test_compare_counts_those_who_answered_that_they_keep(year: Instance) -> None:
    comparison = compare(year, [load_policy("in-force")])
    assert group_heads(comparison, Words())[2] == "Keep (2):\n1 answered so"
    assert group_heads(comparison, Words("sv"))[2] == "Behåller (2):\n1 har svarat det"
    table = next(iter(group_tables(comparison, Words())))
    assert not isinstance(table, str)
    assert str(table.columns[3].header) == "Keep (2):\n1 answered so"
