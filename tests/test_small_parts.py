"""Small parts of the models against values by hand and their definitions."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest
from fordela.models.allocation import Assignment, count, over_capacity, willing_met
from fordela.models.check.indicators import counted_indicators
from fordela.models.check.values import far_apart
from fordela.models.errors import InputError
from fordela.models.extensions import NORMS, fingerprint
from fordela.models.geo import kilometres, known_kilometres
from fordela.models.holdings import Holdings, holdings, imbalance, largest_remainder, unwind
from fordela.models.home_problems import permit_problems
from fordela.models.homes import Agreement, Home
from fordela.models.indicators import child_indicators, indicator_cells
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.levels import Outcome, level_value
from fordela.models.norms import fulfilments
from fordela.models.placement.outcome import Placement
from fordela.models.placement.stays import BEYOND, is_open
from fordela.models.policy import IN_FORCE, Policy, Redistribution
from fordela.models.redistribution.entitlement import RULES
from fordela.models.redistribution.problem import (
    RedistributionProblem,
    components,
    redistribution_problem,
)
from fordela.models.units import exact_sum, round_half_up, units_from_per_mille
from fordela.models.validation import instance_warnings, near_codes
from fordela.models.wishes import Availability
from hypothesis import given, settings

from tests.strategies import markets, scaled, trading_policies

HALF = Fraction(1, 2)


def town(code: str, share: int = 0, **fields: object) -> Municipality:
    county = code[:2]
    return Municipality(code, f"M{code}", county, f"C{county}", share, **fields)  # type: ignore[arg-type]


def year(*towns: Municipality, **fields: object) -> Instance:
    return Instance("small", 2025, towns, **fields)  # type: ignore[arg-type]


# --- the ledger -------------------------------------------------------------------------------------


def test_who_holds_what_and_who_may_bear() -> None:
    """0101 keeps 1 of 50, 0102 hands away all of its 30, 0103 has none and receives from both."""
    towns = (town("0101", 50), town("0102", 30), town("0103"), town("0104", 99_920))
    moved = (Transfer("0102", "0103", 30), Transfer("0101", "0103", 40), Transfer("0101", "0102", 9))
    ledger = holdings(year(*towns), moved)
    assert ledger.kept == (1, 0, 0, 99_920)
    assert ledger.received == ((), ((0, 9),), ((0, 40), (1, 30)), ())
    assert ledger.effective == (1, 9, 70, 99_920)
    assert ledger.bearers(0) == (0, 1, 2)  # one unit is enough to bear
    assert ledger.bearers(1) == (2,)  # it kept nothing
    assert ledger.bearers(2) == ()


def test_how_far_bearers_are_from_what_they_hold_by_hand() -> None:
    """Of four children of 0101, who kept 1/4, one is due there and three at 0102; it bears 2 and 4."""
    ledger = Holdings((40, 10, 0), (10, 10, 0), ((), ((0, 30),), ()), (((1, 30),), (), ()))
    assert imbalance(ledger, (4, 1, 0), (1, 4, 0)) == 0
    assert imbalance(ledger, (4, 1, 0), (2, 3, 0)) == 1 + 1
    assert imbalance(ledger, (2, 0, 0), (0, 2, 1)) == HALF + HALF + 1  # without a share nothing is due


def test_children_are_credited_in_proportion_to_what_is_held() -> None:
    assert largest_remainder([10, 20, 30], 4) == [1, 1, 2]  # 2/3, 4/3 and 2
    assert largest_remainder([1, 1], 1) == [1, 0]  # equal fractions: the earlier
    assert largest_remainder([1, 1, 1], 2) == [1, 1, 0]
    assert largest_remainder([0, 0], 3) == [0, 0]
    assert largest_remainder([1, 0], 3) == [3, 0]
    ledger = Holdings((40, 10), (10, 10), ((), ((0, 30),)), (((1, 30),), ()))
    assert unwind(ledger, 1, 4) == {1: 1, 0: 3}
    assert unwind(replace(ledger, kept=(10, 0)), 1, 4) == {0: 4}
    assert unwind(replace(ledger, kept=(10, 1)), 1, 31) == {1: 1, 0: 30}


def test_counts_by_hand() -> None:
    towns = (town("0101", 60_000, capacity=1, assigned_before=2), town("0102", 40_000))
    tied = [None, None, "0101", "0101", None]
    children = tuple(Child(str(k), str(k), date(2025, 1, 1), t) for k, t in enumerate(tied))
    given_year = year(*towns, children=children)
    rows = [
        Assignment("0", "0", "0102", "0101", "equalising", 1),
        Assignment("1", "1", "0101", "0101", "equalising", 2),
        Assignment("2", "2", "0101", "0101", "kinship", 3),
        Assignment("3", "3", "0102", "0102", "equalising", 4),
        Assignment("4", "4", None, None, "unplaced", 5),
    ]
    counts = count(given_year, IN_FORCE, rows)
    assert counts.total == (2, 2)
    assert counts.kinship == (1, 0)
    assert counts.untied == (1, 2)
    assert counts.on_transferred_share == (0, 1)
    assert counts.owned == (3, 1)
    assert counts.credited == (5, 1)
    assert counts.tie_not_followed == (1, 0)
    # One of kinship fills the only place of 0101; the untied child is over it. 0102 has no limit.
    assert over_capacity(given_year, counts.kinship, counts.untied) == 1
    assert over_capacity(given_year, (0, 0), (1, 9)) == 0
    assert over_capacity(given_year, (5, 0), (2, 0)) == 2
    made = Outcome.of(given_year, IN_FORCE, (Transfer("0101", "0102", 30_000),), tuple(rows), {})
    # 0101 kept half: of its two equalising children one is due there, and one of three at 0102.
    assert level_value("bearer-balance", made) == 0
    assert level_value("unplaced", made) == 1
    assert level_value("kinship-broken", made) == 1
    asked = year(town("0101", 50_000, willing=2), town("0102", 50_000))
    assert willing_met(asked, (3, 3)) == 2
    assert willing_met(asked, (1, 3)) == 1


def test_who_stays_travels_nowhere() -> None:
    """Only who is borne elsewhere needs coordinates: 1° of latitude is 111 km."""
    near = {"latitude": Decimal(60), "longitude": Decimal(15)}
    towns = (
        town("0101", 50_000, **near), town("0102", 40_000, **near | {"latitude": Decimal(61)}),
        town("0103", 10_000),
    )  # fmt: skip
    children = tuple(Child(str(k), str(k), date(2025, 1, 1)) for k in range(4))
    rows = [
        Assignment("0", "0", "0102", "0101", "equalising", 1),
        Assignment("1", "1", "0102", "0101", "equalising", 2),
        Assignment("2", "2", "0103", "0103", "equalising", 3),
        Assignment("3", "3", None, None, "unplaced", 4),
    ]
    made = Outcome.of(year(*towns, children=children), IN_FORCE, (), tuple(rows), {})
    assert level_value("distance", made) == 222


def test_indicators_by_hand() -> None:
    """In both definitions; a and b are siblings, and so are d and e, of whom e has no municipality."""
    towns = (town("0101", 60_000, willing=1), town("0102", 40_000))
    rows = [
        ("a", "1", 1, "f", 12, "0101"),
        ("b", "1", 1, "m", 14, "0101"),
        ("c", "2", 9, "m", 16, "0101"),
        ("d", "3", 9, "f", None, "0102"),
        ("e", "3", 9, "m", 13, None),
    ]
    children = tuple(
        Child(child, case, date(2025, 1, day), age=age, sex=sex)
        for child, case, day, sex, age, _ in rows
    )
    decided = [
        Assignment(child, case, code, code, "equalising" if code else "unplaced", int(case))
        for child, case, _, _, _, code in rows
    ]
    small = year(*towns, children=children)
    expected = {  # all, girls, under 13
        "siblings-together": [(2, 4), (1, 2), (1, 1)],
        "asked-for-more": [(3, 5), (1, 2), (1, 1)],
        "recent": [(1, 5), (0, 2), (0, 1)],  # c after a and b
        "peer": [(2, 5), (0, 2), (0, 1)],  # b and c are two years apart, a and c four
    }
    found = child_indicators(small, decided)
    assert {k: [(p.count, p.of) for p in v.values()] for k, v in found.items()} == expected
    assert {k: list(v.values()) for k, v in counted_indicators(small, decided).items()} == expected
    cells = indicator_cells(found)
    assert len(cells) == 24
    assert (cells["siblings_together"], cells["siblings_together_of"]) == (2, 4)
    assert (cells["asked_for_more_under_13"], cells["recent_girls_of"]) == (1, 2)
    homes = (
        Home("h", "0101", "family-home", 2),
        Home("i", "0102", "family-home", 2, languages=("so",)),
    )
    speaking = tuple(replace(c, language="so") if c.child in "ab" else c for c in children)
    where = {"a": "h", "b": "i", "c": "h", "d": None, "e": None}
    placed = [Placement(r[0], r[1], r[5], where[r[0]]) for r in rows]
    made = child_indicators(year(*towns, children=speaking, homes=homes), decided, placed)
    assert [(p.count, p.of) for p in made["own-municipality"].values()] == [(2, 5), (1, 2), (1, 1)]
    assert [(p.count, p.of) for p in made["needs-met"].values()] == [(2, 5), (0, 2), (0, 1)]
    assert [(p.count, p.of) for p in made["siblings-together"].values()] == [(0, 4), (0, 2), (0, 1)]


def test_rounding_explains_half_a_unit_for_each_municipality() -> None:
    """Five shares in whole ‰ can be 2.5 ‰ off; with one decimal it is a quarter of one."""
    for shares, right in (
        ((400, 300, 200, 100, 2), True),
        ((400, 300, 200, 100, 3), False),
        ((400, 300, 200, 96, 2), True),
        ((400, 300, 200, 95, 2), False),
        (("400.1", "300", "200", "99", "1.1"), True),
        (("400.1", "300", "200", "99", "1.2"), False),
        (("400.01", "300", "200", "99", "1.01"), True),
        (("400.01", "300", "200", "99", "1.02"), False),
    ):
        towns = [town(f"010{k}", int(Decimal(str(share)) * 100)) for k, share in enumerate(shares)]
        if right:
            year(*towns)
            continue
        with pytest.raises(InputError, match="the shares sum to"):
            year(*towns)


def test_whatever_differs_has_another_hash() -> None:
    """One field at a time, blank and 0 and two values of it: nothing is lost from what is hashed."""
    place, child = town("0101", 60_000), Child("a", "a", date(2025, 1, 1))
    other = town("0102", 40_000)
    open_place, home = Availability("0101", None, None, 1), Home("h", "0101", "family-home", 1)
    towns: list[dict[str, object]] = [
        {"population": 1}, {"assigned_before": 1}, {"capacity": 0}, {"capacity": 1}, {"wants_more": 1},
        {"wants_more": 0}, {"wants_less": 0}, {"wants_less": 1}, {"willing": 1},
        {"kin_weight": Fraction(0)}, {"kin_weight": HALF}, {"latitude": Decimal(1)},
        {"longitude": Decimal(1)}, {"stock": 0}, {"stock": 1},
    ]  # fmt: skip
    cases: list[dict[str, object]] = [
        {"tie": "0101"}, {"age": 0}, {"age": 1}, {"sex": "f"}, {"language": "so"}, {"needs": ("x",)},
        {"stay": 1}, {"stay": 2}, {"agency": True}, {"agency": False}, {"arrival": date(2025, 1, 2)},
    ]  # fmt: skip
    permits: list[dict[str, object]] = [
        {}, {"first": date(2025, 1, 1)}, {"last": date(2025, 1, 1)}, {"places": 2}, {"sexes": ("f",)},
        {"min_age": 13}, {"max_age": 13}, {"max_age": 14},
    ]  # fmt: skip
    homes: list[dict[str, object]] = [
        {}, {"min_age": 1}, {"max_age": 1}, {"sexes": ("f",)}, {"languages": ("so",)},
        {"competences": ("x",)}, {"first": date(2025, 1, 1)}, {"last": date(2025, 1, 1)},
        {"group": "only"}, {"places": 2},
    ]  # fmt: skip
    plain = year(place, other, children=(child,))
    variants = [
        plain,
        *(year(replace(place, **f), other, children=(child,)) for f in towns),  # type: ignore[arg-type]
        *(year(place, other, children=(replace(child, **f),)) for f in cases),  # type: ignore[arg-type]
        *(plain.with_changes(availability=(replace(open_place, **f),)) for f in permits),  # type: ignore[arg-type]
        *(plain.with_changes(homes=(replace(home, **f),)) for f in homes),  # type: ignore[arg-type]
        plain.with_changes(homes=(home,), agreements=(Agreement("0101", "0102"),)),
        plain.with_changes(forecast=1),
        plain.with_changes(transfers_last_year=(Transfer("0101", "0102", 1),)),
        plain.with_changes(pairs=(("0101", "0102"),)),
    ]
    assert len({made.sha256 for made in variants}) == len(variants)
    rules = IN_FORCE.placement
    policies = [
        IN_FORCE,
        replace(IN_FORCE, placement=replace(rules, levels=rules.levels[1:])),
        replace(IN_FORCE, placement=replace(rules, levels=rules.levels[:1])),
        IN_FORCE.with_changes(kinship="within-share"),
        IN_FORCE.with_changes(name="other"),
        IN_FORCE.with_changes(valve=HALF),
    ]
    assert len({policy.sha256 for policy in policies}) == len(policies)


def test_a_home_is_open_from_its_first_day_to_its_last() -> None:
    """A stay ends on the day on which the place is free again."""
    home = Home("h", "0101", "family-home", 1, first=date(2025, 3, 2), last=date(2025, 3, 5))
    day = date(2025, 3, 1).toordinal() - 1  # day + 2 is the 2nd of March

    def fits(first: int, end: int) -> list[bool]:
        return [is_open(one, (day + first, day + end)) for one in (home, replace(home, first=None))]

    assert fits(2, 6) == [True, True]  # the 2nd to the 5th
    assert fits(1, 6) == [False, True]
    assert fits(2, 7) == [False, False]
    assert is_open(replace(home, last=None), (day + 2, BEYOND))


def test_ages_of_permits() -> None:
    """From 0 to 21, and the last not below the first; each fault is named in its column."""

    def faults(low: int | None, high: int | None, sexes: tuple[str, ...] = ()) -> list[str | None]:
        return [p.column for p in permit_problems("homes.csv", 2, low, high, sexes)]

    for low, high in ((None, None), (0, None), (21, None), (None, 0), (None, 21), (5, 5)):
        assert faults(low, high) == []
    assert faults(-1, None) == faults(22, None) == ["min_age"]
    assert faults(None, -1) == faults(6, 5) == faults(None, 22) == ["max_age"]
    assert faults(None, None, ("f", "m")) == faults(None, None, ("m",)) == []
    assert faults(None, None, ("f", "x")) == ["sexes"]


def test_which_code_was_probably_meant() -> None:
    assert "did a spreadsheet drop them from 0114" in near_codes("114", {"0114", "0115"})
    assert near_codes("115", {"0114"}) == ""  # no code is dropped that is not there
    assert near_codes("0116", {"0114"}) == "; the nearest is 0114"
    assert near_codes("zzzz", {"0114"}) == ""


@pytest.mark.parametrize(
    ("column", "value", "right"),
    [
        ("latitude", -90, True), ("latitude", 90, True), ("latitude", "90.01", False),
        ("latitude", "-90.01", False), ("longitude", 180, True), ("longitude", -180, True),
        ("longitude", "180.01", False), ("capacity", 0, True), ("capacity", -1, False),
        ("assigned_before", 0, True), ("assigned_before", -1, False),
    ],
)  # fmt: skip
def test_limits_belong_to_what_is_allowed(column: str, value: object, right: bool) -> None:
    given_value = Decimal(str(value)) if column in ("latitude", "longitude") else value
    made = town("0101", 100_000, **{column: given_value})
    if right:
        assert getattr(year(made).by_code["0101"], column) == given_value
        return
    with pytest.raises(InputError, match="must be") as raised:
        year(made)
    assert [problem.row for problem in raised.value.problems] == [2]  # the first after the headings


# --- numbers ----------------------------------------------------------------------------------------


def test_distances_on_the_sphere() -> None:
    """From pole to pole it is half a great circle, π · 6371 km; along the equator a quarter is half."""

    def at(latitude: int | None, longitude: int | None) -> Municipality:
        degrees = [None if x is None else Decimal(x) for x in (latitude, longitude)]
        return town("0101", latitude=degrees[0], longitude=degrees[1])

    for distance in (kilometres, far_apart):
        assert distance(at(90, 0), at(-90, 0)) == 20_015
        assert distance(at(0, 10), at(0, 100)) == 10_008
        assert distance(at(60, 0), at(60, 180)) == 6_672  # over the pole: 60° of 360°, 6671.7
        assert distance(at(60, 15), at(60, 15)) == 0
    assert known_kilometres(at(90, 0), at(-90, 0)) == 20_015
    for missing, column in ((at(None, 1), "lat"), (at(1, None), "lon"), (at(None, None), "lat")):
        assert known_kilometres(at(1, 1), missing) is None
        with pytest.raises(InputError) as raised:
            kilometres(at(1, 1), missing)
        assert [problem.column for problem in raised.value.problems] == [column]
        with pytest.raises(InputError, match="needs coordinates"):
            far_apart(at(1, 1), missing)


def test_shares_are_numbers_with_two_decimals() -> None:
    assert [units_from_per_mille(x) for x in ("0.01", "9.45", 1000, "-1")] == [1, 945, 100_000, -100]
    for wrong in ("Infinity", "-Infinity", "NaN", "10000000000", "-10000000000", "0.001"):
        with pytest.raises(ValueError, match=r"not a number|more than two"):
            units_from_per_mille(wrong)


def test_of_many_municipalities_five_are_named() -> None:
    for number in (5, 6, 8):
        small = [town(f"01{k:02d}", 99) for k in range(number)]
        rest = town("0199", 100_000 - 99 * number)
        (said,) = instance_warnings(year(*small, rest))
        tail = f" and {number - 5} more" if number > 5 else ""
        assert said.endswith(": " + ", ".join(f"010{k} M010{k}" for k in range(5)) + tail)


@pytest.mark.parametrize("column", ["forecast", "forecast_asylum"])
def test_nobody_can_be_expected_but_not_fewer(column: str) -> None:
    assert getattr(year(town("0101", 100_000), **{column: 0}), column) == 0
    with pytest.raises(InputError, match="must be 0 or more"):
        year(town("0101", 100_000), **{column: -1})


def test_the_fingerprint_of_a_rule_is_that_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    found = set()
    for name, text in (("norm_of_a", "X = 1"), ("norm_of_b", "X = 2"), ("norm_of_c", "X = 1")):
        (tmp_path / f"{name}.py").write_text(text)
        import_module(name)
        found.add(fingerprint(f"{name}:X", NORMS))
        monkeypatch.delitem(sys.modules, name)
    assert found == {sha256(text).hexdigest()[:16] for text in (b"X = 1", b"X = 2")}
    assert fingerprint("norm_of_d:X", NORMS) == sha256(b"norm_of_d:X").hexdigest()[:16]  # not loaded


def test_sums_and_halves() -> None:
    assert [round_half_up(Fraction(n, 4)) for n in range(7)] == [0, 0, 1, 1, 1, 1, 2]
    assert exact_sum([]) == 0
    assert exact_sum([HALF, Fraction(1, 3), Fraction(1, 6), HALF]) == Fraction(3, 2)
    assert fulfilments((1, 2), (Fraction(2), Fraction(0))) == [HALF, None]


# --- claims and markets -----------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
def test_who_claims_nothing_is_entitled_to_nothing(rule: str) -> None:
    assert list(RULES[rule]((0, 0), 0)) == [0, 0]
    assert tuple(RULES[rule]((), 0)) == ()
    assert list(RULES[rule]((0, 4), 4)) == [0, 4]
    assert list(RULES[rule]((4, 4), 2)) == [1, 1]


def trading(**keys: object) -> Policy:
    return Policy(name="p", redistribution=Redistribution(**{"scope": "national"} | keys))  # type: ignore[arg-type]


def small_market() -> Instance:
    """0101 and 0201 hand away, 0102 and 0202 take over; 0101 and 0102 traded last year."""
    return year(
        town("0101", 30_000, wants_less=250), town("0102", 30_000, wants_more=320),
        town("0201", 20_000, wants_less=100), town("0202", 20_000, wants_more=190),
        transfers_last_year=(Transfer("0101", "0102", 5), Transfer("0102", "0202", 5)),
    )  # fmt: skip


def test_the_pairs_of_a_market_by_hand() -> None:
    made = redistribution_problem(small_market(), trading(levels=("granted",)))
    assert [g.code for g in made.givers] == ["0101", "0201"]
    assert [r.code for r in made.receivers] == ["0102", "0202"]
    found = [(p.giver, p.receiver, p.least, p.most, p.crosses, p.last_year) for p in made.pairs]
    assert found == [
        (0, 0, 0, 250, False, True),
        (0, 1, 0, 190, True, False),
        (1, 0, 0, 100, True, False),
        (1, 1, 0, 100, False, False),
    ]
    assert [p.kilometres for p in made.pairs] == [0] * 4  # no level asks for it
    assert made.lapsed == 1  # 0102 hands away nothing this year
    assert (made.step, made.levels) == (1, ("granted",))
    assert made.out([1, 2, 3, 4]) == [3, 7]
    assert made.into([1, 2, 3, 4]) == [4, 6]
    whole = redistribution_problem(
        small_market(), trading(whole_shares=True, least_received=101, levels=("granted",))
    )
    assert [p.most for p in whole.pairs] == [200, 100, 100, 100]
    assert [(s.least, s.most) for s in whole.receivers] == [(200, 300), (200, 100)]
    assert [(s.least, s.most) for s in whole.givers] == [(0, 200), (0, 100)]
    kept = redistribution_problem(small_market(), trading(least_kept=29_850, levels=("granted",)))
    assert [(g.wish, g.most) for g in kept.givers] == [(250, 150), (100, 0)]
    assert len(kept.pairs) == 2


@settings(max_examples=scaled(150))
@given(markets(), trading_policies(("county", "national", "listed")))
def test_parts_of_a_market_do_not_touch(market: Instance, rules: Policy) -> None:
    """Every pair, giver and receiver is in one part; no smaller part would do."""
    whole = redistribution_problem(market, _without_distance(rules))
    parts = list(components(whole))
    numbers = [n for _, own in parts for n in own]
    assert sorted(numbers) == list(range(len(whole.pairs)))
    for role in ("givers", "receivers"):
        found = [s for part, _ in parts for s in getattr(part, role)]
        assert sorted(s.code for s in found) == sorted(s.code for s in getattr(whole, role))
    assert sum(part.lapsed for part, _ in parts) == (whole.lapsed if parts else 0)
    for part, own in parts:
        for pair, number in zip(part.pairs, own, strict=True):
            same = whole.pairs[number]
            assert part.givers[pair.giver] == whole.givers[same.giver]
            assert part.receivers[pair.receiver] == whole.receivers[same.receiver]
            assert replace(pair, giver=same.giver, receiver=same.receiver) == same
        if part.pairs:
            assert _connected(part)
    limited = whole.most_givers_per_county is not None
    if limited:  # whoever trades in a county is in one part
        trading_in = [{part.givers[p.giver].county for p in part.pairs} for part, _ in parts]
        assert sum(map(len, trading_in)) == len(set().union(*trading_in))


def _without_distance(rules: Policy) -> Policy:
    levels = tuple(x for x in rules.redistribution.levels if x != "distance") or ("granted",)
    return replace(rules, redistribution=replace(rules.redistribution, levels=levels))


def _connected(part: RedistributionProblem) -> bool:
    """Whether all who trade can be reached from the first, over pairs or a county with a limit."""
    links = [{f"<{p.giver}", f">{p.receiver}"} for p in part.pairs]
    if part.most_givers_per_county is not None:
        links += [
            {f"<{i}" for i, g in enumerate(part.givers) if g.county == county}
            for county in {g.county for g in part.givers}
        ]
    reached, before = set(links[0]), 0
    while len(reached) > before:
        before = len(reached)
        for link in links:
            if link & reached:
                reached |= link
    return all(link <= reached for link in links)
