"""Ties within the share, willing places by sex and age, and the ledgers (model, sections 2 and 3)."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import read_policy
from fordela.instances.reading import read_instance
from fordela.instances.writing import write_instance
from fordela.models.allocation import history
from fordela.models.check import check
from fordela.models.check.replay import _fits
from fordela.models.errors import InputError
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import IN_FORCE
from fordela.models.wishes import Availability
from fordela.report.page.figures import figures_shown, values_of
from fordela.report.suppression import OPEN
from fordela.report.workbooks.result_book import write_result_book
from fordela.solver.comparison import compare
from fordela.solver.solve import solve
from hypothesis import given, settings
from openpyxl import load_workbook

from tests.strategies import instances, scaled

HALVES = (
    Municipality("0001", "A", "01", "County", 50_000),
    Municipality("0002", "B", "01", "County", 50_000),
)
WITHIN = IN_FORCE.with_changes(name="within", kinship="within-share")
WILLING = IN_FORCE.with_changes(name="willing", rule="willing-first")


def year(*children: tuple[str | None, str | None, int | None], **changes: object) -> Instance:
    """Two municipalities with half of the share each; children by tie, sex and age."""
    rows = tuple(
        Child(f"c{k}", f"c{k}", date(2025, 1, 1 + k), tie, age, sex)
        for k, (tie, sex, age) in enumerate(children)
    )
    return Instance("halves", 2025, HALVES, rows).with_changes(**changes)


def test_ties_within_the_share_by_hand() -> None:
    """A may have ⌈N/2⌉ of the first N: of three children with ties to A the first and the third."""
    made = solve(year(*[("0001", None, None)] * 4), WITHIN)
    kinds = [(a.bearer, a.kind) for a in made.allocation.assignments]
    # N = 1: 1 of 1. N = 2: 2 of 1, so by fulfilment, to B. N = 3: 2 of 2. N = 4: 3 of 2: to B.
    assert kinds == [
        ("0001", "kinship"), ("0002", "equalising"), ("0001", "kinship"), ("0002", "equalising"),
    ]  # fmt: skip
    assert made.counts.tie_not_followed == (2, 0)
    assert made.counts.kinship == (2, 0)
    always = solve(year(*[("0001", None, None)] * 4), IN_FORCE)
    assert always.counts.total == (4, 0)
    assert always.counts.tie_not_followed == (0, 0)
    both = compare(made.instance, [IN_FORCE, WITHIN]).policies
    assert [f.tie_not_followed for f in both] == [0, 2]
    # The bound of the second may leave the same two ties; it is the even distribution.
    assert both[1].own["l1"].hindsight.value == 0


@pytest.mark.parametrize("mechanism", ["owner-bearer", "effective-share"])
def test_ties_within_the_share_count_what_is_borne_or_credited(mechanism: str) -> None:
    """A hands 20 of its 50 % to B; children without a tie come first, then one with a tie to A.

    A's part is half of all, rounded up: of those on its share or, under effective shares, those there.
    """
    moved = (Transfer("0001", "0002", 20_000),)
    policy = WITHIN.with_changes(mechanism=mechanism)
    for before in range(5):
        given_year = year(*[(None, None, None)] * before, ("0001", None, None), transfers=moved)
        made = solve(given_year, policy)
        assert check(given_year, made) == []
        *_, last = made.allocation.assignments
        counts = Counter(
            a.owner if mechanism == "owner-bearer" else a.bearer
            for a in made.allocation.assignments[:-1]
        )
        assert (last.kind == "kinship") == (counts["0001"] + 1 <= -(-(before + 1) * 50 // 100))


def test_permits_in_the_replay_by_hand() -> None:
    """The days and ages of a permit belong to it; one limit alone is enough to ask for an age."""

    def fits(window: Availability, day: int, age: int | None) -> bool:
        case = year((None, "f", age)).with_changes(
            children=(Child("c", "c", date(2025, 1, day), None, age, "f"),)
        )
        return _fits(window, case.cases[0])

    days = Availability("0001", date(2025, 1, 3), date(2025, 1, 5), 1)
    assert [fits(days, day, None) for day in range(2, 7)] == [False, True, True, True, False]
    for low, high in ((13, None), (None, 15)):
        ages = Availability("0001", None, None, 1, (), low, high)
        assert [fits(ages, 1, age) for age in (12, 13, 15, 16)] == [
            (low is None or age >= low) and (high is None or age <= high) for age in (12, 13, 15, 16)
        ]
        assert not fits(ages, 1, None)
    assert fits(Availability("0001", None, None, 1, ("f",)), 1, None)
    assert not fits(Availability("0001", None, None, 1, ("m",)), 1, None)


def test_a_tie_not_followed_must_be_so_and_be_counted(tmp_path: Path) -> None:
    made = solve(year(*[("0001", None, None)] * 4), WITHIN)
    assert check(made.instance, made) == []
    first, second, *rest = made.allocation.assignments
    for wrong in (replace(second, bearer="0001", owner="0001", kind="kinship"),
                  replace(second, bearer="0001", owner="0001")):  # fmt: skip
        allocation = replace(made.allocation, assignments=(first, wrong, *rest))
        assert any(v.rule == "rule" for v in check(made.instance, replace(made, allocation=allocation)))
    ordinary = solve(made.instance, IN_FORCE)
    broken = replace(ordinary, allocation=made.allocation)
    assert any(v.rule == "kinship" for v in check(made.instance, broken))
    write_instance(made.instance, tmp_path / "year")
    (tmp_path / "within.toml").write_text(
        'format = 1\nname = "within"\n[assignment]\nkinship = "within-share"\n'
    )
    run = CliRunner()
    out = ["--policy", str(tmp_path / "within.toml"), "--out", str(tmp_path / "out")]
    said = run.invoke(main, ["solve", str(tmp_path / "year"), *out])
    assert "Ties not followed, as the municipality's share was full: 2 children." in said.stdout
    path = tmp_path / "out" / "result.json"
    data = json.loads(path.read_text())
    assert data["tie_not_followed"] == 2
    table = (tmp_path / "out" / "municipalities.csv").read_text()
    assert "tie_not_followed" in table.splitlines()[0]
    checked = ["check", str(tmp_path / "year"), str(tmp_path / "out")]
    assert run.invoke(main, checked).exit_code == 0
    path.write_text(json.dumps(data | {"tie_not_followed": 1}))
    assert "2 were not followed" in run.invoke(main, checked).output


def test_an_optimum_has_no_order_to_follow_ties_in() -> None:
    with pytest.raises(InputError, match="depends on the order of arrival"):
        IN_FORCE.with_changes(rule="optimal", kinship="within-share")


def test_willing_places_by_permit_by_hand() -> None:
    """B takes one boy of 15 to 17; whoever is not known to be one goes by fulfilment, first to A."""
    window = Availability("0002", None, None, 4, ("m",), 15, 17)
    offered = (window,)
    for sex, age, fits in (
        ("m", 15, True), ("m", 17, True), ("f", 16, False), ("m", 14, False), ("m", 18, False),
        (None, 16, False), ("m", None, False), (None, None, False),
    ):  # fmt: skip
        made = solve(year((None, sex, age), availability=offered), WILLING)
        (a,) = made.allocation.assignments
        assert (a.bearer, a.kind) == (("0002", "willing") if fits else ("0001", "equalising"))
        assert check(made.instance, made) == []
    siblings = year((None, "m", 16), (None, "f", 16), availability=offered)
    together = siblings.with_changes(children=tuple(replace(c, case="s") for c in siblings.children))
    assert solve(together, WILLING).counts.willing == (0, 0)
    free = year(
        (None, None, None), availability=(replace(window, sexes=(), min_age=None, max_age=None),)
    )
    assert solve(free, WILLING).counts.willing == (0, 1)


@settings(max_examples=scaled(100))
@given(instances())
def test_permits_and_stocks_survive_a_folder(instance: Instance) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "year"
        write_instance(instance, folder)
        again = read_instance(folder)
    assert again.sha256 == instance.sha256
    assert sorted(again.availability, key=str) == sorted(instance.availability, key=str)
    assert [m.stock for m in again.municipalities] == [m.stock for m in instance.municipalities]
    blind = tuple(replace(w, sexes=(), min_age=None, max_age=None) for w in instance.availability)
    if blind != instance.availability:
        assert instance.with_changes(availability=blind).sha256 != instance.sha256


def test_wrong_permits_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "year"
    write_instance(load_instance("textbook"), folder)
    (folder / "availability.csv").write_text(
        "municipality,places,sexes,min_age,max_age\n0004,2,boys,17,15\n0004,2,m,,99\n"
    )
    with pytest.raises(InputError) as caught:
        read_instance(folder)
    said = str(caught.value)
    for part in ("row 2, sexes", "must be f, m, f;m or blank", "row 2, max_age", "is below min_age, 17",
                 "row 3, max_age", "must be between 0 and"):  # fmt: skip
        assert part in said


def test_the_ledgers_by_hand() -> None:
    """Four children before, of whom one is still there: B is next by history, A by the stock."""
    places = (
        replace(HALVES[0], assigned_before=3, stock=0),
        replace(HALVES[1], assigned_before=1, stock=1),
    )
    one = year((None, None, None), municipalities=places)
    for basis, before, first in (
        ("history", (3, 1), "0002"), ("stock", (0, 1), "0001"), ("year", (0, 0), "0001"),
    ):  # fmt: skip
        policy = IN_FORCE.with_changes(basis=basis)
        assert history(one, policy) == before
        made = solve(one, policy)
        assert made.allocation.assignments[0].bearer == first
        assert made.to_frame()["assigned_before"].tolist() == list(before)
        assert check(one, made) == []


def test_a_stock_that_is_not_given_is_asked_for() -> None:
    policy = IN_FORCE.with_changes(name="stocks", basis="stock")
    with pytest.raises(InputError, match="not given for 4 of 4 municipalities"):
        solve(load_instance("textbook"), policy)
    with pytest.raises(InputError, match="not given for 4 of 4 municipalities"):
        solve(load_instance("textbook"), policy.with_changes(rule="optimal"))


@pytest.mark.parametrize("basis", ["window", "carry"])
def test_ledgers_of_several_years_are_refused(basis: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'format = 1\nname = "mine"\n[counting]\nbasis = "{basis}"\nyears = 3\nmost = 5\n')
    with pytest.raises(InputError) as caught:
        read_policy(path)
    (problem,) = caught.value.problems
    assert "made from each of the years before" in problem.message
    said = CliRunner().invoke(main, ["solve", "textbook", "--policy", str(path)])
    assert said.exit_code == 2
    assert "Traceback" not in said.output


def test_ties_not_followed_have_a_column_on_the_page_and_in_the_workbook(tmp_path: Path) -> None:
    children = year(*[("0001", None, None)] * 4)
    made, always = solve(children, WITHIN), solve(children, IN_FORCE)
    values = [values_of(result, OPEN) for result in (made, always)]
    assert values[0]["tie_not_followed"] == [2, 0]
    assert "tie_not_followed" in [f.key for f in figures_shown(values)]
    assert "tie_not_followed" not in [f.key for f in figures_shown(values[1:])]
    write_result_book(made, tmp_path / "book.xlsx")
    rows = list(load_workbook(tmp_path / "book.xlsx")["County"].iter_rows(values_only=True))
    (heads,) = (row for row in rows if "Tie not followed" in row)
    (first,) = (row for row in rows if row[0] == "0001")
    assert first[heads.index("Tie not followed")] == 2
