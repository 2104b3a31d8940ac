"""What the documents say is what the program does."""

from __future__ import annotations

import re
import shlex
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
    }
    blocks = python_blocks(ROOT / name)
    assert blocks
    for block in blocks:
        exec(block, names)


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
