"""Lowest fulfilment over many histories at once, each with its own counts and redistribution.

The engine's answers (`tests/test_validation.py` compares them), a case of every history at a time.
Quotients are compared as floating-point numbers, which is exact here: of two different quotients of
whole numbers one is larger by at least a part in numerator times denominator of the other, far more
than what rounding changes. Where nobody's share changed all denominators are the shares times the same
number, so those quotients are kept and only that of who gets a case is computed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from fordela.instances.arrivals import Draft
from fordela.models.holdings import Holdings, unwind
from fordela.models.policy import Policy
from fordela.solver.simulation.plain import Receivers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

#: Numerator times denominator may not reach this: quotients would no longer be told apart.
_MOST = 1 << 50


@dataclass(frozen=True)
class Cases:
    """Cases of many years, each in order of arrival; shorter years end in cases without children.

    Attributes
    ----------
    size, tie
        Children, and position of the municipality of the tie or -1, by step and year.
    """

    size: Whole
    tie: Whole

    @classmethod
    def of(cls, years: Sequence[Sequence[Draft]], index: dict[str, int]) -> Cases:
        """Put drawn years beside each other."""
        steps = max((len(cases) for cases in years), default=0)
        size = np.zeros((steps, len(years)), np.int64)
        tie = np.full((steps, len(years)), -1)
        for row, cases in enumerate(years):
            size[: len(cases), row] = [s for s, _ in cases]
            tie[: len(cases), row] = [-1 if t is None else index[t] for _, t in cases]
        return cls(size, tie)


@dataclass(frozen=True)
class Outcome:
    """What many years gave, by year and municipality.

    Attributes
    ----------
    kinship, equalising, on_transferred_share
        Children by bearer; the last are a part of the equalising ones.
    credited
        Children that count after the year, by owner.
    """

    kinship: Whole
    equalising: Whole
    on_transferred_share: Whole
    credited: Whole

    @property
    def counts(self) -> dict[str, Whole]:
        """Children of every kind, by bearer."""
        return {
            "total": self.kinship + self.equalising,
            "kinship": self.kinship,
            "equalising": self.equalising,
            "on_transferred_share": self.on_transferred_share,
        }


def replay(
    policy: Policy, codes: Sequence[str], ledgers: Sequence[Holdings], before: Whole, cases: Cases
) -> Outcome:
    """Assign every case of every year by lowest fulfilment.

    Parameters
    ----------
    policy
        Its mechanism, its ``kinship`` and its signpost ``before`` are followed; no capacities, no
        valve, the lowest code between equals.
    codes
        Of the municipalities, in rising order.
    ledgers
        Shares after transfers, for every year; the shares themselves are the same in all.
    before
        Children counted before, by year and municipality.
    cases
        By step and year.
    """
    effective = policy.counting.mechanism == "effective-share"
    within = policy.assignment.kinship == "within-share"
    rows = np.arange(len(ledgers))
    share = np.array(ledgers[0].share, np.int64)
    shares = {id(x): x.effective if effective else x.share for x in ledgers}
    after = np.array([shares[id(x)] for x in ledgers], np.int64)
    everyone = before.sum(axis=1)
    asked_before = share * everyone[:, None]
    units = int(share.sum())
    coming = int(cases.size.sum(axis=0).max(initial=0))
    largest = int(asked_before.max(initial=0)) + int(after.max(initial=0)) * (coming + 1)
    assert (int(before.max(initial=0)) + coming) * largest < _MOST
    standing = _Standing(before.copy(), share, after, asked_before)
    handing = _Handing(() if effective else ledgers, codes)
    is_tied, owner = cases.tie >= 0, cases.tie.copy()
    bearer = owner.copy()
    so_far = np.zeros(len(ledgers), np.int64)
    for size, tie, tied, own, bear in zip(cases.size, cases.tie, is_tied, owner, bearer, strict=True):
        so_far += size
        if within:
            room = -(-share[tie] * (everyone + so_far) // units)
            tied &= standing.count[rows, tie] + size <= room
        at = np.flatnonzero(~tied & (size > 0))
        own[at] = bear[at] = first = standing.lowest(at, so_far[at, None])
        standing.add(rows, own, size)
        if not effective:
            for row, receiver in handing.borne(at, first, size):
                bear[row] = receiver

    def children(chosen: NDArray[np.bool_]) -> Whole:
        chosen = chosen & (cases.size > 0)
        cells = (rows * len(share) + bearer)[chosen]
        counted = np.bincount(cells, cases.size[chosen], before.size)
        return counted.astype(np.int64).reshape(before.shape)

    kinship, equalising = children(is_tied), children(~is_tied)
    transferred = children(bearer != owner)
    if effective:
        _unwind(ledgers, equalising, transferred, standing.count)
    return Outcome(kinship, equalising, transferred, standing.count)


class _Standing:
    """Counts of every year and municipality, and who has the lowest fulfilment.

    Attributes
    ----------
    count
        Children by owner, by year and municipality.
    """

    def __init__(self, count: Whole, share: Whole, after: Whole, asked_before: Whole) -> None:
        self.count, self._after, self._before = count, after, asked_before
        self._share = np.maximum(share, 1)
        in_line = (after == share) & (share > 0)
        self._keys = np.where(in_line, count / self._share, np.inf)
        # Positions whose share changed and is above 0, by year, and whether there is one.
        changed = (after != share) & (after > 0)
        width = int(changed.sum(axis=1).max(initial=0))
        self._changed = np.argsort(~changed, axis=1, kind="stable")[:, :width]
        self._is_changed = np.take_along_axis(changed, self._changed, axis=1)

    def add(self, rows: Whole, places: Whole, children: Whole) -> None:
        """Count children, of a year at most once."""
        self.count[rows, places] = now = self.count[rows, places] + children
        in_line = self._keys[rows, places] < np.inf
        self._keys[rows, places] = np.where(in_line, now / self._share[places], np.inf)

    def lowest(self, rows: Whole, so_far: Whole) -> Whole:
        """Who is first in line in some years, after so many children of the year."""
        first: Whole = self._keys[rows].argmin(axis=1)
        if not self._changed.shape[1]:
            return first
        # A share holds for its year: these are compared one by one with the first of the others.
        places = np.column_stack([first, self._changed[rows]])
        in_line = np.column_stack([self._keys[rows, first] < np.inf, self._is_changed[rows]])
        at = rows[:, None]
        asked = self._before[at, places] + self._after[at, places] * so_far
        keys = np.where(in_line, self.count[at, places] / np.maximum(asked, 1), np.inf)
        least = keys == keys.min(axis=1, keepdims=True)
        return np.asarray(np.where(least, places, len(self._share)).min(axis=1))


class _Handing:
    """Receivers of every year under ``owner-bearer``."""

    def __init__(self, ledgers: Sequence[Holdings], codes: Sequence[str]) -> None:
        made = {id(ledger): Receivers(ledger, codes) for ledger in ledgers}
        given = {id(x): list(map(bool, x.given)) for x in ledgers}
        self._receivers = [made[id(ledger)].beside() for ledger in ledgers]
        self._gives = np.array([given[id(ledger)] for ledger in ledgers], bool)

    def borne(self, rows: Whole, owners: Whole, size: Whole) -> Iterator[tuple[int, int]]:
        """Year and bearer of every case whose owner has handed over some of its share."""
        here = self._gives[rows, owners]
        for row, owner in zip(rows[here].tolist(), owners[here].tolist(), strict=True):
            yield row, self._receivers[row].bear(owner, int(size[row]))


def _unwind(ledgers: Sequence[Holdings], equalising: Whole, transferred: Whole, count: Whole) -> None:
    """Credit a receiver's equalising children to what it holds, at the end of the year."""
    for row, ledger in enumerate(ledgers):
        for j, received in enumerate(ledger.received):
            borne = int(equalising[row, j])
            if received and borne:
                owned = unwind(ledger, j, borne)
                count[row, j] -= borne
                transferred[row, j] = borne - owned.get(j, 0)
                for i, children in owned.items():
                    count[row, i] += children
