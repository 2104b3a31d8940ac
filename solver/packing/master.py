"""The linear program over columns, and the bound that its prices prove."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

import highspy
import numpy as np
from fordela.solver.backends.engines import new_engine
from fordela.solver.packing.knapsack import Priced, Values, best_columns
from fordela.solver.packing.problem import Column, Packing, Whole
from numpy.typing import NDArray

#: Prices are whole multiples of ``1 / SCALE``, so that reduced costs are computed exactly.
SCALE = 1 << 16
#: Weight of the best prices so far when new ones are tried.
_SMOOTHING = 0.5
_IMPROVES = 1e-6


@dataclass(frozen=True)
class Prices:
    """Whole prices of items and of held costs (0 or less), in ``1 / SCALE``."""

    item: Whole
    held: Whole

    def values(self, packing: Packing) -> Values:
        """What every item is worth in every bin at these prices."""
        slope, once = SCALE * packing.cost.rate, SCALE * packing.cost.once
        for (cost, _), price in zip(packing.held, self.held, strict=True):
            slope = slope - price * cost.rate
            once = once - price * cost.once
        return Values(self.item[:, None] - once, slope)

    def bound(self, packing: Packing, priced: list[Priced]) -> Fraction:
        """Evaluate the bound that the prices prove: weak duality, in whole numbers."""
        total = sum(
            int(price) if required else min(0, int(price))
            for price, required in zip(self.item, packing.required, strict=True)
        )
        total -= sum(p.worth for p in priced)
        total += sum(
            int(price) * limit for (_, limit), price in zip(packing.held, self.held, strict=True)
        )
        return Fraction(total, SCALE)


class Master:
    """Columns so far, their linear program, and its prices.

    An artificial column for every row keeps it feasible; it costs more than any solution.
    """

    def __init__(self, packing: Packing) -> None:
        self.packing = packing
        self.columns: list[Column] = []
        self._known: set[Column] = set()
        self._engine = new_engine()
        none, nothing = np.array([], np.int32), np.array([], np.float64)
        for required in packing.required:
            self._engine.addRow(1.0 if required else 0.0, 1.0, 0, none, nothing)
        for _ in range(packing.bins):
            self._engine.addRow(1.0, 1.0, 0, none, nothing)
        for _, limit in packing.held:
            self._engine.addRow(-highspy.kHighsInf, float(limit), 0, none, nothing)
        self._artificial = packing.items + packing.bins
        for row in range(self._artificial):
            self._engine.addCol(
                float(packing.dearest), 0.0, 1.0, 1, np.array([row], np.int32), np.array([1.0])
            )

    def add(self, column: Column) -> bool:
        """Add a column; False if it is there already."""
        if column in self._known:
            return False
        self._known.add(column)
        self.columns.append(column)
        j, items = column
        n, m = self.packing.items, self.packing.bins
        rows = [*(i for i, _ in items), n + j]
        entries = [1.0] * len(rows)
        for k, (cost, _) in enumerate(self.packing.held):
            amount = cost.column(column)
            if amount:
                rows.append(n + m + k)
                entries.append(float(amount))
        self._engine.addCol(
            float(self.packing.cost.column(column)), 0.0, highspy.kHighsInf,
            len(rows), np.array(rows, np.int32), np.array(entries),
        )  # fmt: skip
        return True

    def solve(self) -> tuple[float, NDArray[np.float64]] | None:
        """Solve; value and prices of all rows, None if the columns do not suffice."""
        self._engine.run()
        if self._engine.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        duals = np.array(self._engine.getSolution().row_dual)
        return float(self._engine.getInfo().objective_function_value), duals

    def weights(self) -> NDArray[np.float64]:
        """Part of each column in the last solution."""
        return np.array(self._engine.getSolution().col_value)[self._artificial :]


@dataclass
class Root:
    """The state of column generation on a packing.

    Attributes
    ----------
    master
        Columns and their linear program.
    bound
        Best proven lower bound, exact.
    prices
        Those that prove it.
    """

    packing: Packing
    master: Master = field(init=False)
    bound: Fraction | None = None
    prices: Prices | None = None
    _center: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        self.master = Master(self.packing)

    @classmethod
    def of(cls, packing: Packing, columns: Iterable[Column]) -> Root:
        """Start from columns that are known."""
        root = cls(packing)
        for column in columns:
            root.master.add(column)
        return root

    def start_at(self, center: NDArray[np.float64]) -> None:
        """Give first guesses of all prices."""
        self._center = center

    def generate(self, stop: Callable[[], bool]) -> bool:
        """Add columns until none improves; False if stopped before.

        Each round adds a column that was not there, and there are finitely many.
        """
        while not stop():
            solved = self.master.solve()
            if solved is None:
                return False
            value, duals = solved
            if self._center is None:
                self._center = duals
            if not any(self._price(duals, weight) for weight in (_SMOOTHING, 0.0)):
                return True
            if self.bound is not None and value - float(self.bound) < _IMPROVES * (1 + abs(value)):
                return True
        return False

    def _price(self, duals: NDArray[np.float64], weight: float) -> bool:
        """Price with smoothed prices; whether a column came in that improves at the real ones."""
        packing = self.packing
        assert self._center is not None
        mixed = weight * self._center + (1 - weight) * duals
        prices = self.whole(mixed)
        priced = best_columns(packing, prices.values(packing))
        bound = prices.bound(packing, priced)
        if self.bound is None or bound > self.bound:
            self.bound, self.prices, self._center = bound, prices, mixed
        n, m = packing.items, packing.bins
        improved = False
        for found in priced:
            if found.column is None:
                continue
            j, items = found.column
            reduced = packing.cost.column(found.column) - duals[n + j]
            reduced -= sum(duals[i] for i, _ in items)
            reduced -= sum(
                duals[n + m + k] * cost.column(found.column) for k, (cost, _) in enumerate(packing.held)
            )
            if reduced < -_IMPROVES:
                improved |= self.master.add(found.column)
        return improved

    def whole(self, duals: NDArray[np.float64]) -> Prices:
        """Round prices to whole multiples of ``1 / SCALE``; held costs have none above 0."""
        n, m = self.packing.items, self.packing.bins
        scaled = np.round(duals * SCALE).astype(np.int64)
        return Prices(scaled[:n], np.minimum(scaled[n + m :], 0))
