"""Hindsight bounds: the least value of a norm that any allocation of the year could have had.

Labelled as what it is: no rule can know the future.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from fordela.models.allocation import targets
from fordela.models.check.hindsight import Question, question_of
from fordela.models.check.values import Counted
from fordela.models.errors import InconsistencyError
from fordela.models.formulation.linear_levels import linear_level
from fordela.models.formulation.model import (
    AllocationModel,
    Scope,
    build_model,
    hold_over_capacity,
)
from fordela.models.instance import Instance, Transfer
from fordela.models.levels import Outcome, level_value
from fordela.models.norms import Value, first_component, shortfall
from fordela.models.policy import LEXIMIN_NORMS, SOFT_LEVELS, Policy, credits_by_child
from fordela.models.result import Result, Status
from fordela.solver.leximin import first_fulfilment
from fordela.solver.search import Search
from fordela.solver.whole_cases.least import least
from fordela.solver.whole_cases.pool import Pool, pool_of


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The least value of a norm over a set of allocations (first component of a vector).

    Attributes
    ----------
    value
        Best found, or None.
    bound
        Proven: nothing in the set is better. None if unknown.
    proven
        Whether the two are the same, within the tolerance.
    tolerance
        Absolute tolerance of a floating-point proof; 0 if the proof is exact.
    """

    value: Fraction | None
    bound: Fraction | None
    proven: bool
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A policy's value of a norm against hindsight, 0 or more.

    Attributes
    ----------
    value
        The policy's (first component of a vector).
    hindsight
        What was possible.
    difference
        Worse by so much than the best found; None without one.
    ratio
        Difference over the optimum, None where the optimum is not above 0.
    proof
        What a proven optimum rests on: ``counting``, which the checker does itself, or ``engine``, the
        engine's word. None where nothing is proven.
    """

    value: Fraction
    hindsight: Hindsight
    difference: Fraction | None
    ratio: Fraction | None
    proof: str | None


@dataclass
class Bounds:
    """Hindsight optima of one instance; equal questions are answered once."""

    instance: Instance
    search: Search
    _known: dict[object, Hindsight] = field(default_factory=dict)

    def own(self, result: Result, values: Mapping[str, Value]) -> dict[str, Gap]:
        """Gaps (a) of a result's values by norm: under its own transfers and willing places."""
        return self._gaps(result, values, unrestricted=False)

    def unrestricted(self, result: Result, values: Mapping[str, Value]) -> dict[str, Gap]:
        """Gaps (b) of a result's values by norm: whoever owns and bears.

        The norms look at owners and the capacities at bearers. With both free, any owners can be
        combined with the policy's own bearers, so capacities and transfers drop out.
        """
        return self._gaps(result, values, unrestricted=True)

    def _gaps(
        self, result: Result, values: Mapping[str, Value], *, unrestricted: bool
    ) -> dict[str, Gap]:
        if not values:
            return {}
        key, build, pool = self._model(result, unrestricted=unrestricted)
        place = "unrestricted" if unrestricted else "own transfers"
        model: AllocationModel | None = None
        gaps = {}
        asked = _asked(result)
        for norm, value in values.items():
            name = (*key, norm)
            if name not in self._known:
                self.search.report(f"{result.policy.name}: least {norm}, {place}")
                shortcut = None if pool is None else least(pool, norm)
                if shortcut is not None:
                    self._known[name] = Hindsight(shortcut, shortcut, True)
                else:
                    model = model or build()  # the same program for every norm
                    self._known[name] = self._least(model, norm, result)
            gaps[norm] = _gap(norm, first_component(value), self._known[name], result, asked)
        return gaps

    def _model(
        self, result: Result, *, unrestricted: bool
    ) -> tuple[tuple[object, ...], Callable[[], AllocationModel], Pool | None]:
        """Return what distinguishes the question, how to build its program, and perhaps a shortcut."""
        instance, policy = _as_followed(result), result.policy
        soft = [s for s in SOFT_LEVELS if policy.is_optimal and s in policy.optimal.levels]
        outcome = Outcome.of(instance, policy, result.transfers, result.allocation.assignments)
        limits = {level: int(first_component(level_value(level, outcome))) for level in soft}
        # Siblings of whom one is placed and one is not are not counted as split, but only where
        # the level is in play.
        partly = "siblings-split" if limits.get("unplaced") else ""
        limits = {level: value for level, value in limits.items() if value or level == partly}
        over = int(first_component(level_value("over-capacity", outcome)))
        capped = any(m.capacity is not None for m in instance.municipalities)
        by_child = credits_by_child(policy)
        scope = Scope(
            soft=frozenset(limits),
            levels=tuple(limits),
            capacity="soft" if capped and not unrestricted else "ignored",
            by_child=by_child and not unrestricted,
            willing_places=policy.assignment.rule == "willing-first",
            self_bearing=policy.assignment.valve is not None,
            single=by_child and unrestricted,
        )
        # Without capacities owners are free whatever the transfers, unless credit is by child.
        matters = not unrestricted and (capped or by_child)
        transfers = result.transfers if matters else ()
        if not matters:
            scope = replace(scope, self_bearing=False)
        untied = tuple(case.case for case in instance.cases if case.tie is None)
        key = (policy.counting.basis, scope, transfers, over if matters and capped else None,
               tuple(limits.items()), untied)  # fmt: skip

        def build() -> AllocationModel:
            model = build_model(instance, policy, transfers, scope)
            for level, value in limits.items():
                model.builder.require(linear_level(model, level), upper=value)
            if scope.capacity == "soft":
                model.builder.require(linear_level(model, "over-capacity"), upper=over)
                hold_over_capacity(model, over)
            return model

        return key, build, _pool(instance, policy, transfers, scope)

    def _least(self, model: AllocationModel, norm: str, result: Result) -> Hindsight:
        if self.search.limits.expired:
            return Hindsight(None, None, False)
        settled = None if "unplaced" in model.scope.soft else 0
        if norm in LEXIMIN_NORMS and any(targets(result.instance, result.policy)):
            value, bound = first_fulfilment(self.search, model, norm, settled)
            return Hindsight(value, bound, value is not None and value == bound)
        found = self.search.level(model, f"deviation:{norm}", settled)
        if found.status is Status.INFEASIBLE:
            raise InconsistencyError(
                f"{result.policy.name}: its own allocation is outside the set it is compared with"
            )
        least = None if found.value is None else first_component(found.value)
        bound = None if found.bound is None else first_component(found.bound)
        return Hindsight(least, bound, found.status is Status.OPTIMAL, found.tolerance)


def _as_followed(result: Result) -> Instance:
    """Return the year with the ties that the policy followed; the others bind nobody."""
    instance = result.instance
    if result.policy.assignment.kinship == "always":
        return instance
    loose = {a.child for a in result.allocation.assignments if a.kind != "kinship"}
    children = (replace(c, tie=None) if c.child in loose else c for c in instance.children)
    return instance.with_changes(children=tuple(children))


def _pool(
    instance: Instance, policy: Policy, transfers: tuple[Transfer, ...], scope: Scope
) -> Pool | None:
    """Return the cases of a question in which nothing but siblings limits who owns them."""
    outside = any(
        places and not m.share
        for m, places in zip(instance.municipalities, instance.willing_places, strict=True)
    )
    if scope.soft or scope.capacity != "ignored" or (scope.willing_places and outside):
        return None
    return pool_of(instance, policy, transfers if scope.by_child else (), single=scope.single)


def _asked(result: Result) -> Question:
    """Return what the checker measures a result against: it says which least values it can prove."""
    made = result.allocation.assignments
    return question_of(Counted(result.instance, result.policy, result.transfers, made, {}))


def _gap(norm: str, value: Fraction, least: Hindsight, result: Result, asked: Question) -> Gap:
    if least.value is None:
        return Gap(value, least, None, None, None)
    difference = shortfall(norm, value, least.value)
    if difference < 0:
        if least.proven and -difference > Fraction(least.tolerance):
            raise InconsistencyError(
                f"{result.policy.name} has {norm} {value}, better than the proven optimum "
                f"{least.value}; please report this"
            )
        # The policy itself is the best allocation known.
        least = replace(least, value=value)
        difference = Fraction(0)
    optimum = least.value or Fraction(0)
    ratio = difference / optimum if optimum > 0 else None
    proof = asked.proof(norm, least.value, proven=least.proven)
    return Gap(value, least, difference, ratio, proof)
