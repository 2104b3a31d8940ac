"""Homes made from a seed: the published figures are met, and everything else is assumed and marked.

Published ([B] 4.1.2, 5.2.2, [O] 5): how many HVB are open to the group and how many take it alone, in
how many municipalities supported housing is used, how many place children elsewhere, and in how many
counties capacity is judged low. Nothing is published on single homes, so their places, ages,
languages and competences are assumptions. `docs/placement.md` sets published beside generated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from fordela.models.errors import InputError, Problem
from fordela.models.geo import known_kilometres
from fordela.models.homes import Agreement, Home
from fordela.models.instance import Case, Child, Instance, Municipality
from fordela.models.units import WHOLE

#: HVB open to the group in 2025, and how many of them take it alone ([B] 4.1.2).
HVB, HVB_ALONE = 18, 1
#: Supported housing was used in a fifth of the municipalities ([B]).
SUPPORTED = Fraction(1, 5)
#: Municipalities that placed children in another one in 2025 ([B] 5.2.2).
ELSEWHERE = 23
#: County boards that judge capacity low in 2026–2028 ([B] 5.2.2).
LOW_COUNTIES = 7

#: Weights of languages: Ukrainian as temporary protection in 2025 (249 of 430); the others assumed.
LANGUAGES = {"uk": 249, "ar": 60, "so": 35, "fa": 35, "ti": 30, "ps": 21}
#: Needs that a home must be able to meet, and the part of the children with one (assumed).
NEEDS, WITH_NEED = ("adapted-school", "disability", "trauma-care"), 0.12
#: Part of the children below 17 who leave within the year (assumed); those of 17 come of age.
LEAVE = 0.1
#: Part of the cases with a tie that live with the relative (assumed).
WITH_RELATIVE = 0.5
#: Part of the other tied cases for which a family was found, and in a county of low capacity (assumed).
FOUND, FOUND_LOW = 0.95, 0.7
#: Family places to each child that a share brings in, and in a county of low capacity (assumed).
PLACES, PLACES_LOW = 3.0, 1.2
#: Places of a family home, and the ages that it takes (assumed).
FAMILY_PLACES = (50, 35, 15)
FAMILY_AGES = (((None, None), 60), ((0, 12), 15), ((13, 17), 25))

Weighted = Sequence[tuple[Municipality, float]]


@dataclass(frozen=True, slots=True)
class HomeModel:
    """What homes are drawn from; the defaults are the published figures.

    Attributes
    ----------
    hvb, hvb_alone
        Residential care homes, and those of them for this group alone.
    supported
        Part of the municipalities with supported housing.
    elsewhere
        Municipalities that have no home of their own but a relative's, and an agreement instead.
    low_counties
        Counties with fewer homes than the others.
    places
        Family places for each child that a share is expected to bring; None is `PLACES`.
    everybody
        Whether a family is found for every child that came by a tie.
    """

    hvb: int = HVB
    hvb_alone: int = HVB_ALONE
    supported: Fraction = SUPPORTED
    elsewhere: int = ELSEWHERE
    low_counties: int = LOW_COUNTIES
    places: float | None = None
    everybody: bool = False


#: Homes for everybody, as if there were time to find them: no county is short.
FOR_ALL = HomeModel(low_counties=0, everybody=True)


def with_random_homes(instance: Instance, model: HomeModel | None = None, seed: int = 0) -> Instance:
    """Return a year with homes and agreements, and children with languages, needs and stays.

    Parameters
    ----------
    instance
        A year with children; earlier homes are replaced.
    model
        What is drawn; None is the default.
    seed
        The same year, model and seed give the same homes on every machine.

    Raises
    ------
    InputError
        If the model asks for more than there are municipalities or counties.
    """
    model = model or HomeModel()
    _require(model, instance)
    rng = Random(f"homes {seed}")
    children = _described(rng, instance.children)
    year = instance.with_changes(children=children, homes=(), agreements=())
    low = _low_counties(rng, year, model)
    relatives = [c for c in year.cases if c.tie is not None and rng.random() < WITH_RELATIVE]
    housed = {case.case for case in relatives}
    others: dict[str, list[Case]] = defaultdict(list)
    for case in year.cases:
        if case.tie is not None and case.case not in housed:
            others[case.tie].append(case)
    away = _placing_elsewhere(rng, year, model, others)
    homes = [*_relatives(relatives), *_families(rng, year, model, low, others, away)]
    homes += _hvb(rng, year, model, away)
    homes += _supported(rng, year, model, away)
    more, agreements = _agreements(rng, year, model, others, away)
    marks = ("places", "agreements", "language", "needs", "stay")
    return year.with_changes(
        homes=tuple(sorted((*homes, *more), key=lambda h: h.place)),
        agreements=agreements,
        synthetic=tuple(dict.fromkeys([*instance.synthetic, *marks])),
        provenance={
            **instance.provenance,
            "places": f"generated with seed {seed}; how many of each form is in docs/placement.md",
            "agreements": f"generated with seed {seed}",
            "language, needs, stay": f"generated with seed {seed}; assumed",
        },
    )


def _require(model: HomeModel, instance: Instance) -> None:
    towns, counties = len(instance.municipalities), len({m.county for m in instance.municipalities})
    problems = [
        Problem("homes", f"must be {allowed}", column=name, value=str(value))
        for name, value, allowed, fine in (
            ("hvb", model.hvb, f"0 to {towns}", 0 <= model.hvb <= towns),
            ("hvb_alone", model.hvb_alone, "0 to the number of HVB", 0 <= model.hvb_alone <= model.hvb),
            ("supported", model.supported, "between 0 and 1", 0 <= model.supported <= 1),
            ("elsewhere", model.elsewhere, f"0 to {towns}", 0 <= model.elsewhere <= towns),
            ("low_counties", model.low_counties, f"0 to {counties}",
             0 <= model.low_counties <= counties),
            ("places", model.places, "0 to 1000", model.places is None or 0 <= model.places <= 1000),
        )
        if not fine
    ]  # fmt: skip
    if problems:
        raise InputError(problems)


def _described(rng: Random, children: Sequence[Child]) -> tuple[Child, ...]:
    """Give children a language (siblings the same), needs and the length of their stay."""
    spoken: dict[str, str] = {}
    made = []
    for child in children:
        drawn = rng.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
        language = spoken.setdefault(child.case, drawn)
        needs = (rng.choice(NEEDS),) if rng.random() < WITH_NEED else ()
        leaves = rng.random() < (1 if child.age == 17 else LEAVE)
        stay = 1 + int(rng.random() * 365) if leaves else None
        made.append(replace(child, language=language, needs=needs, stay=stay))
    return tuple(made)


def _low_counties(rng: Random, year: Instance, model: HomeModel) -> frozenset[str]:
    counties = sorted({m.county_code for m in year.municipalities})
    return frozenset(rng.sample(counties, model.low_counties))


def _placing_elsewhere(
    rng: Random, year: Instance, model: HomeModel, others: dict[str, list[Case]]
) -> frozenset[str]:
    """Choose the smaller ones of those with a child to place, so that they do place one elsewhere."""
    able = [m for m in year.municipalities if others[m.code]]
    able.sort(key=lambda m: (m.population or 0, m.code))
    smaller = able[: max(model.elsewhere, len(able) * 2 // 3)]
    chosen = rng.sample(smaller, min(model.elsewhere, len(smaller)))
    return frozenset(m.code for m in chosen)


def _relatives(cases: Sequence[Case]) -> list[Home]:
    return [
        Home(f"{case.tie}-n-{case.case}", str(case.tie), "network-home", case.size) for case in cases
    ]


def _families(
    rng: Random,
    year: Instance,
    model: HomeModel,
    low: frozenset[str],
    others: dict[str, list[Case]],
    away: frozenset[str],
) -> list[Home]:
    """Draw a family for most cases with a tie, and others in proportion to the share."""
    free = sum(case.size for case in year.cases if case.tie is None)
    homes = []
    for m in year.municipalities:
        if m.code in away:
            continue
        short = m.county_code in low
        found = 1.0 if model.everybody else (FOUND_LOW if short else FOUND)
        sizes = [case.size for case in others[m.code] if rng.random() < found]
        drawn = [_family(rng, m.code, size, anybody=True) for size in sizes]
        each = PLACES if model.places is None else model.places
        factor = each * (PLACES_LOW / PLACES if short else 1)
        drawn += _by_share(rng, m, m.code, factor * free)
        homes += [replace(home, place=f"{m.code}-f{k}") for k, home in enumerate(drawn, 1)]
    return homes


def _by_share(rng: Random, giver: Municipality, code: str, places: float) -> list[Home]:
    """Draw a municipality's share of family places, in homes that may lie in another one."""
    left = int(places * giver.share / WHOLE + rng.random())
    drawn = []
    while left > 0:
        size = min(left, 1 + rng.choices(range(len(FAMILY_PLACES)), FAMILY_PLACES)[0])
        drawn.append(_family(rng, code, size))
        left -= size
    return drawn


def _family(rng: Random, code: str, places: int, *, anybody: bool = False) -> Home:
    """Draw a family home; one that was found for a child takes its age whatever it is."""
    ages = rng.choices([a for a, _ in FAMILY_AGES], [w for _, w in FAMILY_AGES])[0]
    least, most = (None, None) if anybody else ages
    languages = tuple(sorted(_some_languages(rng, 1))) if rng.random() < 0.5 else ()
    competences = (rng.choice(NEEDS),) if rng.random() < 0.15 else ()
    return Home("", code, "family-home", places, least, most, (), languages, competences)


def _some_languages(rng: Random, number: int) -> set[str]:
    return set(rng.choices(list(LANGUAGES), list(LANGUAGES.values()), k=number))


def _spread(rng: Random, among: Sequence[Municipality], number: int) -> list[Municipality]:
    """Draw different municipalities, larger ones sooner (Efraimidis and Spirakis)."""
    drawn = sorted(among, key=lambda m: (-(rng.random() ** (1 / max(1, m.population or 1))), m.code))
    return drawn[:number]


def _hvb(rng: Random, year: Instance, model: HomeModel, away: frozenset[str]) -> list[Home]:
    """Draw HVB with permits: most from 13 years, some for one sex."""
    open_to = [m for m in year.municipalities if m.code not in away]
    homes = []
    for number, m in enumerate(_spread(rng, open_to, model.hvb)):
        homes.append(
            Home(
                f"{m.code}-h1", m.code, "hvb", rng.randint(4, 8), rng.choice((12, 13, 13, 15)), 17,
                rng.choice(((), (), ("m",), ("f",))), tuple(sorted(_some_languages(rng, 3))),
                tuple(sorted(rng.sample(NEEDS, 2))),
                group="only" if number < model.hvb_alone else "shared",
            )
        )  # fmt: skip
    return homes


def _supported(rng: Random, year: Instance, model: HomeModel, away: frozenset[str]) -> list[Home]:
    open_to = [m for m in year.municipalities if m.code not in away]
    number = round(model.supported * len(year.municipalities))
    return [
        Home(f"{m.code}-s1", m.code, "supported-housing", rng.randint(2, 5), 16, 17)
        for m in _spread(rng, open_to, number)
    ]


def _agreements(
    rng: Random, year: Instance, model: HomeModel, others: dict[str, list[Case]], away: frozenset[str]
) -> tuple[list[Home], tuple[Agreement, ...]]:
    """Agree with the nearest municipality of the county that has homes; families are found there."""
    homes, agreements = [], []
    free = sum(case.size for case in year.cases if case.tie is None)
    for m in year.municipalities:
        if m.code not in away:
            continue
        near = [p for p in year.municipalities if p.code not in away and p.county == m.county]
        near = near or [p for p in year.municipalities if p.code not in away]
        if not near:
            continue
        partner = min(near, key=lambda p: (known_kilometres(m, p) or 0, p.code))
        agreements.append(Agreement(m.code, partner.code))
        drawn = [_family(rng, partner.code, c.size, anybody=True) for c in others[m.code]]
        if model.everybody:
            drawn += _by_share(rng, m, partner.code, PLACES * free)
        homes += [replace(h, place=f"{partner.code}-f-{m.code}-{k}") for k, h in enumerate(drawn, 1)]
    return homes, tuple(agreements)
