"""Random years: the same everywhere, and distributed as the documentation says."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import exp, lgamma, log, sqrt

import numpy as np
import pytest
from fordela.instances.arrivals import Siblings
from fordela.instances.catalogue import instance_folder, load_instance, shipped_instances
from fordela.instances.random_years import (
    STREAMS,
    AgencyHousing,
    ArrivalModel,
    Drawer,
    Years,
    _number_thresholds,
    _thresholds,
)
from fordela.models.errors import InputError
from fordela.models.instance import Instance
from fordela.models.policy import IN_FORCE
from fordela.solver.simulation.outlook import outlook
from fordela.solver.simulation.spec import make_simulation


@pytest.fixture(scope="module")
def sweden() -> Instance:
    return load_instance("sweden-2025")


def years(instance: Instance, numbers: range, stream: str = "0", **changes: object) -> Years:
    return Drawer(instance, ArrivalModel(**changes), stream).years(numbers)  # type: ignore[arg-type]


def cases_of(drawn: Years, position: int) -> list[tuple[int, int, int]]:
    span = slice(drawn.start[position], drawn.start[position + 1])
    return list(zip(drawn.size[span], drawn.tie[span], drawn.day[span], strict=True))


def test_a_year_is_the_same_in_any_company(sweden: Instance) -> None:
    together = years(sweden, range(12))
    for number in (0, 5, 11):
        alone = years(sweden, range(number, number + 1))
        assert cases_of(alone, 0) == cases_of(together, number)


def test_streams_and_years_differ(sweden: Instance) -> None:
    drawn = {s: cases_of(years(sweden, range(1), s), 0) for s in (*STREAMS, "0", "1")}
    assert len({tuple(c) for c in drawn.values()}) == 4
    both = years(sweden, range(2))
    assert cases_of(both, 0) != cases_of(both, 1)


def test_an_instance_is_the_year_that_was_drawn(sweden: Instance) -> None:
    drawer = Drawer(sweden, ArrivalModel(), "0")
    drawn = drawer.years(range(3))
    for position, year in enumerate(drawer.instances(range(3))):
        found = [
            (c.size, -1 if c.tie is None else [m.code for m in year.municipalities].index(c.tie),
             (c.arrival - date(2025, 1, 1)).days)
            for c in year.cases
        ]  # fmt: skip
        assert found == cases_of(drawn, position)
        assert year.transfers == sweden.transfers
        assert {"cases", "number of children"} <= set(year.synthetic)


def negative_binomial(k: int, mean: float, spread: float) -> float:
    """Probability by the gamma function, where the program follows ratios of whole numbers."""
    r = 1 / spread**2
    logs = lgamma(k + r) - lgamma(r) - lgamma(k + 1) + r * log(r / (r + mean))
    return exp(logs + k * log(mean / (r + mean)))


@pytest.mark.parametrize(("mean", "spread"), [(339, 0.29), (3.5, 0.29), (0.2, 1.5), (40, 2)])
def test_thresholds_are_the_negative_binomial(mean: float, spread: float) -> None:
    edges = _number_thresholds(Fraction(str(mean)), Fraction(str(spread)))
    parts = np.diff(np.concatenate([[0.0], edges.astype(float)])) / 2.0**64
    for k in range(0, min(len(parts), 900), 7):
        assert parts[k] == pytest.approx(negative_binomial(k, mean, spread), rel=1e-9, abs=1e-15)


def test_without_spread_the_number_is_poisson() -> None:
    edges = _number_thresholds(Fraction(7, 2), Fraction(0))
    parts = np.diff(np.concatenate([[0.0], edges.astype(float)])) / 2.0**64
    for k in range(20):
        assert parts[k] == pytest.approx(exp(-3.5 + k * log(3.5) - lgamma(k + 1)), rel=1e-12)


def test_thresholds_by_hand() -> None:
    assert _thresholds([1, 2, 1]).tolist() == [2**62, 3 * 2**62]
    # The last outcome with a weight takes what is left, so that nothing is drawn beyond it.
    assert _thresholds([1, 1, 0]).tolist() == [2**63, 2**64 - 1]


def within(observed: float, expected: float, spread: float, number: int) -> bool:
    """Within four standard errors."""
    return abs(observed - expected) < 4 * spread / sqrt(number)


def test_means_are_those_of_the_model(sweden: Instance) -> None:
    drawn = years(sweden, range(2000), surge=Fraction(0))
    children = np.add.reduceat(drawn.size, drawn.start[:-1])
    # Number: gamma times Poisson of cases of mean 1.18 children.
    per_case = 0.85 + 2 * 0.12 + 3 * 0.03
    cases = 400 / per_case
    spread = per_case * sqrt(cases + (0.29 * cases) ** 2)
    assert within(children.mean(), 400, spread, 2000)
    assert abs(children.std() - spread) < 6
    total = len(drawn.size)
    assert within((drawn.tie >= 0).mean(), 0.72, 0.45, total)
    for size, part in ((1, 0.85), (2, 0.12), (3, 0.03)):
        assert within((drawn.size == size).mean(), part, sqrt(part * (1 - part)), total)
    weights = np.array([float(m.kin_weight or m.population or 0) for m in sweden.municipalities])
    stockholm = weights[[m.name for m in sweden.municipalities].index("Stockholm")] / weights.sum()
    place = [m.name for m in sweden.municipalities].index("Stockholm")
    tied = (drawn.tie >= 0).sum()
    assert within((drawn.tie == place).sum() / tied, stockholm, 0.5, tied)


def test_seasons(sweden: Instance) -> None:
    season = (1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0)
    drawn = years(sweden, range(200), season=season, surge=Fraction(0))
    months = Counter(date.fromordinal(date(2025, 1, 1).toordinal() + d).month for d in drawn.day)
    assert set(months) == {1, 6}
    assert within(months[6] / len(drawn.day), 0.75, 0.43, len(drawn.day))
    start = drawn.start
    for a, b in pairwise(start.tolist()):
        assert (np.diff(drawn.day[a:b]) >= 0).all()


def test_surges_have_the_stated_probability_and_size(sweden: Instance) -> None:
    drawn = years(sweden, range(1000), surge=Fraction(1, 4), surge_factor=Fraction(3))
    assert within(drawn.surge.mean(), 0.25, 0.43, 1000)
    children = np.add.reduceat(drawn.size, drawn.start[:-1])
    spread = 0.32
    assert within(children[drawn.surge].mean(), 1200, 1200 * spread, int(drawn.surge.sum()))
    assert within(children[~drawn.surge].mean(), 400, 400 * spread, int((~drawn.surge).sum()))
    none = years(sweden, range(200), surge=Fraction(0))
    assert not none.surge.any()
    assert years(sweden, range(50), surge=Fraction(1)).surge.all()


def test_moved_ties_differ_in_nothing_else(sweden: Instance) -> None:
    homes = ("0127", "1480")
    plain = Drawer(sweden, ArrivalModel(), "0").years(range(100))
    moved = Drawer(sweden, ArrivalModel(), "0", AgencyHousing(homes, Fraction(3, 10))).years(range(100))
    assert (plain.size == moved.size).all()
    assert (plain.day == moved.day).all()
    assert ((plain.tie < 0) == (moved.tie < 0)).all()
    places = [[m.code for m in sweden.municipalities].index(c) for c in homes]
    other = plain.tie != moved.tie
    assert set(moved.tie[other]) <= set(places)
    fresh = (plain.tie >= 0) & ~np.isin(plain.tie, places)
    assert within(other[fresh].mean(), 0.3, 0.46, int(fresh.sum()))


def test_no_children_and_extremes(sweden: Instance) -> None:
    assert len(years(sweden, range(5), children=Fraction(0)).size) == 0
    tied = years(sweden, range(5), kinship=Fraction(1))
    assert (tied.tie >= 0).all()
    alone = years(sweden, range(5), kinship=Fraction(0), siblings=Siblings((1,)))
    assert (alone.tie < 0).all()
    assert (alone.size == 1).all()


def test_every_problem_at_once(sweden: Instance) -> None:
    with pytest.raises(InputError) as caught:
        ArrivalModel(spread=Fraction(3), surge=Fraction(2), season=(1,) * 11)
    assert [p.column for p in caught.value.problems] == ["spread", "surge", "season"]
    with pytest.raises(InputError) as caught:
        Drawer(sweden, ArrivalModel(), "0", AgencyHousing(("0180", "9999"), Fraction(2)))
    assert [p.column for p in caught.value.problems] == ["part", "codes"]
    nobody = load_instance("textbook")
    places = tuple(
        m.__class__(m.code, m.name, m.county_code, m.county, m.share) for m in nobody.municipalities
    )
    with pytest.raises(InputError, match="ties cannot be drawn"):
        Drawer(nobody.with_changes(municipalities=places), ArrivalModel(), "0")


def documented(name: str) -> int:
    """Number of children of a shipped year by its files: the forecast, or else the rows of children."""
    folder = instance_folder(name)
    known = tomllib.loads((folder / "instance.toml").read_text("utf-8"))
    with (folder / "children.csv").open(encoding="utf-8", newline="") as file:
        return known["forecast"] if "forecast" in known else len(list(csv.DictReader(file)))


@pytest.mark.parametrize("name", [n for n in shipped_instances() if n.startswith("sweden-20")])
def test_as_many_children_are_drawn_as_the_year_documents(name: str) -> None:
    """The number is settled before the year's own children are taken away."""
    expected = documented(name)
    simulation = make_simulation(load_instance(name), [IN_FORCE], ArrivalModel(surge=Fraction(0)))
    drawn = Drawer(simulation.instance, simulation.model, "0").years(range(400))
    assert expected > 0
    assert within(drawn.size.sum() / 400, expected, expected * 0.31, 400)


def test_an_outlook_draws_the_children_of_a_year_without_forecast() -> None:
    year = load_instance("sweden-2024")
    found = outlook(year, "0180", IN_FORCE, years=100, workers=1)
    assert found.model.mean_children(found.instance) == documented("sweden-2024")
    assert found.expectations[0].chances[0].mean < 0.05  # some 20 children in 2024


def test_where_nobody_knows_how_many_it_is_an_error(sweden: Instance) -> None:
    unknown = sweden.with_changes(forecast=None, children=())
    for ask in (
        lambda model: make_simulation(unknown, [IN_FORCE], model),
        lambda model: outlook(unknown, "0180", IN_FORCE, model=model, years=3, workers=1),
    ):
        with pytest.raises(InputError, match="how many children to draw is not known"):
            ask(None)
        ask(ArrivalModel(children=Fraction(9)))
