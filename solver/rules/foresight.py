"""Whether a rule of one's own sees the future, or draws what its seed does not decide.

The first cases of a year are decided again while the children who come after them are others. A rule
that knows only the past decides the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

from fordela.models.allocation import Assignment
from fordela.models.instance import Child, Instance, Transfer
from fordela.models.policy import Policy
from fordela.models.rules import RuleError
from fordela.solver.engine import Run, Year, run_rule

_REASON = (
    "decided otherwise when the children to come were others; it sees the future, or draws without "
    "known.seed"
)


def follow_rule(
    instance: Instance,
    policy: Policy,
    transfers: Sequence[Transfer],
    seed: int = 0,
    decided: Mapping[str, Assignment] | None = None,
) -> Run:
    """Follow a rule over a year as `run_rule` does, and see that one's own does not look ahead.

    Raises
    ------
    InputError
        As `run_rule`; a `RuleError` if a rule of one's own does what it must not do.
    """
    run = run_rule(instance, policy, transfers, seed, decided)
    if policy.has_own_rule:
        require_no_foresight(instance, policy, transfers, seed, run, decided)
    return run


def require_no_foresight(
    instance: Instance,
    policy: Policy,
    transfers: Sequence[Transfer],
    seed: int,
    run: Run,
    decided: Mapping[str, Assignment] | None = None,
    cut: int | None = None,
) -> None:
    """Decide the first cases again, with other children after them.

    Parameters
    ----------
    instance, policy, transfers, seed, decided
        As in `run_rule`.
    run
        What the rule did.
    cut
        How many cases come first; by default drawn from the seed.

    Raises
    ------
    RuleError
        Naming the first case that was decided otherwise.
    """
    cases = instance.cases
    if cut is None:
        cut = Random(f"cut {seed}").randint(1, len(cases)) if cases else 0
    other = with_another_future(instance, cut)
    # In a thread, so that nothing of the real year is on the stack that the rule is called from.
    with ThreadPoolExecutor(1) as thread:
        again = thread.submit(_decide, other, policy, transfers, seed, decided or {}, cut).result()
    # Owners may be credited otherwise at year end; what was decided is the bearer and the kind.
    first = {a.case: (a.kind, a.bearer) for a in run.allocation.assignments}
    for case, decision in again.items():
        if decision != first[case]:
            raise RuleError(policy.assignment.rule, case, _REASON)


def _decide(
    instance: Instance,
    policy: Policy,
    transfers: Sequence[Transfer],
    seed: int,
    decided: Mapping[str, Assignment],
    cut: int,
) -> dict[str, tuple[str, str]]:
    """Kind and bearer of the first cases."""
    year = Year(instance, policy, transfers, seed)
    decisions: dict[str, tuple[str, str]] = {}
    for case in instance.cases[:cut]:
        kind, _, bearer = year.follow(case, decided)
        decisions[case.case] = (kind, year.codes[bearer])
    return decisions


def with_another_future(instance: Instance, cut: int) -> Instance:
    """Return a year whose first cases are the same and whose later children are others.

    Who had a tie has none, who had none has one, and siblings are parted.
    """
    kept = {case.case for case in instance.cases[:cut]}
    codes = [m.code for m in instance.municipalities]
    later: list[Child] = []
    for number, child in enumerate(c for c in instance.children if c.case not in kept):
        tie = None if child.tie else codes[number % len(codes)]
        name = f"other-{number}"
        later.append(replace(child, child=name, case=name, tie=tie))
    before = [c for c in instance.children if c.case in kept]
    children = sorted([*before, *later], key=lambda c: c.arrival)
    return instance.with_changes(children=tuple(children))
