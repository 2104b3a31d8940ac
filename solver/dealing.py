"""Counts dealt back to the cases, in order of arrival: which child goes where."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fordela.models.allocation import Allocation, Assignment, Kind
from fordela.models.formulation.case_types import CaseType, Pattern, type_of
from fordela.models.formulation.model import AllocationModel
from fordela.models.instance import Case, Child

Place = tuple[Kind, int, int]


@dataclass(frozen=True, slots=True)
class _Part:
    """Children of one case who go to the same municipality.

    ``stay`` is the bearer that the part must have, ``wish`` the one it should have if it can.
    """

    children: tuple[Child, ...]
    tie: int
    stay: int
    wish: int


def deal(model: AllocationModel, values: Sequence[int], rule_bearers: Mapping[str, str]) -> Allocation:
    """Turn the counts of a solution into a decision for every child.

    Identical cases are interchangeable, so each goes where the rule in force has it if the counts
    leave room there: then no child differs from that rule without need.
    """
    codes = [m.code for m in model.instance.municipalities]
    index = {code: k for k, code in enumerate(codes)}
    wanted = rule_bearers if "moves" in model.scope.levels else {}
    patterns = _patterns_by_type(model, values)
    placed: dict[str, Place] = {}
    parts: dict[int, list[_Part]] = defaultdict(list)
    for case in model.instance.cases:
        kind = type_of(case, index, wanted)
        way = patterns[kind].popleft()
        wish = index.get(rule_bearers.get(case.case, ""), -1)
        _open_case(case, kind, way, wish, placed, parts)
    for size, waiting in parts.items():
        _place_parts(size, waiting, _demand(model, size, values), placed)
    rows = []
    order = {case.case: k for k, case in enumerate(model.instance.cases, 1)}
    for child in model.instance.children:
        place = placed.get(child.child)
        if place is None:
            row = Assignment(child.child, child.case, None, None, "unplaced", order[child.case])
        else:
            kind_of, owner, bearer = place
            row = Assignment(
                child.child, child.case, codes[bearer], codes[owner], kind_of, order[child.case]
            )
        rows.append(row)
    return Allocation(tuple(credit(model, values, rows, codes)))


def _patterns_by_type(model: AllocationModel, values: Sequence[int]) -> dict[CaseType, deque[Pattern]]:
    patterns: dict[CaseType, deque[Pattern]] = defaultdict(deque)
    for (kind, way), count in model.treated.items():
        patterns[kind].extend([way] * count.whole(values))
    return patterns


def _open_case(
    case: Case,
    kind: CaseType,
    way: Pattern,
    wish: int,
    placed: dict[str, Place],
    parts: dict[int, list[_Part]],
) -> None:
    """Settle the children at the tie and put the others among the parts of their size."""
    children = list(case.children)
    for child in children[: way.kept]:
        placed[child.child] = ("kinship", kind.tie, kind.tie)
    start = way.kept
    for number, size in enumerate(way.placed_parts):
        stay = kind.stay if way.stayed and number == 0 else -1
        children_of_part = tuple(children[start : start + size])
        parts[size].append(_Part(children_of_part, kind.tie, stay, wish))
        start += size


def _demand(model: AllocationModel, size: int, values: Sequence[int]) -> list[Place]:
    demand: list[Place] = []
    for (part, owner, bearer), count in model.borne_parts.items():
        if part == size:
            demand.extend([("equalising", owner, bearer)] * count.whole(values))
    for (part, k), count in model.willing_parts.items():
        if part == size:
            demand.extend([("willing", k, k)] * count.whole(values))
    return demand


def _place_parts(
    size: int, waiting: list[_Part], demand: list[Place], placed: dict[str, Place]
) -> None:
    """Give every part a place: those that stay first, no broken tie back to its own."""
    by_bearer: dict[int, deque[Place]] = defaultdict(deque)
    for place in demand:
        by_bearer[place[2]].append(place)
    waiting_still, free = [], []
    for part in waiting:
        if part.stay >= 0:
            _settle(part, by_bearer[part.stay].popleft(), placed)
        else:
            waiting_still.append(part)
    # Where broken ties must be led elsewhere, granting wishes first could leave them no way out.
    free_to_wish = all(part.tie < 0 for part in waiting_still)
    for part in waiting_still:
        if free_to_wish and part.wish >= 0 and by_bearer[part.wish]:
            _settle(part, by_bearer[part.wish].popleft(), placed)
        else:
            free.append(part)
    rest = [place for places in by_bearer.values() for place in places]
    chosen = list(rest)
    for k, part in enumerate(free):
        if part.tie >= 0 and chosen[k][2] == part.tie:
            swap = next(
                j
                for j, other in enumerate(free)
                if chosen[j][2] != part.tie and other.tie != chosen[k][2]
            )
            chosen[k], chosen[swap] = chosen[swap], chosen[k]
    for part, place in zip(free, chosen, strict=True):
        _settle(part, place, placed)


def _settle(part: _Part, place: Place, placed: dict[str, Place]) -> None:
    for child in part.children:
        placed[child.child] = place


def credit(
    model: AllocationModel, values: Sequence[int], rows: list[Assignment], codes: list[str]
) -> list[Assignment]:
    """Where credit is by child, give each bearer's children their owners, its own share first."""
    if not model.credits:
        return rows
    owners: dict[str, deque[str]] = defaultdict(deque)
    for (i, j), credit in sorted(model.credits.items(), key=lambda e: (e[0][1], e[0][0] != e[0][1])):
        owners[codes[j]].extend([codes[i]] * credit.whole(values))
    return [
        replace(row, owner=owners[row.bearer].popleft())
        if row.kind == "equalising" and row.bearer is not None
        else row
        for row in rows
    ]
