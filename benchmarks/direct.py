"""The direct model, as a modeller would first write it: a binary per child and municipality.

Unit steps carry the convex ``chi2`` cost of every possible count. PuLP hands it to CBC.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from fractions import Fraction
from time import monotonic

import pulp
from fordela.models.allocation import targets
from fordela.models.instance import Instance
from fordela.models.norms import chi2
from fordela.models.policy import IN_FORCE


@dataclass(frozen=True)
class Direct:
    """Outcome of the direct model: exact ``chi2`` of its solution, or None, and what it took."""

    value: Fraction | None
    status: str
    build_seconds: float
    solve_seconds: float
    variables: int


def solve_direct(instance: Instance, time_limit: float) -> Direct:
    """Solve a year's ``chi2`` by the direct model in PuLP with CBC."""
    started = monotonic()
    goal = targets(instance, IN_FORCE)
    n = len(goal)
    problem = pulp.LpProblem("direct", pulp.LpMinimize)
    x = [
        [pulp.LpVariable(f"x_{c}_{i}", cat=pulp.LpBinary) for i in range(n)]
        for c in range(len(instance.children))
    ]
    index = {m.code: i for i, m in enumerate(instance.municipalities)}
    first: dict[str, int] = {}
    for c, child in enumerate(instance.children):
        problem += pulp.lpSum(x[c]) == 1
        if child.tie is not None:
            problem += x[c][index[child.tie]] == 1
        sibling = first.setdefault(child.case, c)
        if sibling != c:
            for i in range(n):
                problem += x[c][i] == x[sibling][i]
    cost = []
    for i, m in enumerate(instance.municipalities):
        steps = []
        for k in range(len(instance.children)):
            count = m.assigned_before + k
            steps.append(pulp.LpVariable(f"u_{i}_{k}", 0, 1))
            cost.append((steps[-1], float((2 * count + 1) / goal[i] - 2)))
        problem += pulp.lpSum(row[i] for row in x) == pulp.lpSum(steps)
    problem.setObjective(pulp.LpAffineExpression(cost))
    built = monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0.0, timeLimit=time_limit))
    done = monotonic()
    value = None
    if problem.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        credited = [
            m.assigned_before + sum(round(row[i].varValue or 0) for row in x)
            for i, m in enumerate(instance.municipalities)
        ]
        value = chi2(credited, goal)
    return Direct(
        value, pulp.LpSolution[problem.sol_status], built - started, done - built,
        problem.numVariables(),
    )  # fmt: skip
