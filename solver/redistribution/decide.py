"""The transfers of a year under a policy: decided, found by a program, or drawn by a process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from time import monotonic

from fordela.models.errors import InconsistencyError
from fordela.models.instance import Instance
from fordela.models.norms import Value, is_better
from fordela.models.policy import DECIDED_BY_PROGRAM, Policy
from fordela.models.redistribution.levels import CONVEX, LINEAR, redistribution_value
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.redistribution.problem import (
    RedistributionProblem,
    components,
    redistribution_problem,
)
from fordela.models.result import LevelResult, Status, Termination
from fordela.solver.backends.base import Limits
from fordela.solver.proving import with_trade_proofs
from fordela.solver.redistribution.bilateral import bilateral
from fordela.solver.redistribution.search import ProgramSearch, Rung

#: Seconds for a redistribution where no limit is given: the last level may not be provable.
DEFAULT_SECONDS = 60.0
#: Parts with fewer pairs than this are small enough for the plain program.
_MANY_PAIRS = 120


def redistribute(
    instance: Instance,
    policy: Policy,
    *,
    backend: str = "auto",
    time_limit: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    beside_optimum: bool = False,
) -> RedistributionResult:
    """Decide who hands how much of its share to whom (model, section 6).

    Parameters
    ----------
    instance, policy
        The year with its wishes, and the rules of redistribution.
    backend
        ``auto`` generates columns where every giver has one receiver, and is HiGHS otherwise;
        ``highs``, ``cp-sat`` and ``cbc`` solve the plain program.
    time_limit
        Seconds; by default 60, as the last level of a national redistribution may not be provable.
    seed
        For the draws of a bilateral process, and for the engine.
    workers
        Threads of the engine.
    progress
        Called with a word on what is being worked on.
    beside_optimum
        Whether a bilateral process is set beside the national optimum of the same levels.

    Returns
    -------
    RedistributionResult
        Status, value and bound of every level say what is proven.

    Raises
    ------
    InputError
        If a coordinate is missing that a level needs.
    """
    started = monotonic()
    scope = policy.redistribution.scope
    if scope == "bilateral":
        made = bilateral(instance, policy, seed)
        if not beside_optimum:
            return made
        national = policy.with_changes(name=f"{policy.name}-optimum", scope="national")
        found = redistribute(
            instance, national, backend=backend, time_limit=time_limit, seed=seed, workers=workers,
            progress=progress,
        )  # fmt: skip
        return replace(made, optimum=found)
    if scope not in DECIDED_BY_PROGRAM:
        decided = instance.transfers if scope == "decided" else ()
        return RedistributionResult(
            instance,
            policy,
            decided,
            Status.OPTIMAL,
            Termination.COMPLETED,
            backend="decided",
            seed=seed,
        )
    from fordela.solver.backends import get_backend

    problem = redistribution_problem(instance, policy)
    engine = get_backend(backend)
    limits = Limits(started + (time_limit or DEFAULT_SECONDS), seed, workers)
    parts, names = [], set()
    units = [0] * len(problem.pairs)
    for part, numbers in sorted(components(problem), key=lambda p: len(p[1])):
        rungs = None
        if backend == "auto" and len(numbers) >= _MANY_PAIRS:
            from fordela.solver.redistribution.by_columns import climb_by_columns

            rungs = climb_by_columns(part, limits, progress)
            names |= {"columns"} if rungs else set()
        if rungs is None:
            rungs = ProgramSearch(part, engine, limits, progress).climb()
            names.add(engine.name)
        parts.append(rungs)
        for number, amount in zip(numbers, rungs[-1].units or (), strict=False):
            units[number] = amount
    objective = _together(problem, units, parts)
    proven = all(o.status is Status.OPTIMAL for o in objective)
    found = RedistributionResult(
        instance=instance,
        policy=policy,
        transfers=problem.transfers(units),
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        termination=Termination.COMPLETED if proven or not limits.expired else Termination.TIME_LIMIT,
        objective=objective,
        backend=" + ".join(sorted(names)) or engine.name,
        backend_version=engine.version,
        seed=seed,
        seconds=monotonic() - started,
    )
    return with_trade_proofs(found)


def _together(
    problem: RedistributionProblem, units: Sequence[int], parts: Sequence[list[Rung]]
) -> tuple[LevelResult, ...]:
    """Levels of the whole from those of its parts, values evaluated anew."""
    results: list[LevelResult] = []
    proven = True
    for number, level in enumerate(problem.levels):
        rungs = [rungs[number] for rungs in parts]
        value = redistribution_value(level, problem, units)
        lengths = [len(r.value) if isinstance(r.value, tuple) else 1 for r in rungs]
        # Without any giver or receiver there are no parts, and a level is what it is.
        bound = _joined(level, [r.bound for r in rungs], lengths) if rungs else value
        if bound is not None and is_better(level, value, bound) and not _within(value, bound, rungs):
            raise InconsistencyError(f"{level}: {value} is better than its bound {bound}")
        settled = all(r.status is Status.OPTIMAL for r in rungs)
        proven = proven and settled
        status = Status.OPTIMAL if proven else Status.FEASIBLE
        exact = all(r.exact for r in rungs)
        tolerance = sum(r.tolerance for r in rungs)
        results.append(LevelResult(level, value, bound, status, None, exact, tolerance))
    return tuple(results)


def _within(value: Value, bound: Value, rungs: Sequence[Rung]) -> bool:
    if isinstance(value, tuple) or isinstance(bound, tuple):
        return False
    return bound - value <= Fraction(sum(r.tolerance for r in rungs))


def _joined(level: str, bounds: Sequence[Value | None], lengths: Sequence[int]) -> Value | None:
    """Bound of the whole: a sum, or the sorted vector as far as every part is proven."""
    if level in LINEAR or level in CONVEX:
        known = [b for b in bounds if isinstance(b, Fraction)]
        return sum(known, Fraction(0)) if len(known) == len(bounds) else None
    # What is not proven of a part is at most its last proven component.
    vectors = [b for b in bounds if isinstance(b, tuple)]
    if len(vectors) < len(bounds):
        return None
    merged = sorted((v for b in vectors for v in b), reverse=True)
    open_ends = [b[-1] for b, n in zip(vectors, lengths, strict=True) if len(b) < n]
    if not open_ends:
        return tuple(merged)
    return tuple(v for v in merged if v >= max(open_ends)) or None
