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
    """Children of a year: the number, what it counts, and whether it is published or derived."""

    year: int
    children: int
    published: bool
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Redistributed:
    """A year whose redistribution is published in number, not by name.

    Attributes
    ----------
    counties
        Names, and whether more than a few of the county's municipalities took part.
    givers, receivers
        Municipalities in all of Sweden.
    """

    counties: dict[str, bool]
    givers: int
    receivers: int


@dataclass(frozen=True, slots=True)
class Published:
    """A published figure of how a year came out.

    Attributes
    ----------
    year, figure
        Calendar year and name.
    what, place
        What is counted (a kind of assignment, or municipalities by number of children), and the
        municipality or county, or nothing.
    value
        The number.
    given
        ``yes``: the drawing of the year is given it, so that agreeing proves nothing; ``follows``:
        another row and what is given say the same; ``no``: a test.
    source
        Where it is published.
    """

    year: int
    figure: str
    what: str
    place: str
    value: int
    given: str
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


@cache
def population(year: int) -> dict[str, int]:
    """Inhabitants on 31 December by code; SCB publishes every year from 2015 to 2024."""
    return _published_populations()[year]


@cache
def received_2018() -> dict[str, int]:
    """People with a residence permit received in 2018, children alone and all others, by code."""
    return {r["code"]: int(r["received"]) for r in _rows("reception_2018.csv")}


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


@cache
def redistributed(year: int) -> Redistributed | None:
    """Who took part in a year of which only numbers and counties are published, or None."""
    found = [r for r in _rows("redistribution.csv") if int(r["year"]) == year]
    if not found:
        return None
    counties = {r["county"]: r["extent"] == "many" for r in found}
    return Redistributed(counties, int(found[0]["givers"]), int(found[0]["receivers"]))


@cache
def season(year: int | None = None) -> tuple[int, ...]:
    """Unaccompanied children by month: the year's own, or those of 2009 to 2014 together.

    All twelve months are published for 2009 to 2016. 2015 and 2016, when the border closed, are left
    out of the season of other years.
    """
    months: dict[int, list[int]] = {}
    for r in _rows("months.csv"):
        months.setdefault(int(r["year"]), []).append(int(r["children"]))
    if year in months:
        return tuple(months[year])
    return tuple(map(sum, zip(*(months[y] for y in range(2009, 2015)), strict=True)))


@cache
def published_figures(year: int) -> tuple[Published, ...]:
    """What is published of how a year came out; empty where nothing is."""
    return tuple(
        Published(year, r["figure"], r["what"], r["place"], int(r["value"]), r["given"], r["source"])
        for r in _rows("published.csv")
        if int(r["year"]) == year
    )


def published_value(year: int, what: str, place: str = "") -> int:
    """Return one published figure of a year."""
    return next(p.value for p in published_figures(year) if (p.what, p.place) == (what, place))
