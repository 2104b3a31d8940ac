"""HiGHS as everybody here starts it: silent, with the threads that were asked for."""

from __future__ import annotations

import highspy

#: Threads with which the engines of this process were started; 0 is HiGHS's own choice.
_started: list[int] = []


def new_engine(workers: int | None = None) -> highspy.Highs:
    """Return an engine.

    All engines of a process share their threads, and HiGHS refuses to solve with another number than
    the one that they were started with. So they are started anew where another number is asked for.

    Parameters
    ----------
    workers
        Threads, or None for as many as there are.
    """
    wanted = workers or 0
    if wanted and _started and _started[-1] != wanted:
        highspy.Highs.resetGlobalScheduler(True)
        _started.clear()
    if not _started:
        _started.append(wanted)
    engine = highspy.Highs()
    engine.setOptionValue("output_flag", False)
    engine.setOptionValue("threads", wanted)
    return engine
