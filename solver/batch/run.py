"""Running a batch over local processes, from where it was left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from fordela.instances.catalogue import load_instance
from fordela.models.errors import InputError, Problem
from fordela.models.policy import Policy
from fordela.models.tables import Row
from fordela.solver.batch.journal import LOCK, RESULTS, Journal, claim_folder, outdated
from fordela.solver.batch.tasks import Settings, Task, failed_row, run_task, versions
from fordela.solver.workers import each, local_workers


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
    made = {p.name: versions(settings.backend, p, settings.own_norms) for p in policies}
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
            Task(path, instance.name, instance.sha256, policy, seed, settings, made[policy.name])
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
    scheduler: str | None = None,
    retry_failed: bool = False,
    done: Callable[[int, int, Row | None], None] = lambda *_: None,
) -> BatchSummary:
    """Run what is not finished yet, and write ``results.parquet`` and ``manifest.json``.

    Parameters
    ----------
    tasks, folder
        What to run, and where its rows are kept.
    workers
        Local processes; by default one for every core, and none at all if it is 1.
    scheduler
        Address of a Dask scheduler, whose workers are used instead.
    retry_failed
        Whether failed tasks are tried again.
    done
        Called with the number finished, of how many, and the last row.

    Raises
    ------
    InputError
        If the folder cannot be used, another batch is running in it, or no local process can begin.
    """
    from filelock import FileLock, Timeout

    if scheduler is None:
        local_workers(workers)
    claim_folder(folder)
    try:
        with FileLock(folder / LOCK, timeout=0):
            try:
                return _run(tasks, Journal(folder), workers, scheduler, retry_failed, done)
            finally:
                with suppress(OSError):  # some systems keep what is open
                    (folder / LOCK).unlink(missing_ok=True)
    except Timeout:
        message = "another batch is running in this folder"
        raise InputError([Problem(str(folder), message)]) from None


def _run(
    tasks: Sequence[Task],
    journal: Journal,
    workers: int | None,
    scheduler: str | None,
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
        rows = each(run_task, left, failed_row, workers=workers, scheduler=scheduler)
        for number, (_, row) in enumerate(rows, kept + 1):
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
