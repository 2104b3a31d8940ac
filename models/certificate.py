"""Exact lower bounds on sum norms by weak duality, checkable with pencil and paper.

For any price ``λ`` and every allocation that credits ``M`` children beyond the fixed counts ``b_i``,
``Σ f_i(b_i + e_i) ≥ λ M + Σ min_e (f_i(b_i + e) − λ e)`` with ``e`` between 0 and ``u_i``. Each inner
minimum is that of a convex function of one whole number.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from fordela.models.norms import NormError, load_norm

#: Norms that are sums of convex functions of one municipality's count each.
SUM_NORMS = ("l1", "l2", "chi2")


def cost(norm: str, count: int, target: Fraction) -> Fraction:
    """One municipality's part of a sum norm."""
    if norm not in SUM_NORMS:
        return load_norm(norm).cost(count, target) if count or target else Fraction(0)
    deviation = count - target
    if norm == "l1":
        return abs(deviation)
    if norm == "l2":
        return deviation * deviation
    return deviation * deviation / target if target else Fraction(0)


def _candidates(norm: str, fixed: int, target: Fraction, limit: int, price: Fraction) -> list[int]:
    """Whole numbers among which ``f(b + e) − λ e`` is least, by convexity."""
    if norm not in SUM_NORMS:
        return [_turning(norm, fixed, target, limit, price)]
    if norm == "l2":
        turning = target + price / 2
    elif norm == "chi2":
        turning = target * (1 + price / 2)
    else:
        turning = target
    inner = [floor(turning) - fixed, floor(turning) - fixed + 1]
    return [min(max(e, 0), limit) for e in (*inner, 0, limit)]


def cheapest(norm: str, fixed: int, target: Fraction, limit: int) -> int:
    """Return the ``e`` at which ``f(b + e)`` is least."""
    candidates = _candidates(norm, fixed, target, limit, Fraction(0))
    return min(candidates, key=lambda e: cost(norm, fixed + e, target))


def _turning(norm: str, fixed: int, target: Fraction, limit: int, price: Fraction) -> int:
    """First whole number whose next step costs at least the price; its steps never fall."""
    low, high = 0, limit
    while low < high:
        middle = (low + high) // 2
        step = cost(norm, fixed + middle + 1, target) - cost(norm, fixed + middle, target)
        if step < price:
            low = middle + 1
        else:
            high = middle
    return low


def require_convex(
    norm: str, fixed: Sequence[int], targets: Sequence[Fraction], limits: Sequence[int]
) -> None:
    """Make sure that a norm of one's own is convex where it is looked at: proofs rest on it.

    Raises
    ------
    NormError
        Naming where it is not.
    """
    if norm in SUM_NORMS:
        return
    for b, target, limit in zip(fixed, targets, limits, strict=True):
        here, last = cost(norm, b, target), None
        for count in range(b, b + limit):
            there = cost(norm, count + 1, target)
            step = there - here
            if last is not None and step < last:
                message = (
                    f"is not convex, as with target {target} the step from {count} children costs "
                    f"{step} and the one before {last}; give value(counts, targets) instead of cost"
                )
                raise NormError(norm, message)
            here, last = there, step


def dual_bound(
    norm: str,
    fixed: Sequence[int],
    targets: Sequence[Fraction],
    limits: Sequence[int],
    children: int,
    price: Fraction,
) -> Fraction:
    """Evaluate the bound for a price; valid for every price, tight for the right one.

    Parameters
    ----------
    norm
        One of `SUM_NORMS`, or a separable convex norm of one's own.
    fixed
        Credited children before any choice, ``b_i``.
    targets
        ``τ_i`` in children.
    limits
        Most untied children that each municipality can own, ``u_i``.
    children
        Untied children in all, ``M``.
    price
        ``λ``.
    """
    total = price * children
    for b, target, limit in zip(fixed, targets, limits, strict=True):
        total += min(
            cost(norm, b + e, target) - price * e for e in _candidates(norm, b, target, limit, price)
        )
    return total
