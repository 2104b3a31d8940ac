"""Rows on disk: appended and synced one by one, so that a kill at any moment loses none of them.

``rows.jsonl`` is the journal. ``results.parquet`` and ``manifest.json`` are made from it, whole or not
at all, when a batch ends and when it is taken up again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fordela.instances.targets import NEW, replace_file
from fordela.models.errors import InputError, Problem
from fordela.models.tables import Row

if TYPE_CHECKING:
    import pandas as pd

JOURNAL, RESULTS, MANIFEST, LOCK = "rows.jsonl", "results.parquet", "manifest.json", ".lock"
#: Columns that are text even where they look like numbers.
_TEXTS = ("key", "instance", "policy", "instance_sha256", "policy_sha256", "policy_toml", "source")


def claim_folder(folder: Path) -> None:
    """Make a folder for a batch, or make sure that it holds one.

    Raises
    ------
    InputError
        If it holds something else, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {p.name for p in folder.iterdir()}
    except OSError as error:
        raise _cannot(folder, error) from error
    foreign = sorted(n for n in names - {LOCK} if not n.startswith(NEW))
    if foreign and not _is_manifest(folder / MANIFEST):  # the first thing that a batch writes
        message = f"holds other files ({foreign[0]}) and no batch; choose an empty or a new folder"
        raise InputError([Problem(str(folder), message)])


def _is_manifest(path: Path) -> bool:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(data, dict) and {"format", "tasks", "versions"} <= data.keys()


class Journal:
    """The rows of a batch folder, by key.

    Raises
    ------
    InputError
        If its journal is not one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows = self._read()

    def _read(self) -> dict[str, Row]:
        path = self.folder / JOURNAL
        if not path.exists():
            return {}
        rows: dict[str, Row] = {}
        data = path.read_bytes()
        whole, _, torn = data.rpartition(b"\n")
        for number, line in enumerate(whole.split(b"\n"), 1):
            if not line:
                continue
            try:
                row = json.loads(line)
                rows[row["key"]] = row
            except (ValueError, KeyError, TypeError) as error:
                message = f"is not a row of a batch: {error}"
                raise InputError([Problem(JOURNAL, message, row=number)]) from error
        if torn:  # a row that was being written when the batch was killed
            with path.open("r+b") as file:
                file.truncate(len(data) - len(torn))
        return rows

    def append(self, row: Row) -> None:
        """Add a finished row; it is on disk when this returns."""
        line = json.dumps(row, ensure_ascii=False, default=str) + "\n"
        try:
            with (self.folder / JOURNAL).open("ab") as file:
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _cannot(self.folder, error) from error
        self.rows[str(row["key"])] = row

    def drop(self, keys: Iterable[str]) -> None:
        """Forget outdated rows."""
        gone = set(keys)
        if gone:
            self.rows = {key: row for key, row in self.rows.items() if key not in gone}
            text = "".join(
                json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in self.rows.values()
            )
            self._replace(JOURNAL, text.encode())

    def write_results(self) -> None:
        """Write ``results.parquet`` from all rows, sorted by instance, policy and seed."""
        import io

        import pandas as pd

        rows: list[Row] = sorted(self.rows.values(), key=_identity)
        table = pd.DataFrame(rows)
        for column in table.columns.difference(list(_TEXTS)):
            table[column] = _numbers(table[column])
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        self._replace(RESULTS, buffer.getvalue())

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write ``manifest.json``."""
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        self._replace(MANIFEST, text.encode())

    def _replace(self, name: str, data: bytes) -> None:
        try:
            replace_file(self.folder / name, lambda new: new.write_bytes(data))
        except OSError as error:
            raise _cannot(self.folder, error) from error

    def clean(self) -> None:
        """Remove what a killed batch left half-written."""
        for path in self.folder.glob(f"{NEW}*"):
            path.unlink(missing_ok=True)


def _cannot(folder: Path, error: OSError) -> InputError:
    return InputError([Problem(str(folder), f"cannot be written: {error.strerror or error}")])


def _identity(row: Row) -> tuple[str, str, int]:
    return str(row["instance"]), str(row["policy"]), int(str(row["seed"]))


def _numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """Decimals that are written as text become numbers to compute with; other texts stay."""
    import pandas as pd

    try:
        return pd.to_numeric(column)
    except (ValueError, TypeError):
        return column


def outdated(rows: dict[str, Row], wanted: Sequence[tuple[tuple[str, str, int], str]]) -> list[str]:
    """Keys of rows that are called like a wanted task but come from other inputs or versions."""
    keys = dict(wanted)
    found = []
    for key, row in rows.items():
        identity = _identity(row)
        if identity in keys and keys[identity] != key:
            found.append(key)
    return found
