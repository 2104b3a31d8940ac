"""Sweden 2016 to 2029: computed shares, published numbers, histories carried by replaying the rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random

from fordela.instances.arrivals import arrive
from fordela.instances.figures import (
    places,
    population,
    population_year,
    received_2018,
    receivers,
    years,
)
from fordela.instances.generator import base_municipalities
from fordela.instances.shares import computed_shares
from fordela.models.allocation import count
from fordela.models.instance import Instance, Municipality
from fordela.models.policy import IN_FORCE
from fordela.solver.engine import run_rule
from fordela.solver.shipped.drawing import draw_cases, draw_transfers, kin_weights, local_factors

#: Children with asylum claims among all who came in 2025 ([O] 2.4): scales the asylum forecast.
ASYLUM_PART = (181, 430)


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


def municipalities_of(year: int) -> tuple[Municipality, ...]:
    """Municipalities of a year with computed shares and inhabitants, and nothing else known."""
    return base_municipalities(places(), population(population_year(year)))


def less_reception(municipalities: Sequence[Municipality]) -> tuple[Municipality, ...]:
    """Sweden's municipalities with shares by their population and what each received in 2018."""
    received = [received_2018()[m.code] for m in municipalities]
    shares = computed_shares([m.population or 0 for m in municipalities], received=received)
    return tuple(replace(m, share=share) for m, share in zip(municipalities, shares, strict=True))


def swedish_year(year: int, before: Mapping[str, int]) -> Instance:
    """Make one year from a history; the seed is the year, and that of the local factors their name."""
    rng = Random(year)
    figure = years()[year]
    bare = municipalities_of(year)
    weights = kin_weights(bare, "local", local_factors(Random("local factors of ties")))
    municipalities = tuple(
        replace(m, assigned_before=before.get(m.code, 0), kin_weight=Fraction(weights[m.code]))
        for m in bare
    )
    cases = draw_cases(rng, year, municipalities, weights, within_totals=True)
    children = arrive(rng, year, cases)
    transfers = draw_transfers(Random(f"transfers {year}"), municipalities, year)
    synthetic = (["assigned_before"] if year > 2016 else []) + ["kin_weight", "cases"]
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
            "share": f"computed, not official: population {population_year(year)}, floor 1 ‰; the "
            "official shares also weigh earlier reception, with weights that are not published "
            "([O] 2.3.1)",
            "population": f"SCB, 31 December {population_year(year)}",
            "number of children": f"{figure.what}: {figure.source}",
            "assigned_before": "nothing before 2016"
            if year == 2016
            else "synthetic: the rule in force replayed over the shipped years from 2016",
            "kin_weight": "synthetic: population, Stockholms län's part of the ties as in 2025 (95 of "
            "314, [B] 2.3), and a local factor of mean 1 and variance 0.45 that stays over the years",
            "cases": _cases_source(year),
            "transfers": _transfers_source(year),
            "forecast": source,
            "lat, lon": "a point inside the municipality, from SCB's generalised boundaries",
        },
    )


def _cases_source(year: int) -> str:
    if year == 2025:
        return (
            "synthetic, fitted to published kinship: 314 children, Stockholms län 95, Halmstad 9, "
            "Kalmar 0, none above the published totals ([O] 2.4), by kin_weight; days by the months of "
            "2009–2014; siblings, ages invented"
        )
    months = "of the year" if year == 2016 else "of 2009–2014"
    return (
        "synthetic: 72 per cent kinship as published for 2024 and 2025 ([B] 2.3), by kin_weight; days "
        f"by the months {months}; siblings, ages invented"
    )


def _transfers_source(year: int) -> str:
    if year == 2020:
        return "15 givers, 8 receivers, six counties: county boards; names and amounts synthetic"
    if year == 2022:
        return "receivers: [O] 2.3.2; 30 givers: county boards; their names and amounts synthetic"
    return "receivers: [O] 2.3.2; givers and amounts synthetic" if receivers(year) else (
        "none published for the year"
    )  # fmt: skip


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
