"""The rows of a simulation on disk: Parquet, group by group, columns with fixed types."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fordela.instances.targets import replace_file
from fordela.models.norms import is_optimised
from fordela.models.policy import NORMS
from fordela.models.tables import Row
from fordela.solver.comparison_rows import COUNTS, FRACTIONS

#: Columns that say which row it is.
HEAD = ("scenario", "policy", "mechanism")
_GAP = ("optimum", "bound", "gap", "ratio")
_TEXTS = (*HEAD, "status", "proof", "error")
#: Least rows of a group in the file.
_GROUP = 5_000


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
        (f"{norm}_{scope}_{what}", kind)
        for norm in norms
        if is_optimised(norm)
        for scope in ("own", "unrestricted")
        for what, kind in (("proven", pa.bool_()), ("proof", pa.string()))
    ]
    return pa.schema(fields)


def encoded(rows: Sequence[Row], columns: pa.Schema) -> bytes:
    """Write rows as an Arrow stream: a fraction of their size, and quick to put on disk."""
    cells: dict[str, list[Any]] = {name: [row.get(name) for row in rows] for name in columns.names}
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, columns) as stream:
        stream.write_table(pa.table(cells, schema=columns))
    return bytes(sink.getvalue())


class Rows:
    """Rows on their way to a Parquet file: chunks as they come, written in order at the end.

    Memory does not grow with the chunks: each goes to a scratch file at once, and the Parquet file has
    few and large groups, as its writer remembers something of every group.

    Parameters
    ----------
    folder
        Place for the chunks, in a file without a name: nothing of it stays.
    """

    def __init__(self, folder: Path, columns: pa.Schema) -> None:
        self._schema = columns
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed on exit)
        self._places: dict[int, tuple[int, int]] = {}

    def __enter__(self) -> Rows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, place: int, rows: bytes) -> None:
        """Keep a chunk's rows (`encoded`); ``place`` is its order in the table."""
        self._places[place] = (self._file.tell(), len(rows))
        self._file.write(rows)

    def finish(self, target: Path) -> None:
        """Write all rows in order of their places, whole or not at all."""
        replace_file(target, self._write_table)

    def _write_table(self, target: Path) -> None:
        with pq.ParquetWriter(target, self._schema) as writer:
            waiting: list[pa.Table] = []
            for place in sorted(self._places):
                start, length = self._places[place]
                self._file.seek(start)
                waiting.append(pa.ipc.open_stream(self._file.read(length)).read_all())
                if sum(map(len, waiting)) >= _GROUP:
                    writer.write_table(pa.concat_tables(waiting))
                    waiting.clear()
            if waiting:
                writer.write_table(pa.concat_tables(waiting))
