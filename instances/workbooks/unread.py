"""What somebody wrote into a workbook and nothing takes in: it is told, and never dropped in silence.

Our own survey is known cell by cell, so every number in it is taken in, what a formula gives, or an
error. Of other people's lists the columns that nothing reads are named, and what may be a wish is asked
for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby

from fordela.instances.workbooks.grid import Book, Sheet, by_name, column_name, filled
from fordela.instances.workbooks.headings import (
    AFTER,
    DIFFERENCE,
    IGNORE,
    OWN_KEYS,
    SURVEY,
    WISH_KEYS,
    guess,
    plain,
    same,
    wished,
    years_in,
)
from fordela.instances.workbooks.layout import Cell, Found, Loose
from fordela.instances.workbooks.mapping import HeadingMap, wish_question
from fordela.instances.workbooks.names import FILE_SHEETS, LISTS, row_mark
from fordela.instances.workbooks.written import TOTAL, Names, read_number
from fordela.models.confirmation import unless_confirmed
from fordela.models.errors import Problem, listed
from fordela.models.instance import Instance
from fordela.models.units import UNITS_PER_MILLE
from fordela.models.wishes import in_one_row

#: Municipalities or cells that are named in a list.
_NAMED = 5
#: What our own sheets call their columns.
_SURVEYED = AFTER | {plain(h) for _, *headings in SURVEY.values() for h in headings}
Note = tuple[str, dict[str, object]]


def unread_problems(
    book: Book, found: Found, base: Instance, mapping: HeadingMap, accepted: Collection[str]
) -> list[Problem]:
    """What was written where nothing reads it, or may have been meant to be gone.

    Parameters
    ----------
    book, found
        The workbook, and what was found in it.
    base
        Whose municipalities it is about.
    mapping
        Which heading was which column.
    accepted
        Names that were confirmed.
    """
    problems = [*_behind(book, base, found, accepted), *_hardly_seen(book, found, accepted)]
    if book.to_fill_in and not mapping.by_hand:
        problems += [*_lost_columns(found, mapping), *_loose_in_survey(found, base)]
    elif not mapping.by_hand:
        problems += [*_changes(found, base, mapping), *_maybe_wishes(found, mapping, base.year)]
    if book.to_fill_in:
        problems += _grey(book, accepted)
    return problems


def notes_of(book: Book, found: Found, mapping: HeadingMap) -> Iterator[Note]:
    """What each column was taken for, and what was not read."""
    if not book.to_fill_in:
        taken = [f"{h!r} → {k}" for h, k in mapping.columns.items() if k != IGNORE]
        yield "read_columns", {"columns": ", ".join(taken)}
    ours = AFTER if book.to_fill_in else ()
    columns = {_named(x): None for x in found.loose if x.code and plain(x.heading) not in ours}
    if columns:
        yield "unread_columns", {"columns": ", ".join(columns)}
    texts = [x for x in found.texts if book.to_fill_in and not _is_formula(x)]
    for sheet, cells in groupby(texts, key=lambda cell: cell.sheet):
        yield "unread_cells", {"sheet": sheet.name, "cells": listed([x.address for x in cells], _NAMED)}
    for sheet in book.read:
        if sheet.comments:
            yield "cell_comments", {"sheet": sheet.name, "cells": listed(sheet.comments, _NAMED)}
    for sheet in book.unseen:
        yield "hidden_sheet", {"sheet": sheet.name}


def nothing_new(file: str, book: Book, found: Found, mapping: HeadingMap) -> Iterator[Problem]:
    """Ask for the columns of numbers of a list of which nothing is new: what is may be in them."""
    columns = {x.heading: None for x in found.loose if x.code and x.heading}
    columns = {h: None for h in columns if not any(same(h, other) for other in mapping.left_out)}
    if columns and not mapping.by_hand and not book.to_fill_in:
        named = ", ".join(map(repr, columns))
        heading = next(iter(columns))
        message = (
            f"nothing in it is new, and these columns are not read: {named}; if one is a wish or a "
            f"share, say which: --map '{heading}=change', and if it is nothing: --map '{heading}=-'"
        )
        yield Problem(file, message)


def _named(loose: Loose) -> str:
    return repr(loose.heading) if loose.heading else column_name(loose.cell.column)


def _is_formula(cell: Cell) -> bool:
    return (cell.row, cell.column) in cell.sheet.formulas


# --- what is hardly seen ------------------------------------------------------------------------


def _behind(book: Book, base: Instance, found: Found, accepted: Collection[str]) -> Iterator[Problem]:
    """Hidden sheets with numbers of municipalities that no sheet that is read has."""
    names = Names(base)
    read = {code: {read_number(c.text) for c in row.values()} for code, row in found.values.items()}
    for loose in found.loose:
        read.setdefault(loose.code, set()).add(read_number(loose.cell.text))
    for sheet in book.unseen:
        inside = dict.fromkeys(
            code for row in sheet.rows for code, numbers in _figures(row, names)
            if numbers - read.get(code, set())
        )  # fmt: skip
        if len(inside) > (not book.ours):  # a single one may be a place of that name
            missing = [c for c in inside if c not in found.values] or list(inside)
            named = listed([f"{code} {names.names[code]}" for code in missing], _NAMED)
            message = f"is hidden and not read, and has {named}"
            problem = Problem(sheet.where, f"{message}; show the sheet, or delete it")
            yield from unless_confirmed(f"hidden:{sheet.name}", accepted, problem, kept=False)


def _figures(row: tuple[str, ...], names: Names) -> Iterator[tuple[str, set[Decimal]]]:
    """Municipality of a row, and its numbers."""
    codes = {codes[0] for _, text in filled(row) if len(codes := names.codes(text)) == 1}
    if len(codes) == 1:
        numbers = {
            n for _, t in filled(row) if not names.codes(t) and (n := read_number(t)) is not None
        }
        yield codes.pop(), numbers


def _hardly_seen(book: Book, found: Found, accepted: Collection[str]) -> Iterator[Problem]:
    """Wishes and other people's figures that are struck through, or in hidden rows and columns."""
    keys = WISH_KEYS if book.to_fill_in else WISH_KEYS | OWN_KEYS
    cells = [
        (code, cell) for code, row in found.values.items() for key, cell in row.items() if key in keys
    ]
    for code, cell in cells:
        if (cell.row, cell.column) in cell.sheet.struck:
            message = f"is struck through; clear the cell of {code} if it does not hold"
            problem = cell.problem(message)
            yield from unless_confirmed(f"struck:{code}", accepted, problem, kept=False)
    unseen = [cell for _, cell in cells if cell.sheet.is_unseen(cell.row, cell.column)]
    for sheet, several in groupby(unseen, key=lambda cell: cell.sheet):
        first, *others = several
        cells_too = listed([c.address for c in others], _NAMED)
        what = f"stands in a hidden row or column, as do {cells_too}"
        message = (
            f"{what if others else 'stands in a hidden row or column'}; show it, or clear the cell"
        )
        name = f"hidden:{sheet.name or sheet.file}"
        yield from unless_confirmed(name, accepted, first.problem(message), kept=False)


# --- our own survey -----------------------------------------------------------------------------


def _lost_columns(found: Found, mapping: HeadingMap) -> Iterator[Problem]:
    """Columns of our own sheets that are deleted, or whose heading is another one."""
    for sheet, top, keys in found.tables:
        for key, (letter, english, swedish) in SURVEY.items():
            if key in keys or IGNORE in (mapping.column(english), mapping.column(swedish)):
                continue
            column = ord(letter) - ord("A") + 1
            if plain(sheet.at(top, column)) in _SURVEYED:
                message = (
                    f"the column '{swedish}' ('{english}') is missing here; put it back in, or begin "
                    "from the workbook that was sent out"
                )
                yield Problem(sheet.place(top, column), message)
                continue
            message = (
                f"is not the heading of the column '{swedish}' ('{english}'), which is missing; write "
                "it again, or begin from the workbook that was sent out"
            )
            yield Problem(sheet.place(top, column), message, value=sheet.at(top, column))


def _loose_in_survey(found: Found, base: Instance) -> Iterator[Problem]:
    """Numbers in our own sheets that are neither read nor what a formula of theirs gives."""
    names = Names(base)
    for loose in found.loose:
        cell = loose.cell
        number = read_number(cell.text)
        if _is_formula(cell):
            continue
        if loose.code and plain(loose.heading) in AFTER:
            yield from _contradiction(found, base, loose)
        elif loose.code or (number not in _sums(cell, found, base, names) and not years_in(cell.text)):
            message = (
                "is a number that nothing reads; a wish belongs in the column 'Önskemål ±‰' ('Wish "
                "±‰') of its municipality; move it there, or clear the cell"
            )
            yield cell.problem(message)


def _contradiction(found: Found, base: Instance, loose: Loose) -> Iterator[Problem]:
    """A share afterwards that is typed over its formula, and not what the wish beside it gives."""
    row = found.values[loose.code]
    wish = row.get("change") or found.blank.get(loose.code)
    after = _share(found, base, loose.code) + (found.number(loose.code, "change") or 0)
    if wish is not None and read_number(loose.cell.text) != after:
        message = (
            f"is typed over the formula, and the share with the wish in {wish.address} is {after}; "
            f"write the wish in {wish.address}, and clear this cell"
        )
        yield loose.cell.problem(message)


def _share(found: Found, base: Instance, code: str) -> Decimal:
    """Share of a municipality in the workbook, else in the base, in ‰."""
    number = found.number(code, "share")
    return Decimal(base.by_code[code].share) / UNITS_PER_MILLE if number is None else number


def _sums(cell: Cell, found: Found, base: Instance, names: Names) -> set[Decimal]:
    """What our formula gives in a cell of sums: now, and as the survey was sent out."""
    texts = [text for _, text in filled(cell.sheet.rows[cell.row - 1])]
    labels = [text for text in texts if read_number(text) is None]
    is_total = any(map(TOTAL.match, labels))
    here = [c for c, row in found.values.items() if any(x.sheet is cell.sheet for x in row.values())]
    of_county = bool(here)
    if not of_county:
        county = next((code for text in labels if (code := names.county(text))), None)
        members = [m.code for m in base.municipalities if m.county_code == county]
        here = members or [m.code for m in base.municipalities if is_total]
    share = sum((_share(found, base, c) for c in here), Decimal(0))
    stood = [in_one_row(base.wanted, c) for c in here]
    sent = [Decimal(0 if row is None else row[0]) / UNITS_PER_MILLE for row in stood]
    now = [found.number(c, "change") or Decimal(0) for c in here]
    figures: set[Decimal] = set()
    for wishes in (now, sent):
        more, less = sum(w for w in wishes if w > 0), -sum(w for w in wishes if w < 0)
        change = more - less
        told: dict[str, Decimal | int] = {"B": len(here), "C": share, "D": more, "E": less, "F": change}
        if of_county and any(plain(label) in DIFFERENCE for label in labels):
            told = {"H": change}
        elif of_county:
            told = {"C": share, "D": change, "H": share + change} if is_total else {}
        figures |= {Decimal(n) for column, n in told.items() if column == column_name(cell.column)}
    return figures if here else set()


def _grey(book: Book, accepted: Collection[str]) -> Iterator[Problem]:
    """Sheets that stand for files and were changed since: nothing is taken in from them."""
    sheets = by_name(book)
    lists = sheets.get(LISTS)
    width = max(map(len, lists.rows), default=0) if lists is not None else 0
    for column in range(2, width + 1):
        assert lists is not None
        name, *marks = (lists.at(row, column) for row in range(1, len(lists.rows) + 1))
        sheet = sheets.get(name)
        if name not in FILE_SHEETS or sheet is None:
            continue
        row = _first_change(sheet, marks)
        if row is not None:
            message = (
                "was changed after Fordela wrote it, and nothing is taken in from the grey sheets; a "
                "wish belongs in the sheet of its county"
            )
            problem = Problem(sheet.where, message, row=row)
            yield from unless_confirmed(f"grey:{name}", accepted, problem, kept=False)


def _first_change(sheet: Sheet, marks: list[str]) -> int | None:
    count = max(len(sheet.rows), len([m for m in marks if m]))
    for row in range(1, count + 1):
        written = marks[row - 1] if row <= len(marks) else ""
        now = row_mark(sheet.rows[row - 1]) if row <= len(sheet.rows) else row_mark(())
        if (written or row_mark(())) != now:
            return row
    return None


# --- other people's lists -----------------------------------------------------------------------


def _changes(found: Found, base: Instance, mapping: HeadingMap) -> Iterator[Problem]:
    """Columns of changes that are no difference between two shares, so that they may be wishes."""
    by_column: dict[str, list[Loose]] = {}
    for loose in found.loose:
        if loose.code:
            by_column.setdefault(loose.heading, []).append(loose)
    for heading in mapping.left_out:
        key = guess(heading)
        told = [x for h, xs in by_column.items() if same(h, heading) for x in xs]
        if key is None or not told or _is_difference(told, found, base, by_column):
            continue
        yield wish_question(told[0].cell.sheet.where, heading, key)


def _is_difference(
    told: Iterable[Loose], found: Found, base: Instance, by_column: Mapping[str, list[Loose]]
) -> bool:
    """Whether numbers are the shares less those of the base or of another column."""
    befores: list[dict[str, Decimal]] = [
        {m.code: Decimal(m.share) / UNITS_PER_MILLE for m in base.municipalities}
    ]
    for several in by_column.values():
        befores.append({x.code: n for x in several if (n := read_number(x.cell.text)) is not None})
    changes = [(x.code, n) for x in told if (n := read_number(x.cell.text)) is not None]
    return any(
        all(
            code in before
            and (share := found.number(code, "share")) is not None
            and abs(share - before[code] - n) <= _half(n)
            for code, n in changes
        )
        for before in befores
    )


def _half(number: Decimal) -> Decimal:
    """Half a unit of a number's last decimal, of the second one at the most."""
    decimals = max(0, min(2, -int(number.as_tuple().exponent)))
    return Decimal(5).scaleb(-decimals - 1)


def _maybe_wishes(found: Found, mapping: HeadingMap, year: int) -> Iterator[Problem]:
    """Columns of numbers under a heading that says a wish in words that are not known."""
    told = {x.heading: x.cell for x in reversed(found.loose) if x.code}
    for heading, cell in told.items():
        key = wished(heading)
        of = years_in(heading)
        if key is None or any(same(heading, h) for h in mapping.left_out) or (of and year not in of):
            continue
        yield wish_question(cell.sheet.where, heading, key)
