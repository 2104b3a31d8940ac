"""Building a program in PuLP."""

from __future__ import annotations

import pulp
from fordela.models.program import Domain, Program


def to_pulp(program: Program, scale: float) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """Translate; the objective is scaled and its constant left out."""
    problem = pulp.LpProblem("fordela", pulp.LpMinimize)
    variables = [
        pulp.LpVariable(
            f"x{k:07d}", low, high, pulp.LpInteger if d is Domain.WHOLE else pulp.LpContinuous
        )
        for k, (low, high, d) in enumerate(
            zip(program.lowers, program.uppers, program.domains, strict=True)
        )
    ]
    objective = [(variables[v], float(c) * scale) for v, c in program.objective.terms.items() if c]
    problem += pulp.LpAffineExpression(objective or [(v, 0.0) for v in variables[:1]])
    for number, row in enumerate(program.rows):
        terms = [(variables[v], float(c)) for v, c in row.expression.terms.items() if c]
        constant = row.expression.constant
        sides = []
        if row.lower is not None and row.lower == row.upper:
            sides.append((pulp.LpConstraintEQ, row.lower))
        else:
            if row.lower is not None:
                sides.append((pulp.LpConstraintGE, row.lower))
            if row.upper is not None:
                sides.append((pulp.LpConstraintLE, row.upper))
        for sense, side in sides:
            problem.addConstraint(
                pulp.LpConstraint(
                    pulp.LpAffineExpression(terms),
                    sense,
                    name=f"r{number:07d}{'l' if sense == pulp.LpConstraintGE else 'u'}",
                    rhs=float(side - constant),
                )
            )
    return problem, variables
