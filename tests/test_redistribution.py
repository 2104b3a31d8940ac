"""Redistribution as a decision: against brute force, the literature, and what section 6 states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import prod
from random import Random

import pytest
from fordela.models.check import Solution, check
from fordela.models.check.deals import replay_deals
from fordela.models.check.trades import entitlements, forbidden, worth
from fordela.models.errors import InputError
from fordela.models.instance import Instance, Municipality
from fordela.models.norms import first_component
from fordela.models.policy import Policy, Redistribution
from fordela.models.redistribution.entitlement import RULES
from fordela.models.redistribution.outcome import treated_unequally
from fordela.models.redistribution.problem import redistribution_problem
from fordela.solver.redistribution import decide
from fordela.solver.redistribution.brute_force import all_redistributions, best_redistributions
from fordela.solver.redistribution.decide import redistribute
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.strategies import markets, scaled, trading_policies

PROGRAMS = ("county", "national", "listed")
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]


def policy(**keys: object) -> Policy:
    return Policy(name="p", redistribution=Redistribution(**{"scope": "national"} | keys))  # type: ignore[arg-type]


def town(code: str, less: int = 0, more: int = 0, **fields: object) -> Municipality:
    known: dict[str, object] = {
        "county_code": "01", "county": "C", "share": 0,
        "latitude": Decimal(60), "longitude": Decimal(15),
    }  # fmt: skip
    return Municipality(code, code, wants_less=less, wants_more=more, **(known | fields))  # type: ignore[arg-type]


def market(*towns: Municipality) -> Instance:
    """A year in which the towns have 100 ‰ each and a last one the rest."""
    rest = 100_000 - 10_000 * len(towns)
    places = tuple(replace(m, share=10_000) for m in towns)
    return Instance("market", 2025, (*places, town("9999", share=rest)))


def given_by(made: object) -> dict[str, int]:
    out: dict[str, int] = {}
    for t in made.transfers:  # type: ignore[attr-defined]
        out[t.giver] = out.get(t.giver, 0) + t.share
    return out


def enumerable(year: Instance, rules: Policy) -> bool:
    """Whether every redistribution can be looked at in a moment."""
    step = 100 if rules.redistribution.whole_shares else 1
    less, more = year.wanted.less.values(), year.wanted.more.values()
    return prod(1 + min(i.share, j.share) // step for i in less for j in more) <= 3_000


# --- brute force ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("backend", "examples"), [("highs", 150), ("cp-sat", 60), ("cbc", 40)])
def test_every_scope_level_and_entitlement_against_brute_force(backend: str, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=SLOW)
    @given(markets(), trading_policies(PROGRAMS))
    def compare(year: Instance, rules: Policy) -> None:
        assume(enumerable(year, rules))
        made = redistribute(year, rules, backend=backend, workers=1)
        best, found = best_redistributions(year, rules)
        assert tuple(o.value for o in made.objective) == best
        assert made.transfers in [tuple(sorted(f, key=lambda t: (t.giver, t.receiver))) for f in found]
        assert made.status == "optimal"
        assert check(year, made) == []

    compare()


def test_brute_force_sees_something() -> None:
    """The oracle is not empty: two givers, one room, five ways to fill it."""
    year = market(town("0001", less=2), town("0002", less=2), town("0003", more=3))
    assert len(list(all_redistributions(year, policy()))) == 8  # (0..2) x (0..2) without (2, 2)
    best, found = best_redistributions(year, policy(levels=("granted",)))
    assert best == (Fraction(-3),)
    assert len(found) == 2


# --- claims ---------------------------------------------------------------------------------------

TALMUD = [
    (100, (Fraction(100, 3), Fraction(100, 3), Fraction(100, 3))),
    (200, (Fraction(50), Fraction(75), Fraction(75))),
    (300, (Fraction(50), Fraction(100), Fraction(150))),
]


@pytest.mark.parametrize(("estate", "awards"), TALMUD)
def test_the_talmud_table(estate: int, awards: tuple[Fraction, ...]) -> None:
    assert RULES["talmud"]((100, 200, 300), estate) == awards


def test_the_other_rules_by_hand() -> None:
    claims = (100, 200, 300)
    assert list(RULES["proportional"](claims, 300)) == [50, 100, 150]
    assert list(RULES["constrained-equal-awards"](claims, 360)) == [100, 130, 130]
    assert list(RULES["constrained-equal-losses"](claims, 360)) == [20, 120, 220]
    assert list(RULES["constrained-equal-losses"](claims, 60)) == [0, 0, 60]


claims = st.lists(st.integers(1, 50), min_size=1, max_size=6)


@given(claims, st.data())
def test_what_every_rule_of_claims_keeps(claims: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(claims)))
    rest = sum(claims) - amount
    for name, rule in RULES.items():
        awards = rule(claims, amount)
        assert sum(awards) == amount, name
        assert all(0 <= a <= c for a, c in zip(awards, claims, strict=True)), name
        for i, a in enumerate(claims):  # order is preserved, in awards and in losses
            for j, b in enumerate(claims):
                if a <= b:
                    assert awards[i] <= awards[j]
                    assert a - awards[i] <= b - awards[j]
    # Awards and losses are duals of each other; Talmud and proportional are their own.
    duals = {"constrained-equal-awards": "constrained-equal-losses", "talmud": "talmud",
             "proportional": "proportional"}  # fmt: skip
    for name, dual in duals.items():
        lost = RULES[dual](claims, rest)
        assert RULES[name](claims, amount) == tuple(c - x for c, x in zip(claims, lost, strict=True))


@settings(deadline=None)
@given(markets(), trading_policies(PROGRAMS))
def test_entitlements_agree_with_the_checkers_own(year: Instance, rules: Policy) -> None:
    problem = redistribution_problem(year, rules)
    assert {s.code: s.entitlement for s in problem.givers} == entitlements(year, rules, givers=True)
    assert {s.code: s.entitlement for s in problem.receivers} == entitlements(year, rules, givers=False)


# --- what section 6 says is true ------------------------------------------------------------------


def random_market(seed: int, givers: int, receivers: int, most: int = 300) -> Instance:
    rng = Random(seed)
    towns = []
    for k in range(givers + receivers):
        wish = rng.randint(90, most) if k < givers else 100 * rng.randint(3, 12)
        towns.append(
            town(
                f"{k + 1:04d}", less=wish if k < givers else 0, more=0 if k < givers else wish,
                county_code=f"{k % 4:02d}", county=f"County {k % 4}", share=2_000,
                latitude=Decimal(f"{rng.uniform(55, 66):.2f}"),
                longitude=Decimal(f"{rng.uniform(12, 20):.2f}"),
            )
        )  # fmt: skip
    rest = 100_000 - 2_000 * len(towns)
    return Instance("market", 2025, (*towns, town("9999", share=rest, county_code="99")))


def test_all_givers_get_all_where_there_is_room() -> None:
    year = market(town("0001", less=700), town("0002", less=300), town("0003", more=1_000))
    made = redistribute(year, policy())
    assert given_by(made) == {"0001": 700, "0002": 300}


@pytest.mark.parametrize("seed", range(4))
def test_equal_givers_is_webster_when_there_is_too_little_room(seed: int) -> None:
    """With proportional entitlements it is Webster's apportionment of the room."""
    rng = Random(seed)
    wishes = [rng.randint(5, 60) for _ in range(6)]
    room = sum(wishes) * 2 // 3
    towns = [town(f"{k + 1:04d}", less=w) for k, w in enumerate(wishes)]
    year = market(*towns, town("0007", more=room // 2), town("0008", more=room - room // 2))
    rules = policy(one_receiver=False, levels=("granted", "equal-givers"))
    given = given_by(redistribute(year, rules))
    seats = webster(wishes, room)
    assert sum(given.values()) == room
    assert [given.get(t.code, 0) for t in towns] == seats


def webster(weights: Sequence[int], seats: int) -> list[int]:
    """Divisor method with standard rounding: the next seat to the largest quotient."""
    held = [0] * len(weights)
    for _ in range(seats):
        best = max(range(len(weights)), key=lambda k: (Fraction(weights[k], 2 * held[k] + 1), -k))
        held[best] += 1
    return held


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(markets(), trading_policies(("national",)), st.data())
def test_the_total_never_falls_when_room_grows(
    year: Instance, rules: Policy, data: st.DataObject
) -> None:
    assume(not year.wishes and year.wanted.more and rules.redistribution.least_received == 0)
    rules = rules.with_changes(most_givers_per_county=None)
    rules = replace(rules, redistribution=replace(rules.redistribution, levels=("granted",)))
    code = data.draw(st.sampled_from(sorted(year.wanted.more)))
    wider = year.with_changes(
        municipalities=tuple(
            replace(m, wants_more=(m.wants_more or 0) + 100) if m.code == code else m
            for m in year.municipalities
        )
    )
    before, after = (first_component(redistribute(y, rules).objective[0].value) for y in (year, wider))
    assert after <= before  # the level is minus the units granted


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(markets(), trading_policies(PROGRAMS), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(year: Instance, rules: Policy, random: Random) -> None:
    def mixed(rows: Sequence[object]) -> tuple[object, ...]:
        return tuple(random.sample(list(rows), len(rows)))

    other = year.with_changes(
        municipalities=mixed(year.municipalities),
        wishes=mixed(year.wishes),
        pairs=mixed(year.pairs),
        transfers_last_year=mixed(year.transfers_last_year),
    )
    assert other.sha256 == year.sha256
    assert (
        redistribute(other, rules, workers=1).transfers
        == redistribute(year, rules, workers=1).transfers
    )


def test_equals_exchanged_leave_every_value_unchanged() -> None:
    towns = [town("0001", less=5), town("0002", less=5), town("0003", more=7)]
    year = market(*towns)
    rules = policy(levels=("granted", "equal-givers", "distance"))
    renamed = {"0001": "0002", "0002": "0001"}
    swapped = year.with_changes(
        municipalities=tuple(replace(m, code=renamed.get(m.code, m.code)) for m in year.municipalities)
    )
    one, other = redistribute(year, rules), redistribute(swapped, rules)
    assert [o.value for o in one.objective] == [o.value for o in other.objective]
    assert sorted(given_by(one).values()) == [3, 4]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 30))
def test_equals_differ_by_one_unit_with_several_receivers(wish: int, other: int, room: int) -> None:
    """With an equality level before the levels on pairs, equals get the same but for one unit."""
    year = market(
        town("0001", less=wish), town("0002", less=wish), town("0003", less=other),
        town("0004", more=room), town("0005", more=room + 1),
    )  # fmt: skip
    rules = policy(one_receiver=False, levels=("granted", "equal-givers", "distance"))
    given = given_by(redistribute(year, rules))
    assert abs(given.get("0001", 0) - given.get("0002", 0)) <= 1


def test_with_one_receiver_the_report_says_whom_integrality_treats_unequally() -> None:
    """Two givers of 5 and rooms of 5 and 1: one hands over 5, the other 1, and that is said."""
    year = market(
        town("0001", less=5), town("0002", less=5), town("0003", more=5), town("0004", more=1)
    )
    made = redistribute(year, policy(levels=("granted",)))
    assert sorted(given_by(made).values()) == [1, 5]
    (pair,) = treated_unequally(redistribution_problem(year, made.policy), made.traded)
    assert given_by(made)[pair[0]] == 5
    fair = redistribute(year, policy(one_receiver=False, levels=("granted", "equal-givers")))
    assert treated_unequally(redistribution_problem(year, fair.policy), fair.traded) == []


def test_a_missing_coordinate_is_an_error_only_where_it_is_needed() -> None:
    year = market(town("0001", less=5, latitude=None), town("0002", more=5))
    assert given_by(redistribute(year, policy(levels=("granted",)))) == {"0001": 5}
    with pytest.raises(InputError, match="needs coordinates"):
        redistribute(year, policy(levels=("granted", "distance")))


def test_scope_listed_needs_pairs() -> None:
    year = market(town("0001", less=5), town("0002", more=5))
    with pytest.raises(InputError, match=r"pairs\.csv.*needs this table"):
        redistribute(year, policy(scope="listed", levels=("granted",)))


def test_no_wishes_no_transfers() -> None:
    made = redistribute(market(), policy())
    assert made.transfers == ()
    assert made.status == "optimal"


# --- columns against the plain program ------------------------------------------------------------

STACK = ("granted", "equal-givers", "equal-receivers", "within-county", "distance")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "levels",
    [
        STACK,
        ("granted", "equal-receivers", "continuity", "partners"),
        (*STACK[:3], "within-county", "partners", "continuity", "distance"),
    ],
)
def test_columns_and_program_agree_in_whole_per_mille(seed: int, levels: tuple[str, ...]) -> None:
    from fordela.solver.backends.base import Limits
    from fordela.solver.redistribution.by_columns import climb_by_columns

    year = random_market(seed, 18, 4, most=299)
    former = redistribute(year, policy(levels=("granted",))).transfers
    year = year.with_changes(transfers_last_year=former)
    rules = policy(whole_shares=True, levels=levels)
    rungs = climb_by_columns(redistribution_problem(year, rules), Limits(None), lambda _: None)
    made = redistribute(year, rules, backend="cp-sat", time_limit=120)
    assert made.status == "optimal"
    assert rungs is not None
    assert [r.value for r in rungs] == [o.value for o in made.objective]
    assert [r.bound for r in rungs] == [r.value for r in rungs]


@pytest.mark.parametrize(
    ("seed", "givers", "receivers"),
    [(0, 14, 3), (1, 14, 4), (4, 14, 4), pytest.param(7, 16, 4, marks=pytest.mark.thorough)],
)
def test_columns_are_clean_and_their_bounds_hold(
    seed: int, givers: int, receivers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the finest units: what is found by columns is allowed, and no engine gets below the bound."""
    monkeypatch.setattr(decide, "_MANY_PAIRS", 1)  # or so few pairs go to the plain program
    year = random_market(seed, givers, receivers)
    rules = policy(levels=STACK)
    made = redistribute(year, rules, time_limit=20)
    assert made.backend == "columns"
    assert check(year, made) == []
    other = redistribute(year, rules, backend="highs", time_limit=20)
    for mine, theirs in zip(made.objective, other.objective, strict=True):
        if mine.status != "optimal" or theirs.status != "optimal":
            break
        assert mine.value == theirs.value, mine.level


# --- the bilateral process ------------------------------------------------------------------------


@settings(max_examples=scaled(300), deadline=None, derandomize=True, suppress_health_check=SLOW)
@given(markets(), trading_policies(("bilateral",)), st.integers(0, 3))
def test_the_process_is_what_its_definition_gives(year: Instance, rules: Policy, seed: int) -> None:
    made = redistribute(year, rules, seed=seed)
    assert set(made.transfers) == replay_deals(year, rules, made.order)
    assert list(forbidden(year, rules, made.transfers)) == []
    assert check(year, made) == []
    if rules.redistribution.process == "deferred":
        assert made.spread is not None
        assert all(s.certain for s in made.spread.values())


def bilateral_year() -> Instance:
    """Two givers of 4, the near receiver has room for 4, the far one for 2."""
    return market(
        town("0001", less=4), town("0002", less=4),
        town("0003", more=4, latitude=Decimal("60.1")), town("0004", more=2, latitude=Decimal(62)),
    )  # fmt: skip


def test_who_offers_first_decides() -> None:
    made = redistribute(bilateral_year(), policy(scope="bilateral", draws=50))
    assert made.spread is not None
    first = made.spread["0001"]
    assert (first.least, first.most, first.none, first.whole > 0) == (2, 4, 0, True)
    assert first.mean == Fraction(4 * first.whole + 2 * (50 - first.whole), 50)
    assert made.spread["0003"].certain
    assert made.spread["0004"].certain


def test_a_clearing_house_removes_the_arbitrariness() -> None:
    rules = policy(scope="bilateral", process="deferred", draws=50)
    made = redistribute(bilateral_year(), rules)
    assert made.spread is not None
    assert all(s.certain for s in made.spread.values())
    assert sorted(given_by(made).values()) == [2, 4]


def test_the_national_optimum_stands_beside_it() -> None:
    rules = policy(scope="bilateral", levels=("granted", "equal-givers"))
    made = redistribute(bilateral_year(), rules, beside_optimum=True)
    assert made.optimum is not None
    assert made.optimum.status == "optimal"
    assert made.optimum.objective[0].value == -6


# --- hand-made violations -------------------------------------------------------------------------


def violations(year: Instance, rules: Policy, *trades: tuple[str, str, int]) -> str:
    from fordela.models.instance import Transfer

    return "; ".join(forbidden(year, rules, [Transfer(*t) for t in trades]))


def four_towns() -> Instance:
    year = market(
        town("0001", less=500), town("0002", less=200), town("0003", more=400),
        town("0004", more=300, county_code="02", county="D"),
    )  # fmt: skip
    return year.with_changes(pairs=(("0001", "0003"),))


@pytest.mark.parametrize(
    ("limit", "single", "granted"),
    [(None, False, 700), (1, False, 500), (None, True, 600), (1, True, 400)],
)
def test_a_limit_on_givers_with_one_receiver_and_with_several(
    limit: int | None, single: bool, granted: int
) -> None:
    """0001 wishes 500 less and 0002 200, both in one county; 400 and 300 are wished for.

    With one receiver each 0001 hands 400 and 0002 200; alone 0001 does better than 0002.
    """
    free = {"whole_shares": False, "least_kept": 0, "least_received": 0, "levels": ("granted",)}
    rules = policy(most_givers_per_county=limit, one_receiver=single, **free)
    made = redistribute(four_towns(), rules, workers=1)
    assert sum(t.share for t in made.transfers) == granted
    assert (
        violations(four_towns(), rules, *((t.giver, t.receiver, t.share) for t in made.transfers)) == ""
    )


BROKEN = [
    ({}, [("0001", "0003", 501)], "0001 hands away more than it wishes"),
    ({}, [("0001", "0003", 300), ("0002", "0003", 101)], "0003 takes over more than it wishes"),
    ({}, [("0003", "0004", 1)], "0003 hands away more than it wishes"),
    ({}, [("0001", "0003", 1), ("0001", "0004", 1)], "0001 has more than one receiver"),
    ({"scope": "county"}, [("0001", "0004", 1)], "crosses a county border"),
    ({"scope": "listed"}, [("0002", "0003", 1)], "is not a listed pair"),
    ({"whole_shares": True}, [("0001", "0003", 150)], "is not in whole per mille"),
    ({"least_kept": 9_600}, [("0001", "0003", 401)], "keeps less than the least share"),
    ({"least_received": 100}, [("0001", "0003", 99)], "takes over less than is of use"),
    ({"most_givers_per_county": 1}, [("0001", "0003", 1), ("0002", "0003", 1)], "has 2 givers"),
]


@pytest.mark.parametrize(("keys", "trades", "expected"), BROKEN)
def test_what_the_policy_forbids(
    keys: dict[str, object], trades: list[tuple[str, str, int]], expected: str
) -> None:
    assert expected in violations(four_towns(), policy(**keys), *trades)
    assert violations(four_towns(), policy(**keys), ("0001", "0003", 400 if not keys else 300)) == ""


def test_false_claims_about_levels() -> None:
    year = four_towns()
    made = redistribute(year, policy(levels=("granted", "partners")))
    honest = Solution.of_transfers(made)
    assert honest.trades is not None
    first, second = honest.trades.objective
    assert {v.rule for v in check(year, honest)} == set()

    def broken(*claims: object, status: str = "optimal") -> set[str]:
        trades = replace(honest.trades, objective=claims, status=status)  # type: ignore[type-var]
        return {v.rule for v in check(year, replace(honest, trades=trades))}

    assert broken(replace(first, value=Fraction(-699)), second) == {"objective"}
    assert broken(first) == {"objective"}
    assert broken(replace(first, bound=Fraction(-701)), second) == {"bound"}
    assert broken(replace(first, bound=None), second) == {"bound"}
    assert broken(first, second, status="feasible") == {"status"}
    assert {v.rule for v in check(year, replace(honest, trades=None))} == {"redistribution"}


def test_a_process_that_was_not_followed() -> None:
    year = bilateral_year()
    honest = Solution.of_transfers(redistribute(year, policy(scope="bilateral")))
    assert honest.trades is not None
    other = replace(honest.trades, order=honest.trades.order[::-1])
    assert {v.rule for v in check(year, replace(honest, trades=other))} == {"order"}
    assert {v.rule for v in check(year, replace(honest, transfers=()))} == {"process"}
    short = replace(honest.trades, order=honest.trades.order[:1])
    assert {v.rule for v in check(year, replace(honest, trades=short))} == {"order"}


def test_levels_by_hand() -> None:
    """0001 hands 4 of 5 to 0003 in its county, 0002 hands 2 of 2 to 0004 across the border."""
    from fordela.models.instance import Transfer

    year = four_towns().with_changes(transfers_last_year=(Transfer("0001", "0004", 100),))
    made = (Transfer("0001", "0003", 400), Transfer("0002", "0004", 200))
    rules = policy()
    value = {level: worth(level, year, rules, made) for level in
             ("granted", "within-county", "partners", "continuity", "equal-givers",
              "leximin-givers", "leximin-receivers")}  # fmt: skip
    assert value["granted"] == -600
    assert value["within-county"] == 200
    assert value["partners"] == 2
    assert value["continuity"] == 1
    # G = R = 700, so everyone is entitled to all of its wish.
    assert value["equal-givers"] == Fraction(100**2, 500)
    assert value["leximin-givers"] == (Fraction(1, 5), 0)
    assert value["leximin-receivers"] == (Fraction(1, 3), 0)
