"""Generalised assignment: every item in one of its bins, no bin above its capacity.

The rows that a placement is made of. Cases are the items and homes the bins; in the literature's
problem items are jobs, bins are agents, and what a job takes depends on the agent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fordela.models.program import Linear, Program, ProgramBuilder


def require_each(builder: ProgramBuilder, ways: Iterable[Linear], number: int) -> None:
    """Require that a number of items is assigned, each in one of the ways."""
    builder.require(Linear.of(*((1, way) for way in ways)), number, number)


def require_within(
    builder: ProgramBuilder, loads: Sequence[tuple[int, Linear]], capacity: Linear
) -> None:
    """Require that loads stay within a capacity; nothing is added where they cannot exceed it."""
    most = sum(weight * builder.uppers[v] for weight, x in loads for v in x.terms)
    if capacity.terms or most > capacity.constant:
        builder.require(Linear.of(*loads, (-1, capacity)), upper=0)


def generalised_assignment(
    costs: Sequence[Sequence[int]], weights: Sequence[Sequence[int]], capacities: Sequence[int]
) -> Program:
    """Declare the generalised assignment problem, minimised.

    Parameters
    ----------
    costs, weights
        By agent, then by job.
    capacities
        By agent.

    Returns
    -------
    Program
        With variable ``agent × jobs + job``.
    """
    builder = ProgramBuilder()
    agents, jobs = range(len(capacities)), range(len(costs[0]) if costs else 0)
    chosen = [[builder.variable(0, 1) for _ in jobs] for _ in agents]
    for j in jobs:
        builder.choose(chosen[i][j] for i in agents)
        require_each(builder, (chosen[i][j] for i in agents), 1)
    for i in agents:
        loads = [(weights[i][j], chosen[i][j]) for j in jobs]
        require_within(builder, loads, Linear({}, capacities[i]))
    total = Linear.of(*((costs[i][j], chosen[i][j]) for i in agents for j in jobs))
    return builder.program(total)
