"""Instances and policies: listed, shown, made, validated, exported."""

from __future__ import annotations

from pathlib import Path

import click
from fordela.report.command_line import (
    hold,
    load_year,
    note_without_cases,
    plain_errors,
    print_parts,
    print_rows,
    progress_on_terminal,
    sibling_weights,
    words_in,
)
from fordela.report.commands.importing import instances_import
from fordela.report.options import (
    INSTANCE,
    POLICY,
    cases_option,
    format_option,
    lang_option,
    quiet_option,
)


@click.group()
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
@lang_option
@quiet_option
@plain_errors
def instances_show(instance: str, form: str, lang: str, quiet: bool) -> None:
    """Show an instance's headline figures and where every item comes from."""
    year = load_year(instance, quiet)
    summary = year.summary()
    if form != "table":
        print_rows([summary | {"provenance": dict(year.provenance)}], form)
        return
    words = words_in(lang)
    summary |= {
        "title": words.title_of(year), "shares_are": words(f"are_{year.shares_are}"),
        "synthetic": words.synthetic(year.synthetic),
    }  # fmt: skip
    labelled = {words(f"summary_{key}"): value for key, value in summary.items()}
    sources = words.sources_of(year)
    width = max(len(k) for k in (*labelled, *sources))
    for label, value in labelled.items():
        written = (
            words.number(value) if isinstance(value, int) and label != words("summary_year") else value
        )
        click.echo(f"{label:<{width}}  {written}")
    if sources:
        click.echo(f"\n{words('provenance')}")
    for key, source in sources.items():
        click.echo(f"{key:<{width}}  {source}")


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
    wanted = year.wanted
    answers = {"more": len(wanted.more), "less": len(wanted.less), "kept": len(wanted.kept)}
    if any(answers.values()):
        silent = set(year.by_code) - set(wanted.more) - set(wanted.less) - wanted.kept
        click.echo(words_in(lang)("answers_line", silent=len(silent), **answers))


@instances.command("export")
@click.argument("instance", type=INSTANCE)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR|FILE.xlsx")
@click.option("--force", is_flag=True, help="Replace an earlier export.")
@cases_option
@lang_option
@quiet_option
@plain_errors
def instances_export(
    instance: str, folder: Path, force: bool, with_cases: bool, lang: str, quiet: bool
) -> None:
    """Write an instance's files into a new folder, or as a workbook to be filled in.

    A folder is a copy for oneself, with everything. A workbook is for others: it has a sheet for each
    county with room for wishes, and no children unless --with-cases says so; with them it reads back as
    the same instance. Filled in, it comes back with 'fordela instances import'.

    \b
    Examples:
      fordela instances export sweden-2026 my-2026
      fordela instances export sweden-2026 my-2026.xlsx --lang sv
    """
    if folder.suffix == ".xlsx":
        from shlex import quote

        from fordela.report.workbooks.instance_book import write_instance_book

        year = load_year(instance, quiet)
        write_instance_book(  # the workbook goes to others, so not the path
            year, folder, language=lang, force=force, cases=with_cases, base=quote(Path(instance).name)
        )
        note_without_cases(year, with_cases, quiet)
    else:
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
@click.option(
    "--homes", type=click.Choice(["published", "all"]),
    help="Homes too: as many of each form as published, or families for everybody besides.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--force", is_flag=True, help="Replace an earlier instance in DIR.")
@lang_option
@quiet_option
@plain_errors
def instances_new(
    folder: Path, name: str | None, base: str | None, year: int, municipalities: int, children: int,
    kinship: float, siblings: str, history: int, capacity: float | None,
    homes: str | None, seed: int, force: bool, lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Generate an instance from parameters and a seed; what is drawn is marked synthetic.

    \b
    Examples:
      fordela instances new my-year --children 1000 --seed 7
      fordela instances new surge --base sweden-2026 --children 35369
      fordela instances new surge-homes --base sweden-surge --children 35369 --homes all
      fordela instances new big --municipalities 10000 --children 1000000
    """
    from fordela.instances.arrivals import Siblings
    from fordela.instances.generator import Parameters, generate
    from fordela.instances.writing import write_instance

    weights = sibling_weights(siblings)
    hold(folder, "instance", force=force)
    kept = None if base is None else load_year(base, quiet)
    parameters = Parameters(
        name=name or folder.name, year=year, seed=seed, municipalities=municipalities,
        children=children, kinship=kinship, siblings=Siblings(weights), history=history,
        capacity=capacity,
    )  # fmt: skip
    with progress_on_terminal(quiet) as progress:
        progress("generating")
        instance = generate(parameters, kept)
        if homes is not None:
            from fordela.instances.random_homes import FOR_ALL, HomeModel, with_random_homes

            progress("generating homes")
            model = FOR_ALL if homes == "all" else HomeModel()
            instance = with_random_homes(instance, model, seed)
        progress(f"writing {folder}")
        write_instance(instance, folder, force=force)
    if not quiet:
        click.echo(words_in(lang)("written", where=folder))


instances.add_command(instances_import)


@click.command()
@click.argument("name", required=False, type=POLICY)
@lang_option
@quiet_option
@plain_errors
def policies(name: str | None, lang: str, quiet: bool) -> None:
    """List the shipped policies, or print one as a file to start from.

    \b
    Example:
      fordela policies in-force > my-policy.toml
    """
    from fordela.instances.policy_files import load_policy, policy_toml, shipped_policies

    if name is not None:
        click.echo(policy_toml(load_policy(name, to_follow=False)), nl=False)
        return
    width = max(len(n) for n in shipped_policies())
    for shipped in shipped_policies():
        click.echo(f"{shipped:<{width}}  {words_in(lang)(f'policy_{shipped}')}")
