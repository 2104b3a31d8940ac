"""What of a placement the checker can prove itself: by counting places, and the best home of each case.

Where a case competes with others for its best home these arguments bound the level only from below;
in a joint placement they let every untied case live in whichever municipality has the best home.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from fordela.models.check.proofs import Proof
from fordela.models.check.values import Value
from fordela.models.check.world import World, admits, cost_of_home, lacking, odd_form, stay_of
from fordela.models.homes import Home
from fordela.models.instance import Case


class HomeProver:
    """Goes through the levels of a placement in order, keeping what the proven ones leave open."""

    def __init__(self, world: World, levels: Sequence[str], *, joint: bool) -> None:
        self.world, self.joint = world, joint
        self.near: dict[str, list[Home]] = defaultdict(list)
        for home in world.instance.homes:
            self.near[home.municipality].append(home)
        self.open_to = {case.case: self._homes(case) for case in world.cases.values()}
        self.lost = [c for c in world.cases.values() if not self.open_to[c.case]]
        self.everybody = "unplaced" not in levels  # all who can have a home have one

    def prove(self, level: str, value: Value) -> Proof | None:
        """Prove that a level cannot be better than its value; None if it takes an engine."""
        if level == "unplaced":
            alone = sum(case.size for case in self.lost)
            self.everybody = value == alone
            least = max(alone, self._least_without())
        else:
            least = self._least(level, value)
        if value != least:
            return None
        return Proof.COUNTING if value else Proof.TRIVIAL

    def _homes(self, case: Case) -> list[Home]:
        """Homes that a case may live in, whoever else does."""
        responsible = case.tie if self.joint else self.world.responsible[case.children[0].child]
        if responsible is None and not self.joint:
            return []
        if responsible is None:
            homes = list(self.world.instance.homes)
        else:
            partners = sorted({p for r, p in self.world.agreed if r == responsible} - {responsible})
            homes = [h for code in (responsible, *partners) for h in self.near[code]]
        return [home for home in homes if admits(self.world, case, home, ())]

    def _cost(self, case: Case, home: Home, level: str) -> int:
        world = self.world
        if not self.joint or case.tie is not None:
            return sum(cost_of_home(world, child, home)[level] for child in case.children)
        if level == "unmet-needs":
            return sum(lacking(child, home) for child in case.children)
        if level == "unsuitable-form":
            return sum(odd_form(child, home, world.policy) for child in case.children)
        return 0

    def _least(self, level: str, value: Value) -> int:
        """Sum of what each case costs in the best of its homes; 0 while somebody may have none."""
        if not self.everybody:
            return 0
        best: dict[str, list[Home]] = {}
        total = 0
        for case in self.world.cases.values():
            homes = self.open_to[case.case]
            if not homes:
                continue
            costs = [self._cost(case, home, level) for home in homes]
            total += min(costs)
            best[case.case] = [h for h, cost in zip(homes, costs, strict=True) if cost == min(costs)]
        if total == value:
            self.open_to.update(best)
        return total

    def _least_without(self) -> int:
        """Children without a home: those with none to go to, and those too many on some day."""
        short = 0
        for cases, homes in self._parts():
            most = 0
            for case in cases:
                day, _ = stay_of(case)
                there = sum(c.size for c in cases if stay_of(c)[0] <= day < stay_of(c)[1])
                places = sum(
                    h.places
                    for h in homes
                    if (h.first is None or h.first <= day)
                    and (h.last is None or day < h.last + timedelta(days=1))
                )
                most = max(most, there - places)
            short += most
        return short + sum(case.size for case in self.lost)

    def _parts(self) -> list[tuple[list[Case], list[Home]]]:
        """Cases and the homes that they compete for, those of one part with nobody else's."""
        part: dict[str, str] = {}
        members: dict[str, list[str]] = {}
        for homes in self.open_to.values():
            for home in homes:
                if home.place not in part:
                    part[home.place] = home.place
                    members[home.place] = [home.place]
                one, other = part[homes[0].place], part[home.place]
                if one != other:
                    for place in members.pop(other):
                        part[place] = one
                        members[one].append(place)
        grouped: dict[str, list[Case]] = defaultdict(list)
        for case in self.world.cases.values():
            if self.open_to[case.case]:
                grouped[part[self.open_to[case.case][0].place]].append(case)
        return [
            (cases, [self.world.homes[place] for place in members[name]])
            for name, cases in grouped.items()
        ]
