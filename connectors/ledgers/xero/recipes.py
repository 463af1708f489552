"""How each kind comes into Xero's books, and out again.

A credit note is made first and allocated by a second request, as the vendor wants it. A payment is one payment for each
document that it pays, and an overpayment for what is left on account; all of them bear its key. What is void keeps its
number for ever, so that a sale is given another one before it goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from connectors.booking.recipes import Body, Recipe, Sight, Step, Write, Writes
from connectors.crediting import over_total, up_to_open
from connectors.ledger import Action, Applied, Posting
from connectors.ledgers.xero.company import PHONE, Books, with_whole_phones
from connectors.ledgers.xero.forms import CONTACT, DESCRIPTION, FORMS, NOTED_IN_A_LINE, ON_ACCOUNT
from connectors.problems import Problem
from connectors.records import ZERO, CreditNote, Customer, Kind, Payment
from connectors.wire.form import Form
from connectors.wire.keys import note
from connectors.wire.paths import at, put

PAYMENT, OVERPAYMENT, ALLOCATION = "payment", "overpayment", "allocation"
LISTS = ("Phones", "Addresses")
NO_CODES = dict.fromkeys(PHONE[:-1], "")
"""Of a number that is sent whole: what a person typed apart would stand before it twice."""
VOID = " (void "
"""Between the number of what is void and the beginning of its id."""


class Recipes:
    """The recipes of one organisation."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def of(self, posting: Posting) -> Recipe:
        """The steps to booked."""
        record = posting.record
        match record:
            case Customer():
                update = posting.action is Action.UPDATE
                return (Step(missing=self._changed if update else self._contact),)
            case Payment():
                several = len(posting.applied) + (_on_account(posting, record) > ZERO) > 1
                return (Step(missing=self._paid, back=_unpaid, parted=several),)
            case CreditNote() if posting.applied or posting.action is not Action.CREATE:
                return self._made(), Step(missing=_allocated, back=released)
        return (self._made(),)

    def _made(self) -> Step:
        return Step(missing=self._document, back=_voided)

    # --- contacts

    def _contact(self, posting: Posting, sight: Sight) -> Writes:
        if sight.body is not None:
            return ()
        body = {**CONTACT.body(posting, self._books.codes), "ContactNumber": posting.key}
        return (Write(posting=posting, to="PUT Contacts", body=body, again=sight.gone),)

    def _changed(self, posting: Posting, sight: Sight) -> Writes:
        """What differs; a text that is sent empty is cleared, and a list of phones or addresses replaced whole."""
        there = with_whole_phones(sight.body or {})
        wanted = dict(CONTACT.wanted(posting, self._books.codes))
        changed = {path: value for path, value in wanted.items() if (at(there, path) or "") != (value or "")}
        if not changed:
            return ()
        body: Body = {"ContactID": there["ContactID"]}
        for path, value in wanted.items():
            whole = next((name for name in LISTS if path.startswith(name)), path)
            if any(each.startswith(whole) for each in changed):
                put(body, path, value or "")
        for phone in body.get("Phones", ()):
            phone |= NO_CODES
        return (Write(posting=posting, to="POST Contacts", body=body, again=sight.gone),)

    # --- documents, money and entries

    def _document(self, posting: Posting, sight: Sight) -> Writes:
        if sight.body is not None:
            return ()
        form = FORMS[posting.record.kind]
        body = form.body(posting, self._books.codes)
        if posting.record.kind in NOTED_IN_A_LINE:
            memo = str(getattr(posting.record, "memo", ""))
            body["LineItems"].append({"Description": note((memo,), posting.key, DESCRIPTION)})
        return (Write(posting=posting, to=f"PUT {form.entity}", body=body, again=sight.gone),)

    # --- payments

    def _paid(self, posting: Posting, sight: Sight) -> Writes | Problem:
        """The payments that are missing, and the overpayment for what goes to no document."""
        assert isinstance(posting.record, Payment)
        if isinstance(sight.parts, Problem):
            return sight.parts
        made = sight.body or {}
        paid = {str(at(each, "Invoice.InvoiceID")) for each in made.get("Payments", ())}
        writes = [self._part(posting, part, sight) for part in _summed(sight.parts) if bare(part.ledger_id) not in paid]
        rest = _on_account(posting, posting.record)
        if rest > ZERO and not made.get("Overpayments"):
            writes.append(self._rest(posting, rest, sight))
        return writes

    def _part(self, posting: Posting, part: Applied, sight: Sight) -> Write:
        body = FORMS[posting.record.kind].body(posting, self._books.codes)
        body |= {"Invoice": {"InvoiceID": bare(part.ledger_id)}, "Amount": part.amount}
        return Write(posting=posting, to="PUT Payments", body=body, made=PAYMENT, again=sight.gone)

    def _rest(self, posting: Posting, rest: Decimal, sight: Sight) -> Write:
        assert isinstance(posting.record, Payment)
        text = note((posting.record.number, posting.record.memo), posting.key, DESCRIPTION)
        body = ON_ACCOUNT[posting.record.kind].body(posting, self._books.codes)
        body["LineItems"] = [{"Description": text, "LineAmount": rest}]
        return Write(posting=posting, to="PUT BankTransactions", body=body, made=OVERPAYMENT, again=sight.gone)


def _on_account(posting: Posting, record: Payment) -> Decimal:
    return record.amount - sum((part.amount for part in posting.applied), ZERO)


def _summed(parts: tuple[Applied, ...]) -> Iterator[Applied]:
    """Each document once: two parts of one payment for the same document are one payment there."""
    amounts: dict[str, Decimal] = {}
    for part in parts:
        amounts[part.ledger_id] = amounts.get(part.ledger_id, ZERO) + part.amount
    return (Applied(ledger_id=name, amount=amount) for name, amount in amounts.items() if amount)


def _unpaid(posting: Posting, sight: Sight) -> Writes:
    """Delete each payment; an overpayment cannot be (bank transactions, "Deleting")."""
    made = (sight.body or {}).get("Payments", ())
    return [
        Write(posting=posting, to=f"POST Payments/{each['PaymentID']}", body={"Status": "DELETED"}, made=PAYMENT)
        for each in made
    ]


def _allocated(posting: Posting, sight: Sight) -> Writes | Problem:
    """What of a credit note is still to be allocated: as far as its invoices are open, the rest stays on account."""
    if isinstance(sight.parts, Problem):
        return sight.parts
    there = allocations(sight.body or {})
    left = {}
    for part in sight.parts:
        target = sight.targets[part.ledger_id]
        if problem := over_total(posting.record, part.amount, target.number, target.total):
            return problem
        left[part.ledger_id] = target.left
    more = [Applied(ledger_id=part.ledger_id, amount=part.amount - there.get(part.ledger_id, ZERO))
            for part in _summed(sight.parts)]  # fmt: skip
    parts = up_to_open([part for part in more if part.amount > ZERO], left)
    return () if sight.body is None else tuple(allocate(posting, sight, part) for part in parts)


def allocate(posting: Posting, sight: Sight, part: Applied) -> Write:
    """An allocation of a credit note or overpayment; its day is the later one of the two documents'."""
    entity, id_, day = _source(sight.body or {})
    target = sight.targets[part.ledger_id]
    body = {"Invoice": {"InvoiceID": bare(part.ledger_id)}, "Amount": part.amount, "Date": max(target.day, day)}
    to = f"PUT {entity}/{id_}/Allocations"
    return Write(posting=posting, to=to, body=body, made=ALLOCATION, again=sight.gone)


def released(posting: Posting, sight: Sight) -> Writes:
    """Delete all allocations; one that was made just now may not say its id yet, and then keeps the rest from going."""
    entity, id_, _ = _source(sight.body or {})
    told = (sight.body or {}).get("Allocations") or []
    return [
        Write(posting=posting, to=f"DELETE {entity}/{id_}/Allocations/{each['AllocationID']}", body={}, made=ALLOCATION)
        for each in told
        if each.get("AllocationID")
    ]


def allocations(body: Body) -> dict[str, Decimal]:
    """To which invoices a credit note or a payment on account goes."""
    amounts: dict[str, Decimal] = {}
    for source in (body, *body.get("Overpayments", ())):
        for each in source.get("Allocations") or []:
            id_ = f"{INVOICE_WORD[_is_bought(source)]}:{each['Invoice']['InvoiceID']}"
            amounts[id_] = amounts.get(id_, ZERO) + Decimal(str(each["Amount"]))
    return amounts


INVOICE_WORD = {False: "Invoice", True: "Bill"}


def _is_bought(source: Body) -> bool:
    return str(source.get("Type")) in ("ACCPAYCREDIT", "SPEND-OVERPAYMENT")


def _source(body: Body) -> tuple[str, str, str]:
    """The entity, id and day of what is allocated."""
    if over := body.get("Overpayments"):
        return "Overpayments", str(over[0]["OverpaymentID"]), _iso(over[0])
    return "CreditNotes", str(body.get("CreditNoteID")), _iso(body)


def _iso(body: Body) -> str:
    return FORMS[Kind.CREDIT_NOTE].day(body["Date"]).isoformat() if body.get("Date") else ""


def _voided(posting: Posting, sight: Sight) -> Writes:
    """Void it; a sale gives its number back before."""
    body, form = sight.body or {}, FORMS[posting.record.kind]
    entity, id_ = form.entity, str(body[form.id])
    status = "DELETED" if entity == "BankTransactions" else "VOIDED"
    writes = [Write(posting=posting, to=f"POST {entity}", body={form.id: id_, "Status": status})]
    field = f"{entity[:-1]}Number"
    number = str(body.get(field) or "")
    if posting.record.kind in (Kind.INVOICE, Kind.CREDIT_NOTE) and VOID not in number:
        renamed = {form.id: id_, field: f"{number[:230]}{VOID}{id_[:8]})"}
        writes.insert(0, Write(posting=posting, to=f"POST {entity}", body=renamed, made="renamed"))
    return writes


def bare(reference: str) -> str:
    """The vendor's id in a reference."""
    return reference.rpartition(":")[2]


def form_of(kind: Kind) -> Form:
    """The table of a kind."""
    return CONTACT if kind is Kind.CUSTOMER else FORMS[kind]
