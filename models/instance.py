"""An instance: the municipalities, the children of one year and what was decided before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any

from fordela.models.errors import InputError
from fordela.models.homes import Agreement, Home
from fordela.models.units import per_mille_text
from fordela.models.wishes import Availability, Wish, Wishes, standing_wishes


@dataclass(frozen=True, slots=True)
class Municipality:
    """One municipality and what is known of it before the year.

    Attributes
    ----------
    code, name, county_code, county
        SCB's codes (text, leading zeros) and names.
    share
        Units of 0.01 ‰ of all assignments ([O] 2.3.1).
    population
        People, or None where unknown.
    assigned_before
        Children credited since counting began ([O] 2.2).
    stock
        Of the children of the years before, those who are still there at the start of the year; None
        where unknown. For ``basis = "stock"`` only.
    capacity
        Children in the year, kinship included; None is no limit.
    wants_more, wants_less
        Units of share that it would take over or hand away; 0 is the answer that it keeps its share,
        None no answer.
    willing
        Children it asks for before the even distribution ([O] 4.2).
    kin_weight
        Relative weight of kinship arrivals in generated cases; None is its population.
    latitude, longitude
        Degrees, WGS84, or None.
    """

    code: str
    name: str
    county_code: str
    county: str
    share: int
    population: int | None = None
    assigned_before: int = 0
    capacity: int | None = None
    wants_more: int | None = None
    wants_less: int | None = None
    willing: int = 0
    kin_weight: Fraction | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """One unaccompanied child.

    Attributes
    ----------
    child, case
        Identifiers; siblings who stay together share the case.
    arrival
        Date of arrival.
    tie
        Code of the municipality of a strong tie (stark anknytning), or None ([O] 2.2).
    age, sex, language, needs
        What a placement depends on; None or empty where unknown.
    stay
        Days in a home from arrival on; None is beyond the year.
    agency
        Whether it lives in the Migration Agency's accommodation, which [O] 2.5 asks of children who
        are assigned by kinship; None where unknown.
    """

    child: str
    case: str
    arrival: date
    tie: str | None = None
    age: int | None = None
    sex: str | None = None
    language: str | None = None
    needs: tuple[str, ...] = ()
    stay: int | None = None
    agency: bool | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A child, or siblings who stay together, in order of arrival of the first.

    Attributes
    ----------
    case
        Identifier.
    children
        The children, in order of arrival.
    tie
        Municipality of the tie, or None.
    """

    case: str
    children: tuple[Child, ...]
    tie: str | None

    @property
    def size(self) -> int:
        """Number of children."""
        return len(self.children)

    @property
    def arrival(self) -> date:
        """Arrival of the first of them."""
        return self.children[0].arrival


@dataclass(frozen=True, slots=True)
class Transfer:
    """Units of one municipality's share handed to another for the year ([O] 2.3.2)."""

    giver: str
    receiver: str
    share: int


@dataclass(frozen=True)
class Instance:
    """A validated year. Immutable; two instances with the same content have the same hash.

    Only of children and wishes does the order of rows say anything. The other tables are kept in an
    order of their own, by code, whatever the order in the file: nothing that follows can rest on it.

    Attributes
    ----------
    name, title
        Short name and headline.
    year
        Calendar year of the shares.
    municipalities
        In order of code; codes are unique.
    children
        In order of arrival.
    transfers
        Decided transfers of share.
    transfers_last_year
        Those of the year before, for continuity.
    pairs
        Giver and receiver of transfers that scope ``listed`` allows.
    wishes
        The log of a dialogue; where there is one it replaces ``wants_more`` and ``wants_less``.
    availability
        Willing places by date; where there are any they replace ``willing``.
    forecast, forecast_asylum
        Forecast children: all, and asylum seekers only (for compensation); None where unknown.
    counting_since
        Assignments are counted from this date.
    shares_are
        ``computed``, ``preliminary`` or ``decided``.
    synthetic
        What in the instance is not published; repeated in every table made from it.
    policy
        Name of the default policy.
    provenance
        Source by item.
    homes
        Homes in which children can live; without any there is no placement.
    agreements
        Which municipality may place children in which other one.
    confirmed
        Names of what is unusual in it and was confirmed (`fordela.models.confirmation`).

    Raises
    ------
    InputError
        With every problem found, if the content is invalid.
    """

    name: str
    year: int
    municipalities: tuple[Municipality, ...]
    children: tuple[Child, ...] = ()
    title: str = ""
    programme: str = "unaccompanied-children"
    counting_since: date = date(2016, 1, 1)
    forecast: int | None = None
    forecast_asylum: int | None = None
    shares_are: str = "computed"
    synthetic: tuple[str, ...] = ()
    policy: str = "in-force"
    provenance: Mapping[str, str] = field(default_factory=dict)
    transfers: tuple[Transfer, ...] = ()
    transfers_last_year: tuple[Transfer, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    wishes: tuple[Wish, ...] = ()
    availability: tuple[Availability, ...] = ()
    homes: tuple[Home, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    confirmed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # Imported here because the validation needs the classes above.
        from fordela.models.validation import instance_problems

        object.__setattr__(self, "provenance", MappingProxyType(dict(self.provenance)))
        problems = instance_problems(self)
        if problems:  # which name rows as they came
            raise InputError(problems)
        for name, order in _ORDERS.items():
            object.__setattr__(self, name, tuple(sorted(getattr(self, name), key=order)))

    def __reduce__(self) -> tuple[Any, ...]:
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return (_rebuild, (fields | {"provenance": dict(self.provenance)},))

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """The cases in order of arrival (of a case's first child)."""
        groups: dict[str, list[Child]] = {}
        for child in self.children:
            groups.setdefault(child.case, []).append(child)
        return tuple(Case(name, tuple(kids), kids[0].tie) for name, kids in groups.items())

    @cached_property
    def by_code(self) -> Mapping[str, Municipality]:
        """Municipality by code."""
        return MappingProxyType({m.code: m for m in self.municipalities})

    @cached_property
    def wanted(self) -> Wishes:
        """Wishes as they stand, from the log or from the columns."""
        return standing_wishes(self.municipalities, self.wishes)

    @cached_property
    def willing_places(self) -> tuple[int, ...]:
        """Willing places of each municipality over the year, in order ([O] 4.2)."""
        if not self.availability:
            return tuple(m.willing for m in self.municipalities)
        places = dict.fromkeys(self.by_code, 0)
        for window in self.availability:
            places[window.municipality] += window.places
        return tuple(places[m.code] for m in self.municipalities)

    @cached_property
    def units(self) -> int:
        """Sum of all shares in units, ``U``."""
        return sum(m.share for m in self.municipalities)

    @cached_property
    def sha256(self) -> str:
        """Hash of the content, independent of file format and of the order of municipalities."""
        digest = hashlib.sha256()
        for part in _canonical(self):
            digest.update(json.dumps(part, ensure_ascii=False, sort_keys=True).encode())
            digest.update(b"\n")
        return digest.hexdigest()

    @property
    def unpublished(self) -> str:
        """What in a table made from the instance is not published, for its column ``synthetic``."""
        shares = {
            "computed": ["share (computed, not official)"],
            "preliminary": ["share (preliminary)"],
        }
        return "; ".join([*shares.get(self.shares_are, []), *self.synthetic])

    def with_changes(self, **changes: Any) -> Instance:
        """Return a copy with some fields replaced, validated again."""
        return replace(self, **changes)

    def summary(self) -> dict[str, object]:
        """Headline figures for display."""
        tied = sum(child.tie is not None for child in self.children)
        return {
            "name": self.name,
            "title": self.title,
            "year": self.year,
            "municipalities": len(self.municipalities),
            "counties": len({m.county_code for m in self.municipalities}),
            "children": len(self.children),
            "cases": len(self.cases),
            "tied": tied,
            "untied": len(self.children) - tied,
            "transfers": len(self.transfers),
            "want_more": len(self.wanted.more),
            "want_less": len(self.wanted.less),
            "keep_share": len(self.wanted.kept),
            "assigned_before": sum(m.assigned_before for m in self.municipalities),
            "shares_are": self.shares_are,
            "synthetic": ", ".join(self.synthetic),
            "sha256": self.sha256,
        }


def _by_pair(t: Transfer) -> tuple[str, str]:
    return t.giver, t.receiver


def _by_window(a: Availability) -> list[object]:
    permits = [sorted(a.sexes), str(a.min_age), str(a.max_age)]
    named = a.sexes or a.min_age is not None or a.max_age is not None
    days = [str(a.first or ""), str(a.last or "")]
    return [a.municipality, *days, a.places, *([permits] if named else [])]


#: Tables whose rows have no order of their own, and what they are kept by.
_ORDERS: Mapping[str, Callable[[Any], Any]] = {
    "municipalities": lambda m: m.code,
    "transfers": _by_pair,
    "transfers_last_year": _by_pair,
    "pairs": tuple,
    "availability": _by_window,
    "homes": lambda home: home.place,
    "agreements": lambda a: (a.responsible, a.placing),
}


def _rebuild(fields: dict[str, Any]) -> Instance:
    return Instance(**fields)


def _canonical(instance: Instance) -> Iterator[object]:
    yield [
        instance.name, instance.title, instance.programme, instance.year,
        instance.counting_since.isoformat(), instance.forecast, instance.forecast_asylum,
        instance.shares_are, list(instance.synthetic), instance.policy, dict(instance.provenance),
    ]  # fmt: skip
    for m in instance.municipalities:
        yield [
            m.code, m.name, m.county_code, m.county, m.population, per_mille_text(m.share),
            m.assigned_before, m.capacity, m.wants_more or 0, m.wants_less or 0, m.willing,
            None if m.kin_weight is None else str(m.kin_weight),
            None if m.latitude is None else str(m.latitude.normalize()),
            None if m.longitude is None else str(m.longitude.normalize()),
            *([] if m.stock is None else [m.stock]),
            *([["answered", m.wants_more, m.wants_less]] if 0 in (m.wants_more, m.wants_less) else []),
        ]  # fmt: skip
    for c in instance.children:
        more: list[object] = [] if c.stay is None else [c.stay]
        more += [] if c.agency is None else [{"agency": c.agency}]
        yield [c.child, c.case, c.arrival.isoformat(), c.tie, c.age, c.sex, c.language, c.needs, *more]
    yield [[t.giver, t.receiver, t.share] for t in instance.transfers]
    yield [[t.giver, t.receiver, t.share] for t in instance.transfers_last_year]
    yield instance.pairs
    yield sorted(
        [w.municipality, w.direction, w.share, w.least, w.partner or "", w.status, str(w.date or ""),
         w.note]
        for w in instance.wishes
    )  # fmt: skip
    yield [_by_window(a) for a in instance.availability]
    yield [
        [h.place, h.municipality, h.form, h.places, str(h.min_age), str(h.max_age),
         sorted(h.sexes), sorted(h.languages), sorted(h.competences), str(h.first or ""),
         str(h.last or ""), h.group]
        for h in instance.homes
    ]  # fmt: skip
    if instance.agreements:
        yield [[a.responsible, a.placing] for a in instance.agreements]
    if instance.confirmed:
        yield ["confirmed", *sorted(instance.confirmed)]
