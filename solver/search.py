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
from fordela.models.formulation.linear_levels import linear_level
from fordela.models.formulation.model import AllocationModel, hold_over_capacity
from fordela.models.formulation.relaxation import least_deviation, within_deviation
from fordela.models.levels import WHOLE_LEVELS
from fordela.models.norms import Value, first_component
from fordela.models.policy import LEXIMIN_NORMS
from fordela.models.program import Linear
from fordela.models.result import Certificate, Status
from fordela.solver.backends.base import Answer, Backend, Limits

#: Digits of a floating-point bound that are kept; it is rounded down to them.
_BOUND_DIGITS = 12


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
    """

    backend: Backend
    limits: Limits = field(default_factory=Limits)
    report: Callable[[str], None] = lambda _: None

    def solve(self, model: AllocationModel, objective: Linear | None = None) -> Answer:
        """Minimise an objective (or find any solution) on the model's program."""
        return self.backend.solve(model.builder.program(objective or Linear()), self.limits)

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
        values = answer.values or []
        value = evaluate(model, level, values)
        return Found(Status.OPTIMAL, model, values, value, value, exact=True)

    def _linear(self, model: AllocationModel, level: str) -> Found:
        model = model.fork()
        objective = linear_level(model, level)
        if not objective.terms:
            return self._constant(model, level, objective)
        answer = self.solve(model, objective)
        if answer.values is None:
            return Found(answer.status, model, bound=lower_bound(answer.bound))
        value = evaluate(model, level, answer.values)
        whole = level in WHOLE_LEVELS
        bound = _best_bound(answer, first_component(value), whole=whole)
        proven = bound is not None and (bound == value or answer.status is Status.OPTIMAL)
        model.builder.require(objective, upper=first_component(value))
        if level == "over-capacity" and proven:
            hold_over_capacity(model, int(first_component(value)))
        return Found(
            Status.OPTIMAL if proven else Status.FEASIBLE,
            model,
            answer.values,
            value,
            bound,
            tolerance=0.0 if bound == value else answer.tolerance + _rounding(bound),
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
        if norm.relaxed is not None and excess == 0:
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
        best: tuple[Fraction, list[int]] | None = None
        while True:
            wide = model.fork()
            ranges = windows(model, norm, excess)
            objective = add_steps(wide, norm, ranges)
            answer = self.solve(wide, objective)
            whole_range = all(r == (0, u) for r, u in zip(ranges, model.limits, strict=True))
            if answer.status is Status.INFEASIBLE:
                if whole_range:
                    return Found(Status.INFEASIBLE, model)
                excess = max(4 * excess, _least_rise(model, norm))
                continue
            if answer.values is not None:
                value = first_component(evaluate(model, level, answer.values))
                best = (value, answer.values)
                outside = value - norm.bound > excess and not whole_range
                if answer.status is Status.OPTIMAL and outside:
                    excess = value - norm.bound
                    continue
            break
        # Outside the windows everything costs more than `excess`.
        inside = lower_bound(answer.bound)
        bound = norm.bound
        if inside is not None:
            reach = inside if whole_range else min(inside, excess)
            bound += max(reach, Fraction(0)) if norm.relaxed is not None else reach
        if best is None:
            return Found(answer.status, model, bound=bound)
        value, values = best
        wide.builder.require(*_magnified(objective, value - norm.bound))
        bound = min(bound, value)
        proven = answer.status is Status.OPTIMAL
        certain = norm.relaxed is not None and norm.bound == value
        return Found(
            Status.OPTIMAL if proven else Status.FEASIBLE,
            wide,
            values,
            value,
            bound,
            exact=certain,
            tolerance=answer.tolerance + _rounding(bound),
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
        while value - proven > unit and not self.limits.expired:
            middle = Fraction(floor((value + proven) / (2 * unit)) * unit)
            middle = min(max(middle, proven + unit), value - unit)
            answer = attempt(middle)
            if answer.values is not None:
                values = answer.values
                value = first_component(evaluate(model, level, values))
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


def _certificate(model: AllocationModel, norm: SumNorm) -> Certificate | None:
    """Return the price as a certificate; it is defined where ties and places are hard."""
    if norm.relaxed is None or model.has_soft_ties:
        return None
    return Certificate(norm.price)


def _magnified(objective: Linear, limit: Fraction) -> tuple[Linear, None, Fraction]:
    """Scale ``objective ≤ limit`` up, so that feasibility tolerances of floats mean little."""
    largest = max((abs(Fraction(c)) for c in objective.terms.values()), default=Fraction(1))
    factor = Fraction(2) ** max(0, (10_000 / (largest or Fraction(1))).__floor__().bit_length())
    return Linear.of((factor, objective)), None, factor * limit


def restrict(model: AllocationModel, ranges: Sequence[tuple[int, int]]) -> None:
    """Keep every municipality's extra children within a range."""
    for extra, limit, (low, high) in zip(model.extra, model.limits, ranges, strict=True):
        if extra.terms and (low > 0 or high < limit):
            model.builder.require(extra, low, high)


def _least_rise(model: AllocationModel, norm: SumNorm) -> Fraction:
    """Return a first guess above 0: what one child in the wrong place costs, at the median."""
    if norm.relaxed is None:
        return Fraction(1)
    rises = []
    for k, limit in enumerate(model.limits):
        extra = norm.relaxed.extra[k]
        if extra < limit:
            here, there = model.fixed[k] + extra, model.fixed[k] + extra + 1
            rises.append(norm.reduced(k, there) - norm.reduced(k, here))
    rises = sorted(r for r in rises if r > 0)
    return rises[len(rises) // 2] if rises else Fraction(1)


def lower_bound(bound: float | None) -> Fraction | None:
    """Round a floating-point bound down to a fraction of few digits."""
    if bound is None:
        return None
    scale = 10**_BOUND_DIGITS
    return Fraction(floor(Fraction(bound) * scale), scale)


def _rounding(bound: Fraction | None) -> float:
    """How much a floating-point bound can have lost by being printed and rounded down."""
    return 2 * 10.0**-_BOUND_DIGITS * (1 + abs(float(bound or 0)))


def _best_bound(answer: Answer, value: Fraction, *, whole: bool) -> Fraction | None:
    """Bound of a level; one whose values are whole is rounded up to the next whole number."""
    bound = lower_bound(answer.bound)
    if bound is None:
        return None
    if whole:
        slack = Fraction(min(max(answer.tolerance, 1e-6), 0.5))
        return min(value, Fraction(-((-(bound - slack)) // 1)))
    return min(value, bound)
