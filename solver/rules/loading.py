"""The rule of a policy, made for a year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fordela.models.errors import FordelaError, InputError, Problem
from fordela.models.extensions import RULES, load, target_of
from fordela.models.policy import Policy
from fordela.models.rules import Known, Rule, RuleError

#: Rules that the engine follows by itself, from keys that only change with the counts.
BUILT_IN = ("lowest-fulfilment", "willing-first", "optimal")


def is_own(policy: Policy) -> bool:
    """Whether a policy's rule is somebody's own."""
    return policy.assignment.rule not in BUILT_IN and policy.assignment.rule not in _shipped()


def _shipped() -> dict[str, Callable[[Known], Rule]]:
    """Rules by name that look at the forecast; imported when one of them is asked for."""
    from fordela.solver.rules.dual_prices import DualPrices
    from fordela.solver.rules.projected import Projected
    from fordela.solver.rules.reoptimise import Reoptimise

    return {"projected": Projected, "reoptimise": Reoptimise, "dual-prices": DualPrices}


def require_rule(policy: Policy) -> None:
    """Make sure that the policy's rule exists and looks like one.

    Raises
    ------
    InputError
        If it cannot be imported, or is no rule.
    """
    if is_own(policy):
        _own(policy.assignment.rule)


def make_rule(policy: Policy, known: Known) -> Rule | None:
    """Make the policy's rule for a year; None where the engine follows it by itself.

    Raises
    ------
    InputError
        If a rule of one's own cannot be imported, or a shipped one lacks what it needs.
    RuleError
        If a rule of one's own cannot be made.
    """
    name = policy.assignment.rule
    if name in BUILT_IN:
        return None
    shipped = _shipped().get(name)
    if shipped is not None:
        return shipped(known)
    try:
        return _own(name)(known)  # type: ignore[no-any-return]
    except FordelaError:
        raise
    except Exception as error:
        raise RuleError(name, "", f"cannot be made: {type(error).__name__}: {error}") from error


def _own(name: str) -> Any:
    found = load(name, RULES, "[assignment] rule")
    if not callable(found) or not callable(getattr(found, "choose", None)):
        message = "is no rule: it must be a class with a method choose(case, state)"
        raise InputError([Problem("policy", message, column="[assignment] rule", value=name)])
    return found


def described(policy: Policy) -> str:
    """Where a rule of one's own comes from."""
    return target_of(policy.assignment.rule, RULES) or policy.assignment.rule
