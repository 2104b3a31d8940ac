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
from fordela.models.check.deals import Market, replay_deals
from fordela.models.check.objective import level_violations, status_violations
from fordela.models.check.proofs import Proof, Prover
from fordela.models.check.solution import LevelClaim
from fordela.models.check.structure import transfer_faults
from fordela.models.check.trades import entitlements, forbidden
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
from fordela.models.policy import IN_FORCE, Policy

ONE, TWO, HALF = Fraction(1), Fraction(2), Fraction(1, 2)
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


def prover(*children: Child, levels: Sequence[str] = (), **policy: Any) -> Prover:
    """Of a year in which the first (capacity 1) hands 10,000 of its 50,000 units to the third."""
    given = year(*children)
    changed = OPTIMAL.with_changes(basis="year", **policy)
    decided = tuple(
        Assignment(c.child, c.case, "1", "1", "equalising", k) for k, c in enumerate(children, 1)
    )
    bearers = {c.case: "1" for c in children}
    return Prover(Counted(given, changed, given.transfers, decided, bearers), levels)


def arrivals(number: int, *ties: str) -> list[Child]:
    made = [Child(f"u{k}", f"u{k}", date(2025, 1, k + 1)) for k in range(number)]
    return made + [Child(f"t{k}", f"t{k}", date(2025, 2, k + 1), tie) for k, tie in enumerate(ties)]


def test_children_beyond_capacity_by_hand() -> None:
    """The first and the third bear for one another; the third has no limit, so that all have room."""
    made = prover(*arrivals(4, "2"))
    assert made.box is not None
    assert made.box.fixed == (0, 1, 0)
    assert made.box.high == (4, 4, 4)
    assert made.least("over-capacity") == 0
    limited = Counted(
        year(*arrivals(4, "1")).with_changes(municipalities=(ASK, BOK, replace(EK, capacity=2))),
        OPTIMAL, made.year.transfers, (), {},
    )  # fmt: skip
    # Room for 1 (taken by the tied child) and 2 in one pool, none in the other: two of four.
    assert Prover(limited, ()).least("over-capacity") == 2
    tied = replace(limited, instance=limited.instance.with_changes(children=tuple(arrivals(4, "2"))))
    assert Prover(tied, ()).least("over-capacity") == 1
    hard = replace(tied, policy=OPTIMAL.with_changes(capacity="hard"))
    assert Prover(hard, ("unplaced",)).least("unplaced") == 1
    assert Prover(hard, ("unplaced",)).prove("unplaced", Fraction(1)) == Proof.COUNTING
    assert Prover(hard, ("unplaced",)).prove("unplaced", Fraction(0)) == Proof.TRIVIAL
    box = Prover(hard, ()).box
    assert box is not None
    assert box.high == (3, 0, 3)
    assert Prover(tied, ("unplaced",)).least("unplaced") == 0  # soft capacities leave room for all


def test_willing_places_by_hand() -> None:
    def least(number: int, *places: int) -> Fraction | None:
        towns = tuple(replace(m, willing=n) for m, n in zip((ASK, BOK, EK), places, strict=True))
        made = prover(*arrivals(number))
        counted = replace(made.year, instance=made.year.instance.with_changes(municipalities=towns))
        return Prover(counted, ()).least("willing")

    assert least(4, 0, 0, 0) == 0
    assert least(4, 1, 0, 0) == -1
    assert least(4, 1, 1, 1) == -3
    assert least(4, 3, 3, 0) == -4
    assert least(0, 3, 3, 0) == 0


def test_nobody_is_closer_than_the_largest_deviation() -> None:
    """Five children, targets 5/2, 3/2 and 1: (3, 1, 1) and (2, 2, 1) are at most 1/2 off."""
    made = prover(*arrivals(5))
    assert made.goal == [Fraction(5, 2), Fraction(3, 2), 1]
    for value, proof in ((HALF, Proof.COUNTING), (ONE, None), (Fraction(3, 5), None)):
        assert prover(*arrivals(5)).prove("deviation:linf", value) == proof
    assert made.prove("deviation:linf", HALF) == Proof.COUNTING
    assert made.box is not None
    assert (made.box.low, made.box.high) == ((2, 1, 1), (3, 2, 1))  # what remains open
    # Four: targets 2, 6/5 and 4/5, best (2, 1, 1) with 1/5 and the first exact.
    made = prover(*arrivals(4))
    assert made.prove("deviation:linf", Fraction(1, 5)) == Proof.COUNTING
    assert made.box is not None
    assert (made.box.low, made.box.high) == ((2, 1, 1), (2, 1, 1))
    assert made.box.settled
    assert made.prove("deviation:l1", Fraction(2, 5)) == Proof.COUNTING  # nothing is left to choose


def test_a_price_proves_a_sum_and_leaves_what_is_as_good() -> None:
    """Steps of l1 cost −1 below the target: with price −1, five children and 1/2 + 1/2 are best."""
    made = prover(*arrivals(5))
    # At price 0 each goes to its nearest: 1/2 + 1/2 + 0 with 5 or 6 or 4 children.
    assert made.prove("deviation:l1", ONE, Fraction(0)) == Proof.CERTIFICATE
    assert made.box is not None
    assert (made.box.low, made.box.high) == ((2, 1, 1), (3, 2, 1))
    assert prover(*arrivals(5)).prove("deviation:l1", ONE, ONE) == Proof.ENUMERATION
    assert prover(*arrivals(5)).prove("deviation:l1", ONE) == Proof.ENUMERATION
    assert prover(*arrivals(5)).prove("deviation:l1", TWO, Fraction(0)) is None
    assert prover(*arrivals(5)).least("deviation:l1", Fraction(0)) == 1
    assert prover(*arrivals(5)).least("deviation:l1") == 0
    assert prover(*arrivals(5)).least("willing") == 0
    assert prover(*arrivals(5)).least("deviation:max-fulfilment") is None
    assert prover(*arrivals(5)).prove("deviation:max-fulfilment", (Fraction(0),)) is None
    assert prover(*arrivals(5)).prove("moves", Fraction(0)) == Proof.TRIVIAL
    assert prover(*arrivals(5)).prove("moves", ONE) is None


def test_what_is_open_is_not_proven_of() -> None:
    made = prover(*arrivals(5), levels=("kinship-broken", "deviation:linf"))
    assert made.box is None
    assert made.prove("deviation:linf", HALF) == Proof.ENUMERATION
    assert made.prove("kinship-broken", Fraction(0)) == Proof.TRIVIAL
    assert made.prove("deviation:linf", HALF) == Proof.COUNTING


def wishing(**more: Any) -> Instance:
    """Ask and Bok wish 300 and 200 units less, Ceder 150 and Dal 250 more."""
    wishes = ((300, 0), (200, 0), (0, 150), (0, 250))
    towns = tuple(
        town(f"{k}", 25_000, k, wants_less=less, wants_more=m) for k, (less, m) in enumerate(wishes, 1)
    )
    return Instance(name="m", title="m", year=2025, municipalities=towns, **more)


def trading(**keys: Any) -> Policy:
    plain = {"whole_shares": False, "least_kept": 0, "least_received": 0, "one_receiver": False}
    return IN_FORCE.with_changes(**{"scope": "national", **plain, **keys})


@pytest.mark.parametrize(
    ("keys", "trades", "faults"),
    [
        ({}, [("1", "3", 150), ("1", "4", 150)], 0),  # all of its wish, in two parts
        ({}, [("1", "3", 150), ("1", "4", 151)], 1),
        ({}, [("1", "4", 250)], 0),
        ({}, [("1", "4", 251)], 1),
        ({}, [("1", "2", 1)], 1),  # wishes less itself
        ({"one_receiver": True}, [("1", "3", 1), ("1", "4", 1)], 1),
        ({"one_receiver": True}, [("1", "4", 1), ("2", "4", 1)], 0),
        ({"least_kept": 24_700}, [("1", "4", 250)], 0),
        ({"least_kept": 24_750}, [("1", "4", 250)], 0),
        ({"least_kept": 24_751}, [("1", "4", 250)], 1),
        ({"least_received": 100}, [("1", "4", 100)], 0),
        ({"least_received": 100}, [("1", "4", 99)], 1),
        ({"least_received": 100}, [("1", "4", 50), ("2", "4", 50)], 0),
        ({"whole_shares": True}, [("1", "4", 100)], 0),
        ({"whole_shares": True}, [("1", "4", 101)], 1),
        ({"most_givers_per_county": 2}, [("1", "3", 1), ("2", "3", 1)], 0),
        ({"most_givers_per_county": 1}, [("1", "3", 1), ("2", "3", 1)], 1),
        ({"most_givers_per_county": 1}, [("1", "3", 1), ("1", "4", 1)], 0),
    ],
)
def test_transfers_that_a_policy_allows(
    keys: dict[str, Any], trades: list[tuple[str, str, int]], faults: int
) -> None:
    made = [Transfer(*t) for t in trades]
    assert len(list(forbidden(wishing(), trading(**keys), made))) == faults


def test_entitlements_of_the_checker_by_hand() -> None:
    """400 units are wanted and 500 offered: the givers share 400, the receivers get all they wish."""

    def due(rule: str, givers: bool = True) -> list[Fraction]:
        return list(entitlements(wishing(), trading(entitlement=rule), givers=givers).values())

    assert due("proportional") == [240, 160]
    assert due("constrained-equal-awards") == [200, 200]
    assert due("constrained-equal-losses") == [250, 150]
    assert due("talmud") == [250, 150]  # 400 is more than half of 500: equal losses on the halves
    for rule in ("proportional", "constrained-equal-awards", "constrained-equal-losses", "talmud"):
        assert due(rule, givers=False) == [150, 250]


def test_the_market_of_the_checker_by_hand() -> None:
    open_to_all = Market(wishing(), trading())
    assert open_to_all.supply == {"1": 300, "2": 200}
    assert open_to_all.room == {"3": 150, "4": 250}
    assert open_to_all.terms == {("1", "3"): 150, ("1", "4"): 250, ("2", "3"): 150, ("2", "4"): 200}
    assert set(open_to_all.least.values()) == {1}
    assert open_to_all.receivers("1") == ["3", "4"]  # the nearest first
    assert open_to_all.givers("4") == ["2", "1"]
    whole = Market(wishing(), trading(whole_shares=True))
    assert whole.room == {"3": 100, "4": 200}
    assert whole.terms == {("1", "3"): 100, ("1", "4"): 200, ("2", "3"): 100, ("2", "4"): 200}
    bound = Market(wishing(), trading(least_kept=24_850, least_received=120))
    assert bound.supply == {"1": 150, "2": 150}
    assert bound.take_least == {"3": 120, "4": 120}
    assert Market(wishing(), trading(least_kept=25_001)).supply == {"1": 0, "2": 0}
    assert Market(wishing(), trading(least_kept=25_001)).terms == {}


def test_a_process_of_the_checker_by_hand() -> None:
    def deals(order: str, **keys: Any) -> dict[tuple[str, str], int]:
        rules = trading(**({"scope": "bilateral", "process": "immediate"} | keys))
        return {(t.giver, t.receiver): t.share for t in replay_deals(wishing(), rules, list(order))}

    # Ask first: 150 to Ceder, which is nearest, and 150 to Dal, which leaves 100 for Bok.
    assert deals("12") == {("1", "3"): 150, ("1", "4"): 150, ("2", "4"): 100}
    assert deals("21") == {("2", "3"): 150, ("2", "4"): 50, ("1", "4"): 200}
    assert deals("12", one_receiver=True) == {("1", "3"): 150, ("2", "4"): 200}
    assert deals("12", most_givers_per_county=1) == {("1", "3"): 150, ("1", "4"): 150}
    # Held offers: Bok is nearer to both, so that Ask gets what Bok leaves of Dal.
    for order in ("12", "21"):
        held = deals(order, process="deferred")
        assert held == {("2", "3"): 150, ("2", "4"): 50, ("1", "4"): 200}
