"""Walks through a module and reports what the rules are against."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hansa_contract.lint.kinds import kind_of
from hansa_contract.lint.rules import RULES, banned
from hansa_contract.lint.scopes import (
    Function,
    Scope,
    annotated_kind,
    dotted,
    function_scope,
    module_scope,
)

ORDER_FREE = frozenset({"sorted", "set", "frozenset", "len", "any", "all", "min", "max", "bool"})
ORDERED = frozenset(
    {"list", "tuple", "iter", "enumerate", "zip", "map", "filter", "str", "repr", "dict.fromkeys"}
)
WRITES = frozenset({"put_state", "put_private_data", "set_event"})
MUTATORS = frozenset(
    {
        *("append", "extend", "insert", "add", "update", "setdefault", "clear", "pop", "popitem"),
        *("remove", "discard", "appendleft", "popleft"),
    }
)
ROUNDING = ("f", "e", "g", "%", "n")


@dataclass(frozen=True, order=True)
class Finding:
    """``line`` counts from 1, ``column`` too."""

    path: str
    line: int
    column: int
    code: str
    what: str
    end_line: int

    def __str__(self) -> str:
        rule = RULES[self.code]
        place = f"{self.path}:{self.line}:{self.column}"
        return f"{place}: {self.code} {self.what}. {rule.why} {rule.instead}"


def check(tree: ast.Module, path: str) -> list[Finding]:
    """All findings of a module, in the order of their lines."""
    checker = Checker(path, module_scope(tree))
    for statement in tree.body:
        if not _is_start(statement):
            checker.visit(statement)
    return sorted(set(checker.found))


class Checker(ast.NodeVisitor):
    """Visits a module with the scope of each function at hand."""

    def __init__(self, path: str, scope: Scope) -> None:
        self._path, self._scope = path, scope
        self._contract = False
        self._contracts: set[str] = set()
        self._method = ""
        self._order_free: set[ast.AST] = set()
        self.found: list[Finding] = []

    # Scopes

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        with self._entered(node):
            self.visit(node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        before = self._contract
        names = [dotted(base, self._scope) or ast.unparse(base) for base in node.bases]
        self._contract = any(n.endswith("Contract") or n in self._contracts for n in names)
        if self._contract:
            self._contracts.add(node.name)
        for part in (*node.decorator_list, *node.body):
            self.visit(part)
        self._contract = before

    def visit_If(self, node: ast.If) -> None:
        if not _is_type_checking(node.test):
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)
            self._store(node.target)
        if isinstance(node.target, ast.Name):
            self._scope.kinds[node.target.id] = annotated_kind(node.annotation)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in (
            *node.decorator_list,
            *node.args.defaults,
            *filter(None, node.args.kw_defaults),
        ):
            self.visit(part)
        before = self._method
        self._method = before or node.name
        with self._entered(node):
            for statement in node.body:
                self.visit(statement)
        self._method = before

    @contextmanager
    def _entered(self, function: Function) -> Iterator[None]:
        outer = self._scope
        self._scope = function_scope(function, outer)
        yield
        self._scope = outer

    # Names

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._reference(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not self._reference(node):
            self.visit(node.value)

    def _reference(self, node: ast.Name | ast.Attribute) -> bool:
        """Whether the whole of it is known, and so needs no look at its parts."""
        name = dotted(node, self._scope)
        if name is None:
            return isinstance(node, ast.Name)
        if code := banned(name):
            self._report(node, code, f"{name} is used")
        return True

    # Calls

    def visit_Call(self, node: ast.Call) -> None:
        name = dotted(node.func, self._scope) or ""
        attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in ORDER_FREE or attribute in ("update", "issubset", "issuperset"):
            self._order_free.update(node.args)
        self._check_order(node, name, attribute)
        self._check_clock(node, name, attribute)
        if name == "random.Random" and not node.args:
            self._report(node, "HC002", "random.Random has no seed")
        if name == "round" and node.args and kind_of(node.args[0], self._scope) == "float":
            self._report(node, "HC010", "a float is rounded")
        if name == "format" and len(node.args) == 2:
            self._check_format(node, node.args[0], node.args[1])
        if attribute in WRITES:
            self._check_written(node)
        if attribute in MUTATORS and isinstance(node.func, ast.Attribute):
            self._check_mutation(node.func.value)
        self.generic_visit(node)

    def _check_order(self, node: ast.Call, name: str, attribute: str) -> None:
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if owner and attribute == "pop" and not node.args and self._is_set(owner):
            self._report(node, "HC003", "an item is taken from a set")
        ordered = name in ORDERED or attribute == "join"
        if ordered and node not in self._order_free:
            for argument in node.args:
                self._check_iterated(argument, f"{attribute or name}(…) of a set")

    def _check_clock(self, node: ast.Call, name: str, attribute: str) -> None:
        values = [*node.args, *node.keywords]
        if name in ("time.gmtime", "time.asctime") and not values:
            self._report(node, "HC001", f"{name} without a time is used")
        if name == "time.strftime" and len(values) < 2:
            self._report(node, "HC001", "time.strftime without a time is used")
        if name == "datetime.datetime.fromtimestamp" and len(values) < 2:
            self._report(node, "HC001", "datetime.fromtimestamp without a time zone is used")
        if attribute == "astimezone" and not values:
            self._report(node, "HC001", "astimezone without a time zone is used")

    def _check_written(self, node: ast.Call) -> None:
        if any(kind_of(argument, self._scope) == "json" for argument in node.args):
            self._report(node, "HC012", "json.dumps without sort_keys goes into the ledger")

    # Sets

    def visit_For(self, node: ast.For) -> None:
        self._check_iterated(node.iter, "a loop over a set")
        self.visit(node.iter)
        self._store(node.target)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node, node.generators)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node, node.generators)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node, node.generators)

    def visit_Starred(self, node: ast.Starred) -> None:
        self._check_iterated(node.value, "a set is unpacked")
        self.generic_visit(node)

    def visit_Set(self, node: ast.Set) -> None:
        for item in node.elts:
            self.visit(item.value if isinstance(item, ast.Starred) else item)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> None:
        if self._is_set(node.value):
            self._report(node, "HC003", "a set is written as text")
        if node.format_spec:
            self._check_format(node, node.value, node.format_spec)
        self.generic_visit(node)

    def _comprehension(self, node: ast.expr, generators: list[ast.comprehension]) -> None:
        if node not in self._order_free:
            for generator in generators:
                self._check_iterated(generator.iter, "a comprehension over a set")
        self.generic_visit(node)

    def _check_iterated(self, node: ast.expr, what: str) -> None:
        if self._is_set(node):
            self._report(node, "HC003", what)

    def _is_set(self, node: ast.expr) -> bool:
        return kind_of(node, self._scope) == "set"

    # Floats

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
            values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            text = str(node.left.value)
            if any(f"{kind}" in text for kind in ("f", "e", "g")) and "%." in text:
                for value in values:
                    if kind_of(value, self._scope) == "float":
                        self._report(node, "HC010", "a float is formatted")
        self.generic_visit(node)

    def _check_format(self, node: ast.AST, value: ast.expr, spec: ast.expr) -> None:
        parts = spec.values if isinstance(spec, ast.JoinedStr) else [spec]
        text = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        if text.endswith("n"):
            self._report(node, "HC010", "a number is formatted by the locale")
        elif text.endswith(ROUNDING) and kind_of(value, self._scope) == "float":
            self._report(node, "HC010", "a float is formatted")

    # State outside the ledger

    def visit_Global(self, node: ast.Global) -> None:
        self._report(node, "HC011", f"the global {', '.join(node.names)} is changed")

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        kind = kind_of(node.value, self._scope)
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._scope.kinds[target.id] = kind
            elif isinstance(target, ast.Tuple | ast.List):
                self._check_iterated(node.value, "a set is unpacked")
            self._store(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        self._store(node.target)

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._store(target)

    def _store(self, target: ast.expr) -> None:
        """A value is put somewhere; inside a function that should be a local variable."""
        if isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._store(part)
        elif isinstance(target, ast.Subscript):
            self.visit(target.slice)
            self._check_mutation(target.value)
        elif isinstance(target, ast.Attribute):
            self._check_mutation(target.value, target)

    def _check_mutation(self, owner: ast.expr, target: ast.Attribute | None = None) -> None:
        if self._scope.function is None:
            return
        root: ast.expr = target or owner
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if not isinstance(root, ast.Name):
            return
        if self._is_of_contract(root, target or owner):
            self._report(target or owner, "HC011", "the contract object is changed")
        elif self._scope.is_module_level(root.id):
            self._report(target or owner, "HC011", f"the module's {root.id} is changed")

    def _is_of_contract(self, root: ast.Name, place: ast.expr) -> bool:
        return (
            self._contract
            and root.id in ("self", "cls")
            and self._method != "__init__"
            and isinstance(place, ast.Attribute)
        )

    def _report(self, node: ast.AST, code: str, what: str) -> None:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
        end = getattr(node, "end_lineno", None) or line
        self.found.append(Finding(self._path, line, column, code, what, end))


def _is_start(statement: ast.stmt) -> bool:
    """``if __name__ == "__main__":`` is no part of a transaction."""
    return isinstance(statement, ast.If) and "__name__" in {
        node.id for node in ast.walk(statement.test) if isinstance(node, ast.Name)
    }


def _is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
