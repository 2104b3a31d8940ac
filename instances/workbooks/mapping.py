"""Which heading of a workbook is which column: guessed, given by hand, or kept from last year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fordela.instances.reading import read_toml
from fordela.instances.workbooks.grid import Book, filled
from fordela.instances.workbooks.headings import (
    BY_KEY,
    CODE_HEADINGS,
    IGNORE,
    NAME_HEADINGS,
    guess,
    plain,
    same,
)
from fordela.models.errors import InputError, Problem
from fordela.models.policy import nearest

#: Rows in which headings are looked for when they are guessed.
_TOP = 40
#: Letters in a heading; more is a remark.
_LONGEST = 80


@dataclass(frozen=True)
class HeadingMap:
    """Column by heading, as the heading is written."""

    columns: Mapping[str, str]

    def column(self, heading: str) -> str | None:
        """Column of a heading; None if it has none."""
        return next((key for known, key in self.columns.items() if same(known, heading)), None)

    @property
    def keys(self) -> frozenset[str]:
        """Columns that are mapped."""
        return frozenset(self.columns.values()) - {IGNORE}


def parse_maps(entries: Sequence[str]) -> dict[str, str]:
    """Read ``Heading=column`` entries.

    Raises
    ------
    InputError
        With every entry that is not one.
    """
    found: dict[str, str] = {}
    problems = []
    for entry in entries:
        heading, equals, key = (part.strip() for part in entry.rpartition("="))
        if not equals or not heading:
            problems.append(Problem("--map", "must be 'Heading=column'", value=entry))
            continue
        problem = _known(key, entry)
        if problem is not None:
            problems.append(problem)
        found[heading] = key
    problems += _doubled(found, "--map")
    if problems:
        raise InputError(problems)
    return found


def _known(key: str, entry: str) -> Problem | None:
    if key in BY_KEY or key == IGNORE:
        return None
    listed = ", ".join(f"{c.key} ({c.means})" for c in BY_KEY.values())
    message = f"no such column; {nearest(key, list(BY_KEY))}; columns: {listed}, - (not used)"
    return Problem("--map", message, value=entry)


def _doubled(columns: Mapping[str, str], file: str) -> list[Problem]:
    keys = [key for key in columns.values() if key != IGNORE]
    problems = []
    for key in sorted({k for k in keys if keys.count(k) > 1}):
        which = " and ".join(repr(h) for h, k in columns.items() if k == key)
        message = f"{which} would both be {key}; map one by hand: --map 'Heading={key}' --map 'Other=-'"
        problems.append(Problem(file, message))
    return problems


def read_mapping(path: Path) -> HeadingMap:
    """Read a mapping that an earlier import kept.

    Raises
    ------
    InputError
        If it is not one.
    """
    data = read_toml(path)
    columns = data.get("columns")
    if not isinstance(columns, dict) or not all(isinstance(v, str) for v in columns.values()):
        raise InputError([Problem(path.name, "has no table [columns] of headings and columns")])
    problems = [p for h, k in columns.items() if (p := _known(k, f"{h}={k}")) is not None]
    if problems:
        raise InputError(problems)
    return HeadingMap(dict(columns))


def mapping_toml(mapping: HeadingMap, source: str) -> str:
    """Write a mapping to be kept for next year."""
    import tomli_w

    return f"# Headings of {source}; use it again: fordela instances import … --mapping THIS\n" + (
        tomli_w.dumps({"format": 1, "columns": dict(mapping.columns)})
    )


def headings_of(book: Book) -> list[str]:
    """Texts in the upper rows of the sheets that could be headings, each once."""
    found: dict[str, str] = {}
    for sheet in book.read:
        for row in sheet.rows[:_TOP]:
            texts = [text for _, text in filled(row)]
            if len(texts) > 1:  # a lone text is a title or a remark
                for text in texts:
                    if len(text) <= _LONGEST:
                        found.setdefault(plain(text), text)
    return list(found.values())


def restrict(mapping: HeadingMap, given: Mapping[str, str]) -> HeadingMap:
    """Keep only the headings that are given by hand."""
    known = HeadingMap(given)
    return HeadingMap({h: k for h, k in mapping.columns.items() if known.column(h) is not None})


def guess_mapping(
    book: Book, given: Mapping[str, str] | None = None, required: Sequence[str] = ()
) -> HeadingMap:
    """Guess the columns of a workbook by its headings; what is given by hand stays.

    Parameters
    ----------
    book
        The workbook.
    given
        Column by heading, from an earlier year or by hand.
    required
        Headings of ``given`` that must occur.

    Raises
    ------
    InputError
        If two headings mean the same column, or one that is given does not occur.
    """
    known = dict(given or {})
    written = headings_of(book)
    problems = [
        Problem("--map", f"no such heading in {_sheets(book)}; {nearest(h, written)}", value=h)
        for h in required
        if not any(same(h, w) for w in written)
    ]
    columns: dict[str, str] = {}
    for heading in written:
        hand = next((key for h, key in known.items() if same(h, heading)), None)
        key = hand or (None if is_identifier(heading) else guess(heading))
        if key is not None and (hand or key not in known.values()):
            columns[heading] = key
    problems += _doubled(columns, "--map")
    if problems:
        raise InputError(problems)
    return HeadingMap(columns)


def is_identifier(heading: str) -> bool:
    """Whether a heading is that of names or codes."""
    return plain(heading) in (*CODE_HEADINGS, *NAME_HEADINGS)


def _sheets(book: Book) -> str:
    names: Iterable[str] = (s.name or s.file for s in book.read)
    return ", ".join(names)
