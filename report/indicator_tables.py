"""What decisions mean for children, as labelled cells: all · girls · under 13."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from fordela.models.indicators import INDICATORS, Indicators, Part
from fordela.report.terminal import make_table
from fordela.report.texts import Words
from rich.table import Table


def indicator_rows(found: Sequence[Indicators], words: Words) -> list[tuple[str, list[str]]]:
    """Label and one cell for each policy or mode."""
    return [
        (words(f"indicator_{name}"),
         [" · ".join(_part(p, words) for p in f[name].values()) if name in f else words("none")
          for f in found])
        for name in INDICATORS
        if any(name in f for f in found)
    ]  # fmt: skip


def _part(part: Part, words: Words) -> str:
    if not part.of:
        return words("none")
    return words.percent(Fraction(part.count, part.of))


def indicator_table(heads: Sequence[str], found: Sequence[Indicators], words: Words) -> Iterator[Table]:
    """Show the indicators with a column for each policy or mode."""
    table = make_table(words("indicator_table"), ("", "l"), *((head, "r") for head in heads))
    for label, cells in indicator_rows(found, words):
        table.add_row(label, *cells)
    yield table
