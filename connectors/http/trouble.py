"""What is known when no whole answer came."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from http.client import HTTPException

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from connectors.http.fate import Attempt, Fate

TROUBLE = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError)
"""What ``requests`` lets through, its own exceptions and those of what it stands on."""

HANDSHAKE = {"WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "NO_SHARED_CIPHER", "TLSV1_ALERT_PROTOCOL_VERSION",
             "SSLV3_ALERT_HANDSHAKE_FAILURE", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}  # fmt: skip
"""OpenSSL's reasons that arise before any of our bytes are sent; every other reason leaves a doubt."""


def broken(trouble: BaseException, unreachable: str) -> Attempt:
    """What is known after an exception: what fails before our bytes can leave is certain, the rest is a doubt.

    Only words are kept of the exception itself, because its frames hold the request with its secrets.
    """
    chain = list(_chain(trouble))
    if any(_handshake(cause) for cause in chain):
        return Attempt(fate=Fate.NOTHING, code="certificate_refused", detail=said(trouble))
    early = (requests.ConnectTimeout, requests.exceptions.ProxyError, NewConnectionError)
    fate = Fate.NOTHING if any(isinstance(cause, early) for cause in chain) else Fate.DOUBT
    return Attempt(fate=fate, code=unreachable, detail=said(trouble))


def _handshake(cause: BaseException) -> bool:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return True
    return isinstance(cause, ssl.SSLError) and cause.reason in HANDSHAKE


def _chain(trouble: BaseException) -> Iterator[BaseException]:
    """An exception and those it carries; never ``__context__``, which may be somebody else's."""
    yield trouble
    for carried in (*trouble.args, trouble.__cause__):
        if isinstance(carried, BaseException):
            yield from _chain(carried)


def said(trouble: BaseException) -> str:
    """The innermost name, and the system's own words for it; never ``str()``, which may quote headers or addresses."""
    innermost = list(_chain(trouble))[-1]
    words = getattr(innermost, "verify_message", "") or getattr(innermost, "strerror", "") or ""
    return f"{type(innermost).__name__}: {words}" if words else type(innermost).__name__
