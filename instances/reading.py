"""Reading an instance folder: every problem of every file at once, nothing guessed silently."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from fordela.instances.building import FILES, NAMES, Reader, Row, Tables, columns_of
from fordela.instances.problems import validate
from fordela.instances.schema import Head
from fordela.instances.spelling import meant, not_read
from fordela.instances.tables import decode, read_bytes, read_table
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance
from fordela.models.validation import CHILDREN, INSTANCE, MUNICIPALITIES

MISSING = "this file is missing from the folder"
NEEDED = (INSTANCE, MUNICIPALITIES, CHILDREN)
#: Written beside an instance by an import.
OF_IMPORT = {"import.toml"}
#: Endings of files that could be meant as a table or as the instance's head.
_TABLE = re.compile(r"(csv|cvs|tsv|tab|txt|xlsx?|xlsm|ods|parquet|json|toml)?(\.(csv|txt))?")

#: Endings of tables, which are told where nothing reads them.
_TABLES = (".csv", ".tsv", ".tab")


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; numbers with decimals stay decimal.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    data = read_bytes(path)
    try:
        return tomllib.loads(decode(data, path.name), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Problem(path.name, f"is not valid TOML: {error}")]) from error


def read_instance(folder: Path, warnings: list[str] | None = None) -> Instance:
    """Read and validate an instance folder.

    Parameters
    ----------
    folder
        With ``instance.toml``, ``municipalities.csv`` and whatever else the format knows.
    warnings
        Filled with what is unusual but accepted.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    reader = Reader()
    if not folder.is_dir():
        what = "no such folder" if not folder.exists() else "is not an instance folder"
        raise InputError([Problem(str(folder), f"{what}; see 'fordela instances list'")])
    head = _head(folder, reader)
    rows: dict[str, Any] = {
        key: _rows(folder, file, model, reader) for key, (file, model) in FILES.items()
    }
    _other_files(folder, reader)
    instance = reader.build(head, Tables(**rows))
    if warnings is not None:
        from fordela.models.validation import instance_warnings

        warnings.extend([*reader.warnings, *instance_warnings(instance)])
    return instance


def _head(folder: Path, reader: Reader) -> Head | None:
    path = folder / INSTANCE
    if not os.path.lexists(path):
        return None  # told with the other files
    try:
        data: Mapping[str, Any] = read_toml(path)
    except InputError as error:
        reader.problems.extend(error.problems)
        return None
    head, problems = validate(Head, data, INSTANCE)
    reader.problems.extend(problems)
    return head


def _rows(folder: Path, name: str, model: type[Row], reader: Reader) -> list[Row]:
    path = folder / name
    if not os.path.lexists(path):
        if name in NEEDED:
            reader.broken.add(name)
        return []
    problems: list[Problem] = []
    try:
        table = read_table(path, columns_of(model), problems)
    except InputError as error:
        reader.broken.add(name)
        reader.problems.extend(error.problems)
        return []
    if problems:
        reader.broken.add(name)
        reader.problems.extend(problems)
        if name == MUNICIPALITIES:
            reader.unreadable.add("")
    return reader.rows(table, model)


def _other_files(folder: Path, reader: Reader) -> None:
    """Tell files that are missing, misspelt, or of no use here."""
    there = {path.name for path in folder.iterdir()}
    others = [name for name in sorted(there - set(NAMES) - OF_IMPORT) if _could_be_read(folder / name)]
    missing = [name for name in NEEDED if name not in there]
    for name in others:
        near, spare = _meant_file(name, there)
        if near is not None and not spare:
            reader.problems.append(Problem(name, not_read(near)))
            missing = [m for m in missing if m != near]
        elif (spare or name.casefold().endswith(_TABLES)) and not name.startswith("."):
            reader.warnings.append(f"{name}: this file is not used")
    for name in missing:
        reader.problems.append(Problem(name, MISSING))


def _could_be_read(path: Path) -> bool:
    """Whether something is a file, or is called as a table is."""
    return path.is_file() or path.suffix.casefold() == ".csv"


def _meant_file(name: str, there: set[str]) -> tuple[str | None, bool]:
    """File that another was probably meant to be, also ``transfers.txt`` where there is no .csv.

    And whether it is a spare copy, such as ``children.tsv`` beside ``children.csv``.
    """
    stem, _, ending = name.casefold().partition(".")
    if not stem or not _TABLE.fullmatch(ending):
        return None, False
    near = meant(stem, [known.rpartition(".")[0] for known in NAMES],
                 [known.rpartition(".")[0] for known in there & set(NAMES)])  # fmt: skip
    found = next((known for known in NAMES if known.rpartition(".")[0] == near), None)
    return found, ending != "csv" and found in there
