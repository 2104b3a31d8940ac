"""The claimed objective: values recomputed exactly, bounds and certificates verified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from fordela.models.allocation import history, targets
from fordela.models.certificate import dual_bound, require_convex
from fordela.models.check.replay import bearers_of_rule
from fordela.models.check.solution import LevelClaim, Solution, Violation
from fordela.models.holdings import holdings
from fordela.models.instance import Instance
from fordela.models.levels import Outcome, level_value, stack
from fordela.models.norms import Value, first_component, is_better
from fordela.models.policy import IN_FORCE

#: Largest tolerance of a proof, relative to one more than the value.
_TOLERANCE = 1e-6


def objective_violations(instance: Instance, solution: Solution) -> Iterator[Violation]:
    """Everything that is wrong with the claims about the stack."""
    if not solution.policy.is_optimal:
        if solution.objective:
            yield Violation("objective", "a rule has no objective stack")
        return
    levels = stack(solution.policy, solution.transfers)
    if tuple(c.level for c in solution.objective) != levels:
        yield Violation("objective", f"levels must be {', '.join(levels)}")
        return
    rule = bearers_of_rule(instance, IN_FORCE, instance.transfers) if "moves" in levels else {}
    assignments = solution.assignments or ()
    outcome = Outcome.of(instance, solution.policy, solution.transfers, assignments, rule)
    for claim in solution.objective:
        yield from level_violations(claim, level_value(claim.level, outcome))
        yield from _certificate(instance, solution, claim)
    yield from status_violations(solution.objective, solution.status)


def level_violations(claim: LevelClaim, value: Value) -> Iterator[Violation]:
    """What is wrong with the claim about a level, given its value recomputed."""
    if value != claim.value:
        yield Violation("objective", f"{claim.level} is {_show(value)}, not {_show(claim.value)}")
    else:
        yield from _bound(claim)


def _show(value: Value) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(str(v) for v in value[:4])}{', …' if len(value) > 4 else ''})"
    return str(value)


def _bound(claim: LevelClaim) -> Iterator[Violation]:
    if claim.bound is None:
        if claim.status == "optimal":
            yield Violation("bound", f"{claim.level} is called optimal without a bound")
        return
    value = claim.value
    if isinstance(value, tuple) and isinstance(claim.bound, tuple):
        value = value[: len(claim.bound)]
        if claim.status == "optimal" and len(claim.bound) != len(claim.value):  # type: ignore[arg-type]
            yield Violation("bound", f"{claim.level} is called optimal, but only a part is proven")
        if value != claim.bound and is_better(claim.level, value, claim.bound):
            yield Violation("bound", f"{claim.level} is better than its own proven bound")
        return
    # A claim may not buy itself room with a generous tolerance.
    if claim.tolerance > _TOLERANCE * (1 + abs(float(first_component(value)))):
        yield Violation("bound", f"{claim.level} claims a tolerance of {claim.tolerance}")
    gap = abs(first_component(value) - first_component(claim.bound))
    slack = Fraction(0) if claim.exact else Fraction(claim.tolerance)
    if is_better(claim.level, value, claim.bound) and gap > slack:
        yield Violation("bound", f"{claim.level} is better than its own proven bound")
    if claim.status == "optimal" and gap > slack:
        message = f"{claim.level} is called optimal, but its bound is {_show(claim.bound)}"
        yield Violation("bound", message)


def _certificate(instance: Instance, solution: Solution, claim: LevelClaim) -> Iterator[Violation]:
    if claim.certificate_price is None:
        return
    levels = solution.policy.optimal.levels
    if {"unplaced", "kinship-broken"} & set(levels):
        yield Violation("certificate", f"{claim.level}: needs ties and places that are hard")
        return
    norm = claim.level.removeprefix("deviation:")
    kinship = Counter(c.tie for c in instance.children if c.tie is not None)
    before = history(instance, solution.policy)
    fixed = [b + kinship[m.code] for b, m in zip(before, instance.municipalities, strict=True)]
    untied = len(instance.children) - kinship.total()
    goal = targets(instance, solution.policy)
    require_convex(norm, fixed, goal, [untied if m.share else 0 for m in instance.municipalities])
    # Limits on the owners may take an earlier over-capacity level into account or not: the bound
    # is valid either way.
    bounds = {
        dual_bound(
            norm,
            fixed,
            goal,
            _limits(instance, solution, kinship, over),
            untied,
            claim.certificate_price,
        )
        for over in {None, _held_over_capacity(solution, claim)}
    }
    if claim.bound not in bounds:
        proven = " or ".join(str(b) for b in sorted(bounds))
        yield Violation("certificate", f"{claim.level}: the price proves {proven}, not {claim.bound}")


def _held_over_capacity(solution: Solution, claim: LevelClaim) -> int | None:
    """Excess that is held before a level, None for no limit."""
    if solution.policy.assignment.capacity == "hard":
        return 0
    for earlier in solution.objective:
        if earlier.level == claim.level:
            break
        if earlier.level == "over-capacity":
            return int(first_component(earlier.value))
    return None


def _limits(
    instance: Instance, solution: Solution, kinship: Counter[str], over: int | None
) -> list[int]:
    """Most untied children each municipality can own if the excess is at most ``over``."""
    untied = len(instance.children) - kinship.total()
    ledger = holdings(instance, solution.transfers)
    limits = []
    for k, m in enumerate(instance.municipalities):
        if m.share == 0:
            limits.append(0)
            continue
        room = 0
        for j in ledger.bearers(k):
            bearer = instance.municipalities[j]
            if over is None or bearer.capacity is None:
                room = untied
            else:
                room += max(0, bearer.capacity - kinship[bearer.code]) + over
        limits.append(min(room, untied))
    return limits


def status_violations(objective: Sequence[LevelClaim], status: str) -> Iterator[Violation]:
    """Whether the whole is called what its levels are."""
    proven = all(c.status == "optimal" for c in objective)
    if (status == "optimal") != proven:
        yield Violation("status", f"is {status}, but the levels say otherwise")
    unproven = False
    for claim in objective:
        if unproven and claim.status == "optimal":
            yield Violation("status", f"{claim.level} rests on a level that is not proven")
        unproven = unproven or claim.status != "optimal"
