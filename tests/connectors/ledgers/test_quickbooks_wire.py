"""Whatever we send has the fields of the vendor's documented samples: no unknown, misspelt or misplaced field.

``test_quickbooks_samples.json`` are the sample bodies of the vendor's entity reference. What the reference lists and no
sample shows stands below with where it is listed.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.http import Http
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.records import DOCUMENT_KINDS, Address, EntryLine, Kind
from tests.conformance.making import Making, booked, post
from tests.connectors.ledgers.quickbooks_harness import quickbooks

SAMPLES = json.loads((Path(__file__).parent / "test_quickbooks_samples.json").read_text(encoding="utf-8"))["samples"]
LINES = ("SalesItemLineDetail", "AccountBasedExpenseLineDetail")
ADDRESS = (*(f"Line{number}" for number in range(1, 6)), "City", "CountrySubDivisionCode", "PostalCode", "Country")
LISTED = {
    "Customer": (  # Customer, attributes
        "Mobile.FreeFormNumber", "Fax.FreeFormNumber", "WebAddr.URI", "Notes", "SalesTermRef.value",
        *(f"{side}.{part}" for side in ("BillAddr", "ShipAddr") for part in ADDRESS),
    ),
    "Vendor": ("Mobile.FreeFormNumber", "Fax.FreeFormNumber", "TermRef.value", "AcctNum"),  # Vendor, attributes
    "Invoice": ("GlobalTaxCalculation",),  # Invoice, required outside the US
    "CreditMemo": ("GlobalTaxCalculation", "PrivateNote"),
    "SalesReceipt": ("GlobalTaxCalculation",),
    "RefundReceipt": ("GlobalTaxCalculation",),
    "Bill": ("GlobalTaxCalculation", "Line.LineNum"),
    "Payment": ("PaymentRefNum",),  # Payment, attributes
    "JournalEntry": (),
}  # fmt: skip
ON_EVERY_DOCUMENT = (
    *(f"Line.{detail}.ClassRef.value" for detail in LINES),  # SalesItemLineDetail, AccountBasedExpenseLineDetail
    *(f"TxnTaxDetail.{path}" for path in (  # TxnTaxDetail, shown on the sample invoice
        "TotalTax", "TaxLine.Amount", "TaxLine.DetailType", "TaxLine.TaxLineDetail.TaxRateRef.value",
        "TaxLine.TaxLineDetail.PercentBased", "TaxLine.TaxLineDetail.TaxPercent",
        "TaxLine.TaxLineDetail.NetAmountTaxable",
    )),
)  # fmt: skip


def leaves(value, path=""):
    """The dotted paths of the values of a body."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, path)
    else:
        yield path


def known(entity):
    """The paths that the samples of an entity show, or its reference lists."""
    paths = set(LISTED[entity])
    for body in SAMPLES[entity.lower()]:
        content = body.get("QueryResponse", body).get(entity, body)
        paths |= set(leaves(content))
    return paths | (
        set(ON_EVERY_DOCUMENT) if entity not in ("Customer", "Vendor", "Payment", "JournalEntry") else set()
    )


@pytest.fixture
def sent(monkeypatch):
    """Every body that leaves, on its way to the sandbox."""
    bodies, posted = [], Http.post

    def recorded(self, path, **options):
        if "json" in options:
            bodies.append((path, options["json"]))
        return posted(self, path, **options)

    monkeypatch.setattr(Http, "post", recorded)
    return bodies


def test_what_we_send_is_what_the_vendor_documents(tmp_path, monkeypatch, sent, capsys):
    with quickbooks(tmp_path, monkeypatch) as harness, harness.open() as ledger:
        term = harness.query("Term")[0]["Name"]
        harness.make("Class", Name="Est")
        make = Making(harness, "CAD")
        everything(ledger, make, term)
        kinds: Counter = Counter()
        envelope = {"BatchItemRequest.bId", "BatchItemRequest.operation"}
        for path, body in sent:
            assert path == "batch"
            for item in body["BatchItemRequest"]:
                [entity] = item.keys() - {"bId", "operation"}
                assert envelope == {f"BatchItemRequest.{name}" for name in item.keys() - {entity}}
                assert set(leaves(item[entity])) - known(entity) == set(), entity
                kinds[entity] += 1
    assert kinds.keys() == LISTED.keys()
    with capsys.disabled():
        print(f"\nQuickBooks Online: {len(kinds)} kinds, {sum(kinds.values())} bodies checked")


def everything(ledger: QuickBooksOnlineLedger, make: Making, term: str) -> None:
    """One of each kind with every field filled, changes of accounts, credits and payments that are applied."""
    street = Address(street="1\n2\n3\n4\n5\n6", city="Rimouski", region="QC", postal_code="G5L 1A6", country="CA")
    full = {
        "first_name": "Zoé", "last_name": "Roy", "email": "z@example.org", "phone": "1", "mobile": "2", "fax": "3",
        "website": "https://example.org", "billing": street, "shipping": street, "terms": term, "tax_exempt": True,
        "exempt_reason": "OBNL", "notes": "Note",
    }  # fmt: skip
    person, firm = make.customer("Zoé", is_person=True, **full), make.customer("Papier inc.", is_supplier=True, **full)
    customer, supplier = booked(ledger, person, firm)
    booked(ledger, replace(make.customer("Filiale"), parent=customer))
    changed = {"email": "", "billing": Address(city="Lévis"), "notes": "", "terms": "", "tax_exempt": False}
    booked(ledger, make.change(customer, person, **changed), make.change(supplier, firm, **changed))
    documents = {}
    for kind in sorted(DOCUMENT_KINDS):
        posting = make.of_kind(kind, customer, supplier, tax="14.98", memo="Merci", ledger_terms=term)
        lines = tuple(replace(line, ledger_class="Est") for line in posting.record.lines)
        paid = {"ledger_method": "Visa", "deposit_account": "Checking"}
        more = paid if kind in (Kind.SALES_RECEIPT, Kind.REFUND) else {}
        documents[kind] = replace(posting, record=replace(posting.record, lines=lines, **more))
    ids = dict(zip(documents, booked(ledger, *documents.values()), strict=True))
    invoice = ids[Kind.INVOICE]
    booked(ledger, make.document(Kind.CREDIT_NOTE, customer, "10.00", applied=[(invoice, "10.00")]))
    booked(ledger, make.payment(customer, "60.00", [(invoice, "50.00")], ledger_method="Visa", memo="Reçu"))
    entry = make.entry("20.00")
    due = EntryLine(account="1100", debit=entry.record.lines[0].debit, memo="Dû", customer=customer,
                    ledger_account=ledger.lists().receivable)  # fmt: skip
    booked(ledger, replace(entry, record=replace(entry.record, lines=(due, entry.record.lines[1]))))
    taken_out = make.document(Kind.CREDIT_NOTE, customer, "5000.00", applied=[(invoice, "5000.00")])
    post(ledger, taken_out)


def test_an_unknown_field_would_be_seen():
    assert "Line.SalesItemLineDetail.ItemRef.value" in known("Invoice")
    assert {"Line.ItemRef.value", "CustomerRef.id", "DueDat"} & known("Invoice") == set()
