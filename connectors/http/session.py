"""One session with a vendor: signs, paces, retries what may be retried, and says what is known when it gives up."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self, TypedDict, Unpack
from urllib.parse import urlsplit
from uuid import uuid4

import requests

from connectors import exact_json
from connectors.http.address import below, checked, is_this_machine
from connectors.http.answers import Answer
from connectors.http.attempt import Call, attempt
from connectors.http.body import PACKED
from connectors.http.bound import BoundedAdapter
from connectors.http.exchange import Exchange, Signer
from connectors.http.fate import Attempt, Fate
from connectors.http.vendor import Bounds, Vendor
from connectors.pace import CLOCK, Clock, Pacer
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret
from connectors.watch import watching

READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Options(TypedDict, total=False):
    """What a request may have beside its method and path.

    ``json`` is written exactly (``Decimal``); or ``content`` with its ``Content-Type`` among the ``headers``; or
    ``form``, which may hold secrets (sent as JSON where the ``headers`` say so, and then of any depth). ``key`` is our
    idempotency key: the same for the same document for ever; a write without one gets one for its own retries.
    ``reads`` says that a POST changes nothing (a query). ``replays`` says that the body carries a key on which the
    vendor can be relied. ``lane`` names the pacer's lane. ``expects_json`` is false for a file.
    """

    query: Mapping[str, str]
    headers: Mapping[str, str | Secret]
    json: object
    form: Mapping[str, Any]
    content: bytes
    key: str
    reads: bool
    replays: bool
    lane: str
    expects_json: bool


class Http:
    """Requests below one base address; safe to use from several threads.

    Every method returns an ``Answer`` of status 2xx, or raises one of three, all ``CannotRun``: ``Refused`` (answered
    no, nothing done), ``NotSent`` (nothing done), ``MayHaveHappened`` (a write in doubt). A read never leaves a
    doubt. Redirects are not followed. Limits of the pacer and of the signer raise ``CannotRun`` before anything is
    sent.
    """

    def __init__(
        self,
        base: str,
        vendor: Vendor,
        *,
        signer: Signer | None = None,
        pacer: Pacer | None = None,
        bounds: Bounds = Bounds(),  # noqa: B008 (frozen)
        clock: Clock = CLOCK,
        setting: str = "url",
    ) -> None:
        self.base, self.vendor = checked(base, setting), vendor
        self._signer, self._bounds, self._clock = signer, bounds, clock
        self._pacer, self._pacer_is_ours = pacer or Pacer(label=vendor.label, clock=clock), pacer is None
        self._session = _session(self.base)

    def get(self, path: str, **options: Unpack[Options]) -> Answer:
        """Read; retried freely within the bounds."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Unpack[Options]) -> Answer:
        """Write, unless ``reads`` says otherwise."""
        return self.request("POST", path, **options)

    def request(self, method: str, path: str, **options: Unpack[Options]) -> Answer:
        """Any method, in capitals; ``path`` is below the base, or a whole address there (a next page)."""
        call = _call(self.base, self.vendor, method, path, options)
        lane = options.get("lane", "")

        def once(signature: Mapping[str, Secret]) -> Attempt:
            _sendable({**call.headers, **signature})
            with self._pacer.turn(lane):
                if call.reads:
                    return self._attempt(call, signature)
                watch = watching()
                watch.leave(self.vendor.label)
                result = self._attempt(call, signature)
                watch.acted |= _may_have_acted(result)
                return result

        exchange = Exchange(call, self.vendor, once, self._signer, self._pacer, self._clock, self._bounds.attempts)
        return exchange.carry_out()

    def _attempt(self, call: Call, signature: Mapping[str, Secret]) -> Attempt:
        return attempt(self._session, call, signature, self.vendor, self._bounds, self._clock.now)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()
        if self._pacer_is_ours:
            self._pacer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _may_have_acted(result: Attempt) -> bool:
    """Not where the answer is a refusal, a 401 among them: what is sent after that has to leave in time as well."""
    return result.fate is Fate.DOUBT or (result.answer is not None and result.answer.status < 300)


class _Session(requests.Session):
    """Follows no redirect, and does not read the body of one either, as its parent does, whatever its size."""

    def get_redirect_target(self, _: requests.Response) -> None:
        """Nowhere."""


def _session(base: str) -> requests.Session:
    """No retries, cookies or ``.netrc`` of its own; no proxy for what stays on this machine."""
    session = _Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.trust_env = not is_this_machine(base)
    session.headers["User-Agent"] = "Passerelle"
    session.headers["Accept-Encoding"] = PACKED
    session.mount(urlsplit(base).scheme + "://", BoundedAdapter())
    return session


def _call(base: str, vendor: Vendor, method: str, path: str, options: Options) -> Call:
    """The logical request with its idempotency key, made once, before any attempt.

    An address that the vendor gave is sent as it is: what goes with every request is already in it.
    """
    reads = options.get("reads", method in READS)
    asked = dict(options.get("query", {}))
    query = asked if "://" in path else {**vendor.query, **asked}
    headers: dict[str, str | Secret] = {"Accept": "application/json", **vendor.headers, **options.get("headers", {})}
    content = options.get("content", b"")
    if "json" in options:
        headers["Content-Type"] = "application/json"
        content = exact_json.dumps(options["json"]).encode()
    if vendor.key and not reads:
        key = options.get("key") or uuid4().hex
        headers |= {vendor.key.header: key} if vendor.key.header else {}
        query |= {vendor.key.parameter: key} if vendor.key.parameter else {}
    return Call(
        method=method,
        url=below(base, path),
        query=query,
        headers=headers,
        content=content,
        form=options.get("form", {}),
        reads=reads,
        replays=options.get("replays", vendor.key is not None and vendor.key.replays),
        expects_json=options.get("expects_json", True),
    )


def _sendable(headers: Mapping[str, str | Secret]) -> None:
    """A header holds printable ASCII (RFC 9110, 5.5); it is looked at before anybody else sees it."""
    for name, value in headers.items():
        text = value if isinstance(value, Secret) else Secret(value)
        if not (text.reveal().isascii() and text.reveal().isprintable()):
            params = {"setting": name, "refused": "header", "known": "ASCII"}
            raise CannotRun(Problem(code="settings_invalid", params=params))
