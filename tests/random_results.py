"""Small random years with everything that a result can show, and policies of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from fordela.models.homes import Agreement, Home
from fordela.models.instance import Child, Instance, Municipality, Transfer
from fordela.models.policy import IN_FORCE, NORMS, REDISTRIBUTION_LEVELS, Policy


def random_year(number: int) -> Instance:
    """A year of five or six municipalities with wishes, capacities, homes and siblings."""
    random = Random(number)
    size = random.choice([5, 6])
    shares = [random.randrange(8_000, 30_000) for _ in range(size - 1)]
    shares = [s * 90_000 // sum(shares) for s in shares]
    shares.append(100_000 - sum(shares))
    places = []
    for k, share in enumerate(shares):
        side = ["less", "more", "less", "none", "less", "more"][k]
        places.append(
            Municipality(
                f"{k + 1:04d}", f"M{k + 1}", f"0{k % 2}", f"C{k % 2}", share,
                population=1000 * (k + 1), assigned_before=random.randrange(0, 9),
                capacity=random.choice([None, None, 1, 3]), willing=random.choice([0, 0, 2]),
                wants_less=random.randrange(1, share // 4) if side == "less" else 0,
                wants_more=random.randrange(1, share // 2) if side == "more" else 0,
                latitude=Decimal(55 + k), longitude=Decimal(12 + k % 3),
            )
        )  # fmt: skip
    codes = [m.code for m in places]
    children: list[Child] = []
    for case in range(random.randrange(4, 9)):
        tie = random.choice([None, None, random.choice(codes)])
        day = date(2025, 1, 7) + timedelta(days=20 * case)
        for _ in range(random.choice([1, 1, 1, 2])):
            children.append(
                Child(
                    f"c{len(children) + 1}", f"g{case + 1}", day, tie, age=random.randrange(8, 18),
                    sex=random.choice("fm"), language=random.choice(["so", "uk"]),
                    needs=random.choice([(), ("wheelchair",)]), stay=random.choice([None, 30]),
                )
            )  # fmt: skip
    homes = tuple(
        Home(
            f"h{k}", random.choice(codes), random.choice(["family-home", "hvb"]), random.choice([1, 2]),
            languages=random.choice([("so",), ("*",), ("uk",)]),
            competences=random.choice([(), ("wheelchair",)]),
        )
        for k in range(random.randrange(3, 7))
    )  # fmt: skip
    return Instance(
        name=f"year-{number}",
        year=2025,
        municipalities=tuple(places),
        children=tuple(children),
        transfers=(Transfer(codes[0], codes[2], shares[0] // 2),),
        forecast=random.choice([4, 8, 20]),
        forecast_asylum=random.choice([None, 100]),
        shares_are=random.choice(["computed", "decided"]),
        synthetic=random.choice([("cases",), ("cases", "transfers")]),
        homes=homes,
        agreements=(Agreement(codes[0], codes[1]), Agreement(codes[3], codes[2])),
    )


def policies(number: int) -> Iterator[tuple[str, Policy]]:
    """Policies to solve, redistribute (``trade``) and place by."""
    random = Random(-1 - number)
    norms = random.sample(NORMS, 3)
    yield "solve-rule", IN_FORCE.with_changes(tie=random.choice(["code", "largest-share"]))
    yield "solve-willing", IN_FORCE.with_changes(name="w", rule="willing-first", valve=Fraction(1, 2))
    yield "solve-effective", IN_FORCE.with_changes(name="e", mechanism="effective-share")
    for norm in norms:
        levels = ("over-capacity", f"deviation:{norm}", "willing")
        yield f"solve-{norm}", IN_FORCE.with_changes(name="o", rule="optimal", levels=levels)
    soft = ("unplaced", "kinship-broken", f"deviation:{norms[0]}", "distance", "moves")
    hard = IN_FORCE.with_changes(name="h", rule="optimal", capacity="hard", levels=soft)
    yield "solve-hard", hard
    trading = random.sample(REDISTRIBUTION_LEVELS, 4)
    for scope in ("county", "national"):
        policy = IN_FORCE.with_changes(name=scope, scope=scope)
        yield f"trade-{scope}", _levels(policy, "granted", *[x for x in trading if x != "granted"])
        yield f"solve-{scope}", policy
    for process in ("immediate", "deferred"):
        policy = IN_FORCE.with_changes(name="b", scope="bilateral", process=process, draws=5)
        yield f"trade-{process}", policy
    yield "solve-bilateral", policy
    yield "trade-decided", IN_FORCE
    yield "place-sequential", IN_FORCE
    yield "place-vacancy", IN_FORCE
    yield "place-joint", IN_FORCE


def _levels(policy: Policy, *levels: str) -> Policy:
    from dataclasses import replace

    return replace(policy, redistribution=replace(policy.redistribution, levels=levels))
