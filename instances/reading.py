"""Reading an instance folder: every problem of every file at once, nothing guessed silently."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from fordela.instances.problems import validate
from fordela.instances.schema import (
    AgreementRow,
    AvailabilityRow,
    ChildRow,
    Head,
    HomeRow,
    MunicipalityRow,
    PairRow,
    RowModel,
    TransferRow,
    WishRow,
)
from fordela.instances.sweden import sweden_problems
from fordela.instances.tables import Table, decode, read_table
from fordela.models.errors import InputError, Problem
from fordela.models.home_problems import placement_problems
from fordela.models.homes import Agreement, Home
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import nearest
from fordela.models.validation import (
    AGREEMENTS,
    AVAILABILITY,
    CHILDREN,
    INSTANCE,
    LAST_YEAR,
    MUNICIPALITIES,
    PAIRS,
    PLACES,
    TRANSFERS,
    WISHES,
    RowNumbers,
    children_problems,
    municipality_problems,
    transfer_problems,
)
from fordela.models.wish_problems import dialogue_problems
from fordela.models.wishes import Availability, Wish

Row = TypeVar("Row", bound=RowModel)


@dataclass(frozen=True)
class Tables:
    """The rows of an instance, table by table."""

    municipalities: Sequence[MunicipalityRow]
    children: Sequence[ChildRow] = ()
    transfers: Sequence[TransferRow] = ()
    last_year: Sequence[TransferRow] = ()
    pairs: Sequence[PairRow] = ()
    wishes: Sequence[WishRow] = ()
    availability: Sequence[AvailabilityRow] = ()
    homes: Sequence[HomeRow] = ()
    agreements: Sequence[AgreementRow] = ()


def columns_of(model: type[RowModel]) -> list[str]:
    """Columns that a table of these rows may have."""
    return [field.alias or name for name, field in model.model_fields.items()]


@dataclass
class Reader:
    """Collects problems and warnings over all tables of an instance."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def rows(self, table: Table, model: type[Row]) -> list[Row]:
        """Validate the rows of a table against a model."""
        known = columns_of(model)
        required = [f.alias or name for name, f in model.model_fields.items() if f.is_required()]
        missing = [name for name in required if name not in table.header]
        if missing:
            self.broken.add(table.file)
            for name in missing:
                near = nearest(name, [h for h in table.header if h and h not in known])
                hint = f"; {near}" if near.startswith("did you mean") else ""
                message = f"this column is missing{hint}"
                self.problems.append(Problem(table.file, message, row=1, column=name))
            return []
        unknown = [h for h in table.header if h and h not in known]
        if unknown:
            self.warnings.append(f"{table.file}: columns that are not used: {', '.join(unknown)}")
        positions = [(h, k) for k, h in enumerate(table.header) if h in known]
        valid, numbers = [], []
        for cells, number in zip(table.rows, table.numbers, strict=True):
            data = {h: cells[k] for h, k in positions if cells[k] != ""}
            row, problems = validate(model, data, table.file, number)
            self.problems.extend(problems)
            if row is None:
                self.broken.add(table.file)
            else:
                valid.append(row)
                numbers.append(number)
        self.numbers[table.file] = numbers
        return valid

    def build(self, head: Head | None, tables: Tables) -> Instance:
        """Check the relations between rows and make the instance.

        Raises
        ------
        InputError
            With every problem of every table.
        """
        places = tuple(_municipality(row) for row in tables.municipalities)
        arrivals = tuple(_child(row) for row in tables.children)
        handed, last_year = _transfers(tables.transfers), _transfers(tables.last_year)
        wishes = tuple(_wish(row) for row in tables.wishes)
        windows = tuple(
            Availability(r.municipality, r.first, r.last, r.places) for r in tables.availability
        )
        pairs = tuple((r.from_code, r.to_code) for r in tables.pairs)
        homes = tuple(_home(row) for row in tables.homes)
        agreed = tuple(Agreement(r.responsible_code, r.placing_code) for r in tables.agreements)
        rows = RowNumbers(self.numbers)
        whole = MUNICIPALITIES not in self.broken
        if places or whole:
            self.problems.extend(municipality_problems(places, rows, sums=whole))
        self._leading_zeros(places, rows)
        if whole:  # with rows missing, every code would seem unknown
            known = {m.code for m in places}
            confirmed = () if head is None else head.confirmed
            self.problems.extend(sweden_problems(places, confirmed, rows))
            self.problems.extend(children_problems(arrivals, known, rows))
            self.problems.extend(transfer_problems(handed, places, rows))
            self.problems.extend(dialogue_problems(places, wishes, pairs, windows, last_year, rows))
            self.problems.extend(placement_problems(homes, agreed, known, rows))
        if self.problems or head is None:
            raise InputError(_in_order(self.problems))
        return Instance(
            name=head.name,
            title=head.title,
            programme=head.programme,
            year=head.year,
            counting_since=head.counting_since,
            forecast=head.forecast,
            forecast_asylum=head.forecast_asylum,
            shares_are=head.shares_are,
            synthetic=head.synthetic,
            policy=head.policy,
            provenance={k: str(v) for k, v in head.provenance.items()},
            municipalities=places,
            children=arrivals,
            transfers=handed,
            transfers_last_year=last_year,
            pairs=pairs,
            wishes=wishes,
            availability=windows,
            homes=homes,
            agreements=agreed,
            confirmed=head.confirmed,
        )

    def _leading_zeros(self, places: Sequence[Municipality], rows: RowNumbers) -> None:
        longest = max((len(m.code) for m in places), default=0)
        for k, m in enumerate(places):
            if m.code.isdigit() and len(m.code) < longest:
                message = f"codes are text of {longest} digits; a spreadsheet drops leading zeros"
                row = rows(MUNICIPALITIES, k)
                self.problems.append(Problem(MUNICIPALITIES, message, row, "code", m.code))


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    files = [
        INSTANCE, MUNICIPALITIES, CHILDREN, TRANSFERS, WISHES, PAIRS, AVAILABILITY, LAST_YEAR, PLACES,
        AGREEMENTS,
    ]  # fmt: skip
    rank = {name: k for k, name in enumerate(files)}
    return sorted(problems, key=lambda p: (rank.get(p.file, len(files)), p.file, p.row or 0))


def _municipality(row: MunicipalityRow) -> Municipality:
    return Municipality(
        code=row.code,
        name=row.name,
        county_code=row.county_code,
        county=row.county,
        share=row.share,
        population=row.population,
        assigned_before=row.assigned_before,
        capacity=row.capacity,
        wants_more=row.wants_more,
        wants_less=row.wants_less,
        willing=row.willing,
        kin_weight=None if row.kin_weight is None else Fraction(row.kin_weight),
        latitude=row.lat,
        longitude=row.lon,
    )


def _child(row: ChildRow) -> Child:
    return Child(
        child=row.child,
        case=row.case,
        arrival=row.arrival,
        tie=row.kin_municipality or None,
        age=row.age,
        sex=row.sex,
        language=row.language,
        needs=_several(row.needs),
        stay=row.stay,
    )


def _several(cell: str) -> tuple[str, ...]:
    """Words of a cell, parted by semicolons, each once."""
    return tuple(dict.fromkeys(word.strip() for word in cell.split(";") if word.strip()))


def _home(row: HomeRow) -> Home:
    return Home(
        place=row.place,
        municipality=row.municipality,
        form=row.form,
        places=row.places,
        min_age=row.min_age,
        max_age=row.max_age,
        sexes=_several(row.sexes),
        languages=_several(row.languages),
        competences=_several(row.competences),
        first=row.first,
        last=row.last,
        group=row.group,
    )


def _transfers(rows: Sequence[TransferRow]) -> tuple[Transfer, ...]:
    return tuple(Transfer(r.from_code, r.to_code, r.share) for r in rows)


def _wish(row: WishRow) -> Wish:
    return Wish(
        municipality=row.municipality,
        direction=row.direction,
        share=row.share,
        least=row.least,
        partner=row.partner or None,
        status=row.status,
        date=row.date,
        note=row.note,
    )


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; numbers with decimals stay decimal.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise InputError([Problem(path.name, message)]) from error
    try:
        return tomllib.loads(decode(data, path.name), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Problem(path.name, f"is not valid TOML: {error}")]) from error


def read_instance(folder: Path, warnings: list[str] | None = None) -> Instance:
    """Read and validate an instance folder.

    Parameters
    ----------
    folder
        With ``instance.toml``, ``municipalities.csv`` and whatever else the format knows.
    warnings
        Filled with what is unusual but accepted.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    reader = Reader()
    if not folder.is_dir():
        what = "no such folder" if not folder.exists() else "is not an instance folder"
        raise InputError([Problem(str(folder), f"{what}; see 'fordela instances list'")])
    head = _head(folder, reader)
    tables = Tables(
        municipalities=_rows(folder, MUNICIPALITIES, MunicipalityRow, reader, needed=True),
        children=_rows(folder, CHILDREN, ChildRow, reader, needed=True),
        transfers=_rows(folder, TRANSFERS, TransferRow, reader),
        last_year=_rows(folder, LAST_YEAR, TransferRow, reader),
        pairs=_rows(folder, PAIRS, PairRow, reader),
        wishes=_rows(folder, WISHES, WishRow, reader),
        availability=_rows(folder, AVAILABILITY, AvailabilityRow, reader),
        homes=_rows(folder, PLACES, HomeRow, reader),
        agreements=_rows(folder, AGREEMENTS, AgreementRow, reader),
    )
    instance = reader.build(head, tables)
    if warnings is not None:
        from fordela.models.validation import instance_warnings

        warnings.extend([*reader.warnings, *instance_warnings(instance)])
    return instance


def _head(folder: Path, reader: Reader) -> Head | None:
    path = folder / INSTANCE
    if not path.exists():
        reader.problems.append(Problem(INSTANCE, "this file is missing from the folder"))
        return None
    try:
        data: Mapping[str, Any] = read_toml(path)
    except InputError as error:
        reader.problems.extend(error.problems)
        return None
    head, problems = validate(Head, data, INSTANCE)
    reader.problems.extend(problems)
    return head


def _rows(
    folder: Path, name: str, model: type[Row], reader: Reader, *, needed: bool = False
) -> list[Row]:
    path = folder / name
    if not path.exists():
        if needed:
            reader.broken.add(name)
            reader.problems.append(Problem(name, "this file is missing from the folder"))
        return []
    try:
        table = read_table(path, columns_of(model))
    except InputError as error:
        reader.broken.add(name)
        reader.problems.extend(error.problems)
        return []
    return reader.rows(table, model)
