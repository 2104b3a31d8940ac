"""What the checker is given: a solution as claimed, from a result or from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from fordela.models.allocation import Assignment
from fordela.models.check.values import Value
from fordela.models.instance import Instance, Transfer
from fordela.models.placement.outcome import Mode, Placement, PlacementResult
from fordela.models.policy import Policy
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import LevelResult, Result
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
    proof: str | None = None
    certificate_price: Fraction | None = None
    price: Fraction | None = None
    price_proof: str | None = None


@dataclass(frozen=True, slots=True)
class TradeClaims:
    """What a solution claims about how its transfers were found.

    Attributes
    ----------
    objective, status
        Claims for each level, and of the whole.
    order, seed, spread
        Of a bilateral process: givers in the order in which they offered, what the orders were drawn
        from, and what each municipality traded over all of them.
    optimum
        The national optimum beside such a process.
    """

    objective: tuple[LevelClaim, ...] = ()
    status: str = "feasible"
    order: tuple[str, ...] = ()
    seed: int = 0
    spread: Mapping[str, Mapping[str, object]] | None = None
    optimum: NationalClaims | None = None

    @classmethod
    def of(cls, made: RedistributionResult) -> TradeClaims:
        """Return the claims of a redistribution in memory."""
        spread: dict[str, Mapping[str, object]] = {
            code: {
                "least": s.least, "mean": str(s.mean), "most": s.most, "none": s.none,
                "whole": s.whole,
            }
            for code, s in (made.spread or {}).items()
        }  # fmt: skip
        levels = tuple(map(level_claim, made.objective))
        best = None
        if made.optimum is not None:
            national = tuple(map(level_claim, made.optimum.objective))
            best = NationalClaims(national, made.optimum.status.value, made.optimum.transfers)
        drawn = None if made.spread is None else spread
        return cls(levels, made.status.value, made.order, made.seed, drawn, best)


@dataclass(frozen=True, slots=True)
class NationalClaims:
    """What is claimed of the national optimum beside a bilateral process."""

    objective: tuple[LevelClaim, ...]
    status: str
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What the files of a result say as they stand: ``result.json``, and tables by name.

    Attributes
    ----------
    tables
        Columns, and rows as text.
    beside_sha256
        Hash of the instance beside them, None where there is none.
    """

    head: Mapping[str, object]
    tables: Mapping[str, tuple[tuple[str, ...], tuple[Mapping[str, str], ...]]]
    beside_sha256: str | None = None


def level_claim(o: LevelResult) -> LevelClaim:
    """Return the claim of a level in memory."""
    price = o.certificate.price if o.certificate else None
    return LevelClaim(
        o.level, o.value, o.bound, o.status.value, o.tolerance, o.proof, price, o.price, o.price_proof
    )


@dataclass(frozen=True, slots=True)
class PlacementClaims:
    """What a solution claims about homes.

    Attributes
    ----------
    policy
        The policy that homes were found under; in a joint placement that of the assignments is its
        optimal twin.
    """

    policy: Policy
    mode: Mode
    placements: tuple[Placement, ...]
    objective: tuple[LevelClaim, ...]
    status: str

    @classmethod
    def of(cls, made: PlacementResult) -> PlacementClaims:
        """Return the claims of a placement in memory."""
        claims = tuple(map(level_claim, made.objective))
        return cls(made.policy, made.mode, made.placements, claims, made.status)


@dataclass(frozen=True)
class Solution:
    """A solution as claimed.

    Attributes
    ----------
    policy, transfers, assignments
        What was decided; no assignments where only transfers were.
    municipalities
        Claimed figures by code and column, numbers as exact text; None if not given.
    objective
        Claims for each level.
    status
        Claimed status.
    tied_decisions, tie_not_followed
        Claimed numbers, None if not given.
    instance_sha256, policy_sha256
        Claimed hashes, None if not given.
    valve_closed_at
        Claimed case.
    decided_cases
        Cases at the beginning of the year that are facts: not measured against the rule.
    """

    policy: Policy
    transfers: tuple[Transfer, ...]
    assignments: tuple[Assignment, ...] | None
    municipalities: Mapping[str, Mapping[str, str]] | None = None
    objective: tuple[LevelClaim, ...] = ()
    status: str = "feasible"
    tied_decisions: int | None = None
    tie_not_followed: int | None = None
    instance_sha256: str | None = None
    policy_sha256: str | None = None
    valve_closed_at: str | None = None
    decided_cases: int = 0
    trades: TradeClaims | None = None
    placement: PlacementClaims | None = None
    written: Written | None = None

    @classmethod
    def of(cls, result: Result) -> Solution:
        """Return the claims of a result in memory."""
        made = result.redistribution
        rows = {
            str(row["code"]): {column: "" if v is None else str(v) for column, v in row.items()}
            for row in municipality_rows(result)
        }
        return cls(
            policy=result.policy,
            transfers=result.transfers,
            assignments=result.allocation.assignments,
            municipalities=rows,
            objective=tuple(map(level_claim, result.objective)),
            status=result.status,
            tied_decisions=None if result.policy.is_optimal else result.tied_decisions,
            tie_not_followed=sum(result.counts.tie_not_followed),
            instance_sha256=result.instance.sha256,
            policy_sha256=result.policy.sha256,
            valve_closed_at=result.valve_closed_at,
            decided_cases=result.decided_cases,
            trades=None if made is None else TradeClaims.of(made),
        )

    @classmethod
    def of_placement(cls, made: PlacementResult) -> Solution:
        """Return the claims of a placement in memory, and of the assignments that it rests on."""
        return replace(cls.of(made.result), placement=PlacementClaims.of(made))

    @classmethod
    def of_transfers(cls, made: RedistributionResult) -> Solution:
        """Return the claims of a redistribution without assignments."""
        return cls(
            policy=made.policy,
            transfers=made.transfers,
            assignments=None,
            status=made.status,
            instance_sha256=made.instance.sha256,
            policy_sha256=made.policy.sha256,
            trades=TradeClaims.of(made),
        )

    @property
    def levels(self) -> tuple[LevelClaim, ...]:
        """Every level that something is claimed of, once."""
        homes = self.placement
        assigned = () if homes is not None and homes.mode == "joint" else self.objective
        traded = () if self.trades is None else self.trades.objective
        if self.trades is not None and self.trades.optimum is not None:
            traded = (*traded, *self.trades.optimum.objective)
        return (*traded, *assigned, *(() if homes is None else homes.objective))

    def matches(self, instance: Instance) -> bool:
        """Whether the solution was made for exactly this instance."""
        return self.instance_sha256 in (None, instance.sha256)
