"""Where a published figure lies in what is drawn: intervals, and the ranked probability score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from fordela.instances.figures import Published

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Per cent of the draws that an interval holds, half of the others on each side.
INTERVALS = (50, 80, 95)


@dataclass(frozen=True)
class Tested:
    """A published figure beside what a reading of the rule draws.

    Attributes
    ----------
    figure
        What is published.
    median
        Of the draws.
    intervals
        Lowest and highest, for every one of `INTERVALS`.
    score
        Continuous ranked probability score: 0 where every draw is the published figure, and else in
        the figure's own unit.
    """

    figure: Published
    median: float
    intervals: tuple[tuple[float, float], ...]
    score: float

    @property
    def is_test(self) -> bool:
        """Whether the figure was neither given nor follows from what was."""
        return self.figure.given == "no"

    def inside(self, interval: int) -> bool:
        """Whether the published figure lies in an interval, its ends included."""
        low, high = self.intervals[INTERVALS.index(interval)]
        return low <= self.figure.value <= high


def measure(figure: Published, draws: NDArray[np.float64]) -> Tested:
    """Set a figure against draws, in any order."""
    ordered = np.sort(draws)
    return Tested(
        figure,
        quantile(ordered, 100),
        tuple((quantile(ordered, 100 - p), quantile(ordered, 100 + p)) for p in INTERVALS),
        ranked_score(ordered, figure.value),
    )


def quantile(ordered: NDArray[np.float64], half_percent: int) -> float:
    """Least draw with at least so many two-hundredths of all at or below it."""
    return float(ordered[max(0, -(-len(ordered) * half_percent // 200) - 1)])


def ranked_score(ordered: NDArray[np.float64], value: float) -> float:
    """``E|X − y| − E|X − X′| / 2`` over draws that are in rising order (Gneiting and Raftery 2007)."""
    n = len(ordered)
    ranks = 2 * np.arange(n) - n + 1
    return float(np.abs(ordered - value).mean() - (ranks * ordered).sum() / n**2)
