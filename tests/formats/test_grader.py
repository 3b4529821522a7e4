"""Graders and response formats: read, placed, compared with the rows; formulas and templates."""

from __future__ import annotations

import ast
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ftlint
from ftlint.cli import run
from ftlint.config import documents
from ftlint.config.config import resolve
from ftlint.core.json_spans import Span
from ftlint.core.rule import RULES
from ftlint.engine.locator import within
from ftlint.formats.grader import fields, lacks, placeholders, references, templates, unbalanced
from ftlint.formats.grader_formula import FUNCTIONS, FormulaError, parse
from ftlint.formats.grader_python import reads
from ftlint.inputs.filetype import BOM
from tests.conftest import SAMPLES
from tests.support.helpers import BAD, one_line, report_of, whole, write

pytestmark = pytest.mark.usefixtures("in_tmp")

CHECK: dict[str, Any] = {
    "type": "string_check",
    "name": "exact",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}
RFT = ("--method", "rft", "--ignore", "missing-validation-file,rft-too-few")


def asked(question: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}]


def row(**changes: Any) -> bytes:
    """Return a line of reinforcement data with an answer; None leaves a key out."""
    data = {"messages": asked("What is one and one?"), "answer": "2", **changes}
    kept = {key: value for key, value in data.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False).encode()


def rows(*last: bytes, count: int = 10) -> str:
    """Write a file of `count` rows, the last of them as given; return its name."""
    first = [row(messages=asked(f"What is {n} + 1?")) for n in range(count - len(last))]
    return write("rows.jsonl", whole(*first, *last))


def grader(data: Any, name: str = "grader.json") -> str:
    return write(name, json.dumps(data, indent=2).encode())


def result_of(report: ftlint.Report) -> list[tuple[str, str, int, int]]:
    """Return (rule, severity, line, column) of each finding."""
    return [
        (finding.rule, finding.severity.value, finding.location.line, finding.location.column)
        for finding in report.findings
    ]


# Formulas.


@pytest.mark.parametrize(
    ("text", "names", "functions"),
    [
        ("(name + email) / 2", ["name", "email"], []),
        ("0.5 * a + .5e-3*b", ["a", "b"], []),
        ("-a ^ -b ^ 2", ["a", "b"], []),
        ("min(a, max(b, 1), abs(-c))", ["a", "b", "c"], ["min", "max", "abs"]),
        ("((a))", ["a"], []),
        ("größe_1", ["größe_1"], []),
        (" 1. ", [], []),
    ],
)
def test_a_formula_is_read(text: str, names: list[str], functions: list[str]) -> None:
    found = parse(text)
    assert [word.text for word in found.names] == names
    assert [word.text for word in found.functions] == functions
    for word in (*found.names, *found.functions):
        assert text[word.at : word.end] == word.text


@pytest.mark.parametrize(
    ("text", "at", "end", "words"),
    [
        ("", 0, 0, "it ends where a value is expected"),
        ("a +", 3, 3, "it ends where a value is expected"),
        ("a b", 2, 3, "b where an operator or the end is expected"),
        ("a + b)", 5, 6, ") where an operator or the end is expected"),
        ("2 * (a", 4, 5, "the bracket is not closed"),
        ("(a, b)", 2, 3, ", where an operator or ) is expected"),
        ("min()", 4, 5, ") where a value is expected"),
        ("a ** 2", 3, 4, "** is not an operator here, use ^"),
        ("a % b", 2, 3, "% where an operator or the end is expected"),
        ("a.b", 1, 2, ". where an operator or the end is expected"),
    ],
)
def test_a_formula_is_wrong_at_a_place(text: str, at: int, end: int, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert (caught.value.at, caught.value.end, str(caught.value)) == (at, end, words)


@pytest.mark.parametrize("text", ["(" * 5000, "-" * 5000, "1^" * 5000, "min(" * 5000])
def test_a_deep_formula_is_refused(text: str) -> None:
    with pytest.raises(FormulaError, match="nested too deeply"):
        parse(text)


def test_a_long_formula_is_read() -> None:
    assert len(parse("+".join(["a"] * 5000)).names) == 5000


@given(st.text(alphabet="ab1.,()+-*/^ e\n\u00e4%", max_size=40) | st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        found = parse(text)
        places = [(word.at, word.end) for word in (*found.names, *found.functions)]
    except FormulaError as error:
        places = [(error.at, error.end)]
    assert all(0 <= at <= end <= len(text) for at, end in places)


_VALUES = st.sampled_from(["a", "b_1", "2", "0.5", "1e3"])
_FORMULAS = st.recursive(
    _VALUES,
    lambda inner: (
        st.builds("({})".format, inner)
        | st.builds("-{}".format, inner)
        | st.builds("{} {} {}".format, inner, st.sampled_from("+-*/^"), inner)
        | st.builds("{}({}, {})".format, st.sampled_from(FUNCTIONS), inner, inner)
    ),
    max_leaves=8,
)


@given(_FORMULAS)
def test_what_is_built_by_the_grammar_is_read_as_python_reads_it(text: str) -> None:
    found = parse(text)
    tree = ast.parse(text.replace("^", "**"), mode="eval")
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert {word.text for word in (*found.names, *found.functions)} == names


# Templates.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{item.a}}", [("item", "a")]),
        ("{{ item.a.b }} {{sample.output_text}}", [("item", "a", "b"), ("sample", "output_text")]),
        ("{{item.messages[0].content}}", [("item", "messages")]),
        ("{{item.größe}}", [("item", "größe")]),
        ("{{}} {{a b}} {{1}} {{item.}}", [(), (), (), ()]),
        ('{"a": {"b": {{item.x}}}}', [("item", "x")]),
        ("{item.a} {{item.a}", []),
    ],
)
def test_placeholders(text: str, expected: list[tuple[str, ...]]) -> None:
    assert [holder.path for holder in placeholders(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{item.a}", [0]),
        ("a {{ item.a} }", [2]),
        ("item.a}}", [6]),
        ("{item.a}}", [7]),
        ("}} {{", [0, 3]),
        ('{"a": {"b": {"c": 1}}}', []),
        ('{"a": {"b": {{item.x}}}}', []),
        ('{ "t": {{item.t}}, "o": {{sample.output_text}}}', []),
        ("{a} {b}}", []),
        ("", []),
    ],
)
def test_braces_that_belong_to_nothing(text: str, expected: list[int]) -> None:
    assert list(unbalanced(text)) == expected


@given(st.text(alphabet="{}itemsapl. [0]", max_size=60))
def test_no_text_breaks_the_templates(text: str) -> None:
    for holder in placeholders(text):
        assert text[holder.start : holder.end] == "{{" + holder.body + "}}"
    for at in unbalanced(text):
        assert text[at : at + 2] in ("{{", "}}")


def test_fields_and_references_of_a_definition() -> None:
    code = "def grade(sample, item):\n    return item['n'] + item.get('m')\n"
    model = {"role": "user", "content": [{"type": "input_text", "text": "{{item.a.b}}"}]}
    data = {
        "type": "multi",
        "graders": {
            "one": {**CHECK, "input": "{{item.n}} {{item.messages}} {{item}}"},
            "two": {**CHECK, "operation": "ne", "reference": "{{item.other}}"},
            "three": {"type": "score_model", "input": [model]},
            "four": {"type": "python", "source": code},
        },
    }
    assert [(field["path"], field["optional"]) for field in fields(data)] == [
        (["n"], False),
        (["answer"], False),
        (["other"], False),
        (["a", "b"], False),
        (["m"], True),
    ]
    assert references(data) == [["answer"]]


@pytest.mark.parametrize(
    "data",
    [
        None,
        3,
        "x",
        [],
        {},
        {"graders": 3},
        {"graders": [1, [2]]},
        {"graders": {"a": None}, "input": {"content": [None, 1]}},
    ],
)
def test_what_is_no_grader_has_no_fields(data: Any) -> None:
    assert fields(data) == []
    assert list(templates(data)) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def grade(sample, item):\n  return item['a']", {"a": False}),
        ("def grade(s, i):\n  return i['a'] + i.get('b') + i.get('c', 0)", {"a": False, "b": True}),
        ("def grade(s, i):\n  if 'a' in i:\n    return i['a']", {"a": True}),
        (
            "def grade(s, i):\n  try:\n    return i['a']\n  except KeyError:\n    return 0",
            {"a": True},
        ),
        ("def grade(s, i):\n  i = i['data']\n  return i['a']", {}),
        ("def grade(s, i):\n  return [i['a'] for i in s]", {}),
        ("def grade(s, i):\n  return sorted(s, key=lambda i: i['a'])", {}),
        ("def grade(s, i):\n  i['a'] = 1\n  return i['a']", {"a": True}),
        ("def grade(s, i):\n  return i[s['key']]", {}),
        ("def other(s, i):\n  return i['a']", {}),
        ("def grade(s):\n  return s['a']", {}),
        ("def grade(s, i:\n", {}),
        ("\0", {}),
        ("x = " + "(" * 1000, {}),
        ("x = " + "-" * 100_000 + "1", {}),
    ],
)
def test_what_python_source_reads(source: str, expected: dict[str, bool]) -> None:
    assert reads(source) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a", False), ("z", True), ("a.b", False), ("a.z", True), ("l.0", False), ("n", False),
     ("n.x", True), ("t.x", True), ("j.x", False), ("a.b.c", True)],
)  # fmt: skip
def test_what_a_row_lacks(path: str, expected: bool) -> None:
    data = {"a": {"b": 1}, "l": [1], "n": None, "t": "text", "j": '{"x": 1}'}
    assert lacks(data, path.split(".")) is expected


# Documents.


@given(st.text(), st.data())
def test_a_part_of_a_string_is_found_in_its_bytes(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for ascii_only in (True, False):
        raw = b"[1, " + json.dumps(text, ensure_ascii=ascii_only).encode() + b"]"
        found = within(raw, Span(4, len(raw) - 1), (start, end))
        assert json.loads(b'"' + raw[found.start : found.end] + b'"') == text[start:end]


def test_a_finding_in_a_grader_has_its_place_in_the_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = '{\r\n  "name": "größe", "type": "string_check",\r\n'
    text += '  "input": "ä\\n\\ud83d\\ude00 {{answer}}", "reference": "x",\r\n  "operation": "is"}'
    file = write("é.json", BOM + text.encode())
    report = report_of(capsys, *RFT, "--grader", file, rows())
    namespace, operation = report.findings
    assert (namespace.rule, operation.rule) == ("template-namespace", "string-check-operation")
    assert (namespace.location.line, namespace.location.column) == (3, 29)
    assert namespace.location.pointer == "/input"
    raw = BOM + text.encode()
    assert raw[namespace.location.byte_offset :].startswith(b"{{answer}}")
    assert (operation.location.line, operation.location.column) == (4, 16)
    assert operation.location.byte_offset == raw.index(b'"is"')
    assert namespace.location.path == "é.json"
    assert namespace.location.example is None


def test_a_grader_is_an_input_after_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    bad = grader({**CHECK, "operation": "contains"})
    form = grader({"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}, "form.json")
    report = report_of(capsys, *RFT, "--grader", bad, "--response-format", form, rows())
    assert [entry.path for entry in report.inputs] == ["rows.jsonl", "grader.json", "form.json"]
    assert [entry.passed for entry in report.inputs] == [True, False, True]
    data, document, _ = report.inputs
    assert (document.format, document.method, document.examples) == (None, "rft", 0)
    assert document.lines == 7
    assert document.bytes == Path(bad).stat().st_size
    assert document.sha256 == documents.read("grader", bad).sha256
    assert document.rules == {"string-check-operation": {"error": 1, "warning": 0, "info": 0}}
    assert data.rules == {}
    assert not report.passed


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (json.dumps(CHECK).encode(), 0),
        (json.dumps({**CHECK, "operation": "is"}).encode(), 1),
        (b"{'type': 1}", 1),
        (b"", 1),
        (b"[" * 600 + b"]" * 600, 2),
        (b" " * (documents.MAXIMUM + 1), 2),
        (None, 2),
    ],
    ids=["sound", "error", "not JSON", "empty", "deep", "huge", "missing"],
)
def test_exit_codes(data: bytes | None, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    if data is not None:
        write("grader.json", data)
    assert run(["check", *RFT, "--grader", "grader.json", rows()]) == code
    out, err = capsys.readouterr()
    assert "rows.jsonl: passed" in out
    if code == 2:
        assert one_line(err).startswith("grader.json: ")
        assert "grader.json: passed" not in out
        assert "grader.json: failed" not in out


def test_a_warning_in_a_grader_fails_a_strict_run(capsys: pytest.CaptureFixture[str]) -> None:
    spaced = grader({**CHECK, "input": "{{ sample.output_text }}"})
    arguments = ["check", *RFT, "--grader", spaced, rows()]
    assert run(arguments) == 0
    assert run([*arguments, "--strict"]) == 1
    assert run([*arguments, "--profile", "openai", "--ignore", "unexpected-bom", "--strict"]) == 0
    capsys.readouterr()


def test_a_report_is_not_written_over_a_grader(capsys: pytest.CaptureFixture[str]) -> None:
    file = grader(CHECK)
    before = Path(file).read_bytes()
    output = f"json=./{file}"
    assert run(["check", *RFT, "--grader", file, "--output-format", output, rows()]) == 2
    assert "is the grader" in capsys.readouterr().err
    assert Path(file).read_bytes() == before


def test_one_file_may_be_data_and_document(capsys: pytest.CaptureFixture[str]) -> None:
    file = rows()
    report = report_of(capsys, *RFT, "--grader", file, "--response-format", file, file)
    names = ["rows.jsonl", "rows.jsonl (grader)", "rows.jsonl (response-format)"]
    assert [entry.path for entry in report.inputs] == names
    assert [entry.passed for entry in report.inputs] == [True, False, False]


def test_findings_of_a_document_are_capped_and_counted() -> None:
    many = {"type": "multi", "name": "m", "calculate_output": "1",
            "graders": {f"g{n}": {**CHECK, "operation": "is"} for n in range(30)}}  # fmt: skip
    report = ftlint.check(
        rows(), method="rft", grader=grader(many), select=["string-check-operation"], max_findings=4
    )
    assert report.counts["error"] == 30
    assert len(report.findings) == 4
    assert report.truncated == {"grader.json": {"string-check-operation": 26}}


def test_a_config_with_documents_goes_to_workers_and_into_the_digest() -> None:
    config = resolve(RULES, grader=grader(CHECK))
    assert pickle.loads(pickle.dumps(config)).digest == config.digest  # noqa: S301 - our own
    other = resolve(RULES, grader=grader({**CHECK, "reference": "{{item.other}}"}))
    assert other.digest != config.digest
    assert config.job["grader"] == CHECK
    assert "response_format" not in config.job
    assert "grader" not in resolve(RULES, grader="nothing.json").job


# Rows and graders (rows 101 to 106 of the catalogue, and what stands beside them).


def ended(role: str) -> bytes:
    return row(messages=[{"role": "user", "content": "q"}, {"role": role, "content": "a"}])


@pytest.mark.parametrize(
    ("last", "definition", "expected"),
    [
        (
            row(messages=[{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]),
            CHECK,
            [("system-message-in-rft", "error", 10, 24)],
        ),
        (
            row(messages=[{"role": "developer", "content": "s"}, {"role": "user", "content": "q"}]),
            CHECK,
            [],
        ),
        (ended("assistant"), CHECK, [("last-message-not-user", "error", 10, 49)]),
        (
            row(answer=None),
            CHECK,
            [
                ("inconsistent-item-fields", "warning", 10, 1),
                ("template-field-missing", "warning", 10, 1),
            ],
        ),
        (
            row(),
            {**CHECK, "reference": "{{item.reference}}"},
            [("template-field-missing", "error", 1, 1)],
        ),
        (
            row(),
            {**CHECK, "operation": "contains"},
            [("string-check-operation", "error", 6, 16)],
        ),
    ],
    ids=["101", "102", "103", "104", "105", "106"],
)
def test_rows_of_the_catalogue(
    last: bytes,
    definition: Any,
    expected: list[tuple[str, str, int, int]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = rows(last)
    report = report_of(capsys, *RFT, "--grader", grader(definition), data)
    assert result_of(report) == expected
    assert report.passed == all(severity != "error" for _, severity, _, _ in expected)


def test_a_field_that_no_row_has_is_one_error_with_their_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bare = row(answer=None)
    data = write("bare.jsonl", whole(*[bare] * 40, b"", b"{", *[bare] * 2))
    definition = {**CHECK, "reference": "{{item.reference_answer}}"}
    report = report_of(capsys, *RFT, "--select", "template-field-missing", "--grader",
                       grader(definition), data)  # fmt: skip
    (finding,) = report.findings
    assert finding.message == (
        'the row has no "reference_answer", which the grader reads as {{item.reference_answer}} '
        "(all 42 examples)"
    )
    assert result_of(report) == [("template-field-missing", "error", 1, 1)]
    assert report.counts == {"error": 1, "warning": 0, "info": 0}
    assert report.truncated == {}


def test_fields_are_counted_apart(capsys: pytest.CaptureFixture[str]) -> None:
    definition = {**CHECK, "input": "{{item.a}} {{item.b}} {{item.c}}"}
    lines = [row(answer="2", **{key: 1}) for key in "aabbbb"]
    data = write("rows.jsonl", whole(*lines))
    arguments = ("--select", "template-field-missing", "--grader", grader(definition), data)
    report = report_of(capsys, *RFT, *arguments)
    assert report.counts == {"error": 1, "warning": 6, "info": 0}
    assert [finding.message.split('"')[1] for finding in report.findings] == list("bcbaaaa")
    capped = report_of(capsys, *RFT, "--max-findings", "1", *arguments)
    assert capped.counts == report.counts
    ignored = report_of(capsys, *RFT, "--ignore", "template-field-missing.every-row", *arguments)
    assert ignored.counts == {"error": 0, "warning": 12, "info": 0}


@pytest.mark.parametrize("size", [1, 200, 1 << 20])
def test_what_all_rows_lack_does_not_depend_on_ranges(size: int) -> None:
    definition = {**CHECK, "input": "{{item.a}} {{item.b}}"}
    lines = [row(answer="2", **({"b": 1} if number % 3 else {})) for number in range(20)]
    data = write("rows.jsonl", whole(*lines))
    report = ftlint.check(data, method="rft", grader=grader(definition), range_size=size,
                          select=["template-field-missing"])  # fmt: skip
    assert report.counts == {"error": 1, "warning": 7, "info": 0}
    assert [finding.location.line for finding in report.findings] == [1, 1, 4, 7, 10, 13, 16, 19]


def test_the_stream_gathers_what_is_found_everywhere() -> None:
    definition = {**CHECK, "input": "{{item.a}} {{item.b}}"}
    data = write("rows.jsonl", whole(row(b=1), row(), row(b=1)))
    found = list(ftlint.iter_findings(data, method="rft", grader=grader(definition),
                                      select=["template-field-missing"]))  # fmt: skip
    assert [(finding.severity.value, finding.location.line) for finding in found] == [
        ("error", 1),
        ("warning", 2),
    ]


def test_a_row_that_the_schema_refuses_counts_if_it_has_the_field() -> None:
    strange = row(messages=[{"content": "no role"}])
    select = ["template-field-missing"]
    definition = grader(CHECK)
    some = ftlint.check(rows(strange, *[row(answer=None)] * 9), method="rft", grader=definition,
                        select=select)  # fmt: skip
    assert some.counts == {"error": 0, "warning": 9, "info": 0}
    bare = row(messages=[{"content": "no role"}], answer=None)
    every = ftlint.check(rows(bare, *[row(answer=None)] * 9), method="rft", grader=definition,
                         select=select)  # fmt: skip
    assert every.counts == {"error": 1, "warning": 0, "info": 0}


ODD = (
    b"{}",
    b'{"answer":"2"}',
    b'{"messages":3,"answer":"abcd"}',
    b'{"messages":[],"answer":"abcd"}',
    b'{"messages":[3],"answer":"abcd"}',
    b'{"messages":[{"role":"user"}],"answer":"abcd"}',
    b'{"messages":[{"role":"user","content":[{"type":"text"}]}],"answer":"abcd"}',
    b'{"messages":[{"role":"user","content":"x"}],"":1e300,"answer":[{"a":99999999999999999999}]}',
    b'{"prompt":"a","completion":"b","answer":"abcd"}',
    b'{"messages":[{"role":"user","content":null}],"answer":null}',
)


def test_no_row_breaks_a_rule() -> None:
    data = write("rows.jsonl", whole(*[row()] * 12, *ODD))
    definition = {**CHECK, "reference": "{{item.answer}} {{item.answer.a.b}}"}
    report = ftlint.check(data, method="rft", grader=grader(definition))
    assert report.errors == ()


DOCUMENTS: tuple[Any, ...] = (
    None,
    3,
    [{}],
    {"type": None},
    {"type": []},
    {"type": "multi", "graders": {}, "calculate_output": ""},
    {"type": "multi", "graders": [None], "calculate_output": "a"},
    {"type": "python", "source": "\0"},
    {"type": "python", "source": "def grade(" + "(" * 500},
    {"type": "score_model", "input": [[]], "range": [None, {}]},
    {"type": "string_check", "operation": {}},
    {"type": "json_schema", "json_schema": []},
)


@pytest.mark.parametrize("value", DOCUMENTS)
def test_no_document_breaks_a_rule(value: Any) -> None:
    file = grader(value)
    report = ftlint.check(rows(), method="rft", grader=file, response_format=file)
    assert report.errors == ()
    assert not report.passed


def test_a_grader_for_chat_data_is_told_and_changes_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = write("chat.jsonl", BAD)
    plain = report_of(capsys, data)
    report = report_of(capsys, "--grader", grader(CHECK), data)
    names = {finding.rule for finding in report.findings}
    assert names - {finding.rule for finding in plain.findings} == {
        "grader-without-reinforcement-data"
    }
    assert report.inputs[1].passed


@pytest.mark.parametrize("name", ["rft-countdown-train.jsonl", "rft-countdown-validation.jsonl"])
def test_microsofts_sample_goes_with_its_grader(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = SAMPLES / name
    if not data.is_file():
        pytest.skip(f"the samples are not there: {SAMPLES}")
    report = report_of(
        capsys,
        "--grader", str(SAMPLES / "rft-countdown-grader.json"),
        "--response-format", str(SAMPLES / "rft-countdown-response-format.json"),
        "--ignore", "missing-bom,missing-final-newline,missing-validation-file,rft-too-few",
        str(data),
    )  # fmt: skip
    assert [finding.rule for finding in report.findings if finding.severity != "info"] == []
    assert report.passed
    assert len(report.inputs) == 3
