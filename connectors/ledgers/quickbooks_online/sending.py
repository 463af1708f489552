"""Writes on their way: batches of independent items and requests of one, and what is known when no answer comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from connectors.booking.recipes import Answer, Body, Done, Doubt, Refusal, Stopped, Write
from connectors.http import MayHaveHappened
from connectors.ledger import Action, Posting
from connectors.ledgers.quickbooks_online.books import SUPPLIER, Books, foreign
from connectors.ledgers.quickbooks_online.mapping import leaves_number
from connectors.ledgers.quickbooks_online.naming import CODES, Naming
from connectors.ledgers.quickbooks_online.problems import BATCH_WIDE, Fault, faults, refusal
from connectors.ledgers.quickbooks_online.queries import Api
from connectors.problems import CannotRun, problem_of
from connectors.records import Customer

BATCH, ALONE = "batch", "alone"
"""How a write leaves, the first word of where it goes: with others in one request, or by itself."""
AT_ONCE = 30
BUSINESS = "6000"
"""The vendor's code for what is against any of its rules that has no code of its own."""


class Sending:
    """Carries out the writes of one round, to one company."""

    def __init__(self, api: Api, books: Books) -> None:
        self._api, self._books = api, books

    def of(self, writes: Sequence[Write]) -> list[Answer]:
        """One answer for each: those of a batch in one request, at most 30, the others one by one."""
        answers: dict[int, Answer] = {}
        together = [place for place, write in enumerate(writes) if write.to.startswith(BATCH)]
        for start in range(0, len(together), AT_ONCE):
            some = together[start : start + AT_ONCE]
            answers |= dict(zip(some, self._together([writes[place] for place in some]), strict=True))
        return [answers[place] if place in answers else self._alone(write) for place, write in enumerate(writes)]

    def _together(self, writes: Sequence[Write]) -> list[Answer]:
        requests = []
        for number, write in enumerate(writes, start=1):
            _, operation, entity = write.to.split()
            requests.append({"bId": f"{number}", "operation": operation, entity: write.body})
        try:
            answers, request_id = self._api.batch(requests)
        except MayHaveHappened as doubt:
            return [Doubt(doubt.problem.detail)] * len(writes)
        except CannotRun as why:
            return [Stopped(why)] * len(writes)
        return [
            self._answered(write, answers.get(f"{number}") or {}, request_id)
            for number, write in enumerate(writes, start=1)
        ]

    def _alone(self, write: Write, also: Mapping[str, str] | None = None) -> Answer:
        _, how, entity = write.to.split()
        parameters = also or dict(part.split("=") for part in how.split("&") if "=" in part)
        try:
            answer, request_id = self._api.act(entity, parameters, write.body)
        except MayHaveHappened as doubt:
            return Doubt(doubt.problem.detail)
        except CannotRun as why:
            return Stopped(why)
        return self._answered(write, answer, request_id)

    def _answered(self, write: Write, answer: Body, request_id: str) -> Answer:
        """What a write was answered; one that is refused while nobody can find out why ends the run."""
        entity = write.to.split()[-1]
        if found := faults(answer):
            try:
                return self._refused(write, found, request_id)
            except CannotRun as why:
                return Stopped(why, refusal(write.posting.record, found, request_id, **self._known(write.posting)))
        body: Any = answer.get(entity)
        if not isinstance(body, dict) or "Id" not in body:
            return Doubt(f"an answer without the {entity} [{request_id}]")
        return Done({entity: body})

    def _refused(self, write: Write, found: tuple[Fault, ...], request_id: str) -> Answer:
        posting, is_item = write.posting, write.to.startswith(BATCH)
        problem = refusal(posting.record, found, request_id, **self._known(posting))
        if problem.code == "outcome_unknown":
            return Doubt(problem.detail)
        if problem.code in BATCH_WIDE:
            return Stopped(CannotRun(replace(problem, kind=None, key="", number="")), problem)
        if is_item and found[0].code == BUSINESS and (kept := self._kept_in(posting)):
            problem = problem_of(posting.record, "account_in_another_currency", column="currency", **kept)
        if is_item and found[0].code in CODES and (reason := self._naming.reason(write)):
            problem = replace(reason, detail=problem.detail)
        if problem.code == "number_taken" and write.to.startswith(f"{BATCH} create"):
            return self._beside_others(write) or Refusal(problem)
        return Refusal(problem)

    def _beside_others(self, write: Write) -> Answer | None:
        """Book under a number that nothing has but what leaves it to this one too: void or known to be another."""
        posting, entity = write.posting, write.to.split()[-1]
        bodies = self._api.among(entity, "DocNumber", [posting.record.number])
        alike = [body for body in bodies if str(body.get("DocNumber")) == posting.record.number]
        if not alike or not all(leaves_number(posting, entity, body) for body in alike):
            return None
        alone = replace(write, to=f"{ALONE} - {entity}")
        answer = self._alone(alone, {"include": "allowduplicatedocnum"})
        return None if isinstance(answer, Refusal) else answer

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

    def _known(self, posting: Posting) -> dict[str, str]:
        """What our sentences need beside the vendor's words."""
        closed = str(self._books.closing_date) if self._books.closing_date else ""
        reference = posting.reference or posting.customer
        if posting.applied and posting.action is Action.CREATE:
            reference = ", ".join(part.ledger_id for part in posting.applied)
        return {name: told for name, told in (("closing_date", closed), ("reference", reference)) if told}

    @cached_property
    def _naming(self) -> Naming:
        return Naming(self._api, self._books)
