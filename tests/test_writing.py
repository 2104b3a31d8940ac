"""Nothing is lost by writing: what --force replaces, two writers, and writers that are stopped.

Stops are counted in steps of a writer (files opened, renamed, removed), seen by an audit hook, never by
the clock.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.results import write_result
from fordela.instances.seals import KINDS
from fordela.instances.targets import held, inside, write_folder
from fordela.instances.writing import write_instance
from fordela.models.errors import InputError
from fordela.report.texts.problems import problem_in
from fordela.solver.solve import solve

#: A command that writes each kind; the last word is the target.
COMMANDS = {
    "instance": ["instances", "export", "textbook"],
    "allocation": ["solve", "textbook", "--out"],
    "transfers": ["redistribute", "textbook", "--out"],
    "placement": ["place", "HOMES", "--alone", "--out"],
    "comparison": ["compare", "textbook", "--policy", "in-force", "--out"],
    "simulation": ["simulate", "textbook", "--years", "2", "--no-gaps", "--workers", "1", "--out"],
    "report": ["report", "RESULT", "--out"],
    "instance-book": ["instances", "export", "textbook"],
    "result-book": ["report", "RESULT", "--out"],
}
SUFFIX = {"report": ".html", "instance-book": ".xlsx", "result-book": ".xlsx"}
#: Without processes of their own, so that many can be stopped in a short time.
QUICK = [kind for kind in COMMANDS if kind != "simulation"]


def run(*words: str, code: int = 0) -> str:
    found = CliRunner().invoke(main, list(words))
    assert found.exit_code == code, (words, found.output, found.exception)
    return found.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thing of every kind, and what the commands start from."""
    folder = tmp_path_factory.mktemp("made")
    run("instances", "export", "textbook", str(folder / "HOMES"))
    homes = "place,municipality,form,places\nh1,0001,family-home,9\n"
    (folder / "HOMES" / "places.csv").write_text(homes, encoding="utf-8")
    run("solve", "textbook", "--out", str(folder / "RESULT"))
    for kind in COMMANDS:
        run(*command(kind, folder, folder / f"{kind}{SUFFIX.get(kind, '')}"), "-q")
    return folder


def command(kind: str, made: Path, target: Path) -> list[str]:
    words = [str(made / w) if w in ("HOMES", "RESULT") else w for w in COMMANDS[kind]]
    return [*words, str(target)]


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
    import shutil

    if place.is_dir():
        shutil.copytree(place, target)
    else:
        shutil.copy(place, target)
    return target


def left_behind(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.startswith(".fordela-")]


# --- what --force replaces ---------------------------------------------------------------------------


def test_force_does_not_remove_an_instance_for_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("instances", "export", "textbook", "mine")
    before = state(Path("mine"))
    said = run("solve", "textbook", "--out", "mine", "--force", code=2)
    assert "mine: is an instance, and a result never replaces it" in said
    assert said.count("\n") == 1
    assert state(Path("mine")) == before


@pytest.mark.parametrize("there", list(COMMANDS))
def test_force_replaces_its_own_kind_only(made: Path, tmp_path: Path, there: str) -> None:
    found = made / f"{there}{SUFFIX.get(there, '')}"
    for kind in QUICK if there == "simulation" else [*QUICK, "simulation"]:
        if SUFFIX.get(kind) != SUFFIX.get(there):
            continue
        target = copy(found, tmp_path / f"{kind}{SUFFIX.get(there, '')}")
        before = state(target)
        said = run(*command(kind, made, target), "--force", "-q", code=0 if kind == there else 2)
        if kind != there:
            assert f"is {KINDS[there]}, and {KINDS[kind]} never replaces it" in said
            assert state(target) == before
        assert not left_behind(tmp_path)


@pytest.mark.parametrize("kind", QUICK)
def test_what_was_changed_since_is_not_replaced(made: Path, tmp_path: Path, kind: str) -> None:
    target = copy(made / f"{kind}{SUFFIX.get(kind, '')}", tmp_path / f"t{SUFFIX.get(kind, '')}")
    if kind == "report":
        target.write_text(target.read_text("utf-8").replace("0", "1", 1), "utf-8")
    elif kind in SUFFIX:
        import openpyxl

        book = openpyxl.load_workbook(target)
        book.worksheets[2]["D6"] = -1
        book.save(target)
    else:
        table = next(target.rglob("municipalities.csv"))
        table.write_text(table.read_text("utf-8").replace("3", "4", 1), "utf-8")
    before = state(target)
    said = run(*command(kind, made, target), "--force", code=2)
    assert "was changed after Fordela wrote it" in said
    assert state(target) == before


@pytest.mark.parametrize("kind", [k for k in QUICK if k not in SUFFIX])
def test_files_put_beside_are_not_removed(made: Path, tmp_path: Path, kind: str) -> None:
    target = copy(made / kind, tmp_path / "t")
    (target / "notes.docx").write_bytes(b"mine")
    assert "holds other files (notes.docx)" in run(*command(kind, made, target), "--force", code=2)
    (target / "notes.docx").unlink()
    (target / "link").symlink_to(made)
    assert "holds other files (link)" in run(*command(kind, made, target), "--force", code=2)
    (target / "link").unlink()
    (target / ".DS_Store").write_bytes(b"")  # litter of a file manager
    run(*command(kind, made, target), "--force")


def test_what_people_wrote_is_not_replaced(made: Path, tmp_path: Path) -> None:
    by_hand = tmp_path / "by-hand"
    by_hand.mkdir()
    for name in ("instance.toml", "municipalities.csv", "children.csv"):
        text = (made / "instance" / name).read_text("utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("# sealed")]
        (by_hand / name).write_text("\n".join(lines), "utf-8")
    assert "has no seal" in run("instances", "export", "textbook", str(by_hand), "--force", code=2)
    for name in ("mine.html", "mine.xlsx"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
        words = ["report", str(made / "RESULT"), "--out", str(tmp_path / name), "--force"]
        assert "was not written by Fordela" in run(*words, code=2)
        assert (tmp_path / name).read_text("utf-8") == "mine"
    charts = tmp_path / "charts"
    charts.mkdir()
    (charts / "fulfilment.svg").write_text("mine", encoding="utf-8")
    words = ["report", str(made / "RESULT"), "--out", str(tmp_path / "r.html"), "--force"]
    assert "fulfilment.svg" in run(*words, "--charts", str(charts), code=2)
    assert (charts / "fulfilment.svg").read_text("utf-8") == "mine"
    assert not (tmp_path / "r.html").exists()


def test_several_comparisons_are_replaced_as_one(tmp_path: Path) -> None:
    words = [
        "compare",
        "textbook",
        "sweden-2016",
        "--policy",
        "in-force",
        "-q",
        "--out",
        str(tmp_path / "c"),
    ]
    run(*words)
    run(*words, "--force")
    (tmp_path / "c" / "textbook" / "notes.txt").write_text("mine", encoding="utf-8")
    assert "notes.txt" in run(*words, "--force", code=2)


def test_the_folder_one_is_in_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert "the folder you are in" in run("solve", "textbook", "--out", ".", code=2)


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "r")
    run("solve", "textbook", "--out", str(tmp_path / "link"))
    run("solve", "textbook", "--out", str(tmp_path / "link"), "--force")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "disk" / "r" / "result.json").is_file()


def test_sealed_heads_are_still_read(made: Path) -> None:
    assert load_instance(str(made / "instance")) == load_instance("textbook")
    head = json.loads((made / "RESULT" / "result.json").read_text("utf-8"))
    assert head["sealed"]["kind"] == "allocation"
    assert set(head["sealed"]["files"]) == {
        p.relative_to(made / "RESULT").as_posix()
        for p in (made / "RESULT").rglob("*") if p.is_file()
    }  # fmt: skip


# --- two writers -------------------------------------------------------------------------------------


def test_a_second_writer_is_refused_before_it_begins(tmp_path: Path) -> None:

    target = tmp_path / "r"
    with held(target, "allocation"):
        words = ["-m", "fordela.cli", "solve", "textbook", "--out", str(target), "--force"]
        other = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
        assert other.returncode == 2
        assert "is being written by another run of Fordela" in other.stderr
        write_result(solve(load_instance("textbook")), target)  # who holds it may write
    assert not left_behind(tmp_path)
    run("solve", "textbook", "--out", str(target), "--force")


def test_a_second_thread_is_refused(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    year = load_instance("textbook")
    with (
        held(tmp_path / "r", "instance"),
        ThreadPoolExecutor(1) as pool,
        pytest.raises(InputError, match="another run"),
    ):
        pool.submit(write_instance, year, tmp_path / "r").result()


def test_what_came_while_it_was_computed_is_kept(tmp_path: Path) -> None:
    """Somebody else's files, put there by other means between the start and the end."""
    target = tmp_path / "r"

    def fill(folder: Path) -> None:
        (folder / "instance.toml").write_text("format = 1\n", encoding="utf-8")
        target.mkdir()
        (target / "letter.txt").write_text("dear planner", encoding="utf-8")

    with pytest.raises(InputError, match="not an empty folder"):
        write_folder(target, fill, "instance")
    assert os.listdir(target) == ["letter.txt"]
    assert os.listdir(tmp_path) == ["r"]


def test_folders_on_the_way_go_with_a_failure(tmp_path: Path) -> None:
    def fill(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left on device; nothing was left behind"):
        write_folder(tmp_path / "a" / "b" / "c", fill, "instance")
    assert not list(tmp_path.iterdir())


# --- names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../../x", "..", ".", "", "a/b", "a\\b", "/etc/x", "a\0b"])
def test_names_never_lead_out_of_a_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="leads out of its folder"):
        inside(tmp_path, name)


def refusals() -> Iterator[InputError]:
    from fordela.instances import seals
    from fordela.models.errors import Problem

    for kind in ("instance", "allocation"):
        yield InputError([Problem("x", seals._other_kind("simulation", kind))])
    yield InputError([Problem("x", seals._changed("municipalities.csv"))])


def test_refusals_in_swedish() -> None:
    for error in refusals():
        told = problem_in(error.problems[0], "sv")
        assert "choose" not in told
        assert "Fordela wrote" not in told
        assert "never" not in told


# --- stopped at any step -----------------------------------------------------------------------------


def sweep(kind: str, how: str, every: int, made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    words = command(kind, made, folder / f"t{SUFFIX.get(kind, '')}")
    found = subprocess.run(
        [sys.executable, "-m", "tests.stopping", str(folder), kind, how, str(every), *words],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr


def test_stopped_at_some_steps(made: Path, tmp_path: Path) -> None:
    sweep("instance", "kill,stop,full", 9, made, tmp_path)


@pytest.mark.thorough
@pytest.mark.parametrize("how", ["kill", "stop", "full"])
@pytest.mark.parametrize("kind", list(COMMANDS))
def test_stopped_at_every_step(made: Path, tmp_path: Path, kind: str, how: str) -> None:
    sweep(kind, how, 1, made, tmp_path)
