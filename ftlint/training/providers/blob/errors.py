"""Messages for errors of Azure Blob Storage, since those of the SDK may contain a signature."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ftlint.core.errors import Failure, Rejected, Unauthorized, Unreachable
from ftlint.training.providers.blob.account import Account
from ftlint.training.providers.errors import after, first_line, may_pass
from ftlint.training.providers.retry import Again

NO_CONTAINER = "ContainerNotFound"

_ROLE = "Storage Blob Data Contributor"
"""Built-in role of Azure that allows access to blobs and to user delegation keys."""


@contextmanager
def failure_of_blob(request: str, account: Account) -> Iterator[None]:
    """Convert exceptions of the SDK to a `Failure`; `request` describes the request."""
    from azure.core import exceptions  # noqa: PLC0415 - comes with the SDK, an extra

    host = account.host
    try:
        yield
    except exceptions.HttpResponseError as error:
        raise _refusal(request, account, error) from None
    except exceptions.ServiceRequestError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            hint = "set REQUESTS_CA_BUNDLE, if it is that of a proxy"
            raise Unreachable(f"{host}: its certificate is not trusted; {hint}") from None
        raise Again(f"{request}: no connection to {host}", sent=False) from None
    except exceptions.AzureError as error:
        late = isinstance(error, exceptions.ServiceResponseTimeoutError)
        why = "no answer in time" if late else "the connection was lost"
        raise Again(f"{request}: {host}: {why}") from None


def _refusal(request: str, account: Account, error: Any) -> Failure:
    if error.response is None:
        return Unauthorized(f"{account.host}: cannot sign in ({type(error).__name__})")
    status, headers = int(error.status_code), error.response.headers
    code = str(headers.get("x-ms-error-code") or "")
    words = f"{request}: {account.host} answers {status}{f' ({first_line(code)})' if code else ''}"
    if status in (401, 403):
        who = f"the role ({_ROLE})" if account.key is None else "the key"
        return Unauthorized(f"{words}; check {who}, and the firewall of the account")
    if may_pass(status):
        return Again(words, after=after(headers), sent=status != 429)
    reason = first_line((error.message or "").partition("\n")[0])
    if code == NO_CONTAINER:
        reason = f"there is no container {account.container} in {account.name}; create it"
    return Rejected(f"{words}: {reason}", status=status, service_code=code, service_message=reason)
