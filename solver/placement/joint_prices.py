"""Prices of the levels of a joint placement: what the next level loses because one is held."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from fordela.models.errors import InconsistencyError
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


def priced(
    year: JointYear, climb: Climb, objective: tuple[LevelResult, ...]
) -> tuple[LevelResult, ...]:
    """Add the price of each level where it is found in time."""
    made = list(objective)
    for k, (here, following) in enumerate(pairwise(objective)):
        if following.status is not Status.OPTIMAL or isinstance(following.value, tuple):
            continue
        year.engine.report(f"price of {here.level}")
        price = _price(year, climb, here, following)
        made[k] = replace(here, price=price)
    return tuple(made)


def _price(year: JointYear, climb: Climb, here: LevelResult, following: LevelResult) -> Fraction | None:
    """What the next level loses because this one is held, None if that was not found in time."""
    assert isinstance(following.value, Fraction)
    if not is_allocation_level(following.level) and following.value == 0:
        return Fraction(0)
    stage = climb.before[here.level]
    if _is_constant(stage, here.level):
        return Fraction(0)
    if climb.first and here.level == "unplaced" and is_allocation_level(following.level):
        return Fraction(0)  # It is as good as without any homes.
    try:
        if climb.first and _comes_before(year, "unplaced", here.level) and stage.homes is None:
            stage = _with_unplaced_held(year, stage, climb)
        without = take_level(year, stage, following.level).done[-1]
    except StuckError:
        return None
    if without.status is not Status.OPTIMAL or isinstance(without.value, tuple):
        return None
    price = following.value - without.value
    if price < -Fraction(following.tolerance + without.tolerance):
        raise InconsistencyError(
            f"{following.level} is better with {here.level} held than without; please report this"
        )
    return max(Fraction(0), price)


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
