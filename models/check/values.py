"""What the checker counts and what a level is worth, written down once more from the definitions.

Nothing here comes from the modules that the checker judges; tests hold the two against each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from math import asin, cos, radians, sin, sqrt

from fordela.models.allocation import Assignment
from fordela.models.errors import InputError, Problem
from fordela.models.extensions import NORMS as OWN_NORMS
from fordela.models.extensions import load
from fordela.models.instance import Instance, Municipality, Transfer
from fordela.models.policy import LEXIMIN_NORMS, Policy
from fordela.models.units import exact_sum, in_order

Vector = tuple[Fraction, ...]
Value = Fraction | Vector
#: Norms that are sums of convex functions of one municipality's count each.
SUM_NORMS = ("l1", "l2", "chi2")


def counted_before(instance: Instance, policy: Policy) -> list[int]:
    """Children that count from before the year, ``P_i`` (model, sections 1 and 2)."""
    by_ledger = {"history": "assigned_before", "stock": "stock"}
    column = by_ledger.get(policy.counting.basis)
    return [getattr(m, column) or 0 if column else 0 for m in instance.municipalities]


def targets(instance: Instance, policy: Policy) -> list[Fraction]:
    """``τ_i = a_i T / U``, in children."""
    everyone = sum(counted_before(instance, policy)) + len(instance.children)
    units = instance.units
    return [Fraction(m.share * everyone, units) for m in instance.municipalities]


@dataclass(frozen=True)
class Counted:
    """A year with its decisions, counted by municipality in the order of the instance."""

    instance: Instance
    policy: Policy
    transfers: Sequence[Transfer]
    assignments: Sequence[Assignment]
    rule_bearers: Mapping[str, str]

    def by(self, role: str, *kinds: str) -> list[int]:
        """Children by bearer or owner, of some kinds."""
        number = Counter(getattr(a, role) for a in self.assignments if a.kind in kinds)
        return [number[m.code] for m in self.instance.municipalities]

    @cached_property
    def credited(self) -> list[int]:
        """``c_i``: children on each municipality's share, with the years before."""
        owned = self.by("owner", "kinship", "equalising", "willing", "valve")
        before = counted_before(self.instance, self.policy)
        return [p + n for p, n in zip(before, owned, strict=True)]

    @cached_property
    def untied(self) -> list[int]:
        """Children that each municipality bears without kinship."""
        return self.by("bearer", "equalising", "willing", "valve")


def level_names(policy: Policy, transfers: Sequence[Transfer]) -> tuple[str, ...]:
    """Levels of an optimal allocation; ``bearer-balance`` comes last where there are transfers."""
    levels = policy.optimal.levels
    return levels if not transfers or "bearer-balance" in levels else (*levels, "bearer-balance")


def level_value(level: str, year: Counted) -> Value:
    """Value of a level of section 5."""
    if level.startswith("deviation:"):
        goal = targets(year.instance, year.policy)
        return norm_value(level.removeprefix("deviation:"), year.credited, goal)
    return Fraction(_WORTH[level](year))


def _unplaced(year: Counted) -> int:
    return sum(1 for a in year.assignments if a.bearer is None)


def _kinship_broken(year: Counted) -> int:
    tied = {c.child: c.tie for c in year.instance.children if c.tie is not None}
    return sum(
        1 for a in year.assignments if a.bearer is not None and a.bearer != tied.get(a.child, a.bearer)
    )


def _siblings_split(year: Counted) -> int:
    homes = {(a.case, a.bearer) for a in year.assignments if a.bearer is not None}
    return len(homes) - len({case for case, _ in homes})


def _over_capacity(year: Counted) -> int:
    excess = 0
    kinship = year.by("bearer", "kinship")
    for m, untied, tied in zip(year.instance.municipalities, year.untied, kinship, strict=True):
        if m.capacity is not None:
            excess += max(0, untied - max(0, m.capacity - tied))
    return excess


def _bearer_balance(year: Counted) -> Fraction:
    share = {m.code: m.share for m in year.instance.municipalities}
    owned = Counter(a.owner for a in year.assignments if a.kind == "equalising")
    off: dict[str, Fraction] = {code: Fraction(owned[code]) for code in share}
    for t in year.transfers:
        due = Fraction(owned[t.giver] * t.share, share[t.giver])
        off[t.giver] -= due
        off[t.receiver] += due
    for a in year.assignments:
        if a.kind == "equalising" and a.bearer is not None:
            off[a.bearer] -= 1
    return exact_sum(map(abs, off.values()))


def _willing(year: Counted) -> int:
    places = year.instance.willing_places
    return -sum(min(n, w) for n, w in zip(year.untied, places, strict=True))


def _distance(year: Counted) -> int:
    by_code = year.instance.by_code
    far = Counter((a.owner, a.bearer) for a in year.assignments if a.bearer not in (None, a.owner))
    return sum(n * far_apart(by_code[str(i)], by_code[str(j)]) for (i, j), n in far.items())


def _moves(year: Counted) -> int:
    return sum(1 for a in year.assignments if a.bearer != year.rule_bearers[a.case])


_WORTH: dict[str, Callable[[Counted], int | Fraction]] = {
    "unplaced": _unplaced, "kinship-broken": _kinship_broken, "siblings-split": _siblings_split,
    "over-capacity": _over_capacity, "bearer-balance": _bearer_balance, "willing": _willing,
    "distance": _distance, "moves": _moves,
}  # fmt: skip


def far_apart(one: Municipality, other: Municipality) -> int:
    """Great circle in whole kilometres, the earth a ball of 6371 km.

    Raises
    ------
    InputError
        If a coordinate is missing.
    """
    corners = []
    for m in (one, other):
        if m.latitude is None or m.longitude is None:
            message = f"{m.code} {m.name} needs coordinates: the level 'distance' uses them"
            raise InputError([Problem("municipalities.csv", message)])
        corners.append((radians(float(m.latitude)), radians(float(m.longitude))))
    (south, west), (north, east) = corners
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
    return round_up_from_half(Fraction(2 * 6371 * asin(min(1.0, sqrt(half)))))


def round_up_from_half(number: Fraction) -> int:
    """Round to the nearest whole number, a half upwards."""
    return (number + Fraction(1, 2)).__floor__()


def norm_value(norm: str, counts: Sequence[int], goal: Sequence[Fraction]) -> Value:
    """Value of a norm of section 4; 0 where nothing was ever assigned."""
    if not any(goal):
        return (Fraction(0),) if norm in LEXIMIN_NORMS else Fraction(0)
    if norm in LEXIMIN_NORMS:
        parts = [c / t for c, t in zip(counts, goal, strict=True) if t]
        return tuple(in_order(parts, falling=norm == "max-fulfilment"))
    if norm == "linf":
        return max(abs(c - t) for c, t in zip(counts, goal, strict=True))
    if norm not in SUM_NORMS and cost_of(norm) is None:
        made = _own(norm)
        return _whole(norm, getattr(made, "value", made), tuple(counts), tuple(goal))
    return exact_sum(part(norm, c, t) for c, t in zip(counts, goal, strict=True))


def part(norm: str, count: int, target: Fraction) -> Fraction:
    """One municipality's part of a sum."""
    off = count - target
    if norm == "l1":
        return abs(off)
    if norm == "l2":
        return off * off
    if norm == "chi2":
        return off * off / target if target else Fraction(0)
    cost = cost_of(norm)
    return _whole(norm, cost, count, target) if count or target else Fraction(0)


def cost_of(norm: str) -> object:
    """Part of one municipality in a norm of one's own, or None where it has none."""
    return getattr(_own(norm), "cost", None)


@cache
def _own(norm: str) -> object:
    found = load(norm, OWN_NORMS, "norm")
    return found() if isinstance(found, type) else found


def _whole(norm: str, function: object, *arguments: object) -> Fraction:
    problem = "has neither cost(count, target) nor value(counts, targets)"
    if callable(function):
        try:
            found = function(*arguments)
        except Exception as error:  # a norm of one's own can fail in any way
            problem = f"raised {type(error).__name__}: {error}"
        else:
            if isinstance(found, int | Fraction) and not isinstance(found, bool):
                return Fraction(found)
            problem = f"returned {found!r}; it must be a whole number or a fractions.Fraction"
    raise InputError([Problem(f"norm {norm}", problem)])


def first(value: Value) -> Fraction:
    """The number, or the first of a vector."""
    if isinstance(value, tuple):
        return value[0] if value else Fraction(0)
    return value


def beats(level: str, one: Value, other: Value) -> bool:
    """Whether one value is strictly better than another: smaller, but for ``min-fulfilment``."""
    if level == "deviation:min-fulfilment":
        return one > other  # type: ignore[operator]
    return one < other  # type: ignore[operator]


def pools(instance: Instance, transfers: Sequence[Transfer]) -> dict[str, str]:
    """Municipalities that hand shares to one another, each under the lowest code of its pool."""
    pool = {m.code: m.code for m in instance.municipalities}
    members: dict[str, list[str]] = defaultdict(list)
    for code in pool:
        members[code].append(code)
    for t in transfers:
        one, other = sorted((pool[t.giver], pool[t.receiver]))
        if one != other:
            for code in members.pop(other):
                pool[code] = one
                members[one].append(code)
    return pool
