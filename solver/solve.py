"""One policy on one year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic

from fordela.models.allocation import Assignment, count
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance
from fordela.models.policy import IN_FORCE, Policy
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import Result, Status, Termination
from fordela.solver.proving import with_proofs
from fordela.solver.redistribution.decide import redistribute
from fordela.solver.rules.foresight import follow_rule


def solve(
    instance: Instance,
    policy: Policy = IN_FORCE,
    *,
    backend: str = "auto",
    time_limit: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    redistribution: RedistributionResult | None = None,
    decided: Mapping[str, Assignment] | None = None,
    prices: bool = True,
) -> Result:
    """Allocate a year's children under a policy.

    Parameters
    ----------
    instance, policy
        What to solve; the rule in force by default.
    backend
        ``cp-sat``, ``highs``, ``cbc`` or ``auto``; only ``optimal`` needs one.
    time_limit
        Seconds, or None.
    seed
        For lots and for the backend.
    workers
        Threads of the backend, or None for its own choice.
    progress
        Called with a word on what is being worked on.
    redistribution
        Transfers already found for this policy; by default they are found first.
    decided
        Decisions already taken for the first cases of the year, by case (see `taken_over`); they
        stand, and the rule goes on from them.
    prices
        Whether an optimum's levels are priced.

    Returns
    -------
    Result
        With status, and for ``optimal`` the value, bound and price of every level.

    Raises
    ------
    InputError
        If the policy cannot be followed on the data.
    RuleError
        If a rule of one's own raises, names what cannot be chosen, or looks ahead.
    InfeasibleError
        If it is proven that nothing satisfies the hard constraints, with what to relax.
    LimitError
        If the time ran out before any solution was found.
    """
    started = monotonic()
    if decided and policy.is_optimal:
        message = "an optimum over a whole year cannot take it on; use a rule, such as in-force"
        raise InputError([Problem("--continue", message, value=policy.name)])
    if redistribution is None:
        redistribution = redistribute(
            instance, policy, backend=backend, time_limit=time_limit, seed=seed, workers=workers,
            progress=progress,
        )  # fmt: skip
    transfers = redistribution.transfers
    made = None if redistribution.backend == "decided" else redistribution
    if policy.is_optimal:
        from fordela.solver.backends import Limits, get_backend
        from fordela.solver.optimal import optimal_allocation

        deadline = None if time_limit is None else started + time_limit
        limits = Limits(deadline, seed, workers)
        engine = get_backend(backend)
        found = optimal_allocation(instance, policy, transfers, engine, limits, progress, prices=prices)
        return with_proofs(replace(found, redistribution=made))
    progress(policy.assignment.rule)
    run = follow_rule(instance, policy, transfers, seed, decided)
    return Result(
        instance=instance,
        policy=policy,
        transfers=transfers,
        allocation=run.allocation,
        counts=count(instance, policy, run.allocation.assignments),
        status=Status.FEASIBLE,
        termination=Termination.COMPLETED,
        backend="rule",
        seed=seed,
        seconds=monotonic() - started,
        tied_decisions=run.tied_decisions,
        valve_closed_at=run.valve_closed_at,
        decided_cases=len(decided or ()),
        redistribution=made,
    )
