"""What is read of images: headers and ends, on sound, cut and hostile bytes."""

from __future__ import annotations

import base64
import io
import struct
import subprocess
import sys
import tracemalloc
import warnings
import zlib
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

import ftlint
from ftlint.config.config import resolve
from ftlint.core.rule import RULES
from ftlint.formats import images
from tests.conftest import FIXTURES

FORMATS = {"PNG": "png", "JPEG": "jpeg", "WEBP": "webp"}


def made(format_: str, mode: str = "RGB", size: tuple[int, int] = (12, 7), **more: Any) -> bytes:
    stream = io.BytesIO()
    Pillow.new(mode, size).save(stream, format_, **more)
    return stream.getvalue()


def uri(data: bytes, claimed: str = "png") -> str:
    return f"data:image/{claimed};base64,{base64.b64encode(data).decode()}"


def read(data: bytes) -> images.Image:
    found = images.read(uri(data))
    assert found is not None
    return found


@pytest.mark.parametrize("format_", FORMATS)
def test_size_and_mode_are_those_that_pillow_finds(format_: str) -> None:
    for mode in ("RGB", "RGBA", "L", "CMYK"):
        if format_ == "JPEG" and mode == "RGBA":
            continue
        if format_ == "PNG" and mode == "CMYK":
            continue
        data = made(format_, mode)
        opened = Pillow.open(io.BytesIO(data))
        found = read(data)
        assert (found.format, found.size) == (FORMATS[format_], len(data))
        assert ((found.width, found.height), found.mode) == (opened.size, opened.mode)
        assert not found.fault


@pytest.mark.parametrize("more", [{"lossless": True}, {"quality": 10}, {"save_all": True}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (129, 3), (3, 16_383)])
def test_every_kind_of_webp_is_read(mode: str, size: tuple[int, int], more: Any) -> None:
    data = made("WEBP", mode, size, **more)
    found = read(data)
    assert (found.width, found.height) == size
    assert found.mode == Pillow.open(io.BytesIO(data)).mode
    assert not found.fault


@pytest.mark.parametrize("format_", FORMATS)
def test_a_cut_image_is_found_wherever_it_is_cut(format_: str) -> None:
    data = made(format_, size=(40, 30))
    assert not read(data).fault
    for length in range(16, len(data)):
        assert read(data[:length]).fault, length


def test_bytes_after_the_end_of_an_image_do_no_harm() -> None:
    for format_ in FORMATS:
        assert not read(made(format_) + b"\x00\xff\xda motion photo").fault


def test_the_end_of_a_thumbnail_is_not_that_of_the_photo() -> None:
    data = made("JPEG")
    thumbnail = b"\xff\xe1" + struct.pack(">H", 2 + len(data)) + data
    photo = data[:2] + thumbnail + data[2:]
    assert not read(photo).fault
    assert "EOI" in read(photo[:-2]).fault


def claiming(width: int, height: int) -> bytes:
    """Return a WebP file of thirty bytes that claims this canvas."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x10\x00\x00\x00" + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def png_claiming(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, body in ((b"IHDR", header), *chunks, (b"IDAT", zlib.compress(b"")), (b"IEND", b"")):
        crc = zlib.crc32(kind + body)
        parts.append(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc))
    return b"".join(parts)


def test_no_image_unfolds_in_memory() -> None:
    read(made("PNG"))  # Pillow is loaded
    text = b"Comment\x00\x00" + zlib.compress(bytes(64 << 20))
    bombs = [
        claiming(16_384, 16_384),
        png_claiming(60_000, 60_000),
        png_claiming(10, 10, *[(b"zTXt", text)] * 4),
        png_claiming(10, 10, (b"iCCP", text)),
    ]
    tracemalloc.start()
    for bomb in bombs:
        read(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20
    assert (read(bombs[1]).width, read(bombs[0]).height) == (60_000, 16_384)


@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_nothing_in_hostile_bytes_raises_or_warns(format_: str, data: st.DataObject) -> None:
    broken = bytearray(made(format_))
    for _ in range(data.draw(st.integers(1, 8))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = images.read(uri(bytes(broken)))
    assert found is not None
    assert found.fault or not found.format or found.width


@given(st.binary(max_size=64))
def test_base64_that_decodes_is_mended_back(data: bytes) -> None:
    plain = base64.b64encode(data).decode()
    url = base64.urlsafe_b64encode(data).decode().rstrip("=")
    assert images.decode(plain) == data
    assert images.repair_base64(url) == plain
    assert images.repair_base64(f" {plain[:5]}\r\n{plain[5:]}\n") == plain


@given(st.text(max_size=32))
def test_what_is_mended_decodes_and_what_does_not_is_explained(payload: str) -> None:
    mended = images.repair_base64(payload)
    assert mended is None or images.decode(mended) is not None
    if images.decode(payload) is None:
        assert images.base64_fault(payload)


def test_answers_are_kept_for_a_few_images_only() -> None:
    for number in range(1000):
        images.read(uri(b"%d" % number))
    assert len(images._cache) <= images._CACHE_SIZE  # noqa: SLF001 - the bound is not to be seen outside


def test_pillow_is_loaded_for_images_alone(tmp_path: Path) -> None:
    text = FIXTURES / "files" / "support-chat-good.jsonl"
    web = tmp_path / "web.jsonl"
    part = {"type": "image_url", "image_url": {"url": "https://images.contoso.com/1.png"}}
    answer = {"role": "assistant", "content": "Red."}
    messages = [{"role": "user", "content": [part]}, answer]
    web.write_bytes(orjson.dumps({"messages": messages}))
    part["image_url"] = {"url": uri(made("PNG"))}
    held = tmp_path / "held.jsonl"
    held.write_bytes(orjson.dumps({"messages": messages}))
    code = (
        "import sys, ftlint\n"
        "for path in sys.argv[1:]:\n"
        "    ftlint.check(path)\n"
        "    print('PIL' in sys.modules, 'http.client' in sys.modules, 'ssl' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(text), str(web), str(held)],
        capture_output=True,
        text=True,
        check=True,
    )
    expected = ["False False False", "False False False", "True False False"]
    assert done.stdout.splitlines() == expected


@pytest.mark.parametrize("profile", ["azure", "openai"])
def test_what_is_counted_as_skipped_is_what_the_rules_refuse(profile: str) -> None:
    options = resolve(RULES, profile=profile).options
    skipped = options["majority-images-skipped"]
    assert skipped["formats"] == options["unsupported-image-format"]["formats"]
    assert skipped["formats"] == options["image-mime-mismatch"]["formats"]
    assert skipped["modes"] == options["image-mode"]["modes"]
    assert skipped["maximum"] == options["image-too-large"]["maximum"]


def test_an_image_hides_no_fault_elsewhere(tmp_path: Path) -> None:
    """A broken message beside an image: the image is looked at all the same."""
    part = {"type": "image_url", "image_url": {"url": uri(made("GIF"), "gif")}}
    messages = [{"role": "user", "content": [part]}, {"role": "assistant", "content": 7}]
    path = tmp_path / "train.jsonl"
    path.write_bytes(orjson.dumps({"messages": messages}))
    report = ftlint.check(path, ignore=["missing-bom", "too-few-examples"])
    found = {finding.rule for finding in report.findings if finding.severity == "error"}
    assert found == {"content-wrong-type", "unsupported-image-format"}


def test_the_day_is_a_date_and_not_part_of_a_digest_unless_given() -> None:
    plain = resolve(RULES)
    assert "today" not in plain.job
    assert resolve(RULES, today="2026-11-20").job["today"] == "2026-11-20"
    assert resolve(RULES, today="2026-11-20").digest != plain.digest
    with pytest.raises(ftlint.core.errors.FtlintError, match="give a date as in"):
        resolve(RULES, today="tomorrow")


def test_a_url_expires_with_the_day(tmp_path: Path) -> None:
    url = "https://contoso.blob.core.windows.net/c/1.png?se=2026-06-30T12%3A00%3A00Z&sig=x"
    part = {"type": "image_url", "image_url": {"url": url}}
    messages = [{"role": "user", "content": [part]}, {"role": "assistant", "content": "Red."}]
    path = tmp_path / "train.jsonl"
    path.write_bytes(orjson.dumps({"messages": messages}))
    name = "url-not-publicly-reachable"
    for today, found in (("2026-06-30", 0), ("2026-07-01", 1)):
        report = ftlint.check(path, select=[name], today=today)
        assert [finding.rule for finding in report.findings] == [name] * found
