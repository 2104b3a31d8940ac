"""Homes where the municipalities are given: independent parts, each level by level, and prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.placement.problem import PlacementProblem
from fordela.models.result import LevelResult, Status
from fordela.solver.backends.base import Backend, Limits
from fordela.solver.placement.components import components
from fordela.solver.placement.housed import Choice
from fordela.solver.placement.lexicographic import Placed, Reached, added, place_problem


@dataclass(frozen=True)
class Engine:
    """A backend with its limits, and what is told to the user on the way."""

    backend: Backend
    limits: Limits
    report: Callable[[str], None] = lambda _: None


def place_parts(
    parts: Sequence[PlacementProblem], levels: Sequence[str], engine: Engine, word: str = "homes"
) -> Placed:
    """Place independent problems; their values add up.

    Without any choices, some part has none: for good (`infeasible`), or none was found in time.
    """
    done: list[Placed] = []
    choices: dict[str, Choice] = {}
    for number, part in enumerate(parts):
        if number % 20 == 0:
            engine.report(f"{word}: {number} of {len(parts)} groups of municipalities")
        placed = place_problem(part, levels, engine.backend, engine.limits)
        if not placed.reached:
            return placed
        done.append(placed)
        choices.update(placed.choices)
    return Placed(choices, added(done, levels))


def place_given(problem: PlacementProblem, levels: Sequence[str], engine: Engine) -> Placed:
    """Place cases whose municipalities are given."""
    return place_parts(components(problem), levels, engine)


def prices(
    problem: PlacementProblem, placed: Placed, levels: Sequence[str], engine: Engine
) -> dict[str, Fraction]:
    """Price of each level where it is known: what the next one loses because this one is held."""
    found: dict[str, Fraction] = {}
    parts = components(problem)
    for k, level in enumerate(levels[:-1]):
        following = placed.reached[k + 1]
        if following.status is not Status.OPTIMAL or engine.limits.expired:
            continue
        if following.value == 0:
            found[level] = Fraction(0)
            continue
        other = (*levels[:k], levels[k + 1])
        without = place_parts(parts, other, engine, f"price of {level}")
        if without.reached and without.reached[-1].status is Status.OPTIMAL:
            found[level] = Fraction(following.value - without.reached[-1].value)
    return found


def level_results(
    reached: Sequence[Reached], priced: Mapping[str, Fraction]
) -> tuple[LevelResult, ...]:
    """Levels as they are reported."""
    return tuple(
        LevelResult(
            r.level, Fraction(r.value), Fraction(r.bound), r.status, priced.get(r.level), r.exact
        )
        for r in reached
    )
