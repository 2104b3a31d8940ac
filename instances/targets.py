"""Where something is written: held by one writer, and there whole or not at all.

What is new is made beside its target under a name that begins with `.fordela-`, and takes the target's
place when it is complete and on disk. At every moment the target is the old thing whole or the new one
whole: by one rename where nothing is replaced, by one exchange of both names where the system can
(Linux). Elsewhere the old thing is set aside for the moment between two renames; who is killed in that
moment leaves it there under its own name, and the next writer of the target puts it back first.
Whatever a killed writer leaves is removed by the next one of the same target.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fordela.instances.seals import refusal, seal_folder
from fordela.models.errors import InputError, Problem

#: Names beside a target: what is being made, what is set aside, and who holds it.
NEW, OLD, LOCK = ".fordela-new-", ".fordela-old-", ".fordela-lock-"
#: Kinds that are a file; all others are folders.
_FILES = frozenset({"report", "instance-book", "result-book"})
#: Thread that holds a target in this process.
_holders: dict[Path, int] = {}


@contextmanager
def held(target: Path, kind: str, *, force: bool = False) -> Iterator[Path]:
    """Hold a target, so that nobody else writes there, and make sure that it may be written.

    A command holds its target before it begins to compute; the function that writes may hold it again.

    Parameters
    ----------
    target, kind
        Where to write, and what (a key of `KINDS`).
    force
        Whether a thing of the same kind may be replaced (see `refusal`).

    Yields
    ------
    Path
        The target itself, links followed.

    Raises
    ------
    InputError
        If another writer has it, or it holds what is not to be replaced, or cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        place = target.resolve()
        missing = [p for p in (place.parent, *place.parent.parents) if not p.exists()]
    except (OSError, RuntimeError) as error:
        raise _unwritten(target, error) from error
    if _holders.get(place) == threading.get_ident():
        _require(target, place, kind, force)
        yield place
        return
    lock = FileLock(_beside(place, LOCK), timeout=0)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        if not Path(lock.lock_file).exists():  # where no file can be made, filelock waits as well
            _remove_empty(missing)
            raise _unwritten(target, OSError("no file can be made there")) from None
        message = "is being written by another run of Fordela; wait for it, or choose another name"
        raise InputError([Problem(str(target), message)]) from None
    except OSError as error:
        _remove_empty(missing)
        raise _unwritten(target, error) from error
    _holders[place] = threading.get_ident()
    try:
        _take_up(place)
        _require(target, place, kind, force)
        yield place
    finally:
        del _holders[place]
        _remove(_beside(place, NEW))
        with suppress(OSError):  # while it is held, so that nobody waits for a name that is gone
            Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()
        _remove_empty(missing)


def write_folder(target: Path, fill: Callable[[Path], None], kind: str, *, force: bool = False) -> None:
    """Fill a new folder beside the target and put it in its place when it is complete.

    Raises
    ------
    InputError
        If the target is not to be written (see `held`), or cannot be.
    """
    with held(target, kind, force=force) as place, _said(target):
        new = _beside(place, NEW)
        new.mkdir()
        fill(new)
        seal_folder(new, kind)
        _sync(new)
        _require(target, place, kind, force)
        _swap(new, place)


def write_file(target: Path, fill: Callable[[Path], object], kind: str, *, force: bool = False) -> None:
    """Fill a new file beside the target and put it in its place when it is complete.

    Raises
    ------
    InputError
        If the target is not to be written (see `held`), or cannot be.
    """
    with held(target, kind, force=force) as place, _said(target):
        new = _beside(place, NEW)
        fill(new)
        _sync(new)
        _require(target, place, kind, force)
        new.replace(place)
        _sync_name(place.parent)


def replace_file(target: Path, fill: Callable[[Path], object]) -> None:
    """Replace a file of a folder that is the caller's own, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; the earlier one stands then.
    """
    new = _beside(target, NEW)
    try:
        fill(new)
        _sync(new)
        new.replace(target)
        _sync_name(target.parent)
    finally:
        new.unlink(missing_ok=True)


def let_go() -> None:
    """Remove what this process was making and its locks, where it must end at once."""
    for place in list(_holders):
        _remove(_beside(place, NEW))
        _remove(_beside(place, LOCK))


def inside(folder: Path, name: str) -> Path:
    """Return a place in a folder that has a name from elsewhere.

    Raises
    ------
    InputError
        If the name leads anywhere else.
    """
    if name in ("", ".", "..") or any(c in name for c in ("/", "\\", "\0")):
        raise InputError([Problem(folder.name, "leads out of its folder; rename it", value=name)])
    return folder / name


def require_suffix(target: Path, suffixes: Sequence[str]) -> None:
    """Make sure that a file's name says what it is.

    Raises
    ------
    InputError
        If it does not.
    """
    if target.suffix not in suffixes:
        message = f"the name must end in {' or '.join(suffixes)}"
        raise InputError([Problem("--out", message, value=str(target))])


def _require(target: Path, place: Path, kind: str, force: bool) -> None:
    """Make sure that a target is free, or may be replaced."""
    with _said(target):
        message = _file_taken(place, kind, force) if kind in _FILES else _taken(place, kind, force)
    if message is not None:
        raise InputError([Problem(str(target), message)])


def _taken(place: Path, kind: str, force: bool) -> str | None:
    if not place.exists():
        return None
    if not place.is_dir():
        return "is a file; name a folder"
    if Path.cwd().is_relative_to(place):
        return "is the folder you are in; name a new one"
    if not any(place.iterdir()):
        return None
    if not force:
        return "exists and is not an empty folder; choose another, or say --force"
    return refusal(place, kind)


def _file_taken(place: Path, kind: str, force: bool) -> str | None:
    if place.is_dir():
        return "is a folder; name a file"
    if not place.exists():
        return None
    if not force:
        return "exists; choose another name, or say --force to replace it"
    return refusal(place, kind)


def _beside(place: Path, prefix: str) -> Path:
    return place.with_name(prefix + place.name)


def _take_up(place: Path) -> None:
    """Put right what a killed writer left: the old thing back where nothing took its place."""
    old = _beside(place, OLD)
    if os.path.lexists(old):
        if os.path.lexists(place):
            _remove(old)
        else:
            old.rename(place)
    _remove(_beside(place, NEW))


def _swap(new: Path, place: Path) -> None:
    """Put a new folder in its place; an earlier one has the new one's name afterwards."""
    old = _beside(place, OLD)
    if not place.exists() or not any(place.iterdir()):
        if place.exists() and os.name == "nt":
            place.rmdir()
        new.rename(place)
    elif not _exchange(new, place):
        try:
            place.rename(old)
            new.rename(place)
        finally:
            if os.path.lexists(old):
                old.rename(new if os.path.lexists(place) else place)
    _sync_name(place.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step, where the system can."""
    if sys.platform != "linux":
        return False
    import ctypes

    here, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE, see renameat2(2)
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _sync(path: Path) -> None:
    """Wait until a file, or every file of a folder, is on disk."""
    if path.is_dir():
        for inner in path.iterdir():
            _sync(inner)
        _sync_name(path)
    else:
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _sync_name(folder: Path) -> None:
    """Wait until the names in a folder are on disk; not every system and disk can tell."""
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders that were made on the way to a target and hold nothing."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def _said(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritten(target, error) from error


def _unwritten(target: Path, error: Exception) -> InputError:
    what = getattr(error, "strerror", None) or str(error)
    message = f"cannot be written: {what}; nothing was left behind"
    return InputError([Problem(str(target), message)])
