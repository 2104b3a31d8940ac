"""Every text that is shown, in English and Swedish; numbers written as the language writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.instance import Instance
from fordela.models.policy import Policy
from fordela.models.units import UNITS_PER_MILLE, decimal_text
from fordela.report.texts import (
    explaining,
    names,
    page,
    placement,
    proof,
    simulation,
    terminal,
    validation,
    workbook,
)
from fordela.report.texts.names import title_in
from fordela.report.texts.sources import sources_in

LANGUAGES = ("en", "sv")

#: What the texts are kept in; a key stands in one part only.
PARTS = (terminal, page, explaining, workbook, simulation, placement, proof, validation, names)
#: English and Swedish by key.
TEXTS: dict[str, tuple[str, str]] = {key: text for part in PARTS for key, text in part.TEXTS.items()}


@dataclass(frozen=True, slots=True)
class Words:
    """Texts and numbers in one language."""

    language: str = "en"

    def __call__(self, key: str, **values: object) -> str:
        """Text of a key, filled in."""
        text = TEXTS[key][LANGUAGES.index(self.language)]
        return text.format(**values) if values else text

    def title(self, policy: Policy) -> str:
        """Title of a policy, in the language if it is a shipped one."""
        known = TEXTS.get(f"policy_{policy.name}")
        return self(f"policy_{policy.name}") if known and known[0] == policy.title else policy.title

    def title_of(self, instance: Instance) -> str:
        """Title of an instance, in the language if it is a shipped one; its name if it has none."""
        return title_in(instance.title, self.language) or instance.name

    def sources_of(self, instance: Instance) -> dict[str, str]:
        """Where every item of an instance comes from."""
        return dict(sources_in(instance.provenance, self.language))

    def mechanism(self, mechanism: str) -> str:
        """Name of a mechanism; in Swedish with its key, as policies have it."""
        if self.language == "en":
            return mechanism
        return f"{self(f'reading_{mechanism}')} ({mechanism})"

    def reading(self, part: str) -> str:
        """Name of a part of a reading of the rule; its key in English."""
        return part if self.language == "en" else self(f"reading_{part}")

    def synthetic(self, marks: Iterable[str]) -> str:
        """What is not published of a year, in words."""
        return ", ".join(self(f"synthetic_{m}") if f"synthetic_{m}" in TEXTS else m for m in marks)

    def level(self, level: str) -> str:
        """Name of a level; in Swedish with its key, as policies have it."""
        key = f"stack_{level}"
        if self.language == "en" or key not in TEXTS:
            return level
        return f"{self(key)} ({level})"

    def norm(self, norm: str) -> str:
        """Name of a norm; one's own has the name that it was asked for by."""
        return self(norm) if norm in TEXTS else norm

    def number(self, value: Fraction | int | None, places: int = 2) -> str:
        """Write a number, or a dash."""
        if value is None:
            return "–"
        if isinstance(value, int):
            return self._grouped(str(value))
        whole, _, part = decimal_text(value, places).partition(".")
        mark = "," if self.language == "sv" else "."
        return self._grouped(whole) + (mark + part if part else "")

    def per_mille(self, units: int) -> str:
        """Write units of share in ‰, without the sign."""
        return self.number(Fraction(units, UNITS_PER_MILLE))

    def percent(self, ratio: Fraction | None, places: int = 1) -> str:
        """Write a ratio as per cent, or nothing."""
        if ratio is None:
            return ""
        space = "\u00a0" if self.language == "sv" else ""
        return f"{self.number(100 * ratio, places)}{space}%"

    def _grouped(self, digits: str) -> str:
        sign, digits = ("−", digits[1:]) if digits.startswith("-") else ("", digits)
        separator = "\u00a0" if self.language == "sv" else ","
        return sign + f"{int(digits):,}".replace(",", separator)
