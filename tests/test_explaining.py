"""Explanations: by hand on the textbook, and what would have been against independent oracles."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import load_policy
from fordela.instances.reading import read_instance
from fordela.instances.results import write_result
from fordela.models.check.replay import Replay, bearers_of_rule
from fordela.models.errors import FordelaError, InfeasibleError, InputError
from fordela.models.holdings import holdings
from fordela.models.instance import Case, Child, Instance, Municipality
from fordela.models.norms import first_component
from fordela.models.policy import IN_FORCE, Policy
from fordela.models.result import Result, Status
from fordela.report.explaining import explain
from fordela.report.explanation import Sentences
from fordela.report.texts import TEXTS, Words
from fordela.solver.backends import Limits
from fordela.solver.brute_force import brute_force
from fordela.solver.continuing import solve_on
from fordela.solver.explaining.facts import Change
from fordela.solver.explaining.optima import explain_by_optimum
from fordela.solver.explaining.rules import (
    explain_by_rule,
    explain_case,
    handed_away,
    with_credited,
    with_share,
)
from fordela.solver.optimal import rule_bearers
from fordela.solver.solve import solve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.strategies import instances, rules, scaled


def test_the_textbook_case_by_hand() -> None:
    """Case a: Ceder 17 / 200 ‰ = 8.5 before Ask 40 / 400 = 10; borne by Ek (docs/textbook.md)."""
    made = explain_case(solve(load_instance("textbook")), "a")
    assert (made.kind, made.owner, made.bearer) == ("equalising", "0003", "0004")
    assert made.winner is not None
    assert made.next_in_line is not None
    assert (made.winner.code, made.winner.credited, made.next_in_line.code) == ("0003", 17, "0001")
    assert made.winner.fulfilment == Fraction(17, 20)  # a fifth of the 100 credited would be 20
    assert made.lead == 3  # 18, 19 and 20 of 200 ‰; at 20 it equals Ask, whose code is lower
    by_what = {c.what: c for c in made.changes}
    assert (by_what["credited"].amount, by_what["credited"].to) == (3, "0001")
    # Of 200.01 ‰ less than half is Ek's, so D is below half a child, and Ceder bears it itself.
    assert (by_what["share"].amount, by_what["share"].to) == (1, "0003")


def test_the_textbook_tie_and_kinship_by_hand() -> None:
    result = solve(load_instance("textbook"))
    tied = explain_case(result, "d")
    assert tied.owner == "0001"
    assert tied.tied == ("0003", "0004")
    kin = explain_case(result, "c")
    assert (kin.kind, kin.bearer) == ("kinship", "0002")
    assert kin.without_tie == "0001"  # Ask, Ceder and Ek stand at 10, Ask has the lowest code


def test_the_textbook_municipality_by_hand() -> None:
    result = solve(load_instance("textbook"))
    ranks = {c: explain_by_rule(result, c).rank for c in ("0001", "0002", "0003", "0004")}
    assert ranks == {"0001": 1, "0003": 2, "0004": 2, "0002": 4}  # 10.25, 11.33, 11, 11 per 100 ‰
    ask = explain_by_rule(result, "0001")
    assert ask.cases == (("d", "equalising", "0001", 1),)
    assert (ask.place, ask.until_next) == (1, 0)
    # Ask 41 > 42 > 43 > 44 of 400 ‰, at 44 it equals Ceder and Ek with 11: 3 children, then a fourth
    # by its code; Ceder has 22 of 200.
    ceder = explain_by_rule(result, "0003")
    assert (ceder.place, ceder.until_next) == (2, 4)


def test_a_full_municipality_is_passed_over() -> None:
    year = load_instance("textbook")
    places = tuple(replace(m, capacity=0 if m.code == "0001" else None) for m in year.municipalities)
    result = solve(year.with_changes(municipalities=places))
    made = explain_case(result, "d")
    assert [p.code for p in made.passed_over] == ["0001"]
    assert made.owner == "0003"  # next among the equals
    # Again at f: Ask still has 10 per 100 ‰, Ceder 10.5 by then, Ek 11.
    assert explain_by_rule(result, "0001").passed_over == 2


def ruled(instance: Instance, policy: Policy) -> Policy:
    """A policy whose reasons are known, and that does not draw lots."""
    policy = policy.with_changes(tie="code") if policy.assignment.tie == "lot" else policy
    assume(not policy.is_asked)
    assume(any(m.share for m in instance.municipalities))
    return policy


def amounts(least: int, most: int, change: Change) -> list[int]:
    """Amounts smaller than a change, or all that were tried; some of them where they are many."""
    size = None if change.amount is None else abs(change.amount)
    tried = range(-change.less, change.more + 1) if size is None else range(1 - size, size)
    assert size is not None or (change.less, change.more) <= (most, most)
    return [d for d in tried if d and (change.what == "credited" or abs(d) % 37 < least)]


def the_least_change_by_the_checkers_replay(
    instance: Instance, policy: Policy, data: st.DataObject
) -> None:
    """A second engine agrees: the change suffices, and none smaller does in either direction."""
    policy = ruled(instance, policy)
    result = solve(instance, policy)
    loose = [a.case for a in result.allocation.assignments if a.kind != "kinship"]
    assume(loose)
    case = data.draw(st.sampled_from(loose))
    wanted = data.draw(st.sampled_from([m.code for m in instance.municipalities]))
    made = explain_case(result, case, wanted)
    turn = made.bearer if policy.counting.mechanism == "effective-share" else made.owner
    kept, basis = handed_away(result), policy.counting.basis
    for code, goal, changes in (
        (turn, {m.code for m in instance.municipalities} - {made.bearer}, made.changes),
        (wanted, {wanted}, made.wanted_changes),
    ):
        for change in changes:
            near = [(d, False) for d in amounts(2, 300, change)]
            if change.amount is not None:
                near.append((change.amount, True))
            for amount, enough in near:
                if change.what == "credited":
                    changed = with_credited(instance, code, amount, basis)
                else:
                    changed = with_share(instance, code, amount, kept)
                if changed is None:
                    assert not enough
                    continue
                to = bearers_of_rule(changed, policy, result.transfers)[case]
                assert (to in goal) == enough
                assert not enough or to == change.to
            if change.amount is None and change.what == "credited" and basis != "year":
                least = {"history": "assigned_before", "stock": "stock"}[basis]
                assert change.more == 40
                assert change.less == min(40, getattr(instance.by_code[code], least))


@pytest.mark.parametrize("examples", [20, pytest.param(500, marks=pytest.mark.thorough)])
def test_the_least_change_by_the_checkers_replay(examples: int) -> None:
    settings(max_examples=examples)(
        given(instances(), rules(), st.data())(the_least_change_by_the_checkers_replay)
    )()


def more_and_fewer_by_the_checkers_replay(
    instance: Instance, policy: Policy, data: st.DataObject
) -> None:
    policy = ruled(instance, policy)
    result = solve(instance, policy)
    code = data.draw(st.sampled_from([m.code for m in instance.municipalities]))
    made = explain_by_rule(result, code)
    kept, basis = handed_away(result), policy.counting.basis

    def loose(year: Instance) -> int:
        replay, children = Replay(year, policy, result.transfers), 0
        for case in year.cases:
            decision = replay.decide(case)
            owner, bearer = decision.options[0]
            replay.record(case, decision.kind, owner, bearer)
            children += case.size * (decision.kind != "kinship" and replay.codes[bearer] == code)
        return children

    now = loose(instance)
    for name, change in made.changes:
        near = [(d, False) for d in amounts(1, 300, change)]
        if change.amount is not None:
            near.append((change.amount, True))
        for amount, enough in near:
            changed = (
                with_credited(instance, code, amount, basis)
                if change.what == "credited"
                else with_share(instance, code, amount, kept)
            )
            if changed is not None:
                then = loose(changed)
                assert (then > now if name == "more" else then < now) == enough


@pytest.mark.parametrize("examples", [15, pytest.param(375, marks=pytest.mark.thorough)])
def test_more_and_fewer_by_the_checkers_replay(examples: int) -> None:
    settings(max_examples=examples)(
        given(instances(), rules(), st.data())(more_and_fewer_by_the_checkers_replay)
    )()


def _ratio(
    replay: Replay, policy: Policy, kind: str, size: int, k: int, taken: int = 0, come: int = 0
) -> Fraction | None:
    """What the rule compares, after so many children more here and in all."""
    part = {"before": Fraction(0), "midpoint": Fraction(1, 2), "after": Fraction(1)}
    counts = replay.physical if replay.effective else replay.credit
    replay.children += come
    asked = replay._asked(kind, size)[k]
    replay.children -= come
    top = counts[k] + taken + part[policy.assignment.signpost] * size
    return top / Fraction(asked) if asked else None


def the_line_by_the_checkers_replay(instance: Instance, policy: Policy) -> None:
    """Winner, next, equals, who lacked room, and the lead, from the replay's fractions."""
    policy = ruled(instance, policy)
    result = solve(instance, policy)
    replay = Replay(instance, policy, result.transfers)
    passed: Counter[str] = Counter()
    for case in instance.cases:
        decision = replay.decide(case)
        owner, bearer = decision.options[0]
        if decision.kind in ("equalising", "valve"):
            made = explain_case(result, case.case)
            direct = replay.effective or decision.kind == "valve"
            ratio = partial(_ratio, replay, policy, decision.kind, case.size)
            everybody = {k: value for k in range(len(replay.codes)) if (value := ratio(k)) is not None}
            if policy.assignment.tie == "largest-share":
                rank = sorted(everybody, key=lambda k: (-replay.ledger.share[k], replay.codes[k]))
            else:
                rank = sorted(everybody, key=lambda k: replay.codes[k])
            order = sorted(rank, key=lambda k: everybody[k])
            bearers = {k: [k] if direct else replay._preference(k, case.size) for k in order}
            room = [k for k in order if any(replay._room(j, case.size) for j in bearers[k])]
            named = room or order
            assert made.nobody_had_room == (not room)
            assert made.winner is not None
            assert made.winner.code == replay.codes[named[0]] == replay.codes[owner]
            assert made.winner.ratio == everybody[named[0]]
            assert made.winner.share == (
                replay.ledger.share if decision.kind == "valve" or not replay.effective
                else replay.ledger.effective
            )[owner]  # fmt: skip
            equals = [k for k in named[1:] if everybody[k] == everybody[named[0]]]
            assert list(made.tied) == [replay.codes[k] for k in equals]
            without = order[: order.index(named[0])] if room else []
            assert [p.code for p in made.passed_over] == [replay.codes[k] for k in without]
            passed.update(replay.codes[k] for k in without)
            if len(named) > 1:
                second = named[1]
                assert made.next_in_line is not None
                assert made.next_in_line.code == replay.codes[second]
                cases = 0
                while True:
                    come = cases * case.size
                    one, other = ratio(named[0], come, come), ratio(second, 0, come)
                    assert one is not None
                    assert other is not None
                    behind = rank.index(second) < rank.index(named[0])
                    if one > other or (one == other and behind):
                        break
                    cases += 1
                assert made.lead == cases
        replay.record(case, decision.kind, owner, bearer)
    for m in instance.municipalities:
        found = explain_by_rule(result, m.code) if passed[m.code] else None
        assert found is None or found.passed_over == passed[m.code]


@pytest.mark.parametrize("examples", [20, pytest.param(1000, marks=pytest.mark.thorough)])
def test_the_line_by_the_checkers_replay(examples: int) -> None:
    settings(max_examples=examples)(given(instances(), rules())(the_line_by_the_checkers_replay))()


def what_a_municipality_is_told_by_the_checkers_replay(
    instance: Instance, policy: Policy, data: st.DataObject
) -> None:
    """Children until the next, and what its capacity changes."""
    policy = ruled(instance, policy)
    result = solve(instance, policy)
    m = data.draw(st.sampled_from(instance.municipalities))
    made = explain_by_rule(result, m.code)
    replay = Replay(instance, policy, result.transfers)
    for case in instance.cases:
        decision = replay.decide(case)
        replay.record(case, decision.kind, *decision.options[0])
    day = instance.children[-1].arrival if instance.children else date(2025, 12, 31)
    if made.until_next is not None:
        for n in range(made.until_next + 1):
            more = Case(f"more-{n}", (Child(f"more-{n}", f"more-{n}", day),), None)
            decision = replay.decide(more)
            assert made.after_valve == (decision.kind == "valve") or n
            owner, bearer = decision.options[0]
            assert (replay.codes[bearer] == m.code) == (n == made.until_next)
            replay.record(more, decision.kind, owner, bearer)
    free = tuple(replace(x, capacity=None) if x.code == m.code else x for x in instance.municipalities)
    bearers = bearers_of_rule(instance.with_changes(municipalities=free), policy, result.transfers)
    borne = sum(case.size for case in instance.cases if bearers[case.case] == m.code)
    assert made.without_capacity == (None if m.capacity is None else borne)


@pytest.mark.parametrize("examples", [20, pytest.param(500, marks=pytest.mark.thorough)])
def test_what_a_municipality_is_told_by_the_checkers_replay(examples: int) -> None:
    settings(max_examples=examples)(
        given(instances(), rules(), st.data())(what_a_municipality_is_told_by_the_checkers_replay)
    )()


def no_sentence_says_what_is_not_so(instance: Instance, policy: Policy, data: st.DataObject) -> None:
    """Sentences stand where their facts hold, under every signpost, mechanism, valve and willing."""
    policy = policy.with_changes(tie="code") if policy.assignment.tie == "lot" else policy
    assume(not policy.is_asked)
    assume(any(m.share for m in instance.municipalities))
    result = solve(instance, policy)
    ledger = holdings(instance, result.transfers)
    position = data.draw(st.integers(0, len(instance.municipalities) - 1))
    m = instance.municipalities[position]
    text = " ".join(explain(result, municipality=m.code).sentences)
    gets = [a for a in result.allocation.assignments if a.bearer == m.code and a.kind == "equalising"]
    if "no equalising assignment comes to it" in text or "No equalising assignment comes" in text:
        assert not gets
        assert ledger.effective[position] == 0
    assert ("on the share that others handed" in text) == (
        not m.share and ledger.effective[position] > 0
    )
    assert ("has no fulfilment" in text) == (m.share == 0)
    assert "the end of the year" not in text
    for case in instance.cases[:3]:
        said = " ".join(explain(result, case=case.case).sentences)
        decision = next(a for a in result.allocation.assignments if a.case == case.case)
        assert ("was not followed" in said) == (case.tie is not None and decision.kind != "kinship")
        assert ("by kinship" in said) == (decision.kind == "kinship")
        by_line = decision.kind in ("equalising", "valve")
        assert ("irst in line" in said) == by_line
        assert ("half of the case" in said) == (by_line and policy.assignment.signpost == "midpoint")
        assert ("whole case is counted" in said) == (by_line and policy.assignment.signpost == "after")
        assert ("The valve had closed" in said) == (decision.kind == "valve")
        assert ("had offered" in said) == (decision.kind == "willing")


@pytest.mark.parametrize("examples", [10, pytest.param(375, marks=pytest.mark.thorough)])
def test_no_sentence_says_what_is_not_so(examples: int) -> None:
    settings(max_examples=examples)(
        given(instances(), rules(), st.data())(no_sentence_says_what_is_not_so)
    )()


@settings(max_examples=80)
@given(instances(), st.data(), st.integers(-300, 300))
def test_a_changed_share_keeps_the_sum(instance: Instance, data: st.DataObject, units: int) -> None:
    code = data.draw(st.sampled_from([m.code for m in instance.municipalities]))
    changed = with_share(instance, code, units, {})
    if changed is None:
        return
    assert changed.units == instance.units
    assert changed.by_code[code].share == instance.by_code[code].share + units
    for m in changed.municipalities:
        if m.code != code and units:
            before = instance.by_code[m.code].share
            exact = before - units * before / (instance.units - instance.by_code[code].share)
            assert abs(m.share - exact) < 1


@settings(max_examples=scaled(120))
@given(instances(siblings=False), st.sampled_from(["deviation:chi2", "deviation:l2"]), st.data())
def test_what_it_would_cost_by_brute_force(instance: Instance, level: str, data: st.DataObject) -> None:
    policy = IN_FORCE.with_changes(name="o", rule="optimal", levels=("over-capacity", level))
    code = data.draw(st.sampled_from([m.code for m in instance.municipalities]))
    try:
        result = solve(instance, policy, backend="highs", workers=1)
    except InfeasibleError:
        assume(False)
    made = explain_by_optimum(result, code, backend="highs")
    position = [m.code for m in instance.municipalities].index(code)
    borne = result.counts.untied[position]
    bearers = rule_bearers(instance)
    limits = {"fewer": (0, borne - 1), "more": (borne + 1, None)}
    assert {c.what for c in made.costs} >= ({"fewer", "more"} if borne else {"more"})
    for cost in made.costs:
        if cost.what == "share":
            continue
        try:
            best = brute_force(
                instance, policy, result.transfers, bearers, 5_000, {code: limits[cost.what]}
            )
        except FordelaError:
            assume(False)
        if best is None:
            assert cost.levels == ()
            assert cost.impossible
            continue
        assert tuple(o.value for o in cost.levels) == best
        now = tuple(o.value for o in result.objective)
        different = [k for k, (a, b) in enumerate(zip(now, best, strict=True)) if a != b]
        if different:
            k = different[0]
            assert cost.first == result.objective[k].level
            assert cost.difference == first_component(best[k]) - first_component(now[k]) > 0
        else:
            assert cost.first is None


def test_what_was_not_found_in_time_is_not_called_impossible() -> None:
    from time import monotonic

    result = solve(load_instance("textbook"), IN_FORCE.with_changes(name="o", rule="optimal"))
    costs = explain_by_optimum(result, "0001", limits=Limits(monotonic() - 1, 0, None)).costs
    assert costs
    assert not any(cost.impossible or cost.proven for cost in costs)
    said = explain(result, municipality="Ask", time_limit=1e-9).sentences
    assert sum("not found within the time limit" in s for s in said) == len(costs)


def test_a_share_unit_more_is_the_optimum_of_the_other_year() -> None:
    year = load_instance("textbook")
    policy = IN_FORCE.with_changes(name="o", rule="optimal")
    result = solve(year, policy)
    made = next(c for c in explain_by_optimum(result, "0001").costs if c.what == "share")
    changed = with_share(year, "0001", 1, handed_away(result))
    assert changed is not None
    best = brute_force(changed, policy, result.transfers)
    assert best is not None
    assert tuple(o.value for o in made.levels) == best
    assert made.proven
    assert result.status is Status.OPTIMAL


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("policy", ["in-force", "willing-first", "optimal", "national-valve"])
def test_every_sentence_can_be_said(language: str, policy: str) -> None:
    year = load_instance("textbook")
    places = tuple(
        replace(m, capacity=1, willing=2 if m.code == "0004" else 0, wants_less=0, wants_more=0)
        for m in year.municipalities
    )
    year = year.with_changes(municipalities=places, forecast=3)
    result = solve(year, load_policy(policy))
    for case in year.cases:
        made = explain(result, municipality="Ask", case=case.case, language=language)
        assert all(made.sentences)
        assert "{" not in " ".join(made.sentences)
    for m in year.municipalities:
        made = explain(result, municipality=m.name, language=language)
        assert "{" not in " ".join(made.sentences)
        json.dumps(made.data)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "A share up to 3.00 ‰ larger would have given it neither more nor fewer children, "
               "kinship not counted."),
        ("sv", "En andel som är upp till 3,00 ‰ större hade gett den varken fler eller färre barn, "
               "anknytning oräknad."),
    ],
)  # fmt: skip
def test_who_handed_all_away_reads_once_what_was_tried(language: str, expected: str) -> None:
    """No less than all of its share can be left to it, so nothing was tried that way."""
    folder = Path(__file__).parent / "data" / "defects" / "zerodiv"
    result = solve(read_instance(folder), load_policy(str(folder / "policy.toml")))
    said = explain(result, municipality="0516", language=language).sentences
    assert expected in said
    assert len(said) == len(set(said))
    assert not [s for s in said if "0.00 ‰ smaller" in s or "0,00 ‰ mindre" in s]


@pytest.mark.parametrize("what", ["credited", "share"])
@pytest.mark.parametrize(("more", "less"), [(300, 200), (300, 0), (0, 200), (0, 0)])
def test_only_what_was_tried_is_said(what: str, more: int, less: int) -> None:
    result = solve(load_instance("textbook"))
    changes = (("more", Change(what, None, less, more)), ("fewer", Change(what, None, less, more)))
    made = replace(explain_by_rule(result, "0001"), changes=changes)
    said = " ".join(Sentences(result, Words("en")).municipality(made))
    up, down = ("300 more", "200 fewer") if what == "credited" else ("3.00 ‰ larger", "2.00 ‰ smaller")
    assert (up in said, down in said) == (more > 0, less > 0)
    assert "0 fewer" not in said.replace("200 fewer", "")
    assert said.count("neither more nor fewer") == (more + less > 0)


def test_every_text_of_an_explanation_is_used() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in (Path(__file__).parents[1] / "report").glob("*.py")
    )
    built = ("x_by_", "x_tried_", "x_change", "x_wanted", "x_more", "x_fewer", "x_either",
             "x_cost_", "x_part_", "x_standing_")  # fmt: skip
    kinds = {"x_kinship", "x_willing", "x_valve", "x_equalising", "x_unplaced"}
    for key in TEXTS:
        if key.startswith("x_") and not key.startswith(built) and key not in kinds:
            assert f'"{key}"' in source, key


def test_on_the_command_line(tmp_path: Path) -> None:
    target = tmp_path / "result"
    write_result(solve(load_instance("textbook")), target)
    run = CliRunner()
    said = run.invoke(main, ["explain", str(target), "--case", "a"]).stdout
    assert "First in line, with room, was Ceder (0003): 17 children counted" in said
    assert (
        "With 3 children more credited before the year for Ceder (0003), it would have gone to" in said
    )
    data = json.loads(
        run.invoke(main, ["explain", str(target), "--case", "a", "--format", "json"]).stdout
    )
    assert data[0]["facts"]["winner"]["fulfilment"] == "17/20"
    for words, message in (
        (["--case", "zz"], "no such case"),
        (["--municipality", "Ass"], "did you mean 0001 Ask?"),
        ([], "name a --municipality or a --case"),
    ):
        wrong = run.invoke(main, ["explain", str(target), *words])
        assert wrong.exit_code == 2
        assert message in wrong.stderr
    (target / "allocation.csv").write_text(
        (target / "allocation.csv").read_text().replace("0003,equalising", "0001,equalising", 1)
    )
    tampered = run.invoke(main, ["explain", str(target), "--case", "a"])
    assert tampered.exit_code == 2
    assert "does not hold what it claims" in tampered.stderr


def test_of_several_policies_it_is_asked_which(tmp_path: Path) -> None:
    run, target = CliRunner(), tmp_path / "compared"
    words = ["compare", "textbook", "--policy", "in-force", "--policy", "no-redistribution"]
    assert run.invoke(main, [*words, "--out", str(target), "--quiet"]).exit_code == 0
    asked = run.invoke(main, ["explain", str(target), "--case", "a"])
    assert asked.exit_code == 2
    assert "say which with --policy: in-force, no-redistribution" in asked.stderr
    which = ["explain", str(target), "--policy", "no-redistribution"]
    assert "under no-redistribution" in run.invoke(main, [*which, "--municipality", "Ek"]).stdout
    single = ["explain", str(target / "in-force"), "--case", "a"]
    assert run.invoke(main, [*single, "--policy", "in-force"]).exit_code == 0
    for wrong in ([*which[:2], "--policy", "national", "--case", "a"], [*single, "--policy", "county"]):
        said = run.invoke(main, wrong)
        assert said.exit_code == 2
        assert "no such result in" in said.stderr


def test_a_year_until_june_is_not_called_its_end() -> None:
    year = load_instance("textbook")
    june = year.with_changes(children=year.children[:3])
    first = solve(june)
    on = solve_on(first, year, IN_FORCE)
    for result in (first, on):
        said = " ".join(explain(result, municipality="Ask").sentences)
        assert f"the last of {result.instance.children[-1].arrival}, it is credited" in said
        assert "end of the year" not in said
    assert "Vid årets slut" not in " ".join(explain(first, municipality="Ask", language="sv").sentences)
    nobody = year.with_changes(children=())
    assert "the last of –" in " ".join(explain(solve(nobody), municipality="Ask").sentences)


def _first_child(**changes: object) -> Result:
    """A year without a history, whose first child comes after the valve of half a child."""
    year = load_instance("textbook")
    places = tuple(replace(m, assigned_before=0) for m in year.municipalities)
    child = next(c for c in year.children if c.tie is None)
    one = year.with_changes(municipalities=places, children=(child,), forecast=1)
    return solve(one, IN_FORCE.with_changes(name="e", mechanism="effective-share", **changes))


def test_before_anybody_counts_nothing_is_divided_by() -> None:
    """The division by zero: nothing credited to anybody, and the first child after the valve."""
    for changes in ({"valve": Fraction(1, 2)}, {"valve": None}, {"valve": None, "basis": "year"}):
        result = _first_child(**changes)
        for name in ("en", "sv"):
            case = result.instance.cases[0].case
            assert all(explain(result, case=case, language=name).sentences)
            assert all(explain(result, municipality="0004", language=name).sentences)


def test_the_lead_after_the_valve_by_hand() -> None:
    """Own shares decide after the valve, also where the year's shares would give another lead."""
    year = load_instance("textbook")  # 40, 33, 17, 10 credited on 400, 300, 200, 100 ‰
    child = next(c for c in year.children if c.tie is None)
    one = year.with_changes(children=(child,), forecast=1)
    policy = IN_FORCE.with_changes(name="e", mechanism="effective-share", valve=Fraction(1, 2))
    made = explain_case(solve(one, policy), child.case)
    assert made.kind == "valve"
    assert made.winner is not None
    assert made.next_in_line is not None
    # Ceder 17, 18 and 19 of 200 ‰ are below Ask's 10 per 100 ‰, and 20 equals it: Ask's code is lower.
    assert (made.winner.code, made.next_in_line.code, made.lead) == ("0003", "0001", 3)


def test_a_case_of_siblings_has_a_lead_in_cases() -> None:
    """Two cases of two siblings: what a single child would do is not what is said."""
    places = tuple(
        Municipality(code, code, "01", "C", units, assigned_before=before)
        for code, units, before in (("0001", 50_000, 1), ("0002", 50_000, 4))
    )
    children = tuple(Child(f"c{k}", "pair", date(2025, 1, 1)) for k in range(2))
    year = Instance("pairs", 2025, places, children)
    made = explain_case(solve(year, IN_FORCE), "pair")
    assert made.lead == 2  # 1, 3, then 5 against 4
    after = explain_case(solve(year, IN_FORCE.with_changes(signpost="after")), "pair")
    assert after.lead == 2  # 3, 5, then 7 against 6
    assert after.winner is not None
    assert after.winner.fulfilment == Fraction(3, 1) / Fraction(5, 2)  # of the 5 so far 2.5 are due


@pytest.mark.parametrize("rule", ["lowest-fulfilment", "optimal"])
def test_a_case_is_found_by_its_own_name_before_that_of_a_child(rule: str) -> None:
    """By hand: case 1 has the children 1 and 2, case 2 the child 3, which is not case 1's decision."""
    places = tuple(
        Municipality(code, code, "01", "C", 50_000, assigned_before=before)
        for code, before in (("0001", 5), ("0002", 2))
    )
    day = date(2025, 1, 1)
    children = (Child("1", "1", day), Child("2", "1", day), Child("3", "2", day, tie="0001"))
    result = solve(Instance("names", 2025, places, children), IN_FORCE.with_changes(rule=rule))
    said = explain(result, case="2").sentences
    assert said[0].startswith("Case 2: 1 child")
    assert said[1] == "A child in case 1 is called 2 too; name that one as case 1."
    assert "It went to 0001 (0001) by kinship" in said[2]
    svenska = explain(result, case="2", language="sv").sentences
    assert svenska[1] == "Ett barn i ärende 1 heter också 2; ange det som ärende 1."
    for name in ("1", "3"):  # child 1 is in case 1; no case is called 3
        said = explain(result, case=name).sentences
        assert said[0].startswith(f"Case {'2' if name == '3' else name}: ")
        assert not any("too; name" in sentence for sentence in said)


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such case"):
        explain_case(solve(load_instance("textbook")), "no")
    wrong = CliRunner().invoke(main, ["explain", str(tmp_path), "--case", "a"])
    assert wrong.exit_code == 2
    assert "holds no result" in wrong.stderr


@pytest.mark.parametrize(
    ("name", "policy", "case", "kind", "winner", "following", "lead"),
    [
        # Nothing is forecast, so the valve is closed: own shares, and of 0862's two tied children none
        # leaves room. With the case itself: 1/33334 < 1/33333, then 2 > 1; 2/33333 < 3/33334, then
        # 4 > 3; 2/33334 and 3/33334 < 3/33333, then 4 > 3.
        ("zerodiv", "policy.toml", "g22426_1", "valve", "1819", "0516", 1),
        ("zerodiv", "policy.toml", "g250501_2", "valve", "0516", "1819", 1),
        ("zerodiv", "policy.toml", "g889426_3", "valve", "1819", "0516", 2),
        # Before it: 0 < 1/33334 (1819 had one child before), then 1/33333 > 1/33334; 1/33334 < 1/33333,
        # then 3 > 1; 1/33333 and 2/33333 < 3/33334, then 3/33333 > 3/33334.
        ("zerodiv", "zd2", "g22426_1", "valve", "0516", "1819", 1),
        ("zerodiv", "zd2", "g250501_2", "valve", "1819", "0516", 1),
        ("zerodiv", "zd2", "g889426_3", "valve", "0516", "1819", 2),
        # 2488 and 2505 have no room. 0/32 < 3/25, then 4/32 > 3/25; so 3/25 < 4/32, then 6/25 > 4/32.
        ("lead", "policy.toml", "g931333_0", "valve", "0151", "1685", 1),
        ("lead", "policy.toml", "g291915_1", "valve", "1685", "0151", 1),
    ],
)
def test_years_that_were_explained_wrong(
    name: str, policy: str, case: str, kind: str, winner: str, following: str, lead: int
) -> None:
    """A division by zero, and the lead of cases after the valve: all by hand."""
    folder = Path(__file__).parent / "data" / "defects" / name
    rule = IN_FORCE.with_changes(name="zd2", mechanism="effective-share", valve=Fraction(1, 2))
    if policy != "zd2":
        rule = load_policy(str(folder / policy))
    result = solve(load_instance(str(folder)), rule)
    made = explain_case(result, case)
    assert made.winner is not None
    assert made.next_in_line is not None
    found = (made.kind, made.winner.code, made.next_in_line.code, made.lead)
    assert found == (kind, winner, following, lead)
    for code in result.instance.by_code:
        assert explain(result, municipality=code, language="sv").sentences
