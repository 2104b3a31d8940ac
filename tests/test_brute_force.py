"""Brute force against every backend and every norm; the checker looks at every answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fordela.instances.catalogue import load_instance
from fordela.models.check import check
from fordela.models.errors import FordelaError, InfeasibleError
from fordela.models.instance import Instance
from fordela.models.policy import IN_FORCE, NORMS, Policy
from fordela.models.result import Status
from fordela.solver.brute_force import brute_force
from fordela.solver.comparison import compare
from fordela.solver.optimal import rule_bearers
from fordela.solver.redistribution.decide import redistribute
from fordela.solver.solve import solve
from hypothesis import assume, given, settings

from tests.strategies import instances, optimal_policies, scaled

#: CBC starts a process for every program, so it gets fewer examples.
EXAMPLES = {"highs": 1500, "cp-sat": 1500, "cbc": 400}
NORM_EXAMPLES = {"highs": 100, "cp-sat": 100, "cbc": 40}


def assert_equals_brute_force(instance: Instance, policy: Policy, backend: str) -> None:
    transfers = redistribute(instance, policy).transfers
    try:
        expected = brute_force(instance, policy, transfers, rule_bearers(instance), 5_000)
    except FordelaError:
        assume(False)
    if expected is None:
        with pytest.raises(InfeasibleError):
            solve(instance, policy, backend=backend, workers=1)
        return
    result = solve(instance, policy, backend=backend, workers=1)
    assert tuple(o.value for o in result.objective) == expected
    assert result.status is Status.OPTIMAL
    assert check(instance, result) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_any_stack_of_levels(name: str) -> None:
    @settings(max_examples=scaled(EXAMPLES[name], part=6))
    @given(instances(), optimal_policies())
    def run(instance: Instance, policy: Policy) -> None:
        assert_equals_brute_force(instance, policy, name)

    run()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_norm(name: str, norm: str) -> None:
    policy = IN_FORCE.with_changes(
        name="norm", rule="optimal", levels=("over-capacity", f"deviation:{norm}")
    )

    @settings(max_examples=scaled(NORM_EXAMPLES[name]))
    @given(instances())
    def run(instance: Instance) -> None:
        assert_equals_brute_force(instance, policy, name)

    run()


def test_prices_are_what_holding_a_level_costs() -> None:
    """The price of a level is the next value minus its optimum without that level."""
    policy = IN_FORCE.with_changes(
        name="p", rule="optimal", levels=("over-capacity", "deviation:chi2"), scope="none"
    )
    without = policy.with_changes(levels=("deviation:chi2",))
    priced = 0

    @settings(max_examples=scaled(600))
    @given(instances())
    def run(instance: Instance) -> None:
        nonlocal priced
        price = solve(instance, policy, workers=1).objective[0].price
        both = brute_force(instance, policy, ())
        free = brute_force(instance, without, ())
        assert both is not None
        assert free is not None
        assert price == both[1] - free[0]  # type: ignore[operator]
        priced += price != 0

    run()
    assert priced > 5


def test_a_comparison_never_contradicts_itself() -> None:
    """Every stack's own allocation is among those that it is compared with."""

    @settings(max_examples=scaled(250))
    @given(instances(), optimal_policies())
    def run(instance: Instance, policy: Policy) -> None:
        try:
            found = compare(instance, [policy], norms=("l1", "chi2"), workers=1)
        except InfeasibleError:
            return
        for gaps in (found.policies[0].own, found.policies[0].unrestricted):
            for gap in gaps.values():
                assert gap.difference is not None
                assert gap.difference >= 0

    run()


def test_siblings_of_whom_one_is_placed_are_among_the_compared() -> None:
    """One place each, so cases b and f keep one child each: nobody is split, nobody is whole."""
    year = load_instance("textbook")
    places = tuple(replace(m, capacity=1) for m in year.municipalities)
    year = year.with_changes(municipalities=places)
    levels = ("unplaced", "siblings-split", "deviation:min-fulfilment", "moves")
    policy = IN_FORCE.with_changes(name="soft", rule="optimal", capacity="hard", levels=levels)
    figures = compare(year, [policy], norms=("l1",)).policies[0]
    assert figures.unplaced == 4
    assert figures.own["l1"].difference == 0
