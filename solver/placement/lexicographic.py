"""One placement problem, level by level: a quick fill, and a program where that is not proven."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from fordela.models.formulation.placement import PlacementModel, build_placement
from fordela.models.placement.problem import PlacementProblem
from fordela.models.program import Linear
from fordela.models.result import Status
from fordela.solver.backends.base import Backend, Limits
from fordela.solver.bounds import best_bound
from fordela.solver.placement.housed import Choice, deal, fill, floor_of, total


@dataclass(frozen=True, slots=True)
class Reached:
    """A level's value and what is proven of it, given the levels before it."""

    level: str
    value: int
    bound: int
    status: Status
    exact: bool = False


@dataclass(frozen=True)
class Placed:
    """A choice for every case, with what it is worth; no choices where none are possible.

    Attributes
    ----------
    infeasible
        Whether it is proven that nothing satisfies the hard constraints.
    """

    choices: Mapping[str, Choice]
    reached: tuple[Reached, ...]
    infeasible: bool = False


def place_problem(
    problem: PlacementProblem, levels: Sequence[str], backend: Backend, limits: Limits
) -> Placed:
    """Place the cases of a problem whose municipalities are given, level by level.

    If every case can have its best home at once, that is proven without any program. Homes that are
    alike are told apart only where siblings do not fit into them.
    """
    filled = fill(problem, levels)
    floor = floor_of(problem, levels)
    kept = _kept(problem, filled)
    if kept and total(filled, levels) == floor:
        return Placed(filled, tuple(_exactly(x, v) for x, v in zip(levels, floor, strict=True)))
    known = floor if kept else ()
    while True:  # each time more homes are told apart; a home alone can hold what it has room for
        model = build_placement(problem)
        sure = _agreeing(total(filled, levels), known)
        reached, values, infeasible = climb(model, levels, sure, backend, limits)
        if infeasible:
            return Placed({}, (), infeasible=True)
        if values is None:
            break
        choices, broken = dealt(model, values)
        if not broken:
            return Placed(choices, reached)
        problem = problem.split(broken)
    if not kept:
        return Placed({}, ())
    return Placed(filled, _as_filled(problem, levels, total(filled, levels), reached))


def _kept(problem: PlacementProblem, choices: Mapping[str, Choice]) -> bool:
    """Whether a fill keeps the hard constraint that everybody has a home, where there is one."""
    return problem.soft or all(c.place is not None for c in choices.values())


def _agreeing(values: Sequence[int], floor: Sequence[int]) -> tuple[int, ...]:
    """Leading values that are at their floor, and so are proven."""
    sure = []
    for value, least in zip(values, floor, strict=False):
        if value != least:
            break
        sure.append(value)
    return tuple(sure)


def _exactly(level: str, value: int) -> Reached:
    return Reached(level, value, value, Status.OPTIMAL, exact=True)


def _as_filled(
    problem: PlacementProblem,
    levels: Sequence[str],
    values: Sequence[int],
    reached: Sequence[Reached],
) -> tuple[Reached, ...]:
    """What is known of a fill when the time ran out before a program's solution."""
    done = {r.level: r for r in reached}
    same, found = True, []
    for level, value in zip(levels, values, strict=True):
        bound = floor_of(problem, [level])[0]
        if same and level in done:
            bound = max(bound, done[level].bound)
        optimal = same and bound == value
        found.append(Reached(level, value, bound, Status.OPTIMAL if optimal else Status.FEASIBLE))
        same = same and optimal
    return tuple(found)


def climb(
    model: PlacementModel,
    levels: Sequence[str],
    sure: Sequence[int],
    backend: Backend,
    limits: Limits,
) -> tuple[tuple[Reached, ...], list[int] | None, bool]:
    """Optimise the levels one after the other, holding each.

    Parameters
    ----------
    sure
        Values of the first levels that are proven already.

    Returns
    -------
    tuple
        What was reached, the last solution, and whether there is proven to be none.
    """
    reached: list[Reached] = []
    values: list[int] | None = None
    for level, value in zip(levels, sure, strict=False):
        hold(model, model.levels[level], value)
        reached.append(_exactly(level, value))
    if len(reached) == len(levels):
        found = one_level(model, Linear(), backend, limits)
        return tuple(reached), found.values, found.infeasible
    proven = True
    for level in levels[len(sure) :]:
        objective = model.levels[level]
        if values is not None and not objective.whole(values):
            hold(model, objective, 0)
            reached.append(replace(_exactly(level, 0), status=_status(proven)))
            continue
        found = one_level(model, objective, backend, limits, values)
        if found.values is None and values is None:
            return tuple(reached), None, found.infeasible
        values = values if found.values is None else found.values
        assert values is not None
        value = objective.whole(values)
        bound = max(0, min(found.bound, value))
        proven = proven and bound == value
        reached.append(Reached(level, value, bound, _status(proven), found.exact))
        hold(model, objective, value)
    return tuple(reached), values, False


def _status(proven: bool) -> Status:
    return Status.OPTIMAL if proven else Status.FEASIBLE


@dataclass(frozen=True, slots=True)
class OneLevel:
    """What a backend said of one level."""

    values: list[int] | None
    bound: int
    infeasible: bool = False
    exact: bool = False


def one_level(
    model: PlacementModel,
    objective: Linear,
    backend: Backend,
    limits: Limits,
    start: Sequence[int] | None = None,
) -> OneLevel:
    """Minimise a level of whole numbers, none of which is below 0."""
    if limits.expired:
        return OneLevel(None, 0)
    answer = backend.solve(model.builder.program(objective), limits, start)
    if answer.values is None:
        return OneLevel(None, 0, infeasible=answer.status is Status.INFEASIBLE)
    value = objective.whole(answer.values)
    bound = best_bound(answer, Fraction(value), Fraction(1))
    least = 0 if bound is None else int(bound)
    if answer.status is Status.OPTIMAL:
        least = value
    return OneLevel(answer.values, least, exact=value == 0)


def hold(model: PlacementModel, objective: Linear, value: int) -> None:
    """Keep a level at a value."""
    if objective.terms:
        model.builder.require(objective, upper=value)


def dealt(model: PlacementModel, values: Sequence[int]) -> tuple[dict[str, Choice], set[int]]:
    """Turn a solution into a home for every case; also groups whose homes must be told apart."""
    counts = {key: x.whole(values) for key, x in model.placed.items()}
    adrift: dict[int, list[int]] = defaultdict(list)
    for (size, j), count in model.adrift.items():
        adrift[size] += [j] * count.whole(values)
    return deal(model.problem, counts, adrift)


def added(parts: Sequence[Placed], levels: Sequence[str]) -> tuple[Reached, ...]:
    """Sum of independent problems: levels add up, so each part is optimised on its own."""
    together = []
    proven = True
    for k, level in enumerate(levels):
        here = [part.reached[k] for part in parts]
        optimal = all(r.status is Status.OPTIMAL for r in here)
        proven = proven and optimal
        together.append(
            Reached(
                level,
                sum(r.value for r in here),
                sum(r.bound for r in here),
                Status.OPTIMAL if proven else Status.FEASIBLE,
                all(r.exact for r in here),
            )
        )
    return tuple(together)
