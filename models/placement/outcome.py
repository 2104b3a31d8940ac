"""A placement: which home each child got, what that is worth, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from fordela.models.geo import kilometres
from fordela.models.homes import Home
from fordela.models.instance import Instance
from fordela.models.placement.fit import is_suitable, needs_unmet
from fordela.models.policy import PLACEMENT_LEVELS, Policy
from fordela.models.result import LevelResult, Result, Status, Termination

if TYPE_CHECKING:
    import pandas as pd

#: How homes are found: by vacancy alone, for the rule's municipalities, or together with them.
Mode = Literal["vacancy", "sequential", "joint"]
MODES: tuple[Mode, ...] = ("vacancy", "sequential", "joint")


@dataclass(frozen=True, slots=True)
class Placement:
    """The home of one child; None where it has none.

    Attributes
    ----------
    responsible
        Municipality that is responsible for the child (the bearer of its assignment).
    """

    child: str
    case: str
    responsible: str | None
    place: str | None


@dataclass(frozen=True, slots=True)
class MorePlaces:
    """Places in new family homes that a relaxation adds, in one municipality.

    Attributes
    ----------
    ages
        Least and greatest age of the children who would live there; None is unknown.
    """

    municipality: str
    places: int
    ages: tuple[int | None, int | None]
    children: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """The least change after which everybody has a home: places, or agreements.

    Attributes
    ----------
    places, agreements
        What is added: new places, or pairs of responsible and placing municipality.
    proven
        Whether fewer are proven not to be enough.
    left
        Children who have no home even so.
    """

    places: tuple[MorePlaces, ...] = ()
    agreements: tuple[tuple[str, str], ...] = ()
    proven: bool
    left: int = 0

    @property
    def size(self) -> int:
        """Number of places or agreements."""
        return sum(p.places for p in self.places) + len(self.agreements)


@dataclass(frozen=True)
class PlacementResult:
    """Homes for a year's cases.

    Attributes
    ----------
    result
        Who is responsible: by the policy's rule, or decided together with the homes.
    policy
        The policy that was asked for; in a joint placement `result.policy` is its optimal twin.
    mode
        How homes were found.
    placements
        One row per child, in the order of the instance.
    status, termination
        What is known of the objective, and why the work ended.
    objective
        One entry per level, in order; of a placement by vacancy only the values.
    relaxations
        What would give everybody a home, where not everybody has one.
    """

    result: Result
    policy: Policy
    mode: Mode
    placements: tuple[Placement, ...]
    status: Status
    termination: Termination
    objective: tuple[LevelResult, ...]
    relaxations: tuple[Relaxation, ...] = ()
    backend: str = ""
    backend_version: str = ""
    seed: int = 0
    seconds: float = 0.0

    @property
    def instance(self) -> Instance:
        """The year."""
        return self.result.instance

    @property
    def homes(self) -> Mapping[str, Home]:
        """Home by identifier."""
        return {home.place: home for home in self.instance.homes}

    @property
    def is_settled(self) -> bool:
        """Whether more time cannot change it: homes, municipalities and transfers are all proven.

        Only then is a difference from another placement a finding. By vacancy nothing is proven; it is
        a rule, followed as it is.
        """
        return self.result.is_settled and (self.mode == "vacancy" or self.status is Status.OPTIMAL)

    @property
    def unplaced(self) -> int:
        """Children without a home."""
        return sum(p.place is None for p in self.placements)

    def to_frame(self) -> pd.DataFrame:
        """Placements as a table, one row per child (see ``placements.csv``)."""
        from fordela.models.placement.tables import placement_rows
        from fordela.models.tables import frame

        return frame(placement_rows(self))

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, max_rows=20))


@dataclass(frozen=True)
class _Row:
    """A placement with what its worth depends on."""

    placement: Placement
    unmet: int
    suitable: bool
    outside: bool
    kilometres: int


def placement_levels(
    instance: Instance, policy: Policy, placements: Sequence[Placement]
) -> dict[str, Fraction]:
    """Evaluate the levels of section 8 exactly, each over the children."""
    homes = {home.place: home for home in instance.homes}
    children = {child.child: child for child in instance.children}
    rows = []
    for p in placements:
        if p.place is None or p.responsible is None:
            continue
        home, child = homes[p.place], children[p.child]
        outside = home.municipality != p.responsible
        far = 0
        if outside and "distance" in policy.placement.levels:
            far = kilometres(instance.by_code[p.responsible], instance.by_code[home.municipality])
        rows.append(
            _Row(
                p,
                len(needs_unmet(child, home)),
                is_suitable(child, home, policy.placement),
                outside,
                far,
            )
        )
    measures: dict[str, Callable[[_Row], int]] = {
        "outside-own-municipality": lambda r: r.outside,
        "unmet-needs": lambda r: r.unmet,
        "unsuitable-form": lambda r: not r.suitable,
        "distance": lambda r: r.kilometres,
    }
    values = {level: Fraction(sum(map(measure, rows))) for level, measure in measures.items()}
    values["unplaced"] = Fraction(len(placements) - len(rows))
    return {level: values[level] for level in PLACEMENT_LEVELS}
