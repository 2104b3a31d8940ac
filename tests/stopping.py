"""Commands stopped at their n-th step: ``python -m tests.stopping FOLDER KIND HOW,... STEPS WORD...``.

A step is an opening, renaming, making or removing in FOLDER, seen by an audit hook. Each command runs
in a process of its own, forked from this one, which has imported what it needs and computed nothing.
What is found wrong is printed.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fordela.__main__ import run as run_command
from fordela.instances.seals import refusal

_IMPORTED = (
    "pandas", "pyarrow.parquet", "highspy", "ortools.sat.python.cp_model", "rich.console", "jinja2",
    "xlsxwriter", "openpyxl", "filelock", "tomli_w", "shapely", "fordela.solver.comparison",
    "fordela.solver.placement.comparison", "fordela.report.page.write", "fordela.report.folders",
    "fordela.report.workbooks.result_book", "fordela.solver.redistribution.decide",
)  # fmt: skip
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "os.link")
#: Exit code of a command that ended before its step.
_ENDED = 77


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


def run(words: list[str], folder: Path, how: str, step: int, said: Path) -> int:
    """Run a command in a process of its own until a step; returns its exit code, or minus a signal."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    count = 0

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal count
        if _is_step(event, args, str(folder), how):
            count += 1
            if count == step or (how == "full" and count > step):
                if how == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                if how == "full":
                    raise OSError(28, "No space left on device")
                signal.raise_signal(signal.SIGINT)

    sys.addaudithook(hook)
    code = 1
    sys.argv = ["fordela", *words]
    try:
        run_command()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException as error:
        print(f"ended in a traceback: {error!r}", flush=True)
    os._exit(_ENDED if code == 0 and count < step else code)


def wrong(
    words: list[str], folder: Path, kind: str, how: str, step: int, earlier: Path
) -> Iterator[str]:
    """What is wrong after a command was stopped at a step; what it replaces is put there first."""
    target, said = Path(words[-1]), folder.with_name("said.txt")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if earlier.exists():
        (shutil.copytree if earlier.is_dir() else shutil.copy)(earlier, target)
    code = run([*words, "--force", "-q"], folder, how, step, said)
    text = said.read_text(encoding="utf-8")
    if code == _ENDED:
        yield "ended"
        return
    if code not in {"kill": (-signal.SIGKILL,), "stop": (130, 0), "full": (2, 0)}[how]:
        yield f"exit code {code}: {text}"
    if "raceback" in text or "fault" in text:
        yield text
    whole = target.exists() and refusal(target, kind) is None
    if not whole and (target.exists() or earlier.exists()):
        yield "neither the old nor the new one is there whole"
    if how == "full" and [p.name for p in folder.iterdir()] not in ([], [target.name]):
        yield f"left behind: {[p.name for p in folder.iterdir()]}"
    if run([*words, "--force", "-q"], folder, "kill", 0, said) != 0:
        yield f"cannot be run again: {said.read_text(encoding='utf-8')}"
    if [p.name for p in folder.iterdir()] != [target.name]:
        yield f"left behind by the next: {[p.name for p in folder.iterdir()]}"


def sweep(words: list[str], folder: Path, kind: str, how: str, every: int) -> Iterator[str]:
    """What is wrong at every so-many-th step of a command, with and without a thing to replace."""
    target = Path(words[-1])
    for again in (False, True):
        earlier = folder.with_name("earlier") / (target.name if again else "nothing")
        if again:
            shutil.rmtree(earlier.parent, ignore_errors=True)
            earlier.parent.mkdir()
            (shutil.copytree if target.is_dir() else shutil.copy)(target, earlier)
        step = 1
        while True:
            found = list(wrong(words, folder, kind, how, step, earlier))
            if found == ["ended"]:
                break
            yield from (f"{kind}, {how} at {step}, again {again}: {f}" for f in found)
            step += every
        print(f"{kind}, {how}, again {again}: {step - 1} steps", file=sys.stderr)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where tests run in the background
    place, a_kind, ways, between, *rest = sys.argv[1:]
    for name in _IMPORTED if rest[0] != "instances" else ():
        importlib.import_module(name)
    problems = [
        problem
        for way in ways.split(",")
        for problem in sweep(rest, Path(place), a_kind, way, int(between))
    ]
    print("\n".join(problems))
    sys.exit(bool(problems))
