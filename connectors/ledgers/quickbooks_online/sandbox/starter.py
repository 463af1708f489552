"""A new company: its chart of accounts, taxes, terms, methods, items and preferences, Canadian or American."""

from __future__ import annotations

from decimal import Decimal

from connectors.ledgers.quickbooks_online.sandbox import operations
from connectors.ledgers.quickbooks_online.sandbox.bodies import Body
from connectors.ledgers.quickbooks_online.sandbox.company import Company, Switches
from connectors.ledgers.quickbooks_online.sandbox.tax_service import code_of, rate_of
from connectors.sandboxes.clock import Clock

CURRENCIES = {"CA": ("CAD", "Canadian Dollar"), "US": ("USD", "United States Dollar")}
COUNTRY_CODES = {"CA": "CAN", "US": "USA"}
"""Addresses are told with ISO-3 codes since 2025-10-31."""

IN_ADVANCE = "Membership in advance"
ACCOUNTS = (
    ("receivable", "Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("payable", "Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    ("checking", "Checking", "Bank", "Checking"),
    ("undeposited", "Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("card", "Credit Card", "Credit Card", "CreditCard"),
    ("inventory", "Inventory Asset", "Other Current Asset", "Inventory"),
    ("deferred", "Deferred Revenue", "Other Current Liability", "OtherCurrentLiabilities"),
    ("equity", "Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    ("dues", "Membership Dues", "Income", "ServiceFeeIncome"),
    ("events", "Event Revenue", "Income", "ServiceFeeIncome"),
    ("sales", "Sales of Product Income", "Income", "SalesOfProductIncome"),
    ("discounts", "Discounts given", "Income", "DiscountsRefundsGiven"),
    ("cost", "Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("supplies", "Office Supplies", "Expense", "OfficeGeneralAdministrativeExpenses"),
    ("bank_charges", "Bank Charges", "Expense", "BankCharges"),
)
ITEMS = (("Membership", "dues"), ("Event registration", "events"), ("Product", "sales"), (IN_ADVANCE, "dues"))
"""Each with its income account; a person sells dues in advance on the liability instead."""
TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60))
METHODS = (
    ("Cash", "NON_CREDIT_CARD"),
    ("Cheque", "NON_CREDIT_CARD"),
    ("Visa", "CREDIT_CARD"),
    ("MasterCard", "CREDIT_CARD"),
    ("Electronic transfer", "NON_CREDIT_CARD"),
)

AGENCIES = {"CA": ("Canada Revenue Agency", "Revenu Québec"), "US": ("California State Board",)}
CODES: dict[str, tuple[tuple[str, tuple[tuple[str, str, int], ...]], ...]] = {
    "CA": (
        ("Exempt", (("Exempt", "0", 0),)),
        ("Zero-rated", (("Zero-rated", "0", 0),)),
        ("GST", (("GST", "5", 0),)),
        ("GST/QST QC - 9.975", (("GST", "5", 0), ("QST", "9.975", 1))),
        ("HST ON", (("HST ON", "13", 0),)),
        ("HST NS", (("HST NS", "15", 0),)),
        ("Out of Scope", (("Out of Scope", "0", 0),)),
    ),
    "US": (("California", (("California", "8", 0),)),),
}
"""Tax codes with their rates: name, per cent, and which of the agencies collects it."""


def company(realm: str, name: str, country: str, clock: Clock, switches: Switches | None = None) -> Company:
    """A company with nothing booked. ``country`` is ``CA`` or ``US``."""
    made = Company(realm, country, clock)
    made.insert("Preferences", preferences(country), "1")
    made.insert("CompanyInfo", _information(name, country), "1")
    for word, title, type_, subtype in ACCOUNTS:
        account = {"Name": title, "AccountType": type_, "AccountSubType": subtype}
        made.special[word] = operations.create(made, "Account", account)["Id"]
    _taxes(made)
    for term, days in TERMS:
        operations.create(made, "Term", {"Name": term, "DueDays": days})
    for method, kind in METHODS:
        operations.create(made, "PaymentMethod", {"Name": method, "Type": kind})
    for item, account_word in ITEMS:
        kept = operations.create(made, "Item", _item(made, item, account_word))
        if item == IN_ADVANCE:
            operations.sell_on(made, kept["Id"], made.special["deferred"])
    made.switches = switches or Switches()
    return made


def preferences(country: str) -> Body:
    """The preferences of a new company: own document numbers on, several currencies off, books open."""
    return {
        "AccountingInfoPrefs": {
            "FirstMonthOfFiscalYear": "January",
            "UseAccountNumbers": True,
            "TaxYearMonth": "January",
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": True,
            "TrackDepartments": True,
            "DepartmentTerminology": "Location",
            "CustomerTerminology": "Customers",
        },
        "ProductAndServicesPrefs": {"ForSales": True, "ForPurchase": True, "QuantityWithPriceAndRate": True},
        "SalesFormsPrefs": {"AllowDeposit": True, "AllowDiscount": True, "CustomTxnNumbers": True},
        "VendorAndPurchasesPrefs": {"BillableExpenseTracking": True, "TrackingByCustomer": True},
        "TaxPrefs": {"UsingSalesTax": True, **({"PartnerTaxEnabled": False} if country == "US" else {})},
        "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": CURRENCIES[country][0]}},
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {"NameValue": []},
    }


def _information(name: str, country: str) -> Body:
    address = {"Line1": "1 Main Street", "City": "Montréal", "Country": COUNTRY_CODES[country], "PostalCode": "H2X 1Y4"}
    return {
        "CompanyName": name,
        "LegalName": name,
        "CompanyAddr": address,
        "LegalAddr": dict(address),
        "Country": country,
        "SupportedLanguages": "en,fr",
        "FiscalYearStartMonth": "January",
        "WebAddr": {},
        "NameValue": [
            {"Name": "SubscriptionStatus", "Value": "PAID"},
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
        ],
    }


def _item(made: Company, name: str, account: str) -> Body:
    income, expense = made.special[account], made.special["cost"]
    return {
        "Name": name,
        "Type": "Service",
        "IncomeAccountRef": {"value": income},
        "ExpenseAccountRef": {"value": expense},
    }


def _taxes(made: Company) -> None:
    agencies = [operations.create(made, "TaxAgency", {"DisplayName": name})["Id"] for name in AGENCIES[made.country]]
    if made.american:
        for pseudo, taxable in (("TAX", True), ("NON", False)):
            code = {"Name": pseudo, "Description": pseudo, "Active": True, "Taxable": taxable, "TaxGroup": False}
            made.insert("TaxCode", code, pseudo)
    for name, parts in CODES[made.country]:
        details = [
            _detail(made, rate, percent, agencies[who], side)
            for rate, percent, who in parts
            for side in ("Sales", "Purchase")
        ]
        made.insert("TaxCode", code_of(name, details))


def _detail(made: Company, name: str, percent: str, agency: str, side: str) -> Body:
    title = name if side == "Sales" else f"{name} (purchases)"
    known = made.named("TaxRate", title)
    rate = min(known) if known else made.insert("TaxRate", rate_of(title, Decimal(percent), agency))["Id"]
    return {"TaxRateId": rate, "TaxRateName": title, "TaxApplicableOn": side}
