"""What the commands share: plain errors, progress, loading and printing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from fordela.models.instance import Instance
    from fordela.models.policy import Policy
    from fordela.models.result import Result
    from fordela.report.suppression import Suppression
    from fordela.report.texts import Words
    from fordela.solver.comparison import Comparison

F = TypeVar("F", bound=Callable[..., Any])


def together(*parts: Callable[[], Any]) -> list[Any]:
    """Load several parts of the input, and tell the problems of all of them at once."""
    from fordela.models.errors import InputError, Problem

    found: list[Any] = []
    problems: list[Problem] = []
    for part in parts:
        try:
            found.append(part())
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def hold(target: Path | None, kind: str, *, force: bool) -> None:
    """Hold what a command is to write until it ends, before it begins to compute."""
    if target is not None:
        from fordela.instances.targets import held

        click.get_current_context().with_resource(held(target, kind, force=force))


def require_norms(names: tuple[str, ...]) -> tuple[str, ...]:
    """Make sure that norms of one's own can be imported, before any work is done."""
    from fordela.models.errors import InputError, Problem
    from fordela.models.norms import load_norm
    from fordela.models.policy import NORMS

    problems: list[Problem] = []
    for name in names:
        if name in NORMS:
            continue  # reported anyhow
        try:
            load_norm(name)
        except InputError as error:
            problems += [Problem("--norm", p.message, value=name) for p in error.problems]
    if problems:
        raise InputError(problems)
    return tuple(n for n in dict.fromkeys(names) if n not in NORMS)


def sibling_weights(text: str) -> tuple[int, ...]:
    """Read weights of case sizes: ``85,12,3``."""
    from fordela.models.errors import InputError, Problem

    parts = [p.strip() for p in text.split(",")]
    known = all(p.isdigit() and p.isascii() for p in parts) and len(parts) <= 20
    if known and int(parts[0]) > 0 and all(len(p) <= 9 for p in parts):
        return tuple(int(p) for p in parts)
    message = "must be whole weights of sizes 1, 2, 3, …, the first above 0, such as 85,12,3"
    raise InputError([Problem("--siblings", message, value=text)])


def spoken() -> str:
    """Language that the running command was asked to speak."""
    context = click.get_current_context(silent=True)
    chosen = context.params.get("lang") if context is not None else None
    return str(chosen or "en")


def tell_error(text: object) -> None:
    """Write an error on stderr."""
    word = "Fel" if spoken() == "sv" else "Error"
    click.echo(f"{click.style(word, fg='red')}: {text}", err=True)


def tell_note(text: str) -> None:
    """Write a note on stderr: what is unusual but accepted."""
    swedish = spoken() == "sv"
    if swedish:
        from fordela.report.texts.problems import in_swedish

        text = in_swedish(text)
    click.echo(f"{click.style('Obs' if swedish else 'Note', fg='yellow')}: {text}", err=True)


def _tell_no_room(error: OSError) -> int:
    """Say what cannot be written, and return the exit code."""
    from fordela.models.errors import Problem
    from fordela.report.texts.problems import problem_in

    message = f"cannot be written: {error.strerror or error}"
    tell_error(problem_in(Problem(str(error.filename or "stdout"), message), spoken()))
    return 2


def plain_errors(command: F) -> F:
    """Show problems as plain messages on stderr and leave with the exit code of the error."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        from fordela.models.errors import NO_ROOM, FordelaError, InputError

        try:
            done = command(*args, **kwargs)
            sys.stdout.flush()
            return done
        except InputError as error:
            from fordela.report.texts.problems import problem_in

            for problem in error.problems[:50]:
                tell_error(problem_in(problem, spoken()))
            if len(error.problems) > 50:
                tell_error(words_in(spoken())("more_problems", n=len(error.problems) - 50))
            sys.exit(error.exit_code)
        except FordelaError as error:
            tell_error(error)
            sys.exit(error.exit_code)
        except BrokenPipeError:  # whoever read this has left, as `head` does
            sys.exit(141)
        except KeyboardInterrupt:
            click.echo("Avbrutet." if spoken() == "sv" else "Stopped.", err=True)
            sys.exit(130)
        except (click.Abort, click.ClickException, click.exceptions.Exit):
            raise
        except MemoryError:
            click.echo("Error: out of memory; try a smaller instance", err=True)
            sys.exit(4)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in NO_ROOM:
                sys.exit(_tell_no_room(error))
            if os.environ.get("FORDELA_DEBUG"):
                raise
            what = f"{type(error).__name__}: {error}"
            click.echo(f"Error: a fault in Fordela, please report it: {what}", err=True)
            click.echo("FORDELA_DEBUG=1 shows where it happened.", err=True)
            sys.exit(1)

    return wrapped  # type: ignore[return-value]


@contextmanager
def progress_on_terminal(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Say on a terminal what is being worked on; on a pipe, nothing."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from fordela.report.terminal import console

    with console(stderr=True).status("…") as status:
        yield lambda text: status.update(text)


@contextmanager
def bar_on_terminal(quiet: bool) -> Iterator[Callable[..., None]]:
    """Show on a terminal how many of how many are done, the time left, and a word on the last one."""
    if quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from fordela.report.terminal import console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
               TextColumn("{task.description}"))  # fmt: skip
    with Progress(*columns, console=console(stderr=True)) as bar:
        line = bar.add_task("", total=None)
        yield lambda done, of, last="": bar.update(line, completed=done, total=of, description=last)


def words_in(lang: str) -> Words:
    """Return the texts of a language."""
    from fordela.report.texts import Words

    return Words(lang)


def load_year(name: str, quiet: bool) -> Instance:
    """Load an instance, and note on stderr what is unusual in it."""
    from fordela.instances.catalogue import load_instance

    warnings: list[str] = []
    with progress_on_terminal(quiet) as progress:
        progress(f"reading {name}")
        instance = load_instance(name, warnings)
    if not quiet:
        for warning in warnings:
            tell_note(warning)
    return instance


def load_policies(names: tuple[str, ...], default: tuple[str, ...]) -> list[Policy]:
    """Load policies whose names differ; the default ones if none are named."""
    from fordela.instances.policy_files import load_policy
    from fordela.models.errors import InputError, Problem

    problems: list[Problem] = []
    loaded: list[Policy] = []
    for name in names or default:
        try:
            loaded.append(load_policy(name))
        except InputError as error:
            problems.extend(error.problems)
    seen = [policy.name.casefold() for policy in loaded]  # names of folders, which may know no case
    problems += [
        Problem("--policy", "two policies have this name; rename one", value=name)
        for name in sorted({n for n in seen if seen.count(n) > 1})
    ]
    if problems:
        raise InputError(problems)
    return loaded


def note_without_wishes(years: list[Instance], policies: list[Policy], quiet: bool) -> None:
    """Note on stderr that a policy which goes by wishes has none to go by."""
    from fordela.models.policy import BY_WISHES

    by_wishes = [p.name for p in policies
                 if p.redistribution.scope in BY_WISHES]  # fmt: skip
    for year in years if by_wishes and not quiet else ():
        if not (year.wanted.less and year.wanted.more):
            note = (
                f"{year.name}: nothing can be handed over under {', '.join(by_wishes)}, as nobody "
                f"wishes for {'more' if year.wanted.less else 'less'} (wants_more and wants_less in "
                "municipalities.csv, or wishes.csv)"
            )
            tell_note(note)


def note_without_cases(year: Instance, with_cases: bool, quiet: bool) -> None:
    """Note on stderr that a workbook was written without its children."""
    if year.children and not with_cases and not quiet:
        tell_note(
            "the workbook holds no children, so that it can be sent; --with-cases writes them too"
        )


def read_earlier(folder: Path, quiet: bool) -> Result:
    """Read the result that a year is taken on from, with progress."""
    from fordela.instances.restoring import read_result
    from fordela.report.loading import single_result

    place = single_result(folder)
    with progress_on_terminal(quiet) as progress:
        progress(f"reading {place}")
        return read_result(place)


def policy_of_year(name: str | None, year: Instance, so_far: Result | None) -> Policy:
    """Return the policy that is named, or the one that the year was begun under, or its own."""
    if name is None and so_far is not None:
        return so_far.policy
    return load_policies((name or year.policy,), ())[0]


def require_county(instance: Instance, county: str | None) -> str | None:
    """Return the code of a county of the instance that is given by code or name."""
    from fordela.instances.naming import county_code

    if county is None:
        return None
    return county_code({m.county_code: m.county for m in instance.municipalities}, county, instance)


def require_names(years: list[Instance]) -> None:
    """Make sure that years which are written side by side have names of their own."""
    from fordela.models.errors import InputError, Problem

    names = [year.name.casefold() for year in years]
    problems = [
        Problem("INSTANCE", "two instances have this name; rename one", value=year.name)
        for k, year in enumerate(years)
        if year.name.casefold() in names[:k]
    ]
    if problems:
        raise InputError(problems)


def print_parts(parts: Any) -> None:
    """Print texts and tables."""
    from fordela.report.terminal import console

    out = console()
    for part in parts:
        # On a pipe a sentence stays one line; a terminal breaks it between words.
        out.print(part, soft_wrap=isinstance(part, str) and not out.is_terminal)


def not_for_files(publish: bool, out: Path | None) -> None:
    """Refuse to write a result's folder for publication: it holds every case."""
    if publish and out is not None:
        refusal = (
            "--out writes every case, so it cannot go with --publish; for a file to publish use "
            "'fordela report DIR --publish', or redirect what is printed"
        )
        raise click.UsageError(refusal)


def print_comparisons(
    found: list[Comparison], form: str, words: Words, county: str | None, publish: bool = False
) -> None:
    """Print comparisons, one after the other."""
    from fordela.report.summary import published_comparison
    from fordela.report.suppression import OPEN, suppression_of
    from fordela.solver.comparison_rows import comparison_json, comparison_rows

    hidden = [
        suppression_of([f.result for f in comparison.policies]) if publish else OPEN
        for comparison in found
    ]
    if county is not None and form != "table":
        _print_county(found, form, county, hidden)
    elif publish and form != "table":
        rows = [published_comparison(c, h) for c, h in zip(found, hidden, strict=True)]
        print_rows([row for some in rows for row in some], form)
    elif form == "csv":
        print_rows([row for comparison in found for row in comparison_rows(comparison)], form)
    elif form == "json":
        import json

        data = [comparison_json(comparison) for comparison in found]
        click.echo(json.dumps(data if len(data) > 1 else data[0], ensure_ascii=False, indent=1))
    else:
        from fordela.report.comparison_tables import comparison_tables
        from fordela.report.terminal import console

        for comparison, kept in zip(found, hidden, strict=True):
            print_parts(comparison_tables(comparison, words, console().width, county, kept))


def _print_county(found: list[Comparison], form: str, county: str, hidden: list[Suppression]) -> None:
    """Print the rows of a county's municipalities, one for each policy."""
    from fordela.models.tables import municipality_rows
    from fordela.report.suppression import published_rows

    rows = [
        {"instance": comparison.instance.name, "policy": figures.result.policy.name} | row
        for comparison, kept in zip(found, hidden, strict=True)
        for figures in comparison.policies
        for row in published_rows(municipality_rows(figures.result), kept)
        if row["county_code"] == county
    ]
    print_rows(rows, form)


def print_rows(rows: list[dict[str, Any]], form: str) -> None:
    """Print rows as JSON or CSV."""
    if form == "json":
        import json

        click.echo(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return
    import csv

    from fordela.instances.tables import safe_cell

    header = list(dict.fromkeys(column for row in rows for column in row))
    writer = csv.DictWriter(sys.stdout, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: safe_cell(value) for column, value in row.items()} for row in rows)
