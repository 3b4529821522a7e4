"""The Python source of a grader, parsed and never run: its function, its imports, what it reads."""

from __future__ import annotations

import ast
import warnings
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

ENTRY = "grade"
"""The function that a service calls, with the sample and the item (Azure's guide)."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Scope = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Import(NamedTuple):
    """A module that is imported, as `a.b`, and the 0-based code point of the statement."""

    module: str
    at: int


def parse(source: str) -> ast.Module:
    """Parse source. Raises `SyntaxError`, also where it is nested too deeply or holds NUL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the compiler thinks of escapes is not our matter
        try:
            return ast.parse(source)
        except (ValueError, RecursionError, MemoryError) as error:
            words = str(error) or "nested too deeply"
            raise SyntaxError(words) from error


def entry(module: ast.Module) -> _Function | None:
    """Return the function that grades, None where the module defines none."""
    found = [node for node in _outer(module) if isinstance(node, _Function) and node.name == ENTRY]
    return found[-1] if found else None


def names_entry(module: ast.Module) -> bool:
    """Tell whether the module gets its function in another way: assigned, or imported."""
    for node in _outer(module):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == ENTRY:
            return True
        if isinstance(node, ast.alias) and (node.asname or node.name) in (ENTRY, "*"):
            return True
    return False


def takes_two(function: _Function) -> bool:
    """Tell whether a function can be called with two arguments."""
    names = function.args
    known = len(names.posonlyargs) + len(names.args)
    needed = known - len(names.defaults)
    keywords = any(default is None for default in names.kw_defaults)
    return needed <= 2 <= (known if names.vararg is None else max(known, 2)) and not keywords


def imports(module: ast.Module, source: str) -> Iterator[Import]:
    """Yield the modules that are imported, those left out that stand in a `try`."""
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
    """Return the code point in the source of a 1-based line and a column in bytes."""
    if not 0 < line <= len(lines):
        return 0
    before = sum(len(text) + 1 for text in lines[: line - 1])
    return before + len(lines[line - 1].encode()[:column].decode("utf-8", "replace"))


def reads(source: str, parameter: int = 1) -> dict[str, bool]:
    """Return the keys that `grade` reads of one of its parameters, best effort.

    `parameter` 1 is the item, 0 the sample. The value says whether the key may be missing: it is
    read with `get`, looked for with `in`, or read in a `try`. What cannot be told is left out.
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
    found: dict[str, bool] = {}
    looked_for: set[str] = set()
    for node, guarded in _inner(function.body, guarded=False):
        if isinstance(node, ast.Subscript) and _is(node.value, name):
            key = _text(node.slice)
            if key is not None and isinstance(node.ctx, ast.Load):
                found[key] = found.get(key, True) and guarded
            elif key is not None:
                looked_for.add(key)
        elif isinstance(node, ast.Call):
            key = _got(node, name)
            if key is not None:
                found.setdefault(key, True)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            key = _text(node.left)
            if key is not None and _is(node.comparators[0], name):
                looked_for.add(key)
    return {key: optional or key in looked_for for key, optional in found.items()}


def _got(call: ast.Call, name: str) -> str | None:
    """Return the key of `name.get(key)`, None for another call, or one with a default."""
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
    """Tell whether the name stands for something else too, somewhere in the function."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            return True
        if isinstance(node, ast.arg) and node.arg == name and node not in _arguments(function):
            return True
    return False


def _arguments(function: _Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args]


def _outer(module: ast.Module) -> Iterator[ast.AST]:
    """Yield what runs when the module is loaded, functions and classes not entered."""
    left: deque[ast.AST] = deque(module.body)
    while left:
        node = left.popleft()
        yield node
        if not isinstance(node, _Scope):
            left.extend(ast.iter_child_nodes(node))


def _inner(nodes: list[ast.stmt], *, guarded: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yield the nodes of a function in order, and whether a `try` catches what they raise."""
    left: list[tuple[ast.AST, bool]] = [(node, guarded) for node in reversed(nodes)]
    while left:
        node, caught = left.pop()
        yield node, caught
        here = caught or isinstance(node, ast.Try)
        left.extend((child, here) for child in reversed(list(ast.iter_child_nodes(node))))
