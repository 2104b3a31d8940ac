"""Independent tasks on local processes, or on a Dask cluster; no task is lost, none counts twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


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
        What to do; it and the tasks must be picklable, and it must not raise.
    tasks
        What to do it on.
    lost
        Result of a task that took its process with it, from the task and the reason.
    workers
        Local processes; by default one for every core.
    scheduler
        Address of a Dask scheduler, whose workers are used instead.

    Raises
    ------
    InputError
        If there is no such scheduler, or it has no workers that can do the tasks.
    """
    if scheduler is not None:
        from fordela.solver.workers.cluster import on_cluster

        return on_cluster(function, tasks, lost, scheduler)
    from fordela.solver.workers.processes import on_processes

    return on_processes(function, tasks, lost, workers or os.cpu_count() or 1)
