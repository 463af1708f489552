"""How each kind comes into QuickBooks Online's books, and out again.

A credit note is made first, and applied by a payment of nothing once it has an id: up to what is open of its invoice,
and the rest stays on the customer's account. Where nothing is open, as after an invoice that was paid in full, all of
it does, and its note says so: without that word, one of which nothing is applied yet is booked by half.

A payment that the bank gave back is an entry that takes the money out again, and the payment then pays that entry. So
does the vendor have a bounced cheque recorded ("Record a returned payment or bounced check": a journal entry or expense
on Accounts Receivable with the customer, and the payment unlinked from its invoice and linked to it); its invoices are
open again, and the payment itself stays as it was. Assumption: a payment is linked to an entry by its id and the type
JournalEntry (payment, LinkedTxn), over this interface too.

Undone is by a void where the vendor documents it, which keeps the document with its number, at zero, and by a deletion
where it does not (api-reference of invoice, payment, bill payment and sales receipt; for all other transactions delete
alone is documented).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from connectors.applying import beyond_open
from connectors.booking.recipes import Body, Recipe, Sight, Step, Write, Writes
from connectors.crediting import over_total, up_to_open
from connectors.exchange import rate_of
from connectors.ledger import Action, Applied, Posting
from connectors.ledgers.quickbooks_online import parties
from connectors.ledgers.quickbooks_online.books import PAYABLE, RECEIVABLE, Books, control_accounts
from connectors.ledgers.quickbooks_online.forms import ENTITIES, PAYERS
from connectors.ledgers.quickbooks_online.mapping import (
    body_of,
    credit_applied,
    entry_paid,
    lines_of,
    links,
    payer_link,
    with_lines,
)
from connectors.ledgers.quickbooks_online.notes import APPLIED, UNAPPLIED, as_unapplied, is_void, key_in
from connectors.ledgers.quickbooks_online.queries import Api
from connectors.ledgers.quickbooks_online.sending import ALONE, BATCH
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, CreditNote, Customer, JournalEntry, Kind, ReturnedPayment

INVOICE, PAYMENT, ENTRY = (ENTITIES[kind] for kind in (Kind.INVOICE, Kind.PAYMENT, Kind.RETURNED_PAYMENT))
VOIDED = {
    "Invoice": "operation=void",
    "Payment": "operation=update&include=void",
    "BillPayment": "operation=update&include=void",
    "SalesReceipt": "operation=update&include=void",
}
SPARSE = frozenset({"CreditMemo"})
"""What takes a sparse update; of a vendor credit the reference has the full one alone."""
APPLICATION = "application"


class Recipes:
    """The recipes of one company."""

    def __init__(self, api: Api, books: Books) -> None:
        self._api, self._books = api, books
        self._controls: dict[tuple[str, str], str] = {}

    def of(self, posting: Posting) -> Recipe:
        """The steps to booked."""
        record = posting.record
        match record:
            case Customer():
                return (Step(missing=self._changed if posting.action is Action.UPDATE else self._party),)
            case ReturnedPayment():
                return self._made(self._given_back), Step(missing=_paying_its_entry, back=_paying_again)
            case CreditNote() if is_applied(posting) or posting.action is not Action.CREATE:
                return self._made(self._credit), Step(missing=self._applied, back=_released, looks=True)
        return (self._made(self._document),)

    def _made(self, missing: Callable[[Posting, Sight], Writes | Problem]) -> Step:
        return Step(missing=missing, back=_taken_out)

    # --- customers and vendors

    def _party(self, posting: Posting, sight: Sight) -> Writes:
        form = parties.form_of(_customer(posting))
        return () if sight.body else [_write(posting, "create", form.entity, form.body(posting, self._books))]

    def _changed(self, posting: Posting, sight: Sight) -> Writes:
        """What differs, where our key does not say that it was changed already."""
        [(entity, now)] = (sight.body or {}).items()
        if parties.has_key(now, posting.key):
            return ()
        return [_write(posting, "update", entity, parties.changes(posting, _customer(posting), self._books, now))]

    # --- documents, payments and entries

    def _document(self, posting: Posting, sight: Sight) -> Writes:
        if sight.body:
            return ()
        assert not isinstance(sight.parts, Problem)
        body = body_of(posting, self._books_of(posting), with_bare_ids(sight.parts))
        return [_write(posting, "create", ENTITIES[posting.record.kind], body)]

    def _books_of(self, posting: Posting) -> Books:
        """With the account of receivables or payables of its currency, where an entry moves one of a foreign currency;
        the vendor makes it with the first document of that."""
        record, books = posting.record, self._books
        if not isinstance(record, JournalEntry | ReturnedPayment) or rate_of(record, books.home) is None:
            return books
        if not {(RECEIVABLE, record.currency), (PAYABLE, record.currency)} <= self._controls.keys():
            self._controls = control_accounts(self._api)
        return replace(books, controls=self._controls)

    # --- credits

    def _credit(self, posting: Posting, sight: Sight) -> Writes | Problem:
        writes = self._document(posting, sight)
        if not writes or not is_applied(posting):
            return writes
        if problem := _too_much(posting, sight):
            return problem
        [write] = writes
        if any(target.left for target in sight.targets.values()):
            return writes
        note = as_unapplied(str(write.body.get("PrivateNote") or ""), posting.key)
        return [replace(write, body={**write.body, "PrivateNote": note})]

    def _applied(self, posting: Posting, sight: Sight) -> Writes | Problem:
        """What applies it or, where nothing is open any more, says that nothing is to be applied of it."""
        entity = ENTITIES[posting.record.kind]
        credit: Body = (sight.body or {}).get(entity, {})
        if not is_applied(posting) or not _is_left_whole(credit):
            return ()
        if problem := sight.parts if isinstance(sight.parts, Problem) else _too_much(posting, sight):
            return problem
        assert not isinstance(sight.parts, Problem)
        left = {id_: target.left for id_, target in sight.targets.items()}
        if parts := up_to_open(sight.parts, left):
            return [self.application(posting, credit, parts)]
        note = as_unapplied(str(credit.get("PrivateNote") or ""), posting.key)
        sparse = entity in SPARSE
        whole = {} if sparse else body_of(posting, self._books)
        changed = {"Id": str(credit["Id"]), "SyncToken": str(credit["SyncToken"]), "sparse": sparse}
        return [_write(posting, "update", entity, {**whole, **changed, "PrivateNote": note})]

    def application(self, posting: Posting, credit: Body, parts: Iterable[Applied], way: str = BATCH) -> Write:
        """The payment of nothing that applies a credit to these."""
        body = credit_applied(posting, str(credit["Id"]), with_bare_ids(parts), self._books)
        to = f"{way} create {PAYERS[posting.record.kind].entity}"
        return Write(posting=posting, to=to, body=body, made=APPLICATION)

    # --- returns

    def _given_back(self, posting: Posting, sight: Sight) -> Writes | Problem:
        """The entry, at the rate of the payment that it gives back: what that gained or lost goes with it."""
        payment = (sight.returned or {}).get(PAYMENT, {})
        if sight.body and entry_paid(payment) == str(sight.body[ENTRY]["Id"]):
            return ()
        if problem := _not_given_back(posting, payment):
            return problem
        writes = self._document(posting, sight)
        rate = payment.get("ExchangeRate")
        return [replace(write, body={**write.body, "ExchangeRate": rate})
                if rate and "ExchangeRate" in write.body else write for write in writes]  # fmt: skip


def is_applied(posting: Posting) -> bool:
    """Whether a posting takes a second write: a credit note is booked first, and applied once it has an id."""
    return isinstance(posting.record, CreditNote) and bool(posting.applied or posting.record.invoice)


def applied_to(kind: Kind, body: Body, paid: str) -> dict[str, Decimal]:
    """To which documents a credit goes, by our references: where the payments go that use it and no other credit.

    Where one uses several, only the vendor knows which went where: what is not told goes by the name of that.
    """
    entity, there = ENTITIES[kind], defaultdict[str, Decimal](Decimal)
    credit, payers = body[entity], {str(each["Id"]): each for each in body.get(PAYERS[kind].entity, ())}
    for type_, bare in links(credit):
        payer = payers.get(bare, {}) if type_ == payer_link(kind) else {}
        lines = list(lines_of(payer))
        others = [(to, id_) for to, id_, _ in lines if to != paid]
        if others != [(entity, str(credit["Id"]))] or Decimal(str(payer.get("TotalAmt") or 0)):
            there[f"{type_} {bare}"] += Decimal(str(credit.get("TotalAmt") or 0))
            continue
        for to, id_, amount in lines:
            there[f"{paid}:{id_}"] += amount if to == paid else ZERO
    return {name: amount for name, amount in there.items() if amount}


def applications(posting: Posting, body: Body) -> list[Body]:
    """Our own payments of nothing that apply a credit note to its invoices."""
    payer = PAYERS.get(posting.record.kind)
    payments = body.get(payer.entity, []) if payer and posting.booked is not None else []
    return [each for each in payments if key_in(each).endswith(APPLIED)]


def with_bare_ids(parts: Iterable[Applied]) -> list[Applied]:
    """Parts that name documents by the vendor's ids."""
    return [replace(part, ledger_id=part.ledger_id.rpartition(":")[2]) for part in parts]


def _customer(posting: Posting) -> Customer:
    assert isinstance(posting.record, Customer)
    return posting.record


def _write(posting: Posting, operation: str, entity: str, body: Body) -> Write:
    return Write(posting=posting, to=f"{BATCH} {operation} {entity}", body=body)


def _too_much(posting: Posting, sight: Sight) -> Problem | None:
    """The refusal of a credit of more than its invoice's total."""
    assert not isinstance(sight.parts, Problem)
    for part in sight.parts:
        target = sight.targets[part.ledger_id]
        if problem := over_total(posting.record, part.amount, target.number, target.total):
            return problem
    return None


def _is_left_whole(credit: Body) -> bool:
    """Whether nothing of a credit is applied, nor to be so.

    What is left of it is its ``RemainingCredit`` or, of a vendor credit, its ``Balance``; where neither is told, as in
    the vendor's samples of a vendor credit, one that is linked to nothing is whole.
    """
    left = credit.get("RemainingCredit", credit.get("Balance"))
    whole = bool(credit.get("TotalAmt")) and (not links(credit) if left is None else left == credit["TotalAmt"])
    return whole and UNAPPLIED not in str(credit.get("PrivateNote") or "")


def _not_given_back(posting: Posting, payment: Body) -> Problem | None:
    """Why a payment does not come back: it is not there, came back already, or is not what it was."""
    record = posting.record
    assert isinstance(record, ReturnedPayment)
    if not payment or is_void(payment):
        return problem_of(record, "deleted_in_ledger", reference=posting.returned)
    number, total = str(payment.get("PaymentRefNum") or posting.returned), Decimal(str(payment.get("TotalAmt") or 0))
    if entry_paid(payment):
        return problem_of(record, "returned_twice", column="invoice", payment=number)
    if total != record.amount:
        words = {"was": f"{record.amount:.2f}", "now": f"{total:.2f}"}
        return problem_of(record, "changed_in_ledger", column="reference", **words)
    return None


def _paying_its_entry(posting: Posting, sight: Sight) -> Writes:
    """The payment pays the entry that gives it back."""
    payment = (sight.returned or {}).get(PAYMENT)
    if not sight.body or payment is None:
        return ()
    entry = str(sight.body[ENTRY]["Id"])
    if entry_paid(payment) == entry:
        return ()
    body = with_lines(payment, {(ENTRY, entry): Decimal(str(payment["TotalAmt"]))})
    return [_write(posting, "update", PAYMENT, body)]


def _paying_again(posting: Posting, sight: Sight) -> Writes | Problem:
    """A payment that came back pays its invoices again, before its entry goes; nothing where it does already."""
    payment = (sight.returned or {}).get(PAYMENT)
    if payment is None or entry_paid(payment) != str((sight.body or {})[ENTRY]["Id"]):
        return ()
    if isinstance(sight.parts, Problem):
        return sight.parts
    for part in sight.parts:
        if problem := beyond_open(posting.record, posting.returned, sight.targets[part.ledger_id], part.amount):
            return problem
    lines = {(INVOICE, part.ledger_id): part.amount for part in with_bare_ids(sight.parts)}
    to = f"{ALONE} operation=update {PAYMENT}"
    return [Write(posting=posting, to=to, body=with_lines(payment, lines))]


def _released(posting: Posting, sight: Sight) -> Writes:
    """Delete what applied it, or the vendor would not let it go."""
    payer = PAYERS[posting.record.kind].entity
    return [
        Write(posting=posting, to=f"{ALONE} operation=delete {payer}",
              body={"Id": str(each["Id"]), "SyncToken": str(each["SyncToken"])})
        for each in applications(posting, sight.body or {})
    ]  # fmt: skip


def _taken_out(posting: Posting, sight: Sight) -> Writes:
    """Void it, or delete it; what was made just now and is refused goes by a deletion, as it came."""
    entity = ENTITIES[posting.record.kind]
    body: Body = (sight.body or {})[entity]
    sent: Body = {"Id": body["Id"], "SyncToken": body["SyncToken"]}
    if posting.action is Action.CREATE:
        return [_write(posting, "delete", entity, sent)]
    how = VOIDED.get(entity, "operation=delete")
    sparse = {"sparse": True} if "update" in how else {}
    return [Write(posting=posting, to=f"{ALONE} {how} {entity}", body=sent | sparse)]
