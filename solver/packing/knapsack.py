"""Exact knapsacks for all bins at once: the column of least reduced cost, in whole numbers.

The reduced cost of a column is its cost minus the prices of its items. Tables go over items and fills:
``best[bin, fill]`` is the largest ``Σ price − cost`` of items seen so far that fill a bin exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from fordela.solver.packing.problem import Column, Packing, Whole
from numpy.typing import NDArray

#: Below everything that can occur, also with all worths added; sums of two still fit in 64 bits.
NEVER = -(1 << 60)
#: Which amount of an item was taken by bin and fill, 0 for none; None if no bin may take it.
Taken = NDArray[np.uint8] | None


@dataclass(frozen=True)
class Values:
    """What items are worth in a bin at given prices: ``top − slope × amount``, items × bins."""

    top: Whole
    slope: Whole


@dataclass(frozen=True)
class Priced:
    """The best column of a bin and its worth, minus the reduced cost; None if nothing fits."""

    worth: int
    column: Column | None


def step(packing: Packing, values: Values, bins: Whole, item: int, best: Whole) -> tuple[Whole, Taken]:
    """Let some bins take one item or not; returns the new table and which amount was taken (0: none).

    Parameters
    ----------
    bins
        Bins of the table's rows.
    best
        Table before the item, bins × fills.
    """
    taken: Taken = None
    new = best
    fills = best.shape[1]
    open_to = packing.allowed[item, bins]
    if not open_to.any():
        return best, None
    for amount in range(max(1, int(packing.least[item])), int(packing.most[item]) + 1):
        if amount >= fills:
            break
        worth = values.top[item, bins] - values.slope[item, bins] * amount
        worth[~open_to] = NEVER
        candidate = best[:, : fills - amount] + worth[:, None]
        if taken is None:
            new, taken = best.copy(), np.zeros(best.shape, np.uint8)
        after = new[:, amount:]
        better = candidate > after
        np.maximum(after, candidate, out=after)
        choice = np.uint8(amount - int(packing.least[item]) + 1)
        if packing.least[item] == packing.most[item]:
            taken[:, amount:] = better
        else:
            np.copyto(taken[:, amount:], choice, where=better)
    return new, taken


def empty_table(bins: int, fill: int) -> Whole:
    """Only the empty fill is possible."""
    table = np.full((bins, fill + 1), NEVER, np.int64)
    table[:, 0] = 0
    return table


def best_columns(packing: Packing, values: Values) -> list[Priced]:
    """Find the column of the largest worth for every bin."""
    found: dict[int, Priced] = {}
    for bins in packing.groups:
        best = empty_table(len(bins), int(packing.high[bins].max()))
        taken = []
        for item in range(packing.items):
            best, amounts = step(packing, values, bins, item, best)
            taken.append(amounts)
        for row, j in enumerate(bins):
            found[int(j)] = _trace(packing, best, taken, row, int(j))
    return [found[j] for j in range(packing.bins)]


def _trace(packing: Packing, best: Whole, taken: list[Taken], row: int, j: int) -> Priced:
    low, high = int(packing.low[j]), int(packing.high[j])
    fill = low + int(best[row, low : high + 1].argmax())
    worth = int(best[row, fill])
    if worth <= NEVER // 2:
        return Priced(NEVER, None)
    items = []
    for item in range(packing.items - 1, -1, -1):
        amounts = taken[item]
        choice = 0 if amounts is None else int(amounts[row, fill])
        if choice:
            amount = int(packing.least[item]) + choice - 1
            items.append((item, amount))
            fill -= amount
    return Priced(worth, (j, tuple(reversed(items))))


def best_with_each(packing: Packing, values: Values) -> Whole:
    """Largest worth of a column that takes an item into a bin, items × bins (``NEVER`` if none)."""
    found = np.full((packing.items, packing.bins), NEVER, np.int64)
    for bins in packing.groups:
        after = empty_table(len(bins), int(packing.high[bins].max()))
        before = after
        suffixes = [after]
        for item in range(packing.items - 1, 0, -1):
            after, _ = step(packing, values, bins, item, after)
            suffixes.append(after)
        suffixes.reverse()
        for item in range(packing.items):
            for row, j in enumerate(bins):
                if packing.allowed[item, j]:
                    found[item, j] = _through(
                        packing, values, item, int(j), before[row], suffixes[item][row]
                    )
            before, _ = step(packing, values, bins, item, before)
    return found


def _through(packing: Packing, values: Values, item: int, j: int, before: Whole, after: Whole) -> int:
    """Best fill of a bin with an item, from the tables before and after it."""
    worth = NEVER
    for amount in range(max(1, int(packing.least[item])), int(packing.most[item]) + 1):
        gain = int(values.top[item, j] - values.slope[item, j] * amount)
        for fill in range(int(packing.low[j]), int(packing.high[j]) + 1):
            rest = fill - amount
            if rest >= 0:
                worth = max(worth, gain + int((before[: rest + 1] + after[rest::-1][: rest + 1]).max()))
    return worth if worth > NEVER // 2 else NEVER


def columns_worth(
    packing: Packing, values: Values, j: int, least: int, most: int
) -> list[Column] | None:
    """Every column of a bin worth at least ``least``; None if it takes more than ``most`` steps."""
    low, high = int(packing.low[j]), int(packing.high[j])
    bins = np.array([j])
    tables = [empty_table(1, high)]
    for item in range(packing.items):
        tables.append(step(packing, values, bins, item, tables[-1])[0])
    best = [table[0] for table in tables]
    stack: list[tuple[int, int, int, tuple[tuple[int, int], ...]]] = [
        (packing.items, fill, 0, ()) for fill in range(low, high + 1) if best[-1][fill] >= least
    ]
    found: list[Column] = []
    left = most
    while stack:
        left -= 1
        if left < 0:
            return None
        item, fill, worth, items = stack.pop()
        if item == 0:
            if fill == 0:
                found.append((j, items))
            continue
        k = item - 1
        if best[k][fill] + worth >= least:
            stack.append((k, fill, worth, items))
        if not packing.allowed[k, j]:
            continue
        for amount in range(max(1, int(packing.least[k])), int(packing.most[k]) + 1):
            gain = worth + int(values.top[k, j] - values.slope[k, j] * amount)
            if amount <= fill and best[k][fill - amount] + gain >= least:
                stack.append((k, fill - amount, gain, ((k, amount), *items)))
    return found
