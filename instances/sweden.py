"""Whether a year that has most of Sweden's municipalities has all of them, and no other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from fordela.instances.figures import places
from fordela.models.confirmation import unless_confirmed
from fordela.models.errors import Problem
from fordela.models.instance import Municipality
from fordela.models.validation import MUNICIPALITIES, RowNumbers, near_codes


def sweden_problems(
    municipalities: Sequence[Municipality], confirmed: Collection[str], rows: RowNumbers
) -> Iterator[Problem]:
    """Name what a year of Sweden lacks, and codes that are not Sweden's.

    Rounding lets 290 shares sum to 1.45 ‰ more or less than 1000, so the sum cannot tell that a small
    municipality is missing. A year with fewer than half of the municipalities is a part on purpose.
    Confirmed by ``missing:0117``, for a whole county ``missing:08``, and ``unknown:0199``.
    """
    known = {place.code: place for place in places()}
    there = {m.code for m in municipalities}
    if 2 * len(there & set(known)) < len(known):
        return
    counties = {known[code].county_code for code in there & set(known)}
    named: set[str] = set()
    for place in known.values():
        if place.code in there or place.county_code in named:
            continue
        code, what = place.code, f"{place.code} {place.name}"
        if place.county_code not in counties:
            code, what = place.county_code, f"{place.county_code} {place.county}"
            named.add(code)
        missing = Problem(MUNICIPALITIES, f"{what} is missing from Sweden's municipalities")
        yield from unless_confirmed(f"missing:{code}", confirmed, missing)
    for k, m in enumerate(municipalities):
        if m.code not in known:
            message = f"is no municipality of Sweden{near_codes(m.code, set(known) - there)}"
            problem = Problem(MUNICIPALITIES, message, rows(MUNICIPALITIES, k), "code", m.code)
            yield from unless_confirmed(f"unknown:{m.code}", confirmed, problem)
