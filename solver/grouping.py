"""Rows of a batch or of a simulation, grouped: number, mean and 95 % interval of figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fordela.models.errors import InputError, Problem
from fordela.models.tables import Row

if TYPE_CHECKING:
    import pandas as pd

#: Files of rows, by what made them.
_FILES = ("results.parquet", "simulation.parquet")
#: Figures that are shown unless others are asked for.
FIGURES = ("children", "lowest", "with_0", "with_more", "moved", "chi2", "chi2_own_gap")


def read_rows(path: Path) -> pd.DataFrame:
    """Read the rows of a batch's or a simulation's folder, or of their Parquet file.

    Raises
    ------
    InputError
        If there are none.
    """
    import pandas as pd

    files = [path] if path.is_file() else [path / name for name in _FILES if (path / name).exists()]
    if not files:
        message = "holds no rows: neither results.parquet of a batch nor simulation.parquet"
        raise InputError([Problem(str(path), message)])
    try:
        return pd.read_parquet(files[0])
    except (OSError, ValueError) as error:
        raise InputError([Problem(str(files[0]), f"cannot be read: {error}")]) from error


def summarise(
    rows: pd.DataFrame, by: Sequence[str] = ("policy",), figures: Sequence[str] = FIGURES
) -> pd.DataFrame:
    """Group rows as a table: the rows of `grouped`."""
    import pandas as pd

    columns = [*by, "figure", "rows", "mean", "low", "high"]
    return pd.DataFrame(grouped(rows, by, figures), columns=columns)


def grouped(rows: pd.DataFrame, by: Sequence[str], figures: Sequence[str]) -> list[Row]:
    """Group rows and give number, mean and 95 % interval of every figure.

    Parameters
    ----------
    rows
        Of `read_rows`; rows with an error are left out.
    by
        Columns that make a group.
    figures
        Columns with numbers; those that are not there are an error.

    Returns
    -------
    list of dict
        One row per group and figure: the group, ``figure``, ``rows``, ``mean``, ``low``, ``high``.

    Raises
    ------
    InputError
        If there is no such column, or it is not one of numbers.
    """
    import pandas as pd
    from fordela.models.policy import nearest
    from fordela.solver.simulation.statistics import estimate

    numbers = [c for c in rows.columns if pd.api.types.is_numeric_dtype(rows[c])]
    problems = [
        Problem("--by", f"no such column; {nearest(name, list(rows.columns))}", value=name)
        for name in by
        if name not in rows.columns
    ]
    problems += [
        Problem("--figure", f"no such column of numbers; {nearest(name, numbers)}", value=name)
        for name in figures
        if name not in numbers
    ]
    if problems:
        raise InputError(problems)
    good = rows[rows["status"] != "error"] if "status" in rows.columns else rows
    made: list[Row] = []
    for group, members in good.groupby(list(by), sort=False):
        for figure in figures:
            found = estimate(members[figure].dropna().to_numpy(dtype=float))
            if found is not None:
                made.append(
                    dict(zip(by, group, strict=True))
                    | {"figure": figure, "rows": found.years, "mean": found.mean,
                       "low": found.low, "high": found.high}
                )  # fmt: skip
    return made
