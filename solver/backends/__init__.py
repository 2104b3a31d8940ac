"""Engines for integer programs: CP-SAT through OR-Tools, HiGHS directly, CBC through PuLP."""

from __future__ import annotations

from fordela.models.errors import InputError, Problem
from fordela.models.policy import nearest
from fordela.solver.backends.base import Answer, Backend, Limits

__all__ = ["BACKENDS", "Answer", "Backend", "Limits", "get_backend"]

#: Names that a user can choose; ``auto`` is HiGHS, the fastest on these programs in the benchmarks.
BACKENDS = ("auto", "cp-sat", "highs", "cbc")


def get_backend(name: str) -> Backend:
    """Return the backend of a name; its engine is imported here and not before.

    Raises
    ------
    InputError
        If there is no such backend.
    """
    if name == "cp-sat":
        from fordela.solver.backends.cp_sat import CpSat

        return CpSat()
    if name in ("auto", "highs"):
        from fordela.solver.backends.highs import Highs

        return Highs()
    if name == "cbc":
        from fordela.solver.backends.cbc import Cbc

        return Cbc()
    message = f"no such backend; {nearest(name, BACKENDS)}"
    raise InputError([Problem("--backend", message, value=name)])
