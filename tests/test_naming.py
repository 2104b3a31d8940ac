"""Counties and municipalities are found as people write them, and the nearest is named otherwise."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.naming import county_code, municipality_code
from fordela.models.errors import InputError
from fordela.models.instance import Instance

YEAR = load_instance("sweden-2026")
COUNTIES = {m.county_code: m.county for m in YEAR.municipalities}


@pytest.mark.parametrize(
    ("text", "code"),
    [(t, "08") for t in ("08", "8", "008", "Kalmar", "kalmar", "KALMAR LÄN", "kalmar lan",
                         "Kalmars län", " Kalmar  län ", "Kalmar County")]
    + [(t, "01") for t in ("1", "Stockholm", "Stockholms", "stockholms lan")]
    + [("Västra Götaland", "14"), ("vastra gotalands län", "14"), ("ORebro", "18"), ("Gotland", "09"),
       ("Skane", "12")],
)  # fmt: skip
def test_a_county_by_code_and_by_name(text: str, code: str) -> None:
    assert county_code(COUNTIES, text, YEAR) == code


def test_every_county_by_its_name_alone() -> None:
    for code, name in COUNTIES.items():
        bare = name.removesuffix(" län")
        for text in (code, code.lstrip("0"), name, name.upper(), bare, bare.removesuffix("s")):
            assert county_code(COUNTIES, text, YEAR) == code


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Kalmr", "no such county; did you mean 08 Kalmar län?"),
        ("Stokholm", "did you mean 01 Stockholms län?"),
        ("Växjö", "no such county; 0780 Växjö is a municipality of 07 Kronobergs län"),
        ("99", "no such county; the instance has 01 Stockholms län, 03 Uppsala län"),
        ("", "no such county"),
    ],
)
def test_otherwise_the_nearest_county_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        county_code(COUNTIES, text, YEAR)
    assert said in str(caught.value.problems[0])


def test_of_two_counties_it_is_said_which_there_are() -> None:
    with pytest.raises(InputError, match="stands for 01 Nord, 02 Nords län; name one by its code"):
        county_code({"01": "Nord", "02": "Nords län"}, "nord")
    assert county_code({"01": "Nord", "1": "Syd"}, "1") == "1"


@pytest.mark.parametrize("text", ["0880", "880", "Kalmar", "kalmar", "Kalmar kommun", "0880 Kalmar"])
def test_a_municipality_by_code_and_by_name(text: str) -> None:
    assert municipality_code(YEAR, text) == "0880"


def test_otherwise_the_nearest_municipality_is_named() -> None:
    for text, said in (
        ("Kalmr", "no such municipality; did you mean 0880 Kalmar?"),
        ("Kronobergs län", "no such municipality; 07 is a county, for --county"),
    ):
        with pytest.raises(InputError) as caught:
            municipality_code(YEAR, text)
        assert said in str(caught.value.problems[0])


def told(*args: str) -> str:
    run = CliRunner().invoke(main, [*args, "-q"])
    assert run.exit_code == 0, run.output
    return run.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("queue", "textbook", "--format", "csv"),
        ("solve", "textbook", "--format", "csv"),
        ("redistribute", "textbook", "--policy", "county", "--format", "json"),
        ("diff", "textbook", "textbook", "--format", "json"),
    ],
)  # fmt: skip
def test_commands_take_a_county_by_name(command: tuple[str, ...]) -> None:
    def without_time(text: str) -> list[str]:
        return [line for line in text.splitlines() if "seconds" not in line]

    by_code = without_time(told(*command, "--county", "01"))
    for text in ("1", "Nordlän", "nordlan"):
        assert without_time(told(*command, "--county", text)) == by_code
    wrong = CliRunner().invoke(main, [*command, "--county", "Norlän"])
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "did you mean 01 Nordlän?" in wrong.stderr


def test_the_year_of_the_tests_is_what_they_think() -> None:
    assert isinstance(YEAR, Instance)
    assert len(COUNTIES) == 21
