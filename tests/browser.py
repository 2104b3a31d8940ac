"""Headless Chromium, as Debian ships it, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--no-first-run", "--disable-sync", "--disable-quic",
)  # fmt: skip


@dataclass
class Visit:
    """A page that is open, and what it did: its errors, and every address it asked for."""

    page: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def chromium() -> str:
    """Find Chromium; without it a test is skipped, unless it is required to be there."""
    found = (
        shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    )
    if found is None:
        if os.environ.get("FORDELA_REQUIRE_PROGRAMS"):
            pytest.fail("Chromium is required here: apt install chromium")
        pytest.skip("needs Chromium (apt install chromium)")
    return found


@contextmanager
def visit(path: Path, **context: Any) -> Iterator[Visit]:
    """Open a file from disk, offline, and wait until the page says that it is ready."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=list(_QUIET))
        page = browser.new_context(offline=True, **context).new_page()
        seen = Visit(page)
        page.on("console", lambda m: seen.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: seen.errors.append(str(e)))
        page.on("request", lambda r: seen.requests.append(r.url))
        page.goto(path.resolve().as_uri())
        page.wait_for_selector("html[data-ready=true]", timeout=60_000)
        yield seen
        browser.close()
