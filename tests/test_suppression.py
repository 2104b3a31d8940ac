"""Publication: what is hidden cannot be found again, judged by enumerating what could have been."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.models.allocation import Counts, count
from fordela.models.instance import Instance
from fordela.models.policy import IN_FORCE
from fordela.report.summary import headline_rows
from fordela.report.suppression import SMALL, suppression
from fordela.report.texts import Words
from fordela.solver.comparison import compare
from fordela.solver.solve import solve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import instances

#: Municipalities of two or three counties, one of which may be a county of one.
_COUNTIES = st.sampled_from([(2, 1), (3, 2), (2, 2, 1), (3, 1), (1, 1, 2)])


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


def counts_of(total: Sequence[int]) -> Counts:
    """Counts with kinship alone."""
    none = (0,) * len(total)
    values = tuple(total)
    return Counts(values, none, none, none, none, values, values, tuple(20 + t for t in values))


def splits(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to write a number as a sum of so many parts from 0."""
    if parts == 0:
        if total == 0:
            yield ()
        return
    for first in range(total + 1):
        for rest in splits(total - first, parts - 1):
            yield (first, *rest)


def consistent(
    counties: Sequence[int], total: Sequence[int], rows: set[int], sums: set[int]
) -> Iterator[tuple[int, ...]]:
    """Every table that agrees with what is shown: open rows, open county sums, the country's sum."""
    members, start = [], 0
    for size in counties:
        members.append(range(start, start + size))
        start += size
    groups = [[k for k in m if k in rows] for c, m in enumerate(members) if c not in sums]
    groups.append([k for c in sorted(sums) for k in members[c] if k in rows])
    ways = [list(splits(sum(total[k] for k in group), len(group))) for group in groups]
    for chosen in itertools.product(*ways):
        table = list(total)
        for group, values in zip(groups, chosen, strict=True):
            for k, value in zip(group, values, strict=True):
                table[k] = value
        yield tuple(table)


@settings(max_examples=300)
@given(_COUNTIES, st.data())
def test_no_hidden_count_can_be_worked_out(counties: tuple[int, ...], data: st.DataObject) -> None:
    """By subtraction; and not by somebody either who takes it that nobody hidden has no children."""
    n = sum(counties)
    total = data.draw(st.lists(st.sampled_from([0, 0, 1, 1, 2, 4, 5, 6]), min_size=n, max_size=n))
    year = year_of(counties)
    hidden = suppression(year, [counts_of(total)])
    places = {k for k, m in enumerate(year.municipalities) if m.code in hidden}
    sums = {int(c) for c in hidden.counties}
    small = {k for k, t in enumerate(total) if t in SMALL}
    assert small <= places
    assert not places or small  # nothing is hidden without need
    if sum(total) in SMALL or len(places) == n:
        return  # the country's own sum is too small, or there is nobody left to hide
    tables = list(consistent(counties, total, places, sums))
    assert tuple(total) in tables
    without_zeros = [table for table in tables if all(table[k] for k in places)]
    for seen in (tables, without_zeros if tuple(total) in without_zeros else tables):
        for k in small:
            assert len({table[k] for table in seen}) > 1, (counties, total, places, sums)
        start = 0
        for county, size in enumerate(counties):
            if sum(total[start : start + size]) in SMALL:
                assert county in sums
                held = {sum(t[start : start + size]) for t in seen}
                assert len(held) > 1, (counties, total, places, sums)
            start += size


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
    together = suppression(instance, both).municipalities
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
    from dataclasses import replace

    places = tuple(replace(m, willing=3 if m.code == "0001" else 0) for m in year.municipalities)
    year = year.with_changes(municipalities=places)
    found = compare(year, [IN_FORCE.with_changes(rule="willing-first", name="w")], norms=("chi2",))
    figures = found.policies[0]
    assert figures.willing in SMALL
    rows = dict(headline_rows(found, Words("en"), published=True))
    shown = [rows[k][0] for k in ("Kinship", "Equalising", "Willing")]
    assert shown.count("1–4") >= 2
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

    for row in reader.DictReader(io.StringIO(csv)):
        for column in ("kinship", "equalising", "total", "on_transferred_share"):
            assert row[column] not in {"1", "2", "3", "4"}, row
        if not row["total"]:
            assert not any(row[c] for c in ("credited", "deviation", "fulfilment", "compensation"))
    json = run.invoke(main, ["compare", "textbook", "--publish", "--format", "json", "-q"]).stdout
    for name in ("lowest", "highest", "linf", "with_1", "givers_owner_bearer_children"):
        assert f'"{name}"' not in json
    assert '"chi2"' in json
    refused = run.invoke(main, ["solve", "textbook", "--publish", "--out", "x"])
    assert refused.exit_code == 2
    assert "--out writes every case" in refused.stderr
