"""Results as tables: one home for the columns that files, frames and reports show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from fordela.models.allocation import targets
from fordela.models.compensation import MISSING, compensations, missing_parts
from fordela.models.holdings import holdings
from fordela.models.norms import fulfilments
from fordela.models.units import UNITS_PER_MILLE, decimal_text, per_mille_text

if TYPE_CHECKING:
    import pandas as pd
    from fordela.models.redistribution.outcome import RedistributionResult
    from fordela.models.result import Result

Row = dict[str, object]


def municipality_rows(result: Result) -> list[Row]:
    """``municipalities.csv`` of a solution: one row per municipality.

    Shares are decimal ‰. Targets, deviations and fulfilments are shown to six decimals beside
    their exact fractions (``target_exact``), so that no reader has to trust a rounded number.
    """
    instance, counts = result.instance, result.counts
    goal = targets(instance, result.policy)
    before = [c - o for c, o in zip(counts.credited, counts.owned, strict=True)]
    effective = holdings(instance, result.transfers).effective
    paid = compensations(instance, result.transfers, result.allocation.assignments)
    missing = "; ".join(MISSING[key] for key in missing_parts(instance))
    rows: list[Row] = []
    for k, m in enumerate(instance.municipalities):
        fulfilment = fulfilments([counts.credited[k]], [goal[k]])[0]
        rows.append(
            {
                "code": m.code,
                "name": m.name,
                "county_code": m.county_code,
                "county": m.county,
                "share": per_mille_text(m.share),
                "share_after_transfers": per_mille_text(effective[k]),
                "assigned_before": before[k],
                "kinship": counts.kinship[k],
                "equalising": counts.equalising[k],
                "willing": counts.willing[k],
                "valve": counts.valve[k],
                "on_transferred_share": counts.on_transferred_share[k],
                "total": counts.total[k],
                "tie_not_followed": counts.tie_not_followed[k],
                "credited": counts.credited[k],
                "target": decimal_text(goal[k], 6),
                "target_exact": str(goal[k]),
                "deviation": decimal_text(counts.credited[k] - goal[k], 6),
                "fulfilment": None if fulfilment is None else decimal_text(fulfilment, 6),
                "compensation": paid[k].total,
                "compensation_fixed": paid[k].fixed,
                "compensation_variable": paid[k].variable,
                "compensation_children": paid[k].children,
                "compensation_days": paid[k].days,
                "compensation_missing": missing,
                "synthetic": instance.unpublished,
            }
        )
    return rows


def allocation_rows(result: Result) -> list[Row]:
    """``allocation.csv``: one row per child, in order of arrival."""
    return [
        {
            "case": a.case,
            "child": a.child,
            "municipality": a.bearer,
            "owner": a.owner,
            "kind": a.kind,
            "order": a.order,
        }
        for a in result.allocation.assignments
    ]


def transfer_rows(made: RedistributionResult) -> list[Row]:
    """``transfers.csv`` with names: one row per pair, shares in decimal ‰."""
    names = made.instance.by_code
    return [
        {
            "from_code": t.giver,
            "from_name": names[t.giver].name,
            "to_code": t.receiver,
            "to_name": names[t.receiver].name,
            "share": per_mille_text(t.share),
        }
        for t in made.transfers
    ]


def wish_rows(made: RedistributionResult) -> list[Row]:
    """``wishes_granted.csv``: one row per municipality that answered, shares in decimal ‰."""
    from fordela.models.redistribution.problem import redistribution_problem

    problem = redistribution_problem(made.instance, made.policy)
    names = made.instance.by_code
    traded = made.traded
    rows: list[Row] = []
    for direction, sides in (("less", problem.givers), ("more", problem.receivers)):
        for side in sides:
            row: Row = {
                "code": side.code,
                "name": names[side.code].name,
                "county_code": side.county,
                "direction": direction,
                "wish": per_mille_text(side.wish),
                "entitlement": decimal_text(side.entitlement / UNITS_PER_MILLE, 4),
                "granted": per_mille_text(traded[side.code]),
                "entitlement_exact_units": str(side.entitlement),
            }
            if made.spread is not None:
                spread = made.spread[side.code]
                row |= {
                    "least": per_mille_text(spread.least),
                    "mean": decimal_text(spread.mean / UNITS_PER_MILLE, 4),
                    "most": per_mille_text(spread.most),
                    "draws_without": spread.none,
                    "draws_in_full": spread.whole,
                }
            if made.optimum is not None:
                row["national_optimum"] = per_mille_text(made.optimum.traded[side.code])
            rows.append(row | {"synthetic": made.instance.unpublished})
    return rows + _kept_rows(made, rows)


def _kept_rows(made: RedistributionResult, others: Sequence[Row]) -> list[Row]:
    """Municipalities that answered that they keep their share, with the columns of the others."""
    plain = (
        "code", "name", "county_code", "direction", "wish", "entitlement", "granted",
        "entitlement_exact_units", "synthetic",
    )  # fmt: skip
    columns: Iterable[str] = next(iter(others), plain)
    places = (m for m in made.instance.municipalities if m.code in made.instance.wanted.kept)
    return [
        dict.fromkeys(columns) | {
            "code": m.code, "name": m.name, "county_code": m.county_code, "direction": "keep",
            "wish": "0.00", "entitlement": "0.0000", "granted": "0.00",
            "entitlement_exact_units": "0", "synthetic": made.instance.unpublished,
        }
        for m in places
    ]  # fmt: skip


def frame(rows: Sequence[Row]) -> pd.DataFrame:
    """Turn rows into a DataFrame; codes stay text, decimals become floats for arithmetic."""
    import pandas as pd

    table = pd.DataFrame(rows)
    for column in ("share", "share_after_transfers", "target", "deviation", "fulfilment"):
        if column in table:
            table[column] = pd.to_numeric(table[column])
    return table
