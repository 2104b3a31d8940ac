"""Names that become names of folders and files."""

from __future__ import annotations

import re

_NAME = re.compile(r'\w[^/\\:*?"<>|\x00-\x1f\x7f]{0,99}')
#: What `names_folder` allows, for messages.
FOLDER_NAME = (
    'a text of at most 100 letters without / \\ : * ? " < > |, that begins with a letter or digit and '
    "does not end in a point"
)
#: Beside the folders of policies in a comparison or a simulation.
TAKEN = frozenset({
    "instance", "comparison.csv", "comparison.json", "simulation.parquet", "simulation.json",
    "summary.csv", "municipalities.csv",
})  # fmt: skip


def names_folder(text: str) -> bool:
    """Whether a text can name a folder on any system, and no other place.

    >>> names_folder("Sverige 2026"), names_folder("../../x")
    (True, False)
    """
    return _NAME.fullmatch(text) is not None and not text.endswith((" ", "."))
