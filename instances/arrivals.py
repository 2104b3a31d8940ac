"""Synthetic arrivals: cases with siblings, ties, dates, age and sex, from a seed.

Only `random.Random` with its documented primitives is used, so that a seed gives the same children
on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

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


def arrive(rng: Random, year: int, cases: Sequence[Draft]) -> tuple[Child, ...]:
    """Give cases dates over the year, names in order of arrival, ages and sexes."""
    first = date(year, 1, 1)
    days = (date(year + 1, 1, 1) - first).days
    dated = sorted((int(rng.random() * days), rng.random(), size, tie) for size, tie in _keyed(cases))
    width = max(4, len(str(len(dated))))
    children = []
    for number, (day, _, size, tie) in enumerate(dated, 1):
        case = f"{year}-{number:0{width}d}"
        for k in range(size):
            children.append(
                Child(
                    child=f"{case}-{k + 1}",
                    case=case,
                    arrival=first + timedelta(days=day),
                    tie=tie or None,
                    age=_age(rng),
                    sex="f" if rng.random() < GIRLS else "m",
                )
            )
    return tuple(children)


def _keyed(cases: Sequence[Draft]) -> list[tuple[int, str]]:
    """Make cases comparable: no tie is the empty text."""
    return [(size, tie or "") for size, tie in cases]


def _age(rng: Random) -> int:
    if rng.random() < UNDER_13:
        return int(rng.random() * 13)
    return 13 + int(rng.random() * 5)
