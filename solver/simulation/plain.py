"""Lowest fulfilment over many years at once: the engine's answers, a step of all years at a time.

Municipalities stand in the order between equals, so that the first least key of a row is the one the
rule takes. Keys are the whole numbers of `queue`: comparing them is exact.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING

import numpy as np
from fordela.models.allocation import history
from fordela.models.holdings import Holdings, holdings, unwind
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import Policy
from fordela.solver.order import ranks_between_equals, signpost
from fordela.solver.queue import shift_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fordela.instances.random_years import Years
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

_NEVER = np.iinfo(np.int64).max
#: Keys must fit 63 bits; so many children are never counted anywhere near.
_MOST_COUNTED = 1 << 20


def is_plain(instance: Instance, policy: Policy) -> bool:
    """Whether the rule is lowest fulfilment without capacity, valve or lot."""
    rule = policy.assignment
    largest = 2 * max(instance.units, 1)
    return (
        rule.rule == "lowest-fulfilment"
        and rule.kinship == "always"
        and rule.valve is None
        and rule.tie != "lot"
        and all(m.capacity is None for m in instance.municipalities)
        and any(m.share for m in instance.municipalities)
        and shift_for(largest) + (2 * _MOST_COUNTED).bit_length() <= 62
        # What `PlainRule._among` multiplies.
        and 2 * largest * (sum(history(instance, policy)) + _MOST_COUNTED) ** 2 < 1 << 63
    )


@dataclass(frozen=True)
class Outcomes:
    """What a plain rule does with the cases of some years.

    Attributes
    ----------
    years
        The cases.
    owner, bearer
        Position of the municipality for every case; under ``effective-share`` the owner is the bearer,
        before the credit is unwound at year end.
    tied_decisions
        For every year.
    municipalities
        How many there are.
    unwound
        The ledger that a receiver's credit is unwound by at year end (``effective-share``), or None.
    """

    years: Years
    owner: Whole
    bearer: Whole
    tied_decisions: Whole
    municipalities: int
    unwound: Holdings | None = None

    def _children(self, where: Whole, which: NDArray[np.bool_]) -> Whole:
        """Children by year and municipality, among some cases."""
        return self._sums(where, self.years.size * which)

    def _sums(self, where: Whole, weights: Whole) -> Whole:
        """Sums by year and municipality of what each case weighs."""
        years = len(self.years.numbers)
        cell = self._year * self.municipalities + where
        counted = np.bincount(cell, weights=weights, minlength=years * self.municipalities)
        return counted.astype(np.int64).reshape(years, self.municipalities)

    @cached_property
    def _year(self) -> Whole:
        return np.repeat(np.arange(len(self.years.numbers)), np.diff(self.years.start))

    @cached_property
    def kinship(self) -> Whole:
        """Children with a tie, by year and municipality."""
        return self._children(self.bearer, self.years.tie >= 0)

    @cached_property
    def equalising(self) -> Whole:
        """Children without a tie, by year and bearer."""
        return self._children(self.bearer, self.years.tie < 0)

    @cached_property
    def on_transferred_share(self) -> Whole:
        """Children borne on another municipality's share, by year and bearer."""
        if self.unwound is None:
            return self._children(self.bearer, self.owner != self.bearer)
        transferred = np.zeros_like(self.equalising)
        for j, received in enumerate(self.unwound.received):
            if received:
                borne = self.equalising[:, j]
                own = [
                    unwind(self.unwound, j, n).get(j, 0) for n in range(int(borne.max(initial=0)) + 1)
                ]
                transferred[:, j] = borne - np.array(own)[borne]
        return transferred

    def days(self, length: int) -> Whole:
        """Days of all children from arrival to the end of a year so long, by year and bearer."""
        return self._sums(self.bearer, self.years.size * (length - self.years.day))

    @property
    def total(self) -> Whole:
        """Children by year and bearer."""
        return self.kinship + self.equalising


class PlainRule:
    """Lowest fulfilment on an instance's shares and histories; its children are not used.

    Parameters
    ----------
    instance, policy, transfers
        As in `run_rule`; the policy must be plain (`is_plain`).
    """

    def __init__(self, instance: Instance, policy: Policy, transfers: Sequence[Transfer]) -> None:
        self._ledger: Holdings = holdings(instance, transfers)
        self._effective = policy.counting.mechanism == "effective-share"
        self._signpost = policy.assignment.signpost
        own = self._ledger.share
        shares = self._ledger.effective if self._effective else own
        ranks = ranks_between_equals(instance, policy)
        order = sorted((k for k, a in enumerate(shares) if a), key=ranks.__getitem__)
        self._order = np.array(order, np.int64)
        self._column = np.full(len(shares), -1)
        self._column[self._order] = np.arange(len(order))
        self._own = np.array([own[k] for k in order], np.int64)
        self._after = np.array([shares[k] for k in order], np.int64)
        before = history(instance, policy)
        self._total_before = sum(before)
        self._before = np.array(before, np.int64)[self._order]
        self._shift = shift_for(2 * max(own))
        self._municipalities = len(shares)
        self._codes = [m.code for m in instance.municipalities]

    def run(self, years: Years) -> Outcomes:
        """Assign every case of some years."""
        untied = years.tie < 0
        owner = years.tie.copy()
        tied = np.zeros(len(years.numbers), np.int64)
        if untied.any():
            owner[untied], tied = self._decide(years, untied)
        if self._effective:
            return Outcomes(years, owner, owner, tied, self._municipalities, self._ledger)
        if not any(self._ledger.given):
            return Outcomes(years, owner, owner, tied, self._municipalities)
        bearer = owner.copy()
        self._bear(years, untied, owner, bearer)
        return Outcomes(years, owner, bearer, tied, self._municipalities)

    def _decide(self, years: Years, untied: NDArray[np.bool_]) -> tuple[Whole, Whole]:
        """Return the owner of every untied case, and the tied decisions of every year."""
        number = len(years.numbers)
        year = np.repeat(np.arange(number), np.diff(years.start))
        per_year = np.bincount(year[untied], minlength=number)
        # Years with most untied cases come first, so that those still going are always the first rows.
        by_length = np.argsort(-per_year, kind="stable")
        row = np.empty(number, np.int64)
        row[by_length] = np.arange(number)
        going = np.searchsorted(-per_year[by_length], -np.arange(per_year.max()), side="left")

        earlier: Whole = np.cumsum(untied) - untied  # untied cases before each case, over all years
        step: Whole = earlier - earlier[np.minimum(years.start[:-1], len(untied) - 1)][year]
        kin = np.flatnonzero(~untied & (self._column[years.tie] >= 0) & (step < per_year[year]))
        kin = kin[np.argsort(step[kin], kind="stable")]
        kin_ends = np.searchsorted(step[kin], np.arange(per_year.max()), side="right")
        width = len(self._own)
        kin_cell = row[year[kin]] * width + self._column[years.tie[kin]]
        kin_size = years.size[kin]

        cases = np.flatnonzero(untied)
        case_at = np.full((int(per_year.max()), number), -1)
        case_at[step[cases], row[year[cases]]] = cases
        sizes = [int(s) for s in np.unique(years.size[cases])]
        if self._signpost == "before":
            sizes = sizes[:1]  # the size does not matter
        # Cells of years and municipalities, one row after the other.
        counts, shares = np.tile(self._before, number), np.tile(self._own, number)
        # Children of the years before and of the year so far, by case.
        so_far = np.cumsum(years.size)
        of_year = so_far - (so_far - years.size)[np.minimum(years.start[:-1], len(untied) - 1)][year]
        takers = np.flatnonzero(self._own != self._after)
        apart = np.tile(self._own != self._after, number)
        keys = [self._keys(counts, shares, size, apart) for size in sizes]
        row_start = np.arange(number) * width
        owner, tied = np.empty(len(untied), np.int64), np.zeros(number, np.int64)

        def change(cells: Whole) -> None:
            changed, units = counts[cells], shares[cells]
            for at, size in enumerate(sizes):
                keys[at][cells] = self._keys(changed, units, size, apart[cells])

        done = 0
        for t, active in enumerate(going.tolist()):
            if kin_ends[t] > done:
                cells = kin_cell[done : kin_ends[t]]
                np.add.at(counts, cells, kin_size[done : kin_ends[t]])
                change(cells)
                done = kin_ends[t]
            now = case_at[t, :active]
            size = years.size[now]
            if len(sizes) == 1:
                chosen, equal = _first(keys[0][: active * width].reshape(active, width))
            else:
                chosen, equal = np.empty(active, np.int64), np.empty(active, bool)
                for at, kind in enumerate(sizes):
                    rows = np.flatnonzero(size == kind)
                    chosen[rows], equal[rows] = _first(keys[at].reshape(number, width)[rows])
            if len(takers):
                table = counts[: active * width].reshape(active, width)
                chosen, equal = self._among(takers, chosen, equal, table, size, of_year[now])
            tied[:active] += equal
            cells = row_start[:active] + chosen
            counts[cells] += size
            change(cells)
            owner[now] = self._order[chosen]
        in_order = np.empty(number, np.int64)
        in_order[by_length] = tied
        return owner[untied], in_order

    def _keys(self, counts: Whole, shares: Whole, size: int, apart: NDArray[np.bool_]) -> Whole:
        """Whole-number keys of counts, in the order of what the rule compares; never where apart."""
        top, bottom = signpost(self._signpost, counts, size, np.maximum(shares, 1))
        return np.where(apart, _NEVER, (top << self._shift) // bottom)

    def _among(
        self,
        takers: Whole,
        chosen: Whole,
        equal: NDArray[np.bool_],
        counts: Whole,
        size: Whole,
        of_year: Whole,
    ) -> tuple[Whole, NDArray[np.bool_]]:
        """Compare the first of those whose share nobody changed with the others, one by one.

        Under ``effective-share``: children against ``a P + ã N`` (model, section 2). Both sides of a
        comparison are below 2⁶³, as `is_plain` makes sure.
        """
        rows = np.arange(len(chosen))

        def compared(columns: Whole) -> tuple[Whole, Whole]:
            asked = self._own[columns] * self._total_before + self._after[columns] * of_year
            return signpost(self._signpost, counts[rows, columns], size, asked)

        top, bottom = compared(chosen)
        alone = np.isin(chosen, takers)  # nobody's share is unchanged
        equal = equal & ~alone
        top, bottom = np.where(alone, 1, top), np.where(alone, 0, bottom)
        chosen = np.where(alone, len(self._own), chosen)
        for column in takers:
            other, under = compared(np.full_like(chosen, column))
            here, there = other * bottom, top * under
            lower, same = here < there, here == there
            chosen = np.where(lower | (same & (column < chosen)), column, chosen)
            equal = (equal & ~lower) | same
            top, bottom = np.where(lower, other, top), np.where(lower, under, bottom)
        return chosen, equal

    def _bear(self, years: Years, untied: NDArray[np.bool_], owner: Whole, bearer: Whole) -> None:
        """Choose bearers on handed-over share, in order of arrival (model, section 2)."""
        gives = np.array([bool(given) for given in self._ledger.given])
        events = np.flatnonzero(untied & gives[owner])
        year = np.searchsorted(years.start, events, side="right") - 1
        sequel = Receivers(self._ledger, self._codes)
        current = -1
        for case, this, i, size in zip(
            events.tolist(),
            year.tolist(),
            owner[events].tolist(),
            years.size[events].tolist(),
            strict=True,
        ):
            if this != current:
                sequel.new_year()
                current = this
            bearer[case] = sequel.bear(i, size)


def _first(keys: Whole) -> tuple[Whole, NDArray[np.bool_]]:
    """Return the first least column of every row, and whether another one equals it."""
    flat, start = keys.reshape(-1), np.arange(len(keys)) * keys.shape[1]
    first = keys.argmin(axis=1)
    cells = start + first
    least = flat[cells]
    flat[cells] = _NEVER
    equal = flat[start + keys.argmin(axis=1)] == least
    flat[cells] = least
    return first, equal


class Receivers:
    """Receivers of a year: what is due to them on the shares they hold, in whole numbers."""

    def __init__(self, ledger: Holdings, codes: Sequence[str]) -> None:
        self._ledger = ledger
        held = {j: dict(received) for j, received in enumerate(ledger.received) if received}
        self._common = {j: lcm(*(ledger.share[i] for i in by)) for j, by in held.items()}
        self._parts = {
            j: {i: units * (self._common[j] // ledger.share[i]) for i, units in by.items()}
            for j, by in held.items()
        }
        self._receivers = {
            i: sorted((j for j, _ in given), key=codes.__getitem__)
            for i, given in enumerate(ledger.given)
            if given
        }
        self._due: dict[int, int] = {}

    def new_year(self) -> None:
        """Forget what was due."""
        self._due.clear()

    def beside(self) -> Receivers:
        """Return the receivers of another year with the same holdings, nothing due yet."""
        other = copy(self)
        other._due = {}
        return other

    def bear(self, owner: int, size: int) -> int:
        """Choose the bearer of a case on a giver's share, and remember it."""
        due, best = self._due, owner
        most: tuple[int, int] | None = None
        for j in self._receivers[owner]:
            due[j] = due.get(j, 0) + size * self._parts[j][owner]
            # D_j = due / common; compared as a fraction, the first code on ties
            if most is None or due[j] * most[1] > most[0] * self._common[j]:
                most, best = (due[j], self._common[j]), j
        assert most is not None
        if self._ledger.kept[owner] and 2 * most[0] < size * most[1]:
            return owner
        due[best] -= size * self._common[best]
        return best
