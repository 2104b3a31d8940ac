"""The least value of a norm in hindsight, as far as counting alone bounds it.

Siblings may be parted and nobody is bound by room or transfers, so no allocation of the year can have
less. Where the claimed least value meets this bound it is proven; else it rests on the engine's word.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from heapq import heapify, heappop, heapreplace

from fordela.models.check.proofs import Proof
from fordela.models.check.values import (
    Counted,
    first,
    level_value,
    norm_value,
    targets,
)
from fordela.models.policy import NORMS

Ratio = tuple[int, int]
_SOFT = ("unplaced", "kinship-broken", "siblings-split")


@dataclass(frozen=True)
class Question:
    """What a policy is measured against in hindsight: those allocations that its own is one of.

    Attributes
    ----------
    key
        What two policies must have in common to be measured against the same allocations, whatever
        their transfers and children over capacity.
    transfers, over
        What restricts gap (a) further: whose children may be borne where, and children over capacity.
    fixed, most, goal
        Children credited whatever is chosen, most that can be owned besides, and targets.
    children
        Those who are free.
    bound
        Whether ties and places are as hard as counting needs them.
    """

    key: tuple[object, ...]
    transfers: tuple[object, ...]
    over: int
    fixed: tuple[int, ...]
    most: tuple[int, ...]
    goal: tuple[Fraction, ...]
    children: int
    bound: bool

    def holds(self, other: Question, *, unrestricted: bool) -> bool:
        """Whether another policy's own allocation is among those asked about."""
        if self.key != other.key:
            return False
        return unrestricted or (self.transfers == other.transfers and other.over <= self.over)

    def least(self, norm: str) -> Fraction | None:
        """Bound of a norm's least value (first component), or None where counting gives none."""
        if norm not in NORMS or not self.bound:
            return None
        return _least(norm, self.fixed, self.most, self._ratios, self.children)

    @cached_property
    def _ratios(self) -> tuple[Ratio, ...]:
        return tuple(t.as_integer_ratio() for t in self.goal)

    def proof(self, norm: str, optimum: Fraction | None, *, proven: bool) -> str | None:
        """What a claimed least value rests on: ``counting``, ``engine``, or None if not proven."""
        if not proven:
            return None
        return (Proof.COUNTING if optimum == self.least(norm) else Proof.ENGINE).value


def question_of(year: Counted) -> Question:
    """The question of a policy with its decisions."""
    instance, policy = year.instance, year.policy
    levels = policy.optimal.levels if policy.is_optimal else ()
    given = {s: int(first(level_value(s, year))) for s in _SOFT if s in levels}
    followed = {a.child for a in year.assignments if a.kind == "kinship"}
    every = policy.assignment.kinship == "always"
    tied = [c for c in instance.children if c.tie is not None and (every or c.child in followed)]
    at = Counter(c.tie for c in tied)
    owned = Counter(a.owner for a in year.assignments)
    places = instance.willing_places
    if policy.assignment.rule != "willing-first":
        places = tuple(0 for _ in places)
    free = len(instance.children) - len(tied)
    before = [c - owned[m.code] for c, m in zip(year.credited, instance.municipalities, strict=True)]
    return Question(
        key=(
            policy.counting.basis, policy.counting.mechanism == "effective-share",
            tuple(given.items()), policy.assignment.rule == "willing-first",
            policy.assignment.valve is not None, frozenset(c.child for c in tied),
        ),
        transfers=tuple(sorted((t.giver, t.receiver, t.share) for t in year.transfers)),
        over=int(first(level_value("over-capacity", year))),
        fixed=tuple(b + at[m.code] for b, m in zip(before, instance.municipalities, strict=True)),
        most=tuple(
            free if m.share else min(free, n)
            for m, n in zip(instance.municipalities, places, strict=True)
        ),
        goal=tuple(targets(instance, policy)),
        children=free,
        bound=not (given.get("unplaced") or given.get("kinship-broken")),
    )  # fmt: skip


@lru_cache(maxsize=128)  # every one of many years asks for its own
def _least(
    norm: str, fixed: tuple[int, ...], most: tuple[int, ...], goal: tuple[Ratio, ...], children: int
) -> Fraction:
    """Give each child where it costs least: for sums of convex parts no other way has less.

    Of the largest deviation and of fulfilment, those that stand lowest are given first, which no other
    way beats at either end.
    """
    order = norm if norm in ("chi2", "min-fulfilment", "max-fulfilment") else "deviation"
    counts = _filled(order, fixed, most, goal, children)
    return first(norm_value(norm, counts, [Fraction(*ratio) for ratio in goal]))


@lru_cache(maxsize=16)
def _filled(
    order: str, fixed: tuple[int, ...], most: tuple[int, ...], goal: tuple[Ratio, ...], children: int
) -> tuple[int, ...]:
    """Children credited when each child goes where it stands lowest in an order.

    One child more costs ``2 (c - t) + 1`` in l2 and between -1 and 1 in l1, by the same order: that of
    ``c - t``. In chi2 it costs ``(2 c + 1) / t - 2``. Fractions whose denominators have ``b`` bits
    differ by at least 2⁻²ᵇ, so their floors in units of less than that keep the order.
    """
    shift = 2 * max((max(ratio) for ratio in goal), default=0).bit_length() + 1
    counts = list(fixed)

    def stands(k: int) -> int:
        count, (top, bottom) = counts[k], goal[k]
        if order == "deviation":
            return ((count * bottom - top) << shift) // bottom
        if not top:  # costs nothing in chi2; whoever has no target has no fulfilment
            return (2 if order == "chi2" else -1) << shift
        if order == "chi2":
            return (((2 * count + 1) * bottom) << shift) // top
        return (((count + (order == "max-fulfilment")) * bottom) << shift) // top

    lowest = order == "min-fulfilment" and any(top for top, _ in goal)
    heap = [(stands(k), k) for k, n in enumerate(most) if n and (goal[k][0] or not lowest)]
    heapify(heap)
    for _ in range(children if heap else 0):
        _, k = heap[0]
        counts[k] += 1
        if counts[k] - fixed[k] < most[k]:
            heapreplace(heap, (stands(k), k))
        else:
            heappop(heap)
        if not heap:
            break
    return tuple(counts)
