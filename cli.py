"""The ``fordela`` command: thin layers over the Python interface, no logic of their own.

Heavy imports happen inside the commands, so that ``fordela --help`` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from fordela.report.command_line import (
    INSTANCE,
    POLICY,
    county_option,
    format_option,
    lang_option,
    load_policies,
    load_year,
    out_options,
    plain_errors,
    print_parts,
    print_rows,
    progress_on_terminal,
    quiet_option,
    require_county,
    solving_options,
    words_in,
)


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
    """Allocate people to places: the rule in force against a proven optimum.

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
@out_options
@county_option
@solving_options
@format_option
@lang_option
@quiet_option
@plain_errors
def compare(
    instance: str, names: tuple[str, ...], out: Path | None, force: bool, county: str | None,
    backend: str, time_limit: float | None, seed: int, workers: int | None, form: str, lang: str,
    quiet: bool,
) -> None:  # fmt: skip
    """Compare policies on the same children, with the gap to optimal.

    \b
    Examples:
      fordela compare sweden-2025
      fordela compare sweden-2025 --policy in-force --policy my-policy.toml --out comparison
      fordela compare sweden-2025 --county 08 --lang sv
    """
    policies = load_policies(names, ("in-force", "no-redistribution", "optimal"))
    year = load_year(instance, quiet)
    require_county(year, county)
    with progress_on_terminal(quiet) as progress:
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

        words = words_in(lang)
        print_parts(comparison_tables(found, words, console().width, county))
        if out is not None and not quiet:
            click.echo(words("written", where=out), err=True)
    elif form == "json":
        import json

        click.echo(json.dumps(comparison_json(found), ensure_ascii=False, indent=1))
    else:
        print_rows(comparison_rows(found), form)


@main.command()
@click.argument("instance", type=INSTANCE)
@click.option(
    "--policy", "name", type=POLICY, metavar="NAME|FILE",
    help="Default: the instance's own policy.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Show all municipalities.")
@out_options
@county_option
@solving_options
@format_option
@lang_option
@quiet_option
@plain_errors
def solve(
    instance: str, name: str | None, everything: bool, out: Path | None, force: bool,
    county: str | None, backend: str, time_limit: float | None, seed: int, workers: int | None,
    form: str, lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Allocate a year's children under one policy.

    \b
    Examples:
      fordela solve sweden-2025
      fordela solve sweden-2025 --policy optimal --backend cp-sat --out result
      fordela solve sweden-2025 --policy in-force --county 08 --format csv
    """
    year = load_year(instance, quiet)
    require_county(year, county)
    (policy,) = load_policies((name or year.policy,), ())
    with progress_on_terminal(quiet) as progress:
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

        words = words_in(lang)
        print_parts(result_tables(result, words, county, None if everything or county else SHOWN))
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
        print_rows(rows, form)


@main.command()
@click.argument("instance", type=INSTANCE)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@format_option
@lang_option
@quiet_option
@plain_errors
def check(instance: str, folder: Path, form: str, lang: str, quiet: bool) -> None:
    """Verify a solution independently of how it was made.

    Every decision, figure, value, bound and certificate in DIR is recomputed from the definitions.
    Exit code 0 if all holds, 1 if not.

    \b
    Example:
      fordela solve sweden-2025 --out result && fordela check sweden-2025 result
    """
    from fordela.instances.results import read_solution
    from fordela.models.check import check as verify

    year = load_year(instance, quiet)
    with progress_on_terminal(quiet) as progress:
        progress(f"reading {folder}")
        solution = read_solution(folder)
        progress("checking")
        violations = verify(year, solution)
    words = words_in(lang)
    if form != "table":
        print_rows([{"rule": v.rule, "message": v.message} for v in violations], form)
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
@county_option
@format_option
@lang_option
@quiet_option
@plain_errors
def queue(
    instance: str, name: str | None, everything: bool, seed: int, county: str | None, form: str,
    lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Show who is next in line for a child without a tie, and by how much.

    The line is the one after the children who are in the instance.

    \b
    Examples:
      fordela queue sweden-2025
      fordela queue sweden-2025 --county 08
    """
    from dataclasses import asdict

    from fordela.models.errors import InputError, Problem
    from fordela.solver.standing import standings

    year = load_year(instance, quiet)
    require_county(year, county)
    (policy,) = load_policies((name or year.policy,), ())
    if policy.is_optimal:
        message = "an optimum over a whole year has no line; choose a rule, such as in-force"
        raise InputError([Problem("--policy", message, value=policy.name)])
    line = [
        s for s in standings(year, policy, seed) if county in (None, year.by_code[s.code].county_code)
    ]
    if form == "table":
        from fordela.report.terminal import SHOWN, queue_tables

        print_parts(queue_tables(year, line, words_in(lang), None if everything or county else SHOWN))
        return
    rows = [
        asdict(s)
        | {"name": year.by_code[s.code].name, "synthetic": year.unpublished}
        | {"fulfilment": str(s.fulfilment), "below_target": str(s.below_target)}
        for s in line
    ]
    print_rows(rows, form)


@main.group()
def instances() -> None:
    """List, show, generate, validate and export instances."""


@instances.command("list")
@format_option
@lang_option
@quiet_option
@plain_errors
def instances_list(form: str, lang: str, quiet: bool) -> None:
    """List the instances that ship with Fordela."""
    from dataclasses import asdict

    from fordela.instances.catalogue import shipped_summaries

    summaries = shipped_summaries()
    if form == "table":
        from fordela.report.terminal import instance_table

        print_parts([instance_table(summaries, words_in(lang))])
    else:
        print_rows([asdict(s) for s in summaries], form)


@instances.command("show")
@click.argument("instance", type=INSTANCE)
@format_option
@quiet_option
@plain_errors
def instances_show(instance: str, form: str, quiet: bool) -> None:
    """Show an instance's headline figures and where every item comes from."""
    year = load_year(instance, quiet)
    summary = year.summary()
    if form != "table":
        print_rows([summary | {"provenance": dict(year.provenance)}], form)
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
@lang_option
@quiet_option
@plain_errors
def instances_validate(instance: str, lang: str, quiet: bool) -> None:
    """Check the files of an instance; every problem is named at once. Exit code 2 if there are any."""
    year = load_year(instance, quiet)
    click.echo(
        words_in(lang)(
            "valid", name=year.name, municipalities=len(year.municipalities),
            children=len(year.children),
        )
    )  # fmt: skip


@instances.command("export")
@click.argument("instance", type=INSTANCE)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--force", is_flag=True, help="Replace an earlier export in DIR.")
@lang_option
@quiet_option
@plain_errors
def instances_export(instance: str, folder: Path, force: bool, lang: str, quiet: bool) -> None:
    """Write an instance's files into a new folder, to read and to change."""
    from fordela.instances.writing import write_instance

    write_instance(load_year(instance, quiet), folder, force=force)
    if not quiet:
        click.echo(words_in(lang)("written", where=folder))


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
@lang_option
@quiet_option
@plain_errors
def instances_new(
    folder: Path, name: str | None, base: str | None, year: int, municipalities: int, children: int,
    kinship: float, siblings: str, history: int, capacity: float | None, seed: int, force: bool,
    lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Generate an instance from parameters and a seed; what is drawn is marked synthetic.

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
    kept = None if base is None else load_year(base, quiet)
    parameters = Parameters(
        name=name or folder.name, year=year, seed=seed, municipalities=municipalities,
        children=children, kinship=kinship, siblings=Siblings(weights), history=history,
        capacity=capacity,
    )  # fmt: skip
    with progress_on_terminal(quiet) as progress:
        progress("generating")
        instance = generate(parameters, kept)
        progress(f"writing {folder}")
        write_instance(instance, folder, force=force)
    if not quiet:
        click.echo(words_in(lang)("written", where=folder))


@main.command()
@click.argument("name", required=False, type=POLICY)
@plain_errors
def policies(name: str | None) -> None:
    """List the shipped policies, or print one as a file to start from.

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
    """Print the completion script of a shell.

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
