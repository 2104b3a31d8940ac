"""Texts of the tables on the terminal, in English and Swedish; the page shows many of them too."""

from __future__ import annotations

#: English and Swedish by key.
TEXTS: dict[str, tuple[str, str]] = {
    "clean_allowed": (
        "The choices of rule {rule} are not made again here: each was checked to be allowed (ties, "
        "siblings, room, transfers, figures).",
        "Valen enligt regeln {rule} görs inte om här: vart och ett är kontrollerat som tillåtet "
        "(anknytning, syskon, plats, överlåtelser, siffror).",
    ),
    "finding_differ": (
        "The policies differ for {n} of {of} municipalities: another number of children than under "
        "{first}{each}.",
        "Reglerna skiljer sig åt för {n} av {of} kommuner: ett annat antal barn än enligt {first}{each}.",
    ),
    "finding_children": (
        "The policies give every municipality the same number of children, but for {n} of {of} children "
        "the municipality, or the share that they count on, is another than under {first}.",
        "Reglerna ger varje kommun lika många barn, men för {n} av {of} barn är kommunen, eller andelen "
        "som de räknas på, en annan än enligt {first}.",
    ),
    "finding_same": (
        "The policies give the same result: every child goes to the same municipality.",
        "Reglerna ger samma resultat: varje barn kommer till samma kommun.",
    ),
    "affected": (
        "{affected} of {children} children have no tie: only their municipality can depend on the "
        "policy. The other {tied} go where their kin is.",
        "{affected} av {children} barn saknar anknytning: bara deras kommun kan bero på regeln. "
        "Övriga {tied} anvisas dit anknytningen finns.",
    ),
    "solve_answer": (
        "Of {children} children {tied} go where their kin is and {rest} by the policy; "
        "{transferred} are on transferred shares; {places} of {of} municipalities bear a child. Status: "
        "{status}.",
        "Av {children} barn anvisas {tied} dit anknytningen finns och {rest} enligt regeln; "
        "{transferred} är på omfördelade andelar; {places} av {of} kommuner ansvarar för barn. Status: "
        "{status}.",
    ),
    "solve_answer_hidden": ("{children} children. Status: {status}.", "{children} barn. Status: {status}."),
    "solve_unplaced": ("{n} are without a municipality.", "{n} är utan kommun."),
    "county_line": (
        "{county}: its {municipalities} municipalities come first; all other figures are national.",
        "{county}: länets {municipalities} kommuner först; alla andra siffror gäller hela landet.",
    ),
    "affected_hidden": ("{children} children.", "{children} barn."),
    "children_table": ("Children and municipalities", "Barn och kommuner"),
    "norm_table": (
        "Deviation from proportional shares, against the least possible in hindsight",
        "Avvikelse från andelarna, mot minsta möjliga i efterhand",
    ),
    "county_table": ("Children borne (and fulfilment)", "Barn att ansvara för (och måluppfyllelse)"),
    "policy": ("Policy", "Regel"),
    "kinship": ("Kinship", "Anknytning"),
    "equalising": ("Equalising", "Utjämnande"),
    "willing": ("Willing", "Villiga"),
    "valve": ("After valve", "Efter ventil"),
    "unplaced": ("Unplaced", "Utan kommun"),
    "tie_not_followed": ("Tie not followed", "Anknytning inte följd"),
    "ties_note": (
        "Ties not followed, as the municipality's share was full: {n} children.",
        "Anknytningar som inte följdes, eftersom kommunens andel var fylld: {n} barn.",
    ),
    "on_transferred_share": ("On transferred share", "På omfördelad andel"),
    "municipalities_with": ("Municipalities with 0 / 1 / 2–3 / >3", "Kommuner med 0 / 1 / 2–3 / >3"),
    "fulfilment_range": ("Fulfilment, lowest – highest", "Måluppfyllelse, lägst – högst"),
    "moved": ("Differ from rule in force", "Skiljer sig från gällande regel"),
    "over_capacity": ("Over capacity", "Över kapacitet"),
    "compensation": ("State compensation, known parts, MSEK", "Statlig ersättning, kända delar, mnkr"),
    "compensation_fixed": ("– fixed, the same under all", "– fast, lika under alla"),
    "compensation_variable": ("– by share", "– efter andel"),
    "compensation_children": ("– by child assigned", "– per anvisat barn"),
    "compensation_days": ("– by child and day", "– per barn och dygn"),
    "compensation_moved": (
        "– to others than under rule in force", "– till andra än enligt gällande regel",
    ),
    "compensation_lacks": (
        "State compensation ([O] 2.5; [O]: Länsstyrelsen Västernorrland 2026) is not complete. Missing or "
        "not known: {missing}.",
        "Den statliga ersättningen ([O] 2.5; [O]: Länsstyrelsen Västernorrland 2026) är inte fullständig. "
        "Saknas eller okänt: {missing}.",
    ),
    "missing_variable": (
        "the variable part (there is no asylum forecast)", "den rörliga delen (asylprognos saknas)",
    ),
    "missing_earlier": (
        "days of children of earlier years who are still there",
        "dygn för barn från tidigare år som finns kvar",
    ),
    "missing_agency": (
        "which kinship children live in the Migration Agency's accommodation (no daily amount for "
        "them; their days are counted)",
        "vilka anknytningsbarn som bor i Migrationsverkets boende (ingen dygnsersättning för dem; "
        "deras dygn är medräknade)",
    ),
    "missing_stays": (
        "when children leave (days are counted to the year's end)",
        "när barn flyttar (dygnen är räknade till årets slut)",
    ),
    "tied_decisions": ("Tied decisions", "Beslut mellan likställda"),
    "norm": ("Norm and policy", "Mått och regel"),
    "norm_value": ("Value", "Värde"),
    "least_own": ("Least,\nown", "Minst,\neget"),
    "gap_own": ("Gap", "Avstånd"),
    "least_unrestricted": ("Least,\nany", "Minst,\nfritt"),
    "gap_unrestricted": ("Gap", "Avstånd"),
    "l1": ("l1: sum, children", "l1: summa, barn"),
    "l2": ("l2: sum of squares", "l2: kvadratsumma"),
    "linf": ("linf: largest", "linf: största"),
    "chi2": ("chi2", "chi2"),
    "min-fulfilment": ("lowest fulfilment", "lägst måluppfyllelse"),
    "max-fulfilment": ("highest fulfilment", "högst måluppfyllelse"),
    "hindsight": (
        "Deviation: children credited since counting began, minus the share of all of them. chi2 "
        "weighs squares by target. Lower is better, but for the lowest fulfilment. Least: the best "
        "possible with no more over-capacity, under the policy's own transfers and willing places, "
        "or under any. A hindsight bound: no rule can know the future.",
        "Avvikelse: barn tillräknade sedan räkningen började, minus andelen av alla. chi2 väger "
        "kvadrater med målet. Lägre är bättre, utom för lägst måluppfyllelse. Minst: det bästa "
        "möjliga utan mer över kapacitet, med regelns egna överlåtelser och villiga platser, eller "
        "fritt. En gräns i efterhand: ingen regel kan känna framtiden.",
    ),
    "shares_computed": (
        "Shares are computed, not official.",
        "Andelarna är beräknade, inte officiella.",
    ),
    "shares_preliminary": ("Shares are preliminary.", "Andelarna är preliminära."),
    "shares_decided": ("Shares are decided.", "Andelarna är beslutade."),
    "synthetic_unanswered": (
        "Of the wishes, those that nobody has answered yet are synthetic; the others are answers.",
        "Av önskemålen är de som ingen har besvarat än syntetiska; de andra är svar.",
    ),
    "synthetic": ("Not published, synthetic: {what}.", "Inte publicerat, syntetiskt: {what}."),
    "givers": ("Give ({n}):\n{wished} by wish,\n{decided} by decision",
               "Ger ({n}):\n{wished} enligt önskemål,\n{decided} enligt beslut"),
    "receivers": ("Receive ({n}):\n{wished} by wish,\n{decided} by decision",
                  "Tar emot ({n}):\n{wished} enligt önskemål,\n{decided} enligt beslut"),
    "keepers": ("Keep ({n})", "Behåller ({n})"),
    "keepers_said": (":\n{n} answered so", ":\n{n} har svarat det"),
    "group_table": (
        "Those who wish for less or hand share over by a decided transfer, those who wish for more or "
        "take some over, and those who do neither: children (change from the rule in force) · "
        "fulfilment · wishes granted",
        "De som önskar mindre eller lämnar andel enligt en beslutad överlåtelse, de som önskar mer "
        "eller tar över, och de som inte gör någotdera: barn (ändring mot gällande regel) · "
        "måluppfyllelse · uppfyllda önskemål",
    ),
    "policy_mechanism": ("Policy and mechanism", "Regel och mekanism"),
    "group_note": (
        "How the list works during the year is not published, so both mechanisms are shown "
        "(docs/using.md). † The direction of the change depends on the mechanism: no conclusion.",
        "Hur listan fungerar under året är inte publicerat, så båda mekanismerna visas "
        "(docs/using.md). † Ändringens riktning beror på mekanismen: ingen slutsats.",
    ),
    "from": ("From", "Från"),
    "to": ("To", "Till"),
    "granted_line": (
        "{granted} ‰ handed over. Wished: {less} ‰ less by {givers} municipalities, {more} ‰ more by "
        "{receivers}.",
        "{granted} ‰ omfördelas. Önskat: {less} ‰ mindre av {givers} kommuner, {more} ‰ mer av "
        "{receivers}.",
    ),
    "process_line": (
        "{policy}: over {draws} orders of offers, {uncertain} of {of} municipalities with a wish get "
        "different outcomes.",
        "{policy}: över {draws} ordningar av bud får {uncertain} av {of} kommuner med önskemål olika "
        "utfall.",
    ),
    "whole_country": ("The whole country: {said}", "Hela landet: {said}"),
    "no_transfers": ("Nothing is handed over.", "Inget omfördelas."),
    "no_transfers_county": ("In {county} nothing is handed over.", "I {county} omfördelas inget."),
    "units_note": (
        "Levels count units of 0.01 ‰ (distance: unit-kilometres).",
        "Nivåerna räknar enheter om 0,01 ‰ (avstånd: enhetskilometer).",
    ),
    "spread_line": (
        "Over {draws} drawn orders, {uncertain} of {of} municipalities with a wish get different "
        "outcomes: who offers first decides. The transfers above are those of the first order.",
        "Över {draws} lottade ordningar får {uncertain} av {of} kommuner med önskemål olika utfall: "
        "den som bjuder först avgör. Överlåtelserna ovan är den första ordningens.",
    ),
    "spread_table": ("Granted over the orders, ‰", "Uppfyllt över ordningarna, ‰"),
    "least": ("Least", "Minst"),
    "mean": ("Mean", "Medel"),
    "most": ("Most", "Mest"),
    "draws_without": ("Nothing in", "Inget i"),
    "national_optimum": ("National\noptimum", "Nationellt\noptimum"),
    "unequal": (
        "{n} municipalities get less than an equal (same wish, limits and county), as shares and "
        "single receivers cannot be parted further: {named}.",
        "{n} kommuner får mindre än en likadan (samma önskemål, gränser och län), då andelar och "
        "enstaka mottagare inte kan delas mer: {named}.",
    ),
    "difference_none": ("No differences.", "Inga skillnader."),
    "difference_count": ("{n} differences:", "{n} skillnader:"),
    "what": ("What", "Vad"),
    "item": ("Item", "Post"),
    "batch_done": (
        "{tasks} tasks: {kept} were finished already, {outdated} outdated, {failed} failed. "
        "Results in {where}",
        "{tasks} uppgifter: {kept} var redan klara, {outdated} inaktuella, {failed} misslyckades. "
        "Resultat i {where}",
    ),
    "code": ("Code", "Kod"),
    "name": ("Municipality", "Kommun"),
    "county": ("County", "Län"),
    "share": ("Share ‰", "Andel ‰"),
    "before": ("Before", "Före"),
    "total": ("Total", "Totalt"),
    "credited": ("Credited", "Tillräknade"),
    "target": ("Target", "Mål"),
    "deviation": ("Deviation", "Avvikelse"),
    "fulfilment": ("Fulfilment", "Måluppfyllelse"),
    "level": ("Level", "Nivå"),
    "bound": ("Bound", "Gräns"),
    "status": ("Status", "Status"),
    "price": ("Price", "Pris"),
    "none": ("–", "–"),
    "queue_title": (
        "Next in line for an equalising assignment, after {children} children of {year}",
        "Näst i tur för utjämnande anvisning, efter {children} barn {year}",
    ),
    "rank": ("Place", "Plats"),
    "behind": ("Children\nbelow target", "Barn under\nmålet"),
    "lead": ("Ahead of next\nby, children", "Före nästa\nmed, barn"),
    "bearer": ("Borne by", "Bärs av"),
    "clean": (
        "Clean: {children} children, every rule of {policy} holds.",
        "Felfri: {children} barn, alla villkor i {policy} är uppfyllda.",
    ),
    "clean_permitted": (
        "No fault found: {children} children, every decision is permitted under {policy}, and all figures agree "
        "with the decisions.",
        "Inget fel funnet: {children} barn, varje beslut är tillåtet enligt {policy} och alla tal stämmer med "
        "besluten.",
    ),
    "clean_open": (
        "Whether anything better exists is not settled at: {levels}.",
        "Om något bättre finns är inte avgjort för: {levels}.",
    ),
    "clean_comparison": (
        "Clean: the tables of the comparison follow from the folders of its {policies} policies.",
        "Felfri: jämförelsens tabeller följer av mapparna för dess {policies} policyer.",
    ),
    "clean_gaps": (
        "Of {n} least values called proven, {proven} are proven by this check itself; {engine} rest on the "
        "engine's word.",
        "Av {n} minsta värden som kallas bevisade är {proven} bevisade av kontrollen själv; {engine} "
        "vilar på motorns ord.",
    ),
    "given_note": (
        "{policy}: the first {n} of {cases} cases had been decided before. They are taken as they stand and "
        "are not verified against the rule.",
        "{policy}: de första {n} av {cases} ärenden var redan beslutade. De tas som de är och är inte prövade "
        "mot regeln.",
    ),
    "clean_given": (
        "{follow} of {cases} cases follow from the rule {policy}; the first {n} were taken as decided before.",
        "{follow} av {cases} ärenden följer av regeln {policy}; de första {n} togs som redan beslutade.",
    ),
    "clean_given_unverified": (
        "Those decisions are unverified: check does not look at the earlier result. All figures agree with them.",
        "De besluten är inte prövade: check ser inte på det tidigare resultatet. Alla tal stämmer med dem.",
    ),
    "clean_engine": (
        "This check cannot prove that nothing better exists at: {levels}. That is the word of the engine, "
        "the program that searched.",
        "Kontrollen kan inte bevisa att inget bättre finns för: {levels}. Det är motorns ord, alltså "
        "programmets som sökte.",
    ),
    "clean_proofs": (
        "Of {n} levels called optimal, {proven} are proven by this check itself; {engine} rest on the "
        "engine's word.",
        "Av {n} nivåer som kallas optimala är {proven} bevisade av kontrollen själv; {engine} vilar på "
        "motorns ord.",
    ),
    "clean_transfers": (
        "No fault found: {pairs} transfers, every one permitted under {policy}, and all figures agree with them.",
        "Inget fel funnet: {pairs} överlåtelser, alla tillåtna enligt {policy}, och alla tal stämmer med dem.",
    ),
    "violations": ("{n} violations:", "{n} fel:"),
    "instance": ("Instance", "Instans"),
    "instances": ("Shipped instances", "Medföljande instanser"),
    "year": ("Year", "År"),
    "children": ("Children", "Barn"),
    "untied": ("Without tie", "Utan anknytning"),
    "title": ("Title", "Titel"),
    "municipalities": ("Municipalities", "Kommuner"),
    "more_rows": ("… {n} more; --all shows them", "… {n} till; --all visar dem"),
    "written": ("Written to {where}", "Skrivet till {where}"),
    "valid": ("Valid: {name}, {municipalities} municipalities, {children} children.",
              "Giltig: {name}, {municipalities} kommuner, {children} barn."),
    "small_variable": (
        "{n} of {of} municipalities get no variable compensation: their share of {forecast} forecast "
        "asylum seekers rounds to nothing.",
        "{n} av {of} kommuner får ingen rörlig ersättning: deras andel av {forecast} prognostiserade "
        "asylsökande avrundas till noll.",
    ),
    "valve_closed": ("The valve closed at case {case}.", "Ventilen stängde vid ärende {case}."),
    "tied_note": (
        "Decisions between equals: {n}. The official order between equals is not published.",
        "Beslut mellan lika: {n}. Den officiella ordningen mellan lika är inte publicerad.",
    ),
    "more_problems": ("… and {n} more problems", "… och {n} problem till"),
    "summary_name": ("Name", "Namn"),
    "summary_title": ("Title", "Titel"),
    "summary_year": ("Year", "År"),
    "summary_municipalities": ("Municipalities", "Kommuner"),
    "summary_counties": ("Counties", "Län"),
    "summary_children": ("Children", "Barn"),
    "summary_cases": ("Cases", "Ärenden"),
    "summary_tied": ("With a tie", "Med anknytning"),
    "summary_untied": ("Without a tie", "Utan anknytning"),
    "summary_transfers": ("Decided transfers", "Beslutade överlåtelser"),
    "summary_want_more": ("Wish for more", "Önskar mer"),
    "summary_want_less": ("Wish for less", "Önskar mindre"),
    "summary_keep_share": ("Keep their share (answered 0)", "Behåller sin andel (svarat 0)"),
    "keep_share_line": (
        "{n} answered that they keep their share: {named}.",
        "{n} har svarat att de behåller sin andel: {named}.",
    ),
    "answers_line": (
        "Wishes: {more} for more, {less} for less, {kept} keep their share, {silent} have not answered.",
        "Önskemål: {more} mer, {less} mindre, {kept} behåller sin andel, {silent} har inte svarat.",
    ),
    "summary_assigned_before": ("Credited before", "Tillräknade före"),
    "summary_shares_are": ("Shares are", "Andelarna är"),
    "differs_instance": ("instance", "instans"),
    "differs_municipalities": ("municipalities", "kommuner"),
    "differs_children": ("children", "barn"),
    "differs_transfers": ("transfers", "överlåtelser"),
    "differs_transfers_last_year": ("transfers_last_year", "förra årets överlåtelser"),
    "differs_pairs": ("pairs", "par"),
    "differs_wishes as they stand": ("wishes as they stand", "önskemål som de står"),
    "differs_wishes": ("wishes", "önskemål, rad för rad"),
    "differs_availability": ("availability", "villiga platser"),
    "differs_homes": ("homes", "boenden"),
    "differs_agreements": ("agreements", "överenskommelser"),
    "differs_result": ("result", "resultat"),
    "differs_allocation": ("allocation", "barn"),
    "differs_present": ("present", "finns"),
    "are_computed": ("computed, not official", "beräknade, inte officiella"),
    "are_preliminary": ("preliminary", "preliminära"),
    "are_decided": ("decided", "beslutade"),
    "summary_synthetic": ("Not published", "Inte publicerat"),
    "summary_sha256": ("SHA-256", "SHA-256"),
    "policy_in-force": (
        "The rule in force: lowest fulfilment first, decided transfers",
        "Gällande regel: lägst måluppfyllelse först, beslutade överlåtelser",
    ),
    "policy_no-redistribution": (
        "Lowest fulfilment first, no transfers",
        "Lägst måluppfyllelse först, inga överlåtelser",
    ),
    "policy_county": (
        "Redistribution within the county, proportional and equal",
        "Omfördelning inom länet, proportionerlig och likvärdig",
    ),
    "policy_national": (
        "National redistribution, coordinated (4.1.1)",
        "Nationell omfördelning, samordnad (4.1.1)",
    ),
    "policy_national-valve": (
        "National redistribution, with a valve at 1.5 times the forecast",
        "Nationell omfördelning med ventil vid 1,5 gånger prognosen",
    ),
    "policy_bilateral": (
        "Redistribution between counties, agreed between municipalities (4.1.2)",
        "Omfördelning mellan län, överenskommen mellan kommuner (4.1.2)",
    ),
    "policy_willing-first": (
        "Willing municipalities first, then lowest fulfilment",
        "Villiga kommuner först, därefter lägst måluppfyllelse",
    ),
    "policy_optimal": (
        "Optimum in hindsight, decided transfers", "Optimum i efterhand, beslutade överlåtelser",
    ),
}  # fmt: skip
