"""A comparison as rows and as JSON: ``comparison.csv`` and ``comparison.json``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from fordela.models.compensation import MISSING, missing_parts
from fordela.models.indicators import indicator_cells, indicator_json
from fordela.models.norms import Value
from fordela.models.result import known_of
from fordela.models.tables import Row
from fordela.models.units import decimal_text
from fordela.solver.groups import GROUPS, PolicyGroups
from fordela.solver.hindsight import Gap

if TYPE_CHECKING:
    from fordela.solver.comparison import Comparison, PolicyFigures

_PLACES = 6
COUNTS = (
    "kinship", "equalising", "willing", "valve", "unplaced", "on_transferred_share",
    "tie_not_followed", "with_0",
    "with_1", "with_2_3", "with_more", "in_willing", "over_capacity", "moved", "compensation",
    "compensation_fixed", "compensation_variable", "compensation_children", "compensation_days",
    "compensation_moved",
)  # fmt: skip
FRACTIONS = (
    "lowest", "highest", "gini", "herfindahl", "granted_givers", "granted_receivers",
)  # fmt: skip


def comparison_rows(comparison: Comparison) -> list[Row]:
    """One row per policy; decimals to six places, exact values stand in ``comparison.json``."""
    return [_row(comparison, figures) for figures in comparison.policies]


def _row(comparison: Comparison, figures: PolicyFigures) -> Row:
    result = figures.result
    row: Row = {
        "instance": comparison.instance.name,
        "policy": result.policy.name,
        "mechanism": result.policy.counting.mechanism,
        **_statuses(figures),
        "children": len(comparison.instance.children),
        "affected": comparison.affected,
    }
    row |= figure_cells(figures, _decimal)
    row |= _group_cells(comparison, result.policy.name)
    row["compensation_missing"] = "; ".join(MISSING[k] for k in missing_parts(comparison.instance))
    row["label"] = "hindsight bound: no rule can know the future"
    row["synthetic"] = comparison.instance.unpublished
    return row


def _statuses(figures: PolicyFigures) -> Row:
    """What is known of the decisions, of their transfers and of the homes, and what each rests on."""
    made = figures.result
    transfers = known_of(made.redistribution, "redistribution_")
    return {**known_of(made), **transfers, **known_of(figures.homes, "homes_")}


def figure_cells(figures: PolicyFigures, number: Callable[[Fraction | None], object]) -> Row:
    """Every figure of a policy by column.

    Parameters
    ----------
    number
        How a fraction is written.
    """
    row: Row = {name: getattr(figures, name) for name in COUNTS}
    row |= {name: number(getattr(figures, name)) for name in FRACTIONS}
    row["tied_decisions"] = figures.result.tied_decisions
    for norm, value in figures.norms.items():
        first = value[0] if isinstance(value, tuple) and value else value
        row[norm] = number(first if isinstance(first, Fraction) else None)
        for scope, gaps in (("own", figures.own), ("unrestricted", figures.unrestricted)):
            if norm in gaps:
                row |= _gap_cells(f"{norm}_{scope}", gaps[norm], number)
    return row | indicator_cells(figures.indicators)


def _group_cells(comparison: Comparison, policy: str) -> Row:
    """Figures of the three groups under both mechanisms, one column each."""
    cells: Row = {}
    for groups in comparison.groups:
        if groups.policy != policy:
            continue
        for mechanism, by_group in groups.figures.items():
            for group, f in by_group.items():
                prefix = f"{group}_{mechanism.replace('-', '_')}"
                cells[f"{prefix}_children"] = f.children
                cells[f"{prefix}_change"] = f.change
                cells[f"{prefix}_fulfilment"] = _decimal(f.fulfilment)
                cells[f"{prefix}_granted"] = _decimal(f.granted)
        for group in GROUPS:
            cells[f"{group}_depends_on_mechanism"] = groups.depends(group)
    return cells


def _gap_cells(prefix: str, gap: Gap, number: Callable[[Fraction | None], object]) -> Row:
    return {
        f"{prefix}_optimum": number(gap.hindsight.value),
        f"{prefix}_bound": number(gap.hindsight.bound),
        f"{prefix}_gap": number(gap.difference),
        f"{prefix}_ratio": number(gap.ratio),
        f"{prefix}_proven": gap.hindsight.proven,
        f"{prefix}_proof": gap.proof,
    }


def _decimal(value: Fraction | None) -> str | None:
    return None if value is None else decimal_text(value, _PLACES)


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Everything in a comparison, values as exact fractions in text."""
    from fordela import __version__

    return {
        "format": 1,
        "fordela_version": __version__,
        "instance": comparison.instance.name,
        "instance_sha256": comparison.instance.sha256,
        "shares_are": comparison.instance.shares_are,
        "synthetic": list(comparison.instance.synthetic),
        "children": len(comparison.instance.children),
        "affected": comparison.affected,
        "backend": comparison.backend,
        "backend_version": comparison.backend_version,
        "seconds": round(comparison.seconds, 3),
        "label": "hindsight bound: no rule can know the future",
        "policies": [_policy_json(figures) for figures in comparison.policies],
        "groups": [_groups_json(groups) for groups in comparison.groups],
    }


def _policy_json(figures: PolicyFigures) -> dict[str, Any]:
    result = figures.result
    data: dict[str, Any] = {
        "policy": result.policy.name,
        "title": result.policy.title,
        "policy_sha256": result.policy.sha256,
        "mechanism": result.policy.counting.mechanism,
        **_statuses(figures),
        "termination": result.termination.value,
        "seed": result.seed,
        "tied_decisions": result.tied_decisions,
        "valve_closed_at": result.valve_closed_at,
    }
    data |= {name: getattr(figures, name) for name in COUNTS}
    data["compensation_missing"] = [MISSING[k] for k in missing_parts(result.instance)]
    data |= {name: _text(getattr(figures, name)) for name in FRACTIONS}
    data["indicators"] = indicator_json(figures.indicators)
    data["norms"] = {norm: _text(value) for norm, value in figures.norms.items()}
    for scope, gaps in (("own", figures.own), ("unrestricted", figures.unrestricted)):
        data[f"gap_{scope}"] = {
            norm: {
                "value": _text(gap.value),
                "optimum": _text(gap.hindsight.value),
                "bound": _text(gap.hindsight.bound),
                "difference": _text(gap.difference),
                "ratio": _text(gap.ratio),
                "proven": gap.hindsight.proven,
                "proof": gap.proof,
                "tolerance": gap.hindsight.tolerance,
            }
            for norm, gap in gaps.items()
        }
    return data


def _groups_json(groups: PolicyGroups) -> dict[str, Any]:
    return {
        "policy": groups.policy,
        "mechanisms": {
            mechanism: {
                group: {
                    key: str(value) if isinstance(value, Fraction) else value
                    for key, value in asdict(figures).items()
                }
                for group, figures in by_group.items()
            }
            for mechanism, by_group in groups.figures.items()
        },
        "depends_on_mechanism": {group: groups.depends(group) for group in GROUPS},
    }


def _text(value: Value | None) -> Any:
    if isinstance(value, tuple):
        return [str(v) for v in value]
    return None if value is None else str(value)
