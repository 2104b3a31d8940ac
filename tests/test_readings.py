"""Readings of the rule: which are tried on a year, what is said of them, and that none is fitted."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from random import Random

import numpy as np
import pytest
from fordela.instances.catalogue import load_instance
from fordela.instances.figures import Published, published_figures, received_2018
from fordela.instances.shares import computed_shares
from fordela.models.allocation import count
from fordela.models.holdings import holdings
from fordela.models.instance import Child, Instance
from fordela.models.policy import IN_FORCE
from fordela.report.texts import Words
from fordela.report.validation_tables import figure_text, validation_tables
from fordela.solver.engine import run_rule
from fordela.solver.shipped.drawing import draw_transfers
from fordela.solver.shipped.years import municipalities_of
from fordela.solver.validation import run as running
from fordela.solver.validation.run import Read, Validation, readings, readings_of
from fordela.solver.validation.score import measure


def made_up(year: Instance) -> Validation:
    """Every reading of a year beside numbers near the published ones, in place of draws."""
    rng = Random(0)
    reads = []
    for reading in readings_of(year):
        draws = [
            np.array([f.value + rng.randint(-4, 2) for _ in range(9)], float)
            for f in published_figures(year.year)
        ]
        tested = tuple(map(measure, published_figures(year.year), draws))
        reads.append(Read(reading, tested))
    return Validation(year, 200, 20, 0, tuple(reads))


@pytest.mark.parametrize("mechanism", ["owner-bearer", "effective-share"])
def test_a_reading_by_reception_is_the_engines(mechanism: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both years, their shares and transfers, as the validation draws them."""
    monkeypatch.setattr(running, "_FIRST", 2024)
    bare = load_instance("sweden-2025").with_changes(children=())
    task = running._Task(bare, "county", (0, 1), 1, 5)
    drawn = running._Drawn(task)
    key = mechanism, "always", "history", "county", "reception"
    reading = next(r for r in readings() if r.key == key)
    codes = [m.code for m in bare.municipalities]
    before: dict[tuple[int, str], int] = {}
    found = []
    for year in (2024, 2025):
        base = bare.municipalities if year == 2025 else municipalities_of(2024)
        shares = computed_shares(
            [m.population or 0 for m in base], received=list(received_2018().values())
        )
        ledgers, cases = drawn.ledgers[year, "reception"], drawn.cases[year]
        for h in (0, 1):
            places = tuple(
                replace(m, share=share, assigned_before=before.get((h, m.code), 0))
                for m, share in zip(base, shares, strict=True)
            )
            transfers = draw_transfers(Random(f"validation 5 {h} {year} transfers"), places, year)
            steps = zip(cases.size[:, h].tolist(), cases.tie[:, h].tolist(), strict=True)
            children = tuple(
                Child(f"{k}-{j}", str(k), date(year, 1, 1), codes[tie] if tie >= 0 else None)
                for k, (size, tie) in enumerate(steps)
                for j in range(size)
            )
            played = Instance("x", year, places, children=children, transfers=transfers)
            assert holdings(played, transfers) == ledgers[h]
            run = run_rule(played, reading.policy, transfers)
            counts = count(played, reading.policy, run.allocation.assignments)
            before |= {(h, code): n for code, n in zip(codes, counts.credited, strict=True)}
            found.append(counts.total)
    given_to = [codes.index("0180"), codes.index("1480")]
    figures = tuple(
        Published(2025, place, "total", place, 0, "no", "") for place in ("Stockholm", "Göteborg")
    )
    values = running._figures(task, drawn, reading, figures)
    assert values.tolist() == [[found[2 + h][k] for h in (0, 1)] for k in given_to]


def test_other_shares_are_tried_beside_computed_ones_alone() -> None:
    year = load_instance("sweden-2025")
    assert readings_of(year) == readings()
    assert {r.key[1:3] for r in readings() if r.shares == "reception"} == {("always", "history")}
    first, second, *others = year.municipalities
    other = (replace(first, share=first.share + 1), replace(second, share=second.share - 1), *others)
    for own in (
        year.with_changes(shares_are="decided"),
        year.with_changes(municipalities=other),
    ):
        assert {r.shares for r in readings_of(own)} == {"own"}
        assert [r.key[:4] for r in readings_of(own)] == [r.key[:4] for r in readings()[:24]]
    decided = year.with_changes(synthetic=())  # amounts of its own shares
    assert readings_of(decided) == readings()[:24]
    assert readings_of(decided.with_changes(transfers=())) == readings()


def test_what_is_said_of_shares() -> None:
    year = load_instance("sweden-2025")
    full = made_up(year)
    reads = list(full.reads)
    *_, last = reads
    assert last.reading.key == ("effective-share", "always", "history", "population", "reception")
    reads[-1] = replace(last, tested=tuple(replace(t, score=0.0) for t in last.tested))
    said = said_of(replace(full, reads=tuple(reads)), "en")
    assert re.search(
        r" of 30 readings come nearer .*, shares by population and earlier reception\.", said
    )
    assert "left out" not in said
    own = made_up(year.with_changes(shares_are="decided"))
    assert "24 readings" in said_of(own, "en")
    assert "earlier reception are left out" in said_of(own, "en")
    assert "tidigare mottagande är utelämnade" in said_of(own, "sv")
    assert "årets egna andelar" in said_of(own, "sv")


def test_figures_that_were_tried_before_rank_no_reading() -> None:
    """Twelve readings had been tried on the figures of 2024, so they choose between none."""
    found = made_up(load_instance("sweden-2024"))
    for language, words in (
        ("en", ("12 readings had been tried on the figures of 2024", "no longer choose")),
        ("sv", ("12 läsningar hade redan prövats mot siffrorna för 2024", "väljer inte längre")),
    ):
        said = said_of(found, language)
        for word in words:
            assert word in said
        for word in ("nearest", "come nearer", "närmast", "närmare"):
            assert word not in said
    tables = [part for part in validation_tables(found, Words("en")) if not isinstance(part, str)]
    assert "nearest" not in str(tables[1].title)
    assert [*tables[1].columns[3].cells][:3] == ["local", "county", "population"]  # as they are listed


def said_of(validation: Validation, language: str) -> str:
    return "\n".join(p for p in validation_tables(validation, Words(language)) if isinstance(p, str))


def test_the_table_of_met_figures() -> None:
    found = made_up(load_instance("sweden-2025"))
    table = [part for part in validation_tables(found, Words("en")) if not isinstance(part, str)][2]
    rows = [list(column.cells) for column in table.columns]
    assert rows[0] == [figure_text(t.figure, Words("en")) for t in found.reads[0].tests]
    assert len(rows) == 1 + 6
    by_key = {r.reading.key: r for r in found.reads}
    for column, cells in zip(table.columns[1:], rows[1:], strict=True):
        ties, shares = (line.split(" ")[1] for line in str(column.header).split("\n"))
        for k, cell in enumerate(map(str, cells)):
            for mechanism, said in zip(
                ("owner-bearer", "effective-share"), cell.split(" / "), strict=True
            ):
                t = by_key[mechanism, "always", "history", ties, shares].tests[k]
                inside = [str(p) for p in (50, 80, 95) if t.inside(p)]
                assert said == (inside[0] if inside else "–")


#: Prints what a validation draws after published figures were changed: those that are no part of what
#: is given to the drawing, or one that is.
_DRAWS = """
import sys
from hashlib import sha256
from fordela.instances import figures

changed, as_read = sys.argv[1], figures._rows

def rows(name):
    found = as_read(name)
    for r in found if name == "published.csv" else ():
        given = r["given"] == "yes" and r["what"] != "equalising"
        if changed == "others" and not given:
            r["value"] = str(int(r["value"]) + 3)
        if changed == "given" and r["figure"] == "Halmstad, kinship":
            r["value"] = "8"
    return found

figures._rows = rows
from fordela.instances.catalogue import load_instance
from fordela.solver.validation import run

bare = load_instance("sweden-2025").with_changes(children=())
for spread in run.SPREADS:
    drawn = run._Drawn(run._Task(bare, spread, (0,), 2, 0))
    for cases in drawn.cases.values():
        print(sha256(cases.size.tobytes()).hexdigest(), sha256(cases.tie.tobytes()).hexdigest())
    print(sha256(repr(drawn.ledgers).encode()).hexdigest())
"""


def test_nothing_is_fitted() -> None:
    """Cases, ties and transfers are the same to the byte whatever the equalising figures are."""

    def draws(changed: str) -> str:
        command = [sys.executable, "-c", _DRAWS, changed]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    as_published = draws("nothing")
    assert as_published.count("\n") == 3 * (10 + 1)
    assert draws("others") == as_published
    assert draws("given") != as_published  # so a change is seen
    assert readings()[0].policy == IN_FORCE
