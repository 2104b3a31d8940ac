"""Instances from DataFrames, with the same columns and the same messages as from files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fordela.instances.problems import validate
from fordela.instances.reading import Reader
from fordela.instances.schema import ChildRow, Head, MunicipalityRow, TransferRow
from fordela.instances.tables import Table
from fordela.models.instance import Instance
from fordela.models.validation import CHILDREN, INSTANCE, MUNICIPALITIES, TRANSFERS

if TYPE_CHECKING:
    import pandas as pd


def instance_from_frames(
    municipalities: pd.DataFrame,
    children: pd.DataFrame | None = None,
    transfers: pd.DataFrame | None = None,
    *,
    name: str = "instance",
    year: int,
    **head: Any,
) -> Instance:
    """Build an instance from DataFrames with the columns of the CSV files.

    Parameters
    ----------
    municipalities, children, transfers
        Tables with the columns of ``municipalities.csv``, ``children.csv`` and ``transfers.csv``;
        missing values are blank. Codes must be text.
    name, year
        As in ``instance.toml``.
    **head
        Further keys of ``instance.toml``.

    Raises
    ------
    InputError
        With every problem found; rows are numbered as in a file with the header in row 1.
    """
    reader = Reader()
    keys = {"format": 1, "name": name, "year": year, **head}
    found, problems = validate(Head, keys, INSTANCE)
    reader.problems.extend(problems)
    return reader.build(
        found,
        reader.rows(_table(municipalities, MUNICIPALITIES), MunicipalityRow),
        [] if children is None else reader.rows(_table(children, CHILDREN), ChildRow),
        [] if transfers is None else reader.rows(_table(transfers, TRANSFERS), TransferRow),
    )


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
