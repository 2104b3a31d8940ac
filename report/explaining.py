"""One explanation, asked for by names: sentences for people, exact data for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from fractions import Fraction
from time import monotonic
from typing import Any

from fordela.instances.naming import municipality_code
from fordela.models.errors import InputError, Problem
from fordela.models.result import Result
from fordela.report.explanation import Sentences
from fordela.report.texts import Words
from fordela.solver.backends import Limits
from fordela.solver.explaining.facts import CaseExplanation
from fordela.solver.explaining.optima import explain_by_optimum
from fordela.solver.explaining.rules import (
    case_of_child,
    explain_by_rule,
    explain_case,
    find_case,
)


@dataclass(frozen=True)
class Explained:
    """An explanation.

    Attributes
    ----------
    sentences
        In one language.
    data
        What they say, with exact values as text.
    """

    sentences: list[str]
    data: dict[str, Any]

    @property
    def row(self) -> dict[str, Any]:
        """The sentences as one row."""
        return {"explanation": " ".join(self.sentences)}


def explain(
    result: Result,
    *,
    municipality: str | None = None,
    case: str | None = None,
    language: str = "en",
    backend: str = "auto",
    time_limit: float | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Explained:
    """Explain a case or a municipality of a result.

    Parameters
    ----------
    result
        From `solve` or `read_result`.
    municipality
        Code or name. With a case: what would have brought the case there.
    case
        Identifier of a case, else of a child in it.
    language
        ``en`` or ``sv``.
    backend, time_limit, progress
        As in `solve`; only an optimum needs a backend.

    Raises
    ------
    InputError
        If there is no such case or municipality, or neither is named.
    """
    if municipality is None and case is None:
        raise InputError([Problem("explain", "name a municipality or a case")])
    if result.policy.is_asked:
        message = (
            f"rule {result.policy.assignment.rule} is asked case by case and gives no reasons; "
            "what can be explained are lowest-fulfilment, willing-first and optima"
        )
        raise InputError([Problem("explain", message, value=result.policy.name)])
    write = Sentences(result, Words(language))
    code = None if municipality is None else municipality_code(result.instance, municipality)
    facts: Any
    if case is not None and result.policy.is_optimal:
        order, found = find_case(result.instance, case)
        decision = next(a for a in result.allocation.assignments if a.case == found.case)
        bearer = decision.bearer or ""
        facts = CaseExplanation(found, order, decision.kind, decision.owner or "", bearer)
        sentences = list(write.case_of_optimum(bearer, facts))
        code = code or bearer
        if code and decision.kind != "kinship":
            more = _of_municipality(result, code, backend, time_limit, progress)
            sentences += write.municipality(more)
    elif case is not None:
        progress(f"{case}: solving the year again")
        facts = explain_case(result, case, code)
        sentences = list(write.case(facts))
    else:
        assert code is not None
        facts = _of_municipality(result, code, backend, time_limit, progress)
        sentences = list(write.municipality(facts))
    if case is not None:
        namesake = case_of_child(result.instance, case)
        if namesake is not None and namesake.case != facts.case.case:
            sentences.insert(1, write.words("x_also_child", name=case, case=namesake.case))
    sentences += write.closing(sentences)
    instance = result.instance
    head = {"instance": instance.name, "instance_sha256": instance.sha256,
            "policy": result.policy.name, "synthetic": instance.unpublished}  # fmt: skip
    return Explained(sentences, head | {"sentences": sentences, "facts": plain(facts)})


def _of_municipality(
    result: Result, code: str, backend: str, time_limit: float | None, progress: Callable[[str], None]
) -> Any:
    if not result.policy.is_optimal:
        progress(f"{code}: solving the year again")
        return explain_by_rule(result, code)
    deadline = None if time_limit is None else monotonic() + time_limit
    limits = Limits(deadline, result.seed, None)
    return explain_by_optimum(result, code, backend=backend, limits=limits, progress=progress)


def plain(value: Any) -> Any:
    """Turn facts into what JSON can hold; fractions and dates as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return str(value) if isinstance(value, Fraction | date) else value
