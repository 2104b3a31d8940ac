"""What a floating-point bound is worth: rounded down to fractions, and to whole numbers where due."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from fordela.models.errors import InconsistencyError
from fordela.models.program import Linear
from fordela.solver.backends.base import Answer

#: Digits of a floating-point bound that are kept; it is rounded down to them.
_BOUND_DIGITS = 12
#: Largest tolerance of what is called a proof, relative to one more than the value.
LARGEST_TOLERANCE = 1e-6


def magnified(objective: Linear, limit: Fraction) -> tuple[Linear, None, Fraction]:
    """Scale ``objective ≤ limit`` up, so that feasibility tolerances of floats mean little."""
    largest = max((abs(Fraction(c)) for c in objective.terms.values()), default=Fraction(1))
    factor = Fraction(2) ** max(0, (10_000 / (largest or Fraction(1))).__floor__().bit_length())
    return Linear.of((factor, objective)), None, factor * limit


def no_progress(what: str) -> InconsistencyError:
    """Return the error of a search that would go on for ever: an engine contradicts itself."""
    return InconsistencyError(f"{what}: the search makes no progress; please report this")


def lower_bound(bound: float | None) -> Fraction | None:
    """Round a floating-point bound down to a fraction of few digits."""
    if bound is None:
        return None
    scale = 10**_BOUND_DIGITS
    return Fraction(floor(Fraction(bound) * scale), scale)


def rounding(bound: Fraction | None) -> float:
    """How much a floating-point bound can have lost by being printed and rounded down."""
    return 2 * 10.0**-_BOUND_DIGITS * (1 + abs(float(bound or 0)))


def best_bound(answer: Answer, value: Fraction, step: Fraction) -> Fraction | None:
    """Bound of a level whose values are multiples of a step, rounded up to the next one.

    Where the step is finer than what a floating-point bound can be wrong, the bound stays as it is.
    """
    bound = lower_bound(answer.bound)
    if bound is None:
        return None
    slack = Fraction(max(answer.tolerance, 1e-6))
    if step > 2 * slack:
        bound = -((slack - bound) // step) * step
    return min(value, bound)


def is_settled(value: Fraction, bound: Fraction | None, tolerance: float) -> bool:
    """Whether a bound proves a value: to a tolerance that is small, and not more than that."""
    if bound is None or tolerance > LARGEST_TOLERANCE * (1 + abs(float(value))):
        return bound is not None and value == bound
    return value - bound <= Fraction(tolerance)
