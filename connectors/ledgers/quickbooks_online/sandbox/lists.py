"""The lists beside names and transactions: Account, Item, Term, PaymentMethod, Class, Department, TaxAgency …"""

from __future__ import annotations

from decimal import Decimal

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, reference
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.refusals import missing, name_taken, refuse

CLASSIFICATIONS = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Other Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
}
SUBTYPES = {
    "AccountsReceivable": "Accounts Receivable",
    "AccountsPayable": "Accounts Payable",
    "Checking": "Bank",
    "Savings": "Bank",
    "UndepositedFunds": "Other Current Asset",
    "CreditCard": "Credit Card",
    "ServiceFeeIncome": "Income",
    "SalesOfProductIncome": "Income",
    "OpeningBalanceEquity": "Equity",
}
"""Sub-types that the samples use; ``AccountSubType`` alone must be one of them, beside a type it is free."""

ITEM_TYPES = ("Service", "NonInventory", "Inventory", "Category")
_ITEM_ACCOUNTS = {
    "IncomeAccountRef": ("Income", "Other Income"),
    "ExpenseAccountRef": ("Expense", "Cost of Goods Sold", "Other Expense"),
    "AssetAccountRef": ("Other Current Asset",),
}
_NEEDED = {
    "Service": ("IncomeAccountRef",),
    "NonInventory": ("IncomeAccountRef",),
    "Inventory": ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef", "QtyOnHand", "InvStartDate"),
}
_ACCOUNT_NUMBER = {"US": 7, "CA": 20}
_DAYS = range(1000)
_DAYS_OF_MONTH = range(1, 32)


def prepare_account(company: Company, body: Body, old: Body | None) -> None:
    """Check and complete an account. Raises 2020, 2040, 2050, 2500, 6010, 6180 and 6240."""
    _unique(company, "Account", body, old, "account")
    if set(body["Name"]) & set('":'):
        raise refuse("2040", 'Account names cannot include double quotes or ":".', "Name")
    number, most = body.get("AcctNum", ""), _ACCOUNT_NUMBER[company.country]
    if len(number) > most:
        raise refuse(
            "2050",
            "String length specified does not match the supported length."
            f" Min:0 Max:{most} supported. Supplied length:{len(number)}",
            "AcctNum",
        )
    type_ = body.get("AccountType") or SUBTYPES.get(body.get("AccountSubType", ""))
    if type_ not in CLASSIFICATIONS:
        raise refuse("6010", "Either an Account.AccountType or an Account.AccountSubType must be specified")
    body["AccountType"], body["Classification"] = type_, CLASSIFICATIONS[type_]
    body.setdefault("AccountSubType", type_.replace(" ", ""))
    body["CurrencyRef"] = {"value": company.home_currency}
    _nest(company, "Account", body)
    body["SubAccount"] = bool(reference(body, "ParentRef"))
    for name in ("CurrentBalance", "CurrentBalanceWithSubAccounts"):
        body[name] = (old or {}).get(name, ZERO)


def prepare_item(company: Company, body: Body, old: Body | None) -> None:
    """Check and complete an item. Raises 2020, 2120, 2500, 6240 and 6430.

    The reference of the API: the account of ``IncomeAccountRef`` "must be an account with account type of Sales of
    Product Income". Assumption: what a person chose in the application (``operations.sell_on``) may be sent back.
    """
    _unique(company, "Item", body, old, "product or service")
    type_ = body.get("Type")
    if type_ is None:
        raise missing("Type")
    if type_ not in ITEM_TYPES:
        raise refuse("2120", f"Invalid Type : {type_}", "Type")
    for name in _NEEDED.get(type_, ()):
        if name not in body:
            raise missing(name)
    for name, types in _ITEM_ACCOUNTS.items():
        account = company.resolve(body, name, "Account")
        kept = old is not None and reference(old, name) == reference(body, name)
        if account and not kept and account["AccountType"] not in types:
            raise refuse("6430", f"Account {account['Name']} is not of type {' or '.join(types)}", name)
    company.resolve(body, "ClassRef", "Class")
    _nest(company, "Item", body)
    if type_ != "Category":
        body.setdefault("UnitPrice", ZERO)
        body.setdefault("Taxable", False)
        body.setdefault("TrackQtyOnHand", type_ == "Inventory")


def prepare_term(company: Company, body: Body, old: Body | None) -> None:
    """Check and complete a term. Raises 2020, 2240 and 6240."""
    _unique(company, "Term", body, old, "term")
    if "DueDays" not in body and "DayOfMonthDue" not in body:
        raise missing("DueDays")
    for name, allowed in (("DueDays", _DAYS), ("DayOfMonthDue", _DAYS_OF_MONTH)):
        if name in body and body[name] not in allowed:
            raise refuse("2240", f"The number is not within the valid range. Supplied value:{body[name]}", name)
    body["Type"] = "STANDARD" if "DueDays" in body else "DATE_DRIVEN"
    body.setdefault("DiscountPercent", Decimal(0))


def prepare_method(company: Company, body: Body, old: Body | None) -> None:
    """Check and complete a payment method. Raises 2020, 2170 and 6240."""
    _unique(company, "PaymentMethod", body, old, "payment method")
    if body.setdefault("Type", "NON_CREDIT_CARD") not in ("CREDIT_CARD", "NON_CREDIT_CARD"):
        raise refuse("2170", f"Invalid Enumeration : {body['Type']}", "Type")


def prepare_class(company: Company, body: Body, old: Body | None) -> None:
    """Check and complete a class. Raises 2020, 2500 and 6240."""
    _unique(company, "Class", body, old, "class")
    _nest(company, "Class", body)
    body["SubClass"] = bool(reference(body, "ParentRef"))


def prepare_department(company: Company, body: Body, old: Body | None) -> None:
    """Check and complete a department. Raises 2020, 2500 and 6240."""
    _unique(company, "Department", body, old, "department")
    _nest(company, "Department", body)
    body["SubDepartment"] = bool(reference(body, "ParentRef"))


def prepare_agency(company: Company, body: Body, old: Body | None) -> None:
    """Check and complete a tax agency. Raises 2020 and 6240."""
    if not body.get("DisplayName"):
        raise missing("DisplayName")
    if company.named("TaxAgency", body["DisplayName"]) - {old["Id"] if old else ""}:
        raise name_taken("tax agency")
    body["TaxTrackedOnSales"], body["TaxTrackedOnPurchases"] = True, not company.american


def keep_agency_account(company: Company, agency: Body) -> None:
    """Give a new tax agency the account its taxes are owed on."""
    if agency["Id"] not in company.agency_accounts:
        name = f"{agency['DisplayName']} Payable"
        account: Body = {"Name": name, "AccountType": "Other Current Liability", "AccountSubType": "SalesTaxPayable"}
        prepare_account(company, account, None)
        company.agency_accounts[agency["Id"]] = company.insert("Account", account)["Id"]


def _unique(company: Company, entity: str, body: Body, old: Body | None, word: str) -> None:
    if not body.get("Name"):
        raise missing("Name")
    if company.named(entity, body["Name"]) - {old["Id"] if old else ""}:
        raise name_taken(word)
    body.setdefault("Active", True)


def _nest(company: Company, entity: str, body: Body) -> None:
    parent = company.resolve(body, "ParentRef", entity)
    body["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{body['Name']}" if parent else body["Name"]
