"""Homes in which children can live, and agreements to place a child in another municipality."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

#: Forms of placement: familjehem, nätverkshem, HVB, stödboende.
FORMS = ("family-home", "network-home", "hvb", "supported-housing")
#: Whether a home takes this group alone, or with others ([B] 4.1.2).
GROUPS = ("only", "shared")
#: Stands for every language.
ANY_LANGUAGE = "*"


@dataclass(frozen=True, slots=True)
class Home:
    """A home and whom it may take.

    Attributes
    ----------
    place
        Identifier.
    municipality
        Code of the municipality in which it lies.
    form
        One of `FORMS`.
    places
        Children it can hold on any day.
    min_age, max_age
        Whole years, both included; None is no limit. Permits of an HVB state them.
    sexes
        Sexes that it takes, of ``f`` and ``m``; empty is both.
    languages
        Languages spoken; ``*`` is every one, empty is none.
    competences
        Needs that it can meet; empty is none.
    first, last
        First and last day on which it is open (its permit); None is always.
    group
        ``only`` if it takes unaccompanied children alone, ``shared`` if others too, or empty.
    """

    place: str
    municipality: str
    form: str
    places: int
    min_age: int | None = None
    max_age: int | None = None
    sexes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    competences: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The responsible municipality may place children in another one ([O] 5)."""

    responsible: str
    placing: str
