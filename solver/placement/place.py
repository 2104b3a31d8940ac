"""Homes for a year's cases under a policy: the entry to placement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from time import monotonic

from fordela.models.allocation import Allocation, count
from fordela.models.errors import InfeasibleError, InputError, LimitError, Problem
from fordela.models.instance import Instance
from fordela.models.placement.outcome import Mode, Placement, PlacementResult, placement_levels
from fordela.models.placement.problem import Reach, placement_problem
from fordela.models.placement.stack import optimal_twin, placement_stack
from fordela.models.policy import IN_FORCE, Policy
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import LevelResult, Result, Status, Termination
from fordela.solver.backends import Limits, get_backend
from fordela.solver.backends.priced import Priced
from fordela.solver.placement.given import Engine, level_results, place_given, priced
from fordela.solver.placement.housed import Choice
from fordela.solver.placement.relaxations import relaxations
from fordela.solver.placement.vacancy import place_by_vacancy
from fordela.solver.proving import with_home_proofs
from fordela.solver.redistribution.decide import redistribute
from fordela.solver.solve import solve

#: Parts of the time left for the transfers, and for the sequential placement before a joint one.
_TRADING, _STARTING = 0.5, 0.3


def place(
    instance: Instance,
    policy: Policy = IN_FORCE,
    mode: Mode = "sequential",
    *,
    backend: str = "auto",
    time_limit: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    result: Result | None = None,
    redistribution: RedistributionResult | None = None,
    start: PlacementResult | None = None,
    prices: bool = True,
) -> PlacementResult:
    """Find a home for every case of a year.

    Parameters
    ----------
    instance, policy
        What to solve; the rule in force by default.
    mode
        ``vacancy``: whoever comes gets the home with most free places, in the municipality that the
        policy chose. ``sequential``: the policy's municipalities, then the best homes for all.
        ``joint``: municipalities and homes in one program.
    backend
        ``cp-sat``, ``highs``, ``cbc`` or ``auto``.
    time_limit
        Seconds, or None.
    seed, workers
        Seed of lots and backend; threads of the backend, or None for its own choice.
    progress
        Called with a word on what is being worked on.
    result
        Municipalities already found for this policy, for ``vacancy`` and ``sequential``.
    redistribution
        Transfers already found for this policy; by default they are found first.
    start
        The sequential placement under the same transfers, if it is known: a joint one begins with it,
        and is not worse level by level.
    prices
        Whether levels are priced, and the smallest relaxation looked for where somebody has no home.

    Returns
    -------
    PlacementResult
        With status, and the value, bound and price of every level (`[O]` 5; model, section 8).

    Raises
    ------
    InputError
        If the year has no homes, or the policy cannot be followed on it.
    InfeasibleError
        If everybody must have a home, and it is proven that not everybody can.
    LimitError
        If the time ran out before any placement was found.
    """
    started = monotonic()
    _refuse(instance, policy)
    deadline = None if time_limit is None else started + time_limit
    engine = Engine(Priced(get_backend(backend)), Limits(deadline, seed, workers), progress)
    if result is None and redistribution is None:
        redistribution = redistribute(
            instance, policy, backend=backend, time_limit=_seconds(engine, _TRADING), seed=seed,
            workers=workers, progress=progress,
        )  # fmt: skip
    if mode == "joint":
        assert redistribution is not None
        if start is None:
            start = _start(instance, policy, redistribution, engine, backend)
        return _jointly(policy, redistribution, start, engine, prices=prices, started=started)
    if result is None:
        result = solve(
            instance, policy, backend=backend, time_limit=_seconds(engine), seed=seed, workers=workers,
            progress=progress, redistribution=redistribution, prices=prices,
        )  # fmt: skip
    index = {m.code: k for k, m in enumerate(instance.municipalities)}
    bearers = {a.case: index[a.bearer] for a in result.allocation.assignments if a.bearer is not None}
    if mode == "vacancy":
        choices = place_by_vacancy(instance, policy.placement, bearers)
        made = _made(result, policy, mode, choices, (), engine, started)
        worth = placement_levels(instance, policy, made.placements)
        values = tuple(LevelResult(x, worth[x], None, Status.FEASIBLE) for x in placement_stack(policy))
        return replace(made, objective=values, backend="rule", backend_version="")
    return _given(result, policy, bearers, engine, prices=prices, started=started)


def _refuse(instance: Instance, policy: Policy) -> None:
    problems = []
    if not instance.homes:
        message = (
            "the year has no homes; add them as places.csv, or make some with "
            "'fordela instances new DIR --homes published'"
        )
        problems.append(Problem(instance.name, message))
    if policy.is_optimal and "siblings-split" in policy.optimal.levels:
        message = "siblings have one home, so they cannot be parted over municipalities here"
        problems.append(
            Problem(f"policy {policy.name}", message, column="[optimal] levels", value="siblings-split")
        )
    if problems:
        raise InputError(problems)


def _given(
    result: Result,
    policy: Policy,
    bearers: Mapping[str, int],
    engine: Engine,
    *,
    prices: bool,
    started: float,
) -> PlacementResult:
    """Find the best homes for given municipalities; who has none is without a home too."""
    instance, levels = result.instance, placement_stack(policy)
    reach = Reach(instance, policy.placement)
    lost = [c for c in instance.cases if c.case not in bearers]
    cases = [c for c in instance.cases if c.case in bearers]
    problem = placement_problem(reach, cases, bearers)
    placed = place_given(problem, levels, engine)
    if placed.infeasible or (lost and not problem.soft):
        raise InfeasibleError(
            f"{instance.name}: under policy {policy.name} not everybody can have a home. List the "
            "level 'unplaced' in [placement] levels to see who has none, and what would give everybody "
            "one"
        )
    if not placed.reached:
        raise LimitError(
            f"{instance.name}: stopped at the time limit before everybody had a home; "
            "allow more time with --time-limit"
        )
    found = level_results(placed.reached)
    if prices:
        found = priced(problem, found, engine)
    away = sum(case.size for case in lost)
    objective = tuple(
        replace(r, value=_more(r.value, away), bound=None if r.bound is None else _more(r.bound, away))
        if r.level == "unplaced"
        else r
        for r in found
    )
    choices = dict(placed.choices)
    for case in lost:
        choices[case.case] = Choice(-1, None, (case.size, 0, 0, 0, 0))
    return _made(result, policy, "sequential", choices, objective, engine, started, relax=prices)


def _more(value: object, children: int) -> Fraction:
    assert isinstance(value, Fraction)
    return value + children


def _seconds(engine: Engine, part: float = 1.0) -> float | None:
    """Part of the time left, None without a limit."""
    return engine.limits.share(part).seconds_left


def _start(
    instance: Instance,
    policy: Policy,
    redistribution: RedistributionResult,
    engine: Engine,
    backend: str,
) -> PlacementResult | None:
    """Place sequentially, for a joint placement to begin with; None where that cannot be done."""
    limits = engine.limits
    try:
        return place(
            instance, policy, backend=backend, time_limit=_seconds(engine, _STARTING), seed=limits.seed,
            workers=limits.workers, progress=engine.report, redistribution=redistribution, prices=False,
        )  # fmt: skip
    except (InfeasibleError, LimitError):
        return None


def _jointly(
    policy: Policy,
    traded: RedistributionResult,
    start: PlacementResult | None,
    engine: Engine,
    *,
    prices: bool,
    started: float,
) -> PlacementResult:
    from fordela.solver.placement.joint import place_jointly

    instance, limits = traded.instance, engine.limits
    transfers = traded.transfers
    joint = place_jointly(instance, policy, transfers, engine, start=start, prices=prices)
    twin = optimal_twin(policy, transfers)
    proven = all(r.status is Status.OPTIMAL for r in joint.municipalities)
    result = Result(
        instance=instance,
        policy=twin,
        transfers=transfers,
        allocation=joint.allocation,
        counts=count(instance, twin, joint.allocation.assignments),
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        termination=_ended(engine, proven=proven),
        objective=joint.municipalities,
        backend=engine.backend.name,
        backend_version=engine.backend.version,
        seed=limits.seed,
        seconds=monotonic() - started,
        # A result has one policy: here it is that of the municipalities.
        redistribution=_unless_decided(replace(traded, policy=twin)),
    )
    return _made(result, policy, "joint", joint.choices, joint.objective, engine, started, relax=prices)


def _unless_decided(made: RedistributionResult) -> RedistributionResult | None:
    return None if made.backend == "decided" else made


def _ended(engine: Engine, *, proven: bool) -> Termination:
    if proven or not engine.limits.expired:
        return Termination.COMPLETED
    return Termination.TIME_LIMIT


def _made(
    result: Result,
    policy: Policy,
    mode: Mode,
    choices: Mapping[str, Choice],
    objective: tuple[LevelResult, ...],
    engine: Engine,
    started: float,
    *,
    relax: bool = False,
) -> PlacementResult:
    proven = bool(objective) and all(r.status is Status.OPTIMAL for r in objective)
    made = PlacementResult(
        result=result,
        policy=policy,
        mode=mode,
        placements=_placements(result.instance, result.allocation, choices),
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        termination=Termination.COMPLETED if mode == "vacancy" else _ended(engine, proven=proven),
        objective=objective,
        backend=engine.backend.name,
        backend_version=engine.backend.version,
        seed=engine.limits.seed,
        seconds=monotonic() - started,
    )
    if relax:
        made = replace(made, relaxations=relaxations(made, engine))
    return with_home_proofs(made)


def _placements(
    instance: Instance, allocation: Allocation, choices: Mapping[str, Choice]
) -> tuple[Placement, ...]:
    bearers = {a.child: a.bearer for a in allocation.assignments}
    return tuple(
        Placement(c.child, c.case, bearers[c.child], choices[c.case].place) for c in instance.children
    )
