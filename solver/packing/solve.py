"""Solving a packing: bound by columns, solutions by dives and neighbourhoods, proof by enumeration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from random import Random
from time import monotonic

import numpy as np
from fordela.solver.packing.heuristics import dive, neighbourhood, renamed
from fordela.solver.packing.knapsack import NEVER, best_columns, best_with_each, columns_worth
from fordela.solver.packing.master import SCALE, Root
from fordela.solver.packing.partition import choose
from fordela.solver.packing.problem import Column, Packing
from numpy.typing import NDArray

#: Most columns of the program that settles what the bound leaves open, and of one neighbourhood, and
#: steps of the search for those of one bin.
_MOST_COLUMNS, _MOST_STEPS = 60_000, 3_000_000
_FEW_COLUMNS, _FEW_STEPS = 4_000, 30_000
#: Seconds for a neighbourhood, and bins freed together in it, at first and at most.
_NEAR_SECONDS = 4.0
_FREED = (4, 8)


@dataclass(frozen=True)
class Packed:
    """The best packing found.

    Attributes
    ----------
    columns
        One for each bin.
    value
        Its cost.
    bound
        Proven: no packing costs less. None where the time was up before anything was.
    exact
        Whether the bound is proven by whole-number prices alone; else an engine closed the rest.
    """

    columns: list[Column]
    value: int
    bound: int | None
    exact: bool

    @property
    def proven(self) -> bool:
        """Whether nothing is better."""
        return self.value == self.bound


@dataclass
class Packer:
    """One packing being solved, from a solution at hand.

    Attributes
    ----------
    packing, best
        What is solved, and the best solution so far.
    deadline
        Point in time (`time.monotonic`), or None.
    near
        Distance between bins: neighbourhoods free bins that are near each other.
    report
        Called with a word on how far it is.
    """

    packing: Packing
    best: list[Column]
    deadline: float | None
    near: NDArray[np.int64]
    seed: int = 0
    report: Callable[[str], None] = lambda _: None
    _exact: bool = True
    _tried: Fraction | None = None

    def solve(self, guess: NDArray[np.float64] | None = None) -> Packed:
        """Bound, improve and prove until the deadline."""
        root = Root.of(self.packing, self.best)
        if guess is not None:
            root.start_at(guess)
        complete = root.generate(lambda: self._over() or self._closed(root))
        if complete and not self._closed(root):
            found = dive(root, self._over)
            if found is not None:
                self._keep(found)
            if not self._settle(root):
                self._improve(root)
        value = self.value
        proven = None if root.bound is None else min(value, ceil(root.bound))
        return Packed(self.best, value, proven if self._exact else value, self._exact)

    @property
    def value(self) -> int:
        """Cost of the best solution."""
        return self.packing.cost.total(self.best)

    def _over(self) -> bool:
        return self.deadline is not None and monotonic() >= self.deadline

    def _closed(self, root: Root) -> bool:
        return root.bound is not None and ceil(root.bound) >= self.value

    def _left(self) -> float:
        return 1e6 if self.deadline is None else max(0.05, self.deadline - monotonic())

    def _keep(self, columns: Sequence[Column]) -> bool:
        better = self.packing.cost.total(columns) < self.value
        if better:
            self.best = sorted(columns)
        return better

    def _settle(self, root: Root) -> bool:
        """Close the gap with every column that an improvement could use, if they are not too many."""
        if self._closed(root):
            return True
        assert root.bound is not None
        gap = self.value - root.bound
        if self._tried is not None and 2 * gap > self._tried:
            return False  # too many were left at a gap that was not much wider
        columns = open_columns(root, self.value, _MOST_COLUMNS, _MOST_STEPS)
        if columns is None:
            self._tried = gap
            return False
        self.report(f"{len(columns)} columns are left")
        choice = choose(self.packing, columns, self.value, self._left())
        if choice.columns is not None:
            self._keep(choice.columns)
        if choice.proven:
            self._exact = False  # the last step is the engine's
        return choice.proven

    def _improve(self, root: Root) -> None:
        """Free a few near bins again and again, until the gap closes or nothing new is left to free.

        Each round frees what was not freed yet, lowers the value, or is one of so many misses.
        """
        rng = Random(self.seed)
        bins, (least, most) = self.packing.bins, _FREED
        settled: set[frozenset[Column]] = set()
        misses = 0
        while not self._over():
            freed = min(bins, least + misses // (4 * bins), most)
            first = rng.randrange(bins)
            others = sorted(
                (j for j in range(bins) if j != first),
                key=lambda j: self.near[first, j] * (0.2 + rng.random()),
            )
            chosen = sorted([first, *others[: freed - 1]])
            key = frozenset(c for c in self.best if c[0] in chosen)
            misses += 1
            if key in settled:
                if misses > 100 * bins:
                    return
                continue
            settled.add(key)
            if self._free(chosen):
                misses = 0
                bound = 0.0 if root.bound is None else float(root.bound)
                self.report(f"{self.value}, bound {bound:.0f}")
                if self._closed(root) or self._settle(root):
                    return

    def _free(self, chosen: list[int]) -> bool:
        part, kept, items = neighbourhood(self.packing, self.best, chosen)
        found = _small(part, kept, self._left())
        if found is None:
            return False
        opened = [renamed(c, items, chosen) for c in found]
        return self._keep([*(c for c in self.best if c[0] not in chosen), *opened])


def _small(part: Packing, kept: list[Column], seconds: float) -> list[Column] | None:
    """Solve a small packing; a better solution, or None."""
    until = monotonic() + min(seconds, _NEAR_SECONDS)
    value = part.cost.total(kept)
    root = Root.of(part, kept)
    root.generate(
        lambda: monotonic() >= until or (root.bound is not None and ceil(root.bound) >= value)
    )
    if root.bound is None or ceil(root.bound) >= value:
        return None
    columns = open_columns(root, value, _FEW_COLUMNS, _FEW_STEPS)
    if columns is None:
        return dive(root, lambda: monotonic() >= until)
    return choose(part, columns, value, min(seconds, _NEAR_SECONDS)).columns


def open_columns(root: Root, value: int, most: int, steps: int) -> list[Column] | None:
    """Every column that a solution below ``value`` could use, None if there are more than ``most``.

    None too if listing those of one bin takes more than so many steps.

    Pairs of item and bin whose best column costs too much are closed first.
    """
    assert root.bound is not None
    assert root.prices is not None
    packing = root.packing
    gap = int((value - 1 - root.bound) * SCALE) + 1
    values = root.prices.values(packing)
    worth = np.array([p.worth for p in best_columns(packing, values)])
    with_each = best_with_each(packing, values)
    still = packing.allowed & (with_each >= worth[None, :] - gap) & (with_each > NEVER)
    tight = replace(packing, allowed=still)
    columns: list[Column] = []
    for j in range(packing.bins):
        least = int(worth[j]) - gap
        found = columns_worth(tight, values, j, least, steps)
        if found is None or len(columns) + len(found) > most:
            return None
        columns += found
    return columns
