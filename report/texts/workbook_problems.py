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
    # headings
    "is in per cent": "är i procent",
    "shares are in ‰ (per mille), ten times as much": "andelar är i ‰ (promille), tio gånger så mycket",
    "is in per cent, in {} cells": "är i procent, i {} celler",
    "the column's numbers {}": "kolumnens tal {}",
    "are in per cent": "är i procent",
    "are parts of one": "är delar av ett",
    "shares are in ‰ (per mille), a thousand times as much": "andelar är i ‰ (promille), tusen gånger så mycket",
    "are in parts of ten thousand": "är i tiotusendelar",
    "shares are in ‰ (per mille), a tenth of that": "andelar är i ‰ (promille), en tiondel av det",
    "they {}": "de {}",
    "sum to {} instead of {}": "summerar till {} i stället för {}",
    "merged heading: it cannot be told which column it means": "sammanfogad rubrik: det går inte att säga vilken kolumn den gäller",
    "unmerge it": "dela den",
    "map one by hand: {}": "ange en för hand: {}",
    "is of another year than {}": "gäller ett annat år än {}",
    "if it is right: --map '{}={}', and for another year --year": "om det är rätt: --map '{}={}', och för ett annat år --year",
    "is nearly {}": "är nästan {}",
    "say --map '{}={}', or --map '{}={}'": "ange --map '{}={}', eller --map '{}={}'",
    "it has no row of headings": "den har ingen rubrikrad",
    "say which is which: --map '{}=column' ({})": "ange vilken som är vilken: --map '{}=kolumn' ({})",
    # rows
    "code and name disagree: {}": "kod och namn stämmer inte: {}",
    "{} is not {} {}": "{} är inte {} {}",
    "code and name disagree: {} is not {} {}": "kod och namn stämmer inte: {} är inte {} {}",
    # wishes
    "{} has no wish beside it": "{} har inget önskemål bredvid",
    "fill in the wish, 0 if it keeps its share": "fyll i önskemålet, 0 om andelen behålls",
    "{} has a remark and no wish": "{} har en kommentar men inget önskemål",
    "fill in the wish, or leave all remarks out with --map 'Heading=-'": "fyll i önskemålet, eller utelämna alla kommentarer med --map 'Rubrik=-'",
    "{} says different things: {}": "{} säger olika saker: {}",
    "{} would have more than all of the 1000 ‰": "{} skulle få mer än alla 1000 ‰",
    # beside the base
    "if it is right, say so with --accept {}": "om det är rätt, bekräfta med --accept {}",
    "every share is that of {}": "varje andel är den för {}",
    "these are no shares of {}": "det är inga andelar för {}",
    "{} {} has {} ‰ instead of the base's {} ‰": "{} {} har {} ‰ i stället för basens {} ‰",
    "has shares of {} only": "har bara andelar för {}",
    "has no share of {} {}": "har ingen andel för {} {}",
    "{} {}: {} of {} shares are the base's, unchanged": "{} {}: {} av {} andelar är basens, oförändrade",
    "{} of {} shares are the base's, unchanged, the others are not": "{} av {} andelar är basens, oförändrade, men inte de andra",
    "its titles name {}, and not {}": "dess rubriker nämner {}, och inte {}",
    "--year takes another year": "--year tar ett annat år",
}
