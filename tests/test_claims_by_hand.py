"""Claims of a solution that the checker must accept or refuse, and levels counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from fordela.models.allocation import Assignment
from fordela.models.check.objective import level_violations, price_violations, status_violations
from fordela.models.check.proofs import Proof
from fordela.models.check.solution import LevelClaim
from fordela.models.check.structure import transfer_faults
from fordela.models.check.values import (
    Counted,
    beats,
    far_apart,
    level_value,
    norm_value,
    pools,
    round_up_from_half,
)
from fordela.models.errors import InputError
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import IN_FORCE

ONE, TWO = Fraction(1), Fraction(2)
OPTIMAL = IN_FORCE.with_changes(name="o", rule="optimal")


def claim(status: str = "optimal", **fields: Any) -> LevelClaim:
    proof = Proof.COUNTING.value if status == "optimal" else None
    made = LevelClaim("l", TWO, TWO if status == "optimal" else ONE, status, proof=proof)
    return replace(made, **fields)


def rules(made: LevelClaim, value: Any = TWO, proof: Proof | None = Proof.COUNTING) -> list[str]:
    return [v.rule for v in level_violations(made, value, lambda _: proof)]


def test_a_level_is_what_was_recomputed_and_rests_on_what_was_found() -> None:
    assert rules(claim()) == []
    assert rules(claim(), value=ONE) == ["objective"]
    assert rules(claim(), proof=Proof.TRIVIAL) == ["proof"]
    assert rules(claim(), proof=None) == ["proof"]
    assert rules(claim(proof="engine"), proof=None) == []
    assert rules(claim("feasible")) == []
    assert rules(claim("feasible", proof="counting")) == ["proof"]
    assert rules(claim("best")) == ["status"]
    certified = claim(proof="certificate", certificate_price=ONE)
    assert rules(certified, proof=Proof.CERTIFICATE) == []
    assert rules(replace(certified, certificate_price=None), proof=Proof.CERTIFICATE) == ["certificate"]
    assert rules(claim(certificate_price=ONE)) == ["certificate"]


def test_a_bound_of_a_number() -> None:
    assert rules(claim(bound=None)) == ["bound"]
    assert rules(claim("feasible", bound=None)) == []
    assert rules(claim(bound=ONE)) == ["bound"]
    assert rules(claim("feasible", bound=TWO)) == []
    assert rules(claim("feasible", bound=Fraction(3))) == ["bound"]  # better than its own bound
    assert rules(claim(bound=(TWO,))) == ["bound"]
    # Only an engine may claim a tolerance: a millionth of one more than the value, here 3e-6.
    near = Fraction(2) - Fraction(2, 10**6)
    engine = claim(proof="engine", bound=near, tolerance=2.5e-6)
    assert rules(engine, proof=None) == []
    assert rules(replace(engine, tolerance=3e-6), proof=None) == []
    assert rules(replace(engine, tolerance=3.1e-6), proof=None) == ["bound"]
    assert rules(replace(engine, tolerance=1e-6), proof=None) == ["bound"]
    assert rules(replace(engine, tolerance=-1e-6), proof=None) == ["bound", "bound"]
    assert rules(replace(engine, tolerance=0.0), proof=None) == ["bound"]
    exact = replace(engine, tolerance=2 / 2**20, bound=2 - Fraction(2, 2**20))
    assert rules(exact, proof=None) == []  # the gap may be the tolerance itself
    assert rules(claim(tolerance=1e-9)) == ["bound"]
    assert rules(claim(tolerance=float("nan"))) == ["bound"]
    assert rules(replace(engine, bound=TWO, tolerance=float("inf")), proof=None) == ["bound"]


def test_a_bound_of_a_vector() -> None:
    value = (TWO, ONE)
    made = claim(value=value, bound=value)
    assert rules(made, value) == []
    assert rules(replace(made, bound=(TWO,)), value) == ["bound"]
    assert rules(replace(made, bound=(TWO, TWO)), value) == ["bound"]
    assert rules(replace(made, tolerance=1e-9), value) == ["bound"]
    open_end = claim("feasible", value=value, bound=(TWO,))
    assert rules(open_end, value) == []
    assert rules(replace(open_end, bound=(ONE,)), value) == []
    assert rules(replace(open_end, bound=(Fraction(3),)), value) == ["bound"]
    assert rules(replace(open_end, bound=TWO), value) == ["bound"]


def test_a_price_lies_between_nothing_and_what_the_next_level_can_win() -> None:
    def prices(*made: LevelClaim, before: Sequence[Fraction | None] = (ONE, None)) -> list[str]:
        return [v.rule for v in price_violations(made, before)]

    following = claim()  # worth 2, of which at most 1 could be won
    assert prices(claim(), following) == []
    for price, right in ((Fraction(0), True), (ONE, True), (Fraction(3, 2), False), (-ONE, False)):
        assert (prices(claim(price=price), following) == []) is right
    assert prices(claim(price=TWO), following, before=(None, None)) == []
    assert prices(claim(price=-ONE), following, before=(None, None)) == ["price"]
    assert prices(claim(), claim(price=ONE)) == ["price"]  # nothing follows the last
    assert prices(claim(price=ONE), claim("feasible")) == ["price"]
    assert prices(claim(price=ONE), claim(value=(TWO,), bound=(TWO,))) == ["price"]


def test_the_status_of_the_whole() -> None:
    def states(status: str, *levels: str) -> int:
        return len(list(status_violations([claim(one) for one in levels], status)))

    assert states("optimal", "optimal", "optimal") == 0
    assert states("feasible", "optimal", "optimal") == 1
    assert states("optimal", "optimal", "feasible") == 1
    assert states("feasible", "optimal", "feasible") == 0
    assert states("feasible", "feasible", "optimal") == 1  # rests on a level that is not proven
    assert states("feasible", "feasible", "feasible") == 0


def town(code: str, share: int, latitude: int, **more: Any) -> Municipality:
    place = {"latitude": Decimal(latitude), "longitude": Decimal(0)}
    return Municipality(code, code, "01", "Län", share, **(place | more))


ASK, BOK, EK = town("1", 50_000, 0, capacity=1), town("2", 30_000, 1, capacity=0), town("3", 20_000, 2)


def year(*children: Child) -> Instance:
    return Instance(
        name="x", title="X", year=2025, municipalities=(ASK, BOK, EK), children=children,
        transfers=(Transfer("1", "3", 10_000),), synthetic=("everything",),
    )  # fmt: skip


def test_levels_counted_by_hand() -> None:
    cases = {"a1": None, "a2": None, "b1": "2", "c1": "1", "d1": None, "e1": None}
    children = [
        Child(name, name[0], date(2025, 1, k), tie) for k, (name, tie) in enumerate(cases.items(), 1)
    ]
    rows = (
        ("a1", "1", "1", "equalising"),
        ("a2", "2", "1", "equalising"),  # away from its sibling, and from its owner (111 km)
        ("b1", "2", "2", "kinship"),
        ("c1", "3", "3", "equalising"),  # tied to the first
        ("d1", "3", "1", "equalising"),  # by the transfer, 222 km away
        ("e1", None, None, "unplaced"),
    )
    made = tuple(
        Assignment(name, name[0], bearer, owner, kind, 1)  # type: ignore[arg-type]
        for name, bearer, owner, kind in rows
    )
    bearers = {"a": "1", "b": "2", "c": "1", "d": "3", "e": "1"}
    given = year(*children)
    counted = Counted(given, OPTIMAL, given.transfers, made, bearers)
    worth = {
        "unplaced": 1,
        "kinship-broken": 1,
        "siblings-split": 1,
        "over-capacity": 1,  # the second has no room for the untied child; the first has one
        "distance": 111 + 222,
        "moves": 3,  # a2, c1 and e1
        "willing": 0,
        # Of the first's three a fifth, 3/5, is the third's: it owes itself 12/5 and bears 1; the third
        # owes 1 + 3/5 and bears 2; the second owes nothing and bears 1.
        "bearer-balance": Fraction(7, 5) + Fraction(2, 5) + 1,
    }
    for level, expected in worth.items():
        assert level_value(level, counted) == expected, level
    assert counted.credited == [3, 1, 1]
    assert counted.untied == [1, 1, 2]


def test_distances_and_halves() -> None:
    # A degree of a great circle is 6371 π / 180 = 111.19 km.
    assert far_apart(ASK, BOK) == 111
    assert far_apart(ASK, EK) == 222
    assert far_apart(ASK, ASK) == 0
    assert far_apart(town("1", 1, 0), town("2", 1, 0, longitude=Decimal(90))) == 10008
    assert (
        far_apart(town("1", 1, 60), town("2", 1, 60, longitude=Decimal(180))) == 6672
    )  # over the pole
    assert [round_up_from_half(Fraction(n, 4)) for n in (0, 1, 2, 3, 6)] == [0, 0, 1, 1, 2]
    for lost in (replace(BOK, latitude=None), replace(BOK, longitude=None)):
        with pytest.raises(InputError, match="coordinates"):
            far_apart(ASK, lost)


def test_norms_of_the_checker_by_hand() -> None:
    counts, goal = (3, 1, 0), (TWO, Fraction(3, 2), Fraction(1, 2))
    expected = {
        "l1": TWO, "l2": Fraction(3, 2), "linf": ONE, "chi2": Fraction(7, 6),
        "min-fulfilment": (Fraction(0), Fraction(2, 3), Fraction(3, 2)),
        "max-fulfilment": (Fraction(3, 2), Fraction(2, 3), Fraction(0)),
    }  # fmt: skip
    for norm, value in expected.items():
        assert norm_value(norm, counts, goal) == value
        nothing = norm_value(norm, (0, 0), (Fraction(0), Fraction(0)))
        assert nothing == ((0,) if norm.endswith("fulfilment") else 0)
    assert norm_value("chi2", (1, 5), (TWO, Fraction(0))) == Fraction(1, 2)
    assert norm_value("min-fulfilment", (1, 5), (TWO, Fraction(0))) == (Fraction(1, 2),)
    assert beats("deviation:min-fulfilment", (TWO,), (ONE,))
    assert not beats("deviation:min-fulfilment", (ONE,), (ONE,))
    assert beats("deviation:l1", ONE, TWO)
    assert not beats("deviation:l1", ONE, ONE)


def test_pools_of_transfers() -> None:
    assert pools(year(), ()) == {"1": "1", "2": "2", "3": "3"}
    assert pools(year(), (Transfer("3", "2", 1),)) == {"1": "1", "2": "2", "3": "2"}
    joined = (Transfer("3", "2", 1), Transfer("3", "1", 1), Transfer("2", "1", 1))
    assert pools(year(), joined) == {"1": "1", "2": "1", "3": "1"}


@pytest.mark.parametrize(
    ("transfers", "faults"),
    [
        ([("1", "3", 10_000)], 0),
        ([("1", "3", 50_000)], 0),  # the whole share
        ([("1", "3", 50_001)], 1),
        ([("1", "3", 25_000), ("1", "2", 25_000)], 0),
        ([("1", "3", 25_000), ("1", "2", 25_001)], 1),
        ([("1", "3", 1)], 0),
        ([("1", "3", 0)], 1),
        ([("1", "3", -1)], 1),
        ([("1", "9", 1)], 1),
        ([("9", "1", 1)], 1),
        ([("1", "3", 1), ("1", "3", 1)], 2),
        ([("1", "3", 1), ("3", "2", 1)], 1),  # the third received
    ],
)
def test_what_no_transfers_may_be(transfers: list[tuple[str, str, int]], faults: int) -> None:
    assert len(list(transfer_faults(year(), [Transfer(*t) for t in transfers]))) == faults
