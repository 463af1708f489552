"""Books that a person kept in Tryton before us, keyed in over JSON-RPC; our key is on none of them."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.ledger import LedgerLists, Posting
from connectors.ledgers.tryton import batch, books
from connectors.ledgers.tryton.batch import Draft
from connectors.ledgers.tryton.books import Books, Party
from connectors.ledgers.tryton.found import INVOICE, MOVE, PARTY
from connectors.ledgers.tryton.mapping import invoice, is_invoice
from connectors.ledgers.tryton.moves import move
from connectors.ledgers.tryton.rpc import Rpc
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.records import Document


def keep(rpc: Rpc, settings: TrytonSettings, kept: LedgerLists, by_hand: Sequence[Posting]) -> None:
    """Name the starter's accounts as the person did, and make that person's own accounts, customers and invoices.

    An account that the starter has not is of the type of the one before it.
    """
    mine = books.read(rpc, settings)
    before = ""
    for account in kept.accounts:
        if account.code in mine.accounts:
            rpc.model("account.account", "write", [mine.accounts[account.code].id], {"name": account.name})
        else:
            [like] = rpc.model("account.account", "read", [mine.accounts[before].id], ["type", "company"])
            values = {"code": account.code, "name": account.name, "type": like["type"], "company": like["company"]}
            rpc.model("account.account", "create", [values])
        before = account.code if account.code in mine.accounts else before
    rpc.model(
        PARTY,
        "create",
        [
            {"code": customer.reference, "name": customer.name, "addresses": [["create", [{}]]]}
            for customer in kept.customers
        ],
    )
    parties = books.parties(rpc, (customer.reference for customer in kept.customers))
    drafts = [_draft(posting, mine, parties[posting.customer]) for posting in by_hand]
    for model in (INVOICE, MOVE):
        some = [draft for draft in drafts if draft.model == model]
        for failure in (*batch.make(rpc, some).values(), *batch.post(rpc, some).values()):
            raise failure


def _draft(posting: Posting, mine: Books, party: Party) -> Draft:
    """An invoice where Tryton takes it as one, else a move that is described by its number."""
    record = posting.record
    assert isinstance(record, Document)
    if is_invoice(posting, mine, ()):
        return Draft(posting, INVOICE, invoice(posting, record, mine, party, record.date, None))
    values = move(posting, record, mine, {posting.customer: party}, ())
    return Draft(posting, MOVE, {**values, "description": record.number})
