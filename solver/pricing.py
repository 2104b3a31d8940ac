"""What a level costs the next one, and what becomes of an answer whose prices contradict it.

A price is a nicety: the answer is there before it is asked for, and is never lost by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from fordela.models.errors import InconsistencyError
from fordela.models.result import LevelResult, Status
from fordela.solver.backends import Limits

#: Most work on one program of a price, in the units of `Limits.work`.
_WORK = 10


def sparing(limits: Limits) -> Limits:
    """Return limits within which a price is looked for."""
    return replace(limits, work=_WORK)


def with_prices(
    objective: Sequence[LevelResult], price_of: Callable[[int, LevelResult], Fraction | None]
) -> tuple[tuple[LevelResult, ...], bool]:
    """Add the price of each level whose next one is a proven number; say if the engine is believed.

    Parameters
    ----------
    price_of
        Price of the level of a number, given the next one; None where it is not found.

    Notes
    -----
    Where the next level is said to be better with this one held than without, the answer itself shows
    that the engine is wrong: there are no prices, and nothing more of the answer rests on its word.
    """
    made = list(objective)
    for k, following in enumerate(objective[1:]):
        if following.status is not Status.OPTIMAL or isinstance(following.value, tuple):
            continue
        try:
            made[k] = replace(made[k], price=price_of(k, following))
        except InconsistencyError:
            return without_word(objective), False
    return tuple(made), True


def gain(following: LevelResult, value: Fraction, tolerance: float) -> Fraction:
    """How much better a level is without the one before it.

    Raises
    ------
    InconsistencyError
        If it is worse by more than both proofs can be wrong.
    """
    assert isinstance(following.value, Fraction)
    price = following.value - value
    if price < -Fraction(following.tolerance + tolerance):
        raise contradiction(following.level)
    return max(Fraction(0), price)


def contradiction(level: str) -> InconsistencyError:
    """Return the error of an engine that claims what a solution at hand disproves."""
    return InconsistencyError(f"{level} is better with the level before it held than without")


def without_word(objective: Sequence[LevelResult]) -> tuple[LevelResult, ...]:
    """Leave out what rests on an engine's word: its bounds, and optima from the first of them on."""
    made, sure = [], True
    for result in objective:
        sure = sure and result.exact
        if not result.exact:
            result = replace(result, bound=None, tolerance=0.0, certificate=None)
        made.append(result if sure else replace(result, status=Status.FEASIBLE))
    return tuple(made)
