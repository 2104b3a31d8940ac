"""Prices and programs cut down by them, against every combination of values."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from fordela.models.program import Domain, Linear, Program, Row
from fordela.models.result import Status
from fordela.solver.backends import Limits, get_backend
from fordela.solver.backends.base import Answer
from fordela.solver.backends.highs import Highs
from fordela.solver.backends.priced import Priced
from fordela.solver.backends.prices import price
from fordela.solver.generalised import UNIT, _rises, assign
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import scaled

NUMBERS = st.one_of(
    st.integers(-3, 3), st.fractions(-3, 3, max_denominator=7), st.just(Fraction(2**30, 7))
)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Up to five whole variables, rows limited on either side, costs whole or not."""
    n = draw(st.integers(1, 5))
    lowers = tuple(draw(st.integers(0, 1)) for _ in range(n))
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        terms = {v: draw(NUMBERS) for v in range(n) if draw(st.booleans())}
        low = draw(st.one_of(st.none(), st.integers(-4, 4)))
        high = draw(st.one_of(st.none(), st.integers(-2, 8)))
        if low is not None and high is not None and high < low:
            high = None
        rows.append(Row(Linear(terms, draw(st.integers(-1, 1))), low, high))
    whole = draw(st.booleans())
    costs = {v: draw(st.integers(-3, 5) if whole else NUMBERS) for v in range(n)}
    return Program(
        lowers,
        tuple(low + draw(st.integers(0, 3)) for low in lowers),
        (Domain.WHOLE,) * n,
        tuple(rows),
        Linear(costs, draw(st.integers(-2, 2))),
        (tuple(range(draw(st.integers(0, n)))),),
    )


def solutions(program: Program) -> list[tuple[int, ...]]:
    """Every solution."""
    ranges = [range(a, b + 1) for a, b in zip(program.lowers, program.uppers, strict=True)]
    return [values for values in product(*ranges) if admits(program, values)]


def admits(program: Program, values: tuple[int, ...] | list[int]) -> bool:
    return all(
        (row.lower is None or row.expression.value(values) >= row.lower)
        and (row.upper is None or row.expression.value(values) <= row.upper)
        for row in program.rows
    )


@settings(max_examples=scaled(400), deadline=None)
@given(programs(), st.integers(0, 4))
def test_prices_bound_every_solution_and_leave_out_none_that_is_good(
    program: Program, slack: int
) -> None:
    prices = price(program, Limits())
    if prices is None:
        return
    within = prices.within(Fraction(slack))
    for values in solutions(program):
        cost = program.objective.value(values)
        assert cost >= prices.bound
        if cost <= prices.bound + slack:
            above = [v for v in range(len(values)) if values[v] > program.lowers[v]]
            assert all(within[v] for v in above)


@pytest.mark.parametrize("backend", ["highs", "cp-sat"])
@settings(max_examples=scaled(150), deadline=None)
@given(program=programs(), hint=st.booleans())
def test_a_priced_backend_finds_what_trying_everything_finds(
    backend: str, program: Program, hint: bool
) -> None:
    every = solutions(program)
    start = every[-1] if every and hint else None
    answer = Priced(get_backend(backend), least=0).solve(program, Limits(workers=1), start)
    if not every:
        assert answer.status is Status.INFEASIBLE
        return
    best = min(program.objective.value(values) for values in every)
    assert answer.status is Status.OPTIMAL
    assert answer.values is not None
    assert admits(program, answer.values)
    assert abs(program.objective.value(answer.values) - best) <= Fraction(answer.tolerance)
    assert answer.bound is not None
    assert answer.bound <= float(best) + 1e-6


class Blind:
    """An engine that finds nothing in time, or only the first solution that it is given."""

    name, version = "blind", "0"

    def solve(self, program: Program, limits: Limits, start: object = None) -> Answer:
        return Answer(Status.UNKNOWN, None, None, 0.0)


def test_a_priced_backend_claims_nothing_without_a_solution() -> None:
    row = Row(Linear({0: 2}), 5, None)
    program = Program((0,), (9,), (Domain.WHOLE,), (row,), Linear({0: 1}), ((0,),))
    answer = Priced(Blind(), least=0).solve(program, Limits())
    assert answer.status is Status.UNKNOWN
    assert answer.values is None
    assert answer.bound == 3  # 2.5 by the relaxation, and whole


def presolved() -> tuple[Program, list[int]]:
    """A program with a solution that HiGHS once called infeasible (docs/adr/0004)."""
    path = Path(__file__).parent / "data" / "infeasible_by_presolve.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    program = Program(
        tuple(data["lowers"]),
        tuple(data["uppers"]),
        tuple(Domain.WHOLE if whole else Domain.IMPLIED for whole in data["whole"]),
        tuple(Row(Linear(dict(map(tuple, terms))), low, high) for terms, low, high in data["rows"]),
        Linear(),
    )
    return program, data["solution"]


@pytest.mark.parametrize("backend", ["highs", "cp-sat", "cbc"])
def test_a_program_with_a_solution_is_not_called_infeasible(backend: str) -> None:
    program, solution = presolved()
    assert admits(program, solution)
    answer = get_backend(backend).solve(program, Limits(workers=1))
    assert answer.status is Status.OPTIMAL
    assert answer.values is not None
    assert admits(program, answer.values)


def test_an_optimum_that_its_own_bound_does_not_meet_is_not_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """HiGHS 1.13.1 has called 2 optimal while its own bound stood at 1."""
    from fordela.solver.backends import highs

    program = Program((0,), (9,), (Domain.WHOLE,), (Row(Linear({0: 2}), 5, None),), Linear({0: 1}))
    runs = []

    def never(*_: object) -> bool:
        runs.append(1)
        return False

    monkeypatch.setattr(highs, "_meets", never)
    answer = Highs().solve(program, Limits(workers=1))
    assert answer.status is Status.FEASIBLE
    assert answer.values == [3]
    assert len(runs) == 3


@settings(max_examples=scaled(100), deadline=None)
@given(st.data())
def test_a_pair_lifts_a_knapsack_by_what_trying_everything_says(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 6))
    values = data.draw(st.lists(st.integers(-9, 4), min_size=n, max_size=n))
    weights = data.draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    capacity = data.draw(st.integers(0, 9))
    sets = [
        chosen
        for chosen in product((0, 1), repeat=n)
        if sum(w for w, c in zip(weights, chosen, strict=True) if c) <= capacity
    ]

    def worth(chosen: tuple[int, ...]) -> int:
        return sum(v for v, c in zip(values, chosen, strict=True) if c)

    rises = _rises(np.array(values), np.array(weights), capacity)
    for k in range(n):
        with_it = [worth(chosen) for chosen in sets if chosen[k]]
        if with_it:
            assert rises[k] == min(with_it) - min(map(worth, sets))
        else:
            assert rises[k] > 100 * UNIT


def test_jobs_that_do_not_fit_are_proven_not_to() -> None:
    found = assign([[1, 1], [1, 1]], [[5, 5], [5, 5]], [5, 4], get_backend("highs"), Limits())
    assert found.infeasible
    assert found.agents is None
    assert not found.proven


def test_another_number_of_threads_in_the_same_process() -> None:
    """HiGHS refuses a second number of threads unless its threads are started anew."""
    program = Program((0,), (9,), (Domain.WHOLE,), (Row(Linear({0: 2}), 5, None),), Linear({0: 1}))
    for workers in (1, 2, None, 1, 3):
        answer = Highs().solve(program, Limits(workers=workers))
        assert answer.status is Status.OPTIMAL
        assert answer.values == [3]
