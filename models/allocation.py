"""An allocation: for every child the owner and the bearer, and the counts that follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance
from fordela.models.policy import Policy

Kind = Literal["kinship", "equalising", "willing", "valve", "unplaced"]
KINDS: tuple[Kind, ...] = ("kinship", "equalising", "willing", "valve", "unplaced")


@dataclass(frozen=True, slots=True)
class Assignment:
    """The decision for one child.

    Attributes
    ----------
    child, case
        Identifiers.
    bearer
        Municipality that becomes responsible; None if the child is unplaced.
    owner
        Municipality on whose share the child is counted; None if unplaced.
    kind
        Why it went there.
    order
        Place of the case in the order of arrival, from 1.
    """

    child: str
    case: str
    bearer: str | None
    owner: str | None
    kind: Kind
    order: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """The assignments of a year, in order of arrival of the children."""

    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What an allocation means for each municipality, in the order of the instance.

    All attributes are tuples of children, one entry per municipality. ``kinship``,
    ``equalising``, ``willing``, ``valve``, ``on_transferred_share`` and ``total`` are by bearer;
    ``owned`` and ``credited`` (with the years before) are by owner; ``tie_not_followed`` are children
    with a tie who are not kinship, by the municipality of the tie.
    """

    kinship: tuple[int, ...]
    equalising: tuple[int, ...]
    willing: tuple[int, ...]
    valve: tuple[int, ...]
    on_transferred_share: tuple[int, ...]
    total: tuple[int, ...]
    owned: tuple[int, ...]
    credited: tuple[int, ...]
    tie_not_followed: tuple[int, ...] = ()

    @property
    def untied(self) -> tuple[int, ...]:
        """Children borne without kinship."""
        return tuple(t - k for t, k in zip(self.total, self.kinship, strict=True))


def history(instance: Instance, policy: Policy) -> tuple[int, ...]:
    """Children that count from before the year, ``P_i`` (model, section 2: the ledgers).

    Raises
    ------
    InputError
        If the policy counts the stock, and it is not known for every municipality.
    """
    if policy.counting.basis == "year":
        return (0,) * len(instance.municipalities)
    if policy.counting.basis == "stock":
        unknown = [m.code for m in instance.municipalities if m.stock is None]
        if unknown:
            message = (
                f"policy {policy.name} counts the children who are still there, and they are not given "
                f"for {len(unknown)} of {len(instance.municipalities)} municipalities"
            )
            raise InputError([Problem("municipalities.csv", message, column="stock", value=unknown[0])])
        return tuple(m.stock or 0 for m in instance.municipalities)
    return tuple(m.assigned_before for m in instance.municipalities)


def count(instance: Instance, policy: Policy, assignments: Iterable[Assignment]) -> Counts:
    """Count an allocation by bearer and by owner."""
    index: dict[str | None, int] = {m.code: k for k, m in enumerate(instance.municipalities)}
    n = len(index)
    by_kind: Mapping[str, list[int]] = {kind: [0] * n for kind in KINDS}
    transferred, owned, not_followed = [0] * n, [0] * n, [0] * n
    ties = {c.child: c.tie for c in instance.children}
    for a in assignments:
        if a.bearer is None:
            continue
        by_kind[a.kind][index[a.bearer]] += 1
        owned[index[a.owner]] += 1
        if a.bearer != a.owner:
            transferred[index[a.bearer]] += 1
        tie = ties[a.child]
        if tie is not None and a.kind != "kinship":
            not_followed[index[tie]] += 1
    before = history(instance, policy)
    borne = zip(*(by_kind[k] for k in KINDS if k != "unplaced"), strict=True)
    return Counts(
        kinship=tuple(by_kind["kinship"]),
        equalising=tuple(by_kind["equalising"]),
        willing=tuple(by_kind["willing"]),
        valve=tuple(by_kind["valve"]),
        on_transferred_share=tuple(transferred),
        total=tuple(sum(kinds) for kinds in borne),
        owned=tuple(owned),
        credited=tuple(p + o for p, o in zip(before, owned, strict=True)),
        tie_not_followed=tuple(not_followed),
    )


def targets(instance: Instance, policy: Policy) -> tuple[Fraction, ...]:
    """Each municipality's part of all assignments so far, ``a_i T / U``, in children."""
    total = sum(history(instance, policy)) + len(instance.children)
    return _targets(tuple(m.share for m in instance.municipalities), total)


@lru_cache(maxsize=32)
def _targets(shares: tuple[int, ...], total: int) -> tuple[Fraction, ...]:
    units = sum(shares)
    return tuple(Fraction(share * total, units) for share in shares)


def over_capacity(instance: Instance, kinship: Sequence[int], untied: Sequence[int]) -> int:
    """Untied children beyond the room that kinship leaves, over all municipalities."""
    return sum(
        max(0, u - max(0, m.capacity - k))
        for m, k, u in zip(instance.municipalities, kinship, untied, strict=True)
        if m.capacity is not None
    )


def willing_met(instance: Instance, untied: Sequence[int]) -> int:
    """Untied children borne by municipalities that asked for them, up to the number asked for."""
    return sum(min(u, w) for u, w in zip(untied, instance.willing_places, strict=True))
