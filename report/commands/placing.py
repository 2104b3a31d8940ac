"""Homes: every case placed, by vacancy, for given municipalities, or together with them."""

from __future__ import annotations

from pathlib import Path

import click
from fordela.report.command_line import (
    hold,
    load_policies,
    load_year,
    plain_errors,
    print_parts,
    print_rows,
    progress_on_terminal,
    require_county,
    words_in,
)
from fordela.report.options import deciding_options, trust_option


@click.command()
@click.option("--joint", "mode", flag_value="joint", help="Municipality and home in one program.")
@click.option(
    "--sequential", "mode", flag_value="sequential", default="sequential", show_default=True,
    help="The policy's municipalities first, then the best homes for all.",
)  # fmt: skip
@click.option(
    "--vacancy", "mode", flag_value="vacancy", help="As they come: the home with most free places."
)
@click.option("--alone", is_flag=True, help="Only this; do not set the other ways beside it.")
@deciding_options
@trust_option
@plain_errors
def place(
    instance: str, name: str | None, everything: bool, out: Path | None, force: bool,
    county: str | None, backend: str, time_limit: float | None, seed: int, workers: int | None,
    form: str, lang: str, quiet: bool, mode: str, alone: bool,
) -> None:  # fmt: skip
    """Find a home for every case, siblings together, in the responsible municipality where possible.

    Shows placement by vacancy, sequential and joint beside each other, with what each means for
    children. Where somebody has no home, it names the smallest change after which everybody can have
    one, the municipalities as decided.

    \b
    Examples:
      fordela place sweden-2026-places --sequential
      fordela place sweden-2026-places --joint --out homes
      fordela place sweden-2026-places --alone --county 08 --lang sv
    """
    from fordela.solver.placement.comparison import mode_json, mode_rows, placements

    year = load_year(instance, quiet)
    county = require_county(year, county)
    (policy,) = load_policies((name or year.policy,), ())
    hold(out, "placement", force=force)
    with progress_on_terminal(quiet) as progress:
        found = placements(
            year, policy, mode, alone=alone, backend=backend,  # type: ignore[arg-type]
            time_limit=time_limit, seed=seed, workers=workers, progress=progress,
        )  # fmt: skip
    made = next(f.made for f in found if f.made.mode == mode)
    if out is not None:
        from fordela.instances.results import write_placement

        write_placement(made, out, force=force)
    words = words_in(lang)
    if form == "csv":
        print_rows(mode_rows(found), form)
    elif form == "json":
        import json

        from fordela.instances.results import placement_json
        from fordela.models.placement.tables import placement_rows

        chosen = {
            m.code for m in year.municipalities if county in (None, m.county_code)
        }  # fmt: skip
        rows = [r for r in placement_rows(made) if county is None or r["municipality"] in chosen]
        data = placement_json(made) | {"placements": rows}
        data["modes"] = {f.made.mode: mode_json(f) for f in found}
        click.echo(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        from fordela.report.placement_tables import placement_tables

        print_parts(placement_tables(found, mode, words, county, everything=everything))
        if out is not None and not quiet:
            click.echo(words("written", where=out), err=True)
