"""Every documented command run as a user would, with real and with broken input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from fordela.cli import main
from fordela.instances.catalogue import load_instance

COMMAND = [sys.executable, "-m", "fordela.cli"]


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(words))
    assert "Traceback" not in result.output
    assert result.exit_code == code, result.output
    return result


def out(*words: str, code: int = 0) -> str:
    return run(*words, code=code).stdout


def test_compare_prints_what_a_planner_reads() -> None:
    text = out("compare", "sweden-2025")
    assert "123 of 437 children have no tie" in text
    for word in ("in-force", "no-redistribution", "optimal", "chi2", "linf", "Proven"):
        assert word in text
    assert "Every hindsight optimum is proven" in text
    assert "not official" in text
    assert "hindsight" in text.lower()
    assert "192 of 290 municipalities get no variable compensation" in text


def test_compare_in_swedish() -> None:
    text = out("compare", "textbook", "--lang", "sv")
    assert "6 av 8 barn saknar anknytning" in text
    assert "0,20" in text


def test_compare_of_one_county() -> None:
    text = out("compare", "textbook", "--county", "02")
    assert "Ceder" in text
    assert "Ask" not in text
    assert "2 (1.019)" in text  # 22 credited of a target of 21.6
    assert "no such county" in run("compare", "textbook", "--county", "7", code=2).stderr


def test_quiet() -> None:
    assert run("instances", "validate", "sweden-2025", "-q").stderr == ""


def test_compare_writes_a_folder_that_checks(tmp_path: Path) -> None:
    target = tmp_path / "c"
    out("compare", "textbook", "--policy", "in-force", "--policy", "optimal", "--out", str(target))
    table = pd.read_csv(target / "comparison.csv")
    assert list(table["policy"]) == ["in-force", "optimal"]
    assert table["chi2_own_gap"].tolist() == [0.069444, 0]
    data = json.loads((target / "comparison.json").read_text(encoding="utf-8"))
    assert data["affected"] == 6
    assert data["policies"][0]["gap_own"]["chi2"]["difference"] == "5/72"
    for policy in ("in-force", "optimal"):
        assert out("check", "textbook", str(target / policy)).startswith(("Clean", "No fault"))


@pytest.mark.parametrize("form", ["json", "csv"])
def test_formats(form: str) -> None:
    for words in (
        ("compare", "textbook"), ("solve", "textbook"), ("queue", "textbook"),
        ("instances", "list"), ("instances", "show", "textbook"),
    ):  # fmt: skip
        text = out(*words, "--format", form)
        if form == "json":
            json.loads(text)
        else:
            assert text.count("\n") >= 2


@pytest.mark.parametrize("backend", ["auto", "highs", "cp-sat", "cbc"])
def test_solve_and_check(tmp_path: Path, backend: str) -> None:
    target = tmp_path / "r"
    words = ("--policy", "optimal", "--backend", backend, "--out", str(target))
    assert "optimal" in out("solve", "sweden-2025", *words)
    assert {p.name for p in target.iterdir()} == {
        "allocation.csv", "municipalities.csv", "transfers.csv", "result.json", "policy.toml",
        "instance",
    }  # fmt: skip
    data = json.loads((target / "result.json").read_text(encoding="utf-8"))
    for key in (
        "status", "termination", "objective", "gap", "backend", "backend_version",
        "fordela_version", "seed", "seconds", "instance_sha256", "policy_sha256", "tied_decisions",
    ):  # fmt: skip
        assert key in data
    assert data["status"] == "optimal"
    assert set(data["objective"][0]) >= {"level", "value", "float", "bound", "status", "price"}
    table = pd.read_csv(target / "municipalities.csv", dtype={"code": str})
    assert set(table.columns) >= {
        "code", "share", "assigned_before", "kinship", "equalising", "willing",
        "on_transferred_share", "total", "credited", "target", "deviation", "fulfilment",
        "compensation", "synthetic",
    }  # fmt: skip
    assert table["total"].sum() == 437
    assert "assigned_before" in table["synthetic"][0]
    rows = pd.read_csv(target / "allocation.csv", dtype=str)
    assert list(rows.columns) == ["case", "child", "municipality", "owner", "kind", "order"]
    assert "No fault found: 437 children" in out("check", "sweden-2025", str(target))


def test_check_finds_a_changed_row(tmp_path: Path) -> None:
    target = tmp_path / "r"
    out("solve", "textbook", "--out", str(target))
    path = target / "allocation.csv"
    text = path.read_text(encoding="utf-8").replace("d,d1,0001,0001", "d,d1,0002,0002")
    path.write_text(text, encoding="utf-8")
    text = out("check", "textbook", str(target), code=1)
    assert "rule: case d" in text
    assert "figures: 0001 equalising" in text
    out("check", "sweden-2025", str(target), code=1)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("result.json", "{", "result.json: is no result"),
        ("result.json", "[]", "result.json: is no result"),
        ("allocation.csv", "", "allocation.csv: is empty"),
        ("allocation.csv", "case,child\n", "this column is missing"),
        ("transfers.csv", "from_code,to_code,share\n1,2,x\n", "share is 'x'"),
        ("policy.toml", "format = 1\n", "name: is missing"),
    ],
)
def test_check_of_broken_files(tmp_path: Path, name: str, content: str, expected: str) -> None:
    target = tmp_path / "r"
    out("solve", "textbook", "--out", str(target))
    (target / name).write_text(content, encoding="utf-8")
    assert expected in run("check", "textbook", str(target), code=2).stderr
    (target / name).unlink()
    assert name in run("check", "textbook", str(target), code=2).stderr


def test_queue() -> None:
    text = out("queue", "textbook")
    assert text.index("Ask") < text.index("Ceder") < text.index("Ek ") < text.index("Bok")
    assert "Öckerö" in out("queue", "sweden-2025", "--county", "14")
    assert "Öckerö" not in out("queue", "sweden-2025", "--county", "08")
    error = run("queue", "textbook", "--policy", "optimal", code=2).stderr
    assert "has no line" in error


def test_instances(tmp_path: Path) -> None:
    assert "sweden-surge" in out("instances", "list")
    text = out("instances", "show", "sweden-2025")
    assert "not official" in text
    assert "SCB, 31 December 2024" in text
    target = tmp_path / "export"
    out("instances", "export", "sweden-2025", str(target))
    assert "Valid: sweden-2025, 290 municipalities" in out("instances", "validate", str(target))
    assert "exists" in run("instances", "export", "textbook", str(target), code=2).stderr
    out("instances", "export", "textbook", str(target), "--force")
    made = tmp_path / "made"
    out("instances", "new", str(made), "--municipalities", "20", "--children", "50", "--seed", "1")
    assert "20 municipalities, 50 children" in out("instances", "validate", str(made))
    assert "optimal" in out("compare", str(made))
    run("instances", "new", str(tmp_path / "x"), "--siblings", "a", code=2)


def test_broken_instances_exit_2_and_write_nothing(tmp_path: Path) -> None:
    folder, target = tmp_path / "i", tmp_path / "o"
    out("instances", "export", "textbook", str(folder))
    path = folder / "children.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("0002", "0009"), encoding="utf-8")
    for words in (("compare",), ("solve",), ("queue",), ("instances", "validate")):
        more = ("--out", str(target)) if words[0] in ("compare", "solve") else ()
        error = run(*words, str(folder), *more, code=2).stderr
        assert "children.csv, row 5, kin_municipality is '0009'" in error
    assert not target.exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("compare", "sweden-2052"), "did you mean sweden-20"),
        (("compare", "textbook", "--policy", "optimum"), "did you mean optimal"),
        (("compare", "textbook", "--policy", "optimal", "--policy", "optimal"), "rename one"),
        (("compare", "textbook", "--backend", "scip"), "scip"),
        (("solve", "textbook", "--time-limit", "0"), "time-limit"),
        (
            ("solve", "textbook", "--county", "99"),
            "no such county; the instance has 01 Nordlän, 02 Sydlän",
        ),
        (("solve", "textbook", "--seed", "-1"), "seed"),
        (("check", "textbook", "nowhere"), "no such folder"),
        (("nonsense",), "nonsense"),
    ],
)
def test_wrong_usage_exits_2(words: tuple[str, ...], expected: str) -> None:
    assert expected in run(*words, code=2).stderr


def test_infeasible_exits_3_and_no_solution_exits_4(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    out("instances", "export", "textbook", str(folder))
    path = folder / "municipalities.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    column = header.index("capacity")
    rows = [line.split(",") for line in lines[1:]]
    for row in rows:
        row[column] = "1"
    text = "\n".join([lines[0], *(",".join(row) for row in rows)]) + "\n"
    path.write_text(text, encoding="utf-8")
    policy = tmp_path / "hard.toml"
    policy.write_text(
        'format = 1\nname = "hard"\n[assignment]\nrule = "optimal"\ncapacity = "hard"\n'
        '[optimal]\nlevels = ["deviation:chi2"]\n',
        encoding="utf-8",
    )
    target = tmp_path / "o"
    error = run("solve", str(folder), "--policy", str(policy), "--out", str(target), code=3).stderr
    # Room for untied children: 1, 0, 1, 0 of six.
    assert "raise the capacity by 4 children in all" in error
    assert not target.exists()
    run("solve", "sweden-2025", "--policy", "optimal", "--time-limit", "0.000001", code=4)


def test_policies_and_completion(tmp_path: Path) -> None:
    assert "no-redistribution" in out("policies")
    path = tmp_path / "mine.toml"
    changed = out("policies", "in-force").replace('"before"', '"after"')
    path.write_text(changed, encoding="utf-8")  # still called by the shipped policy's name
    assert (
        "give a policy of your own another name"
        in run("compare", "textbook", "--policy", str(path), code=2).output
    )
    path.write_text(changed.replace('"in-force"', '"mine"'), encoding="utf-8")
    assert "rule followed" in out("compare", "textbook", "--policy", str(path))
    for shell in ("bash", "zsh", "fish"):
        assert "FORDELA_COMPLETE" in out("completion", shell)


def test_help_everywhere() -> None:
    for words in (
        (), ("compare",), ("solve",), ("check",), ("queue",), ("instances",), ("instances", "new"),
        ("instances", "list"), ("policies",), ("completion",),
    ):  # fmt: skip
        text = out(*words, "--help")
        assert "Usage" in text
        assert "\\b" not in text
    assert "\n    fordela compare sweden-2025\n" in out("--help")
    assert "fordela 0.1.0" in out("--version")


def process(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )


def test_piped_output_has_no_colour_and_no_progress() -> None:
    found = process("compare", "textbook")
    assert found.returncode == 0
    assert "\x1b" not in found.stdout + found.stderr
    assert found.stderr == ""


def test_a_reader_that_leaves_early() -> None:
    found = subprocess.run(
        f"{sys.executable} -m fordela.cli instances list --format csv | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in found.stderr


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    error = run("solve", "textbook", "--out", str(file / "below"), code=2).stderr
    assert "cannot be written" in error


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, fordela.cli; from click.testing import CliRunner; "
        "CliRunner().invoke(fordela.cli.main, ['--help']); "
        "print(sorted({'numpy','pandas','pulp','ortools','pydantic','rich'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_redistribute_and_check(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    text = out("redistribute", "sweden-2026", "--policy", "county", "--out", str(folder))
    for word in ("handed over", "granted", "optimal", "distance", "Linköping", "not official"):
        assert word in text
    assert sorted(p.name for p in folder.iterdir()) == [
        "instance", "policy.toml", "result.json", "transfers.csv", "wishes_granted.csv",
    ]  # fmt: skip
    data = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert data["status"] == "optimal"
    assert data["objective"][0]["level"] == "granted"
    assert "every one permitted under county" in out("check", "sweden-2026", str(folder))
    table = pd.read_csv(folder / "transfers.csv", dtype=str)
    assert int(100 * table["share"].astype(float).sum() + 0.5) == -int(data["objective"][0]["value"])
    assert table["synthetic"].str.contains("computed, not decided").all()
    path = folder / "transfers.csv"
    path.write_text(path.read_text("utf-8").replace(",1.00,", ",0.99,", 1), "utf-8")
    assert "granted is" in out("check", "sweden-2026", str(folder), code=1)


def test_a_policy_without_wishes_to_go_by_is_noted() -> None:
    assert "nobody wishes for less" in run("solve", "textbook", "--policy", "county").stderr
    assert "Note" not in run("solve", "textbook", "--policy", "in-force").stderr


def test_a_bilateral_process_shows_its_spread() -> None:
    words = ("redistribute", "sweden-2026", "--policy", "bilateral", "--time-limit", "3")
    text = out(*words)
    assert "who offers first decides" in text
    assert "National" in text
    data = json.loads(out(*words, "--format", "json"))
    assert data["draws"] == 100
    givers = [m.code for m in load_instance("sweden-2026").municipalities if m.wants_less]
    assert sorted(data["order"]) == sorted(givers)  # each of them offers once
    assert {"least", "mean", "most"} <= set(data["spread"]["0580"])
    assert data["national_optimum"]["objective"][0]["status"] == "optimal"


def test_compare_with_redistribution_and_both_mechanisms(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    words = ("compare", "sweden-2026", "--policy", "county", "--policy", "willing-first")
    text = out(*words, "--out", str(folder))
    for word in (
        "Keep (",
        "owner-bearer",
        "effective-share",
        "no level of the redistribution can be better",
    ):
        assert word in text
    rows = pd.read_csv(folder / "comparison.csv")
    assert "receivers_effective_share_children" in rows
    for policy in ("county", "willing-first"):
        assert out("check", "sweden-2026", str(folder / policy)).startswith(("Clean", "No fault"))
    swedish = out(*words, "--lang", "sv")
    assert "Behåller" in swedish


def test_compare_several_instances(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    run("compare", "textbook", "sweden-2016", "--policy", "in-force", "--out", str(folder), "-q")
    assert sorted(p.name for p in folder.iterdir()) == ["sweden-2016", "textbook"]
    data = json.loads(out("compare", "textbook", "sweden-2016", "--policy", "in-force", "--format",
                          "json"))  # fmt: skip
    assert [d["instance"] for d in data] == ["textbook", "sweden-2016"]


def test_batch_and_its_message(tmp_path: Path) -> None:
    words = ("batch", "textbook", "--policy", "in-force", "--no-gaps", "--workers", "1", "--out",
             str(tmp_path / "b"))  # fmt: skip
    assert "1 tasks: 0 were finished already" in out(*words)
    assert "1 tasks: 1 were finished already" in out(*words)
    assert "no such folder" in run("batch", "norway", code=2).stderr
    assert not Path("batch").exists()


def test_diff(tmp_path: Path) -> None:
    assert "No differences" in out("diff", "textbook", "textbook")
    rows = json.loads(out("diff", "sweden-2025", "sweden-2025-fitted", "--format", "json"))
    assert {"children", "instance"} <= {r["table"] for r in rows}
    for name, policy in (("one", "in-force"), ("two", "no-redistribution")):
        run("solve", "textbook", "--policy", policy, "--out", str(tmp_path / name))
    text = out("diff", str(tmp_path / "one"), str(tmp_path / "two"))
    assert "transfers" in text
    assert "0003 0004" in text
    assert "is no result" in run("diff", str(tmp_path / "one"), "textbook", code=2).stderr


def test_a_result_of_an_earlier_version_is_to_be_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    run("solve", "textbook", "--policy", "optimal", "--out", str(folder))
    path = folder / "result.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    for level in data["objective"]:
        del level["price_proof"]
    path.write_text(json.dumps(data), encoding="utf-8")
    told = run("check", "textbook", str(folder), code=2).output
    assert "'price_proof' is missing; if an earlier one made it, make it again" in told
    told = run("report", str(folder), "--out", str(tmp_path / "p.html"), "--lang", "sv", code=2).output
    assert "'price_proof' saknas; om en tidigare gjorde det, gör om det" in told
