"""The checker of placements: a clean one, and that one broken in each single way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from fordela.models.check import check
from fordela.models.homes import Agreement, Home
from fordela.models.instance import Child, Instance, Municipality
from fordela.models.placement.outcome import PlacementResult
from fordela.models.policy import IN_FORCE, Policy
from fordela.models.result import Status
from fordela.solver.placement.place import place

MONDAY, FRIDAY = date(2025, 3, 3), date(2025, 3, 7)


def town(code: str, name: str, latitude: str) -> Municipality:
    return Municipality(
        code, name, "01", "Län", 50_000, population=1000, assigned_before=0,
        latitude=Decimal(latitude), longitude=Decimal("15"),
    )  # fmt: skip


def child(name: str, case: str, tie: str = "0001", day: date = MONDAY, **more: object) -> Child:
    return Child(name, case, day, tie, age=15, sex="f", language="so", **more)  # type: ignore[arg-type]


#: Two towns; a and b are siblings, c stays four days and d comes when c has left.
YEAR = Instance(
    name="two-towns",
    title="Two towns",
    year=2025,
    municipalities=(town("0001", "Ask", "59"), town("0002", "Bok", "60")),
    children=(
        child("a", "ab"),
        child("b", "ab"),
        child("c", "c", stay=4),
        child("d", "d", day=FRIDAY),
        child("e", "e", tie="0002", day=FRIDAY),
    ),
    homes=(
        Home("pair", "0001", "family-home", 2, languages=("so",)),
        Home("single", "0001", "family-home", 1, languages=("so",)),
        Home("young", "0001", "family-home", 3, max_age=12, languages=("so",)),
        Home("boys", "0001", "hvb", 3, sexes=("m",), languages=("so",)),
        Home("closed", "0001", "family-home", 3, last=date(2025, 3, 1), languages=("so",)),
        Home("old", "0001", "supported-housing", 3, languages=("so",)),
        Home("uncle", "0002", "network-home", 3),
        Home("mute", "0001", "family-home", 3),
        Home("far", "0002", "family-home", 3, languages=("so",)),
    ),
    agreements=(Agreement("0001", "0002"),),
    synthetic=("everything",),
)
RESULT = place(YEAR)


def housed(result: PlacementResult, **homes: str | None) -> PlacementResult:
    """Move some children."""
    rows = tuple(replace(p, place=homes.get(p.child, p.place)) for p in result.placements)
    return replace(result, placements=rows)


def rules(result: PlacementResult, year: Instance = YEAR) -> set[str]:
    return {violation.rule for violation in check(year, result)}


def test_clean_and_as_by_hand() -> None:
    homes = {p.child: p.place for p in RESULT.placements}
    assert homes == {"a": "pair", "b": "pair", "c": "single", "d": "single", "e": homes["e"]}
    assert homes["e"] in ("uncle", "far")
    assert [level.value for level in RESULT.objective] == [0] * 5
    assert RESULT.status is Status.OPTIMAL
    assert check(YEAR, RESULT) == []


@pytest.mark.parametrize(
    ("moved", "rule"),
    [
        ({"b": "single"}, "siblings"),
        ({"c": "young"}, "permit"),
        ({"c": "boys"}, "permit"),
        ({"c": "closed"}, "permit"),
        ({"c": "old"}, "permit"),
        ({"c": "uncle"}, "permit"),
        ({"e": "single"}, "agreement"),
        ({"c": "pair"}, "places"),
        ({"c": "nowhere"}, "placements"),
        ({"c": "mute"}, "objective"),
        ({"c": None}, "objective"),
        ({"c": "far"}, "objective"),
    ],
)
def test_a_child_in_the_wrong_home(moved: dict[str, str | None], rule: str) -> None:
    assert rule in rules(housed(RESULT, **moved))


def test_a_home_is_full_until_the_day_on_which_somebody_leaves() -> None:
    """d comes on the day on which c leaves: a day earlier there would be one child too many."""
    early = tuple(replace(c, arrival=date(2025, 3, 6)) if c.child == "d" else c for c in YEAR.children)
    year = YEAR.with_changes(children=early)
    made = replace(RESULT, result=replace(RESULT.result, instance=year))
    assert "places" in rules(made, year)


def test_rows_that_do_not_match_the_year() -> None:
    gone = replace(RESULT, placements=RESULT.placements[1:])
    twice = replace(RESULT, placements=(*RESULT.placements, RESULT.placements[0]))
    strange = replace(RESULT, placements=(replace(RESULT.placements[0], child="x"),))
    parted = replace(
        RESULT, placements=(replace(RESULT.placements[0], case="c"), *RESULT.placements[1:])
    )
    for made in (gone, twice, strange, parted):
        assert "placements" in rules(made)


def test_another_municipality_than_the_one_that_was_assigned() -> None:
    first = replace(RESULT.placements[2], responsible="0002")
    rows = (*RESULT.placements[:2], first, *RESULT.placements[3:])
    assert "responsible" in rules(replace(RESULT, placements=rows))


def bound(policy: Policy, *levels: str) -> Policy:
    return replace(policy, placement=replace(policy.placement, levels=levels))


@pytest.mark.parametrize(
    ("left", "moved", "rule"),
    [
        ("unplaced", {"c": None}, "unplaced"),
        ("unmet-needs", {"c": "mute"}, "needs"),
    ],
)
def test_what_is_not_listed_binds(left: str, moved: dict[str, str | None], rule: str) -> None:
    levels = [x for x in IN_FORCE.placement.levels if x != left]
    made = place(YEAR, bound(IN_FORCE, *levels))
    assert check(YEAR, made) == []
    assert rule in rules(housed(made, **moved))


def test_a_form_that_does_not_suit_binds_where_it_is_not_listed() -> None:
    """An HVB suits from 13 here, and the child is 12."""
    young = tuple(replace(c, age=12) if c.child == "c" else c for c in YEAR.children)
    home = Home("care", "0001", "hvb", 3, languages=("so",))
    year = YEAR.with_changes(children=young, homes=(*YEAR.homes, home))
    levels = [x for x in IN_FORCE.placement.levels if x != "unsuitable-form"]
    made = place(year, bound(IN_FORCE, *levels))
    assert check(year, made) == []
    assert "form" in rules(housed(made, c="care"), year)


def claimed(change: Callable[[object], object]) -> PlacementResult:
    first, *rest = RESULT.objective
    return replace(RESULT, objective=(change(first), *rest))  # type: ignore[arg-type]


def test_claims_of_the_levels() -> None:
    assert "objective" in rules(replace(RESULT, objective=RESULT.objective[1:]))
    assert rules(claimed(lambda level: replace(level, value=Fraction(1))))  # type: ignore[type-var]
    assert rules(claimed(lambda level: replace(level, bound=None)))  # type: ignore[type-var]
    assert rules(replace(RESULT, status=Status.FEASIBLE))


def test_an_optimum_that_one_move_improves() -> None:
    """c lacks its language, the levels say so, and a better home is free all the time."""
    made = housed(RESULT, c="mute")
    worse = tuple(
        replace(level, value=Fraction(1), bound=Fraction(1)) if level.level == "unmet-needs" else level
        for level in made.objective
    )
    assert rules(replace(made, objective=worse)) == {"optimal", "proof"}


def test_vacancy_is_the_fullest_choice_of_homes() -> None:
    made = place(YEAR, mode="vacancy")
    assert check(YEAR, made) == []
    homes = {p.child: p.place for p in made.placements}
    assert homes["a"] == "mute"  # three free places, whatever its language
    assert "vacancy" in rules(housed(made, c="single"))
