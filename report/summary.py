"""A comparison as labelled cells, in one language: the terminal and the page show the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.indicators import INDICATORS, Indicators, Part
from fordela.models.norms import first_component
from fordela.models.policy import NORMS
from fordela.models.result import Status
from fordela.models.tables import Row
from fordela.report.proofs import proven_cell, status_text
from fordela.report.suppression import OPEN, Suppression
from fordela.report.texts import Words
from fordela.solver.comparison import Comparison, PolicyFigures
from fordela.solver.comparison_rows import comparison_rows
from fordela.solver.groups import GROUPS, MECHANISMS, PolicyGroups, group_of
from fordela.solver.hindsight import Gap

#: Kinds of assignment: they sum to the children of the year.
_KINDS = ("kinship", "equalising", "willing", "valve", "unplaced")
#: The sum of what is known of state compensation, its parts, and what a policy moves of it.
COMPENSATION = (
    "compensation", "compensation_fixed", "compensation_variable", "compensation_children",
    "compensation_days", "compensation_moved",
)  # fmt: skip
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


def headline_rows(comparison: Comparison, words: Words, hidden: Suppression = OPEN) -> list[Labelled]:
    """Label and one cell per policy.

    Parameters
    ----------
    hidden
        What is not shown; for publication only figures of `published_comparison` are.
    """
    figures = comparison.policies
    rows: list[Labelled] = []
    published = hidden is not OPEN
    for key in _KINDS:
        values = [getattr(f, key) for f in figures]
        if (any(values) and key in hidden.kinds) or key in ("kinship", "equalising"):
            rows.append((words(key), [_kind(key, v, hidden, words) for v in values]))
    if not published:
        rows += _of_few(comparison, words)
    for part in COMPENSATION:
        if published and (part not in _OF_ALL or "unplaced" not in hidden.kinds):
            continue
        if part != "compensation_variable" or comparison.instance.forecast_asylum is not None:
            amounts = [getattr(f, part) for f in figures]
            rows.append((words(part), [words.number(Fraction(a, 1_000_000), 1) for a in amounts]))
    if not published:
        ties = [words.number(f.result.tied_decisions) for f in figures]
        rows.append((words("tied_decisions"), ties))
    rows.append((words("status"), [status_text(f.result, words) for f in figures]))
    return rows


def _kind(key: str, value: int, hidden: Suppression, words: Words) -> str:
    return words.number(value) if key in hidden.kinds else words("hidden_cell")


def _of_few(comparison: Comparison, words: Words) -> Iterator[Labelled]:
    """Figures that would reveal counts of single municipalities."""
    figures = comparison.policies
    for key in ("on_transferred_share", "tie_not_followed"):
        values = [getattr(f, key) for f in figures]
        if any(values):
            yield words(key), [words.number(v) for v in values]
    yield (
        words("municipalities_with"),
        [f"{f.with_0} / {f.with_1} / {f.with_2_3} / {f.with_more}" for f in figures],
    )
    yield words("fulfilment_range"), [_range(f, words) for f in figures]
    yield words("moved"), [words.number(f.moved) for f in figures]
    if any(m.capacity is not None for m in comparison.instance.municipalities):
        yield words("over_capacity"), [words.number(f.over_capacity) for f in figures]


def shows_affected(comparison: Comparison, hidden: Suppression) -> bool:
    """Whether the number of children without a tie may stand beside that of kinship.

    Not where ties were left: their number would follow.
    """
    if hidden is OPEN:
        return True
    children = len(comparison.instance.children)
    sums = {f.kinship + comparison.affected for f in comparison.policies}
    return "kinship" in hidden.kinds and sums == {children}


def affected_text(comparison: Comparison, hidden: Suppression, words: Words) -> str:
    """Say how many children the policies could affect, where that may be shown."""
    children = len(comparison.instance.children)
    if not shows_affected(comparison, hidden):
        return words("affected_hidden", children=children)
    return words(
        "affected", affected=comparison.affected, children=children,
        tied=children - comparison.affected,
    )  # fmt: skip


def finding(comparison: Comparison, hidden: Suppression, words: Words) -> Iterator[str]:
    """Say for how many municipalities the policies differ from the first one, or that none does.

    Nothing is said of a single policy, nor for publication: the number is computed from all counts,
    those that are not shown among them.
    """
    if hidden is not OPEN or len(comparison.policies) < 2:
        return
    first, *others = (f.result for f in comparison.policies)
    name = first.policy.name
    places = {r.policy.name: _differing(first.counts.total, r.counts.total) for r in others}
    if any(places.values()):
        each = ", ".join(f"{other}: {len(found)}" for other, found in places.items())
        yield words(
            "finding_differ", n=len(set().union(*places.values())), first=name,
            of=len(comparison.instance.municipalities), each=f" ({each})" if len(others) > 1 else "",
        )  # fmt: skip
        return
    decided = [
        [(a.child, a.bearer, a.owner) for a in r.allocation.assignments] for r in (first, *others)
    ]
    children = set().union(*(_differing(decided[0], d) for d in decided[1:]))
    if children:
        yield words("finding_children", n=len(children), of=len(decided[0]), first=name)
    else:
        yield words("finding_same")


def _differing(one: Sequence[object], other: Sequence[object]) -> set[int]:
    """Positions where two lists differ."""
    return {k for k, (a, b) in enumerate(zip(one, other, strict=True)) if a != b}


def _range(figures: PolicyFigures, words: Words) -> str:
    return f"{words.number(figures.lowest, 3)} – {words.number(figures.highest, 3)}"


def homes_open(comparison: Comparison, words: Words) -> Iterator[str]:
    """Say under which policies the homes are not proven to be the best, if any."""
    placed = [f.homes for f in comparison.policies if f.homes is not None]
    found = [homes.policy.name for homes in placed if homes.status is not Status.OPTIMAL]
    if found:
        yield words("homes_open", policies=", ".join(found))


def norm_rows(comparison: Comparison, words: Words) -> Iterator[tuple[str, list[NormRow]]]:
    """Each norm with a row per policy; none of them is for publication."""
    for norm in comparison.policies[0].own if comparison.policies else ():
        yield words.norm(norm), [_norm_row(norm, f, words) for f in comparison.policies]
    for norm in comparison.policies[0].norms if comparison.policies else ():
        if norm not in comparison.policies[0].own and norm not in NORMS:
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
        proven_cell((own, free), words),
    )


def _gap_cells(gap: Gap, words: Words, places: int) -> GapCells:
    return GapCells(
        words.number(gap.hindsight.value, places),
        words.number(gap.difference, places),
        words.percent(gap.ratio),
    )


#: Figures of a whole policy that may be published, and why they narrow no hidden count: transfers,
#: wishes and what policy was followed are known without counting; children and SEK by child or day
#: are the same wherever the children are. Kinds are shown as `Suppression.kinds` says.
_OF_ALL = (
    "instance", "policy", "mechanism", "status", "proof", "children", "compensation",
    "compensation_fixed", "compensation_variable", "compensation_children", "compensation_days",
    "compensation_missing", "granted_givers", "granted_receivers", "synthetic",
)  # fmt: skip


def published_comparison(comparison: Comparison, hidden: Suppression) -> list[Row]:
    """Rows of a comparison with those figures alone that may be published."""
    shown = {*_OF_ALL, *hidden.kinds, *(["affected"] if shows_affected(comparison, hidden) else [])}
    if "unplaced" not in hidden.kinds:  # how many children are paid for says how many are not
        shown -= {*COMPENSATION, "compensation_missing"}
    return [
        {key: value for key, value in row.items() if key in shown}
        for row in comparison_rows(comparison)
    ]


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
    """Name and size of each group, and how many are in it by a wish, how many by a decision alone."""
    group, wanted = group_of(comparison.instance), comparison.instance.wanted
    wished = {"givers": wanted.less, "receivers": wanted.more, "keepers": wanted.kept}
    heads = []
    for g in GROUPS:
        members = [code for code, its in group.items() if its == g]
        by_wish = sum(code in wished[g] for code in members)
        head = words(g, n=len(members), wished=by_wish, decided=len(members) - by_wish)
        said = g == "keepers" and wanted.answered  # where nobody was asked, nobody has answered
        heads.append(head + words("keepers_said", n=by_wish) if said else head)
    return heads


def group_rows(comparison: Comparison, words: Words) -> list[tuple[str, list[Labelled]]]:
    """Each policy with a labelled row per mechanism, a cell per group."""
    return [
        (
            groups.policy,
            [
                (words.mechanism(m), [_group_cell(groups, m, group, words) for group in GROUPS])
                for m in MECHANISMS
            ],
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
