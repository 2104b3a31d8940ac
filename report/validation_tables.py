"""How readings of the rule agree with what is published, on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from fordela.instances.figures import Published
from fordela.report.terminal import make_table, notices
from fordela.report.texts import Words
from fordela.solver.validation.run import Read, Validation
from fordela.solver.validation.score import INTERVALS, Tested
from rich.table import Table

#: Histories, and draws for each, below which intervals are rough (model, section 11).
ENOUGH = (200, 20)
#: Histories below which nothing is concluded: a 95 % interval leaves one in forty out at each end.
LEAST_HISTORIES = 40


def validation_tables(
    validation: Validation, words: Words, *, everything: bool = False
) -> Iterator[str | Table]:
    """The validation from the answer to the last table; figures of every reading if asked for."""
    shipped = validation.reads[0]
    yield answer(validation, words)
    if validation.histories >= LEAST_HISTORIES:
        yield _conclusion(validation, words)
    yield _figures(shipped, words)
    yield _readings(validation, words)
    yield _met(validation, words)
    if everything:
        for read in validation.reads[1:]:
            yield _figures(read, words)
    yield words("validation_note")
    if "reception" not in {read.reading.shares for read in validation.reads}:
        yield words("validation_no_reception")
    yield " ".join(notices(validation.instance, words))


def answer(validation: Validation, words: Words) -> str:
    """Say in a few sentences what the published figures say of the shipped reading; first if little."""
    drawn = {"histories": validation.histories, "draws": validation.draws}
    if validation.histories < LEAST_HISTORIES:
        return words("validation_too_few", **drawn, least=LEAST_HISTORIES)
    read = validation.reads[0]
    said = ""
    if validation.histories < ENOUGH[0] or validation.draws < ENOUGH[1]:
        said = words("validation_few", **drawn) + " "
    said += words(
        "validation_answer", n=len(read.tests), year=validation.instance.year,
        inside=read.inside(95), middle=read.inside(50),
    )  # fmt: skip
    missed = [t for t in read.tests if not t.inside(95)]
    if not missed:
        return f"{said} {words('validation_all_inside')}"
    figures = ", ".join(
        words(
            "validation_miss", figure=figure_text(t.figure, words), published=t.figure.value,
            low=_number(t.intervals[-1][0], words), high=_number(t.intervals[-1][1], words),
        )
        for t in missed
    )  # fmt: skip
    return f"{said} {words('validation_misses', figures=figures)} {words('validation_meaning')}"


def _conclusion(validation: Validation, words: Words) -> str:
    """Say which readings come nearer than the shipped one, where the figures may choose."""
    shipped, others = validation.reads[0], validation.reads
    said = words("validation_reading", reading=reading_text(shipped, words))
    if validation.tried:
        year = validation.instance.year
        return f"{said} {words('validation_tried', n=validation.tried, year=year)}"
    best = min(others, key=lambda read: read.score)
    rank = words(
        "validation_rank", rank=sum(read.score < shipped.score for read in others), n=len(others),
        best=reading_text(best, words),
    )  # fmt: skip
    return f"{said} {rank}"


def reading_text(read: Read, words: Words) -> str:
    """Name a reading."""
    *others, shares = read.reading.key
    return ", ".join(words(f"reading_{part}") for part in [*others, f"shares_{shares}"])


def figure_text(figure: Published, words: Words) -> str:
    """Name a published figure, its place first."""
    if figure.place and figure.what == "total":
        return figure.place
    what = words(f"figure_{figure.what}")
    return f"{figure.place}, {what}" if figure.place else what


def _figures(read: Read, words: Words) -> Table:
    table = make_table(
        words("validation_figures", reading=reading_text(read, words)),
        (words("column_figure"), "l"), (words("column_published"), "r"), (words("column_median"), "r"),
        *((f"{p} %", "r") for p in INTERVALS),
        (words("column_lies"), "l"), (words("column_score"), "r"),
    )  # fmt: skip
    for t in read.tested:
        table.add_row(
            figure_text(t.figure, words), str(t.figure.value), _number(t.median, words),
            *(f"{_number(low, words)}–{_number(high, words)}" for low, high in t.intervals),
            words(_lies(t)), words.number(Fraction(t.score)) if t.is_test else "",
        )  # fmt: skip
    return table


def _lies(t: Tested) -> str:
    """Key of where a figure lies."""
    if not t.is_test:
        return f"lies_{t.figure.given}"
    return next((f"lies_{p}" for p in INTERVALS if t.inside(p)), "lies_outside")


def _readings(validation: Validation, words: Words) -> Table:
    """Every reading, nearest first unless the figures no longer choose."""
    reads = validation.reads
    title = words(
        "validation_readings_tried" if validation.tried else "validation_readings",
        n=len(reads[0].tests), histories=validation.histories, draws=validation.draws,
    )  # fmt: skip
    parts = ("mechanism", "kinship", "basis", "ties", "shares")
    table = make_table(
        title,
        *((words(f"column_{part}"), "l") for part in parts),
        *((words("column_inside", p=p), "r") for p in INTERVALS),
        (words("column_score"), "r"), (words("column_outside"), "l"),
    )  # fmt: skip
    for read in reads if validation.tried else sorted(reads, key=lambda read: read.score):
        *others, shares = read.reading.key
        outside = [figure_text(t.figure, words) for t in read.tests if not t.inside(95)]
        table.add_row(
            *map(words.reading, others), words(f"shares_by_{shares}"),
            *(str(read.inside(p)) for p in INTERVALS),
            words.number(Fraction(read.score)), "; ".join(outside) or "–",
        )  # fmt: skip
    return table


def _met(validation: Validation, words: Words) -> Table:
    """Which figures are met where ties are always followed and all since 2016 count.

    A column for every spread of ties and kind of shares; in a cell the narrowest interval that holds
    the figure, under one mechanism and the other.
    """
    columns: dict[tuple[str, str], list[Read]] = {}
    for read in validation.reads:
        _, kinship, basis, spread, shares = read.reading.key
        if (kinship, basis) == ("always", "history"):
            columns.setdefault((spread, shares), []).append(read)
    table = make_table(
        words("validation_met"), (words("column_figure"), "l"),
        *((f"{words(f'met_{spread}')}\n{words(f'met_shares_{shares}')}", "l")
          for spread, shares in columns),
    )  # fmt: skip
    for k, t in enumerate(validation.reads[0].tested):
        if t.is_test:
            cells = (" / ".join(words(f"met_{_lies(read.tested[k])}") for read in reads)
                     for reads in columns.values())  # fmt: skip
            table.add_row(figure_text(t.figure, words), *cells)
    return table


def _number(value: float, words: Words) -> str:
    """Whole where it is, else with one decimal."""
    return words.number(int(value)) if value == int(value) else words.number(Fraction(value), 1)
