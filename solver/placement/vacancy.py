"""Placement by vacancy: whoever comes gets the home with most free places, whatever the needs.

It is what is feared where supply decides ([O] open question 8): permits are kept, and needs, forms
and distances are not looked at unless a policy makes them bind.
"""

from __future__ import annotations

from collections.abc import Mapping

from fordela.models.instance import Instance
from fordela.models.placement.problem import Reach
from fordela.models.placement.stays import stay_of
from fordela.models.policy import PlacementRules
from fordela.solver.placement.housed import Choice, Housed


def place_by_vacancy(
    instance: Instance, rules: PlacementRules, responsible: Mapping[str, int]
) -> dict[str, Choice]:
    """Place cases as they come: in the own municipality if there is room, then by agreement.

    Of several homes it is the one with most free places on the day, then the first by identifier.

    Parameters
    ----------
    responsible
        Position of the municipality by case; a case without one gets no home.
    """
    reach, housed = Reach(instance, rules), Housed()
    chosen: dict[str, Choice] = {}
    for case in instance.cases:
        where, stay = responsible.get(case.case), stay_of(case)
        best: tuple[tuple[bool, int, str], Choice] | None = None
        for option in () if where is None else reach.options(case, stay, where):
            group = reach.groups[option.group]
            for home in group.homes:
                if not housed.has_room(home.place, home.places, stay, case.size):
                    continue
                free = home.places - housed.there(home.place, stay[0])
                key = (group.municipality != where, -free, home.place)
                if best is None or key < best[0]:
                    best = key, Choice(option.responsible, home.place, option.cost)
        if best is None:
            chosen[case.case] = Choice(-1 if where is None else where, None, (case.size, 0, 0, 0, 0))
            continue
        chosen[case.case] = best[1]
        housed.move_in(str(best[1].place), stay, case.size)
    return chosen
