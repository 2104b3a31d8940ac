"""Single files: whole or not at all, and never over what somebody else made."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from fordela.models.errors import InputError, Problem


def require_new(target: Path, suffixes: Sequence[str], *, force: bool) -> None:
    """Make sure that a file can be written, before any work is done for it.

    Raises
    ------
    InputError
        If its name does not end as it should, or it exists and is not to be replaced.
    """
    if target.suffix not in suffixes:
        message = f"the name must end in {' or '.join(suffixes)}"
        raise InputError([Problem("--out", message, value=str(target))])
    if target.is_dir():
        raise InputError([Problem(str(target), "is a folder; name a file")])
    if target.exists() and not force:
        message = "exists; choose another name, or say --force to replace it"
        raise InputError([Problem(str(target), message)])


def write_file(target: Path, fill: Callable[[Path], object]) -> None:
    """Fill a new file beside the target and move it into place when it is complete.

    Raises
    ------
    InputError
        If it cannot be written; nothing is left behind then.
    """
    scratch: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent
        )
        os.close(handle)
        scratch = Path(name)
        fill(scratch)
        scratch.chmod(0o644)
        scratch.replace(target)
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}; nothing was left behind"
        raise InputError([Problem(str(target), message)]) from error
    finally:
        if scratch is not None and scratch.exists():
            scratch.unlink()
