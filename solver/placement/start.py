"""A placement that is known before a joint one is looked for: the sequential one, made better.

What a joint search gives is never worse, level by level in their order, than what it started from.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from fordela.models.allocation import Allocation, Assignment
from fordela.models.formulation.model import AllocationModel
from fordela.models.levels import Outcome, level_value
from fordela.models.norms import Value, precedes
from fordela.models.placement.outcome import Placement, PlacementResult, placement_levels
from fordela.models.placement.stays import stay_of
from fordela.models.program import Linear
from fordela.models.result import LevelResult, Status
from fordela.solver.placement.exchanges import place_with_exchanges
from fordela.solver.placement.housed import Choice
from fordela.solver.placement.stage import JointYear, Stage

#: Part of the time left in which a known placement is made better before anything else.
_PART = 0.25


@dataclass(frozen=True)
class Known:
    """Municipalities and homes that are allowed together, with what each level is worth."""

    allocation: Allocation
    choices: Mapping[str, Choice]
    values: Mapping[str, Value]


def values_of(
    year: JointYear, allocation: Allocation, choices: Mapping[str, Choice]
) -> dict[str, Value]:
    """Work out every level of a joint placement from its decisions."""
    outcome = Outcome.of(year.instance, year.twin, year.transfers, allocation.assignments)
    bearers = {a.child: a.bearer for a in allocation.assignments}
    rows = [
        Placement(c.child, c.case, bearers[c.child], choices[c.case].place)
        for c in year.instance.children
    ]
    worth: dict[str, Value] = dict(placement_levels(year.instance, year.policy, rows))
    even = {x: level_value(x, outcome) for x in year.twin.optimal.levels}
    return {level: even.get(level, worth.get(level, Fraction(0))) for level in year.levels}


def known_of(year: JointYear, model: AllocationModel, made: PlacementResult) -> Known | None:
    """Return a sequential placement as one that a joint search may start from.

    Returns
    -------
    Known or None
        None where it is not one of those that a joint placement chooses from: a tie that is not
        followed, a child without a municipality, a willing place or one after the valve that holds no
        share, or more children than a hard capacity allows.
    """
    assignments = made.result.allocation.assignments
    index, homes = year.reach.index, made.homes
    ties = {case.case: case.tie for case in year.instance.cases}
    for a in assignments:
        if a.bearer is None or a.owner is None:
            return None
        if ties[a.case] is not None:
            if a.bearer != ties[a.case] or a.owner != a.bearer:
                return None
        elif not model.ledger.share[index[a.owner]] or index[a.bearer] not in model.ledger.bearers(
            index[a.owner]
        ):
            return None
    if year.twin.assignment.capacity == "hard":
        outcome = Outcome.of(year.instance, year.twin, year.transfers, assignments)
        if level_value("over-capacity", outcome):
            return None
    places = {p.case: p.place for p in made.placements}
    if "unplaced" not in year.levels and None in places.values():
        return None
    kinds = {case.case: "equalising" if case.tie is None else "kinship" for case in year.instance.cases}
    rows = tuple(replace(a, kind=kinds[a.case], bearer=a.bearer) for a in assignments)  # type: ignore[arg-type]
    bearers = {a.case: index[str(a.bearer)] for a in rows}
    choices = {}
    for case in year.instance.cases:
        where, place = bearers[case.case], places[case.case]
        cost: tuple[int, ...] = (case.size, 0, 0, 0, 0)
        if place is not None:
            group = next(k for k, g in enumerate(year.reach.groups) if homes[place] in g.homes)
            options = year.reach.options(case, stay_of(case), where)
            cost = next(o.cost for o in options if o.group == group)
        choices[case.case] = Choice(where, place, cost)
    allocation = Allocation(rows)
    return Known(allocation, choices, values_of(year, allocation, choices))


def improved(year: JointYear, known: Known) -> Known:
    """Let cases without a tie change places for a part of the time; numbers by municipality stay."""
    engine = replace(year.engine, limits=year.engine.limits.share(_PART))
    where = {case: choice.responsible for case, choice in known.choices.items()}
    choices = place_with_exchanges(
        year.reach, year.instance.cases, where, year.home_levels, engine, known.choices
    )
    allocation = _moved(year, known.allocation, choices)
    better = Known(allocation, choices, values_of(year, allocation, choices))
    return better if _is_better(year, better.values, known.values) else known


def _is_better(year: JointYear, left: Mapping[str, Value], right: Mapping[str, Value]) -> bool:
    return precedes(year.levels, [left[x] for x in year.levels], [right[x] for x in year.levels])


def _moved(year: JointYear, allocation: Allocation, choices: Mapping[str, Choice]) -> Allocation:
    """Give cases of one size that changed places each other's owners too."""
    codes = [m.code for m in year.instance.municipalities]
    rows: dict[str, list[Assignment]] = defaultdict(list)
    for a in allocation.assignments:
        rows[a.case].append(a)
    slots: dict[tuple[int, str | None], deque[list[Assignment]]] = defaultdict(deque)
    loose = [case for case in year.instance.cases if case.tie is None]
    for case in loose:
        slots[case.size, rows[case.case][0].bearer].append(rows[case.case])
    made = {a.child: a for a in allocation.assignments}
    for case in loose:
        slot = slots[case.size, codes[choices[case.case].responsible]].popleft()
        for child, there in zip(case.children, slot, strict=True):
            made[child.child] = replace(made[child.child], bearer=there.bearer, owner=there.owner)
    return Allocation(tuple(made[a.child] for a in allocation.assignments))


def started(year: JointYear, stage: Stage, known: Known | None) -> Stage:
    """Give a stage the known placement as its solution, with homes where it has them."""
    if known is None:
        return replace(stage, values=None)
    fixed = _allocation_values(stage.allocation, known)
    if stage.homes is not None:
        at_homes = _home_values(stage, known)
        if at_homes is None:
            return replace(stage, values=None)
        fixed |= at_homes
    return replace(stage, values=_completed(year, stage, fixed))


def _allocation_values(model: AllocationModel, known: Known) -> dict[int, int]:
    """Values of the counts of section 5."""
    index = {m.code: k for k, m in enumerate(model.instance.municipalities)}
    cases: Counter[tuple[int, int, int]] = Counter()
    children: Counter[tuple[int, int]] = Counter()
    sizes = {case.case: case.size for case in model.instance.cases}
    first: set[str] = set()
    for a in known.allocation.assignments:
        if a.kind != "equalising":
            continue
        i, j = index[str(a.owner)], index[str(a.bearer)]
        children[i, j] += 1
        if a.case not in first:
            first.add(a.case)
            cases[sizes[a.case], j if model.credits else i, j] += 1
    fixed = {_variable(x): cases[key] for key, x in model.borne_parts.items()}
    holders = Counter(j for _, j in model.credits)
    for (i, j), x in model.credits.items():
        if holders[j] > 1:
            fixed[_variable(x)] = children[i, j]
    return fixed


def _home_values(stage: Stage, known: Known) -> dict[int, int] | None:
    """Values of the counts of section 8; None where a case lives where the program has no count."""
    homes = stage.homes
    assert homes is not None
    problem = homes.problem
    group_of = {home.place: k for k, group in enumerate(problem.groups) for home in group.homes}
    fixed = {_variable(x): 0 for x in (*homes.placed.values(), *homes.homeless.values())}
    fixed |= {_variable(x): 0 for x in homes.adrift.values()}
    for t, kind in enumerate(problem.types):
        for case in kind.cases:
            choice = known.choices[case.case]
            if choice.place is None:
                taken = [homes.homeless[t]]
                if kind.responsible < 0:
                    taken.append(homes.adrift[kind.size, choice.responsible])
            else:
                there = (choice.responsible, group_of[choice.place])
                options = [o for o in kind.options if (o.responsible, o.group) == there]
                if not options:
                    return None
                taken = [homes.placed[t, options[0]]]
            for x in taken:
                fixed[_variable(x)] += 1
    return fixed


def _variable(x: Linear) -> int:
    (variable,) = x.terms
    return variable


def _completed(year: JointYear, stage: Stage, fixed: Mapping[int, int]) -> list[int] | None:
    """Find what else goes with some values: loads of homes, and what measures a level."""
    program = stage.allocation.builder.program(Linear())
    if len(fixed) == len(program.lowers):
        return [fixed[v] for v in range(len(fixed))]
    lowers = tuple(fixed.get(v, low) for v, low in enumerate(program.lowers))
    uppers = tuple(fixed.get(v, high) for v, high in enumerate(program.uppers))
    program = replace(program, lowers=lowers, uppers=uppers, choices=())
    return year.engine.backend.solve(program, replace(year.engine.limits, deadline=None)).values


def not_worse(
    year: JointYear, objective: Sequence[LevelResult], known: Known
) -> tuple[LevelResult, ...] | None:
    """Levels of the known placement, with what was proven; None where what was found is as good."""
    found = {r.level: r for r in objective}
    if found and not _is_better(year, known.values, {x: r.value for x, r in found.items()}):
        return None
    results, proven, same = [], True, True
    for level in year.levels:
        value, other = known.values[level], found.get(level) if same else None
        if other is None:
            other = LevelResult(level, value, None, Status.FEASIBLE)
        # A bound holds as long as the levels before it are what they were when it was found.
        same = same and other.value == value
        proven = proven and other.bound == value
        status = Status.OPTIMAL if proven else Status.FEASIBLE
        results.append(replace(other, value=value, status=status))
    return tuple(results)
