"""Deviation as steps: convex costs of whole counts, on no more counts than a proof needs.

With a price ``λ`` per child every count has a reduced cost ``f_i(n) − λ n − min ≥ 0``, and the
reduced costs of an allocation sum to its distance from the exact bound of the relaxation. So every
allocation within a distance ``E`` keeps each municipality among the counts of reduced cost at most
``E``: steps are needed only there, and an optimum found there is one of the whole problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.allocation import targets
from fordela.models.certificate import cheapest, cost, dual_bound, require_convex
from fordela.models.formulation.model import AllocationModel
from fordela.models.formulation.relaxation import Relaxed, marginal, relax
from fordela.models.program import Domain, Linear


@dataclass(frozen=True)
class SumNorm:
    """A sum norm on a model: its costs, its relaxation and the exact bound.

    Attributes
    ----------
    norm
        ``l1``, ``l2`` or ``chi2``.
    targets
        In children.
    price
        ``λ``.
    bound
        Proven lower bound.
    relaxed
        The relaxation; where the number of credited children is a decision, everybody at what is
        best for itself, which the price 0 proves.
    certified
        Whether the price is that of a given number of children.
    """

    norm: str
    targets: tuple[Fraction, ...]
    price: Fraction
    bound: Fraction
    relaxed: Relaxed
    certified: bool = True

    def reduced(self, k: int, count: int) -> Fraction:
        """``f_k(n) − λ n``, up to a constant."""
        return cost(self.norm, count, self.targets[k]) - self.price * count

    def value(self, credited: Sequence[int]) -> Fraction:
        """Evaluate the norm."""
        return sum(
            (cost(self.norm, c, t) for c, t in zip(credited, self.targets, strict=True)),
            Fraction(0),
        )


def sum_norm(model: AllocationModel, norm: str, unplaced: int | None) -> SumNorm | None:
    """Relax a sum norm on a model; None if the limits are too small for the children.

    Parameters
    ----------
    unplaced
        Children without a municipality if that number is settled, else None.
    """
    goal = targets(model.instance, model.policy)
    weightless = [k for k, t in enumerate(goal) if not t and norm == "chi2" and model.extra[k].terms]
    require_convex(norm, model.fixed, goal, model.limits)
    if unplaced is None or weightless:
        extra = tuple(
            cheapest(norm, b, t, u) for b, t, u in zip(model.fixed, goal, model.limits, strict=True)
        )
        bound = dual_bound(norm, model.fixed, goal, model.limits, model.children, Fraction(0))
        relaxed = Relaxed(extra, extra, extra, Fraction(0))
        return SumNorm(norm, goal, Fraction(0), bound, relaxed, certified=False)
    shares = [m.share for m in model.instance.municipalities]
    total = int(sum(goal))
    children = model.children - unplaced
    limits = [min(limit, children) for limit in model.limits]
    found = relax(norm, model.fixed, shares, total, limits, children)
    if found is None:
        return None
    bound = dual_bound(norm, model.fixed, goal, limits, children, found.price)
    return SumNorm(norm, goal, found.price, bound, found)


def guess_excess(model: AllocationModel, norm: SumNorm) -> Fraction:
    """Guess how far siblings lift the optimum: give whole cases, largest first, where it costs least.

    Only a guess: a wrong one costs time, never the proof.
    """
    if not norm.certified:
        return Fraction(0)
    sizes = sorted(
        ((kind.size, number) for kind, number in model.types.items() if kind.tie < 0 and kind.size > 1),
        reverse=True,
    )
    given = [0] * len(model.fixed)
    candidates = [k for k, limit in enumerate(model.limits) if limit > 0 and norm.targets[k] > 0]
    if not candidates:
        return Fraction(0)
    relaxed = norm.relaxed.extra
    lift = Fraction(0)
    for size, number in sizes:
        for _ in range(min(number, 200)):
            fitting = [k for k in candidates if relaxed[k] - given[k] >= size]
            if fitting:
                best = max(fitting, key=lambda k: relaxed[k] - given[k])
            else:
                best = min(
                    candidates,
                    key=lambda k: _above(norm, k, model.fixed[k], given[k] + size, relaxed[k]),
                )
                before = _above(norm, best, model.fixed[best], given[best], relaxed[best])
                after = _above(norm, best, model.fixed[best], given[best] + size, relaxed[best])
                lift += after - before
            given[best] += size
    return lift


def _above(norm: SumNorm, k: int, fixed: int, given: int, relaxed: int) -> Fraction:
    if given <= relaxed:
        return Fraction(0)
    return norm.reduced(k, fixed + given) - norm.reduced(k, fixed + relaxed)


def windows(model: AllocationModel, norm: SumNorm, excess: Fraction) -> list[tuple[int, int]]:
    """Extra children of each municipality whose reduced cost is at most ``excess``."""
    relaxed = norm.relaxed
    ranges = []
    for k, limit in enumerate(model.limits):
        fixed = model.fixed[k]
        least = norm.reduced(k, fixed + relaxed.extra[k])
        low = high = relaxed.extra[k]
        while low > 0 and norm.reduced(k, fixed + low - 1) - least <= excess:
            low -= 1
        while high < limit and norm.reduced(k, fixed + high + 1) - least <= excess:
            high += 1
        ranges.append((low, high))
    return ranges


def add_steps(model: AllocationModel, norm: SumNorm, ranges: Sequence[tuple[int, int]]) -> Linear:
    """Add unit steps over the windows and return the norm's distance from the bound.

    The constant of the expression is exact, so that its value at a solution is
    ``norm − bound``.
    """
    parts: list[tuple[Fraction | int, Linear]] = []
    constant = Fraction(0)
    for k, (low, high) in enumerate(ranges):
        extra, fixed = model.extra[k], model.fixed[k]
        constant += norm.reduced(k, fixed + low) - norm.reduced(k, fixed + norm.relaxed.extra[k])
        if not extra.terms:
            continue
        if low == high:
            model.builder.require(extra, low, low)
            continue
        steps = []
        for rise, width in _rises(norm, k, fixed + low, fixed + high):
            step = model.builder.variable(0, width, Domain.IMPLIED)
            steps.append((-1, step))
            parts.append((rise, step))
        model.builder.require(Linear.of((1, extra), *steps), low, low)
    return Linear.of(*parts, (1, Linear({}, constant)))


def _rises(norm: SumNorm, k: int, first: int, last: int) -> list[tuple[Fraction, int]]:
    """Rises of the reduced cost from ``first`` to ``last``, equal ones taken together."""
    rises: list[tuple[Fraction, int]] = []
    for count in range(first, last):
        if norm.targets[k] or norm.norm != "chi2":
            rise = marginal(norm.norm, count, norm.targets[k]) - norm.price
        else:
            rise = Fraction(0)
        if rises and rises[-1][0] == rise:
            rises[-1] = (rise, rises[-1][1] + 1)
        else:
            rises.append((rise, 1))
    return rises
