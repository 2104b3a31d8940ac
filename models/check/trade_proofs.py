"""What of a redistribution the checker can prove itself: by flows, by exchange and by counting.

One receiver for each giver and least amounts are left out of these arguments, so that they bound the
real problem; what meets the bound is optimal.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from fordela.models.check.deals import Market
from fordela.models.check.exchange import Amount, least_sum, least_vector
from fordela.models.check.proofs import Proof
from fordela.models.check.trades import entitlements
from fordela.models.check.values import Value
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import Policy


class TradeProver:
    """Goes through the levels of a redistribution in order, keeping what the proven ones leave open."""

    def __init__(self, instance: Instance, policy: Policy, transfers: Sequence[Transfer]) -> None:
        self.instance, self.policy, self.transfers = instance, policy, transfers
        market = Market(instance, policy)
        county = {m.code: m.county_code for m in instance.municipalities}
        scope = policy.redistribution.scope
        listed = set(instance.pairs)
        self.step, self.county = market.step, county
        self.terms = {
            (i, j): units
            for (i, j), units in market.terms.items()
            if (scope != "county" or county[i] == county[j]) and (scope != "listed" or (i, j) in listed)
        }
        self.part = self._parts()
        self.most_out = self._most(0, market.supply)
        self.most_in = self._most(1, market.room)
        self.sides = {"givers": self._amounts("givers"), "receivers": self._amounts("receivers")}
        self.granted = False

    def _parts(self) -> dict[str, str]:
        """Parts of the market that do not touch; a limit on givers leaves it whole."""
        part = {code: code for pair in self.terms for code in pair}
        if self.policy.redistribution.most_givers_per_county is not None:
            return dict.fromkeys(part, "")
        members = {code: [code] for code in part}
        for i, j in self.terms:
            one, other = sorted((part[i], part[j]))
            if one != other:
                for code in members.pop(other):
                    part[code] = one
                    members[one].append(code)
        return part

    def _most(self, side: int, limit: Mapping[str, int]) -> dict[str, int]:
        """Most units that each can trade."""
        open_to: dict[str, list[int]] = defaultdict(list)
        for pair, units in self.terms.items():
            open_to[pair[side]].append(units)
        single = side == 0 and self.policy.redistribution.one_receiver
        return {
            code: min(limit[code], max(units) if single else sum(units))
            for code, units in open_to.items()
        }

    def _traded(self, side: str) -> Counter[str]:
        units: Counter[str] = Counter()
        for t in self.transfers:
            units[t.giver if side == "givers" else t.receiver] += t.share
        return units

    def _amounts(self, side: str) -> dict[str, Amount]:
        wishes = self.instance.wanted.less if side == "givers" else self.instance.wanted.more
        most = self.most_out if side == "givers" else self.most_in
        traded = self._traded(side)
        return {
            code: Amount(
                traded[code] // self.step, 0, most.get(code, 0) // self.step, lambda _: Fraction(0),
                self.part.get(code, code),
            )
            for code, wish in wishes.items()
            if wish.share
        }  # fmt: skip

    def prove(self, level: str, value: Value) -> Proof | None:
        """Prove that a level cannot be better than its value; None if it takes an engine."""
        if level.startswith(("equal", "leximin")):
            return self._equality(level, value)
        if value == self._least(level):
            self.granted |= level == "granted"
            return Proof.COUNTING if value else Proof.TRIVIAL
        return None

    def _least(self, level: str) -> int:
        """Bound of a level that is a sum over pairs."""
        if level == "granted":
            return -sum(self._flow(part, False) for part in set(self.part.values()))
        if level == "continuity":
            former = {(t.giver, t.receiver) for t in self.instance.transfers_last_year}
            return len(former - set(self.terms))
        if level == "partners":
            return max(sum(a.low > 0 for a in side.values()) for side in self.sides.values())
        if level == "within-county" and self.granted:
            total = sum(t.share for t in self.transfers)
            return max(0, total - self._flow(None, True))
        return 0

    def _equality(self, level: str, value: Value) -> Proof | None:
        """Exchange one step between two of a part; alone where the sum is not held."""
        side = level.split("-")[1]
        wishes = self.instance.wanted.less if side == "givers" else self.instance.wanted.more
        due = entitlements(self.instance, self.policy, givers=side == "givers")
        squares = level.startswith("equal")

        def part_of(code: str) -> Amount:
            wish, entitled, step = wishes[code].share, due[code], self.step

            def part(x: int) -> Fraction:
                gap = abs(x * step - entitled)
                return (gap * gap if squares else gap) / wish

            return replace(self.sides[side][code], part=part)

        codes = sorted(self.sides[side], key=lambda code: self.sides[side][code].group)
        amounts = [part_of(code) for code in codes]
        if any(not a.low <= a.now <= a.high for a in amounts):
            return None
        prove = least_sum if squares else least_vector
        tight = prove(amounts, free=not self.granted)
        if tight is None:
            return None
        self.sides[side] = dict(zip(codes, tight, strict=True))
        return Proof.COUNTING if value else Proof.TRIVIAL

    def _flow(self, part: str | None, inside: bool) -> int:
        """Most units that can be handed over in a part, or without crossing a county border."""
        pairs = {
            (i, j): units
            for (i, j), units in self.terms.items()
            if (part is None or self.part[i] == part)
            and (not inside or self.county[i] == self.county[j])
        }
        return greatest_flow(self.most_out, self.most_in, pairs)


def greatest_flow(
    supply: Mapping[str, int], room: Mapping[str, int], pairs: Mapping[tuple[str, str], int]
) -> int:
    """Most units that go from givers to receivers; each round adds along a shortest way."""
    left: dict[str, dict[str, int]] = defaultdict(dict)
    for (i, j), units in pairs.items():
        giver, receiver = f"<{i}", f">{j}"
        left["from"][giver] = supply[i]
        left[receiver]["to"] = room[j]
        left[giver][receiver] = units
        left[giver].setdefault("from", 0)
        left[receiver][giver] = 0
        left["to"].setdefault(receiver, 0)
    total = 0
    while True:
        came: dict[str, str] = {"from": ""}
        queue = deque(["from"])
        while queue and "to" not in came:
            here = queue.popleft()
            for there, units in left[here].items():
                if units > 0 and there not in came:
                    came[there] = here
                    queue.append(there)
        if "to" not in came:
            return total
        way = ["to"]
        while way[-1] != "from":
            way.append(came[way[-1]])
        steps = [(b, a) for a, b in pairwise(way)]
        units = min(left[a][b] for a, b in steps)
        for a, b in steps:
            left[a][b] -= units
            left[b][a] = left[b].get(a, 0) + units
        total += units
