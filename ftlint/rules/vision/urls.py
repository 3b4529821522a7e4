"""Rules on image URLs, which the service must be able to fetch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import blake2b
from typing import Any, Self

from ftlint.core.example import Example
from ftlint.core.finding import Hit
from ftlint.core.rule import Options
from ftlint.core.text import plain
from ftlint.formats import image_urls, images
from ftlint.formats.images import Picture
from ftlint.rules.context import InputFacts
from ftlint.rules.declare import rule
from ftlint.rules.events import Event

_COUNTED = 10_000
"""Different URLs up to which they are counted, while only the first few are tried."""


def _today(options: Options) -> date:
    given = options.get("today")
    return date.fromisoformat(given) if given else date.today()  # noqa: DTZ011 - the user's own day


class Tried:
    """The different URLs of images, of which the first are tried in the end.

    `first` are those to be tried, each with its first place: the offset (bytes) of the line, and
    its number among the images there. `seen` are hashes of all of them, up to a bound.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.first: dict[str, tuple[int, int]] = {}
        self.seen: set[bytes] = set()
        self.statistics: dict[str, Any] = {}

    def add(self, example: Example) -> None:
        """Add the URLs of an example."""
        if not self.options.get("check_urls"):
            return
        for number, picture in enumerate(images.in_example(example.data)):
            url = picture.url
            if image_urls.is_web(url) and image_urls.fault(url, _today(self.options)) is None:
                if len(self.seen) < _COUNTED:
                    self.seen.add(blake2b(url.encode(), digest_size=8).digest())
                if len(self.first) < self.options["urls"]:
                    self.first.setdefault(url, (example.offset, number))

    def merge(self, other: Self) -> Self:
        """Return the URLs of both parts: the first, by their places."""
        merged = type(self)(self.options)
        merged.seen = self.seen | other.seen
        places = dict(other.first)
        for url, place in self.first.items():
            places[url] = min(place, places.get(url, place))
        ordered = sorted(places.items(), key=lambda item: item[1])
        merged.first = dict(ordered[: self.options["urls"]])
        return merged

    def finish(self, facts: InputFacts) -> Iterator[Hit]:
        """Fetch the first URLs, and yield a hit for those that do not answer."""
        if not self.first:
            return
        limits = {key: self.options[key] for key in ("seconds", "at_once", "deadline")}
        results = image_urls.attempt(self.first, **limits)
        failed = {url: failure for url, failure in results.items() if failure}
        self.statistics = {
            "urls": min(len(self.seen), _COUNTED),
            "tried": len(results),
            "failed": len(failed),
        }
        if results and all(failure and failure.silent for failure in results.values()):
            number = "the image URL" if len(results) == 1 else f"any of {len(results)} image URLs"
            words = next(iter(failed.values())).words
            help_ = "try from a machine that reaches the internet without a proxy"
            message = f"no answer from {number}: {words}"
            yield Hit(None, message, help=help_, case="unreachable")
            return
        for url, failure in failed.items():
            message = f"{plain(url, 60)} cannot be fetched: {failure.words}"
            help_ = f"it stands first in the line at byte {self.first[url][0]:,}"
            yield Hit(None, message, help=help_, case="unreachable")


@rule("url-not-publicly-reachable", severity="error", on=Event.IMAGE,
      also={Event.DATASET_IMAGES: Tried}, tags=["vision"], job=["today", "check_urls"],
      cases={"private": "error", "expired": "error", "unreachable": "warning"},
      options={"urls": int, "seconds": int, "at_once": int, "deadline": int})  # fmt: skip
def url_not_publicly_reachable(
    example: Example, picture: Picture, options: Options
) -> Iterator[Hit]:
    """The URL of an image can be fetched from the internet.

    Azure's and OpenAI's guides: images are fetched by URL over HTTP or HTTPS, or stand in a data
    URI; one that cannot be had is skipped ("inaccessible URL"). Hosts of private networks
    (`private`) and signatures of shared access that have expired (`expired`, by `--today` or the
    day of the check) are told by the URL. `--check-urls` tries the others, a few at a time, and
    reports for the whole file those that do not answer (`unreachable`): a warning, for it may be
    this machine that cannot reach them.
    """
    if images.is_data(picture.url):
        return
    fault = image_urls.fault(picture.url, _today(options))
    if fault is not None:
        message = f"the URL of the image {fault.words}"
        yield Hit(picture.url_pointer, message, help=fault.help, case=fault.case)


@rule("remote-url-not-allowed", severity="error", on=Event.IMAGE, tags=["vision"])
def remote_url_not_allowed(example: Example, picture: Picture, options: Options) -> Iterator[Hit]:
    """Images stand in the file itself, as data URIs, where the service fetches none.

    Together's client and Fireworks' documents take data URIs only. Azure and OpenAI fetch images.
    """
    if image_urls.is_web(picture.url):
        message = "the image is a URL, expected data:image/<format>;base64,"
        yield Hit(picture.url_pointer, message, help="write the image itself as a data URI")


@rule("majority-images-skipped", severity="warning", on=Event.DATASET_IMAGES, tags=["vision"],
      job=["today"],
      options={"percent": int, "minimum": int,
               "formats": list, "modes": list, "maximum": int})  # fmt: skip
class Skipped:
    """Most images of a file are ones that the service reads.

    Images that are too large, of another format or mode, broken, or not to be fetched are skipped
    in silence, and the job goes on without them. An inference: a file in which more than half are
    skipped is not what was meant. Nothing is said of a file with a handful of images.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.images = self.skipped = 0

    def add(self, example: Example) -> None:
        """Count the images of an example."""
        for picture in images.in_example(example.data):
            self.images += 1
            self.skipped += self._is_skipped(picture.url)

    def merge(self, other: Self) -> Self:
        """Return the counts of both parts."""
        merged = type(self)(self.options)
        merged.images = self.images + other.images
        merged.skipped = self.skipped + other.skipped
        return merged

    def finish(self, facts: InputFacts) -> Iterator[Hit]:
        """Compare the counts."""
        enough = self.images >= self.options["minimum"]
        if enough and self.skipped * 100 > self.images * self.options["percent"]:
            counted = f"{self.skipped:,} of {self.images:,} images"
            yield Hit(None, f"{counted} would be skipped, over {self.options['percent']} %")

    def _is_skipped(self, url: str) -> bool:
        if not images.is_data(url):
            return image_urls.fault(url, _today(self.options)) is not None
        image = images.read(url)
        return (
            image is None
            or bool(image.fault)
            or image.format not in self.options["formats"]
            or image.mode not in self.options["modes"]
            or image.size > self.options["maximum"]
        )
