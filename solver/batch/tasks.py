"""One task of a batch: what identifies it, and the row that comes of it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from time import monotonic

from fordela.instances.catalogue import load_instance
from fordela.instances.policy_files import policy_toml
from fordela.models.errors import FordelaError, InputError, Problem
from fordela.models.extensions import NORMS as OWN_NORMS
from fordela.models.extensions import RULES, fingerprint
from fordela.models.instance import Instance
from fordela.models.policy import Policy
from fordela.models.tables import Row

#: Name and version of everything that a result can depend on.
Versions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Settings:
    """What all tasks of a batch share.

    Attributes
    ----------
    backend, time_limit
        Engine, and seconds for one task.
    gaps
        Whether the gap to optimal is bounded for every norm.
    own_norms
        Norms of one's own that are reported too.
    """

    backend: str = "auto"
    time_limit: float | None = None
    gaps: bool = True
    own_norms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """An instance, a policy and a seed.

    Attributes
    ----------
    source
        Name or path that the instance is loaded from.
    instance, instance_sha256
        Its name, and the hash of its content when the batch began.
    policy, seed
        Policy and seed.
    settings, versions
        Of the batch.
    """

    source: str
    instance: str
    instance_sha256: str
    policy: Policy
    seed: int
    settings: Settings
    versions: Versions

    @property
    def identity(self) -> tuple[str, str, int]:
        """What a user calls the task; the same identity with another key is outdated."""
        return self.instance, self.policy.name, self.seed

    @property
    def key(self) -> str:
        """Hash of everything that the row depends on."""
        parts = [self.instance_sha256, self.policy.sha256, self.seed, asdict(self.settings),
                 self.versions]  # fmt: skip
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def versions(backend: str, policy: Policy, own_norms: Sequence[str] = ()) -> Versions:
    """Versions that a result can depend on; of a rule or norm of one's own a hash of its source."""
    import numpy as np
    from fordela import __version__
    from fordela.solver.backends import get_backend

    engine = get_backend(backend)
    own = [(n, fingerprint(n, OWN_NORMS)) for n in dict.fromkeys((*own_norms, *policy.own_norms))]
    if policy.has_own_rule:
        own.append((policy.assignment.rule, fingerprint(policy.assignment.rule, RULES)))
    return (
        ("fordela", __version__),
        (engine.name, engine.version),
        ("numpy", np.__version__),
        ("python", platform.python_version()),
        *own,
    )


@lru_cache(maxsize=4)
def _instance(source: str) -> Instance:
    return load_instance(source)


def run_task(task: Task) -> Row:
    """Run a task; an error of its own becomes a row with the message."""
    started = monotonic()
    row = _head(task)
    try:
        row |= _figures(task)
        row["error"] = ""
    except FordelaError as error:
        row |= {"status": "error", "error": str(error)}
    except Exception as error:
        row |= {"status": "error", "error": f"{type(error).__name__}: {error}"}
    row["seconds"] = round(monotonic() - started, 3)
    return row


def failed_row(task: Task, message: str) -> Row:
    """Row of a task whose process died."""
    return _head(task) | {"status": "error", "error": message, "seconds": None}


def _head(task: Task) -> Row:
    settings = task.settings
    return {
        "key": task.key,
        "instance": task.instance,
        "policy": task.policy.name,
        "seed": task.seed,
        "source": task.source,
        "instance_sha256": task.instance_sha256,
        "policy_sha256": task.policy.sha256,
        "policy_toml": policy_toml(task.policy),
        "backend": settings.backend,
        "time_limit": settings.time_limit,
        "gaps": settings.gaps,
        "versions": "; ".join(f"{name} {version}" for name, version in task.versions),
    }


def _figures(task: Task) -> Row:
    from fordela.models.policy import NORMS
    from fordela.solver.comparison import compare
    from fordela.solver.comparison_rows import comparison_rows

    instance = _instance(task.source)
    if instance.sha256 != task.instance_sha256:
        _instance.cache_clear()
        message = "the instance changed while the batch was running"
        raise InputError([Problem(task.source, message)])
    found = compare(
        instance,
        [task.policy],
        backend=task.settings.backend,
        time_limit=task.settings.time_limit,
        seed=task.seed,
        workers=1,
        norms=NORMS if task.settings.gaps else (),
        own_norms=task.settings.own_norms,
    )
    (row,) = comparison_rows(found)
    return row
