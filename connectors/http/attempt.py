"""One attempt at a request, and what is known afterwards about what the other side did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import requests
from requests.auth import AuthBase

from connectors import exact_json
from connectors.facts import fact
from connectors.http.answers import Answer
from connectors.http.body import received
from connectors.http.bound import bounded
from connectors.http.fate import Attempt, judged, retry_after
from connectors.http.trouble import TROUBLE, broken
from connectors.http.vendor import Bounds, Vendor
from connectors.secrets.redaction import scrubbed
from connectors.secrets.secret import Secret, without

SHOWN = 500
EMPTY = frozenset({204, 205})
"""Statuses whose answers have no body (RFC 9110, 15.3); any other says how long its empty one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One logical request, made once and sent as often as needed: its idempotency key is already in it.

    ``form`` is sent in the place of ``content``. ``reads``: it changes nothing, however often it is sent.
    """

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    content: bytes = field(default=b"", repr=False)
    form: Mapping[str, Any] = field(default_factory=dict)
    reads: bool = False
    replays: bool = False
    expects_json: bool = True


class _Revealed(AuthBase):
    """Puts secrets in at the last moment, where no variable of ours ever holds them."""

    def __init__(self, call: Call, signature: Mapping[str, Secret]) -> None:
        self._call, self._signature = call, signature

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        for name, value in {**self._call.headers, **self._signature}.items():
            request.headers[name] = value.reveal() if isinstance(value, Secret) else value
        if self._call.form:
            as_json = request.headers.get("Content-Type") == "application/json"
            form = (None, None, _revealed(self._call.form)) if as_json else (_revealed(self._call.form), None)
            request.prepare_body(*form)
        return request


def _revealed(value: Any) -> Any:  # noqa: ANN401 (JSON is anything)
    match value:
        case Secret():
            return value.reveal()
        case Mapping():
            return {name: _revealed(part) for name, part in value.items()}
        case list() | tuple():
            return [_revealed(part) for part in value]
    return value


def _secrets(value: Any) -> Iterator[Secret]:  # noqa: ANN401 (JSON is anything)
    match value:
        case Secret():
            yield value
        case Mapping():
            yield from _secrets([*value.values()])
        case list() | tuple():
            for part in value:
                yield from _secrets(part)


def attempt(
    session: requests.Session,
    call: Call,
    signature: Mapping[str, Secret],
    vendor: Vendor,
    bounds: Bounds,
    now: Callable[[], float],
) -> Attempt:
    """Send once and read the answer within bounds; never raises for what the network or the vendor does."""
    began = now()
    result = _sent(session, call, signature, vendor, bounds, now)
    _tell(call, vendor, result, now() - began)
    return result


def _tell(call: Call, vendor: Vendor, result: Attempt, seconds: float) -> None:
    answer = result.answer
    fact(
        "request",
        to=vendor.label,
        method=call.method,
        path=urlsplit(call.url).path,
        status=answer.status if answer else None,
        fate=result.fate.value,
        request_id=answer.request_id if answer else "",
        trouble=result.code,
        seconds=round(seconds, 3),
    )


def _sent(
    session: requests.Session,
    call: Call,
    signature: Mapping[str, Secret],
    vendor: Vendor,
    bounds: Bounds,
    now: Callable[[], float],
) -> Attempt:
    with bounded(bounds, now):
        response = _opened(session, call, signature, bounds, vendor.unreachable)
        if isinstance(response, Attempt):
            return response
        with response:
            content, cut = received(response, bounds.size)
    secrets = list(_secrets([signature, call.headers, call.form]))
    if response.status_code >= 300 or not call.form:  # what grants tokens may grant the one that was sent
        content = without(content.decode(errors="surrogateescape"), secrets).encode(errors="surrogateescape")
    answer = _answer(response, content, cut, vendor, secrets)
    return judged(answer, cut or _unfit(answer, call), vendor, retry_after(answer.headers, now()))


def _opened(
    session: requests.Session, call: Call, signature: Mapping[str, Secret], bounds: Bounds, unreachable: str
) -> requests.Response | Attempt:
    try:
        return session.request(
            call.method,
            call.url,
            params=urlencode(call.query, quote_via=quote),
            data=call.content or None,
            auth=_Revealed(call, signature),
            timeout=(bounds.connect, bounds.read),
            stream=True,
        )
    except TROUBLE as trouble:
        return broken(trouble, unreachable)


def _answer(response: requests.Response, content: bytes, cut: str, vendor: Vendor, secrets: Sequence[Secret]) -> Answer:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    body = None
    if not cut and kind.endswith(("/json", "+json")):
        try:
            text = content.decode("utf-8-sig", "replace")
            body = exact_json.loads(text, whole=vendor.whole, secret=vendor.secret_fields)
        except ValueError:
            body = None
    request_id = response.headers.get(vendor.request_id, "")
    excerpt = " ".join(content[: 4 * SHOWN].decode("utf-8", "replace").split())
    return Answer(
        status=response.status_code,
        headers=response.headers,
        body=body,
        content=content,
        request_id=without(request_id, secrets),
        excerpt=scrubbed(excerpt)[:SHOWN] if response.status_code >= 300 else "",
    )


def _unfit(answer: Answer, call: Call) -> str:
    """Why a body is not what was asked for."""
    if not call.expects_json or answer.body is not None:
        return ""
    if not answer.content.strip():
        return "" if answer.status in EMPTY or "Content-Length" in answer.headers else "broken off before its body"
    if answer.content.strip() == b"null":
        return ""
    return f"not JSON ({answer.headers.get('Content-Type', 'no content type')})"
