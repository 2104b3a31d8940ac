"""Givers, receivers and those who keep their share, counted once more (model, sections 2 and 10)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from fordela.models.check.solution import Solution
from fordela.models.check.values import Counted, targets
from fordela.models.instance import Instance, Transfer

GROUPS = ("givers", "receivers", "keepers")
MECHANISMS = ("owner-bearer", "effective-share")
#: A fraction as it is written.
FRACTION = re.compile(r"^-?\d{1,2000}(/[1-9]\d{0,1999})?$", re.ASCII)
_KINDS = ("kinship", "equalising", "willing", "valve")


def members_of(instance: Instance, group: str) -> set[str]:
    """Codes of a group: wishes say more than transfers that were decided."""
    taken = set(instance.wanted.more) | {t.receiver for t in instance.transfers}
    given = set(instance.wanted.less) | {t.giver for t in instance.transfers}
    receivers = set(instance.wanted.more) | (
        {t.receiver for t in instance.transfers} - set(instance.wanted.less)
    )
    if group == "receivers":
        return receivers
    return given - receivers if group == "givers" else set(instance.by_code) - given - taken


def part_granted(instance: Instance, transfers: Iterable[Transfer], group: str) -> Fraction | None:
    """Part of the units wished for that the transfers give, no wish more than once over."""
    if group == "keepers":
        return None
    wishes = instance.wanted.less if group == "givers" else instance.wanted.more
    ends = [(t.giver if group == "givers" else t.receiver, t.share) for t in transfers]
    wished = sum(w.share for w in wishes.values())
    met = sum(min(w.share, sum(n for code, n in ends if code == who)) for who, w in wishes.items())
    return Fraction(met, wished) if wished else None


def group_figures(
    instance: Instance, group: str, solution: Solution, base: Solution
) -> dict[str, int | str | None]:
    """What a group gets under some decisions, against the rule in force's."""
    members = members_of(instance, group)
    at = [k for k, m in enumerate(instance.municipalities) if m.code in members]

    def of(decided: Solution) -> tuple[int, int, Fraction | None]:
        year = Counted(instance, decided.policy, decided.transfers, decided.assignments or (), {})
        borne, goal = year.by("bearer", *_KINDS), targets(instance, decided.policy)
        due = sum((goal[k] for k in at), Fraction(0))
        fulfilment = sum(year.credited[k] for k in at) / due if due else None
        return sum(borne[k] for k in at), sum(year.untied[k] for k in at), fulfilment

    (children, untied, now), (before, _, then) = of(solution), of(base)
    return {
        "municipalities": len(members),
        "children": children,
        "untied": untied,
        "fulfilment": _text(now),
        "change": children - before,
        "fulfilment_change": None if now is None or then is None else str(now - then),
        "granted": _text(part_granted(instance, solution.transfers, group)),
    }


def told_group(instance: Instance, group: str) -> dict[str, Any]:
    """What figures under a mechanism must look like that nobody can make again from the folders."""
    number = lambda x: isinstance(x, int) and not isinstance(x, bool)  # noqa: E731
    text = lambda x: x is None or (isinstance(x, str) and FRACTION.match(x))  # noqa: E731
    return {
        "municipalities": len(members_of(instance, group)),
        **dict.fromkeys(("children", "untied", "change"), number),
        **dict.fromkeys(("fulfilment", "fulfilment_change", "granted"), text),
    }


def depends(said: object, group: str) -> bool | None:
    """Whether more, less or as many as in force changes with the mechanism, as the figures say."""
    try:
        changes = [said["mechanisms"][m][group]["change"] for m in MECHANISMS]  # type: ignore[index]
        return len({(n > 0) - (n < 0) for n in changes}) > 1
    except (KeyError, TypeError):
        return None


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
