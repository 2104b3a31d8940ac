"""Synthetic arrivals: cases with siblings, ties, dates, age and sex, from a seed.

Only `random.Random` with its documented primitives is used, so that a seed gives the same children
on every machine.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import accumulate
from random import Random

from fordela.instances.figures import season
from fordela.models.instance import Child


@dataclass(frozen=True, slots=True)
class Siblings:
    """How large cases are: weight of size 1, 2, 3, … The sizes are not published: an assumption."""

    weights: tuple[int, ...] = (85, 12, 3)

    def draw(self, rng: Random, most: int) -> int:
        """Draw a size of at most ``most``."""
        sizes = range(1, min(most, len(self.weights)) + 1)
        return rng.choices(sizes, self.weights[: len(sizes)])[0]


#: A case before it has a name: size and tie.
Draft = tuple[int, str | None]

#: [O] and [B]: girls and children under 13, asylum seekers and temporary protection together in 2025
#: (181 children with 20 and 12 per cent, 249 with 18 and 3).
GIRLS = (20 * 181 + 18 * 249) / (100 * 430)
UNDER_13 = (12 * 181 + 3 * 249) / (100 * 430)


def split_into_cases(rng: Random, children: int, tie: str | None, siblings: Siblings) -> list[Draft]:
    """Part a number of children with one tie (or none) into cases."""
    cases: list[Draft] = []
    while children:
        size = siblings.draw(rng, children)
        cases.append((size, tie))
        children -= size
    return cases


def draw_ties(
    rng: Random,
    children: int,
    weights: Mapping[str, float],
    siblings: Siblings,
    most: Mapping[str, int] | None = None,
) -> list[Draft]:
    """Draw cases with ties in proportion to weights until they hold a number of children.

    Parameters
    ----------
    most
        Most children by municipality; one without an entry has no limit.
    """
    codes = list(weights)
    left = dict(most or {})
    cases: list[Draft] = []
    cumulative: list[float] = []
    total = 0.0
    for code in codes:
        total += weights[code]
        cumulative.append(total)
    while children:
        size = siblings.draw(rng, children)
        code = rng.choices(codes, cum_weights=cumulative)[0]
        if left.get(code, size) < size:
            continue
        if code in left:
            left[code] -= size
        cases.append((size, code))
        children -= size
    return cases


def day_weights(year: int, months: Sequence[int]) -> list[Fraction]:
    """Weight of every day of a year: its month's, over the days of the month."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=k) for k in range((date(year + 1, 1, 1) - first).days)]
    length = [sum(d.month == month for d in days) for month in range(1, 13)]
    return [Fraction(months[d.month - 1], length[d.month - 1]) for d in days]


@cache
def _days(year: int) -> list[float]:
    """Chance of a day no later than each, by the published season."""
    weights = day_weights(year, season(year))
    total = sum(weights)
    return [float(so_far / total) for so_far in accumulate(weights)]


def in_order(rng: Random, year: int, cases: Sequence[Draft]) -> list[tuple[int, Draft]]:
    """Give cases days by the published season; days since 1 January, in order of arrival."""
    days = _days(year)
    dated = sorted(
        (bisect(days, rng.random(), hi=len(days) - 1), rng.random(), size, tie or "")
        for size, tie in cases
    )
    return [(day, (size, tie or None)) for day, _, size, tie in dated]


def arrive(rng: Random, year: int, cases: Sequence[Draft]) -> tuple[Child, ...]:
    """Give cases dates over the year, names in order of arrival, ages and sexes."""
    first = date(year, 1, 1)
    dated = in_order(rng, year, cases)
    width = max(4, len(str(len(dated))))
    children = []
    for number, (day, (size, tie)) in enumerate(dated, 1):
        case = f"{year}-{number:0{width}d}"
        for k in range(size):
            children.append(
                Child(
                    child=f"{case}-{k + 1}",
                    case=case,
                    arrival=first + timedelta(days=day),
                    tie=tie,
                    age=_age(rng),
                    sex="f" if rng.random() < GIRLS else "m",
                )
            )
    return tuple(children)


def _age(rng: Random) -> int:
    if rng.random() < UNDER_13:
        return int(rng.random() * 13)
    return 13 + int(rng.random() * 5)
