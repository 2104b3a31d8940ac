"""A suggestion is what was probably meant, beside the word that is wrong; far words get none."""

from __future__ import annotations

import pytest
from fordela.instances.building import Reader
from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import shipped_policies
from fordela.instances.schema import MunicipalityRow
from fordela.instances.tables import Table
from fordela.models.errors import InputError
from fordela.models.policy import nearest
from fordela.report.texts.problems import problem_in
from fordela.solver.explaining.rules import find_case


@pytest.mark.parametrize(
    ("word", "near"),
    [("contry", "county"), ("in-forse", "in-force"), ("willing", "willing-first"),
     ("kommun", None), ("lottery", None), ("population", None)],
)  # fmt: skip
def test_a_word_is_taken_for_another_only_if_it_is_like_it(word: str, near: str | None) -> None:
    listed = f"allowed are {', '.join(shipped_policies())}"
    assert nearest(word, shipped_policies()) == (f"did you mean {near}?" if near else listed)


def test_a_misspelt_column_is_named_and_the_one_that_it_should_be_is_suggested() -> None:
    """Not the other way round: 'share is missing; did you mean shares?' asks to write it wrongly."""
    header = ("code", "namn", "county_code", "county", "shares")
    reader = Reader()
    assert reader.rows(Table("municipalities.csv", header, (), ()), MunicipalityRow) == []
    assert [str(p) for p in reader.problems] == [
        "municipalities.csv, row 1, namn: is no known column; did you mean name?",
        "municipalities.csv, row 1, shares: is no known column; did you mean share?",
    ]
    assert problem_in(reader.problems[1], "sv") == (
        "municipalities.csv, rad 1, shares: är ingen känd kolumn; menade du share?"
    )
    assert reader.own == {}


def test_a_required_column_with_no_likeness_is_missing() -> None:
    reader = Reader()
    table = Table("municipalities.csv", ("code", "name", "county_code", "county", "xyz"), (), ())
    reader.rows(table, MunicipalityRow)
    assert [str(p) for p in reader.problems] == [
        "municipalities.csv, row 1, share: this column is missing"
    ]


def test_a_number_of_a_case_is_not_taken_for_any_other() -> None:
    """Numbers of cases share most of their letters, so only one letter more or less is a slip."""
    year = load_instance("sweden-2026")
    known = year.cases[0].case
    for name in (f"{known[:5]}9999", "9999-0001", known[:6]):
        with pytest.raises(InputError) as raised:
            find_case(year, name)
        assert str(raised.value.problems[0]).endswith(f"there are {len(year.cases)} cases"), name
    with pytest.raises(InputError, match=f"did you mean {known}"):
        find_case(year, known.replace("-", ""))
