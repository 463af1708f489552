"""A new organisation: its chart of accounts, tax rates and tracking categories.

Assumption: a Canadian organisation's tax rates are for sales and for purchases alike, with a component for each tax.
"""

from __future__ import annotations

from decimal import Decimal

from connectors.ledgers.xero.sandbox.organisation import Body, Organisation
from connectors.sandboxes.clock import Clock

ACCOUNTS = (
    ("090", "Chequing", "BANK", "ASSET", ""),
    ("091", "Savings", "BANK", "ASSET", ""),
    ("610", "Accounts Receivable", "CURRENT", "ASSET", "DEBTORS"),
    ("800", "Accounts Payable", "CURRLIAB", "LIABILITY", "CREDITORS"),
    ("820", "Sales Tax", "CURRLIAB", "LIABILITY", "GST"),
    ("960", "Retained Earnings", "EQUITY", "EQUITY", "RETAINEDEARNINGS"),
    ("200", "Membership Dues", "REVENUE", "REVENUE", ""),
    ("210", "Event Revenue", "REVENUE", "REVENUE", ""),
    ("240", "Deferred Revenue", "CURRLIAB", "LIABILITY", ""),
    ("453", "Office Expenses", "EXPENSE", "EXPENSE", ""),
)
RATES: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("NONE", "Tax Exempt", ()),
    ("TAX001", "GST", (("GST", "5"),)),
    ("TAX002", "GST and QST", (("GST", "5"), ("QST", "9.975"))),
    ("TAX003", "HST Ontario", (("HST", "13"),)),
    ("TAX004", "HST Atlantic", (("HST", "15"),)),
    ("TAX005", "Levy", (("Levy", "14.975"),)),
    ("TAX006", "Zero-rated", (("Zero-rated", "0"),)),
)
TRACKING = (("Section", ("Chapter East", "Chapter West")),)


def organisation(id_: str, name: str, clock: Clock) -> Organisation:
    """An organisation in Canada with nothing booked."""
    made = Organisation(id_, name, "CA", "CAD", clock)
    for code, title, type_, class_, system in ACCOUNTS:
        account(made, code, title, type_, class_, system)
    for word, title, parts in RATES:
        rate(made, word, title, parts)
    for title, options in TRACKING:
        tracking(made, title, options)
    return made


def account(made: Organisation, code: str, name: str, type_: str, class_: str, system: str = "") -> Body:
    """Add an account; one with a ``system`` word is the service's own."""
    own = {"SystemAccount": system} if system else {}
    return made.keep("Accounts", {"Code": code, "Name": name, "Type": type_, "Class": class_, "Status": "ACTIVE",
                                  "TaxType": "NONE", "EnablePaymentsToAccount": False, **own})  # fmt: skip


def rate(made: Organisation, word: str, name: str, parts: tuple[tuple[str, str], ...]) -> Body:
    """Add a tax rate of these components, for both sides."""
    components = [{"Name": part, "Rate": Decimal(percent), "IsCompound": False} for part, percent in parts]
    whole = sum((Decimal(percent) for _, percent in parts), Decimal(0))
    applies = dict.fromkeys(("CanApplyToRevenue", "CanApplyToExpenses", "CanApplyToLiabilities"), True)
    return made.keep("TaxRates", {"TaxType": word, "Name": name, "Status": "ACTIVE", "TaxComponents": components,
                                  "DisplayTaxRate": whole, "EffectiveRate": whole, **applies})  # fmt: skip


def tracking(made: Organisation, name: str, options: tuple[str, ...]) -> Body:
    """Add a tracking category."""
    told = [{"TrackingOptionID": f"{number:08d}-0000-4000-8000-{abs(hash(name)) % 10**12:012d}", "Name": option,
             "Status": "ACTIVE"} for number, option in enumerate(options, 1)]  # fmt: skip
    return made.keep("TrackingCategories", {"Name": name, "Status": "ACTIVE", "Options": told})
