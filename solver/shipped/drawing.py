"""How a Swedish year is drawn: ties, siblings, days and redistribution, as far as nothing is published.

Every choice here was made on 25 November 2026, before any outcome that it is tested on was computed
with it (docs/synthetic.md); none is fitted to an equalising figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random

from fordela.instances.arrivals import Draft, Siblings, draw_ties, split_into_cases
from fordela.instances.figures import places, published_value, receivers, redistributed, years
from fordela.models.instance import Municipality, Transfer

#: Part of the assignments that were kinship in 2024 and 2025 ([B] 2.3), taken for every year.
KINSHIP = Fraction(72, 100)
STOCKHOLM_COUNTY = "Stockholms län"
#: Of the ties of 2025, those in Stockholms län ([B] 2.3), taken for every year.
COUNTY_PART = Fraction(
    published_value(2025, "kinship", STOCKHOLM_COUNTY), published_value(2025, "kinship")
)
#: Variance of the persistent local factor of ties, whose mean is 1. It is that of the children with a
#: permit who arranged their own housing in 2018, by municipality, given the county's part, population
#: and siblings (`reception_2018.csv`, by the method of moments).
LOCAL_VARIANCE = 0.45
#: How ties may be spread: by population alone; with Stockholms län's part; and a local factor besides.
SPREADS = ("population", "county", "local")
#: Ties whose sum is that of all weights.
_WHOLE = 1_000_000
#: Municipalities whose ties of 2025 are published.
_KNOWN_2025 = ("Halmstad", "Kalmar")


def local_factors(rng: Random) -> dict[str, float]:
    """Draw a factor of mean 1 for every municipality, which stays the same over the years."""
    return {p.code: rng.gammavariate(1 / LOCAL_VARIANCE, LOCAL_VARIANCE) for p in places()}


def kin_weights(
    municipalities: Sequence[Municipality], spread: str, factors: Mapping[str, float]
) -> dict[str, int]:
    """Weights of the municipalities as a place of a tie, of a million in all.

    Parameters
    ----------
    spread
        One of `SPREADS`.
    factors
        The local ones; used with ``local`` only.
    """
    people = {
        m.code: (m.population or 0) * (factors[m.code] if spread == "local" else 1)
        for m in municipalities
    }
    inside = {m.code for m in municipalities if m.county == STOCKHOLM_COUNTY}
    everyone = sum(people.values())
    in_county = sum(people[code] for code in inside)
    part = in_county / everyone if spread == "population" else float(COUNTY_PART)
    weights = {}
    for code, number in people.items():
        here, total = (part, in_county) if code in inside else (1 - part, everyone - in_county)
        weights[code] = round(_WHOLE * here * number / total)
    return weights


def draw_cases(
    rng: Random,
    year: int,
    municipalities: Sequence[Municipality],
    weights: Mapping[str, int],
    *,
    within_totals: bool = False,
) -> list[Draft]:
    """Draw the cases of a year: a part with ties by weight, the rest without.

    The ties of 2025 are as many as published: in Sweden, in Stockholms län, in Halmstad and in Kalmar.

    Parameters
    ----------
    within_totals
        In 2025, nobody has more ties than it was assigned children in all ([B] 2.3).
    """
    siblings = Siblings()
    children = years()[year].children
    if year != 2025:
        tied = round(children * KINSHIP)
        cases = draw_ties(rng, tied, weights, siblings)
        return cases + split_into_cases(rng, children - tied, None, siblings)
    tied = published_value(2025, "kinship")
    in_county = published_value(2025, "kinship", STOCKHOLM_COUNTY)
    known = {m.code: published_value(2025, "kinship", m.name)
             for m in municipalities if m.name in _KNOWN_2025}  # fmt: skip
    inside = {m.code: weights[m.code] for m in municipalities if m.county == STOCKHOLM_COUNTY}
    apart = {*known, *inside}
    elsewhere = {code: w for code, w in weights.items() if code not in apart}
    most = most_2025(municipalities) if within_totals else None
    cases = draw_ties(rng, in_county, inside, siblings, most)
    cases += draw_ties(rng, tied - in_county - sum(known.values()), elsewhere, siblings, most)
    for code, number in known.items():
        cases += split_into_cases(rng, number, code, siblings)
    return cases + split_into_cases(rng, children - tied, None, siblings)


def most_2025(municipalities: Sequence[Municipality]) -> dict[str, int]:
    """Most children of 2025 by municipality: three are published, nobody else is above ten."""
    largest = {
        name: published_value(2025, "total", name) for name in ("Stockholm", "Göteborg", "Malmö")
    }
    return {m.code: largest.get(m.name, 10) for m in municipalities}


def draw_transfers(
    rng: Random, municipalities: Sequence[Municipality], year: int
) -> tuple[Transfer, ...]:
    """Draw givers and amounts: the smallest of a receiver's county hand over all they have.

    Where the number of givers is published (2020, 2022) as many are drawn. Otherwise Ånge takes over
    the whole county's other shares, as the published maximum of 24 ‰ suggests, and the others up to an
    amount drawn between 1 and 10 ‰ ([O] 2.3.2: received shares range from 1 to 24).
    """
    receiving = _receivers(rng, municipalities, year)
    by_code = {m.code: m for m in municipalities}
    free = set(by_code) - set(receiving)
    givers = _givers(rng, by_code, receiving, year)
    transfers = []
    county = {code: m.county for code, m in by_code.items()}
    for place, receiver in enumerate(sorted(receiving), 1):
        # Every published receiver has somebody to receive from.
        others = sum(county[r] == county[receiver] for r in sorted(receiving)[place:])
        wanted = 100 * (1 + int(rng.random() * 10))
        if by_code[receiver].name == "Ånge":
            wanted = 2400
        neighbours = sorted(
            (by_code[code] for code in free if county[code] == county[receiver]),
            key=lambda m: (m.population or 0, m.code),
        )
        taken = 0
        for number, giver in enumerate(neighbours[: len(neighbours) - others]):
            enough = taken and taken + giver.share > wanted
            if number == givers[receiver] if givers else enough:
                break
            transfers.append(Transfer(giver.code, receiver, giver.share))
            free.discard(giver.code)
            taken += giver.share
    return tuple(sorted(transfers, key=lambda t: t.giver))


def _receivers(rng: Random, municipalities: Sequence[Municipality], year: int) -> tuple[str, ...]:
    """Return receivers as published, or those of the nearest year that names any in the county."""
    published = redistributed(year)
    if receivers(year) or published is None:
        return receivers(year)
    county = {m.code: m.county for m in municipalities}
    chosen: list[str] = []
    for name in published.counties:
        named = next(
            (here for later in range(year + 1, 2027)
             if (here := [code for code in receivers(later) if county[code] == name])),
            None,
        )  # fmt: skip
        if named is None:  # never named: one of the county, by population
            inside = [m for m in municipalities if m.county == name]
            named = [rng.choices(inside, [m.population or 0 for m in inside])[0].code]
        chosen += named
    assert len(chosen) == published.receivers
    return tuple(chosen)


def _givers(
    rng: Random, municipalities: Mapping[str, Municipality], receiving: Sequence[str], year: int
) -> dict[str, int]:
    """Deal the published number of givers out to the receivers; empty where none is published.

    One each; the others to receivers of counties where more than a few took part, as long as a
    municipality is left there.
    """
    published = redistributed(year)
    if published is None:
        return {}
    county = {code: municipalities[code].county for code in receiving}
    left = {
        name: sum(m.county == name for m in municipalities.values())
        - 2 * sum(c == name for c in county.values())
        for name in published.counties
    }
    givers = dict.fromkeys(sorted(receiving), 1)
    for _ in range(published.givers - len(givers)):
        open_to = [r for r in givers if published.counties[county[r]] and left[county[r]]]
        receiver = rng.choice(open_to)
        givers[receiver] += 1
        left[county[receiver]] -= 1
    return givers
