"""A priority queue over exact ratios: lowest fulfilment first, without a floating-point number.

A ratio ``n / d`` is kept as the whole number ``floor(n 2^k / d)``. Two different ratios with
denominators up to ``D`` differ by at least ``1 / D²``, so with ``2^k > D²`` the floors keep their
order and are equal only if the ratios are: comparing them is exact, and fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush


def shift_for(largest_denominator: int) -> int:
    """Return the ``k`` that makes keys of ratios exact up to a largest denominator."""
    return 2 * max(largest_denominator, 1).bit_length() + 1


@dataclass(frozen=True, slots=True)
class Pick:
    """The head of the line: who, and whether someone else had the same value."""

    member: int
    tied: bool


class Line:
    """Members in order of key, then of rank; removal and change are lazy.

    Parameters
    ----------
    keys
        Exact key of each member, or None for those who do not take part.
    ranks
        Order between equals, one different rank per member.
    """

    def __init__(self, keys: Sequence[int | None], ranks: Sequence[int]) -> None:
        self._ranks = ranks
        self._keys = list(keys)
        self._heap = [(key, ranks[m], m) for m, key in enumerate(keys) if key is not None]
        heapify(self._heap)

    def change(self, member: int, key: int) -> None:
        """Give a member a new key, unless it has left."""
        if self._keys[member] is not None and self._keys[member] != key:
            self._keys[member] = key
            heappush(self._heap, (key, self._ranks[member], member))

    def pick(self, has_room: Callable[[int], bool]) -> Pick | None:
        """Find the first with room; those without room leave for good, as room never grows back."""
        if not self._settle(has_room):
            return None
        entry = heappop(self._heap)
        tied = self._settle(has_room) and self._heap[0][0] == entry[0]
        heappush(self._heap, entry)
        return Pick(entry[2], tied)

    def equals(self, has_room: Callable[[int], bool]) -> list[int]:
        """Everybody with room and the least key."""
        entries: list[tuple[int, int, int]] = []
        while self._settle(has_room) and (not entries or self._heap[0][0] == entries[0][0]):
            entries.append(heappop(self._heap))
        for entry in set(entries):
            heappush(self._heap, entry)
        return [member for _, _, member in sorted(set(entries))]

    def _settle(self, has_room: Callable[[int], bool]) -> bool:
        """Drop stale and full entries until the head is a member with room."""
        while self._heap:
            key, _, member = self._heap[0]
            if self._keys[member] == key:
                if has_room(member):
                    return True
                self._keys[member] = None
            heappop(self._heap)
        return False
