"""Computed shares: by population, with a floor, rounded by a named method.

The official shares also weigh earlier reception, with weights that are not published ([O] 2.3.1).
What comes out here is computed and must be called so.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from fordela.models.errors import InputError, Problem
from fordela.models.holdings import largest_remainder
from fordela.models.units import UNITS_PER_MILLE, WHOLE


def population_shares(
    population: Sequence[int], floor: int = UNITS_PER_MILLE, whole: int = WHOLE
) -> list[int]:
    """Shares proportional to population, none below the floor, that sum exactly to the whole.

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

    Raises
    ------
    InputError
        If the floors alone exceed the whole, or nobody lives anywhere.
    """
    if floor * len(population) > whole or not sum(population):
        message = f"{len(population)} municipalities cannot have {floor / 100:.2f} ‰ each"
        raise InputError([Problem("shares", message, column="floor", value=str(floor))])
    at_floor: set[int] = set()
    while True:
        rest = whole - floor * len(at_floor)
        people = sum(p for k, p in enumerate(population) if k not in at_floor)
        below = {
            k
            for k, p in enumerate(population)
            if k not in at_floor and Fraction(p * rest, people) < floor
        }
        if not below:
            break
        at_floor |= below
    free = [k for k in range(len(population)) if k not in at_floor]
    rounded = largest_remainder([population[k] for k in free], rest)
    shares = [floor] * len(population)
    for k, share in zip(free, rounded, strict=True):
        shares[k] = share
    return shares
