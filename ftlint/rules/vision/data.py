"""Rules on images in data URIs: encoding, format, size, colours."""

from __future__ import annotations

from collections.abc import Iterator

from ftlint.core.edits import Change, Fix, SetValue, WrapValue
from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.rule import Options
from ftlint.core.text import show
from ftlint.formats import images
from ftlint.formats.images import Picture
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_MODES = {
    "1": "black and white",
    "L": "grayscale",
    "LA": "grayscale with alpha",
    "I;16": "grayscale of 16 bits",
    "P": "a palette",
    "CMYK": "for print",
}


@rule("malformed-data-uri", severity="error", on=Event.IMAGE, tags=["vision"],
      cases={"letter-case": "warning"})  # fmt: skip
def malformed_data_uri(example: Example, picture: Picture, options: Options) -> Iterator[Hit]:
    """The data URI of an image begins with `data:image/<format>;base64,`.

    Together's client compares the beginning, letter by letter, and refuses all else: "the `url`
    field must be either a JPEG, PNG or WEBP base64-encoded image". That Azure and OpenAI are as
    strict is an inference from their guides, which show no other form. Standards allow capital
    letters: those are a warning (`letter-case`).
    """
    url = picture.url
    if not images.is_data(url) or images.PREFIX.match(url):
        return
    head = url[:100].partition(",")[0]
    message = f"data URI begins with {show(head, 32)}, expected data:image/<format>;base64,"
    case = "letter-case" if images.PREFIX.match(url[:100].lower()) else ""
    yield Hit(picture.url_pointer, message, case=case)


@rule("invalid-base64", severity="error", on=Event.IMAGE, tags=["vision"], fixable=True)
def invalid_base64(example: Example, picture: Picture, options: Options) -> Iterator[Hit]:
    """The payload of a data URI is base64, in the standard alphabet and padded.

    White space, the alphabet for URLs and missing padding are what strict decoders refuse. An
    inference: the services skip what they cannot read as an image.

    The fix takes white space out, writes the standard alphabet and pads; it is safe, and offered
    only where the result decodes.
    """
    match = images.PREFIX.match(picture.url)
    if match is None or images.read(picture.url) is not None:
        return
    payload = picture.url[match.end() :]
    repaired = images.repair_base64(payload)
    fix = None
    if repaired is not None:
        value = SetValue(picture.url_pointer, match[0] + repaired)
        fix = Fix("write it as plain base64", safe=True, edits=(value,))
    yield Hit(picture.url_pointer, f"the base64 is {images.base64_fault(payload)}", fix=fix)


@rule("image-too-large", severity="error", on=Event.IMAGE, tags=["vision"],
      cases={"near-limit": "warning"}, options={"maximum": int, "near": int})  # fmt: skip
def image_too_large(example: Example, picture: Picture, options: Options) -> Iterator[Hit]:
    """An image is not larger than the service takes.

    Azure's and OpenAI's guides: at most 10 MB; larger ones are skipped. Whether a megabyte is
    1,000,000 or 1,048,576 bytes is not said, and Together counts the latter, so what lies between
    is a warning (`near-limit`). What counts is the bytes, after base64 is decoded.
    """
    image = images.read(picture.url)
    if image is None:
        return
    if image.size > options["maximum"]:
        message = f"the image has {image.size:,} bytes, over {options['maximum']:,}"
        yield Hit(picture.url_pointer, message, help="scale it down, or compress it more")
    elif image.size > options["near"]:
        message = f"the image has {image.size:,} bytes; the limit may be {options['near']:,}"
        yield Hit(picture.url_pointer, message, case="near-limit")


@rule("unsupported-image-format", severity="error", on=Event.IMAGE, tags=["vision"],
      options={"formats": list})  # fmt: skip
def unsupported_image_format(example: Example, picture: Picture, options: Options) -> Iterator[Hit]:
    """An image has a format that the service takes.

    Azure's and OpenAI's guides: JPEG, PNG or WEBP; other images are skipped ("invalid image
    format"). Together names the same three, Fireworks JPEG and PNG. What counts is the bytes of
    the image, not what the URI says of them.
    """
    image = images.read(picture.url)
    if image is not None and image.format and image.format not in options["formats"]:
        wanted = ", ".join(known.upper() for known in options["formats"])
        yield Hit(
            picture.url_pointer, f"the image is {image.format.upper()}, expected one of {wanted}"
        )


@rule("image-mime-mismatch", severity="warning", on=Event.IMAGE, tags=["vision"],
      cases={"loose-name": "warning"}, options={"formats": list}, fixable=True)  # fmt: skip
def image_mime_mismatch(example: Example, picture: Picture, options: Options) -> Iterator[Hit]:
    """A data URI says of what format its image is.

    `image/jpg` for JPEG is no registered type (`loose-name`): Together refuses it, Fireworks takes
    it. That the services mind a wrong type otherwise is an inference.

    The fix writes the type of the bytes; it is safe.
    """
    image = images.read(picture.url)
    match = images.PREFIX.match(picture.url)
    if match is None or image is None or image.format not in options["formats"]:
        return
    claimed = images.MIME.get(image.claimed, image.claimed)
    if claimed == image.format:
        return
    written = f"data:image/{image.format};base64,"
    value = SetValue(picture.url_pointer, written + picture.url[match.end() :])
    fix = Fix(f"write image/{image.format}", safe=True, edits=(value,))
    name = f"image/{match[1][:40]}"
    if images.LOOSE.get(claimed) == image.format:
        message = f"{name} is not a registered type, expected image/{image.format}"
        yield Hit(picture.url_pointer, message, case="loose-name", fix=fix)
    else:
        message = f"the data URI says {name}, but the image is {image.format.upper()}"
        yield Hit(picture.url_pointer, message, fix=fix)


@rule("corrupt-image", severity="error", on=Event.IMAGE, tags=["vision"],
      cases={"huge": "warning"}, options={"maximum": int})  # fmt: skip
def corrupt_image(example: Example, picture: Picture, options: Options) -> Iterator[Hit]:
    """An image can be read: its header is whole, and so is its end.

    Pixels are not decoded. An inference: what no program can open is skipped. Images of more
    pixels than Pillow opens (`huge`) may be as well.
    """
    image = images.read(picture.url)
    if image is None:
        return
    if image.fault:
        yield Hit(picture.url_pointer, f"the image is {image.fault}")
    elif image.width * image.height > options["maximum"]:
        size = f"{image.width:,} x {image.height:,}"
        message = f"the image has {size} pixels, over {options['maximum']:,} in all"
        yield Hit(picture.url_pointer, message, case="huge")


@rule("image-mode", severity="error", on=Event.IMAGE, tags=["vision"],
      cases={"sixteen-bits": "warning"}, options={"modes": list})  # fmt: skip
def image_mode(example: Example, picture: Picture, options: Options) -> Iterator[Hit]:
    """The colours of an image are RGB or RGBA.

    Azure's and OpenAI's vision guides: "Images must be in the RGB or RGBA image mode"; other
    images are skipped. The modes are those that Pillow reads from the header. Colours of 16 bits
    are RGB to Pillow, so they are a warning (`sixteen-bits`).
    """
    image = images.read(picture.url)
    if image is None or image.fault or not image.mode:
        return
    wanted = " or ".join(options["modes"])
    if image.mode not in options["modes"]:
        mode = f"{image.mode} ({_MODES.get(image.mode, 'other colours')})"
        yield Hit(picture.url_pointer, f"the image is in mode {mode}, expected {wanted}")
    elif image.bits > 8:
        message = f"the image has {image.bits} bits for each colour, expected 8"
        yield Hit(picture.url_pointer, message, case="sixteen-bits")


@rule("expensive-detail", severity="info", on=Event.IMAGE, tags=["vision"],
      options={"pixels": int, "low": int}, fixable=True)  # fmt: skip
def expensive_detail(example: Example, picture: Picture, options: Options) -> Iterator[Hit]:
    """A large image asks for low detail, if that is enough to learn from.

    Azure's and OpenAI's guides: an image at low detail counts as 85 tokens, however large; without
    `detail`, with auto or high it counts by its tiles of 512 pixels.

    The fix sets `detail` to low; it is unsafe, for the model then sees less.
    """
    image = images.read(picture.url)
    if image is None or image.fault or picture.detail == "low":
        return
    if max(image.width, image.height) > options["pixels"]:
        change: Change = WrapValue(picture.url_pointer, b"", b', "detail": "low"')
        if picture.detail is not None:
            change = SetValue((*picture.pointer, "detail"), "low")
        size = f"{image.width:,} x {image.height:,} pixels"
        message = f"{size} at detail {picture.detail or 'auto'}; low costs {options['low']} tokens"
        fix = Fix("set detail to low", safe=False, edits=(change,))
        yield Hit(picture.url_pointer, message, fix=fix)
