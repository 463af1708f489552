"""Taking documents back, by what Tryton itself has for it: nothing posted is ever deleted there.

A move is cancelled by one with the opposite amounts, on the same day. A purchase is cancelled the same way, and a sale
where the company allows it (``cancel_invoice_out``); elsewhere Tryton credits a sale in full and cancels it with that,
on its own day or on that of the last sale that was numbered, as Tryton numbers them in order. An invoice that is
reversed on a later day than its own is credited on that day, whichever it is. What was matched with it
is unmatched and untied first (wizards ``account.move.cancel``, ``account.invoice.credit`` and
``account.move.unreconcile_lines``, 8.2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from connectors.applying import Open, beyond_open
from connectors.ledger import Outcome, Posted, Posting, Rejected, Unknown
from connectors.ledgers.tryton.batch import WARNINGS
from connectors.ledgers.tryton.books import Books
from connectors.ledgers.tryton.checks import CAPABILITIES
from connectors.ledgers.tryton.found import INVOICE, LINE, MOVE, id_of
from connectors.ledgers.tryton.numbers import SALES, issued
from connectors.ledgers.tryton.problems import NoAnswer, Refusal, refusal_of, unknown
from connectors.ledgers.tryton.returning import pay_again
from connectors.ledgers.tryton.rpc import TRYTON, Rpc
from connectors.ledgers.tryton.standings import Now, Standings
from connectors.ledgers.tryton.targets import targets
from connectors.problems import Problem, problem_of
from connectors.records import Kind
from connectors.undoing import obstacle
from connectors.watch import watching


class Undoing:
    """Undoes in one company."""

    def __init__(self, rpc: Rpc, books: Books, standings: Standings) -> None:
        self._rpc, self._books, self._standings = rpc, books, standings

    def read(self, postings: Sequence[Posting]) -> dict[str, Now]:
        """What Tryton now has of these references."""
        ids: defaultdict[str, list[int]] = defaultdict(list)
        for posting in postings:
            if number := id_of(posting.reference):
                ids[posting.reference.partition(",")[0]].append(number)
        found = (*self._standings.invoices(ids[INVOICE]), *self._standings.moves(ids[MOVE]))
        return {now.standing.ledger_id: now for now in found}

    def undone(self, postings: Sequence[Posting]) -> dict[str, Posted]:
        """The voids whose document is void or gone."""
        now = self.read(postings)
        return {
            p.key: Posted(key=p.key, ledger_id=p.reference, replayed=True)
            for p in postings
            if p.record.kind in CAPABILITIES.voids and (p.reference not in now or now[p.reference].standing.void)
        }

    def undo(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """One outcome each, in a transaction of Tryton's own; what is void or gone already is answered with that."""
        present = self.read(postings)
        for posting in postings:
            now = present.get(posting.reference)
            if problem := obstacle(posting, CAPABILITIES, None):
                yield Rejected(key=posting.key, problem=problem)
            elif now is None or now.standing.void:
                yield Posted(key=posting.key, ledger_id=posting.reference, replayed=True)
            elif problem := self._refused(posting, now):
                yield Rejected(key=posting.key, problem=problem)
            else:
                watching().begin(TRYTON.label)
                yield self._taken_out(posting, now)

    def _refused(self, posting: Posting, now: Now) -> Problem | None:
        if problem := obstacle(posting, CAPABILITIES, now.standing):
            return problem
        there = targets(self._rpc, self._books, [posting]) if posting.returned else {}
        for part in posting.applied if posting.returned else ():
            target = there.get((Kind.INVOICE, part.ledger_id))
            if target is None:
                return problem_of(posting.record, "deleted_in_ledger", reference=part.ledger_id)
            document = Open(number=target.number, left=target.left)
            if problem := beyond_open(posting.record, posting.returned, document, part.amount):
                return problem
        period = self._books.period(now.on)
        if posting.reverse_on:
            # Tryton dates what cancels a move today, where the period of the move is closed, and on its day elsewhere.
            closed = period is not None and not period.open
            today = now.model == INVOICE or closed
            return None if today else problem_of(posting.record, "undo_in_past", column="date", date=str(now.on))
        if period is None or not period.open:
            closing = str(self._books.closing_date or now.on)
            return problem_of(posting.record, "period_closed", column="date", date=str(now.on), closing_date=closing)
        return None

    def _taken_out(self, posting: Posting, now: Now) -> Outcome:
        tied = self._tied(now.lines)
        try:
            self.wizard("account.move.unreconcile_lines", "unreconcile", {}, LINE, now.lines)
            self._tie(dict.fromkeys(tied))
            if now.model == MOVE:
                described = {"description": f"{posting.record.number} [{posting.key}]".strip(), "reversal": True}
                self.wizard("account.move.cancel", "cancel", {"default": described}, MOVE, [now.id])
            elif now.cancels and not posting.reverse_on:
                self._confirmed(lambda: self._rpc.model(INVOICE, "cancel", [now.id]))
            else:
                self.wizard(
                    "account.invoice.credit",
                    "credit",
                    {"start": self._credit(now, posting.reverse_on or now.on)},
                    INVOICE,
                    [now.id],
                )
        except (Refusal, NoAnswer) as failure:
            after = self.read([posting]).get(posting.reference)
            if after is None or not after.standing.void:
                with suppress(Refusal, NoAnswer):
                    self._tie(tied)
                return self._failed(posting, failure)
        if posting.returned:
            with suppress(Refusal, NoAnswer):
                pay_again(self._rpc, self._books, posting)
        return Posted(key=posting.key, ledger_id=posting.reference)

    def _tied(self, lines: Sequence[int]) -> dict[int, int | None]:
        """To which invoice each of the lines is tied as its payment."""
        rows = self._rpc.rows(LINE, [["id", "in", list(lines)]], "invoice_payment") if lines else []
        return {row["id"]: row["invoice_payment"] for row in rows if row["invoice_payment"]}

    def _tie(self, invoices: Mapping[int, int | None]) -> None:
        for line, invoice in invoices.items():
            self._rpc.model(LINE, "write", [line], {"invoice_payment": invoice})

    def _failed(self, posting: Posting, failure: Refusal | NoAnswer) -> Outcome:
        if isinstance(failure, Refusal) and failure.certain:
            return Rejected(key=posting.key, problem=refusal_of(posting.record, failure))
        return Unknown(key=posting.key, problem=unknown(posting.record, str(failure)))

    def _credit(self, now: Now, on: date) -> Mapping[str, object]:
        """What is asked of the wizard that credits a document; of a sale in the order that Tryton numbers them in."""
        period, sold = self._books.period(on), now.standing.kind in SALES
        latest = issued(self._rpc, self._books, [on]) if sold else {}
        day = max(on, latest.get(period.fiscal_year if period else 0, on))
        return {"with_refund": True, "with_refund_allowed": True, "invoice_date": day}

    def wizard(self, name: str, state: str, data: Mapping[str, object], model: str, ids: Sequence[int]) -> None:
        """Run one of Tryton's wizards over records, as a person would from a list."""
        if not ids:
            return
        session, _, _ = self._rpc.call(f"wizard.{name}.create", self._rpc.context)
        context = {**self._rpc.context, "active_model": model, "active_id": ids[0], "active_ids": list(ids)}
        self._confirmed(lambda: self._rpc.call(f"wizard.{name}.execute", session, data, state, context))
        self._rpc.call(f"wizard.{name}.delete", session, self._rpc.context)

    def _confirmed(self, call: Any) -> None:  # noqa: ANN401 - whatever the call gives is not looked at
        """Confirm the warnings that a person would confirm."""
        for attempt in range(WARNINGS + 1):
            try:
                call()
            except Refusal as refusal:
                if not refusal.harmless or attempt == WARNINGS:
                    raise
                self._rpc.call("model.res.user.warning.skip", refusal.name, False, self._rpc.context)
            else:
                return
