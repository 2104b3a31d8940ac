"""Hindsight optima without a solver, against trying every allocation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from fordela.models.norms import first_component, is_better, norm_value
from fordela.models.policy import NORMS
from fordela.solver.whole_cases.least import _least_single, _relaxed, least
from fordela.solver.whole_cases.packing import fits, pack
from fordela.solver.whole_cases.pool import Pool
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import scaled


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    n = draw(st.integers(1, 4))
    shares = tuple(draw(st.lists(st.integers(0, 60), min_size=n, max_size=n).filter(any)))
    fixed = tuple(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)))
    sizes = {
        s: k for s in (1, 2, 3) if (k := draw(st.integers(0, 3 if s == 1 else 2)))
    }  # fmt: skip
    children = sum(s * k for s, k in sizes.items())
    total, units = sum(fixed) + children, sum(shares)
    goal = tuple(Fraction(a * total, units) for a in shares)
    return Pool(
        fixed, shares, tuple(children if a else 0 for a in shares), sizes, tuple(range(n)), True,
        goal, total,
    )  # fmt: skip


def every_way(pool: Pool) -> Iterator[tuple[int, ...]]:
    """Untied children by owner in every allocation that keeps cases whole."""
    cases = [size for size, number in pool.sizes.items() for _ in range(number)]
    owners = [k for k, a in enumerate(pool.shares) if a]

    def give(at: int, extra: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if at == len(cases):
            yield extra
            return
        for k in owners:
            yield from give(at + 1, (*extra[:k], extra[k] + cases[at], *extra[k + 1 :]))

    return iter(set(give(0, (0,) * len(pool.shares))))


def best_of_all(pool: Pool, norm: str) -> Fraction:
    best = None
    for extra in every_way(pool):
        credited = [f + e for f, e in zip(pool.fixed, extra, strict=True)]
        value = first_component(norm_value(norm, credited, pool.goal))
        if best is None or is_better(norm, value, best):
            best = value
    assert best is not None
    return best


@settings(max_examples=scaled(150), deadline=None)
@given(pools(), st.sampled_from(NORMS))
def test_what_is_called_least_is_the_least(pool: Pool, norm: str) -> None:
    if not pool.total:
        return
    found = least(pool, norm)
    if found is not None:
        assert found == best_of_all(pool, norm)
    elif norm in ("linf", "min-fulfilment", "max-fulfilment"):
        raise AssertionError("a single figure is always found on so few cases")


@settings(max_examples=scaled(150), deadline=None)
@given(pools(), st.sampled_from(("linf", "min-fulfilment", "max-fulfilment")))
def test_the_search_needs_no_luck(pool: Pool, norm: str) -> None:
    """The search over values finds the least by itself, also where the relaxation would do."""
    bound, _ = _relaxed(pool, norm) if pool.total else (None, None)
    if bound is not None:
        assert _least_single(pool, norm, bound) == best_of_all(pool, norm)


@settings(max_examples=scaled(200), deadline=None)
@given(pools(), st.data())
def test_fitting_is_decided_exactly(pool: Pool, data: st.DataObject) -> None:
    bounds = st.tuples(st.integers(0, 6), st.integers(0, 9))
    ranges: Sequence[tuple[int, int]] = [
        data.draw(bounds) if limit else (0, 0) for limit in pool.limits
    ]
    possible = any(
        all(low <= e <= high for e, (low, high) in zip(extra, ranges, strict=True))
        for extra in every_way(pool)
    )
    assert fits(pool, ranges) is possible
    packed = pack(pool, ranges)
    if packed is not None:
        assert packed in set(every_way(pool))
        assert all(low <= e <= high for e, (low, high) in zip(packed, ranges, strict=True))


def test_the_surest_norms_are_found_at_once() -> None:
    """The first and the second case of one child fit any optimum; a pair does not always."""
    singles = Pool((0, 0), (50, 50), (2, 2), {1: 2}, (0, 1), True, (Fraction(1),) * 2, 2)
    pair = Pool((0, 0), (50, 50), (2, 2), {2: 1}, (0, 1), True, (Fraction(1),) * 2, 2)
    assert [least(singles, norm) for norm in NORMS] == [0, 0, 0, 0, 1, 1]
    assert least(pair, "chi2") is None
    assert [least(pair, norm) for norm in ("linf", "min-fulfilment", "max-fulfilment")] == [1, 0, 2]
