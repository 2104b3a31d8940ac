"""Lowest fulfilment over many histories at once, each with its own counts and redistribution.

The engine's answers (`tests/test_validation.py` compares them), a case of every history at a time.
Quotients are compared as floating-point numbers, which is exact here: of two different quotients of
whole numbers one is larger by at least a part in numerator times denominator of the other, far more
than what rounding changes.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    after = np.array([x.effective if effective else x.share for x in ledgers], np.int64)
    asked_before = share * before.sum(axis=1)[:, None]
    units = int(share.sum())
    coming = int(cases.size.sum(axis=0).max(initial=0))
    largest = int(asked_before.max(initial=0)) + int(after.max(initial=0)) * (coming + 1)
    assert (int(before.max(initial=0)) + coming) * largest < _MOST
    count = before.copy()
    kinship, equalising, transferred = (np.zeros_like(before) for _ in range(3))
    gives = [{i for i, given in enumerate(ledger.given) if given} for ledger in ledgers]
    made = {id(ledger): Receivers(ledger, codes) for ledger in ledgers}
    receivers = [made[id(ledger)].beside() for ledger in ledgers]
    so_far = np.zeros(len(ledgers), np.int64)
    everyone = before.sum(axis=1)
    for size, tie in zip(cases.size, cases.tie, strict=True):
        so_far += size
        tied = tie >= 0
        if within:
            room = -(-share[tie] * (everyone + so_far) // units)
            tied &= count[rows, tie] + size <= room
        at = np.flatnonzero(tied)
        count[at, tie[at]] += size[at]
        kinship[at, tie[at]] += size[at]
        at = np.flatnonzero(~tied & (size > 0))
        asked = after[at]
        in_line = asked > 0
        if effective:  # a share holds for its year
            asked = asked_before[at] + asked * so_far[at, None]
        keys = np.where(in_line, count[at] / np.maximum(asked, 1), np.inf)
        owner = keys.argmin(axis=1)
        count[at, owner] += size[at]
        bearer = owner
        if not effective:
            bearer = owner.copy()
            for k, (row, i) in enumerate(zip(at.tolist(), owner.tolist(), strict=True)):
                if i in gives[row]:
                    bearer[k] = receivers[row].bear(i, int(size[row]))
            moved = bearer != owner
            transferred[at[moved], bearer[moved]] += size[at[moved]]
        equalising[at, bearer] += size[at]
    if effective:
        _unwind(ledgers, equalising, transferred, count)
    return Outcome(kinship, equalising, transferred, count)


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
