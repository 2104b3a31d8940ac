"""An instance as a workbook: a sheet per county to fill in wishes, and everything else to read back."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fordela.instances.targets import write_file
from fordela.instances.workbooks.bundle import files_of
from fordela.instances.workbooks.names import LISTS, row_mark
from fordela.instances.writing import fill_instance
from fordela.models.instance import Instance
from fordela.models.units import UNITS_PER_MILLE
from fordela.models.validation import CHILDREN
from fordela.models.wishes import STATUSES, in_one_row
from fordela.report.terminal import notices
from fordela.report.texts import Words
from fordela.report.workbooks.sheets import Workbook, by_county, label, letter

#: Row of the headings in a county's sheet, counted from 0.
_HEAD = 4
#: Letters that fit in a line of the first sheet.
_LINE = 105


@dataclass(frozen=True)
class _CountySheet:
    """Where a county's rows and sums stand, for the formulas of the national sheet."""

    name: str
    county: str
    first: int
    last: int
    members: tuple[int, ...]


def write_instance_book(
    instance: Instance, target: Path, *, language: str = "en", force: bool = True,
    cases: bool = False, base: str | None = None,
) -> None:  # fmt: skip
    """Write an instance as a workbook to be sent out and filled in, without its children.

    Parameters
    ----------
    instance
        The year.
    target
        The file.
    language
        Of headings, ``en`` or ``sv``.
    force
        Whether an earlier workbook of an instance is replaced, if nobody has saved it since.
    cases
        Whether the children are in it too, so that it reads back as the same instance.
    base
        What the answers are to be taken in over, as a command names it; the instance's name if None.

    Raises
    ------
    InputError
        If it cannot be written.
    """

    def fill(path: Path) -> None:
        _fill(instance, path, Words(language), cases, base or instance.name)

    write_file(target, fill, "instance-book", force=force)


def _fill(instance: Instance, path: Path, words: Words, cases: bool, base: str) -> None:
    book = Workbook(path, "instance-book")
    _read_me(book, instance, words, cases, base)
    national = book.sheet(words("country"))
    lists, partners = _lists(book, instance)
    counties = [
        _county_sheet(book, instance, members, words, partners)
        for members in by_county(instance).values()
    ]
    _national(book, national, instance, counties, words)
    with tempfile.TemporaryDirectory() as scratch:
        fill_instance(instance, Path(scratch))
        if not cases:
            (Path(scratch) / CHILDREN).unlink()
        files = files_of(Path(scratch))
    book.technical(files)
    _marks(lists, files)
    book.close()


def _marks(sheet: Any, files: Mapping[str, list[list[str]]]) -> None:
    """Write a digest of each row of the grey sheets, which tells whether one was changed since."""
    for column, (name, rows) in enumerate(files.items(), 1):
        sheet.write_string(0, column, name)
        for row, cells in enumerate(rows, 1):
            sheet.write_string(row, column, row_mark(cells))


def _read_me(book: Workbook, instance: Instance, words: Words, cases: bool, base: str) -> None:
    sheet = book.sheet(words("read_me"))
    sheet.set_column(0, 0, 110)
    lines = [
        (words.title_of(instance), "title"),
        (" ".join(notices(instance, words)), "wrapped"),
        ("", "text"),
        (words("fill_in"), "wrapped"),
        (words("must_stay"), "wrapped"),
        (words("back_in", name=base), "wrapped"),
        (words("technical" if cases else "technical_without_cases"), "wrapped"),
        ("", "text"),
        *((f"{item}: {source}", "wrapped") for item, source in words.sources_of(instance).items()),
        (f"SHA-256 {instance.sha256}", "quiet"),
    ]
    for row, (text, style) in enumerate(lines):
        sheet.write_string(row, 0, text, book.formats[style])
        if len(text) > _LINE:
            sheet.set_row(row, 15 * (1 + len(text) // _LINE))


def _lists(book: Workbook, instance: Instance) -> tuple[Any, str]:
    """Add the hidden sheet of what can be chosen; return it and the range of municipalities."""
    sheet = book.sheet(LISTS)
    for row, m in enumerate(instance.municipalities):
        sheet.write_string(row, 0, label(m))
    sheet.hide()
    return sheet, f"={LISTS}!$A$1:$A${len(instance.municipalities)}"


def _county_sheet(
    book: Workbook, instance: Instance, members: Sequence[int], words: Words, partners: str
) -> _CountySheet:
    county = instance.municipalities[members[0]].county
    sheet = book.sheet(county)
    write = book.formats
    sheet.write_string(0, 0, f"{county} · {words.title_of(instance)}", write["title"])
    sheet.write_string(1, 0, " ".join(notices(instance, words)), write["quiet"])
    sheet.write_string(2, 0, words("fill_in"), write["quiet"])
    book.heading(sheet, _HEAD, [
        (words("code"), 8), (words("name"), 24), (words(f"share_{instance.shares_are}"), 14),
        (words("wish_column"), 12), (words("least_column"), 10), (words("partner_column"), 24),
        (words("status_column"), 14), (words("after_column"), 16), (words("note_column"), 32),
    ])  # fmt: skip
    first = _HEAD + 1
    for row, k in enumerate(members, first):
        _municipality_row(book, sheet, instance, k, row)
    last = first + len(members) - 1
    _validate(sheet, instance, members, first, last, words, partners)
    _county_sum(book, sheet, instance, members, first, last, words)
    book.lock(sheet)
    return _CountySheet(sheet.get_name(), county, first, last, tuple(members))


def _municipality_row(book: Workbook, sheet: Any, instance: Instance, k: int, row: int) -> None:
    write, m = book.formats, instance.municipalities[k]
    share = m.share / UNITS_PER_MILLE
    sheet.write_string(row, 0, m.code, write["text"])
    sheet.write_string(row, 1, m.name, write["text"])
    sheet.write_number(row, 2, share, write["share"])
    for column in (3, 4):
        sheet.write_blank(row, column, None, write["input_share"])
    for column in (5, 6, 8):
        sheet.write_blank(row, column, None, write["input"])
    stands = in_one_row(instance.wanted, m.code)
    change = 0.0
    if stands is not None:
        units, least, partner = stands
        change = units / UNITS_PER_MILLE
        sheet.write_number(row, 3, change, write["input_share"])
        if least:
            sheet.write_number(row, 4, least / UNITS_PER_MILLE, write["input_share"])
        if partner is not None:
            sheet.write_string(row, 5, label(instance.by_code[partner]), write["input"])
    sheet.write_formula(row, 7, f"=C{row + 1}+N(D{row + 1})", write["share"], round(share + change, 2))


def _validate(
    sheet: Any, instance: Instance, members: Sequence[int], first: int, last: int, words: Words,
    partners: str,
) -> None:  # fmt: skip
    for row, k in enumerate(members, first):
        share = instance.municipalities[k].share / UNITS_PER_MILLE
        sheet.data_validation(row, 3, row, 3, {
            "validate": "decimal", "criteria": "between", "minimum": -share, "maximum": 1000,
            "input_title": words("wish_input"),
            "input_message": words("wish_help", most=words.number(instance.municipalities[k].share
                                                                  // UNITS_PER_MILLE)),
            "error_title": words("wish_input"),
            "error_message": words("wish_wrong", least=f"{-share:.2f}"),
        })  # fmt: skip
    sheet.data_validation(first, 4, last, 4, {
        "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1000,
        "input_message": words("least_help"), "error_message": words("least_help"),
    })  # fmt: skip
    sheet.data_validation(first, 5, last, 5, {
        "validate": "list", "source": partners, "error_message": words("choose_list"),
    })  # fmt: skip
    sheet.data_validation(first, 6, last, 6, {
        "validate": "list", "source": [words(f"status_{s}") for s in (*STATUSES, "keeps")],
        "error_message": words("choose_list"),
    })  # fmt: skip


def _county_sum(
    book: Workbook, sheet: Any, instance: Instance, members: Sequence[int], first: int, last: int,
    words: Words,
) -> None:  # fmt: skip
    write, row = book.formats, last + 1
    share = sum(instance.municipalities[k].share for k in members)
    stands = (in_one_row(instance.wanted, instance.municipalities[k].code) for k in members)
    wished = sum(s[0] for s in stands if s is not None)
    sheet.write_string(row, 0, "", write["sum_text"])
    sheet.write_string(row, 1, words("sum"), write["sum_text"])
    for column, units, style in (
        (2, share, "share"),
        (3, wished, "signed"),
        (7, share + wished, "share"),
    ):
        span = f"{letter(column)}{first + 1}:{letter(column)}{last + 1}"
        sheet.write_formula(
            row, column, f"=SUM({span})", write[f"sum_{style}"], units / UNITS_PER_MILLE
        )
    sheet.write_string(row + 1, 1, words("difference_column"), write["quiet"])
    sheet.write_formula(
        row + 1, 7, f"=ROUND(H{row + 1}-C{row + 1},2)", write["signed"], wished / UNITS_PER_MILLE
    )
    sheet.write_string(row + 2, 1, words("must_stay"), write["quiet"])


def _national(
    book: Workbook, sheet: Any, instance: Instance, counties: Sequence[_CountySheet], words: Words
) -> None:
    """Sums of the counties, by formulas that follow what is filled in."""
    write = book.formats
    sheet.write_string(0, 0, words.title_of(instance), write["title"])
    sheet.write_string(1, 0, " ".join(notices(instance, words)), write["quiet"])
    book.heading(sheet, _HEAD, [
        (words("county"), 26), (words("municipalities"), 14),
        (words(f"share_{instance.shares_are}"), 14),
        (words("sum_more"), 16), (words("sum_less"), 16), (words("difference_column"), 18),
    ])  # fmt: skip
    totals = [0, 0, 0, 0]
    for row, c in enumerate(counties, _HEAD + 1):
        quoted = f"'{c.name}'"
        span = f"{quoted}!D{c.first + 1}:D{c.last + 1}"
        stands = [in_one_row(instance.wanted, instance.municipalities[k].code) for k in c.members]
        units = [s[0] for s in stands if s is not None]
        share = sum(instance.municipalities[k].share for k in c.members)
        more, less = sum(u for u in units if u > 0), -sum(u for u in units if u < 0)
        for number, value in enumerate((len(c.members), share, more, less)):
            totals[number] += value
        sheet.write_string(row, 0, c.county, write["text"])
        sheet.write_number(row, 1, len(c.members), write["count"])
        sheet.write_formula(row, 2, f"={quoted}!C{c.last + 2}", write["share"], share / UNITS_PER_MILLE)
        sheet.write_formula(row, 3, f'=SUMIF({span},">0")', write["share"], more / UNITS_PER_MILLE)
        sheet.write_formula(row, 4, f'=-SUMIF({span},"<0")', write["share"], less / UNITS_PER_MILLE)
        sheet.write_formula(
            row, 5, f"=ROUND(D{row + 1}-E{row + 1},2)", write["signed"], (more - less) / UNITS_PER_MILLE
        )
    first, last = _HEAD + 2, _HEAD + 1 + len(counties)
    values = [totals[0], *(t / UNITS_PER_MILLE for t in (*totals[1:], totals[2] - totals[3]))]
    sheet.write_string(last, 0, words("country_sum"), write["sum_text"])
    styles = ("count", "share", "share", "share", "signed")
    for column, (total, style) in enumerate(zip(values, styles, strict=True), 1):
        span = f"{letter(column)}{first}:{letter(column)}{last}"
        sheet.write_formula(last, column, f"=SUM({span})", write[f"sum_{style}"], total)
    book.lock(sheet)
