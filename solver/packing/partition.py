"""Choosing one column for every bin: the set partitioning program over given columns."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from fordela.solver.backends.engines import new_engine
from fordela.solver.packing.problem import Column, Packing


@dataclass(frozen=True)
class Choice:
    """The best columns found, and whether HiGHS proved that no others of those given are better."""

    columns: list[Column] | None
    proven: bool


def choose(
    packing: Packing, columns: list[Column], below: int, seconds: float, workers: int | None = 1
) -> Choice:
    """Choose columns of a total cost below a limit."""
    engine = new_engine(workers)
    engine.setOptionValue("time_limit", max(0.05, seconds))
    engine.setOptionValue("mip_rel_gap", 0.0)
    engine.setOptionValue("mip_abs_gap", 0.9)  # costs are whole
    n, m = packing.items, packing.bins
    cost = np.array([packing.cost.column(c) for c in columns], np.float64)
    held = [np.array([c.column(col) for col in columns], np.float64) for c, _ in packing.held]
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(columns), n + m + len(held) + 1
    lp.col_cost_, lp.col_lower_ = cost, np.zeros(len(columns))
    lp.col_upper_ = np.ones(len(columns))
    lp.row_lower_ = np.array(
        [*(1.0 if q else 0.0 for q in packing.required), *[1.0] * m,
         *[-highspy.kHighsInf] * (len(held) + 1)]
    )  # fmt: skip
    lp.row_upper_ = np.array(
        [*[1.0] * (n + m), *(float(limit) for _, limit in packing.held), float(below - 1)]
    )
    starts, rows, entries = [0], [], []
    for number, (j, items) in enumerate(columns):
        rows += [*(i for i, _ in items), n + j]
        entries += [1.0] * (len(items) + 1)
        for k, amounts in enumerate([*held, cost]):
            if amounts[number]:
                rows.append(n + m + k)
                entries.append(amounts[number])
        starts.append(len(rows))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.array(starts, np.int32)
    lp.a_matrix_.index_ = np.array(rows, np.int32)
    lp.a_matrix_.value_ = np.array(entries)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
    engine.passModel(lp)
    engine.run()
    status = engine.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Choice(None, True)
    if engine.getInfo().primal_solution_status != 2:  # kSolutionStatusFeasible
        return Choice(None, False)
    values = engine.getSolution().col_value
    chosen = sorted(columns[k] for k, v in enumerate(values) if v > 0.5)
    if not packing.admits(chosen):
        return Choice(None, False)
    return Choice(chosen, status == highspy.HighsModelStatus.kOptimal)
