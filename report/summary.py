"""A comparison as labelled cells, in one language: the terminal and the page show the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.indicators import INDICATORS, Indicators, Part
from fordela.models.norms import first_component
from fordela.models.policy import NORMS
from fordela.models.result import Result
from fordela.models.tables import Row
from fordela.report.suppression import small
from fordela.report.texts import Words
from fordela.solver.comparison import Comparison, PolicyFigures
from fordela.solver.comparison_rows import comparison_rows
from fordela.solver.groups import GROUPS, MECHANISMS, PolicyGroups
from fordela.solver.hindsight import Gap

#: Kinds of assignment: they sum to the children of the year.
_KINDS = ("kinship", "equalising", "willing", "valve", "unplaced")
#: The sum of what is known of state compensation, its parts, and what a policy moves of it.
COMPENSATION = (
    "compensation", "compensation_fixed", "compensation_variable", "compensation_children",
    "compensation_days", "compensation_moved",
)  # fmt: skip
#: Norms that are the figure of a single municipality.
_SINGLE = ("linf", "min-fulfilment", "max-fulfilment")

Labelled = tuple[str, list[str]]


@dataclass(frozen=True, slots=True)
class GapCells:
    """The least possible value, the distance to it, and its ratio or a blank."""

    least: str
    difference: str
    ratio: str


@dataclass(frozen=True, slots=True)
class NormRow:
    """A policy's value of a norm, against the least under its own transfers and under any."""

    policy: str
    value: str
    own: GapCells
    free: GapCells
    proven: str


def headline_rows(comparison: Comparison, words: Words, *, published: bool = False) -> list[Labelled]:
    """Label and one cell per policy.

    Parameters
    ----------
    published
        Hide counts of children from 1 to 4, what would reveal them, and extreme values.
    """
    figures = comparison.policies
    rows: list[Labelled] = []
    hidden = [_hidden_kinds(f) if published else frozenset() for f in figures]
    for key in (*_KINDS, "on_transferred_share"):
        values = [getattr(f, key) for f in figures]
        if any(values) or key in ("kinship", "equalising"):
            cells = [
                words("few") if key in h or (published and small(v)) else words.number(v)
                for v, h in zip(values, hidden, strict=True)
            ]
            rows.append((words(key), cells))
    if not published:
        rows.append(
            (words("municipalities_with"),
             [f"{f.with_0} / {f.with_1} / {f.with_2_3} / {f.with_more}" for f in figures])
        )  # fmt: skip
        rows.append((words("fulfilment_range"), [_range(f, words) for f in figures]))
    rows.append((words("moved"), [_count(f.moved, words, published) for f in figures]))
    if any(m.capacity is not None for m in comparison.instance.municipalities):
        rows.append(
            (words("over_capacity"), [_count(f.over_capacity, words, published) for f in figures])
        )
    for part in COMPENSATION:
        if part != "compensation_variable" or comparison.instance.forecast_asylum is not None:
            amounts = [getattr(f, part) for f in figures]
            rows.append((words(part), [words.number(Fraction(a, 1_000_000), 1) for a in amounts]))
    rows.append((words("tied_decisions"), [words.number(f.result.tied_decisions) for f in figures]))
    rows.append((words("status"), [status_text(f.result, words) for f in figures]))
    return rows


def _hidden_kinds(figures: PolicyFigures) -> frozenset[str]:
    """Kinds that are too few, and one more where a single one would follow from the sum."""
    few = {kind for kind in _KINDS if small(getattr(figures, kind))}
    others = [kind for kind in _KINDS if kind not in few]
    if len(few) == 1:
        few.add(min(others, key=lambda kind: (not getattr(figures, kind), getattr(figures, kind))))
    return frozenset(few)


def _count(value: int, words: Words, published: bool) -> str:
    return words("few") if published and small(value) else words.number(value)


def _range(figures: PolicyFigures, words: Words) -> str:
    return f"{words.number(figures.lowest, 3)} – {words.number(figures.highest, 3)}"


def status_text(result: Result, words: Words) -> str:
    """What is known of a result, or that a rule was followed."""
    return words(result.status.value if result.policy.is_optimal else "rule")


def norm_rows(
    comparison: Comparison, words: Words, *, published: bool = False
) -> Iterator[tuple[str, list[NormRow]]]:
    """Each norm with a row per policy; norms of a single municipality are not published."""
    for norm in comparison.policies[0].own if comparison.policies else ():
        if not (published and norm in _SINGLE):
            yield words.norm(norm), [_norm_row(norm, f, words) for f in comparison.policies]

    for norm in comparison.policies[0].norms if comparison.policies else ():
        if norm not in comparison.policies[0].own and norm not in NORMS and not published:
            yield norm, [_value_row(norm, f, words) for f in comparison.policies]


def _value_row(norm: str, figures: PolicyFigures, words: Words) -> NormRow:
    """A norm of one's own whose least value cannot be found."""
    blank = GapCells(words("none"), words("none"), "")
    value = words.number(first_component(figures.norms[norm]), 2)
    return NormRow(figures.result.policy.name, value, blank, blank, words("none"))


def _norm_row(norm: str, figures: PolicyFigures, words: Words) -> NormRow:
    own, free = figures.own[norm], figures.unrestricted[norm]
    places = 4 if norm.endswith("fulfilment") else 2
    return NormRow(
        figures.result.policy.name,
        words.number(own.value, places),
        _gap_cells(own, words, places),
        _gap_cells(free, words, places),
        words("yes" if own.hindsight.proven and free.hindsight.proven else "no"),
    )


def _gap_cells(gap: Gap, words: Words, places: int) -> GapCells:
    return GapCells(
        words.number(gap.hindsight.value, places),
        words.number(gap.difference, places),
        words.percent(gap.ratio),
    )


#: Figures of a whole policy that may be published; counts of children only if they are not small.
_OF_CHILDREN = (
    *_KINDS, "on_transferred_share", "over_capacity", "moved",
)  # fmt: skip
_OF_ALL = (
    "instance", "policy", "mechanism", "status", "children", "affected", "compensation", "gini",
    "herfindahl", "granted_givers", "granted_receivers", "tied_decisions", "label", "synthetic",
)  # fmt: skip
_SUMS = ("l1", "l2", "chi2")


def published_comparison(comparison: Comparison) -> list[Row]:
    """Rows of a comparison without small counts and without figures of single municipalities."""
    rows: list[Row] = []
    for figures, row in zip(comparison.policies, comparison_rows(comparison), strict=True):
        hidden = _hidden_kinds(figures)
        kept: Row = {}
        for key, value in row.items():
            if key in _OF_CHILDREN:
                few = key in hidden or small(value if isinstance(value, int) else None)
                kept[key] = None if few else value
            elif key in _OF_ALL or key.partition("_")[0] in _SUMS:
                kept[key] = value
        rows.append(kept)
    return rows


def indicator_rows(found: Sequence[Indicators], words: Words) -> list[Labelled]:
    """What decisions mean for children (all · girls · under 13), a cell per policy or mode."""
    return [
        (words(f"indicator_{name}"),
         [" · ".join(_part(p, words) for p in f[name].values()) if name in f else words("none")
          for f in found])
        for name in INDICATORS
        if any(name in f for f in found)
    ]  # fmt: skip


def _part(part: Part, words: Words) -> str:
    return words.percent(Fraction(part.count, part.of)) if part.of else words("none")


def group_heads(comparison: Comparison, words: Words) -> list[str]:
    """Name and size of each group."""
    sizes = comparison.groups[0].figures[MECHANISMS[0]]
    return [f"{words(g)} ({sizes[g].municipalities})" for g in GROUPS]


def group_rows(comparison: Comparison, words: Words) -> list[tuple[str, list[Labelled]]]:
    """Each policy with a labelled row per mechanism, a cell per group."""
    return [
        (
            groups.policy,
            [(m, [_group_cell(groups, m, group, words) for group in GROUPS]) for m in MECHANISMS],
        )
        for groups in comparison.groups
    ]


def _group_cell(groups: PolicyGroups, mechanism: str, group: str, words: Words) -> str:
    """Children and change, fulfilment and change, and wishes granted."""
    f = groups.figures[mechanism][group]
    mark = "†" if groups.depends(group) else ""
    parts = [f"{words.number(f.children)} ({_signed(f.change, words)}{mark})"]
    if f.fulfilment is not None:
        mark = "†" if groups.depends(group, "fulfilment_change") else ""
        parts.append(f"{words.number(f.fulfilment, 3)}{mark}")
    if f.granted is not None:
        parts.append(words.percent(f.granted))
    return " · ".join(parts)


def _signed(change: int, words: Words) -> str:
    return ("+" if change > 0 else "") + words.number(change)
