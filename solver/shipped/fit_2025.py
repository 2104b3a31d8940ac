"""``sweden-2025-fitted``: histories and ties such that every published figure of 2025 comes out.

A small integer program. Fix a level ``w`` of fulfilment. If a municipality starts ``e`` children
short of ``⌈w a⌉`` and has no kinship, and everyone else starts at ``⌈w a⌉`` or above, then lowest
fulfilment first gives it exactly ``e`` single children, whatever the order of arrival: while anyone
is below ``w``, only those are chosen, and the shortfalls sum to the untied children. So the
program chooses kinship ``k_i``, shortfalls ``e_i`` (not both) and histories ``P_i`` that meet the
published figures and change the replayed history and ties of ``sweden-2025`` least.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from fordela.instances.arrivals import Siblings, arrive, split_into_cases
from fordela.instances.figures import published_figures
from fordela.models.errors import InfeasibleError
from fordela.models.holdings import holdings
from fordela.models.instance import Instance
from fordela.models.program import Linear, ProgramBuilder
from fordela.solver.backends import Limits, get_backend
from fordela.solver.shipped.drawing import most_2025
from fordela.solver.shipped.years import credited_after

#: Nobody but the three largest has more ([B] 2.3).
_MOST_ELSEWHERE = 10


def fitted_2025(predicted: Instance) -> Instance:
    """Fit histories and ties to everything that is published of 2025.

    Parameters
    ----------
    predicted
        ``sweden-2025``; its shares and transfers are kept.

    Raises
    ------
    InfeasibleError
        If no history can give the published figures.
    """
    kinship, equalising, before = _solve(predicted)
    rng = Random(20250)
    cases = []
    for m, children in zip(predicted.municipalities, kinship, strict=True):
        cases += split_into_cases(rng, children, m.code, Siblings())
    cases += [(1, None)] * sum(equalising)
    return predicted.with_changes(
        name="sweden-2025-fitted",
        title="Unaccompanied children in Sweden, 2025, fitted to every published figure",
        municipalities=tuple(
            replace(m, assigned_before=b) for m, b in zip(predicted.municipalities, before, strict=True)
        ),
        children=arrive(rng, 2025, cases),
        provenance={
            **predicted.provenance,
            "assigned_before": "synthetic: fitted by an integer program so that the rule in force "
            "gives every published figure of 2025, nearest to sweden-2025",
            "cases": "synthetic: ties fitted to every published figure of 2025 ([O] 2.4, [B] 2.3); "
            "untied children come alone; siblings, dates, ages invented",
        },
    )


def _solve(predicted: Instance) -> tuple[list[int], list[int], list[int]]:
    municipalities = predicted.municipalities
    n = len(municipalities)
    builder = ProgramBuilder()
    ties = {m.code: 0 for m in municipalities}
    for child in predicted.children:
        if child.tie is not None:
            ties[child.tie] += 1
    after = credited_after(predicted)
    # The level that the rule in force reached in the predicted year.
    level = min((after[m.code], m.share) for m in municipalities if m.share == 100)[0]
    goal = [-(-level * m.share // 100) for m in municipalities]
    most = most_2025(municipalities)
    kinship = [builder.variable(0, most[m.code]) for m in municipalities]
    shortfall = [builder.variable(0, _MOST_ELSEWHERE) for _ in municipalities]
    above = [builder.variable(0, 10_000) for _ in municipalities]  # P_i beyond ⌈w a⌉
    moved = []
    for i, m in enumerate(municipalities):
        has_ties = builder.variable(0, 1)
        builder.require(Linear.of((1, kinship[i]), (-most[m.code], has_ties)), upper=0)
        builder.require(
            Linear.of((1, shortfall[i]), (_MOST_ELSEWHERE, has_ties)), upper=_MOST_ELSEWHERE
        )
        short = builder.variable(0, 1)
        builder.require(Linear.of((1, shortfall[i]), (-_MOST_ELSEWHERE, short)), upper=0)
        builder.require(Linear.of((1, above[i]), (10_000, short)), upper=10_000)
        change = Linear.of(
            (1, above[i]), (-1, shortfall[i]), (1, Linear({}, goal[i] - m.assigned_before))
        )
        for difference in (change, Linear.of((1, kinship[i]), (-1, Linear({}, ties[m.code])))):
            size = builder.variable(0, 20_000)
            builder.require(Linear.of((1, difference), (-1, size)), upper=0)
            builder.require(Linear.of((1, difference), (1, size)), lower=0)
            moved.append((1, size))
    everyone = sum(m.assigned_before for m in municipalities)
    builder.require(
        Linear.of(*((1, a) for a in above), *((-1, s) for s in shortfall)),
        everyone - sum(goal),
        everyone - sum(goal),
    )
    _require_published(builder, predicted, kinship, shortfall)
    answer = get_backend("highs").solve(builder.program(Linear.of(*moved)), Limits())
    if answer.values is None:
        raise InfeasibleError("no history gives the published figures of 2025")
    values = answer.values

    def at(expression: Linear) -> int:
        return int(expression.value(values))

    before = [goal[i] + at(above[i]) - at(shortfall[i]) for i in range(n)]
    return [at(k) for k in kinship], [at(s) for s in shortfall], before


def _require_published(
    builder: ProgramBuilder,
    predicted: Instance,
    kinship: list[Linear],
    shortfall: list[Linear],
) -> None:
    """Require every published figure of the year, by bearer."""
    municipalities = predicted.municipalities
    ledger = holdings(predicted, predicted.transfers)
    givers = [i for i in range(len(municipalities)) if ledger.given[i]]
    equalising = []
    for j in range(len(municipalities)):
        own = [] if j in givers else [(1, shortfall[j])]
        equalising.append(Linear.of(*own, *((1, shortfall[i]) for i, _ in ledger.received[j])))
    borne = [Linear.of((1, k), (1, e)) for k, e in zip(kinship, equalising, strict=True)]
    reached: dict[str, list[Linear]] = {"more_than_0": [], "more_than_3": []}
    for children, most in zip(borne, most_2025(municipalities).values(), strict=True):
        builder.require(children, upper=most)
        for threshold, found in zip((1, 4), reached.values(), strict=True):
            at_least = builder.variable(0, 1)
            builder.require(Linear.of((1, children), (-threshold, at_least)), lower=0)
            builder.require(
                Linear.of((1, children), (threshold - 1 - most, at_least)), upper=threshold - 1
            )
            found.append(at_least)
    by_place = {"kinship": kinship, "equalising": equalising, "total": borne}
    for figure in published_figures(2025):
        if figure.what in by_place:
            parts = [
                part
                for m, part in zip(municipalities, by_place[figure.what], strict=True)
                if figure.place in ("", m.name, m.county)
            ]
        elif figure.what == "on_transferred_share":
            parts = [shortfall[i] for i in givers]
        elif figure.what in reached:
            parts = reached[figure.what]
        else:  # nobody else above ten stands above; several years are not one
            continue
        builder.require(Linear.of(*((1, p) for p in parts)), figure.value, figure.value)
