"""What ``fordela check`` finds in a folder, and what it says where nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from fordela.instances.claims import read_solution
from fordela.instances.comparison_claims import comparisons_in, read_comparison
from fordela.models.check import Solution, Violation, check
from fordela.models.check.comparison import comparison_violations
from fordela.models.check.replay import is_replayed
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance
from fordela.report.texts import Words

Progress = Callable[[str], None]
Found = tuple[list[Violation], list[str]]


def check_result(year: Instance, folder: Path, words: Words, progress: Progress) -> Found:
    """Violations of a single result, and sentences if there are none.

    Raises
    ------
    InputError
        If it cannot be read, or holds several comparisons.
    """
    several = comparisons_in(folder)
    if several:
        message = f"holds several comparisons; say which: {', '.join(several)}"
        raise InputError([Problem(str(folder), message)])
    progress(f"reading {folder}")
    solution = read_solution(folder)
    progress("checking")
    violations = check(year, solution)
    return violations, [*_clean(year, solution, words), *_proofs([solution], (), words)]


def check_comparison(year: Instance, folder: Path, words: Words, progress: Progress) -> Found:
    """Violations of a comparison: of every policy, then of its tables; and sentences if none.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    progress(f"reading {folder}")
    claims = read_comparison(folder)
    violations = []
    for name, solution in claims.solutions.items():
        progress(f"checking {name}")
        violations += [replace(v, message=f"{name}: {v.message}") for v in check(year, solution)]
    if not violations:  # figures that rest on broken decisions say nothing
        progress("checking the comparison")
        violations += comparison_violations(year, claims)
    if violations:
        return violations, []
    said = [line for s in claims.solutions.values() for line in _clean(year, s, words)]
    gaps = [
        str(gap["proof"])
        for policy in claims.head["policies"]
        for scope in ("gap_own", "gap_unrestricted")
        for gap in policy[scope].values()
        if gap["proof"]
    ]
    said.append(words("clean_comparison", policies=len(claims.solutions)))
    return violations, [*said, *_proofs(claims.solutions.values(), gaps, words)]


def _clean(year: Instance, solution: Solution, words: Words) -> list[str]:
    policy, children = solution.policy.name, len(year.children)
    if solution.assignments is None:
        return [words("clean_transfers", pairs=len(solution.transfers), policy=policy)]
    homes, given = solution.placement, solution.decided_cases
    said = []
    if homes is not None:
        mode = words(f"mode_{homes.mode}").lower()
        said.append(words("clean_placement", children=children, mode=mode, policy=homes.policy.name))
    elif not given:
        again = is_replayed(solution.policy) and not solution.policy.is_optimal  # case by case
        said.append(words("clean" if again else "clean_permitted", children=children, policy=policy))
    if given:
        cases = len(year.cases)
        said += [
            words("clean_given", follow=cases - given, cases=cases, n=given, policy=policy),
            words("clean_given_unverified"),
        ]
    if solution.assignments and not is_replayed(solution.policy):
        said.append(words("clean_allowed", rule=solution.policy.assignment.rule))
    return said


def _proofs(solutions: Iterable[Solution], gaps: Iterable[str], words: Words) -> list[str]:
    every = [level for s in solutions if not _is_by_vacancy(s) for level in s.levels]
    claims = [level for level in every if level.proof]
    levels = [level.proof for level in claims if level.proof]
    lines = []
    for key, claimed in (("clean_proofs", levels), ("clean_gaps", list(gaps))):
        if claimed:
            engine = claimed.count("engine")
            lines.append(words(key, proven=len(claimed) - engine, engine=engine, n=len(claimed)))
    word = [level.level for level in claims if level.proof == "engine"]
    unsettled = [level.level for level in every if level.status != "optimal"]
    for key, named in (("clean_engine", word), ("clean_open", unsettled)):
        if named:
            lines.append(words(key, levels=", ".join(map(words.level, dict.fromkeys(named)))))
    return lines


def _is_by_vacancy(solution: Solution) -> bool:
    """Whether homes were given by a process, which is no search for the best."""
    return solution.placement is not None and solution.placement.mode == "vacancy"
