"""The commands for many years: tables in both languages, stable formats, one message per problem."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from fordela.cli import main

FEW = ["--children", "12", "--surge", "0", "--workers", "1"]


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words])


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("cli") / "years"
    made = run("simulate", "textbook", "--years", "32", *FEW, "--out", str(target), "-q")
    assert made.exit_code == 0, made.output
    return target


def test_a_simulation_is_told_in_both_languages() -> None:
    english = run("simulate", "textbook", "--years", "32", *FEW).stdout
    for text in (
        "32 random years (seed 0)", "Mean of a year", "Difference from in-force, year by year",
        "From the lowest to the highest year in twenty", "Proven by counting in 32 of 32 years",
        "How the means settle", "Shares are computed, not official",
    ):  # fmt: skip
        assert text in english, text
    swedish = run("simulate", "textbook", "--years", "32", *FEW, "--lang", "sv").stdout
    for text in ("32 slumpade år (frö 0)", "Medel av ett år", "Bevisat genom räkning i 32 av 32 år"):
        assert text in swedish, text
    few = run("simulate", "textbook", "--years", "5", *FEW).stdout
    assert "Fewer than 30 years: no interval" in few
    assert "±" not in few.replace("Mean ± 95 %", "")


@pytest.mark.parametrize(("number", "told"), [(19, False), (20, True)])
def test_percentiles_need_twenty_years(number: int, told: bool, tmp_path: Path) -> None:
    """One year in twenty lies outside each: of fewer years none does."""
    words = ["simulate", "textbook", "--years", str(number), *FEW, "--out", str(tmp_path / "s")]
    said = run(*words).stdout
    assert ("5th and 95th percentile)" in said) == told
    assert ("Fewer than 20 years: no 5th and 95th percentile." in said) != told
    table = (tmp_path / "s" / "summary.csv").read_text(encoding="utf-8")
    rows = [r for r in csv.DictReader(io.StringIO(table)) if r["figure"] == "children"]
    assert rows
    for row in rows:
        assert (row["percentile_5"] != "") == (row["percentile_95"] != "") == told
        assert row["percentile_50"] != ""
    asked = ["outlook", "textbook", "--municipality", "Ek", "--years", str(number)]
    said = run(*asked).stdout
    assert ("One year in twenty: at most" in said) == told
    assert ("Fewer than 20 years: no 5th and 95th percentile." in said) != told
    for row in json.loads(run(*asked, "--format", "json").stdout):
        assert (row["percentile_5"] is not None) == (row["percentile_95"] is not None) == told


def test_formats_are_those_of_the_files(years: Path) -> None:
    printed = run("simulate", "textbook", "--years", "32", *FEW, "--format", "csv", "-q").stdout
    written = (years / "summary.csv").read_text(encoding="utf-8")
    assert list(csv.DictReader(io.StringIO(printed))) == list(csv.DictReader(io.StringIO(written)))
    rows = json.loads(
        run("simulate", "textbook", "--years", "3", *FEW, "--format", "json", "-q").stdout
    )
    assert {r["figure"] for r in rows} >= {"children", "chi2", "with_0", "chi2_own_gap"}
    assert all("number of children" in r["synthetic"] for r in rows)
    county = run(
        "simulate", "textbook", "--years", "3", *FEW, "--county", "01", "--format", "json", "-q"
    )
    assert {r["county_code"] for r in json.loads(county.stdout)} == {"01"}


def test_a_set_is_not_a_seed() -> None:
    found = {
        run("simulate", "textbook", "--years", "3", *FEW, *words, "--format", "csv", "-q").stdout
        for words in ([], ["--seed", "1"], ["--set", "training"], ["--set", "testing"])
    }
    assert len(found) == 4
    assert (
        "the testing set"
        in run("simulate", "textbook", "--years", "2", *FEW, "--set", "testing").stdout
    )


def test_moved_ties_are_shown() -> None:
    shown = run(
        "simulate", "textbook", "--years", "32", *FEW, "--moved-ties", "0.5", "--to", "0001"
    ).stdout
    assert "50.0% of the ties moved to Ask (the Migration Agency's accommodation): difference" in (
        " ".join(shown.split())
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--kinship", "1.5"], "arrivals, kinship is '1.5': must be between 0 and 1"),
        (["--spread", "abc"], "'abc' is not a number"),
        (["--siblings", "0,1"], "--siblings is '0,1': must be whole weights"),
        (["--moved-ties", "0.5"], "--moved-ties and --to go together"),
        (["--moved-ties", "2", "--to", "9999"], "housing, codes is '9999': no such municipality"),
        (["--policy", "inforce"], "did you mean in-force?"),
        (["--trust", "--norm", "no.such:Norm"], "--norm is 'no.such:Norm': cannot be imported"),
        (["--years", "0"], "0 is not in the range"),
        (["--scheduler", "nowhere"], "no Dask scheduler answers there"),
        (["--county", "77"], "no such county"),
    ],
)
def test_wrong_use_is_one_message(words: list[str], message: str, tmp_path: Path) -> None:
    said = run("simulate", "textbook", "--years", "2", *words, "--out", str(tmp_path / "o"))
    assert said.exit_code == 2
    assert message in said.stderr.replace("\n", " ")
    assert "Traceback" not in said.output
    assert list(tmp_path.iterdir()) == []


def test_an_outlook_is_told_in_both_languages() -> None:
    english = run("outlook", "textbook", "--municipality", "Ek", "--years", "50").stdout
    for text in ("Ek (0004), 100.00 ‰", "As it is, ", "owner-bearer", "effective-share",
                 "Probability of no child", "State compensation, known parts, SEK"):  # fmt: skip
        assert text in english.replace("As it is,\n", "As it is, "), text
    words = ["outlook", "sweden-2026", "--municipality", "Kalmar", "--takes", "3", "--years", "50"]
    swedish = run(*words, "--lang", "sv").stdout
    for text in ("Kalmar (0880), 6,67 ‰", "Överenskommelsen: ", "lämnar 3,00 ‰ till Kalmar",
                 "Med överenskommelsen", "Parten är antagen"):  # fmt: skip
        assert text in swedish, text
    rows = json.loads(run(*words, "--format", "json").stdout)
    assert [(r["deal"], r["mechanism"]) for r in rows] == [
        (False, "owner-bearer"), (False, "effective-share"),
        (True, "owner-bearer"), (True, "effective-share"),
    ]  # fmt: skip
    for row in rows:
        parts = ("probability_0", "probability_1", "probability_2_3", "probability_more")
        assert sum(row[p] for p in parts) == pytest.approx(1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--municipality", "Nowhere"], "no such municipality"),
        (["--municipality", "0004", "--takes", "1", "--gives", "1"], "not both"),
        (["--municipality", "0004", "--takes", "-1"], "must be above 0 and at most 1000 ‰"),
        (["--municipality", "0004", "--takes", "0.001"], "with at most two decimals"),
        (["--municipality", "0004", "--takes", "NaN"], "is not a number of that size"),
        (["--municipality", "0004", "--partner", "0001"], "--partner needs"),
        (["--municipality", "0004", "--policy", "optimal"], "no rule to expect anything from"),
        (["--municipality", "0001", "--gives", "999"], "that it has left"),
    ],
)
def test_wrong_outlooks_are_one_message(words: list[str], message: str) -> None:
    said = run("outlook", "textbook", "--years", "2", *words)
    assert said.exit_code == 2
    assert message in said.stderr.replace("\n", " ")
    assert "Traceback" not in said.output


def test_a_summary_groups_rows(years: Path) -> None:
    table = pd.read_parquet(years / "simulation.parquet")
    printed = run(
        "summary", str(years), "--by", "policy", "--by", "mechanism", "--format", "json"
    ).stdout
    for row in json.loads(printed):
        members = table[(table.policy == row["policy"]) & (table.mechanism == row["mechanism"])]
        values = members[row["figure"]].dropna().astype(float)
        assert row["rows"] == len(values)
        assert row["mean"] == pytest.approx(values.mean())
        half = 1.959963984540054 * values.std() / len(values) ** 0.5
        assert row["high"] == pytest.approx(values.mean() + half)
    shown = run("summary", str(years / "simulation.parquet")).stdout
    assert "no-redistribution" in shown
    wrong = run("summary", str(years), "--by", "polcy", "--figure", "error")
    assert wrong.exit_code == 2
    assert "did you mean policy?" in wrong.stderr
    assert "no such column of numbers" in wrong.stderr
    nothing = run("summary", str(years / "instance"))
    assert nothing.exit_code == 2
    assert "holds no rows" in nothing.stderr
    (years.parent / "broken.parquet").write_bytes(b"PAR1 not")
    assert "cannot be read" in run("summary", str(years.parent / "broken.parquet")).stderr


def test_a_summary_of_a_batch(tmp_path: Path) -> None:
    out = str(tmp_path / "b")
    assert run("batch", "textbook", "--seeds", "2", "--workers", "1", "--out", out, "-q").exit_code == 0
    shown = run("summary", out, "--by", "instance", "--by", "policy")
    assert shown.exit_code == 0
    assert "in-force" in shown.stdout


def test_rules_without_a_line_are_not_explained(tmp_path: Path) -> None:
    policy = tmp_path / "p.toml"
    policy.write_text("format = 1\nname = 'p'\n[assignment]\nrule = 'projected'\n", encoding="utf-8")
    out = str(tmp_path / "r")
    assert run("solve", "sweden-2025", "--policy", str(policy), "--out", out, "-q").exit_code == 0
    assert run("check", "sweden-2025", out).exit_code == 0
    for words in (["explain", out, "--municipality", "Kalmar"],
                  ["queue", "sweden-2025", "--policy", str(policy)]):  # fmt: skip
        said = run(*words)
        assert said.exit_code == 2
        assert "rule projected is asked case by case" in said.stderr
    policy.write_text("format = 1\nname = 'd'\n[assignment]\nrule = 'dual-prices'\nsamples = 2\n")
    sampled = str(tmp_path / "s")
    made = run("solve", "sweden-2025", "--policy", str(policy), "--out", sampled, "-q")
    assert made.exit_code == 0
    checked = run("check", "sweden-2025", sampled)
    assert checked.exit_code == 0
    assert "The choices of rule dual-prices are not made again here" in checked.stdout


def test_the_conformance_test_from_the_command_line(tmp_path: Path) -> None:
    policy = tmp_path / "p.toml"
    policy.write_text("format = 1\nname = 'p'\n[assignment]\nrule = 'projected'\n", encoding="utf-8")
    good = run("test-rule", str(policy))
    assert good.exit_code == 0
    assert good.stdout.count("yes") == 5
    (tmp_path / "stray.py").write_text(
        "class Stray:\n"
        "    def __init__(self, known):\n        pass\n"
        "    def choose(self, case, state):\n        return 'nowhere'\n"
    )
    policy.write_text("format = 1\nname = 'p'\n[assignment]\nrule = 'stray:Stray'\n", encoding="utf-8")
    bad = run("test-rule", str(policy), "--format", "json", "--trust")
    assert bad.exit_code == 1
    assert "which is no municipality of the instance" in json.loads(bad.stdout)[0]["problem"]
    assert run("test-rule", "optimal").exit_code == 2
