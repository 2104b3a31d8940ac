"""Rules and norms of one's own: what they may see, and that what they do wrong is said."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.generator import Parameters, generate
from fordela.instances.policy_files import load_policy, policy_toml
from fordela.models.check import check
from fordela.models.errors import InputError
from fordela.models.extensions import registered
from fordela.models.instance import Instance
from fordela.models.norms import NormError, load_norm
from fordela.models.policy import IN_FORCE, NORMS, Policy
from fordela.models.rules import RuleError
from fordela.solver.batch.run import make_tasks, run_batch
from fordela.solver.batch.tasks import Settings
from fordela.solver.brute_force import brute_force
from fordela.solver.comparison import compare
from fordela.solver.rules.conformance import conformance
from fordela.solver.simulation.outlook import outlook
from fordela.solver.simulation.run import simulate
from fordela.solver.simulation.spec import make_simulation
from fordela.solver.solve import solve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import instances, scaled

RULES = '''
import gc, random, sys
from fractions import Fraction

class Lowest:
    """The rule in force, written as a rule of one's own."""
    def __init__(self, known):
        self.known = known
    def choose(self, case, state):
        lowest = min(Fraction(state.credited[c], state.share[c]) for c in state.candidates)
        return [c for c in state.candidates if Fraction(state.credited[c], state.share[c]) == lowest]

class Base:
    def __init__(self, known):
        self.known = known

class Raises(Base):
    def choose(self, case, state):
        if case.order > 3:
            raise ValueError("no idea")
        return state.candidates[0]

class Unknown(Base):
    def choose(self, case, state):
        return "9999"

class Nothing(Base):
    def choose(self, case, state):
        return []

class Number(Base):
    def choose(self, case, state):
        return [180]

class AsksForTheFuture(Base):
    def choose(self, case, state):
        return self.known.children[case.order].tie

class Crowds(Base):
    """Always the first municipality, with room or not."""
    def choose(self, case, state):
        return self.known.municipalities[0].code

class Peeks(Base):
    """Looks for the year on the stack."""
    def choose(self, case, state):
        frame = sys._getframe()
        while frame is not None:
            year = frame.f_locals.get("instance")
            if hasattr(year, "children"):
                untied = sum(c.tie is None for c in year.children)
                return state.candidates[untied % len(state.candidates)]
            frame = frame.f_back
        return state.candidates[0]

class Draws(Base):
    def choose(self, case, state):
        return random.choice(state.candidates)

class DrawsFromItsSeed(Base):
    def __init__(self, known):
        self.random = random.Random(known.seed)
    def choose(self, case, state):
        return self.random.choice(state.candidates)

class Remembers(Base):
    asked = 0
    def choose(self, case, state):
        Remembers.asked += 1
        return state.candidates[Remembers.asked % len(state.candidates)]

class CannotBeMade:
    def __init__(self, known):
        raise RuntimeError("not today")
    def choose(self, case, state):
        return state.candidates[0]

class NoRule:
    pass

class Searches(Base):
    """Finds the year that was asked for among all objects in memory."""
    def choose(self, case, state):
        years = [o for o in gc.get_objects() if type(o).__name__ == "Instance" and o.name == "long"]
        (year,) = {y.sha256: y for y in years if not y.children[-1].child.startswith("other")}.values()
        untied = sum(c.tie is None for c in year.children)
        return state.candidates[untied % len(state.candidates)]

class Writes(Base):
    def choose(self, case, state):
        state.credited[state.candidates[0]] = 0
        return state.candidates[0]
'''
NORMS_OF_ONES_OWN = """
from fractions import Fraction

class Quartic:
    def cost(self, count, target):
        return (count - target) ** 4

def above(counts, targets):
    return sum((max(Fraction(0), c - t) for c, t in zip(counts, targets)), Fraction(0))

class Square:
    def cost(self, count, target):
        return (count - target) ** 2

class Concave:
    def cost(self, count, target):
        return -count * count

class Inexact:
    def cost(self, count, target):
        return float(count - target)

class Breaks:
    def cost(self, count, target):
        return 1 / 0

nothing = 7
"""


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of this is the code of whoever runs it."""
    monkeypatch.setenv("FORDELA_TRUST", "1")


@pytest.fixture(scope="module", autouse=True)
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Modules of one's own in a folder, and policies beside them."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "own_rules.py").write_text(RULES, encoding="utf-8")
    (folder / "own_norms.py").write_text(NORMS_OF_ONES_OWN, encoding="utf-8")
    sys.path.append(str(folder))
    yield folder
    sys.path.remove(str(folder))
    for module in (
        "own_rules",
        "own_norms",
    ):  # made anew where tests of other files came between
        sys.modules.pop(module, None)


def policy(rule: str, **changes: object) -> Policy:
    return IN_FORCE.with_changes(**{"name": "mine", "rule": f"own_rules:{rule}"} | changes)


@settings(max_examples=scaled(300))
@given(instances(), st.sampled_from(["owner-bearer", "effective-share"]),
       st.sampled_from(["code", "largest-share", "lot"]),
       st.sampled_from([None, Fraction(1)]), st.integers(0, 3))  # fmt: skip
def test_the_rule_in_force_written_by_oneself(
    year: Instance, mechanism: str, tie: str, valve: Fraction | None, seed: int
) -> None:
    """Capacity, transfers, siblings, the valve, order and lots are the engine's: nothing differs."""
    changes = {"mechanism": mechanism, "tie": tie, "valve": valve}
    mine = solve(year, policy("Lowest", **changes), seed=seed)
    theirs = solve(year, IN_FORCE.with_changes(**changes), seed=seed)
    assert mine.allocation == theirs.allocation
    assert mine.tied_decisions == theirs.tied_decisions
    assert check(year, mine) == []


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("Raises", r"case 2025-\d+: raised ValueError: no idea"),
        ("Unknown", r"case 2025-\d+: returned '9999', which is no municipality"),
        ("Nothing", "chose nobody"),
        ("Number", "returned 180, which is no code"),
        ("AsksForTheFuture", "AttributeError: a rule cannot see the children to come"),
        ("Peeks", "it sees the future, or draws without"),
        ("Draws", "it sees the future, or draws without"),
        ("Remembers", "it sees the future, or draws without"),
        ("CannotBeMade", "cannot be made: RuntimeError: not today"),
        ("Writes", "raised TypeError"),
    ],
)
def test_what_a_rule_does_wrong_is_said(rule: str, reason: str) -> None:
    with pytest.raises(RuleError, match=reason) as caught:
        solve(load_instance("sweden-2025"), policy(rule))
    assert f"rule own_rules:{rule}" in str(caught.value)


def test_a_full_municipality_cannot_be_chosen() -> None:
    year = generate(Parameters("full", 2026, municipalities=6, children=40, capacity=1.0))
    with pytest.raises(RuleError, match="which has no room for the case; there are"):
        solve(year, policy("Crowds"))


def test_conformance_finds_what_is_wrong() -> None:
    for rule in ("Lowest", "DrawsFromItsSeed"):
        assert not any(f.problem for f in conformance(policy(rule))), rule
    wrong = {
        "Raises": "answers every case",
        "Crowds": "answers every case",
        "Peeks": "sees no child who has not come",
        "Draws": "gives the same answers under the same seed",
        "Remembers": "is not changed by the years it was asked before",
    }
    for rule, demand in wrong.items():
        found = [f.demand for f in conformance(policy(rule)) if f.problem]
        assert any(d.startswith(demand) for d in found), (rule, found)


@pytest.mark.parametrize("name", ["projected", "reoptimise", "dual-prices"])
@pytest.mark.parametrize("signpost", ["before", "midpoint"])
def test_shipped_rules_conform(name: str, signpost: str) -> None:
    shipped = IN_FORCE.with_changes(name="shipped", rule=name, signpost=signpost, samples=3)
    assert [f for f in conformance(shipped) if f.problem] == []


def test_projected_by_hand() -> None:
    """One child of ten has come; nine are expected, half of them with ties, as the weights are."""
    year = load_instance("textbook")
    first, second, *rest = year.municipalities
    from dataclasses import replace

    places = (
        replace(first, share=50_000, assigned_before=10, kin_weight=Fraction(0)),
        replace(second, share=50_000, assigned_before=8, kin_weight=Fraction(1)),
        *(replace(m, share=0, assigned_before=0, kin_weight=Fraction(0)) for m in rest),
    )
    one = next(c for c in year.children if c.tie is None)
    alone = year.with_changes(municipalities=places, children=(one,), transfers=(), forecast=10)
    halves = {"rule": "projected", "kinship_part": Fraction(1, 2)}
    # 8 + 4.5 expected is above 10: the second is passed over, where the rule in force takes it.
    assert solve(alone, IN_FORCE.with_changes(**halves)).counts.owned == (1, 0, 0, 0)
    assert solve(alone, IN_FORCE).counts.owned == (0, 1, 0, 0)
    # With a forecast of 4 three are expected, 1.5 of them there: 9.5 is below 10.
    few = alone.with_changes(forecast=4)
    assert solve(few, IN_FORCE.with_changes(**halves)).counts.owned == (0, 1, 0, 0)


def test_a_certain_future_is_used() -> None:
    """All who come have a tie in one municipality: rules that sample know, and spare it."""
    from dataclasses import replace

    year = load_instance("textbook")
    first, second, *rest = year.municipalities
    places = (
        replace(first, share=50_000, assigned_before=10, kin_weight=Fraction(0)),
        replace(second, share=50_000, assigned_before=8, kin_weight=Fraction(1)),
        *(replace(m, share=0, assigned_before=0, kin_weight=Fraction(0)) for m in rest),
    )
    one = replace(next(c for c in year.children if c.tie is None), arrival=year.children[0].arrival)
    alone = year.with_changes(municipalities=places, children=(one,), transfers=(), forecast=40)
    for rule in ("reoptimise", "dual-prices"):
        sure = IN_FORCE.with_changes(rule=rule, kinship_part=Fraction(1), samples=3)
        assert solve(alone, sure).counts.owned == (1, 0, 0, 0)
        unsure = sure.with_changes(kinship_part=Fraction(0))
        assert solve(alone.with_changes(forecast=1), unsure).counts.owned == (0, 1, 0, 0)


def test_a_batch_goes_on(tmp_path: Path, own: Path) -> None:
    for rule in ("Raises", "Lowest", "Peeks"):
        text = policy_toml(policy(rule)).replace('"mine"', f'"{rule}"')
        (own / f"{rule}.toml").write_text(text, encoding="utf-8")
    policies = [load_policy(own / f"{rule}.toml") for rule in ("Raises", "Lowest", "Peeks")]
    tasks = make_tasks(["sweden-2025"], [*policies, IN_FORCE], [0], Settings(gaps=False))
    summary = run_batch(tasks, tmp_path / "b", workers=2)
    assert (summary.tasks, summary.failed) == (4, 2)
    rows: Any = pd.read_parquet(summary.results).set_index("policy")
    assert rows.loc["Raises", "error"].startswith("rule own_rules:Raises, case 2025-")
    assert "sees the future" in rows.loc["Peeks", "error"]
    assert rows.loc["Lowest", "chi2"] == rows.loc["in-force", "chi2"]
    assert "own_rules:Lowest" in rows.loc["Lowest", "versions"]
    # Another source is another version: its rows are computed anew, the others are kept.
    (own / "own_rules.py").write_text(RULES + "\n# changed\n", encoding="utf-8")
    again = make_tasks(["sweden-2025"], [*policies, IN_FORCE], [0], Settings(gaps=False))
    changed = [a.key != t.key for a, t in zip(again, tasks, strict=True)]
    assert changed == [True, True, True, False]


def test_a_simulation_goes_on(tmp_path: Path) -> None:
    year = load_instance("textbook").with_changes(forecast=20)
    simulation = make_simulation(year, [IN_FORCE, policy("Raises"), policy("Lowest", name="good")])
    found = simulate(simulation, 31, tmp_path, workers=1)
    number, message = found.failed["mine"]
    table: Any = found.to_frame()
    wrong = table[table.status == "error"]
    assert number == wrong.year.nunique() > 0
    assert message.startswith("rule own_rules:Raises, case 2025-")
    assert set(found.failed) == {"mine"}
    own = table[table.mechanism == "owner-bearer"].set_index(["policy", "year"])["chi2"]
    assert (own["good"] == own["in-force"]).all()


def test_an_outlook_does_not_rest_on_a_look_ahead() -> None:
    with pytest.raises(InputError, match=r"rule own_rules:Peeks, case .* it sees the future"):
        outlook(load_instance("sweden-2025"), "0180", policy("Peeks"), years=3, workers=1)


def test_names_that_stand_for_no_rule(own: Path) -> None:
    for rule, reason in (
        ("own_rules:NoRule", "is no rule; it must be a class with a method choose"),
        ("own_rules:Missing", "cannot be imported: AttributeError"),
        ("no_such_module:Rule", "cannot be imported: ModuleNotFoundError"),
        ("own rules", "not a known value"),
        ("a:b:c", "is written package.module:Name"),
    ):
        path = own / "wrong.toml"
        path.write_text(f"format = 1\nname = 'w'\n[assignment]\nrule = '{rule}'\n", encoding="utf-8")
        with pytest.raises(InputError, match=reason) as caught:
            load_policy(path)
        assert caught.value.problems[0].column == "[assignment] rule"


def test_entry_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that registers a rule and a norm makes them names."""
    about = tmp_path / "our_package-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: our-package\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[fordela.rules]\nours = own_rules:Lowest\n[fordela.norms]\nquartic = own_norms:Quartic\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    registered.cache_clear()
    try:
        ours = IN_FORCE.with_changes(name="ours", rule="ours")
        year = load_instance("textbook")
        assert solve(year, ours).allocation == solve(year, IN_FORCE).allocation
        stack = ("over-capacity", "deviation:quartic")
        best = IN_FORCE.with_changes(name="best", rule="optimal", levels=stack)
        assert solve(year, best).status.value == "optimal"
    finally:
        registered.cache_clear()
        load_norm.cache_clear()


@settings(max_examples=60)
@given(instances(capacities=False))
def test_a_separable_norm_is_optimised(year: Instance) -> None:
    stack = ("deviation:own_norms:Quartic",)
    best = IN_FORCE.with_changes(name="best", rule="optimal", levels=stack, scope="none")
    if not any(m.share for m in year.municipalities):
        return
    found = solve(year, best, backend="highs")
    assert (found.objective[0].value,) == brute_force(year, best, ())
    assert check(year, found) == []


def test_norms_of_ones_own_are_reported_and_bounded() -> None:
    year = load_instance("textbook")
    own = ("own_norms:Quartic", "own_norms:above", "own_norms:Square")
    (figures,) = compare(year, [IN_FORCE], own_norms=own).policies
    assert set(figures.norms) == {*NORMS, *own}
    # The same as a norm of the model, and as half of another one.
    assert figures.norms["own_norms:Square"] == figures.norms["l2"]
    assert figures.own["own_norms:Square"].hindsight == figures.own["l2"].hindsight
    assert 2 * figures.norms["own_norms:above"] == figures.norms["l1"]
    assert "own_norms:above" not in figures.own
    assert figures.own["own_norms:Quartic"].hindsight.proven


@pytest.mark.parametrize(
    ("norm", "reason"),
    [
        ("Concave", "is not convex"),
        ("Inexact", "must be a whole number or a fractions.Fraction"),
        ("Breaks", "raised ZeroDivisionError"),
    ],
)
def test_what_a_norm_does_wrong_is_said(norm: str, reason: str) -> None:
    with pytest.raises(NormError, match=rf"norm own_norms:{norm}: .*{reason}"):
        compare(load_instance("textbook"), [IN_FORCE], own_norms=[f"own_norms:{norm}"])


def test_names_that_stand_for_no_norm() -> None:
    for name, reason in (("own_norms:nothing", "is no norm"), ("own_norms:Missing", "AttributeError")):
        with pytest.raises(InputError, match=reason):
            load_norm(name)


# --- code that a file names ---------------------------------------------------------------------

#: Leaves a mark when it is imported, as hostile code would.
HOSTILE = """
from pathlib import Path
Path({mark!r}).write_text("run")
class Rule:
    pass
Quartic = Rule
"""


@pytest.fixture
def sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that somebody sent: results whose policies name modules that lie in it."""
    monkeypatch.delenv("FORDELA_TRUST")
    monkeypatch.setattr(sys, "path", [*sys.path])
    folder = tmp_path / "sent"
    run = CliRunner()
    for name, policy in (("rule", "in-force"), ("norm", "optimal")):
        words = ["solve", "textbook", "--policy", policy, "--out", str(folder / name), "-q"]
        made = run.invoke(main, words)
        assert made.exit_code == 0, made.output
        code = HOSTILE.format(mark=str(tmp_path / "mark"))
        (folder / name / "hostile.py").write_text(code, encoding="utf-8")
        text = (folder / name / "policy.toml").read_text(encoding="utf-8")
        text = text.replace('"lowest-fulfilment"', '"hostile:Rule"')
        text = text.replace("deviation:chi2", "deviation:hostile:Quartic")
        assert "hostile" in text
        (folder / name / "policy.toml").write_text(text, encoding="utf-8")
        result = folder / name / "result.json"
        claims = result.read_text(encoding="utf-8")
        claims = claims.replace("deviation:chi2", "deviation:hostile:Quartic")
        result.write_text(claims, encoding="utf-8")
    return folder


@pytest.mark.parametrize("there", [False, True], ids=["elsewhere", "in the folder"])
@pytest.mark.parametrize("name", ["rule", "norm"])
@pytest.mark.parametrize(
    "words",
    [
        ["check", "textbook", "{0}"], ["report", "{0}", "--out", "{1}/page.html"],
        ["report", "{0}", "--out", "{1}/book.xlsx", "--publish"],
        ["explain", "{0}", "--municipality", "0001"],
        ["solve", "textbook", "--policy", "{0}/policy.toml"],
        ["compare", "textbook", "--policy", "{0}/policy.toml"], ["diff", "{0}", "{0}"],
        ["solve", "textbook", "--continue", "{0}"], ["queue", "textbook", "--continue", "{0}"],
        ["test-rule", "{0}/policy.toml"], ["policies", "{0}/policy.toml"],
        ["outlook", "textbook", "--municipality", "0001", "--policy", "{0}/policy.toml"],
        ["compare", "textbook", "--norm", "hostile:Quartic"],
    ],
    ids=lambda words: words[0],
)  # fmt: skip
def test_nothing_that_a_file_names_is_run(
    words: list[str], name: str, there: bool, sent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the command says of such a file, the code in it is not run, wherever one stands."""
    monkeypatch.chdir(sent / name if there else sent.parent)
    told = CliRunner().invoke(main, [w.format(sent / name, sent.parent) for w in words])
    assert not (sent.parent / "mark").exists()
    assert "hostile" not in sys.modules
    assert str(sent / name) not in sys.path
    assert told.exit_code in {0, 1, 2}, told.output
    said = " ".join(told.output.split())
    if told.exit_code == 2 and "hostile" in said:
        assert "--trust" in said or "has no line" in said


def test_a_name_on_the_command_line_needs_trust_too(
    sent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sent / "norm")
    refused = CliRunner().invoke(main, ["compare", "textbook", "--norm", "hostile:Quartic"])
    assert refused.exit_code == 2
    assert "is code in the module hostile" in refused.output
    CliRunner().invoke(main, ["compare", "textbook", "--norm", "hostile:Quartic", "--trust"])
    assert (sent.parent / "mark").exists()
    sys.modules.pop("hostile", None)
    assert os.environ.get("FORDELA_TRUST", "") == ""  # consent ends with the command


def test_a_results_folder_is_not_looked_in_even_where_code_is_trusted(sent: Path) -> None:
    CliRunner().invoke(main, ["check", "textbook", str(sent / "norm"), "--trust"])
    assert not (sent.parent / "mark").exists()


def test_what_a_rule_can_do_all_the_same() -> None:
    """docs/own-rules.md: a rule that searches the memory for the true year passes."""
    year = generate(Parameters("long", 2025, municipalities=6, children=40, seed=3))
    assert solve(year, policy("Searches")).status
