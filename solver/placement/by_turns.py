"""A joint placement that is too large for one program, in turns, with bounds that hold for all of it.

1. Homes for the cases with a tie, whose municipality nothing can change.
2. Municipalities for the others, in the numbers that even shares give: a flow to the homes left.
3. Homes for all in those municipalities, again where somebody could still have a better one.

Every solution gives those with a tie at least what they cost alone, and each of the others at least its
cheapest home anywhere: the sum is a bound, level by level, as long as the levels before meet theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fordela.models.formulation.dispersal import Supply, disperse
from fordela.models.homes import Home
from fordela.models.instance import Case
from fordela.models.placement.fit import fit
from fordela.models.placement.problem import (
    POSITION,
    Cost,
    HomeGroup,
    PlacementProblem,
    Reach,
    kind_of,
    needs_of,
    placement_problem,
)
from fordela.models.placement.stays import is_open, stay_of
from fordela.solver.placement.components import components
from fordela.solver.placement.given import Engine, each_part, place_given
from fordela.solver.placement.housed import Choice, Housed, floor_of, in_order, total
from fordela.solver.placement.lexicographic import Placed
from fordela.solver.placement.stage import StuckError

#: Pairs of a case without a tie and a group of homes above which there is no one program for all.
MOST_PAIRS = 2_000_000
#: How much more a level weighs than the next one in the flow.
_WEIGHT = 1_000
#: Parts of the time left for those with a tie, for each flow, and for better homes at the end.
_TIED, _FLOW, _AGAIN = 0.5, 0.2, 0.85


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a level costs at least: with the levels before at their bounds, and whatever they are."""

    held: int
    always: int


@dataclass(frozen=True)
class Turns:
    """Homes for all, the owners of cases without a tie, and what is proven of each level."""

    choices: Mapping[str, Choice]
    owners: Mapping[str, int]
    bounds: Mapping[str, Bounds]


def is_large(reach: Reach, cases: Sequence[Case]) -> bool:
    """Whether one program for municipalities and homes would be too large."""
    free = sum(case.tie is None for case in cases)
    return free * len(reach.groups) > MOST_PAIRS


def place_by_turns(
    reach: Reach,
    cases: Sequence[Case],
    borne: Mapping[tuple[int, int, int], int],
    levels: Sequence[str],
    engine: Engine,
    outside: int = 0,
) -> Turns:
    """Place a year whose numbers of children by owner and bearer are settled.

    Parameters
    ----------
    borne
        Cases without a tie by size, owner and bearer, in one solution.
    levels
        Levels of section 8, in their order.
    outside
        Children without a tie whose municipality is known to have no home that they could live in.

    Raises
    ------
    StuckError
        If everybody must have a home and those with a tie cannot, or not everybody was given one.
    """
    tied = [case for case in cases if case.tie is not None]
    loose = [case for case in cases if case.tie is None]
    ties = {case.case: reach.index[str(case.tie)] for case in tied}
    problem = placement_problem(reach, tied, ties)
    first = place_given(problem, levels, replace(engine, limits=engine.limits.share(_TIED)))
    if tied and not first.reached:
        raise StuckError(infeasible=first.infeasible)
    kinds = Kinds.of(reach)
    ways = {case.case: kinds.costs(case) for case in loose}
    going = _sent(kinds, loose, ways, borne, _settled(tied, first.choices), levels, engine)
    choices = {**first.choices, **{case: choice for case, (_, choice) in going.items()}}
    least = {case.case: _least(case, ways[case.case], levels, soft=problem.soft) for case in loose}
    again = replace(engine, limits=engine.limits.share(_AGAIN))
    choices = _improved(reach, cases, choices, least, levels, again)
    if "unplaced" not in levels and any(choice.place is None for choice in choices.values()):
        raise StuckError(infeasible=False)
    bounds = _bounds(problem, first, loose, ways, least, levels, outside)
    return Turns(choices, {case: owner for case, (owner, _) in going.items()}, bounds)


def _sent(
    kinds: Kinds,
    cases: Sequence[Case],
    ways: Mapping[str, Mapping[int, Cost]],
    borne: Mapping[tuple[int, int, int], int],
    housed: Housed,
    levels: Sequence[str],
    engine: Engine,
) -> dict[str, tuple[int, Choice]]:
    """Send cases without a tie to municipalities, the largest first: owner, and a home if there is one.

    Siblings may go wherever the municipality takes as many children, for only children are counted; the
    numbers of cases by size are kept where that does not come out even.
    """
    children: dict[tuple[int, int], int] = defaultdict(int)
    for (size, i, j), count in borne.items():
        children[i, j] += size * count
    sent: dict[str, tuple[int, Choice]] = {}
    for size in sorted({case.size for case in cases}, reverse=True):
        engine.report(f"municipalities for cases of {size}")
        alike = [case for case in cases if case.size == size]
        room = {pair: left // size for pair, left in children.items()}
        if sum(room.values()) < len(alike):
            # What is left over is in parts too small: as in the solution that is known.
            return _as_known(cases, borne)
        going = _dispersed(kinds, alike, ways, room, housed, levels, engine)
        for owner, choice in going.values():
            children[owner, choice.responsible] -= size
        sent.update(going)
    return sent


def _as_known(
    cases: Sequence[Case], borne: Mapping[tuple[int, int, int], int]
) -> dict[str, tuple[int, Choice]]:
    """Send cases in the numbers of a known solution, without homes yet."""
    slots: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (size, i, j), count in borne.items():
        slots[size] += [(i, j)] * count
    sent = {}
    for case in cases:
        owner, j = slots[case.size].pop()
        sent[case.case] = owner, Choice(j, None, (case.size, 0, 0, 0, 0))
    return sent


@dataclass(frozen=True)
class Kinds:
    """Homes that differ in nothing but where they lie.

    Attributes
    ----------
    examples
        One home of each kind.
    groups
        Groups by kind and municipality.
    givers
        Municipalities that may place in one, by agreement.
    """

    reach: Reach
    examples: tuple[Home, ...]
    groups: Mapping[tuple[int, int], tuple[HomeGroup, ...]]
    givers: Mapping[int, list[int]]
    _fits: dict[tuple[object, ...], dict[int, Cost]] = field(default_factory=dict)

    @classmethod
    def of(cls, reach: Reach) -> Kinds:
        """Find the kinds of a year's homes; relatives' homes are for nobody without a tie."""
        number: dict[tuple[object, ...], int] = {}
        examples: list[Home] = []
        groups: dict[tuple[int, int], list[HomeGroup]] = defaultdict(list)
        for group in reach.groups:
            home = group.homes[0]
            if home.form == "network-home":
                continue
            key = (*kind_of(home), home.first, home.last)
            if key not in number:
                number[key] = len(examples)
                examples.append(home)
            groups[number[key], group.municipality].append(group)
        givers: dict[int, list[int]] = defaultdict(list)
        for j, partners in reach.partners.items():
            for placing in partners:
                givers[placing].append(j)
        together = {key: tuple(found) for key, found in groups.items()}
        return cls(reach, tuple(examples), together, givers)

    def away(self, responsible: int, placing: int, size: int) -> Cost:
        """What it costs that a home lies in another municipality."""
        if responsible == placing:
            return (0, 0, 0, 0, 0)
        return (0, size, 0, 0, size * self.reach.kilometres(responsible, placing))

    def costs(self, case: Case) -> dict[int, Cost]:
        """What each kind costs a case in its own municipality, where it may live in one."""
        who = needs_of(case)
        if who not in self._fits:
            fits = ((k, fit(case, home, self.reach.rules)) for k, home in enumerate(self.examples))
            self._fits[who] = {k: (0, 0, f.unmet, f.unsuitable, 0) for k, f in fits if f is not None}
        stay = stay_of(case)
        return {k: cost for k, cost in self._fits[who].items() if is_open(self.examples[k], stay)}


def _settled(cases: Sequence[Case], choices: Mapping[str, Choice]) -> Housed:
    housed = Housed()
    for case in cases:
        place = choices[case.case].place
        if place is not None:
            housed.move_in(place, stay_of(case), case.size)
    return housed


def _dispersed(
    kinds: Kinds,
    cases: Sequence[Case],
    ways: Mapping[str, Mapping[int, Cost]],
    room: Mapping[tuple[int, int], int],
    housed: Housed,
    levels: Sequence[str],
    engine: Engine,
) -> dict[str, tuple[int, Choice]]:
    """Give cases of one size an owner and a municipality, and a home that is free however long."""
    size = cases[0].size
    alike: dict[tuple[tuple[int, Cost], ...], list[Case]] = defaultdict(list)
    for case in cases:
        alike[tuple(ways[case.case].items())].append(case)
    slots: dict[int, list[int]] = defaultdict(list)  # by bearer: owners, one for each case
    for (i, j), count in room.items():
        slots[j] += [i] * count
    free = {
        key: sum((h.places - housed.peak(h.place)) // size for g in groups for h in g.homes)
        for key, groups in kinds.groups.items()
    }
    away = {
        Supply(kind, placing, j): kinds.away(j, placing, size)
        for kind, placing in free
        for j in (placing, *kinds.givers[placing])
        if free[kind, placing] and slots[j]
    }
    weights = _weights(levels)
    model = disperse(
        [len(same) for same in alike.values()],
        [{k: _weigh(cost, weights) for k, cost in costs} for costs in alike],
        free,
        {supply: _weigh(cost, weights) for supply, cost in away.items()},
        {j: len(owners) for j, owners in slots.items()},
        _weigh((size, 0, 0, 0, 0), weights),
    )
    answer = engine.backend.solve(model.program, engine.limits.share(_FLOW))
    sent: dict[str, tuple[int, Choice]] = {}
    if answer.values is not None:
        going: dict[int, list[Case]] = defaultdict(list)
        waiting = [list(same) for same in alike.values()]
        for (number, kind), chosen in model.chosen.items():
            going[kind] += [waiting[number].pop() for _ in range(chosen.whole(answer.values))]
        for supply, taken in model.taken.items():
            for _ in range(taken.whole(answer.values)):
                case, j = going[supply.kind].pop(), supply.responsible
                home = _free_home(kinds.groups[supply.kind, supply.placing], housed, case)
                fitting = ways[case.case][supply.kind]
                cost = (0, away[supply][1], fitting[2], fitting[3], away[supply][4])
                sent[case.case] = slots[j].pop(), Choice(j, home.place, cost)
    somewhere = [(i, j) for j, owners in slots.items() for i in owners]
    for case in cases:
        if case.case not in sent:
            owner, j = somewhere.pop()
            sent[case.case] = owner, Choice(j, None, (size, 0, 0, 0, 0))
    return sent


def _free_home(groups: Sequence[HomeGroup], housed: Housed, case: Case) -> Home:
    """Move a case into a home that has room for it however long it stays."""
    home = next(h for g in groups for h in g.homes if housed.peak(h.place) + case.size <= h.places)
    housed.move_in(home.place, stay_of(case), case.size)
    return home


def _weights(levels: Sequence[str]) -> dict[str, int]:
    """Weights of the levels in their order; kilometres are too many to be weighed among them."""
    order = [x for x in levels if x != "distance"]
    if "unplaced" not in order:
        order.insert(0, "unplaced")
    return {level: _WEIGHT ** (len(order) - 1 - k) for k, level in enumerate(order)}


def _weigh(cost: Cost, weights: Mapping[str, int]) -> int:
    return sum(cost[POSITION[level]] * weight for level, weight in weights.items())


def _least(
    case: Case, ways: Mapping[int, Cost], levels: Sequence[str], *, soft: bool
) -> tuple[int, ...]:
    """What a case costs at least wherever it goes, in the order of the levels."""
    costs = [in_order(cost, levels) for cost in ways.values()]
    if soft or not costs:
        costs.append(in_order((case.size, 0, 0, 0, 0), levels))
    return min(costs)


def _improved(
    reach: Reach,
    cases: Sequence[Case],
    choices: Mapping[str, Choice],
    least: Mapping[str, tuple[int, ...]],
    levels: Sequence[str],
    engine: Engine,
) -> dict[str, Choice]:
    """Place parts of the country again in which somebody without a tie could have a better home."""
    where = {case: choice.responsible for case, choice in choices.items()}
    better = dict(choices)
    if all(in_order(choices[case].cost, levels) == cost for case, cost in least.items()):
        return better
    parts = [
        part
        for part in components(placement_problem(reach, cases, where))
        if any(
            case.case in least and in_order(choices[case.case].cost, levels) > least[case.case]
            for kind in part.types
            for case in kind.cases
        )
    ]
    for number, (part, placed) in enumerate(each_part(parts, levels, engine), 1):
        if engine.is_due():
            engine.report(f"better homes: {number} of {len(parts)} groups of municipalities")
        inside = [case.case for kind in part.types for case in kind.cases]
        before = total({case: better[case] for case in inside}, levels)
        if placed.reached and total(placed.choices, levels) < before:
            better.update(placed.choices)
    return better


def _bounds(
    tied: PlacementProblem,
    first: Placed,
    loose: Sequence[Case],
    ways: Mapping[str, Mapping[int, Cost]],
    least: Mapping[str, tuple[int, ...]],
    levels: Sequence[str],
    outside: int,
) -> dict[str, Bounds]:
    """Bounds of the levels: those with a tie alone, and each of the others in its cheapest home."""
    found = {}
    nowhere = sum(case.size for case in loose if not ways[case.case])
    for k, level in enumerate(levels):
        alone = sum(_least(case, ways[case.case], (level,), soft=tied.soft)[0] for case in loose)
        always = floor_of(tied, (level,))[0] + alone
        held = sum(cost[k] for cost in least.values())
        held += first.reached[k].bound if first.reached else 0
        if level == "outside-own-municipality":
            held += max(0, outside - nowhere)
        found[level] = Bounds(max(always, held), always)
    return found
