"""Packings by columns against brute force: knapsacks, bounds, proofs, and first solutions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from random import Random
from time import monotonic

import numpy as np
from fordela.solver.packing.heuristics import dive, first_packing
from fordela.solver.packing.knapsack import (
    NEVER,
    Values,
    best_columns,
    best_with_each,
    columns_worth,
)
from fordela.solver.packing.master import Root
from fordela.solver.packing.partition import choose
from fordela.solver.packing.problem import Column, Cost, Packing
from fordela.solver.packing.solve import Packer
from fordela.solver.packing.transport import transport_prices
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.strategies import scaled


@st.composite
def packings(draw: st.DrawFn) -> Packing:
    """Up to six items of one to three amounts, two or three bins, some pairs not allowed."""
    n, m = draw(st.integers(2, 6)), draw(st.integers(2, 3))
    rng = Random(draw(st.integers(0, 10**6)))
    least = np.array([rng.randint(1, 4) for _ in range(n)])
    most = least + np.array([rng.choice([0, 0, 1, 2]) for _ in range(n)])
    low = np.array([rng.randint(0, 6) for _ in range(m)])
    high = low + np.array([rng.choice([0, 0, 1, 3]) for _ in range(m)])
    rate = np.array([[rng.randint(-3, 9) for _ in range(m)] for _ in range(n)])
    once = np.array([[rng.randint(0, 4) for _ in range(m)] for _ in range(n)])
    allowed = np.array([[rng.random() < 0.85 for _ in range(m)] for _ in range(n)])
    other = np.array([[rng.randint(0, 2) for _ in range(m)] for _ in range(n)])
    held = ((Cost(other, other * 0), rng.randint(2, 12)),) if rng.random() < 0.4 else ()
    required = np.array([rng.random() < 0.6 for _ in range(n)])
    return Packing(least, most, required, low, high, allowed, Cost(rate, once), held)


def all_packings(packing: Packing) -> Iterator[list[Column]]:
    options = []
    for i in range(packing.items):
        some = range(int(packing.least[i]), int(packing.most[i]) + 1)
        used = [(j, x) for j in range(packing.bins) if packing.allowed[i, j] for x in some]
        options.append(used if packing.required[i] else [*used, (0, 0)])
    for chosen in product(*options):
        bins = np.array([j for j, _ in chosen])
        amounts = np.array([x for _, x in chosen])
        columns = packing.columns(amounts, bins)
        if packing.admits(columns):
            yield columns


def cost(packing: Packing, columns: list[Column]) -> int:
    return sum(packing.cost.column(c) for c in columns)


@settings(max_examples=scaled(200))
@given(packings(), st.integers(0, 100))
def test_a_packing_is_solved_to_its_proven_optimum(packing: Packing, seed: int) -> None:
    solutions = list(all_packings(packing))
    assume(solutions)
    start = Random(seed).choice(solutions)
    near = np.zeros((packing.bins, packing.bins), np.int64)
    packed = Packer(packing, start, monotonic() + 60, near).solve(transport_prices(packing))
    least = min(cost(packing, s) for s in solutions)
    assert packed.value == cost(packing, packed.columns) == least
    assert packing.admits(packed.columns)
    assert packed.bound == least


@settings(max_examples=scaled(200))
@given(packings(), st.integers(0, 10**6))
def test_every_price_proves_a_bound(packing: Packing, seed: int) -> None:
    """Weak duality holds for any prices, also wild ones."""
    solutions = [cost(packing, s) for s in all_packings(packing)]
    assume(solutions)
    rng = np.random.default_rng(seed)
    root = Root(packing)
    duals = rng.normal(0, 20, packing.items + packing.bins + len(packing.held))
    prices = root.whole(duals)
    bound = prices.bound(packing, best_columns(packing, prices.values(packing)))
    assert bound <= min(solutions)


def all_columns(packing: Packing, j: int) -> Iterator[tuple[tuple[int, int], ...]]:
    options = [
        [0, *range(int(packing.least[i]), int(packing.most[i]) + 1)] if packing.allowed[i, j] else [0]
        for i in range(packing.items)
    ]
    for amounts in product(*options):
        items = tuple((i, x) for i, x in enumerate(amounts) if x)
        if packing.low[j] <= sum(x for _, x in items) <= packing.high[j]:
            yield items


@settings(max_examples=scaled(200))
@given(packings(), st.integers(0, 10**6))
def test_knapsacks_find_and_list_what_enumeration_does(packing: Packing, seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (packing.items, packing.bins)
    values = Values(rng.integers(-20, 40, shape), rng.integers(-5, 5, shape))
    priced = best_columns(packing, values)
    with_each = best_with_each(packing, values)

    def worth(j: int, items: tuple[tuple[int, int], ...]) -> int:
        return sum(int(values.top[i, j] - values.slope[i, j] * x) for i, x in items)

    for j in range(packing.bins):
        columns = list(all_columns(packing, j))
        assert (priced[j].column is None) == (not columns)
        if not columns:
            continue
        best = max(worth(j, c) for c in columns)
        assert priced[j].worth == best
        chosen = priced[j].column
        assert chosen is not None
        assert worth(j, chosen[1]) == best
        for i in range(packing.items):
            mine = [worth(j, c) for c in columns if i in dict(c)]
            assert with_each[i, j] == (max(mine) if mine else NEVER)
        least = best - 15
        listed = [c for _, c in columns_worth(packing, values, j, least, 10**6) or ()]
        assert columns_worth(packing, values, j, least, 0) is None
        assert sorted(listed) == sorted(c for c in columns if worth(j, c) >= least)


def test_choosing_columns_needs_every_bin_and_item_once() -> None:
    none = np.zeros((2, 2), np.int64)
    packing = Packing(
        np.array([1, 2]), np.array([1, 2]), np.array([True, True]), np.array([1, 2]),
        np.array([2, 2]), np.array([[True, True]] * 2), Cost(none + 1, none),
    )  # fmt: skip
    good: list[Column] = [(0, ((0, 1),)), (1, ((1, 2),))]
    assert choose(packing, [*good, (0, ((1, 2),))], 10, 5).columns == good
    missing = choose(packing, [good[0]], 10, 5)
    assert missing.columns is None
    assert missing.proven
    assert choose(packing, good, 3, 5).columns is None  # they cost 3, and it must be less


def larger(seed: int) -> Packing:
    """Thirty items and five bins whose fills are those of a hidden solution."""
    rng = Random(seed)
    amounts = np.array([rng.randint(20, 90) for _ in range(30)])
    hidden = np.array([rng.randrange(5) for _ in range(30)])
    fills = np.array([int(amounts[hidden == j].sum()) for j in range(5)])
    rate = np.array([[rng.randint(10, 900) for _ in range(5)] for _ in range(30)])
    return Packing(
        amounts, amounts, np.ones(30, np.bool_), fills, fills, np.ones((30, 5), np.bool_),
        Cost(rate, rate * 0),
    )  # fmt: skip


def test_exact_fills_are_found_and_improved() -> None:
    for seed in range(3):
        packing = larger(seed)
        first = first_packing(packing, seed, lambda: False)
        assert first is not None
        assert packing.admits(first)
        root = Root(packing)
        for column in first:
            root.master.add(column)
        assert root.generate(lambda: False)
        assert root.bound is not None
        assert root.bound <= cost(packing, first)
        found = dive(root, lambda: False)
        assert found is None or Fraction(cost(packing, found)) >= root.bound


def test_a_limit_leaves_an_honest_bound() -> None:
    packing = larger(5)
    first = first_packing(packing, 0, lambda: False)
    assert first is not None
    near = np.zeros((5, 5), np.int64)
    short = Packer(packing, first, monotonic() + 0.2, near).solve(transport_prices(packing))
    longer = Packer(packing, first, monotonic() + 30, near).solve(transport_prices(packing))
    assert short.bound is not None
    assert longer.bound is not None
    assert short.bound <= longer.value <= short.value
    assert longer.bound <= longer.value
    none = Packer(packing, first, monotonic(), near).solve(transport_prices(packing))
    assert none.bound is None
    assert not none.proven
