"""Validation: histories since 2016 and years drawn anew, replayed under every reading of the rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from fordela.instances.arrivals import Draft, in_order
from fordela.instances.figures import Published, places, published_figures
from fordela.instances.shares import computed_shares
from fordela.models.errors import FordelaError, InputError, Problem
from fordela.models.holdings import Holdings, holdings
from fordela.models.instance import Instance, Municipality
from fordela.models.policy import CHOICES, IN_FORCE, Policy
from fordela.solver.shipped.drawing import (
    SPREADS,
    draw_cases,
    draw_transfers,
    kin_weights,
    local_factors,
)
from fordela.solver.shipped.published import SINCE_2023, figure_values
from fordela.solver.shipped.years import less_reception, municipalities_of
from fordela.solver.validation.replay import Cases, Outcome, replay
from fordela.solver.validation.score import Tested, measure
from fordela.solver.workers import each, local_workers

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Year that counting began, and from which the outcome on transferred shares is published as a mean.
_FIRST, _SINCE = 2016, 2023
#: How shares are computed, or that they are the instance's own (see `Reading`).
SHARES = ("population", "reception", "own")
#: Years whose figures no longer choose between readings: how many had been tried on them before.
TRIED = {2024: 12}
#: What tells a reading: see `Reading.key`.
Key = tuple[str, str, str, str, str]
#: Most histories of one task.
_CHUNK = 100


@dataclass(frozen=True)
class Reading:
    """A reading of the rule.

    Attributes
    ----------
    policy
        Mechanism, kinship and ledger.
    spread
        How ties are spread over the municipalities (`SPREADS`).
    shares
        ``population``: by population alone, as shipped; ``reception``: less what was received in 2018
        (`less_reception`); ``own``: the instance's, that follow from neither.
    """

    policy: Policy
    spread: str
    shares: str = "population"

    @property
    def key(self) -> Key:
        """Mechanism, kinship, ledger, spread and shares."""
        counting = self.policy.counting
        kinship = self.policy.assignment.kinship
        return counting.mechanism, kinship, counting.basis, self.spread, self.shares


def readings(shares: Sequence[str] = SHARES[:2]) -> tuple[Reading, ...]:
    """Return every reading; the first is the one that is shipped.

    Parameters
    ----------
    shares
        Those of every policy, and those that are only tried where ties are always followed and all
        children since 2016 count.
    """
    choices = (
        CHOICES["counting", "mechanism"],
        CHOICES["assignment", "kinship"],
        ("history", "year"),
        SPREADS[::-1],
    )
    return tuple(
        Reading(policy, spread, by)
        for by in shares
        for mechanism, kinship, basis, spread in product(*choices)
        if by == shares[0] or (kinship, basis) == ("always", "history")
        for policy in (IN_FORCE.with_changes(mechanism=mechanism, kinship=kinship, basis=basis),)
    )


def readings_of(instance: Instance) -> tuple[Reading, ...]:
    """Return the readings of a year: without other shares where its own were not computed here.

    Nor where its transfers are decided: they are amounts of its own shares.
    """
    people = [m.population or 0 for m in instance.municipalities]
    shares = [m.share for m in instance.municipalities]
    if instance.shares_are != "computed" or shares != computed_shares(people):
        return readings(("own",))
    decided = instance.transfers and "transfers" not in instance.synthetic
    return readings(("population",)) if decided else readings()


@dataclass(frozen=True)
class Read:
    """What a reading draws beside what is published."""

    reading: Reading
    tested: tuple[Tested, ...]

    def inside(self, interval: int) -> int:
        """Figures that test the reading and lie inside an interval."""
        return sum(t.inside(interval) for t in self.tests)

    @property
    def tests(self) -> tuple[Tested, ...]:
        """Figures that test the reading."""
        return tuple(t for t in self.tested if t.is_test)

    @property
    def score(self) -> float:
        """Mean ranked probability score of the tests; lower is better."""
        return sum(t.score for t in self.tests) / len(self.tests)


@dataclass(frozen=True)
class Validation:
    """Every reading of a year, in the order of `readings`."""

    instance: Instance
    histories: int
    draws: int
    seed: int
    reads: tuple[Read, ...]

    @property
    def tried(self) -> int:
        """Readings that had been tried on the year's figures before; 0 if they choose between some."""
        return TRIED.get(self.instance.year, 0)


@dataclass(frozen=True)
class _Task:
    """Some histories under one spread of ties; the same ones for all policies."""

    instance: Instance
    spread: str
    histories: tuple[int, ...]
    draws: int
    seed: int


#: Draws of every figure by reading; or a message.
_Found = dict[Key, "NDArray[np.float64]"] | str


def validate(
    instance: Instance,
    histories: int = 200,
    draws: int = 20,
    seed: int = 0,
    *,
    workers: int | None = None,
    done: Callable[[int, int], None] = lambda *_: None,
) -> Validation:
    """Set what is published of a year against what every reading of the rule draws.

    Parameters
    ----------
    instance
        A year of Sweden of which figures are published; its shares are used, and its transfers unless
        they are marked synthetic. Everything else is drawn.
    histories, draws
        Histories since 2016, and draws of the year for each. All readings meet the same ones.
    seed
        Of the draws; the number of workers has no influence.
    workers
        Local processes, by default one for every core.
    done
        Called with the number of tasks that are done, of how many.

    Raises
    ------
    InputError
        If nothing is published of the year, or the municipalities are not Sweden's.
    """
    figures = published_figures(instance.year)
    codes = [m.code for m in instance.municipalities]
    if not figures:
        message = "nothing is published of how this year came out; 2024 and 2025 can be validated"
        raise InputError([Problem("instance.toml", message, column="year", value=str(instance.year))])
    if codes != [p.code for p in places()]:
        message = "only Sweden's 290 municipalities can be validated"
        raise InputError([Problem("municipalities.csv", message, column="code", value=str(len(codes)))])
    without = [m.code for m in instance.municipalities if not m.population]
    if without:
        message = "ties are drawn by population, which every municipality needs here"
        value = ", ".join(without[:3])
        raise InputError([Problem("municipalities.csv", message, column="population", value=value)])
    bare = instance.with_changes(children=())
    hands = local_workers(workers)
    size = max(1, min(_CHUNK, -(-histories // hands)))
    tasks = [
        _Task(bare, spread, tuple(range(first, min(first + size, histories))), draws, seed)
        for spread in SPREADS
        for first in range(0, histories, size)
    ]
    parts: dict[Key, dict[int, NDArray[np.float64]]] = {}
    done(0, len(tasks))
    for finished, (task, found) in enumerate(each(_play, tasks, _lost, workers=workers), 1):
        if isinstance(found, str):
            raise FordelaError(found)
        for key, values in found.items():
            parts.setdefault(key, {})[task.histories[0]] = values
        done(finished, len(tasks))
    reads = []
    for reading in readings_of(bare):
        found_parts = parts[reading.key]
        drawn = np.concatenate([found_parts[first] for first in sorted(found_parts)], axis=1)
        reads.append(Read(reading, tuple(map(measure, figures, drawn))))
    return Validation(instance, histories, draws, seed, tuple(reads))


def _lost(task: _Task, reason: str) -> _Found:
    return f"histories from {task.histories[0]}: {reason}"


def _play(task: _Task) -> _Found:
    """Replay the histories of a task under every reading with its spread of ties."""
    drawn = _Drawn(task)
    figures = published_figures(task.instance.year)
    return {
        r.key: _figures(task, drawn, r, figures)
        for r in readings_of(task.instance)
        if r.spread == task.spread
    }


class _Drawn:
    """Ties, siblings, days and redistribution of some histories, and of the year for each."""

    def __init__(self, task: _Task) -> None:
        year = task.instance.year
        self.municipalities: dict[int, tuple[Municipality, ...]] = {
            y: municipalities_of(y) for y in range(_FIRST, year)
        }
        self.municipalities[year] = task.instance.municipalities
        self.codes = [m.code for m in task.instance.municipalities]
        self._index = {code: k for k, code in enumerate(self.codes)}
        self.cases: dict[int, Cases] = {}
        self.ledgers: dict[tuple[int, str], list[Holdings]] = {}
        factors = [local_factors(self._rng(task, h, "factors")) for h in task.histories]
        kinds = dict.fromkeys(r.shares for r in readings_of(task.instance))
        for y, municipalities in self.municipalities.items():
            for by in kinds:
                shared = less_reception(municipalities) if by == "reception" else municipalities
                self.ledgers[y, by] = self._redistributed(task, y, shared)
            played: list[Sequence[Draft]] = []
            for h, local in zip(task.histories, factors, strict=True):
                weights = kin_weights(municipalities, task.spread, local)
                for k in range(task.draws if y == year else 1):
                    rng = self._rng(task, h, f"{y} {k}")
                    cases = draw_cases(rng, y, municipalities, weights)
                    played.append([case for _, case in in_order(rng, y, cases)])
            self.cases[y] = Cases.of(played, self._index)

    def _redistributed(
        self, task: _Task, year: int, municipalities: tuple[Municipality, ...]
    ) -> list[Holdings]:
        """Shares after transfers of a year, by history."""
        made = Instance("history", year, municipalities)
        if year == task.instance.year and "transfers" not in task.instance.synthetic:
            return [holdings(made, task.instance.transfers)] * len(task.histories)
        rngs = (self._rng(task, h, f"{year} transfers") for h in task.histories)
        return [holdings(made, draw_transfers(rng, municipalities, year)) for rng in rngs]

    @staticmethod
    def _rng(task: _Task, history: int, what: str) -> Random:
        return Random(f"validation {task.seed} {history} {what}")


def _figures(
    task: _Task, drawn: _Drawn, reading: Reading, figures: Sequence[Published]
) -> NDArray[np.float64]:
    """Every figure of every draw: figures by history and draw."""
    year, histories = task.instance.year, len(task.histories)
    policy = reading.policy
    forgets = policy.counting.basis == "year"
    before = np.zeros((histories, len(drawn.codes)), np.int64)
    since = np.zeros(histories, np.int64)
    for y in range(_SINCE if forgets else _FIRST, year):
        outcome = replay(policy, drawn.codes, drawn.ledgers[y, reading.shares], before, drawn.cases[y])
        if not forgets:
            before = outcome.credited
        if y >= _SINCE:
            since += outcome.on_transferred_share.sum(axis=1)
    ledgers = [ledger for ledger in drawn.ledgers[year, reading.shares] for _ in range(task.draws)]
    repeated = np.repeat(before, task.draws, axis=0)
    outcome = replay(policy, drawn.codes, ledgers, repeated, drawn.cases[year])
    rows = [
        _mean_since(outcome, np.repeat(since, task.draws), year)
        if figure.what == SINCE_2023
        else figure_values(figure, task.instance.municipalities, outcome.counts)
        for figure in figures
    ]
    return np.array(rows, np.float64)


def _mean_since(outcome: Outcome, since: NDArray[np.int64], year: int) -> NDArray[np.float64]:
    """Children on transferred shares a year, from the years before and this one."""
    total = since + outcome.on_transferred_share.sum(axis=1)
    return np.asarray(total / (year - _SINCE + 1))
