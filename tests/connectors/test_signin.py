"""Signing in, staying signed in and signing out, against a real authorisation server and real files."""

from __future__ import annotations

import base64
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from connectors.http import Http, Refused, Vendor
from connectors.problems import CannotRun, Owner
from connectors.secrets.sealed import SealedFolder
from connectors.secrets.secret import Secret
from connectors.signin import (
    Client,
    Company,
    Provider,
    SignIn,
    begin,
    begin_device,
    disconnect,
    finish,
    finish_device,
    from_redirect,
    in_browser,
)
from connectors.signin.listener import Listener
from connectors.signin.tokens import Tokens
from tests.connectors.oauth_server import CLIENT, OAuthServer
from tests.connectors.scripted_server import Hands
from tests.connectors.test_http_secrets import everything_logged, shown

KEY = Secret(base64.b64encode(bytes(range(32))).decode())
REALM = from_redirect("realmId")
PASTED = "https://app.example/callback"


@pytest.fixture
def oauth() -> Iterator[OAuthServer]:
    with OAuthServer() as server:
        yield server


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path) -> SealedFolder:
    return SealedFolder(tmp_path / "secrets", KEY)


@pytest.fixture
def sign_in(oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands) -> SignIn:
    return signing(oauth.provider(), store, tmp_path, hands)


def signing(provider: Provider, store: SealedFolder, folder: Path, hands: Hands) -> SignIn:
    return SignIn(provider, CLIENT, store, "ledger.ligue", folder / "locks", hands.clock)


def browse(url: str) -> bool:
    """A browser that says yes, and follows wherever it is sent."""
    threading.Thread(target=requests.get, args=(url,), kwargs={"timeout": 10}).start()
    return True


def redirected(url: str) -> Secret:
    """Where a browser would have been sent."""
    return Secret(requests.get(url, allow_redirects=False, timeout=10).headers["Location"])


def consent(sign_in: SignIn) -> Company:
    return finish(sign_in, redirected(begin(sign_in, PASTED)))


def code_of(caught: pytest.ExceptionInfo[CannotRun]) -> str:
    (problem,) = caught.value.problems
    return problem.code


def books(oauth: OAuthServer, sign_in: SignIn) -> object:
    return Http(oauth.url, Vendor(label="Ledger"), signer=sign_in, clock=sign_in.clock).get("/books").body


# consent


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_browser_comes_back_to_this_machine_and_we_are_signed_in(
    oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands, host: str
) -> None:
    sign_in = signing(oauth.provider(this_machine=host), store, tmp_path, hands)
    assert in_browser(sign_in, open_browser=browse) == Company(id="")
    assert books(oauth, sign_in) == {"company": "ours"}
    assert oauth.grants == ["authorization_code"]
    (asked,) = [urlsplit(begin(sign_in, PASTED)).query]
    assert parse_qs(asked)["scope"] == ["books offline_access"]
    assert parse_qs(asked)["code_challenge_method"] == ["S256"]


def test_the_page_is_in_both_languages_and_repeats_nothing(oauth: OAuthServer, sign_in: SignIn) -> None:
    pages: list[requests.Response] = []
    browsers: list[threading.Thread] = []

    def look(url: str) -> bool:
        browsers.append(threading.Thread(target=lambda: pages.append(requests.get(url, timeout=10))))
        browsers[0].start()
        return True

    oauth.redirect_tells = {"realmId": "<script>alert(1)</script>"}
    in_browser(sign_in, open_browser=look)
    browsers[0].join()
    (page,) = pages
    assert "Merci" in page.text
    assert "Thank you" in page.text
    assert "alert" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("pkce", [True, False])
@pytest.mark.parametrize("client_auth", ["basic", "body"])
def test_a_person_may_paste_the_address_or_the_code(
    oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands, client_auth: str, pkce: bool
) -> None:
    """In another process than the one that began."""
    provider = oauth.provider(client_auth=client_auth, pkce=pkce)
    for part in (
        lambda url: url,
        lambda url: urlsplit(url).query,
        lambda url: f"  {url}\n",
        lambda url: parse_qs(urlsplit(url).query)["code"][0],
    ):
        url = begin(signing(provider, store, tmp_path, hands), PASTED)
        other = signing(provider, store, tmp_path, hands)
        finish(other, Secret(part(redirected(url).reveal())))
        assert books(oauth, other) == {"company": "ours"}


def test_the_company_is_the_one_of_the_redirect(
    oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands
) -> None:
    """QuickBooks: ``realmId``."""
    oauth.redirect_tells = {"realmId": "4620816365"}
    sign_in = signing(oauth.provider(companies=REALM), store, tmp_path, hands)
    assert consent(sign_in).id == "4620816365"
    assert signing(sign_in.provider, store, tmp_path, hands).company() == Company(id="4620816365")


def test_the_company_is_chosen_from_the_vendors_list(
    oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands
) -> None:
    """Xero: ``GET /connections``."""
    provider = oauth.provider(
        companies=lambda _, read: [
            Company(id=one["tenantId"], name=one["tenantName"]) for one in read(f"{oauth.url}/connections")
        ]
    )
    oauth.connections = [{"tenantId": "t1", "tenantName": "Ligue A"}, {"tenantId": "t2", "tenantName": "Ligue B"}]
    sign_in = signing(provider, store, tmp_path, hands)
    with pytest.raises(CannotRun) as caught:
        consent(sign_in)
    assert code_of(caught) == "company_not_chosen"
    assert caught.value.problems[0].params["companies"] == "Ligue A, Ligue B"
    url = begin(sign_in, PASTED)
    assert finish(sign_in, redirected(url), choose=lambda companies: companies[1]).name == "Ligue B"
    oauth.connections = []
    with pytest.raises(CannotRun) as caught:
        consent(sign_in)
    assert code_of(caught) == "company_not_opened"


def test_a_consent_for_other_books_is_refused_until_disconnected(
    oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands
) -> None:
    sign_in = signing(oauth.provider(companies=REALM), store, tmp_path, hands)
    oauth.redirect_tells = {"realmId": "1"}
    consent(sign_in)
    consent(sign_in)
    oauth.redirect_tells = {"realmId": "2"}
    with pytest.raises(CannotRun) as caught:
        consent(sign_in)
    assert code_of(caught) == "company_differs"
    assert caught.value.problems[0].params["expected"] == "1"
    assert sign_in.company().id == "1"
    disconnect(sign_in)
    assert consent(sign_in).id == "2"


def test_tokens_of_other_books_never_slip_into_a_run(
    oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands
) -> None:
    provider = oauth.provider(companies=REALM)
    oauth.redirect_tells = {"realmId": "1"}
    running, other = signing(provider, store, tmp_path, hands), signing(provider, store, tmp_path, hands)
    consent(running)
    disconnect(other)
    oauth.redirect_tells = {"realmId": "2"}
    consent(other)
    with pytest.raises(CannotRun) as caught:
        books(oauth, running)
    assert code_of(caught) == "company_differs"


@pytest.mark.parametrize("pasted", ["http://[oops", "https://ex\u2100mple.com?code=a", "\ud800 ", " "])
def test_what_is_no_address_and_no_code_is_said(sign_in: SignIn, pasted: str) -> None:
    begin(sign_in, PASTED)
    with pytest.raises(CannotRun) as caught:
        finish(sign_in, Secret(pasted))
    assert code_of(caught) == "sign_in_code_missing"


def test_a_vault_that_fails_while_the_browser_comes_back_is_said_at_once(
    sign_in: SignIn, store: SealedFolder, tmp_path: Path
) -> None:
    def spoil_and_browse(url: str) -> bool:
        [kept] = (tmp_path / "secrets").iterdir()
        kept.write_bytes(b"spoilt")
        return browse(url)

    with pytest.raises(CannotRun) as caught:
        in_browser(sign_in, open_browser=spoil_and_browse)
    assert code_of(caught) == "secret_damaged"


def test_a_browser_that_breaks_off_or_talks_nonsense_is_no_error(capfd: pytest.CaptureFixture[str]) -> None:
    with Listener(0, "Ledger", lambda _: False) as listener:
        host = urlsplit(listener.redirect_uri("127.0.0.1")).netloc
        for target in ("http://[/callback", "/callback?state=\xff", "\xff"):
            with socket.create_connection(("127.0.0.1", int(host.partition(":")[2]))) as browser:
                browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends with a reset
                browser.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode("latin-1"))
        assert requests.get(f"http://{host}/callback", timeout=10).status_code == 400
    assert "Traceback" not in capfd.readouterr().err


def test_a_folder_that_takes_no_lock_is_said(sign_in: SignIn, tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("a file where the folder should be")
    with pytest.raises(CannotRun) as caught:
        sign_in.headers()
    assert code_of(caught) == "secret_unwritable"


@pytest.mark.parametrize(
    ("told", "code"),
    [({"error": "access_denied", "code": ""}, "consent_denied"),
     ({"error": "invalid_scope", "code": ""}, "sign_in_refused"),
     ({"state": "another"}, "sign_in_state_wrong"), ({"state": ""}, "sign_in_state_wrong"),
     ({"state": "another", "error": "access_denied", "code": ""}, "sign_in_state_wrong"),
     ({"code": ""}, "sign_in_code_missing")],
)  # fmt: skip
def test_an_answer_that_is_no_consent(oauth: OAuthServer, sign_in: SignIn, told: dict[str, str], code: str) -> None:
    oauth.redirect_tells = {"realmId": "1", **told}
    with pytest.raises(CannotRun) as caught:
        consent(sign_in)
    assert code_of(caught) == code
    assert caught.value.problems[0].owner is Owner.ADMINISTRATOR
    assert oauth.grants == []


@pytest.mark.parametrize("nothing", ["", "   ", "https://app.example/callback", "hello there"])
def test_what_was_pasted_holds_no_code(sign_in: SignIn, nothing: str) -> None:
    begin(sign_in, PASTED)
    with pytest.raises(CannotRun) as caught:
        finish(sign_in, Secret(nothing))
    assert code_of(caught) == "sign_in_code_missing"


@pytest.mark.parametrize("odd", [10**30, "1e400", -5, True, "soon", {}, None, 10**12])
def test_a_life_that_is_none_is_the_usual_one(oauth: OAuthServer, sign_in: SignIn, odd: object) -> None:
    """RFC 6749, 5.1: seconds; whatever else comes, nothing is reckoned with it."""
    oauth.tells = {"expires_in": odd, "refresh_token_expires_in": odd}
    consent(sign_in)
    assert books(oauth, sign_in) == {"company": "ours"}
    assert sign_in.until() is None


def test_a_code_works_once(oauth: OAuthServer, sign_in: SignIn) -> None:
    returned = redirected(begin(sign_in, PASTED))
    finish(sign_in, returned)
    with pytest.raises(CannotRun) as caught:
        finish(sign_in, returned)
    assert code_of(caught) == "sign_in_state_wrong"
    begin(sign_in, PASTED)
    with pytest.raises(CannotRun) as caught:
        finish(sign_in, Secret(parse_qs(urlsplit(returned.reveal()).query)["code"][0]))
    assert code_of(caught) == "sign_in_code_refused"
    assert oauth.grants == ["authorization_code"] * 2


def test_strangers_at_the_door_are_sent_away_and_do_not_count(oauth: OAuthServer, sign_in: SignIn) -> None:
    """Another path, another host's name (DNS rebinding), a wrong state; then the right one still counts."""

    def open_browser(url: str) -> bool:
        back = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        statuses.append(requests.get(back.replace("/callback", "/favicon.ico"), timeout=10).status_code)
        statuses.append(requests.get(back, headers={"Host": "evil.example"}, timeout=10).status_code)
        right = redirected(url).reveal()

        def come_back() -> None:
            statuses.append(requests.get(f"{back}?code=x&state=y", timeout=10).status_code)
            requests.get(right, timeout=10)

        threading.Thread(target=come_back).start()
        return True

    statuses: list[int] = []
    in_browser(sign_in, open_browser=open_browser)
    assert statuses == [404, 404, 400]
    assert books(oauth, sign_in) == {"company": "ours"}


def test_a_person_who_does_not_come_back(oauth: OAuthServer, sign_in: SignIn) -> None:
    with pytest.raises(CannotRun) as caught:
        in_browser(sign_in, open_browser=lambda _: True, patience=0)
    assert code_of(caught) == "sign_in_timed_out"
    with pytest.raises(CannotRun) as caught:
        in_browser(sign_in, open_browser=lambda _: False)
    assert code_of(caught) == "browser_missing"
    assert oauth.grants == []


def test_a_port_that_somebody_has_is_said(sign_in: SignIn, oauth: OAuthServer) -> None:
    with pytest.raises(CannotRun) as caught:
        in_browser(sign_in, port=urlsplit(oauth.url).port or 0, open_browser=browse)
    assert code_of(caught) == "port_taken"


def test_a_person_types_a_code_on_another_device(oauth: OAuthServer, sign_in: SignIn, hands: Hands) -> None:
    """RFC 8628, 3.5: wait, and five seconds longer when told to slow down."""
    oauth.device = ["authorization_pending", "slow_down", "authorization_pending"]
    device = begin_device(sign_in)
    assert (device.user, device.url) == ("WXYZ-1234", f"{oauth.url}/go")
    finish_device(sign_in, device)
    assert hands.waited == [5, 5, 10, 10]
    assert books(oauth, sign_in) == {"company": "ours"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("access_denied", "consent_denied"),
        ("expired_token", "sign_in_timed_out"),
        ("authorization_pending", "sign_in_timed_out"),
    ],
)
def test_a_device_that_is_never_let_in(oauth: OAuthServer, sign_in: SignIn, said: str, code: str) -> None:
    oauth.device = [said] * 99
    with pytest.raises(CannotRun) as caught:
        finish_device(sign_in, begin_device(sign_in))
    assert code_of(caught) == code


def test_a_machine_signs_in_without_a_person(
    oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands
) -> None:
    """Business Central, service to service; processes share the token."""
    provider = oauth.provider(grant="client_credentials")
    for _ in range(2):
        assert books(oauth, signing(provider, store, tmp_path, hands)) == {"company": "ours"}
    assert oauth.grants == ["client_credentials"]
    hands.at += 3600
    assert books(oauth, signing(provider, store, tmp_path, hands)) == {"company": "ours"}
    assert oauth.grants == ["client_credentials"] * 2


@pytest.mark.parametrize(
    ("error", "code"),
    [("invalid_grant", "client_refused"), ("unauthorized_client", "client_refused"), ("invalid_scope", "scope_refused"),
     ("temporarily_odd", "sign_in_refused")],
)  # fmt: skip
def test_what_the_vendor_says_of_our_registration(
    oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands, error: str, code: str
) -> None:
    oauth.refuses = {"client_credentials": (400, error)}
    with pytest.raises(CannotRun) as caught:
        signing(oauth.provider(grant="client_credentials"), store, tmp_path, hands).headers()
    assert code_of(caught) == code
    assert "said by the vendor" in caught.value.problems[0].detail


def test_a_wrong_client_secret_is_said(oauth: OAuthServer, sign_in: SignIn) -> None:
    sign_in.grants._client = Client(id="our/id", secret=Secret("wrong"))
    with pytest.raises(CannotRun) as caught:
        consent(sign_in)
    assert code_of(caught) == "client_refused"


# staying signed in


def test_nobody_is_signed_in_at_first(sign_in: SignIn) -> None:
    with pytest.raises(CannotRun) as caught:
        sign_in.headers()
    assert code_of(caught) == "not_signed_in"
    assert (sign_in.until(), sign_in.at_most()) == (None, None)


def test_a_token_is_renewed_before_it_ends(oauth: OAuthServer, sign_in: SignIn, hands: Hands) -> None:
    consent(sign_in)
    hands.at += 3500
    books(oauth, sign_in)
    assert oauth.grants == ["authorization_code"]
    hands.at += 50
    books(oauth, sign_in)
    assert oauth.grants == ["authorization_code", "refresh_token"]


def test_a_token_that_the_vendor_no_longer_takes_is_renewed_whatever_our_clock_says(
    oauth: OAuthServer, sign_in: SignIn
) -> None:
    """Clocks differ, and vendors end tokens early."""
    consent(sign_in)
    oauth.access.clear()
    assert books(oauth, sign_in) == {"company": "ours"}
    assert oauth.grants == ["authorization_code", "refresh_token"]


def test_an_authorisation_that_was_withdrawn_is_the_administrators(
    oauth: OAuthServer, sign_in: SignIn, hands: Hands
) -> None:
    consent(sign_in)
    oauth.refresh.clear()
    hands.at += 3600
    with pytest.raises(CannotRun) as caught:
        books(oauth, sign_in)
    assert code_of(caught) == "sign_in_again"
    assert caught.value.problems[0].owner is Owner.ADMINISTRATOR
    consent(sign_in)
    assert books(oauth, sign_in) == {"company": "ours"}


def test_a_vendor_that_takes_no_token_at_all_is_asked_once_more_and_not_for_ever(
    oauth: OAuthServer, sign_in: SignIn
) -> None:
    consent(sign_in)
    oauth._protected = lambda *_: (401, {})
    with pytest.raises(Refused) as caught:
        books(oauth, sign_in)
    assert code_of(caught) == "sign_in_again"
    assert oauth.grants == ["authorization_code", "refresh_token"]


def test_the_new_refresh_token_is_stored_before_the_access_token_is_used(
    oauth: OAuthServer, sign_in: SignIn, store: SealedFolder, tmp_path: Path, hands: Hands
) -> None:
    """And when it could not be stored, it is offered again, because the old one is worthless."""
    consent(sign_in)
    hands.at += 3600
    file, issue = tmp_path / "secrets" / "ledger.ligue.sealed", oauth._issued

    def issue_while_the_disk_fails(**how: bool) -> dict[str, object]:
        file.unlink()
        file.mkdir()
        return issue(**how)

    oauth._issued = issue_while_the_disk_fails
    for _ in range(2):
        with pytest.raises(CannotRun) as caught:
            books(oauth, sign_in)
        assert code_of(caught) == "secret_unwritable"
    file.rmdir()
    assert books(oauth, sign_in) == {"company": "ours"}
    assert oauth.grants == ["authorization_code", "refresh_token"]
    stored = Tokens.of_store(store.read("ledger.ligue") or Secret(""))
    assert stored.refresh is not None
    assert {stored.refresh.reveal()} == oauth.refresh


def test_an_answer_that_was_lost_before_it_was_stored_ends_with_a_new_sign_in(
    oauth: OAuthServer, sign_in: SignIn, hands: Hands
) -> None:
    """The vendor rotated, we never learned the new token: nothing but a person helps, and that is said."""
    consent(sign_in)
    hands.at += 3600
    oauth.drops = 1
    with pytest.raises(CannotRun) as caught:
        sign_in.headers()
    assert code_of(caught) == "sign_in_again"
    assert oauth.grants == ["authorization_code", "refresh_token", "refresh_token"]


def test_a_vendor_that_is_down_is_later_and_costs_nothing(oauth: OAuthServer, sign_in: SignIn, hands: Hands) -> None:
    consent(sign_in)
    hands.at += 3600
    oauth.refuses = {"refresh_token": (503, "down")}
    with pytest.raises(CannotRun) as caught:
        sign_in.headers()
    assert caught.value.problems[0].owner is Owner.LATER
    oauth.refuses = {}
    assert books(oauth, sign_in) == {"company": "ours"}


def test_a_vendor_that_keeps_the_refresh_token_is_kept_up_with(
    oauth: OAuthServer, sign_in: SignIn, hands: Hands
) -> None:
    """QuickBooks replaces it about once a day only."""
    consent(sign_in)
    kept = set(oauth.refresh)
    oauth._issued = lambda **_: {"access_token": "acc", "expires_in": "3600"}
    hands.at += 3600
    oauth.access.add("acc")
    assert books(oauth, sign_in) == {"company": "ours"}
    oauth.refresh = kept
    hands.at += 3600
    assert books(oauth, sign_in) == {"company": "ours"}


@pytest.mark.parametrize(
    "told", [{"token_type": "mac"}, {"access_token": ""}, {"access_token": 7}, {"access_token": None}]
)
def test_an_odd_answer_is_no_token(oauth: OAuthServer, sign_in: SignIn, told: dict[str, object]) -> None:
    oauth.tells = told
    with pytest.raises(CannotRun) as caught:
        consent(sign_in)
    assert code_of(caught) == "sign_in_refused"


def test_until_when_we_are_authorised(oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands) -> None:
    """QuickBooks: 100 days that roll, and five years that do not (x_refresh_token_hard_expires_in)."""
    provider = oauth.provider(
        refresh_life_field="x_refresh_token_expires_in", hard_life_field="x_refresh_token_hard_expires_in"
    )
    day = 86_400
    hands.at = 1_800_000_000
    sign_in = signing(provider, store, tmp_path, hands)
    oauth.tells = {
        "expires_in": 3600,
        "x_refresh_token_expires_in": 101 * day,
        "x_refresh_token_hard_expires_in": 300 * day,
    }
    consent(sign_in)
    assert (sign_in.until(), sign_in.at_most()) == (date(2027, 4, 26), date(2027, 11, 11))
    hands.at += 87 * day
    oauth.tells = {"expires_in": 3600, "x_refresh_token_expires_in": 101 * day}
    sign_in.headers()
    assert sign_in.until() == date(2027, 7, 22)
    for _ in range(2):
        hands.at += 100 * day
        sign_in.headers()
    assert sign_in.until() == date(2027, 11, 11)


def test_a_vendor_that_does_not_tell_has_its_usual_life(
    oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands
) -> None:
    """Xero: 60 days after the last renewal."""
    sign_in = signing(oauth.provider(refresh_life=60 * 86_400), store, tmp_path, hands)
    consent(sign_in)
    first = sign_in.until()
    hands.at += 10 * 86_400
    sign_in.headers()
    assert first is not None
    assert (sign_in.until() - first).days == 10


def _withdrawn_unread(sign_in: SignIn) -> None:
    """Tokens that cannot be read cannot be revoked: the person has to do that, and must know."""
    with pytest.raises(CannotRun) as caught:
        disconnect(sign_in)
    assert code_of(caught) == "not_revoked"
    assert sign_in.store.read(sign_in.name) is None


@pytest.mark.parametrize("spoilt", ["in the file", "in its meaning"])
def test_what_can_no_longer_be_read_is_said_and_does_not_stand_in_the_way(
    oauth: OAuthServer, sign_in: SignIn, store: SealedFolder, tmp_path: Path, spoilt: str
) -> None:
    for repair in (consent, _withdrawn_unread):
        if spoilt == "in the file":
            (tmp_path / "secrets").mkdir(exist_ok=True)
            (tmp_path / "secrets" / "ledger.ligue.sealed").write_bytes(b"spoilt")
        else:
            store.write("ledger.ligue", Secret("spoilt"))
        sign_in._tokens = None
        with pytest.raises(CannotRun) as caught:
            sign_in.headers()
        assert code_of(caught) in ("secret_damaged", "sign_in_again")
        repair(sign_in)
    with pytest.raises(CannotRun) as caught:
        sign_in.headers()
    assert code_of(caught) == "not_signed_in"


# one refresher


PROCESS = """
import sys
from pathlib import Path
from connectors.http import Http, Vendor
from connectors.pace import Clock
from connectors.secrets.sealed import SealedFolder
from connectors.secrets.secret import Secret
from connectors.signin import Client, Provider, SignIn
url, folder, key, at = sys.argv[1:]
sign_in = SignIn(
    Provider(label="L", token_url=url + "/token"), Client(id="our/id", secret=Secret("s3cret:\u00fc")),
    SealedFolder(Path(folder) / "secrets", Secret(key)), "ledger.ligue", Path(folder) / "locks",
    Clock(now=lambda: float(at)),
)
print("ready", flush=True)
sys.stdin.readline()
print(Http(url, Vendor(label="L"), signer=sign_in).get("/books").body["company"])
"""


@pytest.mark.parametrize("ended", ["by the clock", "at the vendor"])
def test_of_many_processes_one_renews_and_the_others_use_what_it_got(
    oauth: OAuthServer, sign_in: SignIn, tmp_path: Path, hands: Hands, ended: str
) -> None:
    """Every renewal makes the former refresh token worthless, so a second one would end the authorisation."""
    consent(sign_in)
    if ended == "by the clock":
        hands.at += 3600
    else:
        oauth.access.clear()
    command = [sys.executable, "-c", PROCESS, oauth.url, str(tmp_path), KEY.reveal(), str(hands.at)]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate()[0] for process in processes] == ["ours\n"] * 4
    assert oauth.grants == ["authorization_code", "refresh_token"]


def test_of_many_threads_one_renews(oauth: OAuthServer, sign_in: SignIn) -> None:
    consent(sign_in)
    oauth.access.clear()
    got: list[object] = []
    threads = [threading.Thread(target=lambda: got.append(books(oauth, sign_in))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [{"company": "ours"}] * 8
    assert oauth.grants == ["authorization_code", "refresh_token"]


def test_a_process_that_renews_for_ever_is_said(
    oauth: OAuthServer, sign_in: SignIn, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from filelock import FileLock

    import connectors.signin.session as session

    consent(sign_in)
    hands.at += 3600
    monkeypatch.setattr(session, "PATIENCE", 0.01)
    with FileLock(sign_in._lock_file), pytest.raises(CannotRun) as caught:
        sign_in.headers()
    assert code_of(caught) == "sign_in_busy"
    assert oauth.grants == ["authorization_code"]


# signing out


@pytest.mark.parametrize("revoke_as", ["form", "json"])
def test_disconnecting_revokes_and_forgets(
    oauth: OAuthServer, store: SealedFolder, tmp_path: Path, hands: Hands, revoke_as: str
) -> None:
    sign_in = signing(oauth.provider(revoke_as=revoke_as), store, tmp_path, hands)
    consent(sign_in)
    (refresh,) = oauth.refresh
    disconnect(sign_in)
    assert oauth.revoked == [refresh]
    assert list((tmp_path / "secrets").iterdir()) == []
    with pytest.raises(CannotRun) as caught:
        sign_in.headers()
    assert code_of(caught) == "not_signed_in"
    disconnect(sign_in)
    assert oauth.revoked == [refresh]


def test_what_cannot_be_revoked_is_forgotten_and_said(oauth: OAuthServer, sign_in: SignIn, tmp_path: Path) -> None:
    consent(sign_in)
    oauth.refuses = {"revoke": (500, "")}
    with pytest.raises(CannotRun) as caught:
        disconnect(sign_in)
    assert code_of(caught) == "not_revoked"
    assert list((tmp_path / "secrets").iterdir()) == []


# discretion


def failing(call: Callable[[], object]) -> str:
    """All that the error of a call might show."""
    try:
        call()
    except CannotRun as error:
        return shown(error)
    raise AssertionError("it did not fail")


def test_no_token_is_seen_in_a_log_or_an_error(oauth: OAuthServer, sign_in: SignIn, hands: Hands) -> None:
    told = []
    with everything_logged() as log:
        returned = redirected(begin(sign_in, PASTED))
        finish(sign_in, returned)
        books(oauth, sign_in)
        for error in ("invalid_grant", "invalid_client"):
            hands.at += 3600
            oauth.refuses = {"refresh_token": (400, error)}
            told.append(failing(lambda: books(oauth, sign_in)))
        oauth.refuses = {"authorization_code": (400, "invalid_grant")}
        told.append(failing(lambda: consent(sign_in)))
        oauth.refuses = {"revoke": (400, "")}
        told += [repr(vars(sign_in)), repr(vars(sign_in.grants)), failing(lambda: disconnect(sign_in)), log.getvalue()]
    code = parse_qs(urlsplit(returned.reveal()).query)["code"][0]
    planted = ["s3cret:ü", "s3cret%3A%C3%BC", code, quote(code, safe=""), *oauth.refresh, *oauth.issued]
    assert len(planted) > 5
    assert [text for text in planted for part in told if text in part] == []


def test_the_listener_prints_nothing(sign_in: SignIn, capfd: pytest.CaptureFixture[str]) -> None:
    in_browser(sign_in, open_browser=browse)
    assert capfd.readouterr() == ("", "")


def test_what_is_stored_is_read_again() -> None:
    tokens = Tokens(
        access=Secret("a"), access_until=1.5, refresh=Secret("r"), refresh_until=2.0, hard_until=None,
        company=Company(id="1", name="Ligue d'Échecs"),
    )  # fmt: skip
    assert Tokens.of_store(tokens.stored()) == tokens
    bare = replace(tokens, refresh=None, refresh_until=None)
    assert Tokens.of_store(bare.stored()) == bare
    for broken in ("", "{}", "[]", '{"access": "a"}', "not JSON"):
        with pytest.raises((ValueError, KeyError)):
            Tokens.of_store(Secret(broken))
