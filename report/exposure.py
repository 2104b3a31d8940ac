"""How many numbers a hidden count could be, for somebody who knows every sum that is shown.

The hidden rows are a table of children by municipality and kind. Known are the sums of groups of rows
(a county's children), the sum of each column (a kind in the country), and who cannot have a kind at
all. All tables that agree with that are the flows of a network (group, row, column), so the numbers
that a cell can be are a whole range, and its ends are found by augmenting paths from the true table.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

#: Group or column by number, or row.
_Node = tuple[str, int]


class HiddenTable:
    """Hidden rows, and how far their cells can move.

    Parameters
    ----------
    cells
        Children by row and column.
    groups
        Group of each row; the sum of its rows is known, and so is the sum of each column.
    allowed
        Whether a row can have children in a column, as everybody knows.
    """

    def __init__(
        self,
        cells: Sequence[Sequence[int]],
        groups: Sequence[int],
        allowed: Sequence[Sequence[bool]],
    ) -> None:
        self._cells = [list(row) for row in cells]
        self._groups = groups
        self._allowed = [
            [may or value > 0 for may, value in zip(may_have, row, strict=True)]
            for may_have, row in zip(allowed, cells, strict=True)
        ]
        self._known: dict[tuple[object, ...], int] = {}  # by what tells rows apart
        self._members: dict[int, list[int]] = {}
        for row, group in enumerate(groups):
            self._members.setdefault(group, []).append(row)

    def numbers(self, row: int, column: int | None, most: int) -> int:
        """How many numbers a cell, or with column None the sum of a row, could be; ``most`` at most."""
        alike = (self._groups[row], *self._cells[row], *self._allowed[row], column, most)
        if alike not in self._known:
            self._known[alike] = self._numbers(row, column, most)
        return self._known[alike]

    def _numbers(self, row: int, column: int | None, most: int) -> int:
        value = sum(self._cells[row]) if column is None else self._cells[row][column]
        tail = ("group", self._groups[row]) if column is None else ("row", row)
        head = ("row", row) if column is None else ("column", column)
        found = 1 + self._moves(tail, head, tail, head, min(value, most))
        if column is not None and not self._allowed[row][column]:
            return found
        return found + self._moves(head, tail, tail, head, max(0, most - found))

    def _moves(self, start: _Node, end: _Node, tail: _Node, head: _Node, most: int) -> int:
        """Children who can go from one node to another without the arc that is looked at."""
        kept = [row[:] for row in self._cells]
        sums = [sum(row) for row in self._cells]
        moved = 0
        while moved < most and (path := self._path(start, end, {tail, head}, sums)):
            for one, other in path:
                self._shift(one, other, sums)
            moved += 1
        self._cells = kept
        return moved

    def _path(
        self, start: _Node, end: _Node, arc: set[_Node], sums: Sequence[int]
    ) -> list[tuple[_Node, _Node]]:
        """Steps of a shortest path along which one child can move, or nothing."""
        before: dict[_Node, _Node] = {start: start}
        waiting = deque([start])
        while waiting and end not in before:
            node = waiting.popleft()
            for other in self._next(node, sums):
                if other not in before and {node, other} != arc:
                    before[other] = node
                    waiting.append(other)
        if end not in before:
            return []
        path = [end]
        while path[-1] != start:
            path.append(before[path[-1]])
        path.reverse()
        return list(pairwise(path))

    def _next(self, node: _Node, sums: Sequence[int]) -> list[_Node]:
        kind, number = node
        if kind == "group":  # a row of the group gets one more
            return [("row", row) for row in self._members[number]]
        if kind == "column":  # a row has one fewer of the kind
            return [("row", r) for r, cells in enumerate(self._cells) if cells[number]]
        more: list[_Node] = [("column", c) for c, may in enumerate(self._allowed[number]) if may]
        return [("group", self._groups[number]), *more] if sums[number] else more

    def _shift(self, one: _Node, other: _Node, sums: list[int]) -> None:
        """Move one child along a step."""
        if one[0] == "row" and other[0] == "column":
            self._cells[one[1]][other[1]] += 1
        elif one[0] == "column":
            self._cells[other[1]][one[1]] -= 1
        elif one[0] == "group":
            sums[other[1]] += 1
        else:
            sums[one[1]] -= 1
