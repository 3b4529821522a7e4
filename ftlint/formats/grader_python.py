"""Static analysis of a grader's Python source: function, imports and keys read; it is never run."""

from __future__ import annotations

import ast
import warnings
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

ENTRY = "grade"
"""Name of the function that a service calls with the sample and the item (Azure's guide)."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Scope = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Import(NamedTuple):
    """An imported module, as `a.b`, and the code point (0-based) of the statement."""

    module: str
    at: int


def parse(source: str) -> ast.Module:
    """Parse source. Raises `SyntaxError`, also for NUL or too deep nesting."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in a grader are not a warning of ftlint
        try:
            return ast.parse(source)
        except (ValueError, RecursionError, MemoryError) as error:
            words = str(error) or "nested too deeply"
            raise SyntaxError(words) from error


def entry(module: ast.Module) -> _Function | None:
    """Return the grading function, None if the module defines none."""
    named = [node for node in _outer(module) if isinstance(node, _Function) and node.name == ENTRY]
    return named[-1] if named else None


def names_entry(module: ast.Module) -> bool:
    """Return whether the module assigns or imports its function."""
    for node in _outer(module):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == ENTRY:
            return True
        if isinstance(node, ast.alias) and (node.asname or node.name) in (ENTRY, "*"):
            return True
    return False


def takes_two(function: _Function) -> bool:
    """Return whether a function can be called with two arguments."""
    names = function.args
    positional = len(names.posonlyargs) + len(names.args)
    needed = positional - len(names.defaults)
    most = positional if names.vararg is None else max(positional, 2)
    keywords = any(default is None for default in names.kw_defaults)
    return needed <= 2 <= most and not keywords


def imports(module: ast.Module, source: str) -> Iterator[Import]:
    """Yield the imported modules, except those in a `try`."""
    guarded = {id(inner) for node in ast.walk(module) if isinstance(node, ast.Try)
               for inner in ast.walk(node)}  # fmt: skip
    lines = source.split("\n")
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in guarded:
            at = place(lines, node.lineno, node.col_offset)
            if isinstance(node, ast.Import):
                yield from (Import(alias.name, at) for alias in node.names)
            elif node.level:
                yield Import("." * node.level + (node.module or ""), at)
            else:
                base = node.module or ""
                yield from (Import(f"{base}.{alias.name}", at) for alias in node.names)


def place(lines: list[str], line: int, column: int) -> int:
    """Return the code point (0-based) of a line (1-based) and column (0-based, bytes)."""
    if not 0 < line <= len(lines):
        return 0
    before = sum(len(text) + 1 for text in lines[: line - 1])
    return before + len(lines[line - 1].encode()[:column].decode("utf-8", "replace"))


def reads(source: str, parameter: int = 1) -> dict[str, bool]:
    """Return the keys that `grade` reads from one of its parameters, as far as can be determined.

    `parameter` 1 is the item, 0 the sample. The values tell whether a key is optional: read with
    `get`, tested with `in`, or read in a `try`.
    """
    try:
        function = entry(parse(source))
    except SyntaxError:
        return {}
    if function is None:
        return {}
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    if len(names) <= parameter or _rebinds(function, names[parameter]):
        return {}
    return _keys(function, names[parameter])


def _keys(function: _Function, name: str) -> dict[str, bool]:
    optional_by_key: dict[str, bool] = {}
    tested: set[str] = set()
    for node, guarded in _inner(function.body, guarded=False):
        if isinstance(node, ast.Subscript) and _is(node.value, name):
            key = _text(node.slice)
            if key is not None and isinstance(node.ctx, ast.Load):
                optional_by_key[key] = optional_by_key.get(key, True) and guarded
            elif key is not None:
                tested.add(key)
        elif isinstance(node, ast.Call):
            key = _got(node, name)
            if key is not None:
                optional_by_key.setdefault(key, True)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            key = _text(node.left)
            if key is not None and _is(node.comparators[0], name):
                tested.add(key)
    return {key: optional or key in tested for key, optional in optional_by_key.items()}


def _got(call: ast.Call, name: str) -> str | None:
    """Return the key of `name.get(key)`, None for any other call or one with a default."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and function.attr == "get"):
        return None
    if not _is(function.value, name) or len(call.args) != 1 or call.keywords:
        return None
    return _text(call.args[0])


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _rebinds(function: _Function, name: str) -> bool:
    """Return whether the function assigns the name, or an inner function has it as a parameter."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            return True
        if isinstance(node, ast.arg) and node.arg == name and node not in _arguments(function):
            return True
    return False


def _arguments(function: _Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args]


def _outer(module: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes of the module's scope, without the bodies of functions and classes."""
    queue: deque[ast.AST] = deque(module.body)
    while queue:
        node = queue.popleft()
        yield node
        if not isinstance(node, _Scope):
            queue.extend(ast.iter_child_nodes(node))


def _inner(nodes: list[ast.stmt], *, guarded: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yield the nodes of a function in order, and whether they are in a `try`."""
    stack: list[tuple[ast.AST, bool]] = [(node, guarded) for node in reversed(nodes)]
    while stack:
        node, caught = stack.pop()
        yield node, caught
        here = caught or isinstance(node, ast.Try)
        stack.extend((child, here) for child in reversed(list(ast.iter_child_nodes(node))))
