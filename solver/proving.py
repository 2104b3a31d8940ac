"""What each level of an answer rests on: the checker's own arguments, or else the engine's word.

The engine finds; what the checker can prove without it is said here, once, and verified again by
whoever checks the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

from fordela.models.check.objective import counted_year
from fordela.models.check.placement import prover_of_homes
from fordela.models.check.prices import Free, free_at_homes, free_of
from fordela.models.check.proofs import Box, Proof, Prover
from fordela.models.check.solution import LevelClaim, PlacementClaims, Solution, level_claim
from fordela.models.check.trade_proofs import TradeProver
from fordela.models.check.values import SUM_NORMS, first
from fordela.models.check.world import world_of
from fordela.models.formulation.relaxation import relax
from fordela.models.placement.outcome import PlacementResult
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import Certificate, LevelResult, Result, Status

Prove = Callable[[LevelClaim], Proof | None]


def with_proofs(result: Result) -> Result:
    """Say of every level what it rests on."""
    if not result.objective:
        return result
    levels = [o.level for o in result.objective]
    prover = Prover(counted_year(result.instance, Solution.of(result), levels), levels)
    prove: Prove = lambda c: prover.prove(c.level, c.value, c.certificate_price)  # noqa: E731
    said = tuple(_said(result.objective, prove, prover))
    if any(o.price is not None for o in said):
        said = _priced(said, Prover(prover.year, levels))
    return replace(result, objective=said)


def _priced(objective: tuple[LevelResult, ...], prover: Prover) -> tuple[LevelResult, ...]:
    """Say of every price what it rests on; where it is known without an engine, it is that."""
    made = []
    for k, o in enumerate(objective):
        claim, following = level_claim(o), objective[k + 1 : k + 2]
        free = free_of(prover, claim, level_claim(following[0]) if following else None)
        if free.proof is not None and free.bound is not None:
            o = replace(o, price=first(following[0].value) - free.bound)
        made.append(replace(o, price_proof=free.mark(o.price)))
        prover.prove(claim.level, claim.value, claim.certificate_price)
    return tuple(made)


def with_trade_proofs(made: RedistributionResult) -> RedistributionResult:
    """Say of every level of a redistribution what it rests on."""
    prover = TradeProver(made.instance, made.policy, made.transfers)
    said = _said(made.objective, lambda c: prover.prove(c.level, c.value))
    return replace(made, objective=tuple(said)) if made.objective else made


def with_home_proofs(made: PlacementResult) -> PlacementResult:
    """Say of every level of a placement what it rests on."""
    if made.mode == "vacancy":
        return made
    made = replace(made, result=with_proofs(made.result))
    bearers = {a.child: a.bearer for a in made.result.allocation.assignments}
    world = world_of(made.instance, made.policy, bearers)
    prove = prover_of_homes(world, Solution.of(made.result), PlacementClaims.of(made))
    prices = {o.level: o.certificate for o in made.result.objective}
    objective = [replace(o, certificate=prices.get(o.level, o.certificate)) for o in made.objective]
    said = tuple(_said(objective, prove))
    free = [free_at_homes(level_claim(o)) for o in said[1:]]
    priced = [
        replace(o, price_proof=f.mark(o.price)) for o, f in zip(said, [*free, Free()], strict=True)
    ]
    return replace(made, objective=tuple(priced))


def _said(
    objective: Iterable[LevelResult], prove: Prove, prover: Prover | None = None
) -> Iterable[LevelResult]:
    for o in objective:
        box = None if prover is None else prover.box
        if prover is not None and box is not None and not _is_certified(prover, o):
            price = _price(o.level, prover, box)
            o = o if price is None else replace(o, certificate=Certificate(price))
        found = prove(level_claim(o))
        if o.status is not Status.OPTIMAL:
            yield replace(o, proof=None, certificate=None, exact=False)
        elif found is None:
            yield replace(o, proof=Proof.ENGINE.value, certificate=None, exact=False)
        else:
            kept = o.certificate if found is Proof.CERTIFICATE else None
            yield replace(
                o, proof=found.value, bound=o.value, exact=True, tolerance=0.0, certificate=kept
            )


def _is_certified(prover: Prover, o: LevelResult) -> bool:
    certificate = o.certificate
    return certificate is not None and prover.least(o.level, certificate.price) == o.value


def _price(level: str, prover: Prover, box: Box) -> Fraction | None:
    """Return the price of the last child given where it costs least, which bounds a sum norm."""
    norm = level.removeprefix("deviation:")
    if norm not in SUM_NORMS or norm == level:
        return None
    places = prover.year.instance.municipalities
    fixed = [b + low for b, low in zip(box.fixed, box.low, strict=True)]
    limits = [high - low for low, high in zip(box.low, box.high, strict=True)]
    left = box.children - sum(box.low)
    made = relax(norm, fixed, [m.share for m in places], int(sum(prover.goal)), limits, left)
    return None if made is None else made.price
