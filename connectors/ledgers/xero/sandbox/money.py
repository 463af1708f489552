"""Payments, money that comes in or goes out without a document, overpayments, and manual journals."""

from __future__ import annotations

from decimal import Decimal

from connectors.ledgers.xero.sandbox.contacts import named
from connectors.ledgers.xero.sandbox.lines import priced
from connectors.ledgers.xero.sandbox.organisation import IDS, ZERO, Body, Invalid, Missing, Organisation, day

PAID = {"Invoice": "Invoices", "CreditNote": "CreditNotes", "Overpayment": "Overpayments"}
WORDS = {
    "ACCREC": "ACCRECPAYMENT", "ACCPAY": "ACCPAYPAYMENT", "ACCRECCREDIT": "ARCREDITPAYMENT",
    "ACCPAYCREDIT": "APCREDITPAYMENT", "RECEIVE-OVERPAYMENT": "AROVERPAYMENTPAYMENT",
    "SPEND-OVERPAYMENT": "APOVERPAYMENTPAYMENT",
}  # fmt: skip
BY_HAND = "Payments cannot be modified, only created and deleted"


def pay(books: Organisation, sent: Body) -> Body:
    """Pay one document, or give back what is left of one credit."""
    about = [name for name in PAID if sent.get(name)]
    if len(about) != 1:
        raise Invalid("Payment is applied to more than one document." if about else "This Payment is not applied.")
    entity = PAID[about[0]]
    document = _paid(books, entity, sent[about[0]])
    account = books.account(sent.get("Account") or {})
    if account is None or not (account["Type"] == "BANK" or account.get("EnablePaymentsToAccount")):
        raise Invalid("Account could not be found")
    if document["Status"] != "AUTHORISED":
        raise Invalid("Payments can only be made against Authorised documents")
    amount, left = sent.get("Amount"), _left(books, entity, document)
    if amount is None or amount <= ZERO:
        raise Invalid("The amount must be greater than 0")
    if amount > left:
        raise Invalid("Payment amount exceeds the amount outstanding on this document")
    if len(str(sent.get("Reference") or "")) > 255:
        raise Invalid("The reference is longer than 255 characters.")
    paid_on = day(sent.get("Date") or books.clock.today())
    books.locked(paid_on)
    kept = books.keep("Payments", {
        IDS[entity]: document[IDS[entity]], "AccountID": account["AccountID"], "Date": paid_on,
        "Amount": Decimal(amount),
        "BankAmount": Decimal(amount), "Reference": sent.get("Reference", ""), "Status": "AUTHORISED",
        "PaymentType": WORDS[document["Type"]], "IsReconciled": bool(sent.get("IsReconciled")), "CurrencyRate": 1,
        "HasAccount": True,
    })  # fmt: skip
    books.keep(entity, document)
    return kept


def unpay(books: Organisation, id_: str, sent: Body) -> Body:
    """Delete a payment; nothing else of one can be changed.

    Of one that is reconciled nothing is documented: it goes, which is the worst of what may be.
    """
    payment = books.get("Payments", id_)
    if sent.get("Status") != "DELETED" or set(sent) - {"Status", "PaymentID"}:
        raise Invalid("Only Status accepted for updates." if "Status" not in sent else BY_HAND)
    if payment["Status"] == "DELETED":
        raise Invalid("Payment not of valid status for modification")
    books.locked(payment["Date"])
    kept = books.keep("Payments", {**payment, "Status": "DELETED"})
    for entity in PAID.values():
        if about := payment.get(IDS[entity]):
            books.keep(entity, books.kept[entity][about])
    return kept


def move(books: Organisation, sent: Body, *, exact: bool) -> Body:
    """Receive or spend money, as a transaction of its own or as an overpayment on account."""
    way, _, credit = str(sent.get("Type")).partition("-")
    if way not in ("RECEIVE", "SPEND") or credit not in ("", "OVERPAYMENT"):
        raise Invalid("BankTransaction not of valid type for creation")
    account = books.account(sent.get("BankAccount") or {})
    if account is None or account["Type"] != "BANK":
        raise Invalid("Bank account could not be found")
    body = {"Status": "AUTHORISED", **sent, "ContactID": named(books, sent.get("Contact")), "IsReconciled": False,
            "BankAccount": {name: account[name] for name in ("AccountID", "Code", "Name") if account.get(name)},
            "Date": day(sent.get("Date") or books.clock.today()), "CurrencyCode": books.currency}  # fmt: skip
    body.pop("Contact", None)
    if not body.get("LineItems"):
        raise Invalid("One or more line items must be specified")
    if len(str(body.get("Reference") or "")) > 255:
        raise Invalid("The reference is longer than 255 characters.")
    books.locked(body["Date"])
    if credit:
        return _overpaid(books, body, way)
    priced(books, body, "Inclusive", exact=exact, bank=True)
    return books.keep("BankTransactions", body)


def unmove(books: Organisation, id_: str, sent: Body) -> Body:
    """Delete a transaction of received or spent money; of one on account this is not supported (vendor's page).

    One that is reconciled goes, as a payment does.
    """
    there = books.get("BankTransactions", id_)
    if "-" in there["Type"]:
        raise Invalid("Updates on overpayment transactions are not currently supported")
    if there["Status"] != "AUTHORISED":
        raise Invalid("BankTransaction not of valid status for modification")
    books.locked(there["Date"])
    changed = {name: value for name, value in sent.items() if name in ("Status", "Reference", "Url")}
    return books.keep("BankTransactions", {**there, **changed})


def _overpaid(books: Organisation, body: Body, way: str) -> Body:
    """An overpayment has a single line, which goes to the control account whatever it says; no reference is kept."""
    if len(body["LineItems"]) != 1 or body.get("LineAmountTypes") != "NoTax":
        raise Invalid("Overpayments can only have a single line item, without tax")
    [line] = body["LineItems"]
    control = books.system("DEBTORS" if way == "RECEIVE" else "CREDITORS")
    amount = line.get("LineAmount", line.get("UnitAmount"))
    if amount is None or Decimal(amount) <= ZERO or not line.get("Description"):
        raise Invalid("The line needs a description and an amount of more than 0")
    body.pop("Reference", None)
    total = Decimal(amount)
    body |= {"LineItems": [{**line, "AccountCode": control["Code"], "LineAmount": total, "UnitAmount": total}],
             "LineAmountTypes": "NoTax", "SubTotal": total, "TotalTax": ZERO, "Total": total}  # fmt: skip
    shared = ("Type", "ContactID", "Date", "Status", "LineAmountTypes", "LineItems", "SubTotal", "TotalTax", "Total",
              "CurrencyCode")  # fmt: skip
    kept = books.keep("Overpayments", {name: body[name] for name in shared})
    kept["BankAccountID"] = body["BankAccount"]["AccountID"]
    return books.keep("BankTransactions", {**body, "OverpaymentID": kept["OverpaymentID"]})


def journal(books: Organisation, sent: Body, *, update: bool) -> Body:
    """Post a manual journal, or void one."""
    if update and sent.get("ManualJournalID"):
        there = books.get("ManualJournals", sent["ManualJournalID"])
        if sent.get("Status") != "VOIDED" or there["Status"] != "POSTED":
            raise Invalid("ManualJournal not of valid status for modification")
        books.locked(there["Date"])
        return books.keep("ManualJournals", {**there, "Status": "VOIDED"})
    if not str(sent.get("Narration") or "").strip():
        raise Invalid("Narration must be specified.")
    lines = sent.get("JournalLines") or []
    if len(lines) < 2:
        raise Invalid("A manual journal must contain at least two journal lines.")
    for line in lines:
        account = books.account({"Code": line.get("AccountCode")}) if line.get("AccountCode") else None
        if account is None or account["Status"] != "ACTIVE":
            raise Invalid(f"Account code '{line.get('AccountCode')}' is not a valid code for this document.")
        if account["Type"] == "BANK" or account.get("SystemAccount") in ("DEBTORS", "CREDITORS", "RETAINEDEARNINGS"):
            raise Invalid(f"Account code '{account['Code']}' cannot be used in manual journals.")
    if total := sum((Decimal(line.get("LineAmount", 0)) for line in lines), ZERO):
        raise Invalid(f"The total debits (value) must equal total credits (value). They differ by {total}.")
    body = {"Status": "DRAFT", "LineAmountTypes": "NoTax", **sent,
            "Date": day(sent.get("Date") or books.clock.today())}  # fmt: skip
    books.locked(body["Date"])
    body.pop("ManualJournalID", None)
    return books.keep("ManualJournals", body)


def _paid(books: Organisation, entity: str, told: Body) -> Body:
    try:
        return books.get(entity, str(told.get(IDS[entity]) or ""))
    except Missing:
        raise Invalid(f"{entity[:-1]} could not be found") from None


def _left(books: Organisation, entity: str, document: Body) -> Decimal:
    return books.due(document) if entity == "Invoices" else books.remaining(entity, document)
