"""Explanations of decisions by a rule: the line at that moment, and the year solved again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from time import monotonic

from fordela.models.allocation import Assignment, Kind
from fordela.models.errors import InputError, Problem
from fordela.models.holdings import largest_remainder
from fordela.models.instance import Case, Child, Instance
from fordela.models.result import Result
from fordela.solver.engine import Run, Year, run_rule
from fordela.solver.explaining.facts import (
    CaseExplanation,
    Change,
    MunicipalityExplanation,
    Place,
    place_of,
)

#: How far changes are looked for: children credited before the year, and units of share.
_CHILDREN, _UNITS = 40, 300
#: Further children without a tie who are followed to see when a municipality is next.
_FURTHER = 2000
#: Seconds for one kind of change.
_SECONDS = 10.0


def explain_case(result: Result, name: str, wanted: str | None = None) -> CaseExplanation:
    """Explain a decision by a rule.

    Parameters
    ----------
    result
        Of a rule.
    name
        Identifier of the case, else of a child in it.
    wanted
        Municipality for which to find what would have brought the case there.

    Raises
    ------
    InputError
        If there is no such case.
    """
    order, case = find_case(result.instance, name)
    facts = _facts(result)
    year = Year(result.instance, result.policy, result.transfers, result.seed)
    for earlier in result.instance.cases[: order - 1]:
        year.follow(earlier, facts)
    decision = next(a for a in result.allocation.assignments if a.case == case.case)
    assert decision.owner is not None
    assert decision.bearer is not None
    made = CaseExplanation(
        case, order, decision.kind, decision.owner, decision.bearer, given=case.case in facts
    )
    if made.given:
        return made
    if decision.kind in ("equalising", "valve"):
        made = _in_line(year, case, made)
    if decision.kind == "kinship":
        return replace(made, without_tie=_without_tie(result, case))
    return replace(
        made,
        changes=tuple(_changes(result, case, decision.bearer)),
        wanted=wanted,
        wanted_changes=tuple(_changes_to(result, case, wanted))
        if wanted not in (None, decision.bearer)
        else (),
    )


def find_case(instance: Instance, name: str) -> tuple[int, Case]:
    """Find a case by its identifier, else by that of a child in it, with its place in order.

    Raises
    ------
    InputError
        If there is none.
    """
    for order, case in enumerate(instance.cases, 1):
        if name == case.case:
            return order, case
    child = case_of_child(instance, name)
    if child is not None:
        return instance.cases.index(child) + 1, child
    from fordela.models.policy import nearest

    known = [case.case for case in instance.cases]
    near = nearest(name, known, 0.85) if len(known) < 10_000 else ""  # numbers are all rather alike
    hint = near if near.startswith("did you mean") else f"there are {len(known)} cases"
    raise InputError([Problem("--case", f"no such case; {hint}", value=name)])


def case_of_child(instance: Instance, name: str) -> Case | None:
    """Find the case of a child."""
    return next((c for c in instance.cases if any(name == child.child for child in c.children)), None)


def _facts(result: Result) -> Mapping[str, Assignment]:
    """Decisions that had been given, by case."""
    given = {case.case for case in result.instance.cases[: result.decided_cases]}
    return {a.case: a for a in result.allocation.assignments if a.case in given}


def _in_line(year: Year, case: Case, made: CaseExplanation) -> CaseExplanation:
    """Add the line at the moment of the decision."""
    kind: Kind = "valve" if made.kind == "valve" else "equalising"
    line, per_unit = year.contenders(case.size, kind), year.turns.per_unit(kind)
    places = [place_of(year.codes, c, per_unit) for c in line]
    open_to = [p for p in places if p.has_room] or places
    unwound = year.effective and made.kind == "equalising"
    owner = made.bearer if unwound else made.owner
    winner = next((p for p in open_to if p.code == owner), None)
    if winner is None:
        return made
    rest = [p for p in open_to if p.code != winner.code]
    following = rest[0] if rest else None
    lead = None
    if following is not None:
        first, second = year.index[winner.code], year.index[following.code]
        # Of equals a lot may have drawn this one: it took one case at least.
        lead = max(1, year.turns.lead(kind, case.size, first, second))
    return replace(
        made,
        winner=winner,
        next_in_line=following,
        lead=lead,
        passed_over=tuple(p for p in places if not p.has_room and _before(year, p, winner))
        if winner.has_room
        else (),
        tied=tuple(p.code for p in rest if p.ratio == winner.ratio),
        nobody_had_room=not winner.has_room,
    )


def _before(year: Year, one: Place, other: Place) -> bool:
    """Whether one municipality stood before another in line; equals do not where lots decide."""
    if one.ratio != other.ratio or year.by_lot:
        return one.ratio < other.ratio
    return year.ranks[year.index[one.code]] < year.ranks[year.index[other.code]]


def _without_tie(result: Result, case: Case) -> str | None:
    """Where a case would have gone without its tie."""
    names = {child.child for child in case.children}
    instance = result.instance
    if not any(m.share for m in instance.municipalities):
        return None
    changed = instance.with_changes(
        children=tuple(replace(c, tie=None) if c.child in names else c for c in instance.children)
    )
    return _bearer(_again(result, changed), case)


def _again(result: Result, instance: Instance) -> Run:
    return run_rule(instance, result.policy, result.transfers, result.seed, _facts(result))


def _bearer(run: Run, case: Case) -> str | None:
    return next(a.bearer for a in run.allocation.assignments if a.case == case.case)


def with_credited(
    instance: Instance, code: str, change: int, basis: str = "history"
) -> Instance | None:
    """Return an instance where more or fewer children of before the year count for a municipality.

    None where that is not possible: fewer than none, or a ledger without the years before.
    """
    m = instance.by_code[code]
    if basis == "year":
        return None
    before = (m.assigned_before if basis == "history" else m.stock or 0) + change
    if before < 0:
        return None
    other = replace(m, assigned_before=before) if basis == "history" else replace(m, stock=before)
    places = tuple(other if x.code == code else x for x in instance.municipalities)
    return instance.with_changes(municipalities=places)


def with_share(instance: Instance, code: str, change: int, kept: Mapping[str, int]) -> Instance | None:
    """Return an instance where a municipality has more or fewer units, the others fewer or more.

    The others give or take in proportion to what they have beyond what they hand away (``kept``:
    units that each must at least have); None where that is not possible.
    """
    share = {m.code: m.share for m in instance.municipalities}
    share[code] += change
    others = [m.code for m in instance.municipalities if m.code != code]
    free = [max(0, share[c] - kept.get(c, 0)) for c in others]
    if share[code] < kept.get(code, 0) or (change > 0 and sum(free) < change) or not sum(free):
        return None
    parts = largest_remainder(free, abs(change))
    for other, part in zip(others, parts, strict=True):
        share[other] -= part if change > 0 else -part
    if any(units < kept.get(c, 0) for c, units in share.items()):
        return None
    places = tuple(replace(m, share=share[m.code]) for m in instance.municipalities)
    try:
        return instance.with_changes(municipalities=places)
    except InputError:  # a wish or a decided transfer would no longer fit
        return None


def handed_away(result: Result) -> dict[str, int]:
    """Units that each municipality hands away, has decided to or wishes to: it must keep so many."""
    units = {code: w.share for code, w in result.instance.wanted.less.items()}
    for transfers in (result.transfers, result.instance.transfers):
        given: dict[str, int] = {}
        for t in transfers:
            given[t.giver] = given.get(t.giver, 0) + t.share
        units = {c: max(units.get(c, 0), given.get(c, 0)) for c in units | given}
    return units


def _changes(result: Result, case: Case, bearer: str) -> Iterator[Change]:
    """Find the least changes, of the municipality whose turn it was, that send the case elsewhere."""
    owner = next(a.owner for a in result.allocation.assignments if a.case == case.case)
    if result.policy.counting.mechanism == "effective-share":
        owner = bearer
    assert owner is not None

    def elsewhere(instance: Instance) -> str | None:
        found = _bearer(_again(result, instance), case)
        return found if found != bearer else None

    return _least_changes(result, owner, +1, elsewhere)


def _changes_to(result: Result, case: Case, wanted: str) -> Iterator[Change]:
    """Find the least changes of a municipality that bring the case to it."""

    def there(instance: Instance) -> str | None:
        return wanted if _bearer(_again(result, instance), case) == wanted else None

    return _least_changes(result, wanted, -1, there)


def _least_changes(
    result: Result, code: str, credited_first: int, outcome: Callable[[Instance], str | None]
) -> Iterator[Change]:
    """Find the least change of each kind.

    Parameters
    ----------
    credited_first
        Of two equal amounts of credited children, the sign that is tried first; the other for shares.
    """
    kept, basis = handed_away(result), result.policy.counting.basis
    yield _least(
        "credited", _CHILDREN, credited_first,
        lambda d: with_credited(result.instance, code, d, basis), outcome,
    )  # fmt: skip
    yield _least(
        "share", _UNITS, -credited_first, lambda d: with_share(result.instance, code, d, kept), outcome
    )


def _least(
    what: str,
    most: int,
    first: int,
    change: Callable[[int], Instance | None],
    outcome: Callable[[Instance], str | None],
) -> Change:
    """Try amounts one by one in both directions, smallest first.

    There is no reason for outcomes to be monotone. After a while it stops and says how far it came;
    large years are long to solve again.
    """
    tried, open_to = {1: 0, -1: 0}, [first, -first]
    deadline = monotonic() + _SECONDS
    for size in range(1, most + 1):
        for sign in tuple(open_to):
            if monotonic() > deadline:
                return Change(what, None, tried[-1], tried[1])
            changed = change(sign * size)
            if changed is None:
                open_to.remove(sign)
                continue
            tried[sign] = size
            found = outcome(changed)
            if found is not None:
                return Change(what, sign * size, tried[-1], tried[1], found)
    return Change(what, None, tried[-1], tried[1])


def explain_by_rule(result: Result, code: str) -> MunicipalityExplanation:
    """Explain what a municipality got under a rule."""
    facts = _facts(result)
    year = Year(result.instance, result.policy, result.transfers, result.seed)
    kinds = {a.case: a.kind for a in result.allocation.assignments}
    passed = 0
    for case in result.instance.cases:
        kind = kinds[case.case]
        if kind in ("equalising", "valve") and case.case not in facts:
            passed += _was_passed_over(year, case, kind, code)
        year.follow(case, facts)
    line = [year.codes[k] for k in year.line()]
    after_valve = year.next_kind(1) == "valve"
    mine = _untied(result.allocation.assignments, code)
    return MunicipalityExplanation(
        code=code,
        cases=cases_of(result, code),
        rank=rank_of(result, code),
        ranked=sum(m.share > 0 for m in result.instance.municipalities),
        place=line.index(code) + 1 if code in line else None,
        until_next=None if year.by_lot else _until_next(year, result.instance, code),
        passed_over=passed,
        without_capacity=_without_capacity(result, code),
        after_valve=after_valve,
        changes=tuple(_more_or_less(result, code, mine)),
    )


def _was_passed_over(year: Year, case: Case, kind: Kind, code: str) -> bool:
    """Whether a municipality stands in line before the one whose turn a case is, but has no room."""
    if not year.capped:
        return False
    line = year.contenders(case.size, kind)
    first_open = next((c for c in line if c.has_room), None)
    if first_open is None:
        return False
    before = line[: line.index(first_open)]
    equal_by_lot = first_open.ratio if year.by_lot else None
    return any(year.codes[c.position] == code and c.ratio != equal_by_lot for c in before)


def _without_capacity(result: Result, code: str) -> int | None:
    """Children that a municipality would be responsible for without its capacity."""
    if result.instance.by_code[code].capacity is None:
        return None
    places = tuple(
        replace(m, capacity=None) if m.code == code else m for m in result.instance.municipalities
    )
    run = _again(result, result.instance.with_changes(municipalities=places))
    return sum(a.bearer == code for a in run.allocation.assignments)


def _until_next(year: Year, instance: Instance, code: str) -> int | None:
    """Children without a tie who come before a municipality becomes responsible for one."""
    day = instance.children[-1].arrival if instance.children else date(instance.year, 12, 31)
    for n in range(_FURTHER):
        child = Child(f"further-{n}", f"further-{n}", day)
        _, _, bearer = year.assign(Case(child.case, (child,), None))
        if year.codes[bearer] == code:
            return n
    return None


def _untied(assignments: tuple[Assignment, ...], code: str) -> int:
    return sum(a.bearer == code and a.kind != "kinship" for a in assignments)


def _more_or_less(result: Result, code: str, mine: int) -> Iterator[tuple[str, Change]]:
    """Find the least changes that give it more, or fewer, children other than by kinship."""

    def compared(sign: int) -> Callable[[Instance], str | None]:
        def outcome(instance: Instance) -> str | None:
            now = _untied(_again(result, instance).allocation.assignments, code)
            return code if (now - mine) * sign > 0 else None

        return outcome

    for name, sign in (("more", 1), ("fewer", -1)):
        if sign > 0 or mine:
            for change in _least_changes(result, code, -sign, compared(sign)):
                yield name, change


def cases_of(result: Result, code: str) -> tuple[tuple[str, str, str, int], ...]:
    """Cases that a municipality bears: case, kind, owner and children, in order."""
    found: dict[tuple[str, str, str], int] = {}
    for a in result.allocation.assignments:
        if a.bearer == code and a.owner is not None:
            key = (a.case, a.kind, a.owner)
            found[key] = found.get(key, 0) + 1
    return tuple((*key, n) for key, n in found.items())


def rank_of(result: Result, code: str) -> int | None:
    """Place by fulfilment after the year's cases, lowest first; equals share a place."""
    places = result.instance.municipalities
    values = {
        m.code: Fraction(c, m.share)
        for m, c in zip(places, result.counts.credited, strict=True)
        if m.share
    }
    if code not in values:
        return None
    return 1 + sum(v < values[code] for v in values.values())
