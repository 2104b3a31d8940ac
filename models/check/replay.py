"""The sequential rules replayed step by step from their definitions (model, sections 2 and 3).

Deliberately plain and slow: at every case all municipalities are looked at. The engine in
``solver`` is fast; this one is what it is measured against.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import ceil

from fordela.models.allocation import Assignment, Kind
from fordela.models.check.ledger import Holdings, holdings, unwind
from fordela.models.check.solution import Solution, Violation
from fordela.models.instance import Case, Instance, Transfer
from fordela.models.policy import Policy
from fordela.models.wishes import Availability

Ratio = tuple[int, int]
#: Rules that are followed here step by step; of others every decision that is allowed is accepted.
REPLAYED = ("lowest-fulfilment", "willing-first", "projected")


def is_replayed(policy: Policy) -> bool:
    """Whether the checker follows the policy's rule, or solves nothing by rule at all."""
    return policy.is_optimal or policy.assignment.rule in REPLAYED


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rule allows for a case: the kind, the pairs (owner, bearer), and whether tied."""

    kind: Kind
    options: tuple[tuple[int, int], ...]
    tied: bool


class Replay:
    """State of a year under a sequential rule; knows only the past."""

    def __init__(self, instance: Instance, policy: Policy, transfers: Sequence[Transfer]) -> None:
        self.instance, self.policy = instance, policy
        self.codes = [m.code for m in instance.municipalities]
        self.index = {code: k for k, code in enumerate(self.codes)}
        self.ledger: Holdings = holdings(instance, transfers)
        self.bearers = [
            [*(receiver for receiver, _ in given), *([i] if kept else [])]
            for i, (given, kept) in enumerate(zip(self.ledger.given, self.ledger.kept, strict=True))
        ]
        basis = policy.counting.basis
        self.credit = [
            {"history": m.assigned_before, "stock": m.stock or 0}.get(basis, 0)
            for m in instance.municipalities
        ]
        self.physical = list(self.credit)
        self.before = sum(self.credit)
        self.borne = [0] * len(self.codes)
        self.windows = list(instance.availability) or [
            Availability(m.code, None, None, m.willing) for m in instance.municipalities
        ]
        self.taken = [0] * len(self.windows)
        self.offers: dict[str, list[int]] = defaultdict(list)
        for w, window in enumerate(self.windows):
            self.offers[window.municipality].append(w)
        self.equalising_owned = [0] * len(self.codes)
        self.on_transferred = [0] * len(self.codes)
        self.children = 0
        self.effective = policy.counting.mechanism == "effective-share"
        self.replayed = policy.assignment.rule in REPLAYED
        weights = [
            Fraction(m.population or 0) if m.kin_weight is None else m.kin_weight
            for m in instance.municipalities
        ]
        whole = sum(weights, Fraction(0))
        self.kin_part = [w and policy.assignment.kinship_part * w / whole for w in weights]

    def decide(self, case: Case) -> Decision:
        """What the rule does with the next case."""
        if case.tie is not None and self._follows_tie(case):
            home = self.index[case.tie]
            return Decision("kinship", ((home, home),), False)
        valve = self.policy.assignment.valve
        forecast = self.instance.forecast
        if valve is not None and forecast is not None and (
            self.children + case.size > valve * forecast
        ):  # fmt: skip
            return self._lowest(case, "valve")
        if self.policy.assignment.rule == "willing-first":
            decision = self._willing(case)
            if decision is not None:
                return decision
        return self._lowest(case, "equalising")

    def _follows_tie(self, case: Case) -> bool:
        """Whether a tie decides: under ``within-share`` only up to the tie's part, rounded up."""
        if self.policy.assignment.kinship != "within-share":
            return True
        home = self.index[case.tie or ""]
        counts = self.physical if self.effective else self.credit
        part = Fraction(
            self.ledger.share[home] * (self.before + self.children + case.size),
            self.instance.units,
        )
        return counts[home] + case.size <= ceil(part)

    def record(self, case: Case, kind: str, owner: int, bearer: int) -> None:
        """Enter a decision."""
        size = case.size
        self.credit[owner] += size
        self.physical[bearer] += size
        self.borne[bearer] += size
        self.children += size
        if kind == "willing":
            self._take(self.codes[bearer], case)
        elif kind == "equalising":
            self.equalising_owned[owner] += size
            if owner != bearer:
                self.on_transferred[bearer] += size

    def _room(self, bearer: int, size: int) -> bool:
        capacity = self.instance.municipalities[bearer].capacity
        return capacity is None or capacity - self.borne[bearer] >= size

    def _willing(self, case: Case) -> Decision | None:
        candidates = []
        for k, code in enumerate(self.codes):
            offered = self._open(code, case)
            places = sum(self.windows[w].places for w in offered)
            taken = sum(self.taken[w] for w in offered)
            if places - taken >= case.size and self._room(k, case.size):
                candidates.append((k, (taken, places)))
        if not candidates:
            return None
        lowest = _lowest_of(candidates)
        chosen = self._break_tie(lowest)
        return Decision("willing", tuple((k, k) for k in chosen), len(lowest) > 1)

    def _open(self, code: str, case: Case) -> list[int]:
        """Willing places of a municipality on the case's day, those that close first before others."""
        offered = [w for w in self.offers[code] if _fits(self.windows[w], case)]
        return sorted(
            offered, key=lambda w: (self.windows[w].last or date.max, self.windows[w].first or date.min)
        )

    def _take(self, code: str, case: Case) -> None:
        left = case.size
        for w in self._open(code, case):
            used = min(left, self.windows[w].places - self.taken[w])
            self.taken[w] += used
            left -= used

    def _lowest(self, case: Case, kind: Kind) -> Decision:
        size = case.size
        through_owner = kind == "equalising" and not self.effective
        counts = self.physical if self.effective else self.credit
        coming = self._expected(size)
        ratios = [
            (i, self._signpost(counts[i], size, a, coming[i]))
            for i, a in enumerate(self._asked(kind, size))
            if a > 0
        ]
        room = [self._room(j, size) for j in range(len(self.codes))]
        choice = self.bearers if through_owner else [[i] for i in range(len(self.codes))]
        with_room = [(i, ratio) for i, ratio in ratios if any(room[j] for j in choice[i])]
        # Where nobody has room, it is as if there were no capacities.
        open_to = with_room or ratios
        lowest = _lowest_of(open_to)
        bearer = {}
        for i in lowest if self.replayed else [i for i, _ in open_to]:
            order = self._preference(i, size) if through_owner else [i]
            bearer[i] = next((j for j in order if room[j]), order[0])
        if not self.replayed:
            return Decision(kind, tuple(sorted(bearer.items())), False)
        chosen = self._break_tie(lowest)
        return Decision(kind, tuple((i, bearer[i]) for i in chosen), len(lowest) > 1)

    def _asked(self, kind: str, size: int) -> list[int]:
        """What children are set against: shares, or what the shares of all years asked; 0 is no turn.

        Under ``effective-share`` a share holds for its year (section 2): the children of the years
        before count against a municipality's own share, those of this year, this case included, against
        the one after transfers.
        """
        own = self.ledger.share
        if kind == "valve" or not self.effective:
            return list(own)
        so_far = self.children + size
        after = self.ledger.effective
        return [a * self.before + b * so_far if b else 0 for a, b in zip(own, after, strict=True)]

    def _expected(self, size: int) -> Sequence[Fraction | int]:
        """Kinship that the rest of the forecast should bring, after this case; 0 for other rules."""
        rest = 0
        if self.policy.assignment.rule == "projected":
            rest = max(0, (self.instance.forecast or 0) - self.children - size)
        return [rest * part for part in self.kin_part] if rest else [0] * len(self.codes)

    def _signpost(self, count: int, size: int, share: int, coming: Fraction | int) -> Ratio:
        top, bottom = coming.numerator + count * coming.denominator, coming.denominator * share
        if self.policy.assignment.signpost == "midpoint":
            return 2 * top + size * coming.denominator, 2 * bottom
        if self.policy.assignment.signpost == "after":
            top += size * coming.denominator
        return top, bottom

    def _preference(self, owner: int, size: int) -> list[int]:
        """Bearers for the owner in the order of section 2."""
        due = []
        for receiver, _ in self.ledger.given[owner]:
            total = Fraction(-self.on_transferred[receiver])
            for giver, units in self.ledger.received[receiver]:
                children = self.equalising_owned[giver] + (size if giver == owner else 0)
                total += Fraction(children * units, self.ledger.share[giver])
            due.append((-total, self.codes[receiver], receiver))
        due.sort()
        order = [receiver for _, _, receiver in due]
        if self.ledger.kept[owner] == 0:
            return order
        if due and -due[0][0] >= Fraction(size, 2):
            return [*order, owner]
        return [owner, *order]

    def _break_tie(self, tied: list[int]) -> list[int]:
        rule = self.policy.assignment.tie
        if rule == "lot":
            return tied
        by_share = rule == "largest-share"
        share = self.ledger.share
        return [min(tied, key=lambda k: (-share[k] if by_share else 0, self.codes[k]))]


def _fits(window: Availability, case: Case) -> bool:
    """Whether willing places can be used for a case: their days, and what permits say of each child."""
    opens, closes = window.first or date.min, window.last or date.max
    ages = range(window.min_age or 0, 1 + (99 if window.max_age is None else window.max_age))
    named = window.min_age is not None or window.max_age is not None
    return opens <= case.arrival <= closes and all(
        (child.age in ages or not named) and (child.sex in window.sexes or not window.sexes)
        for child in case.children
    )


def _lowest_of(candidates: list[tuple[int, Ratio]]) -> list[int]:
    best: Ratio | None = None
    lowest: list[int] = []
    for k, (top, bottom) in candidates:
        if best is None or top * best[1] < best[0] * bottom:
            best, lowest = (top, bottom), [k]
        elif top * best[1] == best[0] * bottom:
            lowest.append(k)
    return lowest


def bearers_of_rule(
    instance: Instance, policy: Policy, transfers: Sequence[Transfer]
) -> dict[str, str]:
    """Bearer of every case under a rule whose order between equals is not by lot."""
    replay = Replay(instance, policy, transfers)
    bearers = {}
    for case in instance.cases:
        decision = replay.decide(case)
        owner, bearer = decision.options[0]
        replay.record(case, decision.kind, owner, bearer)
        bearers[case.case] = replay.codes[bearer]
    return bearers


def assignments_of_rule(
    instance: Instance, policy: Policy, transfers: Sequence[Transfer]
) -> tuple[Assignment, ...]:
    """What a rule whose order between equals is not by lot decides, owners unwound at year end."""
    replay = Replay(instance, policy, transfers)
    made = []
    for number, case in enumerate(instance.cases):
        decision = replay.decide(case)
        owner, bearer = decision.options[0]
        replay.record(case, decision.kind, owner, bearer)
        made += [
            Assignment(
                child=c.child, case=case.case, bearer=replay.codes[bearer], owner=replay.codes[owner],
                kind=decision.kind, order=number,
            )
            for c in case.children
        ]  # fmt: skip
    return tuple(_unwound(made, replay)) if replay.effective else tuple(made)


def _unwound(made: Sequence[Assignment], replay: Replay) -> Iterator[Assignment]:
    borne = Counter(a.bearer for a in made if a.kind == "equalising" and a.bearer is not None)
    owners = {
        code: [
            i for i, n in unwind(replay.ledger, replay.index[code], number).items() for _ in range(n)
        ]
        for code, number in borne.items()
    }
    for a in made:
        unwound = a.kind == "equalising" and a.bearer is not None
        yield replace(a, owner=replay.codes[owners[str(a.bearer)].pop()]) if unwound else a


def replay_violations(instance: Instance, solution: Solution) -> Iterator[Violation]:
    """Follow the solution case by case and report where it leaves the rule."""
    replay = Replay(instance, solution.policy, solution.transfers)
    rows: dict[str, list[Assignment]] = defaultdict(list)
    for a in solution.assignments or ():
        rows[a.case].append(a)
    tied, closed = 0, None
    for number, case in enumerate(instance.cases):
        fact = number < solution.decided_cases
        decision = replay.decide(case)
        first = rows[case.case][0]
        if first.bearer is None or first.owner is None:
            return  # reported by the structure
        bearer = replay.index[first.bearer]
        unwound = replay.effective and first.kind == "equalising"
        owner = bearer if unwound else replay.index[first.owner]
        tied += decision.tied and not fact
        if (first if fact else decision).kind == "valve" and closed is None:
            closed = case.case
        if fact:
            pass  # decided before, for reasons that the rule need not know
        elif (owner, bearer) not in decision.options or first.kind != decision.kind:
            ways = " or ".join(
                f"owner {replay.codes[i]} bearer {replay.codes[j]}" for i, j in decision.options
            )
            yield Violation(
                "rule",
                f"case {case.case} is {first.kind}, owner {first.owner} bearer {first.bearer}; the "
                f"rule gives {decision.kind}, {ways}",
            )
        replay.record(case, first.kind, owner, bearer)
    counted = replay.replayed and solution.tied_decisions is not None
    if counted and solution.tied_decisions != tied:
        message = f"{solution.tied_decisions} are claimed, {tied} were tied"
        yield Violation("tied decisions", message)
    if solution.valve_closed_at != closed:
        yield Violation("valve", f"closed at {closed}, not {solution.valve_closed_at}")
    if replay.effective:
        yield from _unwinding(solution, replay)


def _unwinding(solution: Solution, replay: Replay) -> Iterator[Violation]:
    owners: dict[str, Counter[str]] = defaultdict(Counter)
    for a in solution.assignments or ():
        if a.kind == "equalising" and a.bearer is not None and a.owner is not None:
            owners[a.bearer][a.owner] += 1
    for bearer, by_owner in owners.items():
        expected = unwind(replay.ledger, replay.index[bearer], by_owner.total())
        named = {replay.codes[i]: n for i, n in expected.items() if n}
        if named != dict(by_owner):
            message = f"children of {bearer} are credited {dict(by_owner)} instead of {named}"
            yield Violation("year-end credit", message)
