"""What a new reader stumbles on: headings, counties, the answer first, Swedish, narrow screens."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance, shipped_summaries
from fordela.instances.policy_files import load_policy
from fordela.report.comparison_tables import comparison_tables
from fordela.report.explaining import explain
from fordela.report.texts import TEXTS, Words
from fordela.solver.comparison import compare
from fordela.solver.solve import solve
from rich.console import Console

from tests.browser import visit


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


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of a year with decided transfers and no wishes, in Swedish, of one county."""
    folder = tmp_path_factory.mktemp("page")
    policies = ("--policy", "in-force", "--policy", "no-redistribution", "--policy", "optimal")
    run("compare", "sweden-2025", *policies, "--out", str(folder / "c"), "-q")
    made = folder / "page.html"
    run("report", str(folder / "c"), "--out", str(made), "--lang", "sv", "--county", "Kalmar", "-q")
    return made


def test_a_page_without_wishes_says_that_givers_follow_decisions(page: Path) -> None:
    year = load_instance("sweden-2025")
    assert year.transfers
    assert not year.wanted.less
    assert not year.wanted.more
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
    assert lines[2].startswith("Kalmar län: its 12 municipalities come first")
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


def test_titles_and_marks_of_shipped_years_in_swedish() -> None:
    words = Words("sv")
    for summary in shipped_summaries():
        if summary.name != "sweden-surge":  # large
            year = load_instance(summary.name)
            assert words.title_of(year) != year.title, summary
            assert not [m for m in year.synthetic if f"synthetic_{m}" not in TEXTS], summary
    shown = run("instances", "list", "--lang", "sv").stdout
    assert "Ensamkommande barn i Sverige, 2025" in shown
    assert "Unaccompanied" not in shown
    assert "En kraftig ökning" in shown
    mine = load_instance("textbook").with_changes(title="Our own year")
    assert words.title_of(mine) == "Our own year"


def test_solve_begins_with_what_was_decided() -> None:
    """Counted from the decisions themselves."""
    for name in ("in-force", "no-redistribution"):
        result = solve(load_instance("sweden-2025"), load_policy(name))
        decided = result.allocation.assignments
        kin = sum(a.kind == "kinship" for a in decided)
        places = len({a.bearer for a in decided if a.bearer})
        moved = sum(a.bearer != a.owner for a in decided if a.bearer)
        line = run("solve", "sweden-2025", "--policy", name).stdout.splitlines()[1]
        assert line == (
            f"Of 437 children {kin} go where their kin is and {437 - kin} by the policy; {moved} are "
            f"on transferred shares; {places} of 290 municipalities bear a child. "
            "Status: rule followed."
        )
    hidden = run("solve", "sweden-2025", "--publish").stdout.splitlines()[1]
    assert hidden == "437 children. Status: rule followed."


def test_place_begins_with_its_answer_and_names_what_it_shows() -> None:
    lines = run("place", "sweden-2026-places", "--vacancy", "--alone").stdout.splitlines()
    assert re.fullmatch(r".*\b\d+ of 400 children are without a home.*", lines[1])
    text = "\n".join(lines)
    assert "Homes: Vacancy" in text
    assert "both decided together" not in text


def test_outlook_begins_with_its_finding_and_warns_of_more_than_was_wished() -> None:
    year = load_instance("sweden-2026")
    partner = next(m for m in year.municipalities if m.name == "Västervik")
    assert (partner.wants_less, partner.share) == (167, 334)
    deal = ("outlook", "sweden-2026", "--municipality", "Kalmar", "--years", "40")
    lines = run(*deal, "--takes", "3").stdout.splitlines()
    warning = (
        "Västervik hands over 3.00 ‰ here, but its wish is to hand over 1.67 ‰; it would keep 0.34 ‰."
    )
    assert lines[3] == warning
    assert lines[4].startswith("The deal changes the children of a year by")
    silent = "Oskarshamn hands over 0.16 ‰ here, but it has not answered; it would keep 2.31 ‰."
    assert silent in run(*deal, "--takes", "3.5").stdout.splitlines()
    assert "but its wish" not in run(*deal, "--takes", "1.67").stdout
    rare = run("outlook", "sweden-2026", "--municipality", "Stockholm", "--years", "2000").stdout
    ((low, high),) = re.findall(r"Probability of no child +0\.0+% \(([\d.]+) – ([\d.]+)\)", rare)[:1]
    assert float(low) == 0
    # Wilson's interval of 0 in 2,000 ends at z² / (2,000 + z²).
    assert float(high) == round(100 * 1.96**2 / (2000 + 1.96**2), 1) > 0
    assert "but its wish" not in run(*deal, "--takes", "3", "--partner", "Västervik").stdout
    assert "are to be expected under" in run(*deal).stdout.splitlines()[1]


def test_swedish_is_whole() -> None:
    text = run("redistribute", "sweden-2026", "--policy", "county", "--lang", "sv").stdout
    assert "uppfyllda önskemål (granted)" in text
    assert "syntetiskt: tidigare tillräknade barn, var anhöriga bor, ärendena" in text
    assert "assigned_before" not in text
    text = run("compare", "sweden-2026-national", "--policy", "in-force", "--lang", "sv").stdout
    assert "ägare-bärare (owner-bearer)" in text
    assert "Avstånd" in text
    assert "Gap" not in text
    deal = ("outlook", "sweden-2026", "--municipality", "Kalmar", "--lang", "sv", "--years", "40")
    assert "Sannolikhet för inget barn" in run(*deal).stdout
    lines = run("test-rule", "in-force", "--lang", "sv").stdout.splitlines()
    assert lines[0] == "ja   svarar på varje ärende med en kommun som kan väljas (21)"
    assert len(lines) == 5
    assert not re.search(r"\b(the|not|has|same|every)\b", " ".join(lines))
    assert "mer än de 6,67 ‰ som är kvar" in run(*deal, "--gives", "7", code=2).stderr


def test_sources_are_named() -> None:
    text = run("compare", "textbook").stdout
    assert "[O]: Länsstyrelsen Västernorrland 2026" in text
    year = solve(load_instance("textbook"))
    source = "[O]: Länsstyrelsen Västernorrland 2026."
    assert explain(year, case="a").sentences.count(source) == 1
    kept = explain(year, case="a", language="sv").sentences
    assert kept[-2] == source
    said = run("--lang", "sv", "compare", code=2).stderr
    assert "--lang stands before the command; options go after the command" in said


def test_five_policies_fit_in_eighty_columns() -> None:
    """No word of a label is alone on its line, and no line is wider than the terminal."""
    names = ("in-force", "no-redistribution", "county", "willing-first", "optimal")
    found = compare(load_instance("textbook"), [load_policy(name) for name in names])
    for width in (80, 100):
        out = Console(file=io.StringIO(), width=width)
        parts = [p for p in comparison_tables(found, Words("en"), width) if not isinstance(p, str)]
        for part in parts:
            out.print(part)
        text = out.file.getvalue()  # type: ignore[attr-defined]
        assert max(map(len, text.splitlines())) <= width
        assert re.search(r"^ ?In a municipality that", text, re.MULTILINE)
        assert text.count("In a municipality that") + text.count("Another came there in") >= 4
        assert "…" not in text


def test_a_narrow_page_keeps_the_names_of_rows_in_sight(page: Path) -> None:
    with visit(page, viewport={"width": 390, "height": 800}) as seen:
        lefts = seen.page.evaluate(
            """() => [...document.querySelectorAll('.wide')].filter(w => w.scrollWidth > w.clientWidth)
            .map(w => {
              w.scrollLeft = 150;
              const name = w.querySelector('tbody th[scope=row]');
              return name.getBoundingClientRect().left - w.getBoundingClientRect().left;
            })"""
        )
    assert len(lefts) >= 4
    assert all(-1 <= left <= 2 for left in lefts), lefts


def test_no_shadow_stands_where_nothing_is_hidden(page: Path) -> None:
    """The right edge of a table that fits looks as if there were no shadow at all."""
    with visit(page, viewport={"width": 1440, "height": 900}) as seen:
        box = seen.page.locator(".wide").first
        assert box.evaluate("w => w.scrollWidth === w.clientWidth")
        box.scroll_into_view_if_needed()
        found = box.screenshot()
        box.evaluate("w => { w.style.background = 'none'; }")
        assert found == box.screenshot()
