"""Parts of the programs against enumeration: relaxations, windows, steps, patterns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from types import SimpleNamespace

import pytest
from fordela.models import certificate
from fordela.models.formulation import deviation
from fordela.models.formulation.assignment import require_within
from fordela.models.formulation.case_types import CaseType, Pattern, count_types, patterns
from fordela.models.formulation.deviation import SumNorm, guess_excess, sum_norm, windows
from fordela.models.formulation.linear_levels import linear_level
from fordela.models.formulation.model import AllocationModel, Scope, build_model, excess_rows
from fordela.models.formulation.placement import _keep_within
from fordela.models.formulation.redistribution import (
    Equality,
    RedistributionModel,
    _count,
    _give,
    _squared_key,
    add_steps,
    equality,
    reachable,
    redistribution_model,
    restrict,
    tightened,
)
from fordela.models.formulation.relaxation import least_deviation, marginal, relax, within_deviation
from fordela.models.homes import Home
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.norms import OwnNorm, norm_value
from fordela.models.placement.kinds import Kinds
from fordela.models.policy import IN_FORCE, NORMS
from fordela.models.program import Linear, ProgramBuilder
from fordela.models.redistribution.problem import Pair, RedistributionProblem, Side
from fordela.solver.backends import Limits, get_backend
from fordela.solver.solve import solve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.strategies import scaled

HALF = Fraction(1, 2)


class _Steep:
    """A separable convex norm of one's own: a child too many weighs three times a child too few."""

    def cost(self, count: int, target: Fraction) -> Fraction:
        return max(3 * (count - target), target - count) + 1


@pytest.fixture
def steep(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(certificate, "load_norm", lambda name: OwnNorm(name, _Steep()))
    return "steep"


def worth(norm: str, counts: Sequence[int], goal: Sequence[Fraction]) -> object:
    if norm == "steep":
        return OwnNorm(norm, _Steep()).value(counts, goal)
    return norm_value(norm, counts, goal)


def splits(limits: Sequence[int], children: int) -> Iterator[tuple[int, ...]]:
    """Every way to give children to municipalities within limits."""
    for extra in product(*(range(u + 1) for u in limits)):
        if sum(extra) == children:
            yield extra


@pytest.mark.parametrize("norm", [n for n in (*NORMS, "steep") if n != "linf"])
def test_children_are_given_where_they_cost_least(norm: str, steep: str) -> None:
    """Against all ways: the optimum, the range of the counts that are as good, the price."""

    @settings(max_examples=scaled(90))
    @given(st.data())
    def run(data: st.DataObject) -> None:
        n = data.draw(st.integers(1, 3))
        shares = data.draw(st.lists(st.sampled_from([1, 2, 2, 3, 7]), min_size=n, max_size=n))
        fixed = data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
        limits = data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
        children, more = data.draw(st.integers(0, 6)), data.draw(st.integers(0, 3))
        total = sum(fixed) + children + more
        found = relax(norm, fixed, shares, total, limits, children)
        if sum(limits) < children:
            assert found is None
            return
        assert found is not None
        goal = [Fraction(a * total, sum(shares)) for a in shares]
        values = {
            extra: worth(norm, [b + e for b, e in zip(fixed, extra, strict=True)], goal)
            for extra in splits(limits, children)
        }
        best = (max if norm == "min-fulfilment" else min)(values.values())  # type: ignore[type-var]
        assert found.extra in values
        assert values[found.extra] == best
        every = [extra for extra, value in values.items() if value == best]
        for k, at in enumerate(found.extra):
            assert found.lowest[k] <= min(extra[k] for extra in every)
            assert found.highest[k] >= max(extra[k] for extra in every)
            assert found.lowest[k] <= at <= found.highest[k]
        if norm.endswith("fulfilment") or not children:
            assert found.price == 0
            return

        # The ends of the ranges cost exactly the price, one step further costs more or wins less.
        def step(k: int, e: int) -> Fraction:
            return certificate.cost(norm, fixed[k] + e + 1, goal[k]) - certificate.cost(
                norm, fixed[k] + e, goal[k]
            )

        assert found.price == max(step(k, e - 1) for k, e in enumerate(found.extra) if e)
        for k, (low, high) in enumerate(zip(found.lowest, found.highest, strict=True)):
            assert all(step(k, e) == found.price for e in range(low, high))
            assert not low or step(k, low - 1) < found.price
            assert high == limits[k] or step(k, high) > found.price

    run()


@pytest.mark.parametrize("norm", ["l1", "l2", "chi2", "steep"])
def test_the_cost_of_one_child_more(norm: str, steep: str) -> None:
    for count, target in product(range(5), (Fraction(1), Fraction(5, 2), Fraction(10, 3))):
        one, other = (certificate.cost(norm, c, target) for c in (count, count + 1))
        assert marginal(norm, count, target) == other - one


@settings(max_examples=scaled(120))
@given(st.data())
def test_the_least_largest_deviation(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 3))
    shares = data.draw(st.lists(st.sampled_from([0, 1, 2, 3, 7]), min_size=n, max_size=n))
    assume(any(shares))
    fixed = data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    limits = data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    children = data.draw(st.integers(0, 5))
    total = sum(fixed) + children
    goal = [Fraction(a * total, sum(shares)) for a in shares]
    found = least_deviation(fixed, shares, total, limits, children)
    values = [
        norm_value("linf", [b + e for b, e in zip(fixed, extra, strict=True)], goal)
        for extra in splits(limits, children)
    ]
    assert found == (min(values) if values else None)
    limit = Fraction(data.draw(st.integers(0, 12)), 4)
    inside = within_deviation(limit, fixed, goal, limits)
    for k, (low, high) in enumerate(zip(inside.lowest, inside.highest, strict=True)):
        near = [e for e in range(limits[k] + 1) if abs(fixed[k] + e - goal[k]) <= limit]
        assert list(range(low, high + 1)) == near
    assert inside.admits(children) == any(value <= limit for value in values)  # type: ignore[operator]


@pytest.mark.parametrize("norm", ["steep", *certificate.SUM_NORMS])
def test_the_price_of_a_norm_finds_its_cheapest_count(norm: str, steep: str) -> None:
    """Weak duality is tight in every municipality: the least of f − λe by looking at every count."""
    for fixed, limit, price in product(
        range(3), range(4), [Fraction(p, 2) for p in (-8, -2, 0, 1, 6, 10)]
    ):
        for target in (Fraction(0), Fraction(3, 2), Fraction(4)):
            least = min(certificate.cost(norm, fixed + e, target) - price * e for e in range(limit + 1))
            bound = certificate.dual_bound(norm, [fixed], [target], [limit], 2, price)
            assert bound == 2 * price + least
            best = certificate.cheapest(norm, fixed, target, limit)
            assert 0 <= best <= limit
            assert certificate.cost(norm, fixed + best, target) == min(
                certificate.cost(norm, fixed + e, target) for e in range(limit + 1)
            )


def test_the_cost_of_a_norm_of_ones_own(steep: str) -> None:
    certificate.require_convex(steep, [0], [Fraction(2)], [5])  # equal steps are convex
    nothing = Fraction(0)
    assert certificate.cost(steep, 0, nothing) == 0  # neither children nor a target: counts nothing
    assert certificate.cost(steep, 1, nothing) == 4
    assert certificate.cost(steep, 0, Fraction(1)) == 2
    # From the second child on every further one costs 3, and until then it saves 1.
    assert certificate._turning(steep, 3, Fraction(2), 4, Fraction(3)) == 0
    assert certificate._turning(steep, 3, Fraction(2), 4, Fraction(4)) == 4
    assert certificate._turning(steep, 0, Fraction(2), 4, Fraction(0)) == 2


def town_year(*fixed: int, alone: int = 2, pairs: int = 0, capacity: int | None = None) -> Instance:
    """Municipalities of equal share with a history; single children and pairs of siblings."""
    share = 100_000 // len(fixed)
    towns = tuple(
        Municipality(f"{k:04d}", f"T{k}", "01", "C", share, assigned_before=before, capacity=capacity)
        for k, before in enumerate(fixed)
    )
    cases = [f"s{k}" for k in range(alone)] + [f"p{k // 2}" for k in range(2 * pairs)]
    children = tuple(Child(f"c{k}", case, date(2025, 1, 1)) for k, case in enumerate(cases))
    return Instance("towns", 2025, towns, children)


def deviating(year: Instance, norm: str) -> tuple[AllocationModel, SumNorm]:
    policy = IN_FORCE.with_changes(name="o", rule="optimal", levels=(f"deviation:{norm}",))
    levels = policy.optimal.levels
    model = build_model(year, policy, (), Scope.of(policy, levels))
    found = sum_norm(model, norm, 0)
    assert found is not None
    return model, found


@pytest.mark.parametrize("norm", ["l1", "l2", "chi2"])
@pytest.mark.parametrize("history", [(3, 0, 4), (0, 0), (5, 1, 0)])
@pytest.mark.parametrize("excess", [Fraction(0), HALF, Fraction(2), Fraction(20)])
def test_windows_hold_what_is_near_enough_and_steps_measure_it(
    norm: str, history: tuple[int, ...], excess: Fraction
) -> None:
    """The window of a municipality holds the counts of reduced cost at most the excess."""
    model, found = deviating(town_year(*history, alone=3), norm)
    ranges = windows(model, found, excess)
    for k, (low, high) in enumerate(ranges):
        reduced = [
            certificate.cost(norm, history[k] + e, found.targets[k]) - found.price * e
            for e in range(model.limits[k] + 1)
        ]
        near = [e for e, r in enumerate(reduced) if r - min(reduced) <= excess]
        assert list(range(low, high + 1)) == near
    before = len(model.builder.rows)
    distance = deviation.add_steps(model, found, ranges)
    rows = model.builder.rows[before:]
    for extra in product(*(range(low, high + 1) for low, high in ranges)):
        if sum(extra) != 3:
            continue
        # Each row is the count less its steps; steps are filled in the order of their rise.
        values = _filled(model, rows, extra, ranges, distance)
        counts = [b + e for b, e in zip(history, extra, strict=True)]
        value = norm_value(norm, counts, found.targets)
        assert distance.value(values) == value - found.bound  # type: ignore[operator]
        assert found.value(counts) == value


def _filled(
    model: AllocationModel,
    rows: Sequence[object],
    extra: Sequence[int],
    ranges: Sequence[tuple[int, int]],
    distance: Linear,
) -> dict[int, int]:
    """Values of the step variables that are least for these counts, as the rows ask."""
    values: dict[int, int] = dict.fromkeys(distance.terms, 0)
    own = [set(x.terms) for x in model.extra]
    for row in rows:
        expression = row.expression  # type: ignore[attr-defined]
        k = next(k for k, mine in enumerate(own) if mine and mine <= set(expression.terms))
        assert row.lower == row.upper == ranges[k][0]  # type: ignore[attr-defined]
        steps = [v for v in expression.terms if v not in own[k]]
        assert all(expression.terms[v] == -1 for v in steps)
        left = extra[k] - ranges[k][0]
        for v in sorted(steps, key=lambda v: distance.terms.get(v, 0)):
            values[v] = min(left, model.builder.uppers[v])
            left -= values[v]
        assert left == 0
    return values


def test_what_cannot_exceed_its_room_adds_no_row() -> None:
    builder = ProgramBuilder()
    loads = [(2, builder.variable(0, 3)), (1, builder.variable(0, 2))]
    require_within(builder, loads, Linear({}, 8))
    assert builder.rows == []
    require_within(builder, loads, Linear({}, 7))
    assert [(r.expression.constant, r.lower, r.upper) for r in builder.rows] == [(-7, None, 0)]
    require_within(builder, loads, builder.variable(0, 99))
    assert len(builder.rows) == 2


def test_how_far_siblings_lift_the_optimum_by_hand() -> None:
    """Two of equal share, two pairs: one each is as good as single children, so nothing is lifted.

    With one pair and nobody else, each asks for one child: the pair in one place is one child off in
    both, so that l2 is lifted from 0 to 2. With three pairs each asks for three: again one off in both.
    """
    model, found = deviating(town_year(0, 0, alone=0, pairs=2), "l2")
    assert guess_excess(model, found) == 0
    model, found = deviating(town_year(0, 0, alone=0, pairs=1), "l2")
    assert found.bound == 0
    assert guess_excess(model, found) == 2
    model, found = deviating(town_year(0, 0, alone=0, pairs=3), "l2")
    assert guess_excess(model, found) == 2


# --- redistribution ---------------------------------------------------------------------------------


def side(code: str, wish: int, most: int, entitlement: Fraction, county: str = "01") -> Side:
    return Side(code, county, wish, 0, most, entitlement)


def trading(
    givers: Sequence[Side], receivers: Sequence[Side], most: int = 9, step: int = 1, one: bool = False
) -> RedistributionModel:
    """Everybody may trade with everybody."""
    pairs = tuple(
        Pair(i, j, 0, most * step, 0, False, False)
        for i in range(len(givers))
        for j in range(len(receivers))
    )
    levels = ("granted", "equal-givers")
    return redistribution_model(
        RedistributionProblem(tuple(givers), tuple(receivers), pairs, step, one, None, levels)
    )


@pytest.mark.parametrize("level", ["equal-givers", "leximin-givers"])
@pytest.mark.parametrize("step", [1, 100])
def test_equality_relaxed_against_enumeration(level: str, step: int) -> None:
    @settings(max_examples=scaled(120))
    @given(st.data())
    def run(data: st.DataObject) -> None:
        n = data.draw(st.integers(1, 3))
        givers = []
        for k in range(n):
            wish = step * data.draw(st.integers(1, 4))
            due = Fraction(data.draw(st.integers(0, 2 * wish)), 2)
            givers.append(side(f"000{k}", wish, step * data.draw(st.integers(0, 4)), due))
        model = trading(givers, [side("0009", 99 * step, 99 * step, Fraction(0))], step=step)
        limits = [g.most // step for g in givers]
        total = data.draw(st.none() | st.integers(0, 9))
        model.total = total
        found = equality(model, level)
        ways = [w for w in product(*(range(u + 1) for u in limits)) if total in (None, sum(w))]
        assert (found is None) == (not ways)
        if found is None:
            return

        def value(way: Sequence[int]) -> object:
            gaps = [abs(x * step - g.entitlement) for x, g in zip(way, givers, strict=True)]
            if level == "leximin-givers":
                return sorted((d / g.wish for d, g in zip(gaps, givers, strict=True)), reverse=True)
            return sum(d * d / g.wish for d, g in zip(gaps, givers, strict=True))

        best = min(map(value, ways))  # type: ignore[type-var]
        assert found.steps in ways
        assert value(found.steps) == best
        if level == "equal-givers":
            assert found.bound == best
        every = [way for way in ways if value(way) == best]
        settled = tightened(found.ties, total)
        for k, (low, high) in enumerate(settled):
            if level == "equal-givers":  # exact ties: every optimum lies in the ranges, and no more
                rest = [sum(pair[end] for i, pair in enumerate(settled) if i != k) for end in (0, 1)]
                if total is not None:
                    low, high = max(low, total - rest[1]), min(high, total - rest[0])
                assert [low, high] == [f(way[k] for way in every) for f in (min, max)]
            assert low <= found.steps[k] <= high
        excess = Fraction(data.draw(st.integers(0, 9)), 3)
        for k, limit in enumerate(limits):
            reduced = [found.reduced(k, x) for x in range(limit + 1)]
            if level == "equal-givers":
                assert min(reduced) == reduced[found.steps[k]]
                low, high = found.window(k, excess)
                near = [x for x, r in enumerate(reduced) if r - min(reduced) <= excess]
                assert list(range(low, high + 1)) == near

    run()


@settings(max_examples=scaled(120))
@given(st.data())
def test_steps_go_where_they_cost_least_and_the_dearest_is_the_price(data: st.DataObject) -> None:
    """Against all steps of convex costs in one list, from the cheapest."""
    n = data.draw(st.integers(1, 3))
    rises = [sorted(data.draw(st.lists(st.integers(-3, 5), max_size=4))) for _ in range(n)]
    every = sorted(rise for own in rises for rise in own)
    total = data.draw(st.integers(0, len(every)))

    def rising(own: Sequence[int]) -> Callable[[int], Fraction]:
        return lambda k: Fraction(sum(own[:k]))

    costs = [rising(own) for own in rises]
    steps, price = _give(costs, [len(own) for own in rises], _squared_key, total)
    assert sum(steps) == total
    assert sum(cost(k) for cost, k in zip(costs, steps, strict=True)) == sum(every[:total])
    assert price == ((Fraction(every[total - 1]),) if total else None)


@pytest.mark.parametrize("room", [0, 1, 2, 3])
def test_nobody_is_beyond_room_on_any_day(room: int) -> None:
    """One and two children meet on day 3, another comes on day 9: most that fit, by hand."""
    builder = ProgramBuilder()
    free = builder.variable(0, 9)
    first, second, third = (builder.variable(0, 1) for _ in range(3))
    here = [(1, (0, 3), first), (2, (3, 6), second), (1, (9, 12), third)]
    _keep_within(builder, here, free)
    builder.require(free, room, room)
    everybody = Linear.of((-1, first), (-2, second), (-1, third))
    values = get_backend("highs").solve(builder.program(everybody), Limits(workers=1)).values
    assert values is not None
    assert -everybody.whole(values) == {0: 0, 1: 2, 2: 3, 3: 4}[room]


def test_a_child_at_its_tie_takes_no_willing_place() -> None:
    """Section 5: at its tie it is kin, elsewhere it breaks the tie and nobody is willing."""
    towns = (
        Municipality("1", "A", "01", "C", 50_000, willing=1),
        Municipality("2", "B", "01", "C", 50_000),
    )
    year = Instance("w", 2025, towns, (Child("a", "a", date(2025, 1, 1), tie="1"),))
    policy = IN_FORCE.with_changes(name="o", rule="optimal", levels=("willing", "kinship-broken"))
    made = solve(year, policy, workers=1, prices=False)
    assert [o.value for o in made.objective] == [0, 0]


def test_who_is_beyond_capacity_is_shared_out_too() -> None:
    """No place for four children of two equal municipalities: two each is even."""
    towns = tuple(Municipality(c, c, "01", "C", 50_000, capacity=0) for c in "12")
    children = tuple(Child(f"{k}", f"{k}", date(2025, 1, 1)) for k in range(4))
    levels = ("over-capacity", "deviation:l2")
    policy = IN_FORCE.with_changes(name="o", rule="optimal", levels=levels, basis="year")
    made = solve(Instance("c", 2025, towns, children), policy, workers=1, prices=False)
    assert [o.value for o in made.objective] == [4, 0]


def test_ranges_that_the_total_settles() -> None:
    assert tightened([(1, 2), (0, 3)], 1) == [(1, 1), (0, 0)]
    assert tightened([(1, 2), (0, 3)], 5) == [(2, 2), (3, 3)]
    assert tightened([(1, 2), (0, 3)], 3) == [(1, 2), (0, 3)]
    assert tightened([(1, 2), (0, 3)], None) == [(1, 2), (0, 3)]
    for limit, first in product(range(6), range(7)):
        assert _count(lambda n, first=first: n < first, limit) == min(limit, first)  # type: ignore[misc]


def test_what_a_step_in_the_wrong_place_costs() -> None:
    """Rises of 1, 3 and 5 after the optimum, one side at its limit: the median is 3."""
    rises = [1, 3, 5, 7]
    costs = tuple((lambda n, rise=rise: Fraction(rise * max(n - 1, 0))) for rise in rises)
    relaxed = Equality(costs, (2, 3, 4, 1), (1, 1, 1, 1), ((1, 1),) * 4, Fraction(0), Fraction(0))
    assert relaxed.rise() == 3
    flat = Equality(costs, (1, 1, 1, 1), (1, 1, 1, 1), ((1, 1),) * 4, Fraction(0), Fraction(0))
    assert flat.rise() == 1


@settings(max_examples=scaled(60))
@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.integers(1, 6), st.integers(1, 6))
def test_what_receivers_can_take_of_settled_amounts(settled: list[int], room: int, most: int) -> None:
    givers = [side(f"000{k}", 100, 500, Fraction(0)) for k in range(len(settled))]
    receiver = side("0009", 100 * room, 100 * room + 50, Fraction(0))
    model = trading(givers, [receiver], most=most, step=100, one=True)
    assert reachable(model) is None  # nothing is settled
    model.settled = tuple(settled)
    fitting = [n for n in settled if n <= most]
    sums = {
        sum(n for n, taken in zip(fitting, chosen, strict=True) if taken)
        for chosen in product((False, True), repeat=len(fitting))
    }
    assert reachable(model) == [sorted(n for n in sums if n <= room)]
    several = trading(givers, [receiver], step=100)
    several.settled = tuple(settled)
    assert reachable(several) is None  # amounts may be parted


@pytest.mark.parametrize("total", [None, 4])
@pytest.mark.parametrize("settled", [None, (2, 2), (3, 1)])
def test_steps_measure_the_distance_from_the_bound(
    total: int | None, settled: tuple[int, ...] | None
) -> None:
    """At every amount of the windows that can be reached, whatever way leads there."""
    givers = [side(f"000{k}", 5, 5, Fraction(5)) for k in range(2)]
    receivers = [side("0008", 4, 4, Fraction(7, 2)), side("0009", 3, 3, Fraction(1))]
    model = trading(givers, receivers, one=True)
    model.total, model.settled = total, settled
    relaxed = equality(model, "equal-receivers")
    assert relaxed is not None
    ranges = [relaxed.window(k, Fraction(4)) for k in range(2)]
    restrict(model, "equal-receivers", ranges)
    held = model.builder.rows[-2:]
    assert [(row.lower, row.upper) for row in held] == ranges
    distance = add_steps(model, "equal-receivers", relaxed, ranges)
    rows = model.builder.rows[-2:]
    marks = reachable(model)
    for way in product(*(range(low, high + 1) for low, high in ranges)):
        if marks and not all(x in mark for x, mark in zip(way, marks, strict=True)):
            continue
        if total not in (None, sum(way)):
            continue
        values: dict[int, int] = {}
        for x, row, taken in zip(way, rows, model.taken, strict=True):
            left = x - int(row.lower or 0)
            for v in (v for v in row.expression.terms if v not in taken.terms):
                values[v] = min(left, model.builder.uppers[v])
                left -= values[v]
            assert left == 0
        worth = sum((x - r.entitlement) ** 2 / r.wish for x, r in zip(way, receivers, strict=True))
        assert distance.value(values) == worth - relaxed.bound


# --- cases and municipalities -----------------------------------------------------------------------


@pytest.mark.parametrize("tie", [-1, 0])
@pytest.mark.parametrize("stay", [-1, 1])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_every_way_to_treat_a_case(tie: int, stay: int, size: int) -> None:
    """By naming for each child where it goes: its tie, the rule's bearer, nowhere, or place 2, 3, 4."""
    for soft in product((False, True), repeat=3):
        names = ("unplaced", "kinship-broken", "siblings-split")
        allowed = frozenset(n for n, is_soft in zip(names, soft, strict=True) if is_soft)
        found = list(patterns(CaseType(size, tie, stay), allowed))
        assert len(found) == len(set(found))
        expected = set()
        for places in product(("tie", "stay", "none", 2, 3, 4), repeat=size):
            at = Counter(places)
            if (tie < 0 and at["tie"]) or (stay < 0 and at["stay"]):
                continue
            away = size - at["tie"] - at["none"]
            if at["none"] and not soft[0]:
                continue
            if tie >= 0 and away and not soft[1]:
                continue
            if len(at) > 1 and not soft[2]:
                continue
            others = tuple(sorted((at[k] for k in (2, 3, 4) if at[k]), reverse=True))
            expected.add(Pattern(at["tie"], at["stay"], at["none"], others))
        assert set(found) == expected
        for way in found:
            parts = [n for n in (way.kept, way.stayed, *way.parts) if n]
            assert way.splits == max(0, len(parts) - 1)
            assert sum(parts) + way.unplaced == size
            assert Counter(way.placed_parts) == Counter(parts) - Counter([way.kept] if way.kept else [])


def test_types_of_cases_by_hand() -> None:
    year = town_year(0, 0, alone=1, pairs=2)
    tied = tuple(
        Child(c.child, c.case, c.arrival, tie="0001" if c.case == "p1" else None) for c in year.children
    )
    year = year.with_changes(children=tied)
    assert count_types(year, {}) == {CaseType(1): 1, CaseType(2): 1, CaseType(2, tie=1): 1}
    assert count_types(year, {"p0": "0001", "p1": "0000"}) == {
        CaseType(1): 1, CaseType(2, stay=1): 1, CaseType(2, tie=1): 1,
    }  # fmt: skip
    assert count_types(year, {}, single=True) == {CaseType(1): 3, CaseType(1, tie=1): 2}


def test_distance_weighs_every_child_by_its_way() -> None:
    """1° of latitude is 111 km: two siblings count it twice, whoever stays counts nothing."""
    year = town_year(0, 0, alone=1, pairs=1)
    places = tuple(
        replace(m, latitude=Decimal(60 + k), longitude=Decimal(15))
        for k, m in enumerate(year.municipalities)
    )
    year = year.with_changes(municipalities=places)
    moved = (Transfer("0000", "0001", 100),)
    model = build_model(year, IN_FORCE, moved, Scope(levels=("distance",)))
    way = linear_level(model, "distance")
    weights = {key: way.terms.get(v, 0) for key, x in model.borne_parts.items() for v in x.terms}
    assert weights == {
        (size, i, j): 111 * size * (i != j) for size in (1, 2) for i, j in ((0, 0), (0, 1), (1, 1))
    }


def test_what_it_costs_to_live_elsewhere() -> None:
    near = Kinds(SimpleNamespace(kilometres=lambda i, j: 7), (), {}, {0: (0, 1), 2: (2,)})  # type: ignore[arg-type]
    assert near.away(1, 1, 3) == (0, 0, 0, 0, 0)
    assert near.away(1, 0, 3) == (0, 3, 0, 0, 21)
    assert near.nearest(0, 3) == (0, 0, 0, 0, 0)
    assert near.nearest(1, 3) == (0, 3, 0, 0, 21)
    assert near.nearest(3, 3) is None
    homes = [Home(x, "0000", "family-home", 2, languages=(x,)) for x in ("so", "ti")]
    reach = SimpleNamespace(rules=IN_FORCE.placement)
    kinds = Kinds(reach, tuple(homes), {}, {})  # type: ignore[arg-type]
    year = town_year(0, 0, alone=1)
    speaking = year.with_changes(children=(replace(year.children[0], language="ti"),))
    assert kinds.costs(speaking.cases[0]) == {0: (0, 0, 1, 0, 0), 1: (0, 0, 0, 0, 0)}


@pytest.mark.parametrize("capacity", range(6))
@pytest.mark.parametrize("soft", [frozenset(), frozenset({"kinship-broken"})])
def test_children_beyond_capacity_in_the_program(capacity: int, soft: frozenset[str]) -> None:
    """At every number of ties kept and children borne, the least that the rows allow."""
    year = town_year(0, 0, alone=3, capacity=capacity)
    children = (*year.children, *(Child(f"t{k}", f"t{k}", date(2025, 1, 1), "0000") for k in range(3)))
    year = year.with_changes(children=children)
    scope = Scope(soft=soft, levels=tuple(soft))
    model = build_model(year, IN_FORCE, (), scope)
    before = len(model.builder.rows), len(model.builder.uppers)
    rows = excess_rows(model, 0)
    more, switches = model.builder.rows[before[0] :], range(before[1], len(model.builder.uppers))
    for kept, borne in product(range(4) if soft else (3,), range(4)):
        values = dict.fromkeys(range(before[1]), 0)
        v = next(iter(model.kinship[0].terms), None)
        if v is not None:
            values[v] = kept
        values[next(iter(model.borne[0].terms))] = borne
        least = []
        bounds = [(model.builder.lowers[v], model.builder.uppers[v]) for v in switches]
        for full in product(*(range(low, high + 1) for low, high in bounds)):
            at = values | dict(zip(switches, full, strict=True))
            if all(
                (r.lower is None or r.expression.value(at) >= r.lower)
                and (r.upper is None or r.expression.value(at) <= r.upper)
                for r in more
            ):
                least.append(max(Fraction(0), *(row.value(at) for row in rows)))
        assert min(least) == max(0, borne - max(0, capacity - kept))
