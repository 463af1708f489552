"""Supplier documents: Bill and VendorCredit, and Purchase (a check, cash or a card).

Their tax is recoverable: it goes to the same account as tax on sales.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, cents, reference
from connectors.ledgers.quickbooks_online.sandbox.books import Leg
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.currencies import (
    check_account,
    check_party,
    control_account,
    currency_of,
)
from connectors.ledgers.quickbooks_online.sandbox.refusals import business, missing, refuse
from connectors.ledgers.quickbooks_online.sandbox.sales import check_amount
from connectors.ledgers.quickbooks_online.sandbox.taxes import owed, tax
from connectors.ledgers.quickbooks_online.sandbox.transactions import at_home, day, resolve_class

_DETAILS = ("AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail")


def prepare(company: Company, entity: str, body: Body) -> None:
    """Check and complete a bill or vendor credit. Raises 610, 2020, 2120, 2500, 6000, 6070, 6430 and the taxes'."""
    vendor = company.resolve(body, "VendorRef", "Vendor")
    if vendor is None:
        raise missing("VendorRef")
    if not body.get("Line"):
        raise missing("Line")
    check_party(company, body, vendor)
    _payable(company, body)
    taxed = [_line(company, number, line) for number, line in enumerate(body["Line"], 1)]
    tax(company, body, taxed, "Purchase")
    total = sum((line["Amount"] for line in body["Line"]), ZERO) + body["TxnTaxDetail"]["TotalTax"]
    if total < 0:
        raise business("Transaction amount must be 0 or greater.")
    body["TotalAmt"] = body["Balance"] = total
    if entity == "Bill":
        _due(company, body, vendor)


def legs(company: Company, entity: str, body: Body) -> tuple[Leg, ...]:
    """A bill credits its vendor and debits the lines' accounts; a vendor credit does the reverse."""
    sign = 1 if entity == "Bill" else -1
    payable = Leg(
        account=reference(body, "APAccountRef"), amount=-sign * body["TotalAmt"], name=reference(body, "VendorRef")
    )
    taxes = (Leg(account=account, amount=sign * amount) for account, amount in owed(company, body).items())
    return at_home(body, (payable, *taxes, *_expenses(company, body, sign)))


def prepare_purchase(company: Company, body: Body) -> None:
    """Check and complete a purchase. Raises 2020, 2500, 6430 and those of a bill's lines."""
    for name in ("PaymentType", "AccountRef", "Line"):
        if not body.get(name):
            raise missing(name)
    account = company.resolve(body, "AccountRef", "Account")
    wanted = "Credit Card" if body["PaymentType"] == "CreditCard" else "Bank"
    if account is None or account["AccountType"] != wanted:
        raise refuse("6430", f"The account is not of type {wanted}", "AccountRef")
    check_account(company, body, account)
    if paid := (body.get("EntityRef") or {}).get("type"):
        company.resolve(body, "EntityRef", paid)
        body["EntityRef"]["type"] = paid
    taxed = [_line(company, number, line) for number, line in enumerate(body["Line"], 1)]
    tax(company, body, taxed, "Purchase")
    body["TotalAmt"] = sum((line["Amount"] for line in body["Line"]), ZERO) + body["TxnTaxDetail"]["TotalTax"]


def purchase_legs(company: Company, body: Body) -> tuple[Leg, ...]:
    """A purchase credits the account it is paid from and debits the lines' accounts."""
    sign = -1 if body.get("Credit") else 1
    paid = Leg(account=reference(body, "AccountRef"), amount=-sign * body["TotalAmt"])
    taxes = (Leg(account=account, amount=sign * amount) for account, amount in owed(company, body).items())
    return at_home(body, (paid, *taxes, *_expenses(company, body, sign)))


def _payable(company: Company, body: Body) -> None:
    body.setdefault("APAccountRef", {"value": control_account(company, "payable", currency_of(company, body))})
    account = company.resolve(body, "APAccountRef", "Account")
    if account is None or account["AccountType"] != "Accounts Payable":
        raise refuse("6430", "The account is not of type Accounts Payable", "APAccountRef")
    check_account(company, body, account)


def _line(company: Company, number: int, line: Body) -> tuple[Body, Body]:
    kind = line.get("DetailType")
    if kind not in _DETAILS:
        raise refuse("2120", f"Invalid Type : a line of {kind} on a bill", "DetailType")
    detail: Body | None = line.get(kind)
    if detail is None:
        raise missing(kind)
    if kind == "AccountBasedExpenseLineDetail":
        if company.resolve(detail, "AccountRef", "Account") is None:
            raise missing("AccountRef")
    elif (item := company.resolve(detail, "ItemRef", "Item")) is None:
        raise missing("ItemRef")
    elif not reference(item, "ExpenseAccountRef"):
        raise business(f"The item {item['Name']} cannot be bought: it has no expense account.")
    company.resolve(detail, "CustomerRef", "Customer")
    resolve_class(company, detail)
    check_amount(line, detail)
    line.update({"Id": str(number), "LineNum": number, "Amount": cents(line["Amount"])})
    return line, detail


def _expenses(company: Company, body: Body, sign: int) -> Iterator[Leg]:
    for line in body["Line"]:
        detail = line[line["DetailType"]]
        item = company.find("Item", reference(detail, "ItemRef"))
        account = reference(item, "ExpenseAccountRef") if item else reference(detail, "AccountRef")
        yield Leg(account=account, amount=sign * line["Amount"], memo=line.get("Description", ""))


def _due(company: Company, body: Body, vendor: Body) -> None:
    """A bill is due after its term, else on its date (assumption)."""
    term = company.resolve(body, "SalesTermRef", "Term") or company.find("Term", reference(vendor, "TermRef"))
    days = term.get("DueDays", 0) if term else 0
    body.setdefault("DueDate", (day(body) + timedelta(days=days)).isoformat())
