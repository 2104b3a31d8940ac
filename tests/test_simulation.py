"""Simulations: paired, the same with any workers, and every figure that of the single years."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import load_policy
from fordela.instances.random_years import AgencyHousing, ArrivalModel, Drawer
from fordela.models.errors import FordelaError, InputError
from fordela.models.instance import Instance
from fordela.models.policy import IN_FORCE, NORMS
from fordela.report.folders import write_simulation
from fordela.solver.comparison import compare
from fordela.solver.simulation.municipal import municipal_rows
from fordela.solver.simulation.run import Simulated, simulate
from fordela.solver.simulation.spec import make_simulation
from fordela.solver.simulation.statistics import chance, estimate
from fordela.solver.simulation.summary import convergence
from fordela.solver.workers import each, local_workers

MODEL = ArrivalModel(children=Fraction(14), surge=Fraction(1, 8))
YEARS = 40


def small() -> Instance:
    """The textbook's four municipalities, with a wish of each kind and willing places."""
    year = load_instance("textbook")
    first, second, *rest = year.municipalities
    places = (replace(first, willing=2, wants_more=5000), replace(second, wants_less=4000), *rest)
    return year.with_changes(municipalities=places, forecast=14)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    policies = [IN_FORCE, load_policy("willing-first"), load_policy("optimal"), load_policy("county")]
    simulation = make_simulation(small(), policies, MODEL)
    return simulate(simulation, YEARS, tmp_path_factory.mktemp("s"), workers=2)


def test_every_row_is_the_comparison_of_that_year(simulated: Simulated) -> None:
    table: Any = simulated.to_frame()
    drawer = Drawer(small(), MODEL, "0")
    names = list(simulated.simulation.policies)
    for number, year in zip(range(8), drawer.instances(range(8)), strict=True):
        comparison = compare(year, [load_policy(n) for n in names], seed=number)
        for name, figures in zip(names, comparison.policies, strict=True):
            own = figures.result.policy.counting.mechanism
            (row,) = table[
                (table.year == number) & (table.policy == name) & (table.mechanism == own)
            ].itertuples()
            assert row.children == len(year.children)
            for count in ("kinship", "equalising", "willing", "with_0", "with_more", "in_willing"):
                assert getattr(row, count) == getattr(figures, count), (name, count)
            assert row.chi2 == pytest.approx(float(figures.norms["chi2"]), abs=1e-12)  # type: ignore[arg-type]
            for norm in NORMS:
                gap = figures.own[norm]
                cell = table.loc[row.Index, f"{norm}_own_optimum"]
                assert cell == pytest.approx(float(gap.hindsight.value or 0), abs=1e-12)
                assert table.loc[row.Index, f"{norm}_own_proven"]


def test_policies_meet_the_same_children(simulated: Simulated) -> None:
    table: Any = simulated.to_frame()
    assert sorted(table.year.unique()) == list(range(YEARS))
    assert table.groupby("year")[["children", "affected", "kinship"]].nunique().eq(1).all().all()
    assert table.groupby(["year", "policy", "mechanism"]).size().eq(1).all()
    assert table.year.is_monotonic_increasing


def test_neither_workers_nor_chunks_have_any_influence(simulated: Simulated, tmp_path: Path) -> None:
    alone = simulate(simulated.simulation, YEARS, tmp_path, workers=1)
    pd.testing.assert_frame_equal(alone.to_frame(), simulated.to_frame())
    for key, tally in simulated.tallies.items():
        assert (alone.tallies[key] == tally).all()
    fewer = simulate(simulated.simulation, 7, tmp_path, workers=1).to_frame()
    whole: Any = simulated.to_frame()
    pd.testing.assert_frame_equal(fewer, whole[whole.year < 7].reset_index(drop=True))


def test_the_summary_is_what_pandas_says(simulated: Simulated) -> None:
    table: Any
    summary: Any
    table, summary = simulated.to_frame(), simulated.summary()
    base = table[(table.policy == "in-force") & (table.mechanism == "owner-bearer")]
    other = table[(table.policy == "willing-first") & (table.mechanism == "owner-bearer")]
    for figure in ("chi2", "with_0", "in_willing", "chi2_own_gap"):
        row = summary[
            (summary.policy == "willing-first") & (summary.figure == figure)
            & (summary.mechanism == "owner-bearer")
        ].iloc[0]  # fmt: skip
        values = other[figure].astype(float).tolist()
        half = 1.959963984540054 * stdev(values) / YEARS**0.5
        assert row["mean"] == pytest.approx(mean(values))
        assert row["mean_high"] == pytest.approx(mean(values) + half)
        paired = (other[figure].to_numpy(float) - base[figure].to_numpy(float)).tolist()
        assert row["difference"] == pytest.approx(mean(paired), abs=1e-12)
        width = 1.959963984540054 * stdev(paired) / YEARS**0.5
        assert row["difference_low"] == pytest.approx(mean(paired) - width, abs=1e-12)
        assert row["percentile_95"] == pytest.approx(other[figure].astype(float).quantile(0.95))


def test_an_optimum_gains_all_that_hindsight_gains(simulated: Simulated) -> None:
    summary: Any = simulated.summary()
    gains = summary[summary.figure == "chi2_gain"].set_index("policy")
    assert gains.loc["optimal", "mean"] == pytest.approx(1)
    assert gains.loc["optimal", "mean_low"] == pytest.approx(1)
    assert gains.loc["willing-first", "mean"] < 1


def test_municipalities_are_the_sums_of_the_years(simulated: Simulated) -> None:
    drawer = Drawer(small(), MODEL, "0")
    totals = []
    for year in drawer.instances(range(YEARS)):
        (figures,) = compare(year, [IN_FORCE], norms=()).policies
        totals.append(figures.result.counts.total)
    table = np.array(totals)
    rows = [
        r for r in municipal_rows(simulated)
        if (r["policy"], r["mechanism"]) == ("in-force", "owner-bearer")
    ]  # fmt: skip
    for k, row in enumerate(rows):
        values = table[:, k].tolist()
        assert row["mean"] == pytest.approx(mean(values))
        assert row["mean_high"] == pytest.approx(
            mean(values) + 1.959963984540054 * stdev(values) / YEARS**0.5
        )
        assert row["probability_with_0"] == pytest.approx(values.count(0) / YEARS)
        assert row["probability_with_more"] == pytest.approx(sum(v > 3 for v in values) / YEARS)


def test_both_mechanisms_where_shares_are_handed_over(simulated: Simulated) -> None:
    found = {(v.name, v.mechanism) for v in simulated.simulation.variants}
    # The textbook has decided transfers, and 'county' finds one; the optimum stands for itself.
    for name in ("in-force", "willing-first", "county"):
        assert {(name, "owner-bearer"), (name, "effective-share")} <= found
    assert [m for n, m in found if n == "optimal"] == ["owner-bearer"]


def test_convergence_ends_at_the_mean(simulated: Simulated) -> None:
    table: Any = simulated.to_frame()
    for settled in convergence(simulated, ["with_0"]):
        own = table[(table.policy == settled.policy) & (table.mechanism == "owner-bearer")]
        assert [e.years for e in settled.estimates] == [5, 10, 20, 40]
        assert settled.estimates[-1].mean == pytest.approx(own["with_0"].mean())
        assert settled.estimates[0].mean == pytest.approx(own["with_0"][:5].mean())
        assert settled.estimates[0].half is None  # too few years for an interval
        assert settled.estimates[-1].half is not None


def test_moved_ties_are_a_scenario_of_the_same_years(tmp_path: Path) -> None:
    housing = AgencyHousing(("0002",), Fraction(1, 2))
    simulation = make_simulation(small(), [IN_FORCE], MODEL, housing=housing, norms=())
    found = simulate(simulation, 30, tmp_path, workers=1)
    table: Any = found.to_frame()
    children = table.pivot_table(index="year", columns="scenario", values="children", aggfunc="max")
    assert (children["base"] == children["moved-ties"]).all()
    rows: Any = pd.DataFrame(municipal_rows(found)).query(
        "mechanism == 'owner-bearer' and code == '0002'"
    )
    means = rows.set_index("scenario")["mean_kinship"]
    assert means["moved-ties"] > means["base"] + 1
    summary: Any = found.summary().query("scenario == 'moved-ties' and figure == 'with_0'").iloc[0]
    assert summary["scenario_difference_low"] is not None


def test_bilateral_deals_are_made_anew_every_year(tmp_path: Path) -> None:
    year = load_instance("sweden-2026")
    policy = load_policy("bilateral").with_changes(scope="bilateral")
    simulation = make_simulation(year, [policy], ArrivalModel(surge=Fraction(0)), norms=())
    assert all(v.made is None for v in simulation.variants)
    table: Any = simulate(simulation, 3, tmp_path, workers=1).to_frame()
    assert (table.status == "feasible").all()


def test_a_folder_is_whole_and_opens_with_one_line(tmp_path: Path) -> None:
    simulation = make_simulation(small(), [IN_FORCE], MODEL)
    target = tmp_path / "years"
    with write_simulation(target, lambda f: simulate(simulation, 5, f, workers=1)) as found:
        assert len(pd.read_parquet(target / "simulation.parquet")) == 10
        assert found.rows == target / "simulation.parquet"
    names = {p.name for p in target.iterdir()}
    assert names == {
        "simulation.parquet", "summary.csv", "municipalities.csv", "simulation.json", "instance",
        "in-force",
    }  # fmt: skip
    data = json.loads((target / "simulation.json").read_text(encoding="utf-8"))
    assert (data["years"], data["stream"], data["arrivals"]["children"]) == (5, "0", "14")
    with (
        pytest.raises(InputError, match="exists and is not an empty folder"),
        write_simulation(target, lambda f: simulate(simulation, 5, f, workers=1)),
    ):
        pass

    def breaks(_: Path) -> Simulated:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), write_simulation(tmp_path / "other", breaks):
        pass
    assert {p.name for p in tmp_path.iterdir()} == {"years"}


def test_chances_do_not_shrink_to_nothing() -> None:
    never = chance(0, 1000)
    assert never.low == pytest.approx(0, abs=1e-15)
    # Wilson's upper end for 0 of n is z² / (n + z²).
    assert never.high == pytest.approx(1.959964**2 / (1000 + 1.959964**2), rel=1e-5)
    half = chance(500, 1000)
    assert half.low == pytest.approx(0.46907, abs=1e-5)
    assert half.high == pytest.approx(0.53093, abs=1e-5)
    assert chance(1, 29).low is None


def test_estimates_by_hand() -> None:
    found = estimate(np.array([1.0, 2.0, 3.0] * 12))
    assert found is not None
    # Variance 24 / 35, 36 years: half is 1.96 · sqrt(24 / 35) / 6.
    assert found.mean == 2
    assert found.half == pytest.approx(1.959964 * (24 / 35) ** 0.5 / 6)
    assert found.sign == 1
    assert estimate(np.array([])) is None


def test_one_worker_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a machine of one core."""

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", refused)
    simulation = make_simulation(small(), [IN_FORCE], MODEL)
    found = simulate(simulation, 3, tmp_path, workers=1)
    assert (len(found.to_frame()), found.failed) == (6, {})
    done = each(lambda task: (task, os.getpid()), [1, 2], lambda task, _: (task, 0), workers=1)
    assert [result for _, result in done] == [(1, os.getpid()), (2, os.getpid())]
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert local_workers(None) == 1


@pytest.mark.parametrize(
    "call",
    [
        "fordela.simulate(fordela.make_simulation(year, [fordela.IN_FORCE]), 4, folder, workers=2)",
        "fordela.run_batch(fordela.make_tasks(['textbook'], [fordela.IN_FORCE], range(2), "
        "fordela.Settings(gaps=False)), folder, workers=2)",
    ],
    ids=["simulate", "run_batch"],
)
def test_several_workers_need_a_guarded_script(call: str, tmp_path: Path) -> None:
    """One message that says what to do; the processes, which meet the call again, say nothing."""
    script = (
        "from pathlib import Path\nimport fordela\nfolder = Path('made')\n"
        f"year = fordela.load_instance('textbook')\n{call}\n"
    )
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 1
    assert done.stderr.splitlines()[-1].endswith(
        "workers is '2': no process reached its work; each reads the script from the top first, so "
        "put the call under 'if __name__ == \"__main__\":', or ask for one worker"
    )


def test_nothing_is_told_of_years_in_which_every_policy_failed(tmp_path: Path) -> None:
    simulation = make_simulation(small(), [IN_FORCE], MODEL)
    lost = Simulated(simulation, 2, tmp_path / "none", {}, {"in-force": (2, "its process died")}, 0.0)
    for told in (lost.summary, lost.municipalities):
        with pytest.raises(FordelaError, match="its process died"):
            told()


def test_a_rule_without_what_it_needs_is_named_before_any_year() -> None:
    year = small().with_changes(forecast=None)
    for changes in ({"valve": Fraction(1)}, {"rule": "projected"}):
        with pytest.raises(InputError, match="forecast"):
            make_simulation(year, [IN_FORCE.with_changes(**changes)], MODEL)
    with pytest.raises(InputError, match="at least one policy"):
        make_simulation(year, [], MODEL)
