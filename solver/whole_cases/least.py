"""The least value of a norm when siblings stay together, where it can be proven without a solver."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from fordela.models.certificate import require_convex
from fordela.models.formulation.relaxation import least_deviation, relax, within_deviation
from fordela.models.norms import first_component, norm_value
from fordela.models.policy import LEXIMIN_NORMS, NORMS
from fordela.models.units import in_order
from fordela.solver.whole_cases.packing import Range, fits, pack
from fordela.solver.whole_cases.pool import Pool

#: Norms that are the figure of a single municipality (the first component of a vector).
_SINGLE = ("linf", *LEXIMIN_NORMS)
#: More values than this are not searched.
_MOST_VALUES = 20_000


def least(pool: Pool, norm: str) -> Fraction | None:
    """Return the proven least value of a norm (first component of a vector), or None."""
    if norm not in NORMS:
        require_convex(norm, pool.fixed, pool.goal, pool.limits)
    bound, ranges = _relaxed(pool, norm)
    if ranges is None:
        return None
    extra = pack(pool, ranges)
    if extra is not None:
        return _value(pool, norm, extra)
    if pool.complete and norm in _SINGLE and bound is not None:
        return _least_single(pool, norm, bound)
    return None


def _value(pool: Pool, norm: str, extra: Sequence[int]) -> Fraction:
    credited = [f + e for f, e in zip(pool.fixed, extra, strict=True)]
    return first_component(norm_value(norm, credited, pool.goal))


def _relaxed(pool: Pool, norm: str) -> tuple[Fraction | None, list[Range] | None]:
    """Return the bound of a single norm, and each municipality's range in optima that part siblings."""
    if norm == "linf":
        bound = least_deviation(pool.fixed, pool.shares, pool.total, pool.limits, pool.children)
        return bound, None if bound is None else _within(pool, norm, bound)
    relaxed = relax(norm, pool.fixed, pool.shares, pool.total, pool.limits, pool.children)
    if relaxed is None:
        return None, None
    if norm not in LEXIMIN_NORMS:
        return None, list(zip(relaxed.lowest, relaxed.highest, strict=True))
    bound = _value(pool, norm, relaxed.extra)
    return bound, _within(pool, norm, bound)


def _within(pool: Pool, norm: str, value: Fraction) -> list[Range]:
    """Children with which no municipality is worse than a value."""
    if norm == "linf":
        inside = within_deviation(value, pool.fixed, pool.goal, pool.limits)
        return list(zip(inside.lowest, inside.highest, strict=True))
    rising = norm == "min-fulfilment"
    ranges = []
    for goal, fixed, limit in zip(pool.goal, pool.fixed, pool.limits, strict=True):
        if not limit:
            ranges.append((0, 0))
        elif rising:
            ranges.append((max(0, ceil(value * goal) - fixed), limit))
        else:
            ranges.append((0, min(floor(value * goal) - fixed, limit)))
    return ranges


def _least_single(pool: Pool, norm: str, bound: Fraction) -> Fraction | None:
    """Search the values that some municipality can have, from the bound to a known solution."""
    start = _start(pool)
    if start is None:
        return None
    reached = _value(pool, norm, start)
    values = _between(pool, norm, bound, reached)
    if values is None:
        return None
    first, last = 0, len(values) - 1  # the last one is reached
    while first < last:
        middle = (first + last) // 2
        answer = fits(pool, _within(pool, norm, values[middle]))
        if answer is None:
            return None
        if answer:
            last = middle
        else:
            first = middle + 1
    return values[last]


def _start(pool: Pool) -> tuple[int, ...] | None:
    """Any good solution with whole cases."""
    for norm in ("chi2", "l2"):
        _, ranges = _relaxed(pool, norm)
        extra = None if ranges is None else pack(pool, ranges)
        if extra is not None:
            return extra
    return pack(pool, [(0, limit) for limit in pool.limits])


def _between(pool: Pool, norm: str, bound: Fraction, reached: Fraction) -> list[Fraction] | None:
    """Values from the best thinkable one to one that is reached, best first."""
    low, high = min(bound, reached), max(bound, reached)
    found = {reached}
    for goal, fixed, limit in zip(pool.goal, pool.fixed, pool.limits, strict=True):
        if not goal:
            continue
        spans = [(low * goal, high * goal)]
        if norm == "linf":
            spans = [(goal + low, goal + high), (goal - high, goal - low)]
        for begin, end in spans:
            counts = range(max(fixed, ceil(begin)), min(fixed + limit, floor(end)) + 1)
            if len(found) + len(counts) > _MOST_VALUES:
                return None
            found |= {abs(c - goal) if norm == "linf" else c / goal for c in counts}
    return in_order([v for v in found if low <= v <= high], falling=norm == "min-fulfilment")
