"""Reading a solution's folder back as claims to be checked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from fordela.instances.policy_files import read_policy
from fordela.instances.reading import read_instance
from fordela.instances.results import ALLOCATION, PLACEMENTS, SOURCE, TRANSFERS
from fordela.instances.tables import Table, read_table
from fordela.models.allocation import KINDS, Assignment
from fordela.models.check import LevelClaim, PlacementClaims, Solution, TradeClaims
from fordela.models.check.placement import policy_of_assignments
from fordela.models.check.solution import NationalClaims, Written
from fordela.models.check.values import Value
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Transfer
from fordela.models.placement.outcome import MODES, Placement
from fordela.models.policy import Policy
from fordela.models.units import units_from_per_mille

_FRACTION = re.compile(r"^-?\d{1,2000}(/\d{1,2000})?$", re.ASCII)


def read_solution(place: Path) -> Solution:
    """Read a solution's folder, or a workbook of a result with its cases, as claims.

    Raises
    ------
    InputError
        With every problem of its files.
    """
    from fordela.instances.workbooks.bundle import as_folder
    from fordela.instances.workbooks.names import RESULT_FILES

    if place.is_file() and place.suffix.lower() == ".xlsx":
        with as_folder(place, RESULT_FILES) as folder:
            return _read_folder(folder)
    solution = _read_folder(place)
    return replace(solution, written=_written(place))


def _written(folder: Path) -> Written:
    """Return every file of a result as it stands, for what is not read as a claim."""
    tables = {}
    for path in sorted(folder.glob("*.csv")):
        table = read_table(path, ())
        tables[path.name] = (tuple(table.header), tuple(_dicts(table)))
    head = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    said = {key: said for key, said in head.items() if key != "sealed"}
    beside = folder / SOURCE
    return Written(said, tables, read_instance(beside).sha256 if beside.is_dir() else None)


def _read_folder(folder: Path) -> Solution:
    if not folder.is_dir():
        raise InputError([Problem(str(folder), "no such folder")])
    problems: list[Problem] = []
    parts: dict[str, Any] = {}
    readers: dict[str, Callable[[Path], Any]] = {
        "transfers.csv": _read_transfers,
        "policy.toml": partial(read_policy, to_follow=False),
        "result.json": _read_result,
    }
    decides = _decides(folder / "result.json")
    if decides == "placement":
        readers["placements.csv"] = _read_placements
    if decides != "transfers":
        readers["allocation.csv"] = _read_allocation
        readers["municipalities.csv"] = _read_municipalities
    for name, read in readers.items():
        try:
            parts[name] = read(folder / name)
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    claims, policy = parts["result.json"], parts["policy.toml"]
    if decides == "placement":
        made = _read_placement(folder / "result.json", policy, parts["placements.csv"])
        claims["placement"] = made
        if made.mode == "joint":
            policy = policy_of_assignments(policy, parts["transfers.csv"])
    return Solution(
        policy=policy,
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
    table = read_table(path, ALLOCATION)
    _required(table, ALLOCATION)
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
    table = read_table(path, TRANSFERS)
    _required(table, TRANSFERS)
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
        if data.get("decides") == "placement":
            data = data["allocation"]
        transfers_only = data.get("decides") == "transfers"
        made = data if transfers_only else data.get("redistribution")
        ruled = not (data["objective"] or transfers_only)
        return {
            "status": str(data["status"]),
            "objective": () if transfers_only else tuple(map(_claim, data["objective"])),
            "tied_decisions": int(data["tied_decisions"]) if ruled else None,
            "tie_not_followed": data.get("tie_not_followed"),
            "instance_sha256": str(data["instance_sha256"]),
            "policy_sha256": str(data["policy_sha256"]),
            "valve_closed_at": data.get("valve_closed_at"),
            "decided_cases": int(data.get("decided_cases", 0)),
            "trades": None if made is None else _read_trades(made),
        }
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Problem(path.name, f"cannot be read: {error}")]) from error
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise InputError([Problem(path.name, not_a_result(error))]) from error


def not_a_result(error: Exception) -> str:
    """Say what a result lacks; one of an earlier version may lack what is written now."""
    what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
    return f"is no result of this version of Fordela: {what}; if an earlier one made it, make it again"


def _read_trades(data: Mapping[str, Any]) -> TradeClaims:
    best, spread = data.get("national_optimum"), data.get("spread")
    return TradeClaims(
        objective=tuple(map(_claim, data["objective"])),
        status=str(data["status"]),
        order=tuple(str(code) for code in data["order"]),
        seed=int(data["seed"]),
        spread=None if spread is None else {str(c): dict(drawn) for c, drawn in spread.items()},
        optimum=None if best is None else _read_national(best),
    )


def _read_national(data: Mapping[str, Any]) -> NationalClaims:
    return NationalClaims(
        tuple(map(_claim, data["objective"])),
        str(data["status"]),
        tuple(
            Transfer(str(t["from_code"]), str(t["to_code"]), units_from_per_mille(str(t["share"])))
            for t in data["transfers"]
        ),
    )


def _read_placements(path: Path) -> tuple[Placement, ...]:
    table = read_table(path, PLACEMENTS)
    _required(table, PLACEMENTS)
    return tuple(
        Placement(row["child"], row["case"], row["municipality"] or None, row["place"] or None)
        for row in _dicts(table)
    )


def _read_placement(path: Path, policy: Policy, placements: tuple[Placement, ...]) -> PlacementClaims:
    data = json.loads(path.read_text(encoding="utf-8"))
    try:
        if data["mode"] not in MODES:
            raise ValueError(f"mode {data['mode']!r}")
        if data["policy_sha256"] != policy.sha256:
            message = "was not made with this policy.toml (policy_sha256 differs)"
            raise InputError([Problem(path.name, message)])
        levels = tuple(map(_claim, data["objective"]))
        return PlacementClaims(policy, data["mode"], placements, levels, str(data["status"]))
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise InputError([Problem(path.name, not_a_result(error))]) from error


def _decides(path: Path) -> str | None:
    """What a result decides if not assignments; what cannot be read is reported by its reader."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data.get("decides") if isinstance(data, dict) else None


def _claim(entry: Mapping[str, Any]) -> LevelClaim:
    certificate = entry.get("certificate")
    return LevelClaim(
        level=str(entry["level"]),
        value=_fraction(entry["value"]),
        bound=None if entry["bound"] is None else _fraction(entry["bound"]),
        status=str(entry["status"]),
        tolerance=float(entry.get("tolerance", 0.0)),
        proof=None if entry["proof"] is None else str(entry["proof"]),
        certificate_price=None if certificate is None else _exact(certificate["price"]),
        price=None if entry["price"] is None else _exact(entry["price"]),
        price_proof=None if entry["price_proof"] is None else str(entry["price_proof"]),
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
