"""Homes on the terminal: the modes beside each other, who has none, and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fordela.models.placement.outcome import MorePlaces, PlacementResult, Relaxation
from fordela.models.placement.stack import placement_stack
from fordela.models.policy import PLACEMENT_LEVELS
from fordela.report.proofs import engine_note, open_transfers, proven_text, status_text
from fordela.report.terminal import (
    SHOWN,
    console,
    indicator_tables,
    make_table,
    notices,
    objective_table,
)
from fordela.report.texts import Words
from fordela.solver.placement.comparison import ModeFigures
from rich.table import Table

#: Places or agreements of a relaxation that are named unless all are asked for.
_NAMED = 8


def placement_tables(
    found: Sequence[ModeFigures],
    asked: str,
    words: Words,
    county: str | None = None,
    *,
    everything: bool = False,
) -> Iterator[str | Table]:
    """Show what each mode means, then the asked one in detail."""
    by_mode: dict[str, ModeFigures] = {f.made.mode: f for f in found}
    made = by_mode[asked].made
    yield f"{words.title_of(made.instance)} · {made.policy.name}"
    heads = [words(f"mode_{f.made.mode}") for f in found]
    yield from _in_words(by_mode, words)
    if len(found) == 1:
        yield words(
            "place_answer" if made.is_settled else "place_answer_so_far", n=made.unplaced,
            children=len(made.placements), mode=heads[0].lower(),
        )  # fmt: skip
    yield from open_transfers(made.result, words)
    yield _modes_table(found, heads, words)
    few = ["engine" for relaxation in made.relaxations if relaxation.proven]
    yield from engine_note(words, *(f.made for f in found), made.result.redistribution, proofs=few)
    yield from indicator_tables(heads, [f.indicators for f in found], words, console().width)
    if made.mode != "vacancy":
        yield words("levels_of", mode=words(f"mode_{asked}"))
        yield objective_table(made.objective, words)
    if county is not None or everything:
        yield from _homes_table(made, words, county, None if everything else SHOWN)
    yield from _what_helps(made, words, None if everything else _NAMED)
    yield " ".join(notices(made.instance, words))


def _modes_table(found: Sequence[ModeFigures], heads: Sequence[str], words: Words) -> Table:
    table = make_table(
        words("modes_table" if len(found) > 1 else "mode_table", mode=heads[0]),
        ("", "l"),
        *((head, "r") for head in heads),
    )
    for level in PLACEMENT_LEVELS:
        table.add_row(words(f"level_{level}"), *(words.number(int(f.levels[level])) for f in found))
    table.add_row(words("deviation_chi2"), *(words.number(f.deviation, 4) for f in found))
    table.add_row(words("places_elsewhere"), *(words.number(f.elsewhere) for f in found))
    table.add_row(words("uses_supported"), *(words.number(f.supported) for f in found))
    table.add_row(words("status"), *(_status(f.made, words) for f in found))
    return table


def _status(made: PlacementResult, words: Words) -> str:
    if not made.is_settled:
        return words("found_so_far")
    return words("rule") if made.mode == "vacancy" else status_text(made, words)


def _in_words(by_mode: dict[str, ModeFigures], words: Words) -> Iterator[str]:
    joint, sequential = by_mode.get("joint"), by_mode.get("sequential")
    vacancy = by_mode.get("vacancy")
    if joint and sequential:
        proven = joint.made.is_settled and sequential.made.is_settled
        yield words(
            "joint_gain" if proven else "joint_gain_so_far",
            joint=joint.made.unplaced, sequential=sequential.made.unplaced,
            children=len(joint.made.placements), joint_chi2=words.number(joint.deviation, 4),
            sequential_chi2=words.number(sequential.deviation, 4),
            proven=proven_text(words, joint.made, sequential.made),
        )  # fmt: skip
    if vacancy and sequential:
        more = {k: int(vacancy.levels[k] - sequential.levels[k]) for k in vacancy.levels}
        yield words(
            "vacancy_cost" if sequential.made.is_settled else "vacancy_cost_so_far",
            more=words.number(more["unmet-needs"]),
            unsuitable=words.number(more["unsuitable-form"]), unplaced=words.number(more["unplaced"]),
        )  # fmt: skip


def _homes_table(
    made: PlacementResult, words: Words, county: str | None, most: int | None
) -> Iterator[str | Table]:
    """The children of a county's municipalities, or of all, with their homes."""
    places, homes = made.instance.by_code, made.homes
    table = make_table(
        words("homes_table"), (words("child"), "l"), (words("responsible"), "l"), (words("home"), "l"),
        (words("form"), "l"),
    )  # fmt: skip
    rows = [
        p
        for p in made.placements
        if county is None or (p.responsible and places[p.responsible].county_code == county)
    ]
    for p in rows[:most]:
        home = None if p.place is None else homes[p.place]
        responsible = words("none") if p.responsible is None else places[p.responsible].name
        where = words("no_home") if home is None else f"{home.place} {places[home.municipality].name}"
        form = words("none") if home is None else words(f"form_{home.form}")
        table.add_row(p.child, responsible, where, form)
    yield table
    if most is not None and len(rows) > most:
        yield words("more_rows", n=len(rows) - most)


def _what_helps(made: PlacementResult, words: Words, named: int | None) -> Iterator[str]:
    if not made.unplaced:
        yield words("everybody_housed")
        return
    if made.mode == "vacancy":
        return
    first = placement_stack(made.policy)[:1] == ("unplaced",)
    yield words("without_home" if first else "without_home_in_order", n=made.unplaced)
    lost = sum(p.responsible is None for p in made.placements)
    if lost:
        yield words("without_municipality", n=lost)
    if not made.relaxations:
        yield words("no_relaxation")
    for relaxation in made.relaxations:
        yield relaxation_text(made, relaxation, words, named)
        if relaxation.left:
            yield words("agreements_left", n=relaxation.left)


def relaxation_text(
    made: PlacementResult, relaxation: Relaxation, words: Words, named: int | None = None
) -> str:
    """A relaxation in plain words, such as a county board would write it."""
    if not relaxation.size:
        return words("no_change_needed")
    names = made.instance.by_code
    if relaxation.places:
        key, parts = "in_places", [_more_places(made, more, words) for more in relaxation.places]
    else:
        key = "in_agreements"
        parts = [
            words("one_agreement", responsible=names[a].name, placing=names[b].name)
            for a, b in relaxation.agreements
        ]
    if named is not None and len(parts) > named:
        parts = [*parts[:named], words("and_more", n=len(parts) - named)]
    proven = words("fewest_proven" if relaxation.proven else "fewest_open")
    return words(key, n=relaxation.size, proven=proven, list="; ".join(parts))


def _more_places(made: PlacementResult, more: MorePlaces, words: Words) -> str:
    m = made.instance.by_code[more.municipality]
    least, most = more.ages
    ages = ""
    if least is not None and most is not None:
        ages = words("for_age" if least == most else "for_ages", least=least, most=most)
    key = "one_more_place" if more.places == 1 else "more_places"
    return words(key, n=more.places, name=m.name, county=m.county, ages=ages)
