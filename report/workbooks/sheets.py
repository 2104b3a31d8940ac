"""What all workbooks share: formats, headings, sheet names, and the sheets that stand for files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from fordela.instances.seals import book_property, seal_book
from fordela.instances.workbooks.bundle import as_number
from fordela.instances.workbooks.grid import MARK
from fordela.instances.workbooks.names import FILE_SHEETS
from fordela.models.instance import Instance, Municipality

_LONGEST = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


@dataclass
class Workbook:
    """A workbook in the making: xlsxwriter's, with the formats that every sheet uses."""

    path: Path
    kind: str
    made: Any = field(init=False)
    formats: dict[str, Any] = field(init=False)
    _bytes: BytesIO = field(init=False, default_factory=BytesIO)
    _names: set[str] = field(init=False, default_factory=lambda: {n.casefold() for n in FILE_SHEETS})

    def __post_init__(self) -> None:
        import xlsxwriter
        from fordela import __version__

        self.made = xlsxwriter.Workbook(self._bytes, {"in_memory": True, "strings_to_formulas": False,
                                                      "strings_to_urls": False})  # fmt: skip
        self.made.set_custom_property(MARK, __version__)
        self.made.set_custom_property(*book_property(self.kind))
        plain = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
        styles: dict[str, dict[str, Any]] = {
            "text": {}, "title": {"bold": True, "font_size": 14}, "quiet": {"font_color": "#57606a"},
            "wrapped": {"text_wrap": True}, "head": {"bold": True, "text_wrap": True, "bottom": 2,
                                                     "bg_color": "#EEF2F6", "valign": "bottom"},
            "share": {"num_format": "0.00"}, "count": {"num_format": "#,##0"},
            "signed": {"num_format": "+0.00;-0.00;0.00"}, "ratio": {"num_format": "0.000"},
            "sum_text": {"bold": True, "top": 1},
            "sum_share": {"bold": True, "top": 1, "num_format": "0.00"},
            "sum_count": {"bold": True, "top": 1, "num_format": "#,##0"},
            "sum_signed": {"bold": True, "top": 1, "num_format": "+0.00;-0.00;0.00"},
            "input": {"bg_color": "#FFF8D6", "locked": False, "border": 1, "border_color": "#D0D7DE"},
            "input_share": {"bg_color": "#FFF8D6", "locked": False, "border": 1,
                            "border_color": "#D0D7DE", "num_format": "+0.00;-0.00;0.00"},
            "mono": {"font_name": "Consolas", "font_size": 9},
            "right": {"align": "right"},
        }  # fmt: skip
        self.formats = {name: self.made.add_format(plain | style) for name, style in styles.items()}

    def sheet(self, name: str, *, technical: bool = False) -> Any:
        """Add a sheet; its name is shortened and made unlike the others where it must be."""
        if technical:
            made = self.made.add_worksheet(name)
            made.set_tab_color("#A0A7AF")
            return made
        base = _FORBIDDEN.sub(" ", name).strip()[:_LONGEST] or "sheet"
        unique, number = base, 2
        while unique.casefold() in self._names:
            unique = f"{base[: _LONGEST - 3]} {number}"
            number += 1
        self._names.add(unique.casefold())
        sheet = self.made.add_worksheet(unique)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def heading(self, sheet: Any, row: int, headings: Sequence[tuple[str, int]]) -> None:
        """Write a row of headings and widths, repeat it in print and keep it in sight."""
        for column, (text, width) in enumerate(headings):
            sheet.write_string(row, column, text, self.formats["head"])
            sheet.set_column(column, column, width)
        sheet.set_row(row, 48)
        sheet.freeze_panes(row + 1, 2)
        sheet.repeat_rows(row)

    def lock(self, sheet: Any) -> None:
        """Lock all cells but those to fill in, without a password."""
        sheet.protect(
            "", {"format_columns": True, "format_rows": True, "sort": True, "autofilter": True}
        )

    def technical(self, sheets: Mapping[str, list[list[str]]]) -> None:
        """Add the sheets that stand for files."""
        for name, rows in sheets.items():
            sheet = self.sheet(name, technical=True)
            header = rows[0] if rows else []
            for r, row in enumerate(rows):
                for c, text in enumerate(row):
                    number = as_number(header[c], text) if r and c < len(header) else None
                    if number is not None:
                        sheet.write_number(r, c, number)
                    elif text:
                        sheet.write_string(r, c, text)

    def close(self) -> None:
        """Write the file.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self.made.close()
        self.path.write_bytes(seal_book(self._bytes.getvalue()))


def by_county(instance: Instance) -> dict[str, list[int]]:
    """Positions of the municipalities of each county, by its code, in order."""
    counties: dict[str, list[int]] = {}
    for k, m in enumerate(instance.municipalities):
        counties.setdefault(m.county_code, []).append(k)
    return dict(sorted(counties.items()))


def label(m: Municipality) -> str:
    """Code and name, as a list to choose from shows them."""
    return f"{m.code} {m.name}"


def letter(column: int) -> str:
    """Letters of a column counted from 0."""
    from fordela.instances.workbooks.grid import column_name

    return column_name(column + 1)
