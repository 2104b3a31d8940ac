"""The least change after which everybody has a home: new family-home places, or new agreements.

The municipalities stand as they were decided. New places are the fewest that are enough even if
everybody could live elsewhere than now. New agreements are looked for while everybody who has a home
stays there; their number is proven where it meets a bound that holds without that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fordela.models.formulation.assignment import require_within
from fordela.models.formulation.placement import build_placement
from fordela.models.geo import known_kilometres
from fordela.models.homes import ANY_LANGUAGE, Agreement, Home
from fordela.models.instance import Case, Instance
from fordela.models.placement.outcome import MorePlaces, PlacementResult, Relaxation
from fordela.models.placement.problem import (
    HomeGroup,
    Option,
    PlacementProblem,
    Reach,
    placement_problem,
)
from fordela.models.placement.stays import fullest_days, present, stay_of
from fordela.models.program import Linear, ProgramBuilder
from fordela.models.result import Status
from fordela.solver.placement.components import components
from fordela.solver.placement.given import Engine
from fordela.solver.placement.housed import Housed
from fordela.solver.placement.lexicographic import dealt

#: Name of homes that do not exist yet.
_NEW = "new"
#: Children without a home above which agreements are not looked for.
MOST = 500


def relaxations(made: PlacementResult, engine: Engine) -> tuple[Relaxation, ...]:
    """What would give everybody a home, with the municipalities as decided; nothing if all have one.

    Returns
    -------
    tuple of Relaxation
        New places first, then new agreements if there are any that help.
    """
    if not made.unplaced:
        return ()
    engine.report("smallest relaxation: places")
    found = []
    places, broken = _places(made, engine)
    if places is not None:
        found.append(places)
    if made.unplaced <= MOST and not engine.limits.expired:
        engine.report("smallest relaxation: agreements")
        agreements = _agreements(made, engine, broken)
        if agreements is not None:
            found.append(agreements)
    return tuple(found)


def relaxed(instance: Instance, relaxation: Relaxation) -> Instance:
    """Return the year with a relaxation applied."""
    needs = tuple(sorted({need for child in instance.children for need in child.needs}))
    homes = tuple(
        Home(
            f"{_NEW}-{k}-{more.municipality}", more.municipality, "family-home", more.places,
            more.ages[0], more.ages[1], (), (ANY_LANGUAGE,), needs,
        )
        for k, more in enumerate(relaxation.places, 1)
    )  # fmt: skip
    agreements = tuple(Agreement(*pair) for pair in relaxation.agreements)
    synthetic = dict.fromkeys([*instance.synthetic, "places", "agreements"])
    return instance.with_changes(
        homes=(*instance.homes, *homes),
        agreements=(*instance.agreements, *agreements),
        synthetic=tuple(synthetic),
    )


def _responsible(made: PlacementResult) -> dict[str, int]:
    index = {m.code: k for k, m in enumerate(made.instance.municipalities)}
    return {p.case: index[p.responsible] for p in made.placements if p.responsible is not None}


def _homeless(made: PlacementResult) -> list[Case]:
    without = {p.case for p in made.placements if p.place is None and p.responsible is not None}
    return [case for case in made.instance.cases if case.case in without]


def _places(made: PlacementResult, engine: Engine) -> tuple[Relaxation | None, int]:
    """Fewest new places, and in how many independent parts some are proven to be needed."""
    responsible = _responsible(made)
    cases = [case for case in made.instance.cases if case.case in responsible]
    reach = Reach(made.instance, made.policy.placement)
    problem = placement_problem(reach, cases, responsible)
    problem = _with_new_homes(replace(problem, soft=False), reach)
    without = {case.case for case in _homeless(made)}
    codes = [m.code for m in made.instance.municipalities]
    found: list[MorePlaces] = []
    proven, broken = True, 0
    for part in components(problem):
        if not any(case.case in without for case in part.cases):
            continue
        answer = _part(part, engine)
        if answer is None:
            return None, 0
        more, exact = answer
        proven = proven and exact
        broken += exact and bool(more)
        found += [
            MorePlaces(codes[k], places, _ages(living), sum(c.size for c in living))
            for k, (places, living) in more.items()
        ]
    return Relaxation(places=tuple(sorted(found, key=lambda m: m.municipality)), proven=proven), broken


def _with_new_homes(problem: PlacementProblem, reach: Reach) -> PlacementProblem:
    """Add a new home to every municipality, for all who may live there: its own, and by agreement."""
    room: dict[int, int] = defaultdict(int)
    for kind in problem.types:
        for k in _reached(reach, kind.responsible):
            room[k] += kind.size * len(kind.cases)
    groups, number = list(problem.groups), {}
    for k, places in room.items():
        number[k] = len(groups)
        groups.append(HomeGroup(k, (Home(f"{_NEW}-{k}", _NEW, "family-home", places),)))
    types = []
    for kind in problem.types:
        new = [
            Option(kind.responsible, number[k], (0, kind.size * (k != kind.responsible), 0, 0, 0))
            for k in _reached(reach, kind.responsible)
        ]
        types.append(replace(kind, options=(*kind.options, *new)))
    return replace(problem, groups=tuple(groups), types=tuple(types))


def _reached(reach: Reach, responsible: int) -> tuple[int, ...]:
    """Municipalities in which a municipality may place a child."""
    return (responsible, *reach.partners[responsible])


def _part(
    part: PlacementProblem, engine: Engine
) -> tuple[dict[int, tuple[int, list[Case]]], bool] | None:
    """Places of each new home with who lives there, and whether fewer are proven not to be enough."""
    while True:  # each time more homes are told apart (`deal`)
        builder = ProgramBuilder()
        new = [k for k, group in enumerate(part.groups) if group.homes[0].municipality == _NEW]
        rooms = {k: builder.variable(0, part.groups[k].room) for k in new}
        model = build_placement(part, builder, rooms=rooms)
        total = Linear.of(*((1, x) for x in rooms.values()))
        first = engine.backend.solve(builder.program(total), engine.limits)
        if first.values is None:
            return None
        exact = first.status is Status.OPTIMAL
        builder.require(total, upper=total.whole(first.values))
        # As few as can be live there, and those in their own municipality.
        there = Linear.of(
            *(
                (2 * part.types[t].size + o.cost[1], x)
                for (t, o), x in model.placed.items()
                if o.group in rooms
            )
        )
        second = engine.backend.solve(builder.program(there), engine.limits)
        values = second.values or first.values
        choices, broken = dealt(model, values)
        if broken:
            part = part.split(broken)
            continue
        found = {}
        for k in new:
            name = part.groups[k].homes[0].place
            living = [case for case in part.cases if choices[case.case].place == name]
            if living:
                found[part.groups[k].municipality] = (_most_at_once(living), living)
        return found, exact


def _most_at_once(cases: Sequence[Case]) -> int:
    """Places that cases need together; an engine that was stopped may have counted more."""
    stays = [(stay_of(case), case.size) for case in cases]
    return max(sum(n for stay, n in stays if present(stay, day)) for (day, _), _ in stays)


def _ages(cases: Sequence[Case]) -> tuple[int | None, int | None]:
    """Least and greatest age, unknown if that of any child is."""
    ages = [child.age for case in cases for child in case.children]
    known = [age for age in ages if age is not None]
    return (min(known), max(known)) if len(known) == len(ages) else (None, None)


def _agreements(made: PlacementResult, engine: Engine, broken: int) -> Relaxation | None:
    """Fewest new agreements for as many as can live somewhere, then those over least distance."""
    instance, cases = made.instance, _homeless(made)
    ways = _ways(made, cases)
    builder = ProgramBuilder()
    chosen = {key: builder.variable(0, 1) for key in ways}
    pairs: dict[tuple[str, str], list[Linear]] = defaultdict(list)
    by_case: dict[str, list[Linear]] = defaultdict(list)
    for (case, home), x in chosen.items():
        pairs[ways[case, home]].append(x)
        by_case[case].append(x)
    agreed = {(a.responsible, a.placing) for a in instance.agreements}
    opened = {pair: builder.variable(0, 1) for pair in pairs if pair not in agreed}
    for pair, y in opened.items():
        for x in pairs[pair]:
            builder.require(Linear.of((1, x), (-1, y)), upper=0)
    for options in by_case.values():
        builder.choose(options)
        builder.require(Linear.of(*((1, x) for x in options)), upper=1)
    _within(made, cases, chosen, builder)
    sizes = {case.case: case.size for case in cases}
    levels = [
        Linear.of(*((-sizes[case], x) for (case, _), x in chosen.items())),
        Linear.of(*((1, y) for y in opened.values())),
        Linear.of(*((_far(instance, *pair), y) for pair, y in opened.items())),
    ]
    values: list[int] | None = None
    proven = True
    for position, level in enumerate(levels):
        answer = engine.backend.solve(builder.program(level), engine.limits, values)
        if answer.values is None:
            break
        values = list(answer.values)
        for pair, y in opened.items():  # what nobody uses need not be agreed on
            if not any(x.whole(values) for x in pairs[pair]):
                values[next(iter(y.terms))] = 0
        proven = proven and (position == 2 or answer.status is Status.OPTIMAL)
        if level.terms:
            builder.require(level, upper=level.whole(values))
    if values is None:
        return None
    new = tuple(sorted(pair for pair, y in opened.items() if y.whole(values)))
    left = sum(sizes.values()) + levels[0].whole(values)
    if not new:
        return None
    # Each independent part that cannot house everybody needs an agreement of its own.
    return Relaxation(agreements=new, proven=proven and not left and len(new) == broken, left=left)


def _ways(made: PlacementResult, cases: Sequence[Case]) -> dict[tuple[str, Home], tuple[str, str]]:
    """Homes with room for each case, wherever they are, and the agreement that they would need.

    As many of a municipality as there are cases are enough: the others can have taken all but one.
    """
    instance, responsible = made.instance, _responsible(made)
    codes = [m.code for m in instance.municipalities]
    where = {home.municipality for home in instance.homes}
    from_where = {codes[responsible[case.case]] for case in cases}
    rules = made.policy.placement
    rules = replace(rules, levels=tuple(x for x in rules.levels if x != "distance"))
    reach = Reach(instance, rules, {(a, b) for a in from_where for b in where if a != b})
    housed = Housed()
    for case, place in _living(made).items():
        housed.move_in(place, stay_of(case), case.size)
    found = {}
    for case in cases:
        stay, own = stay_of(case), codes[responsible[case.case]]
        enough: dict[str, int] = defaultdict(int)
        for option in reach.options(case, stay, responsible[case.case]):
            for home in reach.groups[option.group].homes:
                there = home.municipality
                if there == own or enough[there] == len(cases):
                    continue
                if housed.has_room(home.place, home.places, stay, case.size):
                    enough[there] += 1
                    found[case.case, home] = own, there
    return found


def _living(made: PlacementResult) -> dict[Case, str]:
    cases = {case.case: case for case in made.instance.cases}
    return {cases[p.case]: p.place for p in made.placements if p.place is not None}


def _within(
    made: PlacementResult,
    cases: Sequence[Case],
    chosen: Mapping[tuple[str, Home], Linear],
    builder: ProgramBuilder,
) -> None:
    """Keep every home within its places on every day, with all who live there already."""
    stays = {case.case: (stay_of(case), case.size) for case in cases}
    living = defaultdict(list)
    for settled, place in _living(made).items():
        living[place].append((stay_of(settled), settled.size))
    wanted: dict[Home, list[tuple[str, Linear]]] = defaultdict(list)
    for (case, home), x in chosen.items():
        wanted[home].append((case, x))
    for home, ways in wanted.items():
        there = living[home.place]
        days = fullest_days([*(s for s, _ in there), *(stays[case][0] for case, _ in ways)])
        for day in days:
            taken = sum(size for stay, size in there if present(stay, day))
            loads = [(stays[case][1], x) for case, x in ways if present(stays[case][0], day)]
            if loads:
                require_within(builder, loads, Linear({}, home.places - taken))


def _far(instance: Instance, a: str, b: str) -> int:
    return known_kilometres(instance.by_code[a], instance.by_code[b]) or 0
