"""Taking a year on from what has already been decided in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, replace
from itertools import zip_longest

from fordela.models.allocation import Assignment
from fordela.models.check import Solution
from fordela.models.check.structure import structure_violations
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Case, Instance, Municipality
from fordela.models.policy import BY_WISHES, Policy
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import Result, Status, Termination
from fordela.models.units import per_mille_text
from fordela.models.validation import (
    CHILDREN,
    LAST_YEAR,
    MUNICIPALITIES,
    PAIRS,
    TRANSFERS,
    WISHES,
)
from fordela.solver.solve import solve

#: What the decisions rest on; the other columns may change during a year.
_FIXED = ("share", "assigned_before", "stock")
#: What transfers rest on besides, where the policy decides them by distance; as in the file.
_PLACE = {"latitude": "lat", "longitude": "lon"}
_FOR_THE_YEAR = "transfers hold for a calendar year ([O] 2.3.2)"


def solve_on(
    earlier: Result,
    instance: Instance,
    policy: Policy,
    *,
    time_limit: float | None = None,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
    **_: object,
) -> Result:
    """Take a year on: earlier decisions and transfers stand, the rule goes on with later children.

    Parameters
    ----------
    earlier
        What has been decided; see `taken_over`.
    instance, policy, time_limit, seed, progress
        As in `solve`; what else that takes is of no use to a rule.

    Raises
    ------
    InputError
        If the year or the policy does not go on from there.
    """
    redistribution, decided = taken_over(earlier, instance, policy)
    return solve(
        instance, policy, time_limit=time_limit, seed=seed, progress=progress,
        redistribution=redistribution, decided=decided,
    )  # fmt: skip


def taken_over(
    earlier: Result, instance: Instance, policy: Policy
) -> tuple[RedistributionResult, dict[str, Assignment]]:
    """Return what holds for the rest of a year: the transfers in force, and its decisions by case.

    Raises
    ------
    InputError
        If the year does not begin with the earlier one: its children in the same order with the same
        ties, the same municipalities, shares and histories; if the decisions are not whole; or if the
        policy reads or decides transfers in another way than the earlier one did, or from other data.
    """
    problems = [
        *_other_municipalities(instance, earlier.instance, policy),
        *_other_transfers(instance, policy, earlier),
        *_other_cases(instance, earlier),
    ]
    broken = structure_violations(earlier.instance, Solution.of(earlier))
    problems += [Problem("--continue", str(v)) for v in broken]
    problems += _parted(earlier)
    problems += [
        Problem("--continue", f"case {a.case} has no municipality, so it is not decided")
        for a in earlier.allocation.assignments
        if a.bearer is None
    ]
    if problems:
        raise InputError(problems)
    made = earlier.redistribution or RedistributionResult(
        instance, policy, earlier.transfers, Status.OPTIMAL, Termination.COMPLETED,
        backend="decided", seed=earlier.seed,
    )  # fmt: skip
    decided = {a.case: a for a in earlier.allocation.assignments}
    return replace(made, instance=instance, policy=policy), decided


def _other_transfers(instance: Instance, policy: Policy, earlier: Result) -> Iterator[Problem]:
    """Say what would make other transfers than those in force."""
    before, rules = earlier.policy, policy.redistribution
    if rules != before.redistribution or policy.counting != before.counting:
        message = (
            f"the year was begun under {before.name}, whose [counting] or [redistribution] differs; "
            f"{_FOR_THE_YEAR}"
        )
        yield Problem("--policy", message, value=policy.name)
        return
    if rules.scope == "decided":
        for t in sorted({*instance.transfers} ^ {*earlier.transfers}, key=astuple):
            message = (
                "is missing, but was in force when the first children were decided"
                if t in earlier.transfers
                else "was not in force when the first children were decided"
            )
            shown = f"{t.giver} → {t.receiver}, {per_mille_text(t.share)} ‰"
            yield Problem(TRANSFERS, f"{message}; {_FOR_THE_YEAR}", value=shown)
    if rules.scope not in BY_WISHES:
        return
    file = WISHES if instance.wishes else MUNICIPALITIES
    for direction in ("more", "less"):
        now, then = (getattr(year.wanted, direction) for year in (instance, earlier.instance))
        for code in sorted(c for c in {*now, *then} if now.get(c) != then.get(c)):
            message = (
                f"the wish for {direction} is not the one by which transfers were decided; "
                f"{_FOR_THE_YEAR}; a wish for the next year belongs in that year's instance"
            )
            yield Problem(file, message, column="municipality", value=code)
    for read, file, then, now in (
        (rules.scope == "listed", PAIRS, earlier.instance.pairs, instance.pairs),
        (
            "continuity" in rules.levels,
            LAST_YEAR,
            earlier.instance.transfers_last_year,
            instance.transfers_last_year,
        ),
    ):
        if read and {*then} != {*now}:
            message = f"is not the one by which transfers were decided; {_FOR_THE_YEAR}"
            yield Problem(file, message)


def _parted(earlier: Result) -> Iterator[Problem]:
    """Cases that an optimum has split: a rule takes cases whole, so it cannot go on from them."""
    unwound = earlier.policy.counting.mechanism == "effective-share"
    first: dict[str, Assignment] = {}
    for a in earlier.allocation.assignments:
        b = first.setdefault(a.case, a)
        if a.bearer != b.bearer or (a.owner != b.owner and not unwound):
            message = f"case {a.case} is split between municipalities; a rule cannot go on from it"
            yield Problem("--continue", message)


def _other_municipalities(instance: Instance, earlier: Instance, policy: Policy) -> Iterator[Problem]:
    then, columns = earlier.by_code, list(_FIXED)
    rules = policy.redistribution
    if rules.scope in BY_WISHES:
        by_distance = rules.scope == "bilateral" or "distance" in rules.levels
        columns += ["county_code", *(_PLACE if by_distance else ())]
    for code in sorted(set(then) ^ set(instance.by_code)):
        which = "not in the result that is continued" if code in instance.by_code else "is missing"
        yield Problem(MUNICIPALITIES, which, column="code", value=code)
    for m in instance.municipalities:
        if m.code in then:
            yield from _changed(m, then[m.code], columns)


def _changed(now: Municipality, then: Municipality, columns: Sequence[str]) -> Iterator[Problem]:
    for column in columns:
        value, earlier = getattr(now, column), getattr(then, column)
        if value != earlier:
            write = per_mille_text if column == "share" else str
            message = f"of {now.name} was {write(earlier)} when the first children were decided"
            yield Problem(
                MUNICIPALITIES, message, column=_PLACE.get(column, column), value=write(value)
            )


def _other_cases(instance: Instance, earlier: Result) -> Iterator[Problem]:
    """Say which case is the first that is not as it was."""
    for now, then in zip_longest(instance.cases, earlier.instance.cases):
        if then is None:
            return
        if now is None or _key(now) != _key(then):
            message = (
                "the year must begin with the cases already decided, in the same order; instead of "
                f"{_named(then)} it has {_named(now)}"
            )
            yield Problem(CHILDREN, message)
            return


def _named(case: Case | None) -> str:
    if case is None:
        return "nothing"
    return f"case {case.case} of {case.size}, tie {case.tie or 'none'}"


def _key(case: Case) -> tuple[object, ...]:
    return case.case, tuple(child.child for child in case.children), case.tie
