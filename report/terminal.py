"""Tables on the terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from fordela.instances.catalogue import Summary
from fordela.models.allocation import targets
from fordela.models.compensation import forecast_children, missing_parts
from fordela.models.indicators import Indicators
from fordela.models.instance import Instance
from fordela.models.norms import first_component, fulfilments
from fordela.models.result import LevelResult, Result, Status
from fordela.models.validation import SYNTHETIC_WISHES
from fordela.report.proofs import engine_note, open_transfers, price_text, proof_text, status_text
from fordela.report.summary import Labelled, indicator_rows
from fordela.report.suppression import OPEN, Suppression
from fordela.report.texts import Words
from fordela.report.texts.names import title_in
from fordela.solver.difference import Difference
from fordela.solver.standing import Standing
from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from fordela.solver.simulation.statistics import Estimate

#: Width of tables where there is no terminal to ask.
WIDTH = 160
#: Labels of rows are broken into lines of no less than this; columns stand this far apart.
_LABEL, _BETWEEN = 24, 3
#: Rows of a table of municipalities unless all are asked for.
SHOWN = 20
_STATUSES = frozenset(Status)


def console(*, stderr: bool = False) -> Console:
    """Return a console that keeps tables whole when they are piped into a file."""
    stream = sys.stderr if stderr else sys.stdout
    made = _Console(file=stream, highlight=False)
    if not made.is_terminal:
        return _Console(file=stream, highlight=False, width=WIDTH)
    return made


class _Console(Console):
    """One whose reader may leave: the program says so with its own exit code, not with Rich's 1."""

    def on_broken_pipe(self) -> None:
        """Raise what the commands know."""
        raise BrokenPipeError


def make_table(title: str, *columns: tuple[str, str]) -> Table:
    """Make an empty table; columns are a heading and ``l`` or ``r``."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, justify in columns:
        right = justify == "r"
        table.add_column(name, justify="right" if right else "left", no_wrap=right)
    return table


def mean_text(found: Estimate, words: Words, places: int) -> str:
    """A mean over years and half its interval."""
    text = words.number(Fraction(found.mean), places)
    return text if found.half is None else f"{text} ± {words.number(Fraction(found.half), places)}"


def given_note(result: Result, words: Words) -> Iterator[str]:
    """Say which cases were taken as decided before."""
    if result.decided_cases:
        yield words(
            "given_note", policy=result.policy.name, n=result.decided_cases,
            cases=len(result.instance.cases),
        )  # fmt: skip


def notices(instance: Instance, words: Words) -> Iterator[str]:
    """What must be said beside any figure of an instance."""
    yield words(f"shares_{instance.shares_are}")
    if instance.synthetic:
        yield words("synthetic", what=words.synthetic(instance.synthetic))
    if SYNTHETIC_WISHES in instance.provenance:
        yield words("synthetic_unanswered")


def labelled_tables(
    title: str, heads: Sequence[str], rows: Sequence[Labelled], width: int = WIDTH
) -> Iterator[Table]:
    """One column for each policy or mode, below each other where they do not fit beside each other."""
    wide = [max(len(text) for text in (head, *(c[k] for _, c in rows))) + _BETWEEN
            for k, head in enumerate(heads)]  # fmt: skip
    label = min(_LABEL, max((len(text) for text, _ in rows), default=0)) + _BETWEEN
    first = 0
    while first < len(heads):
        last = first + 1
        while last < len(heads) and label + sum(wide[first : last + 1]) <= width:
            last += 1
        table = make_table(
            title if not first else "", ("", "l"), *((h, "r") for h in heads[first:last])
        )
        for text, cells in rows:
            table.add_row(text, *cells[first:last])
        yield table
        first = last


def indicator_tables(
    heads: Sequence[str], found: Sequence[Indicators], words: Words, width: int = WIDTH
) -> Iterator[Table]:
    """Show what decisions mean for children, a column for each policy or mode."""
    yield from labelled_tables(words("indicator_table"), heads, indicator_rows(found, words), width)


def hidden_note(instance: Instance, hidden: Suppression, words: Words) -> Iterator[str]:
    """Say that figures are shown for publication, and how many are not."""
    if hidden is not OPEN:
        yield words(
            "published_note", hidden=len(hidden.municipalities), of=len(instance.municipalities)
        )
        yield words("published_left_out")


def compensation_note(instance: Instance, words: Words) -> Iterator[str]:
    """Say what the sums lack, and how many shares of the forecast round to nothing ([O] 2.5)."""
    yield missing_note(instance, words)
    forecast = instance.forecast_asylum
    if forecast is None:
        return
    none = sum(
        not forecast_children(m.share, forecast, instance.units) for m in instance.municipalities
    )
    yield words("small_variable", n=none, of=len(instance.municipalities), forecast=forecast)


def missing_note(instance: Instance, words: Words, *, drawn: bool = False) -> str:
    """Say what the sums of state compensation lack."""
    missing = "; ".join(words(key) for key in missing_parts(instance, drawn=drawn))
    return words("compensation_lacks", missing=missing)


def result_tables(
    result: Result,
    words: Words,
    county: str | None = None,
    rows: int | None = SHOWN,
    hidden: Suppression = OPEN,
) -> Iterator[str | Table]:
    """One policy's outcome: the stack, then municipalities with most children first."""
    yield f"{words.title_of(result.instance)} · {result.policy.name}"
    answer = answer_line(result, words, hidden)
    yield answer if county is None else words("whole_country", said=answer)
    if result.objective and hidden is OPEN:
        yield objective_table(result.objective, words)
    yield from municipality_table(result, words, county, rows, hidden)
    if result.tied_decisions and hidden is OPEN:
        yield words("tied_note", n=result.tied_decisions)
    if result.policy.assignment.kinship != "always" and hidden is OPEN:
        yield words("ties_note", n=sum(result.counts.tie_not_followed))
    yield from hidden_note(result.instance, hidden, words)
    yield from open_transfers(result, words)
    yield from engine_note(words, result, result.redistribution)
    yield from given_note(result, words)
    if result.valve_closed_at and hidden is OPEN:
        yield words("valve_closed", case=result.valve_closed_at)
    yield " ".join(notices(result.instance, words))


def answer_line(result: Result, words: Words, hidden: Suppression = OPEN) -> str:
    """Say in a sentence or two what was decided; for publication, that alone which is shown there."""
    status = status_text(result, words)
    counts, children = result.counts, words.number(len(result.instance.children))
    if hidden is not OPEN:
        return words("solve_answer_hidden", children=children, status=status)
    unplaced = len(result.instance.children) - sum(counts.total)
    said = words(
        "solve_answer", children=children, tied=words.number(sum(counts.kinship)),
        rest=words.number(sum(counts.total) - sum(counts.kinship)),
        places=words.number(sum(n > 0 for n in counts.total)), of=words.number(len(counts.total)),
        transferred=words.number(sum(counts.on_transferred_share)), status=status,
    )  # fmt: skip
    return f"{said} {words('solve_unplaced', n=words.number(unplaced))}" if unplaced else said


def objective_heads(words: Words) -> list[str]:
    """Headings of a stack's table."""
    return [words(k) for k in ("level", "norm_value", "bound", "status", "proof", "price")]


def objective_cells(objective: Sequence[LevelResult], words: Words) -> list[list[str]]:
    """Levels of a stack with value, bound, status, proof and price."""
    return [
        [words.level(o.level), _level_number(o, words), _bound(o, words), words(o.status.value),
         proof_text(o, words), price_text(o, words)]
        for o in objective
    ]  # fmt: skip


def objective_table(objective: Sequence[LevelResult], words: Words) -> Table:
    """Levels of a stack as a table."""
    table = make_table("", *zip(objective_heads(words), "lrrllr", strict=True))
    for cells in objective_cells(objective, words):
        table.add_row(*cells)
    return table


def _level_number(o: LevelResult, words: Words) -> str:
    value = first_component(o.value)
    places = 0 if value.denominator == 1 else 4
    return words.number(value, places)


def _bound(o: LevelResult, words: Words) -> str:
    if o.bound is None:
        return words("none")
    if isinstance(o.bound, tuple) and isinstance(o.value, tuple):
        return f"{len(o.bound)} / {len(o.value)}"
    bound = first_component(o.bound)
    return words.number(bound, 0 if bound.denominator == 1 else 4)


def municipality_table(
    result: Result, words: Words, county: str | None, rows: int | None, hidden: Suppression = OPEN
) -> Iterator[str | Table]:
    """Municipalities, those with most children first."""
    instance, counts = result.instance, result.counts
    goal = targets(instance, result.policy)
    named = [k for k, m in enumerate(instance.municipalities) if m.code not in hidden]
    kinds = [
        kind
        for kind in ("kinship", "equalising", "willing", "valve", "on_transferred_share")
        if any(getattr(counts, kind)[k] for k in named)
    ]
    table = make_table(
        "",
        (words("code"), "l"), (words("name"), "l"), (words("share"), "r"), (words("before"), "r"),
        *((words(k).replace(" ", "\n", 1), "r") for k in kinds),
        (words("total"), "r"), (words("credited"), "r"), (words("target"), "r"),
        (words("deviation"), "r"), (words("fulfilment"), "r"),
    )  # fmt: skip
    order = sorted(
        (k for k, m in enumerate(instance.municipalities) if county in (None, m.county_code)),
        key=lambda k: (
            instance.municipalities[k].code in hidden,
            0 if instance.municipalities[k].code in hidden else -counts.total[k],
            instance.municipalities[k].code,
        ),
    )
    shown = order if rows is None else order[:rows]
    for k in shown:
        m = instance.municipalities[k]
        share = words.per_mille(m.share)
        if m.code in hidden:
            table.add_row(m.code, m.name, share, *[words("hidden_cell")] * (len(kinds) + 6))
            continue
        credited, deviation, fulfilment = (
            (words("hidden_cell"),) * 3
            if m.code in hidden.owners
            else (
                words.number(counts.credited[k]),
                words.number(counts.credited[k] - goal[k], 2),
                words.number(fulfilments([counts.credited[k]], [goal[k]])[0], 3),
            )
        )
        table.add_row(
            m.code, m.name, share,
            words.number(counts.credited[k] - counts.owned[k]),
            *(words.number(getattr(counts, kind)[k]) for kind in kinds),
            words.number(counts.total[k]), credited, words.number(goal[k], 2), deviation, fulfilment,
        )  # fmt: skip
    yield table
    if len(shown) < len(order):
        yield words("more_rows", n=len(order) - len(shown))


def queue_tables(
    instance: Instance, standings: Sequence[Standing], words: Words, rows: int | None = SHOWN
) -> Iterator[str | Table]:
    """Who is next in line, and by how much."""
    names = {m.code: m.name for m in instance.municipalities}
    title = words("queue_title", children=len(instance.children), year=instance.year)
    table = make_table(
        title,
        (words("rank"), "r"), (words("code"), "l"), (words("name"), "l"), (words("county"), "l"),
        (words("share"), "r"), (words("credited"), "r"), (words("fulfilment"), "r"),
        (words("behind"), "r"), (words("lead"), "r"), (words("bearer"), "l"),
    )  # fmt: skip
    shown = standings if rows is None else standings[:rows]
    for s in shown:
        m = instance.by_code[s.code]
        table.add_row(
            str(s.place), s.code, m.name, m.county, words.per_mille(m.share),
            words.number(s.credited), words.number(s.fulfilment, 4), words.number(s.below_target, 2),
            words.number(s.lead), "" if s.bearer == s.code else f"{s.bearer} {names[s.bearer]}",
        )  # fmt: skip
    yield table
    if len(shown) < len(standings):
        yield words("more_rows", n=len(standings) - len(shown))
    yield " ".join(notices(instance, words))


def difference_tables(
    found: Sequence[Difference], left: str, right: str, words: Words, rows: int | None
) -> Iterator[str | Table]:
    """What differs, table by table."""
    if not found:
        yield words("difference_none")
        return
    yield words("difference_count", n=len(found))
    table = make_table(
        "", (words("what"), "l"), (words("item"), "l"), ("", "l"), (left, "l"), (right, "l")
    )
    for d in found[:rows]:
        name = words(f"differs_{d.table}")
        sides = (_side(side, d.table, words) for side in (d.left, d.right))
        column = words.level(d.column) if d.table == "result" else d.column
        table.add_row(name, _said(d.item, words), column, *sides)
    yield table
    if rows is not None and len(found) > rows:
        yield words("more_rows", n=len(found) - rows)


def _side(value: str | None, table: str, words: Words) -> str:
    if value is None:
        return words("none")
    if value == "present":
        return words("differs_present")
    if table == "result":
        return _known(value, words)
    return _said(value, words) if table == "wishes as they stand" else value


def _known(value: str, words: Words) -> str:
    """A status, or a level's value with its status and proof, in words; a policy's name stays."""
    if value in _STATUSES:
        return words(value)
    found = re.fullmatch(r"(.*) \((\w+)(?:, (\w+))?\)", value)
    if found is None or found[2] not in _STATUSES:
        return value
    proof = [words(f"proof_{found[3]}")] if found[3] else []
    return f"{found[1]} ({', '.join([words(found[2]), *proof])})"


def _said(wish: str, words: Words) -> str:
    """A wish, or the key of one, in a language."""
    if words.language == "en":
        return wish
    swedish = {"more": "mer", "less": "mindre", "at least": "minst", "with": "med", "and": "och"}
    told = re.sub(r"\b(more|less|at least|with|and)\b", lambda m: swedish[m[1]], wish)
    return re.sub(r"(\d)\.(\d\d)\b", r"\1,\2", told)


def instance_table(instances: Sequence[Summary], words: Words) -> Table:
    """The catalogue."""
    table = make_table(
        words("instances"),
        (words("instance"), "l"), (words("year"), "r"), (words("children"), "r"),
        (words("untied"), "r"), (words("title"), "l"),
    )  # fmt: skip
    for i in instances:
        table.add_row(
            i.name,
            str(i.year),
            words.number(i.children),
            words.number(i.untied),
            title_in(i.title, words.language),
        )
    return table
