"""A year taken on: split anywhere it is the year in one go; what was decided stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import load_policy
from fordela.instances.restoring import read_result
from fordela.instances.results import write_placement, write_result
from fordela.instances.writing import write_instance
from fordela.models.allocation import Allocation, Assignment, count
from fordela.models.check import check
from fordela.models.errors import InputError
from fordela.models.homes import Home
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import IN_FORCE, Policy
from fordela.report.explaining import explain
from fordela.report.loading import comparison_of
from fordela.report.page import build
from fordela.report.page.write import write_report
from fordela.report.suppression import OPEN, suppression_of
from fordela.report.texts import Words
from fordela.report.workbooks.result_book import write_result_book
from fordela.solver.continuing import solve_on
from fordela.solver.placement.place import place
from fordela.solver.solve import solve
from fordela.solver.standing import standings
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.strategies import instances, maybe, pick, rules, scaled, windows


def first_cases(instance: Instance, number: int) -> Instance:
    kept = {child.child for case in instance.cases[:number] for child in case.children}
    return instance.with_changes(children=tuple(c for c in instance.children if c.child in kept))


def assignments(result: object) -> Sequence[tuple[str, str | None, str | None, str]]:
    return [(a.child, a.bearer, a.owner, a.kind) for a in result.allocation.assignments]  # type: ignore[attr-defined]


@settings(max_examples=scaled(150))
@given(instances(), rules(), st.integers(0, 5))
def test_a_year_split_anywhere_is_the_year_in_one_go(
    instance: Instance, policy: Policy, cut: int
) -> None:
    if not any(m.share for m in instance.municipalities):
        return
    policy = policy.with_changes(tie="code")  # lots are drawn anew
    whole = solve(instance, policy)
    begun = solve(first_cases(instance, cut), policy)
    taken_on = solve_on(begun, instance, policy)
    assert assignments(taken_on) == assignments(whole)
    assert taken_on.counts == whole.counts
    assert taken_on.tied_decisions + begun.tied_decisions == whole.tied_decisions
    assert taken_on.valve_closed_at == whole.valve_closed_at
    assert taken_on.decided_cases == len(begun.instance.cases)
    assert check(instance, taken_on) == []


@pytest.mark.parametrize("policy", ["in-force", "county", "willing-first"])
def test_through_files_with_the_holdings(policy: str, tmp_path: Path) -> None:
    """Transfers decided in January hold in July, read back from the folder."""
    year = load_instance("sweden-2026")
    half = first_cases(year, 150)
    write_instance(half, tmp_path / "june")
    write_instance(year, tmp_path / "july")
    run = CliRunner()
    for words in (
        ["solve", "june", "--policy", policy, "--out", "decided-june"],
        ["solve", "july", "--continue", "decided-june", "--out", "decided-july"],
    ):
        paths = [str(tmp_path / w) if (tmp_path / w).exists() or w.startswith("decided") else w
                 for w in words]  # fmt: skip
        done = run.invoke(main, paths)
        assert done.exit_code == 0, done.output
    now, then = read_result(tmp_path / "decided-july"), read_result(tmp_path / "decided-june")
    assert now.transfers == then.transfers
    assert assignments(now)[: len(half.children)] == assignments(then)
    assert check(year, now) == []
    assert (
        run.invoke(main, ["check", str(tmp_path / "july"), str(tmp_path / "decided-july")]).exit_code
        == 0
    )


def test_a_decision_that_left_the_rule_stands_and_is_counted() -> None:
    """By hand: Ask is given case a instead of Ceder, so Ceder's 17 of 200 ‰ take case b and d."""
    year = load_instance("textbook")
    begun = solve(first_cases(year, 1))
    changed = tuple(replace(a, owner="0001", bearer="0001") for a in begun.allocation.assignments)
    counts = count(begun.instance, begun.policy, changed)
    begun = replace(begun, allocation=Allocation(changed), counts=counts)
    result = solve_on(begun, year, IN_FORCE)
    owners = {a.case: a.owner for a in result.allocation.assignments}
    # Ask 41/4 = 10.25; Ceder 17/2 = 8.5 takes b (2 children): 9.5; Ek 10; so d is Ceder's too.
    assert [owners[c] for c in ("a", "b", "d")] == ["0001", "0003", "0003"]
    assert check(year, result) == []
    assert check(year, replace(result, decided_cases=0)) != []  # without the fact the rule is broken


def test_the_queue_goes_by_what_was_decided() -> None:
    year = load_instance("sweden-2026")
    half = first_cases(year, 150)
    begun = solve(half)
    assert standings(year, IN_FORCE, so_far=begun) == standings(year, IN_FORCE)
    moved = tuple(
        replace(a, owner="0114", bearer="0114") if a.kind == "equalising" else a
        for a in begun.allocation.assignments
    )
    other = replace(begun, allocation=Allocation(moved), counts=count(half, IN_FORCE, moved))
    line = {s.code: s for s in standings(half, IN_FORCE, so_far=other)}
    taken = sum(a.kind == "equalising" for a in moved)
    kin = sum(a.bearer == "0114" and a.kind == "kinship" for a in moved)
    assert line["0114"].credited == half.by_code["0114"].assigned_before + taken + kin


def problems(instance: Instance, earlier: object, policy: Policy = IN_FORCE) -> str:
    with pytest.raises(InputError) as raised:
        solve_on(earlier, instance, policy)  # type: ignore[arg-type]
    return str(raised.value)


def test_a_year_that_does_not_begin_so_is_refused() -> None:
    year = load_instance("textbook")
    begun = solve(first_cases(year, 3))
    later = year.with_changes(children=year.children[1:])
    assert "instead of case a of 1" in problems(later, begun)
    untied = tuple(replace(c, tie=None) for c in year.children)
    assert "instead of case c of 1, tie 0002 it has case c of 1, tie none" in problems(
        year.with_changes(children=untied), begun
    )
    places = tuple(
        replace(m, assigned_before=m.assigned_before + (m.code == "0002")) for m in year.municipalities
    )
    message = problems(year.with_changes(municipalities=places), begun)
    assert "assigned_before is '34': of Bok was 33 when the first children were decided" in message


def test_what_transfers_rest_on_stays_for_the_year() -> None:
    """Transfers hold for a calendar year ([O] 2.3.2): other wishes or decisions are the next year's."""
    year = load_instance("textbook")
    begun = solve(first_cases(year, 3))
    (handed, *others) = year.transfers
    message = problems(year.with_changes(transfers=tuple(others)), begun)
    arrow = f"{handed.giver} → {handed.receiver}"
    assert f"'{arrow}, " in message
    assert "is missing, but was in force when the first children were decided" in message
    more = Transfer("0001", handed.receiver, 100)
    message = problems(year.with_changes(transfers=(*year.transfers, more)), begun)
    assert f"'0001 → {handed.receiver}, 1.00 ‰': was not in force when" in message
    year = load_instance("sweden-2026")
    county = load_policy("county")
    begun = solve(first_cases(year, 1), county)
    less = sorted(year.wanted.less)[0]
    kept = tuple(replace(m, wants_less=0 if m.code == less else m.wants_less)
                 for m in year.municipalities)  # fmt: skip
    changed = year.with_changes(municipalities=kept, wishes=())
    message = problems(changed, begun, county)
    assert f"municipality is '{less}': the wish for less is not the one by which transfers" in message
    with pytest.raises(InputError, match="transfers hold for a calendar year"):
        standings(changed, county, so_far=begun)


@st.composite
def a_month_later(draw: st.DrawFn, year: Instance) -> Instance:
    """The same year, where something has changed that decisions and transfers do not rest on."""
    places, children = year.municipalities, year.children
    changed = draw(st.sampled_from(["willing", "windows", "capacity", "forecast", "head", "children"]))
    few = st.integers(0, 3)
    if changed == "willing":
        places = tuple(replace(m, willing=draw(few)) for m in places)
    if changed == "capacity":
        places = tuple(replace(m, capacity=draw(maybe(few)), population=draw(few), name=f"N{m.code}")
                       for m in places)  # fmt: skip
    if changed == "children":
        children = tuple(replace(c, age=draw(pick(None, 10, 17)), sex=draw(pick(None, "f", "m")),
                                 stay=5, agency=True) for c in children)  # fmt: skip
    windows_then = () if changed == "willing" else year.availability
    return year.with_changes(
        municipalities=places,
        children=children,
        availability=draw(windows(places)) if changed == "windows" else windows_then,
        forecast=draw(pick(1, 9)) if changed == "forecast" else year.forecast,
        title="Later" if changed == "head" else year.title,
    )


@settings(max_examples=scaled(90))
@given(instances(), rules(), st.integers(0, 5), st.data())
def test_what_was_decided_stands_whatever_changes_from_month_to_month(
    year: Instance, policy: Policy, cut: int, data: st.DataObject
) -> None:
    """Also under another rule: places of June may be gone in July, and the valve may close earlier."""
    if not any(m.share for m in year.municipalities):
        return
    begun = solve(first_cases(year, cut), policy)
    july = data.draw(a_month_later(year))
    rule = data.draw(pick(policy.assignment.rule, "willing-first", "lowest-fulfilment"))
    then = policy.with_changes(rule=rule, valve=data.draw(pick(None, policy.assignment.valve)))
    taken_on = solve_on(begun, july, then)
    stands = [(a.child, a.bearer, a.kind) for a in begun.allocation.assignments]
    now = [(a.child, a.bearer, a.kind) for a in taken_on.allocation.assignments]
    assert now[: len(stands)] == stands
    assert check(july, taken_on) == []
    standings(july, then, so_far=begun)
    if july.cases and not then.is_asked:
        explain(taken_on, case=july.cases[-1].case)
        explain(taken_on, case=july.cases[0].case)


def test_places_that_were_withdrawn_had_been_used() -> None:
    """By hand: Ask's two willing places of June are gone in July; the child who took one stays.

    Ask has 10 + 1 then and Bok 5, with half the shares each: the child of July is Bok's, who has 6
    then and is next in line.
    """
    ask = Municipality("0001", "Ask", "01", "C", 50_000, assigned_before=10, willing=2)
    bok = Municipality("0002", "Bok", "01", "C", 50_000, assigned_before=5)
    june, july = (Child(str(k), str(k), date(2025, k, 1)) for k in (6, 7))
    willing = load_policy("willing-first")
    begun = solve(Instance("months", 2025, (ask, bok), (june,)), willing)
    year = Instance("months", 2025, (replace(ask, willing=0), bok), (june, july))
    for policy in (willing, IN_FORCE):
        taken_on = solve_on(begun, year, policy)
        assert [(a.bearer, a.kind) for a in taken_on.allocation.assignments] == [
            ("0001", "willing"), ("0002", "equalising"),
        ]  # fmt: skip
        assert check(year, taken_on) == []
        assert standings(year, policy, so_far=begun)[0].code == "0002"


def test_nothing_is_called_verified_that_was_taken_as_decided(tmp_path: Path) -> None:
    """By hand: 6 children of A, with 900 ‰ and nobody so far, are given to B, who is far ahead."""
    a = Municipality("0001", "A", "01", "C", 90_000)
    b = Municipality("0002", "B", "01", "C", 10_000, assigned_before=90)
    children = tuple(Child(f"c{k}", f"g{k}", date(2025, 1, 1), age=15) for k in range(6))
    homes = tuple(Home(f"h{k}", f"000{k}", "family-home", 9) for k in (1, 2))
    year = Instance("given", 2025, (a, b), children, homes=homes)
    forged = {c.case: Assignment(c.child, c.case, "0002", "0002", "equalising", k)
              for k, c in enumerate(children, 1)}  # fmt: skip
    result = solve(year, IN_FORCE, decided=forged)
    write_instance(year, tmp_path / "year")
    write_result(result, tmp_path / "result")
    write_placement(place(year, IN_FORCE, "sequential", result=result), tmp_path / "homes")
    run = CliRunner()
    for name in ("result", "homes"):
        checked = run.invoke(main, ["check", str(tmp_path / "year"), str(tmp_path / name)])
        assert checked.exit_code == 0
        assert "0 of 6 cases follow from the rule in-force" in checked.output
        assert "unverified: check does not look at the earlier result" in checked.output
    page, book = tmp_path / "page.html", tmp_path / "book.xlsx"
    write_report([result], page)
    told = page.read_text(encoding="utf-8")
    assert "Every decision and figure was verified" not in told
    assert "every decision but those that had been taken before, was verified" in told
    write_result_book(result, book)
    for sheet in load_workbook(book):
        assert str(sheet["A2"].value).startswith("in-force: the first 6 of 6 cases had been decided")
    optimal = load_policy("optimal")
    best = solve(year, optimal, prices=False)
    (violation,) = check(year, replace(best, decided_cases=6))
    assert violation.rule == "decided cases"


def test_a_policy_that_decides_transfers_otherwise_is_refused() -> None:
    year = load_instance("textbook")
    begun = solve(first_cases(year, 3))
    for changed in (IN_FORCE.with_changes(scope="none"), IN_FORCE.with_changes(basis="year")):
        assert "transfers hold for a calendar year" in problems(year, begun, changed)
    optimal = IN_FORCE.with_changes(rule="optimal")
    assert "use a rule" in problems(year, begun, optimal)


def test_siblings_split_by_an_optimum_cannot_be_taken_on() -> None:
    year = load_instance("textbook")
    begun = solve(first_cases(year, 2))
    first, *rest = begun.allocation.assignments
    split = (first, replace(rest[0], bearer="0001", owner="0001"), *rest[1:])
    broken = replace(begun, allocation=Allocation(split), counts=count(begun.instance, IN_FORCE, split))
    assert "case b is split between municipalities" in problems(year, broken)


def test_a_result_comes_back_from_files_as_it_was(tmp_path: Path) -> None:
    year = load_instance("sweden-2026")
    for name in ("in-force", "county", "optimal"):
        result = solve(year, load_policy(name))
        write_result(result, tmp_path / name)
        again = read_result(tmp_path / name)
        assert replace(again, seconds=result.seconds, redistribution=None) == replace(
            result, redistribution=None
        )
        if result.redistribution is not None:
            assert again.redistribution is not None
            assert again.redistribution.objective == result.redistribution.objective


def test_the_instance_is_found_by_its_content(tmp_path: Path) -> None:
    """Beside the result, one folder up, or shipped; another one in the way is passed over."""
    import shutil

    year = load_instance("textbook")
    write_result(solve(year), tmp_path / "r")
    shutil.rmtree(tmp_path / "r" / "instance")
    assert read_result(tmp_path / "r").instance == year  # shipped
    write_instance(load_instance("sweden-2025"), tmp_path / "instance")
    assert read_result(tmp_path / "r").instance == year
    with pytest.raises(InputError, match="was not made from this content of sweden-2025"):
        read_result(tmp_path / "r", load_instance("sweden-2025"))
    other = year.with_changes(name="mine")
    write_result(solve(other), tmp_path / "s")
    shutil.move(tmp_path / "s" / "instance", tmp_path / "kept")
    with pytest.raises(InputError, match="was not made from this content of sweden-2025"):
        read_result(tmp_path / "s")
    shutil.rmtree(tmp_path / "instance")
    with pytest.raises(InputError, match="name it with --instance"):
        read_result(tmp_path / "s")
    assert read_result(tmp_path / "s", other).instance == other


@pytest.mark.parametrize("command", ["solve", "queue"])
def test_a_comparison_is_not_gone_on_from_as_a_whole(command: str, tmp_path: Path) -> None:
    """One clear message; one of its results is gone on from, and where there is none it says so."""
    folder, run = tmp_path / "c", CliRunner()
    named = [word for name in ("in-force", "willing-first") for word in ("--policy", name)]
    assert run.invoke(main, ["compare", "textbook", *named, "--out", str(folder)]).exit_code == 0
    refused = run.invoke(main, [command, "textbook", "--continue", str(folder)])
    assert refused.exit_code == 2
    places = ", ".join(str(folder / name) for name in ("in-force", "willing-first"))
    assert refused.stderr == f"Error: {folder}: holds several results; name one: {places}\n"
    one = run.invoke(main, [command, "textbook", "--continue", str(folder / "in-force")])
    assert one.exit_code == 0, one.output
    nowhere = run.invoke(main, [command, "textbook", "--continue", str(tmp_path / "nowhere")])
    assert nowhere.exit_code == 2
    assert len(nowhere.stderr.splitlines()) == 1
    assert "no such folder" in nowhere.stderr


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "the first 4 of 6 cases had been decided before"),
        ("sv", "de första 4 av 6 ärenden var redan beslutade"),
    ],
)
def test_page_and_explanations_say_what_was_decided_before(
    language: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "_vega", lambda: "")  # charts are not looked at
    year = load_instance("textbook")
    assert len(year.cases) == 6
    result = solve_on(solve(first_cases(year, 4)), year, IN_FORCE)
    words = Words(language)
    for made, there in ((result, True), (solve(year), False)):
        comparison = comparison_of([made], lambda _: None)
        for hidden in (OPEN, suppression_of([made])):
            assert (said in build.render(build.Page(comparison, words, hidden))) is there
        for sentences in (
            explain(made, municipality="0001", language=language).sentences,
            explain(made, case="f", language=language).sentences,
        ):
            assert any(said in sentence for sentence in sentences) is there
