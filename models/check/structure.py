"""Feasibility: every child once, cases whole, ties kept, bearers that hold the owner's share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from fordela.models.allocation import Assignment
from fordela.models.check.solution import Solution, Violation
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import Policy, credits_by_child

Assignments = Sequence[Assignment]

_OTHER_DATA = (
    "the solution was made for other data (instance_sha256 differs), so nothing else was looked at; "
    "check it with the instance it was made for (its folder 'instance' holds a copy), or solve this one"
)


def structure_violations(instance: Instance, solution: Solution) -> list[Violation]:
    """Every broken rule of feasibility."""
    if not solution.matches(instance):  # nothing that is counted in other data would say anything
        return [Violation("instance", _OTHER_DATA, fatal=True)]
    found = [*_identity(instance, solution), *_transfers(instance, solution)]
    assignments = solution.assignments
    if assignments is None:
        return found
    found += _children(instance, assignments)
    if any(v.fatal for v in found):
        return found
    found += _cases(instance, solution, assignments)
    found += _kinds(instance, solution, assignments)
    found += _hard_capacity(instance, solution, assignments)
    return found


def _identity(instance: Instance, solution: Solution) -> Iterator[Violation]:
    if not 0 <= solution.decided_cases <= len(instance.cases):
        message = f"{solution.decided_cases} are claimed to have been given, of {len(instance.cases)}"
        yield Violation("decided cases", message)
    elif solution.decided_cases and solution.policy.is_optimal:
        message = f"{solution.decided_cases} are claimed to have been given, which an optimum cannot be"
        yield Violation("decided cases", message)
    if solution.policy_sha256 not in (None, solution.policy.sha256):
        yield Violation("policy", "policy_sha256 is not that of the policy beside the solution")


def _transfers(instance: Instance, solution: Solution) -> Iterator[Violation]:
    for fault in transfer_faults(instance, solution.transfers):
        yield Violation("transfers", fault, fatal=True)
    scope = solution.policy.redistribution.scope
    allowed = set(instance.transfers) if scope == "decided" else set()
    if scope in ("decided", "none") and set(solution.transfers) != allowed:
        yield Violation("transfers", f"are not those that scope {scope!r} prescribes", fatal=True)


def transfer_faults(instance: Instance, transfers: Sequence[Transfer]) -> Iterator[str]:
    """What no transfers may be ([O] 2.3.2): unknown, empty, twice, passed on, or above the share."""
    share = {m.code: m.share for m in instance.municipalities}
    given: Counter[str] = Counter()
    pairs = Counter((t.giver, t.receiver) for t in transfers)
    receivers = {t.receiver for t in transfers}
    for t in transfers:
        arrow = f"{t.giver}→{t.receiver}"
        given[t.giver] += t.share
        if not {t.giver, t.receiver} <= share.keys():
            yield f"{arrow} names a municipality that does not exist"
        elif t.share <= 0 or pairs[t.giver, t.receiver] > 1:
            yield f"{arrow} hands over nothing, or is there twice"
        elif t.giver in receivers:
            yield f"{arrow}: who received shares cannot hand any away"
        elif given[t.giver] > share[t.giver]:
            yield f"{t.giver} hands away more than its share"


def _children(instance: Instance, assignments: Assignments) -> Iterator[Violation]:
    seen = Counter(a.child for a in assignments)
    expected = {c.child: c for c in instance.children}
    for child in expected:
        if seen[child] != 1:
            yield Violation("each child once", f"child {child} has {seen[child]} rows", fatal=True)
    for a in assignments:
        if a.child not in expected:
            yield Violation("each child once", f"child {a.child} is not in the year", fatal=True)
        elif a.case != expected[a.child].case:
            case = expected[a.child].case
            yield Violation("cases", f"child {a.child} belongs to case {case}", fatal=True)
        for role, code in (("municipality", a.bearer), ("owner", a.owner)):
            if a.kind == "unplaced":
                if code is not None:
                    yield Violation("kind", f"unplaced child {a.child} has a {role}", fatal=True)
            elif code is None or code not in instance.by_code:
                yield Violation("municipalities", f"child {a.child}: no {role} {code!r}", fatal=True)
    places = {case.case: k + 1 for k, case in enumerate(instance.cases)}
    for a in assignments:
        if a.case in places and a.order != places[a.case]:
            yield Violation("order", f"case {a.case} is number {places[a.case]}, not {a.order}")


def _cases(instance: Instance, solution: Solution, assignments: Assignments) -> Iterator[Violation]:
    soft = set(solution.policy.optimal.levels) if solution.policy.is_optimal else set()
    by_case: dict[str, list[Assignment]] = defaultdict(list)
    for a in assignments:
        by_case[a.case].append(a)
    by_child = credits_by_child(solution.policy)
    for case in instance.cases:
        rows = by_case[case.case]
        bearers = {a.bearer for a in rows}
        if len(bearers) > 1 and "siblings-split" not in soft:
            yield Violation("siblings", f"case {case.case} is split over {_names(bearers)}")
        for bearer in bearers:
            owners = {a.owner for a in rows if a.bearer == bearer}
            if len(owners) > 1 and not by_child:
                yield Violation("siblings", f"case {case.case} has several owners {_names(owners)}")
        if None in bearers and "unplaced" not in soft:
            yield Violation("unplaced", f"case {case.case} has no municipality")
        if case.tie is None:
            continue
        # Whether a tie is followed within the share is looked at step by step, in the replay; decisions
        # that had been taken before stand as they were.
        loose = solution.policy.assignment.kinship == "within-share" and not solution.policy.is_optimal
        loose = loose or rows[0].order <= solution.decided_cases
        for a in rows:
            at_tie, kinship = a.bearer == case.tie, a.kind == "kinship"
            if kinship and not at_tie:
                yield Violation("kinship", f"child {a.child} is kinship outside its tie {case.tie}")
            elif at_tie and not (kinship and a.owner == case.tie) and (kinship or not loose):
                message = f"child {a.child} at its tie is kinship on that municipality's share"
                yield Violation("kind", message)
            elif not at_tie and a.kind != "unplaced" and "kinship-broken" not in soft and not loose:
                yield Violation("kinship", f"child {a.child} has its tie in {case.tie}")


def _names(codes: set[str | None]) -> str:
    return ", ".join(sorted(str(c) for c in codes))


def _kinds(instance: Instance, solution: Solution, assignments: Assignments) -> Iterator[Violation]:
    policy: Policy = solution.policy
    share: dict[str | None, int] = {m.code: m.share for m in instance.municipalities}
    kept = dict(share)
    units: dict[tuple[str | None, str | None], int] = {}
    for t in solution.transfers:
        kept[t.giver] -= t.share
        units[t.giver, t.receiver] = t.share
    tie = {c.child: c.tie for c in instance.children}
    for a in assignments:  # those who are unplaced have no kind to look at
        if a.kind == "kinship":
            if tie[a.child] is None:
                yield Violation("kind", f"child {a.child} has no tie but is kinship")
        elif a.kind == "equalising":
            if share[a.owner] == 0:
                yield Violation("owner", f"child {a.child} is owned by {a.owner}, which has no share")
            elif a.bearer == a.owner:
                if kept[a.owner] <= 0:
                    message = f"child {a.child}: {a.owner} kept nothing of its share"
                    yield Violation("bearer", message)
            elif (a.owner, a.bearer) not in units:
                yield Violation("bearer", f"child {a.child}: {a.bearer} holds nothing of {a.owner}")
        elif a.kind in ("willing", "valve"):
            allowed = (
                policy.assignment.rule == "willing-first"
                if a.kind == "willing"
                else policy.assignment.valve is not None
            )
            # What had been decided before may have been so by another rule.
            if policy.is_optimal or not (allowed or a.order <= solution.decided_cases):
                yield Violation("kind", f"child {a.child}: the policy has no {a.kind} assignments")
            if a.owner != a.bearer:
                yield Violation("owner", f"child {a.child}: {a.kind} is owned by its bearer")


def _hard_capacity(
    instance: Instance, solution: Solution, assignments: Assignments
) -> Iterator[Violation]:
    if solution.policy.assignment.capacity != "hard":
        return
    kinship: Counter[str] = Counter()
    untied: Counter[str] = Counter()
    for a in assignments:
        if a.bearer is not None:
            (kinship if a.kind == "kinship" else untied)[a.bearer] += 1
    for m in instance.municipalities:
        if m.capacity is None:
            continue
        room = max(0, m.capacity - kinship[m.code])
        if untied[m.code] > room:
            message = f"{m.code} has {untied[m.code]} untied children and room for {room}"
            yield Violation("capacity", message)
