"""Change one thing in the code of `models` and see whether a test fails: ``make mutants``.

Mutants: a comparison turned or moved by one, ``+`` and ``-``, ``and`` and ``or``, a number by one, a
condition reversed. Not made are those that no result can show: in annotations, in the words of an
error, in ``strict=``, in decorators, in how an object shows itself. The tree is copied, and the tests
must pass there first (and say which lines each of them runs); each mutant is then judged by the tests
that run its line, until one fails: those that noticed most in its module first, then the quickest.
This happens in a process forked after the tests were collected, in which the functions get their
changed code; what runs when a module is imported is judged by collecting again. Nothing is written
into the work tree.
"""

from __future__ import annotations

import ast
import gc
import importlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib.machinery import SourceFileLoader
from math import sqrt
from pathlib import Path
from random import Random
from time import monotonic, process_time, sleep
from types import CodeType, FunctionType
from typing import Any

from tests.single_changes import Place, mutant, places

ROOT = Path(__file__).parents[1]
#: Test files that judge the models; which of their tests judge a change is seen by the lines they run.
JUDGES = (
    "apportionment", "bounds_of_check", "brute_force", "check_by_hand", "checker",
    "claims_by_hand", "comparison_checker", "compensation", "continuing", "exchanges",
    "forged_optima", "formulation", "importing", "ledger", "mangled_folders", "mutations", "norms",
    "own_rules", "permits_and_ties", "placement", "placement_checker", "places", "plain_years",
    "policy_files", "price_proofs", "prices", "proofs", "reading", "redistribution", "rules",
    "shared_definitions", "small_parts", "suggestions", "textbook", "unsilent", "validation", "wishes",
)  # fmt: skip
#: Imported before the first fork: what takes long and is not judged.
HEAVY = ("numpy", "pandas", "pydantic", "hypothesis.strategies", "click.testing", "openpyxl", "pulp",
         "highspy", "ortools.sat.python.cp_model")  # fmt: skip
#: Options of pytest: nothing is written or captured, and the tests' asserts stay as they are.
#: One test is left out: it counts what Hypothesis drew, which depends on the modules loaded.
QUICK = (
    "-q", "-p", "no:cacheprovider", "--capture=no", "--assert=plain", "--deselect",
    "tests/test_placement.py::test_in_turns_is_never_better_than_brute_force_nor_above_its_bounds",
)  # fmt: skip
#: Exit code of a process that could not run the tests (4 and 5 are pytest's own for that).
_BROKEN = 70


def main() -> int:
    """Run as a command: 1 if fewer than 95 of 100 mutants are killed, 2 if the tests fail unchanged."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--module", nargs="+", default=["models/"], help="beginnings of paths")
    parser.add_argument("--tests", nargs="+", default=JUDGES, help="names of test files")
    parser.add_argument("--sample", type=int, default=200, help="how many mutants; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=60.0, help="judge no more mutants after these")
    parser.add_argument("--budget", type=float, default=30.0, help="seconds of tests for each mutant")
    parser.add_argument("--out", type=Path, help="file for the outcome of each mutant (JSON)")
    options = parser.parse_args()
    modules = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "models").rglob("*.py"))]
    modules = [name for name in modules if name.startswith(tuple(options.module))]
    every = [place for name in modules for place in places(name, (ROOT / name).read_text("utf-8"))]
    chosen = Random(options.seed).sample(every, min(options.sample or len(every), len(every)))
    if not chosen:
        parser.error(f"no module begins with {options.module!r}")
    with tempfile.TemporaryDirectory() as where:
        outcome = measured(chosen, options.tests, Path(where), options.budget, 60 * options.minutes)
    if outcome is None:
        return 2
    if options.out:
        options.out.write_text(json.dumps(outcome, indent=1), encoding="utf-8")
    return int(not report(outcome, len(every)))


def report(outcome: Sequence[dict[str, str]], population: int) -> bool:
    """Print the score of each module and of all (95 % interval after Wilson); whether it is 95 %."""
    for module in sorted({one["module"] for one in outcome}):
        of = Counter(one["killed"] != "" for one in outcome if one["module"] == module)
        print(f"{of[True]:5} of {of.total():4}  {module}")
    n, killed = len(outcome), sum(one["killed"] != "" for one in outcome)
    share, z = killed / n, 1.96
    middle, half = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = ((middle + sign * half) / (1 + z * z / n) for sign in (-1, 1))
    print(
        f"{killed} of {n} mutants killed: {share:.1%} [{low:.1%}, {high:.1%}]; {population} can be made"
    )
    return share >= 0.95


def measured(
    chosen: Sequence[Place], tests: Sequence[str], where: Path, budget: float, seconds: float
) -> list[dict[str, str]] | None:
    """Judge mutants in a copy of the tree while there is time; None if the tests fail unchanged.

    A mutant that is noticed only by tests beyond the budget (processor seconds) counts as survived.
    """
    end = monotonic() + seconds
    tree = (where / "tree").resolve()
    ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "demo")
    shutil.copytree(ROOT, tree, symlinks=True, ignore=ignored)
    _move_into(tree)
    modules = {place.module for place in chosen}
    files = sorted(f"tests/test_{test}.py" for test in tests)
    print(f"{len(chosen)} mutants; the tests without a change: {len(files)} files", flush=True)
    known = watched(files, tree, modules, where)
    if known is None:
        return None
    jury = _Jury(tree, where, known, budget, end)
    jury.wait_for(chosen, files)
    return jury.outcome


def watched(files: Sequence[str], tree: Path, modules: set[str], where: Path) -> Known | None:
    """What the tests take and which lines they run, unchanged; None, and it is said, if they fail."""
    seen = where / "seen.json"
    if code := _forked(partial(_watched, files, tree, modules, seen), 0, where / "log"):
        print((where / "log").read_text(errors="replace")[-3000:])
        print(f"The tests do not pass without a change (exit code {code}): nothing is measured.")
        return None
    return Known(*json.loads(seen.read_text("utf-8")))


@dataclass(frozen=True)
class Known:
    """Processor seconds of each test; tests by module and line ("": runs at import)."""

    took: dict[str, float]
    lines: dict[str, dict[str, list[str]]]

    def at(self, place: Place) -> set[str]:
        """Tests that run the statement of a place."""
        return set(self.lines.get(place.module, {}).get(str(place.line), ()))

    def of(self, module: str) -> set[str]:
        """Tests that run any statement of a module."""
        return {test for tests in self.lines.get(module, {}).values() for test in tests}


class _Jury:
    """Judges mutants instead of running the tests that pytest collected (a plugin of pytest)."""

    def __init__(self, tree: Path, where: Path, known: Known, budget: float, end: float) -> None:
        self.tree, self.log, self.by = tree, where / "log", where / "by"
        self.known, self.budget, self.end = known, budget, end
        #: By module: mutants that each test noticed, and that each was asked about.
        self.noticed: dict[str, Counter[str]] = defaultdict(Counter)
        self.asked: dict[str, Counter[str]] = defaultdict(Counter)
        self.outcome: list[dict[str, str]] = []
        self.chosen: Sequence[Place] = ()

    def wait_for(self, chosen: Sequence[Place], files: Sequence[str]) -> None:
        """Collect the tests of the files, judge these mutants, and be done."""
        import pytest

        self.chosen = chosen
        pytest.main([*QUICK, "-qq", "--no-summary", *files], plugins=[self])

    def pytest_runtestloop(self, session: Any) -> bool:
        """Judge every mutant in a process of its own."""
        items = {item.nodeid: item for item in session.items}
        for number, place in enumerate(self.chosen, 1):
            if monotonic() > self.end:
                break
            self._judge(place, items)
            if number % 50 == 0:
                alive = sum(one["killed"] == "" for one in self.outcome)
                print(f"{number - alive} of {number} killed", flush=True)
        return True

    def _judge(self, place: Place, items: dict[str, Any]) -> None:
        changed, what = mutant((self.tree / place.module).read_text("utf-8"), place)
        tests = [test for test in self._judging(place) if test in items]
        self.by.write_text("")
        code = 0
        if tests:
            took, path = self.known.took, self.tree / place.module
            functions = [] if "" in self.known.at(place) else _live(changed, path)
            work = (
                partial(_replaced, functions, [items[test] for test in tests], took, self.by)
                if functions
                else partial(_again, changed, path, tests, took, self.by)
            )
            code = _forked(work, 60 + 10 * sum(took[test] for test in tests), self.log)
        if code in (4, 5, _BROKEN):
            raise RuntimeError(self.log.read_text(errors="replace"))
        by = self.by.read_text() or ("a test" if code > 0 else "time" if code else "")
        self.noticed[place.module][by] += 1
        self.asked[place.module].update(tests[: tests.index(by) + 1] if by in tests else tests)
        self.outcome.append(
            {"module": place.module, "what": what, "killed": by, "tests": str(len(tests))}
        )
        if not by:
            print(f"survived {len(tests)} tests: {place.module}:{what}", flush=True)

    def _judging(self, place: Place) -> list[str]:
        """Tests that run the lines of a place, within the budget."""
        found, took = self.known.at(place), self.known.took
        if "" in found:  # runs when the module is imported: whoever uses the module judges it
            found = self.known.of(place.module)
        noticed, asked = self.noticed[place.module], self.asked[place.module]

        def seconds_for_one(test: str) -> tuple[float, str]:
            return took[test] * (2 + asked[test]) / (1 + noticed[test]), test

        kept: list[str] = []
        for test in sorted(found - {""}, key=seconds_for_one):
            if not kept or sum(took[one] for one in kept) + took[test] <= self.budget:
                kept.append(test)
        return kept


def _move_into(tree: Path) -> None:
    """From here on this process and those it starts see the copy and not the work tree."""
    os.chdir(tree)
    ours = {"", str(ROOT), str(ROOT / ".typing")}
    sys.path[:] = [str(tree / ".typing"), str(tree), *(p for p in sys.path if p not in ours)]
    _forget()
    os.environ |= {"PYTHONPATH": str(tree / ".typing"), "OMP_NUM_THREADS": "1"}
    sys.dont_write_bytecode = True
    for name in HEAVY:
        importlib.import_module(name)


def _forget() -> None:
    """Import the project and its tests anew from here on (pytest calls them ``tree.tests``)."""
    ours = ("tests", "fordela", "tree")
    for name in [name for name in sys.modules if name.split(".")[0] in ours]:
        del sys.modules[name]


def _forked(work: Callable[[], int], seconds: float, log: Path) -> int:
    """Exit code of the work in a forked process; negative if it used up its processor time.

    A process that waits for ever is stopped after twenty times as long by the clock.
    """
    child = os.fork()
    if child == 0:
        with log.open("wb") as out:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
        os.setsid()
        if seconds:
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1,) * 2)
        code = _BROKEN
        try:
            code = work()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    start = monotonic()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            return os.waitstatus_to_exitcode(status)
        if seconds and monotonic() - start > 20 * seconds:
            os.killpg(child, signal.SIGKILL)
        sleep(0.005)


class _Watch:
    """Which statements of the modules each test runs, and its processor time (a plugin of pytest)."""

    def __init__(self) -> None:
        self.tests: dict[tuple[str, int], set[str]] = defaultdict(set)  # module, line -> tests
        self.now: set[tuple[str, int]] = set()
        self.took: dict[str, float] = {}

    def pytest_collection_finish(self) -> None:
        self._file("")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.now.clear()
        self.took[nodeid] = process_time()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.took[nodeid] = process_time() - self.took[nodeid]
        self._file(nodeid)

    def _file(self, test: str) -> None:
        for at in self.now:
            self.tests[at].add(test)

    def instrumented(self, module: str, text: str) -> ast.Module:
        """The module, with a note before each statement that it was reached."""
        tree = ast.parse(text)
        for node in list(ast.walk(tree)):
            for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
                if isinstance(body, list):
                    body[:] = [
                        one for statement in body for one in (*_note(module, statement), statement)
                    ]
        return ast.fix_missing_locations(tree)


def _note(module: str, statement: ast.stmt) -> list[ast.stmt]:
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    if constant or (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
        return []
    (note,) = ast.parse(f"__reached__(({module!r}, {statement.lineno}))").body
    return [ast.copy_location(note, statement)]


def _watched(files: Sequence[str], tree: Path, modules: set[str], seen: Path) -> int:
    """Run all tests without a change; write what each took and which lines it ran."""
    import builtins

    import pytest

    watch = _Watch()
    builtins.__reached__ = watch.now.add  # type: ignore[attr-defined]
    _imported_as({tree / m: watch.instrumented(m, (tree / m).read_text("utf-8")) for m in modules})
    code = int(pytest.main(["-x", *QUICK, *files], plugins=[watch]))
    if not str(Path(sys.modules["fordela"].__file__ or "").resolve()).startswith(str(tree)):
        print("the tests did not see the copy")
        return 3
    lines: dict[str, dict[int, list[str]]] = {module: {} for module in modules}
    for (module, line), tests in watch.tests.items():
        lines[module][line] = sorted(tests)
    seen.write_text(json.dumps((watch.took, lines)), encoding="utf-8")
    return code


def _imported_as(changed: dict[Path, ast.Module]) -> None:
    """From here on importing one of these files gives this code instead."""
    unchanged = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, name: str) -> CodeType | None:
        tree = changed.get(Path(os.path.realpath(self.path)))
        return compile(tree, self.path, "exec", dont_inherit=True) if tree else unchanged(self, name)

    SourceFileLoader.get_code = get_code  # type: ignore


def _live(changed: ast.Module, path: Path) -> list[tuple[FunctionType, CodeType]]:
    """Functions as imported and their changed code; none if more changes than functions."""
    before = compile(path.read_text("utf-8"), "", "exec", dont_inherit=True)
    after = compile(changed, "", "exec", dont_inherit=True)
    live = _functions()[path]
    twice = Counter(_key(code) for code in _codes(before))
    found: list[tuple[FunctionType, CodeType]] = []

    def visit(old: CodeType, new: CodeType, inside: bool) -> bool:
        functions = live[_key(old)] if twice[_key(old)] == 1 else []
        if not (functions or inside) and _own(old) != _own(new):
            return False
        found.extend((one, new) for one in functions if old != new)
        parts = zip(_parts_of(old), _parts_of(new), strict=True)
        return all([visit(*pair, inside or bool(functions)) for pair in parts])  # noqa: C419 - every one

    same_parts = [_key(c) for c in _codes(before)] == [_key(c) for c in _codes(after)]
    return found if same_parts and visit(before, after, False) else []


@cache
def _functions() -> dict[Path, dict[tuple[str, int], list[FunctionType]]]:
    """Every function of the models as imported, by file, name and line."""
    found: dict[Path, dict[tuple[str, int], list[FunctionType]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and "/models/" in one.__code__.co_filename:
            path = Path(os.path.realpath(one.__code__.co_filename))
            found[path][_key(one.__code__)].append(one)
    return found


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _parts_of(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in _parts_of(code):
        yield from _codes(one)


def _own(code: CodeType) -> tuple[object, ...]:
    """A code without that of the functions in it."""
    constants = [repr(one) for one in code.co_consts if not isinstance(one, CodeType)]
    return code.co_code, constants, code.co_names


def _replaced(
    functions: list[tuple[FunctionType, CodeType]],
    items: Sequence[Any],
    took: dict[str, float],
    by: Path,
) -> int:
    """Run collected tests with the code of some functions replaced; 0 if none of them fails."""
    for function, code in functions:
        function.__code__ = code
    for item, following in zip(items, (*items[1:], None), strict=True):
        _allow(took[item.nodeid])
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if item.session.testsfailed:
            by.write_text(item.nodeid)
            return 1
    return 0


def _allow(took: float) -> None:
    """End this process if the next test takes ten times its processor time and three seconds more."""
    signal.setitimer(signal.ITIMER_PROF, 3 + 10 * took)


def _again(
    changed: ast.Module, path: Path, tests: Sequence[str], took: dict[str, float], by: Path
) -> int:
    """Collect and run tests with one module changed as it is imported; 0 if none of them fails."""
    import pytest

    _forget()
    _imported_as({path: changed})
    files = list(dict.fromkeys(test.split("::")[0] for test in tests))
    return int(pytest.main(["-x", "--tb=no", *QUICK, *files], plugins=[_Only(tests, took, by)]))


class _Only:
    """Runs the named tests in this order and writes down which failed (a plugin of pytest)."""

    def __init__(self, tests: Sequence[str], took: dict[str, float], by: Path) -> None:
        self.order = {test: number for number, test in enumerate(tests)}
        self.took, self.by = took, by

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted(
            (one for one in items if one.nodeid in self.order), key=lambda one: self.order[one.nodeid]
        )

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        _allow(self.took[nodeid])

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.by.write_text(report.nodeid)


if __name__ == "__main__":
    sys.exit(main())
