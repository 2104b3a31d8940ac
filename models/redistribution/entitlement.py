"""How a scarce amount is divided among claims: the four rules of the literature on claims.

For every rule an entitlement is between 0 and the claim, and they sum to the amount.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

Entitlements = tuple[Fraction, ...]


def proportional(claims: Sequence[int | Fraction], amount: int | Fraction) -> Entitlements:
    """Everyone gets the same part of its claim."""
    total = sum(claims)
    return tuple(Fraction(claim) * amount / total if total else Fraction(0) for claim in claims)


def constrained_equal_awards(claims: Sequence[int | Fraction], amount: int | Fraction) -> Entitlements:
    """Everyone gets the same amount, but nobody more than its claim."""
    awards = [Fraction(0)] * len(claims)
    left = Fraction(amount)
    for place, k in enumerate(sorted(range(len(claims)), key=lambda k: claims[k])):
        awards[k] = min(Fraction(claims[k]), left / (len(claims) - place))
        left -= awards[k]
    return tuple(awards)


def constrained_equal_losses(claims: Sequence[int | Fraction], amount: int | Fraction) -> Entitlements:
    """Everyone loses the same amount, but nobody more than its claim."""
    losses = constrained_equal_awards(claims, sum(claims) - Fraction(amount))
    return tuple(claim - loss for claim, loss in zip(claims, losses, strict=True))


def talmud(claims: Sequence[int | Fraction], amount: int | Fraction) -> Entitlements:
    """Equal awards on half the claims up to half their sum, equal losses on the halves above it."""
    halves = [Fraction(claim, 2) for claim in claims]
    half = sum(halves, Fraction(0))
    if amount <= half:
        return constrained_equal_awards(halves, amount)
    above = constrained_equal_losses(halves, amount - half)
    return tuple(h + a for h, a in zip(halves, above, strict=True))


RULES: dict[str, Callable[[Sequence[int], int], Entitlements]] = {
    "proportional": proportional,
    "constrained-equal-awards": constrained_equal_awards,
    "constrained-equal-losses": constrained_equal_losses,
    "talmud": talmud,
}
