"""The checker of placements: a clean one, and that one broken in each single way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from fordela.models.check import check
from fordela.models.check.home_proofs import HomeProver
from fordela.models.check.proofs import Proof
from fordela.models.check.world import (
    admits,
    cost_vector,
    forbidden_by,
    lacking,
    odd_form,
    stay_of,
    unmet,
    world_of,
)
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
    unknown = replace(
        RESULT, placements=(replace(RESULT.placements[0], case="zz"), *RESULT.placements[1:])
    )
    for made in (gone, twice, strange, parted, unknown):
        assert "placements" in rules(made)
    assert rules(unknown) == rules(parted) == {"placements"}  # nothing else is looked at


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
    assert rules(replace(made, objective=worse)) == {"optimal", "proof", "price"}


@pytest.mark.parametrize("mode", ["sequential", "joint"])
@pytest.mark.parametrize("spare", [False, True])
def test_an_optimum_that_two_cases_in_turn_improve(mode: Any, spare: bool) -> None:
    """Each is in the other's home; with ``spare`` that does not matter to d, who is at home in both."""
    children = (child("c", "c"), replace(child("d", "d"), language="ti"))
    homes = [
        Home("so", "0001", "family-home", 1, languages=("so",)),
        Home("ti", "0001", "family-home", 1, languages=("ti",)),
    ]
    if spare:
        homes[0] = replace(homes[0], languages=("so", "ti"))
    year = YEAR.with_changes(children=children, homes=tuple(homes))
    best = place(year, mode=mode)
    assert {p.child: p.place for p in best.placements} == {"c": "so", "d": "ti"}
    assert check(year, best) == []
    swapped = housed(best, c="ti", d="so")
    lost = Fraction(1 if spare else 2)
    levels = tuple(
        replace(level, value=lost, bound=lost, proof="engine")
        if level.level == "unmet-needs"
        else level
        for level in (replace(o, price=None, price_proof=None) for o in best.objective)
    )
    assert rules(replace(swapped, objective=levels), year) == {"optimal"}


def test_vacancy_is_the_fullest_choice_of_homes() -> None:
    made = place(YEAR, mode="vacancy")
    assert check(YEAR, made) == []
    homes = {p.child: p.place for p in made.placements}
    assert homes["a"] == "mute"  # three free places, whatever its language
    assert "vacancy" in rules(housed(made, c="single"))


@pytest.mark.parametrize(
    ("home", "right"),
    [
        ({}, True),
        ({"min_age": 15}, True),
        ({"min_age": 16}, False),
        ({"max_age": 15}, True),
        ({"max_age": 14}, False),
        ({"min_age": 15, "max_age": 15}, True),
        ({"max_age": 0}, False),
        ({"sexes": ("f",)}, True),
        ({"sexes": ("m", "f")}, True),
        ({"sexes": ("m",)}, False),
        ({"form": "network-home"}, True),
        ({"form": "network-home", "municipality": "0002"}, False),
        ({"form": "supported-housing"}, False),  # from 16
        ({"form": "hvb"}, True),
    ],
)
def test_who_may_live_in_a_home(home: dict[str, Any], right: bool) -> None:
    """A girl of 15 with a tie to Ask; without an age or a sex she may live where neither is asked."""
    made = replace(Home("h", "0001", "family-home", 1), **home)
    girl = child("x", "x")
    assert (forbidden_by(girl, made, IN_FORCE) == "") is right
    asked = {"min_age", "max_age"} & home.keys() or home.get("form") == "supported-housing"
    assert (forbidden_by(replace(girl, age=None), made, IN_FORCE) == "") is (right and not asked)
    assert (forbidden_by(replace(girl, sex=None), made, IN_FORCE) == "") is (
        right and "sexes" not in home
    )


def test_supported_housing_from_sixteen_and_what_suits() -> None:
    def form(name: str, age: int | None) -> tuple[bool, bool]:
        made, who = Home("h", "0001", name, 1), replace(child("x", "x"), age=age)
        return forbidden_by(who, made, IN_FORCE) == "", odd_form(who, made, IN_FORCE)

    assert form("supported-housing", 16)[0]
    assert not form("supported-housing", 15)[0]
    least = IN_FORCE.placement.hvb_suits
    assert [form("hvb", age)[1] for age in (least - 1, least, least + 1, None)] == [
        True,
        False,
        False,
        True,
    ]
    least = IN_FORCE.placement.supported_housing_suits
    assert [form("supported-housing", age)[1] for age in (least - 1, least)] == [True, False]
    assert not form("family-home", None)[1]
    assert not form("network-home", 1)[1]


def test_needs_that_a_home_does_not_meet() -> None:
    who = replace(child("x", "x"), needs=("care", "school"))
    home = Home("h", "0001", "family-home", 1, languages=("so",), competences=("care",))
    assert unmet(who, home) == ["school"]
    assert unmet(who, replace(home, languages=("ti",))) == ["school", "language:so"]
    assert unmet(who, replace(home, languages=("*",))) == ["school"]
    assert unmet(who, replace(home, languages=(), form="network-home")) == ["school"]
    assert unmet(replace(who, language=""), replace(home, languages=())) == ["school"]
    assert lacking(who, replace(home, competences=())) == 2


def test_when_a_home_has_room() -> None:
    """A case of one that comes on Monday the 3rd and stays four days, until Friday the 7th."""
    case = next(c for c in YEAR.cases if c.case == "c")
    world = world_of(YEAR, IN_FORCE, {"c": "0001"})
    assert stay_of(case) == (MONDAY, FRIDAY)

    def fits(*living: tuple[int, int, int], **home: Any) -> bool:
        made = replace(Home("h", "0001", "family-home", 2, languages=("so",)), **home)
        return admits(
            world, case, made, [(date(2025, 3, a), date(2025, 3, b), n) for a, b, n in living]
        )

    assert fits()
    assert fits(places=1)
    assert fits(first=MONDAY)
    assert not fits(first=date(2025, 3, 4))
    assert fits(last=date(2025, 3, 6))  # its last night is that of Thursday
    assert not fits(last=date(2025, 3, 5))
    assert fits((1, 9, 1))
    assert not fits((1, 9, 2))
    assert fits((1, 3, 2))  # leaves on the day on which the case comes
    assert not fits((1, 4, 2))
    assert fits((7, 9, 2))  # comes on the day on which the case leaves
    assert not fits((6, 9, 2))
    assert fits((3, 5, 1), (5, 9, 1))  # one after the other
    assert not fits((3, 6, 1), (5, 9, 1))  # both on the 5th
    assert not fits((1, 3, 2), (3, 4, 2))


def test_what_a_case_costs_in_a_home() -> None:
    year = YEAR.with_changes(homes=(Home("x", "0002", "hvb", 2, languages=("ti",)),))
    case = next(c for c in year.cases if c.case == "ab")
    levels = IN_FORCE.placement.levels
    world = world_of(year, IN_FORCE, {"a": "0001", "b": "0001"})
    costs = dict(zip(levels, cost_vector(world, case, year.homes[0], levels), strict=True))
    # One degree northwards is 111 km; two children, both without their language.
    assert costs == {
        "unplaced": 0, "outside-own-municipality": 2, "unmet-needs": 2, "unsuitable-form": 0,
        "distance": 222,
    }  # fmt: skip
    none = dict(zip(levels, cost_vector(world, case, None, levels), strict=True))
    assert none == dict.fromkeys(levels, 0) | {"unplaced": 2}
    own = world_of(year, IN_FORCE, {"a": "0002", "b": "0002"})
    assert sum(cost_vector(own, case, year.homes[0], levels)) == 2


def proved(homes: Sequence[Home], *children: Child, joint: bool = False) -> HomeProver:
    year = YEAR.with_changes(homes=tuple(homes), children=children)
    world = world_of(year, IN_FORCE, {c.child: "0001" for c in children})
    return HomeProver(world, IN_FORCE.placement.levels, joint=joint)


def test_bounds_of_a_placement_by_hand() -> None:
    def home(name: str, town: str = "0001", **more: Any) -> Home:
        return Home(name, town, "family-home", 1, **({"languages": ("so",)} | more))

    one, two = child("x", "x"), child("y", "y")
    # Two at once for one place: one of them has no home, so that the others' costs are not known.
    prover = proved([home("h")], one, two)
    assert prover.prove("unplaced", Fraction(0)) is None
    assert prover.prove("unplaced", Fraction(2)) is None
    assert prover.prove("unplaced", Fraction(1)) == Proof.COUNTING
    assert prover.prove("outside-own-municipality", Fraction(0)) == Proof.TRIVIAL
    # The only home is next door and speaks another language: all that follows is known.
    prover = proved([home("h", "0002", languages=("ti",))], one)
    assert prover.prove("unplaced", Fraction(0)) == Proof.TRIVIAL
    assert prover.prove("outside-own-municipality", Fraction(0)) is None
    assert prover.prove("outside-own-municipality", Fraction(1)) == Proof.COUNTING
    assert prover.prove("unmet-needs", Fraction(1)) == Proof.COUNTING
    assert prover.prove("distance", Fraction(111)) == Proof.COUNTING
    # In a joint placement one without a tie may live with any municipality, one with a tie near it.
    for tie, lost in ((None, 0), ("0001", 0), ("0002", 1)):
        free = replace(one, tie=tie)
        year = YEAR.with_changes(homes=(home("h"),), children=(free,))
        world = world_of(year, IN_FORCE, {"x": tie or "0002"})
        prover = HomeProver(world, IN_FORCE.placement.levels, joint=True)
        assert prover.prove("unplaced", Fraction(lost)) == (Proof.COUNTING if lost else Proof.TRIVIAL)
        if not lost:
            assert prover.prove("outside-own-municipality", Fraction(0)) == Proof.TRIVIAL
            assert prover.prove("unmet-needs", Fraction(0)) == Proof.TRIVIAL
        alone = HomeProver(world, IN_FORCE.placement.levels, joint=False)
        least = 0 if tie == "0001" else 1  # 0002 has no home and no agreement
        assert alone.prove("unplaced", Fraction(least)) is not None
        assert alone.prove("unplaced", Fraction(1 - least)) is None
    # Only one of two can stay at home, but each could: the bound is 0, and 1 takes an engine.
    prover = proved([home("h"), home("i", "0002")], one, two)
    assert prover.prove("unplaced", Fraction(0)) == Proof.TRIVIAL
    assert prover.prove("outside-own-municipality", Fraction(1)) is None
    # Somebody is without a home though each could have one: nothing more is known of the others.
    prover = proved([home("h", "0002")], one, two)
    assert prover.prove("unplaced", Fraction(1)) == Proof.COUNTING
    assert prover.prove("outside-own-municipality", Fraction(1)) is None
    # One after the other in one place; a home that opens later or has closed is no place.
    later = replace(two, arrival=FRIDAY)
    prover = proved([home("h")], replace(one, stay=4), later)
    assert prover.prove("unplaced", Fraction(0)) == Proof.TRIVIAL
    prover = proved([home("h")], replace(one, stay=5), later)
    assert prover.prove("unplaced", Fraction(1)) == Proof.COUNTING
    prover = proved([home("h", first=FRIDAY)], one)
    assert prover.prove("unplaced", Fraction(1)) == Proof.COUNTING
    assert prover.prove("distance", Fraction(0)) == Proof.TRIVIAL  # of nobody who can have a home


@pytest.mark.parametrize("mode", ["sequential", "joint"])
def test_a_town_without_coordinates_in_which_nobody_lives_is_no_obstacle(mode: str) -> None:
    """Ask may place in a third town, whose only home is for another age; nobody lives that far away."""
    unknown = replace(town("0003", "Cer", "61"), latitude=None, longitude=None, share=0)
    towns = (*YEAR.municipalities, unknown)
    kept = [h for h in YEAR.homes if h.place in ("single", "young", "boys", "closed")]
    homes = (*kept, Home("distant", "0003", "family-home", 3, max_age=3))
    year = replace(
        YEAR, municipalities=towns, homes=homes,
        agreements=(Agreement("0001", "0003"), Agreement("0002", "0003")),
    )  # fmt: skip
    made = place(year, IN_FORCE, mode=mode)  # type: ignore[arg-type]
    assert any(p.place is None for p in made.placements)
    assert check(year, made) == []
