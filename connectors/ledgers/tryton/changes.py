"""What happened in a company's Tryton: what was made or written since a moment, as its records themselves say.

A party that was replaced by another names it, an invoice that was cancelled says so, and a posted move is cancelled by
a move whose origin it is. What was deleted leaves no trace in Tryton; it deletes nothing that is posted, and no party
that is used.

Assumption: Tryton keeps the times of a record in UTC (``ModelStorage``), and its clock and ours differ by minutes at
most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.ledger import Change, Changes
from connectors.ledgers.tryton.books import ANY, Books
from connectors.ledgers.tryton.exchange import in_own_currency
from connectors.ledgers.tryton.found import AT_ONCE, INVOICE, INVOICE_LINE, LINE, MOVE, PARTY
from connectors.ledgers.tryton.mapping import KEY, MECHANISMS
from connectors.ledgers.tryton.rpc import Row, Rpc
from connectors.ledgers.tryton.standings import KINDS
from connectors.ledgers.tryton.targets import AMOUNTS
from connectors.records import (
    TYPES,
    Customer,
    EntryLine,
    InvoiceLine,
    JournalEntry,
    Payment,
    Transferable,
    What,
)

IDENTIFIER = "party.identifier"

CUSTOMER = frozenset({"name", *MECHANISMS})
DOCUMENT = frozenset({"date", "customer", "currency", "lines", "subtotal", "tax", "total"})
PAYMENT = frozenset({"date", "customer", "currency", "amount"})
ENTRY = frozenset({"date", "currency", "lines", "memo"})
OURS = frozenset({"date"})
"""Of a move that we posted: a posted move does not change, so that there is nothing more to compare."""


@dataclass(frozen=True)
class Telling:
    """Tells what happened in one company since a moment; ``web`` is where Tryton's web client answers."""

    rpc: Rpc
    books: Books
    web: str
    since: datetime

    def changes(self) -> Changes:
        """Everything. Raises ``CannotRun``."""
        until = datetime.now(UTC)
        return Changes(until=until, changes=(*self._parties(), *self._invoices(), *self._moves()))

    def _parties(self) -> Iterator[Change]:
        clauses = [*self._touched(), *self._touched("contact_mechanisms.")]
        fields = ("code", "name", *MECHANISMS, "active", "replaced_by", "replaced_by.code")
        # One question for each clause: Tryton adds to every OR that it means the active ones.
        found = (self._rows(PARTY, [clause, ANY, ["id", "!=", self.books.party]], *fields) for clause in clauses)
        rows = list({row["id"]: row for some in found for row in some}.values())
        keys = self._parts(IDENTIFIER, "party", rows, "code")
        for row in rows:
            told: dict[str, Any] = {kind: row[kind] or "" for kind in MECHANISMS}
            record = Customer(key=row["code"], number=row["code"], name=row["name"] or row["code"], **told)
            gone = None if row["active"] else What.MERGED if row["replaced_by"] else What.DELETED
            into = row["replaced_by."]["code"] if row["replaced_by"] else ""
            key = keys[row["id"]][-1]["code"] if keys[row["id"]] else ""
            yield self._change(row, PARTY, row["code"], record, CUSTOMER, key=key, gone=gone, merged_into=into)

    def _invoices(self) -> Iterator[Change]:
        mine = [["company", "=", self.books.company], ["state", "in", ["posted", "paid", "cancelled"]]]
        fields = ("type", "state", "number", "reference", "invoice_date", "accounting_date", "party.code", "party.name",
                  "currency.code", "untaxed_amount", "tax_amount", "total_amount")  # fmt: skip
        rows = self._rows(INVOICE, [["OR", *self._touched()], *mine], *fields)
        lines = self._parts(INVOICE_LINE, "invoice", rows, "description", "amount", "note", "type")
        for row in rows:
            sign = -1 if row["total_amount"] < 0 else 1
            make: Any = TYPES[KINDS[row["type"], sign < 0]]
            record: Transferable = make(
                key=f"{INVOICE},{row['id']}",
                number=row["reference"] or row["number"] or "",
                date=row["accounting_date"] or row["invoice_date"],
                customer=row["party."]["code"],
                currency=row["currency."]["code"],
                lines=tuple(
                    InvoiceLine(
                        key=str(line["id"]),
                        number=n,
                        description=line["description"] or "",
                        amount=sign * line["amount"],
                    )
                    for n, line in enumerate(lines[row["id"]], 1)
                    if line["type"] == "line"
                ),
                subtotal=sign * row["untaxed_amount"],
                tax=sign * row["tax_amount"],
                total=sign * row["total_amount"],
            )
            key = next((line["note"] for line in lines[row["id"]] if line["note"]), "")
            gone = What.VOIDED if row["state"] == "cancelled" else None
            yield self._change(row, INVOICE, record.key, record, DOCUMENT, key, row["party."]["name"], gone)

    def _moves(self) -> Iterator[Change]:
        mine = [["company", "=", self.books.company], ["state", "=", "posted"]]
        fields = ("origin", "description", "number", "date", "journal.type")
        rows = self._rows(MOVE, [["OR", *self._touched()], *mine], *fields)
        cancelled = {row["origin"]: row for row in rows if str(row["origin"] or "").startswith(f"{MOVE},")}
        lines = self._parts(LINE, "move", rows, "account.code", "description", "party", "party.code", "party.name",
                            *AMOUNTS)  # fmt: skip
        for row in rows:
            if not row["origin"]:
                yield self._move(row, lines[row["id"]], None)
        for row in self._named([int(origin.partition(",")[2]) for origin in cancelled], fields):
            by = cancelled[f"{MOVE},{row['id']}"]
            if not row["origin"]:
                times = {name: by[name] for name in ("create_date", "write_date")}
                yield self._move({**row, **times}, [], What.VOIDED)

    def _move(self, row: Row, lines: list[Row], gone: What | None) -> Change:
        described = KEY.search(row["description"] or "")
        text = (row["description"] or "")[: described.start() if described else None].strip()
        common: dict[str, Any] = {
            "key": f"{MOVE},{row['id']}",
            "number": text if described else row["number"] or "",
            "date": row["date"],
            "currency": self.books.home,
            "memo": "" if described else text,
        }
        owed = [line for line in lines if line["account."]["code"] == self.books.receivable]
        name = owed[0]["party."]["name"] if len(owed) == 1 and owed[0]["party"] else ""
        record: Transferable
        if name and row["journal."]["type"] == "cash" and owed[0]["credit"] and not described:
            currency, [line] = in_own_currency(owed)
            common["currency"] = currency or self.books.home
            record = Payment(**common, customer=line["party."]["code"], amount=line["credit"])
            told = PAYMENT
        else:
            record, told = JournalEntry(**common, lines=tuple(map(_entry, lines))), OURS if described else ENTRY
        key = described["key"] if described else ""
        return self._change(row, MOVE, record.key, record, told, key, name, gone)

    def _change(
        self,
        row: Row,
        model: str,
        ledger_id: str,
        record: Transferable,
        told: frozenset[str],
        key: str,
        name: str = "",
        gone: What | None = None,
        merged_into: str = "",
    ) -> Change:
        made, written = _utc(row["create_date"]), _utc(row["write_date"] or row["create_date"])
        return Change(
            what=gone or (What.CREATED if made >= self.since else What.CHANGED),
            kind=record.kind,
            ledger_id=ledger_id,
            when=written,
            key=key,
            number=record.number,
            name=record.name if isinstance(record, Customer) else name,
            record=None if gone else record,
            told=frozenset() if gone else told,
            merged_into=merged_into,
            url=f"{self.web}/model/{model}/{row['id']}",
        )

    def _rows(self, model: str, domain: list[object], *fields: str) -> list[Row]:
        return self.rpc.rows(model, domain, *fields, "create_date", "write_date")

    def _named(self, ids: Collection[int], fields: tuple[str, ...]) -> list[Row]:
        return self._rows(MOVE, [["id", "in", sorted(ids)]], *fields) if ids else []

    def _touched(self, through: str = "") -> list[list[object]]:
        """The clauses of what was made or written since, itself or something of it."""
        since = self.since.astimezone(UTC)
        return [[f"{through}{name}", ">=", since] for name in ("create_date", "write_date")]

    def _parts(self, model: str, owner: str, rows: list[Row], *fields: str) -> defaultdict[int, list[Row]]:
        """What belongs to these records, by their ids, the oldest first."""
        found: defaultdict[int, list[Row]] = defaultdict(list)
        ids = [row["id"] for row in rows]
        for start in range(0, len(ids), AT_ONCE):
            for part in self.rpc.rows(model, [[owner, "in", ids[start : start + AT_ONCE]]], owner, *fields):
                found[part[owner]].append(part)
        return found


def _entry(line: Row) -> EntryLine:
    code = line["account."]["code"] or ""
    return EntryLine(
        account=code,
        ledger_account=code,
        debit=line["debit"],
        credit=line["credit"],
        memo=line["description"] or "",
        customer=line["party."]["code"] if line["party"] else "",
    )


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)
