"""Everything that checking and planning look at, read once and never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from addin.journal import RecordKey, Seen, Transfer
from addin.journal.rows import settled
from addin.options import Options
from connectors.ledger import Capabilities, LedgerLists
from connectors.records import Customer, Document, Invoice, Kind, SyncStatus, Transferable
from connectors.source import SourceLists
from workbook.layout import Language
from workbook.review import Review


@dataclass(frozen=True, kw_only=True)
class Case:
    """One company at one moment: what was pulled, what was sent, what was typed, and what the ledger can do.

    ``statuses`` are the statuses that were accepted from the sheet; a record without one is not to be touched.
    """

    company: str
    ledger: str
    language: Language
    today: date
    options: Options
    records: Mapping[RecordKey, Transferable]
    seen: Mapping[RecordKey, Seen]
    transfers: Mapping[RecordKey, tuple[Transfer, ...]]
    statuses: Mapping[RecordKey, SyncStatus]
    review: Review
    lists: LedgerLists
    source_lists: SourceLists
    capabilities: Capabilities

    def settled(self, key: RecordKey) -> Transfer | None:
        """The transfer that brought a record to the ledger, ours or by hand."""
        return settled(self.transfers.get(key, ()))

    def latest(self, key: RecordKey) -> Transfer | None:
        """The latest generation of a record's transfer, whatever became of it."""
        history = self.transfers.get(key)
        return history[-1] if history else None

    @cached_property
    def candidates(self) -> dict[RecordKey, Transferable]:
        """The records that are to leave at this Sync if nothing stands in the way; accounts apart."""
        return {
            key: self.records[key]
            for key in self.records
            if key[0] is not Kind.CUSTOMER
            and self.statuses.get(key) is SyncStatus.TO_TRANSFER
            and not self.settled(key)
        }

    @cached_property
    def customers(self) -> dict[str, Customer]:
        """The accounts by key."""
        customers = ((key[1], self.records[key]) for key in self.records if key[0] is Kind.CUSTOMER)
        return {key: record for key, record in customers if isinstance(record, Customer)}

    @cached_property
    def billed(self) -> dict[str, Customer]:
        """The accounts that something to transfer needs in the ledger, parents included where it knows them."""
        wanted = {key for record in self.candidates.values() for key in _accounts(record)}
        if self.capabilities.sub_customers:
            wanted |= {parent for key in wanted for parent in self.ancestors(key)}
        return {key: customer for key, customer in self.customers.items() if key in wanted}

    def ancestors(self, key: str) -> list[str]:
        """The parents of an account, nearest first; ends where the chain does or bites its own tail."""
        chain: list[str] = []
        customer = self.customers.get(key)
        while customer and customer.parent and customer.parent not in (*chain, key):
            chain.append(customer.parent)
            customer = self.customers.get(customer.parent)
        return chain

    def invoice(self, key: str) -> Invoice | None:
        """An invoice by key."""
        found = self.records.get((Kind.INVOICE, key))
        return found if isinstance(found, Invoice) else None


def _accounts(record: Transferable) -> Iterator[str]:
    """The accounts a record cannot be booked without; a receipt paid on the spot counts as well."""
    if isinstance(record, Document) or (not isinstance(record, Customer) and hasattr(record, "customer")):
        yield record.customer
