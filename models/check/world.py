"""A year's homes as the checker reads them: who may live where, what it costs, and for how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fordela.models.check.values import far_apart
from fordela.models.homes import Home
from fordela.models.instance import Case, Child, Instance
from fordela.models.policy import Policy

#: First day of a place that is held beyond the year.
_NEVER = date.max


@dataclass(frozen=True)
class World:
    """The year as the checker reads it."""

    instance: Instance
    policy: Policy
    homes: Mapping[str, Home]
    cases: Mapping[str, Case]
    responsible: Mapping[str, str | None]
    agreed: frozenset[tuple[str, str]]


def world_of(instance: Instance, policy: Policy, responsible: Mapping[str, str | None]) -> World:
    """A year under a policy, with the municipality that is responsible for each child."""
    return World(
        instance,
        policy,
        {home.place: home for home in instance.homes},
        {case.case: case for case in instance.cases},
        responsible,
        frozenset((a.responsible, a.placing) for a in instance.agreements),
    )


def forbidden_by(child: Child, home: Home, policy: Policy) -> str:
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


def unmet(child: Child, home: Home) -> list[str]:
    """Needs that a home does not meet; a relative speaks the child's language."""
    needs = [need for need in child.needs if need not in home.competences]
    speaks = home.form == "network-home" or {child.language, "*"} & set(home.languages)
    return needs if speaks or not child.language else [*needs, f"language:{child.language}"]


def lacking(child: Child, home: Home) -> int:
    """Number of needs that a home does not meet."""
    return len(unmet(child, home))


def odd_form(child: Child, home: Home, policy: Policy) -> bool:
    """Whether the form does not suit the child's age."""
    if home.form not in ("hvb", "supported-housing"):
        return False
    suits = policy.placement.hvb_suits
    if home.form == "supported-housing":
        suits = policy.placement.supported_housing_suits
    return child.age is None or child.age < suits


def stay_of(case: Case) -> tuple[date, date]:
    """First day, and the day on which the places are free again, of all siblings together."""
    end = date.min
    for child in case.children:
        end = max(end, _NEVER if child.stay is None else child.arrival + timedelta(days=child.stay))
    return min(child.arrival for child in case.children), end


def admits(world: World, case: Case, home: Home, living: Sequence[tuple[date, date, int]]) -> bool:
    """Whether a home may take a case and has room on every day of its stay."""
    levels, policy = world.policy.placement.levels, world.policy
    first, end = stay_of(case)
    if first < (home.first or date.min):
        return False
    if home.last is not None and end > home.last + timedelta(days=1):
        return False
    for child in case.children:
        if forbidden_by(child, home, policy):
            return False
        if "unmet-needs" not in levels and lacking(child, home):
            return False
        if "unsuitable-form" not in levels and odd_form(child, home, policy):
            return False
    days = {first} | {a for a, _, _ in living if first < a < end}
    return all(sum(n for a, b, n in living if a <= d < b) + case.size <= home.places for d in days)


def is_far_known(world: World, child: Child, home: Home) -> bool:
    """Whether the distance from a child's municipality to its home is known, or of no interest."""
    codes = {str(world.responsible[child.child]), home.municipality}
    towns = [world.instance.by_code[code] for code in codes]
    return (
        len(towns) == 1
        or "distance" not in world.policy.placement.levels
        or all(None not in (m.latitude, m.longitude) for m in towns)
    )


def cost_of_home(world: World, child: Child, home: Home) -> dict[str, int]:
    """What a child costs at each level of section 8 in a home; no distance where it is not known."""
    responsible = str(world.responsible[child.child])
    outside = home.municipality != responsible
    by_code = world.instance.by_code
    far = 0
    if outside and "distance" in world.policy.placement.levels and is_far_known(world, child, home):
        far = far_apart(by_code[responsible], by_code[home.municipality])
    return {
        "unplaced": 0,
        "outside-own-municipality": int(outside),
        "unmet-needs": lacking(child, home),
        "unsuitable-form": int(odd_form(child, home, world.policy)),
        "distance": far,
    }


def cost_vector(world: World, case: Case, home: Home | None, levels: Sequence[str]) -> tuple[int, ...]:
    """What a case costs at each level, in their order."""
    if home is None:
        return tuple(case.size if level == "unplaced" else 0 for level in levels)
    costs = [cost_of_home(world, child, home) for child in case.children]
    return tuple(sum(cost[level] for cost in costs) for level in levels)
