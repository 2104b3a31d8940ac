"""What a sequential rule is, and exactly what it may see: the past, and what was known before the year.

A rule of one's own is a class with one method::

    class MyRule:
        def __init__(self, known: Known) -> None: ...
        def choose(self, case: Arrival, state: State) -> str | Sequence[str]: ...

It is asked for every case without a tie, in order of arrival, and names the municipality on whose
share the case is counted (the owner), or several that are equally good to it: the policy's order
between equals decides then. Ties, siblings, capacity, transfers and the valve are kept by the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn, Protocol

from fordela.models.errors import InputError, Problem
from fordela.models.extensions import RULES, load
from fordela.models.instance import Municipality, Transfer
from fordela.models.policy import Policy

_COLUMN = "[assignment] rule"


class RuleError(InputError):
    """A rule of one's own did what a rule must not do: which one, at which case, and what."""

    def __init__(self, rule: str, case: str, reason: str) -> None:
        self.rule, self.case, self.reason = rule, case, reason
        where = f", case {case}" if case else ""
        super().__init__([Problem(f"rule {rule}{where}", reason)])

    def __reduce__(self) -> tuple[type[RuleError], tuple[str, str, str]]:
        return type(self), (self.rule, self.case, self.reason)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a rule sees of the case that it is to decide.

    Attributes
    ----------
    order
        Place in the order of arrival, from 1.
    day
        Of arrival.
    size
        Children; they stay together.
    ages, sexes, languages
        Of the children, None where unknown.
    needs
        Of all of them.
    """

    order: int
    day: date
    size: int
    ages: tuple[int | None, ...] = ()
    sexes: tuple[str | None, ...] = ()
    languages: tuple[str | None, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What is known before the first child of the year.

    Attributes
    ----------
    year
        Calendar year.
    municipalities
        With shares (units of 0.01 ‰), histories, capacities, wishes and weights.
    transfers
        In force during the year.
    forecast
        Children of the year, or None.
    policy
        The whole policy, with the signpost, the kinship part and the number of samples.
    seed
        For whatever the rule draws: the same seed must give the same decisions.
    """

    year: int
    municipalities: tuple[Municipality, ...]
    transfers: tuple[Transfer, ...]
    forecast: int | None
    policy: Policy
    seed: int

    @property
    def children(self) -> NoReturn:
        """Not known: they have not come yet."""
        raise AttributeError("a rule cannot see the children to come")

    @property
    def cases(self) -> NoReturn:
        """Not known: they have not come yet."""
        raise AttributeError("a rule cannot see the cases to come")


class ByCode(Mapping[str, int]):
    """A whole number for every municipality, by code; read only, and always as of now."""

    def __init__(self, index: Mapping[str, int], values: Sequence[int]) -> None:
        self._index, self._values = index, values

    def __getitem__(self, code: str) -> int:
        return self._values[self._index[code]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)


@dataclass(frozen=True, slots=True)
class State:
    """What a rule sees of the year so far.

    Attributes
    ----------
    credited
        Children that count, by code: those before the year (unless the policy drops them) and those
        credited in it.
    borne
        Children of the year, by code of the municipality that became responsible.
    share
        What credited children are set against, by code; 0 for who gets no such child. Units of the
        municipalities' own shares; under ``effective-share``, before the valve, units times children:
        the own share for those of the years before and the share after transfers for those of the year,
        this case included (model, section 2).
    candidates
        Codes among which the rule chooses: with a share, and with room for the case. If nobody has
        room, all with a share.
    children
        Children of the year so far, kinship included.
    kind
        ``equalising``, or ``valve`` after the valve.
    """

    credited: Mapping[str, int]
    borne: Mapping[str, int]
    share: Mapping[str, int]
    candidates: Sequence[str]
    children: int
    kind: str


class Rule(Protocol):
    """Decides case by case."""

    def choose(self, case: Arrival, state: State) -> str | Sequence[str]:
        """Name the owner of a case, or several that are equally good to the rule."""


def load_rule(name: str) -> Callable[[Known], Rule]:
    """Import a rule of one's own.

    Raises
    ------
    InputError
        If there is none, it cannot be imported, or it is no rule.
    """
    found = load(name, RULES, _COLUMN)
    if not callable(found) or not callable(getattr(found, "choose", None)):
        message = "is no rule; it must be a class with a method choose(case, state)"
        raise InputError([Problem("policy", message, column=_COLUMN, value=name)])
    return found
