"""Run all benchmarks and print a table: ``python -m benchmarks [NAME …]``."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any

from fordela.instances.catalogue import load_instance
from fordela.instances.generator import Parameters, generate
from fordela.models.check import check
from fordela.models.norms import first_component
from fordela.models.policy import IN_FORCE, NORMS, Policy
from fordela.solver.solve import solve

from benchmarks.direct import solve_direct
from benchmarks.planner import importing, report
from benchmarks.trading import county, national
from benchmarks.years import gain, one_simulation, overhead, thousand, years

DIRECT_LIMIT = 600.0


def optimal(norm: str) -> Policy:
    """Return the policy whose only level is a norm, without transfers."""
    return IN_FORCE.with_changes(name=norm, rule="optimal", scope="none", levels=(f"deviation:{norm}",))


def apart(*words: str) -> Any:
    """Run one measurement in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks", "--one", *words]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    return json.loads(found.stdout)


def megabytes() -> float:
    """Peak memory of this process; ``ru_maxrss`` would also count the parent it was forked from."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(row for row in status.splitlines() if row.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def against_the_direct_model() -> None:
    """``sweden-2025``, chi2, proven: our formulation against the direct one."""
    print("\nsweden-2025, chi2, proven optimal: types against a binary per child and municipality")
    instance = load_instance("sweden-2025")
    ours: dict[str, list[float]] = {}
    value = None
    for backend in ("highs", "cp-sat", "cbc"):
        solve(instance, optimal("chi2"), backend=backend)  # imports
        for _ in range(5):
            started = monotonic()
            result = solve(instance, optimal("chi2"), backend=backend)
            ours.setdefault(backend, []).append(monotonic() - started)
            value = first_component(result.objective[0].value)
            assert result.status == "optimal"
    direct = solve_direct(instance, DIRECT_LIMIT)
    print(
        f"  direct, PuLP with CBC: {direct.solve_seconds:.1f} s of solving, "
        f"{direct.build_seconds:.1f} s of building, {direct.variables} variables, {direct.status}"
    )
    assert direct.value is not None
    if direct.status == "Optimal Solution Found":
        assert abs(direct.value - value) <= 1e-6, (direct.value, value)  # type: ignore[operator]
    for backend, times in ours.items():
        mine = statistics.median(times)
        ratio = direct.solve_seconds / mine
        print(f"  ours, {backend}: {mine:.3f} s building and solving, {ratio:.0f} times faster")


def one_surge(norm: str) -> dict[str, Any]:
    """Measure a norm on the surge; memory is read before the check, which is not the solver's."""
    instance = load_instance("sweden-surge")
    result = solve(instance, optimal(norm), backend="highs", time_limit=120)
    memory = megabytes()
    level = result.objective[0]
    parts = len(level.value) if isinstance(level.value, tuple) else 1
    proven = len(level.bound) if isinstance(level.bound, tuple) else 1
    return {
        "seconds": result.seconds, "status": result.status, "proven": proven, "parts": parts,
        "megabytes": memory, "violations": len(check(instance, result)),
    }  # fmt: skip


def surge() -> None:
    """``sweden-surge``: proof, time and memory of the whole process for each norm."""
    print("\nsweden-surge, 35,369 children, HiGHS: building, solving and dealing")
    for norm in NORMS:
        m = apart("surge", norm)
        vector = f", {m['proven']} of {m['parts']} components proven" if m["parts"] > 1 else ""
        print(
            f"  {norm}: {m['status']}{vector}, {m['seconds']:.2f} s, {m['megabytes']:.0f} MB whole "
            f"process, check finds {m['violations']} violations"
        )


def one_million() -> dict[str, Any]:
    """Measure the largest instance."""
    started = monotonic()
    instance = generate(
        Parameters("million", 2026, seed=1, municipalities=10_000, children=1_000_000, history=500_000)
    )
    made = monotonic() - started
    result = solve(instance, optimal("chi2"), backend="highs", time_limit=60)
    level = result.objective[0]
    value = first_component(level.value)
    bound = None if level.bound is None else first_component(level.bound)
    gap = None if bound is None else float((value - bound) / value)
    return {
        "made": made, "seconds": result.seconds, "status": result.status, "gap": gap,
        "megabytes": megabytes(),
    }  # fmt: skip


def million() -> None:
    """Ten thousand municipalities and a million children."""
    print("\n10,000 municipalities, 1,000,000 children (generated), chi2, HiGHS, limit 60 s")
    m = apart("million")
    gap = "unknown" if m["gap"] is None else f"{100 * m['gap']:.4f} %"
    print(
        f"  {m['status']}, proven gap {gap}, {m['seconds']:.1f} s, {m['megabytes']:.0f} MB whole "
        f"process (generated in {m['made']:.1f} s)"
    )


def start() -> None:
    """How long the command takes to answer, against importing click."""
    print("\nfordela --help against python -c 'import click', medians of 15")

    def median(command: list[str]) -> float:
        times = []
        for _ in range(15):
            started = monotonic()
            subprocess.run(command, capture_output=True, check=True)
            times.append(monotonic() - started)
        return statistics.median(times)

    click = median([sys.executable, "-c", "import click"])
    help_ = median([sys.executable, "-m", "fordela.cli", "--help"])
    print(f"  {1000 * help_:.0f} ms against {1000 * click:.0f} ms: {help_ / click:.2f} times")


BENCHMARKS = {
    "direct": against_the_direct_model,
    "surge": surge,
    "million": million,
    "start": start,
    "county": county,
    "national": national,
    "report": report,
    "import": importing,
    "years": years,
    "thousand": thousand,
    "overhead": overhead,
    "gain": gain,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        apart_ones = {"surge": one_surge, "simulation": one_simulation}
        one = apart_ones.get(sys.argv[2])
        print(json.dumps(one_million() if one is None else one(sys.argv[3])))
    else:
        for name in sys.argv[1:] or BENCHMARKS:
            BENCHMARKS[name]()
