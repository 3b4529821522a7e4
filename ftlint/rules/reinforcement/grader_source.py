"""Rules on the Python source of graders and the formulas of multigraders."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from ftlint.config.documents import Document
from ftlint.core.errors import nearest
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Pointer
from ftlint.core.rule import Options
from ftlint.core.text import plain, show
from ftlint.formats import grader_python
from ftlint.formats.grader import Grader, combined, parts
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_NETWORK = (
    "socket", "ssl", "socketserver", "ftplib", "smtplib", "poplib", "imaplib", "nntplib",
    "telnetlib", "xmlrpc", "urllib.request", "http.client", "http.server",
)  # fmt: skip
"""Modules of the standard library that do nothing without a network."""


@rule("python-grader", severity="error", on=Event.GRADER, tags=["graders"],
      cases={"import": "warning"}, options={"maximum": int, "packages": list})  # fmt: skip
def python_grader(document: Document, options: Options) -> Iterator[Hit]:
    """The source of a python grader compiles and defines `grade(sample, item)`.

    Azure's guide: at most 256 KB, a function `grade` that takes sample and item, no network, and
    only the packages that it lists (`import`). The source is parsed, never run; with the grammar
    of the Python that ftlint runs on.
    """
    for at, grader in parts(document.data):
        source = grader.get("source")
        if grader.get("type") == "python" and isinstance(source, str):
            place = (*at, "source")
            size = len(source.encode())
            if size > options["maximum"]:
                words = f"the source has {size:,} bytes, over {options['maximum']:,}"
                yield Hit(place, words)
            else:
                yield from _source(place, source, options["packages"])


def _source(place: Pointer, source: str, packages: list[str]) -> Iterator[Hit]:
    try:
        module = grader_python.parse(source)
    except SyntaxError as error:
        at = _position(source, error)
        where = f" in line {error.lineno}" if error.lineno else ""
        yield Hit(place, f"the source does not compile: {error.msg}{where}", part=(at, at + 1))
        return
    function = grader_python.entry(module)
    if function is not None and not grader_python.takes_two(function):
        at = _start(source, function.lineno, function.col_offset)
        words = "grade does not take two arguments, sample and item"
        yield Hit(place, words, help="write def grade(sample, item):", part=(at, at + 1))
    elif function is None and not grader_python.names_entry(module):
        yield Hit(place, "the source defines no function grade",
                  help="write def grade(sample, item):")  # fmt: skip
    for imported in grader_python.imports(module, source):
        wrong = _import(imported.module, packages)
        if wrong:
            yield Hit(place, wrong, part=(imported.at, imported.at + 6), case="import")


def _import(module: str, packages: list[str]) -> str | None:
    """Say what is wrong with an import, if anything."""
    top = module.partition(".")[0]
    if any(module == name or module.startswith(f"{name}.") for name in _NETWORK):
        return f"{plain(module)} is imported, but there is no network"
    if not top:
        return "a module beside the source is imported, but there is none"
    if top not in packages and top not in sys.stdlib_module_names:
        return f"{plain(top)} is imported, which is not among the packages that are named"
    return None


def _position(source: str, error: SyntaxError) -> int:
    """Return the code point where the compiler stopped."""
    line, offset = error.lineno or 1, error.offset or 1
    lines = source.split("\n")
    before = sum(len(text) + 1 for text in lines[: line - 1])
    return min(before + max(offset - 1, 0), max(len(source) - 1, 0))


def _start(source: str, line: int, column: int) -> int:
    return grader_python.place(source.split("\n"), line, column)


@rule("multi-grader-formula", severity="error", on=Event.GRADER, tags=["graders"],
      cases={"unused": "warning", "graders-list": "warning"})  # fmt: skip
def multi_grader_formula(document: Document, options: Options) -> Iterator[Hit]:
    """A multigrader combines its graders by a formula that can be computed.

    Azure's guide: `calculate_output` names graders by their keys in `graders`, with numbers,
    `+ - * / ^` and min, max, abs, floor, ceil, exp, sqrt, log; graders are not nested. A grader
    that the formula leaves out is paid for and does not count (`unused`). An example in OpenAI's
    API description has `graders` as a list, all else as an object (`graders-list`).
    """
    for at, grader in parts(document.data):
        if grader.get("type") == "multi":
            yield from _graders(at, grader)
            if isinstance(grader.get("calculate_output"), str):
                yield from _formula(at, grader, grader["calculate_output"])


def _graders(at: Pointer, grader: Grader) -> Iterator[Hit]:
    """Tell what is wrong with how graders are combined."""
    graders = grader.get("graders")
    place = (*at, "graders")
    if isinstance(graders, list):
        words = "graders is an array, expected an object of graders by name"
        yield Hit(place, words, case="graders-list")
    elif isinstance(graders, dict) and isinstance(graders.get("type"), str):
        yield Hit(place, "graders is one grader, expected an object of graders by name")
    elif graders in ({}, []):
        yield Hit(place, "graders holds no grader")
    for key, inner in combined(grader):
        if isinstance(inner, dict) and inner.get("type") == "multi":
            yield Hit((*place, key, "type"), "a multi grader inside a multi grader")


def _formula(at: Pointer, grader: Grader, text: str) -> Iterator[Hit]:
    from ftlint.formats import grader_formula  # noqa: PLC0415 - for a multigrader alone

    place = (*at, "calculate_output")
    names = _names(grader)
    try:
        found = grader_formula.parse(text)
    except grader_formula.FormulaError as error:
        words = f"the formula cannot be read: {plain(str(error), 70)}"
        yield Hit(place, words, part=(error.at, max(error.end, error.at + 1)))
        return
    for word in found.functions:
        if word.text not in grader_formula.FUNCTIONS:
            words = (
                f"function {show(word.text)} is not one of {', '.join(grader_formula.FUNCTIONS)}"
            )
            yield Hit(place, words, part=(word.at, word.end))
    for word in found.names:
        if names and word.text not in names:
            near = nearest(word.text, names)
            help_ = f"did you mean {near}?" if near else _known(names)
            words = f"the formula names {show(word.text)}, which no grader is called"
            yield Hit(place, words, help=help_, part=(word.at, word.end))
    used = {word.text for word in found.names}
    for name, key in names.items():
        if name not in used and used <= names.keys():
            words = f"grader {show(name)} is not part of the formula"
            yield Hit((*at, "graders", key), words, on_key=True, case="unused")


def _names(grader: Grader) -> dict[str, str | int]:
    """Return the names by which a formula can call graders, and their keys."""
    names: dict[str, str | int] = {}
    for key, inner in combined(grader):
        name = inner.get("name") if isinstance(key, int) and isinstance(inner, dict) else key
        if isinstance(name, str):
            names[name] = key
    return names


def _known(names: dict[str, str | int]) -> str | None:
    return f"the graders are {plain(', '.join(names), 60)}" if names else None
