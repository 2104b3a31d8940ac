"""Types of cases, and the patterns in which a type's cases can be treated.

Identical cases are interchangeable: a type is the size, the tie and, where moves are counted, the
bearer under the rule in force. A pattern says how many of a case's children keep the tie, stay
where the rule in force puts them, remain unplaced, and in which parts the others go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from fordela.models.instance import Case, Instance


@dataclass(frozen=True, slots=True, order=True)
class CaseType:
    """Size, position of the tie (-1 for none) and of the rule's bearer (-1 where it is not needed)."""

    size: int
    tie: int = -1
    stay: int = -1


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one case is treated.

    Attributes
    ----------
    kept
        Children at the tie.
    stayed
        Size of the part that must be borne by the rule's bearer, 0 for none.
    unplaced
        Children without a municipality.
    parts
        Sizes of the other parts, falling.
    """

    kept: int
    stayed: int
    unplaced: int
    parts: tuple[int, ...]

    @property
    def splits(self) -> int:
        """Municipalities beyond the first."""
        return max(0, (self.kept > 0) + (self.stayed > 0) + len(self.parts) - 1)

    @property
    def placed_parts(self) -> tuple[int, ...]:
        """Sizes of all parts that are not at the tie."""
        return (self.stayed, *self.parts) if self.stayed else self.parts


def type_of(case: Case, index: Mapping[str, int], rule_bearers: Mapping[str, str]) -> CaseType:
    """Return the type of a case; ``rule_bearers`` is empty where moves do not matter."""
    if case.tie is not None:
        return CaseType(case.size, tie=index[case.tie])
    bearer = rule_bearers.get(case.case)
    return CaseType(case.size, stay=-1 if bearer is None else index[bearer])


def count_types(
    instance: Instance, rule_bearers: Mapping[str, str], *, single: bool = False
) -> dict[CaseType, int]:
    """Count the cases of each type, in a fixed order; ``single`` takes every child as a case."""
    index = {m.code: k for k, m in enumerate(instance.municipalities)}
    counts: Counter[CaseType] = Counter()
    for case in instance.cases:
        kind = type_of(case, index, rule_bearers)
        counts[replace(kind, size=1) if single else kind] += kind.size if single else 1
    return dict(sorted(counts.items()))


@cache
def _partitions(n: int, largest: int) -> tuple[tuple[int, ...], ...]:
    if n == 0:
        return ((),)
    return tuple(
        (part, *rest) for part in range(min(n, largest), 0, -1) for rest in _partitions(n - part, part)
    )


def patterns(kind: CaseType, soft: frozenset[str]) -> Iterator[Pattern]:
    """Every pattern that the soft levels allow for a type."""
    size = kind.size
    may_split, may_drop = "siblings-split" in soft, "unplaced" in soft
    tied = kind.tie >= 0
    for kept in range(size + 1) if tied else (0,):
        for unplaced in range(size - kept + 1) if may_drop else (0,):
            away = size - kept - unplaced
            if tied and away and "kinship-broken" not in soft:
                continue
            if not may_split and size not in (kept, unplaced, away):
                continue
            for parts in _partitions(away, away):
                if len(parts) > 1 and not may_split:
                    continue
                yield Pattern(kept, 0, unplaced, parts)
                if kind.stay >= 0:
                    for part in sorted(set(parts)):
                        rest = list(parts)
                        rest.remove(part)
                        yield Pattern(kept, part, unplaced, tuple(rest))
