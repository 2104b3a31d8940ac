"""HiGHS, given whole arrays at once; status and bound are its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import highspy
import numpy as np
from fordela.models.program import Domain, Program
from fordela.models.result import Status
from fordela.solver.backends.base import Answer, Limits, cost_scale, float_tolerance, whole_values
from fordela.solver.backends.engines import new_engine

_ABSOLUTE_GAP = 1e-7
_MOST_SECONDS = 1e7
#: Nodes that count as one unit of work.
_NODES = 1000
#: Runs, each with another seed and the last without presolve, where an optimum is not proven (ADR 4).
_ATTEMPTS = 3
#: The rule of presolve that calls programs infeasible which are not, and optimal what is not (ADR 4).
_AGGREGATOR = 1 << 12


class Highs:
    """Branch and cut in floating point; proofs hold to the stated tolerance."""

    name = "highs"

    @property
    def version(self) -> str:
        """Version of HiGHS."""
        return str(highspy.Highs().version())

    def solve(self, program: Program, limits: Limits, start: Sequence[int] | None = None) -> Answer:
        """Minimise; a run that failed, or that its own bound does not meet, is made again."""
        if not program.lowers:
            return _without_variables(program)
        answer = None
        for attempt in range(_ATTEMPTS):
            found, doubtful = _once(program, limits, attempt, start)
            answer = found if answer is None else _better(program, answer, found)
            if not doubtful:
                break
        assert answer is not None
        return answer


def _once(
    program: Program, limits: Limits, attempt: int, start: Sequence[int] | None
) -> tuple[Answer, bool]:
    """Run HiGHS; also say whether to run it again: it failed, or its own bound does not prove it."""
    scale = cost_scale(program)
    tolerance = float_tolerance(program, scale)
    engine = new_engine(limits.workers)
    for option, value in (
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", _ABSOLUTE_GAP),
        ("mip_feasibility_tolerance", 1e-9),
        ("time_limit", limits.seconds_left or _MOST_SECONDS),
        ("random_seed", (limits.seed + attempt) % 2**31),
        ("presolve", "choose" if attempt + 1 < _ATTEMPTS else "off"),
        ("presolve_rule_off", _AGGREGATOR),
        ("objective_target", _target(program, scale)),
        ("mip_max_nodes", highspy.kHighsIInf if limits.work is None else limits.work * _NODES),
    ):
        engine.setOptionValue(option, value)
    engine.passModel(arrays(program, scale))
    if start is not None and len(start) == len(program.lowers):
        known = highspy.HighsSolution()
        known.col_value = [float(value) for value in start]
        engine.setSolution(known)
    engine.run()
    status = engine.getModelStatus()
    states = highspy.HighsModelStatus
    if status in (states.kInfeasible, states.kUnboundedOrInfeasible):
        return Answer(Status.INFEASIBLE, None, None, tolerance), False
    bound = _bound(engine, scale, float(program.objective.constant))
    info = engine.getInfo()
    values = None
    if info.primal_solution_status == 2:  # kSolutionStatusFeasible
        values = whole_values(program, list(engine.getSolution().col_value))
    if values is None:
        # Presolve now and then ends in an error, or in what is no solution, without any limit reached.
        stopped = status in (states.kTimeLimit, states.kSolutionLimit)
        return Answer(Status.UNKNOWN, None, bound if stopped else None, tolerance), not stopped
    done = status == states.kOptimal and bound is not None
    doubtful = done and not _meets(info, bool(engine.getLp().integrality_))
    proven = Status.OPTIMAL if done and not doubtful else Status.FEASIBLE
    return Answer(proven, values, bound, tolerance), doubtful


def _target(program: Program, scale: float) -> float:
    """Where to stop. The same as a row would make the program harder, not easier."""
    if program.least is None:
        return -math.inf
    return float(program.least - program.objective.constant) * scale + 1e-6


def _meets(info: highspy.HighsInfo, whole: bool) -> bool:
    """Whether the bound is the value, in the scaled objective."""
    if not whole:
        return True
    reached = float(info.objective_function_value)
    return reached - float(info.mip_dual_bound) <= 1e-6 + 1e-9 * abs(reached)


def _better(program: Program, one: Answer, other: Answer) -> Answer:
    """What two runs know together: the lower value, and the higher bound."""
    if other.status is Status.OPTIMAL or one.values is None:
        return other
    bounds = [answer.bound for answer in (one, other) if answer.bound is not None]
    values = [answer.values for answer in (one, other) if answer.values is not None]
    best = min(values, key=program.objective.value)
    return Answer(Status.FEASIBLE, best, max(bounds, default=None), one.tolerance)


def arrays(program: Program, scale: float) -> highspy.HighsLp:
    """Translate; the objective is scaled and its constant left out."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.lowers), len(program.rows)
    costs = np.zeros(lp.num_col_)
    for variable, cost in program.objective.terms.items():
        costs[variable] = float(cost) * scale
    lp.col_cost_ = costs
    lp.col_lower_ = np.array(program.lowers, float)
    lp.col_upper_ = np.array(program.uppers, float)
    kinds = highspy.HighsVarType
    if Domain.WHOLE in program.domains:
        lp.integrality_ = [
            kinds.kInteger if d is Domain.WHOLE else kinds.kContinuous for d in program.domains
        ]
    starts, index, value, low, high = [0], [], [], [], []
    for row in program.rows:
        constant = row.expression.constant
        for variable, coefficient in row.expression.terms.items():
            if coefficient:
                index.append(variable)
                value.append(float(coefficient))
        starts.append(len(index))
        low.append(-highspy.kHighsInf if row.lower is None else float(row.lower - constant))
        high.append(highspy.kHighsInf if row.upper is None else float(row.upper - constant))
    lp.row_lower_, lp.row_upper_ = np.array(low, float), np.array(high, float)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(starts, np.int32)
    lp.a_matrix_.index_ = np.array(index, np.int32)
    lp.a_matrix_.value_ = np.array(value, float)
    return lp


def _bound(engine: highspy.Highs, scale: float, constant: float) -> float | None:
    info = engine.getInfo()
    bound = info.mip_dual_bound
    if not engine.getLp().integrality_:  # a plain linear program
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
