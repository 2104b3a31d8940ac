"""The charts, declared with Altair: the page draws them, and so does vl-convert without a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
from fordela.report.page.figures import Figure
from fordela.report.texts import Words

#: Okabe and Ito's palette, told apart without colour vision; shapes differ besides.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442")
_UNKNOWN = "#d9d9d9"
_MAP_WIDTH, _MAP_HEIGHT = 360, 780
_FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

#: Version of Vega-Lite that the charts are declared for, as vl-convert names it.
VEGA_LITE = alt.SCHEMA_VERSION.removeprefix("v").rpartition(".")[0]

Spec = dict[str, Any]


def choropleth(words: Words) -> Spec:
    """Map of the municipalities; datasets ``places`` (with ``value`` and ``text``) and ``counties``.

    The page sets the scale: low to high, or diverging around a middle.
    """
    known = "isValid(datum.value)"
    shapes = (
        alt.Chart(alt.NamedData("places"))
        .mark_geoshape(stroke="#ffffff", strokeWidth=0.4)
        .encode(
            color=alt.condition(
                known,
                alt.Color("value:Q", title=None, scale=alt.Scale(scheme="viridis", reverse=True),
                          legend=alt.Legend(gradientLength=180)),
                alt.value(_UNKNOWN),
            ),
            tooltip=alt.Tooltip("text:N", title=" "),
            description="text:N",
        )
    )  # fmt: skip
    return _finished(_projected(alt.layer(shapes, _county_lines())), words)


def set_scale(spec: Spec, figure: Figure, values: Sequence[float | None]) -> None:
    """Set the scale of a map as the page does: low to high, or diverging around the middle."""
    colour = spec["layer"][0]["encoding"]["color"]["condition"]
    middle = figure.middle
    if middle is None:
        kind = "linear" if figure.places else "sqrt"
        colour["scale"] = {"scheme": "viridis", "reverse": True, "type": kind, "domainMin": 0}
        return
    reach = max((abs(v - middle) for v in values if v is not None), default=0) or 1e-9
    colour["scale"] = {"scheme": "blueorange", "domain": [-reach, reach], "type": "symlog",
                       "constant": reach / 20}  # fmt: skip
    if middle:
        colour["scale"] = {"scheme": "blueorange", "domain": [middle - reach, middle, middle + reach]}


def flow_map(words: Words) -> Spec:
    """Map of transfers; datasets ``land``, ``counties``, ``flows`` and ``receivers``."""
    land = alt.Chart(alt.NamedData("land")).mark_geoshape(
        fill="#eef0f2", stroke="#c9ced4", strokeWidth=0.3, aria=False
    )
    lines = (
        alt.Chart(alt.NamedData("flows"))
        .mark_rule(color="#0072B2", opacity=0.75)
        .encode(
            longitude="from_lon:Q", latitude="from_lat:Q", longitude2="to_lon:Q", latitude2="to_lat:Q",
            strokeWidth=alt.StrokeWidth("share:Q", scale=alt.Scale(domainMin=0, range=[0.6, 5]),
                                        legend=alt.Legend(title="‰")),
            tooltip=alt.Tooltip("text:N", title=" "), description="text:N",
        )
    )  # fmt: skip
    circles = (
        alt.Chart(alt.NamedData("receivers"))
        .mark_circle(color="#D55E00", opacity=0.85, stroke="#ffffff", strokeWidth=0.6)
        .encode(
            longitude="lon:Q", latitude="lat:Q",
            size=alt.Size("share:Q", scale=alt.Scale(domainMin=0, range=[12, 320]), legend=None),
            tooltip=alt.Tooltip("text:N", title=" "), description="text:N",
        )
    )  # fmt: skip
    return _finished(_projected(alt.layer(land, _county_lines(), lines, circles)), words)


def histogram(figure: str, policies: Sequence[str], words: Words) -> Spec:
    """Distribution of a figure over municipalities, one panel a policy; dataset ``rows``."""
    bars = (
        alt.Chart()
        .mark_bar(color=PALETTE[0], stroke="#ffffff", strokeWidth=0.3)
        .encode(
            x=alt.X(f"{figure}:Q", bin=alt.Bin(maxbins=45), title=words(figure)),
            y=alt.Y("count()", title=None, axis=alt.Axis(tickCount=3)),
            tooltip=[
                alt.Tooltip(f"{figure}:Q", bin=alt.Bin(maxbins=45), title=words(figure)),
                alt.Tooltip("count()", title=words("municipality_count")),
            ],
        )
    )  # fmt: skip
    middle = alt.Chart().mark_rule(color="#000000", strokeDash=[4, 3], aria=False).encode(
        x=alt.datum(1 if figure == "fulfilment" else 0)
    )  # fmt: skip
    chart = (
        alt.layer(bars, middle, data=alt.NamedData("rows"))
        .properties(width=560, height=70)
        .facet(
            row=alt.Row("policy:N", sort=list(policies), title=None,
                        header=alt.Header(labelAngle=0, labelAlign="left", labelAnchor="start",
                                          labelOrient="top", labelFontWeight="bold")),
            spacing=4,
        )
    )  # fmt: skip
    return _finished(chart, words)


def trade_off(points: Sequence[Mapping[str, Any]], words: Words) -> Spec:
    """Wishes granted against deviation, one point a policy."""
    names = [p["policy"] for p in points]
    marks = (
        alt.Chart(alt.InlineData(list(points)))
        .mark_point(filled=True, size=130, opacity=1)
        .encode(
            x=alt.X("granted:Q", title=words("granted_receivers"),
                    scale=alt.Scale(domain=[0, 105], nice=False)),
            y=alt.Y("chi2:Q", title=words("chi2_axis"), scale=alt.Scale(zero=False, padding=24)),
            color=alt.Color("policy:N", title=words("policy"),
                            scale=alt.Scale(domain=names, range=list(PALETTE))),
            shape=alt.Shape("policy:N", title=words("policy"), scale=alt.Scale(domain=names)),
            tooltip=alt.Tooltip("text:N", title=" "),
            description="text:N",
        )
        .properties(width=440, height=300)
    )  # fmt: skip
    return _finished(marks, words)


def _county_lines() -> Any:
    return alt.Chart(alt.NamedData("counties")).mark_geoshape(
        filled=False, stroke="#222222", strokeWidth=0.7, aria=False
    )


def _projected(chart: Any) -> Any:
    return chart.project("transverseMercator", rotate=[-15, 0, 0]).properties(
        width=_MAP_WIDTH, height=_MAP_HEIGHT
    )


def _finished(chart: Any, words: Words) -> Spec:
    """Apply the common look, and numbers as the language writes them."""
    config: Spec = {"font": _FONT, "view": {"stroke": None}, "axis": {"gridColor": "#e6e6e6"},
                    "locale": {"number": _number_locale(words)}}  # fmt: skip
    spec: Spec = chart.to_dict()
    spec["config"] = config
    return spec


def _number_locale(words: Words) -> Spec:
    swedish = words.language == "sv"
    return {
        "decimal": "," if swedish else ".", "thousands": "\u00a0" if swedish else ",",
        "grouping": [3], "currency": ["", ""], "minus": "−",
    }  # fmt: skip
