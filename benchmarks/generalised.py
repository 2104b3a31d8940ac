"""Generalised assignment from files of the OR-Library: ``python -m benchmarks.generalised FILE …``.

A file holds a number of problems, and for each: agents and jobs, the costs by agent and job, what each
job takes of each agent, and the agents' capacities. Files with a single problem may leave the first
number out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import click
from fordela.solver.backends import Limits, get_backend
from fordela.solver.generalised import assign

Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One problem: costs and weights by agent, then job."""

    costs: Matrix
    weights: Matrix
    capacities: tuple[int, ...]


def read(text: str) -> list[Assignment]:
    """Read the problems of a file.

    Raises
    ------
    ValueError
        If the numbers are not those of whole problems.
    """
    numbers = [int(word) for word in text.split()]
    for head in (1, 0):
        try:
            found = _problems(numbers[head:])
        except ValueError:
            continue
        if not head or len(found) == numbers[0]:
            return found
    raise ValueError("not a file of generalised assignment problems")


def _problems(numbers: list[int]) -> list[Assignment]:
    found, at = [], 0
    while at < len(numbers):
        if at + 2 > len(numbers):
            raise ValueError
        agents, jobs = numbers[at : at + 2]
        end = at + 2 + 2 * agents * jobs + agents
        if agents < 1 or jobs < 1 or end > len(numbers):
            raise ValueError
        rows = [
            tuple(numbers[k : k + jobs])
            for k in range(at + 2, at + 2 + 2 * agents * jobs, jobs)
        ]  # fmt: skip
        found.append(
            Assignment(tuple(rows[:agents]), tuple(rows[agents:]), tuple(numbers[end - agents : end]))
        )
        at = end
    return found


def optimum(problem: Assignment, backend: str, *, maximise: bool, seconds: float) -> tuple[int, bool]:
    """Best value found, and whether it is proven."""
    sign = -1 if maximise else 1
    costs = [[sign * c for c in row] for row in problem.costs]
    limits = Limits(monotonic() + seconds, 0, None)
    found = assign(costs, problem.weights, problem.capacities, get_backend(backend), limits)
    if found.value is None:
        reason = "the jobs do not fit" if found.infeasible else "none found in time"
        raise click.ClickException(f"{backend}: no assignment: {reason}")
    return sign * found.value, found.proven


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--maximise", is_flag=True, help="The greatest instead of the least cost.")
@click.option("--backend", "backends", multiple=True, default=("highs", "cp-sat", "cbc"))
@click.option("--time-limit", "seconds", default=120.0, show_default=True)
def main(
    files: tuple[Path, ...], maximise: bool, backends: tuple[str, ...], seconds: float
) -> None:  # fmt: skip
    """Print the optimum of every problem of the files with every backend."""
    for path in files:
        try:
            problems = read(path.read_text(encoding="ascii"))
        except ValueError as error:
            raise click.ClickException(f"{path}: {error}") from None
        for number, problem in enumerate(problems, 1):
            for backend in backends:
                started = monotonic()
                value, proven = optimum(problem, backend, maximise=maximise, seconds=seconds)
                word = "proven" if proven else "best found"
                size = f"{len(problem.capacities)} agents, {len(problem.costs[0])} jobs"
                click.echo(
                    f"{path.name} {number}: {size}: {value} {word}, {backend}, "
                    f"{monotonic() - started:.1f} s"
                )  # fmt: skip


if __name__ == "__main__":
    main()
