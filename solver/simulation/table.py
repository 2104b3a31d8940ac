"""The rows of a simulation on disk: Parquet, group by group, columns with fixed types."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fordela.models.norms import is_optimised
from fordela.models.policy import NORMS
from fordela.models.tables import Row
from fordela.solver.comparison_rows import COUNTS, FRACTIONS

#: Columns that say which row it is.
HEAD = ("scenario", "policy", "mechanism")
_GAP = ("optimum", "bound", "gap", "ratio")
_TEXTS = (*HEAD, "status", "error")


def figures(norms: Sequence[str], own: Sequence[str] = ()) -> tuple[str, ...]:
    """Columns that are figures, in order.

    Parameters
    ----------
    norms
        Whose gaps are bounded.
    own
        Norms of one's own that are reported.
    """
    columns = ["children", "affected", *COUNTS, *FRACTIONS, "tied_decisions"]
    for norm in (*NORMS, *own):
        columns.append(norm)
        if norm in norms and is_optimised(norm):
            columns += [f"{norm}_{scope}_{what}" for scope in ("own", "unrestricted") for what in _GAP]
    return tuple(columns)


def schema(norms: Sequence[str], own: Sequence[str] = ()) -> pa.Schema:
    """Names and types of all columns."""
    whole = {"children", "affected", *COUNTS, "tied_decisions"}
    fields = [("year", pa.int64()), ("surge", pa.bool_())]
    fields += [(name, pa.string()) for name in _TEXTS]
    fields += [(name, pa.int64() if name in whole else pa.float64()) for name in figures(norms, own)]
    fields += [
        (f"{norm}_{scope}_proven", pa.bool_())
        for norm in norms
        if is_optimised(norm)
        for scope in ("own", "unrestricted")
    ]
    return pa.schema(fields)


class Rows:
    """A Parquet file that grows by groups of rows."""

    def __init__(self, path: Path, norms: Sequence[str], own: Sequence[str] = ()) -> None:
        self._schema = schema(norms, own)
        self._writer = pq.ParquetWriter(path, self._schema)

    def __enter__(self) -> Rows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows as one group."""
        columns: dict[str, list[Any]] = {n: [r.get(n) for r in rows] for n in self._schema.names}
        self._writer.write_table(pa.table(columns, schema=self._schema), row_group_size=len(rows) or 1)


def sort_groups(source: Path, target: Path, keys: Sequence[int]) -> None:
    """Copy a file with its groups in the order of keys, one group in memory at a time."""
    with pq.ParquetFile(source) as file, pq.ParquetWriter(target, file.schema_arrow) as writer:
        for group in sorted(range(len(keys)), key=keys.__getitem__):
            writer.write_table(file.read_row_group(group))
