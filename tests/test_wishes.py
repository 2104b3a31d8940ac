"""The log of a dialogue, willing places by date, and the tables that prepare a redistribution."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest
from fordela.instances.reading import read_instance
from fordela.instances.writing import write_instance
from fordela.models.instance import Child, Instance, Municipality
from fordela.models.policy import IN_FORCE
from fordela.models.wishes import Availability, Wanted, Wish, standing_wishes
from fordela.solver.solve import solve

from tests.test_reading import edit, folder, problems

__all__ = ["folder"]  # a fixture

PLACES = tuple(
    Municipality(f"{k:04d}", f"M{k}", "01", "C", share, wants_more=more, wants_less=less)
    for k, (share, more, less) in enumerate([(50_000, 700, 0), (30_000, 0, 500), (20_000, 0, 0)])
)


def day(number: int) -> date:
    return date(2025, 9, number)


def more(share: int, on: int, **fields: object) -> Wish:
    return Wish("0002", "more", share, date=day(on), **fields)  # type: ignore[arg-type]


def test_without_a_log_the_columns_count() -> None:
    wishes = standing_wishes(PLACES, ())
    assert wishes.more == {"0000": Wanted(700)}
    assert wishes.less == {"0001": Wanted(500)}


LOGS = [
    ([more(300, 1)], Wanted(300)),
    ([more(300, 1), more(200, 2)], Wanted(200)),
    ([more(300, 1), more(300, 2, status="withdrawn")], None),
    ([more(300, 1, status="withdrawn")], None),
    ([more(300, 1, least=100)], Wanted(300, 100)),
    ([more(300, 1), more(0, 2)], None),
    # A partner replaces what was said without one, and partners add up.
    ([more(300, 1), more(200, 2, partner="0001", least=50)], Wanted(200, 0, (("0001", 200, 50),))),
    ([more(100, 1, partner="0000"), more(200, 1, partner="0001")],
     Wanted(300, 0, (("0000", 100, 0), ("0001", 200, 0)))),
    ([more(100, 1, partner="0000"), more(200, 1, partner="0001"),
      more(200, 2, partner="0001", status="withdrawn")], Wanted(100, 0, (("0000", 100, 0),))),
    # A row without a partner replaces everything before it.
    ([more(100, 1, partner="0000"), more(400, 2)], Wanted(400)),
    ([more(100, 1, partner="0000"), more(400, 2, status="withdrawn")], None),
]  # fmt: skip


@pytest.mark.parametrize(("log", "expected"), LOGS)
def test_what_stands_after_a_log(log: list[Wish], expected: Wanted | None) -> None:
    for seed in range(4):  # rows are ordered by date, not by place
        rows = Random(seed).sample(log, len(log))
        wishes = standing_wishes(PLACES, rows)
        assert wishes.more.get("0002") == expected
        assert "0000" not in wishes.more  # the log replaces the columns of everyone
        assert not wishes.less


HEAD = "municipality,direction,share,least,partner,status,date,note\n"
BROKEN = [
    ("wishes.csv", HEAD + "0999,less,1,,,,,\n", "'0999': no such municipality"),
    ("wishes.csv", HEAD + "0114,up,1,,,,,\n", "direction is 'up'"),
    ("wishes.csv", HEAD + "0114,less,1.234,,,,,\n", "share is '1.234'"),
    ("wishes.csv", HEAD + "0114,less,1,2,,,,\n", "least is '2.00': must be from 0 to the share"),
    ("wishes.csv", HEAD + "0114,less,1,,0114,,,\n", "is the municipality itself"),
    ("wishes.csv", HEAD + "0114,less,1,,,maybe,,\n", "status is 'maybe'"),
    ("wishes.csv", HEAD + "0114,less,1,,,,then,\n", "date is 'then'"),
    ("wishes.csv", HEAD + "0114,less,700,,,,,\n", "more than its share of 600.50"),
    ("wishes.csv", HEAD + "0114,less,1,,,,2025-01-01,\n0114,more,1,,,,2025-01-02,\n",
     "wishes for both more and less"),
    ("wishes.csv", HEAD + "0114,less,1,,,,2025-01-01,\n0114,less,2,,,,2025-01-01,\n",
     "row 3, municipality is '0114': contradicts row 2 of 2025-01-01"),
    ("wishes.csv", "municipality,share\n0114,1\n", "direction: this column is missing"),
    ("availability.csv", "municipality,from,to,places\n0114,2025-02-01,2025-01-01,3\n",
     "is before 2025-02-01, the day they open"),
    ("availability.csv", "municipality,from,to,places\n0114,soon,,3\n", "from is 'soon'"),
    ("availability.csv", "municipality,from,to,places\n0114,,,-3\n", "places is '-3'"),
    ("pairs.csv", "from_code,to_code\n0114,0114\n", "is the giver itself"),
    ("pairs.csv", "from_code,to_code\n0114,0180\n0114,0180\n", "the pair is already in row 2"),
    ("transfers_last_year.csv", "from_code,to_code,share\n0114,0999,1\n", "no such municipality"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "expected"), BROKEN)
def test_one_message_per_problem(folder: Path, name: str, text: str, expected: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    found = problems(folder)
    assert len(found) == 1, found
    assert found[0].startswith(name)
    assert expected in found[0]


def test_a_round_trip_loses_nothing(folder: Path, tmp_path: Path) -> None:
    (folder / "wishes.csv").write_text(
        HEAD + "0114,less,1.5,0.50,0180,agreed,2025-01-02,a note\n0180,more,2,,,,,\n", encoding="utf-8"
    )
    (folder / "availability.csv").write_text(
        "municipality,from,to,places\n0114,2025-01-01,,3\n0180,,2025-06-30,2\n", encoding="utf-8"
    )
    (folder / "pairs.csv").write_text("from_code,to_code\n0114,0180\n", encoding="utf-8")
    (folder / "transfers_last_year.csv").write_text(
        "from_code,to_code,share\n0114,0180,1.25\n", encoding="utf-8"
    )
    year = read_instance(folder)
    assert year.wanted.less["0114"] == Wanted(150, 0, (("0180", 150, 50),))
    assert year.willing_places == (3, 2)
    write_instance(year, tmp_path / "copy")
    assert read_instance(tmp_path / "copy") == year
    edit(folder, "wishes.csv", "1.5", "1.25")
    assert read_instance(folder).sha256 != year.sha256


def test_willing_places_open_and_close_by_hand() -> None:
    """Ask has 1 place until the 10th and 1 from then on, Bok 2 all year, Ceder none."""
    places = [("0001", 40_000), ("0002", 40_000), ("0003", 20_000)]
    year = Instance(
        "by-hand", 2025,
        tuple(Municipality(code, code, "01", "C", share) for code, share in places),
        children=tuple(Child(f"c{d}", f"c{d}", date(2025, 1, d)) for d in (1, 5, 9, 10, 11, 12)),
        availability=(
            Availability("0001", None, date(2025, 1, 9), 1),
            Availability("0001", date(2025, 1, 10), None, 1),
            Availability("0002", None, None, 2),
        ),
    )  # fmt: skip
    made = solve(year, IN_FORCE.with_changes(name="w", rule="willing-first"))
    decided = [(a.bearer, a.kind) for a in made.allocation.assignments]
    assert decided == [
        ("0001", "willing"),  # 0/1 and 0/2 are equal: the lower code
        ("0002", "willing"),  # 0001 is full until the 10th
        ("0002", "willing"),
        ("0001", "willing"),  # a place has opened
        ("0003", "equalising"),  # nobody is willing any more: the lowest fulfilment
        ("0001", "equalising"),  # 2/40 and 2/40 are equal, 1/20 is equal too: the lower code
    ]
