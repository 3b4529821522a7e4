"""Route blob: a file goes to Azure Blob Storage, and the service fetches it from there."""

from __future__ import annotations

from pathlib import Path

import pytest
from azure.storage.blob import ContainerClient

from tests.support.azurite import Azurite
from tests.support.contracts import MISSING, violations
from tests.support.service import GOOD, Serving, asked, files, result_of, serving

__all__ = ["serving"]


@pytest.fixture
def container(azurite: Azurite, monkeypatch: pytest.MonkeyPatch, in_tmp: Path) -> str:
    """Make an empty container, and have the environment lead there; return its URL."""
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", azurite.connection)
    name = f"c{abs(hash(str(in_tmp)))}"
    with ContainerClient.from_connection_string(
        azurite.connection, name, api_version="2025-11-05"
    ) as client:
        client.create_container()
    return f"{azurite.address}/{name}"


@pytest.mark.parametrize("reason", ["as requested", "has no uploads in parts"])
def test_a_file_is_imported_from_a_link_that_ends(
    serving: Serving,
    container: str,
    capsys: pytest.CaptureFixture[str],
    reason: str,
) -> None:
    train, profile = files()
    route = ("--route", "blob") if reason == "as requested" else ()
    arguments = ("upload", train, "--profile", profile, "--container", container, *route)
    with serving("POST /uploads status=404") as emulator:
        code, data = result_of(capsys, *arguments)
        (file,) = emulator.files.values()
        assert Path(file.path).read_bytes() == GOOD
        (sent,) = [each.body for each in emulator.exchanges if each.below == "/files/import"]
        if not MISSING:
            assert violations(emulator.exchanges) == []
        again = result_of(capsys, *arguments)[1]
        assert asked(emulator).count("/files/import") == 1
    assert code == 0
    assert data["files"][0]["route"] == "blob"
    assert reason in data["files"][0]["reason"]
    assert again["files"][0]["reused"] is True
    assert "sp=r&" in sent["content_url"]
    assert "sig=" not in capsys.readouterr().err
    assert "sig=" not in "".join(
        path.read_text() for path in Path(".ftlint").iterdir() if path.is_file()
    )


def test_an_import_whose_answer_is_lost_makes_no_second_file(
    serving: Serving, container: str, capsys: pytest.CaptureFixture[str]
) -> None:
    train, profile = files()
    arguments = ("--profile", profile, "--container", container, "--route", "blob")
    with serving("POST /files/import status=500 when=after times=1") as emulator:
        code, data = result_of(capsys, "upload", train, *arguments)
        assert code == 0, data
        assert len(emulator.files) == 1


def test_a_blob_needs_a_place(
    serving: Serving, in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, profile = files()
    with serving():
        code, data = result_of(capsys, "upload", train, "--profile", profile, "--route", "blob")
    assert code == 2
    assert "--container URL" in data["error"]["message"]
