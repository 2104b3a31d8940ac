"""Sweden 2016 to 2029: computed shares, published numbers, histories carried by replaying the rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from fordela.instances.arrivals import (
    Siblings,
    arrive,
    draw_ties,
    split_into_cases,
)
from fordela.instances.figures import (
    is_population_published,
    places,
    population,
    population_year,
    receivers,
    years,
)
from fordela.instances.generator import KINSHIP_2025, base_municipalities, draw_children
from fordela.models.allocation import count
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import IN_FORCE
from fordela.solver.engine import run_rule

#: Children with asylum claims among all who came in 2025 ([O] 2.4): scales the asylum forecast.
ASYLUM_PART = (181, 430)
#: Stated in the format's example for 2025; no forecast for that year is published in [O] or [B].
ASSUMED_2025 = {"forecast": 400, "forecast_asylum": 200}
#: Kinship in 2025 ([O] 2.4): 72 per cent of 437; Stockholms län 101 of which 6 equalising.
KINSHIP_CHILDREN_2025 = 314
KINSHIP_STOCKHOLM_COUNTY = 95
KINSHIP_HALMSTAD = 9
#: Kinship cannot exceed the published totals: three above ten, nobody else.
MOST_2025 = {"Stockholm": 27, "Göteborg": 18, "Malmö": 13}
MOST_ELSEWHERE = 10


def swedish_years() -> Iterator[Instance]:
    """Yield ``sweden-2016`` to ``sweden-2029``, each with the history of those before."""
    before: dict[str, int] = {}
    for year in sorted(years()):
        instance = swedish_year(year, before)
        yield instance
        before = credited_after(instance)


def credited_after(instance: Instance) -> dict[str, int]:
    """Children credited to each municipality after the year under the rule in force."""
    run = run_rule(instance, IN_FORCE, instance.transfers)
    counts = count(instance, IN_FORCE, run.allocation.assignments)
    return dict(zip((m.code for m in instance.municipalities), counts.credited, strict=True))


def swedish_year(year: int, before: Mapping[str, int]) -> Instance:
    """Make one year from a history; the seed is the year."""
    rng = Random(year)
    figure = years()[year]
    basis = population_year(year)
    municipalities = tuple(
        replace(m, assigned_before=before.get(m.code, 0))
        for m in base_municipalities(places(), population(basis))
    )
    if year == 2025:
        children = _children_2025(rng, municipalities)
    else:
        children = draw_children(rng, year, municipalities, figure.children, KINSHIP_2025, Siblings())
    transfers = draw_transfers(rng, municipalities, receivers(year))
    synthetic = (["assigned_before"] if year > 2016 else []) + ["cases"]
    inhabitants = f"SCB, 31 December {basis}"
    if not is_population_published(basis):
        synthetic.insert(0, "population")
        inhabitants = f"31 December {basis}, a straight line between SCB's 2019 and 2024"
    if transfers:
        synthetic.append("transfers")
    if not figure.published:
        synthetic.append("number of children")
    forecast, forecast_asylum, source = _forecast(year)
    if forecast_asylum is not None:
        synthetic.append("forecast_asylum" if year > 2025 else "forecast, forecast_asylum")
    return Instance(
        name=f"sweden-{year}",
        title=f"Unaccompanied children in Sweden, {year}",
        year=year,
        municipalities=municipalities,
        children=children,
        transfers=transfers,
        forecast=forecast,
        forecast_asylum=forecast_asylum,
        synthetic=tuple(synthetic),
        provenance={
            "share": f"computed, not official: population {basis}, floor 1 ‰; the official shares "
            "also weigh earlier reception, with weights that are not published ([O] 2.3.1)",
            "population": inhabitants,
            "number of children": f"{figure.what}: {figure.source}",
            "assigned_before": "nothing before 2016"
            if year == 2016
            else "synthetic: the rule in force replayed over the shipped years from 2016",
            "cases": _cases_source(year),
            "transfers": "receivers: [O] 2.3.2; givers and amounts synthetic"
            if transfers
            else "none published for the year",
            "forecast": source,
            "lat, lon": "a point inside the municipality, from SCB's generalised boundaries",
        },
    )


def _cases_source(year: int) -> str:
    if year == 2025:
        return (
            "synthetic, fitted to published kinship: 314 children, Stockholms län 95, Halmstad 9, "
            "Kalmar 0, none above the published totals ([O] 2.4); siblings, dates, ages invented"
        )
    return (
        "synthetic: 72 per cent kinship as published for 2025 ([O] 2.4), by population; siblings, "
        "dates, ages invented"
    )


def _forecast(year: int) -> tuple[int | None, int | None, str]:
    if year == 2020:
        return 1000, None, "Migration Agency, February forecast of assignments, 24 February 2020"
    if year == 2025:
        return 400, 200, "assumed: none is published for the year in the sources at hand"
    if year > 2025:
        children = years()[year].children
        asylum, everyone = ASYLUM_PART
        return (
            children,
            (2 * children * asylum + everyone) // (2 * everyone),
            "children: [B] 2.3; asylum seekers: the same part as in 2025 (181 of 430), assumed",
        )
    return None, None, "none at hand"


def _children_2025(rng: Random, municipalities: tuple[Municipality, ...]) -> tuple[Child, ...]:
    """Draw kinship by population under what is published of it; the rest has no tie."""
    siblings = Siblings()
    weights = {m.code: float(m.population or 0) for m in municipalities}
    stockholm = {m.code: weights[m.code] for m in municipalities if m.county_code == "01"}
    code = {m.name: m.code for m in municipalities}
    apart = {code["Halmstad"], code["Kalmar"], *stockholm}
    elsewhere = {c: w for c, w in weights.items() if c not in apart}
    most = dict.fromkeys(weights, MOST_ELSEWHERE) | {code[n]: m for n, m in MOST_2025.items()}
    others = KINSHIP_CHILDREN_2025 - KINSHIP_STOCKHOLM_COUNTY - KINSHIP_HALMSTAD
    cases = draw_ties(rng, KINSHIP_STOCKHOLM_COUNTY, stockholm, siblings, most)
    cases += draw_ties(rng, others, elsewhere, siblings, most)
    cases += split_into_cases(rng, KINSHIP_HALMSTAD, code["Halmstad"], siblings)
    untied = years()[2025].children - KINSHIP_CHILDREN_2025
    cases += split_into_cases(rng, untied, None, siblings)
    return arrive(rng, 2025, cases)


def draw_transfers(
    rng: Random, municipalities: tuple[Municipality, ...], receiving: tuple[str, ...]
) -> tuple[Transfer, ...]:
    """Draw givers for published receivers: the smallest of the county hand over all they have.

    Ånge takes over the whole county's other shares, as the published maximum of 24 ‰ suggests; the
    others up to an amount drawn between 1 and 10 ‰ ([O] 2.3.2: received shares range from 1 to 24).
    """
    by_code = {m.code: m for m in municipalities}
    free = {m.code for m in municipalities} - set(receiving)
    transfers = []
    for receiver in sorted(receiving):
        wanted = 100 * (1 + int(rng.random() * 10))
        if by_code[receiver].name == "Ånge":
            wanted = 2400
        neighbours = sorted(
            (m for m in municipalities if m.code in free
             and m.county_code == by_code[receiver].county_code),
            key=lambda m: (m.population or 0, m.code),
        )  # fmt: skip
        taken = 0
        for giver in neighbours:
            if taken and taken + giver.share > wanted:
                break
            transfers.append(Transfer(giver.code, receiver, giver.share))
            free.discard(giver.code)
            taken += giver.share
    return tuple(sorted(transfers, key=lambda t: t.giver))
