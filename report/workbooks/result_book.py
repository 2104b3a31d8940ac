"""A result as a workbook: a sheet per county, the country, transfers, proof, and what checks it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from fordela.instances.results import fill_result, fill_source
from fordela.instances.targets import write_file
from fordela.instances.workbooks.bundle import files_of
from fordela.models.indicators import GROUPS, child_indicators
from fordela.models.instance import Instance
from fordela.models.result import Result
from fordela.models.units import UNITS_PER_MILLE
from fordela.models.wishes import SIGNS
from fordela.report.page.figures import FIGURES, TOTAL, Figure, Value, values_of
from fordela.report.proofs import engine_note, open_transfers, status_text
from fordela.report.suppression import OPEN, Suppression
from fordela.report.terminal import (
    given_note,
    hidden_note,
    missing_note,
    notices,
    objective_cells,
    objective_heads,
)
from fordela.report.texts import Words
from fordela.report.workbooks.sheets import Workbook, by_county, label, letter

_HEAD = 4
#: Styles of the cells of a figure, by its decimals.
_STYLES = {0: "count", 2: "share", 3: "ratio"}
#: Figures whose sum over municipalities means something.
_SUMMED = frozenset({f.key for f in FIGURES} - {"fulfilment"})


def write_result_book(
    result: Result,
    target: Path,
    *,
    language: str = "en",
    hidden: Suppression = OPEN,
    cases: bool = False,
    county: str | None = None,
    force: bool = True,
) -> None:
    """Write a result as a workbook.

    Parameters
    ----------
    result
        What was decided.
    target
        The file.
    language
        Of headings, ``en`` or ``sv``.
    hidden
        What is not shown, for publication.
    cases
        Whether single cases are in it; then it reads back as the same result.
    county
        The only county to show; None for all.
    force
        Whether an earlier workbook of a result is replaced, if nobody has saved it since.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    words = Words(language)

    def fill(path: Path) -> None:
        _fill(result, path, words, hidden, cases, county)

    write_file(target, fill, "result-book", force=force)


def _fill(
    result: Result, path: Path, words: Words, hidden: Suppression, cases: bool, county: str | None
) -> None:
    book = Workbook(path, "result-book")
    values = values_of(result, hidden)
    shown = [f for f in FIGURES if f.key in ("total_figure", "share") or any(values[f.key])]
    national = book.sheet(words("country"))
    sheets = [
        (code, _county(book, result, members, shown, values, words, hidden), members)
        for code, members in by_county(result.instance).items()
        if county in (None, code)
    ]
    _national(book, national, result, sheets, shown, words, hidden, whole=county is None)
    if not cases and hidden is OPEN:  # --publish goes without --cases
        national.write_string(3, 0, words("no_cases_here"), book.formats["quiet"])
    _transfers(book, result, words)
    transfers = result.redistribution
    if (result.objective or (transfers and transfers.objective)) and hidden is OPEN:
        _proof(book, result, words)
    if hidden is OPEN and county is None:
        _for_children(book, result, words)
    if cases:
        with tempfile.TemporaryDirectory() as scratch:
            fill_result(result, Path(scratch))
            fill_source(result.instance, Path(scratch))
            book.technical(files_of(Path(scratch)))
    book.close()


def _top(book: Workbook, sheet: Any, title: str, result: Result, words: Words) -> None:
    sheet.write_string(0, 0, title, book.formats["title"])
    year = result.instance
    status = f"{words('status')}: {status_text(result, words)}."
    lines = [*given_note(result, words), status, *notices(year, words), missing_note(year, words)]
    sheet.write_string(1, 0, " ".join(lines), book.formats["quiet"])


def _county(
    book: Workbook, result: Result, members: Sequence[int], shown: Sequence[Figure],
    values: dict[str, list[Value]], words: Words, hidden: Suppression,
) -> str:  # fmt: skip
    """Add a county's sheet and return its name."""
    instance = result.instance
    county = instance.municipalities[members[0]].county
    sheet = book.sheet(county)
    _top(book, sheet, f"{county} · {result.policy.name}", result, words)
    heads = [(words("code"), 8), (words("name"), 24), *((words(f.key), 14) for f in shown)]
    heads.append((words("handed_to"), 34))
    partners, answers = _partners(result, words), _answers(instance, words)
    if answers:
        heads.append((words("answer_column"), 22))
    book.heading(sheet, _HEAD, heads)
    first = _HEAD + 1
    for row, k in enumerate(members, first):
        m = instance.municipalities[k]
        sheet.write_string(row, 0, m.code, book.formats["text"])
        sheet.write_string(row, 1, m.name, book.formats["text"])
        for column, figure in enumerate(shown, 2):
            _write(book, sheet, row, column, figure, values[figure.key][k], words)
        sheet.write_string(row, len(shown) + 2, partners.get(m.code, ""), book.formats["wrapped"])
        if answers:
            sheet.write_string(row, len(shown) + 3, answers[m.code], book.formats["wrapped"])
    last = first + len(members) - 1
    sheet.write_string(last + 1, 1, words("sum"), book.formats["sum_text"])
    true = values_of(result, OPEN)
    closed = instance.municipalities[members[0]].county_code in hidden.counties
    for column, figure in enumerate(shown, 2):
        if figure.key not in _SUMMED:
            continue
        total = sum(value for k in members if (value := true[figure.key][k]) is not None)
        style = book.formats["sum_count" if figure.places == 0 else "sum_share"]
        secret = any(figure.is_hidden(instance.municipalities[k].code, hidden) for k in members)
        if figure.counts and (closed or (secret and figure is not TOTAL)):
            sheet.write_string(last + 1, column, words("hidden_cell"), book.formats["right"])
        elif figure.counts and secret:  # a formula would add what is hidden as nothing
            sheet.write_number(last + 1, column, float(total), style)
        else:
            span = f"{letter(column)}{first + 1}:{letter(column)}{last + 1}"
            sheet.write_formula(last + 1, column, f"=SUM({span})", style, float(total))
    book.lock(sheet)
    return str(sheet.get_name())


def _write(
    book: Workbook, sheet: Any, row: int, column: int, figure: Figure, value: Value, words: Words
) -> None:
    if value is None:
        sheet.write_string(row, column, words("hidden_cell"), book.formats["right"])
    else:
        sheet.write_number(row, column, float(value), book.formats[_STYLES[figure.places]])


def _partners(result: Result, words: Words) -> dict[str, str]:
    """Whom each municipality hands share to, or receives it from, in words."""
    names = result.instance.by_code
    texts: dict[str, list[str]] = {}
    for t in result.transfers:
        share = words.number(t.share // UNITS_PER_MILLE if t.share % UNITS_PER_MILLE == 0
                             else Fraction(t.share, UNITS_PER_MILLE), 2)  # fmt: skip
        texts.setdefault(t.giver, []).append(f"→ {label(names[t.receiver])} {share} ‰")
        texts.setdefault(t.receiver, []).append(f"← {label(names[t.giver])} {share} ‰")
    return {code: "; ".join(parts) for code, parts in texts.items()}


def _answers(instance: Instance, words: Words) -> dict[str, str]:
    """What each municipality wishes, in words; empty where nobody was asked."""
    wanted = instance.wanted
    if not wanted.answered:
        return {}
    return {code: _answer(wanted.of(code), words) for code in instance.by_code}


def _answer(said: tuple[str, int] | None, words: Words) -> str:
    if said is None:
        return words("no_answer")
    direction, units = said
    if direction == "keeps":
        return words("keeps_its_share")
    return f"{SIGNS[direction]}{words.per_mille(units)} ‰"


def _national(
    book: Workbook, sheet: Any, result: Result, sheets: Sequence[tuple[str, str, Sequence[int]]],
    shown: Sequence[Figure], words: Words, hidden: Suppression, *, whole: bool,
) -> None:  # fmt: skip
    """Add the counties' sums, by formulas that point at their sheets."""
    title = words("result_of", title=words.title_of(result.instance),
                  policy=result.policy.name)  # fmt: skip
    _top(book, sheet, title, result, words)
    for note in hidden_note(result.instance, hidden, words):
        sheet.write_string(2, 0, note, book.formats["quiet"])
    summed = [f for f in shown if f.key in _SUMMED]
    heads = [(words("county"), 26), (words("municipalities"), 14)]
    book.heading(sheet, _HEAD, [*heads, *((words(f.key), 14) for f in summed)])
    true = values_of(result, OPEN)
    for row, (code, name, members) in enumerate(sheets, _HEAD + 1):
        county = result.instance.municipalities[members[0]].county
        sheet.write_string(row, 0, county, book.formats["text"])
        sheet.write_number(row, 1, len(members), book.formats["count"])
        for column, figure in enumerate(summed, 2):
            there = letter(2 + list(shown).index(figure))
            total = float(sum(value for k in members if (value := true[figure.key][k]) is not None))
            codes = [result.instance.municipalities[k].code for k in members]
            secret = any(figure.is_hidden(c, hidden) for c in codes)
            if figure.counts and (code in hidden.counties or (secret and figure is not TOTAL)):
                sheet.write_string(row, column, words("hidden_cell"), book.formats["right"])
                continue
            formula = f"='{name}'!{there}{_HEAD + len(members) + 2}"
            sheet.write_formula(row, column, formula, book.formats[_STYLES[figure.places]], total)
    if not whole:
        book.lock(sheet)
        return
    known = {*hidden.kinds, *(["total"] if "unplaced" in hidden.kinds else [])}
    last = _HEAD + 1 + len(sheets)
    sheet.write_string(last, 0, words("country_sum"), book.formats["sum_text"])
    sheet.write_number(last, 1, len(result.instance.municipalities), book.formats["sum_count"])
    for column, figure in enumerate(summed, 2):
        kind = figure.key.removesuffix("_figure")
        if figure.counts and hidden.municipalities and kind not in known:
            sheet.write_string(last, column, words("hidden_cell"), book.formats["right"])
            continue
        total = float(sum(value for value in true[figure.key] if value is not None))
        style = book.formats["sum_count" if figure.places == 0 else "sum_share"]
        sheet.write_number(last, column, total, style)
    book.lock(sheet)


def _transfers(book: Workbook, result: Result, words: Words) -> None:
    sheet = book.sheet(words("transfers_sheet"))
    _top(book, sheet, words("flows"), result, words)
    book.heading(sheet, _HEAD, [(words("from"), 30), (words("to"), 30), (words("share"), 14)])
    names = result.instance.by_code
    for row, t in enumerate(result.transfers, _HEAD + 1):
        sheet.write_string(row, 0, label(names[t.giver]), book.formats["text"])
        sheet.write_string(row, 1, label(names[t.receiver]), book.formats["text"])
        sheet.write_number(row, 2, t.share / UNITS_PER_MILLE, book.formats["share"])
    book.lock(sheet)


def _for_children(book: Workbook, result: Result, words: Words) -> None:
    """Add what the decisions mean for children: so many of so many, for each group."""
    sheet = book.sheet(words("children_sheet"))
    _top(book, sheet, f"{words('indicator_heading')} · {result.policy.name}", result, words)
    heads = [(words(f"group_{group}_of"), 20) for group in GROUPS]
    book.heading(sheet, _HEAD, [("", 44), *heads])
    found = child_indicators(result.instance, result.allocation.assignments)
    for row, (name, groups) in enumerate(found.items(), _HEAD + 1):
        sheet.write_string(row, 0, words(f"indicator_{name}"), book.formats["text"])
        for column, part in enumerate(groups.values(), 1):
            text = words("count_of", count=part.count, of=part.of)
            sheet.write_string(row, column, text, book.formats["right"])
    book.lock(sheet)


def _proof(book: Workbook, result: Result, words: Words) -> None:
    """Add what is known of the transfers' levels, then of the levels of the decisions."""
    sheet = book.sheet(words("proof_sheet"))
    _top(book, sheet, f"{result.policy.name} · {status_text(result, words)}", result, words)
    made = result.redistribution
    notes = [*open_transfers(result, words), *engine_note(words, made, result)]
    if made and made.objective:
        notes.append(words("units_note"))
    sheet.write_string(2, 0, " ".join(notes), book.formats["quiet"])
    book.heading(sheet, _HEAD, [(text, 22) for text in objective_heads(words)])
    row = _HEAD + 1
    for levels in (made.objective if made else (), result.objective):
        for cells in objective_cells(levels, words):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text, book.formats["right" if column else "text"])
            row += 1
    book.lock(sheet)
