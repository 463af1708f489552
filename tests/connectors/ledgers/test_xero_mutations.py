"""Each field of Xero's tables is renamed, dropped, swapped with the next and, where it is only read, sent.

A witness that is not the table has to notice: the stand-in refuses, or what it keeps is not what is written here by
hand, or what is read back is not. What the vendor itself makes up or works out is excepted by name, with its source.
"""

import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import count

import pytest

from connectors.conformance.making import Making, booked, post
from connectors.ledger import Applied, Posted, Posting
from connectors.ledgers.xero import forms, recipes, standings
from connectors.ledgers.xero.sandbox import Sandbox
from connectors.records import (
    TYPES,
    Address,
    Customer,
    Document,
    DocumentTax,
    EntryLine,
    InvoiceLine,
    JournalEntry,
    Kind,
    Payment,
)  # fmt: skip
from connectors.wire.form import Form
from connectors.wire.paths import at
from tests.connectors.ledgers.field_mutations import mutations
from tests.connectors.ledgers.xero_harness import SECRETS, XeroHarness

DAY = date(2024, 3, 15)
NUMBERS = count(1)
UNIT, AMOUNT, TAX, TOTAL = Decimal("30.25"), Decimal("60.50"), Decimal("9.06"), Decimal("69.56")

EXCEPTED = {
    ("dropped", "LineAmountTypes"): "Exclusive is the default of invoices and credit notes, NoTax of manual journals",
    ("sent", "LineAmount"): "let pass where it is the product of quantity and price (OAS, LineItem)",
    (
        "sent",
        "SubTotal",
    ): "worked out anew of credit notes and bank transactions, whose schema does not call it read-only",
    ("sent", "TotalTax"): "as SubTotal",
    ("sent", "Total"): "as SubTotal",
}
"""What nobody can notice, by mutation and place, where the kind's own schema or default does not say otherwise."""
TABLES: dict[tuple[str, Kind], Form] = {
    ("contact", Kind.CUSTOMER): forms.CONTACT,
    **{("form", kind): form for kind, form in forms.FORMS.items()},
    **{("on account", kind): form for kind, form in forms.ON_ACCOUNT.items()},
}


MUTATIONS = [
    (name, kind, what, wire, form) for (name, kind), table in TABLES.items() for what, wire, form in mutations(table)
]


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[XeroHarness]:
    with pytest.MonkeyPatch.context() as patch, Sandbox() as sandbox:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        yield XeroHarness(sandbox, tmp_path_factory.mktemp("xero"))


@pytest.fixture(scope="module")
def ledger(harness: XeroHarness) -> Iterator:
    with harness.open() as ledger:
        ledger.parties = booked(ledger, Making(harness, "CAD").customer("Somebody"))
        yield ledger


def sample(ledger, kind: Kind) -> Posting:
    """A record whose every field says something of its own."""
    n = next(NUMBERS)
    key, [contact] = f"m-{n}", ledger.parties
    head = {"key": f"r{n}", "number": f"N-{n}"}
    match kind:
        case Kind.CUSTOMER:
            return Posting(key=key, record=Customer(
                **head, name=f"Club {n}", first_name="Ève", last_name="Roy", email="e@example.org",
                phone="418 555-0100", mobile="418 555-0101", fax="418 555-0102", care_of="La trésorière",
                billing=Address(street="1 rue A\nBureau 2\n3e étage\nAile B", city="Lévis", region="QC",
                                postal_code="G6V 1A1", country="CA"),
                shipping=Address(street="9 rue Z\nPorte 8\nQuai 7\nBaie 6", city="Alma", region="ON",
                                 postal_code="G8B 2B2", country="US"),
            ))  # fmt: skip
        case Kind.JOURNAL_ENTRY:
            lines = (EntryLine(account="2400", debit=AMOUNT, ledger_account="240", memo="Gagné"),
                     EntryLine(account="4100", credit=AMOUNT, ledger_account="200", memo="Revenu"))  # fmt: skip
            record = JournalEntry(**head, date=DAY, currency="CAD", lines=lines, memo="Mars")
            return Posting(key=key, record=record)
        case Kind.PAYMENT | Kind.SUPPLIER_PAYMENT:
            bill = Kind.INVOICE if kind is Kind.PAYMENT else Kind.SUPPLIER_INVOICE
            [paid] = booked(ledger, sample(ledger, bill))
            record = TYPES[kind](**head, date=DAY, customer="c", currency="CAD", amount=Decimal(100),
                                 deposit_account="091", memo="Mars")  # fmt: skip
            return Posting(key=key, record=record, customer=contact, applied=(Applied(ledger_id=paid, amount=TOTAL),))
    line = InvoiceLine(key="1", number=1, description="Cotisation", amount=AMOUNT, quantity=Decimal(2), unit_price=UNIT,
                       ledger_account="210", ledger_tax="Levy", ledger_class="Chapter West")  # fmt: skip
    own = {"deposit_account": "091"} if kind in (Kind.SALES_RECEIPT, Kind.REFUND) else {}
    record = TYPES[kind](**head, date=DAY, due=date(2024, 4, 14), customer="c", currency="CAD", lines=(line,),
                         subtotal=AMOUNT, tax=TAX, total=TOTAL, memo="Mars",
                         taxes=(DocumentTax(tax="L", amount=TAX, ledger_tax="Levy"),), **own)  # fmt: skip
    return Posting(key=key, record=record, customer=contact)


LINE = {"Description": "Cotisation", "Quantity": Decimal(2), "UnitAmount": UNIT, "LineAmount": AMOUNT, "TaxAmount": TAX,
        "AccountCode": "210", "TaxType": "TAX005", "Tracking.Option": "Chapter West"}  # fmt: skip
BILLED = {"Date": "2024-03-15", "LineAmountTypes": "Exclusive", "CurrencyCode": "CAD", "Total": TOTAL,
          "Status": "AUTHORISED"}  # fmt: skip


def expected(kind: Kind, posting: Posting) -> tuple[str, dict[str, object], dict[str, object]]:
    """What the stand-in has to keep: in which list, the fields, and those of the first line."""
    number, note = posting.record.number, f"Mars [{posting.key}]"
    both = f"{number} · {note}"
    contact = {"ContactID": posting.customer}
    match kind:
        case Kind.INVOICE:
            told = {"Type": "ACCREC", "InvoiceNumber": number, "DueDate": "2024-04-14", "Reference": note}
            return "Invoices", {**BILLED, **contact, **told}, LINE
        case Kind.SUPPLIER_INVOICE:
            told = {"Type": "ACCPAY", "InvoiceNumber": number, "DueDate": "2024-04-14"}
            return "Invoices", {**BILLED, **contact, **told}, LINE
        case Kind.CREDIT_NOTE:
            told = {"Type": "ACCRECCREDIT", "CreditNoteNumber": number, "Reference": note}
            return "CreditNotes", {**BILLED, **contact, **told}, LINE
        case Kind.VENDOR_CREDIT:
            return "CreditNotes", {**BILLED, **contact, "Type": "ACCPAYCREDIT", "CreditNoteNumber": number}, LINE
        case Kind.SALES_RECEIPT | Kind.REFUND:
            type_ = "RECEIVE" if kind is Kind.SALES_RECEIPT else "SPEND"
            told = {"Type": type_, "Reference": both, "BankAccount.Code": "091"}
            return "BankTransactions", {**BILLED, **contact, **told}, LINE
        case Kind.JOURNAL_ENTRY:
            head = {"Narration": both, "Date": "2024-03-15", "Status": "POSTED", "LineAmountTypes": "NoTax"}
            return "ManualJournals", head, {"LineAmount": AMOUNT, "AccountCode": "240", "Description": "Gagné"}
    place = {
        "AddressLine1": "1 rue A",
        "AddressLine2": "Bureau 2",
        "AddressLine3": "3e étage",
        "AddressLine4": "Aile B",
        "City": "Lévis",
        "Region": "QC",
        "PostalCode": "G6V 1A1",
        "Country": "CA",
        "AttentionTo": "La trésorière",
    }
    other = {"AddressLine1": "9 rue Z", "AddressLine2": "Porte 8", "AddressLine3": "Quai 7", "AddressLine4": "Baie 6",
             "City": "Alma", "Region": "ON", "PostalCode": "G8B 2B2", "Country": "US"}  # fmt: skip
    phones = {"DEFAULT": "418 555-0100", "MOBILE": "418 555-0101", "FAX": "418 555-0102"}
    return "Contacts", {
        "FirstName": "Ève", "LastName": "Roy", "EmailAddress": "e@example.org", "Name": f"Club {posting.key[2:]}",
        **{f"Phones[PhoneType={type_}].PhoneNumber": told for type_, told in phones.items()},
        **{f"Addresses[AddressType=POBOX].{name}": told for name, told in place.items()},
        **{f"Addresses[AddressType=STREET].{name}": told for name, told in other.items()},
    }, {}  # fmt: skip


def is_kept(harness: XeroHarness, kind: Kind, posting: Posting) -> bool:
    """Whether the stand-in has what it should, by its own books."""
    kept = harness.sandbox.organisation.kept
    if kind in (Kind.PAYMENT, Kind.SUPPLIER_PAYMENT):
        return is_paid(kept, kind, posting)
    entity, head, line = expected(kind, posting)
    alike = [body for body in kept[entity].values()
             if posting.key in (body.get("ContactNumber"), *_last_words(body))]  # fmt: skip
    if len(alike) != 1 or any(at(alike[0], path) != value for path, value in head.items()):
        return False
    lines = alike[0].get("LineItems") or alike[0].get("JournalLines") or [{}]
    first = {**lines[0], "Tracking.Option": (lines[0].get("Tracking") or [{}])[0].get("Option")}
    return all(first.get(name) == value for name, value in line.items())


def is_paid(kept, kind: Kind, posting: Posting) -> bool:
    """A payment of the invoice, and the rest on account, on the bank account that the record names."""
    note, way = f"{posting.record.number} · Mars [{posting.key}]", "RECEIVE" if kind is Kind.PAYMENT else "SPEND"
    bank = next(a["AccountID"] for a in kept["Accounts"].values() if a.get("Code") == "091")
    paid = [p for p in kept["Payments"].values() if p["Reference"] == note]
    over = [o for o in kept["BankTransactions"].values() if o["LineItems"][0]["Description"] == note]
    if len(paid) != 1 or len(over) != 1:
        return False
    [payment], [rest] = paid, over
    return (
        (payment["Date"], payment["Amount"], payment["AccountID"]) == ("2024-03-15", TOTAL, bank)
        and (rest["Type"], rest["Date"], rest["Total"]) == (f"{way}-OVERPAYMENT", "2024-03-15", Decimal(100) - TOTAL)
        and (rest["BankAccount"]["AccountID"], rest["ContactID"]) == (bank, posting.customer)
    )


def _last_words(body) -> list[str]:
    texts = [
        body.get("Reference"),
        body.get("Narration"),
        *(each.get("Description") for each in body.get("LineItems", ())),
    ]
    return [str(text).rpartition("[")[2].rstrip("]") for text in texts if text]


def is_read(ledger, kind: Kind, posting: Posting, ledger_id: str) -> bool:
    """Whether the record comes back as it was sent, in every field that the ledger tells."""
    [body] = ledger.bookkeeping.by_ids(kind, [ledger_id])
    record, told = standings.record(kind, body, ledger._books)
    ours = posting.record
    named = {"customer": posting.customer} if not isinstance(ours, Customer | JournalEntry) else {}
    plain = {name: getattr(ours, name) for name in told - {"lines", "allocations", "customer"}} | named
    must = {"number", "memo", "date"} if not isinstance(ours, Customer) else {"name", "email", "billing", "shipping"}
    if not must <= told or any(getattr(record, name) != value for name, value in plain.items()):
        return False
    if isinstance(ours, Document):
        fields = ("description", "amount", "quantity", "unit_price", "ledger_account", "ledger_tax", "ledger_class")
        rows = [[getattr(line, name) for name in fields] for line in (*record.lines, *ours.lines)]
        whole = (record.subtotal, record.tax, record.total, record.currency, record.lines[0].tax_amount)
        due = kind not in (Kind.INVOICE, Kind.SUPPLIER_INVOICE) or (record.due, record.balance) == (ours.due, TOTAL)
        return rows[0] == rows[1] and whole == (AMOUNT, TAX, TOTAL, "CAD", TAX) and due
    if isinstance(ours, JournalEntry):
        return [(each.debit, each.credit, each.ledger_account, each.memo) for each in record.lines] == [
            (each.debit, each.credit, each.ledger_account, each.memo) for each in ours.lines
        ]
    return not isinstance(ours, Payment) or record.allocations[0].amount == TOTAL


def is_noticed(harness: XeroHarness, ledger, kind: Kind) -> bool:
    """Whether a witness says that something is wrong."""
    posting = sample(ledger, kind)
    outcome = post(ledger, posting)[posting.key]
    if not isinstance(outcome, Posted) or not is_kept(harness, kind, posting):
        return True
    return not is_read(ledger, kind, posting, outcome.ledger_id)


@pytest.mark.parametrize("kind", sorted(forms.FORMS | {Kind.CUSTOMER: forms.CONTACT}))
def test_the_tables_as_they_are_are_let_pass_by_every_witness(harness: XeroHarness, ledger, kind: Kind) -> None:
    assert not is_noticed(harness, ledger, kind)


def test_every_mutation_of_every_field_is_noticed(harness: XeroHarness, ledger, capsys) -> None:
    unnoticed, excepted = [], set()
    for name, kind, what, wire, form in MUTATIONS:
        with pytest.MonkeyPatch.context() as patch:
            if name == "contact":
                patch.setattr(recipes, "CONTACT", form)
            else:
                patch.setitem(forms.FORMS if name == "form" else forms.ON_ACCOUNT, kind, form)
            if not is_noticed(harness, ledger, kind):
                found = (what, wire.rpartition(".")[2])
                (excepted.add(found) if found in EXCEPTED else unnoticed.append((kind, *found)))
    with capsys.disabled():
        print(f"\nXero: {len(MUTATIONS)} mutations of fields, {len(unnoticed)} unnoticed", file=sys.stderr)
    assert unnoticed == []
    assert excepted == EXCEPTED.keys()
