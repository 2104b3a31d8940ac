"""What a floating-point bound is worth: rounded down to fractions, and to whole numbers where due."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from fordela.models.program import Linear
from fordela.solver.backends.base import Answer

#: Digits of a floating-point bound that are kept; it is rounded down to them.
_BOUND_DIGITS = 12


def magnified(objective: Linear, limit: Fraction) -> tuple[Linear, None, Fraction]:
    """Scale ``objective ≤ limit`` up, so that feasibility tolerances of floats mean little."""
    largest = max((abs(Fraction(c)) for c in objective.terms.values()), default=Fraction(1))
    factor = Fraction(2) ** max(0, (10_000 / (largest or Fraction(1))).__floor__().bit_length())
    return Linear.of((factor, objective)), None, factor * limit


def lower_bound(bound: float | None) -> Fraction | None:
    """Round a floating-point bound down to a fraction of few digits."""
    if bound is None:
        return None
    scale = 10**_BOUND_DIGITS
    return Fraction(floor(Fraction(bound) * scale), scale)


def rounding(bound: Fraction | None) -> float:
    """How much a floating-point bound can have lost by being printed and rounded down."""
    return 2 * 10.0**-_BOUND_DIGITS * (1 + abs(float(bound or 0)))


def best_bound(answer: Answer, value: Fraction, *, whole: bool) -> Fraction | None:
    """Bound of a level; one whose values are whole is rounded up to the next whole number."""
    bound = lower_bound(answer.bound)
    if bound is None:
        return None
    if whole:
        slack = Fraction(min(max(answer.tolerance, 1e-6), 0.5))
        return min(value, Fraction(-((-(bound - slack)) // 1)))
    return min(value, bound)
