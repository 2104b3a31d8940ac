"""The optimal allocation of a year: the stack of levels, the prices, and the final recomputation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from time import monotonic

from fordela.models.allocation import Allocation, count
from fordela.models.errors import InconsistencyError, InfeasibleError, LimitError
from fordela.models.formulation.evaluate import evaluate
from fordela.models.formulation.model import AllocationModel, Scope, build_model
from fordela.models.instance import Instance, Transfer
from fordela.models.levels import Outcome, level_value, stack
from fordela.models.norms import is_better
from fordela.models.policy import IN_FORCE, SOFT_LEVELS, Policy
from fordela.models.result import LevelResult, Result, Status, Termination
from fordela.solver.backends import Backend, Limits
from fordela.solver.dealing import deal
from fordela.solver.engine import Year
from fordela.solver.pricing import contradiction, gain, sparing, with_prices
from fordela.solver.search import Found, Search, hold_linear


def rule_bearers(instance: Instance) -> dict[str, str]:
    """Bearer of every case under the rule in force, which ``moves`` is counted from."""
    year = Year(instance, IN_FORCE, instance.transfers)
    return {case.case: year.codes[year.assign(case)[2]] for case in instance.cases}


def optimal_allocation(
    instance: Instance,
    policy: Policy,
    transfers: tuple[Transfer, ...],
    backend: Backend,
    limits: Limits,
    report: Callable[[str], None] = lambda _: None,
    bearing: Mapping[str, tuple[int, int | None]] | None = None,
    *,
    prices: bool = True,
) -> Result:
    """Solve section 5 for a year, level by level.

    Parameters
    ----------
    bearing
        By code: least and most children without a tie that a municipality bears, to ask what would
        be if; a result under it is not one of the policy alone. Prices are not computed then.
    prices
        Whether levels are priced.

    Raises
    ------
    InfeasibleError
        If it is proven that nothing satisfies the hard constraints, with what to relax.
    LimitError
        If the time ran out before any solution was found.
    """
    started = monotonic()
    levels = stack(policy, transfers)
    bearers = rule_bearers(instance) if "moves" in levels else {}
    model = build_model(instance, policy, transfers, Scope.of(policy, levels), bearers)
    for k, m in enumerate(instance.municipalities):
        if bearing and m.code in bearing:
            if not model.borne[k].terms and bearing[m.code][0] > model.borne[k].constant:
                raise InfeasibleError(f"{instance.name}: {m.code} can bear no child without a tie")
            model.builder.require(model.borne[k], *bearing[m.code])
    search = Search(backend, limits, report)
    climb = climb_stack(search, model, levels)
    if climb.infeasible and bearing:
        raise InfeasibleError(f"{instance.name}: no allocation has that many children there")
    if climb.infeasible:
        from fordela.solver.relaxations import relaxations

        raise InfeasibleError(
            f"{instance.name}: no allocation satisfies the hard constraints of policy "
            f"{policy.name}. Each of these alone would do:",
            relaxations(instance, policy, transfers, backend, limits),
        )
    if climb.values is None:
        raise LimitError(
            f"{instance.name}: stopped at the time limit before a solution was found; "
            "allow more time with --time-limit"
        )
    wishes = bearers if bearers or limits.expired else rule_bearers(instance)
    allocation = deal(model, climb.values, wishes)
    objective = verified(instance, policy, transfers, allocation, climb.results, bearers)
    if prices and not bearing:
        brief = replace(search, limits=sparing(limits))
        objective, _ = with_prices(objective, partial(_price, brief, levels, climb))
    proven = all(o.status is Status.OPTIMAL for o in objective)
    return Result(
        instance=instance,
        policy=policy,
        transfers=transfers,
        allocation=allocation,
        counts=count(instance, policy, allocation.assignments),
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        termination=Termination.COMPLETED if proven or not limits.expired else Termination.TIME_LIMIT,
        objective=objective,
        backend=backend.name,
        backend_version=backend.version,
        seed=limits.seed,
        seconds=monotonic() - started,
    )


#: Levels that count something, so that none is ever below 0.
_COUNTED = (*SOFT_LEVELS, "over-capacity", "bearer-balance", "distance", "moves")


class Climb:
    """The stack as far as it came: results, solution, and the model before each level."""

    def __init__(self) -> None:
        self.results: list[LevelResult] = []
        self.values: list[int] | None = None
        self.before: list[tuple[AllocationModel, int | None]] = []
        self.infeasible = False


def climb_stack(search: Search, model: AllocationModel, levels: Sequence[str]) -> Climb:
    """Optimise the levels one after the other, holding each."""
    climb = Climb()
    unplaced: int | None = None if "unplaced" in levels else 0
    proven = True
    for number, level in enumerate(levels):
        climb.before.append((model, unplaced))
        found = one_level(search, model, level, unplaced)
        if found.status is Status.INFEASIBLE and number == 0:
            climb.infeasible = True
            return climb
        found = _keep_earlier(search, model, levels[: number + 1], climb, found)
        if found.values is None or found.value is None:
            return climb
        climb.values = found.values
        status = found.status if proven else Status.FEASIBLE
        proven = proven and found.status is Status.OPTIMAL
        climb.results.append(
            LevelResult(
                level, found.value, found.bound, status, None,
                found.exact, found.tolerance, found.certificate,
            )
        )  # fmt: skip
        model = found.held
        if level == "unplaced" and proven:
            unplaced = int(found.value)  # type: ignore[arg-type]
    return climb


def one_level(search: Search, model: AllocationModel, level: str, unplaced: int | None) -> Found:
    """Optimise one level if there is time left."""
    if search.limits.expired:
        return Found(Status.UNKNOWN, model)
    return search.level(model, level, unplaced)


def _keep_earlier(
    search: Search,
    model: AllocationModel,
    levels: Sequence[str],
    climb: Climb,
    found: Found,
) -> Found:
    """Make sure that a new solution is as good as the last one at every earlier level.

    If the backend found nothing, or its tolerance let an earlier level slip, the last solution
    stays, and the level is at best feasible, unless it is 0 where less is not possible.
    """
    if climb.values is None:
        return found
    if found.values is not None:
        values = found.values
        if not any(
            is_better(result.level, result.value, evaluate(model, result.level, values))
            for result in climb.results
        ):
            return found
    kept = evaluate(model, levels[-1], climb.values)
    if kept == 0 and levels[-1] in _COUNTED:
        held = hold_linear(model, levels[-1], Fraction(0))
        return Found(Status.OPTIMAL, held, climb.values, kept, kept, exact=True)
    bound = found.bound
    if bound is not None and is_better(levels[-1], kept, bound):
        bound = kept
    return Found(Status.FEASIBLE, model, climb.values, kept, bound)


def verified(
    instance: Instance,
    policy: Policy,
    transfers: tuple[Transfer, ...],
    allocation: Allocation,
    results: Sequence[LevelResult],
    bearers: Mapping[str, str],
) -> tuple[LevelResult, ...]:
    """Recompute every level from the decisions for single children.

    Raises
    ------
    InconsistencyError
        If a proven value is not what the decisions give.
    """
    outcome = Outcome.of(instance, policy, transfers, allocation.assignments, bearers)
    verified = []
    for result in results:
        value = level_value(result.level, outcome)
        if value != result.value:
            if result.status is Status.OPTIMAL:
                raise InconsistencyError(
                    f"{result.level}: the counts give {result.value}, the decisions {value}; "
                    "please report this"
                )
            result = replace(result, value=value)
        verified.append(result)
    return tuple(verified)


def _price(
    search: Search, levels: Sequence[str], climb: Climb, k: int, following: LevelResult
) -> Fraction | None:
    """What the level after number ``k`` loses because that one is held."""
    search.report(f"price of {levels[k]}")
    model, unplaced = climb.before[k]
    found = one_level(search, model, following.level, unplaced)
    if found.status is Status.INFEASIBLE:
        raise contradiction(following.level)
    if found.status is not Status.OPTIMAL or not isinstance(found.value, Fraction):
        return None
    return gain(following, found.value, found.tolerance)
