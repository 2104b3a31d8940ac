"""Wishes of two years side by side: by what stands, in columns or in a log."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from fordela.instances.catalogue import load_instance
from fordela.models.instance import Instance
from fordela.models.wishes import Wish
from fordela.report.terminal import difference_tables
from fordela.report.texts import Words
from fordela.solver.difference import Difference, instance_differences

DAY = date(2026, 10, 1)


def differences(left: Instance, right: Instance) -> list[tuple[str, str, str, str | None, str | None]]:
    return [
        (d.table, d.item, d.column, d.left, d.right)
        for d in instance_differences(left, right) if d.table != "instance"
    ]  # fmt: skip


@pytest.fixture
def columns() -> Instance:
    """0001 wishes to hand away 3 ‰, 0002 to take over 1 ‰, 0003 keeps its share."""
    year = load_instance("textbook").with_changes(transfers=(), wishes=())
    a, b, c, d = (replace(m, wants_more=None, wants_less=None) for m in year.municipalities)
    first = (replace(a, wants_less=300), replace(b, wants_more=100), replace(c, wants_less=0), d)
    return year.with_changes(municipalities=first)


@pytest.fixture
def log(columns: Instance) -> Instance:
    """The same wishes as rows of a log, as an import begins one."""
    rows = (Wish("0001", "less", 300), Wish("0002", "more", 100), Wish("0003", "less", 0))
    places = [replace(m, wants_more=None, wants_less=None) for m in columns.municipalities]
    return columns.with_changes(municipalities=places, wishes=rows)


def test_the_same_wishes_in_columns_and_in_a_log(columns: Instance, log: Instance) -> None:
    assert differences(columns, log) == []
    assert differences(log, columns) == []


def test_what_was_said_in_a_round(columns: Instance, log: Instance) -> None:
    """Only what the round said differs, with the amount before and after."""
    said = (
        Wish("0001", "less", 0, status="withdrawn", date=DAY), Wish("0002", "more", 250, 50, date=DAY),
        Wish("0004", "more", 200, 0, "0001", date=DAY),
    )  # fmt: skip
    after = log.with_changes(wishes=(*log.wishes, *said))
    stands = [
        ("wishes as they stand", "0001", "wish", "less 3.00", ""),
        ("wishes as they stand", "0002", "wish", "more 1.00", "more 2.50, at least 0.50"),
        ("wishes as they stand", "0004", "wish", "", "more 2.00 with 0001"),
    ]
    rows = [
        ("wishes", "0001 less 2026-10-01", "", None, "present"),
        ("wishes", "0002 more 2026-10-01", "", None, "present"),
        ("wishes", "0004 more 0001 2026-10-01", "", None, "present"),
    ]
    for before in (columns, log):
        assert differences(before, after) == stands + rows


def test_columns_of_wishes_that_differ(columns: Instance) -> None:
    a, *others = columns.municipalities
    after = columns.with_changes(municipalities=(replace(a, wants_less=None, wants_more=5), *others))
    assert differences(columns, after)[0] == (
        "wishes as they stand", "0001", "wish", "less 3.00", "more 0.05"
    )  # fmt: skip


def test_differences_are_told_in_swedish(columns: Instance, log: Instance) -> None:
    said = (Wish("0002", "more", 250, 50, date=DAY), Wish("0004", "more", 200, 0, "0001", date=DAY))
    after = log.with_changes(wishes=(*log.wishes, *said))
    found = [d for d in instance_differences(columns, after) if d.table != "instance"]
    _, table = difference_tables(found, "a", "b", Words("sv"), None)
    assert not isinstance(table, str)
    cells = [list(column.cells) for column in table.columns]
    assert list(zip(*cells, strict=True)) == [
        ("önskemål som de står", "0002", "wish", "mer 1,00", "mer 2,50, minst 0,50"),
        ("önskemål som de står", "0004", "wish", "", "mer 2,00 med 0001"),
        ("önskemål, rad för rad", "0002 mer 2026-10-01", "", "–", "finns"),
        ("önskemål, rad för rad", "0004 mer 0001 2026-10-01", "", "–", "finns"),
    ]


@pytest.mark.parametrize(
    ("language", "level", "left", "right"),
    [
        ("en", "granted", "-3 (optimal, nothing is less)", "-2 (optimal, engine's word)"),
        (
            "sv",
            "uppfyllda önskemål (granted)",
            "-3 (optimal, mindre finns inte)",
            "-2 (optimal, motorns ord)",
        ),
    ],
)
def test_a_level_is_told_with_what_it_rests_on(
    language: str, level: str, left: str, right: str
) -> None:
    words = Words(language)
    found = [
        Difference("result", "", "granted", "-3 (optimal, trivial)", "-2 (optimal, engine)"),
        Difference("result", "", "distance", "4 (feasible)", None),
        Difference("result", "", "status", "optimal", "feasible"),
        Difference("result", "", "policy", "county (own)", "national"),
    ]
    _, table = difference_tables(found, "a", "b", words, None)
    assert not isinstance(table, str)
    rows = list(zip(*[list(column.cells) for column in table.columns], strict=True))
    feasible = words("feasible")
    assert [row[2:] for row in rows] == [
        (level, left, right),
        (words.level("distance"), f"4 ({feasible})", "–"),
        ("status", "optimal", feasible),
        ("policy", "county (own)", "national"),
    ]
