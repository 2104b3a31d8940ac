"""All shipped instances in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from fordela.instances.arrivals import Siblings
from fordela.instances.generator import KINSHIP_2025, draw_children
from fordela.instances.random_homes import with_random_homes
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.solver.shipped.fit_2025 import fitted_2025
from fordela.solver.shipped.wishes import national_patterns, wishes_2026
from fordela.solver.shipped.years import swedish_years

#: Unaccompanied children who sought asylum in 2015 (SCB).
SURGE = 35_369


def shipped_instances() -> Iterator[Instance]:
    """Make every shipped instance."""
    for instance in swedish_years():
        yield wishes_2026(instance) if instance.year == 2026 else instance
        if instance.year == 2025:
            yield fitted_2025(instance)
        if instance.year == 2026:
            yield surge(instance)
            yield places_2026(wishes_2026(instance))
            yield from national_patterns(instance)
    yield textbook()


def places_2026(instance: Instance) -> Instance:
    """Add homes to 2026: how many of each form is published, everything else is drawn."""
    return with_random_homes(instance, seed=2026).with_changes(
        name="sweden-2026-places",
        title="Unaccompanied children in Sweden, 2026, with generated homes",
    )


def surge(instance: Instance) -> Instance:
    """Make a year like 2015: as many children as then, all else as in the given year."""
    return instance.with_changes(
        name="sweden-surge",
        title="A surge: 35,369 children in one year, as in 2015",
        children=draw_children(
            Random(SURGE), instance.year, instance.municipalities, SURGE, KINSHIP_2025, Siblings()
        ),
        provenance={
            **instance.provenance,
            "number of children": "SCB: unaccompanied children who sought asylum in 2015",
        },
    )


def textbook() -> Instance:
    """Make the year that the documentation works out by hand; everything in it is invented."""
    towns = (
        ("0001", "Ask", "01", "Nordlän", 400, 40, "59.00", "15.00"),
        ("0002", "Bok", "01", "Nordlän", 300, 33, "59.50", "15.50"),
        ("0003", "Ceder", "02", "Sydlän", 200, 17, "57.00", "14.00"),
        ("0004", "Ek", "02", "Sydlän", 100, 10, "57.50", "14.50"),
    )
    municipalities = tuple(
        Municipality(
            code, name, county_code, county, 100 * share, population=1000 * share,
            assigned_before=before, latitude=Decimal(lat), longitude=Decimal(lon),
        )
        for code, name, county_code, county, share, before, lat, lon in towns
    )  # fmt: skip
    cases = ((1, None), (2, None), (1, "0002"), (1, None), (1, "0004"), (2, None))
    children = tuple(
        Child(f"{'abcdef'[k]}{i + 1}", "abcdef"[k], date(2025, 2 * k + 1, 1), tie)
        for k, (size, tie) in enumerate(cases)
        for i in range(size)
    )
    return Instance(
        name="textbook",
        title="Four invented municipalities and eight children, worked out by hand in the docs",
        year=2025,
        municipalities=municipalities,
        children=children,
        transfers=(Transfer("0003", "0004", 100 * 100),),
        forecast=8,
        forecast_asylum=8,
        synthetic=("everything",),
        provenance={"everything": "invented for docs/textbook.md"},
    )
