"""The ``fordela`` command: thin layers over the Python interface, no logic of their own.

Heavy imports happen inside the commands, so that ``fordela --help`` answers at once.
"""

from __future__ import annotations

if __name__ == "__main__":  # before the rest is imported: Ctrl-C is heard from the first moment
    from fordela.__main__ import run

    run()

import sys
from pathlib import Path

import click
from fordela.report.command_line import (
    hold,
    load_policies,
    load_year,
    not_for_files,
    note_without_wishes,
    plain_errors,
    policy_of_year,
    print_comparisons,
    print_parts,
    print_rows,
    progress_on_terminal,
    read_earlier,
    require_county,
    require_names,
    require_norms,
    together,
    words_in,
)
from fordela.report.commands.catalogue import instances, policies
from fordela.report.commands.many import batch, diff
from fordela.report.commands.placing import place
from fordela.report.commands.rules import test_rule
from fordela.report.commands.showing import explain, report
from fordela.report.commands.validating import validate
from fordela.report.commands.years import outlook, simulate, summary
from fordela.report.options import (
    INSTANCE,
    POLICY,
    continue_option,
    county_option,
    deciding_options,
    format_option,
    lang_option,
    norm_option,
    out_options,
    publish_option,
    quiet_option,
    solving_options,
    trust_option,
)


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from fordela import __version__

        click.echo(f"fordela {__version__}")
        ctx.exit()


class _Main(click.Group):
    """The group of all commands, which says where options go."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what stands before the command."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            place = "options go after the command, as in 'fordela compare sweden-2025 --lang sv'"
            raise click.UsageError(
                f"{error.option_name} stands before the command; {place}", ctx
            ) from None


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"]})
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
      fordela redistribute sweden-2026 --policy county
      fordela queue sweden-2026 --county 08
      fordela place sweden-2026-places --joint
      fordela report result --out report.html
      fordela explain result --municipality Kalmar --lang sv
      fordela simulate sweden-2025 --years 100
      fordela outlook sweden-2026 --municipality Kalmar --takes 3
      fordela validate sweden-2025
      fordela instances import shares.xlsx --base sweden-2026
    """


@main.command()
@click.argument("patterns", nargs=-1, required=True, type=INSTANCE, metavar="INSTANCE...")
@click.option(
    "--policy", "names", multiple=True, type=POLICY, metavar="NAME|FILE",
    help="May be given several times. Default: in-force, no-redistribution, optimal.",
)  # fmt: skip
@out_options
@norm_option
@county_option
@publish_option
@solving_options
@format_option
@lang_option
@quiet_option
@trust_option
@plain_errors
def compare(
    patterns: tuple[str, ...], names: tuple[str, ...], out: Path | None, force: bool,
    own_norms: tuple[str, ...], county: str | None, publish: bool, backend: str,
    time_limit: float | None, seed: int, workers: int | None, form: str, lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Compare policies on the same children, with the gap to optimal.

    Several instances, or a pattern in quotes, are compared one after the other.

    \b
    Examples:
      fordela compare sweden-2025
      fordela compare sweden-2025 --policy in-force --policy my-policy.toml --out comparison
      fordela compare sweden-2025 --county 08 --lang sv
      fordela compare sweden-2026-national --policy in-force --policy county --policy national
      fordela compare 'sweden-2026-national*' --policy national --policy bilateral
    """
    from fordela.instances.catalogue import matching_instances

    not_for_files(publish, out)
    own, policies = together(
        lambda: require_norms(own_norms),
        lambda: load_policies(names, ("in-force", "no-redistribution", "optimal")),
    )
    years = [load_year(name, quiet) for name in matching_instances(patterns)]
    for year in years:
        county = require_county(year, county)
    if out is not None:
        require_names(years)
    note_without_wishes(years, policies, quiet)
    hold(out, "comparison", force=force)
    with progress_on_terminal(quiet) as progress:
        from fordela.solver.comparison import compare as run

        found = [
            run(
                year, policies, backend=backend, time_limit=time_limit, seed=seed, workers=workers,
                progress=progress, own_norms=own,
            )
            for year in years
        ]  # fmt: skip
    if out is not None:
        from fordela.report.folders import write_comparisons

        write_comparisons(found, out, force=force)
    print_comparisons(found, form, words_in(lang), county, publish)
    if out is not None and not quiet and form == "table":
        click.echo(words_in(lang)("written", where=out), err=True)


@main.command()
@deciding_options
@continue_option
@publish_option
@trust_option
@plain_errors
def solve(
    instance: str, name: str | None, everything: bool, out: Path | None, force: bool,
    county: str | None, backend: str, time_limit: float | None, seed: int, workers: int | None,
    form: str, lang: str, quiet: bool, earlier: Path | None, publish: bool,
) -> None:  # fmt: skip
    """Allocate a year's children under one policy.

    With --continue a year is taken on: the decisions and transfers in that result stand, and the
    rule goes on with the children who came after them.

    \b
    Examples:
      fordela solve sweden-2025
      fordela solve sweden-2025 --policy optimal --backend cp-sat --out result
      fordela solve sweden-2025 --policy in-force --county 08 --format csv
      fordela solve my-2026 --continue decided-in-june --out decided-in-july
    """
    not_for_files(publish, out)
    year = load_year(instance, quiet)
    county = require_county(year, county)
    so_far = None if earlier is None else read_earlier(earlier, quiet)
    policy = policy_of_year(name, year, so_far)
    note_without_wishes([year], [policy], quiet)
    hold(out, "allocation", force=force)
    with progress_on_terminal(quiet) as progress:
        from functools import partial

        from fordela.solver.continuing import solve_on
        from fordela.solver.solve import solve as solve_whole

        run = solve_whole if so_far is None else partial(solve_on, so_far)
        result = run(
            year, policy, backend=backend, time_limit=time_limit, seed=seed, workers=workers,
            progress=progress,
        )  # fmt: skip
    if out is not None:
        from fordela.instances.results import write_result

        write_result(result, out, force=force)
    from fordela.report.suppression import OPEN, published_json, published_rows, suppression_of

    hidden = suppression_of([result]) if publish else OPEN
    if form == "table":
        from fordela.report.terminal import SHOWN, result_tables

        words = words_in(lang)
        rows = None if everything or county else SHOWN
        print_parts(result_tables(result, words, county, rows, hidden))
        if out is not None and not quiet:
            click.echo(words("written", where=out), err=True)
        return
    from fordela.models.tables import municipality_rows

    figures = published_rows(municipality_rows(result), hidden)
    chosen = [r for r in figures if county in (None, r["county_code"])]
    if form == "json":
        import json

        from fordela.instances.results import result_json

        data = result_json(result)
        data = (published_json(data) if publish else data) | {"municipalities": chosen}
        click.echo(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        print_rows(chosen, form)


@main.command()
@deciding_options
@trust_option
@plain_errors
def redistribute(
    instance: str, name: str | None, everything: bool, out: Path | None, force: bool,
    county: str | None, backend: str, time_limit: float | None, seed: int, workers: int | None,
    form: str, lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Decide who hands how much of its share to whom, from everyone's wishes.

    Stops after 60 seconds unless --time-limit says otherwise, and says what is proven. A bilateral
    policy is shown with its spread over many orders, beside the national optimum.

    \b
    Examples:
      fordela redistribute sweden-2026 --policy county
      fordela redistribute sweden-2026-national --policy national --out transfers
      fordela redistribute sweden-2026 --policy bilateral --seed 7
    """
    year = load_year(instance, quiet)
    county = require_county(year, county)
    (policy,) = load_policies((name or year.policy,), ())
    note_without_wishes([year], [policy], quiet)
    hold(out, "transfers", force=force)
    with progress_on_terminal(quiet) as progress:
        from fordela.solver.redistribution.decide import redistribute as run

        made = run(
            year, policy, backend=backend, time_limit=time_limit, seed=seed, workers=workers,
            progress=progress, beside_optimum=True,
        )  # fmt: skip
    if out is not None:
        from fordela.instances.results import write_redistribution

        write_redistribution(made, out, force=force)
    if form == "table":
        from fordela.report.redistribution_tables import redistribution_tables
        from fordela.report.terminal import SHOWN

        words = words_in(lang)
        rows = None if everything or county else SHOWN
        print_parts(redistribution_tables(made, words, county, rows))
        if out is not None and not quiet:
            click.echo(words("written", where=out), err=True)
        return
    from fordela.models.tables import transfer_rows, wish_rows

    granted = [r for r in wish_rows(made) if county in (None, r["county_code"])]
    here = {m.code for m in year.municipalities if county in (None, m.county_code)}
    handed = [r for r in transfer_rows(made) if not here.isdisjoint((r["from_code"], r["to_code"]))]
    if form == "json":
        import json

        from fordela.instances.results import redistribution_json

        data = redistribution_json(made) | {"transfers": handed, "wishes": granted}
        click.echo(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        print_rows(handed, form)


@main.command()
@click.argument("instance", type=INSTANCE)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@format_option
@lang_option
@quiet_option
@trust_option
@plain_errors
def check(instance: str, folder: Path, form: str, lang: str, quiet: bool) -> None:
    """Verify a solution independently of how it was made.

    Every decision, figure, value, bound and certificate in DIR is recomputed from the definitions; of
    a comparison those of every policy, and its tables. Exit code 0 if all holds, 1 if not.

    \b
    Example:
      fordela solve sweden-2025 --out result && fordela check sweden-2025 result
    """
    from fordela.instances.comparison_claims import is_comparison
    from fordela.report.checking import check_comparison, check_result

    year = load_year(instance, quiet)
    run = check_comparison if is_comparison(folder) else check_result
    with progress_on_terminal(quiet) as progress:
        violations, said = run(year, folder, words_in(lang), progress)
    if form != "table":
        print_rows([{"rule": v.rule, "message": v.message} for v in violations], form)
    elif violations:
        click.echo(words_in(lang)("violations", n=len(violations)))
        for v in violations:
            click.echo(f"  {v}")
    else:
        for line in said:
            click.echo(line)
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
@continue_option
@trust_option
@plain_errors
def queue(
    instance: str, name: str | None, everything: bool, seed: int, county: str | None, form: str,
    lang: str, quiet: bool, earlier: Path | None,
) -> None:  # fmt: skip
    """Show who is next in line for a child without a tie, and by how much.

    The line is the one after the children who are in the instance. With --continue the decisions
    and transfers in that result stand as they were taken.

    \b
    Examples:
      fordela queue sweden-2025
      fordela queue sweden-2025 --county 08
      fordela queue my-2026 --continue decided-in-june
    """
    from dataclasses import asdict

    from fordela.models.errors import InputError, Problem
    from fordela.solver.standing import standings

    year = load_year(instance, quiet)
    county = require_county(year, county)
    so_far = None if earlier is None else read_earlier(earlier, quiet)
    policy = policy_of_year(name, year, so_far)
    if policy.is_optimal or policy.is_asked:
        message = "an optimum over a whole year has no line; choose a rule, such as in-force"
        if policy.is_asked:
            message = f"rule {policy.assignment.rule} is asked case by case and has no line"
        raise InputError([Problem("--policy", message, value=policy.name)])
    line = [
        s
        for s in standings(year, policy, seed, so_far)
        if county in (None, year.by_code[s.code].county_code)
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


for _command in (
    instances, policies, place, batch, diff, report, explain, simulate, outlook, summary, test_rule,
    validate,
):  # fmt: skip
    main.add_command(_command)
