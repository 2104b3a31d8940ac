"""Hypothesis strategies for tiny years and policies, with everything that the rules know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import IN_FORCE, LEVELS, Policy
from hypothesis import strategies as st

_FIRST = date(2025, 1, 1)


@st.composite
def shares(draw: st.DrawFn, number: int) -> list[int]:
    """Units that sum to 1000 ‰; some may be 0."""
    cuts = sorted(draw(st.integers(0, 1000)) for _ in range(number - 1))
    return [100 * (b - a) for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]


@st.composite
def municipalities(draw: st.DrawFn, capacities: bool = True) -> tuple[Municipality, ...]:
    """One to five municipalities in two counties, with history, capacity and wishes."""
    number = draw(st.sampled_from([3, 4, 5, 2, 1]))
    capped = capacities and draw(st.booleans())
    return tuple(
        Municipality(
            code=f"{k + 1:04d}",
            name=f"M{k + 1}",
            county_code="01" if k < 2 else "02",
            county="North" if k < 2 else "South",
            share=share,
            assigned_before=draw(st.integers(0, 6)),
            capacity=draw(st.none() | st.integers(0, 5)) if capped else None,
            willing=draw(st.sampled_from([0, 0, 2, 3])),
            latitude=Decimal(55 + k),
            longitude=Decimal(draw(st.integers(11, 20))),
        )
        for k, share in enumerate(draw(shares(number)))
    )


@st.composite
def transfers(draw: st.DrawFn, places: tuple[Municipality, ...]) -> tuple[Transfer, ...]:
    """Some municipalities hand all or half of their share to one or two others."""
    receivers = draw(st.lists(st.sampled_from(places), max_size=2, unique_by=lambda m: m.code))
    handed = []
    for m in places:
        left = m.share
        for receiver in receivers:
            if m in receivers or not left or not draw(st.booleans()):
                continue
            part = draw(st.sampled_from([left, max(1, left // 2)]))
            handed.append(Transfer(m.code, receiver.code, part))
            left -= part
    return tuple(handed)


@st.composite
def instances(draw: st.DrawFn, capacities: bool = True, siblings: bool = True) -> Instance:
    """A year small enough for brute force."""
    places = draw(municipalities(capacities))
    children: list[Child] = []
    for case in range(draw(st.sampled_from([4, 5, 3, 2, 1, 0]))):
        tie = draw(st.none() | st.sampled_from([m.code for m in places]))
        for _ in range(draw(st.sampled_from([1, 1, 2, 3])) if siblings else 1):
            day = _FIRST + timedelta(days=case)
            children.append(Child(f"c{len(children) + 1}", f"g{case + 1}", day, tie))
    return Instance(
        name="tiny",
        year=2025,
        municipalities=places,
        children=tuple(children),
        transfers=draw(transfers(places)),
        forecast=draw(st.sampled_from([2, 4, 8])),
        forecast_asylum=100,
        synthetic=("everything",),
    )


@st.composite
def rules(draw: st.DrawFn) -> Policy:
    """A policy with a sequential rule."""
    return IN_FORCE.with_changes(
        name="rule",
        basis=draw(st.sampled_from(["history", "year"])),
        mechanism=draw(st.sampled_from(["owner-bearer", "effective-share"])),
        scope=draw(st.sampled_from(["decided", "none"])),
        rule=draw(st.sampled_from(["lowest-fulfilment", "willing-first"])),
        signpost=draw(st.sampled_from(["before", "midpoint", "after"])),
        tie=draw(st.sampled_from(["code", "largest-share", "lot"])),
        valve=draw(st.sampled_from([None, Fraction(1), Fraction(1, 2)])),
    )


@st.composite
def optimal_policies(draw: st.DrawFn) -> Policy:
    """A policy with any stack of levels."""
    levels = draw(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=4, unique=True))
    return IN_FORCE.with_changes(
        name="stack",
        basis=draw(st.sampled_from(["history", "year"])),
        mechanism=draw(st.sampled_from(["owner-bearer", "owner-bearer", "effective-share"])),
        scope=draw(st.sampled_from(["decided", "none"])),
        rule="optimal",
        capacity=draw(st.sampled_from(["soft", "soft", "hard"])),
        levels=tuple(levels),
    )


def relabelled(instance: Instance, order: list[int]) -> Instance:
    """Return the same year with municipalities renamed and reordered, codes keeping their order."""
    places = [instance.municipalities[k] for k in order]
    return replace(instance, municipalities=tuple(places))
