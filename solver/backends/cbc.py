"""CBC through PuLP; the bound after a time limit is read from CBC's own log."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pulp
from fordela.models.program import Program
from fordela.models.result import Status
from fordela.solver.backends.base import (
    Answer,
    Limits,
    cost_scale,
    float_tolerance,
    whole_values,
    with_least,
)
from fordela.solver.backends.through_pulp import to_pulp

#: Nodes that count as one unit of work.
_NODES = 1000
#: How far a number in the log can be above the one meant, absolutely and as a part of it: the least
#: value of a program with whole variables (eight decimals) and of one without (ten digits), and a bound
#: (three decimals).
_ROUNDED = {
    "Objective value:": (5e-9, 0.0),
    "Optimal objective": (0.0, 5e-10),
    "Lower bound:": (5e-4, 0.0),
}


class Cbc:
    """Branch and cut in floating point; proofs hold to the stated tolerance."""

    name = "cbc"

    @property
    def version(self) -> str:
        """Version of CBC's interface (CBC itself ships with PuLP)."""
        return f"pulp {pulp.__version__}"

    def solve(self, program: Program, limits: Limits, start: Sequence[int] | None = None) -> Answer:
        """Minimise. Integer preprocessing is off, for it calls optimal what is not (ADR 4).

        Without it CBC breaks down on some programs without a solution: it is asked again with it, and
        only that there is none is believed.
        """
        program = with_least(program)
        try:
            return _once(program, limits, "preprocess off")
        except pulp.PulpSolverError:
            answer = _once(program, limits)
        if answer.status is not Status.OPTIMAL:
            return answer
        return replace(answer, status=Status.FEASIBLE, bound=None)


def _once(program: Program, limits: Limits, *options: str) -> Answer:
    scale = cost_scale(program)
    problem, variables = to_pulp(program, scale)
    constant = float(program.objective.constant)
    tolerance = float_tolerance(program, scale)
    nodes = [] if limits.work is None else [f"maxNodes {limits.work * _NODES}"]
    with TemporaryDirectory(prefix="fordela-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PuLP announces changes of its version 4
        log = Path(folder) / "cbc.log"
        solver = pulp.PULP_CBC_CMD(
            msg=False,
            gapRel=0.0,
            gapAbs=1e-7,
            timeLimit=limits.seconds_left,
            # With one thread CBC's threaded search now and then sleeps for ten seconds.
            threads=limits.workers if (limits.workers or 1) > 1 else None,
            logPath=str(log),
            options=[
                f"randomCbcSeed {limits.seed % 2**31}",
                "primalTolerance 1e-9",
                *nodes,
                *options,
            ],
            timeMode="elapsed",
        )
        solver.tmpDir = folder
        problem.solve(solver)
        text = log.read_text(errors="replace") if log.exists() else ""
    # Every variable is bounded, so "infeasible or unbounded" is infeasible.
    if problem.status == pulp.LpStatusInfeasible:
        return Answer(Status.INFEASIBLE, None, None, tolerance)
    found = problem.sol_status in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible)
    proven = problem.sol_status == pulp.LpSolutionOptimal
    if not found:
        return Answer(Status.UNKNOWN, None, _bound_in(text, scale, constant), tolerance)
    raw = [v.lowBound if v.varValue is None else v.varValue for v in variables]
    values = whole_values(program, [float(v) for v in raw])
    if values is None:
        return Answer(Status.UNKNOWN, None, None, tolerance)
    if not proven:
        return Answer(Status.FEASIBLE, values, _bound_in(text, scale, constant), tolerance)
    # The file of the solution has eight digits of each value: their sum can be beside what is proven.
    least = _bound_in(text, scale, constant, "Objective value:", "Optimal objective")
    return Answer(Status.FEASIBLE if least is None else Status.OPTIMAL, values, least, tolerance)


def _bound_in(log: str, scale: float, constant: float, *names: str) -> float | None:
    """What the log says that no solution is below, rounded down as far as it may have been rounded."""
    for name in names or ("Lower bound:",):
        found = re.findall(rf"^{name}\s+(-?[\d.e+-]+)", log, re.MULTILINE)
        if found:
            absolute, relative = _ROUNDED[name]
            logged = float(found[-1])
            return (logged - absolute - relative * abs(logged)) / scale + constant
    return None
