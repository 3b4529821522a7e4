"""Where requests go, and how they are signed: addresses, keys, tokens, missing packages."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ftlint.cli import run
from ftlint.config.profile import load_profile
from ftlint.core.errors import FtlintError, Unauthorized
from ftlint.core.rule import RULES
from ftlint.training.providers import azure, find, openai_, retry
from ftlint.training.providers.endpoint import Endpoint, read_endpoint
from tests.support.helpers import one_line
from tests.support.stub import DATED, KEY, Asked, Said, reach, stub

EMPTY = {"object": "list", "data": []}


def nothing(_: Asked) -> Said:
    return Said(EMPTY)


@pytest.fixture(autouse=True)
def _signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a key, and nothing else that the environment may hold."""
    for name in (
        "AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_ENDPOINT", "OPENAI_BASE_URL", "OPENAI_ORG_ID",
        "OPENAI_ADMIN_KEY", "OPENAI_CUSTOM_HEADERS", "http_proxy", "HTTP_PROXY", "ALL_PROXY",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(retry, "sleep", lambda _: None)


@pytest.mark.parametrize(
    ("given", "base", "host"),
    [
        ("https://name.openai.azure.com", "https://name.openai.azure.com", "name.openai.azure.com"),
        ("https://name.openai.azure.com/", "https://name.openai.azure.com", None),
        ("https://name.openai.azure.com/openai", "https://name.openai.azure.com", None),
        ("https://name.openai.azure.com/openai/", "https://name.openai.azure.com", None),
        ("https://name.openai.azure.com/openai/v1", "https://name.openai.azure.com", None),
        ("https://name.openai.azure.com/openai/v1/", "https://name.openai.azure.com", None),
        (" https://name.openai.azure.com \n", "https://name.openai.azure.com", None),
        ("https://proxy.example/team/openai/v1", "https://proxy.example/team", "proxy.example"),
        ("HTTPS://Name.example:8443", "https://Name.example:8443", "name.example:8443"),
        ("http://127.0.0.1:8017", "http://127.0.0.1:8017", "127.0.0.1:8017"),
        ("http://127.5.5.5", "http://127.5.5.5", "127.5.5.5"),
        ("http://LOCALHOST:1/", "http://LOCALHOST:1", "localhost:1"),
        ("http://[::1]:8017/openai", "http://[::1]:8017", "[::1]:8017"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]", "[2001:db8::1]"),
        ("https://münchen.example", "https://münchen.example", "münchen.example"),
    ],
)
def test_an_address_is_read(given: str, base: str, host: str | None) -> None:
    found = read_endpoint(given, "VARIABLE", azure.TAILS)
    assert (found.base, found.host) == (base, host or "name.openai.azure.com")
    assert f"{found.base}{found.tail}" == given.strip().rstrip("/").replace("HTTPS", "https")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("name.openai.azure.com", "not a service URL"),
        ("ftp://name.example", "not a service URL"),
        ("file:///etc/passwd", "not a service URL"),
        ("https://", "not a service URL"),
        ("https:///openai", "not a service URL"),
        ("https://a b.example", "not a service URL"),
        ("https://a\\.example", "not a service URL"),
        ("https://a%2e.example", "not a service URL"),
        ("https://*.example", "not a service URL"),
        ("https://a\x00.example", "not a service URL"),
        ("https://a..example", "not a URL"),
        ("https://" + "a" * 64 + ".example", "not a URL"),
        ("https://[::1", "not a URL"),
        ("https://name.example:99999", "not a URL"),
        ("https://name.example:port", "not a URL"),
        ("https://user@name.example", "has credentials, a query or a fragment"),
        ("https://user:word@name.example", "has credentials, a query or a fragment"),
        ("https://@name.example", "has credentials, a query or a fragment"),
        ("https://name.example?api-version=v1", "has credentials, a query or a fragment"),
        ("https://name.example#part", "has credentials, a query or a fragment"),
        ("http://name.openai.azure.com", "not encrypted"),
        ("http://10.0.0.1", "not encrypted"),
        ("http://0.0.0.0:80", "not encrypted"),
        ("http://127.0.0.1.example", "not encrypted"),
        ("http://localhost.example", "not encrypted"),
        ("http://2130706433", "not encrypted"),
        ("http://[::ffff:10.0.0.1]", "not encrypted"),
    ],
)
def test_what_is_no_safe_address_is_refused(
    given: str, why: str, capsys: pytest.CaptureFixture[str], in_tmp: Path
) -> None:
    with pytest.raises(FtlintError, match=why):
        read_endpoint(given, "VARIABLE", azure.TAILS)
    code = run(["jobs", "list", "--endpoint", given])
    assert code == 2
    assert why in one_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    "given",
    [
        "ftp://user:hidden-word@name.example",
        "https://user:hidden-word@name.example:99999",
        "https://hidden-word@name.example:99999",
        "https://name.example:x?code=hidden-word",
        "http://hidden-word@name.example",
        "https://name.example/#hidden-word",
    ],
)
def test_credentials_in_an_address_are_not_repeated(given: str) -> None:
    with pytest.raises(FtlintError) as caught:
        read_endpoint(given, "VARIABLE", azure.TAILS)
    assert "hidden-word" not in str(caught.value)
    assert "VARIABLE" in str(caught.value)


def test_without_an_address_the_variable_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["jobs", "list"]) == 2
    assert "set AZURE_OPENAI_ENDPOINT, or give --endpoint URL" in capsys.readouterr().err


def test_openai_has_an_address_of_its_own() -> None:
    upload = {"client": "openai", "default_version": "v1", "versions": ["v1"]}
    target = find(upload, None, None)
    assert target.host == "api.openai.com"
    assert target.url("/files") == "https://api.openai.com/v1/files"


def test_an_unknown_version_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["jobs", "list", "--endpoint", "http://127.0.0.1:1", "--api-version", "2099-01-01"])
    assert code == 2
    assert "use one of 2024-10-21, v1" in capsys.readouterr().err


@pytest.mark.parametrize("tail", ["", "/", "/openai"])
def test_azure_dated_sends_key_and_version(tail: str) -> None:
    with stub(nothing) as service, reach(service.address + tail) as api:
        list(api.files())
    (asked,) = service.asked
    assert asked.path == "/openai/files"
    assert f"api-version={DATED}" in asked.target
    assert asked.headers["api-key"] == KEY
    assert "authorization" not in asked.headers


def test_an_endpoint_that_ends_in_a_version_names_it() -> None:
    azure_upload = load_profile("azure", RULES).upload
    assert find(azure_upload, "https://name.example/openai/v1/", None).version == "v1"
    assert find(azure_upload, "https://name.example/openai/v1/", DATED).version == DATED
    assert find(azure_upload, "https://name.example/openai", None).version == DATED
    assert find(azure_upload, "https://gateway.example/team", None).host == "gateway.example/team"
    for tail in ("/openai/deployments/gpt", "/openai/v1/files"):
        with pytest.raises(FtlintError, match="continues after /openai"):
            find(azure_upload, f"https://name.example{tail}", None)


@pytest.mark.parametrize("tail", ["", "/", "/openai", "/openai/v1/"])
def test_azure_v1_sends_bearer_and_never_a_version(tail: str) -> None:
    with (
        stub(lambda _: Said({**EMPTY, "id": "x"})) as service,
        reach(service.address + tail, "v1") as api,
    ):
        list(api.files())
        list(api.jobs())
        api.create_job({"model": "m"})
    assert service.asked[0].path == "/openai/v1/files"
    for asked in service.asked:
        assert "api-version" not in asked.target
        assert asked.headers["authorization"] == f"Bearer {KEY}"
        assert "api-key" not in asked.headers


def test_openai_sends_bearer() -> None:
    with stub(nothing) as service, reach(f"{service.address}/v1", "v1", "openai") as api:
        list(api.files())
    (asked,) = service.asked
    assert asked.path == "/v1/files"
    assert asked.headers["authorization"] == f"Bearer {KEY}"


def test_an_address_may_be_ipv6_loopback() -> None:
    try:
        with stub(nothing, "::1") as service, reach(service.address) as api:
            list(api.files())
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert len(service.asked) == 1
    assert api.host.startswith("[::1]:")


@pytest.mark.parametrize("version", [DATED, "v1"])
def test_a_token_of_the_environment_is_sent_as_bearer(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_OPENAI_API_KEY")
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "token-0123456789")
    with stub(nothing) as service, reach(service.address, version) as api:
        list(api.files())
    (asked,) = service.asked
    assert asked.headers["authorization"] == "Bearer token-0123456789"
    assert "api-key" not in asked.headers


@pytest.mark.parametrize("version", [DATED, "v1"])
def test_a_key_wins_over_a_token(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "token-0123456789")
    with stub(nothing) as service, reach(service.address, version) as api:
        list(api.files())
    assert not any("token-" in value for value in service.asked[0].headers.values())


class Credential:
    """Entra ID as azure-identity finds it, without a network."""

    failure: Exception | None = None
    asked = 0

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """Give another token each time."""
        assert scopes == ("https://cognitiveservices.azure.com/.default",)
        Credential.asked += 1
        if self.failure:
            raise self.failure
        return SimpleNamespace(token=f"entra-{Credential.asked:016}", expires_on=0)

    def close(self) -> None:
        """Close nothing."""


@pytest.fixture
def entra(monkeypatch: pytest.MonkeyPatch) -> type[Credential]:
    """Sign in with Entra ID."""
    monkeypatch.delenv("AZURE_OPENAI_API_KEY")
    monkeypatch.setattr("azure.identity.DefaultAzureCredential", Credential)
    monkeypatch.setattr(Credential, "failure", None)
    monkeypatch.setattr(Credential, "asked", 0)
    return Credential


@pytest.mark.parametrize("version", [DATED, "v1"])
def test_entra_is_asked_for_a_token_at_each_request(version: str, entra: type[Credential]) -> None:
    with stub(nothing) as service, reach(service.address, version) as api:
        assert entra.asked == 0
        list(api.files())
        list(api.jobs())
    first, second = (asked.headers["authorization"] for asked in service.asked)
    assert first.startswith("Bearer entra-")
    assert first != second


@pytest.mark.parametrize("version", [DATED, "v1"])
@pytest.mark.parametrize("kind", ["azure", "value"])
def test_entra_without_a_token_is_exit_4_in_our_words(
    version: str,
    kind: str,
    entra: type[Credential],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from azure.core.exceptions import ClientAuthenticationError  # noqa: PLC0415 - slow to import

    words = "tried EnvironmentCredential, tenant hidden-tenant"
    failure = ClientAuthenticationError(words) if kind == "azure" else ValueError(words)
    monkeypatch.setattr(entra, "failure", failure)
    with stub(nothing) as service:
        code = run(["jobs", "list", "-vv", "--endpoint", service.address, "--api-version", version])
    logged = capsys.readouterr().err
    assert code == 4
    assert service.asked == []
    assert "Entra ID gives no token" in logged
    assert "set AZURE_OPENAI_API_KEY" in logged
    assert "hidden-tenant" not in logged


def test_entra_that_cannot_be_set_up_is_exit_4(
    entra: type[Credential], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ValueError("AZURE_AUTHORITY_HOST is not a URL: hidden-host")

    monkeypatch.setattr("azure.identity.DefaultAzureCredential", broken)
    assert run(["jobs", "list", "--endpoint", "http://127.0.0.1:1"]) == 4
    assert "hidden-host" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("missing", "profile", "code", "says"),
    [
        ("openai", "azure", 2, "pip install 'ftlint[upload]'"),
        ("openai", "openai", 2, "pip install 'ftlint[upload]'"),
        ("azure.identity", "azure", 4, "pip install 'ftlint[azure]'"),
    ],
)
def test_a_missing_package_is_named(
    missing: str,
    profile: str,
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if missing == "azure.identity":
        monkeypatch.delenv("AZURE_OPENAI_API_KEY")
    for name in [*sys.modules]:
        if name == missing or name.startswith(f"{missing}."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    arguments = ["jobs", "list", "--endpoint", "http://127.0.0.1:1", "--profile", profile]
    assert run(arguments) == code
    assert says in one_line(capsys.readouterr().err)


def test_openai_without_a_key_is_exit_4(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "  ")
    assert run(["jobs", "list", "--profile", "openai"]) == 4
    assert "no key: set OPENAI_API_KEY" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["schlüssel-0123456789", "key-01234\n56789", "key\x1b[31m-0123"])
def test_a_key_that_cannot_be_sent_is_refused_unseen(
    key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", key)
    assert run(["jobs", "list", "--endpoint", "http://127.0.0.1:1"]) == 4
    logged = capsys.readouterr().err
    assert "AZURE_OPENAI_API_KEY holds characters that no key has" in logged
    assert key not in logged
    assert "0123" not in logged


def test_white_space_around_a_key_is_not_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", f" {KEY}\n")
    with stub(nothing) as service, reach(service.address) as api:
        list(api.files())
    assert service.asked[0].headers["api-key"] == KEY


def test_a_proxy_does_not_see_what_goes_to_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    with stub(nothing) as service, stub(nothing) as proxy:
        monkeypatch.setenv("http_proxy", proxy.address)
        monkeypatch.setenv("ALL_PROXY", proxy.address)
        with reach(service.address) as api:
            list(api.files())
    assert len(service.asked) == 1
    assert proxy.asked == []


@pytest.mark.parametrize("version", [DATED, "v1"])
def test_the_sdk_tries_nothing_again_and_follows_no_redirect(version: str) -> None:
    where = Endpoint("https://name.example", "name.example")
    log = logging.getLogger("service")
    for made in (azure.sdk(where, version, log), openai_.sdk(where, version, log)):
        assert made.max_retries == 0
        assert made._client.follow_redirects is False  # noqa: SLF001 - no other way to ask
        made.close()


def test_signing_in_is_told_without_the_key() -> None:
    logged: list[str] = []
    with stub(nothing) as service, reach(service.address, log=logged.append) as api:
        list(api.files())
    assert logged[0].endswith("signing in with a key")
    assert KEY not in "".join(logged)


def test_no_key_is_asked_for_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    upload = {"client": "openai", "default_version": "v1", "versions": ["v1"]}
    assert find(upload, None, None).host == "api.openai.com"
    with pytest.raises(Unauthorized), reach("http://127.0.0.1:1", "v1", "openai"):
        pass
