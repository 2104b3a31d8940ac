"""One level of the stack after the other: what is found, what is proven, what is held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from fordela.models.allocation import targets
from fordela.models.formulation.deviation import (
    SumNorm,
    add_steps,
    guess_excess,
    sum_norm,
    windows,
)
from fordela.models.formulation.evaluate import evaluate
from fordela.models.formulation.linear_levels import linear_level, step_of
from fordela.models.formulation.model import AllocationModel, hold_over_capacity
from fordela.models.formulation.relaxation import least_deviation, within_deviation
from fordela.models.norms import Value, first_component
from fordela.models.policy import LEXIMIN_NORMS
from fordela.models.program import Linear
from fordela.models.result import Certificate, Status
from fordela.solver.backends.base import Answer, Backend, Limits
from fordela.solver.bounds import best_bound, is_settled, lower_bound, magnified, no_progress, rounding
from fordela.solver.windows import Attempt, search_windows


@dataclass(frozen=True)
class Found:
    """What the work on one level gave.

    Attributes
    ----------
    status
        Of this level alone: ``optimal`` if its value is proven given what is held before.
    values
        Solution of the program (its first variables), or None.
    held
        The model in which this level is held, to go on with.
    """

    status: Status
    held: AllocationModel
    values: list[int] | None = None
    value: Value | None = None
    bound: Value | None = None
    exact: bool = False
    tolerance: float = 0.0
    certificate: Certificate | None = None


@dataclass
class Search:
    """A backend with its limits, and what is told to the user on the way.

    Attributes
    ----------
    backend, limits
        The engine, and when to stop.
    report
        Called with a word on what is being worked on.
    start
        Values of the first variables in a solution that is known.
    """

    backend: Backend
    limits: Limits = field(default_factory=Limits)
    report: Callable[[str], None] = lambda _: None
    start: Sequence[int] | None = None

    def solve(self, model: AllocationModel, objective: Linear | None = None) -> Answer:
        """Minimise an objective (or find any solution) on the model's program."""
        return self.backend.solve(model.builder.program(objective or Linear()), self.limits, self.start)

    def level(self, model: AllocationModel, level: str, unplaced: int | None = 0) -> Found:
        """Optimise one level, given what the model holds.

        Parameters
        ----------
        unplaced
            Number of unplaced children if it is settled, else None.
        """
        self.report(level)
        norm = level.removeprefix("deviation:")
        if norm == level:
            return self._linear(model, level)
        if not sum(targets(model.instance, model.policy)):
            return self._nothing(model, level)
        if norm == "linf":
            return self._largest_deviation(model, unplaced)
        if norm in LEXIMIN_NORMS:
            from fordela.solver.leximin import leximin_level

            return leximin_level(self, model, norm, unplaced)
        return self._sum_norm(model, level, unplaced)

    def _nothing(self, model: AllocationModel, level: str) -> Found:
        """A year without any assignment, ever: every norm is 0."""
        answer = self.solve(model)
        if answer.values is None:
            return Found(answer.status, model)
        value = evaluate(model, level, answer.values)
        return Found(Status.OPTIMAL, model, answer.values, value, value, exact=True)

    def _linear(self, model: AllocationModel, level: str) -> Found:
        model = model.fork()
        objective = linear_level(model, level)
        if not objective.terms:
            return self._constant(model, level, objective)
        answer = self.solve(model, objective)
        if answer.values is None:
            return Found(answer.status, model, bound=lower_bound(answer.bound))
        value = evaluate(model, level, answer.values)
        bound = best_bound(answer, first_component(value), step_of(model, level))
        tolerance = 0.0 if bound == value else answer.tolerance + rounding(bound)
        proven = is_settled(first_component(value), bound, tolerance)
        _hold(model, level, objective, first_component(value), proven=proven)
        return Found(
            Status.OPTIMAL if proven else Status.FEASIBLE,
            model,
            answer.values,
            value,
            bound,
            tolerance=tolerance,
        )

    def _constant(self, model: AllocationModel, level: str, objective: Linear) -> Found:
        """A level on which no choice has any influence."""
        answer = self.solve(model)
        if answer.values is None:
            return Found(answer.status, model)
        value = Fraction(objective.constant)
        if level == "over-capacity":
            hold_over_capacity(model, int(value))
        return Found(Status.OPTIMAL, model, answer.values, value, value, exact=True)

    def _sum_norm(self, model: AllocationModel, level: str, unplaced: int | None) -> Found:
        norm = sum_norm(model, level.removeprefix("deviation:"), unplaced)
        if norm is None:
            return Found(Status.INFEASIBLE, model)
        excess = guess_excess(model, norm)
        if excess == 0:
            found = self._on_the_face(model, level, norm)
            if found is not None:
                return found
            excess = _least_rise(model, norm)
        return self._within_windows(model, level, norm, excess)

    def _on_the_face(self, model: AllocationModel, level: str, norm: SumNorm) -> Found | None:
        """Look for a solution as good as if siblings could be parted: then the proof is exact."""
        face = model.fork()
        restrict(face, windows(model, norm, Fraction(0)))
        answer = self.solve(face)
        if answer.values is None:
            return None
        value = evaluate(model, level, answer.values)
        return Found(
            Status.OPTIMAL,
            face,
            answer.values,
            value,
            norm.bound,
            exact=True,
            certificate=_certificate(model, norm),
        )

    def _within_windows(
        self, model: AllocationModel, level: str, norm: SumNorm, excess: Fraction
    ) -> Found:
        """Search windows of counts, widened until they provably hold an optimum."""

        def attempt(reach: Fraction) -> Attempt[AllocationModel]:
            wide = model.fork()
            ranges = windows(model, norm, reach)
            objective = add_steps(wide, norm, ranges)
            wide.lower_ceilings([high for _, high in ranges])
            everything = all(r == (0, u) for r, u in zip(ranges, model.limits, strict=True))
            return Attempt(wide, objective, everything)

        found = search_windows(
            attempt,
            self.solve,
            lambda values: first_component(evaluate(model, level, values)),
            norm.bound,
            excess,
            lambda: _least_rise(model, norm),
        )
        if found.model is None or found.objective is None or found.value is None:
            bound = None if found.status is Status.INFEASIBLE else found.bound
            return Found(found.status, model, bound=bound)
        found.model.builder.require(*magnified(found.objective, found.value - norm.bound))
        certain = norm.bound == found.value
        return Found(
            found.status,
            found.model,
            found.values,
            found.value,
            found.bound,
            exact=certain,
            tolerance=found.tolerance,
            certificate=_certificate(model, norm) if certain else None,
        )

    def _largest_deviation(self, model: AllocationModel, unplaced: int | None) -> Found:
        level = "deviation:linf"
        goal = targets(model.instance, model.policy)
        unit = Fraction(1, model.instance.units)
        proven = -unit  # everything at or below this is impossible
        if unplaced is not None:
            shares = [m.share for m in model.instance.municipalities]
            children = model.children - unplaced
            least = least_deviation(model.fixed, shares, int(sum(goal)), model.limits, children)
            if least is None:
                return Found(Status.INFEASIBLE, model)
            proven = least - unit
        relaxed_bound = proven + unit

        def attempt(limit: Fraction) -> Answer:
            inside = model.fork()
            intervals = within_deviation(limit, model.fixed, goal, model.limits)
            ranges = list(zip(intervals.lowest, intervals.highest, strict=True))
            if any(low > high for low, high in ranges):
                return Answer(Status.INFEASIBLE, None, None, 0.0)
            restrict(inside, ranges)
            return self.solve(inside)

        answer = attempt(relaxed_bound)
        if answer.status is Status.INFEASIBLE:
            proven = relaxed_bound
            answer = self.solve(model)
        if answer.values is None:
            return Found(answer.status, model, bound=relaxed_bound)
        values = answer.values
        value = first_component(evaluate(model, level, values))
        # Both ends are multiples of the unit, and with each answer they are nearer to each other.
        while value - proven > unit and not self.limits.expired:
            middle = Fraction(floor((value + proven) / (2 * unit)) * unit)
            middle = min(max(middle, proven + unit), value - unit)
            answer = attempt(middle)
            if answer.values is not None:
                values = answer.values
                value = first_component(evaluate(model, level, values))
                if value > middle:
                    raise no_progress(level)
            elif answer.status is Status.INFEASIBLE:
                proven = middle
            else:
                break
        optimal = value - proven <= unit
        held = model.fork()
        intervals = within_deviation(value, model.fixed, goal, model.limits)
        restrict(held, list(zip(intervals.lowest, intervals.highest, strict=True)))
        bound = value if optimal else proven + unit
        return Found(
            Status.OPTIMAL if optimal else Status.FEASIBLE,
            held,
            values,
            value,
            bound,
            exact=value == relaxed_bound,
        )


def hold_linear(model: AllocationModel, level: str, value: Fraction) -> AllocationModel:
    """Hold a linear level at its proven value, as if it had been searched for."""
    held = model.fork()
    _hold(held, level, linear_level(held, level), value, proven=True)
    return held


def _hold(
    model: AllocationModel, level: str, objective: Linear, value: Fraction, *, proven: bool
) -> None:
    if objective.terms:
        model.builder.require(objective, upper=value)
    if level == "over-capacity" and proven:
        hold_over_capacity(model, int(value))


def _certificate(model: AllocationModel, norm: SumNorm) -> Certificate | None:
    """Return the price as a certificate; it is defined where ties and places are hard."""
    if not norm.certified or model.has_soft_ties:
        return None
    return Certificate(norm.price)


def restrict(model: AllocationModel, ranges: Sequence[tuple[int, int]]) -> None:
    """Keep every municipality's extra children within a range."""
    model.lower_ceilings([high for _, high in ranges])
    for extra, limit, (low, high) in zip(model.extra, model.limits, ranges, strict=True):
        if extra.terms and (low > 0 or high < limit):
            model.builder.require(extra, low, high)


def _least_rise(model: AllocationModel, norm: SumNorm) -> Fraction:
    """Return a first guess above 0: what one child in the wrong place costs, at the median."""
    rises = []
    for k, limit in enumerate(model.limits):
        extra = norm.relaxed.extra[k]
        if extra < limit:
            here, there = model.fixed[k] + extra, model.fixed[k] + extra + 1
            rises.append(norm.reduced(k, there) - norm.reduced(k, here))
    rises = sorted(r for r in rises if r > 0)
    return rises[len(rises) // 2] if rises else Fraction(1)
