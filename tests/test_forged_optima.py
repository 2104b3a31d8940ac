"""Allocations that are called optimal and are not, and true optima, which are never refused."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from fordela.models.allocation import Assignment
from fordela.models.check import LevelClaim, Solution, check
from fordela.models.check.every import every_allocation
from fordela.models.check.objective import counted_year
from fordela.models.check.values import level_names, level_value
from fordela.models.instance import Instance
from fordela.models.policy import Policy
from fordela.solver.brute_force import stack_values
from fordela.solver.optimal import rule_bearers
from fordela.solver.solve import solve

from tests.hard_years import hard_stack, hard_year
from tests.strategies import scaled


def dressed(year: Instance, policy: Policy, rows: tuple[Assignment, ...]) -> Solution:
    """Decisions as a folder would have them that calls them optimal on the engine's word."""
    transfers = year.transfers if policy.redistribution.scope == "decided" else ()
    bare = Solution(policy, transfers, rows, status="optimal")
    levels = level_names(policy, transfers)
    counted = counted_year(year, bare, levels)
    values = [(level, level_value(level, counted)) for level in levels]
    claims = [LevelClaim(name, value, value, "optimal", 0.0, "engine") for name, value in values]
    return replace(bare, objective=tuple(claims))


def test_small_years_are_tried_in_full() -> None:
    """Every allocation that the checker tries, against the enumeration that judges the solvers."""
    tried = refused = 0
    for number in range(scaled(240)):
        year, policy = hard_year(number), hard_stack(number)
        transfers = year.transfers if policy.redistribution.scope == "decided" else ()
        levels = level_names(policy, transfers)
        values = stack_values(year, policy, transfers, rule_bearers(year))
        bare = Solution(policy, transfers, ())
        mine = every_allocation(counted_year(year, bare, levels))
        if mine is None:  # more than are tried
            continue
        assert {tuple(level_value(x, one) for x in levels) for one in mine} == values, number
        if not mine:
            continue
        best = solve(year, policy, workers=1, prices=False)
        assert check(year, best) == []
        forged = Random(number).choice(mine)
        found = {v.rule for v in check(year, dressed(year, policy, tuple(forged.assignments)))}
        is_best = all(level_value(o.level, forged) == o.value for o in best.objective)
        assert ("optimal" in found) != is_best, number
        tried, refused = tried + 1, refused + (not is_best)
    assert refused > tried / 3 > 10
