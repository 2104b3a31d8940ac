"""What municipalities say in a workbook, and the log of the dialogue with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fordela.instances.workbooks.headings import BY_KEY, KEEPS, STATUS_WORDS
from fordela.instances.workbooks.layout import Cell, Found
from fordela.instances.workbooks.written import Names, read_number
from fordela.models.confirmation import unless_confirmed
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance, Municipality
from fordela.models.units import WHOLE, per_mille_text, units_from_per_mille
from fordela.models.wishes import (
    DIRECTIONS,
    MOST_RECEIVED,
    Wanted,
    Wish,
    Wishes,
    as_log,
    is_unusual,
    standing_wishes,
)


def units_of(cell: Cell, number: Decimal, problems: list[Problem]) -> int | None:
    """Units of a number in ‰; a problem where it has more than two decimals."""
    try:
        return units_from_per_mille(number)
    except ValueError as error:
        problems.append(cell.problem(f"has {error}; round it in the workbook"))
        return None


@dataclass(frozen=True, slots=True)
class Said:
    """What a municipality says: units more (+) or less (−), or 0 for its share as it is."""

    code: str
    units: int
    least: int
    partner: str | None
    status: str
    note: str
    cell: Cell


_SPOKEN = ("change", "resulting", "wants_more", "wants_less")


def said_in(
    found: Found, base: Instance, places: Sequence[Municipality], problems: list[Problem],
    accepted: Collection[str] = (),
) -> Iterator[Said]:  # fmt: skip
    """Say what each municipality says; a blank says nothing, 0 that it keeps its share.

    Where changes have columns of their own, a share afterwards that is the share as it is says nothing:
    it is what a formula gives for those that have not answered.
    """
    alone = not found.keys & set(_SPOKEN) - {"resulting"}
    names = Names(base)
    share = {m.code: m.share for m in places}
    for code, cells in found.values.items():
        spoken = [k for k in _SPOKEN if k in cells]
        status = _status(cells, problems)
        if not spoken and status == "withdrawn":
            yield _taken_back(code, cells)
            continue
        if not spoken and status != "keeps":
            problems += _without_wish(code, cells, accepted)
            continue
        amounts = [a for k in spoken if (a := _amount(k, cells[k], share[code], problems)) is not None]
        if len(amounts) < len(spoken):  # told already
            continue
        # Two columns, one for each direction: 0 in the other one is no second answer.
        signed = {a for k, a in zip(spoken, amounts, strict=True) if a or not k.startswith("wants")}
        signed |= {0} if not signed or status == "keeps" else set()
        told = [*spoken, *(["status"] if status == "keeps" else [])]
        first, units = cells[told[0]], next(iter(signed))
        if told == ["resulting"] and not units and not alone and read_number(first.text) is not None:
            if status == "withdrawn":
                yield _taken_back(code, cells)
            else:
                problems += _without_wish(code, cells, accepted)
            continue
        if len(signed) > 1:
            both = ", ".join(f"{k} {cells[k].text}" for k in told)
            problems.append(first.problem(f"{code} says different things: {both}"))
        elif -units > share[code]:
            message = (
                f"{code} wants to hand away more than its share of {per_mille_text(share[code])} ‰"
            )
            problems.append(first.problem(message))
        elif units + share[code] > WHOLE:
            problems.append(first.problem(f"{code} would have more than all of the 1000 ‰"))
        else:
            if is_unusual(share[code], units) and not _stands_already(base, code, units):
                message = (
                    f"{code} wishes for more than {per_mille_text(MOST_RECEIVED)} ‰, the most that "
                    f"anybody has taken over, and for more than its share of "
                    f"{per_mille_text(share[code])} ‰"
                )
                problem = first.problem(message)
                problems += unless_confirmed(f"wish:{code}", accepted, problem, kept=False)
            yield Said(
                code, units, _least(cells, units, problems), _partner(cells, code, names, problems),
                "proposed" if status == "keeps" else status,
                cells["note"].text if "note" in cells else "", first,
            )  # fmt: skip


def _stands_already(base: Instance, code: str, units: int) -> bool:
    wanted = base.wanted.more.get(code)
    return wanted is not None and wanted.share == units


def _taken_back(code: str, cells: Mapping[str, Cell]) -> Said:
    """A wish taken back without saying it again: whatever stands."""
    note = cells["note"].text if "note" in cells else ""
    return Said(code, 0, 0, None, "withdrawn", note, cells["status"])


def _without_wish(code: str, cells: Mapping[str, Cell], accepted: Collection[str]) -> Iterator[Problem]:
    """What stands beside a wish that is not there; a remark may be just that."""
    for key in ("status", "least", "partner"):
        if key in cells:
            message = f"{code} has no wish beside it; fill in the wish, 0 if it keeps its share"
            yield cells[key].problem(message)
    if "note" in cells:
        message = (
            f"{code} has a remark and no wish; fill in the wish, or leave all remarks out with "
            "--map 'Heading=-'"
        )
        problem = cells["note"].problem(message)
        yield from unless_confirmed(f"no-wish:{code}", accepted, problem, kept=False)


def _amount(key: str, cell: Cell, share: int, problems: list[Problem]) -> int | None:
    """Units more (+) or less (−) that a cell says; None where it has a problem."""
    if cell.text.casefold() in KEEPS:
        return 0
    number = read_number(cell.text)
    if number is None:  # reported where it was found
        return None
    if number < 0 and key != "change":
        problems.append(cell.problem(f"is negative; needed is {BY_KEY[key].means}"))
        return None
    units = units_of(cell, abs(number), problems)
    if units is None or key == "resulting":
        return None if units is None else units - share
    return -units if number < 0 or key == "wants_less" else units


def _least(cells: Mapping[str, Cell], units: int, problems: list[Problem]) -> int:
    cell = cells.get("least")
    number = None if cell is None else read_number(cell.text)
    if cell is None or number is None:
        return 0
    if number < 0:
        problems.append(cell.problem(f"is negative; needed is {BY_KEY['least'].means}"))
        return 0
    least = units_of(cell, number, problems) or 0
    if least > abs(units):
        problems.append(cell.problem(f"is more than the wish of {per_mille_text(abs(units))} ‰"))
    return least


def _partner(cells: Mapping[str, Cell], code: str, names: Names, problems: list[Problem]) -> str | None:
    cell = cells.get("partner")
    if cell is None:
        return None
    codes = names.codes(cell.text)
    if len(codes) != 1:
        problems.append(cell.problem(f"is no municipality of the base{names.nearest(cell.text)}"))
        return None
    if codes[0] == code:
        problems.append(
            cell.problem(f"{code} is its own partner; write the other one, or clear the cell")
        )
        return None
    return codes[0]


def _status(cells: Mapping[str, Cell], problems: list[Problem]) -> str:
    cell = cells.get("status")
    if cell is None:
        return "proposed"
    status = STATUS_WORDS.get(cell.text.casefold())
    if status is None:
        problems.append(cell.problem(f"allowed are {', '.join(STATUS_WORDS)}"))
    return status or "proposed"


def log_with(base: Instance, said: Sequence[Said], day: date) -> tuple[list[Wish], list[Wish]]:
    """Return the log with what is said, and the rows that are new.

    Wishes of the base's columns become its first rows, as a log replaces the columns. What was said
    before on the same day is replaced; what is as it was adds no row.
    """
    log = list(base.wishes) or as_log(base.wanted)
    problems = []
    added: list[Wish] = []
    for s in said:
        later = [w.date for w in log if w.municipality == s.code and w.date and w.date > day]
        if later:
            message = f"{s.code} said something on {max(later)}; give --date on or after that day"
            problems.append(s.cell.problem(message))
            continue
        log = [w for w in log if not (w.municipality == s.code and w.date == day)]
        rows = _rows(base, log, s, day)
        log += rows
        added += rows
    if problems:
        raise InputError(problems)
    return log, added


def _rows(base: Instance, log: Sequence[Wish], s: Said, day: date) -> list[Wish]:
    """Rows that make the log say what is said, and no more."""
    if s.status == "withdrawn":  # also an answer of 0, whatever its direction
        of = {d: [w for w in log if (w.municipality, w.direction) == (s.code, d)] for d in DIRECTIONS}
        return [
            Wish(s.code, direction, 0, status="withdrawn", date=day, note=s.note)
            for direction, rows in of.items()
            if _stands(standing_wishes((), rows))
        ]
    stands = standing_wishes(base.municipalities, log) if log else None
    rows = []
    for direction, units in (("more", max(0, s.units)), ("less", max(0, -s.units))):
        wanted = None if stands is None else getattr(stands, direction).get(s.code)
        if wanted is not None and not units:
            status = s.status if not s.units else "withdrawn"
            rows.append(Wish(s.code, direction, 0, status=status, date=day, note=s.note))
        if not units or (wanted and _as_it_was(wanted, s) and s.status == "proposed"):
            continue
        if wanted is not None and s.partner is not None:  # without one, the row replaces all anyway
            rows += [
                Wish(s.code, direction, 0, partner=partner, status="withdrawn", date=day)
                for partner, _, _ in wanted.partners
                if partner != s.partner
            ]
        rows.append(Wish(s.code, direction, units, s.least, s.partner, s.status, day, s.note))
    keeps = stands is not None and s.code in stands.kept
    if not rows and not s.units and not keeps:
        rows.append(Wish(s.code, "less", 0, status=s.status, date=day, note=s.note))
    return rows


def _stands(wishes: Wishes) -> bool:
    return bool(wishes.more or wishes.less or wishes.kept)


def _as_it_was(wanted: Wanted, s: Said) -> bool:
    """Whether a wish that stands is what is said now."""
    if s.partner is None:
        return not wanted.partners and (wanted.share, wanted.least) == (abs(s.units), s.least)
    return wanted.partners == ((s.partner, abs(s.units), s.least),)
