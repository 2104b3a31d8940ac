"""What only the engine says is called the engine's word in every output, and nothing else is.

The year: nine pairs of siblings, ten municipalities of 100 ‰, no history, so every target is 9/5.
Parted, eight could have two children and two one, and that is what counting knows. Together one
municipality at least has none: ``linf`` is 9/5 and ``l1`` is 9 · 1/5 + 9/5 = 18/5 instead of 16/5.
Only the highest fulfilment, 2 / (9/5), is the same either way. There are 48,620 ways, more than the
checker tries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.policy_files import policy_toml
from fordela.instances.tables import read_table, write_table
from fordela.instances.writing import write_instance
from fordela.models.homes import Home
from fordela.models.instance import Child, Instance, Municipality
from fordela.models.policy import IN_FORCE, NORMS
from fordela.models.result import Status
from fordela.report.comparison_tables import comparison_tables
from fordela.report.explanation import Sentences
from fordela.report.folders import write_comparisons
from fordela.report.page import build
from fordela.report.placement_tables import placement_tables
from fordela.report.redistribution_tables import redistribution_tables
from fordela.report.suppression import Suppression
from fordela.report.terminal import result_tables
from fordela.report.texts import Words
from fordela.report.workbooks.result_book import write_result_book
from fordela.solver.batch.run import make_tasks
from fordela.solver.batch.tasks import Settings, run_task
from fordela.solver.comparison import Comparison, compare
from fordela.solver.explaining.facts import Cost, MunicipalityExplanation
from fordela.solver.placement.comparison import figures_of, mode_rows
from fordela.solver.placement.place import place
from fordela.solver.redistribution.decide import redistribute
from rich.console import Console
from rich.table import Table

from tests.test_redistribution import market, town

LINF = IN_FORCE.with_changes(name="linf", rule="optimal", levels=("over-capacity", "deviation:linf"))
#: Status, cell of a least value, cell of a counted one, and what explains the word.
SAID = {
    "en": (
        "optimal (engine's word)", "engine's word", "yes",
        "Engine's word: the program that searched says that nothing better exists",
    ),
    "sv": (
        "optimal (motorns ord)", "motorns ord", "ja",
        "Motorns ord: programmet som sökte säger att inget bättre finns",
    ),
}  # fmt: skip
HINDSIGHT = {
    "en": "Of 12 hindsight optima 2 are proven by counting; 10 rest on the engine's word (highs ",
    "sv": "Av 12 optima i efterhand är 2 bevisade genom räkning; 10 vilar på motorns ord (highs ",
}
LANGUAGES = pytest.mark.parametrize("lang", ["en", "sv"])


def pairs() -> Instance:
    places = tuple(
        Municipality(f"{k:04}", f"M{k}", "01", "C", 10_000, population=1_000) for k in range(1, 11)
    )
    children = tuple(Child(f"c{k}", f"g{k // 2}", date(2025, 1, 7 + k // 2)) for k in range(18))
    return Instance(name="pairs", year=2025, municipalities=places, children=children)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(pairs(), [LINF], workers=1, backend="highs")


def printed(parts: Iterable[str | Table]) -> str:
    """Every part on one line each, cells one space apart."""
    text = StringIO()
    console = Console(file=text, width=400)
    for part in parts:
        console.print(part, markup=False, highlight=False, soft_wrap=isinstance(part, str))
    return "\n".join(" ".join(line.split()) for line in text.getvalue().splitlines())


def test_what_rests_on_the_engine_by_hand(comparison: Comparison) -> None:
    (figures,) = comparison.policies
    for gaps in (figures.own, figures.unrestricted):
        assert {norm: gaps[norm].hindsight.value for norm in ("l1", "linf", "max-fulfilment")} == {
            "l1": Fraction(18, 5), "linf": Fraction(9, 5), "max-fulfilment": Fraction(10, 9),
        }  # fmt: skip
        assert {norm for norm in NORMS if gaps[norm].proof == "counting"} == {"max-fulfilment"}
        assert {norm for norm in NORMS if gaps[norm].proof == "engine"} == {*NORMS} - {"max-fulfilment"}


@LANGUAGES
def test_the_comparison_says_it(comparison: Comparison, lang: str) -> None:
    status, word, yes, note = SAID[lang]
    shown = printed(comparison_tables(comparison, Words(lang), 400))
    assert f"\nStatus {status}\n" in shown
    rows = [
        line
        for line in shown.splitlines()
        if line.startswith("linf ") and line.count(".") + line.count(",") > 3
    ]
    assert [line.endswith(f" {word}") for line in rows] == [True] * 5 + [False]
    assert rows[-1].endswith(f" {yes}")
    assert HINDSIGHT[lang] in shown
    assert shown.count(note) == 1


@LANGUAGES
def test_a_comparison_for_publication_says_it(comparison: Comparison, lang: str) -> None:
    """Its gaps are left out; its status is not."""
    status, word, _, note = SAID[lang]
    hidden = Suppression(frozenset({"0001"}), frozenset(), frozenset())
    shown = printed(comparison_tables(comparison, Words(lang), 400, hidden=hidden))
    assert f"Status {status}" in shown
    assert shown.count(note) == 1
    assert shown.count(word) == 1


@LANGUAGES
def test_the_page_says_it(comparison: Comparison, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    status, word, _, note = SAID[lang]
    monkeypatch.setattr(build, "_vega", str)
    page = build.render(build.Page(comparison, Words(lang))).replace("&#39;", "'")
    assert page.count(f">{status}<") == 2  # at its head, and where the figures come from
    assert page.count(f'<td class="number">{word}</td>') == 6  # five norms, and a level
    assert HINDSIGHT[lang] in page
    assert page.count(note) == 1


@LANGUAGES
def test_a_result_and_its_workbook_say_it(comparison: Comparison, lang: str, tmp_path: Path) -> None:
    status, word, _, note = SAID[lang]
    words, result = Words(lang), comparison.policies[0].result
    shown = printed(result_tables(result, words))
    assert f"Status: {status}." in shown
    assert shown.count(note) == 1
    write_result_book(result, tmp_path / "book.xlsx", language=lang)
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")[words("proof_sheet")]
    cells = [str(c.value) for row in sheet.iter_rows() for c in row if c.value]
    assert f"linf · {status}" in cells
    assert word in cells
    assert sum(note in cell for cell in cells) == 1


def test_files_and_rows_say_it_and_check_looks(comparison: Comparison, tmp_path: Path) -> None:
    write_comparisons([comparison], tmp_path / "c")
    write_instance(pairs(), tmp_path / "pairs")
    table = read_table(tmp_path / "c" / "comparison.csv", ())
    row = dict(zip(table.header, table.rows[0], strict=True))
    proofs = {norm: "counting" if norm == "max-fulfilment" else "engine" for norm in NORMS}
    for scope in ("own", "unrestricted"):
        assert {norm: row[f"{norm}_{scope}_proof"] for norm in NORMS} == proofs
    (said,) = json.loads((tmp_path / "c" / "comparison.json").read_text(encoding="utf-8"))["policies"]
    assert (row["status"], row["proof"], said["proof"]) == ("optimal", "engine", "engine")

    def check() -> int:
        words = ["check", str(tmp_path / "pairs"), str(tmp_path / "c"), "-q"]
        return CliRunner().invoke(main, words).exit_code

    assert check() == 0
    path = tmp_path / "c" / "comparison.csv"
    whole = path.read_text(encoding="utf-8")
    for column, other in (("proof", "check"), ("linf_own_proof", "counting"), ("linf_own_proof", "")):
        changed = [*table.rows[0]]
        changed[table.header.index(column)] = other
        write_table(path, table.header, [changed])
        assert check() == 1, column
    path.write_text(whole, encoding="utf-8")
    path = tmp_path / "c" / "comparison.json"
    head = json.loads(path.read_text(encoding="utf-8"))
    head["policies"][0]["proof"] = "check"
    path.write_text(json.dumps(head), encoding="utf-8")
    assert check() == 1


def test_rows_of_a_batch_say_it(tmp_path: Path) -> None:
    write_instance(pairs(), tmp_path / "pairs")
    (tmp_path / "linf.toml").write_text(policy_toml(LINF), encoding="utf-8")
    (task,) = make_tasks([str(tmp_path / "pairs")], [LINF], [0], Settings(backend="highs"))
    row = run_task(task)
    assert (row["proof"], row["linf_own_proof"], row["max-fulfilment_own_proof"]) == (
        "engine", "engine", "counting",
    )  # fmt: skip
    assert row["redistribution_proof"] is None  # nothing was decided


@LANGUAGES
def test_a_redistribution_says_it(lang: str) -> None:
    _, word, _, note = SAID[lang]
    words = Words(lang)
    year = market(town("0001", less=200), town("0002", less=200), town("0003", more=300))
    made = redistribute(year, IN_FORCE.with_changes(name="p", scope="national"), backend="highs")
    assert {o.status for o in made.objective} == {Status.OPTIMAL}
    counted = tuple(replace(o, proof="counting") for o in made.objective)
    shown = printed(redistribution_tables(replace(made, objective=counted), words))
    assert word not in shown.lower()
    assert words("transfers_proven", policy="p") in shown
    first, *others = counted
    said = replace(made, objective=(replace(first, proof="engine"), *others))
    shown = printed(redistribution_tables(said, words))
    assert words("transfers_proven", policy="p") not in shown
    assert f"{word} {'at' if lang == 'en' else 'för nivåerna'} {words.level(first.level)}." in shown
    assert shown.count(note) == 1


@LANGUAGES
def test_a_placement_says_it(lang: str) -> None:
    status, word, _, note = SAID[lang]
    words = Words(lang)
    towns = tuple(Municipality(f"000{k}", f"M{k}", "01", "C", 50_000, population=1) for k in (1, 2))
    homes = (Home("h", "0001", "family-home", 1),)
    children = tuple(Child(f"c{k}", f"c{k}", date(2025, 1, k), age=15) for k in (1, 2))
    year = Instance("homes", 2025, towns, children, homes=homes)
    made = [place(year, IN_FORCE, mode, workers=1, backend="highs") for mode in ("sequential", "joint")]
    for proof in ("counting", "engine"):
        found = [
            figures_of(replace(m, objective=tuple(replace(o, proof=proof) for o in m.objective)))
            for m in made
        ]
        shown = printed(placement_tables(found, "joint", words))
        assert (f"({words('is_proven')})." in shown) == (proof == "counting")
        assert (f"({word})." in shown) == (proof == "engine")
        assert (f"Status {status} {status}" in shown) == (proof == "engine")
        assert shown.count(note) == 1  # that no smaller change helps is the engine's word anyhow
        assert words("fewest_proven") in shown
        assert {row["proof"] for row in mode_rows(tuple(found))} == {
            "check" if proof == "counting" else "engine"
        }


@LANGUAGES
def test_an_explanation_says_it(comparison: Comparison, lang: str) -> None:
    status, word, *_ = SAID[lang]
    result = comparison.policies[0].result
    never = tuple(
        Cost(w, (), True, None, None, None, None, True, None) for w in ("fewer", "more", "share")
    )
    made = MunicipalityExplanation("0001", (), 1, 10, costs=never)
    said = list(Sentences(result, Words(lang)).municipality(made))
    assert any(f"{status}." in sentence for sentence in said)
    assert sum(word in sentence for sentence in said) == 1 + 3 + 1  # status, costs, how they were found
