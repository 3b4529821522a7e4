"""Who may use a storage account: keys, Entra ID, and what is said of them."""

from __future__ import annotations

import hmac
import json
import subprocess
import sys
import time
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from ftlint.core.errors import Failure, FtlintError, Unauthorized
from ftlint.training.providers.blob import container as blob
from ftlint.training.providers.blob.account import Account
from ftlint.training.providers.blob.errors import failure_of_blob
from ftlint.training.receipt import PassedFile
from tests.support.azurite import MISSING, Azurite
from tests.support.blobs import (
    CONNECTION,
    KEYS,
    NAME,
    PUT,
    connected,
    new_container,
    no_keys,
    passed_file,
    put,
)
from tests.support.certificates import certificate
from tests.support.helpers import environment

SECRET = "cGxhbnRlZC1zZWNyZXQ="  # noqa: S105 - nobody's
ACCOUNT = "https://acc.blob.core.windows.net"


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    no_keys(monkeypatch)


@pytest.fixture
def passed(tmp_path: Path) -> PassedFile:
    return passed_file(tmp_path)


@pytest.mark.parametrize("right", [True, False])
def test_a_key_and_a_signature_are_told_to_nobody(
    right: bool, azurite: Azurite, passed: PassedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = new_container(azurite, monkeypatch)
    key = azurite.key if right else ("A" if azurite.key[0] != "A" else "B") + azurite.key[1:]
    arguments = [place, passed.path, passed.sha256, str(passed.bytes), NAME, "0"]
    done = subprocess.run(
        [sys.executable, "-c", PUT, *arguments],
        check=False,
        text=True,
        capture_output=True,
        env=environment({KEYS[0]: key}),
    )
    assert done.returncode == (0 if right else 4)
    assert "http_logging_policy" in done.stderr
    assert key[1:] not in done.stdout + done.stderr
    if right:
        signature = parse_qs(urlsplit(done.stdout.strip()).query)["sig"][0]
        assert "a link: http" in done.stderr
        assert signature not in done.stderr
        assert quote(signature, safe="") not in done.stderr
    else:
        last = done.stderr.splitlines()[-1]
        assert "answers 403" in last
        assert last.endswith("; check the key, and the firewall of the account")


class Somebody:
    """Who is signed in: a credential as azure-identity's, with a token that Azurite takes."""

    def get_token(self, *scopes: str, **_: Any) -> Any:
        """Return a token."""
        from azure.core.credentials import AccessToken  # noqa: PLC0415 - an extra

        now = int(time.time())
        claims = {
            "aud": "https://storage.azure.com",
            "iss": "https://sts.windows.net/tenant/",
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + 3600,
            "oid": "planted-object",
            "tid": "planted-tenant",
        }
        assert scopes == ("https://storage.azure.com/.default",)
        parts = [json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims)]
        token = ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in [*parts, b"no"])
        return AccessToken(token, now + 3600)

    closed = False

    def close(self) -> None:
        """Take note."""
        Somebody.closed = True


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Azurite, str]]:
    """Start Azurite with HTTPS, Entra ID and no leniency; return it, and its certificate."""
    if MISSING:
        pytest.skip(MISSING)
    files = certificate(tmp_path_factory.mktemp("tls"))
    with Azurite(files) as running:
        yield running, files[0]


def test_entra_id_stores_a_file_and_signs_a_link_with_a_key_for_this_time(
    encrypted: tuple[Azurite, str], passed: PassedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, trusted = encrypted
    monkeypatch.setattr("azure.identity.DefaultAzureCredential", Somebody)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", trusted)
    with connected(running.container("entra")) as there:
        put(there, passed)
        link = there.link(NAME)
        signed = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        times = [datetime.fromisoformat(signed[name]) for name in ("skt", "ske")]
        key = there._service.get_user_delegation_key(*times).value  # noqa: SLF001 - the same again
    assert Somebody.closed
    assert running.blobs("entra") == [NAME]
    assert (signed["sp"], signed["sr"], signed["spr"]) == ("r", "b", "https")
    assert (signed["skoid"], signed["sktid"]) == ("planted-object", "planted-tenant")
    assert (signed["skt"], signed["ske"]) == (signed["st"], signed["se"])
    assert signed["skv"] == "2025-11-05"
    path = f"/blob/{running.account}/entra/{NAME}"
    delegated = [signed[name] for name in ("skoid", "sktid", "skt", "ske", "sks", "skv")]
    lines = [
        "r",
        signed["st"],
        signed["se"],
        path,
        *delegated,
        *[""] * 6,
        "https",
        signed["sv"],
        "b",
    ]
    # what later versions and headers add is empty, and its number depends on the version
    text = ("\n".join([*lines, *[""] * extra]) for extra in range(12))
    digests = (hmac.digest(b64decode(key), each.encode(), "sha256") for each in text)
    assert signed["sig"] in {b64encode(digest).decode() for digest in digests}


def test_a_request_that_cannot_be_signed() -> None:
    from azure.core.exceptions import ClientAuthenticationError  # noqa: PLC0415 - an extra

    account = Account(ACCOUNT, "acc.blob.core.windows.net", "acc", "con", SECRET)
    words = f"{account.host}: cannot sign in .ClientAuthenticationError.$"
    with pytest.raises(Unauthorized, match=words), failure_of_blob("GET", account):
        raise ClientAuthenticationError(SECRET)


def test_a_certificate_that_nobody_trusts(
    encrypted: tuple[Azurite, str], passed: PassedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEYS[0], encrypted[0].key)
    with (
        connected(f"{encrypted[0].address}/any") as there,
        pytest.raises(Failure, match="its certificate is not trusted; set REQUESTS_CA_BUNDLE"),
    ):
        put(there, passed)


def test_nobody_is_signed_in(
    encrypted: tuple[Azurite, str], passed: PassedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azure.core.exceptions import ClientAuthenticationError  # noqa: PLC0415 - an extra

    def nobody(self: Somebody, *_: str, **__: Any) -> None:
        raise ClientAuthenticationError("planted words of every way to sign in")

    monkeypatch.setattr(Somebody, "get_token", nobody)
    monkeypatch.setattr("azure.identity.DefaultAzureCredential", Somebody)
    with (
        connected(f"{encrypted[0].address}/any") as there,
        pytest.raises(Unauthorized) as caught,
    ):
        put(there, passed)
    words = "Entra ID gives no token (ClientAuthenticationError): sign in with az login"
    assert str(caught.value) == f"{words}, or set AZURE_STORAGE_KEY"


def test_entra_id_is_not_used_in_the_clear() -> None:
    with pytest.raises(Unauthorized, match="Entra ID is for https only; use https, or set"):
        blob.connect("http://127.0.0.1:1/acc/con", print)


@pytest.mark.parametrize(
    ("missing", "extra"), [("azure.identity", "azure"), ("azure.storage.blob", "blob")]
)
def test_packages_that_are_not_installed(
    missing: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(Failure, match=rf"pip install 'ftlint\[{extra}\]'"):
        blob.connect(f"{ACCOUNT}/con", print)


@pytest.mark.parametrize(
    ("container", "words"),
    [
        (f"{ACCOUNT}/con?sv=1&sig={SECRET}", "has a query, as a shared access signature (SAS) is"),
        (f"az://{SECRET}@con?sig={SECRET}", "it would stay in the history of the shell"),
        (
            f"https://me:{SECRET}@acc.blob.core.windows.net/con",
            "has credentials, a query or a fragment",
        ),
        ("http://acc.blob.core.windows.net/con", "is not encrypted"),
        (
            "con",
            f"--container 'con' is no URL; write {ACCOUNT.replace('acc', 'ACCOUNT')}/CONTAINER",
        ),
        ("", "--container '' is no URL"),
        (ACCOUNT, "names no container; write https://"),
        (f"{ACCOUNT}/con/folder", "names no container; write https://"),
        ("http://127.0.0.1:10000/acc", "names no container; write https://"),
        (f"{ACCOUNT}/Con", "'Con' is no name of a container; it has 3 to 63"),
        (f"{ACCOUNT}/{'a' * 64}", "is no name of a container; it has 3 to 63"),
    ],
)
def test_what_is_no_container(container: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEYS[0], SECRET)
    with pytest.raises(FtlintError) as caught:
        blob.connect(container, print)
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("connection", "container", "words"),
    [
        (
            f"AccountName=acc;SharedAccessSignature=sig={SECRET}",
            "con",
            "no AccountName and AccountK",
        ),
        (SECRET, "con", "no AccountName and AccountKey, which links are signed with"),
        (f"AccountName=acc;AccountKey={SECRET}", "c", "'c' is no name of a container"),
        (f"AccountName=b;AccountKey={SECRET}", f"{ACCOUNT}/con", f"and {CONNECTION} for b; give"),
        (
            f"AccountName=acc;AccountKey={SECRET};DefaultEndpointsProtocol=http",
            "con",
            "is not encrypted",
        ),
        (f"AccountName=acc;AccountKey=-{SECRET}", "con", "is not whole (it is no base64)"),
    ],
)
def test_what_is_no_connection_string(
    connection: str, container: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONNECTION, connection)
    with pytest.raises(FtlintError) as caught:
        blob.connect(container, print)
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("suffix", ["", ";EndpointSuffix=core.usgovcloudapi.net"])
def test_a_connection_string_names_the_cloud(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONNECTION, f"AccountName=acc;AccountKey={SECRET}{suffix}")
    with connected("con") as there:
        assert there.host == f"acc.blob.{suffix.partition('=')[2] or 'core.windows.net'}"
        link = there.link("a.jsonl")
    assert link.startswith(f"https://{there.host}/con/a.jsonl?")
    assert parse_qs(urlsplit(link).query)["spr"] == ["https"]
