"""Which cases without a tie go to which municipality, so that homes that are free suit them: a flow.

Cases that want the same go through kinds of homes to the municipalities that have such homes free, and
each municipality takes as many cases as its share brings. Homes of a kind differ in nothing but where
they lie, so a case's cost depends on the kind alone, and the program grows with kinds, not with pairs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fordela.models.formulation.assignment import require_each
from fordela.models.program import Linear, Program, ProgramBuilder


@dataclass(frozen=True)
class Dispersal:
    """The program with the meaning of its variables.

    Attributes
    ----------
    chosen
        Cases by what they want and kind of home.
    taken
        Homes taken, by `Supply`.
    """

    program: Program
    chosen: Mapping[tuple[int, int], Linear]
    taken: Mapping[Supply, Linear]


@dataclass(frozen=True, slots=True)
class Supply:
    """Homes of a kind in one municipality, for those whom a municipality is responsible for."""

    kind: int
    placing: int
    responsible: int


def disperse(
    numbers: Sequence[int],
    costs: Sequence[Mapping[int, int]],
    free: Mapping[tuple[int, int], int],
    away: Mapping[Supply, int],
    slots: Mapping[int, int],
    homeless: int,
) -> Dispersal:
    """Declare the program for cases of one size.

    Parameters
    ----------
    numbers, costs
        Cases that want the same: how many, and what each kind of home costs that they may live in.
    free
        Cases that fit into homes, by kind and municipality.
    away
        What a case costs besides, for every supply there is: 0 in the own municipality.
    slots
        Most cases that each municipality is responsible for.
    homeless
        What a case without a home costs.
    """
    builder = ProgramBuilder()
    total: list[tuple[int, Linear]] = []
    chosen: dict[tuple[int, int], Linear] = {}
    into: dict[int, list[tuple[int, Linear]]] = defaultdict(list)
    open_kinds = {supply.kind for supply in away}
    for number, (many, cost) in enumerate(zip(numbers, costs, strict=True)):
        ways = [builder.variable(0, many)]
        total.append((homeless, ways[0]))
        for kind, worth in cost.items():
            if kind in open_kinds:
                count = builder.variable(0, many)
                chosen[number, kind] = count
                into[kind].append((1, count))
                total.append((worth, count))
                ways.append(count)
        require_each(builder, ways, many)
    taken: dict[Supply, Linear] = {}
    homes: dict[tuple[int, int], list[tuple[int, Linear]]] = defaultdict(list)
    borne: dict[int, list[tuple[int, Linear]]] = defaultdict(list)
    for supply, worth in away.items():
        room = free[supply.kind, supply.placing]
        count = builder.variable(0, min(room, slots[supply.responsible]))
        taken[supply] = count
        total.append((worth, count))
        into[supply.kind].append((-1, count))
        homes[supply.kind, supply.placing].append((1, count))
        borne[supply.responsible].append((1, count))
    for parts in into.values():
        builder.require(Linear.of(*parts), 0, 0)
    for key, parts in homes.items():
        if len(parts) > 1:
            builder.require(Linear.of(*parts), upper=free[key])
    for j, parts in borne.items():
        builder.require(Linear.of(*parts), upper=slots[j])
    return Dispersal(builder.program(Linear.of(*total)), chosen, taken)
