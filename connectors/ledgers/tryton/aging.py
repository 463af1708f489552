"""Aged receivables out of the open lines of Tryton's receivable accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.ledger import AgedBalance
from connectors.ledgers.tryton.books import ANY
from connectors.ledgers.tryton.found import INVOICE, LINE
from connectors.ledgers.tryton.rpc import Row, Rpc
from connectors.ledgers.tryton.targets import RECEIVABLE
from connectors.records import ZERO

AGES = ((0, "current"), (30, "days_30"), (60, "days_60"), (90, "days_90"))
FIELDS = (
    "date",
    "maturity_date",
    "debit",
    "credit",
    "party",
    "origin",
    "invoice_payment",
    "move_origin",
    "reconciliation",
)


@dataclass(slots=True)
class _Open:
    """What is left to pay on a line."""

    party: int | None
    due: date
    left: Decimal


def aged(rpc: Rpc, company: int, on: date) -> list[AgedBalance]:
    """What every party owes on a date.

    A credit reduces what it is tied to (as a payment of an invoice, by its origin, or by a reconciliation); what is
    left of it counts as current, so that a party's total is always the balance of its lines.
    """
    open_then = ["OR", ["reconciliation", "=", None], ["reconciliation.date", ">", on]]
    posted = [["company", "=", company], RECEIVABLE, ["move_state", "=", "posted"], ["date", "<=", on]]
    rows = rpc.rows(LINE, [*posted, open_then], *FIELDS)
    ages: dict[int | None, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    documents, tied = _documents(rows)
    for row in rows:
        if row["credit"] > row["debit"]:
            ages[row["party"]]["current"] -= _apply(row, tied)
    for document in documents:
        ages[document.party][_age((on - document.due).days)] += document.left
    names = _names(rpc, [party for party in ages if party])
    return [
        AgedBalance(customer=code, name=name, currency="", **amounts)
        for party, amounts in ages.items()
        if any(amounts.values())
        for code, name in [names[party] if party else ("", "")]
    ]


def _documents(rows: Iterable[Row]) -> tuple[list[_Open], dict[str, list[_Open]]]:
    """The debit lines, and the same by everything a credit may be tied to them by."""
    documents: list[_Open] = []
    tied: dict[str, list[_Open]] = defaultdict(list)
    for row in rows:
        amount = row["debit"] - row["credit"]
        if amount > ZERO:
            document = _Open(row["party"], row["maturity_date"] or row["date"], amount)
            documents.append(document)
            for tie in (f"{LINE},{row['id']}", row["move_origin"], f"reconciliation,{row['reconciliation']}"):
                if tie and not tie.endswith(",None"):
                    tied[tie].append(document)
    return documents, tied


def _apply(credit: Row, tied: dict[str, list[_Open]]) -> Decimal:
    """Reduce what a credit is tied to; what is left of it."""
    rest: Decimal = credit["credit"] - credit["debit"]
    ties = (f"{INVOICE},{credit['invoice_payment']}", credit["origin"], f"reconciliation,{credit['reconciliation']}")
    for document in (document for tie in ties if tie for document in tied.get(tie, ())):
        if document.party == credit["party"]:
            part = min(rest, document.left)
            document.left -= part
            rest -= part
    return rest


def _names(rpc: Rpc, parties: list[int]) -> dict[int, tuple[str, str]]:
    rows = rpc.rows("party.party", [["id", "in", sorted(parties)], ANY], "code", "name")
    return {row["id"]: (row["code"], row["name"] or row["code"]) for row in rows}


def _age(days: int) -> str:
    return next((name for limit, name in AGES if days <= limit), "older")
