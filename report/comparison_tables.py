"""A comparison of policies on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from fordela.models.allocation import targets
from fordela.models.norms import fulfilments
from fordela.report.proofs import comparison_note, hindsight_sentence, redistribution_line
from fordela.report.summary import (
    GapCells,
    affected_text,
    finding,
    group_heads,
    group_rows,
    headline_rows,
    homes_open,
    norm_rows,
)
from fordela.report.suppression import OPEN, Suppression
from fordela.report.terminal import (
    WIDTH,
    compensation_note,
    hidden_note,
    indicator_tables,
    labelled_tables,
    make_table,
    notices,
)
from fordela.report.texts import Words
from fordela.solver.comparison import Comparison
from rich.table import Table

#: Narrower than this, the table of norms takes two lines for a gap.
_NARROW = 102


def comparison_tables(
    comparison: Comparison,
    words: Words,
    width: int = WIDTH,
    county: str | None = None,
    hidden: Suppression = OPEN,
) -> Iterator[str | Table]:
    """The comparison as a planner reads it, from the first line to the last.

    Below ``_NARROW`` columns of width a gap's per cent stand under it, so that no digit is cut.
    """
    yield words.title_of(comparison.instance)
    yield from finding(comparison, hidden, words)
    if county is not None:
        yield _county_line(comparison, words, county)
    yield affected_text(comparison, hidden, words)
    if county is not None:
        yield _county_table(comparison, words, county, hidden)
    heads = [f.result.policy.name for f in comparison.policies]
    headline = headline_rows(comparison, words, hidden)
    yield from labelled_tables(words("children_table"), heads, headline, width)
    if hidden is OPEN:
        yield from indicator_tables(heads, [f.indicators for f in comparison.policies], words, width)
        yield from homes_open(comparison, words)
        if comparison.groups:
            yield from group_tables(comparison, words)
        yield _norm_table(comparison, words, narrow=width < _NARROW)
    for made in comparison.redistributions:
        yield redistribution_line(made, words)
    if hidden is OPEN:
        yield words("hindsight")
        yield from hindsight_sentence(comparison, words)
    yield from comparison_note(comparison, words, gaps=hidden is OPEN)
    if "unplaced" in hidden.kinds:
        yield from compensation_note(comparison.instance, words)
    yield from hidden_note(comparison.instance, hidden, words)
    yield " ".join(notices(comparison.instance, words))


def group_tables(comparison: Comparison, words: Words) -> Iterator[str | Table]:
    """Givers, receivers and keepers under both mechanisms; what depends on the mechanism is marked."""
    table = make_table(
        words("group_table"),
        (words("policy_mechanism"), "l"),
        *((head, "r") for head in group_heads(comparison, words)),
    )
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.no_wrap = False
    for number, (policy, rows) in enumerate(group_rows(comparison, words)):
        if number:
            table.add_row()
        table.add_row(policy)
        for mechanism, cells in rows:
            table.add_row(f"  {mechanism}", *cells)
    yield table
    yield words("group_note")


def _norm_table(comparison: Comparison, words: Words, *, narrow: bool) -> Table:
    """Each norm, and below it each policy."""
    table = make_table(
        words("norm_table"),
        (words("norm"), "l"), (words("norm_value"), "r"),
        (words("least_own"), "r"), (words("gap_own"), "r"),
        (words("least_unrestricted"), "r"), (words("gap_unrestricted"), "r"),
        (words("proven"), "l"),
    )  # fmt: skip
    table.columns[0].no_wrap = True
    table.collapse_padding = narrow
    for norm, rows in norm_rows(comparison, words):
        table.add_row(norm)
        for number, row in enumerate(rows):
            table.add_row(
                f"  {row.policy}", row.value,
                row.own.least, _gap_cell(row.own, narrow), row.free.least, _gap_cell(row.free, narrow),
                row.proven, end_section=number == len(rows) - 1,
            )  # fmt: skip
    return table


def _gap_cell(gap: GapCells, narrow: bool) -> str:
    between = "\n" if narrow else " "
    return f"{gap.difference}{between}({gap.ratio})" if gap.ratio else gap.difference


def _county_line(comparison: Comparison, words: Words, county: str) -> str:
    """Which county was asked for, and what is of it."""
    here = [m for m in comparison.instance.municipalities if m.county_code == county]
    return words("county_line", county=here[0].county, municipalities=len(here))


def _county_table(comparison: Comparison, words: Words, county: str, hidden: Suppression) -> Table:
    """A county's municipalities: children and fulfilment under each policy."""
    table = make_table(
        words("county_table"),
        (words("code"), "l"), (words("name"), "l"), (words("share"), "r"),
        *((f.result.policy.name, "r") for f in comparison.policies),
    )  # fmt: skip
    goals = [targets(comparison.instance, f.result.policy) for f in comparison.policies]
    for k, m in enumerate(comparison.instance.municipalities):
        if m.county_code != county:
            continue
        cells = []
        if m.code in hidden:
            cells = [words("hidden_cell")] * len(goals)
        for figures, goal in () if cells else zip(comparison.policies, goals, strict=True):
            counts = figures.result.counts
            fulfilment = words.number(fulfilments([counts.credited[k]], [goal[k]])[0], 3)
            shown = words("hidden_cell") if m.code in hidden.owners else fulfilment
            cells.append(f"{words.number(counts.total[k])} ({shown})")
        table.add_row(m.code, m.name, words.per_mille(m.share), *cells)
    return table
