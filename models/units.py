"""Exact numbers: shares as whole hundredths of a per mille, everything else as fractions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

#: Units in one per mille; 1 unit = 0.01 ‰ (model, section 1).
UNITS_PER_MILLE = 100
_LARGEST = 10**9
#: Units in the whole, 1000 ‰.
WHOLE = 1000 * UNITS_PER_MILLE


def units_from_per_mille(value: Decimal | int | str) -> int:
    """Turn a share in per mille into whole units.

    Raises
    ------
    ValueError
        If the share has more than two decimals or is not a finite number.
    """
    number = Decimal(value)
    if not number.is_finite() or abs(number) > _LARGEST:
        raise ValueError("not a number of a share's size")
    scaled = number * UNITS_PER_MILLE
    if scaled != scaled.to_integral_value():
        raise ValueError("more than two decimals")
    return int(scaled)


def per_mille_text(units: int) -> str:
    """Write whole units as per mille with two decimals: 945 becomes ``"9.45"``."""
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(units), UNITS_PER_MILLE)
    return f"{sign}{whole}.{part:02d}"


def decimal_text(value: Fraction | int, places: int) -> str:
    """Round a fraction half up, away from zero, to a fixed number of decimals."""
    exact = Fraction(value)
    scaled = abs(exact) * 10**places
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    digits = f"{rounded:0{places + 1}d}"
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if rounded * exact < 0 else text


def exact_sum(terms: Iterable[Fraction]) -> Fraction:
    """Sum fractions over their common denominator: much faster than one after the other."""
    listed = list(terms)
    common = lcm(*{t.denominator for t in listed})
    parts = {d: common // d for d in {t.denominator for t in listed}}
    return Fraction(sum(t.numerator * parts[t.denominator] for t in listed), common)


def in_order(values: Sequence[Fraction], *, falling: bool = False) -> list[Fraction]:
    """Sort fractions exactly, by whole numbers that keep their order.

    Fractions with denominators up to ``D`` differ by at least ``1 / D²``, so their floors in that unit
    keep the order.
    """
    if not values:
        return []
    largest = max(v.denominator for v in values)
    units = largest * largest
    return sorted(values, key=lambda v: v.numerator * units // v.denominator, reverse=falling)


def round_half_up(value: Fraction) -> int:
    """Round to the nearest whole number, halves up ([O] 2.5)."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
