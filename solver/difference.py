"""Two instances or two results side by side: what differs, item by item."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fordela.models.check import Solution
from fordela.models.instance import Instance
from fordela.models.units import per_mille_text
from fordela.models.wishes import as_log

Items = Mapping[str, Mapping[str, str]]
#: Fields of an instance that are compared as tables, not as one value.
_TABLES = (
    "municipalities", "children", "transfers", "transfers_last_year", "pairs", "wishes",
    "availability", "homes", "agreements",
)  # fmt: skip
_IN_UNITS = ("share", "least")
#: Columns of wishes, which are compared as they stand, in whatever form they are kept.
_WISHES = ("wants_more", "wants_less")


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs; None where an item is on one side only.

    Attributes
    ----------
    table, item, column
        Where.
    left, right
        The values as text.
    """

    table: str
    item: str
    column: str
    left: str | None
    right: str | None


def instance_differences(left: Instance, right: Instance) -> list[Difference]:
    """Everything that differs between two instances.

    Wishes are compared as they stand and row by row, those in columns as the log that they begin.
    """
    found = list(_compare("instance", {"": _head(left)}, {"": _head(right)}))
    for name in _TABLES:
        if name == "wishes":
            found += _compare("wishes as they stand", _standing(left), _standing(right))
        found += _compare(name, _items(name, left), _items(name, right))
    return found


def _standing(instance: Instance) -> Items:
    wanted = instance.wanted
    items = {m.code: {"wish": "0" if m.code in wanted.kept else ""} for m in instance.municipalities}
    for direction, wishes in (("more", wanted.more), ("less", wanted.less)):
        for code, w in wishes.items():
            least = f", at least {per_mille_text(w.least)}" if w.least else ""
            partners = [f"{per_mille_text(n)} with {p}" for p, n, _ in w.partners]
            said = " and ".join(partners) or f"{per_mille_text(w.share)}{least}"
            items[code]["wish"] = "; ".join(filter(None, [items[code]["wish"], f"{direction} {said}"]))
    return items


def result_differences(left: Solution, right: Solution) -> list[Difference]:
    """Everything that differs between two results: transfers, children, municipalities, levels."""
    found = list(_compare("result", {"": _claims(left)}, {"": _claims(right)}))
    found += _compare("transfers", _handed(left), _handed(right))
    found += _compare("allocation", _children(left), _children(right))
    found += _compare("municipalities", left.municipalities or {}, right.municipalities or {})
    return found


def differences_in(found: Sequence[Difference], codes: Collection[str]) -> list[Difference]:
    """Keep what concerns some municipalities: rows, transfers, children who come or leave."""
    return [
        d for d in found
        if set(d.item.split()) & set(codes) or d.left in codes or d.right in codes
    ]  # fmt: skip


def _compare(table: str, left: Items, right: Items) -> Iterator[Difference]:
    for item in dict.fromkeys([*left, *right]):
        if item not in left or item not in right:
            present = "present" if item in left else None
            yield Difference(table, item, "", present, "present" if item in right else None)
            continue
        for column in dict.fromkeys([*left[item], *right[item]]):
            one, other = left[item].get(column), right[item].get(column)
            if one != other:
                yield Difference(table, item, column, one, other)


def _head(instance: Instance) -> dict[str, str]:
    names = (n for n in Instance.__dataclass_fields__ if n not in (*_TABLES, "provenance"))
    head = {name: _text(name, getattr(instance, name)) for name in names}
    return head | {f"provenance {k}": v for k, v in instance.provenance.items()}


def _items(name: str, instance: Instance) -> Items:
    rows: Sequence[Any] = getattr(instance, name)
    if name == "wishes":
        rows = rows or as_log(instance.wanted)
    items: dict[str, dict[str, str]] = {}
    for row in rows:
        if isinstance(row, tuple):
            cells = dict(zip(("from", "to"), map(str, row), strict=True))
        else:
            fields = (f for f in row.__dataclass_fields__ if f not in _WISHES)
            cells = {f: _text(f, getattr(row, f)) for f in fields}
        key = _key(name, cells)
        while key in items:
            key += "'"
        items[key] = cells
    return items


def _key(name: str, cells: Mapping[str, str]) -> str:
    columns = {
        "municipalities": ("code",), "children": ("child",), "homes": ("place",),
        "agreements": ("responsible", "placing"),
        "transfers": ("giver", "receiver"), "transfers_last_year": ("giver", "receiver"),
        "pairs": ("from", "to"), "wishes": ("municipality", "direction", "partner", "date"),
        "availability": ("municipality", "first", "last"),
    }[name]  # fmt: skip
    return " ".join(cells[c] for c in columns if cells[c])


def _text(column: str, value: Any) -> str:
    if value is None:
        return ""
    return per_mille_text(value) if column in _IN_UNITS and isinstance(value, int) else str(value)


def _claims(solution: Solution) -> dict[str, str]:
    claims = {"policy": solution.policy.name, "status": str(solution.status)}
    for objective in (solution.trades.objective if solution.trades else (), solution.objective):
        for claim in objective:
            value = claim.value
            first = value[0] if isinstance(value, tuple) and value else value
            known = ", ".join(filter(None, (claim.status, claim.proof)))
            claims[claim.level] = f"{first} ({known})"
    return claims


def _handed(solution: Solution) -> Items:
    return {f"{t.giver} {t.receiver}": {"share": per_mille_text(t.share)} for t in solution.transfers}


def _children(solution: Solution) -> Items:
    return {
        a.child: {"municipality": a.bearer or "", "owner": a.owner or "", "kind": a.kind}
        for a in solution.assignments or ()
    }
