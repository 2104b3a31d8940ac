"""State compensation against sums made by hand from [O] 2.5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.writing import write_instance
from fordela.models.check import check
from fordela.models.compensation import Compensation, compensations, days_paid, missing_parts, per_day
from fordela.models.errors import InputError
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import IN_FORCE
from fordela.models.tables import municipality_rows
from fordela.solver.comparison import compare
from fordela.solver.solve import solve


@pytest.mark.parametrize(
    ("year", "arrival", "stay", "days"),
    [
        (2025, date(2025, 1, 1), None, 365),  # the day of arrival is paid, and so is 31 December
        (2024, date(2024, 1, 1), None, 366),
        (2025, date(2025, 12, 31), None, 1),
        (2024, date(2024, 2, 29), None, 307),  # 1 in February and 306 from March on
        (2025, date(2025, 3, 1), None, 306),
        (2025, date(2025, 3, 1), 10, 10),  # 1 to 10 March
        (2025, date(2025, 12, 25), 10, 7),
        (2025, date(2025, 5, 1), 0, 0),
        (2025, date(2024, 12, 30), 5, 3),  # 1 to 3 January
        (2025, date(2024, 12, 30), 2, 0),
        (2025, date(2026, 1, 1), None, 0),
    ],
)
def test_days_by_hand(year: int, arrival: date, stay: int | None, days: int) -> None:
    assert days_paid(Child("c", "c", arrival, stay=stay), year) == days


def test_the_daily_amount_was_lowered_in_2024() -> None:
    assert [per_day(year) for year in (2016, 2023, 2024, 2026)] == [1350, 1350, 1000, 1000]


def small(
    year: int = 2025, forecast: int | None = 10, stays: Sequence[int | None] = (None, 30)
) -> Instance:
    """A and B with 700 and 300 ‰; A hands 100 ‰ to B; one child in December, one in January."""
    children = (
        Child("one", "one", date(year, 1, 1), tie="0002", stay=stays[1]),
        Child("two", "two", date(year, 12, 22), tie="0001", stay=stays[0]),
    )
    return Instance(
        "small", year,
        (Municipality("0001", "A", "01", "C", 70_000), Municipality("0002", "B", "01", "C", 30_000)),
        children, forecast=10, forecast_asylum=forecast,
        transfers=(Transfer("0001", "0002", 10_000),),
    )  # fmt: skip


def paid(instance: Instance) -> list[Compensation]:
    result = solve(instance, IN_FORCE)
    return compensations(instance, result.transfers, result.allocation.assignments)


def test_all_four_parts_by_hand() -> None:
    """A: 6 forecast children, one child from 22 December; B: 4, and one child for 30 days."""
    a, b = paid(small())
    assert (a.fixed, a.variable, a.children, a.days) == (500_000, 56_700, 52_000, 10_000)
    assert (b.fixed, b.variable, b.children, b.days) == (500_000, 37_800, 52_000, 30_000)
    assert (a.total, a.moving) == (618_700, 118_700)
    assert [p.days for p in paid(small(2023))] == [13_500, 40_500]
    row = municipality_rows(solve(small(), IN_FORCE))[1]
    parts = [row[f"compensation_{part}"] for part in ("fixed", "variable", "children", "days")]
    assert parts == [500_000, 37_800, 52_000, 30_000]
    assert row["compensation"] == 619_800


def test_what_is_missing_is_named() -> None:
    everything = ("missing_variable", "missing_earlier", "missing_agency", "missing_stays")
    assert missing_parts(small(forecast=None)) == everything
    assert missing_parts(small(stays=(5, 5))) == ("missing_earlier", "missing_agency")
    row = municipality_rows(solve(small(forecast=None), IN_FORCE))[0]
    assert row["compensation_variable"] is None
    assert row["compensation"] == 500_000 + 52_000 + 10_000
    assert "no asylum forecast" in str(row["compensation_missing"])


def test_kinship_children_in_the_agencys_accommodation(tmp_path: Path) -> None:
    """No daily amount for the child with a tie; the others are paid for wherever they live."""
    year = small(stays=(5, 5))
    one, two = year.children
    everybody = [replace(one, agency=True), replace(two, agency=True, tie=None)]
    year = year.with_changes(children=tuple(everybody))
    assert sum(p.days for p in paid(year)) == 5_000
    assert missing_parts(year) == ("missing_earlier",)
    unknown = tuple(replace(c, agency=None) for c in everybody)
    assert "missing_agency" in missing_parts(year.with_changes(children=unknown))
    write_instance(year, tmp_path / "y")
    again = load_instance(tmp_path / "y")
    assert again.children == year.children
    assert again.sha256 == year.sha256 != year.with_changes(children=unknown).sha256
    assert not check(again, solve(again, IN_FORCE))
    table = tmp_path / "y" / "children.csv"
    table.write_text(table.read_text("utf-8").replace("yes", "perhaps"), encoding="utf-8")
    with pytest.raises(InputError, match="agency_accommodation"):
        load_instance(tmp_path / "y")


def test_what_a_policy_moves_is_shown_without_the_fixed_part() -> None:
    """Without the transfer A has one forecast child more and B one less: 9,450 SEK move."""
    found = compare(small(), [IN_FORCE, IN_FORCE.with_changes(name="none", scope="none")], norms=())
    assert [f.compensation_moved for f in found.policies] == [0, 9_450]
    assert [f.paid.total for f in found.policies] == [1_238_500, 1_238_500]


@pytest.mark.parametrize(
    ("language", "sums", "lacks"),
    [("en", "known parts", "is not complete"), ("sv", "kända delar", "är inte fullständig")],
)
def test_a_sum_never_looks_complete(language: str, sums: str, lacks: str, tmp_path: Path) -> None:
    """In compare, outlook and simulate, in both languages."""
    write_instance(small(forecast=None), tmp_path / "s")
    for words in (
        ["compare", str(tmp_path / "s")],
        ["outlook", "textbook", "--municipality", "0001", "--years", "5"],
        ["simulate", "textbook", "--years", "3", "--workers", "1"],
    ):
        text = CliRunner().invoke(main, [*words, "--lang", language, "-q"]).stdout
        assert sums in " ".join(text.split()), words
        assert lacks in " ".join(text.split()), words


def test_check_recomputes_every_part(tmp_path: Path) -> None:
    result = load_instance("textbook")
    folder = tmp_path / "r"
    assert CliRunner().invoke(main, ["solve", result.name, "--out", str(folder), "-q"]).exit_code == 0
    table = folder / "municipalities.csv"
    text = table.read_text(encoding="utf-8")
    head, first, *rest = text.splitlines()
    for name in ("", "_fixed", "_variable", "_children", "_days"):
        part = f"compensation{name}"
        at = head.split(",").index(part)
        cells = first.split(",")
        cells[at] = str(int(cells[at]) + 1)
        table.write_text("\n".join([head, ",".join(cells), *rest]) + "\n", encoding="utf-8")
        told = CliRunner().invoke(main, ["check", result.name, str(folder)])
        assert told.exit_code == 1, part
        assert part in told.output
