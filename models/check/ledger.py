"""Shares after transfers and the credit at year end, written down once more ([O] 2.3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.instance import Instance, Transfer

Lots = list[tuple[int, int]]


@dataclass(frozen=True)
class Holdings:
    """Units by position of the municipality: its share, what it kept, and lots received and given.

    A lot names the giver or the receiver, and units; both by code, as municipalities are.
    """

    share: list[int]
    kept: list[int]
    received: list[Lots]
    given: list[Lots]

    @property
    def effective(self) -> list[int]:
        """Units that each holds during the year."""
        return [k + sum(units for _, units in r) for k, r in zip(self.kept, self.received, strict=True)]


def holdings(instance: Instance, transfers: Iterable[Transfer]) -> Holdings:
    """Shares of a year after transfers."""
    codes = [m.code for m in instance.municipalities]
    share = [m.share for m in instance.municipalities]
    handed = {(t.giver, t.receiver): t.share for t in transfers}
    kept = list(share)
    for (giver, _), units in handed.items():
        kept[codes.index(giver)] -= units
    received: list[Lots] = [
        [(i, handed[giver, code]) for i, giver in enumerate(codes) if (giver, code) in handed]
        for code in codes
    ]
    given: list[Lots] = [
        [(codes.index(j), handed[code, j]) for j in sorted(codes) if (code, j) in handed]
        for code in codes
    ]
    return Holdings(share, kept, received, given)


def unwind(ledger: Holdings, bearer: int, children: int) -> Mapping[int, int]:
    """Attribute a municipality's equalising children to the owners of what it holds.

    Each gets the whole part of what its units ask for, and the rest goes to the largest fractions, its
    own share before received lots where they are equal.
    """
    own = [(bearer, ledger.kept[bearer])] if ledger.kept[bearer] else []
    lots = [*own, *ledger.received[bearer]]
    units = sum(u for _, u in lots)
    asked = [Fraction(u * children, units) for _, u in lots]
    number = [int(a) for a in asked]
    while sum(number) < children:
        k = max(range(len(lots)), key=lambda k: (asked[k] - number[k], -k))
        number[k] += 1
    return {i: n for (i, _), n in zip(lots, number, strict=True)}
