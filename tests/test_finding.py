"""The sentence that a comparison opens with, counted by hand in the tables of its results."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.models.policy import IN_FORCE
from fordela.models.result import Result
from fordela.report.loading import comparison_of
from fordela.report.summary import finding
from fordela.report.suppression import OPEN
from fordela.report.texts import Words
from fordela.solver.solve import solve

OTHERS = ("no-redistribution", "optimal")
LANGUAGES = pytest.mark.parametrize("language", ["en", "sv"])


def totals(folder: Path) -> list[str]:
    with (folder / "municipalities.csv").open(encoding="utf-8", newline="") as stream:
        return [row["total"] for row in csv.DictReader(stream)]


@pytest.mark.parametrize(("language", "others"), [("en", OTHERS), ("sv", OTHERS[1:])])
def test_a_comparison_opens_with_what_differs(
    language: str, others: tuple[str, ...], tmp_path: Path
) -> None:
    named = [word for name in ("in-force", *others) for word in ("--policy", name)]
    words = ["compare", "sweden-2025", *named, "--lang", language, "--out", str(tmp_path / "c")]
    printed = CliRunner().invoke(main, words).stdout.splitlines()
    base = totals(tmp_path / "c" / "in-force")
    other = [totals(tmp_path / "c" / name) for name in others]
    n = sum(any(o[k] != base[k] for o in other) for k in range(290))
    assert 0 < n < 290
    counts = [sum(a != b for a, b in zip(o, base, strict=True)) for o in other]
    each = ", ".join(f"{name}: {count}" for name, count in zip(others, counts, strict=True))
    tail = f" ({each})." if len(others) > 1 else "."
    expected = {
        "en": f"The policies differ for {n} of 290 municipalities: another number of children than "
        f"under in-force{tail}",
        "sv": f"Reglerna skiljer sig åt för {n} av 290 kommuner: ett annat antal barn än enligt "
        f"in-force{tail}",
    }[language]
    assert printed[1] == expected
    page = tmp_path / "r.html"
    for more, shown in (([], True), (["--publish", "--force"], False)):
        made = ["report", str(tmp_path / "c"), "--out", str(page), "--lang", language, "-q", *more]
        assert CliRunner().invoke(main, made).exit_code == 0
        head = page.read_text(encoding="utf-8").split("<main>")[0]
        lead = head.split('<p class="lead')[1]
        assert (expected in lead) is shown
    quiet = CliRunner().invoke(main, [*words[:-2], "--publish"]).stdout
    assert expected[:20] not in quiet


def said(language: str, *results: Result) -> list[str]:
    return list(finding(comparison_of(results), OPEN, Words(language)))


@LANGUAGES
def test_policies_that_differ_for_no_municipality(language: str) -> None:
    """`docs/textbook.md`: child a goes to Ek on Ceder's share, child d to Ask; here they swap."""
    made = solve(load_instance("textbook"))
    twin = replace(made, policy=IN_FORCE.with_changes(name="twin"))
    assert said(language, made) == []
    same = {
        "en": "The policies give the same result: every child goes to the same municipality.",
        "sv": "Reglerna ger samma resultat: varje barn kommer till samma kommun.",
    }
    assert said(language, made, twin) == [same[language]]
    a, d = (next(x for x in made.allocation.assignments if x.case == case) for case in "ad")
    swapped = {
        a.child: replace(a, bearer=d.bearer, owner=d.owner),
        d.child: replace(d, bearer=a.bearer, owner=a.owner),
    }
    changed = tuple(swapped.get(x.child, x) for x in made.allocation.assignments)
    other = replace(twin, allocation=replace(made.allocation, assignments=changed))
    assert other.counts.total == made.counts.total
    children = {
        "en": "The policies give every municipality the same number of children, but for 2 of 8 "
        "children the municipality, or the share that they count on, is another than under in-force.",
        "sv": "Reglerna ger varje kommun lika många barn, men för 2 av 8 barn är kommunen, eller "
        "andelen som de räknas på, en annan än enligt in-force.",
    }
    assert said(language, made, other) == [children[language]]
