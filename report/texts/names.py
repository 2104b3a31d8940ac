"""Names out of files, in Swedish: titles of shipped instances, and what is not published of a year."""

from __future__ import annotations

import re

#: Titles of shipped instances; what is in parentheses is filled in.
_TITLES = (
    (r"Unaccompanied children in Sweden, (\d+)", "Ensamkommande barn i Sverige, {0}"),
    (
        r"(.*), fitted to every published figure",
        "{0}, anpassat till varje publicerad siffra",
    ),
    (r"(.*), with generated homes", "{0}, med påhittade boenden"),
    (r"(.*), with ([\d,]+) generated children", "{0}, med {1} lottade barn"),
    (
        r"(\d+) with wishes over county borders, few willing: (\d+) givers, (\d+) receivers",
        "{0} med önskemål över länsgränser, få villiga: {1} ger, {2} tar emot",
    ),
    (
        r"(\d+) with wishes over county borders, some willing: (\d+) givers, (\d+) receivers",
        "{0} med önskemål över länsgränser, några villiga: {1} ger, {2} tar emot",
    ),
    (
        r"(\d+) with wishes over county borders, many willing: (\d+) givers, (\d+) receivers",
        "{0} med önskemål över länsgränser, många villiga: {1} ger, {2} tar emot",
    ),
    (
        r"A surge: 35,369 children in one year, as in 2015",
        "En kraftig ökning: 35 369 barn på ett år, som 2015",
    ),
    (
        r"Four invented municipalities and eight children, worked out by hand in the docs",
        "Fyra påhittade kommuner och åtta barn, uträknade för hand i dokumentationen",
    ),
)


#: English and Swedish by key: what of a year is not published, levels of policies' stacks, demands on rules.
TEXTS: dict[str, tuple[str, str]] = {
    "synthetic_assigned_before": ("children credited before", "tidigare tillräknade barn"),
    "synthetic_kin_weight": ("where kin lives", "var anhöriga bor"),
    "synthetic_cases": ("the cases", "ärendena"),
    "synthetic_transfers": ("decided transfers", "beslutade överlåtelser"),
    "synthetic_forecast_asylum": ("asylum forecast", "asylprognos"),
    "synthetic_forecast, forecast_asylum": ("forecasts", "prognoser"),
    "synthetic_wishes": ("wishes", "önskemål"),
    "synthetic_willing": ("willing places", "villiga platser"),
    "synthetic_number of children": ("number of children", "antal barn"),
    "synthetic_share (computed, not official)": (
        "share (computed, not official)",
        "andel (beräknad, inte officiell)",
    ),
    "synthetic_share (preliminary)": ("share (preliminary)", "andel (preliminär)"),
    "synthetic_everything": ("everything", "allt"),
    "synthetic_municipalities": ("municipalities", "kommuner"),
    "synthetic_population": ("population", "folkmängd"),
    "synthetic_capacity": ("capacity", "kapacitet"),
    "synthetic_places": ("homes", "boenden"),
    "synthetic_agreements": ("agreements", "överenskommelser"),
    "synthetic_language": ("languages", "språk"),
    "synthetic_needs": ("needs", "behov"),
    "synthetic_stay": ("lengths of stay", "vistelsetider"),
    "demand_answers every case with a municipality that can be chosen": (
        "answers every case with a municipality that can be chosen",
        "svarar på varje ärende med en kommun som kan väljas",
    ),
    "demand_ties, siblings, capacities and figures hold up to the checker": (
        "ties, siblings, capacities and figures hold up to the checker",
        "anknytningar, syskon, kapaciteter och siffror klarar kontrollen",
    ),
    "demand_sees no child who has not come": (
        "sees no child who has not come",
        "ser inget barn som inte har kommit",
    ),
    "demand_gives the same answers under the same seed": (
        "gives the same answers under the same seed",
        "ger samma svar med samma frö",
    ),
    "demand_is not changed by the years it was asked before": (
        "is not changed by the years it was asked before",
        "påverkas inte av år som den fått frågan om tidigare",
    ),
    "stack_unplaced": ("unplaced", "utan placering"),
    "stack_kinship-broken": ("kinship-broken", "bruten anknytning"),
    "stack_siblings-split": ("siblings-split", "delade syskon"),
    "stack_over-capacity": ("over-capacity", "över kapacitet"),
    "stack_deviation:l1": ("deviation:l1", "avvikelse, summa"),
    "stack_deviation:l2": ("deviation:l2", "avvikelse, kvadratsumma"),
    "stack_deviation:linf": ("deviation:linf", "största avvikelse"),
    "stack_deviation:chi2": ("deviation:chi2", "avvikelse, chi2"),
    "stack_deviation:min-fulfilment": ("deviation:min-fulfilment", "lägst måluppfyllelse"),
    "stack_deviation:max-fulfilment": ("deviation:max-fulfilment", "högst måluppfyllelse"),
    "stack_bearer-balance": ("bearer-balance", "jämnt mellan dem som bär"),
    "stack_willing": ("willing", "villiga platser"),
    "stack_distance": ("distance", "avstånd"),
    "stack_moves": ("moves", "flyttningar"),
    "stack_granted": ("granted", "uppfyllda önskemål"),
    "stack_equal-givers": ("equal-givers", "lika för dem som ger"),
    "stack_equal-receivers": ("equal-receivers", "lika för dem som tar emot"),
    "stack_leximin-givers": ("leximin-givers", "sämst ställda givare först"),
    "stack_leximin-receivers": ("leximin-receivers", "sämst ställda mottagare först"),
    "stack_within-county": ("within-county", "inom länet"),
    "stack_partners": ("partners", "antal parter"),
    "stack_continuity": ("continuity", "samma som förra året"),
    "stack_outside-own-municipality": ("outside-own-municipality", "utanför den ansvariga kommunen"),
    "stack_unmet-needs": ("unmet-needs", "behov som inte möts"),
    "stack_unsuitable-form": ("unsuitable-form", "form som inte passar åldern"),
}


def title_in(title: str, language: str) -> str:
    """Title of an instance in a language; one that is not shipped stands as it is."""
    if language == "sv":
        for known, swedish in _TITLES:
            if found := re.fullmatch(known, title):
                return swedish.format(*(title_in(part, language) for part in found.groups()))
    return title
