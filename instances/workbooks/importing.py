"""Taking in a workbook: shares and other columns replace those of a base, wishes join the log."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fordela.instances.workbooks.against_base import (
    comparison_problems,
    percent_problems,
    row_problems,
    unit_problems,
)
from fordela.instances.workbooks.cleared import as_sent, cleared_cells, cleared_problems
from fordela.instances.workbooks.dialogue import Said, log_with, said_in, units_of
from fordela.instances.workbooks.grid import Book, by_name, read_book
from fordela.instances.workbooks.headings import BY_KEY, OWN_KEYS, WISH_KEYS, years_in
from fordela.instances.workbooks.layout import Cell, Found, find, total_problems
from fordela.instances.workbooks.mapping import (
    HeadingMap,
    choose_mapping,
    guess_mapping,
    unknown_headings,
)
from fordela.instances.workbooks.names import sheet_name
from fordela.instances.workbooks.unread import notes_of, nothing_new, unread_problems
from fordela.instances.workbooks.written import read_number
from fordela.models.confirmation import unless_confirmed
from fordela.models.errors import InputError, Problem, listed
from fordela.models.instance import Instance, Municipality
from fordela.models.units import UNITS_PER_MILLE
from fordela.models.validation import INSTANCE, MUNICIPALITIES, SYNTHETIC_WISHES, TRANSFERS, WISHES
from fordela.models.wishes import Wish, in_one_row

#: Columns that are said to come from the base where the workbook lacks them.
_ASKED = ("share", "population", "assigned_before", "capacity")
#: Instance fields that are synthetic as long as they come from a synthetic base.
_MARKS = frozenset({"assigned_before", "willing", "capacity"})
#: Municipalities that are named in a note.
_NAMED = 20

Note = tuple[str, dict[str, object]]


@dataclass(frozen=True)
class Imported:
    """A workbook taken in.

    Attributes
    ----------
    instance
        The base with what the workbook says.
    mapping
        Which heading was which column.
    notes
        What was taken from where, and what was skipped: key of a text and what it is filled with.
    changed
        Municipalities whose value differs from the base's, by column.
    new_wishes
        Rows added to the log of wishes.
    """

    instance: Instance
    mapping: HeadingMap
    notes: tuple[Note, ...]
    changed: Mapping[str, int]
    new_wishes: tuple[Wish, ...]


@dataclass(frozen=True)
class Settings:
    """How a workbook is taken in.

    Attributes
    ----------
    name
        Of the new instance.
    day
        On which the wishes in it were said.
    shares_are
        What the shares in it are: preliminary, decided or computed.
    year
        Of the new instance; None is the base's.
    new_dialogue
        Leave the wishes, willing places and decided transfers of the base behind.
    accepted
        Names that confirm what is probably wrong, as the messages give them.
    """

    name: str
    day: date
    shares_are: str = "preliminary"
    year: int | None = None
    new_dialogue: bool = False
    accepted: Collection[str] = ()


def import_workbook(
    path: Path,
    base: Instance,
    settings: Settings | None = None,
    columns: Mapping[str, str] | None = None,
) -> Imported:
    """Take a workbook of shares or wishes in over a base, whatever its layout.

    Parameters
    ----------
    path
        An .xlsx or .csv file.
    base
        Where what it lacks comes from.
    settings
        Name, day, year; by default the file's name, today and the base's year.
    columns
        Column by heading, only these; by default they are guessed from the headings.

    Raises
    ------
    InputError
        With every problem: sheet, cell and value.
    """
    book = read_book(path)
    how = settings or Settings(path.stem, date.today())
    mapping, _ = choose_mapping(book, dict(columns or {}), {}, base, how.year or base.year)
    return import_book(path, book, base, mapping, how)


def import_book(
    path: Path, book: Book, base: Instance, mapping: HeadingMap, settings: Settings
) -> Imported:
    """Take a workbook in over a base.

    Raises
    ------
    InputError
        With every problem: sheet, cell and value.
    """
    if not mapping.keys & (OWN_KEYS | WISH_KEYS):
        raise InputError(unknown_headings(path.name, book, base, mapping))
    found = find(book, base, mapping)
    problems = [*found.problems, *percent_problems(found)]
    problems += unread_problems(book, found, base, mapping, settings.accepted)
    units = list(unit_problems(found, base))
    if not found.values and not problems:
        problems.append(Problem(path.name, "no row has a code or name of a municipality of the base"))
    problems += total_problems(found, {m.code: m.county_code for m in base.municipalities})
    # In another unit, every number would have a problem of its own.
    places, changed = _places(found, base, mapping, [] if units else problems)
    said = []
    if mapping.keys & WISH_KEYS:
        said = list(said_in(found, base, places, [] if units else problems, settings.accepted))
    problems += units
    if problems:
        raise InputError(problems)
    begun = _begun(base, settings)
    sent = as_sent(book, found, base, said)
    said = [s for s in said if s not in sent]
    cleared = list(cleared_cells(book, found, begun, [*said, *sent]))
    doubts = list(_beside_base(path.name, book, found, base, settings, changed))
    if book.to_fill_in:
        doubts += cleared_problems(cleared, settings.accepted)
    if book.ours and not changed.get("share", 1):  # our own sheet, sent back: nobody changed a share
        mapping = replace(mapping, columns={h: k for h, k in mapping.columns.items() if k != "share"})
    try:
        log, added = log_with(begun, said, settings.day)
        instance = _together(path, begun, places, mapping, found, settings, log if said else None)
    except InputError as error:
        raise InputError([*doubts, *error.problems]) from error
    if not any(changed.values()) and not said:
        doubts += nothing_new(path.name, book, found, mapping)
    if doubts:
        raise InputError(doubts)
    notes = [*_extent(found, base, mapping), *found.notes, *notes_of(book, found, mapping)]
    notes += [("left_out_change", {"heading": heading}) for heading in mapping.left_out]
    if cleared:
        notes.append(("still_stands", {"wishes": ", ".join(f"{c} {wish} ‰" for c, wish, _ in cleared)}))
    notes += _not_answers(base, begun, instance, sent)
    return Imported(instance, mapping, tuple(notes), changed, tuple(added))


def _not_answers(
    base: Instance, begun: Instance, made: Instance, sent: Sequence[Said]
) -> Iterator[Note]:
    """Say which wishes nobody has answered: those of the survey, and synthetic ones of the base."""
    unsaid = [s.code for s in sent if in_one_row(begun.wanted, s.code) != (s.units, s.least, s.partner)]
    if unsaid:
        named = listed([f"{code} {base.by_code[code].name}" for code in unsaid], _NAMED)
        yield "as_sent", {"n": len(unsaid), "named": named}
    if SYNTHETIC_WISHES in made.provenance:
        yield "drawn_left", {"n": len(_drawn(made.wishes))}


def _drawn(log: Sequence[Wish]) -> set[str]:
    """Municipalities whose wishes have no date, and who have said nothing on any day since."""
    return {w.municipality for w in log if w.date is None} - {w.municipality for w in log if w.date}


def _marked(base: Instance, log: Sequence[Wish], provenance: dict[str, str]) -> tuple[str, ...]:
    """Marks of the base with the log: wishes are synthetic as long as one of them is nobody's answer.

    Drawn wishes are the rows without a date. Of a base whose synthetic ones have dates nothing tells
    them from answers, so that the mark stays.
    """
    known = SYNTHETIC_WISHES in base.provenance or not any(w.date for w in base.wishes)
    if "wishes" not in base.synthetic or not known or not any(w.date for w in log):
        return base.synthetic
    if _drawn(log):
        provenance.setdefault(
            SYNTHETIC_WISHES, f"wishes of {base.name} that nobody has answered since are synthetic"
        )
        return base.synthetic
    provenance.pop(SYNTHETIC_WISHES, None)
    return tuple(s for s in base.synthetic if s != "wishes")


def unread_answers(path: Path, instance: Instance) -> list[str]:
    """Sheets of our own workbook whose answers are not in the instance that it holds."""
    book = read_book(path)
    if not book.ours:
        return []
    try:
        mapping = guess_mapping(book, base=instance)
        found = find(book, instance, mapping)
        said = list(said_in(found, instance, instance.municipalities, []))
        last = max((w.date for w in instance.wishes if w.date), default=date.min)
        _, added = log_with(instance, said, last + timedelta(days=1))
        gone = [cell for _, _, cell in cleared_cells(book, found, instance, said)]
    except InputError:
        return []
    new = {w.municipality for w in added}
    answers = [*gone, *(s.cell for s in said if s.code in new)]
    return sorted({cell.sheet.name for cell in answers})


def _beside_base(
    file: str, book: Book, found: Found, base: Instance, settings: Settings, changed: Mapping[str, int]
) -> Iterator[Problem]:
    """What is missing of the base, and what the shares say beside its own.

    Our own sheets without a change say nothing of shares.
    """
    year = settings.year or base.year
    for where, years in _named_years(file, book, found):
        if years and year not in years and ("share" in changed or book.to_fill_in):
            named = ", ".join(map(str, sorted(years)))
            message = f"name and titles are of {named}, and not of {year}; --year takes another year"
            name, problem = f"other-year:{max(years)}", Problem(where, message)
            yield from unless_confirmed(name, settings.accepted, problem, kept=False)
    if "share" not in changed or (book.ours and not changed["share"]):
        yield from row_problems(file, base, found.values, settings.accepted)
        if year != base.year:
            message = f"has no shares of {year}; those of {base.year} would stay"
            problem = Problem(file, message, column="share")
            yield from unless_confirmed("last-years-shares", settings.accepted, problem, kept=False)
        return
    shares = {
        code: int(number * UNITS_PER_MILLE)
        for code in found.values if (number := found.number(code, "share")) is not None
    }  # fmt: skip
    yield from comparison_problems(file, base, shares, settings.accepted, year)


def _named_years(file: str, book: Book, found: Found) -> Iterator[tuple[str, set[int]]]:
    """Years that sheets name; of our own workbook once, as its instance has it, else its titles."""
    if not book.to_fill_in:
        yield from found.titles.items()
        return
    sheet = by_name(book).get(sheet_name(INSTANCE))
    lines = [row[0] for row in sheet.rows if row] if sheet is not None else []
    of = {y for line in lines if re.match(r"year\s*=", line) for y in years_in(line)}
    yield file, of or set().union(*found.titles.values())


def _places(
    found: Found, base: Instance, mapping: HeadingMap, problems: list[Problem]
) -> tuple[tuple[Municipality, ...], dict[str, int]]:
    """Municipalities with the values of the workbook, and how many of them changed."""
    changed = dict.fromkeys((k for k in BY_KEY if k in mapping.keys & OWN_KEYS), 0)
    places = []
    for m in base.municipalities:
        new: dict[str, Any] = {}
        for key in changed:
            cell = found.values.get(m.code, {}).get(key)
            value = None if cell is None else _own(cell, key, problems)
            if value is not None:
                new[key] = value
                changed[key] += value != getattr(m, key)
        places.append(replace(m, **new))
    return tuple(places), changed


def _own(cell: Cell, key: str, problems: list[Problem]) -> int | None:
    number = read_number(cell.text)
    if number is None:
        return None  # reported where it was found
    if number < 0:
        problems.append(cell.problem(f"is negative; needed is {BY_KEY[key].means}"))
        return None
    if key == "share":
        return units_of(cell, number, problems)
    if number != number.to_integral_value():
        problems.append(cell.problem(f"is a fraction; needed is {BY_KEY[key].means}"))
        return None
    return int(number)


#: What a dialogue leaves in an instance, and what else is of one year only.
_OF_DIALOGUE = ("transfers", "wishes", "willing")
_OF_YEAR = ("cases", "number of children", "forecast", "forecast_asylum")


def _begun(base: Instance, settings: Settings) -> Instance:
    """Begin from a base: another year has last year's transfers, a new dialogue no wishes yet."""
    if settings.year in (None, base.year) and not settings.new_dialogue:
        return base
    gone: tuple[str, ...] = (*_OF_DIALOGUE, WISHES, SYNTHETIC_WISHES)
    changes: dict[str, Any] = {"transfers": (), "wishes": (), "availability": (), "pairs": ()}
    if settings.year not in (None, base.year):
        gone += _OF_YEAR
        changes |= {
            "year": settings.year, "children": (), "transfers_last_year": base.transfers,
            "forecast": None, "forecast_asylum": None, "homes": (), "agreements": (),
            "title": re.sub(rf"\b{base.year}\b", str(settings.year), base.title),
        }  # fmt: skip
    return base.with_changes(
        municipalities=tuple(
            replace(m, wants_more=None, wants_less=None, willing=0) for m in base.municipalities
        ),
        synthetic=tuple(s for s in base.synthetic if s not in gone),
        provenance={k: v for k, v in base.provenance.items() if k not in gone and "wants" not in k},
        **changes,
    )


def _together(
    path: Path,
    base: Instance,
    places: Sequence[Municipality],
    mapping: HeadingMap,
    found: Found,
    settings: Settings,
    log: Sequence[Wish] | None,
) -> Instance:
    """Return the base with what was taken in, and where every column comes from."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    taken = {
        key: f"imported from {path.name} (SHA-256 {digest}…), heading {heading!r}"
        for heading, key in mapping.columns.items() if key in OWN_KEYS | WISH_KEYS
    }  # fmt: skip
    kept = [k for k in _ASKED if k not in found.keys]
    provenance = {k: v for k, v in base.provenance.items() if k not in taken}
    if log is not None:
        wish_keys = [k for k in taken if k in WISH_KEYS]
        provenance["wishes.csv"] = "; ".join(taken.pop(k) for k in wish_keys)
    provenance |= taken
    provenance["not in the workbook"] = (
        f"{', '.join(kept)}, names, children and what else is not named here: from {base.name} "
        f"(SHA-256 {base.sha256[:16]}…)"
    )
    if settings.accepted:
        provenance["confirmed when imported"] = ", ".join(sorted(settings.accepted))
    marks = base.synthetic if log is None else _marked(base, log, provenance)
    gone = _MARKS & set(taken)
    renewed = tuple(
        replace(
            new,
            willing=new.willing if "willing" in taken else old.willing,
            wants_more=None if log is not None else old.wants_more,
            wants_less=None if log is not None else old.wants_less,
        )
        for new, old in zip(places, base.municipalities, strict=True)
    )
    changes: dict[str, Any] = {}
    if log is not None:
        changes["wishes"] = tuple(log)
    if "share" in taken:
        changes["shares_are"] = settings.shares_are
    if "willing" in taken:
        changes["availability"] = ()
    try:
        return base.with_changes(
            name=settings.name, municipalities=renewed, provenance=provenance,
            synthetic=tuple(s for s in marks if s not in gone), **changes,
        )  # fmt: skip
    except InputError as error:
        raise InputError(_explained(p, path, base) for p in error.problems) from error


def _explained(problem: Problem, path: Path, base: Instance) -> Problem:
    """Say of a problem with both together whose rows it is about, and what to do."""
    message = problem.message
    rows = base.municipalities if problem.file == MUNICIPALITIES else ()
    if problem.row is not None and 2 <= problem.row < len(rows) + 2:
        m = rows[problem.row - 2]
        message = f"{m.code} {m.name} {message}"
    if problem.file in (MUNICIPALITIES, TRANSFERS, WISHES) and problem.row is not None:
        message += "; --new-dialogue leaves the base's wishes and transfers behind"
    where = f"{path.name} over {base.name}: {problem.file}"
    return Problem(where, message, column=problem.column, value=problem.value)


def _extent(found: Found, base: Instance, mapping: HeadingMap) -> Iterator[Note]:
    """Say what was found, and what stays as the base has it."""
    of = len(base.municipalities)
    yield "found_rows", {"n": len(found.values), "of": of, "sheets": len(found.sheets)}
    for key in BY_KEY:
        if key in mapping.keys & OWN_KEYS:
            given = {c for c, cells in found.values.items() if key in cells}
            others = of - len(given)
            if others:
                yield "others_keep", {"column": key, "n": others, "of": of}
    absent = [k for k in _ASKED if k not in found.keys]
    if absent:
        yield "from_base", {"base": base.name, "columns": ", ".join(absent)}
