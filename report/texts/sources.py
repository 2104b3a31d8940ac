"""Where figures come from, in Swedish: what the provenance of shipped and imported instances says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_ITEMS = {
    "agreements": "överenskommelser",
    "confirmed when imported": "bekräftat vid inläsningen",
    "not in the workbook": "inte i arbetsboken",
    "assigned_before": "tidigare tillräknade barn",
    "cases": "ärenden",
    "everything": "allt",
    "forecast": "prognos",
    "kin_weight": "var anhöriga bor",
    "language, needs, stay": "språk, behov, vistelse",
    "lat, lon": "läge",
    "number of children": "antal barn",
    "places": "boenden",
    "population": "folkmängd",
    "share": "andel",
    "synthetic wishes": "syntetiska önskemål",
    "transfers": "överlåtelser",
    "wants_more, wants_less": "önskemål",
}

#: Parts of a source between semicolons; what is in parentheses is kept.
_PARTS = (
    (r"generated with seed (\w+)", "lottade, frö {0}"),
    (r"how many of each form is in (\S+)", "hur många av varje form står i {0}"),
    (r"assumed", "antaget"),
    (r"nothing before 2016", "inget före 2016"),
    (
        r"synthetic: fitted by an integer program so that the rule in force gives every published figure of "
        r"2025, nearest to sweden-2025",
        "syntetiskt: anpassat med ett heltalsprogram så att gällande regel ger varje publicerad siffra för "
        "2025, så nära sweden-2025 som möjligt",
    ),
    (
        r"synthetic: the rule in force replayed over the shipped years from 2016",
        "syntetiskt: gällande regel tillämpad på de medföljande åren från 2016",
    ),
    (
        r"synthetic, fitted to published kinship: 314 children, Stockholms län 95, Halmstad 9, Kalmar 0, none "
        r"above the published totals \(\[O\] 2\.4\), by kin_weight",
        "syntetiskt, anpassat till publicerad anknytning: 314 barn, Stockholms län 95, Halmstad 9, Kalmar 0, "
        "ingen över de publicerade antalen ([O] 2.4), efter kin_weight",
    ),
    (
        r"synthetic: 72 per cent kinship as published for 2024 and 2025 \(\[B\] 2\.3\), by kin_weight",
        "syntetiskt: 72 procent anknytning som publicerat för 2024 och 2025 ([B] 2.3), efter kin_weight",
    ),
    (r"days by the months of 2009–2014", "dagar efter månaderna 2009–2014"),
    (r"days by the months of the year", "dagar efter årets månader"),
    (r"siblings, ages invented", "syskon och åldrar påhittade"),
    (r"siblings, dates, ages invented", "syskon, datum och åldrar påhittade"),
    (
        r"synthetic: ties fitted to every published figure of 2025 \(\[O\] 2\.4, \[B\] 2\.3\)",
        "syntetiskt: anknytningar anpassade till varje publicerad siffra för 2025 ([O] 2.4, [B] 2.3)",
    ),
    (r"untied children come alone", "barn utan anknytning kommer ensamma"),
    (r"invented for (\S+)", "påhittat för {0}"),
    (
        r"Migration Agency, February forecast of assignments, 24 February 2020",
        "Migrationsverket, februariprognos över anvisningar, 24 februari 2020",
    ),
    (
        r"assumed: none is published for the year in the sources at hand",
        "antagen: ingen är publicerad för året i de källor som finns",
    ),
    (r"none at hand", "ingen finns"),
    (r"children: \[B\] 2\.3", "barn: [B] 2.3"),
    (
        r"asylum seekers: the same part as in 2025 \(181 of 430\), assumed",
        "asylsökande: samma del som 2025 (181 av 430), antagen",
    ),
    (
        r"synthetic: population, Stockholms län's part of the ties as in 2025 \(95 of 314, \[B\] 2\.3\), and a "
        r"local factor of mean 1 and variance 0\.45 that stays over the years",
        "syntetiskt: folkmängd, Stockholms läns del av anknytningarna som 2025 (95 av 314, [B] 2.3) och en "
        "lokal faktor med medelvärde 1 och varians 0,45 som står sig över åren",
    ),
    (
        r"a point inside the municipality, from SCB's generalised boundaries",
        "en punkt inom kommunen, ur SCB:s förenklade gränser",
    ),
    (
        r"SCB: unaccompanied children who sought asylum in 2015",
        "SCB: ensamkommande barn som sökte asyl 2015",
    ),
    (r"assignments: (\[[OB]\] [\d.]+)", "anvisningar: {0}"),
    (
        r"children who sought protection: derived: 278/0\.81 asylum seekers and 214/1\.45 under temporary "
        r"protection, from the changes to 2024 \(\[B\] 2\.3\)",
        "barn som sökte skydd: härlett: 278/0,81 asylsökande och 214/1,45 med tillfälligt skydd, ur "
        "förändringarna till 2024 ([B] 2.3)",
    ),
    (
        r"children who sought protection: derived: 507 of 2021 nearly tripled \(county boards' summary of 2022\)",
        "barn som sökte skydd: härlett: 507 för 2021 nästan tredubblat (länsstyrelsernas sammanfattning av 2022)",
    ),
    (
        r"nearly read as in the same sentence's nearly 25 per cent for 123 of 507 \(SCB\)",
        "nästan läst som i samma menings nästan 25 procent för 123 av 507 (SCB)",
    ),
    (
        r"forecast of children: \[B\] 2\.3 \(Migration Agency forecast\)",
        "prognos över barn: [B] 2.3 (Migrationsverkets prognos)",
    ),
    (
        r"unaccompanied asylum applicants: SCB Asylsökande 2002-2022",
        "ensamkommande asylsökande: SCB Asylsökande 2002–2022",
    ),
    (r"SCB, 31 December (\d+)", "SCB, 31 december {0}"),
    (
        r"computed, not official: population (\d+), floor 1 ‰",
        "beräknad, inte officiell: folkmängd {0}, minst 1 ‰",
    ),
    (
        r"the official shares also weigh earlier reception, with weights that are not published "
        r"\(\[O\] 2\.3\.1\)",
        "de officiella andelarna väger också in tidigare mottagande, med vikter som inte är publicerade "
        "([O] 2.3.1)",
    ),
    (
        r"15 givers, 8 receivers, six counties: county boards",
        "15 givare, 8 mottagare, sex län: länsstyrelserna",
    ),
    (r"names and amounts synthetic", "namn och antal syntetiska"),
    (r"none published for the year", "inga publicerade för året"),
    (r"receivers: \[O\] 2\.3\.2", "mottagare: [O] 2.3.2"),
    (r"30 givers: county boards", "30 givare: länsstyrelserna"),
    (
        r"wishes of (\S+) that nobody has answered since are synthetic",
        "önskemål i {0} som ingen har besvarat sedan dess är syntetiska",
    ),
    (r"their names and amounts synthetic", "deras namn och antal syntetiska"),
    (r"givers and amounts synthetic", "givare och antal syntetiska"),
    (
        r"imported from (.+) \(SHA-256 (\w+…)\), heading (.+)",
        "inläst från {0} (SHA-256 {1}), rubrik {2}",
    ),
    (
        r"(.*), names, children and what else is not named here: from (.+) \(SHA-256 (\w+…)\)",
        "{0}, namn, barn och vad mer som inte nämns här: från {1} (SHA-256 {2})",
    ),
    (r"all else drawn, seed (\S+)", "allt annat lottat, frö {0}"),
    (r"the six receivers of 2026: \[O\] 2\.3\.2", "de sex mottagarna 2026: [O] 2.3.2"),
)


def sources_in(provenance: Mapping[str, str], language: str) -> Iterator[tuple[str, str]]:
    """Items and their sources in a language; what neither they nor an import say stands as it is."""
    for item, source in provenance.items():
        if language == "sv":
            parts = [_part(part) for part in source.split("; ")]
            yield _ITEMS.get(item, item), "; ".join(parts)
        else:
            yield item, source


def _part(part: str) -> str:
    for known, swedish in _PARTS:
        if found := re.fullmatch(known, part):
            return swedish.format(*found.groups())
    return part
