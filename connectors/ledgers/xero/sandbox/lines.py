"""Lines of documents and money: quantities, prices, accounts, taxes, and what they come to."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from connectors.ledgers.xero.sandbox.organisation import CENT, ZERO, Body, Invalid, Organisation, rounded

FOUR_PLACES = Decimal("0.0001")


def priced(books: Organisation, body: Body, default: str, *, exact: bool, bank: bool) -> None:
    """Work out a document's lines and totals.

    ``default`` is how line amounts are meant where the document does not say; ``exact`` keeps four decimals of prices
    (``unitdp=4``); in a ``bank`` transaction a tax must be what the service reckons itself.
    """
    body.setdefault("LineAmountTypes", default)
    body["LineItems"] = [_line(books, line, body, exact=exact, bank=bank) for line in body.get("LineItems") or []]
    tax = sum((line.get("TaxAmount", ZERO) for line in body["LineItems"]), ZERO)
    amounts = sum((line.get("LineAmount", ZERO) for line in body["LineItems"]), ZERO)
    inclusive = body["LineAmountTypes"] == "Inclusive"
    body |= {"SubTotal": amounts - tax if inclusive else amounts, "TotalTax": tax,
             "Total": amounts if inclusive else amounts + tax}  # fmt: skip
    if body["Total"] < ZERO:
        raise Invalid("The document total must not be negative.")


def _line(books: Organisation, sent: Body, body: Body, *, exact: bool, bank: bool) -> Body:
    line = {name: value for name, value in sent.items() if value is not None}
    if not str(line.get("Description") or "").strip():
        raise Invalid("Description needs to be at least 1 char long.")
    if len(line["Description"]) > 4000:
        raise Invalid("The description is longer than 4000 characters.")
    if not {"UnitAmount", "LineAmount", "Quantity"} & line.keys() and not bank:
        return {"Description": line["Description"], "LineAmount": ZERO, "TaxAmount": ZERO}
    quantity = Decimal(str(line.get("Quantity", 1)))
    unit = (
        Decimal(str(line["UnitAmount"])) if "UnitAmount" in line else Decimal(str(line.get("LineAmount", 0))) / quantity
    )
    unit = unit.quantize(FOUR_PLACES if exact else CENT, ROUND_HALF_UP)
    amount = rounded(quantity * unit)
    if "LineAmount" in line and Decimal(str(line["LineAmount"])) != amount:
        raise Invalid(f"The line total {line['LineAmount']} does not match the expected line total {amount}")
    if bank and (not unit or quantity <= ZERO):
        raise Invalid("UnitAmount must not equal 0, and Quantity must be greater than 0.")
    account = books.account({"Code": line.get("AccountCode")}) if line.get("AccountCode") else None
    _of_account(line, account, body)
    rate = _rate(books, line, account, body)
    line |= {"Quantity": quantity, "UnitAmount": unit, "LineAmount": amount,
             "TaxAmount": _tax(line, amount, unit, rate, body, bank=bank)}  # fmt: skip
    line["Tracking"] = [_tracked(books, each) for each in line.get("Tracking") or []]
    if len(line["Tracking"]) > 2:
        raise Invalid("A line can have no more than 2 tracking categories.")
    return line


def _of_account(line: Body, account: Body | None, body: Body) -> None:
    """Only a draft may do without an account; none takes a bank or control account."""
    if account is None and (line.get("AccountCode") or body["Status"] not in ("DRAFT", "SUBMITTED")):
        shown = line.get("AccountCode")
        raise Invalid(f"Account code '{shown}' is not a valid code for this document." if shown
                      else "Account code must be specified.")  # fmt: skip
    if account is None:
        return
    if account["Status"] != "ACTIVE":
        raise Invalid(f"Account code '{account['Code']}' has been archived, or deleted. Please use a valid code.")
    if account["Type"] == "BANK" or account.get("SystemAccount") in ("DEBTORS", "CREDITORS"):
        raise Invalid(f"Account code '{account['Code']}' is not a valid code for this document.")


def _rate(books: Organisation, line: Body, account: Body | None, body: Body) -> Decimal:
    """The percentage of the line's tax type, which the account says where the line does not."""
    if body["LineAmountTypes"] == "NoTax":
        line["TaxType"] = "NONE"
        return ZERO
    line.setdefault("TaxType", (account or {}).get("TaxType", "NONE"))
    rate = books.kept["TaxRates"].get(line["TaxType"])
    if rate is None or rate["Status"] != "ACTIVE":
        raise Invalid(f"The TaxType code '{line['TaxType']}' does not exist or cannot be used for this type of "
                      "transaction.")  # fmt: skip
    return Decimal(rate["EffectiveRate"])


def _tax(line: Body, amount: Decimal, unit: Decimal, rate: Decimal, body: Body, *, bank: bool) -> Decimal:
    """A line's tax: reckoned and rounded by itself, or as it was given where that is let pass."""
    part = rate / (100 + rate) if body["LineAmountTypes"] == "Inclusive" else rate / 100
    own = rounded(amount * part)
    if "TaxAmount" not in line:
        return own
    given = Decimal(str(line["TaxAmount"]))
    if bank and given != own:
        raise Invalid(f"The tax amount {given} does not match the calculated tax amount {own}.")
    if not rate and given:
        raise Invalid(f"TaxAmount {given} is not valid for the TaxType code '{line['TaxType']}'.")
    if abs(given) > abs(unit):
        raise Invalid("TaxAmount specified cannot be greater than the UnitAmount.")
    return given


def _tracked(books: Organisation, sent: Body) -> Body:
    for category in books.kept["TrackingCategories"].values():
        if category["Name"] == sent.get("Name") and category["Status"] == "ACTIVE":
            for option in category["Options"]:
                if option["Name"] == sent.get("Option") and option["Status"] == "ACTIVE":
                    return {"Name": category["Name"], "Option": option["Name"],
                            "TrackingCategoryID": category["TrackingCategoryID"],
                            "TrackingOptionID": option["TrackingOptionID"]}  # fmt: skip
    raise Invalid(f"The tracking option '{sent.get('Option')}' of '{sent.get('Name')}' does not exist.")
