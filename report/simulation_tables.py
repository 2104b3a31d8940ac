"""What many random years show, on the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from fordela.models.tables import Row
from fordela.report.proofs import engine_note, redistribution_line
from fordela.report.terminal import make_table, mean_text, missing_note, notices
from fordela.report.texts import Words
from fordela.solver.simulation.municipal import moments
from fordela.solver.simulation.run import Simulated
from fordela.solver.simulation.spec import BASE, MOVED, Variant
from fordela.solver.simulation.statistics import (
    LEAST_FOR_PERCENTILES,
    LEAST_YEARS,
    Estimate,
    estimate,
)
from fordela.solver.simulation.summary import Figures, Values, convergence, gains, paired
from fordela.solver.simulation.year import TALLIED, VariantKey
from rich.table import Table

#: Figures of the tables, with their text and decimals.
_SHOWN = (
    ("children", "children", 1), ("untied", "affected", 1), ("kinship", "kinship", 1),
    ("equalising", "equalising", 1), ("willing", "willing", 1), ("valve", "valve", 1),
    ("on_transferred_share", "on_transferred_share", 1),
    ("with_0", "with_0", 1), ("with_1", "with_1", 1), ("with_2_3", "with_2_3", 1),
    ("with_more", "with_more", 1), ("min-fulfilment", "lowest", 4), ("max-fulfilment", "highest", 4),
    ("gini", "gini", 4), ("herfindahl", "herfindahl", 4), ("chi2", "chi2", 2),
    ("chi2_gap", "chi2_unrestricted_gap", 2), ("in_willing", "in_willing", 1),
    ("over_capacity", "over_capacity", 1), ("moved", "moved", 1),
    ("compensation", "compensation", 1), ("compensation_days", "compensation_days", 1),
    ("compensation_moved", "compensation_moved", 1), ("tied_decisions", "tied_decisions", 1),
)  # fmt: skip
#: Those that are told for bad years, and whose means are watched.
_RANGES = ("children", "with_0", "with_more", "lowest", "chi2", "compensation")
_WATCHED = (("with_0", "with_0", 1), ("min-fulfilment", "lowest", 4), ("chi2", "chi2", 2))
_MILLION = 1_000_000
#: Municipalities of the table where no county is asked for.
_MOST_CHANGED = 12


def simulation_tables(
    simulated: Simulated, words: Words, county: str | None = None
) -> Iterator[str | Table]:
    """The simulation as a planner reads it, from the first line to the last."""
    shown = _Shown(simulated, words)
    yield words.title_of(simulated.simulation.instance)
    yield shown.head()
    yield words("paired_line") if simulated.years >= LEAST_YEARS else words("too_few_years")
    yield shown.means()
    if len(shown.variants) > 1:
        yield shown.differences()
        yield words("difference_note")
    for variant in shown.variants:
        made = variant.made
        if made is not None and made.backend != "decided":
            yield redistribution_line(made, words)
    few = simulated.years < LEAST_FOR_PERCENTILES
    yield words("too_few_for_percentiles", n=LEAST_FOR_PERCENTILES) if few else shown.ranges()
    yield from shown.gain()
    yield from shown.settling()
    yield from shown.scenario()
    yield missing_note(simulated.simulation.instance, words, drawn=True)
    yield from municipal_table(simulated, words, county)
    for policy, (number, message) in simulated.failed.items():
        first = message.splitlines()[0] if message else ""
        yield words("failed_years", policy=policy, n=number, message=first)
    yield " ".join(notices(simulated.simulation.instance, words))


class _Shown:
    """Tables of a simulation, each column read when it is needed."""

    def __init__(self, simulated: Simulated, words: Words) -> None:
        self.simulated, self.words = simulated, words
        self.simulation = simulated.simulation
        self.variants = [v for v in self.simulation.variants if v.own]
        self.read = Figures(simulated)

    def head(self) -> str:
        """What was drawn."""
        model, words = self.simulation.model, self.words
        surges = self.read("surge")[(BASE, *self.variants[0].key)]
        return words(
            "years_line", years=words.number(self.simulated.years), stream=self._stream(),
            mean=words.number(model.mean_children(self.simulation.instance), 0),
            kinship=words.percent(model.kinship), surges=words.number(int((surges == 1).sum())),
            probability=words.percent(model.surge), factor=words.number(model.surge_factor, 2),
        )  # fmt: skip

    def _stream(self) -> str:
        name = self.simulation.stream
        if name.isdigit():
            return self.words("stream_seed", seed=name)
        return self.words("stream_set", name=name)

    def means(self) -> Table:
        """Mean and interval of every figure that is not the same nothing everywhere."""
        table = self._table(self.words("means_table"), self.variants)
        for label, column, places in self._columns():
            values = self.read(column)
            found = [_known(values[(BASE, *v.key)]) for v in self.variants]
            if any(e is not None and (e.mean or e.half) for e in found):
                table.add_row(label, *(self._cell(e, column, places) for e in found))
        return table

    def differences(self) -> Table:
        """Paired differences from the first policy; what depends on the mechanism is marked."""
        first, *others = self.variants
        table = self._table(self.words("difference_table", policy=first.name), others)
        for label, column, places in self._columns():
            values = self.read(column)
            cells, moves = [], False
            for variant in others:
                found = paired(values, (BASE, *variant.key), self._against(variant))
                mark = _star(found)
                moves = moves or (found is not None and bool(found.mean or found.half))
                if found is not None and self._depends(values, variant, found):
                    mark += "†"
                cells.append(self._cell(found, column, places, signed=True) + mark)
            if moves:
                table.add_row(label, *cells)
        return table

    def _against(self, variant: Variant) -> tuple[str, str, str]:
        return (BASE, *self.simulation.base_of(variant).key)

    def _depends(self, values: Mapping[VariantKey, Values], variant: Variant, found: Estimate) -> bool:
        """Whether the sign of a difference is another one under the other mechanism."""
        for other in self.simulation.variants:
            if other.name == variant.name and not other.own:
                there = paired(values, (BASE, *other.key), self._against(other))
                if there is not None and there.sign != found.sign:
                    return True
        return False

    def ranges(self) -> Table:
        """Percentiles: what one year in ten lies outside of."""
        import numpy as np

        table = self._table(self.words("range_table"), self.variants)
        for label, column, places in self._columns():
            if column not in _RANGES:
                continue
            values = self.read(column)
            cells = []
            for variant in self.variants:
                mine = values[(BASE, *variant.key)]
                known = mine[~np.isnan(mine)]
                enough = len(known) >= LEAST_FOR_PERCENTILES
                ends = [float(np.percentile(known, p)) for p in (5, 95)] if enough else []
                cells.append(" – ".join(self._number(e, column, places) for e in ends) or "–")
            if any(c != "–" for c in cells):
                table.add_row(label, *cells)
        return table

    def gain(self) -> Iterator[str | Table]:
        """How much of hindsight's gain every policy reaches."""
        found = gains(self.simulated, self.read, "chi2")
        said: Counter[str | None] = Counter()
        if "chi2" in self.simulation.norms:
            said = self.read.counted("chi2_unrestricted_proof", (BASE, *self.variants[0].key))
            yield self.words("hindsight_years", counted=said["counting"], of=self.simulated.years)
            if said["engine"]:
                yield self.words("years_on_word", engine=said["engine"])
        made = (variant.made for variant in self.variants)
        yield from engine_note(self.words, *made, proofs=said)
        if found:
            words = self.words
            table = make_table("", (words("gain_table"), "l"), (words("mean_interval"), "r"))
            for (scenario, policy, _), part in found.items():
                if scenario == BASE:
                    half = "" if part.half is None else f" ± {words.percent(Fraction(part.half))}"
                    table.add_row(policy, words.percent(Fraction(part.mean)) + half)
            yield table

    def settling(self) -> Iterator[Table]:
        """Means after more and more years."""
        words = self.words
        known = {column: (label, places) for label, column, places in _WATCHED}
        found = list(convergence(self.simulated, list(known), self.read))
        if not found:
            return
        steps = [e.years for e in found[0].estimates]
        heads = ((words("after_years", n=words.number(n)), "r") for n in steps)
        table = make_table(words("convergence_table"), ("", "l"), *heads)
        for settled in found:
            label, places = known[settled.figure]
            cells = [self._cell(e, settled.figure, places) for e in settled.estimates]
            table.add_row(f"{_sentence_case(words(label))}, {settled.policy}", *cells)
        yield table

    def scenario(self) -> Iterator[Table]:
        """What moving ties changes, policy by policy."""
        housing = self.simulation.housing
        if housing is None:
            return
        names = [self.simulation.instance.by_code[c].name for c in housing.codes]
        title = self.words(
            "scenario_table", part=self.words.percent(housing.part), where=", ".join(names)
        )
        table = self._table(title, self.variants)
        for label, column, places in self._columns():
            values = self.read(column)
            found = [paired(values, (MOVED, *v.key), (BASE, *v.key)) for v in self.variants]
            if any(e is not None and (e.mean or e.half) for e in found):
                table.add_row(
                    label, *(self._cell(e, column, places, signed=True) + _star(e) for e in found)
                )
        yield table

    def _table(self, title: str, variants: Sequence[Variant]) -> Table:
        return make_table(title, ("", "l"), *((v.name, "r") for v in variants))

    def _columns(self) -> Iterator[tuple[str, str, int]]:
        from fordela.solver.simulation.table import figures

        known = figures(self.simulation.bounded, self.simulation.own_norms)
        for label, column, places in _SHOWN:
            if column in known:
                yield _sentence_case(self.words(label)), column, places
        for norm in self.simulation.own_norms:
            yield norm, norm, 2

    def _number(self, value: float, column: str, places: int) -> str:
        if column.startswith("compensation"):
            value /= _MILLION
        return self.words.number(Fraction(value), places)

    def _cell(self, found: Estimate | None, column: str, places: int, *, signed: bool = False) -> str:
        if found is None:
            return "–"
        text = self._number(found.mean, column, places)
        if signed and found.mean > 0:
            text = f"+{text}"
        return text if found.half is None else f"{text} ± {self._number(found.half, column, places)}"


def _sentence_case(text: str) -> str:
    return text if text.startswith("chi2") else text[:1].upper() + text[1:]


def _known(values: object) -> Estimate | None:
    import numpy as np

    mine = np.asarray(values)
    return estimate(mine[~np.isnan(mine)])


def _star(found: Estimate | None) -> str:
    return "*" if found is not None and found.sign else ""


def municipal_table(simulated: Simulated, words: Words, county: str | None) -> Iterator[Table]:
    """Municipalities of a county, or those that the policies change most."""
    simulation = simulated.simulation
    variants = [v for v in simulation.variants if v.own]
    first, *others = variants
    places = {name: k for k, name in enumerate(TALLIED)}
    tallies = {v.name: simulated.tallies.get((BASE, *v.key)) for v in variants}
    municipalities = simulation.instance.municipalities
    if county is not None:
        chosen = [k for k, m in enumerate(municipalities) if m.county_code == county]
        title = words("municipal_county_table")
    elif others:
        known = [t for v in others if (t := tallies[v.name]) is not None]
        change = [
            max((abs(int(t[k, places["difference"]])) for t in known), default=0)
            for k in range(len(municipalities))
        ]
        ordered = sorted(range(len(municipalities)), key=lambda k: (-change[k], k))
        chosen = [k for k in ordered[:_MOST_CHANGED] if change[k]]
        title = words("municipal_table", policy=first.name)
    else:
        return
    table = make_table(
        title, (words("code"), "l"), (words("name"), "l"), (words("share"), "r"),
        *((v.name, "r") for v in variants),
    )  # fmt: skip
    for k in chosen:
        cells = []
        for variant in variants:
            tally = tallies[variant.name]
            if tally is None:
                cells.append("–")
                continue
            years, total, squares = (
                int(tally[k, places[c]]) for c in ("years", "total", "total_squared")
            )
            cells.append(mean_text(moments(years, total, squares), words, 2))
        m = municipalities[k]
        table.add_row(m.code, m.name, words.per_mille(m.share), *cells)
    yield table


def group_table(
    found: Sequence[Row], by: Sequence[str], rows: int, folder: str, words: Words
) -> Iterator[Table]:
    """Groups of rows with the mean of every figure."""
    figures = list(dict.fromkeys(str(row["figure"]) for row in found))
    heads = [(words(name) if name == "policy" else name, "l") for name in by]
    table = make_table(
        words("summary_table", rows=words.number(rows), folder=folder), *heads,
        (words("rows_n"), "r"), *((figure, "r") for figure in figures),
    )  # fmt: skip
    groups: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in found:
        groups.setdefault(tuple(str(row[name]) for name in by), {})[str(row["figure"])] = row
    for group, cells in groups.items():
        most = max(int(str(row["rows"])) for row in cells.values())
        shown = [_mean_cell(cells.get(figure), words) for figure in figures]
        table.add_row(*group, words.number(most), *shown)
    yield table


def _mean_cell(row: Row | None, words: Words) -> str:
    if row is None:
        return "–"
    mean, low = float(str(row["mean"])), row["low"]
    places = 4 if abs(mean) < 10 else 2
    half = "" if low is None else f" ± {words.number(Fraction(mean - float(str(low))), places)}"
    return words.number(Fraction(mean), places) + half
