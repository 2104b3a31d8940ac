"""Counties and municipalities as they are named on a command line: by code, or by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

from fordela.instances.workbooks.written import Names
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance

_COUNTY = {"lan", "county"}


def county_code(counties: Mapping[str, str], text: str, instance: Instance | None = None) -> str:
    """Find a county by its code, with or without leading zeros, or its name, with or without "län".

    Parameters
    ----------
    counties
        Name by code.
    text
        As it was written: ``08``, ``8``, ``Kalmar``, ``kalmar lan``, ``Stockholm``.
    instance
        Whose municipalities are told from counties.

    Raises
    ------
    InputError
        If there is none, or several with that name.
    """
    said = text.strip()
    if said in counties:
        return said
    stems = {code: _stem(name) for code, name in counties.items()}
    alike = [code for code in counties if code.lstrip("0") == said.lstrip("0") and said.isdigit()]
    found = alike or [code for code, stem in stems.items() if stem and stem == _stem(said)]
    if len(found) == 1:
        return found[0]
    named = {code: f"{code} {name}" for code, name in sorted(counties.items())}
    if found:
        message = f"stands for {', '.join(named[code] for code in found)}; name one by its code"
        raise InputError([Problem("--county", message, value=text)])
    near = get_close_matches(_stem(said), list(stems.values()), n=1, cutoff=0.8)
    places = [] if instance is None else Names(instance).codes(said)
    message = f"no such county; the instance has {', '.join(named.values())}"
    if near:
        nearest = next(code for code, stem in stems.items() if stem == near[0])
        message = f"no such county; did you mean {named[nearest]}?"
    elif instance is not None and len(places) == 1:
        m = instance.by_code[places[0]]
        message = f"no such county; {m.code} {m.name} is a municipality of {named[m.county_code]}"
    raise InputError([Problem("--county", message, value=text)])


def _stem(name: str) -> str:
    """Letters of a county's name alone, without "län" and without the genitive's s."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    while len(words) > 1 and words[-1] in _COUNTY:
        words.pop()
    return "".join(words).removesuffix("s")


def municipality_code(instance: Instance, text: str, option: str = "--municipality") -> str:
    """Find a municipality by its code, with or without leading zeros, or its name.

    Raises
    ------
    InputError
        If there is none, or several with that name.
    """
    names = Names(instance)
    codes = names.codes(text)
    if len(codes) == 1:
        return codes[0]
    county = next((c for c in names.counties if _stem(c) == _stem(text)), None)
    message = "no such municipality"
    if codes:
        named = ", ".join(f"{c} {names.names[c]}" for c in codes)
        message = f"stands for {named}; name one by its code"
    elif county is not None:
        message = f"no such municipality; {names.counties[county]} is a county, for --county"
    raise InputError([Problem(option, f"{message}{names.nearest(text)}", value=text)])
