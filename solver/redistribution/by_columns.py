"""Redistribution with one receiver as a packing: givers are items, receivers are bins.

Where the levels up to the first sum over pairs meet their relaxations, every giver's and receiver's
amount is settled but for exact ties, and what is left is to fill the receivers. A solution of that
proves all those levels at once, in fractions. The sums after them are solved by columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import takewhile
from time import monotonic

import numpy as np
from fordela.models.formulation.redistribution import (
    Range,
    equality,
    redistribution_model,
    tightened,
)
from fordela.models.redistribution.levels import LINEAR, constant, redistribution_value
from fordela.models.redistribution.problem import RedistributionProblem
from fordela.models.result import Status
from fordela.solver.backends.base import Limits
from fordela.solver.packing.heuristics import first_packing
from fordela.solver.packing.problem import Column, Cost, Packing
from fordela.solver.packing.solve import Packer
from fordela.solver.packing.transport import transport_prices
from fordela.solver.redistribution.search import Rung

#: Most different amounts of a giver that the knapsacks look at one by one.
_MOST_AMOUNTS = 12
#: Sums of costs stay below this, far inside 64 bits.
_LARGEST_COST = 1 << 55
#: Part of the time left that a level before the last may take, and the seconds for a first filling.
_PART = 0.2
_FIRST_SECONDS = 5.0


@dataclass(frozen=True)
class _Face:
    """Steps that every giver and receiver may trade, with the total that is granted."""

    givers: tuple[Range, ...]
    receivers: tuple[Range, ...]
    total: int


def climb_by_columns(
    problem: RedistributionProblem, limits: Limits, report: Callable[[str], None]
) -> list[Rung] | None:
    """Solve the stack; None where the problem has another shape or its relaxations are not met."""
    if not _has_the_shape(problem):
        return None
    settled = list(takewhile(lambda level: level not in LINEAR, problem.levels[1:]))
    face = _face(problem, settled)
    if face is None:
        return None
    packing = _packing(problem, face)
    if packing is None:
        return None
    sums = problem.levels[1 + len(settled) :]
    guide = _in_order(packing, [_cost(problem, level) for level in sums])
    first_by = monotonic() + min(_FIRST_SECONDS, limits.seconds_left or _FIRST_SECONDS)
    report("filling every receiver")
    best = first_packing(replace(packing, cost=guide), limits.seed, lambda: monotonic() >= first_by)
    if best is None:
        return None
    units = _units(problem, best)
    rungs = []
    for level in ("granted", *settled):
        value = redistribution_value(level, problem, units)
        rungs.append(Rung(level, units, value, value, Status.OPTIMAL, exact=True))
    return rungs + _sums(problem, packing, best, sums, limits, report)


def _has_the_shape(problem: RedistributionProblem) -> bool:
    return (
        problem.one_receiver
        and problem.levels[:1] == ("granted",)
        and bool(problem.pairs)
        and not any(p.least for p in problem.pairs)
    )


def _face(problem: RedistributionProblem, settled: list[str]) -> _Face | None:
    """Amounts at which the first levels meet their relaxations, if they fit each other."""
    model = redistribution_model(problem)
    step = problem.step
    givers = [(0, s.most // step if t.terms else 0) for s, t in zip(problem.givers, model.given,
                                                                    strict=True)]  # fmt: skip
    receivers = [(0, s.most // step if t.terms else 0) for s, t in zip(problem.receivers, model.taken,
                                                                       strict=True)]  # fmt: skip
    total = min(sum(high for _, high in givers), sum(high for _, high in receivers))
    model.total = total
    for level in settled:
        relaxed = equality(model, level)
        if relaxed is None:
            return None
        side = givers if level.endswith("givers") else receivers
        side[:] = [(max(a, c), min(b, d)) for (a, b), (c, d) in zip(side, relaxed.ties, strict=True)]
    givers, receivers = tightened(givers, total), tightened(receivers, total)
    sides = ((givers, problem.givers), (receivers, problem.receivers))
    for ranges, members in sides:
        for (low, high), member in zip(ranges, members, strict=True):
            if low > high or (high and step * low < member.least):
                return None
    return _Face(tuple(givers), tuple(receivers), total)


def _packing(problem: RedistributionProblem, face: _Face) -> Packing | None:
    least = np.array([max(1, low) for low, _ in face.givers], np.int64)
    most = np.array([high for _, high in face.givers], np.int64)
    if (most - least).max(initial=0) >= _MOST_AMOUNTS:
        return None
    n, m = len(problem.givers), len(problem.receivers)
    allowed = np.zeros((n, m), np.bool_)
    for p in problem.pairs:
        steps = p.most // problem.step
        if 0 < most[p.giver] <= steps:
            allowed[p.giver, p.receiver] = True
        elif least[p.giver] <= steps:
            return None  # the pair limits what the giver may hand away
    none = np.zeros((n, m), np.int64)
    held = []
    fixed = all(a == b for a, b in face.givers) or all(a == b for a, b in face.receivers)
    if not fixed:
        held.append((Cost(none - 1, none), -face.total))
    if problem.most_givers_per_county is not None:
        for county in sorted({g.county for g in problem.givers}):
            inside = np.array([g.county == county for g in problem.givers])
            once = np.where(inside[:, None], 1, none)
            held.append((Cost(none, once), problem.most_givers_per_county))
    return Packing(
        least=least,
        most=most,
        required=np.array([low > 0 for low, _ in face.givers]),
        low=np.array([low for low, _ in face.receivers], np.int64),
        high=np.array([high for _, high in face.receivers], np.int64),
        allowed=allowed,
        cost=Cost(none, none),
        held=tuple(held),
    )


def _cost(problem: RedistributionProblem, level: str) -> Cost:
    """A sum over pairs as the cost of a packing, in steps where it counts units."""
    shape = (len(problem.givers), len(problem.receivers))
    rate, once = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for p in problem.pairs:
        a, b = LINEAR[level](p)
        rate[p.giver, p.receiver] = a
        once[p.giver, p.receiver] = b
    return Cost(rate, once)


def _in_order(packing: Packing, costs: list[Cost]) -> Cost:
    """One cost that weighs the first far above the next, and so on as far as numbers go."""
    total = packing.cost
    for cost in reversed(costs):
        weight = replace(packing, cost=total).dearest
        if weight * replace(packing, cost=cost).dearest > _LARGEST_COST:
            return _in_order(packing, costs[:-1])
        total = Cost(total.rate + weight * cost.rate, total.once + weight * cost.once)
    return total


def _units(problem: RedistributionProblem, columns: list[Column]) -> list[int]:
    steps = {(i, j): x for j, items in columns for i, x in items}
    return [problem.step * steps.get((p.giver, p.receiver), 0) for p in problem.pairs]


def _sums(
    problem: RedistributionProblem,
    packing: Packing,
    best: list[Column],
    levels: tuple[str, ...],
    limits: Limits,
    report: Callable[[str], None],
) -> list[Rung]:
    """Solve the sums over pairs, each held while the next one is minimised."""
    near = _nearness(problem)
    rungs = []
    held = packing.held
    for number, level in enumerate(levels):
        cost = _cost(problem, level)
        deadline = limits.deadline
        if deadline is not None and number < len(levels) - 1:
            deadline = monotonic() + _PART * (limits.seconds_left or 0.0)
        stated = replace(packing, cost=cost, held=held)
        tell = lambda text, level=level: report(f"{level}: {text}")  # noqa: E731
        packer = Packer(stated, best, deadline, near, limits.seed, tell)
        report(level)
        packed = packer.solve(transport_prices(stated))
        best = packed.columns
        held = (*held, (cost, packed.value))
        offset = constant(level, problem)
        scale = problem.step if cost.rate.any() else 1
        rungs.append(
            Rung(
                level,
                _units(problem, best),
                Fraction(packed.value * scale + offset),
                None if packed.bound is None else Fraction(packed.bound * scale + offset),
                Status.OPTIMAL if packed.proven else Status.FEASIBLE,
                exact=packed.exact,
            )
        )
    return rungs


def _nearness(problem: RedistributionProblem) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """How far receivers are from competing: the least sum of distances over givers."""
    shape = (len(problem.givers), len(problem.receivers))
    far = np.full(shape, 10**6, np.int64)
    for p in problem.pairs:
        far[p.giver, p.receiver] = p.kilometres
    lowest = np.sort(far[:, :, None] + far[:, None, :], axis=0)[:5]
    return np.asarray(lowest.sum(axis=0), np.int64)
