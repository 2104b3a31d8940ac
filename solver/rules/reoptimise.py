"""``reoptimise``: at each case the first move of the optimum on sampled futures."""

from __future__ import annotations

from collections.abc import Sequence

from fordela.models.rules import Arrival, Known, State
from fordela.solver.rules.futures import Futures


class Reoptimise:
    """Goes where it costs least, on average over sampled futures, that this case is fixed now.

    In every future the known children, this case and all that are still to come are placed at least
    chi2 (siblings to come may be parted). That a municipality gets the case although the optimum
    would give it fewer children costs the difference to the price of a child (weak duality: exact for
    a single child, a bound for siblings).
    """

    def __init__(self, known: Known) -> None:
        self._futures = Futures(known, "reoptimise")

    def choose(self, case: Arrival, state: State) -> Sequence[str]:
        """Return everybody where the case costs least on average."""
        look = self._futures.look(case, state)
        return self._futures.least(look, look.price(look.untied + case.size), case.size)
