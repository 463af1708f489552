"""Everything that checking and planning look at, read once and never changed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeVar

from addin.journal import OnDemand, Questions, RecordKey, Records, Seen, Transfer
from addin.journal.inbound import Proposal
from addin.journal.rows import latest, settled
from addin.options import Options
from addin.sync.accepted import AcceptedPayment
from addin.sync.amendments import Amendment, amendment, follows
from addin.sync.applications import APPLIED_KINDS, Application, application
from addin.sync.claims import Finding
from addin.sync.deferral import Schedules
from addin.sync.sides import sold_to
from connectors.ledger import Capabilities, LedgerLists, Posted
from connectors.records import (
    DOCUMENT_KINDS,
    PAYMENT_KINDS,
    TYPES,
    CreditNote,
    Customer,
    Direction,
    Document,
    Invoice,
    JournalEntry,
    Kind,
    LedgerAccount,
    Payment,
    ReturnedPayment,
    SupplierInvoice,
    SyncStatus,
    Transferable,
)
from connectors.source import SourceLists
from connectors.taxes import Rates
from workbook.layout import Language
from workbook.review import Review

Dated = TypeVar("Dated", Payment, ReturnedPayment, CreditNote)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One company at one moment: what was pulled, what was sent, what was typed, and what the ledger can do.

    ``statuses`` are the statuses that were accepted from the sheet; a record without one is not to be touched.
    ``awake`` are the accounts and the records that something may have to be done or said about: the rules go through
    these. All others are at rest, and read when they are referred to; ``numbers`` reads every record's number,
    ``deferred`` the schedules. Of what is ``undecided`` a person changed something in the ledger, and the accountant
    has not said yet which is right. ``findings`` are what came of typed references, ``questions`` what the accountant
    was asked and has answered, ``strangers`` what people made in the ledger and nobody has decided on, ``accepted`` the
    ledger's payments that were accepted and that the source does not show yet.
    """

    company: str
    ledger: str
    language: Language
    today: date
    options: Options
    awake: tuple[RecordKey, ...]
    seen: OnDemand[Seen]
    transfers: OnDemand[tuple[Transfer, ...]]
    numbers: Callable[[], Mapping[RecordKey, str]]
    statuses: Mapping[RecordKey, SyncStatus]
    review: Review
    lists: LedgerLists
    source_lists: SourceLists
    capabilities: Capabilities
    undecided: frozenset[RecordKey] = frozenset()
    deferred: Callable[[], Schedules] = Schedules
    findings: Mapping[RecordKey, Finding] = field(default_factory=dict)
    questions: Questions = field(default_factory=Questions)
    strangers: tuple[Proposal, ...] = ()
    accepted: tuple[AcceptedPayment, ...] = ()

    def settled(self, key: RecordKey) -> Transfer | None:
        """The transfer that brought a record to the ledger, ours or by hand."""
        return settled(self.transfers.get(key, ()))

    def latest(self, key: RecordKey) -> Transfer | None:
        """The latest generation of a record's transfer, whatever became of it."""
        history = self.transfers.get(key)
        return latest(history) if history else None

    @cached_property
    def records(self) -> Records:
        """Every record as last pulled."""
        return Records(self.seen)

    @cached_property
    def candidates(self) -> dict[RecordKey, Transferable]:
        """The records that are to leave at this Sync if nothing stands in the way; accounts apart."""
        leaving = {
            key: self.records[key]
            for key in self.awake
            if key[0] is not Kind.CUSTOMER
            and self.statuses.get(key) is SyncStatus.TO_TRANSFER
            and not self.settled(key)
            and ours(self.records[key])
        }
        invoices = [invoice for record in leaving.values() for invoice in invoices_of(record)]
        self.seen.fetch(invoices)
        self.transfers.fetch(invoices)
        return leaving

    @cached_property
    def applied_since(self) -> dict[RecordKey, Application]:
        """The booked payments and credit notes that the source changed by nothing but what they are applied to."""
        booked = {key: self.settled(key) for key in self.awake if key[0] in APPLIED_KINDS}
        changed = ((key, each) for key, each in booked.items() if each and each.digest != self.seen[key].digest)
        found = {key: application(each, self.records[key]) for key, each in changed}
        return {key: each for key, each in found.items() if each}

    @cached_property
    def applications(self) -> dict[RecordKey, Transferable]:
        """The booked payments and credit notes that are to be applied to more at this Sync; an update goes before."""
        return {
            key: each.record
            for key, each in self.applied_since.items()
            if self.changes_there(key)
            and self.statuses.get(key) is SyncStatus.TO_TRANSFER
            and key not in self.undecided
            and key not in self.amendments
        }

    @cached_property
    def amended_since(self) -> dict[RecordKey, Amendment]:
        """The booked records that the source changed in what no amount hangs on, in part at least."""
        booked = {key: self.settled(key) for key in self.awake if key[0] is not Kind.CUSTOMER}
        changed = ((key, each) for key, each in booked.items() if each and each.digest != self.seen[key].digest)
        found = {key: amendment(each, self.records[key], self.capabilities.amends) for key, each in changed}
        return {key: each for key, each in found.items() if each}

    @cached_property
    def amendments(self) -> dict[RecordKey, Amendment]:
        """The updates that are to leave at this Sync."""
        return {
            key: each
            for key, each in self.amended_since.items()
            if each.fields and self.statuses.get(key) is SyncStatus.TO_TRANSFER and key not in self.undecided
        }

    @cached_property
    def leaving(self) -> dict[RecordKey, Transferable]:
        """What is to leave, to be booked, to be applied to more or to be amended; accounts apart."""
        amended = {key: each.record for key, each in self.amendments.items()}
        return {**self.candidates, **self.applications, **amended}

    def changes_there(self, key: RecordKey) -> bool:
        """Whether what the source changed of a booked record can be brought to the ledger, once it is marked so."""
        booked = self.settled(key)
        if booked is None or booked.digest == self.seen[key].digest:
            return False
        can = self.capabilities
        return key[0] is Kind.CUSTOMER or follows(booked, self.records[key], can.applies_later, can.amends)

    def documents(self) -> list[Document]:
        """The documents among the candidates."""
        return [record for record in self.candidates.values() if isinstance(record, Document)]

    @cached_property
    def customers(self) -> dict[str, Customer]:
        """The accounts by key."""
        customers = ((key[1], self.records[key]) for key in self.awake if key[0] is Kind.CUSTOMER)
        return {key: record for key, record in customers if isinstance(record, Customer)}

    def of_kind(self, kind: Kind) -> list[Transferable]:
        """Every record of a kind, at rest or not."""
        keys = [key for key in self.numbers() if key[0] is kind]
        self.seen.fetch(keys)
        return [self.records[key] for key in keys]

    def payments(self) -> list[Payment]:
        """Every payment there is, received or made, in order of date."""
        return self._dated(Payment)

    @cached_property
    def returns(self) -> dict[str, tuple[ReturnedPayment, ...]]:
        """The returns of each payment by its key, in order of date."""
        found: dict[str, tuple[ReturnedPayment, ...]] = {}
        for each in self._dated(ReturnedPayment):
            found[each.payment] = (*found.get(each.payment, ()), each)
        return found

    @cached_property
    def reopened(self) -> dict[RecordKey, tuple[ReturnedPayment, ...]]:
        """The returns that are to leave, by the document that they open again."""
        found: dict[RecordKey, tuple[ReturnedPayment, ...]] = {}
        for back in (each for several in self.returns.values() for each in several):
            payment = self.payment_of(back) if (back.kind, back.key) in self.candidates else None
            for part in payment.allocations if payment else ():
                opened = back.pays, part.invoice
                found[opened] = (*found.get(opened, ()), back)
        return found

    def credit_notes(self) -> list[CreditNote]:
        """Every credit note there is, in order of date."""
        return self._dated(CreditNote)

    def _dated(self, type_: type[Dated]) -> list[Dated]:
        kinds = [kind for kind, each in TYPES.items() if issubclass(each, type_)]
        records = [record for kind in kinds for record in self.of_kind(kind) if isinstance(record, type_)]
        self.transfers.fetch([(record.kind, record.key) for record in records])
        return sorted(records, key=lambda record: (record.date, record.number, record.key))

    def called(self, keys: Iterable[RecordKey]) -> dict[RecordKey, Transferable]:
        """Records with what it takes to call by name what they refer to: all accounts, and their invoices."""
        records = {key: self.records[key] for key in keys}
        invoices = [key for record in records.values() for key in (*invoices_of(record), *gives_back(record))]
        self.seen.fetch(invoices)
        records |= {key: self.records[key] for key in invoices if key in self.seen}
        return records | {(Kind.CUSTOMER, key): customer for key, customer in self.customers.items()}

    @cached_property
    def billed(self) -> dict[str, Customer]:
        """The accounts that something to transfer needs in the ledger, parents included where it knows them."""
        wanted = {key for record in self.candidates.values() for key in _accounts(record)}
        if self.capabilities.sub_customers:
            wanted |= {parent for key in wanted for parent in self.ancestors(key)}
        return {key: customer for key, customer in self.customers.items() if key in wanted}

    @cached_property
    def billed_in(self) -> Mapping[str, frozenset[str]]:
        """The currencies of what is to leave, by the account that it is billed to, paid by or paid to."""
        found: dict[str, set[str]] = {}
        for record in self.candidates.values():
            for account in _accounts(record):
                found.setdefault(account, set()).add(getattr(record, "currency", ""))
        return {account: frozenset(currencies) for account, currencies in found.items()}

    @cached_property
    def kept_in(self) -> Mapping[str, str]:
        """The currency of each of the ledger's customers and suppliers, by reference."""
        return {each.reference: each.currency or self.lists.home_currency for each in self.lists.customers}

    @cached_property
    def new_accounts(self) -> dict[str, Customer]:
        """The billed accounts that are to be made in the ledger."""
        return {key: account for key, account in self.billed.items() if self._goes(key) and not self._linked(key)}

    @cached_property
    def changed_accounts(self) -> dict[str, Customer]:
        """The accounts that are to be written over in the ledger."""
        if not self.capabilities.updates_customers:
            return {}
        return {key: account for key, account in self.customers.items() if self._goes(key) and self._linked(key)}

    def _goes(self, account: str) -> bool:
        return self.statuses.get((Kind.CUSTOMER, account)) is SyncStatus.TO_TRANSFER

    def _linked(self, account: str) -> bool:
        return self.settled((Kind.CUSTOMER, account)) is not None

    @cached_property
    def items(self) -> dict[str, LedgerAccount]:
        """The source's account of each of its items that has one."""
        return sold_to(self.source_lists)

    @cached_property
    def rates(self) -> Rates:
        """The source's taxes and tax groups by code."""
        return Rates.of(self.source_lists)

    @cached_property
    def sold_on(self) -> dict[str, str]:
        """The account that the ledger books each of its items on."""
        return {item.code: item.account for item in self.lists.items}

    @cached_property
    def schedules(self) -> Schedules:
        """What becomes revenue later."""
        return self.deferred()

    def recognised(self, entry: JournalEntry) -> Document | None:
        """The document whose revenue an entry recognises, of whatever kind; none for an entry that was not deferred."""
        schedule = self.schedules.behind(entry.key)
        if schedule is None:
            return None
        keys = [(kind, schedule.invoice) for kind in ((Kind.INVOICE,) if entry.invoice else sorted(DOCUMENT_KINDS))]
        self.seen.fetch(keys)
        found = next((self.records[key] for key in keys if key in self.seen), None)
        return found if isinstance(found, Document) else None

    def payment_of(self, record: Transferable) -> Payment | None:
        """The payment whose fee or discount a record is, or that it gives back; none for any other record."""
        if not isinstance(record, JournalEntry | CreditNote | ReturnedPayment) or not record.payment:
            return None
        own = {record.kind} if isinstance(record, ReturnedPayment) else set()
        keys = [(kind, record.payment) for kind in sorted(PAYMENT_KINDS - own)]
        self.seen.fetch(keys)
        there = sorted((key for key in keys if key in self.seen), key=lambda key: self.seen[key].left_source)
        found = self.records[there[0]] if there else None
        return found if isinstance(found, Payment) else None

    def ancestors(self, key: str) -> list[str]:
        """The parents of an account, nearest first; ends where the chain does or bites its own tail."""
        chain: list[str] = []
        customer = self.customers.get(key)
        while customer and customer.parent and customer.parent not in (*chain, key):
            chain.append(customer.parent)
            customer = self.customers.get(customer.parent)
        return chain

    def invoice(self, key: RecordKey) -> Invoice | SupplierInvoice | None:
        """An invoice, ours or a supplier's."""
        found = self.records.get(key)
        return found if isinstance(found, Invoice | SupplierInvoice) else None


class References:
    """What the ledger calls what it has: what was settled before the sync but for some records, and what it adds."""

    def __init__(self, case: Case, but: Container[RecordKey]) -> None:
        self._case, self._but = case, but
        self._added: dict[RecordKey, str] = {}

    def add(self, key: RecordKey, reference: str) -> None:
        """The ledger has it now."""
        self._added[key] = reference

    def get(self, key: RecordKey) -> str | None:
        """The ledger's id of a record, ``None`` where it has none or it is not sound."""
        if key in self._added:
            return self._added[key]
        booked = None if key in self._but else self._case.settled(key)
        return booked.ledger_id if booked else None

    def __getitem__(self, key: RecordKey) -> str:
        reference = self.get(key)
        if reference is None:
            raise KeyError(key)
        return reference

    def left_as(self, key: RecordKey) -> Transferable | None:
        """A record as the ledger has it, where that is kept."""
        booked = self._case.settled(key)
        return booked.left_as() if booked else None

    def answered(self, key: RecordKey) -> Posted | None:
        """What the ledger answered when it booked a record, before this sync."""
        booked = self._case.settled(key)
        return answered(booked) if booked else None

    def others(self, key: RecordKey) -> frozenset[str]:
        """What the ledger has like a record, and a person said is another one."""
        return self._case.questions.others(key)

    def name(self, account: str) -> str:
        """What an account is called; a text that is no account's key is a name already."""
        found = self._case.customers.get(account)
        return found.name if found else account

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None  # type: ignore[arg-type] # a Container is asked for anything


def answered(transfer: Transfer) -> Posted:
    """What the ledger answered to a transfer that it has."""
    return Posted(key=transfer.key, ledger_id=transfer.ledger_id, number=transfer.ledger_number, total=transfer.total)


def booked_on(record: Transferable, ids: References) -> str:
    """The customer that a document or payment is booked on; empty for what is on none."""
    customer = record.customer if isinstance(record, Document | Payment) else ""
    return ids.get((Kind.CUSTOMER, customer)) or ""


def ours(record: Transferable) -> bool:
    """Whether a record is the source's to transfer; a payment that came from the ledger is there already."""
    return not (isinstance(record, Payment) and record.direction is Direction.FROM_LEDGER)


def invoices_of(record: Transferable) -> Iterator[RecordKey]:
    """The invoices, ours or a supplier's, that a record cannot be booked before."""
    match record:
        case Payment():
            yield from ((record.pays, part.invoice) for part in record.allocations)
        case CreditNote() if record.invoice:
            yield record.pays, record.invoice
        case JournalEntry() if record.invoice:
            yield Kind.INVOICE, record.invoice


def gives_back(record: Transferable) -> Iterator[RecordKey]:
    """The payment that a returned one gives back."""
    if isinstance(record, ReturnedPayment):
        yield Kind.PAYMENT, record.payment


def _accounts(record: Transferable) -> Iterator[str]:
    """The accounts a record cannot be booked without; a receipt paid on the spot counts as well."""
    if isinstance(record, Document) or (not isinstance(record, Customer) and hasattr(record, "customer")):
        yield record.customer
