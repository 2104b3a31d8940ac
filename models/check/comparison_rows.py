"""``comparison.csv``, made once more from a ``comparison.json`` that has been verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from fordela.models.check.figures import rounded_text
from fordela.models.check.groups import GROUPS
from fordela.models.check.solution import Violation
from fordela.models.check.written import cell_agrees
from fordela.models.instance import Instance

Cells = Mapping[str, str]
_NOT_COLUMNS = (
    "title", "policy_sha256", "termination", "seed", "valve_closed_at", "indicators", "norms",
    "gap_own", "gap_unrestricted", "compensation_missing",
)  # fmt: skip
_IN_FRACTIONS = ("lowest", "highest", "gini", "herfindahl", "granted_givers", "granted_receivers")


def table_violations(
    instance: Instance, head: Mapping[str, Any], columns: Sequence[str], rows: Sequence[Cells]
) -> Iterator[Violation]:
    """Cells of ``comparison.csv`` that are not what ``comparison.json`` says."""
    expected = [_row(instance, head, policy) for policy in head["policies"]]
    known = list(dict.fromkeys(c for row in expected for c in row)) or ["policy"]
    if sorted(columns) != sorted(known):
        lost = ", ".join(sorted(set(known) - set(columns))) or "none"
        more = ", ".join(sorted(set(columns) - set(known))) or "none"
        message = f"comparison.csv: columns missing: {lost}; columns that nobody checks: {more}"
        yield Violation("columns", message)
        return
    if len(rows) != len(expected):
        yield Violation("rows", f"comparison.csv has {len(rows)} rows, not {len(expected)}")
        return
    for said, right in zip(rows, expected, strict=True):
        for column in known:
            if not cell_agrees(said[column], right.get(column, "")):
                message = f"comparison.csv {right['policy']} {column} is {said[column]}, "
                yield Violation("figures", f"{message}recomputed {right.get(column, '')}")


def _row(instance: Instance, head: Mapping[str, Any], policy: Mapping[str, Any]) -> dict[str, str]:
    row = {key: _cell(head[key]) for key in ("instance", "children", "affected")}
    for key, value in policy.items():
        if key in _IN_FRACTIONS:
            row[key] = _decimal(value)
        elif key not in _NOT_COLUMNS:
            row[key] = _cell(value)
    for norm, value in policy["norms"].items():
        row[norm] = _decimal((value or [None])[0] if isinstance(value, list) else value)
        for scope in ("own", "unrestricted"):
            if norm in policy[f"gap_{scope}"]:
                row |= _gap(f"{norm}_{scope}", policy[f"gap_{scope}"][norm])
    for indicator, by_group in policy["indicators"].items():
        for group, part in by_group.items():
            name = indicator if group == "all" else f"{indicator}-{group}"
            name = name.replace("-", "_")
            row[name], row[f"{name}_of"] = _cell(part["count"]), _cell(part["of"])
    for groups in head["groups"]:
        if groups["policy"] == policy["policy"]:
            row |= _groups(groups)
    row["compensation_missing"] = "; ".join(policy["compensation_missing"])
    return row | {"label": head["label"], "synthetic": _cell(instance.unpublished)}


def _gap(prefix: str, gap: Mapping[str, Any]) -> dict[str, str]:
    cells = {
        f"{prefix}_{column}": _decimal(gap[key])
        for column, key in (
            ("optimum", "optimum"), ("bound", "bound"), ("gap", "difference"), ("ratio", "ratio"),
        )
    }  # fmt: skip
    return cells | {f"{prefix}_{column}": _cell(gap[column]) for column in ("proven", "proof")}


def _groups(groups: Mapping[str, Any]) -> dict[str, str]:
    cells = {}
    for mechanism, by_group in groups["mechanisms"].items():
        for group, figures in by_group.items():
            prefix = f"{group}_{mechanism.replace('-', '_')}"
            for column in ("children", "change"):
                cells[f"{prefix}_{column}"] = _cell(figures[column])
            for column in ("fulfilment", "granted"):
                cells[f"{prefix}_{column}"] = _decimal(figures[column])
    for group in GROUPS:
        cells[f"{group}_depends_on_mechanism"] = _cell(groups["depends_on_mechanism"][group])
    return cells


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _decimal(value: str | None) -> str:
    return "" if value is None else rounded_text(Fraction(value), 6)
