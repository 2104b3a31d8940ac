"""What every municipality got over the years: means by kind, chances, and paired differences."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING

from fordela.models.compensation import MISSING, missing_parts
from fordela.models.tables import Row
from fordela.models.units import per_mille_text
from fordela.solver.simulation.statistics import Estimate, from_moments
from fordela.solver.simulation.year import TALLIED, VariantKey

if TYPE_CHECKING:
    from fordela.solver.simulation.run import Simulated

_MEANS = ("kinship", "equalising", "willing", "valve", "on_transferred_share")
_CHANCES = ("with_0", "with_1", "with_2_3", "with_more")


def municipal_rows(simulated: Simulated) -> list[Row]:
    """``municipalities.csv``: one row for every scenario, policy, mechanism and municipality."""
    rows: list[Row] = []
    for key in simulated.tallies:
        rows += _rows(simulated, key)
    order = {
        (scenario, *v.key): n
        for n, (scenario, v) in enumerate(
            (s, v) for s, _ in simulated.simulation.scenarios for v in simulated.simulation.variants
        )
    }
    return sorted(
        rows, key=lambda r: order[(str(r["scenario"]), str(r["policy"]), str(r["mechanism"]))]
    )


def _rows(simulated: Simulated, key: VariantKey) -> list[Row]:
    from fordela.solver.simulation.summary import base_key

    instance = simulated.simulation.instance
    tally = simulated.tallies[key]
    against = base_key(simulated, key)
    missing = "; ".join(MISSING[part] for part in missing_parts(instance, drawn=True))
    rows: list[Row] = []
    for k, m in enumerate(instance.municipalities):
        cells = dict(zip(TALLIED, (int(x) for x in tally[k]), strict=True))
        mean = moments(cells["years"], cells["total"], cells["total_squared"])
        row: Row = dict(zip(("scenario", "policy", "mechanism"), key, strict=True))
        row |= {
            "code": m.code, "name": m.name, "county_code": m.county_code, "county": m.county,
            "share": per_mille_text(m.share), "years": cells["years"],
            "mean": mean.mean, "mean_low": mean.low, "mean_high": mean.high,
        }  # fmt: skip
        row |= {f"mean_{kind}": cells[kind] / cells["years"] for kind in _MEANS}
        row |= {f"probability_{chance}": cells[chance] / cells["years"] for chance in _CHANCES}
        row["mean_compensation"] = cells["compensation"] / cells["years"]
        row["compensation_missing"] = missing
        row |= _difference(cells) if against != key else _difference({"paired_years": 0})
        row["against"] = "" if against == key else against[1]
        row["synthetic"] = instance.unpublished
        rows.append(row)
    return rows


def _difference(cells: dict[str, int]) -> Row:
    names = ("difference", "difference_low", "difference_high")
    if not cells["paired_years"]:
        return dict.fromkeys(names)
    found = moments(cells["paired_years"], cells["difference"], cells["difference_squared"])
    return dict(zip(names, (found.mean, found.low, found.high), strict=True))


def moments(years: int, total: int, squares: int) -> Estimate:
    """Mean and interval from whole sums: exact until the square root."""
    mean = Fraction(total, years)
    variance = (squares - total * mean) / (years - 1) if years > 1 else Fraction(0)
    return from_moments(years, float(mean), sqrt(variance))
