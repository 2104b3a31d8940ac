"""First prices for a packing: those of the program in which items may be parted at will."""

from __future__ import annotations

import highspy
import numpy as np
from fordela.solver.backends.engines import new_engine
from fordela.solver.packing.problem import Packing
from numpy.typing import NDArray


def transport_prices(packing: Packing) -> NDArray[np.float64]:
    """Prices of items, bins and held costs; only a guess, so nothing depends on it being right."""
    n, m = packing.items, packing.bins
    engine = new_engine()
    none, nothing = np.array([], np.int32), np.array([], np.float64)
    for required in packing.required:
        engine.addRow(1.0 if required else 0.0, 1.0, 0, none, nothing)
    for low, high in zip(packing.low, packing.high, strict=True):
        engine.addRow(float(low), float(high), 0, none, nothing)
    for _, limit in packing.held:
        engine.addRow(-highspy.kHighsInf, float(limit), 0, none, nothing)
    for i, j in np.argwhere(packing.allowed):
        amount = int(packing.most[i])
        held = [cost.of(i, j, amount) for cost, _ in packing.held]
        rows = [i, n + j, *(n + m + k for k, entry in enumerate(held) if entry)]
        entries = [1.0, float(amount), *(float(entry) for entry in held if entry)]
        cost = float(packing.cost.of(i, j, amount))
        engine.addCol(
            cost, 0.0, highspy.kHighsInf, len(rows), np.array(rows, np.int32), np.array(entries)
        )
    engine.run()
    prices = np.array(engine.getSolution().row_dual)
    if len(prices) != n + m + len(packing.held):
        return np.zeros(n + m + len(packing.held))
    prices[n : n + m] *= packing.high
    return prices
