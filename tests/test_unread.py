"""What a default would stand for: histories, dates of other years, tables that are no files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.generator import Parameters, generate
from fordela.instances.reading import read_instance
from fordela.instances.writing import write_instance
from fordela.models.errors import InputError
from fordela.tests.test_unsilent import confirm, edit, problems

HISTORY = "no municipality has a number here, though children are counted since 2016-01-01"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the worked example: 2025, counted since 2016, histories of 40, 33, 17 and 11."""
    write_instance(load_instance("textbook"), tmp_path / "year")
    return tmp_path / "year"


def only(folder: Path, column: str, cells: list[str] | None) -> None:
    """Replace the column of histories, or leave it out."""
    path = folder / "municipalities.csv"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    at = lines[0].index("assigned_before")
    for line, cell in zip(lines, [column, *(cells or [""] * 9)], strict=False):
        line[at : at + 1] = [] if cells is None else [cell]
    path.write_text("\n".join(map(",".join, lines)) + "\n", encoding="utf-8")


@pytest.mark.parametrize("own", ["credited", "credited_before", "history"])
def test_a_renamed_history_is_never_0(folder: Path, own: str) -> None:
    edit(folder, "municipalities.csv", "assigned_before", own)
    history, unread = problems(folder)
    assert HISTORY in history
    assert f"columns that nothing reads: {own}; " in unread
    assert "not there: assigned_before" in unread
    assert CliRunner().invoke(main, ["solve", str(folder), "-q"]).exit_code == 2
    swedish = CliRunner().invoke(main, ["instances", "validate", str(folder), "--lang", "sv"])
    assert "ingen kommun har ett antal här" in swedish.stderr
    assert "kolumner som inte läses" in swedish.stderr


def test_a_renamed_capacity_is_told(folder: Path) -> None:
    edit(folder, "municipalities.csv", "capacity", "max_children")
    (message,) = problems(folder)
    assert "columns that nothing reads: max_children; " in message
    assert "not there: capacity" in message


@pytest.mark.parametrize(
    ("cells", "accepted"),
    [
        (None, False),
        (["", "", "", ""], False),
        (["0", "0", "0", "0"], True),
        (["", "", "17", ""], True),
    ],
)
def test_a_history_is_left_out_only_if_confirmed(
    folder: Path, cells: list[str] | None, accepted: bool
) -> None:
    only(folder, "assigned_before", cells)
    if not accepted:
        (message,) = problems(folder)
        assert HISTORY in message
        confirm(folder, message)
    year = read_instance(folder)
    assert sum(m.assigned_before for m in year.municipalities) == (
        17 if cells and cells[2] == "17" else 0
    )
    assert year.confirmed == (() if accepted else ("no-history",))
    write_instance(year, folder.parent / "again")
    assert read_instance(folder.parent / "again").sha256 == year.sha256


def test_counting_that_begins_in_the_year_needs_no_history(folder: Path) -> None:
    only(folder, "", None)
    edit(folder, "instance.toml", "counting_since = 2016-01-01", "counting_since = 2025-01-01")
    assert read_instance(folder).confirmed == ()


def test_an_unreadable_history_is_told_as_what_it_is(folder: Path) -> None:
    only(folder, "assigned_before", ["4.5", "", "", ""])
    (message,) = problems(folder)
    assert "assigned_before is '4.5': is a fraction" in message


def test_one_line_confirms_the_columns_of_all_tables_and_what_was_confirmed(folder: Path) -> None:
    edit(folder, "municipalities.csv", "synthetic", "synthetic,anm,region")
    edit(folder, "children.csv", "needs", "needs,anm,ålder vid ankomst")
    edit(folder, "instance.toml", "policy =", 'confirmed = ["no-history", "unused:region"]\npolicy =')
    one, other = problems(folder)
    line = 'confirmed = ["no-history", "unused:region", "unused:anm", "unused:ålder vid ankomst"]'
    assert one.endswith(line)
    assert other.endswith(line)
    assert "columns that nothing reads: anm;" in one
    path = folder / "instance.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('confirmed = ["no-history", "unused:region"]', line), encoding="utf-8")
    assert len(read_instance(folder).children) == 8


def test_children_of_other_years_are_told_once_and_confirmed(folder: Path) -> None:
    edit(folder, "children.csv", "a,2025-01-01", "a,2024-12-31")
    (message,) = problems(folder)
    assert message.startswith("children.csv, row ")
    assert "arrival is '2024-12-31': is not in 2025, the year of instance.toml" in message
    assert "in other years: 1 of 8" in message
    text = (folder / "instance.toml").read_text(encoding="utf-8")
    swedish = CliRunner().invoke(main, ["instances", "validate", str(folder), "--lang", "sv"])
    assert "ligger inte i 2025, året i instance.toml" in swedish.stderr
    line = message[message.index("confirmed = [") :]
    (folder / "instance.toml").write_text(
        text.replace("policy =", f"{line}\npolicy ="), encoding="utf-8"
    )
    assert read_instance(folder).confirmed == ("other-years-arrivals",)


def test_counting_never_begins_after_the_year(folder: Path) -> None:
    edit(folder, "instance.toml", "counting_since = 2016-01-01", "counting_since = 2026-01-01")
    (message,) = problems(folder)
    assert message.startswith(
        "instance.toml, counting_since is '2026-01-01': is after the end of 2025; "
    )


def test_dates_of_instances_made_in_python_are_looked_at() -> None:
    year = load_instance("textbook")
    with pytest.raises(InputError, match="is not in 2031"):
        year.with_changes(year=2031)
    late = replace(year.children[0], arrival=date(2026, 1, 1))
    with pytest.raises(InputError, match="1 of 8"):
        year.with_changes(children=(*year.children[1:], late))
    with pytest.raises(InputError, match="is after the end of 2025"):
        year.with_changes(counting_since=date(2026, 1, 1))


def test_years_before_the_rule_are_counted_from_their_own_beginning() -> None:
    assert generate(Parameters("old", 2010, children=5)).counting_since == date(2010, 1, 1)
    assert generate(Parameters("new", 2026, children=5)).counting_since == date(2016, 1, 1)


@pytest.mark.parametrize("name", ["transfers.csv", "children.csv", "instance.toml", "wishes.csv"])
def test_a_folder_is_no_table(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir()
    (message,) = problems(folder)
    assert message == f"{name}: is a folder, not a file"


def test_what_cannot_be_read_is_no_absent_table(folder: Path) -> None:
    (folder / "transfers.csv").unlink()
    (folder / "transfers.csv").symlink_to(folder / "nowhere.csv")
    (message,) = problems(folder)
    assert message.startswith("transfers.csv: cannot be read: ")
    (folder / "transfers.csv").rename(folder / "transfer.csv")
    (message,) = problems(folder)
    assert "did you mean transfers.csv?" in message
