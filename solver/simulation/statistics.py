"""Means over years with their intervals, and paired differences."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Half the width of a 95 % interval, in standard errors.
NORMAL_95 = NormalDist().inv_cdf(0.975)
#: With fewer years the mean is not near enough to normal to give an interval.
LEAST_YEARS = 30
#: With fewer years none of them lies outside the 5th or the 95th percentile.
LEAST_FOR_PERCENTILES = 20


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over years, and the ends of its 95 % interval (None with fewer than 30 years)."""

    years: int
    mean: float
    low: float | None
    high: float | None

    @property
    def half(self) -> float | None:
        """Half the width of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    @property
    def sign(self) -> int:
        """1 or -1 if the interval is on one side of 0, else 0."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return 0
        return 1 if self.mean > 0 else -1


def estimate(values: NDArray[np.float64]) -> Estimate | None:
    """Mean of some years' values; None without any."""
    if not len(values):
        return None
    spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return from_moments(len(values), float(values.mean()), spread)


def from_moments(years: int, mean: float, spread: float) -> Estimate:
    """Make an estimate from a mean and a standard deviation over years."""
    if years < LEAST_YEARS:
        return Estimate(years, mean, None, None)
    half = NORMAL_95 * spread / sqrt(years)
    return Estimate(years, mean, mean - half, mean + half)


def chance(times: int, years: int) -> Estimate:
    """Probability of what happened in some of the years, with Wilson's interval.

    It does not shrink to nothing where something never or always happened.
    """
    part = times / years
    if years < LEAST_YEARS:
        return Estimate(years, part, None, None)
    z = NORMAL_95
    scale = 1 + z * z / years
    middle = (part + z * z / (2 * years)) / scale
    half = z * sqrt(part * (1 - part) / years + z * z / (4 * years * years)) / scale
    return Estimate(years, part, max(0.0, middle - half), min(1.0, middle + half))


def ratio(tops: NDArray[np.float64], bottoms: NDArray[np.float64]) -> Estimate | None:
    """Ratio of two paired means, its interval by linearisation; None where the second is 0."""
    if not len(tops) or not bottoms.mean():
        return None
    value = float(tops.mean() / bottoms.mean())
    spread = (
        float((tops - value * bottoms).std(ddof=1)) / abs(float(bottoms.mean()))
        if len(tops) > 1
        else 0.0
    )
    return from_moments(len(tops), value, spread)
