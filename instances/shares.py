"""Computed shares: by population and earlier reception, with a floor, rounded by a named method.

The official shares weigh population and earlier reception, with weights that are not published
([O] 2.3.1). What comes out here is computed and must be called so.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from fordela.models.errors import InputError, Problem
from fordela.models.holdings import largest_remainder
from fordela.models.units import UNITS_PER_MILLE, WHOLE

#: What part of the reception beyond a municipality's part by population is taken off that part. An
#: assumption, like the year of the reception, made before any outcome was computed (docs/synthetic.md).
RECEPTION_WEIGHT = Fraction(1, 2)


def computed_shares(
    population: Sequence[int],
    floor: int = UNITS_PER_MILLE,
    whole: int = WHOLE,
    received: Sequence[int] = (),
) -> list[int]:
    """Shares in proportion to population, none below the floor, that sum exactly to the whole.

    With an earlier reception they are in proportion to ``max(0, p - w (r - p))``, ``p`` and ``r``
    being the parts of population and reception and ``w`` the `RECEPTION_WEIGHT` (model, section 7).
    Municipalities below the floor are set to it and the others scaled, until that is stable;
    then the others are rounded by largest remainder (Hamilton), which never falls below the floor.

    Parameters
    ----------
    population
        People by municipality.
    floor
        Least share in units of 0.01 ‰ ([O] 2.3: 1 ‰).
    whole
        Units to share out.
    received
        People received earlier, by municipality; nothing for shares by population alone.

    Raises
    ------
    InputError
        If the floors alone exceed the whole, or nobody lives anywhere.
    """
    if floor * len(population) > whole or not sum(population):
        message = f"{len(population)} municipalities cannot have {floor / 100:.2f} ‰ each"
        raise InputError([Problem("shares", message, column="floor", value=str(floor))])
    scores = _less_reception(population, received) if any(received) else population
    at_floor: set[int] = set()
    while True:
        rest = whole - floor * len(at_floor)
        free = [k for k in range(len(scores)) if k not in at_floor]
        total = sum(scores[k] for k in free)
        below = {k for k in free if scores[k] * rest < floor * total}
        if not below:
            break
        at_floor |= below
    shares = [floor] * len(scores)
    for k, share in zip(free, largest_remainder([scores[k] for k in free], rest), strict=True):
        shares[k] = share
    return shares


def _less_reception(population: Sequence[int], received: Sequence[int]) -> list[int]:
    """``max(0, p - w (r - p))`` in whole numbers, all times the same."""
    people, everyone = sum(population), sum(received)
    up, down = RECEPTION_WEIGHT.as_integer_ratio()
    return [
        max(0, (down + up) * p * everyone - up * r * people)
        for p, r in zip(population, received, strict=True)
    ]
