"""No secret that is known gets through, whatever stands around it; other texts are left alone."""

from __future__ import annotations

import json
import logging
import string
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftlint.core import redact as module
from ftlint.core.errors import Failure, Refused, Rejected, UnknownOutcome
from ftlint.core.redact import redact, secret
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


def forget() -> None:
    module._SECRETS.clear()  # noqa: SLF001 - hypothesis runs many examples in one test


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
    ],
)
def test_what_looks_like_a_secret_is_taken_out_unknown(text: str) -> None:
    assert "HIDDEN" not in redact(text)
    assert "[redacted]" in redact(text)


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
