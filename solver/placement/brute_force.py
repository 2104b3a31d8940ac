"""Every placement of a tiny year, for the tests: no program, no types, no groups.

What is allowed is asked of the checker, which shares no line with the formulation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from math import prod

from fordela.models.allocation import Assignment
from fordela.models.check.placement import broken_rules
from fordela.models.holdings import holdings
from fordela.models.instance import Instance, Transfer
from fordela.models.levels import Outcome, level_value
from fordela.models.norms import Value
from fordela.models.placement.outcome import Placement, placement_levels
from fordela.models.placement.stack import is_allocation_level, joint_stack, placement_stack
from fordela.models.policy import Policy, credits_by_child
from fordela.solver.brute_force import best_of

#: Most ways that are tried.
MOST = 100_000


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


def best_joint(
    instance: Instance, policy: Policy, transfers: tuple[Transfer, ...]
) -> tuple[Value, ...] | None:
    """Best values of a joint placement's levels in their order, None if nothing is allowed."""
    return best_of(joint_stack(policy, transfers), joint_values(instance, policy, transfers))


def joint_values(
    instance: Instance, policy: Policy, transfers: tuple[Transfer, ...]
) -> set[tuple[Value, ...]]:
    """Values of a joint placement's levels, of all that is allowed.

    Every municipality and owner for every case, and for each of these every placement.
    """
    levels = joint_stack(policy, transfers)
    at_homes = tuple(x for x in levels if not is_allocation_level(x))
    housed: dict[tuple[str, ...], set[tuple[Fraction, ...]]] = {}
    seen: set[tuple[Value, ...]] = set()
    for rows in allocations_of(instance, policy, transfers):
        outcome = Outcome.of(instance, policy, transfers, rows)
        if policy.assignment.capacity == "hard" and level_value("over-capacity", outcome):
            continue
        even = {x: level_value(x, outcome) for x in levels if is_allocation_level(x)}
        responsible = {row.case: str(row.bearer) for row in rows}
        key = tuple(responsible[c.case] for c in instance.cases)
        if key not in housed:
            housed[key] = {
                tuple(placement_levels(instance, policy, made)[x] for x in at_homes)
                for made in placements_of(instance, policy, responsible)
            }
        for worth in housed[key]:
            both = {**even, **dict(zip(at_homes, worth, strict=True))}
            seen.add(tuple(both[x] for x in levels))
    return seen


def allocations_of(
    instance: Instance, policy: Policy, transfers: tuple[Transfer, ...]
) -> Iterator[tuple[Assignment, ...]]:
    """Yield every way to give each case one municipality and owners; ties are kept."""
    ledger, codes = holdings(instance, transfers), [m.code for m in instance.municipalities]
    owners: dict[str, list[str]] = {}
    for i, units in enumerate(ledger.share):
        for j in ledger.bearers(i) if units else ():
            owners.setdefault(codes[j], []).append(codes[i])
    ways: list[list[tuple[Assignment, ...]]] = []
    for number, case in enumerate(instance.cases, 1):
        if case.tie is not None:
            kept = [
                Assignment(c.child, c.case, case.tie, case.tie, "kinship", number)
                for c in case.children
            ]
            ways.append([tuple(kept)])
            continue
        ways.append([])
        for bearer, whose in owners.items():
            each = (
                product(whose, repeat=case.size)
                if credits_by_child(policy)
                else ((o,) * case.size for o in whose)
            )
            ways[-1] += [
                tuple(
                    Assignment(c.child, c.case, bearer, owner, "equalising", number)
                    for c, owner in zip(case.children, chosen, strict=True)
                )
                for chosen in each
            ]
    if prod(map(len, ways)) > MOST:
        raise ValueError(f"{prod(map(len, ways))} allocations are too many for brute force")
    for chosen in product(*ways):
        by_child = {row.child: row for part in chosen for row in part}
        yield tuple(by_child[c.child] for c in instance.children)
