"""A result read back whole: the decisions, the instance and policy they were made for, the proofs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from fordela.instances.catalogue import load_instance, shipped_instances
from fordela.instances.claims import not_a_result, read_solution
from fordela.instances.reading import read_instance
from fordela.instances.results import SOURCE
from fordela.models.allocation import Allocation, count
from fordela.models.check import LevelClaim, Solution
from fordela.models.check.proofs import Proof
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance
from fordela.models.redistribution.outcome import RedistributionResult, Spread
from fordela.models.result import Certificate, LevelResult, Result, Status, Termination

_RESULT = "result.json"


def read_result(place: Path, given: Instance | None = None) -> Result:
    """Read a result back as a result; the claims in it are not checked.

    Parameters
    ----------
    place
        A folder as `write_result` or a comparison wrote it, or a workbook of a result with its cases.
    given
        The instance it was made from, where the folder does not hold it.

    Raises
    ------
    InputError
        With every problem of its files; if it holds transfers only, or was made from other data.
    """
    return read_with_claims(place, given)[0]


def read_with_claims(place: Path, given: Instance | None = None) -> tuple[Result, Solution]:
    """Read a result back, and what its files claim of it; see `read_result`."""
    from fordela.instances.workbooks.bundle import as_folder
    from fordela.instances.workbooks.names import RESULT_FILES

    with as_folder(place, RESULT_FILES) as folder:
        solution = read_solution(folder)
        return _read_folder(folder, solution, given), solution


def _read_folder(folder: Path, solution: Solution, given: Instance | None) -> Result:
    if solution.assignments is None:
        message = "holds transfers only; 'fordela solve' makes a result with assignments"
        raise InputError([Problem(str(folder), message)])
    instance = source_of(folder, solution, given)
    data = json.loads((folder / _RESULT).read_text(encoding="utf-8"))
    if solution.placement is not None:
        data = data["allocation"]
    unknown = {a.child for a in solution.assignments} ^ {c.child for c in instance.children}
    codes = {code for a in solution.assignments for code in (a.bearer, a.owner) if code is not None}
    if unknown or codes - set(instance.by_code):
        message = "its children or municipalities are not those of the instance; run 'fordela check'"
        raise InputError([Problem(str(folder), message)])
    try:
        return _restored(data, solution, instance)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError([Problem(_RESULT, not_a_result(error))]) from error


def source_of(folder: Path, solution: Solution, given: Instance | None = None) -> Instance:
    """Find the instance that a result was made from: beside it, one folder up, or shipped.

    Raises
    ------
    InputError
        If there is none, or it is not the one.
    """
    found = [given] if given is not None else []
    if given is None:
        for place in (folder / SOURCE, folder.resolve().parent / SOURCE):
            if place.is_dir():
                found.append(read_instance(place))
                if solution.matches(found[-1]):
                    break
        else:
            shipped = _shipped(solution)
            found += [] if shipped is None else [shipped]
    for instance in found:
        if solution.matches(instance):
            return instance
    if found:
        message = f"was not made from this content of {found[0].name} (instance_sha256 differs)"
    else:
        message = "the instance that it was made from is not beside it; name it with --instance"
    raise InputError([Problem(str(folder), message)])


def _shipped(solution: Solution) -> Instance | None:
    """Return the shipped instance of the name that the result's files say, if it has that content."""
    said = None if solution.written is None else solution.written.head.get("instance")
    if said not in shipped_instances():
        return None
    year = load_instance(str(said))
    return year if solution.matches(year) else None


def _restored(data: Mapping[str, Any], solution: Solution, instance: Instance) -> Result:
    assert solution.assignments is not None
    allocation = Allocation(solution.assignments)
    made = data.get("redistribution")
    return Result(
        instance=instance,
        policy=solution.policy,
        transfers=solution.transfers,
        allocation=allocation,
        counts=count(instance, solution.policy, solution.assignments),
        status=Status(data["status"]),
        termination=Termination(data["termination"]),
        objective=_levels(solution.objective),
        backend=str(data["backend"]),
        backend_version=str(data["backend_version"]),
        seed=int(data["seed"]),
        seconds=float(data["seconds"]),
        tied_decisions=int(data["tied_decisions"]),
        valve_closed_at=solution.valve_closed_at,
        decided_cases=solution.decided_cases,
        redistribution=None if made is None else _redistribution(made, solution, instance),
    )


def _redistribution(
    data: Mapping[str, Any], solution: Solution, instance: Instance
) -> RedistributionResult:
    assert solution.trades is not None
    spread = data.get("spread")
    return RedistributionResult(
        instance=instance,
        policy=solution.policy,
        transfers=solution.transfers,
        status=Status(data["status"]),
        termination=Termination(data["termination"]),
        objective=_levels(solution.trades.objective),
        backend=str(data["backend"]),
        backend_version=str(data["backend_version"]),
        seed=int(data["seed"]),
        seconds=float(data["seconds"]),
        order=solution.trades.order,
        draws=int(data["draws"]),
        spread=None if spread is None else {code: _spread(s) for code, s in spread.items()},
    )


def _spread(data: Mapping[str, Any]) -> Spread:
    return Spread(
        int(data["least"]), Fraction(data["mean"]), int(data["most"]), int(data["none"]),
        int(data["whole"]),
    )  # fmt: skip


def _levels(claims: tuple[LevelClaim, ...]) -> tuple[LevelResult, ...]:
    return tuple(
        LevelResult(
            c.level, c.value, c.bound, Status(c.status), c.price,
            exact=c.proof not in (None, Proof.ENGINE), tolerance=c.tolerance,
            certificate=None if c.certificate_price is None else Certificate(c.certificate_price),
            proof=c.proof, price_proof=c.price_proof,
        )
        for c in claims
    )  # fmt: skip
