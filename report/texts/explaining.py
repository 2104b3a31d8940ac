"""Sentences of an explanation, in English and Swedish."""

from __future__ import annotations

#: English and Swedish by key.
TEXTS: dict[str, tuple[str, str]] = {
    "x_case_title": (
        "Case {case}: {children} arriving {day}",
        "Ärende {case}: {children}, ankomst {day}",
    ),
    "x_children_one": ("1 child", "1 barn"),
    "x_children": ("{n} children", "{n} barn"),
    "x_municipality_title": ("{name}, {year}, under {policy}", "{name}, {year}, enligt {policy}"),
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
    "x_without_tie": (
        "Without the tie, the year solved again, it would have gone to {name}.",
        "Utan anknytningen, med året löst på nytt, hade det gått till {name}.",
    ),
    "x_without_tie_same": (
        "Without the tie, the year solved again, it would have gone to {name} all the same.",
        "Utan anknytningen, med året löst på nytt, hade det ändå gått till {name}.",
    ),
    "x_willing": (
        "It went to {bearer} as one of the places the municipality had offered ([O] 4.2): willing "
        "places "
        "come before the even distribution, the least used first.",
        "Det gick till {bearer} på en av platserna som kommunen hade erbjudit ([O] 4.2): villiga "
        "platser "
        "går före den jämna fördelningen, den minst använda först.",
    ),
    "x_valve": (
        "The valve had closed: transfers and willing places no longer applied, and lowest fulfilment "
        "decided.",
        "Ventilen hade stängt: överlåtelser och villiga platser gällde inte längre, och lägst "
        "måluppfyllelse avgjorde.",
    ),
    "x_equalising": (
        "It had no tie, so it went to the municipality with the lowest fulfilment of its share ([O] "
        "2.2).",
        "Det saknade anknytning och gick därför till kommunen med lägst måluppfyllelse ([O] 2.2).",
    ),
    "x_unplaced": ("It has no municipality.", "Det saknar kommun."),
    "x_winner": (
        "{name} was first in line: {credited} children credited for a share of {share} ‰, a fulfilment "
        "of "
        "{fulfilment}.",
        "{name} stod först i tur: {credited} tillräknade barn för en andel av {share} ‰, en "
        "måluppfyllelse på {fulfilment}.",
    ),
    "x_next": (
        "Next was {name}: {credited} for {share} ‰, a fulfilment of {fulfilment}. The first could take "
        "{lead} before that one's turn.",
        "Näst i tur var {name}: {credited} för {share} ‰, en måluppfyllelse på {fulfilment}. Den "
        "första "
        "kunde ta {lead} innan det blev dess tur.",
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
    "x_change_credited": (
        "Had {name} been credited {amount} more before the year, it would have gone to {to}.",
        "Om {name} hade haft {amount} mer tillräknade före året hade det gått till {to}.",
    ),
    "x_change_credited_none": (
        "Up to {limit} more credited to {name} before the year would not have changed it.",
        "Upp till {limit} fler tillräknade {name} före året hade inte ändrat det.",
    ),
    "x_change_share": (
        "Had the share of {name} been {amount} ‰ smaller (the others larger in proportion), it would "
        "have "
        "gone to {to}.",
        "Om andelen för {name} hade varit {amount} ‰ mindre (de andras större i proportion) hade det "
        "gått "
        "till {to}.",
    ),
    "x_change_share_none": (
        "A share up to {limit} ‰ smaller for {name} would not have changed it.",
        "En andel för {name} som är upp till {limit} ‰ mindre hade inte ändrat det.",
    ),
    "x_wanted_credited": (
        "For it to go to {name}, that municipality would have had to be credited {amount} fewer "
        "before the year.",
        "För att det skulle gå till {name} hade kommunen behövt ha {amount} färre tillräknade före "
        "året.",
    ),
    "x_wanted_credited_none": (
        "Up to {limit} fewer credited to {name} before the year would not have brought it there.",
        "Upp till {limit} färre tillräknade {name} före året hade inte fört det dit.",
    ),
    "x_wanted_share": (
        "For it to go to {name}, its share would have had to be {amount} ‰ larger (the others smaller "
        "in "
        "proportion).",
        "För att det skulle gå till {name} hade andelen behövt vara {amount} ‰ större (de andras "
        "mindre i "
        "proportion).",
    ),
    "x_wanted_share_none": (
        "A share up to {limit} ‰ larger for {name} would not have brought it there.",
        "En andel för {name} som är upp till {limit} ‰ större hade inte fört det dit.",
    ),
    "x_resolved": (
        "Each of these was found by solving the whole year again with that change, transfers as they "
        "were, smallest changes first.",
        "Allt detta är funnet genom att lösa hela året på nytt med ändringen, överlåtelserna "
        "oförändrade, "
        "minsta ändringar först.",
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
        "At the end of the year it is credited {credited} since {since}; its share of all is {target}. "
        "Fulfilment {fulfilment}: place {rank} of {ranked}, lowest first.",
        "Vid årets slut är {credited} tillräknade sedan {since}; dess andel av alla är {target}. "
        "Måluppfyllelse {fulfilment}: plats {rank} av {ranked}, lägst först.",
    ),
    "x_no_share": (
        "It has no share, so it has no fulfilment and gets no equalising assignment.",
        "Den har ingen andel, så den har ingen måluppfyllelse och får ingen utjämnande anvisning.",
    ),
    "x_capacity": (
        "Its capacity of {capacity} binds: {n} times it was first in line but had no room.",
        "Dess kapacitet {capacity} binder: {n} gånger stod den först i tur men saknade plats.",
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
        "It handed its whole share away: children counted on it go to others, and only kinship brings "
        "children to it.",
        "Den har lämnat hela sin andel: barn som räknas på den går till andra, och bara anknytning för "
        "barn till den.",
    ),
    "x_in_line": (
        "By its own share it stands at place {place} in line for the next child without a tie.",
        "Med sin egen andel står den på plats {place} i tur för nästa barn utan anknytning.",
    ),
    "x_until": (
        "If only children without a tie came from now on, {n} would come before it became responsible "
        "for one.",
        "Om bara barn utan anknytning kom från och med nu skulle {n} komma innan den fick ansvar för "
        "ett.",
    ),
    "x_until_now": (
        "The next child without a tie would become its responsibility.",
        "Nästa barn utan anknytning skulle bli dess ansvar.",
    ),
    "x_more_credited": (
        "With {amount} fewer credited before the year it would have borne more without a tie.",
        "Med {amount} färre tillräknade före året hade den fått ansvar för fler utan anknytning.",
    ),
    "x_more_credited_none": (
        "Up to {limit} fewer credited before the year would not have given it more.",
        "Upp till {limit} färre tillräknade före året hade inte gett den fler.",
    ),
    "x_more_share": (
        "With a share {amount} ‰ larger it would have borne more without a tie.",
        "Med en {amount} ‰ större andel hade den fått ansvar för fler utan anknytning.",
    ),
    "x_more_share_none": (
        "A share up to {limit} ‰ larger would not have given it more.",
        "En upp till {limit} ‰ större andel hade inte gett den fler.",
    ),
    "x_fewer_credited": (
        "With {amount} more credited before the year it would have borne fewer without a tie.",
        "Med {amount} fler tillräknade före året hade den fått ansvar för färre utan anknytning.",
    ),
    "x_fewer_credited_none": (
        "Up to {limit} more credited before the year would not have given it fewer.",
        "Upp till {limit} fler tillräknade före året hade inte gett den färre.",
    ),
    "x_fewer_share": (
        "With a share {amount} ‰ smaller it would have borne fewer without a tie.",
        "Med en {amount} ‰ mindre andel hade den fått ansvar för färre utan anknytning.",
    ),
    "x_fewer_share_none": (
        "A share up to {limit} ‰ smaller would not have given it fewer.",
        "En upp till {limit} ‰ mindre andel hade inte gett den färre.",
    ),
    "x_optimum": (
        "The numbers are those of an optimum over the whole year in hindsight, not of a rule: no "
        "single "
        "decision has a line. Levels, in order: {levels}.",
        "Antalen är de i ett optimum över hela året i efterhand, inte av en regel: enskilda beslut har "
        "ingen turordning. Nivåer, i ordning: {levels}.",
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
        "One child fewer without a tie here is not possible: no allocation within the constraints has "
        "it.",
        "Ett barn färre utan anknytning här är inte möjligt: ingen fördelning inom villkoren är sådan.",
    ),
    "x_cost_more_never": (
        "One child more without a tie here is not possible: no allocation within the constraints has "
        "it.",
        "Ett barn mer utan anknytning här är inte möjligt: ingen fördelning inom villkoren är sådan.",
    ),
    "x_cost_share_never": (
        "With 0.01 ‰ of share more no allocation would satisfy the constraints.",
        "Med 0,01 ‰ större andel skulle ingen fördelning uppfylla villkoren.",
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
        "Found by solving the program again with that one constraint or change.",
        "Funnet genom att lösa programmet på nytt med just det villkoret eller den ändringen.",
    ),
}  # fmt: skip
