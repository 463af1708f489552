"""Which addresses we speak to: https anywhere, plain http on this machine alone."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from connectors.hosts import PORTS, is_loopback
from connectors.problems import CannotRun, Problem

ENCODED_DOT = re.compile("%2e", re.IGNORECASE)
"""It is sent as a plain dot (RFC 3986, 6.2.2.2), so that two of them lead upwards as well."""


def checked(url: str, setting: str = "url") -> str:
    """The address without a slash at its end. Raises ``CannotRun`` (settings_invalid)."""
    parts = _split(url)
    why = _refusal(parts) if parts else "no_address"
    if why:
        params = {"setting": setting, "refused": why, "known": "https://…"}
        raise CannotRun(Problem(code="settings_invalid", params=params))
    return url.rstrip("/")


def is_this_machine(url: str) -> bool:
    """Whether an address stays on this machine (127.0.0.0/8, ::1, localhost)."""
    host = urlsplit(url).hostname
    return host is not None and is_loopback(host)


def below(base: str, path: str) -> str:
    """The address of a path below a base, or a whole address that the vendor gave (a next page), if it is there too.

    Raises ``ValueError``: a path that leads elsewhere is a mistake of the connector, or worse of what it was told.
    """
    url = path if "://" in path else f"{base}/{path.lstrip('/')}" if path else base
    given, ours = urlsplit(url), urlsplit(base)
    path_sent = ENCODED_DOT.sub(".", given.path)
    unsafe = any(mark in path_sent for mark in ("\\", "/../", "/./")) or path_sent.endswith(("/..", "/."))
    marked = ("?" in path or "#" in path) and "://" not in path
    if unsafe or marked or _origin(given) != _origin(ours) or not url.isprintable() or " " in url:
        raise ValueError(f"not below {base}")
    return url


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # parsed on access, and refused then
    except ValueError:
        return None
    return parts if parts.hostname and url.isprintable() and " " not in url else None


def _refusal(parts: SplitResult) -> str:
    if parts.username or parts.password:
        return "address_secret"
    if parts.query or parts.fragment:
        return "address_query"
    if parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.geturl())):
        return ""
    return "address_plain"
