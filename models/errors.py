"""Everything that can go wrong in a way a user should hear about."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Errors of a disk, which are no fault of a program.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input, and where.

    Attributes
    ----------
    file
        Name of the file or table.
    row
        Line in the file as an editor counts them (the header is line 1), or None.
    column
        Column or key, or None.
    value
        The offending value as it was written, or None.
    message
        What is wrong, and what is allowed.
    """

    file: str
    message: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        where = [self.file]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(self.column)
        place = ", ".join(where)
        shown = "" if self.value is None else f" is {self.value!r}"
        return f"{place}{shown}: {self.message}"


class FordelaError(Exception):
    """Base of all errors that Fordela raises on purpose."""

    exit_code = 2


class InputError(FordelaError):
    """Invalid input: every problem found, in the order of the files.

    Attributes
    ----------
    problems
        One entry per problem.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class InfeasibleError(FordelaError):
    """Proven: no allocation satisfies all hard constraints.

    Attributes
    ----------
    relaxations
        Sentences, each of which alone would make the instance feasible, with the least amount.
    """

    exit_code = 3

    def __init__(self, message: str, relaxations: Iterable[str] = ()) -> None:
        self.relaxations = tuple(relaxations)
        super().__init__("\n".join([message, *(f"  - {r}" for r in self.relaxations)]))


class LimitError(FordelaError):
    """Stopped at a limit before any solution was found."""

    exit_code = 4


class InconsistencyError(FordelaError):
    """The program contradicts itself, for instance a proven optimum was beaten.

    Never expected. It is raised instead of reporting a number that cannot be trusted.
    """

    exit_code = 1


def listed(names: Sequence[str], most: int) -> str:
    """Name the first of several things, and how many there are besides."""
    more = f" (+{len(names) - most})" if len(names) > most else ""
    return ", ".join(names[:most]) + more
