"""``projected``: lowest fulfilment, with the kinship that the rest of the year should bring."""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm

from fordela.models.errors import InputError, Problem
from fordela.models.rules import Arrival, Known, State


class Projected:
    """Lowest ``(c_i + expected kinship for the rest of the year) / a_i`` (model, section 3).

    The expectation is the remaining forecast, this case not included, times the kinship part, in
    proportion to ``kin_weight``. All in whole numbers.
    """

    def __init__(self, known: Known) -> None:
        self._forecast = require_forecast(known, "projected")
        part = known.policy.assignment.kinship_part
        weights = whole_weights(known)
        total = sum(weights) or 1
        # Expected kinship is R · part · w / Σw; everything is counted in its denominator.
        self._scale = part.denominator * total
        self._expected = {
            m.code: part.numerator * w for m, w in zip(known.municipalities, weights, strict=True)
        }
        # What counts of the case itself, twice over: nothing, half of it or all of it.
        self._ahead = {"before": 0, "midpoint": 1, "after": 2}[known.policy.assignment.signpost]

    def choose(self, case: Arrival, state: State) -> Sequence[str]:
        """Return everybody with the lowest projected fulfilment."""
        rest = max(0, self._forecast - state.children - case.size)
        own = self._ahead * case.size
        least: tuple[int, int] | None = None  # numerator and denominator
        equals: list[str] = []
        for code in state.candidates:
            top = (2 * state.credited[code] + own) * self._scale + 2 * rest * self._expected[code]
            bottom = state.share[code]
            if least is None or top * least[1] < least[0] * bottom:
                least, equals = (top, bottom), [code]
            elif top * least[1] == least[0] * bottom:
                equals.append(code)
        return equals


def require_forecast(known: Known, rule: str) -> int:
    """Return the forecast of children.

    Raises
    ------
    InputError
        If there is none.
    """
    if known.forecast is None:
        message = f"rule {rule} needs a forecast of children"
        raise InputError([Problem("instance.toml", message, column="forecast", value="")])
    return known.forecast


def whole_weights(known: Known) -> list[int]:
    """Weights of the municipalities as a place of kinship, in whole numbers."""
    weights = [
        m.kin_weight if m.kin_weight is not None else m.population or 0 for m in known.municipalities
    ]
    common = lcm(*(w.denominator for w in weights))
    return [int(w * common) for w in weights]
