"""Municipality and home in one program: the counts of section 5 tied to those of section 8.

The levels of section 5 are optimised first, without homes. If everybody who can have a home at all
still has one on that face, nothing was lost by the order, for either came out as good as it can be
alone; else the levels are taken in the order of the stack.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from fordela.models.allocation import Allocation, Assignment
from fordela.models.errors import InfeasibleError, LimitError
from fordela.models.formulation.model import AllocationModel, Scope, build_model
from fordela.models.formulation.placement import Borne, PlacementModel, build_placement
from fordela.models.instance import Instance, Transfer
from fordela.models.placement.problem import PlacementProblem, Reach, placement_problem
from fordela.models.placement.stack import is_allocation_level, joint_stack
from fordela.models.policy import Policy
from fordela.models.program import Linear
from fordela.models.result import LevelResult, Status
from fordela.solver.dealing import credit
from fordela.solver.placement.components import components
from fordela.solver.placement.given import Engine, place_parts
from fordela.solver.placement.housed import Choice, deal
from fordela.solver.placement.lexicographic import (
    Placed,
    counts_of,
    floor_of,
    hold,
    one_level,
)
from fordela.solver.search import Search


@dataclass(frozen=True)
class Joint:
    """Municipalities and homes, with what each level of the stack is worth."""

    allocation: Allocation
    choices: Mapping[str, Choice]
    objective: tuple[LevelResult, ...]


@dataclass(frozen=True)
class _Year:
    """What does not change while levels are taken."""

    instance: Instance
    policy: Policy
    reach: Reach
    levels: tuple[str, ...]
    engine: Engine
    base: AllocationModel

    @property
    def search(self) -> Search:
        """Search for the levels of section 5."""
        return Search(self.engine.backend, self.engine.limits, self.engine.report)


@dataclass(frozen=True)
class _State:
    """Models in which some levels are held.

    Attributes
    ----------
    homes
        The program of homes on the same variables, None while no level needed it.
    apart
        Parts of the year without any case whose municipality is to be chosen.
    values
        The last solution.
    """

    allocation: AllocationModel
    homes: PlacementModel | None = None
    apart: tuple[PlacementProblem, ...] = ()
    values: list[int] | None = None
    done: tuple[LevelResult, ...] = ()


def optimal_twin(policy: Policy, transfers: Sequence[Transfer]) -> Policy:
    """The policy whose optimum a joint placement holds: its levels of section 5, by a program."""
    even = tuple(x for x in joint_stack(policy, transfers) if is_allocation_level(x))
    return policy.with_changes(rule="optimal", levels=even)


def place_jointly(
    instance: Instance,
    policy: Policy,
    transfers: tuple[Transfer, ...],
    engine: Engine,
    *,
    prices: bool = True,
) -> Joint:
    """Decide municipality and home of every case together.

    Raises
    ------
    InfeasibleError
        If it is proven that nothing satisfies the hard constraints.
    LimitError
        If the time ran out before any solution was found.
    """
    twin = optimal_twin(policy, transfers)
    base = build_model(instance, twin, transfers, Scope.of(twin, twin.optimal.levels))
    reach = Reach(instance, policy.placement)
    year = _Year(instance, policy, reach, joint_stack(policy, transfers), engine, base)
    split: set[int] = set()
    while True:
        state, before, moved = _climb(year, split)
        made = _deal(year, state)
        if isinstance(made, Joint):
            break
        split |= made
    if prices:
        made = replace(made, objective=_priced(year, split, made.objective, before, moved))
    return made


def _climb(year: _Year, split: set[int]) -> tuple[_State, dict[str, _State], bool]:
    """Take the levels; also return the state before each, and whether ``unplaced`` was put off."""
    even = [x for x in year.levels if is_allocation_level(x)]
    last = max(year.levels.index(x) for x in even)
    if set(year.levels[:last]) - set(even) <= {"unplaced"}:
        order = [*even, *(x for x in year.levels if not is_allocation_level(x))]
        state, before = _take(year, order, split, stop_at="unplaced")
        if state is not None:
            return state, before, order != list(year.levels)
    state, before = _take(year, list(year.levels), split)
    assert state is not None
    return state, before, False


def _take(
    year: _Year, order: Sequence[str], split: set[int], stop_at: str = ""
) -> tuple[_State | None, dict[str, _State]]:
    """Take levels in an order; give up where ``stop_at`` is not as low as it can be at all."""
    state, before = _State(year.base), {}
    for level in order:
        before[level] = state
        state = _level(year, state, level, split)
        if level == stop_at != year.levels[0] or not stop_at:
            continue
        if level == stop_at and state.done[-1].value != _least_unplaced(year, state):
            return None, before
    return state, before


def _level(year: _Year, state: _State, level: str, split: set[int]) -> _State:
    year.engine.report(level)
    if not is_allocation_level(level):
        return _home_level(year, _with_homes(year, state, split), level)
    found = year.search.level(state.allocation, level)
    if found.values is None or found.value is None:
        _give_up(year, state, infeasible=found.status is Status.INFEASIBLE)
    proven = found.status is Status.OPTIMAL and _proven(state)
    result = LevelResult(
        level, found.value, found.bound, Status.OPTIMAL if proven else Status.FEASIBLE, None,  # type: ignore[arg-type]
        found.exact, found.tolerance, found.certificate,
    )  # fmt: skip
    homes = None if state.homes is None else replace(state.homes, builder=found.held.builder)
    return replace(
        state, allocation=found.held, homes=homes, values=found.values, done=(*state.done, result)
    )


def _proven(state: _State) -> bool:
    return all(r.status is Status.OPTIMAL for r in state.done)


def _give_up(year: _Year, state: _State, *, infeasible: bool) -> None:
    name = year.instance.name
    if infeasible and not state.done:
        raise InfeasibleError(
            f"{name}: no placement satisfies the hard constraints of policy {year.policy.name}. "
            "List the level 'unplaced' in [placement] levels to see who has no home, and what would "
            "give everybody one"
        )
    raise LimitError(
        f"{name}: stopped at the time limit before a placement was found; "
        "allow more time with --time-limit"
    )


def _with_homes(year: _Year, state: _State, split: set[int]) -> _State:
    """Add the homes to the program, but for parts of the year that have nothing to choose."""
    if state.homes is not None:
        return state
    allocation = state.allocation.fork()
    problem = joint_problem(year.instance, year.reach, allocation.possible_bearers).split(split)
    parts = components(problem)
    free = [p for p in parts if any(kind.responsible < 0 for kind in p.types)]
    apart = tuple(p for p in parts if all(kind.responsible >= 0 for kind in p.types))
    homes = build_placement(merged(problem, free), allocation.builder, borne_of(allocation))
    return replace(state, allocation=allocation, homes=homes, apart=apart)


def joint_problem(
    instance: Instance, reach: Reach, candidates: Sequence[int]
) -> PlacementProblem:
    """Pose a year in which cases without a tie may go to any of the candidates."""
    tied = {c.case: reach.index[c.tie] for c in instance.cases if c.tie is not None}
    return placement_problem(reach, instance.cases, tied, candidates)


def merged(problem: PlacementProblem, parts: Sequence[PlacementProblem]) -> PlacementProblem:
    """Put parts of a problem together again."""
    names = {case.case for part in parts for kind in part.types for case in kind.cases}
    kinds = tuple(kind for kind in problem.types if kind.cases[0].case in names)
    return replace(problem, types=kinds)


def borne_of(model: AllocationModel) -> Borne:
    """Cases without a tie that each municipality bears, by size."""
    parts: dict[tuple[int, int], list[tuple[int, Linear]]] = defaultdict(list)
    for (size, _, j), count in model.borne_parts.items():
        parts[size, j].append((1, count))
    return {key: Linear.of(*counts) for key, counts in parts.items()}


def _home_level(year: _Year, state: _State, level: str) -> _State:
    homes = state.homes
    assert homes is not None
    taken = [r.level for r in state.done if not is_allocation_level(r.level)]
    apart = place_parts(state.apart, (*taken, level), year.engine)
    objective = homes.levels[level]
    found = one_level(homes, objective, year.engine.backend, year.engine.limits)
    if (state.apart and not apart.reached) or (found.values is None and state.values is None):
        _give_up(year, state, infeasible=apart.infeasible or found.infeasible)
    values = found.values
    if values is None:
        values, found = _extended(year, state)
    value, bound = objective.whole(values), found.bound
    rest = apart.reached[-1] if apart.reached else None
    optimal = _proven(state) and bound == value and (not rest or rest.status is Status.OPTIMAL)
    allocation = state.allocation.fork()
    homes = replace(homes, builder=allocation.builder)
    hold(homes, objective, value)
    more, least = (rest.value, rest.bound) if rest else (0, 0)
    result = LevelResult(
        level, Fraction(value + more), Fraction(min(bound, value) + least),
        Status.OPTIMAL if optimal else Status.FEASIBLE, None,
        found.exact and (not rest or rest.exact),
    )  # fmt: skip
    return replace(
        state, allocation=allocation, homes=homes, values=values, done=(*state.done, result)
    )
