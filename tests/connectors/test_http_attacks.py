"""One bound for a whole exchange, whatever its phase, and what is known of a write that was cut there.

RFC 9110 bounds none of it: 15.2 (interim answers), 5.4 (headers); RFC 9112, 7.1 (extensions and trailers of chunks).
"""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

import pytest

from connectors.http import Bounds, Http, MayHaveHappened, NotSent, Refused, Vendor
from connectors.http.bound import HEAD
from connectors.pace import Clock
from connectors.problems import CannotRun
from tests.connectors.scripted_server import Hands, Reply, Request, Server, answer, chunked

OK = b"HTTP/1.1 200 x\r\nContent-Type: application/json\r\n"
CHUNKS = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOUNDS = Bounds(connect=0.3, read=0.2, whole=0.3, size=100_000, attempts=1)
PATIENT = Bounds(connect=30, read=30, whole=30, size=100_000, attempts=1)
"""A bound of size alone: on a busy machine a flood would meet the other one first."""


def again(begin: bytes, endless: bytes, pause: float = 0) -> Reply:
    """An answer that begins, and then never ends; ``pause`` lets it drip."""

    def reply(sock: socket.socket, _: Request) -> None:
        gone = threading.Event()
        sock.sendall(begin)
        for byte in itertools.cycle(endless) if pause else itertools.repeat(endless * 100):
            sock.sendall(bytes([byte]) if isinstance(byte, int) else byte)
            gone.wait(pause)

    return reply


DRIPS = {
    "the status line": again(b"", b"HTTP/1.1 200 " + b"x" * 60_000, 0.02),
    "headers": again(OK, b"X-A: b\r\n", 0.02),
    "interim answers": again(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
    "an extension of a chunk": again(CHUNKS + b"1;", b"a", 0.02),
    "chunks": again(CHUNKS, b"1\r\na\r\n", 0.02),
    "trailers": again(CHUNKS + b"2\r\n[]\r\n0\r\n", b"X-A: b\r\n", 0.02),
    "a body": again(OK + b"Content-Length: 90000\r\n\r\n", b" ", 0.02),
    "a body without a length": again(OK + b"\r\n", b" ", 0.02),
}
FLOODS = {
    "headers": again(OK, b"X-A: b\r\n"),
    "one header": again(OK + b"X-A: ", b"a"),
    "interim answers": again(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "an extension of a chunk": again(CHUNKS + b"1;", b"a"),
    "chunks": again(CHUNKS, b"1\r\na\r\n"),
    "trailers": again(CHUNKS + b"2\r\n[]\r\n0\r\n", b"X-A: b\r\n"),
    "a body": again(OK + b"\r\n", b" "),
    "a redirect's body": again(b"HTTP/1.1 302 x\r\nLocation: /elsewhere\r\n\r\n", b" "),
}
BROKEN_OFF = {
    "in its headers": lambda sock, _: sock.sendall(OK + b"X-Half"),
    "before its body": lambda sock, _: sock.sendall(OK + b"\r\n"),
    "in what is packed": answer(body=gzip.compress(b"[1, 2]")[:-6], Content_Encoding="gzip"),
    "in interim answers": lambda sock, _: sock.sendall(b"HTTP/1.1 103 x\r\nLink: </a>\r\n"),
    "packed in another way than it says": answer(body=zlib.compress(b"[]"), Content_Encoding="gzip"),
    "packed twice": answer(body=gzip.compress(gzip.compress(b"[]")), Content_Encoding="gzip, gzip"),
    "packed as not asked": answer(body=b"x", Content_Encoding="br"),
    "more than one": answer(body=gzip.compress(b"[]") + b"[]", Content_Encoding="gzip"),
    "a bomb": answer(body=gzip.compress(b"[" + b" " * 50_000_000 + b"]"), Content_Encoding="gzip"),
}  # fmt: skip


def http(url: str, bounds: Bounds = BOUNDS) -> Http:
    return Http(url, Vendor(label="Ledger"), bounds=bounds)


@pytest.mark.parametrize("reply", [*DRIPS.values(), *FLOODS.values(), *BROKEN_OFF.values()],
                         ids=[*DRIPS, *(f"a flood: {name}" for name in FLOODS), *BROKEN_OFF])  # fmt: skip
def test_an_answer_that_never_ends_is_cut_and_leaves_a_doubt_of_a_write_alone(reply: Reply) -> None:
    """The redirect is a refusal by its status, whatever its body; everything else may have been carried out."""
    with Server(reply) as server:
        with pytest.raises(CannotRun) as write:
            http(server.url).post("/x", json={})
        with pytest.raises(CannotRun) as read:
            http(server.url).get("/x")
    if reply is FLOODS["a redirect's body"]:
        assert {write.value.problems[0].code, read.value.problems[0].code} == {"ledger_refused"}
    else:
        assert isinstance(write.value, MayHaveHappened)
        assert isinstance(read.value, NotSent)


@pytest.mark.parametrize("name", ["headers", "interim answers", "trailers", "a body"])
def test_what_was_cut_says_by_which_bound(name: str) -> None:
    with Server(DRIPS[name]) as server, pytest.raises(MayHaveHappened) as slow:
        http(server.url).post("/x", json={})
    assert "too slow: not complete after 0.3 s" in slow.value.problem.detail
    if name == "headers":
        return  # the standard library takes a hundred of them, and no more
    with Server(FLOODS[name]) as server, pytest.raises(MayHaveHappened) as long:
        http(server.url, PATIENT).post("/x", json={})
    assert "more than 100000 bytes" in long.value.problem.detail


def test_an_answer_is_whole_or_too_slow_wherever_its_bound_falls() -> None:
    """At each step to the very second: a second passes with each look at the clock."""
    ended = set()
    for whole in range(1, 30):
        hands = Hands()

        def ticking(hands: Hands = hands) -> float:
            hands.at += 1
            return hands.at

        clock = Clock(now=ticking, sleep=hands.sleep, chance=lambda: 0.0)
        with (
            Server(chunked(*[b" "] * 5, b"[]")) as server,
            Http(server.url, Vendor(label="L"), bounds=replace(PATIENT, whole=whole), clock=clock) as web,
        ):
            try:
                ended.add(f"whole: {web.get('/x').body}")
            except NotSent as slow:
                detail = slow.problem.detail
                ended.add("too slow" if "TimeoutError: " in detail else detail)
    assert ended == {"whole: []", "too slow"}


@contextmanager
def listening(speak: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port where each connection is spoken to in a thread of its own until the test ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    sock, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=spoken, args=(sock,), daemon=True).start()

        def spoken(sock: socket.socket) -> None:
            with sock, suppress(OSError):  # the client has given up
                speak(sock)

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def _record_without_end(sock: socket.socket) -> None:
    """The header of a TLS record of 16 KiB (RFC 8446, 5.1), and then a byte now and then."""
    sock.recv(65536)
    sock.sendall(b"\x16\x03\x03\x40\x00")
    gone = threading.Event()
    while True:
        sock.sendall(b"\x02")
        gone.wait(0.05)


@pytest.mark.parametrize(
    "speak",
    [_record_without_end, lambda sock: sock.recv(65536) and sock.recv(65536), lambda sock: sock.recv(1),
     lambda sock: sock.recv(65536) and sock.sendall(b"\x15\x03\x03\x00\x02\x02\x28")],
    ids=["drips", "says nothing", "hangs up", "refuses"],
)  # fmt: skip
def test_a_handshake_that_does_not_end_has_certainly_sent_nothing(speak: Callable[[socket.socket], None]) -> None:
    with listening(speak) as port, pytest.raises(NotSent):
        http(f"https://127.0.0.1:{port}").post("/x", json={})


@pytest.mark.parametrize(
    "reply", [DRIPS["headers"], FLOODS["one header"], DRIPS["the status line"], answer(502)],
    ids=["headers drip", "a header without end", "a status line drips", "refuses"],
)  # fmt: skip
def test_a_proxy_that_does_not_let_through_has_certainly_passed_nothing_on(
    reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``CONNECT`` (RFC 9110, 9.3.6) is answered before our request leaves; what the proxy says is bounded alike."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with Server(reply) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(NotSent):
            http("https://ledger.example").post("/x", json={})


def test_a_name_that_is_looked_up_for_ever_has_certainly_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    waiting: list[threading.Thread] = []

    def lookup(*_: object, **__: object) -> list[object]:
        waiting.append(threading.current_thread())
        asked.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(NotSent) as caught:
        http("https://ledger.example").post("/x", json={})
    asked.set()
    assert caught.value.problem.detail == "TimeoutError: the name was not looked up in time"
    assert all(thread.daemon for thread in waiting), "the program ends without waiting for it"


def test_many_addresses_that_do_not_answer_take_the_time_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """192.0.2.0/24 is nobody's (RFC 5737); a sandbox without a route refuses at once, which is as certain."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{n}", 443)) for n in range(1, 255)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(NotSent):
        http("https://ledger.example").post("/x", json={})


@pytest.mark.parametrize("before", [0, 1], ids=["at first", "after it answered"])
def test_a_server_that_never_reads_is_given_up(before: int) -> None:
    """Of a body that left in part nothing certain is known; a connection that is used again is bounded anew."""
    gone = threading.Event()

    def ignore(sock: socket.socket) -> None:
        for _ in range(before):
            sock.recv(65536)
            sock.sendall(OK + b"Content-Length: 2\r\n\r\n[]")
        gone.wait(5)

    with listening(ignore) as port, http(f"http://127.0.0.1:{port}") as web:
        for _ in range(before):
            web.get("/x")
        with pytest.raises(MayHaveHappened) as caught:
            web.post("/x", content=b" " * 20_000_000, headers={"Content-Type": "text/plain"})
    gone.set()
    assert caught.value.problem.detail == "TimeoutError"


def test_a_connection_is_used_again_within_a_new_bound() -> None:
    """The bound is the exchange's, not the connection's."""

    def twice(sock: socket.socket, _: Request) -> None:
        sock.sendall(OK + b"Content-Length: 3\r\n\r\n[1]")
        sock.recv(65_536)
        sock.sendall(OK + b"Content-Length: 3\r\n\r\n[2]")

    hands = Hands()
    with Server(twice) as server, Http(server.url, Vendor(label="L"), bounds=PATIENT, clock=hands.clock) as web:
        assert web.get("/x").body == [1]
        hands.at += 2 * PATIENT.whole
        assert web.get("/x").body == [2]
    assert len(server.requests) == 1, "the second came over the first one's connection"


@pytest.mark.parametrize("status", [100, 102, 103, 199])
def test_an_interim_answer_is_not_the_answer(status: int) -> None:
    """RFC 9110, 15.2: a client passes over any of them, asked for or not."""
    interim = f"HTTP/1.1 {status} x\r\nLink: </a>\r\n\r\n".encode()

    def reply(sock: socket.socket, request: Request) -> None:
        sock.sendall(interim * 2)
        answer(body="[1]")(sock, request)

    with Server(reply) as server:
        assert http(server.url, PATIENT).post("/x", json={}).body == [1]


@pytest.mark.parametrize("later", [b"", OK + b"Content-Length: 3\r\n\r\n[1]"], ids=["alone", "before an answer"])
def test_another_protocol_that_nobody_asked_for_is_no_answer(later: bytes) -> None:
    """What comes after it is in that protocol (RFC 9110, 15.2.2), and passed over by nobody."""
    switching = b"HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n" + later
    with Server(lambda sock, _: sock.sendall(switching)) as server, pytest.raises(MayHaveHappened):
        http(server.url, PATIENT).post("/x", json={})


def interim(size: int) -> bytes:
    """An interim answer of so many bytes, whose lines end with a line feed alone (RFC 9112, 2.2)."""
    begin = b"HTTP/1.1 103 x\nLink: "
    return begin + b"a" * (size - len(begin) - 2) + b"\n\n"


@pytest.mark.parametrize("beyond", [0, 1])
def test_all_that_comes_is_counted_to_the_last_byte(beyond: int) -> None:
    """Beside the body there may be 1 MiB, interim answers included; that it ends is no byte of it."""
    whole = OK + b"\r\n[" + b" " * 98 + b"]"
    hints = [interim(60_000)] * 17
    hints += [interim(100 + HEAD - len(whole) - 17 * 60_000 + beyond)]
    with (
        Server(lambda sock, _: sock.sendall(b"".join([*hints, whole]))) as server,
        http(server.url, replace(PATIENT, size=100)) as web,
    ):
        if not beyond:
            assert web.get("/x").body == []
            return
        with pytest.raises(NotSent) as caught:
            web.get("/x")
    assert "more than 100 bytes" in caught.value.problem.detail


def test_what_is_unpacked_is_bounded_piece_by_piece() -> None:
    """The beginning was small, and what follows is as much too long as if it had come alone."""
    packer = zlib.compressobj(wbits=31)
    pieces = [
        packer.compress(b" " * 600) + packer.flush(zlib.Z_SYNC_FLUSH),
        packer.compress(b" " * 50_000) + packer.flush(),
    ]
    head = b"HTTP/1.1 400 x\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = [f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces]
    with (
        Server(lambda sock, _: sock.sendall(head + b"".join(chunks) + b"0\r\n\r\n")) as server,
        pytest.raises(Refused) as caught,
    ):
        http(server.url, replace(PATIENT, size=1_000)).get("/x")
    assert len(caught.value.answer.content) == 1_001


# names and addresses


def _answering(*found: object, meanwhile: Callable[[], None] = lambda: None) -> Callable[..., list[object]]:
    """A look-up that finds these addresses, or the exception that it meets."""

    def lookup(*_: object, **__: object) -> list[object]:
        meanwhile()
        if isinstance(found[0], Exception):
            raise found[0]
        return list(found)

    return lookup


def _refused(web: Http) -> str:
    with web, pytest.raises(NotSent) as caught:
        web.post("/x", json={})
    assert caught.value.problem.code == "ledger_unreachable"
    return caught.value.problem.detail


def test_a_name_that_nobody_knows_is_told_in_the_systems_words(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    monkeypatch.setattr(socket, "getaddrinfo", _answering(unknown))
    assert _refused(http("https://ledger.example")) == "gaierror: Name or service not known"


def test_a_name_that_cannot_be_one_has_certainly_sent_nothing() -> None:
    """RFC 1035, 2.3.4: a label is of 63 characters at most; Python finds that before anybody is asked."""
    assert "Unicode" in _refused(http(f"https://{'a' * 64}.example"))


@pytest.mark.parametrize("late", [0.0, 1.0])
def test_a_name_that_is_looked_up_as_the_time_to_connect_ends_is_not_connected_to(
    late: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = Hands()

    def slow() -> None:
        hands.at += PATIENT.connect + late

    with Server(answer()) as server:
        found = socket.getaddrinfo("127.0.0.1", int(server.url.rpartition(":")[2]), type=socket.SOCK_STREAM)
        monkeypatch.setattr(socket, "getaddrinfo", _answering(*found, meanwhile=slow))
        web = Http(server.url, Vendor(label="L"), bounds=replace(PATIENT, whole=99), clock=hands.clock)
        assert _refused(web) == "TimeoutError: no address of the name answered"
    assert server.requests == []


def test_the_next_address_of_a_name_is_tried_where_one_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 6724, 2: a name may have several, and not each of them has to answer."""
    with socket.socket() as taken, Server(answer(body="[1]")) as server:
        taken.bind(("127.0.0.1", 0))
        nobody, there = (
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
            for port in (taken.getsockname()[1], int(server.url.rpartition(":")[2]))
        )
        monkeypatch.setattr(socket, "getaddrinfo", _answering(nobody, there, nobody))
        assert http(server.url, PATIENT).get("/x").body == [1]
        monkeypatch.setattr(socket, "getaddrinfo", _answering(nobody))
        assert _refused(http(server.url)) == "ConnectionRefusedError: Connection refused"


def test_a_server_that_takes_no_connection_is_given_up_and_has_certainly_got_nothing() -> None:
    """Its queue is full: the system answers nobody's first packet (listen(2))."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(2):
            sock = waiting.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        closing = threading.Timer(2, full.shutdown, (socket.SHUT_RDWR,))  # who waits for longer is refused
        closing.start()
        waiting.callback(closing.cancel)
        assert _refused(http(f"http://127.0.0.1:{full.getsockname()[1]}")) == "TimeoutError"


def test_what_is_written_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9293, 3.7.4: a sender that waits for a packet to fill asks for that; head and body of a write are two."""
    options: list[tuple[int, int, int]] = []
    real = socket.socket.setsockopt

    def setting(sock: socket.socket, *option: int) -> None:
        options.append(option)  # type: ignore[arg-type]
        real(sock, *option)

    with Server(answer()) as server:
        monkeypatch.setattr(socket.socket, "setsockopt", setting)
        http(server.url, PATIENT).post("/x", json={})
    assert (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) in options
