"""Many random years: simulations, outlooks, and rows in groups."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from fordela.report.command_line import (
    bar_on_terminal,
    hold,
    load_policies,
    load_year,
    note_without_wishes,
    plain_errors,
    print_parts,
    print_rows,
    progress_on_terminal,
    require_county,
    require_norms,
    sibling_weights,
    together,
    words_in,
)
from fordela.report.options import (
    INSTANCE,
    POLICY,
    backend_option,
    county_option,
    format_option,
    lang_option,
    norm_option,
    out_options,
    processes_option,
    quiet_option,
    scheduler_option,
    trust_option,
)

if TYPE_CHECKING:
    from fordela.instances.random_years import ArrivalModel
    from fordela.solver.simulation.run import Simulated

F = TypeVar("F", bound=Callable[..., Any])


class Exact(click.ParamType[Fraction]):
    """A decimal number, kept exactly."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Read a decimal number, or fail with a message."""
        if isinstance(value, Fraction):
            return value
        try:
            number = Decimal(str(value).replace(",", "."))
        except InvalidOperation:
            self.fail(f"{value!r} is not a number", param, ctx)
        if not number.is_finite() or abs(number) > 10**9:
            self.fail(f"{value!r} is not a number of that size", param, ctx)
        return Fraction(number)


EXACT = Exact()


def arrival_options(command: F) -> F:
    """Add what random years are drawn from."""
    for option in reversed(
        (
            click.option(
                "--children", type=EXACT, metavar="MEAN",
                help="Mean children in a year without a surge. Default: the instance's forecast, or "
                "else its number of children.",
            ),
            click.option(
                "--kinship", type=EXACT, metavar="PART",
                help="Part of the cases with a tie. Default: 0.72, as in 2025.",
            ),
            click.option(
                "--spread", type=EXACT, metavar="CV",
                help="Variation of the mean between years. Default: 0.29, as in 2016–2022.",
            ),
            click.option(
                "--siblings", metavar="WEIGHTS",
                help="Weights of cases of 1, 2, 3, … children. Default: 85,12,3.",
            ),
            click.option(
                "--surge", type=EXACT, metavar="PROBABILITY",
                help="That a year is a surge. Default: 1 in 24, as 2015 in 2002–2025; 0 for none.",
            ),
            click.option(
                "--surge-factor", type=EXACT, metavar="TIMES",
                help="Children in a surge, as a multiple. Default: 5.02, as in 2015.",
            ),
            click.option(
                "--seed", type=click.IntRange(min=0), default=0, show_default=True,
                help="Of the years: year 17 of a seed is always the same.",
            ),
            click.option(
                "--set", "stream", type=click.Choice(["training", "testing"]),
                help="Years of a fixed set instead of a seed, to compare with what others publish.",
            ),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def _arrivals(
    children: Fraction | None, kinship: Fraction | None, spread: Fraction | None,
    siblings: str | None, surge: Fraction | None, surge_factor: Fraction | None,
) -> ArrivalModel:  # fmt: skip
    from fordela.instances.arrivals import Siblings
    from fordela.instances.random_years import ArrivalModel

    given = {
        "children": children, "kinship": kinship, "spread": spread, "surge": surge,
        "surge_factor": surge_factor,
        "siblings": None if siblings is None else Siblings(sibling_weights(siblings)),
    }  # fmt: skip
    return ArrivalModel(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]


@click.command()
@click.argument("instance", type=INSTANCE)
@click.option(
    "--policy", "names", multiple=True, type=POLICY, metavar="NAME|FILE",
    help="May be given several times; the others are set against the first. "
    "Default: in-force, no-redistribution.",
)  # fmt: skip
@click.option(
    "--years", type=click.IntRange(min=1, max=10_000_000), default=200, show_default=True,
    help="How many random years.",
)  # fmt: skip
@arrival_options
@click.option(
    "--moved-ties", type=EXACT, metavar="PART",
    help="Also play every year with that part of the ties moved to --to.",
)  # fmt: skip
@click.option(
    "--to", "homes", multiple=True, metavar="CODE",
    help="Municipality with the Migration Agency's accommodation; may be given several times.",
)  # fmt: skip
@norm_option
@click.option("--no-gaps", is_flag=True, help="Skip the gap to hindsight: faster.")
@backend_option
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS",
    help="For deciding the transfers of each policy.",
)  # fmt: skip
@processes_option
@scheduler_option
@out_options
@county_option
@format_option
@lang_option
@quiet_option
@trust_option
@plain_errors
def simulate(
    instance: str, names: tuple[str, ...], years: int, children: Fraction | None,
    kinship: Fraction | None, spread: Fraction | None, siblings: str | None, surge: Fraction | None,
    surge_factor: Fraction | None, seed: int, stream: str | None, moved_ties: Fraction | None,
    homes: tuple[str, ...], own_norms: tuple[str, ...], no_gaps: bool, backend: str,
    time_limit: float | None, workers: int | None, scheduler: str | None, out: Path | None,
    force: bool, county: str | None, form: str, lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Play many random years under several policies, which meet the same children.

    Shows mean and 95 % interval of every figure, paired differences, bad years, the gap to the proven
    optimum in hindsight, and municipalities. How years are drawn: docs/simulation.md.

    \b
    Examples:
      fordela simulate sweden-2025 --years 100
      fordela simulate sweden-2026-national --policy in-force --policy willing-first --out years
      fordela simulate sweden-2026 --surge 0 --children 500 --county 08
      fordela simulate sweden-2026 --moved-ties 0.3 --to 0127 --to 1480
    """
    import tempfile

    from fordela.instances.random_years import AgencyHousing
    from fordela.models.policy import NORMS
    from fordela.report.folders import write_simulation
    from fordela.solver.simulation.run import simulate as run
    from fordela.solver.simulation.spec import make_simulation

    if (moved_ties is None) != (not homes):
        raise click.UsageError("--moved-ties and --to go together")
    own, policies, year, model = together(
        lambda: require_norms(own_norms),
        lambda: load_policies(names, ("in-force", "no-redistribution")),
        lambda: load_year(instance, quiet),
        lambda: _arrivals(children, kinship, spread, siblings, surge, surge_factor),
    )
    county = require_county(year, county)
    note_without_wishes([year], policies, quiet)
    hold(out, "simulation", force=force)
    housing = None if moved_ties is None else AgencyHousing(homes, moved_ties)
    with progress_on_terminal(quiet) as progress:
        simulation = make_simulation(
            year, policies, model, stream or str(seed), housing=housing,
            norms=() if no_gaps else NORMS, own_norms=own, backend=backend, time_limit=time_limit,
            progress=progress,
        )  # fmt: skip

    def play(folder: Path) -> Simulated:
        with bar_on_terminal(quiet) as done:
            return run(simulation, years, folder, workers=workers, scheduler=scheduler, done=done)

    if out is not None:
        with write_simulation(out, play, force=force) as simulated:
            _show_simulation(simulated, form, lang, county, quiet)
        if not quiet and form == "table":
            click.echo(words_in(lang)("written", where=out), err=True)
        return
    with tempfile.TemporaryDirectory() as scratch:
        _show_simulation(play(Path(scratch)), form, lang, county, quiet)


def _show_simulation(
    simulated: Simulated, form: str, lang: str, county: str | None, quiet: bool
) -> None:
    if form == "table":
        from fordela.report.simulation_tables import simulation_tables

        words = words_in(lang)
        print_parts(simulation_tables(simulated, words, county))
        if not quiet:
            seconds = words.number(Fraction(simulated.seconds), 1)
            click.echo(
                words("seconds_line", n=words.number(simulated.years), seconds=seconds), err=True
            )
        return
    from fordela.solver.simulation.municipal import municipal_rows
    from fordela.solver.simulation.summary import summary_rows

    simulated.require_a_year()
    if county is None:
        print_rows(summary_rows(simulated), form)
    else:
        print_rows([r for r in municipal_rows(simulated) if r["county_code"] == county], form)


@click.command()
@click.argument("instance", type=INSTANCE)
@click.option("--municipality", "code", required=True, metavar="CODE", help="Code or name.")
@click.option("--takes", type=EXACT, metavar="‰", help="A deal: per mille of share that it takes over.")
@click.option("--gives", type=EXACT, metavar="‰", help="A deal: per mille that it hands away.")
@click.option(
    "--partner", "partners", multiple=True, metavar="CODE",
    help="Whom it deals with; may be given several times. Default: in its county, by wishes and size.",
)  # fmt: skip
@click.option(
    "--policy", "name", type=POLICY, metavar="NAME|FILE",
    help="Default: in-force.",
)  # fmt: skip
@click.option(
    "--years", type=click.IntRange(min=1, max=1_000_000),
    help="How many random years. Default: 10,000, or 1,000 for rules that are played one by one.",
)  # fmt: skip
@arrival_options
@processes_option
@format_option
@lang_option
@quiet_option
@trust_option
@plain_errors
def outlook(
    instance: str, code: str, takes: Fraction | None, gives: Fraction | None,
    partners: tuple[str, ...], name: str | None, years: int | None, children: Fraction | None,
    kinship: Fraction | None, spread: Fraction | None, siblings: str | None, surge: Fraction | None,
    surge_factor: Fraction | None, seed: int, stream: str | None, workers: int | None, form: str,
    lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Show what a municipality can expect of a year, with and without a deal.

    The chances of no child, 1, 2–3 and more, mean by kind and state compensation, under both
    mechanisms. With and without the deal the same children come.

    \b
    Examples:
      fordela outlook sweden-2026 --municipality 0880
      fordela outlook sweden-2026 --municipality Kalmar --takes 3
      fordela outlook sweden-2026 --municipality 0881 --gives 1.2 --partner 0880 --lang sv
    """
    from fordela.instances.naming import municipality_code
    from fordela.report.outlook_tables import outlook_rows, outlook_tables
    from fordela.solver.simulation.outlook import outlook as run

    if takes is not None and gives is not None:
        raise click.UsageError("say --takes or --gives, not both")
    if partners and takes is None and gives is None:
        raise click.UsageError("--partner needs --takes or --gives")
    (policy,), year, model = together(
        lambda: load_policies((name or "in-force",), ()),
        lambda: load_year(instance, quiet),
        lambda: _arrivals(children, kinship, spread, siblings, surge, surge_factor),
    )
    note_without_wishes([year], [policy], quiet)
    with bar_on_terminal(quiet) as done:
        found = run(
            year, municipality_code(year, code), policy, takes=_units("--takes", takes),
            gives=_units("--gives", gives),
            partners=[municipality_code(year, p, "--partner") for p in partners],
            model=model, stream=stream or str(seed), years=years, workers=workers, done=done,
        )  # fmt: skip
    if form == "table":
        print_parts(outlook_tables(found, words_in(lang), assumed=not partners))
    else:
        print_rows(outlook_rows(found), form)


def _units(option: str, per_mille: Fraction | None) -> int:
    """Return a share in units, which must be above 0 with at most two decimals."""
    from fordela.models.errors import InputError, Problem
    from fordela.models.units import UNITS_PER_MILLE

    if per_mille is None:
        return 0
    units = per_mille * UNITS_PER_MILLE
    if units <= 0 or units.denominator != 1 or units > 1000 * UNITS_PER_MILLE:
        message = "must be above 0 and at most 1000 ‰, with at most two decimals"
        raise InputError([Problem(option, message, value=str(float(per_mille)))])
    return int(units)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR|FILE")
@click.option(
    "--by", "columns", multiple=True, default=("policy",), show_default=True, metavar="COLUMN",
    help="Column that makes groups; may be given several times.",
)  # fmt: skip
@click.option(
    "--figure", "figures", multiple=True, metavar="COLUMN",
    help="Figure to summarise; may be given several times. Default: the usual ones.",
)  # fmt: skip
@format_option
@lang_option
@quiet_option
@plain_errors
def summary(
    folder: Path, columns: tuple[str, ...], figures: tuple[str, ...], form: str, lang: str, quiet: bool
) -> None:
    """Group the rows of a batch or of a simulation: number, mean and 95 % interval.

    \b
    Examples:
      fordela summary batch --by instance --by policy
      fordela summary years --by policy --by mechanism --figure chi2 --figure with_0
    """
    from fordela.solver.grouping import FIGURES, grouped, read_rows

    rows = read_rows(folder)
    wanted = figures or tuple(f for f in FIGURES if f in rows.columns)
    found = grouped(rows, columns, wanted)
    if form != "table":
        print_rows(found, form)
        return
    from fordela.report.simulation_tables import group_table

    print_parts(group_table(found, columns, len(rows), folder.name, words_in(lang)))
