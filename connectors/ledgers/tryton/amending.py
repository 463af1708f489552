"""Changing what a posted invoice says and no amount hangs on, as far as Tryton lets anybody.

Of a posted invoice its description and those of its lines may be written by an administrator, or by who is in the group
*Account Administration*, and of a line of a posted move the maturity date, as long as nothing is reconciled with it
(``_check_modify_exclude`` and the states of these fields of ``Invoice``, ``InvoiceLine`` and ``Line``, 8.2). What the
user is goes along in the context, as Tryton's own clients send it. A posted move says for ever what it said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.amending import DESCRIPTION, amended, line_texts, to_amend
from connectors.ledger import Outcome, Posted, Posting, Rejected, Unknown
from connectors.ledgers.tryton.books import Books
from connectors.ledgers.tryton.checks import CAPABILITIES
from connectors.ledgers.tryton.found import INVOICE, INVOICE_LINE, LINE
from connectors.ledgers.tryton.mapping import one_line
from connectors.ledgers.tryton.problems import NoAnswer, Refusal, refusal_of, unknown
from connectors.ledgers.tryton.rpc import TRYTON, Rpc
from connectors.ledgers.tryton.standings import Now
from connectors.ledgers.tryton.undoing import Undoing
from connectors.problems import Problem, problem_of
from connectors.records import Document, Transferable
from connectors.refusals import undeclared
from connectors.watch import watching

RIGHTS = ("groups", "administrator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an invoice says: the ids of its lines and of those that are to be paid, and its fields as texts."""

    lines: tuple[int, ...]
    to_pay: tuple[int, ...]
    fields: Mapping[str, str]


class Amending:
    """Amends in one company; ``reading`` reads documents by their ids."""

    def __init__(self, rpc: Rpc, books: Books, reading: Undoing) -> None:
        self._rpc, self._books, self._reading = rpc, books, reading

    def find(self, postings: Sequence[Posting]) -> dict[str, Posted]:
        """Those that say all that is asked for, whoever wrote it."""
        now = self._reading.read(postings)
        said = self._said(now)
        return {p.key: _posted(p, now[p.reference], replayed=True) for p in postings if _wanted(p, now, said) == ()}

    def amend(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        """One outcome each; what says so already is answered with that."""
        now = self._reading.read(postings)
        said = self._said(now)
        for posting in postings:
            refused = next(undeclared(posting, CAPABILITIES, self._books.own), None)
            wanted = refused or _wanted(posting, now, said)
            if isinstance(wanted, Problem):
                yield Rejected(key=posting.key, problem=wanted)
            elif not wanted:
                yield _posted(posting, now[posting.reference], replayed=True)
            else:
                watching().begin(TRYTON.label)
                yield self._written(posting, wanted, now[posting.reference], said[posting.reference])

    def _written(self, posting: Posting, wanted: Sequence[str], now: Now, said: Said) -> Outcome:
        record = posting.record
        values: dict[str, object] = {"description": _field(record, "memo")} if "memo" in wanted else {}
        if DESCRIPTION in wanted:
            texts = zip(said.lines, line_texts(record), strict=True)
            values["lines"] = [["write", [number], {"description": text}] for number, text in texts]
        try:
            if "due" in wanted and isinstance(record, Document):
                self._rpc.model(LINE, "write", list(said.to_pay), {"maturity_date": record.due or record.date})
            if values:
                may = self._rpc.model("res.user", "get_preferences", True)
                rights = {name: may[name] for name in RIGHTS if name in may}
                self._rpc.model(INVOICE, "write", [now.id], values, **rights)
        except Refusal as refusal:
            if refusal.certain:
                return Rejected(key=posting.key, problem=refusal_of(record, refusal))
            return Unknown(key=posting.key, problem=unknown(record, str(refusal)))
        except NoAnswer as failure:
            return Unknown(key=posting.key, problem=unknown(record, str(failure)))
        return _posted(posting, now)

    def _said(self, now: Mapping[str, Now]) -> dict[str, Said]:
        """What the invoices among some documents say."""
        invoices = {each.id: each for each in now.values() if each.model == INVOICE}
        if not invoices:
            return {}
        heads = self._rpc.rows(INVOICE, [["id", "in", sorted(invoices)]], "description")
        lines = defaultdict(list)
        mine = [["invoice", "in", sorted(invoices)], ["type", "=", "line"]]
        for row in self._rpc.rows(INVOICE_LINE, mine, "invoice", "description"):
            lines[row["invoice"]].append(row)
        owed = sorted(line for each in invoices.values() for line in each.lines)
        days = {row["id"]: row["maturity_date"] for row in self._rpc.rows(LINE, [["id", "in", owed]], "maturity_date")}
        return {
            invoices[head["id"]].standing.ledger_id: Said(
                lines=tuple(row["id"] for row in lines[head["id"]]),
                to_pay=invoices[head["id"]].lines,
                fields={
                    "memo": head["description"] or "",
                    "due": ", ".join(str(days.get(line) or "") for line in invoices[head["id"]].lines),
                    DESCRIPTION: "\n".join(row["description"] or "" for row in lines[head["id"]]),
                },
            )
            for head in heads
        }


def _wanted(posting: Posting, now: Mapping[str, Now], said: Mapping[str, Said]) -> tuple[str, ...] | Problem:
    """The fields to write; a move, and a due date where there is not one line to be paid, are beyond us."""
    record, there = posting.record, now.get(posting.reference)
    here = said.get(posting.reference)
    wanted = to_amend(posting, there.standing if there else None, here.fields if here else {}, _field)
    if isinstance(wanted, Problem):
        return wanted
    names = amended(posting.before, record) if posting.before else ()
    if here is None or ("due" in names and len(here.to_pay) != 1):
        reference = there.standing.number if there else posting.reference
        return problem_of(record, "amend_by_hand", column="reference", reference=reference, changes="")
    return wanted


def _field(record: Transferable, name: str) -> str:
    """What Tryton has of a field of a record."""
    match name:
        case "memo":
            return one_line(getattr(record, "memo", ""))
        case "due" if isinstance(record, Document):
            return str(record.due or record.date)
    return "\n".join(line_texts(record))


def _posted(posting: Posting, now: Now, *, replayed: bool = False) -> Posted:
    standing = now.standing
    return Posted(
        key=posting.key, ledger_id=standing.ledger_id, number=standing.number, total=standing.total, url=standing.url,
        replayed=replayed,
    )  # fmt: skip
