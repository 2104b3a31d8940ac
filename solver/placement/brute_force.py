"""Every placement of a tiny year, for the tests: no program, no types, no groups.

What is allowed is asked of the checker, which shares no line with the formulation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from fordela.models.check.placement import broken_rules
from fordela.models.instance import Instance
from fordela.models.placement.outcome import Placement, placement_levels
from fordela.models.placement.stack import placement_stack
from fordela.models.policy import Policy

#: Most ways that are tried.
MOST = 500_000


def placements_of(
    instance: Instance, policy: Policy, responsible: Mapping[str, str]
) -> Iterator[tuple[Placement, ...]]:
    """Yield every placement that keeps every rule.

    Parameters
    ----------
    responsible
        Municipality by case.

    Raises
    ------
    ValueError
        If there are too many ways.
    """
    by_child = {c.child: responsible[c.case] for c in instance.children}
    names = [None, *(h.place for h in instance.homes)]
    ways = []
    for case in instance.cases:
        alone = instance.with_changes(children=case.children)
        ways.append(
            [n for n in names
             if not broken_rules(alone, policy, by_child, {c.child: n for c in case.children})]
        )  # fmt: skip
    if prod(map(len, ways)) > MOST:
        raise ValueError(f"{prod(map(len, ways))} ways are too many for brute force")
    for chosen in product(*ways):
        place = {c.case: name for c, name in zip(instance.cases, chosen, strict=True)}
        home_of = {c.child: place[c.case] for c in instance.children}
        if not broken_rules(instance, policy, by_child, home_of):
            yield tuple(
                Placement(c.child, c.case, by_child[c.child], home_of[c.child])
                for c in instance.children
            )


def best_placement(
    instance: Instance, policy: Policy, responsible: Mapping[str, str]
) -> tuple[int, ...] | None:
    """Best values of the placement levels in their order, None if nothing is allowed."""
    levels = placement_stack(policy)
    values = [
        tuple(int(worth[level]) for level in levels)
        for made in placements_of(instance, policy, responsible)
        for worth in [placement_levels(instance, policy, made)]
    ]
    return min(values, default=None)
