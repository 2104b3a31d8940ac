"""Results: status and termination kept apart, values exact, unknown things None."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from fordela.models.allocation import Allocation, Counts
from fordela.models.instance import Instance, Transfer
from fordela.models.norms import Value
from fordela.models.policy import Policy

if TYPE_CHECKING:
    import pandas as pd
    from fordela.models.redistribution.outcome import RedistributionResult


class Status(StrEnum):
    """What is known of a solution."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


class Termination(StrEnum):
    """Why the work ended."""

    COMPLETED = "completed"
    TIME_LIMIT = "time-limit"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Certificate:
    """An exact proof of a lower bound on a sum norm, checkable without a solver.

    For any price ``λ`` and any allocation with ``Σ n_i`` fixed, ``Σ f_i(n_i)`` is at least
    ``λ Σ n_i + Σ min_n (f_i(n) − λ n)``: weak duality for a separable convex cost.

    Attributes
    ----------
    price
        ``λ``, norm per child.
    """

    price: Fraction


@dataclass(frozen=True, slots=True)
class LevelResult:
    """One level of the objective stack.

    Attributes
    ----------
    level
        Name.
    value
        Exact value of the solution.
    bound
        Proven bound: no allocation that holds the earlier levels is better. None if unknown; for
        a vector the proven first components.
    status
        ``optimal`` if the value is proven.
    price
        What the next level loses because this one is held, None where not known.
    exact
        Whether the search that found it used fractions alone.
    tolerance
        Absolute tolerance of a floating-point proof, 0 if it is none.
    certificate
        A price that proves the bound of a sum norm.
    proof
        What the optimum rests on that the checker can verify (``trivial``, ``certificate``,
        ``counting``, ``enumeration``), or ``engine``: the engine's word. None while nothing is proven.
    price_proof
        The same of the price; None without one.
    """

    level: str
    value: Value
    bound: Value | None
    status: Status
    price: Fraction | None = None
    exact: bool = False
    tolerance: float = 0.0
    certificate: Certificate | None = None
    proof: str | None = None
    price_proof: str | None = None


class Answer(Protocol):
    """Whatever was decided, level by level: municipalities, transfers or homes."""

    @property
    def status(self) -> Status:
        """What is known of it."""

    @property
    def objective(self) -> tuple[LevelResult, ...]:
        """Its levels, in order."""


def known_of(made: Answer | None, name: str = "") -> dict[str, str | None]:
    """Status and proof of an answer by column, which begins with a name; None without one."""
    return {
        f"{name}status": None if made is None else made.status.value,
        f"{name}proof": None if made is None else rests_on(made),
    }


def rests_on(made: Answer) -> str | None:
    """Say what an optimum rests on as a whole, by the weakest of its levels.

    Returns
    -------
    str or None
        ``check`` where the checker proves every level itself, else ``engine``: the engine's word. None
        where nothing is called optimal, and of rules, which have no levels.
    """
    proofs = [o.proof for o in made.objective]
    if made.status is not Status.OPTIMAL or not proofs:
        return None
    return "engine" if {None, "engine"} & {*proofs} else "check"


@dataclass(frozen=True)
class Result:
    """The outcome of one policy on one instance.

    Attributes
    ----------
    instance, policy
        What was solved.
    transfers
        Transfers in force during the year.
    allocation, counts
        The decisions, and what they mean for each municipality.
    status, termination
        What is known, and why the work ended.
    objective
        One entry per level, in order; empty for a rule.
    backend, backend_version
        The engine that found the answer.
    seed, seconds
        Seed used, and time taken.
    tied_decisions
        Decisions in which the order between equals mattered ([O] does not publish that order).
    valve_closed_at
        First case after the valve, or None.
    decided_cases
        Cases at the beginning of the year whose decisions were given, as they had been taken before;
        the tied decisions are those after them.
    redistribution
        How the transfers were found, where a program or a process decided them.
    """

    instance: Instance
    policy: Policy
    transfers: tuple[Transfer, ...]
    allocation: Allocation
    counts: Counts
    status: Status
    termination: Termination
    objective: tuple[LevelResult, ...] = ()
    backend: str = "rule"
    backend_version: str = ""
    seed: int = 0
    seconds: float = 0.0
    tied_decisions: int = 0
    valve_closed_at: str | None = None
    decided_cases: int = 0
    redistribution: RedistributionResult | None = None

    @property
    def is_settled(self) -> bool:
        """Whether more time cannot change it: each level of it, and of its transfers, is proven.

        A rule proves nothing and is followed as it is; what it is followed on can be open.
        """
        made = self.redistribution
        return all(o.status is Status.OPTIMAL for o in self.objective) and (
            made is None or made.is_settled
        )

    def to_frame(self) -> pd.DataFrame:
        """Municipalities of the solution as a table, one row each (see ``municipalities.csv``)."""
        from fordela.models.tables import frame, municipality_rows

        return frame(municipality_rows(self))

    def allocation_frame(self) -> pd.DataFrame:
        """Decisions as a table, one row per child (see ``allocation.csv``)."""
        from fordela.models.tables import allocation_rows, frame

        return frame(allocation_rows(self))

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, max_rows=20))
