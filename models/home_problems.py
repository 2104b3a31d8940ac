"""What makes homes, agreements and stays valid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from fordela.models.errors import Problem
from fordela.models.homes import FORMS, GROUPS, Agreement, Home
from fordela.models.validation import (
    AGREEMENTS,
    LARGEST,
    MUNICIPALITIES,
    PLACES,
    RowNumbers,
    near_codes,
)

if TYPE_CHECKING:
    from fordela.models.instance import Instance

_ADULT = 21


def placement_problems(
    homes: Sequence[Home], agreements: Sequence[Agreement], known: set[str], rows: RowNumbers
) -> Iterable[Problem]:
    """Problems with both tables of placement."""
    yield from home_problems(homes, known, rows)
    yield from agreement_problems(agreements, known, rows)


def home_problems(homes: Sequence[Home], known: set[str], rows: RowNumbers) -> Iterable[Problem]:
    """Problems with the table of homes."""
    seen: dict[str, int] = {}
    for index, home in enumerate(homes):
        row = rows(PLACES, index)
        if not home.place.strip():
            yield Problem(PLACES, "must not be blank", row, "place", "")
        if home.place in seen:
            message = f"is already in row {seen[home.place]}; each home has one row"
            yield Problem(PLACES, message, row, "place", home.place)
        seen.setdefault(home.place, row)
        if home.municipality not in known:
            hint = near_codes(home.municipality, known)
            message = f"no such municipality in {MUNICIPALITIES}{hint}"
            yield Problem(PLACES, message, row, "municipality", home.municipality)
        if home.form not in FORMS:
            yield Problem(PLACES, f"allowed are {', '.join(FORMS)}", row, "form", home.form)
        if not 0 <= home.places <= LARGEST:
            yield Problem(PLACES, f"must be from 0 to {LARGEST:,}", row, "places", str(home.places))
        yield from permit_problems(PLACES, row, home.min_age, home.max_age, home.sexes)
        if home.first and home.last and home.first > home.last:
            message = f"is before the first day, {home.first}"
            yield Problem(PLACES, message, row, "to", home.last.isoformat())
        if home.group and home.group not in GROUPS:
            yield Problem(PLACES, f"allowed are {', '.join(GROUPS)}", row, "group", home.group)


def agreement_problems(
    agreements: Sequence[Agreement], known: set[str], rows: RowNumbers
) -> Iterable[Problem]:
    """Problems with the table of agreements."""
    seen: dict[Agreement, int] = {}
    for index, agreement in enumerate(agreements):
        row = rows(AGREEMENTS, index)
        for column, code in (
            ("responsible_code", agreement.responsible), ("placing_code", agreement.placing),
        ):  # fmt: skip
            if code not in known:
                message = f"no such municipality in {MUNICIPALITIES}{near_codes(code, known)}"
                yield Problem(AGREEMENTS, message, row, column, code)
        if agreement.responsible == agreement.placing:
            message = "needs no agreement with itself"
            yield Problem(AGREEMENTS, message, row, "placing_code", agreement.placing)
        if agreement in seen:
            message = f"the pair is already in row {seen[agreement]}"
            yield Problem(AGREEMENTS, message, row, "placing_code", agreement.placing)
        seen.setdefault(agreement, row)


def instance_placement_problems(instance: Instance, rows: RowNumbers) -> Iterable[Problem]:
    """Problems with the tables of placement of an instance."""
    yield from placement_problems(
        instance.homes, instance.agreements, {m.code for m in instance.municipalities}, rows
    )


def permit_problems(
    file: str, row: int, low: int | None, high: int | None, sexes: Sequence[str]
) -> Iterable[Problem]:
    """Problems with the ages and sexes that a permit names."""
    for column, age in (("min_age", low), ("max_age", high)):
        if age is not None and not 0 <= age <= _ADULT:
            yield Problem(file, f"must be between 0 and {_ADULT} years", row, column, str(age))
    if low is not None and high is not None and low > high:
        yield Problem(file, f"is below min_age, {low}", row, "max_age", str(high))
    if set(sexes) - {"f", "m"}:
        yield Problem(file, "must be f, m, f;m or blank", row, "sexes", ";".join(sexes))
