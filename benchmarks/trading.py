"""Redistribution by columns against the plain program in every engine."""

from __future__ import annotations

from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import load_policy
from fordela.models.check import check
from fordela.models.norms import first_component
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import LevelResult, Status
from fordela.solver.redistribution.decide import redistribute

SECONDS = 60.0


def _level(o: LevelResult) -> str:
    value = first_component(o.value)
    if o.status is Status.OPTIMAL:
        return f"{o.level} proven"
    if o.bound is None or not value:
        return f"{o.level} {float(value):.6g} without a bound"
    gap = abs(value - first_component(o.bound)) / abs(value)
    return f"{o.level} {float(value):.6g}, gap {100 * float(gap):.2f} %"


def _row(name: str, made: RedistributionResult) -> None:
    violations = len(check(made.instance, made))
    levels = "; ".join(_level(o) for o in made.objective)
    print(f"  {name}: {made.seconds:.1f} s; {levels}; check finds {violations} violations")


def county() -> None:
    """Scope ``county``, proven."""
    print("\ncounty scope, every level proven")
    for name in ("sweden-2026", "sweden-2026-national-few", "sweden-2026-national"):
        made = redistribute(load_instance(name), load_policy("county"))
        _row(name, made)


def national() -> None:
    """Scope ``national``, the middle pattern: columns against HiGHS, CP-SAT and CBC."""
    instance = load_instance("sweden-2026-national")
    for whole in (True, False):
        unit = "whole ‰" if whole else "0.01 ‰"
        print(f"\nsweden-2026-national, policy national, {unit}, limit {SECONDS:.0f} s")
        policy = load_policy("national").with_changes(whole_shares=whole)
        for backend in ("auto", "highs", "cp-sat", "cbc"):
            made = redistribute(instance, policy, backend=backend, time_limit=SECONDS)
            _row("columns" if backend == "auto" else f"plain, {backend}", made)
