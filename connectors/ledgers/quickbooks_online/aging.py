"""The report of aged receivables, customer by customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.ledger import AgedBalance
from connectors.ledgers.quickbooks_online.queries import Api, Body
from connectors.records import ZERO

AGES = {"Current": "current", "1 - 30": "days_30", "31 - 60": "days_60", "61 - 90": "days_90", "91 and over": "older"}
"""The vendor's columns and our ages; in the order of the report where its titles are in another language."""


def aged(api: Api, on: date) -> list[AgedBalance]:
    """What every customer owes on a date, by days since the due date."""
    report = api.report("AgedReceivables", {"report_date": on.isoformat(), "aging_method": "Report_Date"})
    places = _places(report)
    rows = _rows((report.get("Rows") or {}).get("Row") or [])
    balances = (_balance(cells, places) for cells in rows)
    return [balance for balance in balances if any((balance.current, balance.days_30, balance.days_60,
                                                     balance.days_90, balance.older))]  # fmt: skip


def _places(report: Body) -> dict[str, int]:
    titles = [str(column.get("ColTitle", "")) for column in (report.get("Columns") or {}).get("Column") or []]
    if all(title in titles for title in AGES):
        return {age: titles.index(title) for title, age in AGES.items()}
    return {age: place for place, age in enumerate(AGES.values(), start=1)}


def _rows(rows: Sequence[Body]) -> Iterator[Sequence[Body]]:
    """Every row of a customer.

    Assumption: a customer with sub-customers is a section whose header bears its own id and its own amounts.
    """
    for row in rows:
        for cells in (row.get("ColData"), (row.get("Header") or {}).get("ColData")):
            if cells and cells[0].get("id"):
                yield cells
        yield from _rows((row.get("Rows") or {}).get("Row") or [])


def _balance(cells: Sequence[Body], places: dict[str, int]) -> AgedBalance:
    amounts: dict[str, Any] = {age: _amount(cells, place) for age, place in places.items()}
    return AgedBalance(customer=str(cells[0]["id"]), name=str(cells[0].get("value", "")), **amounts)


def _amount(cells: Sequence[Body], place: int) -> Decimal:
    text = str(cells[place].get("value") or "") if place < len(cells) else ""
    try:
        return Decimal(text.replace(",", "")) if text else ZERO
    except InvalidOperation:
        return ZERO
