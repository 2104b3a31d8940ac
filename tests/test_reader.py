"""What a new reader stumbles on: headings, counties, the answer first, Swedish, narrow screens."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance, shipped_summaries
from fordela.report.texts import Words


def run(*words: str, code: int = 0) -> Any:
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == code, done.output
    return done


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_groups_say_who_wishes_and_who_only_follows_a_decision() -> None:
    """Wishes and decided transfers counted from the instance, by sets alone."""
    year = load_instance("sweden-2026-national")
    wish = {m.code for m in year.municipalities if m.wants_less}
    more = {m.code for m in year.municipalities if m.wants_more}
    decided = {t.giver for t in year.transfers} - wish - more
    assert (len(wish), len(decided)) == (140, 5)
    text = run("compare", year.name, "--policy", "in-force").stdout
    assert "Give (145):" in text
    assert "140 by wish" in text
    assert "5 by decision" in text


def test_a_page_without_wishes_says_that_givers_follow_decisions(tmp_path: Path) -> None:
    year = load_instance("sweden-2025")
    assert year.transfers
    assert not year.wanted.less
    assert not year.wanted.more
    run("compare", year.name, "--policy", "in-force", "--out", str(tmp_path / "c"), "-q")
    page = tmp_path / "page.html"
    run("report", str(tmp_path / "c"), "--out", str(page), "--lang", "sv", "--county", "Kalmar")
    text = page.read_text(encoding="utf-8")
    assert "gör det enligt redan beslutade överlåtelser" in text
    givers = len({t.giver for t in year.transfers})
    assert f"Ger ({givers}):\n0 enligt önskemål,\n{givers} enligt beslut" in text
    assert "De som vill ha mindre" not in text
    title = "Kalmar län, Ensamkommande barn i Sverige, 2025: regler jämförda"
    assert f"<title>{title}</title>" in text
    assert f"<h1>{title}</h1>" in text
    assert '<p class="lead">Kalmar län: 12 kommuner' in text


def test_a_county_is_named_where_nothing_is_handed_over_in_it() -> None:
    text = run("redistribute", "sweden-2026", "--policy", "county", "--county", "08").stdout
    assert "In Kalmar län nothing is handed over." in text
    assert "The whole country: 39.48 ‰ handed over." in text
    # Nor does a program get transfers of others.
    rows = run("redistribute", "sweden-2026", "--policy", "county", "--county", "08", "--format", "csv")
    assert table(rows.stdout) == []


@pytest.mark.parametrize("form", ["csv", "json"])
def test_compare_gives_the_figures_of_a_county_to_programs(form: str) -> None:
    policies = ("--policy", "in-force", "--policy", "no-redistribution")
    text = run("compare", "textbook", "--county", "02", *policies, "--format", form).stdout
    rows = table(text) if form == "csv" else json.loads(text)
    # Worked out by hand in docs/textbook.md: 22 credited of 21.6 under both.
    year = load_instance("textbook")
    names = {m.code: m.name for m in year.municipalities if m.county_code == "02"}
    assert [(r["policy"], r["code"], r["name"]) for r in rows] == [
        (policy, code, name) for policy in policies[1::2] for code, name in names.items()
    ]


def test_compare_of_a_county_begins_with_the_county() -> None:
    lines = run("compare", "sweden-2025", "--county", "Kalmar").stdout.splitlines()
    assert lines[1].startswith("Kalmar län: its 12 municipalities come first")
    assert next(k for k, line in enumerate(lines) if "Västervik" in line) < 20


def test_a_reader_who_leaves_is_no_failed_check() -> None:
    """More than a pipe holds, so that the program meets the closed end."""
    with subprocess.Popen(
        [sys.executable, "-m", "fordela", "solve", "sweden-2025", "--all"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        said = program.stderr.read()
    assert (program.returncode, said) == (141, b"")


def test_titles_of_shipped_years_in_swedish() -> None:
    words = Words("sv")
    for summary in shipped_summaries():
        year = load_instance(summary.name) if summary.name != "sweden-surge" else None
        if year is not None:
            assert words.title_of(year) != year.title, summary
    shown = run("instances", "list", "--lang", "sv").stdout
    assert "Ensamkommande barn i Sverige, 2025" in shown
    assert "Unaccompanied" not in shown
    assert "En anstormning" in shown
    mine = load_instance("textbook").with_changes(title="Our own year")
    assert words.title_of(mine) == "Our own year"
