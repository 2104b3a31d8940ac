"""How many numbers a hidden cell could be: network flows against every table there is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from fordela.report.exposure import HiddenTable
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import scaled

Table = tuple[tuple[int, ...], ...]


def splits(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to write a number as a sum of so many parts from 0."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in splits(total - first, parts - 1):
            yield (first, *rest)


def tables(
    cells: Sequence[Sequence[int]], groups: Sequence[int], allowed: Sequence[Sequence[bool]]
) -> list[Table]:
    """Every table with the same sums of columns and of groups of rows, and children where allowed."""
    columns = list(zip(*cells, strict=True))
    sums = {g: sum(sum(r) for r, of in zip(cells, groups, strict=True) if of == g) for g in groups}
    found = []
    for chosen in itertools.product(*(list(splits(sum(c), len(c))) for c in columns)):
        table = tuple(zip(*chosen, strict=True))
        fits = all(
            sum(sum(r) for r, of in zip(table, groups, strict=True) if of == g) == s
            for g, s in sums.items()
        ) and all(may or not v for r, a in zip(table, allowed, strict=True)
                  for v, may in zip(r, a, strict=True))  # fmt: skip
        if fits:
            found.append(table)
    return found


@settings(max_examples=scaled(150))
@given(st.data())
def test_the_numbers_are_those_of_all_tables(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    cells = [
        data.draw(st.lists(st.sampled_from([0, 0, 1, 1, 2, 3]), min_size=columns, max_size=columns))
        for _ in range(rows)
    ]
    groups = data.draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows))
    allowed = [[v > 0 or data.draw(st.booleans()) for v in row] for row in cells]
    if sum(map(sum, cells)) > 9:
        return
    every = tables(cells, groups, allowed)
    hidden = HiddenTable(cells, groups, allowed)
    for row in range(rows):
        assert hidden.numbers(row, None, 50) == len({sum(t[row]) for t in every})
        for column in range(columns):
            assert hidden.numbers(row, column, 50) == len({t[row][column] for t in every})
