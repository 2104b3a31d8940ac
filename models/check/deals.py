"""The bilateral process replayed from its definition, round by round and plainly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fordela.models.check.values import far_apart
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import Policy

Deals = dict[tuple[str, str], int]


def replay_deals(
    instance: Instance, policy: Policy, order: Sequence[str], market: Market | None = None
) -> set[Transfer]:
    """Deals that the process comes to when givers offer in an order."""
    market = market or Market(instance, policy)
    at_once = policy.redistribution.process == "immediate"
    deals = market.at_once(order) if at_once else market.cleared()
    return {Transfer(i, j, units) for (i, j), units in market.kept(deals).items() if units}


class Market:
    """Who may hand how much to whom, and the offers that are made."""

    def __init__(self, instance: Instance, policy: Policy) -> None:
        self.instance, self.rules = instance, policy.redistribution
        self.step = 100 if self.rules.whole_shares else 1
        self.less, self.more = instance.wanted.less, instance.wanted.more
        self.county = {m.code: m.county_code for m in instance.municipalities}
        share = {m.code: m.share for m in instance.municipalities}
        self.supply = {
            i: self._down(max(0, min(w.share, share[i] - self.rules.least_kept)))
            for i, w in self.less.items()
        }
        self.room = {j: self._down(w.share) for j, w in self.more.items()}
        self.give_least = {i: self._up(w.least) for i, w in self.less.items()}
        self.take_least = {
            j: self._up(max(w.least, self.rules.least_received)) for j, w in self.more.items()
        }
        self.terms: Deals = {}
        self.least: Deals = {}
        self._ranked: dict[tuple[int, str], list[str]] = {}
        for i in self.less:
            for j in self.more:
                self._pair(i, j)

    def _down(self, units: int) -> int:
        return units - units % self.step

    def _up(self, units: int) -> int:
        return self._down(units + self.step - 1)

    def _pair(self, i: str, j: str) -> None:
        bounds = []
        for wish, partner in ((self.less[i], j), (self.more[j], i)):
            named = [(s, least) for code, s, least in wish.partners if code == partner]
            if wish.partners and not named:
                return
            bounds.append(named[0] if named else (wish.share, 1))
        most = self._down(min(bounds[0][0], bounds[1][0], self.supply[i], self.room[j]))
        least = self._up(max(bounds[0][1], bounds[1][1]))
        if most > 0 and least <= most:
            self.terms[i, j], self.least[i, j] = most, max(least, 1)

    def _far(self, i: str, j: str) -> int:
        return far_apart(self.instance.by_code[i], self.instance.by_code[j])

    def receivers(self, i: str) -> list[str]:
        """Receivers of a giver, the best first."""
        if (0, i) not in self._ranked:
            open_to = [j for a, j in self.terms if a == i]
            ranked = sorted(open_to, key=lambda j: (self._far(i, j), -self.more[j].share, j))
            self._ranked[0, i] = ranked
        return self._ranked[0, i]

    def givers(self, j: str) -> list[str]:
        """Givers of a receiver, the best first."""
        if (1, j) not in self._ranked:
            open_to = [i for i, b in self.terms if b == j]
            ranked = sorted(open_to, key=lambda i: (self._far(i, j), -self.less[i].share, i))
            self._ranked[1, j] = ranked
        return self._ranked[1, j]

    def at_once(self, order: Sequence[str]) -> Deals:
        """Immediate and binding acceptance."""
        deals: Deals = {}
        room = dict(self.room)
        active: Counter[str] = Counter()
        for i in order:
            limit = self.rules.most_givers_per_county
            if limit is not None and active[self.county[i]] >= limit:
                continue
            left = self.supply[i]
            mine: Deals = {}
            for j in self.receivers(i):
                units = min(left, room[j], self.terms[i, j])
                enough = max(self.least[i, j], self.give_least[i] if self.rules.one_receiver else 1)
                if units >= enough and not (self.rules.one_receiver and mine):
                    mine[i, j] = units
                    left -= units
            if mine and sum(mine.values()) >= self.give_least[i]:
                active[self.county[i]] += 1
                deals.update(mine)
                for (_, j), units in mine.items():
                    room[j] -= units
        return deals

    def cleared(self) -> Deals:
        """Deferred acceptance in rounds: all givers offer at once, until nobody has a new offer."""
        gone: set[str] = set()
        while True:
            deals = self._rounds(gone)
            taken: Counter[str] = Counter()
            for (_, j), units in deals.items():
                taken[j] += units
            leaving = {j for j, units in taken.items() if 0 < units < self.take_least[j]}
            if not leaving:
                return deals
            gone |= leaving

    def _rounds(self, gone: set[str]) -> Deals:
        offers: Deals = {}
        while True:
            held = self._accepted(offers)
            new: Deals = {}
            for i in self.less:
                left = self.supply[i]
                for j in self.receivers(i):
                    if j in gone or (self.rules.one_receiver and held.get((i, j))):
                        if j not in gone:
                            break
                        continue
                    units = min(left, self.terms[i, j])
                    if units > offers.get((i, j), 0) and units >= self.least[i, j]:
                        new[i, j] = units
                        break
                    left -= held.get((i, j), 0)
            if not new:
                return held
            offers |= new

    def _accepted(self, offers: Deals) -> Deals:
        held: Deals = {}
        for j in self.more:
            room = self.room[j]
            for i in self.givers(j):
                offer = offers.get((i, j), 0)
                units = min(offer, room)
                enough = max(self.least[i, j], self.give_least[i] if self.rules.one_receiver else 1)
                if units >= enough:
                    held[i, j] = units
                room = room - units if units == offer else 0
        return held

    def kept(self, deals: Deals) -> Deals:
        """Deals that are of use to both."""
        while True:
            out: Counter[str] = Counter()
            into: Counter[str] = Counter()
            for (i, j), units in deals.items():
                out[i] += units
                into[j] += units
            useful = {
                (i, j): units
                for (i, j), units in deals.items()
                if out[i] >= self.give_least[i] and into[j] >= self.take_least[j]
            }
            if useful == deals:
                return deals
            deals = useful
