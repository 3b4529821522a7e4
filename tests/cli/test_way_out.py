"""All text leaves by one way: nothing prints past it, and it lets no secret and no command pass."""

from __future__ import annotations

import ast
import json
import re
import secrets
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

import ftlint
from ftlint.cli import run
from ftlint.cli.output import say
from ftlint.reporters import REPORTERS
from tests.reporters.test_hostile import TEXTS, harmless
from tests.support.helpers import BOM, COMMAND, LINE, environment, write

SOURCES = Path(ftlint.__file__).parent

WRITERS = {
    "__main__.py": "prints the version alone, before anything is imported",
    "cli/output.py": "the way out",
    "core/files/atomic_write.py": "files that are whole or not there",
    "training/jobs.py": "results of a job, redacted",
    "training/ledger.py": "records, as core/redact.py makes them",
    "training/state_file.py": "records, as core/redact.py makes them",
    "training/receipt.py": "receipts, as core/redact.py makes them",
    "engine/fixer.py": "the data of the user",
    "inputs/discovery.py": "standard input, to read it twice",
    "emulator/handler.py": "answers of a server on loopback",
    "emulator/service/bodies.py": "what a server on loopback has received",
}
"""Modules that may write, with what they write."""

PRINTS = {
    "print", "echo", "secho", "write", "writelines", "write_text", "write_bytes", "print_exc",
    "NamedTemporaryFile", "TemporaryFile", "mkstemp", "dump", "write_whole", "temporary_beside",
}  # fmt: skip
PASSES = re.compile(
    r"(?s)Output\(.*\)\.write|output\.write|self\._journal\.write|write|pickle\.dump"
)
"""Names of the way out, and of a journal, which is a record."""


CLOSED = {"emulator/service/uploads.py", "emulator/service/imports.py", "emulator/service/jobs.py"}
"""Modules that write to a file which `bodies.py` has opened."""


def writes(tree: ast.AST) -> Iterator[str]:
    """Yield what in a module prints, or opens a file to write."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        last = name.rpartition(".")[2]
        values = [*node.args, *(word.value for word in node.keywords)]
        if last in PRINTS and not PASSES.fullmatch(name):
            yield name
        if last in ("open", "fdopen") and "os.devnull" not in ast.unparse(node):
            texts = [each.value for each in values if isinstance(each, ast.Constant)]
            modes = [text for text in texts if isinstance(text, str) and not {*text} - {*"rwaxbt+"}]
            flags = re.findall("O_(?:WRONLY|RDWR)", ast.unparse(node))
            if flags or any({*mode} & {*"wax+"} for mode in modes):
                yield name


def test_nothing_prints_or_writes_past_it() -> None:
    found = {}
    for path in SOURCES.rglob("*.py"):
        name = path.relative_to(SOURCES).as_posix()
        uses = {*writes(ast.parse(path.read_text(encoding="utf-8")))}
        if uses and name not in WRITERS.keys() | CLOSED:
            found[name] = uses
    assert not found, (
        "print with show and say of cli/output.py, write with core/files/atomic_write.py"
    )


@pytest.mark.parametrize(
    "source",
    [
        "print(x)",
        "click.echo(x)",
        "sys.stdout.write(x)",
        "open(x, 'w')",
        "open(x, mode='ab')",
        "Path(x).write_text(y)",
        "Path(x).open('r+')",
        "os.fdopen(3, 'w')",
        "os.open(x, os.O_WRONLY | os.O_CREAT)",
        "traceback.print_exc()",
        "json.dump(x, y)",
    ],
)
def test_a_new_module_that_does_is_found(source: str) -> None:
    assert [*writes(ast.parse(source))]


KEY = f"k-{secrets.token_urlsafe(24)}/+{secrets.token_hex(8)}=="
SIGNATURE = secrets.token_urlsafe(32)
LINK = (
    f"https://a.blob.core.windows.net/c/i.png?sv=2024-11-04&se=2030-01-01&sig={SIGNATURE}%3D&sp=r"
)
TOKEN = ".".join(["eyJhbGciOiJIUzI1NiJ9", f"eyJ{secrets.token_urlsafe(40)}", secrets.token_hex(20)])


def leaks(*texts: str) -> list[str]:
    """Return the secrets that stand in texts, whole or in pieces."""
    forms = (
        KEY,
        KEY[::-1],
        KEY.encode().hex(),
        quote(KEY, safe=""),
        b64encode(KEY.encode()).decode(),
    )
    wanted = [form.lower() for form in (*forms, SIGNATURE, TOKEN.partition(".")[2])]
    pieces = [piece for form in wanted for piece in (form[:20], form[12:32], form[-24:-4])]
    return [piece for piece in pieces for text in texts if piece in text.lower()]


@pytest.fixture
def planted(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the key in the environment, of a check that needs none."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    return in_tmp


def planting_lines(text: str) -> list[bytes]:
    """Return lines with a text at the places that findings, tables and excerpts are made of."""
    held = json.dumps(text)[1:-1].encode()
    url = b'"content":[{"type":"image_url","image_url":{"url":"%s","detail":"odd"}}]' % held
    tool = b'"tools":[{"type":"function","function":{"name":"%s","parameters":{"type":"%s"}}}],'
    return [
        LINE.replace(b'"user"', b'"%s"' % held),
        LINE.replace(b'"q"', b'"%s %s"' % (b"x" * 100, held)),
        LINE.replace(b'"q"', b'"%s", "odd": 1' % held),
        LINE.replace(b'"q"', b'"%s%s", "odd": 1' % (held, b" " * 60)),
        LINE.replace(b'"content":"q"', url),
        LINE.replace(b'{"messages"', b'{"%s":1,"messages"' % held),
        LINE.replace(b'{"messages"', b"{" + tool % (held, held) + b'"messages"'),
        LINE.replace(b'"a"', b'"user: %s <|im_end|>"' % held),
        b'{"a": "%s" "b"}' % held,
        b'{"password": "%s", b}' % held,
        held,
    ]


FORMS = {
    "plain": KEY,
    "upper case": KEY.upper(),
    "reversed": KEY[::-1],
    "hex": KEY.encode().hex().upper(),
    "URL": f"https://host/?code={quote(KEY, safe='')}",
    "Base64": b64encode(f"x:{KEY}".encode()).decode(),
    "signed link": LINK,
    "token": f"Bearer {TOKEN}",
    "token alone": TOKEN,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.usefixtures("planted")
def test_data_that_holds_a_secret_shows_none(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = FORMS[form]
    lines = planting_lines(text)
    path = write("a.jsonl", BOM + b"\n".join([LINE] * 30 + lines * 2) + b"\n")
    files = [f"{name}={name}.out" for name in REPORTERS]
    outputs = [word for file in files for word in ("--output-format", file)]
    arguments = ["-v", "--max-findings", "0", "--method", "sft"]
    assert run(["check", path, *arguments, *outputs, "--receipt", "receipt.json"]) == 1
    for name in REPORTERS:
        assert run(["check", path, *arguments, "--output-format", name]) == 1
    for command in ("stats", "tokens"):
        for output in ("text", "json"):
            run([command, path, "--output-format", output])
    out, err = capsys.readouterr()
    assert leaks(out, err, *(Path(f"{name}.out").read_text() for name in REPORTERS)) == []
    assert "[redacted]" in Path("html.out").read_text()
    json.loads(Path("json.out").read_text())


@pytest.mark.usefixtures("planted")
def test_nor_do_names_and_settings(capsys: pytest.CaptureFixture[str]) -> None:
    Path(KEY).parent.mkdir()
    path = write(f"{KEY}.jsonl", LINE * 2)
    profile = write("own.toml", f'title="{KEY}"\nextends="azure"\nnotes="{LINK}"\n'.encode())
    for command in (
        ["check", path], ["fix", path], ["stats", path], ["tokens", path, "--model", KEY],
        ["check", f"no-{KEY}.jsonl"], ["check", path, "--select", KEY], ["rule", KEY],
        ["check", path, "--method", KEY], [KEY], ["check", f"--{KEY}"], ["profile", KEY],
        ["profile", profile], ["profile", profile, "--output-format", "json"],
        ["check", path, "--profile", f"{KEY}.toml"], ["tokens", path, "--prices", f"{KEY}.toml"],
        ["check", path, "--output-format", f"json=no/{KEY}"], ["jobs", "show", KEY],
        ["emulator", "--fault", f"GET /{KEY} nothing={LINK}"],
    ):  # fmt: skip
        run(command)
        assert leaks(*capsys.readouterr()) == [], command


def test_a_receipt_of_a_file_with_a_secret_name_is_good(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [LINE.replace(b'"q"', b'"q%d"' % number) for number in range(60)]
    Path(KEY).parent.mkdir()
    path = write(f"{KEY}.jsonl", BOM + b"\n".join(lines) + b"\n")
    job = ["--model", "gpt-4.1-2025-04-14"]
    assert run(["check", path, *job, "--receipt", "receipt.json"]) == 0
    assert leaks((planted / "receipt.json").read_text()) == []
    assert run(["run", path, *job, "--receipt", "receipt.json"]) == 0
    assert leaks(*capsys.readouterr()) == []


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.usefixtures("in_tmp")
def test_a_profile_of_anyone_is_not_obeyed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    held = json.dumps(f"a\n{text}")
    source = f'title={json.dumps(text)}\nextends="azure"\nnotes={held}\n'
    source += f'[rules.no-assistant-message]\nlevel="warning"\nevidence="inferred"\nsource={held}\n'
    path = write("own.toml", source.encode())
    for output in ("text", "json"):
        code = run(["profile", path, "--output-format", output])
        out, err = capsys.readouterr()
        assert code == 0, err
        harmless(out)
        harmless(err)


def test_nor_is_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FTLINT_DEBUG", "1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def broken(*_: object) -> None:
        sys.stderr.write(f"\n::error::\x07{KEY}\n")
        raise RuntimeError(f"\x1b[2J\n::error::x\n  ##[group]\u202e{KEY[::-1]}")

    monkeypatch.setattr("ftlint.cli.commands.profile.explain_profile", broken)
    assert run(["profile", "azure"]) == 2
    out, err = capsys.readouterr()
    harmless(err)
    assert leaks(out, err) == []
    assert "Traceback" in err
    assert "\\x1b[2J" in err


def test_a_command_does_not_start_after_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    say(" \t::error::x", "a :: b", "\x1b[1mbold\x1b[0m")
    assert capsys.readouterr().err == " \\x09\\x3a:error::x\na :: b\n\\x1b[1mbold\\x1b[0m\n"
    say("\x1b[1mbold\x1b[0m\x1b[2J", painted=True)
    assert capsys.readouterr().err == "\x1b[1mbold\x1b[0m\\x1b[2J\n"


@pytest.mark.usefixtures("in_tmp")
def test_a_diff_in_a_build_log_is_for_people() -> None:
    """A program reads it unchanged."""
    odd = b"##vso[task.complete]\x1bx"
    path = write("a.jsonl", odd + b"\n" + LINE + b"\r\n")
    shown = {}
    for build in ("", "true"):
        with open("diff.out", "wb") as file:
            for stream in (subprocess.PIPE, file):
                done = subprocess.run(
                    [*COMMAND, "fix", "--diff", path],
                    stdout=stream,
                    check=False,
                    env=environment({"TF_BUILD": build}),
                )
                shown[build, stream == subprocess.PIPE] = (
                    done.stdout or Path("diff.out").read_bytes()
                )
    assert shown["true", False] == shown["", False] == shown["", True]
    assert odd in shown["", True]
    assert b"#\\x23vso[task.complete]\\x1bx\n" in shown["true", True]
