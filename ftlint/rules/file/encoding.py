"""Rules on bytes: encoding, byte-order marks, line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ftlint.core.edits import Edit, Fix
from ftlint.core.finding import Hit
from ftlint.core.json_spans import Span
from ftlint.core.rule import Options
from ftlint.core.text import plain
from ftlint.inputs.filetype import BOM, is_wide, parses
from ftlint.inputs.probe import Probe
from ftlint.rules.context import Line
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_UNICODE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_LINES = ("lines", "json-array", "pretty-printed")
_OTHER_ENDS = ("\u0085", "\u2028", "\u2029")
_GUESS_BYTES = 1 << 16
_EVIDENCE = rb"[\xc3-\xf4][\x80-\xbf]"
"""What other encodings hardly hold: most of the line is UTF-8 then, and damaged."""

_JOINED = (
    "UTF-16 was joined to UTF-8 here, and is left alone by --fix; convert it, then join the files"
)

_UNFIXED = "it is not fixed, since what cannot be read without loss is left alone: "


@rule("empty-file", severity="error", on=Event.FILE, tags=["encoding"])
def empty_file(probe: Probe, options: Options) -> Iterator[Hit]:
    """A file holds at least one example.

    A file of zero bytes, or of a byte-order mark and white space, has nothing to train on.
    Together's client refuses it with "File is empty".
    """
    if probe.kind == "empty":
        held = "zero bytes" if not probe.size else "only white space"
        yield Hit(None, f"the file holds {held}", help="write one JSON object on each line")


@rule("utf16-or-utf32", severity="error", on=Event.FILE, tags=["encoding"], fixable=True)
def utf16_or_utf32(probe: Probe, options: Options) -> Iterator[Hit]:
    """A file is encoded in UTF-8, not in UTF-16 or UTF-32.

    PowerShell 5 writes UTF-16 for `>` and `Out-File`. The services document UTF-8 only (Azure:
    "must be encoded in UTF-8"), and see such a file as one line that is not a dictionary.

    The fix converts the file to UTF-8; it is safe, for no character is lost. It is not offered for
    a file that does not decode, or of which a line is not JSON once it is decoded, as when files in
    different encodings were joined: what the fix cannot read it would turn into noise.
    """
    if probe.kind in _UNICODE:
        encoding = probe.kind.upper()
        message, help, fix = f"the file is {encoding}, expected UTF-8", "save it as UTF-8", None  # noqa: A001
        if probe.obstacle:
            message = f"the file looks like {encoding}, expected UTF-8"
            help = f"{_UNFIXED}{probe.obstacle}; save it as UTF-8"  # noqa: A001
        else:
            fix = Fix(f"convert {encoding} to UTF-8", safe=True, rewrite=probe.kind)
        yield Hit(None, message, help=help, fix=fix)


@rule("cr-only-line-endings", severity="error", on=Event.FILE, tags=["encoding"], fixable=True)
def cr_only_line_endings(probe: Probe, options: Options) -> Iterator[Hit]:
    """Lines end in LF.

    A file with CR and no LF (as written by classic Mac programs) is one single line for every
    reader of JSON Lines. No service documents CR; this is an inference from the format.

    The fix puts an LF in the place of each CR; it is safe. It is not offered for a file that may be
    a single JSON value, which it would cut.
    """
    if probe.kind == "cr-only":
        message = "lines end in CR alone, so the file is one single line"
        if probe.obstacle:
            yield Hit(None, message, help=f"{_UNFIXED}{probe.obstacle}; end each line in LF")
        else:
            yield Hit(None, message, fix=Fix("end lines in LF", safe=True, rewrite="cr-only"))


@rule("missing-bom", severity="error", on=Event.FILE, tags=["encoding"], fixable=True)
def missing_bom(probe: Probe, options: Options) -> Iterator[Hit]:
    """A file for Azure OpenAI starts with the UTF-8 byte-order mark (EF BB BF).

    Microsoft's documents from 2023 to early 2026 demand it: "must be encoded in UTF-8 and
    include a byte-order mark (BOM)". The page of October 2026 no longer says so, and none of
    Microsoft's own sample files has one: the service has been seen to accept files without.
    Who trusts that may ignore this rule.

    The fix puts the three bytes in front; it is safe.
    """
    if not probe.bom and probe.kind in _LINES:
        yield Hit(
            None,
            "the file does not start with a UTF-8 byte-order mark, which the documents of "
            "Azure OpenAI demand",
            help="the service has been seen to accept files without one; "
            "--ignore missing-bom takes that risk",
            fix=Fix("add the byte-order mark", safe=True, edits=(Edit(Span(0, 0), BOM),)),
        )


@rule("unexpected-bom", severity="error", on=Event.FILE, tags=["encoding"], fixable=True)
def unexpected_bom(probe: Probe, options: Options) -> Iterator[Hit]:
    """A file starts with its first example, not with a byte-order mark.

    JSON does not allow U+FEFF before a value (RFC 8259, section 8.1). Together's client fails
    on it with "Unexpected format on line 1"; OpenAI's message "Line 1 is not a dictionary (HINT:
    line starts with ...)" on lines that look right points the same way. Azure accepts the mark.

    The fix removes the three bytes; it is safe.
    """
    if probe.bom and probe.kind in (*_LINES, "cr-only", "empty"):
        fix = Fix("remove the byte-order mark", safe=True, edits=(Edit(Span(0, 3), b""),))
        message = "the file starts with a byte-order mark, which this service does not take"
        yield Hit(None, message, fix=None if probe.obstacle else fix)


@rule("bom-inside-file", severity="error", on=Event.LINE_BOM, tags=["encoding"], fixable=True)
def bom_inside_file(line: Line, length: int, options: Options) -> Iterator[Hit]:
    """A byte-order mark stands at the start of a file only, and once.

    Inside, it is left over from joining files (`cat a.jsonl b.jsonl`), and the line is not JSON:
    U+FEFF is no white space there (RFC 8259).

    The fix removes it; it is safe.
    """
    span = Span(line.start, line.start + length)
    yield Hit(
        None,
        "a byte-order mark stands before this line, inside the file",
        span=span,
        fix=Fix("remove the byte-order mark", safe=True, edits=(Edit(span, b""),)),
    )


@rule("nul-byte", severity="error", on=Event.REFUSED_LINE, tags=["encoding"])
def nul_byte(line: Line, options: Options) -> Iterator[Hit]:
    """A line holds no NUL byte.

    JSON allows no raw control character (RFC 8259, section 7). NUL bytes are left behind by a
    crash while writing, or by a file that was copied while it grew; a NUL at every other byte is a
    part in UTF-16, joined to a file in UTF-8.
    """
    at = line.body.find(0)
    if at >= 0:
        at += line.start
        count = line.body.count(0)
        more = f" ({count} in this line)" if count > 1 else ""
        help = _JOINED if is_wide(line.body) else None  # noqa: A001
        message = f"NUL byte{more}, which JSON does not allow"
        yield Hit(None, message, help=help, span=Span(at, at + 1))


@rule("invalid-utf8", severity="error", on=Event.REFUSED_LINE, tags=["encoding"])
def invalid_utf8(line: Line, options: Options) -> Iterator[Hit]:
    """Every byte of a line is UTF-8.

    Azure: "must be encoded in UTF-8"; Together's client: "File is not UTF-8 encoded". Usual
    causes are an export in Windows-1252 or Latin-1, and a character cut in half.
    """
    try:
        line.text  # noqa: B018 - decoding is the check
    except UnicodeDecodeError as error:
        if line.brief:
            yield Hit(None, "not UTF-8")
            return
        start, end = line.start + error.start, line.start + error.end
        found = line.raw[start:end].hex(" ").upper()
        yield Hit(
            None,
            f"not UTF-8: byte{'s' if end - start > 1 else ''} {found} ({error.reason})",
            help=_guess(line.body),
            span=Span(start, end),
        )


def _guess(body: bytes) -> str:
    """Return the likely encoding in words, for the message only; no decision depends on it."""
    import chardet  # noqa: PLC0415 - 40 ms, and only where decoding has failed

    name = chardet.detect(body[:_GUESS_BYTES])["encoding"]
    if name and not re.search(_EVIDENCE, body):
        try:
            read = parses(body.decode(name).encode())
        except (LookupError, UnicodeError):
            read = False
        if read:
            return f"it may be {name}; convert it, as with: iconv -f {name} -t UTF-8"
    return "find out how the file is encoded, and convert it to UTF-8"


@rule("crlf-line-endings", severity="info", on=Event.CRLF_LINE, tags=["encoding"], fixable=True,
      once=True)  # fmt: skip
def crlf_line_endings(line: Line, options: Options) -> Iterator[Hit]:
    """Lines end in LF, without CR before it.

    CR is white space for JSON, so such lines are read everywhere; all of Microsoft's sample
    files end lines in LF, and mixed line ends make files differ for no reason.

    The fix removes the CR, or several; it is safe.
    """
    end = len(line.raw) - 1
    returns = Span(len(line.raw[:end].rstrip(b"\r")), end)
    fix = Fix("end lines in LF", safe=True, edits=(Edit(returns, b""),))
    yield Hit(None, "line ends in CR LF", span=Span(end - 1, end), fix=fix)


@rule("missing-final-newline", severity="info", on=Event.UNENDED_LINE, tags=["encoding"],
      fixable=True)  # fmt: skip
def missing_final_newline(line: Line, options: Options) -> Iterator[Hit]:
    """The last line ends in LF.

    Harmless for the services (five of Microsoft's sample files lack it), but `cat` then joins
    this line with the first one of the next file.

    The fix adds the LF; it is safe, and not offered for a line that holds NUL.
    """
    end = len(line.raw)
    add = Fix("end the last line", safe=True, edits=(Edit(Span(end, end), b"\n"),))
    fix = None if 0 in line.raw else add
    yield Hit(None, "the last line does not end in LF", span=Span(end, end), fix=fix)


@rule("unicode-line-separator-in-string", severity="info", on=Event.LINE, contains=_OTHER_ENDS,
      tags=["encoding"])  # fmt: skip
def unicode_line_separator_in_string(line: Line, options: Options) -> Iterator[Hit]:
    r"""A string holds no raw U+2028, U+2029 or U+0085.

    They are legal in JSON, but a reader that uses Python's `str.splitlines` sees a line end
    there, and a broken line. Written as an escape (`\u2028`) they are safe everywhere.
    """
    any_of_them = f"[{''.join(_OTHER_ENDS)}]"
    match = re.search(any_of_them, line.text)
    if match:
        at = line.byte(match.start())
        count = len(re.findall(any_of_them, line.text))
        more = f" ({count} in this line)" if count > 1 else ""
        code = f"U+{ord(match[0]):04X}"
        yield Hit(
            None,
            f"raw {code}{more}, which some readers take for a line end",
            help=f"write it as {plain(match[0])}",
            span=Span(at, at + len(match[0].encode())),
        )
