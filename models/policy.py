"""A policy: how assignments are counted, what is redistributed, which rule decides."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, replace
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from fordela.models.errors import InputError, Problem
from fordela.models.extensions import NORMS as OWN_NORMS
from fordela.models.extensions import RULES, target_of
from fordela.models.names import TAKEN

NORMS = ("l1", "l2", "linf", "chi2", "min-fulfilment", "max-fulfilment")
#: Norms whose value is a sorted vector, compared lexicographically.
LEXIMIN_NORMS = ("min-fulfilment", "max-fulfilment")
SOFT_LEVELS = ("unplaced", "kinship-broken", "siblings-split")
LEVELS = (
    *SOFT_LEVELS, "over-capacity", *(f"deviation:{norm}" for norm in NORMS),
    "bearer-balance", "willing", "distance", "moves",
)  # fmt: skip

#: Levels of a placement (section 8); the first is hard unless it is listed, as needs and forms are.
PLACEMENT_LEVELS = (
    "unplaced",
    "outside-own-municipality",
    "unmet-needs",
    "unsuitable-form",
    "distance",
)
#: Levels of section 5 that a joint placement can hold among its own.
JOINT_LEVELS = (
    "over-capacity", *(f"deviation:{norm}" for norm in NORMS), "bearer-balance", "willing",
)  # fmt: skip
#: Levels of a redistribution (section 6).
REDISTRIBUTION_LEVELS = (
    "granted", "equal-givers", "equal-receivers", "leximin-givers", "leximin-receivers",
    "within-county", "distance", "partners", "continuity",
)  # fmt: skip
#: Scopes under which a program decides the transfers.
DECIDED_BY_PROGRAM = ("county", "national", "listed")
#: Those that decide transfers by wishes, by a program or a process.
BY_WISHES = (*DECIDED_BY_PROGRAM, "bilateral")

#: Allowed values by section and key; the first is the default of ``in-force``.
CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("counting", "basis"): ("history", "year", "stock"),
    ("counting", "mechanism"): ("owner-bearer", "effective-share"),
    ("redistribution", "scope"): ("decided", "none", "county", "national", "listed", "bilateral"),
    ("redistribution", "entitlement"): (
        "proportional", "constrained-equal-awards", "constrained-equal-losses", "talmud",
    ),
    ("redistribution", "process"): ("immediate", "deferred"),
    ("assignment", "rule"): (
        "lowest-fulfilment", "willing-first", "optimal", "projected", "reoptimise", "dual-prices",
    ),
    ("assignment", "signpost"): ("before", "midpoint", "after"),
    ("assignment", "kinship"): ("always", "within-share"),
    ("assignment", "tie"): ("code", "largest-share", "lot"),
    ("assignment", "capacity"): ("soft", "hard"),
}  # fmt: skip

#: Ledgers that are made from each of the years before (model, section 2), which one year does not hold.
LEDGERS_OF_YEARS = ("window", "carry")

#: A policy's name is also the name of its folder in a comparison.
_NAME = re.compile(r"\w[\w.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Counting:
    """What counts, and the ``mechanism`` of section 2.

    ``basis`` is what is set against shares beside the children of the year: the ``history`` since
    counting began, nothing (``year``), or the ``stock`` of children who are still there.
    """

    basis: str = "history"
    mechanism: str = "owner-bearer"


@dataclass(frozen=True, slots=True)
class Redistribution:
    """Which transfers apply, and how they would be decided (section 6)."""

    scope: str = "decided"
    one_receiver: bool = True
    whole_shares: bool = False
    least_kept: int = 0
    least_received: int = 0
    most_givers_per_county: int | None = None
    entitlement: str = "proportional"
    levels: tuple[str, ...] = ("granted", "equal-givers", "equal-receivers", "distance")
    process: str = "immediate"
    draws: int = 100


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """The rule, its signpost, its order between equals, ties, capacity and the valve (section 3).

    ``kinship`` says whether a tie is followed ``always``, or only ``within-share``: as long as the
    municipality's count, the case included, is at most its part of all children, rounded up ([O] 2.3).
    ``kinship_part`` and ``samples`` are what rules with a forecast expect of the rest of the year: the
    part of the children with a tie ([O] 2.4: 72 per cent in 2025), and how many futures are drawn.
    """

    rule: str = "lowest-fulfilment"
    signpost: str = "before"
    tie: str = "code"
    capacity: str = "soft"
    valve: Fraction | None = None
    kinship: str = "always"
    kinship_part: Fraction = Fraction(72, 100)
    samples: int = 20


@dataclass(frozen=True, slots=True)
class Optimal:
    """The objective stack of the optimal allocation (section 5)."""

    levels: tuple[str, ...] = ("over-capacity", "deviation:chi2")


@dataclass(frozen=True, slots=True)
class PlacementRules:
    """What counts as a suitable home, and the levels of a placement in order (section 8).

    Attributes
    ----------
    levels
        Without ``unplaced`` everybody must have a home; without ``unmet-needs`` or
        ``unsuitable-form`` a home must meet all needs, or be of a suitable form.
    supported_housing_age
        Nobody younger is ever placed in supported housing; an unknown age is younger.
    supported_housing_suits, hvb_suits
        Age from which supported housing, and an HVB, count as suitable.
    """

    levels: tuple[str, ...] = PLACEMENT_LEVELS
    supported_housing_age: int = 16
    supported_housing_suits: int = 17
    hvb_suits: int = 13


@dataclass(frozen=True)
class Policy:
    """A validated policy; keys that are absent have the values of ``in-force``.

    Raises
    ------
    InputError
        With every problem found.
    """

    name: str = "in-force"
    title: str = ""
    counting: Counting = field(default_factory=Counting)
    redistribution: Redistribution = field(default_factory=Redistribution)
    assignment: AssignmentRule = field(default_factory=AssignmentRule)
    optimal: Optimal = field(default_factory=Optimal)
    placement: PlacementRules = field(default_factory=PlacementRules)

    def __post_init__(self) -> None:
        problems = policy_problems(self, f"policy {self.name}")
        if problems:
            raise InputError(problems)

    @property
    def is_optimal(self) -> bool:
        """Whether an integer program decides, and not a rule."""
        return self.assignment.rule == "optimal"

    @property
    def is_asked(self) -> bool:
        """Whether the rule is asked case by case, and the engine has no line of its own."""
        return self.assignment.rule not in ("lowest-fulfilment", "willing-first", "optimal")

    @property
    def has_own_rule(self) -> bool:
        """Whether the rule is somebody's own, to be imported."""
        return self.assignment.rule not in CHOICES["assignment", "rule"]

    @property
    def own_norms(self) -> tuple[str, ...]:
        """Norms in the stack that are somebody's own."""
        norms = (
            level.removeprefix("deviation:") for level in self.optimal.levels if level not in LEVELS
        )
        return tuple(norms)

    @property
    def sha256(self) -> str:
        """Hash of the content."""
        content = asdict(self)
        if self.placement == PlacementRules():
            # Results that were made before there was placement keep their hash.
            del content["placement"]
        if self.assignment.kinship == "always":
            del content["assignment"]["kinship"]
        text = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def with_changes(self, **changes: Any) -> Policy:
        """Return a copy with keys replaced, whichever section they belong to.

        Raises
        ------
        TypeError
            If a key belongs to no section.
        """
        sections: dict[str, Any] = {}
        for key, value in changes.items():
            if key in ("name", "title"):
                sections[key] = value
                continue
            owner = "optimal" if key == "levels" else _section_of(key)
            sections[owner] = replace(sections.get(owner, getattr(self, owner)), **{key: value})
        return replace(self, **sections)


def _section_of(key: str) -> str:
    for name, section in (
        ("counting", Counting),
        ("redistribution", Redistribution),
        ("assignment", AssignmentRule),
        ("placement", PlacementRules),
    ):
        if key in section.__dataclass_fields__:
            return name
    raise TypeError(f"a policy has no key {key!r}")


def nearest(word: str, known: tuple[str, ...] | list[str], likeness: float = 0.6) -> str:
    """``"did you mean X?"`` for the nearest known word if it is near enough, or what is allowed."""
    near = get_close_matches(word, known, n=1, cutoff=likeness)
    return f"did you mean {near[0]}?" if near else f"allowed are {', '.join(known)}"


def policy_problems(policy: Policy, file: str) -> list[Problem]:
    """Every problem with the values of a policy."""
    problems = []
    if not _NAME.fullmatch(policy.name):
        message = "a name has letters, digits, '-', '_' and '.', and begins with a letter or digit"
        problems.append(Problem(file, message, column="name", value=policy.name))
    if policy.name.casefold() in TAKEN:
        message = "is the name of something else in the folder of a comparison; choose another"
        problems.append(Problem(file, message, column="name", value=policy.name))
    for (section, key), allowed in CHOICES.items():
        value = getattr(getattr(policy, section), key)
        column = f"[{section}] {key}"
        own = key == "rule" and target_of(str(value), RULES) is not None
        if value not in allowed and not own:
            message = f"not a known value; {nearest(str(value), allowed)}"
            if value in LEDGERS_OF_YEARS and key == "basis":
                message = (
                    "is made from each of the years before, and an instance has only their sum; "
                    f"allowed are {', '.join(allowed)}"
                )
            if key == "rule" and ":" in str(value):
                message = "a rule of one's own is written package.module:Name"
            problems.append(Problem(file, message, column=column, value=str(value)))
    rule = policy.assignment
    if rule.valve is not None and rule.valve < 0:
        problems.append(
            Problem(file, "must be 0 or more", column="[assignment] valve", value=str(rule.valve))
        )
    if rule.kinship == "within-share" and policy.is_optimal:
        message = (
            "which ties are followed depends on the order of arrival, and an optimum has none; "
            "use kinship = 'always', or list the level kinship-broken"
        )
        problems.append(Problem(file, message, column="[assignment] kinship", value=rule.kinship))
    if not 0 <= rule.kinship_part <= 1:
        value = str(float(rule.kinship_part))
        column = "[assignment] kinship_part"
        problems.append(Problem(file, "must be between 0 and 1", column=column, value=value))
    if not 1 <= rule.samples <= 10_000:
        column = "[assignment] samples"
        message = "must be between 1 and 10,000"
        problems.append(Problem(file, message, column=column, value=str(rule.samples)))
    if rule.capacity == "hard" and not policy.is_optimal:
        problems.append(
            Problem(
                file,
                "a rule never drops a child, so hard capacity needs rule = 'optimal' (section 3)",
                column="[assignment] capacity",
                value="hard",
            )
        )
    trade = policy.redistribution
    for key, least in (("least_kept", 0), ("least_received", 0), ("draws", 1),
                       ("most_givers_per_county", 0)):  # fmt: skip
        value = getattr(trade, key)
        if value is not None and value < least:
            column = f"[redistribution] {key}"
            problems.append(Problem(file, f"must be {least} or more", column=column, value=str(value)))
    if trade.scope == "bilateral" and trade.process == "deferred" and (
        trade.most_givers_per_county is not None
    ):  # fmt: skip
        message = "cannot be kept by process 'deferred', where no giver is settled before the end"
        column = "[redistribution] most_givers_per_county"
        value = str(trade.most_givers_per_county)
        problems.append(Problem(file, message, column=column, value=value))
    problems += _level_problems(trade.levels, REDISTRIBUTION_LEVELS, "[redistribution] levels", file)
    problems += _level_problems(policy.optimal.levels, LEVELS, "[optimal] levels", file)
    levels = policy.placement.levels
    allowed = (*PLACEMENT_LEVELS, *JOINT_LEVELS)
    return problems + _level_problems(levels, allowed, "[placement] levels", file)


def _level_problems(
    levels: tuple[str, ...], known: tuple[str, ...], column: str, file: str
) -> list[Problem]:
    problems = [
        Problem(file, f"no such level; {nearest(level, known)}", column=column, value=level)
        for level in levels
        if level not in known and not _is_own_norm(level, known)
    ]
    if not levels:
        problems.append(Problem(file, "at least one level is needed", column=column, value="[]"))
    for level in sorted({x for x in levels if levels.count(x) > 1}):
        problems.append(Problem(file, "is listed twice", column=column, value=level))
    return problems


def _is_own_norm(level: str, known: tuple[str, ...]) -> bool:
    norm = level.removeprefix("deviation:")
    return known is LEVELS and norm != level and target_of(norm, OWN_NORMS) is not None


def credits_by_child(policy: Policy) -> bool:
    """Whether siblings in one municipality may be counted on different owners' shares.

    So it is where the credit is unwound at year end (``effective-share``), and in an optimum that
    may split siblings; otherwise a case is counted whole.
    """
    soft = policy.is_optimal and "siblings-split" in policy.optimal.levels
    return soft or policy.counting.mechanism == "effective-share"


#: The rule in force, with decided transfers.
IN_FORCE = Policy(title="The rule in force: lowest fulfilment first, decided transfers")
