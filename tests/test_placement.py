"""Placement: every program against brute force, with the checker looking at every answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.claims import read_solution
from fordela.instances.restoring import read_result
from fordela.instances.results import write_placement
from fordela.models.check import check
from fordela.models.errors import InfeasibleError, LimitError
from fordela.models.homes import FORMS, Agreement, Home
from fordela.models.instance import Child, Instance, Municipality
from fordela.models.placement.outcome import MODES, Mode, MorePlaces, PlacementResult, Relaxation
from fordela.models.placement.stays import fullest_days
from fordela.models.policy import IN_FORCE, PLACEMENT_LEVELS, Policy
from fordela.models.result import Status
from fordela.solver.backends.priced import Priced
from fordela.solver.placement.brute_force import best_joint, best_placement
from fordela.solver.placement.place import place
from fordela.solver.placement.relaxations import relaxed
from fordela.solver.redistribution.decide import redistribute
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.strategies import municipalities, scaled, transfers

FIRST = date(2025, 1, 1)
EXAMPLES = {"highs": 500, "cp-sat": 500, "cbc": 60}


@st.composite
def homes(draw: st.DrawFn, places: tuple[Municipality, ...], number: int) -> Home:
    """A home with or without limits."""
    low = draw(st.sampled_from([None, 0, 13, 17]))
    high = draw(st.sampled_from([None, 12, 18]))
    if low is not None and high is not None and high < low:
        high = None
    opens = draw(st.sampled_from([None, None, FIRST + timedelta(days=2)]))
    closes = draw(st.sampled_from([None, None, FIRST + timedelta(days=8)]))
    return Home(
        place=f"H{number}",
        municipality=draw(st.sampled_from(places)).code,
        form=draw(st.sampled_from([*FORMS, "family-home", "hvb"])),
        places=draw(st.integers(0, 3)),
        min_age=low,
        max_age=high,
        sexes=draw(st.sampled_from([(), (), ("f",), ("m",)])),
        languages=draw(st.sampled_from([("*",), ("so",), ()])),
        competences=draw(st.sampled_from([(), ("trauma",)])),
        first=opens,
        last=closes,
    )


@st.composite
def years(draw: st.DrawFn) -> Instance:
    """Two or three municipalities, up to four cases, up to four homes, some agreements."""
    places = draw(municipalities())[:3]
    total = sum(m.share for m in places)
    places = (replace(places[0], share=places[0].share + 100_000 - total), *places[1:])
    children: list[Child] = []
    for case in range(draw(st.integers(0, 4))):
        day = FIRST + timedelta(days=draw(st.integers(0, 4)))
        tie = draw(st.sampled_from([None, None, *(m.code for m in places)]))
        children += [
            Child(
                child=f"{case}-{k}",
                case=f"C{case}",
                arrival=day + timedelta(days=k * draw(st.integers(0, 1))),
                tie=tie,
                age=draw(st.sampled_from([5, 12, 15, 17, None])),
                sex=draw(st.sampled_from(["f", "m", None])),
                language=draw(st.sampled_from(["so", "ti", None])),
                needs=draw(st.sampled_from([(), (), ("trauma",)])),
                stay=draw(st.sampled_from([1, 3, None])),
            )
            for k in range(draw(st.sampled_from([1, 1, 2])))
        ]
    children.sort(key=lambda c: c.arrival)
    return Instance(
        name="tiny",
        title="tiny",
        year=2025,
        municipalities=places,
        children=tuple(children),
        transfers=draw(transfers(places)),
        homes=tuple(draw(homes(places, k)) for k in range(draw(st.integers(1, 4)))),
        agreements=tuple(
            Agreement(a.code, b.code)
            for a in places
            for b in places
            if a != b and draw(st.sampled_from([False, False, True]))
        ),
        synthetic=("cases", "homes"),
    )


@st.composite
def orders(draw: st.DrawFn) -> tuple[str, ...]:
    """Levels of section 8 in any order, some left out so that they bind."""
    levels = draw(st.permutations(PLACEMENT_LEVELS))
    return tuple(levels[: draw(st.integers(1, len(levels)))])


@st.composite
def joint_orders(draw: st.DrawFn) -> tuple[str, ...]:
    """Levels of sections 5 and 8, in any order."""
    even = draw(
        st.lists(
            st.sampled_from(["over-capacity", "deviation:l1", "deviation:linf", "deviation:chi2",
                             "willing", "bearer-balance"]),
            min_size=1, max_size=3, unique=True,
        )
    )  # fmt: skip
    return tuple(draw(st.permutations([*even, *draw(orders())])))


def values(result: PlacementResult) -> tuple[object, ...]:
    return tuple(o.value for o in result.objective)


@pytest.mark.parametrize("backend", EXAMPLES)
def test_sequential_is_brute_force(backend: str) -> None:
    @settings(max_examples=scaled(EXAMPLES[backend]))
    @given(years(), orders())
    def run(instance: Instance, levels: tuple[str, ...]) -> None:
        policy = with_levels(levels)
        rule = place(instance, with_levels(PLACEMENT_LEVELS), "vacancy").result
        responsible = {a.case: str(a.bearer) for a in rule.allocation.assignments}
        expected = best_placement(instance, policy, responsible)
        if expected is None:
            with pytest.raises(InfeasibleError):
                place(instance, policy, backend=backend, workers=1)
            return
        made = place(instance, policy, backend=backend, workers=1)
        assert values(made) == expected
        assert made.status is Status.OPTIMAL
        assert check(instance, made) == []

    run()


@pytest.mark.parametrize("backend", EXAMPLES)
def test_joint_is_brute_force(backend: str) -> None:
    @settings(max_examples=scaled(EXAMPLES[backend]))
    @given(years(), st.none() | joint_orders(), st.booleans())
    def run(instance: Instance, levels: tuple[str, ...] | None, hard: bool) -> None:
        policy = with_levels(levels or PLACEMENT_LEVELS)
        if hard:
            policy = policy.with_changes(rule="optimal", capacity="hard")
        handed = redistribute(instance, policy).transfers
        try:
            expected = best_joint(instance, policy, handed)
        except ValueError:
            assume(False)
        if expected is None:
            with pytest.raises(InfeasibleError):
                place(instance, policy, "joint", backend=backend, workers=1)
            return
        made = place(instance, policy, "joint", backend=backend, workers=1)
        assert values(made) == expected
        assert made.status is Status.OPTIMAL
        assert check(instance, made) == []

    run()


def small_programs_by_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let programs of any size go through prices, as only large ones do otherwise."""
    monkeypatch.setattr("fordela.solver.placement.place.Priced", partial(Priced, least=0))


@pytest.mark.parametrize("mode", ["sequential", "joint"])
def test_by_prices_is_as_without(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    @settings(max_examples=scaled(150))
    @given(years(), orders())
    def run(instance: Instance, levels: tuple[str, ...]) -> None:
        policy = with_levels(levels)
        try:
            expected = values(place(instance, policy, mode, workers=1))
        except InfeasibleError:
            expected = None
        with monkeypatch.context() as patched:
            small_programs_by_prices(patched)
            if expected is None:
                with pytest.raises(InfeasibleError):
                    place(instance, policy, mode, workers=1)
                return
            made = place(instance, policy, mode, workers=1)
        assert values(made) == expected
        assert made.status is Status.OPTIMAL
        assert check(instance, made) == []

    run()


def test_in_turns_is_never_better_than_brute_force_nor_above_its_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Years too large for one program: bounds hold, what is called proven is the optimum."""
    monkeypatch.setattr("fordela.solver.placement.joint.is_large", lambda *_: True)
    seen = {"proven": 0, "open": 0}

    @settings(max_examples=scaled(400))
    @given(years(), st.none() | joint_orders())
    def run(instance: Instance, levels: tuple[str, ...] | None) -> None:
        policy = with_levels(levels or PLACEMENT_LEVELS)
        assume("unplaced" in policy.placement.levels)
        handed = redistribute(instance, policy).transfers
        try:
            expected = best_joint(instance, policy, handed)
        except ValueError:
            assume(False)
        assert expected is not None or "unmet-needs" not in policy.placement.levels
        assume(expected is not None)
        assert expected is not None
        made = place(instance, policy, "joint", workers=1)
        assert check(instance, made) == []
        for level, best in zip(made.objective, expected, strict=True):
            # The bound holds as long as every level before is at its optimum.
            assert level.bound is not None
            assert level.bound <= best <= level.value  # type: ignore[operator]
            if level.status is not Status.OPTIMAL:
                seen["open"] += 1
                break
            assert level.value == best
        else:
            seen["proven"] += 1

    run()
    assert min(seen.values()) > 10  # both happen


def test_in_turns_is_honest_where_everybody_must_have_a_home_and_within_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No placement only where there is none, or time ran out; never a bound above brute force."""
    monkeypatch.setattr("fordela.solver.placement.joint.is_large", lambda *_: True)
    seen = {"found": 0, "infeasible": 0, "out of time": 0}

    @settings(max_examples=scaled(200))
    @given(years(), st.none() | joint_orders(), st.sampled_from([None, None, 0.01, 0.2]))
    def run(instance: Instance, levels: tuple[str, ...] | None, limit: float | None) -> None:
        policy = with_levels(levels or PLACEMENT_LEVELS)
        try:
            expected = best_joint(instance, policy, redistribute(instance, policy).transfers)
        except ValueError:
            assume(False)
        try:
            made = place(instance, policy, "joint", workers=1, time_limit=limit)
        except InfeasibleError:
            assert expected is None
            seen["infeasible"] += 1
            return
        except LimitError:
            seen["out of time"] += 1
            return
        assert expected is not None
        assert check(instance, made) == []
        for level, best in zip(made.objective, expected, strict=True):
            assert level.bound is None or level.bound <= best <= level.value  # type: ignore[operator]
            if level.status is not Status.OPTIMAL:
                break
            assert level.value == best
        seen["found"] += 1

    run()
    assert seen["found"] > 50
    assert seen["infeasible"] + seen["out of time"] > 0


def test_parts_on_processes_are_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = load_instance("sweden-2026-places")
    expected = place(instance, workers=2, prices=False)
    monkeypatch.setattr("fordela.solver.placement.given._MUCH", 0)
    told: list[str] = []
    made = place(instance, workers=2, prices=False, progress=told.append)
    assert values(made) == values(expected)
    assert check(instance, made) == []
    assert any("of 400 children" in word for word in told)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9), st.integers(1, 3)), max_size=7))
def test_the_fullest_days_are_as_full_as_any(stays: list[tuple[int, int, int]]) -> None:
    """The greatest load of any selection of stays is met on one of the days."""
    spans = [((first, first + length), size) for first, length, size in stays]
    days = fullest_days(span for span, _ in spans)
    for chosen in product((False, True), repeat=len(spans)):
        kept = [entry for entry, is_kept in zip(spans, chosen, strict=True) if is_kept]

        def load(day: int, kept: list[tuple[tuple[int, int], int]] = kept) -> int:
            return sum(size for span, size in kept if span[0] <= day < span[1])

        assert max(map(load, days), default=0) == max(map(load, range(20)))


def test_fewest_new_places_against_every_smaller_number() -> None:
    """No fewer places in new family homes, wherever they are, give everybody a home."""
    tried = 0

    @settings(max_examples=scaled(300))
    @given(years())
    def run(instance: Instance) -> None:
        nonlocal tried
        made = place(instance, with_levels(PLACEMENT_LEVELS), workers=1)
        for found in made.relaxations:
            year = relaxed(instance, found)
            again = place(year, made.policy, result=replace(made.result, instance=year), workers=1)
            assert again.unplaced == found.left
            assert check(again.instance, again) == []
            if found.places and found.proven:
                tried += 1
                assert not enough(made, found.size - 1)

    run()
    assert tried > 30


def enough(made: PlacementResult, number: int) -> bool:
    """Whether so many places in new homes are enough, by trying every way to spread them."""
    codes = [m.code for m in made.instance.municipalities]
    responsible = {a.case: str(a.bearer) for a in made.result.allocation.assignments}
    for spread in product(range(number + 1), repeat=len(codes)):
        if sum(spread) == number:
            more = tuple(MorePlaces(c, n, (None, None), 0) for c, n in zip(codes, spread, strict=True))
            fewer = tuple(m for m in more if m.places)
            year = relaxed(made.instance, Relaxation(places=fewer, proven=False))
            best = best_placement(year, made.policy, responsible)
            if best is not None and best[0] == 0:
                return True
    return False


@pytest.mark.parametrize("mode", MODES)
def test_written_and_read_back(mode: Mode, tmp_path: Path) -> None:
    @settings(max_examples=20)
    @given(years())
    def run(instance: Instance) -> None:
        made = place(instance, with_levels(PLACEMENT_LEVELS), mode)
        folder = tmp_path / "result"
        write_placement(made, folder, force=True)
        solution = read_solution(folder)
        assert check(instance, solution) == []
        assert solution.placement is not None
        assert solution.placement.placements == made.placements
        assert read_result(folder).allocation == made.result.allocation

    run()


@given(years(), orders())
def test_vacancy_is_replayed(instance: Instance, levels: tuple[str, ...]) -> None:
    made = place(instance, with_levels(levels), "vacancy")
    found = [v.rule for v in check(instance, made)]
    assert set(found) <= ({"unplaced"} if "unplaced" not in levels else set())


def with_levels(levels: tuple[str, ...]) -> Policy:
    placement = replace(IN_FORCE.placement, levels=levels)
    return replace(IN_FORCE, name="tiny", placement=placement)
