"""Who is next in line, and by how much (``fordela queue``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.allocation import Assignment
from fordela.models.instance import Instance
from fordela.models.policy import Policy
from fordela.models.result import Result
from fordela.solver.continuing import taken_over
from fordela.solver.engine import Year
from fordela.solver.redistribution.decide import redistribute


@dataclass(frozen=True, slots=True)
class Standing:
    """A municipality's place in line for the next single child without a tie.

    Attributes
    ----------
    place
        From 1; equals are ordered by the policy's order between equals.
    code, bearer
        Municipality, and who would bear the child (another one if its share was handed over).
    credited
        Children that count.
    fulfilment
        Credited over target as of now, None before anybody was assigned.
    below_target
        Target minus credited, in children.
    lead
        Children it takes before the one behind it in line goes first; None for the last.
    """

    place: int
    code: str
    bearer: str
    credited: int
    fulfilment: Fraction | None
    below_target: Fraction
    lead: int | None


def standings(
    instance: Instance, policy: Policy, seed: int = 0, so_far: Result | None = None
) -> tuple[Standing, ...]:
    """Place every municipality in line, after the children who are in the instance.

    Parameters
    ----------
    instance, policy, seed
        As in `solve`.
    so_far
        What has been decided already in the year; its decisions and transfers stand.

    Raises
    ------
    InputError
        If the policy cannot be followed on the data.
    """
    facts: Mapping[str, Assignment] = {}
    if so_far is None:
        made = redistribute(instance, policy, seed=seed)
    else:
        made, facts = taken_over(so_far, instance, policy)
    year = Year(instance, policy, made.transfers, seed)
    for case in instance.cases:
        year.follow(case, facts)
    counted, turns = year.counted, year.turns
    line, kind = year.line(), year.next_kind(1)
    places = []
    for place, k in enumerate(line, 1):
        target = turns.target(kind, k)
        places.append(
            Standing(
                place=place,
                code=year.codes[k],
                bearer=year.codes[year.next_bearer(k)],
                credited=counted[k],
                fulfilment=counted[k] / target if target else None,
                below_target=target - counted[k],
                lead=turns.lead(kind, 1, k, line[place]) if place < len(line) else None,
            )
        )
    return tuple(places)
