"""What the commands have in common that speak with a service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

import click

import ftlint.rules  # noqa: F401 - profiles name them
from ftlint.cli.options import options_of, progress_option, text_option
from ftlint.cli.seconds import SECONDS
from ftlint.ledger import FOLDER, Ledger
from ftlint.locate import sanitize
from ftlint.model import FtlintError
from ftlint.profile import Profile, load_profile
from ftlint.providers import Target, connect, find
from ftlint.providers.api import Api
from ftlint.redact import redact
from ftlint.registry import RULES

remote_options = options_of(
    click.option(
        "--endpoint",
        metavar="URL",
        help="Where the service is.  [default: AZURE_OPENAI_ENDPOINT or OPENAI_BASE_URL]",
    ),
    click.option(
        "--api-version", metavar="VERSION", help="The version of its API, as the profile has them."
    ),
    click.option(
        "--state",
        default=FOLDER,
        show_default=True,
        metavar="DIR",
        help="Where uploads and jobs are remembered.",
    ),
)
"""Which service is spoken with. Keys come from the environment, or from Entra ID."""

poll_option = click.option(
    "--poll",
    type=SECONDS,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Ask how far the service is, this often.",
)

voice_options = options_of(
    click.option("-q", "--quiet", count=True, help="Results and errors only."),
    click.option("-v", "--verbose", count=True, help="On stderr, every request too."),
)

talk_options = options_of(
    voice_options,
    progress_option,
    text_option,
)


class Voice(NamedTuple):
    """Tells on standard error what is done; `verbosity` is -1 for nothing, 1 for every request."""

    verbosity: int

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Read the options of the command line."""
        return cls(options["verbose"] - options["quiet"])

    def info(self, message: str) -> None:
        """Tell a step."""
        if self.verbosity >= 0:
            click.echo(redact(sanitize(message)), err=True)

    def progress(self, options: Mapping[str, Any]) -> Callable[[str], None]:
        """Return what tells how far a job is: nothing, with --no-progress."""
        return (lambda _: None) if options["no_progress"] else self.info

    def debug(self, message: str) -> None:
        """Tell a request."""
        if self.verbosity > 0:
            click.echo(redact(sanitize(message)), err=True)


def service_of(options: Mapping[str, Any], *, needed: bool = True) -> tuple[Profile, Target]:
    """Return the profile that the options name, and where its service is; see `providers.find`."""
    profile = load_profile(options["profile"], RULES)
    if why := profile.check_only:
        words = f"{profile.title}: ftlint checks data for it, and sends nothing there yet"
        raise FtlintError(f"{words}: {why}")
    target = find(profile.upload, options["endpoint"], options["api_version"], needed=needed)
    return profile, target


class Remote:
    """The service that the options name, from its profile; no request is sent by making it.

    With `sends` false it is only told of: it needs neither a key nor, to be an example, an address.
    """

    def __init__(self, options: Mapping[str, Any], voice: Voice, *, sends: bool = True) -> None:
        self.profile, self.target = service_of(options, needed=sends)
        self.ledger = Ledger(options["state"])
        self.voice = voice
        self._api = connect(self.target, voice) if sends else None
        self._told = False

    @property
    def api(self) -> Api:
        """The client; where it leads is said first. Raises `RuntimeError` if nothing is sent."""
        if self._api is None:
            raise RuntimeError("nothing is to be sent")
        if not self._told:
            self._told = True
            self.voice.info(f"service: {self._api.host} (API {self._api.version})")
        return self._api

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._api is not None:
            self._api.close()
