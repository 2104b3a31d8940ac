"""Solutions as files: writing a result's folder, and reading one back as claims to be checked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from fordela.instances.policy_files import policy_toml, read_policy
from fordela.instances.tables import Table, read_table, write_table
from fordela.instances.writing import write_folder
from fordela.models.allocation import KINDS, Assignment
from fordela.models.check import LevelClaim, Solution, TradeClaims
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance, Transfer
from fordela.models.norms import Value, first_component
from fordela.models.policy import Policy
from fordela.models.redistribution.outcome import RedistributionResult, Spread
from fordela.models.result import LevelResult, Result, Status
from fordela.models.tables import Row, allocation_rows, municipality_rows, wish_rows
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
    made = result.redistribution
    _write_transfers(folder, result.transfers, result.instance, decided=made is None)
    _write_head(folder, result.policy, result_json(result))


def write_redistribution(made: RedistributionResult, target: Path, *, force: bool = False) -> None:
    """Write ``transfers.csv``, ``wishes_granted.csv`` and ``result.json``, and the policy beside them.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    write_folder(target, lambda folder: _fill_redistribution(made, folder), force=force)


def _fill_redistribution(made: RedistributionResult, folder: Path) -> None:
    decided = made.backend == "decided"
    _write_transfers(folder, made.transfers, made.instance, decided=decided)
    _write_rows(folder / "wishes_granted.csv", wish_rows(made), ("code",))
    _write_head(folder, made.policy, redistribution_json(made))


def _write_transfers(
    folder: Path, transfers: Sequence[Transfer], instance: Instance, *, decided: bool
) -> None:
    """Write transfers; those computed from wishes are as synthetic as the wishes are."""
    if decided:
        mark = "transfers" if "transfers" in instance.synthetic else ""
    else:
        mark = "; ".join(["transfers (computed, not decided)", *instance.synthetic])
    rows = ([t.giver, t.receiver, per_mille_text(t.share), mark] for t in transfers)
    write_table(folder / "transfers.csv", (*_TRANSFERS, "synthetic"), rows)


def _write_head(folder: Path, policy: Policy, data: dict[str, Any]) -> None:
    (folder / "policy.toml").write_text(policy_toml(policy), encoding="utf-8")
    text = json.dumps(data, ensure_ascii=False, indent=1)
    (folder / "result.json").write_text(text + "\n", encoding="utf-8")


def _write_rows(path: Path, rows: list[Row], header: tuple[str, ...] = ()) -> None:
    header = tuple(rows[0]) if rows else header
    write_table(path, header, ([row[h] for h in header] for row in rows))


def result_json(result: Result) -> dict[str, Any]:
    """``result.json``: status, objective with exact values, and everything to reproduce it."""
    from fordela import __version__

    made = result.redistribution
    return {
        "format": 1,
        "status": result.status.value,
        "termination": result.termination.value,
        "objective": _objective_json(result.objective),
        "gap": _gap(result.objective),
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
        "redistribution": None if made is None else redistribution_json(made),
    }


def redistribution_json(made: RedistributionResult) -> dict[str, Any]:
    """``result.json`` of a redistribution; values in units of 0.01 ‰."""
    from fordela import __version__

    data: dict[str, Any] = {
        "format": 1,
        "decides": "transfers",
        "status": made.status.value,
        "termination": made.termination.value,
        "objective": _objective_json(made.objective),
        "gap": _gap(made.objective),
        "backend": made.backend,
        "backend_version": made.backend_version,
        "fordela_version": __version__,
        "seed": made.seed,
        "seconds": round(made.seconds, 3),
        "instance": made.instance.name,
        "instance_sha256": made.instance.sha256,
        "policy": made.policy.name,
        "policy_sha256": made.policy.sha256,
        "synthetic": list(made.instance.synthetic),
        "shares_are": made.instance.shares_are,
        "tied_decisions": 0,
        "order": list(made.order),
        "draws": made.draws,
    }
    if made.spread is not None:
        data["spread"] = {code: _spread_json(s) for code, s in made.spread.items()}
    if made.optimum is not None:
        data["national_optimum"] = {
            "status": made.optimum.status.value,
            "objective": _objective_json(made.optimum.objective),
            "traded": dict(sorted(made.optimum.traded.items())),
        }
    return data


def _spread_json(spread: Spread) -> dict[str, Any]:
    return {
        "least": spread.least, "mean": str(spread.mean), "most": spread.most,
        "none": spread.none, "whole": spread.whole,
    }  # fmt: skip


def _objective_json(objective: Sequence[LevelResult]) -> list[dict[str, Any]]:
    return [
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
        for o in objective
    ]


def _text(value: Value | None) -> Any:
    if isinstance(value, tuple):
        return [str(v) for v in value]
    return None if value is None else str(value)


def _gap(objective: Sequence[LevelResult]) -> float | None:
    """Relative gap of the first level that is not proven, 0 if all are, None where unknown."""
    for o in objective:
        if o.status is Status.OPTIMAL:
            continue
        if o.bound is None or isinstance(o.value, tuple):
            return None
        value = first_component(o.value)
        return float(abs(value - first_component(o.bound)) / abs(value)) if value else None
    return 0.0 if objective else None


def is_result(folder: Path) -> bool:
    """Whether a folder holds a result."""
    return (folder / "result.json").is_file()


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
    readers: dict[str, Callable[[Path], Any]] = {
        "transfers.csv": _read_transfers,
        "policy.toml": read_policy,
        "result.json": _read_result,
    }
    if not _decides_transfers(folder / "result.json"):
        readers["allocation.csv"] = _read_allocation
        readers["municipalities.csv"] = _read_municipalities
    for name, read in readers.items():
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
        assignments=parts.get("allocation.csv"),
        municipalities=parts.get("municipalities.csv"),
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
        transfers_only = data.get("decides") == "transfers"
        made = data if transfers_only else data.get("redistribution")
        ruled = not (data["objective"] or transfers_only)
        return {
            "status": str(data["status"]),
            "objective": () if transfers_only else tuple(map(_claim, data["objective"])),
            "tied_decisions": int(data["tied_decisions"]) if ruled else None,
            "instance_sha256": str(data["instance_sha256"]),
            "policy_sha256": str(data["policy_sha256"]),
            "valve_closed_at": data.get("valve_closed_at"),
            "trades": None if made is None else _read_trades(made),
        }
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Problem(path.name, f"cannot be read: {error}")]) from error
    except (KeyError, TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        message = f"is not a result of Fordela: {type(error).__name__} {error}"
        raise InputError([Problem(path.name, message)]) from error


def _read_trades(data: Mapping[str, Any]) -> TradeClaims:
    return TradeClaims(
        objective=tuple(map(_claim, data["objective"])),
        status=str(data["status"]),
        order=tuple(str(code) for code in data["order"]),
    )


def _decides_transfers(path: Path) -> bool:
    """Whether a result is of transfers alone; what cannot be read is reported by its reader."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(data, dict) and data.get("decides") == "transfers"


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
