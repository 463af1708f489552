"""Faults on demand for any stand-in: each switch does what it says, and tells apart what was done from what was not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from threading import Lock

import pytest
import requests

from connectors.sandboxes.clock import Clock
from connectors.sandboxes.faults import Answer, Fault, FaultKind, Faults
from connectors.sandboxes.server import Request, Server

BODY = b'{"number": 12345678901234567890}'


class Counter:
    """A vendor that counts: every request is an effect."""

    def __init__(self) -> None:
        self.clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
        self.done: list[Request] = []
        self._lock = Lock()

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.done.append(request)
        return Answer(body=BODY, headers={"X-Vendor": "yes"})

    def refusal(self, status: int) -> Answer:
        return Answer(status=status, body=f'{{"refused": {status}}}'.encode())


@pytest.fixture
def vendor() -> Counter:
    return Counter()


@pytest.fixture
def server(vendor: Counter) -> Iterator[Server]:
    with Server(vendor) as running:
        yield running


def switch(server: Server, **fault: object) -> None:
    assert requests.post(f"{server.url}/_sandbox/faults", json=fault, timeout=10).status_code == 200


@pytest.mark.parametrize("status", [401, 429, 500, 502, 503, 504])
def test_refusal_does_nothing_and_passes(server: Server, vendor: Counter, status: int) -> None:
    switch(server, kind="refuse", status=status)
    refused = requests.get(server.url, timeout=10)
    assert (refused.status_code, refused.json(), vendor.done) == (status, {"refused": status}, [])
    assert requests.get(server.url, timeout=10).content == BODY


def test_refusal_with_headers_and_words_of_the_caller(server: Server) -> None:
    switch(server, kind="refuse", status=429, headers={"Retry-After": "7"}, body="slow down")
    refused = requests.get(server.url, timeout=10)
    assert (refused.headers["Retry-After"], refused.text) == ("7", "slow down")


@pytest.mark.parametrize(
    ("kind", "done"),
    [("drop_before", 0), ("drop_after", 1), ("half", 1)],
)
def test_broken_connections(server: Server, vendor: Counter, kind: str, done: int) -> None:
    """The client cannot tell them apart; what was done differs."""
    switch(server, kind=kind)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.post(server.url, data=b"x", timeout=10)
    assert len(vendor.done) == done
    assert requests.get(server.url, timeout=10).content == BODY


def test_failure_that_committed(server: Server, vendor: Counter) -> None:
    switch(server, kind="fail_after", status=500)
    assert requests.post(server.url, timeout=10).status_code == 500
    assert len(vendor.done) == 1


def test_whole_answer_with_half_a_body(server: Server) -> None:
    switch(server, kind="truncate")
    answer = requests.get(server.url, timeout=10)
    assert answer.content == BODY[: len(BODY) // 2]
    with pytest.raises(ValueError, match=r"."):
        answer.json()


def test_delivered_twice(server: Server, vendor: Counter) -> None:
    switch(server, kind="duplicate")
    assert requests.post(server.url, data=b"once", timeout=10).content == BODY
    assert [request.body for request in vendor.done] == [b"once", b"once"]


def test_wrong_content_type_over_the_right_body(server: Server) -> None:
    switch(server, kind="content_type")
    answer = requests.get(server.url, timeout=10)
    assert (answer.headers["Content-Type"], answer.content) == ("text/html;charset=UTF-8", BODY)


def test_a_client_that_does_not_wait_for_a_late_answer_cannot_know_that_it_was_done(
    server: Server, vendor: Counter
) -> None:
    switch(server, kind="delay", seconds=0.4)
    with pytest.raises(requests.ReadTimeout):
        requests.get(server.url, timeout=0.1)
    assert requests.get(server.url, timeout=10).content == BODY


def test_an_answer_in_small_pieces_is_whole_in_the_end(server: Server) -> None:
    switch(server, kind="drip", seconds=0.005)
    assert requests.get(server.url, timeout=10).content == BODY


def test_latency_comes_before_every_answer(vendor: Counter) -> None:
    with Server(vendor, latency=0.4) as server, pytest.raises(requests.ReadTimeout):
        requests.get(server.url, timeout=0.1)


def test_items_are_told_to_the_stand_in(server: Server, vendor: Counter) -> None:
    switch(server, kind="items", items=[1, 3], status=503)
    requests.post(server.url, timeout=10)
    assert (vendor.done[0].failing_items, vendor.done[0].failing_status) == (frozenset({1, 3}), 503)


def test_which_requests_meet_a_fault() -> None:
    """Method and a part of the path with its query; the nth match; so many times; cleared on demand."""
    faults = Faults()
    faults.add(Fault(kind=FaultKind.REFUSE, method="POST", path="/invoice?", nth=2, times=2))
    asked = [("GET", "/invoice?a"), ("POST", "/customer?a"), *[("POST", "/invoice?a")] * 4]
    assert [faults.take(*request) is not None for request in asked] == [False, False, False, True, True, False]
    assert faults.report()[0] | {"seen": 4, "fired": 2} == faults.report()[0]
    faults.clear()
    assert faults.report() == []


def test_seeded_probability_repeats_itself() -> None:
    def drawn(seed: int) -> list[bool]:
        faults = Faults()
        faults.add(Fault(kind=FaultKind.REFUSE, probability=0.3, times=0, seed=seed))
        return [faults.take("GET", "/") is not None for _ in range(200)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 30 < sum(drawn(1)) < 90


def test_a_switch_that_does_not_exist_is_refused(server: Server) -> None:
    answer = requests.post(f"{server.url}/_sandbox/faults", json={"kind": "melt"}, timeout=10)
    assert answer.status_code == 400
    assert requests.get(f"{server.url}/_sandbox/faults", timeout=10).json() == []


def test_clock_moves_forward_alone(server: Server, vendor: Counter) -> None:
    clock = f"{server.url}/_sandbox/clock"
    assert requests.post(clock, json={"advance": 3600}, timeout=10).json() == {"now": "2026-01-01T01:00:00+00:00"}
    assert requests.post(clock, json={"advance": -1}, timeout=10).status_code == 400
    assert vendor.clock.today().isoformat() == "2026-01-01"


def test_connections_are_kept_alive(server: Server, vendor: Counter) -> None:
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("POST", "/", body=b"x")
        assert connection.getresponse().read() == BODY
        assert connection.sock is first
    connection.close()


def test_a_body_without_bounds_is_refused(server: Server, vendor: Counter) -> None:
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", "99999999999")
    connection.endheaders()
    assert connection.getresponse().status == 413
    assert vendor.done == []
    connection.close()
