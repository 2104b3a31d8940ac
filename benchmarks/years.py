"""Many years at once: years a second, a thousand paired years, and what the machinery costs."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from time import monotonic, time
from typing import Any

from fordela.instances.catalogue import load_instance
from fordela.instances.random_years import ArrivalModel, Drawer
from fordela.models.allocation import count, targets
from fordela.models.instance import Instance
from fordela.models.norms import chi2
from fordela.models.policy import IN_FORCE, Policy
from fordela.solver.batch.run import make_tasks, run_batch
from fordela.solver.batch.tasks import Settings, run_task
from fordela.solver.engine import run_rule
from fordela.solver.simulation.plain import PlainRule
from fordela.solver.simulation.run import simulate
from fordela.solver.simulation.spec import make_simulation
from fordela.solver.simulation.summary import Figures, gains
from fordela.solver.whole_cases.least import least
from fordela.solver.whole_cases.pool import pool_of
from fordela.solver.workers import each

_BLOCK, _BLOCKS = 1_000, 24


def play_block(first: int) -> tuple[float, float]:
    """Draw a block of years and play it; when it began and when it ended."""
    drawer, rule = _player()
    started = time()
    rule.run(drawer.years(range(first, first + _BLOCK))).total  # noqa: B018
    return started, time()


_made: list[tuple[Drawer, PlainRule]] = []


def _player() -> tuple[Drawer, PlainRule]:
    if not _made:
        instance = load_instance("sweden-2025")
        drawer = Drawer(instance, ArrivalModel(), "0")
        _made.append((drawer, PlainRule(instance, IN_FORCE, instance.transfers)))
    return _made[0]


def years() -> None:
    """Lowest fulfilment on ``sweden-2025``, drawing included; the peer is the engine, year by year."""
    print("\nlowest-fulfilment on sweden-2025, random years drawn and played, two processes")
    spans = [
        span
        for _, span in each(
            play_block, [_BLOCK * k for k in range(_BLOCKS)], lambda *_: (0.0, 0.0), workers=2
        )
    ]
    # The first blocks of each process also load the instance; they begin after it.
    seconds = max(end for _, end in spans) - min(start for start, _ in spans)
    rate = _BLOCK * _BLOCKS / seconds
    instance = load_instance("sweden-2025")
    drawn = list(Drawer(instance, ArrivalModel(), "0").instances(range(40)))
    started = monotonic()
    for year in drawn:
        run_rule(year, IN_FORCE, instance.transfers)
    peer = 40 / (monotonic() - started)
    print(
        f"  {rate:,.0f} years a second; the engine plays {peer:,.0f} a second on one core, without "
        f"drawing: {rate / (2 * peer):.0f} times for each core"
    )


def one_simulation(number: str) -> dict[str, Any]:
    """Measure a simulation: seconds, and the parent's peak memory."""
    from benchmarks.__main__ import megabytes

    simulation = make_simulation(load_instance("sweden-2025"), [IN_FORCE])
    with tempfile.TemporaryDirectory() as scratch:
        started = monotonic()
        found = simulate(simulation, int(number), Path(scratch), workers=2)
        seconds = monotonic() - started
        found.summary()
        memory = megabytes()
        table: Any = found.to_frame()
        own = table[table.mechanism == "owner-bearer"]
        columns = [c for c in own.columns if c.endswith("_proven")]
        proven = bool(own[columns].all().all())
    return {"seconds": seconds, "megabytes": memory, "proven": proven}


def thousand() -> None:
    """A thousand paired years: the rule in force against hindsight in every norm, all figures."""
    from benchmarks.__main__ import apart

    print("\nsweden-2025, in-force against the proven hindsight optimum, all figures, two processes")
    for number in (250, 1000):
        m = apart("simulation", str(number))
        print(
            f"  {number} years: {m['seconds']:.1f} s, {m['megabytes']:.0f} MB, "
            f"{'every optimum proven' if m['proven'] else 'NOT every optimum proven'}"
        )


def overhead() -> None:
    """The batch's machinery against a bare loop over the same tasks, both on one process."""
    number = 1_000
    print(f"\nbatch on one process against a bare loop over the same {number} tasks (sweden-2025)")
    tasks = make_tasks(["sweden-2025"], [IN_FORCE], range(number), Settings())
    run_task(tasks[0])
    started = monotonic()
    for task in tasks:
        run_task(task)
    bare = monotonic() - started
    moments = []
    with tempfile.TemporaryDirectory() as scratch:
        started = monotonic()
        run_batch(tasks, Path(scratch) / "b", workers=1, done=lambda *_: moments.append(monotonic()))
        whole = monotonic() - started
    # The first call comes before any task, the second when the process has started and done one.
    steady = (moments[-1] - moments[1]) / (number - 1) * number
    print(
        f"  whole {whole:.1f} s against {bare:.1f} s: {100 * (whole / bare - 1):+.1f} %; once the "
        f"process has started: {100 * (steady / bare - 1):+.1f} %"
    )


def _rules() -> list[Policy]:
    def rule(name: str, **changes: Any) -> Policy:
        return IN_FORCE.with_changes(name=name, **changes)

    return [
        IN_FORCE,
        rule("midpoint", signpost="midpoint"),
        rule("projected", rule="projected"),
        rule("projected-midpoint", rule="projected", signpost="midpoint"),
        rule("reoptimise", rule="reoptimise"),
        rule("dual-prices", rule="dual-prices"),
        rule("dual-prices-100", rule="dual-prices", samples=100),
    ]  # fmt: skip


def gain(kinships: Sequence[str] = ("0.72", "0")) -> None:
    """Part of hindsight's gain over the rule in force, by rule and by the part with a tie."""
    print("\npart of what hindsight gains over the rule in force in chi2 (sweden-2025, set training)")
    instance = load_instance("sweden-2025").with_changes(transfers=())
    for kinship in kinships:
        part = Fraction(kinship)
        policies = [p.with_changes(kinship_part=part) for p in _rules()]
        # As many children without a tie as at 0.72: those are whom a rule decides on.
        children = Fraction(400) * (1 - Fraction("0.72")) / (1 - part)
        instance = instance.with_changes(forecast=round(children))
        model = ArrivalModel(children=children, kinship=part)
        simulation = make_simulation(instance, policies, model, "training", norms=("chi2",))
        with tempfile.TemporaryDirectory() as scratch:
            found = simulate(simulation, 100, Path(scratch), workers=2)
            parts = gains(found, Figures(found), "chi2")
        cells = [
            f"{policy} {100 * e.mean:.1f} ± {100 * (e.half or 0):.1f}"
            for (_, policy, _), e in parts.items()
        ]
        print(f"  kinship {kinship}: " + ", ".join(cells))
    kinship_first()


def kinship_first() -> None:
    """What knowing all kinship in advance would be worth: the midpoint rule when ties come first."""
    print("\nthe same, if all who have a tie came first (sweden-2025, set training, 100 years)")
    instance = load_instance("sweden-2025").with_changes(transfers=())
    midpoint = IN_FORCE.with_changes(signpost="midpoint")
    gained, most = 0.0, 0.0
    for year in Drawer(instance, ArrivalModel(), "training").instances(range(100)):
        pool = pool_of(year, IN_FORCE)
        best = None if pool is None else least(pool, "chi2")
        if best is None:
            continue  # not settled without a solver
        early = [replace(c, arrival=date(year.year, 1, 1)) for c in year.children if c.tie]
        others = [c for c in year.children if not c.tie]
        known = year.with_changes(children=tuple(early + others))
        in_force = _chi2(year, IN_FORCE)
        gained += in_force - _chi2(known, midpoint)
        most += in_force - float(best)
    print(f"  midpoint: {100 * gained / most:.1f} per cent of hindsight's gain")


def _chi2(year: Instance, policy: Policy) -> float:
    run = run_rule(year, policy, ())
    counts = count(year, policy, run.allocation.assignments)
    return float(chi2(counts.credited, targets(year, policy)))
