"""What a redistribution came to: transfers, proofs, and whom chance or integrality treated how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from fordela.models.instance import Instance, Transfer
from fordela.models.policy import Policy
from fordela.models.redistribution.problem import RedistributionProblem
from fordela.models.result import LevelResult, Status, Termination


@dataclass(frozen=True, slots=True)
class Spread:
    """Units that one municipality traded over many draws of a bilateral process.

    Attributes
    ----------
    least, most
        Over the draws.
    mean
        Exact.
    none, whole
        Draws in which nothing, and in which all, of its wish was granted.
    """

    least: int
    mean: Fraction
    most: int
    none: int
    whole: int

    @property
    def certain(self) -> bool:
        """Whether the order made no difference."""
        return self.least == self.most


@dataclass(frozen=True)
class RedistributionResult:
    """The transfers of a year under a policy, and how they were found.

    Attributes
    ----------
    instance, policy
        What was decided.
    transfers
        Who hands how much to whom, by code of the giver.
    status, termination
        What is known, and why the work ended.
    objective
        One entry per level; empty for a process or for decided transfers.
    backend, backend_version, seed, seconds
        How it was found.
    order
        Givers in the order in which they offered; bilateral only.
    draws
        Number of orders drawn; bilateral only.
    spread
        By municipality with a wish, over the draws; bilateral only.
    optimum
        The national optimum beside a bilateral process, where asked for.
    """

    instance: Instance
    policy: Policy
    transfers: tuple[Transfer, ...]
    status: Status
    termination: Termination
    objective: tuple[LevelResult, ...] = ()
    backend: str = ""
    backend_version: str = ""
    seed: int = 0
    seconds: float = 0.0
    order: tuple[str, ...] = ()
    draws: int = 0
    spread: Mapping[str, Spread] | None = None
    optimum: RedistributionResult | None = None

    @property
    def is_settled(self) -> bool:
        """Whether more time cannot change it: every level is proven, or it was decided or a process."""
        return all(o.status is Status.OPTIMAL for o in self.objective)

    @property
    def traded(self) -> Counter[str]:
        """Units that each municipality hands away or takes over."""
        traded: Counter[str] = Counter()
        for t in self.transfers:
            traded[t.giver] += t.share
            traded[t.receiver] += t.share
        return traded


def treated_unequally(
    problem: RedistributionProblem, traded: Mapping[str, int]
) -> list[tuple[str, str]]:
    """Pairs of equals of which the first got more than one step more of its wish granted.

    Equals have the same wish, limits, entitlement and county; whole shares of one receiver cannot
    always treat them alike, and the report must say whom.
    """
    groups: dict[tuple[object, ...], list[str]] = {}
    for role, sides in (("giver", problem.givers), ("receiver", problem.receivers)):
        for s in sides:
            key = (role, s.county, s.wish, s.least, s.most, s.entitlement)
            groups.setdefault(key, []).append(s.code)
    unequal = []
    for members in groups.values():
        best = max(members, key=lambda code: (traded.get(code, 0), code))
        unequal += [
            (best, code) for code in members if traded.get(best, 0) - traded.get(code, 0) > problem.step
        ]
    return unequal
