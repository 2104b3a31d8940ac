"""What the documents say is what the program does."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from fractions import Fraction
from math import ceil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import instance_folder

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = sorted((ROOT / "docs").rglob("*.md"))


def test_the_readme_shows_the_table_that_is_printed() -> None:
    printed = CliRunner().invoke(main, ["compare", "sweden-2025"]).stdout
    shown = re.search(r"```text\n(.*?)\n```", README, re.DOTALL)
    assert shown is not None
    lines = [line.rstrip() for line in printed.rstrip().splitlines()]
    assert shown.group(1).splitlines() == lines


def test_the_readmes_gap_is_the_one_that_is_compared() -> None:
    """Within so many per cent of the least chi2, rounded up: nobody reads a smaller one."""
    said = re.search(r"places them within (\d\.\d) per cent of the\nleast possible `chi2`", README)
    assert said is not None
    words = ["compare", "sweden-2025", "--policy", "in-force", "--format", "json"]
    (head,) = json.loads(CliRunner().invoke(main, words).stdout)["policies"]
    gap = head["gap_unrestricted"]["chi2"]
    assert gap["proven"]
    assert Fraction(said[1]) == ceil(1_000 * Fraction(gap["ratio"])) / Fraction(10)


def test_the_readmes_validation_is_that_of_its_page() -> None:
    """The page has what the command prints (`test_the_committed_tables`); the README has the page's."""
    said = re.search(r"of (\d+) published\nfigures of 2025 .*?, (\d+) lie within", README)
    page = (ROOT / "docs/validation.md").read_text(encoding="utf-8")
    first = re.search(r"Of (\d+) published figures of 2025 .*?, (\d+) lie within what it draws", page)
    assert said is not None
    assert first is not None
    assert said.groups() == first.groups()
    rows = page[first.start() : page.index("Every reading, nearest first")]
    lies = re.findall(r"(in \d\d %|outside) +\d+\.\d\d$", rows, re.MULTILINE)
    assert (str(len(lies)), str(len(lies) - lies.count("outside"))) == said.groups()


@pytest.mark.thorough
def test_the_figures_of_the_joint_placement() -> None:
    """docs/placement.md's table and the README's sentences, from the run that both name."""
    command = "fordela place sweden-2026-places --joint"
    page = (ROOT / "docs/placement.md").read_text(encoding="utf-8")
    assert command in page
    assert command in README
    ran = CliRunner().invoke(main, [*shlex.split(command)[1:], "--format", "json"])
    assert ran.exit_code == 0, ran.output
    data = json.loads(ran.stdout)
    modes = [data["modes"][name] for name in ("vacancy", "sequential", "joint")]

    def part(name: str) -> list[str]:
        found = [m["indicators"][name]["all"] for m in modes]
        tenths = [(2_000 * p["count"] + p["of"]) // (2 * p["of"]) for p in found]  # halves go up
        return [f"{t / 10} %" for t in tenths]

    levels = {name: [str(m["levels"][name]) for m in modes] for name in modes[0]["levels"]}
    expected = {
        "children without a home (of 400)": levels["unplaced"],
        "outside the responsible municipality": levels["outside-own-municipality"],
        "needs not met": levels["unmet-needs"],
        "form not suited to age": levels["unsuitable-form"],
        "deviation from shares, chi2": [f"{float(Fraction(m['chi2'])):,.4f}" for m in modes],
        "live in the responsible municipality": part("own-municipality"),
        "have every need met": part("needs-met"),
    }
    for row, figures in expected.items():
        assert f"| {row} | {' | '.join(figures)} |" in page, row
    without = [int(n) for n in levels["unplaced"]]
    needs = [int(n) for n in levels["unmet-needs"]]
    places, agreements = data["relaxations"]
    told = " ".join(README.split())
    assert f"leaves {without[1]} of 400 children without one; choosing both together leaves" in told
    assert (
        f"together leaves {without[2]}, and keeps shares a little more evenly; nothing is left open"
        in told
    )
    assert {level["status"] for level in data["objective"]} == {"optimal"}
    assert Fraction(modes[2]["chi2"]) < Fraction(modes[1]["chi2"])
    towns = len({p["municipality"] for p in places["places"]})
    number = ("no", "one", "two", "three", "four", "five", "six")
    assert f"For those {without[2]} it names the smallest change" in told
    smallest = (f"{places['size']} more places in {number[towns]} municipalities, or "
                f"{number[agreements['size']]} agreements")  # fmt: skip
    assert smallest in told
    told = " ".join(page.split())
    assert f"{without[1] - without[2]} more have a home" in told
    assert f"decide leaves {needs[0] - needs[1]} more needs unmet" in told
    assert f"unmet and {without[0] - without[1]} more children without a home" in told
    for text, key in (("use it", "supported_housing"), ("do", "elsewhere")):
        a, b, c = (m[key] for m in modes)
        assert f"{a} {text} by vacancy, {b} sequential, {c} joint" in told


def documented_commands() -> list[str]:
    found = []
    for path in [ROOT / "README.md", *DOCS]:
        fence = None  # the line that opened the block
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("```"):
                fence = line if fence is None else None
            elif fence == "```" and line.startswith("fordela "):
                found.append(line)
    return sorted(set(found))


def test_there_are_documented_commands() -> None:
    assert len(documented_commands()) >= 10


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What documented commands read, under the names that they use."""
    made = tmp_path_factory.mktemp("documented")

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output
        return done.stdout

    for year, policy, name in (("2025", "optimal", "result"), ("2026", "county", "mine")):
        run("solve", f"sweden-{year}", "--policy", policy, "--out", str(made / name))
    shutil.copytree(made / "mine", made / "other")
    run("instances", "export", "sweden-2026", str(made / "my-2026"))
    text = run("policies", "in-force").replace('"in-force"', '"mine"')
    (made / "my-policy.toml").write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize("command", documented_commands())
def test_documented_commands_run(
    command: str, folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folders, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command.split(" > ")[0])[1:]
    made = {"result", "my-2026", "mine", "other"}
    target = words[words.index("--out") + 1] if "--out" in words else words[-1]
    writes = "--out" in words or "export" in words
    more = ["--force"] if writes and target in made else []
    result = CliRunner().invoke(main, [*words, *more])
    assert result.exit_code == 0, result.output


def python_blocks(path: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


def test_documented_python_runs_as_a_script(tmp_path: Path) -> None:
    """Nothing in it is guarded, so what starts a process would meet the whole script once more."""
    folder = instance_folder("textbook")
    head = "import fordela, pandas as pd\n" + "".join(
        f"{name} = pd.read_csv({str(folder / f'{name}.csv')!r}, dtype=str)\n"
        for name in ("municipalities", "children")
    )
    blocks = python_blocks(ROOT / "docs/using.md")
    assert any("workers=1" in block for block in blocks)
    (tmp_path / "page.py").write_text("\n".join([head, *blocks]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "page.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    errors = pd.read_parquet(tmp_path / "years" / "simulation.parquet")["error"]
    assert len(errors) == 80
    assert not any(errors)


@pytest.mark.parametrize("name", ["README.md", "docs/redistribution.md"])
def test_documented_python_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fordela

    monkeypatch.chdir(tmp_path)
    folder = instance_folder("textbook")
    text = {"code": str, "county_code": str, "kin_municipality": str}
    names: dict[str, object] = {
        "fordela": fordela,
        "municipalities": pd.read_csv(folder / "municipalities.csv", dtype=text),
        "children": pd.read_csv(folder / "children.csv", dtype=text),
        "pd": pd,
    }
    blocks = python_blocks(ROOT / name)
    assert blocks
    for block in blocks:
        exec(block, names)


def test_the_twenty_lines_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule and the norms of docs/own-rules.md, as files of one's own."""
    page = ROOT / "docs/own-rules.md"
    rule, norms = python_blocks(page)
    assert len(rule.strip().splitlines()) <= 20
    (policy,) = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for name, text in (("my_rules.py", rule), ("my_norms.py", norms), ("fewest.toml", policy)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    runner = CliRunner()
    tested = runner.invoke(main, ["test-rule", "fewest.toml", "--trust"])
    assert tested.exit_code == 0, tested.output
    own = ["--norm", "my_norms:Quartic", "--norm", "my_norms:children_above"]
    compared = runner.invoke(main, ["compare", "textbook", "--policy", "fewest.toml", "--trust", *own])
    assert compared.exit_code == 0, compared.output
    for shown in ("fewest", "my_norms:Quartic", "my_norms:children_above"):
        assert shown in compared.stdout


def test_the_experiment_comes_out_as_it_is_printed() -> None:
    """The command of docs/simulation.md gives the table that stands below it."""
    text = (ROOT / "docs/simulation.md").read_text(encoding="utf-8")
    found = re.search(r"```sh\n(fordela simulate [^\n]*)\n```\n+```text\n(.*?)\n```", text, re.DOTALL)
    assert found is not None
    printed = CliRunner().invoke(main, shlex.split(found[1])[1:]).stdout.splitlines()
    shown = found[2].splitlines()
    start = [line.rstrip() for line in printed].index(shown[0])
    assert [line.rstrip() for line in printed[start : start + len(shown)]] == shown


def test_links_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *DOCS]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    words = (
        "/" + "root/",
        "/" + "work/",
        "files.python" + "hosted",
        "pypi" + ".org",
        "extra-" + "index",
    )
    for path in ROOT.rglob("*"):
        if path.suffix in (".md", ".py", ".toml", ".txt", "") and path.is_file():
            parts = path.relative_to(ROOT).parts
            if any(p.startswith(".") and p != ".ci" for p in parts) or "shipped" in parts:
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not [w for w in words if w in text], path
