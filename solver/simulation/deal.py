"""A deal that one municipality thinks about: units of share taken over or handed away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance, Municipality, Transfer
from fordela.models.units import per_mille_text


def deal(
    instance: Instance,
    transfers: Sequence[Transfer],
    code: str,
    *,
    takes: int = 0,
    gives: int = 0,
    partners: Sequence[str] = (),
) -> tuple[Transfer, ...]:
    """Return the transfers of a deal, beside those that stand.

    Without partners they are municipalities of the county: those that wish for it come first, largest
    wish first, then the others, largest share first. All of the deal goes to one receiver ([O] 2.3.2);
    a receiver can have several givers.

    Parameters
    ----------
    transfers
        Those that stand without the deal.
    code
        Of the municipality.
    takes, gives
        Units; exactly one of them above 0.
    partners
        Codes of those it deals with, in order.

    Raises
    ------
    InputError
        If the deal is not possible.
    """
    given: Counter[str] = Counter()
    for t in transfers:
        given[t.giver] += t.share
    received = {t.receiver for t in transfers}
    mine = instance.by_code[code]
    problems = list(_own_problems(mine, takes, gives, given, received))
    problems += [
        Problem("--partner", "no such municipality, or the one that deals", value=p)
        for p in partners
        if p not in instance.by_code or p == code
    ]
    if problems:
        raise InputError(problems)
    chosen = [instance.by_code[p] for p in partners] or _in_county(instance, mine, wish=bool(takes))
    if gives:
        return (_to_one(chosen, code, gives, given, partners),)
    made, left = [], takes
    for m in chosen:
        # One giver has one receiver, and a receiver hands nothing away.
        free = 0 if m.code in given or m.code in received else m.share
        units = min(left, free)
        if units:
            made.append(Transfer(m.code, code, units))
            left -= units
    if left:
        message = (
            f"only {per_mille_text(takes - left)} ‰ can be had from "
            f"{'them' if partners else 'the county'}, as who gives or receives already cannot give"
        )
        raise InputError([Problem("--takes", message, value=per_mille_text(takes))])
    return tuple(made)


def _own_problems(
    mine: Municipality, takes: int, gives: int, given: Counter[str], received: set[str]
) -> Iterator[Problem]:
    if (takes > 0) == (gives > 0):
        yield Problem("--takes", "say --takes or --gives, above 0 ‰")
    if takes and mine.code in given:
        message = "hands share away already, and who gives cannot take over any in the same year"
        yield Problem("--takes", message, value=mine.code)
    if gives and mine.code in received:
        message = "has received shares, so it cannot hand any away in the same year"
        yield Problem("--gives", message, value=mine.code)
    if gives and gives > mine.share - given[mine.code]:
        left = per_mille_text(mine.share - given[mine.code])
        message = f"more than the {left} ‰ that it has left"
        yield Problem("--gives", message, value=per_mille_text(gives))


def _in_county(instance: Instance, mine: Municipality, *, wish: bool) -> list[Municipality]:
    """Others of the county: those that wish for the deal first, then the largest."""
    wishes = instance.wanted.less if wish else instance.wanted.more

    def place(m: Municipality) -> tuple[int, int, str]:
        return -(wishes[m.code].share if m.code in wishes else 0), -m.share, m.code

    others = [m for m in instance.municipalities if m.county_code == mine.county_code]
    return sorted((m for m in others if m.code != mine.code), key=place)


def _to_one(
    chosen: Sequence[Municipality], code: str, gives: int, given: Counter[str], partners: Sequence[str]
) -> Transfer:
    for m in chosen:
        if m.code not in given:
            return Transfer(code, m.code, gives)
    where = "among the partners" if partners else "in the county"
    message = f"nobody {where} can receive: who hands share away cannot take any over"
    raise InputError([Problem("--gives", message, value=per_mille_text(gives))])
