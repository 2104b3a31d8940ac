"""The planner's day: a report over five policies, and a workbook of 290 rows in 21 sheets."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic

from fordela.instances.catalogue import load_instance
from fordela.models.instance import Instance

POLICIES = ("in-force", "no-redistribution", "county", "willing-first", "optimal")
_RUNS = 5


def command(*words: str) -> float:
    """Seconds of a command, start and all."""
    started = monotonic()
    subprocess.run([sys.executable, "-m", "fordela.cli", *words], check=True, capture_output=True)
    return monotonic() - started


def median(values: list[float]) -> float:
    """Middle value."""
    return sorted(values)[len(values) // 2]


def report() -> None:
    """The page: time to make, size, time until it can be used; the peer is one inline Altair map."""
    print("\nreport over five policies, 290 municipalities (sweden-2026)")
    with tempfile.TemporaryDirectory() as scratch:
        folder, page = Path(scratch) / "c", Path(scratch) / "r.html"
        named = [word for name in POLICIES for word in ("--policy", name)]
        command("compare", "sweden-2026", *named, "--out", str(folder), "-q")
        made = median(
            [command("report", str(folder), "--out", str(page), "--force") for _ in range(_RUNS)]
        )
        peer = median([_one_map(Path(scratch) / "map.html") for _ in range(_RUNS)])
        size = page.stat().st_size / 1e6
        print(f"  made in {made:.1f} s ({made / peer:.1f} times one inline Altair map, {peer:.1f} s), "
              f"{size:.2f} MB; usable in Chromium after {median(_opened(page)):.1f} s")  # fmt: skip


def _one_map(target: Path) -> float:
    """Seconds for Altair to save one choropleth of the same shapes as a file of its own."""
    code = (
        "import altair as alt, sys\n"
        "from fordela.report.page.boundaries import boundaries\n"
        "rows = [{'type': 'Feature', 'properties': {}, 'geometry': g, 'value': k}\n"
        "        for k, g in enumerate(boundaries().municipalities.values())]\n"
        "chart = alt.Chart(alt.InlineData(rows)).mark_geoshape().encode(color='value:Q')\n"
        "chart.project('transverseMercator', rotate=[-15, 0, 0]).save(sys.argv[1], inline=True)\n"
    )
    started = monotonic()
    subprocess.run([sys.executable, "-c", code, str(target)], check=True, capture_output=True)
    return monotonic() - started


def _opened(page: Path) -> list[float]:
    from tests.browser import visit

    times = []
    for _ in range(_RUNS):
        with visit(page) as seen:
            started = monotonic()
            seen.page.reload()
            seen.page.wait_for_selector("html[data-ready=true]")
            times.append(monotonic() - started)
    return times


def importing() -> None:
    """A workbook in one sheet per county; the peer is pandas reading the cells and no more."""
    print("\nimport of 290 rows in 21 sheets, as openpyxl wrote them")
    with tempfile.TemporaryDirectory() as scratch:
        path = _workbook(load_instance("sweden-2026"), Path(scratch) / "andelar.xlsx")
        ours = median([
            command("instances", "import", str(path), "--base", "sweden-2026", "--yes", "--force",
                    "--out", str(Path(scratch) / "out"))
            for _ in range(_RUNS)
        ])  # fmt: skip
        code = "import pandas as pd, sys; pd.read_excel(sys.argv[1], sheet_name=None)"
        times = []
        for _ in range(_RUNS):
            started = monotonic()
            subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True)
            times.append(monotonic() - started)
        peer = median(times)
    print(f"  {ours:.2f} s, {ours / peer:.1f} times pandas reading the cells ({peer:.2f} s)")


def _workbook(year: Instance, path: Path) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    for county in sorted({m.county for m in year.municipalities}):
        sheet = book.create_sheet(county)
        sheet.append([f"Preliminära andelar, {county}"])
        sheet.append(["Kod", "Kommun", "Folkmängd", "Preliminär andel"])
        members = [m for m in year.municipalities if m.county == county]
        for m in members:
            sheet.append([m.code, m.name, m.population, m.share / 100])
        sheet.append([None, "Summa", None, sum(m.share for m in members) / 100])
    book.save(path)
    return path
