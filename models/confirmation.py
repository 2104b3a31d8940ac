"""Input that is probably wrong and may be right: an error until it is confirmed by name."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from shlex import quote

from fordela.models.errors import Problem


def unless_confirmed(
    name: str, confirmed: Collection[str], problem: Problem, *, kept: bool = True
) -> tuple[Problem, ...]:
    """Return a problem that says how to confirm it; nothing where that was done.

    Parameters
    ----------
    name
        What is confirmed, such as ``missing:0117``: a kind, and what it is about.
    confirmed
        Names that were confirmed, by ``--accept NAME`` or by ``confirmed`` in ``instance.toml``.
    problem
        What is probably wrong.
    kept
        Whether it is a property of the instance, so that its ``instance.toml`` can confirm it too.
    """
    if name in confirmed:
        return ()
    if not kept:
        how = f"if it is right, say so with --accept {quote(name)}"
        return (replace(problem, message=f"{problem.message}; {how}"),)
    how = f'if it is right, say so with --accept {name} or in instance.toml: confirmed = ["{name}"]'
    return (replace(problem, message=f"{problem.message}; {how}"),)


def line_that_confirms(names: Iterable[str], confirmed: Collection[str]) -> str:
    """Return the line of ``instance.toml`` that confirms some names beside those that it has."""
    listed = dict.fromkeys([*confirmed, *names])
    return f"confirmed = {json.dumps(list(listed), ensure_ascii=False)}"
