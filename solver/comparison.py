"""Several policies on the same children, with the gap to what was possible (model, section 10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, reduce
from operator import add
from time import monotonic
from typing import TYPE_CHECKING

from fordela.models.allocation import over_capacity, targets
from fordela.models.compensation import Compensation, compensations
from fordela.models.indicators import Indicators, child_indicators
from fordela.models.instance import Instance
from fordela.models.norms import Value, fulfilments, is_optimised, norm_value
from fordela.models.placement.outcome import PlacementResult
from fordela.models.policy import IN_FORCE, NORMS, Policy
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.models.result import Result, Status
from fordela.models.units import exact_sum, in_order
from fordela.solver.groups import MECHANISMS, PolicyGroups, policy_groups, wishes_granted
from fordela.solver.hindsight import Bounds, Gap
from fordela.solver.redistribution.decide import redistribute
from fordela.solver.solve import solve

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class PolicyFigures:
    """Everything that section 10 reports of one policy.

    Attributes
    ----------
    result
        The solution.
    norms
        Exact value by norm.
    own, unrestricted
        Gap to optimal by norm: (a) under the policy's own transfers, (b) unrestricted.
    kinship, equalising, willing, valve, on_transferred_share
        Children; the first four sum to the children of the year (with ``unplaced``).
    tie_not_followed
        Children with a tie who are not assigned by it.
    unplaced
        Children without a municipality.
    lowest, highest
        Fulfilment, None where nobody has a target.
    gini, herfindahl
        Inequality of fulfilment, and concentration of children; None where undefined.
    with_0, with_1, with_2_3, with_more
        Municipalities by number of children.
    in_willing
        Children in municipalities that asked for more.
    granted_givers, granted_receivers
        Part of the wishes granted, None without wishes.
    over_capacity
        Children.
    moved
        Children whose municipality differs from the rule in force.
    paid
        State compensation to all municipalities.
    compensation_moved
        SEK that other municipalities are paid than under the rule in force: the sum of what some get
        more.
    homes
        Best homes for the policy's municipalities, where the year has any.
    """

    result: Result
    norms: Mapping[str, Value]
    own: Mapping[str, Gap]
    unrestricted: Mapping[str, Gap]
    kinship: int
    equalising: int
    willing: int
    valve: int
    unplaced: int
    on_transferred_share: int
    tie_not_followed: int
    lowest: Fraction | None
    highest: Fraction | None
    gini: Fraction | None
    herfindahl: Fraction | None
    with_0: int
    with_1: int
    with_2_3: int
    with_more: int
    in_willing: int
    granted_givers: Fraction | None
    granted_receivers: Fraction | None
    over_capacity: int
    moved: int
    paid: Compensation
    compensation_moved: int
    homes: PlacementResult | None = None

    @property
    def compensation(self) -> int:
        """SEK to all municipalities, in the parts that are known."""
        return self.paid.total

    @property
    def compensation_fixed(self) -> int:
        """SEK of it that no policy moves."""
        return self.paid.fixed

    @property
    def compensation_variable(self) -> int | None:
        """SEK of it by share; None without an asylum forecast."""
        return self.paid.variable

    @property
    def compensation_children(self) -> int:
        """SEK of it by child assigned."""
        return self.paid.children

    @property
    def compensation_days(self) -> int:
        """SEK of it by child and day."""
        return self.paid.days

    @cached_property
    def indicators(self) -> Indicators:
        """What it means for children; worked out when asked for, as simulations never do."""
        made, placed = self.result, () if self.homes is None else self.homes.placements
        return child_indicators(made.instance, made.allocation.assignments, placed)


@dataclass(frozen=True)
class Comparison:
    """Policies side by side on the same children.

    Attributes
    ----------
    instance
        The year.
    policies
        Figures in the order asked for.
    affected
        Children whose municipality any policy could change: those without a tie.
    backend, backend_version, seconds
        How the bounds were found.
    groups
        Givers, receivers and keepers by policy, under both mechanisms; empty where nobody has a
        wish or a decided transfer.
    """

    instance: Instance
    policies: tuple[PolicyFigures, ...]
    affected: int
    backend: str
    backend_version: str
    seconds: float
    groups: tuple[PolicyGroups, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether every optimum and every bound is proven."""
        return all(
            gap.hindsight.proven
            for figures in self.policies
            for gaps in (figures.own, figures.unrestricted)
            for gap in gaps.values()
        ) and all(
            f.result.status is Status.OPTIMAL for f in self.policies if f.result.policy.is_optimal
        )

    @property
    def redistributions(self) -> tuple[RedistributionResult, ...]:
        """How transfers were found, for the policies that decide them."""
        made = (f.result.redistribution for f in self.policies)
        return tuple(m for m in made if m is not None)

    def to_frame(self) -> pd.DataFrame:
        """One row per policy, the columns of ``comparison.csv``."""
        from fordela.models.tables import frame
        from fordela.solver.comparison_rows import comparison_rows

        return frame(comparison_rows(self))

    def _repr_html_(self) -> str:
        return str(self.to_frame().T.to_html())


def compare(
    instance: Instance,
    policies: Sequence[Policy],
    *,
    backend: str = "auto",
    time_limit: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    norms: Sequence[str] = NORMS,
    own_norms: Sequence[str] = (),
    progress: Callable[[str], None] = lambda _: None,
    solved: Sequence[Result] = (),
) -> Comparison:
    """Solve several policies on the same children and bound each from hindsight.

    Parameters
    ----------
    instance
        The year.
    policies
        In the order of the table.
    backend, time_limit, seed, workers, progress
        As in `solve`; the time limit is for the whole comparison.
    norms
        Norms to bound; all six by default. Without any, no gaps are looked for.
    own_norms
        Norms of one's own (``package.module:Name``) that are reported too, and bounded if they are
        separable; those of the policies' stacks come by themselves.
    solved
        Results that are known already; they are taken as they are, the rest is solved.

    Raises
    ------
    FordelaError
        As in `solve`.
    """
    from fordela.solver.backends import Limits, get_backend
    from fordela.solver.search import Search

    started = monotonic()
    deadline = None if time_limit is None else started + time_limit
    engine = get_backend(backend)
    search = Search(engine, Limits(deadline, seed, workers), progress)
    bounds = Bounds(instance, search)
    solver = _Solver(instance, backend, deadline, seed, workers, progress)
    solver.know(solved)
    in_force = {mechanism: solver.solve(IN_FORCE, mechanism) for mechanism in MECHANISMS}
    base = Base.of(in_force[MECHANISMS[0]])
    own = tuple(dict.fromkeys((*own_norms, *(n for p in policies for n in p.own_norms))))
    bounded = own if norms else ()
    figures, groups = [], []
    wishes = bool(instance.transfers or instance.wanted.less or instance.wanted.more)
    for policy in policies:
        result = solver.solve(policy, policy.counting.mechanism)
        if wishes:
            both = [
                result if policy.counting.mechanism == m else solver.solve(policy, m)
                for m in MECHANISMS
            ]
            groups.append(policy_groups(instance, both, in_force))
        figures.append(
            policy_figures(result, base, bounds, (*norms, *bounded), own, solver.homes(result))
        )
    return Comparison(
        instance=instance,
        policies=tuple(figures),
        affected=sum(child.tie is None for child in instance.children),
        backend=engine.name,
        backend_version=engine.version,
        seconds=monotonic() - started,
        groups=tuple(groups),
    )


@dataclass
class _Solver:
    """Solves policies with one deadline; equal questions of redistribution are answered once."""

    instance: Instance
    backend: str
    deadline: float | None
    seed: int
    workers: int | None
    progress: Callable[[str], None]
    _made: dict[object, RedistributionResult] = field(default_factory=dict)
    _solved: dict[Policy, Result] = field(default_factory=dict)

    def know(self, results: Sequence[Result]) -> None:
        """Take results that are known already, and the transfers in them."""
        for result in results:
            self._solved[result.policy] = result
            if result.redistribution is not None:
                self._made[result.policy.redistribution] = result.redistribution

    def solve(self, policy: Policy, mechanism: str) -> Result:
        changed = policy.with_changes(mechanism=mechanism)
        if changed not in self._solved:
            self._solved[changed] = self._solve(policy, changed)
        return self._solved[changed]

    def _solve(self, policy: Policy, changed: Policy) -> Result:
        question = policy.redistribution
        tell: Callable[[str], None] = lambda text: self.progress(f"{policy.name}: {text}")  # noqa: E731
        if question not in self._made:
            self._made[question] = redistribute(
                self.instance, changed, backend=self.backend, time_limit=self._left, seed=self.seed,
                workers=self.workers, progress=tell,
            )  # fmt: skip
        made = replace(self._made[question], policy=changed)
        return solve(
            self.instance, changed, backend=self.backend, time_limit=self._left, seed=self.seed,
            workers=self.workers, progress=tell, redistribution=made,
        )  # fmt: skip

    def homes(self, result: Result) -> PlacementResult | None:
        """Best homes for a result's municipalities; None where the year has no homes."""
        parted = "siblings-split" in result.policy.optimal.levels and result.policy.is_optimal
        if not self.instance.homes or parted:
            return None
        from fordela.solver.placement.place import place

        self.progress(f"{result.policy.name}: homes")
        return place(
            self.instance, result.policy, "sequential", backend=self.backend, time_limit=self._left,
            seed=self.seed, workers=self.workers, result=result, prices=False,
        )  # fmt: skip

    @property
    def _left(self) -> float | None:
        return None if self.deadline is None else max(0.01, self.deadline - monotonic())


@dataclass(frozen=True)
class Base:
    """What the rule in force does, which every policy is set against.

    Attributes
    ----------
    bearer
        Of every child.
    paid
        State compensation of every municipality.
    """

    bearer: Mapping[str, str | None]
    paid: Sequence[Compensation]

    @classmethod
    def of(cls, result: Result) -> Base:
        """Take it from the result of the rule in force."""
        return cls({a.child: a.bearer for a in result.allocation.assignments}, paid_in(result))


def paid_in(result: Result) -> list[Compensation]:
    """State compensation of every municipality under a result."""
    return compensations(result.instance, result.transfers, result.allocation.assignments)


def policy_figures(
    result: Result,
    base: Base,
    bounds: Bounds,
    norms: Sequence[str],
    own_norms: Sequence[str] = (),
    homes: PlacementResult | None = None,
) -> PolicyFigures:
    """Every figure of section 10 for a result.

    Parameters
    ----------
    base
        The rule in force.
    bounds, norms
        Hindsight optima of the year, and the norms whose gaps are wanted.
    own_norms
        Norms of one's own that are reported besides the six.
    homes
        Of the children, where the year has any.
    """
    instance, counts = result.instance, result.counts
    goal = targets(instance, result.policy)
    defined = [f for f in fulfilments(counts.credited, goal) if f is not None]
    reported = dict.fromkeys((*NORMS, *own_norms, *norms))
    values = {norm: norm_value(norm, counts.credited, goal) for norm in reported}
    paid = paid_in(result)
    bounded = {norm: values[norm] for norm in dict.fromkeys(norms) if is_optimised(norm)}
    return PolicyFigures(
        result=result,
        norms=values,
        own=bounds.own(result, bounded),
        unrestricted=bounds.unrestricted(result, bounded),
        kinship=sum(counts.kinship),
        equalising=sum(counts.equalising),
        willing=sum(counts.willing),
        valve=sum(counts.valve),
        unplaced=sum(a.kind == "unplaced" for a in result.allocation.assignments),
        on_transferred_share=sum(counts.on_transferred_share),
        tie_not_followed=sum(counts.tie_not_followed),
        lowest=min(defined, default=None),
        highest=max(defined, default=None),
        gini=_gini(defined),
        herfindahl=_herfindahl(counts.total),
        with_0=sum(t == 0 for t in counts.total),
        with_1=sum(t == 1 for t in counts.total),
        with_2_3=sum(t in (2, 3) for t in counts.total),
        with_more=sum(t > 3 for t in counts.total),
        in_willing=sum(
            t
            for t, m, places in zip(
                counts.total, instance.municipalities, instance.willing_places, strict=True
            )
            if places or m.code in instance.wanted.more
        ),
        granted_givers=wishes_granted(result, "givers"),
        granted_receivers=wishes_granted(result, "receivers"),
        over_capacity=over_capacity(instance, counts.kinship, counts.untied),
        moved=sum(a.bearer != base.bearer[a.child] for a in result.allocation.assignments),
        paid=reduce(add, paid),
        compensation_moved=sum(
            max(0, now.moving - before.moving) for now, before in zip(paid, base.paid, strict=True)
        ),
        homes=homes,
    )


def _gini(values: Sequence[Fraction]) -> Fraction | None:
    """``Σ_i Σ_j |φ_i − φ_j| / (2 n² φ̄)``."""
    total = exact_sum(values)
    if not total:
        return None
    n = len(values)
    weighted = exact_sum((2 * k - n + 1) * v for k, v in enumerate(in_order(values)))
    return weighted / (n * total)


def _herfindahl(children: Sequence[int]) -> Fraction | None:
    total = sum(children)
    return Fraction(sum(c * c for c in children), total * total) if total else None
