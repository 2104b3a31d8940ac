"""A comparison's files: every figure made once more from the folders of its policies.

Taken as told is only what the folders cannot tell: `TOLD`, homes behind indicators, and what a policy
would do under the other mechanism where that is no rule that the checker follows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from fordela.models.allocation import Assignment
from fordela.models.check.comparison_rows import Cells, table_violations
from fordela.models.check.figures import not_known, recomputed
from fordela.models.check.gaps import gap_violations
from fordela.models.check.groups import (
    GROUPS,
    MECHANISMS,
    depends,
    group_figures,
    part_granted,
    told_group,
)
from fordela.models.check.hindsight import question_of
from fordela.models.check.indicators import counted_indicators
from fordela.models.check.replay import REPLAYED, assignments_of_rule
from fordela.models.check.solution import Solution, Violation
from fordela.models.check.values import Counted, first, level_value, norm_value, targets
from fordela.models.check.written import TOLD, Expected, rests_on, same
from fordela.models.instance import Instance
from fordela.models.policy import IN_FORCE, NORMS

_LABEL = "hindsight bound: no rule can know the future"
_OTHER = tuple(k for k in TOLD if k != "seed")


@dataclass(frozen=True)
class ComparisonClaims:
    """What a comparison's folder says.

    Attributes
    ----------
    head
        ``comparison.json``.
    columns, rows
        ``comparison.csv`` as text.
    solutions
        Claims of every policy's folder by its name.
    beside_sha256
        Hash of the instance beside them, None where there is none.
    """

    head: Mapping[str, Any]
    columns: tuple[str, ...]
    rows: tuple[Cells, ...]
    solutions: Mapping[str, Solution]
    beside_sha256: str | None = None


def comparison_violations(instance: Instance, claims: ComparisonClaims) -> Iterator[Violation]:
    """Everything in ``comparison.json`` and ``comparison.csv`` that does not follow from the folders.

    Parameters
    ----------
    claims
        Whose solutions are clean each on its own, and whose policies all have a name.
    """
    if claims.beside_sha256 not in (None, instance.sha256):
        yield Violation("instance", "the instance in the folder is not that which is checked")
    listed = claims.head["policies"]
    named = [str(p["policy"]) for p in listed]
    if sorted(named) != sorted(claims.solutions):
        message = f"comparison.json names {named}; there are folders of {sorted(claims.solutions)}"
        yield Violation("policies", message)
        return
    years = {name: _year(instance, claims.solutions[name]) for name in named}
    questions = {name: question_of(year) for name, year in years.items()}
    found = [
        *same("comparison.json", claims.head, _head(instance, claims, named, years)),
        *gap_violations(listed, years, questions),
    ]
    yield from found
    if not found:  # the table says what the other file does
        yield from table_violations(instance, claims.head, claims.columns, claims.rows)


def _year(instance: Instance, solution: Solution) -> Counted:
    made = solution.assignments or ()
    return Counted(instance, solution.policy, solution.transfers, made, {})


def _head(
    instance: Instance, claims: ComparisonClaims, named: Sequence[str], years: Mapping[str, Counted]
) -> dict[str, Expected]:
    in_force = {m: _in_force(instance, m) for m in MECHANISMS}
    wishes = instance.transfers or instance.wanted.less or instance.wanted.more
    base, said = in_force[MECHANISMS[0]], claims.head.get("groups")
    own = dict.fromkeys(n for s in claims.solutions.values() for n in s.policy.own_norms)
    for here in claims.head["policies"]:  # and those that were asked for beside the policies'
        norms = here.get("norms")
        own |= dict.fromkeys(n for n in (norms if isinstance(norms, dict) else ()) if ":" in n)
    return {
        "format": 1,
        "instance": instance.name,
        "instance_sha256": instance.sha256,
        "shares_are": instance.shares_are,
        "synthetic": list(instance.synthetic),
        "children": len(instance.children),
        "affected": sum(1 for c in instance.children if c.tie is None),
        "label": _LABEL,
        "policies": [
            _policy(instance, claims.solutions[name], years[name], base, here, tuple(own))
            for name, here in zip(named, claims.head["policies"], strict=True)
        ],
        "groups": [
            _groups(instance, claims.solutions[name], in_force, _entry(said, k))
            for k, name in enumerate(named if wishes else [])
        ],
        **{key: TOLD[key] for key in _OTHER},
    }


def _entry(said: object, k: int) -> object:
    return said[k] if isinstance(said, list) and k < len(said) else None


def _in_force(instance: Instance, mechanism: str) -> Solution:
    policy = IN_FORCE.with_changes(mechanism=mechanism)
    made = assignments_of_rule(instance, policy, instance.transfers)
    return Solution(policy=policy, transfers=instance.transfers, assignments=made)


def _policy(
    instance: Instance,
    solution: Solution,
    year: Counted,
    base: Solution,
    here: Mapping[str, Any],
    own: Sequence[str],
) -> dict[str, Expected]:
    assignments = solution.assignments or ()
    head = solution.written.head if solution.written is not None else {}
    goal = targets(instance, solution.policy)
    norms = {n: norm_value(n, year.credited, goal) for n in (*NORMS, *own)}
    homes = _with_homes(here.get("indicators"))
    return {
        "policy": solution.policy.name,
        "title": solution.policy.title,
        "policy_sha256": solution.policy.sha256,
        "mechanism": solution.policy.counting.mechanism,
        "status": str(head.get("status")),
        "proof": rests_on(solution.status, solution.objective),
        "redistribution_status": None if solution.trades is None else solution.trades.status,
        "redistribution_proof": None
        if solution.trades is None
        else rests_on(solution.trades.status, solution.trades.objective),
        "homes_status": _of_homes if homes else None,
        "homes_proof": _proof_of_homes if homes else None,
        "termination": head.get("termination"),
        "seed": head.get("seed"),
        "tied_decisions": head.get("tied_decisions"),
        "valve_closed_at": head.get("valve_closed_at"),
        **_counts(instance, solution, year, base),
        "compensation_missing": not_known(instance),
        **_fractions(instance, solution, year, goal),
        "indicators": _indicators(instance, assignments, here.get("indicators")),
        "norms": {n: [str(x) for x in v] if isinstance(v, tuple) else str(v) for n, v in norms.items()},
        "gap_own": lambda x: isinstance(x, dict),  # looked at on their own
        "gap_unrestricted": lambda x: isinstance(x, dict),
    }


def _counts(
    instance: Instance, solution: Solution, year: Counted, base: Solution
) -> dict[str, int | None]:
    assignments = solution.assignments or ()
    kinds = Counter(a.kind for a in assignments)
    ties = {c.child: c.tie for c in instance.children}
    table = recomputed(instance, solution)
    before = recomputed(instance, base)
    of_rule = {a.child: a.bearer for a in base.assignments or ()}
    totals = {code: _whole(row["total"]) for code, row in table.items()}
    asked = set(instance.wanted.more) | {
        m.code for m, n in zip(instance.municipalities, instance.willing_places, strict=True) if n
    }
    paid = {
        name: [row[name] for row in table.values()]
        for name in (
            "compensation", "compensation_fixed", "compensation_variable", "compensation_children",
            "compensation_days",
        )
    }  # fmt: skip

    def moving(row: Mapping[str, Fraction | None]) -> int:
        return _whole(row["compensation"]) - _whole(row["compensation_fixed"])

    return {
        **{k: kinds[k] for k in ("kinship", "equalising", "willing", "valve", "unplaced")},
        "on_transferred_share": sum(1 for a in assignments if a.owner != a.bearer),
        "tie_not_followed": sum(
            1 for a in assignments if ties[a.child] and a.kind not in ("kinship", "unplaced")
        ),
        "with_0": sum(1 for n in totals.values() if not n),
        "with_1": sum(1 for n in totals.values() if n == 1),
        "with_2_3": sum(1 for n in totals.values() if 2 <= n <= 3),
        "with_more": sum(1 for n in totals.values() if n >= 4),
        "in_willing": sum(n for code, n in totals.items() if code in asked),
        "over_capacity": int(first(level_value("over-capacity", year))),
        "moved": sum(1 for a in assignments if of_rule[a.child] != a.bearer),
        **{name: None if None in parts else sum(map(_whole, parts)) for name, parts in paid.items()},
        "compensation_moved": sum(max(0, moving(table[code]) - moving(before[code])) for code in table),
    }


def _whole(number: Fraction | None) -> int:
    return int(number or 0)


def _fractions(
    instance: Instance, solution: Solution, year: Counted, goal: Sequence[Fraction]
) -> dict[str, str | None]:
    parts = [c / t for c, t in zip(year.credited, goal, strict=True) if t]
    borne = year.by("bearer", "kinship", "equalising", "willing", "valve")
    mean = sum(parts, Fraction(0)) / len(parts) if parts else Fraction(0)
    gini = herfindahl = None
    if mean:
        apart = sum((abs(x - y) for x in parts for y in parts), Fraction(0))
        gini = apart / (2 * len(parts) ** 2 * mean)
    if any(borne):
        herfindahl = sum((Fraction(n, sum(borne)) ** 2 for n in borne), Fraction(0))
    found = {
        "lowest": min(parts, default=None),
        "highest": max(parts, default=None),
        "gini": gini,
        "herfindahl": herfindahl,
        "granted_givers": part_granted(instance, solution.transfers, "givers"),
        "granted_receivers": part_granted(instance, solution.transfers, "receivers"),
    }
    return {name: None if value is None else str(value) for name, value in found.items()}


def _indicators(
    instance: Instance, assignments: Sequence[Assignment], said: object
) -> dict[str, Expected]:
    """Counts by indicator and group; with homes, some may be any number of those concerned."""
    made = counted_indicators(instance, assignments)
    homes = _with_homes(said)
    return {
        name: {
            group: {"count": _up_to(of) if count is None else count, "of": of}
            for group, (count, of) in groups.items()
        }
        for name, groups in made.items()
        if homes or name not in ("own-municipality", "needs-met")
    }


def _with_homes(said: object) -> bool:
    return isinstance(said, dict) and "own-municipality" in said


def _of_homes(said: object) -> bool:
    """Whether it is a status of homes; those are not in the folders, so it is taken as told."""
    return said in ("optimal", "feasible")


def _proof_of_homes(said: object) -> bool:
    return said in ("check", "engine", None)


def _up_to(most: int) -> Expected:
    return lambda x: isinstance(x, int) and not isinstance(x, bool) and 0 <= x <= most


def _groups(
    instance: Instance, solution: Solution, in_force: Mapping[str, Solution], said: object
) -> dict[str, Expected]:
    """Figures of givers, receivers and keepers under each mechanism, where they can be made again."""
    made: dict[str, Expected] = {}
    for mechanism in MECHANISMS:
        other = _under(instance, solution, mechanism)
        made[mechanism] = {
            group: told_group(instance, group)
            if other is None
            else group_figures(instance, group, other, in_force[mechanism])
            for group in GROUPS
        }
    return {
        "policy": solution.policy.name,
        "mechanisms": made,
        "depends_on_mechanism": {group: depends(said, group) for group in GROUPS},
    }


def _under(instance: Instance, solution: Solution, mechanism: str) -> Solution | None:
    """A policy's decisions under a mechanism; None where only who made them can know."""
    policy = solution.policy
    if policy.counting.mechanism == mechanism:
        return solution
    rule = policy.assignment.rule in REPLAYED and policy.assignment.tie != "lot"
    if policy.is_optimal or not rule:
        return None
    policy = policy.with_changes(mechanism=mechanism)
    made = assignments_of_rule(instance, policy, solution.transfers)
    return replace(solution, policy=policy, assignments=made)
