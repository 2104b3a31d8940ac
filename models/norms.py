"""The norms of deviation (model, section 4): exact, lower is better.

``min-fulfilment`` and ``max-fulfilment`` are vectors: all fulfilments rising (lexicographically
largest is best) or falling (lexicographically smallest is best).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from math import lcm
from typing import Any

from fordela.models.errors import InputError, Problem
from fordela.models.extensions import NORMS as OWN_NORMS
from fordela.models.extensions import load
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


class NormError(InputError):
    """A norm of one's own raised, is not convex, or gave what is no exact number."""

    def __init__(self, norm: str, reason: str) -> None:
        self.norm, self.reason = norm, reason
        super().__init__([Problem(f"norm {norm}", reason)])

    def __reduce__(self) -> tuple[type[NormError], tuple[str, str]]:
        return type(self), (self.norm, self.reason)


class OwnNorm:
    """A norm of one's own: what it is worth, and its part of one municipality if it is separable.

    Written as an object (or a class without arguments) with ``cost(count, target)``, the part of one
    municipality, which must be convex in the count; or with ``value(counts, targets)``, or as a
    function of the same, which is reported but not optimised. Targets are fractions; a fraction or a
    whole number must come back.
    """

    def __init__(self, name: str, found: Any) -> None:
        self.name = name
        self._cost = getattr(found, "cost", None)
        self._value = getattr(found, "value", found if callable(found) else None)

    @property
    def is_separable(self) -> bool:
        """Whether it is a sum over municipalities, so that it can be optimised."""
        return callable(self._cost)

    @property
    def is_norm(self) -> bool:
        """Whether it has either method."""
        return callable(self._cost) or callable(self._value)

    def cost(self, count: int, target: Fraction) -> Fraction:
        """Part of one municipality."""
        return self._exact(self._cost, count, target)

    def value(self, credited: Sequence[int], targets: Sequence[Fraction]) -> Fraction:
        """Evaluate the norm; municipalities without a target and without children count nothing."""
        if self.is_separable:
            return exact_sum(self.cost(c, t) for c, t in zip(credited, targets, strict=True) if c or t)
        return self._exact(self._value, tuple(credited), tuple(targets))

    def _exact(self, function: Any, *arguments: Any) -> Fraction:
        try:
            answer = function(*arguments)
        except Exception as error:
            raise NormError(self.name, f"raised {type(error).__name__}: {error}") from error
        if isinstance(answer, bool) or not isinstance(answer, int | Fraction):
            message = f"returned {answer!r}; it must be a whole number or a fractions.Fraction"
            raise NormError(self.name, message)
        return Fraction(answer)


@cache
def load_norm(name: str) -> OwnNorm:
    """Import a norm of one's own.

    Raises
    ------
    InputError
        If there is none, it cannot be imported, or it is no norm.
    """
    column = "norm"
    found = load(name, OWN_NORMS, column)
    try:
        made = OwnNorm(name, found() if isinstance(found, type) else found)
    except Exception as error:
        message = f"cannot be made: {type(error).__name__}: {error}"
        raise InputError([Problem("policy", message, column=column, value=name)]) from error
    if not made.is_norm:
        message = "is no norm; it needs cost(count, target) or value(counts, targets)"
        raise InputError([Problem("policy", message, column=column, value=name)])
    return made


def is_optimised(norm: str) -> bool:
    """Whether the least value of a norm can be found: those of the model, and separable ones."""
    return norm in _NORMS or load_norm(norm).is_separable


def norm_value(norm: str, credited: Sequence[int], targets: Sequence[Fraction]) -> Value:
    """Evaluate a norm exactly; every norm is 0 when nothing was ever assigned."""
    if not any(targets):
        return (Fraction(0),) if norm in LEXIMIN_NORMS else Fraction(0)
    known = _NORMS.get(norm)
    return load_norm(norm).value(credited, targets) if known is None else known(credited, targets)


def is_better(level: str, left: Value, right: Value) -> bool:
    """Whether ``left`` is strictly better than ``right`` at a level of the stack."""
    if level.endswith("min-fulfilment"):
        return left > right  # type: ignore[operator]
    return left < right  # type: ignore[operator]


def precedes(levels: Sequence[str], left: Sequence[Value], right: Sequence[Value]) -> bool:
    """Whether values are strictly better in the order of the levels."""
    for level, a, b in zip(levels, left, right, strict=True):
        if a != b:
            return is_better(level, a, b)
    return False


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
