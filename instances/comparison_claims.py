"""Reading a comparison's folder back as claims to be checked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from fordela.instances.claims import read_solution
from fordela.instances.reading import read_instance
from fordela.instances.results import SOURCE, is_result
from fordela.instances.tables import bare_cell, read_table
from fordela.models.check import Solution
from fordela.models.check.comparison import ComparisonClaims
from fordela.models.errors import InputError, Problem

HEAD, TABLE = "comparison.json", "comparison.csv"


def is_comparison(folder: Path) -> bool:
    """Whether a folder is a comparison's, not a single result's, nor one of several comparisons."""
    return (folder / HEAD).exists() or (folder / TABLE).exists()


def comparisons_in(folder: Path) -> list[str]:
    """Names of the comparisons in a folder that holds one for each instance."""
    return sorted(p.name for p in folder.iterdir() if is_comparison(p)) if folder.is_dir() else []


def read_comparison(folder: Path) -> ComparisonClaims:
    """Read ``comparison.json``, ``comparison.csv`` and the folder of every policy as claims.

    Raises
    ------
    InputError
        With every problem of its files.
    """
    problems: list[Problem] = []
    head: dict[str, Any] = {}
    columns: tuple[str, ...] = ()
    rows: list[dict[str, str]] = []
    solutions: dict[str, Solution] = {}
    try:
        head = json.loads((folder / HEAD).read_text(encoding="utf-8"))
        if not isinstance(head, dict) or not _named(head.get("policies")):
            problems.append(Problem(HEAD, "has no list of policies with names"))
    except (OSError, ValueError) as error:
        problems.append(Problem(HEAD, f"cannot be read: {error}"))
    try:
        table = read_table(folder / TABLE, ())
        columns = tuple(table.header)
        rows = [dict(zip(columns, map(bare_cell, row), strict=True)) for row in table.rows]
    except InputError as error:
        problems += error.problems
    for place in sorted(p for p in folder.iterdir() if is_result(p)):
        try:
            solutions[place.name] = read_solution(place)
        except InputError as error:
            problems += [replace(p, file=f"{place.name}/{p.file}") for p in error.problems]
    if problems:
        raise InputError(problems)
    beside = folder / SOURCE
    return ComparisonClaims(
        {key: said for key, said in head.items() if key != "sealed"},
        columns, tuple(rows), solutions,
        read_instance(beside).sha256 if beside.is_dir() else None,
    )  # fmt: skip


def _named(policies: object) -> bool:
    return isinstance(policies, list) and all(
        isinstance(p, dict) and isinstance(p.get("policy"), str) for p in policies
    )
