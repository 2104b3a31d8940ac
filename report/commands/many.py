"""Many at once: batches, and two things side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from fordela.report.command_line import (
    bar_on_terminal,
    load_policies,
    load_year,
    plain_errors,
    print_parts,
    print_rows,
    require_norms,
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
    processes_option,
    quiet_option,
    scheduler_option,
    trust_option,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from fordela.models.tables import Row


@click.command()
@click.argument("patterns", nargs=-1, required=True, type=INSTANCE, metavar="INSTANCE...")
@click.option(
    "--policy", "names", multiple=True, type=POLICY, metavar="NAME|FILE",
    help="May be given several times. Default: in-force, optimal.",
)  # fmt: skip
@click.option(
    "--seeds", type=click.IntRange(min=1), default=1, show_default=True,
    help="Number of seeds, counted from --seed: orders of offers, lots.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="First seed.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("batch"),
    show_default=True, metavar="DIR", help="Folder of the rows; the same folder goes on where it was.",
)  # fmt: skip
@norm_option
@click.option("--no-gaps", is_flag=True, help="Skip the gap to optimal: much faster.")
@click.option("--retry-failed", is_flag=True, help="Try failed tasks again.")
@backend_option
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS",
    help="For each task.",
)  # fmt: skip
@processes_option
@scheduler_option
@lang_option
@quiet_option
@trust_option
@plain_errors
def batch(
    patterns: tuple[str, ...], names: tuple[str, ...], seeds: int, seed: int, out: Path,
    own_norms: tuple[str, ...], no_gaps: bool, retry_failed: bool, backend: str,
    time_limit: float | None, workers: int | None, scheduler: str | None, lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Solve many instances under many policies and seeds; stop and go on at any time.

    Writes results.parquet and manifest.json. What is finished is never computed again, unless an
    instance, a policy or a version has changed. A task that fails is recorded with its message.

    \b
    Examples:
      fordela batch 'sweden-20*' --policy in-force --policy optimal
      fordela batch sweden-2026-national --policy bilateral --seeds 20 --no-gaps --out draws
    """
    from fordela.instances.catalogue import matching_instances
    from fordela.solver.batch.run import make_tasks, run_batch
    from fordela.solver.batch.tasks import Settings

    own, policies = together(
        lambda: require_norms(own_norms), lambda: load_policies(names, ("in-force", "optimal"))
    )
    settings = Settings(backend, time_limit, not no_gaps, own)
    tasks = make_tasks(matching_instances(patterns), policies, range(seed, seed + seeds), settings)
    with _bar(quiet) as done:
        summary = run_batch(
            tasks, out, workers=workers, scheduler=scheduler, retry_failed=retry_failed, done=done
        )
    words = words_in(lang)
    click.echo(
        words(
            "batch_done", tasks=summary.tasks, kept=summary.kept, outdated=summary.outdated,
            failed=summary.failed, where=summary.results,
        )
    )  # fmt: skip


@contextmanager
def _bar(quiet: bool) -> Iterator[Callable[[int, int, Row | None], None]]:
    """Show tasks done and the time left on a terminal; failures are always told."""

    def tell(row: Row | None) -> None:
        if row is not None and row["status"] == "error" and not quiet:
            what = f"{row['instance']}, {row['policy']}, seed {row['seed']}"
            first = str(row["error"]).splitlines()[0] if row["error"] else ""
            click.echo(f"{click.style('Failed', fg='red')}: {what}: {first}", err=True)

    with bar_on_terminal(quiet) as bar:

        def show(done: int, of: int, row: Row | None) -> None:
            bar(done, of, "" if row is None else f"{row['instance']} · {row['policy']}")
            tell(row)

        yield show


@click.command()
@click.argument("left", metavar="INSTANCE|DIR")
@click.argument("right", metavar="INSTANCE|DIR")
@click.option("--all", "everything", is_flag=True, help="Show all differences.")
@county_option
@format_option
@lang_option
@quiet_option
@trust_option
@plain_errors
def diff(
    left: str, right: str, everything: bool, county: str | None, form: str, lang: str, quiet: bool
) -> None:
    """Show what differs between two instances, or between two results.

    \b
    Examples:
      fordela diff sweden-2025 sweden-2026
      fordela diff result other-result --all
    """
    from dataclasses import asdict

    from fordela.instances.claims import read_solution
    from fordela.instances.naming import county_code
    from fordela.instances.results import is_result
    from fordela.models.errors import InputError, Problem
    from fordela.report.terminal import SHOWN, difference_tables
    from fordela.solver.difference import differences_in, instance_differences, result_differences

    results = [is_result(Path(left)), is_result(Path(right))]
    codes: dict[str, str] = {}
    counties: dict[str, str] = {}
    if all(results):
        sides = [read_solution(Path(left)), read_solution(Path(right))]
        found = result_differences(*sides)
        for side in sides:
            rows_by_code = side.municipalities or {}
            codes |= {c: row.get("county_code", "") for c, row in rows_by_code.items()}
            counties |= {row.get("county_code", ""): row.get("county", "")
                         for row in rows_by_code.values()}  # fmt: skip
    elif any(results):
        other = right if results[0] else left
        raise InputError([Problem("diff", "is no result, but the other one is", value=other)])
    else:
        years = [load_year(left, quiet), load_year(right, quiet)]
        found = instance_differences(*years)
        codes = {m.code: m.county_code for year in years for m in year.municipalities}
        counties = {m.county_code: m.county for year in years for m in year.municipalities}
    if county is not None:
        county = county_code(counties, county)
        found = differences_in(found, [c for c, where in codes.items() if where == county])
    if form != "table":
        print_rows([asdict(d) for d in found], form)
        return
    rows = None if everything else SHOWN
    print_parts(difference_tables(found, left, right, words_in(lang), rows))
