"""Changing what a transaction says and no amount hangs on: a sparse update of that alone, by the transaction's token.

The token (``SyncToken``) refuses the write where somebody changed the transaction meanwhile. The note keeps our key,
by which we find the transaction again.

Assumptions: a sparse update leaves what is not sent as it is, on every transaction; of a payment its lines are sent as
they are all the same, for an application that got lost would be money that moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.amending import to_amend
from connectors.http import MayHaveHappened
from connectors.ledger import Outcome, Posted, Posting, Rejected
from connectors.ledgers.quickbooks_online.applying import in_doubt, lines_of, refused
from connectors.ledgers.quickbooks_online.books import Books
from connectors.ledgers.quickbooks_online.checks import CAPABILITIES
from connectors.ledgers.quickbooks_online.forms import ENTITIES, said
from connectors.ledgers.quickbooks_online.found import Search
from connectors.ledgers.quickbooks_online.mapping import link_of, posted
from connectors.ledgers.quickbooks_online.notes import UNAPPLIED, as_unapplied, key_in, marked
from connectors.ledgers.quickbooks_online.problems import faults, refusal
from connectors.ledgers.quickbooks_online.queries import Api, Body
from connectors.ledgers.quickbooks_online.service import LABEL
from connectors.ledgers.quickbooks_online.standings import standing
from connectors.problems import Problem
from connectors.records import PAYMENT_KINDS, Kind, Transferable
from connectors.refusals import undeclared
from connectors.watch import watching

WIRE = {"memo": "PrivateNote", "confirmation": "PrivateNote", "due": "DueDate", "email": "BillEmail.Address"}
"""Where each field goes; the note holds the memo, the processor's number and our key."""
OF_PAYMENTS = ("CustomerRef", "VendorRef", "TotalAmt", "PayType", "CheckPayment", "CreditCardPayment")


class Amending:
    """Amends in one company."""

    def __init__(self, api: Api, books: Books, search: Search, web: str) -> None:
        self._api, self._books, self._search, self._web = api, books, search, web

    def find(self, postings: Sequence[Posting]) -> dict[str, Posted]:
        """Those that say all that is asked for, whoever changed it."""
        now = self._search.documents(postings)
        return {p.key: self._posted(p, now[p.reference], replayed=True) for p in postings if self._wanted(p, now) == ()}

    def amend(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """One outcome each; what says so already is answered with that."""
        now = self._search.documents(postings)
        for posting in postings:
            if problem := next(undeclared(posting, CAPABILITIES, self._books.lists), None):
                yield Rejected(key=posting.key, problem=problem)
                continue
            wanted = self._wanted(posting, now)
            if isinstance(wanted, Problem):
                yield Rejected(key=posting.key, problem=wanted)
            elif not wanted:
                yield self._posted(posting, now[posting.reference], replayed=True)
            else:
                watching().begin(LABEL)
                yield self._sent(posting, wanted, now[posting.reference])

    def _wanted(self, posting: Posting, now: Mapping[str, Body]) -> tuple[str, ...] | Problem:
        body = now.get(posting.reference)
        if body is None:
            return to_amend(posting, None, {}, lambda record, name: "")
        there = standing(ENTITIES[posting.record.kind], body, self._books, self._web)
        has = {name: _plain(_at(body, path)) for name, path in WIRE.items()}
        return to_amend(posting, there, has, lambda record, name: _plain(self._written(record, name, body)))

    def _written(self, record: Transferable, name: str, body: Body) -> str:
        """What a field of a record is in the company; the note with our key, as it stands there now."""
        if WIRE[name] != "PrivateNote":
            return str(getattr(record, name) or "")
        note = marked(said(record, numbers=self._books.numbers), key_in(body))
        return as_unapplied(note, key_in(body)) if UNAPPLIED in str(body.get("PrivateNote") or "") else note

    def _sent(self, posting: Posting, wanted: Sequence[str], body: Body) -> Outcome:
        entity, record = ENTITIES[posting.record.kind], posting.record
        sent: Body = {"Id": body["Id"], "SyncToken": body["SyncToken"], "sparse": True}
        for name in wanted:
            _set(sent, WIRE[name].split("."), self._written(record, name, body))
        if record.kind in PAYMENT_KINDS - {Kind.RETURNED_PAYMENT}:
            sent |= {name: body[name] for name in OF_PAYMENTS if name in body}
            sent["Line"] = [link_of(amount, kind, bare) for kind, bare, amount in lines_of(body)]
        try:
            answer, request_id = self._api.act(entity, {}, sent)
        except MayHaveHappened as doubt:
            return in_doubt(posting, doubt.problem.detail)
        if found := faults(answer):
            return refused(posting, refusal(record, found, request_id, reference=posting.reference))
        if not isinstance(answer.get(entity), dict):
            return in_doubt(posting, f"an answer without the document [{request_id}]")
        return self._posted(posting, answer[entity])

    def _posted(self, posting: Posting, body: Body, *, replayed: bool = False) -> Posted:
        return posted(posting.key, ENTITIES[posting.record.kind], body, self._web, replayed=replayed)


def _set(sent: Body, path: Sequence[str], value: str) -> None:
    """Set a field by its path, to nothing too: in a sparse update that clears it."""
    for name in path[:-1]:
        sent = sent.setdefault(name, {})
    sent[path[-1]] = value


def _at(body: Body, path: str) -> str:
    value: object = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return str(value or "")


def _plain(text: str) -> str:
    """A text as it is compared: however its lines end."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
