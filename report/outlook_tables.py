"""What one municipality can expect of a year, on the terminal and as rows."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from fordela.models.compensation import MISSING, missing_parts
from fordela.models.instance import Transfer
from fordela.models.tables import Row
from fordela.models.units import per_mille_text
from fordela.models.wishes import Wishes
from fordela.report.proofs import engine_note, is_word, redistribution_line
from fordela.report.terminal import make_table, mean_text, missing_note, notices
from fordela.report.texts import Words
from fordela.solver.simulation.outlook import KINDS, Outlook
from fordela.solver.simulation.statistics import LEAST_FOR_PERCENTILES, Estimate
from rich.table import Table

_CHANCES = ("chance_0", "chance_1", "chance_2_3", "chance_more")


def outlook_tables(outlook: Outlook, words: Words, *, assumed: bool) -> Iterator[str | Table]:
    """The outlook as a planner reads it.

    Parameters
    ----------
    assumed
        Whether the partners of the deal were chosen by the program.
    """
    instance = outlook.instance
    m = instance.by_code[outlook.code]
    yield words(
        "outlook_title", name=m.name, code=m.code, share=words.per_mille(m.share),
        policy=outlook.policy.name,
    )  # fmt: skip
    if outlook.transfers:
        parts = ", ".join(_part(t, outlook, words) for t in outlook.transfers)
        yield words("outlook_deal", deal=parts)
        if assumed:
            yield words("outlook_chosen")
            yield from _beyond_wishes(outlook, words)
    for mechanism, difference in outlook.difference.items():
        sign = "+" if difference.mean > 0 else ""
        told = f"{sign}{mean_text(difference, words, 2)}"
        yield words("outlook_difference", difference=told, mechanism=words.mechanism(mechanism))
    if not outlook.transfers:
        for e in outlook.expectations:
            children = mean_text(e.total, words, 2)
            yield words("outlook_answer", children=children, mechanism=words.mechanism(e.mechanism))
    if not outlook.standing.is_settled or is_word(outlook.standing):
        yield redistribution_line(outlook.standing, words)
        yield from engine_note(words, outlook.standing)
    yield _table(outlook, words)
    if outlook.years < LEAST_FOR_PERCENTILES:
        yield words("too_few_for_percentiles", n=LEAST_FOR_PERCENTILES)
    yield words("mechanism_note")
    yield missing_note(instance, words, drawn=True)
    yield words(
        "outlook_years", years=words.number(outlook.years), seed=outlook.stream,
        mean=words.number(outlook.model.mean_children(instance), 0),
        probability=words.percent(outlook.model.surge),
    )  # fmt: skip
    yield " ".join(notices(instance, words))


def _part(transfer: Transfer, outlook: Outlook, words: Words) -> str:
    names = {m.code: m.name for m in outlook.instance.municipalities}
    return words(
        "outlook_deal_part", giver=names[transfer.giver], receiver=names[transfer.receiver],
        share=words.per_mille(transfer.share),
    )  # fmt: skip


def _beyond_wishes(outlook: Outlook, words: Words) -> Iterator[str]:
    """Warn of assumed partners that hand over, or take over, more than they wished for."""
    names, wanted = outlook.instance.by_code, outlook.instance.wanted
    for t in outlook.transfers:
        gives = t.giver != outlook.code
        partner = names[t.giver if gives else t.receiver]
        wish = (wanted.less if gives else wanted.more).get(partner.code)
        if wish is None or t.share > wish.share:
            yield words(
                "outlook_beyond_less" if gives else "outlook_beyond_more", name=partner.name,
                share=words.per_mille(t.share), answer=_answer(wanted, partner.code, words),
                left=words.per_mille(partner.share + (-t.share if gives else t.share)),
            )  # fmt: skip


def _answer(wanted: Wishes, code: str, words: Words) -> str:
    """What a municipality wishes for, that it keeps its share, or that it has not answered."""
    direction, units = wanted.of(code) or ("none", 0)
    return words(f"outlook_wish_{direction}", wish=words.per_mille(units))


def _table(outlook: Outlook, words: Words) -> Table:
    """One column for every mechanism, with and without the deal."""
    heads = []
    for e in outlook.expectations:
        case = "as_it_is"
        if outlook.transfers:
            case = "with_deal" if e.deal else "without_deal"
        mechanism = words.mechanism(e.mechanism).replace(" (", "\n(")
        heads.append((f"{words(case)},\n{mechanism}", "r"))
    table = make_table(words("outlook_table"), ("", "l"), *heads)
    for number, key in enumerate(_CHANCES):
        table.add_row(words(key), *(_chance(e.chances[number], words) for e in outlook.expectations))
    table.add_section()
    table.add_row(words("children"), *(mean_text(e.total, words, 2) for e in outlook.expectations))
    for kind in KINDS:
        found = [e.kinds[kind] for e in outlook.expectations]
        if kind in ("kinship", "equalising") or any(f.mean for f in found):
            table.add_row(f"– {words(kind).lower()}", *(mean_text(f, words, 2) for f in found))
    if outlook.years >= LEAST_FOR_PERCENTILES:
        table.add_row(
            words("one_in_twenty"), *(f"{e.low_year} / {e.high_year}" for e in outlook.expectations)
        )
    table.add_section()
    money = [mean_text(e.compensation, words, 0) for e in outlook.expectations]
    table.add_row(words("compensation_year"), *money)
    daily = [mean_text(e.daily, words, 0) for e in outlook.expectations]
    table.add_row(words("compensation_days"), *daily)
    if outlook.instance.forecast_asylum is not None:
        variable = [words.number(e.variable) for e in outlook.expectations]
        table.add_row(words("compensation_variable"), *variable)
    return table


def _chance(found: Estimate, words: Words) -> str:
    if found.low is None or found.high is None:
        return words.percent(Fraction(found.mean))
    low, high = (100 * Fraction(end) for end in (found.low, found.high))
    places = next((n for n in range(1, 6) if round(low, n) != round(high, n)), 1)
    ends = f"{words.number(low, places)} – {words.number(high, places)}"
    return f"{words.percent(Fraction(found.mean), places)} ({ends})"


def outlook_rows(outlook: Outlook) -> list[Row]:
    """One row for every mechanism, with and without the deal."""
    missing = "; ".join(MISSING[part] for part in missing_parts(outlook.instance, drawn=True))
    rows: list[Row] = []
    for e in outlook.expectations:
        row: Row = {
            "instance": outlook.instance.name, "municipality": outlook.code,
            "policy": outlook.policy.name, "mechanism": e.mechanism, "deal": e.deal,
            "years": outlook.years, "seed": outlook.stream,
            "transfers": "; ".join(
                f"{t.giver}>{t.receiver} {per_mille_text(t.share)}" for t in outlook.transfers
            ) if e.deal else "",
        }  # fmt: skip
        names = ("probability_0", "probability_1", "probability_2_3", "probability_more")
        for name, found in zip(names, e.chances, strict=True):
            row |= _cells(name, found)
        row |= _cells("children", e.total)
        for kind in KINDS:
            row |= _cells(kind, e.kinds[kind])
        row |= {"percentile_5": e.low_year, "percentile_95": e.high_year}
        row |= _cells("compensation", e.compensation)
        row |= _cells("compensation_days", e.daily)
        row |= {
            "compensation_by_share": e.variable, "compensation_missing": missing,
            "synthetic": outlook.instance.unpublished,
        }  # fmt: skip
        rows.append(row)
    return rows


def _cells(name: str, found: Estimate | None) -> Row:
    if found is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
