"""Explanations of an optimum: what another outcome for one municipality would cost, solved again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from fordela.models.errors import FordelaError, InconsistencyError, InfeasibleError, LimitError
from fordela.models.instance import Instance
from fordela.models.norms import Value, first_component, is_better
from fordela.models.result import LevelResult, Result, Status
from fordela.solver.backends import Limits, get_backend
from fordela.solver.explaining.facts import Cost, MunicipalityExplanation
from fordela.solver.explaining.rules import cases_of, handed_away, rank_of, with_share
from fordela.solver.optimal import optimal_allocation


def explain_by_optimum(
    result: Result,
    code: str,
    *,
    backend: str = "auto",
    limits: Limits | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> MunicipalityExplanation:
    """Explain what a municipality got in an optimum.

    Raises
    ------
    InconsistencyError
        If a restricted optimum beats the proven one.
    """
    engine, within = get_backend(backend), limits or Limits(None, result.seed, None)
    position = list(result.instance.by_code).index(code)
    borne = result.counts.untied[position]

    def solved(
        instance: Instance, bearing: dict[str, tuple[int, int | None]] | None
    ) -> Result | FordelaError:
        try:
            return optimal_allocation(
                instance, result.policy, result.transfers, engine, within, progress, bearing
            )
        except (InfeasibleError, LimitError) as error:
            return error

    costs = []
    if borne:
        progress(f"{code}: one child fewer")
        costs.append(_cost("fewer", result, solved(result.instance, {code: (0, borne - 1)}), position))
    progress(f"{code}: one child more")
    costs.append(_cost("more", result, solved(result.instance, {code: (borne + 1, None)}), position))
    larger = with_share(result.instance, code, 1, handed_away(result))
    if larger is not None:
        progress(f"{code}: one unit of share more")
        costs.append(_cost("share", result, solved(larger, None), position, other_year=True))
    return MunicipalityExplanation(
        code=code,
        cases=cases_of(result, code),
        rank=rank_of(result, code),
        ranked=sum(m.share > 0 for m in result.instance.municipalities),
        costs=tuple(costs),
    )


def _cost(
    what: str, result: Result, other: Result | FordelaError, position: int, *, other_year: bool = False
) -> Cost:
    if isinstance(other, FordelaError):
        proven = isinstance(other, InfeasibleError)
        return Cost(what, (), proven, None, None, None, None, proven, None)
    if not other_year:
        _never_better(result.objective, other.objective)
    proven = result.status is Status.OPTIMAL and other.status is Status.OPTIMAL
    children = other.counts.untied[position]
    for now, then in zip(result.objective, other.objective, strict=False):
        component, one, another = _first_difference(now.value, then.value)
        if one != another:
            return Cost(
                what, other.objective, False, now.level, component, one, another, proven, children
            )
    return Cost(what, other.objective, False, None, None, None, None, proven, children)


def _first_difference(now: Value, then: Value) -> tuple[int | None, Fraction, Fraction]:
    """Place of the first component that differs, and both; no place where values are numbers."""
    if isinstance(now, tuple) and isinstance(then, tuple):
        for place, (one, another) in enumerate(zip(now, then, strict=False), 1):
            if one != another:
                return place, one, another
        return None, Fraction(len(now)), Fraction(len(then))
    return None, first_component(now), first_component(then)


def _never_better(now: Sequence[LevelResult], then: Sequence[LevelResult]) -> None:
    """Fewer allocations cannot hold a better one than the proven best of all."""
    for a, b in zip(now, then, strict=False):
        if a.status is not Status.OPTIMAL:
            return
        if is_better(a.level, b.value, a.value):
            message = f"{a.level}: {b.value} under one more constraint beats the proven {a.value}"
            raise InconsistencyError(message)
        if b.value != a.value:
            return
