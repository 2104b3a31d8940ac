"""The independent checker: is a solution what it claims to be, from first principles?

It imports neither the formulation nor a solver nor the rules' engine, so that a mistake in any of
them cannot hide here. What it shares with them is the data model and the ledger of section 2.
"""

from __future__ import annotations

from fordela.models.check.figures import figure_violations
from fordela.models.check.objective import objective_violations
from fordela.models.check.placement import placement_violations
from fordela.models.check.redistribution import redistribution_violations
from fordela.models.check.replay import replay_violations
from fordela.models.check.solution import LevelClaim, PlacementClaims, Solution, TradeClaims, Violation
from fordela.models.check.structure import structure_violations
from fordela.models.check.written import written_violations
from fordela.models.instance import Instance
from fordela.models.placement.outcome import PlacementResult
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import Result

__all__ = ["LevelClaim", "PlacementClaims", "Solution", "TradeClaims", "Violation", "check"]


def check(
    instance: Instance, solution: Solution | Result | RedistributionResult | PlacementResult
) -> list[Violation]:
    """Verify a solution independently of how it was made.

    Parameters
    ----------
    instance
        The year.
    solution
        A result, or the claims read from files: policy, transfers, decisions and figures.

    Returns
    -------
    list
        Every violation found; empty if the solution is clean. If the structure is broken (a child
        missing, an unknown municipality), figures are not looked at further.
    """
    if isinstance(solution, Result):
        solution = Solution.of(solution)
    if isinstance(solution, PlacementResult):
        solution = Solution.of_placement(solution)
    if isinstance(solution, RedistributionResult):
        solution = Solution.of_transfers(solution)
    violations = [*structure_violations(instance, solution)]
    if any(v.fatal for v in violations):
        return violations
    violations += redistribution_violations(instance, solution)
    if solution.assignments is not None:
        if not solution.policy.is_optimal:
            violations += replay_violations(instance, solution)
        violations += figure_violations(instance, solution)
        violations += objective_violations(instance, solution)
        violations += placement_violations(instance, solution)
    if any(v.fatal for v in violations):
        return violations
    return violations + list(written_violations(instance, solution))
