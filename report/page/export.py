"""The charts of a page as files of their own, drawn by vl-convert without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fordela.instances.targets import inside, write_folder
from fordela.report.page import charts
from fordela.report.page.build import Page, county_features, flow_rows, has_map, trade_off_points
from fordela.report.page.figures import DEVIATION, FULFILMENT, TOTAL, Figure, Value, values_of


def write_charts(page: Page, folder: Path, form: str) -> None:
    """Write every chart as ``svg``, ``png`` or ``pdf`` into a new folder.

    Raises
    ------
    InputError
        If it holds files, or cannot be written.
    """

    def fill(new: Path) -> None:
        for name, spec in chart_specs(page):
            inside(new, f"{name}.{form}").write_bytes(_drawn(spec, form))

    write_folder(folder, fill, "charts")


def _drawn(spec: charts.Spec, form: str) -> bytes:
    import vl_convert

    version = charts.VEGA_LITE
    if form == "png":
        return bytes(vl_convert.vegalite_to_png(spec, vl_version=version, scale=2))
    if form == "pdf":
        return bytes(vl_convert.vegalite_to_pdf(spec, vl_version=version))
    return str(vl_convert.vegalite_to_svg(spec, vl_version=version)).encode()


def chart_specs(page: Page) -> Iterator[tuple[str, charts.Spec]]:
    """Name and specification of every chart, with its data."""
    names = [r.policy.name for r in page.results]
    values = [values_of(r, page.hidden) for r in page.results]
    rows: list[dict[str, Any]] = []
    for name, found in zip(names, values, strict=True):
        for k, _ in page.places:
            f, d = found["fulfilment"][k], found["deviation_figure"][k]
            if f is not None and d is not None:
                rows.append({"policy": name, "fulfilment": float(f), "deviation_figure": float(d)})
    for figure in ("fulfilment", "deviation_figure"):
        yield figure, charts.histogram(figure, names, page.words) | {"datasets": {"rows": rows}}
    points = trade_off_points(page)
    if points:
        yield "trade_off", charts.trade_off(points, page.words)
    if has_map(page.instance):
        for result, found in zip(page.results, values, strict=True):
            for shown in (TOTAL, FULFILMENT, DEVIATION):
                yield f"map-{result.policy.name}-{shown.key}", _map(page, shown, found[shown.key])
            flows = flow_rows(result, page)
            if flows["flows"]:
                spec = charts.flow_map(page.words)
                land = [_feature(m.code) for _, m in page.places]
                data = {"counties": county_features(page), "land": land, **flows}
                yield f"transfers-{result.policy.name}", spec | {"datasets": data}


def _map(page: Page, figure: Figure, values: list[Value]) -> charts.Spec:
    spec = charts.choropleth(page.words)
    numbers = [None if v is None else float(v) for v in values]
    charts.set_scale(spec, figure, numbers)
    places = [_feature(m.code) | {"value": numbers[k], "text": m.name} for k, m in page.places]
    return spec | {"title": page.words(figure.key),
                   "datasets": {"places": places, "counties": county_features(page)}}  # fmt: skip


def _feature(code: str) -> dict[str, Any]:
    from fordela.report.page.boundaries import boundaries

    return {"type": "Feature", "properties": {}, "geometry": boundaries().municipalities[code]}
