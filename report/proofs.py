"""What an answer rests on, in words: the one home of *optimal*, *proven* and *the engine's word*.

Whatever `check` cannot prove itself is called the engine's word wherever it is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from fordela.models.norms import first_component
from fordela.models.placement.outcome import PlacementResult
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import LevelResult, Result, Status, rests_on
from fordela.report.texts import Words
from fordela.solver.comparison import Comparison
from fordela.solver.hindsight import Gap

Answer = Result | RedistributionResult | PlacementResult


def is_word(*answers: Answer | None) -> bool:
    """Whether any of several answers is called optimal on the engine's word."""
    return any(a is not None and rests_on(a) == "engine" for a in answers)


def status_text(made: Answer, words: Words) -> str:
    """What is known of an answer, or that a rule was followed; and whether its transfers are open."""
    said = words(made.status.value)
    if isinstance(made, Result) and not made.policy.is_optimal:
        said = words("rule")
    elif is_word(made):
        said = words("with_word", status=said)
    transfers = made.redistribution if isinstance(made, Result) else None
    if transfers is None or transfers.is_settled:
        return said
    return words("on_open_transfers", said=said)


def proof_text(o: LevelResult, words: Words) -> str:
    """What a level rests on."""
    if o.proof is None:
        return words("none")
    if o.proof == "engine" and o.tolerance:
        return words("tolerance", size=f"{o.tolerance:.0e}")
    return words(f"proof_{o.proof}")


def price_text(o: LevelResult, words: Words) -> str:
    """Price of a level, and whether it is the engine's word."""
    price = words.number(o.price, 4)
    return words("with_word", status=price) if o.price_proof == "engine" else price


def proven_text(words: Words, *answers: Answer) -> str:
    """Call what follows from several answers proven, the engine's word, or found so far."""
    if any(a.status is not Status.OPTIMAL for a in answers):
        return words("found_so_far")
    return words("proof_engine" if is_word(*answers) else "is_proven")


def proven_cell(gaps: Iterable[Gap], words: Words) -> str:
    """Whether least values are proven: yes, on the engine's word, or no."""
    proofs = {gap.proof for gap in gaps}
    if None in proofs:
        return words("no")
    return words("proof_engine" if "engine" in proofs else "yes")


def hindsight_sentence(comparison: Comparison, words: Words) -> Iterator[str]:
    """Say of how many least values counting is the proof, and how many rest on the engine's word."""
    found = Counter(gap.proof for gap in _gaps(comparison))
    if found.keys() == {"counting"}:
        yield words("all_counted")
    elif found:
        yield words(
            "not_all_proven" if found[None] else "some_on_word",
            n=words.number(found.total()), counted=words.number(found["counting"]),
            engine=words.number(found["engine"]), open=words.number(found[None]),
            backend=comparison.backend, version=comparison.backend_version,
        )  # fmt: skip


def engine_note(
    words: Words, *answers: Answer | None, proofs: Iterable[str | None] = ()
) -> Iterator[str]:
    """Explain the engine's word, where a level of an answer, or one of other proofs, is that."""
    levels = [o for a in answers if a is not None for o in a.objective]
    if "engine" in {*proofs, *(o.proof for o in levels), *(o.price_proof for o in levels)}:
        yield words("engine_note")


def comparison_note(comparison: Comparison, words: Words, *, gaps: bool) -> Iterator[str]:
    """Explain the engine's word, where a comparison shows it, with or without its gaps."""
    results = [f.result for f in comparison.policies]
    proofs = [gap.proof for gap in _gaps(comparison)] if gaps else []
    yield from engine_note(words, *results, *comparison.redistributions, proofs=proofs)


def _gaps(comparison: Comparison) -> Iterator[Gap]:
    for f in comparison.policies:
        yield from (*f.own.values(), *f.unrestricted.values())


def redistribution_line(made: RedistributionResult, words: Words) -> str:
    """What is proven of a policy's transfers, or how much the order of offers decides."""
    name = made.policy.name
    if made.spread is not None:
        uncertain = sum(not s.certain for s in made.spread.values())
        return words(
            "process_line", policy=name, uncertain=uncertain, of=len(made.spread), draws=made.draws
        )
    open_levels = [o for o in made.objective if o.status is not Status.OPTIMAL]
    if open_levels:
        proven = ", ".join(_with_word(o, words) for o in made.objective if o not in open_levels)
        parts = ", ".join(f"{words.level(o.level)} {_level_gap(o, words)}" for o in open_levels)
        return words("transfers_open", policy=name, proven=proven or words("none"), open=parts)
    on_word = [words.level(o.level) for o in made.objective if o.proof in (None, "engine")]
    if on_word:
        return words("transfers_on_word", policy=name, levels=", ".join(on_word))
    return words("transfers_proven", policy=name)


def open_transfers(result: Result, words: Words) -> Iterator[str]:
    """What of the transfers that a result rests on is not proven, or is the engine's word."""
    made = result.redistribution
    if made is not None and (not made.is_settled or is_word(made)):
        yield redistribution_line(made, words)


def _with_word(o: LevelResult, words: Words) -> str:
    level = words.level(o.level)
    return words("with_word", status=level) if o.proof in (None, "engine") else level


def _level_gap(o: LevelResult, words: Words) -> str:
    """Gap of a level to its bound, as a part of its value."""
    value = first_component(o.value)
    if o.bound is None or isinstance(o.bound, tuple) or not value:
        return "(?)"
    return f"({words.percent(abs(value - o.bound) / abs(value))})"
