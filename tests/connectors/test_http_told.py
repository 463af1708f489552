"""What is said of an exchange, word for word: in the problem that a person reads, and in the log that support reads."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from addin import texts
from connectors.facts import LOG
from connectors.http import Bounds, Http, IdempotencyKey, MayHaveHappened, NotSent, Refused, Vendor
from connectors.http.address import checked
from connectors.problems import CannotRun
from tests.connectors.scripted_server import Hands, Reply, Server, answer, chunked, drop

OK = b"HTTP/1.1 200 x\r\nContent-Type: application/json\r\n"
UNANSWERED = {
    "a page in the place of JSON": (answer(body="<html>", Content_Type="text/html"), "200 not JSON (text/html)"),
    "what does not say what it is": (answer(body="<html>", Content_Type=""), "200 not JSON (no content type)"),
    "half of it": (answer(body=b'{"Id": 1', Content_Length="4000"), "200 broken off after 8 bytes (IncompleteRead)"),
    "half of it in two pieces": (
        chunked(b'{"Id', b'": 1', ends=False), "200 broken off after 8 bytes (IncompleteRead)",
    ),
    "headers alone": (lambda sock, _: sock.sendall(OK + b"\r\n"), "200 broken off before its body"),
    "what was never packed": (answer(body=b"no gzip", Content_Encoding="gzip"), "200 cannot be unpacked"),
    "what is packed and cut": (
        answer(body=gzip.compress(b"[1, 2]")[:-6], Content_Encoding="GZIP"), "200 cannot be unpacked to its end",
    ),
    "what is packed in another way": (
        answer(body=b"x", Content_Encoding="Br"), "200 packed in a way that was not asked for ('br')",
    ),
    "a way of packing without end": (
        answer(body=b"x", Content_Encoding="x" * 900),
        f"200 packed in a way that was not asked for ('{'x' * 40}')",
    ),
    "an error with its words": (
        answer(500, '{"Fault":\n   "no"}', intuit_tid="1-65"), '500 {"Fault": "no"} [1-65]',
    ),
    "an error with words without end": (answer(502, "x" * 700), f"502 {'x' * 500}"),
    "no line of HTTP": (lambda sock, _: sock.sendall(b"220 mail ready\r\n"), "BadStatusLine"),
    "a reset": (drop, "ConnectionResetError: Connection reset by peer"),
}  # fmt: skip
"""Answers that leave a write in doubt, and what is kept of each: what came, and why it is no use."""


def http(server: Server, **vendor: object) -> Http:
    known = Vendor(label="Ledger", request_id="intuit_tid", **vendor)
    return Http(server.url, known, bounds=Bounds(size=100_000, attempts=1), clock=Hands().clock)


@contextmanager
def facts() -> Iterator[list[dict[str, object]]]:
    """The facts that the log was told meanwhile."""
    told: list[dict[str, object]] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append({"event": record.getMessage(), **record.__dict__["values"]})

    listening, level = Listening(), LOG.level
    LOG.addHandler(listening)
    LOG.setLevel(logging.INFO)
    try:
        yield told
    finally:
        LOG.removeHandler(listening)
        LOG.setLevel(level)


@pytest.mark.parametrize(("reply", "told"), UNANSWERED.values(), ids=UNANSWERED)
def test_what_came_and_why_it_is_no_use_is_kept_for_support(reply: Reply, told: str) -> None:
    with Server(reply) as server, pytest.raises(MayHaveHappened) as write:
        http(server).post("/x", json={})
    assert write.value.problem.detail == told
    with Server(reply) as server, pytest.raises(NotSent) as read:
        http(server).get("/x")
    assert read.value.problem.detail == told


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (answer(400, '{"Fault":  "no such\ncustomer"}', intuit_tid="1-65"), '400 {"Fault": "no such customer"} [1-65]'),
        (answer(400, b"", Content_Length=""), "400"),
        (answer(400, b"not to be read", Content_Encoding="br"), "400"),
        (answer(307, "moved", Location="/y"), "307 moved"),
        (answer(300, "several"), "300 several"),
        (answer(404, "é".encode() + b"\xff"), "404 é\ufffd"),
    ],
)
def test_a_refusal_keeps_its_status_its_words_and_the_vendors_name_of_the_request(reply: Reply, told: str) -> None:
    with Server(reply) as server, pytest.raises(Refused) as caught:
        http(server).post("/x", json={})
    assert (caught.value.problem.detail, caught.value.problem.params) == (told, {"ledger": "Ledger"})


def test_an_answer_that_is_none_of_a_refusal_keeps_no_words_of_it() -> None:
    """What a ledger answers is its people's data; only the words of an error are kept for a problem."""
    with Server(answer(body='{"Name": "Ligue"}', intuit_tid="1-65")) as server:
        got = http(server).get("/x")
    assert (got.excerpt, got.detail, got.request_id, got.content) == ("", "200 [1-65]", "1-65", b'{"Name": "Ligue"}')
    assert got.headers["content-length"] == "17"


def test_an_answer_that_says_that_it_has_no_body_is_whole() -> None:
    with Server(answer(200, b"")) as server:
        assert http(server).get("/x").body is None


def test_nothing_is_sought_in_the_headers_where_the_vendor_names_no_request() -> None:
    with Server(answer(intuit_tid="1-65")) as server:
        assert Http(server.url, Vendor(label="L")).get("/x").request_id == ""


def test_a_doubt_names_what_the_repetition_met() -> None:
    """The first may have been booked; what the second was told is what there is to go by."""
    key = IdempotencyKey(header="K", replays=True)
    for then, told in (
        (answer(400, '{"Fault": "Duplicate"}'), 'ledger_refused 400 {"Fault": "Duplicate"}'),
        (answer(403, b""), "access_denied 403"),
    ):
        with Server(drop, then) as server, pytest.raises(MayHaveHappened) as caught:
            Http(server.url, Vendor(label="Ledger", key=key), clock=Hands().clock).post("/x", json={})
        assert caught.value.problem.detail == told
        assert caught.value.answer is not None


# the log


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (answer(intuit_tid="1-65"), {"status": 200, "fate": "answered", "request_id": "1-65", "trouble": ""}),
        (answer(400, intuit_tid="1-66"), {"status": 400, "fate": "answered", "request_id": "1-66", "trouble": ""}),
        (answer(429), {"status": 429, "fate": "nothing", "request_id": "", "trouble": "too_many_requests"}),
        (answer(503), {"status": 503, "fate": "doubt", "request_id": "", "trouble": "source_unreachable"}),
        (answer(body="x"), {"status": 200, "fate": "doubt", "request_id": "", "trouble": "answer_unreadable"}),
        (drop, {"status": None, "fate": "doubt", "request_id": "", "trouble": "source_unreachable"}),
    ],
    ids=["answered", "refused", "too many", "an error", "unreadable", "dropped"],
)
def test_the_log_has_each_request_by_address_fate_and_the_vendors_name_of_it(
    reply: Reply, told: dict[str, object]
) -> None:
    """docs/guide: an administrator finds a request in it by what the vendor's support asks for; never its query."""
    hands = Hands()

    def slow(sock: object, request: object) -> None:
        hands.at += 1.23456
        reply(sock, request)  # type: ignore[arg-type]

    with Server(slow) as server, facts() as said:
        vendor = Vendor(label="Ledger", request_id="intuit_tid", unreachable="source_unreachable")
        web = Http(server.url, vendor, bounds=Bounds(attempts=1), clock=hands.clock)
        with suppress(CannotRun):
            web.post("/v3/invoice", json={"Amount": 1}, query={"name": "Ligue"})
    assert said == [
        {"event": "request", "to": "Ledger", "method": "POST", "path": "/v3/invoice", **told, "seconds": 1.235}
    ]


# addresses


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "It is no address."),
        ("ledger.example", "It is no address."),
        ("https://ledger.example:port", "It is no address."),
        ("https://ledger.example/a b", "It is no address."),
        ("https://ledger.example/\n", "It is no address."),
        ("https://user@ledger.example", "An address holds no user and no password"),
        ("https://:pass@ledger.example", "An address holds no user and no password"),
        ("https://ledger.example/?a=1", "An address holds no ? and no #."),
        ("https://ledger.example/#a", "An address holds no ? and no #."),
        ("http://ledger.example", "It begins with https://"),
        ("ftp://127.0.0.1", "It begins with https://"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(url: str, why: str) -> None:
    with pytest.raises(CannotRun) as caught:
        checked(url, "ledger.url")
    (problem,) = caught.value.problems
    said = texts.what("en", problem)
    assert why in said
    assert "ledger.url" in said
    assert problem.params["known"] == "https://…"


def test_an_address_is_called_url_where_the_setting_has_no_other_name() -> None:
    for refused in (lambda: checked("x"), lambda: Http("x", Vendor(label="L"))):
        with pytest.raises(CannotRun) as caught:
            refused()
        assert caught.value.problems[0].params["setting"] == "url"
