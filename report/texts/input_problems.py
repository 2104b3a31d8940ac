"""Problems with the tables of an instance and its names in Swedish, part by part; see `problems`."""

from __future__ import annotations

#: Swedish by English template.
OF_INPUT: dict[str, str] = {
    "wrong encoding: save it as UTF-8 (in Excel: 'CSV UTF-8')": "fel teckenkodning: spara som UTF-8 (i Excel: 'CSV UTF-8')",
    "wrong encoding or not text: save it as CSV in UTF-8": "fel teckenkodning eller ingen text: spara som CSV i UTF-8",
    "the encoding was damaged before: letters were replaced": "teckenkodningen är skadad: bokstäver har bytts ut",
    "export it again as UTF-8": "exportera igen som UTF-8",
    "is empty": "är tom",
    "a header row is needed: {}": "en rubrikrad behövs: {}",
    "is not a readable table: {}": "är ingen läsbar tabell: {}",
    "this column name occurs more than once": "kolumnnamnet förekommer mer än en gång",
    "has {} cells, but the header has {}": "har {} celler, men rubrikraden har {}",
    "is not read": "läses inte",
    "one of your own needs a name less like it": "en egen behöver ett mindre likt namn",
    "this column is missing": "kolumnen saknas",
    "codes are text of {} digits": "koder är text med {} siffror",
    "a spreadsheet drops leading zeros": "kalkylprogram tar bort inledande nollor",
    "{} is missing from Sweden's municipalities": "{} saknas bland Sveriges kommuner",
    "is no municipality of Sweden": "är ingen kommun i Sverige",
    'if it is right, say so with --accept {} or in instance.toml: confirmed = ["{}"]': 'om det är rätt, bekräfta med --accept {} eller i instance.toml: confirmed = ["{}"]',
    "a list of names that error messages give": "en lista över namn som felmeddelanden ger",
    "with {} decimals rounding explains at most {} ‰": "med {} decimaler förklarar avrundning högst {} ‰",
    "{} is a municipality of {}": "{} är en kommun i {}",
    "{} is a county, for --county": "{} är ett län, för --county",
    "{}: this file is not used": "{}: filen används inte",
    "{}: columns that are not used: {}": "{}: kolumner som inte används: {}",
    "the workbook holds no children, so that it can be sent": "arbetsboken innehåller inga barn, så att den kan skickas",
    "--with-cases writes them too": "--with-cases skriver även dem",
    "this sheet is missing from the workbook": "bladet saknas i arbetsboken",
    "workbooks for others hold no children": "arbetsböcker för andra innehåller inga barn",
    "use the year that it was made from, take its answers in with 'fordela instances import', or export it with --with-cases": "använd året som den gjordes av, läs in svaren med 'fordela instances import', eller exportera den med --with-cases",
    "a sheet children with only a header is a year without any": "ett blad children med bara en rubrikrad är ett år utan barn",
}
