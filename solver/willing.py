"""Willing places over a year: who is next to be asked, and which places are taken ([O] 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from random import Random

from fordela.models.instance import Case, Instance
from fordela.models.wishes import Availability
from fordela.solver.queue import Pick


class WillingPlaces:
    """Places by window of time, and how many of each are taken.

    Without a table of availability the whole year is one window, for every child.
    """

    def __init__(self, instance: Instance, ranks: Sequence[int]) -> None:
        index = {m.code: k for k, m in enumerate(instance.municipalities)}
        offered = instance.availability or tuple(
            Availability(m.code, None, None, m.willing) for m in instance.municipalities if m.willing
        )
        # Places that close first are used first, so that as few as possible close unused.
        ordered = sorted(offered, key=lambda w: (w.last or date.max, w.first or date.min))
        self._ranks = ranks
        self._windows: dict[int, list[tuple[Availability, int]]] = {}
        for number, window in enumerate(ordered):
            self._windows.setdefault(index[window.municipality], []).append((window, number))
        self._taken = [0] * len(ordered)

    def pick(self, case: Case, has_room: Callable[[int], bool], lot: Random | None) -> Pick | None:
        """Find the municipality with the least part of its places for a case taken, and room for it."""
        best: Fraction | None = None
        equals: list[int] = []
        for member, windows in self._windows.items():
            places = taken = 0
            for window, number in windows:
                if window.takes(case):
                    places += window.places
                    taken += self._taken[number]
            if places - taken < case.size or not has_room(member):
                continue
            part = Fraction(taken, places)
            if best is None or part < best:
                best, equals = part, [member]
            elif part == best:
                equals.append(member)
        if not equals:
            return None
        equals.sort(key=self._ranks.__getitem__)
        tied = len(equals) > 1
        return Pick(equals[lot.randrange(len(equals))] if tied and lot else equals[0], tied)

    def take(self, member: int, case: Case) -> None:
        """Use places that fit a case, those that close first before others."""
        size = case.size
        for window, number in self._windows.get(member, ()):
            if window.takes(case):
                used = min(size, window.places - self._taken[number])
                self._taken[number] += used
                size -= used
