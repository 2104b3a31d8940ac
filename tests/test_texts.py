"""Every text in both languages, and every problem that can be told in Swedish too."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance, shipped_summaries
from fordela.instances.figures import published_figures
from fordela.models.check.proofs import Proof
from fordela.models.compensation import MISSING
from fordela.models.errors import Problem
from fordela.models.homes import FORMS
from fordela.models.indicators import GROUPS, INDICATORS
from fordela.models.placement.outcome import MODES
from fordela.models.policy import LEVELS, PLACEMENT_LEVELS, REDISTRIBUTION_LEVELS
from fordela.report.explanation import Sentences
from fordela.report.texts import (
    PARTS,
    TEXTS,
    Words,
)
from fordela.report.texts.problems import SWEDISH, in_swedish, known, problem_in
from fordela.report.texts.sources import sources_in
from fordela.solver.explaining.facts import Change
from fordela.solver.shipped.drawing import SPREADS
from fordela.solver.solve import solve
from fordela.solver.validation.run import SHARES, readings

ROOT = Path(__file__).parents[1]
ROOMS = ("models", "instances", "solver", "report")
#: Put together from parts that are looked at on their own, or of use to programmers only.
COMPOSED = {"", "{}", "{}{}", "{} {}", "{}: {}", "{} {} {}", "{}, {}, seed {}",
            "must be {}", "has {}"}  # fmt: skip
#: Found by the checker, which speaks English: its findings name fields of files.
CHECKER = ("models/check/",)


def template(node: ast.AST) -> str | None:
    """Text of a message with its values left out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)  # type: ignore[misc]
    return None


def messages(path: Path) -> Iterator[str]:
    """Every message of a problem in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        found: list[ast.AST] = []
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Problem", "refuse"):
            found = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "message")]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "problem":
            found = list(node.args[-1:])
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "message":
            value = node.value
            found = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
        yield from (t for part in found if (t := template(part)) is not None)


def test_every_problem_can_be_told_in_swedish() -> None:
    seen = 0
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            if where.startswith(CHECKER) or path.name in ("optima.py", "generator.py"):
                continue
            for message in messages(path):
                for part in message.split("; "):
                    if part not in COMPOSED:
                        seen += 1
                        bare = part.removesuffix("{}") if part.endswith(("n{}", "g{}", "e{}")) else part
                        told = known(part.replace("{}", "7")) or known(bare.replace("{}", "7"))
                        assert told is not None, f"{where}: {part!r}"
    assert seen > 120


def test_swedish_fills_what_english_fills() -> None:
    for english, swedish in SWEDISH.items():
        fields = [len([f for _, f, _, _ in string.Formatter().parse(t) if f is not None])
                  for t in (english, swedish)]  # fmt: skip
        assert fields[0] == fields[1], english


def test_problems_by_hand() -> None:
    problem = Problem("a.xlsx, sheet S, cell C3", "is not a number; 0002 needs share in ‰", value="x")
    assert problem_in(problem, "sv") == (
        "a.xlsx, blad S, cell C3 är 'x': är inget tal; 0002 behöver andel i ‰"
    )
    assert problem_in(problem, "en") == str(problem)
    allowed = "is negative; allowed is a whole number, from 0 to 1,000,000,000"
    row = Problem("municipalities.csv", allowed, 3, "population", "-1")
    assert problem_in(row, "sv") == (
        "municipalities.csv, rad 3, population är '-1': är negativt; tillåtet är ett heltal, från 0 "
        "till 1 000 000 000"
    )
    assert in_swedish("something else; did you mean share?") == "something else; menade du share?"


def test_parts_of_the_texts_do_not_overlap() -> None:
    assert len(TEXTS) == sum(len(part.TEXTS) for part in PARTS)


def test_every_text_is_used() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for pattern in ("report/**/*.py", "report/**/*.j2", "cli.py", "instances/**/*.py")
        for path in ROOT.glob(pattern) if "texts" not in path.parts
    )  # fmt: skip
    built = ("x_", "summary_", "policy_", "shares_", "share_", "status_", "synthetic_",
             "demand_", "differs_")  # fmt: skip
    values = {"optimal", "feasible", "infeasible", "unknown", "l1", "l2", "linf", "chi2",
              "min-fulfilment", "max-fulfilment", "valve", "willing", "kinship", "equalising",
              "unplaced",
              "givers", "receivers", "keepers"}  # fmt: skip
    of = {
        "outlook_wish_": ("more", "less", "keeps", "none"),
        "are_": ("computed", "preliminary", "decided"),
        "mode_": MODES, "level_": PLACEMENT_LEVELS, "proof_": [p.value for p in Proof], "form_": FORMS,
        "indicator_": INDICATORS, "": MISSING, "group_": [f"{g}_of" for g in GROUPS],
        "reading_": {part for r in readings() for part in r.key[:4]},
        "reading_shares_": SHARES, "shares_by_": SHARES, "met_shares_": SHARES,
        "met_": (*SPREADS, *(f"lies_{p}" for p in ("50", "80", "95", "outside"))),
        "figure_": {f.what for y in (2024, 2025) for f in published_figures(y)},
        "stack_": (*LEVELS, *PLACEMENT_LEVELS, *REDISTRIBUTION_LEVELS),
        "column_": ("mechanism", "kinship", "basis", "ties", "shares"),
        "lies_": ("50", "80", "95", "yes", "follows"),
    }  # fmt: skip
    values |= {prefix + name for prefix, names in of.items() for name in names}
    for key in TEXTS:
        if not key.startswith(built) and key not in values:
            assert re.search(rf"[\"']{re.escape(key)}[\"']", source), key


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


@pytest.mark.parametrize(("path", "command"), list(commands(main)), ids=lambda v: str(v))
def test_every_command_speaks_both_languages_and_helps(
    path: tuple[str, ...], command: click.Command
) -> None:
    options = {opt for p in command.params for opt in p.opts}
    if path != ("completion",):
        assert "--lang" in options
    shown = CliRunner().invoke(main, [*path, "--help"])
    assert shown.exit_code == 0
    assert command.help
    if path[-1] not in ("list", "show", "validate"):
        assert "Example" in shown.stdout
    assert "Traceback" not in shown.output


@pytest.mark.parametrize("name", ["compare", "solve", "redistribute", "queue", "diff", "report"])
def test_commands_that_show_municipalities_take_a_county(name: str) -> None:
    assert "--county" in {opt for p in main.commands[name].params for opt in p.opts}


def test_errors_and_notes_in_swedish() -> None:
    said = CliRunner().invoke(main, ["solve", "sweden-2052", "--lang", "sv"])
    assert said.exit_code == 2
    assert (
        "Fel: INSTANCE är 'sweden-2052': varken en mapp eller en medföljande instans; menade du"
        in said.stderr
    )
    note = CliRunner().invoke(main, ["compare", "textbook", "--policy", "county", "--lang", "sv"])
    assert "Obs: textbook: inget kan lämnas över enligt county, då ingen önskar mindre" in note.stderr


@pytest.mark.parametrize(
    ("english", "swedish"),
    [
        ("is not read; did you mean kin_weight? one of your own needs a name less like it",
         "läses inte; menade du kin_weight? En egen behöver ett namn som är mindre likt"),
        ("the shares sum to 999.97 ‰ instead of 1000.00 ‰",
         "andelarna summerar till 999,97 ‰ i stället för 1000,00 ‰"),
        ("0861 says different things: change 0.3, status behåller",
         "0861 säger olika saker: change 0.3, status behåller"),
        ("'A' and 'B' would both be note", "'A' och 'B' skulle båda vara note"),
        ("is not a readable table: ',' expected after '\"'",
         "är ingen läsbar tabell: ',' väntas efter '\"'"),
        ("the name must end in .html or .xlsx", "namnet måste sluta på .html eller .xlsx"),
    ],
)  # fmt: skip
def test_sentences_are_whole_in_swedish(english: str, swedish: str) -> None:
    assert in_swedish(english) == swedish


def test_every_source_of_a_shipped_year_is_told_in_swedish() -> None:
    for name in (s.name for s in shipped_summaries()):
        provenance = load_instance(name).provenance
        told = dict(sources_in(provenance, "sv"))
        assert len(told) == len(provenance)
        for (item, source), (swedish_item, swedish) in zip(
            provenance.items(), told.items(), strict=True
        ):
            kept = set(source.split("; ")) & set(swedish.split("; "))
            assert not kept, (name, item, kept)
            assert swedish_item != item
        assert dict(sources_in(provenance, "en")) == dict(provenance)


def test_sources_of_an_import_are_told_in_swedish() -> None:
    told = sources_in(
        {
            "wishes.csv": "imported from a b.xlsx (SHA-256 12ab…), heading 'Ökning'; "
            "imported from a b.xlsx (SHA-256 12ab…), heading 'Kommentar'",
            "not in the workbook": "population, capacity, names, children and what else is not named "
            "here: from base (SHA-256 34cd…)",
            "confirmed when imported": "no-history",
        },
        "sv",
    )
    assert dict(told) == {
        "wishes.csv": "inläst från a b.xlsx (SHA-256 12ab…), rubrik 'Ökning'; "
        "inläst från a b.xlsx (SHA-256 12ab…), rubrik 'Kommentar'",
        "inte i arbetsboken": "population, capacity, namn, barn och vad mer som inte nämns här: från "
        "base (SHA-256 34cd…)",
        "bekräftat vid inläsningen": "no-history",
    }


def test_a_word_has_one_form_for_one_and_one_name() -> None:
    """One child is *tillräknat*, several are *tillräknade*; fulfilment is *måluppfyllelse*."""
    sentences = Sentences(solve(load_instance("textbook")), Words("sv"))
    for amount, said in ((1, "1 barn mer tillräknat"), (-2, "2 barn färre tillräknade")):
        assert f"Med {said} före året" in sentences._change(
            "x_more", Change("credited", amount, 0, 9), "0001"
        )
    texts = [swedish for _, swedish in TEXTS.values()]
    assert not [t for t in texts if re.search(r"\b[Uu]ppfyllelse", t)]
