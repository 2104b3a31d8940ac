"""Random years: arrivals from a documented distribution, the same on every machine.

Every year of a stream has random words of its own (Philox, a counter-based generator whose raw words
are stable), and every draw compares a word with whole-number thresholds. So year 17 of a stream is
the same however many years are drawn, in whatever order, on whichever machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
from fordela.instances.arrivals import GIRLS, UNDER_13, Siblings, day_weights
from fordela.instances.figures import season
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Child, Instance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]
    Whole = NDArray[np.int64]

#: Streams whose years are fixed, so that results from different papers compare: rules are fitted on
#: the first and judged on the second.
STREAMS = ("training", "testing")

#: Part of the assignments of 2025 that were kinship ([O] 2.4).
KINSHIP = Fraction(72, 100)
#: Standard deviation of the yearly change of the logarithm of asylum-seeking unaccompanied children,
#: 2016–2022 (SCB); 2015 is left to the surges, and later years are not in that series.
SPREAD = Fraction(29, 100)
#: One year of the 24 from 2002 to 2025 was a surge (2015), with 5.02 times the year before: 35,369
#: asylum-seeking unaccompanied children after 7,049 (SCB).
SURGE_PROBABILITY = Fraction(1, 24)
SURGE_FACTOR = Fraction(502, 100)
#: Weights of the months: children by month in 2009–2014, and in the surge of 2015 (Migration Agency).
SEASON, SURGE_SEASON = season(), season(2015)

_WORD = 1 << 64
#: Words of a year before those of its cases.
_HEAD = 2
_UNKNOWN_NUMBER = Problem(
    "instance.toml",
    "how many children to draw is not known: there is no forecast, and no child in children.csv; "
    "give the forecast here, or --children",
    column="forecast",
)
#: Words of every case: day, size, tied, tie, moved, where to; the first four are enough if none move.
_PER_CASE, _UNMOVED = 6, 4


@dataclass(frozen=True, slots=True)
class AgencyHousing:
    """Ties that move to municipalities with the Migration Agency's accommodation ([O] 3.1.1).

    Attributes
    ----------
    codes
        Municipalities, all equally likely.
    part
        Of the tied cases, 0 to 1.
    """

    codes: tuple[str, ...]
    part: Fraction


@dataclass(frozen=True, slots=True)
class ArrivalModel:
    """What a year's arrivals are drawn from.

    The number of cases is negative binomial: a Poisson number whose mean varies between years by a
    gamma factor. With a probability the year is a surge, whose mean is a multiple. Sizes, ties and
    days are independent of each other.

    Attributes
    ----------
    children
        Mean number of children in a year without a surge; None is the instance's forecast, or its
        number of children where it has none.
    spread
        Coefficient of variation of the mean between years; 0 leaves a Poisson number of cases.
    kinship
        Probability that a case has a tie; it is in proportion to ``kin_weight`` then.
    siblings
        Weights of case sizes.
    season, surge_season
        Weights of the twelve months; days of a month are equally likely.
    surge, surge_factor
        Probability that a year is a surge, and what it multiplies the mean by.
    """

    children: Fraction | None = None
    spread: Fraction = SPREAD
    kinship: Fraction = KINSHIP
    siblings: Siblings = field(default_factory=Siblings)
    season: tuple[int, ...] = SEASON
    surge: Fraction = SURGE_PROBABILITY
    surge_factor: Fraction = SURGE_FACTOR
    surge_season: tuple[int, ...] = SURGE_SEASON

    def __post_init__(self) -> None:
        problems = [
            Problem("arrivals", f"must be {allowed}", column=name, value=_text(value))
            for name, value, allowed, fine in (
                ("children", self.children, "0 to 200,000",
                 self.children is None or 0 <= self.children <= 200_000),
                ("spread", self.spread, "between 0 and 2", 0 <= self.spread <= 2),
                ("kinship", self.kinship, "between 0 and 1", 0 <= self.kinship <= 1),
                ("surge", self.surge, "between 0 and 1", 0 <= self.surge <= 1),
                ("surge_factor", self.surge_factor, "between 1 and 100", 1 <= self.surge_factor <= 100),
                ("season", self.season, "twelve weights", _is_season(self.season)),
                ("surge_season", self.surge_season, "twelve weights", _is_season(self.surge_season)),
            )
            if not fine
        ]  # fmt: skip
        if problems:
            raise InputError(problems)

    def mean_children(self, instance: Instance) -> Fraction:
        """Mean number of children in a year without a surge.

        Raises
        ------
        InputError
            If the instance has neither a forecast nor children, so that nobody knows.
        """
        if self.children is not None:
            return self.children
        known = instance.forecast if instance.forecast is not None else len(instance.children)
        if instance.forecast is None and not known:
            raise InputError([_UNKNOWN_NUMBER])
        return Fraction(known)

    def of(self, instance: Instance) -> ArrivalModel:
        """Return the model with its mean settled, for when the instance's own children are gone."""
        return replace(self, children=self.mean_children(instance))


def without_children(instance: Instance) -> Instance:
    """Return a year whose children are still to be drawn, marked so."""
    return instance.with_changes(children=(), synthetic=_marked(instance))


def _marked(instance: Instance) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*instance.synthetic, "cases", "number of children"]))


def _text(value: object) -> str:
    return str(float(value)) if isinstance(value, Fraction) else str(value)


def _is_season(weights: Sequence[int]) -> bool:
    return len(weights) == 12 and min(weights) >= 0 and any(weights)


@dataclass(frozen=True)
class Years:
    """Cases of some years, one after the other, each year in order of arrival.

    Attributes
    ----------
    numbers
        Number of each year in its stream.
    start
        Where each year's cases begin, and the end of the last: one entry more than years.
    size
        Children of each case.
    tie
        Position of the municipality of the tie, or -1.
    day
        Days since 1 January.
    surge
        Whether each year is a surge.
    """

    numbers: tuple[int, ...]
    start: Whole
    size: Whole
    tie: Whole
    day: Whole
    surge: NDArray[np.bool_]


class Drawer:
    """Draws the years of a stream for an instance.

    Parameters
    ----------
    instance
        Whose municipalities, calendar year and forecast are used; its children are not.
    model
        What to draw from.
    stream
        ``training``, ``testing`` or any other text, such as a seed.
    housing
        Ties that move; the same years without it differ in nothing else.

    Raises
    ------
    InputError
        If ties cannot be drawn, or a municipality does not exist.
    """

    def __init__(
        self, instance: Instance, model: ArrivalModel, stream: str, housing: AgencyHousing | None = None
    ) -> None:
        self.instance, self.model, self.stream, self.housing = instance, model, stream, housing
        _require(instance, model, housing)
        digest = hashlib.sha256(f"fordela years 1 {stream}".encode()).digest()
        self._generator = np.random.Philox(key=int.from_bytes(digest[:16], "little"))
        self._state: Any = self._generator.state
        mean = model.mean_children(instance)
        sizes = model.siblings.weights
        per_case = Fraction(sum(k * w for k, w in enumerate(sizes, 1)), sum(sizes))
        self._numbers = _number_thresholds(mean / per_case, model.spread)
        self._surge_numbers = (
            _number_thresholds(mean * model.surge_factor / per_case, model.spread)
            if model.surge
            else self._numbers
        )
        self._sizes = _thresholds(sizes)
        self._ties = _thresholds(_kin_weights(instance)) if model.kinship else None
        self._days = _thresholds(day_weights(instance.year, model.season))
        self._surge_days = _thresholds(day_weights(instance.year, model.surge_season))
        index = {m.code: k for k, m in enumerate(instance.municipalities)}
        self._surge_edge = int(model.surge * _WORD)
        # Enough for most years; a year of more cases draws again, and its first words are the same.
        self._rows = _PER_CASE if housing else _UNMOVED
        self._usual = _HEAD + self._rows * int(mean / per_case * (1 + model.spread))
        self._homes = np.array([index[c] for c in housing.codes] if housing else [0])

    def years(self, numbers: Sequence[int]) -> Years:
        """Draw some years of the stream."""
        words, counts, surges = [], [], []
        for number in numbers:
            row = self._words(number, self._usual)
            surge = int(row[0]) < self._surge_edge
            thresholds = self._surge_numbers if surge else self._numbers
            cases = int(thresholds.searchsorted(row[1], side="right"))
            end = _HEAD + self._rows * cases
            if end > len(row):
                row = self._words(number, end)
            drawn = row[_HEAD:end].reshape(self._rows, cases)
            drawn[0].sort()
            words.append(drawn)
            counts.append(cases)
            surges.append(surge)
        flat = np.concatenate(words, axis=1) if words else np.zeros((self._rows, 0), np.uint64)
        surge_years = np.array(surges, bool)
        start = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        in_surge = np.repeat(surge_years, counts)
        day = np.searchsorted(self._days, flat[0], side="right")
        if in_surge.any():
            peak = np.searchsorted(self._surge_days, flat[0], side="right")
            day = np.where(in_surge, peak, day)
        size = np.searchsorted(self._sizes, flat[1], side="right") + 1
        return Years(tuple(numbers), start, size, self._tie(flat), day, surge_years)

    def _tie(self, flat: Words) -> Whole:
        if self._ties is None:
            return np.full(flat.shape[1], -1)
        tied = _below(flat[2], self.model.kinship)
        tie = np.full(flat.shape[1], -1)
        tie[tied] = np.searchsorted(self._ties, flat[3, tied], side="right")
        if self.housing is not None:
            moved = tied & _below(flat[4], self.housing.part)
            where = flat[5, moved] % np.uint64(len(self._homes))
            tie[moved] = self._homes[where.astype(np.int64)]
        return tie

    def _words(self, number: int, count: int) -> Words:
        """First random words of a year; the generator's counter names the year."""
        inner = self._state["state"]["counter"]
        inner[:] = 0
        inner[2], self._state["buffer_pos"] = number, 4
        self._generator.state = self._state
        return np.asarray(self._generator.random_raw(count))

    def instances(self, numbers: Sequence[int]) -> Iterator[Instance]:
        """Draw years as instances, marked as synthetic."""
        years = self.years(numbers)
        for position in range(len(years.numbers)):
            yield self.instance_of(years, position)

    def instance_of(self, years: Years, position: int) -> Instance:
        """Return one of some years as an instance, with ages and sexes of its own words."""
        base, number = self.instance, years.numbers[position]
        span = slice(int(years.start[position]), int(years.start[position + 1]))
        sizes, ties, days = (x[span].tolist() for x in (years.size, years.tie, years.day))
        total = sum(sizes)
        words = self._words(number, _HEAD + _PER_CASE * len(sizes) + 3 * total)
        traits = words[_HEAD + _PER_CASE * len(sizes) :].reshape(3, total)
        girl = _below(traits[0], Fraction(GIRLS)).tolist()
        young = _below(traits[1], Fraction(UNDER_13)).tolist()
        ages = np.where(young, traits[2] % np.uint64(13), 13 + traits[2] % np.uint64(5)).tolist()
        first, width = date(base.year, 1, 1), max(4, len(str(len(sizes))))
        codes = [m.code for m in base.municipalities]
        children: list[Child] = []
        for case, (size, tie, day) in enumerate(zip(sizes, ties, days, strict=True), 1):
            name = f"{base.year}-{case:0{width}d}"
            for k in range(size):
                child = len(children)
                children.append(
                    Child(
                        child=f"{name}-{k + 1}",
                        case=name,
                        arrival=first + timedelta(days=day),
                        tie=codes[tie] if tie >= 0 else None,
                        age=int(ages[child]),
                        sex="f" if girl[child] else "m",
                    )
                )
        return base.with_changes(
            name=f"{base.name}-{self.stream}-{number}",
            children=tuple(children),
            synthetic=_marked(base),
            provenance={
                **base.provenance,
                "number of children": "drawn",
                "cases": f"drawn: year {number} of stream {self.stream}",
            },
        )


def _require(instance: Instance, model: ArrivalModel, housing: AgencyHousing | None) -> None:
    problems = []
    if model.children is None and instance.forecast is None and not instance.children:
        problems.append(_UNKNOWN_NUMBER)
    if model.kinship and not any(_kin_weights(instance)):
        message = "ties cannot be drawn: nobody has a kin_weight or a population"
        problems.append(Problem("municipalities.csv", message, column="kin_weight"))
    if housing is not None:
        if not 0 <= housing.part <= 1:
            problems.append(
                Problem("housing", "must be between 0 and 1", column="part", value=str(housing.part))
            )
        if not housing.codes:
            problems.append(Problem("housing", "at least one municipality is needed", column="codes"))
        problems += [
            Problem("housing", "no such municipality in the instance", column="codes", value=code)
            for code in housing.codes
            if code not in instance.by_code
        ]
    if problems:
        raise InputError(problems)


def _kin_weights(instance: Instance) -> list[Fraction]:
    """Weights of the municipalities as a place of a tie: kin_weight, or else the population."""
    return [
        m.kin_weight if m.kin_weight is not None else Fraction(m.population or 0)
        for m in instance.municipalities
    ]


def _thresholds(weights: Sequence[Fraction | int]) -> Words:
    """Words from which on each but the first outcome is drawn: searchsorted gives the outcome."""
    total = sum(weights)
    edges = [min(_WORD - 1, so_far * _WORD // total) for so_far in accumulate(weights[:-1])]
    last = max(k for k, weight in enumerate(weights) if weight)
    # Nothing lies beyond the last outcome that has a weight.
    return np.array([e if k < last else _WORD - 1 for k, e in enumerate(edges)], np.uint64)


def _below(words: Words, probability: Fraction) -> NDArray[np.bool_]:
    """Whether each word is among that part of all words."""
    edge = probability * _WORD // 1
    return words < np.uint64(edge) if edge < _WORD else np.ones(len(words), bool)


@lru_cache(maxsize=32)
def _number_thresholds(mean: Fraction, spread: Fraction) -> Words:
    """Thresholds of the negative binomial (with ``spread`` 0 the Poisson) number of cases.

    Its probabilities ``p(k + 1) / p(k) = (k + r) / (k + 1) · q`` are followed in whole numbers outward
    from the mode, as far as they are at least a 2⁻⁶⁴th of it.
    """
    if not mean:
        return np.zeros(0, np.uint64)
    one = 1 << 128
    # p(k + 1) / p(k) = (slope k + start) / (line (k + 1)), in whole numbers.
    if spread:
        shape = 1 / (spread * spread)
        part = mean / (mean + shape)
        slope, start = part.numerator * shape.denominator, part.numerator * shape.numerator
        line = part.denominator * shape.denominator
        mode = max(0, int(mean * (1 - 1 / shape))) if shape > 1 else 0
    else:
        slope, start, line, mode = 0, mean.numerator, mean.denominator, int(mean)
    above, k = [one], mode
    while above[-1] >> 62:
        above.append(above[-1] * (slope * k + start) // (line * (k + 1)))
        k += 1
    below, k, last = [], mode, one
    while k > 0 and last >> 62:
        k -= 1
        last = last * (line * (k + 1)) // (slope * k + start)
        below.append(last)
    weights = [0] * k + below[::-1] + above
    return _thresholds(weights)
