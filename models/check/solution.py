"""What the checker is given: a solution as claimed, from a result or from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from fordela.models.allocation import Assignment
from fordela.models.instance import Instance, Transfer
from fordela.models.norms import Value
from fordela.models.policy import Policy
from fordela.models.result import Result
from fordela.models.tables import municipality_rows


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that a solution breaks.

    Attributes
    ----------
    rule
        Short name of the rule.
    message
        What is wrong, with identifiers.
    fatal
        Whether further checks would make no sense.
    """

    rule: str
    message: str
    fatal: bool = False

    def __str__(self) -> str:
        return f"{self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class LevelClaim:
    """What a solution claims about one level of the stack."""

    level: str
    value: Value
    bound: Value | None
    status: str
    tolerance: float = 0.0
    exact: bool = False
    certificate_price: Fraction | None = None


@dataclass(frozen=True)
class Solution:
    """A solution as claimed.

    Attributes
    ----------
    policy, transfers, assignments
        What was decided.
    municipalities
        Claimed figures by code and column, numbers as exact text; None if not given.
    objective
        Claims for each level.
    status
        Claimed status.
    tied_decisions
        Claimed number, None if not given.
    instance_sha256, policy_sha256
        Claimed hashes, None if not given.
    valve_closed_at
        Claimed case.
    """

    policy: Policy
    transfers: tuple[Transfer, ...]
    assignments: tuple[Assignment, ...]
    municipalities: Mapping[str, Mapping[str, str]] | None = None
    objective: tuple[LevelClaim, ...] = ()
    status: str = "feasible"
    tied_decisions: int | None = None
    instance_sha256: str | None = None
    policy_sha256: str | None = None
    valve_closed_at: str | None = field(default=None)

    @classmethod
    def of(cls, result: Result) -> Solution:
        """Return the claims of a result in memory."""
        rows = {
            str(row["code"]): {column: "" if v is None else str(v) for column, v in row.items()}
            for row in municipality_rows(result)
        }
        return cls(
            policy=result.policy,
            transfers=result.transfers,
            assignments=result.allocation.assignments,
            municipalities=rows,
            objective=tuple(
                LevelClaim(
                    o.level, o.value, o.bound, o.status, o.tolerance, o.exact,
                    o.certificate.price if o.certificate else None,
                )
                for o in result.objective
            ),
            status=result.status,
            tied_decisions=None if result.policy.is_optimal else result.tied_decisions,
            instance_sha256=result.instance.sha256,
            policy_sha256=result.policy.sha256,
            valve_closed_at=result.valve_closed_at,
        )  # fmt: skip

    def matches(self, instance: Instance) -> bool:
        """Whether the solution was made for exactly this instance."""
        return self.instance_sha256 in (None, instance.sha256)
