"""What the documents say is what the program does."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

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


@pytest.mark.parametrize("command", documented_commands())
def test_documented_commands_run(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    runner.invoke(main, ["solve", "sweden-2025", "--policy", "optimal", "--out", "result"])
    for name in ("mine", "other"):
        runner.invoke(main, ["solve", "sweden-2026", "--policy", "county", "--out", name])
    runner.invoke(main, ["instances", "export", "sweden-2026", "my-2026"])
    policy = runner.invoke(main, ["policies", "in-force"]).stdout.replace('"in-force"', '"mine"')
    Path("my-policy.toml").write_text(policy, encoding="utf-8")
    words = shlex.split(command.split(" > ")[0])[1:]
    made = {"result", "my-2026", "mine", "other"}
    target = words[words.index("--out") + 1] if "--out" in words else words[-1]
    writes = "--out" in words or "export" in words
    more = ["--force"] if writes and target in made else []
    result = runner.invoke(main, [*words, *more])
    assert result.exit_code == 0, result.output


def python_blocks(path: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("name", ["README.md", "docs/using.md", "docs/redistribution.md"])
def test_documented_python_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fordela
    import pandas as pd

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
