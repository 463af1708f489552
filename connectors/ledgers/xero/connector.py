"""A Xero organisation as a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import ClassVar

from pydantic import BaseModel

from connectors import aging
from connectors.booking.ledger import BookingLedger
from connectors.booking.telling import Happening, told
from connectors.ledger import AccountBalance, AgedBalance, Changes, Connected, LedgerLists, Posting
from connectors.ledgers.xero import company, open_items, standings
from connectors.ledgers.xero.bookkeeping import XeroBookkeeping
from connectors.ledgers.xero.checks import CAPABILITIES
from connectors.ledgers.xero.company import Books
from connectors.ledgers.xero.service import (
    CONCURRENT,
    LABEL,
    LIMITS,
    ROOT,
    Api,
    Body,
    planned,
    provider,
    time_of,
    vendor,
)
from connectors.ledgers.xero.settings import XeroSettings
from connectors.pace import Limit
from connectors.records import Kind
from connectors.rest.ledger import RestLedger, Service
from connectors.wire.paths import at

TOLD = (
    ("Invoices", (Kind.INVOICE, Kind.SUPPLIER_INVOICE)), ("CreditNotes", (Kind.CREDIT_NOTE, Kind.VENDOR_CREDIT)),
    ("BankTransactions", (Kind.SALES_RECEIPT, Kind.REFUND)), ("ManualJournals", (Kind.JOURNAL_ENTRY,)),
)  # fmt: skip
DRAFTS = frozenset({"DRAFT", "SUBMITTED", "ARCHIVED"})
"""What no books have yet."""


class XeroLedger(RestLedger, BookingLedger):
    """An organisation whose books a person opened to us by signing in."""

    name = "xero"
    label = LABEL
    Settings = XeroSettings
    capabilities = CAPABILITIES
    limits: ClassVar[Sequence[Limit]] = LIMITS
    _settings: XeroSettings

    def __init__(self, settings: BaseModel) -> None:
        self._settings = XeroSettings.model_validate(settings, from_attributes=True)

    @property
    def paced(self) -> Sequence[Limit]:
        """The limits as the organisation's plan has them."""
        return planned(self.limits, self._settings)

    @property
    def service(self) -> Service:
        """Xero's, for the organisation."""
        settings = self._settings
        return Service(provider=provider(settings), vendor=vendor(settings), path=ROOT, concurrent=CONCURRENT)

    def connect(self) -> Connected:
        """Read the organisation anew; until when we may, if nobody renews the authorization."""
        self.__dict__.pop("_books", None)
        self.__dict__.pop("bookkeeping", None)
        return self.connected(self._books.name)

    def lists(self) -> LedgerLists:
        """The organisation's lists, and its contacts as they are now."""
        return replace(self._books.lists, customers=tuple(company.customers(self._api)))

    def turn(self, postings: Sequence[Posting]) -> float:
        """A batch takes one place in the minute's at least."""
        return self._pacer.keep()

    def aged_receivables(self, on: date) -> Sequence[AgedBalance]:
        """Worked out here: the vendor's own report is of one contact at a time."""
        return aging.aged(open_items.receivable(self._api, on, self._books.home), on)

    def aged_payables(self, on: date) -> Sequence[AgedBalance]:
        """Worked out here, as receivables are."""
        return aging.aged(open_items.payable(self._api, on, self._books.home), on)

    def balances(self, on: date) -> Sequence[AccountBalance]:
        """The vendor's own trial balance."""
        return company.trial_balance(self._api, self._books, on)

    def changes(self, since: datetime) -> Changes:
        """Asked entity by entity, by what changed since; the vendor tells no time at which a record was made.

        Not every change moves that time (requests and responses): a due date of what is paid in part does not.
        """
        until = self._api.now()
        happened = [*self._contacts(since), *self._documents(since), *self._payments(since)]
        return told(self.bookkeeping, happened, lambda kind, body: standings.record(kind, body, self._books), until)

    def id_in(self, kind: Kind, typed: str) -> str:
        """An id of ours, or the address of the vendor's page."""
        return standings.id_in(kind, typed, self._settings.web_url)

    @cached_property
    def bookkeeping(self) -> XeroBookkeeping:
        """The organisation's books."""
        return XeroBookkeeping(self._api, self._books, self._settings.web_url)

    def _contacts(self, since: datetime) -> Iterator[Happening]:
        for body in self._api.since("Contacts", "ContactID", since):
            yield Happening(
                kind=Kind.CUSTOMER, body=body, when=time_of(body["UpdatedDateUTC"]), name=str(body.get("Name", "")),
                deleted=not company.is_active(body, "ContactStatus"),
                merged_into=str(body.get("MergedToContactID") or ""),
            )  # fmt: skip

    def _documents(self, since: datetime) -> Iterator[Happening]:
        for entity, kinds in TOLD:
            for body in self._api.since(entity, f"{entity[:-1]}ID", since):
                of_type = (k for k in kinds if body.get("Type") in standings.TYPES.get(k, (body.get("Type"),)))
                if (kind := next(of_type, None)) and body.get("Status") not in DRAFTS:
                    yield self._happening(kind, body)

    def _payments(self, since: datetime) -> Iterator[Happening]:
        """Payments that changed, each with all that bears its key."""
        for kind in (Kind.PAYMENT, Kind.SUPPLIER_PAYMENT):
            touched: dict[str, datetime] = {}
            for entity, id_ in (("Payments", "PaymentID"), ("Overpayments", "OverpaymentID")):
                for body in self._api.since(entity, id_, since):
                    if body.get("PaymentType", body.get("Type")) in standings.TYPES[kind]:
                        word = standings.WORDS[kind][entity == "Overpayments"]
                        touched[f"{word}:{body[id_]}"] = time_of(body["UpdatedDateUTC"])
            last = max(touched.values(), default=since)
            for bundle in self.bookkeeping.by_ids(kind, touched) if touched else ():
                when = touched.get(self.bookkeeping.standing(kind, bundle).ledger_id, last)
                yield Happening(kind=kind, body=bundle, when=when, name=_payer(bundle))

    def _happening(self, kind: Kind, body: Body) -> Happening:
        by_hand = kind is Kind.REFUND and not self.bookkeeping.key_of(kind, body)
        name, word = str(at(body, "Contact.Name") or ""), "Spend Money" if by_hand else ""
        return Happening(kind=kind, body=body, when=time_of(body["UpdatedDateUTC"]), name=name, word=word)

    @cached_property
    def _api(self) -> Api:
        return Api(self._http)

    @cached_property
    def _books(self) -> Books:
        return company.read(self._api, self._settings)


def _payer(bundle: Body) -> str:
    parts: Iterable[Body] = (*bundle.get("Payments", ()), *bundle.get("Overpayments", ()))
    names = (at(each, "Invoice.Contact.Name") or at(each, "Contact.Name") for each in parts)
    return str(next(filter(None, names), ""))
