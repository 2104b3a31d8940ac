"""Who lives where, as it is filled: homes with their stays, and the cases' choices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fordela.models.homes import Home
from fordela.models.instance import Case
from fordela.models.placement.problem import POSITION, Option, PlacementProblem
from fordela.models.placement.stays import Stay, is_free, present, stay_of
from fordela.solver.bounds import no_progress


@dataclass(frozen=True, slots=True)
class Choice:
    """A responsible municipality and a home for a case; no home where ``place`` is None."""

    responsible: int
    place: str | None
    cost: tuple[int, ...]


Choices = Mapping[str, Choice]


@dataclass
class Housed:
    """Homes and the stays in them."""

    living: dict[str, list[tuple[Stay, int]]] = field(default_factory=lambda: defaultdict(list))

    def has_room(self, place: str, places: int, stay: Stay, size: int) -> bool:
        """Whether a home has room throughout a stay."""
        return is_free(self.living[place], stay, size, places)

    def move_in(self, place: str, stay: Stay, size: int) -> None:
        """Occupy places."""
        self.living[place].append((stay, size))

    def peak(self, place: str) -> int:
        """Children who live in a home on its fullest day."""
        return max((self.there(place, stay[0]) for stay, _ in self.living[place]), default=0)

    def there(self, place: str, day: int) -> int:
        """Children who live in a home on a day."""
        return sum(size for stay, size in self.living[place] if present(stay, day))


def in_order(cost: Sequence[int], levels: Sequence[str]) -> tuple[int, ...]:
    """Costs at some levels, in their order."""
    return tuple(cost[POSITION[level]] for level in levels)


def total(choices: Choices, levels: Sequence[str]) -> tuple[int, ...]:
    """What choices cost at some levels."""
    costs = [in_order(c.cost, levels) for c in choices.values()]
    return tuple(map(sum, zip(*costs, strict=True))) if costs else (0,) * len(levels)


def fill(problem: PlacementProblem, levels: Sequence[str]) -> dict[str, Choice]:
    """Give each case its best home that is free, those with the least to choose from first.

    Cases that can find none remain without a home, also where nobody may.
    """
    housed = Housed()
    chosen: dict[str, Choice] = {}
    queue: list[tuple[tuple[int, ...], int, int]] = []
    ranked: list[list[tuple[tuple[int, ...], Option]]] = []
    for t, kind in enumerate(problem.types):
        ways = [(in_order(o.cost, levels), o) for o in kind.options]
        if problem.soft:  # no home can be better where that level is not looked at
            ways = [way for way in ways if way[0] <= in_order(kind.unplaced, levels)]
        ways.sort(key=lambda way: (way[0], problem.groups[way[1].group].room, way[1].group))
        ranked.append(ways)
        best = [problem.groups[o.group].room for cost, o in ways if cost == ways[0][0]]
        queue += [((sum(best), -kind.size), t, k) for k in range(len(kind.cases))]
    for _, t, k in sorted(queue):
        kind, case = problem.types[t], problem.types[t].cases[k]
        chosen[case.case] = _settle(problem, housed, case, ranked[t]) or Choice(
            kind.responsible, None, kind.unplaced
        )
    return chosen


def _settle(
    problem: PlacementProblem,
    housed: Housed,
    case: Case,
    ways: Sequence[tuple[tuple[int, ...], Option]],
) -> Choice | None:
    """Move a case into the first home of its best option that has room."""
    stay = stay_of(case)
    for _, option in ways:
        for home in problem.groups[option.group].homes:
            if housed.has_room(home.place, home.places, stay, case.size):
                housed.move_in(home.place, stay, case.size)
                return Choice(option.responsible, home.place, option.cost)
    return None


def floor_of(problem: PlacementProblem, levels: Sequence[str]) -> tuple[int, ...]:
    """What every case costs at least if homes had room for all: a bound, in lexicographic order."""
    costs = [
        in_order(kind.unplaced, levels)
        if not kind.options
        else min(
            in_order(cost, levels)
            for cost in (*(o.cost for o in kind.options), *([kind.unplaced] if problem.soft else []))
        )
        for kind in problem.types
        for _ in kind.cases
    ]
    return tuple(map(sum, zip(*costs, strict=True))) if costs else (0,) * len(levels)


def deal(
    problem: PlacementProblem, counts: Mapping[tuple[int, Option], int], adrift: Mapping[int, list[int]]
) -> tuple[dict[str, Choice], set[int]]:
    """Turn numbers of cases by type and option into a home for every case.

    Parameters
    ----------
    adrift
        By size: municipalities that are responsible for cases without a home, where they are chosen.

    Returns
    -------
    tuple
        The choices, and the groups whose homes cannot hold the cases though their sum can.
    """
    members: dict[int, list[tuple[Case, Option]]] = defaultdict(list)
    chosen: dict[str, Choice] = {}
    waiting = {size: list(where) for size, where in adrift.items()}
    for t, kind in enumerate(problem.types):
        left = list(kind.cases)
        for option in kind.options:
            for _ in range(counts[t, option]):
                members[option.group].append((left.pop(), option))
        for case in left:
            where = kind.responsible if kind.responsible >= 0 else waiting[kind.size].pop()
            chosen[case.case] = Choice(where, None, kind.unplaced)
    broken = set()
    for group, inside in members.items():
        dealt = _into_homes(problem, group, inside)
        if dealt is None:
            # Homes are told apart once only: what a home alone has room for, it can hold.
            if len(problem.groups[group].homes) == 1:
                raise no_progress(problem.groups[group].homes[0].place)
            broken.add(group)
        else:
            chosen.update(dealt)
    return chosen, broken


def _into_homes(
    problem: PlacementProblem, group: int, inside: Sequence[tuple[Case, Option]]
) -> dict[str, Choice] | None:
    """Deal cases to the homes of a group: some orders, each into the first home or the fullest."""
    homes = problem.groups[group].homes
    by_arrival = sorted(inside, key=lambda entry: (stay_of(entry[0]), -entry[0].size))
    by_size = sorted(inside, key=lambda entry: (-entry[0].size, stay_of(entry[0])))
    by_end = sorted(inside, key=lambda entry: (-stay_of(entry[0])[1], -entry[0].size))
    for order in (by_arrival, by_size, by_end):
        for fullest in (False, True):
            chosen = _one_by_one(homes, order, fullest=fullest)
            if chosen is not None:
                return chosen
    return None


def _one_by_one(
    homes: Sequence[Home], order: Sequence[tuple[Case, Option]], *, fullest: bool
) -> dict[str, Choice] | None:
    """Move cases in as they come; None where one of them finds no room."""
    housed, chosen = Housed(), {}
    for case, option in order:
        stay = stay_of(case)
        free = [h for h in homes if housed.has_room(h.place, h.places, stay, case.size)]
        if not free:
            return None
        home = free[0]
        if fullest:
            home = max(free, key=lambda h: housed.there(h.place, stay[0]))
        housed.move_in(home.place, stay, case.size)
        chosen[case.case] = Choice(option.responsible, home.place, option.cost)
    return chosen
