"""Which files a workbook can hold, and what their sheets are called."""

from __future__ import annotations

from fordela.instances.results import SOURCE
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

INSTANCE_FILES = (
    INSTANCE, MUNICIPALITIES, CHILDREN, TRANSFERS, LAST_YEAR, PAIRS, WISHES, AVAILABILITY, PLACES,
    AGREEMENTS,
)  # fmt: skip
#: Of a result, with the instance that it was made from.
RESULT_FILES = (
    "result.json", "policy.toml", "allocation.csv", MUNICIPALITIES, TRANSFERS,
    *(f"{SOURCE}/{name}" for name in INSTANCE_FILES),
)  # fmt: skip


def sheet_name(file: str) -> str:
    """Name of the sheet of a file, such as ``instance/children.csv``."""
    return file.rpartition(".")[0].replace("/", "_")


#: Sheets that stand for files, in a workbook that Fordela wrote.
FILE_SHEETS = frozenset(map(sheet_name, (*INSTANCE_FILES, *RESULT_FILES)))
