"""Whether a child can live in a home, and how well it fits: permits, ages, needs and forms.

A permit (ages, sexes, the days on which a home is open) and the least age for supported housing are
never broken. Needs and forms are counted, and bind only where a policy does not list their level.
"""

from __future__ import annotations

from dataclasses import dataclass

from fordela.models.homes import ANY_LANGUAGE, Home
from fordela.models.instance import Case, Child
from fordela.models.policy import PlacementRules

#: Prefix of a language among the needs that are not met.
LANGUAGE = "language:"


@dataclass(frozen=True, slots=True)
class Fit:
    """What a case would lack in a home.

    Attributes
    ----------
    unmet
        Needs not met, summed over the children.
    unsuitable
        Children for whose age the form is not suited.
    """

    unmet: int = 0
    unsuitable: int = 0


def is_permitted(child: Child, home: Home, rules: PlacementRules) -> bool:
    """Whether the home may take the child at all; what is not known is not permitted.

    A network home is a relative's: it takes a child whose tie lies in that municipality.
    """
    if home.min_age is not None and (child.age is None or child.age < home.min_age):
        return False
    if home.max_age is not None and (child.age is None or child.age > home.max_age):
        return False
    if home.sexes and child.sex not in home.sexes:
        return False
    if home.form == "network-home":
        return child.tie == home.municipality
    if home.form == "supported-housing":
        return child.age is not None and child.age >= rules.supported_housing_age
    return True


def needs_unmet(child: Child, home: Home) -> tuple[str, ...]:
    """Needs of a child that a home cannot meet; a language is one of them.

    In a network home a relative speaks the child's language.
    """
    unmet = [need for need in child.needs if need not in home.competences]
    spoken = home.form == "network-home" or ANY_LANGUAGE in home.languages
    if child.language and not spoken and child.language not in home.languages:
        unmet.append(LANGUAGE + child.language)
    return tuple(unmet)


def is_suitable(child: Child, home: Home, rules: PlacementRules) -> bool:
    """Whether the form suits the child's age; an unknown age suits families only."""
    least = {"hvb": rules.hvb_suits, "supported-housing": rules.supported_housing_suits}.get(home.form)
    return least is None or (child.age is not None and child.age >= least)


def fit(case: Case, home: Home, rules: PlacementRules) -> Fit | None:
    """How well a case fits a home, or None if it may not live there.

    Parameters
    ----------
    rules
        A policy's rules; what its levels do not list binds.
    """
    if case.size > home.places:
        return None
    if not all(is_permitted(child, home, rules) for child in case.children):
        return None
    unmet = sum(len(needs_unmet(child, home)) for child in case.children)
    unsuitable = sum(not is_suitable(child, home, rules) for child in case.children)
    if (unmet and "unmet-needs" not in rules.levels) or (
        unsuitable and "unsuitable-form" not in rules.levels
    ):
        return None
    return Fit(unmet, unsuitable)
