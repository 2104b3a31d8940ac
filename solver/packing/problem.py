"""What is packed: items with a few possible amounts, bins with a range of fill, whole costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
#: Bins whose knapsacks are computed together.
_GROUP = 5
#: A bin, and the items it takes with their amounts, by rising item.
Column = tuple[int, tuple[tuple[int, int], ...]]


@dataclass(frozen=True)
class Cost:
    """A cost that is a sum over used pairs: ``rate × amount + once``.

    Attributes
    ----------
    rate, once
        Whole numbers, items × bins.
    """

    rate: Whole
    once: Whole

    def of(self, item: int, bin_: int, amount: int) -> int:
        """Cost of putting an amount of an item into a bin."""
        return int(self.rate[item, bin_]) * amount + int(self.once[item, bin_])

    def column(self, column: Column) -> int:
        """Cost of a column."""
        bin_, items = column
        return sum(self.of(i, bin_, x) for i, x in items)

    def total(self, columns: Iterable[Column]) -> int:
        """Cost of several columns."""
        return sum(self.column(c) for c in columns)


@dataclass(frozen=True)
class Packing:
    """Every required item goes into one bin with one of its amounts; every bin is filled to its range.

    Attributes
    ----------
    least, most
        Amounts that each item may have if it is used; every whole number between them is possible.
    required
        Whether each item must be used.
    low, high
        Fill of each bin; a bin with ``low`` 0 may stay empty.
    allowed
        Which item may go into which bin, items × bins.
    cost
        To be minimised.
    held
        Costs that must not exceed a limit.
    """

    least: Whole
    most: Whole
    required: NDArray[np.bool_]
    low: Whole
    high: Whole
    allowed: NDArray[np.bool_]
    cost: Cost
    held: tuple[tuple[Cost, int], ...] = ()

    @property
    def items(self) -> int:
        """Number of items."""
        return len(self.least)

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.low)

    @cached_property
    def groups(self) -> tuple[Whole, ...]:
        """Bins by size, a few together, so that tables of fills are not much wider than needed."""
        ordered = np.argsort(self.high, kind="stable")
        return tuple(ordered[k : k + _GROUP] for k in range(0, self.bins, _GROUP))

    @cached_property
    def dearest(self) -> int:
        """More than any solution costs."""
        worst = np.abs(self.cost.rate) * self.most[:, None] + np.abs(self.cost.once)
        return 1 + 2 * int(worst.max(axis=1, initial=0).sum())

    def restricted(self, items: list[int], bins: list[int], **changes: Any) -> Packing:
        """Return the part of some items and bins; everything else stays as it is."""
        grid = np.ix_(items, bins)

        def part(cost: Cost) -> Cost:
            return Cost(cost.rate[grid], cost.once[grid])

        fields: dict[str, Any] = {
            "least": self.least[items],
            "most": self.most[items],
            "required": self.required[items],
            "low": self.low[bins],
            "high": self.high[bins],
            "allowed": self.allowed[grid],
            "cost": part(self.cost),
            "held": tuple((part(cost), limit) for cost, limit in self.held),
        }
        return Packing(**(fields | changes))

    def columns(self, amounts: Whole, bins: Whole) -> list[Column]:
        """Columns of a solution, a bin and an amount for each item (amount 0: not used)."""
        members: list[list[tuple[int, int]]] = [[] for _ in range(self.bins)]
        for i in range(self.items):
            if amounts[i]:
                members[int(bins[i])].append((i, int(amounts[i])))
        return [(j, tuple(kept)) for j, kept in enumerate(members)]

    def admits(self, columns: list[Column]) -> bool:
        """Whether columns, one for each bin, make a solution."""
        used = [i for _, items in columns for i, _ in items]
        return (
            sorted(j for j, _ in columns) == list(range(self.bins))
            and len(used) == len(set(used))
            and set(np.flatnonzero(self.required)) <= set(used)
            and all(
                self.low[j] <= sum(x for _, x in items) <= self.high[j]
                and all(self.allowed[i, j] and self.least[i] <= x <= self.most[i] for i, x in items)
                for j, items in columns
            )
            and all(cost.total(columns) <= limit for cost, limit in self.held)
        )
