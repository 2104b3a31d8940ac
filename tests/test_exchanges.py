"""Large joint years: who changes places, who is sent where, and what a year costs at least, by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from fordela.models.check import check
from fordela.models.homes import Home
from fordela.models.instance import Child, Instance, Municipality
from fordela.models.placement.problem import Reach, placement_problem
from fordela.models.policy import IN_FORCE
from fordela.models.result import Status
from fordela.solver.backends import Limits, get_backend
from fordela.solver.backends.priced import Priced
from fordela.solver.placement.exchanges import place_with_exchanges
from fordela.solver.placement.fullest_day import fullest
from fordela.solver.placement.given import Engine
from fordela.solver.placement.housed import total
from fordela.solver.placement.place import place

LEVELS = IN_FORCE.placement.levels
ENGINE = Engine(Priced(get_backend("highs"), least=0), Limits(workers=1))


def year(homes: Mapping[str, tuple[str, str]], *children: tuple[str, str | None, int, int]) -> Instance:
    """Two municipalities with equal shares; children by language, tie, day and days that they stay."""
    places = tuple(
        Municipality(code=code, name=code, county_code="01", county="North", share=50_000)
        for code in ("0101", "0102")
    )
    return Instance(
        name="two",
        title="two",
        year=2025,
        municipalities=places,
        children=tuple(
            Child(
                child=f"{k}-1",
                case=f"{k}",
                arrival=date(2025, 1, 1) + timedelta(days=day),
                tie=tie,
                age=15,
                sex="f",
                language=language,
                stay=stay,
            )
            for k, (language, tie, day, stay) in enumerate(children)
        ),
        homes=tuple(
            Home(place, municipality, "family-home", 1, languages=(language,))
            for place, (municipality, language) in homes.items()
        ),
        synthetic=("cases", "homes"),
    )


HOMES = {"a": ("0101", "so"), "b": ("0102", "ti")}


def test_cases_change_places_and_every_municipality_keeps_its_number() -> None:
    instance = year(HOMES, ("ti", None, 0, 300), ("so", None, 1, 300))
    reach = Reach(instance, IN_FORCE.placement)
    where = {"0": 0, "1": 1}  # each in the municipality that speaks the other's language
    choices = place_with_exchanges(reach, instance.cases, where, LEVELS, ENGINE)
    assert {case: choice.place for case, choice in choices.items()} == {"0": "b", "1": "a"}
    assert Counter(choice.responsible for choice in choices.values()) == {0: 1, 1: 1}
    assert set(total(choices, LEVELS)) == {0}


def test_a_case_with_a_tie_stays() -> None:
    instance = year(HOMES, ("ti", "0101", 0, 300), ("so", None, 1, 300))
    reach = Reach(instance, IN_FORCE.placement)
    choices = place_with_exchanges(reach, instance.cases, {"0": 0, "1": 1}, LEVELS, ENGINE)
    assert {case: choice.place for case, choice in choices.items()} == {"0": "a", "1": "b"}
    assert total(choices, LEVELS)[LEVELS.index("unmet-needs")] == 2


@pytest.mark.parametrize("first", [0, 200])
def test_in_turns_a_home_that_is_free_again_is_used_again(
    monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    """Four children and one home for each language: who is gone before the others come leaves it."""
    monkeypatch.setattr("fordela.solver.placement.joint.is_large", lambda *_: True)
    other = 200 - first
    instance = year(
        HOMES, *sorted(
            [("so", None, first, 100), ("ti", None, first, 100), ("so", None, other, 100),
             ("ti", None, other, 100)],
            key=lambda child: child[2],
        )
    )  # fmt: skip
    made = place(instance, mode="joint", workers=1)
    worth = {r.level: r for r in made.objective}
    for level in ("unplaced", "unmet-needs", "outside-own-municipality"):
        assert worth[level].value == worth[level].bound == 0
        assert worth[level].status is Status.OPTIMAL
    assert check(instance, made) == []


def test_a_day_is_a_relaxation_of_the_year() -> None:
    """Three children for one home: two of them meet, the third is alone there later."""
    instance = year(
        {"a": ("0101", "so")}, ("so", "0101", 0, 10), ("so", "0101", 5, 10), ("so", "0101", 100, 10)
    )
    date_ = fullest(instance.cases)
    assert date_ == date(2025, 1, 6).toordinal()
    reach = Reach(instance, IN_FORCE.placement)
    where = {case.case: 0 for case in instance.cases}
    problem = placement_problem(reach, instance.cases, where, day=date_)
    assert sum(len(kind.cases) for kind in problem.types if kind.is_present) == 2
    assert {c.case for kind in problem.types if not kind.is_present for c in kind.cases} == {"2"}
    assert fullest([]) == 0


def test_a_level_before_even_shares_is_bounded_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even shares leave one child without a home, but a home comes first: 1 is no bound for it."""
    monkeypatch.setattr("fordela.solver.placement.joint.is_large", lambda *_: True)
    base = year({"a": ("0101", "so")}, ("so", None, 0, 300))
    little, much = base.municipalities
    uneven = replace(base, municipalities=(replace(little, share=10), replace(much, share=99_990)))
    made = place(uneven, mode="joint", workers=1)
    first = made.objective[0]
    assert first.level == "unplaced"
    assert first.bound == Fraction(0)
