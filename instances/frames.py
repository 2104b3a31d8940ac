"""Instances from DataFrames, with the same columns and the same messages as from files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fordela.instances.problems import validate
from fordela.instances.reading import Reader, Row, Tables
from fordela.instances.schema import (
    AgreementRow,
    AvailabilityRow,
    ChildRow,
    Head,
    HomeRow,
    MunicipalityRow,
    PairRow,
    TransferRow,
    WishRow,
)
from fordela.instances.tables import Table
from fordela.models.instance import Instance
from fordela.models.validation import (
    AGREEMENTS,
    AVAILABILITY,
    CHILDREN,
    INSTANCE,
    LAST_YEAR,
    MUNICIPALITIES,
    PAIRS,
    PLACES,
    TRANSFERS,
    WISHES,
)

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

    Raises
    ------
    InputError
        With every problem found; rows are numbered as in a file with the header in row 1.
    """
    reader = Reader()
    keys = {"format": 1, "name": name, "year": year, **head}
    found, problems = validate(Head, keys, INSTANCE)
    reader.problems.extend(problems)

    def rows(frame: pd.DataFrame | None, file: str, model: type[Row]) -> list[Row]:
        return [] if frame is None else reader.rows(_table(frame, file), model)

    return reader.build(
        found,
        Tables(
            municipalities=rows(municipalities, MUNICIPALITIES, MunicipalityRow),
            children=rows(children, CHILDREN, ChildRow),
            transfers=rows(transfers, TRANSFERS, TransferRow),
            last_year=rows(transfers_last_year, LAST_YEAR, TransferRow),
            pairs=rows(pairs, PAIRS, PairRow),
            wishes=rows(wishes, WISHES, WishRow),
            availability=rows(availability, AVAILABILITY, AvailabilityRow),
            homes=rows(places, PLACES, HomeRow),
            agreements=rows(agreements, AGREEMENTS, AgreementRow),
        ),
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
