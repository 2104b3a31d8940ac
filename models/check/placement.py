"""A placement checked from first principles: permits, siblings, agreements, and every single day.

It shares no line with the formulation, the search or the definitions of fit: what a home may take,
what a child lacks in it and how full it is on each day is worked out here once more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from fordela.models.check.home_proofs import HomeProver
from fordela.models.check.objective import (
    counted_year,
    level_violations,
    status_violations,
)
from fordela.models.check.prices import free_at_homes, price_violations
from fordela.models.check.proofs import Proof, Prover
from fordela.models.check.solution import LevelClaim, PlacementClaims, Solution, Violation
from fordela.models.check.values import Value, level_names, level_value
from fordela.models.check.world import (
    World,
    admits,
    cost_of_home,
    cost_vector,
    forbidden_by,
    is_far_known,
    lacking,
    odd_form,
    stay_of,
    world_of,
)
from fordela.models.homes import Home
from fordela.models.instance import Case, Instance, Transfer
from fordela.models.policy import JOINT_LEVELS, PLACEMENT_LEVELS, Policy

#: Second moves that are looked at.
_TRIED = 20_000


def placement_levels(policy: Policy) -> tuple[str, ...]:
    """Levels of a placement whose municipalities are given."""
    return tuple(level for level in policy.placement.levels if level in PLACEMENT_LEVELS)


def is_allocation_level(level: str) -> bool:
    """Whether a level of a joint placement is one of section 5."""
    return level in JOINT_LEVELS or level.startswith("deviation:")


def joint_levels(policy: Policy, transfers: Sequence[Transfer]) -> tuple[str, ...]:
    """Levels of a joint placement: those named, or those of ``[optimal]`` after ``unplaced``."""
    levels = policy.placement.levels
    last = max((k for k, level in enumerate(levels) if is_allocation_level(level)), default=None)
    if last is None:
        front = int(levels[0] == "unplaced")
        return (*levels[:front], *level_names(policy, transfers), *levels[front:])
    if not transfers or "bearer-balance" in levels:
        return levels
    return (*levels[: last + 1], "bearer-balance", *levels[last + 1 :])


def policy_of_assignments(policy: Policy, transfers: Sequence[Transfer]) -> Policy:
    """The policy whose optimum a joint placement holds: its levels of section 5, by a program."""
    even = tuple(level for level in joint_levels(policy, transfers) if is_allocation_level(level))
    return policy.with_changes(rule="optimal", levels=even)


def placement_violations(instance: Instance, solution: Solution) -> list[Violation]:
    """Everything that is wrong with the homes of a solution."""
    claims = solution.placement
    if claims is None:
        return []
    assigned = {a.child: a.bearer for a in solution.assignments or ()}
    world = world_of(instance, claims.policy, assigned)
    found = [*_rows(world, claims)]
    if any(v.fatal for v in found):
        return found
    home_of = {p.child: p.place for p in claims.placements}
    broken = _broken(world, home_of)
    if claims.mode == "vacancy":  # who finds no vacancy has no home, whatever the levels say
        broken = [v for v in broken if v.rule != "unplaced"]
        broken += _by_vacancy(world, home_of)
    found += broken
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
    return _broken(world_of(instance, policy, responsible), home_of)


def _broken(world: World, home_of: Mapping[str, str | None]) -> list[Violation]:
    return [*_siblings(world, home_of), *_permits(world, home_of), *_days(world, home_of)]


def _rows(world: World, claims: PlacementClaims) -> Iterator[Violation]:
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


def _siblings(world: World, home_of: Mapping[str, str | None]) -> Iterator[Violation]:
    for case in world.cases.values():
        places = {home_of[child.child] for child in case.children}
        if len(places) > 1:
            names = ", ".join(sorted(str(p) for p in places))
            yield Violation("siblings", f"case {case.case} is parted over {names}")


def _permits(world: World, home_of: Mapping[str, str | None]) -> Iterator[Violation]:
    levels = world.policy.placement.levels
    for child in world.instance.children:
        place = home_of[child.child]
        if place is None:
            if "unplaced" not in levels:
                yield Violation("unplaced", f"child {child.child} has no home")
            continue
        home = world.homes[place]
        reason = forbidden_by(child, home, world.policy)
        if reason:
            yield Violation("permit", f"child {child.child} may not live in {place}: {reason}")
        responsible = world.responsible[child.child]
        pair = (str(responsible), home.municipality)
        if pair[0] != pair[1] and pair not in world.agreed:
            message = f"child {child.child}: {pair[0]} has no agreement with {pair[1]}"
            yield Violation("agreement", message)
        if not is_far_known(world, child, home):
            yield Violation("distance", f"child {child.child}: how far {place} is, is not known")
        first, end = stay_of(world.cases[child.case])
        opens, closes = home.first or date.min, home.last
        if first < opens or (closes is not None and end > closes + timedelta(days=1)):
            yield Violation("permit", f"child {child.child}: {place} is not open for its whole stay")
        if "unmet-needs" not in levels and lacking(child, home):
            yield Violation("needs", f"child {child.child} lacks something in {place}")
        if "unsuitable-form" not in levels and odd_form(child, home, world.policy):
            yield Violation("form", f"child {child.child}: {home.form} does not suit its age")


def _days(world: World, home_of: Mapping[str, str | None]) -> Iterator[Violation]:
    """No home above its number on any day: children who move in and out, day by day."""
    change: dict[str, Counter[date]] = defaultdict(Counter)
    for case in world.cases.values():
        first, end = stay_of(case)
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


def _by_vacancy(world: World, home_of: Mapping[str, str | None]) -> Iterator[Violation]:
    """Replay: each case to the home with most vacancies, at home first, then by agreement."""
    living: dict[str, list[tuple[date, date, int]]] = defaultdict(list)
    for case in world.cases.values():
        responsible = world.responsible[case.children[0].child]
        first, end = stay_of(case)
        best: tuple[int, int, str] | None = None
        for home in world.instance.homes:
            outside = home.municipality != responsible
            if outside and (str(responsible), home.municipality) not in world.agreed:
                continue
            if not admits(world, case, home, living[home.place]):
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


def _objective(
    world: World, solution: Solution, claims: PlacementClaims, home_of: Mapping[str, str | None]
) -> Iterator[Violation]:
    policy = claims.policy
    joint = claims.mode == "joint"
    levels = joint_levels(policy, solution.transfers) if joint else placement_levels(policy)
    if tuple(c.level for c in claims.objective) != levels:
        yield Violation("objective", f"levels of the placement must be {', '.join(levels)}")
        return
    year = counted_year(world.instance, solution, ())
    values = _values(world, home_of)
    prove = prover_of_homes(world, solution, claims)
    for claim in claims.objective:
        value: Value = (
            level_value(claim.level, year)
            if is_allocation_level(claim.level)
            else Fraction(values[claim.level])
        )
        if claims.mode != "vacancy":
            yield from level_violations(claim, value, prove)
        elif value != claim.value:
            yield Violation("objective", f"{claim.level} is {value}, not {claim.value}")
        elif claim != LevelClaim(claim.level, claim.value, None, "feasible"):
            yield Violation("objective", f"{claim.level}: nothing is proven of homes by vacancy")
    free = [free_at_homes(following) for following in (*claims.objective[1:], None)]
    yield from price_violations(claims.objective, free)
    if claims.mode == "vacancy":
        if claims.status != "feasible":
            yield Violation("status", f"is {claims.status}, and nothing is proven of homes by vacancy")
        return
    yield from status_violations(claims.objective, claims.status)
    if claims.status == "optimal":
        yield from _improvable(world, home_of)


def prover_of_homes(
    world: World, solution: Solution, claims: PlacementClaims
) -> Callable[[LevelClaim], Proof | None]:
    """A way to prove the levels of a placement, one after the other."""
    joint = claims.mode == "joint"
    levels = [c.level for c in claims.objective]
    homes = HomeProver(world, levels, joint=joint)
    even = [level for level in levels if is_allocation_level(level)]
    allocation = Prover(counted_year(world.instance, solution, ()), even) if joint else None

    def prove(claim: LevelClaim) -> Proof | None:
        if allocation is not None and is_allocation_level(claim.level):
            return allocation.prove(claim.level, claim.value, claim.certificate_price)
        return homes.prove(claim.level, claim.value)

    return prove


def _values(world: World, home_of: Mapping[str, str | None]) -> dict[str, int]:
    """The levels of section 8, counted child by child."""
    total = dict.fromkeys(
        ("unplaced", "outside-own-municipality", "unmet-needs", "unsuitable-form", "distance"), 0
    )
    for child in world.instance.children:
        place = home_of[child.child]
        if place is None:
            total["unplaced"] += 1
            continue
        for level, amount in cost_of_home(world, child, world.homes[place]).items():
            total[level] += amount
    return total


def _improvable(world: World, home_of: Mapping[str, str | None]) -> Iterator[Violation]:
    """What is called optimal must not become better by moving one case to a home, or two in turn."""
    found = next(_better_homes(world, home_of), None)
    if found is not None:
        ways = " and ".join(f"case {case.case} in {home.place}" for case, home in found)
        yield Violation("optimal", f"the homes become better with {ways}")


def _better_homes(
    world: World, home_of: Mapping[str, str | None]
) -> Iterator[tuple[tuple[Case, Home], ...]]:
    """Moves that make homes better: where there is room, or another case makes room and moves on."""
    levels = placement_levels(world.policy)
    living: dict[str, list[Case]] = defaultdict(list)
    now: dict[str, Home | None] = {}
    for case in world.cases.values():
        place = home_of[case.children[0].child]
        now[case.case] = None if place is None else world.homes[place]
        if place is not None:
            living[place].append(case)
    near: dict[str, list[Home]] = defaultdict(list)
    for home in world.instance.homes:
        near[home.municipality].append(home)
    partners: dict[str, list[str]] = defaultdict(list)
    for responsible, placing in world.agreed:
        partners[responsible].append(placing)

    def gain(case: Case, home: Home) -> tuple[int, ...]:
        pair = (cost_vector(world, case, h, levels) for h in (home, now[case.case]))
        return tuple(new - old for new, old in zip(*pair, strict=True))

    def others(case: Case) -> Iterator[Home]:
        code = world.responsible[case.children[0].child]
        for municipality in () if code is None else (code, *partners[code]):
            for home in near[municipality]:
                if home is not now[case.case] and all(
                    is_far_known(world, c, home) for c in case.children
                ):
                    yield home

    def fits(case: Case, home: Home, gone: Case) -> bool:
        there = [(*stay_of(c), c.size) for c in living[home.place] if c is not gone]
        return admits(world, case, home, there)

    tried = 0
    for case in world.cases.values():
        if not any(cost_vector(world, case, now[case.case], levels)):
            continue
        for home in others(case):
            won = gain(case, home)
            if won >= (0,) * len(levels):
                continue
            if fits(case, home, case):
                yield ((case, home),)
            for other in living[home.place]:
                if not fits(case, home, other):
                    continue
                for elsewhere in others(other):
                    tried += 1
                    if tried > _TRIED:
                        return
                    lost = gain(other, elsewhere)
                    total = tuple(a + b for a, b in zip(won, lost, strict=True))
                    if total < (0,) * len(levels) and fits(other, elsewhere, case):
                        yield (case, home), (other, elsewhere)
