"""State compensation to municipalities, as far as a year's figures determine it ([O] 2.5)."""

from __future__ import annotations

from fractions import Fraction

from fordela.models.units import WHOLE, round_half_up

#: SEK a year to every municipality; not moved by redistribution.
FIXED = 500_000
#: SEK for every forecast child of the share.
PER_FORECAST_CHILD = 9_450
#: SEK for every child assigned.
PER_ASSIGNED_CHILD = 52_000


def forecast_children(share: int, forecast_asylum: int, units: int = WHOLE) -> int:
    """Children of the asylum forecast that fall on a share, rounded half up."""
    return round_half_up(Fraction(share * forecast_asylum, units))


def compensation(share: int, forecast_asylum: int, assigned: int, units: int = WHOLE) -> int:
    """Fixed, variable and per-assignment compensation in SEK.

    The daily 1,000 SEK per child is left out: it depends on lengths of stay.

    Parameters
    ----------
    share
        Units after redistribution.
    forecast_asylum
        The February forecast of children who seek asylum.
    assigned
        Children assigned in the year.
    units
        Sum of all shares.
    """
    variable = forecast_children(share, forecast_asylum, units) * PER_FORECAST_CHILD
    return FIXED + variable + PER_ASSIGNED_CHILD * assigned
