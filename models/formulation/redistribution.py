"""The program of section 6: steps of share by pair, whether a pair trades, and equality as windows.

Equality levels are sums of convex functions of what one giver or receiver trades. With a price ``λ``
per step every amount has a reduced cost, and an optimum within ``E`` of the exact bound keeps everyone
among the amounts of reduced cost at most ``E`` (the same argument as for the deviation of a year).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Any

from fordela.models.program import Domain, Linear, ProgramBuilder
from fordela.models.redistribution.levels import CONVEX, LINEAR, constant, shortfall, squared
from fordela.models.redistribution.problem import RedistributionProblem, Side

Range = tuple[int, int]


@dataclass
class RedistributionModel:
    """The program under construction, with the meaning of its variables.

    Attributes
    ----------
    amounts
        Steps that each pair trades.
    trades
        Whether each pair trades; None where nothing asks for it.
    given, taken
        Steps of each giver and receiver.
    total
        Steps in all, if that number is settled, else None.
    settled
        Steps that every giver hands away, if an earlier level left no choice, else None.
    """

    problem: RedistributionProblem
    builder: ProgramBuilder = field(default_factory=ProgramBuilder)
    amounts: list[Linear] = field(default_factory=list)
    trades: list[Linear | None] = field(default_factory=list)
    given: list[Linear] = field(default_factory=list)
    taken: list[Linear] = field(default_factory=list)
    total: int | None = None
    settled: tuple[int, ...] | None = None

    def fork(self) -> RedistributionModel:
        """Return a copy to add rows to."""
        return RedistributionModel(
            self.problem, self.builder.copy(), self.amounts, self.trades, self.given, self.taken,
            self.total, self.settled,
        )  # fmt: skip

    def units(self, values: Sequence[int]) -> list[int]:
        """Units of every pair at a solution."""
        return [self.problem.step * x.whole(values) for x in self.amounts]

    def side(self, level: str) -> tuple[tuple[Side, ...], list[Linear]]:
        """Sides that an equality level looks at, and their steps."""
        if level.endswith("givers"):
            return self.problem.givers, self.given
        return self.problem.receivers, self.taken


def redistribution_model(problem: RedistributionProblem) -> RedistributionModel:
    """Build the program: who may trade what with whom."""
    model = RedistributionModel(problem)
    step, build = problem.step, model.builder
    counted = bool({"partners", "continuity"} & set(problem.levels))
    several = problem.one_receiver or problem.most_givers_per_county is not None
    for p in problem.pairs:
        amount = build.variable(0, p.most // step)
        model.amounts.append(amount)
        if not (several or counted or p.least):
            model.trades.append(None)
            continue
        trade = build.variable(0, 1)
        model.trades.append(trade)
        build.require(Linear.of((1, amount), (-p.most // step, trade)), upper=0)
        build.require(Linear.of((1, amount), (-max(p.least // step, 1), trade)), lower=0)
    of_giver: list[list[int]] = [[] for _ in problem.givers]
    of_receiver: list[list[int]] = [[] for _ in problem.receivers]
    for number, p in enumerate(problem.pairs):
        of_giver[p.giver].append(number)
        of_receiver[p.receiver].append(number)
    giving = []
    for giver, numbers in zip(problem.givers, of_giver, strict=True):
        given, gives = _side(model, giver, numbers, problem.one_receiver)
        model.given.append(given)
        giving.append(gives)
    for receiver, numbers in zip(problem.receivers, of_receiver, strict=True):
        model.taken.append(_side(model, receiver, numbers, False)[0])
    if problem.most_givers_per_county is not None:
        for county in {g.county for g in problem.givers}:
            parts = [
                (1, gives)
                for giver, gives in zip(problem.givers, giving, strict=True)
                if giver.county == county and gives is not None
            ]
            build.require(Linear.of(*parts), upper=problem.most_givers_per_county)
    return model


def _side(
    model: RedistributionModel, side: Side, numbers: list[int], one: bool
) -> tuple[Linear, Linear | None]:
    """Limits of one giver or receiver; returns its steps, and whether it takes part if that counts."""
    step, build = model.problem.step, model.builder
    total = Linear.of(*((1, model.amounts[n]) for n in numbers))
    if not numbers:
        return total, None
    trades = [(1, t) for n in numbers if (t := model.trades[n]) is not None]
    gives: Linear | None = None
    if one:
        gives = Linear.of(*trades)
        build.require(gives, upper=1)
    elif side.least or model.problem.most_givers_per_county is not None:
        gives = build.variable(0, 1)
        build.require(Linear.of((1, total), (-side.most // step, gives)), upper=0)
    build.require(total, upper=side.most // step)
    if side.least and gives is not None:
        build.require(Linear.of((1, total), (-side.least // step, gives)), lower=0)
    return total, gives


def linear_objective(model: RedistributionModel, level: str) -> Linear:
    """A level that is a sum over pairs, in units."""
    parts: list[tuple[int, Linear]] = []
    for p, amount, trade in zip(model.problem.pairs, model.amounts, model.trades, strict=True):
        rate, once = LINEAR[level](p)
        if rate:
            parts.append((rate * model.problem.step, amount))
        if once and trade is not None:
            parts.append((once, trade))
    return Linear.of(*parts, (1, Linear({}, constant(level, model.problem))))


Cost = Callable[[int], Any]


@dataclass(frozen=True)
class Equality:
    """An equality level when everyone may trade any amount up to its limit.

    Attributes
    ----------
    costs
        Cost of each side's steps, convex; for a vector the shortfall itself.
    limits
        Most steps of each.
    steps
        An optimum of the relaxation.
    ties
        Range of each over optima that differ in exact ties only.
    price
        ``λ``, the cost of the last step; 0 where the total is free.
    bound
        Value of the relaxation: nothing is better.
    """

    costs: tuple[Cost, ...]
    limits: tuple[int, ...]
    steps: tuple[int, ...]
    ties: tuple[Range, ...]
    price: Fraction
    bound: Fraction

    def reduced(self, k: int, steps: int) -> Fraction:
        """Reduced cost of an amount, at least that of the relaxation's."""
        return Fraction(self.costs[k](steps) - self.price * steps)

    def window(self, k: int, excess: Fraction) -> Range:
        """Amounts whose reduced cost is at most ``excess`` above the least."""
        low = high = self.steps[k]
        least = self.reduced(k, low)
        while low > 0 and self.reduced(k, low - 1) - least <= excess:
            low -= 1
        while high < self.limits[k] and self.reduced(k, high + 1) - least <= excess:
            high += 1
        return low, high

    def rise(self) -> Fraction:
        """Return a first guess above 0 of what one step in the wrong place costs, at the median."""
        rises = [
            self.reduced(k, n + 1) - self.reduced(k, n)
            for k, (n, limit) in enumerate(zip(self.steps, self.limits, strict=True))
            if n < limit
        ]
        rises = sorted(r for r in rises if r > 0)
        return rises[len(rises) // 2] if rises else Fraction(1)


def equality(model: RedistributionModel, level: str) -> Equality | None:
    """Relax an equality level; None if the settled total is more than the limits allow."""
    sides, totals = model.side(level)
    step = model.problem.step
    limits = tuple(s.most // step if t.terms else 0 for s, t in zip(sides, totals, strict=True))
    shape = squared if level in CONVEX else shortfall
    costs = tuple(_cost(shape, side, step) for side in sides)
    key = _squared_key if level in CONVEX else _vector_key
    if model.total is not None and sum(limits) < model.total:
        return None
    steps, threshold = _give(costs, limits, key, model.total)
    ties = tuple(
        _tied(cost, limit, n, key, threshold)
        for cost, limit, n in zip(costs, limits, steps, strict=True)
    )
    free = model.total is None or threshold is None or level not in CONVEX
    price = Fraction(0) if free or threshold is None else threshold[0]
    bound = sum((cost(n) for cost, n in zip(costs, steps, strict=True)), Fraction(0))
    return Equality(costs, limits, tuple(steps), ties, price, bound)


def _cost(shape: Callable[[Side, int], Fraction], side: Side, step: int) -> Cost:
    return lambda steps: shape(side, step * steps)


Key = tuple[Fraction, ...]


def _squared_key(cost: Cost, n: int) -> Key:
    """Cost of one step more."""
    return (cost(n + 1) - cost(n),)


def _vector_key(cost: Cost, n: int) -> Key:
    """Order of steps in a vector whose largest entry outweighs all others."""
    here, there = cost(n), cost(n + 1)
    if there > here:
        return (there, -here)
    return (-here, there) if there < here else (Fraction(0), Fraction(0))


def _give(
    costs: Sequence[Cost],
    limits: Sequence[int],
    key: Callable[[Cost, int], Key],
    total: int | None,
) -> tuple[list[int], Key | None]:
    """Give steps where they cost least: ``total`` of them, or as long as they gain something."""
    steps = _start(costs, limits, key, total)
    heap = [
        (key(cost, n), k)
        for k, (cost, n, u) in enumerate(zip(costs, steps, limits, strict=True))
        if n < u
    ]
    heapify(heap)
    left = None if total is None else total - sum(steps)
    zero = tuple(Fraction(0) for _ in range(2))
    threshold: Key | None = None
    while heap and left != 0:
        price, k = heap[0]
        if left is None and price >= zero[: len(price)]:
            break
        heappop(heap)
        threshold = price
        steps[k] += 1
        if left is not None:
            left -= 1
        if steps[k] < limits[k]:
            heappush(heap, (key(costs[k], steps[k]), k))
    if total is None:
        return steps, zero[: len(key(costs[0], 0))] if costs else None
    taken = [key(cost, n - 1) for cost, n in zip(costs, steps, strict=True) if n]
    return steps, max(taken, default=threshold)


def _start(
    costs: Sequence[Cost], limits: Sequence[int], key: Callable[[Cost, int], Key], total: int | None
) -> list[int]:
    """Skip the steps that are surely given: everyone's below a price that is surely too low."""
    if total is None or not total:
        return [0] * len(costs)
    low, high = Fraction(-4), Fraction(4)

    def below(price: Fraction) -> list[int]:
        return [
            _count(lambda n, cost=cost: key(cost, n)[0] < price, limit)  # type: ignore[misc]
            for cost, limit in zip(costs, limits, strict=True)
        ]

    best = [0] * len(costs)
    for _ in range(40):
        middle = (low + high) / 2
        given = below(middle)
        if sum(given) <= total:
            low, best = middle, given
        else:
            high = middle
        if total - sum(best) < len(costs):
            break
    return best


def _count(holds: Callable[[int], bool], limit: int) -> int:
    """Number of steps before the first that does not hold, by bisection."""
    low, high = 0, limit
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            low = middle + 1
        else:
            high = middle
    return low


def _tied(
    cost: Cost, limit: int, n: int, key: Callable[[Cost, int], Key], threshold: Key | None
) -> Range:
    low = high = n
    while low > 0 and key(cost, low - 1) == threshold:
        low -= 1
    while high < limit and key(cost, high) == threshold:
        high += 1
    return low, high


def tightened(ranges: Sequence[Range], total: int | None) -> list[Range]:
    """Settle ties that the total leaves no room for."""
    if sum(low for low, _ in ranges) == total:
        return [(low, low) for low, _ in ranges]
    if sum(high for _, high in ranges) == total:
        return [(high, high) for _, high in ranges]
    return list(ranges)


def reachable(model: RedistributionModel) -> list[list[int]] | None:
    """Steps that each receiver can take when every giver's amount is settled: sums of a few numbers.

    None where amounts are not settled, or may be parted.
    """
    problem = model.problem
    if model.settled is None or not problem.one_receiver:
        return None
    sums = [{0} for _ in problem.receivers]
    for p in problem.pairs:
        amount = model.settled[p.giver]
        if 0 < amount <= p.most // problem.step:
            most = problem.receivers[p.receiver].most // problem.step
            more = {n + amount for n in sums[p.receiver] if n + amount <= most}
            sums[p.receiver] |= more
    return [sorted(found) for found in sums]


def restrict(model: RedistributionModel, level: str, ranges: Sequence[Range]) -> None:
    """Keep every giver's or receiver's steps within a range."""
    for total, (low, high) in zip(model.side(level)[1], ranges, strict=True):
        if total.terms:
            model.builder.require(total, low, high)


def add_steps(
    model: RedistributionModel, level: str, relaxed: Equality, ranges: Sequence[Range]
) -> Linear:
    """Add steps over the windows and return the level's distance from the bound.

    Steps lead from one amount that can be reached to the next, so that the program's relaxation is as
    tight as can be; where every amount can be, they are units.
    """
    marks = reachable(model) if level.endswith("receivers") else None
    parts: list[tuple[Fraction | int, Linear]] = []
    constant_part = Fraction(0)
    for k, (total, (low, high)) in enumerate(zip(model.side(level)[1], ranges, strict=True)):
        points = [n for n in marks[k] if low <= n <= high] if marks else []
        points = points or list(range(low, high + 1))
        constant_part += relaxed.reduced(k, points[0]) - relaxed.reduced(k, relaxed.steps[k])
        if not total.terms:
            continue
        steps = []
        for here, there in pairwise(points):
            step = model.builder.variable(0, there - here, Domain.IMPLIED)
            steps.append((-1, step))
            rise = relaxed.reduced(k, there) - relaxed.reduced(k, here)
            parts.append((rise / (there - here), step))
        model.builder.require(Linear.of((1, total), *steps), points[0], points[0])
    return Linear.of(*parts, (1, Linear({}, constant_part)))
