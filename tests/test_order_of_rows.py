"""The order of rows in a file says nothing, except when children come and what was wished last."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.writing import write_instance
from fordela.models.check import check
from fordela.models.homes import Agreement, Home
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import IN_FORCE, Policy
from fordela.solver.redistribution.decide import redistribute
from fordela.solver.solve import solve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import instances, markets, rules, scaled, trading_policies


def shuffled(folder: Path, random: Random) -> None:
    """Put the rows of every table in another order; those of children are left as they are."""
    for path in sorted(folder.glob("*.csv")):
        if path.name != "children.csv":
            head, *rows = path.read_text(encoding="utf-8").splitlines()
            random.shuffle(rows)
            path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")


def read_shuffled(year: Instance, random: Random) -> Instance:
    with TemporaryDirectory() as place:
        folder = Path(place) / "year"
        write_instance(year, folder)
        shuffled(folder, random)
        return load_instance(str(folder))


def interleaved(year: Instance, random: Random) -> Instance:
    """Everybody on one day; siblings after the first of them anywhere between the other cases."""
    key: dict[str, float] = {}
    for number, case in enumerate(year.cases):
        late = [number, *sorted(random.uniform(number, len(year.cases)) for _ in case.children[1:])]
        key |= {child.child: k for child, k in zip(case.children, late, strict=True)}
    day = date(2025, 3, 1)
    children = (replace(c, arrival=day) for c in sorted(year.children, key=lambda c: key[c.child]))
    return year.with_changes(children=tuple(children))


@settings(max_examples=scaled(90))
@given(instances(), rules(), st.randoms(use_true_random=False))
def test_a_year_is_the_same_whatever_the_order_of_its_rows(
    year: Instance, policy: Policy, random: Random
) -> None:
    """So are rules, optima, homes and whatever else is made of it: nothing else is handed on."""
    codes = [m.code for m in year.municipalities]
    year = year.with_changes(
        homes=tuple(Home(f"h{k}", random.choice(codes), "hvb", 2) for k in range(4)),
        agreements=tuple(Agreement(codes[0], code) for code in codes[1:]),
        pairs=tuple((codes[0], code) for code in codes[1:]),
        transfers_last_year=tuple(Transfer(codes[0], code, 1) for code in codes[1:]),
    )
    other = read_shuffled(year, random)
    assert other == year
    assert other.sha256 == year.sha256
    if not year.units:
        return
    mixed = read_shuffled(interleaved(year, random), random)
    alone = year.with_changes(
        children=tuple(replace(c, arrival=date(2025, 3, 1)) for c in year.children)
    )
    result = solve(mixed, policy)
    assert check(mixed, result) == []
    assert {a.child: a for a in result.allocation.assignments} == {
        a.child: a for a in solve(alone, policy).allocation.assignments
    }


@settings(max_examples=scaled(40))
@given(markets(), trading_policies(("county", "national", "listed", "bilateral")),
       st.randoms(use_true_random=False))  # fmt: skip
def test_wishes_are_granted_alike_whatever_their_order(
    year: Instance, policy: Policy, random: Random
) -> None:
    other = read_shuffled(year, random)
    assert other.wanted == year.wanted
    assert other.sha256 == year.sha256
    made = redistribute(other, policy, backend="highs")
    assert made.transfers == redistribute(year, policy, backend="highs").transfers
    assert check(other, made) == []


def test_equal_remainders_go_by_code_wherever_the_giver_stands(tmp_path: Path) -> None:
    """By hand: A and B hand their 5 ‰ each to C, who has 490 ‰ besides; D is far above its share.

    Under ``effective-share`` all 50 children are borne by C. What it holds asks for 49 of them, A's and
    B's for 0.5 each: of equal remainders the one of the lowest code gets the child that is left.
    """
    a, b, c, d = (
        Municipality(f"000{k}", name, "01", "C", share, assigned_before=before)
        for k, name, share, before in
        ((1, "A", 500, 0), (2, "B", 500, 0), (3, "C", 49_000, 0), (4, "D", 50_000, 10_000))
    )  # fmt: skip
    year = Instance(
        "equal", 2025, (d, b, a, c),
        tuple(Child(f"c{k}", f"g{k}", date(2025, 1, 1)) for k in range(50)),
        transfers=(Transfer("0002", "0003", 500), Transfer("0001", "0003", 500)),
    )  # fmt: skip
    folder, out = tmp_path / "year", tmp_path / "result"
    write_instance(year, folder)
    for seed in range(3):
        shuffled(folder, Random(seed))
        policy = IN_FORCE.with_changes(mechanism="effective-share")
        result = solve(load_instance(str(folder)), policy)
        owners = [x.owner for x in result.allocation.assignments]
        assert {x.bearer for x in result.allocation.assignments} == {"0003"}
        assert [owners.count(code) for code in ("0001", "0002", "0003")] == [1, 0, 49]
        assert check(year, result) == []
    (tmp_path / "es.toml").write_text(
        'format = 1\nname = "es"\n[counting]\nmechanism = "effective-share"\n', encoding="utf-8"
    )
    run = CliRunner()
    words = ["solve", str(folder), "--policy", str(tmp_path / "es.toml"), "--out", str(out)]
    assert run.invoke(main, words).exit_code == 0
    checked = run.invoke(main, ["check", str(folder), str(out)])
    assert checked.exit_code == 0, checked.output
