"""Norms, levels, compensation and units against values computed by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from fordela.models.certificate import SUM_NORMS, cheapest, dual_bound
from fordela.models.compensation import PER_FORECAST_CHILD, forecast_children
from fordela.models.geo import kilometres
from fordela.models.instance import Municipality
from fordela.models.norms import (
    NormError,
    OwnNorm,
    first_component,
    is_better,
    norm_value,
    precedes,
    shortfall,
)
from fordela.models.policy import NORMS
from fordela.models.units import decimal_text, in_order, per_mille_text, units_from_per_mille
from fordela.solver.comparison import _gini, _herfindahl
from hypothesis import given
from hypothesis import strategies as st

CREDITED = (3, 1, 0)
TARGETS = (Fraction(2), Fraction(3, 2), Fraction(1, 2))


def test_norms_by_hand() -> None:
    assert norm_value("l1", CREDITED, TARGETS) == 2  # 1 + 1/2 + 1/2
    assert norm_value("l2", CREDITED, TARGETS) == Fraction(3, 2)
    assert norm_value("linf", CREDITED, TARGETS) == 1
    assert norm_value("chi2", CREDITED, TARGETS) == Fraction(1, 2) + Fraction(1, 6) + Fraction(1, 2)
    rising = (Fraction(0), Fraction(2, 3), Fraction(3, 2))
    assert norm_value("min-fulfilment", CREDITED, TARGETS) == rising
    assert norm_value("max-fulfilment", CREDITED, TARGETS) == rising[::-1]


def test_without_share_chi2_and_fulfilment_leave_it_out() -> None:
    credited, goal = (2, 5), (Fraction(7), Fraction(0))
    assert norm_value("chi2", credited, goal) == Fraction(25, 7)
    assert norm_value("min-fulfilment", credited, goal) == (Fraction(2, 7),)
    assert norm_value("l1", credited, goal) == 10


@pytest.mark.parametrize("norm", NORMS)
def test_nothing_assigned_is_zero(norm: str) -> None:
    value = norm_value(norm, (0, 0), (Fraction(0), Fraction(0)))
    assert value in (Fraction(0), (Fraction(0),))


def test_vectors_are_compared_in_their_own_direction() -> None:
    low, high = (Fraction(1), Fraction(2)), (Fraction(1), Fraction(3))
    assert is_better("deviation:min-fulfilment", high, low)
    assert is_better("deviation:max-fulfilment", low, high)


def test_what_is_equal_is_not_better() -> None:
    one, two = Fraction(1), Fraction(2)
    assert not is_better("deviation:l1", one, one)
    assert is_better("deviation:l1", one, two)
    assert not is_better("deviation:min-fulfilment", (one, two), (one, two))
    levels = ("unplaced", "deviation:l1")
    assert not precedes(levels, (one, two), (one, two))
    assert precedes(levels, (one, two), (two, one))  # the first level that differs decides
    assert not precedes(levels, (two, one), (one, two))
    assert precedes(levels, (one, one), (one, two))


def test_how_far_a_value_is_from_the_optimum() -> None:
    assert shortfall("l1", Fraction(5), Fraction(3)) == 2
    # Vectors by their first entry: the least fulfilment should be high, the largest one low.
    assert shortfall("min-fulfilment", (Fraction(1, 4), Fraction(9)), (Fraction(1, 2),)) == Fraction(
        1, 4
    )
    assert shortfall("max-fulfilment", (Fraction(3),), (Fraction(2), Fraction(1))) == 1
    assert first_component(()) == 0


def test_what_a_norm_of_ones_own_may_return() -> None:
    def norm(answer: object) -> OwnNorm:
        return OwnNorm("x", lambda counts, targets: answer)

    assert norm(3).value((1,), (Fraction(1),)) == 3
    assert norm(Fraction(1, 3)).value((1,), (Fraction(1),)) == Fraction(1, 3)
    assert norm(3).is_norm
    assert not norm(3).is_separable
    for wrong in (True, 0.5, "1", None):
        with pytest.raises(NormError, match="must be a whole number or"):
            norm(wrong).value((1,), (Fraction(1),))
    assert not OwnNorm("x", object()).is_norm

    class Squares:
        def cost(self, count: int, target: Fraction) -> Fraction:
            return (count - target) ** 2 + 1

    # (2 - 1)² + 1 and (0 - 1)² + 1; the third has neither a target nor children and counts nothing.
    by_parts = OwnNorm("x", Squares())
    assert by_parts.is_separable
    assert by_parts.is_norm
    assert by_parts.value((2, 0, 0), (Fraction(1), Fraction(1), Fraction(0))) == 4
    assert by_parts.value((0, 1), (Fraction(1), Fraction(0))) == 2 + 2


def test_compensation_of_the_worked_example() -> None:
    """[O] 2.5: forecast 1,500 and 9.45 ‰ are 14 children and 132,300 SEK."""
    assert forecast_children(945, 1500) == 14
    assert forecast_children(945, 1500) * PER_FORECAST_CHILD == 132_300
    assert forecast_children(250, 200) == 1  # exactly one half rounds up
    assert forecast_children(249, 200) == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 40), st.integers(0, 4)), min_size=1, max_size=4
    ),
    st.fractions(min_value=-3, max_value=3, max_denominator=20),
    st.sampled_from(SUM_NORMS),
)
def test_a_dual_bound_never_exceeds_the_least_value(
    rows: list[tuple[int, int, int]], price: Fraction, norm: str
) -> None:
    """Weak duality, against enumeration."""
    fixed, goal = [r[0] for r in rows], [Fraction(r[1], 7) for r in rows]
    limits = [r[2] for r in rows]
    children = sum(limits) // 2
    least = None

    def place(k: int, left: int, counts: list[int]) -> None:
        nonlocal least
        if k == len(rows):
            if left == 0:
                value = norm_value(norm, counts, goal)
                least = value if least is None or value < least else least
            return
        for e in range(min(limits[k], left) + 1):
            place(k + 1, left - e, [*counts, fixed[k] + e])

    place(0, children, [])
    assert least is not None
    assert dual_bound(norm, fixed, goal, limits, children, price) <= least  # type: ignore[operator]


def test_dual_bounds_by_hand() -> None:
    """One municipality with target 11/4: the nearest whole number is 3, 1/4 away."""
    goal = [Fraction(11, 4)]
    for norm, least in (("l1", Fraction(1, 4)), ("l2", Fraction(1, 16)), ("chi2", Fraction(1, 44))):
        assert dual_bound(norm, [0], goal, [5], 3, Fraction(0)) == least
        assert cheapest(norm, 0, goal[0], 5) == 3
        assert cheapest(norm, 1, goal[0], 5) == 2
        assert cheapest(norm, 0, goal[0], 2) == 2  # no more than the limit
        assert cheapest(norm, 4, goal[0], 5) == 0
    # A price of 1 a child: 3 children cost 1/16 − 3, four 25/16 − 4, so three are cheapest.
    assert dual_bound("l2", [0], goal, [5], 3, Fraction(1)) == Fraction(1, 16)
    assert dual_bound("l2", [0], goal, [5], 4, Fraction(1)) == 4 + Fraction(1, 16) - 3
    # A price of 3: turning at 11/4 + 3/2, so four: 25/16 − 12.
    assert dual_bound("l2", [0], goal, [5], 4, Fraction(3)) == Fraction(25, 16)
    assert dual_bound("chi2", [0], goal, [5], 4, Fraction(12, 11)) == Fraction(25, 44)  # turns at 17/4
    assert dual_bound("l1", [0], goal, [5], 5, Fraction(2)) == Fraction(9, 4)  # dearer than any step


def test_fractions_are_sorted_exactly() -> None:
    every = [Fraction(n, d) for d in range(1, 16) for n in range(-d, 2 * d)]
    assert in_order(every[::-1]) == sorted(every)
    assert in_order(every, falling=True) == sorted(every, reverse=True)
    assert in_order([]) == []


def test_gini_and_herfindahl_by_hand() -> None:
    # φ = 0, 1/2, 1: differences sum to 2 (1/2 + 1/2 + 1) = 4; 4 / (2 · 9 · 1/2) = 4/9.
    assert _gini([Fraction(0), Fraction(1, 2), Fraction(1)]) == Fraction(4, 9)
    assert _gini([]) is None
    assert _herfindahl([3, 1, 0]) == Fraction(10, 16)
    assert _herfindahl([0]) is None


def test_distance_stockholm_gothenburg() -> None:
    def at(lat: str, lon: str) -> Municipality:
        return Municipality("1", "x", "1", "y", 1, latitude=Decimal(lat), longitude=Decimal(lon))

    # A quarter of the equator at R = 6371 km is 6371 π / 2 = 10007.5 km.
    assert kilometres(at("0", "0"), at("0", "90")) == 10008
    assert kilometres(at("59.33", "18.07"), at("57.71", "11.97")) == 397


def test_units_and_decimals() -> None:
    assert units_from_per_mille("9.45") == 945
    assert per_mille_text(5) == "0.05"
    with pytest.raises(ValueError, match="two decimals"):
        units_from_per_mille("9.451")
    assert decimal_text(Fraction(1, 8), 2) == "0.13"
    assert decimal_text(Fraction(-1, 8), 2) == "-0.13"
    assert decimal_text(Fraction(-1, 1000), 2) == "0.00"
    assert decimal_text(Fraction(5, 2), 0) == "3"
