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


def consistent(
    counties: Sequence[int], total: Sequence[int], rows: set[int], sums: set[int]
) -> Iterator[tuple[int, ...]]:
    """Every table that agrees with what is shown: open rows, open county sums, the country's sum."""
    most = sum(total)
    hidden = sorted(rows)
    for guess in itertools.product(range(most + 1), repeat=len(hidden)):
        table = list(total)
        for k, value in zip(hidden, guess, strict=True):
            table[k] = value
        if sum(table) != most:
            continue
        start, fits = 0, True
        for county, size in enumerate(counties):
            same = sum(table[start : start + size]) == sum(total[start : start + size])
            fits = fits and (same or county in sums)
            start += size
        if fits:
            yield tuple(table)


@settings(max_examples=150)
@given(_COUNTIES, st.data())
def test_no_hidden_count_can_be_worked_out(counties: tuple[int, ...], data: st.DataObject) -> None:
    n = sum(counties)
    total = data.draw(st.lists(st.sampled_from([0, 0, 1, 2, 4, 5, 6]), min_size=n, max_size=n))
    year = year_of(counties)
    hidden = suppression(year, [counts_of(total)])
    rows = {k for k, m in enumerate(year.municipalities) if m.code in hidden}
    sums = {int(c) for c in hidden.counties}
    small = {k for k, t in enumerate(total) if t in SMALL}
    assert small <= rows
    assert rows == set() or small  # nothing is hidden without need
    tables = list(consistent(counties, total, rows, sums))
    for k in small:
        assert len({table[k] for table in tables}) > 1, (counties, total, rows, sums)
    start = 0
    for county, size in enumerate(counties):
        held = sum(total[start : start + size])
        if held in SMALL:
            assert county in sums
            assert len({sum(t[start : start + size]) for t in tables}) > 1
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
