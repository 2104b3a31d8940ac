"""Running a simulation: chunks of years on processes or a cluster, rows straight to disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from fordela.models.errors import FordelaError
from fordela.models.result import rests_on
from fordela.models.tables import Row
from fordela.solver.simulation.spec import Simulation
from fordela.solver.simulation.table import Rows
from fordela.solver.simulation.year import Chunk, Played, VariantKey, add, play
from fordela.solver.workers import each, local_workers

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

#: File of the rows.
ROWS = "simulation.parquet"
#: Most years of one task, and tasks for every worker.
_CHUNK, _TASKS_EACH = 25, 4


@dataclass(frozen=True)
class Simulated:
    """What a simulation gave.

    Attributes
    ----------
    simulation
        What was simulated.
    years
        How many years.
    rows
        Path of ``simulation.parquet``.
    tallies
        Sums by municipality of every scenario, policy and mechanism.
    failed
        Years in which a policy failed, by name, and the first message of each.
    seconds
        Time taken.
    """

    simulation: Simulation
    years: int
    rows: Path
    tallies: dict[VariantKey, NDArray[np.int64]]
    failed: dict[str, tuple[int, str]]
    seconds: float

    def to_frame(self) -> pd.DataFrame:
        """One row for every year, scenario, policy and mechanism: ``simulation.parquet``."""
        import pandas as pd

        return pd.read_parquet(self.rows)

    def require_a_year(self) -> None:
        """See that there is something to tell of.

        Raises
        ------
        FordelaError
            With the first message, if every policy failed in every year.
        """
        if self.failed and not self.tallies:
            raise FordelaError(next(message for _, message in self.failed.values()))

    def summary(self) -> pd.DataFrame:
        """Mean, interval and paired difference of every figure: ``summary.csv``.

        Raises
        ------
        FordelaError
            If every policy failed in every year.
        """
        self.require_a_year()
        from fordela.models.tables import frame
        from fordela.solver.simulation.summary import summary_rows

        return frame(summary_rows(self))

    def municipalities(self) -> pd.DataFrame:
        """What every municipality can expect: ``municipalities.csv``.

        Raises
        ------
        FordelaError
            If every policy failed in every year.
        """
        self.require_a_year()
        from fordela.models.tables import frame
        from fordela.solver.simulation.municipal import municipal_rows

        return frame(municipal_rows(self))


def simulate(
    simulation: Simulation,
    years: int,
    folder: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    done: Callable[[int, int], None] = lambda *_: None,
) -> Simulated:
    """Play the first years of a stream and write ``simulation.parquet`` into a folder.

    Memory does not grow with the years, and neither the number of workers nor their order has any
    influence on the rows.

    Parameters
    ----------
    simulation, years
        What to simulate, and how many years of its stream.
    folder
        Made if it is not there.
    workers, scheduler
        As in `run_batch`.
    done
        Called with the number of years played, of how many.

    Raises
    ------
    InputError
        If the scheduler does not answer, or no local process can begin.
    """
    started = monotonic()
    hands = local_workers(workers)
    folder.mkdir(parents=True, exist_ok=True)
    size = max(1, min(_CHUNK, -(-years // (_TASKS_EACH * hands))))
    chunks = [
        Chunk(simulation, tuple(range(first, min(first + size, years))))
        for first in range(0, years, size)
    ]
    tallies: dict[VariantKey, NDArray[np.int64]] = {}
    failed: dict[str, tuple[int, str]] = {}
    finished = 0
    done(0, years)
    with Rows(folder, simulation.columns) as rows:
        for chunk, played in each(play, chunks, _lost, workers=workers, scheduler=scheduler):
            rows.write(chunk.numbers[0], played.rows)
            for name, (number, message) in played.failed.items():
                before, first = failed.get(name, (0, message))
                failed[name] = before + number, first
            for key, tally in played.tallies.items():
                add(tallies, key, tally)
            finished += len(chunk.numbers)
            done(finished, years)
        rows.finish(folder / ROWS)
    return Simulated(simulation, years, folder / ROWS, tallies, failed, monotonic() - started)


def _lost(chunk: Chunk, reason: str) -> Played:
    """Rows of years whose process died."""
    rows: list[Row] = [
        {
            "year": number, "surge": False, "scenario": scenario, "policy": variant.name,
            "mechanism": variant.mechanism, "status": "error", "error": reason,
        }
        for scenario, _ in chunk.simulation.scenarios
        for number in chunk.numbers
        for variant in chunk.simulation.variants
    ]  # fmt: skip
    return Played.of(chunk.simulation, rows)


def simulation_json(simulated: Simulated) -> dict[str, Any]:
    """``simulation.json``: everything that it takes to play the same years again."""
    from fordela.solver.batch.tasks import versions

    simulation = simulated.simulation
    model = {
        name: str(value) if isinstance(value, Fraction) else value
        for name, value in asdict(simulation.model).items()
    }
    housing = simulation.housing
    return {
        "format": 1,
        "years": simulated.years,
        "stream": simulation.stream,
        "arrivals": model | {"children": str(simulation.model.mean_children(simulation.instance))},
        "moved_ties": None if housing is None else {"part": str(housing.part), "to": housing.codes},
        "instance": simulation.instance.name,
        "instance_sha256": simulation.source_sha256,
        "policies": [
            {
                "policy": v.name, "mechanism": v.mechanism, "own": v.own, "sha256": v.policy.sha256,
                "transfers": "drawn every year" if v.made is None else v.made.status.value,
                "transfers_proof": v.made and rests_on(v.made),
            }
            for v in simulation.variants
        ],
        "norms": simulation.norms,
        "own_norms": simulation.own_norms,
        "failed": {name: number for name, (number, _) in simulated.failed.items()},
        "versions": dict(
            pair
            for v in simulation.variants
            for pair in versions(simulation.backend, v.policy, simulation.own_norms)
        ),
        "seconds": round(simulated.seconds, 3),
        "synthetic": simulation.instance.unpublished,
    }  # fmt: skip
