"""What to relax, and by how much, when it is proven that nothing satisfies the constraints."""

from __future__ import annotations

from dataclasses import replace

from fordela.models.formulation.evaluate import evaluate
from fordela.models.formulation.linear_levels import linear_level
from fordela.models.formulation.model import AllocationModel, Scope, build_model
from fordela.models.instance import Instance, Transfer
from fordela.models.levels import stack
from fordela.models.policy import Policy
from fordela.solver.backends import Backend, Limits


def relaxations(
    instance: Instance,
    policy: Policy,
    transfers: tuple[Transfer, ...],
    backend: Backend,
    limits: Limits,
) -> list[str]:
    """Sentences, each a relaxation that alone is enough, with the least amount."""
    scope = Scope.of(policy, stack(policy, transfers))
    found = []
    soft = build_model(instance, policy, transfers, replace(scope, capacity="soft"))
    sentence = _more_places(soft, backend, limits)
    if sentence:
        found.append(sentence)
    for level, text in (
        ("siblings-split", "split siblings {n} times (list the level siblings-split)"),
        ("unplaced", "leave {n} children without a municipality (list the level unplaced)"),
    ):
        if level in scope.soft:
            continue
        wider = replace(
            scope,
            soft=scope.soft | {level},
            levels=(*scope.levels, level),
            by_child=scope.by_child or level == "siblings-split",
        )
        model = build_model(instance, policy, transfers, wider)
        answer = backend.solve(model.builder.program(linear_level(model, level)), limits)
        if answer.values is not None:
            found.append(text.format(n=evaluate(model, level, answer.values)))
    return found


def _more_places(model: AllocationModel, backend: Backend, limits: Limits) -> str:
    level = "over-capacity"
    answer = backend.solve(model.builder.program(linear_level(model, level)), limits)
    if answer.values is None:
        return ""
    total = evaluate(model, level, answer.values)
    places = []
    for k, m in enumerate(model.instance.municipalities):
        if m.capacity is None:
            continue
        borne = int(model.borne[k].value(answer.values))
        room = max(0, m.capacity - int(model.kinship[k].value(answer.values)))
        if borne > room:
            places.append(f"{borne - room} in {m.code} {m.name}")
    where = ", ".join(places[:8]) + (", …" if len(places) > 8 else "")
    return f"raise the capacity by {total} children in all, for example {where}"
