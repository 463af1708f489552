"""The trial balance and a contact's aged receivables, worked out anew from what is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from connectors.ledgers.xero.sandbox.organisation import ZERO, Body, Organisation

INCOME = frozenset({"REVENUE", "SALES", "OTHERINCOME"})
Leg = tuple[str, str, Decimal]
"""A day, an account's id, and an amount: debits are positive."""


def legs(books: Organisation) -> Iterator[Leg]:
    """Every movement of every account."""
    control = {True: books.system("DEBTORS")["AccountID"], False: books.system("CREDITORS")["AccountID"]}
    tax = books.system("GST")["AccountID"]
    codes = {each.get("Code"): each["AccountID"] for each in books.kept["Accounts"].values()}
    for entity in ("Invoices", "CreditNotes", "BankTransactions"):
        for body in books.kept[entity].values():
            if body["Status"] != "AUTHORISED":
                continue
            sold = body["Type"] in ("ACCREC", "ACCPAYCREDIT", "RECEIVE", "RECEIVE-OVERPAYMENT")
            sign = 1 if sold else -1
            money = body.get("BankAccount")
            own = money["AccountID"] if money else control[body["Type"].startswith("ACCREC")]
            yield body["Date"], own, sign * body["Total"]
            for line in body["LineItems"]:
                if line.get("AccountCode"):
                    inclusive = body["LineAmountTypes"] == "Inclusive"
                    net = line["LineAmount"] - (line["TaxAmount"] if inclusive else ZERO)
                    yield body["Date"], codes[line["AccountCode"]], -sign * net
            yield body["Date"], tax, -sign * body["TotalTax"]
    for payment in books.kept["Payments"].values():
        if payment["Status"] != "DELETED":
            kind = payment["PaymentType"]
            sign = 1 if kind in ("ACCRECPAYMENT", "APCREDITPAYMENT", "APOVERPAYMENTPAYMENT") else -1
            yield payment["Date"], payment["AccountID"], sign * payment["Amount"]
            side = control[kind in ("ACCRECPAYMENT", "ARCREDITPAYMENT", "AROVERPAYMENTPAYMENT")]
            yield payment["Date"], side, -sign * payment["Amount"]
    for journal in books.kept["ManualJournals"].values():
        if journal["Status"] == "POSTED":
            for line in journal["JournalLines"]:
                yield journal["Date"], codes[line["AccountCode"]], Decimal(line["LineAmount"])


def balances(books: Organisation, until: str) -> dict[str, Decimal]:
    """What each account holds at the end of a day, by its id."""
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    for day, account, amount in legs(books):
        if day <= until:
            held[account] += amount
    return dict(held)


def trial_balance(books: Organisation, query: Mapping[str, str]) -> Body:
    """The report, with the movement of the month and of the year so far in columns of their own.

    Assumption: the columns of the year hold, for the balance sheet's accounts, what they hold; income and expenses of
    years before stand in retained earnings.
    """
    until = query.get("date") or books.clock.today().isoformat()
    held, before = balances(books, until), balances(books, f"{int(until[:4]) - 1}-12-31")
    accounts = books.kept["Accounts"]
    shown: Counter[str] = Counter()
    earned = books.system("RETAINEDEARNINGS")["AccountID"]
    for id_, amount in held.items():
        if accounts[id_]["Class"] in ("REVENUE", "EXPENSE"):
            shown[id_] += amount - before.get(id_, ZERO)  # type: ignore[assignment] # counts money
            shown[earned] += before.get(id_, ZERO)  # type: ignore[assignment]
        else:
            shown[id_] += amount  # type: ignore[assignment]
    rows = [_row(accounts[id_], Decimal(amount)) for id_, amount in shown.items() if amount]
    header = {
        "RowType": "Header",
        "Cells": [{"Value": v} for v in ("Account", "Debit", "Credit", "YTD Debit", "YTD Credit")],
    }
    return _report(
        books, "Trial Balance", "TrialBalance", [header, {"RowType": "Section", "Title": "All", "Rows": rows}]
    )


def aged_receivables(books: Organisation, query: Mapping[str, str]) -> Body:
    """What one contact owes on a day, invoice by invoice."""
    until = query.get("date") or books.clock.today().isoformat()
    rows = []
    for body in books.every("Invoices"):
        mine = body["ContactID"] == query.get("contactId") and body["Type"] == "ACCREC" and body["Date"] <= until
        if mine and body["Status"] == "AUTHORISED" and (due := books.due(body)):
            cells = (body["Date"], body.get("InvoiceNumber", ""), body["DueDate"], str(body["Total"]), str(due))
            rows.append({"RowType": "Row", "Cells": [{"Value": value} for value in cells]})
    return _report(
        books, "Aged Receivables By Contact", "AgedReceivablesByContact", [{"RowType": "Section", "Rows": rows}]
    )


def _row(account: Body, amount: Decimal) -> Body:
    name = f"{account['Name']} ({account['Code']})" if account.get("Code") else account["Name"]
    about = [{"Value": account["AccountID"], "Id": "account"}]
    debit, credit = (f"{amount:.2f}", "") if amount > 0 else ("", f"{-amount:.2f}")
    values = (name, "", "", debit, credit)
    return {"RowType": "Row", "Cells": [{"Value": value, "Attributes": about} for value in values]}


def _report(books: Organisation, title: str, kind: str, rows: list[Body]) -> Body:
    day = f"{date.today():%d %B %Y}"  # noqa: DTZ011 (a title)
    told = {"ReportID": kind, "ReportName": title, "ReportType": kind, "ReportTitles": [title, books.name, day],
            "ReportDate": day, "Rows": rows}  # fmt: skip
    return {"Reports": [told]}
