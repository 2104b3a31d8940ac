"""Taking in workbooks that others send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from fordela.report.command_line import (
    hold,
    load_year,
    note_without_cases,
    plain_errors,
    print_parts,
    progress_on_terminal,
    words_in,
)
from fordela.report.options import (
    INSTANCE,
    accept_option,
    cases_option,
    lang_option,
    quiet_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fordela.instances.workbooks.grid import Book
    from fordela.instances.workbooks.importing import Imported
    from fordela.instances.workbooks.mapping import HeadingMap
    from fordela.models.instance import Instance
    from fordela.report.texts import Words

#: New wishes that are shown; all are in the log.
_WISHES = 20


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--base", required=True, type=INSTANCE, metavar="INSTANCE",
    help="What the workbook lacks comes from this instance.",
)  # fmt: skip
@click.option(
    "--map", "maps", multiple=True, metavar="'HEADING=COLUMN'",
    help="Say by hand which column a heading is; '-' is none. May be repeated.",
)  # fmt: skip
@click.option(
    "--mapping", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="A mapping kept by an earlier import: its import.toml.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR",
    help="New folder, or .xlsx. Default: a folder with the workbook's name.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace an earlier instance in DIR.")
@click.option("--yes", "-y", is_flag=True, help="Take the guessed columns without asking.")
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
    help="Day on which the wishes in it were said. Default: today.",
)  # fmt: skip
@click.option(
    "--shares-are", type=click.Choice(["preliminary", "decided", "computed"]), default="preliminary",
    show_default=True, help="What the shares in it are.",
)  # fmt: skip
@click.option(
    "--new-dialogue", is_flag=True,
    help="Leave the base's wishes, willing places and decided transfers behind.",
)  # fmt: skip
@click.option(
    "--year", type=click.IntRange(1900, 2200), help="Year of the shares. Default: the base's."
)
@accept_option
@cases_option
@lang_option
@quiet_option
@plain_errors
def instances_import(
    file: Path, base: str, maps: tuple[str, ...], mapping: Path | None, out: Path | None, force: bool,
    yes: bool, day: object, shares_are: str, new_dialogue: bool, year: int | None,
    accepted: tuple[str, ...], with_cases: bool, lang: str, quiet: bool,
) -> None:  # fmt: skip
    """Take in a workbook of shares or wishes, whatever its layout.

    One sheet per county or one for all, titles, subtotals, names or codes, decimal commas: columns are
    guessed by their headings and shown for confirmation, or named with --map. Wishes join the log with
    --date. Columns: share, change (‰ more or less), resulting (‰ afterwards), wants_more, wants_less,
    least, partner, status, note, population, assigned_before, capacity, willing.

    \b
    Examples:
      fordela instances import andelar-2026.xlsx --base sweden-2026 --map 'Preliminär andel=share'
      fordela instances import answers.xlsx --base andelar-2026 --out round-1 --date 2026-10-01
      fordela instances import andelar-2027.xlsx --base round-1 --year 2027 --mapping import.toml
    """
    from datetime import date, datetime

    from fordela.instances.targets import require_suffix
    from fordela.instances.workbooks.grid import read_book
    from fordela.instances.workbooks.importing import Settings, import_book

    target = out or Path(file.stem)
    if target.suffix:
        require_suffix(target, (".xlsx",))
    hold(target, "instance-book" if target.suffix else "instance", force=force)
    year_before = load_year(base, quiet)
    with progress_on_terminal(quiet) as progress:
        progress(f"reading {file}")
        book = read_book(file)
    said_on = day.date() if isinstance(day, datetime) else date.today()
    settings = Settings(target.stem, said_on, shares_are, year, new_dialogue, frozenset(accepted))
    of_year = year or year_before.year
    columns = _columns(book, maps, mapping, year_before, of_year, yes=yes, lang=lang)
    with progress_on_terminal(quiet) as progress:
        progress(f"taking in {file}")
        made = import_book(file, book, year_before, columns, settings)
        _write(made, target, force, file.name, lang, with_cases)
    if target.suffix:
        note_without_cases(made.instance, with_cases, quiet)
    if not quiet:
        print_parts(_told(made, year_before, base, lang))
        click.echo(words_in(lang)("written", where=target))


def _columns(
    book: Book, maps: tuple[str, ...], mapping: Path | None, base: Instance, year: int, *, yes: bool,
    lang: str,
) -> HeadingMap:  # fmt: skip
    """Return the mapping: given by hand, kept, or guessed and confirmed; our own sheets are known."""
    from fordela.instances.workbooks.mapping import choose_mapping, parse_maps, read_mapping

    kept = {} if mapping is None else read_mapping(mapping).columns
    by_hand = parse_maps(maps)
    taken, guessed = choose_mapping(book, by_hand, kept, base, year)
    extra = {h: k for h, k in guessed.columns.items() if h not in taken.columns}
    if extra and yes:
        return guessed
    for heading, key in extra.items():
        click.echo(words_in(lang)("not_mapped", heading=heading, column=key), err=True)
    by_guess = set(taken.keys) - set(kept.values()) - set(by_hand.values())
    if by_guess and not yes and not book.to_fill_in:
        _confirm(taken, lang, book.sheets[0].file)
    return taken


def _confirm(guessed: HeadingMap, lang: str, source: str) -> None:
    """Show what is guessed and ask; without an answer, say how to go on."""
    from fordela.instances.workbooks.headings import BY_KEY
    from fordela.models.errors import InputError, Problem
    from fordela.report.terminal import make_table

    words = words_in(lang)
    heads = [(words(key), "l") for key in ("heading", "column", "meaning")]
    table = make_table(words("guessed_title", file=source), *heads)
    for heading, key in guessed.columns.items():
        table.add_row(heading, key, BY_KEY[key].means if key in BY_KEY else "")
    print_parts([table])
    try:
        right = click.confirm(words("is_it_right"), default=True)
    except click.Abort:
        right = False
    if not right:
        message = "the columns were not confirmed; say --yes, or map by hand: --map 'Heading=column'"
        raise InputError([Problem("--map", message)])


def _write(made: Imported, target: Path, force: bool, source: str, lang: str, with_cases: bool) -> None:
    from fordela.instances.workbooks.mapping import mapping_toml

    if target.suffix == ".xlsx":
        from fordela.report.workbooks.instance_book import write_instance_book

        write_instance_book(made.instance, target, language=lang, force=force, cases=with_cases)
        return
    from fordela.instances.targets import write_folder
    from fordela.instances.writing import fill_instance

    def fill(folder: Path) -> None:
        fill_instance(made.instance, folder)
        text = mapping_toml(made.mapping, source)
        (folder / "import.toml").write_text(text, encoding="utf-8")

    write_folder(target, fill, "instance", force=force)


def _told(made: Imported, before: Instance, base: str, lang: str) -> list[str]:
    """Say what was taken in, over the base as it was named."""
    words = words_in(lang)
    lines = [words("imported", name=made.instance.name, base=base)]
    of = len(before.municipalities)
    for key, n in made.changed.items():
        lines.append(words("changed_values", column=key, n=n, of=of))
        lines += [_changes(made.instance, before, key, words)] if 0 < n <= _WISHES else []
    if "wishes.csv" in made.instance.provenance:
        lines.append(words("new_wishes", n=len(made.new_wishes)))
        lines += _wishes(made, words)
    return [*lines, *(words(key, **(values | ({"base": base} if "base" in values else {})))
                      for key, values in made.notes)]  # fmt: skip


def _changes(after: Instance, before: Instance, key: str, words: Words) -> str:
    """Say whose value of a column changed, from what and to what."""
    told = []
    for old, new in zip(before.municipalities, after.municipalities, strict=True):
        values = [getattr(m, key) for m in (old, new)]
        if values[0] != values[1]:
            was, is_now = map(words.per_mille if key == "share" else words.number, values)
            told.append(f"{old.code} {old.name} {was} → {is_now}")
    return f"  {', '.join(told)}"


def _wishes(made: Imported, words: Words) -> Iterator[str]:
    """The first new wishes, a line for each county, and how many there are besides."""
    by_code = made.instance.by_code
    counties: dict[str, list[str]] = {}
    for wish in made.new_wishes[:_WISHES]:
        m = by_code[wish.municipality]
        key = {"more": "wish_more", "less": "wish_less"}[wish.direction]
        if not wish.share:
            key = "wish_withdrawn" if wish.status == "withdrawn" else "wish_keeps"
        text = words(key, who=f"{m.code} {m.name}", share=words.per_mille(wish.share))
        if wish.partner is not None:
            text += words("wish_partner", who=by_code[wish.partner].name)
        counties.setdefault(f"{m.county_code} {m.county}", []).append(text)
    for county, told in sorted(counties.items()):
        yield f"  {county}: {', '.join(told)}"
    if len(made.new_wishes) > _WISHES:
        yield words("more_wishes", n=len(made.new_wishes) - _WISHES)
    days = {wish.date for wish in made.new_wishes if wish.date}
    if days:
        yield words("wishes_day", day=max(days))
