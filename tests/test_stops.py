"""Stopped at any moment, by Ctrl-C, by a kill or by a full disk: nothing is lost, and no traceback.

Stops are counted in steps of a command (files opened, renamed, removed, modules imported), seen by an
audit hook, never by the clock.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from random import Random

import click
import fordela
import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.seals import refusal

from tests.stopping import COMMANDS, command
from tests.strategies import scaled

ROOT = Path(__file__).parents[1]
#: Parameters with a path that is read; every other one is written to.
READ = {
    "check folder", "explain folder", "report folders", "summary folder", "instances import file",
    "instances import mapping", "solve earlier", "queue earlier",
}  # fmt: skip


# --- every command that writes, stopped at any step ---------------------------------------------------


def leaves(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, found in group.commands.items():
        if isinstance(found, click.Group):
            yield from leaves(found, (*before, name))
        else:
            yield " ".join((*before, name)), found


def test_every_command_that_writes_is_stopped_here(tmp_path: Path) -> None:
    wanted, stopped = set(), set()
    for name, found in leaves(main):
        paths = {str(p.name) for p in found.params if isinstance(p.type, click.Path)}
        written = {p for p in paths if f"{name} {p}" not in READ}
        wanted |= {f"{name} {p}" for p in written}
        for writer in COMMANDS:
            words = command(writer, tmp_path, tmp_path / "t")
            path = name.split()
            if words[: len(path)] == path:
                given = found.make_context(name, words[len(path) :]).params
                of_default = found.make_context(name, words[len(path) :]).get_parameter_source
                stopped |= {
                    f"{name} {p}"
                    for p in written
                    if given[p] is not None and of_default(p) is not click.core.ParameterSource.DEFAULT
                }
    assert wanted == stopped


def stopping(tmp_path: Path, how: str, *names: str) -> None:
    words = [sys.executable, "-m", "tests.stopping", str(tmp_path), how, *names]
    found = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.skipif(os.name == "nt", reason="forks")
def test_stopped_at_some_steps(tmp_path: Path) -> None:
    stopping(tmp_path, "some", *COMMANDS)


@pytest.mark.thorough
@pytest.mark.parametrize("how", ["kill", "stop", "full"])
@pytest.mark.parametrize("name", list(COMMANDS))
def test_stopped_at_every_step(tmp_path: Path, name: str, how: str) -> None:
    stopping(tmp_path, how, name)


# --- stopped while it begins --------------------------------------------------------------------------

#: Runs the command as an installed one is run, and stops it at an event, counted from its first import.
STARTS = """
import os, signal, sys
signal.signal(signal.SIGINT, LISTENS)
count, at, event_name = 0, int(sys.argv.pop(1)), sys.argv.pop(1)
def hook(event, args):
    global count
    if event_name in ("any", event) and (count or event == "import" and args[0].startswith("fordela")):
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGINT)
sys.argv[0] = "fordela"
sys.addaudithook(hook)
SCRIPT
"""


def script() -> str:
    """What an installer makes of the entry point."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    module, function = data["project"]["scripts"]["fordela"].split(":")
    return f"import re\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n"


def begun(
    at: int, event: str, *words: str, cwd: Path, listens: str = "default_int_handler"
) -> tuple[int, str]:
    """Exit code and stderr of a command stopped at an event after the first import of Fordela."""
    code = STARTS.replace("LISTENS", f"signal.{listens}").replace("SCRIPT", script())
    found = subprocess.run(
        [sys.executable, "-c", code, str(at), event, *words], cwd=cwd, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return found.returncode, found.stderr


def is_of_python(code: int, said: str) -> bool:
    """Whether Python itself was stopped, before any line of Fordela was run."""
    return code in (-signal.SIGINT, 1) and str(Path(fordela.__file__).parent) not in said


def test_it_listens_before_it_imports_anything(tmp_path: Path) -> None:
    """At each event from its first import on; until it listens, no line of it has been run."""
    heard = []
    for at in range(1, 20):
        code, said = begun(at, "any", "--help", cwd=tmp_path)
        heard.append((code, said) == (130, "Stopped.\n"))
        assert heard[-1] or is_of_python(code, said), (at, said)
    assert heard == sorted(heard)
    assert heard[-1]


def test_stopped_soon_after_its_start(tmp_path: Path) -> None:
    """At random moments of the first 0.2 s; a traceback is of the interpreter's own start."""
    hears = "import _signal\n_signal.signal(_signal.SIGINT, _signal.default_int_handler)\n"
    (tmp_path / "fordela").write_text(hears + script(), encoding="utf-8")
    rng = Random(2)
    for _ in range(scaled(100, part=10)):
        words = [
            sys.executable,
            str(tmp_path / "fordela"),
            "instances",
            "export",
            "textbook",
            "r",
            "--force",
        ]
        with subprocess.Popen(
            words, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            time.sleep(rng.uniform(0.01, 0.2))
            process.send_signal(signal.SIGINT)
            said = process.communicate()[1]
        if (process.returncode, said) not in ((130, "Stopped.\n"), (0, "")):
            assert str(Path(fordela.__file__).parent) not in said
    assert set(os.listdir(tmp_path)) <= {"fordela", "r"}


@pytest.mark.parametrize("at", [3, 150, 300])
def test_stopped_while_it_is_imported(tmp_path: Path, at: int) -> None:
    found = begun(at, "import", "solve", "textbook", "--out", "r", cwd=tmp_path)
    assert found == (130, "Stopped.\n")
    assert os.listdir(tmp_path) in ([], ["r"])
    assert not (tmp_path / "r").exists() or refusal(tmp_path / "r", "allocation") is None


@pytest.mark.thorough
def test_stopped_at_any_import(tmp_path: Path) -> None:
    made = CliRunner().invoke(main, ["solve", "textbook", "--out", str(tmp_path / "R")])
    assert made.exit_code == 0
    for at in range(3, 4000, 61):
        words = ["report", "R", "--out", "r.html", "--lang", "sv"]
        code, said = begun(at, "import", *words, cwd=tmp_path)
        if code == 0:
            assert at > 1000
            break
        assert (code, said) == (130, "Avbrutet.\n"), at
        assert os.listdir(tmp_path) == ["R"]


def test_stopped_in_the_background_of_a_script(tmp_path: Path) -> None:
    """A shell starts what runs in the background without Ctrl-C; it stays so."""
    words = ["instances", "export", "textbook", "r"]
    assert begun(40, "import", *words, cwd=tmp_path, listens="SIG_IGN")[0] == 0
    assert (tmp_path / "r" / "instance.toml").is_file()
