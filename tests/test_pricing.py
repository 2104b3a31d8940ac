"""An answer is never lost by its prices, whether an engine is slow or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fordela.instances.catalogue import load_instance
from fordela.models.check import check
from fordela.models.errors import InfeasibleError
from fordela.models.policy import IN_FORCE
from fordela.models.program import Linear, Program
from fordela.models.result import LevelResult, Status
from fordela.solver.backends import Answer, Limits
from fordela.solver.backends.highs import Highs
from fordela.solver.optimal import optimal_allocation
from fordela.solver.placement.given import Engine
from fordela.solver.placement.joint import place_jointly
from fordela.solver.placement.place import place
from fordela.solver.solve import solve

from tests.hard_years import hard_joint, hard_stack, hard_year
from tests.test_hard_years import faults_of_joint, faults_of_stack

DEFECTS = Path(__file__).parent / "data" / "defects"


class AtPrices(Highs):
    """An engine that does something else where work is limited, as it is for prices."""

    def __init__(self, doing: str) -> None:
        self.doing = doing

    def solve(self, program: Program, limits: Limits, start: Sequence[int] | None = None) -> Answer:
        if limits.work is None:
            return super().solve(program, limits, start)
        if self.doing == "nothing":
            return Answer(Status.UNKNOWN, None, None, 0.0)
        if self.doing == "nothing possible":
            return Answer(Status.INFEASIBLE, None, None, 0.0)
        terms = {v: -c for v, c in program.objective.terms.items()}
        worst = super().solve(replace(program, objective=Linear(terms), least=None), limits)
        if worst.values is None:
            return worst
        return Answer(Status.OPTIMAL, worst.values, float(program.objective.value(worst.values)), 0.0)


def answers(number: int, engine: Highs) -> list[tuple[LevelResult, ...]]:
    """The levels of a year's optimum and of its joint placement."""
    year, homes = hard_year(number), hard_year(number, homes=True)
    stacked = hard_stack(number).with_changes(scope="decided")
    joint = hard_joint(number).with_changes(scope="decided")
    limits = Limits(workers=1)
    return [
        optimal_allocation(year, stacked, year.transfers, engine, limits).objective,
        place_jointly(homes, joint, homes.transfers, Engine(engine, limits)).objective,
    ]


#: Both have a solution.
YEARS = (1, 3, 4, 8, 10, 11)
#: Here it denies what is known of the municipalities alone, or of the homes for given ones.
DENIED = (211, 276, 371, 531, 886)


@pytest.mark.parametrize("number", YEARS)
def test_without_prices_the_answer_is_the_same(number: int) -> None:
    for known, made in zip(answers(number, Highs()), answers(number, AtPrices("nothing")), strict=True):
        assert [replace(o, price=None) for o in made] == [replace(o, price=None) for o in known]


@pytest.mark.parametrize("doing", ["nothing possible", "the worst"])
def test_an_engine_that_the_answer_disproves_is_not_believed(doing: str) -> None:
    """The values stay; nothing that rests on its word is optimal or a bound, and there is no price."""
    caught = 0
    for number in YEARS:
        for known, made in zip(answers(number, Highs()), answers(number, AtPrices(doing)), strict=True):
            assert [o.value for o in made] == [o.value for o in known]
            if [o.status for o in made] == [o.status for o in known]:
                continue
            caught += 1
            first = next(k for k, o in enumerate(made) if o.status is Status.FEASIBLE)
            assert all(o.exact for o in made[:first])
            assert not made[first].exact
            assert all(o.status is Status.FEASIBLE for o in made[first:])
            assert [o.price for o in made] == [None] * len(made)
            assert [o.bound for o in made if not o.exact] == [None] * sum(not o.exact for o in made)
    assert caught >= 3


@pytest.mark.parametrize("doing", ["nothing", "nothing possible", "the worst"])
def test_what_is_left_of_an_answer_is_not_refused(doing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An optimum, homes for given municipalities, and both together."""
    engine = AtPrices(doing)
    monkeypatch.setattr("fordela.solver.backends.get_backend", lambda _: engine)
    monkeypatch.setattr("fordela.solver.placement.place.get_backend", lambda _: engine)
    for number in (*YEARS, *DENIED):
        year, homes = hard_year(number), hard_year(number, homes=True)
        stacked = hard_stack(number).with_changes(scope="decided")
        joint = hard_joint(number).with_changes(scope="decided")
        assert check(year, solve(year, stacked, workers=1)) == [], number
        together = place(homes, joint, "joint", workers=1)
        assert check(homes, together) == [], number
        if not all(o.status is Status.OPTIMAL for o in together.objective):
            claims = (*together.objective, *together.result.objective)
            assert [o.level for o in claims if o.proof == "engine"] == [], number
        try:
            given = place(homes, joint, "sequential", workers=1)
        except InfeasibleError:
            continue
        assert check(homes, given) == [], number


def test_prices_of_what_is_measured_are_proven_by_cp_sat() -> None:
    """Of 23 children; without its full relaxation CP-SAT was not ready after minutes."""
    year = load_instance(str(DEFECTS / "price-slow"))
    found = place(year, IN_FORCE, "joint", backend="cp-sat", workers=1)
    known = place(year, IN_FORCE, "joint", backend="highs", workers=1)
    assert [(o.value, o.status, o.price) for o in found.objective] == [
        (o.value, o.status, o.price) for o in known.objective
    ]
    assert None not in [o.price for o in found.objective[:-1]]
    assert check(year, found) == []


def test_cbc_finds_what_the_price_of_another_optimum_denied() -> None:
    """Two children: CBC called 2.66674 optimal without a level with which 2.66652 is reached."""
    year = load_instance(str(DEFECTS / "price-cbc"))
    levels = ("deviation:min-fulfilment", "deviation:l1", "moves", "deviation:chi2")
    policy = IN_FORCE.with_changes(name="o", rule="optimal", levels=levels)
    made = {b: solve(year, policy, backend=b, workers=1).objective for b in ("cbc", "highs")}
    values = [[(o.value, o.status, o.price) for o in objective] for objective in made.values()]
    assert values[0] == values[1]


def test_cbc_on_hard_years() -> None:
    for number in range(20, 28):
        assert faults_of_stack(number, "cbc") + faults_of_joint(number, "cbc") == [], number


@pytest.mark.thorough
def test_cbc_on_many_hard_years() -> None:
    for number in range(5_000, 5_800):
        assert faults_of_stack(number, "cbc") + faults_of_joint(number, "cbc") == [], number
