"""Whether what an engine calls optimal becomes better where up to three cases change places.

Looked at are kinds of cases, not children. What levels gain where one kind leaves and another comes
does not depend on the rest, and adds up: the best cycle of kinds is made of the best places for each of
its steps. Only among those who trade are changes worked out together, case by case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations, product

from fordela.models.check.effects import Alike, Change, Effect, Place, Towns, added, is_better
from fordela.models.check.values import Counted, pools

#: Places that are remembered for each step, kinds in cycles of three, and what is worked out in all.
_REMEMBERED, _KINDS, _STEPS, _TOGETHER = 4, 40, 100_000, 20_000

#: Nobody leaves, or nobody comes: a cycle with such steps is a move.
Who = Alike | None
Steps = Mapping[tuple[Who, Who], Sequence[tuple[Effect, Place]]]
#: Owner and bearer by case; None is no municipality.
Places = dict[str, tuple[str, str] | None]


def better_places(year: Counted, levels: Sequence[str]) -> Iterator[Places]:
    """Changes of up to three cases that make the levels better together, in a fixed order.

    Parameters
    ----------
    levels
        Of the stack from its beginning, without norms of one's own.
    """
    towns = Towns(year, levels)
    for changes in (*_cycles(towns), *_among_traders(towns)):
        yield _by_case(towns, changes)


def _cycles(towns: Towns) -> Iterator[list[Change]]:
    """Cycles of two and three steps at municipalities that do not touch one another."""
    kinds: list[Who] = [None, *sorted({kind for kind, _ in towns.spots})]
    steps = _steps(towns, kinds)
    for cycle in combinations(kinds, 2):
        yield from _best(towns, steps, cycle)
    if len(kinds) <= _KINDS:
        for k, kind in enumerate(kinds):
            for others in permutations(kinds[k + 1 :], 2):
                yield from _best(towns, steps, (kind, *others))


def _steps(towns: Towns, kinds: Sequence[Who]) -> Steps:
    """The best places for one kind to leave and another to come."""
    present: dict[Place, list[Who]] = defaultdict(lambda: [None])
    for kind, place in towns.spots:
        present[place].append(kind)
    found: dict[tuple[Who, Who], list[tuple[Effect, Place]]] = defaultdict(list)
    looked = 0
    for place in towns.places:
        for leaves, comes in product(present[place], kinds):
            if leaves == comes or (comes is not None and not towns.admits(comes, place)):
                continue
            looked += 1
            if looked > _STEPS:
                return found
            changes = [*_change(leaves, place, -1), *_change(comes, place, 1)]
            _remember(found[leaves, comes], towns.effect(changes), place)
    return found


def _change(kind: Who, place: Place, sign: int) -> list[Change]:
    return [] if kind is None else [(kind, place, sign)]


def _remember(best: list[tuple[Effect, Place]], effect: Effect, place: Place) -> None:
    k = len(best)
    while k and is_better(effect, best[k - 1][0]):
        k -= 1
    if k < _REMEMBERED:
        best.insert(k, (effect, place))
        del best[_REMEMBERED:]


def _best(towns: Towns, steps: Steps, cycle: Sequence[Who]) -> Iterator[list[Change]]:
    """The best cycle of these kinds, if it makes anything better."""
    following = [*cycle[1:], cycle[0]]
    ways = [steps.get(pair, ()) for pair in zip(cycle, following, strict=True)]
    if not all(ways) or not is_better(added([way[0][0] for way in ways])):
        return
    for chosen in product(*ways):
        reached = [towns.reach(place) for _, place in chosen]
        apart = sum(map(len, reached)) == len(frozenset().union(*reached))
        if apart and is_better(added([effect for effect, _ in chosen])):
            places = [place for _, place in chosen]
            yield [
                change
                for k, kind in enumerate(cycle)
                for change in (*_change(kind, places[k], -1), *_change(kind, places[k - 1], 1))
            ]
            return


def _among_traders(towns: Towns) -> Iterator[list[Change]]:
    """Moves, swaps and cycles of three among municipalities that hand shares to one another."""
    pool = pools(towns.year.instance, towns.year.transfers)
    of_town = [pool[m.code] for m in towns.towns]
    traders = {pool[t.giver] for t in towns.year.transfers}
    places, spots = defaultdict(list), defaultdict(list)
    for place in towns.places:
        if place is not None and of_town[place[0]] in traders:
            places[of_town[place[0]]].append(place)
    for kind, place in towns.spots:
        if place is not None and of_town[place[0]] in traders:
            spots[of_town[place[0]]].append((kind, place))
    looked = 0
    for name in sorted(traders):
        for targets, here in _exchanges(places[name], spots[name]):
            looked += 1
            if looked > _TOGETHER:
                return
            pairs = list(zip(here, targets, strict=True))
            if all(towns.admits(kind, target) for (kind, _), target in pairs):
                changes = [
                    c for (k, old), new in pairs for c in (*_change(k, old, -1), *_change(k, new, 1))
                ]
                if is_better(towns.effect(changes)):
                    yield changes


def _exchanges(
    places: Sequence[Place], spots: Sequence[tuple[Alike, Place]]
) -> Iterator[tuple[Sequence[Place], Sequence[tuple[Alike, Place]]]]:
    for spot in spots:
        yield from (([place], [spot]) for place in places if place != spot[1])
    for size in (2, 3):
        for first, *rest in combinations(spots, size):
            for others in permutations(rest):
                here = [first, *others]
                yield [place for _, place in (*others, first)], here


def _by_case(towns: Towns, changes: Sequence[Change]) -> Places:
    """Give each change a case: changes come in pairs, from a place and to one."""
    codes = [m.code for m in towns.towns]
    found: Places = {}
    for (kind, old, _), (_, new, _) in zip(changes[::2], changes[1::2], strict=True):
        case = towns.spots[kind, old][0]
        found[case] = None if new is None else (codes[new[0]], codes[new[1]])
    return found
