"""Finding by our own keys what Tryton holds: what is booked, and drafts of ours that were left behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.ledger import Posted, Posting
from connectors.ledgers.tryton.books import ANY
from connectors.ledgers.tryton.mapping import KEY
from connectors.ledgers.tryton.rpc import Rpc
from connectors.records import CreditNote, Customer, Invoice, SupplierInvoice

PARTY, INVOICE, MOVE, LINE = "party.party", "account.invoice", "account.move", "account.move.line"
INVOICE_LINE = "account.invoice.line"
DRAFTS = frozenset({"draft", "validated"})
LARGEST = 2**31 - 1
"""Of an id (``INTEGER`` in PostgreSQL); the database refuses the whole question where one is larger."""

AT_ONCE = 200
"""Keys in one search."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record of Tryton's that carries our key; ``reference`` is what a sync reference holds."""

    key: str
    model: str
    id: int
    reference: str
    number: str
    draft: bool
    total: Decimal | None = None
    void: bool = False

    def posted(self, url: str, *, replayed: bool = False) -> Posted:
        """As the contract tells it; ``url`` is where Tryton's web client answers."""
        return Posted(
            key=self.key,
            ledger_id=self.reference,
            number=self.number,
            total=self.total,
            url=f"{url}/model/{self.model}/{self.id}",
            replayed=replayed,
        )


def find(rpc: Rpc, company: int, postings: Sequence[Posting]) -> dict[str, Found]:
    """What carries the keys of these, and counts. Of a copy and its original, which Tryton gives the same texts, the
    original."""
    found: dict[str, Found] = {}
    for start in range(0, len(postings), AT_ONCE):
        some = postings[start : start + AT_ONCE]
        customers = [posting.key for posting in some if isinstance(posting.record, Customer)]
        sales = [p.key for p in some if isinstance(p.record, Invoice | CreditNote | SupplierInvoice)]
        others = [posting.key for posting in some if not isinstance(posting.record, Customer)]
        for one in (*_parties(rpc, customers), *_invoices(rpc, company, sales), *_moves(rpc, company, others)):
            found.setdefault(one.key, one)
    gone = cancelled(rpc, [one.id for one in found.values() if one.model == MOVE])
    return {key: one for key, one in found.items() if not one.void and (one.model != MOVE or one.id not in gone)}


def cancelled(rpc: Rpc, moves: Iterable[int]) -> frozenset[int]:
    """Which of these moves a posted one cancels; its origin is the move it cancels (``Move._cancel_default``)."""
    origins = {f"{MOVE},{number}": number for number in moves}
    if not origins:
        return frozenset()
    rows = rpc.rows(MOVE, [["origin", "in", sorted(origins)], ["state", "=", "posted"]], "origin")
    return frozenset(origins[row["origin"]] for row in rows)


def _parties(rpc: Rpc, keys: Sequence[str]) -> Iterator[Found]:
    if not keys:
        return
    # An identifier that a person archived, or that Tryton did when it merged two parties, is ours all the same.
    for row in rpc.rows("party.identifier", [["code", "in", keys], ANY], "code", "party", "party.code"):
        code = row["party."]["code"]
        yield Found(row["code"], PARTY, row["party"], code, code, draft=False)


def _invoices(rpc: Rpc, company: int, keys: Sequence[str]) -> Iterator[Found]:
    if not keys:
        return
    fields = ("note", "invoice", "invoice.state", "invoice.number", "invoice.reference", "invoice.total_amount")
    mine = ["invoice.company", "=", company]
    for row in rpc.rows(INVOICE_LINE, [["note", "in", keys], mine], *fields):
        invoice = row["invoice."]
        yield Found(
            key=row["note"],
            model=INVOICE,
            id=row["invoice"],
            reference=f"{INVOICE},{row['invoice']}",
            number=invoice["reference"] or invoice["number"] or "",
            draft=invoice["state"] in DRAFTS,
            total=abs(invoice["total_amount"]),
            void=invoice["state"] == "cancelled",
        )


def _moves(rpc: Rpc, company: int, keys: Sequence[str]) -> Iterator[Found]:
    if not keys:
        return
    patterns = [["description", "like", f"%[{literal(key)}]"] for key in keys]
    mine = ["company", "=", company]
    for row in rpc.rows(MOVE, [mine, ["OR", *patterns]], "description", "state", "number"):
        described = KEY.search(row["description"] or "")
        if described and described["key"] in keys:
            yield Found(
                key=described["key"],
                model=MOVE,
                id=row["id"],
                reference=f"{MOVE},{row['id']}",
                number=row["description"][: described.start()].strip() or row["number"] or "",
                draft=row["state"] == "draft",
            )


def id_of(reference: str) -> int:
    """The id in a reference (``account.invoice,12``); 0, which nothing has, where there is none."""
    number = reference.rpartition(",")[2]
    found = int(number) if number.isdecimal() and len(number) <= len(str(LARGEST)) else 0
    return found if found <= LARGEST else 0


def literal(key: str) -> str:
    """A key with what ``like`` would read as a pattern made literal."""
    return key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
