"""Tasks on a Dask cluster that is running already; a task whose worker dies goes to another one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from fordela.models.errors import InputError, Problem

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
R = TypeVar("R")

#: Seconds to wait for the scheduler.
_PATIENCE = 10
#: Tasks under way for every thread of the cluster.
_AHEAD = 2


def on_cluster(
    function: Callable[[T], R], tasks: Sequence[T], lost: Callable[[T, str], R], address: str
) -> Iterator[tuple[T, R]]:
    """Do every task on the workers of a scheduler (see `each`)."""
    with _client(address) as client:
        yield from _each(client, function, tasks, lost)


def _each(
    client: Client, function: Callable[[T], R], tasks: Sequence[T], lost: Callable[[T, str], R]
) -> Iterator[tuple[T, R]]:
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    waiting = iter(tasks)
    running = {}
    finished = as_completed(loop=client.loop)

    def submit() -> bool:
        for task in waiting:
            # Impure: every task is a computation of its own, also where two are alike.
            future = client.submit(function, task, pure=False)
            running[future.key] = task
            finished.add(future)
            return True
        return False

    while len(running) < _AHEAD * max(1, sum(client.nthreads().values())) and submit():
        pass
    while running:
        future = next(finished)
        task = running.pop(future.key)
        submit()
        try:
            result = future.result()
        except KilledWorker:
            result = lost(task, "the workers that had it died; out of memory?")
        except Exception as error:  # of the cluster, as tasks do not raise
            result = lost(task, f"the cluster could not do it: {type(error).__name__}: {error}")
        yield task, result


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """Connect, and see that every worker can do what is asked of it."""
    try:
        from distributed import Client
    except ImportError:
        message = "a cluster needs the extra 'cluster': pip install 'fordela[cluster]'"
        raise InputError([Problem("--scheduler", message, value=address)]) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        message = (
            f"no Dask scheduler answers there ({type(error).__name__}); start one with 'dask scheduler'"
        )
        raise InputError([Problem("--scheduler", message, value=address)]) from error
    with client:
        _require_workers(client, address)
        yield client


def _require_workers(client: Client, address: str) -> None:
    from fordela import __version__

    if not client.nthreads():
        message = f"the scheduler has no workers; start some with 'dask worker {address}'"
        raise InputError([Problem("--scheduler", message, value=address)])
    try:
        versions = client.run(_version)
    except Exception as error:
        message = f"the workers do not know Fordela ({error}); install the same version there"
        raise InputError([Problem("--scheduler", message, value=address)]) from error
    others = sorted({f"{worker} has {v}" for worker, v in versions.items() if v != __version__})
    if others:
        message = f"the workers must have Fordela {__version__}, but {'; '.join(others)}"
        raise InputError([Problem("--scheduler", message, value=address)])


def _version() -> str:
    from fordela import __version__

    return __version__
