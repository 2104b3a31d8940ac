"""What many years say: mean, interval and percentiles of every figure, and paired differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
from fordela.models.policy import IN_FORCE
from fordela.models.tables import Row
from fordela.solver.simulation.spec import BASE
from fordela.solver.simulation.statistics import LEAST_FOR_PERCENTILES, Estimate, estimate, ratio
from fordela.solver.simulation.table import HEAD, figures
from fordela.solver.simulation.year import VariantKey
from numpy.typing import NDArray

if TYPE_CHECKING:
    from fordela.solver.simulation.run import Simulated

#: A figure by year, nan where it is not known.
Values = NDArray[np.float64]

_PERCENTILES = (5, 50, 95)
#: Norms for which the part of hindsight's gain is told.
GAINS = ("chi2", "l1", "l2", "linf")


class Figures:
    """Figures of a simulation by variant, one column in memory at a time; a missing one is nan.

    Entries are by year, so that those of two variants are paired.
    """

    def __init__(self, simulated: Simulated) -> None:
        self._file, self._years = simulated.rows, simulated.years
        simulation = simulated.simulation
        self.keys = [
            (scenario, *v.key) for scenario, _ in simulation.scenarios for v in simulation.variants
        ]
        head = pq.read_table(self._file, columns=["year", *HEAD]).to_pandas()
        names = {key: number for number, key in enumerate(self.keys)}
        where = np.array(
            [names[key] for key in zip(*(head[c] for c in HEAD), strict=True)], dtype=np.int32
        )
        self._place = where * self._years + head["year"].to_numpy()

    def counted(self, column: str, key: VariantKey) -> Counter[str | None]:
        """Count the years of a scenario, policy and mechanism by a column of texts."""
        values = pq.read_table(self._file, columns=[column]).column(0).to_pylist()
        number = self.keys.index(key)
        here = self._place // self._years == number
        return Counter(value for value, mine in zip(values, here, strict=True) if mine)

    def __call__(self, column: str) -> dict[VariantKey, Values]:
        """Return a column's values by scenario, policy and mechanism."""
        values = pq.read_table(self._file, columns=[column]).column(0).to_numpy(zero_copy_only=False)
        table = np.full(len(self.keys) * self._years, np.nan)
        table[self._place] = values.astype(float)
        parts = table.reshape(len(self.keys), self._years)
        return {key: parts[number] for number, key in enumerate(self.keys)}


def summary_rows(simulated: Simulated) -> list[Row]:
    """``summary.csv``: one row for every scenario, policy, mechanism and figure."""
    read = Figures(simulated)
    rows: list[Row] = []
    simulation = simulated.simulation
    for column in figures(simulation.bounded, simulation.own_norms):
        values = read(column)
        for key, mine in values.items():
            if not np.isnan(mine).all():
                rows.append(_row(simulated, key, column, values))
    for norm in GAINS:
        for key, gain in gains(simulated, read, norm).items():
            rows.append(_head(simulated, key, f"{norm}_gain") | _estimate("mean", gain))
    order = {key: k for k, key in enumerate(read.keys)}
    return sorted(
        rows, key=lambda r: order[(str(r["scenario"]), str(r["policy"]), str(r["mechanism"]))]
    )


def _head(simulated: Simulated, key: VariantKey, figure: str) -> Row:
    row: Row = dict(zip(HEAD, key, strict=True))
    return row | {"figure": figure, "synthetic": simulated.simulation.instance.unpublished}


def _estimate(name: str, found: Estimate | None) -> Row:
    if found is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}


def _row(simulated: Simulated, key: VariantKey, column: str, values: dict[VariantKey, Values]) -> Row:
    mine = values[key]
    known = mine[~np.isnan(mine)]
    row = _head(simulated, key, column) | {"years": len(known)} | _estimate("mean", estimate(known))
    row["sd"] = float(known.std(ddof=1)) if len(known) > 1 else None
    for percent in _PERCENTILES:
        told = percent == 50 or len(known) >= LEAST_FOR_PERCENTILES
        row[f"percentile_{percent}"] = float(np.percentile(known, percent)) if told else None
    row |= {"least": float(known.min()), "most": float(known.max())}
    against = base_key(simulated, key)
    row["against"] = "" if against == key else against[1]
    row |= _estimate("difference", None if against == key else paired(values, key, against))
    untouched = (BASE, *key[1:])
    if len(simulated.simulation.scenarios) > 1:
        moved = None if untouched == key else paired(values, key, untouched)
        row |= _estimate("scenario_difference", moved)
    return row


def base_key(simulated: Simulated, key: VariantKey) -> VariantKey:
    """Return the variant that another one is set against, in the same scenario."""
    simulation = simulated.simulation
    mine = next(v for v in simulation.variants if v.key == key[1:])
    return (key[0], *simulation.base_of(mine).key)


def paired(
    values: Mapping[VariantKey, Values], key: VariantKey, against: VariantKey
) -> Estimate | None:
    """Mean difference over the years in which both have a value."""
    difference = values[key] - values[against]
    return estimate(difference[~np.isnan(difference)])


def gains(simulated: Simulated, read: Figures, norm: str) -> dict[VariantKey, Estimate]:
    """Part of what hindsight gains over the rule in force that a policy gains, in a norm.

    By policy under its own mechanism; empty where the rule in force is not among the policies.
    """
    simulation = simulated.simulation
    in_force = next((v for v in simulation.variants if v.own and v.policy.name == IN_FORCE.name), None)
    if in_force is None or norm not in simulation.norms:
        return {}
    value, optimum = read(norm), read(f"{norm}_unrestricted_optimum")
    found = {}
    for scenario, _ in simulation.scenarios:
        rule = value[(scenario, *in_force.key)]
        for variant in simulation.variants:
            key = (scenario, *variant.key)
            same_count = variant.policy.counting.basis == in_force.policy.counting.basis
            if not variant.own or variant.key == in_force.key or not same_count:
                continue
            mine, most = rule - value[key], rule - optimum[key]
            known = ~(np.isnan(mine) | np.isnan(most))
            part = ratio(mine[known], most[known])
            if part is not None:
                found[key] = part
    return found


@dataclass(frozen=True)
class Convergence:
    """A figure's mean and interval after more and more years, under one policy."""

    policy: str
    figure: str
    estimates: tuple[Estimate, ...]


def convergence(
    simulated: Simulated, columns: Sequence[str], read: Figures | None = None
) -> Iterator[Convergence]:
    """How means settle: after an eighth, a quarter, half and all of the years."""
    read = read or Figures(simulated)
    steps = sorted({max(1, simulated.years // part) for part in (8, 4, 2, 1)})
    for column in columns:
        values = read(column)
        for variant in simulated.simulation.variants:
            if not variant.own:
                continue
            mine = values[(BASE, *variant.key)]
            found = [estimate(mine[:n][~np.isnan(mine[:n])]) for n in steps]
            if all(found):
                known = tuple(e for e in found if e is not None)
                yield Convergence(variant.name, column, known)
