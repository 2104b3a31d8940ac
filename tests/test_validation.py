"""Published figures against what is drawn: replays, intervals and scores by hand, and the command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import inf
from pathlib import Path
from random import Random

import numpy as np
import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.arrivals import Draft, arrive
from fordela.instances.catalogue import load_instance
from fordela.instances.figures import Published, published_figures
from fordela.models.allocation import count
from fordela.models.errors import InputError
from fordela.models.holdings import holdings
from fordela.models.instance import Instance
from fordela.models.policy import Policy
from fordela.report.texts import Words
from fordela.report.validation_tables import answer, validation_tables
from fordela.solver.engine import run_rule
from fordela.solver.shipped.drawing import SPREADS, draw_cases, draw_transfers
from fordela.solver.validation import run as running
from fordela.solver.validation.replay import Cases, replay
from fordela.solver.validation.run import Validation, readings, readings_of, validate
from fordela.solver.validation.score import measure, ranked_score
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import instances, scaled

ROOT = Path(__file__).parents[1]
#: Mechanism, kinship and ledger of the readings.
POLICIES = tuple({r.key[:3]: r.policy for r in readings()}.values())


def figure(value: int, given_to_it: str = "no") -> Published:
    return Published(2025, "made up", "total", "", value, given_to_it, "")


# --- the replay of many histories -------------------------------------------------------------------


def drafts(year: Instance) -> list[Draft]:
    return [(c.size, c.tie) for c in year.cases]


def same_as_the_engine(years: Sequence[Instance], policy: Policy) -> None:
    """Every year of the same shares, with its own history, transfers and children."""
    codes = [m.code for m in years[0].municipalities]
    index = {code: k for k, code in enumerate(codes)}
    keep = policy.counting.basis == "history"
    before = np.array([[m.assigned_before * keep for m in y.municipalities] for y in years], np.int64)
    found = replay(
        policy, codes, [holdings(y, y.transfers) for y in years], before,
        Cases.of([drafts(y) for y in years], index),
    )  # fmt: skip
    for row, year in enumerate(years):
        run = run_rule(year, policy, year.transfers)
        counts = count(year, policy, run.allocation.assignments)
        for kind, values in found.counts.items():
            assert values[row].tolist() == list(getattr(counts, kind)), kind
        assert found.credited[row].tolist() == list(counts.credited)


@settings(max_examples=scaled(200))
@given(st.lists(instances(capacities=False), min_size=1, max_size=3), st.sampled_from(POLICIES))
def test_every_history_is_the_engines(drawn: list[Instance], policy: Policy) -> None:
    first = drawn[0]
    if not any(m.share for m in first.municipalities):
        return
    alike = [y for y in drawn if len(y.municipalities) == len(first.municipalities)]
    years = [first]
    for year in alike[1:]:  # other histories and children, the same shares and transfers
        places = tuple(
            replace(m, share=own.share)
            for m, own in zip(year.municipalities, first.municipalities, strict=True)
        )
        years.append(year.with_changes(municipalities=places, transfers=first.transfers))
    same_as_the_engine(years, policy)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda p: "-".join(readings_name(p)))
def test_a_drawn_year_is_the_engines(policy: Policy) -> None:
    base = load_instance("sweden-2025")
    weights = {m.code: int(m.kin_weight or 0) for m in base.municipalities}
    years = []
    for seed in range(2):
        rng = Random(seed)
        children = arrive(rng, 2025, draw_cases(rng, 2025, base.municipalities, weights))
        transfers = draw_transfers(rng, base.municipalities, 2025)
        years.append(base.with_changes(children=children, transfers=transfers))
    same_as_the_engine(years, policy)


def readings_name(policy: Policy) -> tuple[str, ...]:
    return next(r.key[:3] for r in readings() if r.policy == policy)


# --- intervals and scores ---------------------------------------------------------------------------


def test_intervals_by_hand() -> None:
    draws = np.array([float(x) for x in range(100, 0, -1)])
    t = measure(figure(90), draws)
    # At or below 25 lie 25 of 100, the least number with a quarter; 2.5 of 100 need three.
    assert (t.median, t.intervals) == (50, ((25, 75), (10, 90), (3, 98)))
    assert [t.inside(p) for p in (50, 80, 95)] == [False, True, True]
    assert not measure(figure(99), draws).inside(95)


def test_score_by_hand() -> None:
    # E|X − 2| = (1 + 0 + 2) / 3 = 1; E|X − X′| = 2 (1 + 3 + 2) / 9 = 4/3; 1 − 2/3.
    assert ranked_score(np.array([1.0, 2.0, 4.0]), 2) == pytest.approx(1 / 3)
    assert ranked_score(np.array([7.0]), 3) == 4
    assert ranked_score(np.array([3.0, 3.0]), 3) == 0


@given(st.lists(st.integers(0, 12), min_size=1, max_size=12), st.integers(-2, 14))
def test_score_is_the_integral(draws: list[int], value: int) -> None:
    """``∫ (F(x) − 1{x ≥ y})² dx``, a step at a time."""
    integral = Fraction(0)
    for x in range(-3, 16):
        part = Fraction(sum(d <= x for d in draws), len(draws))
        integral += (part - (x >= value)) ** 2
    assert ranked_score(np.sort(np.array(draws, float)), value) == pytest.approx(float(integral))


# --- the validation ---------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Validation]:
    """Histories since 2024 only, in this process."""

    def here(play: Callable, tasks: Sequence, lost: object, *, workers: int | None) -> Iterator:  # type: ignore[type-arg]
        return ((task, play(task)) for task in reversed(tasks))

    monkeypatch.setattr(running, "each", here)
    monkeypatch.setattr(running, "_FIRST", 2024)
    monkeypatch.setattr(running, "_SINCE", 2024)
    return validate


def test_a_small_validation(small: Callable[..., Validation]) -> None:
    year = load_instance("sweden-2025")
    found = small(year, 6, 2, seed=3, workers=2)
    again = small(year, 6, 2, seed=3, workers=1)  # one task for each spread, not two
    assert found.reads == again.reads
    assert len(found.reads) == len({r.reading.key for r in found.reads}) == 30
    for read in found.reads:
        values = {t.figure.figure: t for t in read.tested}
        for name, value in (("assignments", 437), ("kinship", 314), ("Stockholms län, kinship", 95),
                            ("Kalmar, kinship", 0), ("Halmstad, kinship", 9)):  # fmt: skip
            t = values[name]
            assert t.figure.value == value
            assert not t.is_test
            if read.reading.policy.assignment.kinship == "always" or name == "assignments":
                assert t.intervals[-1] == (value, value)  # given to every draw
        assert len(read.tests) == 11
        assert read.score == pytest.approx(sum(t.score for t in read.tests) / 11)
        assert read.inside(50) <= read.inside(80) <= read.inside(95)
    # The readings meet the same children: only what the rule decides differs.
    by_key = {r.reading.key: r for r in found.reads}
    for spread in SPREADS:
        alike = [
            by_key[m, "always", "history", spread, shares]
            for m in ("owner-bearer", "effective-share")
            for shares in ("population", "reception")
        ]
        kinship = [[t.median for t in r.tested if t.figure.what == "kinship"] for r in alike]
        assert kinship == kinship[:1] * 4
        assert alike[0].tested != alike[1].tested
    assert found.reads != small(year, 6, 2, seed=4, workers=1).reads


def test_it_can_fail(small: Callable[..., Validation], monkeypatch: pytest.MonkeyPatch) -> None:
    """A published outcome that no reading draws is outside of all, and is said to be."""
    year = load_instance("sweden-2024")
    impossible = Published(2024, "x", "more_than_0", "", 290, "no", "made up")
    monkeypatch.setattr(running, "published_figures", lambda _: (impossible,))
    found = small(year, 1, 2)
    assert {r.inside(95) for r in found.reads} == {0}
    assert min(r.score for r in found.reads) > 10
    said = answer(replace(found, histories=200, draws=20), Words("en"))
    assert said.startswith("Of 1 published figures of 2024 that the model was not given, 0 lie within")
    assert "municipalities with a child (290 published, " in said
    nobody = Published(2024, "x", "on_transferred_share", "Arvidsjaur", 0, "no", "made up")
    monkeypatch.setattr(running, "published_figures", lambda _: (nobody,))
    inside = replace(small(year, 1, 2), histories=200, draws=20)
    assert answer(inside, Words("sv")).endswith("det bevisar den inte.")


@pytest.mark.parametrize(("histories", "draws"), [(39, 20), (1, 1), (10, 1000)])
def test_of_too_few_histories_nothing_is_concluded(
    histories: int, draws: int, small: Callable[..., Validation]
) -> None:
    found = replace(small(load_instance("sweden-2024"), 1, 2), histories=histories, draws=draws)
    printed = [part for part in validation_tables(found, Words("en")) if isinstance(part, str)]
    assert printed[0].startswith(
        f"So few draws tell little ({histories} histories × {draws} draws; 200 × 20 are needed)."
    )
    for conclusion in ("misses", "speaks against", "no forecast", "come nearer", "lie within"):
        assert conclusion not in " ".join(printed)


@pytest.mark.parametrize(("histories", "draws"), [(40, 20), (199, 20), (200, 19), (200, 20)])
def test_of_few_draws_the_first_sentence_says_so(
    histories: int, draws: int, small: Callable[..., Validation]
) -> None:
    found = replace(small(load_instance("sweden-2024"), 1, 2), histories=histories, draws=draws)
    said = answer(found, Words("en"))
    few = said.startswith(f"Only {histories} histories × {draws} draws, where 200 × 20 are needed")
    assert few == (histories < 200 or draws < 20)
    assert "Of 2 published figures of 2024" in said


def test_decided_transfers_are_kept(
    small: Callable[..., Validation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are not synthetic: with none at all, nobody is assigned on transferred share."""
    year = load_instance("sweden-2025")
    bare = year.with_changes(transfers=(), synthetic=(), shares_are="decided")
    monkeypatch.setattr(running, "readings_of", lambda instance: readings_of(instance)[:3])
    for instance, most in ((bare, 0.0), (year, inf)):
        found = small(instance, 2, 2)
        t = next(t for t in found.reads[0].tested if t.figure.figure == "on transferred shares")
        assert t.intervals[-1][1] <= most


def test_published_figures_of_2024() -> None:
    """[B] 2.3, written here by hand; 72 per cent of 497."""
    found = {f.figure: (f.value, f.given) for f in published_figures(2024)}
    assert found == {
        "assignments": (497, "yes"), "kinship": (358, "yes"), "equalising": (139, "yes"),
        "municipalities with at least one child": (183, "no"),
        "municipalities with more than three": (41, "no"),
    }  # fmt: skip
    assert published_figures(2021) == ()


def test_what_cannot_be_validated() -> None:
    with pytest.raises(InputError, match="nothing is published"):
        validate(load_instance("sweden-2023"))
    year = load_instance("sweden-2025")
    first, *others = year.municipalities
    other = year.with_changes(
        municipalities=(replace(first, code="0113"), *others), transfers=(), children=()
    )
    with pytest.raises(InputError, match="only Sweden's 290"):
        validate(other)
    empty = year.with_changes(municipalities=(replace(first, population=None), *others))
    with pytest.raises(InputError, match="population, which every"):
        validate(empty)


def test_the_command(small: Callable[..., Validation], tmp_path: Path) -> None:
    words = ["validate", "sweden-2024", "--histories", "2", "--draws", "2"]
    out = tmp_path / "v"
    shown = CliRunner().invoke(main, [*words, "--out", str(out)])
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith("So few draws tell little (2 histories × 2 draws")
    stored = json.loads((out / "validation.json").read_text(encoding="utf-8"))
    assert len(stored["readings"]) == 30
    assert stored["readings"][0]["figures"] == 2
    assert [r["shares"] for r in stored["readings"]] == ["population"] * 24 + ["reception"] * 6
    assert stored["tried_before"] == 12
    table = (out / "validation.csv").read_text(encoding="utf-8").splitlines()
    assert len(table) == 1 + 30 * 5
    assert table[0].startswith("mechanism,kinship,ledger,ties,shares,figure,")
    rows = json.loads(CliRunner().invoke(main, [*words, "--format", "json"]).stdout)
    assert [r["figure"] for r in rows[:5]] == [f.figure for f in published_figures(2024)]
    refused = CliRunner().invoke(main, [*words, "--out", str(out)])
    assert refused.exit_code == 2
    bad = CliRunner().invoke(main, ["validate", "textbook"])
    assert bad.exit_code == 2
    assert "Traceback" not in bad.output


@pytest.mark.thorough
@pytest.mark.parametrize("year", [2024, 2025])
def test_the_committed_tables(year: int) -> None:
    """docs/validation.md has what the command prints."""
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    printed = CliRunner().invoke(main, ["validate", f"sweden-{year}"]).stdout
    assert "\n".join(line.rstrip() for line in printed.rstrip().splitlines()) in text
