"""Texts of what many random years show, in English and Swedish."""

from __future__ import annotations

#: English and Swedish by key.
TEXTS: dict[str, tuple[str, str]] = {
    "years_line": (
        "{years} random years ({stream}): on average {mean} children in a year without a surge, "
        "{kinship} with a tie; surges in {surges} of the years (probability {probability}, "
        "{factor} times as many).",
        "{years} slumpade år ({stream}): i medel {mean} barn ett år utan kraftig ökning, {kinship} med "
        "anknytning; kraftig ökning i {surges} av åren (sannolikhet {probability}, {factor} gånger så "
        "många).",
    ),
    "stream_seed": ("seed {seed}", "frö {seed}"),
    "stream_set": ("the {name} set", "mängden {name}"),
    "paired_line": (
        "Every policy meets the same children. Mean and 95 % interval of the mean.",
        "Alla regler möter samma barn. Medel och 95 % intervall för medlet.",
    ),
    "too_few_years": (
        "Fewer than 30 years: no interval.",
        "Färre än 30 år: inget intervall.",
    ),
    "too_few_for_percentiles": (
        "Fewer than {n} years: no 5th and 95th percentile.",
        "Färre än {n} år: ingen 5:e och 95:e percentil.",
    ),
    "means_table": ("Mean of a year", "Medel av ett år"),
    "with_0": ("Municipalities with none", "Kommuner med inget barn"),
    "with_1": ("Municipalities with 1", "Kommuner med 1"),
    "with_2_3": ("Municipalities with 2–3", "Kommuner med 2–3"),
    "with_more": ("Municipalities with more than 3", "Kommuner med fler än 3"),
    "gini": ("Gini of fulfilment", "Gini för måluppfyllelse"),
    "herfindahl": ("Herfindahl of children", "Herfindahl för barnen"),
    "in_willing": ("Where more was asked for", "Där man bett om fler"),
    "chi2_gap": ("chi2 above hindsight", "chi2 över efterhand"),
    "difference_table": ("Difference from {policy}, year by year", "Skillnad mot {policy}, år för år"),
    "difference_note": (
        "Same years. * The interval does not contain 0. † Under the other mechanism of docs/model.md, section 2, the "
        "difference is not of the same sign: no conclusion.",
        "Samma år. * Intervallet innehåller inte 0. † Med den andra mekanismen i docs/model.md, avsnitt 2, har "
        "skillnaden inte samma tecken: ingen slutsats.",
    ),
    "range_table": (
        "From the lowest to the highest year in twenty (5th and 95th percentile)",
        "Från det lägsta till det högsta året av tjugo (5:e och 95:e percentilen)",
    ),
    "gain_table": (
        "Part of what hindsight gains over the rule in force",
        "Del av vad efterhand vinner mot gällande regel",
    ),
    "convergence_table": ("How the means settle", "Hur medlen stabiliseras"),
    "after_years": ("{n} years", "{n} år"),
    "scenario_table": (
        "{part} of the ties moved to {where} (the Migration Agency's accommodation): difference",
        "{part} av anknytningarna flyttade till {where} (Migrationsverkets boende): skillnad",
    ),
    "municipal_table": (
        "Municipalities whose mean differs most from {policy}",
        "Kommuner vars medel skiljer sig mest från {policy}",
    ),
    "municipal_county_table": ("Children of a year, mean", "Barn ett år, medel"),
    "hindsight_years": (
        "Hindsight: the least chi2 that any allocation of the year's children could have had; no rule "
        "can know the future. Proven by counting in {counted} of {of} years.",
        "Efterhand: det minsta chi2 som någon fördelning av årets barn hade kunnat ge; ingen regel kan "
        "känna framtiden. Bevisat genom räkning i {counted} av {of} år.",
    ),
    "years_on_word": (
        "Years in which it rests on the engine's word: {engine}.",
        "År då det vilar på motorns ord: {engine}.",
    ),
    "failed_years": (
        "{policy}: {n} year(s) failed and are left out; the first: {message}",
        "{policy}: {n} år misslyckades och är utelämnade; det första: {message}",
    ),
    "seconds_line": ("{n} years in {seconds} s.", "{n} år på {seconds} s."),
    "outlook_title": (
        "{name} ({code}), {share} ‰ of all assignments, under {policy}",
        "{name} ({code}), {share} ‰ av alla anvisningar, enligt {policy}",
    ),
    "outlook_deal": ("The deal: {deal}.", "Överenskommelsen: {deal}."),
    "outlook_deal_part": (
        "{giver} hands {share} ‰ to {receiver}",
        "{giver} lämnar {share} ‰ till {receiver}",
    ),
    "outlook_chosen": (
        "The partner is assumed; name others with --partner.",
        "Parten är antagen; ange andra med --partner.",
    ),
    "outlook_beyond_less": (
        "{name} hands over {share} ‰ here, but {answer}; it would keep {left} ‰.",
        "{name} lämnar här {share} ‰, men {answer}; den skulle behålla {left} ‰.",
    ),
    "outlook_beyond_more": (
        "{name} takes over {share} ‰ here, but {answer}; it would have {left} ‰.",
        "{name} tar här över {share} ‰, men {answer}; den skulle ha {left} ‰.",
    ),
    "outlook_wish_less": ("its wish is to hand over {wish} ‰", "önskar lämna {wish} ‰"),
    "outlook_wish_more": ("its wish is to take over {wish} ‰", "önskar ta över {wish} ‰"),
    "outlook_wish_keeps": ("its answer is to keep its share", "har svarat att den behåller sin andel"),
    "outlook_wish_none": ("it has not answered", "har inte svarat"),
    "outlook_answer": (
        "{children} children a year are to be expected under {mechanism}.",
        "{children} barn om året är att vänta enligt {mechanism}.",
    ),
    "outlook_table": ("What to expect of a year", "Vad ett år kan väntas ge"),
    "without_deal": ("Without the deal", "Utan överenskommelsen"),
    "with_deal": ("With the deal", "Med överenskommelsen"),
    "as_it_is": ("As it is", "Som det är"),
    "chance_0": ("Probability of no child", "Sannolikhet för inget barn"),
    "chance_1": ("– of 1", "– för 1"),
    "chance_2_3": ("– of 2–3", "– för 2–3"),
    "chance_more": ("– of more than 3", "– för fler än 3"),
    "one_in_twenty": ("One year in twenty: at most / at least", "Ett år av tjugo: högst / minst"),
    "compensation_year": (
        "State compensation, known parts, SEK",
        "Statlig ersättning, kända delar, kr",
    ),
    "outlook_difference": (
        "The deal changes the children of a year by {difference} under {mechanism}.",
        "Överenskommelsen ändrar barnen ett år med {difference} enligt {mechanism}.",
    ),
    "outlook_years": (
        "{years} random years (seed {seed}), on average {mean} children without a surge, probability "
        "of one {probability}. ± and parentheses: 95 % interval of the mean, not of a year.",
        "{years} slumpade år (frö {seed}), i medel {mean} barn utan kraftig ökning, sannolikhet för en "
        "{probability}. ± och parenteser: 95 % intervall för medlet, inte för ett år.",
    ),
    "mechanism_note": (
        "How the list works during the year is not published, so both mechanisms are shown.",
        "Hur listan fungerar under året är inte publicerat, så båda mekanismerna visas.",
    ),
    "rows_n": ("Rows", "Rader"),
    "mean_interval": ("Mean ± 95 %", "Medel ± 95 %"),
    "summary_table": ("{rows} rows of {folder}", "{rows} rader i {folder}"),
}
