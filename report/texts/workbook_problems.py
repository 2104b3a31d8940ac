"""Problems with workbooks of shares and wishes in Swedish, part by part; see `problems`."""

from __future__ import annotations

#: Swedish by English template.
OF_WORKBOOKS: dict[str, str] = {
    # what a file may hold
    "is larger than {} MB": "är större än {} MB",
    "has {} parts": "har {} delar",
    "no more than {} are read": "högst {} läses",
    "would unpack to {} MB": "skulle packas upp till {} MB",
    "no more than {} MB are read": "högst {} MB läses",
    "copy the tables into a new workbook": "kopiera tabellerna till en ny arbetsbok",
    "has XML with a document type, which no spreadsheet writes": "har XML med en dokumenttyp, som inget kalkylprogram skriver",
    "it is not read": "den läses inte",
    "more than {} cells": "fler än {} celler",
    "delete empty rows and columns behind the tables": "ta bort tomma rader och kolumner efter tabellerna",
    "has texts of more than {} letters": "har texter på mer än {} tecken",
    "shorten them": "korta dem",
}
