"""A scheduler and two workers started by hand, as the README says; one is killed in the middle."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from fordela.instances.catalogue import load_instance
from fordela.models.errors import InputError
from fordela.models.policy import IN_FORCE
from fordela.solver.batch.journal import JOURNAL
from fordela.solver.batch.run import make_tasks, run_batch
from fordela.solver.batch.tasks import Settings
from fordela.solver.simulation.run import simulate
from fordela.solver.simulation.spec import make_simulation
from fordela.solver.workers import cluster as cluster_module

ROOT = Path(__file__).parents[1]
DASK = Path(sys.executable).with_name("dask")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@dataclass
class Cluster:
    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Start what README.md says, on a free port."""
    commands = re.findall(
        r"^dask (?:scheduler|worker).*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M
    )
    assert [c.split()[1] for c in commands] == ["scheduler", "worker", "worker"]
    port = free_port()
    processes = []
    try:
        for number, command in enumerate(commands):
            words = command.removesuffix("&").replace("8786", str(port)).split()[1:]
            extra = ["--port", str(port), "--no-dashboard"] if number == 0 else ["--no-nanny"]
            with (tmp_path / f"log-{number}").open("wb") as log:
                processes.append(
                    subprocess.Popen(
                        [str(DASK), *words, *extra], stdout=log, stderr=log, cwd=tmp_path,
                        start_new_session=True,
                    )
                )  # fmt: skip
            if number == 0:
                wait_for(port)
        address = f"tcp://127.0.0.1:{port}"
        require_workers(address, 2)
        yield Cluster(address, processes[1:])
    finally:
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the scheduler did not start")


def require_workers(address: str, number: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(number, timeout=60)


def kill(worker: subprocess.Popen[bytes]) -> None:
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


@pytest.mark.filterwarnings("ignore")
def test_a_killed_worker_loses_and_doubles_nothing(cluster: Cluster, tmp_path: Path) -> None:
    tasks = make_tasks(["sweden-2025"], [IN_FORCE], range(60), Settings(gaps=False))
    seen = 0

    def done(finished: int, _of: int, row: object) -> None:
        nonlocal seen
        seen = finished
        if row is not None and finished == 15:
            kill(cluster.workers[0])

    summary = run_batch(tasks, tmp_path / "b", scheduler=cluster.address, done=done)
    assert (summary.tasks, summary.kept, summary.failed, seen) == (60, 0, 0, 60)
    rows = pd.read_parquet(summary.results)
    assert sorted(rows["seed"]) == list(range(60))
    lines = (tmp_path / "b" / JOURNAL).read_text(encoding="utf-8").splitlines()
    keys = Counter(re.findall(r'"key": "(\w+)"', "\n".join(lines)))
    assert set(keys) == {t.key for t in tasks}
    assert set(keys.values()) == {1}

    # A simulation on what is left of the cluster has the same rows as on local processes.
    simulation = make_simulation(load_instance("sweden-2025"), [IN_FORCE], norms=())
    for name in ("cluster", "local"):
        (tmp_path / name).mkdir()
    there = simulate(simulation, 30, tmp_path / "cluster", scheduler=cluster.address)
    here = simulate(simulation, 30, tmp_path / "local", workers=1)
    pd.testing.assert_frame_equal(there.to_frame(), here.to_frame())


@pytest.mark.filterwarnings("ignore")
def test_without_a_scheduler_or_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_PATIENCE", 1)
    tasks = make_tasks(["textbook"], [IN_FORCE], [0], Settings(gaps=False))
    with pytest.raises(InputError, match="no Dask scheduler answers there"):
        run_batch(tasks, tmp_path / "a", scheduler=f"tcp://127.0.0.1:{free_port()}")
    with pytest.raises(InputError, match="no Dask scheduler answers there"):
        run_batch(tasks, tmp_path / "b", scheduler="not an address")
