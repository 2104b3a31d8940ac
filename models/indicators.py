"""What decisions mean for children, counted for all of them, for girls, and for those under 13.

Every part is of the children that it could hold for: siblings only where there are any, homes only
where homes were looked for. A child without a municipality or a home counts as not having it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from fordela.models.allocation import Assignment
from fordela.models.instance import Child, Instance
from fordela.models.placement.fit import needs_unmet
from fordela.models.placement.outcome import Placement
from fordela.models.tables import Row

#: Children for whom each indicator is given.
GROUPS: Mapping[str, Callable[[Child], bool]] = {
    "all": lambda _: True,
    "girls": lambda c: c.sex == "f",
    "under-13": lambda c: c.age is not None and c.age < 13,
}
#: The first three need homes; siblings share a municipality where there are none.
INDICATORS = ("own-municipality", "needs-met", "siblings-together", "asked-for-more", "recent", "peer")
_OF_HOMES = INDICATORS[:2]
#: Days that a child assigned before is counted as recent.
RECENT = timedelta(days=365)
#: Years between the ages of peers.
PEERS = 2


@dataclass(frozen=True, slots=True)
class Part:
    """So many of so many children."""

    count: int
    of: int


Indicators = Mapping[str, Mapping[str, Part]]


def child_indicators(
    instance: Instance, assignments: Sequence[Assignment], placements: Sequence[Placement] = ()
) -> Indicators:
    """Count each indicator for each group of children ([O] 4.2, 5).

    Parameters
    ----------
    assignments
        The responsible municipality of every child.
    placements
        Homes, or none if they were not looked for.

    Returns
    -------
    Indicators
        Part by indicator and group:

        - ``own-municipality``: lives in the responsible municipality.
        - ``needs-met``: has a home that meets every need, language included.
        - ``siblings-together``: of those with siblings, has them in the home (or municipality).
        - ``asked-for-more``: the responsible municipality wishes for more share or is willing.
        - ``recent``: another case came there in the 365 days before, as far as the year's file goes.
        - ``peer``: the responsible municipality has another case's child, at most two years older or
          younger.
    """
    bearer = {a.child: a.bearer for a in assignments}
    holds = {
        "siblings-together": _siblings(instance, bearer, placements),
        "asked-for-more": _asked(instance, bearer),
        "recent": _recent(instance, bearer),
        "peer": _peers(instance, bearer),
    }
    if placements:
        holds |= _of_homes(instance, placements)
    return {
        indicator: {
            group: _part(instance.children, holds[indicator], belongs)
            for group, belongs in GROUPS.items()
        }
        for indicator in INDICATORS
        if indicator in holds
    }


def indicator_cells(indicators: Indicators) -> Row:
    """Counts by column: ``own_municipality``, ``own_municipality_of``, ``…_girls`` and so on."""
    cells: Row = {}
    for indicator, by_group in indicators.items():
        for group, part in by_group.items():
            name = indicator if group == "all" else f"{indicator}-{group}"
            name = name.replace("-", "_")
            cells[name], cells[f"{name}_of"] = part.count, part.of
    return cells


def indicator_json(indicators: Indicators) -> dict[str, dict[str, dict[str, int]]]:
    """Counts by indicator and group."""
    return {
        indicator: {g: {"count": p.count, "of": p.of} for g, p in groups.items()}
        for indicator, groups in indicators.items()
    }


def _part(
    children: Sequence[Child], holds: Mapping[str, bool], belongs: Callable[[Child], bool]
) -> Part:
    of = [c for c in children if c.child in holds and belongs(c)]
    return Part(sum(holds[c.child] for c in of), len(of))


def _of_homes(instance: Instance, placements: Sequence[Placement]) -> dict[str, dict[str, bool]]:
    homes = {home.place: home for home in instance.homes}
    children = {c.child: c for c in instance.children}
    own, met = {}, {}
    for p in placements:
        home = None if p.place is None else homes[p.place]
        own[p.child] = home is not None and home.municipality == p.responsible
        met[p.child] = home is not None and not needs_unmet(children[p.child], home)
    return {"own-municipality": own, "needs-met": met}


def _siblings(
    instance: Instance, bearer: Mapping[str, str | None], placements: Sequence[Placement]
) -> dict[str, bool]:
    where: Mapping[str, str | None] = {p.child: p.place for p in placements} or bearer
    found: dict[str, bool] = {}
    for case in instance.cases:
        places = {where.get(c.child) for c in case.children}
        if case.size > 1:
            found |= {c.child: len(places) == 1 and None not in places for c in case.children}
    return found


def _asked(instance: Instance, bearer: Mapping[str, str | None]) -> dict[str, bool]:
    asked = set(instance.wanted.more) | {m.code for m in instance.municipalities if m.willing}
    asked |= {a.municipality for a in instance.availability}
    return {c.child: bearer.get(c.child) in asked for c in instance.children}


def _recent(instance: Instance, bearer: Mapping[str, str | None]) -> dict[str, bool]:
    last: dict[str, list[Child]] = defaultdict(list)
    found = {}
    for child in instance.children:  # in order of arrival
        code = bearer.get(child.child)
        there = last[code] if code is not None else []
        # Siblings come close together, so the last child of another case is near the end.
        other = next((c for c in reversed(there) if c.case != child.case), None)
        found[child.child] = other is not None and child.arrival - other.arrival <= RECENT
        there.append(child)
    return found


def _peers(instance: Instance, bearer: Mapping[str, str | None]) -> dict[str, bool]:
    ages: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for child in instance.children:
        code = bearer.get(child.child)
        if code is not None and child.age is not None:
            ages[code, child.age][child.case] += 1
    found = {}
    for child in instance.children:
        code = bearer.get(child.child)
        found[child.child] = False
        if code is None or child.age is None:
            continue
        near = range(child.age - PEERS, child.age + PEERS + 1)
        cases = [ages[code, age] for age in near if (code, age) in ages]
        found[child.child] = any(set(at) - {child.case} for at in cases)
    return found
