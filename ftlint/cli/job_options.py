"""Options that the commands of `ftlint jobs` have in common."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from ftlint.cli.options import options_of, profile_option
from ftlint.cli.remote import remote_options, talk_options
from ftlint.config import DEFAULT_PROFILE
from ftlint.ledger import FOLDER

job_options = options_of(profile_option, remote_options, talk_options)
"""Which service is asked, and how that is told."""


def command_for(name: str, job: str, options: Mapping[str, Any]) -> str:
    """Write a command of `ftlint jobs` about a job of the same service, for a shell."""
    words = ["ftlint", "jobs", name, job]
    defaults = {"profile": DEFAULT_PROFILE, "endpoint": None, "api_version": None, "state": FOLDER}
    for key, default in defaults.items():
        if options[key] != default:
            words += [f"--{key.replace('_', '-')}", options[key]]
    return shlex.join(words)
