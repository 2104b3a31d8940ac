"""Every allocation that the policy permits in a small year: where none is better, none exists.

Of allocations that every level counts alike only one is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, combinations_with_replacement
from math import comb

from fordela.models.allocation import Assignment, Kind
from fordela.models.check.values import Counted, Value, beats, level_value
from fordela.models.instance import Case
from fordela.models.policy import NORMS, credits_by_child

#: Allocations, of all cases or of the first ones only, that are looked at.
MOST = 20_000

Place = tuple[Kind, str | None, str | None]
Rows = tuple[Assignment, ...]
_NOWHERE: Place = ("unplaced", None, None)


class Every:
    """Goes through the levels of a year in order, trying all allocations once they are asked for."""

    def __init__(self, year: Counted) -> None:
        self.year = year
        self._held: list[tuple[str, Value]] = []
        self._left: list[Counted] | None = None
        self._asked = False

    def hold(self, level: str, value: Value) -> None:
        """From now on look only at allocations with this value."""
        self._held.append((level, value))

    def best(self, level: str) -> Value | None:
        """Best value of a level among those that hold the levels before; None if it is not known."""
        if not all(map(is_built_in, (level, *(held for held, _ in self._held)))):
            return None
        if not self._asked:
            self._left, self._asked = every_allocation(self.year), True
        left = self._left or []
        for held, value in self._held:
            left = [one for one in left if level_value(held, one) == value]
        if not left:
            return None
        self._left, self._held = left, []
        found, *others = (level_value(level, one) for one in left)
        for value in others:
            found = value if beats(level, value, found) else found
        return found


def is_built_in(level: str) -> bool:
    """Whether a level runs no code of somebody else, which can be slow or fail."""
    norm = level.removeprefix("deviation:")
    return norm == level or norm in NORMS


def every_allocation(year: Counted) -> list[Counted] | None:
    """List what the policy permits under the year's transfers; None if it is more than `MOST`."""
    pairs = permitted_pairs(year)
    tied = sorted({case.tie for case in year.instance.cases if case.tie is not None})
    places = [_NOWHERE, *pairs, *(("kinship", code, code) for code in tied)]
    digit = {place: (len(year.instance.children) + 1) ** k for k, place in enumerate(places, 3)}
    made: dict[int, tuple[Rows, ...]] = {0: ()}
    looked = 0
    for number, case in enumerate(year.instance.cases, 1):
        open_to = list(_open_to(year, case, pairs))
        looked += len(made) * comb(len(open_to) + case.size - 1, case.size) if open_to else 0
        if looked > MOST:
            return None
        ways = [
            (_counted(year, case, chosen, digit), _rows(case, number, chosen))
            for chosen in combinations_with_replacement(open_to, case.size)
            if _is_permitted(year, chosen)
        ]
        made = {
            counts + more: (*parts, added) for counts, parts in made.items() for more, added in ways
        }
    found = [replace(year, assignments=[*chain(*parts)]) for parts in made.values()]
    if year.policy.assignment.capacity == "hard":
        found = [one for one in found if not level_value("over-capacity", one)]
    return found


def permitted_pairs(year: Counted) -> list[Place]:
    """Where a child without a tie can go: owners with a share, and who holds some of it."""
    kept = {m.code: m.share for m in year.instance.municipalities}
    for t in year.transfers:
        kept[t.giver] -= t.share
    own = [(code, code) for code, units in kept.items() if units > 0]
    handed = [(t.giver, t.receiver) for t in year.transfers]
    return [("equalising", owner, bearer) for owner, bearer in (*own, *handed)]


def _open_to(year: Counted, case: Case, pairs: Sequence[Place]) -> Iterator[Place]:
    soft = year.policy.optimal.levels
    if case.tie is not None:
        yield "kinship", case.tie, case.tie
    if case.tie is None or "kinship-broken" in soft:
        yield from (place for place in pairs if place[2] != case.tie)
    if "unplaced" in soft:
        yield _NOWHERE


def _is_permitted(year: Counted, chosen: Sequence[Place]) -> bool:
    """Whether siblings stay together, and are credited to one owner, as far as they must."""
    together = len({bearer for _, _, bearer in chosen}) == 1
    if not together and "siblings-split" not in year.policy.optimal.levels:
        return False
    return len(set(chosen)) == 1 or credits_by_child(year.policy)


def _rows(case: Case, number: int, chosen: Sequence[Place]) -> Rows:
    return tuple(
        Assignment(child.child, case.case, bearer, owner, kind, number)
        for child, (kind, owner, bearer) in zip(case.children, chosen, strict=True)
    )


def _counted(year: Counted, case: Case, chosen: Sequence[Place], digit: Mapping[Place, int]) -> int:
    """What levels count of a case: broken ties, parts, moves and children by place, as digits."""
    one = len(year.instance.children) + 1
    bearers = [bearer for _, _, bearer in chosen]
    broken = sum(case.tie is not None and bearer not in (None, case.tie) for bearer in bearers)
    parted = max(0, len({bearer for bearer in bearers if bearer is not None}) - 1)
    moved = sum(bearer != year.rule_bearers.get(case.case) for bearer in bearers)
    return broken + one * parted + one**2 * moved + sum(digit[place] for place in chosen)
