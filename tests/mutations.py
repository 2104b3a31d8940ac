"""Change one thing in a result's folder and see whether ``check`` notices: ``make mutations``.

Small random years are solved, redistributed, placed and compared; their folders are written. Then, one
at a time, a cell or a key is changed: by one, to another's value, to a word, or taken away. What passes
unnoticed is listed by file and key.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from fordela.instances.claims import read_solution
from fordela.instances.comparison_claims import is_comparison, read_comparison
from fordela.instances.results import write_placement, write_redistribution, write_result
from fordela.models.check import Violation, check
from fordela.models.check.comparison import comparison_violations
from fordela.models.errors import FordelaError
from fordela.models.instance import Instance
from fordela.models.policy import Policy
from fordela.report.folders import write_comparisons
from fordela.solver.comparison import compare
from fordela.solver.placement.place import place
from fordela.solver.redistribution.decide import redistribute
from fordela.solver.solve import solve

#: What only says how a result was made (docs/using.md); nobody can recompute it.
TOLD = frozenset(
    {"seconds", "backend", "backend_version", "fordela_version", "seed", "sealed", "decided_cases"}
)
Change = Callable[[Path], None]


def main() -> int:
    """Run as a command: 1 if more than one mutation in a hundred passes unnoticed."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=12, help="random years")
    parser.add_argument("--sample", type=int, default=150, help="mutations of each folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--by-result", action="store_true", help="tell results of each kind apart")
    options = parser.parse_args()
    tried, passed = measure(options.years, options.sample, options.seed, by_result=options.by_result)
    for kind, number in sorted(passed.items(), key=lambda item: -item[1]):
        print(f"{number:6} of {tried[kind]:6}  {kind}")
    part = passed.total() / max(1, tried.total())
    print(f"{passed.total()} of {tried.total()} mutations unnoticed ({100 * part:.2f} %)")
    return int(part > 0.01)


def measure(
    years: int, sample: int, seed: int, *, by_result: bool = False
) -> tuple[Counter[str], Counter[str]]:
    """Mutations tried and unnoticed, by kind."""
    tried: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    random = Random(seed)
    with tempfile.TemporaryDirectory() as made:
        for number in range(years):
            for name, year, folder in folders(number, Path(made)):
                found = violations(year, folder)
                if found:
                    raise AssertionError(f"{name} {number}: not clean before any change: {found}")
                every = list(changes(folder, random))
                for kind, change in random.sample(every, min(sample, len(every))):
                    kind = f"{name}: {kind}" if by_result else kind
                    tried[kind] += 1
                    try:
                        noticed = is_noticed(year, folder, change)
                    except Exception as error:
                        raise AssertionError(f"{name} {number}: {kind}: {error!r}") from error
                    if not noticed:
                        passed[kind] += 1
    return tried, passed


def folders(number: int, where: Path) -> Iterator[tuple[str, Instance, Path]]:
    """Results of one random year, as folders."""
    from tests.random_results import policies, random_year

    year = random_year(number)
    for name, policy in policies(number):
        folder = where / f"{number}-{name}"
        try:
            write(name, year, policy, folder)
        except FordelaError:
            continue
        yield name, year, folder
    folder = where / f"{number}-compare"
    write_comparisons([compare(year, compared(number, year), workers=1)], folder)
    yield "compare", year, folder


def compared(number: int, year: Instance) -> list[Policy]:
    """Policies of every kind that solve a year, each under a name of its own."""
    from tests.random_results import policies

    found = []
    for name, policy in policies(number):
        if name.startswith("solve"):
            policy = policy.with_changes(name=name)
            try:
                solve(year, policy, workers=1)
            except FordelaError:
                continue
            found.append(policy)
    return found


def violations(year: Instance, folder: Path) -> list[Violation]:
    """What ``fordela check`` finds in a folder; of a comparison, in its own files."""
    if is_comparison(folder):
        return list(comparison_violations(year, read_comparison(folder)))
    return check(year, read_solution(folder))


def write(name: str, year: Instance, policy: Policy, folder: Path) -> None:
    """Make a result of a kind and write it."""
    if name.startswith("trade"):
        write_redistribution(redistribute(year, policy, beside_optimum=True, workers=1), folder)
    elif name.startswith("place"):
        mode: Any = name.removeprefix("place-")
        write_placement(place(year, policy, mode=mode, workers=1), folder)
    else:
        write_result(solve(year, policy, workers=1), folder)


def is_noticed(year: Instance, folder: Path, change: Change) -> bool:
    """Whether a change makes the check fail, or the folder unreadable with a message."""
    other = folder.with_name(folder.name + "-changed")
    shutil.copytree(folder, other)
    try:
        change(other)
        return bool(violations(year, other))
    except FordelaError:
        return True
    finally:
        shutil.rmtree(other)


def changes(folder: Path, random: Random) -> Iterator[tuple[str, Change]]:
    """Every single mutation of a folder, with its kind."""
    for path in sorted(folder.glob("*.csv")):
        yield from _of_table(path.name, path.read_text(encoding="utf-8"), random)
    name = "comparison.json" if is_comparison(folder) else "result.json"
    head = json.loads((folder / name).read_text(encoding="utf-8"))
    yield from _of_json(name, (), head, head, random)


def _of_table(name: str, text: str, random: Random) -> Iterator[tuple[str, Change]]:
    rows = list(csv.reader(io.StringIO(text)))
    if not rows:
        return
    header = rows[0]

    def written(new: list[list[str]]) -> Change:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(new)

        def change(folder: Path) -> None:
            (folder / name).write_text(out.getvalue(), encoding="utf-8")

        return change

    for r in range(1, len(rows)):
        yield f"{name} row taken away", written(rows[:r] + rows[r + 1 :])
        yield f"{name} row twice", written([*rows, rows[r]])
        for c, column in enumerate(header):
            others = [row[c] for row in rows[1:] if row[c] != rows[r][c]]
            for cell in {*others[:1], *_other_text(rows[r][c], random)} - {rows[r][c]}:
                new = [list(row) for row in rows]
                new[r][c] = cell
                yield f"{name} {column}", written(new)
    for c, column in enumerate(header):
        yield f"{name} column {column} taken away", written([row[:c] + row[c + 1 :] for row in rows])
    yield f"{name} column put in", written([[*row, "7"] for row in rows])


def _other_text(cell: str, random: Random) -> list[str]:
    try:
        number = float(cell)
    except ValueError:
        return ["", "x"] if cell else ["1"]
    places = len(cell.partition(".")[2])
    step = 10.0**-places * random.choice([1, 10])
    return [f"{number + step:.{places}f}", f"{number - step:.{places}f}", ""]


def _of_json(
    name: str, way: tuple[Any, ...], here: Any, head: Any, random: Random
) -> Iterator[tuple[str, Change]]:
    shown = " ".join(str(k) for k in way if isinstance(k, str))

    def put(way: tuple[Any, ...], value: object, *, gone: bool = False) -> Change:
        def change(folder: Path) -> None:
            data = json.loads(json.dumps(head))
            inner = data
            for key in way[:-1]:
                inner = inner[key]
            if gone:
                del inner[way[-1]]
            else:
                inner[way[-1]] = value
            (folder / name).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")

        return change

    if way and isinstance(way[-1], str) and way[-1] in TOLD:
        return
    if isinstance(here, dict):
        yield f"{name} {shown} key put in", put((*way, "more"), 7)
        for key, inner in here.items():
            if key not in TOLD:
                yield f"{name} {shown} {key} taken away", put((*way, key), None, gone=True)
            yield from _of_json(name, (*way, key), inner, head, random)
    elif isinstance(here, list):
        for k, inner in enumerate(here):
            yield f"{name} {shown} entry taken away", put((*way, k), None, gone=True)
            yield from _of_json(name, (*way, k), inner, head, random)
    else:
        for value in _other_values(here, random):
            yield f"{name} {shown}", put(way, value)


def _other_values(value: Any, random: Random) -> list[Any]:
    if isinstance(value, bool):
        return [not value, None]
    if value is None:
        return [0, "x"]
    if isinstance(value, int):
        return [value + 1, value - 1, None]
    if isinstance(value, float):
        return [value + 1e-3, value - 1, None]
    words = [
        "optimal",
        "feasible",
        "engine",
        "counting",
        "enumeration",
        "trivial",
        "certificate",
        "completed",
        "time-limit",
    ]
    others = [w for w in words if w != value] if value in words else ["x"]
    if value.lstrip("-").replace("/", "").isdigit():
        top, _, bottom = value.partition("/")
        others += [f"{int(top) + random.choice([1, -1])}{'/' if bottom else ''}{bottom}"]
    return [*others, None]


if __name__ == "__main__":
    sys.exit(main())
