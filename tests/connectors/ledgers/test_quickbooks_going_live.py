"""What stands between Passerelle and the real QuickBooks Online: how long an authorization holds and who is told, and
the address that a person comes back to.

Addendum of 2026-11-29, 4: the end of five years comes only where a header of the request asks for it; the rolling 100
days always.
"""

import re
import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pydantic import ValidationError

from addin.databases import open_journal
from addin.session import Session
from addin.usecases.check import check
from addin.usecases.connect import authorize, connect, disconnect
from addin.usecases.doctor import doctor
from addin.usecases.ending import ends
from addin.usecases.password import keep_for
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.sandbox import COMPANIES, signin
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.problems import CannotRun
from connectors.sandboxes.consenting import consent, sent_to
from connectors.secrets.secret import Secret
from connectors.secrets.store import variable
from connectors.signin import begin, by_pasting, in_browser
from tests.connectors.ledgers.quickbooks_harness import REDIRECT, quickbooks
from tests.connectors.ledgers.quickbooks_many import Many
from workbook.file.file_book import FileBook
from workbook.layout import PROBLEMS_TABLE


def today():
    return datetime.now(UTC).date()


@pytest.fixture
def lasting(tmp_path, monkeypatch):
    """A company that is signed in to where the vendor lets an authorization live for so many days."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(QuickBooksOnlineLedger, "limits", ())
    opened = []

    def begun(rolling=101, at_most=5 * 365):
        monkeypatch.setattr(signin, "REFRESH_LIFE", timedelta(days=rolling))
        monkeypatch.setattr(signin, "HARD_LIFE", timedelta(days=at_most))
        company = quickbooks(tmp_path, monkeypatch)
        many = Many(tmp_path, company.__enter__(), invoices=1, customers=1, seed=1)
        opened.append(company)
        many.set_up()
        return many

    yield begun
    for company in opened:
        company.__exit__(None, None, None)


def run(many, use_case):
    profile = many.profile
    with Session.open(profile, FileBook(profile.workbook), use_case.__name__, today()) as session:
        return use_case(session)


def endings(report):
    """What a report says of the end of the authorization, beside the company's preferences."""
    return [problem for problem in report.problems if problem.code.startswith("sign_in_ends")]


def on_the_dashboard(many):
    return [row.values["what"] for row in FileBook(many.profile.workbook).read(PROBLEMS_TABLE).rows]


def test_the_end_that_no_renewal_moves_is_asked_for_kept_and_shown(lasting):
    many = lasting()
    report = run(many, connect)
    last = today() + timedelta(days=5 * 365)
    assert report.facts["at_most"] in {(last - timedelta(days=1)).isoformat(), last.isoformat()}
    assert report.facts["until"] < report.facts["at_most"]
    assert endings(report) == []
    [stands] = doctor().facts["standing"]
    assert (stands["until"], stands["at_most"]) == (report.facts["until"], report.facts["at_most"])
    run(many, disconnect)
    with closing(open_journal(many.profile)) as journal:
        assert ends(journal) == (None, None)


@pytest.mark.parametrize(
    ("rolling", "at_most", "code"), [(10, 5 * 365, "sign_in_ends_soon"), (101, 20, "sign_in_ends_for_good")]
)
def test_who_can_renew_an_authorization_is_told_before_it_ends(lasting, rolling, at_most, code):
    """By Connect, by Doctor and on the Dashboard; as a notice, for everything still works."""
    many = lasting(rolling, at_most)
    report = run(many, connect)
    assert ([problem.code for problem in endings(report)], report.exit) == ([code], 0)
    [problem] = endings(report)
    assert problem.params["date"] == min(report.facts["until"], report.facts["at_most"])
    assert code in [problem.code for problem in doctor().problems]
    assert code not in [problem.code for problem in run(many, check).problems]
    assert any(problem.params["date"] in str(said) for said in on_the_dashboard(many))


def test_an_authorization_that_the_vendor_ended_asks_for_another(lasting, monkeypatch):
    many = lasting(at_most=3)
    many.harness.sandbox.clock.advance(timedelta(days=4).total_seconds())
    with pytest.raises(CannotRun) as stopped:
        run(many, connect)
    assert stopped.value.problems[0].code == "sign_in_again"


# the redirect address (addendum, 1; "set redirect URI")


@pytest.mark.parametrize(
    ("address", "development", "production"),
    [("https://passerelle.example/authorized", True, True), ("http://localhost:8712/callback", True, False),
     ("http://127.0.0.1:8712/callback", False, False), ("https://203.0.113.7/callback", False, False),
     ("http://passerelle.example/authorized", False, False)],
)  # fmt: skip
def test_the_stand_in_lets_one_register_what_the_vendor_does(address, development, production):
    for keys, taken in ((False, development), (True, production)):
        if taken:
            assert signin.App(redirect_uris=(address,), production=keys).redirect_uris == (address,)
        else:
            with pytest.raises(ValueError, match="cannot be registered"):
                signin.App(redirect_uris=(address,), production=keys)


@pytest.fixture
def live(tmp_path, monkeypatch):
    """A company whose application has keys for production."""
    with quickbooks(tmp_path, monkeypatch, app=signin.App(redirect_uris=(REDIRECT,), production=True)) as harness:
        harness.folder = tmp_path / "new"
        yield harness


def test_what_is_not_registered_gets_a_page_of_the_vendors_and_no_code(live):
    ledger = live.ledger_type(live.settings.model_copy(update={"redirect": "http://localhost:8712/callback"}))
    with pytest.raises(KeyError):
        sent_to(begin(ledger.sign_in, ledger.sign_in.redirect), live.realm)


def form_of(page):
    """The address of the vendor's page that a page of ours leads to."""
    return unescape(re.search(r'href="([^"]+)"', page)[1])


def paste(url, what):
    """Open our page, go where it leads, allow the access, and paste something of the address that comes then."""
    page = requests.get(url, timeout=30)
    address = sent_to(form_of(page.text), what.realm)
    return requests.post(url, data={"pasted": what.of(address)}, timeout=30)


class Whole:
    """What a person pastes: the whole address."""

    def __init__(self, realm):
        self.realm = realm

    def of(self, address):
        return address


class Code(Whole):
    """What a person pastes: the code alone."""

    def of(self, address):
        return parse_qs(urlsplit(address).query)["code"][0]


@pytest.mark.parametrize("pasted", [Whole, Code])
def test_a_registered_page_and_what_is_pasted_on_ours_sign_in(live, pasted):
    """As the ribbon's Authorize does: no address of this machine can be registered with keys for production."""
    with live.open() as ledger:
        pages = []
        in_browser(ledger.sign_in, open_browser=lambda url: pages.append(paste(url, pasted(live.realm))) or True)
        assert "Merci" in pages[0].text
        assert ledger.connect().books == live.realm


def test_a_code_alone_of_another_company_is_refused_and_nothing_is_kept(live):
    """The code does not say of which company it is: the new token is tried on the one that is set."""
    other = next(realm for realm, _, country in COMPANIES if country == "US")
    with live.open() as ledger:
        with pytest.raises(CannotRun) as stopped:
            in_browser(ledger.sign_in, open_browser=lambda url: paste(url, Code(other)) or True)
        assert stopped.value.problems[0].code == "no_access_to_company"
        assert ledger.sign_in.until() is None


def test_what_answers_no_request_of_ours_is_asked_for_again_and_the_right_one_still_counts(live):
    with live.open() as ledger:
        statuses = []

        def person(url):
            for wrong in ("", "hello there", f"{REDIRECT}?code=x&state=y&realmId={live.realm}"):
                statuses.append(requests.post(url, data={"pasted": wrong}, timeout=30).status_code)
            statuses.append(requests.post(url + "x", data={"pasted": "code"}, timeout=30).status_code)
            for length in ("²".encode("latin-1"), b"9" * 5_000, b"-1"):
                statuses.append(requests.post(url, headers={"Content-Length": length}, timeout=30).status_code)
            evil = {"Host": "evil.example"}
            statuses.append(requests.post(url, data={"pasted": "code"}, headers=evil, timeout=30).status_code)
            statuses.append(paste(url, Whole(live.realm)).status_code)
            return True

        in_browser(ledger.sign_in, open_browser=person)
        assert statuses == [400, 400, 400, 404, 404, 404, 404, 404, 200]
        assert ledger.connect().books == live.realm


def test_in_a_terminal_the_address_is_pasted(live):
    with live.open() as ledger:
        shown = []
        by_pasting(ledger.sign_in, lambda: Secret(sent_to(shown[0], live.realm)), open_browser=shown.append)
        assert ledger.connect().books == live.realm


def test_authorize_takes_what_is_pasted_in_a_terminal_and_says_where_no_address_is_set(lasting):
    many = lasting()
    run(many, disconnect)
    shown = []

    def pasting(session):
        return authorize(session, shown.append, paste=lambda: Secret(sent_to(shown[-1], many.harness.realm)))

    assert run(many, pasting).facts["books_of"] == "Association sandbox"
    settings = {**many.profile.ledger_settings, "redirect": ""}
    many.profile.model_copy(update={"ledger_settings": settings}).save()
    with pytest.raises(CannotRun) as stopped:
        run(many, pasting)
    assert stopped.value.problems[0].code == "redirect_missing"


def test_keys_for_development_come_back_to_the_registered_port_of_this_machine(tmp_path, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        redirect = f"http://localhost:{free.getsockname()[1]}/callback"
    app = signin.App(redirect_uris=(REDIRECT, redirect))
    with quickbooks(tmp_path, monkeypatch, app=app) as harness:
        update = {"folder": tmp_path / "new", "redirect": redirect}
        with harness.ledger_type(harness.settings.model_copy(update=update)) as ledger:
            in_browser(ledger.sign_in, open_browser=lambda url: consent(url, harness.realm))
            assert ledger.connect().books == harness.realm


@pytest.mark.parametrize(
    ("redirect", "taken"),
    [("", True), ("https://a.example/x", True), ("http://localhost:8712/callback", True),
     ("http://localhost/callback", False), ("http://a.example:80/x", False), ("ftp://localhost:1/x", False)],
)  # fmt: skip
def test_a_redirect_address_is_https_or_a_port_of_this_machine(redirect, taken):
    given = {"company": "1", "client_id": "c", "redirect": redirect}
    if taken:
        assert QuickBooksOnlineSettings.model_validate(given).redirect == redirect
    else:
        with pytest.raises(ValidationError):
            QuickBooksOnlineSettings.model_validate(given)


def test_the_client_secret_is_kept_with_a_command_and_signs_in(lasting, monkeypatch):
    """docs/quickbooks-online-live.md, 3: no setting, and not typed where others read it."""
    many = lasting()
    run(many, disconnect)
    monkeypatch.delenv(variable("quickbooks-online.sandbox-client.client-secret"))
    with pytest.raises(CannotRun) as stopped:
        run(many, connect)
    assert stopped.value.problems[0].code == "secret_missing"
    assert keep_for("ledger", many.profile, Secret("sandbox-secret")).facts["secret"].endswith(".client-secret")
    many.harness.sign_in()
    assert run(many, connect).facts["books_of"] == "Association sandbox"
