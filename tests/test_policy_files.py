"""Policy files: defaults of the rule in force, errors that name the nearest right key."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from fordela.instances.policy_files import (
    load_policy,
    policy_toml,
    read_policy,
    shipped_policies,
)
from fordela.models.errors import InputError
from fordela.models.policy import IN_FORCE, Policy
from hypothesis import given

from tests.strategies import optimal_policies, rules


def problems(folder: Path, text: str) -> list[str]:
    path = folder / "p.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_policy(path)
    return [str(p) for p in caught.value.problems]


@pytest.mark.parametrize("samples", [1, 10_000])
@pytest.mark.parametrize("part", [0, 1])
def test_limits_of_numbers_belong_to_what_is_allowed(tmp_path: Path, samples: int, part: int) -> None:
    text = "[assignment]\nsamples = {}\nkinship_part = {}\n"
    path = tmp_path / "p.toml"
    path.write_text('format = 1\nname = "p"\n' + text.format(samples, part), encoding="utf-8")
    assert read_policy(path).assignment.samples == samples
    beyond = problems(tmp_path, 'format = 1\nname = "p"\n' + text.format(10_001, "1.01"))
    below = problems(tmp_path, 'format = 1\nname = "p"\n' + text.format(0, "-0.01"))
    for found in (beyond, below):
        assert any("samples" in problem for problem in found)
        assert any("kinship_part" in problem for problem in found)


def test_in_force_is_the_default(tmp_path: Path) -> None:
    assert load_policy("in-force").sha256 == IN_FORCE.sha256
    path = tmp_path / "p.toml"
    path.write_text('format = 1\nname = "in-force"\n', encoding="utf-8")
    policy = read_policy(path)
    assert policy.redistribution.draws == 100  # as formats.md has it
    assert policy.assignment == IN_FORCE.assignment
    assert policy.counting == IN_FORCE.counting
    assert policy.redistribution == IN_FORCE.redistribution


def test_the_name_of_a_shipped_policy_is_for_that_one_alone(tmp_path: Path) -> None:
    found = problems(tmp_path, 'format = 1\nname = "in-force"\n[assignment]\nrule = "optimal"\n')
    assert found == [
        "p.toml, name is 'in-force': belongs to a policy that ships with Fordela; give a policy of "
        "your own another name"
    ]
    for name in shipped_policies():
        (tmp_path / "p.toml").write_text(policy_toml(load_policy(name)), encoding="utf-8")
        assert read_policy(tmp_path / "p.toml").sha256 == load_policy(name).sha256


def test_shipped() -> None:
    assert set(shipped_policies()) == {
        "in-force", "no-redistribution", "county", "national", "national-valve", "bilateral",
        "willing-first", "optimal",
    }  # fmt: skip
    national = load_policy("national")
    assert national.redistribution.levels == (
        "granted", "equal-givers", "equal-receivers", "within-county", "distance",
    )  # fmt: skip
    valve = load_policy("national-valve")
    assert valve.redistribution == national.redistribution
    assert valve.assignment.valve == Fraction(3, 2)
    assert load_policy("bilateral").redistribution.draws == 100
    assert load_policy("no-redistribution").redistribution.scope == "none"
    assert load_policy("optimal").optimal.levels == ("over-capacity", "deviation:chi2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[assignment]\nrul = 'optimal'", "p.toml, [assignment] rul: no such key; did you mean rule?"),
        ("[asignment]\n", "asignment: no such key; did you mean assignment?"),
        ("[assignment]\nrule = 'optimum'", "not a known value; did you mean optimal?"),
        ("[counting]\nbasis = 3", "is not a text"),
        ("[assignment]\nvalve = -1", "is negative"),
        ("[assignment]\nvalve = 'x'", "is not a number"),
        ("[optimal]\nlevels = ['deviation:chi']", "no such level; did you mean deviation:chi2?"),
        ("[optimal]\nlevels = []", "at least one level is needed"),
        ("[optimal]\nlevels = ['moves', 'moves']", "is listed twice"),
        ("[optimal]\nlevels = 'moves'", "is not a list of texts"),
        ("[redistribution]\nscope = 'nation'", "did you mean national?"),
        ("[redistribution]\nlevels = ['grant']", "no such level; did you mean granted?"),
        ("[redistribution]\nlevels = []", "[redistribution] levels is '[]': at least one level"),
        ("[redistribution]\ndraws = 0", "must be 1 or more"),
        (
            "[redistribution]\nscope = 'bilateral'\nprocess = 'deferred'\nmost_givers_per_county = 2",
            "cannot be kept by process 'deferred'",
        ),
        ("[redistribution]\nwhole_shares = 1", "is not true or false"),
        ("[redistribution]\ndraws = 1.5", "is not a whole number"),
        ("[assignment]\nrule = 'a.b:C'", "is code in the module a.b, which is not run unless"),
        ("[assignment]\ncapacity = 'hard'", "hard capacity needs rule = 'optimal'"),
        ("counting = 3", "counting"),
    ],
)
def test_messages(tmp_path: Path, text: str, expected: str) -> None:
    found = problems(tmp_path, 'format = 1\nname = "p"\n' + text)
    assert len(found) == 1
    assert expected in found[0]


def test_all_problems_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path, "format = 3\n[counting]\nbasis = 'x'\nbase = 1\n[assignment]\ntie = 'y'\n"
    )
    text = "\n".join(found)
    for expected in ("format", "name: is missing", "base: no such key", "tie is 'y'"):
        assert expected in text


def test_broken_values_do_not_hide_others(tmp_path: Path) -> None:
    text = (
        'format = 1\nname = "p"\n[redistribution]\nlevels = ["grant"]\nleast_kept = 0.005\ndraws = 0\n'
    )
    found = "\n".join(problems(tmp_path, text))
    for column in ("levels", "least_kept", "draws"):
        assert f"[redistribution] {column}" in found


def test_unknown_policy() -> None:
    with pytest.raises(InputError, match="did you mean optimal"):
        load_policy("optimall")


def test_decimals_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('format=1\nname="p"\n[assignment]\nvalve = 1.1\n', encoding="utf-8")
    assert read_policy(path).assignment.valve == Fraction(11, 10)


@given(optimal_policies() | rules())
def test_a_round_trip_loses_nothing(policy: Policy) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.toml"
        path.write_text(policy_toml(policy), encoding="utf-8")
        assert read_policy(path).sha256 == policy.sha256


@pytest.mark.parametrize("name", ["", "../evil", "a/b", ".hidden", "x" * 200])
def test_names_are_safe_as_folders(tmp_path: Path, name: str) -> None:
    found = problems(tmp_path, f"format = 1\nname = '{name}'\n")
    assert any("name" in message for message in found)
