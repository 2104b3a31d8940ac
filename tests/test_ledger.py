"""The ledger of section 2 over the year end, under both mechanisms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from fordela.instances.generator import Parameters, generate
from fordela.models.check.replay import Replay
from fordela.models.holdings import holdings
from fordela.models.instance import Case, Child, Instance, Municipality, Transfer
from fordela.models.policy import IN_FORCE, Policy
from fordela.solver.groups import group_of, policy_groups
from fordela.solver.solve import solve
from fordela.solver.standing import standings
from hypothesis import assume, given, settings

from tests.reference import effective_share_year
from tests.strategies import instances, rules, scaled
from tests.test_textbook import textbook

EFFECTIVE = IN_FORCE.with_changes(name="e", mechanism="effective-share")


@settings(max_examples=scaled(150))
@given(instances(capacities=False))
def test_at_year_end_everyone_has_the_fulfilment_prescribed(instance: Instance) -> None:
    """[O] 2.3.2: as if the redistributed assignments had gone to the giver itself."""
    with_transfers = solve(instance, IN_FORCE)
    without = solve(instance, IN_FORCE.with_changes(scope="none"))
    assert with_transfers.counts.credited == without.counts.credited


@settings(max_examples=scaled(150))
@given(instances(capacities=False))
def test_receivers_bear_what_they_hold_to_within_the_last_case(instance: Instance) -> None:
    """No receiver is ahead of what is due on its holdings by half a case or more, unless it must."""
    made = solve(instance, IN_FORCE)
    ledger = holdings(instance, instance.transfers)
    largest = max((case.size for case in instance.cases), default=0)
    owned: dict[str, int] = {}
    for a in made.allocation.assignments:
        if a.kind == "equalising" and a.owner is not None:
            owned[a.owner] = owned.get(a.owner, 0) + 1
    for j, m in enumerate(instance.municipalities):
        due = sum(
            owned.get(instance.municipalities[i].code, 0) * units / ledger.share[i]
            for i, units in ledger.received[j]
        )
        single = all(ledger.kept[i] > 0 or len(ledger.given[i]) == 1 for i, _ in ledger.received[j])
        if single and all(ledger.kept[i] > 0 for i, _ in ledger.received[j]):
            assert made.counts.on_transferred_share[j] <= due + largest / 2 + 1e-9, m.code


@settings(max_examples=scaled(150))
@given(instances())
def test_effective_shares_credit_every_child_once_to_a_holding(instance: Instance) -> None:
    made = solve(instance, EFFECTIVE)
    ledger = holdings(instance, instance.transfers)
    index = {m.code: k for k, m in enumerate(instance.municipalities)}
    assert sum(made.counts.owned) == len(instance.children)
    for a in made.allocation.assignments:
        if a.kind == "equalising" and a.owner != a.bearer:
            assert a.owner is not None
            assert a.bearer is not None
            givers = {i for i, _ in ledger.received[index[a.bearer]]}
            assert index[a.owner] in givers


@settings(max_examples=scaled(400))
@given(instances(), rules())
def test_effective_shares_by_a_plain_reference(instance: Instance, drawn: Policy) -> None:
    """A share holds for its year: the engine against the definition written out case by case."""
    policy = drawn.with_changes(mechanism="effective-share", rule="lowest-fulfilment", tie="code")
    assume(any(m.share for m in instance.municipalities))
    made = solve(instance, policy)
    expected, tied = effective_share_year(instance, policy, made.transfers)
    assert {a.case: (a.kind, a.bearer) for a in made.allocation.assignments} == expected
    assert made.tied_decisions == tied


def test_a_share_holds_for_its_year_by_hand() -> None:
    """Transfers of one year are not owed the 1,000 children of the years before.

    A holds half, B and C a quarter each, all as they should be. B hands all of its share to C for the
    year. Before the first child C is asked 250 + 1/2 of it, A 500 + 1/2; so C stands at 250/250.5,
    A at 500/500.5, and C is first. Set against all children since counting began C would be
    asked 500.5 and take the next 250 children; so it takes every second one.
    """
    share = {"A": 50_000, "B": 25_000, "C": 25_000}
    places = tuple(
        Municipality(code, code, "01", "County", units, assigned_before=units // 100)
        for code, units in share.items()
    )
    children = tuple(Child(f"c{k:02}", f"c{k:02}", date(2025, 1, 1 + k)) for k in range(20))
    year = Instance("held", 2025, places, children, transfers=(Transfer("B", "C", 25_000),))
    made = solve(year, EFFECTIVE)
    assert made.counts.total == (10, 0, 10)
    assert [a.bearer for a in made.allocation.assignments] == ["C", "A"] * 10
    # Half of what C holds is B's, so half of its children are credited to B.
    assert made.counts.owned == (10, 5, 5)


@pytest.mark.parametrize("policy", [IN_FORCE, EFFECTIVE])
def test_kinship_reaches_a_municipality_that_handed_everything_away(policy: object) -> None:
    year = textbook()
    ceder = year.by_code["0003"]
    all_of_it = (Transfer("0003", "0004", ceder.share),)
    tied = replace(year.children[0], child="t", case="t", tie="0003")
    year = year.with_changes(transfers=all_of_it, children=(tied, *year.children))
    made = solve(year, policy)  # type: ignore[arg-type]
    (first,) = [a for a in made.allocation.assignments if a.child == "t"]
    assert (first.bearer, first.owner, first.kind) == ("0003", "0003", "kinship")
    untied = [a.bearer for a in made.allocation.assignments if a.kind == "equalising"]
    assert "0003" not in untied


def test_groups_by_hand() -> None:
    """Ceder gives to Ek; Ask and Bok keep. Figures from docs/textbook.md, both mechanisms."""
    year = textbook()
    assert group_of(year) == {
        "0001": "keepers", "0002": "keepers", "0003": "givers", "0004": "receivers",
    }  # fmt: skip
    mechanisms = {"owner-bearer": IN_FORCE, "effective-share": EFFECTIVE}
    base = {m: solve(year, p) for m, p in mechanisms.items()}
    none = [solve(year, p.with_changes(scope="none")) for p in mechanisms.values()]
    groups = policy_groups(year, none, base)
    for mechanism, result in base.items():
        for group, members in (("givers", [2]), ("receivers", [3]), ("keepers", [0, 1])):
            figures = groups.figures[mechanism][group]
            own = next(r for r in none if r.policy.counting.mechanism == mechanism)
            now = sum(own.counts.total[k] for k in members)
            assert figures.children == now
            assert figures.change == now - sum(result.counts.total[k] for k in members)
            assert figures.municipalities == len(members)


def test_a_conclusion_that_changes_with_the_mechanism_is_marked() -> None:
    """A large receiver far ahead of its share: passed over by fulfilment, reached by the ledger."""
    places = (
        Municipality("0001", "Giver", "01", "C", 30_000, assigned_before=0, wants_less=30_000),
        Municipality("0002", "Receiver", "01", "C", 30_000, assigned_before=50, wants_more=30_000),
        Municipality("0003", "Keeper", "01", "C", 40_000, assigned_before=2),
    )
    children = tuple(Child(f"c{k}", f"c{k}", date(2025, 1, 1 + k)) for k in range(4))
    year = Instance("marked", 2025, places, children)
    policies = [
        IN_FORCE.with_changes(name="n", scope="national", mechanism=m)
        for m in ("owner-bearer", "effective-share")
    ]
    levels = ("granted",)
    policies = [replace(p, redistribution=replace(p.redistribution, levels=levels)) for p in policies]
    base = {p.counting.mechanism: solve(year, p.with_changes(scope="none")) for p in policies}
    results = [solve(year, p) for p in policies]
    groups = policy_groups(year, results, base)
    by_mechanism = {m: g["receivers"].change for m, g in groups.figures.items()}
    # By owner the giver is next in line and its receiver bears; by effective share it is far ahead.
    assert by_mechanism["owner-bearer"] > 0
    assert by_mechanism["effective-share"] == 0
    assert groups.depends("receivers")


@settings(max_examples=scaled(120))
@given(instances(), rules())
def test_who_is_next_by_the_checkers_replay(instance: Instance, drawn: Policy) -> None:
    """The queue's first is who gets a further child, and each lead is what fractions say."""
    policy = drawn.with_changes(rule="lowest-fulfilment", tie="code")
    assume(any(m.share for m in instance.municipalities))
    transfers = solve(instance, policy).transfers
    replay = Replay(instance, policy, transfers)
    for case in instance.cases:
        decision = replay.decide(case)
        replay.record(case, decision.kind, *decision.options[0])
    line = standings(instance, policy)
    further = Child("further", "further", date(2025, 12, 31))
    decision = replay.decide(Case("further", (further,), None))
    ((_, bearer),) = decision.options
    assert line[0].bearer == replay.codes[bearer]
    counts = replay.physical if replay.effective else replay.credit
    ahead = {"before": Fraction(0), "midpoint": Fraction(1, 2), "after": Fraction(1)}
    for one, other in pairwise(line):
        cases, first, second = 0, replay.index[one.code], replay.index[other.code]
        while True:
            asked = replay._asked(decision.kind, 1)
            mine, theirs = (
                (counts[k] + extra + ahead[policy.assignment.signpost]) / Fraction(asked[k])
                for k, extra in ((first, cases), (second, 0))
            )
            if mine > theirs or (mine == theirs and other.code < one.code):
                break
            cases += 1
            replay.children += 1
        replay.children -= cases
        assert one.lead == cases


@pytest.mark.parametrize("signpost", ["before", "midpoint", "after"])
def test_many_who_take_part_by_a_plain_reference(signpost: str) -> None:
    """Forty municipalities, half of which hand share to a fourth, in all signposts."""
    year = generate(Parameters("many", 2026, municipalities=40, children=150, history=700, seed=12))
    codes = [m.code for m in year.municipalities]
    handed = tuple(
        Transfer(code, codes[30 + k % 10], year.by_code[code].share // (1 + k % 3))
        for k, code in enumerate(codes[:20])
    )
    year = year.with_changes(transfers=handed)
    policy = EFFECTIVE.with_changes(signpost=signpost)
    made = solve(year, policy)
    expected, tied = effective_share_year(year, policy, handed)
    assert {a.case: (a.kind, a.bearer) for a in made.allocation.assignments} == expected
    assert made.tied_decisions == tied
    assert sum(made.counts.on_transferred_share) > 0
