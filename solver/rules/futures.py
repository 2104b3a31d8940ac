"""Sampled futures of a year: where kinship falls, how many come without, and what a child then costs.

A future is a sequence of children; when ``R`` of them are still expected its last ``R`` are what comes.
So the futures of one decision are nearly those of the next, and two municipalities are compared on the
same ones. Children are drawn one by one, each with a tie by the kinship part; siblings may be parted
in the future, as in `relax`.

How many are expected is learnt from how many have come: before the year the forecast, with a spread
between years (a gamma distribution), and after ``n`` children in a part ``F`` of the year
``(1 − F) (r + n) / (r / forecast + F)`` with ``r = 1 / spread²``.

Costs are those of chi2: a child at a municipality that has ``c`` costs ``(2c + 1) / a``, up to what is
the same for all. They are counted in whole 2⁻³²ths, so that decisions are the same on every machine.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from random import Random

import numpy as np
from fordela.instances.random_years import SPREAD
from fordela.models.rules import Arrival, Known, State
from fordela.solver.rules.projected import require_forecast, whole_weights
from numpy.typing import NDArray

Whole = NDArray[np.int64]

#: Costs are whole multiples of this power of a half.
_SHIFT = 32
_NEVER = np.iinfo(np.int64).max
#: A future is at most so many times the forecast.
_LONGEST = 4


class Futures:
    """Futures of a year, drawn once from the rule's seed.

    Attributes
    ----------
    codes
        Of the municipalities, by position.
    """

    def __init__(self, known: Known, rule: str) -> None:
        forecast = require_forecast(known, rule)
        assignment = known.policy.assignment
        self.codes = [m.code for m in known.municipalities]
        self._index = {code: k for k, code in enumerate(self.codes)}
        rng = Random(f"{rule} {known.seed}")
        weights = whole_weights(known)
        places = range(len(weights))
        self._forecast, self._year = forecast, known.year
        self._effective = known.policy.counting.mechanism == "effective-share"
        # Positions of ties, the number of municipalities for a child without one; a row per future.
        untied, longest = len(weights), _LONGEST * forecast
        self._paths = np.full((assignment.samples, longest), untied, np.int64)
        kinship = assignment.kinship_part
        for path in self._paths:
            tied = [rng.randrange(kinship.denominator) < kinship.numerator for _ in range(longest)]
            number = sum(tied)
            if number and any(weights):
                path[np.array(tied)] = rng.choices(places, weights, k=number)
        # Cells of futures and municipalities, one future after the other.
        self._cells = self._paths + (untied + 1) * np.arange(assignment.samples)[:, None]

    def expected(self, case: Arrival, state: State) -> int:
        """Children still to come after a case."""
        first = date(self._year, 1, 1)
        days = (date(self._year + 1, 1, 1) - first).days
        gone = Fraction(min(max((case.day - first).days + 1, 0), days), days)
        shape = 1 / (SPREAD * SPREAD)
        if not self._forecast:
            return 0
        rate = (shape + state.children + case.size) / (shape / self._forecast + gone)
        return min(round((1 - gone) * rate), self._paths.shape[1])

    def look(self, case: Arrival, state: State) -> Look:
        """Return the futures of a decision."""
        futures, longest = self._paths.shape
        coming = self._cells[:, longest - self.expected(case, state) :].reshape(-1)
        width = len(self.codes) + 1
        kinship = np.bincount(coming, minlength=futures * width).reshape(futures, width)
        credited = np.array([state.credited[c] for c in self.codes], np.int64)
        share = np.array(self._shares(case, state), np.int64)
        fixed = credited + kinship[:, :-1]
        candidates = np.array([self._index[c] for c in state.candidates], np.int64)
        return Look(fixed, credited, share, kinship[:, -1], candidates)

    def _shares(self, case: Arrival, state: State) -> list[int]:
        """Return units of 0.01 ‰; under ``effective-share`` of all children so far, rounded."""
        shares = [state.share[c] for c in self.codes]
        if not self._effective or state.kind == "valve":
            return shares
        so_far = sum(state.credited.values()) + case.size
        return [max(bool(share), round(Fraction(share, so_far))) for share in shares]

    def least(self, look: Look, price: Whole, size: int) -> list[str]:
        """Return the candidates at which a case's steps above the price cost least, on average.

        Among those that cost the same (mostly nothing) the one whose steps cost least as of now: it is
        needed first if fewer come than expected.
        """
        counts, now = look.fixed[:, look.candidates], look.credited[look.candidates]
        above = np.zeros(len(look.candidates), np.int64)
        steps = np.zeros(len(look.candidates), np.int64)
        for child in range(size):
            above += np.maximum(0, look.cost(counts + child) - price[:, None]).sum(axis=0)
            steps += look.cost(now + child)
        steps[above > above.min()] = _NEVER
        equals = np.flatnonzero(steps == steps.min())
        return [self.codes[k] for k in look.candidates[equals]]


class Look:
    """Futures as one decision sees them.

    Parameters
    ----------
    fixed
        Children credited so far and kinship to come, by future and municipality.
    credited
        Children credited so far.
    share
        Units.
    untied
        Children without a tie still to come in each future.
    candidates
        Positions that can be chosen.
    """

    def __init__(
        self, fixed: Whole, credited: Whole, share: Whole, untied: Whole, candidates: Whole
    ) -> None:
        self.fixed, self.credited, self.share = fixed, credited, share
        self.untied, self.candidates = untied, candidates

    def cost(self, counts: Whole) -> Whole:
        """Cost of one child more than counts, at the candidates (the last axis)."""
        return np.asarray(((2 * counts + 1) << _SHIFT) // self.share[self.candidates])

    def price(self, children: Whole) -> Whole:
        """Return what the last of some children costs in every future, where each costs least.

        The least cost at which at least so many find a place: the dual price of the children.
        """
        fixed, share = self.fixed[:, self.share > 0], self.share[self.share > 0]
        low = np.zeros(len(fixed), np.int64)
        high = np.full(
            len(fixed), (2 * int(fixed.max(initial=0) + children.max(initial=0)) + 1) << _SHIFT
        )
        high //= int(share.min())
        while (low < high).any():  # every span is at least halved
            middle = (low + high) // 2
            # Children up to a cost: the e with (2(b + e) + 1) 2^k ≤ cost · a, from e = 0.
            reach = ((middle[:, None] * share) >> _SHIFT) + 1
            places = np.maximum(0, reach // 2 - fixed).sum(axis=1)
            enough = places >= children
            high = np.where(enough, middle, high)
            low = np.where(enough, low, middle + 1)
        return low
