"""Workbooks made by another program: flat OpenDocument in, LibreOffice headless, .xlsx out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

Row = Sequence[object]

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:body><office:spreadsheet>
"""
_FOOT = "</office:spreadsheet></office:body></office:document>\n"


def soffice() -> str:
    """Find LibreOffice; without it a test is skipped, unless it is required to be there."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        if os.environ.get("FORDELA_REQUIRE_PROGRAMS"):
            pytest.fail("LibreOffice is required here: apt install libreoffice-calc")
        pytest.skip("needs LibreOffice (apt install libreoffice-calc)")
    return found


def flat_ods(sheets: Mapping[str, Sequence[Row]]) -> str:
    """Write sheets as flat OpenDocument; numbers, texts, ``=formulas`` and None for a blank."""
    parts = [_HEAD]
    for name, rows in sheets.items():
        parts.append(f"<table:table table:name={quoteattr(name)}>")
        for row in rows:
            parts.append(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>")
        parts.append("</table:table>")
    return "".join([*parts, _FOOT])


def _cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, tuple):  # a text over several rows and columns
        text, rows, columns = value
        return (
            f'<table:table-cell table:number-rows-spanned="{rows}" office:value-type="string" '
            f'table:number-columns-spanned="{columns}"><text:p>{escape(text)}</text:p></table:table-cell>'
        )
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    text = str(value)
    if text.startswith("="):
        return f"<table:table-cell table:formula={quoteattr('of:' + text)}/>"
    paragraph = f"<text:p>{escape(text)}</text:p>"
    return f'<table:table-cell office:value-type="string">{paragraph}</table:table-cell>'


def convert(source: Path, form: str, folder: Path) -> Path:
    """Open a file in LibreOffice and save it in another form."""
    profile = (folder / "profile").resolve().as_uri()
    command = [soffice(), "--headless", "--norestore", f"-env:UserInstallation={profile}",
               "--convert-to", form, "--outdir", str(folder), str(source)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / f"{source.stem}.{form.partition(':')[0]}"


def make_workbook(sheets: Mapping[str, Sequence[Row]], target: Path) -> Path:
    """Let LibreOffice make an .xlsx workbook."""
    source = target.with_suffix(".fods")
    source.write_text(flat_ods(sheets), encoding="utf-8")
    made = convert(source, "xlsx", target.parent)
    source.unlink()
    return made
