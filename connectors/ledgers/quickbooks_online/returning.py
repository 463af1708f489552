"""Payments that the bank gave back: a journal entry takes the money out again, and the payment then pays that entry.

So does the vendor have a bounced cheque recorded ("Record a returned payment or bounced check": a journal entry or
expense on Accounts Receivable with the customer, and the payment unlinked from its invoice and linked to it); its
invoices are open again, and the payment itself stays as it was. The entry is booked first, and the payment's lines are
changed once it has an id. Without that it is booked by half: what was to change the payment was lost.

Assumption: a payment is linked to an entry by its id and the type JournalEntry (payment, LinkedTxn), over this
interface too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from connectors.http import MayHaveHappened
from connectors.ledger import Outcome, Posted, Posting, Rejected, Unknown
from connectors.ledgers.quickbooks_online.forms import ENTITIES
from connectors.ledgers.quickbooks_online.found import Search, entry_paid
from connectors.ledgers.quickbooks_online.items import Item
from connectors.ledgers.quickbooks_online.mapping import posted, with_lines
from connectors.ledgers.quickbooks_online.notes import is_void
from connectors.ledgers.quickbooks_online.queries import Api, Body
from connectors.problems import Problem, problem_of
from connectors.records import Kind, ReturnedPayment

ENTRY, PAYMENT = ENTITIES[Kind.JOURNAL_ENTRY], ENTITIES[Kind.PAYMENT]
Send = Callable[[Sequence[Item]], Iterator[Outcome]]


class Returning:
    """The returned payments of one batch."""

    def __init__(self, api: Api, search: Search, web: str) -> None:
        self._api, self._search, self._web = api, search, web
        self._waiting: dict[str, Item] = {}
        self._payments: Mapping[str, Body] = {}
        self._booked: list[Posted] = []

    def prepare(self, items: Sequence[Item]) -> Iterator[Item | Outcome]:
        """What is sent first: not what is there, whole or by half, nor what gives back no payment that stands."""
        postings = [item.posting for item in items if isinstance(item.posting.record, ReturnedPayment)]
        self._payments = self._search.payments(postings)
        there = self._search.entries(postings)
        for item in items:
            posting, key = item.posting, item.posting.key
            if posting not in postings:
                yield item
                continue
            payment, entry = self._payments.get(posting.returned), there.get(key)
            if entry and payment and entry_paid(payment) == str(entry["Id"]):
                yield posted(key, ENTRY, entry, self._web, replayed=True)
            elif problem := _refused(posting, payment):
                yield Rejected(key=key, problem=problem)
            else:
                self._waiting[key] = item
                if entry:
                    self._booked.append(posted(key, ENTRY, entry, self._web, replayed=True))
                else:
                    yield _at_its_rate(item, payment)

    def takes(self, outcome: Outcome) -> bool:
        """Whether this is an entry that was just booked, and that its payment is to pay: its outcome is to come."""
        if not isinstance(outcome, Posted) or outcome.replayed or outcome.key not in self._waiting:
            return False
        self._booked.append(outcome)
        return True

    def apply(self, send: Send) -> Iterator[Outcome]:
        """Let each payment pay its entry; an entry that none can pay is taken out: a refusal means not booked."""
        pending = {entry.key: entry for entry in self._booked}
        for outcome in send([self._write(entry) for entry in pending.values()]):
            match outcome:
                case Posted():
                    yield pending[outcome.key]
                case Rejected():
                    yield self._taken_out(pending[outcome.key], outcome)
                case Unknown():
                    yield outcome

    def _write(self, entry: Posted) -> Item:
        posting = self._waiting[entry.key].posting
        payment = self._payments[posting.returned]
        body = with_lines(payment, {(ENTRY, _bare(entry)): Decimal(str(payment["TotalAmt"]))})
        return Item(posting=posting, entity=PAYMENT, body=body, operation="update")

    def _taken_out(self, entry: Posted, outcome: Rejected) -> Outcome:
        try:
            [now] = self._api.among(ENTRY, "Id", [_bare(entry)]) or [{}]
            sent = {"Id": _bare(entry), "SyncToken": now.get("SyncToken", "0")}
            answer, _ = self._api.act(ENTRY, {"operation": "delete"}, sent)
        except MayHaveHappened:
            answer = {}
        gone = (answer.get(ENTRY) or {}).get("status") == "Deleted"
        doubt = replace(outcome.problem, code="outcome_unknown")
        return outcome if gone else Unknown(key=entry.key, problem=doubt)


def _at_its_rate(item: Item, payment: Body | None) -> Item:
    """An entry at the rate of the payment that it gives back: what that gained or lost goes with it."""
    rate = (payment or {}).get("ExchangeRate")
    return replace(item, body={**item.body, "ExchangeRate": rate}) if "ExchangeRate" in item.body and rate else item


def _refused(posting: Posting, payment: Body | None) -> Problem | None:
    """Why a payment does not come back: it is not there, came back already, or is not what it was."""
    record = posting.record
    if payment is None or is_void(payment) or not isinstance(record, ReturnedPayment):
        return problem_of(record, "deleted_in_ledger", reference=posting.returned)
    number, total = str(payment.get("PaymentRefNum") or posting.returned), Decimal(str(payment.get("TotalAmt") or 0))
    if entry_paid(payment):
        return problem_of(record, "returned_twice", column="invoice", payment=number)
    if total != record.amount:
        words = {"was": f"{record.amount:.2f}", "now": f"{total:.2f}"}
        return problem_of(record, "changed_in_ledger", column="reference", **words)
    return None


def _bare(entry: Posted) -> str:
    return entry.ledger_id.rpartition(":")[2]
