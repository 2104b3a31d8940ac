"""The command that sets readings of the rule against what is published."""

from __future__ import annotations

from pathlib import Path

import click
from fordela.report.command_line import (
    bar_on_terminal,
    hold,
    load_year,
    plain_errors,
    print_parts,
    print_rows,
    words_in,
)
from fordela.report.options import (
    INSTANCE,
    format_option,
    lang_option,
    out_options,
    processes_option,
    quiet_option,
)


@click.command()
@click.argument("instance", type=INSTANCE)
@click.option(
    "--histories", type=click.IntRange(min=1, max=100_000), default=200, show_default=True,
    help="Histories since 2016, drawn and replayed.",
)  # fmt: skip
@click.option(
    "--draws", type=click.IntRange(min=1, max=10_000), default=20, show_default=True,
    help="Draws of the year for each history.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the draws.")
@click.option("--all", "everything", is_flag=True, help="Show the figures of every reading.")
@processes_option
@out_options
@format_option
@lang_option
@quiet_option
@plain_errors
def validate(
    instance: str, histories: int, draws: int, seed: int, everything: bool, workers: int | None,
    out: Path | None, force: bool, form: str, lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Set what is published of 2024 or 2025 against what every reading of the rule draws.

    For every figure: published, median, 50, 80 and 95 % interval, and where it lies; for every
    reading how many lie inside, and a score. What was given to the draws is no test and says so.
    How it is done: docs/validation.md.

    \b
    Examples:
      fordela validate sweden-2025
      fordela validate sweden-2024 --histories 1000 --all
      fordela validate sweden-2025 --out validation --lang sv
    """
    from fordela.solver.validation.rows import validation_rows
    from fordela.solver.validation.run import validate as run

    year = load_year(instance, quiet)
    hold(out, "validation", force=force)
    with bar_on_terminal(quiet) as done:
        found = run(year, histories, draws, seed, workers=workers, done=done)
    if form == "table":
        from fordela.report.validation_tables import validation_tables

        print_parts(validation_tables(found, words_in(lang), everything=everything))
    else:
        print_rows(validation_rows(found), form)
    if out is not None:
        from fordela.report.folders import write_validation

        write_validation(found, out, force=force)
        if not quiet and form == "table":
            click.echo(words_in(lang)("written", where=out), err=True)
