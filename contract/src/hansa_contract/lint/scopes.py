"""What names mean where they are used: imports, builtins, or something of the contract's own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["set", "float", "json", "object"]
NAMING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass
class Scope:
    """``imports`` are dotted names; ``own`` hides imports and builtins of the same name."""

    parent: Scope | None = None
    imports: dict[str, str] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    kinds: dict[str, Kind | None] = field(default_factory=dict)
    function: Function | None = None

    def meaning(self, name: str) -> str | None:
        """The dotted name behind a name; None where it is the contract's own."""
        scope: Scope | None = self
        while scope:
            if name in scope.imports:
                return scope.imports[name]
            if name in scope.own:
                return None
            scope = scope.parent
        return name

    def kind(self, name: str) -> Kind | None:
        scope: Scope | None = self
        while scope:
            if name in scope.kinds:
                return scope.kinds[name]
            if name in scope.own:
                return None
            scope = scope.parent
        return None

    def is_module_level(self, name: str) -> bool:
        """A variable of the module, seen from inside a function."""
        scope: Scope | None = self
        while scope and scope.parent:
            if name in scope.own and not self._declared_global(scope, name):
                return False
            scope = scope.parent
        return scope is not None and name in scope.own

    def _declared_global(self, scope: Scope, name: str) -> bool:
        return bool(scope.function) and name in _globals(scope.function)


def dotted(node: ast.AST, scope: Scope) -> str | None:
    """``datetime.datetime.now`` for such an expression; None for what is not an import's."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    meaning = scope.meaning(node.id)
    return None if meaning is None else ".".join([meaning, *reversed(parts)])


def module_scope(tree: ast.Module) -> Scope:
    scope = Scope()
    _bind(tree.body, scope)
    return scope


def function_scope(function: Function, parent: Scope) -> Scope:
    """With its parameters, what it assigns, and what it imports."""
    scope = Scope(parent, function=function)
    arguments = function.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    for parameter in (*given, arguments.vararg, arguments.kwarg):
        if parameter:
            scope.own.add(parameter.arg)
            if parameter.annotation:
                scope.kinds[parameter.arg] = annotated_kind(parameter.annotation)
    if not isinstance(function, ast.Lambda):
        _bind(function.body, scope)
        scope.own -= _globals(function)
    return scope


def annotated_kind(annotation: ast.expr) -> Kind | None:
    """What a type hint promises, as a name, with brackets, or in quotes."""
    if isinstance(annotation, ast.Subscript):
        return annotated_kind(annotation.value)
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return annotated_kind(ast.parse(annotation.value, mode="eval").body)
        except SyntaxError:
            return None
    name = annotation.attr if isinstance(annotation, ast.Attribute) else None
    name = annotation.id if isinstance(annotation, ast.Name) else name
    if name in ("set", "frozenset", "Set", "FrozenSet", "AbstractSet", "MutableSet"):
        return "set"
    return "float" if name == "float" else None


def _bind(body: list[ast.stmt], scope: Scope) -> None:
    for node in _shallow(body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.split(".")[0]
                scope.imports[bound] = alias.name if alias.asname else bound
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                place = "." * node.level + (node.module or "")
                scope.imports[alias.asname or alias.name] = f"{place}.{alias.name}"
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            scope.own.add(node.id)
        elif isinstance(node, NAMING) and node.name:
            scope.own.add(node.name)


def _shallow(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes, but not those inside of functions and classes."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        if not isinstance(node, inner):
            waiting.extend(ast.iter_child_nodes(node))


def _globals(function: Function | None) -> set[str]:
    if function is None or isinstance(function, ast.Lambda):
        return set()
    nodes = _shallow(function.body)
    return {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
