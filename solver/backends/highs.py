"""HiGHS through PuLP; status and bound are read from HiGHS itself."""

from __future__ import annotations

import math

import highspy
import pulp
from fordela.models.program import Program
from fordela.models.result import Status
from fordela.solver.backends.base import Answer, Limits, whole_values
from fordela.solver.backends.through_pulp import cost_scale, to_pulp

_ABSOLUTE_GAP = 1e-7
_MOST_SECONDS = 1e7


class Highs:
    """Branch and cut in floating point; proofs hold to the stated tolerance."""

    name = "highs"

    @property
    def version(self) -> str:
        """Version of HiGHS."""
        return str(highspy.Highs().version())

    def solve(self, program: Program, limits: Limits) -> Answer:
        """Minimise."""
        scale = cost_scale(program)
        problem, variables = to_pulp(program, scale)
        solver = pulp.HiGHS(
            msg=False,
            gapRel=0.0,
            gapAbs=_ABSOLUTE_GAP,
            timeLimit=limits.seconds_left or _MOST_SECONDS,
            threads=limits.workers,
            random_seed=limits.seed % 2**31,
            mip_feasibility_tolerance=1e-9,
        )
        if not variables:
            return _without_variables(program)
        solver.createAndConfigureSolver(problem)
        ordered = problem.variables()
        solver.buildSolverModel(problem)
        solver.callSolver(problem)
        model = problem.solverModel
        status = model.getModelStatus()
        states = highspy.HighsModelStatus
        tolerance = 1e-6 / scale
        if status in (states.kInfeasible, states.kUnboundedOrInfeasible):
            return Answer(Status.INFEASIBLE, None, None, tolerance)
        bound = _bound(model, scale, float(program.objective.constant))
        found = model.getInfo().primal_solution_status == 2  # kSolutionStatusFeasible
        if not found:
            return Answer(Status.UNKNOWN, None, bound, tolerance)
        by_name = dict(zip((v.name for v in ordered), model.getSolution().col_value, strict=True))
        values = whole_values(program, [by_name.get(v.name, v.lowBound) for v in variables])
        if values is None:
            return Answer(Status.UNKNOWN, None, bound, tolerance)
        proven = status == states.kOptimal and bound is not None
        return Answer(Status.OPTIMAL if proven else Status.FEASIBLE, values, bound, tolerance)


def _bound(model: highspy.Highs, scale: float, constant: float) -> float | None:
    info = model.getInfo()
    bound = info.mip_dual_bound
    if not model.getLp().integrality_:  # a plain linear program
        bound = info.objective_function_value
    return bound / scale + constant if math.isfinite(bound) else None


def _without_variables(program: Program) -> Answer:
    for row in program.rows:
        value = row.expression.constant
        if (row.lower is not None and value < row.lower) or (
            row.upper is not None and value > row.upper
        ):
            return Answer(Status.INFEASIBLE, None, None, 0.0)
    return Answer(Status.OPTIMAL, [], float(program.objective.constant), 0.0)
