"""Every possible redistribution of a tiny year, judged by the checker's own rules.

Independent of the program: it enumerates transfers and asks the checker what is allowed and worth.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from fordela.models.check.trades import forbidden, worth
from fordela.models.instance import Instance, Transfer
from fordela.models.norms import Value
from fordela.models.policy import Policy


def all_redistributions(instance: Instance, policy: Policy) -> Iterator[tuple[Transfer, ...]]:
    """Yield every allowed set of transfers."""
    step = 100 if policy.redistribution.whole_shares else 1
    less, more = instance.wanted.less, instance.wanted.more
    pairs = [(i, j) for i in sorted(less) for j in sorted(more)]
    amounts = [range(0, min(less[i].share, more[j].share) + 1, step) for i, j in pairs]
    for units in product(*amounts):
        made = tuple(Transfer(i, j, u) for (i, j), u in zip(pairs, units, strict=True) if u)
        if next(forbidden(instance, policy, made), None) is None:
            yield made


def best_redistributions(
    instance: Instance, policy: Policy
) -> tuple[tuple[Value, ...], list[tuple[Transfer, ...]]]:
    """Values of the levels at the optimum, and every redistribution that attains them."""
    best: tuple[Value, ...] | None = None
    found: list[tuple[Transfer, ...]] = []
    for made in all_redistributions(instance, policy):
        values = tuple(worth(x, instance, policy, made) for x in policy.redistribution.levels)
        if best is None or values < best:
            best, found = values, []
        if values == best:
            found.append(made)
    assert best is not None  # nothing handed over is always allowed
    return best, found
