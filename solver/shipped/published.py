"""What is published of 2025 ([B] 2.3, [O] 2.4), and how a result compares with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fordela.models.result import Result


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


@dataclass(frozen=True)
class _Figures:
    """Sums over a result by name or county."""

    result: Result

    def of(self, what: str, name: str | None = None, county: str | None = None) -> int:
        """Children of a kind (``kinship``, ``equalising``, ``total``, …) in a place."""
        values = getattr(self.result.counts, what)
        return sum(
            v
            for m, v in zip(self.result.instance.municipalities, values, strict=True)
            if (name is None or m.name == name) and (county is None or m.county_code == county)
        )

    def with_more_than(self, children: int, besides: tuple[str, ...] = ()) -> int:
        """Municipalities with more than a number of children."""
        return sum(
            v > children and m.name not in besides
            for m, v in zip(self.result.instance.municipalities, self.result.counts.total, strict=True)
        )


_LARGEST = ("Stockholm", "Göteborg", "Malmö")
_STOCKHOLM_COUNTY = "01"
#: Name, published number, whether it is put into ``sweden-2025``, and how it is computed.
_PUBLISHED: tuple[tuple[str, int, bool, Callable[[_Figures], int]], ...] = (
    ("assignments", 437, True, lambda f: f.of("total")),
    ("kinship", 314, True, lambda f: f.of("kinship")),
    ("equalising", 123, True, lambda f: f.of("equalising")),
    ("on transferred shares", 7, False, lambda f: f.of("on_transferred_share")),
    ("municipalities with at least one child", 153, False, lambda f: f.with_more_than(0)),
    ("municipalities with more than three", 35, False, lambda f: f.with_more_than(3)),
    ("Stockholm", 27, False, lambda f: f.of("total", "Stockholm")),
    ("Göteborg", 18, False, lambda f: f.of("total", "Göteborg")),
    ("Malmö", 13, False, lambda f: f.of("total", "Malmö")),
    ("others above ten", 0, False, lambda f: f.with_more_than(10, _LARGEST)),
    ("Stockholms län", 101, False, lambda f: f.of("total", county=_STOCKHOLM_COUNTY)),
    ("Stockholms län, kinship", 95, True, lambda f: f.of("kinship", county=_STOCKHOLM_COUNTY)),
    ("Stockholms län, equalising", 6, False, lambda f: f.of("equalising", county=_STOCKHOLM_COUNTY)),
    ("Kalmar", 7, False, lambda f: f.of("total", "Kalmar")),
    ("Kalmar, kinship", 0, True, lambda f: f.of("kinship", "Kalmar")),
    ("Kalmar, equalising", 7, False, lambda f: f.of("equalising", "Kalmar")),
    ("Halmstad", 9, False, lambda f: f.of("total", "Halmstad")),
    ("Halmstad, kinship", 9, True, lambda f: f.of("kinship", "Halmstad")),
    ("Halmstad, equalising", 0, False, lambda f: f.of("equalising", "Halmstad")),
)


def compare_2025(result: Result) -> Iterator[Comparison]:
    """Every published figure of 2025 beside the result's."""
    figures = _Figures(result)
    for name, published, given, compute in _PUBLISHED:
        yield Comparison(name, published, compute(figures), given)
