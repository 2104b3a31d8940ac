"""What is simulated: an instance, its random years, and the policies that are paired on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from fordela.instances.random_years import AgencyHousing, ArrivalModel
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance
from fordela.models.policy import NORMS, Policy
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.solver.groups import MECHANISMS

if TYPE_CHECKING:
    import pyarrow as pa

#: Scenarios: ties as drawn, and with a part of them moved to the Agency's accommodation.
BASE, MOVED = "base", "moved-ties"


@dataclass(frozen=True)
class Variant:
    """A policy under one mechanism.

    Attributes
    ----------
    policy
        With that mechanism.
    own
        Whether it is the policy's own; gaps to hindsight are bounded for that one only.
    made
        Its transfers, or None where every year's order of offers makes its own (``bilateral``).
    """

    policy: Policy
    own: bool
    made: RedistributionResult | None

    @property
    def key(self) -> tuple[str, str]:
        """Names of the policy and of the mechanism."""
        return self.name, self.mechanism

    @property
    def name(self) -> str:
        """Name of the policy."""
        return self.policy.name

    @property
    def mechanism(self) -> str:
        """Name of the mechanism."""
        return self.policy.counting.mechanism


@dataclass(frozen=True)
class Simulation:
    """Everything that a year depends on, besides its number.

    Attributes
    ----------
    instance
        Municipalities and what was decided before the year, without children.
    variants
        Policies by mechanism, in the order of the tables; the first policy is what others are set
        against.
    model, stream, housing
        What the years are drawn from; with ``housing`` every year is played twice, with and without
        moved ties.
    norms
        Whose gaps to hindsight are bounded.
    own_norms
        Norms of one's own that are reported too.
    backend
        Engine of the integer programs.
    source_sha256
        Hash of the instance that the municipalities were taken from.
    """

    instance: Instance
    variants: tuple[Variant, ...]
    model: ArrivalModel
    stream: str
    housing: AgencyHousing | None = None
    norms: tuple[str, ...] = NORMS
    own_norms: tuple[str, ...] = ()
    backend: str = "auto"
    source_sha256: str = ""

    @property
    def scenarios(self) -> tuple[tuple[str, AgencyHousing | None], ...]:
        """Scenarios in the order in which they are played."""
        if self.housing is None:
            return ((BASE, None),)
        return (BASE, None), (MOVED, self.housing)

    @property
    def policies(self) -> tuple[str, ...]:
        """Names of the policies, each once."""
        return tuple(dict.fromkeys(v.name for v in self.variants))

    @property
    def bounded(self) -> tuple[str, ...]:
        """Norms whose gaps are looked for: none, or the six and one's own."""
        return (*self.norms, *self.own_norms) if self.norms else ()

    @property
    def columns(self) -> pa.Schema:
        """Columns of the rows, and their types."""
        from fordela.solver.simulation.table import schema

        return schema(self.bounded, self.own_norms)

    @property
    def key(self) -> str:
        """Hash of everything that a year depends on."""
        parts = [
            self.instance.sha256, asdict(self.model), self.stream, self.norms, self.own_norms,
            self.backend, None if self.housing is None else asdict(self.housing),
            [[v.policy.sha256, v.own, None if v.made is None else
              [[t.giver, t.receiver, t.share] for t in v.made.transfers]] for v in self.variants],
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()

    def base_of(self, variant: Variant) -> Variant:
        """Return what a variant is set against: the first policy, under the same mechanism if any."""
        first = [v for v in self.variants if v.name == self.variants[0].name]
        return next((v for v in first if v.mechanism == variant.mechanism), first[0])


def make_simulation(
    instance: Instance,
    policies: Sequence[Policy],
    model: ArrivalModel | None = None,
    stream: str = "0",
    *,
    housing: AgencyHousing | None = None,
    norms: Sequence[str] = NORMS,
    own_norms: Sequence[str] = (),
    backend: str = "auto",
    time_limit: float | None = None,
    workers: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Simulation:
    """Decide the transfers of every policy, which are settled before the year's children come.

    Parameters
    ----------
    instance
        Of its children only the number is used, and only where it has no forecast; its
        municipalities, wishes, transfers and forecasts are.
    policies
        In the order of the tables.
    model, stream, housing, norms, own_norms, backend
        As in `Simulation`.
    time_limit, workers, progress
        Of the redistributions, as in `redistribute`.

    Raises
    ------
    InputError
        If years cannot be drawn, or a policy cannot be followed on the data.
    """
    from fordela.instances.random_years import Drawer, without_children
    from fordela.solver.engine import run_rule
    from fordela.solver.redistribution.decide import redistribute

    if not policies:
        raise InputError([Problem("--policy", "at least one policy is needed")])
    model = model or ArrivalModel()
    Drawer(instance, model, stream, housing)  # names every problem with them
    model = model.of(instance)  # before its children are gone
    empty = without_children(instance)
    for policy in policies:
        if not policy.is_optimal:
            run_rule(empty, policy, ())  # names what the rule lacks, such as a forecast
    known: dict[object, RedistributionResult] = {}
    variants = []
    for policy in policies:
        question = policy.redistribution
        if question not in known:
            progress(f"{policy.name}: transfers")
            found = redistribute(
                empty, policy, backend=backend, time_limit=time_limit, workers=workers,
                progress=lambda text, name=policy.name: progress(f"{name}: {text}"),  # type: ignore[misc]
            )  # fmt: skip
            known[question] = replace(found, instance=empty)
        variants += _variants(policy, known[question])
    own = tuple(dict.fromkeys((*own_norms, *(n for p in policies for n in p.own_norms))))
    return Simulation(
        empty, tuple(variants), model, stream, housing, tuple(norms), own, backend, instance.sha256
    )


def _variants(policy: Policy, made: RedistributionResult) -> list[Variant]:
    """Return a policy under its own mechanism, and a rule with transfers under the other one too."""
    own = policy.counting.mechanism
    mechanisms = [own]
    if made.transfers and not policy.is_optimal:
        mechanisms += [m for m in MECHANISMS if m != own]
    redrawn = policy.redistribution.scope == "bilateral"
    variants = []
    for mechanism in mechanisms:
        changed = policy.with_changes(mechanism=mechanism)
        transfers = None if redrawn else replace(made, policy=changed)
        variants.append(Variant(changed, mechanism == own, transfers))
    return variants
