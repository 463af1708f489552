"""The language that all floors speak: what a source holds, what a sheet shows and what a ledger books.

Amounts are ``Decimal`` in the currency of their document; dates carry no time. ``key`` is the source's own
identifier and never changes; ``number`` is what people read. A field named ``ledger_…`` holds the ledger's word
for the source's code beside it, empty until it is mapped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date as Date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, get_args

ZERO = Decimal(0)


class Kind(StrEnum):
    """What a record is; the value is the code stored in journals and printed by the command line."""

    CUSTOMER = "customer"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    SUPPLIER_INVOICE = "supplier_invoice"
    VENDOR_CREDIT = "vendor_credit"
    SALES_RECEIPT = "sales_receipt"
    REFUND = "refund"
    PAYMENT = "payment"
    SUPPLIER_PAYMENT = "supplier_payment"
    RETURNED_PAYMENT = "returned_payment"
    JOURNAL_ENTRY = "journal_entry"


class SyncStatus(StrEnum):
    """The six synchronization statuses (Membri 365, "Synchronization Status")."""

    STAND_BY = "stand_by"
    TO_TRANSFER = "to_transfer"
    COMPLETED = "completed"
    ERROR = "error"
    DO_NOT_SYNC = "do_not_sync"
    IN_REVIEW = "in_review"


class Origin(StrEnum):
    """What made the source raise a document."""

    MEMBERSHIP = "membership"
    RENEWAL = "renewal"
    EVENT = "event"
    SPONSORSHIP = "sponsorship"
    DONATION = "donation"
    ORDER = "order"
    MANUAL = "manual"
    CANCELLATION = "cancellation"
    OPENING_BALANCE = "opening_balance"


class Side(StrEnum):
    """Whether a document sells or buys: what is meant for one never counts for the other."""

    SALES = "sales"
    PURCHASES = "purchases"


class TaxRounding(StrEnum):
    """How a tax group rounds: every line's tax to the cent, then the sum; or the sum of unrounded taxes, once."""

    SUM_OF_ROUNDED = "sum_of_rounded"
    ROUNDED_SUM = "rounded_sum"


class TaxCategory(StrEnum):
    """What a supply is to GST, HST and QST; the last three bear no tax, and a return keeps them apart.

    Zero-rated is taxable at 0 %, and tax paid for it is recovered; exempt is not taxable; out of scope is no supply.
    """

    TAXED = "taxed"
    ZERO_RATED = "zero_rated"
    EXEMPT = "exempt"
    OUT_OF_SCOPE = "out_of_scope"


class Direction(StrEnum):
    """Which way a payment travels."""

    TO_LEDGER = "to_ledger"
    FROM_LEDGER = "from_ledger"


class What(StrEnum):
    """What happened to a record in the ledger; a customer made inactive there counts as deleted."""

    CREATED = "created"
    CHANGED = "changed"
    VOIDED = "voided"
    DELETED = "deleted"
    MERGED = "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a record was read: a file name or URL, and the line (1-based) where there is one."""

    place: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; ``country`` is an ISO 3166 two-letter code where the source knows it."""

    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """How many units of the home currency one unit of a record's currency is: of which day, and by whose word."""

    rate: Decimal
    date: Date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What every transferable record has; ``sync_reference`` is the source's own memory of a former transfer."""

    kind: ClassVar[Kind]
    key: str
    number: str = ""
    sync_reference: str = ""
    url: str = ""
    provenance: Provenance = field(default_factory=Provenance, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer(Record):
    """An account that is billed (or a supplier that bills us): a company, or a person below one."""

    kind = Kind.CUSTOMER
    name: str
    is_person: bool = False
    is_supplier: bool = False
    first_name: str = ""
    last_name: str = ""
    contact: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    fax: str = ""
    website: str = ""
    billing: Address = Address()
    shipping: Address = Address()
    parent: str = ""
    care_of: str = ""
    terms: str = ""
    tax_exempt: bool = False
    exempt_reason: str = ""
    notes: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line of a document; ``amount`` is before tax and has the sign of the document's total.

    ``tax_category`` is that of its tax group; planning fills it in.
    """

    key: str
    number: int
    description: str
    amount: Decimal
    quantity: Decimal = Decimal(1)
    unit_price: Decimal = ZERO
    item: str = ""
    gl_account: str = ""
    tax_group: str = ""
    class_code: str = ""
    tax_amount: Decimal = ZERO
    tax_category: TaxCategory | None = None
    ledger_account: str = ""
    ledger_item: str = ""
    ledger_tax: str = ""
    ledger_class: str = ""
    provenance: Provenance = field(default_factory=Provenance, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTax:
    """What one tax amounts to on a document."""

    tax: str
    amount: Decimal
    base: Decimal = ZERO
    ledger_tax: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Record):
    """What invoices, credit notes, supplier invoices, vendor credits, sales receipts and refunds share.

    ``customer`` is a customer's key. ``total`` is the source's and is law: subtotal + tax, positive on every kind;
    the kind says which way the money goes. ``province`` is where what is sold is supplied, in two letters (ISO 3166-2),
    empty where the source does not tell. ``email`` is where the document itself is sent. ``exchange`` is what a
    foreign currency is worth in the home currency.
    """

    date: Date
    customer: str
    currency: str
    lines: tuple[InvoiceLine, ...]
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    taxes: tuple[DocumentTax, ...] = ()
    balance: Decimal = ZERO
    due: Date | None = None
    care_of: str = ""
    province: str = ""
    origin: Origin = Origin.MANUAL
    terms: str = ""
    ledger_terms: str = ""
    sent: bool = True
    cancelled: bool = False
    memo: str = ""
    email: str = ""
    exchange: ExchangeRate | None = None

    @property
    def side(self) -> Side:
        """Whether it sells or buys."""
        return Side.PURCHASES if self.kind in PURCHASES else Side.SALES

    @property
    def paid(self) -> bool:
        """Whether nothing is left to pay, as the source sees it."""
        return self.balance == 0


class Invoice(Document):
    """A sale on account."""

    __slots__ = ()
    kind = Kind.INVOICE


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote(Document):
    """What reduces an account; ``invoice`` is the key of the invoice it is applied to, if any.

    ``pays`` is the kind of the documents that it can be applied to. ``payment`` is the key of the payment whose early
    date earned what is credited, empty of any other credit note.
    """

    kind = Kind.CREDIT_NOTE
    pays: ClassVar[Kind] = Kind.INVOICE
    invoice: str = ""
    payment: str = ""


class SupplierInvoice(Document):
    """A purchase on account; ``customer`` is the supplier's key."""

    __slots__ = ()
    kind = Kind.SUPPLIER_INVOICE


class VendorCredit(CreditNote):
    """What a supplier takes off what we owe; ``invoice`` is the key of the supplier's invoice it is applied to."""

    __slots__ = ()
    kind = Kind.VENDOR_CREDIT
    pays = Kind.SUPPLIER_INVOICE


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesReceipt(Document):
    """A sale paid on the spot."""

    kind = Kind.SALES_RECEIPT
    method: str = ""
    ledger_method: str = ""
    deposit_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund(Document):
    """Money given back for what was sold; ``invoice`` is the key of what it cancels, if any."""

    kind = Kind.REFUND
    invoice: str = ""
    method: str = ""
    ledger_method: str = ""
    deposit_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The part of a payment that goes to one invoice (its key).

    ``discount`` is what was taken off besides because it was paid early: it settles the invoice, and no money came.
    """

    invoice: str
    amount: Decimal
    discount: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Record):
    """Money received from a customer, over any number of invoices; what is not allocated stays on account.

    ``pays`` is the kind of the documents that it can be allocated to, and ``deposit_account`` the ledger's account that
    the money goes to. The amount is positive whichever way the money goes: the kind says that. ``confirmation`` is the
    number that the processor or the bank gave the payment, which may come after it, and ``fee`` what they charged for
    it, taken off that account, and booked by an entry of its own.
    """

    kind = Kind.PAYMENT
    pays: ClassVar[Kind] = Kind.INVOICE
    date: Date
    customer: str
    currency: str
    amount: Decimal
    allocations: tuple[Allocation, ...] = ()
    method: str = ""
    ledger_method: str = ""
    deposit_account: str = ""
    direction: Direction = Direction.TO_LEDGER
    memo: str = ""
    confirmation: str = ""
    fee: Decimal = ZERO
    exchange: ExchangeRate | None = None

    @property
    def side(self) -> Side:
        """Whether it is paid for what was sold or for what was bought."""
        return Side.PURCHASES if self.kind in PURCHASES else Side.SALES


class SupplierPayment(Payment):
    """Money paid to a supplier, over any number of its invoices; ``deposit_account`` is the account that it leaves."""

    __slots__ = ()
    kind = Kind.SUPPLIER_PAYMENT
    pays = Kind.SUPPLIER_INVOICE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedPayment(Payment):
    """A customer's payment that the bank gave back whole (NSF), and whose invoices are open again.

    ``payment`` is its key. It is allocated to nothing itself, and its ``deposit_account`` is the one that the money
    leaves again: where nothing says otherwise, the one that the payment went to.
    """

    kind = Kind.RETURNED_PAYMENT
    payment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One side of a journal entry; exactly one of ``debit`` and ``credit`` is positive, the other zero."""

    account: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    memo: str = ""
    customer: str = ""
    ledger_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry(Record):
    """A balanced entry; ``invoice`` is the key of the document it recognises revenue for, if any.

    ``payment`` is the key of the payment whose fee it books; its accounts are then those of the payment's method.
    """

    kind = Kind.JOURNAL_ENTRY
    date: Date
    currency: str
    lines: tuple[EntryLine, ...]
    memo: str = ""
    invoice: str = ""
    payment: str = ""
    exchange: ExchangeRate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueSchedule:
    """Revenue received in advance: ``amount`` moves from one GL account to another over ``months`` months."""

    key: str
    invoice: str
    line: int
    start: Date
    months: int
    amount: Decimal
    deferred_account: str
    revenue_account: str
    provenance: Provenance = field(default_factory=Provenance, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """One tax of a source: its rate in percent and our registration number."""

    code: str
    name: str
    rate: Decimal
    registration: str = ""
    sync_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """The taxes that apply together to a line; without a ``category`` its taxes say which it is (``Rates``)."""

    code: str
    name: str
    taxes: tuple[str, ...] = ()
    rounding: TaxRounding = TaxRounding.SUM_OF_ROUNDED
    category: TaxCategory | None = None
    sync_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAccount:
    """A general ledger account, of a source or of a ledger.

    ``by_party`` is one of a ledger's whose every line names a customer or a supplier, ``entries`` whether a journal
    entry may name it. ``asserted`` is the day for whose beginning a person asserted its balance in the ledger's home
    currency: nothing is booked on it before. ``currency`` is that of one that is kept in a foreign one.
    """

    code: str
    name: str
    type: str = ""
    active: bool = True
    by_party: bool = False
    entries: bool = True
    asserted: Date | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A product or service, of a source or of a ledger."""

    code: str
    name: str
    account: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTax:
    """One tax of a ledger's tax code: its name there, its rate in percent, and the side that it is charged on."""

    name: str
    percent: Decimal
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """A term, payment method, class, or a ledger's tax code: a code and what people call it.

    ``untaxed`` is a tax code that charges no tax; ``taxes`` are those that a tax code charges, on either side.
    """

    code: str
    name: str
    untaxed: bool = False
    taxes: tuple[CodeTax, ...] = ()


Transferable = (
    Customer
    | Invoice
    | CreditNote
    | SupplierInvoice
    | VendorCredit
    | SalesReceipt
    | Refund
    | Payment
    | SupplierPayment
    | ReturnedPayment
    | JournalEntry
)

TYPES: dict[Kind, type[Transferable]] = {t.kind: t for t in get_args(Transferable)}

DOCUMENT_KINDS = frozenset(kind for kind, t in TYPES.items() if issubclass(t, Document))
PAYMENT_KINDS = frozenset(kind for kind, t in TYPES.items() if issubclass(t, Payment))
CREDIT_KINDS = frozenset(kind for kind, t in TYPES.items() if issubclass(t, CreditNote))
PURCHASES = frozenset({Kind.SUPPLIER_INVOICE, Kind.VENDOR_CREDIT, Kind.SUPPLIER_PAYMENT})
"""The kinds of what is bought and paid for; all others sell, are paid, or name no party."""


def total_of(record: Transferable) -> Decimal:
    """What a document, payment or entry comes to; of an entry, its debits, and nothing of a customer."""
    match record:
        case Customer():
            return ZERO
        case Payment():
            return record.amount
        case JournalEntry():
            return sum((line.debit for line in record.lines), ZERO)
        case _:
            return record.total


CURRENCY_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""The currencies in use whose amounts have not two decimals (ISO 4217, list one)."""


def decimals(currency: str) -> int:
    """How many decimals amounts of an ISO 4217 currency have; two where nothing else is known."""
    return CURRENCY_DECIMALS.get(currency, 2)
