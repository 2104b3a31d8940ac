"""Texts of homes and of what decisions mean for children, in English and Swedish."""

from __future__ import annotations

#: English and Swedish by key.
TEXTS: dict[str, tuple[str, str]] = {
    "mode_vacancy": ("Vacancy", "Ledig plats"),
    "mode_sequential": ("Sequential", "I två steg"),
    "mode_joint": ("Joint", "Samlat"),
    "place_answer": (
        "{n} of {children} children are without a home, placed one way ({mode}).",
        "{n} av {children} barn är utan boende, placerade på ett sätt ({mode}).",
    ),
    "place_answer_so_far": (
        "Found so far, not proven: {n} of {children} children are without a home, placed one way ({mode}).",
        "Hittills funnet, ej bevisat: {n} av {children} barn är utan boende, placerade på ett sätt "
        "({mode}).",
    ),
    "homes_open": (
        "Not proven to be the best homes in the time given: {policies}.",
        "Ej bevisat de bästa boendena inom tiden: {policies}.",
    ),
    "mode_table": ("Homes: {mode}", "Boenden: {mode}"),
    "modes_table": (
        "Homes: by vacancy, the best for the policy's municipalities, and both decided together",
        "Boenden: efter ledig plats, det bästa för regelns kommuner, och båda avgjorda samlat",
    ),
    "level_unplaced": ("Children without a home", "Barn utan boende"),
    "level_outside-own-municipality": (
        "Outside the responsible municipality",
        "Utanför den ansvariga kommunen",
    ),
    "level_unmet-needs": ("Needs not met", "Behov som inte möts"),
    "level_unsuitable-form": ("Form not suited to age", "Form som inte passar åldern"),
    "level_distance": ("Kilometres to the home, sum", "Kilometer till boendet, summa"),
    "deviation_chi2": ("Deviation from shares (chi2)", "Avvikelse från andelarna (chi2)"),
    "places_elsewhere": ("Municipalities that place elsewhere", "Kommuner som placerar i annan"),
    "uses_supported": ("Municipalities with supported housing used", "Kommuner där stödboende används"),
    "levels_of": ("{mode}: levels in order", "{mode}: nivåer i ordning"),
    "indicator_table": (
        "What it means for children: part of all · of girls · of those under 13",
        "Vad det innebär för barnen: del av alla · av flickor · av dem under 13",
    ),
    "children_sheet": ("Children", "Barn"),
    "indicator_heading": ("What it means for children", "Vad det innebär för barnen"),
    "group_all_of": ("All", "Alla"),
    "group_girls_of": ("Girls", "Flickor"),
    "group_under-13_of": ("Under 13", "Under 13 år"),
    "count_of": ("{count} of {of}", "{count} av {of}"),
    "indicator_own-municipality": (
        "Live in the responsible municipality",
        "Bor i den ansvariga kommunen",
    ),
    "indicator_needs-met": ("Have every need met", "Får alla behov mötta"),
    "indicator_siblings-together": ("With their siblings", "Med sina syskon"),
    "indicator_asked-for-more": (
        "In a municipality that asked for more",
        "I en kommun som bett om fler",
    ),
    "indicator_recent": ("Another came there in the last year", "Någon annan kom dit senaste året"),
    "indicator_peer": ("Peer in the municipality", "Jämnårig i kommunen"),
    "joint_gain": (
        "Deciding municipality and home together leaves {joint} of {children} without a home instead "
        "of {sequential}; the deviation from shares is {joint_chi2} instead of {sequential_chi2} under "
        "the policy ({proven}).",
        "När kommun och boende avgörs samlat är {joint} av {children} utan boende i stället för "
        "{sequential}; avvikelsen från andelarna är {joint_chi2} i stället för {sequential_chi2} med "
        "regeln ({proven}).",
    ),
    "joint_gain_so_far": (
        "Found so far, not proven: with municipality and home decided together {joint} of {children} "
        "without a home, with the policy's municipalities {sequential}; the deviation from shares is "
        "{joint_chi2} and {sequential_chi2}. More time (--time-limit) can change these figures.",
        "Hittills funnet, ej bevisat: när kommun och boende avgörs samlat är {joint} av "
        "{children} utan "
        "boende, med regelns kommuner {sequential}; avvikelsen från andelarna är {joint_chi2} och "
        "{sequential_chi2}. Mer tid (--time-limit) kan ändra siffrorna.",
    ),
    "found_so_far": ("found so far", "hittills funnet"),
    "vacancy_cost": (
        "By vacancy instead of need, {more} more needs are not met and {unsuitable} more children live "
        "in a form that does not suit their age, and {unplaced} more have no home at all.",
        "Efter ledig plats i stället för behov är {more} fler behov inte mötta och {unsuitable} fler "
        "barn bor i en form som inte passar åldern, och {unplaced} fler har inget boende alls.",
    ),
    "vacancy_cost_so_far": (
        "By vacancy instead of need, against what was found so far: {more} more needs are not met, "
        "{unsuitable} more children live in a form that does not suit their age, and {unplaced} more "
        "have no home at all (not proven).",
        "Efter ledig plats i stället för behov, mot det som hittills funnits: {more} fler behov "
        "är inte "
        "mötta, {unsuitable} fler barn bor i en form som inte passar åldern, och {unplaced} fler har "
        "inget boende alls (ej bevisat).",
    ),
    "everybody_housed": ("Every child has a home.", "Alla barn har ett boende."),
    "without_home": (
        "{n} children have no home. With these municipalities, the smallest change after which "
        "everybody can have one:",
        "{n} barn har inget boende. Med dessa kommuner är den minsta ändring efter vilken alla kan få "
        "ett:",
    ),
    "without_home_in_order": (
        "{n} children have no home, and this policy has levels before 'unplaced' that may be why. With "
        "these municipalities, the smallest change after which everybody can have one, whatever that "
        "costs at those levels:",
        "{n} barn har inget boende, och regeln har nivåer före 'unplaced' som kan vara skälet. "
        "Med dessa "
        "kommuner är den minsta ändring efter vilken alla kan få ett, vad det än kostar på de "
        "nivåerna:",
    ),
    "no_change_needed": (
        "None: there is room for everybody in the homes as they are.",
        "Ingen: det finns rum för alla i de boenden som finns.",
    ),
    "without_municipality": (
        "{n} of them have no municipality, and no change of homes helps them.",
        "{n} av dem har ingen kommun, och ingen ändring av boenden hjälper dem.",
    ),
    "no_relaxation": (
        "It was not found in the time given; allow more with --time-limit.",
        "Den hittades inte inom tiden; ge mer med --time-limit.",
    ),
    "more_places": (
        "{n} more family-home places in {name} ({county}){ages}",
        "{n} fler familjehemsplatser i {name} ({county}){ages}",
    ),
    "one_more_place": (
        "one more family-home place in {name} ({county}){ages}",
        "en familjehemsplats till i {name} ({county}){ages}",
    ),
    "for_ages": (" for ages {least}–{most}", " för åldrarna {least}–{most} år"),
    "for_age": (" for age {least}", " för {least} år"),
    "in_places": (
        "Places, {n} in all ({proven}): {list}.",
        "Platser, {n} i allt ({proven}): {list}.",
    ),
    "in_agreements": (
        "Or agreements with municipalities that have free places, {n} in all ({proven}): {list}.",
        "Eller överenskommelser med kommuner som har lediga platser, {n} i allt ({proven}): {list}.",
    ),
    "agreements_left": (
        "Agreements alone are not enough: {n} children fit into no free home.",
        "Överenskommelser räcker inte: {n} barn ryms inte i något ledigt boende.",
    ),
    "one_agreement": ("{responsible} with {placing}", "{responsible} med {placing}"),
    "fewest_proven": ("fewest, engine's word", "färst, motorns ord"),
    "fewest_open": ("fewer not ruled out", "färre inte uteslutet"),
    "and_more": ("… and {n} more (--all)", "… och {n} till (--all)"),
    "homes_table": ("Homes", "Boenden"),
    "child": ("Child", "Barn"),
    "responsible": ("Responsible", "Ansvarig"),
    "home": ("Home", "Boende"),
    "form": ("Form", "Form"),
    "form_family-home": ("family home", "familjehem"),
    "form_network-home": ("network home", "nätverkshem"),
    "form_hvb": ("HVB", "HVB"),
    "form_supported-housing": ("supported housing", "stödboende"),
    "no_home": ("no home", "inget boende"),
    "clean_placement": (
        "No fault found: {children} children of {mode} placement, every assignment and home is permitted under "
        "{policy}, and all figures agree with them.",
        "Inget fel funnet: {children} barn placerade ({mode}), varje anvisning och boende är tillåtet enligt "
        "{policy} och alla tal stämmer med dem.",
    ),
}
