"""Tiny years in which nothing is round: shares of any size, ties, transfers, homes and capacities.

Every year has a number, so that one that shows a fault can be made again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from fordela.models.homes import FORMS, Agreement, Home
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import (
    CHOICES,
    IN_FORCE,
    JOINT_LEVELS,
    LEVELS,
    NORMS,
    PLACEMENT_LEVELS,
    REDISTRIBUTION_LEVELS,
    Policy,
)

_FIRST = date(2025, 1, 1)
_UNITS = 100_000


def hard_year(number: int, *, homes: bool = False) -> Instance:
    """Draw a year small enough for brute force."""
    rng = Random(number)
    places = _municipalities(rng, rng.randint(2, 4 if homes else 5))
    codes = [m.code for m in places]
    children: list[Child] = []
    for case in range(rng.randint(0, 3 if homes else 4)):
        first = _FIRST + timedelta(days=rng.randint(0, 6))
        tie = rng.choice([None, None, *codes])
        for k in range(rng.choice([1, 1, 1, 2, 3])):
            children.append(
                Child(
                    child=f"{case}-{k}", case=f"C{case}", arrival=first + timedelta(days=k), tie=tie,
                    age=rng.choice([5, 12, 15, 17, None]), sex=rng.choice(["f", "m", None]),
                    language=rng.choice(["so", "uk", None]), needs=rng.choice([(), (), ("trauma",)]),
                    stay=rng.choice([1, 3, None]),
                )
            )  # fmt: skip
    return Instance(
        name=f"hard-{number}",
        year=2025,
        municipalities=places,
        children=tuple(sorted(children, key=lambda c: c.arrival)),
        transfers=_transfers(rng, places),
        homes=tuple(_home(rng, k, codes) for k in range(rng.randint(1, 3))) if homes else (),
        agreements=tuple(
            Agreement(a, b) for a in codes for b in codes if a != b and homes and rng.random() < 0.3
        ),
        forecast=rng.randint(2, 8),
        forecast_asylum=100,
        synthetic=("everything",),
    )


def _municipalities(rng: Random, number: int) -> tuple[Municipality, ...]:
    if rng.random() < 0.3:  # all but one below 1 per mille
        small = [rng.randint(0, 99) for _ in range(number - 1)]
        shares = [_UNITS - sum(small), *small]
    else:
        cuts = sorted(rng.randint(0, _UNITS) for _ in range(number - 1))
        shares = [b - a for a, b in zip([0, *cuts], [*cuts, _UNITS], strict=True)]
    capped = rng.random() < 0.5
    return tuple(
        Municipality(
            code=f"{k + 1:04d}", name=f"M{k + 1}", county_code=f"0{k % 2 + 1}", county=f"C{k % 2}",
            share=share, assigned_before=rng.choice([0, 0, rng.randint(0, 9), rng.randint(0, 3000)]),
            capacity=rng.choice([None, rng.randint(0, 4)]) if capped else None,
            willing=rng.choice([0, 0, 2]),
            latitude=Decimal(55 + k), longitude=Decimal(rng.randint(11, 20)),
        )
        for k, share in enumerate(shares)
    )  # fmt: skip


def _transfers(rng: Random, places: tuple[Municipality, ...]) -> tuple[Transfer, ...]:
    receivers = rng.sample(places, rng.choice([0, 1, 1, 2]))
    handed = []
    for m in places:
        left = m.share
        for receiver in receivers:
            if m not in receivers and left and rng.random() < 0.6:
                part = rng.choice([left, rng.randint(1, left)])
                handed.append(Transfer(m.code, receiver.code, part))
                left -= part
    return tuple(handed)


def _home(rng: Random, number: int, codes: list[str]) -> Home:
    return Home(
        place=f"H{number}",
        municipality=rng.choice(codes),
        form=rng.choice([*FORMS, "family-home", "hvb"]),
        places=rng.randint(0, 3),
        min_age=rng.choice([None, None, 13]),
        max_age=rng.choice([None, None, 16]),
        sexes=rng.choice([(), (), ("f",)]),
        languages=rng.choice([("*",), ("so",), ()]),
        competences=rng.choice([(), ("trauma",)]),
        first=rng.choice([None, None, _FIRST + timedelta(days=2)]),
        last=rng.choice([None, None, _FIRST + timedelta(days=8)]),
    )


def hard_stack(number: int) -> Policy:
    """Draw a policy whose allocation is optimal in any order of levels."""
    rng = Random(~number)
    levels = rng.sample(LEVELS, rng.randint(1, 4))
    if rng.random() < 0.5 and not any(x.startswith("deviation:") for x in levels):
        levels.insert(rng.randint(0, len(levels)), f"deviation:{rng.choice(NORMS)}")
    return _optimal(rng, _counted(rng), levels)


def hard_joint(number: int) -> Policy:
    """Draw a policy for joint placement: the order of the model, or any."""
    rng = Random(~number)
    policy = _counted(rng)
    at_homes = list(PLACEMENT_LEVELS)
    if rng.random() < 0.3:
        at_homes = rng.sample(at_homes, rng.randint(1, len(at_homes)))
    if rng.random() < 0.3:
        even = rng.sample(JOINT_LEVELS, rng.randint(1, 3))
        at_homes = rng.sample([*at_homes, *even], len(at_homes) + len(even))
    if rng.random() < 0.5:
        even = rng.sample(
            ["over-capacity", f"deviation:{rng.choice(NORMS)}", "willing"], rng.randint(1, 3)
        )
        policy = _optimal(rng, policy, even)
    return _placing(policy, tuple(at_homes))


def _counted(rng: Random) -> Policy:
    return IN_FORCE.with_changes(
        name="hard",
        basis=rng.choice(["history", "year"]),
        mechanism=rng.choice(["owner-bearer", "owner-bearer", "effective-share"]),
        scope=rng.choice(["decided", "decided", "none"]),
    )


def _optimal(rng: Random, policy: Policy, levels: list[str]) -> Policy:
    capacity = rng.choice(["soft", "soft", "hard"])
    return policy.with_changes(rule="optimal", levels=tuple(levels), capacity=capacity)


def _placing(policy: Policy, levels: tuple[str, ...]) -> Policy:
    return replace(policy, placement=replace(policy.placement, levels=levels))


def hard_market(number: int) -> tuple[Instance, Policy]:
    """Draw wishes of a few units, some years none at all, and how they are to be fitted together."""
    rng = Random(number)
    shares = [_UNITS // 4] * 4 if rng.random() < 0.5 else [40_001, 33_333, 26_665, 1]
    places = []
    for k, share in enumerate(shares):
        side, wish = rng.choice(["less", "more", "none"]), rng.randint(1, 3)
        places.append(
            Municipality(
                code=f"{k + 1:04d}", name=f"M{k + 1}", county_code=f"0{k % 2 + 1}", county=f"C{k % 2}",
                share=share, wants_less=min(wish, share) if side == "less" else 0,
                wants_more=wish if side == "more" else 0,
                latitude=Decimal(55 + k), longitude=Decimal(rng.randint(11, 20)),
            )
        )  # fmt: skip
    codes = [m.code for m in places]
    former = rng.sample([(a, b) for a in codes for b in codes if a != b], rng.randint(0, 3))
    year = Instance(
        name=f"market-{number}",
        year=2025,
        municipalities=tuple(places),
        transfers_last_year=tuple(Transfer(a, b, 1) for a, b in former),
    )
    levels = tuple(rng.sample(REDISTRIBUTION_LEVELS, rng.randint(1, 4)))
    policy = IN_FORCE.with_changes(
        name="trade", scope=rng.choice(["county", "national"]), one_receiver=rng.random() < 0.7,
        entitlement=rng.choice(CHOICES["redistribution", "entitlement"]),
    )  # fmt: skip
    return year, replace(policy, redistribution=replace(policy.redistribution, levels=levels))
