"""Every command that writes, stopped at its n-th step: ``python -m tests.stopping FOLDER HOW NAME...``.

A step is an opening, renaming, making or removing in FOLDER, seen by an audit hook. Each command runs
in a process of its own, forked from this one, which has imported what it needs and computed nothing.
HOW is `kill`, `stop` or `full` at every step, or `some` steps of each. What is found wrong is printed.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from fordela.instances.seals import refusal

_FAST = ["--no-gaps", "--workers", "1", "--out"]
#: A command that writes each kind and, by other names, the other ways to write; the last word is the
#: target. HOMES, RESULT and BOOK are made before, and CHARTS is beside the target.
COMMANDS = {
    "instance": ["instances", "export", "textbook"],
    "allocation": ["solve", "textbook", "--out"],
    "transfers": ["redistribute", "textbook", "--out"],
    "placement": ["place", "HOMES", "--alone", "--out"],
    "comparison": ["compare", "textbook", "--policy", "in-force", "--out"],
    "simulation": ["simulate", "textbook", "--years", "1", *_FAST],
    "report": ["report", "RESULT", "--out"],
    "instance-book": ["instances", "export", "textbook"],
    "result-book": ["report", "RESULT", "--out"],
    "validation": ["validate", "sweden-2025", "--histories", "1", "--draws", "1", *_FAST[1:]],
    "batch": ["batch", "textbook", "--policy", "in-force", "--seeds", "2", *_FAST],
    "new": ["instances", "new", "--municipalities", "9", "--children", "9"],
    "import": ["instances", "import", "BOOK", "--base", "textbook", "--yes", "--out"],
    "import-book": ["instances", "import", "BOOK", "--base", "textbook", "--yes", "--out"],
    "charts": ["report", "RESULT", "--charts", "CHARTS", "--out"],
}  # fmt: skip
SUFFIX = {
    "report": ".html", "charts": ".html", "instance-book": ".xlsx", "import-book": ".xlsx",
    "result-book": ".xlsx",
}  # fmt: skip
_KIND = {"new": "instance", "import": "instance", "import-book": "instance-book", "charts": "report"}
_IMPORTED = (
    "pandas", "pyarrow.parquet", "highspy", "ortools.sat.python.cp_model", "rich.console", "jinja2",
    "xlsxwriter", "openpyxl", "filelock", "tomli_w", "shapely", "altair",
    *(
        f"fordela.{name}" for name in (
            "cli", "instances.generator", "instances.workbooks.importing", "report.folders",
            "report.page.write", "report.simulation_tables", "report.validation_tables",
            "report.workbooks.result_book", "solver.batch.run", "solver.comparison",
            "solver.placement.comparison", "solver.placement.place", "solver.redistribution.decide",
            "solver.validation.run", "solver.workers.processes",
        )
    ),
)  # fmt: skip
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "os.link")
#: Exit codes that a command may have after each way to stop it.
_CODES = {"kill": (-signal.SIGKILL,), "stop": (130, 0), "full": (2, 0), "limit": (2, 0)}
#: Most bytes of a file where the file system takes no more: for no file, and for a batch's first row.
_NO_FILE, _A_ROW = 100, 3000


def command(name: str, made: Path, target: Path) -> list[str]:
    """Words of a command, with what it starts from and its target."""
    places = {w: str(made / w) for w in ("HOMES", "RESULT")}
    places |= {"BOOK": str(made / "BOOK.xlsx"), "CHARTS": str(target.with_name("CHARTS"))}
    return [*(places.get(w, w) for w in COMMANDS[name]), str(target)]


def state(place: Path) -> str:
    """Digest of a file, or of every file of a folder; empty where nothing is."""
    if place.is_file():
        return hashlib.sha256(place.read_bytes()).hexdigest()
    names = sorted(p for p in place.rglob("*") if p.is_file())
    if not names:
        return ""
    parts = [f"{p.relative_to(place)} {state(p)}" for p in names]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def copy(place: Path, target: Path) -> Path:
    (shutil.copytree if place.is_dir() else shutil.copy)(place, target)
    return target


def _is_step(event: str, args: tuple[Any, ...], folder: str, how: str) -> bool:
    if event == "ctypes.dlsym" and how != "full":
        return "renameat2" in map(str, args)
    if event != "open" and event not in _CHANGES:
        return False
    if not str(args[0]).startswith(folder):
        return False
    writes = event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    # A full disk takes no new names and bytes, but lets go of old ones.
    return how != "full" or bool(writes) or event in ("os.mkdir", "os.rename")


class Ended(NamedTuple):
    """How a command ended: its code, its steps and the last that swaps names, and what stderr has."""

    code: int
    steps: int
    swap: int
    said: str


def run(words: list[str], folder: Path, how: str = "kill", step: int = 0) -> Ended:
    """Run a command in a process of its own until a step, or with files of at most `step` bytes.

    Its exit code is minus the signal where one killed it.
    """
    pipes = os.pipe(), os.pipe()
    child = os.fork()
    if child:
        heard = []
        for asked, told in pipes:
            os.close(told)
            with os.fdopen(asked, encoding="utf-8") as text:
                heard.append(text.read())
        steps, swap = map(int, (heard[1] or "0 0").split())
        return Ended(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), steps, swap, heard[0])
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(pipes[0][1], 2)
    count = swap = 0

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal count, swap
        if _is_step(event, args, str(folder), how):
            count += 1
            if event in ("os.rename", "ctypes.dlsym"):
                swap = count
            if count == step or (how == "full" and count > step > 0):
                if how == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                if how == "full":
                    raise OSError(28, "No space left on device")
                signal.raise_signal(signal.SIGINT)

    if how == "limit":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (step, step))
    sys.argv = ["fordela", *words]
    code = 1
    try:
        from fordela.__main__ import run as run_command

        sys.addaudithook(hook)
        run_command()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException as error:
        os.write(2, f"ended in a traceback: {error!r}".encode())
    os.write(pipes[1][1], f"{count} {swap}".encode())
    os._exit(code)


@dataclass(frozen=True)
class Writer:
    """A command that writes into a folder of its own."""

    name: str
    made: Path
    folder: Path

    @property
    def target(self) -> Path:
        return self.folder / f"t{SUFFIX.get(self.name, '')}"

    def run(self, how: str = "kill", step: int = 0) -> Ended:
        """Run it until a step."""
        words = command(self.name, self.made, self.target)
        words += ["-q"] if self.name == "batch" else ["-q", "--force"]
        return run(words, self.folder, how, step)

    def rows(self) -> dict[str, str]:
        """Finished rows of a batch, by key."""
        path = self.target / "rows.jsonl"
        lines = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
        return {str(json.loads(line)["key"]): line for line in lines}

    def broken(self, before: dict[str, str], there: bool) -> Iterator[str]:
        """Say what is not as the old thing or as the new one."""
        if not self.target.exists():
            if there:
                yield "what was there is gone"
        elif self.name != "batch":
            why = refusal(self.target, _KIND.get(self.name, self.name))
            if why is not None:
                yield f"neither the old nor the new one is there whole: {why}"
        else:
            rows = self.rows()
            if any(rows.get(key) != row for key, row in before.items()):
                yield "a finished row is lost"
            for name, begins, ends in (
                ("manifest.json", b"{", b"}\n"),
                ("results.parquet", b"PAR1", b"PAR1"),
            ):
                path = self.target / name
                data = path.read_bytes() if path.exists() else begins + ends
                if not (data.startswith(begins) and data.endswith(ends)):
                    yield f"{name} is torn"
        charts = self.folder / "CHARTS"
        if charts.exists() and state(charts) != state(self.made / "CHARTS"):
            yield "half of the charts"

    def wrong(self, how: str, step: int, there: bool) -> Iterator[str]:
        """Say what is wrong after it was stopped at a step."""
        before, names = self.rows(), {self.target.name} if there else set()
        code, *_, text = self.run(how, step)
        if code not in _CODES[how] or (how == "limit" and step == _NO_FILE and code != 2):
            yield f"exit code {code}: {text}"
        if "raceback" in text or "fault" in text:
            yield text
        if code == 2 and (text.count("\n") != 1 or "cannot be written: " not in text):
            yield f"not one clear message: {text}"
        yield from self.broken(before, there)
        left = {p.name for p in self.folder.iterdir()} - {"CHARTS", self.target.name}
        if how not in ("kill", "stop") and left - names:
            yield f"left behind: {left}"

    def follows(self) -> Iterator[str]:
        """Say what is wrong with the next run; charts are never replaced."""
        before, there = self.rows(), self.target.exists()
        shutil.rmtree(self.folder / "CHARTS", ignore_errors=True)
        code, *_, text = self.run()
        if code != 0:
            yield f"cannot be run again: {text}"
            return
        yield from self.broken(before, there)
        wanted = {self.target.name} | ({"CHARTS"} if self.name == "charts" else set())
        if (found := {p.name for p in self.folder.iterdir()}) != wanted:
            yield f"left behind by the next: {found - wanted}"
        if self.name == "batch":
            inside = sorted(p.name for p in self.target.iterdir())
            if inside != ["manifest.json", "results.parquet", "rows.jsonl"] or len(self.rows()) != 2:
                yield f"no whole batch: {inside}, {len(self.rows())} rows"

    def begin(self, earlier: Path | None = None) -> None:
        """Empty the folder, and put there what is to be replaced."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        if earlier is not None:
            copy(earlier, self.target)

    def some(self) -> Iterator[str]:
        """Stop it in every way at some steps, without and with a thing to replace."""
        self.begin()
        new = self.run()
        shutil.rmtree(self.folder / "CHARTS", ignore_errors=True)
        again = self.run()
        shutil.rmtree(self.folder / "CHARTS", ignore_errors=True)
        ways = [
            ("stop", True, again.steps // 2), ("stop", True, again.swap), ("kill", True, again.swap),
            ("limit", True, _NO_FILE), ("kill", True, again.swap + 1), ("next", True, 0),
            ("begin", False, 0), ("kill", False, new.steps // 2), ("next", False, 0),
        ]  # fmt: skip
        if self.name == "batch":  # goes on from what was finished
            ways += [("begin", False, 0), ("limit", False, _A_ROW), ("next", False, 0)]
        for how, there, step in ways:
            if how == "begin":
                self.begin()
                continue
            found = self.follows() if how == "next" else self.wrong(how, step, there)
            yield from (f"{self.name}, {how} at {step}, there {there}: {f}" for f in found)
            shutil.rmtree(self.folder / "CHARTS", ignore_errors=True)

    def every(self, how: str) -> Iterator[str]:
        """Stop it at every step, without and with a thing to replace."""
        earlier = self.folder.with_name("earlier") / self.target.name
        shutil.rmtree(earlier.parent, ignore_errors=True)
        earlier.parent.mkdir()
        for there in (False, True):
            self.begin(earlier if there else None)
            steps = self.run(how, 0).steps
            if not there:
                copy(self.target, earlier)
            for step in range(1, steps + 1):
                self.begin(earlier if there else None)
                found = [*self.wrong(how, step, there), *self.follows()]
                yield from (f"{self.name}, {how} at {step}, there {there}: {f}" for f in found)
            print(f"{self.name}, {how}, there {there}: {steps} steps", file=sys.stderr)


def make(folder: Path) -> None:
    """Make what the commands start from, and the charts that are to come out."""
    folder.mkdir(parents=True)
    for words in (
        ["instances", "export", "textbook", str(folder / "HOMES")],
        ["instances", "export", "textbook", str(folder / "BOOK.xlsx"), "-q"],
        ["solve", "textbook", "--out", str(folder / "RESULT")],
        [*command("charts", folder, folder / "t.html"), "-q"],
    ):
        made = run(words, folder)
        assert made.code == 0, made.said
    homes = "place,municipality,form,places\nh1,0001,family-home,9\n"
    (folder / "HOMES" / "places.csv").write_text(homes, encoding="utf-8")


def begin() -> None:
    """Import what the commands need, and leave out what takes long and writes nothing.

    Rows of a batch, a simulation and a validation are made in this process (of others see
    test_batch.py); a validation draws nothing; a page has no script, and charts are not drawn.
    """
    for module in _IMPORTED:
        importlib.import_module(module)
    import numpy as np
    from fordela.instances.figures import published_figures
    from fordela.report.page import build, export
    from fordela.solver.validation import run as validating
    from fordela.solver.workers import processes

    def on_no_processes(function: Any, tasks: Sequence[Any], *_: object) -> Iterator[tuple[Any, Any]]:
        yield from ((task, function(task)) for task in tasks)

    def play(task: Any) -> Any:
        figures = len(published_figures(task.instance.year))
        nothing = np.zeros((figures, len(task.histories) * task.draws))
        return {r.key: nothing for r in validating.readings() if r.spread == task.spread}

    for place, name, stub in (
        (processes, "on_processes", on_no_processes), (validating, "_play", play),
        (build, "_vega", lambda: ""), (export, "_drawn", lambda spec, _: json.dumps(spec).encode()),
    ):  # fmt: skip
        setattr(place, name, stub)
    gc.freeze()  # so that no process walks through what it shares with this one


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where tests run in the background
    place, way, *names = sys.argv[1:]
    begin()
    make(Path(place, "made"))
    writers = [Writer(name, Path(place, "made"), Path(place, "work")) for name in names]
    problems = [p for w in writers for p in (w.some() if way == "some" else w.every(way))]
    print("\n".join(problems))
    sys.exit(bool(problems))
