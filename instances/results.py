"""Solutions as files: a result's folder, with the instance that it was made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fordela.instances.policy_files import policy_toml
from fordela.instances.tables import write_table
from fordela.instances.targets import write_folder
from fordela.instances.writing import fill_instance
from fordela.models.instance import Instance, Transfer
from fordela.models.norms import Value, first_component
from fordela.models.placement.outcome import PlacementResult, Relaxation
from fordela.models.placement.tables import placement_rows
from fordela.models.policy import Policy
from fordela.models.redistribution.outcome import RedistributionResult, Spread
from fordela.models.result import LevelResult, Result, Status, known_of
from fordela.models.tables import Row, allocation_rows, municipality_rows, wish_rows
from fordela.models.units import per_mille_text

ALLOCATION = ("case", "child", "municipality", "owner", "kind", "order")
TRANSFERS = ("from_code", "to_code", "share")
PLACEMENTS = ("case", "child", "municipality", "place")
#: Folder of the instance inside a result's folder.
SOURCE = "instance"


def write_result(result: Result, target: Path, *, force: bool = False) -> None:
    """Write ``allocation.csv``, ``municipalities.csv``, ``transfers.csv``, ``result.json``.

    The policy and the instance are written beside them, so that the folder can be checked, reported
    and explained on its own.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """

    def fill(folder: Path) -> None:
        fill_result(result, folder)
        fill_source(result.instance, folder)

    write_folder(target, fill, "allocation", force=force)


def fill_source(instance: Instance, folder: Path) -> None:
    """Write the instance that a result was made from into the result's folder."""
    (folder / SOURCE).mkdir()
    fill_instance(instance, folder / SOURCE)


def fill_result(result: Result, folder: Path) -> None:
    """Write a result's files into an existing folder."""
    _write_rows(folder / "allocation.csv", allocation_rows(result), ALLOCATION)
    _write_rows(folder / "municipalities.csv", municipality_rows(result))
    made = result.redistribution
    _write_transfers(folder, result.transfers, result.instance, decided=made is None)
    _write_head(folder, result.policy, result_json(result))


def fill_policy(policy: Policy, made: RedistributionResult | None, folder: Path) -> None:
    """Write a policy, and the transfers that it was followed with where they are known."""
    (folder / "policy.toml").write_text(policy_toml(policy), encoding="utf-8")
    if made is not None:
        decided = made.backend == "decided"
        _write_transfers(folder, made.transfers, made.instance, decided=decided)


def write_redistribution(made: RedistributionResult, target: Path, *, force: bool = False) -> None:
    """Write ``transfers.csv``, ``wishes_granted.csv`` and ``result.json``, and the policy beside them.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    write_folder(target, lambda folder: _fill_redistribution(made, folder), "transfers", force=force)


def _fill_redistribution(made: RedistributionResult, folder: Path) -> None:
    decided = made.backend == "decided"
    _write_transfers(folder, made.transfers, made.instance, decided=decided)
    _write_rows(folder / "wishes_granted.csv", wish_rows(made), ("code",))
    _write_head(folder, made.policy, redistribution_json(made))
    fill_source(made.instance, folder)


def write_placement(made: PlacementResult, target: Path, *, force: bool = False) -> None:
    """Write ``placements.csv`` and the files of the assignments that it rests on.

    ``policy.toml`` is the policy that was asked for; that of the assignments follows from it.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """

    def fill(folder: Path) -> None:
        fill_result(made.result, folder)
        _write_rows(folder / "placements.csv", placement_rows(made), PLACEMENTS)
        _write_head(folder, made.policy, placement_json(made))
        fill_source(made.instance, folder)

    write_folder(target, fill, "placement", force=force)


def placement_json(made: PlacementResult) -> dict[str, Any]:
    """``result.json`` of a placement; ``allocation`` is that of its assignments."""
    return {
        "format": 1,
        "decides": "placement",
        "mode": made.mode,
        **_known(made),
        "synthetic": list(made.instance.synthetic),
        "relaxations": [_relaxation_json(r) for r in made.relaxations],
        "allocation": result_json(made.result),
    }


def _known(made: Result | RedistributionResult | PlacementResult) -> dict[str, Any]:
    """What every ``result.json`` says: what is proven, and how and of what it was made."""
    from fordela import __version__

    return {
        **known_of(made),
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
    }


def _relaxation_json(relaxation: Relaxation) -> dict[str, Any]:
    return {
        "places": [
            {"municipality": p.municipality, "places": p.places, "children": p.children,
             "min_age": p.ages[0], "max_age": p.ages[1]}
            for p in relaxation.places
        ],
        "agreements": [
            {"responsible_code": a, "placing_code": b} for a, b in relaxation.agreements
        ],
        "size": relaxation.size,
        "proven": relaxation.proven,
        "proof": "engine" if relaxation.proven else None,
        "left": relaxation.left,
    }  # fmt: skip


def _write_transfers(
    folder: Path, transfers: Sequence[Transfer], instance: Instance, *, decided: bool
) -> None:
    """Write transfers; those computed from wishes are as synthetic as the wishes are."""
    if decided:
        mark = "transfers" if "transfers" in instance.synthetic else ""
    else:
        mark = "; ".join(["transfers (computed, not decided)", *instance.synthetic])
    rows = ([t.giver, t.receiver, per_mille_text(t.share), mark] for t in transfers)
    write_table(folder / "transfers.csv", (*TRANSFERS, "synthetic"), rows)


def _write_head(folder: Path, policy: Policy, data: dict[str, Any]) -> None:
    (folder / "policy.toml").write_text(policy_toml(policy), encoding="utf-8")
    text = json.dumps(data, ensure_ascii=False, indent=1)
    (folder / "result.json").write_text(text + "\n", encoding="utf-8")


def _write_rows(path: Path, rows: list[Row], header: tuple[str, ...] = ()) -> None:
    header = tuple(rows[0]) if rows else header
    write_table(path, header, ([row[h] for h in header] for row in rows))


def result_json(result: Result) -> dict[str, Any]:
    """``result.json``: status, objective with exact values, and everything to reproduce it."""
    made = result.redistribution
    return {
        "format": 1,
        **_known(result),
        "tied_decisions": result.tied_decisions,
        "tie_not_followed": sum(result.counts.tie_not_followed),
        "valve_closed_at": result.valve_closed_at,
        "decided_cases": result.decided_cases,
        "synthetic": list(result.instance.synthetic),
        "shares_are": result.instance.shares_are,
        "redistribution": None if made is None else redistribution_json(made),
    }


def redistribution_json(made: RedistributionResult) -> dict[str, Any]:
    """``result.json`` of a redistribution; values in units of 0.01 ‰."""
    data: dict[str, Any] = {
        "format": 1,
        "decides": "transfers",
        **_known(made),
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
            "transfers": [
                {"from_code": t.giver, "to_code": t.receiver, "share": per_mille_text(t.share)}
                for t in made.optimum.transfers
            ],
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
            "price_proof": o.price_proof,
            "proof": o.proof,
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
