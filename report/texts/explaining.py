"""Sentences of an explanation, in English and Swedish."""

from __future__ import annotations

#: English and Swedish by key.
TEXTS: dict[str, tuple[str, str]] = {
    "x_case_title": (
        "Case {case}: {children} arriving {day}",
        "Ärende {case}: {children}, ankomst {day}",
    ),
    "x_also_child": (
        "A child in case {case} is called {name} too; name that one as case {case}.",
        "Ett barn i ärende {case} heter också {name}; ange det som ärende {case}.",
    ),
    "x_cases_one": ("1 case", "1 ärende"),
    "x_cases": ("{n} cases", "{n} ärenden"),
    "x_children_one": ("1 child", "1 barn"),
    "x_children": ("{n} children", "{n} barn"),
    "x_municipality_title": ("{name}, {year}, under {policy}", "{name}, {year}, enligt {policy}"),
    "x_source": ("[O]: Länsstyrelsen Västernorrland 2026.", "[O]: Länsstyrelsen Västernorrland 2026."),
    "x_given": (
        "The decision for {bearer} had been taken before and stands as it was.",
        "Beslutet om {bearer} var redan taget och står fast.",
    ),
    "x_kinship": (
        "It went to {bearer} by kinship: a strong tie decides before fulfilment does, whatever the "
        "fulfilment is ([O] 2.2).",
        "Det gick till {bearer} genom anknytning: en stark anknytning går före måluppfyllelsen, hur "
        "den "
        "än ser ut ([O] 2.2).",
    ),
    "x_kinship_within": (
        "It went to {bearer} by kinship: a strong tie decides before fulfilment does as long "
        "as the municipality's count, this case included, is at most its part of all "
        "children, rounded up ([O] 2.3).",
        "Det gick till {bearer} genom anknytning: en stark anknytning går före "
        "måluppfyllelsen så länge kommunens antal, detta ärende inräknat, är högst dess del "
        "av alla barn, avrundad uppåt ([O] 2.3).",
    ),
    "x_tie_not_followed": (
        "Its tie to {name} was not followed: with this case the municipality's count would "
        "have been above its part of all children, rounded up ([O] 2.3). So it was treated as "
        "a case without a tie.",
        "Anknytningen till {name} följdes inte: med detta ärende hade kommunens antal legat "
        "över dess del av alla barn, avrundad uppåt ([O] 2.3). Det behandlades därför som ett "
        "ärende utan anknytning.",
    ),
    "x_without_tie": (
        "Without the tie, the year solved again, it would have gone to {name}.",
        "Utan anknytningen, med året löst på nytt, hade det gått till {name}.",
    ),
    "x_without_tie_same": (
        "Without the tie, the year solved again, it would have gone to {name} all the same.",
        "Utan anknytningen, med året löst på nytt, hade det ändå gått till {name}.",
    ),
    "x_willing": (
        "It went to {bearer} as one of the places the municipality had offered ([O] 4.2): "
        "willing places that a case fits come before the even distribution, where the "
        "smallest part is taken first.",
        "Det gick till {bearer} på en av platserna som kommunen hade erbjudit ([O] 4.2): "
        "villiga platser som passar ärendet går före den jämna fördelningen, först där minst "
        "del är tagen.",
    ),
    "x_valve": (
        "The valve had closed: transfers and willing places no longer applied, and the "
        "municipalities' own shares decided whose turn it was.",
        "Ventilen hade stängt: överlåtelser och villiga platser gällde inte längre, och "
        "kommunernas egna andelar avgjorde vems tur det var.",
    ),
    "x_equalising": (
        "No tie decided, so it went by fulfilment of the shares ([O] 2.2).",
        "Ingen anknytning avgjorde, så det gick efter måluppfyllelsen av andelarna ([O] 2.2).",
    ),
    "x_unplaced": ("It has no municipality.", "Det saknar kommun."),
    "x_winner": (
        "First in line, with room, was {name}: {credited} counted for a share of "
        "{share} ‰, a fulfilment of {fulfilment}.",
        "Först i tur, med plats, stod {name}: {credited} räknade för en andel av "
        "{share} ‰, en måluppfyllelse på {fulfilment}.",
    ),
    "x_winner_full": (
        "First in line was {name}: {credited} counted for a share of {share} ‰, a "
        "fulfilment of {fulfilment}.",
        "Först i tur stod {name}: {credited} räknade för en andel av {share} ‰, en "
        "måluppfyllelse på {fulfilment}.",
    ),
    "x_next": (
        "Next was {name}: {credited} for {share} ‰, a fulfilment of {fulfilment}. By "
        "fulfilment the first could take {lead} of this size, this one included, before "
        "that one's turn.",
        "Näst i tur var {name}: {credited} för {share} ‰, en måluppfyllelse på {fulfilment}. "
        "Efter måluppfyllelsen kunde den första ta {lead} av denna storlek, detta "
        "inräknat, innan det blev dess tur.",
    ),
    "x_midpoint": (
        "In these fulfilments half of the case is counted in, as the policy does (signpost "
        "midpoint).",
        "I dessa måluppfyllelser är halva ärendet inräknat, som policyn räknar (signpost "
        "midpoint).",
    ),
    "x_after": (
        "In these fulfilments the whole case is counted in, as the policy does (signpost "
        "after).",
        "I dessa måluppfyllelser är hela ärendet inräknat, som policyn räknar (signpost "
        "after).",
    ),
    "x_year_shares": (
        "The share is that of the year, after transfers; what was asked for the years before "
        "follows from the own share.",
        "Andelen är årets, efter omfördelning; för åren före gäller den egna andelen.",
    ),
    "x_tied": (
        "With exactly the same fulfilment stood {named}; the order between equals ({tie}) decided. The "
        "official order is not published.",
        "Exakt samma måluppfyllelse hade {named}; ordningen mellan lika ({tie}) avgjorde. Den "
        "officiella "
        "ordningen är inte publicerad.",
    ),
    "x_passed": (
        "Earlier in line, but without room for it: {named}.",
        "Tidigare i tur, men utan plats: {named}.",
    ),
    "x_nobody_room": (
        "Nobody had room, so it went as if there were no capacities.",
        "Ingen hade plats, så det gick som om det inte fanns några kapaciteter.",
    ),
    "x_borne": (
        "{owner} had handed share to {bearer}, so {bearer} is responsible and the child is counted on "
        "the "
        "share of {owner} ([O] 2.3.2).",
        "{owner} hade lämnat andel till {bearer}, så {bearer} ansvarar och barnet räknas på andelen "
        "för "
        "{owner} ([O] 2.3.2).",
    ),
    "x_credited": ("credited", "tillräknade"),
    "x_credited_one": ("credited", "tillräknat"),
    "x_by_credited_up": (
        "{amount} more {done} before the year",
        "{amount} mer {done} före året",
    ),
    "x_by_credited_down": (
        "{amount} fewer {done} before the year",
        "{amount} färre {done} före året",
    ),
    "x_by_share_up": (
        "a share {amount} ‰ larger (the others smaller in proportion)",
        "en andel som är {amount} ‰ större (de andras mindre i proportion)",
    ),
    "x_by_share_down": (
        "a share {amount} ‰ smaller (the others larger in proportion)",
        "en andel som är {amount} ‰ mindre (de andras större i proportion)",
    ),
    "x_tried_credited": (
        "Up to {more} more or {less} fewer credited before the year",
        "Upp till {more} fler eller {less} färre tillräknade före året",
    ),
    "x_tried_credited_more": (
        "Up to {more} more credited before the year",
        "Upp till {more} fler tillräknade före året",
    ),
    "x_tried_credited_less": (
        "Up to {less} fewer credited before the year",
        "Upp till {less} färre tillräknade före året",
    ),
    "x_tried_share": (
        "A share up to {more} ‰ larger or {less} ‰ smaller",
        "En andel som är upp till {more} ‰ större eller {less} ‰ mindre",
    ),
    "x_tried_share_more": (
        "A share up to {more} ‰ larger",
        "En andel som är upp till {more} ‰ större",
    ),
    "x_tried_share_less": (
        "A share up to {less} ‰ smaller",
        "En andel som är upp till {less} ‰ mindre",
    ),
    "x_change": (
        "With {by} for {name}, it would have gone to {to}.",
        "Med {by} för {name} hade det gått till {to}.",
    ),
    "x_change_none": (
        "{tried} for {name} would not have sent it elsewhere.",
        "{tried} för {name} hade inte fört det någon annanstans.",
    ),
    "x_wanted": (
        "With {by} for {name}, it would have gone there.",
        "Med {by} för {name} hade det gått dit.",
    ),
    "x_wanted_none": (
        "{tried} for {name} would not have brought it there.",
        "{tried} för {name} hade inte fört det dit.",
    ),
    "x_more": (
        "With {by} it would have borne more children, kinship not counted.",
        "Med {by} hade den fått ansvar för fler barn, anknytning oräknad.",
    ),
    "x_more_none": (
        "{tried} would not have given it more children, kinship not counted.",
        "{tried} hade inte gett den fler barn, anknytning oräknad.",
    ),
    "x_fewer": (
        "With {by} it would have borne fewer children, kinship not counted.",
        "Med {by} hade den fått ansvar för färre barn, anknytning oräknad.",
    ),
    "x_fewer_none": (
        "{tried} would not have given it fewer children, kinship not counted.",
        "{tried} hade inte gett den färre barn, anknytning oräknad.",
    ),
    "x_either_none": (
        "{tried} would have given it neither more nor fewer children, kinship not counted.",
        "{tried} hade gett den varken fler eller färre barn, anknytning oräknad.",
    ),
    "x_resolved": (
        "Each of these was found by solving the year again with that change, transfers and "
        "earlier decisions as they were, smallest changes first and in both directions.",
        "Allt detta är funnet genom att lösa året på nytt med ändringen, överlåtelser och "
        "tidigare beslut oförändrade, minsta ändringar först och åt båda hållen.",
    ),
    "x_interchangeable": (
        "An optimum decides how many cases of each kind every municipality has; cases that are alike "
        "are "
        "interchangeable, and this one was dealt to {bearer}.",
        "Ett optimum avgör hur många ärenden av varje slag varje kommun får; ärenden som är lika är "
        "utbytbara, och detta delades ut till {bearer}.",
    ),
    "x_share": (
        "Share {share} ‰; after transfers {after} ‰.",
        "Andel {share} ‰; efter omfördelning {after} ‰.",
    ),
    "x_wishes_more": ("Wishes to take over {share} ‰.", "Önskar ta över {share} ‰."),
    "x_wishes_less": ("Wishes to hand away {share} ‰.", "Önskar lämna {share} ‰."),
    "x_wishes_to_keep": (
        "Has answered that it keeps its share.",
        "Har svarat att den behåller sin andel.",
    ),
    "x_no_answer": (
        "Has not answered whether it wishes for more or less.",
        "Har inte svarat om den önskar mer eller mindre.",
    ),
    "x_hands": ("Hands {share} ‰ to {name}.", "Lämnar {share} ‰ till {name}."),
    "x_takes": ("Receives {share} ‰ from {name}.", "Tar emot {share} ‰ från {name}."),
    "x_bears": (
        "It becomes responsible for {total}: {parts}.",
        "Den får ansvar för {total}: {parts}.",
    ),
    "x_bears_none": (
        "It becomes responsible for no child in the year.",
        "Den får inte ansvar för något barn under året.",
    ),
    "x_part_kinship": ("{n} by kinship", "{n} genom anknytning"),
    "x_part_equalising": ("{n} equalising", "{n} utjämnande"),
    "x_part_transferred": ("of these {n} on transferred share", "varav {n} på omfördelad andel"),
    "x_part_willing": ("{n} in places that it offered", "{n} på platser den erbjudit"),
    "x_part_valve": ("{n} after the valve", "{n} efter ventilen"),
    "x_borne_elsewhere": (
        "{n} counted on its share are borne by others, to whom it handed share ([O] 2.3.2).",
        "{n} som räknas på dess andel bärs av andra, som den lämnat andel till ([O] 2.3.2).",
    ),
    "x_standing": (
        "After the year's cases so far, the last of {day}, it is {done} {credited} since "
        "{since}; its share of all is {target}. Fulfilment {fulfilment}: place {rank} of "
        "{ranked}, lowest first.",
        "Efter årets ärenden hittills, det sista från {day}, är {credited} {done} sedan "
        "{since}; dess andel av alla är {target}. Måluppfyllelse {fulfilment}: plats {rank} "
        "av {ranked}, lägst först.",
    ),
    "x_standing_year": (
        "After the year's cases so far, the last of {day}, {credited} of the year are "
        "{done} to it; its share of all is {target}. Fulfilment {fulfilment}: place {rank} "
        "of {ranked}, lowest first.",
        "Efter årets ärenden hittills, det sista från {day}, är {credited} från året "
        "{done}; dess andel av alla är {target}. Måluppfyllelse {fulfilment}: plats "
        "{rank} av {ranked}, lägst först.",
    ),
    "x_standing_stock": (
        "After the year's cases so far, the last of {day}, {credited} are {done} to it, "
        "those who were there at the start of the year included; its share of all is "
        "{target}. Fulfilment {fulfilment}: place {rank} of {ranked}, lowest first.",
        "Efter årets ärenden hittills, det sista från {day}, är {credited} {done}, de "
        "som fanns där vid årets början inräknade; dess andel av alla är {target}. "
        "Måluppfyllelse {fulfilment}: plats {rank} av {ranked}, lägst först.",
    ),
    "x_no_share": (
        "It has no share of its own, so it has no fulfilment.",
        "Den har ingen egen andel, så den har ingen måluppfyllelse.",
    ),
    "x_no_turn": (
        "No equalising assignment comes to it in the year.",
        "Ingen utjämnande anvisning kommer till den under året.",
    ),
    "x_holds": (
        "Equalising assignments come to it on the share that others handed to it.",
        "Utjämnande anvisningar kommer till den på andel som andra lämnat till den.",
    ),
    "x_capacity": (
        "{n} times it stood in line before the municipality whose turn it was, but its "
        "capacity of {capacity} left no room.",
        "{n} gånger stod den i tur före kommunen som fick ärendet, men kapaciteten {capacity} "
        "gav ingen plats.",
    ),
    "x_without_capacity": (
        "Without its capacity of {capacity}, the year solved again, it would have borne "
        "{total}.",
        "Utan kapaciteten {capacity}, med året löst på nytt, hade den fått ansvar för "
        "{total}.",
    ),
    "x_capacity_full": (
        "Its capacity of {capacity} is used up.",
        "Dess kapacitet {capacity} är fullt utnyttjad.",
    ),
    "x_capacity_free": (
        "Its capacity of {capacity} did not bind.",
        "Dess kapacitet {capacity} band inte.",
    ),
    "x_all_handed": (
        "It handed its whole share away, so no equalising assignment comes to it in the year.",
        "Den har lämnat hela sin andel, så ingen utjämnande anvisning kommer till den under "
        "året.",
    ),
    "x_in_line": (
        "Among those with room it stands at place {place} in line for the next child who goes by "
        "fulfilment.",
        "Bland dem som har plats står den på plats {place} i tur för nästa barn som fördelas "
        "så.",
    ),
    "x_willing_first": (
        "Willing places that a child fits come before that line.",
        "Villiga platser som passar ett barn går före den turordningen.",
    ),
    "x_until": (
        "If only children without a tie came from now on, of unknown sex and age, {n} would "
        "come before it became responsible for one.",
        "Om bara barn utan anknytning kom från och med nu, med okänt kön och okänd ålder, "
        "skulle {n} komma innan den fick ansvar för ett.",
    ),
    "x_until_now": (
        "The next child without a tie, of unknown sex and age, would become its "
        "responsibility.",
        "Nästa barn utan anknytning, med okänt kön och okänd ålder, skulle bli dess ansvar.",
    ),
    "x_optimum": (
        "The numbers are those of an optimum over the whole year in hindsight, not of a rule: no "
        "single "
        "decision has a line. Levels, in order: {levels}. Status: {status}.",
        "Antalen är de i ett optimum över hela året i efterhand, inte av en regel: enskilda beslut har "
        "ingen turordning. Nivåer, i ordning: {levels}. Status: {status}.",
    ),
    "x_component": ("{level} (component {place})", "{level} (komponent {place})"),
    "x_cost_fewer": (
        "One child fewer without a tie here would change {level} by {difference}, from {now} to "
        "{then}.",
        "Ett barn färre utan anknytning här skulle ändra {level} med {difference}, från {now} till "
        "{then}.",
    ),
    "x_cost_more": (
        "One child more without a tie here would change {level} by {difference}, from {now} to {then}.",
        "Ett barn mer utan anknytning här skulle ändra {level} med {difference}, från {now} till "
        "{then}.",
    ),
    "x_cost_share": (
        "0.01 ‰ of share more (the others less in proportion) would change {level} by {difference}, "
        "from "
        "{now} to {then}; it would then bear {children} without a tie.",
        "0,01 ‰ större andel (de andras mindre i proportion) skulle ändra {level} med {difference}, "
        "från "
        "{now} till {then}; den skulle då ansvara för {children} utan anknytning.",
    ),
    "x_cost_fewer_none": (
        "One child fewer without a tie here would cost nothing: another optimum has it so.",
        "Ett barn färre utan anknytning här skulle inte kosta något: ett annat optimum är sådant.",
    ),
    "x_cost_more_none": (
        "One child more without a tie here would cost nothing: another optimum has it so.",
        "Ett barn mer utan anknytning här skulle inte kosta något: ett annat optimum är sådant.",
    ),
    "x_cost_share_none": (
        "0.01 ‰ of share more would change no level.",
        "0,01 ‰ större andel skulle inte ändra någon nivå.",
    ),
    "x_cost_fewer_never": (
        "One child fewer without a tie here is not possible: by the engine's word no allocation within "
        "the constraints has it.",
        "Ett barn färre utan anknytning här är inte möjligt: enligt motorns ord är ingen fördelning inom "
        "villkoren sådan.",
    ),
    "x_cost_more_never": (
        "One child more without a tie here is not possible: by the engine's word no allocation within "
        "the constraints has it.",
        "Ett barn mer utan anknytning här är inte möjligt: enligt motorns ord är ingen fördelning inom "
        "villkoren sådan.",
    ),
    "x_cost_share_never": (
        "With 0.01 ‰ of share more, by the engine's word, no allocation would satisfy the constraints.",
        "Med 0,01 ‰ större andel skulle enligt motorns ord ingen fördelning uppfylla villkoren.",
    ),
    "x_cost_fewer_unknown": (
        "What one child fewer without a tie here would cost was not found within the time limit.",
        "Vad ett barn färre utan anknytning här skulle kosta hittades inte inom tidsgränsen.",
    ),
    "x_cost_more_unknown": (
        "What one child more without a tie here would cost was not found within the time limit.",
        "Vad ett barn mer utan anknytning här skulle kosta hittades inte inom tidsgränsen.",
    ),
    "x_cost_share_unknown": (
        "What 0.01 ‰ of share more would mean was not found within the time limit.",
        "Vad 0,01 ‰ större andel skulle betyda hittades inte inom tidsgränsen.",
    ),
    "x_not_proven": (
        "(Not proven within the time limit: the figure is that of the best found.)",
        "(Inte bevisat inom tidsgränsen: talet är det bästa funnas.)",
    ),
    "x_solved_again": (
        "Found by solving the program again with that one constraint or change. That nothing better "
        "exists then is the engine's word: Fordela has no proof of its own for it.",
        "Funnet genom att lösa programmet på nytt med just det villkoret eller den ändringen. Att inget "
        "bättre finns då är motorns ord: Fordela har inget eget bevis för det.",
    ),
}  # fmt: skip
