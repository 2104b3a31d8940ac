"""The sequential rules (model, section 3): one pass over the cases, exact, knowing only the past."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from fordela.models.allocation import Allocation, Assignment, Kind
from fordela.models.errors import InputError, Problem
from fordela.models.holdings import holdings, unwind
from fordela.models.instance import Case, Instance, Transfer
from fordela.models.policy import Policy
from fordela.models.rules import ByCode, Known, Rule, State
from fordela.solver.order import ranks_between_equals
from fordela.solver.queue import Pick
from fordela.solver.rules.asking import chosen_by
from fordela.solver.rules.loading import make_rule
from fordela.solver.turns import Turns
from fordela.solver.willing import WillingPlaces


@dataclass(frozen=True, slots=True)
class Run:
    """The outcome of a rule over a year.

    Attributes
    ----------
    allocation
        Decisions in order of arrival.
    tied_decisions
        Decisions in which more than one municipality had the winning value and room.
    valve_closed_at
        First case after the valve, or None.
    """

    allocation: Allocation
    tied_decisions: int
    valve_closed_at: str | None


def run_rule(
    instance: Instance,
    policy: Policy,
    transfers: Sequence[Transfer],
    seed: int = 0,
    decided: Mapping[str, Assignment] | None = None,
) -> Run:
    """Assign every case of the year by the policy's rule.

    Parameters
    ----------
    instance, policy, transfers, seed
        As in `solve`.
    decided
        By case: decisions that have been taken already, for the first cases of the year. They stand
        as they are, and the others follow from them.

    Raises
    ------
    InputError
        If the rule cannot be followed on the data: no municipality has a share for an untied
        child, a valve without a forecast.
    """
    _require(instance, policy)
    state = Year(instance, policy, transfers, seed)
    assignments: dict[str, list[Assignment]] = {}
    facts = decided or {}
    for order, case in enumerate(instance.cases, 1):
        kind, owner, bearer = state.follow(case, facts)
        codes = state.codes
        assignments[case.case] = [
            Assignment(c.child, case.case, codes[bearer], codes[owner], kind, order)
            for c in case.children
        ]
    if state.effective:
        _credit_owners(state, assignments)
    streams = {name: iter(rows) for name, rows in assignments.items()}
    return Run(
        Allocation(tuple(next(streams[c.case]) for c in instance.children)),
        state.tied_decisions,
        state.valve_closed_at,
    )


def _require(instance: Instance, policy: Policy) -> None:
    problems = []
    if policy.assignment.valve is not None and instance.forecast is None:
        message = f"policy {policy.name} has a valve, which needs a forecast of children"
        problems.append(Problem("instance.toml", message, column="forecast", value=""))
    if not any(m.share for m in instance.municipalities) and any(
        c.tie is None for c in instance.children
    ):
        message = "no municipality has a share, so an untied child has nowhere to go"
        problems.append(Problem("municipalities.csv", message, column="share", value="0"))
    if problems:
        raise InputError(problems)


@dataclass(frozen=True, slots=True)
class Contender:
    """A municipality in line for a case.

    Attributes
    ----------
    position
        In the instance.
    credited
        Children that count.
    share
        Units that decide in the year.
    ratio
        What the rule compares: credited over what was asked, by the policy's signpost.
    bearer
        Who would become responsible, by position.
    has_room
        Whether that one has room for the case.
    """

    position: int
    credited: int
    share: int
    ratio: Fraction
    bearer: int
    has_room: bool


class Year:
    """State of a year under a rule; `assign` takes the cases in order of arrival."""

    def __init__(
        self, instance: Instance, policy: Policy, transfers: Sequence[Transfer], seed: int = 0
    ) -> None:
        municipalities = instance.municipalities
        self.policy, self._forecast = policy, instance.forecast
        self.codes = tuple(m.code for m in municipalities)
        self.index = {code: k for k, code in enumerate(self.codes)}
        self.ledger = holdings(instance, transfers)
        self.effective = policy.counting.mechanism == "effective-share"
        self.tied_decisions = 0
        self.valve_closed_at: str | None = None
        self._bearers = tuple(self.ledger.bearers(i) for i in range(len(self.codes)))
        self._capacity = tuple(m.capacity for m in municipalities)
        self._capped = any(c is not None for c in self._capacity)
        self._borne = [0] * len(self.codes)
        self._equalising = [0] * len(self.codes)
        self._on_transferred = [0] * len(self.codes)
        self._lot = Random(seed) if policy.assignment.tie == "lot" else None
        self._ranks = ranks_between_equals(instance, policy)
        self._willing = WillingPlaces(instance, self._ranks)
        self._turns = Turns(instance, policy, self.ledger, self._ranks)
        self._cases = 0
        known = Known(instance.year, municipalities, tuple(transfers), instance.forecast, policy, seed)
        self._rule = make_rule(policy, known)

    def assign(self, case: Case) -> tuple[Kind, int, int]:
        """Decide and record: kind, owner and bearer by position."""
        kind, owner, bearer, tied = self._decide(case)
        self.tied_decisions += tied
        if kind == "willing":
            self._willing.take(bearer, case)
        self._record(case.size, kind, owner, bearer)
        return kind, owner, bearer

    def follow(self, case: Case, facts: Mapping[str, Assignment]) -> tuple[Kind, int, int]:
        """Enter a decision that has been taken already, or decide: kind, owner and bearer."""
        fact = facts.get(case.case)
        return self.assign(case) if fact is None else self.enter(case, fact)

    def enter(self, case: Case, fact: Assignment) -> tuple[Kind, int, int]:
        """Record a decision that has been taken already: kind, owner and bearer by position."""
        assert fact.owner is not None
        assert fact.bearer is not None
        owner, bearer = self.index[fact.owner], self.index[fact.bearer]
        if fact.kind == "willing":
            self._willing.take(bearer, case)
        if fact.kind == "valve":
            self.valve_closed_at = self.valve_closed_at or case.case
        self._record(case.size, fact.kind, owner, bearer)
        return fact.kind, owner, bearer

    def _decide(self, case: Case) -> tuple[Kind, int, int, bool]:
        if case.tie is not None and self.follows_tie(case):
            home = self.index[case.tie]
            return "kinship", home, home, False
        if self.next_kind(case.size) == "valve":
            self.valve_closed_at = self.valve_closed_at or case.case
            return self._lowest(case, "valve")
        if self.policy.assignment.rule == "willing-first":
            pick = self._willing.pick(case, lambda k: self._room(k, case.size), self._lot)
            if pick is not None:
                return "willing", pick.member, pick.member, pick.tied
        return self._lowest(case, "equalising")

    def follows_tie(self, case: Case) -> bool:
        """Whether a case goes to its tie: always, or as long as that is within the share."""
        if case.tie is None or self.policy.assignment.kinship == "always":
            return case.tie is not None
        return self._turns.within_share(self.index[case.tie], case.size)

    def _lowest(self, case: Case, kind: Kind) -> tuple[Kind, int, int, bool]:
        size = case.size
        through_owner = kind == "equalising" and not self.effective

        def has_room(owner: int) -> bool:
            if not self._capped:
                return True
            bearers = self._bearers[owner] if through_owner else (owner,)
            return any(self._room(j, size) for j in bearers)

        pick: Pick | None
        if self._rule is not None:
            pick, full = self._ask(self._rule, case, kind, has_room)
        else:
            pick = self._turns.first(kind, size, has_room, self._lot)
            full = pick is None
            if pick is None:  # nobody has room: as if there were no capacities
                pick = self._turns.first(kind, size, None, self._lot)
        if pick is None:
            raise InputError([Problem("municipalities.csv", "nobody has a share", column="share")])
        owner = pick.member
        if not through_owner or self._bearers[owner] == (owner,):
            return kind, owner, owner, pick.tied
        ordered = self._preference(owner, size)
        bearer = next((j for j in ordered if full or self._room(j, size)), ordered[0])
        return kind, owner, bearer, pick.tied

    def _ask(
        self, rule: Rule, case: Case, kind: Kind, has_room: Callable[[int], bool]
    ) -> tuple[Pick | None, bool]:
        """Let a rule choose among those with a share and room; whether nobody has room."""
        turns = self._turns
        members = turns.members(kind)
        open_to = [k for k in members if has_room(k)]
        chosen = open_to or members
        if not chosen:
            return None, True
        index = self.index
        state = State(
            credited=ByCode(index, turns.count),
            borne=ByCode(index, self._borne),
            share=ByCode(index, turns.all_asked(kind, case.size)),
            candidates=tuple(self.codes[k] for k in chosen),
            children=turns.children,
            kind=kind,
        )
        equals = chosen_by(rule, self.policy, case, self._cases + 1, state)
        positions = sorted((index[code] for code in equals), key=self._ranks.__getitem__)
        tied = len(positions) > 1
        lot = self._lot
        member = positions[lot.randrange(len(positions))] if tied and lot else positions[0]
        return Pick(member, tied), not open_to

    def _preference(self, owner: int, size: int) -> list[int]:
        """Bearers in order: the receiver most behind on what it holds, or the owner (section 2)."""
        behind = sorted(
            (-self._behind(j, owner, size), self.codes[j], j) for j, _ in self.ledger.given[owner]
        )
        receivers = [j for _, _, j in behind]
        if self.ledger.kept[owner] == 0:
            return receivers
        if behind and -2 * behind[0][0] >= size:
            return [*receivers, owner]
        return [owner, *receivers]

    def _behind(self, receiver: int, owner: int, size: int) -> Fraction:
        """``D_j``: children due on the share it received, this case included, minus those borne."""
        due = Fraction(0)
        for giver, units in self.ledger.received[receiver]:
            children = self._equalising[giver] + (size if giver == owner else 0)
            due += Fraction(children * units, self.ledger.share[giver])
        return due - self._on_transferred[receiver]

    def _room(self, bearer: int, size: int) -> bool:
        capacity = self._capacity[bearer]
        return capacity is None or capacity - self._borne[bearer] >= size

    def _record(self, size: int, kind: Kind, owner: int, bearer: int) -> None:
        self._cases += 1
        self._borne[bearer] += size
        self._turns.add(bearer if self.effective else owner, size)
        if kind == "equalising":
            self._equalising[owner] += size
            if owner != bearer:
                self._on_transferred[bearer] += size

    @property
    def counted(self) -> tuple[int, ...]:
        """Children that count for each municipality's place in line."""
        return tuple(self._turns.count)

    @property
    def turns(self) -> Turns:
        """Whose turn it is; only to be asked."""
        return self._turns

    @property
    def ranks(self) -> list[int]:
        """Order between equals."""
        return self._ranks

    @property
    def by_lot(self) -> bool:
        """Whether lots decide between equals."""
        return self._lot is not None

    @property
    def capped(self) -> bool:
        """Whether any municipality has a capacity."""
        return self._capped

    def next_kind(self, size: int) -> Kind:
        """Kind of the next decision by fulfilment: ``valve`` if a case of this size is after it."""
        valve = self.policy.assignment.valve
        closed = valve is not None and self._forecast is not None and (
            self._turns.children + size > valve * self._forecast
        )  # fmt: skip
        return "valve" if closed else "equalising"

    def line(self) -> list[int]:
        """Positions of municipalities in line for a single child who goes by fulfilment.

        Those with a share and room; all with a share if nobody has room.
        """
        kind = self.next_kind(1)
        members = self._turns.members(kind)
        direct = self.effective or kind == "valve"
        bearers = [(k,) if direct else self._bearers[k] for k in members]
        open_to = [k for k, js in zip(members, bearers, strict=True) if any(map(self._free, js))]
        return self._turns.order(kind, 1, open_to or members)

    def contenders(self, size: int, kind: Kind = "equalising") -> list[Contender]:
        """Everybody with a share, in the order in which the rule looks at them for a case of a size."""
        through_owner, turns = kind == "equalising" and not self.effective, self._turns
        found = []
        for k in turns.order(kind, size, turns.members(kind)):
            ordered = self._preference(k, size) if through_owner else [k]
            bearer = next((j for j in ordered if self._room(j, size)), ordered[0])
            room = self._room(bearer, size)
            ratio = Fraction(*turns.compared(kind, size, k))
            share = turns.shares(kind)[k]
            found.append(Contender(k, turns.count[k], share, ratio, bearer, room))
        return found

    def _free(self, bearer: int) -> bool:
        return self._room(bearer, 1)

    def next_bearer(self, owner: int) -> int:
        """Who would bear a single child of an owner."""
        if self.effective or self.next_kind(1) == "valve":
            return owner
        ordered = self._preference(owner, 1)
        return next((j for j in ordered if self._room(j, 1)), ordered[0])


def _credit_owners(state: Year, assignments: dict[str, list[Assignment]]) -> None:
    """Unwind the year's credit under ``effective-share``: owners in order of holding."""
    queues: dict[str, list[str]] = {}
    equalising: dict[str, int] = {}
    for rows in assignments.values():
        for a in rows:
            if a.kind == "equalising" and a.bearer is not None:
                equalising[a.bearer] = equalising.get(a.bearer, 0) + 1
    for code, children in equalising.items():
        shares = unwind(state.ledger, state.index[code], children)
        queues[code] = [state.codes[i] for i, n in shares.items() for _ in range(n)][::-1]
    for name, rows in assignments.items():
        assignments[name] = [
            replace(a, owner=queues[a.bearer].pop())
            if a.kind == "equalising" and a.bearer is not None
            else a
            for a in rows
        ]
