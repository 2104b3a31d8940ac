"""What a price rests on: a bound that is met, every allocation tried, or the engine's word."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.claims import read_solution
from fordela.instances.policy_files import load_policy
from fordela.instances.results import write_result
from fordela.models.check import check
from fordela.models.check.prices import Free, free_at_homes, price_violations
from fordela.models.check.proofs import Proof
from fordela.models.check.solution import LevelClaim
from fordela.models.errors import InfeasibleError
from fordela.models.instance import Child, Instance, Municipality
from fordela.report.terminal import objective_cells
from fordela.report.texts import Words
from fordela.solver.brute_force import prices_of, stack_values
from fordela.solver.optimal import rule_bearers
from fordela.solver.proving import with_proofs
from fordela.solver.solve import solve

from tests.hard_years import hard_stack, hard_year
from tests.strategies import scaled
from tests.test_claims_by_hand import HALF, ONE, TWO, claim

HANG = Path(__file__).parent / "data" / "defects" / "hang"


def prices(*made: LevelClaim, free: Sequence[Free] = (Free(ONE), Free())) -> list[str]:
    """What is wrong with prices that are called what is known of them."""
    said = [replace(c, price_proof=f.mark(c.price)) for c, f in zip(made, free, strict=True)]
    return [v.rule for v in price_violations(said, free)]


def test_a_price_lies_between_nothing_and_what_the_next_level_can_win() -> None:
    following = claim()  # worth 2, of which at most 1 could be won
    assert prices(claim(), following) == []
    for price, right in ((Fraction(0), True), (ONE, True), (Fraction(3, 2), False), (-ONE, False)):
        assert (prices(claim(price=price), following) == []) is right
    unknown = (Free(), Free())
    assert prices(claim(price=TWO), following, free=unknown) == []
    assert prices(claim(price=-ONE), following, free=unknown) == ["price"]
    assert prices(claim(), claim(price=ONE)) == ["price"]  # nothing follows the last
    assert prices(claim(price=ONE), claim("feasible")) == ["price"]
    assert prices(claim(price=ONE), claim(value=(TWO,), bound=(TWO,))) == ["price"]


def test_a_price_that_is_known_is_just_that() -> None:
    """The next level is worth 2 and could be 1: the price is 1, and no word of an engine's."""
    tried = (Free(ONE, Proof.ENUMERATION), Free())
    for price, right in ((ONE, True), (HALF, False), (Fraction(0), False), (None, True)):
        assert (prices(claim(price=price), claim(), free=tried) == []) is right
    said = [claim(price=ONE, price_proof="engine"), claim()]
    assert [v.rule for v in price_violations(said, tried)] == ["price"]
    said = [claim(price=ONE, price_proof="counting"), claim()]
    assert [v.rule for v in price_violations(said, (Free(ONE), Free()))] == ["price"]
    said = [claim(price_proof="engine"), claim()]
    assert [v.rule for v in price_violations(said, tried)] == ["price"]


@pytest.mark.parametrize(
    ("level", "value", "bound", "proof"),
    [
        ("over-capacity", 0, 0, Proof.TRIVIAL),
        ("unmet-needs", 3, 0, None),
        ("willing", 0, None, None),
        ("willing", -2, None, None),
        ("deviation:own.module:Norm", 0, None, None),
    ],
)
def test_levels_of_homes_are_never_below_nothing(
    level: str, value: int, bound: int | None, proof: Proof | None
) -> None:
    following = claim(level=level, value=Fraction(value))
    assert free_at_homes(following) == Free(None if bound is None else Fraction(bound), proof)


def test_a_price_of_a_small_year_is_made_again(tmp_path: Path) -> None:
    """The year ``hang``: a price of 1 (brute force, below) said to be anything else."""
    year, policy = load_instance(str(HANG)), load_policy(str(HANG / "policy.toml"))
    made = solve(year, policy, workers=1)
    k = next(k for k, o in enumerate(made.objective) if o.price)
    level = made.objective[k]
    assert level.price == Fraction(1)
    assert level.price_proof == "enumeration"
    write_result(made, tmp_path / "made")
    assert check(year, read_solution(tmp_path / "made")) == []
    head = tmp_path / "made" / "result.json"
    data = json.loads(head.read_text(encoding="utf-8"))
    for price, mark, right in (
        ("0", "enumeration", False),
        ("1/2", "enumeration", False),
        ("1/2", "engine", False),
        ("1", "engine", False),
        ("7", "enumeration", False),
        (None, "enumeration", False),
        (None, None, True),
    ):
        data["objective"][k] |= {"price": price, "price_proof": mark}
        head.write_text(json.dumps(data), encoding="utf-8")
        assert (check(year, read_solution(tmp_path / "made")) == []) is right, (price, mark)


def test_prices_against_brute_force() -> None:
    """All of small years are known without an engine where the next level is a number."""
    marks: Counter[str | None] = Counter()
    for number in range(scaled(75)):
        year, policy = hard_year(number), hard_stack(number)
        try:
            made = solve(year, policy, workers=1)
        except InfeasibleError:
            continue
        seen = stack_values(year, policy, made.transfers, rule_bearers(year))
        right = [*prices_of([o.level for o in made.objective], seen), None]
        for o, price in zip(made.objective, right, strict=True):
            marks[o.price_proof] += o.price is not None
            assert o.price in (None, price), (number, o.level)
        assert check(year, made) == []
        # What an engine says of a price does not stand against what is known.
        wrong = [replace(o, price=None if o.price is None else o.price + 1) for o in made.objective]
        again = with_proofs(replace(made, objective=tuple(wrong)))
        for o, other in zip(made.objective, again.objective, strict=True):
            assert o.price_proof == "engine" or o.price == other.price
    assert marks["engine"] == 0
    assert min(marks[x] for x in ("trivial", "certificate", "enumeration")) > 0


def test_a_price_that_cannot_be_verified_is_called_the_engines_word() -> None:
    """30 children, five equal municipalities, one with a single place: too many ways to try.

    By hand: from targets of 6, 1 and 7, 7, 7, 8 deviate by (25 + 1 + 1 + 1 + 4) / 6; else 0.
    """
    towns = tuple(
        Municipality(f"{k}", f"M{k}", "01", "C", 20_000, capacity=None if k else 1) for k in range(5)
    )
    children = tuple(Child(f"c{k}", f"k{k}", date(2025, 1, 1)) for k in range(30))
    year = Instance("many", 2025, towns, children)
    made = solve(year, load_policy("optimal"), workers=1)
    assert check(year, made) == []
    capacity, even = made.objective
    assert even.value == capacity.price == Fraction(16, 3)
    assert capacity.price_proof == "engine"
    for language in ("en", "sv"):
        words = Words(language)
        cell = objective_cells(made.objective, words)[0][-1]
        assert cell == f"{words.number(Fraction(16, 3), 4)} ({words('proof_engine')})"
