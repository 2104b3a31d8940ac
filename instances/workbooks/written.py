"""Municipalities and numbers as people write them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from difflib import get_close_matches

from fordela.models.instance import Instance

#: Labels of totals.
TOTAL = re.compile(
    r"^(?:del)?(?:summa|totalt?|totalsumma|s:a|sum|subtotal|grand total|riket|hela riket|hela landet|"
    r"sverige|sweden|whole country|country total|county total|länet)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"^(\d{3,4})(?:\s*[-–,]?\s+(.*))?$")
_CODE_LAST = re.compile(r"^(.*)\((\d{3,4})\)$")
_SUFFIX = re.compile(r"\s+(?:kommun|stad|municipality)$", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:region|staden|kommunen|city of|municipality of)\s+", re.IGNORECASE)
_NUMBER = re.compile(r"^[+−-]?(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:[.,]\d*)?$")
_LARGEST = 10**9
#: Likeness of a name to that of its code from which it is a matter of spelling.
_ALIKE = 0.75


def read_number(text: str) -> Decimal | None:
    """Read a number as people write it: decimal comma or point, spaces between thousands, ``‰``."""
    bare = text.replace("‰", "").strip()
    if not _NUMBER.match(bare):
        return None
    bare = re.sub(r"[ \u00a0\u202f]", "", bare).replace("−", "-").replace(",", ".")
    number = Decimal(bare)
    return number if abs(number) <= _LARGEST else None


class Names:
    """Municipalities by code and by name, as people write them."""

    def __init__(self, base: Instance) -> None:
        self.names = {m.code: m.name for m in base.municipalities}
        self.counties = {m.county.casefold(): m.county_code for m in base.municipalities}
        for m in base.municipalities:
            self.counties.setdefault(m.county.casefold().removesuffix(" län"), m.county_code)
        self._by_name: dict[str, list[str]] = {}
        self._by_letters: dict[str, list[str]] = {}
        for m in base.municipalities:
            self._by_name.setdefault(_bare(m.name), []).append(m.code)
            self._by_letters.setdefault(_letters(m.name), []).append(m.code)
        for table in (self._by_name, self._by_letters):
            for name in list(table):  # "Stockholms stad", "Kalmars kommun"
                table.setdefault(f"{name}s", table[name])
        self._width = max((len(c) for c in self.names), default=4)

    def codes(self, text: str) -> list[str]:
        """Codes that a text may stand for; where no name is written so, by its letters alone."""
        match = _CODE.match(text)
        digits = match[1] if match else (last[2] if (last := _CODE_LAST.match(text)) else "")
        if digits and (code := digits.zfill(self._width)) in self.names:
            return [code]
        return self._by_name.get(_bare(text)) or self._by_letters.get(_letters(text), [])

    def code(self, text: str) -> str | None:
        """Code that stands in a column of codes, also where leading zeros are lost."""
        code = text.zfill(self._width)
        return code if text.isdigit() and code in self.names else None

    def is_named(self, code: str, text: str) -> bool:
        """Whether a text that names no municipality exactly is a spelling of the code's name."""
        said, name = _letters(text), _letters(self.names[code])
        if said in (name, f"{name}s") or not said:
            return True
        best = get_close_matches(said, list(self._by_letters), n=1, cutoff=_ALIKE)
        return bool(best) and code in self._by_letters[best[0]]

    def county(self, text: str) -> str | None:
        """County that a text names as a whole, with or without a word for its sum."""
        words = re.sub(r"\b(?:summa|totalt?|total|sum|s:a)\b", "", text.casefold()).strip(" ,:-–")
        code = self.counties.get(words)
        if code is None or (
            words in self._by_name and not TOTAL.match(text) and words == text.casefold()
        ):
            return None
        return code

    def nearest(self, text: str) -> str:
        """Name that was probably meant."""
        near = get_close_matches(_bare(text), list(self._by_name), n=1)
        if not near:
            return ""
        code = self._by_name[near[0]][0]
        return f"; did you mean {code} {self.names[code]}?"


def parted(text: str) -> tuple[str, str]:
    """Code and name of a text that has both, such as ``0880 Kalmar`` or ``Kalmar (0880)``."""
    if match := _CODE.match(text):
        return match[1], match[2] or ""
    if match := _CODE_LAST.match(text):
        return match[2], match[1].strip()
    return "", text


def _bare(name: str) -> str:
    return _SUFFIX.sub("", re.sub(r"\s+", " ", name).strip()).casefold()


def _letters(name: str) -> str:
    """Letters of a name without accents, hyphens and what municipalities are called besides."""
    bare = unicodedata.normalize("NFKD", _PREFIX.sub("", _bare(name)))
    return "".join(c for c in bare if c.isalnum())
