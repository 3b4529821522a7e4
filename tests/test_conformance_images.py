"""The conformance table, rows 73 to 79: images."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import A, Row, T, U, assistant, chat, hold, named, tenth, user

GPT = {"model": "gpt-4.1-2025-04-14"}
GIF = b"R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="


def image(url: bytes, more: bytes = b"") -> bytes:
    return b'{"type":"image_url","image_url":{"url":"%s"%s}}' % (url, more)


def asking(*parts: bytes) -> bytes:
    return user(b'"content":[' + b",".join(parts) + b"]")


WEB = image(b"https://images.contoso.com/1.png")

ROWS = (
    Row(
        "73",
        "an image in an answer",
        tenth(chat(U, assistant(b'"content":[%s]' % WEB))),
        errors=("image-outside-user-message",),
        choices=GPT,
    ),
    Row(
        "74a",
        "65 images in one example",
        tenth(chat(asking(*[WEB] * 65), A)),
        errors=("too-many-images-per-example",),
        choices=GPT,
    ),
    Row(
        "74b",
        "11 images in one example",
        tenth(chat(asking(*[WEB] * 11), A)),
        warnings=("too-many-images-per-example",),
        choices=GPT,
    ),
    Row(
        "75",
        "image_url as a string",
        tenth(
            chat(asking(b'{"type":"image_url","image_url":"https://images.contoso.com/1.png"}'), A)
        ),
        errors=("image-url-not-object",),
        fix="safe",
        choices=GPT,
    ),
    Row(
        "76",
        "a GIF in a data URI",
        tenth(chat(asking(image(b"data:image/gif;base64," + GIF)), A)),
        errors=("unsupported-image-format",),
        choices=GPT,
    ),
    Row(
        "77",
        "detail medium",
        tenth(chat(asking(image(b"https://images.contoso.com/1.png", b',"detail":"medium"')), A)),
        errors=("invalid-detail",),
        choices=GPT,
    ),
    Row(
        "78",
        "an image for a model that is not trained on images",
        tenth(chat(asking(WEB), A)),
        errors=("model-not-vision-finetunable",),
        choices={"model": "gpt-4.1-mini"},
    ),
    Row(
        "79",
        "an image of the web",
        tenth(chat(asking(WEB), A)),
        infos=("face-or-captcha-reminder",),
        choices=GPT,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_row(row: Row, in_tmp: Path) -> None:
    hold(row, in_tmp)


def test_images_and_tools_go_together(in_tmp: Path) -> None:
    data = tenth(chat(asking(WEB), A, more=b',"tools":' + T))
    hold(Row("79-tools", "an image and tools", data, warnings=(), choices=GPT), in_tmp)
