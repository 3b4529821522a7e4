"""No secret that is known gets through, whatever stands around it; other texts are left alone."""

from __future__ import annotations

import html
import json
import logging
import string
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from ftlint.core import redact as module
from ftlint.core.errors import Failure, Refused, Rejected, UnknownOutcome
from ftlint.core.redact import among, harmless, mask, record_of, redact, same, secret
from ftlint.training.providers.sdk import Redacting

PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "

keys = (
    st.text(PRINTABLE, min_size=8, max_size=90)
    .map(str.strip)
    .filter(lambda key: len(key) >= 8 and key not in "[redacted]")
)
around = st.text(max_size=40)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know no secrets of other tests."""
    monkeypatch.setattr(module, "_SECRETS", set())
    monkeypatch.setattr(module, "_PLACES", {})


def forget() -> None:
    module._SECRETS.clear()  # noqa: SLF001 - hypothesis runs many examples in one test
    module._PLACES.clear()  # noqa: SLF001 - as above


def forms(key: str) -> Iterator[str]:
    yield key
    yield quote(key)
    yield quote(key, safe="")
    yield quote(key, safe="").lower() if key.islower() else quote(key, safe="")
    yield quote_plus(key)
    yield json.dumps(key)
    yield repr(key)
    yield repr({"api-key": key})
    yield json.dumps({"headers": {"Authorization": f"Bearer {key}"}})
    yield f"https://host/path?code={quote(key, safe='')}&x=1"
    yield " ".join(key.split())
    yield key.upper()
    yield key.swapcase()
    yield key[::-1]
    yield key.encode().hex()
    yield key.encode().hex(" ").upper().replace(" ", "")
    yield html.escape(key)
    yield str(escape(key))
    yield json.dumps(key).replace("/", "\\/").replace("+", "\\u002B")[1:-1]


@given(keys, around, around)
def test_a_known_secret_never_gets_through(key: str, before: str, after: str) -> None:
    forget()
    secret(key)
    for form in forms(key):
        found = redact(f"{before}{form}{after}")
        assert key not in found
        assert form.strip("\"'") not in found


@given(keys, st.binary(max_size=7), st.binary(max_size=7))
def test_nor_does_it_in_base64_wherever_it_begins(key: str, before: bytes, after: bytes) -> None:
    forget()
    secret(key)
    for encode in (b64encode, urlsafe_b64encode):
        text = encode(before + key.encode() + after).decode()
        found = redact(f"Basic {text}")
        assert text not in found
        left = found.replace("[redacted]", "").removeprefix("Basic ")
        assert len(left) <= 4 * (len(before) // 3 + len(after) // 3 + 4)


@given(st.lists(keys, min_size=1, max_size=4), st.lists(around, min_size=5, max_size=5))
def test_several_secrets_one_inside_another(found: list[str], texts: list[str]) -> None:
    forget()
    secrets = [*found, found[0] + found[-1], found[0][2:] + "tail-of-it"]
    for each in secrets:
        secret(each)
    text = redact("".join(each + between for each in secrets for between in texts))
    for each in secrets:
        assert each not in text


plain = st.text(string.ascii_letters + string.digits + " .!?-_/()[]{}\n\té日😀", max_size=200)


@given(plain)
def test_a_text_without_secrets_is_left_alone(text: str) -> None:
    forget()
    secret("k-Planted/0123456789")
    if "k-planted" not in text.casefold() and "bearer" not in text.casefold():
        assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "the Bearer token is missing",
        "bearer authentication failed",
        "design=x&assign=y",
        "password: expected a word",
        "https://name.openai.azure.com/openai/files?api-version=2024-10-21",
        "see https://host/a:b@c",
        '{"messages": [{"role": "user", "content": "what is my api key"}]}',
        "signature, authorization and api-key",
        "task-list-of-a-rather-long-name, disk-and-sk-learn-in-several-words-of-a-text",
        "eyJ is how a token starts. Then a sentence follows.",
        f"sha512-{'A' * 86}==",
        f"data:image/png;base64,{'iVBORw0K' * 30}==",
        "",
    ],
)
def test_words_about_secrets_are_no_secrets(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "https://a.blob.core.windows.net/c/b?sv=1&sig=HIDDEN%2F%3D&se=2",
        "sv=1\\u0026sig=HIDDEN\\u0026se=2",
        "https%3A%2F%2Fa%3Fsv%3D1%26sig%3DHIDDEN",
        '{"sig": "HIDDEN"}',
        "{'sig': 'HIDDEN'}",
        "api-key: HIDDEN",
        "'api-key': 'HIDDEN'",
        "(b'api-key', b'HIDDEN')",
        "[('api-key', 'HIDDEN')]",
        '"Ocp-Apim-Subscription-Key": "HIDDEN"',
        "Authorization: Bearer HIDDEN",
        "authorization=Bearer HIDDEN",
        "(b'authorization', b'Bearer HIDDEN')",
        "Authorization: Basic HIDDEN",
        "Authorization: SharedKey account:HIDDEN",
        "Proxy-Authorization: Basic HIDDEN",
        "sent Bearer eyJhbGciOiJIUzI1NiJ9.HIDDEN.x",
        "AccountName=a;AccountKey=HIDDEN==;EndpointSuffix=x",
        "SharedAccessSignature=HIDDEN",
        "https://user:HIDDEN@host/path",
        "grant_type=client_credentials&client_secret=HIDDEN",
        '"password": "HIDDEN"',
        '{"arguments": "{\\\\"password\\\\": \\\\"HIDDEN\\\\"}"}',
        f"sk-proj-HIDDEN{'a1' * 10}",
        f"(eyJhbGciOi.{'eyJ0HIDDEN' * 2}.{'x' * 9})",
        f"{'HIDDEN12' * 6}abcdJQQJ99{'HIDDEN12' * 3}",
        f"key {'HIDDEN' * 14}xy==",
    ],
)
def test_what_looks_like_a_secret_is_taken_out_unknown(text: str) -> None:
    assert "HIDDEN" not in redact(text)
    assert "[redacted]" in redact(text)


def test_a_piece_of_a_secret_is_taken_out_as_cutting_leaves_it() -> None:
    key = secret("k-Planted/0123456789-abcdefghij-KLMNOPQRST")
    for piece in (key[:25], key[9:31], key[-22:], key.encode().hex()[-30:], key[::-1][:25]):
        assert redact(f"a…{piece}…b") == "a…[redacted]…b"
    assert redact(f"a {key[:10]} b") == f"a {key[:10]} b"


def test_no_word_of_a_connection_string_is_taken_out() -> None:
    key = "0123456789abcdefghijABCDEFGHIJ=="
    start = "DefaultEndpointsProtocol=https;AccountName=support"
    secret(f"{start};AccountKey={key};EndpointSuffix=core.windows.net")
    assert redact(f"{start} {key}") == f"{start} [redacted]"
    assert (
        redact("https://support.blob.core.windows.net") == "https://support.blob.core.windows.net"
    )


def test_a_secret_that_is_one_character_again_and_again_has_no_pieces() -> None:
    secret("0" * 60)
    assert redact("0" * 60) == "[redacted]"
    assert redact(f"1{'0' * 40}") == f"1{'0' * 40}"


def test_a_marked_part_stays_marked() -> None:
    assert mask("a sig=HIDDEN&b", 2, 14) == ("a sig=[redacted]&b", 2, 18)
    assert mask("a sig=HIDDEN&b", 8, 10) == ("a sig=[redacted]&b", 6, 16)
    assert mask("a sig=HIDDEN&b", 13, 14) == ("a sig=[redacted]&b", 17, 18)
    assert mask("a b", 1, 2) == ("a b", 1, 2)


def test_a_name_tells_that_a_value_is_secret_and_no_entry_is_lost() -> None:
    key = secret("k-Planted/0123456789")
    data = {"password": "x y", f"a{key}": 1, f"a{key.upper()}": {"n": ["p"]}, "note": "x y"}
    assert harmless(data) == {
        "password": "[redacted] y",
        "a[redacted]": 1,
        "a[redacted] 3": {"n": ["p"]},
        "note": "x y",
    }


def test_what_is_recorded_is_recognised_and_holds_no_secret() -> None:
    key = secret("k-Planted/0123456789")
    data = {"id": f"x-{key}", "plain": "x", "list": [f"{key}", 1, None]}
    recorded = json.loads(record_of(data))
    assert key not in str(recorded)
    assert recorded["plain"] == "x"
    assert same(recorded["id"], data["id"])
    assert same("x", "x")
    assert not same(recorded["id"], key)
    assert among(set(recorded["list"]), key)
    assert record_of(recorded) == record_of(data)


@pytest.mark.parametrize(
    "part",
    ["sk-", "eyJ-", "A", "api-key ", "://a:", "://", "password=", "0", "k-Planted/012345678"],
)
def test_no_text_takes_long(part: str) -> None:
    """One that would, takes minutes."""
    text = part * (100_000 // len(part))
    secret("0" * 60)
    secret("k-Planted/0123456789-abcdefghij-KLMNOPQRST")
    assert isinstance(redact(text), str)


def test_what_is_too_short_takes_no_words_out() -> None:
    assert secret("a") == "a"
    assert secret("") == ""
    assert redact("a cat") == "a cat"


@pytest.mark.parametrize("kind", [Failure, Refused, UnknownOutcome, Rejected])
def test_no_failure_holds_a_secret(kind: type[Failure]) -> None:
    key = secret("k-Planted/0123456789")
    error = kind(f"the key {key} is wrong")
    assert key not in str(error)
    assert key not in repr(error)
    assert all(key not in str(part) for part in error.args)


def test_nor_does_what_a_service_said() -> None:
    key = secret("k-Planted/0123456789")
    assert key not in Rejected("no", service_message=f"wrong key {key}").service_message


def test_a_record_of_a_log_is_written_without_it() -> None:
    key = secret("k-Planted/0123456789")
    error = ValueError(f"inside {key}")
    record = logging.LogRecord(
        "openai", logging.DEBUG, "f", 1, "%s and %d %%", (key, 1),
        (ValueError, error, None), sinfo=f"Stack of {key}",
    )  # fmt: skip
    assert Redacting().filter(record)
    written = logging.Formatter().format(record)
    assert "[redacted] and 1 %" in written
    assert "ValueError: inside [redacted]" in written
    assert key not in written
