"""What of an optimum the checker can prove itself, level by level, without any engine.

Siblings may be parted in these arguments, and of redistribution only who may bear whose children is
known. So they bound the real problem from below, and a value that meets the bound is optimal. What no
argument reaches is settled by trying every allocation where they are few; else it rests on the engine's
word, and is called so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

from fordela.models.check.every import Every
from fordela.models.check.exchange import Amount, least_vector
from fordela.models.check.values import (
    SUM_NORMS,
    Counted,
    Value,
    cost_of,
    counted_before,
    first,
    part,
    pools,
    targets,
)
from fordela.models.errors import InputError, Problem
from fordela.models.policy import LEXIMIN_NORMS

#: Levels that settle whether ties and places are hard.
_SOFT = ("unplaced", "kinship-broken")


class Proof(StrEnum):
    """What a level's bound rests on.

    Nothing can be less than 0 (``trivial``); a price for a child bounds a sum (``certificate``); counts
    and exchanges leave nothing better (``counting``); every allocation was tried (``enumeration``); or
    only the engine says so (``engine``).
    """

    TRIVIAL = "trivial"
    CERTIFICATE = "certificate"
    COUNTING = "counting"
    ENUMERATION = "enumeration"
    ENGINE = "engine"


@dataclass(frozen=True)
class Box:
    """Untied children that each municipality can own, and the pool in which they are borne.

    Attributes
    ----------
    fixed
        Credited children whatever is chosen.
    low, high
        Least and most untied children that it can own while all proven levels are held.
    children
        Untied children in all.
    """

    fixed: tuple[int, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    children: int

    @property
    def settled(self) -> bool:
        """Whether the limits leave one number for each municipality."""
        return sum(self.low) == self.children or sum(self.high) == self.children

    def within(self, low: Sequence[int], high: Sequence[int]) -> Box:
        """Return the box with tighter limits."""
        return replace(
            self,
            low=tuple(map(max, self.low, low)),
            high=tuple(map(min, self.high, high)),
        )


class Prover:
    """Goes through the levels of an allocation in order, keeping what the proven ones leave open."""

    def __init__(self, year: Counted, levels: Sequence[str]) -> None:
        self.year, self.levels = year, levels
        self.goal = targets(year.instance, year.policy)
        self.pool = pools(year.instance, year.transfers)
        self.open = {level for level in _SOFT if level in levels}
        self._box = self._first_box()
        self.every = Every(year)

    @property
    def box(self) -> Box | None:
        """What is left open, or None while ties or places are not settled."""
        return None if self.open else self._box

    def prove(self, level: str, value: Value, price: Fraction | None = None) -> Proof | None:
        """Prove that a level cannot be better than a value that the year's decisions have.

        Parameters
        ----------
        price
            Of a sum norm's certificate.

        Returns
        -------
        Proof or None
            None if it takes an engine.
        """
        proof = self._argue(level, value, price)
        if proof is None and self.every.best(level) == value:
            proof = Proof.ENUMERATION
        self.every.hold(level, value)
        return proof

    def _argue(self, level: str, value: Value, price: Fraction | None = None) -> Proof | None:
        """Prove it without trying every allocation; parameters and answer as of `prove`."""
        if self._cannot_be_less(level, value):
            self._hold(level, value, price)
            return Proof.TRIVIAL
        if level == "unplaced":
            return Proof.COUNTING if value == self._without_place() else None
        if self.box is None:
            return None
        proof = self._proof(level, value, self.box, price)
        if proof is not None:
            self._hold(level, value, price)
        return proof

    def least(self, level: str, price: Fraction | None = None) -> Fraction | None:
        """Bound of a level whose values are numbers, from what is left open; None where unknown."""
        box = self.box
        norm = level.removeprefix("deviation:")
        if level == "unplaced":
            return Fraction(self._without_place())
        if level == "willing" and box is not None:
            return Fraction(self._least_unwilling(box))
        if level == "over-capacity" and box is not None:
            return Fraction(self._least_excess(box))
        if norm != level and norm not in LEXIMIN_NORMS and price is not None and box is not None:
            return dual_bound(norm, box, self.goal, price)
        return None if level == "willing" or ":" in norm or norm in LEXIMIN_NORMS else Fraction(0)

    def _cannot_be_less(self, level: str, value: Value) -> bool:
        norm = level.removeprefix("deviation:")
        if norm != level and not any(self.goal):
            return True  # every norm of a year without any assignment is 0
        if norm in LEXIMIN_NORMS or level == "willing":
            return False
        return value == 0 and (norm == level or norm in (*SUM_NORMS, "linf"))

    def _first_box(self) -> Box:
        instance = self.year.instance
        kinship = Counter(c.tie for c in instance.children if c.tie is not None)
        before = counted_before(instance, self.year.policy)
        places = instance.municipalities
        untied = len(instance.children) - kinship.total()
        box = Box(
            tuple(b + kinship[m.code] for b, m in zip(before, places, strict=True)),
            (0,) * len(places),
            tuple(untied if m.share else 0 for m in places),
            untied,
        )
        self._room = self._rooms(kinship)
        if self.year.policy.assignment.capacity == "hard":
            box = box.within(box.low, self._with_room(box, 0))
        return box

    def _rooms(self, kinship: Counter[str]) -> dict[str, int | None]:
        """Room of each pool for untied children; None is no limit."""
        bearing = self._bearing()
        room: dict[str, int | None] = dict.fromkeys(self.pool.values(), 0)
        for m in self.year.instance.municipalities:
            pool = self.pool[m.code]
            there = room[pool]
            if m.code in bearing and there is not None:
                more = None if m.capacity is None else max(0, m.capacity - kinship[m.code])
                room[pool] = None if more is None else there + more
        return room

    def _bearing(self) -> set[str]:
        """Municipalities that may bear an untied child: they kept or received some share."""
        held = {m.code: m.share for m in self.year.instance.municipalities}
        for t in self.year.transfers:
            held[t.giver] -= t.share
            held[t.receiver] += t.share
        return {code for code, units in held.items() if units > 0}

    def _with_room(self, box: Box, excess: int) -> list[int]:
        """Most children that each can own if so many are beyond capacity."""
        most = []
        for m, high in zip(self.year.instance.municipalities, box.high, strict=True):
            room = self._room[self.pool[m.code]]
            most.append(high if room is None else min(high, room + excess))
        return most

    def _by_pool(self, box: Box) -> Iterator[tuple[str, int, int]]:
        """Least and most untied children that each pool can bear."""
        low: Counter[str] = Counter()
        high: Counter[str] = Counter()
        codes = [m.code for m in self.year.instance.municipalities]
        for code, least, most in zip(codes, box.low, box.high, strict=True):
            low[self.pool[code]] += least
            high[self.pool[code]] += most
        for pool in sorted(set(self.pool.values())):
            yield pool, low[pool], min(high[pool], box.children)

    def _least_excess(self, box: Box) -> int:
        """Untied children beyond capacity, if siblings and shares of a pool could be parted at will."""
        forced, comfortable = 0, 0
        for pool, low, high in self._by_pool(box):
            room = self._room[pool]
            room = high if room is None else room
            forced += max(0, low - room)
            comfortable += max(low, min(high, room))
        return forced + max(0, box.children - comfortable)

    def _least_unwilling(self, box: Box) -> int:
        """Least value of ``willing``: pools with willing places filled first."""
        places: Counter[str] = Counter()
        bearing = self._bearing()
        for m, n in zip(
            self.year.instance.municipalities, self.year.instance.willing_places, strict=True
        ):
            if m.code in bearing:
                places[self.pool[m.code]] += n
        met, more, least = 0, 0, 0
        for pool, low, high in self._by_pool(box):
            met += min(low, places[pool])
            more += max(0, min(high, places[pool]) - low)
            least += low
        return -(met + min(more, box.children - least))

    def _without_place(self) -> int:
        """Children for whom hard capacities leave no room; parting ties or siblings makes none."""
        if self.year.policy.assignment.capacity != "hard":
            return 0
        room = [self._room[pool] for pool in set(self.pool.values())]
        if None in room:
            return 0
        return max(0, self._box.children - sum(n for n in room if n is not None))

    def _proof(self, level: str, value: Value, box: Box, price: Fraction | None) -> Proof | None:
        norm = level.removeprefix("deviation:")
        if level in ("over-capacity", "willing"):
            return Proof.COUNTING if value == self.least(level) else None
        if level == "bearer-balance":
            return (
                Proof.COUNTING
                if self._traders_settled(box) and value == self._least_imbalance()
                else None
            )
        if norm == level:
            return None
        if box.settled:  # no choice is left that a norm depends on
            return Proof.COUNTING
        if norm == "linf":
            return Proof.COUNTING if self._none_closer(box, first(value)) else None
        if norm in LEXIMIN_NORMS:
            return Proof.COUNTING if self._ordered(norm, box) else None
        if price is None or value != dual_bound(norm, box, self.goal, price):
            return None
        return Proof.CERTIFICATE

    def _none_closer(self, box: Box, value: Fraction) -> bool:
        """Whether all deviations below a value would give too few or too many children."""
        least = most = 0
        for b, t, low, high in zip(box.fixed, self.goal, box.low, box.high, strict=True):
            low = max(low, floor(t - value) + 1 - b)
            high = min(high, ceil(t + value) - 1 - b)
            if low > high:
                return True
            least += low
            most += high
        return not least <= box.children <= most

    def _amounts(self, norm: str, box: Box) -> list[Amount]:
        """What every municipality owns, with its fulfilment as a part of the vector."""
        sign = -1 if norm == "min-fulfilment" else 1

        def fulfilment(fixed: int, target: Fraction) -> Callable[[int], Fraction]:
            return lambda extra: sign * (fixed + extra) / target

        return [
            Amount(self.year.credited[k] - b, box.low[k], box.high[k], fulfilment(b, t))
            for k, (b, t) in enumerate(zip(box.fixed, self.goal, strict=True))
            if t
        ]

    def _ordered(self, norm: str, box: Box) -> bool:
        return least_vector(self._amounts(norm, box), free=False) is not None

    def _traders_settled(self, box: Box) -> bool:
        """Whether each municipality with a transfer can own one number of untied children only."""
        traders = {code for t in self.year.transfers for code in (t.giver, t.receiver)}
        codes = [m.code for m in self.year.instance.municipalities]
        ends = zip(codes, box.low, box.high, strict=True)
        return box.settled or all(low == high for code, low, high in ends if code in traders)

    def _least_imbalance(self) -> Fraction:
        """Distance of whole numbers from what is due, each pool's rounded as Hamilton does."""
        instance, year = self.year.instance, self.year
        share = {m.code: m.share for m in instance.municipalities}
        owned = Counter(a.owner for a in year.assignments if a.kind == "equalising")
        due = {code: Fraction(owned[code]) for code in share}
        for t in year.transfers:
            handed = Fraction(owned[t.giver] * t.share, share[t.giver])
            due[t.giver] -= handed
            due[t.receiver] += handed
        total = Fraction(0)
        for pool in set(self.pool.values()):
            rests = sorted((d % 1 for c, d in due.items() if self.pool[c] == pool), reverse=True)
            up = int(sum(rests))
            total += sum((1 - r for r in rests[:up]), Fraction(0)) + sum(rests[up:], Fraction(0))
        return total

    def _hold(self, level: str, value: Value, price: Fraction | None) -> None:
        """Keep only what has the proven value."""
        norm = level.removeprefix("deviation:")
        if level in self.open:
            self.open.discard(level)
        box = self.box
        if box is None:
            return
        if level == "over-capacity":
            self._box = box.within(box.low, self._with_room(box, int(first(value))))
        elif norm == level:
            return
        elif box.settled:
            only = box.low if sum(box.low) == box.children else box.high
            self._box = replace(box, low=only, high=only)
        elif norm in SUM_NORMS and value == 0:  # every count is its target, whatever the price
            ends = [
                (int(t) - b, int(t) - b) if t else (low, high)
                for b, t, low, high in zip(box.fixed, self.goal, box.low, box.high, strict=True)
            ]
            self._box = box.within([a for a, _ in ends], [z for _, z in ends])
        elif norm == "linf":
            pairs = list(zip(box.fixed, self.goal, strict=True))
            low = [ceil(t - first(value)) - b for b, t in pairs]
            self._box = box.within(low, [floor(t + first(value)) - b for b, t in pairs])
        elif norm in SUM_NORMS and price is not None:
            spans = [
                _cheapest(norm, b, t, low, high, price)
                for b, t, low, high in zip(box.fixed, self.goal, box.low, box.high, strict=True)
            ]
            self._box = box.within([a for a, _ in spans], [z for _, z in spans])
        elif norm in LEXIMIN_NORMS and any(self.goal):
            tight = iter(least_vector(self._amounts(norm, box), free=False) or ())
            low, high = list(box.low), list(box.high)
            for k, t in enumerate(self.goal):
                amount = next(tight, None) if t else None
                if amount is not None:
                    low[k], high[k] = amount.low, amount.high
            self._box = box.within(low, high)


def dual_bound(norm: str, box: Box, goal: Sequence[Fraction], price: Fraction) -> Fraction:
    """Evaluate the bound of a sum norm that a price per child proves, by weak duality.

    For every price ``λ`` and every way to own ``M`` children,
    ``Σ f_i(b_i + e_i) ≥ λ M + Σ min_e (f_i(b_i + e) − λ e)`` with ``e`` from ``low_i`` to ``high_i``.
    """
    total = price * box.children
    for b, t, low, high in zip(box.fixed, goal, box.low, box.high, strict=True):
        e, _ = _cheapest(norm, b, t, low, high, price)
        total += part(norm, b + e, t) - price * e
    return total


def _cheapest(
    norm: str, fixed: int, target: Fraction, low: int, high: int, price: Fraction
) -> tuple[int, int]:
    """First and last whole number at which ``f(b + e) − λ e`` is least: its steps never fall."""
    if low >= high:
        return low, low
    if norm not in SUM_NORMS:
        _require_convex(norm, fixed, target, low, high)

    beyond = _beyond(norm, fixed, target, price)
    ends = []
    for strictly in (False, True):
        a, z = low, high
        while a < z:
            middle = (a + z) // 2
            over = beyond(middle)
            if over > 0 or (over == 0 and not strictly):
                z = middle
            else:
                a = middle + 1
        ends.append(a)
    return ends[0], ends[1]


def _beyond(
    norm: str, fixed: int, target: Fraction, price: Fraction
) -> Callable[[int], int | Fraction]:
    """Whether a step of ``f`` from ``b + e`` costs more than a price (> 0), as much (0), or less.

    In whole numbers for the norms of section 4: ``(n + 1 − t)² − (n − t)² = 2 n + 1 − 2 t``, of which
    ``chi2`` has a ``t``-th; and ``|n + 1 − t| − |n − t|`` is the same, but never beyond −1 and 1.
    """
    if norm not in SUM_NORMS or not target:
        return lambda e: part(norm, fixed + e + 1, target) - part(norm, fixed + e, target) - price
    goal, unit = target.as_integer_ratio()
    money, per = price.as_integer_ratio()
    limit = money * (goal if norm == "chi2" else unit)

    def beyond(e: int) -> int:
        step = (2 * (fixed + e) + 1) * unit - 2 * goal
        if norm == "l1":
            step = max(-unit, min(unit, step))
        return step * per - limit

    return beyond


def _require_convex(norm: str, fixed: int, target: Fraction, low: int, high: int) -> None:
    if cost_of(norm) is None:
        raise InputError([Problem(f"norm {norm}", "has no cost, so nothing is proven of it")])
    values = [part(norm, fixed + e, target) for e in range(low, high + 1)]
    for a, b, c in zip(values, values[1:], values[2:], strict=False):
        if c - b < b - a:
            message = f"is not convex near target {target}, so no price proves anything of it"
            raise InputError([Problem(f"norm {norm}", message)])
