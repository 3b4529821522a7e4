"""Rules on image parts: their shape, their number, and the jobs that accept them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from ftlint.config import models
from ftlint.core.edits import Fix, SetValue, WrapValue
from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.rule import Options
from ftlint.core.text import show
from ftlint.formats.images import Picture
from ftlint.formats.schema import SchemaFault
from ftlint.rules.context import Conversation, InputFacts
from ftlint.rules.declare import rule
from ftlint.rules.events import Event


@rule("image-outside-user-message", severity="error", on=Event.SCHEMA, tags=["vision"])
def image_outside_user_message(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """Images stand in user messages only.

    Azure's and OpenAI's vision guides: "cannot include images as output from messages with the
    assistant role"; Together: "only user messages can contain images".
    """
    yield Hit(fault.pointer[:-1], "an image in a message that is not the user's")


@rule("image-url-not-object", severity="error", on=Event.SCHEMA, tags=["vision"], fixable=True)
def image_url_not_object(fault: SchemaFault, options: Options) -> Iterator[Hit]:
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


@rule("invalid-detail", severity="error", on=Event.SCHEMA, tags=["vision"])
def invalid_detail(fault: SchemaFault, options: Options) -> Iterator[Hit]:
    """`detail` is low, high or auto, and stands inside `image_url`.

    OpenAI's API description and the vision guides.
    """
    if fault.keyword == "not":
        message = "detail stands beside image_url, expected inside it"
        yield Hit(fault.pointer, message, on_key=True)
    else:
        message = f"detail {show(fault.instance)} is not one of {', '.join(fault.expected)}"
        yield Hit(fault.pointer, message)


@rule("too-many-images-per-example", severity="error", on=Event.IMAGES, tags=["vision"],
      cases={"older-limit": "warning"}, options={"maximum": int, "older": int})  # fmt: skip
def too_many_images_per_example(
    example: Example, talk: Conversation, pictures: list[Picture], options: Options
) -> Iterator[Hit]:
    """An example holds no more images than the service takes.

    OpenAI's guide and Together's client: 10. Azure's guide of 2026: 64; a table in that of 2025
    named 10, so more than that are a warning there (`older-limit`).
    """
    count, maximum = len(pictures), options["maximum"]
    older = options.get("older", maximum)
    if count > maximum:
        message = f"{count} images in the example, the service takes {maximum}"
        yield Hit(
            pictures[maximum].pointer[:-1], message, help="split the example, or leave some out"
        )
    elif count > older:
        message = f"{count} images in the example; an older limit was {older}"
        yield Hit(pictures[older].pointer[:-1], message, case="older-limit")


@rule("too-many-image-examples", severity="error", on=Event.DATASET_IMAGES, tags=["vision"],
      options={"maximum": int})  # fmt: skip
class TooManyImageExamples:
    """A file has no more examples with images than the service takes.

    Azure's and OpenAI's vision guides: 50,000. Examples without images do not count.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.examples = 0

    def add(self, example: Example) -> None:
        """Count an example with images."""
        self.examples += 1

    def merge(self, other: Self) -> Self:
        """Return the count of both parts."""
        merged = type(self)(self.options)
        merged.examples = self.examples + other.examples
        return merged

    def finish(self, facts: InputFacts) -> Iterator[Hit]:
        """Compare the count with the limit."""
        maximum = self.options["maximum"]
        if self.examples > maximum:
            message = f"{self.examples:,} examples with images, the service takes {maximum:,}"
            yield Hit(None, message, help="split the data, or leave examples out")


@rule("model-not-vision-finetunable", severity="error", on=Event.IMAGES, tags=["vision"],
      once=True, job=["model"], options={"models": list})  # fmt: skip
def model_not_vision_finetunable(
    example: Example, talk: Conversation, pictures: list[Picture], options: Options
) -> Iterator[Hit]:
    """A model that is trained on images learns from images.

    Azure's vision guide names gpt-4o and gpt-4.1, OpenAI's gpt-4o; the table of models in ftlint
    says so with its sources. Silent without `--model`, and for a model that is not known.
    """
    model = options.get("model")
    if model is None or model["id"] is None:
        return
    able = options.get("models") or [name for name in models.names() if models.find(name)["vision"]]
    if model["id"] not in able:
        message = f"the model {show(model['name'])} does not learn from images"
        yield Hit(pictures[0].pointer[:-1], message, help=f"models that do: {', '.join(able)}")


@rule("images-in-dpo-or-rft", severity="warning", on=Event.IMAGES, tags=["vision"],
      formats=["preference", "reinforcement"])  # fmt: skip
def images_in_dpo_or_rft(
    example: Example, talk: Conversation, pictures: list[Picture], options: Options
) -> Iterator[Hit]:
    """Data for preference and reinforcement fine-tuning holds no images.

    Azure's guide to preference fine-tuning is about text alone, and its vision guide about
    supervised fine-tuning alone. No refusal has been seen.
    """
    method = "preference" if "input" in talk.pointer else "reinforcement"
    message = f"an image in data for {method} fine-tuning, documented for text alone"
    yield Hit(pictures[0].pointer[:-1], message)


@rule("mixed-text-and-parts", severity="error", on=Event.IMAGES, tags=["vision"],
      fixable=True)  # fmt: skip
def mixed_text_and_parts(
    example: Example, talk: Conversation, pictures: list[Picture], options: Options
) -> Iterator[Hit]:
    """Where one message of an example holds images, all messages are lists of parts.

    Together's client: messages "must be either all in multimodal or all in text-only format".
    Azure and OpenAI take both together.

    The fix writes a text as a list of one part; it is safe.
    """
    for index, message in enumerate(talk.messages):
        if isinstance(message, dict) and isinstance(message.get("content"), str):
            at = (*talk.pointer, index, "content")
            wrap = WrapValue(at, b'[{"type": "text", "text": ', b"}]")
            fix = Fix("write the text as a part", safe=True, edits=(wrap,))
            words = "content is a string beside messages with images, expected a list of parts"
            yield Hit(at, words, fix=fix)


@rule("weight-with-images", severity="error", on=Event.IMAGES, tags=["vision", "weights"],
      cases={"elsewhere": "warning"})  # fmt: skip
def weight_with_images(
    example: Example, talk: Conversation, pictures: list[Picture], options: Options
) -> Iterator[Hit]:
    """A message with images has no weight other than 0.

    Together's client: "Messages with images cannot have non-zero weights." Whether that means the
    other messages of the example too is not clear: there it is a warning (`elsewhere`).
    """
    pictured = {picture.pointer[len(talk.pointer)] for picture in pictures}
    for index, message in enumerate(talk.messages):
        weight = message.get("weight") if isinstance(message, dict) else None
        if isinstance(weight, int | float) and weight:
            at = (*talk.pointer, index, "weight")
            if index in pictured:
                yield Hit(at, f"weight {show(weight)} on a message with images, expected 0")
            else:
                words = f"weight {show(weight)} in an example with images"
                yield Hit(at, words, case="elsewhere")


@rule("face-or-captcha-reminder", severity="info", on=Event.IMAGES, tags=["vision"], once=True)
def face_or_captcha_reminder(
    example: Example, talk: Conversation, pictures: list[Picture], options: Options
) -> Iterator[Hit]:
    """Images show no people, no faces and no CAPTCHAs, for the service leaves those out.

    Azure's and OpenAI's vision guides: such images are excluded and not trained on. A reminder,
    given once: nothing here looks at what the images show.
    """
    message = "images of people, faces and CAPTCHAs are left out of training by the service"
    yield Hit(pictures[0].pointer[:-1], message)
