"""Texts of how readings of the rule agree with what is published, in English and Swedish."""

from __future__ import annotations

#: English and Swedish by key.
TEXTS: dict[str, tuple[str, str]] = {
    "validation_answer": (
        "Of {n} published figures of {year} that the model was not given, {inside} lie within what it "
        "draws in 95 years of 100, and {middle} within the middle half.",
        "Av {n} publicerade siffror för {year} som modellen inte fick veta ligger {inside} inom vad "
        "den drar i 95 år av 100, och {middle} inom den mittersta hälften.",
    ),
    "validation_misses": ("It misses {figures}.", "Den missar {figures}."),
    "validation_miss": (
        "{figure} ({published} published, {low}–{high} drawn)",
        "{figure} ({published} publicerat, {low}–{high} draget)",
    ),
    "validation_meaning": (
        "There the rule, as it is read here, dealt the children out otherwise than happened, so what "
        "the model says of these is no forecast.",
        "Där fördelade regeln, som den läses här, barnen på annat sätt än som skedde, så vad modellen "
        "säger om dem är ingen prognos.",
    ),
    "validation_all_inside": (
        "Nothing that is published speaks against it; that does not prove it.",
        "Inget som är publicerat talar emot den; det bevisar den inte.",
    ),
    "validation_reading": (
        "That is the shipped reading: {reading}.",
        "Det är den läsning som följer med: {reading}.",
    ),
    "validation_rank": (
        "By the ranked probability score {rank} of {n} readings come nearer to what is published; the "
        "nearest is: {best}.",
        "Enligt sannolikhetspoängen (CRPS) kommer {rank} av {n} läsningar närmare det publicerade; "
        "närmast är: {best}.",
    ),
    "validation_tried": (
        "{n} readings had been tried on the figures of {year} before, so these no longer choose "
        "between readings: the scores below rank nothing.",
        "{n} läsningar hade redan prövats mot siffrorna för {year}, så de väljer inte längre mellan "
        "läsningar: poängen nedan rangordnar ingenting.",
    ),
    "validation_no_reception": (
        "Readings with shares by population and earlier reception are left out: the year's shares or "
        "transfers are its own.",
        "Läsningar med andelar efter befolkning och tidigare mottagande är utelämnade: årets andelar "
        "eller omfördelningar är dess egna.",
    ),
    "validation_few": (
        "Only {histories} histories × {draws} draws, where 200 × 20 are needed: they tell little, and "
        "the intervals are rough.",
        "Bara {histories} historiker × {draws} dragningar, där 200 × 20 behövs: de säger lite, och "
        "intervallen är grova.",
    ),
    "validation_too_few": (
        "So few draws tell little ({histories} histories × {draws} draws; 200 × 20 are needed). Below "
        "{least} histories nothing is concluded: neither which figures are missed nor which reading "
        "comes nearest.",
        "Så få dragningar säger lite ({histories} historiker × {draws} dragningar; 200 × 20 behövs). "
        "Under {least} historiker dras ingen slutsats: varken vilka siffror som missas eller vilken "
        "läsning som kommer närmast.",
    ),
    "validation_readings": (
        "Every reading, nearest first ({n} figures, {histories} histories × {draws} draws)",
        "Alla läsningar, den närmaste först ({n} siffror, {histories} historiker × {draws} dragningar)",
    ),
    "validation_readings_tried": (
        "Every reading, in no order of merit ({n} figures, {histories} histories × {draws} draws)",
        "Alla läsningar, utan rangordning ({n} siffror, {histories} historiker × {draws} dragningar)",
    ),
    "validation_met": (
        "Which figures are met: the interval in per cent that holds the figure, under owner-bearer / "
        "effective share; – outside 95 (ties always followed, all since 2016 count)",
        "Vilka siffror som nås: det intervall i procent som rymmer siffran, med ägare-bärare / andel "
        "efter omfördelning; – utanför 95 (anknytning följs alltid, allt sedan 2016 räknas)",
    ),
    "validation_figures": ("Figures: {reading}", "Siffror: {reading}"),
    "validation_note": (
        "Nothing is fitted to an equalising figure. given: the drawing of the year was given it; "
        "follows: another row and what was given say the same. Only the others are tests. "
        "Score: mean ranked probability score, 0 is best; ties that are not followed count "
        "as equalising.",
        "Inget är anpassat till en utjämnande siffra. känd: dragningen av året fick veta den; "
        "följer: en annan rad och det givna säger samma sak. Bara de andra är prov. "
        "Poäng: medel av CRPS, 0 är bäst; anknytningar som inte följs räknas som utjämnande.",
    ),
    "reading_owner-bearer": ("owner-bearer", "ägare-bärare"),
    "reading_effective-share": ("effective share", "andel efter omfördelning"),
    "reading_always": ("ties always followed", "anknytning följs alltid"),
    "reading_within-share": ("ties within the share", "anknytning inom andelen"),
    "reading_history": ("all since 2016 count", "allt sedan 2016 räknas"),
    "reading_year": ("the year alone counts", "bara året räknas"),
    "reading_population": ("ties by population", "anknytning efter befolkning"),
    "reading_county": ("ties by county's part", "anknytning efter länets del"),
    "reading_local": ("ties with local variation", "anknytning med lokal variation"),
    "reading_shares_population": ("shares by population", "andelar efter befolkning"),
    "reading_shares_reception": (
        "shares by population and earlier reception",
        "andelar efter befolkning och tidigare mottagande",
    ),
    "reading_shares_own": ("the year's own shares", "årets egna andelar"),
    "shares_by_population": ("population", "befolkning"),
    "shares_by_reception": ("reception", "mottagande"),
    "shares_by_own": ("own", "egna"),
    "met_population": ("ties population", "anknytning befolkning"),
    "met_county": ("ties county", "anknytning län"),
    "met_local": ("ties local", "anknytning lokal"),
    "met_shares_population": ("shares population", "andelar befolkning"),
    "met_shares_reception": ("shares reception", "andelar mottagande"),
    "met_shares_own": ("shares own", "andelar egna"),
    "met_lies_50": ("50", "50"),
    "met_lies_80": ("80", "80"),
    "met_lies_95": ("95", "95"),
    "met_lies_outside": ("–", "–"),
    "column_mechanism": ("Mechanism", "Mekanism"),
    "column_kinship": ("Kinship", "Anknytning"),
    "column_basis": ("Basis", "Räknat"),
    "column_ties": ("Ties", "Fördelning"),
    "column_shares": ("Shares", "Andelar"),
    "column_inside": ("In {p} %", "Inom {p} %"),
    "column_outside": ("Outside 95 %", "Utanför 95 %"),
    "column_score": ("Score", "Poäng"),
    "column_figure": ("Figure", "Siffra"),
    "column_published": ("Published", "Publicerat"),
    "column_median": ("Median", "Median"),
    "column_lies": ("Lies", "Ligger"),
    "lies_50": ("in 50 %", "inom 50 %"),
    "lies_80": ("in 80 %", "inom 80 %"),
    "lies_95": ("in 95 %", "inom 95 %"),
    "lies_outside": ("outside", "utanför"),
    "lies_yes": ("given", "känd"),
    "lies_follows": ("follows", "följer"),
    "figure_total": ("assignments", "anvisningar"),
    "figure_kinship": ("kinship", "anknytning"),
    "figure_equalising": ("equalising", "utjämnande"),
    "figure_on_transferred_share": ("on transferred shares", "på omfördelade andelar"),
    "figure_on_transferred_share_since_2023": (
        "on transferred shares a year since 2023",
        "på omfördelade andelar per år sedan 2023",
    ),
    "figure_more_than_0": ("municipalities with a child", "kommuner med barn"),
    "figure_more_than_3": ("municipalities with more than three", "kommuner med fler än tre"),
    "figure_others_above_10": ("other municipalities above ten", "andra kommuner över tio"),
}
