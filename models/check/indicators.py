"""What decisions mean for children, counted once more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from fordela.models.allocation import Assignment
from fordela.models.instance import Child, Instance

#: Indicators that need homes, which a comparison's folders do not hold.
OF_HOMES = ("own-municipality", "needs-met")


def counted_indicators(
    instance: Instance, assignments: Sequence[Assignment]
) -> dict[str, dict[str, tuple[int | None, int]]]:
    """Children by indicator and group, and of how many; None where it takes homes to know."""
    at = {a.child: a.bearer for a in assignments}
    case = {c.child: c.case for c in instance.children}
    size: dict[str, int] = defaultdict(int)
    there: dict[str, list[Child]] = defaultdict(list)
    towns: dict[str, set[str | None]] = defaultdict(set)
    for c in instance.children:
        size[c.case] += 1
        there[at[c.child] or ""].append(c)
        towns[c.case].add(at[c.child])
    asked = set(instance.wanted.more) | {a.municipality for a in instance.availability}
    asked |= {m.code for m in instance.municipalities if m.willing}
    position = {c.child: k for k, c in enumerate(instance.children)}

    def others(c: Child) -> list[Child]:
        return [o for o in there[at[c.child] or ""] if at[c.child] and o.case != case[c.child]]

    def recent(c: Child) -> bool:
        return any(
            position[o.child] < position[c.child] and c.arrival - o.arrival <= timedelta(days=365)
            for o in others(c)
        )

    def peer(c: Child) -> bool:
        return any(
            c.age is not None and o.age is not None and abs(c.age - o.age) <= 2 for o in others(c)
        )

    def together(c: Child) -> bool:
        return None not in towns[c.case] and len(towns[c.case]) == 1

    tests: dict[str, Callable[[Child], bool] | None] = {
        "siblings-together": None if instance.homes else together,
        "asked-for-more": lambda c: at[c.child] in asked,
        "recent": recent,
        "peer": peer,
    }
    if instance.homes:
        tests = dict.fromkeys(OF_HOMES) | tests
    return {name: _by_group(instance, name, test, size) for name, test in tests.items()}


def _by_group(
    instance: Instance, name: str, test: Callable[[Child], bool] | None, size: Mapping[str, int]
) -> dict[str, tuple[int | None, int]]:
    concerned = [c for c in instance.children if name != "siblings-together" or size[c.case] > 1]
    groups = {
        "all": concerned,
        "girls": [c for c in concerned if c.sex == "f"],
        "under-13": [c for c in concerned if c.age is not None and c.age < 13],
    }
    return {
        group: (None if test is None else sum(map(test, members)), len(members))
        for group, members in groups.items()
    }
