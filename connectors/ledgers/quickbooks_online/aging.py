"""The reports of aged receivables and aged payables, customer by customer and vendor by vendor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.ledger import AccountBalance, AgedBalance
from connectors.ledgers.quickbooks_online.books import SUPPLIER
from connectors.ledgers.quickbooks_online.queries import Api, Body
from connectors.records import ZERO

AGES = {"Current": "current", "1 - 30": "days_30", "31 - 60": "days_60", "61 - 90": "days_90", "91 and over": "older"}
"""The vendor's columns and our ages; in the order of the report where its titles are in another language."""


def receivables(api: Api, on: date) -> list[AgedBalance]:
    """What every customer owes on a date, by days since the due date."""
    return _aged(api, "AgedReceivables", on, "")


def payables(api: Api, on: date) -> list[AgedBalance]:
    """What is owed to every vendor on a date, by days since the due date."""
    return _aged(api, "AgedPayables", on, SUPPLIER)


def _aged(api: Api, name: str, on: date, before: str) -> list[AgedBalance]:
    """One of the two reports; ``before`` stands before the id in the reference of whom it lists."""
    report = api.report(name, {"report_date": on.isoformat(), "aging_method": "Report_Date"})
    places = _places(report)
    rows = _rows((report.get("Rows") or {}).get("Row") or [])
    balances = (_balance(cells, places, before) for cells in rows)
    return [balance for balance in balances if any((balance.current, balance.days_30, balance.days_60,
                                                     balance.days_90, balance.older))]  # fmt: skip


def trial_balance(api: Api, codes: Mapping[str, str], on: date) -> list[AccountBalance]:
    """The vendor's trial balance of a date, by the codes of its accounts; ``codes`` are these by the vendor's ids.

    Assumption: it is cumulative for accounts of the balance sheet, and of income and expenses since ``start_date``, for
    which the first day of the year is asked.
    """
    dates = {"start_date": on.replace(month=1, day=1).isoformat(), "end_date": on.isoformat()}
    report = api.report("TrialBalance", {**dates, "accounting_method": "Accrual"})
    found = []
    for cells in _rows((report.get("Rows") or {}).get("Row") or []):
        code = codes.get(str(cells[0]["id"]), str(cells[0].get("value", "")))
        if amount := _amount(cells, 1) - _amount(cells, 2):
            found.append(AccountBalance(account=code, amount=amount))
    return found


def _places(report: Body) -> dict[str, int]:
    titles = [str(column.get("ColTitle", "")) for column in (report.get("Columns") or {}).get("Column") or []]
    if all(title in titles for title in AGES):
        return {age: titles.index(title) for title, age in AGES.items()}
    return {age: place for place, age in enumerate(AGES.values(), start=1)}


def _rows(rows: Sequence[Body]) -> Iterator[Sequence[Body]]:
    """Every row of a customer or vendor.

    Assumption: a customer with sub-customers is a section whose header bears its own id and its own amounts.
    """
    for row in rows:
        for cells in (row.get("ColData"), (row.get("Header") or {}).get("ColData")):
            if cells and cells[0].get("id"):
                yield cells
        yield from _rows((row.get("Rows") or {}).get("Row") or [])


def _balance(cells: Sequence[Body], places: dict[str, int], before: str) -> AgedBalance:
    amounts: dict[str, Any] = {age: _amount(cells, place) for age, place in places.items()}
    return AgedBalance(customer=f"{before}{cells[0]['id']}", name=str(cells[0].get("value", "")), **amounts)


def _amount(cells: Sequence[Body], place: int) -> Decimal:
    text = str(cells[place].get("value") or "") if place < len(cells) else ""
    try:
        return Decimal(text.replace(",", "")) if text else ZERO
    except InvalidOperation:
        return ZERO
