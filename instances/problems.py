"""Pydantic's findings as problems: file, row, column, value and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fordela.models.errors import Problem
from fordela.models.policy import nearest
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


def validate(
    model: type[Model], data: Mapping[str, Any], file: str, row: int | None = None, prefix: str = ""
) -> tuple[Model | None, list[Problem]]:
    """Validate a row or table of keys; return what is valid, or every problem."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        problems = []
        seen = set()
        for found in error.errors(include_url=False):
            key = str(found["loc"][0]) if found["loc"] else ""
            if key in seen:
                continue
            seen.add(key)
            problems.append(_problem(model, found, data, file, row, prefix))
        return None, problems


def _problem(
    model: type[BaseModel],
    found: Any,
    data: Mapping[str, Any],
    file: str,
    row: int | None,
    prefix: str,
) -> Problem:
    key = str(found["loc"][0]) if found["loc"] else ""
    column = f"{prefix}{key}"
    if found["type"] == "missing":
        message = "must not be blank" if row else "is missing"
        field = model.model_fields.get(key)
        return Problem(file, f"{message}{_allowed(field)}", row, column, "" if row else None)
    if found["type"] == "extra_forbidden":
        known = list(model.model_fields)
        return Problem(file, f"no such key; {nearest(key, known)}", row, column)
    value = str(data.get(key, ""))
    field = model.model_fields.get(key)
    reason = str(found["msg"]).removeprefix("Value error, ")
    if found["type"] != "value_error":
        reason = "is not allowed here"
    return Problem(file, f"{reason}{_allowed(field)}", row, column, value)


def _allowed(field: Any) -> str:
    description = getattr(field, "description", None)
    if description is None and field is not None:
        for part in getattr(field.annotation, "__args__", ()):
            for extra in getattr(part, "__metadata__", ()):
                description = getattr(extra, "description", None) or description
    return f"; allowed is {description}" if description else ""
