"""One random year under every policy: a row of figures each, and what every municipality got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from fordela.instances.random_years import Drawer
from fordela.models.errors import FordelaError
from fordela.models.instance import Instance
from fordela.models.policy import IN_FORCE
from fordela.models.result import Result, known_of
from fordela.models.tables import Row
from fordela.solver.backends import Limits, get_backend
from fordela.solver.comparison import Base, paid_in, policy_figures
from fordela.solver.comparison_rows import figure_cells
from fordela.solver.hindsight import Bounds
from fordela.solver.redistribution.decide import redistribute
from fordela.solver.search import Search
from fordela.solver.simulation.spec import Simulation, Variant
from fordela.solver.simulation.table import encoded
from fordela.solver.solve import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What is summed for every municipality over the years, by column of a tally.
TALLIED = (
    "years", "total", "total_squared", "kinship", "equalising", "willing", "valve",
    "on_transferred_share", "with_0", "with_1", "with_2_3", "with_more", "compensation",
    "difference", "difference_squared", "paired_years",
)  # fmt: skip

#: Scenario, policy and mechanism.
VariantKey = tuple[str, str, str]
#: Whole numbers by municipality and column of `TALLIED`, summed over years.
Tallies = dict[VariantKey, "NDArray[np.int64]"]


def add(tallies: Tallies, key: VariantKey, tally: NDArray[np.int64]) -> None:
    """Add a tally to those of its variant."""
    tallies[key] = tallies[key] + tally if key in tallies else tally


@dataclass(frozen=True)
class Played:
    """What some years gave.

    Attributes
    ----------
    rows
        One for every year, scenario, policy and mechanism (`table.encoded`).
    tallies
        Sums by municipality.
    failed
        Years with an error by policy, and the first message of each.
    """

    rows: bytes
    tallies: Tallies
    failed: dict[str, tuple[int, str]]

    @classmethod
    def of(cls, simulation: Simulation, rows: Sequence[Row], tallies: Tallies | None = None) -> Played:
        """Pack rows for the way to the disk."""
        first: dict[str, str] = {}
        years: dict[str, set[object]] = {}
        for row in rows:
            if row["status"] == "error":
                first.setdefault(str(row["policy"]), str(row["error"]))
                years.setdefault(str(row["policy"]), set()).add(row["year"])
        failed = {name: (len(years[name]), message) for name, message in first.items()}
        return cls(encoded(rows, simulation.columns), tallies or {}, failed)


@dataclass(frozen=True)
class Chunk:
    """Some years of a simulation, as one task."""

    simulation: Simulation
    numbers: tuple[int, ...]


#: Drawers of the simulation that a process works on; making one takes longer than a year.
_drawers: dict[str, list[tuple[str, Drawer]]] = {}


def play(chunk: Chunk) -> Played:
    """Play the years of a chunk; an error of a policy in a year becomes a row with the message."""
    simulation = chunk.simulation
    if simulation.key not in _drawers:
        _drawers.clear()
        _drawers[simulation.key] = [
            (name, Drawer(simulation.instance, simulation.model, simulation.stream, housing))
            for name, housing in simulation.scenarios
        ]
    rows: list[Row] = []
    tallies: Tallies = {}
    for scenario, drawer in _drawers[simulation.key]:
        years = drawer.years(chunk.numbers)
        for position, number in enumerate(chunk.numbers):
            head: Row = {"year": number, "surge": bool(years.surge[position]), "scenario": scenario}
            _play_year(simulation, head, drawer.instance_of(years, position), rows, tallies)
    return Played.of(simulation, rows, tallies)


def _play_year(
    simulation: Simulation, head: Row, instance: Instance, rows: list[Row], tallies: Tallies
) -> None:
    number = int(str(head["year"]))
    in_force = solve(instance, IN_FORCE)
    rule = Base.of(in_force)
    search = Search(get_backend(simulation.backend), Limits(None, number, 1))
    bounds = Bounds(instance, search)
    affected = sum(c.tie is None for c in instance.children)
    totals: dict[tuple[str, str], NDArray[np.int64]] = {}
    for variant in simulation.variants:
        row: Row = head | {
            "policy": variant.name, "mechanism": variant.mechanism, "status": "error", "error": "",
            "children": len(instance.children), "affected": affected,
        }  # fmt: skip
        rows.append(row)
        try:
            result = _solved(simulation, variant, instance, number)
            norms = simulation.bounded if variant.own else ()
            figures = policy_figures(result, rule, bounds, norms, simulation.own_norms)
        except FordelaError as error:
            row["error"] = str(error)
            continue
        row |= known_of(result) | figure_cells(figures, _float)
        total = np.array(result.counts.total, np.int64)
        totals[variant.key] = total
        base = totals.get(simulation.base_of(variant).key)
        add(tallies, (str(head["scenario"]), *variant.key), _tally(result, total, base))


def _solved(simulation: Simulation, variant: Variant, instance: Instance, number: int) -> Result:
    made = variant.made
    if made is None:  # a process among municipalities: another order of offers every year
        made = redistribute(instance, variant.policy.with_changes(draws=1), seed=number)
    return solve(
        instance, variant.policy, backend=simulation.backend, seed=number, workers=1,
        redistribution=made, prices=False,
    )  # fmt: skip


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _tally(
    result: Result, total: NDArray[np.int64], base: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    counts = result.counts
    one = np.ones_like(total)
    difference = np.zeros_like(total) if base is None else total - base
    columns: Sequence[NDArray[Any]] = [
        one, total, total * total,
        *(np.array(getattr(counts, kind), np.int64)
          for kind in ("kinship", "equalising", "willing", "valve", "on_transferred_share")),
        total == 0, total == 1, (total == 2) | (total == 3), total > 3,
        np.array([paid.total for paid in paid_in(result)], np.int64),
        difference, difference * difference, one * (base is not None),
    ]  # fmt: skip
    return np.array(columns, np.int64).T
