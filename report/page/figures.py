"""What the page shows of every municipality under every policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.allocation import targets
from fordela.models.compensation import compensations
from fordela.models.holdings import holdings
from fordela.models.norms import fulfilments
from fordela.models.result import Result
from fordela.models.units import UNITS_PER_MILLE
from fordela.report.suppression import Suppression

Value = Fraction | int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of municipalities.

    Attributes
    ----------
    key
        Key of its text.
    places
        Decimals shown.
    middle
        Value that a diverging scale is centred on; None for a scale from low to high.
    counts
        Whether it is a count of children, or is computed from one, and so not always published.
    by_owner
        Whether it is of the children on a municipality's share, whoever bears them.
    """

    key: str
    places: int = 0
    middle: int | None = None
    counts: bool = True
    by_owner: bool = False

    def is_hidden(self, code: str, hidden: Suppression) -> bool:
        """Whether it is not shown of a municipality."""
        return self.counts and code in (hidden.owners if self.by_owner else hidden.municipalities)


TOTAL = Figure("total_figure")
FULFILMENT = Figure("fulfilment", 3, 1, by_owner=True)
DEVIATION = Figure("deviation_figure", 2, 0, by_owner=True)
#: Always of interest; the others only where a policy has any.
_ALWAYS = ("total_figure", "kinship_figure", "equalising_figure", "fulfilment", "deviation_figure",
           "credited", "share")  # fmt: skip
FIGURES = (
    TOTAL,
    Figure("kinship_figure"),
    Figure("equalising_figure"),
    Figure("willing_figure"),
    Figure("valve_figure"),
    Figure("transferred_figure"),
    Figure("tie_not_followed"),
    FULFILMENT,
    DEVIATION,
    Figure("credited", by_owner=True),
    Figure("share", 2, counts=False),
    Figure("share_after", 2, counts=False),
    Figure("handed", 2, 0, counts=False),
    Figure("compensation_figure"),
    Figure("compensation_moving_figure"),
)


def values_of(result: Result, hidden: Suppression) -> dict[str, list[Value]]:
    """Exact values of every figure by key, in the order of the municipalities; hidden ones are None."""
    instance, counts = result.instance, result.counts
    goal = targets(instance, result.policy)
    after = holdings(instance, result.transfers).effective
    share = [m.share for m in instance.municipalities]
    paid = compensations(instance, result.transfers, result.allocation.assignments)
    found: dict[str, list[Value]] = {
        "total_figure": [*counts.total],
        "kinship_figure": [*counts.kinship],
        "equalising_figure": [*counts.equalising],
        "willing_figure": [*counts.willing],
        "valve_figure": [*counts.valve],
        "transferred_figure": [*counts.on_transferred_share],
        "tie_not_followed": [*counts.tie_not_followed],
        "fulfilment": [*fulfilments(counts.credited, goal)],
        "deviation_figure": [c - g for c, g in zip(counts.credited, goal, strict=True)],
        "credited": [*counts.credited],
        "share": [Fraction(a, UNITS_PER_MILLE) for a in share],
        "share_after": [Fraction(a, UNITS_PER_MILLE) for a in after],
        "handed": [Fraction(b - a, UNITS_PER_MILLE) for a, b in zip(share, after, strict=True)],
        "compensation_figure": [p.total for p in paid],
        "compensation_moving_figure": [p.moving for p in paid],
    }
    for figure in FIGURES:
        for k, m in enumerate(instance.municipalities):
            if figure.is_hidden(m.code, hidden):
                found[figure.key][k] = None
    return found


def figures_shown(values: Sequence[dict[str, list[Value]]]) -> list[Figure]:
    """Figures that are of interest in at least one of the results."""
    return [f for f in FIGURES if f.key in _ALWAYS or any(any(v[f.key]) for v in values)]
