"""The levels of section 6, evaluated exactly on the units of every pair; all are minimised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from fordela.models.norms import Value
from fordela.models.redistribution.problem import Pair, RedistributionProblem, Side

#: Levels that are sums over pairs of ``a x + b [x > 0]``: ``a`` and ``b`` of a pair.
LINEAR: dict[str, Callable[[Pair], tuple[int, int]]] = {
    "granted": lambda p: (-1, 0),
    "within-county": lambda p: (int(p.crosses), 0),
    "distance": lambda p: (p.kilometres, 0),
    "partners": lambda p: (0, 1),
    "continuity": lambda p: (0, -int(p.last_year)),
}
#: Levels that are sums of convex functions of what one giver or receiver trades in all.
CONVEX = ("equal-givers", "equal-receivers")
#: Levels that are sorted vectors of shortfalls.


def constant(level: str, problem: RedistributionProblem) -> int:
    """Value of a linear level when nothing is handed over."""
    if level == "continuity":
        return problem.lapsed + sum(p.last_year for p in problem.pairs)
    return 0


def squared(side: Side, units: int) -> Fraction:
    """``(out_i − e_i)² / g_i``."""
    return (units - side.entitlement) ** 2 / side.wish


def shortfall(side: Side, units: int) -> Fraction:
    """``|out_i − e_i| / g_i``."""
    return abs(units - side.entitlement) / side.wish


def traded(
    problem: RedistributionProblem, level: str, units: Sequence[int]
) -> tuple[tuple[Side, ...], list[int]]:
    """Sides that an equality level looks at, and what each trades."""
    if level.endswith("givers"):
        return problem.givers, problem.out(units)
    return problem.receivers, problem.into(units)


def redistribution_value(level: str, problem: RedistributionProblem, units: Sequence[int]) -> Value:
    """Evaluate a level at the units of every pair."""
    if level in LINEAR:
        rates = (LINEAR[level](p) for p in problem.pairs)
        total = sum(a * u + b * (u > 0) for (a, b), u in zip(rates, units, strict=True))
        return Fraction(constant(level, problem) + total)
    sides, amounts = traded(problem, level, units)
    if level in CONVEX:
        return sum((squared(s, u) for s, u in zip(sides, amounts, strict=True)), Fraction(0))
    parts = (shortfall(s, u) for s, u in zip(sides, amounts, strict=True))
    return tuple(sorted(parts, reverse=True))
