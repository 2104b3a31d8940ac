"""Good packings: a first one by exact exchanges between two bins, dives, and large neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from random import Random

import numpy as np
from fordela.solver.packing.knapsack import NEVER
from fordela.solver.packing.master import Root
from fordela.solver.packing.problem import Column, Packing, Whole
from numpy.typing import NDArray

Stop = Callable[[], bool]
#: Rounds of pricing after each column that a dive fixes.
_ROUNDS = 15
#: Columns whose part is at least this are fixed together.
_SURE = 0.9


def first_packing(packing: Packing, seed: int, stop: Stop, tries: int = 40) -> list[Column] | None:
    """Find a packing with settled amounts by exchanges between two bins; None if none is found.

    Cost only guides; items that may have several amounts get the largest that the bins can hold.
    """
    amounts = _settled(packing)
    if amounts is None:
        return None
    for number in range(tries):
        if stop():
            return None
        bins = _greedy(packing, amounts, Random(f"{seed}:{number}"))
        if bins is not None and _repair(packing, amounts, bins, stop):
            columns = packing.columns(amounts, bins)
            if packing.admits(columns):
                return columns
    return None


def _settled(packing: Packing) -> Whole | None:
    """Amounts whose sum the bins can hold exactly."""
    amounts = np.where(packing.required, packing.least, 0).astype(np.int64)
    room = int(packing.high.sum()) - int(amounts.sum())
    if room < 0:
        return None
    for i in range(packing.items):
        more = int(packing.most[i] - amounts[i])
        if packing.required[i] or packing.least[i] <= room:
            amounts[i] += min(more, room)
            room -= min(more, room)
    return amounts


def _greedy(packing: Packing, amounts: Whole, rng: Random) -> Whole | None:
    left = packing.high.astype(np.int64).copy()
    bins = np.zeros(packing.items, np.int64)
    for i in sorted(range(packing.items), key=lambda i: -int(amounts[i]) + rng.random()):
        if not amounts[i]:
            continue
        open_to = np.flatnonzero(packing.allowed[i])
        if not len(open_to):
            return None
        fitting = [int(j) for j in open_to if left[j] >= amounts[i]]
        if fitting:
            bins[i] = min(fitting, key=lambda j: packing.cost.of(i, j, int(amounts[i])))
        else:
            bins[i] = max(open_to, key=lambda j: left[j])
        left[bins[i]] -= amounts[i]
    return bins


def _repair(packing: Packing, amounts: Whole, bins: Whole, stop: Stop) -> bool:
    """Exchange between two bins at a time until all fills are in range.

    What is out of range never grows, and while it stays the cost falls; there are finitely many ways.
    """
    changed = [1] * packing.bins
    seen: dict[tuple[int, int], int] = {}
    clock = 1
    improved = True
    while improved and not stop():
        improved = False
        for a, b in combinations(range(packing.bins), 2):
            if seen.get((a, b), 0) >= max(changed[a], changed[b]):
                continue
            clock += 1
            seen[a, b] = clock
            if _exchange(packing, amounts, bins, a, b):
                changed[a] = changed[b] = clock
                improved = True
    return not any(_off(packing, amounts, bins, j) for j in range(packing.bins))


def _off(packing: Packing, amounts: Whole, bins: Whole, j: int) -> int:
    fill = int(amounts[bins == j].sum())
    return max(0, int(packing.low[j]) - fill, fill - int(packing.high[j]))


def _exchange(packing: Packing, amounts: Whole, bins: Whole, a: int, b: int) -> bool:
    """Part the items of two bins anew: least off range, then least cost; whether it got better."""
    members = [int(i) for i in np.flatnonzero((bins == a) | (bins == b)) if amounts[i]]
    both = [i for i in members if packing.allowed[i, a] and packing.allowed[i, b]]
    fixed = sum(int(amounts[i]) for i in members if i not in both and bins[i] == a)
    total = sum(int(amounts[i]) for i in members)
    table = np.full(total + 1, NEVER, np.int64)
    table[fixed] = 0
    taken = []
    for i in both:
        x = int(amounts[i])
        gain = packing.cost.of(i, b, x) - packing.cost.of(i, a, x)
        candidate = table[: total + 1 - x] + gain
        better = np.zeros(total + 1, bool)
        better[x:] = candidate > table[x:]
        table = table.copy()
        np.copyto(table[x:], candidate, where=better[x:])
        taken.append(better)
    fills = np.arange(total + 1)
    off = _outside(fills, packing, a) + _outside(total - fills, packing, b)
    off = np.where(table > NEVER // 2, off, total * 4 + 4)
    least = int(off.min())
    fill = int(np.where(off == least, table, 2 * NEVER).argmax())
    parted = np.full(len(both), b)
    for k in range(len(both) - 1, -1, -1):
        if taken[k][fill]:
            parted[k] = a
            fill -= int(amounts[both[k]])
    before = (_off(packing, amounts, bins, a) + _off(packing, amounts, bins, b),
              _cost(packing, amounts, both, bins[both]))  # fmt: skip
    if (least, _cost(packing, amounts, both, parted)) < before:
        bins[both] = parted
        return True
    return False


def _outside(fills: NDArray[np.int64], packing: Packing, j: int) -> Whole:
    low, high = packing.low[j], packing.high[j]
    return np.asarray(np.maximum(0, np.maximum(low - fills, fills - high)), np.int64)


def _cost(packing: Packing, amounts: Whole, items: list[int], bins: Whole) -> int:
    return sum(packing.cost.of(i, int(j), int(amounts[i])) for i, j in zip(items, bins, strict=True))


def dive(root: Root, stop: Stop) -> list[Column] | None:
    """Fix the column of the largest part, price anew, and so on to the last bins; None if it fails."""
    packing = root.packing
    solved = root.master.solve()
    if solved is None:
        return None
    duals = solved[1].copy()
    items, bins = list(range(packing.items)), list(range(packing.bins))
    known = list(root.master.columns)
    fixed: list[Column] = []
    while bins and not stop():  # fewer bins each time
        part, columns = _rest(packing, items, bins, fixed, known)
        below = Root.of(part, columns)
        n = packing.items
        rows = [*items, *(n + j for j in bins), *range(n + packing.bins, len(duals))]
        below.start_at(duals[rows])
        below.generate(_after(_ROUNDS, stop))
        solved = below.master.solve()
        if solved is None:
            return None
        duals[rows] = solved[1]
        outer = [renamed(c, items, bins) for c in below.master.columns]
        known = list(dict.fromkeys([*known, *outer]))
        chosen = list(_largest(outer, below.master.weights()))
        if not chosen:
            return None
        fixed += chosen
        used = {i for _, kept in chosen for i, _ in kept}
        items = [i for i in items if i not in used]
        bins = [j for j in bins if j not in {j for j, _ in chosen}]
    columns = sorted(fixed)
    return columns if not bins and packing.admits(columns) else None


def _rest(
    packing: Packing, items: list[int], bins: list[int], fixed: list[Column], known: list[Column]
) -> tuple[Packing, list[Column]]:
    """What is left when columns are fixed, with the known columns that still fit."""
    part = packing.restricted(items, bins)
    held = tuple(
        (small, limit - cost.total(fixed))
        for (cost, limit), (small, _) in zip(packing.held, part.held, strict=True)
    )
    place = {i: k for k, i in enumerate(items)}
    seat = {j: k for k, j in enumerate(bins)}
    fitting = [
        (seat[j], tuple((place[i], x) for i, x in kept))
        for j, kept in known
        if j in seat and all(i in place for i, _ in kept)
    ]
    return replace(part, held=held), fitting


def renamed(column: Column, items: list[int], bins: list[int]) -> Column:
    """Return a column of a part in the numbers of the whole."""
    j, kept = column
    return bins[j], tuple((items[i], x) for i, x in kept)


def _largest(columns: list[Column], weights: NDArray[np.float64]) -> Iterator[Column]:
    """Columns to fix: the largest part, and all that are nearly whole and fit with it."""
    used: set[int] = set()
    seats: set[int] = set()
    for k in np.argsort(-weights, kind="stable"):
        if weights[k] < 1e-6 or (seats and weights[k] < _SURE):
            return
        j, kept = columns[k]
        if j not in seats and not any(i in used for i, _ in kept):
            seats.add(j)
            used |= {i for i, _ in kept}
            yield columns[k]


def _after(rounds: int, stop: Stop) -> Stop:
    left = [rounds]

    def over() -> bool:
        left[0] -= 1
        return left[0] < 0 or stop()

    return over


def neighbourhood(
    packing: Packing, columns: list[Column], bins: list[int]
) -> tuple[Packing, list[Column], list[int]]:
    """Free some bins of a solution, and all items that are not used by the others."""
    fixed = [c for c in columns if c[0] not in bins]
    used = {i for _, kept in fixed for i, _ in kept}
    items = [i for i in range(packing.items) if i not in used]
    part, kept = _rest(packing, items, bins, fixed, [c for c in columns if c[0] in bins])
    return part, kept, items
