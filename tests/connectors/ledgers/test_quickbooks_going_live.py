"""What stands between Passerelle and the real QuickBooks Online: how long an authorization holds, and who is told.

Addendum of 2026-11-29, 4: the end of five years comes only where a header of the request asks for it; the rolling 100
days always.
"""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from addin.databases import open_journal
from addin.session import Session
from addin.usecases.check import check
from addin.usecases.connect import connect, disconnect
from addin.usecases.doctor import doctor
from addin.usecases.ending import ends
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.sandbox import signin
from connectors.problems import CannotRun
from tests.connectors.ledgers.quickbooks_harness import quickbooks
from tests.connectors.ledgers.quickbooks_many import Many
from workbook.file.file_book import FileBook
from workbook.layout import PROBLEMS_TABLE


def today():
    return datetime.now(UTC).date()


@pytest.fixture
def begin(tmp_path, monkeypatch):
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


def on_the_dashboard(many):
    return [row.values["what"] for row in FileBook(many.profile.workbook).read(PROBLEMS_TABLE).rows]


def test_the_end_that_no_renewal_moves_is_asked_for_kept_and_shown(begin):
    many = begin()
    report = run(many, connect)
    last = today() + timedelta(days=5 * 365)
    assert report.facts["at_most"] in {(last - timedelta(days=1)).isoformat(), last.isoformat()}
    assert report.facts["until"] < report.facts["at_most"]
    assert report.problems == ()
    [stands] = doctor().facts["standing"]
    assert (stands["until"], stands["at_most"]) == (report.facts["until"], report.facts["at_most"])
    run(many, disconnect)
    with closing(open_journal(many.profile)) as journal:
        assert ends(journal) == (None, None)


@pytest.mark.parametrize(
    ("rolling", "at_most", "code"), [(10, 5 * 365, "sign_in_ends_soon"), (101, 20, "sign_in_ends_for_good")]
)
def test_who_can_renew_an_authorization_is_told_before_it_ends(begin, rolling, at_most, code):
    """By Connect, by Doctor and on the Dashboard; as a notice, for everything still works."""
    many = begin(rolling, at_most)
    report = run(many, connect)
    assert ([problem.code for problem in report.problems], report.exit) == ([code], 0)
    assert report.problems[0].params["date"] == min(report.facts["until"], report.facts["at_most"])
    assert code in [problem.code for problem in doctor().problems]
    assert code not in [problem.code for problem in run(many, check).problems]
    assert any(report.problems[0].params["date"] in str(said) for said in on_the_dashboard(many))


def test_an_authorization_that_the_vendor_ended_asks_for_another(begin, monkeypatch):
    many = begin(at_most=3)
    many.harness.sandbox.clock.advance(timedelta(days=4).total_seconds())
    with pytest.raises(CannotRun) as stopped:
        run(many, connect)
    assert stopped.value.problems[0].code == "sign_in_again"
