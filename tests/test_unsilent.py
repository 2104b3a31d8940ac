"""No silent wrong input: what is misspelt, missing or does not sum is an error that names the right."""

from __future__ import annotations

from pathlib import Path

import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.reading import read_instance
from fordela.instances.writing import write_instance
from fordela.models.errors import InputError


def problems(folder: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_instance(folder)
    return [str(p) for p in caught.value.problems]


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def without(folder: Path, name: str, begins: str) -> None:
    path = folder / name
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(x for x in lines if not x.startswith(begins)), encoding="utf-8")


@pytest.fixture
def sweden(tmp_path: Path) -> Path:
    """Return a year of Sweden's 290 municipalities without children."""
    year = load_instance("sweden-2026").with_changes(children=())
    write_instance(year, tmp_path / "year")
    return tmp_path / "year"


def test_a_missing_municipality_is_named_though_rounding_hides_it(sweden: Path) -> None:
    without(sweden, "municipalities.csv", "0643,")  # Habo, 1.23 ‰: less than rounding allows
    (message,) = problems(sweden)
    assert "0643 Habo is missing from Sweden's municipalities" in message
    assert "--accept missing:0643" in message
    edit(sweden, "instance.toml", "policy =", 'confirmed = ["missing:0643"]\npolicy =')
    year = read_instance(sweden)
    assert len(year.municipalities) == 289
    write_instance(year, sweden.parent / "again")
    assert read_instance(sweden.parent / "again").sha256 == year.sha256


def test_a_missing_county_is_one_problem(sweden: Path) -> None:
    without(sweden, "municipalities.csv", "08")
    found = problems(sweden)
    assert sum("missing:08" in m for m in found) == 1
    assert any("08 Kalmar län is missing" in m for m in found)
    assert any("the shares sum to" in m for m in found)


def test_a_misspelt_code_is_named_on_both_sides(sweden: Path) -> None:
    edit(sweden, "municipalities.csv", "0643,Habo", "0634,Habo")
    found = problems(sweden)
    assert any("0643 Habo is missing" in m for m in found)
    assert any("code is '0634': is no municipality of Sweden; the nearest is 0643" in m for m in found)
