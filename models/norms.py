"""The norms of deviation (model, section 4): exact, lower is better.

``min-fulfilment`` and ``max-fulfilment`` are vectors: all fulfilments rising (lexicographically
largest is best) or falling (lexicographically smallest is best).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from fordela.models.policy import LEXIMIN_NORMS
from fordela.models.units import exact_sum, in_order

Vector = tuple[Fraction, ...]
Value = Fraction | Vector


def _deviations(credited: Sequence[int], targets: Sequence[Fraction]) -> list[Fraction]:
    return [c - t for c, t in zip(credited, targets, strict=True)]


def l1(credited: Sequence[int], targets: Sequence[Fraction]) -> Fraction:
    """Sum of absolute deviations, in children."""
    return exact_sum(abs(d) for d in _deviations(credited, targets))


def l2(credited: Sequence[int], targets: Sequence[Fraction]) -> Fraction:
    """Sum of squared deviations."""
    return exact_sum(d * d for d in _deviations(credited, targets))


def linf(credited: Sequence[int], targets: Sequence[Fraction]) -> Fraction:
    """Largest absolute deviation, in children."""
    return max((abs(d) for d in _deviations(credited, targets)), default=Fraction(0))


def chi2(credited: Sequence[int], targets: Sequence[Fraction]) -> Fraction:
    """Sum of squared deviations, each over its target; municipalities without share are left out."""
    return exact_sum((c - t) ** 2 / t for c, t in zip(credited, targets, strict=True) if t > 0)


def fulfilments(credited: Sequence[int], targets: Sequence[Fraction]) -> list[Fraction | None]:
    """Credited children over target; None where the target is 0."""
    return [c / t if t > 0 else None for c, t in zip(credited, targets, strict=True)]


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
    if not sum(targets):
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
