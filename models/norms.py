"""The norms of deviation (model, section 4): exact, lower is better.

``min-fulfilment`` and ``max-fulfilment`` are vectors: all fulfilments rising (lexicographically
largest is best) or falling (lexicographically smallest is best).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm

from fordela.models.policy import LEXIMIN_NORMS
from fordela.models.units import exact_sum, in_order

Vector = tuple[Fraction, ...]
Value = Fraction | Vector


def _deviations(credited: Sequence[int], targets: Sequence[Fraction]) -> tuple[list[int], int]:
    """Deviations in whole parts of a child, and how many parts a child has."""
    parts = lcm(*{t.denominator for t in targets})
    return [
        c * parts - t.numerator * (parts // t.denominator)
        for c, t in zip(credited, targets, strict=True)
    ], parts


def l1(credited: Sequence[int], targets: Sequence[Fraction]) -> Fraction:
    """Sum of absolute deviations, in children."""
    deviations, parts = _deviations(credited, targets)
    return Fraction(sum(map(abs, deviations)), parts)


def l2(credited: Sequence[int], targets: Sequence[Fraction]) -> Fraction:
    """Sum of squared deviations."""
    deviations, parts = _deviations(credited, targets)
    return Fraction(sum(d * d for d in deviations), parts * parts)


def linf(credited: Sequence[int], targets: Sequence[Fraction]) -> Fraction:
    """Largest absolute deviation, in children."""
    deviations, parts = _deviations(credited, targets)
    return Fraction(max(map(abs, deviations), default=0), parts)


def chi2(credited: Sequence[int], targets: Sequence[Fraction]) -> Fraction:
    """Sum of squared deviations, each over its target; municipalities without share are left out."""
    deviations, parts = _deviations(credited, targets)
    squares = exact_sum(
        Fraction(d * d * t.denominator, t.numerator)
        for d, t in zip(deviations, targets, strict=True)
        if t > 0
    )
    return squares / (parts * parts)


def fulfilments(credited: Sequence[int], targets: Sequence[Fraction]) -> list[Fraction | None]:
    """Credited children over target; None where the target is 0."""
    return [
        Fraction(c * t.denominator, t.numerator) if t > 0 else None
        for c, t in zip(credited, targets, strict=True)
    ]


def _defined(credited: Sequence[int], targets: Sequence[Fraction]) -> list[Fraction]:
    return [f for f in fulfilments(credited, targets) if f is not None]


def min_fulfilment(credited: Sequence[int], targets: Sequence[Fraction]) -> Vector:
    """All fulfilments, rising."""
    return tuple(in_order(_defined(credited, targets)))


def max_fulfilment(credited: Sequence[int], targets: Sequence[Fraction]) -> Vector:
    """All fulfilments, falling."""
    return tuple(in_order(_defined(credited, targets), falling=True))


_NORMS: dict[str, Callable[[Sequence[int], Sequence[Fraction]], Value]] = {
    "l1": l1,
    "l2": l2,
    "linf": linf,
    "chi2": chi2,
    "min-fulfilment": min_fulfilment,
    "max-fulfilment": max_fulfilment,
}


def norm_value(norm: str, credited: Sequence[int], targets: Sequence[Fraction]) -> Value:
    """Evaluate a norm exactly; every norm is 0 when nothing was ever assigned."""
    if not any(targets):
        return (Fraction(0),) if norm in LEXIMIN_NORMS else Fraction(0)
    return _NORMS[norm](credited, targets)


def is_better(level: str, left: Value, right: Value) -> bool:
    """Whether ``left`` is strictly better than ``right`` at a level of the stack."""
    if level.endswith("min-fulfilment"):
        return left > right  # type: ignore[operator]
    return left < right  # type: ignore[operator]


def first_component(value: Value) -> Fraction:
    """The value itself, or the first entry of a vector (0 for an empty one)."""
    if isinstance(value, tuple):
        return value[0] if value else Fraction(0)
    return value


def shortfall(norm: str, value: Value, optimum: Value) -> Fraction:
    """How far a value is from the optimum, in the norm's unit and 0 or more if it is worse.

    Vectors are compared on their first component (model, section 10).
    """
    difference = first_component(value) - first_component(optimum)
    return -difference if norm == "min-fulfilment" else difference
