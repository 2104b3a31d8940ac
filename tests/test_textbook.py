"""The year that docs/textbook.md works out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import load_policy
from fordela.models.check import check
from fordela.models.instance import Instance
from fordela.models.policy import IN_FORCE
from fordela.solver.comparison import compare
from fordela.solver.solve import solve
from fordela.solver.standing import standings


def textbook() -> Instance:
    return load_instance("textbook")


def test_the_rule_in_force_step_by_step() -> None:
    result = solve(textbook(), IN_FORCE)
    decisions = {a.case: (a.owner, a.bearer, a.kind) for a in result.allocation.assignments}
    ceder, ek = "0003", "0004"
    assert decisions == {
        "a": (ceder, ek, "equalising"),  # 85: D = 1/2 ≥ 1/2
        "b": (ceder, ceder, "equalising"),  # 90: D = 3/2 − 1 = 1/2 < 1
        "c": ("0002", "0002", "kinship"),
        "d": ("0001", "0001", "equalising"),  # three at 100: lowest code
        "e": (ek, ek, "kinship"),
        "f": (ceder, ek, "equalising"),  # 100: D = 5/2 − 1 = 3/2 ≥ 1
    }
    assert result.tied_decisions == 1
    assert result.counts.credited == (41, 34, 22, 11)
    assert result.counts.total == (1, 1, 2, 4)
    assert result.counts.on_transferred_share == (0, 0, 0, 3)


def test_effective_shares_by_hand() -> None:
    # Asked of Ask, Bok, Ceder and Ek at the N-th child: 40 + 0.4 N, 30 + 0.3 N, 20 + 0.1 N, 10 + 0.2 N.
    # a: 17 of 20.1 is least; b: 18 of 20.3; d: Ek with 10 of 11; f: Ask with 40 of 43.2. Ek's one
    # equalising child could be credited to its own 100 ‰ or to Ceder's; its own comes first.
    policy = IN_FORCE.with_changes(mechanism="effective-share")
    result = solve(textbook(), policy)
    decisions = {a.case: a.bearer for a in result.allocation.assignments if a.kind == "equalising"}
    assert decisions == {"a": "0003", "b": "0003", "d": "0004", "f": "0001"}
    assert result.counts.total == (2, 1, 3, 2)
    assert result.counts.owned == (2, 1, 3, 2)
    assert check(textbook(), result) == []


def test_norms_and_gaps_by_hand() -> None:
    figures = compare(textbook(), [IN_FORCE]).policies[0]
    assert figures.norms["l1"] == Fraction("4.4")
    assert figures.norms["l2"] == Fraction("7.6")
    assert figures.norms["linf"] == Fraction("2.2")
    assert figures.norms["chi2"] == Fraction(131, 648)
    gap = figures.own["chi2"]
    assert gap.hindsight.value == Fraction(43, 324)
    assert gap.hindsight.proven
    assert gap.difference == Fraction(5, 72)
    assert gap.ratio == Fraction(45, 86)


@pytest.mark.parametrize("backend", ["highs", "cp-sat", "cbc"])
def test_the_optimum_by_hand(backend: str) -> None:
    result = solve(textbook(), load_policy("optimal"), backend=backend)
    assert [o.value for o in result.objective] == [0, Fraction(43, 324), 0]
    assert result.counts.credited == (42, 34, 21, 11)
    assert result.objective[1].exact


def test_who_is_next() -> None:
    # c/a per 100 ‰ after the year: 10.25, 11.33, 11, 11.
    line = standings(textbook(), IN_FORCE)
    assert [s.code for s in line] == ["0001", "0003", "0004", "0002"]
    # Ask reaches 44/4 = 11 with three more children, where it still has the lower code.
    assert line[0].lead == 4
    assert line[1].lead == 1
    assert line[3].lead is None
    assert line[1].bearer == "0003"  # D = 6/2 − 3 = 0 < 1/2
