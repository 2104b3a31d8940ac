"""What has been decided, shown and justified: the report page, workbooks, explanations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from fordela.report.command_line import (
    hold,
    load_year,
    plain_errors,
    print_parts,
    print_rows,
    progress_on_terminal,
    require_county,
    words_in,
)
from fordela.report.options import (
    backend_option,
    county_option,
    format_option,
    lang_option,
    publish_option,
    quiet_option,
    source_option,
    trust_option,
)

if TYPE_CHECKING:
    from fordela.models.result import Result


@click.command()
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RESULT_DIR..."
)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("report.html"), show_default=True,
    metavar="FILE", help="An .html page; or an .xlsx workbook of one result.",
)  # fmt: skip
@source_option
@click.option(
    "--charts", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Write every chart of the page as a file too.",
)  # fmt: skip
@click.option(
    "--chart-format", type=click.Choice(["svg", "png", "pdf"]), default="svg", show_default=True,
    help="Format of --charts.",
)  # fmt: skip
@click.option("--cases", is_flag=True, help="List every case with its identifier.")
@click.option("--force", is_flag=True, help="Replace an earlier report.")
@county_option
@publish_option
@lang_option
@quiet_option
@trust_option
@plain_errors
def report(
    folders: tuple[Path, ...], out: Path, given: str | None, charts: Path | None, chart_format: str,
    cases: bool, force: bool, county: str | None, publish: bool, lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Make a self-contained page of one or several results: maps, charts, tables, proofs.

    RESULT_DIR is what 'solve --out' or 'compare --out' wrote; the folder of a comparison stands for all
    its policies. Every result is verified first. The page opens from disk and needs no network.

    \b
    Examples:
      fordela compare sweden-2025 --out comparison
      fordela report comparison --out report.html
      fordela report comparison/in-force --out result.xlsx --lang sv
      fordela report comparison --publish --out public.html
    """
    from fordela.instances.targets import require_suffix
    from fordela.report.loading import verified_results

    if publish and cases:
        raise click.UsageError("--cases shows identifiers, so it cannot go with --publish")
    require_suffix(out, (".html", ".xlsx"))
    book = out.suffix == ".xlsx"
    if charts is not None and out.resolve().is_relative_to(charts.resolve()):
        raise click.UsageError("--charts must be a folder of its own, without --out in it")
    hold(out, "result-book" if book else "report", force=force)
    hold(None if book else charts, "charts", force=force)
    year = None if given is None else load_year(given, quiet)
    words = words_in(lang)
    with progress_on_terminal(quiet) as progress:
        results = verified_results(folders, year, progress)
        county = require_county(results[0].instance, county)
        if book:
            _write_workbook(results, out, lang, publish, cases, county, force)
        else:
            from fordela.report.page.write import write_report

            write_report(
                results, out, language=lang, publish=publish, cases=cases, county=county, charts=charts,
                chart_format=chart_format, force=force, progress=progress,
            )  # fmt: skip
    if not quiet:
        click.echo(words("written", where=out))
        if charts is not None and not book:
            click.echo(words("charts_written", where=charts))


def _write_workbook(
    results: list[Result], out: Path, lang: str, publish: bool, cases: bool, county: str | None,
    force: bool,
) -> None:  # fmt: skip
    from fordela.models.errors import InputError, Problem
    from fordela.report.suppression import OPEN, suppression_of
    from fordela.report.workbooks.result_book import write_result_book

    if len(results) > 1:
        names = ", ".join(r.policy.name for r in results)
        message = f"a workbook holds one result; name one of {names}"
        raise InputError([Problem("RESULT_DIR", message)])
    (result,) = results
    hidden = suppression_of([result]) if publish else OPEN
    write_result_book(
        result, out, language=lang, hidden=hidden, cases=cases, county=county, force=force
    )


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="RESULT_DIR")
@click.option("--municipality", "code", metavar="CODE", help="Code or name: why it got what it got.")
@click.option("--case", "case", metavar="CASE", help="Case or child: why it went where it went.")
@click.option("--policy", metavar="NAME", help="Which result of a comparison.")
@source_option
@backend_option
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", default=120.0,
    show_default=True, help="For solving an optimum again.",
)  # fmt: skip
@format_option
@lang_option
@quiet_option
@trust_option
@plain_errors
def explain(
    folder: Path, code: str | None, case: str | None, policy: str | None, given: str | None,
    backend: str, time_limit: float, form: str, lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Say why, in sentences: which rule applied, who was next, what would have had to be different.

    What would have been is computed by solving the year again. Of an optimum it is said what one child
    fewer or more here, or a larger share, would cost. With both options: what would have brought the
    case to that municipality.

    \b
    Examples:
      fordela explain result --municipality 1283
      fordela explain result --case 2025-0123
      fordela explain result --case 2025-0123 --municipality Kalmar --lang sv
      fordela explain comparison --policy national --municipality 0880
    """
    from fordela.report.explaining import explain as run
    from fordela.report.loading import verified_result

    if code is None and case is None:
        raise click.UsageError("name a --municipality or a --case")
    year = None if given is None else load_year(given, quiet)
    with progress_on_terminal(quiet) as progress:
        result = verified_result(folder, policy, year, progress)
        made = run(
            result, municipality=code, case=case, language=lang, backend=backend,
            time_limit=time_limit, progress=progress,
        )  # fmt: skip
    if form == "table":
        print_parts(made.sentences)
    else:
        print_rows([made.row if form == "csv" else made.data], form)
