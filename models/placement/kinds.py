"""Homes that differ in nothing but where they lie: what they cost a case depends on the kind alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fordela.models.homes import Home
from fordela.models.instance import Case
from fordela.models.placement.fit import fit
from fordela.models.placement.problem import Cost, Reach, needs_of, sort_of
from fordela.models.placement.stays import is_open, stay_of


@dataclass(frozen=True, slots=True)
class Supply:
    """Homes of a kind in one municipality, for those whom a municipality is responsible for."""

    kind: int
    placing: int
    responsible: int


@dataclass(frozen=True)
class Kinds:
    """The kinds of a year's homes; relatives' homes are for nobody without a tie.

    Attributes
    ----------
    examples
        One home of each kind.
    groups
        Position of the group by kind and municipality.
    givers
        By municipality that has homes: those that may place in them, itself first.
    """

    reach: Reach
    examples: tuple[Home, ...]
    groups: Mapping[tuple[int, int], int]
    givers: Mapping[int, tuple[int, ...]]
    _fits: dict[tuple[object, ...], dict[int, Cost]] = field(default_factory=dict)

    @classmethod
    def of(cls, reach: Reach) -> Kinds:
        """Find the kinds of a year's homes."""
        number: dict[tuple[object, ...], int] = {}
        examples: list[Home] = []
        groups: dict[tuple[int, int], int] = {}
        for k, group in enumerate(reach.groups):
            home = group.homes[0]
            if home.form == "network-home":
                continue
            key = sort_of(home)
            if key not in number:
                number[key] = len(examples)
                examples.append(home)
            groups[number[key], group.municipality] = k
        givers = {j: [j] for _, j in groups}
        for j, partners in reach.partners.items():
            for placing in givers.keys() & set(partners):
                givers[placing].append(j)
        return cls(reach, tuple(examples), groups, {j: tuple(who) for j, who in givers.items()})

    def away(self, responsible: int, placing: int, size: int) -> Cost:
        """What it costs that a home lies in another municipality."""
        if responsible == placing:
            return (0, 0, 0, 0, 0)
        return (0, size, 0, 0, size * self.reach.kilometres(responsible, placing))

    def costs(self, case: Case) -> dict[int, Cost]:
        """What each kind costs a case in its own municipality, where it may live in one."""
        who = needs_of(case)
        if who not in self._fits:
            fits = ((k, fit(case, home, self.reach.rules)) for k, home in enumerate(self.examples))
            self._fits[who] = {k: (0, 0, f.unmet, f.unsuitable, 0) for k, f in fits if f is not None}
        stay = stay_of(case)
        return {k: cost for k, cost in self._fits[who].items() if is_open(self.examples[k], stay)}

    def nearest(self, responsible: int, size: int) -> Cost | None:
        """What it costs at least that homes are where they are; None where a municipality has none."""
        away = [self.away(responsible, j, size) for j, who in self.givers.items() if responsible in who]
        return tuple(map(min, zip(*away, strict=True))) if away else None
