"""Results read back for a report: every one verified before anything is shown of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from fordela.instances.restoring import read_with_claims
from fordela.instances.results import is_result
from fordela.models.check import Solution, check
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance
from fordela.models.result import Result
from fordela.solver.comparison import Comparison, compare

#: Violations of one result that are named.
_NAMED = 5


def result_folders(folders: Sequence[Path]) -> list[Path]:
    """Places of single results: a comparison stands for its policies, in the order it has them.

    Raises
    ------
    InputError
        With every folder that holds no result.
    """
    found: dict[Path, None] = {}
    problems = []
    for folder in folders:
        inside = [p for p in sorted(folder.iterdir()) if is_result(p)] if folder.is_dir() else []
        if is_result(folder) or (folder.is_file() and folder.suffix.lower() == ".xlsx"):
            found[folder] = None
        elif inside:
            found |= dict.fromkeys(_in_order(folder, inside))
        else:
            what = "holds no result" if folder.exists() else "no such folder"
            message = (
                f"{what}; make one with 'fordela solve … --out DIR' or 'fordela compare … --out DIR'"
            )
            problems.append(Problem(str(folder), message))
    if problems:
        raise InputError(problems)
    return list(found)


def single_result(folder: Path) -> Path:
    """Place of the only result in a folder.

    Raises
    ------
    InputError
        If there is none, or several.
    """
    found = result_folders([folder])
    if len(found) > 1:
        message = f"holds several results; name one: {', '.join(map(str, found))}"
        raise InputError([Problem(str(folder), message)])
    return found[0]


def verified_result(
    folder: Path,
    policy: str | None,
    given: Instance | None,
    progress: Callable[[str], None] = lambda _: None,
) -> Result:
    """Read and verify a single result; of a comparison's, that of a policy.

    Raises
    ------
    InputError
        As `verified_results`; and if there are several and it is not said which.
    """
    found = result_folders([folder])
    names = [path.name for path in found]
    if len(found) > 1 and policy is None:
        message = f"holds several results; say which with --policy: {', '.join(names)}"
        raise InputError([Problem(str(folder), message)])
    (result,) = verified_results([p for p in found if p.name == policy] or found[:1], given, progress)
    if policy not in (None, result.policy.name):
        known = names if len(found) > 1 else [result.policy.name]
        message = f"no such result in {folder}; there are {', '.join(known)}"
        raise InputError([Problem("--policy", message, value=policy)])
    return result


def _in_order(folder: Path, inside: list[Path]) -> list[Path]:
    """Put the policies of a comparison in the order of its table."""
    import json

    try:
        data = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
        order = [str(p["policy"]) for p in data["policies"]]
    except (OSError, ValueError, KeyError, TypeError):
        return inside
    return sorted(
        inside, key=lambda p: (order.index(p.name) if p.name in order else len(order), p.name)
    )


def verified_results(
    folders: Sequence[Path], given: Instance | None, progress: Callable[[str], None] = lambda _: None
) -> list[Result]:
    """Read results and verify each independently of how it was made.

    Raises
    ------
    InputError
        If one cannot be read, does not hold what it claims, or they are not of one year.
    """
    results: list[Result] = []
    problems: list[Problem] = []
    for folder in result_folders(folders):
        progress(f"verifying {folder}")
        try:
            result, claims = read_with_claims(folder, given)
        except InputError as error:
            problems += [_in_folder(p, folder) for p in error.problems]
            continue
        problems += _violations(folder, result, claims)
        results.append(result)
    if not problems:
        problems = not_together(results)
    if problems:
        raise InputError(problems)
    return results


def _in_folder(problem: Problem, folder: Path) -> Problem:
    from dataclasses import replace

    name = problem.file
    inside = name if str(folder) in name else str(folder / name)
    return replace(problem, file=inside)


def _violations(folder: Path, result: Result, claims: Solution) -> list[Problem]:
    broken = check(result.instance, claims)
    named = [Problem(str(folder), f"does not hold what it claims: {v}") for v in broken[:_NAMED]]
    if len(broken) > _NAMED:
        named.append(Problem(str(folder), f"… and {len(broken) - _NAMED} more; run 'fordela check'"))
    return named


def not_together(results: Sequence[Result]) -> list[Problem]:
    """Problems with results that one report cannot show together."""
    if not results:
        return [Problem("RESULT_DIR", "at least one result is needed")]
    first = results[0]
    problems = []
    names = [r.policy.name for r in results]
    for name in sorted({n for n in names if names.count(n) > 1}):
        message = "several results are of a policy with this name; give each its own name"
        problems.append(Problem("RESULT_DIR", message, value=name))
    for result in results[1:]:
        if result.instance.sha256 != first.instance.sha256:
            message = (
                f"{result.policy.name} was solved on {result.instance.name}, {first.policy.name} on "
                f"{first.instance.name}; one report shows policies on the same children"
            )
            problems.append(Problem("RESULT_DIR", message))
    return problems


def comparison_of(
    results: Sequence[Result], progress: Callable[[str], None] = lambda _: None
) -> Comparison:
    """Compare results as they stand, with their gaps to what was possible."""
    return compare(
        results[0].instance, [r.policy for r in results], solved=results, progress=progress,
        seed=results[0].seed,
    )  # fmt: skip
