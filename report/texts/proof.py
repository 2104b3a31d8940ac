"""Texts of what is proven, and what that rests on, in English and Swedish."""

from __future__ import annotations

#: English and Swedish by key.
TEXTS: dict[str, tuple[str, str]] = {
    "optimal": ("optimal", "optimal"),
    "feasible": ("feasible", "tillåten"),
    "infeasible": ("infeasible", "otillåten"),
    "unknown": ("unknown", "okänd"),
    "rule": ("rule followed", "regeln följd"),
    "on_open_transfers": ("{said}, transfers not proven", "{said}, överlåtelser ej bevisade"),
    "with_word": ("{status} (engine's word)", "{status} (motorns ord)"),
    "proof": ("Proof", "Bevis"),
    "proof_trivial": ("nothing is less", "mindre finns inte"),
    "proof_certificate": ("certificate", "certifikat"),
    "proof_counting": ("counting", "räkning"),
    "proof_enumeration": ("all were tried", "alla prövades"),
    "proof_engine": ("engine's word", "motorns ord"),
    "tolerance": ("engine's word, to {size}", "motorns ord, till {size}"),
    "proven": ("Proven", "Bevisat"),
    "is_proven": ("proven", "bevisat"),
    "yes": ("yes", "ja"),
    "no": ("no", "nej"),
    "engine_note": (
        "Engine's word: the program that searched says that nothing better exists; Fordela has no proof "
        "of its own for that.",
        "Motorns ord: programmet som sökte säger att inget bättre finns; Fordela har inget eget bevis "
        "för det.",
    ),
    "all_counted": (
        "Every hindsight optimum is proven by counting, without needing the engine's word.",
        "Alla optima i efterhand är bevisade genom räkning; motorns ord behövs inte.",
    ),
    "some_on_word": (
        "Of {n} hindsight optima {counted} are proven by counting; {engine} rest on the engine's word "
        "({backend} {version}).",
        "Av {n} optima i efterhand är {counted} bevisade genom räkning; {engine} vilar på motorns ord "
        "({backend} {version}).",
    ),
    "not_all_proven": (
        "Of {n} hindsight optima {open} are not proven within the time limit, {counted} are proven by "
        "counting and {engine} rest on the engine's word ({backend} {version}). A gap marked 'no' is "
        "against the best found, not a bound.",
        "Av {n} optima i efterhand är {open} inte bevisade inom tidsgränsen, {counted} är bevisade genom "
        "räkning och {engine} vilar på motorns ord ({backend} {version}). Ett avstånd märkt 'nej' är mot "
        "det bästa funna, ingen gräns.",
    ),
    "transfers_proven": (
        "{policy}: every level of the redistribution is proven.",
        "{policy}: alla nivåer i omfördelningen är bevisade.",
    ),
    "transfers_on_word": (
        "{policy}: no level of the redistribution can be better; that rests on the engine's word at "
        "{levels}.",
        "{policy}: ingen nivå i omfördelningen kan bli bättre; det vilar på motorns ord för nivåerna "
        "{levels}.",
    ),
    "transfers_open": (
        "{policy}: proven are {proven}; not proven in the time given, with the gap to the bound: "
        "{open}.",
        "{policy}: bevisade är {proven}; inte bevisade inom tiden, med avstånd till gränsen: {open}.",
    ),
}
