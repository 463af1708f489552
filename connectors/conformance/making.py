"""Postings in a ledger's own words, each with a key that was never used before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, get_args
from uuid import uuid4

from connectors.conformance.harness import Harness
from connectors.ledger import Action, Applied, Ledger, Outcome, Posted, Posting
from connectors.records import (
    PURCHASES,
    CreditNote,
    Customer,
    DocumentTax,
    EntryLine,
    ExchangeRate,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Kind,
    Payment,
    Refund,
    ReturnedPayment,
    SalesReceipt,
    Side,
    SupplierInvoice,
    SupplierPayment,
    Transferable,
    VendorCredit,
)

ZERO = Decimal(0)
Sale = Invoice | CreditNote | SupplierInvoice | VendorCredit | SalesReceipt | Refund
KINDS_BOOKED = sorted(frozenset(Kind) - {Kind.CUSTOMER})
"""Every kind of what is booked, in the order of the parametrized tests."""
DOCUMENTS: dict[Kind, type[Sale]] = {t.kind: t for t in get_args(Sale)}

PAID: dict[Kind, type[Payment]] = {t.kind: t for t in (Payment, SupplierPayment)}

TYPED = {
    "quote": "x' OR 'a' = 'a",
    "pattern": "%",
    "backslash": "\\",
    "an id that is none": "account.invoice,x",
    "an id too large": f"account.invoice,{10**30}",
    "the vendor's id": "Invoice:0",
    "line ends": "a\nb",
}
"""What a person may type where a reference goes; no ledger has it."""


@dataclass
class Making:
    """Makes postings for the books of one harness; amounts are in the home currency unless said otherwise.

    What is paid to a supplier needs a bill of the ``ledger`` that pays no supplier on account: it is booked first.
    """

    harness: Harness
    home: str
    ledger: Ledger | None = None
    run: str = field(default_factory=lambda: uuid4().hex[:8])
    serial: Any = field(default_factory=lambda: count(1))

    def key(self) -> str:
        """A key that no ledger has seen."""
        return f"{self.run}-{next(self.serial)}"

    def customer(self, name: str = "Association des métiers d'art", **fields: Any) -> Posting:
        key = self.key()
        return Posting(key=key, record=Customer(key=f"c-{key}", number=f"M{key}"[-11:], name=name, **fields))

    def abroad(self, ledger: Ledger, customer: str, *, is_supplier: bool = False) -> str:
        """Whom the ledger books in the foreign currency: this one or, where each has one currency, another."""
        if not ledger.capabilities.currency_by_party:
            return customer
        names = "Fournisseur d'ailleurs" if is_supplier else "Membre d'ailleurs"
        [made] = booked(ledger, self.customer(names, is_supplier=is_supplier, currency=self.harness.foreign))
        return made

    def change(self, reference: str, former: Posting, **fields: Any) -> Posting:
        record = replace(former.record, **fields)
        return Posting(key=self.key(), record=record, action=Action.UPDATE, reference=reference)

    def document(
        self,
        kind: Kind,
        customer: str,
        *amounts: str,
        tax: str = "0",
        applied: Iterable[tuple[str, str]] = (),
        **fields: Any,
    ) -> Posting:
        """A document of one line per amount and one tax; ``fields`` win over what is filled in."""
        key, account = self.key(), self._account(kind)
        code = self.harness.chart.tax if Decimal(tax) else self.harness.chart.untaxed
        each = enumerate(amounts or ("100.00",), 1)
        lines = tuple(self._line(n, Decimal(amount), account, code) for n, amount in each)
        subtotal, tax_amount = sum((line.amount for line in lines), ZERO), Decimal(tax)
        side = Side.PURCHASES if kind in PURCHASES else Side.SALES
        name = self.harness.chart.taxed.get(side, self.harness.chart.tax)
        taxes = (DocumentTax(tax="GST", amount=tax_amount, ledger_tax=name),) if tax_amount else ()
        on = fields.get("date", self.harness.day)
        values: dict[str, Any] = {
            "key": f"d-{key}",
            "number": f"F{key}"[-14:],
            "date": on,
            "due": on + timedelta(days=30),
            "customer": customer,
            "currency": self.home,
            "lines": lines,
            "subtotal": subtotal,
            "tax": tax_amount,
            "total": subtotal + tax_amount,
            "taxes": taxes,
            **self._rate(fields),
        } | fields
        return self._posting(key, DOCUMENTS[kind](**values), customer, applied)

    def invoice(self, customer: str, *amounts: str, **fields: Any) -> Posting:
        return self.document(Kind.INVOICE, customer, *amounts, **fields)

    def payment(
        self,
        customer: str,
        amount: str = "100.00",
        applied: Iterable[tuple[str, str]] = (),
        paid: type[Payment] = Payment,
        **fields: Any,
    ) -> Posting:
        key = self.key()
        values: dict[str, Any] = {
            "key": f"p-{key}",
            "number": f"P{key}"[-14:],
            "date": self.harness.day,
            "customer": customer,
            "currency": self.home,
            "amount": Decimal(amount),
            "deposit_account": self.harness.chart.bank,
            **self._rate(fields),
        } | fields
        return self._posting(key, paid(**values), customer, applied)

    def _rate(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """What is in a foreign currency names a rate, unless it is said otherwise."""
        foreign = fields.get("currency", self.home) != self.home
        return {"exchange": ExchangeRate(rate=Decimal("1.25"))} if foreign else {}

    def disbursement(
        self, supplier: str, amount: str = "100.00", applied: Iterable[tuple[str, str]] = (), **fields: Any
    ) -> Posting:
        """Money paid to a supplier."""
        return self.payment(supplier, amount, applied, paid=SupplierPayment, **fields)

    def returned(self, customer: str, payment: str = "", amount: str = "100.00", **fields: Any) -> Posting:
        """A payment that the bank gave back, by the ledger's id of it; without one it is booked first."""
        if not payment and self.ledger is not None:
            [payment] = booked(self.ledger, self.payment(customer, amount))
        posting = self.payment(customer, amount, paid=ReturnedPayment, **fields)
        return replace(posting, returned=payment)

    def entry(self, amount: str = "100.00", **fields: Any) -> Posting:
        """Deferred revenue that is earned."""
        key, chart, value = self.key(), self.harness.chart, Decimal(amount)
        lines = (
            EntryLine(account="2400", debit=value, ledger_account=chart.deferred),
            EntryLine(account="4100", credit=value, ledger_account=chart.revenue),
        )
        values: dict[str, Any] = {
            "key": f"e-{key}",
            "number": f"E{key}"[-14:],
            "date": self.harness.day,
            "currency": self.home,
            "lines": lines,
            "memo": "Cotisations gagnées",
        } | fields
        return self._posting(key, JournalEntry(**values), "", ())

    def of_kind(self, kind: Kind, customer: str, supplier: str, **fields: Any) -> Posting:
        """Any posting of a kind."""
        match kind:
            case Kind.CUSTOMER:
                return self.customer("Ordre des arpenteurs")
            case Kind.PAYMENT:
                return self.payment(customer, **fields)
            case Kind.SUPPLIER_PAYMENT:
                return self.disbursement(supplier, applied=self._bill(supplier), **fields)
            case Kind.JOURNAL_ENTRY:
                return self.entry(**fields)
            case Kind.RETURNED_PAYMENT:
                return self.returned(customer, **fields)
            case Kind.SUPPLIER_INVOICE | Kind.VENDOR_CREDIT:
                return self.document(kind, supplier, **fields)
            case _:
                return self.document(kind, customer, **fields)

    def to_undo(self, kind: Kind, customer: str, supplier: str, **fields: Any) -> Posting:
        """Any posting of a kind that is taken out again: a payment of a document, where none on account is."""
        if self.ledger is None or self.ledger.capabilities.voids_on_account or kind not in PAID:
            return self.of_kind(kind, customer, supplier, **fields)
        paid, party = PAID[kind], customer if kind is Kind.PAYMENT else supplier
        [document] = booked(self.ledger, self.document(paid.pays, party, "100.00"))
        return self.payment(party, applied=[(document, "100.00")], paid=paid, **fields)

    def _posting(self, key: str, record: Transferable, customer: str, applied: Iterable[tuple[str, str]]) -> Posting:
        parts = tuple(Applied(ledger_id=ledger_id, amount=Decimal(amount)) for ledger_id, amount in applied)
        return Posting(key=key, record=record, customer=customer, applied=parts)

    def _bill(self, supplier: str) -> list[tuple[str, str]]:
        """A bill that 100.00 pays, where the ledger takes no payment without one."""
        if self.ledger is None or self.ledger.capabilities.pays_on_account:
            return []
        return [(booked(self.ledger, self.document(Kind.SUPPLIER_INVOICE, supplier, "100.00"))[0], "100.00")]

    def _account(self, kind: Kind) -> str:
        return self.harness.chart.expense if kind in PURCHASES else self.harness.chart.revenue

    def _line(self, number: int, amount: Decimal, account: str, tax_code: str) -> InvoiceLine:
        return InvoiceLine(
            key=str(number),
            number=number,
            description=f"Cotisation, {number}",
            amount=amount,
            unit_price=amount,
            ledger_account=account,
            ledger_item=self.harness.chart.item,
            ledger_tax=tax_code,
        )


def post(ledger: Ledger, *postings: Posting) -> dict[str, Outcome]:
    """Post in batches as large as the ledger takes; asserts exactly one outcome per posting."""
    outcomes: dict[str, Outcome] = {}
    size = ledger.capabilities.batch_size
    for start in range(0, len(postings), size):
        batch = postings[start : start + size]
        answers = list(ledger.post(batch))
        assert sorted(answer.key for answer in answers) == sorted(posting.key for posting in batch)
        outcomes |= {answer.key: answer for answer in answers}
    return outcomes


def void(posting: Posting, answer: Posted) -> Posting:
    """What takes a document out again that was answered so."""
    return Posting(
        key=f"{posting.key}-undo",
        record=posting.record,
        action=Action.VOID,
        reference=answer.ledger_id,
        customer=posting.customer,
        booked=answer,
    )


def booked(ledger: Ledger, *postings: Posting) -> list[str]:
    """Post, assert that everything was booked, and give the ledger's ids in the order of the postings."""
    outcomes = post(ledger, *postings)
    refused = [outcome for outcome in outcomes.values() if not isinstance(outcome, Posted)]
    assert not refused
    return [outcome.ledger_id for p in postings if isinstance(outcome := outcomes[p.key], Posted)]


def day_of_next_year(day: date) -> date:
    """The first of January after a day."""
    return date(day.year + 1, 1, 1)
