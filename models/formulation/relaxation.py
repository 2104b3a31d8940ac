"""Deviation when siblings could be parted: solved exactly by giving child after child.

Every norm is a separable convex function of the counts (a vector norm is one in an ordered group:
the lowest fulfilment outweighs all others), so the next child always goes where it costs least.
What comes out bounds the real problem, and the price of the last child proves it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heapreplace
from math import ceil, floor, inf

from fordela.models.certificate import cost
from fordela.models.policy import LEXIMIN_NORMS

#: Numbers that are ordered like the costs of steps.
Key = tuple[Fraction | int, ...]


@dataclass(frozen=True, slots=True)
class Relaxed:
    """Optimum when siblings may be parted.

    Attributes
    ----------
    extra
        Children given to each municipality.
    lowest, highest
        Range of ``extra`` over all optima that differ only in exact ties.
    price
        Cost of the last child, ``λ`` (0 for the vector norms).
    """

    extra: tuple[int, ...]
    lowest: tuple[int, ...]
    highest: tuple[int, ...]
    price: Fraction


def marginal(norm: str, count: int, target: Fraction) -> Fraction:
    """Cost of one child more than ``count``, in the unit of the norm."""
    if norm == "l1":
        return abs(count + 1 - target) - abs(count - target)
    if norm == "l2":
        return 2 * count + 1 - 2 * target
    if norm == "chi2":
        return (2 * count + 1) / target - 2
    return cost(norm, count + 1, target) - cost(norm, count, target)


def _step_key(norm: str, share: int, units: int, total: int) -> Callable[[int], Key]:
    """Whole-number key of the step ``count → count + 1``, ordered like its cost."""
    goal = share * total  # U times the target
    parts = units * units  # fractions over two shares differ by one of so many parts or more
    if norm == "l1":
        return lambda c: (abs(units * (c + 1) - goal) - abs(units * c - goal),)
    if norm == "l2":
        return lambda c: (units * (2 * c + 1) - 2 * goal,)
    if norm == "chi2":
        return lambda c: ((2 * c + 1) * parts // share,)
    if norm == "min-fulfilment":
        return lambda c: (c * parts // share, -((c + 1) * parts // share))
    if norm != "max-fulfilment":  # one's own
        target = Fraction(goal, units)
        return lambda c: (marginal(norm, c, target),)
    return lambda c: ((c + 1) * parts // share, -(c * parts // share))


def relax(
    norm: str,
    fixed: Sequence[int],
    shares: Sequence[int],
    total: int,
    limits: Sequence[int],
    children: int,
) -> Relaxed | None:
    """Give children one by one where they cost least.

    Parameters
    ----------
    norm
        Any norm but ``linf``.
    fixed
        Credited children before any choice.
    shares
        Units; municipalities without share take part only if their limit is above 0 (chi2 and the
        vector norms leave them out, so there the limit must be 0).
    total
        All assignments so far, ``T``.
    limits
        Most children that each can be given.
    children
        Children to give.

    Returns
    -------
    Relaxed or None
        None if the limits are too small.
    """
    if sum(limits) < children:
        return None
    units = sum(shares)
    keys = [
        _step_key(norm, a, units, total) if u else None for a, u in zip(shares, limits, strict=True)
    ]
    extra = [0] * len(fixed)
    heap: list[tuple[Key, int]] = [
        (key(b), i) for i, (key, b) in enumerate(zip(keys, fixed, strict=True)) if key is not None
    ]
    heapify(heap)
    last: tuple[Key, int, int] | None = None
    for _ in range(children):
        step, i = heap[0]
        last = (step, i, extra[i])
        extra[i] += 1
        key = keys[i]
        full = extra[i] >= limits[i] or key is None
        heapreplace(heap, ((_NEVER,) if full else key(fixed[i] + extra[i]), i))  # type: ignore[misc]
    if last is None:
        return Relaxed(tuple(extra), tuple(extra), tuple(extra), Fraction(0))
    threshold, member, count = last
    price = Fraction(0)
    if norm not in LEXIMIN_NORMS:
        price = marginal(norm, fixed[member] + count, Fraction(shares[member] * total, units))
    lowest, highest = list(extra), list(extra)
    for i, key in enumerate(keys):
        if key is None:
            continue
        while lowest[i] > 0 and key(fixed[i] + lowest[i] - 1) == threshold:
            lowest[i] -= 1
        while highest[i] < limits[i] and key(fixed[i] + highest[i]) == threshold:
            highest[i] += 1
    return Relaxed(tuple(extra), tuple(lowest), tuple(highest), price)


_NEVER = inf


@dataclass(frozen=True, slots=True)
class Intervals:
    """Allowed counts of extra children by municipality, ends included."""

    lowest: tuple[int, ...]
    highest: tuple[int, ...]

    def admits(self, children: int) -> bool:
        """Whether the children fit when siblings may be parted."""
        ordered = all(a <= b for a, b in zip(self.lowest, self.highest, strict=True))
        return ordered and sum(self.lowest) <= children <= sum(self.highest)


def within_deviation(
    limit: Fraction,
    fixed: Sequence[int],
    targets: Sequence[Fraction],
    limits: Sequence[int],
) -> Intervals:
    """Counts with an absolute deviation of at most ``limit``."""
    lows, highs = [], []
    for b, t, u in zip(fixed, targets, limits, strict=True):
        lows.append(max(0, ceil(t - limit) - b))
        highs.append(min(u, floor(t + limit) - b))
    return Intervals(tuple(lows), tuple(highs))


def least_deviation(
    fixed: Sequence[int],
    shares: Sequence[int],
    total: int,
    limits: Sequence[int],
    children: int,
) -> Fraction | None:
    """Least possible largest deviation when siblings may be parted; None if limits are too small.

    All deviations are whole multiples of ``1/U``, so the search is over whole numbers.
    """
    units = sum(shares)
    goals = [a * total for a in shares]  # U times the targets

    def within(limit: int) -> Intervals:
        lows, highs = [], []
        for b, goal, u in zip(fixed, goals, limits, strict=True):
            lows.append(max(0, -((limit - goal) // units) - b))
            highs.append(min(u, (goal + limit) // units - b))
        return Intervals(tuple(lows), tuple(highs))

    low, high = -1, units * (max(fixed, default=0) + children + total + 1)
    if not within(high).admits(children):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if within(middle).admits(children):
            high = middle
        else:
            low = middle
    return Fraction(high, units)
