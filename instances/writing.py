"""Writing: a folder or a file appears whole or not at all, and never over what others made."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from fordela.instances.tables import write_table
from fordela.models.errors import InputError, Problem
from fordela.models.instance import Instance, Municipality
from fordela.models.units import per_mille_text
from fordela.models.validation import AGREEMENTS, AVAILABILITY, LAST_YEAR, PAIRS, PLACES, WISHES

_MUNICIPALITY_COLUMNS = (
    "code", "name", "county_code", "county", "population", "share", "assigned_before", "capacity",
    "wants_more", "wants_less", "willing", "kin_weight", "lat", "lon", "synthetic",
)  # fmt: skip
_CHILD_COLUMNS = (
    "child", "case", "arrival", "kin_municipality", "age", "sex", "language", "needs", "stay",
)  # fmt: skip


def write_folder(target: Path, fill: Callable[[Path], None], *, force: bool = False) -> None:
    """Fill a new folder beside the target and move it into place when it is complete.

    Raises
    ------
    InputError
        If the target exists (and is not to be replaced), or cannot be written.
    """
    require_free(target, force=force)
    scratch: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        scratch.chmod(0o755)
        fill(scratch)
        if target.exists():
            earlier = scratch.with_name(scratch.name + "-earlier")
            target.rename(earlier)
            try:
                scratch.rename(target)
            except OSError:
                earlier.rename(target)
                raise
            shutil.rmtree(earlier)
        else:
            scratch.rename(target)
    except OSError as error:
        raise _unwritten(target, error) from error
    finally:
        if scratch is not None and scratch.exists():
            shutil.rmtree(scratch, ignore_errors=True)


def require_free(target: Path, *, force: bool) -> None:
    """Make sure that a folder may be written, before any work is done for it.

    Raises
    ------
    InputError
        If it holds something that is not to be replaced.
    """
    taken = target.exists() and (not target.is_dir() or any(target.iterdir()))
    if taken and not force:
        message = "exists and is not an empty folder; choose another, or say --force"
        raise InputError([Problem(str(target), message)])
    if taken and force and not _is_ours(target):
        message = "holds other files, so it is not replaced; choose an empty folder"
        raise InputError([Problem(str(target), message)])


def _unwritten(target: Path, error: OSError) -> InputError:
    message = f"cannot be written: {error.strerror or error}; nothing was left behind"
    return InputError([Problem(str(target), message)])


def require_new(target: Path, suffixes: Sequence[str], *, force: bool) -> None:
    """Make sure that a file can be written, before any work is done for it.

    Raises
    ------
    InputError
        If its name does not end as it should, or it exists and is not to be replaced.
    """
    if target.suffix not in suffixes:
        message = f"the name must end in {' or '.join(suffixes)}"
        raise InputError([Problem("--out", message, value=str(target))])
    if target.is_dir():
        raise InputError([Problem(str(target), "is a folder; name a file")])
    if target.exists() and not force:
        message = "exists; choose another name, or say --force to replace it"
        raise InputError([Problem(str(target), message)])


def write_file(target: Path, fill: Callable[[Path], object]) -> None:
    """Fill a new file beside the target and move it into place when it is complete.

    Raises
    ------
    InputError
        If it cannot be written; nothing is left behind then.
    """
    scratch: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent
        )
        os.close(handle)
        scratch = Path(name)
        fill(scratch)
        scratch.chmod(0o644)
        scratch.replace(target)
    except OSError as error:
        raise _unwritten(target, error) from error
    finally:
        if scratch is not None and scratch.exists():
            scratch.unlink()


#: Every file that Fordela writes; a folder that holds any other is never replaced.
_OURS = {
    "allocation.csv", "municipalities.csv", "transfers.csv", "children.csv", "result.json",
    "policy.toml", "import.toml", "comparison.csv",
    "comparison.json", "instance.toml", "wishes_granted.csv", "simulation.parquet", "summary.csv",
    "simulation.json",
    "placements.csv", WISHES, PAIRS, AVAILABILITY, LAST_YEAR, PLACES, AGREEMENTS,
}  # fmt: skip


def _is_ours(target: Path) -> bool:
    """Whether a folder holds only what Fordela writes."""
    return target.is_dir() and all(
        p.name in _OURS if p.is_file() else _is_ours(p) for p in target.iterdir()
    )


def write_instance(instance: Instance, target: Path, *, force: bool = False) -> None:
    """Write an instance folder that reads back as the same instance (same hash).

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    write_folder(target, lambda folder: fill_instance(instance, folder), force=force)


def fill_instance(instance: Instance, folder: Path) -> None:
    """Write an instance's files into an existing folder."""
    import tomli_w

    (folder / "instance.toml").write_text(tomli_w.dumps(_head(instance)), encoding="utf-8")
    write_table(
        folder / "municipalities.csv",
        _MUNICIPALITY_COLUMNS,
        ([*_cells(m), instance.unpublished] for m in instance.municipalities),
    )
    # A column that no child has is left out, so that years without it stay as they were.
    stays = any(c.stay is not None for c in instance.children)
    write_table(
        folder / "children.csv",
        _CHILD_COLUMNS if stays else _CHILD_COLUMNS[:-1],
        (
            [c.child, c.case, c.arrival.isoformat(), c.tie, c.age, c.sex, c.language,
             ";".join(c.needs), *([c.stay] if stays else [])]
            for c in instance.children
        ),
    )  # fmt: skip
    if instance.transfers:
        write_table(
            folder / "transfers.csv",
            ("from_code", "to_code", "share", "synthetic"),
            (
                [t.giver, t.receiver, per_mille_text(t.share),
                 "transfers" if "transfers" in instance.synthetic else ""]
                for t in instance.transfers
            ),
        )  # fmt: skip
    for name, header, rows in (*_dialogue(instance), *_placement(instance)):
        if rows:
            write_table(folder / name, header, rows)


def _dialogue(
    instance: Instance,
) -> Iterator[tuple[str, tuple[str, ...], list[list[object]]]]:
    """Name, header and rows of the tables that prepare a redistribution."""
    unpublished = "wishes" if "wishes" in instance.synthetic else ""
    yield (
        WISHES,
        ("municipality", "direction", "share", "least", "partner", "status", "date", "note",
         "synthetic"),
        [
            [w.municipality, w.direction, per_mille_text(w.share),
             per_mille_text(w.least) if w.least else None, w.partner, w.status, w.date, w.note,
             unpublished]
            for w in instance.wishes
        ],
    )  # fmt: skip
    yield PAIRS, ("from_code", "to_code"), [list(pair) for pair in instance.pairs]
    yield (
        AVAILABILITY,
        ("municipality", "from", "to", "places"),
        [[a.municipality, a.first, a.last, a.places] for a in instance.availability],
    )
    yield (
        LAST_YEAR,
        ("from_code", "to_code", "share"),
        [[t.giver, t.receiver, per_mille_text(t.share)] for t in instance.transfers_last_year],
    )


def _placement(
    instance: Instance,
) -> Iterator[tuple[str, tuple[str, ...], list[list[object]]]]:
    """Name, header and rows of the tables of placement."""
    unpublished = "homes" if "homes" in instance.synthetic else ""
    yield (
        PLACES,
        ("place", "municipality", "form", "places", "min_age", "max_age", "sexes", "languages",
         "competences", "from", "to", "group", "synthetic"),
        [
            [h.place, h.municipality, h.form, h.places, h.min_age, h.max_age, ";".join(h.sexes),
             ";".join(h.languages), ";".join(h.competences), h.first, h.last, h.group, unpublished]
            for h in instance.homes
        ],
    )  # fmt: skip
    agreed = "agreements" if "agreements" in instance.synthetic else ""
    yield (
        AGREEMENTS,
        ("responsible_code", "placing_code", "synthetic"),
        [[a.responsible, a.placing, agreed] for a in instance.agreements],
    )


def _cells(m: Municipality) -> list[object]:
    weight = None
    if m.kin_weight is not None:
        weight = _exact_decimal(m.kin_weight.numerator, m.kin_weight.denominator)
    return [
        m.code, m.name, m.county_code, m.county, m.population, per_mille_text(m.share),
        m.assigned_before, m.capacity,
        per_mille_text(m.wants_more) if m.wants_more else None,
        per_mille_text(m.wants_less) if m.wants_less else None,
        m.willing or None, weight, m.latitude, m.longitude,
    ]  # fmt: skip


def _exact_decimal(numerator: int, denominator: int) -> str:
    """Write a fraction that came from a decimal back as that decimal."""
    from decimal import Decimal, localcontext

    with localcontext() as context:
        context.prec = 60
        return f"{(Decimal(numerator) / Decimal(denominator)).normalize():f}"


def _head(instance: Instance) -> dict[str, object]:
    head: dict[str, object] = {"format": 1, "name": instance.name, "title": instance.title}
    head |= {"programme": instance.programme, "year": instance.year}
    head["counting_since"] = instance.counting_since
    for key in ("forecast", "forecast_asylum"):
        value = getattr(instance, key)
        if value is not None:
            head[key] = value
    head |= {"shares_are": instance.shares_are, "synthetic": list(instance.synthetic)}
    if instance.confirmed:
        head["confirmed"] = list(instance.confirmed)
    head |= {"policy": instance.policy, "provenance": dict(instance.provenance)}
    return head
