"""A validation as rows and as JSON: ``validation.csv``, ``validation.json``."""

from __future__ import annotations

from typing import Any

from fordela.models.tables import Row
from fordela.solver.validation.run import Read, Validation
from fordela.solver.validation.score import INTERVALS


def validation_rows(validation: Validation) -> list[Row]:
    """One row for every reading and published figure."""
    rows: list[Row] = []
    for read in validation.reads:
        for t in read.tested:
            row: Row = _head(read) | {
                "figure": t.figure.figure, "published": t.figure.value, "given": t.figure.given,
                "median": t.median,
            }  # fmt: skip
            for p, (low, high) in zip(INTERVALS, t.intervals, strict=True):
                row |= {f"low_{p}": low, f"high_{p}": high, f"inside_{p}": t.inside(p)}
            rows.append(row | {"score": t.score, "source": t.figure.source})
    return rows


def validation_json(validation: Validation) -> dict[str, Any]:
    """Every reading with how many figures lie inside, and what it takes to draw the same again."""
    instance = validation.instance
    return {
        "format": 1,
        "instance": instance.name,
        "instance_sha256": instance.sha256,
        "histories": validation.histories,
        "draws": validation.draws,
        "seed": validation.seed,
        "tried_before": validation.tried,
        "readings": [
            _head(read)
            | {"figures": len(read.tests)}
            | {f"inside_{p}": read.inside(p) for p in INTERVALS}
            | {"score": read.score}
            for read in validation.reads
        ],
        "synthetic": instance.unpublished,
    }


def _head(read: Read) -> Row:
    names = ("mechanism", "kinship", "ledger", "ties", "shares")
    return dict(zip(names, read.reading.key, strict=True))
