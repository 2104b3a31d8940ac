"""Every allocation of a tiny year, one by one: the oracle for the integer programs.

It knows the definitions of section 5 only, not the formulation. Partial allocations that agree in
everything that matters are merged, so that years with half a dozen cases stay quick.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement

from fordela.models.allocation import history, over_capacity, targets
from fordela.models.errors import FordelaError
from fordela.models.geo import kilometres
from fordela.models.holdings import holdings
from fordela.models.instance import Case, Instance, Transfer
from fordela.models.levels import stack
from fordela.models.norms import Value, norm_value, precedes
from fordela.models.policy import Policy, credits_by_child

#: Children by (owner, bearer), kinship by municipality, and unplaced, broken, split, moved.
Choice = tuple[tuple[tuple[int, int], ...], tuple[int, ...], int, int, int, int]
State = tuple[tuple[int, ...], tuple[int, ...], int, int, int, int]


def brute_force(
    instance: Instance,
    policy: Policy,
    transfers: tuple[Transfer, ...],
    rule_bearers: Mapping[str, str] | None = None,
    most_states: int = 200_000,
    bearing: Mapping[str, tuple[int, int | None]] | None = None,
) -> tuple[Value, ...] | None:
    """Best values of the whole stack, by enumeration.

    Parameters
    ----------
    bearing
        By code: least and most children without a tie (or with a broken one) that it bears.

    Returns
    -------
    tuple or None
        One value per level of `stack`, or None if nothing is feasible.

    Raises
    ------
    FordelaError
        If there are more states than ``most_states``.
    """
    values = stack_values(instance, policy, transfers, rule_bearers, most_states, bearing)
    return best_of(stack(policy, transfers), values)


def stack_values(
    instance: Instance,
    policy: Policy,
    transfers: tuple[Transfer, ...],
    rule_bearers: Mapping[str, str] | None = None,
    most_states: int = 200_000,
    bearing: Mapping[str, tuple[int, int | None]] | None = None,
) -> set[tuple[Value, ...]]:
    """Values of the stack's levels, of all that is feasible; parameters and errors as above."""
    year = _Year(instance, policy, transfers, rule_bearers or {})
    states: set[State] = {((0,) * len(year.pairs), (0,) * len(year.codes), 0, 0, 0, 0)}
    for case in instance.cases:
        choices = list(year.choices(case))
        states = {year.add(state, choice) for state in states for choice in choices}
        if len(states) > most_states:
            raise FordelaError(f"more than {most_states} states: too large for brute force")
    levels = stack(policy, transfers)
    return {
        tuple(year.value(level, state) for level in levels)
        for state in states
        if year.feasible(state) and year.bears(state, bearing or {})
    }


def best_of(levels: Sequence[str], all_values: Iterable[tuple[Value, ...]]) -> tuple[Value, ...] | None:
    """Return the lexicographically best values, None if there are none."""
    best: tuple[Value, ...] | None = None
    for values in all_values:
        if best is None or precedes(levels, values, best):
            best = values
    return best


def prices_of(levels: Sequence[str], all_values: Iterable[tuple[Value, ...]]) -> list[Fraction | None]:
    """Return the price of every level but the last; None where the next one is a vector."""
    seen = list(all_values)
    best = best_of(levels, seen)
    assert best is not None
    prices: list[Fraction | None] = []
    for k, following in enumerate(levels[1:]):
        held = {values[k + 1 :][:1] for values in seen if values[:k] == best[:k]}
        least = best_of((following,), held)
        assert least is not None
        with_it, without = best[k + 1], least[0]
        vector = isinstance(with_it, tuple) or isinstance(without, tuple)
        prices.append(None if vector else with_it - without)  # type: ignore[operator]
    return prices


class _Year:
    def __init__(
        self,
        instance: Instance,
        policy: Policy,
        transfers: tuple[Transfer, ...],
        rule_bearers: Mapping[str, str],
    ) -> None:
        self.instance, self.policy, self.rule_bearers = instance, policy, rule_bearers
        self.codes = [m.code for m in instance.municipalities]
        self.ledger = holdings(instance, transfers)
        self.pairs = [
            (i, j) for i, a in enumerate(self.ledger.share) if a > 0 for j in self.ledger.bearers(i)
        ]
        self.soft = set(policy.optimal.levels)
        self.before = history(instance, policy)
        self.targets = targets(instance, policy)

    def choices(self, case: Case) -> Iterator[Choice]:
        """Every way to treat a case."""
        home = None if case.tie is None else self.codes.index(case.tie)
        places: list[tuple[int, int] | None] = []  # where one child can go; None is unplaced
        if home is not None:
            places.append((home, home))
        if home is None or "kinship-broken" in self.soft:
            places += [pair for pair in self.pairs if pair[1] != home]
        if "unplaced" in self.soft:
            places.append(None)
        for chosen in combinations_with_replacement(places, case.size):
            bearers = {place[1] for place in chosen if place is not None}
            whole = len(bearers) <= 1 and (None not in chosen or not bearers)
            if not whole and "siblings-split" not in self.soft:
                continue
            if len(set(chosen)) > 1 and not credits_by_child(self.policy):
                continue
            yield self._choice(case, home, chosen, len(bearers))

    def _choice(
        self,
        case: Case,
        home: int | None,
        chosen: tuple[tuple[int, int] | None, ...],
        municipalities: int,
    ) -> Choice:
        kinship = [0] * len(self.codes)
        pairs: list[tuple[int, int]] = []
        unplaced = broken = moved = 0
        rule = self.rule_bearers.get(case.case)
        for place in chosen:
            if place is None:
                unplaced += 1
                moved += 1
                continue
            if home is not None and place == (home, home):
                kinship[home] += 1
            else:
                pairs.append(place)
                broken += home is not None
            moved += self.codes[place[1]] != rule
        counts = [0] * len(self.pairs)
        for pair in pairs:
            counts[self.pairs.index(pair)] += 1
        split = max(0, municipalities - 1)
        by_pair = tuple((k, n) for k, n in enumerate(counts) if n)
        return by_pair, tuple(kinship), unplaced, broken, split, moved

    @staticmethod
    def add(state: State, choice: Choice) -> State:
        """Enter a choice."""
        counts = list(state[0])
        for k, n in choice[0]:
            counts[k] += n
        kinship = tuple(a + b for a, b in zip(state[1], choice[1], strict=True))
        return (
            tuple(counts), kinship,
            state[2] + choice[2], state[3] + choice[3], state[4] + choice[4], state[5] + choice[5],
        )  # fmt: skip

    def _borne(self, state: State) -> list[int]:
        borne = [0] * len(self.codes)
        for (_, j), n in zip(self.pairs, state[0], strict=True):
            borne[j] += n
        return borne

    def _owned(self, state: State) -> list[int]:
        owned = [0] * len(self.codes)
        for (i, _), n in zip(self.pairs, state[0], strict=True):
            owned[i] += n
        return owned

    def feasible(self, state: State) -> bool:
        """Whether a hard capacity holds."""
        if self.policy.assignment.capacity != "hard":
            return True
        return over_capacity(self.instance, state[1], self._borne(state)) == 0

    def bears(self, state: State, bearing: Mapping[str, tuple[int, int | None]]) -> bool:
        """Whether municipalities bear as many as they are asked to."""
        borne = dict(zip(self.codes, self._borne(state), strict=True))
        return all(
            least <= borne[code] and (most is None or borne[code] <= most)
            for code, (least, most) in bearing.items()
        )

    def value(self, level: str, state: State) -> Value:
        """Evaluate one level from the definitions of section 5."""
        _, kinship, unplaced, broken, split, moved = state
        plain = {
            "unplaced": unplaced, "kinship-broken": broken, "siblings-split": split, "moves": moved,
        }  # fmt: skip
        if level in plain:
            return Fraction(plain[level])
        borne, owned = self._borne(state), self._owned(state)
        if level == "over-capacity":
            return Fraction(over_capacity(self.instance, kinship, borne))
        if level == "willing":
            wanted = self.instance.willing_places
            return Fraction(-sum(min(b, w) for b, w in zip(borne, wanted, strict=True)))
        if level == "distance":
            m = self.instance.municipalities
            return Fraction(
                sum(
                    n * kilometres(m[i], m[j])
                    for (i, j), n in zip(self.pairs, state[0], strict=True)
                    if i != j and n
                )
            )
        if level == "bearer-balance":
            return self._balance(owned, borne)
        credited = [b + k + o for b, k, o in zip(self.before, kinship, owned, strict=True)]
        return norm_value(level.removeprefix("deviation:"), credited, self.targets)

    def _balance(self, owned: list[int], borne: list[int]) -> Fraction:
        due = [Fraction(0)] * len(self.codes)
        for i, a in enumerate(self.ledger.share):
            if a > 0:
                due[i] += Fraction(owned[i] * self.ledger.kept[i], a)
                for j, units in self.ledger.given[i]:
                    due[j] += Fraction(owned[i] * units, a)
        return sum((abs(b - d) for b, d in zip(borne, due, strict=True)), Fraction(0))
