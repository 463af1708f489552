"""Look-ups of QuickBooks Online that no character can break, and what the change feed says that is not so.

Addendum of 2026-11-29, 6: some companies' parsers refuse a query whole for one character ("Lexical error", 4000); all
that is documented of a backslash is that it stands before an apostrophe (data queries).
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from addin.usecases.pull import pull
from connectors.conformance.making import Making, booked, post, void
from connectors.conformance.undoing import answer, code
from connectors.ledger import Posted, Sought
from connectors.ledgers.quickbooks_online import changes as capture
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.sandbox import changes as feed
from connectors.ledgers.quickbooks_online.sandbox.company import Switches
from connectors.problems import CannotRun
from connectors.records import Kind, What
from tests.connectors.ledgers.quickbooks_harness import quickbooks
from tests.connectors.ledgers.quickbooks_many import Many

HOUR = timedelta(hours=1)
COMPANIES = {"UTF-8": Switches(), "ISO-8859-1": Switches(latin_queries=True), "ASCII": Switches(ascii_queries=True)}
TEXTS = ["O'Brien", 'Dit "le Bic"', "A\\B", "\\", "\\'", "100 %", "a_b", "Œuvres d’été", "Été à Łódź", "日本", "N° 7",
         "é", "a\u00a0b", "' or '1'='1", "😀"]  # fmt: skip


@pytest.fixture(params=COMPANIES)
def harness(tmp_path, monkeypatch, request):
    with quickbooks(tmp_path, monkeypatch) as harness:
        harness.sandbox.company("CA").switches = COMPANIES[request.param]
        yield harness


@pytest.fixture
def ledger(harness):
    with harness.open() as ledger:
        ledger.connect()
        yield ledger


@pytest.fixture
def make(harness, ledger):
    return Making(harness, "CAD", ledger)


def test_an_account_is_found_and_never_made_twice_whatever_its_name(harness, ledger, make):
    """All of them in one call, so that one that cannot be asked for spoils nothing of the others."""
    postings = [make.customer(text) for text in TEXTS]
    references = booked(ledger, *postings)
    assert {key: found.ledger_id for key, found in ledger.find(postings).items()} == {
        posting.key: reference for posting, reference in zip(postings, references, strict=True)
    }
    again = [post(ledger, posting)[posting.key] for posting in postings]
    assert [each for each in again if not (isinstance(each, Posted) and each.replayed)] == []
    assert len(harness.query("Customer")) == len(TEXTS)


def test_a_document_is_found_and_never_booked_twice_whatever_its_number(harness, ledger, make):
    [customer] = booked(ledger, make.customer())
    postings = [make.invoice(customer, number=text) for text in TEXTS]
    references = booked(ledger, *postings)
    assert {key: found.ledger_id for key, found in ledger.find(postings).items()} == {
        posting.key: reference for posting, reference in zip(postings, references, strict=True)
    }
    sought = [Sought(name=text, kind=Kind.INVOICE, number=text) for text in TEXTS]
    found = {name: [one.number for one in standings] for name, standings in ledger.search(sought).items()}
    nothing_to_ask_by = {"\\", "\\'", "日本", "😀"}
    assert {name: numbers for name, numbers in found.items() if name not in nothing_to_ask_by} == {
        text: [text] for text in TEXTS if text not in nothing_to_ask_by
    }
    assert all(found[name] in ([], [name]) for name in nothing_to_ask_by)


def test_a_number_of_odd_characters_is_booked_beside_its_void_one_alone(ledger, make):
    """What is void under the pattern of a number says nothing of another number under the same pattern."""
    [customer] = booked(ledger, make.customer())
    first, other = make.invoice(customer, number="Œ-1"), make.invoice(customer, number="Œ-1-2")
    undo = void(first, answer(ledger, first))
    booked(ledger, other)
    again = make.invoice(customer, "70.00", number="Œ-1")
    assert code(ledger, again) == "number_taken"
    booked(ledger, undo)
    booked(ledger, again)


def told(harness):
    with harness.open() as ledger:
        ledger.connect()
        return ledger.changes(datetime.now(UTC) - HOUR)


@pytest.fixture
def plain(tmp_path, monkeypatch):
    with quickbooks(tmp_path, monkeypatch) as harness:
        yield harness


def test_what_the_feed_calls_deleted_and_is_there_is_not_gone(plain):
    customer = plain.add_customer("Cliente", "c@example.org")
    invoice, gone = (plain.add_invoice(customer, Decimal("10.00")) for _ in range(2))
    plain.delete(*gone.split(":"))
    company = plain.sandbox.company()
    for ledger_id in (invoice, f"Customer:{customer}"):
        company.gone.append((*ledger_id.split(":"), company.clock.now()))
    changes = {(change.ledger_id, change.what) for change in told(plain).changes}
    assert {(invoice, What.CREATED), (gone, What.DELETED), (customer, What.CREATED)} <= changes
    assert len(changes) == len({ledger_id for ledger_id, _ in changes})


def test_a_customer_that_the_feed_calls_deleted_and_is_inactive_is_gone(plain):
    customer = plain.add_customer("Cliente", "c@example.org")
    plain.retire_customer(customer)
    company = plain.sandbox.company()
    company.gone.append(("Customer", customer, company.clock.now()))
    [change] = [change for change in told(plain).changes if change.ledger_id == customer]
    assert change.what is What.DELETED


def test_what_is_called_deleted_and_cannot_be_read_stops_the_changes_and_is_not_believed(plain, monkeypatch):
    """A fault in place of the object proves nothing of it."""
    invoice = plain.add_invoice(plain.add_customer("Cliente", "c@example.org"), Decimal("10.00"))
    plain.delete(*invoice.split(":"))
    with plain.open() as ledger:
        ledger.connect()
        among = ledger._api.among

        def unreadable(*asked):
            plain.sandbox.company().switches = replace(Switches(), unreadable=frozenset({"Invoice"}))
            return among(*asked)

        monkeypatch.setattr(ledger._api, "among", unreadable)
        with pytest.raises(CannotRun, match="ledger_unreachable"):
            ledger.changes(datetime.now(UTC) - HOUR)


def test_a_first_pull_of_more_than_the_feed_tells_says_nothing_and_a_later_one_does(plain, tmp_path, monkeypatch):
    """What was deleted before a company was ever listened to is nobody's loss."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(QuickBooksOnlineLedger, "limits", ())
    for module, name in ((feed, "MOST_OBJECTS"), (capture, "MOST")):
        monkeypatch.setattr(module, name, 5)
    reports, run = [], Many.run
    monkeypatch.setattr(Many, "run", lambda many, use_case: reports.append(run(many, use_case)))
    for number in range(9):
        plain.add_customer(f"Membre {number}", "m@example.org")
    many = Many(tmp_path, plain, invoices=1, customers=1, seed=1)
    many.set_up()
    many.run(pull)
    assert [sum(p.code == "changes_too_many" for p in report.problems) for report in reports] == [0, 1]
