"""Which heading of a workbook is which column: guessed, given by hand, or kept from last year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from fordela.instances.reading import read_toml
from fordela.instances.workbooks.grid import Book, Sheet, filled
from fordela.instances.workbooks.headings import (
    BY_KEY,
    CODE_HEADINGS,
    IGNORE,
    NAME_HEADINGS,
    OWN_KEYS,
    SURVEY,
    WISH_KEYS,
    guess,
    in_year,
    is_of_change,
    misspelt,
    plain,
    same,
    wished,
    years_in,
)
from fordela.instances.workbooks.written import Names, read_number
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance
from fordela.models.policy import nearest

#: Columns whose heading may say which year they are of.
_OF_A_YEAR = WISH_KEYS | {"share"}
#: Letters in a heading; more is a remark.
_LONGEST = 80


@dataclass(frozen=True)
class HeadingMap:
    """Column by heading, as the heading is written.

    Attributes
    ----------
    columns
        Column by heading.
    left_out
        Headings of a change: of a wish, or between years.
    by_hand
        Whether somebody named all that is taken, and so has seen the others.
    """

    columns: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    by_hand: bool = False

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
    listed = "; ".join(f"{c.key} ({c.means})" for c in BY_KEY.values())
    message = f"no such column; {nearest(key, list(BY_KEY))}; columns: {listed}; - (not used)"
    return Problem("--map", message, value=entry)


def _doubled(columns: Mapping[str, str], file: str) -> list[Problem]:
    keys = [key for key in columns.values() if key != IGNORE]
    problems = []
    for key in sorted({k for k in keys if keys.count(k) > 1}):
        rivals = [h for h, k in columns.items() if k == key]
        *others, last = map(repr, rivals)
        first = ", ".join(others)
        ways = " ".join(f"--map '{h}={key if h == rivals[0] else IGNORE}'" for h in rivals)
        message = f"{first} and {last} would both be {key}; map one by hand: {ways}"
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


def heading_rows(sheet: Sheet, names: Names | None = None) -> frozenset[int]:
    """Rows, from 1, that can hold headings.

    They have several texts, no municipality, and no number but years. Where a row names the column of
    codes or names, only such rows are, and the other row of a heading of two: all else is remarks.
    """
    able, named = set(), set()
    for number, row in enumerate(sheet.rows, 1):
        texts = [text for _, text in filled(row)]
        if len(texts) < 2 or any(map(_is_value, texts)) or (
            names is not None and any(names.codes(text) for text in texts)
        ):  # fmt: skip
            continue
        able.add(number)
        if any(map(is_identifier, texts)):
            named.add(number)
    if not named:
        return frozenset(able)
    return frozenset(named | {n for n in able if any(_is_other_row(sheet, n, h) for h in named)})


def _is_other_row(sheet: Sheet, number: int, head: int) -> bool:
    """Whether a row and that of the headings next to it are one heading: merged cells say so.

    A cell merged over both rows, or one merged over columns that each have a text of their own in the
    lower row, and none of codes or names: a title is merged over these too.
    """
    upper, lower = sorted((number, head))
    if lower != upper + 1:
        return False
    for top, bottom, left, right in sheet.merged:
        if top <= upper and bottom >= lower:
            return True
        below = [sheet.at(lower, k) for k in range(left, right + 1)] if right > left else []
        over = [sheet.at(head, k) for k in range(left, right + 1)] if right > left else []
        if top == bottom == upper and below and all(below) and not any(map(is_identifier, over)):
            return True
    return False


def _is_value(text: str) -> bool:
    number = read_number(text)
    return number is not None and not years_in(text)


def headings_of(book: Book, names: Names | None = None) -> list[str]:
    """Texts of the sheets that could be headings, each once."""
    found: dict[str, str] = {}
    for sheet in book.read:
        for number in sorted(heading_rows(sheet, names)):
            for _, text in filled(sheet.rows[number - 1]):
                if len(text) <= _LONGEST:
                    found.setdefault(plain(text), text)
    return list(found.values())


def restrict(mapping: HeadingMap, given: Mapping[str, str]) -> HeadingMap:
    """Keep only the headings that are given by hand."""
    known = HeadingMap(given)
    columns = {h: k for h, k in mapping.columns.items() if known.column(h) is not None}
    return HeadingMap(columns, mapping.left_out, by_hand=True)


def guess_mapping(
    book: Book,
    given: Mapping[str, str] | None = None,
    required: Sequence[str] = (),
    base: Instance | None = None,
    year: int | None = None,
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
    base
        Tells rows of municipalities from headings.
    year
        Of the shares; a heading of another year is not theirs.

    Raises
    ------
    InputError
        If two headings mean the same column, one that is given does not occur, one is misspelt, or the
        only shares are of another year.
    """
    known = HeadingMap(dict(given or {}))
    written = headings_of(book, None if base is None else Names(base))
    problems = [
        Problem("--map", f"no such heading in {_sheets(book)}; {_nearest(h, written)}", value=h)
        for h in required
        if not any(same(h, w) for w in written)
    ]
    hand = {h: key for h in written if (key := known.column(h)) is not None}
    guessed = {
        h: key
        for h in written
        if h not in hand and not is_identifier(h) and (key := guess(h)) is not None
        and key not in known.keys
    }  # fmt: skip
    if book.to_fill_in:  # its own heading before another that could mean the same
        guessed = _own_first(guessed)
    if not known.keys:  # whoever maps columns by hand has seen the others
        problems += _misspelt(h for h in written if h not in hand | guessed and not is_identifier(h))
    guessed, other = _of_year(guessed, year)
    problems += other
    left_out = tuple(h for h in written if h not in hand and is_of_change(h))
    columns = {h: key for h in written if (key := (hand | guessed).get(h)) and h not in left_out}
    problems += _doubled(columns, "--map")
    if problems:
        raise InputError(problems)
    return HeadingMap(columns, left_out)


def choose_mapping(
    book: Book, by_hand: Mapping[str, str], kept: Mapping[str, str], base: Instance, year: int
) -> tuple[HeadingMap, HeadingMap]:
    """Return the columns that are taken, and all that were guessed besides.

    What is given by hand or kept is all that is taken, unless it only takes headings away. A kept
    heading of another year is looked for with this one.

    Raises
    ------
    InputError
        See `guess_mapping`.
    """
    given = {in_year(h, year) if key in _OF_A_YEAR else h: key for h, key in kept.items()}
    given |= by_hand
    guessed = guess_mapping(book, given, tuple(by_hand), base, year)
    if HeadingMap(given).keys:
        return restrict(guessed, given), guessed
    return guessed, guessed


def _own_first(guessed: Mapping[str, str]) -> dict[str, str]:
    """Leave out what is guessed beside a heading of our own survey for the same column."""
    own = {h for h, key in guessed.items() if key in SURVEY and plain(h) in map(plain, SURVEY[key][1:])}
    keys = {guessed[h] for h in own}
    return {h: key for h, key in guessed.items() if h in own or key not in keys}


def _of_year(guessed: Mapping[str, str], year: int | None) -> tuple[dict[str, str], list[Problem]]:
    """Leave out headings of another year where there is one of the right year; else ask."""
    kept, problems = dict(guessed), []
    for heading, key in guessed.items():
        of = years_in(heading)
        if key not in _OF_A_YEAR or year is None or not of or year in of:
            continue
        del kept[heading]
        if not any(
            k == key for h, k in guessed.items() if h != heading and years_in(h) in (set(), {year})
        ):
            message = (
                f"is of another year than {year}; if it is right: --map '{heading}={key}', "
                f"and for another year --year"
            )
            problems.append(Problem("--map", message, value=heading))
    return kept, problems


def _misspelt(headings: Iterable[str]) -> Iterator[Problem]:
    for heading in headings:
        meant = misspelt(heading)
        if meant is not None:
            key, spelt = meant
            message = f"is nearly {spelt!r}; say --map '{heading}={key}', or --map '{heading}={IGNORE}'"
            yield Problem("--map", message, value=heading)


def _nearest(heading: str, written: Sequence[str]) -> str:
    """Heading of the workbook that was probably meant."""
    if not written:
        return "it has no row of headings"
    sought = plain(heading)
    near = max(written, key=lambda w: SequenceMatcher(None, sought, plain(w)).ratio())
    return f"did you mean {near}?"


def unknown_headings(file: str, book: Book, base: Instance, mapping: HeadingMap) -> list[Problem]:
    """Ask for the headings of a workbook of which none is known; the nearest to a share or a wish."""
    written = [h for h in headings_of(book, Names(base)) if not is_identifier(h)]
    asked = [
        wish_question(file, h, key)
        for h in written
        if h not in mapping.columns and (key := guess(h) or wished(h)) is not None
    ]
    if asked:
        return asked
    heads = BY_KEY["share"].headings
    near = max(
        written,
        key=lambda w: max(SequenceMatcher(None, plain(w), h).ratio() for h in heads),
        default="Heading",
    )
    wanted = ", ".join(k for k in BY_KEY if k in OWN_KEYS | WISH_KEYS)
    message = f"no heading is recognised; say which is which: --map '{near}=column' ({wanted})"
    return [Problem(file, message)]


def wish_question(where: str, heading: str, key: str) -> Problem:
    """Ask what a column is that may be a wish, with the lines that answer."""
    if is_of_change(heading):
        message = (
            f"is a wish, or how the share changed; say which: --map '{heading}={key}' or "
            f"--map '{heading}={IGNORE}'"
        )
    else:
        others = ", ".join(k for k in BY_KEY if k in WISH_KEYS and k != key)
        message = (
            f"may be a wish and is not read; say what it is: --map '{heading}={key}' "
            f"({BY_KEY[key].means}), or {others}, or nothing: --map '{heading}={IGNORE}'"
        )
    return Problem(where, message, column=heading)


def is_identifier(heading: str) -> bool:
    """Whether a heading is that of names or codes."""
    return plain(heading) in (*CODE_HEADINGS, *NAME_HEADINGS)


def _sheets(book: Book) -> str:
    names: Iterable[str] = (s.name or s.file for s in book.read)
    return ", ".join(names)
