"""A redistribution on the terminal: levels, transfers, wishes granted, and whom chance decides over."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from fordela.models.errors import listed
from fordela.models.redistribution.outcome import RedistributionResult, treated_unequally
from fordela.models.redistribution.problem import RedistributionProblem, redistribution_problem
from fordela.models.units import UNITS_PER_MILLE
from fordela.report.proofs import engine_note, proven_text, redistribution_line
from fordela.report.terminal import make_table, notices, objective_table
from fordela.report.texts import Words
from rich.table import Table

#: Pairs of unequally treated equals that are named.
_NAMED = 5
#: Municipalities that keep their share which are named.
_KEPT = 10


def redistribution_tables(
    made: RedistributionResult, words: Words, county: str | None = None, rows: int | None = None
) -> Iterator[str | Table]:
    """Show a redistribution as a planner reads it."""
    instance = made.instance
    yield f"{words.title_of(instance)} · {made.policy.name}"
    problem = redistribution_problem(instance, made.policy)
    traded = made.traded
    granted = _granted_line(made, problem, words)
    yield granted if county is None else words("whole_country", said=granted)
    kept = [m for m in instance.municipalities
            if m.code in instance.wanted.kept and county in (None, m.county_code)]  # fmt: skip
    if kept:
        named = listed([f"{m.code} {m.name}" for m in kept], _KEPT)
        yield words("keep_share_line", n=len(kept), named=named)
    if made.objective:
        yield objective_table(made.objective, words)
        yield words("units_note")
        yield redistribution_line(made, words)
    yield from engine_note(words, made, made.optimum)
    yield from _transfer_table(made, words, county, rows)
    if made.spread is not None:
        certain = sum(s.certain for s in made.spread.values())
        yield words(
            "spread_line", draws=made.draws, uncertain=len(made.spread) - certain, of=len(made.spread)
        )  # fmt: skip
        yield from _spread_table(made, words, county, rows)
    unequal = treated_unequally(problem, traded) if made.objective else []
    if unequal:
        names = instance.by_code
        named = listed([f"{names[a].name} > {names[b].name}" for a, b in unequal], _NAMED)
        yield words("unequal", n=len(unequal), named=named)
    yield " ".join(notices(instance, words))


def _granted_line(made: RedistributionResult, problem: RedistributionProblem, words: Words) -> str:
    return words(
        "granted_line",
        granted=words.per_mille(sum(t.share for t in made.transfers)),
        less=words.per_mille(sum(s.wish for s in problem.givers)),
        givers=len(problem.givers),
        more=words.per_mille(sum(s.wish for s in problem.receivers)),
        receivers=len(problem.receivers),
    )


def _transfer_table(
    made: RedistributionResult, words: Words, county: str | None, rows: int | None
) -> Iterator[str | Table]:
    names = made.instance.by_code
    table = make_table(
        "", (words("from"), "l"), (words("to"), "l"), (words("share"), "r"), (words("county"), "l")
    )
    shown = [
        t
        for t in made.transfers
        if county in (None, names[t.giver].county_code, names[t.receiver].county_code)
    ]
    if not shown:
        here = [m.county for m in made.instance.municipalities if m.county_code == county]
        yield words("no_transfers_county", county=here[0]) if here else words("no_transfers")
        return
    for t in shown[:rows]:
        giver, receiver = names[t.giver], names[t.receiver]
        same = giver.county_code == receiver.county_code
        table.add_row(
            f"{t.giver} {giver.name}", f"{t.receiver} {receiver.name}",
            words.per_mille(t.share),
            giver.county if same else f"{giver.county} → {receiver.county}",
        )  # fmt: skip
    yield table
    if rows is not None and len(shown) > rows:
        yield words("more_rows", n=len(shown) - rows)


def _spread_table(
    made: RedistributionResult, words: Words, county: str | None, rows: int | None
) -> Iterator[str | Table]:
    """Municipalities whose outcome the order decides, the widest spread first."""
    assert made.spread is not None
    names = made.instance.by_code
    columns = [(words(k), "r") for k in ("least", "mean", "most", "draws_without")]
    if made.optimum is not None:
        known = proven_text(words, made.optimum)
        columns.append((f"{words('national_optimum')}\n({known})", "r"))
    table = make_table(words("spread_table"), (words("name"), "l"), *columns)
    uncertain = sorted(
        (code for code, s in made.spread.items()
         if not s.certain and county in (None, names[code].county_code)),
        key=lambda code: (-(made.spread[code].most - made.spread[code].least), code),  # type: ignore[index]
    )  # fmt: skip
    if not uncertain:
        return
    optimum = None if made.optimum is None else made.optimum.traded
    for code in uncertain[:rows]:
        s = made.spread[code]
        cells = [Fraction(s.least), s.mean, Fraction(s.most)]
        shown = [words.number(c / UNITS_PER_MILLE, 2) for c in cells]
        shown.append(f"{s.none} / {made.draws}")
        if optimum is not None:
            shown.append(words.per_mille(optimum[code]))
        table.add_row(f"{code} {names[code].name}", *shown)
    yield table
    if rows is not None and len(uncertain) > rows:
        yield words("more_rows", n=len(uncertain) - rows)
