"""The ledger of shares: who holds whose units during the year, and the credit at year end.

Source: [O] 2.3.2 for the year-end result; the mechanisms are those of the model, section 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.instance import Instance, Transfer


@dataclass(frozen=True)
class Holdings:
    """Shares after transfers, by position of the municipality in the instance.

    Attributes
    ----------
    share
        Units of each municipality's own share, ``a_i``.
    kept
        Units it kept.
    received
        For each municipality, giver and units received, by rising code of the giver.
    given
        For each municipality, receiver and units given, by rising code of the receiver.
    """

    share: tuple[int, ...]
    kept: tuple[int, ...]
    received: tuple[tuple[tuple[int, int], ...], ...]
    given: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def effective(self) -> tuple[int, ...]:
        """Shares after transfers, ``ã_j``."""
        pairs = zip(self.kept, self.received, strict=True)
        return tuple(kept + sum(u for _, u in got) if got else kept for kept, got in pairs)

    def bearers(self, owner: int) -> tuple[int, ...]:
        """Who may bear a child counted on the owner's share: itself if it kept any, receivers."""
        receivers = tuple(j for j, _ in self.given[owner])
        return (owner, *receivers) if self.kept[owner] > 0 else receivers


def holdings(instance: Instance, transfers: Iterable[Transfer]) -> Holdings:
    """Build the ledger of an instance under given transfers."""
    index = {m.code: k for k, m in enumerate(instance.municipalities)}
    share = tuple(m.share for m in instance.municipalities)
    kept = list(share)
    received: list[list[tuple[int, int]]] = [[] for _ in share]
    given: list[list[tuple[int, int]]] = [[] for _ in share]
    for t in sorted(transfers, key=lambda t: (t.giver, t.receiver)):
        i, j = index[t.giver], index[t.receiver]
        kept[i] -= t.share
        received[j].append((i, t.share))
        given[i].append((j, t.share))
    return Holdings(share, tuple(kept), tuple(map(tuple, received)), tuple(map(tuple, given)))


def imbalance(ledger: Holdings, owned: Sequence[int], borne: Sequence[int]) -> Fraction:
    """``Σ_j |borne_j − Σ_i e_i x_ij / a_i|``, where ``x_jj`` is what ``j`` kept of its share.

    Parameters
    ----------
    owned, borne
        Untied children by owner and by bearer.
    """
    total = Fraction(0)
    for j, share in enumerate(ledger.share):
        due = Fraction(owned[j] * ledger.kept[j], share) if share else Fraction(0)
        for i, units in ledger.received[j]:
            due += Fraction(owned[i] * units, ledger.share[i])
        total += abs(borne[j] - due)
    return total


def unwind(ledger: Holdings, bearer: int, children: int) -> Mapping[int, int]:
    """Attribute a receiver's equalising children to the owners of what it holds.

    In proportion to units by largest remainder, its own share first on ties, then by code:
    the year-end credit under ``effective-share``.

    Returns
    -------
    Mapping
        Children by owner; they sum to ``children``.
    """
    lots: list[tuple[int, int]] = []
    if ledger.kept[bearer] > 0:
        lots.append((bearer, ledger.kept[bearer]))
    lots.extend(ledger.received[bearer])
    return dict(
        zip([i for i, _ in lots], largest_remainder([u for _, u in lots], children), strict=True)
    )


def largest_remainder(units: Sequence[int], seats: int) -> list[int]:
    """Hamilton's apportionment, earlier entries first on ties."""
    total = sum(units)
    if total == 0:
        return [0 for _ in units]
    shares = [u * seats // total for u in units]
    rest = sorted(range(len(units)), key=lambda k: (-(units[k] * seats % total), k))
    for k in rest[: seats - sum(shares)]:
        shares[k] += 1
    return shares
