"""The claimed objective: values recomputed exactly, proofs found again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from math import isfinite

from fordela.models.allocation import Assignment
from fordela.models.check.every import is_built_in
from fordela.models.check.prices import Free, free_of, price_violations
from fordela.models.check.proofs import Proof, Prover
from fordela.models.check.replay import bearers_of_rule
from fordela.models.check.rotations import Places, better_places
from fordela.models.check.solution import LevelClaim, Solution, Violation
from fordela.models.check.structure import structure_violations
from fordela.models.check.values import Counted, Value, beats, first, level_names, level_value
from fordela.models.instance import Instance
from fordela.models.policy import IN_FORCE

#: Largest tolerance of an engine's proof, relative to one more than the value.
_TOLERANCE = 1e-6
#: Changes that should make a level better and are looked at by the definitions.
_LOOKED_AT = 20


def objective_violations(instance: Instance, solution: Solution) -> Iterator[Violation]:
    """Everything that is wrong with the claims about the stack."""
    if not solution.policy.is_optimal:
        if solution.objective:
            yield Violation("objective", "a rule has no objective stack")
        if solution.status != "feasible":
            yield Violation("status", f"is {solution.status}, but nothing is proven of a rule")
        return
    if solution.valve_closed_at is not None:
        yield Violation("valve", "an optimum of the whole year has none")
    levels = level_names(solution.policy, solution.transfers)
    if tuple(c.level for c in solution.objective) != levels:
        yield Violation("objective", f"levels must be {', '.join(levels)}")
        return
    year = counted_year(instance, solution, levels)
    prover = Prover(year, levels)
    free: list[Free] = []
    better: list[Violation] = []
    for k, claim in enumerate(solution.objective):
        following = solution.objective[k + 1] if k + 1 < len(levels) else None
        free.append(free_of(prover, claim, following))
        better = better or list(_tried(solution.objective[: k + 1], year, solution, prover))
        yield from level_violations(
            claim,
            level_value(claim.level, year),
            lambda c: prover.prove(c.level, c.value, c.certificate_price),
        )
    yield from better
    yield from price_violations(solution.objective, free)
    yield from status_violations(solution.objective, solution.status)


def _tried(
    claims: Sequence[LevelClaim], year: Counted, solution: Solution, prover: Prover
) -> Iterator[Violation]:
    """What the engine says of the last level, where every allocation is tried or a few cases change."""
    claim = claims[-1]
    if claim.proof != Proof.ENGINE or not all(is_built_in(c.level) for c in claims):
        return
    best = prover.every.best(claim.level)
    if best is not None:
        if _is_better(claim, best):
            yield Violation(
                "optimal", f"{claim.level} can be {_show(best)}: every allocation was tried"
            )
        return
    for moved in islice(better_places(year, [c.level for c in claims]), _LOOKED_AT):
        other = replace(year, assignments=[_moved(a, year, moved) for a in year.assignments])
        level = _first_better(claims, other)
        if level is None or structure_violations(
            year.instance, replace(solution, assignments=tuple(other.assignments))
        ):
            continue
        ways = ", ".join(f"case {case} to {way[1] if way else 'none'}" for case, way in moved.items())
        yield Violation("optimal", f"{level} becomes better by moving {ways}")
        return


def _moved(a: Assignment, year: Counted, moved: Places) -> Assignment:
    if a.case not in moved:
        return a
    way = moved[a.case]
    if way is None:
        return replace(a, owner=None, bearer=None, kind="unplaced")
    tie = next(c.tie for c in year.instance.children if c.child == a.child)
    return replace(a, owner=way[0], bearer=way[1], kind="kinship" if tie == way[1] else "equalising")


def _first_better(claims: Sequence[LevelClaim], other: Counted) -> str | None:
    """The first level that differs, if it is better by more than the tolerance."""
    for claim in claims:
        value = level_value(claim.level, other)
        if value != claim.value:
            return claim.level if _is_better(claim, value) else None
    return None


def _is_better(claim: LevelClaim, value: Value) -> bool:
    """Whether a value is better than the claimed one by more than the engine's tolerance."""
    if not beats(claim.level, value, claim.value):
        return False
    one, other = first(value), first(claim.value)
    return isinstance(value, tuple) or not isfinite(t := claim.tolerance) or abs(one - other) > t


def counted_year(instance: Instance, solution: Solution, levels: Sequence[str]) -> Counted:
    """The decisions of a solution, counted."""
    rule = bearers_of_rule(instance, IN_FORCE, instance.transfers) if "moves" in levels else {}
    return Counted(instance, solution.policy, solution.transfers, solution.assignments or (), rule)


def level_violations(
    claim: LevelClaim, value: Value, prove: Callable[[LevelClaim], Proof | None]
) -> Iterator[Violation]:
    """What is wrong with the claim about a level, given its value recomputed and a way to prove it."""
    if value != claim.value:
        yield Violation("objective", f"{claim.level} is {_show(value)}, not {_show(claim.value)}")
        return
    yield from _bound(claim)
    if claim.status not in ("optimal", "feasible"):
        yield Violation("status", f"{claim.level} is called {claim.status!r}")
    found = prove(claim)
    expected = (found or Proof.ENGINE).value if claim.status == "optimal" else None
    if claim.proof != expected:
        rests = expected or "nothing"
        yield Violation("proof", f"{claim.level} rests on {rests}, not on {claim.proof or 'nothing'}")
    if (claim.certificate_price is not None) != (claim.proof == Proof.CERTIFICATE):
        yield Violation("certificate", f"{claim.level} has a price for a child, or needs one")


def _show(value: Value) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(str(v) for v in value[:4])}{', …' if len(value) > 4 else ''})"
    return str(value)


def _bound(claim: LevelClaim) -> Iterator[Violation]:
    if claim.bound is None:
        if claim.status == "optimal":
            yield Violation("bound", f"{claim.level} is called optimal without a bound")
        return
    value, bound = claim.value, claim.bound
    if isinstance(value, tuple) != isinstance(bound, tuple):
        yield Violation("bound", f"{claim.level} and its bound are not of one kind")
        return
    if isinstance(value, tuple) and isinstance(bound, tuple):
        if claim.status == "optimal" and len(bound) != len(value):
            yield Violation("bound", f"{claim.level} is called optimal, but only a part is proven")
        value = value[: len(bound)]
        if claim.status == "optimal" and value != bound:
            yield Violation("bound", f"{claim.level} is called optimal, but not its bound")
        elif value != bound and beats(claim.level, value, bound):
            yield Violation("bound", f"{claim.level} is better than its own proven bound")
        yield from _tolerance(claim, 0.0)
        return
    # A claim may not buy itself room with a generous tolerance.
    engine = claim.proof in (None, Proof.ENGINE)
    yield from _tolerance(claim, _TOLERANCE * (1 + abs(float(first(value)))) if engine else 0.0)
    gap = abs(first(value) - first(bound))
    slack = Fraction(claim.tolerance) if isfinite(claim.tolerance) else Fraction(0)
    if beats(claim.level, value, bound) and gap > slack:
        yield Violation("bound", f"{claim.level} is better than its own proven bound")
    if claim.status == "optimal" and gap > slack:
        yield Violation("bound", f"{claim.level} is called optimal, but not its bound")


def _tolerance(claim: LevelClaim, most: float) -> Iterator[Violation]:
    if not 0 <= claim.tolerance <= most:
        yield Violation("bound", f"{claim.level} claims a tolerance of {claim.tolerance}")


def status_violations(objective: Sequence[LevelClaim], status: str) -> Iterator[Violation]:
    """Whether the whole is called what its levels are."""
    proven = all(c.status == "optimal" for c in objective)
    if status != ("optimal" if proven else "feasible"):
        yield Violation("status", f"is {status}, but the levels say otherwise")
    unproven = False
    for claim in objective:
        if unproven and claim.status == "optimal":
            yield Violation("status", f"{claim.level} rests on a level that is not proven")
        unproven = unproven or claim.status != "optimal"
