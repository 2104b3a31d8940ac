"""Texts of workbooks and of taking them in, in English and Swedish."""

from __future__ import annotations

#: English and Swedish by key.
TEXTS: dict[str, tuple[str, str]] = {
    "guessed_title": (
        "Columns of {file}, as their headings say",
        "Kolumner i {file}, enligt rubrikerna",
    ),
    "heading": ("Heading", "Rubrik"),
    "column": ("Column", "Kolumn"),
    "meaning": ("Means", "Betyder"),
    "is_it_right": ("Is this right?", "Stämmer det?"),
    "not_mapped": (
        "Not used: '{heading}', which looks like {column}; to use it add --map '{heading}={column}'",
        "Används inte: '{heading}', som liknar {column}; lägg till --map '{heading}={column}'",
    ),
    "imported": ("{name}: taken in over {base}", "{name}: inläst över {base}"),
    "changed_values": (
        "{column}: changed for {n} of {of} municipalities",
        "{column}: ändrat för {n} av {of} kommuner",
    ),
    "new_wishes": ("wishes: new rows in the log: {n}", "önskemål: nya rader i loggen: {n}"),
    "wish_more": ("{who} +{share} ‰", "{who} +{share} ‰"),
    "wish_less": ("{who} −{share} ‰", "{who} −{share} ‰"),
    "wish_keeps": ("{who} keeps its share", "{who} behåller sin andel"),
    "wish_withdrawn": ("{who} takes it back", "{who} tar tillbaka"),
    "wish_partner": (" (with {who})", " (med {who})"),
    "more_wishes": ("  and {n} more, in wishes.csv", "  och {n} till, i wishes.csv"),
    "wishes_day": ("  said on {day}", "  sagt {day}"),
    "read_columns": ("columns: {columns}", "kolumner: {columns}"),
    "unread_columns": ("columns not read: {columns}", "kolumner som inte läses: {columns}"),
    "unread_cells": (
        "{sheet}: texts that nothing reads: {cells}",
        "{sheet}: texter som inget läser: {cells}",
    ),
    "cell_comments": (
        "{sheet}: comments on cells are not read: {cells}",
        "{sheet}: kommentarer till celler läses inte: {cells}",
    ),
    "found_rows": (
        "found: {n} of {of} municipalities; sheets: {sheets}",
        "hittade {n} av {of} kommuner; antal blad: {sheets}",
    ),
    "others_keep": (
        "{column}: not given for {n} of {of} municipalities, which keep the base's value",
        "{column}: saknas för {n} av {of} kommuner, som behåller basens värde",
    ),
    "from_base": (
        "from {base}, as the workbook lacks them: {columns}",
        "från {base}, då arbetsboken saknar dem: {columns}",
    ),
    "taken_total": ("{place}: {value} is taken for a total", "{place}: {value} tolkas som en summa"),
    "left_out_change": (
        "'{heading}' is taken for a change between years, not for a wish; if it is one: --map '{heading}=change'",
        "'{heading}' tolkas som en ändring mellan år, inte som ett önskemål; om det är ett: --map '{heading}=change'",
    ),
    "still_stands": (
        "no wish is said, so these still stand: {wishes}",
        "inget önskemål sägs, så dessa står kvar: {wishes}",
    ),
    "as_sent": (
        "{n} wishes stand as the survey was sent out, and are no answers; not taken in: {named}. "
        "One that is an answer needs its status or a remark beside it",
        "{n} önskemål står som när enkäten skickades ut och är inga svar; läses inte in: {named}. "
        "Ett som är ett svar behöver sin status eller en kommentar bredvid",
    ),
    "drawn_left": (
        "wishes that nobody has answered yet, and are synthetic: of {n} municipalities",
        "önskemål som ingen har besvarat än och är syntetiska: från {n} kommuner",
    ),
    "hidden_sheet": ("hidden sheet, not read: {sheet}", "dolt blad, läses inte: {sheet}"),
    "read_me": ("Read me", "Läs mig"),
    "country": ("Sweden", "Riket"),
    "country_sum": ("Whole country", "Hela riket"),
    "sum": ("Sum", "Summa"),
    "share_preliminary": ("Preliminary share ‰", "Preliminär andel ‰"),
    "share_decided": ("Decided share ‰", "Beslutad andel ‰"),
    "share_computed": ("Computed share ‰", "Beräknad andel ‰"),
    "sum_more": ("Sum to take over ‰", "Summa att ta över ‰"),
    "sum_less": ("Sum to hand away ‰", "Summa att lämna ‰"),
    "wish_column": ("Wish ±‰", "Önskemål ±‰"),
    "least_column": ("Least ‰", "Minst ‰"),
    "partner_column": ("Partner", "Motpart"),
    "status_column": ("Status", "Status"),
    "after_column": ("With the wish ‰", "Med önskemålet ‰"),
    "note_column": ("Remark", "Kommentar"),
    "difference_column": ("Sum changes by ‰", "Summan ändras med ‰"),
    "status_proposed": ("proposed", "föreslaget"),
    "status_agreed": ("agreed", "överenskommet"),
    "status_withdrawn": ("withdrawn", "återtaget"),
    "status_keeps": ("keeps its share", "behåller"),
    "fill_in": (
        "Fill in the yellow cells: how many ‰ of share the municipality wishes to take over (+) or "
        "hand "
        "away (−), 0 for exactly its share, blank for no answer.",
        "Fyll i de gula cellerna: hur många ‰ av andelen kommunen önskar ta över (+) eller lämna (−), "
        "0 för exakt sin andel, tomt för inget svar.",
    ),
    "must_stay": (
        "The sum of a county stays as it is when every share that is handed away is taken over by "
        "another municipality: then the last figure is 0.",
        "Länets summa står kvar när varje andel som lämnas tas över av en annan kommun: då är sista "
        "talet 0.",
    ),
    "back_in": (
        "Take the answers in: fordela instances import THIS.xlsx --base {name} --out answers",
        "Läs in svaren: fordela instances import DENNA.xlsx --base {name} --out svar",
    ),
    "wish_input": ("Wish", "Önskemål"),
    "wish_help": (
        "‰ of share: + to take over, − to hand away, at most {most} ‰. 0: exactly the share.",
        "‰ av andelen: + för att ta över, − för att lämna, högst {most} ‰. 0: exakt andelen.",
    ),
    "wish_wrong": (
        "A number from {least} to 1000, with at most two decimals.",
        "Ett tal från {least} till 1000, med högst två decimaler.",
    ),
    "least_help": (
        "The least ‰ that is of use; blank for any.",
        "Minsta ‰ som är till nytta; tomt för alla.",
    ),
    "choose_list": ("Choose from the list, or leave blank.", "Välj i listan, eller lämna tomt."),
    "technical_without_cases": (
        "The grey sheets at the end hold the instance without its children, for the program. Answers in "
        "the county sheets come in with 'fordela instances import'.",
        "De grå bladen sist innehåller instansen utan barnen, för programmet. Svar i länsbladen läses in "
        "med 'fordela instances import'.",
    ),
    "technical": (
        "The grey sheets at the end hold the whole instance, for the program. What is changed there is "
        "read by 'fordela compare THIS.xlsx'; answers in the county sheets come in with 'import'.",
        "De grå bladen sist innehåller hela instansen, för programmet. Det som ändras där läses av "
        "'fordela compare DENNA.xlsx'; svar i länsbladen läses in med 'import'.",
    ),
    "result_of": ("{title} · {policy}", "{title} · {policy}"),
    "handed_to": ("Hands to / receives from", "Lämnar till / tar emot från"),
    "answer_column": ("Wish", "Önskemål"),
    "no_answer": ("has not answered", "har inte svarat"),
    "keeps_its_share": ("keeps its share", "behåller sin andel"),
    "transfers_sheet": ("Handed over", "Överlåtelser"),
    "proof_sheet": ("Proof", "Bevis"),
    "no_cases_here": (
        "Single cases are left out; --cases includes them, and all that 'fordela check' needs.",
        "Enskilda ärenden är utelämnade; --cases tar med dem och allt som 'fordela check' behöver.",
    ),
}  # fmt: skip
