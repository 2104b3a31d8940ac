"""Homes for a large year, some municipalities at a time, whose cases without a tie may change places.

Every municipality keeps its numbers of cases by size, so what is held of the shares stays as it is.
Each round puts other municipalities together, and keeps what came out better.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from fordela.models.formulation.placement import Borne, PlacementModel, build_placement
from fordela.models.instance import Case
from fordela.models.placement.problem import PlacementProblem, Reach, placement_problem
from fordela.models.program import Linear, ProgramBuilder
from fordela.solver.backends.base import Backend, Limits
from fordela.solver.backends.priced import Priced
from fordela.solver.placement.components import components, part_of
from fordela.solver.placement.given import Engine, each_task, place_parts, workers_for
from fordela.solver.placement.housed import Choice, deal, total
from fordela.solver.placement.lexicographic import counts_of
from fordela.solver.placement.stage import StuckError

#: How much more a level weighs than the next one.
_WEIGHT = 1_000
#: Options of municipalities that are placed together.
_TOGETHER = 40_000
#: Rounds without a time limit.
_ROUNDS = 3
#: Seconds below which no other round is begun.
_LEAST = 15.0


def weighed(levels: Sequence[str]) -> list[str]:
    """Levels that decide on municipalities; kilometres hardly do, and are too many to be weighed."""
    return [level for level in levels if level != "distance"]


def place_with_exchanges(
    reach: Reach,
    cases: Sequence[Case],
    where: Mapping[str, int],
    levels: Sequence[str],
    engine: Engine,
) -> dict[str, Choice]:
    """Place everybody, beginning with the municipalities that cases were sent to.

    Raises
    ------
    StuckError
        If everybody must have a home, and not everybody was given one.
    """
    if engine.limits.expired:
        return _one_by_one(reach, cases, where, levels, engine)
    choices: dict[str, Choice] = {}
    where, number = dict(where), 0
    while number < _ROUNDS or engine.limits.deadline is not None:
        if number and (engine.limits.seconds_left or _LEAST) < _LEAST:
            break
        better = False
        for cluster, found in _round(reach, cases, where, levels, engine, number):
            before = {case.case: choices[case.case] for case in cluster.cases if case.case in choices}
            if found is None and not before:
                found = _one_by_one(reach, cluster.cases, where, levels, engine)
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

    cases: tuple[Case, ...]
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
        while True:
            borne: Borne = {pair: Linear({}, number) for pair, number in self.borne.items()}
            model = build_placement(problem, ProgramBuilder(), borne or None)
            program = model.builder.program(_weighted(model, weighed(self.levels)))
            values = self.backend.solve(program, limits).values
            if values is None:
                return None
            adrift: dict[int, list[int]] = defaultdict(list)
            for (size, j), count in model.adrift.items():
                adrift[size] += [j] * count.whole(values)
            choices, broken = deal(problem, counts_of(model, values), adrift)
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
    left = sum(problem.size for _, problem, _ in clusters)
    workers = workers_for(left, engine.limits)
    backend = engine.backend
    if isinstance(backend, Priced):
        backend = Priced(backend.engine, backend.least, rough=True)
    tasks = []
    for inside, problem, borne in clusters:
        size = min(left, workers * problem.size)
        tasks.append(
            _Cluster(inside, problem, borne, tuple(levels), backend, engine.limits, size, left)
        )
        left -= problem.size
    done, everybody = 0, sum(case.size for case in cases)
    for cluster, found in each_task(_Cluster.do, tasks, lambda *_: None, workers):
        done += sum(case.size for case in cluster.cases)
        if engine.is_due():
            engine.report(f"homes, round {number + 1}: {done} of {everybody} children")
        yield cluster, found


def _clusters(
    reach: Reach, cases: Sequence[Case], where: Mapping[str, int], number: int
) -> list[tuple[tuple[Case, ...], PlacementProblem, dict[tuple[int, int], int]]]:
    """Cases that are placed together, by their number of options, falling."""
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
    found: list[tuple[tuple[Case, ...], PlacementProblem, dict[tuple[int, int], int]]] = []
    for together in filter(None, bins):
        inside = tuple(case for part in together for kind in part.types for case in kind.cases)
        if len(together) == 1:
            found.append((inside, together[0], {}))
            continue
        bearers = sorted({where[case.case] for case in inside})
        tied = {case.case: where[case.case] for case in inside if case.tie is not None}
        problem = placement_problem(reach, inside, tied, bearers)
        borne = {(case.size, j): 0 for case in inside if case.tie is None for j in bearers}
        for case in inside:
            if case.tie is None:
                borne[case.size, where[case.case]] += 1
        found.append((inside, part_of(problem, range(len(problem.types))), borne))
    return sorted(found, key=lambda cluster: -cluster[1].size)


def _one_by_one(
    reach: Reach,
    cases: Sequence[Case],
    where: Mapping[str, int],
    levels: Sequence[str],
    engine: Engine,
) -> dict[str, Choice]:
    """Place cases of which none changes places."""
    parts = components(placement_problem(reach, cases, where))
    placed = place_parts(parts, levels, replace(engine, limits=engine.limits.share(0.5)))
    if not placed.reached:
        raise StuckError(infeasible=False)
    return dict(placed.choices)
