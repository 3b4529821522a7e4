"""What is JSON and what is not: every edge of the grammar, and the place where a line goes wrong.

Each line stands as line 2 between two sound ones. In a refused line an `@` marks where the fault
is for a person; it is taken out before the line is written, and what stands before it gives the
column (code points) and the byte offset (bytes). For a wrong word, number or escape that is its
first character, for a line that is cut off its end, for everything else the first character that
cannot stand there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

import ftlint

GOOD = (
    '{"messages":[{"role":"user","content":"東京"},{"role":"assistant","content":"🗼"}]}'.encode()
)
START = len(GOOD) + 1
"""The byte where line 2 starts."""

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Refused:
    """A line with `@` where its fault is; its message holds `says` and does not hold `unsaid`."""

    what: str
    line: str | bytes
    says: str
    unsaid: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A line that is JSON, with the warnings and infos that are found in it nonetheless."""

    what: str
    line: str
    found: tuple[str, ...] = ()


COMMAS = (
    Refused("trailing comma in an object", '{"a":1@,}', "trailing comma before }"),
    Refused("trailing comma and a space", '{"a":1@, }', "trailing comma before }"),
    Refused("a space and a trailing comma", '{"a":1 @,}', "trailing comma before }"),
    Refused("trailing comma in an array", '{"a":[1,2@,]}', "trailing comma before ]"),
    Refused("trailing comma deep inside", '{"a":[{"b":"c"@,},1]}', "trailing comma before }"),
    Refused("trailing comma after Japanese", '{"質問":["東京"@,]}', "trailing comma before ]"),
    Refused("trailing comma after emoji", '{"👍🏽":"😀"@,}', "trailing comma before }"),
    Refused("trailing comma after a comma in a text", '{"a":",}"@,}', "trailing comma before }"),
    Refused("comma first in an object", '{@,"a":1}', "comma"),
    Refused("comma first in an array", '{"a":[@,1]}', "comma"),
    Refused("two commas in an object", '{"a":1,@,"b":2}', "comma"),
    Refused("two commas in an array", '{"a":[1,@,2]}', "comma"),
    Refused("two commas with a space", '{"a":[1, @,2]}', "comma"),
    Refused("only a comma in an array", '{"a":[@,]}', "comma"),
    Refused("only a comma in an object", "{@,}", "comma"),
    Refused("comma before the line", '@,{"a":1}', "comma"),
    Refused("comma after the line", '{"a":1}@,', '","'),
    Refused("comma and space after the line", '{"a":"日本"}@, ', '","'),
    Refused("comma in the place of a value", '{"a":@,"b":1}', "value"),
    Refused("comma after a key", '{"a"@,"b":1}', "after a key"),
    Refused("no comma after a number", '{"a":1 @"b":2}', "missing comma"),
    Refused("no comma after a string", '{"a":"x" @"b":2}', "missing comma"),
    Refused("no comma after Japanese", '{"都市":"東京" @"国":"日本"}', "missing comma"),
    Refused("no comma after true", '{"a":true @"b":1}', "missing comma"),
    Refused("no comma after null in an array", '{"a":[null @null]}', "missing comma"),
    Refused("no comma before true", '{"a":[1 @true]}', "missing comma"),
    Refused("no comma before false after a string", '{"a":["x" @false]}', "missing comma"),
    Refused("no comma between numbers", '{"a":[1 @2]}', "missing comma"),
    Refused("no comma before a negative number", '{"a":[1 @-2]}', "missing comma"),
    Refused("no comma between strings", '{"a":["x" @"y"]}', "missing comma"),
    Refused("no comma between objects", '{"a":[{"b":1}@{"b":2}]}', "missing comma"),
    Refused("no comma between arrays", '{"a":[[1] @[2]]}', "missing comma"),
    Refused("no comma after an object", '{"a":{"b":1}@"c":2}', "missing comma"),
    Refused("no comma after an array", '{"😀":[1]@"c":2}', "missing comma"),
    Refused("semicolon for a comma", '{"a":1@;"b":2}', ";"),
    Refused("fullwidth comma", '{"a":"東京"@\uff0c"b":2}', "\uff0c"),
    Refused("Japanese comma", '{"a":"東京"@\u3001"b":2}', "\u3001"),
)

COLONS = (
    Refused("no colon before a number", '{"a" @1}', "missing colon"),
    Refused("no colon before a string", '{"a" @"b"}', "missing colon"),
    Refused("no colon before an array", '{"a"@[1]}', "missing colon"),
    Refused("no colon before an object", '{"a" @{"b":1}}', "missing colon"),
    Refused("no colon before true", '{"a" @true}', "missing colon"),
    Refused("no colon before null", '{"日本" @null}', "missing colon"),
    Refused("no colon after the second key", '{"a":1,"b" @2}', "missing colon"),
    Refused("no colon after a key below", '{"a":[{"b" @2}]}', "missing colon"),
    Refused("no colon after Japanese", '{"都市" @"東京"}', "missing colon"),
    Refused("key without colon and value", '{"a"@}', "key without a value"),
    Refused("last key without colon and value", '{"a":1,"b"@}', "key without a value"),
    Refused("key without a value", '{"a":@}', "key without a value"),
    Refused("key without a value after a space", '{"a": @}', "key without a value"),
    Refused("Japanese key without a value", '{"質問":@}', "key without a value"),
    Refused("two colons", '{"a":@:1}', ":"),
    Refused("colon in an array", '{"a":["b"@:1]}', "a comma"),
    Refused("colon first", "{@:1}", ":"),
    Refused("equals sign", '{"a"@=1}', "="),
    Refused("arrow of Ruby and PHP", '{"a"@=>1}', "="),
    Refused("fullwidth colon", '{"名前"@\uff1a1}', "\uff1a"),
)

QUOTES = (
    Refused("single quotation marks on a key", "{@'messages': []}", "single quotation mark"),
    Refused("single quotation marks on a value", """{"a": @'b'}""", "single quotation mark"),
    Refused("single quotation marks in an array", """{"a":[@'b']}""", "single quotation mark"),
    Refused("single ones after Japanese", """{"日本": @'語'}""", "single quotation mark"),
    Refused("single ones on the second key", """{"a":"😀",@'b':1}""", "single quotation mark"),
    Refused("single ones on the whole line", """@'{"a":1}'""", "single quotation mark"),
    Refused("backquotes", '{"a":@`b`}', "`"),
    Refused("typographic ones on a key", "{@\u201ca\u201d:1}", "typographic quotation mark"),
    Refused("typographic ones on a value", '{"a":@\u201cb\u201d}', "typographic quotation mark"),
    Refused("typographic single ones", '{"a":@\u2018b\u2019}', "typographic quotation mark"),
    Refused("low typographic ones", '{"a":@\u201eb\u201c}', "typographic quotation mark"),
    Refused("guillemets", '{"a":@«b»}', "typographic quotation mark"),
    Refused("typographic ones after Japanese", '{"東京":@\u201c塔\u201d}', "typographic"),
    Refused("Japanese brackets", '{"a":@「b」}', "「"),
    Refused("typographic one at the end only", '{"a":"b\u201d}@', "starts at column 6"),
    Refused("plain one at the end only", '{"a":@\u201cb"}', "typographic quotation mark"),
    Refused("a word quoted inside", '{"a":"he said @"hi" to"}', "quotation mark"),
    Refused("a word quoted at the end", '{"a":"he said @"hi""}', "quotation mark"),
    Refused("a word quoted at the start", '{"a":"@"Hello" she said"}', "quotation mark"),
    Refused("a quoted word and a comma", '{"a":"he said @"yes", then left"}', "quotation mark"),
    Refused("doubled quotation marks of CSV", '{"a":"say @""hi"" now"}', "quotation mark"),
    Refused("an inch mark", '{"a":"a 5@" pipe"}', "quotation mark"),
    Refused("an inch mark before a digit", '{"a":"6@"2 tall"}', "quotation mark"),
    Refused("an HTML attribute", '{"a":"<b class=@"x">y</b>"}', "quotation mark"),
    Refused("a number quoted inside", '{"a":"chose @"42" twice"}', "quotation mark"),
    Refused("a bracket quoted inside", '{"a":"see @"(1)" below"}', "quotation mark"),
    Refused("a point quoted inside", '{"a":"end with @"." please"}', "quotation mark"),
    Refused("Japanese quoted inside", '{"答":"彼は@"はい"と言った"}', "quotation mark"),
    Refused("emoji quoted inside", '{"a":"send @"😀" now"}', "quotation mark"),
    Refused("quoted inside after emoji", '{"😀":"😀 said @"hi""}', "quotation mark"),
    Refused("JSON in a string, not escaped", '{"a":"{@"x": 1}"}', "quotation mark"),
)

WORDS = (
    Refused("True", '{"a":@True}', "Python's True, expected true"),
    Refused("False", '{"a":@False}', "Python's False, expected false"),
    Refused("None", '{"a":@None}', "Python's None, expected null"),
    Refused("None after a space", '{"a": @None}', "Python's None, expected null"),
    Refused("None in an array", '{"a":[1,@None]}', "Python's None, expected null"),
    Refused("True first in an array", '{"a":[@True]}', "Python's True, expected true"),
    Refused("True after Japanese", '{"日本語":@True}', "Python's True, expected true"),
    Refused("None after emoji", '{"😀":"🗼","b":@None}', "Python's None, expected null"),
    Refused("None alone", "@None", "Python's None, expected null"),
    Refused("undefined", '{"a":@undefined}', "undefined"),
    Refused("undefined after Japanese", '{"日本":@undefined}', "undefined"),
    Refused("TRUE", '{"a":@TRUE}', "TRUE"),
    Refused("Null", '{"a":@Null}', "Null"),
    Refused("a cut true", '{"a":@tru}', "tru"),
    Refused("a cut null", '{"a":@nul,"b":1}', "nul"),
    Refused("a cut false", '{"a":[@fals]}', "fals"),
    Refused("more than true", '{"a":@truely}', "truely"),
    Refused("more than null", '{"a":@nullable}', "nullable"),
    Refused("a word", '{"a":@hello}', "hello"),
    Refused("a Japanese word", '{"a":@東京}', "東"),
    Refused("a bytes literal of Python", '{"a":@b"x"}', "b"),
    Refused("a call", '{"a":@datetime(2026, 1, 1)}', "datetime"),
    Refused("a tuple", '{"a":@(1, 2)}', "("),
    Refused("plain text", "@hello world", "hello"),
    Refused("a label in front", '@data: {"a":1}', "data"),
    Refused("a key without quotation marks", "{@messages: []}", "without quotation marks"),
    Refused("the second key without", '{"a":1,@b:2}', "without quotation marks"),
    Refused("the second key without, after a space", '{"a":1, @b : 2}', "without quotation marks"),
    Refused("a key without, after Japanese", '{"日本":"語",@b:2}', "without quotation marks"),
    Refused("a Japanese key without", "{@名前:1}", "key"),
    Refused("a key with a hyphen without", "{@tool-calls:1}", "key"),
    Refused("a number for a key", '{@1:"a"}', "key", "not a JSON number"),
    Refused("true for a key", "{@true:1}", "key"),
    Refused("an object for a key", '{@{"a":1}:1}', "{"),
    Refused("a set of Python", "{@1, 2}", "1", "not a JSON number"),
    Refused("a // comment after", '{"a":1} @// done', "comment"),
    Refused("a // comment inside", '{"a":1, @// "b":2}', "comment"),
    Refused("a // comment alone", "@// the first part", "comment"),
    Refused("a /* comment inside", '{"a":1, @/* b */ "b":2}', "comment"),
    Refused("a /* comment before a value", '{"a":@/* b */1}', "comment"),
    Refused("a /* comment first", '{@/**/"a":1}', "comment"),
    Refused("a /* comment after Japanese", '{"a":"東京" @/* 塔 */}', "comment"),
    Refused("a # comment after", '{"a":1} @# done', "comment"),
    Refused("a # comment alone", "@# done", "comment"),
    Refused("a # comment inside, after emoji", '{"😀":1, @# b', "comment"),
)

NUMBERS = (
    Refused("leading zero", '{"a":@01}', "01"),
    Refused("leading zeros", '{"a":@007}', "007"),
    Refused("leading zero after a sign", '{"a":@-01}', "-01"),
    Refused("leading zero of a fraction", '{"a":[1,@00.5]}', "00.5"),
    Refused("leading zero after Japanese", '{"番号":@0120}', "0120"),
    Refused("plus sign", '{"a":@+1}', "+1"),
    Refused("plus sign in an array", '{"a":[1,@+2]}', "+2"),
    Refused("point first", '{"a":@.5}', ".5"),
    Refused("point first after a sign", '{"a":@-.5}', "-.5"),
    Refused("point last", '{"a":@1.}', "1."),
    Refused("point last before a comma", '{"😀":@1.,"b":2}', "1."),
    Refused("point and exponent", '{"a":@1.e5}', "1.e5"),
    Refused("two points", '{"a":@1.2.3}', "1.2.3"),
    Refused("hexadecimal", '{"a":@0x1F}', "0x1F"),
    Refused("binary", '{"a":@0b11}', "0b11"),
    Refused("exponent without digits", '{"a":@1e}', "1e"),
    Refused("exponent with a sign only", '{"a":@1e+}', "1e+"),
    Refused("exponent with a fraction", '{"a":@1e5.5}', "1e5.5"),
    Refused("sign alone", '{"a":@-}', "-"),
    Refused("sign alone in an array", '{"a":[@-,1]}', "-"),
    Refused("two signs", '{"a":@--1}', "--1"),
    Refused("underscore between digits", '{"a":@1_000}', "1_000"),
    Refused("comma between digits", '{"a":[1,@000]}', "000"),
    Refused("letter behind", '{"a":@1f}', "1f"),
    Refused("letter behind a fraction", '{"a":@1.5L}', "1.5L"),
    Refused("a date", '{"a":@2026-11-20}', "2026-11-20"),
    Refused("a date after Japanese", '{"日付":@2026-11-20}', "2026-11-20"),
    Refused("a date in front of the line", '@2026-11-20 {"a":1}', "2026-11-20"),
    Refused("fullwidth digit", '{"a":@\uff11}', "\uff11"),
    Refused("percent sign behind", '{"a":10@%}', "%"),
    Refused("currency sign in front", '{"a":@$5}', "$5"),
)

ESCAPES = (
    Refused("x", r'{"a":"@\x41"}', r"\x"),
    Refused("single quotation mark", r"""{"a":"it@\'s"}""", r"\'"),
    Refused("a letter", r'{"a":"@\a"}', r"\a"),
    Refused("zero", r'{"a":"@\0"}', r"\0"),
    Refused("a space", r'{"a":"x@\ y"}', r"\ "),
    Refused("LaTeX", r'{"a":"@\alpha"}', r"\a"),
    Refused("LaTeX behind a good escape", r'{"a":"\\frac @\pi"}', r"\p"),
    Refused("a regular expression", r'{"a":"^@\d+$"}', r"\d"),
    Refused("a Windows path", r'{"a":"C:@\Users"}', r"\U"),
    Refused("a network path", r'{"a":"\\server@\share"}', r"\s"),
    Refused("U with eight digits", r'{"a":"@\U0001F600"}', r"\U"),
    Refused("u with a wrong digit", r'{"a":"@\u12G4"}', r"\u12G4"),
    Refused("u with a wrong first digit", r'{"a":"@\uXYZW"}', r"\uXYZW"),
    Refused("u with braces", r'{"a":"@\u{1F600}"}', r"\u{"),
    Refused("u with three digits", r'{"a":"@\u123"}', r"\u123"),
    Refused("u with no digit", r'{"a":"@\u"}', r"\u"),
    Refused("u with a space", r'{"a":"@\u 041"}', r"\u 041"),
    Refused("u with fullwidth digits", '{"a":"@\\u\uff10\uff10\uff14\uff11"}', r"\u"),
    Refused("after Japanese", r'{"質問":"東京は@\x"}', r"\x"),
    Refused("u after Japanese", r'{"質問":"東京は@\u12G4"}', r"\u12G4"),
    Refused("u after emoji", r'{"a":"😀😀@\u00zz"}', r"\u00zz"),
    Refused("in a key", r'{"@\x":1}', r"\x"),
    Refused("before Japanese", r'{"a":"@\東"}', "\\東"),
    Refused("before emoji", r'{"a":"@\😀"}', "\\😀"),
    Refused("second half of a pair", r'{"a":"\ud83d@\u12G4"}', r"\u12G4"),
    Refused("outside a string", r'{"a":1@\n}', "\\", "no escape"),
    Refused("JSON that was escaped", r"{@\"messages\":[]}", "\\", "no escape"),
)

CONTROLS = (
    Refused("tab in a string", '{"a":"x@\ty"}', "(tab) inside a string"),
    Refused("tab in a key", '{"a@\tb":1}', "(tab) inside a string"),
    Refused("tab in a string after Japanese", '{"質問":"東京@\tは"}', "(tab) inside a string"),
    Refused("tab in a string after emoji", '{"a":"😀@\t"}', "(tab) inside a string"),
    Refused("tab after an escaped quotation mark", '{"a":"\\"@\t"}', "(tab) inside a string"),
    Refused("CR in a string", '{"a":"x@\ry"}', "(carriage return) inside a string"),
    *(
        Refused(f"U+{code:04X} in a string", f'{{"a":"é@{chr(code)}"}}', "inside a string")
        for code in range(1, 0x20)
        if code != 0x0A
    ),
    *(
        Refused(
            f"U+{code:04X} before a value",
            f'{{"é":@{chr(code)}1}}',
            "control character",
            "inside a string",
        )
        for code in range(1, 0x20)
        if code not in (0x09, 0x0A, 0x0D)
    ),
    Refused("VT before the line", '@\x0b{"a":1}', "U+000B", "inside a string"),
    Refused("FF before the line", '@\x0c{"a":1}', "form feed", "inside a string"),
    Refused("VT after the line", '{"a":1}@\x0b', "U+000B", "inside a string"),
    Refused("FF after the line", '{"a":1}@\x0c', "form feed", "inside a string"),
    Refused("FF and a space after the line", '{"a":"日本"}@\x0c ', "form feed", "inside a string"),
    Refused("FF in an array", '{"a":[1@\x0c,2]}', "form feed", "inside a string"),
    Refused("end of file of DOS", '{"a":1}@\x1a', "U+001A", "inside a string"),
    Refused("end of file of DOS alone", "@\x1a", "U+001A", "inside a string"),
    Refused("escape of a terminal", '@\x1b[0m{"a":1}', "U+001B", "inside a string"),
)

SPACES = (
    Refused("no-break space before a value", '{"a":@\u00a01}', "U+00A0"),
    Refused("no-break space before a key", '{@\u00a0"a":1}', "U+00A0"),
    Refused("no-break space before the line", '@\u00a0{"a":1}', "U+00A0"),
    Refused("no-break space after the line", '{"a":1}@\u00a0', "U+00A0"),
    Refused("no-break space alone", "@\u00a0", "U+00A0"),
    Refused("ideographic space before a value", '{"東京":@\u3000"塔"}', "U+3000"),
    Refused("ideographic space after a comma", '{"東京":"塔",@\u3000"a":1}', "U+3000"),
    Refused("ideographic space before the line", '@\u3000{"a":1}', "U+3000"),
    Refused("ideographic space after the line", '{"東京":1}@\u3000', "U+3000"),
    Refused("ideographic space alone", "@\u3000", "U+3000"),
    Refused("line separator before a value", '{"a":@\u20281}', "U+2028"),
    Refused("line separator after the line", '{"a":1}@\u2028', "U+2028"),
    Refused("next line before a value", '{"a":@\u00851}', "U+0085"),
    Refused("narrow no-break space", '{"a" @\u202f:1}', "U+202F"),
    Refused("zero-width space before the line", '@\u200b{"a":1}', "U+200B"),
    Refused("zero-width space after the line", '{"a":1}@\u200b', "U+200B"),
    Refused("zero-width space before a value", '{"😀":@\u200b1}', "U+200B"),
    Refused("byte-order mark before a value", '{"a":@\ufeff1}', "U+FEFF"),
    Refused("byte-order mark after the line", '{"東京":1}@\ufeff', "U+FEFF"),
    Refused("byte-order mark after a space", ' @\ufeff{"a":1}', "U+FEFF"),
)

CUT = (
    Refused("after the first bracket", "{@", "ends before its JSON does, with 1 bracket open"),
    Refused("in the first key", '{"mess@', "string that starts at column 2"),
    Refused("before a key ends", '{"messages@', "string that starts at column 2"),
    Refused("after a key", '{"a"@', "ends before its JSON does"),
    Refused("after a colon", '{"a":@', "ends before its JSON does"),
    Refused("after a colon and a space", '{"a": @', "ends before its JSON does"),
    Refused("in a string", '{"a":"us@', "string that starts at column 6"),
    Refused("in an empty string", '{"a":"@', "string that starts at column 6"),
    Refused("in a string with brackets", '{"a":"[{(@', "string that starts at column 6, with 1"),
    Refused("after a string", '{"a":"user"@', "ends before its JSON does"),
    Refused("after a number", '{"a":12@', "ends before its JSON does"),
    Refused("after true", '{"a":true@', "ends before its JSON does"),
    Refused("after a comma", '{"a":1,@', "ends before its JSON does"),
    Refused("after a comma in an array", '{"a":[1,@', "with 2 brackets open"),
    Refused("in an array", '{"a":[1@', "with 2 brackets open"),
    Refused("after an array", '{"a":[1]@', "with 1 bracket open"),
    Refused("before an array ends", '{"messages":[{"role":"user"}@', "with 2 brackets open"),
    Refused("before the last bracket", '{"messages":[{"role":"user"}]@', "with 1 bracket open"),
    Refused("in a word", '{"a":tru@', "ends"),
    Refused("in a word of an array", '{"a":[nul@', "ends"),
    Refused("after a sign", '{"a":-@', "ends"),
    Refused("after a point", '{"a":1.@', "ends"),
    Refused("in an exponent", '{"a":1e@', "ends"),
    Refused("in an exponent with a sign", '{"a":1e-@', "ends"),
    Refused("after a backslash", '{"a":"x\\@', "string that starts at column 6"),
    Refused("in an escape", r'{"a":"x\u@', "string that starts at column 6"),
    Refused("in the digits of an escape", r'{"a":"x\u12@', "string that starts at column 6"),
    Refused("after an escaped quotation mark", r'{"a":"x\"@', "string that starts at column 6"),
    Refused("after half a pair", r'{"a":"\ud83d@', "string that starts at column 6"),
    Refused("in the second half of a pair", r'{"a":"\ud83d\ude@', "string that starts at column 6"),
    Refused("after Japanese", '{"質問":"東京@', "string that starts at column 7"),
    Refused("after emoji", '{"😀":["🗼",@', "with 2 brackets open"),
    Refused("a string alone", '"東@', "string that starts at column 1"),
    Refused("an array alone", "[@", "with 1 bracket open"),
    Refused(
        "a string of open brackets", '{"a":"' + "[" * 2000 + "@", "string that starts at column 6"
    ),
    Refused("no end of a string", '{"a":"b}@', "string that starts at column 6"),
    Refused("no end of a later string", '{"a":"b","c":"d}@', "string that starts at column 14"),
)

BRACKETS = (
    Refused("curly for square", '{"a":[1@}', "}"),
    Refused("curly for square, then both", '{"a":[1@}]}', "}"),
    Refused("square for curly", '{"a":{"b":1@]}', "]"),
    Refused("square for the outermost", '{"a":1@]', "]"),
    Refused("no square one at the end", '{"messages":[{"role":"user"}@}', "}"),
    Refused("no square one, after Japanese", '{"質問":["東京"@}', "}"),
    Refused("one curly too many", '{"a":1}@}', "}"),
    Refused("one curly too many, after a space", '{"a":1} @}', "}"),
    Refused("one square too many inside", '{"a":[1]@]}', "]"),
    Refused("one square too many after", '{"😀":[1]}@]', "]"),
    Refused("only a closing curly", "@}", "}"),
    Refused("only a closing square", "@]", "]"),
    Refused("parentheses", '@("a")', "("),
    Refused("angle brackets", '{"a":@<b>}', "<"),
)

AFTER = (
    Refused("a word", '{"a":1}@x', "after"),
    Refused("a word after a space", '{"a":1} @hello', "after"),
    Refused("true", '{"a":1} @true', "after"),
    Refused("a semicolon", '{"a":1}@;', "after"),
    Refused("a colon", '{"a":1}@:', "after"),
    Refused("a string", '{"a":1}@"b"', "after", "missing comma"),
    Refused("a number", '{"a":1} @42', "after", "missing comma"),
    Refused("an array", '{"a":1}@[2]', "after", "missing comma"),
    Refused("an array after Japanese", '{"東京":"塔"} @[2]', "after", "missing comma"),
    Refused("an array after an array", "[1]@[2]", "after", "missing comma"),
    Refused("a number after a number", "1 @2", "after", "missing comma"),
    Refused("Japanese", '{"a":"東京"}@塔', "after"),
    Refused("emoji", '{"a":"東京"} @😀', "after"),
)

TWO = (
    Refused("side by side", '{"a":1}@{"b":2}', "another object"),
    Refused("with a space", '{"a":1} @{"b":2}', "another object"),
    Refused("with a tab", '{"a":1}\t@{"b":2}', "another object"),
    Refused("with a CR", '{"a":1}\r@{"b":2}', "another object"),
    Refused("with a comma", '{"a":1},@{"b":2}', "another object"),
    Refused("with a comma and a space", '{"a":1}, @{"b":2}', "another object"),
    Refused("empty ones", "{}@{}", "another object"),
    Refused("three of them", '{"a":1}@{"b":2}{"c":3}', "another object"),
    Refused("after Japanese", '{"質問":"東京"}@{"b":2}', "another object"),
    Refused("after emoji", '{"😀":"👍🏽"} @{"b":2}', "another object"),
    Refused("with brackets in a text", '{"a":"}{"}@{"b":2}', "another object"),
    Refused("the second cut off", '{"a":1}@{"b":', "another object"),
)

NON_FINITE = (
    Refused("NaN", '{"a":@NaN}', "NaN"),
    Refused("NaN in an array", '{"a":[1,@NaN]}', "NaN"),
    Refused("NaN after Japanese", '{"得点": @NaN}', "NaN"),
    Refused("NaN after emoji", '{"😀":"🗼","b":@NaN}', "NaN"),
    Refused("NaN alone", "@NaN", "NaN"),
    Refused("nan", '{"a":@nan}', "nan"),
    Refused("nan with a sign", '{"a":@-nan}', "-nan"),
    Refused("NaN with a sign", '{"a":@-NaN}', "-NaN"),
    Refused("Infinity", '{"a":@Infinity}', "Infinity"),
    Refused("Infinity with a sign", '{"a":@-Infinity}', "-Infinity"),
    Refused("Infinity with a plus sign", '{"a":@+Infinity}', "+Infinity"),
    Refused("Infinity in an array", '{"東京":[@-Infinity,1]}', "-Infinity"),
    Refused("inf", '{"a":@inf}', "inf"),
    Refused("inf with a sign", '{"a":@-inf}', "-inf"),
    Refused("a great exponent", '{"a":@1e999}', "1e999"),
    Refused("a great exponent with signs", '{"a":@-1e+999}', "-1e+999"),
    Refused("a great exponent of a fraction", '{"a":[0,@1.5E400]}', "1.5E400"),
    Refused("a great exponent after Japanese", '{"得点":"高い","b":@1e999}', "1e999"),
    Refused("an integer of 400 digits", '{"a":@' + "9" * 400 + "}", "9999"),
)

SURROGATES = (
    Refused("high", r'{"a":"@\ud83d"}', r"\ud83d"),
    Refused("high before a letter", r'{"a":"@\ud83dx"}', r"\ud83d"),
    Refused("high before an escape", r'{"a":"@\ud83d\n"}', r"\ud83d"),
    Refused("high before a good u", r'{"a":"@\ud83d\u0041"}', r"\ud83d"),
    Refused("high twice", r'{"a":"@\ud83d\ud83d"}', r"\ud83d"),
    Refused("high before a pair", r'{"a":"@\ud83d\ud83d\ude00"}', r"\ud83d"),
    Refused("high in capitals", r'{"a":"@\uD83D"}', r"\uD83D"),
    Refused("the first and last high ones", r'{"a":"@\ud800\udbff"}', r"\ud800"),
    Refused("low", r'{"a":"@\ude00"}', r"\ude00"),
    Refused("low in capitals", r'{"a":"@\uDFFF"}', r"\uDFFF"),
    Refused("reversed", r'{"a":"@\ude00\ud83d"}', r"\ude00"),
    Refused("high after a pair", r'{"a":"\ud83d\ude00@\ud83d"}', r"\ud83d"),
    Refused("low after a pair", r'{"a":"\ud83d\ude00@\ude00"}', r"\ude00"),
    Refused("in a key", r'{"@\ud83d":1}', r"\ud83d"),
    Refused("in the second string", r'{"a":"b","c":"d @\ud83d"}', r"\ud83d"),
    Refused("high after Japanese", r'{"質問":"東京@\ud83d"}', r"\ud83d"),
    Refused("low after Japanese", r'{"質問":"東京@\ude00"}', r"\ude00"),
    Refused("high after emoji", r'{"a":"😀🗼@\ud83d!"}', r"\ud83d"),
    Refused("in a string alone", r'"@\ud83d"', r"\ud83d"),
)

NULS = (
    Refused("in a string", '{"a":"x@\0y"}', "NUL byte"),
    Refused("in a key", '{"@\0":1}', "NUL byte"),
    Refused("before the line", '@\0{"a":1}', "NUL byte"),
    Refused("after the line", '{"a":1}@\0', "NUL byte"),
    Refused("between tokens", '{"a":@\0 1}', "NUL byte"),
    Refused("several", '{"a":"@\0\0\0"}', "(3 in this line)"),
    Refused("alone", "@\0\0", "(2 in this line)"),
    Refused("after Japanese", '{"質問":"東京@\0"}', "NUL byte"),
    Refused("after emoji", '{"😀":"🗼"}@\0', "NUL byte"),
    Refused("in a line that is cut off", '{"a":"x@\0', "NUL byte"),
    Refused("beside single quotation marks", "{'a':'@\0'}", "NUL byte"),
)

UTF8 = (
    Refused("Latin-1", b'{"a":"caf@\xe9"}', "E9"),
    Refused("Latin-1 before letters", b'{"a":"@\xe9t\xe9"}', "E9"),
    Refused("Latin-1 outside a string", b'{"a":@\xe9}', "E9"),
    Refused("Latin-1 in a key", b'{"@\xfcber":1}', "FC"),
    Refused("quotation marks of Windows-1252", b'{"a":"@\x93hi\x94"}', "93"),
    Refused("Shift-JIS", b'{"a":"@\x93\xfa\x96\x7b"}', "93"),
    Refused("GBK", b'{"a":"@\xc4\xe3\xba\xc3"}', "C4"),
    Refused("overlong in two bytes", b'{"a":"@\xc0\xaf"}', "C0"),
    Refused("overlong NUL", b'{"a":"@\xc0\x80"}', "C0"),
    Refused("overlong in three bytes", b'{"a":"@\xe0\x80\xaf"}', "E0"),
    Refused("overlong in four bytes", b'{"a":"@\xf0\x80\x80\xaf"}', "F0"),
    Refused("a surrogate", b'{"a":"@\xed\xa0\x80"}', "ED"),
    Refused("a pair of surrogates", b'{"a":"@\xed\xa0\xbd\xed\xb8\x80"}', "ED"),
    Refused("beyond U+10FFFF", b'{"a":"@\xf4\x90\x80\x80"}', "F4"),
    Refused("F5", b'{"a":"@\xf5\x80\x80\x80"}', "F5"),
    Refused("FF", b'{"a":"@\xff"}', "FF"),
    Refused("mark of UTF-16 before the line", b'@\xff\xfe{"a":1}', "FF"),
    Refused("continuation alone", b'{"a":"@\x80"}', "80"),
    Refused("continuation too many", '{"a":"東'.encode() + b'@\x80"}', "80"),
    Refused("cut in a string", b'{"a":"@\xe6\x9d"}', "E6 9D"),
    Refused("emoji cut in a string", b'{"a":"@\xf0\x9f\x98"}', "F0 9F 98"),
    Refused("cut at the line end", '{"a":"東'.encode() + b"@\xe6\x9d", "E6 9D"),
    Refused("one byte at the line end", '{"a":"東京'.encode() + b"@\xe6", "E6"),
    Refused("emoji cut at the line end", '{"😀":"'.encode() + b"@\xf0\x9f", "F0 9F"),
    Refused("Latin-1 after Japanese", '{"質問":"東京'.encode() + b'@\xe9"}', "E9"),
    Refused("Latin-1 after emoji", '{"😀":"🗼 caf'.encode() + b'@\xe9"}', "E9"),
    Refused("after the line", '{"東京":1}'.encode() + b"@\xa0", "A0"),
    Refused("beside single quotation marks", b"{'a':'@\xe9'}", "E9"),
)

DEEP = (
    Refused(
        "1,025 arrays",
        "[" * 1024 + "@[" + "]" * 1025,
        "nested 1,025 deep",
    ),
    Refused(
        "1,025 with an object around",
        '{"東京":' + "[" * 1023 + "@[" + "]" * 1024 + "}",
        "nested 1,025 deep",
    ),
    Refused(
        "1,025 objects",
        '{"a":' * 1024 + "@{" + "}" * 1025,
        "nested 1,025 deep",
    ),
    Refused("100,000 open brackets", "[" * 99_999 + "@[", "nested 100,000 deep"),
    Refused("100,000 open objects", '{"a":' * 99_999 + "@{", "nested 100,000 deep"),
)

VALUES = (
    Refused("a string", '@"text"', "a string"),
    Refused("an empty string", '@""', "a string"),
    Refused("a string that holds a number", '@"42"', "a string"),
    Refused("a string that holds an array", '@"[1]"', "a string"),
    Refused("a string that holds a cut object", r'@"{\"a\":"', "a string"),
    Refused("a number", "@42", "a number"),
    Refused("a fraction", "@-1.5e3", "a number"),
    Refused("null", "@null", "null"),
    Refused("true", "@true", "true"),
    Refused("an array", "@[1]", "an array"),
    Refused("an empty array", "@[]", "an array"),
    Refused("an array of objects", '@[{"a":1}]', "an array"),
    Refused("a number after spaces", "  @42  ", "a number"),
    Refused("an array after a tab", '\t@["東京"]', "an array"),
)

DOUBLE = (
    Refused("an object in a string", r'@"{\"a\":1}"', "a string that holds a JSON object"),
    Refused("an empty object in a string", '@"{}"', "a string that holds a JSON object"),
    Refused("with spaces", r'  @" {\"a\":1} "', "a string that holds a JSON object"),
    Refused("with Japanese", r'@"{\"質問\":\"東京\"}"', "a string that holds a JSON object"),
)

REFUSED: dict[str, dict[str, tuple[Refused, ...]]] = {
    "invalid-json": {
        "comma": COMMAS,
        "colon": COLONS,
        "quotes": QUOTES,
        "word": WORDS,
        "number": NUMBERS,
        "escape": ESCAPES,
        "control": CONTROLS,
        "space": SPACES,
        "cut": CUT,
        "bracket": BRACKETS,
        "after": AFTER,
    },
    "multiple-objects-per-line": {"two": TWO},
    "non-finite-number": {"not finite": NON_FINITE},
    "lone-surrogate": {"surrogate": SURROGATES},
    "nul-byte": {"NUL": NULS},
    "invalid-utf8": {"bytes": UTF8},
    "excessive-nesting": {"deep": DEEP},
    "line-not-object": {"value": VALUES},
    "double-encoded-line": {"twice": DOUBLE},
}
"""Refused lines by rule and kind."""

ROOT = {"line-not-object", "double-encoded-line"}
"""Rules about a line that is JSON: their findings have a pointer, to the root."""

ACCEPTED = (
    Accepted("an empty object", "{}"),
    Accepted("every short escape", r'{"a":"\"\\\/\b\f\n\r\t"}'),
    Accepted("u escapes", r'{"a":"\u0041\u00e9\u6771\u00FF\uabCD"}'),
    Accepted("an escaped NUL", r'{"a":"\u0000","\u0000":1}'),
    Accepted("escaped controls", r'{"a":"\u0001\u001b\u001f\u007f\u0080"}'),
    Accepted("a surrogate pair", r'{"a":"\ud83d\ude00"}'),
    Accepted("a surrogate pair in capitals", r'{"a":"\uD83D\uDE00"}'),
    Accepted("two surrogate pairs", r'{"a":"\ud83d\ude00\ud83d\ude00"}'),
    Accepted("the first and the last pair", r'{"a":"\ud800\udc00\udbff\udfff"}'),
    Accepted("an escaped backslash before u", r'{"a":"\\u12G4 \\ud83d \\x"}'),
    Accepted("backslashes at the end", r'{"a":"C:\\Users\\","b":"\\\\"}'),
    Accepted("an escaped quotation mark in a key", r'{"\u0022":1,"\"x":2}'),
    Accepted("escaped noncharacters", r'{"a":"\uffff\ufffe\ufdd0"}'),
    Accepted("raw noncharacters", '{"a":"\uffff\ufffe\ufdd0\U0010ffff"}'),
    Accepted("a replacement character", '{"a":"\ufffd"}'),
    Accepted("characters beyond U+FFFF", '{"😀":"𝔘𠮷🗼👨\u200d👩\u200d👧"}'),
    Accepted("DEL", '{"a":"\x7f"}'),
    Accepted("C1 controls", '{"a":"\u0080\u009f"}'),
    Accepted("raw U+2028", '{"a":"東\u2028京"}', ("unicode-line-separator-in-string",)),
    Accepted(
        "raw U+2029 and U+0085", '{"a":"\u2029\u0085"}', ("unicode-line-separator-in-string",)
    ),
    Accepted("escaped U+2028", r'{"a":"\u2028\u2029\u0085"}'),
    Accepted("other white space in a string", '{"a":"\u00a0\u3000\u202f\u200b"}'),
    Accepted("a byte-order mark in a string", '{"a":"\ufeff","\ufeffb":1}'),
    Accepted("typographic quotation marks in a string", '{"a":"\u201cb\u201d \u2018c\u2019"}'),
    Accepted("right-to-left text", '{"a":"שלום \u202eabc\u202c"}'),
    Accepted("integers beyond 64 bits", '{"a":[9223372036854775808,18446744073709551616]}'),
    Accepted("an integer of 100 digits", '{"a":-' + "9" * 100 + "}"),
    Accepted("negative zero", '{"a":[-0,-0.0,-0e0]}'),
    Accepted("an underflow", '{"a":[1e-999,-1e-999,5e-324]}'),
    Accepted("the greatest double", '{"a":1.7976931348623157e308}'),
    Accepted("exponents of all forms", '{"a":[1e5,1E5,1e+5,1e-5,1.5e05,0e0,0E+1]}'),
    Accepted("a long fraction", '{"a":3.' + "14159265" * 100 + "}"),
    Accepted("zero", '{"a":[0,0.0,0.5]}'),
    Accepted("white space of all four kinds", ' {\t"a" \r:\t[ 1\r, {} ,[ ]\t] } '),
    Accepted("leading spaces", '    {"a":1}'),
    Accepted("leading tab", '\t{"a":1}'),
    Accepted("trailing spaces", '{"a":1}   \t'),
    Accepted("CR LF", '{"a":1}\r', ("crlf-line-endings",)),
    Accepted("CR CR LF", '{"a":1}\r\r', ("crlf-line-endings",)),
    Accepted("an empty key", '{"":1}'),
    Accepted("keys that other languages hold dear", '{"__proto__":1,"constructor":2,"$ref":3}'),
    Accepted("a key twice", '{"a":1,"a":2}', ("duplicate-key",)),
    Accepted("a key twice, once escaped", r'{"a":1,"\u0061":2}', ("duplicate-key",)),
    Accepted("a key thrice", '{"東":1,"東":2,"東":3}', ("duplicate-key", "duplicate-key")),
    Accepted("a key twice below", '{"a":[{"b":1,"b":2}]}', ("duplicate-key",)),
    Accepted("a key in two objects", '{"a":{"b":1},"c":{"b":1},"b":1}'),
    Accepted("keys that differ in case", '{"a":1,"A":2}'),
    Accepted("keys that differ in form", '{"\u00e9":1,"e\u0301":2}'),
    Accepted("nested 100 deep", '{"a":' + "[" * 99 + "]" * 99 + "}"),
    Accepted("nested 101 deep", '{"a":' + "[" * 100 + "]" * 100 + "}", ("excessive-nesting",)),
    Accepted("nested 1,024 deep", '{"a":' + "[" * 1023 + "]" * 1023 + "}", ("excessive-nesting",)),
    Accepted("1,024 objects", '{"a":' * 1023 + "{}" + "}" * 1023, ("excessive-nesting",)),
    Accepted("many brackets side by side", '{"a":[' + ",".join(["[{}]"] * 2000) + "]}"),
    Accepted("many brackets in a string", '{"a":"' + "[{" * 2000 + '"}'),
    Accepted("many keys", "{" + ",".join(f'"{number}":{number}' for number in range(5000)) + "}"),
    Accepted("what looks like JSON in a string", '{"a":"}{],[:,","b":"]"}'),
    Accepted("what looks like a fault in a string", '{"a":"NaN, None, \'x\', // y, 01, ,}"}'),
    Accepted("JSON in a string", r'{"a":"{\"b\":[1,{\"c\":null}]}"}'),
    Accepted("a string of a million characters", '{"a":"' + "é" * 1_048_576 + '"}'),
    Accepted("and one more", '{"a":"' + "é" * 1_048_577 + '"}', ("long-string",)),
)


def place(line: str | bytes) -> tuple[bytes, int, int]:
    """Take the mark out: return the line, the column (1-based) and the byte (0-based) of it."""
    marked = line if isinstance(line, bytes) else line.encode()
    assert marked.count(b"@") == 1
    before, _, after = marked.partition(b"@")
    return before + after, len(before.decode()) + 1, len(before)


def check(data: bytes, folder: Path) -> ftlint.Report:
    """Check a file by the rules about bytes and JSON."""
    (folder / "data.jsonl").write_bytes(data)
    report = ftlint.check(
        "data.jsonl", select=["syntax", "encoding"], ignore=["missing-bom"], max_findings=0
    )
    assert report.errors == ()
    return report


def between(line: bytes, end: bytes = b"\n") -> bytes:
    """Return a file in which `line` stands between two sound ones."""
    return b"".join(each + end for each in (GOOD, line, GOOD))


@pytest.mark.parametrize(
    ("line", "column", "byte"),
    [
        ('@{"a":1}', 1, 0),
        ('{"日本": 1@,}', 9, 12),
        ('{"👍🏽":"😀"@,}', 10, 18),
        ('{"a":"東'.encode() + b'@\x80"}', 8, 9),
    ],
)
def test_the_mark_gives_code_points_and_bytes(line: str | bytes, column: int, byte: int) -> None:
    assert place(line)[1:] == (column, byte)


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        pytest.param(rule, case, id=f"{kind}: {case.what}")
        for rule, kinds in REFUSED.items()
        for kind, cases in kinds.items()
        for case in cases
    ],
)
def test_refused(rule: str, case: Refused, in_tmp: Path) -> None:
    line, column, byte = place(case.line)
    report = check(between(line), in_tmp)
    assert [finding.rule for finding in report.findings] == [rule]
    (finding,) = report.findings
    where = finding.location
    assert finding.severity == "error"
    assert (where.line, where.example) == (2, 2)
    assert (where.column, where.byte_offset) == (column, START + byte)
    assert where.pointer == ("" if rule in ROOT else None)
    assert case.says in finding.message
    assert not case.unsaid or case.unsaid not in finding.message
    assert not report.passed
    assert report.inputs[0].examples == 2


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.what)
def test_accepted(case: Accepted, in_tmp: Path) -> None:
    report = check(between(case.line.encode()), in_tmp)
    assert tuple(finding.rule for finding in report.findings) == case.found
    assert {finding.location.line for finding in report.findings} <= {2}
    assert {finding.location.example for finding in report.findings} <= {2}
    assert "error" not in {finding.severity.value for finding in report.findings}
    assert report.passed
    assert report.inputs[0].examples == 3


Placed = list[tuple[str, str, int, int, int | None]]


def placed(report: ftlint.Report, shift: int, skip: str = "") -> Placed:
    """Return (rule, message, column, byte, example) of the findings, all but those of `skip`.

    `shift` is the byte where the line in question starts.
    """
    return [
        (
            finding.rule,
            finding.message,
            finding.location.column,
            finding.location.byte_offset - shift,
            finding.location.example,
        )
        for finding in report.findings
        if finding.rule != skip
    ]


@pytest.mark.parametrize("rule", REFUSED)
def test_the_line_end_does_not_matter(rule: str, in_tmp: Path) -> None:
    """CR LF moves the line by a byte, and is told once; a missing LF is told, too."""
    for line in lines_of(rule):
        alone = placed(check(between(line), in_tmp), START)
        crlf = check(between(line, b"\r\n"), in_tmp)
        assert placed(crlf, START + 1, skip="crlf-line-endings") == alone
        assert crlf.rules["crlf-line-endings"]["info"] == 1
        unended = check(GOOD + b"\n" + line, in_tmp)
        assert placed(unended, START, skip="missing-final-newline") == alone
        assert unended.rules["missing-final-newline"]["info"] == 1


@pytest.mark.parametrize("rule", REFUSED)
def test_the_byte_order_mark_of_the_file_counts_in_bytes_only(rule: str, in_tmp: Path) -> None:
    for line in lines_of(rule):
        alone = placed(check(between(line), in_tmp), START)
        first = check(BOM + line + b"\n" + GOOD + b"\n", in_tmp)
        moved = [(*finding[:-1], 1) for finding in alone]
        assert placed(first, len(BOM)) == moved
        assert {finding.location.line for finding in first.findings} == {1}


@pytest.mark.parametrize("marks", [1, 2])
def test_a_byte_order_mark_inside_the_file_does_not_hide_what_follows(
    marks: int, in_tmp: Path
) -> None:
    line, column, byte = place('{"東京":1@,}')
    report = check(between(BOM * marks + line), in_tmp)
    assert [
        (finding.rule, finding.location.line, finding.location.column, finding.location.byte_offset)
        for finding in report.findings
    ] == [
        ("bom-inside-file", 2, 1, START),
        ("invalid-json", 2, column, START + 3 * marks + byte),
    ]


@pytest.mark.parametrize("marks", [1, 2])
def test_a_sound_line_after_a_byte_order_mark_is_an_example(marks: int, in_tmp: Path) -> None:
    report = check(between(BOM * marks + GOOD), in_tmp)
    assert [finding.rule for finding in report.findings] == ["bom-inside-file"]
    assert report.inputs[0].examples == 3


def lines_of(rule: str) -> list[bytes]:
    return [place(case.line)[0] for cases in REFUSED[rule].values() for case in cases]


@pytest.mark.parametrize("around", ["example", "message"])
@pytest.mark.parametrize(
    ("key", "pointer"),
    [
        ("", "/"),
        (" ", "/ "),
        ("0", "/0"),
        ("1", "/1"),
        ("00", "/00"),
        ("-1", "/-1"),
        ("a/b", "/a~1b"),
        ("a~b", "/a~0b"),
        ('a"b', '/a"b'),
        ("a\0b", "/a\0b"),
        ("東京", "/東京"),
        ("😀", "/😀"),
        ("__proto__", "/__proto__"),
    ],
    ids=orjson.dumps,
)
def test_a_key_of_any_name_is_placed(around: str, key: str, pointer: str, in_tmp: Path) -> None:
    answer = '{"role":"assistant","content":"塔"}'
    name = orjson.dumps(key).decode()
    if around == "example":
        rule, line = "extra-top-level-key", f'{{"messages":[{answer}],@{name}:1}}'
    else:
        rule, line = "extra-message-key", f'{{"messages":[{answer[:-1]},@{name}:1}}]}}'
        pointer = "/messages/0" + pointer
    raw, column, byte = place(line)
    (in_tmp / "data.jsonl").write_bytes(between(raw))
    report = ftlint.check("data.jsonl", select=[rule])
    assert report.errors == ()
    (finding,) = report.findings
    where = finding.location
    assert (finding.rule, where.pointer, where.line) == (rule, pointer, 2)
    assert (where.column, where.byte_offset) == (column, START + byte)


def test_there_are_enough_cases_and_no_two_are_the_same() -> None:
    refused = [
        (kind, case)
        for kinds in REFUSED.values()
        for kind, cases in kinds.items()
        for case in cases
    ]
    assert len(refused) >= 60
    assert len({(kind, case.what) for kind, case in refused}) == len(refused)
    assert len({case.line for _, case in refused}) == len(refused)
    assert len(ACCEPTED) >= 30
    assert len({case.line for case in ACCEPTED}) == len(ACCEPTED)
