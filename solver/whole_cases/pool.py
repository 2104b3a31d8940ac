"""The untied cases of a year, where nothing but siblings limits who owns them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.allocation import history, targets
from fordela.models.holdings import holdings
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import Policy


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
    complete
        Whether that is the only choice: then what does not fit is impossible.
    goal
        Targets, in children.
    total
        All assignments so far, ``T``.
    """

    fixed: tuple[int, ...]
    shares: tuple[int, ...]
    limits: tuple[int, ...]
    sizes: Mapping[int, int]
    bearers: tuple[int, ...]
    complete: bool
    goal: tuple[Fraction, ...]
    total: int

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
    total = len(instance.children) + sum(history(instance, policy))
    if not any(shares) or not total:
        return None
    ledger = holdings(instance, transfers)
    return Pool(
        tuple(fixed),
        shares,
        tuple(children if a else 0 for a in shares),
        sizes,
        tuple(ledger.bearers(k)[0] if a else k for k, a in enumerate(shares)),
        not transfers,
        targets(instance, policy),
        total,
    )
