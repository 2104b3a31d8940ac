"""Shared settings: deterministic property tests, and the backends."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "fordela",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("fordela")


@pytest.fixture(params=["highs", "cp-sat", "cbc"])
def backend(request: pytest.FixtureRequest) -> str:
    """Return every backend in turn."""
    return str(request.param)
