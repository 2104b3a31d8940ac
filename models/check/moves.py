"""Whether what an engine calls optimal becomes better by moving one case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from fordela.models.check.values import Counted, Value, beats, level_value, part, targets
from fordela.models.policy import LEXIMIN_NORMS

#: Moves that make a norm better and are looked at as a whole.
_LOOKED_AT = 20


def better_by_one_move(year: Counted, levels: Sequence[str], values: Sequence[Value]) -> str | None:
    """Return the case whose move makes the last level better and no earlier one worse, or None.

    Parameters
    ----------
    levels, values
        Levels up to one of deviation, and what the decisions give at each.
    """
    norm = levels[-1].removeprefix("deviation:")
    kept = {m.code: m.share for m in year.instance.municipalities}
    for t in year.transfers:
        kept[t.giver] -= t.share
    looked = 0
    for case, code in _moves(year, norm):
        if kept[code] <= 0:
            continue
        rows = [replace(a, owner=code, bearer=code) if a.case == case else a for a in year.assignments]
        other = Counted(year.instance, year.policy, year.transfers, rows, year.rule_bearers)
        if _is_better(other, levels, values):
            return case
        looked += 1
        if looked == _LOOKED_AT:
            break
    return None


def _is_better(other: Counted, levels: Sequence[str], values: Sequence[Value]) -> bool:
    if other.policy.assignment.capacity == "hard" and level_value("over-capacity", other):
        return False
    for level, value in zip(levels, values, strict=True):
        there = level_value(level, other)
        if there != value:
            return beats(level, there, value)
    return False


def _moves(year: Counted, norm: str) -> Iterator[tuple[str, str]]:
    """Cases and municipalities that would make a norm better, were it the only level."""
    goal, counts = targets(year.instance, year.policy), year.credited
    codes = [m.code for m in year.instance.municipalities]
    index = {code: k for k, code in enumerate(codes)}
    off = sorted((abs(c - t) for c, t in zip(counts, goal, strict=True)), reverse=True)
    example: dict[tuple[int, int], str] = {}
    rows: dict[str, list[tuple[str | None, str]]] = {}
    for a in year.assignments:
        rows.setdefault(a.case, []).append((a.owner, a.kind))
    for case, owners in rows.items():
        owner, kind = owners[0]
        if kind == "equalising" and owner is not None and len(set(owners)) == 1:
            example.setdefault((index[owner], len(owners)), case)
    for (i, size), case in example.items():
        for k, code in enumerate(codes):
            if k == i or not year.instance.municipalities[k].share or not goal[i]:
                continue
            before = [(counts[i], goal[i]), (counts[k], goal[k])]
            after = [(counts[i] - size, goal[i]), (counts[k] + size, goal[k])]
            if _worth(norm, after, off) < _worth(norm, before, off):
                yield case, code


def _worth(norm: str, pair: Sequence[tuple[int, Fraction]], off: Sequence[Fraction]) -> list[Fraction]:
    """Part of two municipalities in a norm, in an order in which less is better."""
    if norm in LEXIMIN_NORMS:
        sign = -1 if norm == "min-fulfilment" else 1
        return sorted((sign * c / t for c, t in pair), reverse=True)
    if norm == "linf":
        # The third largest deviation is there whichever two change.
        return [max(*(abs(c - t) for c, t in pair), off[2] if len(off) > 2 else Fraction(0))]
    return [sum((part(norm, c, t) for c, t in pair), Fraction(0))]
