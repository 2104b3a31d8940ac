"""The catalogue: instances that ship with Fordela, and those in folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from glob import glob
from pathlib import Path

from fordela.instances.reading import read_instance, read_toml
from fordela.instances.tables import read_table
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance
from fordela.models.policy import nearest

_FOLDER = Path(__file__).parent / "shipped"


@cache
def shipped_instances() -> tuple[str, ...]:
    """Names of the instances that ship with Fordela, in order."""
    return tuple(sorted(p.name for p in _FOLDER.iterdir() if (p / "instance.toml").exists()))


def instance_folder(name_or_path: str | Path) -> Path:
    """Return the folder of a shipped instance or of a path, which may also be a workbook.

    Raises
    ------
    InputError
        If there is neither.
    """
    name = str(name_or_path)
    path = Path(name_or_path)
    if name in shipped_instances():
        return _FOLDER / name
    if path.is_dir():
        return path
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods") and path.exists():
        return path
    message = f"no such folder and no shipped instance; {nearest(name, shipped_instances())}"
    raise InputError([Problem("INSTANCE", message, value=name)])


def matching_instances(patterns: Sequence[str]) -> list[str]:
    """Names and paths that patterns such as ``sweden-20*`` stand for, each once, in order.

    Raises
    ------
    InputError
        With every pattern that nothing matches.
    """
    found: dict[str, None] = {}
    problems = []
    for pattern in patterns:
        if not any(mark in pattern for mark in "*?["):
            found[pattern] = None
            continue
        names = [n for n in shipped_instances() if fnmatchcase(n, pattern)]
        names += sorted(p for p in glob(pattern) if (Path(p) / "instance.toml").exists())
        if not names:
            message = "matches no shipped instance and no instance folder"
            problems.append(Problem("INSTANCE", message, value=pattern))
        found |= dict.fromkeys(names)
    if problems:
        raise InputError(problems)
    return list(found)


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of the catalogue: what a shipped instance is, without reading it whole."""

    name: str
    year: int
    children: int
    untied: int
    title: str


def shipped_summaries() -> list[Summary]:
    """Summarise every shipped instance."""
    summaries = []
    for name in shipped_instances():
        head = read_toml(_FOLDER / name / "instance.toml")
        table = read_table(_FOLDER / name / "children.csv", ("child", "case"))
        tie = table.header.index("kin_municipality")
        untied = sum(not row[tie] for row in table.rows)
        summaries.append(Summary(name, int(head["year"]), len(table.rows), untied, str(head["title"])))
    return summaries


def load_instance(name_or_path: str | Path, warnings: list[str] | None = None) -> Instance:
    """Load a shipped instance by name, or an instance folder or workbook by path.

    Raises
    ------
    InputError
        If there is none, or with every problem of its files.
    """
    place = instance_folder(name_or_path)
    if place.is_dir():
        return read_instance(place, warnings)
    from fordela.instances.workbooks.bundle import as_folder
    from fordela.instances.workbooks.names import INSTANCE_FILES

    with as_folder(place, INSTANCE_FILES) as folder:
        instance = read_instance(folder, warnings)
    if warnings is not None:
        from fordela.instances.workbooks.importing import unread_answers

        sheets = unread_answers(place, instance)
        if sheets:
            warnings.append(
                f"{place.name}: answers in its county sheets are not part of the instance: "
                f"{', '.join(sheets)}; take them in with 'fordela instances import'"
            )
    return instance
