"""A placement as rows, one per child."""

from __future__ import annotations

from fordela.models.geo import known_kilometres
from fordela.models.placement.fit import is_suitable, needs_unmet
from fordela.models.placement.outcome import PlacementResult
from fordela.models.placement.stays import BEYOND, stay_of
from fordela.models.tables import Row


def placement_rows(result: PlacementResult) -> list[Row]:
    """Rows of ``placements.csv``; ``to`` is the first day on which the place is free again."""
    instance, homes = result.instance, result.homes
    children = {c.child: c for c in instance.children}
    stays = {case.case: stay_of(case) for case in instance.cases}
    mark = instance.unpublished
    rows = []
    for p in result.placements:
        home = None if p.place is None else homes[p.place]
        child = children[p.child]
        first, end = stays[p.case]
        row: Row = {
            "case": p.case,
            "child": p.child,
            "municipality": p.responsible,
            "place": p.place,
            "placing_municipality": None if home is None else home.municipality,
            "form": None if home is None else home.form,
            "from": _day(first) if home else None,
            "to": _day(end) if home and end != BEYOND else None,
            "unmet_needs": ";".join(needs_unmet(child, home)) if home else None,
            "suitable_form": None,
            "distance": None,
            "synthetic": mark,
        }
        if home is not None and p.responsible is not None:
            row["suitable_form"] = "yes" if is_suitable(child, home, result.policy.placement) else "no"
            row["distance"] = _far(result, p.responsible, home.municipality)
        rows.append(row)
    return rows


def _day(ordinal: int) -> str:
    from datetime import date

    return date.fromordinal(ordinal).isoformat()


def _far(result: PlacementResult, responsible: str, placing: str) -> int | None:
    """Kilometres, or None where a coordinate is missing and no level asks for it."""
    if responsible == placing:
        return 0
    towns = result.instance.by_code
    return known_kilometres(towns[responsible], towns[placing])
