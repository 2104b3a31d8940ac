"""A small sample of what ``make mutations`` does."""

from __future__ import annotations

import pytest

from tests.mutations import measure


def test_hardly_any_change_of_a_result_passes_unnoticed() -> None:
    tried, passed = measure(years=1, sample=6, seed=1)
    assert tried.total() > 80
    assert passed.total() <= 1, passed


@pytest.mark.thorough
def test_of_many_changes_less_than_one_in_a_hundred_passes_unnoticed() -> None:
    tried, passed = measure(years=6, sample=100, seed=2)
    assert passed.total() < tried.total() / 100, passed
