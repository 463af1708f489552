"""The reports of aged receivables and aged payables, customer by customer and vendor by vendor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.aging import OpenItem, aged
from connectors.ledger import AccountBalance, AgedBalance
from connectors.ledgers.quickbooks_online.books import SUPPLIER, Books
from connectors.ledgers.quickbooks_online.queries import Api, Body
from connectors.records import ZERO

AGES = {"Current": "current", "1 - 30": "days_30", "31 - 60": "days_60", "61 - 90": "days_90", "91 and over": "older"}
"""The vendor's columns and our ages; in the order of the report where its titles are in another language."""


def receivables(api: Api, on: date, books: Books) -> list[AgedBalance]:
    """What every customer owes on a date, by days since the due date."""
    detail = Detail("AgedReceivableDetail", "cust_name", "foreign_open_bal")
    return _in_their_own(_aged(api, "AgedReceivables", on, ""), _foreign(api, books, detail, on))


def payables(api: Api, on: date, books: Books) -> list[AgedBalance]:
    """What is owed to every vendor on a date, by days since the due date."""
    detail = Detail("AgedPayableDetail", "vend_name", "neg_foreign_open_bal", SUPPLIER)
    return _in_their_own(_aged(api, "AgedPayables", on, SUPPLIER), _foreign(api, books, detail, on))


@dataclass(frozen=True, slots=True)
class Detail:
    """One of the two detail reports: its name, its columns of whom it lists and of what is open in their currency.

    ``before`` stands before the id in the reference of whom it lists.
    """

    report: str
    party: str
    amount: str
    before: str = ""


def _foreign(api: Api, books: Books, detail: Detail, on: date) -> list[AgedBalance]:
    """What is open in foreign currencies, in these: the aged balances themselves are in the home currency.

    The columns are documented of companies that keep several currencies (AgedReceivableDetail, AgedPayableDetail).
    """
    if not books.multi_currency:
        return []
    wanted = ("tx_date", "due_date", "currency", detail.party, detail.amount)
    report = api.report(detail.report, {"report_date": on.isoformat(), "columns": ",".join(wanted)})
    types = [str(column.get("ColType", "")) for column in (report.get("Columns") or {}).get("Column") or []]
    items = []
    for cells in _entries((report.get("Rows") or {}).get("Row") or []):
        told = dict(zip(types, cells, strict=False))
        if (currency := _text(told, "currency")) in ("", books.home):
            continue
        day = date.fromisoformat(_text(told, "tx_date"))
        due = date.fromisoformat(_text(told, "due_date") or _text(told, "tx_date"))
        party = told[detail.party]
        items.append(
            OpenItem(
                party=f"{detail.before}{party['id']}", name=str(party.get("value", "")), on=day, due=due,
                amount=_number(_text(told, detail.amount)), currency=currency,
            )
        )  # fmt: skip
    return aged(items, on)


def _in_their_own(home: Sequence[AgedBalance], foreign: Sequence[AgedBalance]) -> list[AgedBalance]:
    """The aged balances, of those who owe in a foreign currency by that one alone."""
    own = {each.customer for each in foreign}
    return [*(each for each in home if each.customer not in own), *foreign]


def _entries(rows: Sequence[Body]) -> Iterator[Sequence[Body]]:
    """Every transaction of a detail report, whatever section it stands in."""
    for row in rows:
        if row.get("type") == "Data" and row.get("ColData"):
            yield row["ColData"]
        yield from _entries((row.get("Rows") or {}).get("Row") or [])


def _text(told: Mapping[str, Body], name: str) -> str:
    return str((told.get(name) or {}).get("value") or "")


def _aged(api: Api, name: str, on: date, before: str) -> list[AgedBalance]:
    """One of the two reports; ``before`` stands before the id in the reference of whom it lists."""
    report = api.report(name, {"report_date": on.isoformat(), "aging_method": "Report_Date"})
    places = _places(report)
    top = (report.get("Rows") or {}).get("Row") or []
    rows = [*_rows(top), *_nameless(top)]
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


def _nameless(rows: Sequence[Body]) -> Iterator[Sequence[Body]]:
    """Rows that name nobody by an id (recorded): what they show is owed all the same."""
    for row in rows:
        cells = row.get("ColData")
        if cells and row.get("type") == "Data" and not cells[0].get("id"):
            yield cells
        yield from _nameless((row.get("Rows") or {}).get("Row") or [])


def _balance(cells: Sequence[Body], places: dict[str, int], before: str) -> AgedBalance:
    amounts: dict[str, Any] = {age: _amount(cells, place) for age, place in places.items()}
    bare = str(cells[0].get("id") or "")
    return AgedBalance(customer=f"{before}{bare}" if bare else "", name=str(cells[0].get("value", "")), **amounts)


def _amount(cells: Sequence[Body], place: int) -> Decimal:
    return _number(str(cells[place].get("value") or "") if place < len(cells) else "")


def _number(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", "")) if text else ZERO
    except InvalidOperation:
        return ZERO
