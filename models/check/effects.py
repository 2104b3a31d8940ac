"""What cases that leave and come do to the levels of a stack, worked out where they do it.

Effects add up: amounts by level, and in the order of a vector by entry, the weightiest first. A change
makes the levels better where the first amount that is not 0 is below 0.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.check.every import permitted_pairs
from fordela.models.check.values import Counted, far_apart, first, level_value, part, targets
from fordela.models.policy import LEXIMIN_NORMS

Number = Fraction | int
#: By level, and by entry within it.
Effect = dict[tuple[int, Number], Number]
#: Owner and bearer by position; None is no municipality.
Place = tuple[int, int] | None


@dataclass(frozen=True, order=True)
class Alike:
    """Whole cases that are alike: children, positions of tie and rule's bearer (or −1)."""

    size: int
    tie: int = -1
    stay: int = -1


#: A case that leaves (−1) or comes (1).
Change = tuple[Alike, Place, int]


def is_better(effect: Effect, than: Effect | None = None) -> bool:
    """Whether an effect is better than another, or than none."""
    rest = effect if than is None else added((effect, than), (1, -1))
    key = min((k for k, amount in rest.items() if amount), default=None)
    return key is not None and rest[key] < 0


def added(effects: Sequence[Effect], signs: Iterable[int] = (1, 1, 1)) -> Effect:
    """Sum of effects that touch no municipality twice."""
    total: Effect = defaultdict(int)
    for effect, sign in zip(effects, signs, strict=False):
        for key, amount in effect.items():
            total[key] += sign * amount
    return total


class Towns:
    """A year by municipality: what is there, and what a change does to every level."""

    def __init__(self, year: Counted, levels: Sequence[str]) -> None:
        hard = ["over-capacity"] if year.policy.assignment.capacity == "hard" else []
        self.year, self.levels = year, [*hard, *levels]
        self.towns = year.instance.municipalities
        self.index = {m.code: k for k, m in enumerate(self.towns)}
        self.goal = targets(year.instance, year.policy)
        self.kinship = year.by("bearer", "kinship")
        self.places: list[Place] = [
            (self.index[str(owner)], self.index[str(bearer)])
            for _, owner, bearer in permitted_pairs(year)
        ]
        if "unplaced" in year.policy.optimal.levels:
            self.places.append(None)
        self.open = set(self.places)  # to a child without a tie
        self.spots = self._spots()
        tied = {(kind.tie, kind.tie) for kind, _ in self.spots if kind.tie >= 0}
        self.places += sorted(tied - self.open)
        self._balance()
        if "deviation:linf" in levels:
            self.largest = first(level_value("deviation:linf", year))

    def _spots(self) -> dict[tuple[Alike, Place], list[str]]:
        """Whole cases that could be elsewhere, by kind and place."""
        rows = defaultdict(list)
        for a in self.year.assignments:
            rows[a.case].append(a)
        found = defaultdict(list)
        for case in self.year.instance.cases:
            homes = {(a.owner, a.bearer) for a in rows[case.case]}
            if len(homes) != 1 or (
                case.tie and "kinship-broken" not in self.year.policy.optimal.levels
            ):
                continue
            owner, bearer = homes.pop()
            place = None if owner is None or bearer is None else (self.index[owner], self.index[bearer])
            stay = self.index.get(self.year.rule_bearers.get(case.case, ""), -1)
            tie = -1 if case.tie is None else self.index[case.tie]
            kind = Alike(case.size, tie, stay if "moves" in self.levels else -1)
            found[kind, place].append(case.case)
        return dict(found)

    def _balance(self) -> None:
        """What each bears beyond what is due to it, and to whom each owner hands which part."""
        self.parts: list[dict[int, Fraction]] = [{k: Fraction(1)} for k in range(len(self.towns))]
        for t in self.year.transfers:
            giver, receiver = self.index[t.giver], self.index[t.receiver]
            handed = Fraction(t.share, self.towns[giver].share)
            self.parts[giver][giver] -= handed
            self.parts[giver][receiver] = handed
        self.beyond = [Fraction(n) for n in self.year.by("bearer", "equalising")]
        for owner, n in enumerate(self.year.by("owner", "equalising")):
            for k, due in self.parts[owner].items():
                self.beyond[k] -= n * due

    def reach(self, place: Place) -> frozenset[int]:
        """Municipalities whose figures depend on who is at a place."""
        if place is None:
            return frozenset()
        return frozenset({*place, *(self.parts[place[0]] if "bearer-balance" in self.levels else ())})

    def admits(self, kind: Alike, place: Place) -> bool:
        """Whether cases of a kind may be at a place; at its tie only on that municipality's share."""
        if place is not None and kind.tie == place[1]:
            return place[0] == kind.tie
        return place in self.open

    def effect(self, changes: Iterable[Change]) -> Effect:
        """What changes do to every level, together."""
        flat: Counter[str] = Counter()
        credited: Counter[int] = Counter()
        kinship: Counter[int] = Counter()
        untied: Counter[int] = Counter()
        beyond: dict[int, Number] = defaultdict(int)
        for kind, place, sign in changes:
            n = sign * kind.size
            flat["moves"] += n * (place is None or kind.stay != place[1])
            if place is None:
                flat["unplaced"] += n
                continue
            owner, bearer = place
            credited[owner] += n
            if kind.tie == bearer:
                kinship[bearer] += n
                continue
            untied[bearer] += n
            flat["kinship-broken"] += n * (kind.tie >= 0)
            if owner != bearer and "distance" in self.levels:
                flat["distance"] += n * far_apart(self.towns[owner], self.towns[bearer])
            beyond[bearer] += n
            for k, due in self.parts[owner].items():
                beyond[k] -= n * due
        total: Effect = {}
        for number, level in enumerate(self.levels):
            if level.startswith("deviation:"):
                total |= self._deviation(number, credited)
                continue
            amount: Number = flat[level]
            if level == "over-capacity":
                amount = self._over_capacity(untied, kinship)
            elif level == "willing":
                amount = -sum(self._willing(k, n) - self._willing(k) for k, n in untied.items())
            elif level == "bearer-balance":
                amount = sum(abs(self.beyond[k] + d) - abs(self.beyond[k]) for k, d in beyond.items())
            total[number, 0] = amount
        return total

    def _deviation(self, number: int, more: Counter[int]) -> Effect:
        norm = self.levels[number].removeprefix("deviation:")
        effect: Effect = defaultdict(int)
        for k, n in more.items():
            goal, before = self.goal[k], self.year.credited[k]
            for count, sign in ((before, -1), (before + n, 1)):
                if norm == "linf":
                    off = abs(count - goal)
                    effect[number, 0] += sign * (off > self.largest)
                    if number == len(self.levels) - 1:  # how many are as far off only counts at the end
                        effect[number, 1] += sign * (off == self.largest)
                elif norm not in LEXIMIN_NORMS:
                    effect[number, 0] += sign * part(norm, count, goal)
                elif goal:
                    rising = 1 if norm == "min-fulfilment" else -1
                    effect[number, rising * count / goal] += sign
        return effect

    def _over_capacity(self, untied: Counter[int], kinship: Counter[int]) -> int:
        return sum(
            self._excess(k, untied[k], kinship[k]) - self._excess(k) for k in {*untied, *kinship}
        )

    def _excess(self, k: int, untied: int = 0, kinship: int = 0) -> int:
        capacity = self.towns[k].capacity
        if capacity is None:
            return 0
        room = max(0, capacity - self.kinship[k] - kinship)
        return max(0, self.year.untied[k] + untied - room)

    def _willing(self, k: int, more: int = 0) -> int:
        return min(self.year.untied[k] + more, self.year.instance.willing_places[k])
