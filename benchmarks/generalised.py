"""Generalised assignment, from the OR-Library or drawn: ``python -m benchmarks.generalised FILE …``.

A file holds a number of problems, and for each: agents and jobs, the costs by agent and job, what each
job takes of each agent, and the agents' capacities. Files with a single problem may leave the first
number out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
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


def draw(agents: int, jobs: int, seed: int) -> Assignment:
    """Draw a problem of the literature's shape: capacities of 0.8 of the mean load."""
    rng = Random(seed)
    costs = [[rng.randint(10, 50) for _ in range(jobs)] for _ in range(agents)]
    weights = [[rng.randint(5, 25) for _ in range(jobs)] for _ in range(agents)]
    capacities = tuple(sum(row) * 8 // (10 * agents) for row in weights)
    return Assignment(tuple(map(tuple, costs)), tuple(map(tuple, weights)), capacities)


def _drawn(size: str, seed: int) -> Assignment:
    agents, _, jobs = size.partition("x")
    if not (agents.isdigit() and jobs.isdigit() and int(agents) and int(jobs)):
        raise click.BadParameter(f"{size}: agents and jobs as in 20x200", param_hint="--draw")
    return draw(int(agents), int(jobs), seed)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--draw", "sizes", multiple=True, metavar="AGENTSxJOBS", help="Draw a problem instead.")
@click.option("--seed", default=1, show_default=True, help="Of drawn problems.")
@click.option("--maximise", is_flag=True, help="The greatest instead of the least cost.")
@click.option("--backend", "backends", multiple=True, default=("highs", "cp-sat", "cbc"))
@click.option("--time-limit", "seconds", default=120.0, show_default=True)
def main(
    files: tuple[Path, ...], sizes: tuple[str, ...], seed: int, maximise: bool,
    backends: tuple[str, ...], seconds: float,
) -> None:  # fmt: skip
    """Print the optimum of every problem, from files or drawn, with every backend."""
    if not files and not sizes:
        raise click.UsageError("name files of the OR-Library, or draw a problem: --draw 20x200")
    named = [(f"drawn {size}", _drawn(size, seed)) for size in sizes]
    for path in files:
        try:
            problems = read(path.read_text(encoding="ascii"))
        except ValueError as error:
            raise click.ClickException(f"{path}: {error}") from None
        named += [(f"{path.name} {number}", problem) for number, problem in enumerate(problems, 1)]
    for name, problem in named:
        for backend in backends:
            started = monotonic()
            value, proven = optimum(problem, backend, maximise=maximise, seconds=seconds)
            word = "proven" if proven else "best found"
            size = f"{len(problem.capacities)} agents, {len(problem.costs[0])} jobs"
            click.echo(f"{name}: {size}: {value} {word}, {backend}, {monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
