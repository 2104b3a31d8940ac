"""What columns are called, in Swedish and English: written by our workbooks, recognised in others'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

_NOTE = re.compile(r"\([^)]*\)|[‰%*:†]|\[[^\]]*\]")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
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
        "önskar mer", "önskar ta över", "vill ta över", "vill ha mer", "ökning",
        "wants more", "wants_more")),
    Column("wants_less", "wish: ‰ of share to hand away", (
        "önskar mindre", "önskar lämna", "vill lämna", "vill ha mindre", "minskning",
        "wants less", "wants_less")),
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
#: Columns of our own sheets for counties: the letter, and the headings in English and Swedish.
SURVEY = {
    "share": ("C", "Share ‰", "Andel ‰"),
    "change": ("D", "Wish ±‰", "Önskemål ±‰"),
    "least": ("E", "Least ‰", "Minst ‰"),
    "partner": ("F", "Partner", "Motpart"),
    "status": ("G", "Status", "Status"),
    "note": ("I", "Remark", "Kommentar"),
}
#: The computed one among them.
AFTER = frozenset({"with the wish", "med önskemålet"})
#: What its last row of sums is called.
DIFFERENCE = frozenset({"sum changes by", "summan ändras med"})
#: Maps a heading to nothing, on purpose.
IGNORE = "-"

#: Columns whose numbers are in ‰ of share.
PER_MILLE = frozenset({"share", "least"}) | WISH_KEYS
#: Says that a municipality keeps its share as it is, as 0 ‰ more or less does.
KEEPS = frozenset({
    "behåller", "behåller sin andel", "behåll", "oförändrat", "oförändrad", "ingen ändring",
    "ingen förändring", "keeps", "keeps its share", "unchanged", "no change",
})  # fmt: skip
STATUS_WORDS = {
    "proposed": "proposed", "föreslaget": "proposed", "föreslagen": "proposed",
    "agreed": "agreed", "överenskommet": "agreed", "överenskommen": "agreed",
    "withdrawn": "withdrawn", "återtaget": "withdrawn", "återtagen": "withdrawn",
    **dict.fromkeys(sorted(KEEPS), "keeps"),
}  # fmt: skip


def plain(heading: str) -> str:
    """Return a heading without case, units, line breaks and remarks in brackets but for years."""
    bare = _NOTE.sub(lambda note: f" {' '.join(_YEAR.findall(note[0]))} ", heading)
    return _SPACE.sub(" ", bare).strip().casefold()


def same(heading: str, other: str) -> bool:
    """Whether two headings are the same, with or without their units."""
    return _SPACE.sub(" ", heading).strip().casefold() == _SPACE.sub(" ", other).strip().casefold() or (
        plain(heading) == plain(other)
    )


_MEANT = {heading: column.key for column in COLUMNS for heading in column.headings}


#: What a column of change begins with: a wish, or just a difference between years.
_OF_CHANGE = ("förändring", "ändring", "change", "ökning", "minskning")
_COMPARED = re.compile(
    r"\b(?:mot|jämfört|jmf|sedan|från|against|compared|since|from|vs)\b|\d{4}\s*[-–/]"
)
#: "Andel av befolkningen" is no share of the assignments.
_OF_OTHERS = re.compile(
    r"(?:av|of|i|in|efter|after)\b(?!.*(?:anvis|ensamkomm|ekb|mille|promille|assign|unacc))"
)
#: What a heading of a wish has, however it is said; and what a wish for less has.
_WISHED = re.compile(
    r"önsk|\bvill\b|begär|lämna|ta över|överta|ta emot|avstå|omfördel|wish|want|request|hand away"
    r"|take over|\bmer\b|\bmindre\b|\bmore\b|\bless\b"
)
_LESS = re.compile(r"lämna|avstå|mindre|hand away|less")
#: Words after the known ones of a heading; more is a sentence, unless it says whose share it is.
_WORDS = 4
_WHOSE = re.compile(r"(?:av|för|per|enligt|of|for)\b")
#: Likeness from which a heading is a misspelt one.
_ALIKE = 0.85


def guess(heading: str) -> str | None:
    """Return the column that a heading probably means: by its words, or by its first ones."""
    bare = plain(heading)
    if is_of_change(heading) and _COMPARED.search(bare):
        return None
    if bare in _MEANT:
        return _MEANT[bare]
    without_year = _without_year(bare)
    if without_year in _MEANT:
        return _MEANT[without_year]
    starts = [h for h in _MEANT if without_year.startswith(f"{h} ")]
    longest = max(starts, key=len, default="")
    rest = without_year[len(longest) :].strip()
    if not starts or _OF_OTHERS.match(rest) or (len(rest.split()) > _WORDS and not _WHOSE.match(rest)):
        return None
    return _MEANT[longest]


def wished(heading: str) -> str | None:
    """Column of wishes that a heading in words of one's own is nearest to; None if it says no wish."""
    bare = plain(heading)
    if not _WISHED.search(bare):
        return None
    if "andel" in bare or "share" in bare:
        return "resulting"
    return "wants_less" if _LESS.search(bare) else "wants_more"


def is_of_change(heading: str) -> bool:
    """Whether a heading says how something changed, which is a wish or just a difference."""
    return plain(heading).startswith(_OF_CHANGE)


def is_in_percent(heading: str) -> bool:
    """Whether a heading says that its numbers are in per cent."""
    return re.search(r"%|\bprocent|\bper ?cent", heading.casefold()) is not None


def in_year(heading: str, year: int) -> str:
    """Return a heading of one year as it is written in another."""
    return _YEAR.sub(str(year), heading) if len(years_in(heading)) == 1 else heading


def years_in(text: str) -> set[int]:
    """Years that a text names."""
    return {int(year) for year in _YEAR.findall(text)}


def misspelt(heading: str) -> tuple[str, str] | None:
    """Column of numbers that a heading was probably meant to be, and how that is spelt."""
    bare = _without_year(plain(heading))
    numbers = [h for h, key in _MEANT.items() if BY_KEY[key].number]
    near = get_close_matches(bare, numbers, n=1, cutoff=_ALIKE)
    return (_MEANT[near[0]], near[0]) if near else None


def _without_year(bare: str) -> str:
    return _SPACE.sub(" ", _YEAR.sub("", bare)).strip()
