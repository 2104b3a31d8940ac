"""The report page put together: exact figures in, one HTML file out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fordela.models.allocation import Assignment
from fordela.models.instance import Instance, Municipality
from fordela.models.norms import first_component
from fordela.models.result import Result
from fordela.models.units import UNITS_PER_MILLE, per_mille_text
from fordela.report.page import charts
from fordela.report.page.boundaries import boundaries
from fordela.report.page.figures import Figure, Value, figures_shown, values_of
from fordela.report.proofs import (
    comparison_note,
    hindsight_sentence,
    redistribution_line,
    status_text,
)
from fordela.report.summary import (
    finding,
    group_heads,
    group_rows,
    headline_rows,
    homes_open,
    indicator_rows,
    norm_rows,
    shows_affected,
)
from fordela.report.suppression import OPEN, Suppression
from fordela.report.terminal import (
    compensation_note,
    given_note,
    hidden_note,
    notices,
    objective_cells,
    objective_heads,
)
from fordela.report.texts import Words
from fordela.solver.comparison import Comparison

if TYPE_CHECKING:
    from jinja2 import Environment

#: Texts that the page's own script writes.
_SPOKEN = (
    "difference_of", "figure", "hidden", "highest", "lowest", "minus", "no_difference", "no_flows",
    "no_value", "policy", "rows_shown",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """What a page shows.

    Attributes
    ----------
    comparison
        Policies on the same children.
    words
        Language.
    hidden
        What is not shown, for publication.
    cases
        Whether every case is listed, with its identifier.
    county
        The only county whose municipalities are shown; None for all. Sums are of the whole country.
    """

    comparison: Comparison
    words: Words
    hidden: Suppression = OPEN
    cases: bool = False
    county: str | None = None

    @property
    def places(self) -> list[tuple[int, Municipality]]:
        """Municipalities that are shown, with their positions."""
        return [
            (k, m)
            for k, m in enumerate(self.instance.municipalities)
            if self.county in (None, m.county_code)
        ]

    @property
    def county_name(self) -> str:
        """Name of the only county that is shown; empty for all."""
        return self.places[0][1].county if self.county is not None else ""

    def listed(self, result: Result) -> list[Assignment]:
        """Decisions that are listed: those that concern a municipality shown."""
        codes = {m.code for _, m in self.places}
        return [a for a in result.allocation.assignments
                if self.county is None or a.bearer in codes or a.owner in codes]  # fmt: skip

    @property
    def hidden_note(self) -> str:
        """What must be said of a page for publication."""
        return " ".join(hidden_note(self.instance, self.hidden, self.words))

    @property
    def results(self) -> list[Result]:
        """The results, in order."""
        return [f.result for f in self.comparison.policies]

    @property
    def instance(self) -> Instance:
        """The year."""
        return self.comparison.instance


def render(page: Page) -> str:
    """Render the page as one HTML file, with everything that it needs inside."""
    from fordela import __version__

    words, comparison = page.words, page.comparison
    values = [values_of(r, page.hidden) for r in page.results]
    shown = figures_shown(values)
    published = page.hidden is not OPEN
    with_groups = bool(comparison.groups) and not published
    return _environment(words).get_template("page.html.j2").render(
        lang=words.language,
        w=words,
        page=page,
        instance=page.instance,
        comparison=comparison,
        version=__version__,
        figures=shown,
        default_figure=default_figure(shown).key,
        values=values,
        headline=headline_rows(comparison, words, page.hidden),
        indicators=[]
        if published
        else indicator_rows([f.indicators for f in comparison.policies], words),
        homes_open=[] if published else list(homes_open(comparison, words)),
        norms=[] if published else list(norm_rows(comparison, words)),
        published=published,
        group_heads=group_heads(comparison, words) if with_groups else [],
        groups=group_rows(comparison, words) if with_groups else [],
        status_text=status_text,
        redistributions=[redistribution_line(m, words) for m in comparison.redistributions],
        hindsight=[] if published else list(hindsight_sentence(comparison, words)),
        engine_note=list(comparison_note(comparison, words, gaps=not published)),
        proofs=[] if published else list(_proofs(page)),
        proof_heads=objective_heads(words),
        given=[line for r in page.results for line in given_note(r, words)],
        notices=list(notices(page.instance, words)),
        compensation=list(compensation_note(page.instance, words))
        if "unplaced" in page.hidden.kinds
        else [],
        counties=sorted({(m.county_code, m.county) for _, m in page.places}),
        has_map=has_map(page.instance),
        trade_off=bool(trade_off_points(page)),
        title=_title(page),
        lead=_lead(page),
        finding=list(finding(comparison, page.hidden, words)),
        boundaries_version=boundaries().version if has_map(page.instance) else "",
        data=_for_script(_data(page, shown, values)),
        css=_text("page.css"),
        js=_text("page.js"),
        vega=_vega(),
    )  # fmt: skip


def _title(page: Page) -> str:
    title = page.words.title_of(page.instance)
    if page.county is None:
        return page.words("report_title", title=title)
    return page.words("report_title_county", title=title, county=page.county_name)


def _lead(page: Page) -> str:
    """What the page is of, in a sentence or two; its county first."""
    instance = page.instance
    first = ""
    if page.county is not None:
        first = page.words(
            "report_lead_county", county=page.county_name, here=len(page.places),
            municipalities=len(instance.municipalities),
        ) + " "  # fmt: skip
    known = shows_affected(page.comparison, page.hidden)
    return first + page.words(
        "report_lead" if known else "report_lead_hidden", affected=page.comparison.affected,
        children=len(instance.children), municipalities=len(instance.municipalities),
        counties=len({m.county_code for m in instance.municipalities}),
    )  # fmt: skip


def default_figure(shown: Sequence[Figure]) -> Figure:
    """Return the figure that the map shows first."""
    return next((f for f in shown if f.key == "deviation_figure"), shown[0])


def has_map(instance: Instance) -> bool:
    """Whether there are boundaries for the municipalities of an instance."""
    known = boundaries().municipalities
    return all(m.code in known for m in instance.municipalities)


def _environment(words: Words) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("fordela.report.page", "."), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals["cell"] = lambda figure, value: cell(figure, value, words)
    return made


def cell(figure: Figure, value: Value, words: Words) -> str:
    """Write a value of a figure, or the mark of what is hidden or undefined."""
    return words("hidden_cell") if value is None else words.number(value, figure.places)


def _text(name: str) -> str:
    return files("fordela.report.page").joinpath(name).read_text(encoding="utf-8")


def _for_script(data: Any) -> str:
    """Write JSON that may stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache  # bundling takes a second, and gives the same for every page
def _vega() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one module, from vl-convert: no network is needed."""
    import vl_convert

    used = "window.vegaEmbed = vegaEmbed;"
    bundle: str = vl_convert.javascript_bundle(used, vl_version=charts.VEGA_LITE)
    return bundle.replace("</script", "<\\/script")


def _data(page: Page, shown: Sequence[Figure], values: Sequence[dict[str, list[Value]]]) -> Any:
    words, instance = page.words, page.instance
    data: dict[str, Any] = {
        "lang": words.language,
        "words": {key: words(key) for key in _SPOKEN},
        "policies": [r.policy.name for r in page.results],
        "figures": [
            {"key": f.key, "label": words(f.key), "places": f.places, "middle": f.middle,
             "hidden": [f.is_hidden(m.code, page.hidden) for _, m in page.places]}
            for f in shown
        ],
        "municipalities": [
            {"code": m.code, "name": m.name, "county": m.county, "county_code": m.county_code}
            for _, m in page.places
        ],
        "values": [
            {f.key: [_float(found[f.key][k]) for k, _ in page.places] for f in shown}
            for found in values
        ],
        "texts": [
            {f.key: [cell(f, found[f.key][k], words) for k, _ in page.places] for f in shown}
            for found in values
        ],
        "specs": {
            name: charts.histogram(name, [r.policy.name for r in page.results], words)
            for name in ("fulfilment", "deviation_figure")
        },
    }  # fmt: skip
    points = trade_off_points(page)
    if points:
        data["specs"]["trade_off"] = charts.trade_off(points, words)
    if has_map(instance):
        data["specs"] |= {"map": charts.choropleth(words), "flow_map": charts.flow_map(words)}
        data["land"] = {m.code: boundaries().municipalities[m.code] for _, m in page.places}
        data["counties"] = county_features(page)
        data["flows"] = [flow_rows(r, page) for r in page.results]
    return data


def _proofs(page: Page) -> Iterator[tuple[str, list[list[str]]]]:
    """Levels of every stack that was optimised: of an allocation, and of a redistribution."""
    words = page.words
    for result in page.results:
        name = result.policy.name
        if result.objective:
            yield name, objective_cells(result.objective, words)
        made = result.redistribution
        if made is not None and made.objective:
            yield f"{name}, {words('transfers_found')}", objective_cells(made.objective, words)


def _float(value: Value) -> float | None:
    return None if value is None else float(value)


def county_features(page: Page) -> list[dict[str, Any]]:
    """Borders of the counties that are shown."""
    seen = {m.county_code for _, m in page.places}
    return [
        {"type": "Feature", "geometry": shape, "properties": {}}
        for code, shape in boundaries().counties.items()
        if code in seen
    ]


def trade_off_points(page: Page) -> list[dict[str, Any]]:
    """One point per policy with wishes: part of them granted, and deviation."""
    words = page.words
    points: list[dict[str, Any]] = []
    if page.hidden is not OPEN:  # a norm is not for publication
        return points
    for f in page.comparison.policies:
        if f.granted_receivers is not None:
            chi2 = first_component(f.norms["chi2"])
            text = (
                f"{f.result.policy.name}: {words('granted_receivers')} "
                f"{words.number(100 * f.granted_receivers, 1)}; {words('chi2_axis')} "
                f"{words.number(chi2, 2)}"
            )
            points.append({
                "policy": f.result.policy.name, "granted": float(100 * f.granted_receivers),
                "chi2": float(chi2), "text": text,
            })  # fmt: skip
    return points


def flow_rows(result: Result, page: Page) -> dict[str, list[dict[str, Any]]]:
    """Lines and receivers of a flow map."""
    words, places, centres = page.words, result.instance.by_code, boundaries().centres
    shown = {m.code for _, m in page.places}
    received: dict[str, int] = {}
    lines = []
    for t in result.transfers:
        if t.giver not in shown or t.receiver not in shown:
            continue
        received[t.receiver] = received.get(t.receiver, 0) + t.share
        (x, y), (to_x, to_y) = centres[t.giver], centres[t.receiver]
        text = words(
            "flow_text", giver=places[t.giver].name, receiver=places[t.receiver].name,
            share=words.per_mille(t.share),
        )  # fmt: skip
        lines.append({
            "from_lon": x, "from_lat": y, "to_lon": to_x, "to_lat": to_y,
            "share": float(per_mille_text(t.share)), "text": text,
        })  # fmt: skip
    circles = []
    for code, units in received.items():
        share = Fraction(units, UNITS_PER_MILLE)
        text = words("receives_text", name=places[code].name, share=words.number(share, 2))
        lon, lat = centres[code]
        circles.append({"lon": lon, "lat": lat, "share": float(share), "text": text})
    return {"flows": lines, "receivers": circles}
