"""What a rule compares, and the order between those that are equal (model, section 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fordela.models.instance import Instance
from fordela.models.policy import Policy

#: Whole numbers, or arrays of them.
N = TypeVar("N")

#: Numerator and denominator that a rule compares, by signpost (model, section 3).
_SIGNPOSTS: dict[str, Callable[[Any, Any, Any], tuple[Any, Any]]] = {
    "before": lambda count, size, share: (count, share),
    "midpoint": lambda count, size, share: (2 * count + size, 2 * share),
    "after": lambda count, size, share: (count + size, share),
}


def signpost(name: str, count: N, size: N | int, share: N) -> tuple[N, N]:
    """Ratio that decides, as numerator and denominator: ``c/a``, ``(c+s/2)/a`` or ``(c+s)/a``.

    Whole numbers, or arrays of them.
    """
    return _SIGNPOSTS[name](count, size, share)


def ranks_between_equals(instance: Instance, policy: Policy) -> list[int]:
    """Place of every municipality in the policy's order between equals."""
    municipalities = instance.municipalities
    largest_first = policy.assignment.tie == "largest-share"
    ordered = sorted(
        range(len(municipalities)),
        key=lambda k: (-municipalities[k].share if largest_first else 0, municipalities[k].code),
    )
    ranks = [0] * len(ordered)
    for rank, k in enumerate(ordered):
        ranks[k] = rank
    return ranks
