"""Hypothesis strategies for tiny years and policies, with everything that the rules know."""

from __future__ import annotations

import os
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import (
    CHOICES,
    IN_FORCE,
    LEVELS,
    REDISTRIBUTION_LEVELS,
    Policy,
    Redistribution,
)
from fordela.models.wishes import Availability, Wish
from hypothesis import strategies as st

_FIRST = date(2025, 1, 1)
_FEW = st.integers(0, 5)
_DAYS = st.integers(0, 4).map(lambda days: _FIRST + timedelta(days=days))
_LEVELS = st.lists(st.sampled_from(LEVELS), min_size=1, max_size=4, unique=True)
_TRADING = st.lists(st.sampled_from(REDISTRIBUTION_LEVELS), min_size=1, max_size=4, unique=True)


def scaled(examples: int, part: int = 3) -> int:
    """Of so many drawn years a third or less, and all of them in ``make thorough``."""
    return examples if os.environ.get("FORDELA_THOROUGH") else examples // part


@lru_cache(maxsize=None, typed=True)
def pick(*values: Any) -> st.SearchStrategy[Any]:
    """One of the values; made once, as making a strategy takes longer than drawing from it."""
    return st.sampled_from(values)


@lru_cache(maxsize=None, typed=True)
def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """None or what a strategy draws, made once too."""
    return st.none() | strategy


@st.composite
def shares(draw: st.DrawFn, number: int) -> list[int]:
    """Units that sum to 1000 ‰; some may be 0."""
    cuts = sorted(draw(st.integers(0, 1000)) for _ in range(number - 1))
    return [100 * (b - a) for a, b in zip([0, *cuts], [*cuts, 1000], strict=True)]


@st.composite
def municipalities(draw: st.DrawFn, capacities: bool = True) -> tuple[Municipality, ...]:
    """One to five municipalities in two counties, with history, capacity and wishes."""
    number = draw(pick(3, 4, 5, 2, 1))
    capped = capacities and draw(st.booleans())
    return tuple(
        Municipality(
            code=f"{k + 1:04d}",
            name=f"M{k + 1}",
            county_code="01" if k < 2 else "02",
            county="North" if k < 2 else "South",
            share=share,
            assigned_before=draw(st.integers(0, 6)),
            stock=draw(st.integers(0, 6)),
            capacity=draw(maybe(_FEW)) if capped else None,
            willing=draw(pick(0, 0, 2, 3)),
            kin_weight=Fraction(draw(pick(0, 1, 1, 5)), 2),
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
def windows(draw: st.DrawFn, places: tuple[Municipality, ...]) -> tuple[Availability, ...]:
    """Willing places that open and close, some without an end."""
    day = maybe(_DAYS)
    found = []
    for code in draw(st.lists(pick(*[m.code for m in places]), max_size=4)):
        first, last = draw(day), draw(day)
        if first is not None and last is not None and last < first:
            first, last = last, first
        sexes = draw(pick((), (), ("f",), ("m",), ("f", "m")))
        low, high = draw(pick((None, None), (None, None), (12, None), (None, 15), (13, 17)))
        found.append(Availability(code, first, last, draw(st.integers(0, 3)), sexes, low, high))
    return tuple(found)


@st.composite
def markets(draw: st.DrawFn) -> Instance:
    """A year of wishes without children, small enough to enumerate every redistribution."""
    number = draw(pick(4, 3, 5))
    unit = draw(pick(1, 100))
    equal = 100_000 // number
    shares = [100_000 - equal * (number - 1), *[equal] * (number - 1)]
    places = []
    for k, share in enumerate(shares):
        side = draw(pick("less", "more", "less", "more", "none"))
        wish = unit * draw(st.integers(1, 4)) + draw(st.sampled_from([0, 0, 30 * (unit > 1)]))
        places.append(
            Municipality(
                code=f"{k + 1:04d}", name=f"M{k + 1}", county_code=f"0{k % 2}", county=f"C{k % 2}",
                share=share, wants_less=wish if side == "less" else 0,
                wants_more=wish if side == "more" else 0,
                latitude=Decimal(55 + draw(st.integers(0, 3))), longitude=Decimal(12 + k),
            )
        )  # fmt: skip
    codes = [m.code for m in places]
    couples = [(a, b) for a in codes for b in codes if a != b]
    pairs = draw(st.lists(st.sampled_from(couples), unique=True, min_size=1, max_size=12))
    former = draw(st.lists(st.sampled_from(couples), unique=True, max_size=4))
    return Instance(
        name="market",
        year=2025,
        municipalities=tuple(places),
        pairs=tuple(pairs),
        transfers_last_year=tuple(Transfer(a, b, 100) for a, b in former),
        wishes=draw(st.just(()) | st.just(()) | log(tuple(places))),
    )


@st.composite
def log(draw: st.DrawFn, places: tuple[Municipality, ...]) -> tuple[Wish, ...]:
    """The wishes of the columns as a log, some with a least amount, some for named partners."""
    rows = []
    for m in places:
        wish, direction = (m.wants_less, "less") if m.wants_less else (m.wants_more, "more")
        if not wish:
            continue
        if draw(st.booleans()):
            rows.append(Wish(m.code, direction, wish, least=draw(st.sampled_from([0, wish]))))
            continue
        others = [p.code for p in places if p.code != m.code]
        half = max(1, wish // 2)
        rows += [
            Wish(m.code, direction, half, least=draw(st.sampled_from([0, half])), partner=partner)
            for partner in draw(st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True))
        ]
    return tuple(rows)


@st.composite
def trading_policies(draw: st.DrawFn, scopes: tuple[str, ...]) -> Policy:
    """Any redistribution of section 6."""
    levels = draw(_TRADING)
    process = draw(pick("immediate", "deferred"))
    return Policy(
        name="trade",
        redistribution=Redistribution(
            scope=draw(st.sampled_from(scopes)),
            one_receiver=draw(pick(True, True, False)),
            whole_shares=draw(st.booleans()),
            least_kept=draw(pick(0, 0, 19_900, 24_900, 33_200)),
            least_received=draw(pick(0, 0, 2, 100)),
            most_givers_per_county=None if process == "deferred" else draw(pick(None, None, 1, 0)),
            entitlement=draw(pick(*CHOICES["redistribution", "entitlement"])),
            levels=tuple(levels),
            process=process,
            draws=6,
        ),
    )


@st.composite
def instances(draw: st.DrawFn, capacities: bool = True, siblings: bool = True) -> Instance:
    """A year small enough for brute force."""
    places = draw(municipalities(capacities))
    codes = [m.code for m in places]
    children: list[Child] = []
    for case in range(draw(pick(4, 5, 3, 2, 1, 0))):
        tie = draw(maybe(pick(*codes)))
        for _ in range(draw(pick(1, 1, 2, 3)) if siblings else 1):
            day = _FIRST + timedelta(days=case)
            age = draw(pick(None, 11, 12, 15, 17))
            sex = draw(pick(None, "f", "m", "m"))
            children.append(Child(f"c{len(children) + 1}", f"g{case + 1}", day, tie, age, sex))
    return Instance(
        name="tiny",
        year=2025,
        municipalities=places,
        children=tuple(children),
        transfers=draw(transfers(places)),
        availability=draw(st.just(()) | windows(places)),
        forecast=draw(pick(2, 4, 8)),
        forecast_asylum=100,
        synthetic=("everything",),
    )


@st.composite
def rules(draw: st.DrawFn) -> Policy:
    """A policy with a sequential rule."""
    return IN_FORCE.with_changes(
        name="rule",
        basis=draw(pick(*CHOICES["counting", "basis"])),
        mechanism=draw(pick("owner-bearer", "effective-share")),
        kinship=draw(pick("always", "within-share")),
        scope=draw(pick("decided", "none")),
        rule=draw(pick("lowest-fulfilment", "willing-first", "projected")),
        kinship_part=Fraction(draw(pick(0, 1, 3)), 4),
        signpost=draw(pick("before", "midpoint", "after")),
        tie=draw(pick("code", "largest-share", "lot")),
        valve=draw(pick(None, Fraction(1), Fraction(1, 2))),
    )


@st.composite
def optimal_policies(draw: st.DrawFn) -> Policy:
    """A policy with any stack of levels."""
    levels = draw(_LEVELS)
    return IN_FORCE.with_changes(
        name="stack",
        basis=draw(pick(*CHOICES["counting", "basis"])),
        mechanism=draw(pick("owner-bearer", "owner-bearer", "effective-share")),
        scope=draw(pick("decided", "none")),
        rule="optimal",
        capacity=draw(pick("soft", "soft", "hard")),
        levels=tuple(levels),
    )
