"""JournalEntry: debits and credits line by line.

Assumptions: the tax of a line (``TaxAmount``) posts on the line's own side to the account of the code's first rate,
and counts in the check that debits equal credits, as the vendor says of tax lines that are supplied; an A/R or A/P
line moves the balance of its customer or vendor; a customer's payment may be linked to what it debits.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, cents, reference
from connectors.ledgers.quickbooks_online.sandbox.books import Leg
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.currencies import check_account, check_party
from connectors.ledgers.quickbooks_online.sandbox.refusals import business, missing, refuse
from connectors.ledgers.quickbooks_online.sandbox.taxes import rates_of
from connectors.ledgers.quickbooks_online.sandbox.transactions import at_home, resolve_class

_HOLDERS = {"Accounts Receivable": ("Customer", "customer"), "Accounts Payable": ("Vendor", "vendor")}


def prepare(company: Company, body: Body) -> None:
    """Check and complete a journal entry. Raises 610, 2020, 2260, 2270, 2280, 2290, 2300, 2500 and 6000."""
    lines = body.get("Line")
    if not lines:
        raise missing("Line")
    for number, line in enumerate(lines):
        _line(company, body, line)
        line["Id"] = str(number)
    sides = [_signed(line) for line in lines]
    if len(sides) < 2 or sum(sides, ZERO) + sum((tax for tax, _ in _taxes(company, body)), ZERO):
        debit, credit = sum((s for s in sides if s > 0), ZERO), -sum((s for s in sides if s < 0), ZERO)
        raise refuse("2300", f"Amount on debits not equal to credits. Debits:{debit} Credits:{credit}", "Line")
    body.setdefault("Adjustment", False)
    body.setdefault("TxnTaxDetail", {})
    body["TotalAmt"] = ZERO


def legs(company: Company, body: Body) -> tuple[Leg, ...]:
    """One leg a line, and one for each line's tax."""
    taxes = (Leg(account=account, amount=amount) for amount, account in _taxes(company, body))
    return at_home(body, (*(_leg(company, line) for line in body["Line"]), *taxes))


def _line(company: Company, entry: Body, line: Body) -> None:
    detail = line.get("JournalEntryLineDetail")
    if line.get("DetailType") != "JournalEntryLineDetail" or detail is None:
        raise missing("JournalEntryLineDetail")
    if "PostingType" not in detail:
        raise refuse("2260", "A posting type is required. Valid values are Credit or Debit.", "PostingType")
    if "Amount" not in line:
        raise missing("Amount")
    if line["Amount"] < 0:
        raise refuse("2290", f"Negative Amount. Supplied value:{line['Amount']}", "Amount")
    line["Amount"] = cents(line["Amount"])
    account = company.resolve(detail, "AccountRef", "Account")
    if account is None:
        raise missing("AccountRef")
    resolve_class(company, detail)
    company.resolve(detail, "DepartmentRef", "Department")
    check_account(company, entry, account)
    _entity(company, entry, detail, account)
    _line_tax(company, detail)


def _entity(company: Company, entry: Body, detail: Body, account: Body) -> None:
    given = detail.get("Entity") or {}
    kind = given.get("Type")
    if given.get("EntityRef") and kind in ("Customer", "Vendor"):
        party = company.resolve(given, "EntityRef", kind)
        if account["AccountType"] in _HOLDERS:
            check_party(company, entry, party)
    if (needed := _HOLDERS.get(account["AccountType"])) and (kind != needed[0] or not reference(given, "EntityRef")):
        raise business(f"When you use {account['AccountType']}, you must choose a {needed[1]} in the Name field.")


def _line_tax(company: Company, detail: Body) -> None:
    if company.american or company.resolve(detail, "TaxCodeRef", "TaxCode") is None:
        for name in ("TaxApplicableOn", "TaxAmount", "TaxCodeRef"):
            detail.pop(name, None)
        return
    if "TaxApplicableOn" not in detail:
        raise refuse("2270", "TaxApplicableOn is required. Valid values are Sales or Purchase.", "TaxApplicableOn")
    if "TaxAmount" not in detail:
        raise refuse("2280", "A tax amount is required with TaxCodeRef applied.", "TaxAmount")


def _taxes(company: Company, body: Body) -> Iterator[tuple[Decimal, str]]:
    for line in body["Line"]:
        detail = line["JournalEntryLineDetail"]
        amount = detail.get("TaxAmount", ZERO)
        rates = rates_of(company, reference(detail, "TaxCodeRef"), detail["TaxApplicableOn"]) if amount else []
        if rates:
            agency = reference(company.get("TaxRate", rates[0].id), "AgencyRef")
            yield amount if detail["PostingType"] == "Debit" else -amount, company.agency_accounts[agency]


def _signed(line: Body) -> Decimal:
    amount: Decimal = line["Amount"]
    return amount if line["JournalEntryLineDetail"]["PostingType"] == "Debit" else -amount


def _leg(company: Company, line: Body) -> Leg:
    detail = line["JournalEntryLineDetail"]
    account = company.get("Account", reference(detail, "AccountRef"))
    holder = reference(detail.get("Entity"), "EntityRef") if account["AccountType"] in _HOLDERS else ""
    return Leg(account=account["Id"], amount=_signed(line), name=holder, memo=line.get("Description", ""))
