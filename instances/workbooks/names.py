"""Which files a workbook can hold, and what their sheets are called."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

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
#: The hidden sheet of what can be chosen, with what tells whether the grey sheets were changed.
LISTS = "lists"


def row_mark(cells: Sequence[str]) -> str:
    """Return a digest of a row, the same however a spreadsheet writes its numbers."""
    texts = [_as_value(text) for text in cells]
    while texts and not texts[-1]:
        texts.pop()
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def _as_value(text: str) -> str:
    try:
        return f"{Decimal(text.strip()).normalize():f}"
    except InvalidOperation:
        return text.strip()
