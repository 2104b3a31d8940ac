"""Comparisons and simulations as folders: tables, a JSON file, and one folder per policy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fordela.instances.results import fill_policy, fill_result, fill_source
from fordela.instances.tables import write_table
from fordela.instances.targets import inside, write_folder
from fordela.solver.comparison import Comparison
from fordela.solver.comparison_rows import comparison_json, comparison_rows
from fordela.solver.simulation.municipal import municipal_rows
from fordela.solver.simulation.run import Simulated, simulation_json
from fordela.solver.simulation.summary import summary_rows
from fordela.solver.validation.rows import validation_json, validation_rows
from fordela.solver.validation.run import Validation


def write_comparisons(comparisons: Sequence[Comparison], target: Path, *, force: bool = False) -> None:
    """Write one comparison's folder, or a folder with one for each instance.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """

    def fill(folder: Path) -> None:
        for comparison in comparisons:
            place = folder
            if len(comparisons) > 1:
                place = inside(folder, comparison.instance.name)
                place.mkdir()
            _fill(comparison, place)

    write_folder(target, fill, "comparison", force=force)


def _fill(comparison: Comparison, folder: Path) -> None:
    rows = comparison_rows(comparison)
    header = tuple(dict.fromkeys(column for row in rows for column in row)) or ("policy",)
    write_table(folder / "comparison.csv", header, ([row.get(h) for h in header] for row in rows))
    text = json.dumps(comparison_json(comparison), ensure_ascii=False, indent=1)
    (folder / "comparison.json").write_text(text + "\n", encoding="utf-8")
    fill_source(comparison.instance, folder)
    for figures in comparison.policies:
        place = inside(folder, figures.result.policy.name)
        place.mkdir()
        fill_result(figures.result, place)


@contextmanager
def write_simulation(
    target: Path, play: Callable[[Path], Simulated], *, force: bool = False
) -> Iterator[Simulated]:
    """Play a simulation into a new folder, whole or not at all.

    Writes ``simulation.parquet``, ``summary.csv``, ``municipalities.csv``, ``simulation.json``, the
    instance, and policy and transfers of every policy.

    Parameters
    ----------
    play
        Plays it into an existing folder.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    made: list[Simulated] = []

    def fill(folder: Path) -> None:
        simulated = play(folder)
        made.append(replace(simulated, rows=target / simulated.rows.name))
        _fill_simulation(simulated, folder)

    write_folder(target, fill, "simulation", force=force)
    yield made[0]


def _fill_simulation(simulated: Simulated, folder: Path) -> None:
    simulation = simulated.simulation
    for name, rows in (
        ("summary.csv", summary_rows(simulated)),
        ("municipalities.csv", municipal_rows(simulated)),
    ):
        header = tuple(dict.fromkeys(column for row in rows for column in row)) or ("policy",)
        write_table(folder / name, header, ([row.get(h) for h in header] for row in rows))
    text = json.dumps(simulation_json(simulated), ensure_ascii=False, indent=1)
    (folder / "simulation.json").write_text(text + "\n", encoding="utf-8")
    fill_source(simulation.instance, folder)
    for variant in simulation.variants:
        if variant.own:
            place = inside(folder, variant.name)
            place.mkdir()
            fill_policy(variant.policy, variant.made, place)


def write_validation(validation: Validation, target: Path, *, force: bool = False) -> None:
    """Write ``validation.csv`` and ``validation.json``, and the instance.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """

    def fill(folder: Path) -> None:
        rows = validation_rows(validation)
        write_table(folder / "validation.csv", tuple(rows[0]), (list(row.values()) for row in rows))
        text = json.dumps(validation_json(validation), ensure_ascii=False, indent=1)
        (folder / "validation.json").write_text(text + "\n", encoding="utf-8")
        fill_source(validation.instance, folder)

    write_folder(target, fill, "validation", force=force)
