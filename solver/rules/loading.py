"""The rule of a policy, made for a year."""

from __future__ import annotations

from collections.abc import Callable

from fordela.models.errors import FordelaError
from fordela.models.policy import Policy
from fordela.models.rules import Known, Rule, RuleError, load_rule


def _with_forecast() -> dict[str, Callable[[Known], Rule]]:
    """Rules that look at the forecast; imported when one of them is asked for."""
    from fordela.solver.rules.dual_prices import DualPrices
    from fordela.solver.rules.projected import Projected
    from fordela.solver.rules.reoptimise import Reoptimise

    return {"projected": Projected, "reoptimise": Reoptimise, "dual-prices": DualPrices}


def make_rule(policy: Policy, known: Known) -> Rule | None:
    """Make the policy's rule for a year; None where the engine follows it by itself.

    Raises
    ------
    InputError
        If a rule of one's own cannot be imported, or a shipped one lacks what it needs.
    RuleError
        If a rule of one's own cannot be made.
    """
    if not policy.is_asked:
        return None
    name = policy.assignment.rule
    if not policy.has_own_rule:
        return _with_forecast()[name](known)
    make = load_rule(name)
    try:
        return make(known)
    except FordelaError:
        raise
    except Exception as error:
        raise RuleError(name, "", f"cannot be made: {type(error).__name__}: {error}") from error
