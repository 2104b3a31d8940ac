"""Wishes that a workbook was sent out with: as they were no answer, and a blank takes none back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from fordela.instances.building import Reader, municipality_of, wish_of
from fordela.instances.schema import MunicipalityRow, WishRow
from fordela.instances.tables import Table
from fordela.instances.workbooks.dialogue import Said
from fordela.instances.workbooks.grid import Book, Sheet, by_name
from fordela.instances.workbooks.layout import Cell, Found
from fordela.instances.workbooks.names import sheet_name
from fordela.models.confirmation import unless_confirmed
from fordela.models.errors import Problem
from fordela.models.instance import Instance
from fordela.models.units import per_mille_text
from fordela.models.validation import MUNICIPALITIES, WISHES
from fordela.models.wishes import SIGNS, Wishes, in_one_row, standing_wishes


def cleared_cells(
    book: Book, found: Found, base: Instance, said: Sequence[Said]
) -> Iterator[tuple[str, str, Cell]]:
    """Code, wish that stands in the base (in ‰ with its sign) and blank cell of who says nothing now.

    In our own workbooks only of those whose wish was shown when it was made: the base may have got the
    others since, from another answer.
    """
    spoken = {s.code for s in said}
    shown = _shown(book)
    for code, cell in found.blank.items():
        wish = _text(base.wanted, code)
        if wish and code not in spoken and (shown is None or in_one_row(shown, code)):
            yield code, wish, cell


def as_sent(book: Book, found: Found, base: Instance, said: Sequence[Said]) -> list[Said]:
    """Wishes that stand in our own workbook as they did when it was made: nobody has said them.

    A status or a remark beside one makes it an answer. Without its grey sheets the base's wishes are
    those that it was made with.
    """
    if not book.to_fill_in:
        return []
    shown = _shown(book) or base.wanted
    return [
        s for s in said
        if not {"status", "note"} & set(found.values[s.code])
        and in_one_row(shown, s.code) == (s.units, s.least, s.partner)
    ]  # fmt: skip


def cleared_problems(
    cleared: Iterable[tuple[str, str, Cell]], accepted: Collection[str]
) -> Iterator[Problem]:
    """Tell that a blank takes nothing back."""
    for code, wish, cell in cleared:
        message = (
            f"is empty now, and the wish of {code} of {wish} ‰ still stands; write återtaget "
            "(withdrawn) as its status to take it back, or a number"
        )
        problem = Problem(cell.place, message)
        yield from unless_confirmed(f"cleared:{code}", accepted, problem, kept=False)


def _shown(book: Book) -> Wishes | None:
    """Wishes in the sheets that stand for files; None where there are none or they cannot be read."""
    sheets = by_name(book)
    reader, rows = Reader(), sheets.get(sheet_name(MUNICIPALITIES))
    if not book.to_fill_in or rows is None:
        return None
    places = [municipality_of(r) for r in reader.rows(_table(rows), MunicipalityRow)]
    log = sheets.get(sheet_name(WISHES))
    wishes = [] if log is None else [wish_of(r) for r in reader.rows(_table(log), WishRow)]
    return None if reader.broken else standing_wishes(places, wishes)


def _table(sheet: Sheet) -> Table:
    header, *rows = sheet.rows or ((),)
    filled = [(n, row) for n, row in enumerate(rows, 2) if any(row)]
    cells = tuple((*row, *[""] * len(header))[: len(header)] for _, row in filled)
    return Table(sheet.name, header, cells, tuple(n for n, _ in filled))


def _text(wishes: Wishes, code: str) -> str:
    """Wish of a municipality in ‰ with its sign; empty for none."""
    said = wishes.of(code)
    if said is None:
        return ""
    direction, units = said
    return "0" if direction == "keeps" else f"{SIGNS[direction]}{per_mille_text(units)}"
