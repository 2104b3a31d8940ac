"""Nothing is lost by writing: what --force replaces, two writers, names, and outputs that take nothing.

Writers that are stopped: test_stops.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances import targets
from fordela.instances.catalogue import load_instance
from fordela.instances.results import write_result
from fordela.instances.seals import KINDS, refusal
from fordela.instances.targets import held, inside, write_folder
from fordela.instances.writing import write_instance
from fordela.models.errors import InputError
from fordela.report.texts.problems import problem_in
from fordela.solver.solve import solve

from tests.stopping import SUFFIX, command, copy, state

#: Kinds that are written here, each by the command of its name; without those that take long.
KIND_NAMES = (
    "instance", "allocation", "transfers", "placement", "comparison", "simulation", "report",
    "instance-book", "result-book",
)  # fmt: skip
#: Without processes of their own, so that many can be made in a short time.
QUICK = [kind for kind in KIND_NAMES if kind != "simulation"]


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
    for kind in KIND_NAMES:
        run(*command(kind, folder, folder / f"{kind}{SUFFIX.get(kind, '')}"), "-q")
    return folder


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


@pytest.mark.parametrize("there", KIND_NAMES)
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


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder in which nobody can make a file")
def test_where_no_file_can_be_made_nobody_is_waited_for() -> None:
    words = ["-m", "fordela.cli", "solve", "textbook", "--out", "/proc/fordela"]
    refused = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "/proc/fordela: cannot be written: " in refused.stderr
    assert "another run" not in refused.stderr


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


def test_several_at_once_leave_one_result(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "fordela", "solve", "textbook", "--out", str(tmp_path / "r"), "-q"]
    others = [subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in "123"]
    said = [p.communicate()[1].decode() for p in others]
    assert sorted(p.returncode for p in others) == [0, 2, 2]
    assert sum("another run of Fordela" in s or "exists" in s for s in said) == 2
    assert refusal(tmp_path / "r", "allocation") is None
    assert os.listdir(tmp_path) == ["r"]


# --- where two names cannot be exchanged in one step -------------------------------------------------


def test_stopped_between_two_renames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    year = load_instance("textbook")
    write_instance(year, tmp_path / "mine")
    before = state(tmp_path / "mine")
    monkeypatch.setattr(targets, "_exchange", lambda one, other: False)
    rename = Path.rename

    def stopped(self: Path, target: Path) -> Path:
        if self.name == ".fordela-new-mine":
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", stopped)
        with pytest.raises(KeyboardInterrupt):
            write_instance(year.with_changes(title="new"), tmp_path / "mine", force=True)
    assert state(tmp_path / "mine") == before
    write_instance(year.with_changes(title="new"), tmp_path / "mine", force=True)
    assert load_instance(str(tmp_path / "mine")).title == "new"
    assert os.listdir(tmp_path) == ["mine"]


def test_killed_between_two_renames(tmp_path: Path) -> None:
    write_instance(load_instance("textbook"), tmp_path / "mine")
    before = state(tmp_path / "mine")
    (tmp_path / "mine").rename(tmp_path / ".fordela-old-mine")
    (tmp_path / ".fordela-new-mine").mkdir()
    with pytest.raises(InputError, match="exists"), held(tmp_path / "mine", "allocation"):
        pass
    assert state(tmp_path / "mine") == before
    assert os.listdir(tmp_path) == ["mine"]


# --- a batch ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["results.parquet", "rows.jsonl", "manifest.json"])
def test_a_batch_takes_no_file_for_its_own(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"key": "mine"}', encoding="utf-8")
    words = ["batch", "textbook", "--policy", "in-force", "--no-gaps", "--workers", "1"]
    (tmp_path / "letter.txt").write_text("dear planner", encoding="utf-8")
    assert "holds other files" in run(*words, "--out", str(tmp_path), code=2)
    (tmp_path / "letter.txt").unlink()
    assert "holds other files" in run(*words, "--out", str(tmp_path), code=2)
    assert (tmp_path / name).read_text("utf-8") == '{"key": "mine"}'
    assert os.listdir(tmp_path) == [name]


def test_a_batch_leaves_no_lock(tmp_path: Path) -> None:
    words = ["batch", "textbook", "--policy", "in-force", "--no-gaps", "--workers", "1", "--out"]
    run(*words, str(tmp_path / "b"))
    assert sorted(os.listdir(tmp_path / "b")) == ["manifest.json", "results.parquet", "rows.jsonl"]


# --- names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../../x", "..", ".", "", "a/b", "a\\b", "/etc/x", "a\0b"])
def test_names_never_lead_out_of_a_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="leads out of its folder"):
        inside(tmp_path, name)


NAMES = ["../../x", "..", ".hidden", "a/b", "a\\b", "/etc/x", "a:b", "x" * 101, "ends.", "a\nb"]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_an_instance_is_no_path(made: Path, tmp_path: Path, name: str) -> None:
    folder = copy(made / "instance", tmp_path / "in" / "deep")
    head = folder / "instance.toml"
    text = head.read_text("utf-8").replace('name = "textbook"', f"name = {json.dumps(name)}")
    head.write_text(text, encoding="utf-8")
    words = ["compare", "textbook", str(folder), "--policy", "in-force", "--out"]
    said = run(*words, str(tmp_path / "in" / "out"), code=2)
    assert "instance.toml, name is" in said
    assert "cannot name a folder; allowed is a text" in said
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_dir()) == ["deep", "in"]
    said = run("instances", "new", str(tmp_path / "new"), "--name", name, "--children", "0", code=2)
    assert "cannot name a folder" in said
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["Sverige 2026", "år-2026 (preliminär)", "x#national", "2026"])
def test_names_that_people_give(name: str) -> None:
    year = load_instance("textbook").with_changes(name=name)
    assert year.name == name


@pytest.mark.parametrize("name", ["../x", "a/b", "x\n", "instance", "Comparison.json", ""])
def test_the_name_of_a_policy_is_a_folder_of_its_own(tmp_path: Path, name: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(f"format = 1\nname = {json.dumps(name)}\n", encoding="utf-8")
    said = run("compare", "textbook", "--policy", str(path), "--out", str(tmp_path / "c"), code=2)
    assert "p.toml, name is" in said
    assert os.listdir(tmp_path) == ["p.toml"]


def test_names_that_some_systems_take_for_the_same(made: Path, tmp_path: Path) -> None:
    words = ["--policy", "in-force", "--out", str(tmp_path / "c")]
    said = run("compare", "textbook", str(made / "instance"), *words, code=2)
    assert "two instances have this name" in said
    path = tmp_path / "p.toml"
    path.write_text('format = 1\nname = "In-Force"\n', encoding="utf-8")
    assert "two policies have this name" in run(
        "compare", "textbook", "--policy", str(path), *words, code=2
    )


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


# --- outputs that take nothing -----------------------------------------------------------------------

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "words",
    ["queue textbook", "queue textbook --format csv --lang sv", "--help", "solve textbook --out r"],
)
def test_an_output_that_is_full(tmp_path: Path, words: str) -> None:
    with FULL.open("w") as full:
        found = subprocess.run(
            [sys.executable, "-m", "fordela", *words.split()], stdout=full, stderr=subprocess.PIPE,
            text=True, cwd=tmp_path, check=False,
        )  # fmt: skip
    swedish = "Fel: stdout: kan inte skrivas: No space left on device\n"
    english = "Error: stdout: cannot be written: No space left on device\n"
    assert found.stderr == (swedish if "sv" in words else english)
    assert found.returncode == 2
    assert not left_behind(tmp_path)
    if "--out" in words:  # what was written before is whole
        run("check", "textbook", str(tmp_path / "r"))


def test_a_reader_that_leaves_is_told_by_the_exit_code() -> None:
    words = [sys.executable, "-m", "fordela", "instances", "list", "--format", "csv"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
