"""Start in sync: both sides on the eve of a day, everything before that day no-go, and whether both sides agree now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from addin.session import Session
from addin.texts import amount, mark
from addin.usecases.no_go import Agreed, no_go
from addin.usecases.reconcile import TOTAL, reconcile
from addin.usecases.report import Report
from connectors.records import Side
from workbook.layout import MISMATCH, RECONCILIATION, caption_of, code_of
from workbook.review import text_of

LISTED = 20
"""How many documents that do not agree are named beside the Reconciliation sheet, which names every one."""

STANDS = mark("On {eve} customers owe {source} in the source and {ledger} in the ledger; suppliers are owed "
              "{payable_source} and {payable_ledger}.")  # fmt: skip
ELSEWHERE = mark("{total} · {source} in the source, {ledger} in the ledger.")
AGREE = mark("Both sides agree on {eve}.")
DIFFER = mark("{differing} accounts of {accounts} differ on {eve}; the Reconciliation sheet names the documents.")

SHOWN = ("account", "kind", "number", "amount", "reason")


def start_in_sync(session: Session, day: date, agreed: Agreed | None = None) -> Report:
    """Mark everything before a day no-go, once the person has seen both sides of its eve. Raises ``CannotRun``.

    The balances of the eve, and each document that makes them differ, are on the Reconciliation sheet afterwards. As
    often as wanted: another day moves what is marked, and undoing the no-go takes it back.
    """
    eve = day - timedelta(days=1)
    stands = _stands(session, reconcile(session, eve), eve)
    marked = no_go(session, day, agreed, stands)
    if "declined" in marked.facts:
        return replace(marked, facts={**marked.facts, "agreement": stands})
    after = reconcile(session, eve)
    differing = int(str(after.facts["accounts"])) - int(str(after.facts["agree"]))
    agreement = DIFFER if differing else AGREE
    said = session.say(agreement, eve=eve.isoformat(), accounts=after.facts["accounts"],
                       differing=differing)  # fmt: skip
    facts = {**marked.facts, **after.facts, "agreement": said}
    if differing:
        facts["differences"] = _named(session)
    return replace(marked, problems=after.problems, facts=facts)


def _stands(session: Session, report: Report, eve: date) -> str:
    names = {"source": "source_balance", "ledger": "ledger_balance", "payable_source": "payable_source",
             "payable_ledger": "payable_ledger"}  # fmt: skip
    sums = {name: amount(session.language, Decimal(str(report.facts[fact]))) for name, fact in names.items()}
    return "\n".join((session.say(STANDS, eve=eve.isoformat(), **sums), *_in_other_currencies(session)))


def _in_other_currencies(session: Session) -> Iterator[str]:
    """The totals below the accounts on the Reconciliation sheet that are not of the ledger's own currency."""
    language = session.language
    own = {session.say(TOTAL, what=caption_of("reconciled", side, language)) for side in Side}
    for row in (each.values for each in session.book.read(RECONCILIATION).rows):
        total = text_of(row.get("account"))
        if total and not text_of(row.get("key")) and total not in own:
            source, ledger = (Decimal(text_of(row.get(name)) or 0) for name in ("source_balance", "ledger_balance"))
            yield session.say(ELSEWHERE, total=total, source=amount(language, source), ledger=amount(language, ledger))


def _named(session: Session) -> list[dict[str, str]]:
    """The first documents that make receivables or payables differ, as the sheet shows them."""
    rows = [row.values for row in session.book.read(MISMATCH).rows]
    parties = [row for row in rows if code_of("reconciled", text_of(row.get("what"))) in set(Side)]
    return [{name: text_of(row.get(name)) for name in SHOWN} for row in parties[:LISTED]]
