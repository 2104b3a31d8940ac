"""The rule once more, as plainly as its definition reads: a third implementation for tests.

Every municipality's fulfilment is written out as a fraction at every case; nothing is shared with the
engine or with the checker's replay but the reading of transfers.
"""

from __future__ import annotations

from fractions import Fraction

from fordela.models.instance import Instance, Transfer
from fordela.models.policy import Policy


def effective_share_year(
    instance: Instance, policy: Policy, transfers: tuple[Transfer, ...]
) -> tuple[dict[str, tuple[str, str]], int]:
    """Kind and municipality of every case under ``effective-share``, and the tied decisions.

    Lowest fulfilment with any signpost, valve, capacities and order between equals but lots; model,
    section 2: ``(P_j + n_j) U / (a_j P + ã_j N_t)``.
    """
    codes = [m.code for m in instance.municipalities]
    own = {m.code: m.share for m in instance.municipalities}
    this_year = dict(own)
    for t in transfers:
        this_year[t.giver] -= t.share
        this_year[t.receiver] += t.share
    column = {"history": "assigned_before", "stock": "stock", "year": ""}[policy.counting.basis]
    before = {m.code: getattr(m, column) if column else 0 for m in instance.municipalities}
    total_before, units = sum(before.values()), sum(own.values())
    now = dict.fromkeys(codes, 0)
    outcome, tied, children = {}, 0, 0
    for case in instance.cases:
        children += case.size  # N_t, this case included
        part = {"before": Fraction(0), "midpoint": Fraction(1, 2), "after": Fraction(1)}
        own_case = part[policy.assignment.signpost] * case.size
        always = policy.assignment.kinship == "always"
        if case.tie is not None and (always or before[case.tie] + now[case.tie] + case.size <= -(
            -Fraction(own[case.tie] * (total_before + children), units) // 1
        )):  # fmt: skip
            outcome[case.case] = ("kinship", case.tie)
            now[case.tie] += case.size
            continue
        valve = policy.assignment.valve
        closed = valve is not None and children > valve * (instance.forecast or 0)
        deciding = own if closed else this_year
        fulfilment = {}
        for code in codes:
            if deciding[code] == 0:
                continue
            asked = own[code] * total_before + deciding[code] * children
            fulfilment[code] = (before[code] + now[code] + own_case) * units / Fraction(asked)
        room = {
            m.code
            for m in instance.municipalities
            if m.capacity is None or now[m.code] + case.size <= m.capacity
        }
        candidates = {c: f for c, f in fulfilment.items() if c in room} or fulfilment
        lowest = min(candidates.values())
        equals = [c for c, f in candidates.items() if f == lowest]
        tied += len(equals) > 1
        largest = policy.assignment.tie == "largest-share"
        chosen = min(equals, key=lambda c: (-own[c] if largest else 0, c))
        outcome[case.case] = ("valve" if closed else "equalising", chosen)
        now[chosen] += case.size
    return outcome, tied
