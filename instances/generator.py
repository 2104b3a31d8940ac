"""Instances made from parameters and a seed; everything in them that is drawn is marked synthetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from random import Random

from fordela.instances.arrivals import Siblings, arrive, draw_ties, split_into_cases
from fordela.instances.figures import (
    Place,
    places,
    population,
    population_year,
)
from fordela.instances.shares import computed_shares
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Child, Instance, Municipality
from fordela.models.units import UNITS_PER_MILLE, WHOLE

#: The only part that is published: 72 per cent of the assignments of 2025 were kinship ([O] 2.4).
KINSHIP_2025 = 0.72


@dataclass(frozen=True, slots=True)
class Parameters:
    """What `generate` needs.

    Attributes
    ----------
    name, year, seed
        Of the instance.
    municipalities
        0 for Sweden's 290, else a number of invented ones.
    children
        Number of children.
    kinship
        Part of them with a tie, 0 to 1.
    siblings
        Weights of case sizes.
    history
        Children assigned before, dealt out by population with noise.
    floor
        Least share in units; None is 1 ‰, or 0 where that many municipalities cannot have it.
    capacity
        Capacity as a multiple of what each expects in the year, None for no limit.
    """

    name: str
    year: int
    seed: int = 0
    municipalities: int = 0
    children: int = 400
    kinship: float = KINSHIP_2025
    siblings: Siblings = field(default_factory=Siblings)
    history: int = 0
    floor: int | None = None
    capacity: float | None = None


def generate(parameters: Parameters, base: Instance | None = None) -> Instance:
    """Make an instance from parameters and a seed.

    Parameters
    ----------
    parameters
        What to make.
    base
        A year whose municipalities, histories, transfers and forecasts are kept; only children are
        drawn then, and ``year``, ``municipalities``, ``history``, ``floor`` are not used.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """
    _require(parameters)
    rng = Random(parameters.seed)
    if base is not None:
        return _other_children(rng, parameters, base)
    people: Mapping[str, int]
    if parameters.municipalities:
        sites, people = _invented(rng, parameters.municipalities)
        where = "invented"
    else:
        sites, basis = places(), population_year(parameters.year)
        people = population(basis)
        where = f"SCB, 31 December {basis}"
    municipalities = base_municipalities(sites, people, parameters.floor)
    municipalities = _with_history(rng, municipalities, parameters.history)
    children = draw_children(
        rng, parameters.year, municipalities, parameters.children, parameters.kinship,
        parameters.siblings,
    )  # fmt: skip
    synthetic = ["cases"]
    if parameters.history:
        synthetic.insert(0, "assigned_before")
    if parameters.municipalities:
        synthetic[:0] = ["municipalities", "population"]
    if parameters.capacity is not None:
        synthetic.append("capacity")
        municipalities = _with_capacity(municipalities, parameters.children, parameters.capacity)
    return Instance(
        name=parameters.name,
        title=f"Generated: {parameters.children} children, {len(municipalities)} municipalities",
        year=parameters.year,
        counting_since=min(Instance.counting_since, date(parameters.year, 1, 1)),
        municipalities=municipalities,
        children=children,
        forecast=parameters.children,
        synthetic=tuple(synthetic),
        provenance={
            "population": where,
            "share": "computed from population with a floor; not official",
            "cases": f"generated with seed {parameters.seed}",
        },
    )


def _other_children(rng: Random, parameters: Parameters, base: Instance) -> Instance:
    """Draw other arrivals for a year that is kept as it is."""
    municipalities = base.municipalities
    synthetic = list(dict.fromkeys([*base.synthetic, "cases"]))
    if parameters.capacity is not None:
        municipalities = _with_capacity(municipalities, parameters.children, parameters.capacity)
        synthetic = list(dict.fromkeys([*synthetic, "capacity"]))
    if "number of children" not in synthetic:
        synthetic.append("number of children")
    return base.with_changes(
        name=parameters.name,
        title=f"{base.title or base.name}, with {parameters.children} generated children",
        municipalities=municipalities,
        children=draw_children(
            rng, base.year, municipalities, parameters.children, parameters.kinship,
            parameters.siblings,
        ),
        synthetic=tuple(synthetic),
        provenance={
            **base.provenance,
            "number of children": "chosen",
            "cases": f"generated with seed {parameters.seed}",
        },
    )  # fmt: skip


def _require(p: Parameters) -> None:
    problems = []
    for name, value, allowed, fine in (
        ("municipalities", p.municipalities, "0 (Sweden) or more", p.municipalities >= 0),
        ("children", p.children, "0 or more", p.children >= 0),
        ("kinship", p.kinship, "between 0 and 1", 0 <= p.kinship <= 1),
        ("history", p.history, "0 or more", p.history >= 0),
        ("capacity", p.capacity, "0 or more", p.capacity is None or p.capacity >= 0),
        ("year", p.year, "between 1900 and 2200", 1900 <= p.year <= 2200),
        ("name", p.name, "a text that is not blank", bool(p.name.strip())),
    ):
        if not fine:
            problems.append(Problem("parameters", f"must be {allowed}", column=name, value=str(value)))
    weights = p.siblings.weights
    if not weights or min(weights) < 0 or not weights[0]:
        message = "must be weights of sizes 1, 2, …, the first above 0"
        problems.append(Problem("parameters", message, column="siblings", value=str(weights)))
    if problems:
        raise InputError(problems)


def _invented(rng: Random, number: int) -> tuple[tuple[Place, ...], dict[str, int]]:
    """Invent municipalities in counties of about fourteen, with populations spread as Sweden's."""
    width = max(4, len(str(number)))
    counties = max(1, number // 14)
    digits = max(2, len(str(counties)))
    sites, people = [], {}
    for k in range(1, number + 1):
        county = (k - 1) * counties // number + 1
        code = f"{k:0{width}d}"
        sites.append(
            Place(
                code,
                f"Municipality {code}",
                f"{county:0{digits}d}",
                f"County {county}",
                Decimal(5500 + int(rng.random() * 1300)).scaleb(-2),
                Decimal(1100 + int(rng.random() * 1200)).scaleb(-2),
            )
        )
        people[code] = 1 + int(rng.lognormvariate(9.7, 0.9))
    return tuple(sites), people


def base_municipalities(
    sites: tuple[Place, ...], people: Mapping[str, int], floor: int | None = None
) -> tuple[Municipality, ...]:
    """Municipalities with computed shares, and nothing else known."""
    if floor is None:
        floor = UNITS_PER_MILLE if len(sites) * UNITS_PER_MILLE <= WHOLE else 0
    shares = computed_shares([people[p.code] for p in sites], floor)
    return tuple(
        Municipality(
            code=p.code,
            name=p.name,
            county_code=p.county_code,
            county=p.county,
            share=share,
            population=people[p.code],
            latitude=p.latitude,
            longitude=p.longitude,
        )
        for p, share in zip(sites, shares, strict=True)
    )


def draw_children(
    rng: Random,
    year: int,
    municipalities: tuple[Municipality, ...],
    children: int,
    kinship: float,
    siblings: Siblings,
) -> tuple[Child, ...]:
    """Draw a year's arrivals: a part with ties in proportion to ``kin_weight``, the rest without."""
    tied = round(children * kinship)
    weights = {
        m.code: float(m.kin_weight if m.kin_weight is not None else m.population or 0)
        for m in municipalities
    }
    cases = draw_ties(rng, tied, weights, siblings)
    cases += split_into_cases(rng, children - tied, None, siblings)
    return arrive(rng, year, cases)


def _with_history(
    rng: Random, municipalities: tuple[Municipality, ...], history: int
) -> tuple[Municipality, ...]:
    if not history:
        return municipalities
    before = [0] * len(municipalities)
    weights = [m.share for m in municipalities]
    for k in rng.choices(range(len(municipalities)), weights, k=history):
        before[k] += 1
    return tuple(replace(m, assigned_before=b) for m, b in zip(municipalities, before, strict=True))


def _with_capacity(
    municipalities: tuple[Municipality, ...], children: int, factor: float
) -> tuple[Municipality, ...]:
    units = sum(m.share for m in municipalities)
    return tuple(
        replace(m, capacity=int(factor * m.share * children / units) + 1) for m in municipalities
    )
