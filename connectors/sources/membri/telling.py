"""What Membri is told: status, reference, number and error, each record under the version that was just read.

A change of a row that is gone would make it anew (an upsert) without that, and one of a row that a person is changing
would hide what she did. What a person typed is never written over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from connectors.http import MayHaveHappened, Refused
from connectors.problems import CannotRun, Problem
from connectors.records import DOCUMENT_KINDS, PAYMENT_KINDS, Kind, SyncStatus
from connectors.rest.pages import Body
from connectors.source import Result
from connectors.sources.membri.fitting import Fitted, Section
from connectors.sources.membri.mapping import Names
from connectors.sources.membri.service import LABEL, VERSION, Api
from connectors.sources.tables import columns
from connectors.sources.web.reading import at, text_of

TRIES = 4
"""How often a row is read anew whose version moved, or of which nobody knows whether it was changed."""
CHANGED, GONE = 412, 404
UNKNOWN = "source_record_gone"
GIVES = {
    columns.ACCOUNTS.name: frozenset({Kind.CUSTOMER}),
    columns.DOCUMENTS.name: DOCUMENT_KINDS,
    columns.PAYMENTS.name: PAYMENT_KINDS,
}


class Telling:
    """Tells one chapter what became of its records."""

    def __init__(self, api: Api, fitted: Fitted, names: Names) -> None:
        self._api, self._fitted, self._names = api, fitted, names

    def tell(self, results: Sequence[Result]) -> Iterator[Problem]:
        """Tell one after the other; the problems of those that were not taken.

        Where nothing can be reached any more, the rest is not tried.
        """
        for place, result in enumerate(results):
            try:
                problem = self._tell(result)
            except Refused as refused:
                problem = refused.problem
            except CannotRun as cut:
                yield from (_of(each, cut.problems[0]) for each in results[place:])
                return
            if problem:
                yield _of(result, problem)

    def _tell(self, result: Result) -> Problem | None:
        """What is wrong where it was not taken; what was made here of a record of theirs is not theirs to be told."""
        problem = None
        for section in self._sections(result.kind) if _is_theirs(result.key) else ():
            problem = self._told(section, result)
            if problem is None or problem.code != UNKNOWN:
                break
        return problem

    def _sections(self, kind: Kind) -> Iterator[Section]:
        for section in self._fitted.sections.values():
            if section.told and kind in GIVES.get(section.reading.table.name, ()):
                yield section

    def _told(self, section: Section, result: Result) -> Problem | None:
        for _ in range(TRIES):
            row = self._row(section, result.key)
            if row is None:
                return self._problem(UNKNOWN)
            theirs = text_of(row.get(section.told.reference)) if section.told else ""
            if theirs not in ("", result.sync_reference, *result.former) and result.status is SyncStatus.COMPLETED:
                return self._problem("source_reference_differs", theirs=theirs, ours=result.sync_reference)
            if self._changed(section, row, self._values(section, row, result)):
                self._close(section, row, result)
                return None
        return self._problem("source_record_busy")

    def _values(self, section: Section, row: Body, result: Result) -> Body:
        """The columns that do not say it yet; a reference is taken away only where it was ours."""
        told = section.told
        assert told is not None
        done = result.status is SyncStatus.COMPLETED
        wanted: Body = {told.status: int(self._names.statuses[result.status])}
        if done or (result.status is SyncStatus.STAND_BY and text_of(row.get(told.reference)) in result.former):
            wanted |= {told.reference: result.sync_reference, told.number: result.ledger_number}
        wanted[told.error] = result.reason[: section.entity.lengths.get(told.error, len(result.reason))]
        if done and told.done and text_of(row.get(told.done.column)) == told.done.paid:
            wanted[told.done.column] = int(told.done.done)
        return {name: value or None if isinstance(value, str) else value for name, value in wanted.items()
                if name and text_of(row.get(name)) != text_of(value)}  # fmt: skip

    def _changed(self, section: Section, row: Body, values: Body) -> bool:
        """Whether the row says this now; not where its version moved, or nobody knows."""
        if not values:
            return True
        try:
            self._api.change(section.entity.entity_set, row[section.entity.identifier], str(row[VERSION]), values)
        except MayHaveHappened:
            return False
        except Refused as refused:
            if refused.answer.status not in (CHANGED, GONE):
                raise
            return False
        return True

    def _close(self, section: Section, row: Body, result: Result) -> None:
        """Call the invoices done that a payment pays, where they are transferred and paid. Raises ``CannotRun``."""
        if result.kind not in PAYMENT_KINDS or result.status is not SyncStatus.COMPLETED:
            return
        invoices = [each for each in self._sections(Kind.INVOICE) if each.told and each.told.done]
        for key in dict.fromkeys(self._paid(section, row)) if invoices else ():
            for each in invoices:
                self._done(each, key)

    def _paid(self, section: Section, row: Body) -> Iterator[str]:
        """The invoices that a payment pays: that of its own row, and those of its parts."""
        if parts := section.reading.paths.get("invoice"):
            yield text_of(at(row, parts[0].path))
        for each in self._fitted.sections.values():
            if each.reading.table is columns.ALLOCATIONS:
                [payment], [invoice] = each.reading.paths["payment"], each.reading.paths["invoice"]
                query = {"$select": f"{payment.path},{invoice.path}",
                         "$filter": f"{payment.path} eq {row[section.entity.identifier]}"}  # fmt: skip
                yield from (text_of(at(body, invoice.path)) for body in self._api.rows(each.entity.entity_set, query))

    def _done(self, section: Section, key: str) -> None:
        for _ in range(TRIES):
            row = self._row(section, key) if key else None
            told, completed = section.told, self._names.statuses[SyncStatus.COMPLETED]
            if row is None or told is None or told.done is None or text_of(row.get(told.status)) != completed:
                return
            paid = text_of(row.get(told.done.column)) == told.done.paid
            if self._changed(section, row, {told.done.column: int(told.done.done)} if paid else {}):
                return
        raise CannotRun(self._problem("source_record_busy"))

    def _row(self, section: Section, key: str) -> Body | None:
        told = section.told.columns.values() if section.told else ()
        invoice = [part.path for part in section.reading.paths.get("invoice", ())]
        asked: Iterable[str] = (section.entity.identifier, *told, *invoice)
        return self._api.row(section.entity.entity_set, key, list(dict.fromkeys(asked)))

    def _problem(self, code: str, **params: str) -> Problem:
        return Problem(code=code, params={"ledger": LABEL, **params})


def _is_theirs(key: str) -> bool:
    """Whether a key is an identifier of Dataverse: what is made here of their records has keys of its own."""
    try:
        return str(UUID(key)) == key.lower()
    except ValueError:
        return False


def _of(result: Result, problem: Problem) -> Problem:
    return replace(problem, kind=result.kind, key=result.key, number=result.number)
