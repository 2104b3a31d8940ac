"""Outlooks against the engine, year by year; deals that cannot be made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import load_policy
from fordela.instances.random_years import ArrivalModel, Drawer
from fordela.models.allocation import count
from fordela.models.errors import InputError
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import IN_FORCE, Policy
from fordela.solver.engine import run_rule
from fordela.solver.simulation.deal import deal
from fordela.solver.simulation.outlook import outlook

MODEL = ArrivalModel(children=Fraction(20), surge=Fraction(0))
YEARS = 60


@pytest.fixture(scope="module")
def year() -> Instance:
    return load_instance("textbook").with_changes(transfers=())


def played(
    year: Instance, policy: Policy, transfers: tuple[Transfer, ...], code: str
) -> list[tuple[int, int, int, int]]:
    """Total, equalising, on transferred share, and days, year by year with the engine."""
    k = [m.code for m in year.municipalities].index(code)
    found = []
    for number, drawn in enumerate(Drawer(year, MODEL, "0").instances(range(YEARS))):
        run = run_rule(drawn, policy, transfers, number)
        counts = count(drawn, policy, run.allocation.assignments)
        here = {a.child for a in run.allocation.assignments if a.bearer == code}
        days = sum(
            (date(year.year, 12, 31) - c.arrival).days + 1 for c in drawn.children if c.child in here
        )
        transferred = counts.on_transferred_share[k]
        found.append((counts.total[k], counts.equalising[k], transferred, days))
    return found


@pytest.mark.parametrize("rule", ["lowest-fulfilment", "projected"])
def test_expectations_are_the_years_of_the_engine(year: Instance, rule: str) -> None:
    policy = IN_FORCE.with_changes(rule=rule)
    ready = year.with_changes(forecast=20)
    found = outlook(
        ready, "0001", policy, takes=5000, partners=["0002"], model=MODEL, years=YEARS, workers=1
    )
    assert found.transfers == (Transfer("0002", "0001", 5000),)
    means = {}
    for e in found.expectations:
        changed = policy.with_changes(mechanism=e.mechanism)
        years = played(ready, changed, found.transfers if e.deal else (), "0001")
        totals = [t for t, *_ in years]
        assert e.total.mean == pytest.approx(sum(totals) / YEARS)
        assert e.kinds["equalising"].mean == pytest.approx(sum(q for _, q, *_ in years) / YEARS)
        transferred = e.kinds["on_transferred_share"].mean
        assert transferred == pytest.approx(sum(t for _, _, t, _ in years) / YEARS)
        counted = [sum(f(t) for t in totals) / YEARS for f in (
            lambda t: t == 0, lambda t: t == 1, lambda t: t in (2, 3), lambda t: t > 3,
        )]  # fmt: skip
        assert [c.mean for c in e.chances] == pytest.approx(counted)
        means[e.deal, e.mechanism] = e.total.mean
        # 500,000 + 9,450 for every forecast child of the share + 52,000 for every assigned child.
        share = ready.by_code["0001"].share + (5000 if e.deal else 0)
        expected = (2 * share * (ready.forecast_asylum or 0) + 100_000) // 200_000
        assert e.variable == expected * 9450
        paid = 500_000 + e.variable + 52_000 * e.total.mean + e.daily.mean
        assert e.compensation.mean == pytest.approx(paid)
        # 1,000 for every day from arrival to 31 December.
        assert e.daily.mean == pytest.approx(1000 * sum(d for *_, d in years) / YEARS)
    for mechanism, difference in found.difference.items():
        gain = means[True, mechanism] - means[False, mechanism]
        assert difference.mean == pytest.approx(gain)


def test_more_share_brings_more_children() -> None:
    sweden = load_instance("sweden-2026")
    found = outlook(sweden, "0880", IN_FORCE, takes=300, years=400)
    assert all(d.mean > 0 for d in found.difference.values())
    less = outlook(sweden, "0860", IN_FORCE, gives=100, years=400)
    assert all(d.mean <= 0 for d in less.difference.values())


def test_partners_come_by_wish_and_then_by_size(year: Instance) -> None:
    counties = {m.county_code for m in year.municipalities}
    one = tuple(replace(m, county_code="01", county="A") for m in year.municipalities)
    together = year.with_changes(municipalities=one)
    assert counties
    # Shares 400, 300, 200 and 100 ‰: the largest other one hands its share.
    assert deal(together, (), "0004", takes=35_000) == (Transfer("0001", "0004", 35_000),)
    assert deal(together, (), "0004", takes=45_000) == (
        Transfer("0001", "0004", 40_000),
        Transfer("0002", "0004", 5_000),
    )
    wishing = (*one[:2], replace(one[2], wants_less=5_000), one[3])
    asked = year.with_changes(municipalities=wishing)
    assert deal(asked, (), "0004", takes=1_000) == (Transfer("0003", "0004", 1_000),)
    assert deal(together, (), "0004", gives=1_000) == (Transfer("0004", "0001", 1_000),)


def test_deals_that_cannot_be_made(year: Instance) -> None:
    stands = (Transfer("0001", "0002", 1_000),)
    for changes, message in (
        ({"takes": 100, "code": "0001"}, "hands share away already"),
        ({"gives": 100, "code": "0002"}, "has received shares"),
        ({"gives": 90_000, "code": "0003"}, "more than the 200.00 ‰ that it has left"),
        ({"takes": 100, "code": "0003", "partners": ["0001"]}, "only 0.00 ‰ can be had from them"),
        ({"gives": 100, "code": "0003", "partners": ["0001"]}, "nobody among the partners"),
        ({"takes": 100, "code": "0003", "partners": ["0003"]}, "the one that deals"),
        ({"takes": 1, "gives": 1, "code": "0003"}, "say --takes or --gives"),
    ):
        with pytest.raises(InputError, match=message):
            deal(year, stands, **changes)  # type: ignore[arg-type]


def test_what_has_no_outlook(year: Instance) -> None:
    with pytest.raises(InputError, match="no such municipality"):
        outlook(year, "9999", IN_FORCE)
    with pytest.raises(InputError, match="no rule to expect anything from"):
        outlook(year, "0001", load_policy("optimal"))
    hungry = IN_FORCE.with_changes(rule="projected")
    with pytest.raises(InputError, match="forecast"):
        outlook(year.with_changes(forecast=None), "0001", hungry, years=3, workers=1)
