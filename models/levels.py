"""The levels of the objective stack, evaluated exactly on an allocation (model, section 5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.allocation import Assignment, Counts, count, over_capacity, targets, willing_met
from fordela.models.geo import kilometres
from fordela.models.holdings import Holdings, holdings, imbalance
from fordela.models.instance import Instance, Transfer
from fordela.models.norms import Value, norm_value
from fordela.models.policy import Policy

#: Levels whose value is a whole number.
WHOLE_LEVELS = (
    "unplaced", "kinship-broken", "siblings-split", "over-capacity", "willing", "distance", "moves",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """An allocation with everything that its levels depend on.

    Attributes
    ----------
    rule_bearers
        Bearer of every case under the rule in force; needed by ``moves`` only.
    """

    instance: Instance
    policy: Policy
    ledger: Holdings
    assignments: tuple[Assignment, ...]
    counts: Counts
    rule_bearers: Mapping[str, str]

    @classmethod
    def of(
        cls,
        instance: Instance,
        policy: Policy,
        transfers: Sequence[Transfer],
        assignments: tuple[Assignment, ...],
        rule_bearers: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Count an allocation and keep what belongs to it."""
        return cls(
            instance,
            policy,
            holdings(instance, transfers),
            assignments,
            count(instance, policy, assignments),
            rule_bearers or {},
        )


def stack(policy: Policy, transfers: Sequence[Transfer]) -> tuple[str, ...]:
    """The levels in order; ``bearer-balance`` is appended when there are transfers."""
    levels = policy.optimal.levels
    if transfers and "bearer-balance" not in levels:
        return (*levels, "bearer-balance")
    return levels


def _unplaced(o: Outcome) -> Fraction:
    return Fraction(sum(a.kind == "unplaced" for a in o.assignments))


def _kinship_broken(o: Outcome) -> Fraction:
    tie = {c.child: c.tie for c in o.instance.children}
    return Fraction(
        sum(tie[a.child] is not None and a.kind not in ("kinship", "unplaced") for a in o.assignments)
    )


def _siblings_split(o: Outcome) -> Fraction:
    bearers: dict[str, set[str]] = defaultdict(set)
    for a in o.assignments:
        if a.bearer is not None:
            bearers[a.case].add(a.bearer)
    return Fraction(sum(len(b) - 1 for b in bearers.values()))


def _over_capacity(o: Outcome) -> Fraction:
    return Fraction(over_capacity(o.instance, o.counts.kinship, o.counts.untied))


def _bearer_balance(o: Outcome) -> Fraction:
    index: dict[str | None, int] = {m.code: k for k, m in enumerate(o.instance.municipalities)}
    owned, borne = [0] * len(index), [0] * len(index)
    for a in o.assignments:
        if a.kind == "equalising":
            owned[index[a.owner]] += 1
            borne[index[a.bearer]] += 1
    return imbalance(o.ledger, owned, borne)


def _willing(o: Outcome) -> Fraction:
    return Fraction(-willing_met(o.instance, o.counts.untied))


def _distance(o: Outcome) -> Fraction:
    pairs = Counter((a.owner or "", a.bearer or "") for a in o.assignments if a.owner != a.bearer)
    by_code = o.instance.by_code
    return Fraction(
        sum(
            children * kilometres(by_code[owner], by_code[bearer])
            for (owner, bearer), children in pairs.items()
        )
    )


def _moves(o: Outcome) -> Fraction:
    return Fraction(sum(a.bearer != o.rule_bearers[a.case] for a in o.assignments))


_LEVELS: dict[str, Callable[[Outcome], Fraction]] = {
    "unplaced": _unplaced,
    "kinship-broken": _kinship_broken,
    "siblings-split": _siblings_split,
    "over-capacity": _over_capacity,
    "bearer-balance": _bearer_balance,
    "willing": _willing,
    "distance": _distance,
    "moves": _moves,
}


def level_value(level: str, outcome: Outcome) -> Value:
    """Evaluate one level exactly; every level is minimised except the vector of ``min-fulfilment``.

    Raises
    ------
    InputError
        If ``distance`` needs a coordinate that is missing.
    """
    if level.startswith("deviation:"):
        goal = targets(outcome.instance, outcome.policy)
        return norm_value(level.removeprefix("deviation:"), outcome.counts.credited, goal)
    return _LEVELS[level](outcome)
