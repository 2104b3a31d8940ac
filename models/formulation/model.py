"""The program: counts of cases by type, owner and bearer, and what follows for municipalities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fordela.models.allocation import history
from fordela.models.formulation.case_types import CaseType, Pattern, count_types, patterns
from fordela.models.holdings import Holdings, holdings
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import SOFT_LEVELS, Policy, credits_by_child
from fordela.models.program import Linear, ProgramBuilder


@dataclass(frozen=True)
class Scope:
    """Which allocations are allowed, besides what the policy says.

    Attributes
    ----------
    soft
        Soft levels; the others are hard.
    levels
        All levels in play; types carry what they need.
    capacity
        ``hard``, ``soft`` or ``ignored``.
    by_child
        Whether siblings in one municipality may be credited to different owners.
    willing_places
        Whether willing places may be used as bearers that own what they bear.
    self_bearing
        Whether every owner may bear, also where it kept nothing (after a valve).
    single
        Whether siblings may be parted at no cost: only credit matters, and it is by child.
    """

    soft: frozenset[str] = frozenset()
    levels: tuple[str, ...] = ()
    capacity: str = "soft"
    by_child: bool = False
    willing_places: bool = False
    self_bearing: bool = False
    single: bool = False

    @classmethod
    def of(cls, policy: Policy, levels: tuple[str, ...]) -> Scope:
        """Return the scope of an optimal policy."""
        return cls(
            soft=frozenset(SOFT_LEVELS) & frozenset(levels),
            levels=levels,
            capacity=policy.assignment.capacity,
            by_child=credits_by_child(policy),
        )


@dataclass
class AllocationModel:
    """The program under construction, with the meaning of its variables.

    Every list is by position of the municipality. ``extra`` are the children that a municipality
    is credited beyond ``fixed``; ``limits`` bounds them, and ``ceilings`` do given what is held.
    """

    instance: Instance
    policy: Policy
    ledger: Holdings
    scope: Scope
    builder: ProgramBuilder
    types: dict[CaseType, int]
    treated: dict[tuple[CaseType, Pattern], Linear] = field(default_factory=dict)
    borne_parts: dict[tuple[int, int, int], Linear] = field(default_factory=dict)
    credits: dict[tuple[int, int], Linear] = field(default_factory=dict)
    willing_parts: dict[tuple[int, int], Linear] = field(default_factory=dict)
    kinship: list[Linear] = field(default_factory=list)
    owned: list[Linear] = field(default_factory=list)
    borne: list[Linear] = field(default_factory=list)
    fixed: list[int] = field(default_factory=list)
    extra: list[Linear] = field(default_factory=list)
    limits: list[int] = field(default_factory=list)
    ceilings: list[int] = field(default_factory=list)

    @property
    def children(self) -> int:
        """Children whose municipality the program can choose."""
        return sum(
            kind.size * number
            for kind, number in self.types.items()
            if kind.tie < 0 or self.has_soft_ties
        )

    @property
    def has_soft_ties(self) -> bool:
        """Whether a tied child can be anywhere but at its tie."""
        return bool(self.scope.soft & {"kinship-broken", "unplaced"})

    def lower_ceilings(self, highest: Sequence[int]) -> None:
        """Record that no municipality gains more than this under what is held."""
        self.ceilings = [min(c, h) for c, h in zip(self.ceilings, highest, strict=True)]

    @property
    def possible_bearers(self) -> list[int]:
        """Municipalities that can bear a child without a tie under what is held."""
        pairs = self.credits.keys() or {(i, j) for _, i, j in self.borne_parts}
        return sorted({j for i, j in pairs if self.ceilings[i]})

    def fork(self) -> AllocationModel:
        """Return a copy whose program can grow on its own."""
        other = AllocationModel(**self.__dict__)
        other.builder, other.limits = self.builder.copy(), list(self.limits)
        other.ceilings = list(self.ceilings)
        return other


def build_model(
    instance: Instance,
    policy: Policy,
    transfers: tuple[Transfer, ...],
    scope: Scope,
    rule_bearers: Mapping[str, str] | None = None,
) -> AllocationModel:
    """Declare the program of section 5 for a year.

    Parameters
    ----------
    instance, policy, transfers
        What is given.
    scope
        Which allocations are allowed.
    rule_bearers
        Bearer of every case under the rule in force, needed by ``moves``.
    """
    wanted = dict(rule_bearers or {}) if "moves" in scope.levels else {}
    model = AllocationModel(
        instance=instance,
        policy=policy,
        ledger=holdings(instance, transfers),
        scope=scope,
        builder=ProgramBuilder(),
        types=count_types(instance, wanted, single=scope.single),
    )
    pool = _treat_types(model)
    _bear_parts(model, pool)
    _forbid_broken_at_tie(model, pool)
    _require_stays(model)
    _count_municipalities(model)
    if scope.capacity == "hard":
        for k in range(len(instance.municipalities)):
            for over in excess_rows(model, k):
                model.builder.require(over, upper=0)
    return model


def _treat_types(model: AllocationModel) -> dict[int, Linear]:
    """Declare how many cases of each type follow each pattern; return the parts by size."""
    builder, pool = model.builder, defaultdict(list)
    for kind, number in model.types.items():
        ways = list(patterns(kind, model.scope.soft))
        chosen = []
        for way in ways:
            if len(ways) == 1:
                count = Linear({}, number)
            else:
                count = builder.variable(0, number)
                chosen.append((1, count))
            model.treated[kind, way] = count
            for part in way.placed_parts:
                pool[part].append((1, count))
        if chosen:
            builder.require(Linear.of(*chosen), number, number)
    return {size: Linear.of(*parts) for size, parts in sorted(pool.items())}


def _bearers(model: AllocationModel, owner: int) -> tuple[int, ...]:
    bearers = model.ledger.bearers(owner)
    if model.scope.self_bearing and owner not in bearers:
        return (owner, *bearers)
    return bearers


def _bear_parts(model: AllocationModel, pool: dict[int, Linear]) -> None:
    """Place the parts: by owner and bearer, or by bearer with children credited to owners."""
    owners = [i for i, a in enumerate(model.ledger.share) if a > 0]
    pairs = [(i, j) for i in owners for j in _bearers(model, i)]
    by_child = model.scope.by_child and any(i != j for i, j in pairs)
    for size, parts in pool.items():
        most = _most(model, size)
        keys = [(j, j) for j in sorted({j for _, j in pairs})] if by_child else pairs
        placed = [(1, model.builder.variable(0, most)) for _ in keys]
        for (i, j), (_, count) in zip(keys, placed, strict=True):
            model.borne_parts[size, i, j] = count
        if model.scope.willing_places:
            for k, places in enumerate(model.instance.willing_places):
                if places >= size:
                    count = model.builder.variable(0, min(most, places // size))
                    model.willing_parts[size, k] = count
                    placed.append((1, count))
        model.builder.require(Linear.of(*placed, (-1, parts)), 0, 0)
    if by_child:
        _credit_children(model, pairs)


def _most(model: AllocationModel, size: int) -> int:
    """Upper bound on the parts of a size."""
    if "siblings-split" in model.scope.soft:
        return sum(number * (kind.size // size) for kind, number in model.types.items())
    return sum(number for kind, number in model.types.items() if kind.size == size)


def _credit_children(model: AllocationModel, pairs: list[tuple[int, int]]) -> None:
    holders = defaultdict(list)
    for i, j in pairs:
        holders[j].append(i)
    most = sum(kind.size * number for kind, number in model.types.items())
    for j, owners in holders.items():
        borne = Linear.of(*((s, x) for (s, _, b), x in model.borne_parts.items() if b == j))
        if len(owners) == 1:
            model.credits[owners[0], j] = borne
            continue
        credits = [model.builder.variable(0, most) for _ in owners]
        for i, credit in zip(owners, credits, strict=True):
            model.credits[i, j] = credit
        model.builder.require(Linear.of(*((1, c) for c in credits), (-1, borne)), 0, 0)


def _forbid_broken_at_tie(model: AllocationModel, pool: dict[int, Linear]) -> None:
    """A broken tie leads elsewhere.

    Parts are anonymous. They can be dealt so that none of tie ``k`` is borne by ``k`` and all that
    stay are where they stay exactly if the places of each ``k`` are at most the parts that may go
    there: all but those of tie ``k`` and those that stay elsewhere (Hall's condition; any two bearers
    together have no further excluded part).
    """
    if "kinship-broken" not in model.scope.soft:
        return
    broken: dict[tuple[int, int], list[tuple[int, Linear]]] = defaultdict(list)
    stays: dict[int, list[tuple[int, Linear]]] = defaultdict(list)
    for (kind, way), count in model.treated.items():
        if kind.tie >= 0:
            for part in way.placed_parts:
                broken[part, kind.tie].append((1, count))
        if way.stayed:
            stays[way.stayed].append((kind.stay, count))
    for (size, tie), parts in broken.items():
        borne = [(1, x) for (s, _, j), x in model.borne_parts.items() if s == size and j == tie]
        elsewhere = [(1, x) for j, x in stays[size] if j != tie]
        model.builder.require(Linear.of(*borne, *parts, *elsewhere, (-1, pool[size])), upper=0)


def _require_stays(model: AllocationModel) -> None:
    """Parts that stay must be borne by the municipality where the rule in force has them."""
    stays: dict[tuple[int, int], list[tuple[int, Linear]]] = defaultdict(list)
    for (kind, way), count in model.treated.items():
        if way.stayed:
            stays[way.stayed, kind.stay].append((1, count))
    borne: dict[tuple[int, int], list[tuple[int, Linear]]] = defaultdict(list)
    for (size, _, j), count in model.borne_parts.items():
        borne[size, j].append((1, count))
    for (size, j), parts in stays.items():
        away = [(-c, x) for c, x in borne[size, j]]
        model.builder.require(Linear.of(*parts, *away), upper=0)


def _count_municipalities(model: AllocationModel) -> None:
    """Express kinship, owned and borne children of every municipality, and bound what it gains."""
    n = len(model.instance.municipalities)
    kept: list[list[tuple[int, Linear]]] = [[] for _ in range(n)]
    for (kind, way), count in model.treated.items():
        if way.kept:
            kept[kind.tie].append((way.kept, count))
    owned: list[list[tuple[int, Linear]]] = [[] for _ in range(n)]
    borne: list[list[tuple[int, Linear]]] = [[] for _ in range(n)]
    for (size, i, j), count in model.borne_parts.items():
        borne[j].append((size, count))
        if not model.credits:
            owned[i].append((size, count))
    for (i, _), credit in model.credits.items():
        owned[i].append((1, credit))
    willing: list[list[tuple[int, Linear]]] = [[] for _ in range(n)]
    for (size, k), count in model.willing_parts.items():
        willing[k].append((size, count))
    before, places = history(model.instance, model.policy), model.instance.willing_places
    children = model.children
    for k in range(n):
        model.kinship.append(Linear.of(*kept[k]))
        model.owned.append(Linear.of(*owned[k], *willing[k]))
        model.borne.append(Linear.of(*borne[k], *willing[k]))
        if willing[k]:
            model.builder.require(Linear.of(*willing[k]), upper=places[k])
        sure = int(model.kinship[k].constant)
        model.fixed.append(before[k] + sure)
        model.extra.append(
            Linear.of((1, model.owned[k]), (1, model.kinship[k]), (-1, Linear({}, sure)))
        )
        model.limits.append(children if model.extra[k].terms else 0)
    _tighten_limits(model, over=0 if model.scope.capacity == "hard" else None)
    model.ceilings = list(model.limits)


def _tighten_limits(model: AllocationModel, over: int | None) -> None:
    """Bound owned children by the room of the bearers, where an excess is limited to ``over``."""
    if over is None or model.has_soft_ties:
        return
    for i, a in enumerate(model.ledger.share):
        room = 0
        bearers = set(_bearers(model, i)) if a > 0 else set()
        if model.instance.willing_places[i] and model.scope.willing_places:
            bearers.add(i)
        for j in bearers:
            capacity = model.instance.municipalities[j].capacity
            if capacity is None:
                room = model.children
                break
            room += max(0, capacity - int(model.kinship[j].constant)) + over
        model.limits[i] = min(model.limits[i], room)


def hold_over_capacity(model: AllocationModel, value: int) -> None:
    """Record that the excess is at most ``value``: it bounds what every owner can get."""
    _tighten_limits(model, value)


def excess_rows(model: AllocationModel, k: int) -> list[Linear]:
    """Expressions of which the largest, if positive, is the excess of municipality ``k``.

    The excess is ``max(0, borne − max(0, capacity − kinship))``; it is linear unless broken ties
    can bring kinship to either side of the capacity.
    """
    capacity = model.instance.municipalities[k].capacity
    borne, kinship = model.borne[k], model.kinship[k]
    if capacity is None or not borne.terms:
        return []
    most = sum(kind.size * number for kind, number in model.types.items())
    most_kinship = int(kinship.constant) + sum(
        int(c) * model.builder.uppers[v] for v, c in kinship.terms.items()
    )
    if not kinship.terms:
        room = max(0, capacity - int(kinship.constant))
        return [Linear.of((1, borne), (-1, Linear({}, room)))]
    together = Linear.of((1, borne), (1, kinship), (-1, Linear({}, capacity)))
    if most_kinship <= capacity:
        return [together]
    full = model.builder.variable(0, 1)  # 1 if kinship alone reaches the capacity
    beyond = most_kinship - capacity
    model.builder.require(Linear.of((1, kinship), (-beyond, full)), upper=capacity)
    model.builder.require(Linear.of((1, kinship), (-capacity, full)), lower=0)
    return [
        Linear.of((1, together), (-(most + most_kinship), full)),
        Linear.of((1, borne), (most, full), (-1, Linear({}, most))),
    ]
