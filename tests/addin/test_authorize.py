"""Authorizing a ledger in the browser, as the command and the button do it, against the QuickBooks Online stand-in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from addin.profile import load
from addin.session import Session
from addin.usecases.check import check
from addin.usecases.connect import authorize, connect, disconnect
from addin.usecases.init import init
from addin.usecases.pull import pull
from addin.usecases.sync import sync
from connectors.ledgers.quickbooks_online.sandbox import COMPANIES, Sandbox
from connectors.ledgers.quickbooks_online.sandbox.bodies import dumps
from connectors.problems import CannotRun
from connectors.sandboxes.consenting import consent
from connectors.sandboxes.faults import Fault, FaultKind
from tests.addin.conftest import Association
from tests.connectors.ledgers.quickbooks_harness import SECRETS
from workbook.file.file_book import FileBook
from workbook.layout import IDENTITY, OVERVIEW
from workbook.review import text_of

REALM, NAME, _ = COMPANIES[0]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def company(association: Association, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Association:
    """The small association, to be booked in the stand-in's Canadian company."""
    for variable, value in SECRETS.items():
        monkeypatch.setenv(variable, value)
    association.write()
    settings = {
        "ledger.company": REALM,
        "ledger.client_id": "sandbox-client",
        "ledger.api_url": sandbox.url,
        "ledger.authorize_url": f"{sandbox.url}/connect/oauth2",
        "ledger.token_url": f"{sandbox.url}/oauth2/v1/tokens/bearer",
        "ledger.revoke_url": f"{sandbox.url}/v2/oauth2/tokens/revoke",
    }
    init(association.folder, association.name, "files", "quickbooks-online", settings, FileBook)
    return association


def run(company: Association, use_case: object, command: str) -> dict[str, object]:
    profile = load(company.name)
    with Session.open(profile, FileBook(profile.workbook), command) as session:
        return dict(use_case(session).facts)  # type: ignore[operator]


def identity(company: Association) -> dict[str, str]:
    rows = company.book.read(IDENTITY).rows
    return {text_of(row.values["key"]): text_of(row.values["value"]) for row in rows}


def test_authorize_connects_says_until_when_and_disconnect_withdraws(company: Association) -> None:
    with pytest.raises(CannotRun) as before:
        run(company, connect, "connect")
    assert [problem.code for problem in before.value.problems] == ["not_signed_in"]
    facts = run(company, partial(authorize, open_browser=lambda url: consent(url, REALM)), "authorize")
    assert facts["books_of"] == NAME
    assert facts["until"]
    assert identity(company)["connected_to"] == NAME
    assert run(company, connect, "connect")["books_of"] == NAME
    run(company, disconnect, "disconnect")
    assert identity(company)["connected"] == "no"
    with pytest.raises(CannotRun) as after:
        run(company, connect, "connect")
    assert [problem.code for problem in after.value.problems] == ["not_signed_in"]


def test_what_is_forgotten_here_is_shown_as_forgotten_even_where_the_vendor_was_not_told(
    company: Association, sandbox: Sandbox
) -> None:
    run(company, partial(authorize, open_browser=lambda url: consent(url, REALM)), "authorize")
    sandbox.faults.add(Fault(kind=FaultKind.REFUSE, path="/revoke", status=400))
    with pytest.raises(CannotRun) as unsaid:
        run(company, disconnect, "disconnect")
    assert [problem.code for problem in unsaid.value.problems] == ["not_revoked"]
    assert identity(company)["connected"] == "no"


def overview(company: Association) -> dict[str, str]:
    rows = company.book.read(OVERVIEW).rows
    return {text_of(row.values["key"]): text_of(row.values["value"]) for row in rows}


def test_the_dashboard_says_that_an_authorization_ended_until_there_is_one_again(
    company: Association, sandbox: Sandbox
) -> None:
    agree = partial(authorize, open_browser=lambda url: consent(url, REALM))
    run(company, agree, "authorize")
    company.run(pull)
    assert overview(company)["Connection"] == "Connected"
    sandbox.faults.add(Fault(kind=FaultKind.REFUSE, path="/v3", status=401, times=0))
    report = company.run(pull)
    assert "sign_in_again" in {problem.code for problem in report.problems}
    for use_case in (pull, check):
        company.run(use_case)
        assert overview(company)["Connection"] == "Authorization ended"
        assert overview(company)["Next step"] == "Press Authorize: the ledger asks for an authorization."
        assert identity(company)["connected"] == "no"
    with pytest.raises(CannotRun):
        company.run(sync)
    assert overview(company)["Connection"] == "Authorization ended"
    sandbox.faults.clear()
    run(company, agree, "authorize")
    assert overview(company)["Connection"] == "Connected"
    assert overview(company)["Next step"] == "Press Pull."
    assert identity(company)["connected"] == "yes"


def test_an_authorization_that_ran_out_by_the_calendar_is_known_without_asking(company: Association) -> None:
    run(company, partial(authorize, open_browser=lambda url: consent(url, REALM)), "authorize")
    company.run(pull)
    until = date.fromisoformat(identity(company)["connected_until"])
    company.run(check, today=until)
    assert overview(company)["Connection"] == "Connected"
    company.run(check, today=until + timedelta(days=1))
    assert overview(company)["Connection"] == "Authorization ended"


def test_a_person_who_refuses_is_told_what_to_do(company: Association) -> None:
    with pytest.raises(CannotRun) as refused:
        run(company, partial(authorize, open_browser=lambda url: consent(url, REALM, "deny")), "authorize")
    assert [problem.code for problem in refused.value.problems] == ["consent_denied"]


def test_no_secret_reaches_the_workbook_the_profile_or_the_journal(company: Association, sandbox: Sandbox) -> None:
    run(company, partial(authorize, open_browser=lambda url: consent(url, REALM)), "authorize")
    granted = re.findall(rb'"([^"\s]{20,})"', dumps(sandbox.quickbooks.sign_in.dump()))
    assert len(granted) >= 2, "an access token and a refresh token"
    secrets = [b"sandbox-secret", *granted]
    places = [company.profile.workbook, *company.profile.place.iterdir()]
    assert Path(company.profile.workbook) in places
    for place in places:
        if place.is_file():
            assert not any(secret in place.read_bytes() for secret in secrets)


def test_a_ledger_in_a_file_asks_for_no_authorization(association: Association) -> None:
    association.init()
    with pytest.raises(CannotRun) as needless:
        run(association, partial(authorize, open_browser=lambda _: True), "authorize")
    assert [problem.code for problem in needless.value.problems] == ["sign_in_needless"]
