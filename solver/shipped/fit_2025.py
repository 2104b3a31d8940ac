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
from fordela.models.errors import InfeasibleError
from fordela.models.holdings import holdings
from fordela.models.instance import Instance
from fordela.models.program import Linear, ProgramBuilder
from fordela.solver.backends import Limits, get_backend
from fordela.solver.shipped.years import (
    KINSHIP_CHILDREN_2025,
    KINSHIP_HALMSTAD,
    KINSHIP_STOCKHOLM_COUNTY,
    MOST_2025,
    MOST_ELSEWHERE,
    credited_after,
)

_UNTIED = 123
_ON_TRANSFERRED = 7
_WITH_CHILDREN = 153
_WITH_MORE_THAN_THREE = 35
_STOCKHOLM_EQUALISING = 6
_KALMAR = 7


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
    kinship = [builder.variable(0, _most(m.name)) for m in municipalities]
    shortfall = [builder.variable(0, MOST_ELSEWHERE) for _ in municipalities]
    above = [builder.variable(0, 10_000) for _ in municipalities]  # P_i beyond ⌈w a⌉
    moved = []
    for i, m in enumerate(municipalities):
        has_ties = builder.variable(0, 1)
        builder.require(Linear.of((1, kinship[i]), (-_most(m.name), has_ties)), upper=0)
        builder.require(Linear.of((1, shortfall[i]), (MOST_ELSEWHERE, has_ties)), upper=MOST_ELSEWHERE)
        short = builder.variable(0, 1)
        builder.require(Linear.of((1, shortfall[i]), (-MOST_ELSEWHERE, short)), upper=0)
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


def _most(name: str) -> int:
    return MOST_2025.get(name, MOST_ELSEWHERE)


def _require_published(
    builder: ProgramBuilder,
    predicted: Instance,
    kinship: list[Linear],
    shortfall: list[Linear],
) -> None:
    municipalities = predicted.municipalities
    index = {m.name: i for i, m in enumerate(municipalities)}
    stockholm = [i for i, m in enumerate(municipalities) if m.county_code == "01"]
    ledger = holdings(predicted, predicted.transfers)
    givers = [i for i in range(len(municipalities)) if ledger.given[i]]

    def total(parts: list[Linear], value: int) -> None:
        builder.require(Linear.of(*((1, p) for p in parts)), value, value)

    borne = []
    for j in range(len(municipalities)):
        own = [] if j in givers else [(1, shortfall[j])]
        received = [(1, shortfall[i]) for i, _ in ledger.received[j]]
        borne.append(Linear.of((1, kinship[j]), *own, *received))
    total(kinship, KINSHIP_CHILDREN_2025)
    total(shortfall, _UNTIED)
    total([shortfall[i] for i in givers], _ON_TRANSFERRED)
    total([kinship[i] for i in stockholm], KINSHIP_STOCKHOLM_COUNTY)
    total([shortfall[i] for i in stockholm], _STOCKHOLM_EQUALISING)
    for name, number in (*MOST_2025.items(), ("Kalmar", _KALMAR), ("Halmstad", KINSHIP_HALMSTAD)):
        total([borne[index[name]]], number)
    total([kinship[index["Kalmar"]]], 0)
    total([kinship[index["Halmstad"]]], KINSHIP_HALMSTAD)
    some: list[Linear] = []
    many: list[Linear] = []
    for m, children in zip(municipalities, borne, strict=True):
        most = _most(m.name)
        builder.require(children, upper=most)
        for threshold, found in ((1, some), (4, many)):
            reached = builder.variable(0, 1)
            builder.require(Linear.of((1, children), (-threshold, reached)), lower=0)
            builder.require(
                Linear.of((1, children), (threshold - 1 - most, reached)), upper=threshold - 1
            )
            found.append(reached)
    total(some, _WITH_CHILDREN)
    total(many, _WITH_MORE_THAN_THREE)
