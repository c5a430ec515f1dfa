"""What an expression is, as far as it can be seen: a set, a float, or JSON with unsorted keys."""

from __future__ import annotations

import ast

from hansa_contract.lint.scopes import Kind, Scope, dotted

SET_METHODS = frozenset({"union", "intersection", "difference", "symmetric_difference", "copy"})
SET_OPERATORS = (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)
NUMBER_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Pow)


def kind_of(node: ast.expr, scope: Scope) -> Kind | None:
    """None where it is something else, or cannot be told."""
    match node:
        case ast.Set() | ast.SetComp():
            kind: Kind | None = "set"
        case ast.Constant(value=float()):
            kind = "float"
        case ast.Dict() if _has_fixed_order(node):
            kind = "object"
        case ast.Name(id=name):
            kind = scope.kind(name)
        case ast.Call():
            kind = _call_kind(node, scope)
        case ast.BinOp():
            kind = _operation_kind(node, scope)
        case ast.IfExp(body=body, orelse=orelse):
            kind = kind_of(body, scope) or kind_of(orelse, scope)
        case ast.UnaryOp(operand=inner) | ast.Await(value=inner) | ast.NamedExpr(value=inner):
            kind = kind_of(inner, scope)
        case _:
            kind = None
    return kind


def _call_kind(node: ast.Call, scope: Scope) -> Kind | None:
    name = dotted(node.func, scope)
    if name in ("set", "frozenset"):
        return "set"
    if name == "float" or (name or "").startswith("math."):
        return "float"
    if name == "json.dumps":
        return None if _is_sorted_json(node, scope) else "json"
    if isinstance(node.func, ast.Attribute):
        owner = kind_of(node.func.value, scope)
        if owner == "set" and node.func.attr in SET_METHODS:
            return "set"
        if owner == "json" and node.func.attr == "encode":
            return "json"
    return None


def _operation_kind(node: ast.BinOp, scope: Scope) -> Kind | None:
    sides = (node.left, node.right)
    kinds = [kind_of(side, scope) for side in sides]
    if isinstance(node.op, SET_OPERATORS) and ("set" in kinds or any(map(_is_view, sides))):
        return "set"
    if isinstance(node.op, NUMBER_OPERATORS) and "float" in kinds:
        return "float"
    if isinstance(node.op, ast.Div) and any(_is_int(side) for side in sides):
        return "float"
    return None


def _is_view(node: ast.expr) -> bool:
    """``a.keys()``: a view, whose operators make sets."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("keys", "items")
        and not node.args
    )


def _is_int(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def _is_sorted_json(node: ast.Call, scope: Scope) -> bool:
    """Keys sorted, or an object that is written out in the code, and so has one order."""
    for keyword in node.keywords:
        if keyword.arg is None:
            return True  # **options: nobody knows
        if keyword.arg == "sort_keys":
            return not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    if not node.args:
        return False
    plain = isinstance(node.args[0], ast.Constant | ast.JoinedStr)
    return plain or kind_of(node.args[0], scope) == "object"


def _has_fixed_order(node: ast.Dict) -> bool:
    """All keys are there to see; a name as a value is most often a text or a number."""
    return None not in node.keys and not any(
        isinstance(value, ast.DictComp | ast.Set | ast.SetComp)
        or (isinstance(value, ast.Dict) and not _has_fixed_order(value))
        for value in node.values
    )
