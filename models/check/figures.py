"""The table of municipalities recomputed from the decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from fordela.models.check.solution import Solution, Violation
from fordela.models.check.values import counted_before
from fordela.models.instance import Child, Instance

#: Columns that must agree; decimals to half a unit of their last place.
_COUNTS = (
    "assigned_before", "kinship", "equalising", "willing", "valve", "on_transferred_share",
    "total", "tie_not_followed", "credited", "compensation", "compensation_fixed",
    "compensation_variable", "compensation_children", "compensation_days",
)  # fmt: skip
_DECIMALS = ("share", "share_after_transfers", "target", "deviation", "fulfilment")
#: What a sum of compensation cannot tell, as it is written beside it ([O] 2.5).
NOT_KNOWN = (
    "the variable part (no asylum forecast)",
    "days of children of earlier years who are still there",
    "which kinship children live in the Migration Agency's accommodation (their days are counted)",
    "when children leave (their days are counted to the year's end)",
)


def figure_violations(instance: Instance, solution: Solution) -> Iterator[Violation]:
    """Compare every claimed figure with its recomputation."""
    assignments = solution.assignments or ()
    ties = {c.child: c.tie for c in instance.children}
    elsewhere = [a for a in assignments if a.kind not in ("kinship", "unplaced")]
    lost = sum(ties.get(a.child) is not None for a in elsewhere)
    if solution.tie_not_followed not in (None, lost):
        message = f"{solution.tie_not_followed} are claimed, {lost} were not followed"
        yield Violation("tie not followed", message)
    if solution.municipalities is None:
        return
    expected = recomputed(instance, solution)
    for code in expected.keys() - solution.municipalities.keys():
        yield Violation("municipalities", f"{code} has no row")
    for code in solution.municipalities.keys() - expected.keys():
        yield Violation("municipalities", f"{code} is not in the instance")
    for code in expected.keys() & solution.municipalities.keys():
        claimed = solution.municipalities[code]
        for column in (*_COUNTS, *_DECIMALS):
            if column in claimed and not agrees(claimed[column], expected[code][column]):
                message = f"{code} {column} is {claimed[column]}, recomputed {expected[code][column]}"
                yield Violation("figures", message)


def municipality_cells(instance: Instance, solution: Solution) -> list[dict[str, str]]:
    """Rows of ``municipalities.csv``, made once more."""
    missing = "; ".join(not_known(instance))
    table = recomputed(instance, solution)
    rows = []
    for m in instance.municipalities:
        row = {"code": m.code, "name": m.name, "county_code": m.county_code, "county": m.county}
        for column, value in table[m.code].items():
            places = 2 if column.startswith("share") else 6 if column in _DECIMALS else 0
            row[column] = "" if value is None else rounded_text(value, places)
        row["target_exact"] = str(table[m.code]["target"])
        row |= {"compensation_missing": missing, "synthetic": instance.unpublished}
        rows.append(row)
    return rows


def not_known(instance: Instance) -> list[str]:
    """What the sums of compensation lack."""
    children = instance.children
    lacks = (
        instance.forecast_asylum is None,
        True,
        any(c.tie is not None and c.agency is None for c in children),
        any(c.stay is None for c in children),
    )
    return [text for text, lack in zip(NOT_KNOWN, lacks, strict=True) if lack]


def rounded_text(number: Fraction, places: int) -> str:
    """Write a number rounded half away from 0."""
    whole = int(abs(number) * 10**places + Fraction(1, 2))
    sign = "-" if whole * number < 0 else ""
    if not places:
        return f"{sign}{whole}"
    return f"{sign}{whole // 10**places}.{whole % 10**places:0{places}d}"


def agrees(claimed: str, value: Fraction | None) -> bool:
    """Whether a number as text is a value, to half a unit of its last decimal."""
    if value is None or claimed == "":
        return (value is None) == (claimed == "")
    try:
        number = Decimal(claimed)
    except InvalidOperation:
        return False
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        return False
    half = Fraction(1, 2 * 10 ** max(-exponent, 0)) if exponent < 0 else Fraction(0)
    return abs(Fraction(number) - value) <= half


def recomputed(instance: Instance, solution: Solution) -> dict[str, dict[str, Fraction | None]]:
    """Figures by municipality and column."""
    assignments = solution.assignments or ()
    kinds: Counter[tuple[str | None, str]] = Counter((a.bearer, a.kind) for a in assignments)
    owned = Counter(a.owner for a in assignments)
    transferred = Counter(a.bearer for a in assignments if a.bearer != a.owner)
    codes = [m.code for m in instance.municipalities]
    before = dict(zip(codes, counted_before(instance, solution.policy), strict=True))
    everyone = sum(before.values()) + len(instance.children)
    share = {m.code: m.share for m in instance.municipalities}
    units = sum(share.values())
    effective = dict(share)
    for t in solution.transfers:
        effective[t.giver] -= t.share
        effective[t.receiver] += t.share
    of_child = {c.child: c for c in instance.children}
    not_followed = Counter(
        of_child[a.child].tie
        for a in assignments
        if a.child in of_child and a.kind not in ("kinship", "unplaced")
    )
    days: Counter[str | None] = Counter()
    for a in assignments:
        if a.child in of_child and (a.kind, of_child[a.child].agency) != ("kinship", True):
            days[a.bearer] += _days(of_child[a.child], instance.year)
    table: dict[str, dict[str, Fraction | None]] = {}
    for code in share:
        total = sum(kinds[code, k] for k in ("kinship", "equalising", "willing", "valve"))
        credited = before[code] + owned[code]
        target = Fraction(share[code] * everyone, units)
        row: dict[str, Fraction | None] = {
            "share": Fraction(share[code], 100),
            "share_after_transfers": Fraction(effective[code], 100),
            "assigned_before": Fraction(before[code]),
            "on_transferred_share": Fraction(transferred[code]),
            "total": Fraction(total),
            "tie_not_followed": Fraction(not_followed[code]),
            "credited": Fraction(credited),
            "target": target,
            "deviation": credited - target,
            "fulfilment": credited / target if target else None,
        }
        row |= _compensation(instance, effective[code], units, total, days[code])
        for kind in ("kinship", "equalising", "willing", "valve"):
            row[kind] = Fraction(kinds[code, kind])
        table[code] = row
    return table


def _days(child: Child, year: int) -> int:
    """Count the days of the year on which a child is there, the day of arrival being the first."""
    left = date(year, 12, 31) - child.arrival
    days = left.days + 1
    before = (date(year, 1, 1) - child.arrival).days
    if child.stay is not None:
        days = min(days, child.stay)
    return max(0, days - max(0, before))


def _compensation(
    instance: Instance, share: int, units: int, assigned: int, days: int
) -> dict[str, Fraction | None]:
    """[O] 2.5: 500,000 + round half up (share × forecast) × 9,450 + 52,000 a child + days."""
    variable = None
    if instance.forecast_asylum is not None:
        exact = Fraction(share, units) * instance.forecast_asylum
        variable = Fraction(int(exact + Fraction(1, 2)) * 9_450)
    fixed, children = Fraction(500_000), Fraction(52_000 * assigned)
    daily = Fraction(days * (1_000 if instance.year > 2023 else 1_350))
    return {
        "compensation": fixed + (variable or 0) + children + daily,
        "compensation_fixed": fixed,
        "compensation_variable": variable,
        "compensation_children": children,
        "compensation_days": daily,
    }
