"""The ``fordela`` command from its first moment to its last: stopped at any time, it says so in a line.

It listens for Ctrl-C before anything is read that Python has not read yet, and imports nothing heavy.
Importing it therefore changes what Ctrl-C does, so nothing else of Fordela does.
"""

# Built in, unlike `signal`; and os and sys are there since Python began.
import _signal  # type: ignore[import-not-found]
import os
import sys

#: Exit codes of a stopped program and of one whose reader has left, as shells have them.
STOPPED, READER_LEFT = 130, 141
#: Seconds after which a stop is done by force, while an engine keeps the program from hearing it.
_GRACE = 1.0


def _stopped() -> str:
    swedish = os.environ.get("FORDELA_LANG") == "sv" or {"sv", "--lang=sv"} & set(sys.argv)
    return "Avbrutet." if swedish else "Stopped."


def _stop_at_once(*_: object) -> None:
    """Stop where nothing has been begun, so that nothing has to be put right."""
    os.write(2, f"{_stopped()}\n".encode())
    os._exit(STOPPED)


if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:  # not so in the background
    _signal.signal(_signal.SIGINT, _stop_at_once)


def run() -> None:
    """Run the command and leave with its exit code."""
    import signal

    heard: list[bool] = []
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as in the background
        _listen(heard)
    code: str | int | None = 0
    try:
        from fordela.cli import main

        main(prog_name="fordela")
    except SystemExit as error:
        code = error.code
    except BrokenPipeError:
        code = READER_LEFT
    except OSError as error:
        from fordela.models.errors import NO_ROOM

        if error.errno not in NO_ROOM:
            raise
        code = _unwritten(error)
    except BaseException:
        if not heard:
            raise
    if heard:
        code = STOPPED
        _end_children()
    sys.exit(_flushed(code))


def _listen(heard: list[bool]) -> None:
    """Stop on Ctrl-C, wherever the program is.

    `SystemExit` passes through libraries that take `KeyboardInterrupt` for their own, and through
    modules in C that print an error of an import and go on.
    """
    import signal

    def stop(*_: object) -> None:
        if not heard:
            heard.append(True)
            os.write(2, f"{_stopped()}\n".encode())
        raise SystemExit(STOPPED)

    def unheard(args: "sys.UnraisableHookArgs") -> None:
        if not issubclass(args.exc_type, SystemExit | KeyboardInterrupt):
            sys.__unraisablehook__(args)
            return
        import threading  # it was lost where nothing can be raised: say it again

        threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT)).start()

    sys.unraisablehook = unheard
    signal.signal(signal.SIGINT, stop)
    if os.name != "nt":
        _watch(heard)


def _watch(heard: list[bool]) -> None:
    """End the program where an engine in C holds it, so that Python does not get to hear of a stop."""
    import signal
    import threading

    asked, told = os.pipe()
    os.set_blocking(told, False)

    def wait() -> None:
        import time

        while True:
            if signal.SIGINT not in os.read(asked, 1):
                continue
            time.sleep(_GRACE)
            if not heard:
                os.write(2, f"{_stopped()}\n".encode())
                _let_go()
                _end_children()
                os._exit(STOPPED)

    threading.Thread(target=wait, daemon=True).start()
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)


def _let_go() -> None:
    targets = sys.modules.get("fordela.instances.targets")
    if targets is not None:
        targets.let_go()


def _end_children() -> None:
    """End processes that work for this one."""
    if "multiprocessing" in sys.modules:
        import multiprocessing

        for child in multiprocessing.active_children():
            child.terminate()


def _flushed(code: str | int | None) -> str | int | None:
    """Write out what is waiting, and return the exit code."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = READER_LEFT
    except OSError as error:
        code = code or _unwritten(error)
    else:
        return code
    # What cannot be written is not tried again at the end of the program.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _unwritten(error: OSError) -> int:
    """Say that standard output cannot be written."""
    os.write(2, f"Error: stdout: cannot be written: {error.strerror or error}\n".encode())
    return 2


if __name__ == "__main__":
    run()
