"""Homes where the municipalities are given: independent parts, each level by level, and prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from time import monotonic

from fordela.models.placement.problem import PlacementProblem
from fordela.models.result import LevelResult, Status
from fordela.solver.backends.base import Backend, Limits
from fordela.solver.placement.components import components
from fordela.solver.placement.housed import Choice
from fordela.solver.placement.lexicographic import Placed, Reached, added, place_problem
from fordela.solver.pricing import contradiction, gain, sparing, with_prices
from fordela.solver.workers import each, local_workers

#: Options above which parts of the country are placed on several processes.
_MUCH = 200_000
#: Seconds between words to the user.
_OFTEN = 0.2


@dataclass(frozen=True)
class Engine:
    """A backend with its limits, and what is told to the user on the way."""

    backend: Backend
    limits: Limits
    report: Callable[[str], None] = lambda _: None
    _told: list[float] = field(default_factory=list)

    def is_due(self) -> bool:
        """Whether it is time to tell the user something: not more than some times a second."""
        now = monotonic()
        if self._told and now - self._told[-1] < _OFTEN:
            return False
        self._told[:] = [now]
        return True


def place_parts(
    parts: Sequence[PlacementProblem], levels: Sequence[str], engine: Engine, word: str = "homes"
) -> Placed:
    """Place independent problems, the smallest first; their values add up.

    Each is given the part of the time left that its size is of what is left: what small ones do not
    need, large ones have. Without any choices, some part has none: for good (`infeasible`), or none
    was found in time.
    """
    done: list[Placed] = []
    choices: dict[str, Choice] = {}
    children, everybody = 0, sum(part.children for part in parts)
    for part, placed in each_part(parts, levels, engine):
        if not placed.reached:
            return placed
        children += part.children
        if engine.is_due():
            engine.report(f"{word}: {children} of {everybody} children")
        done.append(placed)
        choices.update(placed.choices)
    return Placed(choices, added(done, levels))


@dataclass(frozen=True)
class _Task:
    """A part with all that is needed to place it, wherever that is done.

    Attributes
    ----------
    size, left
        How much work it is, of how much that is left.
    """

    part: PlacementProblem
    levels: tuple[str, ...]
    backend: Backend
    limits: Limits
    size: int
    left: int

    def do(self) -> Placed:
        """Place it."""
        limits = self.limits.part(self.size, self.left)
        return place_problem(self.part, self.levels, self.backend, limits)


def each_part(
    parts: Sequence[PlacementProblem], levels: Sequence[str], engine: Engine
) -> Iterator[tuple[PlacementProblem, Placed]]:
    """Place independent problems, the smallest first, on processes where there is much to do."""
    parts = sorted(parts, key=lambda part: part.size)
    sizes = [part.size for part in parts]
    workers = workers_for(sum(sizes), engine.limits)
    tasks = [
        _Task(part, tuple(levels), engine.backend, engine.limits, size, left)
        for part, (size, left) in zip(parts, pieces(sizes, workers), strict=True)
    ]
    for task, placed in each(_Task.do, tasks, _lost, workers=workers):
        yield task.part, placed


def pieces(sizes: Sequence[int], workers: int) -> list[tuple[int, int]]:
    """How much of the time each piece of work may take, of how much there is left (`Limits.part`)."""
    left, found = sum(sizes), []
    for size in sizes:
        found.append((min(left, workers * size), left))
        left -= size
    return found


def workers_for(size: int, limits: Limits) -> int:
    """Processes for so much work: more than one only where it is worth to start them."""
    return local_workers(limits.workers) if size > _MUCH else 1


def _lost(task: _Task, _reason: str) -> Placed:
    """Fill homes without a program, for a part that was too large for a process."""
    return replace(task, limits=replace(task.limits, deadline=monotonic())).do()


def place_given(problem: PlacementProblem, levels: Sequence[str], engine: Engine) -> Placed:
    """Place cases whose municipalities are given."""
    return place_parts(components(problem), levels, engine)


def priced(
    problem: PlacementProblem, objective: tuple[LevelResult, ...], engine: Engine
) -> tuple[LevelResult, ...]:
    """Add the price of each level where it is found in time."""
    levels, parts = [o.level for o in objective], components(problem)
    brief = replace(engine, limits=sparing(engine.limits))

    def price_of(k: int, following: LevelResult) -> Fraction | None:
        if engine.limits.expired:
            return None
        if following.value == 0:
            return Fraction(0)
        other = (*levels[:k], following.level)
        without = place_parts(parts, other, brief, f"price of {levels[k]}")
        if without.infeasible:
            raise contradiction(following.level)
        if not without.reached or without.reached[-1].status is not Status.OPTIMAL:
            return None
        return gain(following, Fraction(without.reached[-1].value), 0.0)

    return with_prices(objective, price_of)[0]


def level_results(reached: Sequence[Reached]) -> tuple[LevelResult, ...]:
    """Levels as they are reported."""
    return tuple(
        LevelResult(r.level, Fraction(r.value), Fraction(r.bound), r.status, exact=r.exact)
        for r in reached
    )
