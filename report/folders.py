"""Comparisons as folders: ``comparison.csv``, ``comparison.json`` and one folder per policy."""

from __future__ import annotations

import json
from pathlib import Path

from fordela.instances.results import fill_result
from fordela.instances.tables import write_table
from fordela.instances.writing import write_folder
from fordela.solver.comparison import Comparison
from fordela.solver.comparison_rows import comparison_json, comparison_rows


def write_comparison(comparison: Comparison, target: Path, *, force: bool = False) -> None:
    """Write a comparison's folder, whole or not at all.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    write_folder(target, lambda folder: _fill(comparison, folder), force=force)


def _fill(comparison: Comparison, folder: Path) -> None:
    rows = comparison_rows(comparison)
    header = tuple(rows[0]) if rows else ("policy",)
    write_table(folder / "comparison.csv", header, ([row[h] for h in header] for row in rows))
    text = json.dumps(comparison_json(comparison), ensure_ascii=False, indent=1)
    (folder / "comparison.json").write_text(text + "\n", encoding="utf-8")
    for figures in comparison.policies:
        place = folder / figures.result.policy.name
        place.mkdir()
        fill_result(figures.result, place)
