"""The report page as a file, from results in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from fordela.instances.seals import seal_page
from fordela.instances.targets import write_file
from fordela.models.errors import InputError, Problem
from fordela.models.result import Result
from fordela.report.loading import comparison_of, not_together
from fordela.report.page.build import Page, render
from fordela.report.page.export import write_charts
from fordela.report.suppression import OPEN, suppression_of
from fordela.report.texts import Words


def write_report(
    results: Sequence[Result],
    target: Path,
    *,
    language: str = "en",
    publish: bool = False,
    cases: bool = False,
    county: str | None = None,
    charts: Path | None = None,
    chart_format: str = "svg",
    force: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Write a self-contained page of results on the same children.

    Parameters
    ----------
    results
        From `solve` or `read_result`, with policies of different names; they are not verified here.
    target
        The file.
    language
        ``en`` or ``sv``.
    publish
        Hide counts from 1 to 4 and what would reveal them.
    cases
        List every case with its identifier.
    county
        Code of the only county to show.
    charts, chart_format
        New folder for every chart as ``svg``, ``png`` or ``pdf``.
    force
        Whether an earlier page is replaced, if nobody has changed it since.
    progress
        Called with a word on what is being worked on.

    Raises
    ------
    InputError
        If the results are not of one year, or a file cannot be written.
    """
    problems = not_together(results)
    if publish and cases:
        problems.append(Problem("cases", "identifiers of cases are not for publication"))
    if problems:
        raise InputError(problems)
    comparison = comparison_of(results, progress)
    hidden = suppression_of(results) if publish else OPEN
    page = Page(comparison, Words(language), hidden, cases, county)
    progress("drawing")
    text = render(page)
    sealed = seal_page(text, "report")
    write_file(target, lambda path: path.write_text(sealed, encoding="utf-8"), "report", force=force)
    if charts is not None:
        write_charts(page, charts, chart_format)
