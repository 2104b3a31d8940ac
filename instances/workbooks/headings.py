"""What columns are called, in Swedish and English: written by our workbooks, recognised in others'."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NOTE = re.compile(r"\([^)]*\)|[‰%*:†]|\[[^\]]*\]")
_SPACE = re.compile(r"[\s\u00a0\u202f]+")


@dataclass(frozen=True)
class Column:
    """A column that a workbook may have.

    Attributes
    ----------
    key
        What `--map` calls it.
    means
        For help and messages.
    headings
        Headings that mean it, Swedish and English ones, without units.
    number
        Whether its cells are numbers.
    """

    key: str
    means: str
    headings: tuple[str, ...]
    number: bool = True


COLUMNS = (
    Column("share", "share in ‰", (
        "preliminär andel", "preliminärt andelstal", "prel andel", "prel. andel", "andel", "andelstal",
        "anvisningsandel", "beslutad andel", "andel per mille", "andel i promille", "preliminary share",
        "decided share", "computed share", "beräknad andel", "share")),
    Column("change", "wish: ‰ of share more (+) or less (−)", (
        "önskemål", "önskad förändring", "önskad ändring", "förändring", "ändring", "önskemål +/-",
        "önskemål ±", "wish", "wished change", "change")),
    Column("resulting", "wish: ‰ of share afterwards", (
        "önskad andel", "ny andel", "resulterande andel", "andel efter omfördelning", "wished share",
        "resulting share", "new share")),
    Column("wants_more", "wish: ‰ of share to take over", (
        "önskar mer", "vill ta över", "vill ha mer", "ökning", "wants more", "wants_more")),
    Column("wants_less", "wish: ‰ of share to hand away", (
        "önskar mindre", "vill lämna", "vill ha mindre", "minskning", "wants less", "wants_less")),
    Column("least", "wish: the least ‰ that is of use", (
        "minst", "lägst", "minsta användbara", "least", "least of use")),
    Column("partner", "wish: the only municipality that it concerns", (
        "motpart", "partner", "mottagare", "mottagande kommun", "receiver"), number=False),
    Column("status", "wish: proposed, agreed or withdrawn", ("status",), number=False),
    Column("note", "wish: a remark", (
        "kommentar", "anmärkning", "anteckning", "note", "remark", "comment"), number=False),
    Column("population", "people", ("folkmängd", "befolkning", "invånare", "population")),
    Column("assigned_before", "children credited since counting began", (
        "tidigare anvisade", "anvisade sedan 2016", "tillräknade", "assigned before",
        "assigned_before")),
    Column("capacity", "children in the year, kinship included", ("kapacitet", "capacity")),
    Column("willing", "children asked for before the even distribution", (
        "villiga platser", "villig", "willing", "willing places")),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
WISH_KEYS = frozenset({"change", "resulting", "wants_more", "wants_less"})
#: Columns of a municipality itself.
OWN_KEYS = frozenset({"share", "population", "assigned_before", "capacity", "willing"})
CODE_HEADINGS = (
    "kod",
    "kommunkod",
    "kommun kod",
    "kommunnummer",
    "kommunnr",
    "code",
    "municipality code",
)
NAME_HEADINGS = ("kommun", "kommunnamn", "namn", "municipality", "name")
#: Maps a heading to nothing, on purpose.
IGNORE = "-"

STATUS_WORDS = {
    "proposed": "proposed", "föreslaget": "proposed", "föreslagen": "proposed",
    "agreed": "agreed", "överenskommet": "agreed", "överenskommen": "agreed",
    "withdrawn": "withdrawn", "återtaget": "withdrawn", "återtagen": "withdrawn",
}  # fmt: skip


def plain(heading: str) -> str:
    """Return a heading without case, units, remarks in brackets and line breaks."""
    bare = _NOTE.sub(" ", heading)
    return _SPACE.sub(" ", bare).strip().casefold()


def same(heading: str, other: str) -> bool:
    """Whether two headings are the same, with or without their units."""
    return _SPACE.sub(" ", heading).strip().casefold() == _SPACE.sub(" ", other).strip().casefold() or (
        plain(heading) == plain(other)
    )


_MEANT = {heading: column.key for column in COLUMNS for heading in column.headings}


def guess(heading: str) -> str | None:
    """Return the column that a heading probably means: by its words, or by its first ones."""
    bare = plain(heading)
    if bare in _MEANT:
        return _MEANT[bare]
    without_year = re.sub(r"\b(?:19|20)\d\d\b", "", bare).strip()
    if without_year in _MEANT:
        return _MEANT[without_year]
    starts = [h for h in _MEANT if without_year.startswith(f"{h} ")]
    return _MEANT[max(starts, key=len)] if starts else None
