"""Files with faults of their bytes alone: whatever the fault, the same clean file comes of them."""

from __future__ import annotations

from tests.support.helpers import BOM, LINE, whole

ODD = (
    rb'{ "tools":[{"type":"function" , "function":{"parameters":{"type":"object","x":1.0,'
    rb'"y":-0,"z":1.50E+1,"u":"\u00E9\/\ud83d\ude00","e":{ } },"name":"f","description":"d"}}]'
    b'\t,"messages":[{"content":"q \\"\\\\","role":"user"},  {"role":"assistant","content":"'
    + "é 日本 😀 \u2028 \u0085 \ufeff".encode()
    + b'"} ] }  '
)
"""A sound line that any serialiser would write otherwise."""

ROWS = [LINE.replace(b'"q"', b'"q%d"' % number) for number in range(49)] + [ODD]
TEXT = whole(*ROWS, mark=b"")
"""The clean file, but for the byte-order mark that Azure wants and others refuse."""

FIRST, REST = ROWS[0] + b"\n", whole(*ROWS[1:], mark=b"")
MIDDLE = whole(*ROWS[:20], mark=b"")
AFTER = TEXT.removeprefix(MIDDLE)


def recoded(data: bytes, encoding: str) -> bytes:
    return data.decode().encode(encoding)


LINES: dict[str, bytes] = {
    "no mark": TEXT,
    "mark": BOM + TEXT,
    "two marks": BOM * 2 + TEXT,
    "three marks": BOM * 3 + TEXT,
    "CR LF": TEXT.replace(b"\n", b"\r\n"),
    "mark and CR LF": BOM + TEXT.replace(b"\n", b"\r\n"),
    "LF, then CR LF": MIDDLE + AFTER.replace(b"\n", b"\r\n"),
    "CR LF, then LF": MIDDLE.replace(b"\n", b"\r\n") + AFTER,
    "blank first line": b"\n" + TEXT,
    "blank first lines": b"\n \n\t\r\n" + TEXT,
    "mark on a blank first line": BOM + b"\n" + TEXT,
    "mark on a first line of white space": BOM + b" \t\r\n" + TEXT,
    "mark after a blank first line": b"\n" + BOM + TEXT,
    "mark before and after a blank first line": BOM + b"\n" + BOM + TEXT,
    "two marks on a blank first line": BOM * 2 + b"\n" + TEXT,
    "blank line in the middle": MIDDLE + b"\n" + AFTER,
    "blank lines in the middle": MIDDLE + b"\n  \n\t\n\r\n" + AFTER,
    "blank last line": TEXT + b"\n",
    "blank last lines": TEXT + b"\n\n \r\n",
    "white space at the end": TEXT + b" \t",
    "CR at the end": TEXT + b"\r",
    "mark in the middle": MIDDLE + BOM + AFTER,
    "two marks in the middle": MIDDLE + BOM * 2 + AFTER,
    "mark on a blank line": MIDDLE + BOM + b"\n" + AFTER,
    "mark on a blank line with CR LF": MIDDLE + BOM + b" \r\n" + AFTER,
    "mark on every line": b"".join(BOM + row + b"\n" for row in ROWS),
    "mark alone at the end": TEXT + BOM,
    "no last LF": TEXT[:-1],
    "no last LF after CR LF": TEXT.replace(b"\n", b"\r\n")[:-2],
    "CR for the last LF": TEXT[:-1] + b"\r",
    "everything": BOM * 2 + b"\r\n" + FIRST + BOM + b"\n" + BOM + REST.replace(b"\n", b"\r\n")[:-2],
}
"""What is mended line by line, so that a diff can show it."""

SIMPLE = TEXT.replace(ODD, LINE)
"""What UTF-16 and UTF-32 are recognised in without a mark, and what holds no CR in a line."""

CONVERTED: dict[str, bytes] = {
    "CR": SIMPLE.replace(b"\n", b"\r"),
    "mark and CR": BOM + SIMPLE.replace(b"\n", b"\r"),
    "CR, none at the end": SIMPLE.replace(b"\n", b"\r")[:-1],
    "CR and blank lines": b"\r" + SIMPLE.replace(b"\n", b"\r\r"),
    **{
        f"{encoding}{' with mark' * marked}{what}": recoded(BOM * marked + text, encoding)
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
        for marked in (True, False)
        for what, text in (
            ("", SIMPLE),
            (" and CR LF", SIMPLE.replace(b"\n", b"\r\n")),
            (" and CR", SIMPLE.replace(b"\n", b"\r")),
            (" and no last LF", SIMPLE[:-1]),
            (" and a blank first line", b"\n" + SIMPLE),
            (" and a mark inside", FIRST + BOM + SIMPLE.removeprefix(FIRST)),
        )
    },
}
"""What is converted as a whole, before its lines are mended."""
