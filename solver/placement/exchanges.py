"""Homes for a large year, some municipalities at a time, whose cases without a tie may change places.

Every municipality keeps its numbers of cases by size, so what is held of the shares stays as it is.
Each round puts other municipalities together, and keeps what came out better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from fordela.models.formulation.placement import Borne, PlacementModel, build_placement
from fordela.models.instance import Case
from fordela.models.placement.problem import PlacementProblem, Reach, placement_problem
from fordela.models.placement.stack import weighed
from fordela.models.program import Linear, ProgramBuilder
from fordela.solver.backends.base import Backend, Limits
from fordela.solver.placement.components import components, part_of
from fordela.solver.placement.given import Engine, pieces, place_given, workers_for
from fordela.solver.placement.housed import Choice, total
from fordela.solver.placement.lexicographic import dealt
from fordela.solver.placement.stage import StuckError
from fordela.solver.workers import each

#: How much more a level weighs than the next one.
_WEIGHT = 1_000
#: Options of municipalities that are placed together.
_TOGETHER = 40_000
#: Rounds without a time limit.
_ROUNDS = 3
#: Seconds below which no other round is begun.
_LEAST = 15.0


def place_with_exchanges(
    reach: Reach,
    cases: Sequence[Case],
    where: Mapping[str, int],
    levels: Sequence[str],
    engine: Engine,
    known: Mapping[str, Choice] | None = None,
) -> dict[str, Choice]:
    """Place everybody, beginning with the municipalities that cases were sent to.

    Parameters
    ----------
    known
        Homes in those municipalities that are known already: only what is better takes their place.

    Raises
    ------
    StuckError
        If everybody must have a home, and not everybody was given one.
    """
    choices = dict(known or {})
    if engine.limits.expired:
        return choices or _one_by_one(reach, cases, where, levels, engine)
    where, number = dict(where), 0
    # What is kept is better in the order of the levels, and these are whole numbers of 0 or more.
    while number < _ROUNDS or engine.limits.deadline is not None:
        if number and (engine.limits.seconds_left or _LEAST) < _LEAST:
            break
        better = False
        for cluster, found in _round(reach, cases, where, levels, engine, number):
            inside = cluster.problem.cases
            before = {case.case: choices[case.case] for case in inside if case.case in choices}
            if found is None and not before:
                found = _one_by_one(reach, inside, where, levels, engine)
            if found is not None and (not before or total(found, levels) < total(before, levels)):
                better = better or bool(before)
                choices |= found
        where |= {case: choice.responsible for case, choice in choices.items()}
        if number and not better:
            break
        number += 1
    return choices


@dataclass(frozen=True)
class _Cluster:
    """Municipalities that are placed together, with all that is needed to do it anywhere.

    Attributes
    ----------
    borne
        Cases without a tie by size and municipality; none where these do not change places.
    size, left
        How much work it is, of how much that is left.
    """

    problem: PlacementProblem
    borne: Mapping[tuple[int, int], int]
    levels: tuple[str, ...]
    backend: Backend
    limits: Limits
    size: int
    left: int

    def do(self) -> dict[str, Choice] | None:
        """Place them; None if nothing was found in time."""
        problem, limits = self.problem, self.limits.part(self.size, self.left)
        while True:  # each time more homes are told apart (`deal`)
            borne: Borne = {pair: Linear({}, number) for pair, number in self.borne.items()}
            model = build_placement(problem, ProgramBuilder(), borne or None)
            program = model.builder.program(_weighted(model, weighed(self.levels)))
            values = self.backend.solve(program, limits).values
            if values is None:
                return None
            choices, broken = dealt(model, values)
            if not broken:
                return choices
            problem = problem.split(broken)


def _weighted(model: PlacementModel, levels: Sequence[str]) -> Linear:
    order = list(reversed(levels))
    return Linear.of(*((_WEIGHT**k, model.levels[level]) for k, level in enumerate(order)))


def _round(
    reach: Reach,
    cases: Sequence[Case],
    where: Mapping[str, int],
    levels: Sequence[str],
    engine: Engine,
    number: int,
) -> Iterator[tuple[_Cluster, dict[str, Choice] | None]]:
    """Put municipalities together and place them, the largest first."""
    clusters = _clusters(reach, cases, where, number)
    sizes = [problem.size for problem, _ in clusters]
    workers = workers_for(sum(sizes), engine.limits)
    limits = replace(engine.limits, rough=True)
    tasks = [
        _Cluster(problem, borne, tuple(levels), engine.backend, limits, size, left)
        for (problem, borne), (size, left) in zip(clusters, pieces(sizes, workers), strict=True)
    ]
    done, everybody = 0, sum(case.size for case in cases)
    for cluster, found in each(_Cluster.do, tasks, lambda *_: None, workers=workers):
        done += cluster.problem.children
        if engine.is_due():
            engine.report(f"homes, round {number + 1}: {done} of {everybody} children")
        yield cluster, found


def _clusters(
    reach: Reach, cases: Sequence[Case], where: Mapping[str, int], number: int
) -> list[tuple[PlacementProblem, Mapping[tuple[int, int], int]]]:
    """What is placed together, by its number of options, falling; with cases as in `_Cluster.borne`."""
    parts = components(placement_problem(reach, cases, where))
    Random(number).shuffle(parts)
    bins: list[list[PlacementProblem]] = [[]]
    for part in parts:
        if part.size > _TOGETHER:
            if number == 0:
                bins.insert(0, [part])
            continue
        if sum(p.size for p in bins[-1]) * (1 + len(bins[-1]) // 4) > _TOGETHER // 2:
            bins.append([])
        bins[-1].append(part)
    found: list[tuple[PlacementProblem, Mapping[tuple[int, int], int]]] = []
    for together in filter(None, bins):
        if len(together) == 1:
            found.append((together[0], {}))
            continue
        inside = [case for part in together for case in part.cases]
        bearers = sorted({where[case.case] for case in inside})
        tied = {case.case: where[case.case] for case in inside if case.tie is not None}
        problem = placement_problem(reach, inside, tied, bearers)
        borne = Counter((case.size, where[case.case]) for case in inside if case.tie is None)
        # A municipality without cases of a size has none of them afterwards either.
        every = {(size, j): borne[size, j] for size, _ in list(borne) for j in bearers}
        found.append((part_of(problem, range(len(problem.types))), every))
    return sorted(found, key=lambda cluster: -cluster[0].size)


def _one_by_one(
    reach: Reach,
    cases: Sequence[Case],
    where: Mapping[str, int],
    levels: Sequence[str],
    engine: Engine,
) -> dict[str, Choice]:
    """Place cases of which none changes places."""
    half = replace(engine, limits=engine.limits.share(0.5))
    placed = place_given(placement_problem(reach, cases, where), levels, half)
    if not placed.reached:
        raise StuckError(infeasible=False)
    return dict(placed.choices)
