"""Whether whole cases fit between a least and a most at every bearer: quickly, and exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush, heapreplace

import numpy as np
from fordela.solver.whole_cases.pool import Pool

#: Least and most untied children of a municipality.
Range = tuple[int, int]

#: More states than this are left to the integer program.
_MOST_STATES = 20_000


def pack(pool: Pool, ranges: Sequence[Range]) -> tuple[int, ...] | None:
    """Give whole cases, largest first, to the bearers that lack most; None if that does not do.

    Returns
    -------
    tuple of int
        Children by owner, within their ranges.
    """
    if any(low > high for low, high in ranges):
        return None
    lack, room = _at_bearers(pool, ranges)
    borne = [0] * len(ranges)
    bearers = [k for k, most in enumerate(room) if most]
    line = [(-lack[k], -room[k], k) for k in bearers]
    heapify(line)
    for size in sorted(pool.sizes, reverse=True):
        too_small = []
        for _ in range(pool.sizes[size] if size > 1 else 0):
            while line and -line[0][1] < size:
                too_small.append(heappop(line))
            if not line:
                return None
            lacks, rooms, k = line[0]
            heapreplace(line, (lacks + size, rooms + size, k))
            borne[k] += size
        for entry in too_small:
            heappush(line, entry)
    singles = pool.sizes.get(1, 0)
    for k in bearers:
        missing = max(0, lack[k] - borne[k])
        singles -= missing
        borne[k] += missing
    if singles < 0:
        return None
    for k in bearers:
        more = min(singles, room[k] - borne[k])
        singles -= more
        borne[k] += more
    return None if singles else _by_owner(pool, ranges, borne)


def _at_bearers(pool: Pool, ranges: Sequence[Range]) -> tuple[list[int], list[int]]:
    """Least and most children at every bearer."""
    lack, room = [0] * len(ranges), [0] * len(ranges)
    for owner, (low, high) in enumerate(ranges):
        lack[pool.bearers[owner]] += low
        room[pool.bearers[owner]] += high
    return lack, room


def _by_owner(pool: Pool, ranges: Sequence[Range], borne: Sequence[int]) -> tuple[int, ...]:
    """Credit what every bearer bears to its owners, within their ranges."""
    left = list(borne)
    extra = [low for low, _ in ranges]
    for owner, low in enumerate(extra):
        left[pool.bearers[owner]] -= low
    for owner, (low, high) in enumerate(ranges):
        more = min(high - low, left[pool.bearers[owner]])
        left[pool.bearers[owner]] -= more
        extra[owner] += more
    return tuple(extra)


def fits(pool: Pool, ranges: Sequence[Range]) -> bool | None:
    """Decide exactly whether whole cases fit; None where that would take too many states.

    The fewest single children that are needed to fill up what lacks, by how many larger cases have
    been placed, municipality after municipality.
    """
    if any(low > high for low, high in ranges):
        return False
    lack, room = _at_bearers(pool, ranges)
    if not sum(lack) <= pool.children <= sum(room):
        return False
    sizes = sorted(size for size in pool.sizes if size > 1)
    shape = tuple(pool.sizes[size] + 1 for size in sizes)
    if np.prod(shape, dtype=float) > _MOST_STATES:
        return None
    never = 1 << 40
    fewest = np.full(shape, never, np.int64)
    fewest[(0,) * len(sizes)] = 0
    for (low, high), number in Counter(zip(lack, room, strict=True)).items():
        ways = list(_ways(sizes, shape, low, high))
        for _ in range(number if len(ways) > 1 else 0):
            placed = np.full(shape, never, np.int64)
            for way, singles in ways:
                there = placed[tuple(slice(w, None) for w in way)]
                here = fewest[tuple(slice(0, n - w) for n, w in zip(shape, way, strict=True))]
                np.minimum(there, here + singles, out=there)
            fewest = placed
        if len(ways) == 1:
            fewest = fewest + low * number
    return bool(fewest[tuple(n - 1 for n in shape)] <= pool.sizes.get(1, 0))


def _ways(
    sizes: Sequence[int], shape: tuple[int, ...], low: int, high: int
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Numbers of larger cases that a bearer can have, with the single children it then lacks."""

    def place(at: int, left: int, way: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if at == len(sizes):
            yield way
            return
        for number in range(min(left // sizes[at], shape[at] - 1) + 1):
            yield from place(at + 1, left - number * sizes[at], (*way, number))

    for way in place(0, high, ()):
        held = sum(size * number for size, number in zip(sizes, way, strict=True))
        yield way, max(0, low - held)
