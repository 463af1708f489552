"""What a payment brings besides its money: the fee that was kept of it, and the discount for paying early.

A fee is a journal entry of its own, on the accounts of its payment's method. A discount is a credit note for the
invoice, or a supplier's credit for its bill, on the account that the Mapping sheet gives to the code of ``DISCOUNTS``;
it bears no tax, for the tax is on all that was billed (Excise Tax Act, section 161). Both leave after their payment,
and go before it where it is undone. A payment that the bank returned paid nothing early: its discount is made no more,
and what the ledger has of it goes (``give_back``); its fee was charged all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from addin.journal import RecordKey
from addin.sync.case import ours
from addin.sync.entries import Say
from addin.sync.numbering import Numbers
from addin.texts import mark
from connectors.records import (
    Allocation,
    CreditNote,
    Document,
    EntryLine,
    Invoice,
    InvoiceLine,
    Item,
    JournalEntry,
    LedgerAccount,
    Payment,
    ReturnedPayment,
    Side,
    SupplierInvoice,
    TaxCategory,
    TaxGroup,
    Transferable,
    VendorCredit,
    total_of,
)
from connectors.source import SourceLists

DISCOUNTS = {
    Side.SALES: ("discount", mark("Early-payment discounts given")),
    Side.PURCHASES: ("discount received", mark("Early-payment discounts received")),
}
"""The codes under which discounts are mapped, with their names: as accounts, items and tax groups of the source."""

DISCOUNT_CODES = frozenset(code for code, _ in DISCOUNTS.values())

FEE_OF = mark("Fee of payment {number}")
DISCOUNT_OF = mark("Early-payment discount of payment {number}")
FEE_ENDS = mark("fee")
DISCOUNT_ENDS = mark("discount")


@dataclass(frozen=True, kw_only=True)
class Payments:
    """The source's records, what was made of their payments before, and how long a number the ledger takes may be."""

    records: tuple[Transferable, ...]
    before: Mapping[RecordKey, Transferable]
    say: Say
    longest: int | None = None


def beside(given: Payments) -> tuple[JournalEntry | CreditNote, ...]:
    """The fees and discounts of all payments that are ours to book.

    What was made before keeps its number and its words as long as its figures are the same: nobody changed anything.
    """
    return tuple(_as_before(made, given.before.get((made.kind, made.key))) for made in _made(given))


def is_discount(record: Document) -> bool:
    """Whether it is an early-payment discount, which changes neither tax nor what it is on."""
    return isinstance(record, CreditNote) and bool(record.payment)


def discount_of(payment: Payment, part: Allocation) -> RecordKey:
    """What the discount is called that was taken with a part of a payment."""
    kind = VendorCredit.kind if payment.side is Side.PURCHASES else CreditNote.kind
    return kind, f"{payment.key}/{part.invoice}"


def with_discounts(lists: SourceLists, records: Iterable[Transferable], say: Say) -> SourceLists:
    """The source's lists, with what a discount is mapped by where there is one and the source has no such code."""
    for side in sorted({record.side for record in records if isinstance(record, CreditNote) and record.payment}):
        code, name = DISCOUNTS[side][0], say(DISCOUNTS[side][1])
        account, item = LedgerAccount(code=code, name=name), Item(code=code, name=name, account=code)
        group = TaxGroup(code=code, name=name, category=TaxCategory.OUT_OF_SCOPE)
        lists = replace(
            lists,
            accounts=(*lists.accounts, account) if _lacking(lists.accounts, code) else lists.accounts,
            items=(*lists.items, item) if _lacking(lists.items, code) else lists.items,
            tax_groups=(*lists.tax_groups, group) if _lacking(lists.tax_groups, code) else lists.tax_groups,
        )
    return lists


def _lacking(entries: Iterable[LedgerAccount | Item | TaxGroup], code: str) -> bool:
    return all(each.code != code for each in entries)


def _made(given: Payments) -> Iterator[JournalEntry | CreditNote]:
    entries = Numbers((each.number for each in given.records if isinstance(each, JournalEntry)), given.longest)
    notes = Numbers((each.number for each in given.records if isinstance(each, CreditNote)), given.longest)
    customers = {each.key: each.customer for each in given.records if isinstance(each, Invoice | SupplierInvoice)}
    returned = {each.payment for each in given.records if isinstance(each, ReturnedPayment)}
    for payment in given.records:
        if isinstance(payment, Payment) and ours(payment):
            if payment.fee:
                yield _fee(payment, entries.free(payment.number or payment.key, given.say(FEE_ENDS)), given.say)
            for part in payment.allocations:
                if part.discount and part.invoice in customers and payment.key not in returned:
                    number = notes.free(payment.number or payment.key, given.say(DISCOUNT_ENDS))
                    yield _discount(payment, part, customers[part.invoice], number, given.say)


def _fee(payment: Payment, number: str, say: Say) -> JournalEntry:
    memo = say(FEE_OF, number=payment.number or payment.key)
    return JournalEntry(
        key=f"{payment.key}/fee",
        number=number,
        date=payment.date,
        currency=payment.currency,
        lines=(EntryLine(account="", debit=payment.fee), EntryLine(account="", credit=payment.fee)),
        memo=memo,
        payment=payment.key,
        exchange=payment.exchange,
        provenance=payment.provenance,
    )


def _discount(payment: Payment, part: Allocation, customer: str, number: str, say: Say) -> CreditNote:
    code, (_, key), amount = DISCOUNTS[payment.side][0], discount_of(payment, part), part.discount
    text = say(DISCOUNT_OF, number=payment.number or payment.key)
    line = InvoiceLine(
        key=f"{key}/1", number=1, description=text, amount=amount, unit_price=amount, item=code,
        gl_account=code, tax_group=code, provenance=payment.provenance,
    )  # fmt: skip
    made = VendorCredit if payment.side is Side.PURCHASES else CreditNote
    return made(
        key=key, number=number, date=payment.date, customer=customer, currency=payment.currency, lines=(line,),
        subtotal=amount, tax=Decimal(0), total=amount, invoice=part.invoice, payment=payment.key,
        exchange=payment.exchange, provenance=payment.provenance,
    )  # fmt: skip


def _as_before(made: JournalEntry | CreditNote, was: Transferable | None) -> JournalEntry | CreditNote:
    if not isinstance(was, JournalEntry | CreditNote) or _figures(made) != _figures(was):
        return made
    return replace(was, provenance=made.provenance)


def _figures(record: JournalEntry | CreditNote) -> tuple[object, ...]:
    of = (record.customer,) if isinstance(record, CreditNote) else ()
    return (record.date, record.currency, total_of(record), record.invoice, record.payment, record.exchange, *of)
