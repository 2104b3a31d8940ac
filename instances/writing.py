"""Instances as folders that read back as the same instance."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from fordela.instances.tables import write_table
from fordela.instances.targets import write_folder
from fordela.models.instance import Instance, Municipality
from fordela.models.units import UNITS_PER_MILLE, WHOLE, decimal_text, per_mille_text
from fordela.models.validation import (
    AGREEMENTS,
    AVAILABILITY,
    LAST_YEAR,
    PAIRS,
    PLACES,
    SYNTHETIC_WISHES,
    WISHES,
    decimals_of,
)

_MUNICIPALITY_COLUMNS = (
    "code", "name", "county_code", "county", "population", "share", "assigned_before", "capacity",
    "wants_more", "wants_less", "willing", "kin_weight", "lat", "lon", "stock", "synthetic",
)  # fmt: skip
_CHILD_COLUMNS = (
    "child", "case", "arrival", "kin_municipality", "age", "sex", "language", "needs",
)  # fmt: skip


def write_instance(instance: Instance, target: Path, *, force: bool = False) -> None:
    """Write an instance folder that reads back as the same instance (same hash).

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    write_folder(target, lambda folder: fill_instance(instance, folder), "instance", force=force)


def fill_instance(instance: Instance, folder: Path) -> None:
    """Write an instance's files into an existing folder."""
    import tomli_w

    (folder / "instance.toml").write_text(tomli_w.dumps(_head(instance)), encoding="utf-8")
    # Shares that do not sum keep their decimals, by which a reader knows what rounding explains.
    decimals = 2 if instance.units == WHOLE else decimals_of(instance.municipalities)
    # A column that nobody has a value of is left out, so that years without it stay as they were.
    stocks = any(m.stock is not None for m in instance.municipalities)
    write_table(
        folder / "municipalities.csv",
        [c for c in _MUNICIPALITY_COLUMNS if c != "stock" or stocks],
        (
            [*_cells(m, decimals), *([m.stock] if stocks else []), instance.unpublished]
            for m in instance.municipalities
        ),
    )
    housed = {None: None, True: "yes", False: "no"}
    optional: dict[str, list[int | str | None]] = {
        "stay": [c.stay for c in instance.children],
        "agency_accommodation": [housed[c.agency] for c in instance.children],
    }
    kept = {name: cells for name, cells in optional.items() if any(v is not None for v in cells)}
    write_table(
        folder / "children.csv",
        (*_CHILD_COLUMNS, *kept),
        (
            [c.child, c.case, c.arrival.isoformat(), c.tie, c.age, c.sex, c.language,
             ";".join(c.needs), *(cells[k] for cells in kept.values())]
            for k, c in enumerate(instance.children)
        ),
    )  # fmt: skip
    if instance.transfers:
        write_table(
            folder / "transfers.csv",
            ("from_code", "to_code", "share", "synthetic"),
            (
                [t.giver, t.receiver, per_mille_text(t.share),
                 "transfers" if "transfers" in instance.synthetic else ""]
                for t in instance.transfers
            ),
        )  # fmt: skip
    for name, header, rows in (*_dialogue(instance), *_placement(instance)):
        if rows:
            write_table(folder / name, header, rows)


def _dialogue(
    instance: Instance,
) -> Iterator[tuple[str, tuple[str, ...], list[list[object]]]]:
    """Name, header and rows of the tables that prepare a redistribution."""
    unpublished = "wishes" if "wishes" in instance.synthetic else ""
    of_answers = "" if SYNTHETIC_WISHES in instance.provenance else unpublished
    yield (
        WISHES,
        ("municipality", "direction", "share", "least", "partner", "status", "date", "note",
         "synthetic"),
        [
            [w.municipality, w.direction, per_mille_text(w.share),
             per_mille_text(w.least) if w.least else None, w.partner, w.status, w.date, w.note,
             of_answers if w.date else unpublished]
            for w in instance.wishes
        ],
    )  # fmt: skip
    yield PAIRS, ("from_code", "to_code"), [list(pair) for pair in instance.pairs]
    permits = any(a.sexes or (a.min_age, a.max_age) != (None, None) for a in instance.availability)
    yield (
        AVAILABILITY,
        ("municipality", "from", "to", "places", *(("sexes", "min_age", "max_age") if permits else ())),
        [
            [a.municipality, a.first, a.last, a.places,
             *([";".join(a.sexes), a.min_age, a.max_age] if permits else [])]
            for a in instance.availability
        ],
    )  # fmt: skip
    yield (
        LAST_YEAR,
        ("from_code", "to_code", "share"),
        [[t.giver, t.receiver, per_mille_text(t.share)] for t in instance.transfers_last_year],
    )


def _placement(
    instance: Instance,
) -> Iterator[tuple[str, tuple[str, ...], list[list[object]]]]:
    """Name, header and rows of the tables of placement."""
    unpublished = "homes" if "homes" in instance.synthetic else ""
    yield (
        PLACES,
        ("place", "municipality", "form", "places", "min_age", "max_age", "sexes", "languages",
         "competences", "from", "to", "group", "synthetic"),
        [
            [h.place, h.municipality, h.form, h.places, h.min_age, h.max_age, ";".join(h.sexes),
             ";".join(h.languages), ";".join(h.competences), h.first, h.last, h.group, unpublished]
            for h in instance.homes
        ],
    )  # fmt: skip
    agreed = "agreements" if "agreements" in instance.synthetic else ""
    yield (
        AGREEMENTS,
        ("responsible_code", "placing_code", "synthetic"),
        [[a.responsible, a.placing, agreed] for a in instance.agreements],
    )


def _cells(m: Municipality, decimals: int) -> list[object]:
    weight = None
    if m.kin_weight is not None:
        weight = _exact_decimal(m.kin_weight.numerator, m.kin_weight.denominator)
    return [
        m.code, m.name, m.county_code, m.county, m.population,
        decimal_text(Fraction(m.share, UNITS_PER_MILLE), decimals),
        m.assigned_before, m.capacity,
        None if m.wants_more is None else per_mille_text(m.wants_more),
        None if m.wants_less is None else per_mille_text(m.wants_less),
        m.willing or None, weight, m.latitude, m.longitude,
    ]  # fmt: skip


def _exact_decimal(numerator: int, denominator: int) -> str:
    """Write a fraction that came from a decimal back as that decimal."""
    from decimal import Decimal, localcontext

    with localcontext() as context:
        context.prec = 60
        return f"{(Decimal(numerator) / Decimal(denominator)).normalize():f}"


def _head(instance: Instance) -> dict[str, object]:
    head: dict[str, object] = {"format": 1, "name": instance.name, "title": instance.title}
    head |= {"programme": instance.programme, "year": instance.year}
    head["counting_since"] = instance.counting_since
    for key in ("forecast", "forecast_asylum"):
        value = getattr(instance, key)
        if value is not None:
            head[key] = value
    head |= {"shares_are": instance.shares_are, "synthetic": list(instance.synthetic)}
    if instance.confirmed:
        head["confirmed"] = list(instance.confirmed)
    head |= {"policy": instance.policy, "provenance": dict(instance.provenance)}
    return head
