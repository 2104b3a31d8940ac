"""Redistribution from first principles: what transfers a policy allows, and what they are worth.

Deliberately plain: it reads the wishes, shares and coordinates itself, recomputes entitlements its
own way, and knows neither the statement of the problem nor the program that decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

from fordela.models.check.values import Value, far_apart
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import Policy

Trades = Sequence[Transfer]


def forbidden(instance: Instance, policy: Policy, transfers: Trades) -> Iterator[str]:
    """Everything about transfers that the policy does not allow, beyond what never is ([O] 2.3.2)."""
    rules = policy.redistribution
    county = {m.code: m.county_code for m in instance.municipalities}
    share = {m.code: m.share for m in instance.municipalities}
    less, more = instance.wanted.less, instance.wanted.more
    out: Counter[str] = Counter()
    into: Counter[str] = Counter()
    partners: Counter[str] = Counter()
    for t in transfers:
        out[t.giver] += t.share
        into[t.receiver] += t.share
        partners[t.giver] += 1
        arrow = f"{t.giver}→{t.receiver}"
        if rules.scope == "county" and county[t.giver] != county[t.receiver]:
            yield f"{arrow} crosses a county border"
        if rules.scope == "listed" and (t.giver, t.receiver) not in instance.pairs:
            yield f"{arrow} is not a listed pair"
        if rules.whole_shares and t.share % 100:
            yield f"{arrow} is not in whole per mille"
        for wish, partner in ((less.get(t.giver), t.receiver), (more.get(t.receiver), t.giver)):
            if wish is None or not wish.partners:
                continue
            named = [(s, least) for code, s, least in wish.partners if code == partner]
            if not named:
                yield f"{arrow}: the wish is for other partners"
            elif not named[0][1] <= t.share <= named[0][0]:
                yield f"{arrow} is outside what the partners agreed on"
    for giver, units in sorted(out.items()):
        wish = less.get(giver)
        if wish is None or units > wish.share:
            yield f"{giver} hands away more than it wishes"
        elif units < wish.least:
            yield f"{giver} hands away less than is of use to it"
        if share[giver] - units < rules.least_kept:
            yield f"{giver} keeps less than the least share"
        if rules.one_receiver and partners[giver] > 1:
            yield f"{giver} has more than one receiver"
    for receiver, units in sorted(into.items()):
        wish = more.get(receiver)
        if wish is None or units > wish.share:
            yield f"{receiver} takes over more than it wishes"
        elif units < max(wish.least, rules.least_received):
            yield f"{receiver} takes over less than is of use to it"
    if rules.most_givers_per_county is not None:
        for code, number in sorted(Counter(county[g] for g in out).items()):
            if number > rules.most_givers_per_county:
                yield f"county {code} has {number} givers"


def worth(level: str, instance: Instance, policy: Policy, transfers: Trades) -> Value:
    """Evaluate a level of section 6."""
    county = {m.code: m.county_code for m in instance.municipalities}
    if level == "granted":
        return Fraction(-sum(t.share for t in transfers))
    if level == "within-county":
        return Fraction(sum(t.share for t in transfers if county[t.giver] != county[t.receiver]))
    if level == "distance":
        place = instance.by_code
        return Fraction(sum(t.share * far_apart(place[t.giver], place[t.receiver]) for t in transfers))
    if level == "partners":
        return Fraction(len(transfers))
    if level == "continuity":
        now = {(t.giver, t.receiver) for t in transfers}
        former = {(t.giver, t.receiver) for t in instance.transfers_last_year}
        return Fraction(len(former - now))
    givers = level.endswith("givers")
    wishes = instance.wanted.less if givers else instance.wanted.more
    traded: Counter[str] = Counter()
    for t in transfers:
        traded[t.giver if givers else t.receiver] += t.share
    due = entitlements(instance, policy, givers=givers)
    gaps = {code: traded[code] - due[code] for code in wishes}
    if level.startswith("equal"):
        return sum((gap**2 / wishes[code].share for code, gap in gaps.items()), Fraction(0))
    return tuple(sorted((abs(gap) / wishes[code].share for code, gap in gaps.items()), reverse=True))


def entitlements(instance: Instance, policy: Policy, *, givers: bool) -> dict[str, Fraction]:
    """Units that every giver or receiver is entitled to."""
    rules = policy.redistribution
    county = {m.code: m.county_code if rules.scope == "county" else "" for m in instance.municipalities}
    wanted = instance.wanted
    mine, theirs = (wanted.less, wanted.more) if givers else (wanted.more, wanted.less)
    pools: dict[str, dict[str, int]] = defaultdict(dict)
    for code, wish in mine.items():
        pools[county[code]][code] = wish.share
    due: dict[str, Fraction] = {}
    for pool, claims in pools.items():
        counterpart = sum(w.share for code, w in theirs.items() if county[code] == pool)
        amount = Fraction(min(sum(claims.values()), counterpart))
        due.update(_divide(rules.entitlement, claims, amount))
    return due


def _divide(rule: str, claims: dict[str, int], amount: Fraction) -> dict[str, Fraction]:
    total = sum(claims.values())
    if rule == "proportional":
        return {code: claim * amount / total for code, claim in claims.items()}
    whole = {code: Fraction(claim) for code, claim in claims.items()}
    half = {code: claim / 2 for code, claim in whole.items()}
    if rule == "constrained-equal-awards":
        return _pour(whole, amount)
    if rule == "constrained-equal-losses":
        lost = _pour(whole, total - amount)
        return {code: whole[code] - lost[code] for code in whole}
    if 2 * amount <= total:
        return _pour(half, amount)
    lost = _pour(half, total - amount)
    return {code: whole[code] - lost[code] for code in whole}


def _pour(vessels: dict[str, Fraction], amount: Fraction) -> dict[str, Fraction]:
    """Fill vessels to one level; those that overflow are full."""
    filled = dict.fromkeys(vessels, Fraction(0))
    open_ones, left = set(vessels), amount
    while open_ones:
        level = left / len(open_ones)
        full = {code for code in open_ones if vessels[code] <= level}
        if not full:
            filled.update(dict.fromkeys(open_ones, level))
            break
        for code in full:
            filled[code] = vessels[code]
            left -= vessels[code]
        open_ones -= full
    return filled
