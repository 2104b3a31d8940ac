"""What the columns and keys of the files may contain; messages come from here.

Each field's description says what is allowed, and is quoted when a value is not.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from fordela.models.names import FOLDER_NAME, names_folder
from fordela.models.units import units_from_per_mille
from fordela.models.validation import LARGEST
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_GROUPED = re.compile(r"^-?\d{1,3}(?:[ \u00a0\u202f]\d{3})+$")
_PLAIN = re.compile(r"^[+-]?(\d+([.,]\d*)?|[.,]\d+)$", re.ASCII)


def _decimal(text: object) -> Decimal:
    """Read a decimal with a point or a comma."""
    written = str(text).strip().replace("\u2212", "-")
    if "," in written and "." in written:
        raise ValueError("has both a point and a comma")
    if not _PLAIN.match(written):
        raise ValueError("is not a number")
    return Decimal(written.replace(",", "."))


def _whole(text: object) -> int:
    if isinstance(text, bool):
        raise ValueError("is not a number")
    if isinstance(text, int):
        return text
    written = str(text).strip()
    if _GROUPED.match(written):
        written = re.sub(r"\D", "", written)
    number = _decimal(written)
    if number != number.to_integral_value():
        raise ValueError("is a fraction")
    return int(number)


def _count(text: object) -> int:
    number = _whole(text)
    if number < 0:
        raise ValueError("is negative")
    if number > LARGEST:
        raise ValueError("is too large")
    return number


def _per_mille(text: object) -> int:
    number = _decimal(text)
    if number < 0:
        raise ValueError("is negative")
    try:
        return units_from_per_mille(number)
    except ValueError as error:
        raise ValueError(f"has {error}") from None


def _weight(text: object) -> Decimal:
    number = _decimal(text)
    if number < 0:
        raise ValueError("is negative")
    return number


def _date(text: object) -> date:
    try:
        return date.fromisoformat(str(text).strip())
    except ValueError:
        raise ValueError("is not a date") from None


def _text(text: object) -> str:
    if not str(text).strip():
        raise ValueError("is blank")
    return str(text).strip()


_COUNT = "a whole number, from 0 to 1,000,000,000"
_SHARE = "a share in ‰, 0 or more, with at most two decimals"


def _folder_name(text: object) -> str:
    name = _text(text)
    if not names_folder(name):
        raise ValueError("cannot name a folder")
    return name


FolderName = Annotated[str, BeforeValidator(_folder_name), Field(description=FOLDER_NAME)]
Text = Annotated[str, BeforeValidator(_text), Field(description="text, not blank")]
Count = Annotated[int, BeforeValidator(_count), Field(description=_COUNT)]
PerMille = Annotated[int, BeforeValidator(_per_mille), Field(description=_SHARE)]
Degrees = Annotated[Decimal, BeforeValidator(_decimal), Field(description="degrees, WGS84")]
Weight = Annotated[Decimal, BeforeValidator(_weight), Field(description="a number, 0 or more")]
Day = Annotated[date, BeforeValidator(_date), Field(description="a date, YYYY-MM-DD")]


class RowModel(BaseModel):
    """A row: unknown columns are allowed (the reader asks to confirm them), blank cells are absent."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class MunicipalityRow(RowModel):
    """``municipalities.csv``."""

    code: Text
    name: Text
    county_code: Text
    county: Text
    population: Count | None = None
    share: PerMille
    assigned_before: Count = 0
    capacity: Count | None = None
    wants_more: PerMille | None = None
    wants_less: PerMille | None = None
    willing: Count = 0
    kin_weight: Weight | None = None
    lat: Degrees | None = None
    lon: Degrees | None = None
    stock: Count | None = None
    synthetic: str = ""


class ChildRow(RowModel):
    """``children.csv``."""

    child: Text
    case: Text
    arrival: Day
    kin_municipality: str | None = None
    age: Count | None = None
    sex: Annotated[Literal["f", "m"], Field(description="f, m or blank")] | None = None
    language: str | None = None
    needs: str = ""
    stay: Count | None = None
    agency_accommodation: (
        Annotated[Literal["yes", "no"], Field(description="yes, no or blank")] | None
    ) = None


class TransferRow(RowModel):
    """``transfers.csv``."""

    from_code: Text
    to_code: Text
    share: PerMille
    synthetic: str = ""


class PairRow(RowModel):
    """``pairs.csv``."""

    from_code: Text
    to_code: Text
    synthetic: str = ""


class WishRow(RowModel):
    """``wishes.csv``."""

    municipality: Text
    direction: Annotated[Literal["more", "less"], Field(description="more or less")]
    share: PerMille
    least: PerMille = 0
    partner: str | None = None
    status: Annotated[
        Literal["proposed", "agreed", "withdrawn"], Field(description="proposed, agreed or withdrawn")
    ] = "proposed"
    date: Day | None = None
    note: str = ""
    synthetic: str = ""


class AvailabilityRow(RowModel):
    """``availability.csv``; ``from`` is a word of Python, so the field has an alias."""

    municipality: Text
    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None
    places: Count
    sexes: str = ""
    min_age: Count | None = None
    max_age: Count | None = None
    synthetic: str = ""


class HomeRow(RowModel):
    """``places.csv``; ``from`` and ``to`` are the first and last day of its permit."""

    place: Text
    municipality: Text
    form: Annotated[
        Literal["family-home", "network-home", "hvb", "supported-housing"],
        Field(description="family-home, network-home, hvb or supported-housing"),
    ]
    places: Count
    min_age: Count | None = None
    max_age: Count | None = None
    sexes: str = ""
    languages: str = ""
    competences: str = ""
    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None
    group: Annotated[Literal["only", "shared", ""], Field(description="only, shared or blank")] = ""
    synthetic: str = ""


class AgreementRow(RowModel):
    """``agreements.csv``."""

    responsible_code: Text
    placing_code: Text
    synthetic: str = ""


class Head(BaseModel):
    """``instance.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Annotated[Literal[1], Field(description="1")]
    name: FolderName
    title: str = ""
    programme: str = "unaccompanied-children"
    year: Annotated[int, Field(strict=True, ge=1900, le=2200, description="a year")]
    counting_since: Annotated[date, Field(description="a date, YYYY-MM-DD")] = date(2016, 1, 1)
    forecast: Count | None = None
    forecast_asylum: Count | None = None
    shares_are: Annotated[
        Literal["computed", "preliminary", "decided"],
        Field(description="computed, preliminary or decided"),
    ] = "computed"
    synthetic: Annotated[tuple[str, ...], Field(description="a list of what is not published")] = ()
    policy: Text = "in-force"
    confirmed: Annotated[
        tuple[str, ...], Field(description="a list of names that error messages give")
    ] = ()
    provenance: Annotated[dict[str, Any], Field(description="a table of sources")] = {}


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is not true or false")
    return value


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError("is not a list of texts")
    return tuple(value)


def _exact(value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError("is not a number")
    try:
        number = Fraction(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ValueError("is not a number") from None
    if number < 0:
        raise ValueError("is negative")
    return number


def _choice(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("is not a text")
    return value


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("is not a whole number")
    return _count(value)


def _number_per_mille(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("is not a number")
    return _per_mille(value)


Flag = Annotated[bool, BeforeValidator(_flag), Field(description="true or false")]
Words = Annotated[tuple[str, ...], BeforeValidator(_words), Field(description="a list of texts")]
Exact = Annotated[
    Fraction, BeforeValidator(_exact), Field(description="a number, 0 or more, such as 1.5 or '4/3'")
]
Choice = Annotated[str, BeforeValidator(_choice), Field(description="a text in quotes")]
Number = Annotated[int, BeforeValidator(_number), Field(description=_COUNT)]
Units = Annotated[int, BeforeValidator(_number_per_mille), Field(description=_SHARE)]


class KeyModel(BaseModel):
    """A table of keys: a key that does not exist is an error; absent ones keep their default."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class CountingKeys(KeyModel):
    """``[counting]``."""

    basis: Choice | None = None
    mechanism: Choice | None = None


class RedistributionKeys(KeyModel):
    """``[redistribution]``."""

    scope: Choice | None = None
    one_receiver: Flag | None = None
    whole_shares: Flag | None = None
    least_kept: Units | None = None
    least_received: Units | None = None
    most_givers_per_county: Number | None = None
    entitlement: Choice | None = None
    levels: Words | None = None
    process: Choice | None = None
    draws: Number | None = None


class AssignmentKeys(KeyModel):
    """``[assignment]``."""

    rule: Choice | None = None
    signpost: Choice | None = None
    kinship: Choice | None = None
    tie: Choice | None = None
    capacity: Choice | None = None
    valve: Exact | None = None
    kinship_part: Exact | None = None
    samples: int | None = None


class OptimalKeys(KeyModel):
    """``[optimal]``."""

    levels: Words | None = None


class PlacementKeys(KeyModel):
    """``[placement]``."""

    levels: Words | None = None
    supported_housing_age: Number | None = None
    supported_housing_suits: Number | None = None
    hvb_suits: Number | None = None


class PolicyKeys(KeyModel):
    """The keys of a policy file outside its sections; a section is read on its own."""

    format: Annotated[Literal[1], Field(description="1")]
    name: Choice
    title: Choice = ""
    counting: dict[str, Any] = {}
    redistribution: dict[str, Any] = {}
    assignment: dict[str, Any] = {}
    optimal: dict[str, Any] = {}
    placement: dict[str, Any] = {}
