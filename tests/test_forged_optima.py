"""Allocations that are called optimal and are not, and true optima, which are never refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import permutations, product
from pathlib import Path
from random import Random

import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.results import write_result
from fordela.models.allocation import Assignment, Kind
from fordela.models.check import LevelClaim, Solution, check, effects, every
from fordela.models.check.effects import Alike, Place, Towns
from fordela.models.check.every import every_allocation, permitted_pairs
from fordela.models.check.objective import counted_year
from fordela.models.check.rotations import Places, better_places
from fordela.models.check.values import Counted, Value, beats, level_names, level_value
from fordela.models.errors import InfeasibleError
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import IN_FORCE, LEVELS, Policy
from fordela.report.checking import check_result
from fordela.report.texts import Words
from fordela.solver.brute_force import stack_values
from fordela.solver.optimal import rule_bearers
from fordela.solver.solve import solve

from tests.hard_years import hard_stack, hard_year
from tests.strategies import scaled


def transfers_of(year: Instance, policy: Policy) -> tuple[Transfer, ...]:
    return year.transfers if policy.redistribution.scope == "decided" else ()


def dressed(year: Instance, policy: Policy, rows: tuple[Assignment, ...]) -> Solution:
    """Decisions as a folder would have them that calls them optimal on the engine's word."""
    transfers = transfers_of(year, policy)
    bare = Solution(policy, transfers, rows, status="optimal")
    levels = level_names(policy, transfers)
    counted = counted_year(year, bare, levels)
    values = [(level, level_value(level, counted)) for level in levels]
    claims = [LevelClaim(name, value, value, "optimal", 0.0, "engine") for name, value in values]
    return replace(bare, objective=tuple(claims))


def allocations(year: Instance, policy: Policy) -> tuple[Sequence[str], list[Counted]]:
    """Levels of the stack, and all allocations of a small year: none if there are too many."""
    transfers = transfers_of(year, policy)
    levels = level_names(policy, transfers)
    bare = Solution(policy, transfers, ())
    return levels, every_allocation(counted_year(year, bare, levels)) or []


def values_of(levels: Sequence[str], one: Counted) -> tuple[Value, ...]:
    return tuple(level_value(level, one) for level in levels)


def is_better(levels: Sequence[str], values: Sequence[Value], than: Sequence[Value]) -> bool:
    for level, one, other in zip(levels, values, than, strict=True):
        if one != other:
            return beats(level, one, other)
    return False


def refusals(year: Instance, made: Solution) -> list[str]:
    return [v.message for v in check(year, made) if v.rule == "optimal"]


def test_small_years_are_tried_in_full() -> None:
    """Every allocation that the checker tries, against the enumeration that judges the solvers."""
    tried = refused = 0
    for number in range(scaled(150)):
        year, policy = hard_year(number), hard_stack(number)
        levels, mine = allocations(year, policy)
        if not mine:
            continue
        values = stack_values(year, policy, transfers_of(year, policy), rule_bearers(year))
        assert {values_of(levels, one) for one in mine} == values, number
        best = solve(year, policy, workers=1, prices=False)
        assert check(year, best) == []
        forged = Random(number).choice(mine)
        found = refusals(year, dressed(year, policy, tuple(forged.assignments)))
        is_best = values_of(levels, forged) == tuple(o.value for o in best.objective)
        assert bool(found) != is_best, number
        tried, refused = tried + 1, refused + (not is_best)
    assert refused > tried / 3 > 10


def test_a_few_cases_that_change_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """No optimum is refused, most others are, and what is said to be better is so by definition."""
    tried = refused = 0
    for number in range(1000, 1000 + scaled(180)):
        year, policy = hard_year(number), hard_stack(number)
        levels, made = allocations(year, policy)
        if not made:
            continue
        best = made[0]
        for one in made:
            if is_better(levels, values_of(levels, one), values_of(levels, best)):
                best = one
        monkeypatch.setattr(every, "MOST", 0)
        for one in (best, *Random(number).sample(made, min(4, len(made)))):
            values = values_of(levels, one)
            found = refusals(year, dressed(year, policy, tuple(one.assignments)))
            if values == values_of(levels, best):
                assert not found, number
                continue
            tried, refused = tried + 1, refused + bool(found)
            for moved in better_places(one, levels):
                assert is_better(levels, values_of(levels, after(one, moved)), values), number
        monkeypatch.undo()
    assert refused > 0.8 * tried > 80


@pytest.mark.thorough
@pytest.mark.parametrize("backend", ["highs", "cp-sat", "cbc"])
def test_no_optimum_of_an_engine_is_refused(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(every, "MOST", 0)
    proofs: set[str | None] = set()
    for number in range(2000, 2200):
        year, policy = hard_year(number), hard_stack(number)
        try:
            made = solve(year, policy, backend=backend, workers=1, prices=False)
        except InfeasibleError:
            continue
        assert check(year, made) == [], number
        proofs |= {o.proof for o in made.objective}
    assert "engine" in proofs


def after(year: Counted, moved: Places) -> Counted:
    """The decisions after a change."""
    ties = {c.child: c.tie for c in year.instance.children}

    def row(a: Assignment) -> Assignment:
        if a.case not in moved:
            return a
        owner, bearer = moved[a.case] or (None, None)
        kind: Kind = "kinship" if bearer == ties[a.child] else "equalising"
        return replace(a, owner=owner, bearer=bearer, kind="unplaced" if bearer is None else kind)

    return replace(year, assignments=[row(a) for a in year.assignments])


Move = tuple[str, Alike, Place, Place]


def moves_of(year: Counted, towns: Towns) -> list[Move]:
    """Each case in every other place that section 5 permits: at its tie, or untied on a share."""
    codes = [m.code for m in year.instance.municipalities]
    free = [(codes.index(str(i)), codes.index(str(j))) for _, i, j in permitted_pairs(year)]
    found: list[Move] = []
    for (kind, old), cases in towns.spots.items():
        new: list[Place] = [pair for pair in free if pair[1] != kind.tie]
        new += [(kind.tie, kind.tie)] if kind.tie >= 0 else []
        new += [None] if "unplaced" in year.policy.optimal.levels else []
        found += [(case, kind, old, there) for case in cases for there in new if there != old]
    return found


def moved(year: Counted, chosen: Sequence[Move]) -> Counted:
    codes = [m.code for m in year.instance.municipalities]
    return after(year, {c: None if n is None else (codes[n[0]], codes[n[1]]) for c, _, _, n in chosen})


def compared(level: str, last: bool, before: Value, then: Value, part: effects.Effect) -> bool:
    """Whether a level's effect says what its values do; of the largest deviation, as far as it can."""
    if level == "deviation:linf":  # that it falls is told at the end of the stack only
        fell = effects.is_better(part) or not last
        return (
            fell if beats(level, then, before) else not beats(level, before, then) or any(part.values())
        )
    if isinstance(before, tuple):
        return (effects.is_better(part), any(part.values())) == (
            beats(level, then, before),
            then != before,
        )
    return sum(part.values()) == then - before  # type: ignore[operator]


def test_what_moved_cases_do_to_a_level_is_the_difference_of_its_values() -> None:
    """Of one to three cases at once; and a move that is better by definition is found."""
    seen: Counter[str] = Counter()
    for number in range(3000, 3000 + scaled(450)):
        year, policy = hard_year(number), hard_stack(number)
        if "distance" not in policy.optimal.levels:  # then nobody needs coordinates
            nowhere = [replace(m, latitude=None, longitude=None) for m in year.municipalities]
            year = replace(year, municipalities=tuple(nowhere))
        levels, made = allocations(year, policy)
        if not made:
            continue
        rng = Random(number)
        one = rng.choice(made)
        towns = Towns(one, levels)
        every_move = moves_of(one, towns)
        for size in (1, 2, 3):
            drawn = rng.sample(every_move, min(size, len(every_move)))
            chosen = list({move[0]: move for move in drawn}.values())
            other = moved(one, chosen)
            effect = towns.effect(
                [c for _, kind, old, new in chosen for c in ((kind, old, -1), (kind, new, 1))]
            )
            for k, level in enumerate(towns.levels):
                before, then = level_value(level, one), level_value(level, other)
                part = {key: amount for key, amount in effect.items() if key[0] == k}
                assert compared(level, k + 1 == len(towns.levels), before, then, part), (number, level)
                seen[level] += then != before
        if "deviation:linf" not in levels:
            hard = policy.assignment.capacity == "hard"
            values = values_of(levels, one)
            others = [moved(one, [move]) for move in every_move]
            others = [o for o in others if not hard or level_value("over-capacity", o) == 0]
            if any(is_better(levels, values_of(levels, o), values) for o in others):
                assert list(better_places(one, levels)), number
    assert all(seen[level] for level in LEVELS if level != "siblings-split"), seen


def four_towns(random: Random) -> Instance:
    """Siblings of every number from 1 to 4, and a town for each, all free to take any."""
    cuts = sorted(random.sample(range(10_000, 90_000), 3))
    shares = [b - a for a, b in zip([0, *cuts], [*cuts, 100_000], strict=True)]
    towns = [Municipality(str(k), str(k), "01", "L", share) for k, share in enumerate(shares)]
    children = [
        Child(f"{case}-{k}", str(case), date(2025, 1, case))
        for case in range(1, 5)
        for k in range(case)
    ]
    return Instance(name="four", year=2025, municipalities=tuple(towns), children=tuple(children))


def dealt(homes: Sequence[int]) -> tuple[Assignment, ...]:
    """Case k of k siblings at the k-th home."""
    return tuple(
        Assignment(f"{case}-{k}", str(case), str(home), str(home), "equalising", case)
        for case, home in enumerate(homes, 1)
        for k in range(case)
    )


def off(year: Instance, homes: Sequence[int]) -> Fraction:
    """Squared deviations from the targets, of ten children."""
    there = [sum(case for case, home in enumerate(homes, 1) if home == town) for town in range(4)]
    return sum(
        ((n - Fraction(m.share, 10_000)) ** 2 for n, m in zip(there, year.municipalities, strict=True)),
        Fraction(0),
    )


def apart(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def test_siblings_in_one_anothers_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of four towns has siblings; a swap makes that better, and no move does."""
    monkeypatch.setattr(every, "MOST", 0)
    policy = IN_FORCE.with_changes(name="o", rule="optimal", basis="year", levels=("deviation:l2",))
    random, found = Random(1), 0
    for _ in range(10):
        year = four_towns(random)
        ways = {way: off(year, way) for way in product(range(4), repeat=4)}
        best = min(ways, key=lambda way: ways[way])
        assert not refusals(year, dressed(year, policy, dealt(best)))
        for homes in permutations(range(4)):
            moves = [w for w in ways if apart(w, homes) == 1]
            swaps = [w for w in permutations(homes) if apart(w, homes) == 2]
            no_move = all(ways[w] >= ways[homes] for w in moves)
            if no_move and any(ways[w] < ways[homes] for w in swaps):
                assert refusals(year, dressed(year, policy, dealt(homes))), homes
                found += 1
    assert found > 4


def test_three_cases_in_one_anothers_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first three towns are 3/2 off, and only a cycle of three sets all of them right.

    They have 3, 2 and 1 children and are to have 3/2, 1/2 and 5/2; two more have one child by a tie,
    and are to have 7/4.
    """
    monkeypatch.setattr(every, "MOST", 0)
    shares = (18_750, 6_250, 31_250, 21_875, 21_875)
    towns = tuple(Municipality(str(k), str(k), "01", "L", share) for k, share in enumerate(shares))
    sizes = {"a": 3, "b": 2, "c": 1, "d": 1, "e": 1}
    children = tuple(
        Child(f"{case}{k}", case, date(2025, 1, 1), {"d": "3", "e": "4"}.get(case))
        for case, size in sizes.items()
        for k in range(size)
    )
    year = Instance(name="three", year=2025, municipalities=towns, children=children)
    policy = IN_FORCE.with_changes(name="o", rule="optimal", basis="year", levels=("deviation:linf",))
    numbers = {case: number for number, case in enumerate(sizes, 1)}

    def rows(*homes: int) -> tuple[Assignment, ...]:
        home = dict(zip(sizes, map(str, (*homes, 3, 4)), strict=True))
        return tuple(
            Assignment(
                c.child, c.case, home[c.case], home[c.case], "kinship" if c.tie else "equalising",
                numbers[c.case],
            )
            for c in children
        )  # fmt: skip

    def largest(homes: Sequence[int]) -> Fraction:
        there = [0, 0, 0, 1, 1]
        for home, size in zip(homes, (3, 2, 1), strict=True):
            there[home] += size
        goal = [Fraction(8 * share, 100_000) for share in shares]
        return max(abs(n - t) for n, t in zip(there, goal, strict=True))

    ways = {way: largest(way) for way in product(range(5), repeat=3)}
    assert ways[0, 1, 2] == Fraction(3, 2)
    assert min(value for way, value in ways.items() if apart(way, (0, 1, 2)) < 3) == Fraction(3, 2)
    assert ways[2, 0, 1] == min(ways.values()) == Fraction(3, 4)
    (said,) = refusals(year, dressed(year, policy, rows(0, 1, 2)))
    assert said.startswith("deviation:linf becomes better by moving case")
    assert not refusals(year, dressed(year, policy, rows(2, 0, 1)))


@pytest.mark.parametrize(
    ("language", "permitted", "cannot"),
    [
        (
            "en",
            "No fault found: 8 children, every decision is permitted",
            "cannot prove that nothing better",
        ),
        (
            "sv",
            "Inget fel funnet: 8 barn, varje beslut är tillåtet",
            "kan inte bevisa att inget bättre finns",
        ),
    ],
)
def test_the_closing_sentences_say_no_more_than_is_verified(
    language: str, permitted: str, cannot: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an optimum: permitted, with right figures; and what nobody but the engine says."""
    policy = IN_FORCE.with_changes(name="o", rule="optimal", levels=("deviation:l1", "moves"))
    year, words = load_instance("textbook"), Words(language)

    def closing(name: str, chosen: Policy) -> str:
        write_result(solve(year, chosen, workers=1, prices=False), tmp_path / name)
        violations, said = check_result(year, tmp_path / name, words, lambda _: None)
        assert not violations
        return "\n".join(said)

    tried = closing("tried", policy)
    assert permitted in tried
    assert cannot not in tried
    monkeypatch.setattr(every, "MOST", 0)
    word = closing("word", policy)
    assert permitted in word
    assert cannot in word
    assert "moves" in word
    rule = closing("rule", IN_FORCE)
    assert permitted not in rule
    assert words("clean", children=8, policy="in-force") in rule
