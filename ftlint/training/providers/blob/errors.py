"""What goes wrong with Azure Blob Storage, in words of ours: the SDK's may hold a signature."""

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
"""What reads and writes blobs, and may ask for a key to sign links with: Azure's built-in roles."""


@contextmanager
def failure_of_blob(asked: str, account: Account) -> Iterator[None]:
    """Turn what the SDK raises into a `Failure`; `asked` says what for."""
    from azure.core import exceptions  # noqa: PLC0415 - comes with the SDK, an extra

    host = account.host
    try:
        yield
    except exceptions.HttpResponseError as error:
        raise _refusal(asked, account, error) from None
    except exceptions.ServiceRequestError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            hint = "set REQUESTS_CA_BUNDLE, if it is that of a proxy"
            raise Unreachable(f"{host}: its certificate is not trusted; {hint}") from None
        raise Again(f"{asked}: no connection to {host}", sent=False) from None
    except exceptions.AzureError as error:
        late = isinstance(error, exceptions.ServiceResponseTimeoutError)
        why = "no answer in time" if late else "the connection was lost"
        raise Again(f"{asked}: {host}: {why}") from None


def _refusal(asked: str, account: Account, error: Any) -> Failure:
    if error.response is None:
        return Unauthorized(f"{account.host}: cannot sign in ({type(error).__name__})")
    status, headers = int(error.status_code), error.response.headers
    code = str(headers.get("x-ms-error-code") or "")
    words = f"{asked}: {account.host} answers {status}{f' ({first_line(code)})' if code else ''}"
    if status in (401, 403):
        who = f"the role ({_ROLE})" if account.key is None else "the key"
        return Unauthorized(f"{words}; check {who}, and the firewall of the account")
    if may_pass(status):
        return Again(words, after=after(headers), sent=status != 429)
    said = first_line((error.message or "").partition("\n")[0])
    if code == NO_CONTAINER:
        said = f"there is no container {account.container} in {account.name}; create it"
    return Rejected(f"{words}: {said}", status=status, service_code=code, service_message=said)
