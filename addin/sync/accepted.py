"""Payments that people entered in the ledger and the accountant accepted, until the source shows them.

What the source says of a balance is law. Between the acceptance and the pull in which the source has the payment, or
says another balance than before, the row shows what is left of it: each payment taken off once, never below nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from pydantic import TypeAdapter

from addin.journal import Journal, RecordKey
from addin.journal.inbound import Proposal
from addin.journal.rows import settled
from connectors.records import ZERO, Invoice, Kind, Payment, Transferable, What

MEMO = "accepted payments"
GONE = frozenset({What.VOIDED, What.DELETED})


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedPayment:
    """What a ledger's payment pays of one invoice of the source, and the balance that the source said then."""

    ledger_id: str
    number: str
    invoice: str
    amount: Decimal
    balance: Decimal


ADAPTER = TypeAdapter(tuple[AcceptedPayment, ...])


def kept(journal: Journal) -> tuple[AcceptedPayment, ...]:
    """The payments that the source does not show yet."""
    text = journal.kept(MEMO)
    return ADAPTER.validate_json(text) if text else ()


def keep(journal: Journal, payments: Sequence[AcceptedPayment]) -> None:
    """Remember which they are."""
    if tuple(payments) != kept(journal):
        journal.keep(MEMO, ADAPTER.dump_json(tuple(payments)).decode())


def take(journal: Journal, accepted: Iterable[Proposal]) -> frozenset[str]:
    """Remember what was accepted of the ledger's payments; the invoices of which a row shows something else now."""
    before = list(kept(journal))
    now = before
    for proposal in accepted:
        says = proposal.what in GONE or "allocations" in proposal.theirs
        if proposal.kind is Kind.PAYMENT and not proposal.record and says:
            others = [each for each in now if each.ledger_id != proposal.ledger_id]
            now = [*others, *(_parts(journal, proposal) if proposal.what not in GONE else ())]
    keep(journal, now)
    return frozenset(each.invoice for each in {*before} ^ {*now})


def _parts(journal: Journal, proposal: Proposal) -> Iterator[AcceptedPayment]:
    """What a payment pays of each invoice that we booked; whom else it pays is nothing that the source has."""
    amounts = dict(_allocations(proposal.theirs["allocations"]))
    for history in journal.held(amounts.keys()).values():
        booked = settled(history)
        if booked and booked.ledger_id in amounts:
            record = journal.seen(only=[booked.id])[booked.id].record()
            if isinstance(record, Invoice):
                yield AcceptedPayment(ledger_id=proposal.ledger_id, number=proposal.number, invoice=record.key,
                                      amount=amounts[booked.ledger_id], balance=record.balance)  # fmt: skip


def _allocations(told: str) -> Iterator[tuple[str, Decimal]]:
    """The invoices by the ledger's ids and what goes to each, of a line of text for each (``connectors.changes``)."""
    for line in told.splitlines():
        invoice, _, amount = line.rpartition(": ")
        try:
            yield invoice, Decimal(amount)
        except InvalidOperation:
            continue


def not_shown(
    payments: Iterable[AcceptedPayment], records: Mapping[RecordKey, Transferable]
) -> tuple[AcceptedPayment, ...]:
    """The payments that the source does not show in what was pulled: it has them once it names them or moved on."""
    told = {r.sync_reference for r in records.values() if isinstance(r, Payment) and r.sync_reference}
    invoices = {key[1]: record for key, record in records.items() if isinstance(record, Invoice)}
    return tuple(
        each
        for each in payments
        if each.ledger_id not in told
        and (each.invoice not in invoices or invoices[each.invoice].balance == each.balance)
    )


def as_shown(record: Transferable, payments: Iterable[AcceptedPayment]) -> Transferable:
    """A record as its row shows it: an invoice with what is left once the accepted payments are taken off."""
    if not isinstance(record, Invoice):
        return record
    paid = sum((each.amount for each in payments if each.invoice == record.key), ZERO)
    return replace(record, balance=max(ZERO, record.balance - paid)) if paid else record
