"""Applying what stands in the company already: a payment gets lines more, a credit note another payment of nothing.

A payment is changed by a sparse update with the lines that it has and the new ones, its customer and total as they
are; its ``SyncToken`` refuses the write where somebody changed the payment meanwhile. Whether something is applied is
told by the transactions themselves, and so is whether a write whose answer was lost was carried out.

Assumption: lines that are sent replace all that are there, as in a full update; what is not sent of the rest stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.applying import Open, to_apply
from connectors.http import MayHaveHappened
from connectors.ledger import Applied, Outcome, Posted, Posting, Rejected, Unknown
from connectors.ledgers.quickbooks_online.books import Books
from connectors.ledgers.quickbooks_online.checks import CAPABILITIES
from connectors.ledgers.quickbooks_online.forms import ENTITIES, PAYERS
from connectors.ledgers.quickbooks_online.found import Search
from connectors.ledgers.quickbooks_online.mapping import credit_applied, payer_link, posted, with_lines
from connectors.ledgers.quickbooks_online.problems import BATCH_WIDE, faults, refusal
from connectors.ledgers.quickbooks_online.queries import Api, Body
from connectors.ledgers.quickbooks_online.service import LABEL
from connectors.ledgers.quickbooks_online.standings import links, standing
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import ZERO, CreditNote, Kind, Payment
from connectors.refusals import undeclared
from connectors.watch import watching

Wanted = tuple[Applied, ...] | Problem


@dataclass(frozen=True, slots=True)
class Now:
    """The company's side: transactions by our reference, and payments, invoices and bills by the vendor's ids."""

    documents: Mapping[str, Body]
    payments: Mapping[str, Body]
    invoices: dict[str, Open]
    parts: Mapping[str, Wanted]


class Applying:
    """Applies in one company."""

    def __init__(self, api: Api, books: Books, search: Search, web: str) -> None:
        self._api, self._books, self._search, self._web = api, books, search, web

    def find(self, postings: Sequence[Posting]) -> dict[str, Posted]:
        """Those of which all is applied as they ask, whoever did it."""
        now = self._now(postings)
        done = (posting for posting in postings if self._wanted(posting, now) == ())
        return {posting.key: self._posted(posting, now) for posting in done}

    def apply(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """One outcome each; what is applied like that already is answered with that."""
        now = self._now(postings)
        for posting in postings:
            if problem := next(undeclared(posting, CAPABILITIES, self._books.lists), None):
                yield Rejected(key=posting.key, problem=problem)
                continue
            wanted = self._wanted(posting, now)
            if isinstance(wanted, Problem):
                yield Rejected(key=posting.key, problem=wanted)
            elif not wanted:
                yield self._posted(posting, now)
            else:
                watching().begin(LABEL)
                outcome = self._sent(posting, wanted, now)
                if isinstance(outcome, Posted):
                    for part in wanted:  # the next of the batch takes what this one leaves
                        before = now.invoices[part.ledger_id]
                        now.invoices[part.ledger_id] = Open(number=before.number, left=before.left - part.amount)
                yield outcome

    def _now(self, postings: Sequence[Posting]) -> Now:
        documents, targets = self._search.documents(postings), self._search.targets(postings)
        parts = {posting.key: targets.of(posting) for posting in postings}
        linked: defaultdict[str, set[str]] = defaultdict(set)
        paid: defaultdict[str, set[str]] = defaultdict(set)
        for posting in postings:
            record, found = posting.record, parts[posting.key]
            if isinstance(record, CreditNote):
                paying = links(documents.get(posting.reference, {}))
                linked[PAYERS[record.kind].entity] |= {bare for kind, bare in paying if kind == payer_link(record.kind)}
            paid[_paid(posting)] |= {part.ledger_id for part in found} if not isinstance(found, Problem) else set()
        invoices = {
            str(body["Id"]): Open(number=str(body.get("DocNumber") or body["Id"]), left=_decimal(body.get("Balance")))
            for body in self._among(paid)
        }
        payments = {str(body["Id"]): body for body in self._among(linked)}
        return Now(documents, payments, invoices, parts)

    def _among(self, wanted: Mapping[str, Iterable[str]]) -> Iterator[Body]:
        """Transactions by their ids, of each entity."""
        for entity, ids in wanted.items():
            yield from self._api.among(entity, "Id", ids)

    def _wanted(self, posting: Posting, now: Now) -> Wanted:
        parts, body = now.parts[posting.key], now.documents.get(posting.reference)
        if isinstance(parts, Problem):
            return parts
        entity = ENTITIES[posting.record.kind]
        there = None if body is None else standing(entity, body, self._books, self._web)
        applied = {} if body is None else _applied(posting, body, now.payments)
        return to_apply(_named(posting, parts), there, applied, now.invoices)

    def _sent(self, posting: Posting, wanted: Sequence[Applied], now: Now) -> Outcome:
        body, record = now.documents[posting.reference], posting.record
        if isinstance(record, CreditNote):
            entity, sent = PAYERS[record.kind].entity, credit_applied(posting, str(body["Id"]), wanted, self._books)
        else:
            entity, sent = ENTITIES[record.kind], _with_lines(body, wanted)
        try:
            answer, request_id = self._api.act(entity, {}, sent)
        except MayHaveHappened as doubt:
            return in_doubt(posting, doubt.problem.detail)
        if found := faults(answer):
            return refused(posting, refusal(posting.record, found, request_id, reference=posting.reference))
        if not isinstance(answer.get(entity), dict):
            return in_doubt(posting, f"an answer without the payment [{request_id}]")
        return posted(posting.key, ENTITIES[posting.record.kind], body, self._web)

    def _posted(self, posting: Posting, now: Now) -> Posted:
        entity, body = ENTITIES[posting.record.kind], now.documents[posting.reference]
        return posted(posting.key, entity, body, self._web, replayed=True)


def refused(posting: Posting, problem: Problem) -> Outcome:
    """What a refusal means for one write. Raises ``CannotRun`` of what concerns all of them."""
    if problem.code in BATCH_WIDE:
        raise CannotRun(Problem(code=problem.code, params=problem.params, detail=problem.detail))
    if problem.code == "outcome_unknown":
        return Unknown(key=posting.key, problem=problem)
    return Rejected(key=posting.key, problem=problem)


def in_doubt(posting: Posting, detail: str) -> Unknown:
    """A write of which nobody knows whether it was carried out."""
    return Unknown(key=posting.key, problem=problem_of(posting.record, "outcome_unknown", detail=detail))


def _named(posting: Posting, parts: tuple[Applied, ...]) -> Posting:
    """A posting whose parts go by the vendor's bare ids."""
    return Posting(
        key=posting.key, record=posting.record, action=posting.action, reference=posting.reference,
        customer=posting.customer, applied=parts, booked=posting.booked,
    )  # fmt: skip


def _applied(posting: Posting, body: Body, payments: Mapping[str, Body]) -> dict[str, Decimal]:
    """To which invoices a transaction goes, by their ids; what goes elsewhere by the type and id of that.

    A credit note goes where the payments go that use it and no other credit; where one uses several, only the vendor
    knows which went where.
    """
    there: defaultdict[str, Decimal] = defaultdict(Decimal)
    paid = _paid(posting)
    if not isinstance(posting.record, CreditNote):
        for kind, bare, amount in lines_of(body):
            there[bare if kind == paid else f"{kind} {bare}"] += amount
        return dict(there)
    own = [(ENTITIES[posting.record.kind], str(body["Id"]))]
    for kind, bare in links(body):
        lines = list(lines_of(payments[bare])) if kind == payer_link(posting.record.kind) and bare in payments else []
        others = [(line[0], line[1]) for line in lines if line[0] != paid]
        if others != own or _decimal(payments[bare]["TotalAmt"]):
            there[f"{kind} {bare}"] += _decimal(body.get("TotalAmt"))
            continue
        for _, invoice, amount in (line for line in lines if line[0] == paid):
            there[invoice] += amount
    return dict(there)


def lines_of(payment: Body) -> Iterator[tuple[str, str, Decimal]]:
    """Type, id and amount of what each line of a payment goes to."""
    for line in payment.get("Line") or []:
        for kind, bare in links(line):
            yield kind, bare, _decimal(line.get("Amount"))


def _with_lines(body: Body, wanted: Iterable[Applied]) -> Body:
    """A payment's update: its lines as they are, an invoice's amount added to its line where it has one."""
    parts: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for kind, bare, amount in lines_of(body):
        parts[kind, bare] += amount
    for part in wanted:
        parts[ENTITIES[Kind.INVOICE], part.ledger_id] += part.amount
    return with_lines(body, parts)


def _paid(posting: Posting) -> str:
    """The entity of what a payment or credit goes to."""
    record = posting.record
    return ENTITIES[record.pays] if isinstance(record, Payment | CreditNote) else ""


def _decimal(told: object) -> Decimal:
    return Decimal(str(told)) if told is not None else ZERO
