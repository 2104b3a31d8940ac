"""``dual-prices``: what the case costs now, and the price that the future puts on each municipality.

In the manner of *Dynamic Placement in Refugee Resettlement* (Ahani, Gölz, Procaccia, Teytelboym,
Trapp): the linear program of sampled futures is solved without the case, the dual prices of the
municipalities are averaged, and the case goes where cost and price together are least.
"""

from __future__ import annotations

from collections.abc import Sequence

from fordela.models.rules import Arrival, Known, State
from fordela.solver.rules.futures import Futures


class DualPrices:
    """Goes where its children cost least beside what the future pays for the same places.

    The program of a future gives its children at least chi2 in unit steps; its dual price is what the
    last of them costs. A case takes the next steps of a municipality: a step below the price is one
    that the future would have used, and costs the price; a step above costs what it costs.
    """

    def __init__(self, known: Known) -> None:
        self._futures = Futures(known, "dual-prices")

    def choose(self, case: Arrival, state: State) -> Sequence[str]:
        """Return everybody where the case costs least on average."""
        look = self._futures.look(case, state)
        return self._futures.least(look, look.price(look.untied), case.size)
