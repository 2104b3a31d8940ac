"""Explanations: by hand on the textbook, and what would have been against independent oracles."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.results import write_result
from fordela.models.check.replay import bearers_of_rule
from fordela.models.errors import FordelaError, InfeasibleError, InputError
from fordela.models.instance import Instance
from fordela.models.norms import first_component
from fordela.models.policy import IN_FORCE, Policy
from fordela.models.result import Status
from fordela.report.explaining import explain
from fordela.report.texts import TEXTS
from fordela.solver.backends import Limits
from fordela.solver.brute_force import brute_force
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

from tests.strategies import instances, rules


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
    assert by_what["share"].amount is None  # 17 / 197 is still below 10


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


@settings(max_examples=60)
@given(instances(), rules(), st.data())
def test_the_least_change_by_the_checkers_replay(
    instance: Instance, policy: Policy, data: st.DataObject
) -> None:
    """A second engine agrees that the change suffices, and that no smaller one does."""
    policy = policy.with_changes(tie="code")
    assume(any(m.share for m in instance.municipalities))
    result = solve(instance, policy)
    untied = [c for c in instance.cases if c.tie is None]
    assume(untied)
    case = data.draw(st.sampled_from(untied))
    made = explain_case(result, case.case)
    turn = made.bearer if policy.counting.mechanism == "effective-share" else made.owner
    kept = handed_away(result)
    for change in made.changes:
        reach = change.limit if change.amount is None else change.amount
        step = 1 if change.what == "credited" else -1
        near = range(step, reach + step, step) if reach else range(0)
        for amount in [*near][-4:] if change.what == "share" else near:
            if change.what == "credited":
                changed = with_credited(instance, turn, amount)
            else:
                changed = with_share(instance, turn, amount, kept)
            assert changed is not None
            bearer = bearers_of_rule(changed, policy, result.transfers)[case.case]
            if amount == change.amount:
                assert bearer == change.to != made.bearer
            else:
                assert bearer == made.bearer


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


@settings(max_examples=120)
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
    from fordela.instances.policy_files import load_policy

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


def test_every_text_of_an_explanation_is_used() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in (Path(__file__).parents[1] / "report").glob("*.py")
    )
    built = ("x_change_", "x_wanted_", "x_more_", "x_fewer_", "x_cost_", "x_part_")
    kinds = {"x_kinship", "x_willing", "x_valve", "x_equalising", "x_unplaced"}
    for key in TEXTS:
        if key.startswith("x_") and not key.startswith(built) and key not in kinds:
            assert f'"{key}"' in source, key


def test_on_the_command_line(tmp_path: Path) -> None:
    target = tmp_path / "result"
    write_result(solve(load_instance("textbook")), target)
    run = CliRunner()
    said = run.invoke(main, ["explain", str(target), "--case", "a"]).stdout
    assert "Ceder (0003) was first in line: 17" in said
    assert "Had Ceder (0003) been credited 3 children more before the year" in said
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


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such case"):
        explain_case(solve(load_instance("textbook")), "no")
    wrong = CliRunner().invoke(main, ["explain", str(tmp_path), "--case", "a"])
    assert wrong.exit_code == 2
    assert "holds no result" in wrong.stderr
