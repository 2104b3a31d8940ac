"""State compensation to municipalities in a year, in its four parts ([O] 2.5), SEK.

What a year's data cannot tell is named beside every sum (`missing_parts`): a sum is never complete.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from fordela.models.allocation import Assignment
from fordela.models.holdings import holdings
from fordela.models.instance import Child, Instance, Transfer
from fordela.models.units import WHOLE, round_half_up

#: SEK a year to every municipality; not moved by redistribution.
FIXED = 500_000
#: SEK for every forecast child of the share.
PER_FORECAST_CHILD = 9_450
#: SEK for every child assigned, whether an asylum seeker or under temporary protection.
PER_ASSIGNED_CHILD = 52_000
#: SEK by child and day: from 2024 on, and before. Of the other rates [O] gives only today's.
PER_DAY, PER_DAY_BEFORE_2024 = 1_000, 1_350

#: What a sum can lack, as files name it; the texts of terminal and page have the same keys.
MISSING = {
    "missing_variable": "the variable part (no asylum forecast)",
    "missing_earlier": "days of children of earlier years who are still there",
    "missing_agency": "which kinship children live in the Migration Agency's accommodation "
    "(their days are counted)",
    "missing_stays": "when children leave (their days are counted to the year's end)",
}


@dataclass(frozen=True, slots=True)
class Compensation:
    """What a municipality is paid for a year, SEK.

    Attributes
    ----------
    fixed
        The same for all.
    variable
        By share after redistribution; None without an asylum forecast.
    children
        By child assigned.
    days
        By child and day.
    """

    fixed: int
    variable: int | None
    children: int
    days: int

    @property
    def moving(self) -> int:
        """All known parts but the fixed one: what a policy can move."""
        return (self.variable or 0) + self.children + self.days

    @property
    def total(self) -> int:
        """All known parts."""
        return self.fixed + self.moving

    def __add__(self, other: Compensation) -> Compensation:
        known = self.variable is not None and other.variable is not None
        variable = (self.variable or 0) + (other.variable or 0) if known else None
        return Compensation(
            self.fixed + other.fixed, variable, self.children + other.children, self.days + other.days
        )


def forecast_children(share: int, forecast_asylum: int, units: int = WHOLE) -> int:
    """Children of the asylum forecast that fall on a share, rounded half up."""
    return round_half_up(Fraction(share * forecast_asylum, units))


def variable_part(share: int, instance: Instance) -> int | None:
    """SEK that follow a share after redistribution (units); None without an asylum forecast."""
    if instance.forecast_asylum is None:
        return None
    return forecast_children(share, instance.forecast_asylum, instance.units) * PER_FORECAST_CHILD


def per_day(year: int) -> int:
    """SEK by child and day in a year."""
    return PER_DAY if year >= 2024 else PER_DAY_BEFORE_2024


def days_paid(child: Child, year: int) -> int:
    """Days of a year for which a child is paid for.

    The first is the day of arrival, which stands for the day of assignment; the last is 31 December,
    or the last day of the stay: a stay of ``n`` days from arrival is ``n`` days.
    """
    first = child.arrival.toordinal()
    end = date(year + 1, 1, 1).toordinal()
    if child.stay is not None:
        end = min(end, first + child.stay)
    return max(0, end - max(first, date(year, 1, 1).toordinal()))


def compensations(
    instance: Instance, transfers: Iterable[Transfer], assignments: Iterable[Assignment]
) -> list[Compensation]:
    """What every municipality is paid, in the order of the instance.

    Parameters
    ----------
    instance
        The year.
    transfers
        In force during the year; the variable part follows the share after them.
    assignments
        Who became responsible for each child.
    """
    rate = per_day(instance.year)
    index = {m.code: k for k, m in enumerate(instance.municipalities)}
    of_child = {c.child: c for c in instance.children}
    children, days = [0] * len(index), [0] * len(index)
    for a in assignments:
        if a.bearer is not None:
            children[index[a.bearer]] += 1
            child = of_child[a.child]
            if not (child.agency and a.kind == "kinship"):
                days[index[a.bearer]] += days_paid(child, instance.year)
    effective = holdings(instance, transfers).effective
    return [
        Compensation(FIXED, variable_part(share, instance), PER_ASSIGNED_CHILD * n, rate * d)
        for share, n, d in zip(effective, children, days, strict=True)
    ]


def missing_parts(instance: Instance, *, drawn: bool = False) -> tuple[str, ...]:
    """Keys of `MISSING`: what a year's sums lack.

    Parameters
    ----------
    instance
        The year.
    drawn
        Whether its children are drawn at random, some with ties and none with a stay.
    """
    lacks = {
        "missing_variable": instance.forecast_asylum is None,
        "missing_earlier": True,
        "missing_agency": drawn
        or any(c.tie is not None and c.agency is None for c in instance.children),
        "missing_stays": drawn or any(c.stay is None for c in instance.children),
    }
    return tuple(key for key, lack in lacks.items() if lack)
