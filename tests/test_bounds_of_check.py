"""What the checker proves with, against enumeration: exchanges, prices, flows, counting, deals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from fordela.models.allocation import Assignment
from fordela.models.check import values
from fordela.models.check.deals import replay_deals
from fordela.models.check.exchange import Amount, least_sum, least_vector
from fordela.models.check.gaps import _TOLERANCE, _is_tolerance, _one
from fordela.models.check.hindsight import Question, _least, question_of
from fordela.models.check.objective import _is_better
from fordela.models.check.proofs import Box, Proof, Prover, _cheapest, dual_bound
from fordela.models.check.solution import LevelClaim
from fordela.models.check.trade_proofs import TradeProver, greatest_flow
from fordela.models.check.trades import _divide, forbidden, worth
from fordela.models.check.values import Counted, norm_value, part
from fordela.models.errors import InputError
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import CHOICES, IN_FORCE, NORMS
from fordela.models.redistribution.entitlement import RULES
from fordela.models.wishes import Wish
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.strategies import scaled

SUMS = ("l1", "l2", "chi2")


def ways(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    return product(*(range(low, high + 1) for low, high in ranges))


@st.composite
def amounts(draw: st.DrawFn, squares: bool) -> list[Amount]:
    """Up to three members of one or two groups, each with what it is due."""

    def of(due: Fraction, weight: int) -> Callable[[int], Fraction]:
        return lambda x: (abs(x - due) ** 2 if squares else abs(x - due)) / weight

    made = []
    for k in range(draw(st.integers(1, 3))):
        low, more = draw(st.integers(0, 1)), draw(st.integers(0, 3))
        now = draw(st.integers(low, low + more))
        due = Fraction(draw(st.integers(0, 8)), 2)
        group = draw(st.sampled_from(["a", "a", "b"])) if k else "a"
        made.append(Amount(now, low, low + more, of(due, draw(st.sampled_from([1, 1, 2]))), group))
    return sorted(made, key=lambda a: a.group)


def others(members: Sequence[Amount], *, free: bool) -> list[tuple[int, ...]]:
    """All ways with the same sum in each group, or with any."""

    def sums(way: Sequence[int]) -> list[int]:
        pairs = list(zip(way, members, strict=True))
        return [sum(x for x, a in pairs if a.group == g) for g in sorted({a.group for a in members})]

    at = sums([a.now for a in members])
    return [way for way in ways([(a.low, a.high) for a in members]) if free or sums(way) == at]


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("squares", [False, True])
def test_an_exchange_proves_what_enumeration_finds(squares: bool, free: bool) -> None:
    prove = least_sum if squares else least_vector

    @settings(max_examples=scaled(180))
    @given(amounts(squares))
    def run(members: list[Amount]) -> None:
        def value(way: Sequence[int]) -> object:
            parts = [a.part(x) for x, a in zip(way, members, strict=True)]
            return sum(parts) if squares else sorted(parts, reverse=True)

        every = others(members, free=free)
        best = min(map(value, every))  # type: ignore[type-var]
        found = prove(members, free=free)
        assert (found is not None) == (value([a.now for a in members]) == best)
        if found is None:
            return
        optima = [way for way in every if value(way) == best]
        for k, (a, tight) in enumerate(zip(members, found, strict=True)):
            assert a.low <= tight.low <= min(way[k] for way in optima)
            assert a.high >= tight.high >= max(way[k] for way in optima)
            if len(members) == 1 or not squares:
                # One step each at most, and what may move does so in some optimum.
                assert tight.low == min(way[k] for way in optima)
                assert tight.high == max(way[k] for way in optima)

    run()


def test_only_steps_that_others_save_may_move() -> None:
    """Costs 0 0 4 and 0 2: at (1, 0) a step between them would cost 2 and save 0."""

    def table(*costs: int) -> Callable[[int], Fraction]:
        return lambda x: Fraction(costs[x])

    first = Amount(1, 0, 2, table(0, 0, 4))
    second = Amount(0, 0, 1, table(0, 2))
    fixed = least_sum([first, second], free=False)
    assert fixed is not None
    assert [(a.low, a.high) for a in fixed] == [(1, 1), (0, 0)]
    free = least_sum([first, second], free=True)
    assert free is not None
    assert [(a.low, a.high) for a in free] == [(0, 1), (0, 0)]
    alone = least_sum([first], free=False)  # the sum leaves no choice
    assert alone is not None
    assert [(a.low, a.high) for a in alone] == [(1, 1)]


@settings(max_examples=scaled(150))
@given(st.data(), st.sampled_from(SUMS))
def test_a_price_bounds_what_enumeration_finds(data: st.DataObject, norm: str) -> None:
    n = data.draw(st.integers(1, 3))

    def draw(most: int) -> tuple[int, ...]:
        return tuple(data.draw(st.lists(st.integers(0, most), min_size=n, max_size=n)))

    fixed, low = draw(3), draw(1)
    high = tuple(a + b for a, b in zip(low, draw(3), strict=True))
    children = data.draw(st.integers(sum(low), sum(high)))
    goal = [Fraction(k, 2) for k in draw(9)]
    price = Fraction(data.draw(st.integers(-6, 6)), 2)
    for b, t, least, most in zip(fixed, goal, low, high, strict=True):
        reduced = {e: part(norm, b + e, t) - price * e for e in range(least, most + 1)}
        best = [e for e, r in reduced.items() if r == min(reduced.values())]
        assert _cheapest(norm, b, t, least, most, price) == (best[0], best[-1])
    bound = dual_bound(norm, Box(fixed, low, high, children), goal, price)
    assert bound == price * children + sum(
        min(part(norm, b + e, t) - price * e for e in range(least, most + 1))
        for b, t, least, most in zip(fixed, goal, low, high, strict=True)
    )


@pytest.mark.parametrize("norm", NORMS)
def test_the_least_in_hindsight_against_enumeration(norm: str) -> None:
    @settings(max_examples=scaled(90))
    @given(st.data())
    def run(data: st.DataObject) -> None:
        n = data.draw(st.integers(1, 3))

        def draw(most: int) -> tuple[int, ...]:
            return tuple(data.draw(st.lists(st.integers(0, most), min_size=n, max_size=n)))

        fixed, most = draw(3), draw(4)
        goal = tuple(Fraction(k, 2) for k in draw(7))
        children = data.draw(st.integers(0, sum(most)))
        values = []
        for extra in ways([(0, u) for u in most]):
            if sum(extra) == children:
                value = norm_value(norm, [a + b for a, b in zip(fixed, extra, strict=True)], list(goal))
                values.append(value)
        best = (max if norm == "min-fulfilment" else min)(values)
        expected = best if isinstance(best, Fraction) else (best or (Fraction(0),))[0]
        assert (
            _least(norm, fixed, most, tuple(t.as_integer_ratio() for t in goal), children) == expected
        )

    run()


@settings(max_examples=scaled(150))
@given(st.data())
def test_the_greatest_flow_is_the_least_cut(data: st.DataObject) -> None:
    """Most that can go through is least that must be cut, over every set of givers and receivers."""
    givers, receivers = "ab"[: data.draw(st.integers(1, 2))], "xyz"[: data.draw(st.integers(1, 3))]
    supply = {i: data.draw(st.integers(0, 5)) for i in givers}
    room = {j: data.draw(st.integers(0, 5)) for j in receivers}
    pairs = {
        (i, j): data.draw(st.integers(1, 5))
        for i in givers
        for j in receivers
        if data.draw(st.booleans())
    }
    cuts = []
    for here in product((False, True), repeat=len(givers) + len(receivers)):
        side = dict(zip([*givers, *receivers], here, strict=True))
        cut = sum(units for i, units in supply.items() if not side[i])
        cut += sum(units for j, units in room.items() if side[j])
        cut += sum(units for (i, j), units in pairs.items() if side[i] and not side[j])
        cuts.append(cut)
    assert greatest_flow(supply, room, pairs) == min(cuts)


@settings(max_examples=scaled(120))
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.data())
def test_claims_divided_by_both_definitions(claims: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(claims)))
    for rule in CHOICES["redistribution", "entitlement"]:
        named = {str(k): claim for k, claim in enumerate(claims)}
        assert list(_divide(rule, named, Fraction(amount)).values()) == list(
            RULES[rule](claims, amount)
        )


# --- what is left open ------------------------------------------------------------------------------


@st.composite
def open_years(draw: st.DrawFn) -> Prover:
    """Three or four municipalities, some hand shares on; room, willing places and limits at random."""
    n = draw(st.integers(3, 4))
    shares = [40_000, 30_000, 20_000, 10_000][: n - 1]
    shares.append(100_000 - sum(shares))
    towns = tuple(
        Municipality(
            f"{k}", f"T{k}", "01", "C", share, willing=draw(st.sampled_from([0, 1, 2])),
            capacity=draw(st.sampled_from([None, 0, 1, 2])),
        )
        for k, share in enumerate(shares)
    )  # fmt: skip
    handed = draw(
        st.sampled_from(
            [[], [("0", "2", 40_000)], [("0", "1", 10_000)], [("0", "2", 15_000), ("1", "2", 30_000)]]
        )
    )
    moved = tuple(Transfer(*t) for t in handed)
    ties = draw(st.lists(st.sampled_from([None, None, "0", "1"]), max_size=5))
    children = tuple(Child(f"c{k}", f"c{k}", date(2025, 1, 1), t) for k, t in enumerate(ties))
    owners = draw(st.lists(st.sampled_from("012"), min_size=len(ties), max_size=len(ties)))
    rows = tuple(
        Assignment(c.child, c.case, owner, owner, "equalising", k)
        for k, (c, owner) in enumerate(zip(children, owners, strict=True), 1)
    )
    year = Instance("x", 2025, towns, children, transfers=moved)
    policy = IN_FORCE.with_changes(name="o", rule="optimal", basis="year")
    made = Prover(Counted(year, policy, moved, rows, {}), ())
    box = made.box
    assert box is not None
    low = [draw(st.sampled_from([0, 0, 1])) for _ in box.low]
    high = [least + draw(st.integers(0, 4)) for least in low]
    assume(sum(low) <= box.children <= sum(high))
    made._box = replace(box, low=tuple(low), high=tuple(high))
    return made


@settings(max_examples=scaled(180))
@given(open_years(), st.integers(0, 8).map(lambda k: Fraction(k, 3)))
def test_what_is_left_open_bounds_every_way(made: Prover, deviation: Fraction) -> None:
    """Pools bear what their members own; the least over all ways to own the children."""
    box, instance = made.box, made.year.instance
    assert box is not None
    codes = [m.code for m in instance.municipalities]
    held = dict(zip(codes, (m.share for m in instance.municipalities), strict=True))
    for t in made.year.transfers:
        held[t.giver] -= t.share
        held[t.receiver] += t.share
    kinship = Counter(c.tie for c in instance.children)
    room: dict[str, int | None] = {}
    places: Counter[str] = Counter()
    for m in instance.municipalities:
        if held[m.code]:  # who holds nothing bears nobody
            free = None if m.capacity is None else max(0, m.capacity - kinship[m.code])
            before = room.get(made.pool[m.code], 0)
            room[made.pool[m.code]] = None if None in (before, free) else before + free  # type: ignore[operator]
            places[made.pool[m.code]] += m.willing
    excess, unwilling, near = [], [], []
    for way in ways(list(zip(box.low, box.high, strict=True))):
        if sum(way) != box.children:
            continue
        borne: Counter[str] = Counter()
        for code, extra in zip(codes, way, strict=True):
            borne[made.pool[code]] += extra
        excess.append(sum(max(0, n - r) for p, n in borne.items() if (r := room.get(p, 0)) is not None))
        unwilling.append(-sum(min(n, places[p]) for p, n in borne.items()))
        counts = [b + e for b, e in zip(box.fixed, way, strict=True)]
        near.append(max(abs(c - t) for c, t in zip(counts, made.goal, strict=True)))
    assert made.least("over-capacity") == min(excess)
    assert made.least("willing") == min(unwilling)
    assert made._none_closer(box, deviation) == (not any(d < deviation for d in near))
    tight = [low == high for low, high in zip(box.low, box.high, strict=True)]
    traders = {code for t in made.year.transfers for code in (t.giver, t.receiver)}
    alone = box.children in (sum(box.low), sum(box.high))
    fixed = all(one for one, code in zip(tight, codes, strict=True) if code in traders)
    assert made._traders_settled(box) == (alone or fixed)


@settings(max_examples=scaled(150))
@given(open_years())
def test_the_least_imbalance_is_that_of_the_best_whole_numbers(made: Prover) -> None:
    instance = made.year.instance
    share = {m.code: m.share for m in instance.municipalities}
    owned = Counter(a.owner for a in made.year.assignments)
    due = {code: Fraction(owned[code]) for code in share}
    for t in made.year.transfers:
        due[t.giver] -= Fraction(owned[t.giver] * t.share, share[t.giver])
        due[t.receiver] += Fraction(owned[t.giver] * t.share, share[t.giver])
    total = Fraction(0)
    for pool in set(made.pool.values()):
        mine = [due[code] for code in share if made.pool[code] == pool]
        total += min(
            sum((abs(x - d) for x, d in zip(way, mine, strict=True)), Fraction(0))
            for way in ways([(0, 5)] * len(mine))
            if sum(way) == sum(mine)
        )
    assert made._least_imbalance() == total


def test_whom_hard_capacities_leave_without_a_place() -> None:
    """One of two has no municipality where there is one place; with two or three nobody has none."""
    children = tuple(Child(f"c{k}", f"c{k}", date(2025, 1, 1)) for k in range(2))
    hard = IN_FORCE.with_changes(name="o", rule="optimal", capacity="hard", levels=("unplaced",))
    for capacity, least in ((0, 2), (1, 1), (2, 0), (3, 0), (None, 0)):
        town = Municipality("0", "A", "01", "C", 100_000, capacity=capacity)
        made = Prover(Counted(Instance("x", 2025, (town,), children), hard, (), (), {}), ("unplaced",))
        assert made.least("unplaced") == least


def test_what_a_policy_is_measured_against_by_hand() -> None:
    """Three children, one with a tie that is kept; 2 of history at 0, 1 at 1; 2 has no share."""
    towns = (
        Municipality("0", "A", "01", "C", 60_000, assigned_before=2, willing=1),
        Municipality("1", "B", "01", "C", 40_000, assigned_before=1, capacity=0),
        Municipality("2", "D", "01", "C", 0, willing=1),
    )
    ties = (None, "1", None)
    children = tuple(Child(f"c{k}", f"c{k}", date(2025, 1, 1), t) for k, t in enumerate(ties))
    rows = (
        Assignment("c0", "c0", "0", "0", "equalising", 1),
        Assignment("c1", "c1", "1", "1", "kinship", 2),
        Assignment("c2", "c2", "1", "0", "equalising", 3),
    )
    moved = (Transfer("0", "1", 100),)
    year = Instance("x", 2025, towns, children, transfers=moved)
    asked = question_of(Counted(year, IN_FORCE, moved, rows, {}))
    assert asked.fixed == (2, 1 + 1, 0)
    assert asked.goal == (Fraction(36, 10), Fraction(24, 10), Fraction(0))  # of six children in all
    assert asked.children == 2
    assert asked.most == (2, 2, 0)  # who has no share is credited nothing
    assert asked.over == 1
    assert asked.transfers == (("0", "1", 100),)
    assert asked.bound
    willing = IN_FORCE.with_changes(rule="willing-first")
    assert question_of(Counted(year, willing, moved, rows, {})).most == (2, 2, 1)
    lost = (rows[0], rows[1], replace(rows[2], bearer=None, owner=None, kind="unplaced"))
    soft = IN_FORCE.with_changes(name="o", rule="optimal", levels=("unplaced", "deviation:l1"))
    assert not question_of(Counted(year, soft, moved, lost, {})).bound
    assert question_of(Counted(year, soft, moved, rows, {})).bound
    share = IN_FORCE.with_changes(kinship="within-share")
    tied = (rows[0], replace(rows[1], kind="equalising"), rows[2])
    free = question_of(Counted(year, share, moved, tied, {}))
    assert (free.fixed, free.children, free.most) == ((2, 1, 0), 3, (3, 3, 0))
    other = replace(asked, transfers=(), over=5)
    assert asked.holds(asked, unrestricted=False)
    assert not asked.holds(other, unrestricted=False)
    assert asked.holds(other, unrestricted=True)
    assert not asked.holds(replace(asked, over=2), unrestricted=False)
    assert asked.holds(replace(asked, over=0), unrestricted=False)
    assert not asked.holds(replace(asked, key=()), unrestricted=True)
    assert asked.proof("l1", asked.least("l1"), proven=True) == "counting"
    assert asked.proof("l1", Fraction(0), proven=True) == "engine"
    assert asked.proof("l1", asked.least("l1"), proven=False) is None
    assert replace(asked, bound=False).least("l1") is None
    assert asked.least("mine") is None


class _Own:
    """A norm of one's own, by parts."""

    def cost(self, count: int, target: Fraction) -> object:
        return {7: 0.5, 8: True}.get(count, (count - target) ** 2 + 1)


def test_a_norm_of_ones_own_in_the_checker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "_own", lambda _: _Own())
    one, nothing = Fraction(1), Fraction(0)
    assert part("own", 2, one) == 2
    assert part("own", 0, one) == 2
    assert part("own", 1, nothing) == 2
    assert part("own", 0, nothing) == 0  # neither children nor a target
    assert norm_value("own", (2, 0, 0), (one, one, nothing)) == 4
    for wrong in (7, 8):
        with pytest.raises(InputError, match="must be a whole number"):
            part("own", wrong, one)
    assert _cheapest("own", 0, Fraction(2), 0, 4, nothing) == (2, 2)
    assert _cheapest("own", 0, Fraction(2), 3, 3, nothing) == (3, 3)
    monkeypatch.setattr(values, "_own", lambda _: lambda counts, targets: sum(counts) - len(targets))
    assert norm_value("own", (2, 4), (one, one)) == 4
    with pytest.raises(InputError, match="no cost"):
        _cheapest("own", 0, one, 0, 2, nothing)
    monkeypatch.setattr(values, "_own", lambda _: _Bent())
    assert _cheapest("own", 0, one, 0, 1, nothing) == (1, 1)  # two counts are always convex
    with pytest.raises(InputError, match="not convex"):
        _cheapest("own", 0, one, 0, 2, nothing)
    assert _cheapest("own", 0, one, 1, 3, nothing) == (2, 3)  # and so it is from 1 on


class _Bent:
    """Costs 9, 5, 0, 0 of so many children: the first step saves less than the second."""

    def cost(self, count: int, target: Fraction) -> object:
        return (9, 5, 0, 0)[count]


def test_what_may_be_called_a_tolerance() -> None:
    """So much of the optimum and one more: a larger claim is none, nor is what is no number."""
    assert _is_tolerance(0, None)
    assert _is_tolerance(_TOLERANCE, None)
    assert not _is_tolerance(1.5 * _TOLERANCE, None)
    assert _is_tolerance(10.9 * _TOLERANCE, Fraction(-10))
    assert not _is_tolerance(11.5 * _TOLERANCE, Fraction(-10))
    for wrong in (-_TOLERANCE, True, False, "0", None):
        assert not _is_tolerance(wrong, Fraction(10))


def test_better_by_more_than_the_tolerance() -> None:
    """Of a claimed 1 with a tolerance of a half: 1/4 is better, 1/2 and what is above it are not."""
    claim = LevelClaim("deviation:l1", Fraction(1), Fraction(1), "optimal", tolerance=0.5)
    worth_more = [_is_better(claim, Fraction(k, 4)) for k in range(6)]
    assert worth_more == [True, True, False, False, False, False]
    assert _is_better(replace(claim, tolerance=float("inf")), Fraction(3, 4))
    least = replace(claim, level="deviation:min-fulfilment", value=(Fraction(1),))
    assert [_is_better(least, (Fraction(k, 4),)) for k in (3, 4, 5)] == [False, False, True]


def test_a_least_value_called_proven_has_its_bound() -> None:
    """The policy reaches 3, the least is 2; counting gives no bound for it, so it is an engine's."""
    asked = Question((), (), 0, (), (), (), 0, bound=False)
    gap: dict[str, object] = {
        "value": "3", "optimum": "2", "bound": "2", "difference": "1", "ratio": "1/2",
        "proven": True, "proof": "engine", "tolerance": 0.0,
    }  # fmt: skip

    def wrong(**changes: object) -> bool:
        found = _one("w", "l1", gap | changes, {"p": Fraction(3)}, "p", asked)
        return any("called proven" in v.message for v in found)

    assert not wrong()
    assert wrong(bound="1")
    assert wrong(bound=None)
    assert not wrong(bound="1", proven=False, proof=None)
    assert not wrong(bound="3999999/2000000", tolerance=1e-6)


# --- wishes -----------------------------------------------------------------------------------------


def market(*wishes: Wish, listed: Sequence[tuple[str, str]] = ()) -> Instance:
    """Four municipalities; 1 and 2 lie in one county, 3 and 4 in another."""
    towns = tuple(
        Municipality(
            f"{k}", f"T{k}", f"0{(k + 1) // 2}", f"C{(k + 1) // 2}", 25_000,
            latitude=Decimal(58 + k), longitude=Decimal(15),
        )
        for k in range(1, 5)
    )  # fmt: skip
    return Instance("m", 2025, towns, wishes=wishes, pairs=tuple(listed))


FREE = {"whole_shares": False, "least_kept": 0, "least_received": 0, "one_receiver": False}


@pytest.mark.parametrize("process", ["immediate", "deferred"])
@pytest.mark.parametrize(
    ("least", "room", "deals"),
    [
        (300, 300, {("1", "4"): 300}),  # just what is of use to it
        (300, 299, {}),
        (299, 299, {("1", "4"): 299}),
    ],
)
def test_a_deal_of_just_the_least(
    process: str, least: int, room: int, deals: dict[tuple[str, str], int]
) -> None:
    given_year = market(
        Wish("1", "less", 300, least=least, partner="4"), Wish("4", "more", room, partner="1")
    )
    rules = IN_FORCE.with_changes(scope="bilateral", process=process, **FREE)
    made = {(t.giver, t.receiver): t.share for t in replay_deals(given_year, rules, ["1"])}
    assert made == deals


def test_what_the_checker_knows_of_a_trade_by_hand() -> None:
    """1 and 2 wish 5 and 3 units less, 3 and 4 wish 4 and 0 more: 1 hands 4 to 3."""
    wishes = (Wish("1", "less", 5), Wish("2", "less", 3), Wish("3", "more", 4))
    rules = IN_FORCE.with_changes(scope="national", **FREE)
    made = TradeProver(market(*wishes), rules, (Transfer("1", "3", 4),))
    assert {code: (a.now, a.low, a.high) for code, a in made.sides["givers"].items()} == {
        "1": (4, 0, 4), "2": (0, 0, 3),
    }  # fmt: skip
    assert {code: (a.now, a.low, a.high) for code, a in made.sides["receivers"].items()} == {
        "3": (4, 0, 4)
    }
    assert made._least("granted") == -4
    bound = TradeProver(
        market(*wishes), rules.with_changes(scope="county"), ()
    )  # 3 lies in another county, so nobody can trade
    assert {code: a.high for code, a in bound.sides["givers"].items()} == {"1": 0, "2": 0}
    assert bound._least("granted") == 0
    whole = market(Wish("1", "less", 500), Wish("3", "more", 400))
    steps = TradeProver(whole, rules.with_changes(whole_shares=True), (Transfer("1", "3", 300),))
    assert [(a.now, a.low, a.high) for a in steps.sides["givers"].values()] == [(3, 0, 4)]


@pytest.mark.parametrize("step", [1, 100])
@pytest.mark.parametrize(("level", "power"), [("equal-givers", 2), ("leximin-givers", 1)])
def test_what_is_missing_is_weighed_by_the_wish(level: str, power: int, step: int) -> None:
    """Section 3: squares, or the parts themselves, over the wish. Due are 2 of 4 and 1 of 2 steps."""
    wishes = (Wish("1", "less", 4 * step), Wish("2", "less", 2 * step), Wish("3", "more", 3 * step))
    rules = IN_FORCE.with_changes(scope="national", entitlement="proportional", **FREE)
    rules = rules.with_changes(whole_shares=step == 100)
    moved = (Transfer("1", "3", 2 * step), Transfer("2", "3", step))
    made = TradeProver(market(*wishes), rules, moved)
    assert made.prove(level, worth(level, market(*wishes), rules, moved)) is not None
    for code, due, wish in (("1", 2, 4), ("2", 1, 2)):
        for steps in range(wish + 1):
            off = Fraction((abs(steps - due) * step) ** power, wish * step)
            assert made.sides["givers"][code].part(steps) == off


@pytest.mark.parametrize("kept", [0, 1])
def test_who_hands_all_away_has_no_room_for_anybody(kept: int) -> None:
    """0 hands all to 1, which bears three children with one place; a unit that is kept is a share."""
    towns = (
        Municipality("0", "A", "01", "C", 60_000, capacity=5, willing=2),
        Municipality("1", "B", "01", "C", 40_000, capacity=1, willing=1),
    )
    moved = (Transfer("0", "1", 60_000 - kept),)
    children = tuple(Child(f"c{k}", f"c{k}", date(2025, 1, 1)) for k in range(3))
    rows = [Assignment(c.child, c.case, "1", "1", "equalising", k) for k, c in enumerate(children, 1)]
    policy = IN_FORCE.with_changes(name="o", rule="optimal", levels=("over-capacity", "willing"))
    year = Instance("x", 2025, towns, children, transfers=moved)
    for level, worth_of_it in (("over-capacity", 2), ("willing", -1)):
        made = Prover(Counted(year, policy, moved, rows, {}), policy.optimal.levels)
        assert made.prove(level, Fraction(worth_of_it)) is (None if kept else Proof.COUNTING)


@pytest.mark.parametrize(("at_home", "proof"), [(1, Proof.TRIVIAL), (2, None), (0, None)])
def test_bearers_are_proven_balanced_only_where_they_are(at_home: int, proof: Proof | None) -> None:
    """Of two children of 0, which hands half to 1, one is due to each: else both are one off."""
    towns = (Municipality("0", "A", "01", "C", 100_000), Municipality("1", "B", "01", "C", 0))
    moved = (Transfer("0", "1", 50_000),)
    children = tuple(Child(f"c{k}", f"c{k}", date(2025, 1, 1)) for k in range(2))
    rows = [
        Assignment(c.child, c.case, "0" if k < at_home else "1", "0", "equalising", k + 1)
        for k, c in enumerate(children)
    ]
    policy = IN_FORCE.with_changes(name="o", rule="optimal", basis="year", levels=("bearer-balance",))
    year = Counted(Instance("x", 2025, towns, children, transfers=moved), policy, moved, rows, {})
    value = values.level_value("bearer-balance", year)
    assert value == (0 if at_home == 1 else 2)
    assert Prover(year, policy.optimal.levels).prove("bearer-balance", value) is proof


def test_parts_of_a_market_of_the_checker() -> None:
    """1 and 2 trade in one county, 3 and 4 in another; a limit on givers leaves the market whole."""
    wishes = (Wish("1", "less", 3), Wish("2", "more", 1), Wish("3", "less", 2), Wish("4", "more", 2))
    rules = IN_FORCE.with_changes(scope="county", **FREE)
    made = TradeProver(market(*wishes), rules, ())
    assert made.part == {"1": "1", "2": "1", "3": "3", "4": "3"}
    assert made._least("granted") == -3
    limited = TradeProver(market(*wishes), rules.with_changes(most_givers_per_county=1), ())
    assert limited.part == dict.fromkeys("1234", "")
    joined = TradeProver(market(*wishes), rules.with_changes(scope="national"), ())
    assert joined.part == dict.fromkeys("1234", "1")


@pytest.mark.parametrize(
    "level", ["equal-givers", "equal-receivers", "leximin-givers", "leximin-receivers"]
)
def test_equality_that_is_proven_is_the_best_there_is(level: str) -> None:
    """Against every redistribution of two givers and two receivers; most of the best are proven."""
    proven, best_seen = 0, 0
    wished = [(3, 1, 2, 1), (2, 2, 1, 1), (3, 2, 2, 2), (1, 3, 3, 0)]
    for wishes in wished:
        log = [Wish(f"{k}", "less" if k < 3 else "more", n) for k, n in enumerate(wishes, 1) if n]
        year = market(*log)
        rules = IN_FORCE.with_changes(scope="national", entitlement="proportional", **FREE)
        pairs = [(i, j) for i in "12" for j in "34"]
        made = []
        for units in product(range(4), repeat=4):
            moved = tuple(Transfer(i, j, u) for (i, j), u in zip(pairs, units, strict=True) if u)
            if not list(forbidden(year, rules, moved)):
                made.append(moved)
        values = {moved: worth(level, year, rules, moved) for moved in made}
        best = min(values.values())
        for moved, value in values.items():
            proof = TradeProver(year, rules, moved).prove(level, value)
            assert proof is None or value == best
            proven += proof is not None
            best_seen += value == best
    assert proven > best_seen // 2
