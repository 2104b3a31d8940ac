"""Hand-made violations, one per rule: each must be found, and a clean solution must be clean."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from fordela.instances.catalogue import load_instance
from fordela.models.allocation import Assignment
from fordela.models.check import Solution, check
from fordela.models.instance import Instance
from fordela.models.policy import IN_FORCE, Policy
from fordela.solver.solve import solve

from tests.test_textbook import textbook

OPTIMAL = IN_FORCE.with_changes(name="o", rule="optimal")


def solution(policy: Policy = IN_FORCE, year: Instance | None = None) -> Solution:
    return Solution.of(solve(year or textbook(), policy))


def decisions(made: Solution) -> tuple[Assignment, ...]:
    assert made.assignments is not None
    return made.assignments


def change(made: Solution, child: str, **fields: Any) -> Solution:
    """Return the claims with one child's row changed and figures left out."""
    rows = tuple(replace(a, **fields) if a.child == child else a for a in decisions(made))
    return replace(made, assignments=rows, municipalities=None, objective=())


def rules_broken(made: Solution, year: Instance | None = None) -> set[str]:
    return {v.rule for v in check(year or textbook(), made)}


@pytest.mark.parametrize("policy", [IN_FORCE, OPTIMAL])
def test_clean(policy: Policy) -> None:
    assert rules_broken(solution(policy)) == set()


def test_a_child_is_missing() -> None:
    made = solution()
    assert rules_broken(replace(made, assignments=decisions(made)[1:])) == {"each child once"}


def test_a_child_occurs_twice() -> None:
    made = solution()
    twice = (*decisions(made), decisions(made)[0])
    assert rules_broken(replace(made, assignments=twice)) == {"each child once"}


def test_an_unknown_child() -> None:
    made = solution()
    other = replace(decisions(made)[0], child="zz")
    rows = (*decisions(made), other)
    assert rules_broken(replace(made, assignments=rows)) == {"each child once"}


def test_a_child_in_the_wrong_case() -> None:
    assert "cases" in rules_broken(change(solution(), "a1", case="b"))


def test_an_unknown_municipality() -> None:
    assert "municipalities" in rules_broken(change(solution(), "a1", bearer="9999"))


def test_wrong_order() -> None:
    assert "order" in rules_broken(change(solution(), "a1", order=3))


def test_siblings_are_split() -> None:
    made = solution(OPTIMAL)
    together = {a.bearer for a in decisions(made) if a.case == "b"}
    away = min({m.code for m in textbook().municipalities} - together)
    assert len(together) == 1
    assert "siblings" in rules_broken(change(made, "b1", bearer=away, owner=away))


def test_siblings_may_be_split_only_where_an_optimum_says_so() -> None:
    soft = {"levels": ("siblings-split", "deviation:l1", "bearer-balance")}
    year = textbook().with_changes(transfers=())
    for policy, allowed in (
        (OPTIMAL.with_changes(**soft), True),
        (OPTIMAL.with_changes(levels=("deviation:l1",)), False),
        (IN_FORCE.with_changes(**soft), False),  # the rule in force has levels and does not use them
    ):
        made = solution(policy, year)
        together = {a.bearer for a in decisions(made) if a.case == "b"}
        away = min({m.code for m in year.municipalities} - together)
        broken = rules_broken(change(made, "b1", bearer=away, owner=away), year)
        assert ("siblings" not in broken) is allowed


def test_siblings_have_two_owners() -> None:
    policy = OPTIMAL.with_changes(name="o")
    made = solution(policy)
    rows = {a.child: a for a in decisions(made)}
    assert rows["b1"].bearer == rows["b2"].bearer
    other = change(made, "b1", owner="0003" if rows["b1"].owner != "0003" else "0001")
    assert "siblings" in rules_broken(other)


def test_a_tie_is_broken() -> None:
    made = change(solution(OPTIMAL), "c1", bearer="0001", owner="0001", kind="equalising")
    assert "kinship" in rules_broken(made)


def test_kinship_outside_the_tie() -> None:
    assert "kinship" in rules_broken(change(solution(), "c1", bearer="0001", owner="0001"))


def test_kinship_without_a_tie() -> None:
    assert "kind" in rules_broken(change(solution(), "a1", kind="kinship"))


def test_at_the_tie_but_not_called_kinship() -> None:
    assert "kind" in rules_broken(change(solution(), "c1", kind="equalising"))


def test_unplaced_without_the_level() -> None:
    made = change(solution(OPTIMAL), "a1", bearer=None, owner=None, kind="unplaced")
    assert "unplaced" in rules_broken(made)


def test_unplaced_with_a_municipality() -> None:
    assert "kind" in rules_broken(change(solution(OPTIMAL), "a1", kind="unplaced"))


def test_a_bearer_that_holds_nothing_of_the_owner() -> None:
    assert "bearer" in rules_broken(change(solution(OPTIMAL), "a1", owner="0003", bearer="0002"))


def test_an_owner_without_share() -> None:
    year = textbook()
    places = tuple(
        replace(m, share=0 if m.code == "0002" else m.share + (30_000 if m.code == "0001" else 0))
        for m in year.municipalities
    )
    year = replace(year, municipalities=places)
    made = change(solution(OPTIMAL, year), "a1", owner="0002", bearer="0002")
    assert "owner" in rules_broken(made, year)


def test_an_owner_that_kept_nothing_cannot_bear() -> None:
    year = textbook()
    whole = replace(year, transfers=(replace(year.transfers[0], share=20_000),))
    made = change(solution(OPTIMAL, whole), "a1", owner="0003", bearer="0003")
    assert "bearer" in rules_broken(made, whole)


@pytest.mark.parametrize("kind", ["willing", "valve"])
def test_kinds_that_the_policy_does_not_have(kind: str) -> None:
    made = change(solution(), "d1", kind=kind)
    assert "kind" in rules_broken(made)


def test_hard_capacity() -> None:
    year = textbook()
    places = tuple(replace(m, capacity=3) for m in year.municipalities)
    year = replace(year, municipalities=places)
    policy = OPTIMAL.with_changes(capacity="hard", scope="none")
    made = solution(policy, year)
    assert rules_broken(made, year) == set()
    full = made
    for child in ("a1", "b1", "b2", "d1"):
        full = change(full, child, bearer="0001", owner="0001")
    assert "capacity" in rules_broken(full, year)


def test_the_rule_is_left() -> None:
    made = change(solution(), "d1", bearer="0003", owner="0003")
    assert "rule" in rules_broken(made)


def test_a_bearer_against_the_order_of_holdings() -> None:
    assert "rule" in rules_broken(change(solution(), "a1", bearer="0003"))


def test_tied_decisions() -> None:
    assert "tied decisions" in rules_broken(replace(solution(), tied_decisions=7))


def test_the_valve() -> None:
    policy = IN_FORCE.with_changes(valve=Fraction(1, 2))
    made = solution(policy)
    assert made.valve_closed_at == "d"  # children 1–4 are within half of 8, d is the fifth
    assert rules_broken(made) == set()
    assert "valve" in rules_broken(replace(made, valve_closed_at="f"))


def test_year_end_credit() -> None:
    policy = IN_FORCE.with_changes(mechanism="effective-share")
    made = solution(policy)
    assert rules_broken(made) == set()
    assert "year-end credit" in rules_broken(change(made, "d1", owner="0003"))


def test_other_transfers() -> None:
    assert "transfers" in rules_broken(replace(solution(), transfers=()))


def test_other_data() -> None:
    """That ends it: what else would be counted says nothing. It says what to do."""
    other = load_instance("sweden-2024")
    (violation,) = check(other, solution())
    assert (violation.rule, violation.fatal) == ("instance", True)
    assert "made for other data" in violation.message
    assert "check it with the instance it was made for" in violation.message
    assert rules_broken(replace(solution(), instance_sha256="0" * 64)) == {"instance"}


def test_other_policy() -> None:
    assert "policy" in rules_broken(replace(solution(), policy_sha256="0" * 64))


@pytest.mark.parametrize(
    "column",
    ["kinship", "credited", "target", "fulfilment", "compensation", "compensation_days"],
)
def test_a_wrong_figure(column: str) -> None:
    made = solution()
    assert made.municipalities is not None
    rows = {code: dict(row) for code, row in made.municipalities.items()}
    rows["0004"][column] = "12.5"
    assert rules_broken(replace(made, municipalities=rows)) == {"figures"}


def test_a_missing_municipality() -> None:
    made = solution()
    assert made.municipalities is not None
    rows = {c: r for c, r in made.municipalities.items() if c != "0001"}
    assert rules_broken(replace(made, municipalities=rows)) == {"municipalities"}


def claims(made: Solution, level: int, **fields: Any) -> Solution:
    objective = list(made.objective)
    objective[level] = replace(objective[level], **fields)
    return replace(made, objective=tuple(objective))


def test_a_wrong_value() -> None:
    made = claims(solution(OPTIMAL), 1, value=Fraction(1, 10), bound=Fraction(1, 10))
    assert "objective" in rules_broken(made)


def test_a_level_left_out() -> None:
    made = solution(OPTIMAL)
    assert "objective" in rules_broken(replace(made, objective=made.objective[:1]))


def test_optimal_without_a_bound() -> None:
    assert "bound" in rules_broken(claims(solution(OPTIMAL), 1, bound=None))


def test_optimal_with_a_gap() -> None:
    made = claims(solution(OPTIMAL), 1, bound=Fraction(1, 10), certificate_price=None)
    assert "bound" in rules_broken(made)


def test_better_than_its_own_bound() -> None:
    made = claims(solution(OPTIMAL), 1, bound=Fraction(1), certificate_price=None)
    assert "bound" in rules_broken(made)


def test_a_certificate_that_proves_something_else() -> None:
    made = solution(OPTIMAL)
    assert made.objective[1].certificate_price is not None
    other = claims(made, 1, certificate_price=Fraction(1, 3))
    assert rules_broken(other) == {"proof", "price"}  # the price before rests on it too


def test_a_status_that_the_levels_do_not_bear_out() -> None:
    assert "status" in rules_broken(replace(solution(OPTIMAL), status="feasible"))
    made = claims(solution(OPTIMAL), 0, status="feasible")
    assert "status" in rules_broken(replace(made, status="feasible"))


def test_a_rule_with_an_objective() -> None:
    made = replace(solution(), objective=solution(OPTIMAL).objective)
    assert "objective" in rules_broken(made)


def test_a_tolerance_that_would_hide_anything() -> None:
    made = claims(solution(OPTIMAL), 1, tolerance=10.0, proof="engine", certificate_price=None)
    assert "bound" in rules_broken(made)
