"""Homes as a user meets them: made from a seed, placed by the command, relaxed, and counted."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import chain, product
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.random_homes import FOR_ALL, HomeModel, with_random_homes
from fordela.instances.writing import write_instance
from fordela.models.allocation import Assignment
from fordela.models.check import Solution, check
from fordela.models.errors import InputError
from fordela.models.homes import Home
from fordela.models.indicators import Part, child_indicators
from fordela.models.instance import Child, Instance, Municipality
from fordela.models.placement.outcome import Placement, Relaxation
from fordela.solver.placement.place import place
from fordela.solver.placement.relaxations import relaxed

from benchmarks.generalised import Assignment as Generalised
from benchmarks.generalised import draw, optimum, read
from benchmarks.generalised import main as generalised


@pytest.fixture(scope="module")
def year() -> Instance:
    return load_instance("sweden-2026-places")


def test_generated_homes_meet_the_published_figures(year: Instance) -> None:
    """[B] 4.1.2, 5.2.2 by hand: 18 HVB, one alone; a fifth of 290; 23 placing elsewhere."""
    forms = Counter(home.form for home in year.homes)
    assert forms["hvb"] == 18
    assert Counter(home.group for home in year.homes if home.form == "hvb") == {"only": 1, "shared": 17}
    assert len({h.municipality for h in year.homes if h.form == "supported-housing"}) == 58
    assert len({a.responsible for a in year.agreements}) == 23
    assert {"places", "agreements", "language", "needs", "stay"} <= set(year.synthetic)


def test_the_same_seed_gives_the_same_homes(year: Instance) -> None:
    again = with_random_homes(load_instance("sweden-2026"), seed=2026)
    assert again.homes == year.homes
    assert with_random_homes(load_instance("sweden-2026"), seed=7).homes != year.homes


def test_homes_out_of_range_are_refused_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        with_random_homes(load_instance("textbook"), HomeModel(hvb=-1, low_counties=99))
    assert len(caught.value.problems) >= 2


def town(code: str, name: str) -> Municipality:
    return Municipality(
        code, name, "01", "Län", 50_000, population=1, latitude=Decimal(60), longitude=Decimal(15)
    )  # fmt: skip


def small(homes: tuple[Home, ...], ties: tuple[str, ...]) -> Instance:
    children = tuple(
        Child(f"c{k}", f"k{k}", date(2026, 1, 1 + k), tie, age=10 + k) for k, tie in enumerate(ties)
    )
    return Instance("small", 2026, (town("0001", "A"), town("0002", "B")), children, homes=homes)


def test_the_smallest_relaxation_by_hand() -> None:
    """Three children tied to A and one place there; B has two free places: two places, or one deal."""
    homes = (Home("a", "0001", "family-home", 1), Home("b", "0002", "family-home", 2))
    made = place(small(homes, ("0001", "0001", "0001")))
    assert made.unplaced == 2
    places, agreements = made.relaxations
    assert [(p.municipality, p.places, p.children) for p in places.places] == [("0001", 2, 2)]
    assert agreements.agreements == (("0001", "0002"),)
    assert places.proven
    assert agreements.proven
    assert agreements.left == 0


def test_agreements_that_are_not_enough_say_for_how_many() -> None:
    homes = (Home("a", "0001", "family-home", 1), Home("b", "0002", "family-home", 1))
    made = place(small(homes, ("0001", "0001", "0001")))
    _, agreements = made.relaxations
    assert agreements.left == 1
    assert not agreements.proven


@pytest.mark.parametrize("seed", range(25))
def test_every_relaxation_applied_and_solved_again(seed: int) -> None:
    """Nobody is without a home then; and of the places one less is not enough, by trying all ways."""
    rng = Random(seed)
    homes = tuple(
        Home(f"h{k}", rng.choice(("0001", "0002")), "family-home", rng.randint(1, 2))
        for k in range(rng.randint(0, 3))
    ) or (Home("h", "0001", "family-home", 1),)
    ties = tuple(rng.choice(("0001", "0002")) for _ in range(rng.randint(2, 6)))
    instance = small(homes, ties)
    made = place(instance)
    room = {c: sum(h.places for h in homes if h.municipality == c) for c in ("0001", "0002")}
    lacking = sum(max(0, ties.count(c) - room[c]) for c in room)
    assert made.unplaced == lacking
    for relaxation in made.relaxations:
        assert place(relaxed(instance, relaxation)).unplaced == relaxation.left
        if relaxation.places:
            assert relaxation.size == lacking


@pytest.mark.thorough
def test_relaxations_of_the_shipped_year(year: Instance) -> None:
    made = place(year)
    assert made.relaxations
    for relaxation in made.relaxations:
        again = place(relaxed(year, relaxation), result=None, prices=False)
        assert again.unplaced == relaxation.left
        assert check(again.instance, Solution.of_placement(again)) == []


def test_homes_for_all_leave_nobody_with_a_tie_without() -> None:
    year = with_random_homes(load_instance("sweden-2026"), FOR_ALL, seed=1)
    tied = year.with_changes(children=tuple(c for c in year.children if c.tie))
    assert place(tied, prices=False).unplaced == 0


def test_indicators_by_hand() -> None:
    """Two siblings and a third child in A, one far older in B; the siblings share a home."""
    homes = (Home("a", "0001", "family-home", 2), Home("b", "0002", "family-home", 1))
    day = date(2026, 3, 1)
    children = (
        Child("1", "s", day, age=8, sex="f", language="so"),
        Child("2", "s", day, age=10, sex="m"),
        Child("3", "t", date(2026, 4, 1), age=12, sex="f"),
        Child("4", "u", date(2026, 5, 1), age=17, sex="m"),
    )
    towns = (town("0001", "A"), town("0002", "B"))
    instance = Instance("small", 2026, towns, children, homes=homes)
    bearers = ("0001", "0001", "0001", "0002")
    assignments = [
        Assignment(c.child, c.case, b, b, "equalising", 1)
        for c, b in zip(children, bearers, strict=True)
    ]
    living = ("a", "a", "b", None)
    rows = [
        Placement(c.child, c.case, b, p)
        for c, b, p in zip(children, bearers, living, strict=True)
    ]  # fmt: skip
    found = child_indicators(instance, assignments, rows)
    assert found["own-municipality"] == {"all": Part(2, 4), "girls": Part(1, 2), "under-13": Part(2, 3)}
    assert found["needs-met"] == {"all": Part(2, 4), "girls": Part(1, 2), "under-13": Part(2, 3)}
    assert found["siblings-together"]["all"] == Part(2, 2)
    assert found["recent"] == {"all": Part(1, 4), "girls": Part(1, 2), "under-13": Part(1, 3)}
    assert found["peer"] == {"all": Part(2, 4), "girls": Part(1, 2), "under-13": Part(2, 3)}
    assert found["asked-for-more"]["all"] == Part(0, 4)


def test_place_writes_what_check_accepts(tmp_path: Path) -> None:
    out, runner = tmp_path / "homes", CliRunner()
    command = ["place", "sweden-2026-places", "--alone", "--out", str(out), "--format", "json"]
    ran = runner.invoke(main, command)
    assert ran.exit_code == 0, ran.output
    data = json.loads(ran.stdout)
    assert len(data["placements"]) == 400
    assert data["modes"]["sequential"]["indicators"]["peer"]["all"]["of"] == 400
    ran = runner.invoke(main, ["check", "sweden-2026-places", str(out)])
    assert ran.exit_code == 0, ran.output
    table = out / "placements.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([*lines[:-1], lines[-1].replace(",2026-", ",2025-", 1)]) + "\n")
    assert runner.invoke(main, ["check", "sweden-2026-places", str(out)]).exit_code != 0


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("shipped", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_place_in_words(shipped: bool, lang: str, tmp_path: Path) -> None:
    place, homes = tmp_path / "year", (Home("a", "0001", "family-home", 1),)
    write_instance(small(homes, ("0001", "0001", "0001")), place)
    instance = "sweden-2026-places" if shipped else str(place)
    ran = CliRunner().invoke(main, ["place", instance, "--alone", "--lang", lang])
    assert ran.exit_code == 0, ran.output
    said = {"en": "more family-home places in", "sv": "fler familjehemsplatser i"}[lang]
    assert said in ran.output


def test_a_year_without_homes_is_told_what_to_do() -> None:
    ran = CliRunner().invoke(main, ["place", "sweden-2025"])
    assert ran.exit_code == 2
    assert "places.csv" in ran.output + ran.stderr


def least(problem: Generalised, *, maximise: bool) -> int | None:
    """Try every assignment."""
    agents, jobs = len(problem.capacities), len(problem.costs[0])
    values = []
    for chosen in product(range(agents), repeat=jobs):
        loads = [0] * agents
        for job, agent in enumerate(chosen):
            loads[agent] += problem.weights[agent][job]
        if all(a <= b for a, b in zip(loads, problem.capacities, strict=True)):
            values.append(sum(problem.costs[agent][job] for job, agent in enumerate(chosen)))
    return (max if maximise else min)(values) if values else None


@pytest.mark.parametrize("backend", ["highs", "cp-sat", "cbc"])
def test_generalised_assignment_against_every_assignment(backend: str) -> None:
    rng = Random(515)
    tried = 0
    while tried < 12:
        agents, jobs = rng.randint(2, 3), rng.randint(3, 6)
        costs = [[rng.randint(10, 50) for _ in range(jobs)] for _ in range(agents)]
        weights = [[rng.randint(5, 25) for _ in range(jobs)] for _ in range(agents)]
        capacities = [max(1, sum(row) * 8 // 10 // agents) for row in weights]
        text = " ".join(map(str, [1, agents, jobs, *chain(*costs), *chain(*weights), *capacities]))
        (problem,) = read(text)
        for maximise in (False, True):
            expected = least(problem, maximise=maximise)
            if expected is None:
                continue
            tried += 1
            assert optimum(problem, backend, maximise=maximise, seconds=60) == (expected, True)


def test_the_benchmark_draws_and_reads_and_says_what_is_wrong(tmp_path: Path) -> None:
    assert draw(5, 15, 1) == draw(5, 15, 1) != draw(5, 15, 2)
    ran = CliRunner().invoke(generalised, ["--draw", "3x6", "--backend", "highs"])
    assert ran.exit_code == 0, ran.output
    assert "3 agents, 6 jobs" in ran.output
    assert " proven, highs" in ran.output
    (tmp_path / "text").write_text("1 2")
    for words in (["--draw", "3"], [], [str(tmp_path / "text")]):
        ran = CliRunner().invoke(generalised, words)
        assert ran.exit_code != 0
        assert "Traceback" not in ran.output


def test_relaxation_size_counts_both_kinds() -> None:
    assert Relaxation(agreements=(("0001", "0002"),), proven=True).size == 1
