"""What is published of how a year came out, and how results compare with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from fordela.instances.figures import Published, published_figures
from fordela.models.instance import Municipality
from fordela.models.result import Result

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What figures of a year are made from, by municipality.
COUNTED = ("total", "kinship", "equalising", "on_transferred_share")
#: A figure of several years, which is none of a year's result.
SINCE_2023 = "on_transferred_share_since_2023"
#: The only ones above ten in 2025 ([B] 2.3).
_LARGEST = ("Stockholm", "Göteborg", "Malmö")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One published figure beside the model's.

    Attributes
    ----------
    figure, published, model
        Name and numbers.
    given
        Whether the figure was put into the instance, so that agreeing proves nothing.
    """

    figure: str
    published: int
    model: int
    given: bool

    @property
    def hit(self) -> bool:
        """Whether they agree."""
        return self.published == self.model


def compare_2025(result: Result) -> Iterator[Comparison]:
    """Every published figure of 2025 beside the result's."""
    counts = {what: np.array([getattr(result.counts, what)]) for what in COUNTED}
    for figure in published_figures(2025):
        if figure.what != SINCE_2023:
            model = int(figure_values(figure, result.instance.municipalities, counts)[0])
            yield Comparison(figure.figure, figure.value, model, figure.given == "yes")


def figure_values(
    figure: Published, municipalities: Sequence[Municipality], counts: Mapping[str, NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Compute a figure of one year for many ways in which it came out.

    Parameters
    ----------
    counts
        Children of each kind (`COUNTED`) by way and municipality.

    Returns
    -------
    NDArray
        One number for every way.
    """
    if figure.what in COUNTED:
        chosen = [figure.place in ("", m.name, m.county) for m in municipalities]
        return np.asarray(counts[figure.what][:, chosen].sum(axis=1))
    kind, _, least = figure.what.rpartition("_")
    besides = _LARGEST if kind == "others_above" else ()
    chosen = [m.name not in besides for m in municipalities]
    return np.asarray((counts["total"][:, chosen] > int(least)).sum(axis=1))
