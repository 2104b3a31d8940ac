"""What the checker proves is true, by enumeration; its definitions are those of the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import islice, product
from pathlib import Path

import pytest
from fordela.instances.results import write_result
from fordela.models import holdings
from fordela.models.allocation import Assignment, targets
from fordela.models.check import Solution, check, ledger, proofs
from fordela.models.check import values as plain
from fordela.models.check.exchange import Amount, least_sum, least_vector
from fordela.models.check.proofs import Proof, Prover
from fordela.models.check.trade_proofs import TradeProver, greatest_flow
from fordela.models.check.trades import worth
from fordela.models.errors import FordelaError, InfeasibleError
from fordela.models.geo import kilometres
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.levels import Outcome, level_value, stack
from fordela.models.policy import IN_FORCE, LEVELS, NORMS, Policy
from fordela.models.result import Result
from fordela.report.checking import check_result
from fordela.report.texts import Words
from fordela.solver.brute_force import brute_force
from fordela.solver.optimal import rule_bearers
from fordela.solver.proving import with_proofs
from fordela.solver.redistribution.brute_force import all_redistributions, best_redistributions
from fordela.solver.solve import solve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.strategies import instances, markets, optimal_policies, scaled, trading_policies
from tests.test_redistribution import enumerable
from tests.test_textbook import textbook

OPTIMAL = IN_FORCE.with_changes(name="o", rule="optimal")


def solved(instance: Instance, policy: Policy) -> Result:
    try:
        return solve(instance, policy, workers=1, prices=False)
    except InfeasibleError:
        assume(False)
        raise


@settings(max_examples=40)
@given(instances(), optimal_policies(), st.permutations(LEVELS))
def test_two_definitions_of_every_level_agree(
    instance: Instance, policy: Policy, order: Sequence[str]
) -> None:
    made = solved(instance, policy)
    bearers = rule_bearers(instance)
    rows = made.allocation.assignments
    outcome = Outcome.of(instance, policy, made.transfers, rows, bearers)
    year = plain.Counted(instance, policy, made.transfers, rows, bearers)
    assert plain.targets(instance, policy) == list(targets(instance, policy))
    assert tuple(year.credited) == outcome.counts.credited
    assert plain.level_names(policy, made.transfers) == stack(policy, made.transfers)
    for level in order:
        if level != "distance" or all(m.latitude is not None for m in instance.municipalities):
            assert plain.level_value(level, year) == level_value(level, outcome), level


@settings(max_examples=60)
@given(instances(), st.integers(0, 5))
def test_two_ledgers_agree(instance: Instance, children: int) -> None:
    mine = ledger.holdings(instance, instance.transfers)
    theirs = holdings.holdings(instance, instance.transfers)
    assert tuple(mine.share) == theirs.share
    assert tuple(mine.kept) == theirs.kept
    assert tuple(mine.effective) == theirs.effective
    assert tuple(map(tuple, mine.received)) == theirs.received
    assert tuple(map(tuple, mine.given)) == theirs.given
    for k, units in enumerate(mine.effective):
        if units:
            assert ledger.unwind(mine, k, children) == holdings.unwind(theirs, k, children)


@settings(max_examples=20)
@given(markets())
def test_two_distances_agree(instance: Instance) -> None:
    for a in instance.municipalities:
        for b in instance.municipalities:
            assert plain.far_apart(a, b) == kilometres(a, b)


@settings(max_examples=80)
@given(instances(), optimal_policies(), optimal_policies())
def test_what_is_proven_is_the_optimum(instance: Instance, policy: Policy, other: Policy) -> None:
    """Also of an allocation that was made for another stack, and is claimed to be this one's."""
    other = other.with_changes(
        scope=policy.redistribution.scope,
        basis=policy.counting.basis,
        capacity=policy.assignment.capacity,
        mechanism=policy.counting.mechanism,
    )
    made = solved(instance, other)
    try:
        best = brute_force(instance, policy, made.transfers, rule_bearers(instance), 3_000)
    except FordelaError:
        assume(False)
    soft = {"unplaced", "kinship-broken", "siblings-split"}
    assume(best is not None and not (soft & set(other.optimal.levels)) - set(policy.optimal.levels))
    assert best is not None
    levels = stack(policy, made.transfers)
    rows = made.allocation.assignments
    outcome = Outcome.of(instance, policy, made.transfers, rows, rule_bearers(instance))
    mine = solve(instance, policy, workers=1, prices=False)
    price = {o.level: o.certificate.price for o in mine.objective if o.certificate}
    year = plain.Counted(instance, policy, made.transfers, rows, outcome.rule_bearers)
    prover = Prover(year, levels)
    for level, least in zip(levels, best, strict=True):
        value = plain.level_value(level, year)
        proof = prover.prove(level, value, price.get(level))
        if value != least:
            assert proof is None, (level, value, least)
            break


def even_year(more: int) -> Instance:
    """Three municipalities and ten children whose targets are 5, 3 and 2: all can be met."""
    limits = (50_000, 3 + more, 1), (30_000, None, 0), (20_000, 2, 2)
    places = tuple(
        Municipality(
            f"000{k + 1}", f"M{k + 1}", "01", "C", share, population=1000, assigned_before=0,
            capacity=capacity, willing=willing,
        )
        for k, (share, capacity, willing) in enumerate(limits)
    )  # fmt: skip
    children = tuple(Child(f"c{k}", f"g{k}", date(2025, 1, 7 + k)) for k in range(10))
    handed = (Transfer("0001", "0003", 25_000),) if more else ()
    return Instance(
        name="even", year=2025, municipalities=places, children=children, transfers=handed
    )  # fmt: skip


@pytest.mark.parametrize("norm", ["chi2", "l1", "l2", "linf", "max-fulfilment"])
@pytest.mark.parametrize("more", [0, 1])
def test_a_deviation_of_0_settles_what_follows(norm: str, more: int) -> None:
    """Each own answer is clean: what is claimed after a norm of 0 is what the checker finds."""
    year, kinds = even_year(more), set()
    for others in ("over-capacity", "willing"), ("moves", "willing", "deviation:l1"):
        levels = tuple(dict.fromkeys((f"deviation:{norm}", *others)))
        policy = OPTIMAL.with_changes(levels=levels)
        made = solve(year, policy, workers=1)
        assert check(year, made) == []
        kinds |= {o.proof for o in made.objective if o.level in ("over-capacity", "willing")}
    assert kinds <= {"counting", "trivial"}


@settings(max_examples=scaled(120))
@given(instances(), optimal_policies(), st.sampled_from(["chi2", "l1", "l2", "linf"]))
def test_own_answers_are_clean(instance: Instance, policy: Policy, norm: str) -> None:
    """Stacks that begin with a norm, which may leave nothing open."""
    levels = tuple(dict.fromkeys((f"deviation:{norm}", *policy.optimal.levels)))
    assert check(instance, solved(instance, policy.with_changes(levels=levels))) == []


@settings(max_examples=60)
@given(markets(), trading_policies(("county", "national", "listed")), st.integers(0, 10**6))
def test_what_is_proven_of_transfers_is_the_optimum(
    instance: Instance, policy: Policy, number: int
) -> None:
    """Of the best transfers, of none, and of any that are allowed."""
    assume(enumerable(instance, policy))
    best, found = best_redistributions(instance, policy)
    every = list(islice(all_redistributions(instance, policy), 2_000))
    for made in (found[0], (), every[number % len(every)]):
        prover = TradeProver(instance, policy, made)
        for level, least in zip(policy.redistribution.levels, best, strict=True):
            value = worth(level, instance, policy, made)
            proof = prover.prove(level, value)
            if value != least:
                assert proof is None, level
                break


@pytest.mark.parametrize("norm", NORMS)
def test_the_allocation_of_a_rule_is_no_optimum(norm: str) -> None:
    """The rule's decisions in an optimum's folder, their values claimed as bounds."""
    policy = OPTIMAL.with_changes(levels=("over-capacity", f"deviation:{norm}"))
    best, rule = solve(textbook(), policy), solve(textbook(), IN_FORCE)
    assert check(textbook(), best) == []
    assert best.objective[1].proof in ("certificate", "counting")
    year = plain.Counted(textbook(), policy, rule.transfers, rule.allocation.assignments, {})
    value = plain.level_value(f"deviation:{norm}", year)
    assert value != best.objective[1].value
    levels = (best.objective[0], replace(best.objective[1], value=value, bound=value))
    rest = best.objective[2:]
    fake = replace(best, allocation=rule.allocation, counts=rule.counts, objective=(*levels, *rest))
    assert "proof" in {v.rule for v in check(textbook(), fake)}
    word = replace(levels[1], proof="engine", certificate=None)
    fake = replace(fake, objective=(levels[0], word, *rest))
    assert "optimal" in {v.rule for v in check(textbook(), fake)}


def test_a_certificate_that_is_taken_away() -> None:
    made = Solution.of(solve(textbook(), OPTIMAL))
    level = replace(made.objective[1], certificate_price=None)
    fake = replace(made, objective=(made.objective[0], level, *made.objective[2:]))
    assert {v.rule for v in check(textbook(), fake)} == {"proof", "certificate", "price"}
    tried = replace(level, proof="enumeration")  # of a year so small that every allocation is tried
    before = replace(made.objective[0], price_proof="enumeration")
    fake = replace(made, objective=(before, tried, *made.objective[2:]))
    assert check(textbook(), fake) == []


def amounts(now: Sequence[int], high: Sequence[int], weights: Sequence[int]) -> list[Amount]:
    def part(k: int) -> Callable[[int], Fraction]:
        return lambda x: Fraction((2 * x - weights[k]) ** 2, k + 1)

    return [Amount(n, 0, h, part(k)) for k, (n, h) in enumerate(zip(now, high, strict=True))]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 8)), max_size=4),
    st.booleans(),
)
def test_exchanges_prove_the_least_and_keep_every_least(
    members: list[tuple[int, int, int]], free: bool
) -> None:
    now = [min(n, h) for n, h, _ in members]
    high = [h for _, h, _ in members]
    made = amounts(now, high, [w for _, _, w in members])
    every = [x for x in product(*(range(h + 1) for h in high)) if free or sum(x) == sum(now)]

    def parts(x: Sequence[int]) -> list[Fraction]:
        return sorted((a.part(n) for a, n in zip(made, x, strict=True)), reverse=True)

    for prove, vector in ((least_sum, False), (least_vector, True)):
        value = {tuple(x): parts(x) if vector else [sum(parts(x), Fraction(0))] for x in every}
        best = min(value.values())
        tight = prove(made, free=free)
        assert (tight is not None) == (value[tuple(now)] == best)
        for x in every:
            if tight is not None and value[tuple(x)] == best:
                assert all(a.low <= n <= a.high for a, n in zip(tight, x, strict=True))


def test_a_greatest_flow_by_hand() -> None:
    pairs = {("a", "x"): 3, ("a", "y"): 3, ("b", "x"): 5}
    assert greatest_flow({"a": 4, "b": 3}, {"x": 4, "y": 2}, pairs) == 6
    assert greatest_flow({"a": 9, "b": 3}, {"x": 9, "y": 9}, pairs) == 9
    assert greatest_flow({}, {}, {}) == 0


def test_every_level_says_what_it_rests_on() -> None:
    made = with_proofs(solve(textbook(), OPTIMAL))
    assert [o.proof for o in made.objective] == [Proof.TRIVIAL, Proof.CERTIFICATE, Proof.TRIVIAL]


@pytest.mark.parametrize("prove", [least_sum, least_vector])
def test_nothing_is_exchanged_between_parts_that_do_not_touch(
    prove: Callable[..., list[Amount] | None],
) -> None:
    """Two steps of cost 1 and 2 each: one step of the dear to the cheap, if they are of one group."""
    dear = Amount(1, 0, 2, lambda x: Fraction(2 * x), "a")
    cheap = Amount(0, 0, 2, lambda x: Fraction(x), "a")
    assert prove([dear, cheap], free=False) is None
    apart = [dear, replace(cheap, group="b")]
    tight = prove(apart, free=False)
    assert tight is not None
    assert all(a.low <= a.now <= a.high for a in tight)


def test_limits_that_a_proof_leaves_are_no_wider_than_the_optima() -> None:
    """Squares around 0, 1 and 2: with three steps in all the optimum is (0, 1, 2) and no other."""

    def square(now: int, goal: int, weight: int = 1) -> Amount:
        return Amount(now, 0, 4, lambda x: Fraction(weight * (x - goal) ** 2))

    for prove in (least_sum, least_vector):
        for free in (False, True):
            tight = prove([square(k, k) for k in range(3)], free=free)
            assert tight is not None
            assert [(a.low, a.high) for a in tight] == [(0, 0), (1, 1), (2, 2)]
    # One step for two with the same goal of 1: either may have it, and nobody more.
    tight = least_sum([square(1, 1), square(0, 1)], free=False)
    assert tight is not None
    assert [(a.low, a.high) for a in tight] == [(0, 1), (0, 1)]
    tight = least_vector([square(1, 1), square(0, 1)], free=False)
    assert tight is not None
    assert [(a.low, a.high) for a in tight] == [(0, 1), (0, 1)]
    # Nobody can have less than it has: nothing is left to choose.
    full = [replace(square(1, 1), low=1), replace(square(1, 0), low=1)]
    tight = least_sum(full, free=False)
    assert tight is not None
    assert [(a.low, a.high) for a in tight] == [(1, 1), (1, 1)]
    # Flat between 1 and 3 (|x − 1| + |x − 3|): free, it may be anywhere there.
    flat = Amount(2, 0, 5, lambda x: Fraction(abs(x - 1) + abs(x - 3)))
    tight = least_sum([flat], free=True)
    assert tight is not None
    assert [(a.low, a.high) for a in tight] == [(1, 3)]
    tight = least_vector([flat], free=True)
    assert tight is not None
    assert (tight[0].low, tight[0].high) == (1, 3)


def market() -> Instance:
    """Ask and Bok (county 01) wish 3 and 2 less, Ceder (01) and Dal (02) 2 and 4 more, in units."""
    rows = (("0001", "01", 3, 0), ("0002", "01", 2, 0), ("0003", "01", 0, 2), ("0004", "02", 0, 4))
    towns = tuple(
        Municipality(
            code, code, county, county, 25_000, wants_less=less, wants_more=more,
            latitude=Decimal(k), longitude=Decimal(0),
        )
        for k, (code, county, less, more) in enumerate(rows)
    )  # fmt: skip
    former = (Transfer("0001", "0003", 1), Transfer("0004", "0001", 1), Transfer("0003", "0004", 1))
    return Instance(name="m", title="m", year=2025, municipalities=towns, transfers_last_year=former)


def test_bounds_of_a_redistribution_by_hand() -> None:
    policy = IN_FORCE.with_changes(scope="national", whole_shares=False, least_kept=0, least_received=0)
    made = (Transfer("0001", "0004", 3), Transfer("0002", "0003", 2))
    prover = TradeProver(market(), policy, made)
    # Of last year's three transfers only Ask's to Ceder is possible this year.
    assert prover.prove("continuity", Fraction(1)) is None
    assert prover.prove("continuity", Fraction(2)) == Proof.COUNTING
    assert prover.prove("within-county", Fraction(0)) == Proof.TRIVIAL
    assert prover.prove("within-county", Fraction(3)) is None  # nothing need be handed over yet
    assert prover.prove("distance", Fraction(0)) == Proof.TRIVIAL
    assert prover.prove("partners", Fraction(0)) == Proof.TRIVIAL
    assert prover.prove("granted", Fraction(-4)) is None
    assert prover.prove("granted", Fraction(0)) is None
    assert prover.prove("granted", Fraction(-5)) == Proof.COUNTING  # all that is offered
    # Five units in all, of which two fit inside the county.
    assert prover.prove("within-county", Fraction(0)) is None
    assert prover.prove("within-county", Fraction(2)) is None
    assert prover.prove("within-county", Fraction(3)) == Proof.COUNTING
    assert prover.prove("distance", Fraction(3)) is None  # nothing is known of distances
    assert prover.prove("distance", Fraction(0)) == Proof.TRIVIAL
    # Everybody gets what it is entitled to on the givers' side; each giver has at least one partner.
    assert prover.prove("equal-givers", Fraction(0)) == Proof.TRIVIAL
    assert prover.prove("partners", Fraction(1)) is None
    assert prover.prove("partners", Fraction(2)) == Proof.COUNTING


def test_bounds_of_a_redistribution_inside_counties_by_hand() -> None:
    policy = IN_FORCE.with_changes(scope="county", whole_shares=False, least_kept=0, least_received=0)
    prover = TradeProver(market(), policy, (Transfer("0002", "0003", 2),))
    assert set(prover.terms) == {("0001", "0003"), ("0002", "0003")}
    assert prover.most_in == {"0003": 2}  # of the four that two givers could hand over
    assert prover.most_out == {"0001": 2, "0002": 2}
    assert prover.prove("granted", Fraction(-2)) == Proof.COUNTING
    assert prover.prove("within-county", Fraction(0)) == Proof.TRIVIAL
    # Entitled to 2 · 3/5 and 2 · 2/5: gaps of 6/5 and 6/5, squared over the wishes 3 and 2.
    value = worth("equal-givers", market(), policy, (Transfer("0002", "0003", 2),))
    assert value == Fraction(36, 25) / 3 + Fraction(36, 25) / 2
    assert prover.prove("equal-givers", value) is None  # one unit each has gaps of 1/5 only


def test_a_norm_is_convex_where_no_step_is_less_than_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def required(*costs: int) -> None:
        monkeypatch.setattr(proofs, "cost_of", lambda norm: norm)
        monkeypatch.setattr(proofs, "part", lambda norm, count, target: Fraction(costs[count]))
        proofs._require_convex("x", 0, Fraction(1), 0, len(costs) - 1)

    required(4, 1, 0, 1, 4)
    required(0, 1, 2, 3)  # steps may be equal
    required(5, 3, 1)
    for bent in ((0, 2, 3), (4, 1, 0, 1, 1), (0, 0, -1)):
        with pytest.raises(FordelaError, match="not convex"):
            required(*bent)


@pytest.mark.parametrize("norm", ["l1", "l2", "chi2"])
def test_the_cheapest_numbers_are_those_of_an_enumeration(norm: str) -> None:
    """First and last ``e`` at which ``f(b + e) − λ e`` is least, with ``f`` as the norm defines it."""

    def cost(count: int, target: Fraction) -> Fraction:
        off = abs(count - target)
        squares = off * off / target if target else Fraction(0)
        return {"l1": off, "l2": off * off, "chi2": squares}[norm]

    targets = [Fraction(n, 6) for n in (0, 2, 3, 12, 21)]
    prices = [Fraction(n, 2) for n in (-6, -2, -1, 0, 1, 2, 6)]
    for target, price, fixed, (low, high) in product(targets, prices, (0, 2), ((0, 0), (0, 5), (1, 4))):
        values = [cost(fixed + e, target) - price * e for e in range(low, high + 1)]
        least = [low + k for k, value in enumerate(values) if value == min(values)]
        assert proofs._cheapest(norm, fixed, target, low, high, price) == (least[0], least[-1])


def test_what_was_decided_before_is_not_said_to_follow_from_the_rule(tmp_path: Path) -> None:
    """Every case given beforehand, the untied to 0001: none of them follows from the rule."""
    year = textbook()
    given = {
        c.case: Assignment(
            c.child, c.case, c.tie or "0001", c.tie or "0001", "kinship" if c.tie else "equalising", 0
        )
        for c in year.children
    }
    write_result(solve(year, decided=given), tmp_path / "o")
    violations, said = check_result(year, tmp_path / "o", Words("en"), lambda _: None)
    assert not violations
    assert said[0].startswith(f"0 of {len(year.cases)} cases follow from the rule")
    assert "unverified" in said[1]
    assert not any("every rule" in line for line in said)
