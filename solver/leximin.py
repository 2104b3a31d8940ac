"""Vectors of fulfilment, one distinct value after the other, each proven before the next.

All allocations that share the first ``p`` components are told apart by how many municipalities are
at the next value or beyond it. That number is minimised with whole steps; if it cannot fall, the
components at that value are proven. What the limit leaves unproven is left out of the bound.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from fordela.models.allocation import targets
from fordela.models.formulation.evaluate import credited, evaluate
from fordela.models.formulation.model import AllocationModel
from fordela.models.formulation.relaxation import Relaxed, relax
from fordela.models.norms import Value
from fordela.models.program import Linear
from fordela.models.result import Status
from fordela.solver.bounds import no_progress

if TYPE_CHECKING:
    from fordela.solver.search import Found, Search

Vector = tuple[Fraction, ...]


def leximin_level(search: Search, model: AllocationModel, norm: str, unplaced: int | None) -> Found:
    """Optimise ``min-fulfilment`` or ``max-fulfilment`` on what the model holds."""
    from fordela.solver.search import Found, restrict

    level = f"deviation:{norm}"
    relaxed, ideal = _relax(model, norm, unplaced)
    if relaxed is not None and ideal is not None:
        face = model.fork()
        restrict(face, list(zip(relaxed.lowest, relaxed.highest, strict=True)))
        answer = search.solve(face)
        if answer.values is not None:
            value = evaluate(model, level, answer.values)
            return Found(Status.OPTIMAL, face, answer.values, value, value, exact=True)
    answer = search.solve(model)
    if answer.values is None:
        return Found(answer.status, model)
    ladder = _Ladder(model, norm)
    values, proven = _climb(search, ladder, answer.values, ideal)
    vector = ladder.vector(values)
    held = ladder.held(proven, vector)
    done = proven == len(vector)
    value = evaluate(model, level, values)
    bound: Value | None = vector[:proven] if proven else None
    if proven == 0 and ideal:
        bound = ideal[:1]
    return Found(Status.OPTIMAL if done else Status.FEASIBLE, held, values, value, bound)


def first_fulfilment(
    search: Search, model: AllocationModel, norm: str, unplaced: int | None = 0
) -> tuple[Fraction | None, Fraction | None]:
    """Return the best first component of a vector norm, and its proven bound."""
    relaxed, ideal = _relax(model, norm, unplaced)
    ladder = _Ladder(model, norm)
    if relaxed is not None and ideal:
        answer = search.solve(ladder.beyond(ideal[0]))
        if answer.values is not None:
            return ladder.vector(answer.values)[0], ideal[0]
    answer = search.solve(model)
    if answer.values is None:
        return None, ideal[0] if ideal else None
    values, proven = _climb(search, ladder, answer.values, ideal, most=1)
    first = ladder.vector(values)[0]
    return first, first if proven else (ideal[0] if ideal else None)


def _relax(
    model: AllocationModel, norm: str, unplaced: int | None
) -> tuple[Relaxed | None, Vector | None]:
    """Relax siblings: the exact optimum of a larger set, as a vector."""
    goal = targets(model.instance, model.policy)
    weightless = any(not t and e.terms for t, e in zip(goal, model.extra, strict=True))
    if unplaced is None or weightless:
        return None, None
    shares = [m.share for m in model.instance.municipalities]
    relaxed = relax(norm, model.fixed, shares, int(sum(goal)), model.limits, model.children - unplaced)
    if relaxed is None:
        return None, None
    counts = [f + e for f, e in zip(model.fixed, relaxed.extra, strict=True)]
    return relaxed, _sorted(norm, counts, goal)


def _sorted(norm: str, counts: Sequence[int], goal: Sequence[Fraction]) -> Vector:
    vector = [c / t for c, t in zip(counts, goal, strict=True) if t]
    return tuple(sorted(vector, reverse=norm == "max-fulfilment"))


def _climb(
    search: Search,
    ladder: _Ladder,
    values: list[int],
    ideal: Vector | None,
    most: int | None = None,
) -> tuple[list[int], int]:
    """Improve and prove component after component; return values and the number proven."""
    vector = ladder.vector(values)
    proven = _agreeing(vector, ideal)
    goal = len(vector) if most is None else min(most, len(vector))
    next_look = 8
    while proven < goal and not search.limits.expired:
        search.report(f"{ladder.norm}: {proven} of {len(vector)} proven")
        program, number = ladder.fewest_at(proven, vector)
        answer = search.solve(program, number)
        if answer.values is None:
            break
        found, before = ladder.vector(answer.values), vector
        if ladder.better(found, vector):
            values, vector = answer.values, found
        if answer.status is not Status.OPTIMAL:
            break
        # Either fewer are at the value than before, and the vector is better, or this is proven.
        at_least = round(number.value(answer.values))
        if at_least <= proven and vector == before:
            raise no_progress(ladder.norm)
        proven = max(proven, at_least)
        proven = max(proven, _agreeing(vector, ideal))
        settled = "unplaced" not in ladder.model.scope.soft
        if most is None and settled and next_look <= proven < goal:
            next_look = 2 * proven
            if search.solve(ladder.elsewhere(proven, values)).status is Status.INFEASIBLE:
                proven = len(vector)
    return values, proven


def _agreeing(vector: Vector, ideal: Vector | None) -> int:
    """Components proven by the relaxation: up to the last distinct value in which both agree."""
    if ideal is None:
        return 0
    agree = 0
    while agree < len(vector) and vector[agree] == ideal[agree]:
        agree += 1
    if agree == len(vector):
        return agree
    edge = vector[agree - 1] if agree else None
    while agree and vector[agree - 1] == edge == vector[agree]:
        agree -= 1
    return agree


@dataclass
class _Ladder:
    """Counts at which a municipality passes a value, and binaries that say whether it does."""

    model: AllocationModel
    norm: str

    def __post_init__(self) -> None:
        self.rising = self.norm == "min-fulfilment"
        self.goal = targets(self.model.instance, self.model.policy)

    def vector(self, values: Sequence[int]) -> Vector:
        """All fulfilments of a solution, in the order of the norm."""
        return _sorted(self.norm, credited(self.model, values), self.goal)

    def better(self, left: Vector, right: Vector) -> bool:
        """Whether a vector is strictly better."""
        return left > right if self.rising else left < right

    def _first_beyond(self, k: int, value: Fraction, *, strictly: bool) -> int:
        """Extra children at which ``k`` leaves the bad side of a value.

        For ``min-fulfilment`` the least number that lifts it above the value (or to it, unless
        ``strictly``); for ``max-fulfilment`` the least number that takes it to the value (or
        above it, unless ``strictly``).
        """
        exact = value * self.goal[k]
        strict_side = strictly if self.rising else not strictly
        count = floor(exact) + 1 if strict_side else ceil(exact)
        return count - self.model.fixed[k]

    def _bad(self, marks: list[tuple[Fraction, bool]]) -> tuple[AllocationModel, list[Linear]]:
        """Count the municipalities on the bad side of each mark (value, including the value)."""
        model = self.model.fork()
        where: list[list[int]] = []
        for value, including in marks:
            where.append(
                [
                    self._first_beyond(k, value, strictly=including) if t else 0
                    for k, t in enumerate(self.goal)
                ]
            )
        needed: dict[int, set[int]] = defaultdict(set)
        for row in where:
            for k, count in enumerate(row):
                if self.goal[k] and 0 < count <= model.limits[k]:
                    needed[k].add(count)
        binaries = {k: self._steps(model, k, sorted(counts)) for k, counts in needed.items()}
        totals = []
        for row in where:
            parts: list[tuple[int, Linear]] = []
            for k, count in enumerate(row):
                if not self.goal[k]:
                    continue
                if count <= 0:
                    bad = Linear({}, 0 if self.rising else 1)
                elif count > model.limits[k]:
                    bad = Linear({}, 1 if self.rising else 0)
                else:
                    bad = binaries[k][count]
                parts.append((1, bad))
            totals.append(Linear.of(*parts))
        return model, totals

    def _steps(self, model: AllocationModel, k: int, counts: list[int]) -> dict[int, Linear]:
        """Binaries that must be 1 while the municipality is on the bad side of a count."""
        extra = model.extra[k]
        bad = {count: model.builder.variable(0, 1) for count in counts}
        ordered = list(bad.items())
        if self.rising:  # bad: extra < count
            previous, parts = 0, []
            for count, binary in ordered:
                parts.append((count - previous, binary))
                previous = count
            model.builder.require(Linear.of((1, extra), *parts), lower=counts[-1])
            for (_, low), (_, high) in itertools.pairwise(ordered):
                model.builder.require(Linear.of((1, low), (-1, high)), upper=0)
        else:  # bad: extra ≥ count
            parts = []
            ends = [*counts[1:], model.limits[k] + 1]
            for (count, binary), end in zip(ordered, ends, strict=True):
                parts.append((count - end, binary))
            model.builder.require(Linear.of((1, extra), *parts), upper=counts[0] - 1)
            for (_, low), (_, high) in itertools.pairwise(ordered):
                model.builder.require(Linear.of((1, high), (-1, low)), upper=0)
        return bad

    def fewest_at(self, proven: int, vector: Vector) -> tuple[AllocationModel, Linear]:
        """Return the program and number to minimise for the first component that is not proven."""
        marks = [(v, False) for v, _ in _groups(vector, proven)]
        value = vector[proven]
        model, totals = self._bad([*marks, (value, False), (value, True)])
        self._chain(model, totals[: len(marks)], proven, vector)
        model.builder.require(totals[-2], upper=proven)
        return model, totals[-1]

    def _chain(self, model: AllocationModel, totals: list[Linear], proven: int, vector: Vector) -> None:
        """Keep what is proven: before each distinct value no more components than there are."""
        for (_, before), total in zip(_groups(vector, proven), totals, strict=True):
            model.builder.require(total, upper=before)

    def held(self, proven: int, vector: Vector) -> AllocationModel:
        """Return the model that keeps the proven components, and the rest as good as it is."""
        groups = _groups(vector, len(vector))
        marks = [(v, False) for v, _ in groups]
        if not marks:
            return self.model
        model, totals = self._bad(marks)
        self._chain(model, totals, len(vector), vector)
        return model

    def elsewhere(self, proven: int, values: Sequence[int]) -> AllocationModel:
        """Return the model that keeps the proven components but has other counts than a solution.

        If it is infeasible, the counts are the only ones left and every component is proven.
        """
        here = credited(self.model, values)
        vector = self.vector(values)
        marks = [(v, False) for v, _ in _groups(vector, proven)]
        # The next component must not be worse than it is, or the counts could not be better.
        model, totals = self._bad([*marks, (vector[proven], False)])
        self._chain(model, totals[:-1], proven, vector)
        model.builder.require(totals[-1], upper=proven)
        more = []
        for k, extra in enumerate(model.extra):
            if not extra.terms:
                continue
            count = here[k] - model.fixed[k]
            if count >= model.limits[k]:
                continue
            above = model.builder.variable(0, 1)  # 1 only if it has more than here
            model.builder.require(Linear.of((1, extra), (-(count + 1), above)), lower=0)
            more.append((1, above))
        model.builder.require(Linear.of(*more), lower=1)
        return model

    def beyond(self, value: Fraction) -> AllocationModel:
        """Return the model in which no municipality is worse than a value."""
        model, totals = self._bad([(value, False)])
        model.builder.require(totals[0], upper=0)
        return model


def _groups(vector: Vector, proven: int) -> list[tuple[Fraction, int]]:
    """Distinct values among the proven components, with the number of components before each."""
    groups: list[tuple[Fraction, int]] = []
    for position, value in enumerate(vector[:proven]):
        if not groups or groups[-1][0] != value:
            groups.append((value, position))
    return groups
