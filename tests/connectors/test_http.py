"""What may be sent again, what may have happened, and what is said: over real connections on this machine."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from email.utils import format_datetime, formatdate
from pathlib import Path

import pytest
import requests

from connectors.http import (
    Answer,
    Bounds,
    Http,
    IdempotencyKey,
    MayHaveHappened,
    NotSent,
    Refused,
    Vendor,
)
from connectors.http.address import below
from connectors.http.fate import retry_after
from connectors.pace import Clock, Limit, Pacer
from connectors.problems import CannotRun, Owner, Problem
from connectors.secrets.secret import Secret
from connectors.watch import NoTurn, Watch, watched
from tests.connectors.scripted_server import Hands, Reply, Request, Server, answer, chunked, drop, silent

KEYED = IdempotencyKey(parameter="requestid")
REPLAYED = IdempotencyKey(header="Idempotency-Key", replays=True)
PATIENT = Bounds(read=20)
"""A machine that is busy with other things answers in that time; only who says nothing at all is waited for."""


def http(server: Server | str, hands: Hands, *, bounds: Bounds = PATIENT, **vendor: object) -> Http:
    base = server if isinstance(server, str) else server.url
    return Http(base, Vendor(label="Ledger", request_id="intuit_tid", **vendor), bounds=bounds, clock=hands.clock)


def time_for(reply: Reply) -> Bounds:
    """No longer than it takes to see that nothing is said."""
    return replace(PATIENT, read=0.2) if reply is silent else PATIENT


@pytest.fixture
def hands() -> Hands:
    return Hands()


# what is sent and what is read


def test_amounts_travel_digit_by_digit(hands: Hands) -> None:
    body = '{"TotalAmt": 0.10, "Rate": 1.2345678901234567890123, "Id": 67}'
    with Server(answer(body=body)) as server:
        got = http(server, hands).post("/invoice", json={"Amount": Decimal("100.00"), "Name": "Ligue d'Échecs"})
    assert got.body == {"TotalAmt": Decimal("0.10"), "Rate": Decimal("1.2345678901234567890123"), "Id": 67}
    assert str(got.body["TotalAmt"]) == "0.10"
    assert server.requests[0].body.decode() == '{"Amount": 100.00, "Name": "Ligue d\'Échecs"}'
    assert server.requests[0].headers["Content-Type"] == "application/json"


def test_whole_numbers_are_decimals_where_asked(hands: Hands) -> None:
    with Server(answer(body='{"TotalAmt": 100}')) as server:
        total = http(server, hands, whole=Decimal).get("/x").body["TotalAmt"]
    assert (total, type(total)) == (Decimal(100), Decimal)


def test_what_goes_with_every_request_goes_with_every_request(hands: Hands) -> None:
    with Server(answer()) as server:
        ledger = http(server, hands, query={"minorversion": "75"}, headers={"X-Business": "7"})
        ledger.get("/v3/query", query={"query": "select * from Customer where DisplayName = 'O\\'Brien & fils'"})
    request = server.requests[0]
    assert request.query == {
        "minorversion": ["75"], "query": ["select * from Customer where DisplayName = 'O\\'Brien & fils'"]
    }  # fmt: skip
    assert (request.headers["X-Business"], request.headers["Accept"]) == ("7", "application/json")
    assert (request.headers["User-Agent"], request.headers["Accept-Encoding"]) == ("Passerelle", "gzip")


def test_an_answer_without_a_body_is_an_answer(hands: Hands) -> None:
    with Server(answer(204, b"", Content_Length="", Content_Type="")) as server:
        assert http(server, hands).post("/Microsoft.NAV.post").body is None


def test_a_compressed_and_chunked_answer_is_read(hands: Hands) -> None:
    with Server(chunked(b'{"a": ', b"[1, 2.50]}")) as server:
        assert http(server, hands).get("/x").body == {"a": [1, Decimal("2.50")]}
    with Server(answer(body=gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")) as server:
        assert http(server, hands).get("/x").body == {"a": 1}


@pytest.mark.parametrize("coding", ["identity", " Identity ", ""])
def test_an_answer_that_says_it_is_not_packed_is_read_as_it_is(hands: Hands, coding: str) -> None:
    """RFC 9110, 8.4.1: identity says that nothing was done to it, in any case."""
    with Server(answer(body=b'{"a": 1}', Content_Encoding=coding)) as server:
        assert http(server, hands).get("/x").body == {"a": 1}


def test_the_base_itself_is_asked_where_no_path_is_named(hands: Hands) -> None:
    """Some vendors take a slash at the end for another address."""
    with Server(answer()) as server:
        http(f"{server.url}/v3", hands).get("")
    assert server.requests[0].path == "/v3"


@pytest.mark.parametrize("path", ["XRO/api", "/XRO/api", "//XRO/api"])
def test_a_path_begins_below_the_base_with_a_slash_or_without(path: str) -> None:
    assert below("https://a.example/v3", path) == "https://a.example/v3/XRO/api"


def test_a_query_is_sent_as_every_server_reads_it(hands: Hands) -> None:
    """RFC 3986, 2.1: a space is %20 anywhere; that + is one holds for forms alone (WHATWG URL, 5.1)."""
    with Server(answer()) as server:
        http(server, hands).get("/x", query={"where": "a b+c"})
    (request,) = server.requests
    assert (request.target, request.body) == ("/x?where=a%20b%2Bc", b"")


def test_nothing_in_json_is_an_answer(hands: Hands) -> None:
    with Server(answer(body=b" null ")) as server:
        assert http(server, hands).get("/x").body is None
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/problem+json", True),  # RFC 9457
        ("text/html", False),
        ("application/jsonlines", False),
    ],
)
def test_what_says_that_it_is_json_is_read_as_json_and_nothing_else(hands: Hands, said: str, read: bool) -> None:
    """RFC 6838, structured syntax suffixes; a page of a proxy in between is never taken for an answer."""
    with Server(answer(body='{"Amount": 1.10}', Content_Type=said)) as server:
        got = http(server, hands).get("/x", expects_json=False)
    assert got.body == ({"Amount": Decimal("1.10")} if read else None)


@pytest.mark.parametrize("body", [b'\xef\xbb\xbf{"Id": "1"}', b'{"Id": "1"}'], ids=["marked", "plain"])
def test_a_byte_order_mark_is_passed_over(hands: Hands, body: bytes) -> None:
    """RFC 8259, 8.1: none may be sent, and a reader may pass over one."""
    with Server(answer(body=body)) as server:
        assert http(server, hands).get("/x").body == {"Id": "1"}


def test_a_byte_that_is_no_utf8_leaves_no_doubt_of_what_was_booked(hands: Hands) -> None:
    """It is in a name that somebody pasted; the id beside it says that the document is there."""
    with Server(answer(body=b'{"Id": "1", "Name": "\xc9checs"}')) as server:
        assert http(server, hands).post("/x", json={}).body == {"Id": "1", "Name": "\ufffdchecs"}


def test_an_answer_to_head_has_no_body_whatever_length_it_names(hands: Hands) -> None:
    """RFC 9110, 9.3.2: its headers are those of the body that another method would have got."""

    def staying(sock: socket.socket, request: Request) -> None:
        sock.sendall(b"HTTP/1.1 200 x\r\nContent-Length: 90\r\n\r\n")
        silent(sock, request)

    with Server(staying) as server, http(server, hands, bounds=time_for(silent)) as web:
        assert web.request("HEAD", "/x").headers["Content-Length"] == "90"
    assert [request.method for request in server.requests] == ["HEAD"]


def test_a_file_is_read_as_it_is(hands: Hands) -> None:
    with Server(answer(body=b"%PDF-1.7", Content_Type="application/pdf")) as server:
        assert http(server, hands).get("/pdf", expects_json=False).content == b"%PDF-1.7"


def test_a_query_may_be_posted_as_text_and_is_a_read(hands: Hands) -> None:
    """QuickBooks: ``POST /query`` with ``application/text`` (learn/explore-the-quickbooks-online-api/data-queries)."""
    with Server(drop, answer(body='{"QueryResponse": {}}')) as server:
        http(server, hands, key=KEYED).post(
            "/query", content=b"select * from Item", headers={"Content-Type": "application/text"}, reads=True
        )
    assert [r.body for r in server.requests] == [b"select * from Item"] * 2
    assert server.requests[0].headers["Content-Type"] == "application/text"
    assert "requestid" not in server.requests[0].query


# the idempotency key


def test_the_key_is_made_once_and_survives_every_repetition(hands: Hands) -> None:
    """Also the one after a renewed sign-in."""
    with Server(answer(429), answer(401), answer()) as server:
        Http(server.url, Vendor(label="L", key=KEYED), signer=Renewing(), clock=hands.clock).post("/x", json={})
    keys = [request.query["requestid"][0] for request in server.requests]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert len(keys[0]) == 32


def test_two_calls_have_two_keys_unless_we_say_which(hands: Hands) -> None:
    with Server(answer()) as server:
        ledger = http(server, hands, key=REPLAYED)
        ledger.post("/x", json={})
        ledger.post("/x", json={})
        ledger.post("/x", json={}, key="ours")
        ledger.get("/x")
    keys = [request.headers.get("Idempotency-Key") for request in server.requests]
    assert keys[0] != keys[1]
    assert keys[2:] == ["ours", None]


@pytest.mark.parametrize("key", [KEYED, REPLAYED], ids=["in the query", "in a header"])
def test_a_key_goes_beside_all_else_that_is_sent(hands: Hands, key: IdempotencyKey) -> None:
    with Server(answer()) as server:
        vendor = Vendor(label="L", key=key, query={"minorversion": "75"}, headers={"X-Business": "7"})
        Http(server.url, vendor, clock=hands.clock).post("/x", json={}, key="ours")
    (request,) = server.requests
    assert request.query == {"minorversion": ["75"]} | ({"requestid": ["ours"]} if key is KEYED else {})
    names = ("X-Business", "Content-Type", "Accept", "Idempotency-Key")
    keyed = None if key is KEYED else "ours"
    assert [request.headers.get(name) for name in names] == ["7", "application/json", "application/json", keyed]


# certainly nothing happened: repeated here


@pytest.mark.parametrize("replies", [[answer(429)], [answer(429), answer(429, Retry_After="2")]])
def test_a_write_that_was_turned_away_is_sent_again(hands: Hands, replies: list[Reply]) -> None:
    with Server(*replies, answer(body='{"Id": 1}')) as server:
        assert http(server, hands).post("/x", json={}).body == {"Id": 1}
    assert len(server.requests) == len(replies) + 1


@pytest.mark.parametrize(("asked", "seconds"), [("7", 7), ("2.5", 2.5), (" 7 ", 7)])
def test_a_wait_that_the_vendor_asks_for_is_kept(hands: Hands, asked: str, seconds: float) -> None:
    with Server(answer(429, Retry_After=asked), answer()) as server:
        http(server, hands).get("/x")
    assert sum(hands.waited) == seconds


def test_a_wait_until_a_date_that_is_past_is_none(hands: Hands) -> None:
    """The answer was long on its way, or their clock runs behind itself."""
    with Server(answer(503, Retry_After=formatdate(hands.at - 60, usegmt=True)), answer()) as server:
        http(server, hands, untouched=frozenset({503})).post("/x", json={})
    assert sum(hands.waited) == 2


def test_a_date_that_is_past_adds_nothing_to_a_wait() -> None:
    assert retry_after({"Retry-After": formatdate(100, usegmt=True), "Date": formatdate(130, usegmt=True)}, 0) == 0


def test_a_wait_until_a_date_is_counted_on_the_vendors_clock(hands: Hands) -> None:
    """RFC 9110, 10.2.3; our clock is years away from theirs."""
    then = 1_700_000_000
    reply = answer(429, Retry_After=formatdate(then + 9, usegmt=True), Date=formatdate(then, usegmt=True))
    with Server(reply, answer()) as server:
        http(server, hands).get("/x")
    assert sum(hands.waited) == 9


def test_a_wait_until_a_date_without_theirs_is_counted_on_ours(hands: Hands) -> None:
    with Server(answer(429, Retry_After=formatdate(hands.at + 5, usegmt=True)), answer()) as server:
        http(server, hands).get("/x")
    assert sum(hands.waited) == 5


@pytest.mark.parametrize("zone", ["UTC", "America/Montreal"])
def test_a_wait_until_a_date_without_a_zone_is_counted_in_that_of_greenwich(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 5322, 3.3: -0000 says nothing of a zone, wherever this machine stands."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert retry_after({"Retry-After": formatdate(1_700_000_009).replace("GMT", "-0000")}, 1_700_000_000) == 9
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_wait_until_a_date_of_another_zone_is_counted_in_that_zone(hands: Hands) -> None:
    """RFC 9110, 5.6.7 asks for GMT; who sends another zone (RFC 5322, 3.3) means it."""
    until = datetime.fromtimestamp(hands.at + 5, timezone(timedelta(hours=-5)))
    with Server(answer(429, Retry_After=format_datetime(until)), answer()) as server:
        http(server, hands).get("/x")
    assert sum(hands.waited) == 5


@pytest.mark.parametrize(
    "odd", ["soon", "-3", "²", "1.2.3", "Wed, 99 Foo", "1,5", "nan", "1 Feb 2024 1:1:1 +99999999999999999999"]
)
def test_a_wait_that_makes_no_sense_is_not_kept(hands: Hands, odd: str) -> None:
    with Server(answer(429, Retry_After=odd.encode().decode("latin-1")), answer()) as server:
        http(server, hands).get("/x")
    assert sum(hands.waited) == 2


@pytest.mark.parametrize("absurd", ["9" * 400, "86400000", formatdate(4_070_908_800, usegmt=True)])
def test_a_vendor_that_asks_for_ages_is_asked_again_within_a_day(hands: Hands, tmp_path: Path, absurd: str) -> None:
    """A hold is kept in the pacer's file, where no later run could ever get past it (RFC 9110, 10.2.3: no bound)."""
    for _ in range(2):
        pacer = Pacer(label="Ledger", shared=tmp_path / "pace.sqlite", clock=hands.clock)
        with Server(answer(429, Retry_After=absurd)) as server, pytest.raises(NoTurn) as caught:
            Http(server.url, Vendor(label="Ledger"), pacer=pacer, clock=hands.clock).post("/x", json={})
        assert caught.value.problems[0].code == "day_limit_reached"
        pacer.close()
    hands.at += 86_401
    pacer = Pacer(label="Ledger", shared=tmp_path / "pace.sqlite", clock=hands.clock)
    with Server(answer()) as server:
        Http(server.url, Vendor(label="Ledger"), pacer=pacer, clock=hands.clock).post("/x", json={})


def test_a_vendor_may_say_too_many_in_its_own_way(hands: Hands) -> None:
    """QuickBooks: ThrottleExceeded with 403; wait 60 seconds (learn/limits-and-throttles)."""

    def throttled(got: Answer) -> bool:
        return got.status == 403 and b"ThrottleExceeded" in got.content

    with Server(answer(403, '{"message": "ThrottleExceeded"}'), answer()) as server:
        http(server, hands, throttled=throttled, pause=60).post("/x", json={})
    assert sum(hands.waited) == 60


def test_503_counts_as_nothing_done_only_where_documented_and_with_its_wait(hands: Hands) -> None:
    """Business Central (include-http-status-error-codes)."""
    with Server(answer(503, Retry_After="3"), answer()) as server:
        http(server, hands, untouched=frozenset({503})).post("/x", json={})
    for vendor, reply in (({}, answer(503, Retry_After="3")), ({"untouched": frozenset({503})}, answer(503))):
        with Server(reply) as server, pytest.raises(MayHaveHappened):
            http(server, hands, **vendor).post("/x", json={})
        assert len(server.requests) == 1


def test_another_status_that_is_documented_as_untouched_needs_no_wait(hands: Hands) -> None:
    with Server(answer(500), answer(body="[1]")) as server:
        assert http(server, hands, untouched=frozenset({500})).post("/x", json={}).body == [1]


def test_what_was_not_touched_is_told_as_a_vendor_that_cannot_be_reached(hands: Hands) -> None:
    with Server(answer(503, Retry_After="40")) as server, pytest.raises(NotSent) as caught:
        http(server, hands, untouched=frozenset({503}), unreachable="source_unreachable").post("/x", json={})
    assert (caught.value.problem.code, caught.value.problem.params) == ("source_unreachable", {"ledger": "Ledger"})
    assert caught.value.answer is not None
    assert caught.value.answer.status == 503
    assert "503" in caught.value.problem.detail
    assert sum(hands.waited) == 40 * 4


def test_a_wait_that_is_asked_for_is_kept_whatever_came_with_it(hands: Hands) -> None:
    page = answer(body="<html>", Content_Type="text/html", Retry_After="9")
    for first in (page, answer(500, Retry_After="9"), answer(408, Retry_After="9")):
        hands.waited.clear()
        with Server(first, answer()) as server:
            http(server, hands).get("/x")
        assert sum(hands.waited) == 9


@pytest.mark.parametrize("status", [300, 304, 399, 400, 407, 409, 499])
def test_every_status_from_300_to_499_is_a_refusal_whatever_its_body(hands: Hands, status: int) -> None:
    """RFC 9110, 15.4 and 15.5; 408 and 429 have rules of their own."""
    for reply in (answer(status, b'{"a', Content_Length="90"), answer(status, "<html>", Content_Type="text/html")):
        with Server(reply) as server, pytest.raises(Refused) as caught:
            http(server, hands).post("/x", json={})
        assert caught.value.answer.status == status


def test_nobody_there_is_certain(hands: Hands) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NotSent) as caught:
            http(url, hands).post("/x", json={})
    assert caught.value.problem.code == "ledger_unreachable"
    assert caught.value.problem.owner is Owner.LATER
    assert "Connection" in caught.value.problem.detail
    assert len(hands.waited) > 3


def test_an_unknown_host_is_certain(hands: Hands) -> None:
    """RFC 6761: ``.invalid`` is never resolved."""
    with pytest.raises(NotSent) as caught:
        http("https://ledger.invalid", hands, unreachable="source_unreachable").post("/x", json={})
    assert caught.value.problem.code == "source_unreachable"


def test_a_call_waits_in_the_lane_that_it_names(hands: Hands) -> None:
    pacer = Pacer(Limit(1, 60, "batch"), label="L", clock=hands.clock)
    with (
        Server(*[answer()] * 4) as server,
        Http(server.url, Vendor(label="L"), pacer=pacer, clock=hands.clock) as http_,
    ):
        for lane in ("", "", "batch"):
            http_.get("/x", lane=lane)
        assert sum(hands.waited) == 0
        http_.get("/x", lane="batch")
    assert sum(hands.waited) >= 60


def test_limits_that_never_let_through_end_as_later(hands: Hands) -> None:
    with Server(answer(429, '{"Fault": "slow down"}', intuit_tid="1-65")) as server, pytest.raises(NotSent) as caught:
        http(server, hands).post("/x", json={})
    assert len(server.requests) == PATIENT.attempts
    assert (caught.value.problem.code, caught.value.problem.owner) == ("too_many_requests", Owner.LATER)
    assert caught.value.answer is not None
    assert caught.value.answer.status == 429
    assert "slow down" in caught.value.problem.detail
    assert "1-65" in caught.value.problem.detail


def test_a_write_that_would_wait_for_longer_than_it_may_is_not_sent_again_and_did_nothing(hands: Hands) -> None:
    """429: nothing was done. The intent of the write is older than it may be once the vendor takes calls again."""
    with (
        Server(answer(429, Retry_After="60")) as server,
        watched(Watch(left=lambda: 59)) as watch,
        pytest.raises(NoTurn) as caught,
    ):
        http(server, hands).post("/x", json={})
    assert (caught.value.problems[0].code, caught.value.soon, watch.acted) == ("too_many_requests", True, False)
    assert len(server.requests) == 1


def test_a_write_leaves_in_time_or_not_at_all_and_what_was_begun_is_finished(hands: Hands) -> None:
    with Server(answer()) as server, watched(Watch(left=lambda: 0)) as watch:
        with pytest.raises(NoTurn) as caught:
            http(server, hands).post("/x", json={})
        assert (caught.value.problems[0].code, watch.acted, server.requests) == ("too_late", False, [])
        assert caught.value.problems[0].params == {"ledger": "Ledger"}
        http(server, hands).get("/x")
        assert not watch.acted
        watch.left = lambda: 1
        http(server, hands).post("/x", json={})
        assert watch.acted
        watch.left = lambda: 0
        http(server, hands).post("/x", json={})


@pytest.mark.parametrize(("status", "acted"), [(200, True), (299, True), (300, False), (400, False), (500, True)])
def test_a_refusal_did_nothing_and_all_else_that_answers_may_have(hands: Hands, status: int, acted: bool) -> None:
    with Server(answer(status)) as server, watched(Watch(left=lambda: 9)) as watch:
        with suppress(CannotRun):
            http(server, hands).post("/x", json={})
        assert watch.acted == acted


def test_what_acted_once_has_acted_whatever_becomes_of_the_next_write(hands: Hands) -> None:
    """A batch of several writes: the first one's doubt is not taken back by a second that did nothing."""
    replies = iter([answer(), answer(429, Retry_After="9")])
    with Server(lambda sock, request: next(replies)(sock, request)) as server, watched(Watch(left=lambda: 5)) as watch:
        client = http(server, hands)
        client.post("/x", json={})
        with suppress(NoTurn, CannotRun):
            client.post("/x", json={})
    assert watch.acted


@pytest.mark.parametrize("named", ["Day", "day", "DAY"])
def test_a_limit_is_named_in_capitals_or_without(hands: Hands, named: str) -> None:
    """Xero names the limit that was reached; a vendor's pause for that one is waited for."""
    vendor = Vendor(label="L", limit_named="X-Limit", pauses={"day": 3_600.0}, pause=1.0)
    with (
        Server(answer(429, X_Limit=named)) as server,
        Http(server.url, vendor, clock=hands.clock) as client,
        pytest.raises(CannotRun) as caught,
    ):
        client.get("/x")
    assert (caught.value.problems[0].code, len(server.requests)) == ("day_limit_reached", 1)


def test_a_wait_of_hours_is_a_day_limit(hands: Hands) -> None:
    """Xero: 429 with ``X-Rate-Limit-Problem: day`` and the seconds until midnight."""
    with Server(answer(429, Retry_After="7200")) as server, pytest.raises(CannotRun) as caught:
        http(server, hands).post("/x", json={})
    (problem,) = caught.value.problems
    assert (problem.code, problem.owner, problem.params["ledger"]) == ("day_limit_reached", Owner.LATER, "Ledger")
    assert datetime.fromisoformat(problem.params["when"]).timestamp() == hands.at + 7200
    assert hands.waited == []


def test_an_outage_of_hours_is_not_waited_out(hands: Hands) -> None:
    with Server(answer(503, Retry_After="7200")) as server, pytest.raises(NotSent) as caught:
        http(server, hands).get("/x")
    assert caught.value.problem.code == "ledger_unreachable"
    assert (len(server.requests), hands.waited) == (1, [])


def test_an_outage_as_long_as_the_longest_wait_is_waited_out(hands: Hands) -> None:
    pacer = Pacer(label="L", longest_wait=90, clock=hands.clock)
    with Server(answer(503, Retry_After="90"), answer()) as server:
        Http(server.url, Vendor(label="L"), pacer=pacer, clock=hands.clock).get("/x")
    assert sum(hands.waited) == 90


def test_pauses_grow_and_are_bounded(hands: Hands) -> None:
    with Server(answer(502)) as server, pytest.raises(NotSent):
        Http(server.url, Vendor(label="L"), bounds=Bounds(attempts=8), clock=hands.clock).get("/x")
    assert sum(hands.waited) == 2 + 4 + 8 + 16 + 30 + 30 + 30


# it may have happened


BROKEN = {
    "a read time-out": silent,
    "a dropped connection": drop,
    "500": answer(500),
    "502": answer(502, "<html>Bad gateway</html>", Content_Type="text/html"),
    "504": answer(504),
    "408": answer(408),
    "a truncated answer": answer(body=b'{"Id": 1', Content_Length="4000"),
    "a truncated answer in chunks": chunked(b'{"Id": ', ends=False),
    "half an answer without a length": answer(body=b'{"Id": 1', Content_Length=""),
    "a page in the place of JSON": answer(body="<html>", Content_Type="text/html"),
    "an answer that does not decompress": answer(body=b"no gzip", Content_Encoding="gzip"),
    "an answer with a number that is none": answer(body=b'{"a": NaN}'),
    "an answer nested without end": answer(body=b"[" * 200_000),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN)
def test_a_write_in_doubt_is_never_repeated_blindly(hands: Hands, reply: Reply) -> None:
    with Server(reply) as server, pytest.raises(MayHaveHappened) as caught:
        http(server, hands, bounds=time_for(reply), key=KEYED).post("/invoice", json={})
    assert len(server.requests) == 1
    assert (caught.value.problem.code, caught.value.problem.owner) == ("outcome_unknown", Owner.UNKNOWN_OUTCOME)
    assert caught.value.problem.detail


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN)
def test_a_write_in_doubt_is_repeated_with_its_key_where_the_vendor_replays_it(hands: Hands, reply: Reply) -> None:
    with Server(reply, answer(body='{"Id": 1}')) as server:
        got = http(server, hands, bounds=time_for(reply), key=REPLAYED).post("/invoice", json={})
    assert got.body == {"Id": 1}
    assert len({request.headers["Idempotency-Key"] for request in server.requests}) == 1


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN)
def test_a_read_is_repeated_and_never_leaves_a_doubt(hands: Hands, reply: Reply) -> None:
    with Server(reply, answer(body="[]")) as server:
        assert http(server, hands, bounds=time_for(reply)).get("/x").body == []
    with Server(reply) as server, pytest.raises(NotSent) as caught:
        http(server, hands, bounds=replace(time_for(reply), attempts=2)).get("/x")
    assert len(server.requests) == 2
    assert caught.value.problem.owner is Owner.LATER


def test_a_key_in_the_body_is_declared_by_the_caller(hands: Hands) -> None:
    """Sage Accounting: ``idempotency_id`` inside the resource (guides/concepts/idempotency)."""
    with Server(drop, answer()) as server:
        http(server, hands).post("/contacts", json={"contact": {"idempotency_id": "a1"}}, replays=True)
    assert [request.body for request in server.requests] == [b'{"contact": {"idempotency_id": "a1"}}'] * 2


@pytest.mark.parametrize(
    "then", [answer(400, '{"Fault": "Duplicate"}'), answer(401), answer(429)], ids=["400", "401", "429"]
)
def test_a_doubt_once_raised_outlives_what_the_repetition_says(hands: Hands, then: Reply) -> None:
    """The first one may have been booked, and be the very reason of the second one's refusal."""
    with Server(drop, then) as server, pytest.raises(MayHaveHappened) as caught:
        http(server, hands, key=REPLAYED).post("/x", json={})
    assert caught.value.problem.code == "outcome_unknown"
    assert caught.value.answer is not None


def test_a_doubt_outlives_a_sign_in_that_ended_and_a_limit_of_the_day(hands: Hands) -> None:
    with Server(drop) as server, pytest.raises(MayHaveHappened) as caught:
        Http(server.url, Vendor(label="L", key=REPLAYED), signer=Ending(), clock=hands.clock).post("/x", json={})
    assert "sign_in_again" in caught.value.problem.detail
    pacer = Pacer(Limit(1, 86_400), label="L", clock=hands.clock)
    with Server(drop) as server, pytest.raises(MayHaveHappened) as caught:
        Http(server.url, Vendor(label="L", key=REPLAYED), pacer=pacer, clock=hands.clock).post("/x", json={})
    assert "day_limit_reached" in caught.value.problem.detail


def test_an_exception_that_somebody_is_handling_is_not_taken_for_ours(hands: Hands) -> None:
    """Python hangs it on ours as context, and it says that nobody was there."""
    with socket.socket() as taken, Server(drop) as server:
        taken.bind(("127.0.0.1", 0))
        try:
            requests.get(f"http://127.0.0.1:{taken.getsockname()[1]}", timeout=10)
        except requests.ConnectionError:
            with pytest.raises(MayHaveHappened):
                http(server, hands).post("/x", json={})


# answered


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "ledger_refused"), (401, "sign_in_again"), (403, "access_denied"), (404, "ledger_refused"),
     (409, "ledger_refused"), (422, "ledger_refused")],
)  # fmt: skip
def test_a_refusal_is_the_callers_and_is_not_repeated(hands: Hands, status: int, code: str) -> None:
    reply = answer(status, '{"Fault": {"Error": [{"code": "6240"}]}}', intuit_tid="1-65")
    with Server(reply) as server, pytest.raises(Refused) as caught:
        http(server, hands).post("/customer", json={})
    refused = caught.value
    assert len(server.requests) == 1
    assert refused.answer.status == status
    assert refused.answer.body["Fault"]["Error"][0]["code"] == "6240"
    assert refused.answer.request_id == "1-65"
    assert refused.problem.code == code
    assert "6240" in refused.problem.detail
    assert "1-65" in refused.problem.detail


@pytest.mark.parametrize("half", [b'{"Fa', b"12"])
def test_a_refusal_stands_even_when_its_words_are_cut_off(hands: Hands, half: bytes) -> None:
    """Half a number is another one, so that nothing is read of what did not come whole."""
    with Server(answer(400, half, Content_Length="90")) as server, pytest.raises(Refused) as caught:
        http(server, hands).post("/x", json={})
    assert caught.value.answer.body is None


def test_a_redirect_is_never_followed(hands: Hands) -> None:
    with Server(answer()) as elsewhere:
        with Server(answer(307, Location=elsewhere.url)) as server, pytest.raises(Refused) as caught:
            http(server, hands).post("/x", json={}, headers={"Authorization": Secret("Bearer x")})
        assert elsewhere.requests == []
    assert caught.value.answer.status == 307


def test_cookies_are_not_kept(hands: Hands) -> None:
    with Server(answer(Set_Cookie="a=1")) as server:
        ledger = http(server, hands)
        ledger.get("/x")
        ledger.get("/x")
    assert "Cookie" not in server.requests[1].headers


# bounds


def test_an_answer_without_end_is_cut(hands: Hands) -> None:
    with Server(answer(body=b'"' + b"a" * 300_000 + b'"')) as server, pytest.raises(NotSent) as caught:
        Http(server.url, Vendor(label="L"), bounds=Bounds(size=100_000, attempts=1), clock=hands.clock).get("/x")
    assert caught.value.problem.code == "answer_unreadable"
    assert "100000 bytes" in caught.value.problem.detail


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_of_exactly_its_bound_is_whole(hands: Hands, packed: bool) -> None:
    body = b"[" + b" " * 98 + b"]"
    reply = answer(body=gzip.compress(body), Content_Encoding="gzip") if packed else answer(body=body)
    with Server(reply) as server:
        assert http(server, hands, bounds=replace(PATIENT, size=100)).get("/x").content == body


def test_a_small_answer_that_grows_when_it_is_unpacked_is_cut(hands: Hands) -> None:
    bomb = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
    with Server(answer(body=bomb, Content_Encoding="gzip")) as server, pytest.raises(NotSent) as caught:
        Http(server.url, Vendor(label="L"), bounds=Bounds(size=1_000_000, attempts=1), clock=hands.clock).get("/x")
    assert "1000000 bytes" in caught.value.problem.detail


def test_what_is_kept_of_a_refusal_that_grows_when_it_is_unpacked_is_bounded_too(hands: Hands) -> None:
    bomb = gzip.compress(b" " * 5_000_000)
    with Server(answer(400, bomb, Content_Encoding="gzip")) as server, pytest.raises(Refused) as caught:
        Http(server.url, Vendor(label="L"), bounds=Bounds(size=1_000), clock=hands.clock).get("/x")
    assert len(caught.value.answer.content) == 1_001


def test_a_pause_is_a_random_part_of_its_span_and_a_vendor_that_asks_for_none_adds_nothing(hands: Hands) -> None:
    """AWS, "Exponential Backoff And Jitter"."""
    for chance, waited in ((0.0, 0), (0.25, 0.5)):
        clock = Clock(now=lambda: hands.at, sleep=hands.sleep, chance=lambda chance=chance: chance)
        hands.waited.clear()
        pacer = Pacer(label="L", longest_wait=0.6, clock=clock)
        with Server(answer(502), answer()) as server:
            Http(server.url, Vendor(label="L"), pacer=pacer, clock=clock).get("/x")
        assert sum(hands.waited) == waited


def test_an_answer_that_drips_is_cut_by_its_own_limit(hands: Hands) -> None:
    """Every piece is in time, the whole is not: each look at the clock finds a second gone."""
    clock = Hands()

    def ticking() -> float:
        clock.at += 1
        return clock.at

    ticks = Clock(now=ticking, sleep=clock.sleep, chance=lambda: 0.0)
    with Server(chunked(*[b" "] * 50, b"[]")) as server, pytest.raises(NotSent) as caught:
        Http(server.url, Vendor(label="L"), bounds=Bounds(whole=3, attempts=1), clock=ticks).get("/x")
    assert "too slow" in caught.value.problem.detail


def test_a_file_comes_byte_for_byte(hands: Hands) -> None:
    content = bytes(range(256))
    with Server(answer(body=content, Content_Type="application/pdf")) as server:
        assert http(server, hands).get("/x", expects_json=False).content == content


# signing


class Renewing:
    """A token that is refused the first time."""

    def __init__(self) -> None:
        self.token = "old"
        self.refused: list[object] = []

    def headers(self) -> dict[str, Secret]:
        return {"Authorization": Secret(f"Bearer {self.token}")}

    def renew(self, refused: object) -> None:
        self.refused.append(refused)
        self.token = "new"


class Ending(Renewing):
    """A sign-in that ends after the first request."""

    def headers(self) -> dict[str, Secret]:
        if self.token == "ended":
            raise CannotRun(Problem(code="sign_in_again"))
        self.token = "ended"
        return {"Authorization": Secret("Bearer old")}


def test_a_401_renews_the_sign_in_once(hands: Hands) -> None:
    signer = Renewing()
    with Server(answer(401), answer()) as server:
        Http(server.url, Vendor(label="L"), signer=signer, clock=hands.clock).post("/x", json={})
    assert [request.headers["Authorization"] for request in server.requests] == ["Bearer old", "Bearer new"]
    assert signer.refused == [{"Authorization": Secret("Bearer old")}]
    with Server(answer(401)) as server, pytest.raises(Refused) as caught:
        Http(server.url, Vendor(label="L"), signer=Renewing(), clock=hands.clock).post("/x", json={})
    assert len(server.requests) == 2
    assert caught.value.problem.owner is Owner.ADMINISTRATOR


def test_a_write_that_was_refused_its_token_is_not_sent_again_once_it_is_too_late(hands: Hands) -> None:
    """docs/journal.md: the computer slept while the sign-in was renewed, and another may have taken its place."""
    watch = Watch(left=lambda: 1)

    class Sleeping(Renewing):
        def renew(self, refused: object) -> None:
            super().renew(refused)
            watch.left = lambda: -600

    with Server(answer(401), answer()) as server, watched(watch), pytest.raises(NoTurn) as caught:
        Http(server.url, Vendor(label="L"), signer=Sleeping(), clock=hands.clock).post("/x", json={})
    assert (caught.value.problems[0].code, watch.acted, len(server.requests)) == ("too_late", False, 1)


def test_a_netrc_file_never_speaks_for_us(hands: Hands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Server(answer()) as server:
        http(server, hands).get("/x")
    assert "Authorization" not in server.requests[0].headers


def test_what_stays_on_this_machine_goes_through_no_proxy(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(answer(418)) as proxy, Server(answer()) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert http(server, hands).get("/x").status == 200
    assert proxy.requests == []


def test_what_is_elsewhere_goes_through_the_proxy_of_its_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with Server(answer(418)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        client = Http("https://books.example.org", Vendor(label="L"), bounds=Bounds(attempts=1))
        with client, pytest.raises(CannotRun):
            client.get("/x")
    assert len(proxy.requests) == 1


def test_a_pacer_that_was_given_serves_on_when_a_session_has_ended_and_no_other(hands: Hands) -> None:
    pacer = Pacer(label="L", clock=hands.clock)
    with Server(answer()) as server:
        for ours in (pacer, pacer, None):
            with Http(server.url, Vendor(label="L"), pacer=ours, clock=hands.clock) as web:
                web.get("/x")
        with pytest.raises(CannotRun) as caught:
            web.get("/x")
    pacer.close()
    assert "closed" in caught.value.problems[0].detail
    assert len(server.requests) == 3


def test_what_an_answer_says_is_left_is_heeded_by_the_next_call(hands: Hands) -> None:
    minute = Pacer(Limit(60, 60, header="X-Left"), label="L", clock=hands.clock)
    with (
        Server(answer(X_Left="0")) as server,
        Http(server.url, Vendor(label="L"), pacer=minute, clock=hands.clock) as web,
    ):
        web.get("/x")
        assert hands.waited == []
        web.get("/x")
    assert sum(hands.waited) == pytest.approx(60)


# addresses


@pytest.mark.parametrize(
    "url",
    ["http://ledger.example", "http://127.0.0.1.example", "http://10.0.0.1", "ftp://127.0.0.1", "ledger.example", "",
     "https://", "https://user:pass@ledger.example", "https://ledger.example/?a=1", "https://ledger.example/#a",
     "https://ledger.example:port", "http://localhost@ledger.example", "file:///etc/passwd", "http://[::2]",
     "https://ledger.example/ ", " https://ledger.example", "https://ledger.example\n", "https://ledger.example/\xa0"],
)  # fmt: skip
def test_an_address_that_is_not_safe_is_refused(hands: Hands, url: str) -> None:
    with pytest.raises(CannotRun) as caught:
        Http(url, Vendor(label="L"), setting="ledger.url")
    (problem,) = caught.value.problems
    assert (problem.code, problem.params["setting"]) == ("settings_invalid", "ledger.url")


@pytest.mark.parametrize(
    "url",
    [
        "https://ledger.example/v3/",
        "https://ledger.example/XX",
        "http://127.0.0.1:80",
        "http://127.9.9.9",
        "http://localhost",
        "http://[::1]",
    ],
)
def test_https_and_this_machine_are_accepted(url: str) -> None:
    assert Http(url, Vendor(label="L")).base == url.rstrip("/")


def test_a_port_may_be_named_or_left_to_its_scheme() -> None:
    """RFC 3986, 6.2.3: the port of a scheme is the same address with and without it."""
    assert below("https://a.example/v3", "https://a.example:443/v3/x") == "https://a.example:443/v3/x"
    assert below("https://a.example:8443", "https://a.example:8443/x") == "https://a.example:8443/x"
    for other in ("https://a.example/x", "https://a.example:8444/x"):
        with pytest.raises(ValueError, match="not below"):
            below("https://a.example:8443", other)


def test_a_next_page_is_followed_only_where_we_already_are(hands: Hands) -> None:
    """Business Central: ``@odata.nextLink`` is a whole address."""
    with Server(answer()) as server:
        http(server, hands, query={"minorversion": "75"}).get(f"{server.url}/companies(1)/customers?$skiptoken=a%20b")
        assert server.requests[0].query == {"$skiptoken": ["a b"]}
        for away in ("https://evil.example/x", "//evil.example/x", server.url.replace("127.0.0.1", "127.0.0.2") + "/x",
                     "/../x", "/a/..", "/a/../x", "/./x", "/a/.",
                     "/a/%2e%2E/x", "/.%2e", "/a?b=c", "/a#b", "/a\r\nX: 1", "/a b",
                     "/a\\b"):  # fmt: skip
            try:
                http(server, hands).get(away)
            except ValueError:
                continue
            assert server.requests[-1].path == "/evil.example/x"
    assert len(server.requests) == 2


# TLS


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused(hands: Hands, self_signed: ssl.SSLContext) -> None:
    with Server(answer(), tls=self_signed) as server, pytest.raises(NotSent) as caught:
        http(server, hands).post("/x", json={}, headers={"Authorization": Secret("Bearer x")})
    problem = caught.value.problem
    assert (problem.code, problem.owner) == ("certificate_refused", Owner.ADMINISTRATOR)
    assert problem.detail == "SSLCertVerificationError: self-signed certificate"
    assert server.requests == []
    assert hands.waited == []


def test_a_server_that_speaks_no_tls_is_certain(hands: Hands) -> None:
    with Server(answer()) as server, pytest.raises(NotSent) as caught:
        http(server.url.replace("http", "https"), hands).post("/x", json={})
    assert caught.value.problem.code == "certificate_refused"


def test_a_float_is_never_sent(hands: Hands) -> None:
    with Server(answer()) as server, pytest.raises(TypeError):
        http(server, hands).post("/x", json={"amount": 0.1})
    assert server.requests == []
