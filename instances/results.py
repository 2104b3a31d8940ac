"""Solutions as files: writing a result's folder, and reading one back as claims to be checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from fordela.instances.policy_files import policy_toml, read_policy
from fordela.instances.tables import Table, read_table, write_table
from fordela.instances.writing import write_folder
from fordela.models.allocation import KINDS, Assignment
from fordela.models.check import LevelClaim, Solution
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Transfer
from fordela.models.norms import Value, first_component
from fordela.models.result import Result, Status
from fordela.models.tables import Row, allocation_rows, municipality_rows
from fordela.models.units import per_mille_text, units_from_per_mille

_ALLOCATION = ("case", "child", "municipality", "owner", "kind", "order")
_FRACTION = re.compile(r"^-?\d{1,2000}(/\d{1,2000})?$", re.ASCII)
_TRANSFERS = ("from_code", "to_code", "share")


def write_result(result: Result, target: Path, *, force: bool = False) -> None:
    """Write ``allocation.csv``, ``municipalities.csv``, ``transfers.csv``, ``result.json``.

    The policy is written beside them, so that the folder can be checked on its own.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    write_folder(target, lambda folder: fill_result(result, folder), force=force)


def fill_result(result: Result, folder: Path) -> None:
    """Write a result's files into an existing folder."""
    _write_rows(folder / "allocation.csv", allocation_rows(result), _ALLOCATION)
    _write_rows(folder / "municipalities.csv", municipality_rows(result))
    write_table(
        folder / "transfers.csv",
        (*_TRANSFERS, "synthetic"),
        (
            [t.giver, t.receiver, per_mille_text(t.share),
             "transfers" if "transfers" in result.instance.synthetic else ""]
            for t in result.transfers
        ),
    )  # fmt: skip
    (folder / "policy.toml").write_text(policy_toml(result.policy), encoding="utf-8")
    text = json.dumps(result_json(result), ensure_ascii=False, indent=1)
    (folder / "result.json").write_text(text + "\n", encoding="utf-8")


def _write_rows(path: Path, rows: list[Row], header: tuple[str, ...] = ()) -> None:
    header = tuple(rows[0]) if rows else header
    write_table(path, header, ([row[h] for h in header] for row in rows))


def result_json(result: Result) -> dict[str, Any]:
    """``result.json``: status, objective with exact values, and everything to reproduce it."""
    from fordela import __version__

    return {
        "format": 1,
        "status": result.status.value,
        "termination": result.termination.value,
        "objective": [
            {
                "level": o.level,
                "value": _text(o.value),
                "float": float(first_component(o.value)),
                "bound": _text(o.bound),
                "status": o.status.value,
                "price": _text(o.price),
                "exact": o.exact,
                "tolerance": o.tolerance,
                "certificate": None if o.certificate is None else {"price": str(o.certificate.price)},
            }
            for o in result.objective
        ],
        "gap": _gap(result),
        "backend": result.backend,
        "backend_version": result.backend_version,
        "fordela_version": __version__,
        "seed": result.seed,
        "seconds": round(result.seconds, 3),
        "instance": result.instance.name,
        "instance_sha256": result.instance.sha256,
        "policy": result.policy.name,
        "policy_sha256": result.policy.sha256,
        "tied_decisions": result.tied_decisions,
        "valve_closed_at": result.valve_closed_at,
        "synthetic": list(result.instance.synthetic),
        "shares_are": result.instance.shares_are,
    }


def _text(value: Value | None) -> Any:
    if isinstance(value, tuple):
        return [str(v) for v in value]
    return None if value is None else str(value)


def _gap(result: Result) -> float | None:
    """Relative gap of the first level that is not proven, 0 if all are, None where unknown."""
    for o in result.objective:
        if o.status is Status.OPTIMAL:
            continue
        if o.bound is None or isinstance(o.value, tuple):
            return None
        value = first_component(o.value)
        return float(abs(value - first_component(o.bound)) / abs(value)) if value else None
    return 0.0 if result.objective else None


def read_solution(folder: Path) -> Solution:
    """Read a solution's folder as claims.

    Raises
    ------
    InputError
        With every problem of its files.
    """
    if not folder.is_dir():
        raise InputError([Problem(str(folder), "no such folder")])
    problems: list[Problem] = []
    parts: dict[str, Any] = {}
    for name, read in (
        ("allocation.csv", _read_allocation),
        ("transfers.csv", _read_transfers),
        ("municipalities.csv", _read_municipalities),
        ("policy.toml", read_policy),
        ("result.json", _read_result),
    ):
        try:
            parts[name] = read(folder / name)
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    claims = parts["result.json"]
    return Solution(
        policy=parts["policy.toml"],
        transfers=parts["transfers.csv"],
        assignments=parts["allocation.csv"],
        municipalities=parts["municipalities.csv"],
        **claims,
    )


def _required(table: Table, columns: tuple[str, ...]) -> None:
    missing = [c for c in columns if c not in table.header]
    if missing:
        raise InputError(
            [Problem(table.file, "this column is missing", row=1, column=c) for c in missing]
        )


def _dicts(table: Table) -> list[dict[str, str]]:
    return [dict(zip(table.header, row, strict=True)) for row in table.rows]


def _read_allocation(path: Path) -> tuple[Assignment, ...]:
    table = read_table(path, _ALLOCATION)
    _required(table, _ALLOCATION)
    problems, rows = [], []
    for row, number in zip(_dicts(table), table.numbers, strict=True):
        if row["kind"] not in KINDS:
            message = f"allowed are {', '.join(KINDS)}"
            problems.append(Problem(path.name, message, number, "kind", row["kind"]))
            continue
        if not row["order"].isdigit():
            message = "is not a whole number"
            problems.append(Problem(path.name, message, number, "order", row["order"]))
            continue
        rows.append(
            Assignment(
                row["child"],
                row["case"],
                row["municipality"] or None,
                row["owner"] or None,
                row["kind"],
                int(row["order"]),
            )
        )
    if problems:
        raise InputError(problems)
    return tuple(rows)


def _read_transfers(path: Path) -> tuple[Transfer, ...]:
    table = read_table(path, _TRANSFERS)
    _required(table, _TRANSFERS)
    problems, rows = [], []
    for row, number in zip(_dicts(table), table.numbers, strict=True):
        try:
            units = units_from_per_mille(row["share"].replace(",", "."))
        except (ValueError, ArithmeticError):
            message = "is not a share in ‰ with at most two decimals"
            problems.append(Problem(path.name, message, number, "share", row["share"]))
            continue
        rows.append(Transfer(row["from_code"], row["to_code"], units))
    if problems:
        raise InputError(problems)
    return tuple(rows)


def _read_municipalities(path: Path) -> Mapping[str, Mapping[str, str]]:
    table = read_table(path, ("code", "share", "kinship", "equalising", "total", "credited"))
    _required(table, ("code", "total", "credited"))
    return {row["code"]: row for row in _dicts(table)}


def _read_result(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {
            "status": str(data["status"]),
            "objective": tuple(_claim(entry) for entry in data["objective"]),
            "tied_decisions": None if data["objective"] else int(data["tied_decisions"]),
            "instance_sha256": str(data["instance_sha256"]),
            "policy_sha256": str(data["policy_sha256"]),
            "valve_closed_at": data.get("valve_closed_at"),
        }
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Problem(path.name, f"cannot be read: {error}")]) from error
    except (KeyError, TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        message = f"is not a result of Fordela: {type(error).__name__} {error}"
        raise InputError([Problem(path.name, message)]) from error


def _claim(entry: Mapping[str, Any]) -> LevelClaim:
    certificate = entry.get("certificate")
    return LevelClaim(
        level=str(entry["level"]),
        value=_fraction(entry["value"]),
        bound=None if entry["bound"] is None else _fraction(entry["bound"]),
        status=str(entry["status"]),
        tolerance=float(entry.get("tolerance", 0.0)),
        exact=bool(entry.get("exact", False)),
        certificate_price=None if certificate is None else _exact(certificate["price"]),
    )


def _fraction(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(_exact(v) for v in value)
    return _exact(value)


def _exact(text: Any) -> Fraction:
    """Read a fraction as it is written, ``"3/7"``; nothing that would have to be computed first."""
    if not isinstance(text, str) or not _FRACTION.match(text):
        raise ValueError(f"{text!r} is not a fraction in text")
    return Fraction(text)
