"""What one municipality can expect of a year: chances, means by kind, compensation."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from fordela.instances.random_years import ArrivalModel, Drawer, without_children
from fordela.models.allocation import count
from fordela.models.compensation import (
    FIXED,
    PER_ASSIGNED_CHILD,
    days_paid,
    per_day,
    variable_part,
)
from fordela.models.errors import InputError, Problem
from fordela.models.holdings import holdings
from fordela.models.instance import Instance, Transfer
from fordela.models.policy import Policy
from fordela.models.redistribution.outcome import RedistributionResult
from fordela.solver.groups import MECHANISMS
from fordela.solver.simulation.deal import deal
from fordela.solver.simulation.plain import PlainRule, is_plain
from fordela.solver.simulation.statistics import LEAST_FOR_PERCENTILES, Estimate, chance, estimate
from fordela.solver.workers import each

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Children = NDArray[np.int64]

#: Kinds of assignment, and the part of them on transferred share.
KINDS = ("kinship", "equalising", "willing", "valve", "on_transferred_share")
#: Days of the children, which the daily part of the compensation follows.
_DAYS = "days"
#: Years by default: where all are played at once, and where each is played by itself.
PLAIN_YEARS, YEARS = 10_000, 1_000
_BLOCK, _CHUNK = 1_000, 25


@dataclass(frozen=True)
class Expectation:
    """What can be expected with or without a deal, under one mechanism.

    Attributes
    ----------
    deal
        Whether with the deal.
    mechanism
        How the list works during the year.
    chances
        Probability of 0, 1, 2–3 and more than 3 children.
    total
        Children.
    kinds
        Children by kind, and on transferred share.
    low_year, high_year
        Children that one year in twenty has at most, and at least; None with fewer than 20 years.
    compensation
        SEK a year, in the parts that are known (`missing_parts`).
    daily
        SEK of it by child and day.
    variable
        SEK of it that follow the share alone; None without an asylum forecast.
    """

    deal: bool
    mechanism: str
    chances: tuple[Estimate, Estimate, Estimate, Estimate]
    total: Estimate
    kinds: Mapping[str, Estimate]
    low_year: int | None
    high_year: int | None
    compensation: Estimate
    daily: Estimate
    variable: int | None


@dataclass(frozen=True)
class Outlook:
    """Expectations of a municipality, paired: the same years with and without a deal.

    Attributes
    ----------
    instance, policy, code
        What was asked.
    years, stream, model
        The years that were drawn.
    transfers
        The deal's transfers; empty without one.
    standing
        The policy's own transfers, and what is proven of them.
    expectations
        By deal and mechanism.
    difference
        Children with the deal minus without, by mechanism.
    """

    instance: Instance
    policy: Policy
    code: str
    years: int
    stream: str
    model: ArrivalModel
    transfers: tuple[Transfer, ...]
    standing: RedistributionResult
    expectations: tuple[Expectation, ...]
    difference: Mapping[str, Estimate]


@dataclass(frozen=True)
class _Question:
    """Children of a municipality in some years under a rule, as one task."""

    instance: Instance
    policy: Policy
    transfers: tuple[Transfer, ...]
    model: ArrivalModel
    stream: str
    position: int
    numbers: tuple[int, ...]


def outlook(
    instance: Instance,
    code: str,
    policy: Policy,
    *,
    takes: int = 0,
    gives: int = 0,
    partners: Sequence[str] = (),
    model: ArrivalModel | None = None,
    stream: str = "0",
    years: int | None = None,
    workers: int | None = None,
    done: Callable[[int, int], None] = lambda *_: None,
) -> Outlook:
    """Play many years and say what a municipality can expect, under both mechanisms.

    Parameters
    ----------
    instance
        Of its children only the number is used, and only where it has no forecast; shares, histories
        and transfers are.
    code
        Of the municipality.
    policy
        A rule.
    takes, gives, partners
        Of a deal, as in `deal`; without them there is none.
    model, stream
        What the years are drawn from.
    years
        By default 10,000, or 1,000 where the rule has capacities, willing places, a valve or lots.
    workers, done
        Processes; called with the number of years played, of how many.

    Raises
    ------
    InputError
        If the municipality does not exist, the deal is not possible, or the policy is an optimum.
    """
    from fordela.solver.redistribution.decide import redistribute

    if code not in instance.by_code:
        raise InputError([Problem("--municipality", "no such municipality", value=code)])
    if policy.is_optimal:
        message = "an optimum over a whole year is no rule to expect anything from; choose a rule"
        raise InputError([Problem("--policy", message, value=policy.name)])
    model = (model or ArrivalModel()).of(instance)  # before its children are gone
    empty = without_children(instance)
    found = redistribute(empty, policy)
    standing = found.transfers
    made: tuple[Transfer, ...] = ()
    if takes or gives or partners:
        made = deal(instance, standing, code, takes=takes, gives=gives, partners=partners)
    number = years or (PLAIN_YEARS if is_plain(instance, policy) else YEARS)
    position = [m.code for m in instance.municipalities].index(code)
    cases = [(False, standing)] + ([(True, (*standing, *made))] if made else [])
    steps = len(cases) * len(MECHANISMS)
    expectations, totals = [], {}
    for step, (with_deal, mechanism) in enumerate((d, m) for d in cases for m in MECHANISMS):
        changed = policy.with_changes(mechanism=mechanism)
        question = _Question(
            empty, changed, with_deal[1], model, stream, position, tuple(range(number))
        )
        tell = partial(_tell, done, step, number, steps)
        children = _children(question, workers, tell)
        expectations.append(_expectation(question, with_deal[0], children))
        totals[with_deal[0], mechanism] = _total(children)
    difference = {
        m: gain
        for m in MECHANISMS
        if (True, m) in totals
        and (gain := estimate((totals[True, m] - totals[False, m]).astype(float))) is not None
    }
    return Outlook(
        empty, policy, code, number, stream, model, made, found, tuple(expectations), difference
    )


def _tell(done: Callable[[int, int], None], step: int, number: int, steps: int, years: int) -> None:
    done(step * number + years, steps * number)


def _children(
    question: _Question, workers: int | None, done: Callable[[int], None]
) -> dict[str, Children]:
    """Children by kind in every year."""
    if is_plain(question.instance, question.policy):
        return _all_at_once(question, done)
    parts: dict[int, dict[str, Children]] = {}
    numbers = question.numbers
    chunks = [
        replace(question, numbers=numbers[k : k + _CHUNK]) for k in range(0, len(numbers), _CHUNK)
    ]
    played = 0
    for chunk, found in each(_one_by_one, chunks, _lost, workers=workers):
        if isinstance(found, str):
            raise InputError([Problem("--policy", found, value=question.policy.name)])
        parts[chunk.numbers[0]] = found
        played += len(chunk.numbers)
        done(played)
    kept = (*KINDS, _DAYS)
    return {kind: np.concatenate([parts[k][kind] for k in sorted(parts)]) for kind in kept}


def _all_at_once(question: _Question, done: Callable[[int], None]) -> dict[str, Children]:
    drawer = Drawer(question.instance, question.model, question.stream)
    rule = PlainRule(question.instance, question.policy, question.transfers)
    parts: dict[str, list[Children]] = {kind: [] for kind in (*KINDS, _DAYS)}
    length = 366 if isleap(question.instance.year) else 365
    for first in range(0, len(question.numbers), _BLOCK):
        block = question.numbers[first : first + _BLOCK]
        outcomes = rule.run(drawer.years(block))
        nobody = np.zeros(len(block), np.int64)
        for kind in KINDS:
            found = getattr(outcomes, kind, None)
            parts[kind].append(nobody if found is None else found[:, question.position])
        parts[_DAYS].append(outcomes.days(length)[:, question.position])
        done(first + len(block))
    return {kind: np.concatenate(found) for kind, found in parts.items()}


def _one_by_one(question: _Question) -> dict[str, Children] | str:
    """Children by kind in every year, or why a year cannot be played."""
    from fordela.models.errors import FordelaError
    from fordela.solver.rules.foresight import follow_rule

    drawer = Drawer(question.instance, question.model, question.stream)
    found: dict[str, list[int]] = {kind: [] for kind in (*KINDS, _DAYS)}
    code = question.instance.municipalities[question.position].code
    try:
        for number, year in zip(question.numbers, drawer.instances(question.numbers), strict=True):
            run = follow_rule(year, question.policy, question.transfers, number)
            counts = count(year, question.policy, run.allocation.assignments)
            for kind in KINDS:
                found[kind].append(getattr(counts, kind)[question.position])
            paid = {c.child: days_paid(c, year.year) for c in year.children}
            borne = (a.child for a in run.allocation.assignments if a.bearer == code)
            found[_DAYS].append(sum(paid[child] for child in borne))
    except FordelaError as error:
        return str(error)
    return {kind: np.array(values, np.int64) for kind, values in found.items()}


def _lost(_: _Question, reason: str) -> str:
    return reason


def _total(children: Mapping[str, Children]) -> Children:
    """All children: those on transferred share are equalising ones."""
    return np.asarray(np.sum([children[kind] for kind in KINDS[:-1]], axis=0), np.int64)


def _expectation(question: _Question, with_deal: bool, children: Mapping[str, Children]) -> Expectation:
    total = _total(children)
    years = len(total)
    events = (total == 0, total == 1, (total == 2) | (total == 3), total > 3)
    chances = tuple(chance(int(e.sum()), years) for e in events)
    share = holdings(question.instance, question.transfers).effective[question.position]
    variable = variable_part(share, question.instance)
    daily = per_day(question.instance.year) * children[_DAYS]
    ends: tuple[int, ...] = ()
    if years >= LEAST_FOR_PERCENTILES:
        ends = tuple(int(x) for x in np.percentile(total, [5, 95], method="inverted_cdf"))
    return Expectation(
        deal=with_deal,
        mechanism=question.policy.counting.mechanism,
        chances=chances,  # type: ignore[arg-type]
        total=_mean(total),
        kinds={kind: _mean(children[kind]) for kind in KINDS},
        low_year=ends[0] if ends else None,
        high_year=ends[1] if ends else None,
        compensation=_mean(FIXED + (variable or 0) + PER_ASSIGNED_CHILD * total + daily),
        daily=_mean(daily),
        variable=variable,
    )


def _mean(values: Children) -> Estimate:
    found = estimate(values.astype(float))
    assert found is not None
    return found
