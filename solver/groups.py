"""Givers, receivers and those who keep their share, under both mechanisms (model, sections 2 and 10).

How the list behaves during the year is not published, so every conclusion is drawn under both
mechanisms; one that changes with the mechanism is marked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.allocation import targets
from fordela.models.instance import Instance
from fordela.models.result import Result

GROUPS = ("givers", "receivers", "keepers")
MECHANISMS = ("owner-bearer", "effective-share")


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """What a policy means for one group under one mechanism.

    Attributes
    ----------
    municipalities
        How many there are.
    children, untied
        Borne in the year, all and without a tie.
    fulfilment
        Children credited over the target of the whole group; None without a target.
    change
        Children against the rule in force under the same mechanism.
    fulfilment_change
        Fulfilment against it.
    granted
        Part of the wishes granted; None without wishes.
    """

    municipalities: int
    children: int
    untied: int
    fulfilment: Fraction | None
    change: int
    fulfilment_change: Fraction | None
    granted: Fraction | None


@dataclass(frozen=True)
class PolicyGroups:
    """Figures of a policy by mechanism and group."""

    policy: str
    figures: Mapping[str, Mapping[str, GroupFigures]]

    def depends(self, group: str, figure: str = "change") -> bool:
        """Whether the conclusion changes with the mechanism: more, less or as many as in force."""
        signs = {_sign(getattr(by_group[group], figure)) for by_group in self.figures.values()}
        return len(signs) > 1


def _sign(value: Fraction | int | None) -> int:
    return 0 if not value else (1 if value > 0 else -1)


def group_of(instance: Instance) -> dict[str, str]:
    """Group of every municipality, by its wishes and the transfers already decided."""
    groups = dict.fromkeys(instance.by_code, "keepers")
    groups |= dict.fromkeys((t.giver for t in instance.transfers), "givers")
    groups |= dict.fromkeys((t.receiver for t in instance.transfers), "receivers")
    groups |= dict.fromkeys(instance.wanted.less, "givers")
    groups |= dict.fromkeys(instance.wanted.more, "receivers")
    return groups


def policy_groups(
    instance: Instance, results: Sequence[Result], in_force: Mapping[str, Result]
) -> PolicyGroups:
    """Figures of one policy's results, one for each mechanism, against the rule in force.

    Parameters
    ----------
    results
        Of the same policy under the mechanisms.
    in_force
        The rule in force by mechanism.
    """
    groups = group_of(instance)
    figures = {}
    for result in results:
        mechanism = result.policy.counting.mechanism
        base = in_force[mechanism]
        figures[mechanism] = {g: _figures(instance, groups, g, result, base) for g in GROUPS}
    return PolicyGroups(results[0].policy.name, figures)


def _figures(
    instance: Instance, groups: Mapping[str, str], group: str, result: Result, base: Result
) -> GroupFigures:
    members = [k for k, m in enumerate(instance.municipalities) if groups[m.code] == group]

    def total(values: Sequence[int]) -> int:
        return sum(values[k] for k in members)

    now, then = (_fulfilment(r, members) for r in (result, base))
    return GroupFigures(
        municipalities=len(members),
        children=total(result.counts.total),
        untied=total(result.counts.untied),
        fulfilment=now,
        change=total(result.counts.total) - total(base.counts.total),
        fulfilment_change=None if now is None or then is None else now - then,
        granted=wishes_granted(result, group),
    )


def _fulfilment(result: Result, members: Sequence[int]) -> Fraction | None:
    goal = targets(result.instance, result.policy)
    due = sum((goal[k] for k in members), Fraction(0))
    return sum(result.counts.credited[k] for k in members) / due if due else None


def wishes_granted(result: Result, group: str) -> Fraction | None:
    """Part of the wishes of givers or receivers that the transfers grant; None without wishes."""
    if group == "keepers":
        return None
    instance = result.instance
    wishes = instance.wanted.less if group == "givers" else instance.wanted.more
    wished = sum(w.share for w in wishes.values())
    traded = dict.fromkeys(wishes, 0)
    for t in result.transfers:
        code = t.giver if group == "givers" else t.receiver
        if code in traded:
            traded[code] += t.share
    met = sum(min(wishes[code].share, units) for code, units in traded.items())
    return Fraction(met, wished) if wished else None
