"""Deals between municipalities, each for itself ([O] 4.1.2): a process, not an optimum.

Givers offer in an order that nobody decides on. Over many orders the spread of what each municipality
gets is the arbitrariness that the report fears.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random
from time import monotonic

from fordela.models.instance import Instance
from fordela.models.policy import Policy
from fordela.models.redistribution.outcome import RedistributionResult, Spread
from fordela.models.redistribution.problem import RedistributionProblem, redistribution_problem
from fordela.models.result import Status, Termination

Units = list[int]


def bilateral(instance: Instance, policy: Policy, seed: int = 0) -> RedistributionResult:
    """Play the process over many orders; the first order's deals are the year's transfers."""
    started = monotonic()
    problem = redistribution_problem(instance, policy)
    play = deferred if policy.redistribution.process == "deferred" else immediate
    orders = _orders(problem, policy.redistribution.draws, seed)
    ranked = ranking(problem)
    outcomes = [play(problem, ranked, order) for order in orders]
    return RedistributionResult(
        instance=instance,
        policy=policy,
        transfers=problem.transfers(outcomes[0]),
        status=Status.FEASIBLE,
        termination=Termination.COMPLETED,
        backend=policy.redistribution.process,
        seed=seed,
        seconds=monotonic() - started,
        order=tuple(problem.givers[i].code for i in orders[0]),
        draws=len(orders),
        spread=_spread(problem, outcomes),
    )


def _orders(problem: RedistributionProblem, draws: int, seed: int) -> list[list[int]]:
    orders = []
    for draw in range(draws):
        order = list(range(len(problem.givers)))
        Random(f"{seed}:{draw}").shuffle(order)
        orders.append(order)
    return orders


def ranking(problem: RedistributionProblem) -> list[list[int]]:
    """Pairs of every giver, the best receiver first: nearest, then largest wish, then code."""
    ranked: list[list[int]] = [[] for _ in problem.givers]
    for number, p in enumerate(problem.pairs):
        ranked[p.giver].append(number)

    def place(number: int) -> tuple[int, int, str]:
        p = problem.pairs[number]
        receiver = problem.receivers[p.receiver]
        return p.kilometres, -receiver.wish, receiver.code

    return [sorted(numbers, key=place) for numbers in ranked]


def immediate(
    problem: RedistributionProblem, ranked: Sequence[Sequence[int]], order: Sequence[int]
) -> Units:
    """Each giver offers to the best receiver with room, which accepts at once and bindingly.

    Deals of a receiver that ends below its least are void.
    """
    units = [0] * len(problem.pairs)
    room = [r.most for r in problem.receivers]
    givers_of: dict[str, int] = {}
    limit = problem.most_givers_per_county
    for i in order:
        giver = problem.givers[i]
        if limit is not None and givers_of.get(giver.county, 0) >= limit:
            continue
        left = giver.most
        deals: dict[int, int] = {}
        for number in ranked[i]:
            p = problem.pairs[number]
            amount = min(left, room[p.receiver], p.most)
            if amount <= 0 or amount < p.least or (problem.one_receiver and amount < giver.least):
                continue
            deals[number] = amount
            left -= amount
            if problem.one_receiver:
                break
        if not deals or giver.most - left < giver.least:
            continue
        givers_of[giver.county] = givers_of.get(giver.county, 0) + 1
        for number, amount in deals.items():
            units[number] = amount
            room[problem.pairs[number].receiver] -= amount
    return _without_the_void(problem, units)


def _without_the_void(problem: RedistributionProblem, units: Units) -> Units:
    """Undo what is of no use: to receivers below their least, then to givers below theirs."""
    while True:  # each time some pair trades nothing that did before
        into, out = problem.into(units), problem.out(units)
        kept = [
            u
            if into[p.receiver] >= problem.receivers[p.receiver].least
            and out[p.giver] >= problem.givers[p.giver].least
            else 0
            for p, u in zip(problem.pairs, units, strict=True)
        ]
        if kept == units:
            return units
        units = kept


def deferred(
    problem: RedistributionProblem, ranked: Sequence[Sequence[int]], order: Sequence[int]
) -> Units:
    """Receivers keep the best offers so far and reject the rest; the order makes no difference.

    Receivers prefer the nearest giver, then the larger wish, then the lower code. A giver goes on to
    its next receiver with what is rejected (with one receiver: when all of it is). Receivers that end
    below their least leave, and the process starts anew without them.
    """
    gone: set[int] = set()
    while True:  # more receivers are gone each time
        open_to = [[n for n in row if problem.pairs[n].receiver not in gone] for row in ranked]
        units = _clearing(problem, open_to, order)
        into = problem.into(units)
        leaving = {j for j, r in enumerate(problem.receivers) if 0 < into[j] < r.least}
        if not leaving:
            return _without_the_void(problem, units)
        gone |= leaving


def _clearing(
    problem: RedistributionProblem, ranked: Sequence[Sequence[int]], order: Sequence[int]
) -> Units:
    offered = [0] * len(problem.pairs)
    accepted = [0] * len(problem.pairs)
    takers: list[list[int]] = [[] for _ in problem.receivers]
    for number, p in enumerate(problem.pairs):
        takers[p.receiver].append(number)
    waiting = list(order)
    while waiting:  # a giver waits again only after an offer that is larger than its last to the same
        i = waiting.pop()
        offer = _next_offer(problem, ranked[i], accepted, offered, i)
        if offer is None:
            continue
        number, amount = offer
        offered[number] = amount
        numbers = takers[problem.pairs[number].receiver]
        before = {n: accepted[n] for n in numbers}
        _accept(problem, numbers, offered, accepted)
        waiting += [problem.pairs[n].giver for n in numbers if accepted[n] < before[n]]
        waiting.append(i)
    return accepted


def _next_offer(
    problem: RedistributionProblem, ranked: Sequence[int], accepted: Units, offered: Units, i: int
) -> tuple[int, int] | None:
    """Return the next new offer of a giver, if it has one: pair and units."""
    left = problem.givers[i].most
    for number in ranked:
        p = problem.pairs[number]
        if problem.one_receiver and accepted[number]:
            return None
        amount = min(left, p.most)
        if amount > offered[number] and amount >= max(p.least, 1):
            return number, amount
        left -= accepted[number]
    return None


def _accept(
    problem: RedistributionProblem, numbers: Sequence[int], offered: Units, accepted: Units
) -> None:
    """Let a receiver choose among all offers it ever had; nobody is served after one that is cut."""

    def place(number: int) -> tuple[int, int, str]:
        p = problem.pairs[number]
        giver = problem.givers[p.giver]
        return p.kilometres, -giver.wish, giver.code

    j = problem.pairs[numbers[0]].receiver
    room = problem.receivers[j].most
    for number in sorted(numbers, key=place):
        p = problem.pairs[number]
        amount = min(offered[number], room)
        least = max(p.least, problem.givers[p.giver].least if problem.one_receiver else 0, 1)
        accepted[number] = amount if amount >= least else 0
        room = room - amount if amount == offered[number] else 0


def _spread(problem: RedistributionProblem, outcomes: Sequence[Units]) -> dict[str, Spread]:
    spread: dict[str, Spread] = {}
    measures: tuple[tuple[Callable[[Sequence[int]], list[int]], str], ...] = (
        (problem.out, "givers"), (problem.into, "receivers"),
    )  # fmt: skip
    for measure, sides in measures:
        table = [measure(units) for units in outcomes]
        for k, side in enumerate(getattr(problem, sides)):
            column = [row[k] for row in table]
            spread[side.code] = Spread(
                min(column), Fraction(sum(column), len(column)), max(column),
                sum(u == 0 for u in column), sum(u == side.wish for u in column),
            )  # fmt: skip
    return spread
