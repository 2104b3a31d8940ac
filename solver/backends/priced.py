"""A backend for large programs: prices first, and the engine only for what they leave open.

The linear relaxation gives an exact bound and a reduced cost for every variable (`prices`). The engine
then solves a narrow program of the variables that look best. If its solution meets the bound, that is
an exact proof. If not, every variable that no better solution can use is left out of the program, and
what the engine proves of the rest holds for the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

import numpy as np
from fordela.models.program import Domain, Linear, Program, Row
from fordela.models.result import Status
from fordela.solver.backends.base import Answer, Backend, Limits
from fordela.solver.backends.prices import Prices, price
from numpy.typing import NDArray

#: Programs with fewer variables go to the engine as they are.
LEAST = 3_000
#: Best variables of each choice that narrow programs have, besides those of the relaxation.
_WIDTHS = (12, 48)
#: Part of the time left that a narrow program may take.
_NARROW = 0.6
#: Variables of a program with which, under a time limit, an engine would not even begin.
_MOST = 100_000


class Priced:
    """An engine that is asked only what the prices of a program leave open.

    Parameters
    ----------
    engine
        The backend that solves the smaller programs.
    least
        Variables from which prices are looked at, where there are choices to narrow.
    """

    def __init__(self, engine: Backend, least: int = LEAST) -> None:
        self.engine, self.least = engine, least
        self.name = engine.name

    @property
    def version(self) -> str:
        """Version of the engine."""
        return self.engine.version

    def solve(self, program: Program, limits: Limits, start: Sequence[int] | None = None) -> Answer:
        """Minimise."""
        if len(program.lowers) < self.least or not program.choices:
            return self.engine.solve(program, limits, start)
        prices = price(program, limits)
        if prices is None:
            return self.engine.solve(program, limits, start)
        if any(program.domains[v] is Domain.REAL for v in program.objective.terms):
            return self._measured(program, prices, limits, start)
        whole = _is_whole(program)
        task = _Task(
            program,
            prices,
            Fraction(ceil(prices.bound)) if whole else prices.bound,
            int(whole),
            limits,
        )
        found: list[int] | None = None
        for width in _WIDTHS if whole else _WIDTHS[:1]:
            found = self._narrow(task, found or start, width) or found
            if found is not None and (limits.rough or program.objective.value(found) <= task.least):
                break
        if found is not None and limits.rough:
            return Answer(Status.FEASIBLE, found, float(task.least), 0.0)
        return self._wide(task, found)

    def _measured(
        self, program: Program, prices: Prices, limits: Limits, start: Sequence[int] | None
    ) -> Answer:
        """Minimise what real variables measure: only the engine knows its value, by its bound."""
        narrow = _restricted(program, _promising(program, prices, _WIDTHS[0], start))
        answer = self.engine.solve(narrow.program, limits.share(_NARROW))
        proven = answer.status is Status.OPTIMAL and answer.bound is not None
        if proven and answer.values is not None and answer.bound <= float(prices.bound):  # type: ignore[operator]
            return replace(answer, values=narrow.widened(answer.values))
        return self.engine.solve(program, limits, start)

    def _narrow(self, task: _Task, start: Sequence[int] | None, width: int) -> list[int] | None:
        """Solve with the variables that look best.

        An engine that is told what cannot be beaten stops as soon as it is there.
        """
        hint = None
        narrow = _restricted(task.program, _promising(task.program, task.prices, width, start))
        if start is not None and len(start) == len(task.program.lowers):
            hint = [start[k] for k in narrow.kept]
        program = replace(narrow.program, least=task.least if task.step else None)
        answer = self.engine.solve(program, task.limits.share(_NARROW), hint)
        return None if answer.values is None else narrow.widened(answer.values)

    def _wide(self, task: _Task, found: list[int] | None) -> Answer:
        """Prove what was found, or find something better where the prices leave room for it."""
        if found is None:
            answer = self.engine.solve(task.program, task.limits)
            return replace(answer, bound=_higher(answer.bound, task.least))
        value = task.program.objective.value(found)
        if value <= task.least:
            return Answer(Status.OPTIMAL, found, float(value), 0.0)
        rest = _restricted(task.program, task.prices.within(value - task.step - task.prices.bound))
        program = rest.program
        if task.limits.deadline is not None and len(program.lowers) > _MOST:
            return Answer(Status.FEASIBLE, found, float(task.least), 0.0)
        if task.step:
            better = Row(program.objective, task.least, value - task.step)
            program = replace(program, rows=(*program.rows, better))
        # Whatever is better by a step is not what was found, so that is a hint only without steps.
        hint = None if task.step else [found[k] for k in rest.kept]
        answer = self.engine.solve(program, task.limits, hint)
        if answer.status is Status.INFEASIBLE:
            return Answer(Status.OPTIMAL, found, float(value), answer.tolerance)
        if answer.values is not None:
            found = rest.widened(answer.values)
        bound = min(float(value), _higher(answer.bound, task.least))
        status = Status.OPTIMAL if answer.status is Status.OPTIMAL else Status.FEASIBLE
        return Answer(status, found, bound, answer.tolerance)


@dataclass(frozen=True)
class _Task:
    """A program with its prices.

    Attributes
    ----------
    least
        What no solution can be below.
    step
        What is better at all is better by so much: 1 where the objective is whole, else 0.
    """

    program: Program
    prices: Prices
    least: Fraction
    step: int
    limits: Limits


def _higher(bound: float | None, least: Fraction) -> float:
    return float(least) if bound is None else max(bound, float(least))


def _is_whole(program: Program) -> bool:
    """Whether every value of the objective is a whole number."""
    cost = program.objective
    return int(cost.constant) == cost.constant and all(
        int(c) == c and program.domains[v] is not Domain.REAL for v, c in cost.terms.items()
    )


def _promising(
    program: Program, prices: Prices, width: int, start: Sequence[int] | None
) -> NDArray[np.bool_]:
    """Variables of known solutions, the best of each choice, and all that are no choice."""
    best = prices.weights > 1e-9
    if start is not None:
        best[: len(start)] |= np.array(start, np.int64) > 0
    free = np.ones(len(program.lowers), bool)
    for choice in program.choices:
        among = np.array(choice, np.int64)
        free[among] = False
        if len(among) > width:
            among = among[np.argpartition(prices.reduced[among], width)[:width]]
        best[among] = True
    return np.asarray(best | free)


@dataclass(frozen=True)
class _Restricted:
    """A program in which all variables but some stand at their lower limit."""

    program: Program
    kept: list[int]
    rest: tuple[int, ...]

    def widened(self, values: Sequence[int]) -> list[int]:
        """Return a solution of the whole program."""
        whole = list(self.rest)
        for k, value in zip(self.kept, values, strict=True):
            whole[k] = value
        return whole


def _restricted(program: Program, kept: NDArray[np.bool_]) -> _Restricted:
    places = [int(k) for k in np.flatnonzero(kept)]
    position = {k: new for new, k in enumerate(places)}
    lowers = program.lowers

    def inside(expression: Linear) -> Linear:
        terms = {position[v]: c for v, c in expression.terms.items() if v in position}
        if len(terms) == len(expression.terms):
            return Linear(terms, expression.constant)
        away = sum(
            c * lowers[v] for v, c in expression.terms.items() if v not in position and lowers[v]
        )
        return Linear(terms, expression.constant + away)

    return _Restricted(
        Program(
            tuple(lowers[k] for k in places),
            tuple(program.uppers[k] for k in places),
            tuple(program.domains[k] for k in places),
            tuple(Row(inside(row.expression), row.lower, row.upper) for row in program.rows),
            inside(program.objective),
        ),
        places,
        lowers,
    )
