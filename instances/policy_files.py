"""Policies: the shipped ones by name, one's own by path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from fordela.instances.problems import validate
from fordela.instances.reading import read_toml
from fordela.instances.schema import (
    AssignmentKeys,
    CountingKeys,
    OptimalKeys,
    PlacementKeys,
    PolicyKeys,
    RedistributionKeys,
)
from fordela.models.errors import InputError, Problem
from fordela.models.extensions import look_in
from fordela.models.norms import load_norm
from fordela.models.policy import (
    LEDGERS_OF_YEARS,
    AssignmentRule,
    Counting,
    Optimal,
    PlacementRules,
    Policy,
    Redistribution,
    nearest,
    policy_problems,
)
from fordela.models.rules import load_rule
from pydantic import BaseModel

_FOLDER = Path(__file__).parent / "policies"
_SECTIONS: dict[str, tuple[type[BaseModel], Any]] = {
    "counting": (CountingKeys, Counting()),
    "redistribution": (RedistributionKeys, Redistribution()),
    "assignment": (AssignmentKeys, AssignmentRule()),
    "optimal": (OptimalKeys, Optimal()),
    "placement": (PlacementKeys, PlacementRules()),
}


@cache
def shipped_policies() -> tuple[str, ...]:
    """Names of the policies that ship with Fordela."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def load_policy(name_or_path: str | Path, *, to_follow: bool = True) -> Policy:
    """Load a shipped policy by name, or a policy file.

    Parameters
    ----------
    name_or_path
        A path ends in ``.toml``, or is there.
    to_follow
        As in `read_policy`.

    Raises
    ------
    InputError
        If there is none, or with every problem of the file.
    """
    name = str(name_or_path)
    if name in shipped_policies():
        return read_policy(_FOLDER / f"{name}.toml")
    path = Path(name_or_path)
    if path.suffix == ".toml" or path.exists():
        return read_policy(path, to_follow=to_follow)
    hint = nearest(name, shipped_policies())
    message = f"no such policy or file; {hint}"
    raise InputError([Problem("--policy", message, value=name)])


def read_policy(path: Path, *, to_follow: bool = True) -> Policy:
    """Read and validate a policy file; absent keys have the values of ``in-force``.

    Parameters
    ----------
    to_follow
        Whether it is to be followed, so that a rule or norm of one's own must be there; not so where
        only a result of it is looked at.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    data = read_toml(path)
    keys, problems = validate(PolicyKeys, data, path.name)
    sections: dict[str, Any] = {}
    for name, (model, default) in _SECTIONS.items():
        given = data.get(name, {})
        if not isinstance(given, dict):
            continue  # reported as a key
        if given.get("basis") in LEDGERS_OF_YEARS:  # one problem: the ledger, not its keys as well
            given = {k: v for k, v in given.items() if k not in ("years", "most")}
        found, more = validate(model, given, path.name, prefix=f"[{name}] ")
        problems += more
        values = _readable(model, given) if found is None else _values(found)
        chosen = {k: v for k, v in values.items() if v is not None}
        sections[name] = replace(default, **chosen)
    if problems or keys is None:
        raise InputError([*problems, *_value_problems(path.name, sections)])
    if to_follow:  # a result's folder, which may be anybody's, is never looked in for modules
        look_in(path.parent)
    try:
        policy = Policy(name=keys.name, title=keys.title, **sections)
        if to_follow:
            _require_own_name(policy, path)
            _require_own(policy)
    except InputError as error:
        raise InputError([replace(p, file=path.name) for p in error.problems]) from None
    return policy


def _require_own_name(policy: Policy, path: Path) -> None:
    """Refuse a file that gives another policy the name of a shipped one.

    Raises
    ------
    InputError
        As every table would then call it, for instance, the rule in force.
    """
    if policy.name not in shipped_policies() or path.parent == _FOLDER:
        return
    if policy.with_changes(title="") != load_policy(policy.name).with_changes(title=""):
        message = "belongs to a policy that ships with Fordela; give a policy of your own another name"
        raise InputError([Problem(path.name, message, column="name", value=policy.name)])


def _require_own(policy: Policy) -> None:
    """Make sure that a rule and norms of one's own exist.

    Raises
    ------
    InputError
        With every one that cannot be imported.
    """
    problems: list[Problem] = []
    wanted: list[tuple[Callable[[str], object], str]] = [(load_norm, n) for n in policy.own_norms]
    if policy.has_own_rule:
        wanted.append((load_rule, policy.assignment.rule))
    for load, name in wanted:
        try:
            load(name)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)


def _values(found: BaseModel) -> dict[str, Any]:
    return {key: getattr(found, key) for key in type(found).model_fields}


def _readable(model: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
    """Keys that can be read on their own, so that their values are checked beside broken ones."""
    values: dict[str, Any] = {}
    for key, value in given.items():
        found, _ = validate(model, {key: value}, "")
        if found is not None:
            values[key] = getattr(found, key)
    return values


def _value_problems(file: str, sections: dict[str, Any]) -> list[Problem]:
    """Problems of the values that could be read, when others could not."""
    try:
        probe = Policy("probe", **sections)
    except InputError as error:
        return [replace(p, file=file) for p in error.problems]
    return policy_problems(probe, file)


def policy_toml(policy: Policy) -> str:
    """Write a policy as a file that reads back as the same policy."""
    import tomli_w

    data: dict[str, Any] = {"format": 1, "name": policy.name, "title": policy.title}
    for section, (model, _) in _SECTIONS.items():
        values = {}
        for key in model.model_fields:
            value = getattr(getattr(policy, section), key)
            if value is not None:
                values[key] = _toml_value(key, value)
        data[section] = values
    return tomli_w.dumps(data)


def _toml_value(key: str, value: Any) -> Any:
    from decimal import Decimal
    from fractions import Fraction

    if isinstance(value, Fraction):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return exact if Fraction(exact) == value else str(value)
    if key in ("least_kept", "least_received"):
        return Decimal(value) / 100
    return list(value) if isinstance(value, tuple) else value
