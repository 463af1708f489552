"""What of our postings is booked: looked for by number, name or date, known by our key in its notes.

The vendor's query language filters customers by name, documents by number and date, payments by reference number, and
nothing by a note; the number belongs to the accountant. So the number, or the date where there is none of ours, says
where to look, and the key in the private note says that it is ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from connectors.ledger import Action, Applied, Posted, Posting
from connectors.ledgers.quickbooks_online.books import EVERYONE, SUPPLIER, Books
from connectors.ledgers.quickbooks_online.forms import ENTITIES, OWN_NUMBERS
from connectors.ledgers.quickbooks_online.mapping import posted, reference_of
from connectors.ledgers.quickbooks_online.notes import UNAPPLIED, bears, is_void
from connectors.ledgers.quickbooks_online.parties import bare_id, form_of, has_key
from connectors.ledgers.quickbooks_online.queries import Api, Body, certain, quoted, telling
from connectors.problems import Problem, problem_of
from connectors.records import CreditNote, Customer, Kind, Payment, ReturnedPayment
from connectors.wire.texts import unsendable

KINDS = frozenset(ENTITIES.values())
NUMBERED = frozenset(ENTITIES[kind] for kind in (*OWN_NUMBERS, Kind.SUPPLIER_INVOICE, Kind.VENDOR_CREDIT))
"""What no two of bear the same number; a payment's reference is never unique."""
Numbered: TypeAlias = tuple[str, str]
"""An entity and a document number of it."""


class Search:
    """Looks records up in one company."""

    def __init__(self, api: Api, books: Books, web: str, taken: dict[str, str] | None = None) -> None:
        self._api, self._books, self._web = api, books, web
        self.taken = {} if taken is None else taken

    def find(self, postings: Iterable[Posting]) -> dict[str, Posted]:
        """What is booked under our keys; a credit note that is still to be applied is booked by half, and not told.

        Notes in ``taken``, by key, the numbers that another document has: the company may let a duplicate pass.
        """
        by_entity: dict[str, list[Posting]] = defaultdict(list)
        postings = list(postings)
        for posting in postings:
            self.taken.pop(posting.key, None)
        undoing = [posting for posting in postings if posting.action is Action.VOID]
        for posting in (p for p in postings if p.action is not Action.VOID):
            record = posting.record
            if unsendable(record.number) or unsendable(_name(posting)):
                continue  # it was never sent
            by_entity[form_of(record).entity if isinstance(record, Customer) else ENTITIES[record.kind]].append(posting)
        found = self._undone(undoing)
        for entity, sought in by_entity.items():
            for body in self._candidates(entity, sought):
                for posting in sought:
                    if _takes_number(entity, body, posting):
                        self.taken[posting.key] = posting.record.number
                    if _is_ours(body, posting) and not is_void(body) and not _by_half(body, posting):
                        found[posting.key] = posted(posting.key, entity, body, self._web, replayed=True)
        return {key: one for key, one in found.items() if key not in self._unpaid(postings, found)}

    def payments(self, postings: Iterable[Posting]) -> dict[str, Body]:
        """The payments that these give back, as they are now, by our reference."""
        prefix = f"{ENTITIES[Kind.PAYMENT]}:"
        ids = {p.returned.removeprefix(prefix) for p in postings if p.returned.startswith(prefix)}
        return {f"{prefix}{body['Id']}": body for body in self._api.among(ENTITIES[Kind.PAYMENT], "Id", ids)}

    def entries(self, postings: Sequence[Posting]) -> dict[str, Body]:
        """The entries of returned payments that are there, by key, whether their payments pay them or not."""
        bodies = list(self._candidates(ENTITIES[Kind.RETURNED_PAYMENT], postings)) if postings else []
        return {p.key: body for p in postings for body in bodies if _is_ours(body, p) and not is_void(body)}

    def _unpaid(self, postings: Sequence[Posting], found: Mapping[str, Posted]) -> frozenset[str]:
        """The returned payments whose entry is there and whose payment does not pay it: booked by half."""
        going_back = (p for p in postings if isinstance(p.record, ReturnedPayment) and p.action is Action.CREATE)
        returns = [p for p in going_back if p.key in found]
        now = self.payments(returns)
        paid = {p.key: entry_paid(now[p.returned]) for p in returns if p.returned in now}
        return frozenset(p.key for p in returns if found[p.key].ledger_id.rpartition(":")[2] != paid.get(p.key))

    def halves(self, postings: Iterable[Posting]) -> dict[str, Body]:
        """The credit notes, by key, that are there and still to be applied: what came after them was lost."""
        sought = [posting for posting in postings if to_be_applied(posting)]
        kinds = {posting.record.kind for posting in sought}
        some = {kind: [posting for posting in sought if posting.record.kind is kind] for kind in sorted(kinds)}
        bodies = {kind: list(self._candidates(ENTITIES[kind], of)) for kind, of in some.items()}
        return {
            p.key: body for p in sought for body in bodies[p.record.kind] if _is_ours(body, p) and _by_half(body, p)
        }

    def documents(self, postings: Iterable[Posting]) -> dict[str, Body]:
        """The transactions of these references as they are now, by reference."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for posting in postings:
            entity, _, bare = posting.reference.rpartition(":")
            if entity in KINDS:
                wanted[entity].add(bare)
        return {
            reference_of(entity, str(body["Id"])): body
            for entity, ids in wanted.items()
            for body in self._api.among(entity, "Id", ids)
        }

    def void_alone(self, entity: str, number: str) -> bool:
        """Whether a number is taken by nothing but what is void."""
        alike = self._api.among(entity, "DocNumber", [number])
        bodies = [body for body in alike if str(body.get("DocNumber")) == number]
        return bool(bodies) and all(map(is_void, bodies))

    def _undone(self, postings: Sequence[Posting]) -> dict[str, Posted]:
        """The voids whose document is void or gone."""
        now = self.documents(postings)
        return {
            p.key: Posted(key=p.key, ledger_id=p.reference, replayed=True)
            for p in postings
            if not isinstance(p.record, Customer) and (p.reference not in now or is_void(now[p.reference]))
        }

    def parties(self, postings: Iterable[Posting]) -> dict[str, Body]:
        """The customers and vendors that updates change, as they are now, by our reference."""
        now: dict[str, Body] = {}
        for entity in ("Customer", "Vendor"):
            references = {p.reference: bare_id(p.reference, entity) for p in postings if p.action is Action.UPDATE}
            wanted = {bare: reference for reference, bare in references.items() if bare}
            for body in self._api.among(entity, "Id", wanted, EVERYONE):
                now[wanted[str(body["Id"])]] = body
        return now

    def targets(self, postings: Sequence[Posting]) -> Targets:
        """What payments and credits are applied to: invoices and bills of ours, and those whose number was typed."""
        typed: dict[str, set[str]] = defaultdict(set)
        for posting in postings:
            entity = _paid(posting)
            typed[entity].update(part.ledger_id for part in posting.applied if not _bare(part.ledger_id, entity))
        numbered: dict[Numbered, list[Body]] = defaultdict(list)
        for entity, numbers in typed.items():
            for body in self._api.among(entity, "DocNumber", filter(telling, numbers)):
                numbered[entity, str(body.get("DocNumber", ""))].append(body)
        return Targets(numbered)

    def _candidates(self, entity: str, sought: Sequence[Posting]) -> Iterator[Body]:
        if entity in ("Customer", "Vendor"):
            yield from self._api.among(entity, "DisplayName", (_name(p) for p in sought if _name(p)), EVERYONE)
            changed = (bare_id(p.reference, entity) for p in sought if p.action is Action.UPDATE)
            yield from self._api.among(entity, "Id", filter(None, changed), EVERYONE)
            return
        field = "PaymentRefNum" if entity == "Payment" else "DocNumber"
        yield from self._api.among(entity, field, (p.record.number for p in sought if self._numbered(p)))
        yield from self._on_dates(entity, [p for p in sought if not self._numbered(p)])

    def _on_dates(self, entity: str, sought: Sequence[Posting]) -> Iterator[Body]:
        days = [p.record.date for p in sought if not isinstance(p.record, Customer)]
        if days:
            yield from self._api.query(
                entity,
                f"TxnDate >= {quoted(min(days).isoformat())} and TxnDate <= {quoted(max(days).isoformat())}",
            )

    def _numbered(self, posting: Posting) -> bool:
        """Whether the ledger keeps our number, and every company can be asked for it; else it is looked for by day."""
        record = posting.record
        kept = self._books.numbers or record.kind not in OWN_NUMBERS
        return kept and bool(record.number) and certain(record.number)


class Targets:
    """Invoices and bills by the number that a person typed as their sync reference."""

    def __init__(self, numbered: dict[Numbered, list[Body]]) -> None:
        self._numbered = numbered

    def of(self, posting: Posting) -> tuple[Applied, ...] | Problem:
        """The parts with the ledger's bare ids, or which invoice is not there (or not only once, for the customer)."""
        parts = []
        for part in posting.applied:
            entity = _paid(posting)
            bare = _bare(part.ledger_id, entity) or self._typed((entity, part.ledger_id), posting.customer)
            if not bare:
                return problem_of(posting.record, "deleted_in_ledger", reference=part.ledger_id)
            parts.append(Applied(ledger_id=bare, amount=part.amount))
        return tuple(parts)

    def _typed(self, number: Numbered, customer: str) -> str:
        party = "VendorRef" if number[0] == ENTITIES[Kind.SUPPLIER_INVOICE] else "CustomerRef"
        bare = customer.removeprefix(SUPPLIER)
        theirs = [body for body in self._numbered[number] if (body.get(party) or {}).get("value") == bare]
        return str(theirs[0]["Id"]) if len(theirs) == 1 else ""


def _takes_number(entity: str, body: Body, posting: Posting) -> bool:
    """Whether another document has a posting's number: any sale of its kind, and a bill of the same supplier alone."""
    record = posting.record
    if entity not in NUMBERED or posting.action is not Action.CREATE or not record.number:
        return False
    theirs = str((body.get("VendorRef") or {}).get("value") or "")
    of_another = bool(theirs) and theirs != posting.customer.removeprefix(SUPPLIER)
    same = str(body.get("DocNumber") or "") == record.number
    return same and not of_another and not is_void(body) and not _is_ours(body, posting)


def entry_paid(payment: Body) -> str:
    """The id of the entry that all of a payment goes to, as of one that came back; empty where it pays others."""
    linked = [link for line in payment.get("Line") or [] for link in line.get("LinkedTxn") or []]
    entries = [str(link["TxnId"]) for link in linked if link.get("TxnType") == ENTITIES[Kind.JOURNAL_ENTRY]]
    return entries[0] if len(entries) == len(linked) == 1 else ""


def to_be_written_twice(posting: Posting) -> bool:
    """Whether a posting takes a second write, once it has an id."""
    return to_be_applied(posting) or isinstance(posting.record, ReturnedPayment)


def _paid(posting: Posting) -> str:
    """The entity of what a posting may be applied to."""
    record = posting.record
    return ENTITIES[record.pays if isinstance(record, Payment | CreditNote) else Kind.INVOICE]


def _bare(reference: str, wanted: str) -> str:
    entity, _, bare = reference.rpartition(":")
    return bare if entity == wanted and bare.isascii() and bare.isdigit() else ""


def _is_ours(body: Body, posting: Posting) -> bool:
    if isinstance(posting.record, Customer):
        return has_key(body, posting.key)
    return bears(body.get("PrivateNote"), posting.key)


def to_be_applied(posting: Posting) -> bool:
    """Whether a posting takes a second write: a credit note is booked first, and applied once it has an id."""
    return isinstance(posting.record, CreditNote) and bool(posting.applied or posting.record.invoice)


def _by_half(body: Body, posting: Posting) -> bool:
    """Whether a credit that is to be applied has all of it left (``RemainingCredit``; vendor credit, ``Balance``)."""
    whole = bool(body.get("TotalAmt")) and body.get("RemainingCredit", body.get("Balance")) == body["TotalAmt"]
    return to_be_applied(posting) and whole and UNAPPLIED not in str(body.get("PrivateNote") or "")


def _name(posting: Posting) -> str:
    return posting.record.name.strip() if isinstance(posting.record, Customer) else ""
