"""Gaps to optimal: differences recomputed, and claimed least values held between what bounds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from fordela.models.check.groups import FRACTION
from fordela.models.check.hindsight import Question
from fordela.models.check.solution import Violation
from fordela.models.check.values import Counted, first, norm_value, targets
from fordela.models.check.written import same

_SCOPES = {"gap_own": False, "gap_unrestricted": True}
#: Largest tolerance of an engine's proof, relative to one more than the value.
_TOLERANCE = 1e-6


def gap_violations(
    policies: Sequence[Mapping[str, Any]],
    years: Mapping[str, Counted],
    questions: Mapping[str, Question],
) -> Iterator[Violation]:
    """What is wrong with the gaps of ``comparison.json``.

    Parameters
    ----------
    policies
        As written.
    years, questions
        Decisions of each policy, and what it is measured against.
    """
    every: dict[str, None] = {}
    for said in policies:
        for scope in _SCOPES:
            gaps = said.get(scope)
            every |= dict.fromkeys(gaps if isinstance(gaps, dict) else ())
    for said in policies:
        name = str(said["policy"])
        for scope, unrestricted in _SCOPES.items():
            gaps = said.get(scope)
            where = f"comparison.json {name} {scope}"
            if not isinstance(gaps, dict) or gaps.keys() != every.keys():
                yield Violation("keys", f"{where} must have {', '.join(every) or 'nothing'}")
                continue
            for norm, gap in gaps.items():
                here = f"{where} {norm}"
                if not isinstance(said.get("norms"), dict) or norm not in said["norms"]:
                    yield Violation("keys", f"{here}: nobody checks a norm that has no value")
                    continue
                allowed = [
                    other
                    for other, asked in questions.items()
                    if questions[name].holds(asked, unrestricted=unrestricted)
                ]
                reached = {other: _reaches(norm, years[other]) for other in allowed}
                yield from _one(here, norm, gap, reached, name, questions[name])


def _reaches(norm: str, year: Counted) -> Fraction:
    return first(norm_value(norm, year.credited, targets(year.instance, year.policy)))


def _one(
    where: str, norm: str, gap: object, reached: Mapping[str, Fraction], name: str, asked: Question
) -> Iterator[Violation]:
    if not isinstance(gap, dict):
        yield Violation("gaps", f"{where} is no gap")
        return
    try:
        optimum, bound = _number(gap.get("optimum")), _number(gap.get("bound"))
    except ValueError as error:
        yield Violation("gaps", f"{where}: {error} is no fraction")
        return
    sign = -1 if norm == "min-fulfilment" else 1
    difference = None if optimum is None else sign * (reached[name] - optimum)
    ratio = None if not optimum or optimum < 0 or difference is None else difference / optimum
    proven = gap.get("proven") is True
    known = {
        "value": str(reached[name]),
        "optimum": lambda _: True,
        "bound": lambda _: True,
        "difference": _text(difference),
        "ratio": _text(ratio),
        "proven": lambda x: isinstance(x, bool),
        "proof": asked.proof(norm, optimum, proven=proven),
        "tolerance": lambda x: _is_tolerance(x, optimum),
    }
    broken = list(same(where, gap, known))
    yield from broken
    if broken:
        return
    tolerance = Fraction(gap["tolerance"])
    if proven and (optimum is None or bound is None or abs(optimum - bound) > tolerance):
        yield Violation("gaps", f"{where} is called proven, but optimum and bound differ")
    least = asked.least(norm)
    if optimum is not None and least is not None and sign * (optimum - least) < 0:
        yield Violation("gaps", f"{where}: no allocation reaches {optimum}, {least} is the least")
    if not proven and optimum is not None and sign * (optimum - reached[name]) > 0:
        yield Violation("gaps", f"{where}: the policy itself reaches {reached[name]}")
    for claim in (optimum if proven else None, bound):
        for other, value in reached.items():
            if claim is not None and sign * (claim - value) > tolerance:
                message = f"{where}: nothing is said to be better than {claim}, {other} has {value}"
                yield Violation("gaps", message)


def _number(said: object) -> Fraction | None:
    if said is None:
        return None
    if not isinstance(said, str) or not FRACTION.match(said):
        raise ValueError(repr(said))
    return Fraction(said)


def _is_tolerance(said: object, optimum: Fraction | None) -> bool:
    if not isinstance(said, int | float) or isinstance(said, bool):
        return False
    return 0 <= said <= _TOLERANCE * (1 + abs(float(optimum or 0)))


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
