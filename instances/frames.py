"""Instances from DataFrames, with the same columns and the same messages as from files."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from fordela.instances.building import FILES, Reader, Tables
from fordela.instances.problems import validate
from fordela.instances.schema import Head
from fordela.instances.tables import Table
from fordela.models.instance import Instance
from fordela.models.validation import INSTANCE

if TYPE_CHECKING:
    import pandas as pd


def instance_from_frames(
    municipalities: pd.DataFrame,
    children: pd.DataFrame | None = None,
    transfers: pd.DataFrame | None = None,
    *,
    wishes: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
    pairs: pd.DataFrame | None = None,
    transfers_last_year: pd.DataFrame | None = None,
    places: pd.DataFrame | None = None,
    agreements: pd.DataFrame | None = None,
    name: str = "instance",
    year: int,
    **head: Any,
) -> Instance:
    """Build an instance from DataFrames with the columns of the CSV files.

    Parameters
    ----------
    municipalities, children, transfers, wishes, availability, pairs, transfers_last_year, places,
    agreements
        Tables with the columns of the CSV files of these names; missing values are blank. Codes must
        be text.
    name, year
        As in ``instance.toml``.
    **head
        Further keys of ``instance.toml``.

    Warns
    -----
    UserWarning
        Of columns that nothing reads.

    Raises
    ------
    InputError
        With every problem found; rows are numbered as in a file with the header in row 1.
    """
    reader = Reader()
    keys = {"format": 1, "name": name, "year": year, **head}
    found, problems = validate(Head, keys, INSTANCE)
    reader.problems.extend(problems)

    given = {
        "municipalities": municipalities, "children": children, "transfers": transfers,
        "wishes": wishes, "availability": availability, "pairs": pairs,
        "last_year": transfers_last_year, "homes": places, "agreements": agreements,
    }  # fmt: skip
    rows: dict[str, Any] = {
        key: reader.rows(_table(frame, FILES[key][0]), FILES[key][1])
        for key, frame in given.items() if frame is not None
    }  # fmt: skip
    instance = reader.build(found, Tables(**rows))
    for unusual in reader.warnings:
        warnings.warn(unusual, stacklevel=2)
    return instance


def _table(frame: pd.DataFrame, file: str) -> Table:
    header = tuple(str(c) for c in frame.columns)
    columns = [_cells(frame.iloc[:, k]) for k in range(len(header))]
    rows = tuple(zip(*columns, strict=True)) if columns else ()
    return Table(file, header, rows, tuple(range(2, len(rows) + 2)))


def _cells(column: pd.Series[Any]) -> list[str]:
    import pandas as pd

    blank = pd.isna(column)
    return ["" if b else _text(v) for v, b in zip(column, blank, strict=True)]


def _text(value: Any) -> str:
    if hasattr(value, "date") and callable(value.date):
        return str(value.date())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
