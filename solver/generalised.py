"""Generalised assignment to a proven optimum: knapsacks bound it, and any engine closes it.

With a price for every job, each agent has a knapsack of its own (Lagrangian relaxation of "every job
once"). Prices are whole numbers, and so are the tables of the knapsacks: the bound is exact, and so is
what it costs at least to give a job to an agent. From the bound upwards, one value after the other is
asked of the engine, on the few pairs that a solution of that value can use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from fordela.models.formulation.assignment import generalised_assignment
from fordela.models.program import Linear, Program, Row
from fordela.models.result import Status
from fordela.solver.backends import Backend, Limits
from fordela.solver.bounds import no_progress
from numpy.typing import NDArray

Whole = NDArray[np.int64]

#: Prices are whole multiples of one part in so many.
UNIT = 1 << 12
#: Steps of the search for prices, and how many without a better bound before steps are halved.
_STEPS, _PATIENCE = 600, 15
#: Part of the time left in which the bound is closed, before any solution is taken.
_CLOSING = 0.7
#: More than any path through a knapsack costs.
_NEVER = 1 << 60


@dataclass(frozen=True)
class Assigned:
    """The best assignment found.

    Attributes
    ----------
    agents
        Agent by job; None where none was found.
    value
        What it costs.
    bound
        Proven: nothing costs less.
    infeasible
        Whether it is proven that the jobs do not fit.
    """

    agents: tuple[int, ...] | None
    value: int | None
    bound: int
    infeasible: bool = False

    @property
    def proven(self) -> bool:
        """Whether nothing is better."""
        return self.value == self.bound


def assign(
    costs: Sequence[Sequence[int]],
    weights: Sequence[Sequence[int]],
    capacities: Sequence[int],
    backend: Backend,
    limits: Limits,
) -> Assigned:
    """Give every job to one agent within the agents' capacities, at least cost.

    Parameters
    ----------
    costs, weights
        By agent, then by job; weights are at least 0.
    capacities
        By agent.
    """
    cost, weight = np.array(costs, np.int64), np.array(weights, np.int64)
    program = generalised_assignment(costs, weights, capacities)
    found = _search(cost, weight, capacities, limits)
    least = first = -(-found.bound // UNIT)
    closing = limits.share(_CLOSING)
    most = int(cost.max(axis=0).sum())
    while True:  # one dearer each time, and nothing is dearer than the dearest agent for every job
        if least > max(first, most):
            raise no_progress("generalised assignment")
        # What a pair adds to the bound decides whether a solution of this value can use it.
        usable = found.bound + found.rise <= least * UNIT
        answer = backend.solve(_limited(program, usable, least), closing)
        if answer.status is not Status.INFEASIBLE:
            break
        if least == first:
            answer = backend.solve(replace(program, objective=Linear()), closing)
            if answer.status is Status.INFEASIBLE:
                return Assigned(None, None, least, infeasible=True)
        least += 1
    if answer.values is None:  # out of time: any solution then, with the bound so far
        answer = backend.solve(program, limits)
    if answer.values is None:
        return Assigned(None, None, least)
    chosen = np.array(answer.values).reshape(cost.shape)
    agents = tuple(int(i) for i in chosen.argmax(axis=0))
    return Assigned(agents, int((cost * chosen).sum()), least)


def _limited(program: Program, usable: NDArray[np.bool_], value: int) -> Program:
    """Return the program for solutions that cost at most a value, of usable pairs only."""
    uppers = tuple(int(u) for u in usable.ravel())
    return replace(program, uppers=uppers, rows=(*program.rows, Row(program.objective, None, value)))


@dataclass(frozen=True)
class _Bound:
    """The best bound found, in parts of 1 / `UNIT`, and by how much each pair lifts it at least."""

    bound: int
    rise: Whole


def _search(cost: Whole, weight: Whole, capacities: Sequence[int], limits: Limits) -> _Bound:
    """Look for good prices by subgradients; any prices give a bound, the best ones are kept."""
    agents, jobs = cost.shape
    scaled = cost * UNIT
    prices = np.sort(scaled, axis=0)[min(1, agents - 1)].astype(float)
    best, best_prices = -_NEVER, prices.astype(np.int64)
    pace, since = 1.0, 0
    for _ in range(_STEPS):
        whole = np.rint(prices).astype(np.int64)
        bound, taken = int(whole.sum()), np.zeros(jobs)
        for i in range(agents):
            worth, chosen = _knapsack(scaled[i] - whole, weight[i], capacities[i])
            bound += worth
            taken += chosen
        since += 1
        if bound > best:
            best, best_prices, since = bound, whole, 0
        if since > _PATIENCE:
            pace, since = pace / 2, 0
            prices = best_prices.astype(float)
        slope = 1 - taken
        size = float(slope @ slope)
        if not size or pace < 1e-3 or limits.expired:
            break
        prices = prices + pace * 0.02 * max(abs(best), UNIT) / size * slope
    rise = np.stack([_rises(scaled[i] - best_prices, weight[i], capacities[i]) for i in range(agents)])
    return _Bound(best, rise)


def _tables(values: Whole, weights: Whole, capacity: int) -> Whole:
    """Least worth of the first jobs within each capacity: one row more than there are jobs."""
    table = np.zeros((len(values) + 1, capacity + 1), np.int64)
    for k, (value, weight) in enumerate(zip(values, weights, strict=True)):
        row, before = table[k + 1], table[k]
        row[:] = before
        if weight <= capacity and value < 0:
            np.minimum(before[weight:], before[: capacity + 1 - weight] + value, out=row[weight:])
    return table


def _knapsack(values: Whole, weights: Whole, capacity: int) -> tuple[int, Whole]:
    """Worth of the best set of jobs, and which they are."""
    table = _tables(values, weights, capacity)
    chosen, left = np.zeros(len(values), np.int64), capacity
    for k in range(len(values) - 1, -1, -1):
        if table[k + 1][left] != table[k][left]:
            chosen[k] = 1
            left -= int(weights[k])
    return int(table[-1][capacity]), chosen


def _rises(values: Whole, weights: Whole, capacity: int) -> Whole:
    """By how much the worth rises if a job must be among those taken."""
    ahead = _tables(values, weights, capacity)
    behind = _tables(values[::-1], weights[::-1], capacity)
    least = int(ahead[-1][capacity])
    rises = np.full(len(values), _NEVER, np.int64)
    for k, (value, weight) in enumerate(zip(values, weights, strict=True)):
        room = capacity - int(weight)
        if room >= 0:
            both = ahead[k][: room + 1] + behind[len(values) - 1 - k][room::-1]
            rises[k] = int(value) + int(both.min()) - least
    return rises
