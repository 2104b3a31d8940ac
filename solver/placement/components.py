"""Parts of a problem that have no home in common: each is placed on its own, and the values add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from fordela.models.placement.problem import PlacementProblem


def components(problem: PlacementProblem) -> list[PlacementProblem]:
    """Part a problem whose municipalities are given; cases that can live nowhere are one part."""
    parent = list(range(len(problem.groups)))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    for kind in problem.types:
        for option in kind.options[1:]:
            parent[root(option.group)] = root(kind.options[0].group)
    parts: dict[int, list[int]] = defaultdict(list)
    for number, kind in enumerate(problem.types):
        parts[root(kind.options[0].group) if kind.options else -1].append(number)
    return [part_of(problem, numbers) for numbers in parts.values()]


def part_of(problem: PlacementProblem, numbers: Iterable[int]) -> PlacementProblem:
    """Keep some types of cases and the groups of homes that they may live in."""
    types = [problem.types[n] for n in numbers]
    used = sorted({option.group for kind in types for option in kind.options})
    place = {old: new for new, old in enumerate(used)}
    return replace(
        problem,
        groups=tuple(problem.groups[k] for k in used),
        types=tuple(
            replace(kind, options=tuple(replace(o, group=place[o.group]) for o in kind.options))
            for kind in types
        ),
    )
