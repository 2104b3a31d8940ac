"""Integer linear programs as plain declarations: bounded variables, exact coefficients.

Backends read these; nothing here knows one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

Number = int | Fraction


class Domain(Enum):
    """What values a variable takes.

    ``IMPLIED`` variables are whole in some optimum whenever the ``WHOLE`` ones are, so a backend may
    treat them as continuous. ``REAL`` variables measure a quantity.
    """

    WHOLE = "whole"
    IMPLIED = "implied"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear expression: coefficient by variable, and a constant."""

    terms: Mapping[int, Number] = field(default_factory=dict)
    constant: Number = 0

    @classmethod
    def of(cls, *parts: tuple[Number, Linear]) -> Linear:
        """Sum of multiples of expressions."""
        terms: dict[int, Number] = {}
        constant: Number = 0
        for factor, part in parts:
            constant += factor * part.constant
            for variable, coefficient in part.terms.items():
                terms[variable] = terms.get(variable, 0) + factor * coefficient
        return cls(terms, constant)

    def value(self, values: Mapping[int, int] | Sequence[int]) -> Fraction:
        """Evaluate exactly."""
        return Fraction(self.constant) + sum(
            (Fraction(c) * values[v] for v, c in self.terms.items()), Fraction(0)
        )

    def whole(self, values: Mapping[int, int] | Sequence[int]) -> int:
        """Evaluate where all coefficients and the constant are whole."""
        return int(self.constant) + sum(int(c) * values[v] for v, c in self.terms.items())


@dataclass(frozen=True, slots=True)
class Row:
    """``lower ≤ expression ≤ upper``; None is no limit."""

    expression: Linear
    lower: Number | None
    upper: Number | None


@dataclass(frozen=True, slots=True)
class Program:
    """Minimise ``objective`` within bounds and rows.

    Attributes
    ----------
    choices
        Variables that are alternatives of each other, of which few are above 0 in a solution: where to
        look, and nothing that binds.
    least
        What is proven that no solution can be below: whoever is there may stop. None if nothing is.
    """

    lowers: tuple[int, ...]
    uppers: tuple[int, ...]
    domains: tuple[Domain, ...]
    rows: tuple[Row, ...]
    objective: Linear
    choices: tuple[tuple[int, ...], ...] = ()
    least: Number | None = None


class ProgramBuilder:
    """Collects variables and rows; `program` freezes them with an objective."""

    def __init__(self) -> None:
        self.lowers: list[int] = []
        self.uppers: list[int] = []
        self.domains: list[Domain] = []
        self.rows: list[Row] = []
        self.choices: list[tuple[int, ...]] = []

    def copy(self) -> ProgramBuilder:
        """Return an independent copy, to try something without keeping it."""
        other = ProgramBuilder()
        other.lowers, other.uppers = list(self.lowers), list(self.uppers)
        other.domains, other.rows = list(self.domains), list(self.rows)
        other.choices = list(self.choices)
        return other

    def variable(self, lower: int, upper: int, domain: Domain = Domain.WHOLE) -> Linear:
        """Add a variable and return it as an expression."""
        self.lowers.append(lower)
        self.uppers.append(upper)
        self.domains.append(domain)
        return Linear({len(self.lowers) - 1: 1})

    def require(
        self, expression: Linear, lower: Number | None = None, upper: Number | None = None
    ) -> None:
        """Add a row."""
        self.rows.append(Row(expression, lower, upper))

    def choose(self, alternatives: Iterable[Linear]) -> None:
        """Record variables as alternatives of each other."""
        self.choices.append(tuple(v for x in alternatives for v in x.terms))

    def program(self, objective: Linear) -> Program:
        """Freeze with an objective."""
        return Program(
            tuple(self.lowers),
            tuple(self.uppers),
            tuple(self.domains),
            tuple(self.rows),
            objective,
            tuple(self.choices),
        )
