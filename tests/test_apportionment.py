"""Published apportionment tables, and the PyPI package ``apportionment``, as oracles.

Votes are shares, seats are children without ties, and nobody has a history.
"""

from __future__ import annotations

import warnings
from datetime import date
from fractions import Fraction

import pytest
from fordela.models.formulation.relaxation import least_deviation, relax
from fordela.models.instance import Child, Instance, Municipality
from fordela.models.norms import norm_value
from fordela.models.policy import IN_FORCE
from fordela.solver.order import signpost
from fordela.solver.queue import Line, shift_for
from fordela.solver.solve import solve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.strategies import scaled

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from apportionment.methods import compute

BALINSKI_YOUNG = (5117, 4400, 162, 161, 160)
FINE = (9061, 7179, 5259, 3319, 1182)
SMALL = (450, 350, 199, 1)

#: Votes, seats, signpost, result: `field.md`, after Balinski and Young.
TABLES = [
    (BALINSKI_YOUNG, 100, "before", (51, 43, 2, 2, 2)),
    (BALINSKI_YOUNG, 100, "after", (52, 45, 1, 1, 1)),
    (FINE, 26, "before", (9, 7, 5, 3, 2)),
    (SMALL, 50, "before", (22, 17, 10, 1)),
]


def by_signpost(votes: tuple[int, ...], seats: int, name: str) -> tuple[int, ...]:
    """Apportion with the rule's own line and signpost, without an instance around it."""
    shift = shift_for(2 * max(votes))

    def key(k: int) -> int:
        top, bottom = signpost(name, got[k], 1, votes[k])
        return (top << shift) // bottom

    got = [0] * len(votes)
    line = Line([key(k) for k in range(len(votes))], list(range(len(votes))))
    for _ in range(seats):
        pick = line.pick(lambda _: True)
        assert pick is not None
        got[pick.member] += 1
        line.change(pick.member, key(pick.member))
    return tuple(got)


def year(shares: tuple[int, ...], children: int) -> Instance:
    """Return a year without history whose shares are given in units."""
    return Instance(
        name="votes",
        year=2025,
        municipalities=tuple(
            Municipality(f"{k:04d}", f"P{k}", "01", "X", share) for k, share in enumerate(shares)
        ),
        children=tuple(Child(f"{k}", f"{k}", date(2025, 1, 1)) for k in range(children)),
    )


@pytest.mark.parametrize(("votes", "seats", "name", "expected"), TABLES)
def test_published_tables_by_the_method(
    votes: tuple[int, ...], seats: int, name: str, expected: tuple[int, ...]
) -> None:
    assert by_signpost(votes, seats, name) == expected


@pytest.mark.parametrize(("votes", "seats", "name", "expected"), [TABLES[0], TABLES[1], TABLES[3]])
def test_published_tables_by_the_rule(
    votes: tuple[int, ...], seats: int, name: str, expected: tuple[int, ...]
) -> None:
    shares = tuple(v * 100_000 // sum(votes) for v in votes)
    result = solve(year(shares, seats), IN_FORCE.with_changes(signpost=name))
    assert result.counts.total == expected


@pytest.mark.parametrize(
    ("norm", "expected"),
    [("min-fulfilment", TABLES[0][3]), ("max-fulfilment", TABLES[1][3])],
)
@pytest.mark.parametrize("backend", ["highs", "cp-sat", "cbc"])
def test_published_tables_by_the_optimum(norm: str, expected: tuple[int, ...], backend: str) -> None:
    shares = tuple(v * 10 for v in BALINSKI_YOUNG)
    policy = IN_FORCE.with_changes(rule="optimal", levels=(f"deviation:{norm}",))
    assert solve(year(shares, 100), policy, backend=backend).counts.total == expected


def oracle(method: str, votes: list[int], seats: int) -> tuple[int, ...]:
    return tuple(compute(method, votes, seats, fractions=True, verbose=False))


VOTES = st.lists(st.integers(1, 3000), min_size=2, max_size=8)


@pytest.mark.parametrize(
    ("name", "method"), [("midpoint", "saintelague"), ("after", "dhondt"), ("before", "adams")]
)
def test_signposts_are_divisor_methods(name: str, method: str) -> None:
    @settings(max_examples=scaled(150))
    @given(VOTES, st.integers(1, 60))
    def run(votes: list[int], seats: int) -> None:
        assume(seats >= len(votes))
        ours = by_signpost(tuple(votes), seats, name)
        theirs = oracle(method, votes, seats)
        if ours != theirs:  # a tie: both are right if the marginal quotients are equal
            marginal = [signpost(name, n - 1, 1, v) for n, v in zip(ours, votes, strict=True)]
            other = [signpost(name, n - 1, 1, v) for n, v in zip(theirs, votes, strict=True)]
            assert max(Fraction(a, b) for a, b in marginal) == max(Fraction(a, b) for a, b in other)

    run()


@pytest.mark.parametrize(
    ("norm", "method"),
    [
        ("l1", "hamilton"), ("l2", "hamilton"), ("linf", "hamilton"), ("chi2", "saintelague"),
        ("max-fulfilment", "dhondt"), ("min-fulfilment", "adams"),
    ],
)  # fmt: skip
def test_norms_are_the_methods_they_should_be(norm: str, method: str) -> None:
    """Section 4: with single children and nothing else, the optimum is a known method."""

    @settings(max_examples=scaled(150))
    @given(VOTES, st.integers(1, 60))
    def run(votes: list[int], seats: int) -> None:
        assume(seats >= len(votes))
        n, units = len(votes), sum(votes)
        if method == "hamilton":
            # Between equal remainders the package goes by position even past a larger one
            # (votes 1, 1, 5 and 4 seats give it 1, 1, 2), so ties at the cut are left out.
            remainders = sorted((v * seats % units for v in votes), reverse=True)
            left = seats - sum(v * seats // units for v in votes)
            assume(left == 0 or remainders[left - 1] != remainders[left])
        goal = [Fraction(v * seats, units) for v in votes]
        theirs = norm_value(norm, oracle(method, votes, seats), goal)
        if norm == "linf":
            ours = least_deviation([0] * n, votes, seats, [seats] * n, seats)
        else:
            found = relax(norm, [0] * n, votes, seats, [seats] * n, seats)
            assert found is not None
            ours = norm_value(norm, found.extra, goal)  # type: ignore[assignment]
        if norm.endswith("fulfilment"):  # the package breaks ties in its own way
            assert theirs[0] == ours[0]  # type: ignore[index]
        else:
            assert theirs == ours

    run()
