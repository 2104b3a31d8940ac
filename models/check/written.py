"""What the files of a result say, cell by cell and key by key: every figure made once more.

A column or a key that is not known here is refused: a result carries no figure that nobody checks. Only
how long the work took, on what and from which seed is taken as it is told (`TOLD`), and what only an
engine can know, marked so: a price within its bounds, a bound that is not met, the smallest relaxation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from fordela.models.check.figures import agrees, municipality_cells
from fordela.models.check.solution import LevelClaim, Solution, Violation, Written
from fordela.models.check.trades import entitlements
from fordela.models.check.values import far_apart, first
from fordela.models.check.world import odd_form, stay_of, unmet
from fordela.models.instance import Instance
from fordela.models.policy import Policy

Cells = Mapping[str, str]
Expected = Any  # a value that must be there, or a function that says whether one may be

#: Keys that only say how a result was made, and what they must look like.
TOLD: Mapping[str, Callable[[Any], bool]] = {
    "backend": lambda x: isinstance(x, str) and x != "",
    "backend_version": lambda x: isinstance(x, str),
    "fordela_version": lambda x: isinstance(x, str) and x != "",
    "seed": lambda x: isinstance(x, int) and x >= 0,
    "seconds": lambda x: isinstance(x, int | float) and x >= 0,
}
_FRACTION = re.compile(r"^\d{1,9}(/[1-9]\d{0,9})?$", re.ASCII)
_ALLOCATION = ("case", "child", "municipality", "owner", "kind", "order")
_TRANSFERS = ("from_code", "to_code", "share", "synthetic")
_PLACES = ["children", "max_age", "min_age", "municipality", "places"]
_WISHES = (
    "code", "name", "county_code", "direction", "wish", "entitlement", "granted",
    "entitlement_exact_units", "synthetic",
)  # fmt: skip
_OF_HOME = (
    "placing_municipality", "form", "from", "to", "unmet_needs", "suitable_form", "distance",
)  # fmt: skip
_LEVEL = (
    "level", "value", "float", "bound", "status", "price", "price_proof", "proof", "tolerance",
    "certificate",
)  # fmt: skip


def written_violations(instance: Instance, solution: Solution) -> Iterator[Violation]:
    """Everything in a result's files that is not what it must be."""
    written = solution.written
    if written is None:
        return
    if written.beside_sha256 not in (None, instance.sha256):
        yield Violation("instance", "the instance in the folder is not that which is checked")
    yield from _table(written, "transfers.csv", _transfers(instance, solution), _TRANSFERS)
    if solution.assignments is not None:
        rows = [
            {
                "case": a.case, "child": a.child, "municipality": a.bearer or "",
                "owner": a.owner or "", "kind": a.kind, "order": str(a.order),
            }
            for a in solution.assignments
        ]  # fmt: skip
        yield from _table(written, "allocation.csv", rows, _ALLOCATION)
        yield from _table(written, "municipalities.csv", municipality_cells(instance, solution))
    else:
        yield from _table(written, "wishes_granted.csv", _wishes(instance, solution))
    if solution.placement is not None:
        yield from _table(written, "placements.csv", _placements(instance, solution))
    yield from same("result.json", written.head, _head(instance, solution))


def _table(
    written: Written, name: str, expected: Sequence[Cells], header: Sequence[str] = ()
) -> Iterator[Violation]:
    if name not in written.tables:
        yield Violation("files", f"{name} is missing")
        return
    columns, rows = written.tables[name]
    known = tuple(expected[0]) if expected else tuple(header)
    if known and sorted(columns) != sorted(known):
        lost = ", ".join(sorted(set(known) - set(columns))) or "none"
        more = ", ".join(sorted(set(columns) - set(known))) or "none"
        message = f"{name}: columns missing: {lost}; columns that nobody checks: {more}"
        yield Violation("columns", message)
        return
    if len(rows) != len(expected):
        yield Violation("rows", f"{name} has {len(rows)} rows, not {len(expected)}")
        return
    key = next((c for c in ("child", "code", "from_code") if c in known), "")
    by_key = {row[key]: row for row in expected}
    together = zip(rows, expected, strict=True)
    for row, in_order in together:
        right = in_order if name == "transfers.csv" else by_key.get(row[key])
        if right is None:
            yield Violation("rows", f"{name}: no row for {key} {row[key]}")
            continue
        for column in known:
            if not cell_agrees(row[column], right[column]):
                message = f"{name} {row[key]} {column} is {row[column]}, recomputed {right[column]}"
                yield Violation("figures", message)


def cell_agrees(said: str, right: str) -> bool:
    """Whether a cell says what it must, a decimal to half a unit of its last place."""
    if said == right:
        return True
    try:
        Decimal(said)
        return "." in right and agrees(said, Fraction(right))
    except (InvalidOperation, ValueError):
        return False


def _units(units: int) -> str:
    return f"{units // 100}.{units % 100:02d}"


def _decimals(number: Fraction, places: int) -> str:
    """Write a number of 0 or more, rounded half up."""
    whole = int(number * 10**places + Fraction(1, 2))
    return f"{whole // 10**places}.{whole % 10**places:0{places}d}"


def _shown(units: str | None, places: int) -> str:
    """Write units that were read as text in per mille; nothing for what is no number."""
    if units is None or not _FRACTION.match(units):
        return ""
    return _decimals(Fraction(units) / 100, places)


def _transfers(instance: Instance, solution: Solution) -> list[Cells]:
    mark = "transfers" if "transfers" in instance.synthetic else ""
    if solution.policy.redistribution.scope not in ("decided", "none"):
        mark = "; ".join(["transfers (computed, not decided)", *instance.synthetic])
    return [
        {
            "from_code": t.giver, "to_code": t.receiver, "share": _units(t.share), "synthetic": mark,
        }
        for t in solution.transfers
    ]  # fmt: skip


def _traded(solution: Solution, code: str) -> int:
    return sum(t.share for t in solution.transfers if code in (t.giver, t.receiver))


def _wishes(instance: Instance, solution: Solution) -> list[Cells]:
    trades, policy = solution.trades, solution.policy
    rows: list[Cells] = []
    for direction, wishes in (("less", instance.wanted.less), ("more", instance.wanted.more)):
        due = entitlements(instance, policy, givers=direction == "less")
        for code in sorted(wishes):
            m = instance.by_code[code]
            row = {
                "code": code, "name": m.name, "county_code": m.county_code, "direction": direction,
                "wish": _units(wishes[code].share), "entitlement": _decimals(due[code] / 100, 4),
                "granted": _units(_traded(solution, code)), "entitlement_exact_units": str(due[code]),
            }  # fmt: skip
            if trades is not None and trades.spread is not None:
                drawn = {key: str(said) for key, said in trades.spread.get(code, {}).items()}
                row |= {
                    "least": _shown(drawn.get("least"), 2),
                    "mean": _shown(drawn.get("mean"), 4),
                    "most": _shown(drawn.get("most"), 2),
                    "draws_without": drawn.get("none", ""),
                    "draws_in_full": drawn.get("whole", ""),
                }
            if trades is not None and trades.optimum is not None:
                national = trades.optimum.transfers
                units = sum(t.share for t in national if code in (t.giver, t.receiver))
                row["national_optimum"] = _units(units)
            rows.append(row | {"synthetic": instance.unpublished})
    empty = dict.fromkeys(next(iter(rows), _WISHES), "")
    nothing = {"wish": "0.00", "entitlement": "0.0000", "granted": "0.00"}
    for code in sorted(instance.wanted.kept):  # answered that it keeps its share
        m = instance.by_code[code]
        who = {"code": code, "name": m.name, "county_code": m.county_code, "direction": "keep"}
        mark = {"entitlement_exact_units": "0", "synthetic": instance.unpublished}
        rows.append(empty | who | nothing | mark)
    return rows


def _placements(instance: Instance, solution: Solution) -> list[Cells]:
    assert solution.placement is not None
    children = {c.child: c for c in instance.children}
    cases = {c.case: c for c in instance.cases}
    homes = {h.place: h for h in instance.homes}
    rows: list[Cells] = []
    for p in solution.placement.placements:
        row = dict.fromkeys(_OF_HOME, "")
        if p.place is not None and p.responsible is not None:
            home, child = homes[p.place], children[p.child]
            start, end = stay_of(cases[p.case])
            row["placing_municipality"], row["form"] = home.municipality, home.form
            row["from"] = start.isoformat()
            row["to"] = "" if any(c.stay is None for c in cases[p.case].children) else end.isoformat()
            row["unmet_needs"] = ";".join(unmet(child, home))
            row["suitable_form"] = "no" if odd_form(child, home, solution.placement.policy) else "yes"
            row["distance"] = _far(instance, p.responsible, home.municipality)
        who = {"case": p.case, "child": p.child, "municipality": p.responsible or ""}
        rows.append(who | {"place": p.place or ""} | row | {"synthetic": instance.unpublished})
    return rows


def _far(instance: Instance, one: str, other: str) -> str:
    towns = instance.by_code[one], instance.by_code[other]
    if one != other and any(None in (m.latitude, m.longitude) for m in towns):
        return ""
    return "0" if one == other else str(far_apart(*towns))


def _head(instance: Instance, solution: Solution) -> Mapping[str, Expected]:
    """``result.json`` as it must be."""
    if solution.assignments is None:
        return _trades(instance, solution)
    assigned = {
        "format": 1,
        **_made(instance, solution.policy, solution.objective, solution.status),
        "tied_decisions": lambda x: isinstance(x, int) and x == (solution.tied_decisions or 0) >= 0,
        "tie_not_followed": solution.tie_not_followed or 0,
        "valve_closed_at": solution.valve_closed_at,
        "decided_cases": solution.decided_cases,
        "synthetic": list(instance.synthetic),
        "shares_are": instance.shares_are,
        "redistribution": None if solution.trades is None else _trades(instance, solution),
    }
    if not solution.policy.is_optimal:
        assigned |= {"backend": "rule", "backend_version": "", "termination": "completed"}
    homes = solution.placement
    if homes is None:
        return assigned
    made = _made(instance, homes.policy, homes.objective, homes.status)
    if homes.mode == "vacancy":
        made |= {"backend": "rule", "backend_version": "", "termination": "completed"}
    return {
        "format": 1,
        "decides": "placement",
        "mode": homes.mode,
        **made,
        "synthetic": list(instance.synthetic),
        "relaxations": lambda found: _are_relaxations(instance, solution, found),
        "allocation": assigned,
    }


def _made(
    instance: Instance, policy: Policy, objective: Sequence[LevelClaim], status: str
) -> dict[str, Expected]:
    """What is said of every result: what is proven, and how and of what it was made."""
    open_end = status == "feasible" and bool(objective)
    return {
        "status": status,
        "proof": rests_on(status, objective),
        "termination": (lambda x: x in ("completed", "time-limit")) if open_end else "completed",
        "objective": [_level(c) for c in objective],
        "gap": _gap(objective),
        **TOLD,
        "instance": instance.name,
        "instance_sha256": instance.sha256,
        "policy": policy.name,
        "policy_sha256": policy.sha256,
    }


def rests_on(status: str, objective: Sequence[LevelClaim]) -> str | None:
    """What an optimum rests on as a whole; its levels' proofs are found again on their own."""
    if status != "optimal" or not objective:
        return None
    return "engine" if any(c.proof == "engine" for c in objective) else "check"


def _level(claim: LevelClaim) -> dict[str, Expected]:
    """Numbers were read from here, and are verified as claims; here they must be written so."""
    price = claim.certificate_price
    values = (
        claim.level, _text(claim.value), float(first(claim.value)), _text(claim.bound), claim.status,
        _text(claim.price), claim.price_proof, claim.proof, claim.tolerance,
        None if price is None else {"price": str(price)},
    )  # fmt: skip
    return dict(zip(_LEVEL, values, strict=True))


def _text(value: object) -> object:
    if isinstance(value, tuple):
        return [str(v) for v in value]
    return None if value is None else str(value)


def _gap(objective: Sequence[LevelClaim]) -> float | None:
    """Distance of the first level that is not proven from its bound, relative to its value."""
    if not objective:
        return None
    for claim in objective:
        if claim.status == "optimal":
            continue
        if claim.bound is None or isinstance(claim.value, tuple) or claim.value == 0:
            return None
        return float(abs(claim.value - first(claim.bound)) / abs(claim.value))
    return 0.0


def _trades(instance: Instance, solution: Solution) -> dict[str, Expected]:
    trades, scope = solution.trades, solution.policy.redistribution.scope
    assert trades is not None
    data = {
        "format": 1,
        "decides": "transfers",
        **_made(instance, solution.policy, trades.objective, trades.status),
        "synthetic": list(instance.synthetic),
        "shares_are": instance.shares_are,
        "tied_decisions": 0,
        "order": list(trades.order),
        "draws": solution.policy.redistribution.draws if scope == "bilateral" else 0,
    }
    if scope == "bilateral":
        process = solution.policy.redistribution.process
        data |= {"backend": process, "backend_version": "", "termination": "completed"}
        data["seed"] = trades.seed
        data["spread"] = trades.spread
    elif scope in ("decided", "none"):
        data |= {"backend": "decided", "backend_version": "", "seconds": 0.0}
    if trades.optimum is not None:
        national = trades.optimum
        traded = sorted({code for t in national.transfers for code in (t.giver, t.receiver)})
        data["national_optimum"] = {
            "status": national.status,
            "objective": [_level(c) for c in national.objective],
            "traded": {
                code: sum(t.share for t in national.transfers if code in (t.giver, t.receiver))
                for code in traded
            },
            "transfers": [
                {"from_code": t.giver, "to_code": t.receiver, "share": _units(t.share)}
                for t in national.transfers
            ],
        }
    return data


def _are_relaxations(instance: Instance, solution: Solution, found: object) -> bool:
    """Whether relaxations hang together; that none is smaller is the engine's word."""
    if not isinstance(found, list):
        return False
    assert solution.placement is not None
    without = sum(p.place is None for p in solution.placement.placements)
    try:
        return all(_is_relaxation(instance, entry, without) for entry in found) and _agree(found)
    except (KeyError, TypeError):
        return False


def _agree(found: Sequence[Mapping[str, Any]]) -> bool:
    """New places are enough for all. Fewest agreements are known by the parts that need places."""
    places = any(entry["proven"] for entry in found if not entry["agreements"])
    return all(
        entry["left"] == 0 and (places or not entry["agreements"])
        for entry in found
        if entry["proven"] or not entry["agreements"]
    )


def _is_relaxation(instance: Instance, entry: Mapping[str, Any], without: int) -> bool:
    places, agreements = entry["places"], entry["agreements"]
    codes = set(instance.by_code)
    agreed = {(a.responsible, a.placing) for a in instance.agreements}
    new = [(a["responsible_code"], a["placing_code"]) for a in agreements if len(a) == 2]
    return (
        sorted(entry) == ["agreements", "left", "places", "proof", "proven", "size"]
        and isinstance(entry["proven"], bool)
        and entry["proof"] == ("engine" if entry["proven"] else None)
        and entry["size"] == sum(p["places"] for p in places) + len(new)
        and 0 <= entry["left"] <= without
        and len(set(new)) == len(agreements)
        and all(set(pair) <= codes and pair not in agreed and pair[0] != pair[1] for pair in new)
        and all(
            sorted(p) == _PLACES
            and p["municipality"] in codes
            and p["places"] > 0
            and p["children"] >= p["places"]
            and (p["min_age"] is None) == (p["max_age"] is None)
            and (p["min_age"] is None or p["min_age"] <= p["max_age"])
            for p in places
        )
    )


def same(where: str, said: object, right: Expected) -> Iterator[Violation]:
    """Compare what is said with what must be said, however deep."""
    if callable(right):
        if not right(said):
            yield Violation("figures", f"{where} cannot be {said!r}")
    elif isinstance(right, Mapping) and isinstance(said, Mapping):
        for key in right.keys() - said.keys():
            yield Violation("keys", f"{where} lacks {key}")
        for key in said.keys() - right.keys():
            yield Violation("keys", f"{where}: nobody checks {key}")
        for key in right.keys() & said.keys():
            yield from same(f"{where} {key}", said[key], right[key])
    elif isinstance(right, list) and isinstance(said, list) and len(right) == len(said):
        for k, (one, other) in enumerate(zip(said, right, strict=True)):
            yield from same(f"{where} {k + 1}", one, other)
    elif said != right or isinstance(said, bool) != isinstance(right, bool):
        yield Violation("figures", f"{where} is {said!r}, recomputed {right!r}")
