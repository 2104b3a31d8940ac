"""One level of a redistribution after the other with an engine: found, proven, held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from fordela.models.formulation.redistribution import (
    Equality,
    RedistributionModel,
    add_steps,
    equality,
    linear_objective,
    redistribution_model,
    restrict,
    tightened,
)
from fordela.models.norms import Value, first_component
from fordela.models.program import Linear
from fordela.models.redistribution.levels import (
    CONVEX,
    LINEAR,
    redistribution_value,
    shortfall,
)
from fordela.models.redistribution.problem import RedistributionProblem, Side
from fordela.models.result import Status
from fordela.solver.backends.base import Answer, Backend, Limits
from fordela.solver.bounds import best_bound, is_settled, magnified, no_progress, rounding
from fordela.solver.windows import Attempt, search_windows


@dataclass(frozen=True)
class Rung:
    """What the work on one level of a redistribution gave.

    Attributes
    ----------
    level
        Name.
    units
        Units of every pair, or None.
    value, bound
        Exact value, and what is proven of it.
    status
        ``optimal`` if proven, given what is held before.
    exact, tolerance
        Whether the proof is exact; else how far it can be wrong.
    """

    level: str
    units: list[int] | None
    value: Value | None
    bound: Value | None
    status: Status
    exact: bool = False
    tolerance: float = 0.0


@dataclass
class ProgramSearch:
    """The program of section 6 in the hands of an engine.

    Attributes
    ----------
    problem, backend, limits
        What to solve, with what, until when.
    report
        Called with a word on what is being worked on.
    """

    problem: RedistributionProblem
    backend: Backend
    limits: Limits
    report: Callable[[str], None] = lambda _: None
    model: RedistributionModel = field(init=False)

    def __post_init__(self) -> None:
        self.model = redistribution_model(self.problem)

    def climb(self) -> list[Rung]:
        """Optimise level after level, each held while the next one is."""
        rungs: list[Rung] = []
        for level in self.problem.levels:
            if self.limits.expired and rungs:
                rungs.append(self._unproven(level, rungs[-1]))
                continue
            self.report(level)
            rung = self.level(level)
            if rung.units is None:
                rung = self._unproven(level, rungs[-1] if rungs else None, rung.bound)
            rungs.append(rung)
        return rungs

    def _unproven(self, level: str, before: Rung | None, bound: Value | None = None) -> Rung:
        """Keep the solution of the level before; with none, hand nothing over, which is allowed."""
        units = before.units if before and before.units else [0] * len(self.problem.pairs)
        value = redistribution_value(level, self.problem, units)
        return Rung(level, units, value, bound, Status.FEASIBLE)

    def level(self, level: str) -> Rung:
        """Optimise one level on what the model holds, and hold it."""
        if level in LINEAR:
            return self._linear(level)
        relaxed = equality(self.model, level)
        if relaxed is not None:
            rung = self._on_the_face(level, relaxed)
            if rung is not None:
                return rung
        if level in CONVEX:
            assert relaxed is not None
            return self._convex(level, relaxed)
        return self._vector(level)

    def _solve(self, model: RedistributionModel, objective: Linear | None = None) -> Answer:
        return self.backend.solve(model.builder.program(objective or Linear()), self.limits)

    def _value(self, level: str, values: list[int]) -> Value:
        return redistribution_value(level, self.problem, self.model.units(values))

    def _linear(self, level: str) -> Rung:
        objective = linear_objective(self.model, level)
        answer = self._solve(self.model, objective)
        if answer.values is None:
            return Rung(level, None, None, None, answer.status)
        value = first_component(self._value(level, answer.values))
        bound = best_bound(answer, value, Fraction(1))
        tolerance = 0.0 if bound == value else answer.tolerance + rounding(bound)
        proven = is_settled(value, bound, tolerance)
        self.model = self.model.fork()
        self.model.builder.require(objective, upper=value)
        if level == "granted" and proven:
            self.model.total = -int(value) // self.problem.step
        status = Status.OPTIMAL if proven else Status.FEASIBLE
        units = self.model.units(answer.values)
        exact = not objective.terms  # no choice has any influence
        return Rung(level, units, value, bound, status, exact, tolerance)

    def _on_the_face(self, level: str, relaxed: Equality) -> Rung | None:
        """Look for a solution as good as the relaxation: then the proof is exact."""
        face = self.model.fork()
        ranges = tightened(relaxed.ties, self.model.total)
        restrict(face, level, ranges)
        if level.endswith("givers") and all(low == high for low, high in ranges):
            face.settled = tuple(low for low, _ in ranges)
        answer = self._solve(face)
        if answer.values is None:
            return None
        self.model = face
        value = self._value(level, answer.values)
        return Rung(level, face.units(answer.values), value, value, Status.OPTIMAL, exact=True)

    def _convex(self, level: str, relaxed: Equality) -> Rung:
        model = self.model
        whole = [(0, limit) for limit in relaxed.limits]

        def attempt(excess: Fraction) -> Attempt[RedistributionModel]:
            wide = model.fork()
            ranges = [relaxed.window(k, excess) for k in range(len(relaxed.limits))]
            return Attempt(wide, add_steps(wide, level, relaxed, ranges), ranges == whole)

        found = search_windows(
            attempt,
            self._solve,
            lambda values: first_component(self._value(level, values)),
            relaxed.bound,
            relaxed.rise(),
            relaxed.rise,
        )
        if found.model is None or found.objective is None or found.values is None:
            return Rung(level, None, None, found.bound, found.status)
        assert found.value is not None
        self.model = found.model
        self.model.builder.require(*magnified(found.objective, found.value - relaxed.bound))
        return Rung(
            level,
            self.model.units(found.values),
            found.value,
            found.bound,
            found.status,
            exact=found.bound == found.value and found.value == relaxed.bound,
            tolerance=found.tolerance,
        )

    def _vector(self, level: str) -> Rung:
        """Prove a falling vector value by value: how few can be at the next one or above it?"""
        answer = self._solve(self.model)
        if answer.values is None:
            return Rung(level, None, None, None, answer.status)
        values, proven = answer.values, 0
        vector = self._vector_of(level, values)
        while proven < len(vector) and not self.limits.expired:
            program, number = self._fewest(level, vector, proven)
            answer = self._solve(program, number)
            if answer.values is None:
                break
            found, before = self._vector_of(level, answer.values), vector
            if found < vector:
                values, vector = answer.values, found
            if answer.status is not Status.OPTIMAL:
                break
            # Either some value is passed by fewer than before, or their number is proven.
            at_least = number.whole(answer.values)
            if at_least <= proven and vector == before:
                raise no_progress(level)
            proven = max(proven, at_least)
        self.model, _ = self._fewest(level, vector, len(vector))
        done = proven == len(vector)
        status = Status.OPTIMAL if done else Status.FEASIBLE
        bound = vector[:proven] if proven or done else None
        return Rung(level, self.model.units(values), vector, bound, status)

    def _vector_of(self, level: str, values: list[int]) -> tuple[Fraction, ...]:
        vector = self._value(level, values)
        assert isinstance(vector, tuple)
        return vector

    def _fewest(
        self, level: str, vector: tuple[Fraction, ...], proven: int
    ) -> tuple[RedistributionModel, Linear]:
        """Hold the first components and the next one; count the members at that one's value or above.

        A vector is held by allowing, for each of its values, no more members above it than it has.
        """
        model = self.model.fork()
        sides, totals = model.side(level)
        amounts = [(s, t) for s, t in zip(sides, totals, strict=True)]
        earlier: list[Linear] | None = None
        for mark in sorted(set(vector[: proven + 1]), reverse=True):
            above = [_outside(model, s, t, mark, strict=False) for s, t in amounts]
            model.builder.require(Linear.of(*((1, b) for b in above)), upper=_above(vector, mark))
            _chain(model, earlier, above)
            earlier = above
        if proven >= len(vector):
            return model, Linear()
        reaching = [_outside(model, s, t, vector[proven], strict=True) for s, t in amounts]
        _chain(model, earlier, reaching)
        return model, Linear.of(*((1, b) for b in reaching))


def _above(vector: tuple[Fraction, ...], mark: Fraction) -> int:
    return sum(v > mark for v in vector)


def _chain(model: RedistributionModel, higher: list[Linear] | None, lower: list[Linear]) -> None:
    """Whoever is outside a wide range is outside a narrow one."""
    for wide, narrow in zip(higher or (), lower, strict=False):
        model.builder.require(Linear.of((1, wide), (-1, narrow)), upper=0)


def _outside(
    model: RedistributionModel, side: Side, total: Linear, mark: Fraction, *, strict: bool
) -> Linear:
    """Add a binary that must be 1 unless the shortfall is at most (strictly: below) a mark."""
    step, build = model.problem.step, model.builder
    limit = side.most // step if total.terms else 0
    reach = mark * side.wish
    low = max(0, ceil((side.entitlement - reach) / step))
    high = min(limit, floor((side.entitlement + reach) / step))
    if strict and low <= high and shortfall(side, step * low) == mark:
        low += 1
    if strict and low <= high and shortfall(side, step * high) == mark:
        high -= 1
    outside = build.variable(0, 1)
    if low > high:
        build.require(outside, 1, 1)
    elif total.terms:
        build.require(Linear.of((1, total), (low, outside)), lower=low)
        build.require(Linear.of((1, total), (high - limit, outside)), upper=high)
    return outside
