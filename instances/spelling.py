"""Names of columns, files and sheets that were probably meant to be one that is read."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import SequenceMatcher

#: Ways to write a name that share no letters with it.
_CALLED = {"homes": "places", "tie": "kin_municipality", "since": "from", "until": "to"}


def meant(word: str, known: Collection[str], there: Collection[str] = ()) -> str | None:
    """Name that a word was probably meant to be; None for a word of somebody's own.

    Parameters
    ----------
    word
        A name that nothing reads.
    known
        Names that are read.
    there
        Those that are there anyhow: for them only a slip in a name of four letters or more counts,
        while for one that is absent a part of it, such as ``assigned`` or ``latitude``, is enough.
    """
    bare = _bare(word)
    slips = [
        name for name in known
        if bare == _bare(name)
        or (_is_slip(bare, _bare(name)) and (name not in there or min(len(bare), len(name)) >= 4))
    ]  # fmt: skip
    if slips:
        return max(slips, key=lambda name: SequenceMatcher(None, word, name).ratio())
    absent = sorted(set(known) - set(there))
    if _CALLED.get(word.casefold()) in absent:
        return _CALLED[word.casefold()]
    near = [(_likeness(word, name), name) for name in absent]
    likeness, name = max(near, default=(0.0, ""))
    return name if likeness >= 0.7 else None


def not_read(near: str) -> str:
    """Say that nothing reads a name, and which one was probably meant."""
    return f"is not read; did you mean {near}? one of your own needs a name less like it"


def _bare(word: str) -> str:
    return re.sub(r"[\W_]", "", word.casefold())


def _is_slip(one: str, other: str) -> bool:
    """Whether one letter too many, too few, another, or two exchanged tell the words apart."""
    if not one or not other or abs(len(one) - len(other)) > 1:
        return False
    pairs = zip(one, other, strict=False)
    begin = next((k for k, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    a, b = one[begin:], other[begin:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _likeness(word: str, name: str) -> float:
    """How like a word is to a name, 1 where it is a part of it or it of the word."""
    bare, known = _bare(word), _bare(name)
    words, names = _words(word), _words(name)
    begins = min(len(bare), len(known)) >= 3 and (bare.startswith(known) or known.startswith(bare))
    part = bool(words) and (set(words) <= set(names) or set(names) <= set(words))
    if begins or part or (words[:1] == names[:1] and len(names[0]) >= 3):
        return 1.0
    return SequenceMatcher(None, bare, known).ratio()


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name.casefold()) if word]
