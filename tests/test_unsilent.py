"""No silent wrong input: what is misspelt, missing or does not sum is an error that names the right."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.frames import instance_from_frames
from fordela.instances.reading import read_instance
from fordela.instances.writing import write_instance
from fordela.models.errors import InputError
from fordela.report.workbooks.instance_book import write_instance_book


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


EVERYTHING = {
    "municipalities.csv": (
        "code,name,county_code,county,population,share,assigned_before,capacity,wants_more,wants_less,"
        "willing,kin_weight,lat,lon,synthetic\n"
        "0001,Ask,01,Nord,10,600.50,3,9,,1.00,,2,59.0,15.0,\n"
        "0002,Bok,01,Nord,20,399.50,4,9,0,,2,3,58.0,16.0,\n"
    ),
    "children.csv": (
        "child,case,arrival,kin_municipality,age,sex,language,needs,stay\n"
        "a,1,2025-01-02,0001,12,f,so,x,30\n"
    ),
    "transfers.csv": "from_code,to_code,share,synthetic\n0001,0002,1.00,\n",
    "transfers_last_year.csv": "from_code,to_code,share,synthetic\n0001,0002,2.00,\n",
    "wishes.csv": (
        "municipality,direction,share,least,partner,status,date,note,synthetic\n"
        "0001,less,2.00,1.00,0002,agreed,2024-10-01,so said,\n"
    ),
    "availability.csv": "municipality,from,to,places,synthetic\n0002,2025-01-01,2025-06-30,2,\n",
    "pairs.csv": "from_code,to_code,synthetic\n0001,0002,\n",
    "places.csv": (
        "place,municipality,form,places,min_age,max_age,sexes,languages,competences,from,to,group,"
        "synthetic\nh,0001,hvb,4,10,17,f,so,x,2025-01-01,2025-12-31,only,\n"
    ),
    "agreements.csv": "responsible_code,placing_code,synthetic\n0001,0002,\n",
}
HEAD = 'format = 1\nname = "small"\nyear = 2025\nforecast = 10\npolicy = "in-force"\n'
COLUMNS = [(name, c) for name, text in EVERYTHING.items() for c in text.splitlines()[0].split(",")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a year with every table and every column."""
    tmp_path = tmp_path / "year"
    tmp_path.mkdir()
    (tmp_path / "instance.toml").write_text(HEAD, encoding="utf-8")
    for name, text in EVERYTHING.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_year_with_everything_is_valid(folder: Path) -> None:
    notes: list[str] = []
    year = read_instance(folder, notes)
    assert (len(year.homes), len(year.agreements), len(year.availability)) == (1, 1, 1)
    assert not any("not used" in note for note in notes)


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_misspelt_columns_name_the_right_one(folder: Path, name: str, column: str) -> None:
    wrongs = {column + "x", column[:-1], column.title() + " ", column.replace("_", "")}
    for wrong in sorted(w for w in wrongs if len(w) > 2 and w != column):
        header = EVERYTHING[name].splitlines()[0].split(",")
        text = ",".join(wrong if c == column else c for c in header)
        (folder / name).write_text(text + EVERYTHING[name][len(",".join(header)) :], encoding="utf-8")
        found = problems(folder)
        assert any((m.startswith(f"{name}, row 1") and f"did you mean {column}?" in m)
                   or m.startswith(f"{name}, row 1, {column}: this column is missing")
                   for m in found), (wrong, found)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("municipalities.csv", "assigned_befor", "assigned_before"),
        ("municipalities.csv", "assigned", "assigned_before"),
        ("municipalities.csv", "latitude", "lat"),
        ("availability.csv", "from_date", "from"),
        ("children.csv", "kin_code", "kin_municipality"),
    ],
)
def test_parts_of_absent_columns_are_misspelt(folder: Path, name: str, wrong: str, right: str) -> None:
    edit(folder, name, f",{right},", f",{wrong},")
    (message,) = problems(folder)
    assert message.startswith(f"{name}, row 1, {wrong}: is not read; did you mean {right}?")


@pytest.mark.parametrize("own", ["comment", "anmärkning", "region", "share_2024", "namn_en"])
def test_columns_of_ones_own_are_confirmed(folder: Path, own: str) -> None:
    text = EVERYTHING["municipalities.csv"].replace("synthetic", f"synthetic,{own}")
    (folder / "municipalities.csv").write_text(text, encoding="utf-8")
    (message,) = problems(folder)
    assert message.startswith(f"municipalities.csv, row 1: columns that nothing reads: {own};")
    confirm(folder, message)
    read_instance(folder)


def confirm(folder: Path, message: str) -> None:
    """Write the line into ``instance.toml`` that a message gives."""
    line = message[message.index("confirmed = [") :]
    path = folder / "instance.toml"
    kept = [x for x in path.read_text(encoding="utf-8").splitlines() if "confirmed" not in x]
    path.write_text("\n".join([line, *kept]) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("transfers.csv", "transfer.csv"),
        ("transfers.csv", "Transfers.csv"),
        ("transfers.csv", "transfers.txt"),
        ("transfers.csv", "transfers.csv.txt"),
        ("transfers.csv", "transfers (1).csv"),
        ("transfers_last_year.csv", "last_year.csv"),
        ("wishes.csv", "wish.csv"),
        ("availability.csv", "availabilty.csv"),
        ("places.csv", "homes.csv"),
        ("agreements.csv", "agreement.csv"),
        ("pairs.csv", "pair.csv"),
        ("municipalities.csv", "municipalites.csv"),
        ("children.csv", "childern.csv"),
        ("instance.toml", "instans.toml"),
    ],
)
def test_misspelt_files_name_the_right_one(folder: Path, right: str, wrong: str) -> None:
    (folder / right).rename(folder / wrong)
    (message,) = problems(folder)
    assert message.startswith(f"{wrong}: is not read; did you mean {right}?")


def test_other_files_are_allowed_and_tables_are_noted(folder: Path) -> None:
    unread = ("budget.csv", "children.tsv", "children.txt", "children.xlsx", "more.tsv")
    for name in ("notes.txt", "README.md", "import.toml", ".x.csv", *unread):
        (folder / name).write_text("x", encoding="utf-8")
    notes: list[str] = []
    read_instance(folder, notes)
    told = [note for note in notes if "not used" in note]
    assert told == [f"{name}: this file is not used" for name in unread]


def test_a_misspelt_policy_names_the_right_one(folder: Path) -> None:
    edit(folder, "instance.toml", '"in-force"', '"in-forse"')
    (message,) = problems(folder)
    assert message == (
        "instance.toml, policy is 'in-forse': no such policy or file; did you mean in-force?"
    )
    edit(folder, "instance.toml", '"in-forse"', '"my/own-policy.toml"')
    assert read_instance(folder).policy == "my/own-policy.toml"  # looked for where it is used


def test_errors_of_one_table_do_not_hide_those_of_others(folder: Path) -> None:
    edit(folder, "municipalities.csv", "0001,Ask,01,Nord,10,600.50", "0001,Ask,01,Nord,10,600.505")
    edit(folder, "municipalities.csv", "399.50,4,", "399.50,4.5,")
    edit(folder, "children.csv", "stay\n", "stay\nb,2,2025-02-01,0009,,,,,\n")
    edit(folder, "transfers.csv", "0002", "0003")
    edit(folder, "agreements.csv", "0001,0002", "0001,0004")
    found = problems(folder)
    assert len(found) == 6
    for text in ("600.505", "4.5", "'0009': no such municipality", "is earlier than 2025-02-01",
                 "to_code is '0003'", "placing_code is '0004'"):  # fmt: skip
        assert any(text in m for m in found), (text, found)


def test_a_row_of_wrong_length_does_not_hide_the_rest(folder: Path) -> None:
    edit(folder, "municipalities.csv", "59.0,15.0,", "59,0,15,0,")
    edit(folder, "municipalities.csv", "399.50,4,", "399.50,4.5,")
    found = problems(folder)
    assert [m.partition(":")[0] for m in found] == [
        "municipalities.csv, row 2 is '0'", "municipalities.csv, row 3, assigned_before is '4.5'",
    ]  # fmt: skip


def test_a_decimal_comma_never_moves_cells_into_other_columns(folder: Path) -> None:
    """With blank cells at the end the row would else be read with 600 ‰ and a history of 50."""
    text = "code,name,county_code,county,share,assigned_before,capacity\n"
    rows = "0001,Ask,01,Nord,600,50,,\n0002,Bok,01,Nord,399.50,,\n"
    (folder / "municipalities.csv").write_text(text + rows, encoding="utf-8")
    assert any("row 2: has 8 cells, but the header has 7" in m for m in problems(folder))


def workbook(folder: Path, **renamed: str) -> Path:
    """Return the folder's files as sheets of a workbook, some of them under another name."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for path in sorted([*folder.glob("*.csv"), *folder.glob("*.toml")]):
        sheet = book.create_sheet(renamed.get(path.stem, path.stem))
        for line in path.read_text(encoding="utf-8").splitlines():
            sheet.append(line.split(",") if path.suffix == ".csv" else [line])
    book.save(folder / "year.xlsx")
    return folder / "year.xlsx"


def test_sheets_are_named_as_files_are(folder: Path) -> None:
    assert load_instance(workbook(folder)).sha256 == read_instance(folder).sha256
    for right, wrong in (("transfers", "transfer"), ("children", "Childern"), ("places", "homes")):
        with pytest.raises(InputError) as caught:
            load_instance(workbook(folder, **{right: wrong}))
        (problem,) = caught.value.problems
        assert str(problem).startswith(f"year.xlsx, {wrong}: is not read; did you mean {right}?")


def test_frames_are_read_as_files_are(folder: Path) -> None:
    frame = pd.read_csv(folder / "municipalities.csv", dtype=str)
    with pytest.raises(InputError, match="did you mean assigned_before"):
        instance_from_frames(frame.rename(columns={"assigned_before": "assigned_befor"}), year=2025)
    own = frame.assign(comment="x")
    with pytest.raises(InputError, match="columns that nothing reads: comment"):
        instance_from_frames(own, year=2025)
    assert instance_from_frames(own, year=2025, confirmed=["unused:comment"]).confirmed
    bare = frame.drop(columns="assigned_before")
    with pytest.raises(InputError, match="no municipality has a number here"):
        instance_from_frames(bare, year=2025)
    assert instance_from_frames(bare, year=2025, confirmed=["no-history"]).confirmed
    with pytest.raises(InputError, match="did you mean in-force"):
        instance_from_frames(frame, year=2025, policy="in-forse")


def shares(folder: Path, *written: str) -> None:
    rows = [f"{k:04d},M{k},01,Nord,{share},0\n" for k, share in enumerate(written, 1)]
    text = "code,name,county_code,county,share,assigned_before\n" + "".join(rows)
    (folder / "instance.toml").write_text(HEAD, encoding="utf-8")
    (folder / "municipalities.csv").write_text(text, encoding="utf-8")
    (folder / "children.csv").write_text("child,case,arrival\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "accepted"),
    [
        (("333.33", "333.33", "333.33"), True),  # 0.01 ‰ too little, 3 × 0.005 explained
        (("333.33", "333.33", "333.32"), False),
        (("333.3", "333.3", "333.3"), True),  # 0.1 of 0.15
        (("333.3", "333.3", "333.30"), False),  # one of them is written with two decimals
        (("333,3", "333,3", "333,2"), False),  # 0.2 of 0.15
        (("333", "333", "333"), True),  # 1 of 1.5
        (("333", "333", "332"), False),  # 2 of 1.5
        (("333.00", "333.00", "333.00"), False),
        (("334", "334", "333"), True),
    ],
)
def test_only_rounding_of_the_shares_as_written_is_accepted(
    tmp_path: Path, written: tuple[str, ...], accepted: bool
) -> None:
    shares(tmp_path, *(f'"{w}"' for w in written))
    if not accepted:
        (message,) = problems(tmp_path)
        assert "instead of 1000.00 ‰; by county: 01 Nord" in message
        assert "rounding explains at most" in message
        return
    year = read_instance(tmp_path)
    write_instance(year, tmp_path / "again")
    assert read_instance(tmp_path / "again").sha256 == year.sha256
    write_instance_book(year, tmp_path / "again.xlsx", cases=True)
    assert load_instance(tmp_path / "again.xlsx").sha256 == year.sha256


def texts(path: Path) -> set[str]:
    sheets = openpyxl.load_workbook(path).worksheets
    return {str(v) for s in sheets for row in s.iter_rows(values_only=True) for v in row}


def run(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(args))
    assert result.exit_code == code, result.output
    return result


def test_a_workbook_that_is_sent_out_holds_no_children(folder: Path) -> None:
    year = read_instance(folder)
    book, whole = str(folder.parent / "survey.xlsx"), str(folder.parent / "whole.xlsx")
    said = run("instances", "export", str(folder), book)
    assert "the workbook holds no children" in said.stderr
    assert not (texts(Path(book)) & {"a", "2025-01-02", "kin_municipality"})
    assert "children" not in openpyxl.load_workbook(book).sheetnames
    again = run("instances", "export", str(folder), whole, "--with-cases")
    assert "holds no children" not in again.stderr
    assert texts(Path(whole)) >= {"a", "2025-01-02", "kin_municipality"}
    assert load_instance(whole).sha256 == year.sha256
    run("instances", "export", str(folder), str(folder.parent / "copy"))
    assert read_instance(folder.parent / "copy").children == year.children
    for command in (("compare",), ("solve",), ("instances", "validate")):
        wrong = run(*command, book, code=2)
        assert "sheet children: this sheet is missing from the workbook" in wrong.stderr
        assert "--with-cases" in wrong.stderr
    swedish = run("solve", book, "--lang", "sv", code=2).stderr
    assert "bladet saknas i arbetsboken; arbetsböcker för andra innehåller inga barn" in swedish


def test_answers_taken_into_a_workbook_hold_no_children_either(folder: Path) -> None:
    base, book = str(folder), str(folder.parent / "survey.xlsx")
    run("instances", "export", base, book, "-q")
    words = ("instances", "import", book, "--base", base, "--yes", "--out")
    said = run(*words, str(folder.parent / "second.xlsx"))
    assert "the workbook holds no children" in said.stderr
    assert "children" not in openpyxl.load_workbook(folder.parent / "second.xlsx").sheetnames
    run(*words, str(folder.parent / "third.xlsx"), "--with-cases")
    assert load_instance(folder.parent / "third.xlsx").children == read_instance(folder).children


def answers(folder: Path, more: str, less: str, log: str = "") -> None:
    rows = f"0001,Ask,01,Nord,600.50,0,{more},{less}\n0002,Bok,01,Nord,399.50,,,\n"
    text = "code,name,county_code,county,share,assigned_before,wants_more,wants_less\n"
    (folder / "municipalities.csv").write_text(text + rows, encoding="utf-8")
    for name in EVERYTHING.keys() - {"municipalities.csv", "children.csv"}:
        (folder / name).unlink(missing_ok=True)
    if log:
        header = "municipality,direction,share,status,date\n"
        (folder / "wishes.csv").write_text(header + log, encoding="utf-8")


@pytest.mark.parametrize(
    ("more", "less", "log", "kept"),
    [
        ("", "", "", False),
        ("0", "", "", True),
        ("", "0.00", "", True),
        ("0", "0", "", True),
        ("1.00", "0", "", False),
        ("", "", "0001,less,0,proposed,\n", True),
        ("", "", "0001,more,0,agreed,2026-10-01\n", True),
        ("", "", "0001,more,0,withdrawn,2026-10-01\n", False),
        ("", "", "0001,less,2,proposed,2026-09-01\n0001,less,0,proposed,2026-10-01\n", True),
        ("", "", "0001,less,2,proposed,2026-09-01\n0001,more,0,proposed,2026-10-01\n", False),
        ("", "", "0001,less,0,proposed,2026-09-01\n0001,less,2,proposed,2026-10-01\n", False),
        ("0", "", "0002,less,1,proposed,\n", False),  # the log replaces the columns
    ],
)
def test_an_answer_of_0_is_kept_and_comes_back(
    folder: Path, more: str, less: str, log: str, kept: bool
) -> None:
    answers(folder, more, less, log)
    year = read_instance(folder)
    assert year.wanted.kept == ({"0001"} if kept else set())
    shown = json.loads(run("instances", "show", str(folder), "--format", "json", "-q").stdout)[0]
    assert shown["keep_share"] == int(kept)
    write_instance(year, folder.parent / "again")
    write_instance_book(year, folder.parent / "again.xlsx", cases=True)
    for again in (load_instance(folder.parent / "again"), load_instance(folder.parent / "again.xlsx")):
        assert again == year
        assert again.sha256 == year.sha256
    silent = [replace(m, wants_more=m.wants_more or None, wants_less=m.wants_less or None)
              for m in year.municipalities]  # fmt: skip
    without = year.with_changes(
        municipalities=tuple(silent), wishes=tuple(w for w in year.wishes if w.share)
    )
    assert not without.wanted.kept
    assert (without.sha256 == year.sha256) == (
        silent == list(year.municipalities) and without.wishes == year.wishes
    )


def test_an_answer_of_0_is_shown_and_no_answer_is_not(folder: Path) -> None:
    answers(folder, "0", "")
    said = run("instances", "validate", str(folder), "-q").stdout
    assert "Wishes: 0 for more, 0 for less, 1 keep their share, 1 have not answered." in said
    words = ("redistribute", str(folder), "--policy", "county", "-q")
    assert "1 answered that they keep their share: 0001 Ask." in run(*words).stdout
    rows = json.loads(run(*words, "--format", "json").stdout)["wishes"]
    assert [(r["code"], r["direction"], r["wish"], r["granted"]) for r in rows] == [
        ("0001", "keep", "0.00", "0.00"),
    ]
    run(*words, "--out", str(folder.parent / "made"))
    written = (folder.parent / "made" / "wishes_granted.csv").read_text(encoding="utf-8")
    assert written.splitlines()[1].startswith("0001,Ask,01,keep,0.00,")
    run("check", str(folder), str(folder.parent / "made"))
    answers(folder, "", "")
    assert "keep their share" not in run("instances", "validate", str(folder)).stdout
    frame = pd.DataFrame({
        "code": ["0001", "0002"], "name": ["Ask", "Bok"], "county_code": "01", "county": "Nord",
        "share": [600.5, 399.5], "assigned_before": 0, "wants_more": [0.0, None],
    })  # fmt: skip
    assert instance_from_frames(frame, year=2025).wanted.kept == {"0001"}
