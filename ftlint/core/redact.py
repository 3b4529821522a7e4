"""Redaction of secrets from anything shown, logged, raised or written.

Known secrets are found in whatever way they are written, whole or cut; others by their shape.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Container, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

import orjson

from ftlint.core.secret_marks import KNOWN, may_leak

_MASK = "[redacted]"

_LEAST = 4
"""Minimum characters of a secret; shorter ones would match ordinary words."""

_BLOCK = 8
"""Characters of a secret to search for; what is found is compared with the rest of it."""

_FRAGMENT = 20
"""Minimum characters of a piece of a secret, such as a cut leaves, to be redacted."""

_VARIED = 8
"""Minimum different characters of a secret whose pieces are redacted; others have common pieces."""

_SECRETS: set[str] = set()
"""The registered secrets in every form, in lower case."""


class _Place(NamedTuple):
    """A block of a form, from `offset` on; `least` characters of the form are to be redacted."""

    form: str
    offset: int
    least: int


_PLACES: dict[str, list[_Place]] = {}
"""The places by the block to search for."""

_INTEGERS = range(-(2**63), 2**64)
"""Integers that JSON parsers can be expected to read."""

_UNSEPARATED = re.compile(r"[^;&?\s=]+=*")
"""A secret that is one word, so that a piece of it is secret too."""

_VALUE = re.compile(
    r"(?i)\b(?:accountkey|sharedaccesskey|sharedaccesssignature|sig|password)=([^;&\s]+)"
)
"""A secret in a connection string or signed link."""

_ESCAPED = str.maketrans({each: f"\\u{ord(each):04x}" for each in "&'+<>`"})
"""How .NET and browsers' safe JSON write characters."""

_SHAPES = re.compile(
    r"""(?ix)
    ( \b(?:api-key|x-api-key|ocp-apim-subscription-key|authorization|proxy-authorization)
        \\*["']?\s*[:=,]\s*(?:b(?=["']))?\\*["']?(?:bearer\s+|basic\s+|sharedkey\s+)?
    | \bbearer\s+(?=[\w.~+/=-]{16})
    | (?<![a-z_-])(?:accountkey|sharedaccesssignature|sig|password|client_secret)
        (?:=|%3d|\\*["']\s*:\s*\\*["'])
    | ://[^/\s:@]*:(?=[^/\s@]*@)
    )
    (?:[^\s"'&;,<>@\\]|\\(?!["']|u00))+
    | (?<![\w-])sk-(?=[\w-]*\d)[\w-]{20,}                             # OpenAI
    | (?<![\w-])(?-i:eyJ)[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?            # JWT, as of Entra ID
    | (?<![a-z0-9])[a-z0-9]{52}(?-i:JQQJ9[9D])[a-z0-9]{20,40}         # Azure AI services
    | (?<![\w+/=-])[a-z0-9+/]{86}==(?![\w+/=])                        # Azure Storage
    """
)
"""An unregistered secret, without its prefix (group 1) if it has one."""


def secret(value: str) -> str:
    """Register a secret for redaction in this process; return it."""
    for part in {value, *_VALUE.findall(value)}:
        forms = {_lowered(form) for form in _forms(part) if form}
        if len(part) >= _LEAST and not forms <= _SECRETS:
            _SECRETS.update(forms)
            word = _UNSEPARATED.fullmatch(part) is not None and len(set(part)) >= _VARIED
            for form in forms:
                least = min(len(form), _FRAGMENT) if word else len(form)
                for start in _starts(form, every=word and form == _lowered(part)):
                    block = form[start : start + _BLOCK] if len(form) >= _FRAGMENT else form
                    _PLACES.setdefault(block, []).append(_Place(form, start, least))
    KNOWN[:] = [block.lower() for block in _PLACES]
    return value


def _lowered(text: str) -> str:
    """Return a text in lower case as far as it is ASCII: a text of the same length."""
    return text.lower() if text.isascii() else re.sub("[A-Z]+", lambda m: m[0].lower(), text)


def _starts(form: str, *, every: bool) -> Iterator[int]:
    """Yield where the blocks of a form start: all of them, or the first and the last."""
    yield 0
    if len(form) >= _FRAGMENT:
        last = len(form) - _BLOCK
        yield from range(_BLOCK, last + 1, _BLOCK) if every else (last,)


def _forms(value: str) -> Iterator[str]:
    """Yield a secret as written in texts, URLs, JSON, HTML, repr, hex, Base64, and reversed."""
    yield from (value, " ".join(value.split()), value[::-1])
    yield from (quote(value, safe=""), quote(value), quote_plus(value))
    text = json.dumps(value)[1:-1]
    yield from (text, text.replace("/", "\\/"), text.translate(_ESCAPED), repr(value)[1:-1])
    yield from (
        html.escape(value),
        html.escape(value).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
    )
    raw = value.encode("utf-8", "surrogateescape")
    yield raw.hex()
    for before in range(3):  # bytes before it, which shift the Base64 characters
        whole = len(raw) + before - (len(raw) + before) % 3
        for encode in (b64encode, urlsafe_b64encode):
            encoded = encode(bytes(before) + raw)[: whole // 3 * 4].decode()[-(-before * 4 // 3) :]
            if len(encoded) > _LEAST:
                yield encoded


def _secrets_in(text: str) -> list[tuple[int, int]]:
    """Return where secrets are in a text, as separate ranges in order."""
    found = [
        (match.end(1) if match[1] else match.start(), match.end())
        for match in _SHAPES.finditer(text)
    ]
    if _SECRETS:
        found += _known_in(_lowered(text))
    ranges: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = ranges[-1][0], max(end, ranges[-1][1])
        else:
            ranges.append((start, end))
    return ranges


def _known_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where registered secrets, or pieces of them, are in a text in lower case."""
    for block, places in _PLACES.items():
        at = text.find(block)
        while at >= 0:
            after = at + 1
            for form, offset, least in places:
                start, end = _extent(text, at, form, offset)
                if end - start >= least:
                    yield start, end
                    after = max(after, end - len(block) + 1)
            at = text.find(block, after)


def _extent(text: str, at: int, form: str, offset: int) -> tuple[int, int]:
    """Return how far text and form agree around `text[at]` and `form[offset]`."""
    start, end, shift = at, at, offset - at
    while start and start + shift and text[start - 1] == form[start - 1 + shift]:
        start -= 1
    while end < len(text) and end + shift < len(form) and text[end] == form[end + shift]:
        end += 1
    return start, end


def redact(text: str) -> str:
    """Return a text without registered secrets and without anything that looks like a secret."""
    return mask(text, 0, 0)[0]


def mask(text: str, start: int, end: int) -> tuple[str, int, int]:
    """Return a text redacted, and where its part from `start` to `end` is then.

    A secret that is partly within it is wholly within it then.
    """
    done, parts = 0, []
    marks, shift = [start, end], 0
    for first, last in _secrets_in(text):
        parts += [text[done:first], _MASK]
        change = len(_MASK) - (last - first)
        for index, place in enumerate((start, end)):
            if place >= last:
                marks[index] += change
            elif place > first:
                marks[index] = first + shift + (len(_MASK) if index else 0)
        done, shift = last, shift + change
    return "".join([*parts, text[done:]]), marks[0], marks[1]


def harmless(value: object) -> Any:
    """Return JSON data redacted, and readable for any JSON parser."""
    if isinstance(value, str):
        return redact(value.encode("utf-8", "replace").decode())
    if isinstance(value, Mapping):
        return _harmless_object(value)
    if isinstance(value, list | tuple):
        return [harmless(entry) for entry in value]
    if isinstance(value, int) and value not in _INTEGERS:
        return str(value)
    return value


def _harmless_object(value: Mapping[Any, Any]) -> dict[str, Any]:
    """Return an object with its keys redacted, all of them different as before."""
    data: dict[str, Any] = {}
    for key, entry in value.items():
        name = plain = str(harmless(str(key)))
        while name in data:
            name = f"{plain} {len(data) + 1}"
        named = f"{plain}=" if isinstance(entry, str) else ""  # the name may say that it is secret
        whole = harmless(f"{named}{entry}" if named else entry)
        data[name] = whole[len(named) :] if named else whole
    return data


def record_of(data: Any) -> bytes:
    """Return JSON data to keep on disk: a text that holds a secret is replaced by its digest.

    So it can be recognised (`same`, `among`), though not used.
    """
    text = orjson.dumps(data)
    return orjson.dumps(_sealed(data)) if may_leak(text.decode()) else text


def _sealed(value: Any) -> Any:
    if isinstance(value, str):
        return value if redact(value) == value else _seal(value)
    if isinstance(value, Mapping):
        return {_sealed(key): _sealed(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_sealed(entry) for entry in value]
    return value


_SEAL = f"{_MASK} sha256:"


def _seal(value: str) -> str:
    return _SEAL + hashlib.sha256(value.encode()).hexdigest()


def is_sealed(recorded: object) -> bool:
    """Return whether a recorded text is only the digest of one that holds a secret."""
    return isinstance(recorded, str) and recorded.startswith(_SEAL)


def same(recorded: object, value: object) -> bool:
    """Return whether what was recorded is `value`, by its digest if it holds a secret."""
    return among((recorded,), value)


def among(recorded: Container[object], value: object) -> bool:
    """Return whether one of what was recorded is `value`, as in `same`."""
    return value in recorded or (isinstance(value, str) and _seal(value) in recorded)
