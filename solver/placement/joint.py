"""Municipality and home in one program: the counts of section 5 tied to those of section 8.

The levels of section 5 are optimised first, without homes. If everybody who can have a home at all
still has one on that face, nothing was lost by the order, for either came out as good as it can be
alone; else the levels are taken in the order of the stack, with homes from the beginning.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from fordela.models.allocation import Allocation, Assignment
from fordela.models.errors import InconsistencyError, InfeasibleError, LimitError
from fordela.models.formulation.model import Scope, build_model
from fordela.models.instance import Instance, Transfer
from fordela.models.norms import Value
from fordela.models.placement.outcome import PlacementResult
from fordela.models.placement.problem import Reach, placement_problem
from fordela.models.placement.stack import joint_stack, optimal_twin
from fordela.models.placement.stays import stay_of
from fordela.models.policy import Policy
from fordela.models.result import LevelResult, Status
from fordela.solver.bounds import no_progress
from fordela.solver.dealing import credit
from fordela.solver.placement.by_turns import is_large, place_by_turns
from fordela.solver.placement.given import Engine, place_given
from fordela.solver.placement.housed import Choice
from fordela.solver.placement.joint_prices import priced
from fordela.solver.placement.lexicographic import dealt
from fordela.solver.placement.stage import (
    Climb,
    JointYear,
    Stage,
    StuckError,
    take_level,
    with_homes,
    worth,
)
from fordela.solver.placement.start import (
    Known,
    improved,
    known_of,
    not_worse,
    started,
    values_of,
)
from fordela.solver.pricing import without_word


@dataclass(frozen=True)
class Joint:
    """Municipalities and homes, with what each level of the stack is worth.

    Attributes
    ----------
    municipalities
        The levels of section 5 as if there were no homes: what is proven of the municipalities alone.
    believed
        Whether no price disproved the engine.
    """

    allocation: Allocation
    choices: Mapping[str, Choice]
    objective: tuple[LevelResult, ...]
    municipalities: tuple[LevelResult, ...] = ()
    believed: bool = True


def place_jointly(
    instance: Instance,
    policy: Policy,
    transfers: tuple[Transfer, ...],
    engine: Engine,
    *,
    start: PlacementResult | None = None,
    prices: bool = True,
) -> Joint:
    """Decide municipality and home of every case together.

    Parameters
    ----------
    start
        A placement under the same transfers that is known already: what is found is not worse.

    Raises
    ------
    InfeasibleError
        If it is proven that nothing satisfies the hard constraints.
    LimitError
        If the time ran out before any solution was found.
    """
    twin = optimal_twin(policy, transfers)
    base = Stage(build_model(instance, twin, transfers, Scope.of(twin, twin.optimal.levels)))
    levels, reach = joint_stack(policy, transfers), Reach(instance, policy.placement)
    year = JointYear(instance, policy, twin, transfers, levels, reach, engine)
    known = None if start is None else known_of(year, base.allocation, start)
    large = is_large(reach, instance.cases)
    if known is not None and engine.limits.deadline is not None:
        known = improved(year, known)
    even: Mapping[str, Stage] = {"": base}
    try:
        even = _even_first(year, started(year, base, known))
        made = _in_turns(year, even) if large else _searched(year, base, even, known, prices=prices)
    except LimitError:
        if known is None:
            raise
        made = Joint(known.allocation, known.choices, ())
    except InfeasibleError as error:
        if known is None:
            raise
        raise InconsistencyError(
            f"{instance.name}: a placement is known, and it is called impossible; please report this"
        ) from error
    alone = even[""].done if made.believed else without_word(even[""].done)
    better = None if known is None else not_worse(year, made.objective, known)
    if known is not None and better is not None:
        made = Joint(known.allocation, known.choices, better)
    return replace(made, municipalities=_alone(year, alone, made.objective))


def _searched(
    year: JointYear, base: Stage, even: Mapping[str, Stage], known: Known | None, *, prices: bool
) -> Joint:
    """Search with one program for municipalities and homes, or in turns when the time is up."""
    year = replace(year, floors=_floors(year, base, even[""]))
    while True:  # with each turn more homes are told apart
        try:
            climb = _climb(year, base, even, known)
            made = _dealt(year, climb.stage)
        except StuckError as stuck:
            if stuck.infeasible:
                raise InfeasibleError(_impossible(year)) from None
            return _in_turns(year, even)
        if isinstance(made, Joint):
            break
        if made <= year.split:
            raise no_progress(year.instance.name)
        year = replace(year, split=year.split | made)
    if not prices:
        return made
    objective, believed = priced(year, climb, made.objective)
    return replace(made, objective=objective, believed=believed)


def _alone(
    year: JointYear, even: Sequence[LevelResult], objective: Sequence[LevelResult]
) -> tuple[LevelResult, ...]:
    """Say what the municipalities are worth without homes: proven while they are as good as that."""
    reached, best = {r.level: r.value for r in objective}, {r.level: r for r in even}
    found, same = [], True
    for level in year.twin.optimal.levels:
        value = reached[level]
        result = best.get(level) if same else None
        if result is None:
            result = LevelResult(level, value, None, Status.FEASIBLE)
        same = same and result.value == value
        status = result.status if same else Status.FEASIBLE
        found.append(replace(result, value=value, status=status, price=None))
    return tuple(found)


def _impossible(year: JointYear) -> str:
    return (
        f"{year.instance.name}: no placement satisfies the hard constraints of policy "
        f"{year.policy.name}. List the level 'unplaced' in [placement] levels to see who has no home, "
        "and what would give everybody one"
    )


def _even_first(year: JointYear, base: Stage) -> dict[str, Stage]:
    """Take the levels of section 5 without homes: the stage before each, and at the end."""
    before, stage = {}, base
    for level in year.twin.optimal.levels:
        before[level] = stage
        try:
            stage = take_level(year, stage, level)
        except StuckError as stuck:
            if stuck.infeasible:
                raise InfeasibleError(_impossible(year)) from None
            raise LimitError(
                f"{year.instance.name}: stopped at the time limit before a placement was found; "
                "allow more time with --time-limit"
            ) from None
    return {**before, "": stage}


def _climb(year: JointYear, base: Stage, even: Mapping[str, Stage], known: Known | None) -> Climb:
    """Take the levels of section 8 after those of section 5 if nothing is lost, or all in order."""
    last = max(map(year.levels.index, year.twin.optimal.levels), default=-1)
    ahead = set(year.levels[:last]) - set(year.twin.optimal.levels)
    if ahead <= {"unplaced"}:
        try:
            stage, before = _take(year, year.home_levels[: len(ahead)], even[""], dict(even))
            if not ahead or worth(stage)["unplaced"] == year.floors["unplaced"]:
                stage, more = _take(year, year.home_levels[len(ahead) :], stage, before)
                return Climb(stage, more, first=True)
        except StuckError as stuck:
            # Where everybody must have a home, there may be none on the face without homes.
            if not stuck.infeasible:
                raise
    stage = started(year, with_homes(year, base), known)
    stage, before = _take(year, year.levels, stage, {})
    return Climb(stage, before, first=False)


def _take(
    year: JointYear, levels: Sequence[str], stage: Stage, before: dict[str, Stage]
) -> tuple[Stage, dict[str, Stage]]:
    for level in levels:
        before[level] = stage
        stage = take_level(year, stage, level)
    return stage, before


def _floors(year: JointYear, base: Stage, even: Stage) -> dict[str, Value]:
    found = {r.level: r.value for r in even.done if r.status is Status.OPTIMAL}
    if "unplaced" in year.levels:
        found["unplaced"] = Fraction(_least_unplaced(year, base))
    return found


def _least_unplaced(year: JointYear, base: Stage) -> int:
    """Children without a home even if all others went where they liked best: a bound from below."""
    tied = {c.case: year.reach.index[c.tie] for c in year.instance.cases if c.tie is not None}
    cases = [c for c in year.instance.cases if c.tie is not None]
    alone = place_given(placement_problem(year.reach, cases, tied), ["unplaced"], year.engine)
    anywhere = base.allocation.possible_bearers
    nowhere = sum(
        case.size
        for case in year.instance.cases
        if case.tie is None and not any(year.reach.options(case, stay_of(case), k) for k in anywhere)
    )
    return nowhere + (alone.reached[0].bound if alone.reached else 0)


def _dealt(year: JointYear, stage: Stage) -> Joint | frozenset[int]:
    """Give every case its municipality and home, or say whose homes must be told apart."""
    homes, apart = stage.homes, stage.apart
    assert homes is not None
    assert apart is not None
    assert stage.values is not None
    choices, broken = dealt(homes, stage.values)
    if broken:
        alike = {homes.problem.groups[k].homes for k in broken}
        return frozenset(k for k, group in enumerate(year.reach.groups) if group.homes in alike)
    choices.update(apart.placed(year.home_levels).choices)
    allocation = _owned(year, stage, choices, _owners(year, stage, choices))
    return Joint(allocation, choices, _recomputed(year, allocation, choices, stage.done))


def _counted(stage: Stage) -> dict[tuple[int, int, int], int]:
    """Cases without a tie by size, owner and bearer."""
    assert stage.values is not None
    return {key: count.whole(stage.values) for key, count in stage.allocation.borne_parts.items()}


def _owners(year: JointYear, stage: Stage, choices: Mapping[str, Choice]) -> dict[str, int]:
    """Owners of cases without a tie, in the numbers that the counts give each municipality."""
    owners: dict[tuple[int, int], deque[int]] = defaultdict(deque)
    for (size, i, j), count in _counted(stage).items():
        owners[size, j].extend([i] * count)
    return {
        case.case: owners[case.size, choices[case.case].responsible].popleft()
        for case in year.instance.cases
        if case.tie is None
    }


def _owned(
    year: JointYear, stage: Stage, choices: Mapping[str, Choice], owners: Mapping[str, int]
) -> Allocation:
    """Write the chosen municipalities as decisions, with their owners."""
    assert stage.values is not None
    codes = [m.code for m in year.instance.municipalities]
    rows = []
    order = {case.case: (k, case) for k, case in enumerate(year.instance.cases, 1)}
    for child in year.instance.children:
        number, case = order[child.case]
        bearer = codes[choices[case.case].responsible]
        if child.tie is not None:
            rows.append(Assignment(child.child, child.case, bearer, bearer, "kinship", number))
            continue
        owner = codes[owners[case.case]]
        rows.append(Assignment(child.child, child.case, bearer, owner, "equalising", number))
    return Allocation(tuple(credit(stage.allocation, stage.values, rows, codes)))


def _recomputed(
    year: JointYear, allocation: Allocation, choices: Mapping[str, Choice], done: Sequence[LevelResult]
) -> tuple[LevelResult, ...]:
    """Put the levels into the order of the stack, each worked out from the decisions.

    Raises
    ------
    InconsistencyError
        If a proven value is not what the decisions give.
    """
    found = {r.level: r for r in done}
    worth = values_of(year, allocation, choices)
    in_order, proven = [], True
    for level in year.levels:
        result = found[level]
        if result.value != worth[level] and result.status is Status.OPTIMAL:
            raise InconsistencyError(
                f"{level}: the counts give {result.value}, the decisions {worth[level]}; "
                "please report this"
            )
        proven = proven and result.status is Status.OPTIMAL
        status = Status.OPTIMAL if proven else Status.FEASIBLE
        in_order.append(replace(result, value=worth[level], status=status))
    return tuple(in_order)


def _in_turns(year: JointYear, even: Mapping[str, Stage]) -> Joint:
    """Even shares first and then homes: for years too large for one program, or when time ran out.

    Raises
    ------
    LimitError
        If everybody must have a home, and not everybody was given one.
    """
    try:
        turns = place_by_turns(year, even[""])
    except StuckError as stuck:
        if stuck.infeasible:
            raise InfeasibleError(_impossible(year)) from None
        raise LimitError(
            f"{year.instance.name}: stopped at the time limit before everybody had a home; "
            "allow more time with --time-limit, or list the level 'unplaced' in [placement] levels"
        ) from None
    stage = turns.stage
    allocation = _owned(year, stage, turns.choices, _owners(year, stage, turns.choices))
    values = values_of(year, allocation, turns.choices)
    done = {r.level: r for r in stage.done}
    results, sure, open_levels = [], True, set(done)
    for level in year.levels:
        value = values[level]
        if level in done:
            open_levels.remove(level)
            result = replace(done[level], value=value)
            sure = sure and result.status is Status.OPTIMAL and done[level].value == value
        else:
            known = turns.bounds[level]
            # Even shares were held throughout: they may be so only where they come before.
            bound = Fraction(known.held if sure and not open_levels else known.always)
            sure = sure and bound == value
            result = LevelResult(level, value, bound, Status.FEASIBLE, exact=bound == value)
        results.append(replace(result, status=Status.OPTIMAL if sure else Status.FEASIBLE))
    return Joint(allocation, turns.choices, tuple(results))
