"""What an explanation says, as data; ``report`` turns it into sentences."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from fordela.models.instance import Case
from fordela.models.result import LevelResult
from fordela.solver.engine import Contender


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality in line at the moment of a decision.

    Attributes
    ----------
    code, bearer
        Whose share it is, and who would become responsible.
    credited
        Children that counted just then.
    share
        Units that decided.
    fulfilment
        What the rule compared, as a part of what was asked just then: by `midpoint` and `after` half of
        the case or all of it is counted in. None before the first child.
    ratio
        The same in units of the rule; never None.
    has_room
        Whether the bearer had room.
    """

    code: str
    bearer: str
    credited: int
    share: int
    fulfilment: Fraction | None
    ratio: Fraction
    has_room: bool


@dataclass(frozen=True, slots=True)
class Change:
    """The least change, in either direction, that makes another outcome, all else as it was.

    Attributes
    ----------
    what
        ``credited`` (children before the year) or ``share`` (units, the others giving or taking in
        proportion).
    amount
        Signed; None if nothing within the limits does. Of two equal amounts the first tried.
    less, more
        How far was looked in each direction, in the same unit, 0 or more.
    to
        Who would have become responsible then, for a case; None if it is the one that was asked for.
    """

    what: str
    amount: int | None
    less: int
    more: int
    to: str | None = None


@dataclass(frozen=True)
class CaseExplanation:
    """Why a case went where it went under a rule.

    Attributes
    ----------
    case, order
        The case, and its place in the order of arrival from 1.
    kind, owner, bearer
        The decision.
    given
        Whether it had been decided before and only stands.
    winner
        The municipality whose turn it was, for a decision by fulfilment.
    next_in_line
        Who was next with room.
    lead
        Cases of this size, this one included, that the winner could have taken before the turn of the
        next one, by fulfilment and the order between equals.
    passed_over
        Who came earlier in line, but had no room.
    tied
        Others with exactly the winning value and room; the order between equals decided.
    nobody_had_room
        Whether the case went as if there were no capacities.
    without_tie
        Where a case that followed its tie would have gone without it; None otherwise.
    changes
        What would have had to be different.
    wanted
        Municipality that was asked for, with what would have brought the case there.
    """

    case: Case
    order: int
    kind: str
    owner: str
    bearer: str
    given: bool = False
    winner: Place | None = None
    next_in_line: Place | None = None
    lead: int | None = None
    passed_over: tuple[Place, ...] = ()
    tied: tuple[str, ...] = ()
    nobody_had_room: bool = False
    without_tie: str | None = None
    changes: tuple[Change, ...] = ()
    wanted: str | None = None
    wanted_changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What it would cost to have another outcome in an optimum, solved again.

    Attributes
    ----------
    what
        ``fewer``, ``more`` (children borne) or ``share`` (one unit more).
    levels
        Levels of the stack with the change; empty if nothing was found.
    impossible
        Whether it is proven that nothing satisfies the constraints then; if nothing was found for
        want of time, it is not.
    first
        First level whose value differs, None if none does.
    component
        Place from 1 of the first component that differs, where the value is a vector.
    now, then
        The value, or that component of it, as it is and as it would be.
    proven
        Whether both are proven.
    children
        Children without a tie it would bear.
    """

    what: str
    levels: tuple[LevelResult, ...]
    impossible: bool
    first: str | None
    component: int | None
    now: Fraction | None
    then: Fraction | None
    proven: bool
    children: int | None

    @property
    def difference(self) -> Fraction | None:
        """Value then minus now."""
        return None if self.now is None or self.then is None else self.then - self.now


@dataclass(frozen=True)
class MunicipalityExplanation:
    """Why a municipality got the children it got.

    Attributes
    ----------
    code
        The municipality.
    cases
        Cases that it bears: case, kind, owner and children, in order.
    rank, ranked
        Place by fulfilment after the year's cases, lowest first, of all with a share.
    place
        Place in line at the end for a child without a tie; None where it is not in line.
    until_next
        Children without a tie who would come before it becomes responsible for one; None if more than
        were looked at, where lots decide between equals, or under an optimum.
    passed_over
        Decisions by fulfilment before which it stood in line, but had no room.
    without_capacity
        Children it would be responsible for without its capacity; None without one.
    after_valve
        Whether the next child comes after the valve.
    changes
        Changes that would give it one case without a tie more, or less.
    costs
        For an optimum.
    """

    code: str
    cases: tuple[tuple[str, str, str, int], ...]
    rank: int | None
    ranked: int
    place: int | None = None
    until_next: int | None = None
    passed_over: int = 0
    without_capacity: int | None = None
    after_valve: bool = False
    changes: tuple[tuple[str, Change], ...] = ()
    costs: tuple[Cost, ...] = ()


def place_of(codes: tuple[str, ...], c: Contender, per_unit: Fraction | None) -> Place:
    """Name a contender; ``per_unit`` makes what the rule compared a fulfilment, where there is one."""
    return Place(
        codes[c.position], codes[c.bearer], c.credited, c.share,
        None if per_unit is None else c.ratio * per_unit, c.ratio, c.has_room,
    )  # fmt: skip
