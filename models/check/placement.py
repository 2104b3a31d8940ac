"""A placement checked from first principles: permits, siblings, agreements, and every single day.

It shares no line with the formulation, the search or the definitions of fit: what a home may take,
what a child lacks in it and how full it is on each day is worked out here once more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from fordela.models.check.objective import level_violations, status_violations
from fordela.models.check.solution import PlacementClaims, Solution, Violation
from fordela.models.geo import kilometres
from fordela.models.homes import Home
from fordela.models.instance import Case, Child, Instance
from fordela.models.levels import Outcome, level_value
from fordela.models.norms import Value
from fordela.models.placement.stack import is_allocation_level, joint_stack, placement_stack
from fordela.models.policy import Policy

#: First day of a place that is held beyond the year.
_NEVER = date.max


@dataclass(frozen=True)
class _World:
    """The year as the checker reads it."""

    instance: Instance
    policy: Policy
    homes: Mapping[str, Home]
    cases: Mapping[str, Case]
    responsible: Mapping[str, str | None]
    agreed: frozenset[tuple[str, str]]


def placement_violations(instance: Instance, solution: Solution) -> list[Violation]:
    """Everything that is wrong with the homes of a solution."""
    claims = solution.placement
    if claims is None:
        return []
    assigned = {a.child: a.bearer for a in solution.assignments or ()}
    world = _world(instance, claims.policy, assigned)
    found = [*_rows(world, claims)]
    if any(v.fatal for v in found):
        return found
    home_of = {p.child: p.place for p in claims.placements}
    found += _broken(world, home_of)
    if claims.mode == "vacancy":
        found += _by_vacancy(world, home_of)
    return found + list(_objective(world, solution, claims, home_of))


def broken_rules(
    instance: Instance,
    policy: Policy,
    responsible: Mapping[str, str | None],
    home_of: Mapping[str, str | None],
) -> list[Violation]:
    """Every rule of placement that homes break.

    Parameters
    ----------
    responsible, home_of
        Municipality and home by child; None is none.
    """
    return _broken(_world(instance, policy, responsible), home_of)


def _world(instance: Instance, policy: Policy, responsible: Mapping[str, str | None]) -> _World:
    return _World(
        instance,
        policy,
        {home.place: home for home in instance.homes},
        {case.case: case for case in instance.cases},
        responsible,
        frozenset((a.responsible, a.placing) for a in instance.agreements),
    )


def _broken(world: _World, home_of: Mapping[str, str | None]) -> list[Violation]:
    return [*_siblings(world, home_of), *_permits(world, home_of), *_days(world, home_of)]


def _rows(world: _World, claims: PlacementClaims) -> Iterator[Violation]:
    seen = Counter(p.child for p in claims.placements)
    children = {c.child: c for c in world.instance.children}
    for child in children:
        if seen[child] != 1:
            yield Violation("placements", f"child {child} has {seen[child]} rows", fatal=True)
    for p in claims.placements:
        if p.child not in children:
            yield Violation("placements", f"child {p.child} is not in the year", fatal=True)
            continue
        if p.case != children[p.child].case:
            yield Violation("placements", f"child {p.child} is not of case {p.case}", fatal=True)
        if p.place is not None and p.place not in world.homes:
            yield Violation("placements", f"child {p.child}: no home {p.place}", fatal=True)
        if p.responsible != world.responsible.get(p.child):
            message = f"child {p.child}: {p.responsible} is not the municipality it was assigned to"
            yield Violation("responsible", message, fatal=True)
        elif p.responsible is None and p.place is not None:
            message = f"child {p.child} has a home, but nobody is responsible for it"
            yield Violation("responsible", message, fatal=True)


def _siblings(world: _World, home_of: Mapping[str, str | None]) -> Iterator[Violation]:
    for case in world.cases.values():
        places = {home_of[child.child] for child in case.children}
        if len(places) > 1:
            names = ", ".join(sorted(str(p) for p in places))
            yield Violation("siblings", f"case {case.case} is parted over {names}")


def _permits(world: _World, home_of: Mapping[str, str | None]) -> Iterator[Violation]:
    levels = world.policy.placement.levels
    for child in world.instance.children:
        place = home_of[child.child]
        if place is None:
            if "unplaced" not in levels:
                yield Violation("unplaced", f"child {child.child} has no home")
            continue
        home = world.homes[place]
        reason = _forbidden(child, home, world.policy)
        if reason:
            yield Violation("permit", f"child {child.child} may not live in {place}: {reason}")
        responsible = world.responsible[child.child]
        pair = (str(responsible), home.municipality)
        if pair[0] != pair[1] and pair not in world.agreed:
            message = f"child {child.child}: {pair[0]} has no agreement with {pair[1]}"
            yield Violation("agreement", message)
        first, end = _stay(world.cases[child.case])
        opens, closes = home.first or date.min, home.last
        if first < opens or (closes is not None and end > closes + timedelta(days=1)):
            yield Violation("permit", f"child {child.child}: {place} is not open for its whole stay")
        if "unmet-needs" not in levels and _lacking(child, home):
            yield Violation("needs", f"child {child.child} lacks something in {place}")
        if "unsuitable-form" not in levels and _odd_form(child, home, world.policy):
            yield Violation("form", f"child {child.child}: {home.form} does not suit its age")


def _forbidden(child: Child, home: Home, policy: Policy) -> str:
    """Why a home may not take a child, or nothing."""
    if home.min_age is not None or home.max_age is not None:
        allowed = range(home.min_age or 0, 1 + (99 if home.max_age is None else home.max_age))
        if child.age not in allowed:
            return f"its age is {child.age}"
    if home.sexes and (child.sex is None or child.sex not in home.sexes):
        return f"its sex is {child.sex}"
    if home.form == "network-home" and child.tie != home.municipality:
        return "it has no relative there"
    if home.form == "supported-housing":
        least = policy.placement.supported_housing_age
        if child.age is None or child.age < least:
            return f"supported housing is for those aged {least} or more"
    return ""


def _lacking(child: Child, home: Home) -> int:
    """Number of needs that a home does not meet."""
    lacking = sum(1 for need in child.needs if need not in home.competences)
    if child.language is None or child.language == "" or home.form == "network-home":
        return lacking
    return lacking + (child.language not in home.languages and "*" not in home.languages)


def _odd_form(child: Child, home: Home, policy: Policy) -> bool:
    """Whether the form does not suit the child's age."""
    if home.form not in ("hvb", "supported-housing"):
        return False
    suits = policy.placement.hvb_suits
    if home.form == "supported-housing":
        suits = policy.placement.supported_housing_suits
    return child.age is None or child.age < suits


def _stay(case: Case) -> tuple[date, date]:
    """First day, and the day on which the places are free again, of all siblings together."""
    end = date.min
    for child in case.children:
        end = max(end, _NEVER if child.stay is None else child.arrival + timedelta(days=child.stay))
    return min(child.arrival for child in case.children), end


def _days(world: _World, home_of: Mapping[str, str | None]) -> Iterator[Violation]:
    """No home above its number on any day: children who move in and out, day by day."""
    change: dict[str, Counter[date]] = defaultdict(Counter)
    for case in world.cases.values():
        first, end = _stay(case)
        for child in case.children:
            place = home_of[child.child]
            if place is not None:
                change[place][first] += 1
                change[place][end] -= 1
    for place, moves in change.items():
        there = 0
        for day in sorted(moves):
            there += moves[day]
            if there > world.homes[place].places:
                message = f"{place} holds {there} children on {day}, of {world.homes[place].places}"
                yield Violation("places", message)
                break


def _by_vacancy(world: _World, home_of: Mapping[str, str | None]) -> Iterator[Violation]:
    """Replay: each case to the home with most vacancies, at home first, then by agreement."""
    living: dict[str, list[tuple[date, date, int]]] = defaultdict(list)
    for case in world.cases.values():
        responsible = world.responsible[case.children[0].child]
        first, end = _stay(case)
        best: tuple[int, int, str] | None = None
        for home in world.instance.homes:
            outside = home.municipality != responsible
            if outside and (str(responsible), home.municipality) not in world.agreed:
                continue
            if not _admits(world, case, home, living[home.place]):
                continue
            there = sum(n for a, b, n in living[home.place] if a <= first < b)
            key = (int(outside), there - home.places, home.place)
            best = key if best is None else min(best, key)
        expected = None if best is None or responsible is None else best[2]
        if expected != home_of[case.children[0].child]:
            yield Violation("vacancy", f"case {case.case} goes to {expected} by vacancy")
            return
        if expected is not None:
            living[expected].append((first, end, case.size))


def _admits(world: _World, case: Case, home: Home, living: Sequence[tuple[date, date, int]]) -> bool:
    """Whether a home may take a case and has room on every day of its stay."""
    levels, policy = world.policy.placement.levels, world.policy
    first, end = _stay(case)
    if first < (home.first or date.min):
        return False
    if home.last is not None and end > home.last + timedelta(days=1):
        return False
    for child in case.children:
        if _forbidden(child, home, policy):
            return False
        if "unmet-needs" not in levels and _lacking(child, home):
            return False
        if "unsuitable-form" not in levels and _odd_form(child, home, policy):
            return False
    days = {first} | {a for a, _, _ in living if first < a < end}
    return all(sum(n for a, b, n in living if a <= d < b) + case.size <= home.places for d in days)


def _objective(
    world: _World, solution: Solution, claims: PlacementClaims, home_of: Mapping[str, str | None]
) -> Iterator[Violation]:
    policy = claims.policy
    joint = claims.mode == "joint"
    levels = joint_stack(policy, solution.transfers) if joint else placement_stack(policy)
    if tuple(c.level for c in claims.objective) != levels:
        yield Violation("objective", f"levels of the placement must be {', '.join(levels)}")
        return
    outcome = Outcome.of(
        world.instance, solution.policy, solution.transfers, solution.assignments or ()
    )
    values = _values(world, home_of)
    for claim in claims.objective:
        value: Value = (
            level_value(claim.level, outcome)
            if is_allocation_level(claim.level)
            else Fraction(values[claim.level])
        )
        if claims.mode != "vacancy":
            yield from level_violations(claim, value)
        elif value != claim.value:
            yield Violation("objective", f"{claim.level} is {value}, not {claim.value}")
    if claims.mode == "vacancy":
        return
    yield from status_violations(claims.objective, claims.status)
    if claims.status == "optimal":
        yield from _improvable(world, home_of)


def _values(world: _World, home_of: Mapping[str, str | None]) -> dict[str, int]:
    """The levels of section 8, counted child by child."""
    total = dict.fromkeys(
        ("unplaced", "outside-own-municipality", "unmet-needs", "unsuitable-form", "distance"), 0
    )
    for child in world.instance.children:
        place = home_of[child.child]
        if place is None:
            total["unplaced"] += 1
            continue
        for level, amount in _cost(world, child, world.homes[place]).items():
            total[level] += amount
    return total


def _cost(world: _World, child: Child, home: Home) -> dict[str, int]:
    responsible = str(world.responsible[child.child])
    outside = home.municipality != responsible
    by_code = world.instance.by_code
    far = 0
    if outside and "distance" in world.policy.placement.levels:
        far = kilometres(by_code[responsible], by_code[home.municipality])
    return {
        "unplaced": 0,
        "outside-own-municipality": int(outside),
        "unmet-needs": _lacking(child, home),
        "unsuitable-form": int(_odd_form(child, home, world.policy)),
        "distance": far,
    }


def _improvable(world: _World, home_of: Mapping[str, str | None]) -> Iterator[Violation]:
    """What is called optimal must not become better by moving one case to a home that has room."""
    levels = placement_stack(world.policy)
    living: dict[str, list[tuple[date, date, int]]] = defaultdict(list)
    for case in world.cases.values():
        place = home_of[case.children[0].child]
        if place is not None:
            living[place].append((*_stay(case), case.size))
    near: dict[str, list[Home]] = defaultdict(list)
    for home in world.instance.homes:
        near[home.municipality].append(home)
    partners: dict[str, list[str]] = defaultdict(list)
    for responsible, placing in world.agreed:
        partners[responsible].append(placing)
    for case in world.cases.values():
        place = home_of[case.children[0].child]
        code = world.responsible[case.children[0].child]
        now = _vector(world, case, None if place is None else world.homes[place], levels)
        if code is None or not any(now):
            continue
        for municipality in (code, *partners[code]):
            for home in near[municipality]:
                if home.place == place or not _vector(world, case, home, levels) < now:
                    continue
                if _admits(world, case, home, living[home.place]):
                    message = f"case {case.case} would be better off in {home.place}, which has room"
                    yield Violation("optimal", message)
                    return


def _vector(world: _World, case: Case, home: Home | None, levels: Sequence[str]) -> tuple[int, ...]:
    """What a case costs at each level, in their order."""
    if home is None:
        return tuple(case.size if level == "unplaced" else 0 for level in levels)
    costs = [_cost(world, child, home) for child in case.children]
    return tuple(sum(cost[level] for cost in costs) for level in levels)
