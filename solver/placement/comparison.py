"""Placement by vacancy, sequential and joint beside each other: what each policy means for children."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from time import monotonic
from typing import Any

from fordela.models.allocation import targets
from fordela.models.indicators import (
    Indicators,
    child_indicators,
    indicator_cells,
    indicator_json,
)
from fordela.models.instance import Instance
from fordela.models.norms import first_component, norm_value
from fordela.models.placement.outcome import MODES, Mode, PlacementResult, placement_levels
from fordela.models.policy import Policy
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import known_of
from fordela.models.tables import Row
from fordela.solver.placement.place import place

#: Part of the time for the sequential placement, with the transfers, where a joint one is asked for.
_FIRST = 0.6


@dataclass(frozen=True)
class ModeFigures:
    """What one way of placing gave.

    Attributes
    ----------
    levels
        The levels of section 8, also those that the policy does not list.
    deviation
        chi2 of the municipalities, as exact number.
    elsewhere, supported
        Municipalities that place a child in another one, and in which supported housing is used.
    """

    made: PlacementResult
    levels: dict[str, Fraction]
    indicators: Indicators
    deviation: Fraction
    elsewhere: int
    supported: int


def placements(
    instance: Instance,
    policy: Policy,
    asked: Mode,
    *,
    alone: bool = False,
    backend: str = "auto",
    time_limit: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[ModeFigures, ...]:
    """Place a year in the asked mode, with prices, and in the others to set beside it.

    Parameters
    ----------
    asked
        The mode whose prices and relaxation are wanted; it is the first to be worked on, but for a
        joint placement, which begins with the sequential one.
    alone
        Whether only that.
    backend, time_limit, seed, workers, progress
        As in `place`; the time limit is for all together.

    Raises
    ------
    FordelaError
        As in `place`.
    """
    deadline = None if time_limit is None else monotonic() + time_limit
    found: dict[Mode, PlacementResult] = {}
    for mode in (asked,) if alone else _order(asked):
        # All ways have the same transfers, the vacancy's municipalities are those of the sequential
        # placement, and a joint one begins with that.
        known = found.get("sequential") or found.get("vacancy")
        left = None if deadline is None else max(0.01, deadline - monotonic())
        if left is not None and mode != asked and asked == "joint":
            left = _FIRST * left
        found[mode] = place(
            instance, policy, mode, backend=backend, time_limit=left,
            seed=seed, workers=workers, progress=partial(_report, progress, mode),
            result=known.result if known and mode != "joint" else None,
            redistribution=_transfers(known), start=found.get("sequential"), prices=mode == asked,
        )  # fmt: skip
    return tuple(figures_of(found[mode]) for mode in MODES if mode in found)


def _order(asked: Mode) -> tuple[Mode, ...]:
    """Ways in the order in which they are worked on."""
    if asked == "joint":
        return "sequential", "joint", "vacancy"
    return (asked, *(m for m in MODES if m != asked))


def _transfers(known: PlacementResult | None) -> RedistributionResult | None:
    """Transfers of a placement; None where they are only read, or none is known."""
    return None if known is None else known.result.redistribution


def _report(progress: Callable[[str], None], mode: Mode, text: str) -> None:
    progress(f"{mode}: {text}")


def figures_of(made: PlacementResult) -> ModeFigures:
    """Figures of one placement."""
    instance, result, homes = made.instance, made.result, made.homes
    goal = targets(instance, result.policy)
    living = [(p, homes[p.place]) for p in made.placements if p.place is not None]
    return ModeFigures(
        made,
        placement_levels(instance, made.policy, made.placements),
        child_indicators(instance, result.allocation.assignments, made.placements),
        first_component(norm_value("chi2", result.counts.credited, goal)) if sum(goal) else Fraction(0),
        len({p.responsible for p, home in living if home.municipality != p.responsible}),
        len({home.municipality for _, home in living if home.form == "supported-housing"}),
    )


def mode_rows(found: tuple[ModeFigures, ...]) -> list[Row]:
    """One row per mode."""
    rows = []
    for figures in found:
        made = figures.made
        row: Row = {
            "instance": made.instance.name,
            "policy": made.policy.name,
            "mode": made.mode,
            **known_of(made),
            **known_of(made.result.redistribution, "redistribution_"),
            "children": len(made.placements),
        }
        row |= {level.replace("-", "_"): int(value) for level, value in figures.levels.items()}
        row |= {"chi2": str(figures.deviation), "elsewhere": figures.elsewhere}
        row |= {"supported_housing": figures.supported} | indicator_cells(figures.indicators)
        row["synthetic"] = made.instance.unpublished
        rows.append(row)
    return rows


def mode_json(figures: ModeFigures) -> dict[str, Any]:
    """What one mode gave beside its ``result.json``."""
    return {
        "levels": {level: int(value) for level, value in figures.levels.items()},
        "chi2": str(figures.deviation),
        "elsewhere": figures.elsewhere,
        "supported_housing": figures.supported,
        "indicators": indicator_json(figures.indicators),
    }
