"""Exact values of a level at whole counts, so that no float a backend printed is ever reported."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from fordela.models.allocation import over_capacity, targets, willing_met
from fordela.models.formulation.linear_levels import linear_level
from fordela.models.formulation.model import AllocationModel
from fordela.models.holdings import imbalance
from fordela.models.norms import Value, norm_value


def credited(model: AllocationModel, values: Sequence[int]) -> list[int]:
    """Credited children of every municipality at a solution."""
    return [f + e.whole(values) for f, e in zip(model.fixed, model.extra, strict=True)]


def evaluate(model: AllocationModel, level: str, values: Sequence[int]) -> Value:
    """Evaluate a level exactly at the whole values of a solution."""
    if level.startswith("deviation:"):
        goal = targets(model.instance, model.policy)
        return norm_value(level.removeprefix("deviation:"), credited(model, values), goal)
    borne = [b.whole(values) for b in model.borne]
    if level == "over-capacity":
        kinship = [k.whole(values) for k in model.kinship]
        return Fraction(over_capacity(model.instance, kinship, borne))
    if level == "willing":
        return Fraction(-willing_met(model.instance, borne))
    if level == "bearer-balance":
        return imbalance(model.ledger, [o.whole(values) for o in model.owned], borne)
    return Fraction(linear_level(model, level).whole(values))
