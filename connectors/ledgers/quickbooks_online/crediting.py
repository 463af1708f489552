"""Credit notes on invoices, and vendor credits on bills: booked first, and applied in a second write.

A credit note goes to its invoice up to what is open of it, and the rest stays on the customer's account; where nothing
is open, as after an invoice that was paid in full, all of it does, and its note says so. Without that word, one of
which nothing is applied yet is booked by half: what was to apply it was lost. One of more than its invoice's total is
refused before anything leaves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from connectors.crediting import over_total, up_to_open
from connectors.http import MayHaveHappened
from connectors.ledger import Applied, Outcome, Posted, Rejected, Unknown
from connectors.ledgers.quickbooks_online.books import Books
from connectors.ledgers.quickbooks_online.forms import ENTITIES, PAYERS
from connectors.ledgers.quickbooks_online.found import Search, to_be_applied
from connectors.ledgers.quickbooks_online.items import Item
from connectors.ledgers.quickbooks_online.mapping import credit_applied, posted
from connectors.ledgers.quickbooks_online.notes import as_unapplied
from connectors.ledgers.quickbooks_online.queries import Api, Body
from connectors.problems import Problem, problem_of
from connectors.records import CreditNote

ATTEMPTS = 2
"""How often one is applied: once more where somebody paid the invoice after we looked."""

SPARSE = frozenset({"CreditMemo"})
"""What takes a sparse update; of a vendor credit the reference has the full one alone."""

Send = Callable[[Sequence[Item]], Iterator[Outcome]]


class Crediting:
    """The credit notes of one batch."""

    def __init__(self, api: Api, books: Books, search: Search, web: str) -> None:
        self._api, self._books, self._search, self._web = api, books, search, web
        self._waiting: dict[str, Item] = {}
        self._halves: Mapping[str, Body] = {}
        self._booked: list[Posted] = []

    def prepare(self, items: Sequence[Item]) -> Iterator[Item | Outcome]:
        """What is sent first: not what is there by half, nor what comes to more than its invoice."""
        credits_ = [item for item in items if to_be_applied(item.posting)]
        invoices = self._invoices(credits_)
        self._halves = self._search.halves(item.posting for item in credits_)
        for item in items:
            key = item.posting.key
            if item not in credits_:
                yield item
            elif half := self._halves.get(key):
                self._waiting[key] = item
                self._booked.append(posted(key, item.entity, half, self._web, replayed=True))
            elif problem := _refused(item, invoices):
                yield Rejected(key=key, problem=problem)
            elif any(_balance(invoices[part.ledger_id]) for part in item.applied):
                self._waiting[key] = item
                yield item
            else:
                note = as_unapplied(str(item.body.get("PrivateNote") or ""), key)
                yield replace(item, body={**item.body, "PrivateNote": note})

    def takes(self, outcome: Outcome) -> bool:
        """Whether this is a credit note that was just booked and is to be applied: its outcome is still to come."""
        if not isinstance(outcome, Posted) or outcome.replayed or outcome.key not in self._waiting:
            return False
        self._booked.append(outcome)
        return True

    def apply(self, send: Send) -> Iterator[Outcome]:
        """Apply what was booked; one that cannot be applied is taken out, so that a refusal means: not booked."""
        pending = {credit.key: credit for credit in self._booked}
        refused: dict[str, Rejected] = {}
        asked: dict[str, tuple[Applied, ...]] = {}
        for _ in range(ATTEMPTS):
            parts = self._open_parts(pending, refused)
            asked |= (again := {key: part for key, part in parts.items() if part != asked.get(key)})
            for outcome in send([self._write(pending[key], part) for key, part in again.items()]):
                match outcome:
                    case Posted():
                        yield pending.pop(outcome.key)
                    case Rejected():
                        refused[outcome.key] = outcome
                    case Unknown():
                        pending.pop(outcome.key)
                        yield outcome
        yield from self._taken_out({key: refused[key] for key in pending}, pending)

    def _open_parts(self, pending: Iterable[str], refused: dict[str, Rejected]) -> dict[str, tuple[Applied, ...]]:
        """What each can be applied to now; one whose invoice went away or became smaller is refused."""
        invoices = self._invoices(self._waiting[key] for key in pending)
        left = {bare: _balance(body) for bare, body in invoices.items()}
        parts = {}
        for key in pending:
            if problem := _refused(self._waiting[key], invoices):
                refused[key] = Rejected(key=key, problem=problem)
            else:
                parts[key] = up_to_open(self._waiting[key].applied, left)
        return parts

    def _write(self, credit: Posted, parts: tuple[Applied, ...]) -> Item:
        """What applies a credit note or, where nothing is open any more, says that nothing is to be applied of it."""
        item, bare = self._waiting[credit.key], _bare(credit)
        if parts:
            return Item(
                posting=item.posting,
                entity=PAYERS[item.posting.record.kind].entity,
                body=credit_applied(item.posting, bare, parts, self._books),
            )
        note = str((self._halves.get(credit.key) or item.body).get("PrivateNote") or "")
        sparse = item.entity in SPARSE
        changed = {"Id": bare, "SyncToken": self._token(credit.key), "sparse": sparse}
        body = {**({} if sparse else item.body), **changed, "PrivateNote": as_unapplied(note, credit.key)}
        return Item(posting=item.posting, entity=item.entity, body=body, operation="update")

    def _taken_out(self, refused: Mapping[str, Rejected], booked: Mapping[str, Posted]) -> Iterator[Outcome]:
        if not refused:
            return
        entities = {key: self._waiting[key].entity for key in refused}
        requests = [
            {"bId": key, "operation": "delete", entity: {"Id": _bare(booked[key]), "SyncToken": self._token(key)}}
            for key, entity in entities.items()
        ]
        try:
            answers, _ = self._api.batch(requests)
        except MayHaveHappened:
            answers = {}
        for key, outcome in refused.items():
            gone = ((answers.get(key) or {}).get(entities[key]) or {}).get("status") == "Deleted"
            yield outcome if gone else Unknown(key=key, problem=replace(outcome.problem, code="outcome_unknown"))

    def _invoices(self, items: Iterable[Item]) -> dict[str, Body]:
        """The invoices and bills of these as they are now, by the vendor's ids."""
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for item in items:
            wanted[_credited(item)] |= {part.ledger_id for part in item.applied}
        return {str(body["Id"]): body for entity, ids in wanted.items() for body in self._api.among(entity, "Id", ids)}

    def _token(self, key: str) -> str:
        return str((self._halves.get(key) or {}).get("SyncToken", "0"))


def _refused(item: Item, invoices: Mapping[str, Body]) -> Problem | None:
    record = item.posting.record
    for part in item.applied:
        if part.ledger_id not in invoices:
            return problem_of(record, "deleted_in_ledger", reference=f"{_credited(item)}:{part.ledger_id}")
        invoice = invoices[part.ledger_id]
        number, total = str(invoice.get("DocNumber") or part.ledger_id), Decimal(str(invoice.get("TotalAmt") or 0))
        if problem := over_total(record, part.amount, number, total):
            return problem
    return None


def _credited(item: Item) -> str:
    """The entity that a credit is applied to."""
    record = item.posting.record
    return ENTITIES[record.pays] if isinstance(record, CreditNote) else ""


def _balance(invoice: Body) -> Decimal:
    return Decimal(str(invoice.get("Balance") or 0))


def _bare(credit: Posted) -> str:
    return credit.ledger_id.rpartition(":")[2]
