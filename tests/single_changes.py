"""What can be changed in a module so that a result may show it, and the module with one change."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Add,
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One thing that can be changed: a node (by number), a part of it, the line of its statement."""

    module: str
    node: int
    part: int
    line: int


def mutant(text: str, place: Place) -> tuple[ast.Module, str]:
    """The module with one thing changed, and what: line, before and after."""
    tree = ast.parse(text)
    node = next(node for number, node in enumerate(ast.walk(tree)) if number == place.node)
    before = ast.unparse(node).splitlines()[0]
    if isinstance(node, ast.Compare):
        node.ops[place.part] = _COMPARED[type(node.ops[place.part])]()
    elif isinstance(node, ast.BinOp):
        node.op = _COUNTED[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Constant):
        node.value = not node.value if isinstance(node.value, bool) else int(str(node.value)) + 1
    elif isinstance(node, ast.If | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    after = ast.unparse(node).splitlines()[0]
    return ast.fix_missing_locations(tree), f"{getattr(node, 'lineno', 0)}: {before} -> {after}"


def places(module: str, text: str) -> Iterator[Place]:
    """Everything in a module that can be changed so that a result may show it."""
    tree = ast.parse(text)
    left_out = set(_left_out(tree))
    line: dict[int, int] = {}
    for statement in ast.walk(tree):  # outer statements come first: the innermost stays
        if isinstance(statement, ast.stmt):
            line |= {id(node): statement.lineno for node in ast.walk(statement)}
    for number, node in enumerate(ast.walk(tree)):
        if id(node) not in left_out:
            yield from (Place(module, number, part, line[id(node)]) for part in _parts(node))


def _left_out(tree: ast.AST) -> Iterator[int]:
    """Nodes whose change no result shows: annotations, decorators, words of errors, ``strict=``."""
    for node in ast.walk(tree):
        aside: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            aside += node.decorator_list
        if isinstance(node, ast.FunctionDef):
            aside += [node.returns, *([node] if node.name in ("__repr__", "_repr_html_") else [])]
        if isinstance(node, ast.arg | ast.AnnAssign):
            aside.append(node.annotation)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            aside.append(node)
        if isinstance(node, ast.keyword) and node.arg == "strict":
            aside.append(node)
        if isinstance(node, ast.JoinedStr | ast.Raise) or _is_text(node):
            aside.append(node)
        yield from (id(one) for branch in aside if branch for one in ast.walk(branch))


def _is_text(node: ast.AST) -> bool:
    """A text put together with ``+`` or ``%``."""
    return isinstance(node, ast.BinOp) and any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in (node.left, node.right)
    )


def _parts(node: ast.AST) -> Sequence[int]:
    if isinstance(node, ast.Compare):
        return [k for k, op in enumerate(node.ops) if type(op) in _COMPARED]
    number = isinstance(node, ast.Constant) and isinstance(node.value, int)
    counted = isinstance(node, ast.BinOp) and type(node.op) in _COUNTED
    return [0] if number or counted or isinstance(node, ast.BoolOp | ast.If | ast.IfExp) else []
