"""Batches: killed at any moment they lose no finished row and repeat none."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from fordela.instances.catalogue import load_instance, matching_instances
from fordela.instances.policy_files import load_policy
from fordela.instances.writing import write_instance
from fordela.models.errors import InputError
from fordela.models.policy import IN_FORCE
from fordela.solver.batch.journal import JOURNAL, Journal
from fordela.solver.batch.run import make_tasks, run_batch
from fordela.solver.batch.tasks import Settings, Task, run_task

from tests.strategies import scaled

FAST = Settings(gaps=False)
SEEDS, KILLS = scaled(150), scaled(8, part=2)


def tasks(sources: list[str], seeds: int = 2, policies: tuple[str, ...] = ("in-force",)) -> list[Task]:
    return make_tasks(sources, [load_policy(p) for p in policies], range(seeds), FAST)


def journal_lines(folder: Path) -> list[dict[str, object]]:
    data = (folder / JOURNAL).read_bytes()
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def rows_in(folder: Path) -> int:
    path = folder / JOURNAL
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_rows_have_everything_to_make_them_again(tmp_path: Path) -> None:
    summary = run_batch(tasks(["textbook"]), tmp_path / "b", workers=1)
    assert (summary.tasks, summary.kept, summary.failed) == (2, 0, 0)
    table = pd.read_parquet(summary.results)
    year = load_instance("textbook")
    assert table["instance_sha256"].tolist() == [year.sha256] * 2
    assert table["seed"].tolist() == [0, 1]
    row = table.iloc[0]
    (tmp_path / "again.toml").write_text(row["policy_toml"], encoding="utf-8")
    assert load_policy(tmp_path / "again.toml").sha256 == row["policy_sha256"]
    for name in ("fordela", "highs", "numpy", "python"):
        assert name in row["versions"]
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text())
    assert (manifest["tasks"], manifest["finished"], manifest["failed"]) == (2, 2, 0)


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """SIGKILL over and over, at random moments; then every row is there, once, and as it was."""
    words = ["batch", "textbook", "--policy", "in-force", "--policy", "optimal", "--no-gaps"]
    command = [sys.executable, "-m", "fordela.cli", *words, "--seeds", str(SEEDS), "--workers", "2",
               "--out", str(tmp_path / "b"), "-q"]  # fmt: skip
    rng = Random(1)
    finished: dict[str, dict[str, object]] = {}
    kills = 0
    while True:
        process = subprocess.Popen(command, start_new_session=True)
        if kills < KILLS:
            # At any moment: while it starts, or some rows later.
            more, until = rng.choice([0, 1, 5, 20]), time.monotonic() + 30
            time.sleep(1.5 * rng.random())
            while process.poll() is None and time.monotonic() < until:
                if rows_in(tmp_path / "b") >= len(finished) + more:
                    break
                time.sleep(0.002)
            time.sleep(0.02 * rng.random())
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)  # its workers must end by themselves
                kills += 1
        process.wait()
        if (tmp_path / "b" / JOURNAL).exists():
            rows = {str(row["key"]): row for row in journal_lines(tmp_path / "b")}
            for key, row in finished.items():
                assert rows[key] == row  # nothing lost, nothing computed again
            finished |= rows
        if process.returncode == 0:
            break
    assert kills >= 3
    lines = journal_lines(tmp_path / "b")
    assert len(lines) == len({row["key"] for row in lines}) == 2 * SEEDS
    table = pd.read_parquet(tmp_path / "b" / "results.parquet")
    assert sorted(table["key"]) == sorted(str(row["key"]) for row in lines)
    assert not list((tmp_path / "b").glob("results.parquet.*"))


def test_workers_end_with_the_batch(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fordela.cli", "batch", "sweden-surge", "--policy", "optimal",
               "--seeds", "50", "--workers", "2", "--out", str(tmp_path / "b"), "-q"]  # fmt: skip
    process = subprocess.Popen(command, start_new_session=True)
    group = process.pid
    while not (tmp_path / "b" / "manifest.json").exists():
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(2)  # its workers start, and compute for long
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    for _ in range(60):
        time.sleep(0.25)
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
    os.killpg(group, signal.SIGKILL)
    pytest.fail("workers went on without their batch")


def test_a_torn_row_is_computed_again(tmp_path: Path) -> None:
    run_batch(tasks(["textbook"]), tmp_path, workers=1)
    path = tmp_path / JOURNAL
    data = path.read_bytes()
    path.write_bytes(data[:-20])
    summary = run_batch(tasks(["textbook"]), tmp_path, workers=1)
    assert summary.kept == 1
    assert len(journal_lines(tmp_path)) == 2


def test_what_changed_is_recognised(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    year = load_instance("textbook").with_changes(name="mine")
    write_instance(year, folder)
    first = tasks([str(folder), "textbook"])
    run_batch(first, tmp_path / "b", workers=1)
    write_instance(year.with_changes(forecast=9), folder, force=True)
    again = run_batch(tasks([str(folder), "textbook"]), tmp_path / "b", workers=1)
    assert (again.kept, again.outdated) == (2, 2)
    other = [replace(t, policy=t.policy.with_changes(signpost="after")) for t in first]
    assert len({t.key for t in [*first, *other]}) == 8
    newer = [replace(t, versions=(("fordela", "9"),)) for t in first]
    assert not {t.key for t in first} & {t.key for t in newer}
    table = pd.read_parquet(again.results)
    assert len(table) == 4
    assert year.sha256 not in set(table["instance_sha256"])


def test_a_failing_task_is_recorded_and_stops_nothing(tmp_path: Path) -> None:
    valve = load_policy("in-force").with_changes(name="valve", valve=1)
    year = load_instance("textbook").with_changes(name="unforeseen", forecast=None)
    write_instance(year, tmp_path / "y")
    mixed = make_tasks([str(tmp_path / "y"), "textbook"], [IN_FORCE, valve], [0], FAST)
    summary = run_batch(mixed, tmp_path / "b", workers=2)
    assert summary.failed == 1
    table = pd.read_parquet(summary.results).set_index(["instance", "policy"])
    assert "needs a forecast" in str(table.loc[("unforeseen", "valve"), "error"])
    assert (table["status"] == "error").sum() == 1
    assert run_batch(mixed, tmp_path / "b", workers=1).kept == 4
    assert run_batch(mixed, tmp_path / "b", workers=1, retry_failed=True).kept == 3


def test_a_task_that_kills_its_process_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies where it reads the instance; the others are finished all the same."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    (tmp_path / "sitecustomize.py").write_text(
        "import os\n"
        "from fordela.instances import catalogue\n"
        "real = catalogue.load_instance\n"
        "def load_instance(name, warnings=None):\n"
        "    if str(name).endswith('deadly') and os.environ.get('DEADLY'):\n"
        "        os._exit(9)\n"
        "    return real(name, warnings)\n"
        "catalogue.load_instance = load_instance\n",
        encoding="utf-8",
    )
    year = load_instance("textbook")
    for name in ("deadly", "harmless"):
        write_instance(year.with_changes(name=name), tmp_path / name)
    mixed = tasks([str(tmp_path / "deadly"), str(tmp_path / "harmless"), "textbook"], seeds=1)
    monkeypatch.setenv("DEADLY", "1")
    summary = run_batch(mixed, tmp_path / "b", workers=2)
    table = pd.read_parquet(summary.results).set_index("instance")
    assert table.loc["deadly", "error"] == "its process died; out of memory?"
    assert table["status"].to_dict() == {
        "deadly": "error", "harmless": "feasible", "textbook": "feasible",
    }  # fmt: skip


def test_an_instance_that_changes_while_the_batch_runs(tmp_path: Path) -> None:
    year = load_instance("textbook").with_changes(name="mine")
    write_instance(year, tmp_path / "mine")
    (task,) = tasks([str(tmp_path / "mine")], seeds=1)
    write_instance(year.with_changes(forecast=3), tmp_path / "mine", force=True)
    assert "changed while the batch was running" in str(run_task(task)["error"])


def test_folders_that_are_not_a_batch(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear planner")
    with pytest.raises(InputError, match=r"letter\.txt"):
        run_batch(tasks(["textbook"]), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / JOURNAL).write_text('{"no": "key"}\n{"key": 1}\n')
    with pytest.raises(InputError, match="is not a row of a batch"):
        Journal(tmp_path / "b")


def test_one_batch_at_a_time(tmp_path: Path) -> None:
    from filelock import FileLock

    with FileLock(tmp_path / ".lock"), pytest.raises(InputError, match="another batch"):
        run_batch(tasks(["textbook"]), tmp_path)


def test_patterns() -> None:
    years = matching_instances(["sweden-20*"])
    assert {f"sweden-{year}" for year in range(2016, 2030)} <= set(years)
    assert matching_instances(["textbook", "text*"]) == ["textbook"]
    with pytest.raises(InputError, match="matches no shipped instance"):
        matching_instances(["norway-*", "textbook"])


def test_two_instances_of_one_name(tmp_path: Path) -> None:
    write_instance(load_instance("textbook"), tmp_path / "copy")
    with pytest.raises(InputError, match="has the same name as textbook"):
        tasks(["textbook", str(tmp_path / "copy")])
