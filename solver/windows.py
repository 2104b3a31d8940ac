"""Convex levels: search windows of amounts, widened until they provably hold an optimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

from fordela.models.program import Linear
from fordela.models.result import Status
from fordela.solver.backends.base import Answer
from fordela.solver.bounds import is_settled, lower_bound, rounding

M = TypeVar("M")


@dataclass(frozen=True)
class Attempt(Generic[M]):
    """A program restricted to windows.

    Attributes
    ----------
    model
        The program.
    objective
        Distance from the exact bound.
    everything
        Whether the windows leave nothing out.
    """

    model: M
    objective: Linear
    everything: bool


@dataclass(frozen=True)
class Windowed(Generic[M]):
    """What a search over windows found; ``model`` and ``objective`` are of the last windows."""

    status: Status
    bound: Fraction
    model: M | None = None
    objective: Linear | None = None
    values: list[int] | None = None
    value: Fraction | None = None
    tolerance: float = 0.0


def search_windows(
    attempt: Callable[[Fraction], Attempt[M]],
    solve: Callable[[M, Linear], Answer],
    value_of: Callable[[list[int]], Fraction],
    bound: Fraction,
    excess: Fraction,
    rise: Callable[[], Fraction],
) -> Windowed[M]:
    """Search windows of amounts whose reduced cost is at most ``excess``.

    Outside them everything costs more than ``bound + excess``: an optimum within is one of the whole.

    Parameters
    ----------
    attempt
        Builds the program for an excess.
    solve
        Minimises an objective on a program.
    value_of
        Exact value of a solution.
    bound
        Exact bound of the relaxation.
    excess, rise
        First excess, and a first guess above 0.
    """
    best: tuple[Fraction, list[int]] | None = None
    # The excess rises each time, at least fourfold or to a value that was found, and counts are finite:
    # either an answer lies within, or the windows leave nothing out.
    while True:
        tried = attempt(excess)
        answer = solve(tried.model, tried.objective)
        if answer.status is Status.INFEASIBLE:
            if tried.everything:
                return Windowed(Status.INFEASIBLE, bound)
            excess = max(4 * excess, rise())
            continue
        if answer.values is not None:
            value = value_of(answer.values)
            if best is None or value <= best[0]:
                best = (value, answer.values)
            outside = value - bound > excess and not tried.everything
            if answer.status is Status.OPTIMAL and outside:
                excess = value - bound
                continue
        break
    inside = lower_bound(answer.bound)
    proven = bound
    if inside is not None:
        reach = inside if tried.everything else min(inside, excess)
        proven += max(reach, Fraction(0))
    if best is None:
        return Windowed(answer.status, proven)
    value, values = best
    proven = min(proven, value)
    tolerance = answer.tolerance + rounding(proven)
    settled = answer.status is Status.OPTIMAL and is_settled(value, proven, tolerance)
    status = Status.OPTIMAL if settled or value == bound else Status.FEASIBLE
    return Windowed(status, proven, tried.model, tried.objective, values, value, tolerance)
