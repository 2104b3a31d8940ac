"""Parts of the checker against values by hand: figures, cells, relaxations, moves, ledgers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from fordela.models.allocation import Assignment
from fordela.models.check.effects import Alike, Towns, is_better
from fordela.models.check.figures import _compensation, _days, agrees, rounded_text
from fordela.models.check.groups import members_of, part_granted
from fordela.models.check.ledger import Holdings, unwind
from fordela.models.check.rotations import better_places
from fordela.models.check.solution import (
    LevelClaim,
    NationalClaims,
    PlacementClaims,
    Solution,
    TradeClaims,
)
from fordela.models.check.values import Counted
from fordela.models.check.written import (
    TOLD,
    _agree,
    _decimals,
    _gap,
    _is_relaxation,
    _shown,
    _units,
    cell_agrees,
    same,
)  # fmt: skip
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.placement.outcome import Mode
from fordela.models.policy import IN_FORCE
from fordela.models.wishes import Wish

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


def test_numbers_as_text() -> None:
    assert [rounded_text(Fraction(n, 8), 2) for n in (0, 1, -1, 9, -9)] == [
        "0.00",
        "0.13",
        "-0.13",
        "1.13",
        "-1.13",
    ]
    assert rounded_text(Fraction(-1, 1000), 2) == "0.00"  # no minus before what is 0 as written
    assert [rounded_text(x, 0) for x in (HALF, -HALF, Fraction(49, 100))] == ["1", "-1", "0"]
    assert [_decimals(x, 4) for x in (Fraction(0), THIRD, Fraction(5, 2))] == [
        "0.0000",
        "0.3333",
        "2.5000",
    ]
    assert _decimals(Fraction(1, 8), 2) == "0.13"
    assert [_units(n) for n in (0, 5, 100, 1234)] == ["0.00", "0.05", "1.00", "12.34"]
    assert _shown("150", 2) == "1.50"
    assert _shown("1/3", 4) == "0.0033"
    assert [_shown(x, 2) for x in (None, "", "-1", "1/0", "1.5", "1/", "x")] == [""] * 7


@pytest.mark.parametrize(
    ("claimed", "value", "right"),
    [
        ("0.33", THIRD, True),
        ("0.34", THIRD, False),
        ("0.125", Fraction(1, 8), True),
        ("0.13", Fraction(1, 8), True),  # half a unit of the last decimal, either way
        ("0.12", Fraction(1, 8), True),
        ("0.14", Fraction(1, 8), False),
        ("3", Fraction(3), True),
        ("3", Fraction(7, 2), False),  # a whole number is one
        ("3", Fraction(31, 10), False),
        ("", None, True),
        ("0", None, False),
        ("", Fraction(0), False),
        ("x", Fraction(0), False),
        ("NaN", Fraction(0), False),
        ("Infinity", Fraction(0), False),
    ],
)
def test_a_number_agrees_to_half_a_unit_of_its_last_decimal(
    claimed: str, value: Fraction | None, right: bool
) -> None:
    assert agrees(claimed, value) is right


def test_a_cell_agrees_with_text_or_with_a_decimal() -> None:
    assert cell_agrees("Ask", "Ask")
    assert not cell_agrees("Ask", "Bok")
    assert cell_agrees("1.5", "1.50")
    assert not cell_agrees("1.51", "1.50")
    assert not cell_agrees("01", "1")  # codes and counts are compared as they are written
    assert not cell_agrees("x", "1.50")
    assert not cell_agrees("1.5", "1.x")


def test_days_of_a_stay_by_hand() -> None:
    def child(day: date, stay: int | None = None) -> Child:
        return Child("a", "a", day, stay=stay)

    assert _days(child(date(2025, 12, 31)), 2025) == 1
    assert _days(child(date(2025, 1, 1)), 2025) == 365
    assert _days(child(date(2024, 1, 1)), 2024) == 366
    assert _days(child(date(2025, 3, 1), 10), 2025) == 10
    assert _days(child(date(2025, 12, 30), 10), 2025) == 2
    assert _days(child(date(2024, 12, 30), 5), 2025) == 3  # two of the five were in the year before
    assert _days(child(date(2024, 12, 30), 2), 2025) == 0
    assert _days(child(date(2024, 12, 30), 1), 2025) == 0
    assert _days(child(date(2024, 12, 30)), 2025) == 365


def year(*shares: int, forecast: int | None = None, number: int = 2025, **more: Any) -> Instance:
    towns = tuple(
        Municipality(f"000{k}", f"Town {k}", "01", "Län", share, assigned_before=0)
        for k, share in enumerate(shares, 1)
    )
    children = more.pop("children", ())
    return Instance(
        name="x", title="X", year=number, municipalities=towns, children=children,
        forecast_asylum=forecast, synthetic=("everything",), **more,
    )  # fmt: skip


def test_state_compensation_by_hand() -> None:
    """[O] 2.5: 9.45 ‰ of 1,500 are 14.175, so 14 children; two assigned, 30 days."""
    got = _compensation(year(945, 99_055, forecast=1_500), 945, 100_000, 2, 30)
    assert got["compensation_fixed"] == 500_000
    assert got["compensation_variable"] == 14 * 9_450 == 132_300
    assert got["compensation_children"] == 104_000
    assert got["compensation_days"] == 30_000
    assert got["compensation"] == 500_000 + 132_300 + 104_000 + 30_000
    half = _compensation(year(250, 99_750, forecast=200), 250, 100_000, 0, 0)
    assert half["compensation_variable"] == 9_450  # exactly one half is rounded up
    unknown = _compensation(year(945, 99_055), 945, 100_000, 0, 0)
    assert unknown["compensation_variable"] is None
    assert unknown["compensation"] == 500_000
    for number, daily in ((2022, 1_350), (2023, 1_350), (2024, 1_000)):
        assert _compensation(year(100_000, number=number), 1, 1, 0, 1)["compensation_days"] == daily


def claim(status: str, value: Any, bound: Any) -> LevelClaim:
    return LevelClaim("l", value, bound, status)


@pytest.mark.parametrize(
    ("mode", "of_municipalities"), [("vacancy", ["a"]), ("sequential", ["a"]), ("joint", [])]
)
def test_levels_that_something_is_claimed_of(mode: Mode, of_municipalities: list[str]) -> None:
    """A joint placement names the levels of municipalities among its own."""

    def named(*levels: str) -> tuple[LevelClaim, ...]:
        return tuple(replace(claim("optimal", Fraction(0), Fraction(0)), level=x) for x in levels)

    assert Solution(IN_FORCE, (), (), objective=named("a")).levels == named("a")
    homes = PlacementClaims(IN_FORCE, mode, (), named("h", "i"), "optimal")
    made = Solution(IN_FORCE, (), (), objective=named("a"), placement=homes)
    assert made.levels == named(*of_municipalities, "h", "i")
    national = NationalClaims(named("n"), "optimal", ())
    trades = TradeClaims(named("t"), optimum=national)
    assert replace(made, trades=trades).levels == named("t", "n", *of_municipalities, "h", "i")


def test_who_is_of_which_group() -> None:
    """A wish says more than a transfer: 2 wishes less though it also receives, 4 only receives."""
    wishes = (Wish("0001", "less", 10), Wish("0002", "less", 10), Wish("0003", "more", 10))
    moved = (Transfer("0001", "0002", 1), Transfer("0005", "0004", 1), Transfer("0003", "0004", 1))
    given = year(*[10_000] * 5, 50_000, wishes=wishes, transfers=moved)
    groups = {"givers": "125", "receivers": "34", "keepers": "6"}
    for group, codes in groups.items():
        assert members_of(given, group) == {f"000{code}" for code in codes}
    more = (*moved, Transfer("0002", "0003", 5))
    assert part_granted(given, more, "givers") == Fraction(1 + 5, 20)
    assert part_granted(given, more, "receivers") == Fraction(5, 10)
    assert part_granted(given, more, "keepers") is None


def test_the_gap_of_the_first_level_that_is_not_proven() -> None:
    proven = claim("optimal", Fraction(7), Fraction(7))
    assert _gap([]) is None
    assert _gap([proven, proven]) == 0.0
    assert _gap([proven, claim("feasible", Fraction(4), Fraction(3))]) == 0.25
    assert _gap([claim("feasible", Fraction(-4), Fraction(-5)), proven]) == 0.25
    assert (
        _gap([claim("feasible", Fraction(1), HALF), claim("feasible", Fraction(1), Fraction(0))]) == 0.5
    )
    assert _gap([claim("feasible", Fraction(4), None)]) is None
    assert _gap([claim("feasible", Fraction(0), Fraction(0))]) is None
    assert _gap([claim("feasible", (Fraction(1),), (Fraction(1),))]) is None


def test_what_is_said_is_compared_however_deep() -> None:
    def wrong(said: object, right: object) -> list[str]:
        return sorted(v.rule for v in same("x", said, right))

    assert wrong({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}) == []
    assert wrong({"a": 1}, {"a": 1, "b": 2}) == ["keys"]
    assert wrong({"a": 1, "b": 2}, {"a": 1}) == ["keys"]
    assert wrong({"a": [1, 2]}, {"a": [1, 3]}) == ["figures"]
    assert wrong([1], [1, 2]) == ["figures"]
    assert wrong([1, 2], "12") == ["figures"]
    assert wrong(True, 1) == ["figures"]
    assert wrong(1, True) == ["figures"]
    assert wrong(3, lambda x: x > 2) == []
    assert wrong(2, lambda x: x > 2) == ["figures"]


def test_what_is_only_told_must_look_like_it() -> None:
    def told(key: str, *said: object) -> list[bool]:
        return [TOLD[key](one) for one in said]

    assert told("seed", 0, 5, -1, "0") == [True, True, False, False]
    assert told("seconds", 0, 0.5, -0.5, "1") == [True, True, False, False]
    assert told("backend", "highs", "", None) == [True, False, False]
    assert told("backend_version", "", "1.0", None) == [True, True, False]
    assert told("fordela_version", "1.0", "", 1) == [True, False, False]


PLACES = {"municipality": "0001", "places": 1, "children": 2, "min_age": 10, "max_age": 12}
RELAXED = {
    "agreements": [{"responsible_code": "0001", "placing_code": "0002"}],
    "left": 1,
    "places": [PLACES],
    "proof": "engine",
    "proven": True,
    "size": 2,
}


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({}, True),
        ({"left": 0}, True),
        ({"left": 3}, True),
        ({"left": 4}, False),  # more than have no home
        ({"left": -1}, False),
        ({"size": 1}, False),
        ({"size": 3}, False),
        ({"proven": 1}, False),
        ({"more": 1}, False),
        ({"agreements": [], "size": 1}, True),
        ({"places": [], "size": 1}, True),
        ({"agreements": [{"responsible_code": "0001", "placing_code": "0001"}]}, False),
        ({"agreements": [{"responsible_code": "0001", "placing_code": "9999"}]}, False),
        ({"agreements": [*RELAXED["agreements"], *RELAXED["agreements"]], "size": 3}, False),  # type: ignore[misc]
        ({"agreements": [RELAXED["agreements"][0] | {"more": 1}], "size": 1}, False),  # type: ignore[index]
        ({"places": [PLACES | {"places": 2}], "size": 3}, True),  # as many places as children
        ({"places": [PLACES | {"places": 3}], "size": 4}, False),
        ({"places": [PLACES | {"places": 0}], "size": 1}, False),
        ({"places": [PLACES | {"municipality": "9999"}]}, False),
        ({"places": [PLACES | {"more": 1}]}, False),
        ({"places": [PLACES | {"min_age": 12}]}, True),
        ({"places": [PLACES | {"min_age": 13}]}, False),
        ({"places": [PLACES | {"min_age": None}]}, False),
        ({"places": [PLACES | {"max_age": None}]}, False),
        ({"places": [PLACES | {"min_age": None, "max_age": None}]}, True),
    ],
)
def test_a_relaxation_hangs_together(change: dict[str, Any], right: bool) -> None:
    """Three children have no home."""
    assert _is_relaxation(year(50_000, 50_000), RELAXED | change, 3) is right


@pytest.mark.parametrize(
    ("places", "agreements", "right"),
    [
        ({}, {}, True),
        ({"left": 1}, {}, False),  # new places are enough for all
        ({"proven": False, "proof": None, "left": 1}, {"proven": False, "proof": None}, False),
        ({}, {"left": 1}, False),  # not the fewest for all where some are left
        ({}, {"left": 1, "proven": False, "proof": None}, True),
        # How many are needed follows from the parts of the country that need places.
        ({"proven": False, "proof": None}, {}, False),
        ({"proven": False, "proof": None}, {"proven": False, "proof": None}, True),
        ({"proof": None}, {}, False),
        ({}, {"proven": False}, False),
    ],
)
def test_relaxations_agree(places: dict[str, Any], agreements: dict[str, Any], right: bool) -> None:
    """Three children have no home; that no smaller change will do is the engine's word, and said so."""
    more = RELAXED | {"agreements": [], "size": 1, "left": 0} | places
    deals = RELAXED | {"places": [], "size": 1, "left": 0} | agreements
    assert (
        all(_is_relaxation(year(50_000, 50_000), entry, 3) for entry in (more, deals))
        and _agree([more, deals])
    ) is right


def test_children_of_a_bearer_are_credited_to_the_owners_of_what_it_holds() -> None:
    # It kept 10 and received 20 and 30 of 60 units: of four children 2/3, 4/3 and 2 are asked.
    books = Holdings([10, 20, 30], [10, 0, 0], [[(1, 20), (2, 30)], [], []], [[], [], []])
    assert unwind(books, 0, 4) == {0: 1, 1: 1, 2: 2}
    assert unwind(books, 0, 0) == {0: 0, 1: 0, 2: 0}
    assert books.effective == [60, 0, 0]
    # Where the fractions are equal its own comes first, then the order of the lots.
    even = Holdings([10, 10, 10], [10, 0, 0], [[(1, 10), (2, 10)], [], []], [[], [], []])
    assert unwind(even, 0, 1) == {0: 1, 1: 0, 2: 0}
    assert unwind(even, 0, 2) == {0: 1, 1: 1, 2: 0}
    gave = Holdings([10, 10, 10], [0, 0, 0], [[(1, 10), (2, 10)], [], []], [[], [], []])
    assert unwind(gave, 0, 1) == {1: 1, 2: 0}


def test_what_a_change_does_to_every_level() -> None:
    """Two municipalities of one size: four children at the first, and one of them goes to the second.

    Targets are 2 each, so deviations fall from 2 and 2 to 1 and 1; the first has room for two.
    """
    counted = four_children((4, 0), capacity=2)
    levels = ("over-capacity", "deviation:l2", "deviation:max-fulfilment", "deviation:linf", "moves")
    one = Alike(1, stay=0)
    found = Towns(counted, levels).effect([(one, (0, 0), -1), (one, (1, 1), 1)])
    assert {key: amount for key, amount in found.items() if amount} == {
        (0, 0): -1,
        (1, 0): -6,  # from 4 + 4 to 1 + 1
        (2, -2): -1,  # parts 4/2 and 0/2 become 3/2 and 1/2
        (2, Fraction(-3, 2)): 1,
        (2, -HALF): 1,
        (2, 0): -1,
        (4, 0): 1,  # the rule had it at the first
    }
    last = Towns(counted, ("deviation:linf",)).effect([(Alike(1), (0, 0), -1), (Alike(1), (1, 1), 1)])
    assert last == {(0, 0): 0, (0, 1): -2}  # none is further off than 2; two fewer are as far
    assert is_better(found)
    assert not is_better(found, found)
    assert not is_better({(0, 0): 0, (1, 0): 1, (1, 1): -1})


def four_children(counts: tuple[int, int], capacity: int | None = None) -> Counted:
    children = tuple(Child(f"c{k}", f"c{k}", date(2025, 1, k + 1)) for k in range(4))
    given = year(50_000, 50_000, children=children)
    first, second = given.municipalities
    given = given.with_changes(municipalities=(replace(first, capacity=capacity), second))
    codes = ["0001"] * counts[0] + ["0002"] * counts[1]
    rows = [
        Assignment(c.child, c.case, code, code, "equalising", k)
        for k, (c, code) in enumerate(zip(children, codes, strict=True), 1)
    ]
    policy = IN_FORCE.with_changes(name="o", rule="optimal")
    return Counted(given, policy, (), rows, {c.case: "0001" for c in children})


@pytest.mark.parametrize("norm", ["l1", "l2", "linf", "chi2", "min-fulfilment", "max-fulfilment"])
@pytest.mark.parametrize(("counts", "better"), [((2, 2), False), ((3, 1), True), ((1, 3), True)])
def test_one_move_makes_an_even_year_even(norm: str, counts: tuple[int, int], better: bool) -> None:
    """Two municipalities of one size, four children: two each is best by every norm."""
    levels = ("siblings-split", f"deviation:{norm}")
    assert any(better_places(four_children(counts), levels)) is better
