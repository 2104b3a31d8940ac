"""CP-SAT through OR-Tools: whole numbers throughout, so rows are kept exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import floor, lcm

import ortools
from fordela.models.program import Domain, Linear, Program, Row
from fordela.models.result import Status
from fordela.solver.backends.base import Answer, Limits, with_least
from ortools.sat.python import cp_model

#: Largest sum of coefficients times ranges that is passed on; well inside 64 bits.
_LARGEST = 2**56
#: Most steps per unit for real variables, and those where their rows have a larger common denominator.
#: With 10**11 CP-SAT 9.15 called optimal what was not, unless its presolve was off.
_MOST_STEPS, _FINE = 10**9, 10**8
#: Rows of such variables count in this part of a step.
_ROWS = 100


class CpSat:
    """Constraint programming over integers; costs are rounded down to a stated grid."""

    name = "cp-sat"

    @property
    def version(self) -> str:
        """Version of OR-Tools."""
        return str(ortools.__version__)

    def solve(self, program: Program, limits: Limits, start: Sequence[int] | None = None) -> Answer:
        """Minimise."""
        program = with_least(program)
        grid = _Grid(program)
        model = cp_model.CpModel()
        variables = [
            model.new_int_var(low * g, high * g, "")
            for low, high, g in zip(program.lowers, program.uppers, grid.steps, strict=True)
        ]
        for row in program.rows:
            grid.add(model, variables, row.expression, row.lower, row.upper)
        for x, value, g in zip(variables, start or (), grid.steps, strict=False):
            model.add_hint(x, value * g)
        costs, scale, tolerance = grid.costs(program.objective)
        model.minimize(sum(c * variables[v] for v, c in costs))
        solver = cp_model.CpSolver()
        if limits.seconds_left is not None:
            solver.parameters.max_time_in_seconds = limits.seconds_left
        solver.parameters.random_seed = limits.seed % 2**31
        solver.parameters.num_workers = limits.workers or 0
        # Its own handler takes Ctrl-C for a limit: what it has then would be written as a result.
        solver.parameters.catch_sigint_signal = False
        # With large coefficients presolve calls optimal what is not (ADR 4).
        solver.parameters.cp_model_presolve = Domain.REAL not in program.domains
        if Domain.REAL in program.domains:
            # Without presolve its relaxation leaves out the rows that measure, and nothing is proven.
            solver.parameters.linearization_level = 2
        if limits.work is not None:
            solver.parameters.max_deterministic_time = limits.work
        solver.parameters.absolute_gap_limit = 0.0
        solver.parameters.relative_gap_limit = 0.0
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            return Answer(Status.INFEASIBLE, None, None, 0.0)
        bound = solver.best_objective_bound / scale + float(program.objective.constant)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Answer(Status.UNKNOWN, None, None, tolerance)
        values = [round(solver.value(x) / g) for x, g in zip(variables, grid.steps, strict=True)]
        proven = Status.OPTIMAL if status == cp_model.OPTIMAL else Status.FEASIBLE
        return Answer(proven, values, bound, tolerance)


class _Grid:
    """Whole-number coefficients for a program, exact wherever 64 bits allow."""

    def __init__(self, program: Program) -> None:
        self.program = program
        real = {v for v, domain in enumerate(program.domains) if domain is Domain.REAL}
        rows = [row for row in program.rows if not real.isdisjoint(row.expression.terms)]
        common = lcm(*(_common(_numbers(row)) for row in rows))
        reach = sum(max(abs(program.lowers[v]), abs(program.uppers[v])) for v in real)
        exact = common <= _MOST_STEPS and common * max(reach, 1) <= _LARGEST
        #: Steps per unit of each variable: 1 for whole ones, and the same for all that measure.
        self.fine = common if exact else min(_FINE, _LARGEST // max(reach, 1))
        self.steps = [self.fine if v in real else 1 for v in range(len(program.domains))]
        #: Real variables that can be a step below what they measure: rows leave them that room, for
        #: a row that does not would cut off what is a solution.
        self.coarse = set() if exact else real
        #: By how many steps each of them can be below it, once the rows are added.
        self.room: dict[int, float] = {}

    def add(
        self,
        model: cp_model.CpModel,
        variables: list[cp_model.IntVar],
        expression: Linear,
        lower: Fraction | int | None,
        upper: Fraction | int | None,
    ) -> None:
        """Add a row; one that does not fit exactly is rounded outwards, never cutting a solution."""
        terms = {v: Fraction(c) / self.steps[v] for v, c in expression.terms.items() if c}
        reach = sum(abs(c) * self._range(v) for v, c in terms.items())
        common = _common(terms.values())
        exact = common * max(reach, 1) <= _LARGEST
        scale = common if exact else int(_LARGEST / max(reach, 1)) or 1
        if not self.coarse.isdisjoint(terms):
            scale = _ROWS * self.fine  # what measures keeps its coefficient
        whole = [(v, floor(c * scale)) for v, c in terms.items()]
        # floor(c s) x lies below c s x by less than x: give that much to the lower side.
        slack = sum(self._range(v) for v, c in terms.items() if (c * scale).denominator > 1)
        step = sum(abs(c) for v, c in whole if v in self.coarse)
        for v, c in whole:
            if v in self.coarse:
                self.room[v] = max(self.room.get(v, 1.0), 1 + (slack + step + 1) / abs(c))
        total = sum(c * variables[v] for v, c in whole)
        if lower is not None:
            model.add(total >= floor((lower - Fraction(expression.constant)) * scale) - slack - step)
        if upper is not None:
            model.add(total <= floor((upper - Fraction(expression.constant)) * scale) + step)

    def costs(self, objective: Linear) -> tuple[list[tuple[int, int]], float, float]:
        """Whole costs rounded down, their scale, and how far the bound can lie too low."""
        terms = {v: Fraction(c) / self.steps[v] for v, c in objective.terms.items() if c}
        reach = sum(abs(c) * self._range(v) for v, c in terms.items())
        common = _common(terms.values())
        coarse = sum(float(abs(c)) * self.room.get(v, 1) for v, c in terms.items() if v in self.coarse)
        if common * max(reach, 1) <= _LARGEST:
            return [(v, int(c * common)) for v, c in terms.items()], float(common), coarse
        scale = Fraction(_LARGEST) / max(reach, Fraction(1, 2**40))
        lost = sum(self._range(v) for v in terms)
        costs = [(v, floor(c * scale)) for v, c in terms.items()]
        return costs, float(scale), float(lost / scale) + coarse

    def _range(self, v: int) -> int:
        return max(abs(self.program.lowers[v]), abs(self.program.uppers[v])) * self.steps[v]


def _numbers(row: Row) -> list[Fraction | int]:
    """Coefficients of a row, and its sides: off the grid, either is rounded."""
    sides = [side - row.expression.constant for side in (row.lower, row.upper) if side is not None]
    return [*row.expression.terms.values(), *sides]


def _common(values: Iterable[Fraction | int]) -> int:
    return lcm(*(Fraction(v).denominator for v in values), 1)
