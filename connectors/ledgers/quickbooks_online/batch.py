"""Posting: one batch of independent items, one outcome each, and what is known when the answer does not come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.exchange import rate_of
from connectors.http import MayHaveHappened
from connectors.ledger import Action, Outcome, Posting, Rejected, Unknown
from connectors.ledgers.quickbooks_online.books import SUPPLIER, Books, control_accounts, foreign
from connectors.ledgers.quickbooks_online.checks import refused
from connectors.ledgers.quickbooks_online.crediting import Crediting
from connectors.ledgers.quickbooks_online.forms import ENTITIES
from connectors.ledgers.quickbooks_online.found import Search
from connectors.ledgers.quickbooks_online.items import Item, unknown
from connectors.ledgers.quickbooks_online.mapping import body_of, posted
from connectors.ledgers.quickbooks_online.naming import CODES, Naming
from connectors.ledgers.quickbooks_online.parties import changes, form_of
from connectors.ledgers.quickbooks_online.problems import BATCH_WIDE, Fault, faults, refusal
from connectors.ledgers.quickbooks_online.queries import Api, Body
from connectors.ledgers.quickbooks_online.returning import Returning
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import Customer, JournalEntry, ReturnedPayment

BUSINESS = "6000"
"""The vendor's code for what is against any of its rules that has no code of its own."""
ADOPTED = frozenset({"name_taken", "number_taken"})
"""Refusals that may mean that the document is there already, and ours."""


class Batch:
    """Posts to one company."""

    def __init__(self, api: Api, books: Books, search: Search, web: str) -> None:
        self._api, self._books, self._search, self._web = api, books, search, web
        self._naming = Naming(api, books)

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """One outcome per posting; what is refused here is never sent."""
        going = []
        for posting in postings:
            if problem := self._refusal(posting):
                yield Rejected(key=posting.key, problem=problem)
            else:
                going.append(posting)
        if not going:
            return
        crediting = Crediting(self._api, self._books, self._search, self._web)
        returning = Returning(self._api, self._search, self._web)
        items: list[Item] = []
        applied: list[Item] = []
        sendable: list[Item] = []
        yield from _decided(self._items(going), items)
        yield from _decided(crediting.prepare(items), applied)
        yield from _decided(returning.prepare(applied), sendable)
        sent = self._send(sendable)
        yield from (outcome for outcome in sent if not (crediting.takes(outcome) or returning.takes(outcome)))
        yield from crediting.apply(self._send)
        yield from returning.apply(self._send)

    def _refusal(self, posting: Posting) -> Problem | None:
        """Why a posting is not sent; a number that another document has among it, which a company may let pass."""
        taken = self._search.taken.pop(posting.key, "")
        if problem := refused(posting, self._books):
            return problem
        return problem_of(posting.record, "number_taken", column="number", number=taken) if taken else None

    def _items(self, postings: Sequence[Posting]) -> Iterator[Item | Outcome]:
        now = self._search.parties(postings)
        targets = self._search.targets(postings)
        books = self._books
        if any(_is_foreign_entry(posting, books) for posting in postings):
            books = replace(books, controls=control_accounts(self._api))
        for posting in postings:
            applied = targets.of(posting)
            if isinstance(applied, Problem):
                yield Rejected(key=posting.key, problem=applied)
            elif isinstance(posting.record, Customer):
                yield self._party(posting, posting.record, now)
            else:
                body = body_of(posting, books, applied)
                yield Item(posting=posting, entity=ENTITIES[posting.record.kind], body=body, applied=applied)

    def _party(self, posting: Posting, customer: Customer, now: Mapping[str, Body]) -> Item | Outcome:
        form = form_of(customer)
        if posting.action is Action.CREATE:
            return Item(posting=posting, entity=form.entity, body=form.body(posting, self._books))
        if posting.reference not in now:
            problem = problem_of(customer, "account_unknown_in_ledger", column="account", reference=posting.reference)
            return Rejected(key=posting.key, problem=problem)
        body = changes(posting, customer, self._books, now[posting.reference])
        return Item(posting=posting, entity=form.entity, body=body, operation="update")

    def _send(self, items: Sequence[Item]) -> Iterator[Outcome]:
        if not items:
            return
        by_id = {f"{number}": item for number, item in enumerate(items, start=1)}
        requests = [{"bId": bid, "operation": item.operation, item.entity: item.body} for bid, item in by_id.items()]
        try:
            answers, request_id = self._api.batch(requests)
        except MayHaveHappened as doubt:
            yield from (unknown(item, doubt.problem.detail) for item in items)
            return
        stopping = None
        for bid, item in by_id.items():
            outcome = self._outcome(item, answers.get(bid), request_id)
            if isinstance(outcome, Rejected) and outcome.problem.code in BATCH_WIDE:
                stopping = outcome.problem
            yield outcome
        if stopping:
            raise CannotRun(replace(stopping, kind=None, key="", number=""))

    def _outcome(self, item: Item, answer: Body | None, request_id: str) -> Outcome:
        key = item.posting.key
        found = faults(answer)
        if answer is not None and found:
            return self._refused(item, found, request_id)
        body: Any = (answer or {}).get(item.entity)
        if not isinstance(body, dict) or "Id" not in body:
            return unknown(item, f"no answer for this item of the batch [{request_id}]")
        return posted(key, item.entity, body, self._web)

    def _refused(self, item: Item, found: tuple[Fault, ...], request_id: str) -> Outcome:
        posting = item.posting
        problem = refusal(posting.record, found, request_id, **self._known(item))
        if found[0].code == BUSINESS and (kept := self._kept_in(posting)):
            problem = problem_of(posting.record, "account_in_another_currency", column="currency", **kept)
        if found[0].code in CODES and (reason := self._naming.reason(item)):
            problem = replace(reason, detail=problem.detail)
        if problem.code == "outcome_unknown":
            return Unknown(key=posting.key, problem=problem)
        alone = Search(self._api, self._books, self._web)
        found_there = alone.find([posting]) if problem.code in ADOPTED else {}
        ours: Outcome | None = found_there.get(posting.key)
        if ours is None and problem.code == "number_taken" and item.operation == "create":
            ours = self._beside_the_void(item)
        return ours or Rejected(key=posting.key, problem=problem)

    def _beside_the_void(self, item: Item) -> Outcome | None:
        """Book under a number that what is void alone still holds: the accountant undid that, and transfers it anew."""
        if not self._search.void_alone(item.entity, item.posting.record.number):
            return None
        try:
            answer, request_id = self._api.act(item.entity, {"include": "allowduplicatedocnum"}, item.body)
        except MayHaveHappened as doubt:
            return unknown(item, doubt.problem.detail)
        return None if faults(answer) else self._outcome(item, answer, request_id)

    def _kept_in(self, posting: Posting) -> dict[str, str]:
        """Of a document in another currency than its customer or supplier is kept in, both; nothing of any other.

        The vendor has one code for all that is against its rules, and words in the company's language.
        """
        record, reference = posting.record, posting.customer
        if isinstance(record, Customer) or not (self._books.multi_currency and reference):
            return {}
        entity = "Vendor" if reference.startswith(SUPPLIER) else "Customer"
        for party in self._api.among(entity, "Id", [reference.removeprefix(SUPPLIER)]):
            kept = foreign(party, self._books.home) or self._books.home
            if kept != record.currency:
                return {"account": str(party["DisplayName"]), "kept": kept, "currency": record.currency}
        return {}

    def _known(self, item: Item) -> dict[str, str]:
        """What our sentences need beside the vendor's words."""
        closed = str(self._books.closing_date) if self._books.closing_date else ""
        reference = item.posting.customer or item.posting.reference
        if item.applied:
            reference = ", ".join(part.ledger_id for part in item.posting.applied)
        return {name: told for name, told in (("closing_date", closed), ("reference", reference)) if told}


def _is_foreign_entry(posting: Posting, books: Books) -> bool:
    """Whether it is written as a journal entry in a foreign currency."""
    return (
        isinstance(posting.record, JournalEntry | ReturnedPayment) and rate_of(posting.record, books.home) is not None
    )


def _decided(made: Iterable[Item | Outcome], items: list[Item]) -> Iterator[Outcome]:
    """The outcomes of what is not sent; what still is goes to the items."""
    for each in made:
        if isinstance(each, Item):
            items.append(each)
        else:
            yield each
