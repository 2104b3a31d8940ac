"""Prices of a program's rows, from its linear relaxation, and what they prove in whole numbers.

Whatever the prices, every solution costs at least ``Σ y b + Σ min over its bounds of (c − yA) x``
(weak duality). Prices come from floating point and are rounded to whole multiples of a unit; the
bound and the reduced costs are then computed in whole numbers, so neither rests on a tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import highspy
import numpy as np
from fordela.models.program import Linear, Program, Row
from fordela.solver.backends.base import Limits, cost_scale
from fordela.solver.backends.engines import new_engine
from fordela.solver.backends.highs import arrays
from numpy.typing import NDArray

#: Sums of prices times coefficients stay below this; well inside 64 bits.
_LARGEST = 2**60
#: Prices are whole multiples of one part in so many, or of a coarser unit where they are large.
_FINEST = 2**32
#: Coefficients up to this are taken as they are; others are rounded to this size.
_MODERATE = 2**20


@dataclass(frozen=True)
class Prices:
    """What a linear relaxation says of a program.

    Attributes
    ----------
    bound
        Proven lower bound of the objective, exact.
    reduced
        Least rise of the bound for each unit of a variable above 0, in parts of 1 / ``unit``.
    unit
        Parts of one.
    weights
        Solution of the relaxation.
    """

    bound: Fraction
    reduced: NDArray[np.int64]
    unit: int
    weights: NDArray[np.float64]

    def within(self, slack: Fraction) -> NDArray[np.bool_]:
        """Variables that can be above 0 in a solution that costs at most ``bound + slack``."""
        return np.asarray(self.reduced <= floor(slack * self.unit))


def price(program: Program, limits: Limits) -> Prices | None:
    """Solve the linear relaxation and evaluate its prices.

    Returns
    -------
    Prices or None
        None if the relaxation was not solved, or the program is not one whose variables start at 0 or
        above with numbers of moderate size: then nothing is known.
    """
    if min(program.lowers, default=0) < 0:
        return None
    engine = new_engine(limits.workers)
    engine.setOptionValue("time_limit", limits.seconds_left or 1e7)
    # Half of the time would go to mending what presolve makes of the prices.
    engine.setOptionValue("presolve", "off")
    scale = cost_scale(program)
    lp = arrays(program, scale)
    lp.integrality_ = []
    engine.passModel(lp)
    engine.run()
    if engine.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    solution = engine.getSolution()
    duals = np.array(solution.row_dual) / scale
    return _evaluate(program, duals, np.array(solution.col_value))


def _evaluate(
    program: Program, duals: NDArray[np.float64], weights: NDArray[np.float64]
) -> Prices | None:
    made = [_whole_row(row) for row in program.rows]
    rows = [row for row, _ in made]
    duals = duals / np.array([factor for _, factor in made])
    dearest = max((abs(float(c)) for c in program.objective.terms.values()), default=0.0)
    largest = max((abs(int(c)) for row in rows for c in row.expression.terms.values()), default=1)
    deepest = 1 + np.bincount(
        [v for row in rows for v in row.expression.terms], minlength=len(program.lowers)
    ).max(initial=0)
    reach = max(float(np.abs(duals).max(initial=0)) * largest * float(deepest), dearest, 1.0)
    unit = min(_FINEST, 1 << max(0, int(_LARGEST / reach).bit_length() - 1))
    if unit < 1 << 10:
        return None
    whole = _kept(rows, np.rint(duals * unit).astype(np.int64))
    reduced = np.zeros(len(program.lowers), np.int64)
    for v, cost in program.objective.terms.items():
        reduced[v] = floor(cost * unit)  # a cost that is rounded down bounds from below
    owner, variables, entries = _entries(rows)
    np.subtract.at(reduced, variables, whole[owner] * entries)
    bound = Fraction(program.objective.constant)
    for row, y in zip(rows, whole, strict=True):
        side = row.lower if y > 0 else row.upper
        if y and side is not None:
            bound += Fraction(int(y), unit) * (side - Fraction(row.expression.constant))
    for v in map(int, np.flatnonzero(reduced)):
        least = program.uppers[v] if reduced[v] < 0 else program.lowers[v]
        bound += Fraction(int(reduced[v]) * least, unit)
    return Prices(bound, reduced, unit, weights)


def _whole_row(row: Row) -> tuple[Row, float]:
    """Multiply a row so that its coefficients are whole and of moderate size; return by how much.

    What has to be rounded is rounded so that the row keeps every solution: no variable is negative, so
    smaller coefficients can only ease a row that is limited from above. Rows that are limited on both
    sides have no such direction; they are left empty, which weakens the bound and keeps it true.
    """
    terms = row.expression.terms
    if all(type(c) is int and -_MODERATE < c < _MODERATE for c in terms.values()):
        return row, 1.0
    rounding = floor if row.lower is None else ceil
    if (row.lower is not None and row.upper is not None) or not any(terms.values()):
        return Row(Linear(), None, None), 1.0
    factor = Fraction(_MODERATE) / max(abs(Fraction(c)) for c in terms.values())
    shift = factor * Fraction(row.expression.constant)
    return Row(
        Linear({v: rounding(factor * c) for v, c in terms.items()}),
        None if row.lower is None else factor * row.lower - shift,
        None if row.upper is None else factor * row.upper - shift,
    ), float(factor)


def _kept(rows: list[Row], whole: NDArray[np.int64]) -> NDArray[np.int64]:
    """Set to 0 the prices of sides that a row does not have."""
    no_lower = np.array([row.lower is None for row in rows], bool)
    no_upper = np.array([row.upper is None for row in rows], bool)
    whole[no_lower & (whole > 0)] = 0
    whole[no_upper & (whole < 0)] = 0
    return whole


def _entries(rows: list[Row]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Row, variable and coefficient of every entry."""
    lengths = [len(row.expression.terms) for row in rows]
    total = sum(lengths)
    variables = np.fromiter((v for row in rows for v in row.expression.terms), np.int64, total)
    entries = np.fromiter(
        (int(c) for row in rows for c in row.expression.terms.values()), np.int64, total
    )
    return np.repeat(np.arange(len(rows)), lengths), variables, entries
