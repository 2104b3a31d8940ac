"""Whose turn it is: what a rule by fulfilment compares (model, sections 2 and 3).

Under ``owner-bearer``, and after the valve, it is children against shares, which do not change: a heap
finds the first. Under ``effective-share`` children are set against what the shares of all years
asked, ``a P + ã N``, and ``N`` grows with every case. Among those whose share nobody changed
(``ã = a``) that is ``a (P + N)``, so their order is that of shares and the heap still serves; the few
who take part in the redistribution are compared with the first of it one by one. All in whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from fordela.models.allocation import Kind, history
from fordela.models.holdings import Holdings
from fordela.models.instance import Instance
from fordela.models.policy import Policy
from fordela.solver.order import signpost
from fordela.solver.queue import Line, Pick, shift_for


class Turns:
    """Children that count, and the order that follows from them.

    Parameters
    ----------
    instance, policy, ledger
        Of the year.
    ranks
        Order between equals.

    Attributes
    ----------
    count
        Children that count for each municipality, those before the year included.
    children
        Children of the year so far.
    """

    def __init__(self, instance: Instance, policy: Policy, ledger: Holdings, ranks: list[int]) -> None:
        self.count = list(history(instance, policy))
        self.children = 0
        self._before = sum(self.count)
        self._signpost = policy.assignment.signpost
        self._by_lot = policy.assignment.tie == "lot"
        self._ranks = ranks
        self._own = ledger.share
        self._effective = policy.counting.mechanism == "effective-share"
        self._after = ledger.effective if self._effective else ledger.share
        pairs = enumerate(zip(self._own, self._after, strict=True))
        self._changed = frozenset(k for k, (own, after) in pairs if own != after)
        self._takers = sorted((k for k in self._changed if self._after[k]), key=ranks.__getitem__)
        self._shift = shift_for(2 * max(self._own, default=1))
        self._lines: dict[tuple[Kind, int, bool], Line] = {}

    def asked(self, kind: Kind, k: int, coming: int) -> int:
        """Return what a municipality's children are set against; 0 if it is not in line.

        Parameters
        ----------
        kind
            ``equalising``, or ``valve`` after the valve.
        k
            Position of the municipality.
        coming
            Children of the case, and of any who come before it from now on.
        """
        if kind == "valve" or not self._effective:
            return self._own[k]
        after = self._after[k]
        return self._own[k] * self._before + after * (self.children + coming) if after else 0

    def all_asked(self, kind: Kind, coming: int) -> tuple[int, ...]:
        """Return what everybody's children are set against, as `asked`."""
        if kind == "valve" or not self._effective:
            return self._own
        return tuple(self.asked(kind, k, coming) for k in range(len(self._own)))

    def shares(self, kind: Kind) -> tuple[int, ...]:
        """Units that decide in the year; who has none is not in line."""
        return self._own if kind == "valve" else self._after

    def members(self, kind: Kind) -> list[int]:
        """Who is in line at all."""
        return [k for k, share in enumerate(self.shares(kind)) if share]

    def within_share(self, k: int, size: int) -> bool:
        """Whether a municipality's count, a case included, is at most its part of all, rounded up."""
        total = self._before + self.children + size
        return self.count[k] + size <= -(-self._own[k] * total // sum(self._own))

    def per_unit(self, kind: Kind) -> Fraction | None:
        """Return what makes of `compared` a fulfilment; None before the first child that counts.

        Shares are of all children so far; what the shares of all years asked counts children already.
        """
        units = sum(self._own)
        if self._effective and kind != "valve":
            return Fraction(units)
        so_far = self._before + self.children
        return Fraction(units, so_far) if so_far else None

    def target(self, kind: Kind, k: int) -> Fraction:
        """Children that the shares of all years asked of a municipality so far."""
        of_year = self.shares(kind)[k] * self.children
        return Fraction(self._own[k] * self._before + of_year, sum(self._own) or 1)

    def add(self, k: int, size: int) -> None:
        """Count the children of a case."""
        self.children += size
        self.count[k] += size
        for (kind, line_size, _), line in self._lines.items():
            key = self._key(kind, line_size, k)
            if key is not None:
                line.change(k, key)

    def first(
        self, kind: Kind, size: int, has_room: Callable[[int], bool] | None, lot: Random | None
    ) -> Pick | None:
        """Return whose turn a case is, among those with room; without the question, among all."""
        open_to = has_room or (lambda _: True)
        line = self._line(kind, size, limited=has_room is not None)
        head = line.pick(open_to)
        # Numerator and denominator of the least so far; nobody's is above everybody's.
        least, equals, tied = (1, 0), [], False
        if head is not None:
            least, equals, tied = self.compared(kind, size, head.member), [head.member], head.tied
        for k in self._takers if kind == "equalising" else ():
            ratio = self.compared(kind, size, k)
            above = ratio[0] * least[1] - least[0] * ratio[1]
            if above <= 0 and open_to(k):
                equals = [k] if above < 0 else [*equals, k]
                least, tied = ratio, above == 0
        if not equals:
            return None
        if tied and lot is not None:
            if head is not None and head.member in equals:
                equals = [*line.equals(open_to), *equals[1:]]
            equals.sort(key=self._ranks.__getitem__)
            return Pick(equals[lot.randrange(len(equals))], tied)
        return Pick(min(equals, key=self._ranks.__getitem__), tied)

    def compared(
        self, kind: Kind, size: int, k: int, more: int = 0, coming: int = 0
    ) -> tuple[int, int]:
        """Return what the rule compares for a case, as numerator and denominator.

        Parameters
        ----------
        more
            Children that the municipality itself has taken by then.
        coming
            Children that have come by then, these included.
        """
        asked = self.asked(kind, k, size + coming)
        return signpost(self._signpost, self.count[k] + more, size, asked)

    def order(self, kind: Kind, size: int, among: list[int]) -> list[int]:
        """Sort municipalities as the rule looks at them for a case of a size."""
        return sorted(among, key=lambda k: (Fraction(*self.compared(kind, size, k)), self._ranks[k]))

    def lead(self, kind: Kind, size: int, first: int, second: int) -> int:
        """Cases of a size that the first can take before the second's turn; equal, the order decides.

        Where lots decide between equals it may be the second's turn as soon as they are equal.
        """
        ahead = not self._by_lot and self._ranks[first] < self._ranks[second]

        def precedes(cases: int) -> bool:
            taken = cases * size
            top, bottom = self.compared(kind, size, first, taken, taken)
            other, under = self.compared(kind, size, second, 0, taken)
            above = top * under - other * bottom
            return above < 0 or (above == 0 and ahead)

        # What is compared is a convex parabola in the cases: once behind, the first stays behind.
        if not precedes(0):
            return 0
        low, high = 0, 1
        while precedes(high):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if precedes(middle) else (low, middle)
        return high

    def _line(self, kind: Kind, size: int, *, limited: bool) -> Line:
        """Return the line of those whose share nobody changed; made when first needed."""
        name = (kind, size, limited)
        if name not in self._lines:
            keys = [self._key(kind, size, k) for k in range(len(self.count))]
            self._lines[name] = Line(keys, self._ranks)
        return self._lines[name]

    def _key(self, kind: Kind, size: int, k: int) -> int | None:
        share = self._own[k]
        if not share or (kind == "equalising" and k in self._changed):
            return None
        top, bottom = signpost(self._signpost, self.count[k], size, share)
        return (top << self._shift) // bottom
