"""Definitions that check shares with what it judges, against second ones from the specification.

``models.tables`` makes the claims of a result in memory, as files are its claims, and decides nothing.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from random import Random

from fordela.models.instance import Child, Instance, Municipality
from fordela.models.policy import (
    IN_FORCE,
    JOINT_LEVELS,
    LEVELS,
    LEXIMIN_NORMS,
    NORMS,
    PLACEMENT_LEVELS,
    REDISTRIBUTION_LEVELS,
    credits_by_child,
)
from fordela.models.wishes import Availability, Wish, standing_wishes

from tests.strategies import scaled

CODES = ("0001", "0002", "0003")
FIRST = date(2025, 8, 1)
#: By direction and municipality: units by partner (None is any), and the least by partner.
Standing = dict[tuple[str, str], dict[str | None, tuple[int, int]]]


def second_standing(log: tuple[Wish, ...]) -> tuple[Standing, set[str]]:
    """What stands: each row that no later row of the same voice replaces, whatever their order.

    Later is by date, and none is before all. A row without a partner replaces all, one with a partner
    what was said without one or to the same. What is taken back says nothing; 0 is the answer to keep.
    """
    standing: Standing = {}
    answered = set()
    for row in set(log):
        later = [
            other
            for other in log
            if (other.municipality, other.direction) == (row.municipality, row.direction)
            and (other.date or date.min) > (row.date or date.min)
        ]
        replaced = any(None in (row.partner, q.partner) or row.partner == q.partner for q in later)
        if replaced or row.status == "withdrawn":
            continue
        answered.add(row.municipality)
        if row.share:
            voice = standing.setdefault((row.direction, row.municipality), {})
            voice[row.partner] = row.share, row.least
    return standing, answered - {code for _, code in standing}


def random_log(rng: Random) -> tuple[Wish, ...]:
    """Rows of a dialogue of which none contradicts another of its day."""
    rows: list[Wish] = []
    for _ in range(rng.randint(1, 14)):
        code = rng.choice(CODES)
        row = Wish(
            code, rng.choice(("more", "less")), rng.choice((0, 100, 250, 600)), rng.choice((0, 50)),
            rng.choice((None, *(c for c in CODES if c != code))),
            rng.choice(("proposed", "agreed", "withdrawn")),
            rng.choice((None, *(FIRST + timedelta(days=k) for k in range(5)))),
        )  # fmt: skip
        same_day = [
            r
            for r in rows
            if (r.municipality, r.direction, r.date) == (row.municipality, row.direction, row.date)
        ]
        if all(r.partner and row.partner and r.partner != row.partner for r in same_day):
            rows.append(row)
    rows += rng.sample(rows, rng.randint(0, 1))  # the same may be said twice
    rng.shuffle(rows)
    return tuple(rows)


def towns(rng: Random) -> tuple[Municipality, ...]:
    """Three municipalities with wishes and willing places in their columns."""
    return tuple(
        Municipality(
            code, code, "01", "C", 33_333 + (code == "0003"),
            wants_more=rng.choice((None, 0, 300)) if more else None,
            wants_less=None if more else rng.choice((None, 0, 200)), willing=rng.randint(0, 3),
        )
        for code in CODES
        for more in (rng.random() < 0.5,)
    )  # fmt: skip


def test_wishes_as_they_stand() -> None:
    seen = set()
    for number in range(scaled(1500)):
        rng = Random(number)
        log = random_log(rng)
        wanted = standing_wishes(towns(rng), log)
        standing, kept = second_standing(log)
        found: Standing = {}
        for direction, wishes in (("more", wanted.more), ("less", wanted.less)):
            for code, w in wishes.items():
                by_partner: dict[str | None, tuple[int, int]]
                by_partner = {p: (units, least) for p, units, least in w.partners}
                found[direction, code] = by_partner or {None: (w.share, w.least)}
                assert w.share == sum(units for units, _ in found[direction, code].values())
                for other in CODES:
                    alone = by_partner.get(other)
                    assert w.with_partner(other) == (alone if by_partner else (w.share, 0))
        assert found == standing, number
        assert set(wanted.kept) == kept, number
        seen |= {"any" if None in voice else "partners" for voice in standing.values()}
        seen |= {"kept"} if kept else set()
    assert seen == {"any", "partners", "kept"}


def test_wishes_of_the_columns_where_there_is_no_log() -> None:
    """A number above 0 is a wish, 0 an answer, nothing no answer."""
    for number in range(60):
        places = towns(Random(number))
        wanted = standing_wishes(places, ())
        for m in places:
            said = [x for x in (m.wants_more, m.wants_less) if x is not None]
            assert (m.code in wanted.kept) == (said == [0])
            for wish, standing in ((m.wants_more, wanted.more), (m.wants_less, wanted.less)):
                assert (m.code in standing) == bool(wish)
                assert not wish or standing[m.code].share == wish


def test_willing_places_by_day_sex_and_age() -> None:
    """Each place of each row counted, and every child of a case held against every row's permit."""
    for number in range(scaled(900)):
        rng = Random(number)
        rows = tuple(
            Availability(
                rng.choice(CODES), rng.choice((None, FIRST)), rng.choice((None, FIRST + timedelta(4))),
                rng.randint(1, 4), rng.choice(((), ("f",), ("m",), ("f", "m"))),
                rng.choice((None, 5)), rng.choice((None, 5, 15)),
            )
            for _ in range(rng.randint(0, 4))
        )  # fmt: skip
        children = tuple(
            Child(
                f"{k}", "case", FIRST + timedelta(days=rng.randint(-1, 5)), None,
                age=rng.choice((None, 4, 5, 15, 16)), sex=rng.choice((None, "f", "m")),
            )
            for k in range(rng.randint(1, 2))
        )  # fmt: skip
        children = tuple(sorted(children, key=lambda c: c.arrival))
        year = Instance("w", 2025, towns(rng), children, availability=rows)
        places = [code for row in rows for code in [row.municipality] * row.places]
        if not rows:
            places = [code for m in year.municipalities for code in [m.code] * m.willing]
        assert year.willing_places == tuple(map(places.count, CODES))
        (case,) = year.cases
        for row in rows:
            days = {FIRST + timedelta(days=k) for k in range(-1, 6)}
            days -= {d for d in days if row.first is not None and d < row.first}
            days -= {d for d in days if row.last is not None and d > row.last}
            sexes = {"f", "m", None} if not row.sexes else set(row.sexes)
            ages = {x for x in range(18) if (row.min_age or 0) <= x <= (row.max_age or 17)}
            ages |= {None} if row.min_age is None and row.max_age is None else set()  # type: ignore[arg-type]
            fits = all(c.sex in sexes and c.age in ages for c in children)
            assert row.takes(case) == (fits and children[0].arrival in days), number


def test_whose_siblings_are_credited_apart() -> None:
    """Under effective shares, and where an optimum may split them: else a case has one owner."""
    for mechanism, rule, split in product(
        ("owner-bearer", "effective-share"), ("lowest-fulfilment", "optimal"), (False, True)
    ):
        levels = ("siblings-split",) * split + ("deviation:chi2",)
        policy = IN_FORCE.with_changes(mechanism=mechanism, rule=rule, levels=levels)
        apart = (mechanism, rule, split) == ("owner-bearer", "optimal", True)
        assert credits_by_child(policy) == (apart or mechanism == "effective-share")


def test_levels_are_those_of_the_specification() -> None:
    """Copied from sections 4 to 6 and 8."""
    assert NORMS == ("l1", "l2", "linf", "chi2", "min-fulfilment", "max-fulfilment")
    assert LEXIMIN_NORMS == ("min-fulfilment", "max-fulfilment")
    assert set(LEVELS) == {
        "unplaced", "kinship-broken", "siblings-split", "over-capacity", "deviation:l1",
        "deviation:l2", "deviation:linf", "deviation:chi2", "deviation:min-fulfilment",
        "deviation:max-fulfilment", "bearer-balance", "willing", "distance", "moves",
    }  # fmt: skip
    assert set(REDISTRIBUTION_LEVELS) == {
        "granted", "equal-givers", "equal-receivers", "leximin-givers", "leximin-receivers",
        "within-county", "distance", "partners", "continuity",
    }  # fmt: skip
    assert PLACEMENT_LEVELS == (
        "unplaced", "outside-own-municipality", "unmet-needs", "unsuitable-form", "distance",
    )  # fmt: skip
    # A joint placement has homes beside these, so distance and unplaced are those of homes (ADR 8).
    others = {"unplaced", "kinship-broken", "siblings-split", "distance", "moves"}
    assert set(JOINT_LEVELS) == set(LEVELS) - others
