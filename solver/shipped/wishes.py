"""Wishes for 2026: receivers as published, everything else drawn and marked synthetic.

Three patterns of who is willing, for the question of the report what happens if the county border
is dropped ([O] 4.1.1). Small municipalities hand away, as in the counties that redistribute today.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from fordela.instances.figures import receivers
from fordela.models.instance import Instance, Municipality
from fordela.models.units import UNITS_PER_MILLE, WHOLE, round_half_up


@dataclass(frozen=True, slots=True)
class Pattern:
    """How many wish for what.

    Attributes
    ----------
    name, title
        Suffix of the instance's name, and what is said of it.
    givers, receivers
        Municipalities that wish for less and for more.
    """

    name: str
    title: str
    givers: int
    receivers: int


PATTERNS = (
    Pattern("-few", "few willing: 60 givers, 8 receivers", 60, 8),
    Pattern("", "some willing: 140 givers, 20 receivers", 140, 20),
    Pattern("-many", "many willing: 120 givers, 60 receivers", 120, 60),
)
#: Received shares range from 1 to 24 per mille ([O] 2.3.2).
MOST_RECEIVED = 24
#: Assumed: who takes over less gets no routine from it (24 per mille of 400 children are ten).
LEAST_WISHED = 3


def wishes_2026(instance: Instance) -> Instance:
    """Add wishes to 2026: the published receivers, and the municipalities of their counties."""
    rng = Random(2026)
    published = set(receivers(2026))
    taken = {t.receiver: 0 for t in instance.transfers}
    for t in instance.transfers:
        taken[t.receiver] += t.share
    handed = {t.giver: t.share for t in instance.transfers}
    chosen = []
    for m in instance.municipalities:
        if m.code in published:
            whole = -(-taken.get(m.code, 0) // UNITS_PER_MILLE)
            chosen.append(replace(m, wants_more=UNITS_PER_MILLE * (whole + rng.randrange(4))))
        elif m.code in handed:
            chosen.append(replace(m, wants_less=handed[m.code]))
        else:
            wish = _less(rng, m) if rng.random() < 0.1 else None
            chosen.append(replace(m, wants_less=wish))
    return _with_wishes(instance, chosen, "receivers: [O] 2.3.2; all else drawn, seed 2026")


def national_patterns(instance: Instance) -> Iterator[Instance]:
    """Make ``sweden-2026-national`` and its two neighbours from 2026."""
    for pattern in PATTERNS:
        rng = Random(f"national{pattern.name}")
        published = set(receivers(2026))
        others = [m.code for m in instance.municipalities if m.code not in published]
        more = published | set(rng.sample(others, pattern.receivers - len(published)))
        by_size = sorted(
            (m for m in instance.municipalities if m.code not in more),
            key=lambda m: (rng.random() * (m.population or 0), m.code),
        )
        less = {m.code for m in by_size[: pattern.givers]}
        chosen = [
            replace(
                m,
                wants_more=_more(rng) if m.code in more else None,
                wants_less=_less(rng, m) if m.code in less else None,
            )
            for m in instance.municipalities
        ]
        made = _with_wishes(
            instance,
            chosen,
            f"the six receivers of 2026: [O] 2.3.2; all else drawn, seed 'national{pattern.name}'",
        )
        yield made.with_changes(
            name=f"sweden-2026-national{pattern.name}",
            title=f"2026 with wishes over county borders, {pattern.title}",
            policy="national",
        )


def _with_wishes(instance: Instance, municipalities: Sequence[Municipality], source: str) -> Instance:
    return instance.with_changes(
        municipalities=tuple(_with_places(m, instance.forecast or 0) for m in municipalities),
        synthetic=(*instance.synthetic, "wishes", "willing"),
        provenance={**instance.provenance, "wants_more, wants_less": source},
    )


def _more(rng: Random) -> int:
    """Draw a wish for more: whole per mille, enough to be of use, small ones more often."""
    spread = MOST_RECEIVED - LEAST_WISHED + 1
    return UNITS_PER_MILLE * (LEAST_WISHED + int(spread * rng.random() ** 2))


def _less(rng: Random, m: Municipality) -> int:
    """Draw a wish for less: all of the share, half of it, or whole per mille of it."""
    kind = rng.random()
    if kind < 0.6 or m.share < 2 * UNITS_PER_MILLE:
        return m.share
    if kind < 0.8:
        return m.share // 2
    return UNITS_PER_MILLE * rng.randint(1, m.share // UNITS_PER_MILLE)


def _with_places(m: Municipality, forecast: int) -> Municipality:
    """Ask for as many children as the wished share is of the forecast, at least one."""
    if not m.wants_more:
        return m
    return replace(m, willing=max(1, round_half_up(Fraction(m.wants_more * forecast, WHOLE))))
