"""The service that a command talks to: its options, client, ledger and log."""

from __future__ import annotations

import shlex
from functools import partial
from typing import Any, NamedTuple, Self

from ftlint.cli.options import NO_PROGRESS, OUTPUT_FORMAT, PROFILE
from ftlint.cli.output import say
from ftlint.cli.params import SERVICE, Options, option, option_class, seconds
from ftlint.config.config import DEFAULT_PROFILE
from ftlint.config.profile import Profile, load_profile
from ftlint.core.errors import FtlintError
from ftlint.rules import load_rules
from ftlint.training.ledger import FOLDER, Ledger
from ftlint.training.providers import Target, connect, find
from ftlint.training.providers.client import Api

service_option = partial(option, section=SERVICE)


@option_class
class LedgerOptions(Options):
    """A profile, and the folder where uploads and jobs are recorded."""

    profile: str = PROFILE
    endpoint: str | None = None
    api_version: str | None = None
    state: str = service_option(
        "Folder where uploads and jobs are recorded.", default=FOLDER, metavar="DIR"
    )

    def service(self, *, required: bool = True) -> tuple[Profile, Target]:
        """Return the profile, and where its service is; see `providers.find`."""
        profile = load_profile(self.profile, load_rules())
        if why := profile.check_only:
            words = f"{profile.title}: ftlint checks data for it, and sends nothing there yet"
            raise FtlintError(f"{words}: {why}")
        return profile, find(profile.upload, self.endpoint, self.api_version, needed=required)

    def jobs_command(self, name: str, job: str) -> str:
        """Return a command of `ftlint jobs` for a job of the same service, quoted for a shell."""
        words = ["ftlint", "jobs", name, job]
        for flag, value, default in (
            ("--profile", self.profile, DEFAULT_PROFILE),
            ("--endpoint", self.endpoint, None),
            ("--api-version", self.api_version, None),
            ("--state", self.state, FOLDER),
        ):
            if value is not None and value != default:
                words += [flag, value]
        return shlex.join(words)


@option_class
class ServiceOptions(LedgerOptions):
    """Which service is used. Keys come from the environment, or from Entra ID."""

    endpoint: str | None = service_option(
        "Address of the service.  [default: AZURE_OPENAI_ENDPOINT or OPENAI_BASE_URL]",
        metavar="URL")  # fmt: skip
    api_version: str | None = service_option("API version, one of those in the profile.",
                                             metavar="VERSION")  # fmt: skip


QUIET: Any = option("Print results and errors only.", "-q", "--quiet", count=True)
VERBOSE: Any = option("Log every request to stderr.", "-v", "--verbose", count=True)


@option_class
class StageOptions(ServiceOptions):
    """The service that a command talks to, and how result and progress are printed."""

    quiet: int = QUIET
    verbose: int = VERBOSE
    no_progress: bool = NO_PROGRESS
    output_format: str = OUTPUT_FORMAT

    @property
    def verbosity(self) -> int:
        """The number of -v minus that of -q."""
        return self.verbose - self.quiet

    @property
    def progress(self) -> bool:
        """Whether a progress bar is shown."""
        return not (self.no_progress or self.quiet)


@option_class
class PollOptions(Options):
    """How often a service is polled."""

    poll: float = seconds("Polling interval.", section=SERVICE, default=10.0)


class Log(NamedTuple):
    """A `ProgressLog` on standard error, without secrets; `verbosity` is -1 for none, 1 for all."""

    verbosity: int

    def info(self, message: str) -> None:
        """Log a step."""
        if self.verbosity >= 0:
            say(message)

    def debug(self, message: str) -> None:
        """Log a request."""
        if self.verbosity > 0:
            self.info(message)


class Remote:
    """The service that the options name; making it sends no request.

    With `sends` false it is only described: it needs no key, nor, for an example, an address.
    """

    def __init__(self, service: ServiceOptions, verbosity: int, *, sends: bool = True) -> None:
        self.profile, self.target = service.service(required=sends)
        self.log = Log(verbosity)
        self.ledger = Ledger(service.state, self.log.info)
        self._api = connect(self.target, self.log) if sends else None
        self._logged = False

    @property
    def api(self) -> Api:
        """The client; its host is logged at first use. Raises `RuntimeError` if nothing is sent."""
        if self._api is None:
            raise RuntimeError("nothing is to be sent")
        if not self._logged:
            self._logged = True
            self.log.info(f"service: {self._api.host} (API {self._api.version})")
        return self._api

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._api is not None:
            self._api.close()
