"""The ``fordela`` command: thin layers over the Python interface, no logic of their own.

Heavy imports happen inside the commands, so that ``fordela --help`` answers at once.
"""

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
    from fordela.report.texts import Words

F = TypeVar("F", bound=Callable[..., Any])


class _Named(click.ParamType[str]):
    """A shipped name or a path, completed by name."""

    def __init__(self, what: str) -> None:
        self.name = what

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Complete shipped names; the shell completes paths."""
        from click.shell_completion import CompletionItem

        if self.name == "instance":
            from fordela.instances.catalogue import shipped_instances as names
        else:
            from fordela.instances.policy_files import shipped_policies as names
        found = [CompletionItem(n) for n in names() if n.startswith(incomplete)]
        return found or [CompletionItem(incomplete, type="file")]


INSTANCE = _Named("instance")
POLICY = _Named("policy")


def _lang(command: F) -> F:
    return click.option(
        "--lang", type=click.Choice(["en", "sv"]), default="en", show_default=True,
        envvar="FORDELA_LANG", help="Language of tables.",
    )(command)  # fmt: skip


def _format(command: F) -> F:
    return click.option(
        "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table",
        show_default=True, help="How to print.",
    )(command)  # fmt: skip


def _quiet(command: F) -> F:
    return click.option("--quiet", "-q", is_flag=True, help="No progress, no notes.")(command)


def _county(command: F) -> F:
    return click.option("--county", metavar="CODE", help="Show only this county, such as 08.")(command)


def _solving(command: F) -> F:
    for option in reversed(
        (
            click.option(
                "--backend", type=click.Choice(["auto", "highs", "cp-sat", "cbc"]), default="auto",
                show_default=True, help="Engine of the integer programs.",
            ),
            click.option(
                "--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS",
                help="Stop after this time and say what is proven.",
            ),
            click.option(
                "--seed", type=click.IntRange(min=0), default=0, show_default=True,
                help="For lots and for the engine.",
            ),
            click.option("--workers", type=click.IntRange(min=1), help="Threads of the engine."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def _out(command: F) -> F:
    command = click.option("--force", is_flag=True, help="Replace an earlier result in DIR.")(command)
    return click.option(
        "--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
        help="Write the result's files into this new folder.",
    )(command)  # fmt: skip


def _errors(command: F) -> F:
    """Show problems as plain messages on stderr and leave with the exit code of the error."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        from fordela.models.errors import FordelaError, InputError

        try:
            return command(*args, **kwargs)
        except InputError as error:
            for problem in error.problems[:50]:
                click.echo(f"{click.style('Error', fg='red')}: {problem}", err=True)
            if len(error.problems) > 50:
                click.echo(f"… and {len(error.problems) - 50} more problems", err=True)
            sys.exit(error.exit_code)
        except FordelaError as error:
            click.echo(f"{click.style('Error', fg='red')}: {error}", err=True)
            sys.exit(error.exit_code)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(0)
        except (KeyboardInterrupt, click.Abort, click.ClickException, click.exceptions.Exit):
            raise
        except MemoryError:
            click.echo("Error: out of memory; try a smaller instance", err=True)
            sys.exit(4)
        except Exception as error:
            if os.environ.get("FORDELA_DEBUG"):
                raise
            what = f"{type(error).__name__}: {error}"
            click.echo(f"Error: a fault in Fordela, please report it: {what}", err=True)
            click.echo("FORDELA_DEBUG=1 shows where it happened.", err=True)
            sys.exit(1)

    return wrapped  # type: ignore[return-value]


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Say on a terminal what is being worked on; on a pipe, nothing."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from fordela.report.terminal import console

    with console(stderr=True).status("…") as status:
        yield lambda text: status.update(text)


def _words(lang: str) -> Words:
    from fordela.report.texts import Words

    return Words(lang)


def _load(name: str, quiet: bool) -> Instance:
    from fordela.instances.catalogue import load_instance

    warnings: list[str] = []
    with _progress(quiet) as progress:
        progress(f"reading {name}")
        instance = load_instance(name, warnings)
    if not quiet:
        for warning in warnings:
            click.echo(f"{click.style('Note', fg='yellow')}: {warning}", err=True)
    return instance


def _policies(names: tuple[str, ...], default: tuple[str, ...]) -> list[Policy]:
    from fordela.instances.policy_files import load_policy
    from fordela.models.errors import InputError, Problem

    problems: list[Problem] = []
    loaded: list[Policy] = []
    for name in names or default:
        try:
            loaded.append(load_policy(name))
        except InputError as error:
            problems.extend(error.problems)
    seen = [policy.name for policy in loaded]
    problems += [
        Problem("--policy", "two policies have this name; rename one", value=name)
        for name in sorted({n for n in seen if seen.count(n) > 1})
    ]
    if problems:
        raise InputError(problems)
    return loaded


def _known_county(instance: Instance, county: str | None) -> None:
    from fordela.models.errors import InputError, Problem

    codes = sorted({m.county_code for m in instance.municipalities})
    if county is not None and county not in codes:
        message = f"no such county; the instance has {', '.join(codes)}"
        raise InputError([Problem("--county", message, value=county)])


def _print(parts: Any) -> None:
    from fordela.report.terminal import console

    out = console()
    for part in parts:
        out.print(part)


def _print_rows(rows: list[dict[str, Any]], form: str) -> None:
    if form == "json":
        import json

        click.echo(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return
    import csv

    writer = csv.DictWriter(sys.stdout, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from fordela import __version__

        click.echo(f"fordela {__version__}")
        ctx.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, callback=_version, expose_value=False, is_eager=True,
    help="Show the version.",
)  # fmt: skip
def main() -> None:
    r"""Allocate people to places: the rule in force against a proven optimum.

    INSTANCE is the name of a shipped instance (see 'fordela instances list') or a folder.

    \b
    Examples:
      fordela compare sweden-2025
      fordela solve sweden-2025 --policy optimal --out result
      fordela check sweden-2025 result
      fordela queue sweden-2026 --county 08
    """


@main.command()
@click.argument("instance", type=INSTANCE)
@click.option(
    "--policy", "names", multiple=True, type=POLICY, metavar="NAME|FILE",
    help="May be given several times. Default: in-force, no-redistribution, optimal.",
)  # fmt: skip
@_out
@_solving
@_format
@_lang
@_quiet
@_errors
def compare(
    instance: str, names: tuple[str, ...], out: Path | None, force: bool, backend: str,
    time_limit: float | None, seed: int, workers: int | None, form: str, lang: str, quiet: bool,
) -> None:  # fmt: skip
    r"""Compare policies on the same children, with the gap to optimal.

    \b
    Examples:
      fordela compare sweden-2025
      fordela compare sweden-2025 --policy in-force --policy my-policy.toml --out comparison
      fordela compare textbook --lang sv
    """
    policies = _policies(names, ("in-force", "no-redistribution", "optimal"))
    year = _load(instance, quiet)
    with _progress(quiet) as progress:
        from fordela.solver.comparison import compare as run

        found = run(
            year, policies, backend=backend, time_limit=time_limit, seed=seed, workers=workers,
            progress=progress,
        )  # fmt: skip
    from fordela.solver.comparison_rows import comparison_json, comparison_rows

    if out is not None:
        from fordela.report.folders import write_comparison

        write_comparison(found, out, force=force)
    if form == "table":
        from fordela.report.terminal import comparison_tables, console

        words = _words(lang)
        _print(comparison_tables(found, words, console().width))
        if out is not None and not quiet:
            click.echo(words("written", where=out), err=True)
    elif form == "json":
        import json

        click.echo(json.dumps(comparison_json(found), ensure_ascii=False, indent=1))
    else:
        _print_rows(comparison_rows(found), form)


@main.command()
@click.argument("instance", type=INSTANCE)
@click.option(
    "--policy", "name", type=POLICY, metavar="NAME|FILE",
    help="Default: the instance's own policy.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Show all municipalities.")
@_out
@_county
@_solving
@_format
@_lang
@_quiet
@_errors
def solve(
    instance: str, name: str | None, everything: bool, out: Path | None, force: bool,
    county: str | None, backend: str, time_limit: float | None, seed: int, workers: int | None,
    form: str, lang: str, quiet: bool,
) -> None:  # fmt: skip
    r"""Allocate a year's children under one policy.

    \b
    Examples:
      fordela solve sweden-2025
      fordela solve sweden-2025 --policy optimal --backend cp-sat --out result
      fordela solve sweden-2025 --policy in-force --county 08 --format csv
    """
    year = _load(instance, quiet)
    _known_county(year, county)
    (policy,) = _policies((name or year.policy,), ())
    with _progress(quiet) as progress:
        from fordela.solver.solve import solve as run

        result = run(
            year, policy, backend=backend, time_limit=time_limit, seed=seed, workers=workers,
            progress=progress,
        )  # fmt: skip
    if out is not None:
        from fordela.instances.results import write_result

        write_result(result, out, force=force)
    if form == "table":
        from fordela.report.terminal import SHOWN, result_tables

        words = _words(lang)
        _print(result_tables(result, words, county, None if everything or county else SHOWN))
        if out is not None and not quiet:
            click.echo(words("written", where=out), err=True)
        return
    from fordela.models.tables import municipality_rows

    rows = [r for r in municipality_rows(result) if county in (None, r["county_code"])]
    if form == "json":
        import json

        from fordela.instances.results import result_json

        data = result_json(result) | {"municipalities": rows}
        click.echo(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        _print_rows(rows, form)


@main.command()
@click.argument("instance", type=INSTANCE)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@_format
@_lang
@_quiet
@_errors
def check(instance: str, folder: Path, form: str, lang: str, quiet: bool) -> None:
    r"""Verify a solution independently of how it was made.

    Every decision, figure, value, bound and certificate in DIR is recomputed from the definitions.
    Exit code 0 if all holds, 1 if not.

    \b
    Example:
      fordela solve sweden-2025 --out result && fordela check sweden-2025 result
    """
    from fordela.instances.results import read_solution
    from fordela.models.check import check as verify

    year = _load(instance, quiet)
    with _progress(quiet) as progress:
        progress(f"reading {folder}")
        solution = read_solution(folder)
        progress("checking")
        violations = verify(year, solution)
    words = _words(lang)
    if form != "table":
        _print_rows([{"rule": v.rule, "message": v.message} for v in violations], form)
    elif violations:
        click.echo(words("violations", n=len(violations)))
        for v in violations:
            click.echo(f"  {v}")
    else:
        click.echo(words("clean", children=len(year.children), policy=solution.policy.name))
    sys.exit(1 if violations else 0)


@main.command()
@click.argument("instance", type=INSTANCE)
@click.option(
    "--policy", "name", type=POLICY, metavar="NAME|FILE",
    help="Default: the instance's own policy.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Show all municipalities.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="For lots.")
@_county
@_format
@_lang
@_quiet
@_errors
def queue(
    instance: str, name: str | None, everything: bool, seed: int, county: str | None, form: str,
    lang: str, quiet: bool,
) -> None:  # fmt: skip
    r"""Show who is next in line for a child without a tie, and by how much.

    The line is the one after the children who are in the instance.

    \b
    Examples:
      fordela queue sweden-2025
      fordela queue sweden-2025 --county 08
    """
    from dataclasses import asdict

    from fordela.models.errors import InputError, Problem
    from fordela.solver.standing import standings

    year = _load(instance, quiet)
    _known_county(year, county)
    (policy,) = _policies((name or year.policy,), ())
    if policy.is_optimal:
        message = "an optimum over a whole year has no line; choose a rule, such as in-force"
        raise InputError([Problem("--policy", message, value=policy.name)])
    line = [
        s for s in standings(year, policy, seed) if county in (None, year.by_code[s.code].county_code)
    ]
    if form == "table":
        from fordela.report.terminal import SHOWN, queue_tables

        _print(queue_tables(year, line, _words(lang), None if everything or county else SHOWN))
        return
    rows = [
        asdict(s)
        | {"name": year.by_code[s.code].name, "synthetic": year.unpublished}
        | {"fulfilment": str(s.fulfilment), "below_target": str(s.below_target)}
        for s in line
    ]
    _print_rows(rows, form)


@main.group()
def instances() -> None:
    """List, show, generate, validate and export instances."""


@instances.command("list")
@_format
@_lang
@_errors
def instances_list(form: str, lang: str) -> None:
    """List the instances that ship with Fordela."""
    from dataclasses import asdict

    from fordela.instances.catalogue import shipped_summaries

    summaries = shipped_summaries()
    if form == "table":
        from fordela.report.terminal import instance_table

        _print([instance_table(summaries, _words(lang))])
    else:
        _print_rows([asdict(s) for s in summaries], form)


@instances.command("show")
@click.argument("instance", type=INSTANCE)
@_format
@_errors
def instances_show(instance: str, form: str) -> None:
    """Show an instance's headline figures and where every item comes from."""
    year = _load(instance, False)
    summary = year.summary()
    if form != "table":
        _print_rows([summary | {"provenance": dict(year.provenance)}], form)
        return
    width = max(len(k) for k in (*summary, *year.provenance))
    for key, value in summary.items():
        click.echo(f"{key:<{width}}  {value}")
    if year.provenance:
        click.echo("\nprovenance")
    for key, value in year.provenance.items():
        click.echo(f"{key:<{width}}  {value}")


@instances.command("validate")
@click.argument("instance", type=INSTANCE)
@_lang
@_errors
def instances_validate(instance: str, lang: str) -> None:
    """Check the files of an instance; every problem is named at once. Exit code 2 if there are any."""
    year = _load(instance, False)
    click.echo(
        _words(lang)(
            "valid", name=year.name, municipalities=len(year.municipalities),
            children=len(year.children),
        )
    )  # fmt: skip


@instances.command("export")
@click.argument("instance", type=INSTANCE)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--force", is_flag=True, help="Replace an earlier export in DIR.")
@_lang
@_errors
def instances_export(instance: str, folder: Path, force: bool, lang: str) -> None:
    """Write an instance's files into a new folder, to read and to change."""
    from fordela.instances.writing import write_instance

    write_instance(_load(instance, False), folder, force=force)
    click.echo(_words(lang)("written", where=folder))


@instances.command("new")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--name", help="Default: the folder's name.")
@click.option(
    "--base", type=INSTANCE, metavar="INSTANCE",
    help="Keep the municipalities, histories and transfers of this year; draw only children.",
)  # fmt: skip
@click.option("--year", type=int, default=2026, show_default=True, help="Year of the shares.")
@click.option(
    "--municipalities", type=click.IntRange(min=0), default=0,
    help="Number of invented municipalities. Default: Sweden's 290.",
)  # fmt: skip
@click.option("--children", type=click.IntRange(min=0), default=400, show_default=True)
@click.option(
    "--kinship", type=click.FloatRange(0, 1), default=0.72, show_default=True,
    help="Part of the children with a tie.",
)  # fmt: skip
@click.option(
    "--siblings", default="85,12,3", show_default=True, metavar="W1,W2,…",
    help="Weights of cases of 1, 2, … children.",
)  # fmt: skip
@click.option(
    "--history", type=click.IntRange(min=0), default=0, show_default=True,
    help="Children assigned before.",
)  # fmt: skip
@click.option(
    "--capacity", type=click.FloatRange(min=0), metavar="FACTOR",
    help="Capacity as a multiple of what each expects. Default: no limit.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--force", is_flag=True, help="Replace an earlier instance in DIR.")
@_lang
@_errors
def instances_new(
    folder: Path, name: str | None, base: str | None, year: int, municipalities: int, children: int,
    kinship: float, siblings: str, history: int, capacity: float | None, seed: int, force: bool,
    lang: str,
) -> None:  # fmt: skip
    r"""Generate an instance from parameters and a seed; what is drawn is marked synthetic.

    \b
    Examples:
      fordela instances new my-year --children 1000 --seed 7
      fordela instances new surge --base sweden-2026 --children 35369
      fordela instances new big --municipalities 10000 --children 1000000
    """
    from fordela.instances.arrivals import Siblings
    from fordela.instances.generator import Parameters, generate
    from fordela.instances.writing import write_instance

    try:
        weights = tuple(int(w) for w in siblings.split(","))
    except ValueError:
        raise click.BadParameter("must be whole numbers with commas", param_hint="--siblings") from None
    kept = None if base is None else _load(base, False)
    parameters = Parameters(
        name=name or folder.name, year=year, seed=seed, municipalities=municipalities,
        children=children, kinship=kinship, siblings=Siblings(weights), history=history,
        capacity=capacity,
    )  # fmt: skip
    with _progress(False) as progress:
        progress("generating")
        instance = generate(parameters, kept)
        progress(f"writing {folder}")
        write_instance(instance, folder, force=force)
    click.echo(_words(lang)("written", where=folder))


@main.command()
@click.argument("name", required=False, type=POLICY)
@_errors
def policies(name: str | None) -> None:
    r"""List the shipped policies, or print one as a file to start from.

    \b
    Example:
      fordela policies in-force > my-policy.toml
    """
    from fordela.instances.policy_files import load_policy, policy_toml, shipped_policies

    if name is not None:
        click.echo(policy_toml(load_policy(name)), nl=False)
        return
    width = max(len(n) for n in shipped_policies())
    for shipped in shipped_policies():
        click.echo(f"{shipped:<{width}}  {load_policy(shipped).title}")


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    r"""Print the completion script of a shell.

    \b
    Example:
      fordela completion bash >> ~/.bashrc
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(main, {}, "fordela", "_FORDELA_COMPLETE").source())


if __name__ == "__main__":
    main()
