"""Sentences of an explanation, in English and Swedish."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {}
