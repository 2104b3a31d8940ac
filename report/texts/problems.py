"""Problems with input in Swedish: what the rooms below say in English, part by part.

A message is parts with ``; `` between them. Each English template stands with its Swedish one; what
fills the braces is carried over, translated itself where it is known.
"""

from __future__ import annotations

import re
from functools import cache

from fordela.models.errors import Problem

#: Swedish by English template; ``{}`` is filled in order, ``{1}`` by its number where orders differ.
SWEDISH: dict[str, str] = {
    # files and folders
    "no such folder": "mappen finns inte",
    "no such file": "filen finns inte",
    "is a folder": "är en mapp",
    "name a file": "ange en fil",
    "is not an instance folder": "är ingen instansmapp",
    "see 'fordela instances list'": "se 'fordela instances list'",
    "this file is missing from the folder": "filen saknas i mappen",
    "cannot be read: {}": "kan inte läsas: {}",
    "cannot be written: {}": "kan inte skrivas: {}",
    "nothing was left behind": "inget lämnades kvar",
    "the name must end in {}": "namnet måste sluta på {}",
    "exists": "finns redan",
    "choose another name, or say --force to replace it": "välj ett annat namn, eller ersätt med --force",
    "exists and is not an empty folder": "finns och är ingen tom mapp",
    "choose another, or say --force": "välj en annan, eller ange --force",
    "holds other files, so it is not replaced": "innehåller andra filer och ersätts därför inte",
    "choose an empty folder": "välj en tom mapp",
    "no such folder and no shipped instance": "varken en mapp eller en medföljande instans",
    "matches no shipped instance and no instance folder": "motsvarar ingen medföljande instans eller instansmapp",
    "is not valid TOML: {}": "är inte giltig TOML: {}",
    "is not a result of Fordela: {} {}": "är inget resultat från Fordela: {} {}",
    "holds other files ({}) and no batch": "innehåller andra filer ({}) och ingen körning",
    "choose an empty or a new folder": "välj en tom eller ny mapp",
    "is not a row of a batch: {}": "är ingen rad i en körning: {}",
    "another batch is running in this folder": "en annan körning pågår i mappen",
    "the instance changed while the batch was running": "instansen ändrades under körningen",
    "the path of an instance cannot be read": "instansens sökväg kan inte läsas",
    # tables
    "wrong encoding: save it as UTF-8 (in Excel: 'CSV UTF-8')": "fel teckenkodning: spara som UTF-8 (i Excel: 'CSV UTF-8')",
    "wrong encoding or not text: save it as CSV in UTF-8": "fel teckenkodning eller ingen text: spara som CSV i UTF-8",
    "the encoding was damaged before: letters were replaced": "teckenkodningen är skadad: bokstäver har bytts ut",
    "export it again as UTF-8": "exportera igen som UTF-8",
    "is empty": "är tom",
    "a header row is needed: {}": "en rubrikrad behövs: {}",
    "is not a readable table: {}": "är ingen läsbar tabell: {}",
    "this column name occurs more than once": "kolumnnamnet förekommer mer än en gång",
    "has {} cells, but the header has {}": "har {} celler, men rubrikraden har {}",
    "this column is missing": "kolumnen saknas",
    "codes are text of {} digits": "koder är text med {} siffror",
    "a spreadsheet drops leading zeros": "kalkylprogram tar bort inledande nollor",
    # values
    "must not be blank": "får inte vara tomt",
    "is missing": "saknas",
    "is not allowed here": "är inte tillåtet här",
    "allowed is {}": "tillåtet är {}",
    "allowed are {}": "tillåtna är {}",
    "did you mean {}?": "menade du {}?",
    "is not a number": "är inget tal",
    "is not a whole number": "är inget heltal",
    "is a fraction": "är ett bråktal",
    "is negative": "är negativt",
    "is too large": "är för stort",
    "is blank": "är tomt",
    "is not a date": "är inget datum",
    "is not true or false": "är inte true eller false",
    "is not a list of texts": "är ingen lista av texter",
    "is not a text": "är ingen text",
    "has both a point and a comma": "har både punkt och komma",
    "has more than two decimals": "har fler än två decimaler",
    "has not a number of a share's size": "är inget tal i en andels storlek",
    "is not a share in ‰ with at most two decimals": "är ingen andel i ‰ med högst två decimaler",
    "text, not blank": "text, inte tom",
    "a whole number, from 0 to 1,000,000,000": "ett heltal, från 0 till 1 000 000 000",
    "a share in ‰, 0 or more, with at most two decimals": "en andel i ‰, 0 eller mer, med högst två decimaler",
    "degrees, WGS84": "grader, WGS84",
    "a number, 0 or more": "ett tal, 0 eller mer",
    "a date, YYYY-MM-DD": "ett datum, ÅÅÅÅ-MM-DD",
    "f, m or blank": "f, m eller tomt",
    "more or less": "more eller less",
    "proposed, agreed or withdrawn": "proposed, agreed eller withdrawn",
    "a year": "ett årtal",
    "computed, preliminary or decided": "computed, preliminary eller decided",
    "a list of what is not published": "en lista över det som inte är publicerat",
    "a table of sources": "en tabell över källor",
    "true or false": "true eller false",
    "a list of texts": "en lista av texter",
    "a number, 0 or more, such as 1.5 or '4/3'": "ett tal, 0 eller mer, som 1.5 eller '4/3'",
    "a text in quotes": "en text inom citattecken",
    "no such key": "nyckeln finns inte",
    "must be {} or more": "måste vara {} eller mer",
    "must be 0 ‰ or more": "måste vara 0 ‰ eller mer",
    "must be from 0 to {}": "måste vara från 0 till {}",
    "must be degrees between -{} and {}": "måste vara grader mellan -{} och {}",
    "must be above 0 ‰": "måste vara över 0 ‰",
    "must be f, m or blank": "måste vara f, m eller tomt",
    "must be between 0 and 21 years": "måste vara mellan 0 och 21 år",
    # municipalities, children, transfers
    "has no municipalities": "har inga kommuner",
    "at least one row is needed": "minst en rad behövs",
    "is already in row {}": "finns redan på rad {}",
    "each municipality has one row": "varje kommun har en rad",
    "each child has one row": "varje barn har en rad",
    "a municipality wants either more or less, not both": "en kommun önskar antingen mer eller mindre, inte båda",
    "wants to hand away more than its share of {} ‰": "vill lämna mer än sin andel på {} ‰",
    "{} wants to hand away more than its share of {} ‰": "{} vill lämna mer än sin andel på {} ‰",
    "county {} is called {} in an earlier row": "län {} heter {} på en tidigare rad",
    "the shares sum to {} ‰ instead of 1000.00 ‰": "andelarna summerar till {} ‰ i stället för 1000,00 ‰",
    "by county: {}": "efter län: {}",
    "is earlier than {}, the row before": "är tidigare än {}, raden före",
    "rows go in order of arrival": "raderna ska stå i ankomstordning",
    "no such municipality in {}": "kommunen finns inte i {}",
    "no such municipality": "kommunen finns inte",
    "codes are text with leading zeros, did a spreadsheet drop them from {}?": "koder är text med inledande nollor, har ett kalkylprogram tagit bort dem från {}?",
    "the nearest is {}": "närmast är {}",
    "siblings must have the same tie: case {} has {} in row {}": "syskon måste ha samma anknytning: ärende {} har {} på rad {}",
    "give them separate cases, or one tie": "ge dem var sitt ärende, eller samma anknytning",
    "hands its share to itself": "lämnar sin andel till sig själv",
    "has received shares, so it cannot hand any away in the same year": "har tagit emot andelar och kan därför inte lämna några samma år",
    "the pair is already in row {}": "paret finns redan på rad {}",
    "{} hands away {} ‰ of a share of {} ‰": "{} lämnar {} ‰ av en andel på {} ‰",
    "this version allocates only {}": "den här versionen fördelar bara {}",
    "must be from 0 to the share wished for, {} ‰": "måste vara från 0 till den önskade andelen, {} ‰",
    "is the municipality itself": "är kommunen själv",
    "leave blank for any partner": "lämna tomt för vilken motpart som helst",
    "wishes for both more and less after the whole log": "önskar både mer och mindre efter hela loggen",
    "withdraw one of them": "återta ett av önskemålen",
    "is the giver itself": "är givaren själv",
    "is before {}, the day they open": "är före {}, dagen då de öppnar",
    "contradicts row {} of {}": "säger emot rad {} av den {}",
    "contradicts row {} without a date": "säger emot rad {} utan datum",
    "give the later one a later date": "ge den senare ett senare datum",
    # policies
    "not a known value": "inget känt värde",
    "no such level": "nivån finns inte",
    "no such policy or file": "varken en regel eller en fil",
    "at least one level is needed": "minst en nivå behövs",
    "is listed twice": "står två gånger",
    "must be 0 or more": "måste vara 0 eller mer",
    "two policies have this name": "två regler har detta namn",
    "has the same name as {}": "har samma namn som {}",
    "rename one": "byt namn på en",
    "a name has letters, digits, '-', '_' and '.', and begins with a letter or digit": "ett namn har bokstäver, siffror, '-', '_' och '.', och börjar med en bokstav eller siffra",
    "cannot be kept by process 'deferred', where no giver is settled before the end": "kan inte hållas av processen 'deferred', där ingen givare är klar före slutet",
    "rules of one's own are not available in this version of Fordela": "egna regler finns inte i den här versionen av Fordela",
    "defined by the format, but not available in this version of Fordela": "finns i formatet, men inte i den här versionen av Fordela",
    "a rule never drops a child, so hard capacity needs rule = 'optimal' (section 3)": "en regel tappar aldrig ett barn, så hård kapacitet kräver rule = 'optimal' (avsnitt 3)",
    "policy {} has a valve, which needs a forecast of children": "regeln {} har en ventil, som kräver en prognos över barn",
    "policy {} has scope 'listed', which needs this table of pairs": "regeln {} har scope 'listed', som kräver denna tabell över par",
    "no municipality has a share, so an untied child has nowhere to go": "ingen kommun har någon andel, så ett barn utan anknytning har ingenstans att ta vägen",
    "nobody has a share": "ingen har någon andel",
    "{} {} needs coordinates: the level 'distance' uses them": "{} {} behöver koordinater: nivån 'distance' använder dem",
    "an optimum over a whole year has no line": "ett optimum över ett helt år har ingen turordning",
    "choose a rule, such as in-force": "välj en regel, som in-force",
    "an optimum over a whole year cannot take it on": "ett optimum över ett helt år kan inte ta vid mitt i",
    "use a rule, such as in-force": "använd en regel, som in-force",
    "no such backend": "lösaren finns inte",
    # the command
    "no such county": "länet finns inte",
    "the instance has {}": "instansen har {}",
    "there are {}": "det finns {}",
    "there are {} cases": "det finns {} ärenden",
    "no such case": "ärendet finns inte",
    "stands for {}": "står för {}",
    "name one by its code": "ange en med dess kod",
    "name a municipality or a case": "ange en kommun eller ett ärende",
    "is no result, but the other one is": "är inget resultat, men det är den andra",
    "must be weights of sizes 1, 2, …, the first above 0": "måste vara vikter för storlek 1, 2, …, den första över 0",
    "{} municipalities cannot have {} ‰ each": "{} kommuner kan inte ha {} ‰ var",
    # results
    "at least one result is needed": "minst ett resultat behövs",
    "identifiers of cases are not for publication": "ärendenas beteckningar är inte för publicering",
    "holds transfers only": "innehåller bara överlåtelser",
    "'fordela solve' makes a result with assignments": "'fordela solve' gör ett resultat med anvisningar",
    "holds no result": "innehåller inget resultat",
    "make one with 'fordela solve … --out DIR' or 'fordela compare … --out DIR'": "gör ett med 'fordela solve … --out DIR' eller 'fordela compare … --out DIR'",
    "its children or municipalities are not those of the instance": "dess barn eller kommuner är inte instansens",
    "run 'fordela check'": "kör 'fordela check'",
    "the instance that it was made from is not beside it": "instansen som det gjordes av finns inte bredvid",
    "name it with --instance": "ange den med --instance",
    "was not made from this content of {} (instance_sha256 differs)": "gjordes inte av detta innehåll i {} (instance_sha256 skiljer sig)",
    "does not hold what it claims: {}": "håller inte vad det påstår: {}",
    "… and {} more": "… och {} till",
    "several results are of a policy with this name": "flera resultat är av en regel med detta namn",
    "give each its own name": "ge var och en ett eget namn",
    "{} was solved on {}, {} on {}": "{} löstes på {}, {} på {}",
    "one report shows policies on the same children": "en rapport visar regler på samma barn",
    "a workbook holds one result": "en arbetsbok innehåller ett resultat",
    "name one of {}": "ange ett av {}",
    # taking a year on
    "the year was begun under {}, whose [counting] or [redistribution] differs": "året började under {}, vars [counting] eller [redistribution] är en annan",
    "transfers hold for a calendar year ([O] 2.3.2)": "överlåtelser gäller ett kalenderår ([O] 2.3.2)",
    "case {} has no municipality, so it is not decided": "ärende {} saknar kommun och är alltså inte beslutat",
    "case {} is split between municipalities": "ärende {} är delat mellan kommuner",
    "a rule cannot go on from it": "en regel kan inte ta vid därifrån",
    "of {} was {} when the first children were decided": "för {} var {} när de första barnen beslutades",
    "the year must begin with the cases already decided, in the same order": "året måste börja med de redan beslutade ärendena, i samma ordning",
    "instead of {} it has {}": "i stället för {} har det {}",
    "nothing": "inget",
    "case {} of {}, tie none": "ärende {} om {}, utan anknytning",
    "case {} of {}, tie {}": "ärende {} om {}, anknytning {}",
    "not in the result that is continued": "finns inte i resultatet som tas vidare",
    # workbooks
    "is not an .xlsx workbook": "är ingen .xlsx-arbetsbok",
    "open it and save it as 'Excel workbook (.xlsx)'": "öppna den och spara som 'Excel-arbetsbok (.xlsx)'",
    "is damaged or encrypted": "är skadad eller krypterad",
    "open it, remove any password and save it as .xlsx again": "öppna den, ta bort eventuellt lösenord och spara som .xlsx igen",
    "has no sheet named {}": "har inget blad med namnet {}",
    "a table in a layout of its own is taken in with 'fordela instances import'": "en tabell med egen uppställning läses in med 'fordela instances import'",
    "is a formula whose value is not stored": "är en formel vars värde inte är sparat",
    "open and save the workbook": "öppna och spara arbetsboken",
    "open and save the workbook ({} of {})": "öppna och spara arbetsboken ({} för {})",
    "is a spreadsheet error": "är ett fel i kalkylbladet",
    "{} needs {}": "{} behöver {}",
    "needed is {}": "det som behövs är {}",
    "round it in the workbook": "avrunda i arbetsboken",
    "is no municipality of the base": "är ingen kommun i basen",
    "code and name disagree: {} is {} but {} is {}": "kod och namn stämmer inte: {} är {} men {} är {}",
    "could be {}": "kan vara {}",
    "write the code beside the name": "skriv koden bredvid namnet",
    "{} has {} in {}": "{} har {} i {}",
    "({}) is not the sum of its rows, which is {}": "({}) är inte summan av sina rader, som är {}",
    "stands in a row without a municipality": "står på en rad utan kommun",
    "stands in a row without a municipality and is not the sum of the rows above": "står på en rad utan kommun och är inte summan av raderna ovanför",
    "name the municipality or 'Summa'": "ange kommunen eller 'Summa'",
    "merged cells: it cannot be told whose the value is": "sammanfogade celler: det går inte att säga vems värdet är",
    "unmerge them and fill each": "dela dem och fyll i varje",
    "merged cells hide a value": "sammanfogade celler döljer ett värde",
    "unmerge them": "dela dem",
    "has {} rows of municipalities, but none of the headings {}": "har {} rader med kommuner, men ingen av rubrikerna {}",
    "is hidden, but no other sheet has {}": "är dolt, men inget annat blad har {}",
    "is hidden, but no other sheet has {}{}": "är dolt, men inget annat blad har {}{}",
    "show the sheet, or delete it": "visa bladet, eller ta bort det",
    "no row has a code or name of a municipality of the base": "ingen rad har kod eller namn på en kommun i basen",
    "{} has no share for {}": "{} saknar andel för {}",
    "no heading is recognised": "ingen rubrik känns igen",
    "say which is which: --map 'Heading=column' ({})": "ange vilken som är vilken: --map 'Rubrik=kolumn' ({})",
    "the columns were not confirmed": "kolumnerna bekräftades inte",
    "say --yes, or map by hand: --map 'Heading=column'": "ange --yes, eller för hand: --map 'Rubrik=kolumn'",
    "must be 'Heading=column'": "måste vara 'Rubrik=kolumn'",
    "no such column": "kolumnen finns inte",
    "columns: {}, - (not used)": "kolumner: {}, - (används inte)",
    "{}: answers in its county sheets are not part of the instance: {}": "{}: svar i länsbladen hör inte till instansen: {}",
    "take them in with 'fordela instances import'": "läs in dem med 'fordela instances import'",
    "no such heading in {}": "rubriken finns inte i {}",
    "has no table [columns] of headings and columns": "har ingen tabell [columns] med rubriker och kolumner",
    "{} would both be {}": "{} skulle båda vara {}",
    "map one by hand: --map 'Heading={}' --map 'Other=-'": "ange en för hand: --map 'Rubrik={}' --map 'Annan=-'",
    "--new-dialogue leaves the base's wishes and transfers behind": "--new-dialogue lämnar basens önskemål och överlåtelser",
    "{} says different things: {}": "{} säger olika saker: {}",
    "is more than the wish of {} ‰": "är mer än önskemålet på {} ‰",
    "{} said something on {}": "{} sade något den {}",
    "give --date on or after that day": "ange --date den dagen eller senare",
    # what is unusual but accepted
    "{}: columns that are not used: {}": "{}: kolumner som inte används: {}",
    "{}: kept, but not used by this version": "{}: behålls, men används inte av den här versionen",
    "the shares sum to {} ‰, within rounding of 1000 ‰": "andelarna summerar till {} ‰, inom avrundning av 1000 ‰",
    "they are normalised by their sum": "de normeras med sin summa",
    "shares below 1 ‰ ([O] 2.3): {}": "andelar under 1 ‰ ([O] 2.3): {}",
    "transfers that cross a county border ([O] 2.3.2 keeps them inside): {}": "överlåtelser över länsgräns ([O] 2.3.2 håller dem inom länet): {}",
    "handed to more than one receiver ([O] 2.3.2 allows one): {}": "lämnat till fler än en mottagare ([O] 2.3.2 tillåter en): {}",
    "{}: nothing can be handed over under {}, as nobody wishes for {} (wants_more and wants_less in municipalities.csv, or wishes.csv)": "{}: inget kan lämnas över enligt {}, då ingen önskar {} (wants_more och wants_less i municipalities.csv, eller wishes.csv)",
    "more": "mer",
    "less": "mindre",
    "share in ‰": "andel i ‰",
    "people": "invånare",
    "children credited since counting began": "barn tillräknade sedan räkningen började",
    "children in the year, kinship included": "barn under året, anknytning inräknad",
    "children asked for before the even distribution": "barn önskade före den jämna fördelningen",
    "wish: ‰ of share more (+) or less (−)": "önskemål: ‰ av andelen mer (+) eller mindre (−)",
    "wish: ‰ of share afterwards": "önskemål: ‰ av andelen efteråt",
    "wish: ‰ of share to take over": "önskemål: ‰ av andelen att ta över",
    "wish: ‰ of share to hand away": "önskemål: ‰ av andelen att lämna",
    "wish: the least ‰ that is of use": "önskemål: minsta ‰ som är till nytta",
}

_PARTS = {"sheet": "blad", "cell": "cell", "row": "rad"}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns, the ones with most fixed text first."""
    ordered = sorted(SWEDISH, key=lambda english: -len(english.replace("{}", "")))
    return tuple(
        (re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL), SWEDISH[english])
        for english in ordered
    )


def known(part: str) -> str | None:
    """Swedish for one part of a message, None if it has none."""
    if part in SWEDISH and "{}" not in part:
        return SWEDISH[part]
    for pattern, swedish in _patterns():
        match = pattern.fullmatch(part)
        if match and match.groups():
            return swedish.format(*(known(g) or g for g in match.groups()))
    return None


def in_swedish(message: str) -> str:
    """Swedish for a message; parts that have none stay as they are."""
    return "; ".join(known(part) or part for part in message.split("; "))


def problem_in(problem: Problem, language: str) -> str:
    """Write a problem in a language: where, the value, what is wrong and what is allowed."""
    if language != "sv":
        return str(problem)
    where = [re.sub(r"\b(sheet|cell) (?=\S)", lambda m: f"{_PARTS[m[1]]} ", problem.file)]
    if problem.row is not None:
        where.append(f"rad {problem.row}")
    if problem.column is not None:
        where.append(problem.column)
    shown = "" if problem.value is None else f" är {problem.value!r}"
    return f"{', '.join(where)}{shown}: {in_swedish(problem.message)}"
