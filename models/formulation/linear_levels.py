"""Levels of the stack that are linear in the counts (model, section 5), each minimised."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import lcm

from fordela.models.formulation.case_types import CaseType, Pattern
from fordela.models.formulation.model import AllocationModel, excess_rows
from fordela.models.geo import kilometres
from fordela.models.levels import WHOLE_LEVELS
from fordela.models.program import Domain, Linear


def linear_level(model: AllocationModel, level: str) -> Linear:
    """Express a level, adding what it needs to the program."""
    return _LEVELS[level](model)


def step_of(model: AllocationModel, level: str) -> Fraction:
    """What every value of a level is a multiple of: a child, or a part of one where shares weigh."""
    if level in WHOLE_LEVELS:
        return Fraction(1)
    ledger = model.ledger
    parts = [
        Fraction(units, ledger.share[i])
        for j in range(len(ledger.share))
        for i, units in [*ledger.received[j], *([(j, ledger.kept[j])] if ledger.share[j] else [])]
    ]
    return Fraction(1, lcm(*(part.denominator for part in parts)))


def _by_pattern(model: AllocationModel, weight: Callable[[CaseType, Pattern], int]) -> Linear:
    return Linear.of(*((weight(kind, way), count) for (kind, way), count in model.treated.items()))


def _unplaced(model: AllocationModel) -> Linear:
    return _by_pattern(model, lambda _, way: way.unplaced)


def _kinship_broken(model: AllocationModel) -> Linear:
    return _by_pattern(
        model,
        lambda kind, way: kind.size - way.kept - way.unplaced if kind.tie >= 0 else 0,
    )


def _siblings_split(model: AllocationModel) -> Linear:
    return _by_pattern(model, lambda _, way: way.splits)


def _moves(model: AllocationModel) -> Linear:
    return _by_pattern(model, lambda kind, way: kind.size - way.kept - way.stayed)


def _over_capacity(model: AllocationModel) -> Linear:
    most = sum(kind.size * number for kind, number in model.types.items())
    total = []
    for k in range(len(model.borne)):
        rows = excess_rows(model, k)
        if rows:
            excess = model.builder.variable(0, most, Domain.IMPLIED)
            total.append((1, excess))
            for row in rows:
                model.builder.require(Linear.of((1, row), (-1, excess)), upper=0)
    return Linear.of(*total)


def _willing(model: AllocationModel) -> Linear:
    total = []
    for borne, places in zip(model.borne, model.instance.willing_places, strict=True):
        if places and borne.terms:
            met = model.builder.variable(0, places, Domain.IMPLIED)
            model.builder.require(Linear.of((1, met), (-1, borne)), upper=0)
            total.append((-1, met))
    return Linear.of(*total)


def _distance(model: AllocationModel) -> Linear:
    m = model.instance.municipalities
    if model.credits:
        children = [(1, i, j, count) for (i, j), count in model.credits.items()]
    else:
        children = [(size, i, j, count) for (size, i, j), count in model.borne_parts.items()]
    return Linear.of(
        *((size * kilometres(m[i], m[j]), count) for size, i, j, count in children if i != j)
    )


def _bearer_balance(model: AllocationModel) -> Linear:
    ledger = model.ledger
    most = sum(kind.size * number for kind, number in model.types.items())
    total = []
    for j, share in enumerate(ledger.share):
        if not ledger.received[j] and not ledger.given[j]:
            continue  # bears exactly what it owns
        due = [(Fraction(units, ledger.share[i]), model.owned[i]) for i, units in ledger.received[j]]
        if share:
            due.append((Fraction(ledger.kept[j], share), model.owned[j]))
        gap = Linear.of((1, model.borne[j]), *((-part, owned) for part, owned in due))
        size = model.builder.variable(0, most, Domain.REAL)
        model.builder.require(Linear.of((1, gap), (-1, size)), upper=0)
        model.builder.require(Linear.of((1, gap), (1, size)), lower=0)
        total.append((1, size))
    return Linear.of(*total)


_LEVELS: dict[str, Callable[[AllocationModel], Linear]] = {
    "unplaced": _unplaced,
    "kinship-broken": _kinship_broken,
    "siblings-split": _siblings_split,
    "over-capacity": _over_capacity,
    "bearer-balance": _bearer_balance,
    "willing": _willing,
    "distance": _distance,
    "moves": _moves,
}
