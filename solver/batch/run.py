"""Running a batch over local processes, from where it was left."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path

from fordela.instances.catalogue import load_instance
from fordela.models.errors import InputError, Problem
from fordela.models.policy import Policy
from fordela.models.tables import Row
from fordela.solver.batch.journal import LOCK, RESULTS, Journal, claim_folder, outdated
from fordela.solver.batch.tasks import Settings, Task, failed_row, run_task, versions


@dataclass(frozen=True)
class BatchSummary:
    """What a batch did.

    Attributes
    ----------
    results
        Path of the Parquet file.
    tasks, kept, outdated, failed
        Tasks asked for; of them found finished; computed anew because something they depend on
        changed; failed, with their message in the results.
    """

    results: Path
    tasks: int
    kept: int
    outdated: int
    failed: int


def make_tasks(
    sources: Sequence[str], policies: Sequence[Policy], seeds: Sequence[int], settings: Settings
) -> list[Task]:
    """Every instance with every policy and seed.

    Raises
    ------
    InputError
        With every problem of every instance.
    """
    problems: list[Problem] = []
    tasks: list[Task] = []
    known: dict[str, str] = {}
    made = versions(settings.backend)
    for source in sources:
        try:
            instance = load_instance(source)
        except InputError as error:
            problems += [Problem(f"{source}: {p.file}", p.message, p.row, p.column, p.value)
                         for p in error.problems]  # fmt: skip
            continue
        if known.setdefault(instance.name, source) != source:
            message = f"has the same name as {known[instance.name]}; rename one"
            problems.append(Problem(source, message, column="name", value=instance.name))
        path = source if not Path(source).exists() else str(Path(source).resolve())
        tasks += [
            Task(path, instance.name, instance.sha256, policy, seed, settings, made)
            for policy in policies
            for seed in seeds
        ]
    if problems:
        raise InputError(problems)
    return tasks


def run_batch(
    tasks: Sequence[Task],
    folder: Path,
    *,
    workers: int | None = None,
    retry_failed: bool = False,
    done: Callable[[int, int, Row | None], None] = lambda *_: None,
) -> BatchSummary:
    """Run what is not finished yet, and write ``results.parquet`` and ``manifest.json``.

    Parameters
    ----------
    tasks, folder
        What to run, and where its rows are kept.
    workers
        Local processes; by default one for every core.
    retry_failed
        Whether failed tasks are tried again.
    done
        Called with the number finished, of how many, and the last row.

    Raises
    ------
    InputError
        If the folder cannot be used, or another batch is running in it.
    """
    from filelock import FileLock, Timeout

    claim_folder(folder)
    try:
        with FileLock(folder / LOCK, timeout=0):
            return _run(tasks, Journal(folder), workers, retry_failed, done)
    except Timeout:
        message = "another batch is running in this folder"
        raise InputError([Problem(str(folder), message)]) from None


def _run(
    tasks: Sequence[Task],
    journal: Journal,
    workers: int | None,
    retry_failed: bool,
    done: Callable[[int, int, Row | None], None],
) -> BatchSummary:
    journal.clean()
    old = outdated(journal.rows, [(t.identity, t.key) for t in tasks])
    if retry_failed:
        keys = {t.key for t in tasks}
        old += [k for k, row in journal.rows.items() if k in keys and row["status"] == "error"]
    journal.drop(old)
    left = [t for t in tasks if t.key not in journal.rows]
    kept = len(tasks) - len(left)
    _write_manifest(journal, tasks)
    done(kept, len(tasks), None)
    try:
        for number, row in enumerate(_rows(left, workers or os.cpu_count() or 1), kept + 1):
            journal.append(row)
            done(number, len(tasks), row)
    finally:  # also when a user stops it: what is finished can be looked at
        journal.write_results()
        _write_manifest(journal, tasks)
    failed = sum(journal.rows[t.key]["status"] == "error" for t in tasks)
    return BatchSummary(journal.folder / RESULTS, len(tasks), kept, len(old), failed)


def _write_manifest(journal: Journal, tasks: Sequence[Task]) -> None:
    finished = [t for t in tasks if t.key in journal.rows]
    failed = sum(journal.rows[t.key]["status"] == "error" for t in finished)
    journal.write_manifest(
        {
            "format": 1,
            "tasks": len(tasks),
            "finished": len(finished),
            "failed": failed,
            "settings": asdict(tasks[0].settings) if tasks else {},
            "versions": dict(tasks[0].versions) if tasks else {},
            "instances": {t.instance: t.instance_sha256 for t in tasks},
            "policies": {t.policy.name: t.policy.sha256 for t in tasks},
            "seeds": sorted({t.seed for t in tasks}),
        }
    )


def _rows(tasks: Sequence[Task], workers: int) -> Iterator[Row]:
    """Rows as they come; when a process dies, the tasks it may have had are run alone."""
    waiting = list(reversed(tasks))
    while waiting:
        suspects = yield from _parallel(waiting, workers)
        for task in suspects:
            died = yield from _parallel([task], 1)
            if died:
                yield failed_row(task, "its process died; out of memory?")


def _parallel(waiting: list[Task], workers: int) -> Generator[Row, None, list[Task]]:
    """Take tasks from the end and yield their rows; returns those under way when a process died."""
    running: dict[Future[Row], Task] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_end_with, initargs=(os.getpid(),)) as pool:
        while waiting or running:
            while waiting and len(running) < 2 * workers:
                try:
                    running[pool.submit(run_task, waiting[-1])] = waiting[-1]
                except BrokenProcessPool:
                    return list(running.values())
                waiting.pop()
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                try:
                    row = future.result()
                except BrokenProcessPool:
                    return list(running.values())
                del running[future]
                yield row
    return []


def _end_with(parent: int) -> None:
    """End a worker when the batch that started it is killed, so that nothing computes on unseen."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
