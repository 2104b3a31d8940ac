"""Problems with rules, ledgers and what is asked of their results, in Swedish by English template."""

from __future__ import annotations

#: As `problems.SWEDISH`.
OF_RULES: dict[str, str] = {
    "is made from each of the years before, and an instance has only their sum": "görs av vart och ett av åren före, och en instans har bara deras summa",
    "policy {} counts the children who are still there, and they are not given for {} of {} municipalities": "policyn {} räknar de barn som ännu är kvar, och de är inte angivna för {} av {} kommuner",
    "which ties are followed depends on the order of arrival, and an optimum has none": "vilka anknytningar som följs beror på ankomstordningen, och ett optimum har ingen",
    "use kinship = 'always', or list the level kinship-broken": "använd kinship = 'always', eller ta med nivån kinship-broken",
    "holds several results": "innehåller flera resultat",
    "holds several comparisons": "innehåller flera jämförelser",
    "say which: {}": "ange vilken: {}",
    "has no list of policies with names": "har ingen lista över policyer med namn",
    "name one: {}": "ange ett: {}",
    "say which with --policy: {}": "ange vilket med --policy: {}",
    "no such result in {}": "inget sådant resultat i {}",
    "there are {}": "det finns {}",
}
