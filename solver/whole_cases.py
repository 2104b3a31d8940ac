"""Hindsight optima without a solver: where whole cases fit into the optimum that could part siblings.

If siblings may be parted the least value of a norm is found exactly by giving child after child
(`relax`). Where the cases of the year can be packed into one of those optima, it is also the least
with siblings together, and that is its proof. Where no packing is found nothing is said, and the
integer program decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from fordela.models.allocation import history, targets
from fordela.models.formulation.relaxation import least_deviation, relax, within_deviation
from fordela.models.holdings import holdings
from fordela.models.instance import Instance, Transfer
from fordela.models.norms import first_component, norm_value
from fordela.models.policy import LEXIMIN_NORMS, Policy

Range = tuple[int, int]


@dataclass(frozen=True)
class Pool:
    """Untied cases without any limit on who owns them, but that siblings stay together.

    Attributes
    ----------
    fixed
        Children credited before any choice, by position of the municipality.
    shares
        Units.
    limits
        Most untied children that each can own: all of them, or none without a share.
    sizes
        Number of untied cases by size.
    bearers
        Who bears an owner's children; cases are whole at the bearer.
    goal
        Targets, in children.
    """

    fixed: tuple[int, ...]
    shares: tuple[int, ...]
    limits: tuple[int, ...]
    sizes: Mapping[int, int]
    bearers: tuple[int, ...]
    goal: tuple[Fraction, ...]

    @property
    def children(self) -> int:
        """Untied children."""
        return sum(size * number for size, number in self.sizes.items())


def pool_of(
    instance: Instance, policy: Policy, transfers: Sequence[Transfer] = (), *, single: bool = False
) -> Pool | None:
    """Return the untied cases of a year, or None where the shortcut says nothing.

    Parameters
    ----------
    transfers
        Where siblings in one municipality may be counted on different owners' shares: cases are then
        whole at the bearer and not at the owner.
    single
        Whether siblings may be parted at no cost.
    """
    index = {m.code: k for k, m in enumerate(instance.municipalities)}
    fixed = list(history(instance, policy))
    sizes: Counter[int] = Counter()
    for case in instance.cases:
        if case.tie is not None:
            fixed[index[case.tie]] += case.size
        else:
            sizes[1 if single else case.size] += case.size if single else 1
    shares = tuple(m.share for m in instance.municipalities)
    children = sum(size * number for size, number in sizes.items())
    if not any(shares) or not len(instance.children) + sum(history(instance, policy)):
        return None
    ledger = holdings(instance, transfers)
    return Pool(
        tuple(fixed),
        shares,
        tuple(children if a else 0 for a in shares),
        sizes,
        tuple(ledger.bearers(k)[0] if a else k for k, a in enumerate(shares)),
        targets(instance, policy),
    )


def least(pool: Pool, norm: str) -> Fraction | None:
    """Return the proven least value of a norm (first component of a vector), or None."""
    extra = packed(pool, norm)
    if extra is None:
        return None
    credited = [f + e for f, e in zip(pool.fixed, extra, strict=True)]
    return first_component(norm_value(norm, credited, pool.goal))


def packed(pool: Pool, norm: str) -> tuple[int, ...] | None:
    """Untied children by owner in an optimum of a norm that holds whole cases, or None.

    For a vector norm the first component is optimal.
    """
    ranges = _ranges(pool, norm)
    return None if ranges is None else _pack(pool, ranges)


def _ranges(pool: Pool, norm: str) -> list[Range] | None:
    """Untied children that each municipality may have in an optimum that could part siblings."""
    total = int(sum(pool.goal))
    if norm == "linf":
        least_largest = least_deviation(pool.fixed, pool.shares, total, pool.limits, pool.children)
        if least_largest is None:
            return None
        inside = within_deviation(least_largest, pool.fixed, pool.goal, pool.limits)
        return list(zip(inside.lowest, inside.highest, strict=True))
    relaxed = relax(norm, pool.fixed, pool.shares, total, pool.limits, pool.children)
    if relaxed is None:
        return None
    if norm not in LEXIMIN_NORMS:
        return list(zip(relaxed.lowest, relaxed.highest, strict=True))
    credited = [f + e for f, e in zip(pool.fixed, relaxed.extra, strict=True)]
    first = first_component(norm_value(norm, credited, pool.goal))
    return [
        _beyond(norm, first * t, f, limit) if limit else (0, 0)
        for t, f, limit in zip(pool.goal, pool.fixed, pool.limits, strict=True)
    ]


def _beyond(norm: str, edge: Fraction, fixed: int, limit: int) -> Range:
    """Children with which a municipality is not worse than the first component."""
    if norm == "min-fulfilment":
        return min(max(0, ceil(edge) - fixed), limit), limit
    return 0, min(max(0, floor(edge) - fixed), limit)


def _pack(pool: Pool, ranges: Sequence[Range]) -> tuple[int, ...] | None:
    """Give whole cases, largest first, to the bearers that lack most; None if they do not fit."""
    lack, room = [0] * len(ranges), [0] * len(ranges)
    for owner, (low, high) in enumerate(ranges):
        lack[pool.bearers[owner]] += low
        room[pool.bearers[owner]] += high
    borne = [0] * len(ranges)
    bearers = [k for k, most in enumerate(room) if most]
    for size in sorted(pool.sizes, reverse=True):
        if size == 1:
            break
        for _ in range(pool.sizes[size]):
            best = max(
                (k for k in bearers if room[k] - borne[k] >= size),
                key=lambda k: (min(lack[k] - borne[k], size), room[k] - borne[k]),
                default=None,
            )
            if best is None:
                return None
            borne[best] += size
    singles = pool.sizes.get(1, 0)
    for k in bearers:
        missing = max(0, lack[k] - borne[k])
        singles -= missing
        borne[k] += missing
    for k in bearers:
        more = max(0, min(singles, room[k] - borne[k]))
        singles -= more
        borne[k] += more
    return None if singles else _by_owner(pool, ranges, borne)


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
