"""Images: the shape of the parts that hold them."""

from __future__ import annotations

from collections.abc import Iterator

from ftlint.locate import show
from ftlint.model import Fix, Hit, SetValue
from ftlint.registry import Options, rule
from ftlint.schema import Fault


@rule("image-outside-user-message", severity="error", on="schema", tags=["vision"])
def image_outside_user_message(fault: Fault, options: Options) -> Iterator[Hit]:
    """Images stand in user messages only.

    Azure's and OpenAI's vision guides: "cannot include images as output from messages with the
    assistant role"; Together: "only user messages can contain images".
    """
    yield Hit(fault.pointer[:-1], "an image in a message that is not the user's")


@rule("image-url-not-object", severity="error", on="schema", tags=["vision"], fixable=True)
def image_url_not_object(fault: Fault, options: Options) -> Iterator[Hit]:
    """`image_url` is an object that holds the URL.

    OpenAI's API description; Together's client checks it too.

    The fix wraps the URL as `{"url": ...}`; it is safe.
    """
    fix = Fix(
        'write {"url": ...}',
        safe=True,
        edits=(SetValue(fault.pointer, {"url": fault.instance}),),
    )
    yield Hit(fault.pointer, "image_url is a string, expected an object with url", fix=fix)


@rule("invalid-detail", severity="error", on="schema", tags=["vision"])
def invalid_detail(fault: Fault, options: Options) -> Iterator[Hit]:
    """`detail` is low, high or auto, and stands inside `image_url`.

    OpenAI's API description and the vision guides.
    """
    if fault.keyword == "not":
        message = "detail stands beside image_url, expected inside it"
        yield Hit(fault.pointer, message, on_key=True)
    else:
        message = f"detail {show(fault.instance)} is not one of {', '.join(fault.expected)}"
        yield Hit(fault.pointer, message)
