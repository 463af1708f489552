"""What invoices are paid, credited and reopened by: never more than is open, and what came back once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from addin.journal import RecordKey
from addin.journal.protocol import OPEN, SETTLED
from addin.sync.case import Case
from addin.sync.fees import discount_of
from addin.sync.give_back import standing_discounts
from addin.sync.turns import settling_order
from connectors.crediting import over_total
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, CreditNote, Kind, Payment, ReturnedPayment


def settlements_fit(case: Case) -> Iterator[Problem]:
    """An invoice is settled by no more than its total, a payment shared out within its amount and returned once.

    What the ledger has counts first, then what leaves, day by day; what is refused settles nothing. Credits of an
    invoice that was paid may be more than is open of it: the rest stays on the account.
    """
    if not any(isinstance(record, Payment | CreditNote) for record in case.leaving.values()):
        return
    settled = _Settled(case)
    records: list[Payment | CreditNote] = [*case.payments(), *case.credit_notes()]
    for record in records:
        latest = case.latest((record.kind, record.key))
        if (record.kind, record.key) not in case.leaving and latest and latest.state in SETTLED | OPEN:
            settled.count(record)
    for record in sorted(records, key=lambda each: settling_order(case, each)):
        if (record.kind, record.key) in case.leaving:
            problems = list(settled.judge(record))
            yield from problems
            if not problems:
                settled.count(record)


@dataclass
class _Settled:
    """What of each invoice is paid and credited so far, discounts apart, and which payments came back."""

    case: Case
    paid: defaultdict[RecordKey, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    credited: defaultdict[RecordKey, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    discounted: defaultdict[RecordKey, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    waiting: defaultdict[RecordKey, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    """The discounts of what came back that the ledger still has."""
    returned: set[str] = field(default_factory=set)

    def count(self, record: Payment | CreditNote) -> None:
        """It stands in the ledger, or will."""
        match record:
            case ReturnedPayment():
                payment = self.case.payment_of(record)
                self.returned.add(record.payment)
                there = list(standing_discounts(self.case, payment)) if payment else []
                for part in payment.allocations if payment else ():
                    stays = payment is not None and discount_of(payment, part) in there
                    self.paid[Kind.INVOICE, part.invoice] -= part.amount + (ZERO if stays else part.discount)
                    if stays:
                        self.waiting[Kind.INVOICE, part.invoice] += part.discount
            case Payment():
                for part in record.allocations:
                    if self._comparable(record, part.invoice):
                        self.paid[record.pays, part.invoice] += part.amount + part.discount
            case CreditNote() if record.invoice and self._comparable(record, record.invoice):
                sums = self.discounted if record.payment else self.credited
                sums[record.pays, record.invoice] += record.total

    def _comparable(self, record: Payment | CreditNote, key: str) -> bool:
        """Whether it is in the currency of the invoice; what is not settles nothing, and is refused for that."""
        invoice = self.case.invoice((record.pays, key))
        return invoice is None or invoice.currency == record.currency

    def judge(self, record: Payment | CreditNote) -> Iterator[Problem]:
        """Why it does not fit."""
        match record:
            case ReturnedPayment():
                yield from self._returned(record)
            case Payment():
                yield from self._paid(record)
            case CreditNote() if record.invoice and self._comparable(record, record.invoice):
                yield from self._credited(record)

    def _paid(self, payment: Payment) -> Iterator[Problem]:
        allocated = sum((part.amount for part in payment.allocations), ZERO)
        if allocated > payment.amount:
            words = {"allocated": str(allocated), "amount": str(payment.amount)}
            yield problem_of(payment, "payment_over_allocated", column="amount", **words)
        if payment.kind is Kind.PAYMENT and payment.key in self.returned:
            yield problem_of(payment, "payment_returned", column="invoice")
        parts: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for part in payment.allocations:
            if self._comparable(payment, part.invoice):
                parts[part.invoice] += part.amount + part.discount
        for key, amount in parts.items():
            invoice = self.case.invoice((payment.pays, key))
            paid, credited = self.paid[payment.pays, key] + amount, self.credited[payment.pays, key]
            words = {"invoice": invoice.number or invoice.key, "paid": str(paid), "total": str(invoice.total)} if (
                invoice) else {}  # fmt: skip
            waiting = self.waiting[payment.pays, key]
            if invoice and paid > invoice.total - credited >= paid - waiting:
                words = {"invoice": invoice.number or invoice.key, "amount": str(waiting)}
                yield problem_of(payment, "discount_not_given_back", column="invoice", **words)
            elif invoice and paid > invoice.total:
                yield problem_of(payment, "payment_over_balance", column="amount", **words)
            elif invoice and paid > invoice.total - credited:
                yield problem_of(payment, "payment_over_open", column="amount", credited=str(credited), **words)

    def _credited(self, credit: CreditNote) -> Iterator[Problem]:
        key = credit.pays, credit.invoice
        invoice = self.case.invoice(key)
        so_far = self.credited[key] + self.discounted[key] + credit.total
        if invoice and (problem := over_total(credit, so_far, invoice.number or invoice.key, invoice.total)):
            yield problem

    def _returned(self, back: ReturnedPayment) -> Iterator[Problem]:
        payment = self.case.payment_of(back)
        if payment is None or payment.kind is not Kind.PAYMENT:
            yield problem_of(back, "return_of_no_receipt", column="invoice", payment=_name(payment, back))
            return
        closed = self.case.lists.closing_date
        if closed and payment.date <= closed and not self.case.capabilities.applies_closed:
            words = {"date": str(payment.date), "closing_date": str(closed)}
            yield problem_of(back, "period_closed", column="date", **words)
        same = (payment.amount, payment.customer, payment.currency) == (back.amount, back.customer, back.currency)
        if not same or back.date < payment.date:
            yield problem_of(
                back, "return_differs", column="amount", payment=_name(payment, back), amount=str(payment.amount),
                date=str(payment.date), returned=str(back.amount), on=str(back.date),
            )  # fmt: skip
        elif back.payment in self.returned:
            yield problem_of(back, "returned_twice", column="invoice", payment=_name(payment, back))


def _name(payment: Payment | None, back: ReturnedPayment) -> str:
    return payment.number or payment.key if payment else back.payment
