"""What QuickBooks Online is sent does not change by itself: every body is among those kept, to the byte.

Here goes a whole life of every kind in companies of each sort; the conformance suite's bodies are held to the same
files (``test_quickbooks_conformance``). Whoever means a change writes the files anew, and its difference is reviewed.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.conformance.amending import amending
from connectors.conformance.making import KINDS_BOOKED, Making, booked, post, void
from connectors.ledger import Action, Applied, Posted
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.records import CREDIT_KINDS, DOCUMENT_KINDS, PURCHASES, Address, EntryLine, Kind
from tests.connectors.ledgers.quickbooks_bodies import FOLDER, among_those_kept, kept
from tests.connectors.ledgers.quickbooks_harness import QuickBooksHarness, quickbooks
from tests.connectors.ledgers.quickbooks_wire import ENTITIES
from tests.connectors.ledgers.test_quickbooks_wire import everything

COMPANIES = {
    "of one currency": {},
    "that numbers by itself": {"SalesFormsPrefs": {"CustomTxnNumbers": False}},
    "of one class a document": {"AccountingInfoPrefs": {"ClassTrackingPerTxn": True, "ClassTrackingPerTxnLine": False}},
    "in the United States": {},
    "that computes its tax": {"TaxPrefs": {"PartnerTaxEnabled": True}},
    "of several currencies": {},
}
AMERICAN = {"in the United States", "that computes its tax"}
STREET = Address(street="1\n2\n3\n4\n5\n6", city="Rimouski", region="QC", postal_code="G5L 1A6", country="CA")
ACCOUNT = {
    "first_name": "Zoé", "last_name": "Roy", "email": "z@example.org", "phone": "1", "mobile": "2", "fax": "3",
    "website": "https://example.org", "billing": STREET, "shipping": STREET, "care_of": "La trésorière",
    "tax_exempt": True, "exempt_reason": "OBNL", "contact": "Ève", "notes": "Note",
}  # fmt: skip


@pytest.mark.parametrize("company", COMPANIES)
def test_a_whole_life_of_every_kind_sends_what_is_kept(tmp_path, monkeypatch, company):
    country = "US" if company in AMERICAN else "CA"
    several = company == "of several currencies"
    home = "USD" if country == "US" else "CAD"
    name = f"a company {company}"
    with among_those_kept(name), quickbooks(tmp_path, monkeypatch, country, currencies=several) as harness:
        for section, values in COMPANIES[company].items():
            harness.prefer(section, **values)
        term, _ = harness.query("Term")[0]["Name"], harness.make("Class", Name="Est")
        with harness.open() as ledger:
            ledger.connect()
            make = Making(harness, home, ledger)
            if several:
                everything(ledger, make, term)
            life(ledger, harness, make, term)


def life(ledger: QuickBooksOnlineLedger, harness: QuickBooksHarness, make: Making, term: str) -> None:
    """Parties are made and changed; every kind is booked with and without tax, amended, applied, and undone."""
    person = make.customer("Club de lecture", is_person=True, terms=term, **ACCOUNT)
    firm = make.customer("Papeterie inc.", is_supplier=True, terms=term, **ACCOUNT)
    customer, supplier = booked(ledger, person, firm)
    booked(ledger, replace(make.customer("Section jeunesse"), parent=customer), make.customer("Sans rien", notes="n"))
    changed = {"email": "", "billing": Address(city="Lévis"), "notes": "", "terms": "", "tax_exempt": False}
    booked(ledger, make.change(customer, person, **changed), make.change(supplier, firm, **changed))
    booked(ledger, make.change(customer, person, name="Club de poésie"))
    done = [each for posting in documents(make, customer, supplier, term) if (each := tried(ledger, posting))]
    done += [each for posting in money(ledger, make, customer, supplier) if (each := tried(ledger, posting))]
    for posting, answer in done:
        names = ledger.capabilities.amends.get(posting.record.kind, frozenset())
        for some in ({name} for name in sorted(names)):
            tried(ledger, amending(posting, answer, make, some))
    applied_later(ledger, make, customer, supplier)
    for posting, answer in reversed(done):
        tried(ledger, void(posting, answer))


def documents(make: Making, customer: str, supplier: str, term: str) -> Iterator:
    """Every kind of document: plain, and with taxes, classes, quantities and all that it can hold."""
    taxed = {True: "8.00", False: "15.00"}[make.home == "USD"]
    for kind in sorted(DOCUMENT_KINDS):
        party = supplier if kind in PURCHASES else customer
        money = {"ledger_method": "Visa", "deposit_account": "Checking"}
        more = money if kind in (Kind.SALES_RECEIPT, Kind.REFUND) else {}
        yield make.document(kind, party, "40.00", "2.50", **more)
        bears = "0" if make.home == "USD" and kind in PURCHASES else taxed
        full = make.document(kind, party, "100.00", tax=bears, memo="Merci", ledger_terms=term, email="m@example.org",
                             **more)  # fmt: skip
        [line] = full.record.lines
        line = replace(line, ledger_class="Est", quantity=Decimal(4), unit_price=Decimal("25.00"))
        yield replace(full, record=replace(full.record, lines=(line,)))


def money(ledger: QuickBooksOnlineLedger, make: Making, customer: str, supplier: str) -> Iterator:
    """Payments, what they pay, credits that are applied wholly, in part and not at all, returns and entries."""
    first, second = booked(ledger, make.invoice(customer, "100.00"), make.invoice(customer, "50.00"))
    [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00"))
    yield make.document(Kind.CREDIT_NOTE, customer, "30.00", applied=[(first, "30.00")])
    yield make.document(Kind.VENDOR_CREDIT, supplier, "30.00", applied=[(bill, "30.00")])
    both = {"memo": "Reçu", "confirmation": "0042-77", "ledger_method": "Visa"}
    yield make.payment(customer, "130.00", [(first, "70.00"), (second, "50.00")], **both)
    yield make.document(Kind.CREDIT_NOTE, customer, "20.00", applied=[(second, "20.00")])
    yield make.disbursement(supplier, "20.00", [(bill, "20.00")], memo="Payé", confirmation="0043")
    yield make.disbursement(supplier, "20.00", [(bill, "20.00")], deposit_account="Credit Card")
    [bounced] = booked(ledger, make.payment(customer, "10.00"))
    yield make.returned(customer, bounced, "10.00", memo="Sans provision")
    entry = make.entry("20.00")
    lists = ledger.lists()
    parties = ((customer, lists.receivable, "Dû"), (supplier, lists.payable, "Doit"))
    for party, account, memo in parties:
        due = EntryLine(account="1100", debit=Decimal(20), memo=memo, customer=party, ledger_account=account)
        yield replace(entry, key=make.key(), record=replace(entry.record, lines=(due, entry.record.lines[1])))


def applied_later(ledger: QuickBooksOnlineLedger, make: Making, customer: str, supplier: str) -> None:
    """Money and credits that stood on account, applied in two turns."""
    invoice, bill = booked(ledger, make.invoice(customer, "500.00"),
                           make.document(Kind.SUPPLIER_INVOICE, supplier, "500.00"))  # fmt: skip
    credits_ = [(make.document(kind, supplier if kind in PURCHASES else customer, "60.00"),
                 bill if kind in PURCHASES else invoice) for kind in sorted(CREDIT_KINDS)]  # fmt: skip
    for posting, to in [(make.payment(customer, "80.00"), invoice), *credits_]:
        answer = post(ledger, posting)[posting.key]
        assert isinstance(answer, Posted)
        for amount in (Decimal(25), Decimal(55)):
            part = Applied(ledger_id=to, amount=amount)
            booked(ledger, replace(posting, key=make.key(), action=Action.APPLY, reference=answer.ledger_id,
                                   booked=answer, applied=(part,)))  # fmt: skip


def tried(ledger: QuickBooksOnlineLedger, posting) -> tuple | None:
    """The posting with its answer, where the company takes it."""
    answer = post(ledger, posting)[posting.key]
    return (posting, answer) if isinstance(answer, Posted) else None


def test_every_kind_and_every_way_is_among_those_kept():
    ways = {path.stem: {" ".join(line.split(" ", 2)[:2]) for line in kept(path.stem)} for path in FOLDER.glob("*.txt")}
    assert ways.keys() == ENTITIES.keys()
    assert all("batch create" in way for way in ways.values())
    assert {entity for entity, way in ways.items() if "batch update" in way} >= {"customer", "vendor", "payment"}
    gone = {entity for entity, way in ways.items() if any("delete" in each or "void" in each for each in way)}
    assert gone == ENTITIES.keys() - {"customer", "vendor"}
    assert len(KINDS_BOOKED) == len(gone) + 1, "a returned payment is an entry"


@pytest.mark.parametrize("word", ["ExchangeRate", "ClassRef", "TxnTaxDetail", "[unapplied]", "GlobalTaxCalculation"])
def test_what_only_some_companies_send_is_among_those_kept_and_not_everywhere(word):
    lines = [line for path in FOLDER.glob("*.txt") for line in kept(path.stem) if " create " in line]
    assert 0 < sum(word in line for line in lines) < len(lines)


def test_a_body_that_is_not_kept_is_noticed(tmp_path, monkeypatch):
    def run():
        with among_those_kept("none"), quickbooks(tmp_path, monkeypatch) as harness, harness.open() as ledger:
            booked(ledger, Making(harness, "CAD").customer("Someone whom no file names"))

    monkeypatch.delenv("PASSERELLE_WRITES_BODIES", raising=False)
    with pytest.raises(AssertionError, match="Someone whom no file names"):
        run()
