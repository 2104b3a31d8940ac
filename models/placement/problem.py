"""A placement as a problem: groups of equal homes, types of equal cases, and their options.

Identical cases are interchangeable, and so are identical homes: cost grows with types. Two cases are
of one type if they have the same size, the same options at the same cost, and are present on the same
of the days on which a home can be fullest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from fordela.models.geo import kilometres
from fordela.models.homes import Home
from fordela.models.instance import Case, Instance
from fordela.models.placement.fit import Fit, fit
from fordela.models.placement.stays import Stay, fullest_days, is_open, stay_of
from fordela.models.policy import PLACEMENT_LEVELS, PlacementRules

#: What a case costs at each of the levels of section 8, in their order there.
Cost = tuple[int, int, int, int, int]
POSITION = {level: k for k, level in enumerate(PLACEMENT_LEVELS)}


@dataclass(frozen=True, slots=True)
class HomeGroup:
    """Homes of one municipality that differ in nothing but their name."""

    municipality: int
    homes: tuple[Home, ...]

    @property
    def places(self) -> int:
        """Places of each of them."""
        return self.homes[0].places

    @property
    def room(self) -> int:
        """Places of all of them."""
        return self.places * len(self.homes)


@dataclass(frozen=True, slots=True)
class Option:
    """A home of a group for a case, under a responsible municipality."""

    responsible: int
    group: int
    cost: Cost


@dataclass(frozen=True)
class CaseType:
    """Cases that differ in nothing that matters.

    Attributes
    ----------
    responsible
        Position of the municipality, -1 where it is to be chosen too.
    days
        First and last of the problem's days on which they are present; the last is before the first
        if they are on none.
    """

    cases: tuple[Case, ...]
    responsible: int
    days: tuple[int, int]
    options: tuple[Option, ...]

    @property
    def size(self) -> int:
        """Children of each case."""
        return self.cases[0].size

    @property
    def is_present(self) -> bool:
        """Whether they are there on any of the problem's days."""
        return self.days[0] <= self.days[1]

    @property
    def unplaced(self) -> Cost:
        """What it costs to leave a case without a home."""
        return (self.size, 0, 0, 0, 0)


@dataclass(frozen=True)
class PlacementProblem:
    """Groups of homes, types of cases, and the days on which homes can be fullest.

    Attributes
    ----------
    days
        Ordinals, rising.
    soft
        Whether a case may remain without a home.
    """

    groups: tuple[HomeGroup, ...]
    types: tuple[CaseType, ...]
    days: tuple[int, ...]
    soft: bool

    @cached_property
    def size(self) -> int:
        """How much work the problem is: its options, and one."""
        return 1 + sum(len(kind.options) for kind in self.types)

    @property
    def cases(self) -> tuple[Case, ...]:
        """All cases."""
        return tuple(case for kind in self.types for case in kind.cases)

    @cached_property
    def children(self) -> int:
        """Number of children."""
        return sum(t.size * len(t.cases) for t in self.types)

    def split(self, groups: Collection[int]) -> PlacementProblem:
        """Return the problem with the homes of some groups told apart."""
        made: list[HomeGroup] = []
        places: dict[int, list[int]] = {}
        for k, group in enumerate(self.groups):
            single = k in groups
            parts = [replace(group, homes=(h,)) for h in group.homes] if single else [group]
            places[k] = list(range(len(made), len(made) + len(parts)))
            made += parts
        types = tuple(
            replace(
                t,
                options=tuple(
                    replace(option, group=k) for option in t.options for k in places[option.group]
                ),
            )
            for t in self.types
        )
        return replace(self, groups=tuple(made), types=types)


class Reach:
    """Which homes a case may live in, with equal questions asked once."""

    def __init__(
        self,
        instance: Instance,
        rules: PlacementRules,
        agreements: Collection[tuple[str, str]] | None = None,
    ) -> None:
        self.instance, self.rules = instance, rules
        self.index = {m.code: k for k, m in enumerate(instance.municipalities)}
        self.groups = _group_homes(instance, self.index)
        self.by_municipality: dict[int, list[int]] = defaultdict(list)
        for k, group in enumerate(self.groups):
            self.by_municipality[group.municipality].append(k)
        pairs = agreements
        if pairs is None:
            pairs = {(a.responsible, a.placing) for a in instance.agreements}
        self.partners: dict[int, list[int]] = defaultdict(list)
        for responsible, placing in sorted(pairs):
            self.partners[self.index[responsible]].append(self.index[placing])
        self._fits: dict[tuple[object, ...], Fit | None] = {}
        self._far: dict[tuple[int, int], int] = {}
        self._kinds = [kind_of(group.homes[0]) for group in self.groups]
        self.has_permits_that_end = any(h.first or h.last for h in instance.homes)

    def options(self, case: Case, stay: Stay, responsible: int) -> list[Option]:
        """Return the options of a case under a responsible municipality, its own homes first."""
        who = (needs_of(case), case.tie)
        found = []
        for j in (responsible, *self.partners[responsible]):
            for k in self.by_municipality[j]:
                home = self.groups[k].homes[0]
                # The municipality matters to a fit only for a relative's home.
                key = (who, self._kinds[k], case.tie == home.municipality)
                if key not in self._fits:
                    self._fits[key] = fit(case, home, self.rules)
                fitting = self._fits[key]
                if fitting is None or not is_open(home, stay):
                    continue
                outside = case.size if j != responsible else 0
                far = case.size * self.kilometres(responsible, j) if outside else 0
                cost = (0, outside, fitting.unmet, fitting.unsuitable, far)
                found.append(Option(responsible, k, cost))
        return found

    def kilometres(self, a: int, b: int) -> int:
        """Distance between two municipalities, 0 where no level asks for it."""
        if "distance" not in self.rules.levels:
            return 0
        if (a, b) not in self._far:
            places = self.instance.municipalities
            self._far[a, b] = kilometres(places[a], places[b])
        return self._far[a, b]


def needs_of(case: Case) -> tuple[object, ...]:
    """What of a case matters to a fit, besides its tie."""
    return tuple((c.age, c.sex, c.language, c.needs) for c in case.children)


def sort_of(home: Home) -> tuple[object, ...]:
    """What of a home matters at all, besides where it lies."""
    return (*kind_of(home), home.first, home.last)


def kind_of(home: Home) -> tuple[object, ...]:
    """What of a home matters to a fit."""
    return (
        home.form, home.places, home.min_age, home.max_age, frozenset(home.sexes),
        frozenset(home.languages), frozenset(home.competences),
    )  # fmt: skip


def _group_homes(instance: Instance, index: Mapping[str, int]) -> tuple[HomeGroup, ...]:
    together: dict[tuple[object, ...], list[Home]] = defaultdict(list)
    for home in instance.homes:
        if home.places:
            key = (index[home.municipality], *sort_of(home))
            together[key].append(home)
    return tuple(HomeGroup(index[homes[0].municipality], tuple(homes)) for homes in together.values())


def placement_problem(
    reach: Reach,
    cases: Sequence[Case],
    responsible: Mapping[str, int],
    candidates: Sequence[int] = (),
    day: int | None = None,
) -> PlacementProblem:
    """Pose the placement of some cases.

    Parameters
    ----------
    reach
        Who may live where.
    cases
        To be placed.
    responsible
        Position of the municipality by case; a case without one may go to any candidate.
    candidates
        Municipalities that such a case may go to.
    day
        The only day that is looked at: whoever is not present takes no room. None looks at all days.
    """
    stays = {case.case: stay_of(case) for case in cases}
    days = fullest_days(stays.values()) if day is None else [day]
    together: dict[tuple[object, ...], list[Case]] = defaultdict(list)
    found: dict[tuple[object, ...], tuple[Option, ...]] = {}
    free: dict[tuple[object, ...], tuple[Option, ...]] = {}
    alike: dict[tuple[Option, ...], tuple[Option, ...]] = {}
    for case in cases:
        stay = stays[case.case]
        where = responsible.get(case.case, -1)
        first, last = bisect_left(days, stay[0]), bisect_left(days, stay[1]) - 1
        # Where a permit ends, stays that look alike on the days may not be alike.
        same = (
            where, case.tie, needs_of(case), last < first, stay if reach.has_permits_that_end else None,
        )  # fmt: skip
        if same not in free:
            at = candidates if where < 0 else (where,)
            options = tuple(o for k in at for o in reach.options(case, stay, k))
            if last < first:
                # Who takes no room may be anywhere that costs the same.
                options = tuple({o.cost: o for o in reversed(options)}.values())
            free[same] = alike.setdefault(options, options)
        options = free[same]
        key = (where, case.size, first, last, id(options))
        together[key].append(case)
        found[key] = options
    types = tuple(
        CaseType(tuple(members), key[0], (key[2], key[3]), found[key])  # type: ignore[arg-type]
        for key, members in together.items()
    )
    return PlacementProblem(reach.groups, types, tuple(days), "unplaced" in reach.rules.levels)
