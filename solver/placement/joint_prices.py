"""Prices of the levels of a joint placement: what the next level loses because one is held."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from fordela.models.formulation.linear_levels import linear_level
from fordela.models.placement.stack import is_allocation_level
from fordela.models.result import LevelResult, Status
from fordela.solver.placement.stage import (
    Climb,
    JointYear,
    Stage,
    StuckError,
    held_at,
    take_level,
    with_homes,
    worth,
)
from fordela.solver.pricing import contradiction, gain, sparing, with_prices


def priced(
    year: JointYear, climb: Climb, objective: tuple[LevelResult, ...]
) -> tuple[tuple[LevelResult, ...], bool]:
    """Add the price of each level where it is found in time; say whether the engine is believed."""
    year = replace(year, engine=replace(year.engine, limits=sparing(year.engine.limits)))

    def price_of(k: int, following: LevelResult) -> Fraction | None:
        year.engine.report(f"price of {objective[k].level}")
        return _price(year, climb, objective[k].level, following)

    return with_prices(objective, price_of)


def _price(year: JointYear, climb: Climb, here: str, following: LevelResult) -> Fraction | None:
    """What the next level loses because this one is held, None if that was not found in time."""
    assert isinstance(following.value, Fraction)
    if not is_allocation_level(following.level) and following.value == 0:
        return Fraction(0)
    stage = climb.before[here]
    if _is_constant(stage, here):
        return Fraction(0)
    if climb.first and here == "unplaced" and is_allocation_level(following.level):
        return Fraction(0)  # It is as good as without any homes.
    try:
        if climb.first and _comes_before(year, "unplaced", here) and stage.homes is None:
            stage = _with_unplaced_held(year, stage, climb)
        without = take_level(year, stage, following.level).done[-1]
    except StuckError as stuck:
        if stuck.infeasible:
            raise contradiction(following.level) from None
        return None
    if without.status is not Status.OPTIMAL or isinstance(without.value, tuple):
        return None
    return gain(following, without.value, without.tolerance)


def _comes_before(year: JointYear, first: str, second: str) -> bool:
    return first in year.levels and year.levels.index(first) < year.levels.index(second)


def _is_constant(stage: Stage, level: str) -> bool:
    """Whether no choice has any influence on a level, so that holding it costs nothing."""
    if is_allocation_level(level):
        linear = not level.startswith("deviation:")
        return linear and not linear_level(stage.allocation.fork(), level).terms
    return False


def _with_unplaced_held(year: JointYear, stage: Stage, climb: Climb) -> Stage:
    """Hold the homes that were taken after section 5 but stand before it in the stack."""
    stage = with_homes(year, stage)
    assert stage.apart is not None
    apart = stage.apart.placed(["unplaced"]).reached
    value = worth(climb.stage)["unplaced"]
    assert isinstance(value, Fraction)
    return held_at(stage, "unplaced", int(value) - (apart[-1].value if apart else 0))
