"""Documents, payments and entries as QuickBooks Online takes them: out of the tables, and what these cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from connectors.double_entry import Leg, legs
from connectors.ledger import Applied, Posted, Posting
from connectors.ledgers.quickbooks_online.books import SUPPLIER, Books
from connectors.ledgers.quickbooks_online.forms import ENTITIES, ENTRY_FORM, FORMS, PAYERS
from connectors.ledgers.quickbooks_online.notes import is_void
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.ledgers.quickbooks_online.taxes import tax_detail
from connectors.records import ZERO, CreditNote, Document, EntryLine, Kind, Payment, ReturnedPayment

CHECK_LINK = "BillPaymentCheck"
"""The type under which a bill or vendor credit names a bill payment by cheque that is applied to it (bill, sample)."""
PAGES = {
    "Invoice": "invoice?txnId",
    "CreditMemo": "creditmemo?txnId",
    "Bill": "bill?txnId",
    "VendorCredit": "vendorcredit?txnId",
    "SalesReceipt": "salesreceipt?txnId",
    "RefundReceipt": "refundreceipt?txnId",
    "Payment": "recvpayment?txnId",
    "BillPayment": "billpayment?txnId",
    "JournalEntry": "journal?txnId",
    "Purchase": "check?txnId",
    "Customer": "customerdetail?nameId",
    "Vendor": "vendordetail?nameId",
}
"""The pages of the vendor's own web application; not documented, as its address bar shows them."""
KEPT = ("Id", "SyncToken", "CustomerRef", "TotalAmt", "CurrencyRef", "ExchangeRate")
"""What is said of a payment again when its lines are changed."""


def body_of(posting: Posting, books: Books, applied: Sequence[Applied] = ()) -> Body:
    """A document, payment or entry on the wire; ``applied`` names documents by the ledger's bare ids."""
    record = posting.record
    body = FORMS[record.kind].body(posting, books)
    match record:
        case Document():
            body |= _whole_document(record, books)
        case ReturnedPayment():
            body["Line"] = [ENTRY_FORM.of_line(posting, _side(leg), books) for leg in legs(posting, books.lists)]
        case Payment() if applied:
            body["Line"] = [link_of(part.amount, ENTITIES[record.pays], part.ledger_id) for part in applied]
    return body


def credit_applied(posting: Posting, credit: str, applied: Sequence[Applied], books: Books) -> Body:
    """The payment of nothing that applies a credit note to its invoices, or a vendor credit to its bills.

    Assumption: one line for each linked document, as in a recorded payment that used a credit; the reference says
    only that a payment "can be linked to multiple Invoices or Credit Memos", and a bill payment to bills and vendor
    credits.
    """
    record = posting.record
    assert isinstance(record, CreditNote)
    lines = [link_of(part.amount, ENTITIES[record.pays], part.ledger_id) for part in applied]
    lines.append(link_of(sum((part.amount for part in applied), ZERO), ENTITIES[record.kind], credit))
    return PAYERS[record.kind].body(posting, books) | {"Line": lines}


def payer_link(kind: Kind) -> str:
    """The type under which a credit of a kind names what applies it."""
    return CHECK_LINK if kind is Kind.VENDOR_CREDIT else PAYERS[kind].entity


def posted(key: str, entity: str, body: Body, web: str, *, replayed: bool = False) -> Posted:
    """What the ledger has, as it answers it; a document's id names its kind, so that no typed number looks like one."""
    bare = str(body["Id"])
    total, at_home = body.get("TotalAmt"), body.get("HomeTotalAmt") if "ExchangeRate" in body else None
    return Posted(
        key=key,
        ledger_id=reference_of(entity, bare),
        number=str(body.get("DocNumber") or body.get("PaymentRefNum") or body.get("DisplayName") or ""),
        total=None if total is None or entity == "JournalEntry" else Decimal(str(total)),
        url=f"{web}/app/{PAGES[entity]}={bare}",
        replayed=replayed,
        at_home=None if at_home is None else Decimal(str(at_home)),
    )


def reference_of(entity: str, bare: str) -> str:
    """Our reference for a vendor's id: ``Invoice:145``, a customer's bare id, ``V56`` for a vendor."""
    match entity:
        case "Customer":
            return bare
        case "Vendor":
            return f"{SUPPLIER}{bare}"
    return f"{entity}:{bare}"


def with_lines(payment: Body, parts: Mapping[tuple[str, str], Decimal]) -> Body:
    """The update of a payment that makes it pay these, by their types and ids, and no others."""
    kept: Body = {name: payment[name] for name in KEPT if name in payment}
    lines = [link_of(amount, kind, bare) for (kind, bare), amount in parts.items()]
    return {**kept, "sparse": True, "Line": lines}


def link_of(amount: Decimal, kind: str, bare: str) -> Body:
    """A line of a payment: so much of it goes to a transaction of this type and id."""
    return {"Amount": amount, "LinkedTxn": [{"TxnId": bare, "TxnType": kind}]}


def links(body: Body) -> list[tuple[str, str]]:
    """Type and id of what is applied to a transaction, or a line of one goes to."""
    return [(str(link.get("TxnType", "")), str(link.get("TxnId", ""))) for link in body.get("LinkedTxn") or []]


def lines_of(payment: Body) -> Iterator[tuple[str, str, Decimal]]:
    """Type, id and amount of what each line of a payment goes to."""
    for line in payment.get("Line") or []:
        for kind, bare in links(line):
            yield kind, bare, Decimal(str(line.get("Amount") or 0))


def entry_paid(payment: Body) -> str:
    """The id of the entry that all of a payment goes to, as of one that came back; empty where it pays others."""
    linked = [link for line in payment.get("Line") or [] for link in links(line)]
    entries = [bare for kind, bare in linked if kind == ENTITIES[Kind.JOURNAL_ENTRY]]
    return entries[0] if len(entries) == len(linked) == 1 else ""


def leaves_number(posting: Posting, entity: str, body: Body) -> bool:
    """Whether a document that has a posting's number leaves it to that as well: one that is void, one that a person
    said is another, or a bill of another supplier."""
    theirs = str((body.get("VendorRef") or {}).get("value") or "")
    of_another = bool(theirs) and theirs != posting.customer.removeprefix(SUPPLIER)
    return of_another or is_void(body) or reference_of(entity, str(body["Id"])) in posting.told_apart


def _side(leg: Leg) -> EntryLine:
    """A leg as the line of an entry."""
    debit, credit = max(leg.amount, ZERO), max(-leg.amount, ZERO)
    return EntryLine(
        account="", ledger_account=leg.account, debit=debit, credit=credit, memo=leg.memo, customer=leg.customer
    )


def _whole_document(document: Document, books: Books) -> Body:
    """What is said of all its lines together: how it is taxed, and its class where the company gives it one alone."""
    told: Body = {} if books.american else {"GlobalTaxCalculation": "TaxExcluded"}
    if detail := tax_detail(document, books):
        told["TxnTaxDetail"] = detail
    of_class = books.classes.get(document.lines[0].ledger_class, "") if document.lines else ""
    return told | ({"ClassRef": {"value": of_class}} if books.class_of_document and of_class else {})
