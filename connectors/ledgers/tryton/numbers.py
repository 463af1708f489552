"""Document numbers: ours that are in use already, and the order of dates that Tryton keeps its own in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from connectors.ledger import Posting
from connectors.ledgers.tryton.books import Books
from connectors.ledgers.tryton.found import INVOICE, MOVE, cancelled, literal
from connectors.ledgers.tryton.rpc import Row, Rpc
from connectors.records import Kind

SALES = (Kind.INVOICE, Kind.CREDIT_NOTE)


def in_use(rpc: Rpc, books: Books, postings: Iterable[Posting]) -> set[tuple[Kind, str]]:
    """Which numbers of sales are in use, as references of Tryton's invoices or at the beginning of moves.

    Tryton refuses no reference twice on sales. On purchases it warns by itself, for one supplier within 60 days.
    """
    numbers = sorted({p.record.number for p in postings if p.record.kind in SALES} - {""})
    if not numbers:
        return set()
    mine = ["company", "=", books.company]
    sold = [mine, ["type", "=", "out"], ["state", "not in", ["draft", "cancelled"]], ["reference", "in", numbers]]
    used = {
        (Kind.CREDIT_NOTE if row["total_amount"] < 0 else Kind.INVOICE, row["reference"])
        for row in rpc.rows(INVOICE, sold, "reference", "total_amount")
    }
    patterns = [["description", "like", f"{literal(number)} [%"] for number in numbers]
    moved = [mine, ["state", "=", "posted"], ["journal", "=", books.journals["revenue"]], ["OR", *patterns]]
    rows = [row for row in rpc.rows(MOVE, moved, "description", "origin") if not _cancels(row)]
    gone = cancelled(rpc, [row["id"] for row in rows])
    for row in (row for row in rows if row["id"] not in gone):
        used |= {(kind, row["description"].rpartition(" [")[0]) for kind in SALES}
    return used


def _cancels(row: Row) -> bool:
    return str(row["origin"] or "").startswith(f"{MOVE},")


def issued(rpc: Rpc, books: Books, dates: Iterable[date]) -> Mapping[int, date]:
    """By fiscal year, the date of the last invoice that Tryton has numbered.

    Tryton numbers sales in the order of their invoice dates and refuses one before the last. A sale that comes late
    is therefore issued on the last one's date, and booked on its own (``accounting_date``).
    """
    years = {period.fiscal_year for on in dates if (period := books.period(on))}
    latest: dict[int, date] = {}
    for year in sorted(years):
        domain = [["type", "=", "out"], ["sequence", "!=", None], ["move.period.fiscalyear", "=", year]]
        rows = rpc.model(INVOICE, "search_read", domain, 0, 1, [["invoice_date", "DESC"]], ["invoice_date"])
        latest.update((year, row["invoice_date"]) for row in rows)
    return latest
