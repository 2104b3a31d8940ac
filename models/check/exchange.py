"""Proofs by exchange: a sum of convex parts is least where no single step can be moved to advantage.

Amounts ``x_k`` between ``low_k`` and ``high_k`` with a fixed sum, or with a free one. The parts may be
numbers, or entries of a sorted vector: there the larger entry outweighs all smaller ones together, so
the vectors of two parts are compared before and after a step, and parts are convex in that order too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

Part = Callable[[int], Fraction]


@dataclass(frozen=True)
class Amount:
    """What one member has, in steps, and what it may have.

    Attributes
    ----------
    now, low, high
        Steps.
    part
        Its part of the level, which is convex, at a number of steps; lower is better.
    group
        Members of one group share a fixed sum.
    """

    now: int
    low: int
    high: int
    part: Part
    group: str = ""


def least_sum(amounts: Sequence[Amount], *, free: bool) -> list[Amount] | None:
    """Prove that a sum of convex parts is least.

    Parameters
    ----------
    free
        Whether each group's sum is free.

    Returns
    -------
    list or None
        The amounts with the limits that every optimum keeps; None if a step could be moved.
    """
    zero = Fraction(0)
    tight = []
    for group in sorted({a.group for a in amounts}):
        members = [a for a in amounts if a.group == group]
        last = max((_last(a) for a in members if a.now > a.low), default=None)
        following = min((_next(a) for a in members if a.now < a.high), default=None)
        if free:
            last, following = max(last or zero, zero), min(following or zero, zero)
        if last is None or following is None:  # the sum leaves no choice
            tight += [replace(a, low=a.now, high=a.now) for a in members]
        elif last > following:
            return None
        else:
            tight += [_settled(a, last, following) for a in members]
    return tight


def _last(a: Amount) -> Fraction:
    return a.part(a.now) - a.part(a.now - 1)


def _next(a: Amount) -> Fraction:
    return a.part(a.now + 1) - a.part(a.now)


def _settled(a: Amount, last: Fraction, following: Fraction) -> Amount:
    """Leave only steps that can be moved at no cost: those that cost just what others save."""
    low = high = a.now
    while low > a.low and a.part(low) - a.part(low - 1) >= following:
        low -= 1
    while high < a.high and a.part(high + 1) - a.part(high) <= last:
        high += 1
    return replace(a, low=low, high=high)


def least_vector(amounts: Sequence[Amount], *, free: bool) -> list[Amount] | None:
    """Prove that the falling vector of parts is lexicographically smallest; as `least_sum`."""
    down: set[int] = set()
    up: set[int] = set()
    giving = [(k, a.part(a.now), a.part(a.now - 1)) for k, a in enumerate(amounts) if a.now > a.low]
    taking = [(k, a.part(a.now), a.part(a.now + 1)) for k, a in enumerate(amounts) if a.now < a.high]
    if free:
        if any(other < here for _, here, other in (*giving, *taking)):
            return None
        down = {k for k, here, less in giving if less == here}
        up = {k for k, here, more in taking if more == here}
        giving = []
    # Every pair is compared, by the places of the parts in their order: whole numbers, not fractions.
    parts = {part for _, here, other in (*giving, *taking) for part in (here, other)}
    place = {part: n for n, part in enumerate(sorted(parts))}
    groups = [a.group for a in amounts]
    takers = [(j, groups[j], place[here], place[more]) for j, here, more in taking]
    for k, here, fewer in giving:
        before, less, group = place[here], place[fewer], groups[k]
        for j, other, held, more in takers:
            if k == j or group != other:
                continue
            was, now = _pair(before, held), _pair(less, more)
            if now < was:
                return None
            if now == was:
                down.add(k)
                up.add(j)
    return [replace(a, low=a.now - (k in down), high=a.now + (k in up)) for k, a in enumerate(amounts)]


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one > other else (other, one)
