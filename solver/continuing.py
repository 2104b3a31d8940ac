"""Taking a year on from what has already been decided in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import zip_longest

from fordela.models.allocation import Assignment
from fordela.models.check import Solution
from fordela.models.check.structure import structure_violations
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Case, Instance, Municipality
from fordela.models.policy import Policy
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import Result, Status, Termination
from fordela.models.units import per_mille_text
from fordela.models.validation import CHILDREN, MUNICIPALITIES
from fordela.solver.solve import solve

#: What the decisions rest on; the other columns may change during a year.
_FIXED = ("share", "assigned_before", "stock")


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
        What has been decided; see `decided_so_far` and `transfers_in_force`.
    instance, policy, time_limit, seed, progress
        As in `solve`; what else that takes is of no use to a rule.

    Raises
    ------
    InputError
        If the year or the policy does not go on from there.
    """
    return solve(
        instance, policy, time_limit=time_limit, seed=seed, progress=progress,
        redistribution=transfers_in_force(instance, policy, earlier),
        decided=decided_so_far(instance, earlier),
    )  # fmt: skip


def decided_so_far(instance: Instance, earlier: Result) -> dict[str, Assignment]:
    """Return the decisions of an earlier result for the first cases of a year, by case.

    Raises
    ------
    InputError
        If the year does not begin with the earlier one: its children in the same order with the same
        ties, the same municipalities, shares and histories; or if the decisions are not whole.
    """
    problems = [*_other_municipalities(instance, earlier.instance), *_other_cases(instance, earlier)]
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
    return {a.case: a for a in earlier.allocation.assignments}


def transfers_in_force(instance: Instance, policy: Policy, earlier: Result) -> RedistributionResult:
    """Return the transfers of an earlier result as the ones that hold for the rest of the year.

    Raises
    ------
    InputError
        If the policy reads or decides transfers in another way than the earlier one did.
    """
    before = earlier.policy
    same = policy.redistribution == before.redistribution and policy.counting == before.counting
    if not same:
        message = (
            f"the year was begun under {before.name}, whose [counting] or [redistribution] differs; "
            "transfers hold for a calendar year ([O] 2.3.2)"
        )
        raise InputError([Problem("--policy", message, value=policy.name)])
    if earlier.redistribution is not None:
        return replace(earlier.redistribution, instance=instance, policy=policy)
    return RedistributionResult(
        instance, policy, earlier.transfers, Status.OPTIMAL, Termination.COMPLETED,
        backend="decided", seed=earlier.seed,
    )  # fmt: skip


def _parted(earlier: Result) -> Iterator[Problem]:
    """Cases that an optimum has split: a rule takes cases whole, so it cannot go on from them."""
    unwound = earlier.policy.counting.mechanism == "effective-share"
    first: dict[str, Assignment] = {}
    for a in earlier.allocation.assignments:
        b = first.setdefault(a.case, a)
        if a.bearer != b.bearer or (a.owner != b.owner and not unwound):
            message = f"case {a.case} is split between municipalities; a rule cannot go on from it"
            yield Problem("--continue", message)


def _other_municipalities(instance: Instance, earlier: Instance) -> Iterator[Problem]:
    then = earlier.by_code
    for code in sorted(set(then) ^ set(instance.by_code)):
        which = "not in the result that is continued" if code in instance.by_code else "is missing"
        yield Problem(MUNICIPALITIES, which, column="code", value=code)
    for m in instance.municipalities:
        if m.code in then:
            yield from _changed(m, then[m.code])


def _changed(now: Municipality, then: Municipality) -> Iterator[Problem]:
    for column in _FIXED:
        value, earlier = getattr(now, column), getattr(then, column)
        if value != earlier:
            write = per_mille_text if column == "share" else str
            message = f"of {now.name} was {write(earlier)} when the first children were decided"
            yield Problem(MUNICIPALITIES, message, column=column, value=write(value))


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
