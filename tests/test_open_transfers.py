"""What rests on transfers or homes that are not proven is called found so far, in every table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from fordela.instances.claims import read_solution
from fordela.instances.comparison_claims import read_comparison
from fordela.instances.results import write_placement, write_result
from fordela.models.check import check
from fordela.models.check.comparison import comparison_violations
from fordela.models.homes import Home
from fordela.models.instance import Child, Instance, Municipality
from fordela.models.placement.outcome import MODES, Mode
from fordela.models.policy import IN_FORCE
from fordela.models.program import Linear, Program
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import Status, Termination
from fordela.report.checking import check_result
from fordela.report.comparison_tables import comparison_tables
from fordela.report.explaining import explain
from fordela.report.folders import write_comparisons
from fordela.report.outlook_tables import outlook_tables
from fordela.report.page.build import Page, render
from fordela.report.placement_tables import placement_tables
from fordela.report.suppression import OPEN
from fordela.report.terminal import result_tables
from fordela.report.texts import Words
from fordela.report.workbooks.result_book import write_result_book
from fordela.solver.backends import Answer, Limits
from fordela.solver.backends.highs import Highs
from fordela.solver.comparison import compare
from fordela.solver.comparison_rows import comparison_rows
from fordela.solver.placement.comparison import figures_of, mode_rows
from fordela.solver.placement.given import Engine
from fordela.solver.placement.place import place
from fordela.solver.placement.relaxations import relaxations
from fordela.solver.redistribution.decide import redistribute
from fordela.solver.simulation.outlook import outlook
from fordela.solver.solve import solve
from rich.table import Table

NATIONAL = IN_FORCE.with_changes(name="national", scope="national")


def year() -> Instance:
    """Three children tied to A, which hands a share to B, where the only place is."""
    towns = tuple(
        Municipality(
            code, name, "01", "Län", 50_000, population=1, latitude=Decimal(60 + k),
            longitude=Decimal(15), wants_less=less, wants_more=more,
        )
        for k, (code, name, less, more) in enumerate(
            (("0001", "A", 1_000, None), ("0002", "B", None, 3_000))
        )
    )  # fmt: skip
    children = tuple(
        Child(f"c{k}", f"k{k}", date(2026, 1, 1 + k), "0001", age=15, stay=1 + 20 * (k > 0))
        for k in range(3)
    )
    homes = (Home("b", "0002", "family-home", 1),)
    return Instance("small", 2026, towns, children, homes=homes, forecast=3)


def stopped(made: RedistributionResult) -> RedistributionResult:
    """The same transfers, with the last level not proven when the time was up."""
    *levels, last = made.objective
    last = replace(last, status=Status.FEASIBLE, proof=None, price=None)
    return replace(
        made, objective=(*levels, last), status=Status.FEASIBLE, termination=Termination.TIME_LIMIT
    )


def shown(parts: Sequence[str | Table]) -> str:
    """All sentences and cells."""
    cells = (str(c) for p in parts if isinstance(p, Table) for col in p.columns for c in col.cells)
    return "\n".join([*(p for p in parts if isinstance(p, str)), *cells])


@pytest.mark.parametrize("language", ["en", "sv"])
def test_homes_under_open_transfers_are_no_finding(language: str) -> None:
    """The homes are proven, but the municipalities rest on transfers that are not."""
    words, instance = Words(language), year()
    transfers = redistribute(instance, NATIONAL)
    for made, settled in ((transfers, True), (stopped(transfers), False)):
        modes = [
            figures_of(place(instance, NATIONAL, mode, redistribution=made, workers=1))
            for mode in MODES
        ]
        open_line = words("transfers_open").split("{proven}")[0].format(policy="national")
        assert modes[1].made.status is modes[2].made.status is Status.OPTIMAL
        for figures in modes:
            text = shown(list(placement_tables([figures], figures.made.mode, words)))
            assert (words("found_so_far") in text) != settled
            assert (open_line in text) != settled
            assert (words("place_answer_so_far").split(":")[0] in text) != settled
        text = shown(list(placement_tables(modes, "joint", words)))
        assert (words("joint_gain_so_far").split(":")[0] in text) != settled
        assert (words("vacancy_cost_so_far").split("{")[0] in text) != settled
        assert {r["redistribution_status"] for r in mode_rows(tuple(modes))} == {made.status.value}


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("rule", ["lowest-fulfilment", "optimal"])
def test_decisions_under_open_transfers_say_so(language: str, rule: str, tmp_path: Path) -> None:
    """In ``solve``, ``compare``, the page, and both files of a comparison."""
    words, instance = Words(language), year()
    policy = NATIONAL.with_changes(rule=rule)
    known = "rule" if rule == "lowest-fulfilment" else "optimal"
    status = words("on_open_transfers", said=words(known))
    transfers = redistribute(instance, policy)
    for made, settled in ((transfers, True), (stopped(transfers), False)):
        result = solve(instance, policy, redistribution=made, workers=1)
        assert (status in shown(list(result_tables(result, words)))) != settled
        comparison = compare(instance, [policy], norms=(), solved=[result], workers=1)
        assert (status in shown(list(comparison_tables(comparison, words)))) != settled
        assert (status in render(Page(comparison, words))) != settled
        (row,) = comparison_rows(comparison)
        assert row["redistribution_status"] == made.status.value
        write_comparisons([comparison], tmp_path / f"{settled}")
        claims = read_comparison(tmp_path / f"{settled}")
        assert list(comparison_violations(instance, claims)) == []
        (entry,) = claims.head["policies"]
        entry["redistribution_status"] = "feasible" if settled else "optimal"
        (broken,) = comparison_violations(instance, claims)
        assert "redistribution_status" in broken.message


@pytest.mark.parametrize("language", ["en", "sv"])
def test_homes_of_a_comparison_that_are_not_proven(language: str) -> None:
    words, instance = Words(language), year()
    found = compare(instance, [IN_FORCE], norms=(), workers=1)
    (figures,) = found.policies
    assert figures.homes is not None
    open_homes = replace(figures.homes, status=Status.FEASIBLE)
    line = words("homes_open", policies="in-force")
    for homes, said in ((figures.homes, False), (open_homes, True)):
        changed = replace(found, policies=(replace(figures, homes=homes),))
        assert (line in shown(list(comparison_tables(changed, words)))) == said
        assert (line in render(Page(changed, words))) == said
        assert comparison_rows(changed)[0]["homes_status"] == homes.status.value


def test_an_outlook_under_open_transfers_says_so() -> None:
    words = Words("en")
    found = outlook(year(), "0002", NATIONAL, years=20, workers=1)
    changed = replace(found, standing=stopped(found.standing))
    line = words("transfers_open").split("{proven}")[0].format(policy="national")
    assert line not in shown(list(outlook_tables(found, words, assumed=False)))
    assert line in shown(list(outlook_tables(changed, words, assumed=False)))


class Hasty(Highs):
    """An engine that is stopped once, at a solution with as much as there can be."""

    def __init__(self) -> None:
        self.stopped = False

    def solve(self, program: Program, limits: Limits, start: Sequence[int] | None = None) -> Answer:
        if self.stopped:
            return super().solve(program, limits, start)
        self.stopped = True
        most = Linear({v: -n for v, n in program.objective.terms.items()})
        made = super().solve(replace(program, objective=most), limits)
        return replace(made, status=Status.FEASIBLE, bound=None)


def test_a_stopped_engine_asks_for_no_places_that_nobody_lives_in(tmp_path: Path) -> None:
    """The only place is free again for the second; the third needs one, where the engine counted three.

    That fewer agreements are not enough is not proven either: the one part was not proven to need any.
    """
    home = Home("a", "0001", "family-home", 1)
    instance = year().with_changes(homes=(home, *year().homes))
    made = place(instance, workers=1)
    assert made.unplaced == 1
    engine = Engine(Hasty(), Limits(workers=1))
    places, agreements = found = relaxations(made, engine)
    assert [(p.municipality, p.places, p.children) for p in places.places] == [("0001", 1, 1)]
    assert (places.proven, agreements.size, agreements.proven) == (False, 1, False)
    write_placement(replace(made, relaxations=found), tmp_path / "made")
    assert check(instance, read_solution(tmp_path / "made")) == []


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("rule", ["lowest-fulfilment", "optimal"])
def test_the_workbook_and_an_explanation_say_so(language: str, rule: str, tmp_path: Path) -> None:
    """Every sheet has the status, and the sheet of proofs all levels, those of the transfers first."""
    words, instance = Words(language), year()
    policy = NATIONAL.with_changes(rule=rule)
    transfers = redistribute(instance, policy)
    status = words("on_open_transfers", said=words("rule" if rule != "optimal" else "optimal"))
    for made, settled in ((transfers, True), (stopped(transfers), False)):
        result = solve(instance, policy, redistribution=made, workers=1)
        line = words("transfers_open").split("{proven}")[0].format(policy="national")
        write_result_book(result, tmp_path / "b.xlsx", language=language)
        book = openpyxl.load_workbook(tmp_path / "b.xlsx")
        assert all((f"{words('status')}: {status}." in str(s["A2"].value)) != settled for s in book)
        proof = book[words("proof_sheet")]
        levels = [*made.objective, *result.objective]
        assert [c.value for c in proof["A"][5:]] == [words.level(o.level) for o in levels]
        stated = [c.value for c in proof["D"][5:]]
        assert stated == [words(o.status.value) for o in levels]
        assert (words("feasible") in stated) != settled
        assert (line in str(proof["A3"].value)) != settled
        said = explain(result, municipality="0002", language=language, backend="highs").sentences
        assert any(line in sentence for sentence in said) != settled
        write_result(result, tmp_path / f"{settled}")
        _, closing = check_result(instance, tmp_path / f"{settled}", words, lambda _: None)
        open_levels = words("clean_open", levels=words.level(made.objective[-1].level))
        assert (open_levels in closing) != settled


@pytest.mark.parametrize("language", ["en", "sv"])
def test_only_a_book_that_can_hold_cases_advises_to_ask_for_them(language: str, tmp_path: Path) -> None:
    """`--publish` refuses `--cases`."""
    for name, hidden in (("own", OPEN), ("published", replace(OPEN))):
        path = tmp_path / f"{name}.xlsx"
        write_result_book(solve(year()), path, language=language, hidden=hidden)
        cells = [c.value for s in openpyxl.load_workbook(path) for row in s.iter_rows() for c in row]
        assert (Words(language)("no_cases_here") in cells) == (name == "own")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scope", ["decided", "county", "national", "bilateral"])
def test_homes_under_transfers_of_any_kind_pass_their_check(
    mode: Mode, scope: str, tmp_path: Path
) -> None:
    policy = IN_FORCE.with_changes(name=scope, scope=scope)
    made = place(year(), policy, mode)
    write_placement(made, tmp_path / "r")
    assert check(year(), read_solution(tmp_path / "r")) == []


def test_who_finds_no_vacancy_has_no_home_where_everybody_should_have_one(tmp_path: Path) -> None:
    """A, responsible for all three, has no home and no agreement: by vacancy nobody has one."""
    rules = replace(IN_FORCE.placement, levels=("distance",))
    policy = replace(IN_FORCE, name="all", placement=rules)
    made = place(year(), policy, "vacancy")
    assert all(p.place is None for p in made.placements)
    write_placement(made, tmp_path / "r")
    assert check(year(), read_solution(tmp_path / "r")) == []
