"""Comparisons as folders: ``comparison.csv``, ``comparison.json`` and one folder per policy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from fordela.instances.results import fill_result, fill_source
from fordela.instances.tables import write_table
from fordela.instances.writing import write_folder
from fordela.solver.comparison import Comparison
from fordela.solver.comparison_rows import comparison_json, comparison_rows


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
                place = folder / comparison.instance.name
                place.mkdir()
            _fill(comparison, place)

    write_folder(target, fill, force=force)


def _fill(comparison: Comparison, folder: Path) -> None:
    rows = comparison_rows(comparison)
    header = tuple(dict.fromkeys(column for row in rows for column in row)) or ("policy",)
    write_table(folder / "comparison.csv", header, ([row.get(h) for h in header] for row in rows))
    text = json.dumps(comparison_json(comparison), ensure_ascii=False, indent=1)
    (folder / "comparison.json").write_text(text + "\n", encoding="utf-8")
    fill_source(comparison.instance, folder)
    for figures in comparison.policies:
        place = folder / figures.result.policy.name
        place.mkdir()
        fill_result(figures.result, place)
