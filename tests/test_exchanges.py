"""Large joint years: who changes places, who is sent where, and what a year costs at least, by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from fordela.models.check import check
from fordela.models.formulation.fullest_day import build_fullest_day
from fordela.models.homes import Agreement, Home
from fordela.models.instance import Child, Instance, Municipality
from fordela.models.placement.kinds import Kinds
from fordela.models.placement.problem import Reach, placement_problem
from fordela.models.policy import IN_FORCE
from fordela.models.program import Linear, ProgramBuilder
from fordela.models.result import Status
from fordela.solver.backends import Limits, get_backend
from fordela.solver.backends.priced import Priced
from fordela.solver.placement.exchanges import place_with_exchanges
from fordela.solver.placement.fullest_day import fullest
from fordela.solver.placement.given import Engine
from fordela.solver.placement.housed import total
from fordela.solver.placement.place import place
from fordela.solver.placement.sending import crowds_of

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


def test_what_a_fullest_day_counts_agrees_however_it_is_solved() -> None:
    """Homes taken are those chosen, and each municipality bears whom it houses, those away and adrift.

    Three children of one language and one of another are there, two come later. Two homes of the first
    language have one place each, and the second municipality's may be used by the first.
    """
    homes = {"a": ("0101", "so"), "b": ("0102", "so"), "c": ("0102", "ti")}
    there = [("so", None, 0, 10)] * 3 + [("ti", None, 1, 10)]
    instance = replace(
        year(homes, *there, ("so", None, 100, 10), ("ti", None, 200, 10)),
        agreements=(Agreement("0101", "0102"),),
    )
    south, north = (replace(m, longitude=Decimal(15)) for m in instance.municipalities)
    placed = (replace(south, latitude=Decimal(58)), replace(north, latitude=Decimal(59)))
    reach = Reach(replace(instance, municipalities=placed), IN_FORCE.placement)
    kinds, date_ = Kinds.of(reach), fullest(instance.cases)
    crowds = crowds_of(kinds, instance.cases, date_)
    builder = ProgramBuilder()
    borne = {(1, k): builder.variable(0, 9) for k in (0, 1)}
    day = build_fullest_day(builder, borne, placement_problem(reach, [], {}, day=date_), crowds, kinds)

    def most(*parts: tuple[int, Linear]) -> int:
        program = builder.program(Linear.of(*((-n, x) for n, x in parts)))
        values = get_backend("highs").solve(program, Limits(workers=1)).values
        assert values is not None
        return sum(n * x.whole(values) for n, x in parts)

    def are_equal(ones: Sequence[Linear], others: Sequence[Linear], more: int = 0) -> bool:
        """Whether the first are always as many as the others and so many more."""
        parts = [*((1, x) for x in ones), *((-1, x) for x in others)]
        return most(*parts) == more == -most(*((-n, x) for n, x in parts))

    chosen = [(crowds[number], kind, x) for (number, kind), x in day.chosen.items()]
    taken = list(day.taken.items())
    for kind in range(len(kinds.examples)):
        wanted = [x for crowd, k, x in chosen if k == kind and crowd.is_present]
        assert are_equal([x for (_, supply), x in taken if supply.kind == kind], wanted)
    levels = day.homes.levels
    outside = [x for (_, supply), x in taken if supply.placing != supply.responsible]
    unmet = [
        x
        for crowd, k, x in chosen
        if crowd.cases[0].children[0].language not in kinds.examples[k].languages
    ]
    assert are_equal([levels["unplaced"]], list(day.adrift.values()))
    assert are_equal([levels["outside-own-municipality"]], outside)
    assert are_equal([levels["distance"]], [Linear.of((111, x)) for x in outside])  # one degree
    assert are_equal([levels["unmet-needs"]], unmet)
    assert are_equal([levels["unsuitable-form"]], [])  # a home of a family suits everybody
    absent = [x for crowd, _, x in chosen if not crowd.is_present]
    assert are_equal(list(day.later.values()), absent)
    assert are_equal([*day.adrift.values(), *(x for _, _, x in chosen)], [], 6)
    for (size, k), number in borne.items():
        own = [x for (_, supply), x in taken if supply.responsible == k]
        assert are_equal([*own, day.later[size, k], day.adrift[size, k]], [number])
    assert most(*((1, x) for _, x in taken)) == 3  # every home has somebody
    assert most(*((1, x) for x in absent)) == 2
    assert most(*((1, x) for _, x in taken), (-9, borne[1, 1])) == 3  # all of 0101, by agreement
    assert (
        most(*((1, x) for _, x in taken), (-9, borne[1, 0])) == 2
    )  # the other way round there is none
    assert most(*((1, x) for x in day.adrift.values())) == 6


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
