"""Several currencies: what a person turns on, who is kept in which, and what amounts come to in the home currency.

The vendor ("Manage multiple currencies"): a person turns them on in the application, never the interface, and for ever;
each customer, vendor, receivable, payable, bank and card account has one currency; a rate is how many units of the home
currency one of the foreign currency is. Entities' references: ``CurrencyRef`` of a customer or vendor "once set, cannot
be changed". Recorded: 6000 "Multi Currency should be enabled to perform this operation" where they are off, 6000 "You
can only use one foreign currency per transaction" where a bill or invoice is not in the currency of its vendor or
customer, 2410 where a bill names no rate, and the message of accounts of receivables in another currency. Turning them
on makes the account Exchange Gain or Loss (Other Expense); the first sale in a currency makes "Accounts Receivable
(A/R) - USD"; a payment at another rate than its invoice's posts the difference to the former.

Assumptions: a sale or payment without a rate is refused like a bill; money goes into an account of the home currency or
of the transaction's; amounts are rounded to the cent, a transaction's total at its rate, and what rounding leaves is
the last line's; a part that a payment takes of a document is worth the part at the document's rate, and the part that
closes it what is left of its value.
"""

from __future__ import annotations

from decimal import Decimal

from connectors.ledgers.quickbooks_online.sandbox import lists
from connectors.ledgers.quickbooks_online.sandbox.bodies import Body, cents, reference
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.refusals import business, missing, refuse

CONTROL = {
    "receivable": ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    "payable": ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
}
ENABLED = "CurrencyPrefs", "MultiCurrencyEnabled"
OFF = "Multi Currency should be enabled to perform this operation"
ONE_ALONE = "You can only use one foreign currency per transaction."
OF_CONTROL = "The transaction needs to be in the same currency as the A/R and A/P accounts you use."
NO_RATE = "The currency and exchange rate are required for transaction in foreign currency."
GAIN_OR_LOSS = "Exchange Gain or Loss"


def turn_on(company: Company) -> None:
    """What a person does in the application: keep several currencies from now on."""
    if company.preference(*ENABLED):
        return
    old = company.get("Preferences", "1")
    prefs = {**old["CurrencyPrefs"], "MultiCurrencyEnabled": True}
    company.replace("Preferences", {**old, "CurrencyPrefs": prefs}, old)
    company.special["exchange"] = _account(company, GAIN_OR_LOSS, "Other Expense", "ExchangeGainOrLoss")


def open_account(company: Company, name: str, currency: str) -> str:
    """What a person does in the application: open an account of the bank in a currency; its id."""
    return _account(company, name, "Bank", "Checking", currency)


def currency_of(company: Company, body: Body) -> str:
    """The currency of a customer, vendor, account or transaction."""
    return reference(body, "CurrencyRef") or company.home_currency


def rate_of(body: Body) -> Decimal:
    """Units of the home currency for one of a transaction's."""
    return body.get("ExchangeRate") or Decimal(1)


def control_account(company: Company, which: str, currency: str) -> str:
    """The account of receivables or payables of a currency; the first transaction in a currency makes it."""
    word = which if currency == company.home_currency else f"{which} {currency}"
    if word not in company.special:
        title, type_, subtype = CONTROL[which]
        company.special[word] = _account(company, f"{title} - {currency}", type_, subtype, currency)
    return company.special[word]


def settle_currency(company: Company, body: Body) -> None:
    """Check and complete the currency and the rate of a transaction. Raises 2020, 2220, 2410 and 6000."""
    home, given = company.home_currency, reference(body, "CurrencyRef")
    if company.preference(*ENABLED):
        if not given:
            raise missing("CurrencyRef")
        _check_code(given)
    elif given not in ("", home):
        raise business(OFF)
    body["CurrencyRef"] = {"value": given or home}
    if (given or home) == home:
        body.pop("ExchangeRate", None)
    elif not body.get("ExchangeRate"):
        raise refuse("2410", NO_RATE, "ExchangeRate")
    elif (places := company.switches.rate_decimals) is not None:
        body["ExchangeRate"] = round(body["ExchangeRate"], places)


def settle_own(company: Company, body: Body, old: Body | None) -> None:
    """Complete the currency of a customer or vendor, which stays what it was. Raises 2220 and 6000."""
    given = reference(body, "CurrencyRef")
    if given and given != company.home_currency and not company.preference(*ENABLED):
        raise business(OFF)
    if given:
        _check_code(given)
    kept = currency_of(company, old) if old else given or company.home_currency
    if old is None and company.switches.parties_in_home:
        kept = company.home_currency
    body["CurrencyRef"] = {"value": kept}


def check_party(company: Company, body: Body, party: Body | None) -> None:
    """Refuse a transaction in another currency than that of its customer or vendor (6000)."""
    if party is not None and currency_of(company, party) != currency_of(company, body):
        raise business(ONE_ALONE)


def check_account(company: Company, body: Body, account: Body) -> None:
    """Refuse an account of a currency that is neither the home one nor the transaction's (6000)."""
    kept = currency_of(company, account)
    if account["AccountType"] in ("Accounts Receivable", "Accounts Payable"):
        if kept != currency_of(company, body):
            raise business(OF_CONTROL)
    elif kept not in (company.home_currency, currency_of(company, body)):
        raise business(ONE_ALONE)


def parts_at_home(company: Company, entity: str, target: Body) -> dict[str, Decimal]:
    """What each payment takes of the value of a document, by the payment's id."""
    rate, left, parts = rate_of(target), target["TotalAmt"], {}
    value = cents(left * rate)
    for payer, amount in company.applied[target["Id"]].items():
        closes = entity != "JournalEntry" and amount == left
        parts[payer] = value if closes else cents(amount * rate)
        left, value = left - amount, value - parts[payer]
    return parts


def show_at_home(body: Body) -> None:
    """Write what a transaction comes to in the home currency, where it is in another."""
    if "ExchangeRate" in body:
        body["HomeTotalAmt"] = cents(body["TotalAmt"] * body["ExchangeRate"])
    else:
        body.pop("HomeTotalAmt", None)


def _check_code(code: str) -> None:
    if len(code) != 3 or not code.isupper():
        raise refuse("2220", f"Invalid Currency Type : {code}", "CurrencyRef")


def _account(company: Company, name: str, type_: str, subtype: str, currency: str = "") -> str:
    body: Body = {"Name": name, "AccountType": type_, "AccountSubType": subtype}
    lists.prepare_account(company, body, None)
    body["CurrencyRef"] = {"value": currency or company.home_currency}
    return str(company.insert("Account", body)["Id"])
