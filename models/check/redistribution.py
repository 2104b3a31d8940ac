"""A redistribution as claimed: what the policy allows, what it is worth, what the process gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from random import Random

from fordela.models.check.deals import Market, replay_deals
from fordela.models.check.objective import level_violations, status_violations
from fordela.models.check.solution import LevelClaim, NationalClaims, Solution, Violation
from fordela.models.check.structure import transfer_faults
from fordela.models.check.trade_proofs import TradeProver
from fordela.models.check.trades import forbidden, worth
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import BY_WISHES, Policy


def redistribution_violations(instance: Instance, solution: Solution) -> Iterator[Violation]:
    """Everything that is wrong with how transfers were decided, where the policy decides them."""
    scope = solution.policy.redistribution.scope
    if scope not in BY_WISHES:
        if solution.trades is not None and solution.trades.objective:
            yield Violation("redistribution", f"scope {scope!r} has no levels")
        if solution.trades is not None and solution.trades.status != "optimal":
            yield Violation("status", "decided transfers leave nothing open")
        return
    for message in forbidden(instance, solution.policy, solution.transfers):
        yield Violation("redistribution", message)
    if solution.trades is None:
        yield Violation("redistribution", "how the transfers were found is not said")
    elif scope == "bilateral":
        yield from _process(instance, solution)
    else:
        yield from _levels(instance, solution)


def _process(instance: Instance, solution: Solution) -> Iterator[Violation]:
    assert solution.trades is not None
    trades, policy = solution.trades, solution.policy
    orders = orders_of(instance, policy, trades.seed)
    if list(trades.order) != orders[0]:
        yield Violation("order", f"is not the first that seed {trades.seed} draws")
        return
    market = Market(instance, policy)
    expected = replay_deals(instance, policy, orders[0], market)
    for t in sorted(expected ^ set(solution.transfers), key=lambda t: (t.giver, t.receiver)):
        what = "is missing" if t in expected else "is not what the process gives"
        yield Violation("process", f"{t.giver}→{t.receiver} of {t.share} units {what}")
    if trades.spread is not None:
        yield from _spread(instance, trades.spread, market, policy, orders)
    if trades.optimum is not None:
        yield from _national(instance, policy, trades.optimum)
    if trades.objective or trades.status != "feasible":
        yield Violation("status", "a process has no levels, and nothing is proven of it")


def orders_of(instance: Instance, policy: Policy, seed: int) -> list[list[str]]:
    """Orders in which givers offer, draw by draw: each shuffled from the seed and its number."""
    orders = []
    for draw in range(policy.redistribution.draws):
        order = sorted(instance.wanted.less)
        Random(f"{seed}:{draw}").shuffle(order)
        orders.append(order)
    return orders


def _spread(
    instance: Instance,
    claimed: Mapping[str, Mapping[str, object]],
    market: Market,
    policy: Policy,
    orders: list[list[str]],
) -> Iterator[Violation]:
    """Replay every draw; deferred acceptance comes to the same in every order."""
    at_once = policy.redistribution.process == "immediate"
    wishes = {**instance.wanted.less, **instance.wanted.more}
    traded: dict[str, list[int]] = {code: [] for code in wishes}
    for order in orders if at_once else orders[:1]:
        units: Counter[str] = Counter()
        for t in replay_deals(instance, policy, order, market):
            units[t.giver] += t.share
            units[t.receiver] += t.share
        for code, column in traded.items():
            column += [units[code]] * (1 if at_once else len(orders))
    for code, column in traded.items():
        expected = {
            "least": min(column), "mean": str(Fraction(sum(column), len(column))),
            "most": max(column), "none": column.count(0), "whole": column.count(wishes[code].share),
        }  # fmt: skip
        if dict(claimed.get(code, {})) != expected:
            yield Violation("spread", f"{code} is {dict(claimed.get(code, {}))}, replayed {expected}")
    for code in claimed.keys() - traded.keys():
        yield Violation("spread", f"{code} has no wish")


def _national(instance: Instance, policy: Policy, claims: NationalClaims) -> Iterator[Violation]:
    """The optimum beside a process, under the same rules without a border or a partner of one's own."""
    national = policy.with_changes(scope="national")
    for problem in transfer_faults(instance, claims.transfers):
        yield Violation("national optimum", problem)
        return
    for message in forbidden(instance, national, claims.transfers):
        yield Violation("national optimum", message)
    yield from _proofs(instance, national, claims.transfers, claims.objective, claims.status)


def _levels(instance: Instance, solution: Solution) -> Iterator[Violation]:
    trades = solution.trades
    assert trades is not None
    if trades.order or trades.spread is not None or trades.optimum is not None:
        yield Violation("redistribution", "only a bilateral process has orders")
    yield from _proofs(instance, solution.policy, solution.transfers, trades.objective, trades.status)


def _proofs(
    instance: Instance,
    policy: Policy,
    transfers: Sequence[Transfer],
    claims: Sequence[LevelClaim],
    status: str,
) -> Iterator[Violation]:
    levels = policy.redistribution.levels
    if tuple(c.level for c in claims) != levels:
        yield Violation("objective", f"levels of the redistribution must be {', '.join(levels)}")
        return
    prover = TradeProver(instance, policy, transfers)
    for claim in claims:
        value = worth(claim.level, instance, policy, transfers)
        yield from level_violations(claim, value, lambda c: prover.prove(c.level, c.value))
        if claim.price is not None or claim.price_proof is not None:
            yield Violation("price", f"{claim.level}: levels of a redistribution are not priced")
    yield from status_violations(claims, status)
