"""What a backend takes and returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from time import monotonic
from typing import Protocol

from fordela.models.program import Domain, Program, Row
from fordela.models.result import Status


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop: a point in time (`time.monotonic`), or None; and the seed and threads.

    Attributes
    ----------
    rough
        Whether a good solution is enough, and nothing is to be proven where that takes longer.
    work
        Most work on one program, in units of about a second that the engine counts without a clock,
        so that what is found does not depend on the machine; None is no limit.
    """

    deadline: float | None = None
    seed: int = 0
    workers: int | None = None
    rough: bool = False
    work: int | None = None

    @property
    def seconds_left(self) -> float | None:
        """Time left, at least a moment; None is no limit."""
        return None if self.deadline is None else max(0.01, self.deadline - monotonic())

    def part(self, size: int, left: int) -> Limits:
        """Return limits with the part of the time that a piece of the work left may take.

        Twice its part by size, and never less than a twentieth: most pieces need less, and what they do
        not need is there for those that come after.
        """
        return self.share(min(1.0, max(0.05, 2 * size / max(size, left))))

    def share(self, part: float) -> Limits:
        """Return limits with a part of the time left."""
        if self.deadline is None:
            return self
        now = monotonic()
        return replace(self, deadline=now + max(0.0, self.deadline - now) * part)

    @property
    def expired(self) -> bool:
        """Whether the time is up."""
        return self.deadline is not None and monotonic() >= self.deadline


@dataclass(frozen=True, slots=True)
class Answer:
    """What a backend found.

    Attributes
    ----------
    status
        ``optimal``, ``feasible``, ``infeasible`` or ``unknown``.
    values
        Whole values by variable (real ones rounded), or None without a solution.
    bound
        Proven lower bound of the objective, or None if there is none.
    tolerance
        How far the proof can be wrong, in the unit of the objective.
    """

    status: Status
    values: list[int] | None
    bound: float | None
    tolerance: float


class Backend(Protocol):
    """An engine that minimises a `Program`."""

    name: str

    @property
    def version(self) -> str:
        """Version of the engine."""
        ...

    def solve(self, program: Program, limits: Limits, start: Sequence[int] | None = None) -> Answer:
        """Minimise; never claims more than the engine proved.

        Parameters
        ----------
        start
            Values of the first variables in a solution that is known: a hint where to look.
        """
        ...


#: Coefficients of the objective are scaled to about this size, so that an absolute gap means little.
_LARGEST_COST = 1e4
#: Absolute gap of engines in floating point, in the scaled objective, and what a quantity that is
#: measured by rows can be wrong.
_GAP, _MEASURED = 1e-6, 1e-8


def cost_scale(program: Program) -> float:
    """Return the factor by which objectives are multiplied for floating-point engines."""
    largest = max((abs(float(c)) for c in program.objective.terms.values()), default=0.0)
    return 1.0 if largest == 0 else _LARGEST_COST / largest


def float_tolerance(program: Program, scale: float) -> float:
    """How far a proof in floating point can be wrong, in the unit of the objective.

    Whole variables are rounded; what real ones measure is as exact as the engine keeps its rows.
    """
    measured = sum(
        abs(float(c)) for v, c in program.objective.terms.items() if program.domains[v] is Domain.REAL
    )
    return _GAP / scale + _MEASURED * measured


def with_least(program: Program) -> Program:
    """Say what no solution can be below as a row, for engines that have no other way to be told."""
    if program.least is None or not program.objective.terms:
        return program
    return replace(program, rows=(*program.rows, Row(program.objective, program.least, None)))


def whole_values(program: Program, values: list[float]) -> list[int] | None:
    """Round a floating-point solution and check it exactly against bounds and rows.

    Returns
    -------
    list or None
        None if the rounded values break the program: then they are not a solution.
    """
    rounded = [round(v) for v in values]
    checked: list[int | Fraction] = [
        r if d is not Domain.REAL else Fraction(v)
        for r, v, d in zip(rounded, values, program.domains, strict=True)
    ]
    real = {k for k, d in enumerate(program.domains) if d is Domain.REAL}
    for k, (value, low, high) in enumerate(zip(rounded, program.lowers, program.uppers, strict=True)):
        if k not in real and not low <= value <= high:
            return None
    for row in program.rows:
        exact = True
        total: int | Fraction = 0
        for variable, coefficient in row.expression.terms.items():
            total += coefficient * checked[variable]
            exact = exact and variable not in real and isinstance(coefficient, int)
        total += row.expression.constant
        if not exact:
            continue  # measuring rows are recomputed from the whole values
        if row.lower is not None and total < row.lower:
            return None
        if row.upper is not None and total > row.upper:
            return None
    return rounded
