"""Sales forms: Invoice, CreditMemo, SalesReceipt and RefundReceipt.

Assumptions: without a term an invoice is due 30 days after its date (as in the vendor's sample); a discount comes off
the total and moves no tax unless its line names a tax code; quantities of stock are not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, cents, reference
from connectors.ledgers.quickbooks_online.sandbox.books import Leg
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.currencies import (
    check_account,
    check_party,
    control_account,
    currency_of,
    show_at_home,
)
from connectors.ledgers.quickbooks_online.sandbox.fields import TYPES
from connectors.ledgers.quickbooks_online.sandbox.refusals import business, missing, refuse
from connectors.ledgers.quickbooks_online.sandbox.taxes import owed, tax
from connectors.ledgers.quickbooks_online.sandbox.transactions import at_home, day, resolve_class

MOST_TAXED_LINES = 750
DEFAULT_DAYS = 30
DEPOSIT_TYPES = ("Bank", "Other Current Asset")

_DEFAULTS = {
    "ApplyTaxAfterDiscount": False,
    "PrintStatus": "NeedToPrint",
    "EmailStatus": "NotSet",
}


def prepare(company: Company, entity: str, body: Body) -> None:
    """Check and complete a sales form. Raises 610, 2020, 2120, 2500, 5030, 6000, 6070, 6090, 6100 and the taxes'."""
    customer = company.resolve(body, "CustomerRef", "Customer")
    if customer is None and entity in ("Invoice", "CreditMemo"):
        raise missing("CustomerRef")
    check_party(company, body, customer)
    company.resolve(body, "PaymentMethodRef", "PaymentMethod")
    _lines(company, body)
    _dress(entity, body, customer)
    total = _total(body)
    if total < 0:
        raise business("Transaction amount must be 0 or greater.")
    body["TotalAmt"] = total
    show_at_home(body)
    _finish(company, entity, body, customer)


def _finish(company: Company, entity: str, body: Body, customer: Body | None) -> None:
    if entity == "Invoice":
        _due(company, body, customer)
        body.setdefault("Deposit", ZERO)
        body["Balance"] = body["TotalAmt"]
    elif entity == "CreditMemo":
        body["Balance"] = body["RemainingCredit"] = body["TotalAmt"]
    else:
        deposit_account(company, body, required=entity == "RefundReceipt")
        body["Balance"] = ZERO


def legs(company: Company, entity: str, body: Body) -> tuple[Leg, ...]:
    """An invoice or receipt debits its customer or deposit account; a credit memo or refund does the reverse."""
    sign = 1 if entity in ("Invoice", "SalesReceipt") else -1
    total = body["TotalAmt"]
    if entity in ("Invoice", "CreditMemo"):
        account = control_account(company, "receivable", currency_of(company, body))
        first = Leg(account=account, amount=sign * total, name=reference(body, "CustomerRef"))
    else:
        first = Leg(account=reference(body, "DepositToAccountRef"), amount=sign * total)
    taxes = (Leg(account=account, amount=-sign * amount) for account, amount in owed(company, body).items())
    return at_home(body, (first, *taxes, *_income(company, body, -sign)))


def deposit_account(company: Company, body: Body, *, required: bool = False) -> None:
    """Where money goes: the account that is named, else Undeposited Funds. Raises 2020, 6000 and 6430."""
    if (account := company.resolve(body, "DepositToAccountRef", "Account")) is None:
        if required:
            raise missing("DepositToAccountRef")
        body["DepositToAccountRef"] = {"value": company.special["undeposited"]}
        company.resolve(body, "DepositToAccountRef", "Account")
    elif account["AccountType"] not in DEPOSIT_TYPES:
        raise refuse("6430", f"Account {account['Name']} is not of a type that takes deposits", "DepositToAccountRef")
    else:
        check_account(company, body, account)


def check_amount(line: Body, detail: Body) -> None:
    """Refuse an amount that is not quantity times price (6070).

    Assumption: quantity and price both zero are no statement (a client library in wide use sends them so).
    """
    if "Amount" not in line:
        raise missing("Amount")
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    if quantity is None or price is None or (quantity == 0 and price == 0):
        return
    if cents(quantity * price) not in (line["Amount"], detail.get("TaxInclusiveAmt")):
        raise refuse("6070", f"Amount is not equal to UnitPrice * Qty. Supplied value:{line['Amount']}", "Amount")


def _lines(company: Company, body: Body) -> None:
    lines = [line for line in body.get("Line") or [] if line.get("DetailType") != "SubTotalLineDetail"]
    if not any(line.get("DetailType") in ("SalesItemLineDetail", "DescriptionOnly") for line in lines):
        raise missing("Line")
    taxed: list[tuple[Body, Body]] = []
    for number, line in enumerate(lines, 1):
        line.update({"Id": str(number), "LineNum": number})
        if (detail := _line(company, line, lines)) is not None:
            taxed.append((line, detail))
    tax(company, body, taxed, "Sales")
    if body["TxnTaxDetail"]["TotalTax"] and len(lines) > MOST_TAXED_LINES:
        raise business(f"A taxable transaction has at most {MOST_TAXED_LINES} lines.")
    subtotal = sum((line["Amount"] for line in lines if line["DetailType"] == "SalesItemLineDetail"), ZERO)
    body["Line"] = [*lines, {"DetailType": "SubTotalLineDetail", "Amount": subtotal, "SubTotalLineDetail": {}}]


def _line(company: Company, line: Body, lines: list[Body]) -> Body | None:
    match line.get("DetailType"):
        case "SalesItemLineDetail":
            return _sale(company, line)
        case "DescriptionOnly":
            line.pop("Amount", None)
            line.setdefault("DescriptionLineDetail", {})
            return None
        case "DiscountLineDetail":
            _discount(company, line, lines)
            return None
        case "GroupLineDetail":
            raise refuse("5030", "Feature Not Supported : bundles", "GroupLineDetail")
        case other:
            raise refuse("2120", f"Invalid Type : a line of {other} on a sales form", "DetailType")


def _sale(company: Company, line: Body) -> Body:
    detail: Body | None = line.get("SalesItemLineDetail")
    if detail is None:
        raise missing("SalesItemLineDetail")
    item = company.resolve(detail, "ItemRef", "Item")
    if item is None:
        raise missing("ItemRef")
    if item["Type"] == "Category" or not reference(item, "IncomeAccountRef"):
        raise business(f"The item {item['Name']} cannot be sold: it has no income account.")
    resolve_class(company, detail)
    check_amount(line, detail)
    line["Amount"] = cents(line["Amount"])
    detail["ItemAccountRef"] = item["IncomeAccountRef"]
    return detail


def _discount(company: Company, line: Body, lines: list[Body]) -> None:
    detail: Body = line.setdefault("DiscountLineDetail", {})
    if detail.get("PercentBased") and detail.get("DiscountPercent"):
        sold = sum((each["Amount"] for each in lines if each.get("DetailType") == "SalesItemLineDetail"), ZERO)
        line["Amount"] = sold * detail["DiscountPercent"] / Decimal(100)
    elif "Amount" not in line:
        raise refuse("6090", "Discount amount or percent should be provided.", "Amount")
    line["Amount"] = cents(line["Amount"])
    if company.resolve(detail, "DiscountAccountRef", "Account") is None:
        detail["DiscountAccountRef"] = {"value": company.special["discounts"]}


def _total(body: Body) -> Decimal:
    sold = sum((_signed(line) for line in body["Line"]), ZERO)
    total: Decimal = sold + body["TxnTaxDetail"]["TotalTax"]
    return total


def _signed(line: Body) -> Decimal:
    amount: Decimal = line.get("Amount", ZERO)
    return {"SalesItemLineDetail": amount, "DiscountLineDetail": -amount}.get(line["DetailType"], ZERO)


def _income(company: Company, body: Body, sign: int) -> Iterator[Leg]:
    for line in body["Line"]:
        if line["DetailType"] == "SalesItemLineDetail":
            account = reference(line["SalesItemLineDetail"], "ItemAccountRef")
        elif line["DetailType"] == "DiscountLineDetail":
            account = reference(line["DiscountLineDetail"], "DiscountAccountRef")
        else:
            continue
        yield Leg(account=account, amount=sign * _signed(line), memo=line.get("Description", ""))


def _dress(entity: str, body: Body, customer: Body | None) -> None:
    """What the service fills in, as far as the entity has it: a refund receipt is not e-mailed."""
    for name, value in _DEFAULTS.items():
        if name in TYPES[entity]:
            body.setdefault(name, value)
    for address in ("BillAddr", "ShipAddr"):
        if customer and address in customer:
            body.setdefault(address, customer[address])
    if body.get("EmailStatus") == "NeedToSend" and not (body.get("BillEmail") or {}).get("Address"):
        raise missing("BillEmail")
    body.setdefault("CustomField", [])


def _due(company: Company, body: Body, customer: Body | None) -> None:
    term = company.resolve(body, "SalesTermRef", "Term")
    if term is None and "DueDate" not in body and customer and "SalesTermRef" in customer:
        term = company.find("Term", reference(customer, "SalesTermRef"))
    days = term.get("DueDays", DEFAULT_DAYS) if term else DEFAULT_DAYS
    body.setdefault("DueDate", (day(body) + timedelta(days=days)).isoformat())
