"""Tokens are planted everywhere; none may come out in a message, a log, a traceback with its locals, or a pickle."""

from __future__ import annotations

import copy
import http.client
import io
import json
import logging
import pickle
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import exact_json
from connectors.http import Bounds, Http, IdempotencyKey, MayHaveHappened, Refused, Vendor
from connectors.ledgers.tryton.rpc import Rpc
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.problems import CannotRun
from connectors.secrets.redaction import scrubbed
from connectors.secrets.secret import Secret
from tests.connectors.scripted_server import Hands, Reply, Server, answer, chunked, drop, silent

TOKEN = "PLANTED-0123456789abcdef"
ECHO = json.dumps(
    {"access_token": TOKEN, "refresh_token": TOKEN, "error": f"token {TOKEN} is odd", "client_secret": TOKEN}
)

REPLIES = {
    "200": answer(body=ECHO),
    "400": answer(400, ECHO),
    "401": answer(401, f"Bearer {TOKEN} expired", Content_Type="text/plain"),
    "500": answer(500, ECHO),
    "429": answer(429, ECHO),
    "302": answer(302, ECHO, Location=f"https://elsewhere.example/?code={TOKEN}"),
    "dropped": drop,
    "silent": silent,
    "truncated": answer(body=ECHO[:-3], Content_Length="4000"),
    "half": chunked(ECHO[:-3].encode(), ends=False),
    "not JSON": answer(body=ECHO[:-3]),
    "a page": answer(body=f"<p>{TOKEN}", Content_Type="text/html"),
    "bad header": lambda sock, _: sock.sendall(f"HTTP/1.1 {TOKEN}\r\n\r\n".encode()),
    "no HTTP": lambda sock, _: sock.sendall(f"{TOKEN}\r\n".encode()),
    "not gzip": answer(body=TOKEN, Content_Encoding="gzip"),
}  # fmt: skip


class Signer:
    def headers(self) -> dict[str, Secret]:
        return {"Authorization": Secret(f"Bearer {TOKEN}")}

    def renew(self, refused: object) -> None:
        pass


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """Every logger at its most talkative."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    names = ["", "urllib3", "urllib3.connectionpool", "requests", "http.client"]
    levels = {name: logging.getLogger(name).level for name in names}
    root.addHandler(handler)
    for name in names:
        logging.getLogger(name).setLevel(1)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def shown(error: BaseException) -> str:
    """Whatever a report of an error might show, of it and of all that hangs on it."""
    told = [repr(error), str(error), "".join(traceback.format_exception(error))]
    seen: set[int] = set()
    queue: list[BaseException | None] = [error]
    while queue:
        one = queue.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            frames = traceback.TracebackException.from_exception(one, capture_locals=True)
            told += ["".join(frames.format()), repr(getattr(one, "__dict__", {})), repr(one.args)]
            told += [repr(getattr(one, name, "")) for name in ("problem", "problems", "answer")]
            queue += [one.__cause__, one.__context__]
    return "\n".join(told)


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_secret_is_seen_whatever_the_answer(reply: Reply, method: str) -> None:
    vendor = Vendor(label="L", key=IdempotencyKey(header="K"))
    with Server(reply) as server, everything_logged() as log:
        web = Http(server.url, vendor, signer=Signer(), bounds=Bounds(read=0.2, attempts=2), clock=Hands().clock)
        try:
            told = repr(web.request(
                method, "/token", form={"client_secret": Secret(TOKEN), "grant_type": "x"},
                headers={"X-Key": Secret(TOKEN)},
            ))  # fmt: skip
        except CannotRun as error:
            told = shown(error)
    assert TOKEN not in told
    assert TOKEN not in log.getvalue()
    request = server.requests[0]
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["X-Key"] == TOKEN
    assert f"client_secret={TOKEN}".encode() in request.body


@pytest.mark.parametrize("reply", [REPLIES["400"], REPLIES["401"], answer(body="[]")], ids=["400", "401", "no RPC"])
def test_a_password_in_a_body_is_not_seen(reply: Reply) -> None:
    """Tryton takes the password among the parameters of a call (``common.db.login``)."""
    with Server(reply) as server, everything_logged() as log, pytest.raises(CannotRun) as caught:
        Rpc(TrytonSettings(url=server.url), lambda: Secret(TOKEN)).rows("party.party", [])
    assert TOKEN not in shown(caught.value)
    assert TOKEN not in log.getvalue()
    [request] = server.requests
    assert json.loads(request.body)["params"] == ["admin", {"password": TOKEN}, "en"]
    assert request.headers["Content-Type"] == "application/json"


def test_what_grants_tokens_may_grant_the_one_that_was_sent_and_nothing_else_repeats_one() -> None:
    """RFC 6749, section 6: a refresh token may be the same again."""
    reply = answer(body=json.dumps({"refresh_token": TOKEN}))
    with Server(reply, reply) as server:
        web = Http(server.url, Vendor(label="L"), bounds=Bounds(attempts=1), clock=Hands().clock)
        granted = web.post("/token", form={"refresh_token": Secret(TOKEN)}).body
        assert granted["refresh_token"].reveal() == TOKEN
        assert TOKEN.encode() not in web.get("/x", headers={"X-Key": Secret(TOKEN)}).content


@pytest.mark.parametrize("status", [300, 399, 400, 500])
def test_what_grants_no_tokens_repeats_none_that_was_sent(status: int) -> None:
    """RFC 6749, 5.2: an error grants nothing, whatever it quotes."""
    with Server(answer(status, TOKEN)) as server, pytest.raises(CannotRun) as caught:
        Http(server.url, Vendor(label="L"), bounds=Bounds(attempts=1)).post("/token", form={"p": [Secret(TOKEN)]})
    assert isinstance(caught.value, Refused | MayHaveHappened)
    assert caught.value.answer is not None
    assert caught.value.answer.content == b"***"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://ledger.invalid"])
def test_no_secret_is_seen_when_nobody_is_there(url: str) -> None:
    with everything_logged() as log, pytest.raises(CannotRun) as caught:
        Http(url, Vendor(label="L"), signer=Signer(), bounds=Bounds(attempts=1)).post("/x", form={"p": Secret(TOKEN)})
    assert TOKEN not in shown(caught.value)
    assert TOKEN not in log.getvalue()


@pytest.mark.parametrize("odd", ["\r\nX: 1", "\x00", "é€"])
def test_no_secret_is_seen_when_a_header_cannot_hold_it(odd: str) -> None:
    with Server(answer()) as server, pytest.raises(CannotRun) as caught:
        Http(server.url, Vendor(label="L"), bounds=Bounds(attempts=1)).get("/x", headers={"A": Secret(TOKEN + odd)})
    assert TOKEN not in shown(caught.value)
    assert server.requests == []
    assert caught.value.problems[0].params == {"setting": "A", "refused": "header", "known": "ASCII"}


def test_the_debugging_of_http_client_is_not_ours_to_switch_on() -> None:
    """It prints whole requests; nothing here sets it."""
    assert http.client.HTTPConnection.debuglevel == 0


def test_secrets_in_an_answer_are_secrets_from_the_start() -> None:
    with Server(answer(body=ECHO)) as server:
        body = Http(server.url, Vendor(label="L")).get("/token").body
    assert body["access_token"] == Secret(TOKEN)
    assert body["access_token"].reveal() == TOKEN
    assert repr(body["access_token"]) == "***"


def test_a_token_repeated_in_a_refusal_is_masked_in_its_body_too() -> None:
    reply = answer(400, json.dumps({"Detail": f"Token expired: {TOKEN}"}))
    with Server(reply) as server, pytest.raises(Refused) as caught:
        Http(server.url, Vendor(label="L"), signer=Signer()).get("/x")
    assert caught.value.answer.body == {"Detail": "Token expired: ***"}


# the type itself


@given(st.text(min_size=8))
def test_a_secret_never_shows_itself(text: str) -> None:
    secret = Secret(text)
    for told in (
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>10}",
        f"{secret:>9}",
        "{}".format(secret),  # noqa: UP032 (one of the ways there are)
        repr([secret]),
    ):
        assert told.strip(" []") == "***"
    assert secret.reveal() == text
    assert secret == Secret(text)
    assert secret != text
    assert copy.deepcopy({"a": secret})["a"] is secret
    assert secret != Secret(text + "x")
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="not pickled") as caught:
        pickle.dumps({"token": Secret(TOKEN)}, protocol)
    assert TOKEN not in shown(caught.value)


def test_a_secret_is_not_written_as_json() -> None:
    for write in (json.dumps, exact_json.dumps):
        with pytest.raises(TypeError) as caught:
            write({"token": Secret(TOKEN)})
        assert TOKEN not in shown(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"refresh_token": "abc"}', '{"refresh_token": "***"}'),
        ("client_secret=abc&x=1", "client_secret=***&x=1"),
        ("Authorization: Bearer abcdefghijklmnop.q-r", "Authorization: Bearer ***"),
        ('{"code": "Application_DialogException"}', '{"code": "Application_DialogException"}'),
        ("Bearer token expired", "Bearer token expired"),
        ("Basic subscription ended", "Basic subscription ended"),
        ("The password is required", "The password is required"),
    ],
)
def test_what_looks_like_a_credential_is_masked_and_prose_is_not(text: str, told: str) -> None:
    assert scrubbed(text) == told
