"""Rows of tables become an instance: every problem of every table at once, nothing guessed silently."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

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
from fordela.instances.spelling import meant, not_read
from fordela.instances.sweden import sweden_problems
from fordela.instances.tables import Table
from fordela.models.confirmation import line_that_confirms
from fordela.models.errors import InputError, Problem
from fordela.models.home_problems import placement_problems
from fordela.models.homes import Agreement, Home
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import nearest
from fordela.models.units import WHOLE
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
    date_problems,
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


#: File and rows of each table, in the order in which their problems are told.
FILES: Mapping[str, tuple[str, type[RowModel]]] = {
    "municipalities": (MUNICIPALITIES, MunicipalityRow),
    "children": (CHILDREN, ChildRow),
    "transfers": (TRANSFERS, TransferRow),
    "wishes": (WISHES, WishRow),
    "pairs": (PAIRS, PairRow),
    "availability": (AVAILABILITY, AvailabilityRow),
    "last_year": (LAST_YEAR, TransferRow),
    "homes": (PLACES, HomeRow),
    "agreements": (AGREEMENTS, AgreementRow),
}
#: Confirms that no municipality was assigned a child before the year.
NO_HISTORY = "no-history"
NAMES = (INSTANCE, *(file for file, _ in FILES.values()))


def columns_of(model: type[RowModel]) -> list[str]:
    """Columns that a table of these rows may have."""
    return [field.alias or name for name, field in model.model_fields.items()]


@dataclass
class Reader:
    """Collects problems and warnings over all tables of an instance.

    Attributes
    ----------
    problems, warnings
        What is wrong, and what is unusual but accepted.
    numbers
        Line of each row, by table.
    broken
        Tables of which rows could not be read.
    own, lacking
        Columns that nothing reads, and that are read and not there, by table that has the former.
    unreadable
        Codes of municipalities whose rows could not be read; blank where even that is not known.
    histories
        Whether any municipality has one, readable or not.
    decimals
        Of the municipalities' shares as they are written.
    """

    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    lacking: dict[str, list[str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    own: dict[str, list[str]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    histories: bool = False
    decimals: int = 0

    def rows(self, table: Table, model: type[Row]) -> list[Row]:
        """Validate the rows of a table against a model."""
        known = columns_of(model)
        if not self._columns(table, model, known):
            self.broken.add(table.file)
            return []
        positions = [(h, k) for k, h in enumerate(table.header) if h in known]
        valid, numbers = [], []
        for cells, number in zip(table.rows, table.numbers, strict=True):
            data = {h: cells[k] for h, k in positions if cells[k] != ""}
            self.histories |= model is MunicipalityRow and "assigned_before" in data
            row, problems = validate(model, data, table.file, number)
            self.problems.extend(problems)
            if row is None:
                self.broken.add(table.file)
                if table.file == MUNICIPALITIES:
                    self.unreadable.add(data.get("code", ""))
            else:
                valid.append(row)
                if isinstance(row, MunicipalityRow):
                    _, _, part = data["share"].replace(",", ".").partition(".")
                    self.decimals = max(self.decimals, len(part))
                numbers.append(number)
        self.numbers[table.file] = numbers
        return valid

    def _columns(self, table: Table, model: type[RowModel], known: Sequence[str]) -> bool:
        """Look at the names of a table's columns; return whether its rows can be read."""
        required = [f.alias or name for name, f in model.model_fields.items() if f.is_required()]
        missing = [name for name in required if name not in table.header]
        own = list(dict.fromkeys(h for h in table.header if h and h not in known))
        misspelt = {c: near for c in own if (near := meant(c, known, table.header)) is not None}
        for name in missing:
            if name not in misspelt.values():
                problem = Problem(table.file, "this column is missing", row=1, column=name)
                self.problems.append(problem)
        for column, near in misspelt.items():
            own.remove(column)
            self.histories |= near == "assigned_before"
            needed = f"is no known column; did you mean {near}?"
            message = needed if near in missing else not_read(near)
            self.problems.append(Problem(table.file, message, row=1, column=column))
        if own:
            self.own[table.file] = own
            self.lacking[table.file] = [name for name in known if name not in table.header]
        return not missing

    def build(self, head: Head | None, tables: Tables) -> Instance:
        """Check the relations between rows and make the instance.

        Raises
        ------
        InputError
            With every problem of every table.
        """
        places = tuple(municipality_of(row) for row in tables.municipalities)
        arrivals = tuple(_child(row) for row in tables.children)
        handed, last_year = _transfers(tables.transfers), _transfers(tables.last_year)
        wishes = tuple(wish_of(row) for row in tables.wishes)
        windows = tuple(
            Availability(
                r.municipality, r.first, r.last, r.places, _several(r.sexes), r.min_age, r.max_age
            )
            for r in tables.availability
        )
        pairs = tuple((r.from_code, r.to_code) for r in tables.pairs)
        homes = tuple(_home(row) for row in tables.homes)
        agreed = tuple(Agreement(r.responsible_code, r.placing_code) for r in tables.agreements)
        rows = RowNumbers(self.numbers)
        whole = MUNICIPALITIES not in self.broken
        self._policy(head)
        if places or whole:
            self.problems.extend(
                municipality_problems(places, rows, sums=whole, decimals=self.decimals)
            )
        self._leading_zeros(places, rows)
        if head is not None:
            self._own_columns(head.confirmed)
            if places and not self.histories:
                self._no_history(head)
            dated = date_problems(head.year, head.counting_since, arrivals, head.confirmed, rows)
            self.problems.extend(dated)
        if whole and head is not None:
            self.problems.extend(sweden_problems(places, head.confirmed, rows))
        if whole or (self.unreadable and "" not in self.unreadable):  # every code is known
            places += tuple(Municipality(c, c, "", "", WHOLE) for c in sorted(self.unreadable))
            known = {m.code for m in places}
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

    def _own_columns(self, confirmed: Collection[str]) -> None:
        """Tell columns that nothing reads: one may hold what a default would stand for."""
        names = {
            file: [c for c in own if f"unused:{c}" not in confirmed] for file, own in self.own.items()
        }
        wanted = [f"unused:{column}" for own in names.values() for column in own]
        line = line_that_confirms(wanted, confirmed)
        for file, own in names.items():
            if own:
                message = (
                    f"columns that nothing reads: {', '.join(own)}; columns that are read and not "
                    f"there: {', '.join(self.lacking[file]) or '-'}; rename what is meant as one of "
                    f"them; if the others are your own, write into {INSTANCE}: {line}"
                )
                self.problems.append(Problem(file, message, row=1))

    def _no_history(self, head: Head) -> None:
        """Tell that no municipality has a history, where counting began before the year."""
        if head.counting_since.year >= head.year or NO_HISTORY in head.confirmed:
            return
        message = (
            f"no municipality has a number here, though children are counted since "
            f"{head.counting_since}; give what each was credited until {head.year - 1}, 0 for "
            f"none; or let counting_since in {INSTANCE} be {head.year}-01-01; if all had none, write "
            f"into {INSTANCE}: {line_that_confirms([NO_HISTORY], head.confirmed)}"
        )
        self.problems.append(Problem(MUNICIPALITIES, message, column="assigned_before"))

    def _policy(self, head: Head | None) -> None:
        """Tell a policy that does not exist; a path is looked at where the policy is used."""
        from fordela.instances.policy_files import shipped_policies

        name = "in-force" if head is None else head.policy
        if name in shipped_policies() or Path(name).suffix or "/" in name or Path(name).exists():
            return
        message = f"no such policy or file; {nearest(name, shipped_policies())}"
        self.problems.append(Problem(INSTANCE, message, column="policy", value=name))

    def _leading_zeros(self, places: Sequence[Municipality], rows: RowNumbers) -> None:
        longest = max((len(m.code) for m in places), default=0)
        for k, m in enumerate(places):
            if m.code.isdigit() and len(m.code) < longest:
                message = f"codes are text of {longest} digits; a spreadsheet drops leading zeros"
                row = rows(MUNICIPALITIES, k)
                self.problems.append(Problem(MUNICIPALITIES, message, row, "code", m.code))


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    rank = {name: k for k, name in enumerate(NAMES)}
    return sorted(problems, key=lambda p: (rank.get(p.file, len(rank)), p.file, p.row or 0))


def municipality_of(row: MunicipalityRow) -> Municipality:
    """Municipality of a row."""
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
        stock=row.stock,
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
        agency={"yes": True, "no": False}.get(row.agency_accommodation or ""),
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


def wish_of(row: WishRow) -> Wish:
    """Wish of a row."""
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
