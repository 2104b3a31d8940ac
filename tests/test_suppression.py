"""Publication: what is hidden cannot be found again, judged by enumerating what could have been."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from json import loads
from pathlib import Path

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.results import result_json
from fordela.models.allocation import Allocation, Assignment, Counts, count
from fordela.models.errors import InputError
from fordela.models.instance import Child, Instance
from fordela.models.policy import IN_FORCE
from fordela.models.result import Result, Status, Termination
from fordela.models.tables import municipality_rows
from fordela.report.comparison_tables import comparison_tables
from fordela.report.page import build, charts
from fordela.report.page.build import Page as PageOf
from fordela.report.page.build import render
from fordela.report.page.export import chart_specs
from fordela.report.summary import headline_rows, published_comparison
from fordela.report.suppression import (
    LEAST,
    SMALL,
    Suppression,
    published_json,
    published_rows,
    suppression,
    suppression_of,
)
from fordela.report.terminal import result_tables
from fordela.report.texts import Words
from fordela.report.texts.problems import problem_in
from fordela.report.workbooks.result_book import write_result_book
from fordela.solver.comparison import compare
from fordela.solver.solve import solve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import instances, scaled
from tests.test_exposure import splits


def year_of(counties: Sequence[int]) -> Instance:
    """An instance whose only use is its counties."""
    from fordela.models.instance import Municipality

    members = [(c, k) for c, size in enumerate(counties) for k in range(size)]
    share = 100_000 // len(members)
    shares = [100_000 - share * (len(members) - 1), *[share] * (len(members) - 1)]
    return Instance(
        name="counties",
        year=2025,
        municipalities=tuple(
            Municipality(f"{c}{k}", f"M{c}{k}", f"{c}", f"C{c}", units, assigned_before=20)
            for (c, k), units in zip(members, shares, strict=True)
        ),
    )


def counts_of(kinship: Sequence[int], equalising: Sequence[int]) -> Counts:
    """Counts of a rule without transfers."""
    none = (0,) * len(kinship)
    total = tuple(k + e for k, e in zip(kinship, equalising, strict=True))
    before = tuple(20 + t for t in total)
    return Counts(tuple(kinship), tuple(equalising), none, none, none, total, total, before)


Column = tuple[int, ...]


def columns_like(column: Column, hidden: set[int], known: bool, most: int) -> list[Column]:
    """Columns with the same open rows; and the same sum, if that is known, or at most so many."""
    rows = sorted(hidden)
    there = sum(column[k] for k in rows)
    found = []
    for total in [there] if known else range(most + 1):
        for values in splits(total, len(rows)) if rows else [()]:
            made = list(column)
            for k, value in zip(rows, values, strict=True):
                made[k] = value
            found.append(tuple(made))
    return found


def known_sums(counties: Sequence[int], total: Column, closed: set[int]) -> tuple[int, ...]:
    """Children of the country, and of the counties whose sums are shown."""
    found, start = [sum(total)], 0
    for county, size in enumerate(counties):
        if county not in closed:
            found.append(sum(total[start : start + size]))
        start += size
    return tuple(found)


def plus(one: Column, other: Column) -> Column:
    """The sums of two columns, row by row."""
    return tuple(a + b for a, b in zip(one, other, strict=True))


def possible(
    counties: Sequence[int], kinship: Column, untied: Sequence[Column], hidden: Suppression
) -> list[tuple[Column, list[set[Column]]]]:
    """Columns of kinship, each with the equalising columns of every result that could go with it.

    Somebody knows the rows that are open, the sums of counties and of the country, the kinds that are
    shown, and that kinship is the same under all rules.
    """
    rows = {k for k, m in enumerate(year_of(counties).municipalities) if m.code in hidden}
    closed = {int(c) for c in hidden.counties}
    most = max(sum(kinship) + sum(u) for u in untied)
    truth = [known_sums(counties, plus(kinship, u), closed) for u in untied]
    # Where kinship is shown, the others follow from all children.
    ways = [columns_like(u, rows, "kinship" in hidden.kinds, most) for u in untied]
    found = []
    for column in columns_like(kinship, rows, "kinship" in hidden.kinds, most):
        fits = [
            {u for u in way
             if known_sums(counties, plus(column, u), closed) == sums}
            for way, sums in zip(ways, truth, strict=True)
        ]  # fmt: skip
        if all(fits):
            found.append((column, fits))
    return found


_YEARS = st.sampled_from([(2, 1), (2, 2), (3, 1), (1, 1, 2), (4,)])


@settings(max_examples=20, deadline=None)
@given(_YEARS, st.data())
def test_every_hidden_count_could_be_five_numbers(
    counties: tuple[int, ...], data: st.DataObject
) -> None:
    """Whatever else agrees with all that is shown of two policies together."""
    enumerate_year(counties, data, 9)


@pytest.mark.thorough
@settings(max_examples=scaled(300), deadline=None)
@given(_YEARS, st.data())
def test_every_hidden_count_of_larger_years(counties: tuple[int, ...], data: st.DataObject) -> None:
    enumerate_year(counties, data, 13)


def enumerate_year(counties: tuple[int, ...], data: st.DataObject, most: int) -> None:
    """Decide what to hide of a year, and look at every table that it could have been."""
    n = sum(counties)

    def column() -> Column:
        some = st.sampled_from([0, 0, 0, 1, 1, 2, 5, 6])
        return tuple(data.draw(st.lists(some, min_size=n, max_size=n)))

    kinship, untied = column(), [column()]
    untied.append(tuple(data.draw(st.permutations(untied[0]))))
    if sum(kinship) + sum(untied[0]) > most:
        return
    year, both = year_of(counties), [counts_of(kinship, u) for u in untied]
    small_rows = {
        k for k in range(n)
        if any(v[k] in SMALL for c in both for v in (c.kinship, c.equalising, c.total))
    }  # fmt: skip
    try:
        hidden = suppression(year, both)
    except InputError:
        assert small_rows
        return
    assert {year.municipalities[k].code for k in small_rows} <= hidden.municipalities
    assert small_rows or not hidden.municipalities  # nothing is hidden without need
    tables = possible(counties, kinship, untied, hidden)
    assert kinship in [column for column, _ in tables]
    for k in small_rows:
        where = (counties, kinship, untied, hidden, k)
        if kinship[k] in SMALL:
            assert len({column[k] for column, _ in tables}) >= LEAST, where
        for r, result in enumerate(both):
            pairs = [(column[k], u[k]) for column, fits in tables for u in fits[r]]
            if result.equalising[k] in SMALL:
                assert len({u for _, u in pairs}) >= LEAST, where
            if result.total[k] in SMALL:
                assert len({c + u for c, u in pairs}) >= LEAST, where
    for county, sums in enumerate(zip(*(county_sums(counties, c.total) for c in both), strict=True)):
        assert str(county) in hidden.counties or not hidden.municipalities or not set(sums) & set(SMALL)


def county_sums(counties: Sequence[int], total: Column) -> list[int]:
    """Children of each county."""
    ends = list(itertools.accumulate(counties))
    return [sum(total[end - size : end]) for size, end in zip(counties, ends, strict=True)]


def result_of(counties: Sequence[int], kinship: Column, equalising: Column) -> Result:
    """The rule's result that has these counts, whoever came."""
    year = year_of(counties)
    codes = [m.code for m in year.municipalities]
    went = [(code, "kinship") for code, n in zip(codes, kinship, strict=True) for _ in range(n)]
    went += [(code, "equalising") for code, n in zip(codes, equalising, strict=True) for _ in range(n)]
    children = tuple(
        Child(f"c{k}", f"c{k}", date(2025, 5, 1), tie=code if kind == "kinship" else None)
        for k, (code, kind) in enumerate(went)
    )
    year = year.with_changes(children=children, forecast_asylum=10)
    decided = tuple(
        Assignment(c.child, c.case, code, code, kind, k)  # type: ignore[arg-type]
        for k, (c, (code, kind)) in enumerate(zip(children, went, strict=True), 1)
    )
    return Result(
        year, IN_FORCE, (), Allocation(decided), count(year, IN_FORCE, decided), Status.FEASIBLE,
        Termination.COMPLETED,
    )  # fmt: skip


def everything_shown(result: Result, hidden: Suppression, folder: Path) -> list[object]:
    """All that is written for publication of a result, by every way there is."""
    from openpyxl import load_workbook

    comparison = compare(result.instance, [IN_FORCE], solved=[result], norms=("chi2",))
    page = PageOf(comparison, Words("en"), hidden)
    write_result_book(result, folder / "book.xlsx", hidden=hidden)
    sheets = load_workbook(folder / "book.xlsx", data_only=True)
    return [
        render(page),
        list(chart_specs(page)),
        published_rows(municipality_rows(result), hidden),
        published_json(result_json(result)),
        published_comparison(comparison, hidden),
        [[cell.value for cell in row] for sheet in sheets for row in sheet.iter_rows()],
        [str(part) if isinstance(part, str) else [list(c.cells) for c in part.columns]
         for part in (*comparison_tables(comparison, Words("en"), 100, "0", hidden),
                      *result_tables(result, Words("en"), None, None, hidden),
                      *result_tables(result, Words("en"), "0", None, hidden))],
    ]  # fmt: skip


def leave_out_what_is_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of pages: what does not depend on the table is made once, or left out."""
    made = build._environment(Words("en"))
    monkeypatch.setattr(build, "_environment", lambda _: made)
    monkeypatch.setattr(build, "_vega", lambda: "")
    monkeypatch.setattr(charts, "histogram", lambda *_: {})


@pytest.mark.parametrize(
    ("counties", "kinship", "equalising"),
    [
        ((2, 2), (3, 9, 1, 8), (1, 0, 5, 6)),
        pytest.param((3, 1), (4, 0, 7, 1), (2, 1, 0, 9), marks=pytest.mark.thorough),
        pytest.param((2, 2), (2, 2, 3, 1), (0, 1, 1, 2), marks=pytest.mark.thorough),
    ],
)
def test_nothing_that_is_shown_tells_the_tables_apart(
    counties: Sequence[int], kinship: Column, equalising: Column, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Page with its data, charts, workbook, terminal, JSON and CSV are the same to the letter.

    For every hidden count there are at least five numbers whose tables show nothing else.
    """
    leave_out_what_is_always_the_same(monkeypatch)
    truth = result_of(counties, kinship, equalising)
    hidden = suppression_of([truth])
    shown = everything_shown(truth, hidden, tmp_path)
    tables = [
        (column, u)
        for column, (fits,) in possible(counties, kinship, [equalising], hidden)
        for u in fits
    ]
    for k in range(sum(counties)):
        for which, column in enumerate((kinship, equalising)):
            if column[k] not in SMALL:
                continue
            witness = {table[which][k]: table for table in tables}
            assert len(witness) >= LEAST
            for number in (min(witness), max(witness)):
                other = everything_shown(result_of(counties, *witness[number]), hidden, tmp_path)
                assert other == shown, (k, number, witness[number])


def test_every_count_of_a_row_counts() -> None:
    """Ties that were not followed, and children who are there still, are counts like others."""
    kinship, untied = (9, 9, 9, 9), (8, 8, 8, 8)
    year, counts = year_of((2, 2)), counts_of(kinship, untied)
    assert not suppression(year, [counts]).municipalities
    left = replace(counts, tie_not_followed=(2, 0, 0, 0))
    assert "00" in suppression(year, [left]).municipalities
    first, *others = year.municipalities
    there = year.with_changes(
        municipalities=(replace(first, stock=3), *(replace(m, stock=9) for m in others))
    )
    assert "00" in suppression(there, [counts]).municipalities


def test_ties_that_were_not_followed_do_not_follow_from_kinship() -> None:
    """Two children fewer of a tie under another policy: those are the two whose tie was left."""
    year, always = year_of((2, 2)), counts_of((9, 9, 9, 8), (8, 8, 8, 8))
    within = replace(counts_of((9, 9, 9, 6), (8, 8, 8, 10)), tie_not_followed=(0, 0, 0, 2))
    assert suppression(year, [always]).kinds
    assert not suppression(year, [always, within]).kinds
    # Nine are borne without kinship, and seven of them are known to be of the first's tie.
    full = replace(counts_of((9, 9, 0, 9), (0, 7, 2, 0)), tie_not_followed=(7, 0, 0, 2))
    hidden = suppression(year, [full])
    children = sum(full.total) - sum(
        full.kinship[k] + full.tie_not_followed[k]
        for k, m in enumerate(year.municipalities) if m.code not in hidden
    )  # fmt: skip
    assert children >= LEAST


def test_a_year_that_cannot_be_published_is_refused() -> None:
    """Three children in all: whoever has them follows from the sum, near enough."""
    with pytest.raises(InputError, match="cannot be published"):
        suppression(year_of((2, 1)), [counts_of((1, 1, 1), (0, 0, 0))])
    with pytest.raises(InputError, match="cannot be published") as refused:
        suppression(year_of((1,)), [counts_of((4,), (0,))])
    assert "kan inte publiceras" in problem_in(refused.value.problems[0], "sv")


@settings(max_examples=60)
@given(instances())
def test_results_shown_together_hide_the_same(instance: Instance) -> None:
    """What one policy hides another may not show: kinship is the same under both."""
    if not any(m.share for m in instance.municipalities):
        return
    both = [
        solve(instance, IN_FORCE).counts,
        solve(instance, IN_FORCE.with_changes(scope="none")).counts,
    ]
    try:
        together = suppression(instance, both).municipalities
    except InputError:  # so few children that nothing can be shown
        return
    for alone in both:
        small = {
            m.code
            for k, m in enumerate(instance.municipalities)
            if alone.total[k] in SMALL or alone.kinship[k] in SMALL or m.assigned_before in SMALL
        }
        assert small <= together


def test_the_sum_of_kinds_reveals_no_kind() -> None:
    """Three children in willing places: the next smallest kind is hidden with them."""
    year = load_instance("textbook").with_changes(name="w")
    places = tuple(replace(m, willing=3 if m.code == "0001" else 0) for m in year.municipalities)
    year = year.with_changes(municipalities=places)
    found = compare(year, [IN_FORCE.with_changes(rule="willing-first", name="w")], norms=("chi2",))
    figures = found.policies[0]
    assert figures.willing in SMALL
    hidden = suppression_of([figures.result])
    rows = dict(headline_rows(found, Words("en"), hidden))
    assert rows["Equalising"] == ["··"]
    assert "Willing" not in rows
    assert "Fulfilment, lowest – highest" not in rows


def test_of_the_real_year_nothing_small_is_shown() -> None:
    year = load_instance("sweden-2025")
    result = solve(year)
    hidden = suppression(year, [result.counts])
    for k, m in enumerate(year.municipalities):
        if m.code not in hidden:
            shown = (result.counts.kinship[k], result.counts.equalising[k], result.counts.total[k])
            assert not set(shown) & set(SMALL), m.name
    by_county: dict[str, int] = {}
    for m in year.municipalities:
        by_county[m.county_code] = by_county.get(m.county_code, 0) + (m.code in hidden)
    assert all(n != 1 for county, n in by_county.items() if county not in hidden.counties)
    assert count(year, IN_FORCE, result.allocation.assignments) == result.counts


def test_on_the_command_line() -> None:
    run = CliRunner()
    csv = run.invoke(main, ["solve", "sweden-2025", "--publish", "--format", "csv", "-q"]).stdout
    import csv as reader
    import io

    handed = load_instance("sweden-2025").transfers
    trading = {code for t in handed for code in (t.giver, t.receiver)}
    for row in reader.DictReader(io.StringIO(csv)):
        if row["code"] in trading or not row["total"]:
            assert not any(row[column] for column in ("credited", "deviation", "fulfilment"))
        else:  # no more than the row says
            assert int(row["credited"]) == int(row["assigned_before"]) + int(row["total"])
        for column in ("kinship", "equalising", "total", "on_transferred_share"):
            assert row[column] not in {"1", "2", "3", "4"}, row
        assert row["total"] or not row["compensation"]
    json = run.invoke(main, ["compare", "textbook", "--publish", "--format", "json", "-q"]).stdout
    for name in (
        "lowest", "gini", "herfindahl", "linf", "chi2", "with_1", "moved", "compensation_moved",
        "over_capacity", "tied_decisions", "givers_owner_bearer_children",
    ):  # fmt: skip
        assert f'"{name}"' not in json
    assert loads(json)[0].keys() <= {
        "instance", "policy", "mechanism", "status", "proof", "children", "affected", "kinship",
        "equalising", "willing", "valve", "unplaced", "compensation", "compensation_fixed",
        "compensation_variable",
        "compensation_children", "compensation_days", "compensation_missing", "granted_givers",
        "granted_receivers", "synthetic",
    }  # fmt: skip
    refused = run.invoke(main, ["solve", "textbook", "--publish", "--out", "x"])
    assert refused.exit_code == 2
    assert "--out writes every case" in refused.stderr
    # What shows counts of single municipalities by nature is not for publication.
    for command in ("explain", "queue", "outlook", "simulate", "place", "redistribute", "validate"):
        refused = run.invoke(main, [command, "textbook", "--publish"])
        assert refused.exit_code == 2
        assert "No such option" in refused.stderr
