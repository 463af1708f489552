"""Each field of QuickBooks Online's tables is renamed, dropped, swapped with the next and, where it is only read, sent.

A witness that is not the table has to notice: the stand-in refuses, or what left is not as the vendor documents it, or
what the stand-in keeps is not what is written here by hand, or what is read back is not. What the vendor itself makes
up, works out or ignores is excepted by name, with its source.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import Any

import pytest

from connectors.conformance.making import Making, booked, post
from connectors.ledger import Applied, Posted, Posting
from connectors.ledgers.quickbooks_online import forms, parties, reading
from connectors.records import (
    DOCUMENT_KINDS,
    PURCHASES,
    TYPES,
    Address,
    Customer,
    DocumentTax,
    EntryLine,
    ExchangeRate,
    InvoiceLine,
    JournalEntry,
    Kind,
)
from connectors.wire.form import Form
from connectors.wire.paths import at
from tests.connectors.ledgers.field_mutations import mutations
from tests.connectors.ledgers.quickbooks_harness import QuickBooksHarness, quickbooks
from tests.connectors.ledgers.quickbooks_wire import Recorder, recorded

DAY, DUE = date(2024, 3, 15), date(2024, 4, 20)
NUMBERS = count(1)
UNIT, AMOUNT, TAX, TOTAL = Decimal("30.25"), Decimal("60.50"), Decimal("3.03"), Decimal("63.53")
RATE = Decimal("1.25")
ABROAD = {"CurrencyRef.value": "EUR", "ExchangeRate": RATE}
CARD = "Credit Card"
BY_ITEM = "ItemBasedExpenseLineDetail"
ADDRESS = ("Line1", "Line2", "Line3", "Line4", "Line5", "City", "CountrySubDivisionCode", "PostalCode", "Country")

EXCEPTED = {
    ("sent", "Id"): "what a new line is given as its id is not kept: a line of that id is none yet (Line, Id)",
    ("sent", "TxnTaxDetail"): "of a document that is sent, the taxes are written over it whole",
    ("dropped", "LineNum"): "lines are numbered in the order in which they stand, told or not (Line, LineNum)",
    ("dropped", "Job"): "a customer with a parent is a job, whether it is said or not (Customer, ParentRef)",
}
"""What nobody can notice, by mutation and place."""
TABLES: dict[tuple[str, str], Form] = {
    **{("form", kind): form for kind, form in forms.FORMS.items()},
    **{("payer", kind): form for kind, form in forms.PAYERS.items()},
    **{("party", entity): form for entity, form in parties.FORMS.items()},
}
HOLDERS: dict[str, dict[Any, Form]] = {"form": forms.FORMS, "payer": forms.PAYERS, "party": parties.FORMS}
MUTATIONS = [
    (table, of, what, wire, form) for (table, of), one in TABLES.items() for what, wire, form in mutations(one)
]


@dataclass
class Company:
    """A company of several currencies, signed in to, and what leaves for it."""

    harness: QuickBooksHarness
    ledger: Any
    recorder: Recorder
    customer: str
    supplier: str

    def id_of(self, entity: str, name: str) -> str:
        """The vendor's id of something in a list."""
        field = "FullyQualifiedName" if entity in ("Account", "Class", "Item") else "Name"
        return next(str(row["Id"]) for row in self.harness.query(entity) if row[field] == name)


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Company]]:
    """The company, and for reasons of exemption one in the United States that computes its tax."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        opened = {}
        for country in ("CA", "US"):
            folder = tmp_path_factory.mktemp(country)
            harness = stack.enter_context(quickbooks(folder, patch, country, currencies=country == "CA"))
            for name in ("Ouest", "Nord", "Sud", "Centre", "Est"):
                harness.make("Class", Name=name)
            if country == "US":
                harness.prefer("TaxPrefs", PartnerTaxEnabled=True)
            ledger = stack.enter_context(harness.open())
            recorder = stack.enter_context(recorded())
            ledger.connect()
            ours = Making(harness, "CAD")
            given = {"currency": "EUR"} if country == "CA" else {}
            customer, supplier = booked(ledger, ours.customer("Membre", **given),
                                        ours.customer("Imprimeur", is_supplier=True, **given))  # fmt: skip
            opened[country] = Company(harness, ledger, recorder, customer, supplier)
        yield opened
        for company in opened.values():
            company.recorder.wrong.clear()


def sample(company: Company, table: str, of: str) -> Posting:
    """A record whose every field says something of its own."""
    n = next(NUMBERS)
    key = f"m-{n}"
    if table == "party":
        return party(company, of, n)
    kind = Kind(of)
    head = {"key": f"r{n}", "number": f"N-{n}", "date": DAY, "currency": "EUR", "exchange": ExchangeRate(rate=RATE),
            "memo": "Mars"}  # fmt: skip
    whose = company.supplier if kind in PURCHASES else company.customer
    if kind is Kind.JOURNAL_ENTRY:
        lines = (EntryLine(account="1", debit=AMOUNT, ledger_account=company.ledger.lists().receivable, memo="Dû",
                           customer=company.customer),
                 EntryLine(account="2", credit=AMOUNT, ledger_account="Membership Dues", memo="Revenu"))  # fmt: skip
        return Posting(key=key, record=JournalEntry(**head, lines=lines))
    paid = {"ledger_method": "Electronic transfer", "deposit_account": "Checking"}
    if kind in DOCUMENT_KINDS:
        own = paid if kind in (Kind.SALES_RECEIPT, Kind.REFUND) else {}
        tax = "GST (purchases)" if kind in PURCHASES else "GST"
        line = InvoiceLine(key="1", number=1, description="Cotisation", amount=AMOUNT, quantity=Decimal(2),
                           unit_price=UNIT, ledger_account="Office Supplies", ledger_item="Membership",
                           ledger_tax="GST", ledger_class="Est")  # fmt: skip
        record: Any = TYPES[kind](**head, due=DUE, customer="c", lines=(line,), subtotal=AMOUNT, tax=TAX, total=TOTAL,
                                  email="m@example.org", ledger_terms="Net 30",
                                  taxes=(DocumentTax(tax="G", amount=TAX, ledger_tax=tax),), **own)  # fmt: skip
        applied = ()
        if table == "payer":
            applied = (Applied(ledger_id=billed(company, kind), amount=TOTAL),)
        return Posting(key=key, record=record, customer=whose, applied=applied)
    own = {"deposit_account": "Checking"} if kind is Kind.SUPPLIER_PAYMENT else paid
    record = TYPES[kind](**head, customer="c", amount=TOTAL, confirmation="0042-77", **own)
    if kind is Kind.RETURNED_PAYMENT:
        [returned] = booked(company.ledger, replace(sample(company, "form", Kind.PAYMENT), applied=()))
        return Posting(key=key, record=record, customer=whose, returned=returned)
    part = Applied(ledger_id=billed(company, kind), amount=TOTAL)
    return Posting(key=key, record=record, customer=whose, applied=(part,))


def billed(company: Company, kind: Kind) -> str:
    """An invoice or bill that a payment or credit of a kind goes to."""
    other = Kind.SUPPLIER_INVOICE if kind in PURCHASES else Kind.INVOICE
    [made] = booked(company.ledger, sample(company, "form", other))
    return made


def party(company: Company, entity: str, n: int) -> Posting:
    """A customer below another, or a vendor."""
    street, quay = "1 rue A\nBureau 2\n3e étage\nAile B", "9 rue Z\nPorte 8\nQuai 7\nBaie 6\nRive 5"
    billing = Address(street=street, city="Lévis", region="QC", postal_code="G6V 1A1", country="CA")
    shipping = Address(street=quay, city="Alma", region="ON", postal_code="G8B 2B2", country="US")
    american = company.harness.country == "US"
    record = Customer(
        key=f"r{n}", name=f"Club {n}", first_name="Ève", last_name="Roy", email="e@example.org", phone="418 555-0100",
        mobile="418 555-0101", fax="418 555-0102", website="https://example.org", care_of="La trésorière",
        billing=billing, shipping=shipping, terms="Net 30", tax_exempt=True, contact="Zoé", notes="Note",
        exempt_reason="resale" if american else "OBNL", currency="" if american else "EUR",
        is_supplier=entity == "Vendor",
    )  # fmt: skip
    parent = company.customer if entity == "Customer" else ""
    return Posting(key=f"m-{n}", record=record, parent=parent)


def expected(company: Company, table: str, of: str, posting: Posting) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """What the stand-in has to keep: of which entity, the fields, and those of the first line."""
    if table == "party":
        return of, of_party(company, of, posting), {}
    kind, record, key = Kind(of), posting.record, posting.key
    whose = "VendorRef" if kind in PURCHASES else "CustomerRef"
    head = {"TxnDate": "2024-03-15", **ABROAD, "PrivateNote": f"Mars\n[{key}]"}
    party_ = {f"{whose}.value": posting.customer.removeprefix("V")}
    if table == "payer":
        bank = {"PayType": "Check", "CheckPayment.BankAccountRef.value": company.id_of("Account", "Checking")}
        told = {**head, **party_, "TotalAmt": 0, "PrivateNote": f"[{key}-applied]"}
        return forms.PAYERS[kind].entity, told | (bank if kind is Kind.VENDOR_CREDIT else {}), {}
    number = {"DocNumber": record.number}
    entity = {Kind.RETURNED_PAYMENT: "JournalEntry"}.get(kind) or forms.ENTITIES[kind]
    noted = {"PrivateNote": f"Confirmation 0042-77\nMars\n[{key}]"}
    paid = {"PaymentMethodRef.value": company.id_of("PaymentMethod", "Electronic transfer"),
            "DepositToAccountRef.value": company.id_of("Account", "Checking")}  # fmt: skip
    match kind:
        case Kind.JOURNAL_ENTRY:
            detail = {"PostingType": "Debit", "Entity.Type": "Customer", "Entity.EntityRef.value": company.customer}
            line = {"Amount": AMOUNT, "Description": "Dû", "DetailType": forms.ENTRY}
            return entity, head | number, line | {f"{forms.ENTRY}.{name}": told for name, told in detail.items()}
        case Kind.RETURNED_PAYMENT:
            return entity, head | number | noted, {}
        case Kind.PAYMENT:
            return entity, head | noted | party_ | paid | {"PaymentRefNum": record.number, "TotalAmt": TOTAL}, {}
        case Kind.SUPPLIER_PAYMENT:
            account = company.id_of("Account", record.deposit_account)
            bank = {"PayType": "Check", "CheckPayment.BankAccountRef.value": account}
            if record.deposit_account == CARD:
                bank = {"PayType": "CreditCard", "CreditCardPayment.CCAccountRef.value": account}
            return entity, head | noted | party_ | number | bank | {"TotalAmt": TOTAL}, {}
    told = {**head, **party_, **number, "TotalAmt": TOTAL, "TxnTaxDetail.TotalTax": TAX}
    if kind in (Kind.INVOICE, Kind.SUPPLIER_INVOICE):
        told |= {"DueDate": "2024-04-20", "SalesTermRef.value": company.id_of("Term", "Net 30")}
    if kind in (Kind.SALES_RECEIPT, Kind.REFUND):
        told |= paid | {"PaymentRefNum": record.number}
    if kind not in PURCHASES:
        told["BillEmail.Address"] = "m@example.org"
    detail = forms.PURCHASE if kind in PURCHASES else forms.SALES
    inner = {"TaxCodeRef.value": company.id_of("TaxCode", "GST"), "ClassRef.value": company.id_of("Class", "Est")}
    if kind in PURCHASES:
        inner["AccountRef.value"] = company.id_of("Account", "Office Supplies")
    else:
        inner |= {"ItemRef.value": company.id_of("Item", "Membership"), "Qty": Decimal(2), "UnitPrice": UNIT}
    line = {"LineNum": 1, "DetailType": detail, "Description": "Cotisation", "Amount": AMOUNT}
    return entity, told, line | {f"{detail}.{name}": value for name, value in inner.items()}


def of_party(company: Company, entity: str, posting: Posting) -> dict[str, Any]:
    """What is kept of a customer or vendor."""
    first = "c/o La trésorière"
    billing = (first, "1 rue A", "Bureau 2", "3e étage", "Aile B", "Lévis", "QC", "G6V 1A1", "CA")
    shipping = ("9 rue Z", "Porte 8", "Quai 7", "Baie 6", "Rive 5", "Alma", "ON", "G8B 2B2", "US")
    told = {
        "DisplayName": f"Club {posting.key[2:]}", "GivenName": "Ève", "FamilyName": "Roy",
        "PrimaryEmailAddr.Address": "e@example.org", "PrimaryPhone.FreeFormNumber": "418 555-0100",
        "Mobile.FreeFormNumber": "418 555-0101", "Fax.FreeFormNumber": "418 555-0102",
        "WebAddr.URI": "https://example.org", "CompanyName": f"Club {posting.key[2:]}",
        **{f"BillAddr.{name}": value for name, value in zip(ADDRESS, billing, strict=True)},
    }  # fmt: skip
    term, american = company.id_of("Term", "Net 30"), company.harness.country == "US"
    told |= {} if american else {"CurrencyRef.value": "EUR"}
    if entity == "Vendor":
        return told | {"TermRef.value": term, "AcctNum": f"[{posting.key}]"}
    reason = {"TaxExemptionReasonId": "9"} if american else {}
    notes = f"Note\nContact: Zoé\n[{posting.key}]" if american else f"Note\nContact: Zoé\nExempt: OBNL\n[{posting.key}]"
    return told | reason | {
        "SalesTermRef.value": term, "Taxable": False, "ParentRef.value": company.customer, "Job": True, "Notes": notes,
        **{f"ShipAddr.{name}": value for name, value in zip(ADDRESS, shipping, strict=True)},
    }  # fmt: skip


def is_kept(company: Company, table: str, of: str, posting: Posting) -> bool:
    """Whether the stand-in has what it should, as any client sees it."""
    entity, head, line = expected(company, table, of, posting)
    marks = (f"[{posting.key}]", f"[{posting.key}-applied]")[table == "payer"]
    alike = [body for body in company.harness.query(entity)
             if any(marks in str(body.get(name)) for name in ("PrivateNote", "Notes", "AcctNum"))]  # fmt: skip
    if len(alike) != 1 or any(_plain(at(alike[0], path)) != value for path, value in head.items()):
        return False
    [first, *_] = alike[0].get("Line") or [{}]
    return all(_plain(at(first, path)) == value for path, value in line.items())


def _plain(told: Any) -> Any:
    """A country as it was sent: the vendor answers in three letters."""
    return {"CAN": "CA", "USA": "US"}.get(told, told) if isinstance(told, str) else told


def is_read(company: Company, table: str, of: str, posting: Posting, ledger_id: str) -> bool:
    """Whether the record comes back as it was sent, in every field that the ledger tells."""
    entity, _, bare = ledger_id.rpartition(":")
    entity, bare = (of, ledger_id.removeprefix("V")) if table == "party" else (entity, bare)
    [body] = company.harness.query(entity, f"Id = '{bare}'")
    if posting.record.kind in DOCUMENT_KINDS:
        body["Line"] = [{**body["Line"][0], "Id": "9"}]
    record, told = reading.record(entity, body, company.ledger._books)
    ours: Any = posting.record
    named = {} if isinstance(ours, Customer | JournalEntry) else {"customer": posting.customer}
    named |= {"parent": posting.parent} if table == "party" and of == "Customer" else {}
    names = told - {"lines", "allocations", "customer", "parent"}
    if Kind(ours.kind) is Kind.RETURNED_PAYMENT:
        named, names = {}, {"number", "memo", "date"}
    plain = {name: getattr(ours, name) for name in names} | named
    must = {"name", "email", "billing", "terms", "care_of"} if table == "party" else {"number", "memo", "date"}
    if not must <= told or any(getattr(record, name) != value for name, value in plain.items()):
        return False
    if ours.kind in DOCUMENT_KINDS:
        return _lines_read(company, record, ours, body) and {"total", "tax", "subtotal", "currency", "customer"} <= told
    if isinstance(ours, JournalEntry):
        names = ("debit", "credit", "memo", "customer")
        rows = [[tuple(getattr(line, name) for name in names) for line in one.lines] for one in (record, ours)]
        return rows[0] == rows[1] and record.lines[1].ledger_account == "Membership Dues"
    if table == "form" and ours.kind in (Kind.PAYMENT, Kind.SUPPLIER_PAYMENT):
        method = "Electronic transfer" if ours.kind is Kind.PAYMENT else ""
        parts = [(part.invoice, part.amount) for part in record.allocations]
        return (record.method, parts) == (method, [(part.ledger_id, part.amount) for part in posting.applied]) and {
            "amount", "confirmation", "currency", "customer"} <= told  # fmt: skip
    return True


def _lines_read(company: Company, record: Any, ours: Any, body: Any) -> bool:
    [line], [sent] = record.lines, ours.lines
    bought = ours.kind in PURCHASES
    if bought and not _item_read(company, forms.ENTITIES[ours.kind], body):
        return False
    fields = ("number", "description", "amount", "ledger_class", "ledger_account" if bought else "ledger_item",
              *(() if bought else ("quantity", "unit_price")))  # fmt: skip
    whole = line.key == "9" and record.balance == Decimal(str(body.get("Balance") or 0))
    return whole and [getattr(line, name) for name in fields] == [getattr(sent, name) for name in fields]


def _item_read(company: Company, entity: str, body: Any) -> bool:
    """Whether a line of a bill that names an item, as a person may key it in, is read with its quantity and price."""
    detail = {"ItemRef": {"value": company.id_of("Item", "Membership")}, "Qty": 2, "UnitPrice": UNIT}
    line = {"Id": "3", "Amount": AMOUNT, "DetailType": BY_ITEM, BY_ITEM: detail}
    record, _ = reading.record(entity, {**body, "Line": [line]}, company.ledger._books)
    [read] = record.lines  # type: ignore[union-attr]
    return (read.ledger_item, read.quantity, read.unit_price) == ("Membership", 2, UNIT)


def is_noticed(company: Company, table: str, of: str, wire: str = "") -> bool:
    """Whether a witness says that something is wrong; what is paid by a credit card is, where that is mutated."""
    company.recorder.wrong.clear()
    posting = sample(company, table, of)
    if wire.startswith("CreditCard"):
        posting = replace(posting, record=replace(posting.record, deposit_account=CARD))  # type: ignore[arg-type]
    try:
        outcome = post(company.ledger, posting)[posting.key]
        if not isinstance(outcome, Posted) or company.recorder.wrong or not is_kept(company, table, of, posting):
            return True
        return not is_read(company, table, of, posting, outcome.ledger_id)
    except (KeyError, TypeError, ValueError, InvalidOperation):  # a body that cannot be read at all
        return True


@pytest.mark.parametrize(("table", "of"), TABLES)
def test_the_tables_as_they_are_are_let_pass_by_every_witness(companies, table: str, of: str) -> None:
    assert not is_noticed(companies["CA"], table, of)
    assert table != "party" or not is_noticed(companies["US"], table, of)


def test_every_mutation_of_every_field_is_noticed(companies, capsys) -> None:
    unnoticed, excepted = [], set()
    for table, of, what, wire, form in MUTATIONS:
        country = "US" if wire == parties.TAX_REASON else "CA"
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(HOLDERS[table], of, form)
            if not is_noticed(companies[country], table, of, wire):
                found = (what, wire.rpartition(".")[2])
                (excepted.add(found) if found in EXCEPTED else unnoticed.append((table, of, what, wire)))
    with capsys.disabled():
        print(f"\nQuickBooks Online: {len(MUTATIONS)} mutations of fields, {len(unnoticed)} unnoticed", file=sys.stderr)
    assert unnoticed == [], unnoticed
    assert excepted == EXCEPTED.keys()
