"""Names out of files, in Swedish: titles of shipped instances, and what is not published of a year."""

from __future__ import annotations

import re

#: Titles of shipped instances; what is in parentheses is filled in.
_TITLES = (
    (r"Unaccompanied children in Sweden, (\d+)", "Ensamkommande barn i Sverige, {0}"),
    (
        r"(.*), fitted to every published figure",
        "{0}, anpassat till varje publicerad siffra",
    ),
    (r"(.*), with generated homes", "{0}, med påhittade boenden"),
    (r"(.*), with ([\d,]+) generated children", "{0}, med {1} lottade barn"),
    (
        r"(\d+) with wishes over county borders, few willing: (\d+) givers, (\d+) receivers",
        "{0} med önskemål över länsgränser, få villiga: {1} ger, {2} tar emot",
    ),
    (
        r"(\d+) with wishes over county borders, some willing: (\d+) givers, (\d+) receivers",
        "{0} med önskemål över länsgränser, några villiga: {1} ger, {2} tar emot",
    ),
    (
        r"(\d+) with wishes over county borders, many willing: (\d+) givers, (\d+) receivers",
        "{0} med önskemål över länsgränser, många villiga: {1} ger, {2} tar emot",
    ),
    (
        r"A surge: 35,369 children in one year, as in 2015",
        "En anstormning: 35 369 barn på ett år, som 2015",
    ),
    (
        r"Four invented municipalities and eight children, worked out by hand in the docs",
        "Fyra påhittade kommuner och åtta barn, uträknade för hand i dokumentationen",
    ),
)


def title_in(title: str, language: str) -> str:
    """Title of an instance in a language; one that is not shipped stands as it is."""
    if language == "sv":
        for known, swedish in _TITLES:
            if found := re.fullmatch(known, title):
                return swedish.format(*(title_in(part, language) for part in found.groups()))
    return title
