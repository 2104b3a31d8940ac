"""What of a price the checker knows: what the next level loses because one is held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.check.proofs import Proof, Prover
from fordela.models.check.solution import LevelClaim, Violation
from fordela.models.check.values import first


@dataclass(frozen=True)
class Free:
    """What the next level can be while this one is not held.

    Attributes
    ----------
    bound
        It cannot be less; None where that is not known.
    proof
        What shows that it can be just that; None where nothing does.
    """

    bound: Fraction | None = None
    proof: Proof | None = None

    def mark(self, price: Fraction | None) -> str | None:
        """Say what a price rests on; None without one."""
        return None if price is None else (self.proof or Proof.ENGINE).value


def free_of(prover: Prover, claim: LevelClaim, following: LevelClaim | None) -> Free:
    """Bound the next level of an allocation, before a level that has a price is held.

    Either the solution itself meets a bound, so that the price is 0, or every allocation is tried.
    """
    if claim.price is None or following is None or isinstance(following.value, tuple):
        return Free()
    bound = prover.least(following.level, following.certificate_price)
    if bound == following.value:
        return _met(following, bound)
    best = prover.every.best(following.level)
    return Free(bound) if best is None else Free(first(best), Proof.ENUMERATION)


def free_at_homes(following: LevelClaim | None) -> Free:
    """The same of a placement, where all that is known is that most levels are never below 0."""
    if following is None or isinstance(following.value, tuple) or _can_be_negative(following.level):
        return Free()
    return _met(following, Fraction(0)) if following.value == 0 else Free(Fraction(0))


def _can_be_negative(level: str) -> bool:
    return level == "willing" or ":" in level.removeprefix("deviation:")  # a norm of one's own


def _met(following: LevelClaim, bound: Fraction) -> Free:
    if not bound:
        return Free(bound, Proof.TRIVIAL)
    certified = following.certificate_price is not None
    return Free(bound, Proof.CERTIFICATE if certified else Proof.COUNTING)


def price_violations(objective: Sequence[LevelClaim], free: Sequence[Free]) -> Iterator[Violation]:
    """Prices that are not what is known of them, or are called more, or less, than that.

    Parameters
    ----------
    free
        For each level what the next one can be, this one not being held.
    """
    for k, (claim, known) in enumerate(zip(objective, free, strict=True)):
        if claim.price_proof != (rests := known.mark(claim.price)):
            said = f"the price of {claim.level} rests on {rests or 'nothing'}"
            yield Violation("price", f"{said}, not on {claim.price_proof or 'nothing'}")
        if claim.price is None:
            continue
        following = objective[k + 1] if k + 1 < len(objective) else None
        if following is None or isinstance(following.value, tuple) or following.status != "optimal":
            yield Violation("price", f"{claim.level} is priced by no proven number")
            continue
        most = None if known.bound is None else following.value - known.bound
        if known.proof is not None and claim.price != most:
            yield Violation("price", f"{claim.level} costs {claim.price}; it must be {most}")
        elif claim.price < 0 or (most is not None and claim.price > most):
            allowed = "0 or more" if most is None else f"between 0 and {most}"
            yield Violation("price", f"{claim.level} costs {claim.price}; it must be {allowed}")
