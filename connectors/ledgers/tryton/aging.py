"""Aged receivables and payables out of the open lines of Tryton's accounts of these types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from connectors.ledger import AccountBalance, AgedBalance
from connectors.ledgers.tryton.books import ANY
from connectors.ledgers.tryton.found import INVOICE, LINE
from connectors.ledgers.tryton.rpc import Row, Rpc
from connectors.ledgers.tryton.targets import AMOUNTS, own_amount
from connectors.records import ZERO

AGES = ((0, "current"), (30, "days_30"), (60, "days_60"), (90, "days_90"))
FIELDS = (
    "date",
    "maturity_date",
    "party",
    "origin",
    "invoice_payment",
    "move_origin",
    *AMOUNTS,
)


Party = tuple[int | None, str]
"""Who owes or is owed, and in which currency (empty: the company's)."""


@dataclass(slots=True)
class _Open:
    """What is left to pay on a line."""

    party: Party
    due: date
    left: Decimal


def aged(rpc: Rpc, company: int, on: date, type_: Literal["receivable", "payable"]) -> list[AgedBalance]:
    """What every party owes on a date, or is owed, in each currency.

    A credit reduces what it is tied to (as a payment of an invoice, by its origin, or by a reconciliation); what is
    left of it counts as current, so that a party's total is always the balance of its lines.
    """
    open_then = ["OR", ["reconciliation", "=", None], ["reconciliation.date", ">", on]]
    of_type, sign = [f"account.type.{type_}", "=", True], 1 if type_ == "receivable" else -1
    posted = [["company", "=", company], of_type, ["move_state", "=", "posted"], ["date", "<=", on]]
    lines = rpc.rows(LINE, [*posted, open_then], *FIELDS)
    rows: list[Row] = [{**line, "owed": sign * own_amount(line), "party": _party(line)} for line in lines]
    ages: dict[Party, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    documents, tied = _documents(rows)
    for row in rows:
        if row["owed"] < ZERO:
            ages[row["party"]]["current"] -= _apply(row, tied)
    for document in documents:
        ages[document.party][_age((on - document.due).days)] += document.left
    names = _names(rpc, [party for party, _ in ages if party])
    return [
        AgedBalance(customer=code, name=name, currency=currency, **amounts)
        for (party, currency), amounts in ages.items()
        if any(amounts.values())
        for code, name in [names[party] if party else ("", "")]
    ]


def balances(rpc: Rpc, company: int, on: date) -> list[AccountBalance]:
    """What the posted lines of a company come to until a day, by the codes of their accounts."""
    posted = [["company", "=", company], ["move_state", "=", "posted"], ["date", "<=", on]]
    held: dict[str, Decimal] = defaultdict(Decimal)
    for row in rpc.rows(LINE, posted, "account.code", "debit", "credit"):
        held[row["account."]["code"]] += row["debit"] - row["credit"]
    return [AccountBalance(account=code, amount=amount) for code, amount in sorted(held.items()) if amount]


def _party(line: Row) -> Party:
    return line["party"], line["second_currency."]["code"] if line["second_currency"] else ""


def _documents(rows: Iterable[Row]) -> tuple[list[_Open], dict[str, list[_Open]]]:
    """The lines that owe more, and the same by everything that one which owes less may be tied to them by."""
    documents: list[_Open] = []
    tied: dict[str, list[_Open]] = defaultdict(list)
    for row in rows:
        if row["owed"] > ZERO:
            document = _Open(row["party"], row["maturity_date"] or row["date"], row["owed"])
            documents.append(document)
            for tie in (f"{LINE},{row['id']}", row["move_origin"], f"reconciliation,{row['reconciliation']}"):
                if tie and not tie.endswith(",None"):
                    tied[tie].append(document)
    return documents, tied


def _apply(credit: Row, tied: dict[str, list[_Open]]) -> Decimal:
    """Reduce what a credit is tied to; what is left of it."""
    rest: Decimal = -credit["owed"]
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
