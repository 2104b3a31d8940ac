"""The rooms' one-way imports, the checker's independence, the wheel, the Python interface."""

from __future__ import annotations

import ast
import doctest
import subprocess
import sys
import zipfile
from pathlib import Path

import fordela
import pandas as pd
import pytest
from fordela.report.texts import TEXTS, Words

ROOT = Path(__file__).parents[1]
ROOMS = ("models", "instances", "solver", "report")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room: str) -> None:
    allowed = {f"fordela.{name}" for name in ROOMS[: ROOMS.index(room) + 1]}
    for path in (ROOT / room).rglob("*.py"):
        for module in imports(path):
            if module.startswith("fordela."):
                assert ".".join(module.split(".")[:2]) in allowed, f"{path.name}: {module}"


def test_models_know_no_solver_and_no_format() -> None:
    for path in (ROOT / "models").rglob("*.py"):
        heavy = {m.split(".")[0] for m in imports(path)}
        assert not heavy & {"pulp", "ortools", "highspy", "csv", "tomllib", "pydantic"}, path.name


@pytest.mark.parametrize("name", ["models/check", "solver/brute_force.py"])
def test_oracles_do_not_import_what_they_judge(name: str) -> None:
    """Looked at where it counts: what is loaded when the oracle is."""
    module = "fordela." + name.removesuffix(".py").replace("/", ".")
    code = f"import sys, {module}; print([m for m in sys.modules if m.startswith('fordela')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = ast.literal_eval(found.stdout)
    for module in loaded:
        assert "formulation" not in module
        assert not module.startswith("fordela.solver.backends")
        if "check" in name:
            assert not module.startswith("fordela.solver")


#: What the checker may share with what it judges: data, arithmetic, and how an extension is found. What
#: they define has a second definition in `tests/test_shared_definitions.py`.
SHARED = {
    "instance", "policy", "errors", "units", "homes", "wishes", "extensions",
    "allocation.Assignment", "allocation.Kind",
}  # fmt: skip
#: Where results in memory become claims; nothing is judged there.
DOOR = {"__init__.py", "solution.py"}


def test_the_checker_has_definitions_of_its_own() -> None:
    for path in (ROOT / "models/check").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not str(node.module).startswith("fordela."):
                continue
            module = str(node.module).removeprefix("fordela.models.")
            if module.startswith("check.") or path.name in DOOR:
                continue
            names = {f"{module}.{alias.name}" for alias in node.names}
            assert module in SHARED or names <= SHARED, f"{path.name}: {node.module}"


def test_files_are_readable_in_one_sitting() -> None:
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 430, path


def test_the_wheel_holds_the_package_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"fordela", f"fordela-{fordela.__version__}.dist-info"}
    for needed in (
        "fordela/__init__.py", "fordela/__main__.py", "fordela/cli.py", "fordela/py.typed",
        "fordela/instances/shipped/sweden-2025/children.csv",
        "fordela/instances/shipped/sweden-surge/instance.toml",
        "fordela/instances/data/population.csv",
        "fordela/instances/policies/in-force.toml",
        "fordela/models/check/replay.py",
        "fordela/report/page/page.html.j2", "fordela/report/page/page.css",
        "fordela/report/page/page.js",
        f"fordela-{fordela.__version__}.dist-info/licenses/LICENSE",
    ):  # fmt: skip
        assert needed in names
    assert not [n for n in names if n.startswith(("fordela/tests", "fordela/docs"))]


def test_every_public_name_is_there() -> None:
    for name in fordela.__all__:
        assert getattr(fordela, name) is not None
    with pytest.raises(AttributeError):
        _ = fordela.nothing


def test_the_examples_in_the_package_run() -> None:
    assert doctest.testmod(fordela).failed == 0
    assert doctest.testmod(fordela).attempted > 0


def test_from_frames_to_frames() -> None:
    places = pd.DataFrame(
        {
            "code": ["01", "02"],
            "name": ["A", "B"],
            "county_code": ["1", "1"],
            "county": ["X", "X"],
            "share": [600.5, 399.5],
            "assigned_before": [3, None],
        }
    )
    children = pd.DataFrame(
        {
            "child": ["a", "b"],
            "case": ["1", "2"],
            "arrival": pd.to_datetime(["2025-01-01", "2025-02-01"]),
            "kin_municipality": [None, "02"],
        }
    )
    year = fordela.instance_from_frames(places, children, name="mine", year=2025)
    assert [m.share for m in year.municipalities] == [60_050, 39_950]
    result = fordela.solve(year)
    assert fordela.check(year, result) == []
    table = result.to_frame()
    assert table.loc[table["code"] == "02", "total"].tolist() == [2]
    assert result.allocation_frame()["kind"].tolist() == ["equalising", "kinship"]
    compared = fordela.compare(year, [fordela.IN_FORCE, fordela.load_policy("optimal")])
    assert compared.to_frame()["policy"].tolist() == ["in-force", "optimal"]
    assert "<table" in result._repr_html_() + compared._repr_html_()


def test_frames_have_the_same_messages_as_files() -> None:
    places = pd.DataFrame({"code": ["01"], "name": ["A"], "county_code": ["1"], "share": [-1]})
    with pytest.raises(fordela.InputError) as caught:
        fordela.instance_from_frames(places, name="mine", year=2025)
    assert "county: this column is missing" in str(caught.value)


def test_instances_are_frozen_and_compare_by_content() -> None:
    import pickle

    year = fordela.load_instance("textbook")
    with pytest.raises(AttributeError):
        year.name = "other"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(year)) == year
    assert year.with_changes(title="x").sha256 != year.sha256
    with pytest.raises(fordela.InputError):
        year.with_changes(municipalities=())


def test_every_text_is_in_both_languages() -> None:
    import string

    for key, pair in TEXTS.items():
        assert all(text.strip() for text in pair), key
        fields = [{f for _, f, _, _ in string.Formatter().parse(t) if f} for t in pair]
        assert fields[0] == fields[1], key


def test_numbers_as_the_language_writes_them() -> None:
    from fractions import Fraction

    assert Words("en").number(Fraction(-12345, 10), 1) == "−1,234.5"
    assert Words("sv").number(Fraction(12345, 10), 1) == "1\u00a0234,5"
    assert Words("en").percent(Fraction(1, 8)) == "12.5%"
    assert Words("sv").percent(None) == ""
