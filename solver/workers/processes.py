"""Tasks on local processes: when one dies, the tasks it may have had are done alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from typing import TypeVar

from fordela.models.errors import InputError, Problem

T = TypeVar("T")
R = TypeVar("R")

_CONTEXT = multiprocessing.get_context("spawn")


def on_processes(
    function: Callable[[T], R], tasks: Sequence[T], lost: Callable[[T, str], R], workers: int
) -> Iterator[tuple[T, R]]:
    """Do every task on one of some local processes (see `each`)."""
    waiting = list(reversed(tasks))
    begun = _CONTEXT.Event()
    while waiting:
        suspects = yield from _parallel(function, waiting, workers, begun)
        if suspects and not begun.is_set():
            message = (
                "no process reached its work; each reads the script from the top first, so put the "
                "call under 'if __name__ == \"__main__\":', or ask for one worker"
            )
            raise InputError([Problem("workers", message, value=str(workers))])
        for task in suspects:
            died = yield from _parallel(function, [task], 1, begun)
            if died:
                yield task, lost(task, "its process died; out of memory?")


def _parallel(
    function: Callable[[T], R], waiting: list[T], workers: int, begun: Event
) -> Generator[tuple[T, R], None, list[T]]:
    """Take tasks from the end and yield them; returns those under way when a process died."""
    running: dict[Future[R], T] = {}
    others = set(multiprocessing.active_children())
    known = (os.getpid(), begun)
    with ProcessPoolExecutor(workers, _CONTEXT, initializer=_begin, initargs=known) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < 2 * workers:
                    with _unstopped():
                        running[pool.submit(function, waiting[-1])] = waiting[-1]
                    waiting.pop()
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    result = future.result()
                    yield running.pop(future), result
        except BrokenProcessPool:
            return list(running.values())
        except BaseException:  # stopped, or nobody takes the results any more
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise
    return []


@contextmanager
def _unstopped() -> Iterator[None]:
    """Start processes that do not hear Ctrl-C: who started them ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    earlier = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, earlier)


def _begin(parent: int, begun: Event) -> None:
    """Begin in a worker: it ends when the program that started it is killed, not to compute unseen."""
    begun.set()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
