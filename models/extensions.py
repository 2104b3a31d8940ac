"""Rules and norms of one's own: found by module and name, or by an entry point of a package.

A policy or a result is a file that somebody may have sent, and the name of a module in it is code to
run. So only what an installed package has registered as a rule or a norm is loaded without more; any
other name needs the consent of whoever runs the program (`trust`).
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from fordela.models.errors import InputError, Problem

#: Entry point groups: a package that registers a name there makes it a rule or a norm.
RULES, NORMS = "fordela.rules", "fordela.norms"
#: Set to 1 where code that a file names may be run; processes that are started inherit it.
TRUST = "FORDELA_TRUST"
_DOTTED = re.compile(r"^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$")


def is_dotted(name: str) -> bool:
    """Whether a name is written ``package.module:Name``."""
    return _DOTTED.match(name) is not None


@cache
def registered(group: str) -> dict[str, str]:
    """Names that packages have registered in a group, with what they stand for."""
    return {e.name: e.value for e in entry_points(group=group)}


def target_of(name: str, group: str) -> str | None:
    """Return ``package.module:Name`` for a name, or None if it is neither written so nor registered."""
    return name if is_dotted(name) else registered(group).get(name)


def trust(consent: bool = True) -> None:
    """Say whether rules and norms that a policy names by module may be loaded and run."""
    os.environ[TRUST] = "1" if consent else ""


def is_trusted() -> bool:
    """Whether code that a file names may be run."""
    return os.environ.get(TRUST) == "1"


def look_in(folder: Path) -> None:
    """Let modules be found in a folder, after all other places, where code is trusted."""
    if not is_trusted():
        return
    path = str(folder.resolve())
    if path not in sys.path:
        sys.path.append(path)


def load(name: str, group: str, column: str) -> object:
    """Import what a name stands for; modules in the working directory are found too.

    Raises
    ------
    InputError
        If there is none, it cannot be imported, or it is code that nobody has consented to run.
    """
    target = target_of(name, group)
    if target is not None and not is_trusted() and target not in registered(group).values():
        module = target.partition(":")[0]
        refused = (
            f"is code in the module {module}, which is not run unless you say so; if you trust it, "
            f"say --trust"
        )
        raise InputError([Problem("policy", refused, column=column, value=name)])
    problem = f"is neither package.module:Name nor registered by a package in {group}"
    if target is not None:
        look_in(Path.cwd())
        module, _, attribute = target.partition(":")
        try:
            found: object = import_module(module)
            for part in attribute.split("."):
                found = getattr(found, part)
        except Exception as error:  # a module of one's own can fail in any way
            problem = f"cannot be imported: {type(error).__name__}: {error}"
        else:
            return found
    raise InputError([Problem("policy", problem, column=column, value=name)])


def fingerprint(name: str, group: str) -> str:
    """Hash of the source of the module that a name comes from: when it changes, results may."""
    target = target_of(name, group) or ""
    source = getattr(sys.modules.get(target.partition(":")[0]), "__file__", None)
    text = Path(source).read_bytes() if source else target.encode()
    return hashlib.sha256(text).hexdigest()[:16]
