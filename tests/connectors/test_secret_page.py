"""The page that asks for a secret: who may see it, what may be sent to it, and that it is one-time (design: a secret
is never typed in a cell). Origin: RFC 6454, 7; rebinding: the Host header alone tells; policy: CSP level 3."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from addin.profile import load
from addin.usecases.init import init
from addin.usecases.password import kept_for
from addin.usecases.secret_page import give_secrets
from connectors.problems import CannotRun
from connectors.secrets.secret import Secret
from connectors.signin.secret_page import FORM, Words, ask_secret
from tests.chromium import PROGRAM, Chromium
from workbook.file.file_book import FileBook

IN_A_BROWSER = pytest.mark.skipif(not PROGRAM, reason="no Chromium on this machine")

WORDS = Words(
    language="fr", title="Un secret de « A & B »", meaning="Ce que le fournisseur a remis.", label="Secret client",
    then="Il va au coffre.", button="Garder", empty="Rien n'a été inscrit.", thanks="Merci.", over="Terminé.",
)  # fmt: skip


@dataclass
class Asked:
    """A page that is open, and the secret that it will answer with."""

    address: str
    secret: Future[Secret]

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        self.port, self.path = parts.port or 0, parts.path
        self.origin = f"http://127.0.0.1:{self.port}"

    def sends(self, method: str, path: str = "", body: str = "", **headers: str) -> tuple[int, str, dict[str, str]]:
        """Status, page and headers of a request by hand."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path or self.path, body.encode() or None, given)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())

    def gives(self, typed: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        """Send what the page's form would."""
        usual = {"Content_Type": FORM, "Origin": self.origin, **headers}
        return self.sends("POST", "", f"secret={quote(typed)}", **usual)

    def entered(self, browser: Chromium) -> Secret:
        """The secret, once Enter was pressed: a busy browser may drop what is pressed, and a person presses again."""
        for _ in range(10):
            browser.press("Enter", 13, "\r")
            with suppress(TimeoutError):
                return self.secret.result(2)
        raise TimeoutError


@contextmanager
def asking(patience: float = 60) -> Iterator[Asked]:
    opened: Future[str] = Future()

    def browser(address: str) -> bool:
        opened.set_result(address)
        return True

    with ThreadPoolExecutor(1) as pool:
        secret = pool.submit(ask_secret, WORDS, browser, patience)
        page = Asked(opened.result(10), secret)
        try:
            yield page
        finally:
            if not secret.done():
                page.gives("at last")


def test_what_is_sent_from_the_page_is_the_secret_and_then_the_page_is_over() -> None:
    with asking() as page:
        status, told, _ = page.gives("Hush 4711 & é")
        assert (status, page.secret.result(10).reveal()) == (200, "Hush 4711 & é")
        assert "Merci." in told
        assert "Hush" not in told
        with pytest.raises(OSError, match="refused"):
            page.sends("GET")


def test_nobody_guesses_its_address_and_no_other_page_of_it_is_shown() -> None:
    with asking() as page:
        assert len(page.path) > 40
        for path in ("/", "/favicon.ico", page.path[:-1], page.path + "x", page.path + "?x=1", page.path + "/"):
            status, told, _ = page.sends("GET", path)
            assert (status, "<form" in told) == (404, False), path


def test_no_other_program_may_listen_at_its_port_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows an address that may be reused may be taken over by another program (SO_REUSEADDR)."""
    bound = ThreadingHTTPServer.server_bind
    reused: list[bool] = []

    def watched(server: ThreadingHTTPServer) -> None:
        bound(server)
        reused.append(bool(server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)))

    monkeypatch.setattr(ThreadingHTTPServer, "server_bind", watched)
    with asking():
        assert reused == [False]


def test_a_browser_that_breaks_off_is_no_error_and_the_page_stays(capfd: pytest.CaptureFixture[str]) -> None:
    with asking() as page:
        with socket.create_connection(("127.0.0.1", page.port), timeout=10) as broken:
            broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets it
            broken.sendall(b"GET / HT")
        assert page.sends("GET")[0] == 200
        page.gives("Hush 4711")
        page.secret.result(10)  # by then every answer has ended
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("host", ["localhost", "evil.example", "127.0.0.1", "127.0.0.1:1", "[::1]"])
def test_under_another_name_it_is_not_there(host: str) -> None:
    with asking() as page:
        assert page.sends("GET", Host=host)[0] == 404
        assert page.gives("x", Host=host)[0] == 403
        assert not page.secret.done()


@pytest.mark.parametrize(
    "origin", ["null", "https://evil.example", "http://localhost:{port}", "http://127.0.0.1:1", ""]
)
def test_what_another_page_sends_is_refused(origin: str) -> None:
    with asking() as page:
        assert page.gives("x", Origin=origin.format(port=page.port))[0] == 403
        assert not page.secret.done()


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_what_is_no_form_or_too_long_is_refused(kind: str) -> None:
    with asking() as page:
        assert page.gives("x", Content_Type=kind)[0] == 403
        assert page.gives("x", Content_Length="1000000")[0] == 403
        assert not page.secret.done()


def test_nothing_typed_is_said_and_asked_again() -> None:
    with asking() as page:
        status, told, _ = page.gives("  ")
        assert status == 400
        assert "Rien n&#x27;a été inscrit." in told
        assert 'role="alert"' in told
        assert not page.secret.done()


def test_nothing_is_kept_by_the_browser_framed_or_loaded_from_elsewhere() -> None:
    with asking() as page:
        _, told, headers = page.sends("GET")
    assert headers["Cache-Control"] == "no-store"
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy.keys() == {"default-src", "style-src", "form-action", "base-uri", "frame-ancestors"}
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "<script" not in told
    assert "« A &amp; B »" in told


def test_where_nobody_answers_it_ends_and_says_so() -> None:
    began = time.monotonic()
    for answered, patience in ((True, 0.3), (False, 60)):
        with pytest.raises(CannotRun) as stopped:
            ask_secret(WORDS, lambda _, answered=answered: answered, patience)
        assert [problem.code for problem in stopped.value.problems] == ["secret_not_given"]
    assert time.monotonic() - began < 30
    assert not [thread for thread in threading.enumerate() if "serve_forever" in thread.name]


def test_two_answers_at_once_are_one_secret() -> None:
    with asking() as page, ThreadPoolExecutor(4) as people:
        answers = [each.result()[0] if not each.exception() else 0
                   for each in [people.submit(page.gives, f"s{n}") for n in range(4)]]  # fmt: skip
        assert answers.count(200) == 1
        assert page.secret.result(10)


@IN_A_BROWSER
def test_a_person_types_it_with_the_keyboard_alone_and_hears_what_it_is(tmp_path: Path) -> None:
    with asking() as page, Chromium.started(tmp_path) as browser:
        browser.open(page.address)
        browser.picture(tmp_path / "page.png")
        read = browser.read_out()
        assert ("heading", WORDS.title, "") in read
        assert ("textbox", WORDS.label, f"{WORDS.meaning} {WORDS.then}") in read
        assert ("button", WORDS.button, "") in read
        assert browser.seen("document.documentElement.lang") == "fr"
        assert browser.seen("document.activeElement.id") == "secret"
        assert browser.seen("document.activeElement.type") == "password"
        assert browser.seen("getComputedStyle(document.body).maxWidth") != "none"  # the style is let in
        browser.typed("Hush 4711 é")
        assert page.entered(browser).reveal() == "Hush 4711 é"
        assert browser.awaited("document.querySelector('[role=status]')?.textContent", WORDS.thanks)
        assert "Hush" not in browser.seen("document.documentElement.outerHTML + location.href")
        assert [told for told in browser.problems if "favicon" not in told and "404" not in told] == []


@IN_A_BROWSER
def test_another_site_can_neither_frame_it_nor_send_to_it(tmp_path: Path) -> None:
    with asking() as page, Chromium.started(tmp_path / "browser") as browser:
        evil = tmp_path / "evil.html"
        evil.write_text(
            f'<iframe src="{page.address}"></iframe>'
            f'<form method="post" action="{page.address}"><input name="secret" value="theirs"></form>'
        )
        browser.open(evil.as_uri())
        browser.seen("document.forms[0].submit()")
        deadline = time.monotonic() + 10
        while "Terminé." not in str(browser.seen("document.body.textContent")) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "Terminé." in browser.seen("document.body.textContent")
        assert any("frame" in told.lower() for told in browser.problems)
        assert not page.secret.done()


def test_the_secret_of_a_company_goes_from_the_page_to_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PASSERELLE_SECRETS_KEY", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=")
    settings = {"ledger.company": "9341453908059321", "ledger.client_id": "client"}
    init(tmp_path / "aube", "Aube", "files", "quickbooks-online", settings, FileBook)
    profile = load("Aube")
    shown: list[str] = []

    def browser(address: str) -> bool:
        def types() -> None:
            page = Asked(address, Future())
            shown.append(page.sends("GET")[1])
            page.gives("Hush-4711")

        threading.Thread(target=types).start()
        return True

    assert not kept_for("ledger", profile)
    assert give_secrets(profile, "fr", browser).facts["count"] == 1
    assert kept_for("ledger", profile)
    assert "Passerelle\u00a0: un secret de «\u00a0Aube\u00a0»" in shown[0]
    assert give_secrets(profile, "fr", browser).facts["count"] == 0  # what is kept is not asked again
    assert b"Hush-4711" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
