"""Taking documents back: void where the vendor documents it, delete where it does not; one request for each.

A void keeps the document with its number, at zero. Which of the two each entity takes: api-reference of invoice,
payment, bill payment and sales receipt; for all other transactions delete alone is documented. What is void has nothing
but zeros and a note that begins with Voided (samples, recorded).

Assumption: a document's ``LinkedTxn`` names all that is applied to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from connectors.applying import Open, beyond_open
from connectors.http import MayHaveHappened
from connectors.ledger import Outcome, Posted, Posting, Rejected, Standing, Unknown
from connectors.ledgers.quickbooks_online.books import Books
from connectors.ledgers.quickbooks_online.checks import CAPABILITIES
from connectors.ledgers.quickbooks_online.forms import ENTITIES, PAYERS
from connectors.ledgers.quickbooks_online.found import Search, entry_paid
from connectors.ledgers.quickbooks_online.mapping import payer_link, with_lines
from connectors.ledgers.quickbooks_online.notes import APPLIED, is_void, key_in
from connectors.ledgers.quickbooks_online.problems import BATCH_WIDE, faults, refusal
from connectors.ledgers.quickbooks_online.queries import Api, Body
from connectors.ledgers.quickbooks_online.service import LABEL
from connectors.ledgers.quickbooks_online.standings import links, standing
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import CreditNote, Kind
from connectors.undoing import obstacle
from connectors.watch import watching

VOIDED: Mapping[str, Mapping[str, str]] = {
    "Invoice": {"operation": "void"},
    "Payment": {"operation": "update", "include": "void"},
    "BillPayment": {"operation": "update", "include": "void"},
    "SalesReceipt": {"operation": "update", "include": "void"},
}
INVOICE, PAYMENT = ENTITIES[Kind.INVOICE], ENTITIES[Kind.PAYMENT]
DELETED: Mapping[str, str] = {"operation": "delete"}


class Undoing:
    """Undoes in one company."""

    def __init__(self, api: Api, books: Books, search: Search, web: str) -> None:
        self._api, self._books, self._search, self._web = api, books, search, web

    def read(self, postings: Sequence[Posting]) -> dict[str, Standing]:
        """What the company now has of these references."""
        now = self._search.documents(postings)
        return {p.reference: self._standing(p, now[p.reference]) for p in postings if p.reference in now}

    def undo(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """One outcome each; what is void or gone already is answered with that."""
        now = self._search.documents(postings)
        for posting in postings:
            body = now.get(posting.reference)
            if problem := obstacle(posting, CAPABILITIES, None):
                yield Rejected(key=posting.key, problem=problem)
            elif body is None or is_void(body):
                yield Posted(key=posting.key, ledger_id=posting.reference, replayed=True)
            elif problem := self._refused(posting, body):
                yield Rejected(key=posting.key, problem=problem)
            else:
                watching().begin(LABEL)
                yield self._taken_out(posting, body)

    def _refused(self, posting: Posting, body: Body) -> Problem | None:
        on, closed = str(body.get("TxnDate") or ""), self._books.closing_date
        ours = {f"{payer_link(posting.record.kind)} {bare}" for bare, _ in self._applications(posting, body)}
        now = self._standing(posting, body)
        left = tuple(name for name in now.applied if name not in ours)
        if problem := obstacle(posting, CAPABILITIES, replace(now, applied=left)):
            return problem
        if closed and on and on <= closed.isoformat():
            return problem_of(posting.record, "period_closed", column="date", date=on, closing_date=str(closed))
        return None

    def _taken_out(self, posting: Posting, body: Body) -> Outcome:
        """Take it out; of a credit note first what applied it, or the vendor would not let it go.

        What a returned payment gave back pays its invoices again before its entry goes.
        """
        for bare, token in self._applications(posting, body):
            if refused := self._asked(
                posting, PAYERS[posting.record.kind].entity, DELETED, {"Id": bare, "SyncToken": token}
            ):
                return refused
        if refused := self._paying_again(posting, body):
            return refused
        entity = ENTITIES[posting.record.kind]
        how = VOIDED.get(entity, DELETED)
        sparse = {"sparse": True} if how.get("operation") == "update" else {}
        sent = {"Id": body["Id"], "SyncToken": body["SyncToken"], **sparse}
        refused = self._asked(posting, entity, how, sent)
        return refused or Posted(key=posting.key, ledger_id=posting.reference)

    def _paying_again(self, posting: Posting, body: Body) -> Outcome | None:
        """What speaks against a payment that came back paying its invoices again; nothing where it does already."""
        payment = self._search.payments([posting]).get(posting.returned)
        if payment is None or entry_paid(payment) != str(body["Id"]):
            return None
        parts = self._search.targets([posting]).of(posting)
        if isinstance(parts, Problem):
            return Rejected(key=posting.key, problem=parts)
        invoices = {str(each["Id"]): each for each in self._api.among(INVOICE, "Id", [p.ledger_id for p in parts])}
        for part in parts:
            invoice = invoices.get(part.ledger_id, {})
            left = Decimal(str(invoice.get("Balance") or 0))
            document = Open(number=str(invoice.get("DocNumber") or part.ledger_id), left=left)
            if problem := beyond_open(posting.record, posting.returned, document, part.amount):
                return Rejected(key=posting.key, problem=problem)
        lines = {(INVOICE, part.ledger_id): part.amount for part in parts}
        return self._asked(posting, PAYMENT, {"operation": "update"}, with_lines(payment, lines))

    def _asked(self, posting: Posting, entity: str, how: Mapping[str, str], sent: Body) -> Outcome | None:
        """What speaks against it having been done; nothing when it was."""
        try:
            answer, request_id = self._api.act(entity, how, sent)
        except MayHaveHappened as doubt:
            problem = problem_of(posting.record, "outcome_unknown", detail=doubt.problem.detail)
            return Unknown(key=posting.key, problem=problem)
        if not (found := faults(answer)):
            return None if isinstance(answer.get(entity), dict) else _unsaid(posting, request_id)
        problem = refusal(posting.record, found, request_id, reference=posting.reference)
        if problem.code in BATCH_WIDE:
            raise CannotRun(Problem(code=problem.code, params=problem.params, detail=problem.detail))
        if problem.code == "outcome_unknown":
            return Unknown(key=posting.key, problem=problem)
        return Rejected(key=posting.key, problem=problem)

    def _standing(self, posting: Posting, body: Body) -> Standing:
        return standing(ENTITIES[posting.record.kind], body, self._books, self._web)

    def _applications(self, posting: Posting, body: Body) -> list[tuple[str, str]]:
        """Ids and tokens of our own payments of nothing that apply a credit note to its invoices."""
        if not isinstance(posting.record, CreditNote) or posting.booked is None:
            return []
        kind = posting.record.kind
        linked = [bare for type_, bare in links(body) if type_ == payer_link(kind)]
        payments = self._api.among(PAYERS[kind].entity, "Id", linked)
        return [(str(p["Id"]), str(p["SyncToken"])) for p in payments if key_in(p).endswith(APPLIED)]


def _unsaid(posting: Posting, request_id: str) -> Unknown:
    detail = f"an answer without the document [{request_id}]"
    return Unknown(key=posting.key, problem=problem_of(posting.record, "outcome_unknown", detail=detail))
