"""The levels of a placement in order: those of section 8, and in a joint one those of section 5."""

from __future__ import annotations

from collections.abc import Sequence

from fordela.models.errors import InputError, Problem
from fordela.models.instance import Transfer
from fordela.models.levels import stack
from fordela.models.policy import JOINT_LEVELS, PLACEMENT_LEVELS, Policy


def placement_stack(policy: Policy) -> tuple[str, ...]:
    """Levels of a placement whose municipalities are given."""
    return tuple(level for level in policy.placement.levels if level in PLACEMENT_LEVELS)


def joint_stack(policy: Policy, transfers: Sequence[Transfer]) -> tuple[str, ...]:
    """Levels of a joint placement.

    A policy may name levels of section 5 among those of ``[placement]``. Where it names none, those
    of ``[optimal]`` come after ``unplaced`` (or first): a home for everybody, then even shares, then
    the rest.

    Raises
    ------
    InputError
        If ``[optimal]`` has levels that cannot be held together with homes.
    """
    levels = policy.placement.levels
    named = [k for k, level in enumerate(levels) if is_allocation_level(level)]
    if named:
        if not transfers or "bearer-balance" in levels:
            return levels
        return (*levels[: named[-1] + 1], "bearer-balance", *levels[named[-1] + 1 :])
    even = stack(policy, transfers)
    odd = [level for level in even if not is_allocation_level(level)]
    if odd:
        message = (
            "cannot be held together with homes, where siblings and ties are never parted; name the "
            "levels of a joint placement in [placement] levels"
        )
        raise InputError([Problem("policy", message, column="[optimal] levels", value=x) for x in odd])
    front = 1 if levels[0] == "unplaced" else 0
    return (*levels[:front], *even, *levels[front:])


def optimal_twin(policy: Policy, transfers: Sequence[Transfer]) -> Policy:
    """The policy whose optimum a joint placement holds: its levels of section 5, by a program."""
    even = tuple(x for x in joint_stack(policy, transfers) if is_allocation_level(x))
    return policy.with_changes(rule="optimal", levels=even)


def weighed(levels: Sequence[str]) -> list[str]:
    """Levels that decide on municipalities; kilometres hardly do, and are too many to be weighed."""
    return [level for level in levels if level != "distance"]


def is_allocation_level(level: str) -> bool:
    """Whether a level of a joint placement is one of section 5."""
    return level in JOINT_LEVELS or level.startswith("deviation:")
