"""Launch of a job on uploaded files: exactly one, whatever happens to the request."""

from __future__ import annotations

from ftlint.launch.body import JobSpec, body_of
from ftlint.launch.known import remembered
from ftlint.launch.reconcile import reconcile, unresolved
from ftlint.launch.start import Started, forget, start

__all__ = [
    "JobSpec",
    "Started",
    "body_of",
    "forget",
    "reconcile",
    "remembered",
    "start",
    "unresolved",
]
