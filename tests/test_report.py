"""The report page: what it says is what was decided, it needs nothing but itself, and it works."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fordela.cli import main
from fordela.instances.catalogue import load_instance
from fordela.instances.results import write_result
from fordela.models.policy import IN_FORCE
from fordela.solver.solve import solve

from tests.browser import visit

POLICIES = ("in-force", "no-redistribution", "county", "willing-first", "optimal")


def run(*words: str, code: int = 0) -> Any:
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of five policies with its report, in English and Swedish, and for publication."""
    folder = tmp_path_factory.mktemp("report")
    named = [word for name in POLICIES for word in ("--policy", name)]
    run("compare", "sweden-2026", *named, "--out", str(folder / "c"), "-q")
    run("report", str(folder / "c"), "--out", str(folder / "en.html"), "-q")
    run("report", str(folder / "c"), "--out", str(folder / "sv.html"), "--lang", "sv", "-q")
    run("report", str(folder / "c"), "--out", str(folder / "public.html"), "--publish", "-q")
    return folder


class Page(HTMLParser):
    """Collects what a test looks at; tags must be closed in order."""

    VOID = frozenset({"meta", "link", "input", "br", "img", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.rows: list[list[str]] = []
        self.headings: list[str] = []
        self.data = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        known = dict(attrs)
        self.ids += [str(known["id"])] if known.get("id") else []
        self.links += [str(known[k]) for k in ("src", "href") if k in known]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        self._inside = known.get("id") or tag

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag
        if tag in ("td", "th"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "report-data":
            self.data += data
        elif self.open and {"td", "th"} & set(self.open) and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()
        elif self.open and self.open[-1] in ("h1", "h2", "h3"):
            self.headings.append(data)


@pytest.mark.parametrize("name", ["en.html", "sv.html", "public.html"])
def test_the_file_is_whole_small_and_needs_nothing(made: Path, name: str) -> None:
    text = (made / name).read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert all(link.startswith(("#", "data:")) for link in page.links)
    assert len(text.encode()) < 5_000_000
    levels = re.findall(r"<h([1-6])", text)
    assert levels[0] == "1"
    assert levels.count("1") == 1


def test_the_table_is_what_was_decided(made: Path) -> None:
    """Every municipality of every policy, counted from the decisions in the files."""
    data = json.loads(Page((made / "en.html").read_text(encoding="utf-8")).data)
    assert data["policies"] == list(POLICIES)
    codes = [m["code"] for m in data["municipalities"]]
    assert len(codes) == 290
    for number, policy in enumerate(POLICIES):
        with (made / "c" / policy / "allocation.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for key, kinds in (("total_figure", None), ("kinship_figure", ("kinship",)),
                           ("equalising_figure", ("equalising",))):  # fmt: skip
            expected = [
                sum(r["municipality"] == code and (kinds is None or r["kind"] in kinds) for r in rows)
                for code in codes
            ]
            assert data["values"][number][key] == expected
            assert data["texts"][number][key] == [str(n) for n in expected]


def test_the_static_table_is_that_of_the_first_policy(made: Path) -> None:
    page = Page((made / "sv.html").read_text(encoding="utf-8"))
    data = json.loads(page.data)
    rows = {r[0]: r for r in page.rows if re.fullmatch(r"\d{4}", r[0] if r else "")}
    assert len(rows) == 290
    keys = [f["key"] for f in data["figures"]]
    for k, m in enumerate(data["municipalities"]):
        assert rows[m["code"]][3:] == [data["texts"][0][key][k] for key in keys]


def test_everything_that_must_be_said_is_said(made: Path) -> None:
    for name, words in (
        ("en.html", ("Shares are computed, not official", "no rule can know the future", "Synthetic",
                     "SHA-256",
                     "Every hindsight optimum is proven", "verified independently")),
        ("sv.html", ("Andelarna är beräknade, inte officiella", "ingen regel kan känna framtiden",
                     "Alla optima i efterhand är bevisade", "kontrollerat oberoende")),
    ):  # fmt: skip
        text = (made / name).read_text(encoding="utf-8")
        for word in words:
            assert word.casefold() in text.casefold(), word
    year = load_instance("sweden-2026")
    assert year.sha256 in (made / "en.html").read_text(encoding="utf-8")


def test_no_case_is_named_unless_asked_for(made: Path, tmp_path: Path) -> None:
    text = (made / "en.html").read_text(encoding="utf-8")
    assert "2026-0001" not in text
    assert load_instance("sweden-2026").children[5].child not in text
    run("report", str(made / "c" / "in-force"), "--cases", "--out", str(tmp_path / "r.html"), "-q")
    assert "2026-0001" in (tmp_path / "r.html").read_text(encoding="utf-8")
    refused = run("report", str(made / "c"), "--cases", "--publish", code=2)
    assert "--cases shows identifiers" in refused.stderr


def test_for_publication_nothing_small_is_in_the_file(made: Path) -> None:
    page = Page((made / "public.html").read_text(encoding="utf-8"))
    data = json.loads(page.data)
    counted = [f["key"] for f in data["figures"] if f["key"].endswith("_figure")]
    counted = [key for key in counted if key not in ("deviation_figure", "compensation_figure")]
    assert len(counted) >= 3
    hidden = {f["key"]: f["hidden"] for f in data["figures"]}
    assert any(hidden["total_figure"])
    assert all(b for a, b in zip(hidden["total_figure"], hidden["credited"], strict=True) if a)
    assert not any(hidden["share_after"])
    for values in data["values"]:
        for key in counted:
            assert not {1, 2, 3, 4} & set(values[key])
        for f in data["figures"]:
            shown = zip(values[f["key"]], f["hidden"], strict=True)
            assert all(v is None for v, h in shown if h)
    text = (made / "public.html").read_text(encoding="utf-8")
    assert "Fulfilment, lowest – highest" not in text
    assert "owner-bearer" not in text


def test_names_cannot_break_out_of_the_page(tmp_path: Path) -> None:
    year = load_instance("textbook")
    bad = "</script><script>alert(1)</script>"
    places = tuple(replace(m, name=bad if m.code == "0001" else m.name) for m in year.municipalities)
    year = year.with_changes(title=f"A {bad}", municipalities=places, provenance={"x": bad})
    write_result(solve(year), tmp_path / "r")
    run("report", str(tmp_path / "r"), "--out", str(tmp_path / "r.html"), "-q")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert bad not in text
    assert Page(text).open == []
    assert "There are no boundaries for these municipality codes" in text


# --- what cannot be shown -----------------------------------------------------------------------


def test_a_result_that_does_not_hold_is_not_shown(made: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(made / "c", tmp_path / "c")
    path = tmp_path / "c" / "in-force" / "municipalities.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Ånge", "Ange").replace(",2,2,", ",3,2,", 1)
    )
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    cells[12] = "99"
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")
    wrong = run("report", str(tmp_path / "c"), "--out", str(tmp_path / "r.html"), code=2)
    assert "does not hold what it claims" in wrong.stderr
    assert not (tmp_path / "r.html").exists()


def test_wrong_input_is_named_at_once(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = run("report", "no-such", str(tmp_path), code=2)
    assert "no-such: no such folder" in wrong.stderr
    assert f"{tmp_path}: holds no result" in wrong.stderr
    assert (
        "must end in .html or .xlsx" in run("report", str(made / "c"), "--out", "r.txt", code=2).stderr
    )
    Path("r.html").write_text("mine")
    assert "--force" in run("report", str(made / "c"), "--out", "r.html", code=2).stderr
    assert Path("r.html").read_text() == "mine"
    several = run("report", str(made / "c"), "--out", "r.xlsx", code=2)
    assert "a workbook holds one result; name one of in-force" in several.stderr


def test_results_of_different_years_do_not_mix(made: Path, tmp_path: Path) -> None:
    write_result(solve(load_instance("textbook"), IN_FORCE.with_changes(name="b")), tmp_path / "t")
    wrong = run("report", str(made / "c" / "in-force"), str(tmp_path / "t"), code=2)
    assert "one report shows policies on the same children" in wrong.stderr


def test_one_county(made: Path, tmp_path: Path) -> None:
    run("report", str(made / "c"), "--county", "08", "--out", str(tmp_path / "r.html"), "-q")
    data = json.loads(Page((tmp_path / "r.html").read_text(encoding="utf-8")).data)
    assert {m["county_code"] for m in data["municipalities"]} == {"08"}
    assert set(data["land"]) == {m["code"] for m in data["municipalities"]}
    assert "no such county" in run("report", str(made / "c"), "--county", "77", code=2).stderr


@pytest.mark.parametrize(("form", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_charts_as_files(made: Path, tmp_path: Path, form: str, start: bytes) -> None:
    run("report", str(made / "c" / "county"), "--out", str(tmp_path / "r.html"), "--charts",
        str(tmp_path / "charts"), "--chart-format", form, "-q")  # fmt: skip
    names = {p.name for p in (tmp_path / "charts").iterdir()}
    assert names == {
        f"{n}.{form}" for n in ("fulfilment", "deviation_figure", "trade_off", "transfers-county",
                                "map-county-total_figure", "map-county-fulfilment",
                                "map-county-deviation_figure")
    }  # fmt: skip
    for path in (tmp_path / "charts").iterdir():
        assert path.read_bytes().startswith(start)


# --- in a browser -------------------------------------------------------------------------------


def shapes(page: Any) -> list[str]:
    labels: list[str] = page.eval_on_selector_all(
        "#map svg path[aria-label]", "paths => paths.map(p => p.getAttribute('aria-label'))"
    )
    return [label for label in labels if ": " in label]


def choose(page: Any, control: str, value: str, shown: str) -> None:
    page.select_option(control, value)
    page.wait_for_function("text => document.getElementById('map').dataset.shown === text", arg=shown)


def test_the_map_in_a_browser(made: Path) -> None:
    data = json.loads(Page((made / "en.html").read_text(encoding="utf-8")).data)
    with visit(made / "en.html") as seen:
        page = seen.page
        assert len(shapes(page)) == 290
        choose(page, "#figure", "total_figure", "Children: in-force")
        before = shapes(page)
        k = [m["name"] for m in data["municipalities"]].index("Ånge")
        assert f"Ånge: {data['texts'][0]['total_figure'][k]}" in before
        choose(page, "#policy", "4", "Children: optimal")
        after = shapes(page)
        assert len(after) == 290
        assert after != before
        choose(page, "#other", "0", "Children: optimal minus in-force")
        change = round(data["values"][4]["total_figure"][k] - data["values"][0]["total_figure"][k])
        sign = "+" if change > 0 else "−" if change < 0 else ""
        assert f"Ånge: {sign}{abs(change)}" in shapes(page)
        fills = page.eval_on_selector_all(
            "#map svg path[aria-label]", "paths => new Set(paths.map(p => p.getAttribute('fill'))).size"
        )
        assert fills > 3
        # Names and values on hover.
        page.locator("#map svg path[aria-label^='Kiruna:']").hover()
        page.wait_for_selector("#vg-tooltip-element.visible")
        assert page.inner_text("#vg-tooltip-element").strip().startswith("Kiruna: ")
        assert seen.errors == []
        assert seen.requests == [(made / "en.html").resolve().as_uri()]


def test_the_table_and_the_flows_in_a_browser(made: Path) -> None:
    with visit(made / "sv.html") as seen:
        page = seen.page
        rows = page.locator("#all tbody tr")
        assert rows.count() == 290
        page.fill("#filter", "kalmar")
        assert page.inner_text("#rows-shown") == "12 av 290 kommuner"
        page.fill("#filter", "")
        page.select_option("#county", "09")
        assert rows.count() == 1
        page.select_option("#county", "")
        page.click("#all thead button[data-key=total_figure]")
        first = page.locator("#all tbody tr:first-child th").inner_text()
        assert first == "Stockholm"
        head = page.locator("#all thead th[aria-sort]")
        assert head.count() == 1
        assert head.get_attribute("aria-sort") == "descending"
        page.click("#all thead button[data-key=name]")
        names = page.locator("#all tbody th").all_inner_texts()
        assert names[0] == "Ale"
        assert names[-1] == "Övertorneå"  # as Swedish sorts: å, ä, ö last
        page.select_option("#flow-policy", "1")
        page.wait_for_function("document.getElementById('flow-note').textContent !== ''")
        assert page.inner_text("#flow-note") == "Inget överlåts under denna regel."
        assert seen.errors == []


#: What lies outside the window or, of a chart, outside its picture, and charts that are shrunk, whose
#: letters are too small to read. Half a pixel is rounding.
OUTSIDE = """() => {
  const beyond = (e, box) => {
    const r = e.getBoundingClientRect();
    return r.width > 0 && (r.left < box.left - .5 || r.right > box.right + .5);
  };
  const window = { left: 0, right: document.documentElement.clientWidth };
  const all = (inside, tags) => [...inside.querySelectorAll(tags)];
  const found = all(document, "main svg, select, input, .wide, p, h1, h2, nav, dl, figure, caption")
    .filter((e) => beyond(e, window));
  for (const svg of all(document, "figure svg")) {
    const box = svg.getBoundingClientRect();
    found.push(...all(svg, "text, path").filter((e) => beyond(e, box)));
    if (box.width < svg.width.baseVal.value - .5) found.push(svg);
  }
  return found.map((e) => `${e.closest("[id]")?.id} ${e.tagName} ${e.textContent.slice(0, 30)}`);
}"""


@pytest.mark.parametrize("name", ["en.html", "sv.html"])
def test_on_a_telephone_nothing_is_out_of_sight(made: Path, name: str) -> None:
    with visit(made / name, viewport={"width": 390, "height": 844}) as seen:
        page = seen.page
        assert page.evaluate("() => document.documentElement.scrollWidth") == 390
        assert page.locator(".role-legend").count() == 3  # of the map, wishes and transfers
        assert page.evaluate(OUTSIDE) == []
        # Of five policies two can be read, and a shadow says that there are more.
        table = page.locator("#headline .wide").first
        heads = table.locator("thead th").evaluate_all(
            "heads => heads.map(h => h.getBoundingClientRect().right)"
        )
        assert heads[1] <= 390 < heads[4]
        assert "gradient" in table.evaluate("t => getComputedStyle(t).backgroundImage")
        # Turned or made wider, the page draws its charts anew.
        page.set_viewport_size({"width": 1440, "height": 900})
        wide = "() => document.querySelector('#fulfilment svg').getBoundingClientRect().width > 560"
        page.wait_for_function(wide)
        assert page.evaluate(OUTSIDE) == []
        assert seen.errors == []


def test_for_screen_readers_and_without_a_mouse(made: Path) -> None:
    with visit(made / "en.html") as seen:
        page = seen.page
        unnamed = page.evaluate(
            "() => [...document.querySelectorAll('select, input, button')].filter("
            "e => !(e.labels?.length || e.textContent.trim())).length"
        )
        assert unnamed == 0
        assert page.evaluate("() => document.documentElement.lang") == "en"
        assert page.evaluate(
            "() => [...document.querySelectorAll('table')].every(t => t.querySelector('th[scope]'))"
        )
        page.focus("#all thead button[data-key=fulfilment]")
        page.keyboard.press("Enter")
        assert page.locator("#all thead th[aria-sort] button").get_attribute("data-key") == "fulfilment"
        figures = page.evaluate(
            "() => [...document.querySelectorAll('figure')].every("
            "f => f.getAttribute('aria-label') || f.getAttribute('aria-labelledby'))"
        )
        assert figures


def test_without_scripts_all_figures_stand_in_tables(made: Path) -> None:
    from playwright.sync_api import sync_playwright

    from tests.browser import chromium

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto((made / "en.html").resolve().as_uri())
        assert page.locator("#all tbody tr").count() == 290
        assert "need JavaScript" in page.inner_text("noscript")
        browser.close()


def test_it_prints(made: Path, tmp_path: Path) -> None:
    with visit(made / "en.html") as seen:
        seen.page.emulate_media(media="print")
        assert not seen.page.locator(".choices").first.is_visible()
        pdf = seen.page.pdf(path=str(tmp_path / "r.pdf"), format="A4")
        assert pdf.startswith(b"%PDF")
        assert seen.errors == []


def test_the_page_without_a_map_works_too(tmp_path: Path) -> None:
    write_result(solve(load_instance("textbook")), tmp_path / "r")
    run("report", str(tmp_path / "r"), "--out", str(tmp_path / "r.html"), "-q")
    with visit(tmp_path / "r.html") as seen:
        assert seen.page.locator("#all tbody tr").count() == 4
        assert seen.errors == []
