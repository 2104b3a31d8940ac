"""Published figures that shipped and generated instances are made from (see ``data/README.md``)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality: SCB's code and names, and a point inside it."""

    code: str
    name: str
    county_code: str
    county: str
    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True, slots=True)
class YearFigure:
    """Children of a year: the number, what it counts, and whether it is published."""

    year: int
    children: int
    published: bool
    what: str
    source: str


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def places() -> tuple[Place, ...]:
    """Return the 290 municipalities, by code."""
    return tuple(
        Place(r["code"], r["name"], r["county_code"], r["county"], Decimal(r["lat"]), Decimal(r["lon"]))
        for r in _rows("municipalities.csv")
    )


@cache
def _published_populations() -> dict[int, dict[str, int]]:
    rows = _rows("population.csv")
    return {int(y): {r["code"]: int(r[y]) for r in rows} for y in rows[0] if y != "code"}


def population_year(year: int) -> int:
    """Return the year before ``year``, or the nearest within what is at hand."""
    at_hand = sorted(_published_populations())
    return min(max(year - 1, at_hand[0]), at_hand[-1])


def is_population_published(year: int) -> bool:
    """Whether the population of 31 December is at hand; else it is on a straight line."""
    return year in _published_populations()


@cache
def population(year: int) -> dict[str, int]:
    """Inhabitants on 31 December by code; between years at hand on a straight line, rounded."""
    published = _published_populations()
    if year in published:
        return published[year]
    first = max(y for y in published if y < year)
    last = min(y for y in published if y > year)
    span, part = last - first, year - first
    return {
        code: (2 * (start * (span - part) + published[last][code] * part) + span) // (2 * span)
        for code, start in published[first].items()
    }


@cache
def years() -> dict[int, YearFigure]:
    """Children by year, 2016 to 2029."""
    return {
        int(r["year"]): YearFigure(
            int(r["year"]), int(r["children"]), r["published"] == "yes", r["what"], r["source"]
        )
        for r in _rows("years.csv")
    }


@cache
def receivers(year: int) -> tuple[str, ...]:
    """Codes of the municipalities that received shares in a year ([O] 2.3.2)."""
    code = {p.name: p.code for p in places()}
    return tuple(code[r["name"]] for r in _rows("receivers.csv") if int(r["year"]) == year)
