"""The redistribution of a year: givers, receivers, the pairs that may trade, and the limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from fordela.models.errors import InputError, Problem
from fordela.models.geo import kilometres
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import Policy
from fordela.models.redistribution.entitlement import RULES
from fordela.models.units import UNITS_PER_MILLE
from fordela.models.validation import PAIRS
from fordela.models.wishes import Wanted


@dataclass(frozen=True, slots=True)
class Side:
    """A giver or a receiver.

    Attributes
    ----------
    code, county
        Municipality and county code.
    wish
        Units wished away or wished for, ``g_i`` or ``r_j``.
    least
        Least units if it takes part at all.
    most
        Most units it may hand away or take over.
    entitlement
        Units it is entitled to, ``e_i`` or ``e_j``.
    """

    code: str
    county: str
    wish: int
    least: int
    most: int
    entitlement: Fraction


@dataclass(frozen=True, slots=True)
class Pair:
    """A giver and a receiver, by position, that may trade.

    Attributes
    ----------
    giver, receiver
        Positions.
    least, most
        Units if they trade at all.
    kilometres
        Distance; 0 where no level asks for it.
    crosses
        Whether a county border lies between them.
    last_year
        Whether they traded last year.
    """

    giver: int
    receiver: int
    least: int
    most: int
    kilometres: int
    crosses: bool
    last_year: bool


@dataclass(frozen=True)
class RedistributionProblem:
    """What section 6 decides over.

    Attributes
    ----------
    givers, receivers, pairs
        Who may trade with whom.
    step
        Transfers are multiples of so many units.
    one_receiver
        Whether a giver may hand to one receiver only.
    most_givers_per_county
        Limit, or None.
    levels
        The objective stack.
    lapsed
        Pairs of last year that cannot trade any more.
    """

    givers: tuple[Side, ...]
    receivers: tuple[Side, ...]
    pairs: tuple[Pair, ...]
    step: int
    one_receiver: bool
    most_givers_per_county: int | None
    levels: tuple[str, ...]
    lapsed: int = 0

    def transfers(self, units: Sequence[int]) -> tuple[Transfer, ...]:
        """Transfers of a solution, by code."""
        made = (
            Transfer(self.givers[p.giver].code, self.receivers[p.receiver].code, u)
            for p, u in zip(self.pairs, units, strict=True)
            if u
        )
        return tuple(sorted(made, key=lambda t: (t.giver, t.receiver)))

    def out(self, units: Sequence[int]) -> list[int]:
        """Units that each giver hands away."""
        out = [0] * len(self.givers)
        for p, u in zip(self.pairs, units, strict=True):
            out[p.giver] += u
        return out

    def into(self, units: Sequence[int]) -> list[int]:
        """Units that each receiver takes over."""
        into = [0] * len(self.receivers)
        for p, u in zip(self.pairs, units, strict=True):
            into[p.receiver] += u
        return into


def redistribution_problem(instance: Instance, policy: Policy) -> RedistributionProblem:
    """State the redistribution of a year under a policy.

    Raises
    ------
    InputError
        If a level or the process needs a coordinate that is missing, or scope ``listed`` has no
        pairs.
    """
    rules = policy.redistribution
    if rules.scope == "listed" and not instance.pairs:
        message = f"policy {policy.name} has scope 'listed', which needs this table of pairs"
        raise InputError([Problem(PAIRS, message)])
    step = UNITS_PER_MILLE if rules.whole_shares else 1
    givers, receivers = _sides(instance, policy, step)
    levels = () if rules.scope == "bilateral" else rules.levels
    with_distance = "distance" in levels or rules.scope == "bilateral"
    former = {(t.giver, t.receiver) for t in instance.transfers_last_year}
    listed = set(instance.pairs)
    pairs = []
    for i, giver in enumerate(givers):
        for j, receiver in enumerate(receivers):
            codes = (giver.code, receiver.code)
            if rules.scope == "county" and giver.county != receiver.county:
                continue
            if rules.scope == "listed" and codes not in listed:
                continue
            least, most = _terms(instance.wanted.less[giver.code], instance.wanted.more[receiver.code],
                                 *codes)  # fmt: skip
            least, most = _up(least, step), _down(min(most, giver.most, receiver.most), step)
            if most <= 0 or least > most:
                continue
            pairs.append(
                Pair(
                    i, j, least, most,
                    kilometres(*(instance.by_code[c] for c in codes)) if with_distance else 0,
                    giver.county != receiver.county,
                    codes in former,
                )
            )  # fmt: skip
    lapsed = len(former) - sum(p.last_year for p in pairs)
    return RedistributionProblem(
        givers, receivers, tuple(pairs), step, rules.one_receiver, rules.most_givers_per_county,
        levels, lapsed,
    )  # fmt: skip


def _terms(less: Wanted, more: Wanted, giver: str, receiver: str) -> tuple[int, int]:
    """Least and most units that both wishes allow between the two."""
    offered, asked = less.with_partner(receiver), more.with_partner(giver)
    if offered is None or asked is None:
        return 0, 0
    return max(offered[1], asked[1]), min(offered[0], asked[0])


def _down(units: int, step: int) -> int:
    return units // step * step


def _up(units: int, step: int) -> int:
    return -(-units // step) * step


def _sides(instance: Instance, policy: Policy, step: int) -> tuple[tuple[Side, ...], tuple[Side, ...]]:
    rules = policy.redistribution
    givers, receivers = [], []
    for m in sorted(instance.municipalities, key=lambda m: m.code):
        less, more = instance.wanted.less.get(m.code), instance.wanted.more.get(m.code)
        if less is not None:
            most = _down(max(0, min(less.share, m.share - rules.least_kept)), step)
            least = _up(less.least, step)
            givers.append(Side(m.code, m.county_code, less.share, least, most, Fraction(0)))
        elif more is not None:
            least = _up(max(more.least, rules.least_received), step)
            most = _down(more.share, step)
            receivers.append(Side(m.code, m.county_code, more.share, least, most, Fraction(0)))
    return entitled(givers, receivers, policy), entitled(receivers, givers, policy)


def entitled(sides: Sequence[Side], others: Sequence[Side], policy: Policy) -> tuple[Side, ...]:
    """Give each of one side its entitlement; summed within each county under scope ``county``."""
    rules = policy.redistribution
    pools: dict[str, list[Side]] = defaultdict(list)
    demand: dict[str, int] = defaultdict(int)
    for side in sides:
        pools[side.county if rules.scope == "county" else ""].append(side)
    for other in others:
        demand[other.county if rules.scope == "county" else ""] += other.wish
    entitlement: dict[str, Fraction] = {}
    for pool, members in pools.items():
        claims = [m.wish for m in members]
        amount = min(sum(claims), demand[pool])
        shares = RULES[rules.entitlement](claims, amount)
        entitlement.update(zip((m.code for m in members), shares, strict=True))
    return tuple(replace(side, entitlement=entitlement[side.code]) for side in sides)


def components(problem: RedistributionProblem) -> Iterator[tuple[RedistributionProblem, list[int]]]:
    """Parts that do not influence each other, each with the positions of its pairs.

    Every level is a sum or a sorted vector over the parts, so the best of the whole is the best of
    each. A limit on givers per county joins the givers of a county.
    """
    parent = list(range(len(problem.givers) + len(problem.receivers)))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for p in problem.pairs:
        parent[root(p.giver)] = root(len(problem.givers) + p.receiver)
    if problem.most_givers_per_county is not None:
        first: dict[str, int] = {}
        for i, giver in enumerate(problem.givers):
            parent[root(i)] = root(first.setdefault(giver.county, i))
    groups: dict[int, tuple[list[int], list[int], list[int]]] = defaultdict(lambda: ([], [], []))
    traders = {p.giver for p in problem.pairs} | {
        len(problem.givers) + p.receiver for p in problem.pairs
    }
    alone = -1  # all those who cannot trade with anyone make one part
    for i in range(len(problem.givers)):
        groups[root(i) if i in traders else alone][0].append(i)
    for j in range(len(problem.receivers)):
        k = len(problem.givers) + j
        groups[root(k) if k in traders else alone][1].append(j)
    for number, p in enumerate(problem.pairs):
        groups[root(p.giver)][2].append(number)
    lapsed = problem.lapsed
    for members, takers, numbers in sorted(groups.values()):
        place = {i: k for k, i in enumerate(members)}
        seat = {j: k for k, j in enumerate(takers)}
        pairs = (problem.pairs[n] for n in numbers)
        part = replace(
            problem,
            givers=tuple(problem.givers[i] for i in members),
            receivers=tuple(problem.receivers[j] for j in takers),
            pairs=tuple(replace(p, giver=place[p.giver], receiver=seat[p.receiver]) for p in pairs),
            lapsed=lapsed,
        )
        lapsed = 0
        yield part, numbers
