"""The table of municipalities recomputed from the decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from fordela.models.check.solution import Solution, Violation
from fordela.models.instance import Instance

#: Columns that must agree; decimals to half a unit of their last place.
_COUNTS = (
    "assigned_before", "kinship", "equalising", "willing", "valve", "on_transferred_share",
    "total", "credited", "compensation",
)  # fmt: skip
_DECIMALS = ("share", "target", "deviation", "fulfilment")


def figure_violations(instance: Instance, solution: Solution) -> Iterator[Violation]:
    """Compare every claimed figure with its recomputation."""
    if solution.municipalities is None:
        return
    expected = _recompute(instance, solution)
    for code in expected.keys() - solution.municipalities.keys():
        yield Violation("municipalities", f"{code} has no row")
    for code in solution.municipalities.keys() - expected.keys():
        yield Violation("municipalities", f"{code} is not in the instance")
    for code in expected.keys() & solution.municipalities.keys():
        claimed = solution.municipalities[code]
        for column in (*_COUNTS, *_DECIMALS):
            if column in claimed and not _agrees(claimed[column], expected[code][column]):
                message = f"{code} {column} is {claimed[column]}, recomputed {expected[code][column]}"
                yield Violation("figures", message)


def _agrees(claimed: str, value: Fraction | None) -> bool:
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


def _recompute(instance: Instance, solution: Solution) -> dict[str, dict[str, Fraction | None]]:
    assignments = solution.assignments or ()
    kinds: Counter[tuple[str | None, str]] = Counter((a.bearer, a.kind) for a in assignments)
    owned = Counter(a.owner for a in assignments)
    transferred = Counter(a.bearer for a in assignments if a.bearer != a.owner)
    keep = solution.policy.counting.basis == "history"
    before = {m.code: m.assigned_before if keep else 0 for m in instance.municipalities}
    everyone = sum(before.values()) + len(instance.children)
    share = {m.code: m.share for m in instance.municipalities}
    units = sum(share.values())
    effective = dict(share)
    for t in solution.transfers:
        effective[t.giver] -= t.share
        effective[t.receiver] += t.share
    table: dict[str, dict[str, Fraction | None]] = {}
    for code in share:
        total = sum(kinds[code, k] for k in ("kinship", "equalising", "willing", "valve"))
        credited = before[code] + owned[code]
        target = Fraction(share[code] * everyone, units)
        row: dict[str, Fraction | None] = {
            "share": Fraction(share[code], 100),
            "assigned_before": Fraction(before[code]),
            "on_transferred_share": Fraction(transferred[code]),
            "total": Fraction(total),
            "credited": Fraction(credited),
            "target": target,
            "deviation": credited - target,
            "fulfilment": credited / target if target else None,
            "compensation": _compensation(instance, effective[code], units, total),
        }
        for kind in ("kinship", "equalising", "willing", "valve"):
            row[kind] = Fraction(kinds[code, kind])
        table[code] = row
    return table


def _compensation(instance: Instance, share: int, units: int, assigned: int) -> Fraction | None:
    """[O] 2.5: 500,000 + round half up (share × forecast) × 9,450 + 52,000 a child."""
    if instance.forecast_asylum is None:
        return None
    exact = Fraction(share, units) * instance.forecast_asylum
    rounded = int(exact + Fraction(1, 2))
    return Fraction(500_000 + rounded * 9_450 + 52_000 * assigned)
