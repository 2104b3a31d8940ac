"""Independent tasks here, on local processes or on a Dask cluster; none is lost, none counts twice."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def local_workers(workers: int | None) -> int:
    """Return how many are to work here; 1 starts no process.

    Processes read the script that starts them from its top (``spawn``). One that meets work for
    several there, as nothing guards it, ends at once: the first process says what to do.

    Parameters
    ----------
    workers
        As asked for, or None for one on every core.
    """
    number = workers or os.cpu_count() or 1
    if number > 1 and getattr(multiprocessing.current_process(), "_inheriting", False):
        raise SystemExit(1)
    return number


def each(
    function: Callable[[T], R],
    tasks: Sequence[T],
    lost: Callable[[T, str], R],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
) -> Iterator[tuple[T, R]]:
    """Do every task once and yield it with its result, as they come.

    Parameters
    ----------
    function
        What to do; where there are several workers it and the tasks must be picklable, and it must
        not raise.
    tasks
        What to do it on.
    lost
        Result of a task that took its process with it, from the task and the reason.
    workers
        Local processes; by default one for every core. With one worker the tasks are done in this
        process, and no other is started.
    scheduler
        Address of a Dask scheduler, whose workers are used instead.

    Raises
    ------
    InputError
        If there is no such scheduler, it has no workers that can do the tasks, or no local process
        gets as far as its first task.
    """
    if scheduler is not None:
        from fordela.solver.workers.cluster import on_cluster

        return on_cluster(function, tasks, lost, scheduler)
    number = local_workers(workers)
    if number == 1:
        return ((task, function(task)) for task in tasks)
    from fordela.solver.workers.processes import on_processes

    return on_processes(function, tasks, lost, number)
