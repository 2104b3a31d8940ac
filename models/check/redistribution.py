"""A redistribution as claimed: what the policy allows, what it is worth, what the process gives."""

from __future__ import annotations

from collections.abc import Iterator

from fordela.models.check.deals import replay_deals
from fordela.models.check.objective import level_violations, status_violations
from fordela.models.check.solution import Solution, Violation
from fordela.models.check.trade_proofs import TradeProver
from fordela.models.check.trades import forbidden, worth
from fordela.models.instance import Instance
from fordela.models.policy import DECIDED_BY_PROGRAM


def redistribution_violations(instance: Instance, solution: Solution) -> Iterator[Violation]:
    """Everything that is wrong with how transfers were decided, where the policy decides them."""
    scope = solution.policy.redistribution.scope
    if scope not in (*DECIDED_BY_PROGRAM, "bilateral"):
        if solution.trades is not None and solution.trades.objective:
            yield Violation("redistribution", f"scope {scope!r} has no levels")
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
    order = solution.trades.order
    if sorted(order) != sorted(instance.wanted.less):
        yield Violation("order", "does not have every giver once")
        return
    expected = replay_deals(instance, solution.policy, order)
    for t in sorted(expected ^ set(solution.transfers), key=lambda t: (t.giver, t.receiver)):
        what = "is missing" if t in expected else "is not what the process gives"
        yield Violation("process", f"{t.giver}→{t.receiver} of {t.share} units {what}")


def _levels(instance: Instance, solution: Solution) -> Iterator[Violation]:
    assert solution.trades is not None
    claims, levels = solution.trades.objective, solution.policy.redistribution.levels
    if tuple(c.level for c in claims) != levels:
        yield Violation("objective", f"levels of the redistribution must be {', '.join(levels)}")
        return
    prover = TradeProver(instance, solution.policy, solution.transfers)
    for claim in claims:
        value = worth(claim.level, instance, solution.policy, solution.transfers)
        yield from level_violations(claim, value, lambda c: prover.prove(c.level, c.value))
    for claim in claims:
        if claim.price is not None:
            yield Violation("price", f"{claim.level}: levels of a redistribution are not priced")
    yield from status_violations(claims, solution.trades.status)
