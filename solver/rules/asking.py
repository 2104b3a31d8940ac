"""Asking a rule for a case, and not believing its answer before it has been looked at."""

from __future__ import annotations

from collections.abc import Iterable

from fordela.models.instance import Case
from fordela.models.policy import Policy
from fordela.models.rules import Arrival, Rule, RuleError, State


def chosen_by(rule: Rule, policy: Policy, case: Case, order: int, state: State) -> tuple[str, ...]:
    """Return the municipalities that a rule chooses for a case; the first of equals is not decided.

    Raises
    ------
    RuleError
        If the rule raises, or names what cannot be chosen.
    """
    name = policy.assignment.rule
    children = case.children
    seen = Arrival(
        order=order,
        day=case.arrival,
        size=case.size,
        ages=tuple(c.age for c in children),
        sexes=tuple(c.sex for c in children),
        languages=tuple(c.language for c in children),
        needs=tuple(dict.fromkeys(n for c in children for n in c.needs)),
    )
    try:
        answer = rule.choose(seen, state)
        equals = (answer,) if isinstance(answer, str) else tuple(answer)
    except Exception as error:
        reason = f"raised {type(error).__name__}: {error}"
        raise RuleError(name, case.case, reason) from error
    problem = _problem(equals, state)
    if problem:
        raise RuleError(name, case.case, problem)
    return tuple(dict.fromkeys(equals))


def _problem(equals: Iterable[object], state: State) -> str:
    """What is wrong with an answer, or nothing."""
    answers = list(equals)
    if not answers:
        return "chose nobody; it must name a municipality"
    for answer in answers:
        if not isinstance(answer, str):
            return f"returned {answer!r}, which is no code of a municipality"
        if answer not in state.share:
            return f"returned {answer!r}, which is no municipality of the instance"
    allowed = set(state.candidates)
    for answer in answers:
        if answer not in allowed:
            lacks = "has no share" if not state.share[str(answer)] else "has no room for the case"
            return f"returned {answer!r}, which {lacks}; there are {len(allowed)} candidates"
    return ""
