"""``fordela check`` of a comparison's folder: its tables follow from the folders of its policies."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.models.check.hindsight import Question
from fordela.models.check.values import first, norm_value
from fordela.models.policy import NORMS

HEAD, TABLE = "comparison.json", "comparison.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "comparison"
    assert _run("compare", "textbook", "--out", str(made))[0] == 0
    return made


def _run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, [*arguments, "-q"])
    return done.exit_code, done.output


def _checked(folder: Path) -> tuple[int, str]:
    return _run("check", "textbook", str(folder))


def _change(folder: Path, *way: Any, to: object) -> None:
    data = json.loads((folder / HEAD).read_text(encoding="utf-8"))
    inner = data
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = to
    (folder / HEAD).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def test_a_comparison_is_clean_as_it_was_written(folder: Path) -> None:
    code, said = _checked(folder)
    assert code == 0, said
    assert "its 3 policies" in said


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("policies", 0, "gini"), "1/50"),
        (("policies", 1, "moved"), 2),
        (("policies", 0, "indicators", "recent", "all", "count"), 4),
        (("policies", 0, "norms", "l1"), "21/5"),
        (("policies", 0, "more"), 1),
        (("policies", 0, "gap_own", "l1", "difference"), "3/5"),
        (("policies", 0, "gap_own", "l1", "proof"), "engine"),
        (("groups", 0, "mechanisms", "effective-share", "givers", "change"), 1),
        (("affected",), 7),
    ],
)
def test_a_figure_that_does_not_follow_is_named(folder: Path, way: Any, value: object) -> None:
    _change(folder, *way, to=value)
    code, said = _checked(folder)
    assert code == 1
    assert HEAD in said


def test_a_cell_of_the_table_is_compared_with_the_exact_value(folder: Path) -> None:
    table = (folder / TABLE).read_text(encoding="utf-8")
    assert ",4.400000," in table  # l1 of the rule in force, 22/5
    (folder / TABLE).write_text(table.replace(",4.400000,", ",4.300000,", 1), encoding="utf-8")
    code, said = _checked(folder)
    assert code == 1
    assert f"{TABLE} in-force l1 is 4.300000" in said


@pytest.mark.parametrize("optimum", ["17/5", "19/5"])
def test_a_least_value_lies_between_the_bound_and_what_policies_reach(
    folder: Path, optimum: str
) -> None:
    """18/5 is least: 17/5 nobody reaches, and ``optimal`` reaches less than 19/5."""
    value, least = Fraction(22, 5), Fraction(optimum)
    gap = {
        "value": "22/5", "optimum": optimum, "bound": optimum, "difference": str(value - least),
        "ratio": str((value - least) / least), "proven": True, "proof": "engine", "tolerance": 0.0,
    }  # fmt: skip
    _change(folder, "policies", 0, "gap_own", "l1", to=gap)
    code, said = _checked(folder)
    assert code == 1
    assert "gap_own l1" in said


def test_a_folder_of_several_comparisons_asks_which(tmp_path: Path) -> None:
    made = tmp_path / "several"
    code, said = _run("compare", "textbook", "sweden-2027", "--policy", "in-force", "--out", str(made))
    assert code == 0, said
    code, said = _checked(made)
    assert code == 2
    assert "several comparisons" in said
    assert _checked(made / "textbook")[0] == 0


@pytest.mark.parametrize("norm", NORMS)
def test_counting_finds_the_least_value(norm: str) -> None:
    """Against every way to give five children to three municipalities, one with room for one."""
    fixed, most = (2, 0, 1), (5, 5, 1)
    goal = (Fraction(5, 2), Fraction(7, 2), Fraction(2))
    asked = Question((), (), 0, fixed, most, goal, 5, bound=True)
    ways = [w for w in product(*(range(n + 1) for n in most)) if sum(w) == 5]
    values = [
        first(norm_value(norm, [f + e for f, e in zip(fixed, way, strict=True)], goal)) for way in ways
    ]
    best = max(values) if norm == "min-fulfilment" else min(values)
    assert asked.least(norm) == best
